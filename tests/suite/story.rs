//! The whole way over HTTP: households come in, vouchers go out, packages are handed over, books close.

use salur::domain::voucher::TypedCode;
use serde_json::{Value, json};

use crate::harness::books::Expected;
use crate::harness::client::{Answer, Client};
use crate::harness::installation::Voucher;
use crate::harness::office::{HOUSEHOLDS, Office, VALUE, by_code, text};
use crate::harness::random::Random;

/// The status and the code of a refusal.
fn refusal(answer: &Answer) -> (u16, &str) {
    assert!(!answer.body["detail"].as_str().unwrap_or("").is_empty(), "no sentence: {}", answer.body);
    assert_eq!(answer.body["status"], answer.status, "{}", answer.body);
    (answer.status, answer.code())
}

fn untouched() -> Expected {
    Expected { issued: HOUSEHOLDS, ..Expected::default() }
}

/// The office, a source of ids, and two vouchers of different points.
fn open(seed: u64) -> (Office, impl FnMut() -> String, Voucher, Voucher) {
    let office = Office::open(seed);
    let mut random = Random::seeded(seed);
    let vouchers = office.vouchers();
    let one = vouchers[0].clone();
    let other = vouchers.iter().find(|voucher| voucher.point != one.point).unwrap().clone();
    (office, move || random.uuid().to_string(), one, other)
}

#[test]
fn what_one_person_uploads_another_applies_and_once() {
    let office = Office::open(21);
    let programme = office.installation.programme();
    let first = office.upload("registrar", programme);
    assert_eq!(first.status, 201, "{}", first.body);
    let new =
        json!({ "new": 10, "changed": 0, "same": 0, "rejected": 0, "warnings": first.body["counts"]["warnings"] });
    assert_eq!(first.body["counts"], new);
    let apply = |role: &str, intake: &Answer| {
        office.post(role, &format!("/intakes/{}/apply", text(&intake.body, "id")), &json!({}))
    };
    assert_eq!(refusal(&apply("registrar", &first)).0, 403, "who uploaded it");
    assert_eq!(
        office.get("verifier", &format!("/intakes/{}", text(&first.body, "id"))).body["applied_at"],
        Value::Null
    );
    assert_eq!(apply("verifier", &first).status, 200);
    assert_eq!(refusal(&apply("verifier", &first)), (409, "already_applied"));

    let again = office.upload("registrar", programme);
    assert_eq!(
        (again.status, &again.body["counts"]["same"], &again.body["counts"]["new"]),
        (201, &json!(10), &json!(0))
    );
    assert_eq!(apply("verifier", &again).status, 200);
    office.books(untouched());

    let issued = office.issue(office.installation.round());
    let committed = (HOUSEHOLDS + 10) * VALUE;
    assert_eq!((issued.status, &issued.body), (200, &json!({ "issued": 10, "committed_minor": committed })));
    office.books(Expected { issued: HOUSEHOLDS + 10, ..Expected::default() });
    let second = office.issue(office.installation.round());
    assert_eq!((second.status, &second.body["issued"]), (200, &json!(0)), "nobody has two rights in one round");
    let vouchers = office.vouchers();
    assert_eq!(vouchers.len(), 50);
    let rusmini = vouchers.iter().find(|voucher| voucher.household == "RUSMINI").expect("one of the ten");
    assert_eq!((rusmini.point.as_str(), rusmini.state.as_str(), rusmini.print_no), ("TGR-01", "available", 1));
}

