//! How well the printed code reads when the paper has suffered, beside two other tickets of the same printed
//! size: 140 base64 characters at level L, and 36 characters at level Q.
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

use crate::paper::{code, stencil, vector};

/// How many codes of each kind.
const CODES: u32 = 24;

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
        let kinds = [
            ("salur", plain(&ours, EcLevel::M), ours),
            ("base64-140-L", plain(&long, EcLevel::L), long),
            ("uuid-36-Q", plain(&short, EcLevel::Q), short),
        ];
        for (kind, made, text) in kinds {
            let name = format!("{kind}.{number:03}");
            page(stencil(&made), 1.0, &folder.path().join(format!("{name}.pdf")));
            if kind == "salur" {
                let form = vector(&made);
                let drawn = folder.path().join(format!("salur-form.{number:03}.pdf"));
                page(form, 1.0 / made.width() as f32, &drawn);
                texts.push(format!("salur-form.{number:03}\t{}\t{text}", made.width()));
            }
            texts.push(format!("{name}\t{}\t{text}", made.width()));
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

/// A sheet of A6 with the code at 42 mm, where a voucher has it. `unit` is how large a module's unit is drawn.
fn page(object: ExternalXObject, unit: f32, path: &Path) {
    let mut document = PdfDocument::new("Tiket");
    let id = XObjectId("Q".to_owned());
    document.resources.xobjects.map.insert(id.clone(), XObject::External(object));
    let mm = 72.0 / 25.4;
    let transform = XObjectTransform {
        translate_x: Some(Pt(31.5 * mm)),
        translate_y: Some(Pt(53.25 * mm)),
        scale_x: Some(42.0 * mm * unit),
        scale_y: Some(42.0 * mm * unit),
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
