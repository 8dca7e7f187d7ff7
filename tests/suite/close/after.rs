//! What comes after a close: it is shown wherever finance looks, one button puts it all into addenda, goods as well as
//! receipts, and close and addenda are papers with a fingerprint of their own.

use std::io::Read as _;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::edges::supplied;
use super::{Books, int};
use crate::harness::auditor::log_is_whole;
use crate::harness::browser::Browser;
use crate::harness::office::{VALUE, text};

fn shown(day: &Books, path: &str) -> String {
    let who = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
    let (status, _, body) = who.send("GET", path, &[("Accept-Language", "id")], "", "");
    assert_eq!(status, 200, "{path}: {body}");
    body
}

fn due(day: &Books) -> Vec<Value> {
    let found = day.office.get("auditor", &format!("/rounds/{}/addenda", day.round()));
    assert_eq!(found.status, 200, "{}", found.body);
    found.body["items"].as_array().unwrap().clone()
}

fn unsettled(day: &Books) -> Option<(i64, i64)> {
    let board = day.office.get("finance", &format!("/rounds/{}/dashboard", day.round())).body;
    let all = board["unsettled"].as_array().unwrap();
    let found = all.iter().find(|one| one["code"] == "after_close")?;
    Some((int(found, "count"), int(found, "amount_minor")))
}

/// Sends so much of the first item to a point, and gives the way to write what arrived.
fn sent(day: &Books, point: &str, quantity: i64) -> String {
    let lines = json!([{ "item": day.items[0].code, "quantity": quantity }]);
    let new = json!({ "to": point, "lines": lines, "vehicle": "perahu", "driver": "Pak Amat" });
    let sent = day.post("storekeeper", &format!("/rounds/{}/shipments", day.round()), &new, 201);
    format!("/shipments/{}/receipt", text(&sent, "id"))
}

