//! Suspected duplicates: found when a file is applied, decided by a person, never asked about twice.

use serde_json::{Value, json};

use super::{MELAYU, Row, refusal, row};
use crate::harness::office::{Office, text};

fn open_ones(office: &Office) -> Vec<Value> {
    let found = office.get("auditor", &office.in_programme("/suspicions?state=open"));
    assert_eq!(found.status, 200, "{}", found.body);
    found.body["items"].as_array().unwrap().clone()
}

/// The kind of the suspicion between two rows, if there is one.
fn between(office: &Office, a: &Row, b: &Row) -> Option<String> {
    let of = |one: &Value| [text(&one["first"], "source_id").to_owned(), text(&one["other"], "source_id").to_owned()];
    let pair = [a.id.clone(), b.id.clone()];
    open_ones(office)
        .into_iter()
        .find(|one| {
            let found = of(one);
            found == pair || found == [pair[1].clone(), pair[0].clone()]
        })
        .map(|one| text(&one, "kind").to_owned())
}

/// Six households: husband and wife on one card, the same woman twice, a name twice in one RT, and twice far
/// apart.
fn six() -> Vec<Row> {
    let mut rows: Vec<Row> = (1..=8).map(row).collect();
    rows[1].card = rows[0].card.clone();
    rows[3] =
        Row { name: format!("HJ. {}", rows[2].name), born: rows[2].born.clone(), rt: "009".into(), ..rows[3].clone() };
    rows[5] = Row { name: rows[4].name.clone(), rt: rows[4].rt.clone(), ..rows[5].clone() };
    rows[7] = Row { name: rows[6].name.clone(), rt: rows[6].rt.clone(), village: MELAYU, ..rows[7].clone() };
    rows
}

#[test]
fn whoever_may_be_the_same_is_found_when_a_file_is_applied_and_nobody_else_is() {
    let office = Office::open(311);
    let rows = six();
    // The second of each pair comes in a later file.
    office.take_in(&rows.iter().step_by(2).cloned().collect::<Vec<_>>());
    assert_eq!(open_ones(&office), Vec::<Value>::new());
    office.take_in(&rows.iter().skip(1).step_by(2).cloned().collect::<Vec<_>>());
    assert_eq!(between(&office, &rows[0], &rows[1]).as_deref(), Some("same_family_card"));
    assert_eq!(between(&office, &rows[2], &rows[3]).as_deref(), Some("same_name_and_birth"), "titles fold away");
    assert_eq!(between(&office, &rows[4], &rows[5]).as_deref(), Some("same_name_and_place"));
    assert_eq!(between(&office, &rows[6], &rows[7]), None, "the same name in another village is another person");
    assert_eq!(open_ones(&office).len(), 3);
    assert_eq!(office.standing()["open_suspicions"], 3);
    assert_eq!(office.beneficiaries("flag=suspected").len(), 6);
}

#[test]
fn what_was_decided_is_never_asked_again() {
    let office = Office::open(312);
    let rows = six();
    office.take_in(&rows);
    let find = |kind: &str| open_ones(&office).into_iter().find(|one| one["kind"] == kind).unwrap();
    let decide = |one: &Value, state: &str| {
        let path = format!("/suspicions/{}/decide", text(one, "id"));
        office.post("verifier", &path, &json!({ "state": state, "note": "dua rumah, kata RT" }))
    };
    let card = find("same_family_card");
    let by_registrar = office.post(
        "registrar",
        &format!("/suspicions/{}/decide", text(&card, "id")),
        &json!({ "state": "different" }),
    );
    assert_eq!(refusal(&by_registrar).0, 403);
    assert_eq!(refusal(&decide(&card, "open")), (422, "invalid"));
    assert_eq!(decide(&card, "different").status, 200);
    assert_eq!(refusal(&decide(&card, "first_kept")), (409, "already_decided"));

    let twice = find("same_name_and_birth");
    let answer = decide(&twice, "other_kept");
    assert_eq!((answer.status, &answer.body["live_paper"]), (200, &json!(false)), "{}", answer.body);
    let gone = office.beneficiaries("standing=not_eligible");
    assert_eq!((gone.len(), &gone[0]["reason"]), (1, &json!("duplicate")));
    assert_eq!(gone[0]["source_id"], twice["first"]["source_id"]);
    assert!(text(&gone[0], "evidence").contains(text(&twice["other"], "source_id")), "{}", gone[0]);

    let search = || office.post("verifier", &office.in_programme("/suspicions"), &json!({}));
    assert_eq!((search().status, search().body["found"].as_i64()), (201, Some(0)), "a search opens nothing again");
    office.take_in(&rows.iter().cloned().map(|row| Row { said: "LAYAK", ..row }).collect::<Vec<_>>());
    let left: Vec<_> = open_ones(&office).iter().map(|one| text(one, "kind").to_owned()).collect();
    assert_eq!(left, ["same_name_and_place"], "nor does the next file");
    let all = office.get("auditor", &office.in_programme("/suspicions"));
    assert_eq!(all.body["items"].as_array().unwrap().len(), 3, "and nothing that was decided is dropped");
}

#[test]
fn two_households_that_are_one_are_not_both_put_aside() {
    let office = Office::open(313);
    let rows = six();
    office.take_in(&rows);
    let one = open_ones(&office).into_iter().find(|one| one["kind"] == "same_family_card").unwrap();
    office.decided(&[text(&one["first"], "household_id").to_owned()], "not_eligible", Some("moved"));
    let path = format!("/suspicions/{}/decide", text(&one, "id"));
    let answer = office.post("verifier", &path, &json!({ "state": "first_kept" }));
    assert_eq!(refusal(&answer), (409, "wrong_standing"), "who is not eligible cannot be the one who stays");
    assert_eq!(office.beneficiaries("standing=not_eligible").len(), 1);
    assert_eq!(office.post("verifier", &path, &json!({ "state": "different" })).status, 200);
}

#[test]
fn the_search_finds_what_no_file_brought_and_who_comes_back_is_looked_at() {
    let office = Office::open(314);
    let mut rows = six();
    rows[1].said = "TIDAK LAYAK";
    office.take_in(&rows[1..2]);
    office.take_in(&rows[0..1]);
    assert_eq!(open_ones(&office).len(), 0, "one of the two was put aside already");
    office.decided(&[office.source_household(&rows[1])], "approved", None);
    assert_eq!(between(&office, &rows[0], &rows[1]).as_deref(), Some("same_family_card"));
}

#[test]
fn another_spelling_of_a_name_is_suspected_across_files() {
    let office = Office::open(318);
    let mut rows: Vec<Row> = (1..=4).map(row).collect();
    rows[0].name = "MUHAMMAD YUSRAN BAHAR".into();
    rows[1] = Row { name: "MOCH. YUSRAN BAHAR".into(), born: rows[0].born.clone(), ..rows[1].clone() };
    rows[2].name = "SITI AMINAH".into();
    rows[3] = Row { name: "SITI MAEMUNAH".into(), born: rows[2].born.clone(), ..rows[3].clone() };
    office.take_in(&[rows[0].clone(), rows[2].clone()]);
    office.take_in(&[rows[1].clone(), rows[3].clone()]);
    assert_eq!(between(&office, &rows[0], &rows[1]).as_deref(), Some("same_name_and_birth"));
    assert_eq!(between(&office, &rows[2], &rows[3]), None);
}
