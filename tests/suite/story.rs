//! The whole way over HTTP: a file becomes vouchers, vouchers become receipts, and the books close.

use serde_json::{Value, json};

use crate::harness::client::{Answer, Client};
use crate::harness::installation::{Installation, Server};

const SAMPLE: &[u8] = include_bytes!("../data/penerima-contoh.csv");

/// A running demonstration, and who acts on it.
struct Office {
    installation: Installation,
    server: Server,
}

impl Office {
    fn open(households: u32) -> Self {
        let installation = Installation::demo(households, 7);
        let server = installation.serve();
        Self { installation, server }
    }

    fn get(&self, role: &str, path: &str) -> Answer {
        Client::new(self.installation.token(role)).get(self.server.base(), path).unwrap()
    }

    fn post(&self, role: &str, path: &str, body: &Value) -> Answer {
        Client::new(self.installation.token(role)).post(self.server.base(), path, body).unwrap()
    }

    fn upload(&self, role: &str, programme: &str, bytes: &[u8]) -> Answer {
        Client::new(self.installation.token(role)).upload(self.server.base(), programme, "penerima.csv", bytes)
    }

    fn at(&self, point: &str, path: &str, body: &Value) -> Answer {
        Client::new(self.installation.device_token(point)).post(self.server.base(), path, body).unwrap()
    }

    fn redeem(&self, point: &str, body: &Value) -> Answer {
        self.at(point, "/redemptions", body)
    }

    fn round(&self) -> String {
        self.installation.member("round_id")
    }

    fn programme(&self) -> String {
        self.installation.member("programme_id")
    }

