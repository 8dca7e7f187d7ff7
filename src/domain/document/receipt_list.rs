//! Daftar tanda terima, which officers know from the post office as *danom*: the one made from scans, and
//! the one that is printed before, for the day on which no device works.

use std::collections::BTreeSet;

use super::{Block, Cell, Document, Handed, Kind, Line, Occasion, Table, is_of_the_family};
use crate::domain::id::HouseholdId;
use crate::domain::money::{Money, NotMoney};
use crate::domain::redemption::{CollectorKind, Paper};
use crate::domain::terbilang::in_words;

/// The least height of a row that is signed in, in millimetres: a thumb needs it.
const SIGN_HEIGHT: u8 = 12;

/// Who collected, in words: `wakil (satu KK): SITI AMINAH`.
fn collector(handed: &Handed) -> String {
    let who = match handed.collector {
        CollectorKind::Oneself => return "sendiri".to_owned(),
        CollectorKind::Proxy if is_of_the_family(&handed.relation) => "wakil (satu KK)".to_owned(),
        CollectorKind::Proxy => "wakil (luar KK)".to_owned(),
        CollectorKind::Substitute => "pengganti".to_owned(),
    };
    let relation = relation(&handed.relation);
    let name = [handed.collector_name.as_str(), relation].into_iter().filter(|part| !part.is_empty());
    let name = name.collect::<Vec<_>>().join(", ");
    if name.is_empty() { who } else { format!("{who}\n{name}") }
}

/// A relation that says more than the kind does.
pub(super) fn relation(relation: &str) -> &str {
    match relation {
        "same_family_card" | "other" => "",
        said => said,
    }
}

/// What was out of the ordinary at a handout.
fn remark(line: &Line, handed: &Handed) -> String {
    let taken_back = handed.taken_back.as_ref().map(|case| format!("dibatalkan, {case}"));
    let mut parts: Vec<&str> = taken_back.as_deref().into_iter().collect();
    if line.is_rest {
        parts.push("susulan: sisa paket");
    }
    match handed.paper {
        Paper::Seen => {}
        Paper::Lost => parts.push("tanpa kupon: hilang"),
        Paper::NotDelivered => parts.push("tanpa kupon: tidak sampai"),
    }
    if handed.short {
        parts.push("serah sebagian");
    }
    if !handed.id_seen {
        parts.push("KTP/KK tidak dicatat");
    }
    parts.join("; ")
}

/// The list of who received what, from the scans of a point or session.
pub fn receipts(occasion: &Occasion, lines: &[Line]) -> Result<Document, NotMoney> {
    let mut table = Table::new(
        "",
        &[
            ("No.", 8),
            ("No. tanda terima", 28),
            ("Nama / NIK", 39),
            ("RT, desa/kelurahan", 29),
            ("Diterima", 35),
            ("Nilai (Rp)", 18),
            ("Diambil oleh", 32),
            ("Waktu", 19),
            ("Tanda tangan / cap jempol", 44),
            ("Ket.", 19),
        ],
    )
    .parted("Nama / NIK", &super::NAME_AND_NIK)
    .parted("Diambil oleh", &["Diambil oleh", "Nama wakil, hubungan"]);
    table.row_height = SIGN_HEIGHT;
    let zone = occasion.agency.zone;
    let mut sum = Money::ZERO;
    for handed_line in lines.iter().filter(|line| line.handed().is_some()) {
        let Some(handed) = handed_line.handed() else { continue };
        let place = place_of(table.rows.len());
        sum = sum.plus(handed.value)?;
        table.rows.push(vec![
            Cell::Number(place.into()),
            Cell::text(handed.number.clone()),
            Cell::text(format!("{}\n{}", handed_line.name, handed_line.nik_masked)),
            Cell::text(handed_line.place()),
            Cell::text(handed.items.join(", ")),
            Cell::Rupiah(handed.value.minor()),
            Cell::text(collector(handed)),
            Cell::text(handed.at.short(zone)),
            Cell::Sign(place),
            Cell::text(remark(handed_line, handed)),
        ]);
    }
    // A package that came in two handouts is one package, and its household one household.
    let handed = || lines.iter().filter(|line| line.handed().is_some_and(|handed| handed.taken_back.is_none()));
    let households: BTreeSet<HouseholdId> = handed().map(|line| line.household).collect();
    let (receipts, packages) = (table.rows.len(), handed().filter(|line| !line.is_rest).count());
    let mut said = format!("Jumlah: {} KPM, {packages} paket", households.len());
    if receipts != packages || receipts != households.len() {
        said.push_str(&format!(", {receipts} tanda terima"));
    }
    table.total(&said, &[5]);
    let mut document = occasion.document(Kind::ReceiptList);
    document.blocks = vec![
        Block::Text(
            "Yang bertanda tangan di bawah ini menerima bantuan sesuai kolom “Diterima”, dalam keadaan baik dan \
             tanpa dipungut biaya apa pun."
                .to_owned(),
        ),
        Block::Table(table),
        Block::Text(format!("Terbilang: {}.", in_words(sum))),
    ];
    document.blocks.extend(taken_back(lines)?.map(Block::Text));
    Ok(document)
}

