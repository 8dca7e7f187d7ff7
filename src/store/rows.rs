//! Many rows of one kind, written by a statement that is written out once and stays prepared.
//!
//! On PostgreSQL each statement is one round trip, so the rows travel as one array a column and `unnest` makes rows of
//! them again. SQLite lies in the same process and what it costs is to understand a statement: there one prepared
//! statement is carried out row by row.

use diesel::RunQueryDsl;
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sqlite::{Sqlite, SqliteConnection};

/// Makes a type of rows by their columns, as both engines bind them.
macro_rules! columns {
    ($(#[$doc:meta])* $name:ident of $one:ident: $from:ty { $($field:ident: $rust:ty as $sql:ty = $value:expr;)* }) => {
        $(#[$doc])*
        #[derive(::diesel::query_builder::QueryId)]
        pub(super) struct $name { $($field: Vec<$rust>,)* }

        impl $name {
            pub(super) fn of<'a>(
                all: impl Iterator<Item = &'a $from> + Clone,
            ) -> Result<Self, $crate::store::error::Error> {
                Ok(Self {
                    $($field: all.clone().map(|$one| Ok($value)).collect::<Result<_, $crate::store::error::Error>>()?,)*
                })
            }

            /// All of them as arrays that become rows again: `unnest($1, $2 …)`.
            #[cfg(feature = "postgres")]
            pub(super) fn unnest<'b>(
                &'b self,
                out: &mut ::diesel::query_builder::AstPass<'_, 'b, ::diesel::pg::Pg>,
            ) -> ::diesel::result::QueryResult<()> {
                let mut before = "unnest(";
                $(
                    out.push_sql(before);
                    out.push_bind_param::<::diesel::sql_types::Array<$sql>, _>(&self.$field)?;
                    before = ", ";
                )*
                let _ = before;
                out.push_sql(")");
                Ok(())
            }

            /// One of them, each column in the place of a pair of braces.
            pub(super) fn bind<'b>(
                &'b self,
                at: usize,
                sql: &str,
                out: &mut ::diesel::query_builder::AstPass<'_, 'b, ::diesel::sqlite::Sqlite>,
            ) -> ::diesel::result::QueryResult<()> {
                let mut pieces = sql.split("{}");
                out.push_sql(pieces.next().unwrap_or_default());
                $(
                    if let Some(value) = self.$field.get(at) {
                        out.push_bind_param::<$sql, _>(value)?;
                    }
                    out.push_sql(pieces.next().unwrap_or_default());
                )*
                Ok(())
            }

            #[cfg(test)]
            pub(super) const COLUMNS: usize = [$(stringify!($field)),*].len();
        }
    };
}

/// Says by which statement SQLite writes one of such rows: each pair of braces is the place of a column.
macro_rules! rows {
    ($($rows:ident: $sql:literal;)*) => {
        $(
            impl $crate::store::rows::Rows for $rows {
                fn bind<'b>(
                    &'b self,
                    at: usize,
                    out: &mut ::diesel::query_builder::AstPass<'_, 'b, ::diesel::sqlite::Sqlite>,
                ) -> ::diesel::result::QueryResult<()> {
                    Self::bind(self, at, $sql, out)
                }
            }
        )*

        #[test]
        fn each_column_has_its_place() {
            $(assert_eq!($rows::COLUMNS, $sql.matches("{}").count(), "{}", $sql);)*
        }
    };
}

pub(super) use {columns, rows};

/// Rows that are all written by the same statement.
pub(super) trait Rows: 'static {
    /// The statement for one of them.
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

/// Writes so many rows on SQLite; how many there were to change.
pub(super) fn write<R: Rows>(inner: &mut SqliteConnection, rows: &R, count: usize) -> QueryResult<usize> {
    (0..count).map(|at| Row { rows, at }.execute(inner)).sum()
}