    fn vouchers(&self, round: &str) -> Vec<Value> {
        let answer = self.get("issuer", &format!("/rounds/{round}/vouchers?limit=500"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body["items"].as_array().unwrap().clone()
    }

    /// The books, after every sum was added up again from its parts.
    fn books(&self, round: &str) -> Value {
        let answer = self.get("finance", &format!("/rounds/{round}/reconciliation"));
        assert_eq!(answer.status, 200, "{}", answer.body);
        let books = answer.body;
        let n = |value: &Value| value.as_i64().unwrap_or_else(|| panic!("not an integer: {value}"));
        let sum =
            |list: &str, member: &str| books[list].as_array().unwrap().iter().map(|one| n(&one[member])).sum::<i64>();
        let budget = &books["budget"];
        assert_eq!(
            n(&budget["ceiling_minor"]) - n(&budget["committed_minor"]) - n(&budget["realised_minor"]),
            n(&budget["remaining_minor"])
        );
        let states = &books["entitlements"];
        let of = |state: &str| n(&states[state]);
        let parts: i64 = ["available", "leased", "redeemed", "revoked", "unresolved", "expired"].map(of).iter().sum();
        assert_eq!(of("issued"), parts);
        assert_eq!(sum("points", "issued"), of("issued"));
        assert_eq!(sum("points", "redeemed"), of("redeemed"));
        assert_eq!(sum("days", "redeemed"), of("redeemed"));
        assert_eq!(sum("points", "realised_minor"), n(&books["realised_minor"]));
        assert_eq!(sum("days", "realised_minor"), n(&books["realised_minor"]));
        assert_eq!(books["closes"], true, "{}", books["faults"]);
        books
    }
}

fn id() -> String {
    let mut bytes = [0_u8; 16];
    std::io::Read::read_exact(&mut std::fs::File::open("/dev/urandom").unwrap(), &mut bytes).unwrap();
    uuid::Builder::from_random_bytes(bytes).into_uuid().to_string()
}

fn text(value: &Value, member: &str) -> String {
    value[member].as_str().unwrap_or_else(|| panic!("no {member} in {value}")).to_owned()
}

#[track_caller]
fn is(answer: &Answer, status: u16, code: &str) {
    assert_eq!((answer.status, answer.code()), (status, code), "{}", answer.body);
}

#[test]
fn a_file_becomes_vouchers_only_when_two_people_agree() {
    let office = Office::open(40);
    let programme = office.programme();
    let intake = office.upload("registrar", &programme, SAMPLE);
    assert_eq!(intake.status, 201, "{}", intake.body);
    assert_eq!(intake.body["counts"], json!({"new": 10, "changed": 0, "same": 0, "rejected": 0, "warnings": 2}));
    assert_eq!(office.vouchers(&office.round()).len(), 40, "a dry run changes nothing");

    let apply = format!("/intakes/{}/apply", text(&intake.body, "id"));
    is(&office.post("registrar", &apply, &json!({})), 403, "forbidden");
    assert_eq!(office.post("verifier", &apply, &json!({})).status, 200);
    is(&office.post("verifier", &apply, &json!({})), 409, "already_applied");
    let again = office.upload("registrar", &programme, SAMPLE);
    assert_eq!(again.body["counts"]["same"], 10, "the same file twice changes nothing: {}", again.body);

    let issue = format!("/rounds/{}/issue", office.round());
    is(&office.post("registrar", &issue, &json!({})), 403, "forbidden");
    let issued = office.post("issuer", &issue, &json!({}));
    assert_eq!((issued.status, issued.body.clone()), (200, json!({"issued": 10, "committed_minor": 25_000_000})));
    assert_eq!(office.post("issuer", &issue, &json!({})).body["issued"], 0);
    let vouchers = office.vouchers(&office.round());
    assert_eq!(vouchers.len(), 50);
    let rusmini = vouchers.iter().find(|one| one["household"] == "RUSMINI" && one["point"] == "TGR-01").unwrap();
    let receipt = office.redeem("TGR-01", &json!({"id": id(), "code": rusmini["code"]}));
    assert_eq!(receipt.status, 201, "{}", receipt.body);
    assert_eq!(office.books(&office.round())["entitlements"]["redeemed"], 1);
}

#[test]
fn a_wrong_file_is_refused_as_a_whole_and_changes_nothing() {
    let office = Office::open(5);
    let programme = office.programme();
    for bytes in [&b""[..], b"\x00\x01\x02", b"PK\x03\x04broken", b"nama,alamat\nA,B\n"] {
        let answer = office.upload("registrar", &programme, bytes);
        assert_eq!(answer.status, 422, "{}", answer.body);
        assert!(!answer.body["detail"].as_str().unwrap().is_empty());
    }
    assert_eq!(office.get("registrar", "/intakes").body["items"], json!([]));
}

#[test]
fn every_answer_to_a_redemption_is_the_right_one_and_the_books_close() {
    let office = Office::open(60);
    let round = office.round();
    let vouchers = office.vouchers(&round);
    let at = |number: usize| (text(&vouchers[number], "point"), vouchers[number].clone());

    // The QR, the same request again, and another under the same id.
    let (point, voucher) = at(0);
    let first_id = id();
    let body = json!({"id": first_id, "code": voucher["code"], "collector": {"kind": "self", "id_seen": true}});
    let receipt = office.redeem(&point, &body);
    assert_eq!(receipt.status, 201, "{}", receipt.body);
    let replayed = office.redeem(&point, &body);
    assert_eq!((replayed.status, &replayed.body), (200, &receipt.body));
    let other = json!({"id": first_id, "code": vouchers[1]["code"]});
    is(&office.redeem(&point, &other), 422, "id_reused");
    let elsewhere = vouchers.iter().map(|one| text(one, "point")).find(|one| *one != point).unwrap();
    is(&office.redeem(&elsewhere, &body), 422, "id_reused");
    let second = office.redeem(&point, &json!({"id": id(), "code": voucher["typed_code"]}));
    is(&second, 409, "already_redeemed");
    assert_eq!(second.body["first"]["redeemed_at"], receipt.body["redeemed_at"]);
    assert_eq!(second.body["first"]["point"], json!(point));

    // A proxy, by the typed code, with less than the whole.
    let (point, voucher) = at(1);
    let short = json!({"id": id(), "code": text(&voucher, "typed_code").to_lowercase(),
        "collector": {"kind": "proxy", "name": "SITI CONTOH", "relation": "same_family_card", "id_seen": true},
        "items": [{"code": "beras", "quantity": 15_000}, {"code": "telur", "quantity": 30}]});
    let receipt = office.redeem(&point, &short);
    assert_eq!((receipt.status, &receipt.body["value_minor"]), (201, &json!(240_000 + 58_000)), "{}", receipt.body);
    assert_eq!(receipt.body["short"], true);
    let too_much = json!({"id": id(), "code": vouchers[2]["code"], "items": [{"code": "beras", "quantity": 15_001}]});
    is(&office.redeem(&text(&vouchers[2], "point"), &too_much), 422, "invalid_items");

    // Without the paper: by the entitlement, with a reason.
    let (point, voucher) = at(2);
    let lost = |reason: Value| json!({"id": id(), "entitlement_id": voucher["entitlement_id"], "paper": "lost", "reason": reason});
    is(&office.redeem(&point, &lost(Value::Null)), 422, "invalid");
    assert_eq!(office.redeem(&point, &lost(json!("hanyut"))).status, 201);
    is(&office.redeem(&point, &json!({"id": id(), "code": voucher["code"]})), 409, "already_redeemed");

    // Another point, an older print, a revoked right.
    let (point, voucher) = at(3);
    let elsewhere = vouchers.iter().map(|one| text(one, "point")).find(|one| *one != point).unwrap();
    let refused = office.redeem(&elsewhere, &json!({"id": id(), "code": voucher["code"]}));
    is(&refused, 409, "wrong_point");
    assert_eq!(refused.body["right_point"]["code"], json!(point));
    let reprint = format!("/entitlements/{}/reprint", text(&voucher, "entitlement_id"));
    assert_eq!(office.post("issuer", &reprint, &json!({"reason": "basah"})).body["print_no"], 2);
    is(&office.redeem(&point, &json!({"id": id(), "code": voucher["code"]})), 409, "superseded");
    let newest =
        office.vouchers(&round).into_iter().find(|one| one["entitlement_id"] == voucher["entitlement_id"]).unwrap();
    assert_eq!(office.redeem(&point, &json!({"id": id(), "code": newest["code"]})).status, 201);
    let before = office.books(&round);
    let (point, voucher) = at(4);
    let revoke = format!("/entitlements/{}/revoke", text(&voucher, "entitlement_id"));
    is(&office.post("issuer", &revoke, &json!({"reason": "pindah"})), 403, "forbidden");
    assert_eq!(office.post("coordinator", &revoke, &json!({"reason": "pindah"})).status, 204);
    let refused = office.redeem(&point, &json!({"id": id(), "code": voucher["code"]}));
    is(&refused, 409, "revoked");
    assert_eq!(refused.body["reason"], "pindah");
    let after = office.books(&round);
    let remaining = |books: &Value| books["budget"]["remaining_minor"].as_i64().unwrap();
    assert_eq!(remaining(&after) - remaining(&before), 500_000, "a revoked right gives its value back");

    // What is no voucher of ours.
    let good = text(&vouchers[5], "code");
    let place = good.len() - 30;
    let flipped =
        format!("{}{}{}", &good[..place], if &good[place..=place] == "A" { "B" } else { "A" }, &good[place + 1..]);
    let point = text(&vouchers[5], "point");
    for (code, status, verdict) in [
        (flipped.as_str(), 422, "forged"),
        ("https://example.org/x", 422, "foreign"),
        ("SALUR:AAAA", 422, "malformed"),
        (&good[..good.len() - 9], 422, "malformed"),
        ("0000-0000-00", 404, "unknown"),
        ("0000-0000-01", 422, "malformed"),
    ] {
        is(&office.redeem(&point, &json!({"id": id(), "code": code})), status, verdict);
        let seen = office.at(&point, "/verifications", &json!({"code": code}));
        assert_eq!((seen.status, &seen.body["verdict"]), (200, &json!(verdict)), "{code}");
    }
    assert_eq!(office.at(&point, "/verifications", &json!({"code": good.to_lowercase()})).body["verdict"], "valid");
    is(&office.redeem(&point, &json!({"id": "x", "code": good})), 400, "bad_body");
    is(&office.post("issuer", "/redemptions", &json!({"id": id(), "code": good})), 403, "forbidden");
    let device = Client::new(office.installation.device_token(&point));
    is(&device.get(office.server.base(), &format!("/rounds/{round}/reconciliation")).unwrap(), 403, "forbidden");
    let books = office.books(&round);
    assert_eq!((&books["entitlements"]["redeemed"], &books["entitlements"]["revoked"]), (&json!(4), &json!(1)));
}

#[test]
fn a_round_beyond_the_ceiling_is_refused_and_nothing_is_issued() {
    let office = Office::open(3);
    let made = office.post(
        "admin",
        "/programmes",
        &json!({"code": "KECIL", "name": "Bantuan Kecil", "ceiling_minor": 4_999_999}),
    );
    assert_eq!(made.status, 201, "{}", made.body);
    let programme = text(&made.body, "id");
    let package = office.post("admin", "/packages", &json!({"programme_id": programme, "code": "SEMBAKO-A", "name": "Paket",
        "items": [{"code": "beras", "name": "Beras", "unit": "gram", "quantity": 1_000, "pack_name": "kg", "pack_size": 1_000,
                   "pack_price_minor": 500_000}]}));
    assert_eq!(package.body["value_minor"], 500_000, "{}", package.body);
    let round = office.post("admin", "/rounds", &json!({"programme_id": programme, "number": 1, "name": "Tahap 1",
        "package_id": package.body["id"], "opens_at": "2026-01-01T00:00:00+08:00", "closes_at": "2100-01-01T00:00:00+08:00"}));
    let round = text(&round.body, "id");
    let intake = office.upload("registrar", &programme, SAMPLE);
    let apply = format!("/intakes/{}/apply", text(&intake.body, "id"));
    assert_eq!(office.post("verifier", &apply, &json!({})).status, 200);
    let refused = office.post("issuer", &format!("/rounds/{round}/issue"), &json!({}));
    is(&refused, 409, "budget_exceeded");
    assert_eq!(
        (&refused.body["needed_minor"], &refused.body["remaining_minor"]),
        (&json!(5_000_000), &json!(4_999_999))
    );
    assert_eq!(office.vouchers(&round), Vec::<Value>::new());
    assert_eq!(office.books(&round)["budget"]["committed_minor"], 0);
}