#[test]
fn a_package_is_handed_over_by_qr_by_typed_code_and_without_the_paper() {
    let (office, mut id, one, other) = open(22);
    let packages = office.get("admin", &format!("/packages?programme={}", office.installation.programme()));
    let package = &packages.body["items"][0];
    assert_eq!(package["value_minor"], VALUE);

    let receipt = office.redeem(&one, &by_code(&id(), &one.code));
    assert_eq!((receipt.status, &receipt.body["value_minor"]), (201, &json!(VALUE)), "{}", receipt.body);
    assert_eq!(receipt.body["short"], false);
    let expected = Expected { redeemed: 1, realised: VALUE, ..untouched() };
    office.books(expected);

    // One pack less of the first item, by a neighbour, with the code that is printed for typing.
    let items = package["items"].as_array().unwrap();
    let mut given: Vec<Value> =
        items.iter().map(|item| json!({ "code": item["code"], "quantity": item["quantity"] })).collect();
    given[0]["quantity"] = json!(items[0]["quantity"].as_i64().unwrap() - items[0]["pack_size"].as_i64().unwrap());
    let short = items[0]["pack_price_minor"].as_i64().unwrap();
    assert!(short > 0);
    let body = json!({ "id": id(), "code": other.typed_code.to_lowercase().replace('-', " "), "items": given,
        "collector": { "kind": "proxy", "name": "PAK TETANGGA", "relation": "tetangga", "id_seen": true } });
    let receipt = office.redeem(&other, &body);
    assert_eq!((receipt.status, &receipt.body["value_minor"]), (201, &json!(VALUE - short)), "{}", receipt.body);
    assert_eq!((&receipt.body["short"], &receipt.body["collector"]["kind"]), (&json!(true), &json!("proxy")));
    assert_eq!(receipt.body["collector"]["name"], "PAK TETANGGA");
    let expected = Expected { redeemed: 2, by_proxy: 1, realised: 2 * VALUE - short, ..expected };
    office.books(expected);

    let lost = office.vouchers().into_iter().find(|voucher| voucher.state == "available").unwrap();
    let mut body = json!({ "id": id(), "entitlement_id": lost.entitlement_id, "paper": "lost" });
    assert_eq!(refusal(&office.redeem(&lost, &body)).0, 422, "no reason");
    body["reason"] = json!("terbawa banjir");
    let receipt = office.redeem(&lost, &body);
    assert_eq!((receipt.status, &receipt.body["paper"]), (201, &json!("lost")), "{}", receipt.body);
    office.books(Expected { redeemed: 3, realised: 3 * VALUE - short, ..expected });
    let second = office.redeem(&lost, &by_code(&id(), &lost.code));
    assert_eq!(refusal(&second), (409, "already_redeemed"), "the paper is found again");
    let redeemed = office.vouchers().iter().filter(|voucher| voucher.state == "redeemed").count();
    assert_eq!(redeemed, 3);
}

#[test]
fn the_same_request_has_the_same_answer_and_no_other_request_has_its_id() {
    let (office, mut id, one, other) = open(23);
    let body = by_code(&id(), &one.code);
    let first = office.redeem(&one, &body);
    assert_eq!(first.status, 201, "{}", first.body);
    let replayed = office.redeem(&one, &body);
    assert_eq!((replayed.status, &replayed.body), (200, &first.body));
    let id_of = text(&body, "id");
    let kept = office.get("finance", &format!("/redemptions/{id_of}"));
    assert_eq!((kept.status, &kept.body), (200, &first.body));

    let another_of_this_point =
        office.vouchers().into_iter().find(|voucher| voucher.point == one.point && voucher.state == "available");
    let another = another_of_this_point.unwrap_or_else(|| other.clone());
    assert_eq!(refusal(&office.redeem(&one, &by_code(id_of, &another.code))), (422, "id_reused"));
    assert_eq!(refusal(&office.redeem(&other, &body)), (422, "id_reused"), "from another device");
    assert_eq!(
        refusal(&office.redeem(&other, &by_code(id_of, &other.code))),
        (422, "id_reused"),
        "from another device"
    );
    let mut unseen = body.clone();
    unseen["collector"]["id_seen"] = json!(false);
    assert_eq!(refusal(&office.redeem(&one, &unseen)), (422, "id_reused"));

    let second = office.redeem(&one, &by_code(&id(), &one.code));
    assert_eq!(refusal(&second), (409, "already_redeemed"));
    let told = &second.body["first"];
    assert_eq!(
        (&told["redeemed_at"], &told["point"], &told["receipt_number"]),
        (&first.body["redeemed_at"], &first.body["point"], &first.body["receipt_number"])
    );
    assert_eq!(office.redeem(&one, &body).status, 200, "a replay is no second scan, also after one");
    office.books(Expected { redeemed: 1, realised: VALUE, ..untouched() });
}

#[test]
fn a_voucher_is_good_at_its_point_alone() {
    let (office, mut id, one, other) = open(24);
    let wrong = office.redeem_at(&other.point, &by_code(&id(), &one.code));
    assert_eq!(refusal(&wrong), (409, "wrong_point"));
    assert_eq!(wrong.body["right_point"]["code"], one.point.as_str());
    let desk = Client::new(office.installation.device_token(&other.point));
    let looked = desk.post(office.base(), "/verifications", &json!({ "code": one.code })).unwrap();
    assert_eq!((looked.status, &looked.body["verdict"]), (200, &json!("wrong_point")));
    office.books(untouched());
    assert_eq!(office.redeem(&one, &by_code(&id(), &one.code)).status, 201, "a refusal does not block the next scan");
    office.books(Expected { redeemed: 1, realised: VALUE, ..untouched() });
}

