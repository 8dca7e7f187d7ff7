//! Documents as they were made, and who signs them.

use diesel::prelude::*;
use jiff::civil::Date;

use super::conn::Conn;
use super::error::{Error, corrupt};
use super::pool::Write;
use super::schema::{documents, entitlements, points, programmes, rounds, signature_titles, substitutions, users};
use super::types::{fixed, time, word};
use crate::domain::document::{Kind, Signature};
use crate::domain::entitlement::State;
use crate::domain::id::{AgencyId, DocumentId, HouseholdId, Identifier, PointId, ProgrammeId, RoundId, UserId};
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;
use crate::domain::verval::Reason;

/// A document as kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its id.
    pub id: DocumentId,
    /// Of which round.
    pub round: RoundId,
    /// What it is.
    pub kind: Kind,
    /// 1, 2, 3 … within round and kind.
    pub serial: i32,
    /// Its number.
    pub number: String,
    /// The point, when it is of one.
    pub point: Option<PointId>,
    /// The session, when it is of one.
    pub session_no: Option<i32>,
    /// Only events that the server had taken by then are in it.
    pub cut_off: Timestamp,
    /// How many lines it has.
    pub lines: i32,
    /// What it says, sealed.
    pub content: Sealed,
    /// SHA-256 of what it says.
    pub hash: [u8; 32],
    /// Who made it.
    pub made_by: UserId,
    /// When.
    pub made_at: Timestamp,
    /// The households of its lines, in order, where it may be shown with their numbers in full.
    pub people: Option<Vec<HouseholdId>>,
}

type Row = (
    DocumentId,
    RoundId,
    String,
    i32,
    String,
    Option<PointId>,
    Option<i32>,
    i64,
    i32,
    Vec<u8>,
    Vec<u8>,
    UserId,
    i64,
    Option<Vec<u8>>,
);

fn check(row: Row) -> Result<Kept, Error> {
    let (id, round, kind, serial, number, point, session_no, cut_off, lines, content, hash, made_by, made_at, people) =
        row;
    let people = people.map(|bytes| bytes.chunks(16).map(household).collect::<Result<Vec<_>, _>>()).transpose()?;
    Ok(Kept {
        id,
        round,
        kind: word(Kind::parse(&kind), "kind of document", &kind)?,
        serial,
        number,
        point,
        session_no,
        cut_off: time(cut_off)?,
        lines,
        content: Sealed::from_ciphertext(content),
        hash: fixed(hash, "a document's hash")?,
        made_by,
        made_at: time(made_at)?,
        people,
    })
}

fn household(bytes: &[u8]) -> Result<HouseholdId, Error> {
    Ok(HouseholdId::from_bytes(fixed(bytes.to_vec(), "the id of a document's household")?))
}

/// The next number of a kind in a round. The round's row is held until the commit, so that two people who
/// make a document at once get different numbers.
pub fn next_serial(tx: &mut Write<'_>, round: RoundId, kind: Kind) -> Result<i32, Error> {
    diesel::update(rounds::table.find(round)).set(rounds::number.eq(rounds::number)).execute(&mut **tx)?;
    let highest: Option<i32> = documents::table
        .filter(documents::round_id.eq(round))
        .filter(documents::kind.eq(kind.as_str()))
        .select(diesel::dsl::max(documents::serial))
        .first(&mut **tx)?;
    Ok(highest.unwrap_or(0) + 1)
}

/// Keeps a document.
pub fn insert(tx: &mut Write<'_>, kept: &Kept) -> Result<(), Error> {
    diesel::insert_into(documents::table)
        .values((
            documents::id.eq(kept.id),
            documents::round_id.eq(kept.round),
            documents::kind.eq(kept.kind.as_str()),
            documents::serial.eq(kept.serial),
            documents::number.eq(&kept.number),
            documents::point_id.eq(kept.point),
            documents::session_no.eq(kept.session_no),
            documents::cut_off.eq(kept.cut_off.millis()),
            documents::lines.eq(kept.lines),
            documents::content_sealed.eq(kept.content.ciphertext()),
            documents::hash.eq(kept.hash.as_slice()),
            documents::made_by.eq(kept.made_by),
            documents::made_at.eq(kept.made_at.millis()),
            documents::people
                .eq(kept.people.as_ref().map(|ids| ids.iter().flat_map(|id| *id.bytes()).collect::<Vec<u8>>())),
        ))
        .execute(&mut **tx)?;
    Ok(())
}

/// The document with this id, and the agency whose it is.
pub fn find(conn: &mut Conn, id: DocumentId) -> Result<Option<(Kept, AgencyId)>, Error> {
    documents::table
        .inner_join(rounds::table.on(rounds::id.eq(documents::round_id)))
        .inner_join(programmes::table.on(programmes::id.eq(rounds::programme_id)))
        .filter(documents::id.eq(id))
        .select((documents::all_columns, programmes::agency_id))
        .first::<(Row, AgencyId)>(conn)
        .optional()?
        .map(|(row, agency)| Ok((check(row)?, agency)))
        .transpose()
}

/// The numbers of the documents of a kind that a round has of a point and session, oldest first.
pub fn numbers(
    conn: &mut Conn,
    round: RoundId,
    kind: Kind,
    point: Option<PointId>,
    session_no: Option<i32>,
) -> Result<Vec<String>, Error> {
    let found = documents::table
        .filter(documents::round_id.eq(round))
        .filter(documents::kind.eq(kind.as_str()))
        .order(documents::serial)
        .select((documents::number, documents::point_id, documents::session_no))
        .load::<(String, Option<PointId>, Option<i32>)>(conn)?;
    Ok(found.into_iter().filter(|one| one.1 == point && one.2 == session_no).map(|one| one.0).collect())
}

