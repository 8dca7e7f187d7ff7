//! The two built-in faces: which characters they have, how wide a text is, and how to make it fit.
//!
//! A word with a character that they lack is measured in the installation's own typeface, if it names one.
//!
//! The widths are those of Helvetica in thousandths of the font size, in the order of Windows-1252
//! (which PDF calls WinAnsi) from the space on. Viewers use the same figures for their stand-ins, so
//! what is measured here is what appears on paper. Built-in fonts are not kerned.

use printpdf::BuiltinFont;

use super::typeface::Typeface;

/// One of the two faces in use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Face {
    /// Helvetica.
    Regular,
    /// Helvetica Bold.
    Bold,
}

impl Face {
    /// The face as the PDF library names it.
    pub(super) const fn builtin(self) -> BuiltinFont {
        match self {
            Self::Regular => BuiltinFont::Helvetica,
            Self::Bold => BuiltinFont::HelveticaBold,
        }
    }

    const fn widths(self) -> &'static [u16; 224] {
        match self {
            Self::Regular => &REGULAR,
            Self::Bold => &BOLD,
        }
    }
}

/// What a text is set in: a built-in face, and the installation's typeface for the words it cannot set.
#[derive(Debug, Clone, Copy)]
pub struct Pen<'a> {
    /// The built-in face.
    pub face: Face,
    /// The installation's typeface, if there is one.
    pub own: Option<&'a Typeface>,
}

impl From<Face> for Pen<'_> {
    fn from(face: Face) -> Self {
        Self { face, own: None }
    }
}

impl Pen<'_> {
    /// How wide a text runs in thousandths of the font size.
    fn thousandths(self, text: &str) -> u32 {
        let table = self.face.widths();
        let wide = |byte: u8| table.get(usize::from(byte) - 0x20).copied().map_or(0, u32::from);
        pieces(text)
            .map(|piece| match piece {
                Piece::Plain(plain) => plain.chars().filter_map(win_ansi).map(wide).sum::<u32>(),
                Piece::Own(word) => {
                    word.chars().filter_map(|sign| self.own.and_then(|own| own.advance(sign))).map(u32::from).sum()
                }
            })
            .sum()
    }
}

/// A part of a line that is set in one face.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// Words that the built-in faces can set, with the blanks around them.
    Plain(&'a str),
    /// A word with at least one character that they cannot set.
    Own(&'a str),
}

/// Cuts a line into parts of one face. A word is never set in two.
pub(super) fn pieces(text: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = text;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let mut plain = 0;
        for word in rest.split_inclusive(' ') {
            let bare = word.trim_end_matches(' ');
            if printable(bare).is_err() {
                let cut = if plain > 0 { plain } else { bare.len() };
                let (piece, after) = rest.split_at(cut);
                rest = after;
                return Some(if plain > 0 { Piece::Plain(piece) } else { Piece::Own(piece) });
            }
            plain += word.len();
        }
        Some(Piece::Plain(std::mem::take(&mut rest)))
    })
}

/// How far a line reaches above its baseline, in font sizes; accents on capitals included.
pub const ASCENT: f32 = 0.93;
/// How far a line reaches below its baseline, in font sizes.
pub const DESCENT: f32 = 0.22;
/// The height of a capital, in font sizes.
pub const CAPITAL: f32 = 0.72;
/// From baseline to baseline, in font sizes.
pub const LEADING: f32 = 1.16;

/// Whether the fonts can show a text; otherwise the first character they lack.
pub fn printable(text: &str) -> Result<(), char> {
    text.chars().find(|&character| win_ansi(character).is_none()).map_or(Ok(()), Err)
}

/// The byte of a character in WinAnsi, if it has one that shows something.
#[must_use]
pub fn win_ansi(character: char) -> Option<u8> {
    match u8::try_from(u32::from(character)) {
        Ok(byte @ (0x20..=0x7e | 0xa0..=0xff)) => return Some(byte),
        Ok(_) => return None,
        Err(_) => {}
    }
    let place = SPECIALS.iter().position(|&special| special == character)?;
    u8::try_from(place).ok().map(|place| place + 0x80)
}

