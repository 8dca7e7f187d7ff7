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

use crate::domain::role::Action;

pub(in crate::http) use access::with_marks;
pub(super) use body::json_config;
pub(in crate::http) use intakes::file_answer;
pub(super) use leases::SYNC_MAX;

/// Who may come in by a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Door {
    /// Whoever it is.
    Open,
    /// A device with a token of its own.
    Device,
    /// A person whose role may do this. The office asks again, and is the one to decide.
    May(Action),
}

/// What takes up the calls: a server, or the description of them. Each thread of a server takes up its own, and describing
/// them there too cost it 17 MiB.
pub(super) trait Calls {
    /// Takes up one more.
    fn take(&mut self, door: Door, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self;

    /// One that anybody may make.
    fn open(&mut self, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.take(Door::Open, call)
    }

    /// One of devices.
    fn device(&mut self, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.take(Door::Device, call)
    }

    /// One of those who may do this.
    fn may(&mut self, action: Action, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.take(Door::May(action), call)
    }
}

impl Calls for web::ServiceConfig {
    fn take(&mut self, _: Door, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.service(call)
    }
}

impl Calls for ServiceConfig<'_> {
    fn take(&mut self, _: Door, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        self.service(call)
    }
}

/// Every call under `/api/v1`.
pub(super) fn routes(config: &mut impl Calls) {
    config
        // What desks ask for all day comes first: the way to a call is looked for in this order.
        .may(Action::Redeem, redemptions::redeem)
        .may(Action::Verify, redemptions::verify)
        .device(leases::sync)
        .open(access::sign_in)
        .may(Action::SignOut, access::sign_out)
        .may(Action::SignOut, access::who_am_i)
        .may(Action::SecureAccount, access::sessions)
        .may(Action::SecureAccount, access::revoke_session)
        .may(Action::ManageUsers, access::tokens)
        .may(Action::ManageUsers, access::create_token)
        .may(Action::ManageUsers, access::revoke_token)
        .may(Action::ReadProgrammes, agencies::list)
        .may(Action::ManageAgencies, agencies::create)
        .may(Action::ReadProgrammes, agencies::get)
        .may(Action::ReadUsers, users::list)
        .may(Action::ManageUsers, users::create)
        .may(Action::ReadUsers, users::get)
        .may(Action::ManageUsers, users::change)
        .may(Action::ConfirmUsers, confirmations::list)
        .may(Action::ConfirmUsers, confirmations::confirm)
        .may(Action::ReadTrail, confirmations::report)
        .may(Action::SecureAccount, account::factor)
        .may(Action::SecureAccount, account::begin)
        .may(Action::SecureAccount, account::confirm)
        .may(Action::SecureAccount, account::remove)
        .may(Action::SecureAccount, account::password)
        .may(Action::ManageUsers, invitations::list)
        .open(invitations::accept)
        .may(Action::ManageUsers, invitations::create)
        .may(Action::ManageUsers, invitations::withdraw)
        .may(Action::ReadTrail, trail::list)
        .may(Action::ReadTrail, trail::breach)
        .may(Action::Unmask, trail::unmask)
        .may(Action::RotateKeys, keys::list)
        .may(Action::RotateKeys, keys::request)
        .may(Action::RotateKeys, keys::requests)
        .may(Action::RotateKeys, keys::approve)
        .may(Action::RotateKeys, keys::vouchers)
        .may(Action::ManageRetention, retention::get)
        .may(Action::ManageRetention, retention::ask)
        .may(Action::ManageRetention, retention::erase)
        .may(Action::ReadTrail, retention::holds)
        .may(Action::ManageRetention, retention::set)
        .may(Action::ManageRetention, retention::lift)
        .may(Action::ReadProgrammes, programmes::list)
        .may(Action::ManageProgrammes, programmes::create)
        .may(Action::ReadProgrammes, programmes::get)
        .may(Action::ReadProgrammes, budgets::budget)
        .may(Action::ReadProgrammes, budgets::list)
        .may(Action::ManageProgrammes, budgets::create)
        .may(Action::Place, placements::create)
        .may(Action::ReadHouseholds, placements::overlaps)
        .may(Action::Place, placements::move_one)
        .may(Action::ReadProgrammes, packages::list)
        .may(Action::ManageProgrammes, packages::create)
        .may(Action::ReadProgrammes, packages::get)
        .may(Action::ReadProgrammes, points::list)
        .may(Action::ManageProgrammes, points::create)
        .may(Action::ReadProgrammes, points::get)
        .may(Action::ManageProgrammes, points::change)
        .may(Action::ReadProgrammes, rounds::list)
        .may(Action::ManageProgrammes, rounds::create)
        .may(Action::ReadProgrammes, rounds::get)
        .may(Action::Issue, rounds::issue)
        .may(Action::ClosePeriod, rounds::expire)
        .may(Action::ReadProgrammes, windows::list)
        .may(Action::ExtendWindow, windows::set)
        .may(Action::ReadProgrammes, windows::sessions)
        .may(Action::Place, windows::set_sessions)
        .may(Action::Place, windows::lay_out)
        .may(Action::ReadClosings, rules::get)
        .may(Action::SetRules, rules::put)
        .may(Action::ReadProgrammes, pauses::list)
        .may(Action::Pause, pauses::create)
        .may(Action::Pause, pauses::resume)
        .may(Action::ReadDevices, devices::list)
        .may(Action::ManageDevices, devices::create)
        .may(Action::ManageDevices, enrolments::create)
        .open(enrolments::enrol)
        .device(enrolments::me)
        .device(enrolments::admit_operator)
        .may(Action::ManageDevices, devices::set_brake)
        .may(Action::ReadDevices, devices::leases)
        .may(Action::ManageDevices, devices::ask_write_off)
        .may(Action::ManageDevices, devices::agree_write_off)
        .device(leases::lease)
        .device(leases::give_back)
        .may(Action::ReadDevices, recovery::get)
        .may(Action::ReadDevices, recovery::exposure)
        .may(Action::ReadDevices, devices::get)
        .may(Action::ManageDevices, devices::revoke)
        .may(Action::ReadHouseholds, households::list)
        .may(Action::UploadIntake, households::enter)
        .may(Action::ReadHouseholds, households::search)
        .may(Action::ReadHouseholds, history::get)
        .may(Action::ReadHouseholds, households::get)
        .may(Action::ReadIntakes, intakes::list)
        .may(Action::UploadIntake, intakes::upload)
        .may(Action::ReadIntakes, intakes::template)
        .may(Action::ReadIntakes, intakes::get)
        .may(Action::ApplyIntake, intakes::apply)
        .may(Action::UploadIntake, intakes::discard)
        // The rows as they came, in the clear.
        .may(Action::Unmask, intakes::reasons_csv)
        .may(Action::Unmask, intakes::reasons_xlsx)
        .may(Action::ReadIntakes, intakes::spellings)
        .may(Action::UploadIntake, intakes::confirm)
        .may(Action::ReadProgrammes, places::list)
        .may(Action::ManagePlaces, places::load)
        .may(Action::ReadProgrammes, places::aliases)
        .may(Action::ManagePlaces, places::forget)
        .may(Action::ReadHouseholds, decisions::beneficiaries)
        .may(Action::Decide, decisions::decide)
        .may(Action::ReadHouseholds, decisions::of_household)
        .may(Action::ReadProgrammes, decisions::list_standing)
        .may(Action::ReadHouseholds, suspicions::list)
        .may(Action::Decide, suspicions::search)
        .may(Action::Decide, suspicions::decide)
        .may(Action::ReadHouseholds, lists::versions)
        .may(Action::FixList, lists::fix)
        .may(Action::ReadHouseholds, lists::get)
        .may(Action::ReadHouseholds, lists::members)
        .may(Action::ReadHouseholds, lists::annex_csv)
        .may(Action::ReadHouseholds, lists::annex_xlsx)
        .may(Action::ReadHouseholds, lists::compare)
        .may(Action::ReadHouseholds, lists::compare_csv)
        .may(Action::ReadHouseholds, substitutions::list)
        .may(Action::ProposeSubstitute, substitutions::propose)
        .may(Action::Decide, substitutions::approve)
        .may(Action::Decide, substitutions::refuse)
        .may(Action::ReadVouchers, vouchers::list)
        .may(Action::ReadVouchers, vouchers::print)
        .device(reports::report)
        .device(reports::home_deliveries)
        .may(Action::ManageDevices, reports::journal)
        .may(Action::ReadHouseholds, holds::list)
        .may(Action::ReadHouseholds, holds::get)
        .may(Action::Hold, holds::hold)
        .may(Action::Hold, holds::release)
        .may(Action::ReadVouchers, jobs::get)
        .may(Action::ReadVouchers, jobs::cancel)
        .may(Action::ReadVouchers, jobs::result)
        .may(Action::Revoke, entitlements::revoke)
        .may(Action::Issue, entitlements::reprint)
        .may(Action::ReadRedemptions, redemptions::get)
        .may(Action::ReadRedemptions, redemptions::receipt_pdf)
        .open(log::checkpoint)
        .open(log::key)
        .open(log::tile)
        .open(log::proof)
        .may(Action::ReadLog, log::entitlement_history)
        .may(Action::ReadLog, log::device_history)
        .may(Action::ReadLog, log::user_history)
        .may(Action::ReadReconciliation, reconciliation::json)
        .may(Action::ReadReconciliation, reconciliation::json_file)
        .may(Action::ReadReconciliation, reconciliation::csv)
        .may(Action::ReadReconciliation, reconciliation::xlsx)
        .may(Action::ReadReconciliation, reconciliation::pdf)
        .may(Action::ReadDocuments, documents::list)
        .may(Action::MakeDocuments, documents::make)
        .may(Action::ReadDocuments, documents::pack)
        .may(Action::ReadDocuments, documents::pdf)
        .may(Action::ReadDocuments, documents::xlsx)
        .may(Action::ReadDocuments, documents::csv)
        .may(Action::ReadDocuments, documents::json)
        .may(Action::ReadDocuments, documents::get)
        .may(Action::TakeInFull, documents::full)
        .may(Action::SetSignatures, documents::signatures)
        .may(Action::SetSignatures, documents::set_signatures)
        .may(Action::ReadCustody, custody::list)
        .may(Action::PrepareBundles, custody::prepare)
        .may(Action::KeepCustody, custody::step)
        .may(Action::RequestReprint, custody::request_reprint)
        .may(Action::ReadCustody, custody::reprints)
        .may(Action::NoteAbsence, custody::note_absence)
        .may(Action::ReadExceptions, exceptions::family)
        .may(Action::ProposeException, exceptions::propose)
        .may(Action::ReadExceptions, exceptions::list)
        .may(Action::ReadExceptions, exceptions::get)
        .may(Action::DecideException, exceptions::decide)
        .may(Action::ReadCases, cases::list)
        .may(Action::OpenCase, cases::report)
        .may(Action::ReadCases, cases::get)
        .may(Action::DecideCase, cases::step)
        .may(Action::ReadStock, stock::list)
        .may(Action::ReadStock, stock::contracts)
        .may(Action::KeepTreasury, stock::create_contract)
        .may(Action::TakeDelivery, stock::enter_delivery)
        .may(Action::ReadStock, stock::shipments)
        .may(Action::KeepStock, stock::send)
        .may(Action::KeepStock, stock::receive)
        .may(Action::ReadStock, stock::entries)
        .may(Action::KeepStock, stock::enter)
        .may(Action::AgreeStock, stock::agree)
        .may(Action::KeepStock, stock::count)
        .may(Action::ReadTreasury, treasury::get)
        .may(Action::KeepTreasury, treasury::enter_invoice)
        .may(Action::KeepTreasury, treasury::bring)
        .may(Action::KeepTreasury, treasury::match_one)
        .may(Action::KeepTreasury, treasury::ask_withdrawal)
        .may(Action::ClosePeriod, treasury::agree_withdrawal)
        .may(Action::ClosePeriod, treasury::refuse_withdrawal)
        .may(Action::ReadClosings, closings::list)
        .may(Action::ReadClosings, closings::pdf)
        .may(Action::ReadClosings, closings::xlsx)
        .may(Action::ReadClosings, closings::csv)
        .may(Action::ReadClosings, closings::json)
        .may(Action::ReadClosings, closings::get)
        .may(Action::ReadClosings, closings::due)
        .may(Action::ClosePeriod, closings::addenda)
        .may(Action::ClosePeriod, closings::close)
        .may(Action::ClosePeriod, closings::sign)
        .may(Action::ClosePeriod, closings::addendum)
        .may(Action::ClosePeriod, closings::patterns)
        .may(Action::ReadReconciliation, closings::dashboard)
        .may(Action::ReadSpotChecks, closings::spot_checks)
        .may(Action::SpotCheck, closings::draw)
        .may(Action::SpotCheck, closings::enter);
}

/// Calls outside `/api/v1`.
pub(super) fn root_routes(config: &mut impl Calls) {
    config
        .open(public::key_set)
        .open(public::versioned_key_set)
        .open(public::health)
        .open(public::ready)
        .open(public::metrics);
}
