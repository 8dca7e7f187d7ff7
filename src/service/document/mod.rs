//! Documents from scans: made once, with a number, kept as they were, and read again as often as anybody
//! likes with the same words and the same hash.

mod collect;
mod full;
mod pack;
mod paper;
mod report;
mod traces;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Actor, Error, Office, PrintRun, Refusal, entry, page, programme};
use crate::domain::audit::Event;
use crate::domain::document::{
    self as documents, Annex, Block, Cell, Document, Kind, Occasion, Scope, Signature, Table,
};
use crate::domain::id::{DocumentId, HouseholdId, Identifier, RoundId};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::time::{Timestamp, Zone};
use crate::store::documents::Kept;
use crate::store::{self, Write};

pub use crate::store::documents::Listed as DocumentListed;
use collect::Collected;
pub(super) use collect::beside;
pub(super) use pack::packed;
pub use paper::FileForm;
use paper::further_files;
pub(super) use paper::table_file;

/// The most lines that one document has: more belong into one a point.
pub const DOCUMENT_LINES_MAX: i64 = 10_000;

/// What somebody wants a document of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentWanted {
    /// What it is.
    pub kind: Kind,
    /// The point's code.
    pub point: Option<String>,
    /// The session.
    pub session_no: Option<i32>,
    /// Up to when; now, unless told.
    pub cut_off: Option<Timestamp>,
    /// The number of a shipment of the round, for a document of one.
    pub shipment_no: Option<i32>,
}

/// A document with what is known of it besides what it says.
#[derive(Debug, Clone)]
pub struct DocumentView {
    /// Its id.
    pub id: DocumentId,
    /// The round.
    pub round: RoundId,
    /// Its cut-off.
    pub cut_off: Timestamp,
    /// SHA-256 of its content.
    pub hash: [u8; 32],
    /// When it was made.
    pub made_at: Timestamp,
    /// The zone in which its people read a clock.
    pub zone: Zone,
    /// What it says.
    pub document: Document,
    /// The bytes whose hash it is.
    pub content: Vec<u8>,
}

