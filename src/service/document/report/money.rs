//! Realisation by point, the budget against contracts and payments, and the sheet for reviewers.

use super::{Desk, per_cent, place};
use crate::domain::document::{Block, Cell, Table};
use crate::domain::household::Vulnerability;
use crate::domain::id::PointId;
use crate::domain::redemption::CollectorKind;
use crate::domain::stock::Balance;
use crate::domain::treasury::value_of;
use crate::service::Error;
use crate::service::reconcile::{books_of, read_books};
use crate::service::treasury::treasury_of;
use crate::store::{self, Conn};

/// R10: what was collected, point by point, and what lies there.
pub(super) fn realisation(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let round = &desk.occasion.round;
    let standing = store::reconcile::standing(conn, round.id)?;
    let handed = store::reconcile::handed(conn, round.id)?;
    let books = books_of(conn, round.id, desk.occasion.cut_off, &standing, &handed)?;
    let contacts = store::closings::contacts(conn, desk.actor.agency)?;
    let wanted = match store::lists::newest(conn, round.programme)? {
        Some(list) => Some(store::lists::by_point(conn, list.id)?),
        None => None,
    };
    let ill = [Vulnerability::Disabled.word(), Vulnerability::Ill.word()];
    let at_home = store::closings::at_home(conn, round.id, &ill)?;
    let zone = desk.occasion.agency.zone;
    let mut table = Table::new(
        "Realisasi per titik",
        &[
            ("No.", 8),
            ("Kecamatan", 30),
            ("Titik", 18),
            ("Sasaran KPM", 15),
            ("Kupon terbit", 14),
            ("Tersalurkan", 18),
            ("%", 12),
            ("Wakil", 12),
            ("Wakil %", 12),
            ("Antar rumah", 14),
            ("Belum", 13),
            ("Batal/ kedaluwarsa", 18),
            ("Pengganti", 16),
            ("Paket diterima", 16),
            ("Diserahkan", 17),
            ("Rusak", 12),
            ("Sisa", 13),
            ("Nilai (Rp)", 24),
            ("Terakhir sinkron", 24),
        ],
    );
    let count =
        |lines: &[(PointId, i64)], point: PointId| lines.iter().find(|one| one.0 == point).map_or(0, |one| one.1);
    for point in desk.points() {
        let Some(line) = books.points.iter().find(|line| line.code == point.code) else { continue };
        let last = contacts.iter().filter(|one| one.0 == point.id).filter_map(|one| one.1).max();
        let here = handed.iter().filter(|line| line.point == point.id);
        let substitutes = here.filter(|line| line.collector == CollectorKind::Substitute).map(|line| line.count).sum();
        let goods = Packages::at(desk, point.id);
        table.rows.push(vec![
            place(&table),
            Cell::text(point.sub_district.clone()),
            Cell::text(point.code.clone()),
            wanted.as_ref().map_or(Cell::Blank, |wanted| Cell::Count(count(wanted, point.id))),
            Cell::Count(line.issued),
            Cell::Count(line.redeemed),
            per_cent(line.redeemed, line.issued),
            Cell::Count(line.by_proxy),
            per_cent(line.by_proxy, line.redeemed),
            Cell::Count(count(&at_home, point.id)),
            Cell::Count(line.open),
            Cell::Count(line.released),
            Cell::Count(substitutes),
            Cell::Count(goods.received),
            Cell::Count(goods.handed_over),
            Cell::Count(goods.damaged),
            Cell::Count(goods.remaining),
            Cell::Rupiah(line.realised.minor()),
            last.map_or(Cell::Blank, |at| Cell::text(at.short(zone))),
        ]);
    }
    table.total("Jumlah", &[3, 4, 5, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17]);
    Ok(vec![
        Block::Table(table),
        Block::Text(
            "Sasaran: daftar menurut SK terbaru. Antar rumah: KPM yang sakit atau penyandang disabilitas. Barang \
             mencakup semua tahap program pada titik itu, dalam paket utuh: yang lengkap semua komoditasnya; rusak: \
             paket yang tidak lagi lengkap karenanya."
                .to_owned(),
        ),
    ])
}

/// The goods of a point in whole packages of the round.
struct Packages {
    received: i64,
    handed_over: i64,
    damaged: i64,
    remaining: i64,
}

impl Packages {
    fn at(desk: &Desk<'_>, point: PointId) -> Self {
        let lines =
            || desk.items().iter().map(|item| (desk.books.balance(Some(point), &item.code), item.quantity.max(1)));
        let whole = |of: fn(&Balance) -> i64| lines().map(|(balance, size)| of(&balance).div_euclid(size)).min();
        Self {
            received: whole(|balance| balance.received).unwrap_or(0),
            handed_over: whole(|balance| balance.handed_over).unwrap_or(0),
            damaged: lines().map(|(balance, size)| (balance.damaged + size - 1).div_euclid(size)).max().unwrap_or(0),
            remaining: whole(|balance| balance.remaining).unwrap_or(0),
        }
    }
}

