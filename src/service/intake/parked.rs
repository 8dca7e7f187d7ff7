//! A file whose columns somebody has to point out first. It waits sealed, and only its uploader sees it.

use super::upload::plain_name;
use super::{IntakeView, intake_view, owned_intake};
use crate::domain::audit::Event;
use crate::domain::id::{Identifier, IntakeId, ProgrammeId};
use crate::domain::role::Action;
use crate::domain::sealed::{Field, Sealed};
use crate::service::{Actor, Error, Office, Refusal, programme};
use crate::spreadsheet::Choice;
use crate::store::parked_uploads::Parked;
use crate::store::{self, Conn};

/// No larger file waits.
const BYTES_MAX: usize = 30_000_000;

/// A file waits no longer.
const MILLIS_MAX: i64 = 24 * 60 * 60 * 1_000;

/// So much of a file is sealed together.
const PIECE: usize = 1 << 20;

/// A file that waits.
#[derive(Debug, Clone)]
pub struct ParkedView {
    /// Its id.
    pub id: IntakeId,
    /// For which programme.
    pub programme: ProgrammeId,
    /// What the file was called.
    pub file_name: String,
}

impl Office {
    /// Keeps a file until its columns are pointed out.
    pub fn park_upload(
        &self,
        actor: &Actor,
        programme: ProgrammeId,
        file_name: &str,
        bytes: &[u8],
    ) -> Result<ParkedView, Error> {
        actor.must(Action::UploadIntake)?;
        if bytes.len() > BYTES_MAX {
            let why = format!("berkas lebih dari {} MB", BYTES_MAX / 1_000_000);
            return Err(Refusal::Invalid { field: "file", why }.into());
        }
        let id = self.new_id(IntakeId::by_time)?;
        let now = self.now();
        let parked = Parked {
            id,
            programme,
            file_name: plain_name(file_name),
            file: self.seal_pieces(id, bytes)?,
            parked_by: actor.user,
            parked_at: now,
        };
        self.pool.write("upload_park", |tx| {
            programme::owned_programme(tx, actor, programme)?;
            store::parked_uploads::remove_before(tx, now.plus_millis(-MILLIS_MAX))?;
            store::parked_uploads::insert(tx, &parked)?;
            self.record(tx, actor.who(), Event::UploadParked, id, format!("{} bytes", bytes.len()))
        })?;
        Ok(ParkedView { id, programme, file_name: parked.file_name })
    }

    /// A file that waits, with its bytes: for who uploaded it alone.
    pub fn parked_upload(&self, actor: &Actor, id: IntakeId) -> Result<(ParkedView, Vec<u8>), Error> {
        actor.must(Action::UploadIntake)?;
        let parked = self.pool.read(|conn| self.own_parked(conn, actor, id))?;
        let bytes = self.open_pieces(id, &parked.file)?;
        Ok((ParkedView { id, programme: parked.programme, file_name: parked.file_name }, bytes))
    }

    /// Reads and checks a file that waited, now that its columns are known; then it is gone.
    pub fn read_parked(&self, actor: &Actor, id: IntakeId, choice: &Choice) -> Result<IntakeView, Error> {
        let (parked, bytes) = self.parked_upload(actor, id)?;
        let dry_run = self.dry_run(actor, parked.programme, &parked.file_name, bytes, choice)?;
        let intake = self.pool.write("intake_upload", |tx| {
            if !store::parked_uploads::remove(tx, id)? {
                return Err(Refusal::NotFound("upload").into());
            }
            self.keep_dry_run(tx, actor, &dry_run)
        })?;
        self.pool.read(|conn| {
            let intake = owned_intake(conn, actor, intake)?;
            intake_view(conn, actor, intake)
        })
    }

    /// Throws a file away that waits.
    pub fn discard_parked(&self, actor: &Actor, id: IntakeId) -> Result<(), Error> {
        actor.must(Action::UploadIntake)?;
        self.pool.write("upload_discard", |tx| {
            self.own_parked(tx, actor, id)?;
            store::parked_uploads::remove(tx, id)?;
            self.record(tx, actor.who(), Event::IntakeDiscarded, id, "parked")
        })
    }

    fn own_parked(&self, conn: &mut Conn, actor: &Actor, id: IntakeId) -> Result<Parked, Error> {
        let parked = store::parked_uploads::find(conn, id)?.ok_or(Refusal::NotFound("upload"))?;
        let old = parked.parked_at.plus_millis(MILLIS_MAX) < self.now();
        if old || parked.parked_by != actor.user {
            return Err(Refusal::NotFound("upload").into());
        }
        Ok(parked)
    }

    /// Seals a file in pieces, each for its place among them: length, then ciphertext.
    fn seal_pieces(&self, id: IntakeId, bytes: &[u8]) -> Result<Vec<u8>, Error> {
        let count = bytes.chunks(PIECE).len();
        let mut out = Vec::with_capacity(bytes.len() + count * 64);
        for (place, piece) in bytes.chunks(PIECE).enumerate() {
            let sealed = self.vault.seal(Field::ParkedUpload, &piece_id(id, place, count), self.draw()?, piece)?;
            let length = u32::try_from(sealed.ciphertext().len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&length.to_be_bytes());
            out.extend_from_slice(sealed.ciphertext());
        }
        Ok(out)
    }

    fn open_pieces(&self, id: IntakeId, sealed: &[u8]) -> Result<Vec<u8>, Error> {
        let mut pieces = Vec::new();
        let mut rest = sealed;
        while let Some((length, behind)) = rest.split_first_chunk::<4>() {
            let length = usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX);
            let (piece, behind) =
                behind.split_at_checked(length).ok_or_else(|| Error::Broken("a parked file is cut off".into()))?;
            pieces.push(piece);
            rest = behind;
        }
        let mut bytes = Vec::with_capacity(sealed.len());
        for (place, piece) in pieces.iter().enumerate() {
            let piece = Sealed::from_ciphertext(piece.to_vec());
            bytes.extend_from_slice(&self.vault.open(
                Field::ParkedUpload,
                &piece_id(id, place, pieces.len()),
                &piece,
            )?);
        }
        Ok(bytes)
    }
}

/// For what a piece is sealed: its file, its place and how many there are, so that none can be moved,
/// doubled or left out.
fn piece_id(id: IntakeId, place: usize, count: usize) -> [u8; 16] {
    let mut bytes = *id.bytes();
    let numbers = [place, count].map(|number| u32::try_from(number).unwrap_or(u32::MAX).to_be_bytes()).concat();
    for (byte, number) in bytes.iter_mut().rev().zip(numbers.iter().rev()) {
        *byte ^= number;
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn each_piece_of_a_file_is_sealed_for_its_place_alone() {
        let id = IntakeId::random([7; 16]);
        let mut seen = HashSet::new();
        for count in 1..=30 {
            for place in 0..count {
                assert!(seen.insert(piece_id(id, place, count)), "{place} of {count}");
            }
        }
        assert!(!seen.contains(&piece_id(IntakeId::random([8; 16]), 0, 1)));
    }
}
