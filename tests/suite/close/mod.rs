//! A round with trouble in it, from the contract to the close: every trouble is found by what the screens say,
//! and the totals close to the rupiah, also when they are added up again from the exported tables.

mod after;
mod beside;
mod edges;
mod found;
mod refused;
mod review;
mod rules;

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};

use crate::harness::auditor::log_is_whole;
use crate::harness::books::{self, Expected};
use crate::harness::client::Client;
use crate::harness::installation::{Installation, Voucher};
use crate::harness::office::{Office, VALUE, by_code, text};
use crate::harness::random::Random;

/// What a package of the demonstration holds.
#[derive(Debug, Clone)]
struct Item {
    code: String,
    quantity: i64,
    pack: i64,
    price: i64,
}

/// An office whose goods are on record.
struct Books {
    office: Office,
    random: Random,
    items: Vec<Item>,
    /// The vouchers of each point.
    points: BTreeMap<String, Vec<Voucher>>,
}

fn int(body: &Value, member: &str) -> i64 {
    body[member].as_i64().unwrap_or_else(|| panic!("no integer {member}: {body}"))
}

impl Books {
    fn open(households: u32, seed: u64) -> Self {
        let installation = Installation::demo(households, seed);
        let server = installation.serve();
        let office = Office { installation, server };
        let package =
            office.get("admin", &format!("/packages?programme={}", office.installation.programme())).body["items"][0]
                .clone();
        let items = package["items"].as_array().unwrap().iter().map(|item| Item {
            code: text(item, "code").to_owned(),
            quantity: int(item, "quantity"),
            pack: int(item, "pack_size"),
            price: int(item, "pack_price_minor"),
        });
        let items = items.collect();
        let mut points: BTreeMap<String, Vec<Voucher>> = BTreeMap::new();
        for voucher in office.vouchers() {
            points.entry(voucher.point.clone()).or_default().push(voucher);
        }
        Self { office, random: Random::seeded(seed), items, points }
    }

    fn round(&self) -> String {
        self.office.installation.round().to_owned()
    }

    fn programme(&self) -> String {
        self.office.installation.programme().to_owned()
    }

    fn desk(&self, point: &str) -> Client {
        Client::new(self.office.installation.device_token(point))
    }

    /// A call that has to end so.
    fn post(&self, role: &str, path: &str, body: &Value, status: u16) -> Value {
        let answer = self.office.post(role, path, body);
        assert_eq!(answer.status, status, "{role} {path}: {}", answer.body);
        answer.body
    }

    fn at(&self, point: &str, path: &str, body: &Value, status: u16) -> Value {
        let answer = self.desk(point).post(self.office.base(), path, body).unwrap();
        assert_eq!(answer.status, status, "{point} {path}: {}", answer.body);
        answer.body
    }

    fn contract(&self, households: i64) -> String {
        let lines: Vec<Value> = self
            .items
            .iter()
            .map(|item| {
                json!({ "item": item.code, "quantity": item.quantity * households, "pack_price_minor": item.price })
            })
            .collect();
        let new = json!({ "number": "027/SPK/2026", "supplier": "CV MAJU BERSAMA", "signed_on": "2026-10-01",
            "price_evidence": "SHS 2026; survei 3 toko", "lines": lines });
        let made = self.post("finance", &format!("/programmes/{}/contracts", self.programme()), &new, 201);
        text(&made, "id").to_owned()
    }

    /// A delivery of everything for so many households; of the first item so many packs are damaged and short.
    fn deliver(&self, contract: &str, households: i64, damaged: i64, short: i64) -> String {
        let lines: Vec<Value> = self
            .items
            .iter()
            .enumerate()
            .map(|(place, item)| {
                let (damaged, short) = if place == 0 { (damaged * item.pack, short * item.pack) } else { (0, 0) };
                let good = item.quantity * households - damaged - short;
                json!({ "item": item.code, "good": good, "damaged": damaged, "short": short })
            })
            .collect();
        let first = &self.items[0];
        let new = json!({ "document_no": "BAST/1/2026", "delivered_on": "2026-11-01", "lines": lines,
            "samples": [{ "item": first.code, "labelled": first.pack * 5, "found": first.pack * 5 - 20,
                "condition": "kering", "decision": "diterima" }] });
        let made = self.post("storekeeper", &format!("/contracts/{contract}/deliveries"), &new, 201);
        text(&made, "id").to_owned()
    }

