//! Holding and pausing: who is stopped, in which words, and that no handout slips through.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};

use serde_json::{Value, json};

use crate::harness::books::Expected;
use crate::harness::client::{Answer, Client};
use crate::harness::installation::Voucher;
use crate::harness::office::{HOUSEHOLDS, Office, VALUE, by_code, text};
use crate::harness::random::Random;

fn verdict(office: &Office, voucher: &Voucher) -> Value {
    let desk = Client::new(office.installation.device_token(&voucher.point));
    let looked = desk.post(office.base(), "/verifications", &json!({ "code": voucher.code })).unwrap();
    assert_eq!(looked.status, 200, "{}", looked.body);
    looked.body
}

fn refusal(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.code())
}

fn status_page(office: &Office, voucher: &Voucher) -> String {
    let token = voucher.code.rsplit(['/', ':']).next().unwrap();
    let (status, page) = Client::new("").send("GET", &format!("{}/v/{token}", office.base()), None).unwrap();
    assert_eq!(status, 200);
    String::from_utf8(page).unwrap()
}

/// The id of an entitlement as it stands in a column of the engine.
fn column(office: &Office, id: &str) -> String {
    let hex: String = id.chars().filter(|sign| *sign != '-').collect();
    if office.installation.database_url().is_some() { format!("'\\x{hex}'") } else { format!("x'{hex}'") }
}

#[test]
fn a_held_entitlement_is_refused_with_the_reason_and_good_again_when_it_is_let_go() {
    let office = Office::open(61);
    let mut random = Random::seeded(61);
    let mut id = move || random.uuid().to_string();
    let voucher = office.vouchers()[0].clone();
    let path = |what: &str| format!("/entitlements/{}/{what}", voucher.entitlement_id);
    for (role, body) in
        [("coordinator", json!({ "reason": "  " })), ("coordinator", json!({ "reason": "x".repeat(201) }))]
    {
        assert_eq!(refusal(&office.post(role, &path("hold"), &body)), (422, "invalid"));
    }
    let reason = json!({ "reason": "menunggu surat keterangan kematian" });
    let held = office.post("coordinator", &path("hold"), &reason);
    assert_eq!((held.status, &held.body["hold"]), (200, &json!("effective")), "{}", held.body);
    assert_eq!(refusal(&office.post("coordinator", &path("hold"), &reason)), (409, "already_held"));

    let refused = office.redeem(&voucher, &by_code(&id(), &voucher.code));
    assert_eq!((refusal(&refused), &refused.body["reason"]), ((409, "held"), &reason["reason"]));
    let typed = office.redeem(&voucher, &by_code(&id(), &voucher.typed_code));
    assert_eq!(refusal(&typed), (409, "held"));
    let looked = verdict(&office, &voucher);
    assert_eq!((&looked["verdict"], &looked["reason"]), (&json!("held"), &reason["reason"]));
    let page = status_page(&office, &voucher);
    assert!(page.contains("data-verdict=\"held\"") && !page.contains("kematian"), "why is nobody else's business");
    let listed = office.get("coordinator", &format!("/rounds/{}/entitlements?held=true", office.installation.round()));
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(listed.body["items"][0]["id"], voucher.entitlement_id.as_str());

    let free = office.post("coordinator", &path("release"), &json!({ "reason": "surat ada" }));
    assert_eq!((free.status, &free.body["hold"]), (200, &json!("none")));
    assert_eq!(refusal(&office.post("coordinator", &path("release"), &json!({ "reason": "x" }))), (409, "not_held"));
    assert_eq!(office.redeem(&voucher, &by_code(&id(), &voucher.code)).status, 201);
    assert_eq!(refusal(&office.post("coordinator", &path("hold"), &reason)), (409, "not_available"));
    office.books(Expected { issued: HOUSEHOLDS, redeemed: 1, realised: VALUE, ..Expected::default() });
}

