//! Exceptions: what a household is still owed is a right of its own, approved by two people and handed over once.

use std::process::Command;

use serde_json::{Value, json};

use crate::documents::read_pdf;
use crate::harness::auditor::log_is_whole;
use crate::harness::client::{Answer, Client};
use crate::harness::handset::Handset;
use crate::harness::installation::Voucher;
use crate::harness::office::{Office, VALUE, by_code, text};
use crate::leases::{busiest, crowded, id_of, run};

pub(crate) fn id(number: u32) -> String {
    format!("00000000-0000-7000-8000-{number:012}")
}

pub(crate) fn items(office: &Office) -> Vec<Value> {
    let packages = office.get("admin", &format!("/packages?programme={}", office.installation.programme()));
    packages.body["items"][0]["items"].as_array().unwrap().clone()
}

/// All of a package but so many packs of its first item.
fn less(office: &Office, packs: i64) -> Vec<Value> {
    let items = items(office);
    let mut given: Vec<Value> =
        items.iter().map(|item| json!({ "code": item["code"], "quantity": item["quantity"] })).collect();
    given[0]["quantity"] = json!(items[0]["quantity"].as_i64().unwrap() - packs * pack(office).0);
    given
}

/// Of the first item: base units in a pack, and the price of one.
pub(crate) fn pack(office: &Office) -> (i64, i64) {
    let first = items(office)[0].clone();
    (first["pack_size"].as_i64().unwrap(), first["pack_price_minor"].as_i64().unwrap())
}

fn redeem_short(office: &Office, voucher: &Voucher, number: u32, packs: i64) {
    let mut body = by_code(&id(number), &voucher.code);
    body["items"] = json!(less(office, packs));
    let receipt = office.redeem(voucher, &body);
    assert_eq!((receipt.status, &receipt.body["short"]), (201, &json!(true)), "{}", receipt.body);
}

pub(crate) fn propose(office: &Office, entitlement: &str, body: &Value) -> Answer {
    office.post("coordinator", &format!("/entitlements/{entitlement}/exceptions"), body)
}

fn proposed(office: &Office, entitlement: &str) -> String {
    let made = propose(office, entitlement, &json!({ "reason": "beras kurang" }));
    assert_eq!(made.status, 201, "{}", made.body);
    text(&made.body, "id").to_owned()
}

pub(crate) fn decide(office: &Office, exception: &str, approve: bool) -> Answer {
    let body = json!({ "approve": approve, "note": "diperiksa" });
    office.post("issuer", &format!("/exceptions/{exception}/decision"), &body)
}

/// Proposed by one, approved by another: the voucher that came of it.
fn granted(office: &Office, entitlement: &str) -> Voucher {
    let exception = proposed(office, entitlement);
    let approved = decide(office, &exception, true);
    assert_eq!(approved.status, 200, "{}", approved.body);
    let made = text(&approved.body, "entitlement_id");
    office.vouchers().into_iter().find(|one| one.entitlement_id == made).expect("a voucher of its own")
}

pub(crate) fn family(office: &Office, entitlement: &str) -> Value {
    let found = office.get("finance", &format!("/entitlements/{entitlement}/exceptions"));
    assert_eq!(found.status, 200, "{}", found.body);
    found.body
}

fn refused(answer: &Answer) -> (u16, &str) {
    (answer.status, answer.code())
}

fn number(value: &Value, path: &str) -> i64 {
    value.pointer(path).and_then(Value::as_i64).unwrap_or_else(|| panic!("no integer at {path}: {value}"))
}

/// The books close, and so do the log and both who check it. Redeemed, issued, realised.
pub(crate) fn closes(office: &Office) -> (i64, i64, i64) {
    let report = log_is_whole(&office.installation);
    assert_eq!(report["whole"], true, "{report}");
    let books = office.get("finance", &format!("/rounds/{}/reconciliation", office.installation.round())).body;
    assert_eq!((&books["closes"], &books["faults"]), (&json!(true), &json!([])), "{books}");
    let of = |state: &str| number(&books, &format!("/entitlements/{state}"));
    let states = ["redeemed", "available", "leased", "unresolved", "revoked", "expired"];
    assert_eq!(of("issued"), states.map(of).iter().sum::<i64>(), "{books}");
    let budget = |name: &str| number(&books, &format!("/budget/{name}_minor"));
    assert_eq!(
        (budget("committed"), budget("realised")),
        (number(&books, "/committed_minor"), number(&books, "/realised_minor"))
    );
    for line in books["items"].as_array().unwrap() {
        let [given, short, apart] = ["/handed_over", "/short", "/apart"].map(|part| number(line, part));
        let each =
            items(office).iter().find(|item| item["code"] == line["code"]).unwrap()["quantity"].as_i64().unwrap();
        assert_eq!(given + short + apart, of("redeemed") * each, "{line}");
    }
    (of("redeemed"), of("issued"), number(&books, "/realised_minor"))
}

