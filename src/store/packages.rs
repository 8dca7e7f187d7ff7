//! Packages and their items, by version.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::{package_items, packages};
use super::types::{money, word};
use crate::domain::id::{PackageId, ProgrammeId};
use crate::domain::package::{Item, Package, Unit};
use crate::domain::time::Timestamp;

#[derive(Queryable)]
struct ItemRow {
    _package_id: PackageId,
    _position: i32,
    code: String,
    name: String,
    unit: String,
    quantity: i64,
    pack_name: String,
    pack_size: i64,
    pack_price_minor: i64,
}

impl ItemRow {
    fn check(self) -> Result<Item, Error> {
        let unit = Unit::parse(&self.unit);
        Ok(Item {
            code: self.code,
            name: self.name,
            unit: word(unit, "unit", &self.unit)?,
            quantity: self.quantity,
            pack_name: self.pack_name,
            pack_size: self.pack_size,
            pack_price_minor: money(self.pack_price_minor)?,
        })
    }
}

type Row = (PackageId, ProgrammeId, String, i32, String, i64, i64);

fn with_items(conn: &mut Conn, (id, programme, code, version, name, value, _): Row) -> Result<Package, Error> {
    let items = package_items::table
        .filter(package_items::package_id.eq(id))
        .order(package_items::position)
        .load::<ItemRow>(conn)?
        .into_iter()
        .map(ItemRow::check)
        .collect::<Result<_, _>>()?;
    Ok(Package { id, programme, code, version, name, items, value: money(value)? })
}

/// Adds a version of a package with its items.
pub fn insert(tx: &mut Write<'_>, package: &Package, at: Timestamp) -> Result<(), Error> {
    diesel::insert_into(packages::table)
        .values((
            packages::id.eq(package.id),
            packages::programme_id.eq(package.programme),
            packages::code.eq(&package.code),
            packages::version.eq(package.version),
            packages::name.eq(&package.name),
            packages::value_minor.eq(package.value.minor()),
            packages::created_at.eq(at.millis()),
        ))
        .execute(&mut **tx)?;
    for (position, item) in (1_i32..).zip(&package.items) {
        diesel::insert_into(package_items::table)
            .values((
                package_items::package_id.eq(package.id),
                package_items::position.eq(position),
                package_items::code.eq(&item.code),
                package_items::name.eq(&item.name),
                package_items::unit.eq(item.unit.as_str()),
                package_items::quantity.eq(item.quantity),
                package_items::pack_name.eq(&item.pack_name),
                package_items::pack_size.eq(item.pack_size),
                package_items::pack_price_minor.eq(item.pack_price_minor.minor()),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// The package version with this id.
pub fn find(conn: &mut Conn, id: PackageId) -> Result<Option<Package>, Error> {
    let row = packages::table.find(id).first::<Row>(conn).optional()?;
    row.map(|row| with_items(conn, row)).transpose()
}

/// The newest version of a package's code, 0 when there is none.
pub fn newest_version(conn: &mut Conn, programme: ProgrammeId, code: &str) -> Result<i32, Error> {
    let highest: Option<i32> = packages::table
        .filter(packages::programme_id.eq(programme))
        .filter(packages::code.eq(code))
        .select(diesel::dsl::max(packages::version))
        .first(conn)?;
    Ok(highest.unwrap_or(0))
}

/// All package versions of a programme, by code and version.
pub fn of_programme(conn: &mut Conn, programme: ProgrammeId) -> Result<Vec<Package>, Error> {
    packages::table
        .filter(packages::programme_id.eq(programme))
        .order((packages::code, packages::version))
        .load::<Row>(conn)?
        .into_iter()
        .map(|row| with_items(conn, row))
        .collect()
}
