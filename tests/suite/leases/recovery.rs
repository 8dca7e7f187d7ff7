//! After a restore: what stands outside comes back, and nothing is granted until every device has answered.

use std::path::{Path, PathBuf};
use std::process::Command;

use salur::domain::lease::device::Output;
use serde_json::{Value, json};

use super::{busiest, crowded, id_of, run};
use crate::harness::auditor::audited;
use crate::harness::books::Expected;
use crate::harness::handset::{Handset, unb64};
use crate::harness::installation::Voucher;
use crate::harness::office::{Office, VALUE, by_code, text};
use crate::harness::postgres;

/// The product's own backup, made while the server works; returns its folder.
fn back_up(office: &Office) -> PathBuf {
    let folder = office.installation.dir().join("cadangan");
    let (code, said) = office.installation.command(&["backup", "--output", &folder.display().to_string()]);
    assert_eq!(code, 0, "{said}");
    folder
}

/// Puts the database of a backup in the place of the one in use, with the engine's own means and behind the back of
/// everybody: no `salur restore`, which would say that this is another life of the server.
fn set_back(office: &mut Office, backup: &Path, facts: Option<&[u8]>) {
    office.server.kill_nine();
    if let Some(facts) = facts {
        std::fs::write(office.installation.dir().join("facts/facts.log"), facts).unwrap();
        // The log beside them lies on the same disk.
        std::fs::remove_dir_all(office.installation.dir().join("facts/log")).unwrap();
    }
    if office.installation.database_url().is_some() {
        let url = postgres::empty_database();
        let done = Command::new("pg_restore")
            .args(["--no-owner", "--exit-on-error", &format!("--dbname={url}")])
            .arg(backup.join("salur.dump"))
            .status()
            .unwrap();
        assert!(done.success());
        office.installation.move_to(url);
    } else {
        for end in ["", "-wal", "-shm"] {
            let _ = std::fs::remove_file(office.installation.dir().join(format!("salur.db{end}")));
        }
        std::fs::copy(backup.join("salur.db"), office.installation.dir().join("salur.db")).unwrap();
    }
    office.server = office.installation.serve();
}

fn says(office: &Office, voucher: &Voucher, id: u32) -> (u16, String) {
    let id = format!("00000000-0000-7000-8000-{id:012}");
    let answer = office.redeem(voucher, &by_code(&id, &voucher.code));
    (answer.status, answer.code().to_owned())
}

/// An old copy of the database is put in place behind everybody's back: the facts outside tell.
#[test]
fn a_database_that_was_set_back_is_noticed_and_recovers_what_it_forgot() {
    let mut office = crowded(531);
    let (point, vouchers) = busiest(&office);
    let mut early = Handset::enrol(&office, &point, 1);
    early.lease(office.base(), &json!({ "entitlements": [vouchers[0].entitlement_id, vouchers[1].entitlement_id] }));
    let backup = back_up(&office);

    // After the backup: a device is enrolled and leases, both hand out, a desk redeems, something is revoked.
    let mut late = Handset::enrol(&office, &point, 2);
    late.lease(office.base(), &json!({ "entitlements": [vouchers[2].entitlement_id, vouchers[3].entitlement_id] }));
    early.redeem(id_of(&vouchers[0]));
    late.redeem(id_of(&vouchers[2]));
    early.sync(office.base());
    assert!(early.journal.is_empty(), "covered, pruned: the server's facts alone have it now");
    assert_eq!(says(&office, &vouchers[4], 4).0, 201);
    let revoke = format!("/entitlements/{}/revoke", vouchers[5].entitlement_id);
    assert_eq!(office.post("coordinator", &revoke, &json!({ "reason": "pindah" })).status, 204);
    // A head over all of this is signed, so that something signed is lost.
    let seen = tempfile::tempdir().unwrap();
    assert_eq!(audited(&office.installation, seen.path())["whole"], true);

    set_back(&mut office, &backup, None);

    let state = office.get("coordinator", "/recovery").body;
    assert_eq!(
        (state["epoch"].as_u64(), state["recovering"].as_bool(), state["missing"].as_u64()),
        (Some(2), Some(true), Some(2)),
        "{state}"
    );
    assert_eq!(says(&office, &vouchers[6], 6), (409, "recovering".into()));
    assert_eq!(early.ask_lease(office.base(), &json!({}), &Value::Null).code(), "recovering");
    // The same request again has the same receipt, though its database was lost.
    let again = office.redeem(&vouchers[4], &by_code("00000000-0000-7000-8000-000000000004", &vouchers[4].code));
    assert_eq!(again.status, 200, "{}", again.body);

    // One answers in pages, the other after it.
    let answer = early.resync(office.base(), 1);
    assert_eq!(answer.body["resync"], Value::Null, "{}", answer.body);
    let state = office.get("coordinator", "/recovery").body;
    assert_eq!(
        (state["missing"].as_u64(), state["devices"][0]["device"].as_str()),
        (Some(1), Some(late.id.to_string().as_str()))
    );
    assert_eq!(says(&office, &vouchers[6], 6), (409, "recovering".into()));
    let answer = late.resync(office.base(), 10);
    assert_eq!((&answer.body["resync"], late.journal.len()), (&Value::Null, 0), "{}", answer.body);
    assert_eq!(office.get("coordinator", "/recovery").body["recovering"], json!(false));

    // Everything is as it was: nobody gets a second package, and every lease is where it is.
    assert_eq!(says(&office, &vouchers[0], 10), (409, "already_redeemed".into()));
    assert_eq!(says(&office, &vouchers[2], 12), (409, "already_redeemed".into()));
    assert_eq!(says(&office, &vouchers[1], 11), (409, "leased_elsewhere".into()));
    assert_eq!(says(&office, &vouchers[3], 13), (409, "leased_elsewhere".into()));
    assert_eq!(says(&office, &vouchers[5], 15), (409, "revoked".into()));
    assert_eq!(says(&office, &vouchers[6], 6).0, 201);
    assert!(matches!(late.redeem(id_of(&vouchers[3])), Output::Green(_)));
    late.sync(office.base());
    let issued = i64::try_from(office.vouchers().len()).unwrap();
    let expected = Expected { issued, redeemed: 5, revoked: 1, by_proxy: 0, realised: 5 * VALUE };
    // The log forgot nothing either: it goes on with the tree that was signed, and all of it agrees with the books.
    office.books(expected);
    let saved = seen.path().join("checkpoint").display().to_string();
    let (code, said) = office.installation.command(&["audit", "verify", office.base(), "--saved", &saved]);
    assert_eq!(code, 0, "{said}");
}

