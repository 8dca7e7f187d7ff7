//! Every page, from its sample, in both languages.

use askama::Template;

use super::account::{Account, Factor};
use super::custody::Custody;
use super::desk::Desk;
use super::device::{Device, Devices, Invitation, Practice, Recovery};
use super::document::Documents;
use super::dry_run::{Intake, RowsFilter};
use super::entitlement::{Entitlement, EntitlementSearch, Entitlements};
use super::fields::Fields;
use super::home::Home;
use super::household::Households;
use super::household_history::{HouseholdPage, Unmasked};
use super::intake::Intakes;
use super::join::Join;
use super::key::Keys;
use super::ledger::Ledger;
use super::list::{DifferencePage, ListPage, Lists};
use super::log_history::LogHistory;
use super::mapping::Mapping;
use super::package::PackageForm;
use super::pause::Pauses;
use super::place::Places;
use super::placement::{MoveHousehold, Overlaps, Placement};
use super::point::{Point, Points};
use super::print::Print;
use super::privacy::Privacy;
use super::problem::Problem;
use super::programme::{Programme, Programmes};
use super::public_receipt::PublicReceiptPage;
use super::receipt::Receipt;
use super::reconciliation::Reconciliation;
use super::retention::Retention;
use super::round::{Round, Rounds, share};
use super::sign_in::SignIn;
use super::signature::Signatures;
use super::substitution::Substitutions;
use super::suspicion::Suspicions;
use super::trail::{Breach, Trail};
use super::user::{InvitedPage, UserPage, Users};
use super::verval::{Verval, VervalConfirm, VervalProgrammes};
use super::voucher::VoucherStatus;
use super::window::{NewRound, RoundAt};
use crate::domain::time::Language;

const VERDICTS: [&str; 16] = [
    "valid",
    "already_redeemed",
    "superseded",
    "revoked",
    "held",
    "paused",
    "not_yet_valid",
    "expired",
    "wrong_point",
    "leased_elsewhere",
    "unresolved",
    "unknown",
    "forged",
    "foreign",
    "malformed",
    "not_ready",
];

