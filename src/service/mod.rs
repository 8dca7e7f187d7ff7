//! What the office does: one function an action, the actor first.
//!
//! Each action checks that the actor may do it, takes one named write transaction at most, lets `domain`
//! decide on what it finds there, and writes what follows. Nothing here knows of HTTP, of a terminal or
//! of paper; nothing here holds SQL.

mod access;
mod access_report;
mod actor;
mod agency;
pub mod backup;
mod backup_keeper;
mod budget;
mod case;
mod chain;
mod checkup;
mod closing;
mod confirmation;
mod custody;
mod dashboard;
mod demo;
mod desk;
mod device;
mod document;
mod entry;
mod error;
mod exception;
mod frame;
mod guesses;
mod history;
mod hold;
mod household;
mod intake;
mod invitation;
mod issue;
mod job;
mod key_rotation;
mod keys;
mod lease;
mod line;
mod log;
mod overlap;
mod overview;
mod package;
mod pause;
mod people;
mod place;
mod placement;
mod point;
mod print;
mod programme;
mod pulse;
mod reconcile;
mod reconcile_file;
mod redeem;
mod retention;
mod revoke;
mod round;
mod rules;
mod saved_filter;
mod search;
mod second_factor;
mod seen;
mod session;
mod setup;
mod spot_check;
mod stock;
mod trail;
mod treasury;
mod upkeep;
mod verval;
mod voucher;
mod window;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

pub use crate::store::bnba::{Filter as BnbaFilter, Flag as BnbaFlag};
pub use crate::store::entitlements::Chosen;
pub use crate::store::goods::Known as KnownItem;
pub use crate::store::invitations::Invitation;
pub use crate::store::lists::List as FixedList;
pub use crate::store::log::About;
pub use crate::store::overlaps::Other as OverlapOther;
pub use crate::store::users::User;
pub use access::{NewToken, SignInTry, SignedIn, TokenView};
pub use access_report::{AccessReport, PersonAccess};
pub use actor::Actor;
use actor::Who;
pub use agency::NewAgency;
pub use backup_keeper::{BackupKeeper, BackupPlan};
pub use budget::NewRevision;
pub use case::{CaseFilter, CaseView, NewCase, NewCaseStep};
pub use chain::Chains;
pub use checkup::Checkup;
pub use closing::{AddendumDue, ClosingView, NewClosing};
pub use confirmation::UnconfirmedView;
pub use custody::{BundleView, CustodySum, NewStep, PrintRun, ReprintView};
pub use dashboard::{Area as DashboardArea, Dashboard};
pub use demo::{DEMO_PASSWORD, Demo, DemoUser, Wanted as DemoWanted};
pub use desk::{DeskLog, DeskScan};
pub use device::{DeviceView, NewDevice};
pub use document::{
    DOCUMENT_LINES_MAX, DocumentListed, DocumentView, DocumentWanted, FileForm, SignaturesView, short_hash,
};
pub use error::{Error, Failure, Refusal, Unprintable};
pub use exception::{ExceptionView, FamilyView, MemberView as FamilyMemberView, NewException, OwedView};
pub use guesses::Guesses;
pub use history::{Change, History, HistoryEvent, Overlap, RightView, StandingView, What};
pub use hold::{EntitlementLine, EntitlementSheet};
pub use household::HouseholdView;
pub use intake::{
    Applying, Ask, ChangeView, Confirmed, FindingView, IntakeView, Outline, ParkedView, ReasonsFile, ReasonsForm,
    ReasonsOf, RowFilter, RowView, SpellingView,
};
pub use invitation::{Accepted, Invited, NewInvitation};
pub use issue::Issued;
pub use job::Runner;
pub use key_rotation::{KeyRequestView, KeyView, Reissue, VersionedKeySet};
pub use lease::{
    BackAnswer, DeviceCaller, DeviceReport, DeviceSheet, Ended, EnrolledView, EnrolmentView, ExposureView, ItemRun,
    LeaseAnswer, LeaseWish, LeasedRoundView, MissingDevice, NewEnrolment, NotLeased, OperatorView, PageAnswer,
    RecoveryView, ResyncState, SelfView, SilentDevice, SyncAnswer, WriteOffView,
};
pub use log::{
    AuditWanted, Desk as LogDesk, Exported as ExportedLog, Fault as AuditFault, HistoryLine, LogKeeper, LogStanding,
    PublicReceipt, Report as AuditReport, Source as AuditSource, TrailCheck, Witness, WitnessAnswer, WitnessAt,
    verify as audit_log,
};
pub use overlap::OverlapView;
pub use overview::{Phase, PointOverview, RoundOverview, RoundSheet};
pub use package::NewPackage;
pub use people::{NewUser, USERNAME_MAX, UserChange};
pub use place::{AliasView, Loaded as PlacesLoaded};
pub use placement::{Move, Moved, Placement, PointSeats, UnplacedHousehold};
pub use point::{NewPoint, PointChange, PointSheet, VillageChoice};
pub use print::{Run, VOUCHERS_PER_FILE, Wish};
pub use programme::NewProgramme;
pub use pulse::Pulse;
pub use reconcile_file::BooksForm;
pub use redeem::{Claim, DeskToday, Named, ReceiptView, Redeemed, Seen, VoucherView};
pub use retention::{ErasureAsked, LegalHoldView, Retention};
pub use round::{NewRound, NewSession};
pub use search::{Found, Wanted as SearchWanted};
pub use second_factor::{FactorBegun, FactorView};
pub use session::SessionView;
pub use setup::Setup;
pub use spot_check::{SpotCheckLine, SpotCheckView};
pub use stock::{
    ContractView, CountView, Counted, DeliveryView, EntryView, NewContract, NewCount, NewDelivery, NewEntry,
    NewShipment, PlaceItem, Received, ShipmentItem, ShipmentView, StockView, keeps,
};
pub use trail::{BreachOf, BreachReport, HeldOnDevice, TrailLine, TrailWanted};
pub use treasury::{InvoiceView, NewInvoice, PaymentView, PaymentsPreview, TreasuryView, Unsettled, WithdrawalView};
pub use upkeep::complete;
pub use verval::{
    ANNEX_MAX, BnbaView, Decided, DecisionView, Difference, DifferenceLine, ListStanding, ListView, MemberView,
    NewDecision, NewSubstitution, Preview, Replaced, SubstitutionView, SuspicionCount, SuspicionView, VervalHistory,
    Whom, difference_csv,
};
pub use voucher::{Listed, PrintHead, PublicStatus};
pub use window::{Layout, Slot};

