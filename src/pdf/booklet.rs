//! The booklet: a household's rounds on one page of A4, a slip each, as the post office hands them out.
//!
//! The head of the page says who it is for and what to bring; each slip has the code of its round and stays
//! complete when it is cut off. A slip of a round in which there is no voucher says why and has no code.

use printpdf::XObjectId;

use super::Fault;
use super::font::{self, Face};
use super::ink::{Align, Area, BLACK, GREY, Ink, MM, Style};
use super::letterhead::letterhead_with;
use super::typeface::Letters;
use super::voucher_card::{
    TERMS_EN, TERMS_ID, complaints, fitted, free_band, hours_line, items, print_line, quiet_zone, round_frame,
    told_later,
};
use super::voucher_sheet::{
    A4, Bundle, Place, Press, SheetHead, Slip, SlipVoucher, VoucherFace, Without, in_places, named, place,
};
use crate::domain::time::Language;

/// A slip: half of the page wide, six to a page.
const SLIP: (f32, f32) = (105.0, 74.0);
/// What stays free below the lowest slips: few printers print the last 4 mm of a sheet.
const FOOT: f32 = 3.0;
/// The height of the page's head.
const HEAD_TALL: f32 = A4.1 - 3.0 * SLIP.1 - FOOT;
const PER_PAGE: usize = 6;
/// The code on a slip.
pub(super) const CODE: Area = Area::new(57.2, 7.8, 43.0, 43.0);
const LEFT: f32 = 6.0;
/// Beside the code, and its white border.
const BESIDE: f32 = CODE.left - quiet_zone(CODE.width) - LEFT - 0.5;

/// Fills pages: lists and cards of bundles on the upper half of a page, a page or more for each household.
pub(super) fn lay_out(press: &mut Press<'_>, bundles: &[Bundle]) -> Result<(), Fault> {
    let (head, letters) = (press.head, press.letters);
    let page = press.keep(page_head(head, letters)?.form(A4));
    let half = (A4.0, A4.1 / 2.0);
    for what in in_places(head, bundles, half, letters)? {
        match what {
            Place::Paper(ink) => {
                let paper = press.keep(ink.form(half));
                press.page(A4, vec![place(paper, (0.0, half.1), 1.0)]);
            }
            Place::Voucher(voucher) => household(press, &page, voucher)?,
        }
    }
    Ok(())
}

fn household(press: &mut Press<'_>, page: &XObjectId, voucher: &VoucherFace) -> Result<(), Fault> {
    let (head, letters) = (press.head, press.letters);
    let at = |line: &str| format!("{}, {line}", named(voucher));
    for slips in voucher.slips.chunks(PER_PAGE) {
        let mut ops = vec![place(page.clone(), (0.0, 0.0), 1.0)];
        person(voucher, head.language, letters, &at)?.write_texts((0.0, A4.1 * MM), &mut ops);
        for (number, slip) in slips.iter().enumerate() {
            let left = if number % 2 == 0 { 0.0 } else { SLIP.0 };
            let row = f32::from(u8::try_from(number / 2).unwrap_or(0));
            let top = A4.1 - HEAD_TALL - row * SLIP.1;
            let form = press.keep(self::slip(head, voucher, slip, letters, &at)?.form(SLIP));
            ops.push(place(form, (left, top - SLIP.1), 1.0));
            if let Some(paper) = &slip.voucher {
                press.code(&paper.qr_text, &named(voucher), (left, top), CODE, &mut ops)?;
            }
        }
        press.page(A4, ops);
    }
    Ok(())
}

