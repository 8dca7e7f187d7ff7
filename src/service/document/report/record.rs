//! The register of cases, the sheet of a spot check, households in several programmes, and the trail.

use super::{Desk, place};
use crate::domain::case::{Case, CaseState, Outcome};
use crate::domain::document::{Block, Cell, Table};
use crate::domain::id::{Identifier as _, UserId};
use crate::service::{DOCUMENT_LINES_MAX, Error, Refusal, spot_check};
use crate::store::cases::Filter;
use crate::store::{self, Conn};

/// R1: the households that the newest decree names, as its annex says them: NIK and No. KK masked, of the birth
/// date the year alone.
pub(super) fn beneficiaries(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let programme = desk.occasion.programme.id;
    let list = store::lists::newest(conn, programme)?.ok_or(Refusal::NotFound("list"))?;
    if list.households > DOCUMENT_LINES_MAX {
        return Err(Refusal::TooMany { count: list.households, max: DOCUMENT_LINES_MAX }.into());
    }
    let mut table = Table::new(
        "",
        &[
            ("No.", 8),
            ("ID sumber", 24),
            ("No. KK", 26),
            ("NIK", 26),
            ("Nama", 40),
            ("L/P", 8),
            ("Tahun lahir", 12),
            ("Alamat", 44),
            ("RT", 10),
            ("Desa/kelurahan", 30),
            ("Kecamatan", 28),
            ("Desil", 10),
            ("Kategori", 28),
            ("Titik", 18),
            ("Nilai (Rp)", 20),
        ],
    );
    let value = desk.occasion.package.value.minor();
    let here = desk.occasion.scope.point().map(|point| point.id);
    for member in store::lists::members(conn, list.id, 0, DOCUMENT_LINES_MAX)? {
        if here.is_some_and(|here| member.point != Some(here)) {
            continue;
        }
        let point = desk.books.points.iter().find(|point| Some(point.id) == member.point);
        let code = point.map(|point| point.code.clone()).unwrap_or_default();
        let mut row: Vec<Cell> = desk
            .office
            .annex_row(table.rows.len() + 1, &member.household, code)?
            .into_iter()
            .map(|text| Cell::or_blank(&text))
            .collect();
        row.push(Cell::Rupiah(value));
        table.rows.push(row);
    }
    let count = table.rows.len();
    table.total(&format!("Jumlah: {count} KPM"), &[14]);
    let decree = format!("Lampiran {} tanggal {}, daftar versi {}.", list.decree_no, list.decree_date, list.number);
    Ok(vec![Block::Text(decree), Block::Table(table)])
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
    let mut found = store::cases::list(conn, desk.actor.agency, &filter, None, DOCUMENT_LINES_MAX)?;
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
    let newest = newest.ok_or(Refusal::NotFound("spot_check"))?;
    let view = spot_check::view(conn, desk.actor, newest)?;
    let mut table = Table::new(
        "",
        &[
            ("No.", 8),
            ("Ref.", 22),
            ("Nama", 44),
            ("RT, desa", 44),
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
    for line in view.lines {
        table.rows.push(vec![
            Cell::text(line.position.to_string()),
            Cell::text(line.reference),
            Cell::text(line.name),
            Cell::text(line.place),
            Cell::text(line.point),
            Cell::text(line.day),
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
        Block::Text(format!(
            "Contoh acak {} dari {} penyerahan, benih {}: diurutkan menurut SHA-256 atas benih dan id hak, diambil yang \
             terkecil.",
            view.size, view.population, view.seed
        )),
        Block::Table(table),
        Block::Text(said),
    ])
}

/// R17: households that other programmes of the agency list too.
pub(super) fn overlaps(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let found = store::overlaps::list(conn, desk.occasion.programme.id, None, DOCUMENT_LINES_MAX)?;
    let mut table = Table::new("", &[("No.", 10), ("Kunci keluarga", 50), ("Program lain", 110)]);
    for one in found {
        let household = store::households::find(conn, one.household)?;
        table.rows.push(vec![
            place(&table),
            Cell::text(household.map(|one| one.source_id).unwrap_or_default()),
            Cell::text(format!("{} ({})", one.programme, one.agency)),
        ]);
    }
    Ok(vec![Block::Table(table)])
}

/// R18: who did what, in the window of the round up to the cut-off.
pub(super) fn trail(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let found = store::audit::between(
        conn,
        desk.actor.agency,
        (desk.occasion.round.opens_at, desk.occasion.cut_off),
        DOCUMENT_LINES_MAX,
    )?;
    let people: Vec<UserId> = found.iter().filter_map(|one| one.1).collect();
    let people = store::evidence::names(conn, &people)?;
    let zone = desk.occasion.agency.zone;
    let mut table = Table::new(
        "",
        &[("Urut", 12), ("Waktu server", 30), ("Pengguna", 40), ("Aksi", 40), ("Objek", 60), ("Rincian", 70)],
    );
    for (at, user, event, object, detail) in found {
        table.rows.push(vec![
            place(&table),
            Cell::text(at.short(zone)),
            Cell::text(user.and_then(|id| people.get(&id).cloned()).unwrap_or_else(|| "sistem".to_owned())),
            Cell::text(event),
            Cell::text(object),
            Cell::text(detail),
        ]);
    }
    Ok(vec![Block::Table(table)])
}
