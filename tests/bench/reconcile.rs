//! The books of a round beside the bare aggregates of the same engine in the same run, the dashboard, and a large
//! workbook.
//!
//! The rounds are filled set-wise, in SQL, from the rows of a small demonstration: what is measured is reading. That
//! the books still close to the last rupiah is checked before anything is timed.

use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::postgres;
use diesel::prelude::*;
use diesel::sql_types::{BigInt, Text};
use salur::clock::{SystemClock, SystemEntropy};
use salur::domain::id::{Identifier as _, RoundId};
use salur::service::{DemoWanted, Office, prepare};
use salur::spreadsheet::TableBook;
use salur::store::{self, Conn, Pool};
use salur::vault::{MasterKey, Vault};

/// What a process of its own is to write: so many rows.
pub(crate) const ORDER: &str = "SALUR_BENCH_WORKBOOK";
const READS: usize = 7;

pub(crate) fn run() {
    let sizes: Vec<i64> = std::env::var("SALUR_BENCH_ENTITLEMENTS")
        .ok()
        .map(|text| text.split(',').filter_map(|size| size.parse().ok()).collect())
        .unwrap_or_else(|| vec![1_000, 100_000, 1_000_000]);
    println!("medians of {READS} reads, milliseconds; the bare aggregates are two statements, to the same lines\n");
    println!(
        "{:<12} {:>12} {:>10} {:>10} {:>7} {:>13} {:>13}",
        "engine", "entitlements", "books", "bare", "ratio", "dashboard", "kept"
    );
    let folder = tempfile::tempdir().unwrap();
    let cluster = postgres::Cluster::start(postgres::Mode::Durable);
    for size in &sizes {
        on(&format!("sqlite://{}", folder.path().join(format!("{size}.db")).display()), "SQLite", *size);
    }
    for size in &sizes {
        on(&cluster.empty_database(), "PostgreSQL", *size);
    }
    println!("\n{:<12} {:>9} {:>12} {:>10} {:>10}", "workbook", "rows", "rows/s", "MiB", "peak MiB");
    for rows in [10_000, 100_000, 1_000_000] {
        workbook(rows);
    }
}

fn on(location: &str, engine: &str, size: i64) {
    let pool = prepare(location, 4).unwrap();
    let facts = tempfile::tempdir().unwrap();
    let vault = Vault::new(&MasterKey::from_random([7; 32])).unwrap();
    let office =
        Office::open(pool.clone(), vault, Arc::new(SystemClock), Arc::new(SystemEntropy), None, facts.path()).unwrap();
    let demo = office.make_demo(DemoWanted { households: 27, seed: 1 }, &|_, _, _| {}).unwrap();
    fill(&pool, demo.round_id, size);
    let finance = office.who_bears(&demo.tokens["finance"]).unwrap();
    let books = office.reconciliation(&finance, demo.round_id).unwrap();
    assert_eq!(books.faults(), []);
    assert_eq!(books.issued, size);
    let round = demo.round_id;
    let ours = median(|| drop(office.reconciliation(&finance, round).unwrap()));
    let bare = median(|| aggregates(&pool, round));
    let board = median(|| drop(office.read_dashboard(&finance, round).unwrap()));
    let kept = median(|| drop(office.dashboard(&finance, round).unwrap()));
    let millis = |time: Duration| time.as_secs_f64() * 1_000.0;
    println!(
        "{engine:<12} {size:>12} {:>10.2} {:>10.2} {:>7.2} {:>13.2} {:>13.3}",
        millis(ours),
        millis(bare),
        millis(ours) / millis(bare),
        millis(board),
        millis(kept)
    );
}

fn median(mut f: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..READS)
        .map(|_| {
            let began = Instant::now();
            f();
            began.elapsed()
        })
        .collect();
    times.sort_unstable();
    times[READS / 2]
}

fn run_sql(conn: &mut Conn, sql: &str) {
    match conn {
        Conn::Sqlite(inner) => diesel::sql_query(sql).execute(inner).map(drop),
        Conn::Postgres(inner) => diesel::sql_query(sql).execute(inner).map(drop),
    }
    .unwrap_or_else(|error| panic!("{sql}: {error}"));
}

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = BigInt)]
    count: i64,
    #[diesel(sql_type = BigInt)]
    value: i64,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
}

