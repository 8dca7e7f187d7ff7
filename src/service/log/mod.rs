//! The log from which nothing can vanish: adding to it, numbering and signing it, and giving it out.
//!
//! Whoever changes the state of a right, a device, a key or a role adds a leaf in the same transaction:
//! [`append`], and nothing more. The keeper does the rest: it numbers what was committed, grows the tree,
//! and signs its head, within a second. Outside the database lies a guard file with the newest head that was
//! ever signed here; a tree that does not begin with that one is not numbered on and never published, so a
//! restored backup cannot pass for the whole.

mod ask;
mod books;
mod export;
mod guard;
mod keeper;
mod public;
mod receipts;
mod source;
mod verify;
mod witness;

use crate::domain::id::{AgencyId, DeviceId, Identifier, UserId};
use crate::domain::role::Role;
use crate::domain::time::Timestamp;
use crate::store::log::NewLeaf;
use crate::store::{self, Write};
use crate::transparency::{Kind, Leaf, salted};

pub use ask::WitnessAt;
pub use export::Exported;
pub use keeper::{Desk, LogKeeper};
pub use public::{HistoryLine, PublicReceipt};
pub use source::Source;
pub use verify::{Fault, Report, Wanted as AuditWanted, verify};
pub use witness::{Answer as WitnessAnswer, Witness};

use super::{Actor, Error, Office};

/// Adds a leaf to the log, in the transaction of what it tells.
pub(super) fn append(tx: &mut Write<'_>, leaf: &Leaf) -> Result<(), Error> {
    append_all(tx, std::slice::from_ref(leaf))
}

/// Adds leaves to the log, in this order.
pub(super) fn append_all(tx: &mut Write<'_>, leaves: &[Leaf]) -> Result<(), Error> {
    let new: Vec<NewLeaf> = leaves.iter().map(|leaf| row(leaf, None)).collect();
    Ok(store::log::append(tx, &new)?)
}

fn row(leaf: &Leaf, salt: Option<[u8; 16]>) -> NewLeaf {
    NewLeaf {
        entry: leaf.encode(),
        salt,
        entitlement: leaf.entitlement,
        device: leaf.device,
        actor: leaf.actor,
        redemption: leaf.redemption,
        subject: leaf.subject,
    }
}

impl Office {
    /// Adds a leaf with the digest of a value that could be guessed; the salt stays in the database.
    pub(super) fn append_salted(&self, tx: &mut Write<'_>, leaf: &Leaf, value: &[u8]) -> Result<(), Error> {
        let salt: [u8; 16] = self.draw()?;
        let leaf = Leaf { digest: Some(salted(&salt, value)), ..leaf.clone() };
        Ok(store::log::append(tx, &[row(&leaf, Some(salt))])?)
    }

    /// A leaf of something that somebody did.
    pub(super) fn leaf_of(&self, actor: &Actor, kind: Kind) -> Leaf {
        Leaf { actor: Some(actor.user), agency: Some(actor.agency), ..Leaf::new(kind, self.now()) }
    }
}

/// A person got their role.
pub(super) fn role_leaf(at: Timestamp, by: Option<UserId>, (agency, user, role): (AgencyId, UserId, Role)) -> Leaf {
    Leaf {
        actor: by,
        agency: Some(agency),
        subject: Some(*user.bytes()),
        word: Some(role.as_str().to_owned()),
        ..Leaf::new(Kind::Role, at)
    }
}

/// A key was made; it signs for this purpose.
pub(super) fn key_leaf(at: Timestamp, public_key: [u8; 32], purpose: &str) -> Leaf {
    Leaf { public_key: Some(public_key), word: Some(purpose.to_owned()), ..Leaf::new(Kind::Key, at) }
}

/// A device got its key.
pub(super) fn enrol_leaf(leaf: Leaf, device: DeviceId, point: i32, public_key: [u8; 32]) -> Leaf {
    Leaf { device: Some(device), point: u32::try_from(point).ok(), public_key: Some(public_key), ..leaf }
}
