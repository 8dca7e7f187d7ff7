//! The list at the head of a point's vouchers: every bundle with its count and its serials, and room for who
//! takes it to sign. One list for a point, in the places of cards, because most bundles are of a few vouchers
//! and a card before each would be half of all paper.

use super::Fault;
use super::font::Face;
use super::ink::{Align, Area, BLACK, GREY, Ink, Style};
use super::letterhead::letterhead_with;
use super::typeface::Letters;
use super::voucher_sheet::{Bundle, SheetHead};
use crate::domain::time::Language;

/// From how many vouchers on a bundle has a card of its own, on which it is signed for: four sheets of A4.
pub(super) const CARD_FROM: usize = 16;

/// The height of a line.
const ROW: f32 = 11.2;
/// What the foot of the list needs.
const FOOT: f32 = 20.0;
/// The shares of the columns: bundle, count, serials, name, signature.
const COLUMNS: [f32; 5] = [0.33, 0.09, 0.15, 0.21, 0.22];

/// Sets the bundles of one point on as many sheets of a size as they need.
pub(super) fn lay_out(
    head: &SheetHead,
    bundles: &[Bundle],
    (width, height): (f32, f32),
    letters: Option<&Letters>,
) -> Result<Vec<Ink>, Fault> {
    let page = Page { head, bundles, width, height, english: head.language == Language::En };
    let mut done: Vec<Ink> = Vec::new();
    let mut rest = bundles;
    // How many sheets there are is known when they are set: the lines of a sheet are as high as each other.
    let per_sheet = page.rows();
    let count = bundles.len().div_ceil(per_sheet);
    while !rest.is_empty() {
        let (some, others) = rest.split_at(per_sheet.min(rest.len()));
        let mut ink = Ink::new(letters);
        let mut top = page.begin(&mut ink, (done.len() + 1, count))?;
        for bundle in some {
            page.line(&mut ink, bundle, top)?;
            top += ROW;
        }
        page.end(&mut ink, others.is_empty().then_some(top))?;
        done.push(ink);
        rest = others;
    }
    Ok(done)
}

struct Page<'a> {
    head: &'a SheetHead,
    bundles: &'a [Bundle],
    width: f32,
    height: f32,
    english: bool,
}

const LEFT: f32 = 7.0;
/// Where the lines begin.
const BODY: f32 = 50.0;

