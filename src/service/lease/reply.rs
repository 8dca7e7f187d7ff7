//! What a device is told at the end of each call, and what it may ask of itself.

use super::super::{Error, Office, Refusal};
use super::DeviceCaller;
use super::grant::LeasedRoundView;
use crate::domain::id::UserId;
use crate::domain::lease::Ask;
use crate::domain::lease::office::Keeper;
use crate::domain::programme::{Agency, Point};
use crate::domain::time::Timestamp;
use crate::store::devices::Device;
use crate::store::{self, Conn};
use crate::token::reply::{ASKS_MAX, NO_NONCE, Reply, sign_reply};
use crate::token::{Purpose, VerifyingKey};

/// All that a device may know of itself and of the office.
#[derive(Debug, Clone)]
pub struct SelfView {
    /// The device.
    pub device: Device,
    /// Its agency.
    pub agency: Agency,
    /// Its point.
    pub point: Point,
    /// The server's epoch.
    pub epoch: u32,
    /// How many devices still owe an answer.
    pub missing: u32,
    /// The server's time.
    pub server_time: Timestamp,
    /// How much of the log outside there is.
    pub cover: crate::domain::lease::Head,
    /// How many leases it has.
    pub open_leases: u64,
    /// Keys that sign vouchers.
    pub issuer_keys: Vec<VerifyingKey>,
    /// Keys that sign grants and replies.
    pub server_keys: Vec<VerifyingKey>,
    /// Names under which the installation prints.
    pub hosts: Vec<String>,
    /// Who may open the names on it.
    pub operators: Vec<(UserId, String)>,
    /// Rounds that are not over at its point.
    pub rounds: Vec<LeasedRoundView>,
    /// The signed reply.
    pub reply: Vec<u8>,
}

impl Office {
    /// What a device may know of itself.
    pub fn device_self(&self, caller: &DeviceCaller, nonce: Option<[u8; 16]>) -> Result<SelfView, Error> {
        let reply = self.reply(caller, nonce)?;
        let (issuer_keys, server_keys) = (self.public_keys(Purpose::Issuer)?, self.public_keys(Purpose::Server)?);
        let cover = self.cover()?;
        self.pool.read(|conn| {
            let device = store::devices::find(conn, caller.device)?.ok_or(Refusal::NotFound("device"))?;
            let office = store::leases::office(conn)?;
            Ok(SelfView {
                agency: store::agencies::find(conn, device.agency)?.ok_or(Refusal::NotFound("agency"))?,
                point: store::points::find(conn, device.point)?.ok_or(Refusal::NotFound("point"))?,
                epoch: office.epoch,
                missing: office.missing,
                server_time: self.now(),
                cover,
                open_leases: store::leases::count_open(conn, device.id)?,
                issuer_keys,
                server_keys,
                hosts: self.hosts().map(str::to_owned).collect(),
                operators: store::enrolments::operators_of(conn, device.id)?,
                rounds: self.open_rounds(conn, device.agency, device.point)?.into_iter().map(Into::into).collect(),
                reply,
                device,
            })
        })
    }

    /// Signs what a device is to hear at the end of a call. Everything it acknowledges is stored outside by then.
    pub(super) fn reply(&self, caller: &DeviceCaller, nonce: Option<[u8; 16]>) -> Result<Vec<u8>, Error> {
        self.close_gap()?;
        let key = self.server_key()?;
        let cover = self.cover()?;
        let now = self.now();
        let reply = self.pool.read(|conn| {
            let device = store::devices::find(conn, caller.device)?.ok_or(Refusal::NotFound("device"))?;
            let office = store::leases::office(conn)?;
            let asks = store::leases::asked_of(conn, device.id, i64::try_from(ASKS_MAX).unwrap_or(0))?;
            let asks = asks.into_iter().map(|one| {
                let ask = if one.marks.revoke_requested.is_some() {
                    Ask::Revoke
                } else if one.held_reason.is_some() {
                    Ask::Hold
                } else {
                    Ask::Release
                };
                (one.id, ask)
            });
            let paused = self.open_rounds(conn, device.agency, device.point)?.into_iter();
            let paused = paused.filter_map(|open| open.paused.map(|reason| (open.round.id, reason)));
            Ok::<_, Error>(Reply {
                device: device.id,
                nonce: nonce.unwrap_or(NO_NONCE),
                epoch: office.epoch,
                server_time: now,
                cover,
                missing: office.missing,
                standing: device.standing(),
                forked: device.forked,
                resync: device.member().owes_answer(office.epoch),
                ack: unbroken(conn, &device)?,
                asks: asks.collect(),
                brake: device.brake,
                paused: paused.collect(),
            })
        })?;
        Ok(sign_reply(&key, &reply))
    }
}

/// How far the receipts of a device are here without a gap, and the hash of the last.
pub(super) fn unbroken(conn: &mut Conn, device: &Device) -> Result<Option<(u64, [u8; 32])>, Error> {
    if device.keeper == Keeper::Server {
        return Ok(None);
    }
    let whole = device.received == device.highest && device.highest > 0 && !device.forked;
    let last = u64::try_from(device.highest).unwrap_or(0);
    if let Some(hash) = store::received::hash_at(conn, device.id, device.highest)?.filter(|_| whole) {
        return Ok(Some((last, hash)));
    }
    Ok(store::received::unbroken(conn, device.id)?)
}
