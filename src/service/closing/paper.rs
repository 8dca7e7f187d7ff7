//! A close and its addenda as papers: what was closed, what differed and why, and the two who answer for it.

use super::super::document::{DocumentView, FileForm, beside, table_file};
use super::super::{Actor, Error, Office, Refusal, programme};
use super::{ClosingView, owned, seal, view};
use crate::domain::audit::Event;
use crate::domain::closing::{ClosingState, Difference, Figures, Moved};
use crate::domain::document::{
    Block, Cell, Document, Fact, Kind, Occasion, Scope, Signature, Table, default_signatures, said_beside,
};
use crate::domain::id::{ClosingId, DocumentId, Identifier, RoundId, UserId};
use crate::domain::role::Action;
use crate::domain::time::{Language, Timestamp, Zone, plain_date};
use crate::store::closings::Closing;
use crate::store::goods::Known;
use crate::store::{self, Conn};
use crate::words::Words;

/// A close in the pack of a round: its point, whether it waits for its second signature, and its paper.
pub(in crate::service) type Packed = (String, bool, DocumentView);

impl Office {
    /// A close or an addendum as a file, and the name that suits it. The look is on record.
    pub fn closing_file(&self, actor: &Actor, id: ClosingId, form: FileForm) -> Result<(String, Vec<u8>), Error> {
        let view = self.closing_paper(actor, id)?;
        self.view_file(view, form)
    }

    /// One table of the same, counted from 1. The look is on record.
    pub fn closing_table(&self, actor: &Actor, id: ClosingId, number: usize) -> Result<(String, Vec<u8>), Error> {
        table_file(&self.closing_paper(actor, id)?.document, number)
    }

    fn closing_paper(&self, actor: &Actor, id: ClosingId) -> Result<DocumentView, Error> {
        actor.must(Action::ReadClosings)?;
        let view = self.pool.read_snapshot(|conn| {
            let close = owned(conn, actor, id)?;
            paper(conn, actor, close)
        })?;
        self.record_look(actor, Event::DocumentRead, id, view.document.number.clone())?;
        Ok(view)
    }

    /// The closes and addenda of a round, each period's in order.
    pub(in crate::service) fn closings_to_pack(&self, actor: &Actor, round: RoundId) -> Result<Vec<Packed>, Error> {
        actor.must(Action::ReadClosings)?;
        self.pool.read_snapshot(|conn| {
            programme::owned_round(conn, actor, round)?;
            let points = store::points::of_agency(conn, actor.agency)?;
            let code = |id| points.iter().find(|point| Some(point.id) == id).map(|point| point.code.clone());
            let all = store::closings::of_round(conn, round)?;
            all.into_iter()
                .map(|one| {
                    let waits = one.state == ClosingState::AwaitingSignature;
                    Ok((code(one.point).unwrap_or_default(), waits, paper(conn, actor, one)?))
                })
                .collect()
        })
    }
}

/// What a close is said with.
struct Desk<'a> {
    one: &'a ClosingView,
    items: &'a [Known],
    zone: Zone,
    words: Words,
    /// Whether the fingerprint is of more than the figures.
    whole: bool,
}

