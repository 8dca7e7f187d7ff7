//! Groups of redemptions, made on purpose: what one of a group comes to is never another's business.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use diesel::prelude::*;

use super::group::Wish;
use super::{Claim, Error, Named, Outcome, Refusal};
use crate::clock::{Entropy, SystemClock, SystemEntropy};
use crate::domain::id::{RedemptionId, StockEntryId, UserId};
use crate::domain::redemption::{Collector, Given, Paper, Verdict};
use crate::domain::stock::EntryKind;
use crate::service::{Actor, Demo, DemoWanted, Office, prepare};
use crate::store::{self, Conn};
use crate::vault::{MasterKey, Vault};

mod plans;
#[allow(dead_code)]
#[path = "../../../tests/suite/harness/postgres.rs"]
mod postgres;

/// Randomness of which the salt of a name can be told to fail the program.
#[derive(Debug, Default)]
struct Trap {
    set: AtomicBool,
}

impl Entropy for Trap {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        assert!(buffer.len() != 16 || !self.set.load(Ordering::SeqCst), "a fault of the program, made on purpose");
        SystemEntropy.fill(buffer)
    }
}

struct House {
    office: Office,
    trap: Arc<Trap>,
    demo: Demo,
    codes: Vec<(String, String)>,
    /// The first voucher's code as it is typed.
    typed: String,
    location: String,
    folder: tempfile::TempDir,
    /// How many receipts the demonstration has from the rounds before.
    receipts: i64,
}

fn open(location: &str, folder: &tempfile::TempDir, trap: &Arc<Trap>) -> Office {
    // One connection, so that a limit which is set on it holds for all that is done.
    let pool = prepare(location, 1).unwrap();
    let vault = Vault::new(&MasterKey::from_random([7; 32])).unwrap();
    Office::open(pool, vault, Arc::new(SystemClock), trap.clone(), None, &folder.path().join("facts")).unwrap()
}

impl House {
    /// A small demonstration on the database that `SALUR_TEST_DB` names.
    fn new() -> Self {
        Self::of(60)
    }

    fn of(households: u64) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let location = match std::env::var("SALUR_TEST_DB").as_deref() {
            Ok("postgres") => postgres::empty_database(),
            _ => format!("sqlite://{}", folder.path().join("salur.db").display()),
        };
        let trap = Arc::new(Trap::default());
        let office = open(&location, &folder, &trap);
        let demo = office.make_demo(DemoWanted { households, seed: 5 }, &|_, _, _| ()).unwrap();
        let issuer = office.who_bears(&demo.tokens["issuer"]).unwrap();
        let (listed, _) = office.vouchers(&issuer, demo.round_id, None, Some(60)).unwrap();
        let auditor = office.who_bears(&demo.tokens["auditor"]).unwrap();
        let receipts = office.check_chains(&auditor).unwrap().receipts;
        let typed = listed[0].typed_code.clone();
        let codes = listed.into_iter().map(|one| (one.point, one.code)).collect();
        Self { office, trap, demo, codes, typed, location, folder, receipts }
    }

    fn wish(&self, number: usize) -> Wish {
        let (point, code) = &self.codes[number];
        let actor = self.office.who_bears(&self.demo.device_tokens[point]).unwrap();
        let mut id = [number.to_le_bytes()[0]; 16];
        id[0] = 0x5a;
        let claim = Claim {
            id: RedemptionId::random(id),
            named: Named::Code(code.clone()),
            collector: Collector { id_seen: true, ..Collector::default() },
            paper: Paper::Seen,
            paper_reason: None,
            items: None,
            scanned_at: None,
        };
        self.made(actor, claim)
    }

    fn made(&self, actor: Actor, claim: Claim) -> Wish {
        let Named::Code(code) = &claim.named else { panic!("a code") };
        let (reading, kid) = self.office.read_unasked(&actor, code).unwrap();
        Wish { device: actor.device.unwrap(), point: actor.point.unwrap(), actor, claim, reading, kid }
    }

    fn group(&self, wishes: &[Wish]) -> Vec<Result<Outcome, Error>> {
        self.office.redeem_group(wishes, &|| ())
    }

    /// The outcome of every attempt that is kept of these wishes.
    fn attempts(&self, wishes: &[Wish]) -> Vec<Vec<String>> {
        use crate::store::schema::attempts;
        let of = |conn: &mut Conn, wish: &Wish| {
            attempts::table
                .filter(attempts::redemption_id.eq(wish.claim.id))
                .order(attempts::outcome)
                .select(attempts::outcome)
                .load::<String>(conn)
                .map_err(store::Error::from)
        };
        wishes.iter().map(|wish| self.office.pool.read(|conn| of(conn, wish)).unwrap()).collect()
    }

    /// How many facts are stored outside.
    fn outside(&self) -> u64 {
        self.office.cover().unwrap().size
    }

    /// Every chain is whole, with so many receipts more than at first, and none has a place that was taken and not kept.
    fn must_be_whole(&self, more: i64) {
        let auditor = self.office.who_bears(&self.demo.tokens["auditor"]).unwrap();
        let chains = self.office.check_chains(&auditor).unwrap();
        assert_eq!((chains.faults, chains.receipts - self.receipts), (Vec::<String>::new(), more));
    }
}

