//! What the office sees of its devices: when they were heard of, what is missing of them, what is at stake on them.

use std::collections::{BTreeMap, HashMap};

use super::super::{Actor, Error, Office, Refusal, page};
use super::enrol::owned_device;
use super::write_off::WriteOffView;
use crate::domain::entitlement::Entitlement;
use crate::domain::id::{DeviceId, EntitlementId};
use crate::domain::lease::exposure::Exposure;
use crate::domain::lease::office::Keeper;
use crate::domain::money::Money;
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::devices::Device;
use crate::store::lease_evidence::Finding;
use crate::store::received::Received;

/// A device with what is at stake on it.
#[derive(Debug, Clone)]
pub struct DeviceSheet {
    /// The device.
    pub device: Device,
    /// Its point's code and name.
    pub point: (String, String),
    /// What is on lease to it.
    pub out: Exposure,
    /// Whether the server waits for its answer after a restore.
    pub owes_answer: bool,
    /// A wish to give it up.
    pub write_off: Option<WriteOffView>,
}

/// A device that has been silent.
#[derive(Debug, Clone)]
pub struct SilentDevice {
    /// The device.
    pub device: Device,
    /// Its point's code.
    pub point: String,
    /// What is on lease to it.
    pub out: Exposure,
}

/// What is at stake on devices that have been silent for so long.
#[derive(Debug, Clone)]
pub struct ExposureView {
    /// For how many hours.
    pub silent_hours: u32,
    /// All together.
    pub total: Exposure,
    /// Each for itself, the greatest first.
    pub devices: Vec<SilentDevice>,
    /// When this was so.
    pub at: Timestamp,
}

impl Office {
    /// The devices of the actor's agency with what is at stake on them, in the order of their ids.
    pub fn device_sheets(
        &self,
        actor: &Actor,
        after: Option<DeviceId>,
        limit: Option<i64>,
    ) -> Result<Vec<DeviceSheet>, Error> {
        actor.must(Action::ReadDevices)?;
        let devices = self.pool.read(|conn| store::devices::list(conn, actor.agency, after, page(limit)))?;
        self.sheets_of(actor, devices)
    }

    /// One device with what is at stake on it.
    pub fn device_sheet(&self, actor: &Actor, id: DeviceId) -> Result<DeviceSheet, Error> {
        actor.must(Action::ReadDevices)?;
        let device = self.pool.read(|conn| owned_device(conn, actor, id))?;
        self.sheets_of(actor, vec![device])?.pop().ok_or_else(|| Refusal::NotFound("device").into())
    }

    fn sheets_of(&self, actor: &Actor, devices: Vec<Device>) -> Result<Vec<DeviceSheet>, Error> {
        let (out, epoch, points) = self.pool.read(|conn| {
            let out: HashMap<DeviceId, Exposure> = store::leases::out(conn)?.into_iter().collect();
            let points = store::points::of_agency(conn, actor.agency)?;
            Ok::<_, Error>((out, store::leases::office(conn)?.epoch, points))
        })?;
        let points: HashMap<_, _> = points.into_iter().map(|point| (point.id, (point.code, point.name))).collect();
        devices
            .into_iter()
            .map(|device| {
                Ok(DeviceSheet {
                    point: points.get(&device.point).cloned().unwrap_or_default(),
                    out: out.get(&device.id).copied().unwrap_or_default(),
                    owes_answer: device.member().owes_answer(epoch),
                    write_off: match device.keeper {
                        Keeper::Itself => self.write_off_of(actor, device.id)?,
                        Keeper::Server => None,
                    },
                    device,
                })
            })
            .collect()
    }

    /// What a device has, or may have, in the order of the ids.
    pub fn device_leases(
        &self,
        actor: &Actor,
        id: DeviceId,
        after: Option<EntitlementId>,
        limit: Option<i64>,
    ) -> Result<Vec<Entitlement>, Error> {
        actor.must(Action::ReadDevices)?;
        self.pool.read(|conn| {
            owned_device(conn, actor, id)?;
            Ok(store::leases::held_by(conn, id, after, page(limit))?)
        })
    }

    /// What was found about a device that a person has to look at, newest first, and its receipts that redeem nothing.
    pub fn device_findings(&self, actor: &Actor, id: DeviceId) -> Result<(Vec<Finding>, Vec<Received>), Error> {
        actor.must(Action::ReadDevices)?;
        self.pool.read(|conn| {
            owned_device(conn, actor, id)?;
            Ok((store::lease_evidence::of_device(conn, id, 100)?, store::received::conflicts_of(conn, id, 100)?))
        })
    }

    /// What is at stake on devices of the actor's agency that have been silent for so many hours.
    pub fn exposure(&self, actor: &Actor, silent_hours: u32) -> Result<ExposureView, Error> {
        actor.must(Action::ReadDevices)?;
        let now = self.now();
        let silent_millis = i64::from(silent_hours) * 3_600_000;
        self.pool.read(|conn| {
            let out: BTreeMap<DeviceId, Exposure> = store::leases::out(conn)?.into_iter().collect();
            let mut devices = Vec::new();
            let mut total = Exposure { packages: 0, value: Money::ZERO };
            for (id, out) in out {
                let Some(device) = store::devices::find(conn, id)?.filter(|one| one.agency == actor.agency) else {
                    continue;
                };
                let silent = |at: Timestamp| now.millis().saturating_sub(at.millis()) >= silent_millis;
                if !device.last_contact_at.is_none_or(silent) {
                    continue;
                }
                total.packages += out.packages;
                total.value = total.value.plus(out.value).map_err(|fault| Error::Broken(fault.to_string()))?;
                let point = store::points::find(conn, device.point)?.ok_or(Refusal::NotFound("point"))?.code;
                devices.push(SilentDevice { device, point, out });
            }
            devices.sort_by_key(|one| std::cmp::Reverse(one.out.value));
            Ok(ExposureView { silent_hours, total, devices, at: now })
        })
    }
}