#[test]
fn a_hold_on_what_a_device_has_is_asked_for_until_it_is_back() {
    let office = Office::open(62);
    let voucher = office.vouchers()[0].clone();
    let id = column(&office, &voucher.entitlement_id);
    office.sql(&format!(
        "UPDATE entitlements SET state = 'leased', holder_id = (SELECT id FROM devices LIMIT 1) WHERE id = {id}"
    ));
    let path = format!("/entitlements/{}", voucher.entitlement_id);
    let asked = office.post("coordinator", &format!("{path}/hold"), &json!({ "reason": "laporan warga" }));
    assert_eq!((asked.status, &asked.body["hold"]), (200, &json!("requested")), "{}", asked.body);
    assert_eq!(verdict(&office, &voucher)["verdict"], "leased_elsewhere", "not said to be held before it is");
    assert_eq!(office.get("coordinator", &path).body["hold"], "requested");

    // The device gives the right back.
    office.sql(&format!("UPDATE entitlements SET state = 'available', holder_id = NULL WHERE id = {id}"));
    assert_eq!(office.get("coordinator", &path).body["hold"], "effective");
    assert_eq!(verdict(&office, &voucher)["verdict"], "held");
    let refused = office.redeem(&voucher, &by_code(&Random::seeded(62).uuid().to_string(), &voucher.code));
    assert_eq!(refusal(&refused), (409, "held"));
}

/// Runs these at once.
fn at_once<T: Send>(each: Vec<Box<dyn FnOnce() -> T + Send + '_>>) -> Vec<T> {
    let start = Barrier::new(each.len());
    std::thread::scope(|scope| {
        let start = &start;
        let running: Vec<_> = each
            .into_iter()
            .map(|one| {
                scope.spawn(move || {
                    start.wait();
                    one()
                })
            })
            .collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    })
}

#[test]
fn a_hold_and_a_handout_at_once_come_in_one_order() {
    let office = Office::open(63);
    let mut random = Random::seeded(63);
    let coordinator = office.of("coordinator");
    let (mut redeemed, mut stopped) = (0, 0);
    for voucher in office.vouchers() {
        let body = by_code(&random.uuid().to_string(), &voucher.code);
        let path = format!("/entitlements/{}/hold", voucher.entitlement_id);
        let (office, coordinator, voucher) = (&office, &coordinator, &voucher);
        let desk = Client::new(office.installation.device_token(&voucher.point));
        let answers = at_once::<Answer>(vec![
            Box::new(move || desk.post(office.base(), "/redemptions", &body).unwrap()),
            Box::new(move || coordinator.post(office.base(), &path, &json!({ "reason": "uji" })).unwrap()),
        ]);
        match (refusal(&answers[0]), refusal(&answers[1])) {
            ((201, _), (409, "not_available")) => redeemed += 1,
            ((409, "held"), (200, _)) => stopped += 1,
            other => panic!("no order gives {other:?}"),
        }
        let state = verdict(office, voucher)["verdict"].clone();
        let expected = if answers[0].status == 201 { "already_redeemed" } else { "held" };
        assert_eq!(state, expected);
    }
    assert_eq!(redeemed + stopped, HOUSEHOLDS);
    office.books(Expected { issued: HOUSEHOLDS, redeemed, realised: redeemed * VALUE, ..Expected::default() });
}

