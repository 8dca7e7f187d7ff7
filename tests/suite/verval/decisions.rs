//! Decisions: kept one behind the other, all or none, never by whoever may not.

use serde_json::json;

use super::{MELAYU, refusal, row};
use crate::harness::books::Expected;
use crate::harness::browser::Browser;
use crate::harness::office::{HOUSEHOLDS, Office, text};

#[test]
fn decisions_follow_each_other_and_the_newest_stands() {
    let office = Office::open(301);
    let rows = [row(1), row(2), row(3)];
    office.take_in(&rows);
    let ids: Vec<String> = rows.iter().map(|row| office.source_household(row)).collect();
    assert_eq!(office.standing()["undecided"], 3);

    assert_eq!(office.decided(&ids, "approved", None)["decided"], 3);
    let again = office.decided(&ids, "approved", None);
    assert_eq!((&again["decided"], &again["unchanged"]), (&json!(0), &json!(3)), "nothing is written twice");
    office.decided(&ids[..1], "not_eligible", Some("deceased"));
    office.decided(&ids[1..2], "reserve", None);

    let history = office.get("auditor", &format!("/households/{}/decisions", ids[0])).body;
    let told: Vec<_> = history["items"].as_array().unwrap().iter().map(|one| text(one, "standing")).collect();
    assert_eq!(told, ["approved", "not_eligible"]);
    assert_eq!(history["items"][1]["reason"], "deceased");
    assert_eq!(history["items"][1]["evidence"], "surat desa 12/2026");
    let standing = office.standing();
    assert_eq!(
        (&standing["approved"], &standing["not_eligible"], &standing["reserve"], &standing["undecided"]),
        (&json!(HOUSEHOLDS + 1), &json!(1), &json!(1), &json!(0))
    );
    let found = office.beneficiaries("standing=not_eligible");
    assert_eq!((found.len(), &found[0]["reason"]), (1, &json!("deceased")));

    let issued = office.issue(office.installation.round());
    assert_eq!((issued.status, &issued.body["issued"]), (200, &json!(1)), "only who is approved gets a voucher");
    office.books(Expected { issued: HOUSEHOLDS + 1, ..Expected::default() });
}

#[test]
fn a_decision_that_cannot_be_is_refused_and_changes_nothing() {
    let office = Office::open(302);
    let rows = [row(1), row(2)];
    office.take_in(&rows);
    let ids: Vec<String> = rows.iter().map(|row| office.source_household(row)).collect();
    let nobody = "00000000-0000-7000-8000-000000000000";
    let body = |standing: &str, reason: Option<&str>, evidence: &str| json!({ "households": ids, "standing": standing, "reason": reason, "evidence": evidence });
    for (what, body) in [
        ("no reason", body("not_eligible", None, "x")),
        ("a reason beside approved", body("approved", Some("moved"), "x")),
        ("other without a note", body("not_eligible", Some("other"), " ")),
        ("replaced by hand", body("not_eligible", Some("replaced"), "x")),
        ("back to undecided", body("undecided", None, "x")),
        ("a note that is too long", body("approved", None, &"x".repeat(501))),
        ("nobody", json!({ "households": [], "standing": "approved" })),
    ] {
        assert_eq!(refusal(&office.decide(&body)), (422, "invalid"), "{what}");
    }
    assert_eq!(refusal(&office.decide(&json!({ "standing": "approved" }))), (400, "bad_body"));
    let known_and_unknown = json!({ "households": [ids[0], nobody], "standing": "approved" });
    assert_eq!(refusal(&office.decide(&known_and_unknown)), (404, "not_found"), "one of them is not there");
    let good = body("approved", None, "");
    assert_eq!(refusal(&office.post("registrar", &office.in_programme("/decisions"), &good)).0, 403);
    assert_eq!(office.post("verifier", &format!("/programmes/{nobody}/decisions"), &good).status, 404);
    assert_eq!(office.standing()["undecided"], 2, "nothing was changed by any of them");
}

#[test]
fn a_bulk_decision_is_about_as_many_as_were_shown() {
    let office = Office::open(303);
    let mut rows: Vec<_> = (1..=20).map(row).collect();
    for row in &mut rows[..5] {
        row.village = MELAYU;
    }
    office.take_in(&rows);
    let filter = json!({ "village": "MELAYU", "standing": "undecided" });
    assert_eq!(office.beneficiaries("village=MELAYU&standing=undecided").len(), 5);
    let wrong = office.decide(&json!({ "filter": filter, "expected": 4, "standing": "approved" }));
    assert_eq!(refusal(&wrong), (409, "count_changed"));
    assert_eq!((&wrong.body["expected"], &wrong.body["found"]), (&json!(4), &json!(5)));
    assert_eq!(office.standing()["undecided"], 20);
    let right = office.decide(&json!({ "filter": filter, "expected": 5, "standing": "approved" }));
    assert_eq!((right.status, &right.body["decided"]), (201, &json!(5)), "{}", right.body);
    assert_eq!((office.standing()["undecided"].as_i64(), office.beneficiaries("village=MELAYU").len()), (Some(15), 5));

    // Sorted as villages expect it: by village, RT, name, over all pages.
    let listed = office.beneficiaries("standing=undecided");
    let keys: Vec<_> = listed.iter().map(|one| (text(one, "village"), text(one, "rt"), text(one, "name"))).collect();
    assert!(keys.is_sorted(), "{keys:?}");
    assert!(listed.iter().all(|one| text(one, "nik_masked").contains("**** ****")));
    assert_eq!(office.beneficiaries("flag=no_nik").len(), 0);
    assert_eq!(office.beneficiaries("category=elderly&decile=1&standing=undecided").len(), 15);
    assert_eq!(office.get("auditor", &office.in_programme("/beneficiaries?flag=odd")).status, 400);
}

