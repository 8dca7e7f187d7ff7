//! Goods that are carried from a place to a place, and counted at the other end before anybody signs.

use serde::Serialize;

use super::super::{Actor, Error, Office, Refusal, entry, programme};
use super::{Books, known, must_be_open, must_keep, place, refused, said};
use crate::domain::audit::Event;
use crate::domain::case::CaseKind;
use crate::domain::id::{RoundId, ShipmentId, UserId};
use crate::domain::role::Action;
use crate::domain::stock::{Move, StockFault, counted};
use crate::domain::time::Zone;
use crate::service::NewCase;
use crate::store::stock::{Shipment, ShipmentLine};
use crate::store::{self, Conn};

/// A shipment that leaves.
#[derive(Debug, Clone, Default)]
pub struct NewShipment {
    /// The code of the point from which; the warehouse when none.
    pub from: Option<String>,
    /// The code of the point to which; the warehouse when none.
    pub to: Option<String>,
    /// Item and quantity in base units.
    pub lines: Vec<(String, i64)>,
    /// Vehicle or boat.
    pub vehicle: String,
    /// Who drives.
    pub driver: String,
    /// The seal's number.
    pub seal: String,
    /// A remark.
    pub note: String,
}

/// What arrived of a shipment.
#[derive(Debug, Clone, Default)]
pub struct Received {
    /// Item, good, damaged: every item of the shipment.
    pub lines: Vec<(String, i64, i64)>,
    /// A remark.
    pub note: String,
}

/// One item of a shipment.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ShipmentItem {
    /// The item's code.
    pub item: String,
    /// How much was sent.
    pub sent: i64,
    /// How much arrived good; null until it was counted.
    pub good: Option<i64>,
    /// How much arrived damaged.
    pub damaged: Option<i64>,
    /// How much did not arrive.
    pub short: Option<i64>,
}

/// A shipment on a screen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ShipmentView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: ShipmentId,
    /// 1, 2, 3 … in the round.
    pub number: i32,
    /// From which point; null for the warehouse.
    pub from: Option<String>,
    /// To which point; null for the warehouse.
    pub to: Option<String>,
    /// Vehicle or boat.
    pub vehicle: String,
    /// Who drives.
    pub driver: String,
    /// The seal's number.
    pub seal: String,
    /// A remark.
    pub note: String,
    /// Who sent it.
    pub sent_by: String,
    /// When, ISO 8601.
    pub sent_at: String,
    /// Who counted it.
    pub received_by: Option<String>,
    /// When, ISO 8601.
    pub received_at: Option<String>,
    /// What was remarked at the other end.
    pub receipt_note: String,
    /// Its items.
    pub lines: Vec<ShipmentItem>,
}

impl Office {
    /// Sends goods from a place to a place; what is not on record there cannot leave.
    pub fn send_shipment(&self, actor: &Actor, round: RoundId, new: &NewShipment) -> Result<ShipmentView, Error> {
        actor.must(Action::KeepStock)?;
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
        let vehicle = entry::text("vehicle", &new.vehicle, 80)?;
        let driver = entry::text("driver", &new.driver, 80)?;
        let seal = entry::text_or_empty("seal", &new.seal, 40)?;
        let note = entry::text_or_empty("note", &new.note, 200)?;
        if new.lines.is_empty() || new.lines.len() > 32 {
            return Err(invalid("lines", "1 to 32 items"));
        }
        self.pool.write("shipment", |tx| {
            let (round, programme) = programme::owned_round(tx, actor, round)?;
            let from = place(tx, actor, new.from.as_deref())?;
            let to = place(tx, actor, new.to.as_deref())?;
            let (from, to) = (from.map(|point| point.id), to.map(|point| point.id));
            if from == to {
                return Err(invalid("to", "another place"));
            }
            must_keep(actor, from)?;
            must_be_open(tx, actor, round.id, to)?;
            let now = self.now();
            store::stock::hold(tx, programme.id)?;
            let books = Books::read(tx, actor.agency, programme.id)?;
            let mut lines: Vec<ShipmentLine> = Vec::new();
            for (code, quantity) in &new.lines {
                let item = known(&books, "item", code)?;
                if lines.iter().any(|line| line.item == item.code) {
                    return Err(invalid("item", "each item once"));
                }
                let leaves = if to.is_none() { Move::Returned(*quantity) } else { Move::Moved(*quantity) };
                let after = books.balance(from, &item.code).after(leaves);
                after.map_err(|fault| refused("quantity", &item.code, fault))?;
                lines.push(ShipmentLine { item: item.code.clone(), sent: *quantity, good: 0, damaged: 0 });
            }
            let shipment = Shipment {
                id: self.new_id(ShipmentId::by_time)?,
                programme: programme.id,
                round: round.id,
                number: store::stock::next_number(tx, round.id)?,
                from,
                to,
                vehicle: vehicle.clone(),
                driver: driver.clone(),
                seal: seal.clone(),
                note: note.clone(),
                sent_by: actor.user,
                sent_at: now,
                receipt_note: String::new(),
                received: None,
                lines,
            };
            store::stock::insert_shipment(tx, &shipment)?;
            self.record(tx, actor.who(), Event::ShipmentSent, shipment.id, format!("{}", shipment.number))?;
            views(tx, actor, vec![shipment])?.pop().ok_or_else(|| Refusal::NotFound("shipment").into())
        })
    }

