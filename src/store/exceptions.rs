//! Exceptions: what households are still owed, as it was proposed and decided, and what each of them holds.

use std::collections::HashMap;

use diesel::prelude::*;

use super::conn::{Conn, on_each};
use super::entitlements as rights;
use super::error::Error;
use super::pool::Write;
use super::schema::{cases, entitlements, exception_items, exceptions, redemption_items, redemptions};
use super::types::{maybe_time, money, time, word};
use crate::domain::case::{CaseKind, CaseState, Outcome};
use crate::domain::entitlement::{Entitlement, State};
use crate::domain::exception::{Carrying, Cause, LeftOwing, Standing};
use crate::domain::id::{AgencyId, CaseId, EntitlementId, ExceptionId, PointId, RedemptionId, RoundId, UserId};
use crate::domain::money::Money;
use crate::domain::redemption::Given;
use crate::domain::sealed::Sealed;
use crate::domain::time::Timestamp;

/// An exception as kept.
#[derive(Debug, Clone)]
pub struct Exception {
    /// Its id, which orders by time.
    pub id: ExceptionId,
    /// Whose it is.
    pub agency: AgencyId,
    /// In which round.
    pub round: RoundId,
    /// The first right of the household in the round.
    pub first: EntitlementId,
    /// The right after which it is owed: the first, or another exception.
    pub follows: EntitlementId,
    /// Why it is owed.
    pub cause: Cause,
    /// The case from which it follows.
    pub case: Option<CaseId>,
    /// What the one who proposed it says, sealed.
    pub reason: Sealed,
    /// What it holds.
    pub lines: Vec<Given>,
    /// What that is worth.
    pub value: Money,
    /// Where it stands.
    pub standing: Standing,
    /// Who proposed it, and when.
    pub proposed: (UserId, Timestamp),
    /// Who decided, and when.
    pub decided: Option<(UserId, Timestamp)>,
    /// What that person says, sealed.
    pub note: Option<Sealed>,
    /// The entitlement that came of it.
    pub entitlement: Option<EntitlementId>,
}

#[derive(Queryable)]
struct Row {
    id: ExceptionId,
    agency_id: AgencyId,
    round_id: RoundId,
    first_id: EntitlementId,
    follows_id: EntitlementId,
    cause: String,
    case_id: Option<CaseId>,
    reason_sealed: Vec<u8>,
    value_minor: i64,
    state: String,
    proposed_by: UserId,
    proposed_at: i64,
    decided_by: Option<UserId>,
    decided_at: Option<i64>,
    note_sealed: Option<Vec<u8>>,
    entitlement_id: Option<EntitlementId>,
}

impl Row {
    fn check(self, lines: Vec<Given>) -> Result<Exception, Error> {
        Ok(Exception {
            id: self.id,
            agency: self.agency_id,
            round: self.round_id,
            first: self.first_id,
            follows: self.follows_id,
            cause: word(Cause::parse(&self.cause), "cause of an exception", &self.cause)?,
            case: self.case_id,
            reason: Sealed::from_ciphertext(self.reason_sealed),
            lines,
            value: money(self.value_minor)?,
            standing: word(Standing::parse(&self.state), "state of an exception", &self.state)?,
            proposed: (self.proposed_by, time(self.proposed_at)?),
            decided: self.decided_by.zip(maybe_time(self.decided_at)?),
            note: self.note_sealed.map(Sealed::from_ciphertext),
            entitlement: self.entitlement_id,
        })
    }
}