/// What is the same on all pages: the letterhead, the title, what to bring, the lines to cut along.
fn page_head(head: &SheetHead, letters: Option<&Letters>) -> Result<Ink, Fault> {
    let mut ink = Ink::new(letters);
    let english = head.language == Language::En;
    let at = |line: &'static str| move || format!("all vouchers, {line}");
    let kop = Area::new(10.0, 5.6, 190.0, 13.0);
    letterhead_with(&mut ink, head.stationery.emblem.as_ref(), &head.agency_lines, kop, &at("letterhead"))?;
    let title = format!("BUKU {}", head.title);
    ink.set_middle(&title, Area::new(10.0, 20.0, 190.0, 8.0), Style::new(Face::Bold, 18.0, 8.0), &at("title"))?;
    free_band(&mut ink, Area::new(112.0, 30.0, 88.0, 8.0), english, 1.0)?;
    let [(bold, first), (plain, second)] = TERMS_ID;
    let terms = Area::new(112.0, 40.0, 88.0, 26.0);
    let (large, small) = if english { (7.4, 6.6) } else { (8.6, 7.8) };
    let mut top = ink.set(first, terms, Style::new(bold, large, 5.0), &at("rules"))?;
    for text in [Some(second), english.then_some(TERMS_EN)].into_iter().flatten() {
        let rest = Area::new(terms.left, top + 0.5, terms.width, terms.bottom() - top);
        top = ink.set(text, rest, Style::new(plain, small, 4.5), &at("rules"))?;
    }
    let foot = Area::new(terms.left, 66.6, terms.width, 3.8);
    ink.set(&complaints(head.hotline.as_deref(), english), foot, Style::new(Face::Bold, 9.0, 6.0), &at("hotline"))?;
    ink.cut((105.0, HEAD_TALL), (105.0, A4.1 - 4.0));
    for row in 0..3_u8 {
        let top = HEAD_TALL + f32::from(row) * SLIP.1;
        ink.cut((4.0, top), (A4.0 - 4.0, top));
    }
    Ok(ink)
}

/// Who the page is for.
fn person(
    voucher: &VoucherFace,
    language: Language,
    letters: Option<&Letters>,
    at: &dyn Fn(&str) -> String,
) -> Result<Ink, Fault> {
    let mut ink = Ink::new(letters);
    let english = language == Language::En;
    let small = Style::new(Face::Regular, 9.0, 6.0);
    let mut top = 30.0;
    for ((id, en), style, tall, texts) in [
        (("Nama", "Name"), Style::new(Face::Bold, 20.0, 8.0), 13.5, vec![voucher.name.trim()]),
        (("NIK", "ID number"), Style::new(Face::Regular, 12.0, 8.0), 5.5, vec![voucher.nik_masked.trim()]),
        (
            ("Alamat", "Address"),
            Style::new(Face::Regular, 11.0, 6.0),
            12.0,
            vec![voucher.address.trim(), voucher.area.trim()],
        ),
    ] {
        let label = if english { format!("{id} / {en}") } else { id.to_owned() };
        ink.set(&label, Area::new(10.0, top, 20.0, 3.5), small, &|| at("label"))?;
        let room = Area::new(30.0, top, 76.0, tall);
        let lines = fitted(&ink, &texts, room, style, &|| at(&en.to_lowercase()))?;
        let used: f32 = lines.iter().map(|part| part.height() + font::GAP * part.size).sum();
        ink.set_column(&lines, room, style);
        top += (used / MM).max(5.0) + 1.4;
    }
    let serial = Area::new(10.0, 67.3, 96.0, 3.0);
    let text = format!("{} · {}", voucher.serial, voucher.bundle);
    ink.set(&text, serial, Style::new(Face::Regular, 8.0, 4.5), &|| at("serial"))?;
    Ok(ink)
}

