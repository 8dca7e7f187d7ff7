//! Leases at work: what `domain::lease` decides, taken in one transaction each and stored outside before anybody
//! hears of it.
//!
//! | file | what it does |
//! |---|---|
//! | `step` | applies what a step of the protocol made of the rows |
//! | `facts` | stores facts outside the database, after the commit and before the answer |
//! | `enrol` | invites a device, takes it in, lets operators open its names |
//! | `grant` | lends rights to a device |
//! | `sync` | takes what a device brings |
//! | `returns` | takes leases back, and notes holds |
//! | `carried` | takes the journal of a device from other hands |
//! | `reported` | takes what a device tells of incidents, says whose package is brought home |
//! | `receipt` | makes a redemption of a device's receipt |
//! | `reply` | what a device is told at the end of each call |
//! | `recovery` | begins a new life of the server, takes what devices say they hold |
//! | `recall` | puts into a restored database what the facts outside still know |
//! | `expire` | ends what nobody came for |
//! | `write_off` | two persons give a device up |
//! | `watch` | what the office sees of its devices: contact, gaps, exposure, who is missing |

mod carried;
mod enrol;
mod expire;
mod facts;
mod grant;
mod recall;
mod receipt;
mod recovery;
mod reply;
mod reported;
mod returns;
mod step;
mod sync;
mod watch;
mod write_off;

pub use enrol::{EnrolledView, EnrolmentView, NewEnrolment, OperatorView};
pub use expire::Ended;
pub(super) use facts::{Found, Ledger, enrolled_fact, kept_fact};
pub use grant::{LeaseAnswer, LeaseWish, LeasedRoundView, NotLeased};
pub(super) use recovery::announce_life;
pub use recovery::{MissingDevice, RecoveryView};
pub use reply::SelfView;
pub use reported::DeviceReport;
pub use returns::BackAnswer;
pub(super) use step::Revoking;
pub use sync::{ItemRun, PageAnswer, ResyncState, SyncAnswer};
pub use watch::{DeviceSheet, ExposureView, SilentDevice};
pub use write_off::WriteOffView;

use super::{Error, Office, Refusal};
use crate::domain::id::{AgencyId, AuditId, DeviceId, Identifier, PointId};
use crate::store;
use crate::vault::hash_secret;

/// The turn that everything shares which depends on the office's own row; a new epoch takes it alone.
pub(super) fn office_turn() -> AuditId {
    AuditId::from_bytes(*b"salur the office")
}

/// A device that calls with its own token. No person stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeviceCaller {
    /// Which.
    pub device: DeviceId,
    /// Its agency.
    pub agency: AgencyId,
    /// Its point.
    pub point: PointId,
}

impl Office {
    /// Which device a token stands for. One that was revoked or given up may still bring what it has.
    pub fn who_device(&self, secret: &str) -> Result<DeviceCaller, Error> {
        let found = self.pool.read(|conn| store::devices::by_token(conn, hash_secret(secret)))?;
        let device = found.ok_or(Refusal::NotSignedIn)?;
        Ok(DeviceCaller { device: device.id, agency: device.agency, point: device.point })
    }
}
