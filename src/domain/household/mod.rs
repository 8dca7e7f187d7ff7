//! A household (KPM) as an office knows it: who, where, in which state of verification.
//!
//! The key of a household is the source's id (P3KE, DTSEN …) within the agency. NIK and No. KK are
//! attributes: both can be missing, and both can name another district than the one lived in, because
//! they were first issued there. What is personal here never prints itself: `Debug` shows a masked
//! number, or nothing. Reading cells of a spreadsheet into these types is the work of `intake`.

mod loose;
mod names;
mod numbers;
pub mod search;
mod text;
mod words;

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use loose::{hide_numbers, holds_number};
pub use names::fold_person;
pub use numbers::{BirthHint, FamilyCard, Nik, NikFault, bare_number, is_scientific};
pub use text::{Tidied, fold_name, is_hidden, name_says_deceased, tidy, village_code};
pub(in crate::domain) use text::{is_tidy, plain_word};
pub use words::{Eligibility, Sex, Vulnerability};

/// Longest source id, in characters.
pub const SOURCE_ID_MAX: usize = 64;
/// Longest name, in characters.
pub const NAME_MAX: usize = 120;
/// Longest address, in characters.
pub const ADDRESS_MAX: usize = 200;
/// Longest name of a village or sub-district, in characters.
pub const PLACE_MAX: usize = 80;
/// Longest relation to the head of the family, in characters.
pub const RELATION_MAX: usize = 60;
/// Longest code of a point or a package, in characters.
pub const CODE_MAX: usize = 32;
/// Longest note, in characters.
pub const NOTE_MAX: usize = 500;

/// What is known of a household. `intake::check` is what makes one from a row, and what keeps its bounds:
/// texts are trimmed, hold no sign that cannot be seen, and are no longer than the `…_MAX` of this file.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Particulars {
    /// The id in the source: the household's key within its agency.
    pub source_id: String,
    /// No. KK, when known.
    pub family_card: Option<FamilyCard>,
    /// NIK of the recipient, or nothing: TANPA NIK, a village letter is due at the desk.
    pub nik: Option<Nik>,
    /// The name as written in the source.
    pub name: String,
    /// Sex, when known.
    pub sex: Option<Sex>,
    /// Birth date, when known.
    pub birth_date: Option<Date>,
    /// Relation to the head of the family, free text.
    pub relation: String,
    /// Street or hamlet.
    pub address: String,
    /// RT as a text of three digits, or empty.
    pub rt: String,
    /// Code of the village of residence as Kemendagri writes it, `64.02.06.1002`, or empty.
    pub village_code: String,
    /// Village (desa or kelurahan) of residence.
    pub village: String,
    /// Sub-district (kecamatan) of residence.
    pub sub_district: String,
    /// Decile of welfare, 1 (poorest) to 10.
    pub decile: Option<u8>,
    /// Whether the civil registry knows the NIK and the name (padan).
    pub civil_match: Option<bool>,
    /// What verification found.
    pub eligibility: Eligibility,
    /// Categories of vulnerability, sorted, each once.
    pub vulnerabilities: Vec<Vulnerability>,
    /// Code of the distribution point, or empty: not yet placed.
    pub point_code: String,
    /// Session at the point.
    pub session_no: Option<u16>,
    /// Code of the package, or empty: whatever the round gives.
    pub package_code: String,
    /// Remark of the source.
    pub note: String,
}

/// Shows the key alone: a log line must not tell where a poor person lives.
impl fmt::Debug for Particulars {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Particulars")
            .field("source_id", &self.source_id)
            .field("nik", &self.nik)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_nik_is_read_as_people_type_it() {
        let nik = Nik::parse("6402995205510001").unwrap();
        for typed in [
            "'6402995205510001",
            " 6402 9952 0551 0001 ",
            "6402.9952.0551.0001",
            "640299-520551-0001",
            "6402995205510001.0",
            "6402995205510001,00",
            "\u{a0}6402995205510001\u{200b}",
            "\u{2019}6402995205510001",
        ] {
            assert_eq!(Nik::parse(typed), Ok(nik), "{typed:?}");
        }
        assert_eq!(nik.masked(), "6402 **** **** 0001");
        assert_eq!(nik.tail(), "0001");
        assert_eq!(format!("{nik:?}"), "6402 **** **** 0001");
    }

    #[test]
    fn a_damaged_nik_says_how_it_was_damaged() {
        for scientific in ["6,40299E+15", "6.40299e15", "6,4029952055E+15", "'6,4E+15", "6E15"] {
            assert_eq!(Nik::parse(scientific), Err(NikFault::Scientific), "{scientific}");
        }
        assert_eq!(Nik::parse("7308995907580000"), Err(NikFault::Zeroed));
        assert_eq!(Nik::parse("640299170855000"), Err(NikFault::Length(15)));
        assert_eq!(Nik::parse("64029952055100011"), Err(NikFault::Length(17)));
        assert_eq!(Nik::parse("64O2991402590010"), Err(NikFault::Letters));
        assert_eq!(Nik::parse("６４０２９９５２０５５１０００１"), Err(NikFault::Letters));
        assert_eq!(Nik::parse(" ' "), Err(NikFault::Empty));
        assert_eq!(FamilyCard::parse("6402990503190000"), Err(NikFault::Zeroed));
    }

