//! The JSON API: parse, ask the office, shape the answer. One noun a file.

mod access;
mod agencies;
mod body;
mod devices;
mod entitlements;
mod households;
mod intakes;
mod jobs;
mod packages;
mod points;
mod programmes;
mod public;
mod reconciliation;
mod redemptions;
mod rounds;
mod users;
mod vouchers;

use utoipa_actix_web::service_config::ServiceConfig;

pub(super) use body::json_config;

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
        .service(packages::list)
        .service(packages::create)
        .service(packages::get)
        .service(points::list)
        .service(points::create)
        .service(points::get)
        .service(rounds::list)
        .service(rounds::create)
        .service(rounds::get)
        .service(rounds::issue)
        .service(devices::list)
        .service(devices::create)
        .service(devices::get)
        .service(devices::revoke)
        .service(households::list)
        .service(households::enter)
        .service(households::get)
        .service(intakes::list)
        .service(intakes::upload)
        .service(intakes::get)
        .service(intakes::apply)
        .service(vouchers::list)
        .service(vouchers::print)
        .service(jobs::get)
        .service(jobs::cancel)
        .service(jobs::result)
        .service(entitlements::revoke)
        .service(entitlements::reprint)
        .service(redemptions::verify)
        .service(redemptions::redeem)
        .service(redemptions::get)
        .service(redemptions::receipt_pdf)
        .service(reconciliation::json)
        .service(reconciliation::json_file)
        .service(reconciliation::csv);
}

/// Calls outside `/api/v1`.
pub(super) fn root_routes(config: &mut ServiceConfig<'_>) {
    config.service(public::key_set).service(public::health).service(public::ready).service(public::metrics);
}
