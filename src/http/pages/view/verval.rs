//! Verification: the list of a programme by name by address, and a decision before it is taken.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::time::Language;

/// The parts of verification, above each of its pages.
#[derive(Debug, Clone)]
pub struct Tabs {
    /// The programme's id.
    pub programme_id: String,
    /// Its name.
    pub programme: String,
    /// The code of the part that this page belongs to.
    pub current: &'static str,
}

impl Tabs {
    /// The parts: code, address.
    #[must_use]
    pub fn parts(&self) -> [(&'static str, String); 4] {
        let to = |part: &str| format!("/programmes/{}/{part}", self.programme_id);
        [
            ("list", to("verval")),
            ("suspicions", to("suspicions")),
            ("lists", to("lists")),
            ("substitutions", to("substitutions")),
        ]
    }

    /// For the samples.
    #[must_use]
    pub fn sample(current: &'static str) -> Self {
        Self { programme_id: "0190-p".into(), programme: "Bantuan Pangan Lansia 2026".into(), current }
    }
}

/// `/verval`: which programme.
#[derive(Debug, Template)]
#[template(path = "verval_programmes.html", config = "assets/pages/askama.toml")]
pub struct VervalProgrammes {
    /// Surroundings.
    pub frame: Frame,
    /// The programmes: id, name, how many are decided, of how many.
    pub rows: Vec<(String, String, i64, i64)>,
}

/// `/programmes/{id}/verval`
#[derive(Debug, Template)]
#[template(path = "verval.html", config = "assets/pages/askama.toml")]
pub struct Verval {
    /// Surroundings.
    pub frame: Frame,
    /// The parts of verification.
    pub tabs: Tabs,
    /// Standings with their counts and addresses: code, count, address, whether it is shown.
    pub standings: Vec<(&'static str, i64, String, bool)>,
    /// All households.
    pub total: i64,
    /// The address of the list without a filter by standing.
    pub all_href: String,
    /// The newest decree: its number, its date in words, its version, its households.
    pub newest: Option<(String, String, i64, i64)>,
    /// What to look at: the key of its sentence, the count, the address.
    pub to_do: Vec<(&'static str, i64, String)>,
    /// Choices of the filter: places, standings, deciles, categories, marks.
    pub places: Vec<Choice>,
    /// Standings to filter by.
    pub standing_choices: Vec<Choice>,
    /// Deciles to filter by.
    pub deciles: Vec<Choice>,
    /// Categories to filter by.
    pub categories: Vec<Choice>,
    /// Marks to filter by.
    pub flags: Vec<Choice>,
    /// Whether anything is filtered.
    pub filtered: bool,
    /// The filter as fields of a form: name, value.
    pub filter_fields: Vec<(&'static str, String)>,
    /// How many match.
    pub matching: i64,
    /// The households of this page.
    pub rows: Vec<VervalRow>,
    /// The address of the next page.
    pub next: Option<String>,
    /// Whether this person may decide.
    pub may_decide: bool,
    /// Whether this person may propose a substitute.
    pub may_propose: bool,
    /// Decisions to choose.
    pub decisions: Vec<Choice>,
    /// Reasons to choose.
    pub reasons: Vec<Choice>,
    /// Why the last decision was refused, in words.
    pub error: Option<String>,
}

/// A household of the list.
#[derive(Debug, Clone)]
pub struct VervalRow {
    /// Its id.
    pub id: String,
    /// The source's id.
    pub source_id: String,
    /// Its name.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, three digits, or a dash.
    pub rt: String,
    /// Village and sub-district.
    pub place: String,
    /// Decile, or a dash.
    pub decile: String,
    /// Vulnerabilities.
    pub categories: String,
    /// The point's code, or a dash.
    pub point: String,
    /// The code of the standing.
    pub standing: String,
    /// The code of the reason, if there is one.
    pub reason: Option<String>,
    /// The note beside.
    pub evidence: String,
    /// Who decided; empty while nobody has.
    pub decided_by: String,
    /// Keys of marks that stand beside it.
    pub marks: Vec<&'static str>,
}

/// A decision that is looked over before it is taken.
#[derive(Debug, Template)]
#[template(path = "verval_confirm.html", config = "assets/pages/askama.toml")]
pub struct VervalConfirm {
    /// Surroundings.
    pub frame: Frame,
    /// The parts of verification.
    pub tabs: Tabs,
    /// How many households it is about.
    pub count: i64,
    /// On how many the same stands already.
    pub unchanged: i64,
    /// How many hold a voucher.
    pub live_papers: i64,
    /// How many are suspected.
    pub suspected: i64,
    /// How many have a name that says that they died.
    pub deceased: i64,
    /// Whether the person entered one of them, and so may not decide.
    pub own: bool,
    /// The code of the standing.
    pub standing: String,
    /// The code of the reason.
    pub reason: Option<String>,
    /// The note.
    pub evidence: String,
    /// All that the form sends on: name, value.
    pub fields: Vec<(String, String)>,
    /// Where to go back to.
    pub back: String,
}

impl VervalProgrammes {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "verifier", Place::Verval),
            rows: vec![
                ("0190-p".into(), "Bantuan Pangan Lansia 2026".into(), 980, 6_000),
                ("0190-q".into(), "Bantuan Pangan 2025".into(), 1_000, 1_000),
            ],
        }
    }
}

impl Verval {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let choice = |value: &str| Choice::new(value, value);
        let row = |n: i64, name: &str, standing: &str, reason: Option<&str>, marks: &[&'static str]| VervalRow {
            id: format!("0190-h{n}"),
            source_id: format!("P3KE-{n:06}"),
            name: name.into(),
            nik_masked: format!("6402 **** **** {n:04}"),
            rt: "014".into(),
            place: "LOA IPUH, TENGGARONG".into(),
            decile: "1".into(),
            categories: "LANSIA, TINGGAL SENDIRI".into(),
            point: "TGR-01".into(),
            standing: standing.into(),
            reason: reason.map(str::to_owned),
            evidence: if reason.is_some() { "Surat Lurah 12/2026".into() } else { String::new() },
            decided_by: if standing == "undecided" { String::new() } else { "Dewi Lestari".into() },
            marks: marks.to_vec(),
        };
        Self {
            frame: Frame::sample(language, "verifier", Place::Verval),
            tabs: Tabs::sample("list"),
            standings: vec![
                ("approved", 980, "/programmes/0190-p/verval?standing=approved".into(), false),
                ("not_eligible", 2_400, "/programmes/0190-p/verval?standing=not_eligible".into(), false),
                ("reserve", 120, "/programmes/0190-p/verval?standing=reserve".into(), false),
                ("undecided", 2_500, "/programmes/0190-p/verval?standing=undecided".into(), true),
            ],
            total: 6_000,
            all_href: "/programmes/0190-p/verval".into(),
            newest: Some(("460/101/2026".into(), "24 November 2026".into(), 1, 950)),
            to_do: vec![
                ("verval-not-in-list", 30, "/programmes/0190-p/verval?flag=not_in_list".into()),
                ("verval-left-list", 2, "/programmes/0190-p/verval?flag=left_list".into()),
                ("verval-live-papers", 1, "/programmes/0190-p/verval?flag=live_paper".into()),
                ("verval-unplaced", 4, "/programmes/0190-p/verval?flag=unplaced".into()),
                ("verval-open-suspicions", 12, "/programmes/0190-p/suspicions?state=open".into()),
                ("verval-open-substitutions", 1, "/programmes/0190-p/substitutions?state=proposed".into()),
            ],
            places: vec![choice("TENGGARONG"), choice("TENGGARONG / LOA IPUH")],
            standing_choices: vec![choice("undecided")],
            deciles: vec![choice("1")],
            categories: vec![choice("elderly")],
            flags: vec![choice("no_nik")],
            filtered: true,
            filter_fields: vec![("standing", "undecided".into())],
            matching: 2_500,
            rows: vec![
                row(1, "RUSMINI", "undecided", None, &[]),
                row(2, "SITI MARDIANA", "undecided", None, &["suspected", "not-matched"]),
                row(3, "ABDUL GANI", "not_eligible", Some("deceased"), &["paper", "no-nik"]),
            ],
            next: Some("/programmes/0190-p/verval?standing=undecided&after=0190-h3".into()),
            may_decide: true,
            may_propose: false,
            decisions: vec![choice("approved"), choice("not_eligible"), choice("reserve")],
            reasons: vec![choice("deceased"), choice("other")],
            error: None,
        }
    }
}

impl VervalConfirm {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "verifier", Place::Verval),
            tabs: Tabs::sample("list"),
            count: 2_500,
            unchanged: 3,
            live_papers: 1,
            suspected: 12,
            deceased: 2,
            own: false,
            standing: "not_eligible".into(),
            reason: Some("better_off".into()),
            evidence: "Musdes 20-11-2026".into(),
            fields: vec![("whom".into(), "all".into()), ("standing".into(), "not_eligible".into())],
            back: "/programmes/0190-p/verval?standing=undecided".into(),
        }
    }
}
