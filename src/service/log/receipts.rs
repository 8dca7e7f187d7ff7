//! The signed receipts beside the leaves: read in the order of the log, and checked by workers.

use std::sync::mpsc::Receiver;
use std::sync::{Mutex, PoisonError};

use data_encoding::BASE64;

use super::verify::Fault;
use crate::domain::exception::lent_as;
use crate::token::{self, KeyRing, VerifyingKey};
use crate::transparency::{Leaf, Ledger};

/// A receipt to be checked by a worker.
pub(super) struct Task {
    pub(super) index: u64,
    pub(super) key: VerifyingKey,
    pub(super) signed: Vec<u8>,
    pub(super) leaf: Leaf,
    /// The office said when it took it that its figures are not those that count.
    pub(super) odd: bool,
}

/// A line of receipts.csv.
pub(super) struct Line {
    leaf: u64,
    pub(super) redemption: String,
    pub(super) day: String,
    pub(super) value: i64,
    /// Which right, who handed it over and to whom, in the row: earlier exports do not say it.
    pub(super) row: Option<(String, String, String)>,
    pub(super) signed: Vec<u8>,
}

impl Line {
    /// What the row says otherwise than the leaf. Where the receipt names an operator whom the office does not know, the
    /// row has the one who invited the device.
    pub(super) fn differs(&self, leaf: &Leaf, ledger: &Ledger) -> Option<String> {
        let (entitlement, operator, collector) = self.row.as_ref()?;
        let said = |id: Option<String>| id.unwrap_or_default();
        let told = |what: &str, here: &str, there: &str| {
            format!("V9: the {what} is {here} in the database, {there} in the log")
        };
        let right = said(leaf.entitlement.map(|id| id.to_string()));
        if *entitlement != right {
            return Some(told("right", entitlement, &right));
        }
        let known = leaf.actor.filter(|actor| ledger.knows(*actor)).map(|actor| actor.to_string());
        if let Some(known) = known.filter(|known| known != operator) {
            return Some(told("operator", operator, &known));
        }
        let collected = said(leaf.collector.clone());
        (*collector != collected).then(|| told("collector", collector, &collected))
    }
}

/// What there is for a leaf.
pub(super) enum Found {
    /// This source holds no receipts at all.
    NoneHere,
    Missing,
    Unreadable,
    Here(Line),
}

/// The receipts in the order of their leaves.
pub(super) struct Receipts<L> {
    lines: Option<L>,
    next: Option<Line>,
}

impl<L: Iterator<Item = std::io::Result<String>>> Receipts<L> {
    /// The receipts in these lines; none at all when the source has no such file.
    pub(super) const fn of_lines(lines: Option<L>) -> Self {
        Self { lines, next: None }
    }

    /// The receipt of a leaf.
    pub(super) fn of(&mut self, index: u64) -> Found {
        let Some(lines) = &mut self.lines else { return Found::NoneHere };
        if self.next.is_none() {
            match lines.next() {
                None => return Found::Missing,
                Some(line) => match line.ok().as_deref().and_then(read_line) {
                    Some(line) => self.next = Some(line),
                    None => return Found::Unreadable,
                },
            }
        }
        match self.next.take() {
            Some(line) if line.leaf == index => Found::Here(line),
            other => {
                self.next = other;
                Found::Missing
            }
        }
    }

    /// The leaf of the first receipt that was asked for by none.
    pub(super) fn take_rest(&mut self) -> Option<u64> {
        let next = self.next.take().or_else(|| self.lines.as_mut()?.next()?.ok().as_deref().and_then(read_line));
        next.map(|line| line.leaf)
    }
}

fn read_line(line: &str) -> Option<Line> {
    let cells: Vec<&str> = line.split(',').collect();
    let (head, row, signed) = match cells.as_slice() {
        [head @ .., entitlement, operator, collector, signed] if head.len() == 4 => {
            (head, Some(((*entitlement).to_owned(), (*operator).to_owned(), (*collector).to_owned())), signed)
        }
        [head @ .., signed] => (head, None, signed),
        [] => return None,
    };
    let [leaf, redemption, day, value] = head else { return None };
    Some(Line {
        leaf: leaf.parse().ok()?,
        redemption: (*redemption).to_owned(),
        day: (*day).to_owned(),
        value: value.parse().ok()?,
        row,
        signed: BASE64.decode(signed.as_bytes()).ok()?,
    })
}

/// A worker: checks receipts until there are no more.
pub(super) fn check_receipts(take: &Mutex<Receiver<Vec<Task>>>, wrong: &Mutex<Vec<Fault>>) {
    loop {
        let tasks = take.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(tasks) = tasks else { return };
        for task in tasks {
            if let Err(what) = check_receipt(&task) {
                let fault = Fault { index: Some(task.index), what };
                wrong.lock().unwrap_or_else(PoisonError::into_inner).push(fault);
            }
        }
    }
}

fn check_receipt(task: &Task) -> Result<(), String> {
    let ring = KeyRing::of([task.key]).map_err(|fault| fault.to_string())?;
    let (_, body) = token::verify_receipt(&task.signed, &ring).map_err(|fault| format!("V6: the receipt: {fault}"))?;
    let leaf = &task.leaf;
    let same = [
        ("redemption", leaf.redemption == Some(body.redemption)),
        ("entitlement", leaf.entitlement == Some(body.entitlement)),
        ("round", leaf.round == Some(body.round) || body.round == lent_as(body.entitlement) || task.odd),
        ("point", leaf.point == Some(body.point) || task.odd),
        ("device", leaf.device == Some(body.device)),
        ("fence", leaf.fence == Some(body.fence)),
        ("seq", leaf.seq == Some(body.seq)),
        ("prev_hash", leaf.prev_hash == Some(body.prev_hash)),
        ("operator", leaf.actor == Some(body.operator)),
        ("claimed time", leaf.claimed_at_ms == Some(body.claimed_at_ms)),
        ("value", leaf.value_minor == Some(body.value_minor) || task.odd),
        ("currency", leaf.currency.as_ref() == Some(&body.currency)),
        ("items", leaf.items == body.items),
        ("collector", leaf.collector.as_ref() == Some(&body.collector)),
        ("received time", body.received_at_ms.is_none_or(|at| at == leaf.at_ms)),
    ];
    match same.iter().find(|(_, same)| !same) {
        Some((what, _)) => Err(format!("V6: the signed receipt and the leaf differ in {what}")),
        None => Ok(()),
    }
}
