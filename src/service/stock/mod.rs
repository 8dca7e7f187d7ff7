//! Goods: what contracts promise, what was delivered, carried, counted and handed over, and what must be left.
//!
//! Nothing that is left anywhere is stored. A balance is read from deliveries, shipments and entries, and from
//! the redemptions themselves, so it cannot drift from what households really took.

mod contract;
mod entry;
mod shipment;

use std::collections::BTreeMap;

use serde::Serialize;

use super::{Actor, Error, Office, Refusal, programme};
use crate::domain::id::{PointId, ProgrammeId, RoundId, StockCountId};
use crate::domain::package::Package;
use crate::domain::programme::Point;
use crate::domain::role::{Action, Role};
use crate::domain::stock::{Balance, EntryKind, Flow, Move, StockFault};
use crate::domain::time::{Timestamp, Zone};
use crate::store::goods::{HandedOver, Known, Sum, What};
use crate::store::{self, Conn, Write};

pub(super) use contract::contract_views;
pub use contract::{ContractView, DeliveryView, NewContract, NewDelivery};
pub use entry::{CountView, EntryView, NewCount, NewEntry};
pub use shipment::{NewShipment, Received, ShipmentItem, ShipmentView};

/// One item at one place.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PlaceItem {
    /// The point's code; null for the warehouse.
    pub point: Option<String>,
    /// The item's code.
    pub item: String,
    /// Its name.
    pub name: String,
    /// What a pack is called.
    pub pack_name: String,
    /// How many base units make one.
    pub pack_size: i64,
    /// What came, what left, what must be there.
    pub balance: Balance,
    /// On the way to the place.
    pub on_the_way: i64,
    /// Sent to the place and never arrived.
    pub short: i64,
    /// What must lie there by the newest count and what moved since: an estimate that nobody counted.
    pub counted: Option<i64>,
    /// The newest count as it was made.
    pub last_count: Option<Counted>,
    /// Whether the equation holds.
    pub closes: bool,
}

/// A count of an item at a place, as it was made.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Counted {
    /// What lay there.
    pub counted: i64,
    /// What the books said then.
    pub computed: i64,
    /// The one less the other, without what was corrected since.
    pub difference: i64,
    /// When, ISO 8601.
    pub counted_at: String,
    /// When.
    #[serde(skip)]
    pub at: Timestamp,
    /// A remark.
    pub note: String,
}

/// One item over the whole programme.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ItemFlow {
    /// The item's code.
    pub item: String,
    /// Its name.
    pub name: String,
    /// Where everything is.
    pub flow: Flow,
    /// Whether nothing appeared and nothing vanished.
    pub closes: bool,
}

/// The goods of a programme at one moment.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct StockView {
    /// The programme.
    #[schema(value_type = String, format = Uuid)]
    pub programme_id: ProgrammeId,
    /// Its code.
    pub programme: String,
    /// Its goods, place by place: the warehouse first.
    pub places: Vec<PlaceItem>,
    /// Its goods, item by item.
    pub flows: Vec<ItemFlow>,
    /// Whether all equations hold.
    pub closes: bool,
}

/// All that is known of a programme's goods.
pub(super) struct Books {
    pub(super) items: Vec<Known>,
    pub(super) points: Vec<Point>,
    balances: BTreeMap<(Option<PointId>, String), (Balance, i64, i64)>,
    delivered: BTreeMap<String, i64>,
    supplier_returns: BTreeMap<String, i64>,
    counts: BTreeMap<(Option<PointId>, String), Counted>,
}

impl Books {
    pub(super) fn read(conn: &mut Conn, agency: crate::domain::id::AgencyId, id: ProgrammeId) -> Result<Self, Error> {
        let mut books = Self {
            items: store::goods::items_of(conn, id)?,
            points: store::points::of_agency(conn, agency)?,
            balances: BTreeMap::new(),
            delivered: BTreeMap::new(),
            supplier_returns: BTreeMap::new(),
            counts: BTreeMap::new(),
        };
        for sum in store::goods::sums(conn, id)? {
            books.add(sum);
        }
        let zone = store::agencies::find(conn, agency)?.map_or(Zone::default(), |agency| agency.zone);
        let mut newest = BTreeMap::new();
        for count in store::stock::counts_of(conn, id)? {
            // A count speaks of the moment at which the books said what they said then.
            let counted = Counted {
                counted: count.counted,
                computed: count.computed,
                difference: count.counted - count.computed,
                counted_at: count.at.iso(zone),
                at: count.at,
                note: count.note,
            };
            let place = (count.point, count.item);
            newest.insert(place.clone(), count.id);
            books.counts.insert(place, counted);
        }
        // What had left by then and was heard of later was missing for a good reason.
        let at_points = newest.iter().filter(|((point, _), _)| point.is_some());
        let places: BTreeMap<StockCountId, &(Option<PointId>, String)> =
            at_points.map(|(place, count)| (*count, place)).collect();
        let asked: Vec<StockCountId> = places.keys().copied().collect();
        for (count, quantity) in store::goods::unheard_of(conn, &asked)? {
            if let Some(found) = places.get(&count).and_then(|place| books.counts.get_mut(*place)) {
                found.difference += quantity;
            }
        }
        // A correction moves no goods: what it put right is no difference any more.
        for (place, item, quantity, at) in store::goods::corrections_of(conn, id)? {
            if let Some(found) = books.counts.get_mut(&(place, item)).filter(|found| found.at <= at) {
                found.difference -= quantity;
            }
        }
        Ok(books)
    }

