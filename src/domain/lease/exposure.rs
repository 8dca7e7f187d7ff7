//! What is at stake on devices that nobody has heard of for a while.

use std::collections::BTreeMap;

use super::super::id::DeviceId;
use super::super::money::{Money, NotMoney};
use super::super::time::Timestamp;

/// Packages and money on lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Exposure {
    /// How many entitlements.
    pub packages: u64,
    /// What they are worth together.
    pub value: Money,
}

/// One lease that is out, and what is known of its device.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Out {
    /// The device.
    pub device: DeviceId,
    /// When it last spoke to the server.
    pub contact_at: Option<Timestamp>,
    /// What the entitlement is worth.
    pub value: Money,
}

/// Adds up the leases of devices that have been silent for at least so long, each device for itself.
pub fn of_silent(
    leases: impl IntoIterator<Item = Out>,
    now: Timestamp,
    silent_millis: i64,
) -> Result<BTreeMap<DeviceId, Exposure>, NotMoney> {
    let mut sums: BTreeMap<DeviceId, Exposure> = BTreeMap::new();
    for lease in leases {
        let silent = lease.contact_at.is_none_or(|at| now.millis().saturating_sub(at.millis()) >= silent_millis);
        if silent {
            let sum = sums.entry(lease.device).or_default();
            sum.packages += 1;
            sum.value = sum.value.plus(lease.value)?;
        }
    }
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::super::super::id::Identifier;
    use super::*;

    #[test]
    fn only_devices_that_are_silent_long_enough_count() {
        let at = |millis| Some(Timestamp::from_millis(millis).unwrap());
        let out = |device, contact_at| Out {
            device: DeviceId::from_bytes([device; 16]),
            contact_at,
            value: Money::new(500_000).unwrap(),
        };
        let leases = [out(1, at(0)), out(1, at(0)), out(2, at(900)), out(3, None)];
        let sums = of_silent(leases, at(1_000).unwrap(), 1_000).unwrap();
        let of = |device| sums.get(&DeviceId::from_bytes([device; 16])).map(|sum| (sum.packages, sum.value.minor()));
        assert_eq!((of(1), of(2), of(3)), (Some((2, 1_000_000)), None, Some((1, 500_000))));
    }
}
