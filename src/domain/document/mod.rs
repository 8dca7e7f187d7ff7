//! Documents made from scans: what a list to sign, minutes or a register says, before it is paper or a table.
//!
//! A document is composed here from an [`Occasion`] (whose programme, which round and point, up to when) and
//! from [`Line`]s, each an entitlement as it stood at the cut-off. Nothing is typed in: every number counts
//! lines, and every line is an event. What a document says never changes afterwards; what happens later
//! goes into a later document with a number of its own.
//!
//! The words on these papers are Indonesian, whatever language a reader has chosen: they are official forms.

mod handover;
mod kind;
mod line;
mod lists;
mod occasion;
mod receipt_list;
mod register;
mod signature;
mod substitution;
mod table;
#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

pub use handover::{Annex, Beside, Given, compose as handover, said_beside};
pub use kind::{Kind, number};
pub use line::{AbsenceReason, Handed, Line, Part, Standing, Tally, is_of_the_family, reference, sort};
pub use lists::{home_delivery, is_brought_home, not_collected, proxies};
pub use occasion::{Occasion, Scope};
pub use receipt_list::{prepared, receipts};
pub use register::{Entry, Happening, compose as register};
pub use signature::{Signature, defaults as default_signatures};
pub use substitution::{Pair, Person, compose as substitution};
pub use table::{Cell, Column, Table, Total};

/// The columns of a file for a household's name and its NIK, which stand below each other on paper.
const NAME_AND_NIK: [&str; 2] = ["Nama", "NIK"];

/// A name and what it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// The name.
    pub label: String,
    /// What it is; empty where somebody writes it by hand.
    pub value: String,
}

impl Fact {
    /// A fact.
    #[must_use]
    pub fn new(label: &str, value: impl Into<String>) -> Self {
        Self { label: label.to_owned(), value: value.into() }
    }
}

/// A part of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Block {
    /// A heading on a line of its own.
    Heading(String),
    /// A paragraph.
    Text(String),
    /// A point of a list, with its sign: `1.`, `a.`
    Item(String, String),
    /// Names and what they are, below each other.
    Facts(Vec<Fact>),
    /// A table.
    Table(Table),
    /// Places to sign in the middle of a document.
    Signatures(Vec<Signature>),
    /// What a scanner reads instead of typing it.
    Code(String),
    /// What follows stands on a new page.
    Page,
}

/// A document: all that it says, and nothing of how it looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// What it is.
    pub kind: Kind,
    /// Its number.
    pub number: String,
    /// The lines of the letterhead: government, office, address.
    pub letterhead: Vec<String>,
    /// What it is called.
    pub title: String,
    /// What it is about.
    pub facts: Vec<Fact>,
    /// Up to when, and how many devices had not delivered everything by then.
    pub cut_off: String,
    /// What it says.
    pub blocks: Vec<Block>,
    /// Who signs at its end.
    pub signatures: Vec<Signature>,
}

impl Document {
    /// Its tables.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
    }

    /// Whether every total in it is the sum of its lines.
    #[must_use]
    pub fn closes(&self) -> bool {
        self.tables().all(Table::closes)
    }

    /// Puts numbers in full into the lines of its first table: each line has its own, as they stand masked in it and as
    /// they are. What no longer is what stands there stays masked. Returns how many lines stay as they were; `None`
    /// when these are not the numbers of its lines.
    pub fn fill_in(&mut self, numbers: &[Vec<(String, String)>]) -> Option<usize> {
        let first = self.blocks.iter_mut().find_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })?;
        if first.rows.len() != numbers.len() {
            return None;
        }
        let mut left = 0;
        for (row, numbers) in first.rows.iter_mut().zip(numbers) {
            let before = row.clone();
            for cell in row.iter_mut() {
                let Cell::Text(text) = cell else { continue };
                let full = |line: &str| numbers.iter().find(|(masked, _)| masked == line).map(|(_, full)| full.clone());
                *text = text
                    .split('\n')
                    .map(|line| full(line).unwrap_or_else(|| line.to_owned()))
                    .collect::<Vec<_>>()
                    .join("\n");
            }
            left += usize::from(*row == before);
        }
        Some(left)
    }

    /// How many lines its first table has.
    #[must_use]
    pub fn lines(&self) -> usize {
        self.tables().next().map_or(0, |table| table.rows.len())
    }
}
