//! Substitutes: one leaves, another takes the place, and whatever happens at the same moment, one package.

use std::sync::Barrier;

use serde_json::{Value, json};

use super::{refusal, row};
use crate::documents::read_pdf;
use crate::harness::books::Expected;
use crate::harness::client::{Answer, Client};
use crate::harness::installation::Voucher;
use crate::harness::office::{HOUSEHOLDS, Office, VALUE, by_code, text};
use crate::harness::random::Random;

/// Households in reserve, and the holders of vouchers whose names are theirs alone.
fn reserves(office: &Office, count: u32) -> (Vec<String>, Vec<(String, Voucher)>) {
    let rows: Vec<_> = (1..=count).map(row).collect();
    office.take_in(&rows);
    let all = office.beneficiaries("standing=undecided");
    let ids: Vec<String> = all.iter().map(|one| text(one, "household_id").to_owned()).collect();
    assert_eq!(ids.len(), count as usize);
    office.decided(&ids, "reserve", None);
    let vouchers = office.vouchers();
    let holders = office
        .beneficiaries("standing=approved")
        .iter()
        .filter_map(|one| {
            let mut theirs = vouchers.iter().filter(|voucher| voucher.household == text(one, "name"));
            let voucher = theirs.next()?.clone();
            theirs.next().is_none().then(|| (text(one, "household_id").to_owned(), voucher))
        })
        .collect();
    (ids, holders)
}

fn body(old: &str, new: &str) -> Value {
    json!({ "old_household_id": old, "new_household_id": new, "reason": "deceased",
        "statement_no": "SPTJM 7/2026", "statement_date": "2026-11-20", "note": "" })
}

fn propose(office: &Office, old: &str, new: &str) -> String {
    let answer = office.post("registrar", &office.in_programme("/substitutions"), &body(old, new));
    assert_eq!(answer.status, 201, "{}", answer.body);
    text(&answer.body, "id").to_owned()
}

fn approve(office: &Office, id: &str) -> Answer {
    office.post("verifier", &format!("/substitutions/{id}/approve"), &json!({}))
}

