//! What an agency chooses, what a close does while others write, and how a refusal is told.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::edges::supplied;
use super::{Books, int};
use crate::harness::browser::Browser;
use crate::harness::office::{VALUE, by_code, text};

/// Sets the rules of the agency.
fn choose(day: &Books, rules: &Value, status: u16) {
    let answer = day.office.of("admin").call("PUT", day.office.base(), "/rules", rules).unwrap();
    assert_eq!(answer.status, status, "{rules}: {}", answer.body);
}

fn rules(scans_per_minute: i64, stop_when_empty: bool) -> Value {
    json!({ "proxy_times": 5, "proxy_percent": 10, "scans_per_minute": scans_per_minute, "stop_when_empty": stop_when_empty,
        "pin_signs": 6, "pin_tries": 5, "confirm_accounts": false, "idle_minutes": 240 })
}

#[test]
fn a_handout_beside_a_close_is_in_the_close_or_in_its_addendum_and_never_in_both() {
    let mut day = Books::open(150, 90);
    let point = day.points.iter().max_by_key(|(_, vouchers)| vouchers.len()).unwrap().0.clone();
    let vouchers = day.points[&point].clone();
    assert!(vouchers.len() >= 8, "{}", vouchers.len());
    let bodies: Vec<Value> =
        vouchers.iter().map(|voucher| by_code(&day.random.uuid().to_string(), &voucher.code)).collect();
    let path = format!("/rounds/{}/closings", day.round());
    let wanted = json!({ "point": point, "reason": "penutupan di tengah pelayanan" });
    let day = &day;
    let closed: Value = std::thread::scope(|scope| {
        for part in bodies.chunks(bodies.len().div_ceil(3)) {
            let point = &point;
            scope.spawn(move || {
                for body in part {
                    day.at(point, "/redemptions", body, 201);
                }
            });
        }
        let closers: Vec<_> = [("coordinator", "finance"), ("finance", "coordinator")]
            .into_iter()
            .map(|(one, other)| {
                let (path, wanted) = (&path, &wanted);
                scope.spawn(move || {
                    for _ in 0..400 {
                        let made = day.office.post(one, path, wanted);
                        if made.status == 409 && made.code() == "exists" {
                            return None;
                        }
                        // The other pair's close waits for its signature.
                        if made.status == 409 && made.code() == "awaiting_signature" {
                            std::thread::yield_now();
                            continue;
                        }
                        assert_eq!(made.status, 201, "{}", made.body);
                        let sign = format!("/closings/{}/sign", text(&made.body, "id"));
                        let signed = day.office.post(other, &sign, &json!({}));
                        match (signed.status, signed.code()) {
                            (200, _) => return Some(signed.body),
                            // The figures are others by now, the other pair made it again, or signed it.
                            (409, "figures_changed" | "wrong_step") | (403 | 409, "same_person") => {}
                            other => panic!("{other:?}: {}", signed.body),
                        }
                    }
                    None
                })
            })
            .collect();
        let mut signed: Vec<Value> = closers.into_iter().filter_map(|closer| closer.join().unwrap()).collect();
        assert_eq!(signed.len(), 1, "one close, signed once: {signed:?}");
        signed.remove(0)
    });
    let all = i64::try_from(vouchers.len()).unwrap();
    let before = int(&closed["figures"]["vouchers"], "redeemed");
    let addendum = day.office.post("finance", &format!("/closings/{}/addenda", text(&closed, "id")), &json!({}));
    let late: Vec<Value> = match addendum.status {
        201 => addendum.body["figures"]["late"].as_array().unwrap().clone(),
        // Nothing came after it.
        422 => Vec::new(),
        other => panic!("{other}: {}", addendum.body),
    };
    let numbers: BTreeSet<&str> = late.iter().map(|one| text(one, "number")).collect();
    assert_eq!(numbers.len(), late.len(), "each once: {late:?}");
    assert_eq!(before + i64::try_from(late.len()).unwrap(), all, "{before} and {late:?}");
    let worth: i64 = late.iter().map(|one| int(one, "value_minor")).sum();
    assert_eq!(int(&closed["figures"]["cash"], "realised_minor") + worth, all * VALUE);
}

