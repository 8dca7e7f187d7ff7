//! The decree: versions of the list, their annexes, and what changed between two.

use serde_json::{Value, json};

use super::{refusal, row};
use crate::harness::office::{HOUSEHOLDS, Office, text};

fn fix(office: &Office, decree: &str) -> Value {
    let body = json!({ "decree_no": decree, "decree_date": "2026-11-24" });
    let answer = office.post("verifier", &office.in_programme("/lists"), &body);
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

#[test]
fn a_decree_fixes_who_is_approved_and_later_versions_say_what_changed() {
    let office = Office::open(321);
    let mut rows = [row(1), row(2), row(3)];
    office.take_in(&rows);
    let ids: Vec<String> = rows.iter().map(|row| office.source_household(row)).collect();
    office.decided(&ids[..2], "approved", None);
    assert_eq!(office.standing()["newest_list"], Value::Null);
    assert_eq!(office.standing()["not_in_list"], HOUSEHOLDS + 2, "no decree names anybody yet");

    let first = fix(&office, "460/101/2026");
    assert_eq!((&first["number"], &first["households"]), (&json!(1), &json!(HOUSEHOLDS + 2)));
    assert_eq!(office.standing()["not_in_list"], 0);
    let body = json!({ "decree_no": "460/101/2026", "decree_date": "2026-11-25" });
    assert_eq!(refusal(&office.post("verifier", &office.in_programme("/lists"), &body)), (409, "exists"));
    assert_eq!(refusal(&office.post("registrar", &office.in_programme("/lists"), &body)).0, 403);

    // One leaves, one comes, one collects elsewhere.
    office.decided(&ids[..1], "not_eligible", Some("deceased"));
    office.decided(&ids[2..], "approved", None);
    rows[1].point = "TGR-02";
    office.take_in(&rows[1..2]);
    let standing = office.standing();
    assert_eq!((&standing["not_in_list"], &standing["left_list"]), (&json!(1), &json!(1)), "{standing}");
    assert_eq!(office.beneficiaries("flag=not_in_list")[0]["source_id"], rows[2].id.as_str());
    assert_eq!(office.beneficiaries("flag=left_list")[0]["source_id"], rows[0].id.as_str());

    let second = fix(&office, "460/155/2026");
    assert_eq!((&second["number"], &second["households"]), (&json!(2), &json!(HOUSEHOLDS + 2)));
    let path = format!("/lists/{}/difference?from={}", text(&second, "id"), text(&first, "id"));
    let changed = office.get("auditor", &path);
    assert_eq!(changed.status, 200, "{}", changed.body);
    let only = |part: &str| {
        let lines = changed.body[part].as_array().unwrap();
        assert_eq!(lines.len(), 1, "{part}: {}", changed.body);
        lines[0].clone()
    };
    assert_eq!(only("added")["source_id"], rows[2].id.as_str());
    let removed = only("removed");
    assert_eq!((&removed["source_id"], &removed["reason"]), (&json!(rows[0].id), &json!("deceased")));
    assert_eq!(removed["evidence"], "surat desa 12/2026");
    let moved = only("moved");
    assert_eq!((&moved["point_before"], &moved["point"]), (&json!("TGR-01"), &json!("TGR-02")));
    assert_eq!(changed.body["kept"], HOUSEHOLDS + 1);

    let csv = office.of("auditor").bytes(
        office.base(),
        &format!("/api/v1/lists/{}/difference.csv?from={}", text(&second, "id"), text(&first, "id")),
    );
    let csv = String::from_utf8(csv).unwrap();
    assert!(csv.lines().count() == 4 && csv.contains("meninggal") && !csv.contains('⟦'), "{csv}");
    // An old version is what it was.
    let old = office.get("auditor", &format!("/lists/{}/households?limit=500", text(&first, "id")));
    assert!(old.body["items"].as_array().unwrap().iter().any(|one| one["source_id"] == rows[0].id.as_str()));
    let lists = office.get("auditor", &office.in_programme("/lists")).body;
    assert_eq!(lists["items"].as_array().unwrap().len(), 2);
}

#[test]
fn the_annex_names_everybody_once_masks_the_numbers_and_holds_no_formula() {
    let office = Office::open(322);
    let mut rows: Vec<_> = (1..=3).map(row).collect();
    rows[0].said = "LAYAK";
    rows[0].name = "=HYPERLINK(0) SITI".into();
    office.take_in(&rows[..1]);
    let list = fix(&office, "460/200/2026");
    let id = text(&list, "id");
    let csv = office.of("auditor").bytes(office.base(), &format!("/api/v1/lists/{id}/annex.csv"));
    let csv = String::from_utf8(csv).unwrap();
    assert_eq!(csv.lines().count() as i64, HOUSEHOLDS + 2, "a heading and one line each");
    assert!(!csv.contains(&rows[0].nik) && !csv.contains(&rows[0].card) && csv.contains("**** ****"), "{csv}");
    assert!(csv.contains("'=HYPERLINK"), "a live formula");
    let workbook = office.of("auditor").bytes(office.base(), &format!("/api/v1/lists/{id}/annex.xlsx"));
    assert!(workbook.starts_with(b"PK"));
    for role in ["issuer", "finance", "operator-less"].iter().take(2) {
        assert_eq!(office.get(role, &format!("/lists/{id}/annex.csv")).status, 403, "{role}");
    }
    let mut seen = Vec::new();
    let mut after = 0;
    loop {
        let page = office.get("auditor", &format!("/lists/{id}/households?limit=7&after={after}"));
        let items = page.body["items"].as_array().unwrap().clone();
        seen.extend(items.iter().map(|one| text(one, "source_id").to_owned()));
        match page.body["next"].as_str() {
            Some(next) => after = next.parse().unwrap(),
            None => break,
        }
    }
    let count = seen.len();
    seen.sort();
    seen.dedup();
    assert_eq!((count as i64, seen.len() as i64), (HOUSEHOLDS + 1, HOUSEHOLDS + 1));
}

#[test]
fn issuing_is_not_stopped_by_a_missing_decree_and_two_decrees_at_once_are_two_versions() {
    let office = Office::open(323);
    let mut one = row(1);
    one.said = "LAYAK";
    office.take_in(&[one]);
    assert_eq!(office.issue(office.installation.round()).body["issued"], 1);
    let numbers: Vec<i64> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..6)
            .map(|n| {
                let office = &office;
                scope.spawn(move || fix(office, &format!("SK {n}"))["number"].as_i64().unwrap())
            })
            .collect();
        threads.into_iter().map(|thread| thread.join().unwrap()).collect()
    });
    let mut sorted = numbers;
    sorted.sort_unstable();
    assert_eq!(sorted, [1, 2, 3, 4, 5, 6]);
}
