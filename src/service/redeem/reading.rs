//! From what a scanner types to the entitlement that it names.

use super::super::{Actor, Error, Office, Refusal};
use crate::domain::id::{AttemptId, EntitlementId};
use crate::domain::redemption::{Shown, Verdict};
use crate::domain::time::Timestamp;
use crate::domain::voucher::{TypedCode, TypedCodeFault};
use crate::store;
use crate::token;

/// How many typed codes that name nothing one person may try within [`TYPED_WITHIN_MILLIS`]. A code that is
/// read from paper is missed now and then; one who guesses misses always.
const TYPED_MISSES_MAX: i64 = 20;
/// See [`TYPED_MISSES_MAX`].
const TYPED_WITHIN_MILLIS: i64 = 60_000;

/// What a code comes to before any entitlement is looked at.
#[derive(Debug, Clone)]
pub(in crate::service) enum Reading {
    /// It names an entitlement; if it is a QR, with a good signature.
    Names {
        /// Which.
        entitlement: EntitlementId,
        /// How the paper names it.
        shown: Shown,
    },
    /// It names none that can be trusted.
    Refused {
        /// Why.
        verdict: Verdict,
        /// What a forged one claims: evidence, nothing more.
        claimed: Option<EntitlementId>,
    },
}

impl Reading {
    pub(super) const fn refused(verdict: Verdict) -> Self {
        Self::Refused { verdict, claimed: None }
    }

    /// The entitlement and print that are named or claimed, for the record of the attempt.
    pub(super) const fn evidence(&self) -> (Option<EntitlementId>, Option<i32>) {
        match self {
            Self::Names { entitlement, shown: Shown::Print(print) } => (Some(*entitlement), Some(*print)),
            Self::Names { entitlement, shown: Shown::NoPrint } => (Some(*entitlement), None),
            Self::Refused { claimed, .. } => (*claimed, None),
        }
    }
}

impl Office {
    /// Reads the QR's text or a typed code.
    pub(in crate::service) fn read_code(&self, actor: &Actor, code: &str) -> Result<Reading, Error> {
        if code.len() <= 40 && TypedCode::parse(code).is_ok() {
            self.limit_guesses(actor)?;
        }
        self.read_plain(code)
    }

    /// The same for whoever asks by themselves whether the key that signed the paper is still good: a QR comes with it.
    pub(super) fn read_unasked(&self, actor: &Actor, code: &str) -> Result<(Reading, Option<[u8; 4]>), Error> {
        if code.len() <= 40 && !matches!(TypedCode::parse(code), Err(TypedCodeFault::NotACode)) {
            return Ok((self.read_code(actor, code)?, None));
        }
        self.read_signed(code)
    }

    /// Reads the QR's text or a typed code, for whoever is not limited.
    pub(in crate::service) fn read_plain(&self, code: &str) -> Result<Reading, Error> {
        if code.len() <= 40 {
            match TypedCode::parse(code) {
                Ok(typed) => {
                    let found = self.pool.read(|conn| store::entitlements::by_typed_code(conn, typed))?;
                    return Ok(found.map_or(Reading::refused(Verdict::Unknown), |(entitlement, former)| {
                        Reading::Names { entitlement, shown: former.map_or(Shown::NoPrint, Shown::Print) }
                    }));
                }
                Err(TypedCodeFault::Slip) => return Ok(Reading::refused(Verdict::Malformed)),
                Err(TypedCodeFault::NotACode) => {}
            }
        }
        self.read_token(code)
    }

    /// Refuses typed codes for a while after too many that name nothing. Scans of a QR are never limited.
    fn limit_guesses(&self, actor: &Actor) -> Result<(), Error> {
        let since = Timestamp::from_millis(self.now().millis() - TYPED_WITHIN_MILLIS)
            .map_err(|fault| Error::Broken(fault.to_string()))?;
        let since = AttemptId::by_time(since, [0; 10]);
        let misses = self.pool.read(|conn| store::attempts::count_nameless(conn, actor.user, since))?;
        if misses >= TYPED_MISSES_MAX { Err(Refusal::TooManyTries.into()) } else { Ok(()) }
    }

    /// Reads the QR's text alone.
    pub(in crate::service) fn read_token(&self, code: &str) -> Result<Reading, Error> {
        let (reading, kid) = self.read_signed(code)?;
        // Which keys there are is remembered; that one fell into other hands is asked anew for every scan, so that
        // no server goes on believing it.
        if let Some(kid) = kid
            && self.pool.read(|conn| store::keys::is_compromised(conn, kid))?
        {
            return Ok(Reading::refused(Verdict::Foreign));
        }
        Ok(reading)
    }

    /// Reads the QR's text and checks the signature; of a good one, it says by which key.
    fn read_signed(&self, code: &str) -> Result<(Reading, Option<[u8; 4]>), Error> {
        let hosts: Vec<&str> = self.hosts().collect();
        let mut read = token::read(code, &hosts, &self.issuers());
        if matches!(read, Err(token::Fault::Foreign { kid: Some(_) })) {
            // Another server may have issued a round since: look once before calling it a stranger.
            self.reload_issuers()?;
            read = token::read(code, &hosts, &self.issuers());
        }
        let kid = read.as_ref().ok().map(|verified| verified.kid.to_bytes());
        let reading = match read {
            Ok(verified) => Reading::Names {
                entitlement: verified.claims.entitlement,
                shown: Shown::Print(i32::try_from(verified.claims.print).unwrap_or(i32::MAX)),
            },
            Err(fault) => Reading::Refused {
                verdict: match fault {
                    token::Fault::Foreign { .. } => Verdict::Foreign,
                    token::Fault::Malformed => Verdict::Malformed,
                    token::Fault::Forged { .. } => Verdict::Forged,
                },
                claimed: match fault {
                    token::Fault::Forged { entitlement, .. } => entitlement,
                    _ => None,
                },
            },
        };
        Ok((reading, kid))
    }
}
