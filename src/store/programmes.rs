//! Programmes and the one sum of their budget that changes.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::{Error, corrupt};
use super::pool::Write;
use super::schema::programmes;
use super::types::money;
use crate::domain::id::{AgencyId, ProgrammeId};
use crate::domain::money::Money;
use crate::domain::programme::Programme;
use crate::domain::time::Timestamp;

#[derive(Queryable)]
pub(super) struct Row {
    id: ProgrammeId,
    agency_id: AgencyId,
    code: String,
    name: String,
    account_code: String,
    account_name: String,
    decree_no: String,
    decree_date: Option<String>,
    currency: String,
    ceiling_minor: i64,
    obligated_minor: i64,
    paused_reason: Option<String>,
    _created_at: i64,
}

impl Row {
    pub(super) fn check(self) -> Result<Programme, Error> {
        Ok(Programme {
            id: self.id,
            agency: self.agency_id,
            code: self.code,
            name: self.name,
            account_code: self.account_code,
            account_name: self.account_name,
            decree_no: self.decree_no,
            decree_date: self.decree_date.map(|day| day.parse().map_err(corrupt)).transpose()?,
            currency: self.currency,
            ceiling: money(self.ceiling_minor)?,
            obligated: money(self.obligated_minor)?,
            paused_reason: self.paused_reason,
        })
    }
}

/// Adds a programme.
pub fn insert(tx: &mut Write<'_>, programme: &Programme, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(programmes::table)
        .values((
            programmes::id.eq(programme.id),
            programmes::agency_id.eq(programme.agency),
            programmes::code.eq(&programme.code),
            programmes::name.eq(&programme.name),
            programmes::account_code.eq(&programme.account_code),
            programmes::account_name.eq(&programme.account_name),
            programmes::decree_no.eq(&programme.decree_no),
            programmes::decree_date.eq(programme.decree_date.map(|day| day.to_string())),
            programmes::currency.eq(&programme.currency),
            programmes::ceiling_minor.eq(programme.ceiling.minor()),
            programmes::obligated_minor.eq(programme.obligated.minor()),
            programmes::paused_reason.eq(&programme.paused_reason),
            programmes::created_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The programme with this id.
pub fn find(conn: &mut Conn, id: ProgrammeId) -> Result<Option<Programme>, Error> {
    programmes::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// The programmes of an agency, in the order of their ids.
pub fn list(
    conn: &mut Conn,
    agency: AgencyId,
    after: Option<ProgrammeId>,
    limit: i64,
) -> Result<Vec<Programme>, Error> {
    let mut query = programmes::table.filter(programmes::agency_id.eq(agency)).into_boxed();
    if let Some(after) = after {
        query = query.filter(programmes::id.gt(after));
    }
    query.order(programmes::id).limit(limit).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// Takes an amount from what remains of the ceiling; false, and nothing taken, when it does not cover it.
pub fn obligate(tx: &mut Write<'_>, id: ProgrammeId, amount: Money) -> Result<bool, Error> {
    let count = diesel::update(
        programmes::table.find(id).filter((programmes::obligated_minor + amount.minor()).le(programmes::ceiling_minor)),
    )
    .set(programmes::obligated_minor.eq(programmes::obligated_minor + amount.minor()))
    .execute(&mut **tx)?;
    Ok(count == 1)
}

/// Takes an amount again that was given back and turns out to be spent: the ceiling does not matter to that.
pub fn obligate_again(tx: &mut Write<'_>, id: ProgrammeId, amount: Money) -> Result<(), Error> {
    diesel::update(programmes::table.find(id))
        .set(programmes::obligated_minor.eq(programmes::obligated_minor + amount.minor()))
        .execute(&mut **tx)?;
    Ok(())
}

/// Gives an amount back to what remains.
pub fn release(tx: &mut Write<'_>, id: ProgrammeId, amount: Money) -> Result<(), Error> {
    diesel::update(programmes::table.find(id))
        .set(programmes::obligated_minor.eq(programmes::obligated_minor - amount.minor()))
        .execute(&mut **tx)?;
    Ok(())
}
