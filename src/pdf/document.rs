//! A document on A4: letterhead, title, number, what it is about, its text and tables over as many pages as
//! they need, places to sign, and on every page its number, its hash, its cut-off and `Halaman x dari y`.
//!
//! The margin on the left is wide enough for a binder. Nothing is cut: what does not fit is refused by name.

use printpdf::{Mm, PdfDocument, PdfPage, XObject, XObjectId};

use super::Fault;
use super::emblem::Emblem;
use super::finish::{About, finish_with};
use super::flow::{BODY, Flow, LEFT, TOP};
use super::font::{self, Face};
use super::ink::{Align, Area, BLACK, GREY, Ink, MM, Style};
use super::letterhead::letterhead_with;
use super::qr::Code;
use super::signatures::{sign_here, signatures_tall};
use super::stationery::Stationery;
use super::table::Layout;
use super::typeface::Letters;
use super::voucher_sheet::place;
use crate::domain::document::{Block, Document, Fact, Signature, Table};
use crate::domain::time::{Timestamp, Zone};

/// What a file needs besides what the document says.
#[derive(Debug, Clone)]
pub struct Issue<'a> {
    /// The first signs of the document's hash, in groups.
    pub short_hash: &'a str,
    /// When the document was made.
    pub made_at: Timestamp,
    /// The zone in which that is written.
    pub zone: Zone,
    /// Sixteen bytes that no other file has.
    pub document_id: [u8; 16],
    /// The installation's emblem and typeface.
    pub stationery: Stationery,
}

const SHORT: f32 = 210.0;
const LONG: f32 = 297.0;
const RIGHT: f32 = 12.0;
/// What is kept free at the foot, the foot line included.
const FOOT: f32 = 18.0;
/// A module of a code to scan.
const MODULE: f32 = 0.6;
/// What a code of one line takes, with its quiet zone.
const CODE_TALL: f32 = 37.0 * MODULE;
/// The size of facts.
const FACTS: f32 = 8.5;
/// What a heading needs: itself, and a few lines of what it heads.
const HEADING: f32 = 30.0;
/// How many rows, and how many millimetres, a table has at most that stays whole.
const SMALL: usize = 10;
const SMALL_TALL: f32 = 70.0;

/// Makes the file.
pub fn render(document: &Document, issue: &Issue<'_>) -> Result<Vec<u8>, Fault> {
    let letters = issue.stationery.typeface.as_ref().map(Letters::new);
    let pages = lay_out(document, issue, letters.as_ref())?;
    let size = size_of(document);
    let title = format!("{} {}", document.title, document.number);
    let mut file = PdfDocument::new(&title);
    if let Some(emblem) = &issue.stationery.emblem {
        file.resources.xobjects.map.insert(XObjectId("E".to_owned()), XObject::External(emblem.image()));
    }
    for (number, ink) in pages.iter().enumerate() {
        let id = XObjectId(format!("P{number}"));
        let ops = vec![place(id.clone(), (0.0, 0.0), 1.0)];
        file.resources.xobjects.map.insert(id, XObject::External(ink.form(size)));
        file.pages.push(PdfPage::new(Mm(size.0), Mm(size.1), ops));
    }
    let author = document.letterhead.join(", ");
    let about = About { title, author, made_at: issue.made_at, zone: issue.zone, document_id: issue.document_id };
    finish_with(&file, &about, letters.as_ref())
}

const fn size_of(document: &Document) -> (f32, f32) {
    if document.kind.is_landscape() { (LONG, SHORT) } else { (SHORT, LONG) }
}

