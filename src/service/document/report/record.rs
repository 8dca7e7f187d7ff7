//! The register of cases, the sheet of a spot check, households in several programmes, and the trail.

use super::{Desk, day, place};
use crate::domain::case::{Case, CaseState, Outcome};
use crate::domain::document::{Block, Cell, Table};
use crate::domain::id::{Identifier as _, UserId};
use crate::domain::sealed::Field;
use crate::domain::time::{Language, Timestamp, plain_date};
use crate::service::document::collect::People;
use crate::service::document::short_hash;
use crate::service::{DOCUMENT_LINES_MAX, Error, Refusal, spot_check};
use crate::store::cases::Filter;
use crate::store::evidence::Part;
use crate::store::{self, Conn};
use crate::words::Words;

/// R1: the households that the newest decree names, as its annex says them: NIK and No. KK masked, of the birth
/// date the year alone. Whose lines these are comes with it: with a reason it is shown with both numbers in full.
pub(super) fn beneficiaries(desk: &Desk<'_>, conn: &mut Conn) -> Result<(Vec<Block>, People), Error> {
    let programme = desk.occasion.programme.id;
    let list = store::lists::newest(conn, programme)?.ok_or_else(|| invalid("kind", "a list that a decree fixed"))?;
    let here = desk.occasion.scope.point().map(|point| point.id);
    let count = match here {
        None => list.households,
        Some(here) => store::lists::by_point(conn, list.id)?.iter().find(|one| one.0 == here).map_or(0, |one| one.1),
    };
    if count > DOCUMENT_LINES_MAX {
        return Err(Refusal::TooMany { count, max: DOCUMENT_LINES_MAX }.into());
    }
    let mut table = Table::new(
        "",
        &[
            ("No.", 8),
            ("ID sumber", 30),
            ("No. KK", 34),
            ("NIK", 34),
            ("Nama", 40),
            ("L/P", 8),
            ("Tahun lahir", 12),
            ("Alamat", 38),
            ("RT", 10),
            ("Desa/kelurahan", 30),
            ("Kecamatan", 28),
            ("Desil", 10),
            ("Kategori", 24),
            ("Titik", 18),
            ("Nilai (Rp)", 20),
        ],
    );
    let value = desk.occasion.package.value.minor();
    let mut people = Vec::new();
    for member in store::lists::members(conn, list.id, 0, list.households)? {
        if here.is_some_and(|here| member.point != Some(here)) {
            continue;
        }
        let point = desk.books.points.iter().find(|point| Some(point.id) == member.point);
        let code = point.map(|point| point.code.clone()).unwrap_or_default();
        let mut row: Vec<Cell> = desk
            .office
            .annex_row(table.rows.len() + 1, &member.household, code)?
            .into_iter()
            .zip(&table.columns)
            .map(|(text, column)| match column.title.as_str() {
                "No." | "Tahun lahir" | "Desil" => Cell::number_or_text(&text),
                _ => Cell::or_blank(&text),
            })
            .collect();
        row.push(Cell::Rupiah(value));
        table.rows.push(row);
        people.push(member.household.id);
    }
    let count = table.rows.len();
    table.total(&format!("Jumlah: {count} KPM"), &[14]);
    let dated = plain_date(list.decree_date, Language::Id);
    let decree = format!("Lampiran {} tanggal {dated}, daftar versi {}.", list.decree_no, list.number);
    Ok((vec![Block::Text(decree), Block::Table(table)], People::Lines(people)))
}

/// R14: what was reported, and what became of it. What people wrote is sealed in the books and read here by
/// those who may read cases.
pub(super) fn cases(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    desk.actor.must(crate::domain::role::Action::ReadCases)?;
    let filter = Filter {
        round: Some(desk.occasion.round.id),
        point: desk.occasion.scope.point().map(|point| point.id),
        until: Some(desk.occasion.cut_off),
        ..Filter::default()
    };
    let mut found = store::cases::list(conn, desk.actor.agency, &filter, None, DOCUMENT_LINES_MAX + 1)?;
    not_too_many(found.len())?;
    found.reverse();
    let zone = desk.occasion.agency.zone;
    let mut table = Table::new(
        "",
        &[
            ("No.", 8),
            ("Ref.", 24),
            ("Waktu", 28),
            ("Titik", 18),
            ("Jenis", 30),
            ("Uraian", 60),
            ("Bukti", 44),
            ("Status", 22),
            ("Penyelesaian", 30),
            ("Kerugian (Rp)", 26),
            ("Umur (hari)", 14),
        ],
    );
    for (case, detail) in &found {
        let code = desk.books.points.iter().find(|point| Some(point.id) == case.point).map(|point| point.code.clone());
        table.rows.push(vec![
            place(&table),
            Cell::text(case.reference()),
            Cell::text(case.opened_at.short(zone)),
            Cell::or_blank(&code.unwrap_or_default()),
            Cell::text(case.kind.word()),
            Cell::text(desk.office.open_text(case.id.bytes(), detail)?),
            Cell::text(case.evidence.clone()),
            Cell::text(case.state.word()),
            Cell::or_blank(settled(case)),
            Cell::Rupiah(if matches!(case.state, CaseState::Decided | CaseState::Closed) {
                case.posting.loss_minor
            } else {
                0
            }),
            Cell::Count(case.age_days(desk.occasion.cut_off)),
        ]);
    }
    table.total("Jumlah", &[9]);
    Ok(vec![Block::Table(table)])
}

