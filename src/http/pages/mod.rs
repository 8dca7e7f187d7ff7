//! Pages for people: plain HTML, plain forms, words in two languages. All but the desk's comfort works
//! without a script.
//!
//! A handler reads its form, asks a service and fills a view; it decides nothing. `shell` stands between
//! it and the office: who visits, and the surroundings of every page. `fault` shows what goes wrong.

mod account;
mod case;
mod closing;
mod confirmation;
mod custody;
mod dashboard;
mod desk;
mod device;
mod document;
mod dry_run;
mod entitlement;
mod exception;
mod fault;
mod form;
mod home;
mod household;
mod intake;
mod join;
mod key;
mod list;
mod log_history;
mod mapping;
mod package;
mod pause;
mod place;
mod placement;
mod point;
mod print;
mod privacy;
mod programme;
mod public_receipt;
mod receipt;
mod reconciliation;
mod refill;
mod retention;
mod round;
mod rules;
mod saved;
mod session;
mod shell;
mod signature;
mod spot_check;
mod stock;
mod stock_form;
mod substitution;
mod suspicion;
mod trail;
mod treasury;
mod user;
mod verval;
mod voucher;
mod window;

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
        .route("/intakes/template.xlsx", get().to(intake::template))
        .route("/intakes/parked/{id}", get().to(mapping::show))
        .route("/intakes/parked/{id}", post().to(mapping::read))
        .route("/intakes/parked/{id}/discard", post().to(mapping::discard))
        .route("/intakes/{id}", get().to(dry_run::show))
        .route("/intakes/{id}/apply", post().to(dry_run::apply))
        .route("/intakes/{id}/discard", post().to(dry_run::discard))
        .route("/intakes/{id}/spellings", post().to(dry_run::confirm))
        .route("/intakes/{id}/reasons.{form}", get().to(dry_run::reasons))
        .route("/places", get().to(place::show))
        .route("/places", post().to(place::load))
        .route("/places/aliases/forget", post().to(place::forget))
        .route("/households", get().to(household::list))
        .route("/households", post().to(household::search))
        .route("/households/{id}", get().to(household::show))
        .route("/verval", get().to(verval::programmes))
        .route("/programmes/{id}/verval", get().to(verval::list))
        .route("/programmes/{id}/verval/confirm", post().to(verval::confirm))
        .route("/programmes/{id}/verval/decide", post().to(verval::decide))
        .route("/programmes/{id}/suspicions", get().to(suspicion::list))
        .route("/programmes/{id}/suspicions", post().to(suspicion::search))
        .route("/suspicions/{id}", post().to(suspicion::decide))
        .route("/programmes/{id}/lists", get().to(list::versions))
        .route("/programmes/{id}/lists", post().to(list::fix))
        .route("/lists/{id}", get().to(list::show))
        .route("/lists/{id}/difference", get().to(list::compare))
        .route("/programmes/{id}/substitutions", get().to(substitution::list))
        .route("/programmes/{id}/substitutions", post().to(substitution::propose))
        .route("/substitutions/{id}/approve", post().to(substitution::approve))
        .route("/substitutions/{id}/refuse", post().to(substitution::refuse))
        .route("/rounds", get().to(round::list))
        .route("/rounds/{id}", get().to(round::show))
        .route("/rounds/{id}/issue", post().to(round::issue))
        .route("/rounds/{id}/expire", post().to(round::end))
        .route("/rounds/{id}/entitlements", get().to(entitlement::list))
        .route("/rounds/{id}/points/{point}", get().to(window::show))
        .route("/rounds/{id}/points/{point}/window", post().to(window::set_window))
        .route("/rounds/{id}/points/{point}/sessions", post().to(window::set_sessions))
        .route("/rounds/{id}/points/{point}/layout", post().to(window::lay_out))
        .route("/programmes", get().to(programme::list))
        .route("/programmes", post().to(programme::create))
        .route("/programmes/{id}", get().to(programme::show))
        .route("/programmes/{id}/revisions", post().to(programme::revise))
        .route("/programmes/{id}/package", get().to(package::form))
        .route("/programmes/{id}/package", post().to(package::save))
        .route("/programmes/{id}/round", get().to(window::form))
        .route("/programmes/{id}/round", post().to(window::create))
        .route("/programmes/{id}/placement", get().to(placement::preview))
        .route("/programmes/{id}/placement", post().to(placement::write))
        .route("/programmes/{id}/households/{household}/place", get().to(placement::move_form))
        .route("/programmes/{id}/households/{household}/place", post().to(placement::move_one))
        .route("/programmes/{id}/overlaps", get().to(placement::overlaps))
        .route("/points", get().to(point::list))
        .route("/points", post().to(point::create))
        .route("/points/{id}", get().to(point::show))
        .route("/points/{id}", post().to(point::save))
        .route("/pauses", post().to(pause::create))
        .route("/pauses/{id}/resume", post().to(pause::resume))
        .route("/entitlements", get().to(entitlement::search_form))
        .route("/entitlements", post().to(entitlement::search))
        .route("/entitlements/{id}", get().to(entitlement::show))
        .route("/entitlements/{id}/exceptions", get().to(exception::show))
        .route("/entitlements/{id}/exceptions", post().to(exception::propose))
        .route("/exceptions/{id}/decision", post().to(exception::decide))
        .route("/rounds/{id}/exceptions", get().to(exception::list))
        .route("/entitlements/{id}/hold", post().to(entitlement::hold))
        .route("/entitlements/{id}/release", post().to(entitlement::release))
        .route("/rounds/{id}/print", get().to(print::show))
        .route("/rounds/{id}/print", post().to(print::begin))
        .route("/rounds/{id}/print/{job}/cancel", post().to(print::cancel))
        .route("/rounds/{id}/reconciliation", get().to(reconciliation::show))
        .route("/rounds/{id}/documents", get().to(document::list))
        .route("/rounds/{id}/documents", post().to(document::make))
        .route("/rounds/{id}/absences", post().to(document::note))
        .route("/rounds/{id}/custody", get().to(custody::show))
        .route("/rounds/{id}/custody/bundles", post().to(custody::prepare))
        .route("/rounds/{id}/custody/steps", post().to(custody::step))
        .route("/rounds/{id}/custody/requests", post().to(custody::request))
        .route("/rounds/{id}/custody/reprints", post().to(custody::make_reprint))
        .route("/rounds/{id}/dashboard", get().to(dashboard::show))
        .route("/rounds/{id}/receipts", get().to(dashboard::receipts))
        .route("/rounds/{id}/stock", get().to(stock::show))
        .route("/rounds/{id}/stock/{what}", post().to(stock::change))
        .route("/rounds/{id}/closings", get().to(closing::list))
        .route("/rounds/{id}/closings", post().to(closing::close))
        .route("/rounds/{id}/pattern-checks", post().to(closing::patterns))
        .route("/rounds/{id}/spot-checks", get().to(spot_check::spot_checks))
        .route("/rounds/{id}/spot-checks", post().to(spot_check::draw))
        .route("/rounds/{id}/spot-checks/{check}", post().to(spot_check::enter))
        .route("/rounds/{id}/addenda", post().to(closing::addenda))
        .route("/closings/{id}", get().to(closing::show))
        .route("/closings/{id}/{what}", post().to(closing::further))
        .route("/programmes/{id}/treasury", get().to(treasury::show))
        .route("/programmes/{id}/treasury/payments", post().to(treasury::payments))
        .route("/programmes/{id}/treasury/payments-preview", post().to(treasury::payments))
        .route("/programmes/{id}/treasury/{what}", post().to(treasury::change))
        .route("/cases", get().to(case::list))
        .route("/cases", post().to(case::report))
        .route("/cases/{id}", get().to(case::show))
        .route("/cases/{id}/steps", post().to(case::step))
        .route("/documents/{id}", get().to(document::show))
        .route("/documents/{id}/full", post().to(document::full))
        .route("/desk", get().to(desk::show))
        .route("/desk", post().to(desk::scan))
        .route("/desk/hand-over", post().to(desk::hand_over))
        .route("/redemptions/{id}/receipt", get().to(receipt::show))
        .route("/log", get().to(log_history::leaf))
        .route("/entitlements/{id}/log", get().to(log_history::entitlement))
        .route("/households/{id}/log", get().to(log_history::household))
        .route("/devices/{id}/log", get().to(log_history::device))
        .route("/users/{id}/log", get().to(log_history::user))
        .route("/devices", get().to(device::list))
        .route("/filters", post().to(saved::save))
        .route("/filters/{id}/forget", post().to(saved::forget))
        .route("/rules", get().to(rules::show))
        .route("/rules", post().to(rules::save))
        .route("/signatures", get().to(signature::show))
        .route("/signatures/{kind}", post().to(signature::save))
        .route("/devices", post().to(device::invite))
        .route("/devices/journals", post().to(device::take_journal))
        .route("/practice", get().to(device::practice))
        .route("/devices/{id}", get().to(device::show))
        .route("/devices/{id}/revoke", post().to(device::revoke))
        .route("/devices/{id}/brake", post().to(device::brake))
        .route("/devices/{id}/write-off", post().to(device::ask_write_off))
        .route("/devices/{id}/write-off/agree", post().to(device::agree_write_off))
        .route("/users", get().to(user::list))
        .route("/users", post().to(user::create))
        .route("/users/invite", post().to(user::invite))
        .route("/users/{id}", get().to(user::show))
        .route("/users/{id}", post().to(user::change))
        .route("/users/{id}/sessions/{session}/end", post().to(user::end_session))
        .route("/join", get().to(join::form))
        .route("/join", post().to(join::accept))
        .route("/join/{code}", get().to(join::form_with_code))
        .route("/account", get().to(account::show))
        .route("/account/password", post().to(account::password))
        .route("/account/second-factor", post().to(account::begin))
        .route("/account/second-factor/confirm", post().to(account::confirm))
        .route("/account/second-factor/remove", post().to(account::remove))
        .route("/account/sessions/{id}/end", post().to(account::end_session))
        .route("/trail", get().to(trail::show))
        .route("/trail/breach", post().to(trail::breach))
        .route("/trail/access", get().to(confirmation::report))
        .route("/confirmations", get().to(confirmation::list))
        .route("/users/{id}/confirm", post().to(confirmation::confirm))
        .route("/privacy", get().to(privacy::show))
        .route("/keys", get().to(key::show))
        .route("/keys/requests", post().to(key::request))
        .route("/keys/requests/{id}/approve", post().to(key::approve))
        .route("/retention", get().to(retention::show))
        .route("/retention/erasures", post().to(retention::ask))
        .route("/retention/erasures/agree", post().to(retention::agree))
        .route("/retention/holds", post().to(retention::hold))
        .route("/retention/holds/{id}/lift", post().to(retention::lift))
        .route("/households/{id}/unmask", post().to(household::unmask))
        .route("/r/{mark}", get().to(public_receipt::show))
        .route("/R/{mark}", get().to(public_receipt::show))
        .route("/v/{token}", get().to(voucher::status))
        .route("/V/{token}", get().to(voucher::status));
}

/// The page for an address that is none: for the server's default.
pub fn not_found(request: &HttpRequest) -> HttpResponse {
    failed(request, Problem::not_found()).error_response()
}

/// A problem as a page, for what is refused before a handler is asked.
pub(super) fn refused(request: &HttpRequest, problem: Problem) -> HttpResponse {
    failed(request, problem).error_response()
}

fn failed(request: &HttpRequest, problem: Problem) -> PageError {
    PageError::new(problem, Frame::public(Caller::of(request).language, request.path()))
}

/// A form that does not have the fields of its page.
fn refused_form(error: &impl std::fmt::Display, request: &HttpRequest) -> actix_web::Error {
    failed(request, Problem::bad_request("bad_form", error)).into()
}

fn unreadable_form(error: UrlencodedError, request: &HttpRequest) -> actix_web::Error {
    failed(request, Problem::bad_request("bad_form", error)).into()
}

#[cfg(test)]
mod tests;