fn words(outcomes: &[Result<Outcome, Error>]) -> Vec<&'static str> {
    outcomes.iter().map(|outcome| outcome.as_ref().map_or("failed", Outcome::word)).collect()
}

#[test]
fn each_of_a_group_has_its_own_answer_and_its_own_attempt() {
    let house = House::new();
    let before = house.outside();
    let earlier = house.wish(0);
    assert_eq!(words(&house.group(std::slice::from_ref(&earlier))), ["valid"]);
    let mut again = house.wish(0);
    again.claim.id = RedemptionId::random([1; 16]);
    let mut wrong_items = house.wish(1);
    wrong_items.claim.items = Some(vec![Given { code: "emas".into(), quantity: 1 }]);
    let mut forged = house.wish(2);
    forged.reading = super::Reading::refused(Verdict::Forged);
    let mut other_point = house.wish(3);
    let elsewhere = (0..60).find(|number| house.codes[*number].0 != house.codes[3].0).unwrap();
    let stranger = house.wish(elsewhere);
    (other_point.actor, other_point.device, other_point.point) = (stranger.actor, stranger.device, stranger.point);
    let group = [house.wish(4), again, wrong_items, earlier.clone(), forged, other_point, house.wish(5), house.wish(6)];
    let outcomes = house.group(&group);
    let expected =
        ["valid", "already_redeemed", "invalid_items", "replayed", "forged", "wrong_point", "valid", "valid"];
    assert_eq!(words(&outcomes), expected);
    let kept = house.attempts(&group);
    for (place, (kept, expected)) in kept.iter().zip(expected).enumerate() {
        let both = vec!["replayed".to_owned(), "valid".to_owned()];
        assert_eq!(kept, &if place == 3 { both } else { vec![expected.to_owned()] });
    }
    assert_eq!(house.outside() - before, 4, "one fact outside for each handout");
    house.must_be_whole(4);
}

#[test]
fn desks_that_share_a_group_each_go_on_in_their_own_chain() {
    let house = House::new();
    let group: Vec<Wish> = (0..40).map(|number| house.wish(number)).collect();
    let outcomes = house.group(&group);
    let mut places: BTreeMap<_, Vec<i64>> = BTreeMap::new();
    for outcome in outcomes {
        let Ok(Outcome::New(fresh)) = outcome else { panic!("{outcome:?}") };
        assert!(fresh.owed.is_none(), "its fact is outside");
        places.entry(fresh.redemption.device).or_default().push(fresh.redemption.seq);
    }
    assert!(places.values().any(|places| places.len() > 1), "a desk that has more than one");
    for places in places.values() {
        assert!(places.windows(2).all(|two| two[1] == two[0] + 1), "{places:?}");
    }
    house.must_be_whole(40);
}

