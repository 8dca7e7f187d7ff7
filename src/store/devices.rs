//! Devices: scanners, and desks in a browser whose key the server holds. Each has a chain of receipts.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::{Error, corrupt};
use super::pool::Write;
use super::schema::devices;
use super::types::{fixed, maybe_time, time};
use crate::domain::id::{AgencyId, DeviceId, PointId};
use crate::domain::lease::brake::Brake;
use crate::domain::lease::office::{Keeper, Member, Standing};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// A device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Its id.
    pub id: DeviceId,
    /// Its agency.
    pub agency: AgencyId,
    /// A small number, never used for another device of the agency; it begins every receipt number.
    pub number: i32,
    /// What people call it: `Meja 1`.
    pub name: String,
    /// Where it stands.
    pub point: PointId,
    /// The id of its key.
    pub kid: [u8; 4],
    /// Its public key.
    pub public_key: [u8; 32],
    /// Its private key, sealed, when the server holds it.
    pub key: Option<Sealed>,
    /// How many receipts it has signed.
    pub seq: i64,
    /// The hash of the newest of them.
    pub head: [u8; 32],
    /// When it last spoke to the server.
    pub last_contact_at: Option<Timestamp>,
    /// When it was revoked, if it was.
    pub revoked_at: Option<Timestamp>,
    /// When it was added.
    pub created_at: Timestamp,
    /// Who keeps its key and its journal.
    pub keeper: Keeper,
    /// How well its key is kept, as it says: `hardware`, `webcrypto`, `software`; `server` for a desk.
    pub tier: String,
    /// The key that opens the names in its leases, sealed.
    pub names_key: Option<Sealed>,
    /// When two persons gave it up, if they did.
    pub written_off_at: Option<Timestamp>,
    /// Two receipts took one place in its chain.
    pub forked: bool,
    /// The newest epoch in which it said what it holds.
    pub answered: u32,
    /// The highest place in its chain that a receipt has come for.
    pub highest: i64,
    /// How many places of its chain a receipt has come for.
    pub received: i64,
    /// How many receipts it says it has signed.
    pub signed_claim: i64,
    /// How far it goes without contact.
    pub brake: Brake,
}

impl Device {
    /// A desk whose key the server holds, as it is added.
    #[must_use]
    pub const fn desk(
        id: DeviceId,
        agency: AgencyId,
        number: i32,
        name: String,
        point: PointId,
        at: Timestamp,
    ) -> Self {
        Self {
            id,
            agency,
            number,
            name,
            point,
            kid: [0; 4],
            public_key: [0; 32],
            key: None,
            seq: 0,
            head: [0; 32],
            last_contact_at: None,
            revoked_at: None,
            created_at: at,
            keeper: Keeper::Server,
            tier: String::new(),
            names_key: None,
            written_off_at: None,
            forked: false,
            answered: 0,
            highest: 0,
            received: 0,
            signed_claim: 0,
            brake: Brake { packages: None, hours: None },
        }
    }

    /// Whether it may have more leases.
    #[must_use]
    pub const fn standing(&self) -> Standing {
        match (self.written_off_at, self.revoked_at) {
            (Some(_), _) => Standing::WrittenOff,
            (None, Some(_)) => Standing::Revoked,
            (None, None) => Standing::Active,
        }
    }

    /// What the lease protocol sees of it.
    #[must_use]
    pub fn member(&self) -> Member {
        // What the server signs itself it has received: its desk's chain has no gap.
        let (highest, received) = match self.keeper {
            Keeper::Server => (self.seq, self.seq),
            Keeper::Itself => (self.highest, self.received),
        };
        Member {
            device: self.id,
            point: self.point,
            keeper: self.keeper,
            standing: self.standing(),
            forked: self.forked,
            answered: self.answered,
            highest: u64::try_from(highest).unwrap_or(0),
            received: u64::try_from(received).unwrap_or(0),
        }
    }

    /// How many of its receipts are known to exist and have not come.
    #[must_use]
    pub fn unsynced(&self) -> i64 {
        match self.keeper {
            Keeper::Server => 0,
            Keeper::Itself => self.highest.max(self.signed_claim).saturating_sub(self.received),
        }
    }
}

#[derive(Queryable)]
pub(super) struct Row {
    id: DeviceId,
    agency_id: AgencyId,
    number: i32,
    name: String,
    point_id: PointId,
    kid: Vec<u8>,
    public_key: Vec<u8>,
    key_sealed: Option<Vec<u8>>,
    seq: i64,
    head_hash: Vec<u8>,
    created_at: i64,
    last_contact_at: Option<i64>,
    revoked_at: Option<i64>,
    keeper: String,
    tier: String,
    _token_hash: Option<Vec<u8>>,
    names_key_sealed: Option<Vec<u8>>,
    written_off_at: Option<i64>,
    forked: bool,
    answered_epoch: i32,
    highest: i64,
    received: i64,
    signed_claim: i64,
    brake_packages: Option<i32>,
    brake_hours: Option<i32>,
}

