//! Invoices that are withdrawn: who asked, who decided, and what they had billed.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{
    contracts, deliveries, invoice_deliveries, invoice_withdrawals, invoices, payments, withdrawn_deliveries,
};
use super::types::{maybe_time, time};
use crate::domain::id::{DeliveryId, InvoiceId, ProgrammeId, UserId, WithdrawalId};
use crate::domain::time::Timestamp;

/// That an invoice be withdrawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Withdrawal {
    /// Its id.
    pub id: WithdrawalId,
    /// The invoice.
    pub invoice: InvoiceId,
    /// Why.
    pub reason: String,
    /// Who asked, and when.
    pub asked: (UserId, Timestamp),
    /// Whether a second person agreed, who, and when; nothing while nobody has decided.
    pub decided: Option<(bool, UserId, Timestamp)>,
}

type Row = (WithdrawalId, InvoiceId, String, UserId, i64, Option<bool>, Option<UserId>, Option<i64>);

fn check((id, invoice, reason, by, at, agreed, decided_by, decided_at): Row) -> Result<Withdrawal, Error> {
    let decided = agreed.zip(decided_by).zip(maybe_time(decided_at)?).map(|((agreed, by), at)| (agreed, by, at));
    Ok(Withdrawal { id, invoice, reason, asked: (by, time(at)?), decided })
}

/// Keeps that it was asked; an error of a unique key while another waits for the same invoice.
pub fn insert(tx: &mut Write<'_>, one: &Withdrawal) -> Result<(), Error> {
    diesel::insert_into(invoice_withdrawals::table)
        .values((
            invoice_withdrawals::id.eq(one.id),
            invoice_withdrawals::invoice_id.eq(one.invoice),
            invoice_withdrawals::reason.eq(&one.reason),
            invoice_withdrawals::asked_by.eq(one.asked.0),
            invoice_withdrawals::asked_at.eq(one.asked.1.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The one with this id, and the programme of its invoice.
pub fn find(conn: &mut Conn, id: WithdrawalId) -> Result<Option<(Withdrawal, ProgrammeId)>, Error> {
    invoice_withdrawals::table
        .inner_join(invoices::table.on(invoices::id.eq(invoice_withdrawals::invoice_id)))
        .inner_join(contracts::table.on(contracts::id.eq(invoices::contract_id)))
        .filter(invoice_withdrawals::id.eq(id))
        .select((invoice_withdrawals::all_columns, contracts::programme_id))
        .first::<(Row, ProgrammeId)>(conn)
        .optional()?
        .map(|(row, programme)| Ok((check(row)?, programme)))
        .transpose()
}

/// Those of the invoices of a programme, oldest first.
pub fn of_programme(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Withdrawal>, Error> {
    invoice_withdrawals::table
        .inner_join(invoices::table.on(invoices::id.eq(invoice_withdrawals::invoice_id)))
        .inner_join(contracts::table.on(contracts::id.eq(invoices::contract_id)))
        .filter(contracts::programme_id.eq(programme))
        .order(invoice_withdrawals::id)
        .select(invoice_withdrawals::all_columns)
        .load::<Row>(conn)?
        .into_iter()
        .map(check)
        .collect()
}

/// Writes what a second person decided; whether nobody had.
pub fn decide(
    tx: &mut Write<'_>,
    id: WithdrawalId,
    agreed: bool,
    (by, at): (UserId, Timestamp),
) -> Result<bool, Error> {
    let waiting = invoice_withdrawals::table.find(id).filter(invoice_withdrawals::decided_at.is_null());
    let changed = diesel::update(waiting)
        .set((
            invoice_withdrawals::agreed.eq(agreed),
            invoice_withdrawals::decided_by.eq(by),
            invoice_withdrawals::decided_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// Withdraws an invoice: its number can be entered again, its deliveries can be billed again, and the payments that
/// were for it are for none. How many payments these were.
pub fn withdraw(tx: &mut Write<'_>, invoice: InvoiceId) -> Result<usize, Error> {
    let billed = billed_by(tx, invoice)?;
    for delivery in billed {
        diesel::insert_into(withdrawn_deliveries::table)
            .values((withdrawn_deliveries::invoice_id.eq(invoice), withdrawn_deliveries::delivery_id.eq(delivery)))
            .execute(&mut **tx)?;
    }
    diesel::delete(invoice_deliveries::table.filter(invoice_deliveries::invoice_id.eq(invoice))).execute(&mut **tx)?;
    // A key of letters and digits alone is never like this one.
    diesel::update(invoices::table.find(invoice))
        .set(invoices::number_key.eq(format!("- {invoice}")))
        .execute(&mut **tx)?;
    Ok(diesel::update(payments::table.filter(payments::invoice_id.eq(invoice)))
        .set((
            payments::invoice_id.eq(None::<InvoiceId>),
            payments::matched_by.eq(None::<UserId>),
            payments::matched_at.eq(None::<i64>),
        ))
        .execute(&mut **tx)?)
}

/// The deliveries that an invoice bills.
fn billed_by(conn: &mut Conn, invoice: InvoiceId) -> Result<Vec<DeliveryId>, Error> {
    Ok(invoice_deliveries::table
        .filter(invoice_deliveries::invoice_id.eq(invoice))
        .select(invoice_deliveries::delivery_id)
        .load(conn)?)
}

/// The deliveries that an invoice billed until it was withdrawn.
pub fn had_billed(conn: &mut Conn, invoice: InvoiceId) -> Result<Vec<DeliveryId>, Error> {
    Ok(withdrawn_deliveries::table
        .filter(withdrawn_deliveries::invoice_id.eq(invoice))
        .select(withdrawn_deliveries::delivery_id)
        .load(conn)?)
}

/// The number of a delivery's minutes, and of the invoice that bills it, when one does.
pub fn bill_of(conn: &mut Conn, delivery: DeliveryId) -> Result<Option<(String, String)>, Error> {
    Ok(invoice_deliveries::table
        .inner_join(invoices::table.on(invoices::id.eq(invoice_deliveries::invoice_id)))
        .inner_join(deliveries::table.on(deliveries::id.eq(invoice_deliveries::delivery_id)))
        .filter(invoice_deliveries::delivery_id.eq(delivery))
        .select((deliveries::document_no, invoices::number))
        .first(conn)
        .optional()?)
}