/// A document in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// Its id.
    pub id: DocumentId,
    /// What it is.
    pub kind: Kind,
    /// Its number.
    pub number: String,
    /// The point's code.
    pub point: Option<String>,
    /// The session.
    pub session_no: Option<i32>,
    /// Its cut-off.
    pub cut_off: Timestamp,
    /// How many lines it has.
    pub lines: i32,
    /// Its hash.
    pub hash: [u8; 32],
    /// Who made it, by name.
    pub made_by: String,
    /// When.
    pub made_at: Timestamp,
}

/// The documents of a round, newest first, before one of them.
pub fn list(
    conn: &mut Conn,
    round: RoundId,
    kind: Option<Kind>,
    before: Option<DocumentId>,
    limit: i64,
) -> Result<Vec<Listed>, Error> {
    let before = before.unwrap_or(DocumentId::from_bytes([0xff; 16]));
    let mut query = documents::table
        .left_join(points::table.on(points::id.nullable().eq(documents::point_id)))
        .inner_join(users::table.on(users::id.eq(documents::made_by)))
        .filter(documents::round_id.eq(round))
        .filter(documents::id.lt(before))
        .order(documents::id.desc())
        .limit(limit)
        .select((
            documents::id,
            documents::kind,
            documents::number,
            points::code.nullable(),
            documents::session_no,
            documents::cut_off,
            documents::lines,
            documents::hash,
            users::name,
            documents::made_at,
        ))
        .into_boxed();
    if let Some(kind) = kind {
        query = query.filter(documents::kind.eq(kind.as_str()));
    }
    query
        .load::<(DocumentId, String, String, Option<String>, Option<i32>, i64, i32, Vec<u8>, String, i64)>(conn)?
        .into_iter()
        .map(|(id, kind, number, point, session_no, cut_off, lines, hash, made_by, made_at)| {
            Ok(Listed {
                id,
                kind: word(Kind::parse(&kind), "kind of document", &kind)?,
                number,
                point,
                session_no,
                cut_off: time(cut_off)?,
                lines,
                hash: fixed(hash, "a document's hash")?,
                made_by,
                made_at: time(made_at)?,
            })
        })
        .collect()
}

/// Who signs documents of a kind, as an agency set it; empty where it set nothing.
pub fn signatures(conn: &mut Conn, agency: AgencyId, kind: Kind) -> Result<Vec<Signature>, Error> {
    let rows = signature_titles::table
        .filter(signature_titles::agency_id.eq(agency))
        .filter(signature_titles::kind.eq(kind.as_str()))
        .order(signature_titles::position)
        .select((signature_titles::caption, signature_titles::title, signature_titles::name, signature_titles::name_no))
        .load::<(String, String, String, String)>(conn)?;
    Ok(rows.into_iter().map(|(caption, title, name, name_no)| Signature { caption, title, name, name_no }).collect())
}

/// Sets who signs documents of a kind; with none, the titles that offices use come back.
pub fn set_signatures(tx: &mut Write<'_>, agency: AgencyId, kind: Kind, signatures: &[Signature]) -> Result<(), Error> {
    let those = signature_titles::table
        .filter(signature_titles::agency_id.eq(agency))
        .filter(signature_titles::kind.eq(kind.as_str()));
    diesel::delete(those).execute(&mut **tx)?;
    for (position, one) in (1..).zip(signatures) {
        diesel::insert_into(signature_titles::table)
            .values((
                signature_titles::agency_id.eq(agency),
                signature_titles::kind.eq(kind.as_str()),
                signature_titles::position.eq(position),
                signature_titles::caption.eq(&one.caption),
                signature_titles::title.eq(&one.title),
                signature_titles::name.eq(&one.name),
                signature_titles::name_no.eq(&one.name_no),
            ))
            .execute(&mut **tx)?;
    }
    Ok(())
}

/// A substitution that was agreed to: the two households, and what was written down.
#[derive(Debug, Clone)]
pub struct Substituted {
    /// Who was on the list.
    pub old: HouseholdId,
    /// Who takes the place.
    pub new: HouseholdId,
    /// Why.
    pub reason: Reason,
    /// The statement's number.
    pub statement_no: String,
    /// Its date.
    pub statement_date: Date,
    /// A remark.
    pub note: String,
}

/// The substitutions of a programme that were agreed to by a moment, oldest first, without those of households that
/// had collected in this round themselves: in it nobody takes their place.
pub fn substituted(
    conn: &mut Conn,
    programme: ProgrammeId,
    round: RoundId,
    cut_off: Timestamp,
) -> Result<Vec<Substituted>, Error> {
    let collected = entitlements::table
        .filter(entitlements::round_id.eq(round))
        .filter(entitlements::state.eq(State::Redeemed.as_str()))
        .select(entitlements::household_id);
    let rows = substitutions::table
        .filter(substitutions::programme_id.eq(programme))
        .filter(substitutions::state.eq("approved"))
        .filter(substitutions::decided_at.le(cut_off.millis()))
        .filter(diesel::dsl::not(substitutions::old_household_id.eq_any(collected)))
        .order(substitutions::id)
        .select((
            substitutions::old_household_id,
            substitutions::new_household_id,
            substitutions::reason,
            substitutions::statement_no,
            substitutions::statement_date,
            substitutions::note,
        ))
        .load::<(HouseholdId, HouseholdId, String, String, String, String)>(conn)?;
    rows.into_iter()
        .map(|(old, new, reason, statement_no, date, note)| {
            let reason = word(Reason::parse(&reason), "reason", &reason)?;
            let statement_date = date.parse().map_err(corrupt)?;
            Ok(Substituted { old, new, reason, statement_no, statement_date, note })
        })
        .collect()
}
