//! Giving a device up: one person asks, another agrees. What it holds becomes unresolved, never free (rule 6).

use super::super::actor::Who;
use super::super::{Actor, Error, Office, Refusal, entry, log};
use super::enrol::owned_device;
use super::office_turn;
use crate::domain::audit::Event;
use crate::domain::entitlement::State;
use crate::domain::exception::NothingDue;
use crate::domain::id::{DeviceId, EntitlementId, Identifier, UserId};
use crate::domain::lease::office::{Fact, FourEyes, Keeper, Member, Standing};
use crate::domain::lease::recovery::{self, Input};
use crate::domain::lease::server::{Answer, Facts};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::store::write_offs::WriteOff;
use crate::store::{self, Write};
use crate::token::fact::Outside;
use crate::transparency::{Kind, Leaf};

/// A wish to give a device up.
#[derive(Debug, Clone)]
pub struct WriteOffView {
    /// Who asked.
    pub asked_by: UserId,
    /// Their name.
    pub asked_by_name: String,
    /// When.
    pub asked_at: Timestamp,
    /// Why.
    pub reason: String,
    /// How many leases the device has.
    pub open_leases: u64,
    /// Whether another person agreed.
    pub agreed: bool,
    /// How many entitlements became unresolved.
    pub unresolved: Option<i64>,
}

impl Office {
    /// Asks that a device be given up.
    pub fn ask_write_off(&self, actor: &Actor, id: DeviceId, reason: &str) -> Result<WriteOffView, Error> {
        actor.must(Action::ManageDevices)?;
        let reason = entry::text("reason", reason, 200)?;
        let now = self.now();
        self.pool.write("write_off_ask", |tx| {
            let device = owned_device(tx, actor, id)?;
            // A desk of the server's own holds nothing that the server does not have.
            if device.keeper == Keeper::Server || device.standing() == Standing::WrittenOff {
                return Err(Refusal::NotGivenUp.into());
            }
            let asked = WriteOff {
                device: id,
                asked_by: actor.user,
                asked_at: now,
                reason: reason.clone(),
                agreed: None,
                unresolved: None,
            };
            store::write_offs::ask(tx, &asked).map_err(entry::exists("write_off"))?;
            self.record(tx, actor.who(), Event::WriteOffAsked, id, reason.clone())
        })?;
        self.write_off_of(actor, id)?.ok_or_else(|| Error::Broken("a wish that was just kept is not there".into()))
    }

    /// Agrees that a device be given up; another person than the one who asked. Returns how many entitlements became
    /// unresolved.
    pub fn agree_write_off(&self, actor: &Actor, id: DeviceId) -> Result<i64, Error> {
        actor.must(Action::ManageDevices)?;
        let unresolved = self.pool.write("write_off", |tx| {
            // Nobody may grant or answer meanwhile: every row is judged with the device as it is now.
            store::turns::own(tx, &office_turn())?;
            let office = store::leases::office(tx)?;
            owned_device(tx, actor, id)?;
            let device = store::devices::hold_still(tx, id)?.ok_or(Refusal::NotFound("device"))?;
            let asked = store::write_offs::of(tx, id)?.ok_or(Refusal::NotFound("write_off"))?;
            let by = FourEyes::of(asked.asked_by, actor.user).ok_or(Refusal::SamePerson)?;
            if device.standing() == Standing::WrittenOff {
                return Err(Refusal::AlreadyDecided.into());
            }
            let member = device.member();
            let mut unresolved = 0;
            for one in self.may_hold(tx, &device, member.owes_answer(office.epoch))? {
                let row = store::leases::row(tx, &one)?;
                let holder = match row.right.holder() {
                    Some(holder) => store::devices::find(tx, holder)?,
                    None => None,
                };
                let holder_answered = holder.is_some_and(|holder| holder.answered >= office.epoch);
                let mut step = recovery::step(&Facts { office, member, row }, &Input::WriteOff { by, holder_answered });
                unresolved += i64::from(step.row.right.state() == State::Unresolved && row.right != step.row.right);
                // The device is given up once, however many rights follow it.
                step.facts.retain(|fact| !matches!(fact, Fact::WrittenOff(_)));
                self.apply(tx, actor.who(), &one, &step, None)?;
            }
            let gone = crate::domain::lease::office::Member { standing: Standing::WrittenOff, ..member };
            store::devices::set_member(tx, &gone, self.now())?;
            self.owe(tx, &Outside::WrittenOff(id, self.now()))?;
            log::append(tx, &Leaf { device: Some(id), ..self.leaf_of(actor, Kind::WriteOff) })?;
            if !store::write_offs::agree(tx, id, actor.user, self.now(), unresolved)? {
                return Err(Refusal::AlreadyDecided.into());
            }
            self.settle(tx)?;
            self.record(tx, actor.who(), Event::DeviceWrittenOff, id, format!("{}; {unresolved}", asked.reason))?;
            Ok::<_, Error>(unresolved)
        })?;
        self.close_gap()?;
        Ok(unresolved)
    }

    /// Two persons have decided that a package goes out in the place of one that nobody can find out about: should the
    /// lost device turn up and show that it had handed out, that is one incident. Refused when it has turned up since the
    /// proposal of `proposed_at`: what was decided is then not so any more.
    pub(in crate::service) fn replace_step(
        &self,
        tx: &mut Write<'_>,
        who: Who,
        id: EntitlementId,
        proposed_at: Option<Timestamp>,
    ) -> Result<(), Error> {
        let (one, _) = store::entitlements::find(tx, id)?.ok_or(Refusal::NotFound("entitlement"))?;
        // An exception that is approved at this moment comes before or after.
        store::entitlements::hold(tx, one.first())?;
        let (one, _) = store::entitlements::find(tx, id)?.ok_or(Refusal::NotFound("entitlement"))?;
        if one.state == State::Redeemed {
            let first = store::redemptions::first_of(tx, id)?;
            let known = first.and_then(|first| Some(first.redeemed_at <= proposed_at?)).unwrap_or(true);
            return if known { Ok(()) } else { Err(Refusal::NotAvailable(one.state).into()) };
        }
        if one.state == State::Unresolved && !self.approved_after(tx, &one)?.is_empty() {
            return Err(Refusal::NothingOwed(NothingDue::ExceptionOpen).into());
        }
        let office = Self::standing(tx)?;
        let row = store::leases::row(tx, &one)?;
        // The step is about no device.
        let member = Member::enrolled(DeviceId::from_bytes([0; 16]), one.point, Keeper::Server, office.epoch);
        let step = recovery::step(&Facts { office, member, row }, &Input::Replaced);
        match step.answer {
            Answer::Done => self.apply(tx, who, &one, &step, None),
            // Whatever else it is, no lost device stands between it and a handout.
            _ => Ok(()),
        }
    }

    /// What was asked about a device.
    pub(super) fn write_off_of(&self, actor: &Actor, id: DeviceId) -> Result<Option<WriteOffView>, Error> {
        self.pool.read(|conn| {
            owned_device(conn, actor, id)?;
            let Some(asked) = store::write_offs::of(conn, id)? else { return Ok(None) };
            let person = store::users::find(conn, asked.asked_by)?;
            Ok(Some(WriteOffView {
                asked_by: asked.asked_by,
                asked_by_name: person.map(|person| person.name).unwrap_or_default(),
                asked_at: asked.asked_at,
                reason: asked.reason,
                open_leases: store::leases::count_open(conn, id)?,
                agreed: asked.agreed.is_some(),
                unresolved: asked.unresolved,
            }))
        })
    }
}
