//! Goods on paper: the plan, the surat jalan, the BAST gudang → titik, the inspection, vouchers against goods.

use super::{Desk, day, place};
use crate::domain::document::{Beside, Block, Cell, Fact, Table, said_beside};
use crate::domain::exception::Cause;
use crate::domain::id::PointId;
use crate::domain::package::Item;
use crate::service::{Error, Refusal};
use crate::store::exceptions::Counted;
use crate::store::reconcile;
use crate::store::{self, Conn};

/// R2: what goes where.
pub(super) fn plan(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let planned = store::closings::planned(conn, desk.occasion.round.id)?;
    let sessions = store::rounds::sessions_of(conn, desk.occasion.round.id)?;
    let zone = desk.occasion.agency.zone;
    let mut columns = vec![
        ("No.", 8),
        ("Kode titik", 22),
        ("Nama titik", 50),
        ("Kecamatan", 30),
        ("PJ titik", 34),
        ("Sesi", 10),
        ("Waktu", 34),
        ("Jumlah KPM", 18),
    ];
    // Figures under a heading with their unit, so that whoever loads the vehicles can add them up.
    let unit = |item: &Item| if item.quantity % item.pack_size.max(1) == 0 { item.pack_size.max(1) } else { 1 };
    let named: Vec<String> = desk
        .items()
        .iter()
        .map(|item| {
            let of = if unit(item) == item.pack_size { item.pack_name.as_str() } else { item.unit.word() };
            format!("{} ({of})", item.name)
        })
        .collect();
    columns.extend(named.iter().map(|name| (name.as_str(), 26)));
    columns.push(("Moda (darat/sungai)", 24));
    let mut table = Table::new("Rencana penyaluran", &columns);
    for point in desk.points() {
        for (_, session, count) in planned.iter().filter(|line| line.0 == point.id) {
            let slot = sessions.iter().find(|slot| slot.point == point.id && slot.number == *session);
            let mut row = vec![
                place(&table),
                Cell::text(point.code.clone()),
                Cell::text(point.name.clone()),
                Cell::text(point.sub_district.clone()),
                // Who answers for the point, and by which way goods come, an office writes by hand.
                Cell::Blank,
                Cell::text(session.to_string()),
                slot.map_or(Cell::Blank, |slot| {
                    Cell::text(format!("{}–{}", slot.starts_at.short(zone), slot.ends_at.clock(zone)))
                }),
                Cell::Count(*count),
            ];
            row.extend(desk.items().iter().map(|item| Cell::Count(count * item.quantity / unit(item))));
            row.push(Cell::Blank);
            table.rows.push(row);
        }
    }
    let sums: Vec<usize> = (7..=7 + desk.items().len()).collect();
    table.total("Jumlah", &sums);
    Ok(vec![Block::Table(table)])
}