fn written(office: &Office, path: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("kupon.pdf");
    std::fs::write(&file, office.of("issuer").bytes(office.base(), &format!("/api/v1{path}"))).unwrap();
    let copied = Command::new("pdftotext").arg(&file).arg("-").output().unwrap();
    String::from_utf8_lossy(&copied.stdout).into_owned()
}

/// What a BAST of a point says: what was issued, what is still owed beside it, and of each item what was due and given.
pub(crate) fn minutes(office: &Office, point: &str) -> (i64, Option<i64>, Vec<(i64, i64)>) {
    let path = format!("/rounds/{}/documents", office.installation.round());
    let made = office.post("finance", &path, &json!({ "kind": "handover", "point": point }));
    assert_eq!(made.status, 201, "{}", made.body);
    let found = office.get("finance", &format!("/documents/{}", text(&made.body, "id"))).body;
    let tables = found["tables"].as_array().unwrap();
    let counts = &tables[0]["rows"].as_array().unwrap();
    let said = |row: &Value| row[0].as_str().unwrap().to_owned();
    let short = counts.iter().find(|row| said(row).starts_with("Kurang serah")).map(|row| row[2].as_i64().unwrap());
    let issued = counts.iter().map(|row| row[2].as_i64().unwrap()).sum();
    let goods = tables.iter().find(|table| text(table, "caption").starts_with("3.")).unwrap();
    let columns = goods["columns"].as_array().unwrap();
    let place = |heading: &str| columns.iter().position(|one| one == heading).unwrap();
    let (due, given) = (place("Seharusnya untuk yang tersalurkan"), place("Diserahkan kepada mereka"));
    let rows = goods["rows"].as_array().unwrap().iter();
    let goods = rows.map(|row| (row[due].as_i64().unwrap(), row[given].as_i64().unwrap())).collect();
    (issued, short, goods)
}

#[test]
fn minutes_of_a_point_count_what_an_exception_holds_once() {
    let office = Office::open(805);
    let voucher = office.vouchers()[0].clone();
    let (_, pack_price) = pack(&office);
    redeem_short(&office, &voucher, 1, 2);
    let (issued, short, goods) = minutes(&office, &voucher.point);
    assert_eq!(short, Some(2 * pack_price));
    assert_ne!(goods[0].0, goods[0].1, "less was given than was due");
    let rest = granted(&office, &voucher.entitlement_id);
    let (after, short, goods) = minutes(&office, &voucher.point);
    assert_eq!((after, short), (issued, None), "what another right holds is not owed beside it");
    assert_eq!(goods[0].0, goods[0].1, "nor due to who came");
    assert_eq!(office.redeem(&rest, &by_code(&id(2), &rest.code)).status, 201);
    let (after, short, goods) = minutes(&office, &voucher.point);
    assert_eq!((after, short), (issued, None));
    assert!(goods.iter().all(|(due, given)| due == given), "{goods:?}");
    let first = &items(&office)[0];
    assert_eq!(first["quantity"], goods[0].1, "both handouts gave one package");
}