impl Page<'_> {
    /// How many lines a sheet has.
    fn rows(&self) -> usize {
        let mut rows = 1;
        let mut end = BODY + 2.0 * ROW;
        while end <= self.height - FOOT {
            rows += 1;
            end += ROW;
        }
        rows
    }

    fn wide(&self) -> f32 {
        self.width - 2.0 * LEFT
    }

    /// The left edge and the width of a column.
    fn column(&self, number: usize) -> (f32, f32) {
        let before: f32 = COLUMNS.iter().take(number).sum();
        let share = COLUMNS.get(number).copied().unwrap_or_default();
        (LEFT + before * self.wide(), share * self.wide())
    }

    fn both(&self, id: &str, en: &str) -> String {
        if self.english { format!("{id} / {en}") } else { id.to_owned() }
    }

    /// Letterhead, title, point, headings; says where the lines begin.
    fn begin(&self, ink: &mut Ink, (number, count): (usize, usize)) -> Result<f32, Fault> {
        let place = |line: &'static str| move || format!("the list of bundles, {line}");
        let (head, wide) = (self.head, self.wide());
        let kop = Area::new(LEFT, 6.0, wide, 10.2);
        letterhead_with(ink, head.stationery.emblem.as_ref(), &head.agency_lines, kop, &place("letterhead"))?;
        let band = Area::new(LEFT, 18.0, wide, 7.0);
        ink.fill(band, 0.88);
        let title = self.both("TANDA TERIMA BUNDEL KUPON", "BUNDLES OF VOUCHERS");
        let loud = Style::new(Face::Bold, 12.0, 7.0).align(Align::Centre);
        ink.set_middle(&title, Area::new(LEFT + 2.0, 18.0, wide - 4.0, 7.0), loud, &place("title"))?;
        let programme = format!("{} – {}", head.title, head.round_label);
        let small = Style::new(Face::Regular, 8.5, 5.0);
        ink.set(&programme, Area::new(LEFT, 26.6, wide - 24.0, 6.4), small, &place("programme"))?;
        let sheet = format!("Lembar {number} dari {count}");
        let right = small.align(Align::Right);
        ink.set(&sheet, Area::new(LEFT + wide - 23.0, 26.6, 23.0, 3.6), right, &place("sheet"))?;
        if let Some(bundle) = self.bundles.first() {
            let loud = Style::new(Face::Bold, 14.0, 7.0);
            ink.set(&bundle.point, Area::new(LEFT, 33.4, wide, 10.2), loud, &place("point"))?;
        }
        let top = BODY - 6.2;
        ink.fill(Area::new(LEFT, top, wide, 6.2), 0.92);
        let titles = [
            ("Bundel", "bundle"),
            ("Jml.", "no."),
            ("Seri", "serials"),
            ("Nama penerima", "taken by"),
            ("Tanda tangan", "signature"),
        ];
        for (number, (id, en)) in titles.into_iter().enumerate() {
            let (left, width) = self.column(number);
            let area = Area::new(left + 0.6, top, width - 1.2, 6.2);
            let text = self.both(id, en);
            let style = Style::new(Face::Bold, 8.0, 4.0).align(Align::Centre);
            ink.set_middle(&text, area, style, &place("headings"))?;
        }
        self.grid(ink, top, 6.2);
        Ok(BODY)
    }

    fn line(&self, ink: &mut Ink, bundle: &Bundle, top: f32) -> Result<(), Fault> {
        let place = |line: &'static str| move || format!("bundle {}, {line}", bundle.range());
        let cell = |number, from: f32, height: f32| {
            let (left, width) = self.column(number);
            Area::new(left + 1.0, top + from, width - 2.0, height)
        };
        let rt = if bundle.rt.is_empty() { "RT –".to_owned() } else { format!("RT {}", bundle.rt) };
        let name = format!("{rt} · {}", bundle.code);
        ink.set(&name, cell(0, 1.4, 3.7), Style::new(Face::Bold, 9.0, 5.0), &place("RT"))?;
        ink.set(&bundle.area, cell(0, 5.2, 5.9), Style::new(Face::Regular, 7.0, 4.2), &place("village"))?;
        let count = Style::new(Face::Bold, 13.0, 7.0).align(Align::Centre);
        ink.set_middle(&bundle.vouchers.len().to_string(), cell(1, 0.0, ROW), count, &place("count"))?;
        let serials = Style::new(Face::Regular, 9.0, 4.5).align(Align::Centre);
        ink.set_middle(&bundle.short_range(), cell(2, 0.0, ROW), serials, &place("serials"))?;
        if bundle.has_card() {
            let soft = Style::new(Face::Regular, 7.0, 5.0).align(Align::Centre).shade(GREY);
            let both = Area { width: cell(3, 0.0, ROW).width + cell(4, 0.0, ROW).width, ..cell(3, 0.0, ROW) };
            ink.set_middle("tanda tangan pada kartu bundelnya", both, soft, &place("card"))?;
        }
        self.grid(ink, top, ROW);
        Ok(())
    }

    /// The lines around a row and between its columns.
    fn grid(&self, ink: &mut Ink, top: f32, height: f32) {
        ink.rule(LEFT, top, self.wide(), 0.4, BLACK);
        ink.rule(LEFT, top + height, self.wide(), 0.4, BLACK);
        for number in 0..=COLUMNS.len() {
            let (left, _) = self.column(number);
            ink.fill(Area::new(left, top, 0.14, height), BLACK);
        }
    }

    /// The sum, where the list ends, and who handed the bundles over.
    fn end(&self, ink: &mut Ink, sum_at: Option<f32>) -> Result<(), Fault> {
        let place = || "the list of bundles, foot".to_owned();
        if let Some(top) = sum_at {
            let vouchers: usize = self.bundles.iter().map(|bundle| bundle.vouchers.len()).sum();
            let text = format!("Jumlah: {} bundel, {vouchers} kupon", self.bundles.len());
            ink.set(&text, Area::new(LEFT, top + 1.6, self.wide(), 4.4), Style::new(Face::Bold, 9.0, 6.0), &place)?;
        }
        let top = self.height - 13.1;
        let line = "Diserahkan oleh: ………………………………………   tanggal: ……………………";
        ink.set(line, Area::new(LEFT, top, self.wide(), 3.6), Style::new(Face::Regular, 8.5, 5.0), &place)?;
        let note = "Setiap kupon memuat kode bundelnya di kaki kanan. Lembar ini disimpan dinas.";
        let soft = Style::new(Face::Regular, 7.5, 4.5);
        ink.set(note, Area::new(LEFT, top + 3.8, self.wide(), 3.0), soft, &place)?;
        let key = format!("Kunci kupon: {}", self.head.fingerprint);
        ink.set(&key, Area::new(LEFT, top + 7.0, self.wide(), 3.0), soft, &place)?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::proof;
    use super::super::voucher_sheet::samples::{bundle, crowded, head, long_head, ordinary, sparse};
    use super::super::{voucher_card, voucher_sheet};
    use super::*;

    #[test]
    fn a_list_of_bundles_keeps_its_texts_apart_on_every_sheet() {
        for size in [voucher_card::A6.size, voucher_card::A5.size, (voucher_sheet::A4.0, voucher_card::A6.size.1)] {
            for language in [Language::Id, Language::En] {
                for (head, voucher) in
                    [(head(language), ordinary(0)), (long_head(language), crowded(3)), (head(language), sparse(2))]
                {
                    let mut bundles = vec![bundle(vec![voucher.clone()]); 19];
                    bundles.push(bundle(vec![voucher; CARD_FROM]));
                    let sheets = lay_out(&head, &bundles, size, None).unwrap();
                    assert!(sheets.len() > 1);
                    for ink in &sheets {
                        proof::assert_apart(&[ink], size, &[]);
                    }
                    let said = |wanted: &str| {
                        sheets.iter().flat_map(|ink| ink.texts()).filter(|text| text.text().contains(wanted)).count()
                    };
                    assert_eq!(said("Jumlah: 20 bundel, 35 kupon"), 1);
                    assert_eq!(said(&format!("Lembar {0} dari {0}", sheets.len())), 1);
                    assert_eq!(said("pada kartu"), 1);
                    assert_eq!(said(&format!("Kunci kupon: {}", head.fingerprint)), sheets.len());
                }
            }
        }
    }
}
