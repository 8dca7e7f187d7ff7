//! How well the printed code reads when the paper has suffered, beside two other tickets of the same printed
//! size: 140 base64 characters at level L, and 36 characters at level Q. And again as large as the layouts
//! really print it, beside the ticket of 140 characters at both sizes: what a larger code gains is the paper's
//! merit and not the code's.
//!
//! Made here as PDF, rendered at 300 dpi by poppler, damaged and read by `readability.py` with zxing-cpp and
//! zbar. The table also compares ways to draw our own code: as a stencil (what Salur prints) and as a form of
//! rectangles.

use std::path::Path;
use std::process::Command;

use printpdf::{
    ExternalXObject, Mm, Op, PdfDocument, PdfPage, PdfSaveOptions, Pt, XObject, XObjectId, XObjectTransform,
};
use qrcode::{EcLevel, QrCode};
use salur::pdf::voucher_sheet::Layout;

use crate::paper::{code, stencil, vector};

/// How many codes of each kind.
const CODES: u32 = 24;
/// The side of a code where all kinds are as large as each other, in millimetres.
const SAME: f32 = 42.0;

pub(crate) fn run() {
    let Some(python) = python() else {
        println!("target/venv is missing: run `make setup-tests` once");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let plain = |text: &str, level| QrCode::with_error_correction_level(text, level).unwrap();
    let mut texts = Vec::new();
    for number in 0..CODES {
        let ours = code(number);
        let long: String = code(number + 1_000).bytes().take(140).map(lower).collect();
        let short = format!("{:08x}-7c1e-4e43-9c1b-{:012x}", number * 77_731, u64::from(number) * 9_000_001);
        let (card, slip) = (Layout::A4x4.code_side(), Layout::Booklet.code_side());
        let kinds = [
            ("salur", EcLevel::M, &ours, SAME),
            ("salur-form", EcLevel::M, &ours, SAME),
            ("base64-140-L", EcLevel::L, &long, SAME),
            ("uuid-36-Q", EcLevel::Q, &short, SAME),
            ("salur-card", EcLevel::M, &ours, card),
            ("salur-slip", EcLevel::M, &ours, slip),
            ("base64-as-card", EcLevel::L, &long, card),
        ];
        for (kind, level, text, side) in kinds {
            let made = plain(text, level);
            let name = format!("{kind}.{number:03}");
            let (object, unit) = match kind {
                "salur-form" => (vector(&made), 1.0 / made.width() as f32),
                _ => (stencil(&made), 1.0),
            };
            page(object, unit, side, &folder.path().join(format!("{name}.pdf")));
            texts.push(format!("{name}\t{}\t{side}\t{text}", made.width()));
        }
    }
    std::fs::write(folder.path().join("texts.tsv"), texts.join("\n")).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/bench/readability.py");
    let done = Command::new(python).arg(script).arg(folder.path()).status().unwrap();
    assert!(done.success(), "readability.py: {done}");
}

/// An alphabet with small letters, so that the code needs bytes, as base64 does.
fn lower(byte: u8) -> char {
    char::from(if byte.is_multiple_of(2) { byte.to_ascii_lowercase() } else { byte })
}

/// A sheet of A6 with the code in its middle. `unit` is how large a module's unit is drawn.
fn page(object: ExternalXObject, unit: f32, side: f32, path: &Path) {
    let mut document = PdfDocument::new("Tiket");
    let id = XObjectId("Q".to_owned());
    document.resources.xobjects.map.insert(id.clone(), XObject::External(object));
    let mm = 72.0 / 25.4;
    let transform = XObjectTransform {
        translate_x: Some(Pt((105.0 - side) / 2.0 * mm)),
        translate_y: Some(Pt((148.5 - side) / 2.0 * mm)),
        scale_x: Some(side * mm * unit),
        scale_y: Some(side * mm * unit),
        no_auto_scale: true,
        ..XObjectTransform::default()
    };
    document.pages.push(PdfPage::new(Mm(105.0), Mm(148.5), vec![Op::UseXobject { id, transform }]));
    std::fs::write(path, document.save(&PdfSaveOptions::default(), &mut Vec::new())).unwrap();
}

fn python() -> Option<String> {
    let own = std::env::var("SALUR_PYTHON").ok();
    own.or_else(|| Some(concat!(env!("CARGO_MANIFEST_DIR"), "/target/venv/bin/python").to_owned()))
        .filter(|path| Path::new(path).exists())
}
