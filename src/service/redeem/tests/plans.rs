//! How the database finds what a desk asks for: by an index, never by reading a large table from end to end. Looked at in
//! the statements that really run, not in copies of them.

use std::cell::RefCell;
use std::collections::BTreeSet;

use diesel::connection::{Connection as _, InstrumentationEvent};
use diesel::sql_types::{BigInt, Text};

use super::*;
use crate::service::SearchWanted;

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

/// What the office does all day: it looks for people, lists vouchers, and adds up the books of a round.
fn an_office_at_work(house: &House) {
    let office = &house.office;
    let coordinator = office.who_bears(&house.demo.tokens["coordinator"]).unwrap();
    for text in ["siti", "hj. rusmini", "0042", "loa"] {
        let wanted = SearchWanted { text: text.into(), ..SearchWanted::default() };
        office.search_households(&coordinator, &wanted).unwrap();
    }
    let issuer = office.who_bears(&house.demo.tokens["issuer"]).unwrap();
    let (listed, _) = office.vouchers(&issuer, house.demo.round_id, None, Some(60)).unwrap();
    assert_eq!(listed.len(), 60);
    let finance = office.who_bears(&house.demo.tokens["finance"]).unwrap();
    assert!(office.reconciliation(&finance, house.demo.round_id).unwrap().faults().is_empty());
    office.dashboard(&finance, house.demo.round_id).unwrap();
}

/// What of this work reads a large table from end to end.
fn read_in_full(house: &House, work: impl FnOnce(&House)) -> Vec<String> {
    let on_sqlite = house
        .office
        .pool
        .read(|conn| {
            diesel::sql_query("ANALYZE").execute(conn)?;
            conn.set_instrumentation(hear);
            let on_sqlite = conn.engine() == "sqlite";
            if !on_sqlite {
                // Of a table this small PostgreSQL would read all, and be right: it is to say whether it could do otherwise.
                diesel::sql_query("SET enable_seqscan = off").execute(conn)?;
            }
            Ok::<_, store::Error>(on_sqlite)
        })
        .unwrap();
    if !on_sqlite {
        let before = scans(house);
        work(house);
        let more = scans(house).into_iter().zip(before).filter(|(after, before)| after != before);
        return more.map(|(after, before)| format!("{}: {} times", after.0, after.1 - before.1)).collect();
    }
    HEARD.set(Some(BTreeSet::new()));
    work(house);
    let heard = HEARD.take().unwrap();
    assert!(heard.iter().any(|sql| sql.contains("`entitlements`")), "{heard:?}");
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
    found
}

#[test]
fn nothing_that_a_desk_asks_for_is_found_by_reading_a_large_table_from_end_to_end() {
    let found = read_in_full(&House::of(2_000), a_desk_at_work);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn searches_lists_and_books_have_their_indexes() {
    let house = House::of(2_000);
    let found = read_in_full(&house, an_office_at_work);
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_table_that_is_read_from_end_to_end_is_noticed() {
    let house = House::of(60);
    let found = read_in_full(&house, |house| {
        a_desk_at_work(house);
        let read = |conn: &mut Conn| {
            use crate::store::schema::redemptions;
            let counted = redemptions::table.filter(redemptions::paper.eq("seen")).select(redemptions::number);
            Ok::<_, store::Error>(counted.load::<String>(conn)?)
        };
        house.office.pool.read(read).unwrap();
    });
    assert!(found.iter().any(|one| one.contains("redemptions")), "{found:?}");
}

/// A plan that reads a small table where indexes are asked for looks so dear to PostgreSQL that it compiled it anew for
/// every redemption, for thirty times as long as all the rest took.
#[test]
fn no_plan_is_compiled() {
    #[derive(diesel::QueryableByName)]
    struct Setting {
        #[diesel(sql_type = diesel::sql_types::Text)]
        jit: String,
    }
    let house = House::of(20);
    let set: Option<Setting> = house
        .office
        .pool
        .read(|conn| match conn.engine() {
            "sqlite" => Ok::<_, store::Error>(None),
            _ => Ok(Some(diesel::sql_query("SELECT current_setting('jit') AS jit").get_result(conn)?)),
        })
        .unwrap();
    assert!(set.is_none_or(|set| set.jit == "off"));
}
