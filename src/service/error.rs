//! How an action ends when it does not succeed: a refusal that a person can act on, or a failure.

use crate::domain::budget::{BelowObligated, BudgetExceeded};
use crate::domain::intake::FileFault;
use crate::domain::package::PackageFault;
use crate::domain::redemption::HandoutFault;
use crate::domain::role::Action;
use crate::spreadsheet::Survey;
use crate::store::{self, Transient};

use super::redeem::Seen;

/// An action that did not succeed. Nothing of it remains in the database, but for the record of a
/// refused attempt to redeem.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The office says no, and why.
    #[error("refused: {0:?}")]
    Refused(Box<Refusal>),
    /// The database failed.
    #[error(transparent)]
    Store(#[from] store::Error),
    /// The facts outside the database could not be stored or read.
    #[error(transparent)]
    Outside(#[from] crate::outside::Fault),
    /// Something that should not be possible.
    #[error("a fault in the program or its surroundings: {0}")]
    Broken(String),
}

/// How an action failed through nobody's fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// The database cannot be reached: later it may.
    Unreachable,
    /// Other work kept the database busy: later it may not.
    Busy,
    /// The disk is full: somebody has to make room.
    Full,
    /// What was asked holds what no text may hold.
    NoText,
    /// Anything else.
    Internal,
}

impl Error {
    /// What kind of failure this is, for whoever was not refused.
    #[must_use]
    pub const fn failure(&self) -> Failure {
        match self {
            Self::Store(store::Error::Unreachable { .. }) | Self::Outside(_) => Failure::Unreachable,
            Self::Store(store::Error::Full(_)) => Failure::Full,
            Self::Store(store::Error::NoText(_)) => Failure::NoText,
            Self::Store(error) if error.hung_up() => Failure::Unreachable,
            Self::Store(store::Error::Busy(_) | store::Error::Raced | store::Error::Unconfirmed) => Failure::Busy,
            _ => Failure::Internal,
        }
    }
}

impl Error {
    /// The same once more, where it is a failure that all share who were served together, whatever each of them asks for:
    /// the database cannot be reached or is busy, or the standby is silent about what is committed already.
    pub(super) fn of_all(&self) -> Option<Self> {
        let Self::Store(error) = self else { return None };
        Some(Self::Store(match error {
            store::Error::Unconfirmed => store::Error::Unconfirmed,
            store::Error::Busy(why) => store::Error::Busy(why.clone()),
            store::Error::Full(why) => store::Error::Full(why.clone()),
            store::Error::Unreachable { location, why } => {
                store::Error::Unreachable { location: location.clone(), why: why.clone() }
            }
            _ => return None,
        }))
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}

impl From<crate::vault::Fault> for Error {
    fn from(fault: crate::vault::Fault) -> Self {
        Self::Broken(fault.to_string())
    }
}

impl Transient for Error {
    fn is_transient(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_transient())
    }

    fn is_full(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_full())
    }
}

/// What cannot be printed.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Unprintable {
    /// Whose paper and which line of it, where it is a text that does not go on paper.
    pub place: Option<String>,
    /// The sign that no typeface has; without one the text is too long.
    pub sign: Option<char>,
    /// The whole of it in a sentence.
    pub said: String,
}