#[test]
fn whatever_comes_after_a_close_is_shown_and_one_button_puts_it_into_addenda() {
    let (mut day, point) = supplied(121);
    let item = day.items[0].clone();
    let round = day.round();
    let receipt = sent(&day, &point, item.pack * 10);
    let of_point = day.close(&json!({ "point": point }));
    assert!(Books::codes(&of_point).contains(&"on_the_way"), "{of_point}");
    let of_round = day.close(&json!({}));
    assert_eq!((due(&day), unsettled(&day)), (Vec::new(), None));
    day.post("finance", &format!("/rounds/{round}/addenda"), &json!({}), 422);
    let closings = format!("/rounds/{round}/closings");
    assert!(!shown(&day, &closings).contains("Buat semua adendum"));

    // Goods that were on the way arrive, two packs damaged and one short; one more household comes.
    let count = json!({ "lines": [{ "item": item.code, "good": item.pack * 7, "damaged": item.pack * 2 }] });
    day.at(&point, &receipt, &count, 200);
    let goods = due(&day);
    assert_eq!(goods.len(), 2, "the point's and the round's: {goods:?}");
    assert_eq!(unsettled(&day), Some((1, 0)), "one paper, in two closes");
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let mut cases = day.office.get("finance", "/cases?kind=shortage").body["items"].as_array().unwrap().clone();
    let steps = format!("/cases/{}/steps", text(&cases.remove(0), "id"));
    let propose = json!({ "step": "propose", "text": "basah", "outcome": "upheld", "loss_minor": 12_500 });
    day.post("coordinator", &steps, &propose, 200);
    day.post("finance", &steps, &json!({ "step": "agree" }), 200);
    assert_eq!(unsettled(&day), Some((3, VALUE)));
    let all = due(&day);
    let told: Vec<_> =
        all.iter().map(|one| (int(one, "receipts"), int(one, "value_minor"), int(one, "moves"))).collect();
    assert_eq!(told, [(1, VALUE, 4); 2], "arrived, damaged, short, and the loss: {all:?}");

    // Where finance looks.
    for path in [&closings, &format!("{closings}?point=&day="), &format!("{closings}?point={point}&day=")] {
        let page = shown(&day, path);
        assert!(page.contains("belum masuk adendum") && page.contains("Buat semua adendum"), "{path}: {page}");
    }
    let board = shown(&day, &format!("/rounds/{round}/dashboard"));
    assert!(board.contains("3 tanda terima atau mutasi barang datang sesudah penutupan"), "{board}");
    let number = text(&of_round, "number").to_owned();
    for path in
        ["/".to_owned(), format!("/rounds/{round}"), "/rounds".to_owned(), format!("/programmes/{}", day.programme())]
    {
        let page = shown(&day, &path);
        assert!(page.contains(&format!("Pembukuan ditutup dengan nomor {number}")), "{path}: {page}");
        assert!(!page.contains(">Berjalan<"), "{path}: {page}");
    }
    for path in ["dashboard", "reconciliation"] {
        let page = shown(&day, &format!("/rounds/{round}/{path}"));
        assert!(page.contains(&format!("Pembukuan ditutup dengan nomor {number}, batas data")), "{path}: {page}");
    }
    let one = shown(&day, &format!("/closings/{}", text(&of_point, "id")));
    assert!(one.contains("datang 1 tanda terima dan 4 mutasi barang"), "{one}");

    // One button.
    let who = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
    let ours = [("Sec-Fetch-Site", "same-origin"), ("Accept-Language", "id")];
    let body = format!("csrf={}", who.csrf);
    let form = "application/x-www-form-urlencoded";
    let made = who.send("POST", &format!("/rounds/{round}/addenda"), &ours, form, &body);
    assert_eq!(made.0, 303, "{}", made.2);
    assert_eq!((due(&day), unsettled(&day)), (Vec::new(), None));
    let (status, _, refused) = who.send("POST", &format!("/rounds/{round}/addenda"), &ours, form, &body);
    assert!(status == 422 && refused.contains("belum ada yang datang sesudah penutupan ini"), "{status} {refused}");

    let kept = day.office.get("auditor", &format!("/closings?round={round}")).body;
    let addenda: Vec<&Value> =
        kept["items"].as_array().unwrap().iter().filter(|one| int(one, "addendum_no") == 1).collect();
    assert_eq!(addenda.len(), 2, "{kept}");
    assert_eq!(addenda[0]["figures"], addenda[1]["figures"]);
    assert_ne!(addenda[0]["hash"], addenda[1]["hash"], "equal figures under two numbers are two papers");
    let moves: Vec<(&str, &str, i64, i64)> = addenda[0]["figures"]["moves"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(one, "what"), text(one, "point"), int(one, "quantity"), int(one, "value_minor")))
        .collect();
    let expected = [
        ("arrived", point.as_str(), item.pack * 7, 0),
        ("arrived_damaged", point.as_str(), item.pack * 2, 0),
        ("short", point.as_str(), item.pack, 0),
        ("loss", point.as_str(), 0, 12_500),
    ];
    assert_eq!(moves, expected, "{}", addenda[0]);
    // A second addendum has only what came since.
    let voucher = day.points[&point][1].clone();
    day.redeem(&voucher, &json!({}));
    let again = day.post("coordinator", &format!("/rounds/{round}/addenda"), &json!({}), 201);
    for one in again["items"].as_array().unwrap() {
        assert!(text(one, "number").contains("-AD2/"), "{one}");
        assert_eq!(one["figures"]["late"].as_array().unwrap().len(), 1, "{one}");
        assert_eq!(one["figures"].get("moves"), None, "{one}");
    }
    // Close and addenda together are the books.
    let kept = day.office.get("auditor", &format!("/closings?round={round}")).body;
    let of_round: i64 = kept["items"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|one| one["point"].is_null())
        .map(|one| int(&one["figures"]["vouchers"], "redeemed"))
        .sum();
    assert_eq!(of_round, 2);
    log_is_whole(&day.office.installation);
}

