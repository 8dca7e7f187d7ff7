//! How things stand now, for a monitor: numbers of the whole installation, without a name in them.
//!
//! What happens is counted where it happens; this is what no count can tell: what is out, what is missing.

use std::collections::HashMap;

use super::{Error, Office};
use crate::domain::id::DeviceId;
use crate::domain::time::Timestamp;
use crate::store;

/// A device that was not heard of for so long is silent.
const SILENT_MILLIS: i64 = 24 * 3_600_000;

/// How things stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pulse {
    /// Entitlements that devices hold.
    pub leased: u64,
    /// What they are worth, in minor units.
    pub exposure_minor: i64,
    /// The part of it with devices that have been silent for a day.
    pub silent_exposure_minor: i64,
    /// Receipts that are known to exist on devices and have not come.
    pub unsynced: i64,
    /// Devices that still owe an answer since the last restore.
    pub owing: u32,
}

impl Office {
    /// How the installation stands as a whole.
    pub fn pulse(&self) -> Result<Pulse, Error> {
        let now = self.now();
        self.pool.read(|conn| {
            let devices = store::devices::everything(conn)?;
            let epoch = store::leases::office(conn)?.epoch;
            let mut found = Pulse { owing: store::devices::count_missing(conn, epoch)?, ..Pulse::default() };
            let silent = |at: Option<Timestamp>| at.is_none_or(|at| now.millis() - at.millis() >= SILENT_MILLIS);
            let contacts: HashMap<DeviceId, _> = devices.iter().map(|one| (one.id, one.last_contact_at)).collect();
            found.unsynced = devices.iter().map(store::devices::Device::unsynced).sum();
            for (device, out) in store::leases::out(conn)? {
                found.leased += out.packages;
                found.exposure_minor = found.exposure_minor.saturating_add(out.value.minor());
                if silent(contacts.get(&device).copied().flatten()) {
                    found.silent_exposure_minor = found.silent_exposure_minor.saturating_add(out.value.minor());
                }
            }
            Ok(found)
        })
    }

    /// Connections to the database that are open, and how many of them nobody uses.
    #[must_use]
    pub fn connections(&self) -> (u32, u32) {
        self.pool.connections()
    }
}