#[test]
fn a_pause_stops_what_it_names_with_reason_and_letter_and_leaves_the_rest_alone() {
    let office = Office::open(64);
    let mut random = Random::seeded(64);
    let vouchers = office.vouchers();
    let one = vouchers[0].clone();
    let other = vouchers.iter().find(|voucher| voucher.point != one.point).unwrap().clone();
    let subjects = [
        ("programme", office.installation.programme().to_owned(), "paused"),
        ("round", office.installation.round().to_owned(), "paused"),
        ("point", office.point(&one.point), "valid"),
    ];
    for (scope, object, elsewhere) in subjects {
        let new =
            json!({ "scope": scope, "object_id": object, "letter_no": "270/15/2026", "reason": "masa tenang pemilu" });
        let paused = office.post("coordinator", "/pauses", &new);
        assert_eq!(paused.status, 201, "{}", paused.body);
        assert_eq!(refusal(&office.post("admin", "/pauses", &new)), (409, "already_paused"));
        let refused = office.redeem(&one, &by_code(&random.uuid().to_string(), &one.code));
        assert_eq!(refusal(&refused), (409, "paused"), "{scope}");
        assert_eq!(refused.body["reason"], "masa tenang pemilu (No. 270/15/2026)");
        let looked = verdict(&office, &one);
        assert_eq!((&looked["verdict"], &looked["reason"]), (&json!("paused"), &refused.body["reason"]));
        assert_eq!(verdict(&office, &other)["verdict"], elsewhere, "{scope}");
        let page = status_page(&office, &one);
        assert!(page.contains("data-verdict=\"paused\"") && page.contains("270/15/2026"), "{scope}");

        let lift = format!("/pauses/{}/resume", text(&paused.body, "id"));
        assert_eq!(refusal(&office.post("coordinator", &lift, &json!({ "letter_no": "" }))), (422, "invalid"));
        let resumed = office.post("coordinator", &lift, &json!({ "letter_no": "270/99/2026" }));
        assert_eq!((resumed.status, &resumed.body["resumed_letter_no"]), (200, &json!("270/99/2026")));
        assert_eq!(refusal(&office.post("coordinator", &lift, &json!({ "letter_no": "x" }))), (409, "already_resumed"));
        assert_eq!(verdict(&office, &one)["verdict"], "valid", "{scope}");
    }
    let kept = office.get("auditor", "/pauses").body;
    let kept = kept["items"].as_array().unwrap();
    assert_eq!(kept.len(), 3, "pauses are kept when they are over");
    assert!(kept.iter().all(|pause| pause["resumed_at"].is_string() && pause["letter_no"] == "270/15/2026"));
    assert_eq!(office.redeem(&one, &by_code(&random.uuid().to_string(), &one.code)).status, 201);
    let nothing = json!({ "scope": "point", "object_id": random.uuid().to_string(), "letter_no": "1", "reason": "x" });
    assert_eq!(refusal(&office.post("coordinator", "/pauses", &nothing)), (404, "not_found"));
}

#[test]
fn what_was_handed_over_held_or_replaced_says_so_also_under_a_pause() {
    let office = Office::open(65);
    let mut random = Random::seeded(65);
    let mut id = move || random.uuid().to_string();
    let vouchers = office.vouchers();
    let (handed, held, replaced) = (&vouchers[0], &vouchers[1], &vouchers[2]);
    assert_eq!(office.redeem(handed, &by_code(&id(), &handed.code)).status, 201);
    let reason = json!({ "reason": "uji" });
    assert_eq!(office.post("coordinator", &format!("/entitlements/{}/hold", held.entitlement_id), &reason).status, 200);
    let reprint = format!("/entitlements/{}/reprint", replaced.entitlement_id);
    assert_eq!(office.post("issuer", &reprint, &reason).status, 201);
    let new =
        json!({ "scope": "programme", "object_id": office.installation.programme(), "letter_no": "1", "reason": "x" });
    assert_eq!(office.post("admin", "/pauses", &new).status, 201);
    for (voucher, expected) in
        [(handed, "already_redeemed"), (held, "held"), (replaced, "superseded"), (&vouchers[3], "paused")]
    {
        assert_eq!(verdict(&office, voucher)["verdict"], expected);
    }
    // At another point too it is the pause that is told, before the wrong place.
    let far = vouchers.iter().find(|voucher| voucher.point != vouchers[3].point).unwrap();
    let elsewhere = office.redeem_at(&far.point, &by_code(&id(), &vouchers[3].code));
    assert_eq!(refusal(&elsewhere), (409, "paused"));
}

