//! What an administrator should know about the installation: found by `salur doctor`.

use super::{Error, Office};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store;

/// Facts about the installation, to be judged by who asks.
#[derive(Debug, Clone)]
pub struct Checkup {
    /// The database engine and its version.
    pub engine: String,
    /// How far the office's clock is behind the newest line of the trail, in milliseconds; nothing when it is not.
    pub clock_behind_millis: Option<i64>,
    /// Now, by the office's clock.
    pub now: Timestamp,
    /// When the oldest key that still signs was made.
    pub oldest_key_at: Option<Timestamp>,
    /// Open accounts of administrators.
    pub admins: usize,
    /// User names of administrators, issuers and finance without one-time codes.
    pub without_second_factor: Vec<String>,
    /// User names of accounts that agree to what others began and that nobody but their maker knows of.
    pub unconfirmed: Vec<String>,
}

impl Office {
    /// Looks the installation over, at the console of the server itself.
    pub fn checkup(&self) -> Result<Checkup, Error> {
        let now = self.now();
        self.pool.read(|conn| {
            let newest = store::audit::newest(conn)?;
            let keys = store::keys::all(conn)?;
            let (mut admins, mut without, mut unconfirmed) = (0, Vec::new(), Vec::new());
            for agency in store::agencies::list(conn)? {
                let found = store::users::unconfirmed(conn, agency.id, super::PAGE_MAX)?;
                unconfirmed.extend(found.into_iter().map(|(user, _)| user.username));
                for user in store::users::list(conn, agency.id, None, super::PAGE_MAX)? {
                    if !user.works(now) {
                        continue;
                    }
                    admins += usize::from(user.role == Role::Admin);
                    if user.role.needs_second_factor() && !store::second_factors::is_confirmed(conn, user.id)? {
                        without.push(user.username);
                    }
                }
            }
            Ok(Checkup {
                engine: store::engine(conn)?,
                clock_behind_millis: newest.map(|at| at.millis() - now.millis()).filter(|behind| *behind > 0),
                now,
                oldest_key_at: keys.iter().filter(|key| key.retired_at.is_none()).map(|key| key.created_at).min(),
                admins,
                without_second_factor: without,
                unconfirmed,
            })
        })
    }
}
