//! The chains of receipts: what an auditor checks to see that none is missing, changed or doubled.

use super::{Actor, Error, Office, Refusal};
use crate::domain::lease::office::Keeper;
use crate::domain::role::Action;
use crate::store;
use crate::store::devices::Device;
use crate::token::{self, FIRST_PREV_HASH, KeyRing};

/// How many receipts are read together.
const BATCH: i64 = 1_000;

/// What a check of all chains found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Chains {
    /// How many devices were checked.
    pub devices: usize,
    /// How many receipts.
    pub receipts: i64,
    /// What is wrong, each in a sentence; empty when every chain is whole.
    pub faults: Vec<String>,
}

impl Office {
    /// Checks every device's chain of the actor's agency: each receipt is signed by its device, numbered
    /// without gap, points to the one before it, and the last one is where the device stands.
    pub fn check_chains(&self, actor: &Actor) -> Result<Chains, Error> {
        actor.must(Action::ReadDevices)?;
        let mut chains = Chains::default();
        let mut after = None;
        loop {
            let devices = self.pool.read(|conn| store::devices::list(conn, actor.agency, after, super::PAGE_MAX))?;
            let Some(last) = devices.last() else { return Ok(chains) };
            after = Some(last.id);
            for device in &devices {
                chains.devices += 1;
                if let Err(fault) = self.check_chain(device, &mut chains.receipts)? {
                    chains.faults.push(format!("perangkat {:03}: {fault}", device.number));
                }
            }
        }
    }

    fn check_chain(&self, device: &Device, count: &mut i64) -> Result<Result<(), String>, Error> {
        let ring = KeyRing::of([Self::device_key(device)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
        let (mut seq, mut head) = (0, FIRST_PREV_HASH);
        loop {
            // What a device signed by itself is kept as it came, also what redeems nothing.
            let batch = self.pool.read(|conn| match device.keeper {
                Keeper::Server => store::redemptions::chain_of(conn, device.id, seq, BATCH),
                Keeper::Itself => store::received::chain_of(conn, device.id, seq, BATCH),
            })?;
            if batch.is_empty() {
                break;
            }
            for (number, signed) in batch {
                if number != seq + 1 {
                    return Ok(Err(format!("tanda terima {} tidak ada", seq + 1)));
                }
                let body = match token::verify_receipt(&signed, &ring) {
                    Ok((_, body)) => body,
                    Err(fault) => return Ok(Err(format!("tanda terima {number}: {fault}"))),
                };
                if body.prev_hash != head || i64::try_from(body.seq) != Ok(number) || body.device != device.id {
                    return Ok(Err(format!("tanda terima {number} tidak menyambung")));
                }
                (seq, head) = (number, token::receipt_hash(&signed));
                *count += 1;
            }
        }
        // The device is read anew: it may have signed on while its chain was walked.
        let now = self.pool.read(|conn| store::devices::find(conn, device.id))?.ok_or(Refusal::NotFound("device"))?;
        let whole = match device.keeper {
            Keeper::Server => now.seq == seq && now.head == head || now.seq > device.seq,
            Keeper::Itself => now.highest == seq || now.highest > device.highest,
        };
        if device.forked {
            Ok(Err("rantainya bercabang: ada salinan perangkat".to_owned()))
        } else if whole {
            Ok(Ok(()))
        } else {
            Ok(Err("ujung rantai tidak cocok".to_owned()))
        }
    }
}