fn paper(conn: &mut Conn, actor: &Actor, close: Closing) -> Result<DocumentView, Error> {
    let round = store::rounds::find(conn, close.round)?.ok_or(Refusal::NotFound("round"))?;
    let programme = store::programmes::find(conn, round.programme)?.ok_or(Refusal::NotFound("programme"))?;
    let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
    let agency = store::agencies::find(conn, programme.agency)?.ok_or(Refusal::NotFound("agency"))?;
    let point = match close.point {
        Some(id) => store::points::find(conn, id)?,
        None => None,
    };
    let items = store::goods::items_of(conn, programme.id)?;
    let people = (person(conn, Some(close.made_by))?, person(conn, close.signed.map(|(by, _)| by))?);
    let signed_at = close.signed.map(|(_, at)| at);
    let mut signatures = own_signatures(&people, close.state, close.addendum_no > 0);
    let set = store::documents::signatures(conn, agency.id, Kind::Closing)?;
    signatures.extend(if set.is_empty() { default_signatures(Kind::Closing) } else { set });
    let content = seal::content(&close)?;
    let whole = content != close.figures;
    let document_id = DocumentId::from_bytes(*close.id.bytes());
    let (hash, cut_off, made_at, zone) = (close.hash, close.cut_off, close.made_at, agency.zone);
    let addenda = if close.addendum_no == 0 {
        let mut all = store::closings::of_scope(conn, close.round, &close.scope)?;
        all.retain(|one| one.addendum_no > 0);
        view::views(conn, actor, all)?
    } else {
        Vec::new()
    };
    let one = view::one_view(conn, actor, close)?;
    let occasion = Occasion {
        unsynced: one.figures.unsynced,
        scope: point.map_or(Scope::Round, |point| Scope::Point(Box::new(point))),
        number: one.number.clone(),
        agency,
        programme,
        round,
        package,
        cut_off,
        signatures,
    };
    let desk = Desk { one: &one, items: &items, zone, words: Words::for_language(Language::Id), whole };
    let mut document = occasion.document(Kind::Closing);
    if one.addendum_no > 0 {
        "ADENDUM BERITA ACARA PENUTUPAN".clone_into(&mut document.title);
        let devices = document.cut_off.split(';').next().unwrap_or_default().to_owned();
        document.cut_off = devices;
    }
    let beside = if one.addendum_no == 0 && one.day.is_none() { beside(conn, &occasion)? } else { Vec::new() };
    if !beside.is_empty() {
        // Why more left the place than the receipts say.
        document.facts.push(Fact::new("Barang keluar lainnya", said_beside(&beside)));
    }
    desk.facts(&mut document, (&people.0.0, &people.1.0), signed_at);
    document.blocks = if one.addendum_no > 0 { desk.after() } else { desk.blocks(&addenda) };
    Ok(DocumentView {
        id: document_id,
        round: one.round_id,
        cut_off,
        hash,
        made_at,
        zone,
        document,
        content: content.into_bytes(),
    })
}

/// The name of a person and what they are.
fn person(conn: &mut Conn, id: Option<UserId>) -> Result<(String, String), Error> {
    let found = match id {
        Some(id) => store::users::find(conn, id)?,
        None => None,
    };
    let words = Words::for_language(Language::Id);
    Ok(found.map(|user| (user.name, words.of("role", user.role.as_str()))).unwrap_or_default())
}

/// Who closed, and who signs beside them where something differs.
fn own_signatures(
    ((maker, as_maker), (signer, as_signer)): &((String, String), (String, String)),
    state: ClosingState,
    addendum: bool,
) -> Vec<Signature> {
    let place =
        |caption: &str, title: &str, name: &str| Signature { name: name.to_owned(), ..Signature::of(caption, title) };
    let mut all = vec![place(if addendum { "Yang membuat adendum," } else { "Yang menutup," }, as_maker, maker)];
    if !signer.is_empty() || state == ClosingState::AwaitingSignature {
        let title = if signer.is_empty() { "(belum ditandatangani)" } else { as_signer };
        all.push(place("Yang turut memeriksa selisih,", title, signer));
    }
    all
}

