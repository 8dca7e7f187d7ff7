//! What a first reader of the books stumbled over: a wrong invoice that could not be taken back, a close that another
//! overwrote, days that never were, figures that nobody counted, and one sign that stopped every paper.

use serde_json::{Value, json};

use super::edges::supplied;
use super::{Books, int};
use crate::harness::browser::Browser;
use crate::harness::office::{VALUE, text};

/// A document as its tables say it.
fn tables(day: &Books, id: &str) -> Vec<Value> {
    day.office.get("finance", &format!("/documents/{id}")).body["tables"].as_array().unwrap().clone()
}

/// The cells of one column.
fn column(table: &Value, heading: &str) -> Vec<Value> {
    let columns = table["columns"].as_array().unwrap();
    let place = columns.iter().position(|one| one == heading).unwrap_or_else(|| panic!("no {heading}: {columns:?}"));
    table["rows"].as_array().unwrap().iter().map(|row| row[place].clone()).collect()
}

fn form(who: &Browser, path: &str, fields: &str) -> (u16, String, String) {
    let body = format!("csrf={}&{fields}", who.csrf);
    let ours = [("Sec-Fetch-Site", "same-origin"), ("Accept-Language", "id")];
    who.send("POST", path, &ours, "application/x-www-form-urlencoded", &body)
}

#[test]
fn sums_beyond_money_are_refused_before_anything_is_kept() {
    let day = Books::open(40, 112);
    let payments = format!("/programmes/{}/payments", day.programme());
    let most = 9_000_000_000_000_000_i64;
    let row = format!("2026-11-20;{most};CV MAJU;INV-07");
    let rows: Vec<String> = (0..1_030).map(|number| format!("A/{number};{row}")).collect();
    let file = format!("no_sp2d;tanggal;nilai;penerima;no_faktur\n{}\n", rows.join("\n"));
    let brought = day.office.of("finance").upload(day.office.base(), &payments, "sp2d.csv", file.as_bytes()).unwrap();
    assert_eq!((brought.status, brought.code()), (422, "invalid"), "{}", brought.body);
    let contract = day.contract(40);
    let bill =
        |number: &str| json!({ "number": number, "dated_on": "2026-11-05", "amount_minor": most, "delivery_ids": [] });
    let path = format!("/contracts/{contract}/invoices");
    day.post("finance", &path, &bill("INV-1"), 201);
    day.post("finance", &path, &bill("INV-2"), 422);
    let money = day.office.get("finance", &format!("/programmes/{}/treasury", day.programme()));
    assert_eq!((money.status, int(&money.body, "paid_minor"), int(&money.body, "invoiced_minor")), (200, 0, most));
}

