//! Voucher sheets beside bare printpdf: vouchers a CPU-second, bytes a voucher, peak memory.
//!
//! Each figure comes from a process of its own, so that one's memory is not another's. Both are given the
//! texts and lay out four to a page: the text of a QR of 207 characters (version 8, level M) and about eight
//! lines. Salur writes parts of at most 1,000 vouchers, as its jobs do, with the cards of the bundles.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use printpdf::{
    BuiltinFont, DictItem, ExternalStream, ExternalXObject, Mm, Op, PdfDocument, PdfFontHandle, PdfPage,
    PdfSaveOptions, Point, Pt, TextItem, XObject, XObjectId, XObjectTransform,
};
use salur::domain::id::EntitlementId;
use salur::domain::time::{Language, Timestamp, Zone};
use salur::pdf::picture::Picture;
use salur::pdf::stationery::Stationery;
use salur::pdf::voucher_sheet::{Bundle, ItemFace, Layout, Schedule, SheetHead, VoucherFace, render};
use salur::token::{self, Claims, SigningKey};

/// The environment variable that makes this program measure one thing and say it.
pub(crate) const ORDER: &str = "SALUR_BENCH_PAPER";

/// `make bench ONLY=paper`
pub(crate) fn run() {
    heading();
    for count in [1_000, 10_000] {
        for what in ["a4x4", "a4x4+sign", "bare-image", "bare-form"] {
            line(what, count, 3);
        }
    }
    for what in ["a4x2", "a6"] {
        line(what, 1_000, 3);
    }
}

/// `make bench ONLY=paper-large`
pub(crate) fn run_large() {
    heading();
    for what in ["a4x4", "a4x4+sign", "bare-image"] {
        line(what, 100_000, 1);
    }
}

fn heading() {
    println!("{:<12} {:>9} {:>16} {:>12} {:>12}", "", "vouchers", "vouchers/CPU-s", "bytes each", "peak MiB");
}

fn line(what: &str, count: u32, times: usize) {
    let mut found: Vec<(f64, u64, u64)> = (0..times).map(|_| in_a_process(what, count)).collect();
    found.sort_by(|one, other| one.0.total_cmp(&other.0));
    let (seconds, bytes, peak) = found[times / 2];
    let each = bytes / u64::from(count);
    println!("{what:<12} {count:>9} {:>16.0} {each:>12} {:>12.1}", f64::from(count) / seconds, peak as f64 / 1024.0);
}

/// CPU seconds, bytes, and the most memory in KiB.
fn in_a_process(what: &str, count: u32) -> (f64, u64, u64) {
    let me = std::env::current_exe().unwrap();
    let done = Command::new(me).env(ORDER, format!("{what} {count}")).output().unwrap();
    assert!(done.status.success(), "{what}: {}", String::from_utf8_lossy(&done.stderr));
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    let words: Vec<&str> = said.split_whitespace().collect();
    (words[0].parse().unwrap(), words[1].parse().unwrap(), words[2].parse().unwrap())
}

/// Does one thing, and says what it took.
pub(crate) fn child(order: &str) {
    let (what, count) = order.split_once(' ').unwrap();
    let count: u32 = count.parse().unwrap();
    let began = cpu_nanos();
    let bytes = match what {
        "bare-form" => bare(count, vector, false),
        "bare-image" => bare(count, stencil, true),
        _ => ours(what, count),
    };
    let seconds = (cpu_nanos() - began) as f64 / 1e9;
    println!("{seconds} {bytes} {}", peak_kib());
}

/// How long this thread, the only one that works, has been on a processor.
fn cpu_nanos() -> u64 {
    let text = std::fs::read_to_string("/proc/self/schedstat").unwrap();
    text.split(' ').next().unwrap().parse().unwrap()
}

