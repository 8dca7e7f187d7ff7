//! The receipt of one handout: a sheet of A6 that says what was given, to whom, by whom and where.
//!
//! It is the citizen's copy and an attachment to the signed list, so it has room for a signature or a
//! thumbprint. It shows what the voucher showed and what happened at the desk, nothing more about the
//! household.

use printpdf::{Mm, PdfDocument, PdfPage, XObject, XObjectId};

use super::Fault;
use super::finish::{About, finish_with};
use super::font::{self, Face, Fitted};
use super::ink::{Align, Area, BLACK, GREY, Ink, MM, Style};
use super::letterhead::letterhead_with;
use super::qr::{Code, QUIET};
use super::stationery::Stationery;
use super::typeface::Letters;
use super::voucher_card::{complaints, free_band};
use super::voucher_sheet::place;
use crate::domain::time::{Language, Timestamp, Zone};

/// What stands on a receipt. Texts come ready: masked, counted and in the right zone.
#[derive(Debug, Clone)]
pub struct ReceiptFace {
    /// Indonesian alone, or with small English words beside the labels.
    pub language: Language,
    /// The lines of the letterhead, one to three.
    pub agency_lines: Vec<String>,
    /// The receipt's number.
    pub number: String,
    /// The programme.
    pub programme: String,
    /// The round: `Tahap 1 / 2026`.
    pub round_label: String,
    /// The recipient's name.
    pub name: String,
    /// The NIK with its middle hidden.
    pub nik_masked: String,
    /// What was really given, a line each; it may be less than the voucher promised.
    pub items: Vec<String>,
    /// What was less than promised, by how much, a line each.
    pub owed: Vec<String>,
    /// The value of what was given: `Rp500.000`.
    pub value: String,
    /// The same in words.
    pub in_words: String,
    /// Who collected: `Penerima sendiri`, `Wakil (satu KK) – anak – SITI`, `Pengganti – …`.
    pub collector: String,
    /// How that person was known: `KTP/KK dilihat`.
    pub identity: String,
    /// When, with zone: `07-12-2026 09.12 WITA`.
    pub time: String,
    /// The point with its code.
    pub point: String,
    /// The desk.
    pub desk: Option<String>,
    /// The operator at the desk.
    pub operator: String,
    /// The device that recorded it.
    pub device: String,
    /// The key that signed it.
    pub key_id: String,
    /// The first signs of the receipt's hash, to compare by eye.
    pub short_hash: String,
    /// A remark: handed out without paper, given short, reversed since.
    pub note: Option<String>,
    /// Where to complain; empty for nowhere but the country's own place.
    pub hotline: String,
    /// Where anybody can check it, without `https://`: in words and as a QR code.
    pub check_at: Option<String>,
    /// The zone in which the file's date is written.
    pub zone: Zone,
}

impl ReceiptFace {
    /// The texts that people wrote.
    pub fn said(&mut self) -> impl Iterator<Item = &mut String> {
        let one = [
            &mut self.programme,
            &mut self.round_label,
            &mut self.name,
            &mut self.collector,
            &mut self.point,
            &mut self.operator,
            &mut self.device,
            &mut self.hotline,
        ];
        let several = self.agency_lines.iter_mut().chain(&mut self.items).chain(&mut self.owed);
        one.into_iter().chain(several).chain(&mut self.desk).chain(&mut self.note)
    }
}

const PAGE: (f32, f32) = (105.0, 148.5);
const LEFT: f32 = 8.0;
const WIDE: f32 = PAGE.0 - 2.0 * LEFT;
const HEAD: Area = Area::new(LEFT, 6.5, WIDE, 10.5);
const TITLE: Area = Area::new(LEFT, 20.0, WIDE, 6.0);
const NUMBER: Area = Area::new(LEFT, 25.4, WIDE, 3.6);
const BODY: Area = Area::new(LEFT, 30.5, WIDE, 75.5);
/// That nobody may ask for money, and where to complain when somebody does.
const FREE: Area = Area::new(LEFT, 106.8, WIDE, 5.0);
const COMPLAINTS: Area = Area::new(LEFT, 112.8, WIDE - 29.0, 3.6);
const SIGN: Area = Area::new(LEFT, 117.0, WIDE, 22.5);
/// A code with its quiet zone.
const CODE_BOX: Area = Area::new(LEFT + WIDE - 27.0, 112.5, 27.0, 27.0);
const FOOT: Area = Area::new(LEFT, 142.0, WIDE, 3.0);