#[test]
fn a_wrong_invoice_is_withdrawn_by_two_and_frees_its_delivery_for_the_right_one() {
    let day = Books::open(40, 111);
    let contract = day.contract(40);
    let delivery = day.deliver(&contract, 40, 0, 0);
    let worth = 40 * VALUE;
    let path = format!("/contracts/{contract}/invoices");
    let bill = |number: &str, amount: i64| json!({ "number": number, "dated_on": "2026-11-05", "amount_minor": amount, "delivery_ids": [delivery] });
    let wrong = text(&day.post("finance", &path, &bill("INV-07", worth + 999), 201), "id").to_owned();
    let refused = day.post("finance", &path, &bill("INV-08", worth), 409);
    assert!(text(&refused, "detail").contains("BAST/1/2026 sudah ditagih oleh INV-07"), "{refused}");
    assert_eq!(refused["code"], "exists");
    let payments = format!("/programmes/{}/payments", day.programme());
    let file = format!("no_sp2d;tanggal;nilai;penerima;no_faktur\nA/1;2026-11-20;{worth};CV MAJU;INV-07\n");
    let paid = day.office.of("finance").upload(day.office.base(), &payments, "sp2d.csv", file.as_bytes()).unwrap();
    assert_eq!(paid.status, 200, "{}", paid.body);

    // One asks, another decides, and neither does both.
    let ask = format!("/invoices/{wrong}/withdrawals");
    let why = json!({ "reason": "jumlah salah ketik" });
    day.post("coordinator", &ask, &why, 403);
    day.post("finance", &ask, &json!({ "reason": " " }), 422);
    let first = text(&day.post("finance", &ask, &why, 201), "id").to_owned();
    day.post("finance", &ask, &why, 409);
    let decide = |id: &str, what: &str| format!("/invoice-withdrawals/{id}/{what}");
    assert_eq!(day.office.post("finance", &decide(&first, "agree"), &json!({})).code(), "same_person");
    day.post("auditor", &decide(&first, "agree"), &json!({}), 403);
    day.post("coordinator", &decide(&first, "refuse"), &json!({}), 204);
    day.post("finance", &path, &bill("INV-08", worth), 409);
    let second = text(&day.post("finance", &ask, &why, 201), "id").to_owned();

    // The coordinator sees it without seeing the money, and agrees on the page.
    let coordinator = Browser::sign_in(day.office.base(), "coordinator", "salur-demo-2026", "");
    let page = format!("/programmes/{}/treasury", day.programme());
    let shown = coordinator.send("GET", &page, &[("Accept-Language", "id")], "", "").2;
    assert!(shown.contains("jumlah salah ketik") && shown.contains("INV-07"), "{shown}");
    let done = form(&coordinator, &format!("{page}/withdraw-agree"), &format!("withdrawal={second}"));
    assert_eq!(done.0, 303, "{}", done.2);
    assert_eq!(day.office.post("coordinator", &decide(&second, "agree"), &json!({})).code(), "already_decided");
    day.post("finance", &ask, &why, 409);

    let treasury = || day.office.get("finance", &format!("/programmes/{}/treasury", day.programme())).body;
    let money = treasury();
    assert_eq!((money["invoices"].as_array().unwrap().len(), int(&money, "invoiced_minor")), (0, 0), "{money}");
    let gone = &money["withdrawn"][0];
    assert_eq!((text(gone, "number"), int(gone, "amount_minor")), ("INV-07", worth + 999));
    assert_eq!(int(gone, "delivered_minor"), worth, "what it had billed stays visible");
    let asked = &gone["withdrawal"];
    assert_eq!((text(asked, "reason"), &asked["agreed"]), ("jumlah salah ketik", &json!(true)));
    assert_ne!(asked["asked_by"], asked["decided_by"]);
    assert_eq!(int(&money, "unmatched_minor"), worth, "its payment is for none and stays visible");

    // The right one may carry the same number, bills the same delivery and takes the payment.
    let right = text(&day.post("finance", &path, &bill("inv 07", worth), 201), "id").to_owned();
    let payment = text(&treasury()["payments"][0], "id").to_owned();
    let matched = |invoice: &str, status| {
        day.post("finance", &format!("/payments/{payment}/match"), &json!({ "invoice_id": invoice }), status);
    };
    matched(&wrong, 404);
    matched(&right, 204);
    let money = treasury();
    assert_eq!(int(&money["invoices"][0], "difference_minor"), 0, "{money}");
    assert_eq!((int(&money["invoices"][0], "paid_minor"), int(&money, "unmatched_minor")), (worth, 0));
    assert_eq!(int(&money, "invoiced_minor"), worth);
    let finance = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
    let shown = finance.send("GET", &page, &[("Accept-Language", "id")], "", "").2;
    assert!(shown.contains("Tagihan yang ditarik") && shown.contains("jumlah salah ketik"), "{shown}");
    let report = tables(&day, &day.document("budget_reconciliation", &json!({})));
    let withdrawn = report.iter().find(|one| text(one, "caption").starts_with("Tagihan yang ditarik")).unwrap();
    assert_eq!(column(withdrawn, "No. tagihan"), [json!("INV-07")]);
    let closed = day.close(&json!({}));
    let codes = Books::codes(&closed);
    for code in ["invoice", "one_invoice", "payment", "one_payment", "unmatched"] {
        assert!(!codes.contains(&code), "{code} in {codes:?}");
    }
}