/// Every page by name, also in the variants that show other parts of its template.
fn pages(language: Language) -> Vec<(String, String)> {
    let mut pages: Vec<(String, String)> = Vec::new();
    let mut add =
        |name: &str, page: &dyn askama::DynTemplate| pages.push((name.to_owned(), page.dyn_render().unwrap()));
    add("sign_in", &SignIn::sample(language));
    access_pages(language, &mut add);
    for role in
        ["admin", "registrar", "verifier", "issuer", "coordinator", "operator", "storekeeper", "finance", "auditor"]
    {
        add(&format!("home_{role}"), &Home::sample_for(language, role));
    }
    add("intakes", &Intakes::sample(language));
    add(
        "intakes_none",
        &Intakes { rows: Vec::new(), error: Some("x".into()), next: None, ..Intakes::sample(language) },
    );
    add("intake", &Intake::sample(language));
    let filter = RowsFilter {
        outcome: Some("rejected".to_owned()),
        warnings: true,
        rest: "&severity=warning".into(),
        narrowed: true,
        ..RowsFilter::default()
    };
    let own =
        Intake { may_apply: false, own: true, may_discard: true, filter, rows: Vec::new(), ..Intake::sample(language) };
    add("intake_own", &own);
    add("mapping", &Mapping::sample(language));
    add(
        "mapping_text",
        &Mapping { sheets: Vec::new(), headings: Vec::new(), header_row: None, ..Mapping::sample(language) },
    );
    add("places", &Places::sample(language));
    let empty =
        Places { sub_districts: Vec::new(), aliases: Vec::new(), error: Some("x".into()), ..Places::sample(language) };
    add("places_none", &empty);
    add("households", &Households::sample(language));
    add("households_none", &Households { rows: Vec::new(), ..Households::sample(language) });
    add("households_all", &Households { q: String::new(), village: String::new(), ..Households::sample(language) });
    add("household", &HouseholdPage::sample(language));
    add(
        "household_bare",
        &HouseholdPage {
            programmes: Vec::new(),
            rounds: Vec::new(),
            overlaps: Vec::new(),
            ..HouseholdPage::sample(language)
        },
    );
    verval_pages(language, &mut add);
    add("rounds", &Rounds::sample(language));
    add("round", &Round::sample(language));
    add("print", &Print::sample(language));
    add("print_none", &Print { jobs: Vec::new(), points: Vec::new(), ..Print::sample(language) });
    add("round_over", &Round { waiting_value: i64::MAX, ..Round::sample(language) });
    add("round_new", &Round { waiting: 0, points: Vec::new(), may_reconcile: true, ..Round::sample(language) });
    add("reconciliation", &Reconciliation::sample(language));
    let faults = vec!["issued = sum of the states".to_owned()];
    add(
        "reconciliation_open",
        &Reconciliation { faults, days: Vec::new(), points: Vec::new(), ..Reconciliation::sample(language) },
    );
    frame_pages(language, &mut add);
    add("receipt", &Receipt::sample(language));
    add("public_receipt", &PublicReceiptPage::sample(language));
    let soon =
        PublicReceiptPage { place: None, short: false, hotline: String::new(), ..PublicReceiptPage::sample(language) };
    add("public_receipt_soon", &soon);
    add("log_history", &LogHistory::sample(language));
    let none = LogHistory { rows: Vec::new(), next: None, about: "device", ..LogHistory::sample(language) };
    add("log_history_none", &none);
    add("log_history_user", &LogHistory { about: "user", ..LogHistory::sample(language) });
    add("documents", &Documents::sample(language));
    let none = Documents { rows: Vec::new(), may_make: false, may_note: false, ..Documents::sample(language) };
    add("documents_none", &Documents { error: Some("x".into()), next: None, ..none });
    add("custody", &Custody::sample(language));
    let none = Custody { points: Vec::new(), bundles: Vec::new(), reprints: Vec::new(), ..Custody::sample(language) };
    add("custody_none", &Custody { error: Some("x".into()), ..none });
    let out = Custody { point: "TGR-01".into(), bundles: Vec::new(), ..Custody::sample(language) };
    add("custody_out", &Custody { may_reprint: false, may_prepare: false, ..out });
    add("ledger", &Ledger::sample(language));
    let bare = Ledger { frame: Ledger::sample(language).frame, title: "x".into(), ..Ledger::default() };
    add("ledger_bare", &bare);
    add("problem", &Problem::sample(language));
    add("users", &Users::sample(language));
    add("signatures", &Signatures::sample(language));
    add("signatures_refused", &Signatures { error: Some("x".into()), ..Signatures::sample(language) });
    add("devices", &Devices::sample(language));
    let recovering = Devices { recovery: Some(Recovery::sample()), may_manage: false, ..Devices::sample(language) };
    add("devices_recovering", &Devices { rows: Vec::new(), next: Some("0190-d".into()), ..recovering });
    add("device", &Device::sample(language));
    let asked = Some(("Siti".into(), "07-12-2026 09.12 WITA".into(), "hilang".into()));
    let waiting = Device { asked, may_agree: true, findings: Vec::new(), recovery: None, ..Device::sample(language) };
    add("device_asked", &waiting);
    add("device_given_up", &Device { unresolved: Some(40), may_agree: false, ..waiting });
    add("device_invited", &Invitation::sample(language));
    add("practice", &Practice::sample(language));
    add("desk", &Desk::sample(language));
    add("desk_redeemed", &Desk::sample_of(language, "redeemed"));
    for verdict in VERDICTS {
        add(&format!("desk_{verdict}"), &Desk::sample_of(language, verdict));
        add(&format!("voucher_{verdict}"), &VoucherStatus::sample_of(language, verdict));
    }
    pages
}

