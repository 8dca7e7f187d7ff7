//! What the world asks of a server, so that the pure machine and the office over a database can take turns.

use salur::domain::id::{DeviceId, EntitlementId, PointId, RedemptionId};
use salur::domain::lease::message::Receipt;
use salur::domain::lease::office::{Keeper, Member, Row};
use salur::domain::time::Timestamp;

use super::Message;

/// A receipt that the server has, and whether it is the redemption.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Kept {
    pub receipt: Receipt,
    pub is_redemption: bool,
}

/// A look at everything that the invariants speak of.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Look {
    pub epoch: u32,
    pub recovering: bool,
    pub rows: Vec<Row>,
    pub members: Vec<Member>,
    pub kept: Vec<Kept>,
    /// Hashes of the receipts that are stored outside.
    pub outside: Vec<[u8; 32]>,
}

/// A server.
pub trait Central {
    /// A backup of its database.
    type Backup: Clone;

    fn issue(&mut self, entitlement: EntitlementId, point: PointId);
    fn enrol(&mut self, device: DeviceId, point: PointId, keeper: Keeper);
    fn hear(&mut self, message: &Message) -> Vec<Message>;
    fn grant(&mut self, device: DeviceId, wanted: &[EntitlementId], ends_at: Timestamp) -> Vec<Message>;
    fn redeem_here(
        &mut self,
        desk: DeviceId,
        entitlement: EntitlementId,
        id: RedemptionId,
        wall: Timestamp,
    ) -> Option<Receipt>;
    fn revoke(&mut self, entitlement: EntitlementId) -> Vec<Message>;
    fn hold(&mut self, entitlement: EntitlementId, on: bool) -> Vec<Message>;
    fn expire(&mut self, entitlement: EntitlementId);
    fn write_off(&mut self, device: DeviceId);
    fn bar(&mut self, device: DeviceId) -> Vec<Message>;
    /// Stores outside what is not there yet, and acknowledges it.
    fn cover(&mut self) -> Vec<Message>;
    fn backup(&self) -> Self::Backup;
    /// Starts a new epoch on a backup and asks the devices.
    fn restore(&mut self, backup: &Self::Backup) -> Vec<Message>;
    /// Asks again those that have not answered.
    fn ask_again(&self) -> Vec<Message>;
    /// What rule 4 forbids; only a world without that rule asks for it.
    fn time_out(&mut self, _entitlement: EntitlementId) {}
    /// A device has made a receipt: whoever holds its key signs it now.
    fn made(&mut self, _receipt: &Receipt) {}
    /// The power goes: nobody has heard what the last call answered.
    fn power_cut(&mut self) {}
    fn look(&self) -> Look;
    /// Whether the money agrees with the rights.
    fn books(&self) -> Result<(), String> {
        Ok(())
    }
}