/// R3: a shipment on its way, or as it was counted.
pub(super) fn waybill(desk: &Desk<'_>, conn: &mut Conn, number: i32, counted: bool) -> Result<Vec<Block>, Error> {
    let found = store::stock::shipments_of(conn, desk.occasion.round.id)?;
    let one = found.into_iter().find(|one| one.number == number).ok_or(Refusal::NotFound("shipment"))?;
    if counted && one.received.is_none() {
        return Err(Refusal::WrongStep("uncounted").into());
    }
    let zone = desk.occasion.agency.zone;
    let place_of = |id| {
        desk.books
            .points
            .iter()
            .find(|point| Some(point.id) == id)
            .map_or_else(|| "Gudang".to_owned(), |point| format!("{} – {}", point.code, point.name))
    };
    let mut facts = vec![
        Fact::new("Surat jalan nomor", one.number.to_string()),
        Fact::new("Dari", place_of(one.from)),
        Fact::new("Ke", place_of(one.to)),
        Fact::new("Kendaraan/perahu", one.vehicle.clone()),
        Fact::new("Pengemudi", one.driver.clone()),
        Fact::new("Segel", one.seal.clone()),
        Fact::new("Berangkat", format!("{} {}", one.sent_at.short(zone), zone.label())),
    ];
    if let Some((_, at)) = one.received.filter(|_| counted) {
        facts.push(Fact::new("Diterima dan dihitung", format!("{} {}", at.short(zone), zone.label())));
    }
    let columns: &[(&str, u16)] = if counted {
        &[
            ("No.", 8),
            ("Komoditas", 50),
            ("Satuan", 20),
            ("Dikirim", 24),
            ("Diterima baik", 24),
            ("Rusak", 20),
            ("Kurang", 20),
            ("Keterangan", 40),
        ]
    } else {
        &[("No.", 8), ("Komoditas", 60), ("Satuan", 24), ("Dikirim", 30), ("Keterangan", 60)]
    };
    let mut table = Table::new("Barang", columns);
    for line in &one.lines {
        let short = line.sent - line.good - line.damaged;
        let mut row = vec![place(&table), desk.name(&line.item)];
        if counted {
            let (unit, figures) = desk.measured(&line.item, [line.sent, line.good, line.damaged, short]);
            row.push(unit);
            row.extend(figures);
        } else {
            let (unit, figures) = desk.measured(&line.item, [line.sent]);
            row.push(unit);
            row.extend(figures);
        }
        row.push(Cell::Blank);
        table.rows.push(row);
    }
    let note = if counted { one.receipt_note } else { one.note };
    let mut blocks = vec![Block::Facts(facts), Block::Table(table)];
    if !note.is_empty() {
        blocks.push(Block::Text(format!("Catatan: {note}")));
    }
    if counted {
        blocks.push(Block::Text(
            "Barang dihitung oleh penerima sebelum ditandatangani. Yang rusak dan kurang tercatat sebagai kejadian."
                .to_owned(),
        ));
    }
    Ok(blocks)
}

/// R4: samples that were weighed when suppliers delivered.
pub(super) fn inspection(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let deliveries = store::contracts::deliveries_of(conn, desk.occasion.programme.id)?;
    let mut counts = Table::new(
        "Penerimaan dari penyedia",
        &[
            ("No.", 8),
            ("Dokumen", 38),
            ("Tanggal", 32),
            ("Komoditas", 40),
            ("Satuan", 20),
            ("Baik", 24),
            ("Rusak", 20),
            ("Kurang", 20),
        ],
    );
    let mut samples = Table::new(
        "Contoh yang ditimbang",
        &[
            ("No. contoh", 16),
            ("Dokumen", 40),
            ("Komoditas", 40),
            ("Berat label", 24),
            ("Berat timbang", 24),
            ("Kondisi", 30),
            ("Keputusan", 30),
        ],
    );
    for one in deliveries.iter().filter(|one| one.received_at <= desk.occasion.cut_off) {
        for line in &one.lines {
            let (unit, figures) = desk.measured(&line.item, [line.good, line.damaged, line.short]);
            let mut row = vec![
                place(&counts),
                Cell::text(one.document_no.clone()),
                day(&one.delivered_on),
                desk.name(&line.item),
                unit,
            ];
            row.extend(figures);
            counts.rows.push(row);
        }
        for sample in &one.samples {
            samples.rows.push(vec![
                place(&samples),
                Cell::text(one.document_no.clone()),
                desk.name(&sample.item),
                desk.goods(&sample.item, sample.labelled),
                desk.goods(&sample.item, sample.found),
                Cell::text(sample.condition.clone()),
                Cell::text(sample.decision.clone()),
            ]);
        }
    }
    Ok(vec![Block::Table(counts), Block::Table(samples)])
}

/// How much less of an item was due at a point than its vouchers would say: what a household gets later after a short
/// handout was due then, and is due once; another exception is due for what it holds.
fn less(exceptions: &[Counted], point: PointId, item: &Item) -> i64 {
    let handed = exceptions.iter().filter(|one| one.point == point && one.day.is_some());
    let holds = |one: &Counted| if one.cause == Cause::Short { 0 } else { one.holds(&item.code) };
    handed.map(|one| item.quantity - holds(one)).sum()
}