fn with_lines(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Exception>, Error> {
    let ids: Vec<ExceptionId> = rows.iter().map(|row| row.id).collect();
    let mut lines: HashMap<ExceptionId, Vec<Given>> = HashMap::new();
    for (id, code, quantity) in exception_items::table
        .filter(exception_items::exception_id.eq_any(&ids))
        .order((exception_items::exception_id, exception_items::code))
        .load::<(ExceptionId, String, i64)>(conn)?
    {
        lines.entry(id).or_default().push(Given { code, quantity });
    }
    rows.into_iter()
        .map(|row| {
            let own = lines.remove(&row.id).unwrap_or_default();
            row.check(own)
        })
        .collect()
}

/// Adds a proposal; [`Error::Unique`] when one is open for the same first right.
pub fn insert(tx: &mut Write<'_>, one: &Exception) -> Result<(), Error> {
    let values = (
        (exceptions::id.eq(one.id), exceptions::agency_id.eq(one.agency), exceptions::round_id.eq(one.round)),
        (exceptions::first_id.eq(one.first), exceptions::follows_id.eq(one.follows)),
        (exceptions::cause.eq(one.cause.as_str()), exceptions::case_id.eq(one.case)),
        exceptions::reason_sealed.eq(one.reason.ciphertext().to_vec()),
        (exceptions::value_minor.eq(one.value.minor()), exceptions::state.eq(one.standing.as_str())),
        (exceptions::proposed_by.eq(one.proposed.0), exceptions::proposed_at.eq(one.proposed.1.millis())),
    );
    on_each!(&mut **tx, inner => diesel::insert_into(exceptions::table).values(values).execute(inner))?;
    for line in &one.lines {
        let values = (
            exception_items::exception_id.eq(one.id),
            exception_items::code.eq(line.code.clone()),
            exception_items::quantity.eq(line.quantity),
        );
        on_each!(&mut **tx, inner => diesel::insert_into(exception_items::table).values(values).execute(inner))?;
    }
    Ok(())
}

/// The exception with this id.
pub fn find(conn: &mut Conn, id: ExceptionId) -> Result<Option<Exception>, Error> {
    let row: Option<Row> = exceptions::table.find(id).first(conn).optional()?;
    Ok(with_lines(conn, row.into_iter().collect())?.pop())
}

/// What stands for a first right, oldest first.
pub fn of(conn: &mut Conn, first: EntitlementId) -> Result<Vec<Exception>, Error> {
    let rows = exceptions::table.filter(exceptions::first_id.eq(first)).order(exceptions::id).load(conn)?;
    with_lines(conn, rows)
}

/// The exception of which an entitlement came.
pub fn behind(conn: &mut Conn, entitlement: EntitlementId) -> Result<Option<Exception>, Error> {
    let row: Option<Row> =
        exceptions::table.filter(exceptions::entitlement_id.eq(entitlement)).first(conn).optional()?;
    Ok(with_lines(conn, row.into_iter().collect())?.pop())
}

/// The exceptions of a round, newest first, before one of them.
pub fn list(
    conn: &mut Conn,
    round: RoundId,
    standing: Option<Standing>,
    before: Option<ExceptionId>,
    limit: i64,
) -> Result<Vec<Exception>, Error> {
    let mut query = exceptions::table.filter(exceptions::round_id.eq(round)).into_boxed();
    if let Some(standing) = standing {
        query = query.filter(exceptions::state.eq(standing.as_str()));
    }
    if let Some(before) = before {
        query = query.filter(exceptions::id.lt(before));
    }
    let rows = query.order(exceptions::id.desc()).limit(limit).load(conn)?;
    with_lines(conn, rows)
}

/// Decides a proposal, unless somebody has; whether nobody had.
pub fn decide(tx: &mut Write<'_>, one: &Exception) -> Result<bool, Error> {
    let open = exceptions::table.find(one.id).filter(exceptions::state.eq(Standing::Proposed.as_str()));
    let changed = diesel::update(open)
        .set((
            exceptions::state.eq(one.standing.as_str()),
            exceptions::decided_by.eq(one.decided.map(|(by, _)| by)),
            exceptions::decided_at.eq(one.decided.map(|(_, at)| at.millis())),
            exceptions::note_sealed.eq(one.note.as_ref().map(|note| note.ciphertext().to_vec())),
            exceptions::entitlement_id.eq(one.entitlement),
        ))
        .execute(&mut **tx)?;
    Ok(changed == 1)
}

/// The exception entitlements of a round at a point that can still be redeemed there.
pub fn open_at(conn: &mut Conn, round: RoundId, point: PointId) -> Result<Vec<Entitlement>, Error> {
    entitlements::table
        .inner_join(exceptions::table.on(exceptions::entitlement_id.eq(entitlements::id.nullable())))
        .filter(exceptions::round_id.eq(round))
        .filter(entitlements::point_id.eq(point))
        .filter(entitlements::state.eq_any(State::PRINTABLE.map(State::as_str)))
        .order(entitlements::id)
        .select(entitlements::all_columns)
        .load::<rights::Row>(conn)?
        .into_iter()
        .map(rights::Row::check)
        .collect()
}

/// What an exception entitlement holds.
pub fn held_by(conn: &mut Conn, entitlement: EntitlementId) -> Result<Vec<Given>, Error> {
    let rows = exception_items::table
        .inner_join(exceptions::table.on(exceptions::id.eq(exception_items::exception_id)))
        .filter(exceptions::entitlement_id.eq(entitlement))
        .order(exception_items::code)
        .select((exception_items::code, exception_items::quantity))
        .load::<(String, i64)>(conn)?;
    Ok(rows.into_iter().map(|(code, quantity)| Given { code, quantity }).collect())
}

/// One exception entitlement of a round as the books count it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Why it was owed.
    pub cause: Cause,
    /// Where it can be redeemed.
    pub point: PointId,
    /// On which day it was handed over, if it was.
    pub day: Option<String>,
    /// What it is worth: the lines at their prices, or all that was left of the first right's value.
    pub worth: i64,
    /// What its handout was worth.
    pub given: Option<i64>,
    /// What it holds.
    pub lines: Vec<Given>,
}