/// Makes the receipt as a file of one page. A text that cannot be printed or does not fit is a
/// [`Fault`] that names the line.
pub fn render(
    face: &ReceiptFace,
    stationery: &Stationery,
    made_at: Timestamp,
    document_id: [u8; 16],
) -> Result<Vec<u8>, Fault> {
    let title = format!("Tanda terima {}", face.number);
    let mut document = PdfDocument::new(&title);
    let sheet = XObjectId("K".to_owned());
    let letters = stationery.typeface.as_ref().map(Letters::new);
    let ink = lay_out(face, stationery, letters.as_ref())?;
    let mut ops = vec![place(sheet.clone(), (0.0, 0.0), 1.0)];
    let objects = &mut document.resources.xobjects.map;
    if let Some(emblem) = &stationery.emblem {
        objects.insert(XObjectId("E".to_owned()), XObject::External(emblem.image()));
    }
    objects.insert(sheet, XObject::External(ink.form(PAGE)));
    if let Some(code) = code_of(face)? {
        let modules = u8::try_from(code.modules()).map_or(49.0, f32::from);
        let quiet = u8::try_from(QUIET).map_or(4.0, f32::from);
        let module = CODE_BOX.width / (modules + 2.0 * quiet);
        let corner = (CODE_BOX.left + quiet * module, PAGE.1 - CODE_BOX.bottom() + quiet * module);
        let id = XObjectId("Q".to_owned());
        ops.push(place(id.clone(), corner, modules * module * MM));
        objects.insert(id, XObject::External(code.image()));
    }
    document.pages.push(PdfPage::new(Mm(PAGE.0), Mm(PAGE.1), ops));
    let author = face.agency_lines.join(", ");
    finish_with(&document, &About { title, author, made_at, zone: face.zone, document_id }, letters.as_ref())
}

/// The code of the address at which the receipt can be checked, if it has one.
pub(super) fn code_of(face: &ReceiptFace) -> Result<Option<Code>, Fault> {
    face.check_at.as_ref().map(|address| Code::new(&format!("https://{address}"), 1, "receipt")).transpose()
}

fn lay_out(face: &ReceiptFace, stationery: &Stationery, letters: Option<&Letters>) -> Result<Ink, Fault> {
    let mut ink = Ink::new(letters);
    let at = |line: &'static str| move || format!("receipt, {line}");
    let english = face.language == Language::En;
    letterhead_with(&mut ink, stationery.emblem.as_ref(), &face.agency_lines, HEAD, &at("letterhead"))?;
    let centre = |face, large| Style::new(face, large, 6.0).align(Align::Centre);
    let title = if english { "TANDA TERIMA / RECEIPT" } else { "TANDA TERIMA BANTUAN" };
    ink.set(title, TITLE, centre(Face::Bold, 13.0), &at("title"))?;
    ink.set(&format!("No. {}", face.number), NUMBER, centre(Face::Regular, 8.5), &at("number"))?;
    body(&mut ink, &rows(face), english)?;
    free_band(&mut ink, FREE, english, 0.9)?;
    let hotline = complaints(Some(&face.hotline), english);
    ink.set(&hotline, COMPLAINTS, Style { smallest: 4.0, ..centre(Face::Bold, 8.5) }, &at("hotline"))?;
    signatures(&mut ink, face, english)?;
    ink.rule(LEFT, FOOT.top - 0.9, WIDE, 0.4, GREY);
    let mut foot = format!("Kunci {} · Sidik {}", face.key_id, face.short_hash);
    if let Some(address) = &face.check_at {
        foot += &format!(" · Periksa di {address}");
    }
    ink.set(&foot, FOOT, Style::new(Face::Regular, 7.5, 5.0), &at("key"))?;
    Ok(ink)
}

/// A line of the receipt: its name in both languages, its text, and the face it is set in.
pub(super) struct Row {
    pub(super) label: (&'static str, &'static str),
    pub(super) texts: Vec<String>,
    pub(super) face: Face,
}

pub(super) fn rows(face: &ReceiptFace) -> Vec<Row> {
    let row = |label, texts: Vec<String>, face| Row { label, texts, face };
    let one = |label, text: &str| row(label, vec![text.to_owned()], Face::Regular);
    let marked = |items: &[String]| items.iter().map(|item| format!("•\u{a0}{}", item.trim())).collect();
    let mut rows = vec![
        one(("Program", "Programme"), &format!("{} – {}", face.programme, face.round_label)),
        row(("Penerima", "Recipient"), vec![face.name.clone()], Face::Bold),
        one(("NIK", "ID number"), &face.nik_masked),
        row(("Diterima", "Received"), marked(&face.items), Face::Bold),
        row(("Kurang", "Not given"), marked(&face.owed), Face::Bold),
        row(("Nilai", "Value"), vec![format!("{} ({})", face.value, face.in_words)], Face::Regular),
        row(("Diambil oleh", "Taken by"), vec![face.collector.clone()], Face::Bold),
        one(("Identitas", "Identity"), &face.identity),
        one(("Waktu", "Time"), &face.time),
        one(("Titik", "Point"), &face.point),
    ];
    rows.retain(|row| !row.texts.is_empty());
    let desk = match &face.desk {
        Some(desk) => format!("{} – {desk}", face.operator),
        None => face.operator.clone(),
    };
    rows.push(one(("Petugas", "Officer"), &desk));
    rows.push(one(("Perangkat", "Device"), &face.device));
    if let Some(note) = &face.note {
        rows.push(one(("Catatan", "Remark"), note));
    }
    rows
}

