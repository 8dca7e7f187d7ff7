//! Pauses of a programme, a round or a point: a part of their pages.

/// What stands still or may be paused, and what has been.
#[derive(Debug, Clone, Default)]
pub struct Pauses {
    /// `programme`, `round` or `point`.
    pub scope: &'static str,
    /// The id of what may be paused.
    pub object: String,
    /// Where to go back to.
    pub back: String,
    /// Whether this person may pause and resume.
    pub may_pause: bool,
    /// All pauses, the newest first.
    pub rows: Vec<PauseRow>,
}

/// A pause, standing or over.
#[derive(Debug, Clone)]
pub struct PauseRow {
    /// Its id.
    pub id: String,
    /// The letter that orders it.
    pub letter_no: String,
    /// Why.
    pub reason: String,
    /// Since when, in words.
    pub since: String,
    /// The letter that lifted it and when; nothing while it stands.
    pub lifted: Option<(String, String)>,
}

impl Pauses {
    /// The one that stands.
    #[must_use]
    pub fn standing(&self) -> Option<&PauseRow> {
        self.rows.iter().find(|row| row.lifted.is_none())
    }

    /// Those that are over.
    #[must_use]
    pub fn over(&self) -> Vec<&PauseRow> {
        self.rows.iter().filter(|row| row.lifted.is_some()).collect()
    }

    /// A sample for tests.
    #[must_use]
    pub fn sample(scope: &'static str, standing: bool) -> Self {
        let row = |lifted| PauseRow {
            id: "0190-z".into(),
            letter_no: "270/15/2026".into(),
            reason: "masa tenang pemilu".into(),
            since: "07-12-2026 09.12 WITA".into(),
            lifted,
        };
        let over = row(Some(("270/99/2026".into(), "09-12-2026 08.00 WITA".into())));
        let rows = if standing { vec![row(None), over] } else { vec![over] };
        Self { scope, object: "0190-o".into(), back: "/rounds/0190-r".into(), may_pause: true, rows }
    }
}