#[test]
fn a_reserve_takes_the_place_the_desk_and_the_round_of_another() {
    let office = Office::open(331);
    let (reserve, holders) = reserves(&office, 2);
    let (old, paper) = holders[0].clone();
    let place =
        office.beneficiaries("standing=approved").into_iter().find(|one| one["household_id"] == old.as_str()).unwrap();
    let id = propose(&office, &old, &reserve[0]);
    assert_eq!(office.standing()["open_substitutions"], 1);
    assert_eq!(refusal(&office.post("registrar", &format!("/substitutions/{id}/approve"), &json!({}))).0, 403);
    let done = approve(&office, &id);
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!((&done.body["revoked"], &done.body["redeemed"]), (&json!([paper.entitlement_id]), &json!(0)));
    let new = text(&json!({ "id": done.body["issued"][0] }), "id").to_owned();
    office.books(Expected { issued: HOUSEHOLDS + 1, revoked: 1, ..Expected::default() });

    let vouchers = office.vouchers();
    let theirs = vouchers.iter().find(|voucher| voucher.entitlement_id == new).unwrap();
    assert_eq!((theirs.point.as_str(), theirs.state.as_str()), (paper.point.as_str(), "available"));
    let mut random = Random::seeded(1);
    let refused = office.redeem(&paper, &by_code(&random.uuid().to_string(), &paper.code));
    assert_eq!(refusal(&refused), (409, "revoked"));
    assert_eq!(refused.body["reason"], "diganti, SPTJM 7/2026", "{}", refused.body);
    assert_eq!(office.redeem(theirs, &by_code(&random.uuid().to_string(), &theirs.code)).status, 201);
    office.books(Expected { issued: HOUSEHOLDS + 1, revoked: 1, redeemed: 1, realised: VALUE, ..Expected::default() });

    let gone = office.beneficiaries("standing=not_eligible");
    assert_eq!((gone.len(), &gone[0]["reason"], &gone[0]["household_id"]), (1, &json!("replaced"), &json!(old)));
    let come = office
        .beneficiaries("standing=approved")
        .into_iter()
        .find(|one| one["household_id"] == reserve[0].as_str())
        .unwrap();
    assert_eq!(come["point"], place["point"]);
    assert_eq!(refusal(&approve(&office, &id)), (409, "already_decided"));
    let told = office.get("auditor", &office.in_programme("/substitutions?state=approved")).body;
    assert_eq!(
        (&told["items"][0]["statement_no"], &told["items"][0]["reason"]),
        (&json!("SPTJM 7/2026"), &json!("deceased"))
    );
    let history = office.get("auditor", &format!("/households/{old}/decisions")).body;
    assert_eq!(history["items"].as_array().unwrap().last().unwrap()["reason"], "replaced");

    // On paper too one asked and another agreed; and a hold says why, and not how far it has come.
    let held = vouchers.iter().find(|one| one.state == "available" && one.entitlement_id != new).unwrap();
    let hold = format!("/entitlements/{}/hold", held.entitlement_id);
    let done = office.post("coordinator", &hold, &json!({ "reason": "menunggu surat" }));
    assert!((200..300).contains(&done.status), "{}", done.body);
    let register = format!("/rounds/{}/documents", office.installation.round());
    let made = office.post("coordinator", &register, &json!({ "kind": "register" }));
    assert_eq!(made.status, 201, "{}", made.body);
    let table = office.get("coordinator", &format!("/documents/{}", text(&made.body, "id"))).body["tables"][0].clone();
    let place = |heading: &str| table["columns"].as_array().unwrap().iter().position(|one| one == heading).unwrap();
    let line = |happening: &str| {
        let rows = table["rows"].as_array().unwrap();
        rows.iter().find(|row| row[place("Kejadian")] == happening).unwrap_or_else(|| panic!("{table}")).clone()
    };
    let proposal = &told["items"][0];
    let replaced = line("dibatalkan");
    assert_eq!(replaced[place("Pemohon")], proposal["proposed_by"], "{replaced}");
    assert_eq!(replaced[place("Penyetuju")], proposal["decided_by"], "{replaced}");
    assert_ne!(replaced[place("Pemohon")], replaced[place("Penyetuju")]);
    assert_eq!(line("ditahan")[place("Alasan")], "menunggu surat", "{table}");
}

#[test]
fn the_minutes_of_substitutes_name_both_households_and_bring_the_statement() {
    let office = Office::open(336);
    let (reserve, holders) = reserves(&office, 2);
    let (old, paper) = holders[0].clone();
    let path = format!("/rounds/{}/documents", office.installation.round());
    let made = |office: &Office| {
        let made = office.post("coordinator", &path, &json!({ "kind": "substitution" }));
        assert_eq!(made.status, 201, "{}", made.body);
        let id = text(&made.body, "id").to_owned();
        let file = office.of("finance").bytes(office.base(), &format!("/api/v1/documents/{id}.pdf"));
        (office.get("auditor", &format!("/documents/{id}")).body, read_pdf(&file))
    };
    let (blank, form) = made(&office);
    assert_eq!(blank["lines"], 3, "a form to be filled in by hand");
    assert!(!form.contains(&paper.household) && form.contains("Halaman 2 dari 2"), "{form}");

    let id = propose(&office, &old, &reserve[0]);
    assert_eq!(approve(&office, &id).status, 200);
    let come = office.beneficiaries("standing=approved");
    let come = come.iter().find(|one| one["household_id"] == reserve[0].as_str()).unwrap();
    let (said, paper_text) = made(&office);
    assert_eq!(said["lines"], 1, "{said}");
    let hash = text(&said, "hash");
    let short: Vec<&str> = (0..4).map(|four| &hash[four * 4..four * 4 + 4]).collect();
    for wanted in [
        "BERITA ACARA PENGGANTI PENERIMA BANTUAN",
        paper.household.as_str(),
        text(come, "name"),
        "meninggal",
        "SPTJM 7/2026, 20 November 2026",
        "SURAT PERNYATAAN TANGGUNG JAWAB MUTLAK (SPTJM)",
        "tidak dipungut biaya apa pun",
        "Kepala Desa / Lurah",
        "Halaman 1 dari 2",
        "Halaman 2 dari 2",
        &format!("Nomor: {}", text(&said, "number")),
        &format!("Sidik {}", short.join(" ")),
    ] {
        assert!(paper_text.contains(wanted), "{wanted} is missing in {paper_text}");
    }
    assert!(!paper_text.contains("deceased") && !paper_text.contains("SPTJM SPTJM"), "{paper_text}");
}

