//! Leases that come back, and holds that a device took. Each is answered for itself, and said again it changes nothing.

use super::super::{Error, Office, Refusal};
use super::DeviceCaller;
use super::sync::CHUNK;
use crate::domain::entitlement::Fence;
use crate::domain::id::EntitlementId;
use crate::domain::lease::Return;
use crate::domain::lease::evidence::BadItem;
use crate::domain::lease::office::{Member, Office as Standing};
use crate::domain::lease::server::{self, Answer, Facts, Input, Refused};
use crate::store::devices::Device;
use crate::store::{self, Write};
use crate::token::lease::verify_returns;
use crate::token::{Fault, KeyRing};

/// How many leases may come back in one call.
const RETURNS_MAX: usize = 10_000;

/// What became of a lease that came back, or of a hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BackAnswer {
    /// Which.
    pub entitlement: EntitlementId,
    /// `freed`, `freed_and_revoked`, `done` or `refused`.
    pub answer: &'static str,
    /// Why it was refused.
    pub why: Option<&'static str>,
}

/// The code of a refusal to a device.
const fn refused_code(why: Refused) -> &'static str {
    match why {
        Refused::Recovering => "recovering",
        Refused::Barred => "barred",
        Refused::OtherPoint => "other_point",
        Refused::Is(state) => state.as_str(),
        Refused::Held => "held",
        Refused::RevokeRequested => "revoke_requested",
        Refused::NotTheirs => "not_theirs",
        Refused::NotTheLease => "not_the_lease",
        Refused::OtherFence => "other_fence",
        Refused::DoesNotCount => "does_not_count",
    }
}

impl Office {
    /// Takes leases back that a device has closed.
    pub fn return_leases(&self, caller: &DeviceCaller, signed: &[u8]) -> Result<Vec<BackAnswer>, Error> {
        let device = self.pool.read(|conn| store::devices::find(conn, caller.device))?;
        let device = device.ok_or(Refusal::NotFound("device"))?;
        let ring = KeyRing::of([Self::device_key(&device)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
        let believed = verify_returns(signed, &ring).is_ok_and(|(_, returns)| returns.device == device.id);
        let answers = self.take_returns(&device, &[signed.to_vec()], &ring)?;
        self.close_gap()?;
        if believed {
            Ok(answers)
        } else {
            Err(Refusal::Invalid { field: "returns", why: "signed by this device".into() }.into())
        }
    }

    pub(super) fn take_returns(
        &self,
        device: &Device,
        signed: &[Vec<u8>],
        ring: &KeyRing,
    ) -> Result<Vec<BackAnswer>, Error> {
        let mut backs: Vec<Return> = Vec::new();
        for bytes in signed {
            match verify_returns(bytes, ring) {
                Ok((_, returns)) if returns.device == device.id => backs.extend(returns.each()),
                Ok(_) => self.keep_spoilt(device, BadItem::OtherDevice, bytes)?,
                Err(Fault::Forged { .. }) => self.keep_spoilt(device, BadItem::Altered, bytes)?,
                Err(Fault::Malformed | Fault::Foreign { .. }) => {}
            }
        }
        if backs.len() > RETURNS_MAX {
            let (count, max) = (backs.len(), RETURNS_MAX);
            let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
            return Err(Refusal::TooMany { count: number(count), max: number(max) }.into());
        }
        let mut answers = Vec::with_capacity(backs.len());
        for chunk in backs.chunks(CHUNK) {
            let some = self.pool.write("returns", |tx| {
                let office = Self::standing(tx)?;
                let device = store::devices::hear(tx, device.id, self.now())?.ok_or(Refusal::NotFound("device"))?;
                let member = device.member();
                let mut some = Vec::with_capacity(chunk.len());
                for back in chunk {
                    let input = Input::Return(*back);
                    some.push(self.one_back(tx, &device, (office, member), back.entitlement, &input)?);
                }
                Ok::<_, Error>(some)
            })?;
            answers.extend(some);
        }
        Ok(answers)
    }

    pub(super) fn take_holds(
        &self,
        device: &Device,
        holds: &[(EntitlementId, Fence)],
    ) -> Result<Vec<BackAnswer>, Error> {
        let mut answers = Vec::with_capacity(holds.len());
        for chunk in holds.chunks(CHUNK) {
            let some = self.pool.write("holds_taken", |tx| {
                let office = Self::standing(tx)?;
                let device = store::devices::hold_still(tx, device.id)?.ok_or(Refusal::NotFound("device"))?;
                let member = device.member();
                let mut some = Vec::with_capacity(chunk.len());
                for (entitlement, fence) in chunk {
                    let input = Input::HoldTaken { fence: *fence };
                    some.push(self.one_back(tx, &device, (office, member), *entitlement, &input)?);
                }
                Ok::<_, Error>(some)
            })?;
            answers.extend(some);
        }
        Ok(answers)
    }

    fn one_back(
        &self,
        tx: &mut Write<'_>,
        device: &Device,
        (office, member): (Standing, Member),
        id: EntitlementId,
        input: &Input,
    ) -> Result<BackAnswer, Error> {
        let found = store::entitlements::find(tx, id)?.filter(|(_, agency)| *agency == device.agency);
        let Some((one, agency)) = found else {
            return Ok(BackAnswer { entitlement: id, answer: "refused", why: Some(BadItem::Unknown.as_str()) });
        };
        let row = store::leases::row(tx, &one)?;
        let step = server::step(&Facts { office, member, row }, input);
        self.apply(tx, (Some(agency), None), &one, &step, None)?;
        let (answer, why) = match step.answer {
            Answer::Freed => ("freed", None),
            Answer::FreedAndRevoked => ("freed_and_revoked", None),
            Answer::Done => ("done", None),
            Answer::Refused(why) => ("refused", Some(refused_code(why))),
            other => return Err(Error::Broken(format!("a return was answered with {other:?}"))),
        };
        Ok(BackAnswer { entitlement: id, answer, why })
    }
}