#[test]
fn a_closed_round_takes_nothing_back_and_fixes_nothing_anew() {
    let (day, point) = supplied(91);
    let entitlement = day.points[&point][0].entitlement_id.clone();
    day.close(&json!({}));
    let revoke = format!("/entitlements/{entitlement}/revoke");
    let answer = day.office.post("coordinator", &revoke, &json!({ "reason": "pindah" }));
    assert_eq!((answer.status, answer.code()), (409, "period_closed"), "{}", answer.body);
    let state = day.office.vouchers().into_iter().find(|one| one.entitlement_id == entitlement).unwrap().state;
    assert_eq!(state, "available");
    day.post("issuer", &format!("/rounds/{}/issue", day.round()), &json!({}), 409);
}

#[test]
fn an_agency_may_stop_the_desk_of_a_point_that_has_run_out() {
    let (mut day, point) = supplied(92);
    let item = day.items[0].clone();
    let vouchers = day.points[&point].clone();
    assert!(vouchers.len() >= 3);
    // One package is left.
    let remaining = int(&day.place(&point, &item.code)["balance"], "remaining");
    let lost = json!({ "point": point, "item": item.code, "kind": "lost", "quantity": remaining - item.quantity, "reason": "hanyut" });
    day.at(&point, &format!("/rounds/{}/stock-entries", day.round()), &lost, 201);
    choose(&day, &rules(6, true), 200);
    let bodies: Vec<Value> =
        vouchers.iter().take(3).map(|voucher| by_code(&day.random.uuid().to_string(), &voucher.code)).collect();
    let answers: Vec<(u16, String)> = std::thread::scope(|scope| {
        let day = &day;
        let hands: Vec<_> = bodies
            .iter()
            .map(|body| {
                let desk = day.desk(&point);
                scope.spawn(move || {
                    let answer = desk.post(day.office.base(), "/redemptions", body).unwrap();
                    (answer.status, answer.code().to_owned())
                })
            })
            .collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|one| one.0 == 201).count(), 1, "the last package goes out once: {answers:?}");
    assert_eq!(answers.iter().filter(|one| **one == (409, "point_empty".into())).count(), 2, "{answers:?}");
    assert_eq!(int(&day.place(&point, &item.code)["balance"], "remaining"), 0);
    let voucher = &vouchers[answers.iter().position(|one| one.0 == 409).unwrap()];
    let told = day.at(&point, "/verifications", &json!({ "code": voucher.code }), 200);
    assert!(text(&told["voucher"], "stock_notice").contains("menghentikan meja"), "{told}");
    // Elsewhere nothing is on record, so nothing is stopped; and the choice can be taken back.
    let elsewhere = day.points.iter().find(|(code, _)| **code != point).unwrap().1[0].clone();
    day.redeem(&elsewhere, &json!({}));
    choose(&day, &rules(6, false), 200);
    day.redeem(&voucher.clone(), &json!({}));
    assert_eq!(int(&day.place(&point, &item.code)["balance"], "remaining"), -item.quantity, "shown as it is");
}

#[test]
fn from_when_a_pattern_is_a_case_is_the_agencys_choice_within_reason() {
    let (mut day, point) = supplied(93);
    let voucher = day.points[&point].clone();
    for wrong in [rules(0, false), rules(601, false), rules(-1, false)] {
        choose(&day, &wrong, 422);
    }
    choose(
        &day,
        &json!({ "proxy_times": 1, "proxy_percent": 10, "scans_per_minute": 6, "stop_when_empty": false }),
        422,
    );
    choose(&day, &json!({ "scans_per_minute": 6 }), 400);
    let seen = day.office.get("finance", "/rules").body;
    assert_eq!(seen, rules(6, false), "what was refused changed nothing");
    for one in voucher.iter().take(3) {
        day.redeem(one, &json!({}));
    }
    let paces = |day: &Books| {
        day.post("finance", &format!("/rounds/{}/pattern-checks", day.round()), &json!({}), 200);
        let cases = day.office.get("finance", "/cases?limit=500").body;
        cases["items"].as_array().unwrap().iter().filter(|one| one["kind"] == "pace").count()
    };
    assert_eq!(paces(&day), 0, "three in a minute are no case for six");
    choose(&day, &rules(2, false), 200);
    assert_eq!(paces(&day), 1, "but they are for two");
}