/// The pages of a document.
fn lay_out(document: &Document, issue: &Issue<'_>, letters: Option<&Letters>) -> Result<Vec<Ink>, Fault> {
    let (wide, high) = size_of(document);
    let mut flow =
        Flow { done: Vec::new(), ink: Ink::new(letters), top: TOP, width: wide - LEFT - RIGHT, foot: high - FOOT };
    head(&mut flow, document, issue.stationery.emblem.as_ref())?;
    for (place, block) in document.blocks.iter().enumerate() {
        let after = document.blocks.get(place + 1..).unwrap_or_default();
        match block {
            Block::Heading(text) => {
                // Never alone at the foot of a page.
                flow.room(HEADING);
                flow.gap(2.0);
                let style = Style::new(Face::Bold, 11.0, 11.0).align(Align::Centre);
                flow.paragraph(text, LEFT, flow.width, style)?;
                flow.gap(1.0);
            }
            Block::Text(text) => flow.paragraph(text, LEFT, flow.width, Style::new(Face::Regular, BODY, BODY))?,
            Block::Item(sign, text) => flow.item(sign, text)?,
            Block::Facts(facts) => {
                facts_below(&mut flow, facts)?;
                flow.gap(1.5);
            }
            Block::Table(table) => {
                let tail = tail(&flow, after, &document.signatures)?;
                set_table(&mut flow, table, tail)?;
            }
            Block::Signatures(signatures) => sign_here(&mut flow, signatures)?,
            Block::Code(text) => code(&mut flow, text)?,
            Block::Page => flow.next_page(),
        }
    }
    sign_here(&mut flow, &document.signatures)?;
    let mut pages = flow.done;
    pages.push(flow.ink);
    let count = pages.len();
    for (number, ink) in pages.iter_mut().enumerate() {
        foot(ink, document, issue, (wide, high), (number + 1, count))?;
    }
    Ok(pages)
}

/// The letterhead, the title, the number, the facts and the cut-off, on the first page.
fn head(flow: &mut Flow, document: &Document, emblem: Option<&Emblem>) -> Result<(), Fault> {
    let area = Area::new(LEFT, flow.top, flow.width, if document.letterhead.len() > 2 { 19.5 } else { 15.0 });
    letterhead_with(&mut flow.ink, emblem, &document.letterhead, area, &|| "letterhead".to_owned())?;
    flow.top = area.bottom() + 4.5;
    let centre = |face, size: f32| Style::new(face, size, size).align(Align::Centre);
    flow.paragraph(&document.title, LEFT, flow.width, centre(Face::Bold, 12.5))?;
    flow.top -= 1.0;
    flow.paragraph(&format!("Nomor: {}", document.number), LEFT, flow.width, centre(Face::Regular, BODY))?;
    flow.gap(1.0);
    facts_below(flow, &document.facts)?;
    flow.gap(0.8);
    flow.paragraph(&document.cut_off, LEFT, flow.width, Style::new(Face::Bold, FACTS, FACTS))?;
    flow.gap(0.5);
    Ok(())
}

/// A code to scan, with the quiet zone that it needs around it.
fn code(flow: &mut Flow, text: &str) -> Result<(), Fault> {
    let code = Code::new(text, 1, "a document")?;
    let count = u16::try_from(code.modules()).unwrap_or(u16::MAX);
    let quiet = 4.0 * MODULE;
    flow.room(f32::from(count) * MODULE + 2.0 * quiet);
    for row in 0..count {
        let top = flow.top + quiet + f32::from(row) * MODULE;
        let dark = |column: u16| code.dark(usize::from(column), usize::from(row));
        let mut column = 0;
        while column < count {
            let length = (column..count).take_while(|at| dark(*at)).count();
            let length = u16::try_from(length).unwrap_or(u16::MAX);
            if length > 0 {
                let left = LEFT + quiet + f32::from(column) * MODULE;
                flow.ink.fill(Area::new(left, top, f32::from(length) * MODULE, MODULE), BLACK);
            }
            column += length.max(1);
        }
    }
    flow.gap(f32::from(count) * MODULE + 2.0 * quiet);
    Ok(())
}

/// Facts below each other, with a dotted line where somebody writes.
fn facts_below(flow: &mut Flow, facts: &[Fact]) -> Result<(), Fault> {
    let label_width = 46.0;
    for fact in facts {
        let name = || format!("the line {:?}", fact.label);
        let left = LEFT + label_width;
        let width = flow.width - label_width;
        let value = if fact.value.is_empty() { ".".repeat(110) } else { fact.value.clone() };
        let by_hand = fact.value.is_empty();
        flow.ink.check(&value, &name)?;
        let width = if by_hand { width.min(110.0) } else { width };
        let fitted = if by_hand {
            font::fit_unbroken(&[&value], Face::Regular, (width * MM, 40.0), FACTS, 5.0).and_then(|mut one| one.pop())
        } else {
            font::fit(&value, flow.ink.pen(Face::Regular), ((width - 3.0) * MM, 10_000.0), FACTS, FACTS)
        };
        let fitted = fitted.ok_or_else(|| Fault::TooLong { place: name() })?;
        let height = if by_hand { 6.4 } else { fitted.height() / MM + 0.7 };
        flow.room(height);
        let style = Style::new(Face::Regular, FACTS, 6.0);
        let shift = if by_hand { 2.0 } else { 0.0 };
        let top = flow.top + shift;
        flow.ink.set(&fact.label, Area::new(LEFT, top, label_width - 2.0, 4.0), style, &name)?;
        flow.ink.set(":", Area::new(left - 2.0, top, 2.0, 4.0), style, &name)?;
        flow.ink.set_fitted(&fitted, Area::new(left + 1.0, top, width - 3.0, height), style);
        flow.top += height;
    }
    Ok(())
}

