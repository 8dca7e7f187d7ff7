//! The trail of what people did and what they looked at.
//!
//! Redemptions and attempts have records of their own; this trail is for everything else, and for every
//! look at personal data.

/// What was done, by the name under which it is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Event {
    /// An agency was created.
    AgencyCreated,
    /// A programme was created.
    ProgrammeCreated,
    /// A version of a package was created.
    PackageCreated,
    /// A round was created.
    RoundCreated,
    /// A point was created.
    PointCreated,
    /// A person got an account.
    UserCreated,
    /// A token was made.
    TokenCreated,
    /// A token was revoked.
    TokenRevoked,
    /// A device was enrolled.
    DeviceEnrolled,
    /// A device was revoked.
    DeviceRevoked,
    /// A file of households was uploaded and checked.
    IntakeUploaded,
    /// Another person agreed and it was applied.
    IntakeApplied,
    /// Entitlements were issued.
    RoundIssued,
    /// Vouchers were printed.
    VouchersPrinted,
    /// A print run was asked for that the server does by itself.
    PrintRequested,
    /// It was called off.
    PrintCancelled,
    /// Voucher codes were listed.
    VouchersListed,
    /// An entitlement was revoked.
    EntitlementRevoked,
    /// A voucher was printed again under a new print number.
    VoucherReprinted,
    /// A key was generated.
    KeyCreated,
    /// Somebody signed in.
    SignedIn,
    /// A sign-in was refused.
    SignInRefused,
    /// Somebody signed out.
    SignedOut,
    /// Personal data of households was shown.
    HouseholdsViewed,
    /// An intake's rows were shown.
    IntakeViewed,
    /// A receipt was shown.
    ReceiptViewed,
    /// Somebody acted for a person at the server's console.
    ActedAtConsole,
    /// The official list of villages was loaded.
    PlacesLoaded,
    /// What people write for a place was confirmed.
    AliasConfirmed,
    /// A file was kept until somebody points out its columns.
    UploadParked,
    /// The rows of an intake went out as a file.
    IntakeExported,
    /// It was decided whether households are eligible.
    HouseholdsDecided,
    /// It was decided whether two households are the same.
    SuspicionDecided,
    /// A decree fixed the list.
    ListFixed,
    /// A household was proposed in the place of another.
    SubstitutionProposed,
    /// Such a proposal was decided.
    SubstitutionDecided,
    /// The ceiling of a programme was revised.
    BudgetRevised,
    /// Households were placed on point, desk and session.
    HouseholdsPlaced,
    /// The window of a round at a point was changed.
    WindowExtended,
    /// An entitlement was held back.
    EntitlementHeld,
    /// It was let go.
    HoldLifted,
    /// A programme, a round or a point was paused.
    Paused,
    /// It was resumed.
    Resumed,
    /// A file of households was thrown away by its uploader before anybody agreed.
    IntakeDiscarded,
    /// A document was made from scans.
    DocumentMade,
    /// A document was read or taken out.
    DocumentRead,
    /// The titles under which documents are signed were set.
    SignaturesSet,
    /// Vouchers were put into bundles.
    BundlesPrepared,
    /// A bundle, or a part of it, went to somebody.
    CustodyRecorded,
    /// Somebody asked for another print of a voucher.
    ReprintRequested,
    /// It was noted why a household has not come.
    AbsenceNoted,
    /// A case was opened.
    CaseOpened,
    /// Something was done about a case.
    CaseStepTaken,
    /// Cases were shown.
    CasesViewed,
    /// A contract was entered.
    ContractEntered,
    /// A delivery was entered.
    DeliveryEntered,
    /// Goods were sent.
    ShipmentSent,
    /// Goods arrived and were counted.
    ShipmentReceived,
    /// Something was entered about goods, or agreed to.
    StockEntered,
    /// Goods were counted.
    StockCounted,
    /// An invoice was entered.
    InvoiceEntered,
    /// Payments were brought in.
    PaymentsBrought,
    /// It was said for which invoice a payment is.
    PaymentMatched,
    /// A period was closed, or is to be.
    PeriodClosed,
    /// A second person signed for what differs.
    ClosingSigned,
    /// What came after a close was put into an addendum.
    AddendumMade,
    /// A sample was drawn.
    SampleDrawn,
    /// It was entered what was found at a door.
    SampleEntered,
}

impl Event {
    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AgencyCreated => "agency_created",
            Self::ProgrammeCreated => "programme_created",
            Self::PackageCreated => "package_created",
            Self::RoundCreated => "round_created",
            Self::PointCreated => "point_created",
            Self::UserCreated => "user_created",
            Self::TokenCreated => "token_created",
            Self::TokenRevoked => "token_revoked",
            Self::DeviceEnrolled => "device_enrolled",
            Self::DeviceRevoked => "device_revoked",
            Self::IntakeUploaded => "intake_uploaded",
            Self::IntakeApplied => "intake_applied",
            Self::RoundIssued => "round_issued",
            Self::VouchersPrinted => "vouchers_printed",
            Self::PrintRequested => "print_requested",
            Self::PrintCancelled => "print_cancelled",
            Self::VouchersListed => "vouchers_listed",
            Self::EntitlementRevoked => "entitlement_revoked",
            Self::VoucherReprinted => "voucher_reprinted",
            Self::KeyCreated => "key_created",
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignedOut => "signed_out",
            Self::HouseholdsViewed => "households_viewed",
            Self::IntakeViewed => "intake_viewed",
            Self::ReceiptViewed => "receipt_viewed",
            Self::ActedAtConsole => "acted_at_console",
            Self::PlacesLoaded => "places_loaded",
            Self::AliasConfirmed => "alias_confirmed",
            Self::UploadParked => "upload_parked",
            Self::IntakeExported => "intake_exported",
            Self::HouseholdsDecided => "households_decided",
            Self::SuspicionDecided => "suspicion_decided",
            Self::ListFixed => "list_fixed",
            Self::SubstitutionProposed => "substitution_proposed",
            Self::SubstitutionDecided => "substitution_decided",
            Self::BudgetRevised => "budget_revised",
            Self::HouseholdsPlaced => "households_placed",
            Self::WindowExtended => "window_extended",
            Self::EntitlementHeld => "entitlement_held",
            Self::HoldLifted => "hold_lifted",
            Self::Paused => "paused",
            Self::Resumed => "resumed",
            Self::IntakeDiscarded => "intake_discarded",
            Self::DocumentMade => "document_made",
            Self::DocumentRead => "document_read",
            Self::SignaturesSet => "signatures_set",
            Self::BundlesPrepared => "bundles_prepared",
            Self::CustodyRecorded => "custody_recorded",
            Self::ReprintRequested => "reprint_requested",
            Self::AbsenceNoted => "absence_noted",
            Self::CaseOpened => "case_opened",
            Self::CaseStepTaken => "case_step_taken",
            Self::CasesViewed => "cases_viewed",
            Self::ContractEntered => "contract_entered",
            Self::DeliveryEntered => "delivery_entered",
            Self::ShipmentSent => "shipment_sent",
            Self::ShipmentReceived => "shipment_received",
            Self::StockEntered => "stock_entered",
            Self::StockCounted => "stock_counted",
            Self::InvoiceEntered => "invoice_entered",
            Self::PaymentsBrought => "payments_brought",
            Self::PaymentMatched => "payment_matched",
            Self::PeriodClosed => "period_closed",
            Self::ClosingSigned => "closing_signed",
            Self::AddendumMade => "addendum_made",
            Self::SampleDrawn => "sample_drawn",
            Self::SampleEntered => "sample_entered",
        }
    }
}
