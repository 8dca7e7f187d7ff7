//! One voucher as a card of A6: where each line stands.
//!
//! The right half of the upper part belongs to the QR code, 42 mm a side with its white border; beside
//! it stand name, NIK and address, below it the code to type. Every text has a box of its own, and the
//! boxes do not touch the code's: the tests hold that for the longest texts that are accepted.

use super::Fault;
use super::font::{self, Face, Fitted};
use super::ink::{Align, Area, BLACK, GREY, Ink, MM, Style, WHITE, check};
use super::letterhead::letterhead;
use super::voucher_sheet::{SheetHead, VoucherFace};
use crate::domain::time::Language;

/// Width and height of a card in millimetres: a quarter of A4.
pub(super) const CARD: (f32, f32) = (105.0, 148.5);
/// The code itself, without its quiet zone.
pub(super) const CODE: Area = Area::new(56.0, 29.6, 42.0, 42.0);
/// The smallest version of a code on a card (41 modules), so that four modules of quiet zone are
/// never more than [`QUIET_ZONE`] wide.
pub(super) const LEAST_VERSION: i16 = 6;
/// The widest the quiet zone can be: four of 41 modules over 42 mm.
pub(super) const QUIET_ZONE: f32 = 4.1;

const LEFT: f32 = 7.0;
const WIDE: f32 = CARD.0 - 2.0 * LEFT;
const HEAD: Area = Area::new(LEFT, 6.0, WIDE, 10.2);
const TITLE: Area = Area::new(LEFT, 17.6, 61.0, 6.4);
const ROUND: Area = Area::new(LEFT + 62.5, 17.7, WIDE - 62.5, 6.2);
/// Beside the code: name, NIK and address below each other.
const PERSON: Area = Area::new(LEFT, 28.2, CODE.left - QUIET_ZONE - LEFT - 0.4, 56.0);
const TYPED: Area = Area::new(CODE.left - 2.0, 76.8, CODE.width + 4.0, 4.6);
const TYPED_HINT: Area = Area::new(CODE.left - 2.0, 81.7, CODE.width + 4.0, 2.6);
const LABEL_WIDE: f32 = 17.0;
const VALUE: f32 = LEFT + LABEL_WIDE;
const VALUE_WIDE: f32 = WIDE - LABEL_WIDE;
const POINT: Area = Area::new(VALUE, 86.5, VALUE_WIDE, 6.9);
const DAY: Area = Area::new(VALUE, 94.2, VALUE_WIDE, 4.3);
const HOURS: Area = Area::new(VALUE, 98.5, VALUE_WIDE, 4.0);
const ITEMS: Area = Area::new(VALUE, 104.5, VALUE_WIDE, 15.9);
const FREE: Area = Area::new(LEFT, 121.0, WIDE, 6.4);
const RULES: Area = Area::new(LEFT, 128.6, WIDE, 11.0);
const FOOT: Area = Area::new(LEFT, 141.3, WIDE, 3.5);