pub(crate) fn peak_kib() -> u64 {
    let text = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Writes all vouchers in parts into a folder of their own; returns the bytes.
fn ours(what: &str, count: u32) -> u64 {
    write_parts(what, count, tempfile::tempdir().unwrap().path())
}

/// Writes all vouchers in parts into a folder; returns the bytes.
pub(crate) fn write_parts(what: &str, count: u32, folder: &Path) -> u64 {
    let (layout, signed) = what.split_once('+').map_or((what, false), |(layout, _)| (layout, true));
    let layout = Layout::parse(layout).unwrap();
    let head = SheetHead {
        language: Language::Id,
        agency_lines: vec!["PEMERINTAH KABUPATEN KUTAI KARTANEGARA".into(), "DINAS SOSIAL".into()],
        title: "KUPON BANTUAN SEMBAKO".into(),
        round_label: "Tahap 1 / 2026".into(),
        hotline: Some("0541-661 234".into()),
        zone: Zone::Wita,
        lists: true,
        fingerprint: String::new(),
        stationery: Stationery::default(),
    };
    let key = SigningKey::from_seed(&[7; 32]);
    let made_at = Timestamp::parse("2026-11-23T16:00:00+08:00").unwrap();
    let mut bytes = 0;
    for part in 0..count.div_ceil(1_000) {
        let numbers = part * 1_000..(part * 1_000 + 1_000).min(count);
        let faces: Vec<VoucherFace> = numbers.map(|number| face(number, signed.then_some(&key))).collect();
        let bundles: Vec<Bundle> = faces
            .chunks(18)
            .map(|some| Bundle {
                code: some[0].bundle.clone(),
                point: some[0].point_name.clone(),
                area: some[0].area.clone(),
                rt: "014".into(),
                vouchers: some.to_vec(),
            })
            .collect();
        let file = render(&head, layout, &bundles, made_at, [9; 16]).unwrap();
        std::fs::write(folder.join(format!("{part}.pdf")), &file).unwrap();
        bytes += file.len() as u64;
    }
    bytes
}

/// A token's length and alphabet, different for each number.
pub(crate) fn code(number: u32) -> String {
    let mut state = number.wrapping_mul(2_654_435_761).wrapping_add(12_345);
    let tail = (0..176).map(|_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(state >> 27) as usize])
    });
    "HTTPS://SALUR.KUKARKAB.GO.ID/V/".chars().chain(tail).collect()
}

const NAMES: [&str; 8] = [
    "RUSMINI",
    "SITI NUR’AINI",
    "MUHAMMAD ABDURRAHMAN",
    "ITO",
    "DAYANG SURIANSYAH",
    "HJ. NORHAYATI BINTI H. SYAHRANI",
    "YOHANES LAWING",
    "SRI WAHYUNINGSIH",
];

/// A voucher with a text of the right kind for its QR, or with one that is signed for it.
pub(crate) fn face(number: u32, key: Option<&SigningKey>) -> VoucherFace {
    let item = |label: &str| ItemFace { label: label.to_owned(), picture: Picture::of(label) };
    let mut id = [0; 16];
    id[..4].copy_from_slice(&number.to_be_bytes());
    VoucherFace {
        source_id: format!("P3KE-{number:07}"),
        name: NAMES[number as usize % 8].into(),
        nik_masked: format!("6402 **** **** {:04}", number % 10_000),
        address: format!("RT {:03}", number / 18 % 40),
        area: "Loa Ipuh, Kec. Tenggarong".into(),
        typed_code: format!("7KQ4-{:04}-9D", number % 10_000),
        qr_text: match key {
            Some(key) => {
                let claims = Claims { entitlement: EntitlementId::random(id), round: 1, point: 7, print: 1 };
                token::qr_text(Some("salur.kukarkab.go.id"), &token::sign(key, &claims))
            }
            None => code(number),
        },
        point_name: "KANTOR CAMAT TENGGARONG".into(),
        point_code: "TGR-01".into(),
        schedule: Some(Schedule {
            day: "Senin, 7 Desember 2026".into(),
            session: Some(format!("Sesi {}", number / 40 % 8 + 1)),
            hours: Some("08.00–10.00 WITA".into()),
        }),
        items: ["Beras premium 15 kg", "Minyak goreng 4 l", "Telur ayam 2 piring", "Gula pasir 3 kg"]
            .map(item)
            .to_vec(),
        print_no: 1,
        serial: format!("TGR-01/{:04}", number + 1),
        bundle: salur::domain::custody::bundle_code(1, i32::try_from(number / 18 % 9_000).unwrap() + 1),
        slips: Vec::new(),
    }
}