use crate::clock::{Clock, Entropy};
use crate::domain::audit::Event;
use crate::domain::id::AuditId;
use crate::domain::time::Timestamp;
use crate::pdf::stationery::Stationery;
use crate::store::{self, Location, Pool, Write};
use crate::token::KeyRing;
use crate::vault::Vault;

/// How long personal data are kept unless told: what finance papers are commonly kept for.
const RETENTION_YEARS: i64 = 10;

/// The most rows that one listing gives.
pub const PAGE_MAX: i64 = 500;

/// Opens a database and brings it to this program's version: for whoever begins an installation.
pub fn prepare(location: &str, connections: u32) -> Result<Pool, Error> {
    let location = location.parse()?;
    if let Location::Sqlite(path) = &location {
        backup::private_file(Path::new(path)).map_err(|fault| Error::Broken(format!("{path}: {fault}")))?;
    }
    let pool = Pool::open(&location, connections)?;
    pool.read(store::migrate)?;
    Ok(pool)
}

/// One installation: its database, its keys, and the clock and randomness that it lives by.
#[derive(Clone)]
pub struct Office {
    pool: Pool,
    vault: Arc<Vault>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    /// The host in the text of a QR; without one a voucher says `SALUR:`.
    host: Option<String>,
    /// The hosts in the texts of QRs that were printed earlier.
    former_hosts: Arc<[String]>,
    /// Public keys that verify vouchers. Only a cache: an unknown key makes it look again.
    issuers: Arc<RwLock<Arc<KeyRing>>>,
    /// What the installation brings to its paper.
    stationery: Stationery,
    /// The facts outside the database.
    ledger: Arc<lease::Ledger>,
    /// Where print jobs put what they make, and how their runner is woken; without it there are none.
    jobs: Option<Arc<job::Bench>>,
    /// Whether administrators, issuers and finance must set up one-time codes before they work.
    second_factor_required: bool,
    /// How many years personal data are kept after the last round of a household closed.
    retention_years: i64,
    /// The sums of each round for its dashboard, as they were read last.
    boards: dashboard::Boards,
    /// What the office knows of its log besides the database.
    log: Arc<log::Desk>,
    /// What never changes, remembered.
    frame: Arc<frame::Frame>,
    /// Those who say who they are, while the database is being asked about others.
    bearing: Arc<access::Bearing>,
    /// Those who want to redeem, while others are being served.
    redeeming: Arc<redeem::Redeeming>,
    /// Attempts that change nothing, while others are being kept.
    noting: Arc<redeem::Noting>,
    /// The files that this server applies at the moment.
    underway: Arc<intake::Underway>,
    /// Wrong codes and passwords of people who are known by then.
    guessed: Arc<Guesses<access::Guessed>>,
    /// When sign-ins and tokens were used, until it is written down.
    seen: Arc<seen::Seen>,
}

