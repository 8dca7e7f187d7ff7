//! The tables: the way up, down and up again, and the same shape on both engines and in the program.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use diesel::{QueryableByName, RunQueryDsl as _};
use salur::store::{self, Conn, Location, Pool};

use crate::harness::postgres;

/// A line for each column, key, index and reference.
const SQLITE_SHAPE: &str = r#"
    SELECT t.name || '.' || c.name || ' ' || replace(lower(c.type), 'blob', 'bytea')
        || CASE c."notnull" WHEN 1 THEN ' not null' ELSE '' END AS line
    FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'
    UNION ALL
    SELECT t.name || CASE i."unique" WHEN 1 THEN ' unique (' ELSE ' index (' END
        || (SELECT group_concat(k.name, ', ' ORDER BY k.seqno) FROM pragma_index_info(i.name) k) || ')'
    FROM sqlite_master t, pragma_index_list(t.name) i WHERE t.type = 'table'
    UNION ALL
    SELECT t.name || ' references (' || f."from" || ') ' || f."table" || ' (' || f."to" || ')'
    FROM sqlite_master t, pragma_foreign_key_list(t.name) f WHERE t.type = 'table'"#;

const POSTGRES_SHAPE: &str = "
    SELECT t.relname || '.' || c.attname || ' ' || format_type(c.atttypid, c.atttypmod)
        || CASE WHEN c.attnotnull THEN ' not null' ELSE '' END AS line
    FROM pg_class t JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum > 0 AND NOT c.attisdropped
    WHERE t.relkind = 'r' AND t.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT t.relname || CASE WHEN i.indisunique THEN ' unique (' ELSE ' index (' END
        || (SELECT string_agg(c.attname, ', ' ORDER BY k.place)
            FROM unnest(i.indkey) WITH ORDINALITY k (number, place)
            JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = k.number) || ')'
    FROM pg_class t JOIN pg_index i ON i.indrelid = t.oid WHERE t.relnamespace = 'public'::regnamespace
    UNION ALL
    SELECT t.relname || ' references (' || c.attname || ') ' || o.relname || ' (' || d.attname || ')'
    FROM pg_constraint f JOIN pg_class t ON t.oid = f.conrelid JOIN pg_class o ON o.oid = f.confrelid
    JOIN pg_attribute c ON c.attrelid = t.oid AND c.attnum = f.conkey[1]
    JOIN pg_attribute d ON d.attrelid = o.oid AND d.attnum = f.confkey[1]
    WHERE f.contype = 'f' AND t.relnamespace = 'public'::regnamespace";

#[derive(QueryableByName)]
struct Line {
    #[diesel(sql_type = diesel::sql_types::Text)]
    line: String,
}

fn shape(conn: &mut Conn) -> BTreeSet<String> {
    let lines: Vec<Line> = match conn {
        Conn::Sqlite(inner) => diesel::sql_query(SQLITE_SHAPE).get_results(inner).unwrap(),
        Conn::Postgres(inner) => diesel::sql_query(POSTGRES_SHAPE).get_results(inner).unwrap(),
    };
    lines.into_iter().map(|line| line.line).filter(|line| !line.starts_with("__diesel_schema_migrations")).collect()
}

/// Runs `f` on a connection to an empty database of the engine.
fn on_empty<T>(engine: &str, f: impl FnOnce(&mut Conn) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let url = match engine {
        "postgres" => postgres::empty_database(),
        _ => format!("sqlite://{}", folder.path().join("salur.db").display()),
    };
    let location: Location = url.parse().unwrap();
    let pool = Pool::open(&location, 1).unwrap();
    pool.read(|conn| Ok::<_, store::Error>(f(conn))).unwrap()
}

fn engine() -> String {
    std::env::var("SALUR_TEST_DB").unwrap_or_else(|_| "sqlite".to_owned())
}

fn migrated(engine: &str) -> BTreeSet<String> {
    on_empty(engine, |conn| {
        store::migrate(conn).unwrap();
        shape(conn)
    })
}

fn differences(one: &BTreeSet<String>, other: &BTreeSet<String>) -> String {
    let lost = one.difference(other).map(|line| format!("- {line}"));
    let won = other.difference(one).map(|line| format!("+ {line}"));
    lost.chain(won).collect::<Vec<_>>().join("\n")
}