#[test]
fn a_decision_leaves_printed_paper_alone_and_says_so() {
    let office = Office::open(304);
    let holder = office.beneficiaries("standing=approved").into_iter().next().unwrap();
    let id = text(&holder, "household_id").to_owned();
    assert_eq!(holder["live_paper"], true);
    let told = office.decided(std::slice::from_ref(&id), "not_eligible", Some("state_employee"));
    assert_eq!(told["live_papers"], json!([id]));
    assert_eq!(office.standing()["live_papers"], 1);
    assert_eq!(office.beneficiaries("flag=live_paper").len(), 1);
    office.books(Expected { issued: HOUSEHOLDS, ..Expected::default() });

    let voucher = office.vouchers().into_iter().find(|voucher| voucher.household == text(&holder, "name")).unwrap();
    let path = format!("/entitlements/{}/revoke", voucher.entitlement_id);
    assert!(office.post("coordinator", &path, &json!({ "reason": "SK perubahan" })).status < 300);
    assert_eq!(office.standing()["live_papers"], 0);
}

#[test]
fn a_file_decides_where_it_speaks_and_where_it_is_silent_the_decision_stays() {
    let office = Office::open(305);
    let mut rows = [row(1), row(2), row(3)];
    rows[0].said = "LAYAK";
    rows[1].said = "TIDAK LAYAK";
    let intake = office.take_in(&rows);
    let ids: Vec<String> = rows.iter().map(|row| office.source_household(row)).collect();
    let history = |id: &str| office.get("auditor", &format!("/households/{id}/decisions")).body["items"].clone();
    assert_eq!(history(&ids[0])[0]["intake_id"], intake["id"]);
    assert_eq!(
        (&history(&ids[1])[0]["standing"], &history(&ids[1])[0]["reason"]),
        (&json!("not_eligible"), &json!("other"))
    );
    assert_eq!(history(&ids[2]), json!([]));

    // Later the same people come in a file without a word on who is eligible, one with another name.
    office.decided(&ids[2..], "approved", None);
    for row in &mut rows {
        row.said = "";
        row.name += " BARU";
    }
    office.take_in(&rows);
    let standing = office.standing();
    assert_eq!((&standing["not_eligible"], &standing["undecided"]), (&json!(1), &json!(0)), "{standing}");
    assert_eq!(history(&ids[2]).as_array().unwrap().len(), 1, "no decision was written for saying nothing");
    assert_eq!(
        office
            .beneficiaries("standing=approved&village=LOA%20IPUH")
            .iter()
            .filter(|one| text(one, "name").ends_with("BARU"))
            .count(),
        2
    );
}

#[test]
fn whose_name_says_that_they_died_are_found_before_anybody_approves_them() {
    let office = Office::open(317);
    let names = [
        "ALM. HASAN BASRI",
        "Siti Aminah (Almh)",
        "BUDI ALM.",
        "Joko almarhum",
        "ALMARHUMAH RAHMA",
        "ALMIRA DEWI",
        "HJ. ALMA SALMAH",
        "ANSALM",
    ];
    let mut rows: Vec<_> = (1..=8).map(row).collect();
    for (row, name) in rows.iter_mut().zip(names) {
        row.name = (*name).to_owned();
    }
    office.take_in(&rows);
    let found = office.beneficiaries("flag=says_deceased");
    let mut found: Vec<&str> = found.iter().map(|one| text(one, "name")).collect();
    let mut wanted: Vec<&str> =
        names.into_iter().filter(|name| salur::domain::household::name_says_deceased(name)).collect();
    found.sort_unstable();
    wanted.sort_unstable();
    assert_eq!((found.len(), found), (5, wanted));
    let verifier = Browser::sign_in(office.base(), "verifier", "salur-demo-2026", "");
    let path = format!("/programmes/{}/verval?flag=says_deceased", office.installation.programme());
    let (status, _, page) = verifier.send("GET", &path, &[], "", "");
    assert_eq!(status, 200);
    assert!(
        page.contains("HASAN BASRI") && page.contains("kemungkinan meninggal") && !page.contains("ALMIRA"),
        "{page}"
    );
}