    /// Sends a point what its households are due, less so many packs of the first item, and has it counted there
    /// with so many packs damaged and short.
    fn supply(&self, point: &str, less: i64, damaged: i64, short: i64) -> Value {
        let households = i64::try_from(self.points[point].len()).unwrap();
        let amount =
            |place: usize, item: &Item| item.quantity * households - if place == 0 { less * item.pack } else { 0 };
        let lines: Vec<Value> = self
            .items
            .iter()
            .enumerate()
            .map(|(place, item)| json!({ "item": item.code, "quantity": amount(place, item) }))
            .collect();
        let new = json!({ "to": point, "lines": lines, "vehicle": "KT 8123 C", "driver": "Pak Amat", "seal": "A-1" });
        let sent = self.post("storekeeper", &format!("/rounds/{}/shipments", self.round()), &new, 201);
        let lines: Vec<Value> = self
            .items
            .iter()
            .enumerate()
            .map(|(place, item)| {
                let (damaged, short) = if place == 0 { (damaged * item.pack, short * item.pack) } else { (0, 0) };
                json!({ "item": item.code, "good": amount(place, item) - damaged - short, "damaged": damaged })
            })
            .collect();
        let path = format!("/shipments/{}/receipt", text(&sent, "id"));
        self.at(point, &path, &json!({ "lines": lines }), 200)
    }

    fn redeem(&mut self, voucher: &Voucher, more: &Value) -> Value {
        let mut body = by_code(&self.random.uuid().to_string(), &voucher.code);
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        self.at(&voucher.point, "/redemptions", &body, 201)
    }

    /// What the books say of an item at a point.
    fn place(&self, point: &str, item: &str) -> Value {
        let stock = self.office.get("finance", &format!("/stock?programme={}", self.programme())).body;
        let found = stock["items"]
            .as_array()
            .unwrap()
            .iter()
            .flat_map(|view| view["places"].as_array().unwrap())
            .find(|place| place["point"] == point && place["item"] == item)
            .cloned();
        found.unwrap_or_else(|| panic!("nothing of {item} at {point}: {stock}"))
    }

    fn count(&self, point: &str, item: &Item, missing: i64) {
        let remaining = self.place(point, &item.code)["balance"]["remaining"].as_i64().unwrap();
        let body = json!({ "point": point, "item": item.code, "counted": remaining - missing });
        let said = self.post("coordinator", &format!("/rounds/{}/stock-counts", self.round()), &body, 201);
        assert_eq!((int(&said, "computed"), int(&said, "difference")), (remaining, -missing));
    }

    /// Every equation of the goods, added up by the test from what the API says of the moves.
    fn goods_must_close(&self) {
        let stock = self.office.get("auditor", "/stock").body;
        let mut checked = 0;
        for view in stock["items"].as_array().unwrap() {
            assert_eq!(view["closes"], true, "{view}");
            for place in view["places"].as_array().unwrap() {
                let of = |name: &str| int(&place["balance"], name);
                let out: i64 =
                    ["handed_over", "damaged", "lost", "returned", "moved", "remaining"].map(of).iter().sum();
                assert_eq!(of("received") + of("corrected"), out, "{place}");
                checked += 1;
            }
            for one in view["flows"].as_array().unwrap() {
                let of = |name: &str| int(&one["flow"], name);
                let out = ["handed_over", "damaged", "lost", "returned", "on_the_way", "short", "remaining"];
                assert_eq!(of("delivered") + of("corrected"), out.map(of).iter().sum::<i64>(), "{one}");
            }
        }
        assert!(checked > 0, "no goods: {stock}");
    }