#[test]
fn a_close_and_its_addenda_are_papers_with_a_fingerprint_of_their_own_and_stand_in_the_pack() {
    let (mut day, point) = supplied(122);
    let round = day.round();
    let close = day.close(&json!({ "point": point }));
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let id = text(&close, "id").to_owned();
    let addendum = day.post("finance", &format!("/closings/{id}/addenda"), &json!({}), 201);
    let finance = day.office.of("finance");
    let bytes = |path: &str| finance.bytes(day.office.base(), &format!("/api/v1{path}"));
    for one in [&close, &addendum] {
        let path = format!("/closings/{}", text(one, "id"));
        assert!(bytes(&format!("{path}.pdf")).starts_with(b"%PDF"));
        assert!(bytes(&format!("{path}.xlsx")).starts_with(b"PK"));
        let content = bytes(&format!("{path}.json"));
        assert_eq!(data_encoding::HEXLOWER.encode(&Sha256::digest(&content)), text(one, "hash"));
        let said: Value = serde_json::from_slice(&content).unwrap();
        for member in ["number", "reason", "figures"] {
            assert_eq!(said[member], one[member], "{member}");
        }
        assert!(text(&said, "scope").contains(&point) && said["made_by"].is_string() && said["cut_off"].is_string());
        assert_eq!(bytes(&format!("{path}.pdf")), bytes(&format!("{path}.pdf")), "printed again it is the same file");
        let page = shown(&day, &path);
        for form in ["pdf", "xlsx", "csv"] {
            assert!(page.contains(&format!("/api/v1{path}.{form}\"")), "{form}: {page}");
        }
    }
    // The paper of the close says who answers for it, what differs, why, and what came later.
    let mut book: calamine::Xlsx<_> =
        calamine::open_workbook_from_rs(std::io::Cursor::new(bytes(&format!("/closings/{id}.xlsx")))).unwrap();
    let mut cells = Vec::new();
    for name in calamine::Reader::sheet_names(&book) {
        let range = calamine::Reader::worksheet_range(&mut book, &name).unwrap();
        cells.extend(range.cells().map(|(.., cell)| cell.to_string()));
    }
    let said = |wanted: &str| cells.iter().any(|cell| cell.contains(wanted));
    let reason = text(&close, "reason");
    let (maker, signer) = (text(&close, "made_by"), text(&close, "signed_by"));
    for wanted in
        [reason, maker, signer, text(&close, "hash"), text(&addendum, "number"), "barang di titik belum dihitung"]
    {
        assert!(said(wanted), "{wanted}: {cells:?}");
    }
    let table = |number: u8| String::from_utf8(bytes(&format!("/closings/{id}.csv?table={number}"))).unwrap();
    assert!(table(1).contains("Sudah diambil,0"), "{}", table(1));
    assert!(table(5).contains("barang di titik belum dihitung"), "{}", table(5));
    let none = day.office.of("finance").get(day.office.base(), &format!("/closings/{id}.csv?table=99")).unwrap();
    assert_eq!(none.status, 404, "{}", none.body);
    assert_eq!(day.office.get("issuer", &format!("/closings/{id}.pdf")).status, 403);

    let pack = |role: &str| {
        let pack = day.office.of(role).bytes(day.office.base(), &format!("/api/v1/rounds/{round}/pack.zip"));
        zip::ZipArchive::new(std::io::Cursor::new(pack)).unwrap()
    };
    let mut finances = pack("finance");
    let mut index = String::new();
    finances.by_name("daftar.csv").unwrap().read_to_string(&mut index).unwrap();
    for one in [&close, &addendum] {
        let number = text(one, "number");
        let name: String = number.chars().map(|sign| if sign.is_ascii_alphanumeric() { sign } else { '-' }).collect();
        for form in ["pdf", "xlsx", "csv"] {
            assert!(finances.by_name(&format!("{name}.{form}")).is_ok(), "{name}.{form}");
        }
        assert!(index.contains(number) && index.contains(text(one, "hash")), "{index}");
    }
    for form in ["pdf", "xlsx", "csv"] {
        assert!(finances.by_name(&format!("rekonsiliasi.{form}")).is_ok(), "{form}");
    }
    let of_issuer: Vec<String> = pack("issuer").file_names().map(|name| name.unwrap().into_owned()).collect();
    assert!(!of_issuer.iter().any(|name| name.contains("PTP") || name.contains("rekonsiliasi")), "{of_issuer:?}");

    // One that waits says so, and whatever is changed of what was closed shows.
    let waits = day.post("coordinator", &format!("/rounds/{round}/closings"), &json!({ "reason": "menunggu" }), 201);
    let mut index = String::new();
    pack("finance").by_name("daftar.csv").unwrap().read_to_string(&mut index).unwrap();
    let line = index.lines().find(|line| line.contains(text(&waits, "number"))).unwrap();
    assert!(line.contains("menunggu tanda tangan kedua"), "{line}");
    day.office.sql(&format!("UPDATE closings SET reason = 'lain' WHERE number = '{}'", text(&close, "number")));
    assert_eq!(day.office.get("finance", &format!("/closings/{id}")).status, 500);
}

/// Writes a close as the first ones were kept: these figures, and a hash of nothing else.
fn as_of_old(day: &Books, number: &str, figures: &str) -> String {
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(figures));
    let bytes = match day.office.installation.database_url() {
        Some(_) => format!("decode('{hash}', 'hex')"),
        None => format!("x'{hash}'"),
    };
    day.office.sql(&format!("UPDATE closings SET figures = '{figures}', hash = {bytes} WHERE number = '{number}'"));
    hash
}

