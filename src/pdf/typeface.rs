//! The typeface that an installation names for what the built-in faces cannot set: read once, and put
//! into a file with the signs that the file uses and no others.
//!
//! Signs are set one after another, each with its own width. Scripts whose signs change with their
//! neighbours (Arabic, the Indic scripts, Javanese, marks that stand on another letter) would come out
//! wrong that way, so they are refused like a sign that the typeface lacks.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::rc::Rc;
use std::sync::Arc;

use lopdf::{Dictionary, Document, Object, ObjectId, Stream, StringFormat, dictionary};
use subsetter::GlyphRemapper;
use ttf_parser::{Face, PlatformId, name_id};

/// The largest file of a typeface that is read.
const BYTES_MAX: usize = 32 << 20;

/// A typeface with TrueType outlines. Cloning it shares it.
#[derive(Clone)]
pub struct Typeface {
    bytes: Arc<Vec<u8>>,
    /// Sign → glyph and width in thousandths of the font size.
    signs: Arc<BTreeMap<char, (u16, u16)>>,
    shape: Shape,
}

#[derive(Clone)]
struct Shape {
    name: String,
    ascent: i64,
    descent: i64,
    capital: i64,
    bounds: [i64; 4],
}

impl fmt::Debug for Typeface {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Typeface({}, {} signs)", self.shape.name, self.signs.len())
    }
}

impl Typeface {
    /// Reads the bytes of a TTF file; a sentence says why it cannot be used.
    pub fn read(bytes: Vec<u8>) -> Result<Self, String> {
        if bytes.len() > BYTES_MAX {
            return Err(format!("the file is larger than {} MiB", BYTES_MAX >> 20));
        }
        let face = Face::parse(&bytes, 0).map_err(|fault| format!("not a TTF file: {fault}"))?;
        if face.tables().glyf.is_none() {
            return Err("a typeface with TrueType outlines is needed (.ttf)".to_owned());
        }
        let em = i64::from(face.units_per_em());
        let scaled = |value: i64| value * 1000 / em;
        let mut signs = BTreeMap::new();
        for table in face.tables().cmap.iter().flat_map(|cmap| cmap.subtables).filter(|table| table.is_unicode()) {
            table.codepoints(|code| {
                let Some((sign, glyph)) = char::from_u32(code).zip(table.glyph_index(code)) else { return };
                let wide = face.glyph_hor_advance(glyph).map_or(0, |wide| scaled(i64::from(wide)));
                if glyph.0 != 0 && wide > 0 && stands_alone(sign) {
                    signs.entry(sign).or_insert((glyph.0, u16::try_from(wide).unwrap_or(u16::MAX)));
                }
            });
        }
        if signs.is_empty() {
            return Err("the typeface has no table of Unicode signs".to_owned());
        }
        let named = |entry: &ttf_parser::name::Name<'_>| {
            entry.name_id == name_id::POST_SCRIPT_NAME && entry.platform_id == PlatformId::Windows
        };
        let name = face.names().into_iter().find(named).and_then(|entry| entry.to_string()).unwrap_or_default();
        let name: String = name.chars().filter(|sign| sign.is_ascii_alphanumeric() || *sign == '-').collect();
        let bounds = face.global_bounding_box();
        let shape = Shape {
            name: if name.is_empty() { "Installation".to_owned() } else { name },
            ascent: scaled(face.ascender().into()),
            descent: scaled(face.descender().into()),
            capital: face.capital_height().map_or(720, |height| scaled(height.into())),
            bounds: [bounds.x_min, bounds.y_min, bounds.x_max, bounds.y_max].map(|edge| scaled(edge.into())),
        };
        Ok(Self { signs: Arc::new(signs), shape, bytes: Arc::new(bytes) })
    }

    /// The width of a sign in thousandths of the font size; `None` when it cannot be set.
    #[must_use]
    pub fn advance(&self, sign: char) -> Option<u16> {
        self.signs.get(&sign).map(|(_, wide)| *wide)
    }
}

/// False for a sign that changes with its neighbours, or that only steers them.
fn stands_alone(sign: char) -> bool {
    let code = u32::from(sign);
    let joined = matches!(code,
        0x0300..=0x036f | 0x0483..=0x0489 | 0x0590..=0x109f | 0x1100..=0x11ff | 0x135d..=0x135f | 0x1700..=0x18af
        | 0x1a00..=0x1cff | 0x1dc0..=0x1dff | 0x200b..=0x200f | 0x202a..=0x202e | 0x2060..=0x206f | 0x20d0..=0x20ff
        | 0x302a..=0x302f | 0x3099..=0x309a | 0xa800..=0xabff | 0xd7b0..=0xd7ff | 0xe000..=0xf8ff | 0xfb1d..=0xfdff
        | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f | 0xfe70..=0xfeff | 0x1_0a00..=0x1_1fff | 0x1_e800..=0x1_efff
        | 0x1_f3fb..=0x1_f3ff | 0xe_0000..=0x10_ffff);
    !joined && !sign.is_control()
}

/// The typeface in one file: which signs were set so far. Cloning it shares it.
#[derive(Clone)]
pub(super) struct Letters {
    pub(super) face: Typeface,
    used: Rc<RefCell<Used>>,
}

