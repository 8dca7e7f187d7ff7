//! What whoever holds a slip sees of it, without an account: no name, no number of a person.

use askama::Template;

use super::frame::Frame;
use super::voucher::Pictured;
use crate::domain::time::Language;

/// `/r/{mark}`
#[derive(Debug, Template)]
#[template(path = "public_receipt.html", config = "assets/pages/askama.toml")]
pub struct PublicReceiptPage {
    /// Surroundings.
    pub frame: Frame,
    /// The redemption, for its proof.
    pub id: String,
    /// The number on the slip.
    pub number: String,
    /// The agency.
    pub agency: String,
    /// The programme's and the round's name.
    pub programme: String,
    /// Code and name of the point.
    pub point: String,
    /// When it was handed over, in words.
    pub redeemed_at: String,
    /// What was given.
    pub items: Vec<Pictured>,
    /// Whether that was less than the right.
    pub short: bool,
    /// The hash of the signed receipt, in fours.
    pub mark: String,
    /// Its place in the log, once it is signed there.
    pub place: Option<PlaceInLog>,
    /// Where to complain; empty when unknown.
    pub hotline: String,
}

/// Where a receipt stands in the log.
#[derive(Debug, Clone)]
pub struct PlaceInLog {
    /// Its number, counted from 1 as people do.
    pub number: i64,
    /// How many there were in the signed log that covers it.
    pub size: i64,
    /// The head of that log as it can be copied on paper.
    pub line: String,
}

impl PublicReceiptPage {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::public(language, "/r/7f3a91c044de"),
            id: "0190-t".into(),
            number: "TGR-01-001-000412".into(),
            agency: "Dinas Sosial Kabupaten Kutai Kartanegara".into(),
            programme: "Bantuan Pangan Lansia 2026, Tahap 1 / 2026".into(),
            point: "Kantor Camat Tenggarong (TGR-01)".into(),
            redeemed_at: "Senin, 7 Desember 2026, 09.12 WITA".into(),
            items: Pictured::samples(),
            short: true,
            mark: "7f3a 91c0 44de 0153".into(),
            place: Some(PlaceInLog {
                number: 418,
                size: 20_163,
                line: "20163 BLDM-YBW2-I2KG-5S7Y-6R4D-QQ2B-MA".into(),
            }),
            hotline: "0541-000000".into(),
        }
    }
}