/// The height of what ends a document, when only text and signatures follow: the last line of a table goes with
/// them, so that nobody signs a page on which nothing stands.
fn tail(flow: &Flow, after: &[Block], last: &[Signature]) -> Result<f32, Fault> {
    let mut height = 0.0;
    for block in after {
        match block {
            Block::Text(text) => {
                let pen = flow.ink.pen(Face::Regular);
                let fitted = font::fit(text, pen, (flow.width * MM, 100_000.0), BODY, BODY);
                let fitted = fitted.ok_or_else(|| Fault::TooLong { place: "a paragraph".to_owned() })?;
                let lines = f32::from(u16::try_from(fitted.lines.len()).unwrap_or(u16::MAX));
                height += lines * BODY * font::LEADING / MM + 1.8;
            }
            Block::Code(_) => height += CODE_TALL,
            Block::Signatures(signatures) => return Ok(height + signatures_tall(signatures, flow.width)),
            _ => return Ok(0.0),
        }
    }
    Ok(height + signatures_tall(last, flow.width))
}

/// Sets a table; `tail` is the height of what has to stand on the page of its last line.
fn set_table(flow: &mut Flow, table: &Table, tail: f32) -> Result<(), Fault> {
    let blank = flow.ink.blank();
    let layout = Layout::new(table, LEFT, flow.width, &blank);
    let head = layout.head()?;
    let head_height: f32 = head.iter().map(|row| row.height).sum();
    let page = flow.foot - TOP - head_height;
    let total = layout.total()?;
    let total_height = total.as_ref().map_or(0.0, |total| total.height);
    let caption = if table.caption.is_empty() { 0.0 } else { 6.0 };
    // Headings never stand alone at the foot of a page.
    let first = if table.rows.is_empty() { 8.0 } else { layout.row(0)?.height };
    // A table of one line goes as a whole with what ends the document.
    let whole = first + total_height + 3.0 + tail;
    let first = if table.rows.len() <= 1 && caption + whole <= page { whole } else { first };
    flow.room(caption + head_height + first + 1.0);
    // A small table is not torn apart.
    if table.rows.len() <= SMALL {
        let mut all = caption + head_height + total_height;
        for number in 0..table.rows.len() {
            all += layout.row(number)?.height;
        }
        flow.room(if all <= SMALL_TALL { all } else { 0.0 });
    }
    if !table.caption.is_empty() {
        flow.gap(1.0);
        flow.paragraph(&table.caption, LEFT, flow.width, Style::new(Face::Bold, BODY, BODY))?;
        flow.top -= 0.8;
    }
    flow.top = layout.draw_head(&mut flow.ink, &head, flow.top);
    for number in 0..table.rows.len() {
        let row = layout.row(number)?;
        if row.height > page {
            return Err(Fault::TooLong { place: format!("baris {}", number + 1) });
        }
        // The totals never stand alone on a page: the last row goes with them.
        let last = number + 1 == table.rows.len();
        let ends = row.height + total_height + 3.0 + tail;
        let needed = match last {
            false => row.height,
            true if ends <= page => ends,
            true => row.height + total_height,
        };
        if flow.top + needed > flow.foot && (number > 0 || flow.top + row.height > flow.foot) {
            flow.next_page();
            flow.top = layout.draw_head(&mut flow.ink, &head, flow.top);
        }
        flow.top = layout.draw(&mut flow.ink, &row, flow.top, false);
    }
    if table.rows.is_empty() {
        let style = Style::new(Face::Regular, FACTS, FACTS).shade(GREY);
        flow.gap(1.5);
        flow.paragraph("Nihil.", LEFT + 1.5, flow.width, style)?;
    }
    if let Some(total) = total {
        flow.top = layout.draw_total(&mut flow.ink, &total, flow.top);
    }
    flow.gap(3.0);
    Ok(())
}

