//! The books of a round as a file: one table for a spreadsheet, a workbook, or paper.

use sha2::{Digest, Sha256};

use super::reconcile::read_books;
use super::{Actor, Error, Office, Refusal, programme, short_hash};
use crate::domain::audit::Event;
use crate::domain::document::{Block, Cell, Document, Kind, Occasion, Scope, Table};
use crate::domain::id::RoundId;
use crate::domain::package::Item;
use crate::domain::reconcile::Reconciliation;
use crate::domain::role::Action;
use crate::domain::time::{Language, plain_date};
use crate::pdf::document as page;
use crate::spreadsheet::{ByteOrderMark, document_to_xlsx, table_to_csv};
use crate::store;
use crate::store::evidence::{self, Part};
use crate::words::Words;

/// The form of the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BooksForm {
    /// One table, a line a figure.
    Csv,
    /// A workbook, a sheet a table.
    Xlsx,
    /// Paper.
    Pdf,
}

impl BooksForm {
    /// The stable code, which is the ending of the file too.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Xlsx => "xlsx",
            Self::Pdf => "pdf",
        }
    }
}

impl Office {
    /// The books of a round as a file, all of one moment. That it left the house is on record.
    pub fn reconciliation_file(
        &self,
        actor: &Actor,
        round: RoundId,
        form: BooksForm,
    ) -> Result<(Reconciliation, Vec<u8>), Error> {
        actor.must(Action::ReadReconciliation)?;
        let as_of = self.now();
        let (books, occasion) = self.pool.read_snapshot(|conn| {
            let (round, programme) = programme::owned_round(conn, actor, round)?;
            let books = read_books(conn, round.id, as_of)?;
            let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
            let agency = store::agencies::find(conn, programme.agency)?.ok_or(Refusal::NotFound("agency"))?;
            let unsynced = evidence::unsynced(conn, Part { round: round.id, point: None, session_no: None })?;
            // It is read anew each time and kept nowhere, so it has a name and no number.
            let number = format!("{}/{}/T{}", agency.code, programme.code, round.number);
            Ok::<_, Error>((
                books,
                Occasion {
                    agency,
                    programme,
                    round,
                    package,
                    scope: Scope::Round,
                    cut_off: as_of,
                    unsynced,
                    signatures: Vec::new(),
                    number,
                },
            ))
        })?;
        for fault in books.faults() {
            tracing::error!(%round, fault = fault.as_str(), "the books do not close");
        }
        let bytes = match form {
            BooksForm::Csv => csv(&books, &occasion),
            BooksForm::Xlsx => {
                let document = document(&books, &occasion);
                let hash = format!("SHA-256 {}", data_encoding::HEXLOWER.encode(&hash(&document)?));
                document_to_xlsx(&document, &hash).map_err(Error::Broken)?
            }
            BooksForm::Pdf => {
                let document = document(&books, &occasion);
                let hash = hash(&document)?;
                let mut document_id = [0; 16];
                document_id.copy_from_slice(&hash[..16]);
                let issue = page::Issue {
                    short_hash: &short_hash(&hash),
                    made_at: as_of,
                    zone: occasion.agency.zone,
                    document_id,
                    stationery: self.stationery.clone(),
                };
                super::print::printed(page::render(
                    &crate::pdf::printable::readable(&document, &self.stationery),
                    &issue,
                ))?
            }
        };
        self.record_look(actor, Event::ReconciliationExported, round, form.as_str().to_owned())?;
        Ok((books, bytes))
    }
}

fn hash(document: &Document) -> Result<[u8; 32], Error> {
    let content = serde_json::to_vec(document).map_err(|error| Error::Broken(error.to_string()))?;
    Ok(Sha256::digest(&content).into())
}

/// What was given short, in words.
fn short_words(books: &Reconciliation) -> String {
    format!("Kurang serah pada {} paket (masih menjadi hak)", books.short_handouts)
}

/// The books as one table, a line a figure: section, key, name, count, rupiah, and the unit of the count. Goods
/// are counted in their base unit and have no rupiah here.
fn csv(books: &Reconciliation, occasion: &Occasion) -> Vec<u8> {
    let words = Words::for_language(Language::Id);
    let mut rows: Vec<[String; 6]> = Vec::new();
    let mut row = |section: &str, key: &str, name: &str, (count, unit): (i64, &str), value: i64| {
        rows.push([section.into(), key.into(), name.into(), count.to_string(), value.to_string(), unit.into()]);
    };
    row("data", "cut_off", &occasion.cut_off_line(), (occasion.unsynced, "perangkat"), 0);
    let budget = &books.budget;
    row("anggaran", "ceiling", "Pagu", (0, ""), budget.ceiling.minor());
    row("anggaran", "committed", "Terikat", (0, ""), budget.committed.minor());
    row("anggaran", "realised", "Realisasi fisik", (0, ""), budget.realised.minor());
    let remaining = budget.remaining().map_or(0, crate::domain::money::Money::minor);
    row("anggaran", "remaining", "Sisa anggaran", (0, ""), remaining);
    row("anggaran", "round_committed", "Terikat pada tahap ini", (0, ""), books.round_committed.minor());
    row("anggaran", "round_realised", "Realisasi fisik tahap ini", (0, ""), books.round_realised.minor());
    row("hak", "issued", "Diterbitkan", (books.issued, "hak"), books.issued_value.minor());
    for line in &books.states {
        let state = line.state.as_str();
        row("hak", state, &words.of("state", state), (line.count, "hak"), line.value.minor());
    }
    // No further voucher: it counts in value alone.
    row("hak", "short", &short_words(books), (0, "hak"), books.short_value.minor());
    for line in &books.items {
        let Item { code, name, unit, .. } = &line.item;
        let parts = [
            ("issued", "hak terbit", line.issued),
            ("handed_over", "diserahkan", line.handed_over),
            ("short", "kurang serah", line.short),
        ];
        for (key, what, quantity) in parts {
            row("barang", &format!("{code}_{key}"), &format!("{name}, {what}"), (quantity, unit.word()), 0);
        }
    }
    for line in &books.points {
        let parts = [
            ("issued", "diterbitkan", line.issued, line.issued_value),
            ("redeemed", "sudah diambil", line.redeemed, line.realised),
            ("short", "kurang serah", 0, line.short_value),
            ("open", "belum diambil", line.open, line.open_value),
            ("released", "dibatalkan/kedaluwarsa", line.released, line.released_value),
        ];
        for (key, what, count, value) in parts {
            let name = format!("{} {}, {what}", line.code, line.name);
            row("titik", &format!("{}_{key}", line.code), &name, (count, "hak"), value.minor());
        }
    }
    for line in &books.days {
        let name = line.day.parse().map_or_else(|_| line.day.clone(), |day| plain_date(day, Language::Id));
        row("hari", &line.day, &format!("{name}, diserahkan"), (line.redeemed, "hak"), line.realised.minor());
    }
    let headings = ["bagian", "kunci", "nama", "jumlah", "nilai_rupiah", "satuan"];
    table_to_csv(&headings, rows, ByteOrderMark::With)
}

