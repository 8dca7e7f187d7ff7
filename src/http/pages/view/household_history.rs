//! One household and its whole history.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/households/{id}`
#[derive(Debug, Template)]
#[template(path = "household.html", config = "assets/pages/askama.toml")]
pub struct HouseholdPage {
    /// Surroundings.
    pub frame: Frame,
    /// The id.
    pub id: String,
    /// Whether the reader may see the identity numbers in full.
    pub may_unmask: bool,
    /// The recipient's name.
    pub name: String,
    /// What is known, already in words.
    pub facts: Vec<(String, String)>,
    /// Where it stands in each programme.
    pub programmes: Vec<InProgramme>,
    /// What it has in each round.
    pub rounds: Vec<InRound>,
    /// What the same person or family has elsewhere.
    pub overlaps: Vec<Overlapping>,
    /// What happened, the newest first.
    pub events: Vec<Happened>,
}

/// The identity numbers of a household in full.
#[derive(Debug, Template)]
#[template(path = "unmasked.html", config = "assets/pages/askama.toml")]
pub struct Unmasked {
    /// Surroundings.
    pub frame: Frame,
    /// The id.
    pub id: String,
    /// The recipient's name.
    pub name: String,
    /// Number by number, already in words.
    pub facts: Vec<(String, String)>,
}

impl Unmasked {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let frame = Frame::sample(language, "verifier", Place::Households);
        let facts = vec![(frame.t("household-nik"), "6402990101700001".into())];
        Self { frame, id: "0190-a".into(), name: "RUSMINI".into(), facts }
    }
}

/// A household in a programme.
#[derive(Debug, Clone)]
pub struct InProgramme {
    /// The programme's name.
    pub programme: String,
    /// The code of what was decided.
    pub standing: String,
    /// Why, in words.
    pub reason: String,
    /// The point's code.
    pub point: Option<String>,
    /// Session.
    pub session_no: i32,
    /// Desk.
    pub desk_no: i32,
    /// Whether a person placed it there.
    pub by_hand: bool,
}

/// A household in a round.
#[derive(Debug, Clone)]
pub struct InRound {
    /// Where it is told what is still owed of it, for whom may see that.
    pub owed: Option<String>,
    /// The round's name.
    pub round: String,
    /// The programme's name.
    pub programme: String,
    /// The point's code.
    pub point: String,
    /// The value in minor units.
    pub value: i64,
    /// The code of the state.
    pub state: String,
    /// Why it is held back.
    pub held: Option<String>,
    /// The newest print.
    pub print_no: i64,
    /// The typed code, for those who may see it.
    pub typed_code: Option<String>,
    /// When it was handed over.
    pub redeemed_at: Option<String>,
    /// The redemption whose receipt may be seen.
    pub receipt: Option<String>,
}

/// The same person or family in another programme.
#[derive(Debug, Clone)]
pub struct Overlapping {
    /// The agency's name.
    pub agency: String,
    /// The programme's name.
    pub programme: Option<String>,
    /// The code of what was decided there.
    pub standing: String,
    /// Whether the NIK is the same, and not the family card alone.
    pub same_nik: bool,
    /// The household, when this agency has it.
    pub household: Option<String>,
}

/// Something that happened.
#[derive(Debug, Clone)]
pub struct Happened {
    /// When.
    pub at: String,
    /// How it is marked: `good`, `bad`, `odd` or nothing.
    pub kind: String,
    /// What, as a sentence.
    pub sentence: String,
    /// The fields that a file changed.
    pub changes: Vec<String>,
    /// Programme and round.
    pub of: Option<String>,
    /// Who did it.
    pub by: Option<String>,
}

impl HouseholdPage {
    /// The value of what is in all rounds.
    #[must_use]
    pub fn value_total(&self) -> i64 {
        self.rounds.iter().filter(|round| round.state != "revoked").map(|round| round.value).sum()
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let happened = |at: &str, kind: &str, sentence: &str| Happened {
            at: at.into(),
            kind: kind.into(),
            sentence: sentence.into(),
            changes: Vec::new(),
            of: Some("Bantuan Sembako, Tahap 1 / 2026".into()),
            by: Some("Agus Petugas".into()),
        };
        let mut changed = happened("20-11-2026 10.00 WITA", "", "Data berubah menurut berkas p3ke.xlsx baris 14.");
        changed.changes = vec!["RT: 012 → 014".into(), "Alamat: diubah (tidak ditampilkan)".into()];
        Self {
            id: "0190-a".into(),
            may_unmask: true,
            frame: Frame::sample(language, "auditor", Place::Households),
            name: "RUSMINI".into(),
            facts: vec![
                ("Id sumber".into(), "DEMO-0000001".into()),
                ("NIK".into(), "6402 **** **** 0001".into()),
                ("Tempat tinggal".into(), "RT 014, LOA IPUH, TENGGARONG".into()),
            ],
            programmes: vec![InProgramme {
                programme: "Bantuan Sembako".into(),
                standing: "approved".into(),
                reason: String::new(),
                point: Some("TGR-01".into()),
                session_no: 2,
                desk_no: 1,
                by_hand: true,
            }],
            rounds: vec![
                InRound {
                    owed: Some("/entitlements/0190-e/exceptions".into()),
                    round: "Tahap 1 / 2026".into(),
                    programme: "Bantuan Sembako".into(),
                    point: "TGR-01".into(),
                    value: 500_000,
                    state: "redeemed".into(),
                    held: None,
                    print_no: 2,
                    typed_code: Some("7KQ4-M2XP-9D".into()),
                    redeemed_at: Some("07-12-2026 09.12 WITA".into()),
                    receipt: Some("0190-r1".into()),
                },
                InRound {
                    owed: None,
                    round: "Tahap 2 / 2026".into(),
                    programme: "Bantuan Sembako".into(),
                    point: "TGR-01".into(),
                    value: 500_000,
                    state: "available".into(),
                    held: Some("Menunggu surat kelurahan".into()),
                    print_no: 1,
                    typed_code: None,
                    redeemed_at: None,
                    receipt: None,
                },
            ],
            overlaps: vec![Overlapping {
                agency: "Dinas Kelautan dan Perikanan".into(),
                programme: Some("Alat tangkap".into()),
                standing: "approved".into(),
                same_nik: true,
                household: None,
            }],
            events: vec![
                happened("07-12-2026 10.03 WITA", "bad", "Dicoba di TGR-01: SUDAH DIAMBIL."),
                happened("07-12-2026 09.12 WITA", "good", "Paket diserahkan di TGR-01 kepada penerima sendiri."),
                changed,
            ],
        }
    }
}
