//! Families that take several rows: the head is the household, the members beside it are none.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use crate::domain::household::{bare_number, plain_word, tidy};

/// What a row is within its family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// A household.
    Household,
    /// A member of a family that another row stands for. Left out and counted.
    Member,
    /// The first row of a family whose head the file does not have. To be rejected.
    Headless,
}

#[derive(Debug, Clone, Copy)]
struct Family {
    first: u32,
    rows: u32,
    has_head: bool,
    has_member: bool,
}

/// The families of a file, by their key. First every row is noted, then every row is judged.
///
/// A file has one row a person when a family of it has several rows, or when its ids are of persons. Only
/// then is a row without its head a fault: elsewhere the wife may well be the recipient.
#[derive(Debug)]
pub struct Families {
    /// By a hash of the key under a secret of the process, as the key may be a family card.
    families: HashMap<u64, Family>,
    secret: RandomState,
    by_person: bool,
}

impl Families {
    /// Begins a file. `by_person`: its ids are of persons, not of families.
    #[must_use]
    pub fn new(by_person: bool) -> Self {
        Self { families: HashMap::new(), secret: RandomState::new(), by_person }
    }

    fn key(&self, key: &str) -> Option<u64> {
        let mut plain = bare_number(key);
        if plain.bytes().any(|sign| !sign.is_ascii_digit()) {
            plain = tidy(key).text;
        }
        (!plain.is_empty()).then(|| self.secret.hash_one(&plain))
    }

    /// Notes a row: the id or card of its family, and its relation to the head.
    pub fn note(&mut self, row: u32, key: &str, relation: &str) {
        let Some(key) = self.key(key) else { return };
        let head = is_head(relation);
        let family =
            self.families.entry(key).or_insert(Family { first: row, rows: 0, has_head: false, has_member: false });
        family.rows = family.rows.saturating_add(1);
        family.has_head |= head;
        family.has_member |= !head;
        self.by_person |= family.rows > 1 && family.has_member;
    }

    /// Judges a row that was noted.
    #[must_use]
    pub fn standing(&self, row: u32, key: &str, relation: &str) -> Standing {
        if is_head(relation) {
            return Standing::Household;
        }
        let Some(family) = self.key(key).and_then(|key| self.families.get(&key)) else { return Standing::Household };
        if family.has_head {
            Standing::Member
        } else if !self.by_person {
            Standing::Household
        } else if family.first == row {
            Standing::Headless
        } else {
            Standing::Member
        }
    }
}

/// Whether a relation is that of the head of the family. An empty one is taken for it: such a row stands
/// for itself. `Kepala Keluarga/KRT`, `1. Kepala Keluarga` and `KK` are heads; `Anak Kepala Keluarga` is not.
#[must_use]
pub fn is_head(relation: &str) -> bool {
    if relation == "KEPALA KELUARGA" {
        return true;
    }
    let word = plain_word(relation);
    let word = word.trim_start_matches(|sign: char| sign.is_ascii_digit() || sign == ' ');
    word.is_empty()
        || word.starts_with("KEPALA")
        || word.starts_with("KEP KELUARGA")
        || word.starts_with("KEP KEL")
        || matches!(word, "KK" | "KRT" | "K K" | "KPL KELUARGA" | "KEP RT")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judge(rows: &[(&str, &str)]) -> Vec<Standing> {
        let mut families = Families::new(false);
        for (row, (key, relation)) in rows.iter().enumerate() {
            families.note(row as u32, key, relation);
        }
        rows.iter().enumerate().map(|(row, (key, relation))| families.standing(row as u32, key, relation)).collect()
    }

    #[test]
    fn members_beside_their_head_are_no_households() {
        use Standing::*;
        let rows =
            [("A", "Istri/Suami"), ("A", "Kepala Keluarga/KRT"), ("A", "Anak"), ("B", "Kepala Keluarga"), ("C", "")];
        assert_eq!(judge(&rows), [Member, Household, Member, Household, Household]);
    }

    #[test]
    fn a_family_without_its_head_is_not_lost_silently() {
        use Standing::*;
        let rows = [("A", "KEPALA KELUARGA"), ("A", "ANAK"), ("B", "ISTRI"), ("B", "ANAK"), ("C", "CUCU")];
        assert_eq!(judge(&rows), [Household, Member, Headless, Member, Headless]);
    }

    #[test]
    fn where_each_family_has_one_row_the_wife_may_be_the_recipient() {
        assert_eq!(judge(&[("A", "KEPALA KELUARGA"), ("B", "ISTRI")]), [Standing::Household; 2]);
    }

    #[test]
    fn the_head_is_known_by_his_relation() {
        for head in
            ["KEPALA KELUARGA", "Kepala Keluarga/KRT", "1. Kepala Keluarga", "KK", " ", "01 - KEPALA RUMAH TANGGA"]
        {
            assert!(is_head(head), "{head}");
        }
        for member in ["ISTRI", "ANAK KEPALA KELUARGA", "Famili lain", "3. Anak"] {
            assert!(!is_head(member), "{member}");
        }
    }
}