impl Counted {
    /// How much it holds of an item.
    #[must_use]
    pub fn holds(&self, code: &str) -> i64 {
        self.lines.iter().find(|line| line.code == code).map_or(0, |line| line.quantity)
    }
}

/// How many exceptions of a round gave all that they held, though that is less than the package.
pub fn complete(conn: &mut Conn, round: RoundId) -> Result<i64, Error> {
    Ok(redemptions::table
        .inner_join(entitlements::table.on(entitlements::id.eq(redemptions::entitlement_id)))
        .filter(redemptions::round_id.eq(round))
        .filter(redemptions::short)
        .filter(entitlements::exception_of.is_not_null())
        .filter(entitlements::value_minor.eq(redemptions::value_minor))
        .count()
        .get_result(conn)?)
}

/// Whether a handout gave less than its right held, of one that gave less than the package.
pub fn fell_short(conn: &mut Conn, entitlement: EntitlementId) -> Result<bool, Error> {
    let holds = held_by(conn, entitlement)?;
    let Some(gave) = given_of(conn, entitlement)? else { return Ok(false) };
    let given = |code: &str| gave.iter().find(|line| line.code == code).map_or(0, |line| line.quantity);
    Ok(holds.is_empty() || holds.iter().any(|line| given(&line.code) < line.quantity))
}

/// The exception entitlements of a round.
pub fn counted(conn: &mut Conn, round: RoundId) -> Result<HashMap<EntitlementId, Counted>, Error> {
    let rows = exceptions::table
        .inner_join(entitlements::table.on(exceptions::entitlement_id.eq(entitlements::id.nullable())))
        .inner_join(exception_items::table.on(exception_items::exception_id.eq(exceptions::id)))
        .left_join(redemptions::table.on(redemptions::entitlement_id.eq(entitlements::id)))
        .filter(exceptions::round_id.eq(round))
        .order(exception_items::code)
        .select((
            entitlements::id,
            exceptions::cause,
            entitlements::point_id,
            redemptions::day.nullable(),
            (entitlements::value_minor, redemptions::value_minor.nullable()),
            exception_items::code,
            exception_items::quantity,
        ))
        .load::<(EntitlementId, String, PointId, Option<String>, (i64, Option<i64>), String, i64)>(conn)?;
    let mut found: HashMap<EntitlementId, Counted> = HashMap::new();
    for (id, cause, point, day, (worth, given), code, quantity) in rows {
        let cause = word(Cause::parse(&cause), "cause of an exception", &cause)?;
        let one = found.entry(id).or_insert_with(|| Counted { cause, point, day, worth, given, lines: Vec::new() });
        one.lines.push(Given { code, quantity });
    }
    Ok(found)
}

/// The exceptions of a round that hold what short handouts left owing, those of each household in their order.
pub fn carrying(conn: &mut Conn, round: RoundId) -> Result<Vec<Carrying>, Error> {
    exceptions::table
        .inner_join(entitlements::table.on(exceptions::entitlement_id.eq(entitlements::id.nullable())))
        .filter(exceptions::round_id.eq(round))
        .filter(exceptions::cause.eq(Cause::Short.as_str()))
        .order((exceptions::first_id, entitlements::exception_no))
        .select((
            exceptions::follows_id,
            entitlements::id,
            entitlements::value_minor,
            entitlements::issued_at,
            entitlements::state,
        ))
        .load::<(EntitlementId, EntitlementId, i64, i64, String)>(conn)?
        .into_iter()
        .map(|(follows, by, value, since, state)| {
            let ended = [State::Revoked, State::Expired].map(State::as_str).contains(&state.as_str());
            Ok(Carrying { follows, by, value, since: time(since)?, ended })
        })
        .collect()
}

