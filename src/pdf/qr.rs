//! QR codes: for paper as a stencil of one bit a module, for pages as SVG.
//!
//! Codes are made at level M, which survives a stain on about an eighth of the code. The crate
//! `qrcode` chooses the segments, computes the correction words and places them; what is done here is
//! its search for the best of the eight masks, with whole rows of modules as machine words, because
//! that search is most of the time a sheet takes. The choice is the same, module for module: a test
//! compares the two. It is not left out, because codes with an arbitrary mask read worse when blurred.
//!
//! Versions beyond 8 are refused: their modules become too small for a cheap camera at 40 mm.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::OnceLock;

use printpdf::{DictItem, ExternalStream, ExternalXObject};
use qrcode::bits::{Bits, encode_auto};
use qrcode::canvas::{Canvas, MaskPattern};
use qrcode::{Color, EcLevel, Version};

use super::Fault;

/// The largest version that is made: 49 modules a side.
pub const MAX_VERSION: i16 = 8;
/// How many modules around a code must stay white.
pub const QUIET: usize = 4;

const MASKS: [MaskPattern; 8] = [
    MaskPattern::Checkerboard,
    MaskPattern::HorizontalLines,
    MaskPattern::VerticalLines,
    MaskPattern::DiagonalLines,
    MaskPattern::LargeCheckerboard,
    MaskPattern::Fields,
    MaskPattern::Diamonds,
    MaskPattern::Meadow,
];

/// A finished code. Rows run top to bottom; bit 0 of a row is its leftmost module, 1 is dark.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Code {
    rows: Vec<u64>,
}

impl Code {
    /// Makes the code of a text, of at least version `least` (1 to 8); `place` names the voucher when
    /// the text is too long.
    pub fn new(text: &str, least: i16, place: &str) -> Result<Self, Fault> {
        let too_long = || Fault::CodeTooLong { place: place.to_owned() };
        let mut bits = encode_auto(text.as_bytes(), EcLevel::M).map_err(|_| too_long())?;
        let mut version = number(bits.version());
        if version > MAX_VERSION {
            return Err(too_long());
        }
        if version < least.min(MAX_VERSION) {
            version = least.min(MAX_VERSION);
            bits = Bits::new(Version::Normal(version));
            bits.push_optimal_data(text.as_bytes()).map_err(|_| too_long())?;
            bits.push_terminator(EcLevel::M).map_err(|_| too_long())?;
        }
        let form = Form::of(version);
        let (data, correction) =
            qrcode::ec::construct_codewords(&bits.into_bytes(), Version::Normal(version), EcLevel::M)
                .map_err(|_| too_long())?;
        let mut canvas = form.blank.clone();
        canvas.draw_data(&data, &correction);
        let drawn = rows_of(&canvas);
        let content: Vec<u64> = drawn.iter().zip(&form.zeros).map(|(row, zero)| row ^ zero).collect();
        let turned = turn(&content);
        let masked = |rows: &[u64], mask: &[u64]| -> Vec<u64> { rows.iter().zip(mask).map(|(a, b)| a ^ b).collect() };
        let best = form
            .masks
            .iter()
            .map(|mask| {
                let rows = masked(&content, &mask.rows);
                let penalty = penalty(&rows, &masked(&turned, &mask.columns));
                (penalty, rows)
            })
            .min_by_key(|(penalty, _)| *penalty);
        best.map(|(_, rows)| Self { rows }).ok_or_else(too_long)
    }

    /// How many modules a side, without the quiet zone.
    #[must_use]
    pub fn modules(&self) -> usize {
        self.rows.len()
    }

    /// Whether a module is dark; false outside the code.
    #[must_use]
    pub fn dark(&self, column: usize, row: usize) -> bool {
        column < self.rows.len() && self.rows.get(row).is_some_and(|bits| bits >> column & 1 == 1)
    }

