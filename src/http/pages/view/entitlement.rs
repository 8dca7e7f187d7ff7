//! Vouchers as a coordinator sees them: masked, without the codes that redeem them.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use super::placement::MoveForm;
use crate::domain::time::Language;

/// `/rounds/{id}/entitlements`
#[derive(Debug, Template)]
#[template(path = "entitlements.html", config = "assets/pages/askama.toml")]
pub struct Entitlements {
    /// Surroundings.
    pub frame: Frame,
    /// The round's id.
    pub round: String,
    /// Its name.
    pub round_name: String,
    /// The points, with the one that is chosen.
    pub points: Vec<Choice>,
    /// The states, with the one that is chosen.
    pub states: Vec<Choice>,
    /// Whether only held ones are shown.
    pub held: bool,
    /// The rows.
    pub rows: Vec<EntitlementRow>,
    /// The address of the next page.
    pub next: Option<String>,
}

/// A voucher in a list.
#[derive(Debug, Clone)]
pub struct EntitlementRow {
    /// The entitlement's id.
    pub id: String,
    /// The recipient's name.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, village and sub-district.
    pub address: String,
    /// Point, session and desk.
    pub place: String,
    /// The code of its state.
    pub state: &'static str,
    /// `none`, `requested` or `effective`.
    pub hold: &'static str,
    /// Why it is held.
    pub reason: String,
}

impl Entitlements {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |state, hold, reason: &str| EntitlementRow {
            id: "0190-e".into(),
            name: "RUSMINI".into(),
            nik_masked: "6402 **** **** 0001".into(),
            address: "RT 014, LOA IPUH, TENGGARONG".into(),
            place: "TGR-01 · 1 · 1".into(),
            state,
            hold,
            reason: reason.into(),
        };
        Self {
            frame: Frame::sample(language, "coordinator", Place::Rounds),
            round: "0190-r".into(),
            round_name: "Tahap 1 / 2026".into(),
            points: vec![Choice { chosen: true, ..Choice::new("0190-t", "TGR-01 · Kantor Camat Tenggarong") }],
            states: vec![Choice::new("available", "x")],
            held: false,
            rows: vec![
                row("available", "none", ""),
                row("available", "effective", "menunggu surat"),
                row("leased", "requested", "laporan warga"),
            ],
            next: Some("/rounds/0190-r/entitlements?after=0190-e".into()),
        }
    }
}

/// `/entitlements/{id}`
#[derive(Debug, Template)]
#[template(path = "entitlement.html", config = "assets/pages/askama.toml")]
pub struct Entitlement {
    /// Surroundings.
    pub frame: Frame,
    /// Its id.
    pub id: String,
    /// The round's id.
    pub round: String,
    /// Its name.
    pub round_name: String,
    /// The programme's name.
    pub programme: String,
    /// The recipient's name.
    pub name: String,
    /// The household's key in its source.
    pub source_id: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, village and sub-district.
    pub address: String,
    /// Point, session and desk.
    pub place: String,
    /// From when to when it is good.
    pub window: String,
    /// The newest print.
    pub print_no: i64,
    /// The code of its state.
    pub state: &'static str,
    /// `none`, `requested` or `effective`.
    pub hold: &'static str,
    /// Why it is held, or was revoked.
    pub reason: String,
    /// When and where it was handed over.
    pub handed: Option<String>,
    /// What stands still above it, with the reason.
    pub paused: Option<String>,
    /// Whether this person may hold it back and let it go.
    pub may_hold: bool,
    /// Whether something may be owed after it, for whom may see that.
    pub owes: bool,
    /// The form that moves it, for whom may.
    pub moving: Option<MoveForm>,
    /// Why something was not accepted.
    pub error: Option<String>,
}

impl Entitlement {
    /// Whether it can still be held or moved.
    #[must_use]
    pub fn is_live(&self) -> bool {
        matches!(self.state, "available" | "leased")
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "coordinator", Place::Rounds),
            id: "0190-e".into(),
            round: "0190-r".into(),
            round_name: "Tahap 1 / 2026".into(),
            programme: "Bantuan Sembako".into(),
            name: "RUSMINI".into(),
            source_id: "CONTOH-000001".into(),
            nik_masked: "6402 **** **** 0001".into(),
            address: "RT 014, LOA IPUH, TENGGARONG".into(),
            place: "TGR-01 Kantor Camat Tenggarong".into(),
            window: "01-12-2026 00.00 WITA – 21-12-2026 00.00 WITA".into(),
            print_no: 1,
            state: "available",
            hold: "none",
            reason: String::new(),
            handed: None,
            paused: Some("masa tenang pemilu (No. 270/15/2026)".into()),
            may_hold: true,
            owes: true,
            moving: Some(MoveForm::sample()),
            error: None,
        }
    }
}

/// `/entitlements`: the search by code.
#[derive(Debug, Template)]
#[template(path = "entitlement_search.html", config = "assets/pages/askama.toml")]
pub struct EntitlementSearch {
    /// Surroundings.
    pub frame: Frame,
    /// Why nothing was found.
    pub error: Option<String>,
}

impl EntitlementSearch {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self { frame: Frame::sample(language, "coordinator", Place::Rounds), error: Some("x".into()) }
    }
}
