//! Realisation by point, the budget against contracts and payments, and the sheet for reviewers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::{Desk, day, per_cent, place};
use crate::domain::case::{Case, CaseState};
use crate::domain::document::{Beside, Block, Cell, Table, said_beside};
use crate::domain::household::Vulnerability;
use crate::domain::id::{PointId, RoundId};
use crate::domain::package::Item;
use crate::domain::redemption::CollectorKind;
use crate::domain::stock::Balance;
use crate::service::reconcile::{books_of, read_books};
use crate::service::treasury::treasury_of;
use crate::service::{DOCUMENT_LINES_MAX, Error};
use crate::store::cases::Filter;
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
            ("Sasaran antar rumah", 16),
            ("Belum", 13),
            ("Batal/ kedaluwarsa", 18),
            ("Diambil pengganti", 16),
            ("Paket utuh: diterima", 16),
            ("Paket utuh: diserahkan", 17),
            ("Paket utuh: rusak", 14),
            ("Paket utuh: sisa", 14),
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
            // Nobody writes it in by hand: without a list that a decree fixed there is none.
            wanted.as_ref().map_or(Cell::text("–"), |wanted| Cell::Count(count(wanted, point.id))),
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
    // Without a list that a decree fixed nobody knows how many there should be.
    let sums = [3, 4, 5, 7, 9, 10, 11, 12, 13, 14, 15, 16, 17];
    table.total("Jumlah", sums.get(usize::from(wanted.is_none())..).unwrap_or_default());
    for (place, part, whole) in [(6, 5, 4), (8, 7, 5)] {
        let share = per_cent(table.sum(part), table.sum(whole));
        table.total_share(place, share);
    }
    Ok(vec![
        Block::Table(table),
        Block::Text(
            "Sasaran: daftar menurut SK terbaru; – bila belum ada SK. Sasaran antar rumah: KPM yang sakit atau penyandang disabilitas. Barang \
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
        // What was never brought here, such as packaging that goes out with the vouchers, makes no package incomplete.
        let came = |item: &&Item| desk.books.balance(Some(point), &item.code).received > 0;
        let any = desk.items().iter().any(|item| came(&item));
        let lines = || {
            let here = desk.items().iter().filter(move |item| !any || came(item));
            here.map(|item| (desk.books.balance(Some(point), &item.code), item.quantity.max(1)))
        };
        let whole = |of: fn(&Balance) -> i64| lines().map(|(balance, size)| of(&balance).div_euclid(size)).min();
        Self {
            received: whole(|balance| balance.received).unwrap_or(0),
            handed_over: whole(|balance| balance.handed_over).unwrap_or(0),
            damaged: lines().map(|(balance, size)| (balance.damaged + size - 1).div_euclid(size)).max().unwrap_or(0),
            remaining: whole(|balance| balance.remaining).unwrap_or(0),
        }
    }
}

/// What was handed over, as the budget calls it.
const REALISED: &str = "Realisasi fisik (tersalurkan)";

/// R12: the budget against contracts, deliveries, payments and handouts.
pub(super) fn budget(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let programme = &desk.occasion.programme;
    let money = treasury_of(conn, programme.id)?;
    let first =
        store::budget_revisions::of_programme(conn, programme.id)?.first().map_or(programme.ceiling, |one| one.ceiling);
    let beside = store::cases::with_extra_packages(conn, programme.id)?;
    let out = quantities(conn, &beside)?;
    let (goods, beside_minor) = goods_table(desk, conn, &out)?;
    let total = |places: &[usize]| places.iter().map(|place| goods.sum(*place)).sum::<i64>();
    let rounds = store::rounds::of_programme(conn, programme.id)?;
    let mut sums = Table::new("Anggaran", &[("Uraian", 90), ("Nilai (Rp)", 50), ("% pagu", 20)]);
    let ceiling = programme.ceiling.minor();
    let rows = [
        ("Pagu murni", first.minor()),
        ("Pagu setelah perubahan", ceiling),
        ("Nilai kontrak", money.contract_minor),
        ("Barang datang dari penyedia, baik dan rusak", total(&[1])),
        ("Di antaranya diterima baik (BAST penyedia)", money.delivered_minor),
        ("Tagihan penyedia", money.invoiced_minor),
        ("Realisasi keuangan (SP2D)", money.paid_minor),
        ("Di antaranya tanpa tagihan yang cocok", money.unmatched_minor),
        (REALISED, money.realised_minor),
        ("Persediaan (gudang, titik, di jalan)", total(&[8])),
        ("Rusak, hilang, kurang", total(&[4, 5, 6])),
        ("Sisa anggaran (pagu dikurangi realisasi keuangan)", ceiling - money.paid_minor),
    ];
    let (decided, lost_minor) = losses(desk, conn)?;
    for (name, value) in rows {
        sums.rows.push(vec![Cell::text(name), Cell::Rupiah(value), per_cent(value, ceiling)]);
        if name == REALISED {
            // From the realisation to the goods that went out, so that whoever holds the tables together sees why they
            // differ.
            let given = total(&[3]);
            let priced = given - value - beside_minor;
            let cases: Vec<Beside> = beside
                .iter()
                .map(|case| Beside { case: case.reference(), packages: case.posting.extra_packages })
                .collect();
            let steps = [
                (said_beside(&cases), beside_minor, !cases.is_empty()),
                ("Beda harga kontrak dan harga paket".to_owned(), priced, priced != 0),
                ("Barang diserahkan (nilai barang)".to_owned(), given, given != value),
            ];
            for (name, value, _) in steps.into_iter().filter(|step| step.2) {
                sums.rows.push(vec![Cell::text(name), Cell::Rupiah(value), per_cent(value, ceiling)]);
            }
        }
    }
    if decided > 0 {
        // What two people found is no sum of goods: it stands beside them.
        let name = format!("Kerugian menurut putusan {decided} kejadian (register kejadian)");
        sums.rows.push(vec![Cell::Text(name), Cell::Rupiah(lost_minor), per_cent(lost_minor, ceiling)]);
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
            day(&one.paid_on),
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
    let mut withdrawn = Table::new(
        "Tagihan yang ditarik (tidak dihitung)",
        &[
            ("No. tagihan", 44),
            ("Kontrak", 44),
            ("Nilai (Rp)", 34),
            ("Alasan", 56),
            ("Diminta oleh", 34),
            ("Disetujui oleh", 34),
        ],
    );
    for one in &money.withdrawn {
        let Some(asked) = &one.withdrawal else { continue };
        withdrawn.rows.push(vec![
            Cell::text(one.number.clone()),
            Cell::text(one.contract.clone()),
            Cell::Rupiah(one.amount_minor),
            Cell::text(asked.reason.clone()),
            Cell::text(asked.asked_by.clone()),
            Cell::text(asked.decided_by.clone().unwrap_or_default()),
        ]);
    }
    let how = "Nilai barang menurut harga kontrak (rata-rata tertimbang bila harganya berbeda). Datang + koreksi = \
               diserahkan + rusak + hilang + kurang + retur + persediaan, per komoditas sampai rupiah."
        .to_owned();
    let mut blocks =
        vec![Block::Table(sums), Block::Table(goods), Block::Text(how), Block::Table(by_round), Block::Table(invoices)];
    blocks.push(Block::Table(paid));
    if !withdrawn.rows.is_empty() {
        blocks.push(Block::Table(withdrawn));
    }
    Ok(blocks)
}

/// The cases of the programme's rounds by which two people found a loss: how many, and how much.
fn losses(desk: &Desk<'_>, conn: &mut Conn) -> Result<(usize, i64), Error> {
    let mut found = Vec::new();
    for round in store::rounds::of_programme(conn, desk.occasion.programme.id)? {
        let filter = Filter { round: Some(round.id), ..Filter::default() };
        let cases = store::cases::list(conn, desk.actor.agency, &filter, None, DOCUMENT_LINES_MAX)?;
        found.extend(cases.into_iter().map(|(case, _)| case));
    }
    let decided = |case: &&Case| matches!(case.state, CaseState::Decided | CaseState::Closed);
    let lost: Vec<i64> =
        found.iter().filter(decided).map(|case| case.posting.loss_minor).filter(|loss| *loss > 0).collect();
    Ok((lost.len(), lost.into_iter().fold(0, i64::saturating_add)))
}

/// What an item cost: so much of it for `minor / over` rupiah, over all that was bought of it.
#[derive(Debug, Clone, Copy)]
struct Cost {
    quantity: i128,
    minor: i128,
    over: i128,
}

impl Cost {
    const NONE: Self = Self { quantity: 0, minor: 0, over: 1 };

    fn and(self, quantity: i64, (pack_size, pack_price_minor): (i64, i64)) -> Self {
        let (mut one, mut other) = (self.over, i128::from(pack_size.max(1)));
        let size = other;
        while other != 0 {
            (one, other) = (other, one % other);
        }
        // `one` is by now what both have in common.
        let over = self.over / one * size;
        Self {
            quantity: self.quantity + i128::from(quantity),
            minor: self.minor * (over / self.over)
                + i128::from(quantity) * i128::from(pack_price_minor) * (over / size),
            over,
        }
    }

    /// What so much of it is worth, without a part of a rupiah.
    fn of(self, quantity: i64) -> i64 {
        let worth =
            i128::from(quantity).checked_mul(self.minor).map(|worth| worth / (self.quantity * self.over).max(1));
        worth.and_then(|worth| i64::try_from(worth).ok()).unwrap_or(i64::MAX)
    }
}

/// The goods of the programme in rupiah, item by item: what came is what went and what lies. What lies is the rest,
/// so no rupiah is lost between figures that were rounded down.
/// Beside it the worth of `beside`, so much of each item.
fn goods_table(desk: &Desk<'_>, conn: &mut Conn, beside: &BTreeMap<String, i64>) -> Result<(Table, i64), Error> {
    let mut beside_minor = 0;
    let contracts = store::contracts::of_programme(conn, desk.occasion.programme.id)?;
    let deliveries = store::contracts::deliveries_of(conn, desk.occasion.programme.id)?;
    let mut table = Table::new(
        "Nilai barang (Rp)",
        &[
            ("Komoditas", 44),
            ("Datang", 30),
            ("Koreksi", 24),
            ("Diserahkan", 30),
            ("Rusak", 24),
            ("Hilang", 24),
            ("Kurang", 24),
            ("Retur", 24),
            ("Persediaan", 30),
        ],
    );
    for one in desk.books.flows() {
        let priced = |contract: &store::contracts::Contract| {
            let line = contract.lines.iter().find(|line| line.item == one.item)?;
            Some((line.pack_size, line.pack_price_minor))
        };
        // By what was delivered; before anything was, by what was ordered, or by what the package says.
        let mut cost = Cost::NONE;
        for delivery in &deliveries {
            let price = contracts.iter().find(|contract| contract.id == delivery.contract).and_then(priced);
            let lines = delivery.lines.iter().filter(|line| line.item == one.item);
            cost = price.map_or(cost, |price| lines.fold(cost, |cost, line| cost.and(line.good + line.damaged, price)));
        }
        if cost.quantity == 0 {
            let package = desk.items().iter().find(|item| item.code == one.item);
            let listed = package.map(|item| (item.pack_size, item.pack_price_minor.minor()));
            cost = contracts.iter().find_map(priced).or(listed).map_or(cost, |price| cost.and(1, price));
        }
        beside_minor += cost.of(beside.get(&one.item).copied().unwrap_or(0));
        let f = one.flow;
        let [came, corrected, given, damaged, lost, short, returned] =
            [f.delivered, f.corrected, f.handed_over, f.damaged, f.lost, f.short, f.returned].map(|of| cost.of(of));
        let rest = came + corrected - given - damaged - lost - short - returned;
        let mut row = vec![Cell::text(one.name)];
        row.extend([came, corrected, given, damaged, lost, short, returned, rest].map(Cell::Rupiah));
        table.rows.push(row);
    }
    table.total("Jumlah", &[1, 2, 3, 4, 5, 6, 7, 8]);
    Ok((table, beside_minor))
}

/// What went out by these cases beside the redemptions, item by item: packages as their rounds have them.
fn quantities(conn: &mut Conn, cases: &[Case]) -> Result<BTreeMap<String, i64>, Error> {
    let mut packages: BTreeMap<RoundId, Vec<Item>> = BTreeMap::new();
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    for case in cases {
        let Some(id) = case.round else { continue };
        if let Entry::Vacant(free) = packages.entry(id) {
            let package = match store::rounds::find(conn, id)? {
                Some(round) => store::packages::find(conn, round.package)?,
                None => None,
            };
            free.insert(package.map(|package| package.items).unwrap_or_default());
        }
        for item in packages.get(&id).into_iter().flatten() {
            *found.entry(item.code.clone()).or_default() += case.posting.extra_packages * item.quantity;
        }
    }
    Ok(found)
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
        // A household whose place another took is one with that other.
        Cell::Count(store::closings::households(conn, desk.occasion.round.id)?),
        Cell::or_blank(&programme.decree_no),
        Cell::text("daftar program (P3KE/DTSEN)"),
        Cell::Count(open),
        Cell::Rupiah(programme.ceiling.minor()),
        Cell::Rupiah(money.paid_minor),
        Cell::Rupiah(books.round_realised.minor()),
    ]);
    Ok(vec![Block::Table(table)])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_bought_at_two_prices_is_worth_their_average_to_the_rupiah() {
        let rice = Cost::NONE.and(600_000, (1_000, 16_000)).and(400_000, (1_000, 15_000));
        assert_eq!(rice.of(1_000_000), 600 * 16_000 + 400 * 15_000, "all of it is what was paid");
        assert_eq!(rice.of(10_000), 156_000);
        // Packs of other sizes, and quantities that are no whole packs.
        let eggs = Cost::NONE.and(300, (30, 58_000)).and(120, (12, 24_000)).and(7, (30, 58_000));
        assert_eq!(eggs.of(427), 10 * 58_000 + 10 * 24_000 + 7 * 58_000 / 30);
        assert_eq!((Cost::NONE.of(5), eggs.of(0), eggs.of(-427)), (0, 0, -eggs.of(427)));
        assert_eq!(Cost::NONE.and(i64::MAX, (1, i64::MAX)).of(i64::MAX), i64::MAX, "and nothing overflows");
    }
}
