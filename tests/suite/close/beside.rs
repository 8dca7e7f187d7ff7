//! Packages that left by a decided case and not by a voucher: minutes, goods and budget say the same of them.

use serde_json::{Value, json};

use super::edges::supplied;
use super::{Books, int};
use crate::harness::office::{VALUE, text};

fn tables(day: &Books, id: &str) -> Vec<Value> {
    day.office.get("finance", &format!("/documents/{id}")).body["tables"].as_array().unwrap().clone()
}

fn place(table: &Value, heading: &str) -> usize {
    let columns = table["columns"].as_array().unwrap();
    columns.iter().position(|one| one == heading).unwrap_or_else(|| panic!("no {heading}: {columns:?}"))
}

fn captioned(tables: &[Value], caption: &str) -> Value {
    tables.iter().find(|table| table["caption"] == caption).unwrap_or_else(|| panic!("no {caption}")).clone()
}

/// The row whose first cell is this.
fn row<'t>(table: &'t Value, name: &str) -> &'t Value {
    let rows = table["rows"].as_array().unwrap();
    rows.iter().find(|row| row[0] == name).unwrap_or_else(|| panic!("no {name}: {rows:?}"))
}

#[test]
fn minutes_goods_and_budget_agree_on_a_package_that_a_decision_found_to_have_gone_out() {
    let (mut day, point) = supplied(131);
    let item = day.items[0].clone();
    let vouchers = day.points[&point][..2].to_vec();
    for voucher in &vouchers {
        day.redeem(voucher, &json!({}));
    }
    let handover = |day: &Books| {
        let found = tables(day, &day.document("handover", &json!({ "point": point })));
        captioned(&found, "3. Barang")
    };
    let before = handover(&day);
    assert!(!before["columns"].as_array().unwrap().contains(&json!("Di luar penebusan")), "{before}");
    let new = json!({ "kind": "conflict", "detail": "dua tanda terima", "entitlement_id": vouchers[0].entitlement_id });
    let case = text(&day.post("finance", "/cases", &new, 201), "id").to_owned();
    let steps = format!("/cases/{case}/steps");
    let propose = json!({ "step": "propose", "text": "dua paket keluar", "outcome": "upheld", "loss_minor": VALUE,
        "extra_packages": 1 });
    day.post("coordinator", &steps, &propose, 200);
    let undecided = handover(&day);
    assert_eq!(undecided["rows"], before["rows"], "a proposal counts for nothing");
    day.post("finance", &steps, &json!({ "step": "agree" }), 200);
    let reference = format!("K-{}", case.replace('-', "")[24..].to_uppercase());

    let minutes = handover(&day);
    let name = minutes["rows"][0][0].clone();
    let cell = |heading: &str| minutes["rows"][0][place(&minutes, heading)].as_i64().unwrap();
    let said =
        ["Seharusnya untuk yang tersalurkan", "Diserahkan kepada mereka", "Di luar penebusan", "Keluar seluruhnya"];
    assert_eq!(said.map(cell), [2, 2, 1, 3].map(|packages| packages * item.quantity), "{minutes}");

    let goods = tables(&day, &day.document("voucher_goods", &json!({ "point": point }))).remove(0);
    let line = goods["rows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row[place(&goods, "Komoditas")] == name)
        .unwrap_or_else(|| panic!("no {name}: {goods}"));
    let of = |heading: &str| line[place(&goods, heading)].as_i64().unwrap();
    assert_eq!((of("Seharusnya keluar"), of("Diserahkan")), (2 * item.quantity, 3 * item.quantity), "{goods}");
    let why = line[place(&goods, "Penjelasan")].as_str().unwrap_or_default();
    assert_eq!(why, format!("1 paket di luar penebusan ({reference})"), "{line}");

    // So does the paper of the close, where the goods that left are more than the receipts say.
    let closed = day.close(&json!({ "point": point }));
    let path = format!("/api/v1/closings/{}.xlsx", text(&closed, "id"));
    let book = day.office.of("finance").bytes(day.office.base(), &path);
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(book)).unwrap();
    let first = calamine::Reader::worksheet_range_at(&mut book, 0).unwrap().unwrap();
    let said = format!("Barang keluar lainnya: 1 paket di luar penebusan ({reference})");
    assert!(first.cells().any(|(.., cell)| cell.to_string() == said), "{said}");

    let budget = tables(&day, &day.document("budget_reconciliation", &json!({})));
    let sums = captioned(&budget, "Anggaran");
    let value = |name: &str| row(&sums, name)[1].as_i64().unwrap();
    let beside = value(&format!("1 paket di luar penebusan ({reference})"));
    assert_eq!((value("Realisasi fisik (tersalurkan)"), beside), (2 * VALUE, VALUE), "{sums}");
    assert_eq!(value("Barang diserahkan (nilai barang)"), 3 * VALUE, "{sums}");
    let worth = captioned(&budget, "Nilai barang (Rp)");
    assert_eq!(worth["totals"]["Diserahkan"], 3 * VALUE, "{worth}");
}

#[test]
fn a_plan_and_minutes_can_be_added_up() {
    let (mut day, point) = supplied(132);
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let plan = tables(&day, &day.document("delivery_plan", &json!({}))).remove(0);
    let households = i64::try_from(day.points.values().map(Vec::len).sum::<usize>()).unwrap();
    let headings: Vec<&str> = plan["columns"].as_array().unwrap().iter().map(|one| one.as_str().unwrap()).collect();
    let first = place(&plan, "Jumlah KPM") + 1;
    for (column, item) in (first..).zip(&day.items) {
        assert!(headings[column].ends_with(')'), "its unit: {headings:?}");
        let sum: i64 = plan["rows"].as_array().unwrap().iter().map(|row| row[column].as_i64().unwrap()).sum();
        assert_eq!(sum, households * item.quantity / item.pack, "{}", headings[column]);
        assert_eq!(plan["totals"][headings[column]], sum, "{plan}");
    }
    let waiting = tables(&day, &day.document("not_collected", &json!({ "point": point }))).remove(0);
    let until = place(&waiting, "Batas waktu");
    let rows = waiting["rows"].as_array().unwrap();
    assert!(!rows.is_empty() && rows.iter().all(|row| row[until].is_string()), "{waiting}");
    let package = tables(&day, &day.document("realisation", &json!({}))).remove(0);
    let at = package["rows"].as_array().unwrap().iter().find(|row| row[2] == point.as_str()).unwrap().clone();
    assert_eq!(at[place(&package, "Paket utuh: diserahkan")], 1, "{package}");
    assert_eq!(int(&package["totals"], "Paket utuh: diserahkan"), 1, "{package}");
}