    fn codes(closing: &Value) -> Vec<&str> {
        closing["differences"].as_array().unwrap().iter().map(|one| text(one, "code")).collect()
    }

    /// Closes a period: one makes it, another signs. Gives it as it was signed.
    fn close(&self, period: &Value) -> Value {
        let path = format!("/rounds/{}/closings", self.round());
        let bare = self.office.post("coordinator", &path, period);
        let mut period = period.clone();
        if bare.status == 409 {
            assert_eq!(bare.code(), "unexplained", "{}", bare.body);
            assert!(!bare.body["differences"].as_array().unwrap().is_empty(), "{}", bare.body);
            period["reason"] = json!("diperiksa bersama, lihat berita acara");
            let made = self.post("coordinator", &path, &period, 201);
            assert_eq!(made["state"], "awaiting_signature");
            let sign = format!("/closings/{}/sign", text(&made, "id"));
            assert_eq!(self.office.post("coordinator", &sign, &json!({})).code(), "same_person");
            return self.post("finance", &sign, &json!({}), 200);
        }
        assert_eq!(bare.status, 201, "{}", bare.body);
        bare.body
    }

    fn document(&self, kind: &str, more: &Value) -> String {
        let mut body = json!({ "kind": kind });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let made = self.post("finance", &format!("/rounds/{}/documents", self.round()), &body, 201);
        text(&made, "id").to_owned()
    }
}