/// What is the same on all cards.
pub(super) fn common(head: &SheetHead) -> Result<Ink, Fault> {
    let mut ink = Ink::default();
    let at = |line: &'static str| move || format!("all vouchers, {line}");
    let english = head.language == Language::En;
    letterhead(&mut ink, &head.agency_lines, HEAD, &at("letterhead"))?;

    ink.set_middle(&head.title, TITLE, Style::new(Face::Bold, 14.0, 6.5), &at("title"))?;
    ink.frame(ROUND, 0.9);
    let inner = Area::new(ROUND.left + 1.0, ROUND.top + 0.8, ROUND.width - 2.0, ROUND.height - 1.6);
    ink.set_middle(&head.round_label, inner, Style::new(Face::Bold, 10.5, 5.0).align(Align::Centre), &at("round"))?;

    let hint = Style::new(Face::Regular, 6.5, 5.0).align(Align::Centre).shade(GREY);
    let text =
        if english { "untuk diketik bila QR rusak / type this if the QR fails" } else { "untuk diketik bila QR rusak" };
    ink.set(text, TYPED_HINT, hint, &at("hint"))?;

    for top in [84.9, 103.0] {
        ink.rule(LEFT, top, WIDE, 0.4, GREY);
    }
    for (words, top) in [
        (("Ambil di", "Collect at"), POINT.top),
        (("Jadwal", "Schedule"), DAY.top),
        (("Isi paket", "Contents"), ITEMS.top),
    ] {
        beside(&mut ink, words, english, top)?;
    }

    ink.fill(FREE, BLACK);
    let loud = Style::new(Face::Bold, 11.5, 8.0).align(Align::Centre).shade(WHITE);
    let inner = Area::new(FREE.left + 2.0, FREE.top, FREE.width - 4.0, FREE.height);
    if english {
        let upper = Area::new(inner.left, inner.top + 0.3, inner.width, 4.0);
        let lower = Area::new(inner.left, inner.top + 4.0, inner.width, 2.2);
        let soft = Style::new(Face::Regular, 6.0, 5.0).align(Align::Centre).shade(WHITE);
        ink.set_middle(FREE_ID, upper, Style { largest: 10.0, ..loud }, &at("fee"))?;
        ink.set_middle("Free of charge: nobody may ask you for money", lower, soft, &at("fee"))?;
    } else {
        ink.set_middle(FREE_ID, inner, loud, &at("fee"))?;
    }

    rules(&mut ink, english)?;
    ink.rule(LEFT, FOOT.top - 0.9, WIDE, 0.4, GREY);
    let complaints = match head.hotline.as_deref().map(str::trim).filter(|line| !line.is_empty()) {
        Some(hotline) => format!("Pengaduan: {hotline} · lapor.go.id"),
        None => "Pengaduan: lapor.go.id".to_owned(),
    };
    let half = Area::new(FOOT.left, FOOT.top, 48.0, FOOT.height);
    ink.set(&complaints, half, Style::new(Face::Bold, 7.0, 4.5), &at("hotline"))?;
    Ok(ink)
}

const FREE_ID: &str = "GRATIS – TIDAK DIPUNGUT BIAYA APA PUN";

const RULES_ID: [(Face, &str); 2] = [
    (Face::Bold, "Periksa isi sebelum pulang. Bawa kupon ini dan KTP atau KK asli."),
    (
        Face::Regular,
        "Diwakilkan: satu KK – bawa KK dan KTP wakil; bukan satu KK – bawa surat kuasa dan KTP wakil. Kupon hilang \
         tetap dapat dilayani dengan KTP/KK. Kupon tidak dapat dijual atau dipindahtangankan.",
    ),
];

const RULES_EN: &str = "Check the contents before you leave. Bring your KTP or KK. Proxy: same KK – KK and own KTP; otherwise \
                        – letter of authority and own KTP. Lost voucher: come with KTP/KK. Not for sale.";

/// What to bring, what to check, what holds when the paper is lost.
fn rules(ink: &mut Ink, english: bool) -> Result<(), Fault> {
    let place = || "all vouchers, rules".to_owned();
    let [(bold, first), (plain, second)] = RULES_ID;
    let (large, small) = if english { (6.6, 5.5) } else { (7.6, 6.8) };
    let top = ink.set(first, RULES, Style::new(bold, large, 5.0), &place)?;
    let rest = |top: f32| Area::new(RULES.left, top + 0.4, RULES.width, RULES.bottom() - top);
    let top = ink.set(second, rest(top), Style::new(plain, small, 5.0), &place)?;
    if english {
        ink.set(RULES_EN, rest(top), Style::new(plain, 5.0, 4.0).shade(GREY), &place)?;
    }
    Ok(())
}