#[test]
fn two_who_ask_and_decide_at_once_withdraw_an_invoice_once() {
    let day = Books::open(40, 112);
    let contract = day.contract(40);
    let delivery = day.deliver(&contract, 40, 0, 0);
    let bill = json!({ "number": "A", "dated_on": "2026-11-05", "amount_minor": 5, "delivery_ids": [delivery] });
    let wrong = text(&day.post("finance", &format!("/contracts/{contract}/invoices"), &bill, 201), "id").to_owned();
    let all = |role: &'static str, paths: Vec<String>, body: Value| -> Vec<u16> {
        std::thread::scope(|scope| {
            let (day, body) = (&day, &body);
            let hands: Vec<_> =
                paths.into_iter().map(|path| scope.spawn(move || day.office.post(role, &path, body).status)).collect();
            hands.into_iter().map(|hand| hand.join().unwrap()).collect()
        })
    };
    let ask = format!("/invoices/{wrong}/withdrawals");
    let asked = all("finance", vec![ask; 4], json!({ "reason": "salah" }));
    assert_eq!(asked.iter().filter(|status| **status == 201).count(), 1, "{asked:?}");
    let money = day.office.get("finance", &format!("/programmes/{}/treasury", day.programme())).body;
    let id = text(&money["invoices"][0]["withdrawal"], "id").to_owned();
    let ways = ["agree", "refuse", "agree", "refuse"].map(|what| format!("/invoice-withdrawals/{id}/{what}"));
    let decided = all("coordinator", ways.to_vec(), json!({}));
    assert_eq!(decided.iter().filter(|status| **status == 204).count(), 1, "{decided:?}");
    assert!(decided.iter().all(|status| [204, 409].contains(status)), "{decided:?}");
}

#[test]
fn nobody_overwrites_the_close_of_another_unseen() {
    let (mut day, point) = supplied(113);
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let path = format!("/rounds/{}/closings", day.round());
    let mine = json!({ "point": point, "reason": "milik keuangan" });
    let made = day.post("finance", &path, &mine, 201);
    let theirs = json!({ "point": point, "reason": "milik koordinator" });
    let refused = day.office.post("coordinator", &path, &theirs);
    assert_eq!((refused.status, refused.code()), (409, "awaiting_signature"), "{}", refused.body);
    let detail = text(&refused.body, "detail");
    assert!(detail.contains(text(&made, "number")) && detail.contains(text(&made, "made_by")), "{detail}");
    let kept = day.office.get("finance", &format!("/closings/{}", text(&made, "id"))).body;
    assert_eq!((text(&kept, "reason"), &kept["made_by"]), ("milik keuangan", &made["made_by"]));
    let sign = format!("/closings/{}/sign", text(&made, "id"));
    assert_eq!(day.office.post("finance", &sign, &json!({})).code(), "same_person", "finance made it still");
    // Who has seen its figures may; who has seen others may not.
    let with = |hash: &str| json!({ "point": point, "reason": "milik koordinator", "replaces": hash });
    day.post("coordinator", &path, &with(&"0".repeat(64)), 409);
    let again = day.post("coordinator", &path, &with(text(&made, "hash")), 201);
    assert_eq!((&again["id"], text(&again, "reason")), (&made["id"], "milik koordinator"));
    day.post("finance", &sign, &json!({}), 200);
}

#[expect(clippy::disallowed_methods, reason = "the server reads the real clock")]
#[test]
fn a_day_that_never_was_is_not_closed() {
    let (day, point) = supplied(114);
    let path = format!("/rounds/{}/closings", day.round());
    // Two days ahead, also at the points, which are eight hours ahead.
    let coming = (jiff::Timestamp::now() + jiff::SignedDuration::from_hours(8 + 48)).to_string();
    for (day_of, told) in [(&coming[..10], "belum tiba"), ("2020-01-01", "sebelum tahap ini dibuka")] {
        let refused = day.post("finance", &path, &json!({ "point": point, "day": day_of, "reason": "x" }), 422);
        assert!(text(&refused, "detail").contains(told), "{refused}");
        let look = format!("/rounds/{}/closings?point={point}&day={day_of}", day.round());
        let finance = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
        assert_eq!(finance.send("GET", &look, &[], "", "").0, 422, "nor looked at");
    }
    assert_eq!(day.office.get("finance", "/closings").body["items"], json!([]));
}

