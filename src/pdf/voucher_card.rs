//! One voucher as a card, of A6 upright or of A5 lying: where each line stands.
//!
//! The QR code stands at the right, 48 mm a side or more, in a white border of its own; beside it name, NIK
//! and address, below it the code to type. Every text has a box of its own, and the boxes do not touch the
//! code's: the tests hold that for the longest texts that are accepted.
//!
//! A card is three layers: what all cards of a file share, what those of one point and time share, and what
//! is its own. The first two are drawn once and used often, which is most of why a sheet is quick and small.

use super::Fault;
use super::font::{self, Face, Fitted};
use super::ink::{Align, Area, BLACK, GREY, Ink, MM, Style, WHITE};
use super::letterhead::letterhead_with;
use super::typeface::Letters;
use super::voucher_sheet::{ItemFace, Schedule, SheetHead, VoucherFace};
use crate::domain::time::Language;

/// The smallest version of a code on a card (41 modules), so that four modules of quiet zone are
/// never more than a tenth of the code's side.
pub(super) const LEAST_VERSION: i16 = 6;

/// The widest the quiet zone can be: four of 41 modules over a side.
pub(super) const fn quiet_zone(side: f32) -> f32 {
    side * 4.0 / 41.0
}

/// Where the parts of a card stand.
#[derive(Debug)]
pub(super) struct Geometry {
    /// Width and height of the card in millimetres.
    pub(super) size: (f32, f32),
    /// The code itself, without its quiet zone.
    pub(super) code: Area,
    /// How much larger than on a card of A6 the letters may be.
    grow: f32,
    head: Area,
    title: Area,
    round: Area,
    /// Beside the code: name, NIK and address below each other.
    person: Area,
    /// The most that name, NIK and address may take of it.
    shares: (f32, f32, f32),
    typed: Area,
    /// What the code to type is for, and to which side of its place it keeps.
    hint: (Area, Align),
    /// Grey lines across.
    rules: [Area; 2],
    label_wide: f32,
    point: Area,
    day: Area,
    hours: Area,
    items: Area,
    free: Area,
    terms: Area,
    /// Where to complain.
    complaints: Area,
    /// Serial, bundle and print number. Nothing stands nearer than 5 mm to where the sheet is cut.
    foot: Area,
}

/// A quarter of A4. The code takes what room the sheet has: a larger module is what a blurred, tilted or
/// small picture reads by.
pub(super) const A6: Geometry = Geometry {
    size: (105.0, 148.5),
    code: Area::new(50.0, 26.9, 48.0, 48.0),
    grow: 1.0,
    head: Area::new(7.0, 5.6, 91.0, 9.4),
    title: Area::new(7.0, 15.7, 61.0, 6.2),
    round: Area::new(69.5, 16.0, 28.5, 6.0),
    person: Area::new(7.0, 24.6, 37.8, 54.6),
    shares: (15.0, 5.0, 20.6),
    typed: Area::new(50.0, 80.7, 48.0, 4.6),
    hint: (Area::new(7.0, 81.5, 42.5, 3.0), Align::Left),
    rules: [Area::new(7.0, 85.1, 91.0, 0.0), Area::new(7.0, 102.2, 91.0, 0.0)],
    label_wide: 18.0,
    point: Area::new(25.0, 86.4, 73.0, 6.8),
    day: Area::new(25.0, 93.7, 73.0, 4.3),
    hours: Area::new(25.0, 98.0, 73.0, 3.9),
    items: Area::new(25.0, 102.6, 73.0, 14.9),
    free: Area::new(7.0, 117.9, 91.0, 6.2),
    terms: Area::new(7.0, 124.8, 91.0, 10.7),
    complaints: Area::new(7.0, 136.4, 91.0, 3.9),
    foot: Area::new(7.0, 140.5, 91.0, 2.9),
};

/// The same where the rules stand in both languages: they need half a line more, and what stands below them less.
pub(super) const A6_BOTH: Geometry = Geometry {
    terms: Area::new(7.0, 124.6, 91.0, 11.5),
    complaints: Area::new(7.0, 137.1, 91.0, 3.4),
    foot: Area::new(7.0, 140.7, 91.0, 2.7),
    ..A6
};