/// The foot of a page.
fn foot(
    ink: &mut Ink,
    document: &Document,
    issue: &Issue<'_>,
    (wide, high): (f32, f32),
    (number, count): (usize, usize),
) -> Result<(), Fault> {
    let top = high - FOOT + 5.0;
    let width = wide - LEFT - RIGHT;
    let name = || "foot".to_owned();
    ink.rule(LEFT, top - 1.6, width, 0.4, GREY);
    let style = Style::new(Face::Regular, 7.0, 4.5).shade(GREY);
    let left = format!("{} · Sidik {} · {}", document.number, issue.short_hash, document.cut_off);
    ink.set(&left, Area::new(LEFT, top, width - 34.0, 3.4), style, &name)?;
    let right = Area::new(wide - RIGHT - 32.0, top, 32.0, 3.4);
    ink.set(&format!("Halaman {number} dari {count}"), right, style.align(Align::Right), &name)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::proof::{self, Paper};
    use super::*;
    use crate::domain::document::{Cell, Kind};

    const LONG_NAME: &str = "ABDURRAHMAN MUHAMMAD NUR HIDAYATULLAH SYARIFUDDIN AL-BANJARI";

    fn issue() -> Issue<'static> {
        Issue {
            short_hash: "4be1 90c2 77ad 0153",
            made_at: Timestamp::parse("2026-11-23T16:00:00+08:00").unwrap(),
            zone: Zone::Wita,
            document_id: [7; 16],
            stationery: Stationery::default(),
        }
    }

    fn document(kind: Kind, rows: u32) -> Document {
        let mut table = Table::new(
            "1. Penerima",
            &[("No.", 8), ("Nama / NIK", 40), ("Nilai (Rp)", 18), ("Tanda tangan / cap jempol", 46), ("Lengkap", 12)],
        );
        table.row_height = 12;
        for number in 1..=rows {
            let name = if number % 7 == 0 { LONG_NAME.to_owned() } else { format!("PENERIMA {number}") };
            table.rows.push(vec![
                Cell::text(number.to_string()),
                Cell::Text(format!("{name}\n6402 **** **** {number:04}")),
                Cell::Rupiah(500_000),
                Cell::Sign(number),
                Cell::Tick,
            ]);
        }
        table.total("Jumlah", &[2]);
        Document {
            kind,
            number: "001/DTT/DINSOS/LANSIA-26/T1/2026".into(),
            letterhead: vec![
                "PEMERINTAH KABUPATEN KUTAI KARTANEGARA".into(),
                "DINAS SOSIAL".into(),
                "Jl. Contoh No. 1, Tenggarong 75512".into(),
            ],
            title: kind.title().into(),
            facts: vec![Fact::new("Program", "Bantuan Pangan Lansia"), Fact::new("Nama", "")],
            cut_off: "Data s.d. 23-11-2026 16.00 WITA; 2 perangkat belum sinkron".into(),
            blocks: vec![
                Block::Heading("Lampiran".into()),
                Block::Text("kata ".repeat(200)),
                Block::Item("1.".into(), "butir ".repeat(60)),
                Block::Table(table),
                Block::Text("Terbilang: dua puluh juta rupiah.".into()),
            ],
            signatures: crate::domain::document::default_signatures(kind),
        }
    }

    #[test]
    fn a_document_over_pages_repeats_its_head_and_numbers_every_page() {
        for (kind, name) in [(Kind::ReceiptList, "list"), (Kind::Handover, "minutes")] {
            let paper = Paper::new(&render(&document(kind, 40), &issue()).unwrap(), name);
            paper.assert_sound();
            let text = proof::flat(&paper.text());
            let pages = text.matches("Halaman ").count();
            assert!(pages > 2, "{pages}");
            assert!(text.contains(&format!("Halaman {pages} dari {pages}")), "{text}");
            assert_eq!(text.matches("Sidik 4be1 90c2 77ad 0153").count(), pages);
            assert!(text.matches("Nilai (Rp)").count() >= 3, "the head of the table on each page that it is on");
            for wanted in [LONG_NAME, "PENERIMA 40", "6402 **** **** 0040", "20.000.000", "Nomor: 001/DTT"] {
                assert!(text.contains(wanted), "{wanted} is missing in {text}");
            }
        }
    }

    #[test]
    fn a_code_in_a_document_is_read_from_its_page() {
        let line = "360 ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ";
        let mut minutes = document(Kind::Handover, 2);
        minutes.blocks = vec![Block::Text("Kepala log:".into()), Block::Code(line.into())];
        let paper = Paper::new(&render(&minutes, &issue()).unwrap(), "minutes-code");
        paper.assert_sound();
        assert_eq!(paper.codes(1, 200), [line]);
    }

    #[test]
    fn every_text_keeps_to_its_place_on_every_page() {
        for kind in [Kind::ReceiptList, Kind::Handover, Kind::Substitution] {
            for rows in [0, 1, 9, 40] {
                let document = document(kind, rows);
                for page in lay_out(&document, &issue(), None).unwrap() {
                    proof::assert_apart(&[&page], size_of(&document), &[]);
                }
            }
        }
    }

    #[test]
    fn nobody_signs_a_page_on_which_no_line_stands() {
        for rows in 1..40 {
            for page in lay_out(&document(Kind::ReceiptList, rows), &issue(), None).unwrap() {
                let has = |wanted: &str| page.texts().iter().any(|text| text.text().starts_with(wanted));
                assert!(!has("Bendahara") || has("6402 "), "{rows} rows");
            }
        }
    }

    #[test]
    fn totals_never_stand_on_a_page_without_a_line() {
        for rows in 1..40 {
            for page in lay_out(&document(Kind::ReceiptList, rows), &issue(), None).unwrap() {
                let has = |wanted: &str| page.texts().iter().any(|text| text.text().starts_with(wanted));
                assert!(!has("Jumlah") || has("6402 "), "{rows} rows");
            }
        }
    }

    #[test]
    fn the_same_document_is_the_same_file() {
        let document = document(Kind::ReceiptList, 3);
        assert_eq!(render(&document, &issue()).unwrap(), render(&document, &issue()).unwrap());
    }

    #[test]
    fn a_name_outside_the_built_in_faces_is_set_in_the_installations_typeface() {
        let Some(typeface) = super::super::voucher_tests::typeface() else { return };
        let stationery = Stationery { emblem: None, typeface: Some(typeface) };
        let with = Issue { stationery, ..issue() };
        let names = ["ŁUKASZ NUR’AINI", "Владимир Ким", "NGUYỄN THỊ ÁNH"];
        let mut list = document(Kind::ReceiptList, 60);
        let Block::Table(table) = &mut list.blocks[3] else { panic!("no table") };
        for (row, name) in table.rows.iter_mut().step_by(20).zip(names) {
            row[1] = Cell::Text(format!("{name}\n6402 **** **** 0001"));
        }
        list.facts.push(Fact::new("Saksi", names[0]));
        list.signatures[0].name = names[1].into();
        list.blocks.insert(1, Block::Text(format!("Diserahkan oleh {}.", names[2])));
        let paper = Paper::new(&render(&list, &with).unwrap(), "typeface-list");
        paper.assert_sound();
        let text = proof::flat(&paper.text());
        for name in names {
            assert_eq!(text.matches(name).count(), 2, "{name} in {text}");
        }
        for page in lay_out(&list, &with, with.stationery.typeface.as_ref().map(Letters::new).as_ref()).unwrap() {
            proof::assert_apart(&[&page], size_of(&list), &[]);
        }
        let refused = render(&list, &issue());
        let place = "the line \"Saksi\"".to_owned();
        assert_eq!(refused, Err(Fault::Unprintable { place, character: 'Ł' }), "without a typeface it is named");
        let Block::Table(table) = &mut list.blocks[4] else { panic!("no table") };
        table.rows[7][1] = Cell::text("HAMID ꦲ");
        let refused = render(&list, &with);
        let place = "baris 8 (HAMID ꦲ), Nama / NIK".to_owned();
        assert_eq!(refused, Err(Fault::Unprintable { place, character: 'ꦲ' }), "what it lacks is named");
    }

    #[test]
    fn what_cannot_be_printed_is_named() {
        let mut wrong = document(Kind::ReceiptList, 2);
        let Block::Table(table) = &mut wrong.blocks[3] else { panic!("no table") };
        table.rows[1][1] = Cell::text("Łukasz");
        let refused = render(&wrong, &issue());
        assert_eq!(refused, Err(Fault::Unprintable { place: "baris 2 (Łukasz), Nama / NIK".into(), character: 'Ł' }));
        let mut wrong = document(Kind::ReceiptList, 2);
        let Block::Table(table) = &mut wrong.blocks[3] else { panic!("no table") };
        table.rows[0][1] = Cell::Text("W".repeat(6_000));
        assert_eq!(render(&wrong, &issue()), Err(Fault::TooLong { place: "baris 1".into() }));
    }
}