#[test]
fn a_new_print_makes_the_old_paper_worthless_and_a_revocation_gives_the_budget_back() {
    let (office, mut id, one, other) = open(25);
    let reason = json!({ "reason": "kupon basah" });
    let made = office.post("issuer", &format!("/entitlements/{}/reprint", one.entitlement_id), &reason);
    assert_eq!((made.status, &made.body), (201, &json!({ "print_no": 2 })));
    assert_eq!(refusal(&office.redeem(&one, &by_code(&id(), &one.code))), (409, "superseded"));
    let typed = office.redeem(&one, &by_code(&id(), &one.typed_code));
    assert_eq!(refusal(&typed), (409, "superseded"), "nor is its code taken when it is typed");
    office.books(untouched());
    let fresh = office.vouchers().into_iter().find(|voucher| voucher.entitlement_id == one.entitlement_id).unwrap();
    assert_eq!((fresh.print_no, fresh.code == one.code, fresh.typed_code == one.typed_code), (2, false, false));
    let receipt = office.redeem(&fresh, &by_code(&id(), &fresh.code));
    assert_eq!(receipt.status, 201, "{}", receipt.body);
    let before = office.books(Expected { redeemed: 1, realised: VALUE, ..untouched() });

    let path = format!("/entitlements/{}/revoke", other.entitlement_id);
    assert_eq!(office.post("coordinator", &path, &json!({ "reason": "pindah kota" })).status, 204);
    let refused = office.redeem(&other, &by_code(&id(), &other.code));
    assert_eq!((refusal(&refused), &refused.body["reason"]), ((409, "revoked"), &json!("pindah kota")));
    let after = office.books(Expected { redeemed: 1, revoked: 1, realised: VALUE, ..untouched() });
    let remaining = |books: &Value| books["budget"]["remaining_minor"].as_i64().unwrap();
    assert_eq!(remaining(&after) - remaining(&before), VALUE);
    let again = office.post("coordinator", &path, &json!({ "reason": "pindah kota" }));
    assert_eq!(refusal(&again), (409, "not_available"));
    let handed = format!("/entitlements/{}/revoke", one.entitlement_id);
    assert_eq!(refusal(&office.post("coordinator", &handed, &reason)), (409, "not_available"), "it is handed over");
    office.books(Expected { redeemed: 1, revoked: 1, realised: VALUE, ..untouched() });
}

/// Many print at once: each print has a code of its own, and of all of them the newest alone is taken.
#[test]
fn prints_that_are_made_at_once_leave_one_good_typed_code() {
    const PRINTS: i64 = 8;
    let (office, mut id, one, _) = open(28);
    let path = format!("/entitlements/{}/reprint", one.entitlement_id);
    let now = || office.vouchers().into_iter().find(|voucher| voucher.entitlement_id == one.entitlement_id).unwrap();
    let mut codes = vec![one.typed_code.clone()];
    std::thread::scope(|scope| {
        let print = || {
            let made = office.post("issuer", &path, &json!({ "reason": "kupon basah" }));
            assert_eq!(made.status, 201, "{}", made.body);
            now().typed_code
        };
        let printing: Vec<_> = (0..PRINTS).map(|_| scope.spawn(print)).collect();
        codes.extend(printing.into_iter().map(|one| one.join().unwrap()));
    });
    let newest = now();
    assert_eq!((newest.print_no, codes.contains(&newest.typed_code)), (PRINTS + 1, true));
    codes.retain(|code| *code != newest.typed_code);
    for code in &codes {
        assert_eq!(refusal(&office.redeem(&one, &by_code(&id(), code))), (409, "superseded"));
    }
    assert_eq!(office.redeem(&one, &by_code(&id(), &newest.typed_code)).status, 201);
}

/// The code with one sign of its signature, the last 64 bytes, changed.
fn forged(code: &str) -> String {
    let at = code.len() - 40;
    let other = if &code[at..=at] == "A" { "B" } else { "A" };
    format!("{}{other}{}", &code[..at], &code[at + 1..])
}

/// A well-formed typed code that no voucher has.
fn typed_code_of_none(vouchers: &[Voucher]) -> String {
    let free = (0..=255_u8).map(|byte| TypedCode::draw([byte; 9]).to_string());
    free.into_iter().find(|code| vouchers.iter().all(|voucher| voucher.typed_code != *code)).unwrap()
}

