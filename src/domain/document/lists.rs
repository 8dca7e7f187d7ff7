//! Lists about those who did not stand at the desk themselves: who has not come, who came for others, and
//! to whom the package is brought.

use std::collections::BTreeMap;

use super::receipt_list::{place_of, relation};
use super::{AbsenceReason, Block, Cell, Document, Kind, Line, Occasion, Standing, Table, is_of_the_family};
use crate::domain::household::Vulnerability;
use crate::domain::redemption::CollectorKind;
use crate::domain::time::Timestamp;

/// Who has not collected, why, what follows, and until when. `until` has the points whose window is their own.
#[must_use]
pub fn not_collected(occasion: &Occasion, lines: &[Line], until: &BTreeMap<String, Timestamp>) -> Document {
    let mut table = Table::new(
        "",
        &[
            ("No.", 9),
            ("Ref.", 20),
            ("Nama / NIK", 48),
            ("RT, desa/kelurahan", 40),
            ("Titik", 18),
            ("Keadaan", 24),
            ("Alasan", 38),
            ("Tindak lanjut", 38),
            ("Batas waktu", 24),
            ("Nilai (Rp)", 22),
        ],
    )
    .parted("Nama / NIK", &super::NAME_AND_NIK);
    let zone = occasion.agency.zone;
    let last = |line: &Line| until.get(&line.point).copied().unwrap_or(occasion.round.closes_at).plus_millis(-1);
    for line in lines.iter().filter(|line| line.is_waiting() || line.standing == Standing::Expired) {
        let (state, reason) = match &line.standing {
            Standing::Held(reason) => ("ditahan", reason.clone()),
            Standing::Expired => ("kedaluwarsa", noted(line)),
            _ => ("belum diambil", noted(line)),
        };
        let follow_up = line.absence.as_ref().map_or("", |(_, what)| what);
        table.rows.push(vec![
            Cell::Number(place_of(table.rows.len()).into()),
            Cell::text(line.reference()),
            Cell::text(format!("{}\n{}", line.name, line.nik_masked)),
            Cell::text(line.place()),
            Cell::text(line.point.clone()),
            Cell::text(state),
            Cell::or_blank(&reason),
            Cell::or_blank(follow_up),
            Cell::text(last(line).short(zone)),
            Cell::Rupiah(line.value.minor()),
        ]);
    }
    let count = table.rows.len();
    table.total(&format!("Jumlah: {count} KPM"), &[9]);
    let closes = occasion.round.closes_at.plus_millis(-1);
    let mut document = occasion.document(Kind::NotCollected);
    document.blocks = vec![
        Block::Text(format!(
            "Batas waktu pengambilan: {} {}, kecuali titik yang jendelanya lain (kolom Batas waktu). Alasan: meninggal, pindah, sakit, tidak hadir, tidak ditemukan, menolak, \
             atau menunggu surat; kolom kosong diisi petugas.",
            closes.short(zone),
            zone.label()
        )),
        Block::Table(table),
    ];
    document
}

fn noted(line: &Line) -> String {
    line.absence.as_ref().map_or(String::new(), |(reason, _)| reason.word().to_owned())
}

/// Who collected for others. `names` are those of all who did so anywhere in the round, one a handout: over
/// them it is counted how often one name stood at a desk for somebody else.
#[must_use]
pub fn proxies(occasion: &Occasion, lines: &[Line], names: &[String]) -> Document {
    let mut times: BTreeMap<String, i64> = BTreeMap::new();
    for name in names {
        *times.entry(fold(name)).or_default() += 1;
    }
    let mut table = Table::new(
        "",
        &[
            ("No.", 9),
            ("No. tanda terima", 32),
            ("Penerima / NIK", 44),
            ("RT, desa/kelurahan", 38),
            ("Wakil / pengganti", 44),
            ("NIK wakil (4 terakhir)", 24),
            ("Hubungan", 30),
            ("Bukti", 28),
            ("Waktu", 22),
            ("Mewakili tahap ini (kali)", 22),
        ],
    )
    .parted("Penerima / NIK", &["Penerima", "NIK"]);
    let zone = occasion.agency.zone;
    for line in lines {
        let Some(handed) = line.handed().filter(|handed| handed.collector != CollectorKind::Oneself) else { continue };
        let kind = match handed.collector {
            CollectorKind::Substitute => "pengganti",
            _ if is_of_the_family(&handed.relation) => "satu KK",
            _ => "luar KK",
        };
        let said = relation(&handed.relation);
        let relation = if said.is_empty() { kind.to_owned() } else { format!("{kind}: {said}") };
        let folded = fold(&handed.collector_name);
        let known =
            if folded.is_empty() { Cell::text("–") } else { Cell::Count(times.get(&folded).copied().unwrap_or(1)) };
        table.rows.push(vec![
            Cell::Number(place_of(table.rows.len()).into()),
            Cell::text(handed.number.clone()),
            Cell::text(format!("{}\n{}", line.name, line.nik_masked)),
            Cell::text(line.place()),
            Cell::text(if handed.collector_name.is_empty() { "tidak dicatat" } else { &handed.collector_name }),
            // A desk looks at the card and keeps no NIK of whoever comes for another: here is room to write it.
            Cell::Blank,
            Cell::Text(relation),
            Cell::text(if handed.id_seen { "KTP/KK dilihat" } else { "tidak dicatat" }),
            Cell::text(handed.at.short(zone)),
            known,
        ]);
    }
    let mut document = occasion.document(Kind::ProxyList);
    let count = table.rows.len();
    document.blocks = vec![
        Block::Table(table),
        Block::Text(format!(
            "{count} penyerahan lewat wakil atau pengganti. Kolom terakhir menghitung nama \
             yang sama di semua titik tahap ini. NIK wakil tidak disimpan di meja: bila diminta, empat angka terakhirnya \
             ditulis tangan."
        )),
    ];
    document
}