fn settled(case: &Case) -> &'static str {
    let decided = matches!(case.state, CaseState::Decided | CaseState::Closed);
    case.outcome.filter(|_| decided).map_or("", Outcome::word)
}

/// R16: the newest sample of the round, to take to the field or as it came back.
pub(super) fn spot_check(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let newest = store::spot_checks::of_round(conn, desk.occasion.round.id)?.into_iter().next();
    let newest = newest.ok_or_else(|| invalid("kind", "a sample that was drawn"))?;
    let addresses = store::spot_checks::addresses(conn, newest.id)?;
    let view = spot_check::view(conn, desk.actor, newest)?;
    let mut table = Table::new(
        "",
        &[
            ("No.", 8),
            ("Ref.", 22),
            ("Nama", 42),
            ("Alamat", 56),
            ("Titik", 18),
            ("Tanggal", 22),
            ("Tanda terima", 36),
            ("Diterima? Jumlah?", 28),
            ("Dipungut biaya?", 24),
            ("Tanda tangan benar?", 26),
            ("Hasil", 30),
        ],
    );
    table.row_height = 9;
    for (line, (household, address)) in view.lines.into_iter().zip(addresses) {
        // As a courier's list has it: who goes to a door needs the street.
        let street = desk.office.text(Field::Address, household, &address)?;
        let parts = [street.trim(), line.place.as_str()].into_iter().filter(|part| !part.is_empty());
        table.rows.push(vec![
            Cell::Number(line.position.into()),
            Cell::text(line.reference),
            Cell::text(line.name),
            Cell::Text(parts.collect::<Vec<_>>().join("\n")),
            Cell::text(line.point),
            day(&line.day),
            Cell::text(line.receipt),
            Cell::Blank,
            Cell::Blank,
            Cell::Blank,
            Cell::or_blank(line.found.word()),
        ]);
    }
    let per_cent = |share: i64| format!("{},{:02} %", share / 100, share % 100);
    let said = match view.estimate {
        None => "Belum ada hasil yang dimasukkan.".to_owned(),
        Some(one) => format!(
            "Tidak sesuai: {} dari {} yang menjawab = {} (selang Wilson 95 %: {} sampai {}); tidak terjawab {}.",
            one.bad,
            one.answered,
            per_cent(one.share),
            per_cent(one.low),
            per_cent(one.high),
            view.unanswered
        ),
    };
    Ok(vec![
        Block::Text("Daftar ini memuat alamat: jangan difoto, jangan ditinggal, kembalikan kepada auditor.".to_owned()),
        Block::Text(format!(
            "Contoh acak {} dari {} penyerahan, benih {}: diurutkan menurut SHA-256 atas benih dan id hak, diambil yang \
             terkecil.",
            view.size, view.population, view.seed
        )),
        Block::Table(table),
        Block::Text(said),
    ])
}

/// R17: households that other programmes help too, and what they get in both. Of another agency's programme its name
/// alone comes out.
pub(super) fn overlaps(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let found = store::overlaps::valued(conn, desk.occasion.programme.id, DOCUMENT_LINES_MAX + 1)?;
    not_too_many(found.len())?;
    let people: Vec<UserId> = found.iter().map(|one| one.decided.0).collect();
    let people = store::evidence::names(conn, &people)?;
    let zone = desk.occasion.agency.zone;
    let mut table = Table::new(
        "",
        &[
            ("No.", 8),
            ("Kunci keluarga", 30),
            ("Tahap di program ini", 20),
            ("Nilai di program ini (Rp)", 28),
            ("Program lain", 60),
            ("Tahap di program lain", 20),
            ("Nilai di program lain (Rp)", 28),
            ("Keputusan", 50),
        ],
    );
    for one in found {
        let (there_rounds, there_minor) = one
            .there
            .map_or((Cell::text("–"), Cell::text("OPD lain")), |there| (Cell::Count(there.0), Cell::Rupiah(there.1)));
        let by = people.get(&one.decided.0).cloned().unwrap_or_else(|| "–".to_owned());
        table.rows.push(vec![
            place(&table),
            Cell::text(one.source_id),
            Cell::Count(one.here.0),
            Cell::Rupiah(one.here.1),
            Cell::text(format!("{} ({})", one.programme, one.agency)),
            there_rounds,
            there_minor,
            Cell::text(format!("tetap menerima; {by}, {}", one.decided.1.short(zone))),
        ]);
    }
    Ok(vec![
        Block::Table(table),
        Block::Text(
            "Tahap dan nilai: hak yang terbit dan tidak dibatalkan. Keputusan: siapa yang menyetujui keluarga ini dalam \
             program ini. Sebuah keluarga tampil sekali untuk tiap program lain."
                .to_owned(),
        ),
    ])
}