#[test]
fn what_is_no_voucher_of_ours_is_told_apart() {
    let (office, mut id, one, _) = open(26);
    let prefix = &one.code[..=one.code.rfind(['/', ':']).unwrap()];
    let slip = one.typed_code.replacen(|sign: char| sign.is_ascii_alphanumeric(), "#", 1);
    let cases = [
        ("HTTPS://EXAMPLE.ORG/MENU".to_owned(), (422, "foreign")),
        (slip, (422, "foreign")),
        (format!("{prefix}AAAAAAAA"), (422, "malformed")),
        (one.code[..one.code.len() - 8].to_owned(), (422, "malformed")),
        (forged(&one.code), (422, "forged")),
        (typed_code_of_none(&office.vouchers()), (404, "unknown")),
    ];
    for (code, expected) in &cases {
        let answer = office.redeem(&one, &by_code(&id(), code));
        assert_eq!(refusal(&answer), *expected, "{code}: {}", answer.body);
        let desk = Client::new(office.installation.device_token(&one.point));
        let looked = desk.post(office.base(), "/verifications", &json!({ "code": code })).unwrap();
        assert_eq!((looked.status, &looked.body["verdict"]), (200, &json!(expected.1)), "{code}");
    }
    let slipped = if one.typed_code.ends_with('A') { "B" } else { "A" };
    let slipped = format!("{}{slipped}", &one.typed_code[..one.typed_code.len() - 1]);
    assert_eq!(refusal(&office.redeem(&one, &by_code(&id(), &slipped))), (422, "malformed"), "a wrong check sign");
    let unknown = json!({ "id": id(), "entitlement_id": id(), "paper": "lost", "reason": "hilang" });
    assert_eq!(refusal(&office.redeem(&one, &unknown)), (404, "unknown"));

    let redemptions = format!("{}/api/v1/redemptions", office.base());
    let desk = Client::new(office.installation.device_token(&one.point));
    for broken in ["", "{", "[]", "{\"id\":\"x\",\"code\":\"y\"}"] {
        let (status, said) = desk.send("POST", &redemptions, Some(("application/json", broken.into()))).unwrap();
        assert_eq!(status, 400, "{broken}: {}", String::from_utf8_lossy(&said));
    }
    let both = json!({ "id": id(), "code": one.code, "entitlement_id": one.entitlement_id });
    assert_eq!(office.redeem(&one, &both).status, 400, "two names for one voucher");
    let mut lower = by_code(&id(), &format!(" {} ", one.code.to_lowercase()));
    assert_eq!(refusal(&office.post("issuer", "/redemptions", &lower)).0, 403);
    let books = format!("/rounds/{}/reconciliation", office.installation.round());
    assert_eq!(refusal(&desk.get(office.base(), &books).unwrap()).0, 403);
    office.books(untouched());
    lower["id"] = json!(id());
    assert_eq!(office.redeem(&one, &lower).status, 201, "any case, with white space around it");
    office.books(Expected { redeemed: 1, realised: VALUE, ..untouched() });
}

#[test]
fn a_round_that_the_ceiling_does_not_cover_is_not_issued_at_all() {
    let office = Office::open(27);
    let packages = office.get("admin", &format!("/packages?programme={}", office.installation.programme()));
    let package = &packages.body["items"][0];
    let rounds = office.get("admin", &format!("/rounds?programme={}", office.installation.programme()));
    let old = rounds.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .find(|round| round["id"] == office.installation.round())
        .unwrap();
    // Enough for nine of the ten.
    let ceiling = 10 * VALUE - 1;
    let made = office.post(
        "admin",
        "/programmes",
        &json!({ "code": "KECIL", "name": "Program kecil", "ceiling_minor": ceiling }),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let programme = text(&made.body, "id");
    let new = json!({ "programme_id": programme, "code": package["code"], "name": package["name"], "items": package["items"] });
    let made_package = office.post("admin", "/packages", &new);
    assert_eq!((made_package.status, &made_package.body["value_minor"]), (201, &json!(VALUE)), "{}", made_package.body);
    let new = json!({ "programme_id": programme, "number": 1, "name": "Tahap 1", "package_id": made_package.body["id"],
        "opens_at": old["opens_at"], "closes_at": old["closes_at"] });
    let round = office.post("admin", "/rounds", &new);
    assert_eq!(round.status, 201, "{}", round.body);
    office.take_in_the_ten(programme);

    let round = text(&round.body, "id");
    let refused = office.issue(round);
    assert_eq!(refusal(&refused), (409, "budget_exceeded"));
    assert_eq!(
        (&refused.body["needed_minor"], &refused.body["remaining_minor"]),
        (&json!(10 * VALUE), &json!(ceiling))
    );
    let listed = office.get("issuer", &format!("/rounds/{round}/vouchers"));
    assert_eq!((listed.status, &listed.body), (200, &json!({ "items": [], "next": null })));
    let programme = office.get("admin", &format!("/programmes/{programme}"));
    assert_eq!(programme.body["obligated_minor"], 0);
    crate::harness::books::must_close(&office.of("finance"), office.base(), round, VALUE, Expected::default());
    office.books(untouched());
}