    fn add(&mut self, sum: Sum) {
        let Sum { place, item, what, quantity, more } = sum;
        let entry = self.balances.entry((place, item.clone())).or_default();
        let change = match what {
            What::Delivered => {
                *self.delivered.entry(item).or_default() += quantity + more;
                Move::Arrived { good: quantity, damaged: more }
            }
            What::Arrived => Move::Arrived { good: quantity, damaged: more },
            What::SentBack => Move::Returned(quantity),
            What::SentOn => Move::Moved(quantity),
            What::Entry(kind) => {
                if kind == EntryKind::SupplierReturn {
                    *self.supplier_returns.entry(item).or_default() += quantity;
                }
                kind.change(quantity)
            }
            What::HandedOver => Move::HandedOver(quantity),
            What::OnTheWay => {
                entry.1 += quantity;
                return;
            }
            What::Short => {
                entry.2 += quantity;
                return;
            }
        };
        entry.0 = entry.0.with(change);
    }

    pub(super) fn balance(&self, place: Option<PointId>, item: &str) -> Balance {
        self.balances.get(&(place, item.to_owned())).map_or_else(Balance::default, |found| found.0)
    }

    /// On the way to a place, and short on the way there.
    pub(super) fn transit(&self, place: Option<PointId>, item: &str) -> (i64, i64) {
        self.balances.get(&(place, item.to_owned())).map_or((0, 0), |found| (found.1, found.2))
    }

    /// What must lie at a place by the newest count: what the books say now, and what the count found besides. To hold
    /// against the books, and never to show as a count.
    pub(super) fn counted(&self, place: Option<PointId>, item: &str) -> Option<i64> {
        Some(self.balance(place, item).remaining + self.last_count(place, item)?.difference)
    }

    /// The newest count at a place as it was made.
    pub(super) fn last_count(&self, place: Option<PointId>, item: &str) -> Option<&Counted> {
        self.counts.get(&(place, item.to_owned()))
    }

    pub(super) fn places(&self) -> Vec<PlaceItem> {
        let points = self.points.iter().map(|point| Some(point.id));
        let mut all = Vec::new();
        for place in std::iter::once(None).chain(points) {
            for item in &self.items {
                let key = (place, item.code.clone());
                if !self.balances.contains_key(&key) {
                    continue;
                }
                let balance = self.balance(place, &item.code);
                let (on_the_way, short) = self.transit(place, &item.code);
                all.push(PlaceItem {
                    point: self.points.iter().find(|point| Some(point.id) == place).map(|point| point.code.clone()),
                    item: item.code.clone(),
                    name: item.name.clone(),
                    pack_name: item.pack_name.clone(),
                    pack_size: item.pack_size,
                    balance,
                    on_the_way,
                    short,
                    counted: self.counted(place, &item.code),
                    last_count: self.last_count(place, &item.code).cloned(),
                    closes: balance.closes(),
                });
            }
        }
        all
    }

    pub(super) fn flows(&self) -> Vec<ItemFlow> {
        self.items
            .iter()
            .map(|item| {
                let mut flow = Flow {
                    delivered: self.delivered.get(&item.code).copied().unwrap_or(0),
                    returned: self.supplier_returns.get(&item.code).copied().unwrap_or(0),
                    ..Flow::default()
                };
                for ((_, _), (balance, on_the_way, short)) in
                    self.balances.iter().filter(|((_, code), _)| *code == item.code)
                {
                    flow.corrected += balance.corrected;
                    flow.handed_over += balance.handed_over;
                    flow.damaged += balance.damaged;
                    flow.lost += balance.lost;
                    flow.remaining += balance.remaining;
                    flow.on_the_way += on_the_way;
                    flow.short += short;
                }
                ItemFlow { item: item.code.clone(), name: item.name.clone(), closes: flow.closes(), flow }
            })
            .collect()
    }
}

impl Office {
    /// The goods of one programme of the actor's agency, or of all.
    pub fn stock(&self, actor: &Actor, programme: Option<ProgrammeId>) -> Result<Vec<StockView>, Error> {
        actor.must(Action::ReadStock)?;
        let found = self.pool.read_snapshot(|conn| {
            let programmes = match programme {
                Some(id) => vec![programme::owned_programme(conn, actor, id)?],
                None => store::programmes::list(conn, actor.agency, None, super::PAGE_MAX)?,
            };
            let mut views = Vec::with_capacity(programmes.len());
            for one in programmes {
                let books = Books::read(conn, actor.agency, one.id)?;
                let (places, flows) = (books.places(), books.flows());
                let closes = places.iter().all(|place| place.closes) && flows.iter().all(|flow| flow.closes);
                views.push(StockView { programme_id: one.id, programme: one.code, places, flows, closes });
            }
            Ok::<_, Error>(views)
        })?;
        for view in found.iter().filter(|view| !view.closes) {
            tracing::error!(programme = view.programme, "the goods do not close");
        }
        Ok(found)
    }

