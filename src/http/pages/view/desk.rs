//! The desk: one box to scan into, one big verdict, one hand-over.
//!
//! The page works as plain forms: `POST /desk` shows the verdict, `POST /desk/hand-over` the confirmation.
//! With its script the same elements are filled in place, and a retry after a lost answer is safe because
//! the redemption's id is chosen before it is sent.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/desk`
#[derive(Debug, Template)]
#[template(path = "desk.html", config = "assets/pages/askama.toml")]
pub struct Desk {
    /// Surroundings.
    pub frame: Frame,
    /// The point's code.
    pub point: String,
    /// The point's name.
    pub point_name: String,
    /// The desk.
    pub desk: String,
    /// The operator's name.
    pub operator: String,
    /// Handed over today at this desk.
    pub handed_over: i64,
    /// Refused today at this desk.
    pub refused: i64,
    /// The latest scans of this desk, newest first.
    pub recent: Vec<RecentScan>,
    /// What came of the last form, if one was sent.
    pub answer: Option<Answer>,
}

/// What came of a scan or of a hand-over.
#[derive(Debug, Clone)]
pub struct Answer {
    /// The code of the verdict, or `redeemed` after a hand-over.
    pub verdict: String,
    /// What to do, in words; `verdict-do-…` of the words when none is given.
    pub instruction: Option<String>,
    /// The code that was read: it goes back with the hand-over.
    pub code: String,
    /// The id that the hand-over will have.
    pub redemption_id: String,
    /// The voucher, when it is ours.
    pub voucher: Option<DeskVoucher>,
    /// The receipt, after a hand-over.
    pub receipt: Option<DeskReceipt>,
    /// What was wrong with the hand-over form, in words.
    pub error: Option<String>,
}

/// The voucher on the desk.
#[derive(Debug, Clone)]
pub struct DeskVoucher {
    /// The head of the household.
    pub household: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// The year of birth.
    pub birth_year: String,
    /// RT, village, sub-district.
    pub address: String,
    /// That it belongs to another session, in words.
    pub session_notice: Option<String>,
    /// What to hand over: name and quantity.
    pub items: Vec<(String, String)>,
}

/// The receipt of a hand-over.
#[derive(Debug, Clone)]
pub struct DeskReceipt {
    /// Its id.
    pub id: String,
    /// Its number.
    pub number: String,
}

/// A scan in the list.
#[derive(Debug, Clone)]
pub struct RecentScan {
    /// When: `09.12`.
    pub at: String,
    /// The code of the verdict, or `redeemed`.
    pub verdict: String,
    /// The household, or what is known instead.
    pub what: String,
    /// The receipt's id and number.
    pub receipt: Option<(String, String)>,
}

impl Desk {
    /// What `data-verdict` says.
    #[must_use]
    pub fn verdict(&self) -> &str {
        self.answer.as_ref().map_or("ready", |answer| &answer.verdict)
    }

    /// The one instruction line.
    #[must_use]
    pub fn instruction(&self) -> String {
        let given = self.answer.as_ref().and_then(|answer| answer.instruction.clone());
        given.unwrap_or_else(|| self.frame.of_list("verdict-do", self.verdict()))
    }

    /// Whether there is something to hand over.
    #[must_use]
    pub fn can_hand_over(&self) -> bool {
        self.verdict() == "valid"
    }

    /// The voucher that was read, if it is ours.
    #[must_use]
    pub fn voucher(&self) -> Option<&DeskVoucher> {
        self.answer.as_ref().and_then(|answer| answer.voucher.as_ref())
    }

    /// The receipt, after a hand-over.
    #[must_use]
    pub fn receipt(&self) -> Option<&DeskReceipt> {
        self.answer.as_ref().and_then(|answer| answer.receipt.as_ref())
    }

    /// The words that the script needs, as JSON for a `data-` attribute: no script in the page, no second request.
    #[must_use]
    pub fn script_words(&self) -> String {
        let words = self.frame.words.beginning_with(&["verdict-", "desk-", "collector-"]);
        serde_json::to_string(&words).unwrap_or_default()
    }

    /// A sample for tests: nothing scanned yet.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let scan = |at: &str, verdict: &str, what: &str, receipt: Option<(&str, &str)>| RecentScan {
            at: at.into(),
            verdict: verdict.into(),
            what: what.into(),
            receipt: receipt.map(|(id, number)| (id.into(), number.into())),
        };
        Self {
            frame: Frame::sample(language, "operator", Place::Desk),
            point: "TGR-01".into(),
            point_name: "Kantor Camat Tenggarong".into(),
            desk: "Meja 1".into(),
            operator: "Siti Aminah".into(),
            handed_over: 41,
            refused: 3,
            recent: vec![
                scan("09.12", "redeemed", "RUSMINI", Some(("0190-t", "TGR-01/2026/000041"))),
                scan("09.10", "already_redeemed", "ABDUL GANI", None),
                scan("09.08", "foreign", "…0412", None),
            ],
            answer: None,
        }
    }

    /// A sample after a scan with this verdict.
    #[must_use]
    pub fn sample_of(language: Language, verdict: &str) -> Self {
        let known = !matches!(verdict, "unknown" | "forged" | "foreign" | "malformed" | "not_ready");
        let first = "Diambil 07-12-2026 09.12 di TGR-01 oleh wakil – jangan serahkan, panggil koordinator";
        Self {
            answer: Some(Answer {
                verdict: verdict.into(),
                instruction: (verdict == "already_redeemed").then(|| first.into()),
                code: "7KQ4-M2XP-9D".into(),
                redemption_id: "3f0c2f8e-7d0a-4a51-9d5b-0d6b3a1f5c77".into(),
                voucher: known.then(|| DeskVoucher {
                    household: "RUSMINI BINTI ABDULLAH".into(),
                    nik_masked: "6402 **** **** 0001".into(),
                    birth_year: "1951".into(),
                    address: "RT 014, Loa Ipuh, Tenggarong".into(),
                    session_notice: Some("Jadwal: sesi 2 (10.00–12.00). Boleh dilayani bila antrean kosong.".into()),
                    items: vec![
                        ("Beras premium".into(), "15 kg".into()),
                        ("Minyak goreng".into(), "4 l".into()),
                        ("Telur".into(), "2 piring".into()),
                        ("Gula pasir".into(), "3 kg".into()),
                    ],
                }),
                receipt: (verdict == "redeemed")
                    .then(|| DeskReceipt { id: "0190-t".into(), number: "TGR-01/2026/000042".into() }),
                error: None,
            }),
            ..Self::sample(language)
        }
    }
}
