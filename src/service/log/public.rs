//! What anybody may have of the log, and what a household may know of its receipt.

use data_encoding::HEXLOWER;

use super::keeper::reader;
use super::mirror::tile_bytes;
use crate::domain::id::{DeviceId, EntitlementId, RedemptionId, UserId};
use crate::domain::programme::Agency;
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::service::{Actor, Error, Office, Refusal, page};
use crate::store::log::{About, Head};
use crate::store::{self, Conn};
use crate::transparency::tile::Tile;
use crate::transparency::{Checkpoint, Leaf, Note, Proof};

/// The fewest signs of a receipt's hash by which its page is found: 48 bits, as they stand on the slip.
const MARK_SIGNS: usize = 12;

/// What the page of a receipt shows to whoever holds the slip: nothing about a person.
#[derive(Debug, Clone)]
pub struct PublicReceipt {
    /// The redemption, for its proof.
    pub redemption: RedemptionId,
    /// The number on the slip.
    pub number: String,
    /// Whose programme it is.
    pub agency: Agency,
    /// The programme.
    pub programme: String,
    /// The round.
    pub round: String,
    /// Where: name and code.
    pub point: String,
    /// When the server took it.
    pub redeemed_at: Timestamp,
    /// What was given.
    pub items: Vec<String>,
    /// Whether anything was less than the package says.
    pub short: bool,
    /// The hash of the signed receipt.
    pub receipt_hash: [u8; 32],
    /// Its place in the log, once it is numbered.
    pub index: Option<u64>,
    /// The head that covers it, with its size and the line for paper, once there is one.
    pub head: Option<(u64, String)>,
}

/// One line of a history.
#[derive(Debug, Clone)]
pub struct HistoryLine {
    /// Its place in the log, once it is numbered.
    pub index: Option<u64>,
    /// The event.
    pub leaf: Leaf,
}

impl Office {
    /// The newest signed head of the log, as it is published.
    pub fn log_checkpoint(&self) -> Result<String, Error> {
        Ok(self.published()?.note)
    }

    /// The newest head, if it is no smaller than any that was ever signed here.
    fn published(&self) -> Result<Head, Error> {
        let guarded = self.guarded()?;
        let newest = self.pool.read(store::log::newest_head)?;
        match (newest, guarded) {
            (Some(newest), Some(guarded)) if newest.size < guarded.size => {
                // Perhaps it was signed and not yet written; otherwise this says why not.
                self.keep_log()
            }
            (Some(_), None) if self.pool.read(super::keeper::log_lost)? => Err(Refusal::LogLost.into()),
            (Some(newest), _) => Ok(newest),
            (None, _) => self.keep_log(),
        }
    }

    /// The head that a day's minutes state: the newest before this moment, as the line to type and the note.
    pub fn log_head_before(&self, moment: Timestamp) -> Result<Option<(String, String)>, Error> {
        let Some(head) = self.pool.read(|conn| store::log::head_before(conn, moment))? else { return Ok(None) };
        let parsed = Note::parse(&head.note).and_then(|note| Checkpoint::parse(&note.text));
        Ok(parsed.map(|checkpoint| (checkpoint.line(), head.note)))
    }

    /// A tile of hashes or a bundle of entries, if the published tree has it.
    pub fn log_tile(&self, path: &str) -> Result<Vec<u8>, Error> {
        let missing = || Error::from(Refusal::NotFound("tile"));
        let tile = Tile::parse(path).ok_or_else(missing)?;
        let size = self.published()?.size;
        // A narrower state of the last tile of a level is one that an earlier head had.
        Tile::of(tile.level, tile.number, size).filter(|now| now.width >= tile.width).ok_or_else(missing)?;
        self.pool.read(|conn| tile_bytes(conn, tile))?.ok_or_else(missing)
    }

    /// The proof that a redemption is in the log, with its leaf: a file that can be checked without us.
    pub fn log_proof(&self, id: RedemptionId) -> Result<Proof, Error> {
        if self.pool.read(|conn| store::log::of_redemption(conn, id))?.is_none() {
            return Err(Refusal::NotFound("redemption").into());
        }
        let mut head = self.published()?;
        if !self.pool.read(|conn| is_covered(conn, id, head.size))? {
            head = self.keep_log()?;
        }
        self.pool.read(|conn| {
            let found = store::log::of_redemption(conn, id)?;
            let Some((Some(index), entry)) = found else { return Err(Refusal::NotFound("redemption").into()) };
            let index = u64::try_from(index).unwrap_or(u64::MAX);
            if index >= head.size {
                return Err(Refusal::NotFound("proof").into());
            }
            let checkpoint =
                Note::parse(&head.note).ok_or_else(|| Error::Broken("a signed head of the log is none".into()))?;
            Ok(Proof { extra: Some(entry), index, hashes: reader(conn, head.size).inclusion(index)?, checkpoint })
        })
    }