/// Half of A4, lying.
pub(super) const A5: Geometry = Geometry {
    size: (210.0, 148.5),
    code: Area::new(140.5, 35.2, 56.0, 56.0),
    grow: 1.55,
    head: Area::new(10.0, 6.0, 190.0, 13.6),
    title: Area::new(10.0, 21.0, 126.0, 8.4),
    round: Area::new(140.5, 21.2, 56.0, 7.2),
    person: Area::new(10.0, 31.8, 120.0, 47.4),
    shares: (16.0, 6.5, 13.5),
    typed: Area::new(136.5, 98.6, 64.0, 6.4),
    hint: (Area::new(136.5, 106.0, 64.0, 3.4), Align::Centre),
    rules: [Area::new(10.0, 79.8, 120.0, 0.0), Area::new(10.0, 100.6, 120.0, 0.0)],
    label_wide: 24.0,
    point: Area::new(34.0, 81.4, 96.0, 8.0),
    day: Area::new(34.0, 90.2, 96.0, 5.2),
    hours: Area::new(34.0, 95.6, 96.0, 4.6),
    items: Area::new(34.0, 101.8, 96.0, 16.8),
    free: Area::new(10.0, 119.6, 190.0, 7.2),
    terms: Area::new(10.0, 127.4, 190.0, 10.4),
    complaints: Area::new(10.0, 138.9, 100.0, 4.2),
    foot: Area::new(112.0, 139.3, 88.0, 3.6),
};

/// What is the same on all cards.
pub(super) fn common(g: &Geometry, head: &SheetHead, letters: Option<&Letters>) -> Result<Ink, Fault> {
    let mut ink = Ink::new(letters);
    let at = |line: &'static str| move || format!("all vouchers, {line}");
    let english = head.language == Language::En;
    letterhead_with(&mut ink, head.stationery.emblem.as_ref(), &head.agency_lines, g.head, &at("letterhead"))?;

    ink.set_middle(&head.title, g.title, Style::new(Face::Bold, 14.0 * g.grow, 6.5), &at("title"))?;
    round_frame(&mut ink, &head.round_label, g.round, g.grow, &at("round"))?;

    let (hint, side) = g.hint;
    let text = if english { "ketik bila QR rusak / type if QR fails" } else { "Kode, untuk diketik bila QR rusak" };
    ink.set(text, hint, Style::new(Face::Regular, 8.0 * g.grow.min(1.2), 5.5).align(side), &at("hint"))?;

    for rule in g.rules {
        ink.rule(rule.left, rule.top, rule.width, 0.4, GREY);
    }
    for (words, top) in [
        (("Ambil di", "Collect at"), g.point.top),
        (("Jadwal", "Schedule"), g.day.top),
        (("Isi paket", "Contents"), g.items.top + 0.4),
    ] {
        beside(&mut ink, g, words, english, top)?;
    }
    free_band(&mut ink, g.free, english, g.grow)?;
    terms(&mut ink, g, english)?;
    let across = Area { width: g.foot.right() - g.complaints.left, ..g.complaints };
    ink.rule(across.left, across.top - 0.9, across.width, 0.4, GREY);
    let loud = Style::new(Face::Bold, 10.0 * g.grow.min(1.1), 6.5);
    ink.set(&complaints(head.hotline.as_deref(), english), g.complaints, loud, &at("hotline"))?;
    Ok(ink)
}

/// The round in a frame.
pub(super) fn round_frame(
    ink: &mut Ink,
    label: &str,
    area: Area,
    grow: f32,
    place: &dyn Fn() -> String,
) -> Result<(), Fault> {
    ink.frame(area, 0.9);
    let inner = Area::new(area.left + 1.0, area.top + 0.8, area.width - 2.0, area.height - 1.6);
    ink.set_middle(label, inner, Style::new(Face::Bold, 10.5 * grow, 5.0).align(Align::Centre), place)
}

