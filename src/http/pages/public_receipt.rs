//! What anyone sees who types the mark of a slip: that the receipt is real, and where it stands in the log.

use actix_web::http::StatusCode;
use actix_web::{HttpResponse, web};
use askama::Template;
use data_encoding::HEXLOWER;

use super::device::in_fours;
use super::fault::PageError;
use super::shell::{Visit, html, long_moment};
use super::view::frame::{Frame, Place};
use super::view::public_receipt::{PlaceInLog, PublicReceiptPage};
use super::view::voucher::Pictured;
use crate::http::Problem;
use crate::service::Error;

/// How many bytes of the hash are shown: as many as on the printed receipt.
const MARK_BYTES: usize = 8;

/// `GET /r/{mark}`. Nobody need be signed in, so nobody may ask too often.
pub(super) async fn show(visit: Visit, mark: web::Path<String>) -> Result<HttpResponse, PageError> {
    let language = visit.caller.language;
    let failed = |problem| visit.problem(problem, Place::Home);
    visit.state.limit_stranger(&visit.caller).map_err(failed)?;
    let mark = mark.into_inner();
    let found = visit.state.anybody(&visit.caller, move |office| office.public_receipt(&mark)).await.map_err(failed)?;
    let count = |number: u64| i64::try_from(number).unwrap_or(i64::MAX);
    let page = PublicReceiptPage {
        frame: Frame::public(language, &visit.here),
        id: found.redemption.to_string(),
        number: found.number,
        redeemed_at: long_moment(found.redeemed_at, found.agency.zone, language),
        programme: format!("{}, {}", found.programme, found.round),
        point: found.point,
        items: found.items.into_iter().map(Pictured::of).collect(),
        short: found.short,
        mark: in_fours(&HEXLOWER.encode(found.receipt_hash.get(..MARK_BYTES).unwrap_or_default())),
        place: found.index.zip(found.head).map(|(index, (size, line))| PlaceInLog {
            number: count(index).saturating_add(1),
            size: count(size),
            line,
        }),
        hotline: found.agency.hotline,
        agency: found.agency.name,
    };
    match page.render() {
        Ok(text) => Ok(html(StatusCode::OK, text)),
        Err(error) => Err(failed(Problem::of(Error::Broken(error.to_string()), language))),
    }
}
