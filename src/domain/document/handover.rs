//! BAST penyaluran: the minutes in which a point and the office say what was handed over.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::{Block, Cell, Document, Fact, Kind, Line, Occasion, Standing, Table, Tally};
use crate::domain::money::{NotMoney, grouped};
use crate::domain::package::Item;
use crate::domain::terbilang::{count_in_words, in_words};
use crate::domain::time::{Language, long_date};

/// A document that goes with the minutes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Annex {
    /// What it is.
    pub title: String,
    /// Its number.
    pub number: String,
    /// The first signs of its hash.
    pub short_hash: String,
    /// How many lines it has.
    pub lines: usize,
}

/// An item at a point, in base units: what was due to those who came, and what they were given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The item.
    pub item: Item,
    /// What was due.
    pub due: i64,
    /// What was given.
    pub given: i64,
}

/// A decided case by which packages went out beside the redemptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beside {
    /// What people call it.
    pub case: String,
    /// How many packages.
    pub packages: i64,
}

/// The minutes of a point, with what is handed over item by item, what went out beside, and the annexes that belong to
/// them.
pub fn compose(
    occasion: &Occasion,
    lines: &[Line],
    items: &[Given],
    beside: &[Beside],
    annexes: &[Annex],
) -> Result<Document, NotMoney> {
    let tally = Tally::of(lines)?;
    let zone = occasion.agency.zone;
    let point = occasion.scope.point().map_or_else(String::new, |point| format!("{} ({})", point.name, point.code));
    let mut document = occasion.document(Kind::Handover);
    let blocks = &mut document.blocks;
    blocks.push(Block::Text(format!(
        "Pada hari ini, {}, bertempat di {point}, kami yang bertanda tangan di bawah ini:",
        day_in_words(occasion.cut_off.date(zone))
    )));
    blocks.push(party("1.", "PIHAK PERTAMA", &occasion.agency.name));
    blocks.push(party("2.", "PIHAK KEDUA", &format!("titik {point}")));
    blocks.push(Block::Text(format!(
        "menyatakan bahwa PIHAK PERTAMA melalui PIHAK KEDUA telah menyalurkan paket program {}, {}, kepada keluarga \
         penerima manfaat (KPM) sebagaimana tercatat pada pemindaian kupon di titik tersebut, dengan hasil sebagai \
         berikut:",
        occasion.programme.name, occasion.round.name
    )));
    blocks.push(Block::Table(counts(&tally)));
    blocks.push(Block::Text(format!("Nilai yang disalurkan, terbilang: {}.", in_words(tally.handed.value))));
    blocks.extend(super::receipt_list::taken_back(lines)?.map(Block::Text));
    blocks.push(Block::Table(who(&tally)));
    blocks.push(Block::Table(goods(items, beside)));
    if !beside.is_empty() {
        blocks.push(Block::Text(format!(
            "{}, menurut keputusan dua orang. Barangnya keluar dari titik ini; nilainya bukan nilai yang disalurkan.",
            said_beside(beside)
        )));
    }
    if let Some(table) = reasons(lines) {
        blocks.push(Block::Table(table));
    }
    blocks.push(Block::Heading("Lampiran".to_owned()));
    for (place, annex) in (1..).zip(annexes) {
        blocks.push(Block::Item(
            format!("{place}."),
            format!("{}, nomor {}, {} baris, sidik {}", annex.title, annex.number, annex.lines, annex.short_hash),
        ));
    }
    blocks.push(Block::Item(format!("{}.", annexes.len() + 1), "Foto kegiatan (dilampirkan oleh petugas)".to_owned()));
    blocks.push(Block::Text(
        "Semua angka di atas adalah hitungan pemindaian sampai batas data tersebut. Penyaluran yang tercatat \
         sesudahnya dituangkan dalam adendum dan tidak mengubah berita acara ini."
            .to_owned(),
    ));
    Ok(document)
}

/// `Rabu tanggal dua puluh lima bulan November tahun dua ribu dua puluh enam (25-11-2026)`
fn day_in_words(day: Date) -> String {
    let long = long_date(day, Language::Id);
    let weekday = long.split(',').next().unwrap_or_default();
    let month = long.split(' ').nth(2).unwrap_or_default();
    format!(
        "{weekday} tanggal {} bulan {month} tahun {} ({:02}-{:02}-{})",
        count_in_words(day.day().into()),
        count_in_words(day.year().into()),
        day.day(),
        day.month(),
        day.year()
    )
}

fn party(sign: &str, side: &str, of: &str) -> Block {
    Block::Facts(vec![
        Fact::new(&format!("{sign} Nama"), ""),
        Fact::new("Jabatan", ""),
        Fact::new("Selaku", format!("{side}, mewakili {of}")),
    ])
}