/// That nobody may ask for money: white on black.
pub(super) fn free_band(ink: &mut Ink, area: Area, english: bool, grow: f32) -> Result<(), Fault> {
    let place = || "all vouchers, fee".to_owned();
    ink.fill(area, BLACK);
    let loud = Style::new(Face::Bold, 11.5 * grow, 5.0).align(Align::Centre).shade(WHITE);
    let inner = Area::new(area.left + 2.0, area.top, area.width - 4.0, area.height);
    if english {
        let upper = Area::new(inner.left, inner.top + 0.3, inner.width, area.height * 0.62);
        let lower = Area::new(inner.left, inner.top + area.height * 0.62, inner.width, area.height * 0.35);
        let soft = Style::new(Face::Regular, 6.0 * grow, 4.5).align(Align::Centre).shade(WHITE);
        ink.set_middle(FREE_ID, upper, Style { largest: 10.0 * grow, ..loud }, &place)?;
        ink.set_middle("Free of charge: nobody may ask you for money", lower, soft, &place)
    } else {
        ink.set_middle(FREE_ID, inner, loud, &place)
    }
}

/// Where to complain.
pub(super) fn complaints(hotline: Option<&str>, english: bool) -> String {
    let label = if english { "Pengaduan / complaints" } else { "Pengaduan" };
    match hotline.map(str::trim).filter(|line| !line.is_empty()) {
        Some(hotline) => format!("{label}: {hotline} · lapor.go.id"),
        None => format!("{label}: lapor.go.id"),
    }
}

pub(super) const FREE_ID: &str = "GRATIS – TIDAK DIPUNGUT BIAYA APA PUN";

/// What to bring, what to check, what holds when the paper is lost.
pub(super) const TERMS_ID: [(Face, &str); 2] = [
    (Face::Bold, "Periksa isi sebelum pulang. Bawa kupon ini dan KTP atau KK asli."),
    (
        Face::Regular,
        "Diwakilkan: satu KK – bawa KK dan KTP wakil; bukan satu KK – bawa surat kuasa dan KTP wakil. Kupon hilang \
         tetap dapat dilayani dengan KTP/KK. Kupon tidak dapat dijual atau dipindahtangankan.",
    ),
];

/// The second of them where English stands below it, so that neither is smaller than can be read.
pub(super) const TERMS_SHORT: &str = "Diwakilkan: satu KK – KK dan KTP wakil; bukan satu KK – surat kuasa dan KTP wakil. \
                                      Kupon hilang tetap dilayani dengan KTP/KK. Tidak dapat dijual.";

/// The same in English.
pub(super) const TERMS_EN: &str = "Check the contents before you leave. Bring this and your KTP or KK; a proxy brings both. Lost? Come with \
                        KTP/KK. Not for sale.";

fn terms(ink: &mut Ink, g: &Geometry, english: bool) -> Result<(), Fault> {
    let place = || "all vouchers, rules".to_owned();
    let [(bold, first), (plain, second)] = TERMS_ID;
    let wider = if english { 1.0 } else { g.grow.min(1.2) };
    // In both languages together as large as their card has room for them.
    let (second, large, small) = match (english, g.grow > 1.0) {
        (true, true) => (second, 7.0, 6.2),
        (true, false) => (TERMS_SHORT, 6.4, 6.0),
        (false, _) => (second, 7.6 * wider, 6.8 * wider),
    };
    let top = ink.set(first, g.terms, Style::new(bold, large, 5.0), &place)?;
    let gap = if english && g.grow <= 1.0 { 0.2 } else { 0.4 };
    let rest = |top: f32| Area::new(g.terms.left, top + gap, g.terms.width, g.terms.bottom() - top);
    let top = ink.set(second, rest(top), Style::new(plain, small, 5.0), &place)?;
    if english {
        ink.set(TERMS_EN, rest(top), Style::new(plain, small, 4.0), &place)?;
    }
    Ok(())
}