/// One slip, complete when it is cut off.
fn slip(
    head: &SheetHead,
    voucher: &VoucherFace,
    slip: &Slip,
    letters: Option<&Letters>,
    at: &dyn Fn(&str) -> String,
) -> Result<Ink, Fault> {
    let mut ink = Ink::new(letters);
    round_frame(&mut ink, &slip.round_label, Area::new(LEFT, 5.5, BESIDE, 6.6), 1.05, &|| at("round"))?;
    let wide = SLIP.0 - 2.0 * LEFT;
    ink.rule(LEFT, 62.8, wide, 0.4, GREY);
    let name = Area::new(LEFT, 63.5, wide * 0.62, 5.4);
    ink.set(voucher.name.trim(), name, Style::new(Face::Bold, 9.5, 4.5), &|| at("name"))?;
    let nik = Area::new(LEFT + wide * 0.64, 63.5, wide * 0.36, 3.6);
    let right = Style::new(Face::Regular, 8.0, 4.5).align(Align::Right);
    ink.set(voucher.nik_masked.trim(), nik, right, &|| at("nik"))?;
    match &slip.voucher {
        Some(paper) => issued(&mut ink, head, voucher, paper, at)?,
        None => {
            let (id, en) = why(slip.without);
            let text = if head.language == Language::En { format!("{id} / {en}") } else { id.to_owned() };
            let middle = Style::new(Face::Regular, 11.0, 7.0).align(Align::Centre).shade(GREY);
            ink.set_middle(&text, Area::new(LEFT, 28.0, wide, 10.0), middle, &|| at("round"))?;
        }
    }
    Ok(ink)
}

/// Why a slip has no code, in both languages.
const fn why(without: Without) -> (&'static str, &'static str) {
    match without {
        Without::NotIssued => ("Belum terbit", "not issued yet"),
        Without::NotNamed => ("Tidak terdaftar pada tahap ini", "not on the list of this round"),
        Without::Collected => ("Sudah diambil", "collected"),
        Without::NotValid => ("Tidak berlaku", "not valid"),
    }
}

/// What a slip says when there is a voucher.
fn issued(
    ink: &mut Ink,
    head: &SheetHead,
    voucher: &VoucherFace,
    paper: &SlipVoucher,
    at: &dyn Fn(&str) -> String,
) -> Result<(), Fault> {
    let typed = Area::new(CODE.left, 56.6, CODE.width, 4.4);
    let style = Style::new(Face::Bold, 12.0, 8.0).align(Align::Centre);
    ink.set(&paper.typed_code, typed, style, &|| at("code"))?;
    let english = head.language == Language::En;
    let foot = format!("{} · {}", voucher.serial.trim(), print_line(paper.print_no, english));
    let area = Area::new(LEFT + 44.0, 69.6, SLIP.0 - 2.0 * LEFT - 44.0, 2.6);
    let small = Style::new(Face::Regular, 6.0, 4.0).align(Align::Right);
    ink.set(&foot, area, small, &|| at("serial"))?;
    let area = Area::new(LEFT, 69.6, 43.0, 2.6);
    let free = if english { "GRATIS, tidak dipungut biaya / free" } else { "GRATIS – tidak dipungut biaya" };
    ink.set(free, area, Style::new(Face::Bold, 6.5, 4.0), &|| at("fee"))?;

    let label = Style::new(Face::Regular, 7.5, 5.0);
    let room = |top: f32, tall: f32| Area::new(LEFT, top, BESIDE, tall);
    let words = |id: &str, en: &str| if english { format!("{id} / {en}") } else { id.to_owned() };
    ink.set(&words("Ambil di", "Collect at"), room(14.0, 2.6), label, &|| at("label"))?;
    ink.set(&paper.point, room(17.0, 8.2), Style::new(Face::Bold, 9.5, 4.6), &|| at("point"))?;
    ink.set(&words("Jadwal", "Schedule"), room(26.0, 2.6), label, &|| at("label"))?;
    match &paper.schedule {
        Some(schedule) => {
            ink.set(&schedule.day, room(29.0, 3.9), Style::new(Face::Bold, 9.5, 4.6), &|| at("day"))?;
            ink.set(&hours_line(schedule), room(33.2, 6.0), Style::new(Face::Regular, 8.5, 4.6), &|| at("hours"))?;
        }
        None => {
            ink.set(&told_later(english), room(29.0, 10.6), Style::new(Face::Regular, 8.5, 5.0), &|| at("day"))?;
        }
    }
    ink.rule(LEFT, 40.2, BESIDE, 0.3, BLACK);
    items(ink, &paper.items, room(41.2, 20.8), 9.0, &|| at("contents"))
}

