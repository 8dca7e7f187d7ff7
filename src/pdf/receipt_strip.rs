//! The receipt on a strip of thermal paper, 58 or 80 mm wide and as long as its text.
//!
//! Thermal printers print on 48 and 72 mm of these, at 203 dots to the inch, and their paper fades: letters
//! are large and black, nothing is grey. The strip is the citizen's copy; the signature is on the list.

use printpdf::{Mm, PdfDocument, PdfPage, XObject, XObjectId};

use super::Fault;
use super::finish::{About, finish_with};
use super::font::Face;
use super::ink::{Align, Area, BLACK, Ink, MM, Style};
use super::qr::QUIET;
use super::receipt::{ReceiptFace, code_of, rows};
use super::stationery::Stationery;
use super::typeface::Letters;
use super::voucher_card::{FREE_ID, complaints};
use super::voucher_sheet::place;
use crate::domain::time::{Language, Timestamp};

/// How wide the strip is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Width {
    /// 58 mm.
    Mm58,
    /// 80 mm.
    Mm80,
}

impl Width {
    /// The width of the paper and the margin at which the printer begins, in millimetres; how much larger
    /// than on the narrow strip the letters are.
    const fn measures(self) -> (f32, f32, f32) {
        match self {
            Self::Mm58 => (58.0, 5.0, 1.0),
            Self::Mm80 => (80.0, 4.0, 1.25),
        }
    }
}

/// Makes the receipt as a strip. A text that cannot be printed or does not fit is a [`Fault`] that names
/// the line.
pub fn render(
    face: &ReceiptFace,
    width: Width,
    stationery: &Stationery,
    made_at: Timestamp,
    document_id: [u8; 16],
) -> Result<Vec<u8>, Fault> {
    let title = format!("Tanda terima {}", face.number);
    let letters = stationery.typeface.as_ref().map(Letters::new);
    let (wide, margin, grow) = width.measures();
    let (ink, end) = lay_out(face, (wide, margin, grow), letters.as_ref())?;
    let code = code_of(face)?;
    let side = (wide - 2.0 * margin).min(44.0);
    let tall = end + if code.is_some() { side } else { 0.0 } + 6.0;
    let mut document = PdfDocument::new(&title);
    let sheet = XObjectId("K".to_owned());
    let mut ops = vec![place(sheet.clone(), (0.0, 0.0), 1.0)];
    document.resources.xobjects.map.insert(sheet, XObject::External(ink.form((wide, tall))));
    if let Some(code) = code {
        let modules = u8::try_from(code.modules()).map_or(49.0, f32::from);
        let quiet = u8::try_from(QUIET).map_or(4.0, f32::from);
        let module = side / (modules + 2.0 * quiet);
        let corner = ((wide - modules * module) / 2.0, tall - end - side + quiet * module);
        let id = XObjectId("Q".to_owned());
        ops.push(place(id.clone(), corner, modules * module * MM));
        document.resources.xobjects.map.insert(id, XObject::External(code.image()));
    }
    document.pages.push(PdfPage::new(Mm(wide), Mm(tall), ops));
    let author = face.agency_lines.join(", ");
    finish_with(&document, &About { title, author, made_at, zone: face.zone, document_id }, letters.as_ref())
}

