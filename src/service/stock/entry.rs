//! What is entered about goods at a place: damage, loss, corrections, counts.

use serde::Serialize;

use super::super::{Actor, Error, Office, Refusal, entry, programme};
use super::{Books, known, must_be_open, must_keep, place, refused};
use crate::domain::audit::Event;
use crate::domain::id::{RoundId, StockCountId, StockEntryId, UserId};
use crate::domain::role::Action;
use crate::domain::stock::{EntryKind, QUANTITY_MAX};
use crate::domain::time::Timestamp;
use crate::store;
use crate::store::stock::{Count, Entry};

/// An entry that is to be made.
#[derive(Debug, Clone)]
pub struct NewEntry {
    /// The point's code; the warehouse when none.
    pub point: Option<String>,
    /// The item's code.
    pub item: String,
    /// What it is.
    pub kind: EntryKind,
    /// How many base units; below 0 only for a correction.
    pub quantity: i64,
    /// Why.
    pub reason: String,
}

/// A count that is to be entered.
#[derive(Debug, Clone)]
pub struct NewCount {
    /// The point's code; the warehouse when none.
    pub point: Option<String>,
    /// The item's code.
    pub item: String,
    /// What lies there.
    pub counted: i64,
    /// A remark.
    pub note: String,
}

/// An entry on a screen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct EntryView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: StockEntryId,
    /// The point's code; null for the warehouse.
    pub point: Option<String>,
    /// The item's code.
    pub item: String,
    /// What it is.
    pub kind: EntryKind,
    /// How many base units.
    pub quantity: i64,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// Who agreed; null for what needs nobody, and while nobody has.
    pub agreed_by: Option<String>,
    /// Whether it counts.
    pub counts: bool,
}

/// What a count came to.
#[derive(Debug, Clone, Copy, Serialize, utoipa::ToSchema)]
pub struct CountView {
    /// What lay there.
    pub counted: i64,
    /// What the books say.
    pub computed: i64,
    /// The one less the other.
    pub difference: i64,
}

impl Office {
    /// Enters damage, a loss, a return to a supplier or a correction. A correction counts once somebody in
    /// finance agreed.
    pub fn enter_stock(&self, actor: &Actor, round: RoundId, new: &NewEntry) -> Result<StockEntryId, Error> {
        actor.must(Action::KeepStock)?;
        let reason = entry::text("reason", &new.reason, 200)?;
        self.pool.write("stock_entry", |tx| {
            let (round, programme) = programme::owned_round(tx, actor, round)?;
            let point = place(tx, actor, new.point.as_deref())?.map(|point| point.id);
            must_keep(actor, point)?;
            if new.kind == EntryKind::SupplierReturn && point.is_some() {
                let why = "a supplier gets goods back from the warehouse".to_owned();
                return Err(Refusal::Invalid { field: "kind", why }.into());
            }
            must_be_open(tx, actor, round.id, point)?;
            let now = self.now();
            store::stock::hold(tx, programme.id)?;
            let books = Books::read(tx, actor.agency, programme.id)?;
            let item = known(&books, "item", &new.item)?;
            let after = books.balance(point, &item.code).after(new.kind.change(new.quantity));
            after.map_err(|fault| refused("quantity", &item.code, fault))?;
            let one = Entry {
                id: self.new_id(StockEntryId::by_time)?,
                programme: programme.id,
                round: round.id,
                point,
                item: item.code.clone(),
                kind: new.kind,
                quantity: new.quantity,
                reason: reason.clone(),
                made_by: actor.user,
                made_at: now,
                agreed: None,
            };
            store::stock::insert_entry(tx, &one)?;
            let detail = format!("{} {} {}", new.kind.as_str(), one.item, one.quantity);
            self.record(tx, actor.who(), Event::StockEntered, one.id, detail)?;
            Ok(one.id)
        })
    }

