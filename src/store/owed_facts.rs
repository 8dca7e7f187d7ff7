//! Facts that have to be stored outside the database. A row is written in the transaction that makes the fact,
//! and goes once it is stored.

use diesel::prelude::*;

use super::conn::Conn;
use super::error::Error;
use super::pool::Write;
use super::schema::owed_facts;
use super::types::fixed;

/// Owes a fact.
pub fn insert(tx: &mut Write<'_>, id: [u8; 16], record: &[u8]) -> Result<(), Error> {
    diesel::insert_into(owed_facts::table)
        .values((owed_facts::id.eq(id.to_vec()), owed_facts::record.eq(record)))
        .execute(&mut **tx)?;
    Ok(())
}

/// The ids of all that is owed, oldest first.
pub fn ids(conn: &mut Conn) -> Result<Vec<[u8; 16]>, Error> {
    let ids: Vec<Vec<u8>> = owed_facts::table.order(owed_facts::id).select(owed_facts::id).load(conn)?;
    ids.into_iter().map(|id| fixed(id, "the id of a fact")).collect()
}

/// A fact that is owed: its id and its record.
pub type Owed = ([u8; 16], Vec<u8>);

/// Facts that are owed, oldest first.
pub fn find(conn: &mut Conn, ids: &[[u8; 16]]) -> Result<Vec<Owed>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(500) {
        let batch: Vec<Vec<u8>> = batch.iter().map(|id| id.to_vec()).collect();
        let rows: Vec<(Vec<u8>, Vec<u8>)> =
            owed_facts::table.filter(owed_facts::id.eq_any(batch)).order(owed_facts::id).load(conn)?;
        for (id, record) in rows {
            found.push((fixed(id, "the id of a fact")?, record));
        }
    }
    Ok(found)
}

/// Forgets what is stored outside.
pub fn paid(tx: &mut Write<'_>, ids: &[[u8; 16]]) -> Result<(), Error> {
    for batch in ids.chunks(500) {
        let batch: Vec<Vec<u8>> = batch.iter().map(|id| id.to_vec()).collect();
        diesel::delete(owed_facts::table.filter(owed_facts::id.eq_any(batch))).execute(&mut **tx)?;
    }
    Ok(())
}