#[test]
fn a_case_reported_on_a_page_is_of_the_open_round_and_one_of_no_round_is_in_its_close() {
    let (day, point) = supplied(115);
    let coordinator = Browser::sign_in(day.office.base(), "coordinator", "salur-demo-2026", "");
    let page = coordinator.send("GET", "/cases", &[("Accept-Language", "id")], "", "").2;
    let open = format!("<option value=\"{}\" selected>", day.round());
    assert!(page.contains(&open), "the open round is chosen: {page}");
    let points = day.office.get("admin", "/points?limit=500").body;
    let id =
        points["items"].as_array().unwrap().iter().find(|one| one["code"] == point.as_str()).unwrap()["id"].clone();
    let fields =
        format!("kind=levy&round={}&point={}&detail=diminta+uang&evidence=", day.round(), id.as_str().unwrap());
    assert_eq!(form(&coordinator, "/cases", &fields).0, 303);
    let listed = day.office.get("finance", &format!("/cases?round={}", day.round())).body;
    let levy = listed["items"].as_array().unwrap().iter().find(|one| one["kind"] == "levy").unwrap();
    assert_eq!(levy["point"], point.as_str(), "{levy}");
    // What is refused keeps what was typed.
    let (status, _, refused) = form(&coordinator, "/cases", "kind=levy&round=&point=&detail=&evidence=KWITANSI-9");
    assert_eq!(status, 422);
    assert!(refused.contains("KWITANSI-9"), "{refused}");

    day.post("finance", "/cases", &json!({ "kind": "complaint", "detail": "kantor tutup" }), 201);
    let board = day.office.get("finance", &format!("/rounds/{}/dashboard", day.round())).body;
    assert_eq!(board["cases_without_round"], json!([["complaint", 1]]), "{board}");
    let closed = day.close(&json!({}));
    let without = closed["differences"].as_array().unwrap().iter().find(|one| one["code"] == "cases_without_round");
    assert_eq!(without.map(|one| int(one, "found")), Some(1), "{closed}");
    assert!(Books::codes(&closed).contains(&"cases"), "{closed}");
}

#[test]
fn a_count_is_shown_as_it_was_made_and_never_as_a_figure_that_nobody_counted() {
    let (mut day, point) = supplied(116);
    let item = day.items[0].clone();
    let before = int(&day.place(&point, &item.code)["balance"], "remaining");
    let counted = before - 2 * item.pack;
    let count = json!({ "point": point, "item": item.code, "counted": counted, "note": "dua kantong pecah" });
    day.post("coordinator", &format!("/rounds/{}/stock-counts", day.round()), &count, 201);
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let place = day.place(&point, &item.code);
    assert_eq!(int(&place["last_count"], "counted"), counted, "{place}");
    assert_eq!(int(&place["last_count"], "difference"), -2 * item.pack);
    let table = &tables(&day, &day.document("voucher_goods", &json!({})))[0];
    let at = column(table, "Titik").iter().position(|one| one == point.as_str()).unwrap();
    assert_eq!(column(table, "Hitungan fisik")[at], json!(counted), "{table}");
    assert_eq!(column(table, "Selisih")[at], json!(-2 * item.pack));
    assert_eq!(column(table, "Penjelasan")[at], json!("dua kantong pecah"));
    let finance = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
    let page = format!("/rounds/{}/stock?at={point}", day.round());
    let shown = finance.send("GET", &page, &[("Accept-Language", "id")], "", "").2;
    assert!(shown.contains("Dihitung pada"), "{shown}");

    // Whoever counts on the page reads what it came to.
    let coordinator = Browser::sign_in(day.office.base(), "coordinator", "salur-demo-2026", "");
    let remaining = int(&day.place(&point, &item.code)["balance"], "remaining");
    let fields = format!("point={point}&item={}&counted={}&note=", item.code, remaining / item.pack - 1);
    let (status, _, said) = form(&coordinator, &format!("/rounds/{}/stock/counts", day.round()), &fields);
    assert_eq!(status, 200, "{said}");
    assert!(said.contains("dihitung") && said.contains("selisih -1 "), "{said}");
}