/// How wide a text runs at a font size, in the unit of the size. A character that nothing can set counts
/// nothing: check first.
#[must_use]
pub fn width<'a>(text: &str, pen: impl Into<Pen<'a>>, size: f32) -> f32 {
    // A line is far below the 16 million at which f32 stops counting exactly.
    #[allow(clippy::cast_precision_loss)]
    let sum = pen.into().thousandths(text) as f32;
    sum * size / 1000.0
}

/// A text broken into lines at one size.
#[derive(Debug, Clone, PartialEq)]
pub struct Fitted {
    /// The font size in points.
    pub size: f32,
    /// The lines, top to bottom.
    pub lines: Vec<String>,
}

impl Fitted {
    /// The height from the top of the first line to the foot of the last.
    #[must_use]
    pub fn height(&self) -> f32 {
        height(self.lines.len(), self.size)
    }
}

/// The height of so many lines.
#[must_use]
pub fn height(lines: usize, size: f32) -> f32 {
    let gaps = u16::try_from(lines.saturating_sub(1)).unwrap_or(u16::MAX);
    if lines == 0 { 0.0 } else { size * (CAPITAL + DESCENT + f32::from(gaps) * LEADING) }
}

/// Between two texts below each other, in font sizes.
pub const GAP: f32 = 0.3;

/// Sets a text as large as its box allows, in steps of half a point between two sizes. Lines break at
/// spaces; only at the smallest size is a word broken that is wider than the box. `None` when the text
/// does not fit even then.
#[must_use]
pub fn fit<'a>(text: &str, pen: impl Into<Pen<'a>>, room: (f32, f32), largest: f32, smallest: f32) -> Option<Fitted> {
    fit_all(&[text], pen, room, largest, smallest)?.pop()
}

/// The same for several texts below each other, [`GAP`] apart, all of one size.
#[must_use]
pub fn fit_all<'a>(
    texts: &[&str],
    pen: impl Into<Pen<'a>>,
    (wide, high): (f32, f32),
    largest: f32,
    smallest: f32,
) -> Option<Vec<Fitted>> {
    let face = pen.into();
    let mut size = largest;
    loop {
        let last = size <= smallest;
        size = size.max(smallest);
        let parts: Option<Vec<Fitted>> = texts
            .iter()
            .map(|text| {
                let lines = if last { wrap_hard(text, face, size, wide) } else { wrap(text, face, size, wide) };
                Some(Fitted { size, lines: lines? })
            })
            .collect();
        if let Some(parts) = parts {
            let gaps = f32::from(u16::try_from(parts.len().saturating_sub(1)).unwrap_or(u16::MAX));
            if parts.iter().map(Fitted::height).sum::<f32>() + gaps * GAP * size <= high {
                return Some(parts);
            }
        }
        if last {
            return None;
        }
        size -= 0.5;
    }
}

/// Sets each text on one line, as large as the box allows between two sizes; `None` when one must break.
#[must_use]
pub fn fit_unbroken<'a>(
    texts: &[&str],
    pen: impl Into<Pen<'a>>,
    room: (f32, f32),
    largest: f32,
    smallest: f32,
) -> Option<Vec<Fitted>> {
    let face = pen.into();
    let mut size = largest;
    while size >= smallest {
        if let Some(parts) = fit_all(texts, face, room, size, size)
            && parts.iter().all(|part| part.lines.len() <= 1)
        {
            return Some(parts);
        }
        size -= 0.5;
    }
    None
}

/// Breaks a text at spaces into lines of a width; `None` when a word alone is wider.
#[must_use]
pub fn wrap<'a>(text: &str, pen: impl Into<Pen<'a>>, size: f32, wide: f32) -> Option<Vec<String>> {
    let face = pen.into();
    let space = width(" ", face, size);
    let mut lines = Vec::new();
    let mut line = String::new();
    let mut filled = 0.0;
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let length = width(word, face, size);
        if length > wide {
            return None;
        }
        if line.is_empty() {
            filled = length;
        } else if filled + space + length <= wide {
            line.push(' ');
            filled += space + length;
        } else {
            lines.push(std::mem::take(&mut line));
            filled = length;
        }
        line.push_str(word);
    }
    if !line.is_empty() {
        lines.push(line);
    }
    Some(lines)
}