impl Desk<'_> {
    fn said(&self, iso: &str) -> String {
        Timestamp::parse(iso)
            .map_or_else(|_| iso.to_owned(), |at| format!("{} {}", at.short(self.zone), self.zone.label()))
    }

    fn facts(&self, document: &mut Document, (maker, signer): (&str, &str), signed_at: Option<Timestamp>) {
        let one = self.one;
        let period = match (&one.point, &one.day) {
            (None, _) => "seluruh tahap, semua titik".to_owned(),
            (Some(_), None) => "titik ini, seluruh tahap".to_owned(),
            (Some(_), Some(day)) => {
                let day = day.parse().map_or_else(|_| day.clone(), |day| plain_date(day, Language::Id));
                format!("titik ini, {day}")
            }
        };
        let state = match (one.state, one.addendum_no) {
            (_, 1..) => "adendum; angka penutupan tidak berubah",
            (ClosingState::AwaitingSignature, _) => "BELUM DITUTUP: menunggu tanda tangan kedua",
            (ClosingState::Closed, _) => "ditutup",
        };
        let signed = match signed_at {
            Some(at) => format!("{signer}, {} {}", at.short(self.zone), self.zone.label()),
            None if one.addendum_no > 0 => "tidak diperlukan untuk adendum".to_owned(),
            None if one.state == ClosingState::Closed => "tidak diperlukan: tidak ada selisih".to_owned(),
            None => "belum".to_owned(),
        };
        document.facts.extend([
            Fact::new("Periode", period),
            Fact::new("Keadaan", state),
            Fact::new(
                if one.addendum_no > 0 { "Dibuat oleh" } else { "Ditutup oleh" },
                format!("{maker}, {}", self.said(&one.made_at)),
            ),
            Fact::new("Turut ditandatangani", signed),
            Fact::new("Sidik SHA-256", one.hash.clone()),
        ]);
        if !one.reason.is_empty() {
            document.facts.push(Fact::new("Alasan selisih", one.reason.clone()));
        }
    }

    /// The blocks of a close.
    fn blocks(&self, addenda: &[ClosingView]) -> Vec<Block> {
        let one = self.one;
        let figures = &one.figures;
        let mut blocks = vec![
            Block::Text(format!(
                "Kupon, barang, dan uang periode ini dicocokkan menurut yang diterima server sampai batas data. Angka di \
                 bawah tidak berubah; yang datang kemudian masuk adendum dengan nomor sendiri. {} sidik yang sama \
                 tercatat di log.",
                if self.whole {
                    "Sidik mengikat nomor, periode, batas data, alasan, pembuat, dan semua angka;"
                } else {
                    "Sidik mengikat semua angka;"
                }
            )),
            Block::Table(self.vouchers(figures)),
            Block::Table(money(figures, one.point.is_none())),
            Block::Table(self.due(figures)),
            Block::Table(self.goods(figures)),
        ];
        blocks.push(Block::Table(self.differences(&one.differences)));
        if !figures.uncollected.is_empty() {
            let mut table = Table::new("6. Belum diambil menurut alasan", &[("Alasan", 120), ("KPM / paket", 40)]);
            let rows = figures.uncollected.iter();
            table.rows.extend(rows.map(|(reason, count)| vec![Cell::text(reason.clone()), Cell::Count(*count)]));
            table.total("Jumlah", &[1]);
            blocks.push(Block::Table(table));
        }
        if !figures.cases.is_empty() || !figures.cases_without_round.is_empty() {
            let mut table = Table::new("7. Kejadian yang masih terbuka", &[("Jenis", 120), ("Jumlah", 40)]);
            let kind = |code: &str| self.words.of("case-kind", code);
            let rows = figures.cases.iter().map(|(code, count)| (kind(code), *count));
            let others = figures.cases_without_round.iter();
            let others = others.map(|(code, count)| (format!("{}, tanpa tahap", kind(code)), *count));
            table.rows.extend(rows.chain(others).map(|(kind, count)| vec![Cell::Text(kind), Cell::Count(count)]));
            table.total("Jumlah", &[1]);
            blocks.push(Block::Table(table));
        }
        if !addenda.is_empty() {
            blocks.push(Block::Table(self.addenda(addenda)));
        }
        blocks
    }

    fn vouchers(&self, figures: &Figures) -> Table {
        let v = &figures.vouchers;
        let mut table = Table::new("1. Kupon", &[("Keadaan", 120), ("KPM / paket", 40)]);
        for (state, count) in [
            ("redeemed", v.redeemed),
            ("available", v.available),
            ("leased", v.leased),
            ("unresolved", v.unresolved),
            ("revoked", v.revoked),
            ("expired", v.expired),
        ] {
            table.rows.push(vec![Cell::Text(self.words.of("state", state)), Cell::Count(count)]);
        }
        table.total(&format!("Diterbitkan (lewat wakil: {})", figures.by_proxy), &[1]);
        table
    }

    fn measured<const N: usize>(&self, code: &str, quantities: [i64; N]) -> Vec<Cell> {
        match self.items.iter().find(|item| item.code == code) {
            Some(item) => {
                let pack = (item.pack_size, item.pack_name.as_str());
                let unit = Cell::Coded(item.pack_name.clone(), item.unit.word().to_owned());
                let figures = quantities.map(|quantity| Cell::measure(quantity, pack, item.unit));
                std::iter::once(unit).chain(figures).collect()
            }
            None => std::iter::once(Cell::Blank).chain(quantities.map(Cell::Count)).collect(),
        }
    }

    fn due(&self, figures: &Figures) -> Table {
        let columns =
            [("Barang", 50), ("Satuan", 22), ("Seharusnya", 30), ("Diserahkan (tanda terima)", 34), ("Selisih", 26)];
        let mut table = Table::new("3. Barang menurut kupon", &columns).parted("Satuan", &UNITS);
        for line in &figures.goods {
            let mut row = vec![Cell::text(line.name.clone())];
            row.extend(self.measured(&line.item, [line.due, line.given, line.given - line.due]));
            table.rows.push(row);
        }
        table
    }

    fn goods(&self, figures: &Figures) -> Table {
        let columns = [
            ("Barang", 30),
            ("Satuan", 15),
            ("Diterima", 18),
            ("Koreksi", 16),
            ("Diserahkan", 18),
            ("Rusak", 14),
            ("Hilang", 14),
            ("Retur", 14),
            ("Dipindahkan", 18),
            ("Sisa hitung", 18),
            ("Menurut hitungan", 19),
            ("Di jalan", 16),
            ("Kurang", 16),
        ];
        let mut table = Table::new("4. Barang menurut buku", &columns).parted("Satuan", &UNITS);
        for line in &figures.goods {
            let b = &line.balance;
            let mut row = vec![Cell::text(line.name.clone())];
            row.extend(self.measured(
                &line.item,
                [
                    b.received,
                    b.corrected,
                    b.handed_over,
                    b.damaged,
                    b.lost,
                    b.returned,
                    b.moved,
                    b.remaining,
                    line.counted.unwrap_or(0),
                    line.on_the_way,
                    line.short,
                ],
            ));
            if line.counted.is_none()
                && let Some(cell) = row.get_mut(10)
            {
                *cell = Cell::Blank;
            }
            table.rows.push(row);
        }
        table
    }

    fn differences(&self, found: &[Difference]) -> Table {
        let columns = [
            ("Apa yang berbeda", 60),
            ("Titik", 20),
            ("Barang, tagihan, atau perangkat", 36),
            ("Seharusnya", 26),
            ("Ternyata", 26),
            ("Selisih", 26),
        ];
        let mut table = Table::new("5. Selisih", &columns);
        for one in found {
            let known = self.items.iter().find(|item| Some(&item.code) == one.item.as_ref());
            let figure = |number: i64| match known {
                _ if one.is_money() => Cell::Rupiah(number),
                Some(item) => Cell::Goods(item.said(number)),
                None => Cell::Count(number),
            };
            table.rows.push(vec![
                Cell::Text(self.words.of("difference", &one.code)),
                Cell::or_blank(one.place.as_deref().unwrap_or_default()),
                Cell::or_blank(known.map_or(one.item.as_deref().unwrap_or_default(), |item| item.name.as_str())),
                figure(one.expected),
                figure(one.found),
                figure(one.found - one.expected),
            ]);
        }
        table
    }

    fn addenda(&self, addenda: &[ClosingView]) -> Table {
        let columns = [
            ("Nomor", 54),
            ("Batas data", 34),
            ("Tanda terima", 20),
            ("Nilai (Rp)", 26),
            ("Mutasi barang", 20),
            ("Dibuat oleh", 34),
            ("Sidik", 26),
        ];
        let mut table = Table::new("Lampiran: adendum sampai kertas ini dicetak", &columns);
        for one in addenda {
            table.rows.push(vec![
                Cell::text(one.number.clone()),
                Cell::Text(self.said(&one.cut_off)),
                Cell::Count(one.figures.vouchers.redeemed),
                Cell::Rupiah(one.figures.cash.realised_minor),
                Cell::Count(i64::try_from(one.figures.moves.len()).unwrap_or(i64::MAX)),
                Cell::text(one.made_by.clone()),
                Cell::Text(grouped_hash(&one.hash)),
            ]);
        }
        table.total("Jumlah", &[2, 3, 4]);
        table
    }

    /// The blocks of an addendum.
    fn after(&self) -> Vec<Block> {
        let figures = &self.one.figures;
        let mut late = Table::new(
            "1. Tanda terima yang datang sesudah penutupan",
            &[
                ("No.", 8),
                ("Nomor", 40),
                ("Dipindai", 38),
                ("Terhadap penutupan", 34),
                ("Diterima server", 38),
                ("Nilai (Rp)", 26),
            ],
        );
        for (number, one) in (1..).zip(&figures.late) {
            late.rows.push(vec![
                Cell::Number(number),
                Cell::text(one.number.clone()),
                Cell::Text(self.said(&one.scanned_at)),
                Cell::text(if one.scanned_before { "sebelum" } else { "sesudah" }),
                Cell::Text(self.said(&one.received_at)),
                Cell::Rupiah(one.value_minor),
            ]);
        }
        late.total(&format!("Jumlah: {} tanda terima", figures.late.len()), &[5]);
        let mut moves = Table::new(
            "2. Mutasi barang sesudah penutupan",
            &[
                ("No.", 8),
                ("Waktu", 34),
                ("Apa", 36),
                ("Surat jalan / kejadian", 28),
                ("Titik", 20),
                ("Barang", 32),
                ("Jumlah", 24),
                ("Kerugian (Rp)", 24),
            ],
        );
        for (number, one) in (1..).zip(&figures.moves) {
            moves.rows.push(vec![
                Cell::Number(number),
                Cell::Text(self.said(&one.at)),
                Cell::text(Moved::word(&one.what)),
                Cell::or_blank(&one.reference),
                Cell::text(one.point.clone().unwrap_or_else(|| "Gudang".to_owned())),
                Cell::or_blank(&one.name),
                if one.said.is_empty() { Cell::Blank } else { Cell::Goods(one.said.clone()) },
                Cell::Rupiah(one.value_minor),
            ]);
        }
        if !moves.rows.is_empty() {
            moves.total("Jumlah", &[7]);
        }
        vec![
            Block::Text(
                "Yang diterima server sesudah penutupan atau adendum sebelumnya. Angka penutupan tidak berubah; \
                 penutupan beserta semua adendumnya sama dengan buku kupon dan barang. Uang program (tagihan, pembayaran) \
                 dinyatakan menurut batas data penutupan saja."
                    .to_owned(),
            ),
            Block::Table(late),
            Block::Table(moves),
        ]
    }
}