/// R12: the budget against contracts, deliveries, payments and handouts.
pub(super) fn budget(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let programme = &desk.occasion.programme;
    let money = treasury_of(conn, programme.id)?;
    let first =
        store::budget_revisions::of_programme(conn, programme.id)?.first().map_or(programme.ceiling, |one| one.ceiling);
    let contracts = store::contracts::of_programme(conn, programme.id)?;
    // What lies anywhere is worth what it was bought for.
    let price = |item: &str, quantity: i64| {
        let line = contracts.iter().flat_map(|one| &one.lines).find(|line| line.item == item);
        line.and_then(|line| {
            value_of(quantity - quantity % line.pack_size.max(1), line.pack_size, line.pack_price_minor)
        })
        .unwrap_or(0)
    };
    let (mut in_stock, mut gone) = (0, 0);
    for one in desk.books.flows() {
        in_stock += price(&one.item, (one.flow.remaining + one.flow.on_the_way).max(0));
        gone += price(&one.item, one.flow.damaged + one.flow.lost + one.flow.short);
    }
    let rounds = store::rounds::of_programme(conn, programme.id)?;
    let mut sums = Table::new("Anggaran", &[("Uraian", 90), ("Nilai (Rp)", 50), ("% pagu", 20)]);
    let ceiling = programme.ceiling.minor();
    let rows = [
        ("Pagu murni", first.minor()),
        ("Pagu setelah perubahan", ceiling),
        ("Nilai kontrak", money.contract_minor),
        ("BAST penyedia (barang diterima baik)", money.delivered_minor),
        ("Tagihan penyedia", money.invoiced_minor),
        ("Realisasi keuangan (SP2D)", money.paid_minor),
        ("Di antaranya tanpa tagihan yang cocok", money.unmatched_minor),
        ("Realisasi fisik (tersalurkan)", money.realised_minor),
        ("Persediaan (gudang, titik, di jalan)", in_stock),
        ("Rusak, hilang, kurang", gone),
        ("Sisa anggaran (pagu dikurangi realisasi keuangan)", ceiling - money.paid_minor),
    ];
    for (name, value) in rows {
        sums.rows.push(vec![Cell::text(name), Cell::Rupiah(value), per_cent(value, ceiling)]);
    }
    let mut by_round = Table::new(
        "Realisasi fisik per tahap",
        &[("Tahap", 60), ("Paket", 24), ("Nilai (Rp)", 40), ("Kumulatif (Rp)", 40)],
    );
    let mut cumulative = 0;
    for round in rounds {
        let handed = store::reconcile::handed(conn, round.id)?;
        let value: i64 = handed.iter().map(|line| line.value).sum();
        cumulative += value;
        by_round.rows.push(vec![
            Cell::text(round.name),
            Cell::Count(handed.iter().map(|line| line.count).sum()),
            Cell::Rupiah(value),
            Cell::Rupiah(cumulative),
        ]);
    }
    by_round.total("Jumlah", &[1, 2]);
    let mut paid =
        Table::new("SP2D", &[("No. SP2D", 50), ("Tanggal", 24), ("Penerima", 50), ("Tagihan", 40), ("Nilai (Rp)", 40)]);
    for one in &money.payments {
        paid.rows.push(vec![
            Cell::text(one.sp2d_no.clone()),
            Cell::text(one.paid_on.clone()),
            Cell::text(one.payee.clone()),
            Cell::text(one.invoice.clone().unwrap_or_else(|| "tidak cocok".to_owned())),
            Cell::Rupiah(one.amount_minor),
        ]);
    }
    paid.total("Jumlah", &[4]);
    let mut invoices = Table::new(
        "Tagihan",
        &[
            ("No. tagihan", 50),
            ("Kontrak", 50),
            ("Nilai (Rp)", 36),
            ("Barang diterima (Rp)", 36),
            ("Selisih (Rp)", 36),
            ("Dibayar (Rp)", 36),
        ],
    );
    for one in &money.invoices {
        invoices.rows.push(vec![
            Cell::text(one.number.clone()),
            Cell::text(one.contract.clone()),
            Cell::Rupiah(one.amount_minor),
            Cell::Rupiah(one.delivered_minor),
            Cell::Rupiah(one.difference_minor),
            Cell::Rupiah(one.paid_minor),
        ]);
    }
    invoices.total("Jumlah", &[2, 3, 4, 5]);
    Ok(vec![Block::Table(sums), Block::Table(by_round), Block::Table(invoices), Block::Table(paid)])
}

/// R15: the sheet that reviewers ask for.
pub(super) fn monitoring(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let books = read_books(conn, desk.occasion.round.id, desk.occasion.cut_off)?;
    let money = treasury_of(conn, desk.occasion.programme.id)?;
    let others: Vec<String> = store::overlaps::others(conn, desk.occasion.programme.id)?
        .into_iter()
        .map(|one| format!("{} ({})", one.programme, one.households))
        .collect();
    let mut table = Table::new(
        "",
        &[
            ("OPD", 36),
            ("Uraian aktivitas", 40),
            ("Bansos sejenis (irisan KPM)", 40),
            ("Jumlah KPM", 18),
            ("Juknis/SK", 30),
            ("Basis data", 26),
            ("Monev: belum mengambil", 20),
            ("Anggaran (Rp)", 30),
            ("Realisasi keuangan (Rp)", 30),
            ("Realisasi fisik (Rp)", 30),
        ],
    );
    let open: i64 = books.points.iter().map(|line| line.open).sum();
    let programme = &desk.occasion.programme;
    table.rows.push(vec![
        Cell::text(desk.occasion.agency.name.clone()),
        Cell::text(format!("{}, {}", programme.name, desk.occasion.round.name)),
        Cell::text(if others.is_empty() { "tidak ada".to_owned() } else { others.join(", ") }),
        Cell::Count(books.issued),
        Cell::or_blank(&programme.decree_no),
        Cell::text("daftar program (P3KE/DTSEN)"),
        Cell::Count(open),
        Cell::Rupiah(programme.ceiling.minor()),
        Cell::Rupiah(money.paid_minor),
        Cell::Rupiah(books.round_realised.minor()),
    ]);
    Ok(vec![Block::Table(table)])
}
