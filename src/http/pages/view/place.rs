//! The official list of villages, and what was confirmed about spellings.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::time::Language;

/// `/places`
#[derive(Debug, Template)]
#[template(path = "places.html", config = "assets/pages/askama.toml")]
pub struct Places {
    /// Surroundings.
    pub frame: Frame,
    /// Whether this person may load a list and forget spellings.
    pub may_manage: bool,
    /// Why the last file was refused, in words.
    pub error: Option<String>,
    /// How many villages the file that was refused would have removed.
    pub removes: Option<i64>,
    /// The sub-districts, in the order of their codes.
    pub sub_districts: Vec<SubDistrictLine>,
    /// What was confirmed about spellings.
    pub aliases: Vec<AliasLine>,
}

/// A sub-district with its villages.
#[derive(Debug, Clone)]
pub struct SubDistrictLine {
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// How many villages.
    pub count: i64,
    /// Their names with the end of their code.
    pub villages: Vec<String>,
}

/// A confirmed spelling.
#[derive(Debug, Clone)]
pub struct AliasLine {
    /// The sub-district as written.
    pub sub_district: String,
    /// The village as written; empty when the sub-district alone is meant.
    pub village: String,
    /// What is meant, with its code.
    pub means: String,
    /// Who confirmed it.
    pub confirmed_by: String,
}

impl Places {
    /// All villages.
    #[must_use]
    pub fn total(&self) -> i64 {
        self.sub_districts.iter().map(|one| one.count).sum()
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        Self {
            frame: Frame::sample(language, "registrar", Place::Intakes),
            may_manage: true,
            error: None,
            removes: Some(3),
            sub_districts: vec![SubDistrictLine {
                code: "64.02.06".into(),
                name: "TENGGARONG".into(),
                count: 2,
                villages: vec!["LOA IPUH (1002)".into(), "TIMBAU (1004)".into()],
            }],
            aliases: vec![AliasLine {
                sub_district: "SEMBOJA".into(),
                village: String::new(),
                means: "SAMBOJA (64.02.13)".into(),
                confirmed_by: "Rahmat Hidayat".into(),
            }],
        }
    }
}
