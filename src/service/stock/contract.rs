//! Contracts, and what suppliers delivered under them.

use jiff::civil::Date;
use serde::Serialize;

use super::super::{Actor, Error, Office, Refusal, entry, programme};
use super::{known, refused, said};
use crate::domain::audit::Event;
use crate::domain::case::CaseKind;
use crate::domain::id::{ContractId, DeliveryId, ProgrammeId, RoundId};
use crate::domain::money::Money;
use crate::domain::role::Action;
use crate::domain::stock::{Balance, Move, QUANTITY_MAX};
use crate::domain::time::Timestamp;
use crate::domain::treasury::value_of;
use crate::service::NewCase;
use crate::store::contracts::{Contract, ContractLine, Delivery, DeliveryLine, Sample};
use crate::store::{self, Conn};

/// The most items of a contract or a delivery.
const LINES_MAX: usize = 32;

/// A contract that is to be entered.
#[derive(Debug, Clone)]
pub struct NewContract {
    /// Its number.
    pub number: String,
    /// With whom.
    pub supplier: String,
    /// When it was signed.
    pub signed_on: Option<Date>,
    /// What shows that the price is right.
    pub price_evidence: String,
    /// Item, quantity in base units, price of a pack.
    pub lines: Vec<(String, i64, i64)>,
}

/// A delivery that is to be entered.
#[derive(Debug, Clone, Default)]
pub struct NewDelivery {
    /// The number of the minutes.
    pub document_no: String,
    /// When.
    pub delivered_on: Option<Date>,
    /// Item, good, damaged, short.
    pub lines: Vec<(String, i64, i64, i64)>,
    /// Item, what the label says, what was found, condition, decision.
    pub samples: Vec<(String, i64, i64, String, String)>,
}

/// A contract with what was delivered under it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ContractView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: ContractId,
    /// Its number.
    pub number: String,
    /// With whom.
    pub supplier: String,
    /// When it was signed.
    pub signed_on: String,
    /// What shows that the price is right.
    pub price_evidence: String,
    /// What it is worth.
    pub value_minor: i64,
    /// What was delivered in good order is worth.
    pub delivered_minor: i64,
    /// The deliveries.
    pub deliveries: Vec<DeliveryView>,
}

/// A delivery.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DeliveryView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: DeliveryId,
    /// The number of the minutes.
    pub document_no: String,
    /// When.
    pub delivered_on: String,
    /// Item, good, damaged, short.
    pub lines: Vec<(String, i64, i64, i64)>,
    /// What is good in it is worth.
    pub value_minor: i64,
}

/// What the good part of a delivery is worth under its contract.
pub(in crate::service) fn delivery_value(contract: &Contract, delivery: &Delivery) -> i64 {
    delivery
        .lines
        .iter()
        .filter_map(|line| {
            let price = contract.lines.iter().find(|one| one.item == line.item)?;
            value_of(line.good, price.pack_size, price.pack_price_minor)
        })
        .sum()
}

/// What a contract is worth.
pub(in crate::service) fn contract_value(contract: &Contract) -> i64 {
    contract.lines.iter().filter_map(|line| value_of(line.quantity, line.pack_size, line.pack_price_minor)).sum()
}

impl Office {
    /// Enters a contract. Its items are those of the programme's packages, in the same units.
    pub fn create_contract(&self, actor: &Actor, id: ProgrammeId, new: &NewContract) -> Result<ContractId, Error> {
        actor.must(Action::KeepTreasury)?;
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
        let number = entry::text("number", &new.number, 80)?;
        let supplier = entry::text("supplier", &new.supplier, 120)?;
        let price_evidence = entry::text("price_evidence", &new.price_evidence, 200)?;
        let signed_on = entry::date("signed_on", new.signed_on)?.to_string();
        if new.lines.is_empty() || new.lines.len() > LINES_MAX {
            return Err(invalid("lines", "1 to 32 items"));
        }
        let now = self.now();
        self.pool.write("contract", |tx| {
            store::turns::share(tx, &actor.agency)?;
            programme::owned_programme(tx, actor, id)?;
            let books = super::Books::read(tx, actor.agency, id)?;
            let mut lines: Vec<ContractLine> = Vec::new();
            let mut total = Money::ZERO;
            for (code, quantity, price) in &new.lines {
                let item = known(&books, "item", code)?;
                if lines.iter().any(|line| line.item == item.code) {
                    return Err(invalid("item", "each item once"));
                }
                let worth = Some(*quantity)
                    .filter(|quantity| (1..=QUANTITY_MAX).contains(quantity))
                    .and_then(|quantity| value_of(quantity, item.pack_size, *price))
                    .filter(|_| *price >= 0)
                    .and_then(|worth| Money::new(worth).ok())
                    .and_then(|worth| total.plus(worth).ok());
                total = worth.ok_or_else(|| invalid("quantity", "whole packs above 0, at a price of 0 or more"))?;
                lines.push(ContractLine {
                    item: item.code.clone(),
                    name: item.name.clone(),
                    unit: item.unit.as_str().to_owned(),
                    quantity: *quantity,
                    pack_name: item.pack_name.clone(),
                    pack_size: item.pack_size,
                    pack_price_minor: *price,
                });
            }
            let contract = Contract {
                id: self.new_id(ContractId::by_time)?,
                programme: id,
                number: number.clone(),
                supplier: supplier.clone(),
                signed_on: signed_on.clone(),
                price_evidence: price_evidence.clone(),
                lines,
            };
            store::contracts::insert(tx, &contract, actor.user, now).map_err(entry::exists(&number))?;
            self.record(tx, actor.who(), Event::ContractEntered, contract.id, number.clone())?;
            Ok(contract.id)
        })
    }