#[test]
fn the_tables_go_up_down_to_nothing_and_up_again() {
    on_empty(&engine(), |conn| {
        let steps = store::pending(conn).unwrap();
        assert_eq!((steps > 0, store::migrate(conn).unwrap()), (true, steps));
        let first = shape(conn);
        assert!(first.contains("entitlements unique (round_id, household_id, exception_no)"), "{first:?}");
        assert_eq!(store::pending(conn).unwrap(), 0);
        assert_eq!(store::migrate(conn).unwrap(), 0, "a second run has nothing to do");
        assert_eq!(store::revert_all(conn).unwrap(), steps);
        assert_eq!(shape(conn), BTreeSet::new(), "what the way down leaves behind");
        assert_eq!(store::migrate(conn).unwrap(), steps);
        assert_eq!(shape(conn), first, "the second way up ends where the first did");
    });
}

/// Takes the step of the exceptions back, after the later one that touches its tables, as a hand would, and says what
/// came of it.
fn take_back(conn: &mut Conn) -> Result<(), diesel::result::Error> {
    use diesel::Connection as _;
    use diesel::connection::SimpleConnection as _;
    let forget = "DELETE FROM __diesel_schema_migrations WHERE version IN ('0013', '0016')";
    match conn {
        Conn::Sqlite(inner) => {
            inner.batch_execute("PRAGMA foreign_keys = OFF").unwrap();
            let down = [
                include_str!("../../migrations/sqlite/0016_short_handouts/down.sql"),
                include_str!("../../migrations/sqlite/0013_exceptions/down.sql"),
                forget,
            ];
            let done = inner.transaction(|inner| down.iter().try_for_each(|step| inner.batch_execute(step)));
            inner.batch_execute("PRAGMA foreign_keys = ON").unwrap();
            done
        }
        Conn::Postgres(inner) => {
            let down = [
                include_str!("../../migrations/postgres/0016_short_handouts/down.sql"),
                include_str!("../../migrations/postgres/0013_exceptions/down.sql"),
                forget,
            ];
            inner.transaction(|inner| down.iter().try_for_each(|step| inner.batch_execute(step)))
        }
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    count: i64,
}

fn count(conn: &mut Conn, what: &str) -> i64 {
    let query = diesel::sql_query(format!("SELECT count(*) AS count FROM {what}"));
    let one: Count = match conn {
        Conn::Sqlite(inner) => query.get_result(inner).unwrap(),
        Conn::Postgres(inner) => query.get_result(inner).unwrap(),
    };
    one.count
}

/// An account of before makers were kept gets its maker from the record of acts; one that nobody made is taken at its word.
#[test]
fn accounts_of_an_older_installation_have_their_makers_and_its_first_one_may_confirm() {
    use crate::harness::office::Office;
    use diesel::connection::SimpleConnection as _;
    let mut office = Office::open(62);
    let new =
        serde_json::json!({ "username": "kas", "name": "Kas", "role": "finance", "password": "kata sandi panjang" });
    assert_eq!(office.post("admin", "/users", &new).status, 201);
    office.server.kill_nine();
    let file = office.installation.dir().join("salur.db");
    let url = office.installation.database_url().map_or_else(|| format!("sqlite://{}", file.display()), str::to_owned);
    let pool = Pool::open(&url.parse::<Location>().unwrap(), 1).unwrap();
    let before = "UPDATE users SET made_by = NULL, confirmed_at = NULL, confirmed_by = NULL; \
                  DELETE FROM __diesel_schema_migrations WHERE version = '0020'";
    let made = "users JOIN users AS maker ON maker.id = users.made_by WHERE users.username = 'kas' \
                AND maker.username = 'admin' AND users.confirmed_at IS NULL";
    pool.read(|conn| {
        match conn {
            Conn::Sqlite(inner) => inner.batch_execute(before).unwrap(),
            Conn::Postgres(inner) => inner.batch_execute(before).unwrap(),
        }
        assert_eq!(store::migrate(conn).unwrap(), 1);
        assert_eq!(count(conn, made), 1);
        let vouched = "users WHERE made_by IS NULL AND confirmed_at IS NULL";
        assert_eq!(count(conn, vouched), 0);
        assert!(count(conn, "users WHERE username = 'admin' AND confirmed_at IS NOT NULL") == 1);
        Ok::<_, store::Error>(())
    })
    .unwrap();
}

/// Redemptions, leases, bundles and leaves of the log point to rights while the table of rights is made anew.
#[test]
fn a_database_at_work_takes_the_step_of_the_exceptions_and_nothing_of_it_is_lost() {
    use crate::harness::handset::Handset;
    use crate::harness::office::{Office, by_code};
    let mut office = Office::open(61);
    let (point, vouchers) = crate::leases::busiest(&office);
    let redeemed = office.redeem(&vouchers[0], &by_code("00000000-0000-7000-8000-000000000611", &vouchers[0].code));
    assert_eq!(redeemed.status, 201, "{}", redeemed.body);
    let mut device = Handset::enrol(&office, &point, 61);
    let lent = serde_json::json!({ "entitlements": [vouchers[1].entitlement_id] });
    assert_eq!(device.lease(office.base(), &lent).status, 200);
    office.server.kill_nine();

    let file = office.installation.dir().join("salur.db");
    let url = office.installation.database_url().map_or_else(|| format!("sqlite://{}", file.display()), str::to_owned);
    let tables = [
        "entitlements",
        "redemptions",
        "bundle_vouchers",
        "log_leaves WHERE entitlement_id IS NOT NULL",
        "entitlements WHERE state = 'leased' AND holder_id IS NOT NULL AND replaced = FALSE",
        "redemptions r JOIN entitlements e ON e.id = r.entitlement_id WHERE e.state = 'redeemed'",
    ];
    let pool = Pool::open(&url.parse::<Location>().unwrap(), 1).unwrap();
    pool.read(|conn| {
        let before = tables.map(|table| count(conn, table));
        assert!(before.iter().all(|rows| *rows > 0), "{before:?}");
        let whole = shape(conn);
        take_back(conn).unwrap();
        assert_ne!(shape(conn), whole);
        assert_eq!((store::pending(conn).unwrap(), store::migrate(conn).unwrap()), (2, 2));
        assert_eq!((shape(conn), tables.map(|table| count(conn, table))), (whole, before));
        if let Conn::Sqlite(_) = conn {
            assert_eq!(count(conn, "pragma_foreign_key_check"), 0);
            assert_eq!(count(conn, "pragma_foreign_keys WHERE foreign_keys = 1"), 1, "they are on again");
            assert_eq!(count(conn, "pragma_integrity_check WHERE integrity_check = 'ok'"), 1);
        }
        Ok::<_, store::Error>(())
    })
    .unwrap();
    drop(pool);

    // It goes on as if nothing had been: the lease is used, the log and the books are whole.
    office.server = office.installation.serve();
    device.redeem(crate::leases::id_of(&vouchers[1]));
    assert_eq!(crate::leases::run(&device.sync(office.base()).body, 0), ("taken", None, 1));
    crate::leases::books(&office, 2, 0);
}

#[test]
fn both_engines_have_the_same_columns_keys_indexes_and_references() {
    if engine() != "postgres" {
        return;
    }
    let differ = differences(&migrated("sqlite"), &migrated("postgres"));
    assert!(differ.is_empty(), "SQLite (-) and PostgreSQL (+) differ:\n{differ}");
}

#[test]
fn both_engines_have_the_same_migrations_each_with_a_way_up_and_down() {
    let names = |engine: &str| -> BTreeSet<String> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(engine);
        fs::read_dir(&folder)
            .unwrap()
            .map(|entry| {
                let entry = entry.unwrap();
                for way in ["up.sql", "down.sql"] {
                    assert!(entry.path().join(way).is_file(), "{}: no {way}", entry.path().display());
                }
                entry.file_name().into_string().unwrap()
            })
            .collect()
    };
    let sqlite = names("sqlite");
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, names("postgres"));
}

