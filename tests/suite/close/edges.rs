//! The edges of goods, money and closes: what is refused, what happens at once, and what each paper says.

use serde_json::{Value, json};

use super::{Books, int};
use crate::harness::office::{VALUE, text};

/// A small office whose first point with at least four vouchers has its goods.
pub(super) fn supplied(seed: u64) -> (Books, String) {
    let day = Books::open(40, seed);
    let contract = day.contract(40);
    day.deliver(&contract, 40, 0, 0);
    let point = day.points.iter().max_by_key(|(_, vouchers)| vouchers.len()).unwrap().0.clone();
    day.supply(&point, 0, 0, 0);
    (day, point)
}

#[test]
fn goods_leave_only_where_they_are_and_are_counted_by_another_before_they_are_signed_for() {
    let (day, point) = supplied(82);
    let item = day.items[0].clone();
    let round = day.round();
    let shipments = format!("/rounds/{round}/shipments");
    let send = |from: Value, to: Value, quantity: i64| json!({ "from": from, "to": to, "lines": [{ "item": item.code, "quantity": quantity }], "vehicle": "perahu", "driver": "Pak Amat" });
    for (quantity, status) in [(0, 422), (-5, 422), (i64::MAX, 422), (9_007_199_254_740_993, 422)] {
        day.post("storekeeper", &shipments, &send(Value::Null, json!(point), quantity), status);
    }
    day.post("storekeeper", &shipments, &send(Value::Null, Value::Null, 1), 422);
    day.post("coordinator", &shipments, &send(Value::Null, json!(point), 1), 403);
    day.post("storekeeper", &shipments, &send(json!(point), Value::Null, 1), 403);

    // Back to the warehouse: the point sends, the storekeeper counts.
    let back = day.post("coordinator", &shipments, &send(json!(point), Value::Null, item.pack * 2), 201);
    let receipt = format!("/shipments/{}/receipt", text(&back, "id"));
    let count = |good: i64, damaged: i64| json!({ "lines": [{ "item": item.code, "good": good, "damaged": damaged }] });
    day.post("storekeeper", &receipt, &count(-1, 0), 422);
    day.post("storekeeper", &receipt, &count(item.pack * 2, 1), 422);
    day.post("storekeeper", &receipt, &json!({ "lines": [] }), 422);
    day.post("coordinator", &receipt, &count(item.pack, item.pack), 403);
    let got = day.post("storekeeper", &receipt, &count(item.pack, 0), 200);
    assert_eq!(got["lines"][0]["short"], item.pack);
    assert_eq!(day.office.post("storekeeper", &receipt, &count(item.pack, 0)).code(), "wrong_step");
    let place = day.place(&point, &item.code);
    assert_eq!(int(&place["balance"], "returned"), item.pack * 2, "{place}");
    day.goods_must_close();

    // A correction counts once finance agreed, and not before.
    let remaining = int(&place["balance"], "remaining");
    let entries = format!("/rounds/{round}/stock-entries");
    let entry = |kind: &str, quantity: i64| json!({ "point": point, "item": item.code, "kind": kind, "quantity": quantity, "reason": "selisih hitung" });
    day.post("coordinator", &entries, &entry("lost", remaining + 1), 422);
    day.post("coordinator", &entries, &entry("supplier_return", 1), 422);
    let made = day.post("coordinator", &entries, &entry("corrected", -3), 201);
    assert_eq!(int(&day.place(&point, &item.code)["balance"], "remaining"), remaining);
    let agree = format!("/stock-entries/{}/agree", text(&made, "id"));
    day.post("finance", &agree, &json!({}), 204);
    day.post("finance", &agree, &json!({}), 409);
    assert_eq!(int(&day.place(&point, &item.code)["balance"], "remaining"), remaining - 3);
    day.goods_must_close();
    let counts = format!("/rounds/{round}/stock-counts");
    day.post("coordinator", &counts, &json!({ "point": point, "item": item.code, "counted": -1 }), 422);
    day.post("coordinator", &counts, &json!({ "point": point, "item": "emas", "counted": 1 }), 422);
}

#[test]
fn two_who_send_the_last_of_the_goods_at_once_send_it_once() {
    let (day, point) = supplied(83);
    let item = day.items[0].clone();
    let stock = day.office.get("finance", &format!("/stock?programme={}", day.programme())).body;
    let views = stock["items"].as_array().unwrap();
    let left = views
        .iter()
        .flat_map(|view| view["places"].as_array().unwrap())
        .find(|place| place["point"].is_null() && place["item"] == item.code.as_str())
        .unwrap_or_else(|| panic!("nothing in the warehouse: {stock}"));
    let left = int(&left["balance"], "remaining");
    assert!(left > 0);
    let body = json!({ "to": point, "lines": [{ "item": item.code, "quantity": left }], "vehicle": "truk", "driver": "Pak Amat" });
    let path = format!("/rounds/{}/shipments", day.round());
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let hands: Vec<_> =
            (0..6).map(|_| scope.spawn(|| day.office.post("storekeeper", &path, &body).status)).collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 201).count(), 1, "{answers:?}");
    assert!(answers.iter().all(|status| [201, 422].contains(status)), "{answers:?}");
    day.goods_must_close();
}