/// The round of the task: 1,000 households, and all that goes wrong at once.
#[expect(clippy::disallowed_methods, reason = "the server reads the real clock, and an hour ago is before the close")]
#[test]
fn a_round_with_trouble_in_it_closes_to_the_rupiah_and_every_trouble_is_found() {
    let mut day = Books::open(1_000, 81);
    let first = day.items[0].clone();
    let contract = day.contract(1_000);
    let delivery = day.deliver(&contract, 1_000, 20, 10);
    let busiest = day.points.iter().max_by_key(|(_, vouchers)| vouchers.len()).unwrap().0.clone();
    let points: Vec<String> = day.points.keys().cloned().collect();
    for point in &points {
        if *point == busiest {
            day.supply(point, 30, 2, 3)
        } else {
            day.supply(point, 0, 0, 0)
        };
    }
    day.goods_must_close();

    // An invoice for what was never delivered, twice; a payment that fits nothing; a file that adds up wrong.
    let wrong = json!({ "number": "INV 01/2026", "dated_on": "2026-11-05", "amount_minor": 1_000 * VALUE,
        "delivery_ids": [delivery] });
    let path = format!("/contracts/{contract}/invoices");
    day.post("finance", &path, &wrong, 201);
    let mut again = wrong.clone();
    again["number"] = json!("inv-01-2026");
    again["delivery_ids"] = json!([]);
    day.post("finance", &path, &again, 409);
    let payments = format!("/programmes/{}/payments", day.programme());
    let file = |sum: i64| {
        format!(
            "no_sp2d;tanggal;nilai;penerima;no_faktur\n0451/LS;20-11-2026;{};CV MAJU;inv 01 2026\n0452/LS;21/11/2026;Rp 1.000.000;CV LAIN;INV 99\nJUMLAH;;{sum};;\n",
            1_000 * VALUE
        )
    };
    let finance = day.office.of("finance");
    let upload = |path: &str, text: &str| finance.upload(day.office.base(), path, "sp2d.csv", text.as_bytes()).unwrap();
    let looked = upload(&format!("{payments}?dry_run=true"), &file(5));
    assert_eq!((looked.status, &looked.body["sums_agree"]), (200, &json!(false)), "{}", looked.body);
    let refused = upload(&payments, &file(5));
    assert_eq!((refused.status, refused.code()), (422, "sum_differs"));
    let brought = upload(&payments, &file(1_000 * VALUE + 1_000_000));
    assert_eq!(brought.body["counts"], json!({ "matched": 1, "unmatched": 1 }), "{}", brought.body);
    assert_eq!(upload(&payments, &file(1_000 * VALUE + 1_000_000)).body["counts"], json!({ "twice": 2 }));

    // 70 do not come: ten of the busiest point, the others one after another over the rest.
    let mut absent: Vec<Voucher> = day.points[&busiest][..10].to_vec();
    let mut place = 0;
    while absent.len() < 70 {
        for point in points.iter().filter(|point| **point != busiest) {
            if absent.len() < 70 && place + 2 < day.points[point].len() {
                absent.push(day.points[point][place].clone());
            }
        }
        place += 1;
    }
    let coming: Vec<Voucher> = day
        .points
        .values()
        .flatten()
        .filter(|voucher| absent.iter().all(|one| one.entitlement_id != voucher.entitlement_id))
        .cloned()
        .collect();
    assert_eq!(coming.len(), 930);
    // Where some stay away, goods are left, of which one can be given twice and another be gone.
    let left = |point: &str| absent.iter().filter(|one| one.point == point).count();
    let twice: Vec<Voucher> =
        coming.iter().filter(|one| one.point != busiest && left(&one.point) >= 2).take(2).cloned().collect();
    let mut realised = 0;
    for (place, voucher) in coming.iter().enumerate() {
        // 130 of 930 are 14 in a hundred.
        let proxy = place % 7 == 0 && place / 7 < 130;
        let mut more = json!({});
        if proxy {
            more["collector"] =
                json!({ "kind": "proxy", "name": format!("WAKIL {place}"), "relation": "tetangga", "id_seen": true });
        }
        if place == 1 {
            let given = day.items.iter().enumerate().map(|(place, item)| {
                json!({ "code": item.code, "quantity": item.quantity - if place == 0 { item.pack } else { 0 } })
            });
            more["items"] = given.collect();
        }
        realised += int(&day.redeem(voucher, &more), "value_minor");
    }
    assert_eq!(realised, 930 * VALUE - first.price);
    for (place, voucher) in absent.iter().enumerate() {
        let reason = ["died", "moved", "ill", "absent", "refused"][place % 5];
        let path = format!("/entitlements/{}/absences", voucher.entitlement_id);
        day.post("coordinator", &path, &json!({ "reason": reason, "follow_up": "didatangi" }), 204);
    }

    // Two conflicts; of one it is decided that a second package went out.
    let mut conflicts = Vec::new();
    for voucher in &twice {
        let new = json!({ "kind": "conflict", "detail": "dua tanda terima", "entitlement_id": voucher.entitlement_id });
        conflicts.push(text(&day.post("finance", "/cases", &new, 201), "id").to_owned());
    }
    let steps = format!("/cases/{}/steps", conflicts[0]);
    let before = day.place(&twice[0].point, &first.code)["balance"]["handed_over"].as_i64().unwrap();
    let propose = json!({ "step": "propose", "text": "dua paket keluar", "outcome": "upheld", "loss_minor": VALUE, "extra_packages": 1 });
    day.post("coordinator", &steps, &propose, 200);
    day.post("finance", &steps, &json!({ "step": "agree" }), 200);
    let after = day.place(&twice[0].point, &first.code)["balance"]["handed_over"].as_i64().unwrap();
    assert_eq!(after - before, first.quantity, "the second package is in the goods");
    day.goods_must_close();

    // Everything is counted; at one point a pack of the first item is gone.
    let thief = points
        .iter()
        .find(|point| **point != busiest && **point != twice[0].point && left(point) >= 1)
        .unwrap()
        .clone();
    for point in &points {
        for (place, item) in day.items.clone().iter().enumerate() {
            day.count(point, item, if *point == thief && place == 0 { item.pack } else { 0 });
        }
    }

    let mut closed = BTreeMap::new();
    for point in &points {
        closed.insert(point.clone(), day.close(&json!({ "point": point })));
    }
    assert!(Books::codes(&closed[&thief]).contains(&"stock"), "{}", closed[&thief]);
    assert!(Books::codes(&closed[&busiest]).contains(&"short"), "{}", closed[&busiest]);
    let shorted = &closed[&coming[1].point];
    assert!(Books::codes(shorted).contains(&"given"), "{shorted}");
    let redeemed: i64 = closed.values().map(|one| int(&one["figures"]["vouchers"], "redeemed")).sum();
    let worth: i64 = closed.values().map(|one| int(&one["figures"]["cash"], "realised_minor")).sum();
    assert_eq!((redeemed, worth), (930, realised));
    let uncollected: i64 = closed
        .values()
        .flat_map(|one| one["figures"]["uncollected"].as_array().unwrap())
        .map(|line| line[1].as_i64().unwrap())
        .sum();
    assert_eq!(uncollected, 70);

    // A device comes late with a handout from before the close.
    let late = absent[10].clone();
    let hour_ago = jiff::Timestamp::now() - jiff::SignedDuration::from_hours(1);
    realised += int(&day.redeem(&late, &json!({ "scanned_at": hour_ago.to_string() })), "value_minor");
    let close = &closed[&late.point];
    let id = text(close, "id");
    let addendum = day.post("finance", &format!("/closings/{id}/addenda"), &json!({}), 201);
    assert!(text(&addendum, "number").contains("-AD1/"), "{addendum}");
    assert_eq!(addendum["figures"]["late"].as_array().unwrap().len(), 1);
    assert_eq!(addendum["figures"]["late"][0]["scanned_before"], true);
    day.post("finance", &format!("/closings/{id}/addenda"), &json!({}), 422);
    let kept = day.office.get("auditor", &format!("/closings/{id}")).body;
    assert_eq!((&kept["figures"], &kept["hash"]), (&close["figures"], &close["hash"]), "the close is frozen");

    // What the screens of finance say.
    let kinds: BTreeMap<String, usize> = day.office.get("finance", "/cases?limit=500").body["items"]
        .as_array()
        .unwrap()
        .iter()
        .fold(BTreeMap::new(), |mut kinds, one| {
            *kinds.entry(text(one, "kind").to_owned()).or_default() += 1;
            kinds
        });
    assert_eq!(kinds["conflict"], 2, "{kinds:?}");
    assert_eq!((kinds["quality"], kinds["shortage"]), (2, 2), "from the supplier and on the way: {kinds:?}");
    assert!(kinds["proxy_often"] > 0 && kinds["pace"] > 0, "{kinds:?}");
    let board = day.office.get("finance", &format!("/rounds/{}/dashboard", day.round())).body;
    assert_eq!((int(&board["total"], "by_proxy"), int(&board["total"], "open")), (130, 69), "{board}");
    assert_eq!((int(&board, "short"), int(&board, "realised_minor")), (1, realised));
    let unsettled: BTreeMap<&str, (i64, i64)> = board["unsettled"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (text(one, "code"), (int(one, "count"), int(one, "amount_minor"))))
        .collect();
    let expected = [("invoices", (1, 30 * first.price)), ("proxies", (130, 0)), ("unmatched", (1, 1_000_000))];
    assert_eq!(unsettled, BTreeMap::from(expected), "what the first page of finance says is to be looked into");
    let of_round: Vec<String> =
        day.office.get("finance", &format!("/cases?limit=500&round={}", day.round())).body["items"]
            .as_array()
            .unwrap()
            .iter()
            .map(|one| text(one, "kind").to_owned())
            .collect();
    assert_eq!(of_round.iter().filter(|kind| *kind == "shortage").count(), 2, "the supplier's too: {of_round:?}");
    let treasury = day.office.get("finance", &format!("/programmes/{}/treasury", day.programme())).body;
    assert_eq!(int(&treasury["invoices"][0], "difference_minor"), 30 * first.price, "{treasury}");
    assert_eq!(int(&treasury, "unmatched_minor"), 1_000_000);

    let round = day.close(&json!({}));
    for code in ["invoice", "one_invoice", "payment", "unmatched", "cases", "given", "short", "stock_at_points"] {
        assert!(Books::codes(&round).contains(&code), "{code} in {round}");
    }
    day.post("issuer", &format!("/rounds/{}/issue", day.round()), &json!({}), 409);
    let expected = Expected { issued: 1_000, redeemed: 931, by_proxy: 130, revoked: 0, realised };
    books::must_close(&day.office.of("finance"), day.office.base(), day.office.installation.round(), VALUE, expected);
    day.goods_must_close();
    log_is_whole(&day.office.installation);
    recompute(&day, 1);
    // The books leave the house in every form that is promised, and one is as exact as the other.
    let file = |ending: &str| {
        let path = format!("/api/v1/rounds/{}/reconciliation.{ending}", day.round());
        day.office.of("finance").bytes(day.office.base(), &path)
    };
    let books = day.office.get("finance", &format!("/rounds/{}/reconciliation", day.round())).body;
    assert_eq!(int(&books, "short_minor"), first.price, "{books}");
    assert_eq!(int(&books, "issued_minor"), 1_000 * VALUE, "{books}");
    assert!(file("pdf").starts_with(b"%PDF"));
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(file("xlsx"))).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "Hak menurut keadaan").unwrap();
    let figures: Vec<f64> = sheet.used_cells().filter_map(|(_, _, cell)| calamine::DataType::as_f64(cell)).collect();
    for wanted in [1_000 * VALUE, first.price, realised] {
        assert!(figures.iter().any(|figure| *figure as i64 == wanted), "{wanted} in {figures:?}");
    }
}

