//! Scanners and desks.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/devices`
#[derive(Debug, Template)]
#[template(path = "devices.html", config = "assets/pages/askama.toml")]
pub struct Devices {
    /// Surroundings.
    pub frame: Frame,
    /// The devices.
    pub rows: Vec<DeviceRow>,
    /// Whom a restored server waits for, if it does.
    pub recovery: Option<Recovery>,
    /// For how many hours a device has been silent whose leases are counted.
    pub silent_hours: i64,
    /// How many packages are on lease to those.
    pub exposed: i64,
    /// What they are worth.
    pub exposed_value: String,
    /// Points to which a device can be invited: id, code and name.
    pub points: Vec<(String, String)>,
    /// Whether this person may invite.
    pub may_manage: bool,
    /// What became of a journal that was just taken in.
    pub said: Option<String>,
    /// Why it was not.
    pub error: Option<String>,
    /// The `after` of the next page.
    pub next: Option<String>,
}

/// A device.
#[derive(Debug, Clone)]
pub struct DeviceRow {
    /// Its id.
    pub id: String,
    /// Its number in the agency.
    pub number: String,
    /// Its name, such as the desk it stands on.
    pub name: String,
    /// Code and name of its point.
    pub point: String,
    /// Whether it keeps its own key and journal.
    pub itself: bool,
    /// The start of its key's hash, to compare by eye.
    pub key_mark: String,
    /// When it was last heard of, in words.
    pub last_seen: Option<String>,
    /// `active`, `forked`, `revoked` or `written_off`.
    pub state: &'static str,
    /// Whether a restored server waits for its answer.
    pub owes_answer: bool,
    /// Receipts that exist, as far as is known, and have not come.
    pub unsynced: i64,
    /// How many rights it holds.
    pub leases: i64,
    /// What they are worth.
    pub value: String,
}

/// Whom a restored server waits for.
#[derive(Debug, Clone)]
pub struct Recovery {
    /// The server's epoch.
    pub epoch: i64,
    /// How many devices.
    pub missing: i64,
    /// Why the server has to be restored properly first.
    pub behind: Option<String>,
    /// Those of this agency.
    pub devices: Vec<Missing>,
}

/// A device that has not answered, and what that blocks.
#[derive(Debug, Clone)]
pub struct Missing {
    /// Its id.
    pub id: String,
    /// Its number and name.
    pub name: String,
    /// Its point's code.
    pub point: String,
    /// Leases that are known to be with it.
    pub leases: i64,
    /// Rights of its point of which it may hold any.
    pub free: i64,
}

/// `/devices/{id}`
#[derive(Debug, Template)]
#[template(path = "device.html", config = "assets/pages/askama.toml")]
pub struct Device {
    /// Surroundings.
    pub frame: Frame,
    /// What stands in the list too.
    pub row: DeviceRow,
    /// How well its key is kept.
    pub tier: String,
    /// When it was added, in words.
    pub enrolled: String,
    /// The highest place of its chain that is known.
    pub highest: i64,
    /// How many of its receipts have come.
    pub received: i64,
    /// The brake: at most so many packages.
    pub brake_packages: String,
    /// The brake: at most so many hours.
    pub brake_hours: String,
    /// What a person has to look at.
    pub findings: Vec<Finding>,
    /// Whether this person may revoke it and set its brake.
    pub may_manage: bool,
    /// Whether it can be revoked.
    pub may_revoke: bool,
    /// Whether it can be given up.
    pub may_give_up: bool,
    /// Who wants it given up, since when, and why.
    pub asked: Option<(String, String, String)>,
    /// Whether this person may agree to that.
    pub may_agree: bool,
    /// How many rights became unresolved when it was given up.
    pub unresolved: Option<i64>,
    /// Whom a restored server waits for, if it does.
    pub recovery: Option<Recovery>,
}

/// What a person has to look at.
#[derive(Debug, Clone)]
pub struct Finding {
    /// When it came to light, in words.
    pub at: String,
    /// What it is.
    pub kind: String,
    /// The place in the chain.
    pub seq: Option<String>,
    /// The right.
    pub entitlement: Option<String>,
}

/// An invitation, shown once.
#[derive(Debug, Template)]
#[template(path = "device_invited.html", config = "assets/pages/askama.toml")]
pub struct Invitation {
    /// Surroundings.
    pub frame: Frame,
    /// What the device will be called.
    pub name: String,
    /// Where it is to be opened, without the secret.
    pub address: String,
    /// Why a phone will not get far with that: `local` or `plain`.
    pub doubt: Option<&'static str>,
    /// What is typed.
    pub code: String,
    /// The QR as a picture (SVG).
    pub picture: String,
    /// Until when the code is good, in words.
    pub code_until: String,
    /// Until when the QR is good, in words.
    pub until: String,
}

