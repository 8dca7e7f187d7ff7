//! Applying what a step of the protocol made of the rows, in the transaction in which they were read.

use super::super::actor::Who;
use super::super::case::NewCase;
use super::super::{Error, Office, Refusal, log};
use super::office_turn;
use crate::domain::audit::Event;
use crate::domain::case::CaseKind;
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::id::{AgencyId, AuditId, DeviceId, EntitlementId, Identifier};
use crate::domain::lease::evidence::Evidence;
use crate::domain::lease::office::{Fact, Keeper, Member, Office as Standing, Right, Row};
use crate::domain::lease::server::{self, Answer, Facts, Input, Step};
use crate::store::lease_evidence::Finding;
use crate::store::{self, Write};
use crate::token::fact::Outside;
use crate::transparency::{Kind, Leaf};

/// What became of a wish to revoke.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::service) enum Revoking {
    /// It is revoked.
    Done,
    /// It is asked for: a device holds it, or may hold it.
    Requested,
    /// It cannot be revoked in this state.
    Is(State),
}

impl Office {
    /// The office's own row, held still until the commit.
    pub(in crate::service) fn standing(tx: &mut Write<'_>) -> Result<Standing, Error> {
        store::turns::share(tx, &office_turn())?;
        Ok(store::leases::office(tx)?)
    }

    /// The same for whoever hands out: the turns of these agencies are shared as well, and before it.
    pub(in crate::service) fn standing_with(tx: &mut Write<'_>, agencies: &[AgencyId]) -> Result<Standing, Error> {
        let [first @ .., last] = agencies else { return Self::standing(tx) };
        for agency in first {
            store::turns::share(tx, agency)?;
        }
        store::turns::share_both(tx, last, &office_turn())?;
        Ok(store::leases::office(tx)?)
    }

    /// Writes what a step made of an entitlement, what it found, and the facts that it owes, but for those that
    /// hold a receipt: these the caller writes, with the receipt's bytes.
    pub(in crate::service) fn apply(
        &self,
        tx: &mut Write<'_>,
        who: impl Into<Who>,
        was: &Entitlement,
        step: &Step,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let who = who.into();
        let before = store::leases::row(tx, was)?;
        if step.row != before && !store::leases::replace(tx, was, &step.row, reason)? {
            return Err(store::Error::Raced.into());
        }
        self.settle_budget(tx, was, step.row.right)?;
        if was.state == State::Unresolved && matches!(step.row.right, Right::Available | Right::Leased(_)) {
            self.recall_replaced(tx, who, was)?;
        }
        for evidence in &step.evidence {
            self.keep_evidence(tx, was, evidence)?;
        }
        if step.row != before {
            self.append_step(tx, who, was, (&before, &step.row), reason)?;
        }
        for fact in &step.facts {
            match fact {
                Fact::Revoked(id) => self.revoked(tx, who, was, *id, reason)?,
                Fact::Expired(id) => drop(self.owe(tx, &Outside::Expired(*id))?),
                Fact::WrittenOff(device) => drop(self.owe(tx, &Outside::WrittenOff(*device, self.now()))?),
                Fact::Barred(device) => drop(self.owe(tx, &Outside::Barred(*device, self.now()))?),
                Fact::Redeemed(_) | Fact::Conflict(..) | Fact::Epoch(_) | Fact::Enrolled { .. } => {}
            }
        }
        Ok(())
    }

    /// The leaves of what a step made of an entitlement; the reason that somebody gave is there salted.
    fn append_step(
        &self,
        tx: &mut Write<'_>,
        who: Who,
        was: &Entitlement,
        (before, after): (&Row, &Row),
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let base = Leaf { actor: who.user, agency: who.agency, ..Leaf::new(Kind::Policy, self.now()) };
        for leaf in log::step_leaves(&base, was, before, after) {
            match was.marks.revoke_requested.as_deref().or(reason).filter(|_| leaf.kind == Kind::Revoke) {
                Some(reason) => self.append_salted(tx, &leaf, reason.as_bytes())?,
                None => log::append(tx, &leaf)?,
            }
        }
        Ok(())
    }

    /// What goes with a revocation that has taken effect: the budget gets the value back.
    fn revoked(
        &self,
        tx: &mut Write<'_>,
        who: Who,
        was: &Entitlement,
        id: EntitlementId,
        reason: Option<&str>,
    ) -> Result<(), Error> {
        let why = was.marks.revoke_requested.as_deref().or(reason).unwrap_or_default().to_owned();
        let round = store::rounds::find(tx, was.round)?.ok_or(Refusal::NotFound("round"))?;
        store::programmes::release(tx, round.programme, was.value)?;
        self.record(tx, who, Event::EntitlementRevoked, id, why.clone())?;
        self.owe(tx, &Outside::Revoked(id, why))?;
        Ok(())
    }

