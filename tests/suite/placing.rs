//! Placing households and moving them, overlap, and agencies that see only their own.

use serde_json::{Value, json};

use crate::harness::books::Expected;
use crate::harness::client::{Answer, Client};
use crate::harness::office::{HOUSEHOLDS, Office, TEN, VALUE, by_code, text};
use crate::harness::random::Random;

fn refusal(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.code())
}

/// The file of ten without its points, sessions and packages.
fn unplaced() -> Vec<u8> {
    let text = std::str::from_utf8(TEN).unwrap();
    let heading: Vec<&str> = text.lines().next().unwrap().split(',').collect();
    let left_out =
        ["kode_titik", "sesi", "kode_paket"].map(|name| heading.iter().position(|one| *one == name).unwrap());
    text.lines()
        .map(|line| {
            let cells = line.split(',').enumerate().filter(|(place, _)| !left_out.contains(place));
            cells.map(|(_, cell)| cell).collect::<Vec<_>>().join(",") + "\n"
        })
        .collect::<String>()
        .into_bytes()
}

fn take_in(office: &Office, (registrar, verifier): (&Client, &Client), programme: &str, file: &[u8]) {
    let path = format!("/intakes?programme={programme}");
    let uploaded = registrar.upload(office.base(), &path, "rows.csv", file).unwrap();
    assert_eq!((uploaded.status, &uploaded.body["counts"]["rejected"]), (201, &json!(0)), "{}", uploaded.body);
    let apply = format!("/intakes/{}/apply", text(&uploaded.body, "id"));
    let applied = verifier.post(office.base(), &apply, &json!({})).unwrap();
    assert_eq!(applied.status, 200, "{}", applied.body);
}

fn place(office: &Office, programme: &str, body: &Value) -> Value {
    let placed = office.post("coordinator", &format!("/programmes/{programme}/placements"), body);
    assert!(matches!(placed.status, 200 | 201), "{}", placed.body);
    placed.body
}

#[test]
fn households_are_placed_by_village_after_a_preview_and_by_hand_stays() {
    let office = Office::open(71);
    let (programme, round) = office.programme_with_round("TATA", 100 * VALUE);
    take_in(&office, (&office.of("registrar"), &office.of("verifier")), &programme, &unplaced());
    assert_eq!(office.issue(&round).body["issued"], 0, "nobody has a place yet");

    let preview = place(&office, &programme, &json!({ "dry_run": true }));
    assert_eq!((&preview["written"], &preview["moved"]), (&json!(false), &json!(10)), "{preview}");
    assert_eq!(office.issue(&round).body["issued"], 0, "a preview writes nothing");
    let placed = place(&office, &programme, &json!({}));
    assert_eq!((&placed["written"], &placed["moved"]), (&json!(true), &json!(10)));
    assert_eq!((&placed["points"], &placed["unplaced"]), (&preview["points"], &json!(0)), "as it was shown");
    let seats: i64 =
        placed["points"].as_array().unwrap().iter().map(|point| point["households"].as_i64().unwrap()).sum();
    assert_eq!(seats, 10);
    let again = place(&office, &programme, &json!({ "everybody": true }));
    assert_eq!((&again["moved"], &again["points"]), (&json!(0), &placed["points"]), "the same every time");

    let household = office.household("RUSMINI", "CONTOH-000001");
    let far = office.point("TBG-01");
    let to = json!({ "programme_id": programme, "point_id": far, "session_no": 3, "reason": "ikut anak" });
    let moved = office.post("coordinator", &format!("/households/{household}/move"), &to);
    assert_eq!((moved.status, &moved.body["reprint_due"]), (200, &json!(false)), "{}", moved.body);
    let after = place(&office, &programme, &json!({ "everybody": true }));
    assert_eq!((&after["moved"], &after["by_hand"]), (&json!(0), &json!(1)));
    assert_eq!(office.issue(&round).body["issued"], 10);
    let listed = office.get("coordinator", &format!("/rounds/{round}/entitlements?point={far}"));
    assert_eq!(listed.body["items"].as_array().unwrap().len(), 1);
    assert_eq!(
        (&listed.body["items"][0]["household"], &listed.body["items"][0]["session_no"]),
        (&json!("RUSMINI"), &json!(3))
    );
}