/// R11: vouchers against goods, point by point.
pub(super) fn reconciliation(desk: &Desk<'_>, conn: &mut Conn) -> Result<Vec<Block>, Error> {
    let handed = reconcile::handed(conn, desk.occasion.round.id)?;
    let beside = store::cases::with_extra_packages(conn, desk.occasion.programme.id)?;
    let exceptions: Vec<Counted> = store::exceptions::counted(conn, desk.occasion.round.id)?.into_values().collect();
    let zone = desk.occasion.agency.zone;
    let mut table = Table::new(
        "Kupon dan barang per titik",
        &[
            ("Titik", 18),
            ("Komoditas", 34),
            ("Satuan", 18),
            ("Kupon ditebus", 16),
            ("Seharusnya keluar", 24),
            ("Diterima", 22),
            ("Koreksi", 18),
            ("Diserahkan", 22),
            ("Rusak", 16),
            ("Hilang", 16),
            ("Retur", 16),
            ("Dipindahkan", 25),
            ("Sisa hitung", 18),
            ("Hitungan fisik", 22),
            ("Waktu hitung", 24),
            ("Selisih", 18),
            ("Penjelasan", 34),
        ],
    )
    .parted("Satuan", &["Satuan di kertas", "Satuan"]);
    for point in desk.points() {
        let redeemed: i64 = handed.iter().filter(|line| line.point == point.id).map(|line| line.count).sum();
        let here = beside.iter().filter(|case| case.point == Some(point.id));
        let here: Vec<Beside> =
            here.map(|case| Beside { case: case.reference(), packages: case.posting.extra_packages }).collect();
        let went = if here.is_empty() { String::new() } else { said_beside(&here) };
        for item in desk.items() {
            let balance = desk.books.balance(Some(point.id), &item.code);
            if redeemed == 0 && balance == crate::domain::stock::Balance::default() {
                continue;
            }
            let counted = desk.books.last_count(Some(point.id), &item.code);
            let found = counted.map_or([0, 0], |count| [count.counted, count.difference]);
            let (unit, [due, received, corrected, given, damaged, lost, returned, moved, left, lies, off]) = desk
                .exact(
                    item,
                    [
                        redeemed * item.quantity - less(&exceptions, point.id, item),
                        balance.received,
                        balance.corrected,
                        balance.handed_over,
                        balance.damaged,
                        balance.lost,
                        balance.returned,
                        balance.moved,
                        balance.remaining,
                        found[0],
                        found[1],
                    ],
                );
            let if_counted = |cell: Cell| if counted.is_some() { cell } else { Cell::Blank };
            table.rows.push(vec![
                Cell::text(point.code.clone()),
                Cell::text(item.name.clone()),
                unit,
                Cell::Count(redeemed),
                due,
                received,
                corrected,
                given,
                damaged,
                lost,
                returned,
                moved,
                left,
                if_counted(lies),
                counted.map_or(Cell::Blank, |count| Cell::text(count.at.short(zone))),
                if_counted(off),
                Cell::or_blank(
                    &[went.as_str(), counted.map_or("", |count| count.note.as_str())]
                        .into_iter()
                        .filter(|part| !part.trim().is_empty())
                        .collect::<Vec<_>>()
                        .join("; "),
                ),
            ]);
        }
    }
    Ok(vec![
        Block::Table(table),
        Block::Text(
            "Diterima + koreksi = diserahkan + rusak + hilang + retur + dipindahkan + sisa. Hitungan fisik: yang \
             dihitung orang pada waktu itu; selisihnya terhadap buku saat itu, dikurangi koreksi sesudahnya. Barang \
             mencakup semua tahap program pada titik itu; kupon hanya tahap ini."
                .to_owned(),
        ),
    ])
}
