//! What an agency chooses: from when on a pattern is a case, and what an empty point does.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::form::small;
use super::shell::{Answer, Inside, Visit, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Place};
use super::view::ledger::{Ledger, LedgerField};
use crate::domain::programme::Rules;
use crate::domain::role::Action;
use crate::service::Error;

/// `GET /rules`
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Users, move |inside| Answer::page(&page(inside, None)?)).await
}

fn page(inside: Inside<'_>, error: Option<String>) -> Result<Ledger, Error> {
    let rules = inside.office.rules(inside.actor)?;
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let stops = t(if rules.stop_when_empty { "rules-stop" } else { "rules-go-on" });
    let facts = vec![
        (t("field-proxy-times"), rules.proxy_times.to_string()),
        (t("field-proxy-percent"), rules.proxy_percent.to_string()),
        (t("field-scans-per-minute"), rules.scans_per_minute.to_string()),
        (t("field-stop-when-empty"), stops),
        (t("field-pin-signs"), rules.pin_signs.to_string()),
        (t("field-pin-tries"), rules.pin_tries.to_string()),
        (t("field-idle-minutes"), rules.idle_minutes.to_string()),
        (t("field-confirm-accounts"), t(if rules.confirm_accounts { "rules-confirmed" } else { "rules-at-once" })),
    ];
    let mut forms = Vec::new();
    if inside.actor.role.may(Action::SetRules) {
        let number = |name: &str, key: &str, value: i32| LedgerField {
            value: value.to_string(),
            ..frame.field("number", name, key, true)
        };
        let choices = [("no", "rules-go-on", !rules.stop_when_empty), ("yes", "rules-stop", rules.stop_when_empty)]
            .map(|(value, key, chosen)| Choice { chosen, ..Choice::new(value, t(key)) });
        let confirming = [("no", "rules-at-once", false), ("yes", "rules-confirmed", true)]
            .map(|(value, key, yes)| Choice { chosen: rules.confirm_accounts == yes, ..Choice::new(value, t(key)) });
        let fields = vec![
            number("proxy_times", "field-proxy-times", rules.proxy_times),
            number("proxy_percent", "field-proxy-percent", rules.proxy_percent),
            number("scans_per_minute", "field-scans-per-minute", rules.scans_per_minute),
            frame.choose("stop_when_empty", "field-stop-when-empty", &choices, true),
            number("pin_signs", "field-pin-signs", rules.pin_signs),
            number("pin_tries", "field-pin-tries", rules.pin_tries),
            number("idle_minutes", "field-idle-minutes", rules.idle_minutes),
            frame.choose("confirm_accounts", "field-confirm-accounts", &confirming, true),
        ];
        forms.push(frame.hinted("rules-set", "/rules".to_owned(), fields));
    }
    Ok(Ledger {
        title: t("rules-title"),
        what: t("rules-what"),
        error,
        facts,
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

/// `POST /rules`
pub(super) async fn save(visit: Visit, form: web::Form<Fields>) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Users, move |inside| {
            let typed = || {
                Ok::<_, Error>(Rules {
                    proxy_times: small(&form, "proxy_times")?,
                    proxy_percent: small(&form, "proxy_percent")?,
                    scans_per_minute: small(&form, "scans_per_minute")?,
                    stop_when_empty: form.ticked("stop_when_empty"),
                    pin_signs: small(&form, "pin_signs")?,
                    pin_tries: small(&form, "pin_tries")?,
                    confirm_accounts: form.ticked("confirm_accounts"),
                    idle_minutes: small(&form, "idle_minutes")?,
                })
            };
            match typed().and_then(|rules| inside.office.set_rules(inside.actor, rules)) {
                Ok(_) => Ok(Answer::See("/rules".to_owned())),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, Some(text))?)
                }
            }
        })
        .await
}