/// A small grey word to the left of a value.
fn beside(ink: &mut Ink, (id, en): (&str, &str), english: bool, top: f32) -> Result<(), Fault> {
    let place = || format!("all vouchers, {id}");
    let style = Style::new(Face::Regular, 8.0, 5.0).shade(GREY);
    let end = ink.set(id, Area::new(LEFT, top + 0.4, LABEL_WIDE - 1.0, 3.4), style, &place)?;
    if english {
        ink.set(en, Area::new(LEFT, end + 0.2, LABEL_WIDE - 1.0, 2.6), Style { largest: 6.0, ..style }, &place)?;
    }
    Ok(())
}

/// What differs from card to card. `place` names the voucher and one of its lines.
pub(super) fn own(voucher: &VoucherFace, language: Language, place: &dyn Fn(&str) -> String) -> Result<Ink, Fault> {
    let mut ink = Ink::default();
    let english = language == Language::En;
    person(&mut ink, voucher, english, place)?;
    let typed = Style::new(Face::Bold, 13.0, 8.0).align(Align::Centre);
    ink.set(&voucher.typed_code, TYPED, typed, &|| place("code"))?;

    let point = format!("{} ({})", voucher.point_name.trim(), voucher.point_code.trim());
    ink.set(&point, POINT, Style::new(Face::Bold, 10.5, 6.5), &|| place("point"))?;
    let plain = Style::new(Face::Regular, 9.5, 6.0);
    if let Some(schedule) = &voucher.schedule {
        ink.set(&schedule.day, DAY, Style::new(Face::Bold, 10.5, 6.5), &|| place("day"))?;
        let hours = match (&schedule.session, &schedule.hours) {
            (Some(session), Some(hours)) => format!("{session} ({hours})"),
            (Some(one), None) | (None, Some(one)) => one.clone(),
            (None, None) => String::new(),
        };
        ink.set(&hours, HOURS, plain, &|| place("hours"))?;
    } else {
        ink.set("Diberitahukan aparat desa/kelurahan atau ketua RT", DAY, plain, &|| place("day"))?;
    }
    items(&mut ink, &voucher.items, &|| place("contents"))?;
    let foot = format!("{} · No. cetak: {}", voucher.serial.trim(), voucher.print_no);
    let half = Area::new(FOOT.left + 49.0, FOOT.top, FOOT.width - 49.0, FOOT.height);
    ink.set(&foot, half, Style::new(Face::Regular, 7.0, 4.5).align(Align::Right), &|| place("serial"))?;
    Ok(ink)
}

/// Sets name, NIK and address below each other, each under its label. What room is left goes between.
fn person(ink: &mut Ink, voucher: &VoucherFace, english: bool, place: &dyn Fn(&str) -> String) -> Result<(), Fault> {
    let room = |height| Area { height, ..PERSON };
    let parts = [
        (("Nama", "Name"), Style::new(Face::Bold, 16.0, 7.0), 15.0, vec![voucher.name.trim()]),
        (("NIK", "ID number"), Style::new(Face::Regular, 11.0, 7.0), 5.0, vec![voucher.nik_masked.trim()]),
        (
            ("Alamat", "Address"),
            Style::new(Face::Regular, 10.5, 6.0),
            21.5,
            vec![voucher.address.trim(), voucher.area.trim()],
        ),
    ];
    let mut columns = Vec::new();
    let mut used = 0.0;
    for ((id, en), style, height, texts) in parts {
        let lines = fitted(&texts, room(height), style, &|| place(&en.to_lowercase()))?;
        let tall = lines.iter().map(|part| part.height() + font::GAP * part.size).sum::<f32>() / MM;
        used += LABEL_TALL + tall;
        columns.push((if english { format!("{id} / {en}") } else { id.to_owned() }, style, lines, tall));
    }
    let between = ((PERSON.height - used) / 2.0).clamp(0.6, 4.0);
    let small = Style::new(Face::Regular, 7.0, 5.0).shade(GREY);
    let mut top = PERSON.top;
    for (label, style, lines, tall) in columns {
        ink.set(&label, Area { top, height: LABEL_TALL, ..PERSON }, small, &|| place("label"))?;
        ink.set_column(&lines, Area { top: top + LABEL_TALL, ..PERSON }, style);
        top += LABEL_TALL + tall + between;
    }
    Ok(())
}