#[test]
fn after_a_short_handout_the_rest_is_a_right_of_its_own_that_is_handed_over_once() {
    let office = Office::open(801);
    let all = office.vouchers().len() as i64;
    let voucher = office.vouchers()[0].clone();
    let (pack_size, pack_price) = pack(&office);
    assert_eq!(refused(&propose(&office, &voucher.entitlement_id, &json!({ "reason": "x" }))), (409, "still_good"));
    redeem_short(&office, &voucher, 1, 2);
    let owed = family(&office, &voucher.entitlement_id);
    let code = items(&office)[0]["code"].clone();
    assert_eq!(
        (&owed["cause"], &owed["owed"]),
        (&json!("short"), &json!([{ "code": code, "quantity": 2 * pack_size }]))
    );

    let path = format!("/entitlements/{}/exceptions", voucher.entitlement_id);
    for (status, body) in [
        (422, json!({ "reason": " " })),
        (422, json!({ "reason": "x".repeat(401) })),
        (422, json!({ "reason": "x", "items": [{ "code": code, "quantity": 2 * pack_size + 1 }] })),
        (422, json!({ "reason": "x", "items": [{ "code": code, "quantity": 0 }] })),
        (422, json!({ "reason": "x", "items": [{ "code": code, "quantity": -1 }] })),
        (422, json!({ "reason": "x", "items": [{ "code": "emas", "quantity": 1 }] })),
        (422, json!({ "reason": "x", "items": [{ "code": code, "quantity": 1 }, { "code": code, "quantity": 1 }] })),
        (404, json!({ "reason": "x", "case_id": id(9) })),
        (400, json!({ "reason": "x", "household": 1 })),
        (400, json!({})),
    ] {
        assert_eq!(office.post("coordinator", &path, &body).status, status, "{body}");
    }
    assert_eq!(
        office.post("coordinator", &format!("/entitlements/{}/exceptions", id(9)), &json!({ "reason": "x" })).status,
        404
    );

    // Declined, it can be proposed again; who proposed it does not decide, and while it waits there is no other.
    let first = proposed(&office, &voucher.entitlement_id);
    assert_eq!(
        refused(&propose(&office, &voucher.entitlement_id, &json!({ "reason": "lagi" }))),
        (409, "exception_open")
    );
    let silent = office.post("issuer", &format!("/exceptions/{first}/decision"), &json!({ "approve": false }));
    assert_eq!(silent.status, 422, "a refusal says why");
    assert_eq!(decide(&office, &first, false).body["entitlement_id"], Value::Null);
    assert_eq!(refused(&decide(&office, &first, true)), (409, "already_decided"));
    let own = office.post("issuer", &path, &json!({ "reason": "saya sendiri" }));
    assert_eq!(own.status, 201, "{}", own.body);
    assert_eq!(refused(&decide(&office, text(&own.body, "id"), true)), (403, "same_person"));
    let office_two = office.post(
        "coordinator",
        &format!("/exceptions/{}/decision", text(&own.body, "id")),
        &json!({ "approve": true }),
    );
    assert_eq!(office_two.status, 403, "whoever proposes does not issue");
    assert_eq!(closes(&office), (1, all, VALUE - 2 * pack_price), "nothing was promised yet");
    office
        .sql("DELETE FROM exception_items WHERE exception_id IN (SELECT id FROM exceptions WHERE state = 'proposed')");
    office.sql("DELETE FROM exceptions WHERE state = 'proposed'");

    let sums = || {
        let books = office.get("finance", &format!("/rounds/{}/reconciliation", office.installation.round())).body;
        ["/issued_minor", "/short_minor"].map(|path| number(&books, path))
    };
    assert_eq!(sums(), [all * VALUE, 2 * pack_price]);
    let rest = granted(&office, &voucher.entitlement_id);
    assert_eq!(sums(), [all * VALUE, 0], "what an exception holds is not owed beside it, and was issued once");
    assert_eq!((rest.point.as_str(), rest.household.as_str()), (voucher.point.as_str(), voucher.household.as_str()));
    assert_ne!(rest.typed_code, voucher.typed_code);
    assert_eq!(refused(&propose(&office, &rest.entitlement_id, &json!({ "reason": "lagi" }))), (409, "exception_open"));
    let sheet = written(
        &office,
        &format!("/rounds/{}/vouchers.pdf?entitlement={}", office.installation.round(), rest.entitlement_id),
    );
    let name = |place: usize| items(&office)[place]["name"].as_str().unwrap().to_owned();
    assert!(sheet.contains(&rest.typed_code) && sheet.contains(&name(0)), "{sheet}");
    assert!(!sheet.contains(&name(1)), "what is not owed stands on it: {sheet}");

    // More than it holds is refused, then it is redeemed once.
    let mut body = by_code(&id(2), &rest.code);
    body["items"] = json!([{ "code": code, "quantity": 2 * pack_size + 1 }]);
    assert_eq!(refused(&office.redeem(&rest, &body)), (422, "invalid_items"));
    body["items"] = json!([{ "code": items(&office)[1]["code"], "quantity": 1 }]);
    assert_eq!(refused(&office.redeem(&rest, &body)), (422, "invalid_items"));
    let receipt = office.redeem(&rest, &by_code(&id(3), &rest.code));
    assert_eq!((receipt.status, &receipt.body["short"]), (201, &json!(false)), "{}", receipt.body);
    assert_eq!(receipt.body["value_minor"], json!(2 * pack_price));
    assert_eq!(refused(&office.redeem(&rest, &by_code(&id(4), &rest.code))), (409, "already_redeemed"));
    assert_eq!(refused(&office.redeem(&voucher, &by_code(&id(5), &voucher.code))), (409, "already_redeemed"));
    let again = propose(&office, &voucher.entitlement_id, &json!({ "reason": "lagi" }));
    assert_eq!(refused(&again), (409, "nothing_owed"), "{}", again.body);
    assert_eq!(closes(&office), (2, all + 1, VALUE));
    let listed =
        office.get("auditor", &format!("/rounds/{}/exceptions?state=approved", office.installation.round())).body;
    assert_eq!(
        (listed["items"].as_array().unwrap().len(), &listed["items"][0]["entitlement_state"]),
        (1, &json!("redeemed"))
    );
}

