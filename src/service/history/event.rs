//! What can happen to a household, and what a file changed of it.

use crate::domain::household::Particulars;
use crate::domain::intake::{Column, differences};
use crate::domain::redemption::CollectorKind;
use crate::domain::time::Timestamp;

/// Something that happened.
#[derive(Debug, Clone)]
pub struct HistoryEvent {
    /// When.
    pub at: Timestamp,
    /// The name of who did it.
    pub by: Option<String>,
    /// In which programme or round.
    pub of: Option<String>,
    /// What.
    pub what: What,
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// It came into the list without a file that is still known.
    Entered,
    /// It came into the list from a file.
    CameFrom { file: String, row: i32 },
    /// A file changed it.
    Changed { file: String, row: i32, fields: Vec<Change> },
    /// Its eligibility was decided.
    Decided { standing: String, reason: String, evidence: String },
    /// It was found to be like another household.
    Suspected { kind: String, other: String },
    /// That was decided.
    SuspicionDecided { state: String, other: String, note: String },
    /// A decree put it on a list.
    Listed { number: i32, decree_no: String, decree_date: String },
    /// A substitution was proposed or decided.
    Substitution { state: String, goes: bool, other: String, reason: String, statement_no: String },
    /// It got a voucher.
    Issued { point: String, print_no: i32 },
    /// The voucher was printed again, held, let go or revoked: the code of the event, and what was said.
    Traced { event: String, detail: String },
    /// The voucher was looked at or tried.
    Tried { redeem: bool, outcome: String, point: Option<String>, device: Option<String> },
    /// The package was handed over.
    HandedOver {
        point: String,
        device: String,
        collector: CollectorKind,
        relation: Option<String>,
        number: String,
        short: bool,
    },
    /// Somebody ordered a stop.
    Paused { scope: String, letter_no: String, reason: String },
    /// It ended.
    Resumed { scope: String, letter_no: String },
    /// Its point got more time.
    WindowChanged { point: String, closes_at: Timestamp, reason: String },
}

/// A field that a file changed. Values that may not be shown are absent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The heading of its column.
    pub field: Column,
    /// Before and after, where that may be shown.
    pub values: Option<(String, String)>,
}

impl What {
    /// The stable code of its kind.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Entered => "entered",
            Self::CameFrom { .. } => "came_from",
            Self::Changed { .. } => "changed",
            Self::Decided { .. } => "decided",
            Self::Suspected { .. } => "suspected",
            Self::SuspicionDecided { .. } => "suspicion_decided",
            Self::Listed { .. } => "listed",
            Self::Substitution { .. } => "substitution",
            Self::Issued { .. } => "issued",
            Self::Traced { .. } => "traced",
            Self::Tried { .. } => "tried",
            Self::HandedOver { .. } => "handed_over",
            Self::Paused { .. } => "paused",
            Self::Resumed { .. } => "resumed",
            Self::WindowChanged { .. } => "window_changed",
        }
    }
}

/// What a file changed, with the values that everybody who reads households may see.
pub(super) fn changes(before: &Particulars, now: &Particulars) -> Vec<Change> {
    differences(before, now)
        .into_iter()
        .map(|field| Change { field, values: shown(field, before).zip(shown(field, now)) })
        .collect()
}

fn shown(field: Column, known: &Particulars) -> Option<String> {
    let yes_no = |yes: Option<bool>| yes.map_or(String::new(), |yes| if yes { "ya" } else { "tidak" }.to_owned());
    Some(match field {
        Column::SourceId => known.source_id.clone(),
        Column::FamilyCard => known.family_card.as_ref().map_or(String::new(), |card| card.masked()),
        Column::Nik => known.nik.as_ref().map_or(String::new(), |nik| nik.masked()),
        Column::Name => known.name.clone(),
        Column::Sex => known.sex.map_or(String::new(), |sex| sex.letter().to_owned()),
        Column::Relation => known.relation.clone(),
        Column::Rt => known.rt.clone(),
        Column::VillageCode => known.village_code.clone(),
        Column::Village => known.village.clone(),
        Column::SubDistrict => known.sub_district.clone(),
        Column::Decile => known.decile.map_or(String::new(), |decile| decile.to_string()),
        Column::CivilMatch => yes_no(known.civil_match),
        Column::Eligibility => known.eligibility.as_str().to_owned(),
        Column::Vulnerability => known.vulnerabilities.iter().map(|one| one.word()).collect::<Vec<_>>().join(", "),
        Column::Point => known.point_code.clone(),
        Column::Session => known.session_no.map_or(String::new(), |number| number.to_string()),
        Column::Package => known.package_code.clone(),
        Column::Note => known.note.clone(),
        // The street and the birth date are shown nowhere; that they changed is.
        _ => return None,
    })
}
