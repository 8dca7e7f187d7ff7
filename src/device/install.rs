//! Leases in and leases out. A page of a bundle is believed by its signature, and taken entry by entry: each
//! is installed or refused for itself, and half a bundle is half the leases.

use serde::Deserialize;

use super::journal::{self, Entry, Round};
use super::redeem::Content;
use super::{Device, Fault, take};
use crate::domain::id::{EntitlementId, RoundId};
use crate::domain::lease::device::{Input, Lease, Output, Refused};
use crate::domain::package::Item;
use crate::token;

/// A round as the server describes it beside the signed pages: for the screen, and for what a handout is worth.
#[derive(Debug, Clone, Deserialize)]
pub struct RoundSaid {
    /// Which.
    pub id: RoundId,
    /// What people call it.
    #[serde(default)]
    pub name: String,
    /// What its package is worth.
    pub value_minor: i64,
    /// ISO 4217.
    pub currency: String,
    /// The lines of its package, with packs and prices where the server says them.
    #[serde(default)]
    pub items: Vec<serde_json::Value>,
}

/// What became of a page.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Installed {
    /// Leases that can be used.
    pub installed: Vec<EntitlementId>,
    /// Leases that were not taken, and why. [`Refused::OldFence`] is what a repeated page comes to.
    pub refused: Vec<(EntitlementId, Refused)>,
}

impl Device {
    /// Takes a page of a bundle, in one transaction.
    pub fn install(&mut self, page: &[u8], rounds: &[RoundSaid]) -> Result<Installed, Fault> {
        self.sound()?;
        let unbelievable = |why: &dyn std::fmt::Display| Fault::Unbelievable(format!("a page of leases: {why}"));
        let (_, page) = token::lease::verify_bundle(page, &self.servers).map_err(|fault| unbelievable(&fault))?;
        let bundle = page.bundle().ok_or_else(|| unbelievable(&"an entry of no round"))?;
        let kept_rounds = page.rounds.iter().map(|round| {
            let said = rounds.iter().find(|said| said.id == round.round);
            let said = said.ok_or_else(|| unbelievable(&"nobody says what its round hands out"))?;
            // The lines of the signed page count; what stands beside it adds packs and prices to the same lines.
            let lines: Vec<Item> =
                said.items.iter().filter_map(|line| serde_json::from_value(line.clone()).ok()).collect();
            let same = lines.len() == round.items.len()
                && lines
                    .iter()
                    .zip(&round.items)
                    .all(|(line, (code, quantity))| line.code == *code && line.quantity == *quantity);
            let content = Content {
                name: said.name.clone(),
                value_minor: said.value_minor,
                currency: said.currency.clone(),
                items: round.items.clone(),
                lines: if same { lines } else { Vec::new() },
            };
            let content = serde_json::to_string(&content).map_err(|fault| unbelievable(&fault))?;
            Ok(Round { round: round.round, begins_at: round.begins_at, ends_at: round.ends_at, content })
        });
        let kept_rounds = kept_rounds.collect::<Result<Vec<_>, Fault>>()?;
        let done = self.file.write(|tx| {
            let mut done = Installed::default();
            for round in &kept_rounds {
                journal::save_round(tx, round)?;
            }
            for (entry, grant) in page.entries.iter().zip(&bundle.grants) {
                let input = Input::Install { device: bundle.device, epoch: bundle.epoch, grant: *grant };
                match take(tx, grant.entitlement, &input)?.output {
                    Output::Installed => {
                        let round = page.rounds.get(usize::try_from(entry.round).unwrap_or(usize::MAX));
                        let round = round.ok_or_else(|| unbelievable(&"an entry of no round"))?.round;
                        let (print, code, sealed) = (entry.print, entry.code.clone(), entry.sealed.clone());
                        journal::save_entry(tx, &Entry { entitlement: entry.entitlement, round, print, code, sealed })?;
                        done.installed.push(grant.entitlement);
                    }
                    Output::Refused(why) => done.refused.push((grant.entitlement, why)),
                    other => return Err(Fault::Damaged(format!("a grant ended in {other:?}"))),
                }
            }
            Ok(done)
        });
        self.guard(done)
    }

    /// Closes leases, so that they can be given back: these, or every open one. How many were closed.
    pub fn close(&mut self, which: Option<&[EntitlementId]>) -> Result<u64, Fault> {
        self.sound()?;
        let done = self.file.write(|tx| {
            let all = match which {
                Some(which) => which.to_vec(),
                None => {
                    let slots = journal::all_slots(tx)?.into_iter();
                    slots.filter(|(_, slot)| matches!(slot.lease, Lease::Open(_))).map(|(of, _)| of).collect()
                }
            };
            let mut closed = 0;
            for of in all {
                closed += u64::from(matches!(take(tx, of, &Input::Close)?.output, Output::Return(_)));
            }
            Ok(closed)
        });
        self.guard(done)
    }
}