#[test]
fn what_an_exception_did_not_give_is_owed_again_and_never_more_than_the_package() {
    let office = Office::open(802);
    let voucher = office.vouchers()[0].clone();
    let (pack_size, pack_price) = pack(&office);
    let code = items(&office)[0]["code"].clone();
    redeem_short(&office, &voucher, 1, 3);
    let rest = granted(&office, &voucher.entitlement_id);
    let mut body = by_code(&id(2), &rest.code);
    body["items"] = json!([{ "code": code, "quantity": pack_size }]);
    let receipt = office.redeem(&rest, &body);
    assert_eq!(
        (&receipt.body["short"], &receipt.body["value_minor"]),
        (&json!(true), &json!(pack_price)),
        "{}",
        receipt.body
    );
    let owed = family(&office, &rest.entitlement_id);
    assert_eq!(owed["owed"], json!([{ "code": code, "quantity": 2 * pack_size }]), "{owed}");
    assert_eq!(text(&owed, "first_entitlement_id"), voucher.entitlement_id);
    // Taken away unused, it is owed once more.
    let last = granted(&office, &voucher.entitlement_id);
    let revoke = format!("/entitlements/{}/revoke", last.entitlement_id);
    assert!(office.post("coordinator", &revoke, &json!({ "reason": "salah cetak" })).status < 300);
    let last = granted(&office, &voucher.entitlement_id);
    assert_eq!(office.redeem(&last, &by_code(&id(3), &last.code)).body["value_minor"], json!(2 * pack_price));
    assert_eq!(family(&office, &voucher.entitlement_id)["why_not"], "nothing_owed");
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (3, VALUE));
}

