//! A small office in leaves, and every rule broken once.

use super::*;
use crate::domain::id::RedemptionId;
use crate::domain::time::Timestamp;
use crate::token::{FIRST_PREV_HASH, SigningKey};

const HOUR: i64 = 3_600_000;
/// The day of [`leaf`] where the agency is at home, in days since 1970.
const DAY: i64 = 20_793;

fn leaf(kind: Kind) -> Leaf {
    Leaf::new(kind, Timestamp::from_millis(1_796_515_200_000).unwrap())
}

fn agency() -> AgencyId {
    AgencyId::random([1; 16])
}

fn round() -> RoundId {
    RoundId::random([2; 16])
}

fn device(number: u8) -> DeviceId {
    DeviceId::random([10 + number; 16])
}

fn person(role: &str) -> UserId {
    UserId::random([role.as_bytes()[0]; 16])
}

fn right(number: u8) -> EntitlementId {
    EntitlementId::random([100 + number; 16])
}

/// Agency, people, round, one device, two rights.
fn office() -> Ledger {
    let mut ledger = Ledger::default();
    let policy = |word: &str| Leaf { word: Some(word.into()), agency: Some(agency()), ..leaf(Kind::Policy) };
    ledger.take(&Leaf { count: Some(8), ..policy("agency") }).unwrap();
    ledger.take(&Leaf { round: Some(round()), ..policy("round") }).unwrap();
    for role in ["issuer", "operator", "finance"] {
        let subject = Some(*crate::domain::id::Identifier::bytes(&person(role)));
        ledger.take(&Leaf { subject, word: Some(role.into()), ..leaf(Kind::Role) }).unwrap();
    }
    let key = SigningKey::from_seed(&[1; 32]).verifying_key().to_bytes();
    ledger.take(&Leaf { device: Some(device(0)), public_key: Some(key), ..leaf(Kind::Enrol) }).unwrap();
    ledger.take(&issue(0)).unwrap();
    ledger.take(&issue(1)).unwrap();
    ledger
}

fn issue(number: u8) -> Leaf {
    Leaf {
        actor: Some(person("issuer")),
        entitlement: Some(right(number)),
        round: Some(round()),
        point: Some(1),
        value_minor: Some(500_000),
        fence: Some(Fence { epoch: 1, counter: 0 }),
        ..leaf(Kind::Issue)
    }
}

fn redeem(number: u8, seq: u64) -> Leaf {
    let hash = |seq: u64| if seq == 0 { FIRST_PREV_HASH } else { [u8::try_from(seq).unwrap(); 32] };
    Leaf {
        actor: Some(person("operator")),
        entitlement: Some(right(number)),
        round: Some(round()),
        point: Some(1),
        device: Some(device(0)),
        fence: Some(Fence { epoch: 1, counter: 1 }),
        seq: Some(seq),
        prev_hash: Some(hash(seq - 1)),
        receipt_hash: Some(hash(seq)),
        redemption: Some(RedemptionId::random([number; 16])),
        value_minor: Some(500_000),
        count: Some(DAY),
        ..leaf(Kind::Redeem)
    }
}

fn about(kind: Kind, number: u8) -> Leaf {
    Leaf {
        entitlement: Some(right(number)),
        device: Some(device(0)),
        fence: Some(Fence { epoch: 1, counter: 1 }),
        ..leaf(kind)
    }
}

fn rule(result: Result<(), Wrong>) -> &'static str {
    result.expect_err("a rule is broken").rule
}

#[test]
fn a_day_adds_up_by_round_point_and_day() {
    let mut ledger = office();
    ledger.take(&redeem(0, 1)).unwrap();
    let short = Leaf {
        value_minor: Some(430_000),
        at_ms: leaf(Kind::Redeem).at_ms + 16 * HOUR,
        count: Some(DAY + 1),
        ..redeem(1, 2)
    };
    ledger.take(&short).unwrap();
    let sums = Sums { issued: 2, redeemed: 2, realised_minor: 930_000, ..Sums::default() };
    assert_eq!(ledger.rounds()[&round()], sums);
    assert_eq!(ledger.points()[&(round(), 1)], sums);
    let days: Vec<(&str, (i64, i64))> = ledger.days().iter().map(|((_, day), sum)| (day.as_str(), *sum)).collect();
    assert_eq!(days, [("2026-12-06", (1, 500_000)), ("2026-12-07", (1, 430_000))]);
    let closing = Leaf {
        actor: Some(person("finance")),
        round: Some(round()),
        count: Some(2),
        value_minor: Some(930_000),
        ..leaf(Kind::Close)
    };
    ledger.take(&closing).unwrap();
    assert_eq!(rule(ledger.take(&Leaf { value_minor: Some(930_001), ..closing })), "V9");
    assert_eq!(ledger.states()["redeemed"], 2);
}

