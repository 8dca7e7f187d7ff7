//! Devices. A desk in a browser is one too: the server holds its key.

use super::lease::enrolled_fact;
use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::id::{DeviceId, PointId};
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::store::devices::Device;
use crate::store::{self, Write};
use crate::token::fact::Outside;
use crate::token::{FIRST_PREV_HASH, SigningKey, VerifyingKey};
use crate::transparency::{Kind, Leaf};

/// A desk that is to be added.
#[derive(Debug, Clone)]
pub struct NewDevice {
    /// What people call it: `Meja 1`.
    pub name: String,
    /// Where it stands.
    pub point: PointId,
}

/// A device as people see it.
#[derive(Debug, Clone)]
pub struct DeviceView {
    /// Its id.
    pub id: DeviceId,
    /// Its number in the agency.
    pub number: i32,
    /// What people call it.
    pub name: String,
    /// Where it stands.
    pub point: PointId,
    /// The id of its key, as in the key set.
    pub kid: String,
    /// How many receipts it has signed.
    pub receipts: i64,
    /// When it last spoke to the server.
    pub last_contact_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
}

fn view(device: Device) -> DeviceView {
    DeviceView {
        id: device.id,
        number: device.number,
        name: device.name,
        point: device.point,
        kid: crate::token::KeyId::from_bytes(device.kid).to_string(),
        receipts: device.seq,
        last_contact_at: device.last_contact_at,
        revoked_at: device.revoked_at,
    }
}

impl Office {
    /// Adds a desk with a key of its own, which the server holds sealed.
    pub fn create_device(&self, actor: &Actor, new: &NewDevice) -> Result<DeviceView, Error> {
        actor.must(Action::ManageDevices)?;
        let name = super::entry::text("name", &new.name, 60)?;
        let made = self.pool.write("device_create", |tx| {
            let point = store::points::find(tx, new.point)?.ok_or(Refusal::NotFound("point"))?;
            actor.must_own(point.agency, "point")?;
            self.insert_device(tx, actor, &name, new.point)
        })?;
        self.close_gap()?;
        Ok(made)
    }

    pub(super) fn insert_device(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        name: &str,
        point: PointId,
    ) -> Result<DeviceView, Error> {
        let seed = zeroize::Zeroizing::new(self.draw::<32>()?);
        let key = SigningKey::from_seed(&seed);
        let kid = key.id().to_bytes();
        let epoch = Self::standing(tx)?.epoch;
        let number = store::devices::next_number(tx, actor.agency)?;
        let id = self.new_id(DeviceId::by_time)?;
        let device = Device {
            kid,
            public_key: key.verifying_key().to_bytes(),
            key: Some(self.vault.seal_key(kid, self.draw()?, &seed)?),
            head: FIRST_PREV_HASH,
            tier: "server".to_owned(),
            answered: epoch,
            ..Device::desk(id, actor.agency, number, name.to_owned(), point, self.now())
        };
        store::devices::insert(tx, &device, None)?;
        // Rule 11: a restored server must know whom it has; the caller stores the fact once this is committed.
        self.owe(tx, &Outside::Enrolled(Box::new(enrolled_fact(&device, epoch, None))))?;
        self.record(tx, actor.who(), Event::DeviceEnrolled, device.id, name)?;
        let number = store::points::find(tx, point)?.ok_or(Refusal::NotFound("point"))?.number;
        let leaf = self.leaf_of(actor, Kind::Enrol);
        super::log::append(tx, &super::log::enrol_leaf(leaf, device.id, number, device.public_key))?;
        Ok(view(device))
    }

    /// The devices of the actor's agency.
    pub fn devices(
        &self,
        actor: &Actor,
        after: Option<DeviceId>,
        limit: Option<i64>,
    ) -> Result<Vec<DeviceView>, Error> {
        actor.must(Action::ReadDevices)?;
        let found = self.pool.read(|conn| store::devices::list(conn, actor.agency, after, page(limit)))?;
        Ok(found.into_iter().map(view).collect())
    }

    /// One device.
    pub fn device(&self, actor: &Actor, id: DeviceId) -> Result<DeviceView, Error> {
        actor.must(Action::ReadDevices)?;
        let device = self.pool.read(|conn| store::devices::find(conn, id))?.ok_or(Refusal::NotFound("device"))?;
        actor.must_own(device.agency, "device")?;
        Ok(view(device))
    }

    /// Revokes a device: it gets no more leases, a desk signs no receipt from then on, and no person acts on it. What a
    /// device with a journal of its own has, it still brings.
    pub fn revoke_device(&self, actor: &Actor, id: DeviceId) -> Result<(), Error> {
        actor.must(Action::ManageDevices)?;
        self.pool.write("device_revoke", |tx| {
            let device = store::devices::find(tx, id)?.ok_or(Refusal::NotFound("device"))?;
            actor.must_own(device.agency, "device")?;
            let now = self.now();
            if !store::devices::revoke(tx, id, now)? {
                return Err(Refusal::DeviceRevoked.into());
            }
            self.owe(tx, &Outside::Barred(id, now))?;
            super::log::append(tx, &Leaf { device: Some(id), ..self.leaf_of(actor, Kind::Revoke) })?;
            self.record(tx, actor.who(), Event::DeviceRevoked, id, "")
        })?;
        self.close_gap()
    }

    /// The public key of a device, to check its receipts with.
    pub(super) fn device_key(device: &Device) -> Result<VerifyingKey, Error> {
        VerifyingKey::from_bytes(&device.public_key).map_err(|fault| Error::Broken(fault.to_string()))
    }
}