/// What somebody writes with printpdf in an afternoon: one document, four to a page, eight lines of text, the
/// code from the crate with its own search for the mask. `unit`: whether the drawn object is one unit wide
/// or as many as the code has modules.
fn bare(count: u32, draw: fn(&qrcode::QrCode) -> ExternalXObject, unit: bool) -> u64 {
    let mut document = PdfDocument::new("Kupon");
    let numbers: Vec<u32> = (0..count).collect();
    for four in numbers.chunks(4) {
        let mut ops = Vec::new();
        for (corner, &number) in four.iter().enumerate() {
            let voucher = face(number, None);
            let left = if corner % 2 == 0 { 20.0 } else { 317.6 };
            let top = if corner < 2 { 821.9 } else { 401.0 };
            let code = qrcode::QrCode::with_error_correction_level(&voucher.qr_text, qrcode::EcLevel::M).unwrap();
            let id = XObjectId(format!("Q{number}"));
            document.resources.xobjects.map.insert(id.clone(), XObject::External(draw(&code)));
            let scale = if unit { 119.0 } else { 119.0 / code.width() as f32 };
            let transform = XObjectTransform {
                translate_x: Some(Pt(left + 140.0)),
                translate_y: Some(Pt(top - 200.0)),
                scale_x: Some(scale),
                scale_y: Some(scale),
                no_auto_scale: true,
                ..XObjectTransform::default()
            };
            ops.push(Op::UseXobject { id, transform });
            let lines = [
                "KUPON BANTUAN SEMBAKO Tahap 1 / 2026".to_owned(),
                voucher.name,
                voucher.nik_masked,
                format!("{}, {}", voucher.address, voucher.area),
                voucher.typed_code,
                format!("{} ({})", voucher.point_name, voucher.point_code),
                "Senin, 7 Desember 2026 – Sesi 1 (08.00–10.00 WITA)".to_owned(),
                "GRATIS – TIDAK DIPUNGUT BIAYA APA PUN".to_owned(),
            ];
            for (row, text) in lines.into_iter().enumerate() {
                ops.push(Op::StartTextSection);
                ops.push(Op::SetFont { font: PdfFontHandle::Builtin(BuiltinFont::Helvetica), size: Pt(9.0) });
                let pos = Point { x: Pt(left), y: Pt(top - 20.0 - 14.0 * row as f32) };
                ops.push(Op::SetTextCursor { pos });
                ops.push(Op::ShowText { items: vec![TextItem::Text(text)] });
                ops.push(Op::EndTextSection);
            }
        }
        document.pages.push(PdfPage::new(Mm(210.0), Mm(297.0), ops));
    }
    let bytes = document.save(&PdfSaveOptions::default(), &mut Vec::new());
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("it.pdf"), &bytes).unwrap();
    bytes.len() as u64
}

fn object(entries: Vec<(&str, DictItem)>, content: Vec<u8>, compress: bool) -> ExternalXObject {
    let dict: BTreeMap<String, DictItem> = entries.into_iter().map(|(key, item)| (key.to_owned(), item)).collect();
    ExternalXObject { stream: ExternalStream { dict, content, compress }, width: None, height: None, dpi: None }
}

fn name(name: &str) -> DictItem {
    DictItem::Name(name.as_bytes().to_vec())
}

/// The code as a form of rectangles, one a run of dark modules.
pub(crate) fn vector(code: &qrcode::QrCode) -> ExternalXObject {
    let (side, colors) = (code.width(), code.to_colors());
    let mut content = String::new();
    for row in 0..side {
        let mut column = 0;
        while column < side {
            let start = column;
            while column < side && colors[row * side + column] == qrcode::Color::Dark {
                column += 1;
            }
            if column > start {
                let _ = writeln!(content, "{start} {} {} 1 re", side - 1 - row, column - start);
            }
            column += usize::from(column == start);
        }
    }
    content.push('f');
    let side = side as i64;
    let corners = DictItem::Array([0, 0, side, side].map(DictItem::Int).to_vec());
    let entries = vec![("Type", name("XObject")), ("Subtype", name("Form")), ("BBox", corners)];
    object(entries, content.into_bytes(), true)
}

/// The code as a stencil of one bit a module.
pub(crate) fn stencil(code: &qrcode::QrCode) -> ExternalXObject {
    let (side, colors) = (code.width(), code.to_colors());
    let mut content = Vec::new();
    for row in colors.chunks(side) {
        for eight in row.chunks(8) {
            let byte = (0..8).map(|bit| eight.get(bit).is_none_or(|color| *color == qrcode::Color::Light));
            content.push(byte.fold(0_u8, |byte, light| byte << 1 | u8::from(light)));
        }
    }
    let entries = vec![
        ("Type", name("XObject")),
        ("Subtype", name("Image")),
        ("Width", DictItem::Int(side as i64)),
        ("Height", DictItem::Int(side as i64)),
        ("BitsPerComponent", DictItem::Int(1)),
        ("ImageMask", DictItem::Bool(true)),
    ];
    object(entries, content, false)
}