impl fmt::Debug for Office {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Office({:?})", self.pool)
    }
}

impl Office {
    /// Opens the office on a database that is of this program's version. `facts` is the folder in which lies what no
    /// restore of the database touches.
    pub fn open(
        pool: Pool,
        vault: Vault,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        host: Option<String>,
        facts: &Path,
    ) -> Result<Self, Error> {
        Self::open_in(pool, vault, clock, entropy, host, facts, None)
    }

    /// Opens the database as it was found, for whoever checks it: nothing is put back that is missing in it, for
    /// that it is missing is what the check shall show.
    pub fn open_to_audit(
        pool: Pool,
        vault: Vault,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        host: Option<String>,
        facts: &Path,
    ) -> Result<Self, Error> {
        Ok(Self::as_it_lies(pool, vault, clock, entropy, host, facts)?.0)
    }

    fn as_it_lies(
        pool: Pool,
        vault: Vault,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        host: Option<String>,
        facts: &Path,
    ) -> Result<(Self, lease::Found), Error> {
        let behind = pool.read(store::pending)?;
        if behind > 0 {
            return Err(store::Error::Version(format!(
                "the database is {behind} step(s) behind this program: run `salur migrate`"
            ))
            .into());
        }
        let (ledger, found) = lease::Ledger::open(&pool, facts)?;
        let office = Self {
            pool,
            vault: Arc::new(vault),
            clock,
            entropy,
            host,
            former_hosts: Arc::default(),
            issuers: Arc::default(),
            stationery: Stationery::default(),
            ledger: Arc::new(ledger),
            jobs: None,
            second_factor_required: false,
            retention_years: RETENTION_YEARS,
            boards: dashboard::Boards::default(),
            log: Arc::default(),
            frame: Arc::default(),
            bearing: Arc::default(),
            redeeming: Arc::default(),
            noting: Arc::default(),
            underway: Arc::default(),
            guessed: Arc::default(),
            seen: Arc::default(),
        };
        office.check_key_file()?;
        Ok((office, found))
    }

    /// Opens the office, in a life that was announced outside before its database was put back.
    fn open_in(
        pool: Pool,
        vault: Vault,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        host: Option<String>,
        facts: &Path,
        life: Option<(u32, &str)>,
    ) -> Result<Self, Error> {
        let (office, found) = Self::as_it_lies(pool, vault, clock, entropy, host, facts)?;
        office.settle_with_outside(&found, life)?;
        complete(&office.pool)?;
        office.complete_tails()?;
        office.reload_issuers()?;
        Ok(office)
    }

    /// The same office, which once printed under these hosts.
    #[must_use]
    pub fn with_former_hosts(self, hosts: Vec<String>) -> Self {
        Self { former_hosts: hosts.into(), ..self }
    }