    /// A step about an entitlement and no device.
    pub(super) fn step_alone(&self, tx: &mut Write<'_>, was: &Entitlement, input: &Input) -> Result<Step, Error> {
        let office = Self::standing(tx)?;
        let nobody = Member::enrolled(DeviceId::from_bytes([0; 16]), was.point, Keeper::Server, office.epoch);
        let row = store::leases::row(tx, was)?;
        Ok(server::step(&Facts { office, member: nobody, row }, input))
    }

    /// Revokes, or asks for it where a device holds the right. `only_now` leaves alone what cannot be revoked at once.
    pub(in crate::service) fn revoke_step(
        &self,
        tx: &mut Write<'_>,
        who: impl Into<Who>,
        was: &Entitlement,
        reason: &str,
        only_now: bool,
    ) -> Result<Revoking, Error> {
        let who = who.into();
        if was.state == State::Revoked {
            return Ok(Revoking::Is(State::Revoked));
        }
        let step = self.step_alone(tx, was, &Input::Revoke)?;
        match step.answer {
            Answer::Revoked => {
                self.apply(tx, who, was, &step, Some(reason))?;
                Ok(Revoking::Done)
            }
            Answer::Requested(_) if only_now => Ok(Revoking::Is(was.state)),
            Answer::Requested(_) => {
                if was.marks.revoke_requested.is_none() {
                    self.apply(tx, who, was, &step, Some(reason))?;
                    self.record(tx, who, Event::RevocationRequested, was.id, reason)?;
                }
                Ok(Revoking::Requested)
            }
            _ => Ok(Revoking::Is(was.state)),
        }
    }

    /// Holds back, or lets go; false when the entitlement is in a state in which that means nothing.
    pub(in crate::service) fn hold_step(
        &self,
        tx: &mut Write<'_>,
        who: impl Into<Who>,
        was: &Entitlement,
        on: Option<&str>,
    ) -> Result<bool, Error> {
        let step = self.step_alone(tx, was, &Input::Hold { on: on.is_some() })?;
        if matches!(step.answer, Answer::Refused(_)) {
            return Ok(false);
        }
        self.apply(tx, who, was, &step, on)?;
        Ok(true)
    }

    /// Does what was asked for while a recovery lasted.
    pub(super) fn settle(&self, tx: &mut Write<'_>) -> Result<(), Error> {
        for id in store::leases::to_settle(tx)? {
            let Some((was, agency)) = store::entitlements::find(tx, id)? else { continue };
            let step = self.step_alone(tx, &was, &Input::Settle)?;
            self.apply(tx, (Some(agency), None), &was, &step, None)?;
        }
        Ok(())
    }

    fn keep_evidence(&self, tx: &mut Write<'_>, was: &Entitlement, evidence: &Evidence) -> Result<(), Error> {
        let (kind, device, seq) = match evidence {
            Evidence::Fork { device, seq } => ("fork", Some(*device), i64::try_from(*seq).ok()),
            Evidence::DoubleHandout { .. } => ("double_handout", None, None),
            Evidence::ReceiptMissing { device, .. } => ("receipt_missing", Some(*device), None),
            Evidence::StaleClaim { device, .. } => ("stale_claim", Some(*device), None),
        };
        let finding = Finding {
            at: self.now(),
            kind: kind.to_owned(),
            device,
            entitlement: Some(was.id),
            seq,
            detail: String::new(),
            bytes: None,
        };
        self.find_out(tx, &finding)?;
        if matches!(evidence, Evidence::DoubleHandout { .. }) {
            let detail = "Hak yang sudah diganti ternyata telah diserahkan oleh perangkat yang dihapus.";
            self.case_of(tx, was, CaseKind::DoubleHandout, format!("double_handout:{}", was.id), detail, None, "")?;
        }
        Ok(())
    }

    /// Puts something on record for a person to look at.
    pub(in crate::service) fn find_out(&self, tx: &mut Write<'_>, finding: &Finding) -> Result<(), Error> {
        metrics::counter!("salur_lease_findings_total", "kind" => finding.kind.clone()).increment(1);
        if store::lease_evidence::insert(tx, self.new_id(AuditId::by_time)?, finding)? {
            log::append(tx, &log::finding_leaf(finding))?;
        }
        Ok(())
    }

    /// Opens a case about an entitlement, for the program itself.
    #[allow(clippy::too_many_arguments)]
    pub(in crate::service) fn case_of(
        &self,
        tx: &mut Write<'_>,
        about: &Entitlement,
        kind: CaseKind,
        key: String,
        detail: &str,
        device: Option<DeviceId>,
        evidence: &str,
    ) -> Result<(), Error> {
        let Some((_, agency)) = store::entitlements::find(tx, about.id)? else { return Ok(()) };
        self.open_case(
            tx,
            (agency, None),
            &NewCase {
                kind,
                key: Some(key),
                round: Some(about.round),
                point: Some(about.point),
                entitlement: Some(about.id),
                device,
                detail: detail.to_owned(),
                evidence: evidence.to_owned(),
            },
        )?;
        Ok(())
    }
}