    /// The code as a stencil of one bit a module, to be scaled to its side where it is used.
    ///
    /// A stencil and not a picture in grey: viewers smooth a picture that they enlarge less than
    /// fourfold, and then nothing reads it from a screen (at 72 dpi 5 of 60 codes were read, of the
    /// stencils all). Dark modules are painted in the colour of the moment, black; light ones are left.
    #[must_use]
    pub fn image(&self) -> ExternalXObject {
        let modules = self.rows.len();
        let bytes = modules.div_ceil(8);
        let mut content = Vec::with_capacity(modules * bytes);
        for row in &self.rows {
            // A stencil paints where the bit is 0; the leftmost module stands in the highest bit.
            content.extend_from_slice(&(!row).reverse_bits().to_be_bytes()[..bytes]);
        }
        let side = i64::try_from(modules).unwrap_or_default();
        let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
        let dict = BTreeMap::from([
            ("Type".to_owned(), name("XObject")),
            ("Subtype".to_owned(), name("Image")),
            ("Width".to_owned(), DictItem::Int(side)),
            ("Height".to_owned(), DictItem::Int(side)),
            ("BitsPerComponent".to_owned(), DictItem::Int(1)),
            ("ImageMask".to_owned(), DictItem::Bool(true)),
        ]);
        // The bits are as good as random: deflate would cost time and save nothing.
        let stream = ExternalStream { dict, content, compress: false };
        ExternalXObject { stream, width: None, height: None, dpi: None }
    }
}

/// The code of a text as an SVG of one path, quiet zone included, that scales with the page.
pub fn svg(text: &str) -> Result<String, Fault> {
    let code = Code::new(text, 1, "QR")?;
    let side = code.modules() + 2 * QUIET;
    let mut path = String::new();
    for row in 0..code.modules() {
        let mut column = 0;
        while column < code.modules() {
            let start = column;
            while code.dark(column, row) {
                column += 1;
            }
            if column > start {
                let _ = write!(path, "M{} {}h{2}v1h-{2}z", start + QUIET, row + QUIET, column - start);
            } else {
                column += 1;
            }
        }
    }
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {side} {side}\" shape-rendering=\"crispEdges\" \
         role=\"img\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/><path d=\"{path}\"/></svg>"
    ))
}

const fn number(version: Version) -> i16 {
    match version {
        Version::Normal(number) | Version::Micro(number) => number,
    }
}

/// What all codes of one version share: the empty canvas, and for each mask the modules it turns
/// together with the fixed patterns it brings.
struct Form {
    blank: Canvas,
    zeros: Vec<u64>,
    masks: Vec<Mask>,
}

struct Mask {
    rows: Vec<u64>,
    columns: Vec<u64>,
}

impl Form {
    fn of(version: i16) -> &'static Self {
        static FORMS: [OnceLock<Form>; 8] = [const { OnceLock::new() }; 8];
        let place = usize::try_from(version.clamp(1, MAX_VERSION) - 1).unwrap_or_default();
        FORMS[place].get_or_init(|| {
            let version = Version::Normal(version.clamp(1, MAX_VERSION));
            let mut blank = Canvas::new(version, EcLevel::M);
            blank.draw_all_functional_patterns();
            // A code of zeros alone shows where data goes: any other differs from it by its data, and the
            // masked form of it is the mask.
            let mut zero = blank.clone();
            zero.draw_data(&[0; 512], &[]);
            let masks = MASKS.iter().map(|&pattern| {
                let mut canvas = zero.clone();
                canvas.apply_mask(pattern);
                let rows = rows_of(&canvas);
                let columns = turn(&rows);
                Mask { rows, columns }
            });
            Self { masks: masks.collect(), zeros: rows_of(&zero), blank }
        })
    }
}

fn rows_of(canvas: &Canvas) -> Vec<u64> {
    let colors = canvas.clone().into_colors();
    let side = colors.len().isqrt();
    colors
        .chunks(side.max(1))
        .map(|row| row.iter().rev().fold(0, |bits, &color| bits << 1 | u64::from(color == Color::Dark)))
        .collect()
}

