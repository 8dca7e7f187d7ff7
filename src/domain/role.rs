//! Who may do what: one table of role × action.
//!
//! The people who could steal are the people who work here, so the roles that enter, approve, issue,
//! hand over and reconcile are held by different people: one person has one role, and no role does two
//! of those five. Whether the *object* of an action lies in the actor's agency, programme or point is
//! checked where the object is loaded; this table is about the action alone.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a person does in the office. Each person has exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Sets the installation up: agencies, people, programmes, points, devices.
    Admin,
    /// Enters households.
    Registrar,
    /// Approves what a registrar entered (verval).
    Verifier,
    /// Issues entitlements and prints vouchers.
    Issuer,
    /// Supervises points and devices.
    Coordinator,
    /// Stands at a desk: scans and hands over.
    Operator,
    /// Keeps the goods (pengurus barang).
    Storekeeper,
    /// Reconciles redemptions with the budget.
    Finance,
    /// Reads everything that an audit needs and changes nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 9] = [
        Self::Admin,
        Self::Registrar,
        Self::Verifier,
        Self::Issuer,
        Self::Coordinator,
        Self::Operator,
        Self::Storekeeper,
        Self::Finance,
        Self::Auditor,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Registrar => "registrar",
            Self::Verifier => "verifier",
            Self::Issuer => "issuer",
            Self::Coordinator => "coordinator",
            Self::Operator => "operator",
            Self::Storekeeper => "storekeeper",
            Self::Finance => "finance",
            Self::Auditor => "auditor",
        }
    }

    /// The role with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == code)
    }

    /// Whether a stolen password of this role would do the most harm: it manages accounts, makes vouchers, or
    /// closes the books. These set up one-time codes.
    #[must_use]
    pub const fn needs_second_factor(self) -> bool {
        matches!(self, Self::Admin | Self::Issuer | Self::Finance)
    }

    /// Whether a person of this role agrees to what another one began: a second account of one person here undoes
    /// every rule of two persons.
    #[must_use]
    pub const fn checks(self) -> bool {
        matches!(self, Self::Admin | Self::Verifier | Self::Issuer | Self::Coordinator | Self::Finance)
    }

    /// Whether a person of this role may do this while they have yet to set up one-time codes, or to be confirmed:
    /// secure the account, leave, and see what the programmes are called.
    #[must_use]
    pub const fn may_before_second_factor(action: Action) -> bool {
        matches!(action, Action::SecureAccount | Action::SignOut | Action::ReadProgrammes)
    }

    /// Whether a person of this role may do this.
    #[must_use]
    pub const fn may(self, action: Action) -> bool {
        use Role::{Admin, Auditor, Coordinator, Finance, Issuer, Operator, Registrar, Storekeeper, Verifier};
        match action {
            Action::ManageAgencies | Action::ManageProgrammes | Action::ManageUsers => matches!(self, Admin),
            Action::ReadUsers => matches!(self, Admin | Auditor),
            Action::ConfirmUsers => matches!(self, Admin | Finance),
            Action::ManageDevices => matches!(self, Admin | Coordinator),
            Action::ReadDevices => matches!(self, Admin | Coordinator | Auditor),
            Action::ReadProgrammes => matches!(
                self,
                Admin | Registrar | Verifier | Issuer | Coordinator | Operator | Storekeeper | Finance | Auditor
            ),
            Action::UploadIntake => matches!(self, Registrar),
            Action::ReadIntakes => matches!(self, Registrar | Verifier | Auditor),
            Action::ReadHouseholds => matches!(self, Registrar | Verifier | Coordinator | Auditor),
            Action::ManagePlaces => matches!(self, Admin | Registrar),
            Action::ApplyIntake | Action::Decide | Action::FixList => matches!(self, Verifier),
            Action::ProposeSubstitute => matches!(self, Registrar),
            Action::Place | Action::ExtendWindow | Action::Hold => matches!(self, Coordinator),
            Action::Pause => matches!(self, Admin | Coordinator),
            Action::Issue | Action::ReadVouchers => matches!(self, Issuer),
            Action::Revoke => matches!(self, Coordinator),
            Action::Verify => matches!(self, Operator | Coordinator),
            Action::Redeem => matches!(self, Operator),
            Action::ReadRedemptions => matches!(self, Operator | Coordinator | Finance | Auditor),
            Action::ReadReconciliation => matches!(self, Finance | Auditor | Admin),
            Action::ReadLog => matches!(self, Auditor | Admin),
            Action::ReadDocuments => matches!(self, Coordinator | Finance | Auditor | Issuer),
            Action::MakeDocuments => matches!(self, Coordinator | Finance),
            Action::ReadCustody => matches!(self, Issuer | Coordinator | Finance | Auditor),
            Action::PrepareBundles => matches!(self, Issuer),
            Action::KeepCustody | Action::NoteAbsence => matches!(self, Coordinator),
            Action::RequestReprint => matches!(self, Coordinator | Operator),
            Action::ReadExceptions => matches!(self, Issuer | Coordinator | Finance | Auditor),
            Action::ProposeException => matches!(self, Issuer | Coordinator),
            Action::DecideException => matches!(self, Issuer),
            Action::SetSignatures | Action::SetRules => matches!(self, Admin),
            Action::ReadTrail => matches!(self, Admin | Auditor),
            Action::Unmask => matches!(self, Registrar | Verifier),
            Action::TakeInFull => matches!(self, Finance),
            Action::RotateKeys => matches!(self, Admin | Issuer),
            Action::ManageRetention => matches!(self, Admin),
            Action::SecureAccount | Action::SignOut => true,
            Action::OpenCase => matches!(self, Operator | Coordinator | Storekeeper | Registrar | Finance),
            Action::ReadCases => matches!(self, Coordinator | Finance | Auditor | Admin),
            Action::DecideCase => matches!(self, Coordinator | Finance),
            Action::PostCase => matches!(self, Finance),
            Action::ReadStock => matches!(self, Storekeeper | Coordinator | Finance | Auditor | Admin),
            Action::KeepStock => matches!(self, Storekeeper | Coordinator | Operator),
            Action::TakeDelivery => matches!(self, Storekeeper),
            Action::AgreeStock | Action::KeepTreasury => matches!(self, Finance),
            Action::ReadTreasury => matches!(self, Finance | Auditor | Admin),
            Action::ClosePeriod => matches!(self, Coordinator | Finance),
            Action::ReadClosings => matches!(self, Coordinator | Finance | Auditor | Admin),
            Action::ReadSpotChecks => matches!(self, Auditor | Finance),
            Action::SpotCheck => matches!(self, Auditor),
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Something a person asks the office to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Create an agency.
    ManageAgencies,
    /// Create programmes, packages, rounds and points.
    ManageProgrammes,
    /// Create and disable people and their tokens.
    ManageUsers,
    /// See who has an account.
    ReadUsers,
    /// Confirm that an account that another made is somebody's own, known to the one who confirms.
    ConfirmUsers,
    /// Enrol and revoke devices.
    ManageDevices,
    /// See the devices.
    ReadDevices,
    /// See agencies, programmes, packages, rounds and points.
    ReadProgrammes,
    /// Bring households in.
    UploadIntake,
    /// See what was brought in.
    ReadIntakes,
    /// Agree to what another person brought in.
    ApplyIntake,
    /// See households, masked.
    ReadHouseholds,
    /// Load the official list of villages, and confirm what people write for one.
    ManagePlaces,
    /// Decide whether a household is eligible, and whether two are the same (verval).
    Decide,
    /// Record the decree that fixes the list.
    FixList,
    /// Propose that another household takes the place of one.
    ProposeSubstitute,
    /// Place households on point, desk and session.
    Place,
    /// Extend the window of a round at a point.
    ExtendWindow,
    /// Hold back one entitlement, and let it go.
    Hold,
    /// Pause a programme, a round or a point, and resume it.
    Pause,
    /// Turn approved households into entitlements.
    Issue,
    /// See and print vouchers: whoever can, holds codes that can be redeemed.
    ReadVouchers,
    /// Take an entitlement away, with a reason.
    Revoke,
    /// Ask whether a voucher is good.
    Verify,
    /// Hand a package over.
    Redeem,
    /// See receipts.
    ReadRedemptions,
    /// See budget, entitlements and redemptions side by side.
    ReadReconciliation,
    /// Read the log as a timeline, and take it out with receipts and books.
    ReadLog,
    /// Read documents made from scans, and take them out as files.
    ReadDocuments,
    /// Make a document from scans: it gets a number and is kept.
    MakeDocuments,
    /// See bundles, where they went, and reprints.
    ReadCustody,
    /// Put printed vouchers into bundles.
    PrepareBundles,
    /// Record where a bundle went.
    KeepCustody,
    /// Note why a household has not come.
    NoteAbsence,
    /// Ask for another print of a voucher; whoever issues agrees.
    RequestReprint,
    /// See what households are still owed, and what was decided about it.
    ReadExceptions,
    /// Propose that a household gets what it is still owed.
    ProposeException,
    /// Decide that; another person proposed it.
    DecideException,
    /// Set the titles under which documents are signed.
    SetSignatures,
    /// Choose from when a pattern is a case, and what an empty point does.
    SetRules,
    /// Read the trail of acts, looks and exports, and report from it.
    ReadTrail,
    /// See the identity numbers of a household in full, with a reason.
    Unmask,
    /// Take the list of a decree, and what was signed for, with identity numbers in full, with a reason.
    TakeInFull,
    /// Ask that a key be replaced, and agree when another asked.
    RotateKeys,
    /// Set and lift legal holds, and erase what has had its time.
    ManageRetention,
    /// Change one's own password and one-time codes, and end one's own sign-ins.
    SecureAccount,
    /// Report something that a person must decide.
    OpenCase,
    /// See what was reported.
    ReadCases,
    /// Follow a case up: note, take, propose, agree.
    DecideCase,
    /// Post what follows from a decision, and close the case.
    PostCase,
    /// See goods, contracts and shipments.
    ReadStock,
    /// Deliver, send, receive, count; where, depends on who keeps the place.
    KeepStock,
    /// Take what a supplier brings into the warehouse.
    TakeDelivery,
    /// Agree to a correction of the goods.
    AgreeStock,
    /// See contracts, invoices and payments.
    ReadTreasury,
    /// Enter contracts, invoices and payments.
    KeepTreasury,
    /// Close a period, or sign for one.
    ClosePeriod,
    /// See what closed.
    ReadClosings,
    /// See samples of households that are asked at their doors.
    ReadSpotChecks,
    /// Draw such a sample, and enter what was found: the one thing that an auditor writes, and nobody else may.
    SpotCheck,
    /// End one's own sign-in.
    SignOut,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 61] = [
        Self::ManageAgencies,
        Self::ManageProgrammes,
        Self::ManageUsers,
        Self::ReadUsers,
        Self::ConfirmUsers,
        Self::ManageDevices,
        Self::ReadDevices,
        Self::ReadProgrammes,
        Self::UploadIntake,
        Self::ReadIntakes,
        Self::ApplyIntake,
        Self::ReadHouseholds,
        Self::ManagePlaces,
        Self::Decide,
        Self::FixList,
        Self::ProposeSubstitute,
        Self::Place,
        Self::ExtendWindow,
        Self::Hold,
        Self::Pause,
        Self::Issue,
        Self::ReadVouchers,
        Self::Revoke,
        Self::Verify,
        Self::Redeem,
        Self::ReadRedemptions,
        Self::ReadReconciliation,
        Self::ReadLog,
        Self::ReadDocuments,
        Self::MakeDocuments,
        Self::ReadCustody,
        Self::PrepareBundles,
        Self::KeepCustody,
        Self::NoteAbsence,
        Self::RequestReprint,
        Self::ReadExceptions,
        Self::ProposeException,
        Self::DecideException,
        Self::SetSignatures,
        Self::SetRules,
        Self::ReadTrail,
        Self::Unmask,
        Self::TakeInFull,
        Self::RotateKeys,
        Self::ManageRetention,
        Self::SecureAccount,
        Self::OpenCase,
        Self::ReadCases,
        Self::DecideCase,
        Self::PostCase,
        Self::ReadStock,
        Self::KeepStock,
        Self::TakeDelivery,
        Self::AgreeStock,
        Self::ReadTreasury,
        Self::KeepTreasury,
        Self::ClosePeriod,
        Self::ReadClosings,
        Self::ReadSpotChecks,
        Self::SpotCheck,
        Self::SignOut,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The five acts between a list and a closed book (V11), of which one role may do at most one.
    const ACTS: [Action; 5] =
        [Action::UploadIntake, Action::ApplyIntake, Action::Issue, Action::Redeem, Action::ReadReconciliation];

    #[test]
    fn no_role_does_two_of_the_five_acts() {
        for role in Role::ALL {
            let count = ACTS.iter().filter(|act| role.may(**act)).count();
            assert!(count <= 1, "{role} may do {count} of the five acts");
        }
        for act in ACTS {
            assert!(Role::ALL.iter().any(|role| role.may(act)), "nobody may do {act:?}");
        }
    }

    #[test]
    fn the_list_of_actions_leaves_none_out() {
        // Read from this very file: an action that is added to the enum alone would be checked by nobody.
        let source = include_str!("role.rs");
        let body = source.split("pub enum Action {").nth(1).unwrap().split("\n}").next().unwrap();
        let named: Vec<&str> = body.lines().filter_map(|line| line.trim().strip_suffix(',')).collect();
        let listed: Vec<String> = Action::ALL.iter().map(|action| format!("{action:?}")).collect();
        assert_eq!(named, listed);
        assert!(Action::ALL.iter().all(|action| Role::ALL.iter().any(|role| role.may(*action))));
    }

    #[test]
    fn who_agrees_to_what_others_began_is_one_who_checks() {
        let agreeing = [
            Action::ApplyIntake,
            Action::DecideException,
            Action::DecideCase,
            Action::AgreeStock,
            Action::ClosePeriod,
            Action::RotateKeys,
            Action::ManageRetention,
            Action::ConfirmUsers,
        ];
        for role in Role::ALL {
            if let Some(act) = agreeing.into_iter().find(|act| role.may(*act)) {
                assert!(role.checks(), "{role} may {act:?}");
            }
        }
        assert!(![Role::Registrar, Role::Operator, Role::Storekeeper, Role::Auditor].iter().any(|role| role.checks()));
    }

    #[test]
    fn an_auditor_changes_nothing() {
        let changing = [
            Action::ManageAgencies,
            Action::ManageProgrammes,
            Action::ManageUsers,
            Action::ConfirmUsers,
            Action::ManageDevices,
            Action::UploadIntake,
            Action::ApplyIntake,
            Action::Issue,
            Action::Revoke,
            Action::Redeem,
            Action::ManagePlaces,
            Action::Decide,
            Action::FixList,
            Action::ProposeSubstitute,
            Action::Place,
            Action::ExtendWindow,
            Action::Hold,
            Action::Pause,
            Action::MakeDocuments,
            Action::PrepareBundles,
            Action::KeepCustody,
            Action::NoteAbsence,
            Action::RequestReprint,
            Action::ProposeException,
            Action::DecideException,
            Action::SetSignatures,
            Action::SetRules,
            Action::RotateKeys,
            Action::ManageRetention,
            Action::Unmask,
            Action::OpenCase,
            Action::DecideCase,
            Action::PostCase,
            Action::KeepStock,
            Action::TakeDelivery,
            Action::AgreeStock,
            Action::KeepTreasury,
            Action::ClosePeriod,
        ];
        assert!(changing.iter().all(|action| !Role::Auditor.may(*action)));
    }

    #[test]
    fn every_role_reads_back_from_its_code() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("root"), None);
    }
}
