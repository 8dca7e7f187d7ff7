//! What is done with whose data, for everybody to read.

use askama::Template;

use super::frame::Frame;
use crate::domain::time::Language;

/// `/privacy`
#[derive(Debug, Template)]
#[template(path = "privacy.html", config = "assets/pages/askama.toml")]
pub struct Privacy {
    /// Surroundings.
    pub frame: Frame,
    /// The agencies and where complaints to them go.
    pub agencies: Vec<(String, String)>,
}

impl Privacy {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let agencies = vec![("Dinas Sosial".into(), "0541-000".into())];
        Self { frame: Frame::public(language, "/privacy"), agencies }
    }
}