#[test]
fn the_last_package_of_a_point_is_in_a_group_once() {
    let house = House::new();
    let mut by_point: BTreeMap<&String, usize> = BTreeMap::new();
    for (point, _) in &house.codes {
        *by_point.entry(point).or_default() += 1;
    }
    let busiest = by_point.into_iter().max_by_key(|(_, count)| *count).unwrap().0.clone();
    let there: Vec<usize> = (0..60).filter(|number| house.codes[*number].0 == busiest).take(4).collect();
    assert_eq!(there.len(), 4, "vouchers of one point");
    let round = house.demo.round_id;
    let point = house.wish(there[0]).point;
    let given = {
        let admin = house.wish(0).actor;
        let entry = |tx: &mut store::Write<'_>| {
            let round = store::rounds::find(tx, round)?.unwrap();
            let package = store::packages::find(tx, round.package)?.unwrap();
            let mut agency = store::agencies::find(tx, admin.agency)?.unwrap();
            agency.rules.stop_when_empty = true;
            store::agencies::set_rules(tx, agency.id, agency.rules)?;
            for (place, item) in (0_u8..).zip(&package.items) {
                let goods = store::stock::Entry {
                    id: StockEntryId::random([place + 1; 16]),
                    programme: round.programme,
                    round: round.id,
                    point: Some(point),
                    item: item.code.clone(),
                    kind: EntryKind::Corrected,
                    // Two whole packages and a little.
                    quantity: item.quantity * 2 + 1,
                    reason: "uji".into(),
                    made_by: admin.user,
                    made_at: house.office.now(),
                    agreed: None,
                };
                store::stock::insert_entry(tx, &goods)?;
                assert!(store::stock::agree(tx, goods.id, admin.user, house.office.now())?);
            }
            Ok::<_, store::Error>(package.items.len())
        };
        house.office.pool.write("test", entry).unwrap()
    };
    assert!(given > 0);
    let group: Vec<Wish> = there.iter().map(|number| house.wish(*number)).collect();
    let expected = ["valid", "valid", "point_empty", "point_empty"];
    assert_eq!(words(&house.group(&group)), expected);
    assert_eq!(house.attempts(&group), expected.map(|word| vec![word.to_owned()]));
    assert_eq!(words(&house.group(&group)), ["replayed", "replayed", "point_empty", "point_empty"]);
    house.must_be_whole(2);
}

#[test]
fn one_that_the_database_refuses_fails_alone_and_nothing_of_it_remains() {
    let house = House::new();
    let mut bad = house.wish(1);
    // Nobody has this id: the receipt cannot be kept.
    bad.actor.user = UserId::random([9; 16]);
    let group = [house.wish(0), bad, house.wish(2)];
    let before = house.outside();
    let outcomes = house.group(&group);
    assert_eq!(words(&outcomes), ["valid", "failed", "valid"]);
    assert!(matches!(outcomes[1], Err(Error::Store(_))), "{:?}", outcomes[1]);
    assert_eq!(house.attempts(&group), [vec!["valid".to_owned()], vec![], vec!["valid".to_owned()]]);
    assert_eq!(house.outside() - before, 2);
    house.must_be_whole(2);
    assert_eq!(words(&house.group(&[house.wish(1)])), ["valid"], "its voucher is as good as before");
}

#[test]
fn a_panic_in_a_group_does_not_lose_the_others() {
    let house = House::new();
    let mut bad = house.wish(1);
    bad.claim.collector.name = Some("Siti".into());
    let group = [house.wish(0), bad, house.wish(2)];
    house.trap.set.store(true, Ordering::SeqCst);
    let outcomes = house.group(&group);
    house.trap.set.store(false, Ordering::SeqCst);
    assert_eq!(words(&outcomes), ["valid", "failed", "valid"]);
    assert!(matches!(outcomes[1], Err(Error::Broken(_))));
    house.must_be_whole(2);
    assert_eq!(words(&house.group(&group)), ["replayed", "valid", "replayed"]);
    house.must_be_whole(3);
}

#[test]
fn the_answer_to_a_retry_is_the_receipt_of_the_first() {
    let house = House::new();
    let mut wishes = [house.wish(0), house.wish(1), house.wish(2)];
    wishes[1].claim.collector.name = Some("Siti".into());
    wishes[1].claim.collector.relation = Some("anak".into());
    for (place, wish) in wishes.iter_mut().enumerate() {
        let first = house.office.redeem(&wish.actor, &wish.claim).unwrap();
        let again = house.office.redeem(&wish.actor, &wish.claim).unwrap();
        assert_eq!((first.replayed, again.replayed), (false, true));
        assert_eq!(first.receipt, again.receipt, "wish {place}");
        // Another request under the same id is not a retry.
        wish.claim.collector.relation = Some("tetangga".into());
        let Err(Error::Refused(why)) = house.office.redeem(&wish.actor, &wish.claim) else { panic!("id reused") };
        assert_eq!(*why, Refusal::IdReused);
    }
    let given = house.office.redeem(&house.wish(3).actor, &house.wish(3).claim).unwrap().receipt.items;
    let mut less = house.wish(4).claim;
    less.items = Some(
        given
            .iter()
            .enumerate()
            .map(|(place, (item, quantity))| Given {
                code: item.code.clone(),
                quantity: if place == 0 { quantity - 1 } else { *quantity },
            })
            .collect(),
    );
    let actor = house.wish(4).actor;
    let first = house.office.redeem(&actor, &less).unwrap();
    assert!(first.receipt.short);
    assert_eq!(first.receipt.items[0].1, given[0].1 - 1);
    assert_eq!(first.receipt, house.office.redeem(&actor, &less).unwrap().receipt);
    house.must_be_whole(5);
}