    /// What whoever holds a slip may know, by the mark on it. A wrong or a short mark finds nothing.
    pub fn public_receipt(&self, mark: &str) -> Result<PublicReceipt, Error> {
        let missing = || Error::from(Refusal::NotFound("receipt"));
        let signs: String = mark.chars().filter(|sign| !sign.is_whitespace() && *sign != '-').collect();
        let signs = signs.to_lowercase();
        if signs.len() < MARK_SIGNS || signs.len() > 64 || !signs.len().is_multiple_of(2) {
            return Err(missing());
        }
        let prefix = HEXLOWER.decode(signs.as_bytes()).map_err(|_| missing())?;
        let id = self.pool.read(|conn| store::redemptions::by_receipt(conn, &prefix))?.ok_or_else(missing)?;
        let receipt = self.load_receipt(id)?;
        let placed = self.pool.read(|conn| store::log::of_redemption(conn, id))?;
        let index = placed.and_then(|(index, _)| index).and_then(|index| u64::try_from(index).ok());
        // The page is shown also while the log is not published.
        let head = self.published().ok().filter(|head| index.is_some_and(|index| index < head.size));
        let line = head.and_then(|head| {
            let checkpoint = Note::parse(&head.note).and_then(|note| Checkpoint::parse(&note.text))?;
            Some((head.size, checkpoint.line()))
        });
        Ok(PublicReceipt {
            redemption: id,
            number: receipt.number,
            agency: receipt.agency,
            programme: receipt.programme,
            round: receipt.round,
            point: format!("{} ({})", receipt.point.name, receipt.point.code),
            redeemed_at: receipt.redeemed_at,
            items: receipt.items.iter().map(|(item, quantity)| item.label_of(*quantity)).collect(),
            short: receipt.short,
            receipt_hash: receipt.hash,
            index,
            head: line,
        })
    }

    /// The leaf of this number, of the actor's agency: "show me number 417".
    pub fn log_leaf(&self, actor: &Actor, index: u64) -> Result<HistoryLine, Error> {
        actor.must(Action::ReadLog)?;
        let missing = || Error::from(Refusal::NotFound("history"));
        self.pool.read(|conn| {
            let entry = store::log::entries(conn, index, 1)?.pop().ok_or_else(missing)?;
            let leaf = Leaf::decode(&entry).ok_or_else(|| Error::Broken("a leaf of the log is none".into()))?;
            let about = leaf.entitlement.map(About::Entitlement).or(leaf.device.map(About::Device));
            match (leaf.agency, about.or(leaf.actor.map(About::Actor))) {
                (Some(agency), _) => actor.must_own(agency, "history")?,
                (None, Some(about)) => must_own(conn, actor, about)?,
                // What the installation does by itself is everybody's.
                (None, None) => {}
            }
            Ok(HistoryLine { index: Some(index), leaf })
        })
    }

    /// What the log holds about a right, a device or a person of the actor's agency, the oldest first.
    pub fn log_history(
        &self,
        actor: &Actor,
        about: About,
        after: Option<i64>,
        limit: Option<i64>,
    ) -> Result<Vec<HistoryLine>, Error> {
        actor.must(Action::ReadLog)?;
        self.pool.read(|conn| {
            must_own(conn, actor, about)?;
            let found = store::log::history(conn, about, after, page(limit))?;
            found
                .into_iter()
                .map(|(index, entry)| {
                    let leaf = Leaf::decode(&entry).ok_or_else(|| Error::Broken("a leaf of the log is none".into()))?;
                    Ok(HistoryLine { index: index.and_then(|index| u64::try_from(index).ok()), leaf })
                })
                .collect()
        })
    }
}

fn is_covered(conn: &mut Conn, id: RedemptionId, size: u64) -> Result<bool, Error> {
    let placed = store::log::of_redemption(conn, id)?.and_then(|(index, _)| index);
    Ok(placed.and_then(|index| u64::try_from(index).ok()).is_some_and(|index| index < size))
}

fn must_own(conn: &mut Conn, actor: &Actor, about: About) -> Result<(), Error> {
    let agency = match about {
        About::Entitlement(id) => owner_of_right(conn, id)?,
        About::Household(id) => store::households::find(conn, id)?.map(|household| household.agency),
        About::Device(id) => owner_of_device(conn, id)?,
        About::Actor(id) => owner_of_person(conn, id)?,
    };
    actor.must_own(agency.ok_or(Refusal::NotFound("history"))?, "history")
}

fn owner_of_right(conn: &mut Conn, id: EntitlementId) -> Result<Option<crate::domain::id::AgencyId>, Error> {
    Ok(store::entitlements::find(conn, id)?.map(|(_, agency)| agency))
}

fn owner_of_device(conn: &mut Conn, id: DeviceId) -> Result<Option<crate::domain::id::AgencyId>, Error> {
    Ok(store::devices::find(conn, id)?.map(|device| device.agency))
}

fn owner_of_person(conn: &mut Conn, id: UserId) -> Result<Option<crate::domain::id::AgencyId>, Error> {
    Ok(store::users::find(conn, id)?.map(|user| user.agency))
}
