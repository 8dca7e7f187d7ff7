//! What finance finds before it closes: wrong invoices that hide each other, goods that nobody wrote down, payments
//! that could be of two suppliers; and papers that say all they know.

use serde_json::{Value, json};

use super::edges::supplied;
use super::{Books, int};
use crate::harness::browser::Browser;
use crate::harness::handset::Handset;
use crate::harness::office::{VALUE, text};
use crate::leases::{id_of, run};

fn finance(day: &Books) -> Browser {
    Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "")
}

fn page(who: &Browser, path: &str) -> String {
    let (status, _, body) = who.send("GET", path, &[("Accept-Language", "id")], "", "");
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn contract_of(day: &Books, number: &str, supplier: &str) -> String {
    let item = &day.items[0];
    let new = json!({ "number": number, "supplier": supplier, "signed_on": "2026-10-02", "price_evidence": "SHS",
        "lines": [{ "item": item.code, "quantity": item.pack * 100, "pack_price_minor": item.price }] });
    text(&day.post("finance", &format!("/programmes/{}/contracts", day.programme()), &new, 201), "id").to_owned()
}

fn delivered(day: &Books, contract: &str, number: &str, packs: i64) -> String {
    let lines = [json!({ "item": day.items[0].code, "good": packs * day.items[0].pack, "damaged": 0, "short": 0 })];
    let new = json!({ "document_no": number, "delivered_on": "2026-11-02", "lines": lines, "samples": [] });
    text(&day.post("storekeeper", &format!("/contracts/{contract}/deliveries"), &new, 201), "id").to_owned()
}

fn billed(day: &Books, contract: &str, number: &str, amount: i64, delivery: Option<&str>) {
    let new = json!({ "number": number, "dated_on": "2026-11-05", "amount_minor": amount,
        "delivery_ids": delivery.into_iter().collect::<Vec<_>>() });
    day.post("finance", &format!("/contracts/{contract}/invoices"), &new, 201);
}

fn paid(day: &Books, file: &str) -> Value {
    let path = format!("/programmes/{}/payments", day.programme());
    let answer = day.office.of("finance").upload(day.office.base(), &path, "sp2d.csv", file.as_bytes()).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

#[test]
fn two_wrong_invoices_that_make_up_for_each_other_are_found_one_by_one() {
    let day = Books::open(40, 101);
    let price = day.items[0].price;
    let contract = contract_of(&day, "031/SPK/2026", "CV SATU");
    let (one, other) = (delivered(&day, &contract, "BAST/1", 10), delivered(&day, &contract, "BAST/2", 10));
    billed(&day, &contract, "INV 1", 12 * price, Some(&one));
    billed(&day, &contract, "INV 2", 8 * price, Some(&other));
    let file = format!(
        "no_sp2d;tanggal;nilai;penerima;no_faktur\nA/1;2026-11-20;{};CV SATU;INV 1\nA/2;2026-11-20;{};CV SATU;INV 2\n",
        12 * price,
        8 * price
    );
    assert_eq!(paid(&day, &file)["counts"], json!({ "matched": 2 }));
    let board = day.office.get("finance", &format!("/rounds/{}/dashboard", day.round())).body;
    assert_eq!(board["unsettled"], json!([{ "code": "invoices", "count": 2, "amount_minor": 4 * price }]), "{board}");
    let shown = page(&finance(&day), &format!("/rounds/{}/closings?point=&day=", day.round()));
    let wrong = "tagihan ini berbeda dengan nilai barang yang ditagih";
    assert_eq!(shown.matches(wrong).count(), 2, "each by itself: {shown}");
    assert!(shown.contains("INV 1") && shown.contains("INV 2"), "{shown}");
    let closed = day.close(&json!({}));
    let codes = Books::codes(&closed);
    assert_eq!(codes.iter().filter(|code| **code == "one_invoice").count(), 2, "{codes:?}");
    assert!(!codes.contains(&"invoice") && !codes.contains(&"payment"), "the sums agree: {codes:?}");
}

#[test]
fn a_payment_goes_to_the_supplier_that_it_names_and_otherwise_to_nobody() {
    let day = Books::open(40, 102);
    let price = day.items[0].price;
    for (number, supplier, packs) in [("1/SPK", "CV SATU", 10), ("2/SPK", "CV DUA", 20)] {
        let contract = contract_of(&day, number, supplier);
        let delivery = delivered(&day, &contract, &format!("BAST/{number}"), packs);
        billed(&day, &contract, "INV 7", packs * price, Some(&delivery));
    }
    let file = format!(
        "no_sp2d;tanggal;nilai;penerima;no_faktur\nB/1;2026-11-20;{};cv. dua;inv-7\nB/2;2026-11-20;{};CV TIGA;INV 7\n",
        20 * price,
        10 * price
    );
    assert_eq!(paid(&day, &file)["counts"], json!({ "matched": 1, "unmatched": 1 }));
    let money = day.office.get("finance", &format!("/programmes/{}/treasury", day.programme())).body;
    let paid: Vec<i64> = money["invoices"].as_array().unwrap().iter().map(|one| int(one, "paid_minor")).collect();
    assert_eq!(paid, [0, 20 * price], "{money}");
    assert_eq!(int(&money, "unmatched_minor"), 10 * price);
}

#[test]
fn a_period_is_looked_at_before_it_is_closed_and_what_was_chosen_stays_chosen() {
    let (mut day, point) = supplied(103);
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let who = finance(&day);
    let path = format!("/rounds/{}/closings", day.round());
    let shown = page(&who, &format!("{path}?point={point}&day="));
    assert!(shown.contains("Selisih bila ditutup sekarang") && shown.contains("barang di titik belum dihitung"));
    assert!(!page(&who, &path).contains("Selisih bila ditutup sekarang"), "only for who asks");
    assert_eq!(day.office.get("finance", "/closings").body["items"], json!([]), "a look keeps nothing");
    let body = format!("csrf={}&point={point}&day=&reason=", who.csrf);
    let ours = [("Sec-Fetch-Site", "same-origin"), ("Accept-Language", "id")];
    let (status, _, refused) = who.send("POST", &path, &ours, "application/x-www-form-urlencoded", &body);
    assert_eq!(status, 409);
    assert!(refused.contains("barang di titik belum dihitung"), "with its figures: {refused}");
    let chosen = format!("<option value=\"{point}\" selected>");
    assert_eq!(refused.matches(&chosen).count(), 2, "or a reason would close the whole round: {refused}");
    for item in day.items.clone() {
        day.count(&point, &item, 0);
    }
    for voucher in &day.points[&point][1..] {
        let absent = format!("/entitlements/{}/absences", voucher.entitlement_id);
        day.post("coordinator", &absent, &json!({ "reason": "ill", "follow_up": "" }), 204);
    }
    assert!(page(&who, &format!("{path}?point={point}&day=")).contains("dapat ditutup oleh satu orang"));
    let (status, _, _) = who.send("GET", &format!("{path}?point=NO-99&day="), &[], "", "");
    assert_eq!(status, 404);
}

#[test]
fn more_out_than_in_is_said_where_goods_are_looked_at_and_where_the_round_is_closed() {
    let (mut day, point) = supplied(104);
    let item = day.items[0].clone();
    let remaining = int(&day.place(&point, &item.code)["balance"], "remaining");
    let lost = json!({ "point": point, "item": item.code, "kind": "lost", "quantity": remaining, "reason": "hanyut" });
    day.at(&point, &format!("/rounds/{}/stock-entries", day.round()), &lost, 201);
    let who = finance(&day);
    let stock = format!("/rounds/{}/stock", day.round());
    let warning = "Lebih banyak keluar daripada yang tercatat masuk";
    assert!(!page(&who, &stock).contains(warning));
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let shown = page(&who, &stock);
    assert!(shown.contains(warning) && shown.contains(&format!("{point} Beras -")), "{shown}");
    assert!(page(&who, &format!("{stock}?at={point}")).contains(warning));
    assert!(!page(&who, &format!("{stock}?at=-")).contains(warning), "the warehouse has nothing to do with it");
    let board = page(&who, &format!("/rounds/{}/dashboard", day.round()));
    assert!(board.contains("Di 1 tempat lebih banyak barang keluar"), "{board}");
    // Plenty at another point makes up for nothing here.
    let other = day.points.keys().find(|code| **code != point).unwrap().clone();
    day.supply(&other, 0, 0, 0);
    let closed = day.close(&json!({}));
    let below = closed["differences"].as_array().unwrap().iter().find(|one| one["code"] == "below_zero");
    assert_eq!(below.map(|one| int(one, "found")), Some(-item.quantity), "{closed}");
    assert!(Books::codes(&closed).contains(&"points_not_counted"), "{closed}");
}

#[test]
fn a_paper_that_needs_something_first_says_what() {
    let (day, _) = supplied(105);
    let path = format!("/rounds/{}/documents", day.round());
    for (kind, told) in [("beneficiaries", "belum ada daftar"), ("spot_check_sheet", "belum ada contoh acak")] {
        let refused = day.post("finance", &path, &json!({ "kind": kind }), 422);
        assert!(text(&refused, "detail").contains(told), "{refused}");
    }
}

#[test]
fn the_minutes_of_a_shipment_that_nobody_has_counted_say_why_there_are_none() {
    let (day, point) = supplied(112);
    let item = day.items[0].clone();
    let send = json!({ "to": point, "lines": [{ "item": item.code, "quantity": item.pack }], "vehicle": "perahu",
        "driver": "Pak Amat" });
    // The warehouse has nothing left to send: it gets a package back first.
    let back = json!({ "from": point, "lines": [{ "item": item.code, "quantity": item.pack }], "vehicle": "perahu",
        "driver": "Pak Amat" });
    let shipments = format!("/rounds/{}/shipments", day.round());
    let back = day.post("coordinator", &shipments, &back, 201);
    let documents = format!("/rounds/{}/documents", day.round());
    let minutes = json!({ "kind": "goods_handover", "shipment": back["number"] });
    let refused = day.post("finance", &documents, &minutes, 409);
    assert_eq!(text(&refused, "code"), "wrong_step");
    assert!(text(&refused, "detail").contains("belum dihitung"), "{refused}");
    day.post("finance", &documents, &json!({ "kind": "waybill", "shipment": back["number"] }), 201);
    let lines = json!({ "lines": [{ "item": item.code, "good": item.pack, "damaged": 0 }] });
    day.post("storekeeper", &format!("/shipments/{}/receipt", text(&back, "id")), &lines, 200);
    day.post("finance", &documents, &minutes, 201);
    day.post("storekeeper", &shipments, &send, 201);
}

#[test]
fn the_papers_of_every_shipment_are_in_the_pack() {
    let (day, point) = supplied(106);
    let other = day.points.keys().find(|code| **code != point).unwrap().clone();
    day.supply(&other, 0, 0, 0);
    for shipment in [1, 2] {
        day.document("waybill", &json!({ "shipment": shipment }));
    }
    let pack = day.office.of("finance").bytes(day.office.base(), &format!("/api/v1/rounds/{}/pack.zip", day.round()));
    let pack = zip::ZipArchive::new(std::io::Cursor::new(pack)).unwrap();
    let names: Vec<String> = pack.file_names().map(|name| name.unwrap().into_owned()).collect();
    let count = names.iter().filter(|name| name.contains("-SJ-") && name.ends_with(".pdf")).count();
    assert_eq!(count, 2, "{names:?}");
}

#[test]
fn the_trail_names_device_and_receipt_and_the_overlaps_say_what_each_gets() {
    let (mut day, point) = supplied(107);
    let voucher = day.points[&point][0].clone();
    let receipt = day.redeem(&voucher, &json!({}));
    let rows = |id: &str| {
        let said = day.office.get("finance", &format!("/documents/{id}")).body;
        let table = said["tables"][0].clone();
        let columns: Vec<String> =
            table["columns"].as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect();
        let cells = |row: &Value| -> Vec<String> {
            row.as_array()
                .unwrap()
                .iter()
                .map(|cell| cell.as_str().map_or_else(|| cell.to_string(), str::to_owned))
                .collect()
        };
        (columns, table["rows"].as_array().unwrap().iter().map(cells).collect::<Vec<Vec<String>>>())
    };
    let (columns, lines) = rows(&day.document("audit_trail", &json!({})));
    assert_eq!(columns[1..5], ["Waktu perangkat", "Waktu server", "Pengguna", "Perangkat"], "{columns:?}");
    let number = text(&receipt, "receipt_number");
    let handed: Vec<&Vec<String>> =
        lines.iter().filter(|line| line[5] == "Diserahkan" && line[6] == "redemption").collect();
    assert_eq!(handed.len(), 1, "{lines:?}");
    assert_eq!((handed[0][7].as_str(), handed[0][4].as_str()), (number, "Meja 1"));
    assert_eq!(handed[0][10].replace(' ', ""), text(&receipt, "hash")[..16], "{:?}", handed[0]);

    let (columns, lines) = rows(&day.document("overlap", &json!({})));
    assert_eq!(columns.last().unwrap(), "Keputusan");
    assert!(!lines.is_empty(), "the demonstration has households in two programmes");
    for line in &lines {
        assert_eq!((line[2].as_str(), line[3].replace(['.', 'R', 'p'], "")), ("1", VALUE.to_string()), "{line:?}");
        assert!(line[7].contains("tetap menerima") && line[4].contains("Permakanan"), "{line:?}");
    }
    let there = lines.iter().filter(|line| line[5] == "2").count();
    assert!(there * 2 > lines.len(), "two rounds were held there: {lines:?}");
}

/// The finished programme of the demonstration is a book that one believes: bought, brought, carried, given, paid.
#[test]
fn the_finished_programme_of_the_demonstration_has_its_goods_and_its_money() {
    let day = Books::open(200, 108);
    let all = day.office.get("finance", "/programmes").body;
    let finished = all["items"].as_array().unwrap().iter().find(|one| one["id"] != day.programme().as_str()).unwrap();
    let id = text(finished, "id");
    let stock = day.office.get("finance", &format!("/stock?programme={id}")).body["items"][0].clone();
    assert_eq!(stock["closes"], true, "{stock}");
    let mut given = 0;
    for place in stock["places"].as_array().unwrap() {
        assert!(int(&place["balance"], "remaining") >= 0, "{place}");
        if !place["point"].is_null() {
            assert_eq!(int(&place["balance"], "remaining"), 0, "the rest went back: {place}");
        }
        given += int(&place["balance"], "handed_over");
    }
    assert!(given > 0);
    let damaged: i64 = stock["flows"].as_array().unwrap().iter().map(|one| int(&one["flow"], "damaged")).sum();
    assert_eq!(damaged, 30, "a tray of eggs: {stock}");
    let money = day.office.get("finance", &format!("/programmes/{id}/treasury")).body;
    let (paid, ceiling) = (int(&money, "paid_minor"), int(&money, "ceiling_minor"));
    assert!(0 < paid && paid <= ceiling, "{money}");
    assert_eq!((int(&money, "delivered_minor"), int(&money, "invoiced_minor")), (paid, paid));
    assert_eq!(int(&money, "unmatched_minor"), 0);
    assert!(int(&money, "realised_minor") < paid, "not everybody came");
}

/// A phone without network hands out, somebody counts what is left, and the phone tells later: nothing is missing.
#[test]
#[expect(clippy::disallowed_methods, reason = "the count comes after the handouts by the clock of the server")]
fn what_had_left_before_a_count_and_was_told_after_it_is_not_missing() {
    let day = Books::open(300, 111);
    let item = day.items[0].clone();
    let contract = day.contract(300);
    day.deliver(&contract, 300, 0, 0);
    let (point, vouchers) = day.points.iter().max_by_key(|(_, vouchers)| vouchers.len()).unwrap();
    day.supply(point, 0, 0, 0);
    let mut phone = Handset::enrol(&day.office, point, 9);
    let lent: Vec<&str> = vouchers[..3].iter().map(|one| one.entitlement_id.as_str()).collect();
    phone.lease(day.office.base(), &json!({ "entitlements": lent }));
    for voucher in &vouchers[..3] {
        phone.redeem(id_of(voucher));
    }
    // The phone's clock is a second ahead of what it heard last, a handout.
    std::thread::sleep(std::time::Duration::from_secs(5));
    // One package more has gone than anybody handed out.
    day.count(point, &item, 4 * item.quantity);
    let found = || {
        let place = day.place(point, &item.code);
        (int(&place["last_count"], "difference"), int(&place, "counted"), int(&place["balance"], "remaining"))
    };
    let (before, lies_there, remaining) = found();
    assert_eq!((before, lies_there), (-4 * item.quantity, remaining - 4 * item.quantity));
    // Another item is counted too; then a package goes that is told at once, of which no count knows.
    let other = day.items[1].clone();
    day.count(point, &other, 3 * other.quantity);
    let at_once = json!({ "id": "01900000-0000-7000-8000-000000000111", "code": vouchers[3].code });
    day.at(point, "/redemptions", &at_once, 201);
    let remaining = remaining - item.quantity;
    let lies_there = lies_there - item.quantity;
    assert_eq!(run(&phone.sync(day.office.base()).body, 0), ("taken", None, 3));
    assert_eq!(
        found(),
        (-item.quantity, lies_there, remaining - 3 * item.quantity),
        "what the phone told is explained"
    );
    let place = day.place(point, &other.code);
    assert_eq!(int(&place["last_count"], "difference"), 0, "each count by its own moment and item: {place}");
}
