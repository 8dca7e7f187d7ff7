//! The register of what happened to vouchers besides being handed over: revoked, held, let go, printed again.

use super::receipt_list::place_of;
use super::{Block, Cell, Document, Kind, Occasion, Table};
use crate::domain::id::EntitlementId;
use crate::domain::time::Timestamp;

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Happening {
    /// Taken away.
    Revoked,
    /// Held back.
    Held,
    /// Let go again.
    Released,
    /// Printed again.
    Reprinted,
    /// Another print was asked for, and nobody has agreed yet.
    ReprintAsked,
    /// Its handout was taken back.
    TakenBack,
}

impl Happening {
    const ALL: [Self; 6] =
        [Self::Revoked, Self::Held, Self::Released, Self::Reprinted, Self::ReprintAsked, Self::TakenBack];

    const fn word(self) -> &'static str {
        match self {
            Self::Revoked => "dibatalkan",
            Self::Held => "ditahan",
            Self::Released => "penahanan dilepas",
            Self::Reprinted => "dicetak ulang",
            Self::ReprintAsked => "cetak ulang diminta",
            Self::TakenBack => "penyerahan dibatalkan",
        }
    }
}

/// A line of the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// When.
    pub at: Timestamp,
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// The recipient's name.
    pub name: String,
    /// The point's code.
    pub point: String,
    /// What happened.
    pub happening: Happening,
    /// Why.
    pub reason: String,
    /// Who asked for it.
    pub requested_by: String,
    /// Who agreed; empty where nobody else had to, or nobody has yet.
    pub approved_by: String,
    /// What there is to show for it: print numbers, the old sheet.
    pub evidence: String,
}

/// The register, in the order of time.
#[must_use]
pub fn compose(occasion: &Occasion, entries: &[Entry]) -> Document {
    let zone = occasion.agency.zone;
    let mut table = Table::new(
        "",
        &[
            ("No.", 9),
            ("Waktu", 26),
            ("Ref.", 20),
            ("Nama", 44),
            ("Titik", 18),
            ("Kejadian", 28),
            ("Alasan", 48),
            ("Pemohon", 30),
            ("Penyetuju", 30),
            ("Bukti", 32),
        ],
    );
    for entry in entries {
        table.rows.push(vec![
            Cell::Number(place_of(table.rows.len()).into()),
            Cell::text(entry.at.short(zone)),
            Cell::text(super::reference(entry.entitlement)),
            Cell::text(entry.name.clone()),
            Cell::text(entry.point.clone()),
            Cell::text(entry.happening.word()),
            Cell::text(entry.reason.clone()),
            Cell::text(entry.requested_by.clone()),
            Cell::text(if entry.approved_by.is_empty() { "–" } else { &entry.approved_by }),
            Cell::text(entry.evidence.clone()),
        ]);
    }
    let sums: Vec<String> = Happening::ALL
        .into_iter()
        .map(|what| (what, entries.iter().filter(|entry| entry.happening == what).count()))
        .filter(|(_, count)| *count > 0)
        .map(|(what, count)| format!("{} {count}", what.word()))
        .collect();
    let sums = if sums.is_empty() { "tidak ada kejadian".to_owned() } else { sums.join(", ") };
    let mut document = occasion.document(Kind::Register);
    document.blocks = vec![Block::Table(table), Block::Text(format!("Jumlah: {sums}."))];
    document
}
