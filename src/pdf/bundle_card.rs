//! The card at the head of a bundle: whose vouchers follow, how many, from which number to which, and where
//! the two who hand it over and take it sign.

use super::Fault;
use super::font::Face;
use super::ink::{Align, Area, BLACK, GREY, Ink, Style};
use super::letterhead::letterhead_with;
use super::typeface::Letters;
use super::voucher_sheet::{Bundle, SheetHead};
use crate::domain::time::Language;

/// Sets the card of a bundle on a sheet of a size; it uses no more than the upper left A6 and its own width.
pub(super) fn lay_out(
    head: &SheetHead,
    bundle: &Bundle,
    (width, height): (f32, f32),
    letters: Option<&Letters>,
) -> Result<Ink, Fault> {
    let mut ink = Ink::new(letters);
    let english = head.language == Language::En;
    let place = |line: &'static str| move || format!("bundle {}, {line}", bundle.range());
    let (left, wide) = (8.0, width - 16.0);
    let grow = if width > 150.0 { 1.3 } else { 1.0 };
    let kop = Area::new(left, 6.5, wide, 10.5 * grow);
    letterhead_with(&mut ink, head.stationery.emblem.as_ref(), &head.agency_lines, kop, &place("letterhead"))?;
    let mut top = kop.bottom() + 3.0;
    let band = Area::new(left, top, wide, 8.0);
    ink.fill(band, 0.88);
    let title = if english { "BUNDEL KUPON / VOUCHER BUNDLE" } else { "TANDA TERIMA BUNDEL KUPON" };
    let loud = Style::new(Face::Bold, 13.0, 8.0).align(Align::Centre);
    ink.set_middle(title, Area::new(left + 2.0, top, wide - 4.0, 8.0), loud, &place("title"))?;
    top = band.bottom() + 2.5;
    let programme = format!("{} – {}", head.title, head.round_label);
    let small = Style::new(Face::Regular, 9.0, 5.5).align(Align::Centre);
    ink.set(&programme, Area::new(left, top, wide, 7.0), small, &place("programme"))?;
    top += 9.0;

    let count = bundle.vouchers.len().to_string();
    let rows = [
        (("Titik ambil", "Point"), bundle.point.as_str(), 10.5, 8.0),
        (("Desa/Kelurahan", "Village"), bundle.area.as_str(), 10.5, 8.0),
        (("RT", "RT"), if bundle.rt.is_empty() { "–" } else { bundle.rt.as_str() }, 20.0, 9.0),
        (("Jumlah kupon", "Vouchers"), count.as_str(), 20.0, 9.0),
    ];
    let label_wide = 27.0 * grow;
    for ((id, en), text, largest, tall) in rows {
        let label = if english && id != en { format!("{id} / {en}") } else { id.to_owned() };
        let area = Area::new(left, top + if largest > 15.0 { 2.6 } else { 0.3 }, label_wide - 1.5, tall - 1.0);
        ink.set(&label, area, Style::new(Face::Regular, 8.0 * grow.min(1.2), 5.0), &place("label"))?;
        let value = Area::new(left + label_wide, top, wide - label_wide, tall - 0.8);
        ink.set(text, value, Style::new(Face::Bold, largest, 6.0), &place("line"))?;
        top += tall;
    }
    for (label, text) in [("Nomor seri", &bundle.range()), ("Kode bundel", &bundle.code)] {
        ink.set(label, Area::new(left, top + 0.3, label_wide - 1.5, 4.0), label_style(), &place("label"))?;
        let value = Area::new(left + label_wide, top, wide - label_wide, 5.4);
        ink.set(text, value, Style::new(Face::Bold, 10.5, 6.0), &place("serials"))?;
        top += 5.8;
    }
    top += 3.0;
    signatures(&mut ink, (left, top, wide, height), english, &place("signature"))?;
    Ok(ink)
}

fn label_style() -> Style {
    Style::new(Face::Regular, 8.0, 5.0)
}

/// Who hands over and who takes, with the date; below, what came back.
fn signatures(
    ink: &mut Ink,
    (left, top, wide, height): (f32, f32, f32, f32),
    english: bool,
    place: &dyn Fn() -> String,
) -> Result<(), Fault> {
    let each = (wide - 6.0) / 2.0;
    let centre = Style::new(Face::Regular, 8.0, 5.0).align(Align::Centre);
    let soft = Style { largest: 6.5, ..centre };
    ink.rule(left, top - 2.0, wide, 0.4, GREY);
    for (at, id, en, who) in [
        (left, "Diserahkan oleh", "Handed over by", "petugas dinas"),
        (left + each + 6.0, "Diterima oleh", "Taken by", "ketua RT / aparat desa"),
    ] {
        let label = if english { format!("{id} / {en}") } else { id.to_owned() };
        ink.set(&label, Area::new(at, top, each, 4.0), centre, place)?;
        ink.rule(at, top + 20.0, each, 0.6, BLACK);
        ink.set(who, Area::new(at, top + 20.9, each, 3.0), soft, place)?;
        ink.set("Nama:", Area::new(at, top + 25.5, 12.0, 3.0), Style { align: Align::Left, ..soft }, place)?;
        ink.set("Tanggal:", Area::new(at, top + 30.5, 14.0, 3.0), Style { align: Align::Left, ..soft }, place)?;
        ink.rule(at + 12.0, top + 28.0, each - 12.0, 0.3, GREY);
        ink.rule(at + 12.0, top + 33.0, each - 12.0, 0.3, GREY);
    }
    let foot = Area::new(left, height - 9.0, wide, 3.4);
    let text = if english {
        "Kupon rusak atau tidak terbagi / spoilt or not handed out: ……… lembar, kembali tanggal ………"
    } else {
        "Kupon rusak atau tidak terbagi: ……… lembar, dikembalikan tanggal ………"
    };
    ink.set(text, foot, Style::new(Face::Regular, 7.0, 4.5), place)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::super::proof;
    use super::super::voucher_sheet::samples::{bundle, crowded, head, long_head, ordinary, sparse};
    use super::super::{voucher_card, voucher_sheet};
    use super::*;

    #[test]
    fn a_bundle_card_keeps_its_texts_apart() {
        for size in [voucher_card::A6.size, voucher_card::A5.size, (voucher_sheet::A4.0, voucher_card::A6.size.1)] {
            for language in [Language::Id, Language::En] {
                for (head, voucher) in
                    [(head(language), ordinary(0)), (long_head(language), crowded(3)), (head(language), sparse(2))]
                {
                    let ink = lay_out(&head, &bundle(vec![voucher]), size, None).unwrap();
                    proof::assert_apart(&[&ink], size, &[]);
                }
            }
        }
    }
}