const fn keeper_word(keeper: Keeper) -> &'static str {
    match keeper {
        Keeper::Itself => "itself",
        Keeper::Server => "server",
    }
}

fn most(number: Option<i32>) -> Result<Option<u32>, Error> {
    number.map(|number| u32::try_from(number).map_err(corrupt)).transpose()
}

pub(super) fn at_most(number: Option<u32>) -> Option<i32> {
    number.map(|number| i32::try_from(number).unwrap_or(i32::MAX))
}

pub(super) fn brake_of(packages: Option<i32>, hours: Option<i32>) -> Result<Brake, Error> {
    Ok(Brake { packages: most(packages)?, hours: most(hours)? })
}

impl Row {
    pub(super) fn check(self) -> Result<Device, Error> {
        Ok(Device {
            id: self.id,
            agency: self.agency_id,
            number: self.number,
            name: self.name,
            point: self.point_id,
            kid: fixed(self.kid, "a key id")?,
            public_key: fixed(self.public_key, "a public key")?,
            key: self.key_sealed.map(Sealed::from_ciphertext),
            seq: self.seq,
            head: fixed(self.head_hash, "a receipt hash")?,
            last_contact_at: maybe_time(self.last_contact_at)?,
            revoked_at: maybe_time(self.revoked_at)?,
            created_at: time(self.created_at)?,
            keeper: match self.keeper.as_str() {
                "itself" => Keeper::Itself,
                "server" => Keeper::Server,
                other => return Err(corrupt(format!("the keeper {other:?}"))),
            },
            tier: self.tier,
            names_key: self.names_key_sealed.map(Sealed::from_ciphertext),
            written_off_at: maybe_time(self.written_off_at)?,
            forked: self.forked,
            answered: u32::try_from(self.answered_epoch).map_err(corrupt)?,
            highest: self.highest,
            received: self.received,
            signed_claim: self.signed_claim,
            brake: brake_of(self.brake_packages, self.brake_hours)?,
        })
    }
}