/// R18: who did what, in the window of the round up to the cut-off: the acts of people, and each handout with the
/// time of its device and the hash of its signed receipt, which the log and the household's paper carry too.
pub(super) fn trail(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let (occasion, most) = (desk.occasion, usize::try_from(DOCUMENT_LINES_MAX).unwrap_or(usize::MAX));
    let window = (occasion.round.opens_at, occasion.cut_off);
    let mut acts = store::audit::between(conn, desk.actor.agency, window, DOCUMENT_LINES_MAX + 1)?;
    let part = Part { round: occasion.round.id, point: occasion.scope.point().map(|point| point.id), session_no: None };
    let mut handouts = store::evidence::handouts(conn, part, occasion.cut_off, DOCUMENT_LINES_MAX + 1)?;
    let mut left_out = Vec::new();
    if handouts.len() > most {
        handouts.clear();
        left_out.push(format!("Lebih dari {most} penyerahan tidak dimuat di sini: buat jejak ini per titik."));
    }
    if acts.len() > most {
        acts.truncate(most);
        left_out.push(format!("Dimuat {most} tindakan pertama saja; yang lain ada di halaman Jejak."));
    }
    let mut people: Vec<UserId> = acts.iter().filter_map(|one| one.1).collect();
    people.extend(handouts.iter().map(|one| one.operator));
    people.sort_unstable();
    people.dedup();
    let people = store::evidence::names(conn, &people)?;
    let zone = occasion.agency.zone;
    let mut lines: Vec<(Timestamp, Vec<Cell>)> = Vec::with_capacity(acts.len() + handouts.len());
    for (at, user, event, object, detail) in acts {
        let who = user.and_then(|id| people.get(&id).cloned()).unwrap_or_else(|| "sistem".to_owned());
        let cells = vec![
            Cell::text("–"),
            Cell::text(at.short(zone)),
            Cell::text(who),
            Cell::text("–"),
            Cell::Coded(Words::for_language(Language::Id).of("event", &event), event),
            object_cell(object),
            Cell::or_blank(&detail),
            Cell::text("–"),
        ];
        lines.push((at, cells));
    }
    for one in handouts {
        let cells = vec![
            Cell::text(one.scanned_at.short(zone)),
            Cell::text(one.received_at.short(zone)),
            Cell::text(people.get(&one.operator).cloned().unwrap_or_else(|| "–".to_owned())),
            Cell::text(one.device),
            Cell::Coded("Diserahkan".to_owned(), "redemption".to_owned()),
            Cell::text(one.number),
            Cell::Blank,
            Cell::text(short_hash(&one.hash)),
        ];
        lines.push((one.received_at, cells));
    }
    lines.sort_by_key(|line| line.0);
    let mut table = Table::new(
        "",
        &[
            ("Urut", 12),
            ("Waktu perangkat", 30),
            ("Waktu server", 30),
            ("Pengguna", 36),
            ("Perangkat", 26),
            ("Aksi", 48),
            ("Objek", 34),
            ("Rincian", 50),
            ("Hash tanda terima", 36),
        ],
    )
    .parted("Aksi", &["Aksi", "Kode aksi"])
    .parted("Objek", &["Objek", "Id objek"]);
    for (_, cells) in lines {
        let mut row = vec![place(&table)];
        row.extend(cells);
        table.rows.push(row);
    }
    left_out.push(
        "Objek: delapan tanda dari idnya; id lengkap dan kode aksi ada dalam berkas XLSX dan CSV. Hash: 16 angka \
         heksadesimal pertama dari SHA-256 tanda terima yang ditandatangani perangkat; sama dengan yang \
         ada dalam log transparansi."
            .to_owned(),
    );
    Ok(vec![Block::Table(table), Block::Text(left_out.join(" "))])
}

/// What an act was about. Of an id, which nobody can read out, eight signs: the first ones of a right, as its `Ref.` has
/// them elsewhere, and the last ones of what is numbered by time, of which the first are alike.
fn object_cell(object: String) -> Cell {
    let is_id = object.len() == 36 && object.bytes().all(|sign| sign.is_ascii_hexdigit() || sign == b'-');
    let by_chance = object.as_bytes().get(14) == Some(&b'4');
    let part = if by_chance { object.get(..8) } else { object.get(28..) };
    match part.filter(|_| is_id) {
        Some(part) => Cell::Coded(part.to_uppercase(), object),
        None => Cell::text(object),
    }
}

/// What a document needs first.
fn invalid(field: &'static str, why: &str) -> Error {
    Refusal::Invalid { field, why: why.to_owned() }.into()
}

/// A list that was cut off somewhere would look like a whole one.
fn not_too_many(lines: usize) -> Result<(), Error> {
    let count = i64::try_from(lines).unwrap_or(i64::MAX);
    if count > DOCUMENT_LINES_MAX {
        return Err(Refusal::TooMany { count, max: DOCUMENT_LINES_MAX }.into());
    }
    Ok(())
}
