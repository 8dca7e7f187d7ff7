//! Contracts with suppliers, and what they delivered under them.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::{Error, corrupt};
use super::pool::Write;
use super::schema::{contract_lines, contracts, deliveries, delivery_lines, delivery_samples};
use super::types::time;
use crate::domain::id::{ContractId, DeliveryId, ProgrammeId, UserId};
use crate::domain::time::Timestamp;

/// One item of a contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractLine {
    /// The item's code.
    pub item: String,
    /// Its name.
    pub name: String,
    /// Its base unit's code.
    pub unit: String,
    /// How many base units.
    pub quantity: i64,
    /// What a pack is called.
    pub pack_name: String,
    /// How many base units make one.
    pub pack_size: i64,
    /// The price of a pack.
    pub pack_price_minor: i64,
}

/// A contract.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Contract {
    /// Its id.
    pub id: ContractId,
    /// The programme.
    pub programme: ProgrammeId,
    /// Its number.
    pub number: String,
    /// With whom.
    pub supplier: String,
    /// When it was signed, `2026-10-01`.
    pub signed_on: String,
    /// What shows that the price is right: a survey, a standard price list.
    pub price_evidence: String,
    /// Its items.
    pub lines: Vec<ContractLine>,
}

/// One item of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeliveryLine {
    /// The item's code.
    pub item: String,
    /// Good.
    pub good: i64,
    /// Damaged.
    pub damaged: i64,
    /// Said to have been sent, and not there.
    pub short: i64,
}

/// One sample that was weighed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sample {
    /// The item's code.
    pub item: String,
    /// What the label says.
    pub labelled: i64,
    /// What was found.
    pub found: i64,
    /// In which condition.
    pub condition: String,
    /// What was decided.
    pub decision: String,
}

/// What a supplier brought at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivery {
    /// Its id.
    pub id: DeliveryId,
    /// The contract.
    pub contract: ContractId,
    /// The number of the minutes (BAST penyedia).
    pub document_no: String,
    /// When, `2026-11-01`.
    pub delivered_on: String,
    /// Who counted it.
    pub received_by: UserId,
    /// When that was entered.
    pub received_at: Timestamp,
    /// Its items.
    pub lines: Vec<DeliveryLine>,
    /// Samples.
    pub samples: Vec<Sample>,
}

