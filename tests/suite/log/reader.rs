//! An independent client of transparency logs (Cloudflare's `tlog_tiles` and `signed_note`, which share no code
//! with us) reads a log over HTTP: head, tiles, and the proof of a record.

use signed_note::{Note, StandardVerifier, VerifierList};
use tlog_tiles::{Checkpoint, Error, Hash, Tile, TileHashReader, TileReader, check_record, prove_record, record_hash};

use crate::harness::client::Client;

/// Reads tiles of a server.
struct Tiles<'a> {
    base: &'a str,
}

impl TileReader for Tiles<'_> {
    fn height(&self) -> u8 {
        8
    }

    fn read_tiles(&self, tiles: &[Tile]) -> Result<Vec<Vec<u8>>, Error> {
        // The crate writes the height into its paths, which C2SP leaves out as it is always 8.
        Ok(tiles.iter().map(|tile| bytes(self.base, &tile.path().replacen("tile/8/", "tile/", 1))).collect())
    }

    fn save_tiles(&self, _: &[Tile], _: &[Vec<u8>]) {}
}

fn bytes(base: &str, name: &str) -> Vec<u8> {
    Client::new("").bytes(base, &format!("/api/v1/log/{name}"))
}

/// What the client makes of a log: its size, and its word that this entry stands at this place.
pub(crate) fn reads(base: &str, index: u64, entry: &[u8]) -> u64 {
    let vkey = String::from_utf8(bytes(base, "vkey")).unwrap();
    let verifier = StandardVerifier::new(vkey.trim()).unwrap();
    let note = Note::from_bytes(&bytes(base, "checkpoint")).unwrap();
    let (verified, _) = note.verify(&VerifierList::new(vec![Box::new(verifier)])).unwrap();
    assert_eq!(verified.len(), 1, "the log's signature");
    let head = Checkpoint::from_bytes(note.text()).unwrap();
    let tiles = Tiles { base };
    let reader = TileHashReader::new(head.size(), Hash(head.hash().0), &tiles);
    let proof = prove_record(head.size(), index, &reader).unwrap();
    check_record(&proof, head.size(), Hash(head.hash().0), index, record_hash(entry)).unwrap();
    let other = check_record(&proof, head.size(), Hash(head.hash().0), index, record_hash(b"another entry"));
    assert!(other.is_err(), "the client takes any entry");
    head.size()
}