#[test]
fn after_a_decided_reversal_the_whole_package_is_owed() {
    let office = Office::open(803);
    let voucher = office.vouchers()[0].clone();
    assert_eq!(office.redeem(&voucher, &by_code(&id(1), &voucher.code)).status, 201);
    let reason = json!({ "reason": "barang kembali" });
    assert_eq!(refused(&propose(&office, &voucher.entitlement_id, &reason)), (409, "nothing_owed"));
    let new = json!({ "kind": "reversal", "detail": "salah orang", "entitlement_id": voucher.entitlement_id });
    let case = text(&office.post("coordinator", "/cases", &new).body, "id").to_owned();
    let steps = format!("/cases/{case}/steps");
    let outcome = json!({ "step": "propose", "text": "barang kembali ke titik", "outcome": "upheld" });
    assert_eq!(office.post("coordinator", &steps, &outcome).status, 200);
    assert_eq!(
        refused(&propose(&office, &voucher.entitlement_id, &reason)),
        (409, "nothing_owed"),
        "nobody agreed yet"
    );
    assert_eq!(office.post("finance", &steps, &json!({ "step": "agree" })).status, 200);

    let exception = proposed(&office, &voucher.entitlement_id);
    let seen = office.get("issuer", &format!("/exceptions/{exception}")).body;
    assert_eq!(
        (text(&seen, "cause"), text(&seen, "case_id"), number(&seen, "/value_minor")),
        ("reversed", case.as_str(), VALUE)
    );
    let made = decide(&office, &exception, true);
    let right =
        office.vouchers().into_iter().find(|one| one.entitlement_id == text(&made.body, "entitlement_id")).unwrap();
    let receipt = office.redeem(&right, &by_code(&id(2), &right.code));
    assert_eq!((receipt.status, &receipt.body["value_minor"]), (201, &json!(VALUE)));
    assert_eq!(refused(&propose(&office, &voucher.entitlement_id, &reason)), (409, "nothing_owed"));
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (2, 2 * VALUE));
    let board = office.get("finance", &format!("/rounds/{}/dashboard", office.installation.round())).body;
    let told = json!({ "code": "reversals", "count": 1, "amount_minor": VALUE });
    assert!(board["unsettled"].as_array().unwrap().contains(&told), "{}", board["unsettled"]);

    // Who was served is one household with one package; what was taken back stands beside it, with its case.
    let called = salur::domain::case::reference(case.parse().unwrap());
    let paper = |kind: &str| {
        let path = format!("/rounds/{}/documents", office.installation.round());
        let made = office.post("finance", &path, &json!({ "kind": kind, "point": voucher.point }));
        assert_eq!(made.status, 201, "{}", made.body);
        let file = format!("/api/v1/documents/{}.pdf", text(&made.body, "id"));
        read_pdf(&office.of("finance").bytes(office.base(), &file))
    };
    let list = paper("receipt_list");
    for said in ["Jumlah: 1 KPM, 1 paket, 2 tanda terima", &format!("dibatalkan, {called}"), "Termasuk 1 penyerahan"] {
        assert!(list.contains(said), "{said}: {list}");
    }
    assert!(paper("handover").contains("Termasuk 1 penyerahan senilai Rp500.000"));
    let register = paper("register");
    assert!(register.contains("penyerahan dibatalkan 1") && register.contains(&called), "{register}");
}

/// A case about a handout, upheld by two people: it does not count.
fn taken_back(office: &Office, entitlement: &str) {
    let new = json!({ "kind": "reversal", "detail": "salah orang", "entitlement_id": entitlement });
    let case = text(&office.post("coordinator", "/cases", &new).body, "id").to_owned();
    let steps = format!("/cases/{case}/steps");
    let outcome = json!({ "step": "propose", "text": "barang kembali ke titik", "outcome": "upheld" });
    assert_eq!(office.post("coordinator", &steps, &outcome).status, 200);
    assert_eq!(office.post("finance", &steps, &json!({ "step": "agree" })).status, 200);
}

#[test]
fn what_cases_took_back_is_owed_whatever_followed_and_the_auditor_agrees() {
    let office = Office::open(808);
    let voucher = office.vouchers()[0].clone();
    assert_eq!(office.redeem(&voucher, &by_code(&id(1), &voucher.code)).status, 201);
    taken_back(&office, &voucher.entitlement_id);
    // The package goes out again, one pack short, and the rest follows.
    let second = granted(&office, &voucher.entitlement_id);
    redeem_short(&office, &second, 2, 1);
    let third = granted(&office, &voucher.entitlement_id);
    assert_eq!(office.redeem(&third, &by_code(&id(3), &third.code)).status, 201);
    closes(&office);
    // That one is taken back as well: only its pack is owed once more.
    taken_back(&office, &third.entitlement_id);
    let fourth = granted(&office, &voucher.entitlement_id);
    let receipt = office.redeem(&fourth, &by_code(&id(4), &fourth.code));
    assert_eq!(receipt.body["value_minor"], json!(pack(&office).1), "{}", receipt.body);
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (4, 2 * VALUE + pack(&office).1));
}

