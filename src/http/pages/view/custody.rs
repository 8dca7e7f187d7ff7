//! The paper on its way: bundles, where they are, and vouchers that are printed again.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::custody::{Cause, Step};
use crate::domain::time::Language;

/// `/rounds/{id}/custody`
#[derive(Debug, Template)]
#[template(path = "custody.html", config = "assets/pages/askama.toml")]
pub struct Custody {
    /// Surroundings.
    pub frame: Frame,
    /// The round's id.
    pub round_id: String,
    /// The round's name.
    pub round: String,
    /// Why something did not work.
    pub error: Option<String>,
    /// Whether this person may put vouchers into bundles.
    pub may_prepare: bool,
    /// Whether this person may record where a bundle went.
    pub may_record: bool,
    /// Whether this person may ask for another print.
    pub may_request: bool,
    /// Whether this person may make another print.
    pub may_reprint: bool,
    /// The sums, a line a point.
    pub points: Vec<PointSum>,
    /// The point whose bundles are shown, or none for all that lie in the office.
    pub point: String,
    /// The bundles.
    pub bundles: Vec<BundleRow>,
    /// The reprints.
    pub reprints: Vec<ReprintRow>,
    /// The files of vouchers that were made: when, by whom, and which.
    pub prints: Vec<(String, String, String)>,
}

/// The bundles of a point.
#[derive(Debug, Clone, Default)]
pub struct PointSum {
    /// The point's code.
    pub point: String,
    /// Bundles.
    pub bundles: i64,
    /// Bundles in the office.
    pub bundles_in_office: i64,
    /// Vouchers in bundles.
    pub vouchers: i64,
    /// Vouchers in the office.
    pub in_office: i64,
    /// Vouchers with an officer.
    pub out: i64,
    /// Vouchers with their households.
    pub delivered: i64,
    /// Vouchers that a desk has seen, though nobody recorded that they went there.
    pub proven: i64,
    /// Vouchers that came back.
    pub returned: i64,
}

/// A bundle.
#[derive(Debug, Clone)]
pub struct BundleRow {
    /// The code on its head.
    pub code: String,
    /// The point's code.
    pub point: String,
    /// RT and village.
    pub place: String,
    /// The serials: `TGR-01/0001–0012`.
    pub serials: String,
    /// Vouchers.
    pub vouchers: i64,
    /// With an officer.
    pub out: i64,
    /// With their households.
    pub delivered: i64,
    /// Seen by a desk, though nobody recorded it.
    pub proven: i64,
    /// Back.
    pub returned: i64,
    /// Who has it, and since when; nothing while it lies in the office.
    pub holder: Option<String>,
}

/// A reprint.
#[derive(Debug, Clone)]
pub struct ReprintRow {
    /// The entitlement's id.
    pub entitlement: String,
    /// Its name on paper.
    pub reference: String,
    /// The recipient.
    pub name: String,
    /// The point's code.
    pub point: String,
    /// The code of the cause.
    pub cause: String,
    /// The reason.
    pub reason: String,
    /// Whether the old sheet is back.
    pub sheet_kept: bool,
    /// The print that it replaces.
    pub old_print_no: i64,
    /// The print that came of it.
    pub new_print_no: Option<i64>,
    /// Who asked, and when.
    pub requested: String,
    /// Who agreed, and when.
    pub approved: Option<String>,
}

impl Custody {
    /// The sums over all points.
    #[must_use]
    pub fn total(&self) -> PointSum {
        self.points.iter().fold(PointSum::default(), |mut sum, one| {
            sum.bundles += one.bundles;
            sum.bundles_in_office += one.bundles_in_office;
            sum.vouchers += one.vouchers;
            sum.in_office += one.in_office;
            sum.out += one.out;
            sum.delivered += one.delivered;
            sum.proven += one.proven;
            sum.returned += one.returned;
            sum
        })
    }

    /// Spoilt sheets: how many, how many are back in the office, and how many were replaced.
    #[must_use]
    pub fn spoilt(&self) -> (i64, i64, i64) {
        let spoilt = || self.reprints.iter().filter(|one| one.cause == Cause::Spoilt.as_str());
        let count = |some: usize| i64::try_from(some).unwrap_or(i64::MAX);
        (
            count(spoilt().count()),
            count(spoilt().filter(|one| one.sheet_kept).count()),
            count(spoilt().filter(|one| one.new_print_no.is_some()).count()),
        )
    }

    /// The steps to choose from.
    #[must_use]
    pub fn steps(&self) -> Vec<Choice> {
        let label = |step: Step| self.frame.of_list("custody-step", step.as_str());
        Step::ALL.into_iter().map(|step| Choice::new(step.as_str(), label(step))).collect()
    }

    /// The causes to choose from.
    #[must_use]
    pub fn causes(&self) -> Vec<Choice> {
        let label = |cause: Cause| self.frame.of_list("reprint-cause", cause.as_str());
        Cause::ALL.into_iter().map(|cause| Choice::new(cause.as_str(), label(cause))).collect()
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let bundle = |n: i64, place: &str, holder: Option<&str>| BundleRow {
            code: crate::domain::custody::bundle_code(1, i32::try_from(n).unwrap_or(1)),
            point: "TGR-01".into(),
            place: place.into(),
            serials: format!("TGR-01/{:04}–{:04}", n * 12 - 11, n * 12),
            vouchers: 12,
            out: if holder.is_some() { 2 } else { 0 },
            delivered: if holder.is_some() { 9 } else { 0 },
            proven: 0,
            returned: i64::from(holder.is_some()),
            holder: holder.map(str::to_owned),
        };
        let reprint = |cause: Cause, made: Option<i64>| ReprintRow {
            entitlement: "0190-e".into(),
            reference: "7C1E43AB".into(),
            name: "RUSMINI".into(),
            point: "TGR-01".into(),
            cause: cause.as_str().into(),
            reason: "tinta luntur".into(),
            sheet_kept: true,
            old_print_no: 1,
            new_print_no: made,
            requested: "Budi Santoso, 20-11-2026 09.12 WITA".into(),
            approved: made.map(|_| "Siti Aminah, 20-11-2026 10.01 WITA".into()),
        };
        Self {
            frame: Frame::sample(language, "coordinator", Place::Rounds),
            round_id: "0190-r".into(),
            round: "Tahap 1 / 2026".into(),
            error: None,
            may_prepare: true,
            may_record: true,
            may_request: true,
            may_reprint: true,
            points: vec![PointSum {
                point: "TGR-01".into(),
                bundles: 2,
                bundles_in_office: 1,
                vouchers: 24,
                in_office: 9,
                out: 2,
                delivered: 9,
                proven: 3,
                returned: 1,
            }],
            point: String::new(),
            bundles: vec![
                bundle(1, "RT 014, LOA IPUH", Some("Ketua RT 014, 20-11-2026 08.30 WITA")),
                bundle(2, "RT 015, LOA IPUH", None),
            ],
            reprints: vec![reprint(Cause::Spoilt, Some(2)), reprint(Cause::Lost, None)],
            prints: vec![(
                "20-11-2026 08.00 WITA".into(),
                "Rina Marlina".into(),
                "24 a4x4: TGR-01/0001 – TGR-01/0024".into(),
            )],
        }
    }
}