/// A small word to the left of a value.
fn beside(ink: &mut Ink, g: &Geometry, (id, en): (&str, &str), english: bool, top: f32) -> Result<(), Fault> {
    let place = || format!("all vouchers, {id}");
    let left = g.point.left - g.label_wide;
    let grow = g.grow.min(1.25);
    let style = Style::new(Face::Regular, 9.0 * grow, 6.0);
    let end = ink.set(id, Area::new(left, top + 0.2, g.label_wide - 1.0, 3.7 * grow), style, &place)?;
    if english {
        let below = Area::new(left, end + 0.2, g.label_wide - 1.0, 3.0 * grow);
        ink.set(en, below, Style { largest: 7.0 * grow, ..style }, &place)?;
    }
    Ok(())
}

/// What the cards of one point, time and package share. `place` names the first of these vouchers and a line.
pub(super) fn where_and_what(
    g: &Geometry,
    voucher: &VoucherFace,
    language: Language,
    letters: Option<&Letters>,
    place: &dyn Fn(&str) -> String,
) -> Result<Ink, Fault> {
    let mut ink = Ink::new(letters);
    let english = language == Language::En;
    let point = point_line(&voucher.point_name, &voucher.point_code);
    ink.set(&point, g.point, Style::new(Face::Bold, 10.5 * g.grow, 6.5), &|| place("point"))?;
    let plain = Style::new(Face::Regular, 9.5 * g.grow, 6.0);
    if let Some(schedule) = &voucher.schedule {
        ink.set(&schedule.day, g.day, Style::new(Face::Bold, 10.5 * g.grow, 6.5), &|| place("day"))?;
        ink.set(&hours_line(schedule), g.hours, plain, &|| place("hours"))?;
    } else {
        let both = Area { height: g.hours.bottom() - g.day.top, ..g.day };
        ink.set(&told_later(english), both, plain, &|| place("day"))?;
    }
    items(&mut ink, &voucher.items, g.items, 10.5 * g.grow, &|| place("contents"))?;
    Ok(ink)
}

/// What stands in place of a schedule.
pub(super) fn told_later(english: bool) -> String {
    let told = "Diberitahukan aparat desa/kelurahan atau ketua RT";
    if english { format!("{told} / the village or RT will tell you") } else { told.to_owned() }
}

/// Which print it is.
pub(super) fn print_line(print_no: u32, english: bool) -> String {
    let label = if english { "No. cetak / print no." } else { "No. cetak" };
    format!("{label}: {print_no}")
}

/// The point with its code, where it has one.
pub(super) fn point_line(name: &str, code: &str) -> String {
    match (name.trim(), code.trim()) {
        (name, "") => name.to_owned(),
        ("", code) => code.to_owned(),
        (name, code) => format!("{name} ({code})"),
    }
}

/// Session and hours.
pub(super) fn hours_line(schedule: &Schedule) -> String {
    match (&schedule.session, &schedule.hours) {
        (Some(session), Some(hours)) => format!("{session} ({hours})"),
        (Some(one), None) | (None, Some(one)) => one.clone(),
        (None, None) => String::new(),
    }
}

/// What differs from card to card. `place` names the voucher and one of its lines.
pub(super) fn own(
    g: &Geometry,
    voucher: &VoucherFace,
    language: Language,
    letters: Option<&Letters>,
    place: &dyn Fn(&str) -> String,
) -> Result<Ink, Fault> {
    let mut ink = Ink::new(letters);
    person(&mut ink, g, voucher, language == Language::En, place)?;
    let typed = Style::new(Face::Bold, 13.0 * g.grow, 8.0).align(Align::Centre);
    ink.set(&voucher.typed_code, g.typed, typed, &|| place("code"))?;
    let foot = [&voucher.serial, &voucher.bundle, &print_line(voucher.print_no, language == Language::En)];
    let foot = foot.map(|part| part.trim()).into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    let style = Style::new(Face::Regular, 8.0 * g.grow.min(1.2), 4.5).align(Align::Right);
    ink.set(&foot, g.foot, style, &|| place("serial"))?;
    Ok(ink)
}