#[cfg(feature = "postgres")]
#[test]
fn connections_that_the_database_closed_cost_no_redemption() {
    let house = House::new();
    if !house.location.starts_with("postgres") {
        return;
    }
    let pool = prepare(&house.location, 4).unwrap();
    let all_open = std::sync::Barrier::new(4);
    let hold = |_: &mut Conn| {
        all_open.wait();
        Ok::<_, store::Error>(())
    };
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| pool.read(hold).unwrap());
        }
    });
    let wish = house.wish(0);
    let mut other = PgConnection::establish(&house.location).unwrap();
    let closed = diesel::sql_query(
        "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity \
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'",
    )
    .execute(&mut other)
    .unwrap();
    assert!(closed >= 5, "{closed}");
    let ask = |tx: &mut store::Write<'_>| Ok::<_, store::Error>(diesel::sql_query("SELECT 1").execute(&mut **tx)?);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| pool.write("test", ask).unwrap());
        }
    });
    assert_eq!(words(&house.group(&[wish])), ["valid"]);
}

#[test]
fn a_refusal_before_any_judgement_is_one_caller_s_own() {
    let house = House::new();
    let revoked = house.wish(0);
    let admin = house.office.who_bears(&house.demo.tokens["admin"]).unwrap();
    house.office.revoke_device(&admin, revoked.device).unwrap();
    let other = (0..60).find(|number| house.codes[*number].0 != house.codes[0].0).unwrap();
    let outcomes = house.group(&[revoked, house.wish(other)]);
    assert_eq!(words(&outcomes), ["device_revoked", "valid"]);
}

#[test]
fn what_a_crash_left_between_commit_and_facts_is_stored_before_anybody_is_answered() {
    let house = House::new();
    let group = [house.wish(0), house.wish(1)];
    let before = house.outside();
    // Committed; then the power goes, before the facts are stored.
    assert_eq!(words(&house.office.try_group(&group).unwrap()), ["valid", "valid"]);
    assert_eq!(house.outside(), before);
    let actor = group[0].actor.clone();
    let again = house.office.redeem(&actor, &group[0].claim).unwrap();
    assert!(again.replayed);
    assert_eq!(house.outside() - before, 2, "the answer to a retry waits for what is owed");

    // The same, and the program is started again.
    let more = [house.wish(2), house.wish(3)];
    assert_eq!(words(&house.office.try_group(&more).unwrap()), ["valid", "valid"]);
    let House { office, trap, location, folder, .. } = house;
    drop(office);
    let office = open(&location, &folder, &trap);
    assert_eq!(office.cover().unwrap().size - before, 4);
}

#[test]
fn a_full_disk_loses_nothing_and_the_same_requests_go_through_later() {
    let house = House::new();
    let limit = |pages: i64| {
        house
            .office
            .pool
            .read(|conn| match conn {
                Conn::Sqlite(inner) => {
                    diesel::sql_query(format!("PRAGMA max_page_count = {pages}")).execute(inner)?;
                    Ok::<_, store::Error>(true)
                }
                #[cfg(feature = "postgres")]
                Conn::Postgres(_) => Ok(false),
            })
            .unwrap()
    };
    // As many pages as there are: the least that is allowed.
    if !limit(1) {
        return;
    }
    let wishes: Vec<Wish> = (0..60).map(|number| house.wish(number)).collect();
    let before = house.outside();
    let error = house.office.try_group(&wishes).unwrap_err();
    assert!(error.to_string().contains("full"), "{error}");
    assert!(house.attempts(&wishes).iter().all(Vec::is_empty));
    assert_eq!(house.outside(), before);
    house.must_be_whole(0);
    limit(1_000_000);
    assert!(words(&house.group(&wishes)).iter().all(|word| *word == "valid"));
    assert_eq!(house.outside() - before, 60);
    house.must_be_whole(60);
}