/// The books as a document: the same figures, a table a part.
fn document(books: &Reconciliation, occasion: &Occasion) -> Document {
    let words = Words::for_language(Language::Id);
    let mut document = occasion.document(Kind::BudgetReconciliation);
    document.title = "REKONSILIASI TAHAP".to_owned();
    let mut sums = Table::new("Anggaran", &[("Uraian", 90), ("Nilai (Rp)", 50)]);
    let budget = &books.budget;
    for (name, value) in [
        ("Pagu program", budget.ceiling.minor()),
        ("Terikat", budget.committed.minor()),
        ("Realisasi fisik", budget.realised.minor()),
        ("Sisa anggaran", budget.remaining().map_or(0, crate::domain::money::Money::minor)),
        ("Terikat pada tahap ini", books.round_committed.minor()),
        ("Realisasi fisik tahap ini", books.round_realised.minor()),
    ] {
        sums.rows.push(vec![Cell::text(name), Cell::Rupiah(value)]);
    }
    let mut rights = Table::new("Hak menurut keadaan", &[("Keadaan", 90), ("KPM / paket", 30), ("Nilai (Rp)", 50)]);
    for line in &books.states {
        let state = words.of("state", line.state.as_str());
        rights.rows.push(vec![Cell::Text(state), Cell::Count(line.count), Cell::Rupiah(line.value.minor())]);
    }
    if books.short_value.minor() != 0 {
        rights.rows.push(vec![Cell::Text(short_words(books)), Cell::Count(0), Cell::Rupiah(books.short_value.minor())]);
    }
    rights.total("Diterbitkan", &[1, 2]);
    let columns = [("Barang", 70), ("Satuan", 24), ("Hak terbit", 30), ("Diserahkan", 30), ("Kurang serah", 30)];
    let mut goods = Table::new("Barang", &columns);
    for line in &books.items {
        let Item { name, pack_name, pack_size, unit, .. } = &line.item;
        let mut row = vec![Cell::text(name.clone()), Cell::text(pack_name.clone())];
        let quantities = [line.issued, line.handed_over, line.short];
        row.extend(quantities.map(|quantity| Cell::in_column(quantity, (*pack_size, pack_name), *unit)));
        goods.rows.push(row);
    }
    let mut points = Table::new(
        "Per titik",
        &[
            ("Titik", 18),
            ("Nama", 40),
            ("Terbit", 14),
            ("Diambil", 14),
            ("Wakil", 14),
            ("Batal/ kedaluwarsa", 18),
            ("Belum", 14),
            ("Terbit (Rp)", 26),
            ("Diserahkan (Rp)", 26),
            ("Kurang serah (Rp)", 24),
            ("Batal/ kedaluwarsa (Rp)", 24),
            ("Belum (Rp)", 26),
        ],
    );
    for line in &books.points {
        let mut row = vec![Cell::text(line.code.clone()), Cell::text(line.name.clone())];
        row.extend([line.issued, line.redeemed, line.by_proxy, line.released, line.open].map(Cell::Count));
        let sums = [line.issued_value, line.realised, line.short_value, line.released_value, line.open_value];
        row.extend(sums.map(|sum| Cell::Rupiah(sum.minor())));
        points.rows.push(row);
    }
    points.total("Jumlah", &[2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let mut days = Table::new("Per hari", &[("Hari", 60), ("Diambil", 30), ("Diserahkan (Rp)", 50)]);
    for line in &books.days {
        let name = line.day.parse().map_or_else(|_| line.day.clone(), |day| plain_date(day, Language::Id));
        days.rows.push(vec![Cell::Text(name), Cell::Count(line.redeemed), Cell::Rupiah(line.realised.minor())]);
    }
    days.total("Jumlah", &[1, 2]);
    let faults = books.faults();
    let verdict = if faults.is_empty() {
        "Semua jumlah cocok sampai rupiah: diterbitkan = jumlah semua keadaan + kurang serah, juga per titik."
            .to_owned()
    } else {
        let said: Vec<String> = faults.iter().map(|one| words.of("identity", one.as_str())).collect();
        format!("TIDAK COCOK: {}", said.join("; "))
    };
    document.blocks = vec![Block::Text(verdict)];
    document.blocks.extend([sums, rights, goods, points, days].map(Block::Table));
    document
}
