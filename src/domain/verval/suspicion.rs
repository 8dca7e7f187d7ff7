//! Whether two households are the same: what raises the question, and how it was answered.

use serde::{Deserialize, Serialize};

/// What two households have in common. The strongest counts, in this order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SuspicionKind)]
pub enum Kind {
    /// The NIK.
    SameNik,
    /// The name and the birth date.
    SameNameAndBirth,
    /// The family card: husband and wife, or two families on one card.
    SameFamilyCard,
    /// The name, in one village and, where it is known, one RT.
    SameNameAndPlace,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::SameNik, Self::SameNameAndBirth, Self::SameFamilyCard, Self::SameNameAndPlace];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SameNik => "same_nik",
            Self::SameNameAndBirth => "same_name_and_birth",
            Self::SameFamilyCard => "same_family_card",
            Self::SameNameAndPlace => "same_name_and_place",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == code)
    }
}

/// How the question stands. Which household is the first, their ids decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = SuspicionState)]
pub enum State {
    /// Nobody has answered.
    Open,
    /// They are two: both stay.
    Different,
    /// They are one: the first stays, the other is not eligible.
    FirstKept,
    /// They are one: the other stays, the first is not eligible.
    OtherKept,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 4] = [Self::Open, Self::Different, Self::FirstKept, Self::OtherKept];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Different => "different",
            Self::FirstKept => "first_kept",
            Self::OtherKept => "other_kept",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == code)
    }
}

/// In what two households agree. What is unknown of one of them agrees with nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[allow(clippy::struct_excessive_bools)]
pub struct Likeness {
    /// The NIK is the same.
    pub nik: bool,
    /// The No. KK is the same.
    pub family_card: bool,
    /// The folded name is the same.
    pub name: bool,
    /// Both birth dates are known, and the same.
    pub birth: bool,
    /// Both birth dates are known, and differ.
    pub other_birth: bool,
    /// The village is the same.
    pub village: bool,
    /// Both RT are known, and the same.
    pub rt: bool,
    /// Both RT are known, and differ.
    pub other_rt: bool,
}

/// Whether a person has to look at two households, and what raised the question.
///
/// Within one village a name alone tells little: many are called Siti. There the RT has to agree, or be
/// unknown; and where it is unknown, two known birth dates that differ make it two people.
#[must_use]
pub fn judge(like: Likeness) -> Option<Kind> {
    if like.nik {
        Some(Kind::SameNik)
    } else if like.name && like.birth {
        Some(Kind::SameNameAndBirth)
    } else if like.family_card {
        Some(Kind::SameFamilyCard)
    } else if like.name && like.village && (like.rt || (!like.other_rt && !like.other_birth)) {
        Some(Kind::SameNameAndPlace)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: Likeness = Likeness {
        nik: false,
        family_card: false,
        name: true,
        birth: false,
        other_birth: false,
        village: false,
        rt: false,
        other_rt: false,
    };

    #[test]
    fn the_strongest_likeness_names_the_question() {
        let all = Likeness { nik: true, family_card: true, name: true, birth: true, village: true, ..NAME };
        assert_eq!(judge(all), Some(Kind::SameNik));
        assert_eq!(judge(Likeness { nik: false, ..all }), Some(Kind::SameNameAndBirth));
        assert_eq!(judge(Likeness { nik: false, birth: false, ..all }), Some(Kind::SameFamilyCard));
        assert_eq!(judge(Likeness { family_card: true, ..Likeness::default() }), Some(Kind::SameFamilyCard));
    }

    #[test]
    fn a_name_alone_makes_nobody_a_duplicate() {
        assert_eq!(judge(NAME), None);
        assert_eq!(judge(Likeness { name: false, birth: true, village: true, rt: true, ..NAME }), None);
        assert_eq!(judge(Likeness { village: true, other_rt: true, ..NAME }), None);
        assert_eq!(judge(Likeness { village: true, other_birth: true, ..NAME }), None);
    }

    #[test]
    fn the_same_name_in_one_rt_is_looked_at() {
        let near = Likeness { village: true, rt: true, ..NAME };
        assert_eq!(judge(near), Some(Kind::SameNameAndPlace));
        assert_eq!(judge(Likeness { other_birth: true, ..near }), Some(Kind::SameNameAndPlace), "a slip in a date");
        assert_eq!(judge(Likeness { village: true, ..NAME }), Some(Kind::SameNameAndPlace), "no RT is known");
    }

    #[test]
    fn every_word_reads_back_from_its_code() {
        for one in Kind::ALL {
            assert_eq!(Kind::parse(one.as_str()), Some(one));
        }
        for one in State::ALL {
            assert_eq!(State::parse(one.as_str()), Some(one));
        }
    }
}