#[test]
fn a_proposal_that_cannot_be_is_refused() {
    let office = Office::open(332);
    let (reserve, holders) = reserves(&office, 3);
    let (old, other) = (holders[0].0.clone(), holders[1].0.clone());
    let send = |body: &Value| office.post("registrar", &office.in_programme("/substitutions"), body);
    assert_eq!(refusal(&send(&body(&reserve[0], &reserve[1]))), (409, "wrong_standing"), "who leaves has to be in");
    assert_eq!(refusal(&send(&body(&old, &other))), (409, "wrong_standing"), "who comes has to be in reserve");
    assert_eq!(send(&body(&old, "00000000-0000-7000-8000-000000000000")).status, 404);
    let with = |name: &str, value: Value| {
        let mut changed = body(&old, &reserve[0]);
        changed[name] = value;
        changed
    };
    assert_eq!(refusal(&send(&with("statement_no", json!(" ")))), (422, "invalid"));
    assert_eq!(refusal(&send(&with("reason", json!("replaced")))), (422, "invalid"));
    assert_eq!(refusal(&send(&with("reason", json!("other")))), (422, "invalid"), "other needs a note");
    assert_eq!(send(&with("statement_date", json!("kemarin"))).status, 400);
    assert_eq!(
        refusal(&office.post("verifier", &office.in_programme("/substitutions"), &body(&old, &reserve[0]))).0,
        403
    );

    let id = propose(&office, &old, &reserve[0]);
    assert_eq!(refusal(&send(&body(&old, &reserve[1]))), (409, "exists"), "one proposal at a time");
    assert_eq!(refusal(&send(&body(&other, &reserve[0]))), (409, "exists"));
    let refuse = |why: &str| office.post("verifier", &format!("/substitutions/{id}/refuse"), &json!({ "reason": why }));
    assert_eq!(refusal(&refuse("")), (422, "invalid"));
    assert_eq!(refuse("belum ada berita acara").status, 204);
    assert_eq!(refusal(&approve(&office, &id)), (409, "already_decided"));
    office.books(Expected { issued: HOUSEHOLDS, ..Expected::default() });
    let again = propose(&office, &old, &reserve[0]);
    office.decided(&reserve[..1], "not_eligible", Some("moved"));
    assert_eq!(refusal(&approve(&office, &again)), (409, "wrong_standing"), "the reserve left meanwhile");
    office.books(Expected { issued: HOUSEHOLDS, ..Expected::default() });
}

#[test]
fn whoever_redeemed_keeps_it_and_nobody_gets_a_second_package() {
    let office = Office::open(333);
    let (reserve, holders) = reserves(&office, 1);
    let (old, paper) = holders[0].clone();
    let id = propose(&office, &old, &reserve[0]);
    assert_eq!(office.redeem(&paper, &by_code(&Random::seeded(3).uuid().to_string(), &paper.code)).status, 201);
    let done = approve(&office, &id);
    assert_eq!((done.status, &done.body["redeemed"]), (200, &json!(1)), "{}", done.body);
    assert_eq!((&done.body["revoked"], &done.body["issued"]), (&json!([]), &json!([])));
    office.books(Expected { issued: HOUSEHOLDS, redeemed: 1, realised: VALUE, ..Expected::default() });
}

