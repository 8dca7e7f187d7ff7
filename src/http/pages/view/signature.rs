//! Who signs documents.

use askama::Template;

use super::frame::{Frame, Place};
use crate::domain::document::{Kind, Signature, default_signatures};
use crate::domain::time::Language;

/// How many empty lines a form offers beyond those that are set.
const EMPTY: usize = 2;
/// The most places to sign on one document.
const MOST: usize = 6;

/// `/signatures`
#[derive(Debug, Template)]
#[template(path = "signatures.html", config = "assets/pages/askama.toml")]
pub struct Signatures {
    /// Surroundings.
    pub frame: Frame,
    /// Why the last attempt failed, in words.
    pub error: Option<String>,
    /// The kinds of documents.
    pub kinds: Vec<KindRow>,
}

/// Who signs a kind of document.
#[derive(Debug, Clone)]
pub struct KindRow {
    /// The code of the kind.
    pub kind: String,
    /// Whether the office set it itself.
    pub own: bool,
    /// The places to sign.
    pub signatures: Vec<Signature>,
}

impl KindRow {
    /// The lines of the form: what is set, and some empty ones.
    #[must_use]
    pub fn lines(&self) -> Vec<Signature> {
        let mut lines = self.signatures.clone();
        lines.resize((lines.len() + EMPTY).min(MOST).max(lines.len()), Signature::of("", ""));
        lines
    }

    /// Their titles beside each other.
    #[must_use]
    pub fn titles(&self) -> String {
        self.signatures.iter().map(|one| one.title.as_str()).collect::<Vec<_>>().join(" · ")
    }
}

impl Signatures {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let row = |kind: Kind| KindRow {
            kind: kind.as_str().to_owned(),
            own: kind == Kind::Handover,
            signatures: default_signatures(kind),
        };
        Self {
            frame: Frame::sample(language, "admin", Place::Users),
            error: None,
            kinds: Kind::ALL.into_iter().map(row).collect(),
        }
    }
}