    /// Writes what arrived, counted: by somebody at the other end, who is not the one who sent it. What is
    /// damaged or missing opens a case.
    pub fn receive_shipment(&self, actor: &Actor, id: ShipmentId, received: &Received) -> Result<ShipmentView, Error> {
        actor.must(Action::KeepStock)?;
        let note = entry::text_or_empty("note", &received.note, 200)?;
        self.pool.write("shipment_receipt", |tx| {
            store::turns::share(tx, &actor.agency)?;
            // The moment is one at which nobody closes: what arrives later has a later one than the close.
            let now = self.now();
            let mut shipment = store::stock::shipment(tx, id)?.ok_or(Refusal::NotFound("shipment"))?;
            programme::owned_round(tx, actor, shipment.round).map_err(|_| Refusal::NotFound("shipment"))?;
            must_keep(actor, shipment.to)?;
            if shipment.sent_by == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            if shipment.received.is_some() {
                return Err(Refusal::WrongStep("received").into());
            }
            if received.lines.len() != shipment.lines.len() {
                let why = format!("a count of each of the {} items", shipment.lines.len());
                return Err(Refusal::Invalid { field: "lines", why }.into());
            }
            let items = store::goods::items_of(tx, shipment.programme)?;
            for line in &mut shipment.lines {
                let count = received.lines.iter().find(|one| one.0.trim() == line.item);
                let Some((_, good, damaged)) = count else {
                    return Err(refused("item", &line.item, StockFault::Quantity));
                };
                let short = counted(line.sent, *good, *damaged).map_err(|fault| refused("good", &line.item, fault))?;
                (line.good, line.damaged) = (*good, *damaged);
                for (kind, quantity, word) in
                    [(CaseKind::Quality, *damaged, "rusak"), (CaseKind::Shortage, short, "kurang")]
                {
                    if quantity > 0 {
                        let new = NewCase {
                            kind,
                            key: Some(format!("shipment:{id}:{}:{word}", line.item)),
                            round: Some(shipment.round),
                            point: shipment.to,
                            entitlement: None,
                            device: None,
                            detail: format!(
                                "Surat jalan {}: {}",
                                shipment.number,
                                said(&items, &line.item, word, quantity)
                            ),
                            evidence: format!("surat jalan {}", shipment.number),
                        };
                        self.open_case(tx, (actor.agency, Some(actor.user)), &new)?;
                    }
                }
            }
            if !store::stock::receive(tx, id, &shipment.lines, &note, (actor.user, now))? {
                return Err(store::Error::Raced.into());
            }
            shipment.received = Some((actor.user, now));
            shipment.receipt_note.clone_from(&note);
            self.record(tx, actor.who(), Event::ShipmentReceived, id, format!("{}", shipment.number))?;
            views(tx, actor, vec![shipment])?.pop().ok_or_else(|| Refusal::NotFound("shipment").into())
        })
    }

    /// The shipments of a round, by number.
    pub fn shipments(&self, actor: &Actor, round: RoundId) -> Result<Vec<ShipmentView>, Error> {
        actor.must(Action::ReadStock)?;
        self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let found = store::stock::shipments_of(conn, round.id)?;
            views(conn, actor, found)
        })
    }
}

pub(in crate::service) fn views(
    conn: &mut Conn,
    actor: &Actor,
    found: Vec<Shipment>,
) -> Result<Vec<ShipmentView>, Error> {
    let zone = store::agencies::find(conn, actor.agency)?.map_or(Zone::default(), |agency| agency.zone);
    let points = store::points::of_agency(conn, actor.agency)?;
    let people: Vec<UserId> =
        found.iter().flat_map(|one| [Some(one.sent_by), one.received.map(|(by, _)| by)]).flatten().collect();
    let people = store::evidence::names(conn, &people)?;
    let name = |id| people.get(&id).cloned().unwrap_or_default();
    let code = |id| points.iter().find(|point| Some(point.id) == id).map(|point| point.code.clone());
    Ok(found
        .into_iter()
        .map(|one| {
            let counted = one.received.is_some();
            ShipmentView {
                id: one.id,
                number: one.number,
                from: code(one.from),
                to: code(one.to),
                vehicle: one.vehicle,
                driver: one.driver,
                seal: one.seal,
                note: one.note,
                sent_by: name(one.sent_by),
                sent_at: one.sent_at.iso(zone),
                received_by: one.received.map(|(by, _)| name(by)),
                received_at: one.received.map(|(_, at)| at.iso(zone)),
                receipt_note: one.receipt_note,
                lines: one
                    .lines
                    .into_iter()
                    .map(|line| ShipmentItem {
                        item: line.item,
                        sent: line.sent,
                        good: counted.then_some(line.good),
                        damaged: counted.then_some(line.damaged),
                        short: counted.then_some(line.sent - line.good - line.damaged),
                    })
                    .collect(),
            }
        })
        .collect())
}