/// Adds a device; `token_hash` is the digest of its own token, when it has one.
pub fn insert(tx: &mut Write<'_>, device: &Device, token_hash: Option<[u8; 32]>) -> Result<(), Error> {
    diesel::insert_into(devices::table)
        .values((
            devices::id.eq(device.id),
            devices::agency_id.eq(device.agency),
            devices::number.eq(device.number),
            devices::name.eq(&device.name),
            devices::point_id.eq(device.point),
            devices::kid.eq(device.kid.to_vec()),
            devices::public_key.eq(device.public_key.to_vec()),
            devices::key_sealed.eq(device.key.as_ref().map(|key| key.ciphertext().to_vec())),
            devices::seq.eq(device.seq),
            devices::head_hash.eq(device.head.to_vec()),
            devices::created_at.eq(device.created_at.millis()),
            devices::keeper.eq(keeper_word(device.keeper)),
            devices::tier.eq(&device.tier),
            devices::token_hash.eq(token_hash.map(|hash| hash.to_vec())),
            devices::names_key_sealed.eq(device.names_key.as_ref().map(|key| key.ciphertext().to_vec())),
            devices::answered_epoch.eq(i32::try_from(device.answered).unwrap_or(i32::MAX)),
            devices::brake_packages.eq(at_most(device.brake.packages)),
            devices::brake_hours.eq(at_most(device.brake.hours)),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The device with this id.
pub fn find(conn: &mut Conn, id: DeviceId) -> Result<Option<Device>, Error> {
    devices::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// The next free number in an agency.
pub fn next_number(conn: &mut Conn, agency: AgencyId) -> Result<i32, Error> {
    let highest: Option<i32> =
        devices::table.filter(devices::agency_id.eq(agency)).select(diesel::dsl::max(devices::number)).first(conn)?;
    Ok(highest.unwrap_or(0) + 1)
}

/// The live devices at a point, by number.
pub fn at_point(conn: &mut Conn, point: PointId) -> Result<Vec<Device>, Error> {
    devices::table
        .filter(devices::point_id.eq(point))
        .filter(devices::revoked_at.is_null())
        .order(devices::number)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// The devices of an agency, in the order of their ids.
pub fn list(conn: &mut Conn, agency: AgencyId, after: Option<DeviceId>, limit: i64) -> Result<Vec<Device>, Error> {
    let mut query = devices::table.filter(devices::agency_id.eq(agency)).into_boxed();
    if let Some(after) = after {
        query = query.filter(devices::id.gt(after));
    }
    query.order(devices::id).limit(limit).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// Revokes a device; false when it was revoked before.
pub fn revoke(tx: &mut Write<'_>, id: DeviceId, at: Timestamp) -> Result<bool, Error> {
    let count = diesel::update(devices::table.find(id).filter(devices::revoked_at.is_null()))
        .set(devices::revoked_at.eq(at.millis()))
        .execute(&mut **tx)?;
    Ok(count == 1)
}

/// The device with this token, live or not.
pub fn by_token(conn: &mut Conn, token_hash: [u8; 32]) -> Result<Option<Device>, Error> {
    devices::table
        .filter(devices::token_hash.eq(token_hash.to_vec()))
        .first::<Row>(conn)
        .optional()?
        .map(Row::check)
        .transpose()
}

/// The device with this public key.
pub fn by_public_key(conn: &mut Conn, key: [u8; 32]) -> Result<Option<Device>, Error> {
    devices::table
        .filter(devices::public_key.eq(key.to_vec()))
        .first::<Row>(conn)
        .optional()?
        .map(Row::check)
        .transpose()
}

/// Whether a key of this id is taken.
pub fn kid_is_taken(conn: &mut Conn, kid: [u8; 4]) -> Result<bool, Error> {
    let count: i64 = devices::table.filter(devices::kid.eq(kid.to_vec())).count().get_result(conn)?;
    Ok(count > 0)
}

/// Gives a device another token; the one before stops.
pub fn set_token(tx: &mut Write<'_>, id: DeviceId, token_hash: [u8; 32]) -> Result<(), Error> {
    diesel::update(devices::table.find(id)).set(devices::token_hash.eq(token_hash.to_vec())).execute(&mut **tx)?;
    Ok(())
}

/// Notes that a device spoke, and holds its row until the commit, so that what it says is taken in order.
pub fn hear(tx: &mut Write<'_>, id: DeviceId, at: Timestamp) -> Result<Option<Device>, Error> {
    diesel::update(devices::table.find(id))
        .set(devices::last_contact_at.eq(at.millis()))
        .returning(devices::all_columns)
        .get_result::<Row>(&mut **tx)
        .optional()?
        .map(Row::check)
        .transpose()
}

/// Holds a device's row until the commit.
pub fn hold_still(tx: &mut Write<'_>, id: DeviceId) -> Result<Option<Device>, Error> {
    diesel::update(devices::table.find(id))
        .set(devices::seq.eq(devices::seq))
        .returning(devices::all_columns)
        .get_result::<Row>(&mut **tx)
        .optional()?
        .map(Row::check)
        .transpose()
}

/// Writes what a step of the lease protocol made of a device that is held still; `now` is when its standing
/// changed, if it did.
pub fn set_member(tx: &mut Write<'_>, member: &Member, now: Timestamp) -> Result<(), Error> {
    let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    diesel::update(devices::table.find(member.device))
        .set((
            devices::forked.eq(member.forked),
            devices::answered_epoch.eq(i32::try_from(member.answered).unwrap_or(i32::MAX)),
            devices::highest.eq(number(member.highest)),
            devices::received.eq(number(member.received)),
        ))
        .execute(&mut **tx)?;
    match member.standing {
        Standing::Active => {}
        Standing::Revoked => drop(revoke(tx, member.device, now)?),
        Standing::WrittenOff => {
            diesel::update(devices::table.find(member.device).filter(devices::written_off_at.is_null()))
                .set(devices::written_off_at.eq(now.millis()))
                .execute(&mut **tx)?;
        }
    }
    Ok(())
}

/// Notes how many receipts a device says it has signed.
pub fn set_claim(tx: &mut Write<'_>, id: DeviceId, signed: i64) -> Result<(), Error> {
    diesel::update(devices::table.find(id).filter(devices::signed_claim.lt(signed)))
        .set(devices::signed_claim.eq(signed))
        .execute(&mut **tx)?;
    Ok(())
}

/// Sets how far a device goes without contact.
pub fn set_brake(tx: &mut Write<'_>, id: DeviceId, brake: Brake) -> Result<(), Error> {
    diesel::update(devices::table.find(id))
        .set((devices::brake_packages.eq(at_most(brake.packages)), devices::brake_hours.eq(at_most(brake.hours))))
        .execute(&mut **tx)?;
    Ok(())
}

macro_rules! owing {
    ($epoch:expr) => {
        devices::table
            .filter(devices::keeper.eq("itself"))
            .filter(devices::written_off_at.is_null())
            .filter(devices::answered_epoch.lt(i32::try_from($epoch).unwrap_or(i32::MAX)))
    };
}

/// How many devices of the installation still owe an answer in this epoch.
pub fn count_missing(conn: &mut Conn, epoch: u32) -> Result<u32, Error> {
    let count: i64 = owing!(epoch).count().get_result(conn)?;
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The devices that still owe an answer in this epoch.
pub fn missing(conn: &mut Conn, epoch: u32) -> Result<Vec<Device>, Error> {
    owing!(epoch).order(devices::number).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// Every device of the installation.
pub fn everything(conn: &mut Conn) -> Result<Vec<Device>, Error> {
    devices::table.order(devices::id).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// Sets the end of the chain of a desk whose receipts came back from outside the database.
pub fn set_chain(tx: &mut Write<'_>, id: DeviceId, seq: i64, head: [u8; 32]) -> Result<(), Error> {
    diesel::update(devices::table.find(id).filter(devices::seq.lt(seq)))
        .set((devices::seq.eq(seq), devices::head_hash.eq(head.to_vec())))
        .execute(&mut **tx)?;
    Ok(())
}