#[test]
fn one_sign_that_no_face_has_stands_by_its_number_and_one_paper_stops_no_pack() {
    let (mut day, point) = supplied(117);
    let round = day.round();
    day.document("waybill", &json!({ "shipment": 1 }));
    let case = json!({ "kind": "complaint", "detail": "kata ŁUKASZ 😀", "round_id": round });
    day.post("finance", "/cases", &case, 201);
    let voucher = day.points[&point][0].clone();
    let proxy = json!({ "collector": { "kind": "proxy", "name": "BU 😀", "relation": "anak", "id_seen": true } });
    let receipt = day.redeem(&voucher, &proxy);
    let bytes = |path: &str| day.office.of("finance").bytes(day.office.base(), &format!("/api/v1{path}"));
    // Nobody can mend a receipt or a case any more: their papers are printed all the same, and say what is missing.
    for (kind, more, said) in [
        ("case_register", json!({}), "kata [U+0141]UKASZ [U+1F600]"),
        ("receipt_list", json!({ "point": point }), "BU [U+1F600]"),
        ("proxy_list", json!({ "point": point }), "BU [U+1F600]"),
    ] {
        let id = day.document(kind, &more);
        let paper = crate::documents::read_pdf(&bytes(&format!("/documents/{id}.pdf")));
        assert!(paper.contains(said) && paper.contains("tidak ada dalam huruf cetak"), "{kind}: {paper}");
        let csv = String::from_utf8(bytes(&format!("/documents/{id}.csv"))).unwrap();
        assert!(csv.contains('😀') && !csv.contains("U+1F600"), "{csv}");
    }
    let paper = crate::documents::read_pdf(&bytes(&format!("/redemptions/{}/receipt.pdf", text(&receipt, "id"))));
    assert!(paper.contains("BU [U+1F600]"), "{paper}");

    // A name that is too long for its place is found when the paper is laid out.
    let one = json!({ "caption": "", "title": "Kepala Dinas", "name": "W".repeat(120), "name_no": "" });
    let signature = json!([one, one, one]);
    let admin = day.office.of("admin");
    assert_eq!(admin.call("PUT", day.office.base(), "/signatures/monitoring", &signature).unwrap().status, 204);
    let id = day.document("monitoring", &json!({}));
    let finance = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
    let get = |accept: &str| finance.send("GET", &format!("/api/v1/documents/{id}.pdf"), &[("Accept", accept)], "", "");
    let (status, _, page) = get("text/html,application/xhtml+xml,*/*;q=0.8");
    assert_eq!(status, 422);
    assert!(page.contains("<html") && page.contains("terlalu panjang"), "{page}");
    let (status, _, problem) = get("*/*");
    assert_eq!(status, 422);
    assert!(serde_json::from_str::<Value>(&problem).is_ok(), "a program reads a problem: {problem}");

    let pack = day.office.of("finance").bytes(day.office.base(), &format!("/api/v1/rounds/{round}/pack.zip"));
    let mut pack = zip::ZipArchive::new(std::io::Cursor::new(pack)).unwrap();
    let mut index = String::new();
    std::io::Read::read_to_string(&mut pack.by_name("daftar.csv").unwrap(), &mut index).unwrap();
    let line = index.lines().find(|line| line.contains("MNV")).unwrap();
    assert!(line.contains("tanpa PDF"), "{index}");
    assert_eq!(index.matches("tanpa PDF").count(), 1, "{index}");
    let names: Vec<String> = pack.file_names().map(|name| name.unwrap().into_owned()).collect();
    let has = |part: &str, ending: &str| names.iter().any(|name| name.contains(part) && name.ends_with(ending));
    assert!(has("-SJ-", ".pdf") && has("-MNV-", ".xlsx") && has("-MNV-", ".csv"), "{names:?}");
    assert!(!has("-MNV-", ".pdf"), "{names:?}");
}

