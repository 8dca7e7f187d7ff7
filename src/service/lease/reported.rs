//! What a device tells and asks besides its leases: incidents at its desk, and whose package is to be brought home.

use super::super::case::NewCase;
use super::super::{Error, Office, Refusal, entry};
use super::DeviceCaller;
use crate::domain::case::CaseKind;
use crate::domain::document::is_brought_home;
use crate::domain::entitlement::State;
use crate::domain::id::{CaseId, EntitlementId, RedemptionId, UserId};
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::evidence::Part;

/// What happened at a desk, as the people there wrote it down. It changes no entitlement: it opens a case.
#[derive(Debug, Clone)]
pub struct DeviceReport {
    /// Drawn by the device, and the same over its retries.
    pub id: uuid::Uuid,
    /// What it is about.
    pub kind: CaseKind,
    /// Who wrote it.
    pub operator: UserId,
    /// The second person, who showed their own PIN; due with a reversal.
    pub witness: Option<UserId>,
    /// The handout it is about; due with a reversal.
    pub redemption: Option<RedemptionId>,
    /// The right it is about.
    pub entitlement: Option<EntitlementId>,
    /// The number of the receipt, as the device shows it.
    pub number: String,
    /// What happened.
    pub text: String,
    /// When, by the device's clock.
    pub at: Timestamp,
}

/// What people at a desk may report; the other kinds the program finds by itself.
const fn is_reported(kind: CaseKind) -> bool {
    matches!(
        kind,
        CaseKind::Reversal
            | CaseKind::Dispute
            | CaseKind::Complaint
            | CaseKind::Levy
            | CaseKind::Shortage
            | CaseKind::Quality
            | CaseKind::Forgery
            | CaseKind::Queue
            | CaseKind::Data
            | CaseKind::Other
    )
}

impl Office {
    /// Opens a case for what a device reports. The same report again names the same case.
    pub fn take_report(&self, caller: &DeviceCaller, report: &DeviceReport) -> Result<CaseId, Error> {
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.into() });
        if !is_reported(report.kind) {
            return Err(invalid("kind", "one that people report"));
        }
        if report.kind == CaseKind::Reversal && (report.witness.is_none() || report.redemption.is_none()) {
            return Err(invalid("witness", "a reversal names its handout and a second person"));
        }
        if report.witness == Some(report.operator) {
            return Err(invalid("witness", "somebody else"));
        }
        let text = entry::any_text("text", &report.text, 600)?;
        let number = entry::text_or_empty("number", &report.number, 60)?;
        self.pool.write("report", |tx| {
            let device = store::devices::find(tx, caller.device)?.ok_or(Refusal::NotFound("device"))?;
            let known = store::enrolments::operators_of(tx, device.id)?;
            let name = |user: UserId, field| {
                let found = known.iter().find(|(one, _)| *one == user).map(|(_, name)| name.clone());
                found.ok_or_else(|| invalid(field, "an operator of this device"))
            };
            let operator = name(report.operator, "operator")?;
            let witness = report.witness.map(|user| name(user, "witness")).transpose()?;
            // The receipt may have become a conflict, or be on another road still: its number names it all the same.
            let made = match report.redemption {
                Some(id) => store::redemptions::find(tx, id)?.filter(|made| made.device == device.id),
                None => None,
            };
            let entitlement = made.as_ref().map(|made| made.entitlement).or(report.entitlement);
            let found = match entitlement {
                Some(id) => store::entitlements::find(tx, id)?.filter(|(_, agency)| *agency == caller.agency),
                None => None,
            };
            let number = made.as_ref().map_or(number.clone(), |made| made.number.clone());
            let with = witness.map(|name| format!(" bersama {name}")).unwrap_or_default();
            let place = store::agencies::find(tx, caller.agency)?.ok_or(Refusal::NotFound("agency"))?;
            let when = report.at.short(place.zone);
            let new = NewCase {
                kind: report.kind,
                key: Some(format!("report:{}:{}", device.id, report.id)),
                round: found.as_ref().map(|(one, _)| one.round),
                point: Some(caller.point),
                entitlement: found.as_ref().map(|(one, _)| one.id),
                device: Some(device.id),
                detail: format!("{text} – dicatat {when} pada perangkat {:03} oleh {operator}{with}.", device.number),
                evidence: number,
            };
            self.open_case(tx, (caller.agency, Some(report.operator)), &new)
        })
    }

    /// The rights at a device's point whose package is to be brought home, of rounds that are not over.
    pub fn home_deliveries(&self, caller: &DeviceCaller) -> Result<Vec<EntitlementId>, Error> {
        let now = self.now();
        self.pool.read(|conn| {
            let mut found = Vec::new();
            for open in self.open_rounds(conn, caller.agency, caller.point)? {
                let part = Part { round: open.round.id, point: Some(caller.point), session_no: None };
                let absences = store::evidence::absences(conn, part, now)?;
                for one in store::evidence::list(conn, part, now)? {
                    let absence = absences.get(&one.id).map(|(reason, _)| *reason);
                    let waits = matches!(one.state, State::Available | State::Leased);
                    if waits && is_brought_home(&one.household.vulnerabilities, absence) {
                        found.push(one.id);
                    }
                }
            }
            Ok(found)
        })
    }
}