    /// The items of a programme.
    pub fn stock_items(&self, actor: &Actor, id: ProgrammeId) -> Result<Vec<Known>, Error> {
        actor.must(Action::ReadStock)?;
        self.pool.read(|conn| {
            programme::owned_programme(conn, actor, id)?;
            Ok(store::goods::items_of(conn, id)?)
        })
    }

    /// The first item of which a point has less on record than one package takes, when goods are on record
    /// there at all: what a desk is told before it promises. `also` is given of them in this transaction besides.
    pub(super) fn used_up(
        &self,
        conn: &mut Conn,
        package: &Package,
        point: PointId,
        also: &[(String, i64)],
    ) -> Result<Option<String>, Error> {
        let arrived = store::goods::arrived_at(conn, package.programme, point)?;
        if arrived.is_empty() {
            return Ok(None);
        }
        let taken = store::goods::handed_over(conn, package.programme, HandedOver::At(point))?;
        for item in &package.items {
            let sum = |lines: &mut dyn Iterator<Item = i64>| lines.sum::<i64>();
            let came = sum(&mut arrived.iter().filter(|line| line.0 == item.code).map(|line| line.1));
            let gone = sum(&mut taken.iter().filter(|line| line.1 == item.code).map(|line| line.2));
            let now = sum(&mut also.iter().filter(|line| line.0 == item.code).map(|line| line.1));
            if came - gone - now < item.quantity {
                return Ok(Some(item.name.clone()));
            }
        }
        Ok(None)
    }
}

/// A place by its point's code; the warehouse when there is none.
pub(super) fn place(conn: &mut Conn, actor: &Actor, code: Option<&str>) -> Result<Option<Point>, Error> {
    match code.map(str::trim).filter(|code| !code.is_empty()) {
        None => Ok(None),
        Some(code) => Ok(Some(store::points::by_code(conn, actor.agency, code)?.ok_or(Refusal::NotFound("point"))?)),
    }
}

/// Who keeps the goods of a place: the storekeeper in the warehouse; at a point its operators and whoever
/// supervises them.
fn must_keep(actor: &Actor, place: Option<PointId>) -> Result<(), Error> {
    if keeps(actor, place) { Ok(()) } else { Err(Refusal::Forbidden(Action::KeepStock).into()) }
}

/// Whether a person keeps the goods of a place.
#[must_use]
pub fn keeps(actor: &Actor, place: Option<PointId>) -> bool {
    match (place, actor.role) {
        (None, Role::Storekeeper) | (Some(_), Role::Coordinator) => true,
        (Some(point), Role::Operator) => actor.point == Some(point),
        _ => false,
    }
}

/// Refuses what would change a period that closed. Whoever closes takes the turn alone, and this shares it until
/// the commit: nothing that was looked at before a close is written after it.
pub(super) fn must_be_open(
    tx: &mut Write<'_>,
    actor: &Actor,
    round: RoundId,
    point: Option<PointId>,
) -> Result<(), Error> {
    store::turns::share(tx, &actor.agency)?;
    must_not_be_closed(tx, round, point)
}

/// The same for who holds the round's row, for which whoever closes waits too.
pub(super) fn must_not_be_closed(conn: &mut Conn, round: RoundId, point: Option<PointId>) -> Result<(), Error> {
    match store::closings::closed_number(conn, round, point)? {
        Some(number) => Err(Refusal::PeriodClosed(number).into()),
        None => Ok(()),
    }
}

fn refused(field: &'static str, item: &str, fault: StockFault) -> Error {
    let why = match fault {
        StockFault::Quantity => format!("{item}: a whole number above 0"),
        StockFault::NotThere { remaining } => format!("{item}: at most {}", remaining.max(0)),
    };
    Refusal::Invalid { field, why }.into()
}

/// `Beras kurang 3 kg`: what a case says of goods.
fn said(items: &[Known], code: &str, word: &str, quantity: i64) -> String {
    match items.iter().find(|item| item.code == code) {
        Some(item) => format!("{} {word} {}", item.name, item.said(quantity)),
        None => format!("{code} {word} {quantity}"),
    }
}

/// The item of a programme with this code.
fn known<'b>(books: &'b Books, field: &'static str, code: &str) -> Result<&'b Known, Error> {
    let code = code.trim();
    let found = books.items.iter().find(|item| item.code == code);
    found.ok_or_else(|| Refusal::Invalid { field, why: format!("{code}: one of these") }.into())
}