#[test]
fn every_rule_is_seen_when_it_is_broken() {
    let after = |leaves: &[Leaf], last: Leaf| {
        let mut ledger = office();
        for leaf in leaves {
            ledger.take(leaf).unwrap();
        }
        rule(ledger.take(&last))
    };
    assert_eq!(after(&[redeem(0, 1)], redeem(0, 2)), "V1", "twice");
    assert_eq!(after(&[about(Kind::Revoke, 0)], redeem(0, 1)), "V2", "redeemed and revoked");
    assert_eq!(after(&[redeem(0, 1)], about(Kind::Revoke, 0)), "V2", "revoked and redeemed");
    let other = Leaf { fence: Some(Fence { epoch: 1, counter: 2 }), ..about(Kind::Grant, 0) };
    assert_eq!(after(&[about(Kind::Grant, 0)], other), "V2", "two leases");
    assert_eq!(after(&[], Leaf { device: Some(device(9)), ..about(Kind::Grant, 0) }), "V2", "to nobody");
    assert_eq!(after(&[about(Kind::Grant, 0), about(Kind::Return, 0)], about(Kind::Grant, 0)), "V5", "the same fence");
    assert_eq!(after(&[], Leaf { fence: Some(Fence { epoch: 1, counter: 0 }), ..redeem(0, 1) }), "V5");
    assert_eq!(after(&[], Leaf { count: Some(DAY + 1), ..redeem(0, 1) }), "V9", "on a day that was none of it");
    assert_eq!(after(&[redeem(0, 1)], Leaf { prev_hash: Some([9; 32]), ..redeem(1, 2) }), "V6", "not chained");
    assert_eq!(after(&[], Leaf { device: Some(device(9)), ..redeem(0, 1) }), "V6", "a device that nobody enrolled");
    assert_eq!(after(&[], issue(0)), "V9", "issued twice");
    assert_eq!(after(&[], redeem(7, 1)), "V9", "never issued");
    assert_eq!(after(&[], Leaf { point: Some(2), ..redeem(0, 1) }), "V9", "elsewhere");
    assert_eq!(after(&[], Leaf { value_minor: Some(500_001), ..redeem(0, 1) }), "V9", "more than the right");
    assert_eq!(after(&[], Leaf { actor: Some(person("issuer")), ..redeem(0, 1) }), "V11", "the issuer");
    assert_eq!(after(&[], Leaf { actor: Some(person("operator")), ..issue(5) }), "V11", "the operator");
    assert_eq!(after(&[], Leaf { actor: None, ..issue(5) }), "V11", "nobody");
    let of_household = |number| Leaf { subject: Some([7; 16]), ..issue(number) };
    assert_eq!(after(&[of_household(5)], of_household(6)), "V1", "two first rights of one household");
    assert_eq!(after(&[], Leaf { value_minor: None, ..issue(5) }), "leaf");
}

#[test]
fn a_lease_is_redeemed_by_its_holder_under_its_fence_and_a_written_off_one_too() {
    let mut ledger = office();
    ledger.take(&about(Kind::Grant, 0)).unwrap();
    ledger.take(&redeem(0, 1)).unwrap();
    ledger.take(&about(Kind::Grant, 1)).unwrap();
    ledger.take(&about(Kind::WriteOff, 1)).unwrap();
    assert_eq!(ledger.states()["unresolved"], 1);
    ledger.take(&redeem(1, 2)).unwrap();
}

/// An exception that stands for a right.
fn exception(number: u8, of: u8, why: &str, value: i64) -> Leaf {
    Leaf {
        kind: Kind::Exception,
        link: Some(right(of)),
        word: Some(why.into()),
        value_minor: Some(value),
        subject: Some([1; 16]),
        ..issue(number)
    }
}