#[test]
fn the_program_knows_every_column_as_the_database_has_it() {
    let is_column = |line: &&String| line.split(' ').next().is_some_and(|name| name.contains('.'));
    let migrated: BTreeSet<String> = migrated(&engine()).iter().filter(is_column).cloned().collect();
    let source = include_str!("../../src/store/schema.rs");
    let (mut table, mut known) = ("", BTreeSet::new());
    for line in source.lines().map(str::trim) {
        if let Some((name, _)) = line.strip_suffix(") {").and_then(|head| head.split_once(" (")) {
            table = name;
        } else if let Some((column, kind)) = line.trim_end_matches(',').split_once(" -> ") {
            let (kind, end) = match kind.strip_prefix("Nullable<") {
                Some(kind) => (kind.trim_end_matches('>'), ""),
                None => (kind, " not null"),
            };
            let kind = match kind {
                "Binary" => "bytea",
                "Text" => "text",
                "BigInt" => "bigint",
                "Integer" => "integer",
                "Bool" => "boolean",
                other => panic!("{table}.{column}: what is {other}?"),
            };
            known.insert(format!("{table}.{column} {kind}{end}"));
        }
    }
    let differ = differences(&migrated, &known);
    assert!(differ.is_empty(), "the database (-) and src/store/schema.rs (+) differ:\n{differ}");
}
