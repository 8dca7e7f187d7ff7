//! What anyone sees who points a phone at a voucher.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;

use super::fault::PageError;
use super::shell::{Visit, html, long_moment};
use super::view::frame::{Frame, Place};
use super::view::voucher::{Pictured, VoucherFacts, VoucherStatus};
use crate::domain::package::Item;
use crate::domain::programme::Session;
use crate::domain::time::{Language, Zone, long_date};
use crate::http::Problem;
use crate::service::{Error, PublicStatus};
use crate::words::{Value, Words};

/// `GET /v/{token}`, also in capitals, which is how a QR carries it. Nobody need be signed in, so nobody
/// may ask too often.
pub(super) async fn status(visit: Visit, token: web::Path<String>) -> Result<HttpResponse, PageError> {
    let language = visit.caller.language;
    let failed = |problem| visit.problem(problem, Place::Home);
    visit.state.limit_stranger(&visit.caller).map_err(failed)?;
    let asked = token.into_inner();
    let found = visit.state.anybody(&visit.caller, move |office| office.public_status_of_link(&asked)).await;
    let page = page(found.map_err(failed)?, Frame::public(language, &visit.here), language);
    match page.render() {
        Ok(text) => Ok(html(StatusCode::OK, text)),
        Err(error) => Err(failed(Problem::of(Error::Broken(error.to_string()), language))),
    }
}

fn page(found: PublicStatus, frame: Frame, language: Language) -> VoucherStatus {
    let verdict = found.verdict.as_str().to_owned();
    let Some((head, point)) = found.head else {
        return VoucherStatus { frame, verdict, reason: None, voucher: None, hotline: String::new() };
    };
    let zone = head.agency.zone;
    let schedule = match &found.session {
        Some(session) => slot(session, zone, language),
        None => format!(
            "{} – {}",
            long_date(head.round.opens_at.date(zone), language),
            long_date(head.round.closes_at.plus_millis(-1).date(zone), language)
        ),
    };
    let used = found.first;
    VoucherStatus {
        frame,
        verdict,
        reason: found.reason,
        voucher: Some(VoucherFacts {
            agency: head.agency.name,
            programme: head.programme.name,
            round: head.round.name,
            point,
            schedule,
            items: head.package.items.iter().map(Item::label).map(Pictured::of).collect(),
            print_no: found.print_no.unwrap_or_default().into(),
            redeemed_at: used.as_ref().map(|first| long_moment(first.redeemed_at, zone, language)),
            redeemed_point: used.map(|first| format!("{} ({})", first.point_name, first.point_code)),
            receipt: found.receipt_mark,
        }),
        hotline: head.agency.hotline,
    }
}

/// `Senin, 7 Desember 2026 – sesi 1 (08.00–10.00 WITA)`
fn slot(session: &Session, zone: Zone, language: Language) -> String {
    let words = Words::for_language(language);
    let day = long_date(session.starts_at.date(zone), language);
    format!("{day} – {}", session_words(words, session, zone))
}

/// `sesi 1 (08.00–10.00 WITA)`
pub(super) fn session_words(words: Words, session: &Session, zone: Zone) -> String {
    let values = [
        ("number", Value::from(session.number.to_string())),
        ("from", Value::from(session.starts_at.clock(zone))),
        ("until", Value::from(session.ends_at.clock(zone))),
        ("zone", Value::from(zone.label())),
    ];
    words.with("session-slot", &values)
}
