//! How the database finds what a desk asks for: by an index, never by reading a large table from end to end. Looked at in
//! the statements that really run, not in copies of them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::sql_types::{BigInt, Text};

use super::*;

/// What grows with the number of households and handouts.
const LARGE: [&str; 7] =
    ["entitlements", "households", "redemptions", "attempts", "device_receipts", "redemption_items", "tokens"];

thread_local! {
    /// The statements of this thread, while it wants them.
    static HEARD: RefCell<Option<BTreeSet<String>>> = const { RefCell::new(None) };
}

fn hear(event: InstrumentationEvent<'_>) {
    let InstrumentationEvent::StartQuery { query, .. } = event else { return };
    HEARD.with_borrow_mut(|heard| {
        if let Some(heard) = heard {
            let text = query.to_string();
            heard.insert(text.split(" -- binds:").next().unwrap_or_default().trim().to_owned());
        }
    });
}

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

#[derive(QueryableByName)]
struct Scanned {
    #[diesel(sql_type = Text)]
    relname: String,
    #[diesel(sql_type = BigInt)]
    scans: i64,
}

/// How often each large table was read from end to end since the database began (PostgreSQL).
fn scans(house: &House) -> Vec<(String, i64)> {
    house
        .office
        .pool
        .read(|conn| {
            diesel::sql_query("SELECT pg_stat_force_next_flush()").execute(conn)?;
            let rows: Vec<Scanned> = diesel::sql_query(
                "SELECT CAST(relname AS TEXT) AS relname, seq_scan AS scans FROM pg_stat_user_tables ORDER BY relname",
            )
            .load(conn)?;
            Ok::<_, store::Error>(rows.into_iter().map(|row| (row.relname, row.scans)).collect::<Vec<_>>())
        })
        .unwrap()
        .into_iter()
        .filter(|(name, _)| LARGE.contains(&name.as_str()))
        .collect()
}

/// All that a desk does with a voucher: it says who it is, looks, redeems, is refused, asks again, and types the code.
fn a_desk_at_work(house: &House) {
    let wishes: Vec<Wish> = (0..12).map(|number| house.wish(number)).collect();
    assert!(words(&house.group(&wishes)).iter().all(|word| *word == "valid"));
    let one = &wishes[0];
    house.office.redeem(&one.actor, &one.claim).unwrap();
    let other = Claim { id: RedemptionId::random([3; 16]), ..one.claim.clone() };
    assert!(house.office.redeem(&one.actor, &other).is_err());
    let Named::Code(code) = &one.claim.named else { panic!("a code") };
    house.office.verify(&one.actor, code).unwrap();
    house.office.verify(&one.actor, &house.typed).unwrap();
}

#[test]
fn nothing_that_a_desk_asks_for_is_found_by_reading_a_large_table_from_end_to_end() {
    let house = House::of(2_000);
    let on_sqlite = house
        .office
        .pool
        .read(|conn| {
            diesel::sql_query("ANALYZE").execute(conn)?;
            conn.set_instrumentation(hear);
            Ok::<_, store::Error>(conn.engine() == "sqlite")
        })
        .unwrap();
    if !on_sqlite {
        let before = scans(&house);
        a_desk_at_work(&house);
        assert_eq!(scans(&house), before, "tables that were read from end to end, and how often");
        return;
    }
    HEARD.set(Some(BTreeSet::new()));
    a_desk_at_work(&house);
    let heard = HEARD.take().unwrap();
    assert!(heard.iter().any(|sql| sql.contains("`redemptions`")), "{heard:?}");
    let mut found = Vec::new();
    for sql in heard.iter().filter(|sql| sql.starts_with("SELECT") || sql.starts_with("UPDATE")) {
        let plan: Vec<Step> = house
            .office
            .pool
            .read(|conn| {
                Ok::<_, store::Error>(diesel::sql_query(format!("EXPLAIN QUERY PLAN {sql}")).load::<Step>(conn)?)
            })
            .unwrap();
        for step in plan {
            if LARGE.iter().any(|table| step.detail == format!("SCAN {table}")) {
                found.push(format!("{}: {sql}", step.detail));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}
