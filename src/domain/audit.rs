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
    /// A point was changed.
    PointChanged,
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
    /// A device was invited.
    EnrolmentOffered,
    /// An operator may open the names on a device.
    OperatorAdmitted,
    /// Rights were lent to a device.
    LeasesGranted,
    /// How far a device goes without contact was set.
    BrakeSet,
    /// Somebody wants a device given up.
    WriteOffAsked,
    /// Two persons gave a device up.
    DeviceWrittenOff,
    /// The revocation of an entitlement that a device holds was asked for.
    RevocationRequested,
    /// A new life of the server began on a restored database.
    RecoveryBegun,
    /// The log that was signed is lost for good, and two persons began another.
    LogRestarted,
    /// A file of households was uploaded and checked.
    IntakeUploaded,
    /// Another person agreed and it was applied.
    IntakeApplied,
    /// Entitlements were issued.
    RoundIssued,
    /// What nobody came for ended with its round.
    RoundExpired,
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
    /// The books of a round went out as a file.
    ReconciliationExported,
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
    /// Somebody proposed that a household gets what it is still owed.
    ExceptionProposed,
    /// Another person approved it: it has a voucher of its own.
    ExceptionApproved,
    /// Another person did not.
    ExceptionDeclined,
    /// It was noted why a household has not come.
    AbsenceNoted,
    /// An account was opened, closed or given another end.
    UserChanged,
    /// Another person than its maker confirmed whose an account is.
    UserConfirmed,
    /// An account was told to wait: it took more at once than anybody's work needs.
    LimitReached,
    /// Somebody changed their own password.
    PasswordChanged,
    /// A sign-in was ended by its owner or an administrator.
    SessionRevoked,
    /// Somebody began to set up one-time codes.
    FactorBegun,
    /// One-time codes were set up and count from now on.
    FactorConfirmed,
    /// One-time codes were taken away.
    FactorRemoved,
    /// A recovery code stood in for a one-time code.
    RecoveryUsed,
    /// Somebody was invited to take an account.
    InvitationCreated,
    /// An invitation became an account.
    InvitationAccepted,
    /// An invitation was withdrawn.
    InvitationWithdrawn,
    /// The identity numbers of a household were shown in full, with a reason.
    HouseholdUnmasked,
    /// A document went out with identity numbers in full, with a reason.
    DocumentUnmasked,
    /// The trail itself was read.
    TrailRead,
    /// A report on a possible breach was made.
    BreachReported,
    /// A legal hold was set: nothing is erased.
    RetentionHeld,
    /// A legal hold was lifted.
    RetentionReleased,
    /// The personal data of a household were erased after their time.
    HouseholdErased,
    /// Somebody asked that a key be replaced.
    KeyRequested,
    /// Another person agreed and the key was replaced.
    KeyRotated,
    /// A key was declared to be in other hands: what it signed is good no more.
    KeyCompromised,
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
    /// It was asked that an invoice be withdrawn.
    InvoiceWithdrawalAsked,
    /// A second person agreed, and it is withdrawn.
    InvoiceWithdrawn,
    /// A second person did not agree, and it stands.
    InvoiceWithdrawalRefused,
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
    /// An agency chose from when a pattern is a case, and what an empty point does.
    RulesSet,
    /// The annex of a decree went out as a file.
    ListExported,
    /// It was entered what was found at a door.
    SampleEntered,
    /// A backup was made by schedule, and opened again.
    BackupMade,
    /// It could not be made.
    BackupFailed,
    /// Somebody asked that what has had its time be erased.
    ErasureAsked,
    /// A backup was made by hand, at the console of the server.
    BackupTaken,
    /// The log was taken out as a folder, with receipts and books.
    LogExported,
}

/// What kind of line it is, for those who read the trail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Something was changed, or somebody came in.
    Act,
    /// Personal data was shown.
    Look,
    /// Personal data or codes went out as a file or a list.
    Export,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Act, Self::Look, Self::Export];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Act => "act",
            Self::Look => "look",
            Self::Export => "export",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

impl Event {
    /// The looks at personal data.
    pub const LOOKS: [Self; 5] =
        [Self::HouseholdsViewed, Self::IntakeViewed, Self::ReceiptViewed, Self::HouseholdUnmasked, Self::CasesViewed];

    /// What takes personal data or codes out of the installation: also onto a device, which may be lost, and into a copy
    /// of the database.
    pub const EXPORTS: [Self; 12] = [
        Self::LeasesGranted,
        Self::BackupTaken,
        Self::LogExported,
        Self::ListExported,
        Self::VouchersPrinted,
        Self::VouchersListed,
        Self::PrintRequested,
        Self::IntakeExported,
        Self::DocumentRead,
        Self::DocumentUnmasked,
        Self::ReconciliationExported,
        Self::BreachReported,
    ];

