//! Where a row's household lives, by the official list of villages.

use super::{Checked, Column, Correction, Finding, FindingKind};
use crate::domain::household::tidy;
use crate::domain::place::{Gazetteer, How, Suggestion, Verdict, Village, Written};

/// What this step finds, so that it can be found anew.
const FINDINGS: [FindingKind; 6] = [
    FindingKind::VillageCodeReplaced,
    FindingKind::PlaceMoved,
    FindingKind::PlaceSpelling,
    FindingKind::PlaceAmbiguous,
    FindingKind::PlaceUnknown,
    FindingKind::PlaceCodeDiffers,
];

/// Puts the place of a household right where that can be proved, and says what cannot. Without a list
/// nothing is said. Gives what a person may confirm, if something only looks alike.
pub fn locate(list: &Gazetteer, checked: &mut Checked) -> Option<Suggestion> {
    let of = checked.particulars.as_mut().filter(|_| !list.is_empty())?;
    checked.findings.retain(|finding| !FINDINGS.contains(&finding.kind));
    let written = Written { code: &of.village_code, village: &of.village, sub_district: &of.sub_district };
    let settled = list.settle(written);
    let seen = format!("{}, {}", of.village, of.sub_district);
    let mut found = |column, kind| checked.findings.push(Finding::new(column, kind, &seen));
    let mut asked = None;
    match settled.verdict {
        Verdict::Found(village, how) => {
            if how == How::Split {
                found(Column::SubDistrict, FindingKind::PlaceMoved);
            }
            if settled.code_replaced {
                checked.findings.push(Finding::new(
                    Column::VillageCode,
                    FindingKind::VillageCodeReplaced,
                    &of.village_code,
                ));
            }
            checked.findings.retain(|finding| finding.kind != FindingKind::VillageCodeMissing);
            put_right(&mut checked.corrections, of, &village);
        }
        Verdict::CodeDiffers(_) => found(Column::VillageCode, FindingKind::PlaceCodeDiffers),
        Verdict::Asked(suggestion) => {
            let column = if suggestion.village.is_empty() { Column::SubDistrict } else { Column::Village };
            found(column, FindingKind::PlaceSpelling);
            asked = Some(suggestion);
        }
        Verdict::Ambiguous => found(Column::Village, FindingKind::PlaceAmbiguous),
        Verdict::Unknown => found(Column::Village, FindingKind::PlaceUnknown),
    }
    checked.findings.sort_by_key(|finding| finding.column);
    asked
}

fn put_right(corrections: &mut Vec<Correction>, of: &mut crate::domain::household::Particulars, village: &Village) {
    let parts = [
        (Column::VillageCode, &mut of.village_code, &village.code),
        (Column::Village, &mut of.village, &village.name),
        (Column::SubDistrict, &mut of.sub_district, &village.sub_district),
    ];
    for (column, written, known) in parts {
        // Another case is no correction, nor is a code where there was none.
        if !written.is_empty() && tidy(written).text.to_uppercase() != *known {
            corrections.push(Correction { column, original: written.clone(), corrected: known.clone() });
        }
        written.clone_from(known);
    }
}