/// Sets name, NIK and address below each other, each under its label. What room is left goes between.
fn person(
    ink: &mut Ink,
    g: &Geometry,
    voucher: &VoucherFace,
    english: bool,
    place: &dyn Fn(&str) -> String,
) -> Result<(), Fault> {
    let room = |height| Area { height, ..g.person };
    let (name, nik, address) = g.shares;
    let parts = [
        (("Nama", "Name"), Style::new(Face::Bold, 16.0 * g.grow, 5.0), name, vec![voucher.name.trim()]),
        (("NIK", "ID number"), Style::new(Face::Regular, 11.0 * g.grow, 7.0), nik, vec![voucher.nik_masked.trim()]),
        (
            ("Alamat", "Address"),
            Style::new(Face::Regular, 10.5 * g.grow.min(1.3), 5.0),
            address,
            vec![voucher.address.trim(), voucher.area.trim()],
        ),
    ];
    let mut columns = Vec::new();
    let mut used = 0.0;
    for ((id, en), style, height, texts) in parts {
        let lines = fitted(ink, &texts, room(height), style, &|| place(&en.to_lowercase()))?;
        let tall = lines.iter().map(|part| part.height() + font::GAP * part.size).sum::<f32>() / MM;
        used += LABEL_TALL + tall;
        columns.push((if english { format!("{id} / {en}") } else { id.to_owned() }, style, lines, tall));
    }
    let between = ((g.person.height - used) / 2.0).clamp(0.2, 4.0);
    let small = Style::new(Face::Regular, 8.5 * g.grow.min(1.15), 6.0);
    let mut top = g.person.top;
    for (label, style, lines, tall) in columns {
        ink.set(&label, Area { top, height: LABEL_TALL, ..g.person }, small, &|| place("label"))?;
        ink.set_column(&lines, Area { top: top + LABEL_TALL, ..g.person }, style);
        top += LABEL_TALL + tall + between;
    }
    Ok(())
}

/// A label and the space to its value.
const LABEL_TALL: f32 = 3.9;

/// Sets the items in one column or two, each beside its picture, all as large as they fit.
pub(super) fn items(
    ink: &mut Ink,
    items: &[ItemFace],
    area: Area,
    largest: f32,
    place: &dyn Fn() -> String,
) -> Result<(), Fault> {
    // Two columns where there are many and the lines stay long enough; otherwise the other way round.
    let preferred = if items.len() <= 3 || (area.width < 60.0 && items.len() <= 5) { 1 } else { 2 };
    in_columns(ink, items, area, largest, preferred, place)
        .or_else(|_| in_columns(ink, items, area, largest, 3 - preferred, place))
}

fn in_columns(
    ink: &mut Ink,
    items: &[ItemFace],
    area: Area,
    largest: f32,
    columns: usize,
    place: &dyn Fn() -> String,
) -> Result<(), Fault> {
    let rows = items.len().div_ceil(columns).max(1);
    let (gap, rows_f) = (2.0, f32::from(u8::try_from(rows).unwrap_or(u8::MAX)));
    let wide = if columns == 1 { area.width } else { (area.width - gap) / 2.0 };
    let tall = area.height / rows_f;
    let side = (tall - 0.5).clamp(1.0, 8.0);
    let text = Area::new(0.0, 0.0, wide - side - 1.2, tall - 0.3);
    let mut size = largest;
    let mut set = Vec::new();
    // Bold while each item stays large on its lines; the narrower face has the longer breath.
    for (face, first, least) in [(Face::Bold, largest, 7.0), (Face::Regular, 8.0_f32.min(largest), 4.6)] {
        size = first;
        set.clear();
        // A line that need not break reads better than a larger one that does.
        let labels: Vec<&str> = items.iter().map(|item| item.label.trim()).collect();
        let room = (text.width * MM, text.height * MM * rows_f * 2.0);
        if let Some(whole) = font::fit_unbroken(&labels, ink.pen(face), room, first, first.min(7.5)) {
            let all = whole.first().map_or(first, |one| one.size);
            if all * (font::CAPITAL + font::DESCENT) <= text.height * MM {
                size = all;
            }
        }
        for item in items {
            ink.check(&item.label, place)?;
            let fit = font::fit(item.label.trim(), ink.pen(face), (text.width * MM, text.height * MM), size, least);
            let Some(fit) = fit else { break };
            size = size.min(fit.size);
            set.push(face);
        }
        if set.len() == items.len() {
            break;
        }
    }
    let Some(&face) = set.first().filter(|_| set.len() == items.len()) else {
        return if items.is_empty() { Ok(()) } else { Err(Fault::TooLong { place: place() }) };
    };
    for (number, item) in items.iter().enumerate() {
        let (column, row) = (number / rows, number % rows);
        let left = area.left + if column == 0 { 0.0 } else { wide + gap };
        let top = area.top + tall * f32::from(u8::try_from(row).unwrap_or(u8::MAX));
        ink.draw(item.picture, Area::new(left, top + (tall - side) / 2.0, side, side));
        let cell = Area { left: left + side + 1.2, top, ..text };
        ink.set_middle(item.label.trim(), cell, Style::new(face, size, size.min(4.6)), place)?;
    }
    Ok(())
}