/// `/practice`
#[derive(Debug, Template)]
#[template(path = "practice.html", config = "assets/pages/askama.toml")]
pub struct Practice {
    /// Surroundings.
    pub frame: Frame,
    /// The number and the QR of each.
    pub lessons: Vec<(i64, String)>,
}

impl Practice {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "operator", Place::Home),
            lessons: (1..=2).map(|number| (number, "<svg></svg>".to_owned())).collect(),
        }
    }
}

impl Recovery {
    /// A sample for tests.
    #[must_use]
    pub fn sample() -> Self {
        Self {
            epoch: 2,
            missing: 2,
            behind: None,
            devices: vec![Missing {
                id: "0190-d".into(),
                name: "004 Pemindai 1".into(),
                point: "TGR-01".into(),
                leases: 40,
                free: 120,
            }],
        }
    }
}

impl DeviceRow {
    fn sample(name: &str, last_seen: Option<&str>, state: &'static str) -> Self {
        Self {
            id: "0190-d".into(),
            number: "004".into(),
            name: name.into(),
            point: "TGR-01 · Kantor Camat Tenggarong".into(),
            itself: state != "active",
            key_mark: "a1b2 c3d4".into(),
            last_seen: last_seen.map(Into::into),
            state,
            owes_answer: false,
            unsynced: if state == "forked" { 3 } else { 0 },
            leases: 40,
            value: "Rp 20.000.000".into(),
        }
    }
}

impl Devices {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = DeviceRow::sample;
        Self {
            frame: Frame::sample(language, "coordinator", Place::Devices),
            rows: vec![
                row("Meja 1", Some("07-12-2026 09.12"), "active"),
                DeviceRow { owes_answer: true, ..row("Pemindai 1", None, "forked") },
                row("Pemindai 2", Some("01-12-2026 16.40"), "revoked"),
                row("Pemindai 3", Some("01-12-2026 16.40"), "written_off"),
            ],
            recovery: None,
            silent_hours: 12,
            exposed: 40,
            exposed_value: "Rp 20.000.000".into(),
            points: vec![("0190-p".into(), "TGR-01 · Kantor Camat Tenggarong".into())],
            may_manage: true,
            said: None,
            error: None,
            next: None,
        }
    }
}

impl Device {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let finding = |kind: &str| Finding {
            at: "07-12-2026 09.12 WITA".into(),
            kind: kind.into(),
            seq: Some("12".into()),
            entitlement: Some("0190-e".into()),
        };
        Self {
            frame: Frame::sample(language, "coordinator", Place::Devices),
            row: DeviceRow::sample("Pemindai 1", Some("07-12-2026 09.12"), "forked"),
            tier: "webcrypto".into(),
            enrolled: "01-12-2026 08.00 WITA".into(),
            highest: 15,
            received: 12,
            brake_packages: "40".into(),
            brake_hours: String::new(),
            findings: FINDINGS.into_iter().map(finding).collect(),
            may_manage: true,
            may_revoke: true,
            may_give_up: true,
            asked: None,
            may_agree: false,
            unresolved: None,
            recovery: Some(Recovery::sample()),
        }
    }
}

/// Every kind of finding: each has its word.
pub const FINDINGS: [&str; 19] = [
    "fork",
    "double_handout",
    "receipt_missing",
    "stale_claim",
    "conflict",
    "altered",
    "other_device",
    "unknown",
    "malformed",
    "other_installation",
    "odd_items",
    "odd_receipt",
    "seen_more",
    "server_behind",
    "device_without_point",
    "receipt_without_right",
    "receipt_not_genuine",
    "second_redemption",
    "fact_without_right",
];

impl Invitation {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "coordinator", Place::Devices),
            name: "Pemindai 1".into(),
            address: "http://192.168.1.10:8080/scanner/".into(),
            doubt: Some("plain"),
            code: "7KQ4-M2XP-9D".into(),
            picture: "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\" role=\"img\"><path d=\"M0 0h9v9H0z\"/></svg>"
                .into(),
            code_until: "07-12-2026 09.12 WITA".into(),
            until: "08-12-2026 08.42 WITA".into(),
        }
    }
}