#[test]
fn who_cannot_be_placed_is_named_with_the_reason() {
    let office = Office::open(72);
    let (programme, _) = office.programme_with_round("TATA", 100 * VALUE);
    take_in(&office, (&office.of("registrar"), &office.of("verifier")), &programme, &unplaced());
    // Two points lie in Tenggarong; when none serves the village any more, nobody can know which.
    let admin = office.of("admin");
    for code in ["TGR-01", "TGR-02"] {
        let changed =
            admin.call("PATCH", office.base(), &format!("/points/{}", office.point(code)), &json!({ "villages": [] }));
        assert_eq!(changed.unwrap().status, 200);
    }
    let preview = place(&office, &programme, &json!({ "dry_run": true }));
    let unplaced = preview["unplaced"].as_i64().unwrap();
    assert!(unplaced > 0, "{preview}");
    let named = preview["unplaced_households"].as_array().unwrap();
    assert!(named.iter().all(|one| one["reason"] == "several_points"), "{preview}");
    assert_eq!(i64::try_from(named.len()).unwrap(), unplaced);
    assert!(named.iter().any(|one| one["name"] == "RUSMINI"));
    // Said once more which village it serves, and everybody has a place.
    let body = json!({ "villages": ["6402061002"] });
    let changed = admin.call("PATCH", office.base(), &format!("/points/{}", office.point("TGR-01")), &body).unwrap();
    assert_eq!(changed.body["villages"], json!(["64.02.06.1002"]));
    let after = place(&office, &programme, &json!({ "dry_run": true }));
    assert!(after["unplaced"].as_i64().unwrap() < unplaced, "{after}");
}

/// A voucher, its household, and another point.
fn one_to_move(office: &Office) -> (crate::harness::installation::Voucher, String, String) {
    let vouchers = office.vouchers();
    let one = vouchers[0].clone();
    let other = vouchers.iter().find(|voucher| voucher.point != one.point).unwrap().point.clone();
    let file = office.get("coordinator", &format!("/entitlements/{}", one.entitlement_id)).body;
    (one, text(&file, "household_id").to_owned(), other)
}

fn move_to(office: &Office, household: &str, point: &str) -> Answer {
    let to = json!({ "programme_id": office.installation.programme(), "point_id": office.point(point), "session_no": 2,
        "desk_no": 1, "reason": "pindah rumah" });
    office.post("coordinator", &format!("/households/{household}/move"), &to)
}

#[test]
fn a_move_to_another_point_asks_for_a_new_print_and_the_old_paper_is_replaced() {
    let office = Office::open(73);
    let mut random = Random::seeded(73);
    let mut id = move || random.uuid().to_string();
    let (voucher, household, other) = one_to_move(&office);
    let moved = move_to(&office, &household, &other);
    assert_eq!((moved.status, &moved.body["reprint_due"]), (200, &json!(true)), "{}", moved.body);
    assert_eq!(moved.body["entitlements"][0]["print_no"], 2);
    assert_eq!(refusal(&office.redeem(&voucher, &by_code(&id(), &voucher.code))), (409, "superseded"));
    assert_eq!(refusal(&office.redeem_at(&other, &by_code(&id(), &voucher.code))), (409, "superseded"));
    // Nor is the code that stands typed on the old paper, here or there.
    for point in [&voucher.point, &other] {
        let typed = office.redeem_at(point, &by_code(&id(), &voucher.typed_code));
        assert_eq!(refusal(&typed), (409, "superseded"), "{point}");
    }
    let fresh = office.vouchers().into_iter().find(|one| one.entitlement_id == voucher.entitlement_id).unwrap();
    assert_eq!((fresh.point.as_str(), fresh.print_no), (other.as_str(), 2));
    assert_ne!(fresh.typed_code, voucher.typed_code);
    let wrong = office.redeem_at(&voucher.point, &by_code(&id(), &fresh.code));
    assert_eq!((refusal(&wrong), &wrong.body["right_point"]["code"]), ((409, "wrong_point"), &json!(other)));
    // Within a point only the time changes, and the paper stays good.
    let again = move_to(&office, &household, &other);
    assert_eq!((again.status, &again.body["reprint_due"]), (200, &json!(false)));
    assert_eq!(office.redeem(&fresh, &by_code(&id(), &fresh.code)).status, 201);
    let late = move_to(&office, &household, &voucher.point);
    assert_eq!((refusal(&late), &late.body["state"]), ((409, "not_available"), &json!("redeemed")));
    office.books(Expected { issued: HOUSEHOLDS, redeemed: 1, realised: VALUE, ..Expected::default() });

    // Placing everybody anew never moves a right that was issued.
    let before: Vec<String> = office.vouchers().into_iter().map(|one| one.code).collect();
    place(&office, office.installation.programme(), &json!({ "everybody": true }));
    assert_eq!(office.vouchers().into_iter().map(|one| one.code).collect::<Vec<_>>(), before);
}