/// What is counted among the handouts and was taken back by a decision of two people.
pub(super) fn taken_back(lines: &[Line]) -> Result<Option<String>, NotMoney> {
    let (mut sum, mut cases) = (Money::ZERO, Vec::new());
    for handed in lines.iter().filter_map(Line::handed) {
        if let Some(case) = &handed.taken_back {
            sum = sum.plus(handed.value)?;
            cases.push(format!("{} ({case})", handed.number));
        }
    }
    Ok((!cases.is_empty()).then(|| {
        format!(
            "Termasuk {} penyerahan senilai {} yang dibatalkan menurut keputusan dua orang: {}.",
            cases.len(),
            sum,
            cases.join(", ")
        )
    }))
}

/// The number of a line, from how many there are before it.
pub(super) fn place_of(before: usize) -> u32 {
    u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1)
}

/// The list of everybody who may still come to a point, to be signed by hand. It carries no code: whoever
/// holds it could redeem with that.
pub fn prepared(occasion: &Occasion, lines: &[Line]) -> Result<Document, NotMoney> {
    let mut table = Table::new(
        "",
        &[
            ("No.", 8),
            ("Nama", 44),
            ("NIK", 34),
            ("RT, desa/kelurahan", 34),
            ("Sesi", 10),
            ("Nilai (Rp)", 18),
            ("Lengkap", 14),
            ("Diambil oleh (nama, hubungan)", 38),
            ("Jam", 13),
            ("Tanda tangan / cap jempol", 46),
        ],
    );
    table.row_height = SIGN_HEIGHT;
    let mut sum = Money::ZERO;
    for line in lines.iter().filter(|line| line.is_waiting()) {
        let place = place_of(table.rows.len());
        sum = sum.plus(line.value)?;
        let held = matches!(line.standing, super::Standing::Held(_));
        table.rows.push(vec![
            Cell::Number(place.into()),
            Cell::text(line.name.clone()),
            Cell::text(line.nik_masked.clone()),
            Cell::text(line.place()),
            Cell::text(line.session_no.to_string()),
            Cell::Rupiah(line.value.minor()),
            if held { Cell::text("DITAHAN") } else { Cell::Tick },
            Cell::Blank,
            Cell::Blank,
            Cell::Sign(place),
        ]);
    }
    let count = table.rows.len();
    table.total(&format!("Jumlah: {count} KPM"), &[5]);
    let mut document = occasion.document(Kind::PreparedList);
    document.blocks = vec![
        Block::Text(
            "Hanya dipakai bila semua perangkat di titik tidak dapat dipakai. Tulis jam dan siapa yang mengambil, \
             lalu entri susulan oleh dua orang. Baris bertanda DITAHAN tidak dilayani."
                .to_owned(),
        ),
        Block::Table(table),
        Block::Text(format!(
            "Terbilang bila semua diserahkan: {}. Diserahkan dengan daftar ini: …………… paket.",
            in_words(sum)
        )),
    ];
    Ok(document)
}
