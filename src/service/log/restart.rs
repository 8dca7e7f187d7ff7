//! When what was signed is lost for good: a new log, under a new name, that says which one it follows.
//!
//! A tree must never become smaller, so the old log ends: its name is not used again, and its files are put aside. The
//! new one begins with the leaves that are left, and then with one that holds the size and the hash of the head that
//! was signed last, and the two persons who decided it.

use std::fs;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::guard::Guard;
use super::keeper::{check_against, log_lost, set_lost, set_origin};
use crate::domain::audit::Event;
use crate::domain::id::Identifier as _;
use crate::domain::role::Action;
use crate::service::{Actor, Error, Office, Refusal};
use crate::store;
use crate::token::fact::Outside;
use crate::transparency::{Checkpoint, Kind, Leaf, Note};

/// The name of the log that follows upon one of this name: `…/log/2` upon `…/log`.
fn next_origin(origin: &str) -> String {
    // A short number: the name of an office without an address ends in twelve signs that may all be digits.
    let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.len() < 6);
    let numbered = origin.rsplit_once('/').and_then(|(stem, end)| Some((stem, number(end)?)));
    match numbered {
        Some((stem, number)) => format!("{stem}/{}", number.saturating_add(1)),
        None => format!("{origin}/2"),
    }
}

/// Puts a file or a folder aside, under a name that says of which head it was.
fn put_aside(path: &Path, head: &Checkpoint) -> Result<(), Error> {
    let mut aside = path.as_os_str().to_owned();
    aside.push(format!(".ended-{}", head.size));
    let aside = PathBuf::from(aside);
    fs::rename(path, &aside).map_err(|fault| Error::Broken(format!("{}: {fault}", path.display())))
}

impl Office {
    /// Ends a log that cannot go on, because what was signed is not here and not outside, and begins a new one; gives
    /// its name. Two persons decide it: one who leads the office and one who may read the log.
    pub fn restart_log(&self, actor: &Actor, other: &Actor, reason: &str) -> Result<String, Error> {
        actor.must(Action::ManageUsers)?;
        other.must(Action::ReadLog)?;
        if actor.user == other.user {
            return Err(Refusal::SamePerson.into());
        }
        let reason = crate::service::entry::text("reason", reason, 200)?;
        let guard = self.log.guard.as_ref();
        let mirror = self.mirror();
        let turn = guard.map(Guard::take_turn).transpose()?;
        let heads = [guard.map_or(Ok(None), Guard::read)?, mirror.head()?];
        let current = self.find_origin()?;
        let lost = self.pool.read(log_lost)?;
        let outside = heads.iter().flatten().max_by_key(|(head, _)| head.size).cloned();
        let kept = match &current {
            Some(origin) if outside.is_none() && lost => self.newest_kept(origin)?,
            _ => None,
        };
        let Some((old, note)) = outside.or(kept) else {
            return Err(whole());
        };
        let origin = next_origin(&old.origin);
        // One that was cut short after its first step has only its files left to put aside.
        if current.as_deref() == Some(&old.origin) {
            let checked = self.pool.read_snapshot(|conn| {
                let size = store::log::size(conn)?;
                check_against(conn, size, std::slice::from_ref(&old))
            });
            match checked {
                Ok(()) if heads.iter().any(Option::is_some) => return Err(whole()),
                Ok(()) => {}
                Err(Error::Refused(why)) if matches!(*why, Refusal::LogBehind { .. } | Refusal::LogForked { .. }) => {}
                // A database that does not answer is no reason to end a log.
                Err(other) => return Err(other),
            }
            self.pool.write("log_restart", |tx| {
                let leaf = Leaf {
                    word: Some("log_restarted".to_owned()),
                    subject: Some(*other.user.bytes()),
                    count: i64::try_from(old.size).ok(),
                    digest: Some(Sha256::digest(note.to_string()).into()),
                    ..self.leaf_of(actor, Kind::Policy)
                };
                super::append(tx, &leaf)?;
                set_origin(tx, &origin)?;
                set_lost(tx, false)?;
                let key =
                    store::keys::all(tx)?.into_iter().rfind(|key| key.purpose == crate::token::Purpose::Log.as_str());
                if let Some(key) = key {
                    let sealed = key.private_key.ciphertext().to_vec();
                    self.owe(tx, &Outside::LogKey(key.public_key, sealed, origin.clone(), self.now()))?;
                }
                store::log::forget_heads(tx)?;
                self.record(tx, actor.who(), Event::LogRestarted, &origin, reason.clone())?;
                self.record(tx, other.who(), Event::LogRestarted, &origin, reason.clone())
            })?;
            self.close_gap()?;
        } else if current.as_deref() != Some(&origin) {
            return Err(Error::Broken(format!("the head outside the database is that of another log, {}", old.origin)));
        }
        mirror.put_aside(&old)?;
        if let Some(guard) = guard.filter(|_| heads.first().is_some_and(Option::is_some)) {
            put_aside(guard.path(), &old)?;
        }
        drop(turn);
        Ok(origin)
    }
}

impl Office {
    /// The newest head that the database itself remembers, where nothing outside holds one.
    fn newest_kept(&self, origin: &str) -> Result<Option<(Checkpoint, Note)>, Error> {
        let head = self.pool.read(store::log::newest_head)?;
        Ok(head.and_then(|head| {
            let note = Note::parse(&head.note)?;
            Some((Checkpoint { origin: origin.to_owned(), size: head.size, root: head.root }, note))
        }))
    }
}

impl super::mirror::Mirror {
    /// Puts the whole folder aside.
    fn put_aside(&self, head: &Checkpoint) -> Result<(), Error> {
        if self.folder().exists() { put_aside(self.folder(), head) } else { Ok(()) }
    }
}

fn whole() -> Error {
    Refusal::LogWhole.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_ends_is_followed_by_one_of_another_name() {
        assert_eq!(next_origin("salur.example.go.id/api/v1/log"), "salur.example.go.id/api/v1/log/2");
        assert_eq!(next_origin("salur.example.go.id/api/v1/log/2"), "salur.example.go.id/api/v1/log/3");
        assert_eq!(next_origin("salur.invalid/304c1ba3567a"), "salur.invalid/304c1ba3567a/2");
        assert_eq!(next_origin("salur.invalid/000012345678"), "salur.invalid/000012345678/2");
        assert_eq!(next_origin("salur.invalid/304012345678/2"), "salur.invalid/304012345678/3");
    }
}