    /// Agrees to a correction that another person entered; from then on it counts.
    pub fn agree_stock(&self, actor: &Actor, id: StockEntryId) -> Result<(), Error> {
        actor.must(Action::AgreeStock)?;
        self.pool.write("stock_agree", |tx| {
            let one = store::stock::find_entry(tx, id)?.ok_or(Refusal::NotFound("entry"))?;
            programme::owned_round(tx, actor, one.round).map_err(|_| Refusal::NotFound("entry"))?;
            if one.made_by == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            if one.kind != EntryKind::Corrected || one.agreed.is_some() {
                return Err(Refusal::AlreadyDecided.into());
            }
            must_be_open(tx, actor, one.round, one.point)?;
            let now = self.now();
            store::stock::hold(tx, one.programme)?;
            let books = Books::read(tx, actor.agency, one.programme)?;
            let after = books.balance(one.point, &one.item).after(one.kind.change(one.quantity));
            after.map_err(|fault| refused("quantity", &one.item, fault))?;
            if !store::stock::agree(tx, id, actor.user, now)? {
                return Err(Refusal::AlreadyDecided.into());
            }
            self.record(tx, actor.who(), Event::StockEntered, id, "agreed")
        })
    }

    /// The entries of a round, oldest first.
    pub fn stock_entries(&self, actor: &Actor, round: RoundId) -> Result<Vec<EntryView>, Error> {
        actor.must(Action::ReadStock)?;
        self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let found = store::stock::entries_of(conn, round.id)?;
            let points = store::points::of_agency(conn, actor.agency)?;
            let by = |some: Option<(UserId, Timestamp)>| some.map(|(by, _)| by);
            let people: Vec<UserId> =
                found.iter().flat_map(|one| [Some(one.made_by), by(one.agreed)]).flatten().collect();
            let people = store::evidence::names(conn, &people)?;
            Ok(found
                .into_iter()
                .map(|one| EntryView {
                    id: one.id,
                    point: points.iter().find(|point| Some(point.id) == one.point).map(|point| point.code.clone()),
                    item: one.item,
                    kind: one.kind,
                    quantity: one.quantity,
                    reason: one.reason,
                    made_by: people.get(&one.made_by).cloned().unwrap_or_default(),
                    agreed_by: by(one.agreed).and_then(|id| people.get(&id).cloned()),
                    counts: one.kind != EntryKind::Corrected || one.agreed.is_some(),
                })
                .collect())
        })
    }

    /// Enters what lies at a place. It changes nothing in the books; a difference is corrected by an entry to
    /// which another person agrees, or signed for when the period closes.
    pub fn count_stock(&self, actor: &Actor, round: RoundId, new: &NewCount) -> Result<CountView, Error> {
        actor.must(Action::KeepStock)?;
        if !(0..=QUANTITY_MAX).contains(&new.counted) {
            return Err(Refusal::Invalid { field: "counted", why: "a whole number, not below 0".into() }.into());
        }
        let note = entry::text_or_empty("note", &new.note, 200)?;
        let now = self.now();
        self.pool.write("stock_count", |tx| {
            let (round, programme) = programme::owned_round(tx, actor, round)?;
            let point = place(tx, actor, new.point.as_deref())?.map(|point| point.id);
            must_keep(actor, point)?;
            // Nobody hands anything over while it is written what the books say at this moment.
            store::turns::own(tx, &actor.agency)?;
            must_be_open(tx, actor, round.id, point)?;
            let books = Books::read(tx, actor.agency, programme.id)?;
            let item = known(&books, "item", &new.item)?;
            let one = Count {
                id: self.new_id(StockCountId::by_time)?,
                point,
                item: item.code.clone(),
                counted: new.counted,
                computed: books.balance(point, &item.code).remaining,
                note: note.clone(),
                by: actor.user,
                at: now,
            };
            store::stock::insert_count(tx, programme.id, round.id, &one)?;
            self.record(tx, actor.who(), Event::StockCounted, one.id, one.item.clone())?;
            Ok(CountView { counted: one.counted, computed: one.computed, difference: one.counted - one.computed })
        })
    }
}