#[test]
fn what_a_device_has_is_not_moved() {
    let office = Office::open(74);
    let (_, household, other) = one_to_move(&office);
    office.sql("UPDATE entitlements SET state = 'leased'");
    let refused = move_to(&office, &household, &other);
    assert_eq!((refusal(&refused), &refused.body["state"]), ((409, "not_available"), &json!("leased")));
    let nobody = move_to(&office, &Random::seeded(74).uuid().to_string(), &other);
    assert_eq!(refusal(&nobody), (404, "not_found"));
}

#[test]
fn a_move_and_a_handout_at_once_come_in_one_order() {
    let office = Office::open(75);
    let mut random = Random::seeded(75);
    let points: std::collections::BTreeMap<String, String> =
        office.vouchers().into_iter().map(|voucher| (office.point(&voucher.point), voucher.point)).collect();
    let (mut redeemed, mut moved) = (0, 0);
    for voucher in office.vouchers() {
        let file = office.get("coordinator", &format!("/entitlements/{}", voucher.entitlement_id)).body;
        let path = format!("/households/{}/move", text(&file, "household_id"));
        let (other, _) = points.iter().find(|(_, code)| **code != voucher.point).unwrap();
        let to = json!({ "programme_id": office.installation.programme(), "point_id": other, "session_no": 1, "reason": "uji" });
        let body = by_code(&random.uuid().to_string(), &voucher.code);
        let start = std::sync::Barrier::new(2);
        let (handed, went) = std::thread::scope(|scope| {
            let handed = scope.spawn(|| {
                start.wait();
                office.redeem(&voucher, &body)
            });
            start.wait();
            let went = office.post("coordinator", &path, &to);
            (handed.join().unwrap(), went)
        });
        match (refusal(&handed), refusal(&went)) {
            ((201, _), (409, "not_available")) => redeemed += 1,
            ((409, "superseded"), (200, _)) => moved += 1,
            other => panic!("no order gives {other:?}: {} {}", handed.body, went.body),
        }
    }
    assert_eq!(redeemed + moved, HOUSEHOLDS);
    office.books(Expected { issued: HOUSEHOLDS, redeemed, realised: redeemed * VALUE, ..Expected::default() });
}

/// Another agency of the installation: its administrator, registrar and verifier.
fn neighbour(office: &Office) -> [Client; 3] {
    let new = json!({ "code": "DISKETAPANG", "government": "Kabupaten Contoh", "name": "Dinas Ketahanan Pangan",
        "hotline": "0541", "admin_username": "admin-lain", "admin_name": "Admin Lain", "admin_password": "a long password" });
    assert_eq!(office.post("admin", "/agencies", &new).status, 201);
    let admin = Client::sign_in(office.base(), "admin-lain", "a long password");
    let [registrar, verifier] = ["registrar", "verifier"].map(|role| {
        let new =
            json!({ "username": format!("{role}-lain"), "name": role, "role": role, "password": "a long password" });
        let user = admin.post(office.base(), "/users", &new).unwrap();
        assert_eq!(user.status, 201, "{}", user.body);
        office.token_at_console("admin-lain", &format!("{role}-lain"))
    });
    [admin, registrar, verifier]
}

