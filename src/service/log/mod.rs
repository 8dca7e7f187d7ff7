//! The log from which nothing can vanish: adding to it, numbering and signing it, and giving it out.
//!
//! Whoever changes the state of a right, a device, a key or a role adds a leaf in the same transaction:
//! [`append`], and nothing more. The keeper does the rest: it numbers what was committed, grows the tree,
//! and signs its head, within a second. Outside the database lie the newest head that was ever signed here, in a
//! guard file and beside the facts, and all that it covers. A tree that does not begin with that head is not numbered
//! on and never published, so a restored backup cannot pass for the whole; what it forgot is put back from outside.

mod acts;
mod ask;
mod books;
mod export;
mod guard;
mod keeper;
mod leaves;
mod mirror;
mod public;
mod receipts;
mod reinstate;
mod restart;
mod rows;
mod source;
mod verify;
mod witness;

use crate::store::log::NewLeaf;
use crate::store::{self, Write};
use crate::transparency::{Kind, Leaf, salted};

pub use acts::TrailCheck;
pub use ask::WitnessAt;
pub use export::Exported;
pub(super) use keeper::set_origin;
pub use keeper::{Desk, LogKeeper};
pub(super) use leaves::{
    enrol_leaf, finding_leaf, key_leaf, put_back_leaf, receipt_leaf, redeem_leaf, role_leaf, step_leaves,
};
pub use public::{HistoryLine, PublicReceipt};
pub use reinstate::LogStanding;
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

/// A leaf as it is stored.
pub(super) fn row(leaf: &Leaf, salt: Option<[u8; 16]>) -> NewLeaf {
    NewLeaf {
        entry: leaf.encode(),
        salt,
        entitlement: leaf.entitlement,
        device: leaf.device,
        actor: leaf.actor,
        redemption: leaf.redemption,
        // Who looks for a person finds no household.
        subject: leaf.subject.filter(|_| leaf.kind != Kind::Issue),
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