#[test]
fn an_exception_that_expired_unused_holds_nothing_in_the_books() {
    let office = Office::open(809);
    let voucher = office.vouchers()[0].clone();
    let window = |to: &str| {
        let path = format!("/rounds/{}/points/{}/window", office.installation.round(), office.point(&voucher.point));
        let body = json!({ "opens_at": "2020-01-01T00:00:00Z", "closes_at": to, "reason": "uji" });
        let set = office.put("coordinator", &path, &body);
        assert!(matches!(set.status, 200 | 201), "{}", set.body);
    };
    window("2039-02-01T00:00:00Z");
    redeem_short(&office, &voucher, 1, 2);
    let unused = granted(&office, &voucher.entitlement_id);
    window("2020-02-01T00:00:00Z");
    let expired = office.post("coordinator", &format!("/rounds/{}/expire", office.installation.round()), &json!({}));
    assert_eq!(expired.status, 200, "{}", expired.body);
    assert_eq!(state(&office, &unused), "expired");
    window("2039-02-01T00:00:00Z");
    let again = granted(&office, &voucher.entitlement_id);
    closes(&office);
    assert_eq!(office.redeem(&again, &by_code(&id(2), &again.code)).status, 201);
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (2, VALUE));
}

#[test]
fn what_was_rounded_away_is_in_the_last_exception() {
    let office = Office::open(810);
    let voucher = office.vouchers()[0].clone();
    // 59 of 60 eggs at Rp58.000 for 30: neither they nor the last one are worth whole rupiah.
    let eggs = items(&office).into_iter().position(|item| item["code"] == "telur").expect("eggs");
    let mut given = less(&office, 0);
    given[eggs]["quantity"] = json!(59);
    let mut body = by_code(&id(1), &voucher.code);
    body["items"] = json!(given);
    assert_eq!(office.redeem(&voucher, &body).body["value_minor"], json!(VALUE - 1_934));
    let last = granted(&office, &voucher.entitlement_id);
    let receipt = office.redeem(&last, &by_code(&id(2), &last.code));
    assert_eq!(receipt.body["value_minor"], json!(1_934), "{}", receipt.body);
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (2, VALUE));
    let books = office.get("finance", &format!("/rounds/{}/reconciliation", office.installation.round())).body;
    assert_eq!(number(&books, "/short_minor"), 0, "{books}");
    let path = format!("/rounds/{}/closings", office.installation.round());
    let closing = office.post("coordinator", &path, &json!({ "point": voucher.point }));
    assert_eq!(refused(&closing), (409, "unexplained"), "nobody has counted the goods");
    let codes = closing.body["differences"].as_array().unwrap();
    assert!(codes.contains(&json!("not_counted")) && !codes.contains(&json!("price")), "{}", closing.body);
}

/// Three rights on a device that hands them out and is given up before anybody hears of it.
fn lost(office: &Office, point: &str, vouchers: &[Voucher], seed: u8) -> Handset {
    let mut device = Handset::enrol(office, point, seed);
    let ids: Vec<&str> = vouchers.iter().map(|one| one.entitlement_id.as_str()).collect();
    device.lease(office.base(), &json!({ "entitlements": ids }));
    for voucher in vouchers {
        device.redeem(id_of(voucher));
    }
    let path = format!("/devices/{}/write-off", device.id);
    assert_eq!(office.post("coordinator", &path, &json!({ "reason": "hilang" })).status, 201);
    assert_eq!(office.post("admin", &format!("{path}/agree"), &json!({})).body["unresolved"], json!(vouchers.len()));
    device
}

fn state(office: &Office, voucher: &Voucher) -> String {
    text(&office.get("coordinator", &format!("/entitlements/{}", voucher.entitlement_id)).body, "state").to_owned()
}

