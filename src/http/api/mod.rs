//! The JSON API: parse, ask the office, shape the answer. One noun a file.

mod access;
mod account;
mod agencies;
mod body;
mod budgets;
mod cases;
mod closings;
mod confirmations;
mod custody;
mod decisions;
mod devices;
mod documents;
mod enrolments;
mod entitlements;
mod exceptions;
mod history;
mod holds;
mod households;
mod intakes;
mod invitations;
mod jobs;
mod keys;
mod leases;
mod lists;
mod log;
mod packages;
mod pauses;
mod placements;
mod places;
mod points;
mod programmes;
mod public;
mod reconciliation;
mod recovery;
mod redemptions;
mod reports;
mod retention;
mod rounds;
mod rules;
mod stock;
mod substitutions;
mod suspicions;
mod trail;
mod treasury;
mod upload;
mod users;
mod vouchers;
mod windows;

use actix_web::dev::HttpServiceFactory;
use actix_web::web;
use utoipa_actix_web::OpenApiFactory;
use utoipa_actix_web::service_config::ServiceConfig;

pub(in crate::http) use access::with_marks;
pub(super) use body::json_config;
pub(in crate::http) use intakes::file_answer;
pub(super) use leases::SYNC_MAX;

/// What takes up the calls: a server, or the description of them. Each thread of a server takes up its own, and describing
/// them there too cost it 17 MiB.
pub(super) trait Calls {
    /// Takes up one more.
    fn service(&mut self, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self;
}

impl Calls for web::ServiceConfig {
    fn service(&mut self, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        Self::service(self, call)
    }
}

impl Calls for ServiceConfig<'_> {
    fn service(&mut self, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        Self::service(self, call)
    }
}

