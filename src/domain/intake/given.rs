//! What a row says and what it leaves as it is: a file without a column says nothing about it.

use super::meaning::read_eligibility;
use super::{Column, RawRow};
use crate::domain::household::{Eligibility, Particulars, tidy};

/// The columns on which a row has a say. A column that the file does not have leaves what is known; so does
/// an empty cell where somebody else decides, on verification and on the place at the counter.
#[must_use]
pub fn given(row: &RawRow, read: &Particulars) -> Vec<Column> {
    let has = |column: Column| row.cell(column).is_some() || row.correction(column).is_some();
    let says = |column: Column| match column {
        Column::Number | Column::EligibilityReason | Column::Presence => false,
        Column::Note => [column, Column::EligibilityReason, Column::Presence].into_iter().any(has),
        Column::Point => has(column) && !read.point_code.is_empty(),
        Column::Session => has(column) && read.session_no.is_some(),
        Column::Package => has(column) && !read.package_code.is_empty(),
        Column::Eligibility => row
            .correction(column)
            .or_else(|| row.cell(column))
            .map(|cell| tidy(&cell.text).text)
            .is_some_and(|text| !text.is_empty() && read_eligibility(&text).is_some()),
        _ => has(column),
    };
    Column::ALL.iter().copied().filter(|column| says(*column)).collect()
}

/// Fills what a row has no say on from what is known of its household.
pub fn keep_the_rest(known: &Particulars, new: &mut Particulars, given: &[Column]) {
    let moved = known.village != new.village || known.sub_district != new.sub_district;
    for column in Column::ALL.iter().copied().filter(|column| !given.contains(column)) {
        match column {
            Column::Number | Column::SourceId | Column::EligibilityReason | Column::Presence => {}
            Column::FamilyCard => new.family_card = known.family_card,
            Column::Nik => new.nik = known.nik,
            Column::Name => new.name.clone_from(&known.name),
            Column::Sex => new.sex = known.sex,
            Column::BirthDate => new.birth_date = known.birth_date,
            Column::Relation => new.relation.clone_from(&known.relation),
            Column::Address => new.address.clone_from(&known.address),
            Column::Rt => new.rt.clone_from(&known.rt),
            // The code of where a household lived before says nothing of where it lives now.
            Column::VillageCode if moved => {}
            Column::VillageCode => new.village_code.clone_from(&known.village_code),
            Column::Village => new.village.clone_from(&known.village),
            Column::SubDistrict => new.sub_district.clone_from(&known.sub_district),
            Column::Decile => new.decile = known.decile,
            Column::CivilMatch => new.civil_match = known.civil_match,
            Column::Eligibility => new.eligibility = known.eligibility,
            Column::Vulnerability => new.vulnerabilities.clone_from(&known.vulnerabilities),
            Column::Point => new.point_code.clone_from(&known.point_code),
            Column::Session => new.session_no = known.session_no,
            Column::Package => new.package_code.clone_from(&known.package_code),
            Column::Note => new.note.clone_from(&known.note),
        }
    }
}

/// What a household has in a column, as a list writes it. It is personal.
#[must_use]
pub fn value(of: &Particulars, column: Column) -> String {
    match column {
        Column::Number | Column::EligibilityReason | Column::Presence => String::new(),
        Column::SourceId => of.source_id.clone(),
        Column::FamilyCard => of.family_card.map(|card| card.digits().to_owned()).unwrap_or_default(),
        Column::Nik => of.nik.map(|nik| nik.digits().to_owned()).unwrap_or_default(),
        Column::Name => of.name.clone(),
        Column::Sex => of.sex.map(|sex| sex.letter().to_owned()).unwrap_or_default(),
        Column::BirthDate => of.birth_date.map(|date| date.to_string()).unwrap_or_default(),
        Column::Relation => of.relation.clone(),
        Column::Address => of.address.clone(),
        Column::Rt => of.rt.clone(),
        Column::VillageCode => of.village_code.clone(),
        Column::Village => of.village.clone(),
        Column::SubDistrict => of.sub_district.clone(),
        Column::Decile => of.decile.map(|decile| decile.to_string()).unwrap_or_default(),
        Column::CivilMatch => of.civil_match.map(|yes| if yes { "YA" } else { "TIDAK" }.to_owned()).unwrap_or_default(),
        Column::Eligibility => match of.eligibility {
            Eligibility::Eligible => "LAYAK".to_owned(),
            Eligibility::NotEligible => "TIDAK LAYAK".to_owned(),
            Eligibility::Undecided => String::new(),
        },
        Column::Vulnerability => of.vulnerabilities.iter().map(|one| one.word()).collect::<Vec<_>>().join("|"),
        Column::Point => of.point_code.clone(),
        Column::Session => of.session_no.map(|session| session.to_string()).unwrap_or_default(),
        Column::Package => of.package_code.clone(),
        Column::Note => of.note.clone(),
    }
}

/// The same fit for a screen: the middle of a NIK and of a No. KK is hidden.
#[must_use]
pub fn shown_value(column: Column, text: &str) -> String {
    let text = tidy(text).text;
    if !matches!(column, Column::Nik | Column::FamilyCard) {
        return text.chars().take(200).collect();
    }
    let count = text.chars().count();
    let edge = if count >= 12 { 4 } else { 0 };
    let mask = |(place, sign): (usize, char)| {
        if place < edge || place + edge >= count || !sign.is_alphanumeric() { sign } else { '*' }
    };
    text.chars().enumerate().take(40).map(mask).collect()
}