#[test]
fn a_lost_device_that_is_found_after_the_exception_was_paid_is_one_incident_that_names_both() {
    let office = crowded(804);
    let (point, vouchers) = busiest(&office);
    let mut device = lost(&office, &point, &vouchers[..4], 4);
    let paid = granted(&office, &vouchers[0].entitlement_id);
    let waits = granted(&office, &vouchers[1].entitlement_id);
    let out = granted(&office, &vouchers[2].entitlement_id);
    let receipt = office.redeem(&paid, &by_code(&id(1), &paid.code));
    assert_eq!(receipt.status, 201, "{}", receipt.body);
    let mut other = Handset::enrol(&office, &point, 5);
    other.lease(office.base(), &json!({ "entitlements": [out.entitlement_id] }));
    other.redeem(id_of(&out));
    // No second package goes out by a decision of another kind.
    let new = json!({ "kind": "complaint", "detail": "belum", "entitlement_id": vouchers[1].entitlement_id });
    let case = text(&office.post("coordinator", "/cases", &new).body, "id").to_owned();
    let extra = json!({ "step": "propose", "text": "beri", "outcome": "upheld", "extra_packages": 1 });
    assert_eq!(office.post("coordinator", &format!("/cases/{case}/steps"), &extra).status, 200);
    let agreed = office.post("finance", &format!("/cases/{case}/steps"), &json!({ "step": "agree" }));
    assert_eq!(refused(&agreed), (409, "exception_open"));
    let proposal = proposed(&office, &vouchers[3].entitlement_id);

    let answer = device.sync(office.base());
    assert_eq!(run(&answer.body, 0), ("settled", None, 4));
    let doubles = || office.get("finance", "/cases?kind=double_handout").body["items"].as_array().unwrap().clone();
    let found = doubles();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(text(&found[0], "entitlement_id"), vouchers[0].entitlement_id);
    let evidence = text(&found[0], "evidence");
    assert_eq!(evidence.split(", ").count(), 2, "both receipts are named: {evidence}");
    assert!(evidence.contains(text(&receipt.body, "receipt_number")), "{evidence}");
    // What was only promised is taken away; what is out is asked for, and turns out to have been handed over.
    assert_eq!(state(&office, &waits), "revoked");
    assert_eq!(refused(&office.redeem(&waits, &by_code(&id(2), &waits.code))), (409, "revoked"));
    assert_eq!(state(&office, &out), "leased");
    let late = decide(&office, &proposal, true);
    assert_eq!(refused(&late), (409, "nothing_owed"), "it has turned up: {}", late.body);
    assert_eq!(run(&other.sync(office.base()).body, 0), ("taken", None, 1));
    device.sync(office.base());
    let mut about: Vec<String> = doubles().iter().map(|one| text(one, "entitlement_id").to_owned()).collect();
    about.sort_unstable();
    let mut due = vec![vouchers[0].entitlement_id.clone(), vouchers[2].entitlement_id.clone()];
    due.sort_unstable();
    assert_eq!(about, due, "one each, however often it is told");
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (6, 6 * VALUE));
}

#[test]
fn an_exception_is_lent_with_what_it_holds_and_handed_over_without_network() {
    let office = crowded(805);
    let (point, vouchers) = busiest(&office);
    redeem_short(&office, &vouchers[0], 1, 2);
    let rest = granted(&office, &vouchers[0].entitlement_id);
    let mut device = Handset::enrol(&office, &point, 6);
    let answer =
        device.lease(office.base(), &json!({ "entitlements": [rest.entitlement_id, vouchers[1].entitlement_id] }));
    assert_eq!(answer.body["granted"], 2, "{}", answer.body);
    assert_eq!(refused(&office.redeem(&rest, &by_code(&id(2), &rest.code))), (409, "leased_elsewhere"));
    device.redeem(id_of(&rest));
    device.redeem(id_of(&vouchers[1]));
    let synced = device.sync(office.base());
    assert_eq!(run(&synced.body, 0), ("taken", None, 2), "{}", synced.body);
    let family = family(&office, &vouchers[0].entitlement_id);
    assert_eq!((&family["why_not"], family["rights"].as_array().unwrap().len()), (&json!("nothing_owed"), 2));
    let findings = office.sql_count("UPDATE lease_evidence SET kind = kind WHERE kind LIKE 'odd_%'");
    assert_eq!(findings, 0, "nothing about its receipt is odd");
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (3, 2 * VALUE));
}

