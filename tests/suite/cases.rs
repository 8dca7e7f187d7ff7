//! Cases: who opens them, that two people decide, and that none goes away.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::office::{Office, text};

fn step(office: &Office, role: &str, id: &str, body: &Value) -> (u16, String, Value) {
    let answer = office.post(role, &format!("/cases/{id}/steps"), body);
    (answer.status, answer.code().to_owned(), answer.body)
}

#[test]
fn a_case_is_decided_by_two_people_posted_closed_and_stays() {
    let office = Office::open(71);
    let voucher = office.vouchers()[0].clone();
    let desk = Client::new(office.installation.device_token(&voucher.point));
    let new = json!({ "kind": "dispute", "detail": "SITI berkata ia belum menerima",
        "entitlement_id": voucher.entitlement_id, "evidence": "TGR-01-001-000001" });
    let opened = desk.post(office.base(), "/cases", &new).unwrap();
    assert_eq!(opened.status, 201, "{}", opened.body);
    let id = text(&opened.body, "id").to_owned();
    assert_eq!(desk.get(office.base(), "/cases").unwrap().status, 403, "a desk reports and does not read");

    let listed = office.get("finance", &format!("/cases?round={}&unclosed=true", office.installation.round())).body;
    let one = &listed["items"][0];
    assert_eq!((text(one, "id"), text(one, "kind"), text(one, "state")), (id.as_str(), "dispute", "open"));
    assert_eq!((text(one, "point"), &one["age_days"]), (voucher.point.as_str(), &json!(0)));
    assert!(text(one, "reference").starts_with("K-"));

    let agree = json!({ "step": "agree" });
    assert_eq!(step(&office, "finance", &id, &agree).1, "wrong_step", "nothing is proposed");
    let propose = json!({ "step": "propose", "text": "dua paket keluar", "outcome": "upheld",
        "loss_minor": 500_000, "extra_packages": 1 });
    for (name, wrong) in [("loss_minor", json!(-1)), ("extra_packages", json!(-1)), ("outcome", Value::Null)] {
        let mut body = propose.clone();
        body[name] = wrong;
        assert_eq!(step(&office, "coordinator", &id, &body).0, 422, "{name}");
    }
    assert_eq!(step(&office, "coordinator", &id, &propose).0, 200);
    assert_eq!(step(&office, "coordinator", &id, &agree).1, "same_person");
    assert_eq!(step(&office, "finance", &id, &json!({ "step": "disagree", "text": "bukti kurang" })).0, 200);
    assert_eq!(step(&office, "coordinator", &id, &propose).0, 200);
    assert_eq!(step(&office, "finance", &id, &agree).2["state"], "decided");
    let close = json!({ "step": "close", "text": "dibukukan, BA 12/2026" });
    assert_eq!(step(&office, "coordinator", &id, &close).0, 403, "finance posts");
    assert_eq!(step(&office, "finance", &id, &close).2["state"], "closed");
    assert_eq!(step(&office, "finance", &id, &json!({ "step": "note", "text": "lagi" })).1, "wrong_step");

    let whole = office.get("auditor", &format!("/cases/{id}")).body;
    assert_eq!((&whole["loss_minor"], &whole["extra_packages"]), (&json!(500_000), &json!(1)));
    assert_ne!(whole["proposed_by"], whole["decided_by"]);
    let steps: Vec<&str> = whole["steps"].as_array().unwrap().iter().map(|one| text(one, "step")).collect();
    assert_eq!(steps, ["propose", "disagree", "propose", "agree", "close"]);
    let address = format!("{}/api/v1/cases/{id}", office.base());
    let gone = office.of("admin").send("DELETE", &address, None).unwrap().0;
    assert!(matches!(gone, 404 | 405), "{gone}");
    assert_eq!(office.get("finance", "/cases").body["items"].as_array().unwrap().len(), 1);
    assert_eq!(office.get("finance", "/cases?unclosed=true").body["items"], json!([]));
}

#[test]
fn two_people_who_decide_at_once_decide_once() {
    let office = Office::open(72);
    let opened = office.post("storekeeper", "/cases", &json!({ "kind": "shortage", "detail": "beras kurang" }));
    let id = text(&opened.body, "id").to_owned();
    let propose = json!({ "step": "propose", "text": "benar", "outcome": "settled" });
    let answers: Vec<u16> = std::thread::scope(|scope| {
        let hands: Vec<_> = ["coordinator", "finance", "coordinator", "finance"]
            .into_iter()
            .map(|role| {
                let (office, id, propose) = (&office, &id, &propose);
                scope.spawn(move || step(office, role, id, propose).0)
            })
            .collect();
        hands.into_iter().map(|hand| hand.join().unwrap()).collect()
    });
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert_eq!(answers.iter().filter(|status| **status == 409).count(), 3, "{answers:?}");
}

#[test]
fn what_people_write_of_a_case_is_sealed_on_disk_and_empty_words_are_refused() {
    let office = Office::open(73);
    let secret = "PAK LURAH MEMINTA UANG";
    let opened = office.post("registrar", "/cases", &json!({ "kind": "levy", "detail": secret }));
    assert_eq!(opened.status, 201, "{}", opened.body);
    for detail in ["", "  ", "a\u{7}b"] {
        assert_eq!(office.post("registrar", "/cases", &json!({ "kind": "levy", "detail": detail })).status, 422);
    }
    assert_eq!(office.post("registrar", "/cases", &json!({ "kind": "poem", "detail": "x" })).status, 400);
    assert_eq!(text(&office.get("auditor", "/cases?kind=levy").body["items"][0], "detail"), secret);
    if office.installation.database_url().is_none() {
        let mut bytes = Vec::new();
        for file in ["salur.db", "salur.db-wal"] {
            bytes.extend(std::fs::read(office.installation.dir().join(file)).unwrap_or_default());
        }
        assert!(bytes.len() > 10_000);
        assert!(!bytes.windows(secret.len()).any(|part| part == secret.as_bytes()));
    }
}