#[test]
fn what_is_refused_is_told_in_both_languages() {
    let (day, point) = supplied(94);
    let item = day.items[0].code.clone();
    let round = day.round();
    let browser = |role: &str| Browser::sign_in(day.office.base(), role, "salur-demo-2026", "");
    let (keeper, finance, coordinator) = (browser("storekeeper"), browser("finance"), browser("coordinator"));
    let told = |who: &Browser, language: &str, path: &str, body: &Value| {
        let headers = [("X-CSRF-Token", who.csrf.as_str()), ("Accept-Language", language)];
        let (status, _, said) =
            who.send("POST", &format!("/api/v1{path}"), &headers, "application/json", &body.to_string());
        let said: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{path}: {said}"));
        assert!((400..500).contains(&status), "{path} {body}: {said}");
        text(&said, "detail").to_owned()
    };
    let contract = &day.office.get("finance", &format!("/programmes/{}/contracts", day.programme())).body["items"][0];
    let invoices = format!("/contracts/{}/invoices", text(contract, "id"));
    let bill = json!({ "number": "INV 1", "dated_on": "2026-11-05", "amount_minor": 1, "delivery_ids": [] });
    day.post("finance", &invoices, &bill, 201);
    let with = |mut body: Value, name: &str, value: Value| {
        body[name] = value;
        body
    };
    let count = json!({ "point": point, "item": item, "counted": -1 });
    let send = json!({ "to": point, "lines": [{ "item": item, "quantity": 9_007_199_254_740_993_i64 }], "vehicle": "truk", "driver": "A" });
    let closings = format!("/rounds/{round}/closings");
    let cases: [(&Browser, String, Value, &str, &str); 8] = [
        (
            &coordinator,
            format!("/rounds/{round}/stock-counts"),
            count,
            "bilangan bulat, tidak kurang dari 0",
            "not below 0",
        ),
        (&keeper, format!("/rounds/{round}/shipments"), send.clone(), "bilangan bulat di atas 0", "above 0"),
        (
            &keeper,
            format!("/rounds/{round}/shipments"),
            with(send, "to", Value::Null),
            "tempat yang lain",
            "another place",
        ),
        (&finance, invoices.clone(), with(bill.clone(), "number", json!("inv-1")), "sudah ada", "already"),
        (&finance, invoices.clone(), with(bill, "amount_minor", json!(-5)), "nilai bulat di atas 0", "above 0"),
        (&finance, closings.clone(), json!({ "point": point, "day": "besok" }), "tanggal yang benar", "a real day"),
        (&finance, closings, json!({ "point": point }), "", ""),
        (&finance, format!("/rounds/{round}/documents"), json!({ "kind": "waybill" }), "surat jalan", "shipment"),
    ];
    for (who, path, body, id, en) in cases {
        let (indonesian, english) = (told(who, "id", &path, &body), told(who, "en", &path, &body));
        assert!(indonesian.to_lowercase().contains(id), "{path} {body}: {indonesian}");
        assert!(english.to_lowercase().contains(en), "{path} {body}: {english}");
        assert_ne!(indonesian, english, "{path} {body}");
        assert!(!indonesian.contains('⟦') && !english.contains('⟦'), "{indonesian} {english}");
    }
}