/// Accounts, invitations, the trail, and what is told to everybody.
fn access_pages(language: Language, add: &mut dyn FnMut(&str, &dyn askama::DynTemplate)) {
    let account = || Account::sample(language);
    add("account_begun", &account());
    add("account_off", &Account { factor: Factor::Off { advised: true }, error: Some("x".into()), ..account() });
    add("account_fresh", &Account { due: false, factor: Factor::Fresh(vec!["7f3a-7f3a".into()]), ..account() });
    add("account_on", &Account { due: false, factor: Factor::On(9), ..account() });
    add("join", &Join::sample(language));
    add("join_wrong", &Join { error: Some("x".into()), invited: None, ..Join::sample(language) });
    add("user", &UserPage::sample(language));
    add("user_read", &UserPage { may_change: false, ends: None, open: false, ..UserPage::sample(language) });
    add("user_gone", &UserPage { sessions: Vec::new(), second_factor: false, ..UserPage::sample(language) });
    add("invited", &InvitedPage::sample(language));
    add("trail", &Trail::sample(language));
    add("trail_none", &Trail { rows: Vec::new(), next: None, error: Some("x".into()), ..Trail::sample(language) });
    add("breach", &Breach::sample(language));
    let nothing =
        Breach { counts: Vec::new(), households: Vec::new(), addresses: Vec::new(), ..Breach::sample(language) };
    add("breach_nothing", &Breach { cut: false, ..nothing });
    add("keys", &Keys::sample(language));
    let none = Keys { rows: Vec::new(), requests: Vec::new(), error: Some("x".into()), ..Keys::sample(language) };
    add("keys_none", &none);
    add("retention", &Retention::sample(language));
    add("retention_held", &Retention::sample_held(language));
    add("retention_due", &Retention { asked: None, ..Retention::sample(language) });
    add("privacy", &Privacy::sample(language));
    add("unmasked", &Unmasked::sample(language));
}

/// The pages of the frame of a programme, of holds and pauses.
fn frame_pages(language: Language, add: &mut dyn FnMut(&str, &dyn askama::DynTemplate)) {
    add("programmes", &Programmes::sample(language));
    add("programmes_none", &Programmes { rows: Vec::new(), may_create: false, ..Programmes::sample(language) });
    add("programme", &Programme::sample(language));
    let empty = Programme {
        packages: Vec::new(),
        rounds: Vec::new(),
        pauses: Pauses::sample("programme", true),
        error: Some("x".into()),
        typed: Fields::with([("reason", "x".into())]),
        ..Programme::sample(language)
    };
    add("programme_new", &empty);
    add("programme_done", &Programme { path: Vec::new(), may_manage: false, ..Programme::sample(language) });
    add("package_form", &PackageForm::sample(language));
    add("points", &Points::sample(language));
    add("points_none", &Points { rows: Vec::new(), ..Points::sample(language) });
    add("point", &Point::sample(language));
    let free = Pauses::sample("point", false);
    add("point_read", &Point { may_manage: false, pauses: free, ..Point::sample(language) });
    add("round_form", &NewRound::sample(language));
    add("round_form_none", &NewRound { packages: Vec::new(), ..NewRound::sample(language) });
    add("round_at", &RoundAt::sample(language));
    let read = RoundAt { own_window: None, may_extend: false, may_place: false, ..RoundAt::sample(language) };
    add("round_at_read", &read);
    add("round_at_none", &RoundAt { sessions: Vec::new(), ..RoundAt::sample(language) });
    let stopped =
        Round { programme_paused: Some("x".into()), pauses: Pauses::sample("round", false), ..Round::sample(language) };
    add("round_stopped", &stopped);
    add("placement", &Placement::sample(language));
    let done = Placement { moved: 0, unplaced: 0, named: Vec::new(), everybody: true, ..Placement::sample(language) };
    add("placement_none", &Placement { points: Vec::new(), ..Placement { moved: 0, ..Placement::sample(language) } });
    add("placement_done", &done);
    for reason in ["no_address", "no_point"] {
        let mut one = Placement::sample(language);
        one.named[0].reason = reason;
        add(&format!("placement_{reason}"), &one);
    }
    add("move", &MoveHousehold::sample(language));
    add("overlaps", &Overlaps::sample(language));
    add("overlaps_none", &Overlaps { programmes: Vec::new(), ..Overlaps::sample(language) });
    add("entitlements", &Entitlements::sample(language));
    add("entitlements_none", &Entitlements { rows: Vec::new(), next: None, ..Entitlements::sample(language) });
    add("entitlement_search", &EntitlementSearch::sample(language));
    add("entitlement", &Entitlement::sample(language));
    let reason = "laporan warga".to_owned();
    for (state, hold) in [("leased", "requested"), ("leased", "none"), ("available", "effective"), ("redeemed", "none")]
    {
        let one = Entitlement { state, hold, reason: reason.clone(), moving: None, ..Entitlement::sample(language) };
        add(&format!("entitlement_{state}_{hold}"), &one);
    }
}

