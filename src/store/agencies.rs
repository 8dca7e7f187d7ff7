//! Agencies.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::{Error, corrupt};
use super::pool::Write;
use super::schema::agencies;
use crate::domain::id::AgencyId;
use crate::domain::programme::{Agency, Rules};
use crate::domain::time::{Timestamp, Zone};

#[derive(Queryable)]
pub(super) struct Row {
    id: AgencyId,
    code: String,
    government: String,
    name: String,
    address: String,
    hotline: String,
    zone: String,
    _created_at: i64,
    proxy_times: i32,
    proxy_percent: i32,
    scans_per_minute: i32,
    stop_when_empty: bool,
    pin_signs: i32,
    pin_tries: i32,
    confirm_accounts: bool,
    idle_minutes: i32,
}

impl Row {
    pub(super) fn check(self) -> Result<Agency, Error> {
        let zone = match self.zone.as_str() {
            "WIB" => Zone::Wib,
            "WITA" => Zone::Wita,
            "WIT" => Zone::Wit,
            other => return Err(corrupt(format!("time zone {other:?}"))),
        };
        Ok(Agency {
            id: self.id,
            code: self.code,
            government: self.government,
            name: self.name,
            address: self.address,
            hotline: self.hotline,
            zone,
            rules: Rules {
                proxy_times: self.proxy_times,
                proxy_percent: self.proxy_percent,
                scans_per_minute: self.scans_per_minute,
                stop_when_empty: self.stop_when_empty,
                pin_signs: self.pin_signs,
                pin_tries: self.pin_tries,
                confirm_accounts: self.confirm_accounts,
                idle_minutes: self.idle_minutes,
            },
        })
    }
}

/// Sets what an agency chose.
pub fn set_rules(tx: &mut Write<'_>, id: AgencyId, rules: Rules) -> Result<(), Error> {
    diesel::update(agencies::table.find(id))
        .set((
            agencies::proxy_times.eq(rules.proxy_times),
            agencies::proxy_percent.eq(rules.proxy_percent),
            agencies::scans_per_minute.eq(rules.scans_per_minute),
            agencies::stop_when_empty.eq(rules.stop_when_empty),
            agencies::pin_signs.eq(rules.pin_signs),
            agencies::pin_tries.eq(rules.pin_tries),
            agencies::confirm_accounts.eq(rules.confirm_accounts),
            agencies::idle_minutes.eq(rules.idle_minutes),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// Adds an agency.
pub fn insert(tx: &mut Write<'_>, agency: &Agency, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(agencies::table)
        .values((
            agencies::id.eq(agency.id),
            agencies::code.eq(&agency.code),
            agencies::government.eq(&agency.government),
            agencies::name.eq(&agency.name),
            agencies::address.eq(&agency.address),
            agencies::hotline.eq(&agency.hotline),
            agencies::zone.eq(agency.zone.label()),
            agencies::created_at.eq(at.millis()),
            agencies::proxy_times.eq(agency.rules.proxy_times),
            agencies::proxy_percent.eq(agency.rules.proxy_percent),
            agencies::scans_per_minute.eq(agency.rules.scans_per_minute),
            agencies::stop_when_empty.eq(agency.rules.stop_when_empty),
            agencies::pin_signs.eq(agency.rules.pin_signs),
            agencies::pin_tries.eq(agency.rules.pin_tries),
            agencies::confirm_accounts.eq(agency.rules.confirm_accounts),
            agencies::idle_minutes.eq(agency.rules.idle_minutes),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The agency with this id.
pub fn find(conn: &mut Conn, id: AgencyId) -> Result<Option<Agency>, Error> {
    agencies::table.find(id).first::<Row>(conn).optional()?.map(Row::check).transpose()
}

/// All agencies, by code.
pub fn list(conn: &mut Conn) -> Result<Vec<Agency>, Error> {
    agencies::table.order(agencies::code).load::<Row>(conn)?.into_iter().map(Row::check).collect()
}