/// The same, but a word that is too wide is broken between characters. `None` when not even one
/// character fits.
fn wrap_hard(text: &str, face: Pen<'_>, size: f32, wide: f32) -> Option<Vec<String>> {
    let mut pieces = Vec::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let mut piece = String::new();
        for character in word.chars() {
            piece.push(character);
            if width(&piece, face, size) > wide {
                piece.pop();
                if piece.is_empty() {
                    return None;
                }
                pieces.push(std::mem::replace(&mut piece, character.to_string()));
            }
        }
        pieces.push(piece);
    }
    wrap(&pieces.join(" "), face, size, wide)
}

/// The characters of WinAnsi from 0x80 to 0x9f; NUL where it has none.
const SPECIALS: [char; 32] = [
    '€', '\u{0}', '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', '\u{0}', 'Ž', '\u{0}', '\u{0}', '‘', '’', '“',
    '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', '\u{0}', 'ž', 'Ÿ',
];

#[rustfmt::skip]
const REGULAR: [u16; 224] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584, 0,
    556, 0, 222, 556, 333, 1000, 556, 556, 333, 1000, 667, 333, 1000, 0, 611, 0,
    0, 222, 222, 333, 333, 350, 556, 1000, 333, 1000, 500, 333, 944, 0, 500, 667,
    278, 333, 556, 556, 556, 556, 260, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 556, 537, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    667, 667, 667, 667, 667, 667, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 500, 556, 556, 556, 556, 278, 278, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 584, 611, 556, 556, 556, 556, 500, 556, 500,
];

#[rustfmt::skip]
const BOLD: [u16; 224] = [
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611,
    611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584, 0,
    556, 0, 278, 556, 500, 1000, 556, 556, 333, 1000, 667, 333, 1000, 0, 611, 0,
    0, 278, 278, 500, 500, 350, 556, 1000, 333, 1000, 556, 333, 944, 0, 500, 667,
    278, 333, 556, 556, 556, 556, 280, 556, 333, 737, 370, 556, 584, 333, 737, 333,
    400, 584, 333, 333, 333, 611, 556, 278, 333, 333, 365, 556, 834, 834, 834, 611,
    722, 722, 722, 722, 722, 722, 1000, 722, 667, 667, 667, 667, 278, 278, 278, 278,
    722, 722, 778, 778, 778, 778, 778, 584, 778, 722, 722, 722, 722, 667, 667, 611,
    556, 556, 556, 556, 556, 556, 889, 556, 556, 556, 556, 556, 278, 278, 278, 278,
    611, 611, 611, 611, 611, 611, 611, 584, 611, 611, 611, 611, 611, 556, 611, 556,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_character_the_fonts_lack_is_named() {
        assert_eq!(printable("Désirée “Ibu” Nur’aini – Šuša €5"), Ok(()));
        assert_eq!(printable("Łukasz"), Err('Ł'));
        assert_eq!(printable("satu\ndua"), Err('\n'));
        assert_eq!(printable("a\u{0}b\u{81}"), Err('\u{0}'));
    }

    #[test]
    fn every_character_that_can_be_printed_has_a_width() {
        for character in (0..0x2200).filter_map(char::from_u32).filter(|&c| win_ansi(c).is_some()) {
            for face in [Face::Regular, Face::Bold] {
                assert!(width(&character.to_string(), face, 10.0) > 1.0, "{character:?}");
            }
        }
        assert!((width("RUSMINI", Face::Bold, 10.0) - 42.22).abs() < 0.01, "{}", width("RUSMINI", Face::Bold, 10.0));
    }

    #[test]
    fn a_text_shrinks_before_it_overflows_and_breaks_a_word_last() {
        let short = fit("RUSMINI", Face::Bold, (120.0, 40.0), 14.0, 6.0).unwrap();
        assert_eq!((short.size, short.lines.len()), (14.0, 1));
        let long = fit(&"ABDURRAHMAN ".repeat(5), Face::Bold, (120.0, 40.0), 14.0, 6.0).unwrap();
        assert!(long.size < 14.0 && long.height() <= 40.0);
        assert!(long.lines.iter().all(|line| width(line, Face::Bold, long.size) <= 120.0));
        let word = fit(&"W".repeat(40), Face::Bold, (120.0, 40.0), 14.0, 6.0).unwrap();
        assert_eq!(word.size, 6.0);
        assert_eq!(word.lines.concat(), "W".repeat(40));
        assert_eq!(fit(&"W".repeat(400), Face::Bold, (120.0, 40.0), 14.0, 6.0), None);
    }
}
