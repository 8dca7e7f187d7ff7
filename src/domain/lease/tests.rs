//! Each bad input has its own answer, and changes nothing that it must not.

use super::super::entitlement::{Fence, State};
use super::super::id::{DeviceId, EntitlementId, Identifier, PointId, RedemptionId, UserId};
use super::super::time::Timestamp;
use super::brake::{Brake, Braked};
use super::device::{self, Core, Lease, Output, Slot, Stopped};
use super::evidence::{BadItem, Conflict, Evidence, Known};
use super::message::{Ack, Ask, Claimed, Flags, Grant, Head, Held, NO_RECEIPT, Receipt, ResyncRequest, Return};
use super::office::{Fact, FourEyes, Hold, Keeper, Member, Office, Right, Row, Standing};
use super::server::{self, Answer, Facts, Input, Refused, Step};
use super::{contact, recovery};

fn id<I: Identifier>(number: u8) -> I {
    I::from_bytes([number; 16])
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

fn fence(epoch: u32, counter: u64) -> Fence {
    Fence { epoch, counter }
}

const MINE: u8 = 1;
const OTHER: u8 = 2;
const EVER: i64 = 1_000_000_000;

/// An entitlement at point 1, and a device of that point, in epoch 2.
fn facts(right: Right) -> Facts {
    let mut row = Row::issued(id(7), id::<PointId>(1), 1);
    row.right = right;
    row.fence = fence(2, 5);
    Facts { office: Office { epoch: 2, missing: 0 }, member: Member::enrolled(id(MINE), id(1), Keeper::Itself, 2), row }
}

fn leased() -> Facts {
    facts(Right::Leased(id(MINE)))
}

fn receipt() -> Receipt {
    Receipt {
        redemption: id(50),
        entitlement: id(7),
        fence: fence(2, 5),
        device: id(MINE),
        seq: 1,
        prev_hash: NO_RECEIPT,
        hash: [9; 32],
        claimed_at: at(0),
        flags: Flags::default(),
    }
}

fn take(facts: &Facts, receipt: Receipt, known: Known) -> Step {
    server::step(facts, &Input::Receipt { receipt, known })
}

fn give_back(facts: &Facts, change: impl FnOnce(&mut Return)) -> Step {
    let mut back = Return { device: id(MINE), entitlement: id(7), fence: fence(2, 5), seq: 0 };
    change(&mut back);
    server::step(facts, &Input::Return(back))
}

#[test]
fn a_return_counts_only_with_the_exact_lease_and_once() {
    assert_eq!(give_back(&leased(), |_| {}).row.right, Right::Available);
    let refused = |step: Step| matches!(step.answer, Answer::Refused(_)) && step.row == leased().row;
    assert!(refused(give_back(&leased(), |back| back.fence.counter = 4)));
    assert!(refused(give_back(&leased(), |back| back.fence.epoch = 1)));
    assert!(refused(give_back(&leased(), |back| back.device = id(OTHER))));
    assert!(refused(give_back(&leased(), |back| back.entitlement = id(8))));
    let freed = Facts { row: give_back(&leased(), |_| {}).row, ..leased() };
    assert_eq!(give_back(&freed, |_| {}).answer, Answer::Refused(Refused::NotTheLease));
    let unresolved = facts(Right::Unresolved(id(MINE)));
    assert_eq!(give_back(&unresolved, |_| {}).row, unresolved.row);
}

#[test]
fn a_receipt_under_another_lease_is_evidence_with_its_own_reason() {
    let why = |facts: &Facts, change: fn(&mut Receipt)| {
        let mut one = receipt();
        change(&mut one);
        let step = take(facts, one, Known::default());
        assert_eq!(step.row, facts.row);
        let Answer::Conflict(why) = step.answer else { panic!("{:?}", step.answer) };
        assert_eq!(step.facts, [Fact::Conflict(one, why)]);
        why
    };
    assert_eq!(why(&leased(), |r| r.fence.counter = 4), Conflict::OtherFence);
    assert_eq!(why(&leased(), |r| r.fence.counter = 6), Conflict::OtherFence);
    assert_eq!(why(&leased(), |r| r.fence.epoch = 1), Conflict::OtherEpoch);
    assert_eq!(why(&facts(Right::Leased(id(OTHER))), |_| {}), Conflict::OtherDevice);
    assert_eq!(why(&facts(Right::Available), |_| {}), Conflict::NotLeased);
    assert_eq!(why(&facts(Right::Revoked), |_| {}), Conflict::Revoked);
    assert_eq!(why(&facts(Right::Expired), |_| {}), Conflict::Expired);
    assert_eq!(why(&facts(Right::Redeemed(id(51))), |_| {}), Conflict::AlreadyRedeemed);
    assert_eq!(why(&facts(Right::Unresolved(id(OTHER))), |_| {}), Conflict::OtherDevice);
    for why in Conflict::ALL {
        assert_eq!(Conflict::parse(why.as_str()), Some(why));
    }
}

#[test]
fn a_receipt_that_comes_again_is_known_and_an_id_used_twice_is_evidence() {
    let step = take(&leased(), receipt(), Known::default());
    assert_eq!(step.answer, Answer::Taken { settled: false });
    assert_eq!(step.row.right, Right::Redeemed(id(50)));
    let after = Facts { row: step.row, member: step.member, ..leased() };
    let same = Known { same_id: Some([9; 32]), at_seq: Some([9; 32]), ..Known::default() };
    let again = take(&after, receipt(), same);
    assert_eq!((again.answer, again.row, again.member), (Answer::Known, after.row, after.member));
    let other = Known { same_id: Some([8; 32]), ..Known::default() };
    assert_eq!(take(&leased(), receipt(), other).answer, Answer::Conflict(Conflict::IdReused));
    let strange = Receipt { device: id(OTHER), ..receipt() };
    assert_eq!(take(&leased(), strange, Known::default()).answer, Answer::Refused(Refused::NotTheirs));
}

#[test]
fn gaps_are_counted_and_forks_mark_the_device() {
    let third = Receipt { seq: 3, prev_hash: [2; 32], ..receipt() };
    let step = take(&leased(), third, Known::default());
    assert_eq!((step.member.gap(), step.member.forked), (2, false));
    for (known, seq, prev_hash) in [
        (Known { at_seq: Some([1; 32]), ..Known::default() }, 3, [2; 32]),
        (Known { before: Some([1; 32]), ..Known::default() }, 3, [2; 32]),
        (Known { after: Some([1; 32]), ..Known::default() }, 3, [2; 32]),
        (Known::default(), 1, [2; 32]),
        (Known::default(), 0, NO_RECEIPT),
    ] {
        let step = take(&leased(), Receipt { seq, prev_hash, ..receipt() }, known);
        assert!(step.member.forked, "{known:?}");
        assert_eq!(step.evidence, [Evidence::Fork { device: id(MINE), seq }]);
        // The goods went out all the same.
        assert_eq!(step.row.right, Right::Redeemed(id(50)));
    }
    let mut forked = leased();
    forked.member.forked = true;
    assert_eq!(give_back(&forked, |_| {}).row, forked.row);
    forked.row.right = Right::Available;
    assert_eq!(server::step(&forked, &Input::Grant { ends_at: at(1) }).answer, Answer::Refused(Refused::Barred));
}

#[test]
fn what_is_on_lease_is_granted_again_only_as_the_same_lease() {
    let grant = |facts: &Facts| server::step(facts, &Input::Grant { ends_at: at(EVER) });
    let first = grant(&facts(Right::Available));
    let Answer::Granted(lease) = first.answer else { panic!() };
    assert_eq!((lease.fence, first.row.right), (fence(2, 6), Right::Leased(id(MINE))));
    let again = grant(&Facts { row: first.row, ..leased() });
    assert_eq!((again.answer, again.row), (first.answer, first.row));
    let refused = |facts: &Facts, why| assert_eq!(grant(facts).answer, Answer::Refused(why));
    // One that the device reported after a restore is not sent again: it would go out under the wrong epoch.
    let mut adopted = leased();
    adopted.row.fence = fence(1, 5);
    refused(&adopted, Refused::Is(State::Leased));
    refused(&facts(Right::Leased(id(OTHER))), Refused::Is(State::Leased));
    refused(&facts(Right::Redeemed(id(3))), Refused::Is(State::Redeemed));
    let mut other_point = facts(Right::Available);
    other_point.member.point = id(2);
    refused(&other_point, Refused::OtherPoint);
    let mut held = facts(Right::Available);
    held.row.hold = Hold::Effective;
    refused(&held, Refused::Held);
    let mut barred = facts(Right::Available);
    barred.member.standing = Standing::Revoked;
    refused(&barred, Refused::Barred);
    // Barred or not, what it holds it still settles.
    let barred = Facts { member: barred.member, ..leased() };
    assert_eq!(take(&barred, receipt(), Known::default()).answer, Answer::Taken { settled: false });
}

#[test]
fn nothing_is_given_away_while_a_device_is_missing() {
    let mut waiting = facts(Right::Available);
    waiting.office.missing = 1;
    let here = Receipt { fence: fence(2, 6), ..receipt() };
    for input in
        [Input::Grant { ends_at: at(1) }, Input::RedeemHere { receipt: here, known: Known::default() }, Input::Expire]
    {
        let step = server::step(&waiting, &input);
        assert_eq!((step.answer, step.row), (Answer::Refused(Refused::Recovering), waiting.row));
    }
    let asked = server::step(&waiting, &Input::Revoke);
    assert_eq!((asked.answer, asked.row.right), (Answer::Requested(None), Right::Available));
    let ended = Facts { row: asked.row, ..facts(Right::Available) };
    let settled = server::step(&ended, &Input::Settle);
    assert_eq!((settled.answer, settled.row.right), (Answer::Revoked, Right::Revoked));
    assert_eq!(settled.facts, [Fact::Revoked(id(7))]);
    let step = server::step(&facts(Right::Available), &Input::RedeemHere { receipt: here, known: Known::default() });
    assert_eq!((step.answer, step.facts), (Answer::Taken { settled: false }, vec![Fact::Redeemed(here)]));
}

#[test]
fn a_leased_entitlement_is_revoked_when_it_comes_back_and_not_before() {
    let asked = server::step(&leased(), &Input::Revoke);
    assert_eq!((asked.answer, asked.row.right), (Answer::Requested(Some(Ask::Revoke)), leased().row.right));
    assert!(asked.facts.is_empty());
    let facts = Facts { row: asked.row, ..leased() };
    let back = give_back(&facts, |_| {});
    assert_eq!((back.answer, back.row.right), (Answer::FreedAndRevoked, Right::Revoked));
    let redeemed = take(&facts, receipt(), Known::default());
    assert_eq!((redeemed.row.right, redeemed.row.revoke_requested), (Right::Redeemed(id(50)), false));
    let held = server::step(&leased(), &Input::Hold { on: true });
    assert_eq!(held.row.hold, Hold::Requested);
    let holding = Facts { row: held.row, ..leased() };
    assert_eq!(server::step(&holding, &Input::HoldTaken { fence: fence(2, 4) }).row, holding.row);
    assert_eq!(server::step(&holding, &Input::HoldTaken { fence: fence(2, 5) }).row.hold, Hold::Effective);
    assert_eq!(server::step(&leased(), &Input::Expire).row, leased().row);
}

#[test]
fn a_write_off_takes_two_persons_and_leaves_nothing_available() {
    let (one, two) = (id::<UserId>(1), id::<UserId>(2));
    assert_eq!(FourEyes::of(one, one), None);
    let by = FourEyes::of(one, two).unwrap();
    let off =
        |facts: &Facts, holder_answered| recovery::step(facts, &recovery::Input::WriteOff { by, holder_answered });
    let step = off(&leased(), false);
    assert_eq!((step.row.right, step.member.standing), (Right::Unresolved(id(MINE)), Standing::WrittenOff));
    assert_eq!(off(&facts(Right::Available), false).row.right, Right::Available);
    // While it owes an answer, it may hold anything of its point.
    let mut owing = facts(Right::Available);
    owing.member.answered = 1;
    assert_eq!(off(&owing, false).row.right, Right::Unresolved(id(MINE)));
    owing.row.point = id(9);
    assert_eq!(off(&owing, false).row.right, Right::Available);
    let mut elsewhere = facts(Right::Leased(id(OTHER)));
    elsewhere.member.answered = 1;
    assert_eq!(off(&elsewhere, true).row.doubt, None);
    assert_eq!(off(&elsewhere, false).row.doubt, Some(id(MINE)));
    // Found again: the receipt settles it, and says so if it was replaced by then.
    let unresolved = Facts { row: step.row, member: step.member, ..leased() };
    assert_eq!(take(&unresolved, receipt(), Known::default()).answer, Answer::Taken { settled: true });
    let replaced = recovery::step(&unresolved, &recovery::Input::Replaced);
    let late = take(&Facts { row: replaced.row, ..unresolved }, receipt(), Known::default());
    assert_eq!(late.evidence, [Evidence::DoubleHandout { entitlement: id(7) }]);
}

fn report(facts: &Facts, claimed: Option<(Claimed, Fence)>) -> Step {
    let said = claimed.map(|(claimed, fence)| Held { entitlement: id(7), fence, claimed });
    recovery::step(facts, &recovery::Input::Report(said))
}

#[test]
fn a_report_brings_back_what_a_restored_server_forgot() {
    let owing = |right| {
        let mut facts = facts(right);
        facts.member.answered = 1;
        facts.office.missing = 1;
        facts
    };
    let open = |counter| Some((Claimed::Open, fence(2, counter)));
    let mine = Right::Leased(id::<DeviceId>(MINE));
    assert_eq!(report(&owing(Right::Available), open(6)).row.right, mine);
    assert_eq!(report(&owing(Right::Leased(id(OTHER))), open(6)).row.fence, fence(2, 6));
    assert_eq!(report(&owing(Right::Expired), open(6)).row.right, mine);
    assert_eq!(report(&owing(Right::Revoked), open(6)).row.right, Right::Revoked);
    assert_eq!(report(&owing(mine), open(5)).row.right, mine);
    assert_eq!(report(&owing(mine), None).row.right, Right::Available);
    assert_eq!(report(&owing(mine), Some((Claimed::Closed, fence(2, 5)))).row.right, Right::Available);
    assert_eq!(report(&owing(Right::Leased(id(OTHER))), None).row.right, Right::Leased(id(OTHER)));
    let mut doubtful = owing(mine);
    doubtful.row.doubt = Some(id(OTHER));
    assert_eq!(report(&doubtful, None).row.right, Right::Unresolved(id(OTHER)));
    assert_eq!(report(&doubtful, open(5)).row.doubt, None);
    // What was held back while the server believed to have it, the device has yet to hear of.
    let mut held = owing(Right::Available);
    held.row.hold = Hold::Effective;
    assert_eq!(report(&held, open(6)).row.hold, Hold::Requested);
    // What cannot be is put on record and believed by nobody.
    let (device, entitlement) = (id(MINE), id(7));
    let stale = report(&owing(Right::Available), open(4));
    assert_eq!(
        (stale.row.right, stale.evidence),
        (Right::Available, vec![Evidence::StaleClaim { device, entitlement }])
    );
    let missing = report(&owing(mine), Some((Claimed::Redeemed, fence(2, 5))));
    assert_eq!(missing.row.right, Right::Unresolved(id(MINE)));
    assert_eq!(missing.evidence, [Evidence::ReceiptMissing { device, entitlement }]);
    // Nothing counts twice, nor from an older epoch.
    assert_eq!(report(&leased(), None).answer, Answer::Refused(Refused::DoesNotCount));
    let core = Core::enrolled(id(MINE), 1, Brake::default(), at(0));
    let answer = contact::answer(&core, [], []);
    assert!(!recovery::counts(owing(mine).office, &owing(mine).member, &answer));
    let (core, _) = contact::step(&core, &contact::Input::Resync(ResyncRequest { epoch: 2, server_time: at(0) }));
    let answer = contact::answer(&core, [], []);
    assert!(recovery::counts(owing(mine).office, &owing(mine).member, &answer));
    let done = recovery::answered(owing(mine).member, owing(mine).office);
    assert!(!recovery::counts(owing(mine).office, &done, &answer));
}

#[test]
fn a_receipt_of_a_forgotten_lease_counts_until_its_device_has_answered() {
    let later = Receipt { fence: fence(2, 6), ..receipt() };
    let mut owing = facts(Right::Available);
    assert_eq!(take(&owing, later, Known::default()).answer, Answer::Conflict(Conflict::NotLeased));
    let expired = facts(Right::Expired);
    assert_eq!(take(&expired, later, Known::default()).row.right, Right::Redeemed(id(50)));
    owing.member.answered = 1;
    assert_eq!(take(&owing, later, Known::default()).row.right, Right::Redeemed(id(50)));
}

#[test]
fn a_server_that_was_set_back_is_recognised() {
    let office = Office { epoch: 2, missing: 0 };
    let head = |size| Head { size, root: [0; 32] };
    assert!(!office.is_behind(head(9), 2, head(9)));
    assert!(office.is_behind(head(8), 2, head(9)));
    assert!(office.is_behind(head(9), 3, head(9)));
}

fn on_device(core: &Core, slot: &Slot, input: &device::Input) -> device::Step {
    device::step(core, slot, id(7), input, &|receipt| [u8::try_from(receipt.seq).unwrap(); 32])
}

fn install(core: &Core, slot: &Slot, epoch: u32, counter: u64) -> device::Step {
    let grant = Grant { entitlement: id(7), fence: fence(epoch, counter), ends_at: at(EVER) };
    on_device(core, slot, &device::Input::Install { device: id(MINE), epoch, grant })
}

fn press(core: &Core, slot: &Slot, wish: u8, wall: i64) -> device::Step {
    on_device(core, slot, &device::Input::Redeem { redemption: id::<RedemptionId>(wish), wall: at(wall) })
}

#[test]
fn a_device_installs_what_is_for_it_of_its_epoch_and_new() {
    let core = Core::enrolled(id(MINE), 2, Brake::default(), at(0));
    let opened = install(&core, &Slot::default(), 2, 1);
    assert_eq!((opened.output, opened.slot.lease), (Output::Installed, Lease::Open(fence(2, 1))));
    let refused = |step: device::Step| matches!(step.output, Output::Refused(_));
    assert!(refused(install(&core, &Slot::default(), 1, 9)));
    assert!(refused(install(&core, &Slot::default(), 3, 1)));
    assert!(refused(install(&core, &opened.slot, 2, 1)));
    let other = Core { device: id(OTHER), ..core };
    assert!(refused(install(&other, &Slot::default(), 2, 1)));
    let closed = on_device(&core, &opened.slot, &device::Input::Close);
    assert!(refused(install(&core, &closed.slot, 2, 1)));
    assert_eq!(install(&core, &closed.slot, 2, 2).output, Output::Installed);
    let green = press(&core, &opened.slot, 1, 10);
    assert!(refused(install(&green.core, &green.slot, 2, 2)));
    assert!(refused(on_device(&green.core, &green.slot, &device::Input::Close)));
    assert!(refused(press(&core, &closed.slot, 1, 10)));
}

#[test]
fn a_redemption_takes_the_next_place_and_the_same_wish_is_no_second_one() {
    let core = Core::enrolled(id(MINE), 2, Brake { packages: Some(2), hours: Some(1) }, at(0));
    let open = install(&core, &Slot::default(), 2, 1).slot;
    let first = press(&core, &open, 1, 10);
    let Output::Green(one) = first.output else { panic!("{:?}", first.output) };
    assert_eq!((one.seq, one.prev_hash, first.core.head_hash), (1, NO_RECEIPT, [1; 32]));
    let again = press(&first.core, &first.slot, 1, 20);
    assert_eq!((again.output, again.core.seq), (Output::Again(id(1)), 1));
    assert_eq!(press(&first.core, &first.slot, 2, 20).output, Output::Refused(device::Refused::AlreadyRedeemed(id(1))));
    let Output::Green(two) = press(&first.core, &open, 2, 5).output else { panic!() };
    assert_eq!((two.seq, two.prev_hash, two.flags.clock_back), (2, [1; 32], true));
}

#[test]
fn a_device_stops_for_a_reason_that_it_can_say() {
    let core = Core::enrolled(id(MINE), 2, Brake { packages: Some(2), hours: Some(1) }, at(0));
    let open = install(&core, &Slot::default(), 2, 1).slot;
    let says = |core: &Core, slot: &Slot, wall| match press(core, slot, 1, wall).output {
        Output::Refused(why) => Some(why),
        _ => None,
    };
    assert_eq!(says(&core, &open, 3_599_999), None);
    assert_eq!(says(&core, &open, 3_600_000), Some(device::Refused::Braked(Braked::Hours)));
    assert_eq!(says(&Core { handed_out: 2, ..core }, &open, 0), Some(device::Refused::Braked(Braked::Packages)));
    assert_eq!(says(&core, &Slot { ends_at: at(9), ..open }, 9), Some(device::Refused::Ended));
    let held = on_device(&core, &open, &device::Input::Ask(Ask::Hold));
    assert_eq!(held.output, Output::HoldTaken(fence(2, 1)));
    assert_eq!(says(&core, &held.slot, 0), Some(device::Refused::Held));
    let (stopped, _) = contact::step(&core, &contact::Input::Stop);
    assert_eq!(says(&stopped, &open, 0), Some(device::Refused::Stopped(Stopped::Revoked)));
    // Set forward once by mistake: the server's time mends it, and later receipts say so.
    let ahead = press(&core, &open, 1, EVER).core;
    assert!(says(&ahead, &open, 10).is_some());
    let met = contact::Input::Contact { epoch: 2, server_time: at(50), cover: Head::default() };
    let (mended, _) = contact::step(&ahead, &met);
    let Output::Green(receipt) = press(&mended, &open, 1, 60).output else { panic!() };
    assert!(receipt.flags.clock_reset && !receipt.flags.clock_back);
}

#[test]
fn a_journal_goes_only_where_its_own_receipts_are_covered() {
    let core = Core { seq: 3, head_hash: [3; 32], ..Core::enrolled(id(MINE), 2, Brake::default(), at(0)) };
    let ack = |seq, hash: u8| Ack { device: id(MINE), seq, hash: [hash; 32], cover: Head::default() };
    let hear = |ack, own: Option<u8>| contact::step(&core, &contact::Input::Ack { ack, own: own.map(|own| [own; 32]) });
    let (covered, output) = hear(ack(2, 2), Some(2));
    assert_eq!((covered.covered, output), (2, contact::Output::Prune(2)));
    for (strange, own) in [(ack(2, 9), Some(2)), (ack(4, 4), None), (ack(2, 2), None)] {
        let (stopped, output) = hear(strange, own);
        assert_eq!((stopped.stopped, stopped.covered), (Some(Stopped::Forked), 0));
        assert_eq!(output, contact::Output::Noted);
    }
    let other = Ack { device: id(OTHER), ..ack(2, 2) };
    assert_eq!(hear(other, Some(2)), (core, contact::Output::Ignored));
    let old = contact::Input::Resync(ResyncRequest { epoch: 1, server_time: at(0) });
    assert_eq!(contact::step(&core, &old), (core, contact::Output::Ignored));
    let journal = (1..=3).map(|seq| Receipt { seq, ..receipt() });
    let kept: Vec<u64> = contact::answer(&covered, [], journal).journal.iter().map(|receipt| receipt.seq).collect();
    assert_eq!(kept, [3]);
}

#[test]
fn a_right_is_kept_in_parts_and_put_together_again() {
    let all: [Right; 6] = [
        Right::Available,
        Right::Leased(id(1)),
        Right::Redeemed(id(2)),
        Right::Revoked,
        Right::Unresolved(id(3)),
        Right::Expired,
    ];
    for right in all {
        let receipt = if let Right::Redeemed(receipt) = right { Some(receipt) } else { None };
        assert_eq!(Right::of(right.state(), right.holder(), receipt), Some(right));
    }
    assert_eq!(Right::of(State::Leased, None, None), None);
    assert_eq!(Right::of(State::Available, Some(id(1)), None), None);
    assert!(BadItem::ALL.iter().any(|item| item.is_evidence()) && !BadItem::Malformed.is_evidence());
    let _: EntitlementId = id(1);
}