pub(super) fn fitted(
    ink: &Ink,
    texts: &[&str],
    area: Area,
    style: Style,
    place: &dyn Fn() -> String,
) -> Result<Vec<Fitted>, Fault> {
    for text in texts {
        ink.check(text, place)?;
    }
    let room = (area.width * MM, area.height * MM);
    let (pen, largest) = (ink.pen(style.face), style.largest);
    // A line that need not break reads better than a slightly larger one that does.
    let unbroken = if texts.len() > 1 { (largest - 2.5).max(style.smallest) } else { largest };
    font::fit_unbroken(texts, pen, room, largest, unbroken)
        .or_else(|| font::fit_all(texts, pen, room, largest, style.smallest))
        .ok_or_else(|| Fault::TooLong { place: place() })
}

#[cfg(test)]
mod tests {
    use super::super::proof;
    use super::super::voucher_sheet::samples::{crowded, head, long_head, ordinary, sparse, unbroken};
    use super::*;

    #[test]
    fn no_text_touches_the_code_another_text_or_the_edge() {
        for (g, language) in [(&A6, Language::Id), (&A6_BOTH, Language::En), (&A5, Language::Id), (&A5, Language::En)] {
            let quiet = quiet_zone(g.code.width);
            let code = Area::new(
                g.code.left - quiet,
                g.code.top - quiet,
                g.code.width + 2.0 * quiet,
                g.code.height + 2.0 * quiet,
            );
            for head in [head(language), long_head(language)] {
                let common = common(g, &head, None).unwrap();
                for voucher in [ordinary(0), ordinary(2), crowded(1), unbroken(1), sparse(1)] {
                    let name = |line: &str| line.to_owned();
                    let own = own(g, &voucher, language, None, &name).unwrap();
                    let shared = where_and_what(g, &voucher, language, None, &name).unwrap();
                    proof::assert_apart(&[&common, &shared, &own], g.size, &[code]);
                }
            }
        }
    }

    #[test]
    fn no_print_is_too_fine_to_be_read_in_either_language() {
        for (g, language) in [(&A6, Language::Id), (&A6_BOTH, Language::En), (&A5, Language::Id), (&A5, Language::En)] {
            let name = |line: &str| line.to_owned();
            let voucher = ordinary(0);
            let inks = [
                common(g, &head(language), None).unwrap(),
                where_and_what(g, &voucher, language, None, &name).unwrap(),
                own(g, &voucher, language, None, &name).unwrap(),
            ];
            for text in inks.iter().flat_map(Ink::texts) {
                assert!(text.size() >= 6.0 - 1e-3, "{} pt: {text:?}", text.size());
            }
        }
    }

    #[test]
    fn the_code_is_large_enough_and_its_border_fits_the_card() {
        for g in [&A6, &A6_BOTH, &A5] {
            assert!(g.code.width >= 48.0 && g.code.height >= 48.0);
            assert!(g.code.right() + quiet_zone(g.code.width) < g.size.0);
        }
    }
}