/// Sets the lines below each other and says where they end.
fn lay_out(
    face: &ReceiptFace,
    (wide, margin, grow): (f32, f32, f32),
    letters: Option<&Letters>,
) -> Result<(Ink, f32), Fault> {
    let mut ink = Ink::new(letters);
    let mut top = 5.0;
    let inner = wide - 2.0 * margin;
    let english = face.language == Language::En;
    let mut line = |ink: &mut Ink, text: &str, style: Style, after: f32, place: &str| -> Result<f32, Fault> {
        if !text.trim().is_empty() {
            let area = Area::new(margin, top, inner, 400.0);
            top = ink.set(text.trim(), area, style, &|| format!("receipt, {place}"))? + after;
        }
        Ok(top)
    };
    let fixed = |face, size: f32| Style::new(face, size * grow, size * grow);
    let centre = |face, size| fixed(face, size).align(Align::Centre);
    let face_lines = face.agency_lines.len().min(3);
    for (number, text) in face.agency_lines.iter().take(3).enumerate() {
        let face = if number == 1 || face_lines == 1 { Face::Bold } else { Face::Regular };
        let after = if number + 1 == face_lines { 2.2 } else { 0.4 };
        let end = line(&mut ink, text, centre(face, 8.0), after, "letterhead")?;
        if number + 1 == face_lines {
            ink.rule(margin, end - 1.4, inner, 0.8, BLACK);
        }
    }
    let title = if english { "TANDA TERIMA / RECEIPT" } else { "TANDA TERIMA BANTUAN" };
    line(&mut ink, title, centre(Face::Bold, 10.0), 0.6, "title")?;
    line(&mut ink, &format!("No. {}", face.number), centre(Face::Bold, 9.0), 2.4, "number")?;
    for row in rows(face) {
        let label = if english && row.label.0 != row.label.1 {
            format!("{} / {}", row.label.0, row.label.1)
        } else {
            row.label.0.to_owned()
        };
        line(&mut ink, &label, fixed(Face::Regular, 6.5), 0.2, row.label.1)?;
        let last = row.texts.len().saturating_sub(1);
        for (number, text) in row.texts.iter().enumerate() {
            line(&mut ink, text, fixed(row.face, 9.0), if number == last { 1.3 } else { 0.5 }, row.label.1)?;
        }
    }
    let key = if english { "Sidik / digest" } else { "Sidik tanda terima" };
    line(&mut ink, key, fixed(Face::Regular, 6.5), 0.3, "digest")?;
    line(&mut ink, &face.short_hash, fixed(Face::Bold, 11.0), 0.8, "digest")?;
    line(&mut ink, &format!("Kunci {}", face.key_id), fixed(Face::Regular, 6.5), 1.5, "key")?;
    line(&mut ink, FREE_ID, centre(Face::Bold, 9.0), 0.8, "fee")?;
    line(&mut ink, &complaints(Some(&face.hotline), english), centre(Face::Bold, 8.0), 1.5, "hotline")?;
    if let Some(address) = &face.check_at {
        line(&mut ink, &format!("Periksa di {address}"), centre(Face::Regular, 7.5), 0.8, "address")?;
    }
    let end = line(&mut ink, "Simpan sebagai bukti.", centre(Face::Regular, 7.5), 1.5, "foot")?;
    Ok((ink, end))
}

#[cfg(test)]
mod tests {
    use super::super::proof::{self, Paper};
    use super::super::receipt::tests::{crowded, face};
    use super::*;

    #[test]
    fn a_strip_says_what_the_sheet_says_and_keeps_to_what_the_printer_prints() {
        let made_at = Timestamp::parse("2026-12-07T09:12:30+08:00").unwrap();
        for (width, name) in [(Width::Mm58, "58"), (Width::Mm80, "80")] {
            for (face, kind) in [(face(), ""), (crowded(), "-crowded")] {
                let (wide, margin, grow) = width.measures();
                let (ink, end) = lay_out(&face, (wide, margin, grow), None).unwrap();
                // The margin of the printer is narrower than that of a sheet.
                proof::assert_within(&ink, (wide, end + 6.0), margin - 0.1);
                let file = render(&face, width, &Stationery::default(), made_at, [7; 16]).unwrap();
                let paper = Paper::new(&file, &format!("receipt-{name}{kind}"));
                paper.assert_sound();
                let text = proof::flat(&paper.text());
                assert!(text.contains("GRATIS – TIDAK DIPUNGUT BIAYA APA PUN"), "{text}");
                assert!(text.contains(": 0541-000-000") && text.contains("Pengaduan"), "{text}");
                for wanted in [&face.number, &face.name, &face.value, &face.short_hash, &face.time] {
                    assert!(text.contains(wanted.as_str()), "{wanted} is missing in {text}");
                }
                for owed in &face.owed {
                    assert!(text.contains(owed.as_str()), "{owed} is missing in {text}");
                }
                let address = face.check_at.unwrap();
                assert!(text.contains("Periksa di "), "{text}");
                assert_eq!(paper.codes(1, 203), vec![format!("https://{address}")]);
            }
        }
    }
}
