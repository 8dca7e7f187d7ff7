//! The frame of a programme: ceilings, points, windows and sessions.

use std::sync::Barrier;

use serde_json::{Value, json};

use crate::harness::books::Expected;
use crate::harness::client::{Answer, Client};
use crate::harness::office::{HOUSEHOLDS, Office, VALUE, by_code, text};
use crate::harness::random::Random;

fn refusal(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.code())
}

fn revision(ceiling: i64) -> Value {
    json!({ "ceiling_minor": ceiling, "document_no": "DPPA/12/2026", "document_date": "2026-09-01", "reason": "perubahan APBD" })
}

#[test]
fn a_ceiling_is_revised_with_its_document_and_never_below_what_is_obligated() {
    let office = Office::open(51);
    let path = format!("/programmes/{}/budget-revisions", office.installation.programme());
    let first = office.get("finance", &path).body;
    let ceiling = HOUSEHOLDS * 3_000_000;
    assert_eq!(first["items"].as_array().unwrap().len(), 1);
    assert_eq!((&first["items"][0]["number"], &first["items"][0]["ceiling_minor"]), (&json!(0), &json!(ceiling)));

    let obligated = HOUSEHOLDS * VALUE;
    let low = office.post("admin", &path, &revision(obligated - 1));
    assert_eq!(refusal(&low), (409, "ceiling_below_obligated"));
    assert_eq!((&low.body["ceiling_minor"], &low.body["obligated_minor"]), (&json!(obligated - 1), &json!(obligated)));
    let exact = office.post("admin", &path, &revision(obligated));
    assert_eq!((exact.status, &exact.body["number"]), (201, &json!(1)), "{}", exact.body);
    let raised = office.post("admin", &path, &revision(obligated + 7));
    assert_eq!((raised.status, &raised.body["number"]), (201, &json!(2)));
    let budget = office.get("finance", &format!("/programmes/{}/budget", office.installation.programme())).body;
    assert_eq!(
        (&budget["ceiling_minor"], &budget["committed_minor"], &budget["remaining_minor"]),
        (&json!(obligated + 7), &json!(obligated), &json!(7))
    );
    for (member, value) in [("document_no", json!("")), ("document_date", json!(null)), ("reason", json!(" "))] {
        let mut body = revision(ceiling);
        body[member] = value;
        assert_eq!(refusal(&office.post("admin", &path, &body)), (422, "invalid"), "{member}");
    }
    let mut minus = revision(ceiling);
    minus["ceiling_minor"] = json!(-1);
    assert_eq!(office.post("admin", &path, &minus).status, 400);
    let kept = office.get("finance", &path).body;
    let numbers: Vec<_> = kept["items"].as_array().unwrap().iter().map(|one| one["number"].clone()).collect();
    assert_eq!(numbers, [0, 1, 2], "a revision never changes an earlier one");
    assert_eq!(kept["items"][1]["document_no"], "DPPA/12/2026");
    office.books(Expected { issued: HOUSEHOLDS, ..Expected::default() });
}

#[test]
fn an_issue_and_a_revision_at_once_never_exceed_the_ceiling() {
    let office = Office::open(52);
    let admin = office.of("admin");
    for turn in 0..6 {
        let (programme, round) = office.programme_with_round(&format!("BALAP-{turn}"), 10 * VALUE);
        office.take_in_the_ten(&programme);
        let path = format!("/programmes/{programme}/budget-revisions");
        let start = Barrier::new(2);
        let (issued, revised) = std::thread::scope(|scope| {
            let issued = scope.spawn(|| {
                start.wait();
                office.issue(&round)
            });
            start.wait();
            let revised = admin.post(office.base(), &path, &revision(10 * VALUE - 1)).unwrap();
            (issued.join().unwrap(), revised)
        });
        match (refusal(&issued), refusal(&revised)) {
            ((200, _), (409, "ceiling_below_obligated")) | ((409, "budget_exceeded"), (201, _)) => {}
            other => panic!("no order gives {other:?}"),
        }
        let budget = office.get("finance", &format!("/programmes/{programme}/budget")).body;
        assert!(budget["remaining_minor"].as_i64().unwrap() >= 0, "{budget}");
        assert!(budget["committed_minor"].as_i64() <= budget["ceiling_minor"].as_i64(), "{budget}");
    }
}

