//! The group row by row: statements that are written out once and stay prepared, for SQLite lies in the same process and
//! what it costs is to understand a statement.

use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::sqlite::Sqlite;

use super::columns::{Attempts, End, Ends, Facts, Leaves, Redemptions, Rights};
use super::*;

/// Rows that are all written by the same statement.
trait Rows: 'static {
    /// Each pair of braces is the place of a column.
    const SQL: &'static str;
    fn bind<'b>(&'b self, at: usize, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()>;
}

/// One row of them.
struct Row<'a, R> {
    rows: &'a R,
    at: usize,
}

/// The statement is known by its rows' type: its text is looked at when it is prepared, and never again.
impl<R: Rows> QueryId for Row<'_, R> {
    type QueryId = R;
    const HAS_STATIC_QUERY_ID: bool = true;
}

impl<R: Rows> QueryFragment<Sqlite> for Row<'_, R> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
        self.rows.bind(self.at, &mut out)
    }
}

impl<R> RunQueryDsl<SqliteConnection> for Row<'_, R> {}

macro_rules! rows {
    ($($rows:ident: $sql:literal;)*) => {
        $(
            impl Rows for $rows {
                const SQL: &'static str = $sql;
                fn bind<'b>(&'b self, at: usize, out: &mut AstPass<'_, 'b, Sqlite>) -> QueryResult<()> {
                    Self::bind(self, at, Self::SQL, out)
                }
            }
        )*

        #[test]
        fn each_column_has_its_place() {
            $(assert_eq!($rows::COLUMNS, $sql.matches("{}").count(), "{}", $sql);)*
        }
    };
}

rows! {
    Rights: "UPDATE entitlements SET state = 'redeemed', fence_epoch = {}, fence_counter = {}, holder_id = NULL, \
        held_reason = NULL, revoked_reason = NULL, revoke_requested = NULL, hold_taken = FALSE, release_owed = FALSE, \
        doubt_id = NULL WHERE id = {} AND state = {} AND fence_epoch = {} AND fence_counter = {} AND print_no = {} \
        AND hold_taken = {} AND replaced = {} AND holder_id IS {} AND held_reason IS {} AND revoke_requested IS {} \
        AND doubt_id IS {}";
    Redemptions: "INSERT INTO redemptions (id, entitlement_id, round_id, point_id, device_id, operator_id, seq, number, \
        collector_kind, collector_relation, collector_name_sealed, collector_name_salt, id_seen, paper, paper_reason, \
        short, value_minor, scanned_at, received_at, day, request_hash, receipt, receipt_hash) \
        VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})";
    Facts: "INSERT INTO owed_facts (id, record) VALUES ({}, {})";
    // One writer at a time: the next number is the one after the highest.
    Leaves: "INSERT INTO log_leaves (serial, entry, entitlement_id, device_id, actor_id, redemption_id, subject) \
        VALUES ((SELECT COALESCE(MAX(serial), 0) + 1 FROM log_leaves), {}, {}, {}, {}, {}, {})";
    Ends: "UPDATE devices SET seq = {}, head_hash = {}, last_contact_at = {} WHERE id = {}";
    Attempts: "INSERT INTO attempts (id, at, agency_id, kind, outcome, user_id, device_id, point_id, entitlement_id, \
        redemption_id, print_no) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})";
}

/// Writes so many rows; how many there were to change.
fn write<R: Rows>(inner: &mut SqliteConnection, rows: &R, count: usize) -> QueryResult<usize> {
    (0..count).map(|at| Row { rows, at }.execute(inner)).sum()
}

pub(super) fn keep(
    inner: &mut SqliteConnection,
    handouts: &[Handout],
    ends: &[End<'_>],
    attempts: &[Attempt],
) -> Result<(), Error> {
    let count = handouts.len();
    if write(inner, &Rights::of(handouts.iter())?, count)? != count {
        return Err(Error::Raced);
    }
    let redemptions = Redemptions::of(handouts.iter().map(|one| &one.redemption))?;
    write(inner, &redemptions, count).map_err(|error| asked_again(error.into()))?;
    write(inner, &Facts::of(handouts.iter().map(|one| &one.owed))?, count)?;
    write(inner, &Leaves::of(handouts.iter().map(|one| &one.leaf))?, count)?;
    write(inner, &Ends::of(ends.iter())?, ends.len())?;
    note(inner, attempts)
}

pub(super) fn note(inner: &mut SqliteConnection, attempts: &[Attempt]) -> Result<(), Error> {
    write(inner, &Attempts::of(attempts.iter())?, attempts.len())?;
    Ok(())
}