/// Every call under `/api/v1`.
pub(super) fn routes(config: &mut impl Calls) {
    config
        // What desks ask for all day comes first: the way to a call is looked for in this order.
        .service(redemptions::redeem)
        .service(redemptions::verify)
        .service(leases::sync)
        .service(access::sign_in)
        .service(access::sign_out)
        .service(access::who_am_i)
        .service(access::sessions)
        .service(access::revoke_session)
        .service(access::tokens)
        .service(access::create_token)
        .service(access::revoke_token)
        .service(agencies::list)
        .service(agencies::create)
        .service(agencies::get)
        .service(users::list)
        .service(users::create)
        .service(users::get)
        .service(users::change)
        .service(confirmations::list)
        .service(confirmations::confirm)
        .service(confirmations::report)
        .service(account::factor)
        .service(account::begin)
        .service(account::confirm)
        .service(account::remove)
        .service(account::password)
        .service(invitations::list)
        .service(invitations::accept)
        .service(invitations::create)
        .service(invitations::withdraw)
        .service(trail::list)
        .service(trail::breach)
        .service(trail::unmask)
        .service(keys::list)
        .service(keys::request)
        .service(keys::requests)
        .service(keys::approve)
        .service(keys::vouchers)
        .service(retention::get)
        .service(retention::ask)
        .service(retention::erase)
        .service(retention::holds)
        .service(retention::set)
        .service(retention::lift)
        .service(programmes::list)
        .service(programmes::create)
        .service(programmes::get)
        .service(budgets::budget)
        .service(budgets::list)
        .service(budgets::create)
        .service(placements::create)
        .service(placements::overlaps)
        .service(placements::move_one)
        .service(packages::list)
        .service(packages::create)
        .service(packages::get)
        .service(points::list)
        .service(points::create)
        .service(points::get)
        .service(points::change)
        .service(rounds::list)
        .service(rounds::create)
        .service(rounds::get)
        .service(rounds::issue)
        .service(rounds::expire)
        .service(windows::list)
        .service(windows::set)
        .service(windows::sessions)
        .service(windows::set_sessions)
        .service(windows::lay_out)
        .service(rules::get)
        .service(rules::put)
        .service(pauses::list)
        .service(pauses::create)
        .service(pauses::resume)
        .service(devices::list)
        .service(devices::create)
        .service(enrolments::create)
        .service(enrolments::enrol)
        .service(enrolments::me)
        .service(enrolments::admit_operator)
        .service(devices::set_brake)
        .service(devices::leases)
        .service(devices::ask_write_off)
        .service(devices::agree_write_off)
        .service(leases::lease)
        .service(leases::give_back)
        .service(recovery::get)
        .service(recovery::begin)
        .service(recovery::exposure)
        .service(devices::get)
        .service(devices::revoke)
        .service(households::list)
        .service(households::enter)
        .service(households::search)
        .service(history::get)
        .service(households::get)
        .service(intakes::list)
        .service(intakes::upload)
        .service(intakes::template)
        .service(intakes::get)
        .service(intakes::apply)
        .service(intakes::discard)
        .service(intakes::reasons_csv)
        .service(intakes::reasons_xlsx)
        .service(intakes::spellings)
        .service(intakes::confirm)
        .service(places::list)
        .service(places::load)
        .service(places::aliases)
        .service(places::forget)
        .service(decisions::beneficiaries)
        .service(decisions::decide)
        .service(decisions::of_household)
        .service(decisions::list_standing)
        .service(suspicions::list)
        .service(suspicions::search)
        .service(suspicions::decide)
        .service(lists::versions)
        .service(lists::fix)
        .service(lists::get)
        .service(lists::members)
        .service(lists::annex_csv)
        .service(lists::annex_xlsx)
        .service(lists::compare)
        .service(lists::compare_csv)
        .service(substitutions::list)
        .service(substitutions::propose)
        .service(substitutions::approve)
        .service(substitutions::refuse)
        .service(vouchers::list)
        .service(vouchers::print)
        .service(reports::report)
        .service(reports::home_deliveries)
        .service(reports::journal)
        .service(holds::list)
        .service(holds::get)
        .service(holds::hold)
        .service(holds::release)
        .service(jobs::get)
        .service(jobs::cancel)
        .service(jobs::result)
        .service(entitlements::revoke)
        .service(entitlements::reprint)
        .service(redemptions::get)
        .service(redemptions::receipt_pdf)
        .service(log::checkpoint)
        .service(log::key)
        .service(log::tile)
        .service(log::proof)
        .service(log::entitlement_history)
        .service(log::device_history)
        .service(log::user_history)
        .service(reconciliation::json)
        .service(reconciliation::json_file)
        .service(reconciliation::csv)
        .service(reconciliation::xlsx)
        .service(reconciliation::pdf)
        .service(documents::list)
        .service(documents::make)
        .service(documents::pack)
        .service(documents::pdf)
        .service(documents::xlsx)
        .service(documents::csv)
        .service(documents::json)
        .service(documents::get)
        .service(documents::signatures)
        .service(documents::set_signatures)
        .service(custody::list)
        .service(custody::prepare)
        .service(custody::step)
        .service(custody::request_reprint)
        .service(custody::reprints)
        .service(custody::note_absence)
        .service(exceptions::family)
        .service(exceptions::propose)
        .service(exceptions::list)
        .service(exceptions::get)
        .service(exceptions::decide)
        .service(cases::list)
        .service(cases::report)
        .service(cases::get)
        .service(cases::step)
        .service(stock::list)
        .service(stock::contracts)
        .service(stock::create_contract)
        .service(stock::enter_delivery)
        .service(stock::shipments)
        .service(stock::send)
        .service(stock::receive)
        .service(stock::entries)
        .service(stock::enter)
        .service(stock::agree)
        .service(stock::count)
        .service(treasury::get)
        .service(treasury::enter_invoice)
        .service(treasury::bring)
        .service(treasury::match_one)
        .service(treasury::ask_withdrawal)
        .service(treasury::agree_withdrawal)
        .service(treasury::refuse_withdrawal)
        .service(closings::list)
        .service(closings::pdf)
        .service(closings::xlsx)
        .service(closings::csv)
        .service(closings::json)
        .service(closings::get)
        .service(closings::due)
        .service(closings::addenda)
        .service(closings::close)
        .service(closings::sign)
        .service(closings::addendum)
        .service(closings::patterns)
        .service(closings::dashboard)
        .service(closings::spot_checks)
        .service(closings::draw)
        .service(closings::enter);
}

/// Calls outside `/api/v1`.
pub(super) fn root_routes(config: &mut impl Calls) {
    config
        .service(public::key_set)
        .service(public::versioned_key_set)
        .service(public::health)
        .service(public::ready)
        .service(public::metrics);
}