#[test]
fn many_revisions_at_once_are_numbered_without_a_gap() {
    let office = Office::open(53);
    let path = format!("/programmes/{}/budget-revisions", office.installation.programme());
    let start = Barrier::new(8);
    std::thread::scope(|scope| {
        for turn in 0..8 {
            let (office, path, start) = (&office, &path, &start);
            scope.spawn(move || {
                start.wait();
                let made = office.post("admin", path, &revision(HOUSEHOLDS * 4_000_000 + turn));
                assert_eq!(made.status, 201, "{}", made.body);
            });
        }
    });
    let kept = office.get("finance", &path).body;
    let numbers: Vec<i64> =
        kept["items"].as_array().unwrap().iter().map(|one| one["number"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (0..=8).collect::<Vec<_>>());
    let budget = office.get("finance", &format!("/programmes/{}/budget", office.installation.programme())).body;
    assert_eq!(budget["ceiling_minor"], kept["items"][8]["ceiling_minor"], "the newest counts");
}

#[test]
fn a_point_says_what_it_offers_and_a_village_belongs_to_one_point() {
    let office = Office::open(54);
    let admin = office.of("admin");
    let new = json!({ "code": "TGR-09", "name": "BPU Melayu", "sub_district": "TENGGARONG", "desks": 2, "session_size": 50,
        "villages": ["6402061009", "64.02.06.1009"] });
    let made = office.post("admin", "/points", &new);
    assert_eq!((made.status, &made.body["villages"]), (201, &json!(["64.02.06.1009"])), "{}", made.body);
    assert_eq!((&made.body["desks"], &made.body["session_size"]), (&json!(2), &json!(50)));
    let path = format!("/points/{}", text(&made.body, "id"));
    let change = |body: &Value| admin.call("PATCH", office.base(), &path, body).unwrap();
    for (body, field) in [
        (json!({ "session_size": 29 }), "session_size"),
        (json!({ "session_size": 51 }), "session_size"),
        (json!({ "desks": 0 }), "desks"),
        (json!({ "desks": 21 }), "desks"),
        (json!({ "name": "" }), "name"),
        (json!({ "villages": ["64.02.06"] }), "villages"),
        (json!({ "villages": ["<script>"] }), "villages"),
        (json!({ "villages": ["64.02.06.1002"] }), "villages"),
    ] {
        let refused = change(&body);
        assert_eq!((refusal(&refused), &refused.body["field"]), ((422, "invalid"), &json!(field)), "{body}");
    }
    let changed = change(&json!({ "name": "BPU Kelurahan Melayu", "desks": 3 }));
    assert_eq!((changed.status, &changed.body["desks"], &changed.body["code"]), (200, &json!(3), &json!("TGR-09")));
    assert_eq!(changed.body["villages"], made.body["villages"], "what is absent stays");
    assert_eq!(change(&json!({ "villages": [] })).body["villages"], json!([]));
}

#[test]
fn a_window_at_a_point_replaces_the_rounds_there_and_nowhere_else() {
    let office = Office::open(55);
    let mut random = Random::seeded(55);
    let mut id = move || random.uuid().to_string();
    let vouchers = office.vouchers();
    let one = vouchers[0].clone();
    let other = vouchers.iter().find(|voucher| voucher.point != one.point).unwrap().clone();
    let round = office.installation.round();
    let window = |opens: &str, closes: &str| json!({ "opens_at": opens, "closes_at": closes, "reason": "kapal tidak dapat berlayar" });
    let path = format!("/rounds/{round}/points/{}/window", office.point(&one.point));
    assert_eq!(
        refusal(&office.put("coordinator", &path, &window("2026-01-02T00:00:00+08:00", "2026-01-01T00:00:00+08:00"))),
        (422, "invalid")
    );
    assert_eq!(office.put("coordinator", &path, &window("2026-01-02", "2026-01-03")).status, 400);

    let future = window("2099-01-01T00:00:00+08:00", "2099-02-01T00:00:00+08:00");
    assert_eq!(office.put("coordinator", &path, &future).status, 200);
    assert_eq!(refusal(&office.redeem(&one, &by_code(&id(), &one.code))), (409, "not_yet_valid"));
    let token = one.code.rsplit(['/', ':']).next().unwrap();
    let (_, page) = Client::new("").send("GET", &format!("{}/v/{token}", office.base()), None).unwrap();
    assert!(
        String::from_utf8(page).unwrap().contains("data-verdict=\"not_yet_valid\""),
        "the status page knows it too"
    );
    assert_eq!(office.redeem(&other, &by_code(&id(), &other.code)).status, 201, "elsewhere nothing changed");
    let over = window("2020-01-01T00:00:00+08:00", "2020-02-01T00:00:00+08:00");
    assert_eq!(office.put("coordinator", &path, &over).status, 200);
    assert_eq!(refusal(&office.redeem(&one, &by_code(&id(), &one.code))), (409, "expired"));
    let desk = Client::new(office.installation.device_token(&one.point));
    let looked = desk.post(office.base(), "/verifications", &json!({ "code": one.code })).unwrap();
    assert_eq!(looked.body["verdict"], "expired");
    // The same paper, printed before, is good again once the window at its point is extended.
    let extended = window("2020-01-01T00:00:00+08:00", "2099-02-01T00:00:00+08:00");
    assert_eq!(office.put("coordinator", &path, &extended).status, 200);
    assert_eq!(office.redeem(&one, &by_code(&id(), &one.code)).status, 201);
    let set = office.get("auditor", &format!("/rounds/{round}/windows")).body;
    assert_eq!((set["items"].as_array().unwrap().len(), &set["items"][0]["reason"]), (1, &extended["reason"]));
}

#[test]
fn sessions_are_laid_out_for_those_who_are_placed() {
    let office = Office::open(56);
    let (programme, round) = office.programme_with_round("SESI", 100 * VALUE);
    office.take_in_the_ten(&programme);
    let at = |code: &str| format!("/rounds/{round}/points/{}/sessions", office.point(code));
    let layout = json!({ "first_day": "2026-12-07", "days": 1, "starts_minute": 480, "minutes": 90, "per_day": 2 });
    assert_eq!(refusal(&office.post("coordinator", &at("SSG-01"), &layout)), (409, "nobody_placed"));
    let laid = office.post("coordinator", &at("TGR-01"), &layout);
    assert_eq!(laid.status, 200, "{}", laid.body);
    let first = &laid.body["items"][0];
    assert_eq!(
        (&first["starts_at"], &first["ends_at"]),
        (&json!("2026-12-07T08:00:00+08:00"), &json!("2026-12-07T09:30:00+08:00"))
    );
    for (member, value) in [("minutes", 0), ("per_day", 0), ("days", 0), ("starts_minute", 1_440), ("per_day", 12)] {
        let mut wrong = layout.clone();
        wrong[member] = json!(value);
        assert_eq!(refusal(&office.post("coordinator", &at("TGR-01"), &wrong)), (422, "invalid"), "{member}");
    }
    // Somebody is moved to the fifth session: two a day on one day hold no five.
    let household = office.household("RUSMINI", "CONTOH-000001");
    let to = json!({ "programme_id": programme, "point_id": office.point("TGR-01"), "session_no": 5, "reason": "x" });
    assert_eq!(office.post("coordinator", &format!("/households/{household}/move"), &to).status, 200);
    assert_eq!(refusal(&office.post("coordinator", &at("TGR-01"), &layout)), (422, "invalid"));
    let mut longer = layout.clone();
    longer["days"] = json!(3);
    let laid = office.post("coordinator", &at("TGR-01"), &longer).body;
    let starts: Vec<&str> = laid["items"].as_array().unwrap().iter().map(|one| text(one, "starts_at")).collect();
    assert_eq!(starts[2..], ["2026-12-08T08:00:00+08:00", "2026-12-08T09:30:00+08:00", "2026-12-09T08:00:00+08:00"]);

    let edited =
        json!({ "sessions": [{ "starts_at": "2026-12-10T08:00:00+08:00", "ends_at": "2026-12-10T10:00:00+08:00" }] });
    assert_eq!(office.put("coordinator", &at("TGR-01"), &edited).status, 200);
    let kept = office.get("auditor", &format!("/rounds/{round}/sessions")).body;
    assert_eq!(kept["items"].as_array().unwrap().len(), 1, "in the place of those it had");
    let backwards =
        json!({ "sessions": [{ "starts_at": "2026-12-10T10:00:00+08:00", "ends_at": "2026-12-10T10:00:00+08:00" }] });
    assert_eq!(refusal(&office.put("coordinator", &at("TGR-01"), &backwards)), (422, "invalid"));
}
