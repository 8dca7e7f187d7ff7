//! A code, and what it is worth on this device.

use super::journal::{self, Attempt, Entry, Kept, Transaction};
use super::{Device, Fault};
use crate::domain::id::{AttemptId, EntitlementId, RoundId, UserId};
use crate::domain::lease::device::{Core, Slot};
use crate::domain::lease::scan::{Known, Shown, Why, judge};
use crate::domain::redemption::Verdict;
use crate::domain::time::Timestamp;
use crate::domain::voucher::{TypedCode, TypedCodeFault};
use crate::token::{self, KeyRing};

/// What a scan comes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// What the screen says.
    pub verdict: Verdict,
    /// Why, where the verdict alone does not say it: `no_lease`, `brake_hours` …
    pub reason: Option<&'static str>,
    /// What the voucher names, or (forged) claims.
    pub entitlement: Option<EntitlementId>,
    /// The first handout, when it was redeemed on this device.
    pub first: Option<Kept>,
}

impl Scan {
    pub(super) const fn plain(verdict: Verdict) -> Self {
        Self { verdict, reason: None, entitlement: None, first: None }
    }

    /// Whether the server may know more: this device has no lease of it.
    #[must_use]
    pub fn is_for_the_server(&self) -> bool {
        self.verdict == Verdict::NotReady && self.reason == Some("no_lease")
    }
}

/// What is read from a code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) entitlement: EntitlementId,
    pub(super) shown: Shown,
}

/// Reads the text of a QR, or a typed code. A typed code that no lease here translates names nothing yet.
pub(super) fn read(
    conn: &mut Transaction,
    code: &str,
    hosts: &[String],
    issuers: &KeyRing,
) -> Result<Result<Read, Scan>, Fault> {
    if code.len() <= 40 {
        match TypedCode::parse(code) {
            Ok(typed) => {
                let found = journal::entry_by_code(conn, typed.canonical())?;
                return Ok(match found {
                    None => Err(Scan { reason: Some("no_lease"), ..Scan::plain(Verdict::NotReady) }),
                    Some(entry) => Ok(Read { entitlement: entry.entitlement, shown: Shown::Typed }),
                });
            }
            Err(TypedCodeFault::Slip) => return Ok(Err(Scan::plain(Verdict::Malformed))),
            Err(TypedCodeFault::NotACode) => {}
        }
    }
    Ok(match token::read(code, hosts, issuers) {
        Ok(verified) => {
            let claims = verified.claims;
            Ok(Read { entitlement: claims.entitlement, shown: Shown::Qr { print: claims.print, point: claims.point } })
        }
        Err(token::Fault::Foreign { .. }) => Err(Scan::plain(Verdict::Foreign)),
        Err(token::Fault::Malformed) => Err(Scan::plain(Verdict::Malformed)),
        Err(token::Fault::Forged { entitlement, .. }) => Err(Scan { entitlement, ..Scan::plain(Verdict::Forged) }),
    })
}

/// All that the device has written down about an entitlement.
pub(super) struct Written {
    pub(super) core: Core,
    pub(super) version: i64,
    pub(super) slot: Slot,
    pub(super) entry: Option<Entry>,
    pub(super) round: Option<journal::Round>,
    pub(super) paused: bool,
}

impl Written {
    pub(super) fn about(conn: &mut Transaction, of: EntitlementId) -> Result<Self, Fault> {
        let (core, version) = journal::read_core(conn)?;
        let (slot, _) = journal::slot(conn, of)?;
        let entry = journal::entry(conn, of)?;
        let round = entry.as_ref().map(|entry| journal::round(conn, entry.round)).transpose()?.flatten();
        let stopped = paused_rounds(conn)?;
        let paused = round.as_ref().is_some_and(|round| stopped.iter().any(|(of, _)| *of == round.round));
        Ok(Self { core, version, slot, entry, round, paused })
    }

    pub(super) fn judge(&self, shown: Shown, own_point: u32, wall: Timestamp) -> Result<(), Why> {
        let known = self.entry.as_ref().zip(self.round.as_ref()).map(|(entry, round)| Known {
            print: entry.print,
            begins_at: round.begins_at,
            paused: self.paused,
        });
        judge(&self.core, &self.slot, known.as_ref(), shown, own_point, wall)
    }
}

const PAUSED: &str = "paused";

/// The rounds that stand still, as the server last said.
pub(super) fn paused_rounds(conn: &mut Transaction) -> Result<Vec<(RoundId, String)>, Fault> {
    let Some(text) = journal::paper(conn, PAUSED)? else { return Ok(Vec::new()) };
    serde_json::from_str(&text).map_err(|fault| Fault::Damaged(fault.to_string()))
}

/// The server said which rounds stand still.
pub(super) fn set_paused(tx: &mut Transaction, rounds: &[(RoundId, String)]) -> Result<(), Fault> {
    let text = serde_json::to_string(rounds).map_err(|fault| Fault::Damaged(fault.to_string()))?;
    journal::set_paper(tx, PAUSED, &text)
}

/// The scan of a code that ends in no handout.
pub(super) fn refusal(conn: &mut Transaction, entitlement: EntitlementId, why: Why) -> Result<Scan, Fault> {
    use crate::domain::lease::device::Refused;
    let first = match why {
        Why::Refused(Refused::AlreadyRedeemed(redemption)) => journal::receipt(conn, redemption)?,
        _ => None,
    };
    Ok(Scan { verdict: why.verdict(), reason: Some(why.code()), entitlement: Some(entitlement), first })
}

impl Device {
    /// What a code is worth here and now. Changes no right; a scan that is not `valid` is kept for the server.
    pub fn verify(&mut self, code: &str) -> Result<Scan, Fault> {
        self.sound()?;
        let wall = self.now();
        let operator = self.operator()?.map(|operator| operator.user);
        let id = AttemptId::by_time(wall, self.draw()?);
        let Self { file, identity, issuers, .. } = self;
        let done = file.write(|tx| {
            let scan = match read(tx, code, &identity.hosts, issuers)? {
                Err(scan) => scan,
                Ok(found) => {
                    let written = Written::about(tx, found.entitlement)?;
                    match written.judge(found.shown, identity.point.number, wall) {
                        Ok(()) => Scan { entitlement: Some(found.entitlement), ..Scan::plain(Verdict::Valid) },
                        Err(why) => refusal(tx, found.entitlement, why)?,
                    }
                }
            };
            note(tx, &scan, id, wall, operator)?;
            Ok(scan)
        });
        self.guard(done)
    }
}

/// Keeps a scan for the server, when somebody stood there.
pub(super) fn note(
    tx: &mut Transaction,
    scan: &Scan,
    id: AttemptId,
    at: Timestamp,
    operator: Option<UserId>,
) -> Result<(), Fault> {
    let Some(operator) = operator else { return Ok(()) };
    let verdict = scan.verdict.as_str().to_owned();
    journal::add_attempt(tx, &Attempt { id, at, verdict, entitlement: scan.entitlement, operator })
}