/// Why the office says no. One closed list: `http` maps each to a status and a stable code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// Nobody is signed in.
    NotSignedIn,
    /// Unknown user, wrong password, or an account that was closed: told apart for nobody.
    BadCredentials,
    /// The account has yet to set up one-time codes before it may do anything else.
    SecondFactorDue,
    /// Another person than its maker has yet to confirm whose account it is.
    AwaitsConfirmation,
    /// The account took more at once than anybody's work needs, and waits for so many seconds.
    TooMuchAtOnce(u32),
    /// A one-time code that is not right, or was taken before.
    WrongCode,
    /// A new password that whoever knows its owner guesses first.
    GuessablePassword,
    /// The last administrator's account stays open, or nobody could open another.
    LastAdmin,
    /// A legal hold stands: nothing is erased.
    LegalHold,
    /// A token that would let its maker act as another person.
    TokenOfAnother,
    /// A change that came with a cookie but not from one of our own pages.
    NotOurForm,
    /// The actor's role may not do this.
    Forbidden(Action),
    /// A call that only devices make, by a person.
    ForDevices,
    /// A call that only people make, by a device.
    ForPeople,
    /// The one who entered households may not agree to them.
    SamePerson,
    /// There is no such thing, or it belongs to another agency.
    NotFound(&'static str),
    /// A delivery that another invoice bills.
    Billed {
        /// The number of the delivery's minutes.
        delivery: String,
        /// The number of that invoice.
        invoice: String,
    },
    /// The close of another person waits for its second signature.
    AwaitsSignature {
        /// Its number.
        number: String,
        /// Who made it.
        by: String,
    },
    /// A value that cannot be.
    Invalid {
        /// The field.
        field: &'static str,
        /// What is wrong with it, and what would be right.
        why: String,
    },
    /// Something with the same key exists.
    Exists(String),
    /// A package whose lines do not add up.
    Package(PackageFault),
    /// A file that is refused as a whole.
    File(FileFault),
    /// A file that is refused until somebody points out its columns; what it looks like, masked.
    Unclear(FileFault, Box<Survey>),
    /// The intake was applied before.
    AlreadyApplied,
    /// Somebody decided this before.
    AlreadyDecided,
    /// A list of villages lacks some that are known, and nobody said that they go.
    WouldRemove {
        /// How many.
        count: usize,
        /// Their names, of many the first ones.
        names: String,
    },
    /// More or fewer households match than the person was shown.
    CountChanged {
        /// How many were shown.
        expected: i64,
        /// How many there are.
        found: i64,
    },
    /// A household is not of the standing that this needs: its key in the source, and the standing it has.
    WrongStanding {
        /// The household's key in the source.
        source_id: String,
        /// What was decided about it.
        standing: crate::domain::verval::Standing,
    },
    /// The voucher of a household that is replaced cannot be taken back now.
    PaperAway(crate::domain::entitlement::State),
    /// The ceiling does not cover an issue.
    Budget(BudgetExceeded),
    /// A ceiling below what is committed and handed over.
    CeilingTooLow(BelowObligated),
    /// The programme, round or point stands still already.
    PausedAlready,
    /// The pause has ended.
    ResumedAlready,
    /// The entitlement is held already.
    HeldAlready,
    /// The entitlement is not held.
    NotHeld,
    /// Nobody is placed at the point, so it needs no sessions.
    NobodyPlaced,
    /// Vouchers that are to be printed lie in no bundle yet.
    NotBundled,
    /// A redemption id that stands for another request.
    IdReused,
    /// A voucher that is not good.
    Verdict(Box<Seen>),
    /// Given items that do not fit the package.
    Handout(HandoutFault),
    /// The point has, by the books, no whole package left of this item, and the agency lets no desk go on then.
    PointEmpty(String),
    /// Too many typed codes that name nothing.
    TooManyTries,
    /// The actor works on no device, so nobody could sign the receipt.
    NoDevice,
    /// The device was revoked.
    DeviceRevoked,
    /// Two receipts took one place in the device's chain: it gets no more leases.
    DeviceForked,
    /// A restored server waits for so many answers before it grants or redeems anything.
    Recovering(u32),
    /// A device that cannot be given up in this way.
    NotGivenUp,
    /// What was begun does not stand where this step could follow; where it stands.
    WrongStep(&'static str),
    /// The period has closed; the number of its close.
    PeriodClosed(String),
    /// The figures are others than those that were to be signed.
    FiguresChanged,
    /// Something differs, and no reason is given: the codes of what does.
    Unexplained(Vec<String>),
    /// The sum that a file states is not the sum of its lines.
    SumDiffers {
        /// What it states.
        stated: i64,
        /// What the lines come to.
        found: i64,
    },
    /// Nothing can be promised to the household besides what it has or had.
    NothingOwed(crate::domain::exception::NothingDue),
    /// What a household is owed is other than what was proposed.
    OwedChanged,
    /// The round's window is over at the point.
    RoundOver,
    /// The entitlement is not in a state in which this can be done.
    NotAvailable(crate::domain::entitlement::State),
    /// More than one answer can hold.
    TooMany {
        /// How many there are.
        count: i64,
        /// How many there may be.
        max: i64,
    },
    /// Something cannot be printed; the fault names the household and the line.
    Unprintable(Unprintable),
    /// A print job has made nothing that could be fetched.
    JobNotDone(crate::domain::job::JobState),
    /// The key file belongs to another installation.
    WrongKeyFile,
    /// The log in the database is shorter than one that was signed here before: a backup was restored.
    LogBehind {
        /// How many leaves were signed.
        signed: u64,
        /// How many there are.
        here: u64,
    },
    /// The log in the database does not begin with one that was signed here before.
    LogForked {
        /// How many leaves were signed.
        size: u64,
    },
    /// The database was set back, and nothing outside it says how far the log was signed.
    LogLost,
    /// The log can go on: there is no reason to begin another.
    LogWhole,
    /// The database is not empty where it has to be.
    NotEmpty,
}