/// The headings of a unit in files.
const UNITS: [&str; 2] = ["Satuan di kertas", "Satuan"];

/// The first signs of a hash in hexadecimal, in groups as the foot of a paper has them.
fn grouped_hash(hash: &str) -> String {
    let signs = hash.as_bytes().chunks(4).take(4);
    signs.map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ")
}

fn money(figures: &Figures, of_round: bool) -> Table {
    let cash = &figures.cash;
    let mut table = Table::new("2. Uang", &[("Uraian", 120), ("Nilai (Rp)", 40)]);
    let mut rows = vec![
        ("Nilai kupon yang diterbitkan", cash.issued_minor),
        ("Diserahkan menurut tanda terima", cash.realised_minor),
        ("Diserahkan menurut jumlah barang kali harga", cash.priced_minor),
    ];
    if of_round {
        rows.extend([
            ("Barang diterima baik dari penyedia (program)", cash.delivered_minor),
            ("Tagihan penyedia (program)", cash.invoiced_minor),
            ("Dibayar, SP2D (program)", cash.paid_minor),
            ("Di antaranya tanpa tagihan yang cocok", cash.unmatched_minor),
        ]);
    }
    table.rows.extend(rows.into_iter().map(|(name, value)| vec![Cell::text(name), Cell::Rupiah(value)]));
    table
}