#[test]
fn a_payment_whose_number_is_known_with_other_contents_keeps_its_file_out() {
    let day = Books::open(40, 118);
    let payments = format!("/programmes/{}/payments", day.programme());
    let send = |path: &str, rows: &str| {
        let file = format!("no_sp2d,tanggal,nilai,penerima,no_faktur\n{rows}\n");
        day.office.of("finance").upload(day.office.base(), path, "sp2d.csv", file.as_bytes()).unwrap()
    };
    let first = send(&payments, "0451/LS,20-11-2026,299000000,CV MAJU,INV-1");
    assert_eq!((first.status, &first.body["kept"]), (200, &json!(1)), "{}", first.body);
    let again = send(&payments, "0451/LS,20-11-2026,299000000,CV MAJU,INV-1");
    assert_eq!((again.status, &again.body["counts"]), (200, &json!({ "twice": 1 })), "the same once more is known");
    let dry = format!("{payments}?dry_run=true");
    for (rows, fit, unread) in [
        ("0451/LS,20-11-2026,250000000,CV MAJU,INV-1", "contradicts", None),
        ("0451/LS,21-11-2026,299000000,CV MAJU,INV-1", "contradicts", None),
        ("D2,20-11-2026,1000,CV,\nd2 ,20-11-2026,2000,CV,\nTOTAL,,3000,,", "contradicts", None),
        ("Q\0 1,20-11-2026,1000,C\0V,", "unreadable", Some("sp2d_no")),
        ("Q1,20-11-2026,1000,C\0V,", "unreadable", Some("payee")),
        ("Q1,20-11-2026,1000,CV,I\u{0}7", "unreadable", Some("invoice_no")),
        ("Q1,5/11/26,1000,CV,", "unreadable", Some("paid_on")),
        ("Q1,0026-11-05,1000,CV,", "unreadable", Some("paid_on")),
        ("Q1,20-11-2036,1000,CV,", "unreadable", Some("paid_on")),
        ("Q1,20-11-2026,1000.5,CV,", "unreadable", Some("amount")),
    ] {
        let seen = send(&dry, rows);
        let line = seen.body["rows"].as_array().unwrap().last().unwrap().clone();
        assert_eq!((line["fit"].as_str(), line["unread"].as_str()), (Some(fit), unread), "{rows:?}: {line}");
        let refused = send(&payments, rows);
        assert_eq!((refused.status, refused.code()), (422, "invalid"), "{rows:?}: {}", refused.body);
        let told = text(&refused.body, "detail");
        assert!(told.contains("baris ") && !told.contains("row") && !told.contains('⟦'), "{told}");
    }
    let long = "9".repeat(9_000);
    assert_eq!(send(&dry, &format!("{long},20-11-2026,1000,CV,")).body["counts"], json!({ "unreadable": 1 }));
    let money = day.office.get("finance", &format!("/programmes/{}/treasury", day.programme())).body;
    assert_eq!((int(&money, "paid_minor"), money["payments"].as_array().unwrap().len()), (299_000_000, 1));
    // More is promised than there is: that is said until somebody mends it.
    let contract = json!({ "number": "B/1", "supplier": "CV MAJU", "signed_on": "2026-10-01", "price_evidence": "SHS",
        "lines": [{ "item": day.items[0].code, "quantity": day.items[0].pack * 1_000, "pack_price_minor": 16_500_000 }] });
    day.post("finance", &format!("/programmes/{}/contracts", day.programme()), &contract, 201);
    let board = day.office.get("finance", &format!("/rounds/{}/dashboard", day.round())).body;
    let over = board["unsettled"].as_array().unwrap().iter().find(|one| one["code"] == "contracts");
    assert!(over.is_some_and(|one| int(one, "amount_minor") > 0), "{}", board["unsettled"]);
    let page = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
    let shown = page.send("GET", &format!("/programmes/{}/treasury", day.programme()), &[], "", "").2;
    assert!(!shown.contains('⟦'), "{shown}");
}

#[test]
fn the_unit_of_what_was_handed_out_stays_even_where_nothing_was_bought() {
    let day = Books::open(40, 119);
    let programme = day.programme();
    let mut package = day.office.get("admin", &format!("/packages?programme={programme}")).body["items"][0].clone();
    let new = |package: &Value| json!({ "programme_id": programme, "code": package["code"], "name": "Paket", "items": package["items"] });
    let pack = package["items"][0]["pack_size"].as_i64().unwrap();
    package["items"][0]["pack_size"] = json!(pack / 2);
    let refused = day.post("admin", "/packages", &new(&package), 422);
    assert_eq!(refused["code"], "invalid", "{refused}");
    package["items"][0]["pack_size"] = json!(pack);
    day.post("admin", "/packages", &new(&package), 201);
}

