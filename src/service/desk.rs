//! What a desk shows beside the scan: its counts of the day and its latest scans.

use super::{Actor, Error, Office, Refusal};
use crate::domain::id::{EntitlementId, RedemptionId};
use crate::domain::role::Action;
use crate::domain::time::{self, Timestamp, Zone};
use crate::store::attempts::Tried;
use crate::store::{self, Conn};

/// How many scans a desk lists.
const SCANS: i64 = 10;

/// A desk's own day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskLog {
    /// Packages handed over at this desk today.
    pub handed_over: i64,
    /// Scans and tries to redeem that were refused at this desk today.
    pub refused: i64,
    /// The latest scans, newest first.
    pub scans: Vec<DeskScan>,
}

/// A scan that came to an end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeskScan {
    /// When.
    pub at: Timestamp,
    /// The code of the verdict, or `redeemed`.
    pub verdict: String,
    /// The recipient's name, when the code named an entitlement of the actor's agency.
    pub household: Option<String>,
    /// The receipt, after a hand-over.
    pub receipt: Option<(RedemptionId, String)>,
}

impl Office {
    /// The actor's desk today.
    pub fn desk_log(&self, actor: &Actor) -> Result<DeskLog, Error> {
        actor.must(Action::Redeem)?;
        let device = actor.device.ok_or(Refusal::NoDevice)?;
        let now = self.now();
        self.pool.read(|conn| {
            let zone = store::agencies::find(conn, actor.agency)?.ok_or(Refusal::NotFound("agency"))?.zone;
            let mut log = DeskLog { handed_over: 0, refused: 0, scans: Vec::new() };
            for (redeem, outcome, count) in store::attempts::count_since(conn, device, midnight(now, zone))? {
                match (redeem, outcome.as_str()) {
                    (true, "valid") => log.handed_over += count,
                    (false, "valid") => {}
                    _ => log.refused += count,
                }
            }
            for tried in store::attempts::latest_at(conn, device, SCANS)? {
                log.scans.push(scan(conn, actor, tried)?);
            }
            Ok(log)
        })
    }
}

/// The beginning of the day.
fn midnight(now: Timestamp, zone: Zone) -> Timestamp {
    time::at(now.date(zone), 0, zone).unwrap_or_default()
}

fn scan(conn: &mut Conn, actor: &Actor, tried: Tried) -> Result<DeskScan, Error> {
    let redeemed = tried.redeem && tried.outcome == "valid";
    let household = match tried.entitlement {
        None => None,
        Some(id) => name_of(conn, actor, id)?,
    };
    let receipt = match tried.redemption.filter(|_| redeemed) {
        None => None,
        Some(id) => store::redemptions::find(conn, id)?.map(|redemption| (id, redemption.number)),
    };
    let verdict = if redeemed { "redeemed".to_owned() } else { tried.outcome };
    Ok(DeskScan { at: tried.at, verdict, household, receipt })
}

/// The name on a voucher of the actor's agency: a forged code may claim anybody's.
fn name_of(conn: &mut Conn, actor: &Actor, id: EntitlementId) -> Result<Option<String>, Error> {
    let owned = store::entitlements::find(conn, id)?.is_some_and(|(_, agency)| agency == actor.agency);
    if !owned {
        return Ok(None);
    }
    Ok(store::entitlements::sheet(conn, id)?.map(|sheet| sheet.household.name))
}