fn verval_pages(language: Language, add: &mut dyn FnMut(&str, &dyn askama::DynTemplate)) {
    add("verval_programmes", &VervalProgrammes::sample(language));
    add("verval_programmes_none", &VervalProgrammes { rows: Vec::new(), ..VervalProgrammes::sample(language) });
    add("verval", &Verval::sample(language));
    add("verval_empty", &Verval { total: 0, ..Verval::sample(language) });
    add(
        "verval_read",
        &Verval {
            newest: None,
            to_do: Vec::new(),
            may_decide: false,
            may_propose: true,
            error: Some("x".into()),
            ..Verval::sample(language)
        },
    );
    add("verval_none", &Verval { rows: Vec::new(), filtered: false, next: None, ..Verval::sample(language) });
    add("verval_confirm", &VervalConfirm::sample(language));
    add("verval_confirm_own", &VervalConfirm { own: true, reason: None, ..VervalConfirm::sample(language) });
    add("suspicions", &Suspicions::sample(language));
    add("suspicions_none", &Suspicions { rows: Vec::new(), state: None, next: None, ..Suspicions::sample(language) });
    add("lists", &Lists::sample(language));
    add("lists_none", &Lists { rows: Vec::new(), approved: 0, error: Some("x".into()), ..Lists::sample(language) });
    add("list", &ListPage::sample(language));
    add("list_difference", &DifferencePage::sample(language));
    add("substitutions", &Substitutions::sample(language));
    add("substitutions_form", &Substitutions::sample_form(language));
}

fn both() -> Vec<(String, String)> {
    let mut all = Vec::new();
    for (tag, language) in [("id", Language::Id), ("en", Language::En)] {
        all.extend(pages(language).into_iter().map(|(name, html)| (format!("{name}.{tag}"), html)));
    }
    all
}

/// The start tags of a page, without their angle brackets.
fn tags(html: &str) -> Vec<&str> {
    html.split('<')
        .skip(1)
        .filter(|rest| rest.starts_with(|sign: char| sign.is_ascii_alphabetic()))
        .map(|rest| rest.split('>').next().unwrap())
        .collect()
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let start = format!(" {name}=\"");
    tag.split(&start).nth(1).and_then(|rest| rest.split('"').next())
}

#[test]
fn every_page_has_all_its_words() {
    for (name, html) in both() {
        assert!(
            !html.contains('⟦'),
            "{name}: {}",
            html.split('⟦').nth(1).unwrap_or_default().split('⟧').next().unwrap()
        );
        // The desk hands unfilled sentences to its script; nothing else may.
        let visible = html.split("data-words=\"").next().unwrap().to_owned()
            + html.split("data-point=\"").nth(1).unwrap_or_default();
        assert!(!visible.contains("{$"), "{name}");
    }
}