/// Writes the tables out as anybody in finance can, and has another program add them up.
fn recompute(day: &Books, extra_packages: i64) {
    let folder = tempfile::tempdir().unwrap();
    let finance = day.office.of("finance");
    let write = |name: &str, path: &str| {
        std::fs::write(folder.path().join(name), finance.bytes(day.office.base(), &format!("/api/v1{path}"))).unwrap();
    };
    write("reconciliation.csv", &format!("/rounds/{}/reconciliation.csv", day.round()));
    for point in day.points.keys() {
        let id = day.document("receipt_list", &json!({ "point": point }));
        write(&format!("receipt_list-{point}.csv"), &format!("/documents/{id}.csv"));
    }
    for kind in ["voucher_goods", "realisation", "budget_reconciliation"] {
        let id = day.document(kind, &json!({}));
        write(&format!("{kind}.csv"), &format!("/documents/{id}.csv"));
        if kind == "budget_reconciliation" {
            write("goods_value.csv", &format!("/documents/{id}.csv?table=2"));
        }
    }
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/suite/close/recompute.py");
    let run =
        |extra: i64| Command::new("python3").arg(script).arg(folder.path()).arg(extra.to_string()).output().unwrap();
    let done = run(extra_packages);
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    assert!(!run(extra_packages + 1).status.success(), "the script would not notice one package too many");
    // Nor may any figure of the books be another one: each is changed by itself.
    let path = folder.path().join("reconciliation.csv");
    let books = std::fs::read_to_string(&path).unwrap();
    let lines: Vec<&str> = books.lines().collect();
    let mut tried = 0;
    for (place, line) in lines.iter().enumerate().skip(2) {
        let mut cells: Vec<String> = line.rsplitn(4, ',').map(str::to_owned).collect();
        for cell in [1, 2] {
            let kind = line.split(',').next().unwrap();
            // The budget has no counts, goods have no rupiah, and what is short is no further voucher.
            let idle = (kind == "anggaran" && cell == 2) || (kind == "barang" && cell == 1);
            if idle {
                continue;
            }
            let was = cells[cell].clone();
            cells[cell] = (was.parse::<i64>().unwrap() + 1).to_string();
            let mut changed = lines.clone();
            let wrong: String = cells.iter().rev().map(String::as_str).collect::<Vec<_>>().join(",");
            changed[place] = &wrong;
            // One line of each kind at the first point stands for those of the other points.
            let other_point = kind == "titik" && place > 40;
            if !other_point {
                std::fs::write(&path, changed.join("\r\n")).unwrap();
                assert!(!run(extra_packages).status.success(), "the script would not notice {wrong}");
                tried += 1;
            }
            cells[cell] = was;
        }
    }
    assert!(tried > 30, "only {tried} figures were tried");
}
