//! The JSON API: parse, ask the office, shape the answer. One noun a file.

mod access;
mod agencies;
mod body;
mod budgets;
mod custody;
mod decisions;
mod devices;
mod documents;
mod entitlements;
mod history;
mod holds;
mod households;
mod intakes;
mod jobs;
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
mod redemptions;
mod rounds;
mod substitutions;
mod suspicions;
mod upload;
mod users;
mod vouchers;
mod windows;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use body::json_config;
pub(in crate::http) use intakes::file_answer;

/// Every call under `/api/v1`.
pub(super) fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(access::sign_in)
        .service(access::sign_out)
        .service(access::who_am_i)
        .service(access::create_token)
        .service(access::revoke_token)
        .service(agencies::list)
        .service(agencies::create)
        .service(agencies::get)
        .service(users::list)
        .service(users::create)
        .service(users::get)
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
        .service(windows::list)
        .service(windows::set)
        .service(windows::sessions)
        .service(windows::set_sessions)
        .service(windows::lay_out)
        .service(pauses::list)
        .service(pauses::create)
        .service(pauses::resume)
        .service(devices::list)
        .service(devices::create)
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
        .service(holds::list)
        .service(holds::get)
        .service(holds::hold)
        .service(holds::release)
        .service(jobs::get)
        .service(jobs::cancel)
        .service(jobs::result)
        .service(entitlements::revoke)
        .service(entitlements::reprint)
        .service(redemptions::verify)
        .service(redemptions::redeem)
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
        .service(documents::list)
        .service(documents::make)
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
        .service(custody::note_absence);
}

/// Calls outside `/api/v1`.
pub(super) fn root_routes(config: &mut ServiceConfig<'_>) {
    config.service(public::key_set).service(public::health).service(public::ready).service(public::metrics);
}