/// Rows become columns.
fn turn(rows: &[u64]) -> Vec<u64> {
    (0..rows.len()).map(|column| rows.iter().rev().fold(0, |bits, row| bits << 1 | (row >> column & 1))).collect()
}

/// How badly a code reads, after ISO/IEC 18004: long runs, blocks of one colour, patterns that look
/// like a finder, and too much of one colour. The sum is that of `qrcode`, so that the choice is too.
fn penalty(rows: &[u64], columns: &[u64]) -> u32 {
    let side = rows.len();
    let whole = (1_u64 << side) - 1;
    let lines: u32 = rows.iter().chain(columns).map(|&line| runs(line) + runs(!line & whole) + finders(line)).sum();
    let blocks: u32 = rows
        .windows(2)
        .map(|pair| {
            let alike = !(pair[0] ^ pair[1]);
            let level = !(pair[0] ^ pair[0] >> 1);
            (alike & alike >> 1 & level & whole >> 1).count_ones() * 3
        })
        .sum();
    let dark: u32 = rows.iter().map(|row| row.count_ones()).sum();
    let modules = u32::try_from(side * side).unwrap_or(1).max(1);
    lines + blocks + (dark * 200 / modules).abs_diff(100)
}

/// Each run of five or more costs its length less two.
fn runs(line: u64) -> u32 {
    let fives = line & line >> 1 & line >> 2 & line >> 3 & line >> 4;
    fives.count_ones() + 2 * (fives & !(fives << 1)).count_ones()
}

/// Each `#.###.#` with four light modules (or the edge) on either side costs 40.
fn finders(line: u64) -> u32 {
    let like = line & !(line >> 1) & line >> 2 & line >> 3 & line >> 4 & !(line >> 5) & line >> 6;
    let before = !(line << 1 | line << 2 | line << 3 | line << 4);
    let after = !(line >> 7 | line >> 8 | line >> 9 | line >> 10);
    40 * (like & (before | after)).count_ones()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(seed: u32, length: usize) -> String {
        let mut state = seed;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(state >> 27) as usize])
            })
            .collect()
    }

    #[test]
    fn the_code_is_the_one_the_crate_would_make() {
        for seed in 0..300_u32 {
            let text = text(seed, 1 + seed as usize * 220 / 300);
            let Ok(code) = Code::new(&text, 1, "x") else { panic!("{text}") };
            let theirs = qrcode::QrCode::with_error_correction_level(&text, EcLevel::M).unwrap();
            let ours: Vec<Color> = (0..code.modules())
                .flat_map(|row| (0..code.modules()).map(move |column| (column, row)))
                .map(|(column, row)| if code.dark(column, row) { Color::Dark } else { Color::Light })
                .collect();
            assert!(ours == theirs.to_colors(), "seed {seed}");
        }
    }

    #[test]
    fn a_text_beyond_version_8_is_refused_with_its_place() {
        assert_eq!(Code::new(&text(1, 221), 1, "x").unwrap().modules(), 49);
        let refused = Code::new(&text(1, 222), 1, "voucher 3");
        assert_eq!(refused, Err(Fault::CodeTooLong { place: "voucher 3".into() }));
        assert_eq!(Code::new(&text(1, 9000), 1, "x"), Err(Fault::CodeTooLong { place: "x".into() }));
    }

    #[test]
    fn a_short_text_can_be_made_in_a_larger_version() {
        assert_eq!(Code::new("SALUR", 6, "x").unwrap().modules(), 41);
        assert_eq!(Code::new("SALUR", 1, "x").unwrap().modules(), 21);
    }

    #[test]
    fn the_svg_has_the_code_and_its_quiet_zone() {
        let svg = svg("HTTPS://SALUR.EXAMPLE/V/ABC").unwrap();
        assert!(svg.starts_with("<svg ") && svg.contains("viewBox=\"0 0 33 33\""), "{svg}");
        assert!(svg.contains("M4 4h7v1h-7z"), "the top edge of the first finder");
    }
}
