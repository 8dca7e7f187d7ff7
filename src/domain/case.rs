//! Cases: whatever a person must decide (kejadian).
//!
//! A case is opened by a person or by the program, and never goes away. One person proposes how it is decided,
//! another agrees; then somebody posts what follows from it, and it is closed. A proposal that is not agreed
//! to leads back to the beginning.

use serde::{Deserialize, Serialize};

use super::id::{AgencyId, CaseId, DeviceId, EntitlementId, PointId, RoundId, UserId};
use super::time::Timestamp;

/// What a case is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseKind {
    /// Two records of one entitlement that do not agree.
    Conflict,
    /// One entitlement was handed out twice.
    DoubleHandout,
    /// Two people claim the same handout.
    Dispute,
    /// A complaint that is none of the others.
    Complaint,
    /// Somebody took money for what is free (pungli).
    Levy,
    /// Goods did not arrive, or ran out.
    Shortage,
    /// Goods were not good.
    Quality,
    /// Paper that is not genuine.
    Forgery,
    /// Crowding, waiting, order.
    Queue,
    /// What is written of a household is wrong.
    Data,
    /// The same people collect for others too often.
    ProxyOften,
    /// Vouchers were scanned faster than a queue can move.
    Pace,
    /// Vouchers were redeemed when nobody should have been there.
    OutsideHours,
    /// A payment or an invoice that fits nothing.
    Money,
    /// A handout that was recorded and did not happen so, or whose goods came back. The record stays; what follows
    /// is decided.
    Reversal,
    /// Anything else.
    Other,
}

impl CaseKind {
    /// Every kind.
    pub const ALL: [Self; 16] = [
        Self::Conflict,
        Self::DoubleHandout,
        Self::Dispute,
        Self::Complaint,
        Self::Levy,
        Self::Shortage,
        Self::Quality,
        Self::Forgery,
        Self::Queue,
        Self::Data,
        Self::ProxyOften,
        Self::Pace,
        Self::OutsideHours,
        Self::Money,
        Self::Reversal,
        Self::Other,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Conflict => "conflict",
            Self::DoubleHandout => "double_handout",
            Self::Dispute => "dispute",
            Self::Complaint => "complaint",
            Self::Levy => "levy",
            Self::Shortage => "shortage",
            Self::Quality => "quality",
            Self::Forgery => "forgery",
            Self::Queue => "queue",
            Self::Data => "data",
            Self::ProxyOften => "proxy_often",
            Self::Pace => "pace",
            Self::OutsideHours => "outside_hours",
            Self::Money => "money",
            Self::Reversal => "reversal",
            Self::Other => "other",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Conflict => "konflik pencatatan",
            Self::DoubleHandout => "penyerahan ganda",
            Self::Dispute => "sengketa",
            Self::Complaint => "pengaduan",
            Self::Levy => "pungutan liar",
            Self::Shortage => "kekurangan barang",
            Self::Quality => "mutu barang",
            Self::Forgery => "kupon palsu",
            Self::Queue => "antrean",
            Self::Data => "data penerima",
            Self::ProxyOften => "wakil terlalu sering",
            Self::Pace => "laju pemindaian tidak wajar",
            Self::OutsideHours => "penyerahan di luar jam",
            Self::Money => "pembayaran tidak cocok",
            Self::Reversal => "pembatalan penyerahan",
            Self::Other => "lain-lain",
        }
    }
}

/// Where a case stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// Nobody has proposed anything.
    Open,
    /// One person has proposed how to decide it.
    Proposed,
    /// A second person has agreed.
    Decided,
    /// What follows is posted.
    Closed,
}

impl CaseState {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Proposed, Self::Decided, Self::Closed];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Proposed => "proposed",
            Self::Decided => "decided",
            Self::Closed => "closed",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == code)
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Open => "terbuka",
            Self::Proposed => "diusulkan",
            Self::Decided => "diputuskan",
            Self::Closed => "selesai",
        }
    }

    /// Where it stands after a step, or nothing when the step cannot follow.
    #[must_use]
    pub const fn after(self, step: CaseStep) -> Option<Self> {
        match (self, step) {
            (Self::Closed, _) => None,
            (_, CaseStep::Note | CaseStep::Take) => Some(self),
            (Self::Open, CaseStep::Propose) => Some(Self::Proposed),
            (Self::Proposed, CaseStep::Agree) => Some(Self::Decided),
            (Self::Proposed, CaseStep::Disagree) => Some(Self::Open),
            (Self::Decided, CaseStep::Close) => Some(Self::Closed),
            _ => None,
        }
    }
}

/// What a person does about a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CaseStep {
    /// Adds what they know.
    Note,
    /// Makes it theirs to follow up.
    Take,
    /// Proposes how it is decided.
    Propose,
    /// Agrees to what another person proposed.
    Agree,
    /// Does not agree: it is open again.
    Disagree,
    /// Says what was posted, and closes it.
    Close,
}

