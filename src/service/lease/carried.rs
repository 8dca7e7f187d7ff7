//! The journal of a device from other hands: another device brings it, or a file does. Whoever brings it is
//! believed nothing; each receipt is believed by its own device's signature.

use super::super::{Actor, Error, Office, Refusal};
use super::enrol::owned_device;
use super::sync::ItemRun;
use crate::domain::role::Action;
use crate::store;
use crate::store::devices::Device;
use crate::token::KeyRing;
use crate::token::journal::{read, verify};
use crate::token::sync::Batch;

impl Office {
    /// Takes a batch that one device brings of another one of its agency.
    pub(super) fn take_carried(&self, bearer: &Device, batch: &Batch) -> Result<Vec<ItemRun>, Error> {
        let author = self.pool.read(|conn| store::devices::find(conn, batch.device))?;
        // A batch of a stranger is answered item by item, as one that nobody signed.
        let author = author.filter(|author| author.agency == bearer.agency);
        let author = author.as_ref().unwrap_or(bearer);
        let ring = KeyRing::of([Self::device_key(author)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
        self.take_batch(author, batch, &ring, &[])
    }

    /// Takes the file into which a device wrote its journal.
    pub fn take_journal(&self, actor: &Actor, bytes: &[u8]) -> Result<Vec<ItemRun>, Error> {
        actor.must(Action::ManageDevices)?;
        let invalid = |why: &str| Refusal::Invalid { field: "journal", why: why.to_owned() };
        let file = read(bytes).map_err(|_| invalid("a journal that `salur device journal export` wrote"))?;
        let device = self.pool.read(|conn| owned_device(conn, actor, file.device))?;
        let ring = KeyRing::of([Self::device_key(&device)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
        let file = verify(bytes, &ring).map_err(|_| invalid("signed by the device that it names"))?;
        let mut runs = Vec::new();
        for batch in &file.batches {
            let batch = Batch::decode(batch).map_err(|_| invalid("batches that can be read"))?;
            runs.extend(self.take_batch(&device, &batch, &ring, &[])?);
        }
        self.close_gap()?;
        Ok(runs)
    }
}