    /// What happens to the installation and to no agency of it: every agency reads it.
    pub const OF_ALL: [Self; 6] = [
        Self::SignInRefused,
        Self::BackupMade,
        Self::BackupFailed,
        Self::BackupTaken,
        Self::RecoveryBegun,
        Self::LogRestarted,
    ];

    /// Whether a line of it stands in the log as well, from which nothing can vanish: what changes something, and what
    /// shows a number in full. Coming and going do not, and lists do not; the log has leaves of its own for what is
    /// handed over. That somebody came to the console does not either: what they did there does, and a log that grew
    /// whenever it is taken out would never be one that a witness has signed.
    #[must_use]
    pub fn is_logged(self) -> bool {
        match self {
            Self::SignedIn | Self::SignedOut | Self::SignInRefused | Self::TrailRead | Self::ActedAtConsole => false,
            Self::HouseholdUnmasked | Self::DocumentUnmasked | Self::BreachReported => true,
            _ => self.kind() == Kind::Act,
        }
    }

    /// What kind of line it is.
    #[must_use]
    pub fn kind(self) -> Kind {
        if Self::LOOKS.contains(&self) {
            Kind::Look
        } else if Self::EXPORTS.contains(&self) {
            Kind::Export
        } else {
            Kind::Act
        }
    }

