//! Verification as a browser uses it: filter, tick, look over, decide; decrees; substitutes.

use super::*;
use crate::domain::id::HouseholdId;
use crate::domain::role::Role;
use crate::domain::verval::Standing;
use crate::service::{Actor, BnbaFilter, NewDecision, Refusal, Whom};

impl Site {
    fn actor(&self, role: &str) -> Actor {
        self.state.office.who_bears(&self.demo.tokens[role]).unwrap()
    }

    fn households(&self, filter: &BnbaFilter) -> Vec<HouseholdId> {
        let (found, _) =
            self.state.office.bnba(&self.actor("auditor"), self.demo.programme_id, filter, None, Some(500)).unwrap();
        found.into_iter().map(|one| one.id).collect()
    }
}

fn reserve() -> NewDecision {
    NewDecision { standing: Standing::Reserve, reason: None, evidence: "musdes".into() }
}

#[actix_web::test]
async fn whoever_entered_a_household_does_not_decide_on_it() {
    let site = Site::new();
    let all = site.households(&BnbaFilter::default());
    // The registrar entered every household of the demonstration. One day they verify.
    let turned = Actor { role: Role::Verifier, ..site.actor("registrar") };
    let office = &site.state.office;
    let one = Whom::These(vec![all[0]]);
    let refused = office.decide(&turned, site.demo.programme_id, &one, &reserve()).unwrap_err();
    assert!(matches!(refused, crate::service::Error::Refused(why) if *why == Refusal::SamePerson));
    assert!(office.preview_decision(&turned, site.demo.programme_id, &one, &reserve()).unwrap().own);
    let count = site.households(&BnbaFilter { standing: Some(Standing::Approved), ..BnbaFilter::default() }).len();
    assert_eq!(count, 12, "nothing was decided");
    assert_eq!(office.decide(&site.actor("verifier"), site.demo.programme_id, &one, &reserve()).unwrap().decided, 1);
}

#[actix_web::test]
async fn a_decision_is_looked_over_before_it_is_taken() {
    let site = Site::new();
    let list = format!("/programmes/{}/verval", site.demo.programme_id);
    let registrar = site.signed_in("registrar").await;
    assert!(!registrar.get(&list).await.text.contains("name=\"whom\""));
    let verifier = site.signed_in("verifier").await;
    let page = verifier.get(&format!("{list}?standing=approved")).await;
    assert!(page.text.contains("name=\"filter-standing\" value=\"approved\""), "{}", page.text);
    let all: [(&str, &str); 6] = [
        ("whom", "all"),
        ("expected", "12"),
        ("filter-standing", "approved"),
        ("standing", "not_eligible"),
        ("reason", "moved"),
        ("evidence", "surat <b>12</b>"),
    ];
    let asked = verifier.post(&format!("{list}/confirm"), &all).await;
    assert_eq!(asked.status, StatusCode::OK, "{}", asked.text);
    assert!(asked.text.contains("12 KPM akan menjadi tidak layak") && !asked.text.contains("<b>12</b>"));
    assert!(asked.text.contains("memegang kupon"), "it says that paper stays good");
    assert_eq!(site.households(&BnbaFilter { standing: Some(Standing::Approved), ..BnbaFilter::default() }).len(), 12);

    assert_eq!(registrar.post(&format!("{list}/decide"), &all).await.status, StatusCode::FORBIDDEN);
    let done = verifier.post(&format!("{list}/decide"), &all).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);
    let told = verifier.get(done.location()).await;
    assert!(told.text.contains("12 KPM diputuskan. 12 di antaranya masih memegang kupon"), "{}", told.text);
    // Sent once more, nothing matches any more: the page says so in place.
    let again = verifier.post(&format!("{list}/decide"), &all).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.text.contains("role=\"alert\""));
    let nobody = verifier.post(&format!("{list}/confirm"), &[("whom", "selected"), ("standing", "approved")]).await;
    assert_eq!(nobody.status, StatusCode::UNPROCESSABLE_ENTITY, "nobody is ticked");
    let stranger = site.stranger().post(&format!("{list}/decide"), &all).await;
    assert!(stranger.location().starts_with("/sign-in"));
}

#[actix_web::test]
async fn a_decree_is_recorded_and_a_substitute_takes_a_place() {
    let site = Site::new();
    let programme = format!("/programmes/{}", site.demo.programme_id);
    let verifier = site.signed_in("verifier").await;
    let all = site.households(&BnbaFilter::default());
    let first = all[0].to_string();
    let put = [("whom", "selected"), ("h", first.as_str()), ("standing", "reserve")];
    let done = verifier.post(&format!("{programme}/verval/decide"), &put).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.text);

    let fields = [("decree_no", "460/7/2026"), ("decree_date", "2026-11-24"), ("confirm", "yes")];
    let unticked = verifier.post(&format!("{programme}/lists"), &fields[..2]).await;
    assert_eq!(unticked.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fixed = verifier.post(&format!("{programme}/lists"), &fields).await;
    let page = verifier.get(fixed.location()).await;
    assert!(page.text.contains("460/7/2026") && page.text.contains("annex.xlsx"), "{}", page.text);
    assert_eq!(verifier.post(&format!("{programme}/lists"), &fields).await.status, StatusCode::CONFLICT);

    let registrar = site.signed_in("registrar").await;
    let old = all[1].to_string();
    let form = registrar.get(&format!("{programme}/substitutions?old={old}")).await;
    assert!(form.text.contains(&format!("<option value=\"{first}\">")), "{}", form.text);
    let new = [
        ("old", old.as_str()),
        ("new", first.as_str()),
        ("reason", "deceased"),
        ("statement_no", "SPTJM 3"),
        ("statement_date", "2026-11-24"),
    ];
    let missing = registrar.post(&format!("{programme}/substitutions"), &new[..4]).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY, "no date");
    let sent = registrar.post(&format!("{programme}/substitutions"), &new).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.text);
    let shown = verifier.get(&format!("{programme}/substitutions?state=proposed")).await;
    let approve = shown.text.split("action=\"/substitutions/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let done = verifier.post(&format!("/substitutions/{approve}"), &[("confirm", "yes")]).await;
    // The first kept the voucher of the time before: it has one in this round, and gets no second.
    assert!(done.location().contains("revoked=1&issued=0"), "{} {}", done.status, done.text);
    let told = verifier.get(done.location()).await;
    assert!(told.text.contains("1 kupon lama dibatalkan"), "{}", told.text);
    let twice = verifier.post(&format!("/substitutions/{approve}"), &[("confirm", "yes")]).await;
    assert_eq!(twice.status, StatusCode::CONFLICT);
}

#[actix_web::test]
async fn pages_of_verification_are_for_those_who_see_households() {
    let site = Site::new();
    let programme = format!("/programmes/{}", site.demo.programme_id);
    for part in ["verval", "suspicions", "lists", "substitutions"] {
        for (who, status) in [
            ("registrar", StatusCode::OK),
            ("verifier", StatusCode::OK),
            ("auditor", StatusCode::OK),
            ("coordinator", StatusCode::OK),
            ("finance", StatusCode::FORBIDDEN),
            ("petugas-tgr-01", StatusCode::FORBIDDEN),
        ] {
            let got = site.signed_in(who).await.get(&format!("{programme}/{part}")).await;
            assert_eq!(got.status, status, "{who} {part}");
            assert!(!got.text.contains('⟦'), "{who} {part}");
        }
    }
    let nothing = "/programmes/0190b8a0-0000-7000-8000-000000000000/verval";
    assert_eq!(site.signed_in("verifier").await.get(nothing).await.status, StatusCode::NOT_FOUND);
}