#[test]
fn closes_and_addenda_as_the_first_ones_were_kept_are_read_still_and_their_goods_are_due() {
    let (day, point) = supplied(123);
    let item = day.items[0].clone();
    let receipt = sent(&day, &point, item.pack);
    let close = day.close(&json!({ "point": point }));
    let count = json!({ "lines": [{ "item": item.code, "good": item.pack, "damaged": 0 }] });
    day.at(&point, &receipt, &count, 200);
    let addenda = format!("/closings/{}/addenda", text(&close, "id"));
    let addendum = day.post("finance", &addenda, &json!({}), 201);
    assert!(due(&day).is_empty());
    for one in [&close, &addendum] {
        let mut figures = one["figures"].clone();
        for member in ["places", "moves"] {
            figures.as_object_mut().unwrap().remove(member);
        }
        let figures = figures.to_string();
        let hash = as_of_old(&day, text(one, "number"), &figures);
        let path = format!("/closings/{}", text(one, "id"));
        let old = day.office.get("finance", &path);
        assert_eq!((old.status, &old.body["hash"]), (200, &json!(hash)), "{}", old.body);
        let content = day.office.of("finance").bytes(day.office.base(), &format!("/api/v1{path}.json"));
        assert_eq!(content, figures.as_bytes());
    }
    // What arrived was in no addendum then, whenever that was made.
    assert_eq!(due(&day).iter().map(|one| int(one, "moves")).sum::<i64>(), 1);
    let second = day.post("finance", &addenda, &json!({}), 201);
    assert_eq!(second["figures"]["moves"][0]["quantity"], item.pack, "{second}");
    day.post("finance", &addenda, &json!({}), 422);
}

#[test]
fn a_round_says_place_by_place_what_differs_and_which_way() {
    let (mut day, point) = supplied(124);
    let item = day.items[0].clone();
    let other = day.points.keys().find(|code| **code != point).unwrap().clone();
    day.supply(&other, 0, 0, 0);
    for one in day.items.clone() {
        day.count(&point, &one, 0);
    }
    // Two packs are missing at one place, and nobody counted the other.
    day.count(&point, &item, item.pack * 2);
    let lying = int(&day.place(&point, &item.code)["balance"], "remaining");
    let round = day.round();
    let shown = shown(&day, &format!("/rounds/{round}/closings?point=&day="));
    assert!(shown.contains(&point) && shown.contains(&other), "{shown}");
    let closed = day.close(&json!({}));
    let of = |code: &str| {
        let all = closed["differences"].as_array().unwrap().iter().filter(|one| one["code"] == code);
        all.map(|one| (text(one, "place").to_owned(), one["item"].clone(), int(one, "expected"), int(one, "found")))
            .collect::<Vec<_>>()
    };
    let missing = (point.clone(), json!(item.code), lying, lying - item.pack * 2);
    assert_eq!(of("stock_at_points"), [missing], "{closed}");
    let items = i64::try_from(day.items.len()).unwrap();
    assert_eq!(of("points_not_counted"), [(other, Value::Null, 0, items)], "{closed}");
    // And what is too much looks otherwise.
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
}

#[test]
fn a_round_that_was_not_issued_or_has_not_opened_is_not_closed() {
    let day = Books::open(40, 125);
    let (_, round) = day.office.programme_with_round("KOSONG-26", 900_000_000);
    let path = format!("/rounds/{round}/closings");
    let refused = day.post("finance", &path, &json!({ "reason": "salah pilih" }), 422);
    assert!(text(&refused, "detail").contains("tidak sebelum kupon tahap ini diterbitkan"), "{refused}");
    let own = day.round();
    let later = |to: &str| day.office.sql(&format!("UPDATE rounds SET opens_at = opens_at {to}"));
    later("+ 86400000000");
    let refused = day.post("finance", &format!("/rounds/{own}/closings"), &json!({ "reason": "salah pilih" }), 422);
    assert!(text(&refused, "detail").contains("tidak sebelum tahap ini dibuka"), "{refused}");
    let point = day.points.keys().next().unwrap();
    day.post("finance", &format!("/rounds/{own}/closings"), &json!({ "point": point, "reason": "x" }), 422);
    later("- 86400000000");
    day.close(&json!({}));
}