#[test]
fn who_signs_a_close_signs_what_was_read() {
    let (mut day, point) = supplied(120);
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let path = format!("/rounds/{}/closings", day.round());
    let first = day.post("coordinator", &path, &json!({ "point": point, "reason": "sisa belum dihitung" }), 201);
    assert_eq!(first["state"], "awaiting_signature", "{first}");
    let changed = day.post("coordinator", &path, &json!({ "point": point, "reason": "GANTI SETELAH DIBACA" }), 201);
    assert_ne!(first["hash"], changed["hash"]);
    let sign = format!("/closings/{}/sign", text(&changed, "id"));
    let refused = day.post("finance", &sign, &json!({ "hash": first["hash"] }), 409);
    assert_eq!(refused["code"], "figures_changed", "{refused}");
    let signed = day.post("finance", &sign, &json!({ "hash": changed["hash"] }), 200);
    assert_eq!((&signed["state"], &signed["reason"]), (&json!("closed"), &json!("GANTI SETELAH DIBACA")));
}

#[test]
fn what_ended_uncollected_still_asks_why_nobody_came() {
    let (mut day, point) = supplied(121);
    let voucher = day.points[&point][0].clone();
    day.redeem(&voucher, &json!({}));
    let waiting = day.points[&point].len() - 1;
    day.office.sql("UPDATE rounds SET opens_at = 1, closes_at = 2");
    day.office.sql_count("UPDATE point_windows SET opens_at = 1, closes_at = 2");
    day.post("coordinator", &format!("/rounds/{}/expire", day.round()), &json!({}), 200);
    let path = format!("/rounds/{}/closings", day.round());
    let refused = day.post("coordinator", &path, &json!({ "point": point }), 409);
    assert!(
        refused["differences"].to_string().contains("uncollected") || refused.to_string().contains("uncollected"),
        "{refused}"
    );
    let made = day.post("coordinator", &path, &json!({ "point": point, "reason": "banjir" }), 201);
    let reasons = made["figures"]["uncollected"].as_array().unwrap();
    let all: i64 = reasons.iter().map(|one| one[1].as_i64().unwrap()).sum();
    assert_eq!(usize::try_from(all).unwrap(), waiting, "{made}");
}

#[test]
fn the_reviewers_sheet_counts_households_and_not_the_vouchers_that_were_taken_away() {
    let (day, point) = supplied(118);
    let all = i64::try_from(day.points.values().map(Vec::len).sum::<usize>()).unwrap();
    let households = || column(&tables(&day, &day.document("monitoring", &json!({})))[0], "Jumlah KPM");
    assert_eq!(households(), [json!(all)]);
    let revoke = format!("/entitlements/{}/revoke", day.points[&point][0].entitlement_id);
    let done = day.office.post("coordinator", &revoke, &json!({ "reason": "meninggal" }));
    assert!((200..300).contains(&done.status), "{}", done.body);
    assert_eq!(households(), [json!(all - 1)]);
}

#[test]
fn a_voucher_that_a_desk_has_seen_is_not_in_the_office() {
    let (mut day, point) = supplied(119);
    let path = format!("/rounds/{}/bundles", day.round());
    let prepared = day.office.post("issuer", &path, &json!({}));
    assert!((200..300).contains(&prepared.status), "{}", prepared.body);
    let vouchers = day.points[&point].clone();
    day.redeem(&vouchers[0], &json!({}));
    let lost = json!({ "id": day.random.uuid().to_string(), "entitlement_id": vouchers[1].entitlement_id,
        "collector": { "kind": "self", "id_seen": true }, "paper": "lost", "reason": "hilang" });
    let without_paper = day.desk(&point).post(day.office.base(), "/redemptions", &lost).unwrap();
    assert_eq!(without_paper.status, 201, "{}", without_paper.body);
    let sum = |name: &str| -> i64 {
        let bundles = day.office.get("finance", &format!("{path}?limit=500")).body;
        let here = bundles["items"].as_array().unwrap().iter().filter(|one| one["point"] == point.as_str());
        here.map(|one| int(&one["whereabouts"], name)).sum()
    };
    let all = i64::try_from(vouchers.len()).unwrap();
    assert_eq!((sum("vouchers"), sum("proven"), sum("delivered")), (all, 1, 0));
    assert_eq!(sum("in_office"), all - 1, "the lost one was seen by nobody");
}