#[derive(Default)]
struct Used {
    glyphs: GlyphRemapper,
    /// New glyph → sign and width.
    signs: BTreeMap<u16, (char, u16)>,
}

impl fmt::Debug for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Letters({:?})", self.face)
    }
}

impl Letters {
    pub(super) fn new(face: &Typeface) -> Self {
        Self { face: face.clone(), used: Rc::default() }
    }

    /// The name under which pages and forms know the typeface.
    pub(super) const NAME: &'static str = "F9";

    /// A word as two bytes a sign, in the numbering that the file's typeface will have.
    pub(super) fn write(&self, word: &str) -> Vec<u8> {
        let mut used = self.used.borrow_mut();
        word.chars()
            .filter_map(|sign| Some((sign, *self.face.signs.get(&sign)?)))
            .flat_map(|(sign, (glyph, wide))| {
                let number = used.glyphs.remap(glyph);
                used.signs.entry(number).or_insert((sign, wide));
                number.to_be_bytes()
            })
            .collect()
    }

    /// Puts the signs used into the file; `None` when there are none.
    pub(super) fn embed(&self, file: &mut Document) -> Result<Option<ObjectId>, String> {
        let used = self.used.borrow();
        if used.signs.is_empty() {
            return Ok(None);
        }
        let program = subsetter::subset(&self.face.bytes, 0, &used.glyphs).map_err(|fault| fault.to_string())?;
        let shape = &self.face.shape;
        // Six letters say that it is a part, and which: the same part has the same ones.
        let mark = program.iter().fold(0_u32, |mark, byte| mark.wrapping_mul(16_777_619) ^ u32::from(*byte));
        let tag: String =
            (0..6).map(|place| char::from(b'A' + u8::try_from(mark / 26_u32.pow(place) % 26).unwrap_or(0))).collect();
        let name = format!("{tag}+{}", shape.name);
        let length = i64::try_from(program.len()).unwrap_or(i64::MAX);
        let program = file.add_object(Stream::new(dictionary! { "Length1" => length }, program));
        let descriptor = file.add_object(dictionary! {
            "Type" => "FontDescriptor",
            "FontName" => name.as_str(),
            "Flags" => 4,
            "FontBBox" => shape.bounds.map(Object::Integer).to_vec(),
            "ItalicAngle" => 0,
            "Ascent" => shape.ascent,
            "Descent" => shape.descent,
            "CapHeight" => shape.capital,
            "StemV" => 80,
            "FontFile2" => program,
        });
        let widths: Vec<Object> = used
            .signs
            .iter()
            .flat_map(|(glyph, (_, wide))| {
                [Object::Integer(i64::from(*glyph)), Object::Array(vec![Object::Integer(i64::from(*wide))])]
            })
            .collect();
        let system = dictionary! {
            "Registry" => Object::String(b"Adobe".to_vec(), StringFormat::Literal),
            "Ordering" => Object::String(b"Identity".to_vec(), StringFormat::Literal),
            "Supplement" => 0,
        };
        let below = file.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "CIDFontType2",
            "BaseFont" => name.as_str(),
            "CIDSystemInfo" => system,
            "FontDescriptor" => descriptor,
            "CIDToGIDMap" => "Identity",
            "W" => widths,
        });
        let meanings = file.add_object(Stream::new(Dictionary::new(), meanings(&used.signs).into_bytes()));
        Ok(Some(file.add_object(dictionary! {
            "Type" => "Font",
            "Subtype" => "Type0",
            "BaseFont" => name.as_str(),
            "Encoding" => "Identity-H",
            "DescendantFonts" => vec![Object::Reference(below)],
            "ToUnicode" => meanings,
        })))
    }
}

/// What each glyph means, so that the text can be copied and searched.
fn meanings(signs: &BTreeMap<u16, (char, u16)>) -> String {
    let mut out = String::from(
        "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) \
         /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n/CMapType 2 def\n\
         1 begincodespacerange\n<0000> <FFFF>\nendcodespacerange\n",
    );
    let all: Vec<(&u16, &(char, u16))> = signs.iter().collect();
    // Not more than a hundred in one block: the format asks for that.
    for some in all.chunks(100) {
        let _ = writeln!(out, "{} beginbfchar", some.len());
        for (glyph, (sign, _)) in some {
            let _ = write!(out, "<{glyph:04X}> <");
            for unit in sign.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "{unit:04X}");
            }
            out.push_str(">\n");
        }
        out.push_str("endbfchar\n");
    }
    out.push_str("endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n");
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_typeface_is_refused_with_a_reason() {
        assert!(Typeface::read(Vec::new()).unwrap_err().contains("not a TTF file"));
        assert!(Typeface::read(b"%PDF-1.7".repeat(50)).unwrap_err().contains("not a TTF file"));
        assert!(Typeface::read(vec![0; BYTES_MAX + 1]).unwrap_err().contains("32 MiB"));
    }

    #[test]
    fn a_sign_that_changes_with_its_neighbours_is_not_set_alone() {
        for sign in ['ا', 'ꦲ', '\u{301}', 'ก', '\u{200d}', 'न'] {
            assert!(!stands_alone(sign), "{sign:?}");
        }
        for sign in ['Ł', 'Ж', 'ễ', '李', 'ひ', '한', 'Ω'] {
            assert!(stands_alone(sign), "{sign:?}");
        }
    }
}
