//! What stands at the head of every document: whose programme, which round, where, and up to when.

use super::{Fact, Kind, Signature};
use crate::domain::package::Package;
use crate::domain::programme::{Agency, Point, Programme, Round, Session};
use crate::domain::time::Timestamp;

/// Which part of a round a document is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All points.
    Round,
    /// One point.
    Point(Box<Point>),
    /// One session at one point.
    Session(Box<Point>, i32, Option<Session>),
}

impl Scope {
    /// The point, when it is of one.
    #[must_use]
    pub const fn point(&self) -> Option<&Point> {
        match self {
            Self::Round => None,
            Self::Point(point) | Self::Session(point, ..) => Some(point),
        }
    }
}

/// The occasion of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Occasion {
    /// Whose programme.
    pub agency: Agency,
    /// The programme.
    pub programme: Programme,
    /// The round.
    pub round: Round,
    /// What a household receives.
    pub package: Package,
    /// Which part of the round.
    pub scope: Scope,
    /// Only events that the server had taken by then are in it.
    pub cut_off: Timestamp,
    /// How many devices still held entitlements of this part, and may have handed over what is not here.
    pub unsynced: i64,
    /// Who signs.
    pub signatures: Vec<Signature>,
    /// The document's number.
    pub number: String,
}

impl Occasion {
    /// The letterhead.
    #[must_use]
    pub fn letterhead(&self) -> Vec<String> {
        let lines =
            [self.agency.government.to_uppercase(), self.agency.name.to_uppercase(), self.agency.address.clone()];
        lines.into_iter().filter(|line| !line.trim().is_empty()).collect()
    }

    /// The budget year: that in which the round opens.
    #[must_use]
    pub fn year(&self) -> i16 {
        self.round.opens_at.date(self.agency.zone).year()
    }

    /// `Data s.d. 23-11-2026 16.00 WITA; 2 perangkat belum sinkron`
    #[must_use]
    pub fn cut_off_line(&self) -> String {
        let zone = self.agency.zone;
        let devices = match self.unsynced {
            0 => "semua perangkat sudah sinkron".to_owned(),
            some => format!("{some} perangkat belum sinkron"),
        };
        format!("Data s.d. {} {}; {devices}", self.cut_off.short(zone), zone.label())
    }

    /// The facts at the head.
    #[must_use]
    pub fn facts(&self) -> Vec<Fact> {
        let account = [self.programme.account_code.as_str(), &self.programme.account_name]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" ");
        let mut facts = vec![Fact::new("Program", self.programme.name.clone())];
        if !account.is_empty() {
            facts.push(Fact::new("Kode rekening", account));
        }
        facts.push(Fact::new("Tahun anggaran", self.year().to_string()));
        facts.push(Fact::new("Tahap", self.round.name.clone()));
        if let Some(point) = self.scope.point() {
            facts.push(Fact::new("Titik", format!("{} – {}", point.code, point.name)));
            facts.push(Fact::new("Kecamatan", point.sub_district.clone()));
        } else {
            facts.push(Fact::new("Titik", "semua titik"));
        }
        if let Scope::Session(_, number, slot) = &self.scope {
            let zone = self.agency.zone;
            let when = slot
                .as_ref()
                .map(|slot| format!(" ({}–{} {})", slot.starts_at.short(zone), slot.ends_at.clock(zone), zone.label()));
            facts.push(Fact::new("Sesi", format!("{number}{}", when.unwrap_or_default())));
        }
        let contents: Vec<String> = self.package.items.iter().map(crate::domain::package::Item::label).collect();
        facts.push(Fact::new("Isi paket", format!("{} = {}", contents.join(", "), self.package.value)));
        facts
    }

    /// A document of this occasion without a word in it yet.
    #[must_use]
    pub fn document(&self, kind: Kind) -> super::Document {
        super::Document {
            kind,
            number: self.number.clone(),
            letterhead: self.letterhead(),
            title: kind.title().to_owned(),
            facts: self.facts(),
            cut_off: self.cut_off_line(),
            blocks: Vec::new(),
            signatures: self.signatures.clone(),
        }
    }
}