fn counts(tally: &Tally) -> Table {
    let mut table = Table::new("1. Kupon", &[("Uraian", 70), ("KPM / paket", 30), ("Nilai (Rp)", 40)]);
    let mut row = |name: &str, part: &super::Part| {
        table.rows.push(vec![Cell::text(name), Cell::Count(part.count), Cell::Rupiah(part.value.minor())]);
    };
    row("Tersalurkan", &tally.handed);
    row("Belum diambil", &tally.open);
    row("Ditahan", &tally.held);
    row("Dibatalkan", &tally.revoked);
    row("Kedaluwarsa", &tally.expired);
    if tally.short.count > 0 {
        // What was given short is no further voucher: it counts in value alone.
        let name = format!("Kurang serah pada {} paket (masih menjadi hak)", tally.short.count);
        table.rows.push(vec![Cell::Text(name), Cell::Count(0), Cell::Rupiah(tally.short.value.minor())]);
    }
    table.total("Diterbitkan", &[1, 2]);
    table
}

fn who(tally: &Tally) -> Table {
    let mut table = Table::new("2. Yang mengambil", &[("Uraian", 70), ("KPM / paket", 30), ("Nilai (Rp)", 40)]);
    let mut row = |name: &str, part: &super::Part| {
        table.rows.push(vec![Cell::text(name), Cell::Count(part.count), Cell::Rupiah(part.value.minor())]);
    };
    row("Penerima sendiri", &tally.oneself);
    row("Wakil, satu KK", &tally.proxy_inside);
    row("Wakil, di luar KK", &tally.proxy_outside);
    row("Pengganti", &tally.substitute);
    table.total("Tersalurkan", &[1, 2]);
    table
}

fn goods(items: &[Given], beside: &[Beside]) -> Table {
    let mut columns = vec![
        ("Barang", 54),
        ("Satuan", 20),
        ("Seharusnya untuk yang tersalurkan", 34),
        ("Diserahkan kepada mereka", 32),
    ];
    let extra: i64 = beside.iter().map(|one| one.packages).sum();
    if extra > 0 {
        columns.extend([("Di luar penebusan", 28), ("Keluar seluruhnya", 28)]);
    }
    let mut table = Table::new("3. Barang", &columns).parted("Satuan", &["Satuan di kertas", "Satuan"]);
    for Given { item, due, given } in items {
        let pack = (item.pack_size, item.pack_name.as_str());
        let out = extra * item.quantity;
        let figures = [*due, *given, out, given + out];
        let mut row =
            vec![Cell::text(item.name.clone()), Cell::Coded(item.pack_name.clone(), item.unit.word().to_owned())];
        let shown = figures.len() - if extra > 0 { 0 } else { 2 };
        row.extend(figures.into_iter().take(shown).map(|quantity| Cell::measure(quantity, pack, item.unit)));
        table.rows.push(row);
    }
    table
}

/// `1 paket (K-755620B9)`: what went out beside the redemptions, with what decided so.
#[must_use]
pub fn said_beside(beside: &[Beside]) -> String {
    /// More names than that say no more.
    const NAMED: usize = 6;
    let packages: i64 = beside.iter().map(|one| one.packages).sum();
    let mut cases: Vec<&str> = beside.iter().take(NAMED).map(|one| one.case.as_str()).collect();
    if beside.len() > NAMED {
        cases.push("…");
    }
    format!("{} paket di luar penebusan ({})", grouped(packages), cases.join(", "))
}

/// Why households have not come, and why vouchers were held or revoked: each reason with its count.
fn reasons(lines: &[Line]) -> Option<Table> {
    let mut found: BTreeMap<(u8, String), i64> = BTreeMap::new();
    for line in lines {
        let key = match &line.standing {
            Standing::Open => {
                (0, line.absence.as_ref().map_or("belum dicatat", |(reason, _)| reason.word()).to_owned())
            }
            Standing::Held(reason) => (1, reason.clone()),
            Standing::Revoked(reason) => (2, reason.clone()),
            Standing::Handed(_) | Standing::Expired => continue,
        };
        *found.entry(key).or_default() += 1;
    }
    if found.is_empty() {
        return None;
    }
    let mut table = Table::new("4. Alasan", &[("Keadaan", 35), ("Alasan", 75), ("KPM / paket", 30)]);
    for ((state, reason), count) in found {
        let state = ["Belum diambil", "Ditahan", "Dibatalkan"].get(usize::from(state)).copied().unwrap_or_default();
        table.rows.push(vec![Cell::text(state), Cell::Text(reason), Cell::Count(count)]);
    }
    table.total("Jumlah", &[2]);
    Some(table)
}
