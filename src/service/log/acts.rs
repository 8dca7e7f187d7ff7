//! Lines of the trail in the log: whoever may write to the database could change a line, and nobody takes back the leaf
//! that says what it was.
//!
//! The leaf has the dotted name of the act and who did it; the rest of the line is there as a salted digest.

use std::collections::HashMap;

use crate::domain::id::Identifier;
use crate::service::{Error, Office};
use crate::store::audit::Entry;
use crate::store::{self, Write};
use crate::transparency::{Kind, Leaf, salted};

/// How many leaves are looked at together.
const BATCH: i64 = 500;

/// How the trail stands to the log.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct TrailCheck {
    /// Lines that are as the log has them.
    pub whole: u64,
    /// Lines that are others than the log has them.
    pub altered: u64,
    /// Lines that the log has and the trail has no more.
    pub missing: u64,
}

/// All of a line, each part with its length before it, so that no two lines are the same.
fn told(line: &Entry, event: &str) -> Vec<u8> {
    let id = |id: Option<[u8; 16]>| id.map(|id| id.to_vec()).unwrap_or_default();
    let parts: [Vec<u8>; 7] = [
        line.at.millis().to_be_bytes().to_vec(),
        id(line.agency.map(|agency| *agency.bytes())),
        id(line.user.map(|user| *user.bytes())),
        event.as_bytes().to_vec(),
        line.object.as_bytes().to_vec(),
        line.detail.as_bytes().to_vec(),
        line.address.as_bytes().to_vec(),
    ];
    parts.iter().flat_map(|part| [(part.len() as u64).to_be_bytes().to_vec(), part.clone()].concat()).collect()
}

impl Office {
    /// Adds the leaf of a line, in the transaction that writes it.
    pub(in crate::service) fn log_act(&self, tx: &mut Write<'_>, line: &Entry) -> Result<(), Error> {
        if !line.event.is_logged() {
            return Ok(());
        }
        let leaf = Leaf {
            word: Some(line.event.as_str().to_owned()),
            subject: Some(*line.id.bytes()),
            actor: line.user,
            agency: line.agency,
            ..Leaf::new(Kind::Policy, line.at)
        };
        self.append_salted(tx, &leaf, &told(line, line.event.as_str()))
    }

    /// Compares the trail with the log, from the beginning to the end.
    pub fn check_trail(&self) -> Result<TrailCheck, Error> {
        let mut found = TrailCheck::default();
        let mut after = 0;
        loop {
            let (acts, lines) = self.pool.read(|conn| -> Result<_, Error> {
                let acts = store::log::salted_subjects(conn, after, BATCH)?;
                let ids: Vec<[u8; 16]> = acts.iter().map(|act| act.subject).collect();
                Ok((acts, store::audit::whole(conn, &ids)?))
            })?;
            let Some(last) = acts.last() else { return Ok(found) };
            after = last.serial;
            let lines: HashMap<[u8; 16], (Entry, String)> =
                lines.into_iter().map(|(line, event)| (*line.id.bytes(), (line, event))).collect();
            for act in acts {
                let leaf = Leaf::decode(&act.entry).filter(|leaf| leaf.word.as_deref().is_some_and(is_act));
                let Some(digest) = leaf.and_then(|leaf| leaf.digest) else { continue };
                match lines.get(&act.subject) {
                    None => found.missing += 1,
                    Some((line, event)) if salted(&act.salt, &told(line, event)) == digest => found.whole += 1,
                    Some(_) => found.altered += 1,
                }
            }
        }
    }
}

/// Whether the word of a leaf is the dotted name of an act, and not what a frame is about.
fn is_act(word: &str) -> bool {
    word.contains('.')
}