#[test]
fn no_handout_begins_after_a_pause_was_acknowledged() {
    let office = Office::open(66);
    let vouchers = Mutex::new(office.vouchers());
    let coordinator = office.of("coordinator");
    let (acknowledged, over) = (AtomicBool::new(false), AtomicBool::new(false));
    let answers: Mutex<Vec<(bool, u16, String)>> = Mutex::default();
    let desks = 8;
    std::thread::scope(|scope| {
        for desk in 0..desks {
            let (office, vouchers, answers, acknowledged, over) = (&office, &vouchers, &answers, &acknowledged, &over);
            scope.spawn(move || {
                let mut random = Random::seeded(6_600 + desk);
                let mut mine: Vec<Voucher> = Vec::new();
                let mut turn = 0;
                while !over.load(Ordering::SeqCst) {
                    turn += 1;
                    // A fresh one while there are any, then those that were refused, again and again.
                    let fresh = vouchers.lock().unwrap().pop();
                    let Some(voucher) = fresh.or_else(|| mine.get(turn % mine.len().max(1)).cloned()) else { break };
                    let began_after = acknowledged.load(Ordering::SeqCst);
                    let answer = office.redeem(&voucher, &by_code(&random.uuid().to_string(), &voucher.code));
                    if answer.status != 201 {
                        mine.push(voucher);
                    }
                    answers.lock().unwrap().push((began_after, answer.status, answer.code().to_owned()));
                }
            });
        }
        for (scope, object) in [
            ("programme", office.installation.programme().to_owned()),
            ("round", office.installation.round().to_owned()),
        ] {
            let new = json!({ "scope": scope, "object_id": object, "letter_no": "1", "reason": "uji" });
            while answers.lock().unwrap().len() < 8 {
                std::thread::yield_now();
            }
            let paused = coordinator.post(office.base(), "/pauses", &new).unwrap();
            assert_eq!(paused.status, 201, "{}", paused.body);
            acknowledged.store(true, Ordering::SeqCst);
            let seen = answers.lock().unwrap().len();
            while answers.lock().unwrap().len() < seen + 40 {
                std::thread::yield_now();
            }
        }
        over.store(true, Ordering::SeqCst);
    });
    let answers = answers.into_inner().unwrap();
    let late: Vec<_> = answers.iter().filter(|(after, _, _)| *after).collect();
    assert!(late.len() >= 40, "the pause was tried out: {}", late.len());
    let wrong = |(_, status, code): &&&(bool, u16, String)| !(*status == 409 && code == "paused");
    assert_eq!(late.iter().filter(wrong).count(), 0, "{:?}", late.iter().find(wrong));
    let failed: Vec<_> = answers.iter().filter(|(_, status, _)| *status >= 500 || *status == 0).collect();
    assert!(failed.is_empty(), "{failed:?}\n{}", office.server.log());
    let redeemed = i64::try_from(answers.iter().filter(|(_, status, _)| *status == 201).count()).unwrap();
    office.books(Expected { issued: HOUSEHOLDS, redeemed, realised: redeemed * VALUE, ..Expected::default() });
}

#[test]
fn two_who_pause_at_once_make_one_pause() {
    let office = Office::open(67);
    let new = json!({ "scope": "round", "object_id": office.installation.round(), "letter_no": "1", "reason": "uji" });
    let (office, new) = (&office, &new);
    let each = |_| Box::new(move || office.post("coordinator", "/pauses", new)) as Box<dyn FnOnce() -> Answer + Send>;
    let answers = at_once((0..8).map(each).collect());
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    assert!(
        answers.iter().filter(|answer| answer.status != 201).all(|answer| refusal(answer) == (409, "already_paused"))
    );
    assert_eq!(office.get("auditor", "/pauses").body["items"].as_array().unwrap().len(), 1);
}