    /// The stable code: what was acted on, a dot, what was done.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AgencyCreated => "agency.created",
            Self::ProgrammeCreated => "programme.created",
            Self::PackageCreated => "package.created",
            Self::RoundCreated => "round.created",
            Self::PointCreated => "point.created",
            Self::PointChanged => "point.changed",
            Self::UserCreated => "user.created",
            Self::TokenCreated => "token.created",
            Self::TokenRevoked => "token.revoked",
            Self::DeviceEnrolled => "device.enrolled",
            Self::DeviceRevoked => "device.revoked",
            Self::IntakeUploaded => "intake.uploaded",
            Self::IntakeApplied => "intake.applied",
            Self::RoundIssued => "round.issued",
            Self::RoundExpired => "round.expired",
            Self::VouchersPrinted => "voucher.printed",
            Self::PrintRequested => "print.requested",
            Self::PrintCancelled => "print.cancelled",
            Self::VouchersListed => "voucher.listed",
            Self::EntitlementRevoked => "entitlement.revoked",
            Self::VoucherReprinted => "voucher.reprinted",
            Self::KeyCreated => "key.created",
            Self::SignedIn => "session.begun",
            Self::SignInRefused => "session.refused",
            Self::SignedOut => "session.ended",
            Self::HouseholdsViewed => "household.viewed",
            Self::IntakeViewed => "intake.viewed",
            Self::ReceiptViewed => "receipt.viewed",
            Self::ReconciliationExported => "reconciliation.exported",
            Self::ActedAtConsole => "console.acted",
            Self::PlacesLoaded => "place.loaded",
            Self::AliasConfirmed => "alias.confirmed",
            Self::UploadParked => "upload.parked",
            Self::IntakeExported => "intake.exported",
            Self::HouseholdsDecided => "household.decided",
            Self::SuspicionDecided => "suspicion.decided",
            Self::ListFixed => "list.fixed",
            Self::SubstitutionProposed => "substitution.proposed",
            Self::SubstitutionDecided => "substitution.decided",
            Self::BudgetRevised => "budget.revised",
            Self::HouseholdsPlaced => "household.placed",
            Self::WindowExtended => "window.extended",
            Self::EntitlementHeld => "entitlement.held",
            Self::HoldLifted => "hold.lifted",
            Self::Paused => "pause.begun",
            Self::Resumed => "pause.ended",
            Self::IntakeDiscarded => "intake.discarded",
            Self::DocumentMade => "document.made",
            Self::DocumentRead => "document.read",
            Self::SignaturesSet => "signature.set",
            Self::BundlesPrepared => "bundle.prepared",
            Self::CustodyRecorded => "custody.recorded",
            Self::ReprintRequested => "reprint.requested",
            Self::ExceptionProposed => "exception.proposed",
            Self::ExceptionApproved => "exception.approved",
            Self::ExceptionDeclined => "exception.declined",
            Self::AbsenceNoted => "absence.noted",
            Self::UserChanged => "user.changed",
            Self::UserConfirmed => "user.confirmed",
            Self::LimitReached => "limit.reached",
            Self::PasswordChanged => "password.changed",
            Self::SessionRevoked => "session.revoked",
            Self::FactorBegun => "factor.begun",
            Self::FactorConfirmed => "factor.confirmed",
            Self::FactorRemoved => "factor.removed",
            Self::RecoveryUsed => "factor.recovered",
            Self::InvitationCreated => "invitation.created",
            Self::InvitationAccepted => "invitation.accepted",
            Self::InvitationWithdrawn => "invitation.withdrawn",
            Self::HouseholdUnmasked => "household.unmasked",
            Self::DocumentUnmasked => "document.unmasked",
            Self::TrailRead => "trail.read",
            Self::BreachReported => "breach.reported",
            Self::RetentionHeld => "retention.held",
            Self::RetentionReleased => "retention.released",
            Self::HouseholdErased => "household.erased",
            Self::KeyRequested => "key.requested",
            Self::KeyRotated => "key.rotated",
            Self::KeyCompromised => "key.compromised",
            Self::EnrolmentOffered => "enrolment.offered",
            Self::OperatorAdmitted => "operator.admitted",
            Self::LeasesGranted => "lease.granted",
            Self::BrakeSet => "brake.set",
            Self::WriteOffAsked => "write_off.asked",
            Self::DeviceWrittenOff => "device.written_off",
            Self::RevocationRequested => "revocation.requested",
            Self::RecoveryBegun => "recovery.begun",
            Self::LogRestarted => "log.restarted",
            Self::CaseOpened => "case.opened",
            Self::CaseStepTaken => "case.step_taken",
            Self::CasesViewed => "case.viewed",
            Self::ContractEntered => "contract.entered",
            Self::DeliveryEntered => "delivery.entered",
            Self::ShipmentSent => "shipment.sent",
            Self::ShipmentReceived => "shipment.received",
            Self::StockEntered => "stock.entered",
            Self::StockCounted => "stock.counted",
            Self::InvoiceEntered => "invoice.entered",
            Self::InvoiceWithdrawalAsked => "invoice.withdrawal_asked",
            Self::InvoiceWithdrawn => "invoice.withdrawn",
            Self::InvoiceWithdrawalRefused => "invoice.withdrawal_refused",
            Self::PaymentsBrought => "payment.brought",
            Self::PaymentMatched => "payment.matched",
            Self::PeriodClosed => "period.closed",
            Self::ClosingSigned => "closing.signed",
            Self::AddendumMade => "addendum.made",
            Self::SampleDrawn => "sample.drawn",
            Self::RulesSet => "rules.set",
            Self::ListExported => "list.exported",
            Self::BackupMade => "backup.made",
            Self::BackupFailed => "backup.failed",
            Self::ErasureAsked => "erasure.asked",
            Self::BackupTaken => "backup.taken",
            Self::LogExported => "log.exported",
            Self::SampleEntered => "sample.entered",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The codes, read from this very file, so that none is left out.
    fn codes() -> Vec<&'static str> {
        let source = include_str!("audit.rs");
        let body = source.split("pub const fn as_str(self)").nth(2).unwrap().split("#[cfg(test)]").next().unwrap();
        body.lines().filter_map(|line| line.split("=> \"").nth(1)?.split('"').next()).collect()
    }

    #[test]
    fn every_code_names_what_was_acted_on_and_what_was_done_and_stands_once() {
        let codes = codes();
        assert!(codes.len() > 60, "the search for codes is broken: {codes:?}");
        for code in &codes {
            let parts: Vec<_> = code.split('.').collect();
            let word =
                |part: &&str| !part.is_empty() && part.bytes().all(|sign| sign.is_ascii_lowercase() || sign == b'_');
            assert!(parts.len() == 2 && parts.iter().all(word), "{code}");
        }
        let distinct: std::collections::BTreeSet<_> = codes.iter().collect();
        assert_eq!(distinct.len(), codes.len());
    }

    #[test]
    fn every_code_has_words_in_both_languages() {
        for words in [include_str!("../../assets/words/id.ftl"), include_str!("../../assets/words/en.ftl")] {
            for code in codes() {
                let key = format!("\nevent-{} = ", code.replace(['.', '_'], "-"));
                assert!(words.contains(&key), "{key}");
            }
        }
    }

    #[test]
    fn looks_and_exports_are_told_from_acts() {
        assert_eq!(Event::HouseholdUnmasked.kind(), Kind::Look);
        assert_eq!(Event::IntakeExported.kind(), Kind::Export);
        assert_eq!(Event::UserCreated.kind(), Kind::Act);
        assert!(Kind::ALL.into_iter().all(|kind| Kind::parse(kind.as_str()) == Some(kind)));
    }
}