/// What the handouts of the rights that these exceptions follow left owing, and where they were.
pub fn left_owing(conn: &mut Conn, carrying: &[Carrying]) -> Result<HashMap<EntitlementId, LeftOwing>, Error> {
    let follows: Vec<EntitlementId> = carrying.iter().map(|one| one.follows).collect();
    let mut found = HashMap::new();
    for batch in follows.chunks(500) {
        let rows: Vec<(EntitlementId, PointId, i64, i64)> = redemptions::table
            .inner_join(entitlements::table.on(redemptions::entitlement_id.eq(entitlements::id)))
            .filter(redemptions::entitlement_id.eq_any(batch))
            .select((entitlements::id, redemptions::point_id, entitlements::value_minor, redemptions::value_minor))
            .load(conn)?;
        found.extend(rows.into_iter().map(|(id, point, value, given)| (id, LeftOwing { point, value: value - given })));
    }
    Ok(found)
}

/// The cases that took a handout back: decided, and so.
macro_rules! took_back {
    () => {
        cases::kind
            .eq(CaseKind::Reversal.as_str())
            .and(cases::state.eq_any([CaseState::Decided, CaseState::Closed].map(CaseState::as_str)))
            .and(cases::outcome.eq_any([Outcome::Upheld, Outcome::Settled].map(|outcome| Some(outcome.as_str()))))
    };
}

/// The case by which somebody decided that the handout of an entitlement does not count.
pub fn reversal_of(conn: &mut Conn, entitlement: EntitlementId) -> Result<Option<CaseId>, Error> {
    Ok(cases::table
        .filter(cases::entitlement_id.eq(entitlement))
        .filter(took_back!())
        .order(cases::id)
        .select(cases::id)
        .first(conn)
        .optional()?)
}

/// A handout that a case took back: which, by whose proposal and whose word, and when.
#[derive(Debug, Clone, Copy, Queryable)]
pub struct TakenBack {
    /// The case.
    pub case: CaseId,
    /// The right whose handout it was.
    pub entitlement: EntitlementId,
    /// Who proposed it.
    pub proposed_by: Option<UserId>,
    /// Who agreed.
    pub decided_by: Option<UserId>,
    /// When, in milliseconds since 1970.
    pub decided_at: i64,
}

/// The handouts of a round that were taken back by a moment, the first case of each right.
pub fn taken_back(conn: &mut Conn, round: RoundId, until: Timestamp) -> Result<Vec<TakenBack>, Error> {
    let mut found: Vec<TakenBack> = cases::table
        .inner_join(redemptions::table.on(cases::entitlement_id.eq(redemptions::entitlement_id.nullable())))
        .filter(redemptions::round_id.eq(round))
        .filter(took_back!())
        .filter(cases::decided_at.le(until.millis()))
        .order(cases::id)
        .select((
            cases::id,
            redemptions::entitlement_id,
            cases::proposed_by,
            cases::decided_by,
            cases::decided_at.assume_not_null(),
        ))
        .load(conn)?;
    let mut seen = std::collections::HashSet::new();
    found.retain(|one| seen.insert(one.entitlement));
    Ok(found)
}

/// The handouts of a round of which somebody decided that they do not count: how many, and what they gave.
pub fn reversed(conn: &mut Conn, round: RoundId) -> Result<(i64, i64), Error> {
    let found: Vec<(RedemptionId, i64)> = cases::table
        .inner_join(redemptions::table.on(cases::entitlement_id.eq(redemptions::entitlement_id.nullable())))
        .filter(redemptions::round_id.eq(round))
        .filter(took_back!())
        .select((redemptions::id, redemptions::value_minor))
        .distinct()
        .load(conn)?;
    let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
    Ok((count, found.iter().map(|one| one.1).fold(0, i64::saturating_add)))
}

/// What the handout of an entitlement gave, when that was not the whole package.
pub fn given_of(conn: &mut Conn, entitlement: EntitlementId) -> Result<Option<Vec<Given>>, Error> {
    let rows = redemptions::table
        .left_join(redemption_items::table.on(redemption_items::redemption_id.eq(redemptions::id)))
        .filter(redemptions::entitlement_id.eq(entitlement))
        .filter(redemptions::short)
        .select((redemption_items::code.nullable(), redemption_items::quantity.nullable()))
        .load::<(Option<String>, Option<i64>)>(conn)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let lines = rows.into_iter().filter_map(|(code, quantity)| Some(Given { code: code?, quantity: quantity? }));
    Ok(Some(lines.collect()))
}

/// Who handed over what a household got of these rights.
pub fn operators_of(conn: &mut Conn, first: EntitlementId) -> Result<Vec<UserId>, Error> {
    Ok(redemptions::table
        .inner_join(entitlements::table.on(entitlements::id.eq(redemptions::entitlement_id)))
        .filter(entitlements::id.eq(first).or(entitlements::exception_of.eq(first)))
        .select(redemptions::operator_id)
        .load(conn)?)
}