#[test]
fn a_device_that_never_answers_is_given_up_and_what_it_may_hold_is_unresolved() {
    let mut office = crowded(532);
    let (point, vouchers) = busiest(&office);
    let backup = back_up(&office);
    let mut lost = Handset::enrol(&office, &point, 3);
    lost.lease(office.base(), &json!({ "entitlements": [vouchers[0].entitlement_id] }));
    lost.redeem(id_of(&vouchers[0]));
    set_back(&mut office, &backup, None);

    let elsewhere = office.vouchers().into_iter().find(|one| one.point != point).unwrap();
    assert_eq!(says(&office, &elsewhere, 1), (409, "recovering".into()));
    let path = format!("/devices/{}/write-off", lost.id);
    assert_eq!(office.post("coordinator", &path, &json!({ "reason": "hilang" })).status, 201);
    let agreed = office.post("admin", &format!("{path}/agree"), &json!({}));
    // It could have had anything of its point, and nothing of another.
    assert_eq!(agreed.body["unresolved"].as_u64(), Some(vouchers.len() as u64), "{}", agreed.body);
    assert_eq!(says(&office, &elsewhere, 1).0, 201);
    assert_eq!(says(&office, &vouchers[1], 2), (409, "unresolved".into()));
    let answer = lost.sync(office.base());
    assert_eq!(run(&answer.body, 0), ("settled", None, 1));
    assert_eq!(text(&office.get("coordinator", &format!("/devices/{}", lost.id)).body, "standing"), "written_off");
}

/// Both disks were set back together: nothing at the server tells. Only what it signed itself, and a device kept, does.
#[test]
fn a_claim_of_a_larger_log_stops_nobody_and_the_servers_own_signature_stops_everybody() {
    let mut office = crowded(533);
    let (point, vouchers) = busiest(&office);
    let (mut one, mut other) = (Handset::enrol(&office, &point, 4), Handset::enrol(&office, &point, 5));
    let backup = back_up(&office);
    let facts = std::fs::read(office.installation.dir().join("facts/facts.log")).unwrap();
    let recovery = |office: &Office| {
        let state = office.get("coordinator", "/recovery").body;
        (state["recovering"].as_bool().unwrap(), state["behind"].is_string())
    };

    one.sync(office.base());
    for proof in [Vec::new(), vec![1, 2, 3]] {
        let mut parcel = one.parcel();
        parcel.seen.size += 1_000;
        parcel.proof = proof;
        assert_eq!(one.send(office.base(), &parcel).status, 200);
    }
    assert_eq!(recovery(&office), (false, false), "anybody can say that");
    let lent = other.lease(office.base(), &json!({ "entitlements": [vouchers[0].entitlement_id] }));
    assert_eq!(lent.body["granted"], 1, "{}", lent.body);

    assert_eq!(says(&office, &vouchers[1], 1).0, 201);
    let heard = one.sync(office.base());
    let proof = unb64(text(&heard.body, "reply"));
    set_back(&mut office, &backup, Some(&facts));
    assert_eq!(recovery(&office), (false, false), "the server cannot know");
    let parcel = one.parcel();
    one.send(office.base(), &parcel);
    assert_eq!(recovery(&office), (false, false), "a true claim is a claim");
    let mut borrowed = other.parcel();
    borrowed.proof.clone_from(&proof);
    other.send(office.base(), &borrowed);
    assert_eq!(recovery(&office), (false, false), "it was signed for another device");
    let mut parcel = one.parcel();
    parcel.proof.clone_from(&proof);
    one.send(office.base(), &parcel);
    assert_eq!(recovery(&office), (true, true));
    assert_eq!(says(&office, &vouchers[1], 2), (409, "recovering".into()), "it would have gone out twice");
    assert_eq!(other.ask_lease(office.base(), &json!({}), &Value::Null).code(), "recovering");

    // Somebody begins the recovery; what was signed before is then no news.
    let begin = |agreed_by: &str| {
        let words = ["devices", "recover", "--as", "admin", "--agreed-by", agreed_by, "--reason", "basis data lama"];
        office.installation.command(&[&words[..], &["--json"]].concat())
    };
    let (code, said) = begin("admin");
    assert!(code == 1 && said.contains("same_person"), "one person stops every agency: {said}");
    let (code, said) = begin("coordinator");
    assert!(code == 0 && said.contains("\"epoch\":2"), "{said}");
    one.send(office.base(), &parcel);
    assert_eq!(recovery(&office), (true, false));
    one.resync(office.base(), 10);
    other.resync(office.base(), 10);
    assert_eq!(recovery(&office), (false, false));
}