#[test]
fn an_exception_gives_what_is_owed_after_a_short_handout_a_reversal_or_a_loss_and_no_more() {
    let short = || Leaf { value_minor: Some(430_000), ..redeem(0, 1) };
    let lost = || [about(Kind::Grant, 1), about(Kind::WriteOff, 1)];
    let taken = |leaves: Vec<Leaf>| {
        let mut ledger = office();
        let (last, before) = leaves.split_last().unwrap();
        for leaf in before {
            ledger.take(leaf).unwrap();
        }
        ledger.take(last).map(|()| ledger.rounds()[&round()].issued).map_err(|wrong| wrong.rule)
    };
    assert_eq!(taken(vec![short(), exception(5, 0, "short", 70_000)]), Ok(3));
    assert_eq!(taken(vec![short(), exception(5, 0, "short", 70_001)]), Err("V9"), "more than is owed");
    assert_eq!(taken(vec![redeem(0, 1), exception(5, 0, "short", 1)]), Err("V9"), "nothing is owed");
    let back = |value, rights: &[u8]| Leaf {
        reversed: rights.iter().map(|number| right(*number)).collect(),
        ..exception(5, 0, "reversed", value)
    };
    assert_eq!(taken(vec![redeem(0, 1), back(500_000, &[0])]), Ok(3));
    assert_eq!(taken(vec![redeem(0, 1), back(500_001, &[0])]), Err("V9"));
    assert_eq!(taken(vec![redeem(0, 1), back(500_000, &[])]), Ok(3), "a leaf of before, when they were not named");
    assert_eq!(taken(vec![redeem(0, 1), back(500_001, &[])]), Err("V9"));
    let [lent, gone] = lost();
    assert_eq!(taken(vec![lent, gone, exception(5, 1, "reversed", 1)]), Err("V9"), "nothing was taken back");
    assert_eq!(taken(vec![redeem(0, 1), back(500_000, &[1])]), Err("V9"), "of another household");
    let [grant, off] = lost();
    assert_eq!(taken(vec![grant.clone(), off.clone(), exception(5, 1, "unresolved", 500_000)]), Ok(3));
    assert_eq!(taken(vec![redeem(0, 1), exception(5, 0, "unresolved", 500_000)]), Err("V9"), "it was not lost");
    assert_eq!(taken(vec![grant, off, exception(5, 1, "short", 500_000)]), Err("V9"), "it was not handed over");
    assert_eq!(taken(vec![exception(5, 0, "short", 1)]), Err("V1"), "the first is good");
    let twice = vec![short(), exception(5, 0, "short", 30_000), exception(6, 0, "short", 30_000)];
    assert_eq!(taken(twice), Err("V1"), "one at a time");
    let one_after_the_other = |value| {
        let fence = Some(Fence { epoch: 1, counter: 1 });
        let given = Leaf { fence, value_minor: Some(30_000), ..redeem(5, 2) };
        vec![short(), exception(5, 0, "short", 30_000), given, exception(6, 0, "short", value)]
    };
    assert_eq!(taken(one_after_the_other(40_000)), Ok(4));
    assert_eq!(taken(one_after_the_other(40_001)), Err("V9"), "the sum counts");
    let after_a_reversal = |value| {
        let fence = Some(Fence { epoch: 1, counter: 1 });
        let given = Leaf { fence, value_minor: Some(430_000), ..redeem(5, 2) };
        vec![redeem(0, 1), back(500_000, &[0]), given, exception(6, 0, "short", value)]
    };
    assert_eq!(taken(after_a_reversal(70_000)), Ok(4), "what was taken back counts as not had");
    assert_eq!(taken(after_a_reversal(70_001)), Err("V9"));
    // A lost device comes back with rice that had been given a second time: what else is owed is owed still.
    let came_back = |value| {
        let fence = Some(Fence { epoch: 1, counter: 1 });
        let [grant, off] = lost();
        let given = Leaf { fence, value_minor: Some(240_000), ..redeem(5, 1) };
        let held = Leaf { value_minor: Some(240_000), ..redeem(1, 2) };
        vec![grant, off, exception(5, 1, "unresolved", 240_000), given, held, exception(6, 1, "short", value)]
    };
    assert_eq!(taken(came_back(260_000)), Ok(4));
    assert_eq!(taken(came_back(260_001)), Err("V9"));
    assert_eq!(taken(vec![short(), exception(5, 9, "short", 1)]), Err("V9"), "of nothing");
    let mut of_another = one_after_the_other(1);
    of_another[3].link = Some(right(5));
    assert_eq!(taken(of_another), Err("V9"), "of an exception");
    assert_eq!(taken(vec![short(), exception(5, 0, "hungry", 1)]), Err("leaf"));
    assert_eq!(taken(vec![short(), Leaf { link: None, ..exception(5, 0, "short", 1) }]), Err("leaf"));
    let alone =
        Leaf { subject: Some(*crate::domain::id::Identifier::bytes(&person("issuer"))), ..exception(5, 0, "short", 1) };
    assert_eq!(taken(vec![short(), alone]), Err("V11"), "one person");
    assert_eq!(taken(vec![short(), Leaf { subject: None, ..exception(5, 0, "short", 1) }]), Err("V11"));
    let desk = Leaf { actor: Some(person("operator")), ..exception(5, 0, "short", 1) };
    assert_eq!(taken(vec![short(), desk]), Err("V11"), "an operator");
}