    #[test]
    fn a_nik_carries_birth_date_and_sex_as_hints() {
        let woman = Nik::parse("6402995205510001").unwrap();
        let hint = woman.birth_hint().unwrap();
        assert_eq!(hint, BirthHint { day: 12, month: 5, year: 51 });
        assert!(hint.agrees(jiff::civil::date(1951, 5, 12)));
        assert!(!hint.agrees(jiff::civil::date(1951, 12, 5)));
        assert_eq!(woman.sex_hint(), Some(Sex::Female));
        assert_eq!(Nik::parse("6402990311480002").unwrap().sex_hint(), Some(Sex::Male));
        for impossible in
            ["6402993502510001", "6402990013510001", "6402997202510001", "6402993002510001", "6402998002510001"]
        {
            assert_eq!(Nik::parse(impossible).unwrap().birth_hint(), None, "{impossible}");
        }
        assert!(woman.province_is_known());
        assert!(!Nik::parse("0002995205510001").unwrap().province_is_known());
    }

    #[test]
    fn words_of_the_columns_are_read_in_their_usual_forms() {
        assert_eq!(Sex::parse("Laki-laki"), Some(Sex::Male));
        assert_eq!(Sex::parse(" PEREMPUAN "), Some(Sex::Female));
        assert_eq!(Sex::parse("X"), None);
        assert_eq!(Eligibility::parse("tidak  layak"), Some(Eligibility::NotEligible));
        assert_eq!(Eligibility::parse(""), Some(Eligibility::Undecided));
        assert_eq!(Eligibility::parse("mungkin"), None);
        assert_eq!(Vulnerability::parse("Lansia"), Some(Vulnerability::Elderly));
        for category in Vulnerability::ALL {
            assert_eq!(Vulnerability::parse(category.word()), Some(category));
        }
        for state in Eligibility::ALL {
            assert_eq!(Eligibility::from_code(state.as_str()), Some(state));
        }
    }

    #[test]
    fn names_fold_for_search() {
        assert_eq!(fold_name("HJ. Norliani"), "NORLIANI");
        assert_eq!(fold_name(" Yohanes   Lahang "), "YOHANES LAHANG");
        assert_eq!(fold_name("ABDUL HAMID (ALM.)"), "ABDUL HAMID");
        assert_eq!(fold_name("H. M. Nur'aini"), "M NURAINI");
        assert_eq!(fold_name("Hj."), "HJ");
        assert!(name_says_deceased("Abdul Hamid, almh"));
        assert!(!name_says_deceased("ALMIRA"));
    }

    #[test]
    fn hidden_signs_are_taken_out_and_reported() {
        let tidied = tidy("\u{202e}SITI\u{200b}  \tMAR\u{0}DIANA\n");
        assert_eq!((tidied.text.as_str(), tidied.stripped, tidied.broken), ("SITI MARDIANA", true, false));
        assert_eq!(tidy("RENE\u{301}E").text, "REN\u{c9}E", "one sign, which every face has");
        let tidied = tidy("  Jl.\u{a0}Contoh  ");
        assert_eq!((tidied.text.as_str(), tidied.stripped), ("Jl. Contoh", false));
        assert!(tidy("MARDI\u{fffd}NA").broken);
    }

    #[test]
    fn a_village_code_is_of_kemendagri() {
        assert_eq!(village_code("64.02.06.1002").as_deref(), Some("64.02.06.1002"));
        assert_eq!(village_code(" 6402062007 ").as_deref(), Some("64.02.06.2007"));
        for wrong in
            ["64.02.06.0002", "64.02.06", "6403090001", "64-02-06-1002", "64.020.6.1002", "", "640206100", "LOA IPUH"]
        {
            assert_eq!(village_code(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn nothing_typed_breaks_the_readers(text in "\\PC{0,40}") {
            let _ = Nik::parse(&text);
            let _ = village_code(&text);
            let tidied = tidy(&text);
            prop_assert_eq!(tidy(&tidied.text).text, tidied.text);
            let folded = fold_name(&text);
            prop_assert!(!folded.contains("  "));
        }

        #[test]
        fn sixteen_digits_are_a_nik_unless_they_end_in_zeroes(digits in "[0-9]{16}") {
            match Nik::parse(&digits) {
                Ok(nik) => prop_assert_eq!(nik.digits(), digits.as_str()),
                Err(fault) => prop_assert!(fault == NikFault::Zeroed && digits.ends_with("0000")),
            }
        }
    }
}