#[test]
fn a_substitution_and_a_redemption_at_once_end_in_exactly_one_of_both() {
    let office = Office::open(334);
    let (reserve, holders) = reserves(&office, 60);
    let mut random = Random::seeded(334);
    let (mut redeemed, mut revoked, mut rounds) = (0, 0, 0);
    // Forty holders have a voucher; the rest of the rounds are played with those who took their places.
    let mut queue: Vec<(String, Voucher)> = holders;
    for new in reserve.iter().take(50) {
        let Some((old, paper)) = queue.pop() else { break };
        rounds += 1;
        let id = propose(&office, &old, new);
        let start = Barrier::new(2);
        let request = by_code(&random.uuid().to_string(), &paper.code);
        let (scan, approval) = std::thread::scope(|scope| {
            let scan = scope.spawn(|| {
                start.wait();
                office.redeem(&paper, &request)
            });
            start.wait();
            let approval = approve(&office, &id);
            (scan.join().unwrap(), approval)
        });
        assert_eq!(approval.status, 200, "{}", approval.body);
        let taken = approval.body["revoked"].as_array().unwrap().len();
        let given = approval.body["issued"].as_array().unwrap().len();
        match scan.status {
            201 => {
                assert_eq!((taken, given, &approval.body["redeemed"]), (0, 0, &json!(1)), "{}", approval.body);
                redeemed += 1;
            }
            409 => {
                assert_eq!((refusal(&scan).1, taken, given), ("revoked", 1, 1), "{}", approval.body);
                revoked += 1;
                let theirs = text(&json!({ "id": approval.body["issued"][0] }), "id").to_owned();
                let voucher = office.vouchers().into_iter().find(|one| one.entitlement_id == theirs).unwrap();
                queue.insert(0, (new.clone(), voucher));
            }
            other => panic!("{other}: {}", scan.body),
        }
    }
    let issued = HOUSEHOLDS + revoked;
    office.books(Expected { issued, redeemed, revoked, realised: redeemed * VALUE, ..Expected::default() });
    assert!(rounds >= 40, "{rounds} rounds were played");
    println!("{rounds} rounds: {redeemed} redeemed, {revoked} replaced");
}