fn load<T>(conn: &mut Conn, sql: &str) -> Vec<T>
where
    T: diesel::deserialize::QueryableByName<diesel::sqlite::Sqlite>
        + diesel::deserialize::QueryableByName<diesel::pg::Pg>
        + 'static,
{
    match conn {
        Conn::Sqlite(inner) => diesel::sql_query(sql).load(inner),
        Conn::Postgres(inner) => diesel::sql_query(sql).load(inner),
    }
    .unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// What the books are made from, asked for as anybody would by hand.
fn aggregates(pool: &Pool, round: RoundId) {
    let lines: Vec<Line> = pool
        .read(|conn| {
            let id = literal(conn, round);
            let sum = "CAST(SUM(value_minor) AS BIGINT) AS value";
            let mut lines = load::<Line>(
                conn,
                &format!(
                    "SELECT point_id, state, COUNT(*) AS count, {sum} FROM entitlements WHERE round_id = {id} \
                     GROUP BY point_id, state"
                ),
            );
            lines.extend(load::<Line>(
                conn,
                &format!(
                    "SELECT point_id, day, collector_kind, COUNT(*) AS count, \
                     SUM(CASE WHEN short THEN 1 ELSE 0 END) AS short, {sum} FROM redemptions WHERE round_id = {id} \
                     GROUP BY point_id, day, collector_kind"
                ),
            ));
            Ok::<_, store::Error>(lines)
        })
        .unwrap();
    assert!(lines.iter().map(|line| line.count + line.value).sum::<i64>() > 0);
}

fn literal(conn: &Conn, id: RoundId) -> String {
    let hex = data_encoding::HEXLOWER.encode(id.bytes());
    match conn {
        Conn::Sqlite(_) => format!("x'{hex}'"),
        Conn::Postgres(_) => format!("decode('{hex}', 'hex')"),
    }
}

/// Fills the round up to so many entitlements, of which 70 in 100 are redeemed over fourteen days, 14 in 100 of
/// them by a proxy and 2 in 100 short; the entitlements that it has already count among them.
fn fill(pool: &Pool, round: RoundId, size: i64) {
    let connection = |conn: &mut Conn| {
        let id = literal(conn, round);
        let sqlite = matches!(conn, Conn::Sqlite(_));
        let there = load::<Line>(
            conn,
            &format!(
                "SELECT COUNT(*) AS count, CAST(MIN(value_minor) AS BIGINT) AS value FROM entitlements WHERE round_id = {id}"
            ),
        );
        let more = size - there[0].count;
        let series = if sqlite {
            format!(
                "(WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {more}) SELECT n FROM s) AS s"
            )
        } else {
            format!("generate_series(1, {more}) AS s(n)")
        };
        let key = |letter: char| {
            if sqlite {
                format!("CAST(printf('{letter}%015d', s.n) AS BLOB)")
            } else {
                format!("convert_to('{letter}' || lpad(s.n::text, 15, '0'), 'UTF8')")
            }
        };
        let yes = if sqlite { "1" } else { "TRUE" };
        let no = if sqlite { "0" } else { "FALSE" };
        // A copy of one row for each number, with some columns of its own.
        let copy = |conn: &mut Conn, table: &str, from: &str, own: &[(&str, String)]| {
            let names = if sqlite {
                format!("SELECT name FROM pragma_table_info('{table}')")
            } else {
                format!("SELECT column_name::text AS name FROM information_schema.columns WHERE table_name = '{table}'")
            };
            let columns: Vec<String> = load::<Column>(conn, &names).into_iter().map(|one| one.name).collect();
            let values: Vec<String> = columns
                .iter()
                .map(|column| {
                    own.iter().find(|one| one.0 == column).map_or_else(|| format!("t.{column}"), |one| one.1.clone())
                })
                .collect();
            run_sql(conn, &format!("INSERT INTO {table} ({}) SELECT {} {from}", columns.join(", "), values.join(", ")));
        };
        let one = |table: &str, which: &str| format!("(SELECT * FROM {table} WHERE {which} ORDER BY id LIMIT 1) AS t");
        copy(
            conn,
            "households",
            &format!("FROM {series}, {}", one("households", "TRUE")),
            &[("id", key('h')), ("source_id", "'B-' || s.n".into())],
        );
        let points = "(SELECT id, ROW_NUMBER() OVER (ORDER BY id) - 1 AS k FROM points) AS p";
        let count = "(SELECT COUNT(*) FROM points)";
        copy(
            conn,
            "entitlements",
            &format!(
                "FROM {series} JOIN {points} ON p.k = s.n % {count}, {}",
                one("entitlements", &format!("round_id = {id} AND state = 'available'"))
            ),
            &[
                ("id", key('e')),
                ("household_id", key('h')),
                ("point_id", "p.id".into()),
                ("typed_code", "'B-' || s.n".into()),
                ("state", "CASE WHEN s.n % 10 < 7 THEN 'redeemed' ELSE 'available' END".into()),
            ],
        );
        // The demonstration's earlier round has receipts to copy.
        copy(
            conn,
            "redemptions",
            &format!(
                "FROM {series} JOIN {points} ON p.k = s.n % {count} \
                 JOIN (SELECT point_id, MIN(id) AS id FROM devices GROUP BY point_id) AS d ON d.point_id = p.id, {} \
                 WHERE s.n % 10 < 7",
                one("redemptions", "TRUE")
            )
            .replace("MIN(id)", if sqlite { "MIN(id)" } else { "(array_agg(id))[1]" }),
            &[
                ("id", key('r')),
                ("entitlement_id", key('e')),
                ("round_id", id.clone()),
                ("point_id", "p.id".into()),
                ("device_id", "d.id".into()),
                ("seq", "1000000 + s.n".into()),
                ("number", "'B-' || s.n".into()),
                ("collector_kind", "CASE WHEN s.n % 7 = 0 THEN 'proxy' ELSE 'self' END".into()),
                ("collector_name_sealed", "NULL".into()),
                ("collector_name_salt", "NULL".into()),
                ("short", format!("CASE WHEN s.n % 50 = 1 THEN {yes} ELSE {no} END")),
                ("value_minor", format!("{} - CASE WHEN s.n % 50 = 1 THEN 16000 ELSE 0 END", there[0].value)),
                ("day", "'2026-12-' || CASE WHEN s.n % 14 < 9 THEN '0' ELSE '' END || (s.n % 14 + 1)".into()),
            ],
        );
        // A short handout lacks one pack of the first item of the package.
        run_sql(
            conn,
            &format!(
                "INSERT INTO redemption_items (redemption_id, code, quantity) \
                 SELECT r.id, i.code, i.quantity - CASE WHEN i.position = 0 THEN i.pack_size ELSE 0 END \
                 FROM redemptions r JOIN rounds o ON o.id = r.round_id \
                 JOIN package_items i ON i.package_id = o.package_id WHERE r.round_id = {id} AND r.short"
            ),
        );
        // Money is committed for all of it, and what was not given is free again.
        run_sql(
            conn,
            &format!(
                "UPDATE programmes SET ceiling_minor = 900000000000000, obligated_minor = obligated_minor \
                 + {} - 16000 * (SELECT COUNT(*) FROM redemptions WHERE round_id = {id} AND short) \
                 WHERE id = (SELECT programme_id FROM rounds WHERE id = {id})",
                // Multiplied here: PostgreSQL would multiply two numbers of 32 bits.
                more * there[0].value
            ),
        );
        run_sql(conn, "ANALYZE");
        if !sqlite {
            run_sql(conn, "VACUUM");
        }
        Ok::<_, store::Error>(())
    };
    pool.read(connection).unwrap();
}

/// A workbook of so many rows of fifteen cells, in a process of its own.
fn workbook(rows: u64) {
    let me = std::env::current_exe().unwrap();
    let done = Command::new(me).env(ORDER, rows.to_string()).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let words: Vec<f64> = said.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let mib = |kib: f64| kib / 1024.0;
    println!(
        "{:<12} {rows:>9} {:>12.0} {:>10.1} {:>10.1}",
        "",
        rows as f64 / words[0],
        mib(words[1] / 1024.0),
        mib(words[2])
    );
}

/// Writes the workbook, and says what it took: seconds, bytes, the most memory in KiB.
pub(crate) fn child(order: &str) {
    let rows: u64 = order.parse().unwrap();
    let began = Instant::now();
    let headings: Vec<String> = (0..15).map(|place| format!("kolom_{place}")).collect();
    let headings: Vec<&str> = headings.iter().map(String::as_str).collect();
    let mut book = TableBook::begin("SK 1", &headings, rows).unwrap();
    for row in 0..rows {
        let cells: Vec<String> = (0..15)
            .map(|place| match place {
                0 => row.to_string(),
                3 => format!("640299{:010}", row % 9_999_999_999),
                _ => format!("ISI {place} {}", row % 997),
            })
            .collect();
        book.push(&cells).unwrap();
    }
    let bytes = book.finish().unwrap().len();
    println!("{} {bytes} {}", began.elapsed().as_secs_f64(), super::paper::peak_kib());
}