    /// The hosts in the texts of QRs that are ours: the present one, and earlier ones.
    fn hosts(&self) -> impl Iterator<Item = &str> {
        self.host.as_deref().into_iter().chain(self.former_hosts.iter().map(String::as_str))
    }

    /// The same office with the installation's own paper.
    #[must_use]
    pub fn with_stationery(self, stationery: Stationery) -> Self {
        Self { stationery, ..self }
    }

    /// The same office with a folder for what print jobs make.
    #[must_use]
    pub fn with_jobs_in(self, folder: PathBuf) -> Self {
        Self { jobs: Some(Arc::new(job::Bench::new(folder))), ..self }
    }

    /// The same office, in which administrators, issuers and finance work with one-time codes or not at all.
    #[must_use]
    pub fn with_second_factor_required(self, required: bool) -> Self {
        Self { second_factor_required: required, ..self }
    }

    /// The same office with another time for which personal data are kept.
    #[must_use]
    pub fn with_retention_years(self, years: Option<u16>) -> Self {
        Self { retention_years: years.map_or(RETENTION_YEARS, i64::from), ..self }
    }

    /// A fact by which a key file of another installation is recognised before it seals or opens anything.
    fn check_key_file(&self) -> Result<(), Error> {
        use crate::domain::sealed::Field;
        let mark = data_encoding::HEXLOWER.encode(&self.vault.blind_index(Field::IntakeRow, "installation").0);
        let known = self.pool.read(|conn| store::installation::get(conn, "key_mark"))?;
        match known {
            Some(known) if known == mark => Ok(()),
            Some(_) => Err(Refusal::WrongKeyFile.into()),
            None => self.pool.write("installation", |tx| {
                store::installation::set(tx, "key_mark", &mark)?;
                Ok(())
            }),
        }
    }

    /// Now, by the office's clock.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Whether the database answers, and takes what is written: a full disk can be read well.
    pub fn ready(&self) -> Result<(), Error> {
        let mark = self.pool.read(|conn| store::installation::get(conn, "key_mark"))?;
        if let Some(mark) = mark.filter(|_| self.pool.may_be_unable_to_write()) {
            self.pool.write("ready", |tx| store::installation::set(tx, "key_mark", &mark))?;
        }
        if self.pool.was_full() {
            return Err(store::Error::Full("a moment ago".into()).into());
        }
        Ok(())
    }

    fn draw<const N: usize>(&self) -> Result<[u8; N], Error> {
        let mut bytes = [0; N];
        if self.entropy.fill(&mut bytes) { Ok(bytes) } else { Err(Error::Broken("no randomness to be had".into())) }
    }

    /// A new id that orders by time.
    fn new_id<T>(&self, make: fn(Timestamp, [u8; 10]) -> T) -> Result<T, Error> {
        Ok(make(self.now(), self.draw()?))
    }

    /// Puts what was done on record, in the transaction that does it.
    fn record(
        &self,
        tx: &mut Write<'_>,
        who: impl Into<Who>,
        event: Event,
        object: impl fmt::Display,
        detail: impl Into<String>,
    ) -> Result<(), Error> {
        let who = who.into();
        let entry = store::audit::Entry {
            id: self.new_id(AuditId::by_time)?,
            at: self.now(),
            agency: who.agency,
            user: who.user,
            address: who.from.map(|from| from.to_string()).unwrap_or_default(),
            event,
            object: object.to_string(),
            detail: detail.into(),
        };
        store::audit::insert(tx, &entry)?;
        self.log_act(tx, &entry)
    }

    /// Puts a look at personal data on record.
    fn record_look(&self, actor: &Actor, event: Event, object: impl fmt::Display, detail: String) -> Result<(), Error> {
        let object = object.to_string();
        self.pool.write("look", |tx| self.record(tx, actor.who(), event, &object, detail.clone()))
    }
}

/// How many rows a caller gets who asked for `limit`.
fn page(limit: Option<i64>) -> i64 {
    limit.unwrap_or(100).clamp(1, PAGE_MAX)
}
