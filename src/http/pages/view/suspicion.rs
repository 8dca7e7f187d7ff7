//! Households that may be the same, side by side.

use askama::Template;

use super::frame::{Frame, Place};
use super::verval::Tabs;
use crate::domain::time::Language;

/// `/programmes/{id}/suspicions`
#[derive(Debug, Template)]
#[template(path = "suspicions.html", config = "assets/pages/askama.toml")]
pub struct Suspicions {
    /// Surroundings.
    pub frame: Frame,
    /// The parts of verification.
    pub tabs: Tabs,
    /// States with their counts: code, count, whether it is shown.
    pub states: Vec<(&'static str, i64, bool)>,
    /// Kinds among the state that is shown: code, count, whether it alone is shown.
    pub kinds: Vec<(&'static str, i64, bool)>,
    /// The state that is shown, if not all.
    pub state: Option<&'static str>,
    /// All pairs.
    pub total: i64,
    /// The pairs of this page.
    pub rows: Vec<Pair>,
    /// The address of the next page.
    pub next: Option<String>,
    /// Whether this person may decide.
    pub may_decide: bool,
    /// Why the last decision was refused, in words.
    pub error: Option<String>,
}

impl Suspicions {
    /// In what two agree, in words.
    fn alike(&self, pair: &Pair) -> String {
        let parts: Vec<String> = pair.alike.iter().map(|part| self.frame.of_list("suspicions-alike", part)).collect();
        parts.join(", ")
    }
}

/// Two households that may be one.
#[derive(Debug, Clone)]
pub struct Pair {
    /// Its id.
    pub id: String,
    /// The code of what raised the question.
    pub kind: String,
    /// The code of how it stands.
    pub state: String,
    /// The first.
    pub first: One,
    /// The other.
    pub other: One,
    /// In what they agree: the ends of keys.
    pub alike: Vec<&'static str>,
    /// Who decided and when, in words.
    pub decided: Option<String>,
    /// What was said then.
    pub note: String,
}

/// One of the two.
#[derive(Debug, Clone)]
pub struct One {
    /// Its name.
    pub name: String,
    /// The source's id.
    pub source_id: String,
    /// The NIK, masked.
    pub nik_masked: String,
    /// RT, village, sub-district.
    pub place: String,
    /// The code of its standing.
    pub standing: String,
    /// Whether it holds a voucher.
    pub paper: bool,
}

impl Suspicions {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let one = |n: i64, name: &str, paper: bool| One {
            name: name.into(),
            source_id: format!("P3KE-{n:06}"),
            nik_masked: format!("6402 **** **** {n:04}"),
            place: "RT 014, LOA IPUH, TENGGARONG".into(),
            standing: if paper { "approved" } else { "undecided" }.into(),
            paper,
        };
        let pair = |id: &str, kind: &str, state: &str| Pair {
            id: id.into(),
            kind: kind.into(),
            state: state.into(),
            first: one(1, "SITI MARDIANA", true),
            other: one(2, "HJ. SITI MARDIANA", false),
            alike: vec!["name", "birth", "village"],
            decided: (state != "open").then(|| "Dewi Lestari, 24-11-2026 09.12 WITA".into()),
            note: if state == "open" { String::new() } else { "Dua rumah, kata ketua RT".into() },
        };
        Self {
            frame: Frame::sample(language, "verifier", Place::Verval),
            tabs: Tabs::sample("suspicions"),
            states: vec![
                ("open", 12, true),
                ("different", 3, false),
                ("first_kept", 1, false),
                ("other_kept", 0, false),
            ],
            kinds: vec![("same_name_and_birth", 4, false), ("same_family_card", 8, false)],
            state: Some("open"),
            total: 16,
            rows: vec![
                pair("0190-s1", "same_name_and_birth", "open"),
                pair("0190-s2", "same_family_card", "different"),
            ],
            next: Some("/programmes/0190-p/suspicions?state=open&after=0190-s2".into()),
            may_decide: true,
            error: None,
        }
    }
}

impl Pair {
    /// The two, each under the key of its label.
    #[must_use]
    pub const fn sides(&self) -> [(&'static str, &One); 2] {
        [("suspicions-first", &self.first), ("suspicions-other", &self.other)]
    }

    /// What may be answered: nobody stays who is not eligible.
    #[must_use]
    pub fn answers(&self) -> Vec<(&'static str, &'static str)> {
        let stays = |one: &One, answer| (one.standing != "not_eligible").then_some(answer);
        [
            Some(("different", "suspicions-different")),
            stays(&self.first, ("first_kept", "suspicions-keep-first")),
            stays(&self.other, ("other_kept", "suspicions-keep-other")),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}