/// The first signs of a hash, in groups, to compare by eye.
#[must_use]
pub fn short_hash(hash: &[u8; 32]) -> String {
    let text = data_encoding::HEXLOWER.encode(&hash[..8]);
    text.as_bytes().chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

impl Office {
    /// Makes a document and keeps it. The minutes of a point bring their annexes with them, each a document
    /// with a number of its own; the one that was asked for comes first.
    pub fn make_document(
        &self,
        actor: &Actor,
        round: RoundId,
        wanted: &DocumentWanted,
    ) -> Result<Vec<DocumentId>, Error> {
        actor.must(Action::MakeDocuments)?;
        actor.must(reads(wanted.kind))?;
        if !wanted.kind.is_made() {
            return Err(Refusal::Invalid { field: "kind", why: "a close has its paper by itself".into() }.into());
        }
        let now = self.now();
        let mut collected = self.collect(actor, round, wanted, now)?;
        collected.log_head = self.log_head_before(now)?.map(|(line, _)| line);
        self.pool.write("document", |tx| {
            let mut annexes = Vec::new();
            let mut made = Vec::new();
            if wanted.kind == Kind::Handover {
                for kind in [Kind::ReceiptList, Kind::NotCollected, Kind::ProxyList] {
                    let (kept, document) = self.keep(tx, actor, &collected, kind, &[])?;
                    annexes.push(Annex {
                        title: kind.name().to_owned(),
                        number: kept.number.clone(),
                        short_hash: short_hash(&kept.hash),
                        lines: document.lines(),
                    });
                    made.push(kept.id);
                }
            }
            let (kept, _) = self.keep(tx, actor, &collected, wanted.kind, &annexes)?;
            made.insert(0, kept.id);
            Ok(made)
        })
    }

    /// Writes one document down and keeps it under the next number.
    fn keep(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        collected: &Collected,
        kind: Kind,
        annexes: &[Annex],
    ) -> Result<(Kept, Document), Error> {
        let mut occasion = collected.occasion.clone();
        let serial = store::documents::next_serial(tx, occasion.round.id, kind)?;
        let agency = &occasion.agency;
        occasion.number = documents::number(
            serial,
            kind,
            &agency.code,
            &occasion.programme.code,
            occasion.round.number,
            occasion.year(),
        );
        let set = store::documents::signatures(tx, agency.id, kind)?;
        occasion.signatures = if set.is_empty() { documents::default_signatures(kind) } else { set };
        let mut document = compose(collected, &occasion, kind, annexes)?;
        // Paper is a witness too: whoever keeps the minutes can hold the log against them.
        if let Some(line) = collected.log_head.as_ref().filter(|_| kind == Kind::Handover) {
            let said = "Kepala log pada batas data tersebut; auditor mencocokkannya dengan log:";
            document.blocks.push(Block::Text(format!("{said} {line}")));
            document.blocks.push(Block::Code(line.clone()));
        }
        if kind == Kind::Handover {
            // What was signed is never changed silently: who reads the later one learns of those before it.
            let point = occasion.scope.point().map(|point| point.id);
            let before = store::documents::numbers(tx, occasion.round.id, kind, point, None)?;
            if !before.is_empty() {
                let said = "Berita acara titik ini yang dibuat sebelumnya, menurut batas datanya masing-masing:";
                document.blocks.push(Block::Text(format!("{said} {}.", before.join(", "))));
            }
        }
        if !document.closes() {
            return Err(Error::Broken(format!("the totals of {} do not close", occasion.number)));
        }
        let content = serde_json::to_vec(&document).map_err(|error| Error::Broken(error.to_string()))?;
        let id = self.new_id(DocumentId::by_time)?;
        let kept = Kept {
            id,
            round: occasion.round.id,
            kind,
            serial,
            number: occasion.number.clone(),
            point: occasion.scope.point().map(|point| point.id),
            session_no: match &occasion.scope {
                Scope::Session(_, number, _) => Some(*number),
                Scope::Round | Scope::Point(_) => None,
            },
            cut_off: occasion.cut_off,
            lines: i32::try_from(document.lines()).unwrap_or(i32::MAX),
            content: self.vault.seal(Field::Document, id.bytes(), self.draw()?, &content)?,
            hash: Sha256::digest(&content).into(),
            made_by: actor.user,
            made_at: self.now(),
            people: collected.people(kind),
        };
        store::documents::insert(tx, &kept)?;
        self.record(tx, actor.who(), Event::DocumentMade, id, kept.number.clone())?;
        Ok((kept, document))
    }

    /// The documents of a round, newest first.
    pub fn documents(
        &self,
        actor: &Actor,
        round: RoundId,
        kind: Option<Kind>,
        before: Option<DocumentId>,
        limit: Option<i64>,
    ) -> Result<Vec<DocumentListed>, Error> {
        actor.must(Action::ReadDocuments)?;
        self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            Ok(store::documents::list(conn, round.id, kind, before, page(limit))?)
        })
    }

    /// A document as it was made. The look is on record.
    pub fn document(&self, actor: &Actor, id: DocumentId) -> Result<DocumentView, Error> {
        let (view, _) = self.opened(actor, id)?;
        self.record_look(actor, Event::DocumentRead, id, view.document.number.clone())?;
        Ok(view)
    }

    /// A document as it was made, and whose lines it has.
    fn opened(&self, actor: &Actor, id: DocumentId) -> Result<(DocumentView, Option<Vec<HouseholdId>>), Error> {
        actor.must(Action::ReadDocuments)?;
        self.pool.read(|conn| {
            let (kept, agency) = store::documents::find(conn, id)?.ok_or(Refusal::NotFound("document"))?;
            actor.must_own(agency, "document")?;
            actor.must(reads(kept.kind))?;
            let agency = store::agencies::find(conn, agency)?.ok_or(Refusal::NotFound("agency"))?;
            let content = self.vault.open(Field::Document, id.bytes(), &kept.content)?.to_vec();
            let hash: [u8; 32] = Sha256::digest(&content).into();
            if hash != kept.hash {
                return Err(Error::Broken(format!("document {} does not have the hash that was kept", kept.number)));
            }
            let document = serde_json::from_slice(&content).map_err(|error| Error::Broken(error.to_string()))?;
            let view = DocumentView {
                id,
                round: kept.round,
                cut_off: kept.cut_off,
                hash,
                made_at: kept.made_at,
                zone: agency.zone,
                document,
                content,
            };
            Ok((view, kept.people))
        })
    }

    /// Who signs documents of each kind: as the actor's agency set it, or as most offices do.
    pub fn signatures(&self, actor: &Actor) -> Result<Vec<SignaturesView>, Error> {
        actor.must(Action::SetSignatures)?;
        self.pool.read(|conn| {
            Kind::ALL
                .into_iter()
                .map(|kind| {
                    let set = store::documents::signatures(conn, actor.agency, kind)?;
                    let own = !set.is_empty();
                    Ok(SignaturesView {
                        kind,
                        own,
                        signatures: if own { set } else { documents::default_signatures(kind) },
                    })
                })
                .collect()
        })
    }

    /// Sets who signs documents of a kind from now on; with none, the usual titles come back. Documents that
    /// were made keep theirs.
    pub fn set_signatures(&self, actor: &Actor, kind: Kind, signatures: &[Signature]) -> Result<(), Error> {
        actor.must(Action::SetSignatures)?;
        if signatures.len() > SIGNATURES_MAX {
            let why = format!("at most {SIGNATURES_MAX}");
            return Err(Refusal::Invalid { field: "signatures", why }.into());
        }
        let mut clean = Vec::new();
        for one in signatures {
            clean.push(Signature {
                caption: entry::text_or_empty("caption", &one.caption, 60)?,
                title: entry::text("title", &one.title, 120)?,
                name: entry::text_or_empty("name", &one.name, 120)?,
                name_no: entry::text_or_empty("name_no", &one.name_no, 60)?,
            });
        }
        self.pool.write("signatures", |tx| {
            store::documents::set_signatures(tx, actor.agency, kind, &clean)?;
            self.record(tx, actor.who(), Event::SignaturesSet, kind.as_str(), format!("{}", clean.len()))
        })
    }
}