impl CaseStep {
    /// Every step.
    pub const ALL: [Self; 6] = [Self::Note, Self::Take, Self::Propose, Self::Agree, Self::Disagree, Self::Close];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Take => "take",
            Self::Propose => "propose",
            Self::Agree => "agree",
            Self::Disagree => "disagree",
            Self::Close => "close",
        }
    }

    /// The step with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.as_str() == code)
    }
}

/// How a case is decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = CaseOutcome)]
pub enum Outcome {
    /// It was so, and something follows.
    Upheld,
    /// It was not so.
    Dismissed,
    /// It was so, and was put right.
    Settled,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 3] = [Self::Upheld, Self::Dismissed, Self::Settled];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Upheld => "upheld",
            Self::Dismissed => "dismissed",
            Self::Settled => "settled",
        }
    }

    /// The outcome with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|outcome| outcome.as_str() == code)
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Upheld => "terbukti",
            Self::Dismissed => "tidak terbukti",
            Self::Settled => "diselesaikan",
        }
    }
}

/// What a decision posts in the books.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Posting {
    /// A loss in the minor unit of the currency, to be recovered or written off. Never negative.
    pub loss_minor: i64,
    /// Packages that left the point besides the one of the redemption: a second handout of one entitlement.
    pub extra_packages: i64,
}

/// A case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Case {
    /// Its id, which orders by time.
    pub id: CaseId,
    /// Whose it is.
    pub agency: AgencyId,
    /// What it is about.
    pub kind: CaseKind,
    /// Where it stands.
    pub state: CaseState,
    /// The round, if it belongs to one.
    pub round: Option<RoundId>,
    /// The point.
    pub point: Option<PointId>,
    /// The entitlement.
    pub entitlement: Option<EntitlementId>,
    /// The device.
    pub device: Option<DeviceId>,
    /// What there is to show for it: numbers of receipts and documents, never personal data.
    pub evidence: String,
    /// Who opened it; the program, when nobody did.
    pub opened_by: Option<UserId>,
    /// When.
    pub opened_at: Timestamp,
    /// Who follows it up.
    pub owner: Option<UserId>,
    /// How it is decided, or is proposed to be.
    pub outcome: Option<Outcome>,
    /// What that posts.
    pub posting: Posting,
    /// Who proposed it, and when.
    pub proposed: Option<(UserId, Timestamp)>,
    /// Who agreed, and when.
    pub decided: Option<(UserId, Timestamp)>,
    /// Who closed it, and when.
    pub closed: Option<(UserId, Timestamp)>,
}

impl Case {
    /// Whole days from the opening to the close, or to now.
    #[must_use]
    pub fn age_days(&self, now: Timestamp) -> i64 {
        let end = self.closed.map_or(now, |(_, at)| at);
        (end.millis() - self.opened_at.millis()).max(0) / 86_400_000
    }

    /// What people call it.
    #[must_use]
    pub fn reference(&self) -> String {
        reference(self.id)
    }
}

/// What people call a case: the drawn end of its id, which is short enough to be read aloud.
#[must_use]
pub fn reference(id: CaseId) -> String {
    let text = id.uuid().simple().to_string();
    format!("K-{}", text.get(24..).unwrap_or_default().to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_people_stand_between_the_opening_and_the_close() {
        use CaseState::{Closed, Decided, Open, Proposed};
        use CaseStep::{Agree, Close, Disagree, Note, Propose, Take};
        assert_eq!(Open.after(Propose), Some(Proposed));
        assert_eq!(Proposed.after(Agree), Some(Decided));
        assert_eq!(Proposed.after(Disagree), Some(Open));
        assert_eq!(Decided.after(Close), Some(Closed));
        for (state, step) in [
            (Open, Agree),
            (Open, Close),
            (Proposed, Close),
            (Proposed, Propose),
            (Decided, Agree),
            (Decided, Disagree),
        ] {
            assert_eq!(state.after(step), None, "{state:?} {step:?}");
        }
        for state in [Open, Proposed, Decided] {
            assert_eq!((state.after(Note), state.after(Take)), (Some(state), Some(state)));
        }
        assert!(CaseStep::ALL.into_iter().all(|step| Closed.after(step).is_none()), "nothing changes a closed case");
    }

    #[test]
    fn every_code_reads_back() {
        assert!(CaseKind::ALL.into_iter().all(|one| CaseKind::parse(one.as_str()) == Some(one)));
        assert!(CaseState::ALL.into_iter().all(|one| CaseState::parse(one.as_str()) == Some(one)));
        assert!(CaseStep::ALL.into_iter().all(|one| CaseStep::parse(one.as_str()) == Some(one)));
        assert!(Outcome::ALL.into_iter().all(|one| Outcome::parse(one.as_str()) == Some(one)));
    }
}