#[test]
fn times_decide_nothing() {
    let mut ledger = office();
    let early = Leaf { at_ms: 0, claimed_at_ms: Some(i64::MAX), count: Some(0), ..redeem(0, 1) };
    ledger.take(&early).unwrap();
    assert_eq!(ledger.states()["redeemed"], 1);
}

fn hash(seq: u8) -> [u8; 32] {
    if seq == 0 { FIRST_PREV_HASH } else { [seq; 32] }
}

#[test]
fn receipts_may_come_in_another_order_and_a_gap_is_told_at_the_leaf_behind_it() {
    let mut ledger = office();
    ledger.at(70);
    ledger.take(&redeem(0, 2)).unwrap();
    assert_eq!(ledger.gaps().iter().map(|(leaf, wrong)| (*leaf, wrong.rule)).collect::<Vec<_>>(), [(70, "V6")]);
    ledger.at(71);
    ledger.take(&redeem(1, 1)).unwrap();
    assert_eq!(ledger.gaps(), []);
    assert_eq!((ledger.chain_of(device(0)).unwrap().seq, ledger.chain_of(device(0)).unwrap().head), (2, hash(2)));
}

#[test]
fn a_fork_is_wrong_unless_the_office_put_it_on_the_log() {
    let again = Leaf { receipt_hash: Some([99; 32]), ..redeem(1, 1) };
    let mut ledger = office();
    ledger.take(&redeem(0, 1)).unwrap();
    assert_eq!(rule(ledger.take(&again)), "V6");
    let mut ledger = office();
    ledger.take(&redeem(0, 1)).unwrap();
    let fork = Leaf { word: Some("fork".into()), device: Some(device(0)), seq: Some(1), ..leaf(Kind::Conflict) };
    ledger.take(&fork).unwrap();
    ledger.take(&again).unwrap();
}

#[test]
fn a_receipt_that_is_no_redemption_keeps_its_place_in_the_chain() {
    let mut ledger = office();
    ledger.take(&redeem(0, 1)).unwrap();
    let conflict = Leaf { kind: Kind::Conflict, word: Some("already_redeemed".into()), ..redeem(0, 2) };
    ledger.take(&conflict).unwrap();
    ledger.take(&redeem(1, 3)).unwrap();
    assert_eq!(ledger.rounds()[&round()].redeemed, 2);
}

#[test]
fn after_a_restore_the_same_may_be_told_again_and_nothing_else() {
    let mut ledger = office();
    ledger.take(&redeem(0, 1)).unwrap();
    assert_eq!(rule(ledger.take(&redeem(0, 1))), "V1");
    let epoch = Leaf { word: Some("epoch".into()), count: Some(2), ..leaf(Kind::Policy) };
    ledger.take(&epoch).unwrap();
    ledger.take(&redeem(0, 1)).unwrap();
    assert_eq!(ledger.rounds()[&round()].redeemed, 1);
    let other = Leaf { redemption: Some(RedemptionId::random([77; 16])), ..redeem(0, 2) };
    assert_eq!(rule(ledger.take(&other)), "V1");
}

#[test]
fn a_right_that_expired_and_turns_out_to_be_used_is_counted_once() {
    let mut ledger = office();
    ledger.take(&about(Kind::Expire, 0)).unwrap();
    ledger.take(&redeem(0, 1)).unwrap();
    let sums = Sums { issued: 2, redeemed: 1, realised_minor: 500_000, committed_minor: 500_000, ..Sums::default() };
    assert_eq!(ledger.rounds()[&round()], sums);
}

#[test]
fn a_right_that_is_moved_counts_at_its_new_point_and_is_redeemed_there_alone() {
    let mut ledger = office();
    let place = |point| Leaf {
        word: Some("place".into()),
        entitlement: Some(right(0)),
        point: Some(point),
        ..leaf(Kind::Policy)
    };
    ledger.take(&place(2)).unwrap();
    assert_eq!((ledger.points()[&(round(), 1)].issued, ledger.points()[&(round(), 2)].issued), (1, 1));
    ledger.take(&Leaf { point: Some(2), ..redeem(0, 1) }).unwrap();
    assert_eq!(rule(ledger.take(&place(1))), "V2");
}