#[test]
fn a_person_keeps_views_that_nobody_else_sees() {
    let (day, _) = supplied(95);
    let finance = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
    let auditor = Browser::sign_in(day.office.base(), "auditor", "salur-demo-2026", "");
    let form = |who: &Browser, path: &str, fields: &str| {
        let body = format!("csrf={}&{fields}", who.csrf);
        let ours = [("Sec-Fetch-Site", "same-origin")];
        let (status, leads, _) = who.send("POST", path, &ours, "application/x-www-form-urlencoded", &body);
        (status, leads)
    };
    let page = |who: &Browser| who.send("GET", "/cases", &[("Accept-Language", "id")], "", "").2;
    let here = "%2Fcases%3Fkind%3Dlevy%26round%3D%26closed%3D";
    let kept = form(&finance, "/filters", &format!("page=cases&name=Pungli&here={here}"));
    assert_eq!(kept, (303, "/cases?kind=levy&round=&closed=".to_owned()));
    assert!(page(&finance).contains(">Pungli</a>"));
    assert!(!page(&auditor).contains(">Pungli</a>"));
    assert_eq!(form(&finance, "/filters", &format!("page=cases&name=Pungli&here={here}")).0, 409);
    for elsewhere in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2Fusers%3F", "%2Fcases%3F%22%3E"] {
        assert_eq!(form(&finance, "/filters", &format!("page=cases&name=x&here={elsewhere}")).0, 404, "{elsewhere}");
    }
    let shown = page(&finance);
    let id = shown.split_once("/filters/").unwrap().1.split_once("/forget").unwrap().0;
    assert_eq!(form(&auditor, &format!("/filters/{id}/forget"), "here=%2Fcases").0, 404, "it is not the auditor's");
    assert_eq!(form(&finance, &format!("/filters/{id}/forget"), "here=%2Fcases").0, 303);
    assert!(!page(&finance).contains(">Pungli</a>"));
}

#[test]
fn the_list_of_the_decree_is_a_document_with_masked_numbers() {
    let (day, point) = supplied(96);
    let path = format!("/rounds/{}/documents", day.round());
    let lists = format!("/programmes/{}/lists", day.programme());
    day.post("verifier", &lists, &json!({ "decree_no": "400/77/2026", "decree_date": "2026-11-24" }), 201);
    let id = day.document("beneficiaries", &json!({}));
    let file =
        |ending: &str| day.office.of("finance").bytes(day.office.base(), &format!("/api/v1/documents/{id}.{ending}"));
    assert!(file("pdf").starts_with(b"%PDF") && file("xlsx").starts_with(b"PK"));
    let csv = String::from_utf8(file("csv")).unwrap();
    assert!(csv.contains("****") || csv.contains("••"), "numbers are masked: {csv}");
    let longest = csv.split(|sign: char| !sign.is_ascii_digit()).map(str::len).max().unwrap();
    assert!(longest < 13, "{longest} digits in a row: {csv}");
    let said = day.office.get("finance", &format!("/documents/{id}")).body;
    let households: usize = day.points.values().map(Vec::len).sum();
    assert_eq!(said["tables"][0]["rows"].as_array().unwrap().len(), households);
    let of_point = day.post("finance", &path, &json!({ "kind": "beneficiaries", "point": point }), 201);
    let said = day.office.get("finance", &format!("/documents/{}", text(&of_point, "id"))).body;
    let here = said["tables"][0]["rows"].as_array().unwrap().len();
    assert!(here > 0 && here < households, "{here} of {households}");
    // The annex of a decree needs the numbers: finance takes it with a reason, NIK and No. KK in full, a number a text.
    let take = |form: &str| {
        let body = json!({ "form": form, "reason": "lampiran SK 400/77" }).to_string().into_bytes();
        let address = format!("{}/api/v1/documents/{id}/full", day.office.base());
        let (status, bytes) =
            day.office.of("finance").send("POST", &address, Some(("application/json", body))).unwrap();
        assert_eq!(status, 200);
        bytes
    };
    let full = String::from_utf8(take("csv")).unwrap();
    let count = |csv: &str| {
        let words = csv.split(|sign: char| !sign.is_ascii_digit());
        words.filter(|word| word.len() == 16 && &word[4..6] == "99").count()
    };
    assert_eq!((count(&csv), count(&full)), (0, 2 * households), "{full}");
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(take("xlsx"))).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "Daftar penerima").unwrap();
    let texts = sheet
        .used_cells()
        .filter(|(_, _, cell)| matches!(cell, calamine::Data::String(text) if text.len() == 16 && &text[4..6] == "99"));
    assert_eq!(texts.count(), 2 * households);
    let head = (0..40).find(|row| sheet.get((*row, 0)) == Some(&calamine::Data::String("No.".into()))).unwrap();
    assert_eq!(sheet.get((head + 1, 0)), Some(&calamine::Data::Float(1.0)), "No. is a number");
    let born = sheet.get((head + 1, 6)).unwrap();
    assert!(matches!(born, calamine::Data::Float(year) if *year > 1900.0), "the year of birth is a number: {born:?}");
}
