//! A receipt for the printer: a page 58 mm wide, or any other paper.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/redemptions/{id}/receipt`
#[derive(Debug, Template)]
#[template(path = "receipt.html", config = "assets/pages/askama.toml")]
pub struct Receipt {
    /// Surroundings.
    pub frame: Frame,
    /// The redemption's id.
    pub id: String,
    /// The receipt's number.
    pub number: String,
    /// When, in words.
    pub redeemed_at: String,
    /// The government, as on the letterhead.
    pub government: String,
    /// The agency.
    pub agency: String,
    /// The programme's name.
    pub programme: String,
    /// The round's name.
    pub round: String,
    /// The head of the household.
    pub household: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// The code of who collected.
    pub collector: String,
    /// The name of a proxy or substitute.
    pub collector_name: Option<String>,
    /// What was given, a text a line.
    pub items: Vec<String>,
    /// Whether that was less than the household's right.
    pub short: bool,
    /// What the device marked it with, and whom that names.
    pub marks: Vec<(String, Option<String>)>,
    /// What it is worth.
    pub value: i64,
    /// The point's code and name.
    pub point: String,
    /// The desk.
    pub desk: String,
    /// The operator's name.
    pub operator: String,
    /// The start of the signed receipt's hash, to compare by eye.
    pub mark: String,
    /// Where to complain.
    pub hotline: String,
    /// Whether the reader stands at a desk.
    pub at_desk: bool,
}

impl Receipt {
    /// The length of the slip: a printer's page has to be told its length, so the shortest that fits is taken.
    #[must_use]
    pub fn slip(&self) -> &'static str {
        match self.items.len() {
            0..=6 => "slip-short",
            7..=14 => "slip-middle",
            _ => "slip-long",
        }
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "operator", Place::Desk),
            id: "0190-t".into(),
            number: "TGR-01/2026/000412".into(),
            redeemed_at: "07-12-2026 09.12 WITA".into(),
            government: "Pemerintah Kabupaten Kutai Kartanegara".into(),
            agency: "Dinas Sosial".into(),
            programme: "Bantuan Pangan Lansia 2026".into(),
            round: "Tahap 1 / 2026".into(),
            household: "RUSMINI".into(),
            nik_masked: "6402 **** **** 0001".into(),
            collector: "proxy".into(),
            collector_name: Some("Ahmad Fauzi".into()),
            items: vec![
                "Beras premium 15 kg".into(),
                "Minyak goreng 4 l".into(),
                "Telur 2 piring".into(),
                "Gula pasir 3 kg".into(),
            ],
            short: false,
            marks: vec![("late_entry".into(), None), ("witness".into(), Some("Budi".into()))],
            value: 500_000,
            point: "TGR-01 Kantor Camat Tenggarong".into(),
            desk: "Meja 1".into(),
            operator: "Siti Aminah".into(),
            mark: "7f3a 91c0 44de 0c12".into(),
            hotline: "0541-000000".into(),
            at_desk: true,
        }
    }
}
