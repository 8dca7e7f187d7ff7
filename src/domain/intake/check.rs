//! One row, read and checked by itself: either a household, or the reasons why not.

use std::collections::HashSet;

use jiff::civil::Date;

use super::meaning::{read_decile, read_eligibility, read_yes_no};
use super::reading::Reading;
use super::{Column, Correction, Finding, FindingKind, RawRow};
use crate::domain::household::{ADDRESS_MAX, PLACE_MAX, Particulars, RELATION_MAX, Sex};

/// The facts against which a row is checked.
#[derive(Debug, Clone, Copy)]
pub struct Known<'a> {
    /// Codes of the points that exist, in capitals.
    pub points: &'a HashSet<String>,
    /// Codes of the packages that exist, in capitals.
    pub packages: &'a HashSet<String>,
    /// The day of the check; nobody is born after it.
    pub today: Date,
}

/// What a check of one row found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    /// The household, or nothing when an error rejects the row.
    pub particulars: Option<Particulars>,
    /// Errors and warnings, in the order of the columns.
    pub findings: Vec<Finding>,
    /// What other columns of the file put right; the household carries the corrected values.
    pub corrections: Vec<Correction>,
}

/// Checks one row by itself. Rows that stand twice are found by [`Seen`], and what damages a whole file by
/// [`NikCensus`]; [`Examiner`] does all three.
#[must_use]
pub fn check(row: &RawRow, known: &Known<'_>) -> Checked {
    let mut reading = Reading::new(row);
    let nik = reading.nik();
    let address = reading.text(Column::Address, ADDRESS_MAX).into_owned();
    let mut particulars = Particulars {
        source_id: reading.source_id(),
        family_card: reading.family_card(),
        nik,
        name: reading.name(),
        sex: reading.word(Column::Sex, FindingKind::SexUnreadable, Sex::parse),
        birth_date: reading.birth_date(nik, known.today),
        relation: reading.text(Column::Relation, RELATION_MAX).into_owned(),
        rt: reading.rt(&address),
        address,
        village_code: reading.village_code(),
        village: reading.required(Column::Village, PLACE_MAX, FindingKind::VillageMissing).into_owned(),
        sub_district: reading.required(Column::SubDistrict, PLACE_MAX, FindingKind::SubDistrictMissing).into_owned(),
        decile: reading.word(Column::Decile, FindingKind::DecileUnreadable, read_decile),
        civil_match: reading.word(Column::CivilMatch, FindingKind::CivilMatchUnreadable, read_yes_no),
        eligibility: reading
            .word(Column::Eligibility, FindingKind::EligibilityUnreadable, read_eligibility)
            .unwrap_or_default(),
        vulnerabilities: reading.vulnerabilities(),
        point_code: reading.code(Column::Point, known.points, FindingKind::PointMissing, FindingKind::PointUnknown),
        session_no: reading.word(Column::Session, FindingKind::SessionUnreadable, |text| {
            text.parse::<u16>().ok().filter(|session| (1..=99).contains(session))
        }),
        package_code: reading.code(
            Column::Package,
            known.packages,
            FindingKind::PackageMissing,
            FindingKind::PackageUnknown,
        ),
        note: reading.note(),
    };
    reading.keep_number_out_of_id(&mut particulars);
    if particulars.civil_match == Some(false) {
        reading.find(Column::CivilMatch, FindingKind::CivilMatchNo, "TIDAK");
    }
    if let Some(nik) = particulars.nik {
        reading.compare_with_nik(nik, &particulars);
    }
    let mut findings = reading.findings;
    findings.sort_by_key(|finding| finding.column);
    let rejected = findings.iter().any(Finding::is_error);
    Checked { particulars: (!rejected).then_some(particulars), findings, corrections: reading.corrections }
}