#[test]
fn of_many_who_approve_or_propose_at_once_one_does() {
    let office = Office::open(806);
    let vouchers = office.vouchers();
    let all = vouchers.len() as i64;
    for (place, voucher) in vouchers.iter().take(3).enumerate() {
        redeem_short(&office, voucher, 10 + u32::try_from(place).unwrap(), 1);
        let together = |f: &(dyn Fn(usize) -> Answer + Sync)| -> Vec<u16> {
            std::thread::scope(|scope| {
                let hands: Vec<_> = (0..6).map(|hand| scope.spawn(move || f(hand).status)).collect();
                hands.into_iter().map(|hand| hand.join().unwrap()).collect()
            })
        };
        let role = |hand: usize| if hand.is_multiple_of(2) { "coordinator" } else { "issuer" };
        let path = format!("/entitlements/{}/exceptions", voucher.entitlement_id);
        let body = json!({ "reason": "beras kurang" });
        let made = together(&|hand| office.post(role(hand), &path, &body));
        assert_eq!(made.iter().filter(|status| **status == 201).count(), 1, "{made:?}");
        assert_eq!(made.iter().filter(|status| **status == 409).count(), 5, "{made:?}");
        office.sql("UPDATE exceptions SET proposed_by = (SELECT id FROM users WHERE role = 'coordinator') WHERE state = 'proposed'");
        let waits =
            office.get("issuer", &format!("/rounds/{}/exceptions?state=proposed", office.installation.round())).body;
        let exception = text(&waits["items"][0], "id").to_owned();
        let decided = together(&|_| decide(&office, &exception, true));
        assert_eq!(decided.iter().filter(|status| **status == 200).count(), 1, "{decided:?}");
        assert_eq!(decided.iter().filter(|status| **status == 409).count(), 5, "{decided:?}");
    }
    let (redeemed, issued, _) = closes(&office);
    assert_eq!((redeemed, issued), (3, all + 3));
}

#[test]
fn no_exception_beyond_the_ceiling_after_the_window_or_in_a_closed_round() {
    let office = Office::open(807);
    let voucher = office.vouchers()[0].clone();
    let (_, pack_price) = pack(&office);
    redeem_short(&office, &voucher, 1, 2);
    let exception = proposed(&office, &voucher.entitlement_id);
    let programme = office.installation.programme();
    let budget = office.get("finance", &format!("/programmes/{programme}/budget")).body;
    let bound = number(&budget, "/committed_minor") + number(&budget, "/realised_minor");
    let ceiling = |minor: i64| {
        let body =
            json!({ "ceiling_minor": minor, "document_no": "1", "document_date": "2026-12-01", "reason": "uji" });
        let set = office.post("admin", &format!("/programmes/{programme}/budget-revisions"), &body);
        assert!(set.status < 300, "{}", set.body);
    };
    ceiling(bound + 2 * pack_price - 1);
    let before = office.vouchers().len();
    assert_eq!(refused(&decide(&office, &exception, true)), (409, "budget_exceeded"));
    assert_eq!(office.vouchers().len(), before, "nothing is half done");
    assert_eq!(office.get("issuer", &format!("/exceptions/{exception}")).body["state"], "proposed");

    let window = |from: &str, to: &str| {
        let path = format!("/rounds/{}/points/{}/window", office.installation.round(), office.point(&voucher.point));
        let body = json!({ "opens_at": from, "closes_at": to, "reason": "uji" });
        let set = office.put("coordinator", &path, &body);
        assert!(matches!(set.status, 200 | 201), "{}", set.body);
    };
    ceiling(bound + 2 * pack_price);
    window("2020-01-01T00:00:00Z", "2020-02-01T00:00:00Z");
    assert_eq!(refused(&decide(&office, &exception, true)), (409, "round_over"));
    window("2020-01-01T00:00:00Z", "2039-02-01T00:00:00Z");
    let closings = format!("/rounds/{}/closings", office.installation.round());
    let closed = office.post("coordinator", &closings, &json!({ "point": voucher.point, "reason": "uji coba" }));
    assert_eq!(closed.status, 201, "{}", closed.body);
    let sign = format!("/closings/{}/sign", text(&closed.body, "id"));
    if closed.body["state"] == "awaiting_signature" {
        assert_eq!(office.post("finance", &sign, &json!({})).status, 200);
    }
    assert_eq!(refused(&decide(&office, &exception, true)), (409, "period_closed"));
    assert_eq!(decide(&office, &exception, false).status, 200, "declined it can be all the same");
    let late = propose(&office, &voucher.entitlement_id, &json!({ "reason": "lagi" }));
    assert_eq!(refused(&late), (409, "period_closed"));
    assert_eq!(Client::new("").get(office.base(), &format!("/exceptions/{exception}")).unwrap().status, 401);
}