/// Sets the rows below each other, all of one size, as large as they fit the page together.
fn body(ink: &mut Ink, rows: &[Row], english: bool) -> Result<(), Fault> {
    let (label_wide, label_size) = if english { (30.0, 8.0) } else { (23.0, 9.0) };
    let value = Area::new(BODY.left + label_wide, BODY.top, BODY.width - label_wide, BODY.height);
    for row in rows {
        for text in &row.texts {
            ink.check(text, &|| format!("receipt, {}", row.label.1))?;
        }
    }
    let mut size = 10.0_f32;
    let fitted: Vec<Vec<Fitted>> = loop {
        if size < 5.0 {
            return Err(Fault::TooLong { place: "receipt".to_owned() });
        }
        let tried: Option<Vec<Vec<Fitted>>> = rows
            .iter()
            .map(|row| {
                let texts: Vec<&str> = row.texts.iter().map(String::as_str).collect();
                font::fit_all(&texts, ink.pen(row.face), (value.width * MM, value.height * MM), size, size)
            })
            .collect();
        match tried {
            Some(parts) if parts.iter().map(|row| tall(row, size)).sum::<f32>() <= BODY.height => break parts,
            _ => size -= 0.5,
        }
    };
    let used: f32 = fitted.iter().map(|row| tall(row, size)).sum();
    let spare = (BODY.height - used) / f32::from(u8::try_from(rows.len()).unwrap_or(u8::MAX));
    let mut top = BODY.top;
    for (row, parts) in rows.iter().zip(&fitted) {
        let label = if english && row.label.0 != row.label.1 {
            format!("{} / {}", row.label.0, row.label.1)
        } else {
            row.label.0.to_owned()
        };
        // A smaller label stands on the baseline of its value.
        let shift = font::CAPITAL * (size - size.min(label_size)) / MM;
        let area = Area::new(BODY.left, top + shift, label_wide - 1.0, 4.0);
        let style = Style::new(Face::Regular, size.min(label_size), 4.5);
        ink.set(&label, area, style, &|| format!("receipt, {}", row.label.1))?;
        ink.set_column(parts, Area { top, ..value }, Style::new(row.face, size, size));
        top += tall(parts, size) + spare.min(1.2);
    }
    Ok(())
}

/// The height of a row and the space below it, in millimetres.
fn tall(parts: &[Fitted], size: f32) -> f32 {
    let gaps = f32::from(u8::try_from(parts.len().saturating_sub(1)).unwrap_or(u8::MAX));
    (parts.iter().map(Fitted::height).sum::<f32>() + (gaps * font::GAP + 0.5) * size) / MM
}