#[cfg(test)]
mod tests {
    use super::super::proof;
    use super::super::voucher_sheet::samples::{booklet, crowded, head, long_head, ordinary, sparse};
    use super::*;

    #[test]
    fn nothing_on_the_lowest_slip_is_nearer_to_the_edge_than_printers_reach_and_no_name_runs_into_the_next_line() {
        let at = |line: &str| line.to_owned();
        let lowest = HEAD_TALL + 2.0 * SLIP.1;
        assert!((HEAD_TALL + 3.0 * SLIP.1 + FOOT - A4.1).abs() < 1e-3);
        for language in [Language::Id, Language::En] {
            for name in ["X".repeat(120), "WAHYUNINGSIH ".repeat(9), "SITI".to_owned()] {
                let mut voucher = booklet(ordinary(0));
                voucher.name = name;
                let one = voucher.slips.iter().find(|one| one.voucher.is_some()).unwrap();
                let ink = slip(&head(language), &voucher, one, None, &at).unwrap();
                proof::assert_apart(&[&ink], (SLIP.0, SLIP.1 + 3.0), &[]);
                for text in ink.texts() {
                    let area = text.area();
                    assert!(A4.1 - (lowest + area.bottom()) >= 4.2, "{text:?}");
                }
            }
        }
    }

    #[test]
    fn a_slip_in_both_languages_says_each_of_its_lines_in_both() {
        let at = |line: &str| line.to_owned();
        let said = |language, with_time: bool| {
            let mut voucher = booklet(ordinary(0));
            let head = head(language);
            let one = voucher.slips.iter_mut().find(|one| one.voucher.is_some()).unwrap();
            if !with_time {
                one.voucher.as_mut().unwrap().schedule = None;
            }
            let one = one.clone();
            let inks = [page_head(&head, None).unwrap(), slip(&head, &voucher, &one, None, &at).unwrap()];
            inks.iter().flat_map(|ink| ink.texts()).map(|text| text.text().to_owned()).collect::<Vec<_>>().join(" ")
        };
        let english = ["Collect at", "Schedule", "print no.", "/ free", "complaints", "Free of charge", "Bring this"];
        let (both, one) = (said(Language::En, true), said(Language::Id, true));
        for words in english {
            assert!(both.contains(words) && !one.contains(words), "{words}: {both}");
        }
        for words in ["Ambil di", "Jadwal", "Sesi", "No. cetak", "GRATIS", "Pengaduan"] {
            assert!(both.contains(words) && one.contains(words), "{words}: {both}");
        }
        assert!(said(Language::En, false).contains("will tell you"));
    }

    #[test]
    fn a_slip_and_its_page_keep_their_texts_apart() {
        let quiet = quiet_zone(CODE.width);
        let code = Area::new(CODE.left - quiet, CODE.top - quiet, CODE.width + 2.0 * quiet, CODE.height + 2.0 * quiet);
        assert!(CODE.width >= 43.0 && code.right() < SLIP.0 && code.top > 3.0);
        let at = |line: &str| line.to_owned();
        for language in [Language::Id, Language::En] {
            for head in [head(language), long_head(language)] {
                let page = page_head(&head, None).unwrap();
                for voucher in [ordinary(0), ordinary(2), crowded(1), sparse(3)] {
                    let voucher = booklet(voucher);
                    let who = person(&voucher, language, None, &at).unwrap();
                    proof::assert_apart(&[&page, &who], A4, &[]);
                    for one in &voucher.slips {
                        let ink = slip(&head, &voucher, one, None, &at).unwrap();
                        let hole = one.voucher.is_some().then_some(code);
                        proof::assert_apart(&[&ink], (SLIP.0, SLIP.1 + 3.0), hole.as_slice());
                    }
                }
            }
        }
    }
}
