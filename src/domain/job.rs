//! A print run that a server works on by itself, while nobody waits.

use serde::{Deserialize, Serialize};

use super::id::{AgencyId, BundleId, JobId, RoundId, UserId};
use super::time::Timestamp;

/// How long a server may be silent before another takes its job over, in milliseconds. A part of a
/// thousand vouchers takes well below a second, on a busy machine a few. Taking over too early does no harm:
/// who was taken for dead finds at its next step that the job is another's.
pub const SILENCE_MAX_MS: i64 = 15_000;
/// How long what a job made is kept, in milliseconds: it holds vouchers that can be redeemed.
pub const KEPT_MS: i64 = 24 * 3_600 * 1_000;

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum JobState {
    /// No server has begun it.
    Waiting,
    /// A server works on it.
    Running,
    /// The result can be fetched.
    Done,
    /// It cannot be done; the reason says why.
    Failed,
    /// Somebody called it off.
    Cancelled,
    /// It was done, and its result was removed after a day.
    Expired,
}

impl JobState {
    /// All of them.
    pub const ALL: [Self; 6] = [Self::Waiting, Self::Running, Self::Done, Self::Failed, Self::Cancelled, Self::Expired];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Expired => "expired",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }

    /// Whether there is something left to do.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Waiting | Self::Running)
    }
}

/// Where a print run stands between two parts: in which bundle, and behind which serial of its point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Mark {
    /// The bundle of the last voucher printed; none at the beginning. A bundle stays at its point, wherever
    /// a household is moved meanwhile.
    pub after: Option<BundleId>,
    /// The serial of that voucher, counted from 1 at each point.
    pub serial: i64,
}

/// A print job.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// Its id.
    pub id: JobId,
    /// Whose vouchers.
    pub agency: AgencyId,
    /// Of which round.
    pub round: RoundId,
    /// Who asked for it.
    pub requested_by: UserId,
    /// At which point; at all of them when none is named.
    pub point: Option<String>,
    /// How the vouchers lie on the paper, by the layout's name.
    pub layout: String,
    /// The language of the paper: `id` or `id-en`.
    pub language: String,
    /// Where it stands.
    pub state: JobState,
    /// How many vouchers there were when it was asked for.
    pub total: i64,
    /// How many are printed.
    pub done: i64,
    /// In how many files.
    pub parts: i32,
    /// Where the next part begins.
    pub mark: Mark,
    /// Why it failed.
    pub reason: Option<String>,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
}