/// A label and the space to its value.
const LABEL_TALL: f32 = 3.5;

/// Sets the items below each other in two columns, three or fewer in one, as large as all of them fit.
fn items(ink: &mut Ink, items: &[String], place: &dyn Fn() -> String) -> Result<(), Fault> {
    let lines: Vec<String> = items.iter().map(|item| format!("•\u{a0}{}", item.trim())).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let half = (ITEMS.width - 3.0) / 2.0;
    let (first, second, width) = match lines.split_at(lines.len().div_ceil(2)) {
        _ if lines.len() <= 3 => (lines.as_slice(), &[][..], ITEMS.width),
        (first, second) => (first, second, half),
    };
    let left = Area { width, ..ITEMS };
    let right = Area { left: ITEMS.left + half + 3.0, ..left };
    // Bold while each item keeps to a line or stays large; the narrower face has the longer breath.
    let mut style = Style::new(Face::Bold, 10.5, 7.0);
    if fitted(first, left, style, place).is_err() || fitted(second, right, style, place).is_err() {
        style = Style::new(Face::Regular, 8.0, 4.8);
    }
    // Both columns in the size of the fuller one.
    let size = fitted(first, left, style, place)?.first().map_or(style.largest, |part| part.size);
    let second = fitted(second, right, Style { largest: size, ..style }, place)?;
    let size = second.first().map_or(size, |part| part.size);
    let first = fitted(first, left, Style { largest: size, ..style }, place)?;
    ink.set_column(&first, left, style);
    ink.set_column(&second, right, style);
    Ok(())
}

fn fitted(texts: &[&str], area: Area, style: Style, place: &dyn Fn() -> String) -> Result<Vec<Fitted>, Fault> {
    for text in texts {
        check(text, place)?;
    }
    let room = (area.width * MM, area.height * MM);
    let (face, largest) = (style.face, style.largest);
    // A line that need not break reads better than a slightly larger one that does.
    let unbroken = if texts.len() > 1 { (largest - 2.5).max(style.smallest) } else { largest };
    font::fit_unbroken(texts, face, room, largest, unbroken)
        .or_else(|| font::fit_all(texts, face, room, largest, style.smallest))
        .ok_or_else(|| Fault::TooLong { place: place() })
}

#[cfg(test)]
mod tests {
    use super::super::proof;
    use super::super::voucher_sheet::tests::{crowded, head, long_head, ordinary, unbroken};
    use super::*;

    #[test]
    fn no_text_touches_the_code_another_text_or_the_edge() {
        let code = Area::new(
            CODE.left - QUIET_ZONE,
            CODE.top - QUIET_ZONE,
            CODE.width + 2.0 * QUIET_ZONE,
            CODE.height + 2.0 * QUIET_ZONE,
        );
        for language in [Language::Id, Language::En] {
            for head in [head(language), long_head(language)] {
                let common = common(&head).unwrap();
                for voucher in [ordinary(0), ordinary(2), crowded(1), unbroken(1)] {
                    let own = own(&voucher, language, &|line| line.to_owned()).unwrap();
                    proof::assert_apart(&[&common, &own], CARD, &[code]);
                }
            }
        }
    }

    #[test]
    fn the_code_is_large_enough_and_its_border_fits_the_card() {
        const { assert!(CODE.width >= 40.0 && CODE.height >= 40.0) };
        let modules = f32::from(u8::try_from(17 + 4 * LEAST_VERSION).unwrap());
        assert!(4.0 / modules * CODE.width <= QUIET_ZONE);
        assert!(CODE.right() + QUIET_ZONE < CARD.0);
    }
}
