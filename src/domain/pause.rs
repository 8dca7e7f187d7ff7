//! Stops that somebody ordered by letter: of a whole programme, of one round, or of one point.
//!
//! A pause ends nothing and changes no entitlement. While it stands every desk answers DITUNDA with the
//! reason and the letter; when it is lifted, everything goes on where it stood.

use std::fmt;

use super::id::{AgencyId, Identifier, PauseId, PointId, ProgrammeId, RoundId, UserId};
use super::time::Timestamp;

/// What stands still.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subject {
    /// A whole programme.
    Programme(ProgrammeId),
    /// One round.
    Round(RoundId),
    /// One point, in every programme that is handed out there.
    Point(PointId),
}

impl Subject {
    /// The stable code of its kind.
    #[must_use]
    pub const fn scope(self) -> &'static str {
        match self {
            Self::Programme(_) => "programme",
            Self::Round(_) => "round",
            Self::Point(_) => "point",
        }
    }

    /// The bytes of its id.
    #[must_use]
    pub const fn bytes(&self) -> [u8; 16] {
        match self {
            Self::Programme(id) => *id.uuid().as_bytes(),
            Self::Round(id) => *id.uuid().as_bytes(),
            Self::Point(id) => *id.uuid().as_bytes(),
        }
    }

    /// The subject of this kind with this id.
    #[must_use]
    pub fn of(scope: &str, id: [u8; 16]) -> Option<Self> {
        match scope {
            "programme" => Some(Self::Programme(ProgrammeId::from_bytes(id))),
            "round" => Some(Self::Round(RoundId::from_bytes(id))),
            "point" => Some(Self::Point(PointId::from_bytes(id))),
            _ => None,
        }
    }
}

/// Its id.
impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Programme(id) => id.fmt(f),
            Self::Round(id) => id.fmt(f),
            Self::Point(id) => id.fmt(f),
        }
    }
}

/// One pause, standing or over. It is kept for ever.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pause {
    /// Its id.
    pub id: PauseId,
    /// Whose subject it is.
    pub agency: AgencyId,
    /// What stands still.
    pub subject: Subject,
    /// The number of the letter that orders it.
    pub letter_no: String,
    /// Why.
    pub reason: String,
    /// Who entered it.
    pub paused_by: UserId,
    /// When.
    pub paused_at: Timestamp,
    /// How it ended, if it has.
    pub resumed: Option<Resumed>,
}

/// The end of a pause.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumed {
    /// The number of the letter that lifts it.
    pub letter_no: String,
    /// Who entered it.
    pub by: UserId,
    /// When.
    pub at: Timestamp,
}

impl Pause {
    /// What a desk says: the reason, and the letter that orders it.
    #[must_use]
    pub fn said(&self) -> String {
        format!("{} (No. {})", self.reason, self.letter_no)
    }
}

/// What stands in the way of an entitlement, from the widest to the narrowest.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stops<'a> {
    /// Why its programme stands still, when it does.
    pub programme: Option<&'a str>,
    /// Why its round does.
    pub round: Option<&'a str>,
    /// Why its point does.
    pub point: Option<&'a str>,
}

impl<'a> Stops<'a> {
    /// The reason that is told: the widest.
    #[must_use]
    pub fn told(&self) -> Option<&'a str> {
        self.programme.or(self.round).or(self.point)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_back_from_its_kind_and_bytes() {
        for subject in [
            Subject::Programme(ProgrammeId::from_bytes([1; 16])),
            Subject::Round(RoundId::from_bytes([2; 16])),
            Subject::Point(PointId::from_bytes([3; 16])),
        ] {
            assert_eq!(Subject::of(subject.scope(), subject.bytes()), Some(subject));
        }
        assert_eq!(Subject::of("desk", [1; 16]), None);
    }

    #[test]
    fn the_widest_stop_is_told() {
        let all = Stops { programme: Some("p"), round: Some("r"), point: Some("t") };
        assert_eq!(all.told(), Some("p"));
        assert_eq!(Stops { programme: None, ..all }.told(), Some("r"));
        assert_eq!(Stops { point: Some("t"), ..Stops::default() }.told(), Some("t"));
        assert_eq!(Stops::default().told(), None);
    }
}
