//! Invoices, and what the treasury paid.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{contracts, deliveries, invoice_deliveries, invoices, payments};
use super::types::time;
use crate::domain::id::{ContractId, DeliveryId, InvoiceId, PaymentId, ProgrammeId, UserId};
use crate::domain::time::Timestamp;

/// An invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invoice {
    /// Its id.
    pub id: InvoiceId,
    /// The contract.
    pub contract: ContractId,
    /// Its number.
    pub number: String,
    /// The number as it is compared.
    pub number_key: String,
    /// Its date, `2026-11-05`.
    pub dated_on: String,
    /// What it asks for.
    pub amount_minor: i64,
    /// The deliveries that it bills.
    pub deliveries: Vec<DeliveryId>,
}

/// Adds an invoice.
pub fn insert_invoice(tx: &mut Write<'_>, one: &Invoice, by: UserId, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(invoices::table)
        .values((
            invoices::id.eq(one.id),
            invoices::contract_id.eq(one.contract),
            invoices::number.eq(&one.number),
            invoices::number_key.eq(&one.number_key),
            invoices::dated_on.eq(&one.dated_on),
            invoices::amount_minor.eq(one.amount_minor),
            invoices::made_by.eq(by),
            invoices::made_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Writes that an invoice bills a delivery; an error of a unique key when another does.
pub fn bill(tx: &mut Write<'_>, invoice: InvoiceId, delivery: DeliveryId) -> Result<(), Error> {
    diesel::insert_into(invoice_deliveries::table)
        .values((invoice_deliveries::delivery_id.eq(delivery), invoice_deliveries::invoice_id.eq(invoice)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The programme of an invoice.
pub fn programme_of(conn: &mut Conn, invoice: InvoiceId) -> Result<Option<ProgrammeId>, Error> {
    Ok(invoices::table
        .inner_join(contracts::table.on(contracts::id.eq(invoices::contract_id)))
        .filter(invoices::id.eq(invoice))
        .select(contracts::programme_id)
        .first(conn)
        .optional()?)
}

/// The contract of a delivery.
pub fn contract_of(conn: &mut Conn, delivery: DeliveryId) -> Result<Option<ContractId>, Error> {
    Ok(deliveries::table.find(delivery).select(deliveries::contract_id).first(conn).optional()?)
}

/// The invoices of a programme, oldest first.
pub fn invoices_of(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Invoice>, Error> {
    let rows = invoices::table
        .inner_join(contracts::table.on(contracts::id.eq(invoices::contract_id)))
        .filter(contracts::programme_id.eq(programme))
        .order(invoices::id)
        .select((
            invoices::id,
            invoices::contract_id,
            invoices::number,
            invoices::number_key,
            invoices::dated_on,
            invoices::amount_minor,
        ))
        .load::<(InvoiceId, ContractId, String, String, String, i64)>(conn)?;
    let mut found = Vec::with_capacity(rows.len());
    for (id, contract, number, number_key, dated_on, amount_minor) in rows {
        let deliveries = invoice_deliveries::table
            .filter(invoice_deliveries::invoice_id.eq(id))
            .select(invoice_deliveries::delivery_id)
            .load(conn)?;
        found.push(Invoice { id, contract, number, number_key, dated_on, amount_minor, deliveries });
    }
    Ok(found)
}

/// What the treasury paid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payment {
    /// Its id.
    pub id: PaymentId,
    /// The programme.
    pub programme: ProgrammeId,
    /// The number of the order (SP2D).
    pub sp2d_no: String,
    /// The number as it is compared.
    pub sp2d_key: String,
    /// When, `2026-11-20`.
    pub paid_on: String,
    /// How much.
    pub amount_minor: i64,
    /// To whom.
    pub payee: String,
    /// The invoice's number as the file gives it; may be empty.
    pub invoice_no: String,
    /// The invoice, if one was found.
    pub invoice: Option<InvoiceId>,
}

/// Adds a payment.
pub fn insert_payment(
    tx: &mut Write<'_>,
    one: &Payment,
    file_name: &str,
    by: UserId,
    at: Timestamp,
) -> Result<(), Error> {
    diesel::insert_into(payments::table)
        .values((
            payments::id.eq(one.id),
            payments::programme_id.eq(one.programme),
            payments::sp2d_no.eq(&one.sp2d_no),
            payments::sp2d_key.eq(&one.sp2d_key),
            payments::paid_on.eq(&one.paid_on),
            payments::amount_minor.eq(one.amount_minor),
            payments::payee.eq(&one.payee),
            payments::invoice_no.eq(&one.invoice_no),
            payments::invoice_id.eq(one.invoice),
            payments::file_name.eq(file_name),
            payments::imported_by.eq(by),
            payments::imported_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

type PaymentRow = (PaymentId, ProgrammeId, String, String, String, i64, String, String, Option<InvoiceId>);

fn payment(row: PaymentRow) -> Payment {
    let (id, programme, sp2d_no, sp2d_key, paid_on, amount_minor, payee, invoice_no, invoice) = row;
    Payment { id, programme, sp2d_no, sp2d_key, paid_on, amount_minor, payee, invoice_no, invoice }
}

macro_rules! payment_columns {
    () => {
        (
            payments::id,
            payments::programme_id,
            payments::sp2d_no,
            payments::sp2d_key,
            payments::paid_on,
            payments::amount_minor,
            payments::payee,
            payments::invoice_no,
            payments::invoice_id,
        )
    };
}

/// The payments of a programme, in the order of their numbers.
pub fn payments_of(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Payment>, Error> {
    let rows = payments::table
        .filter(payments::programme_id.eq(programme))
        .order((payments::paid_on, payments::sp2d_key))
        .select(payment_columns!())
        .load::<PaymentRow>(conn)?;
    Ok(rows.into_iter().map(payment).collect())
}

/// The payment with this id, and when it was brought in.
pub fn find_payment(conn: &mut Conn, id: PaymentId) -> Result<Option<(Payment, Timestamp)>, Error> {
    payments::table
        .find(id)
        .select((payment_columns!(), payments::imported_at))
        .first::<(PaymentRow, i64)>(conn)
        .optional()?
        .map(|(row, at)| Ok((payment(row), time(at)?)))
        .transpose()
}

/// Writes which invoice a payment is for, if none is written; whether none was.
pub fn match_payment(
    tx: &mut Write<'_>,
    id: PaymentId,
    invoice: InvoiceId,
    (by, at): (UserId, Timestamp),
) -> Result<bool, Error> {
    let changed = diesel::update(payments::table.find(id).filter(payments::invoice_id.is_null()))
        .set((payments::invoice_id.eq(invoice), payments::matched_by.eq(by), payments::matched_at.eq(at.millis())))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}