#[test]
fn a_desk_is_told_when_its_goods_have_run_out_and_serves_all_the_same() {
    let (mut day, point) = supplied(84);
    let item = day.items[0].clone();
    let vouchers = day.points[&point].clone();
    let verify = |day: &Books, place: usize| {
        day.at(&point, "/verifications", &json!({ "code": vouchers[place].code }), 200)["voucher"]["stock_notice"]
            .clone()
    };
    assert_eq!(verify(&day, 0), Value::Null);
    let remaining = int(&day.place(&point, &item.code)["balance"], "remaining");
    let lost = json!({ "point": point, "item": item.code, "kind": "lost", "quantity": remaining - item.quantity + 1, "reason": "hanyut" });
    day.at(&point, &format!("/rounds/{}/stock-entries", day.round()), &lost, 201);
    assert!(verify(&day, 0).as_str().unwrap().contains("habis"));
    day.redeem(&vouchers[0], &json!({}));
    let place = day.place(&point, &item.code);
    assert!(int(&place["balance"], "remaining") < 0, "shown as it is: {place}");
    day.goods_must_close();
    let elsewhere = day.points.iter().find(|(code, _)| **code != point).unwrap();
    let other = day.at(elsewhere.0, "/verifications", &json!({ "code": elsewhere.1[0].code }), 200);
    assert_eq!(other["voucher"]["stock_notice"], Value::Null, "nothing is on record there, so nothing is said");
}