/// Adds a contract.
pub fn insert(tx: &mut Write<'_>, one: &Contract, by: UserId, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(contracts::table)
        .values((
            contracts::id.eq(one.id),
            contracts::programme_id.eq(one.programme),
            contracts::number.eq(&one.number),
            contracts::supplier.eq(&one.supplier),
            contracts::signed_on.eq(&one.signed_on),
            contracts::price_evidence.eq(&one.price_evidence),
            contracts::made_by.eq(by),
            contracts::made_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    for line in &one.lines {
        diesel::insert_into(contract_lines::table)
            .values((
                contract_lines::contract_id.eq(one.id),
                contract_lines::item.eq(&line.item),
                contract_lines::name.eq(&line.name),
                contract_lines::unit.eq(&line.unit),
                contract_lines::quantity.eq(line.quantity),
                contract_lines::pack_name.eq(&line.pack_name),
                contract_lines::pack_size.eq(line.pack_size),
                contract_lines::pack_price_minor.eq(line.pack_price_minor),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

type Head = (ContractId, ProgrammeId, String, String, String, String);

fn whole(conn: &mut Conn, head: Head) -> Result<Contract, Error> {
    let (id, programme, number, supplier, signed_on, price_evidence) = head;
    let lines = contract_lines::table
        .filter(contract_lines::contract_id.eq(id))
        .order(contract_lines::item)
        .load::<(ContractId, String, String, String, i64, String, i64, i64)>(conn)?
        .into_iter()
        .map(|(_, item, name, unit, quantity, pack_name, pack_size, pack_price_minor)| ContractLine {
            item,
            name,
            unit,
            quantity,
            pack_name,
            pack_size,
            pack_price_minor,
        })
        .collect();
    Ok(Contract { id, programme, number, supplier, signed_on, price_evidence, lines })
}

/// The contract with this id.
pub fn find(conn: &mut Conn, id: ContractId) -> Result<Option<Contract>, Error> {
    let head = contracts::table
        .find(id)
        .select((
            contracts::id,
            contracts::programme_id,
            contracts::number,
            contracts::supplier,
            contracts::signed_on,
            contracts::price_evidence,
        ))
        .first::<Head>(conn)
        .optional()?;
    head.map(|head| whole(conn, head)).transpose()
}

/// The contracts of a programme, oldest first.
pub fn of_programme(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Contract>, Error> {
    let ids: Vec<ContractId> = contracts::table
        .filter(contracts::programme_id.eq(programme))
        .order(contracts::id)
        .select(contracts::id)
        .load(conn)?;
    ids.into_iter().map(|id| find(conn, id)?.ok_or_else(|| corrupt("a contract that went away"))).collect()
}

/// Adds a delivery.
pub fn insert_delivery(tx: &mut Write<'_>, one: &Delivery) -> Result<(), Error> {
    diesel::insert_into(deliveries::table)
        .values((
            deliveries::id.eq(one.id),
            deliveries::contract_id.eq(one.contract),
            deliveries::document_no.eq(&one.document_no),
            deliveries::delivered_on.eq(&one.delivered_on),
            deliveries::received_by.eq(one.received_by),
            deliveries::received_at.eq(one.received_at.millis()),
        ))
        .execute(&mut **tx)?;
    for line in &one.lines {
        diesel::insert_into(delivery_lines::table)
            .values((
                delivery_lines::delivery_id.eq(one.id),
                delivery_lines::item.eq(&line.item),
                delivery_lines::good.eq(line.good),
                delivery_lines::damaged.eq(line.damaged),
                delivery_lines::short.eq(line.short),
            ))
            .execute(&mut **tx)?;
    }
    for (position, sample) in (1_i32..).zip(&one.samples) {
        diesel::insert_into(delivery_samples::table)
            .values((
                delivery_samples::delivery_id.eq(one.id),
                delivery_samples::position.eq(position),
                delivery_samples::item.eq(&sample.item),
                delivery_samples::labelled.eq(sample.labelled),
                delivery_samples::found.eq(sample.found),
                delivery_samples::condition.eq(&sample.condition),
                delivery_samples::decision.eq(&sample.decision),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The deliveries of a programme, oldest first.
pub fn deliveries_of(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Delivery>, Error> {
    let heads = deliveries::table
        .inner_join(contracts::table.on(contracts::id.eq(deliveries::contract_id)))
        .filter(contracts::programme_id.eq(programme))
        .order(deliveries::id)
        .select(deliveries::all_columns)
        .load::<(DeliveryId, ContractId, String, String, UserId, i64)>(conn)?;
    let mut found = Vec::with_capacity(heads.len());
    for (id, contract, document_no, delivered_on, received_by, at) in heads {
        let lines = delivery_lines::table
            .filter(delivery_lines::delivery_id.eq(id))
            .order(delivery_lines::item)
            .load::<(DeliveryId, String, i64, i64, i64)>(conn)?
            .into_iter()
            .map(|(_, item, good, damaged, short)| DeliveryLine { item, good, damaged, short })
            .collect();
        let samples = delivery_samples::table
            .filter(delivery_samples::delivery_id.eq(id))
            .order(delivery_samples::position)
            .load::<(DeliveryId, i32, String, i64, i64, String, String)>(conn)?
            .into_iter()
            .map(|(_, _, item, labelled, found, condition, decision)| Sample {
                item,
                labelled,
                found,
                condition,
                decision,
            })
            .collect();
        let received_at = time(at)?;
        found.push(Delivery { id, contract, document_no, delivered_on, received_by, received_at, lines, samples });
    }
    Ok(found)
}
