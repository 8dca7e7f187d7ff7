//! `salur verify`

use clap::Args;
use serde_json::json;

use super::{Desk, Fault};
use crate::domain::redemption::Verdict;
use crate::domain::role::Action;

/// Say what a voucher is worth; changes no entitlement, and the attempt is kept
#[derive(Debug, Args)]
#[command(after_help = "Example: salur verify 7KQ4-M2XP-9D --dir demo")]
pub(super) struct Verify {
    /// The text of the QR, or the typed code
    code: String,
}

impl Verify {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::Verify)?;
        let seen = office.verify(&actor, &self.code)?;
        let word = desk.words.of("verdict", seen.verdict.as_str());
        let what = desk.words.of("verdict-do", seen.verdict.as_str());
        desk.output.say(&format!("{word}. {what}"), &json!({ "verdict": seen.verdict, "detail": what }))?;
        if seen.verdict == Verdict::Valid { Ok(()) } else { Err(Fault::Wrong) }
    }
}
