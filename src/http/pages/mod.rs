//! Pages for people: plain HTML, plain forms, words in two languages. All but the desk's comfort works
//! without a script.
//!
//! A handler reads its form, asks a service and fills a view; it decides nothing. `shell` stands between
//! it and the office: who visits, and the surroundings of every page. `fault` shows what goes wrong.

mod desk;
mod device;
mod fault;
mod home;
mod household;
mod intake;
mod print;
mod receipt;
mod reconciliation;
mod round;
mod session;
mod shell;
mod user;
mod voucher;

pub mod view;

use actix_web::error::UrlencodedError;
use actix_web::web::{self, get, post};
use actix_web::{HttpRequest, HttpResponse, ResponseError};

use super::Problem;
use super::guard::Caller;
use fault::PageError;
use view::frame::Frame;

/// The largest form: a scanned code of 512 characters and a few short texts.
const FORM_BYTES_MAX: usize = 16 * 1024;

/// Every page. They expect the server's `web::Data<State>`.
pub fn routes(config: &mut web::ServiceConfig) {
    config
        // Only pages take forms, so this is nobody else's.
        .app_data(web::FormConfig::default().limit(FORM_BYTES_MAX).error_handler(unreadable_form))
        .route("/sign-in", get().to(session::form))
        .route("/sign-in", post().to(session::sign_in))
        .route("/sign-out", post().to(session::sign_out))
        .route("/language", get().to(session::language))
        .route("/", get().to(home::home))
        .route("/intakes", get().to(intake::list))
        .route("/intakes", post().to(intake::upload))
        .route("/intakes/{id}", get().to(intake::show))
        .route("/intakes/{id}/apply", post().to(intake::apply))
        .route("/households", get().to(household::list))
        .route("/households", post().to(household::search))
        .route("/rounds", get().to(round::list))
        .route("/rounds/{id}", get().to(round::show))
        .route("/rounds/{id}/issue", post().to(round::issue))
        .route("/rounds/{id}/print", get().to(print::show))
        .route("/rounds/{id}/print", post().to(print::begin))
        .route("/rounds/{id}/print/{job}/cancel", post().to(print::cancel))
        .route("/rounds/{id}/reconciliation", get().to(reconciliation::show))
        .route("/desk", get().to(desk::show))
        .route("/desk", post().to(desk::scan))
        .route("/desk/hand-over", post().to(desk::hand_over))
        .route("/redemptions/{id}/receipt", get().to(receipt::show))
        .route("/devices", get().to(device::list))
        .route("/users", get().to(user::list))
        .route("/users", post().to(user::create))
        .route("/v/{token}", get().to(voucher::status))
        .route("/V/{token}", get().to(voucher::status));
}

/// The page for an address that is none: for the server's default.
pub fn not_found(request: &HttpRequest) -> HttpResponse {
    failed(request, Problem::not_found()).error_response()
}

fn failed(request: &HttpRequest, problem: Problem) -> PageError {
    PageError::new(problem, Frame::public(Caller::of(request).language, request.path()))
}

fn unreadable_form(error: UrlencodedError, request: &HttpRequest) -> actix_web::Error {
    failed(request, Problem::bad_request("bad_form", error)).into()
}

#[cfg(test)]
mod tests;