fn fold(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_uppercase()
}

/// Whether the package should be brought: the household has somebody disabled or ill, or was found to be ill. Nobody is
/// sent to whom somebody found to be dead, away or unwilling: that is work for the office.
#[must_use]
pub fn is_brought_home(vulnerabilities: &str, absence: Option<AbsenceReason>) -> bool {
    use AbsenceReason::{Absent, AwaitingLetter, Died, Ill, Moved, NotFound, Refused};
    match absence {
        Some(Ill) => true,
        Some(Died | Moved | NotFound | Refused) => false,
        Some(Absent | AwaitingLetter) | None => {
            [Vulnerability::Disabled, Vulnerability::Ill].iter().any(|one| vulnerabilities.contains(one.word()))
        }
    }
}

fn cannot_come(line: &Line) -> bool {
    is_brought_home(&line.vulnerabilities, line.absence.as_ref().map(|(reason, _)| *reason))
}

/// Why, in words.
fn needs(line: &Line) -> String {
    let known = line.vulnerabilities.to_lowercase();
    let noted = line.absence.as_ref().map(|(reason, _)| reason.word().to_owned());
    let noted = noted.filter(|word| known.split(", ").all(|one| one != word.as_str()));
    [Some(known).filter(|words| !words.is_empty()), noted].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// To whom a courier brings the package: those who cannot come and have not.
#[must_use]
pub fn home_delivery(occasion: &Occasion, lines: &[Line]) -> Document {
    let mut table = Table::new(
        "",
        &[
            ("No.", 9),
            ("Nama / NIK", 46),
            ("Alamat", 62),
            ("Keadaan", 32),
            ("Isi paket", 42),
            ("Jam", 14),
            ("Saksi (RT/petugas kedua)", 30),
            ("Tanda tangan / cap jempol", 46),
        ],
    )
    .parted("Nama / NIK", &super::NAME_AND_NIK);
    table.row_height = 13;
    let contents: Vec<String> = occasion.package.items.iter().map(crate::domain::package::Item::label).collect();
    let contents = contents.join(", ");
    for line in lines.iter().filter(|line| line.standing == Standing::Open && cannot_come(line)) {
        let place = place_of(table.rows.len());
        let address = [line.address.as_str(), &line.place()]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n");
        table.rows.push(vec![
            Cell::Number(place.into()),
            Cell::text(format!("{}\n{}", line.name, line.nik_masked)),
            Cell::Text(address),
            Cell::text(needs(line)),
            Cell::text(contents.clone()),
            Cell::Blank,
            Cell::Blank,
            Cell::Sign(place),
        ]);
    }
    let count = table.rows.len();
    let mut document = occasion.document(Kind::HomeDelivery);
    document.blocks = vec![
        Block::Text(
            "Paket dibawa ke rumah penerima, dipindai di tempat, dan disaksikan ketua RT atau petugas kedua. Daftar \
             ini memuat alamat: jangan difoto, jangan ditinggal, kembalikan kepada koordinator."
                .to_owned(),
        ),
        Block::Table(table),
        Block::Text(format!("Jumlah: {count} KPM, {count} paket. Kembali ke titik: …………… paket.")),
    ];
    document
}