/// Two places to sign, beside the code if there is one.
fn signatures(ink: &mut Ink, face: &ReceiptFace, english: bool) -> Result<(), Fault> {
    let wide = if face.check_at.is_some() { SIGN.width - CODE_BOX.width - 2.0 } else { SIGN.width };
    let each = (wide - 5.0) / 2.0;
    let people = [("Petugas", "Officer", face.operator.as_str()), ("Yang menerima", "Received", "")];
    for (left, (id, en, name)) in [SIGN.left, SIGN.left + each + 5.0].into_iter().zip(people) {
        let column = Area::new(left, SIGN.top, each, 4.0);
        let label = if english { format!("{id} / {en}") } else { id.to_owned() };
        let place = || format!("receipt, signature of {en}");
        let centre = Style::new(Face::Regular, if english { 6.4 } else { 8.0 }, 4.5).align(Align::Centre);
        ink.set(&label, column, centre, &place)?;
        ink.rule(left, SIGN.top + 15.5, each, 0.6, BLACK);
        let under = if name.is_empty() { "tanda tangan / cap jempol" } else { name };
        let area = Area::new(left, SIGN.top + 16.6, each, 5.6);
        ink.set(under, area, Style { largest: 6.2, ..centre }, &place)?;
    }
    Ok(())
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::proof::{self, Paper};
    use super::*;

    pub(in super::super) fn face() -> ReceiptFace {
        ReceiptFace {
            language: Language::Id,
            agency_lines: vec!["PEMERINTAH KABUPATEN KUTAI KARTANEGARA".into(), "DINAS SOSIAL".into()],
            number: "TGR-01/2026/000417".into(),
            programme: "Bantuan Sembako".into(),
            round_label: "Tahap 1 / 2026".into(),
            name: "RUSMINI".into(),
            nik_masked: "6402 **** **** 0001".into(),
            items: ["Beras premium 15 kg", "Minyak goreng 4 l", "Telur ayam 2 piring", "Gula pasir 3 kg"]
                .map(str::to_owned)
                .to_vec(),
            owed: Vec::new(),
            value: "Rp500.000".into(),
            in_words: "lima ratus ribu rupiah".into(),
            collector: "Wakil (satu KK) – anak – SITI AMINAH".into(),
            identity: "KTP/KK dilihat".into(),
            time: "07-12-2026 09.12 WITA".into(),
            point: "Kantor Camat Tenggarong (TGR-01)".into(),
            desk: Some("Meja 2".into()),
            operator: "Nur’aini Hasanah".into(),
            device: "TGR-01 / HP-3".into(),
            key_id: "9f3a1c07".into(),
            short_hash: "4be1 90c2 77ad 0153".into(),
            note: None,
            hotline: "0541-000-000".into(),
            check_at: Some("salur.kukarkab.go.id/r/4be190c277ad0153".into()),
            zone: Zone::Wita,
        }
    }

    /// Everything as long as a file could bring it.
    pub(in super::super) fn crowded() -> ReceiptFace {
        ReceiptFace {
            language: Language::En,
            name: "ABDURRAHMAN MUHAMMAD NUR HIDAYATULLAH SYARIFUDDIN AL-BANJARI".into(),
            items: (1..=8).map(|n| format!("Paket bahan pangan pokok nomor {n}, kemasan plastik 2 × 500 g")).collect(),
            owed: vec!["Telur ayam ras kemasan nampan 1 piring".into(), "Beras premium 2,5 kg".into()],
            in_words: "tujuh ratus sembilan puluh sembilan ribu sembilan ratus sembilan puluh sembilan rupiah".into(),
            collector: "Pengganti (SPTJM 12/2026) – keponakan – MUHAMMAD NUR HIDAYATULLAH SYARIFUDDIN".into(),
            point: "Balai Pertemuan Umum Desa Muara Enggelam, Kecamatan Muara Wis (MWS-12)".into(),
            note: Some("Kupon hilang; telur kurang 1 piring, dicatat sebagai kekurangan".into()),
            ..face()
        }
    }

    fn made_at() -> Timestamp {
        Timestamp::parse("2026-12-07T09:12:30+08:00").unwrap()
    }

    #[test]
    fn a_receipt_says_what_was_given_and_its_code_leads_to_it() {
        for (face, name) in [(face(), "receipt"), (crowded(), "receipt-crowded")] {
            let paper = Paper::new(&render(&face, &Stationery::default(), made_at(), [7; 16]).unwrap(), name);
            paper.assert_sound();
            let text = proof::flat(&paper.text());
            assert!(text.contains("GRATIS – TIDAK DIPUNGUT BIAYA APA PUN"), "{text}");
            let label = if face.language == Language::En { "Pengaduan / complaints" } else { "Pengaduan" };
            assert!(text.contains(&format!("{label}: 0541-000-000 · lapor.go.id")), "{text}");
            for wanted in [&face.number, &face.name, &face.value, &face.in_words, &face.collector, &face.short_hash] {
                assert!(text.contains(wanted.as_str()), "{wanted} is missing in {text}");
            }
            for owed in &face.owed {
                assert!(text.contains(owed.as_str()), "{owed} is missing in {text}");
            }
            let address = face.check_at.unwrap();
            assert!(text.contains(&format!("Periksa di {address}")), "{text}");
            assert_eq!(paper.codes(1, 200), vec![format!("https://{address}")]);
        }
    }

    #[test]
    fn a_receipt_keeps_its_texts_apart() {
        for face in [face(), crowded(), ReceiptFace { check_at: None, note: None, ..crowded() }] {
            let ink = lay_out(&face, &Stationery::default(), None).unwrap();
            let code = face.check_at.is_some().then_some(CODE_BOX);
            proof::assert_apart(&[&ink], PAGE, code.as_slice());
        }
    }

    #[test]
    fn a_line_that_cannot_be_printed_is_named() {
        let refused =
            render(&ReceiptFace { operator: "Łukasz".into(), ..face() }, &Stationery::default(), made_at(), [7; 16]);
        assert_eq!(refused, Err(Fault::Unprintable { place: "receipt, Officer".into(), character: 'Ł' }));
        let refused =
            render(&ReceiptFace { programme: "W".repeat(6_000), ..face() }, &Stationery::default(), made_at(), [7; 16]);
        assert_eq!(refused, Err(Fault::TooLong { place: "receipt".into() }));
    }
}
