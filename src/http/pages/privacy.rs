//! What is done with whose data, for everybody to read.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use askama::Template;

use super::fault::PageError;
use super::shell::{Visit, html};
use super::view::frame::{Frame, Place};
use super::view::privacy::Privacy;
use crate::http::Problem;
use crate::service::Error;

/// `GET /privacy`
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, PageError> {
    let language = visit.caller.language;
    let agencies = visit
        .state
        .anybody(&visit.caller, |office| office.hotlines())
        .await
        .map_err(|problem| visit.problem(problem, Place::Home))?;
    match (Privacy { frame: Frame::public(language, "/privacy"), agencies }).render() {
        Ok(text) => Ok(html(StatusCode::OK, text)),
        Err(error) => Err(visit.problem(Problem::of(Error::Broken(error.to_string()), language), Place::Home)),
    }
}