/// The most people who sign one document.
const SIGNATURES_MAX: usize = 6;

/// Who signs documents of a kind.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SignaturesView {
    /// The kind.
    pub kind: Kind,
    /// Whether the agency set them itself.
    pub own: bool,
    /// The places to sign, in order.
    pub signatures: Vec<Signature>,
}

/// What a document of a kind says of what was collected.
/// What somebody has to be allowed to see who makes a document of this kind, or reads one.
pub(super) const fn reads(kind: Kind) -> Action {
    match kind {
        Kind::CaseRegister => Action::ReadCases,
        Kind::SpotCheckSheet => Action::ReadSpotChecks,
        Kind::Closing => Action::ReadClosings,
        Kind::BudgetReconciliation | Kind::Monitoring | Kind::AuditTrail => Action::ReadReconciliation,
        _ => Action::ReadDocuments,
    }
}

fn compose(collected: &Collected, occasion: &Occasion, kind: Kind, annexes: &[Annex]) -> Result<Document, Error> {
    let beyond = |_| Error::Broken("a sum beyond what money can be".into());
    let lines = &collected.lines;
    Ok(match kind {
        Kind::ReceiptList => documents::receipts(occasion, lines).map_err(beyond)?,
        Kind::PreparedList => documents::prepared(occasion, lines).map_err(beyond)?,
        Kind::Handover => {
            documents::handover(occasion, lines, &collected.goods(), &collected.beside, annexes).map_err(beyond)?
        }
        Kind::NotCollected => documents::not_collected(occasion, lines, &collected.until),
        Kind::ProxyList => documents::proxies(occasion, lines, &collected.collectors),
        Kind::HomeDelivery => documents::home_delivery(occasion, lines),
        Kind::Substitution => documents::substitution(occasion, &collected.pairs),
        Kind::Register => {
            let mut document = documents::register(occasion, &collected.entries);
            document.blocks.push(Block::Table(print_runs(occasion, &collected.print_runs)));
            document
        }
        _ => {
            let mut document = occasion.document(kind);
            document.blocks.clone_from(&collected.blocks);
            if matches!(kind, Kind::Waybill | Kind::GoodsHandover) {
                // Where from and where to stand below.
                document.facts.retain(|fact| fact.label != "Titik");
            }
            document
        }
    })
}

/// The files of vouchers of the round: the first link of the way of each paper.
fn print_runs(occasion: &Occasion, runs: &[PrintRun]) -> Table {
    let columns = [("No.", 9), ("Waktu", 34), ("Oleh", 50), ("Kupon, tata letak, nomor seri", 150)];
    let mut table = Table::new("Berkas kupon yang dibuat untuk dicetak (seluruh tahap)", &columns);
    for (number, run) in (1..).zip(runs) {
        table.rows.push(vec![
            Cell::Number(number),
            Cell::text(run.at.short(occasion.agency.zone)),
            Cell::text(run.by.clone()),
            Cell::text(run.what.clone()),
        ]);
    }
    table
}