#[test]
fn overlap_with_another_agency_is_shown_by_name_and_never_blocks() {
    let office = Office::open(76);
    let [admin, registrar, verifier] = neighbour(&office);
    let made =
        admin.post(office.base(), "/programmes", &json!({ "code": "P", "name": "Pangan Lokal", "ceiling_minor": 1 }));
    let theirs = text(&made.unwrap().body, "id").to_owned();
    // One row has neither number: it can be matched by nothing, and must not be matched by its emptiness.
    take_in(&office, (&registrar, &verifier), &theirs, &unplaced());
    let path = format!("/programmes/{}/overlaps", office.installation.programme());
    let before = office.get("coordinator", &path);
    // The demonstration's own second programme overlaps with the first from the start.
    let name_of =
        |body: &Value| body["programmes"].as_array().unwrap().iter().any(|one| one["programme"] == "Pangan Lokal");
    assert_eq!(before.status, 200);
    assert!(!name_of(&before.body), "{}", before.body);
    let own = before.body["households"].as_i64().unwrap();

    office.take_in_the_ten(office.installation.programme());
    let after = office.get("coordinator", &path).body;
    let items = after["items"].as_array().unwrap();
    assert_eq!(after["households"].as_i64().unwrap(), i64::try_from(items.len()).unwrap());
    let other = json!({ "programme": "Pangan Lokal", "agency": "Dinas Ketahanan Pangan" });
    let theirs_too = items.iter().filter(|item| item["others"] == json!([other])).count();
    assert!(theirs_too >= 9, "{after}");
    assert_eq!(i64::try_from(items.len() - theirs_too).unwrap(), own, "{after}");
    assert!(name_of(&after), "{after}");
    assert!(!after.to_string().contains("640299"), "numbers are masked");
    let page = office.get("coordinator", &format!("{path}?limit=4")).body;
    let next = office.get("coordinator", &format!("{path}?limit=500&after={}", text(&page, "next"))).body;
    assert_eq!(page["items"].as_array().unwrap().len() + next["items"].as_array().unwrap().len(), items.len());
    assert_eq!(office.issue(office.installation.round()).body["issued"], 10, "shown, not blocked");

    let seen = verifier.get(office.base(), &format!("/programmes/{theirs}/overlaps")).unwrap().body;
    assert_eq!(
        seen["households"].as_i64().unwrap(),
        i64::try_from(theirs_too).unwrap(),
        "the neighbour sees the same from its side"
    );
    assert_eq!(seen["programmes"][0]["agency"], office.get("admin", "/agencies").body["items"][0]["name"]);
}

#[test]
fn each_agency_sees_and_changes_only_its_own() {
    let office = Office::open(77);
    let [admin, registrar, _] = neighbour(&office);
    let (programme, round) = (office.installation.programme(), office.installation.round());
    let point = office.point(&office.vouchers()[0].point);
    for list in ["/programmes", "/points", "/rounds", "/packages", "/pauses"] {
        let seen = admin.get(office.base(), list).unwrap();
        assert_eq!((seen.status, &seen.body["items"]), (200, &json!([])), "{list}");
    }
    for path in [
        format!("/programmes/{programme}"),
        format!("/programmes/{programme}/budget"),
        format!("/programmes/{programme}/budget-revisions"),
        format!("/rounds/{round}/windows"),
        format!("/rounds/{round}/sessions"),
        format!("/points/{point}"),
    ] {
        assert_eq!(refusal(&admin.get(office.base(), &path).unwrap()), (404, "not_found"), "{path}");
    }
    for path in [format!("/programmes/{programme}/overlaps"), format!("/rounds/{round}/entitlements")] {
        assert_eq!(refusal(&registrar.get(office.base(), &path).unwrap()), (404, "not_found"), "{path}");
    }
    let changes = [
        (
            "POST",
            "/pauses".to_owned(),
            json!({ "scope": "programme", "object_id": programme, "letter_no": "1", "reason": "x" }),
        ),
        (
            "POST",
            "/pauses".to_owned(),
            json!({ "scope": "point", "object_id": point, "letter_no": "1", "reason": "x" }),
        ),
        ("PATCH", format!("/points/{point}"), json!({ "name": "Direbut" })),
        (
            "POST",
            format!("/programmes/{programme}/budget-revisions"),
            json!({ "ceiling_minor": 1, "document_no": "1",
            "document_date": "2026-12-01", "reason": "x" }),
        ),
    ];
    for (method, path, body) in changes {
        let answer = admin.call(method, office.base(), &path, &body).unwrap();
        assert_eq!(refusal(&answer), (404, "not_found"), "{method} {path}");
    }
    // A village that the neighbour's point serves is free for a point of one's own.
    let new = json!({ "code": "TGR-01", "name": "Titik sendiri", "sub_district": "TENGGARONG", "villages": ["64.02.06.1002"] });
    assert_eq!(admin.post(office.base(), "/points", &new).unwrap().status, 201);
}