#[test]
fn a_close_is_made_once_signed_by_another_and_not_when_something_came_meanwhile() {
    let (mut day, point) = supplied(85);
    let vouchers = day.points[&point].clone();
    day.redeem(&vouchers[0], &json!({}));
    let path = format!("/rounds/{}/closings", day.round());
    let body = json!({ "point": point, "reason": "belum dihitung" });
    let answers: Vec<(u16, Value)> = std::thread::scope(|scope| {
        let hands: Vec<_> = ["coordinator", "finance"]
            .into_iter()
            .map(|role| {
                let (day, path, body) = (&day, &path, &body);
                scope.spawn(move || {
                    let answer = day.office.post(role, path, body);
                    (answer.status, answer.body)
                })
            })
            .collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    // One close, of whoever came first; the other is told whose it is.
    let first = answers.iter().position(|(status, _)| *status == 201).unwrap_or_else(|| panic!("{answers:?}"));
    let (maker, signer) = if first == 0 { ("coordinator", "finance") } else { ("finance", "coordinator") };
    assert_eq!(
        (answers[1 - first].0, &answers[1 - first].1["code"]),
        (409, &json!("awaiting_signature")),
        "{answers:?}"
    );
    let listed = day.office.get("finance", "/closings").body;
    assert_eq!(listed["items"].as_array().unwrap().len(), 1, "{listed}");

    // A late sync: what was to be signed is not what there is any more.
    let made = day.post(maker, &path, &body, 201);
    assert!(Books::codes(&made).contains(&"not_counted"), "{made}");
    day.redeem(&vouchers[1], &json!({}));
    let sign = format!("/closings/{}/sign", text(&made, "id"));
    let refused = day.office.post(signer, &sign, &json!({}));
    assert_eq!((refused.status, refused.code()), (409, "figures_changed"), "{}", refused.body);
    let made = day.post(maker, &path, &body, 201);
    let signed = day.post(signer, &sign, &json!({}), 200);
    assert_eq!((&signed["id"], &signed["state"]), (&made["id"], &json!("closed")));
    assert_eq!(int(&signed["figures"]["vouchers"], "redeemed"), 2);
    let again = day.office.post("finance", &path, &body);
    assert_eq!((again.status, again.code()), (409, "exists"));
    let entry = json!({ "point": point, "item": day.items[0].code, "kind": "lost", "quantity": 1, "reason": "x" });
    let late = day.office.post("coordinator", &format!("/rounds/{}/stock-entries", day.round()), &entry);
    assert_eq!((late.status, late.code()), (409, "period_closed"), "{}", late.body);
    for wrong in
        [json!({ "point": "NO-99" }), json!({ "day": "2026-12-07" }), json!({ "point": point, "day": "besok" })]
    {
        let answer = day.office.post("finance", &path, &wrong);
        assert!([404, 422].contains(&answer.status), "{wrong}: {}", answer.body);
    }
}

#[expect(clippy::disallowed_methods, reason = "the server reads the real clock")]
#[test]
fn a_quiet_day_at_a_counted_point_closes_with_one_signature() {
    let (day, point) = supplied(86);
    for item in &day.items {
        day.count(&point, item, 0);
    }
    // The day at the points, eight hours ahead.
    let today = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(8)).to_string();
    let made = day.post(
        "coordinator",
        &format!("/rounds/{}/closings", day.round()),
        &json!({ "point": point, "day": today[..10] }),
        201,
    );
    assert_eq!((&made["state"], &made["differences"]), (&json!("closed"), &json!([])), "{made}");
    assert_eq!(made["signed_by"], Value::Null);
}

#[test]
fn a_sample_is_drawn_by_a_seed_entered_and_estimated_with_its_interval() {
    let (mut day, point) = supplied(87);
    let path = format!("/rounds/{}/spot-checks", day.round());
    day.post("auditor", &path, &json!({ "size": 3 }), 422);
    let vouchers = day.points[&point].clone();
    for voucher in &vouchers {
        day.redeem(voucher, &json!({}));
    }
    for size in [0, -1, 1_001] {
        day.post("auditor", &path, &json!({ "size": size }), 422);
    }
    day.post("finance", &path, &json!({ "size": 2 }), 403);
    let drawn = day.post("auditor", &path, &json!({ "size": 3 }), 201);
    let (seed, population) = (text(&drawn, "seed").to_owned(), int(&drawn, "population"));
    assert_eq!(population, i64::try_from(vouchers.len()).unwrap());
    // Drawn again from outside, with the seed and the list alone.
    let mut keyed: Vec<(Vec<u8>, String)> = vouchers
        .iter()
        .map(|voucher| {
            use sha2::Digest as _;
            let id: uuid::Uuid = voucher.entitlement_id.parse().unwrap();
            let key = sha2::Sha256::new().chain_update(&seed).chain_update(id.as_bytes()).finalize().to_vec();
            (key, voucher.entitlement_id[..8].to_uppercase())
        })
        .collect();
    keyed.sort();
    let ours: Vec<&str> = keyed[..3].iter().map(|(_, reference)| reference.as_str()).collect();
    let theirs: Vec<&str> = drawn["lines"].as_array().unwrap().iter().map(|line| text(line, "reference")).collect();
    assert_eq!(theirs, ours);
    let id = text(&drawn, "id").to_owned();
    for (position, found) in [(1, "right"), (2, "charged"), (3, "not_met")] {
        let answer = day.office.of("auditor").call(
            "PUT",
            day.office.base(),
            &format!("/spot-checks/{id}/lines/{position}"),
            &json!({ "found": found, "note": "" }),
        );
        assert_eq!(answer.unwrap().status, 200);
    }
    let seen = day.office.get("finance", &path).body["items"][0].clone();
    let estimate = &seen["estimate"];
    assert_eq!((int(estimate, "bad"), int(estimate, "answered"), int(estimate, "share")), (1, 2, 5_000), "{seen}");
    assert_eq!((int(estimate, "low"), int(estimate, "high")), (945, 9_055));
    assert_eq!(int(&seen, "unanswered"), 1);
    // Who goes to a door has the street on the sheet, as a courier has.
    let sheet = day.document("spot_check_sheet", &json!({}));
    let said = day.office.get("finance", &format!("/documents/{sheet}")).body;
    assert_eq!(said["tables"][0]["columns"][3], "Alamat");
    let issued = day.office.get("coordinator", &format!("/rounds/{}/entitlements?limit=500", day.round())).body;
    for row in said["tables"][0]["rows"].as_array().unwrap() {
        let reference = row[1].as_str().unwrap();
        let same = |one: &&Value| text(one, "id").replace('-', "")[..8].to_uppercase() == reference;
        let household = text(issued["items"].as_array().unwrap().iter().find(same).unwrap(), "household_id");
        let path = format!("/households/{household}/unmask");
        let street = day.post("verifier", &path, &json!({ "reason": "uji" }), 200);
        let street = text(&street, "address");
        assert!(!street.is_empty() && row[3].as_str().unwrap().starts_with(street), "{street}: {row}");
        assert!(row[3].as_str().unwrap().contains("\nRT "), "{row}");
    }
}

#[test]
fn every_report_is_a_document_as_paper_workbook_and_table() {
    let (mut day, point) = supplied(88);
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    day.post(
        "finance",
        "/cases",
        &json!({ "kind": "levy", "detail": "diminta Rp20.000", "entitlement_id": voucher.entitlement_id }),
        201,
    );
    day.post("auditor", &format!("/rounds/{}/spot-checks", day.round()), &json!({ "size": 1 }), 201);
    for kind in [
        "delivery_plan",
        "waybill",
        "goods_handover",
        "inspection",
        "realisation",
        "voucher_goods",
        "budget_reconciliation",
        "case_register",
        "monitoring",
        "spot_check_sheet",
        "overlap",
        "audit_trail",
    ] {
        let more = if matches!(kind, "waybill" | "goods_handover") { json!({ "shipment": 1 }) } else { json!({}) };
        let id = day.document(kind, &more);
        let file = |ending: &str| {
            day.office.of("finance").bytes(day.office.base(), &format!("/api/v1/documents/{id}.{ending}"))
        };
        assert!(file("pdf").starts_with(b"%PDF"), "{kind}");
        assert!(file("xlsx").starts_with(b"PK"), "{kind}");
        let csv = String::from_utf8(file("csv")).unwrap();
        assert!(csv.lines().count() >= if kind == "overlap" { 1 } else { 2 }, "{kind}: {csv}");
        // An identity number of the demonstration: digits alone, unlike a hash, and of the sub-district that is none.
        let mut words = csv.split(|sign: char| !sign.is_ascii_alphanumeric());
        let number =
            |word: &&str| word.len() == 16 && &word[4..6] == "99" && word.bytes().all(|sign| sign.is_ascii_digit());
        assert_eq!(words.find(number), None, "{kind}: {csv}");
        if kind == "goods_handover" {
            let book = calamine::open_workbook_from_rs(std::io::Cursor::new(file("xlsx")));
            let book: calamine::Xlsx<_> = book.unwrap();
            assert_eq!(calamine::Reader::sheet_names(&book), ["Barang"]);
        }
        if kind == "realisation" {
            assert!(csv.lines().nth(1).unwrap().split(',').any(|cell| cell == "–"), "no decree, no target: {csv}");
            assert!(csv.contains(&format!("{VALUE}")), "{csv}");
        }
    }
    let pack = day.office.of("finance").bytes(day.office.base(), &format!("/api/v1/rounds/{}/pack.zip", day.round()));
    let mut pack = zip::ZipArchive::new(std::io::Cursor::new(pack)).unwrap();
    let names: Vec<String> = pack.file_names().map(|name| name.unwrap().into_owned()).collect();
    // The twelve, and the books of the round.
    for (ending, least) in [(".pdf", 13), (".xlsx", 13), (".csv", 13 + 1 + 4)] {
        let count = names.iter().filter(|name| name.ends_with(ending)).count();
        assert!(count == least || ending == ".csv" && count > least, "{count} {ending}: {names:?}");
    }
    assert!(names.iter().any(|name| name.contains("-RKA-") && name.ends_with("-5.csv")), "every table: {names:?}");
    for place in 0..pack.len() {
        let file = pack.by_index(place).unwrap();
        let dated = file.last_modified().unwrap();
        assert!(dated.year() >= 2025, "{:?} is of {dated}", file.name());
    }
    let mut index = String::new();
    std::io::Read::read_to_string(&mut pack.by_name("daftar.csv").unwrap(), &mut index).unwrap();
    assert_eq!(index.lines().count(), 14, "{index}");
    let path = format!("/rounds/{}/documents", day.round());
    for kind in ["budget_reconciliation", "spot_check_sheet", "audit_trail"] {
        day.post("coordinator", &path, &json!({ "kind": kind }), 403);
    }
    let listed = day.office.get("issuer", &format!("{path}?kind=case_register")).body;
    let register = format!("/documents/{}", text(&listed["items"][0], "id"));
    assert_eq!(day.office.get("issuer", &register).status, 403, "who issues does not read what was reported");
    assert_eq!(day.office.get("auditor", &register).status, 200);
    day.post("finance", &path, &json!({ "kind": "waybill" }), 422);
    day.post("finance", &path, &json!({ "kind": "waybill", "shipment": 99 }), 404);
}

#[test]
fn the_unit_of_an_item_that_was_bought_does_not_change() {
    let (day, _) = supplied(89);
    let programme = day.programme();
    let mut package = day.office.get("admin", &format!("/packages?programme={programme}")).body["items"][0].clone();
    let new = |package: &Value| json!({ "programme_id": programme, "code": package["code"], "name": "Paket", "items": package["items"] });
    day.post("admin", "/packages", &new(&package), 201);
    package["items"][0]["unit"] = json!("piece");
    let refused = day.post("admin", "/packages", &new(&package), 422);
    assert!(text(&refused, "detail").contains("027/SPK/2026"), "{refused}");
}