    /// The contracts of a programme with their deliveries, oldest first.
    pub fn contracts(&self, actor: &Actor, id: ProgrammeId) -> Result<Vec<ContractView>, Error> {
        actor.must(Action::ReadStock)?;
        self.pool.read_snapshot(|conn| {
            programme::owned_programme(conn, actor, id)?;
            contract_views(conn, id)
        })
    }

    /// Enters what a supplier brought, as it was counted. What is damaged or short opens a case.
    pub fn enter_delivery(&self, actor: &Actor, id: ContractId, new: &NewDelivery) -> Result<DeliveryId, Error> {
        actor.must(Action::TakeDelivery)?;
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
        let document_no = entry::text("document_no", &new.document_no, 80)?;
        let delivered_on = entry::date("delivered_on", new.delivered_on)?.to_string();
        if new.lines.is_empty() || new.lines.len() > LINES_MAX || new.samples.len() > 200 {
            return Err(invalid("lines", "1 to 32 items, at most 200 samples"));
        }
        let now = self.now();
        self.pool.write("delivery", |tx| {
            store::turns::share(tx, &actor.agency)?;
            let contract = store::contracts::find(tx, id)?.ok_or(Refusal::NotFound("contract"))?;
            programme::owned_programme(tx, actor, contract.programme).map_err(|_| Refusal::NotFound("contract"))?;
            store::stock::hold(tx, contract.programme)?;
            let mut lines: Vec<DeliveryLine> = Vec::new();
            for (code, good, damaged, short) in &new.lines {
                let item = contract.lines.iter().find(|line| line.item == code.trim());
                let item = item.ok_or_else(|| invalid("item", "an item of the contract, each once"))?;
                if lines.iter().any(|line| line.item == item.item) {
                    return Err(invalid("item", "an item of the contract, each once"));
                }
                Balance::default()
                    .after(Move::Arrived { good: *good, damaged: *damaged })
                    .map_err(|fault| refused("good", &item.item, fault))?;
                if !(0..=QUANTITY_MAX).contains(short) || good % item.pack_size != 0 {
                    return Err(invalid("good", "whole packs; damaged and short not below 0"));
                }
                lines.push(DeliveryLine { item: item.item.clone(), good: *good, damaged: *damaged, short: *short });
            }
            let mut samples = Vec::new();
            for (code, labelled, found, condition, decision) in &new.samples {
                if !contract.lines.iter().any(|line| line.item == code.trim()) || *labelled < 1 || *found < 0 {
                    return Err(invalid("samples", "an item of the contract, weights not below 0"));
                }
                samples.push(Sample {
                    item: code.trim().to_owned(),
                    labelled: *labelled,
                    found: *found,
                    condition: entry::text("condition", condition, 80)?,
                    decision: entry::text("decision", decision, 80)?,
                });
            }
            let delivery = Delivery {
                id: self.new_id(DeliveryId::by_time)?,
                contract: id,
                document_no: document_no.clone(),
                delivered_on: delivered_on.clone(),
                received_by: actor.user,
                received_at: now,
                lines,
                samples,
            };
            store::contracts::insert_delivery(tx, &delivery).map_err(entry::exists(&document_no))?;
            let items = store::goods::items_of(tx, contract.programme)?;
            let round = served(tx, contract.programme, now)?;
            for line in &delivery.lines {
                for (kind, quantity, word) in
                    [(CaseKind::Quality, line.damaged, "rusak"), (CaseKind::Shortage, line.short, "kurang")]
                {
                    if quantity > 0 {
                        let new = NewCase {
                            kind,
                            key: Some(format!("delivery:{}:{}:{word}", delivery.id, line.item)),
                            round,
                            point: None,
                            entitlement: None,
                            device: None,
                            detail: format!(
                                "Kiriman {}: {}",
                                contract.supplier,
                                said(&items, &line.item, word, quantity)
                            ),
                            evidence: document_no.clone(),
                        };
                        self.open_case(tx, (actor.agency, Some(actor.user)), &new)?;
                    }
                }
            }
            self.record(tx, actor.who(), Event::DeliveryEntered, delivery.id, document_no.clone())?;
            Ok(delivery.id)
        })
    }
}

/// The round for which goods come in at a moment, so that its close lists what is open about them: the one under
/// way, or else the next, or else the last.
fn served(conn: &mut Conn, programme: ProgrammeId, now: Timestamp) -> Result<Option<RoundId>, Error> {
    let rounds = store::rounds::of_programme(conn, programme)?;
    let open = rounds.iter().find(|round| round.closes_at > now);
    Ok(open.or(rounds.last()).map(|round| round.id))
}

pub(in crate::service) fn contract_views(conn: &mut Conn, id: ProgrammeId) -> Result<Vec<ContractView>, Error> {
    let deliveries = store::contracts::deliveries_of(conn, id)?;
    Ok(store::contracts::of_programme(conn, id)?
        .into_iter()
        .map(|contract| {
            let deliveries: Vec<DeliveryView> = deliveries
                .iter()
                .filter(|one| one.contract == contract.id)
                .map(|one| DeliveryView {
                    id: one.id,
                    document_no: one.document_no.clone(),
                    delivered_on: one.delivered_on.clone(),
                    lines: one
                        .lines
                        .iter()
                        .map(|line| (line.item.clone(), line.good, line.damaged, line.short))
                        .collect(),
                    value_minor: delivery_value(&contract, one),
                })
                .collect();
            ContractView {
                id: contract.id,
                value_minor: contract_value(&contract),
                delivered_minor: deliveries.iter().map(|one| one.value_minor).sum(),
                deliveries,
                number: contract.number,
                supplier: contract.supplier,
                signed_on: contract.signed_on,
                price_evidence: contract.price_evidence,
            }
        })
        .collect())
}