#[test]
fn every_page_has_one_heading_a_language_and_labels() {
    for (name, html) in both() {
        assert_eq!(html.matches("<h1").count(), 1, "{name}");
        let lang = if name.ends_with(".id") { "<html lang=\"id\">" } else { "<html lang=\"en\">" };
        assert!(html.contains(lang), "{name}");
        assert!(html.contains("class=\"skip\" href=\"#main\"") && html.contains("<main id=\"main\""), "{name}");
        for tag in tags(&html).into_iter().filter(|tag| tag.starts_with("input ") || tag.starts_with("select ")) {
            if attribute(tag, "type") == Some("hidden") {
                continue;
            }
            let id = attribute(tag, "id").unwrap_or_else(|| panic!("{name}: {tag}"));
            assert!(html.contains(&format!("for=\"{id}\"")), "{name}: no label for {id}");
        }
        let mut ids: Vec<_> = tags(&html).into_iter().filter_map(|tag| attribute(tag, "id")).collect();
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{name}: an id stands twice");
        for tag in tags(&html) {
            for reference in ["aria-labelledby", "aria-describedby"] {
                for id in attribute(tag, reference).unwrap_or_default().split_whitespace() {
                    assert!(ids.binary_search(&id).is_ok(), "{name}: {reference} names {id}");
                }
            }
        }
    }
}

#[test]
fn every_page_lives_under_a_strict_policy() {
    for (name, html) in both() {
        for tag in tags(&html) {
            assert!(!tag.contains(" style=") && !tag.starts_with("style"), "{name}: {tag}");
            assert!(!tag.split_whitespace().any(|part| part.starts_with("on") && part.contains('=')), "{name}: {tag}");
            if tag.starts_with("script") {
                assert!(attribute(tag, "src").is_some_and(|src| src.starts_with("/assets/")), "{name}: {tag}");
            }
            for address in ["src", "href", "action"].into_iter().filter_map(|name| attribute(tag, name)) {
                assert!(
                    address.starts_with('/') && !address.starts_with("//") || address.starts_with('#'),
                    "{name}: {address}"
                );
            }
        }
    }
}

#[test]
fn every_form_that_changes_something_carries_the_token() {
    for (name, html) in both() {
        for form in html.split("<form").skip(1).map(|rest| rest.split("</form>").next().unwrap()) {
            if form.contains("method=\"post\"") {
                assert!(form.contains("name=\"csrf\""), "{name}");
            }
        }
    }
}

#[test]
fn what_people_typed_is_escaped() {
    let page =
        Households { q: "\"><script>alert(1)</script>".into(), rows: Vec::new(), ..Households::sample(Language::Id) };
    let html = page.render().unwrap();
    assert!(!html.contains("<script>alert"));
}

#[test]
fn the_public_page_shows_nothing_personal() {
    for verdict in VERDICTS {
        let html = VoucherStatus::sample_of(Language::Id, verdict).render().unwrap();
        assert!(!html.contains("RUSMINI") && !html.contains("NIK"), "{verdict}");
    }
}

#[test]
fn the_sums_of_the_sample_close() {
    let page = Reconciliation::sample(Language::Id);
    assert_eq!(page.point_total().issued, page.issued);
    assert_eq!(page.state_total().0, page.issued);
    assert_eq!(page.day_total().1, page.round_realised);
    assert_eq!(page.point_total().realised, page.round_realised);
}

#[test]
fn a_share_is_whole_only_when_it_is_all() {
    assert_eq!(share(412, 1_000), "41,2 %");
    assert_eq!(share(9_999, 10_000), "99,9 %");
    assert_eq!(share(1, 1), "100,0 %");
    assert_eq!(share(0, 0), "–");
}

/// Not a check: writes the pages where `SALUR_PAGES_OUT` says, to be looked at in a browser.
#[test]
fn pages_can_be_looked_at() {
    let Some(folder) = std::env::var_os("SALUR_PAGES_OUT").map(std::path::PathBuf::from) else { return };
    for (name, html) in both() {
        std::fs::write(folder.join(format!("{name}.html")), html).unwrap();
    }
}
