//! What anyone sees who points a phone at a voucher: no name, nothing that is not printed on it.

use askama::Template;

use super::frame::Frame;
use crate::domain::time::Language;
use crate::pdf::picture::{Picture, Shape};

/// `/v/{token}`
#[derive(Debug, Template)]
#[template(path = "voucher.html", config = "assets/pages/askama.toml")]
pub struct VoucherStatus {
    /// Surroundings.
    pub frame: Frame,
    /// The code of the verdict: `valid`, `already_redeemed`, `forged` …
    pub verdict: String,
    /// Why the distribution stands still, when it does.
    pub reason: Option<String>,
    /// Details of a voucher that is ours.
    pub voucher: Option<VoucherFacts>,
    /// Where to complain; empty when unknown.
    pub hotline: String,
}

/// What is printed on the voucher too, and when it was used.
#[derive(Debug, Clone)]
pub struct VoucherFacts {
    /// The agency.
    pub agency: String,
    /// The programme's name.
    pub programme: String,
    /// The round's name.
    pub round: String,
    /// Code and name of the point.
    pub point: String,
    /// When to come, in words.
    pub schedule: String,
    /// The contents, each with its picture.
    pub items: Vec<Pictured>,
    /// The number of the print.
    pub print_no: i64,
    /// When it was used, in words.
    pub redeemed_at: Option<String>,
    /// Where it was used.
    pub redeemed_point: Option<String>,
    /// The mark of the receipt, for its own page.
    pub receipt: Option<String>,
}

/// An item in words, with a picture for those who do not read.
#[derive(Debug, Clone)]
pub struct Pictured {
    /// What, and how much.
    pub label: String,
    /// The picture.
    pub shapes: Vec<Shape>,
}

impl Pictured {
    /// An item with the picture that its name brings.
    #[must_use]
    pub fn of(label: String) -> Self {
        Self { shapes: Picture::of(&label).shapes(), label }
    }

    /// For samples.
    #[must_use]
    pub fn samples() -> Vec<Self> {
        ["Beras premium 15 kg", "Minyak goreng 4 l", "Telur 2 piring", "Gula pasir 3 kg"]
            .map(|label| Self::of(label.to_owned()))
            .into()
    }
}

impl VoucherStatus {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self::sample_of(language, "valid")
    }

    /// A sample with this verdict.
    #[must_use]
    pub fn sample_of(language: Language, verdict: &str) -> Self {
        let used = verdict == "already_redeemed";
        let ours = !matches!(verdict, "forged" | "foreign" | "malformed" | "unknown");
        Self {
            frame: Frame::public(language, "/v/ABC"),
            verdict: verdict.into(),
            reason: (verdict == "paused").then(|| "masa tenang pemilu (No. 270/15/2026)".into()),
            voucher: ours.then(|| VoucherFacts {
                agency: "Dinas Sosial Kabupaten Kutai Kartanegara".into(),
                programme: "Bantuan Pangan Lansia 2026".into(),
                round: "Tahap 1 / 2026".into(),
                point: "TGR-01 · Kantor Camat Tenggarong".into(),
                schedule: "Senin, 7 Desember 2026 – sesi 1 (08.00–10.00 WITA)".into(),
                items: Pictured::samples(),
                print_no: 1,
                redeemed_at: used.then(|| "Senin, 7 Desember 2026, 09.12 WITA".into()),
                redeemed_point: used.then(|| "TGR-01 · Kantor Camat Tenggarong".into()),
                receipt: used.then(|| "7f3a91c044de0153".into()),
            }),
            hotline: "0541-000000".into(),
        }
    }
}