#[test]
fn two_who_approve_at_once_approve_once() {
    let office = Office::open(335);
    let (reserve, holders) = reserves(&office, 12);
    for ((old, _), new) in holders.iter().zip(&reserve) {
        let id = propose(&office, old, new);
        let start = Barrier::new(3);
        let answers: Vec<Answer> = std::thread::scope(|scope| {
            let threads: Vec<_> = (0..3)
                .map(|_| {
                    scope.spawn(|| {
                        let client: Client = office.of("verifier");
                        start.wait();
                        client.post(office.base(), &format!("/substitutions/{id}/approve"), &json!({})).unwrap()
                    })
                })
                .collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        let won = answers.iter().filter(|answer| answer.status == 200).count();
        let lost = answers.iter().filter(|answer| answer.code() == "already_decided").count();
        assert_eq!((won, lost), (1, 2), "{answers:?}");
    }
    office.books(Expected { issued: HOUSEHOLDS + 12, revoked: 12, ..Expected::default() });
}

#[test]
fn a_substitution_looks_at_the_window_of_the_point_and_not_at_the_rounds() {
    let office = Office::open(338);
    let (reserve, holders) = reserves(&office, 2);
    let ((closed, closed_paper), (late, late_paper)) = {
        let first = holders[0].clone();
        let other = holders.iter().find(|(_, paper)| paper.point != first.1.point).unwrap().clone();
        (first, other)
    };
    let round = office.installation.round();
    let window = |point: &str, closes: &str| {
        let body = json!({ "opens_at": "2020-01-01T00:00:00+08:00", "closes_at": closes, "reason": "air surut" });
        let path = format!("/rounds/{round}/points/{}/window", office.point(point));
        assert_eq!(office.put("coordinator", &path, &body).status, 200);
    };
    // The round is open, but over at this point: nothing can be collected there any more.
    window(&closed_paper.point, "2020-02-01T00:00:00+08:00");
    let done = approve(&office, &propose(&office, &closed, &reserve[0]));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!((&done.body["revoked"], &done.body["issued"]), (&json!([]), &json!([])));
    // The round is over, but longer open at this point: the voucher changes hands.
    office.sql("UPDATE rounds SET closes_at = opens_at + 1");
    window(&late_paper.point, "2099-02-01T00:00:00+08:00");
    let done = approve(&office, &propose(&office, &late, &reserve[1]));
    assert_eq!(done.status, 200, "{}", done.body);
    assert_eq!(done.body["revoked"], json!([late_paper.entitlement_id]));
    let theirs = office.vouchers().into_iter().find(|one| json!(one.entitlement_id) == done.body["issued"][0]).unwrap();
    let id = Random::seeded(338).uuid().to_string();
    assert_eq!(office.redeem(&theirs, &by_code(&id, &theirs.code)).status, 201);
}

#[test]
fn the_history_of_both_tells_how_one_took_the_place_of_the_other() {
    let office = Office::open(339);
    let (reserve, holders) = reserves(&office, 1);
    let (old, paper) = holders[0].clone();
    let done = approve(&office, &propose(&office, &old, &reserve[0]));
    assert_eq!(done.status, 200, "{}", done.body);
    let theirs = office.vouchers().into_iter().find(|one| json!(one.entitlement_id) == done.body["issued"][0]).unwrap();
    let id = Random::seeded(339).uuid().to_string();
    assert_eq!(office.redeem(&theirs, &by_code(&id, &theirs.code)).status, 201);

    let history = |household: &str| {
        let told = office.get("auditor", &format!("/households/{household}/history"));
        assert_eq!(told.status, 200, "{}", told.body);
        assert!(!told.body.to_string().contains('⟦'), "a word is missing: {}", told.body);
        told.body
    };
    let kinds = |told: &Value| -> Vec<String> {
        let events = told["events"].as_array().unwrap().iter();
        // From the first to the last.
        events.rev().map(|event| text(event, "kind").to_owned()).collect()
    };
    let tells = |told: &Value, of: &str| {
        let event = told["events"].as_array().unwrap().iter().find(|event| event["kind"] == "substitution").unwrap();
        assert!(text(event, "message").contains(of) && text(event, "message").contains("SPTJM 7/2026"), "{event}");
    };
    let (gone, come) = (history(&old), history(&reserve[0]));
    tells(&gone, text(&come["household"], "name"));
    tells(&come, text(&gone["household"], "name"));
    assert_eq!(
        (&gone["standings"][0]["standing"], &come["standings"][0]["standing"]),
        (&json!("not_eligible"), &json!("approved"))
    );
    assert_eq!(
        (&gone["entitlements"][0]["state"], &come["entitlements"][0]["state"]),
        (&json!("revoked"), &json!("redeemed"))
    );
    assert_eq!(come["entitlements"][0]["point"].as_str(), Some(paper.point.as_str()));
    let (gone, come) = (kinds(&gone), kinds(&come));
    let at = |kinds: &[String], kind: &str| {
        kinds.iter().position(|one| one == kind).unwrap_or_else(|| panic!("{kind}: {kinds:?}"))
    };
    assert!(at(&gone, "issued") < at(&gone, "substitution"), "{gone:?}");
    assert!(at(&come, "decided") < at(&come, "substitution"), "{come:?}");
}
