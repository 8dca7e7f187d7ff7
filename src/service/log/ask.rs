//! Asking the witnesses: each new head is shown to them, and their cosignatures are put under it.

use std::time::Duration;

use super::keeper::{Stop, reader};
use crate::service::{Error, Office};
use crate::store;
use crate::store::log::Head;
use crate::transparency::witness::Request;
use crate::transparency::{Note, NoteKey, Signature, Signed};

/// How often the newest head is looked at.
const LOOKS_EVERY: Duration = Duration::from_secs(2);
/// How long a witness may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// The longest answer of a witness that is read.
const ANSWER_BYTES_MAX: u64 = 16 * 1024;

/// Where a witness is asked, and the key it answers with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WitnessAt {
    /// The prefix of its address: `http://saksi.example.go.id`.
    pub url: String,
    /// Its key.
    pub key: NoteKey,
}

/// The witnesses of a log, and how far each has seen it, as it said last.
pub(super) struct Witnesses<'a> {
    office: &'a Office,
    agent: ureq::Agent,
    seen: Vec<u64>,
}

impl<'a> Witnesses<'a> {
    pub(super) fn new(office: &'a Office) -> Self {
        let agent = crate::wire::caller().timeout_global(Some(PATIENCE)).build().into();
        Self { office, agent, seen: vec![0; office.log.witnesses.len()] }
    }

    pub(super) fn ask_until(mut self, stop: &Stop) {
        while !stop.is_said() {
            if let Err(error) = self.ask_all() {
                tracing::warn!(%error, "the witnesses could not be asked");
            }
            stop.wait(LOOKS_EVERY);
        }
    }

    fn ask_all(&mut self) -> Result<(), Error> {
        let Some(head) = self.office.pool.read(store::log::newest_head)? else { return Ok(()) };
        let Some(mut note) = Note::parse(&head.note) else { return Ok(()) };
        let before = note.signatures.len();
        let witnesses = self.office.log.witnesses.clone();
        for (place, witness) in witnesses.iter().enumerate() {
            if witness.key.check(&note) != Signed::Absent {
                continue;
            }
            match self.ask(place, witness, &head, &note) {
                Ok(signature) => note.signatures.push(signature),
                Err(why) => tracing::warn!(witness = witness.key.name(), why, "a witness did not cosign"),
            }
        }
        if note.signatures.len() > before {
            let cosigned = Head { note: note.to_string(), ..head };
            self.office.mirror().cosign(&note)?;
            self.office.pool.write("log_cosigned", |tx| store::log::keep_head(tx, &cosigned))?;
        }
        Ok(())
    }

    fn ask(&mut self, place: usize, witness: &WitnessAt, head: &Head, note: &Note) -> Result<Signature, String> {
        // A witness that has seen more or less than we thought says how much: then it is asked once more.
        for _ in 0..2 {
            let old_size = self.seen.get(place).copied().unwrap_or(0);
            if old_size > head.size {
                return Err(format!("it has seen {old_size} leaves, and there are {} here", head.size));
            }
            let proof = self.office.pool.read(|conn| reader(conn, head.size).consistency(old_size));
            let proof = proof.map_err(|error| error.to_string())?;
            let request = Request { old_size, proof, checkpoint: note.clone() };
            let url = format!("{}/add-checkpoint", witness.url.trim_end_matches('/'));
            let mut answer = self.agent.post(url).send(request.to_string()).map_err(|error| error.to_string())?;
            let status = answer.status().as_u16();
            let body = answer.body_mut().with_config().limit(ANSWER_BYTES_MAX).read_to_string();
            let body = body.map_err(|error| error.to_string())?;
            match (status, body.trim().parse::<u64>()) {
                (200, _) => {
                    let lines = body.lines().filter_map(Signature::parse);
                    let good = lines.into_iter().find(|line| {
                        let alone = Note { text: note.text.clone(), signatures: vec![line.clone()] };
                        matches!(witness.key.check(&alone), Signed::Good(_))
                    });
                    if let Some(seen) = self.seen.get_mut(place) {
                        *seen = head.size;
                    }
                    return good.ok_or_else(|| "its answer holds no signature of its key".to_owned());
                }
                (409, Ok(size)) if size != old_size => {
                    if let Some(seen) = self.seen.get_mut(place) {
                        *seen = size;
                    }
                }
                (status, _) => return Err(format!("it answered {status}: {}", body.trim())),
            }
        }
        Err("it does not say how much it has seen".into())
    }
}
