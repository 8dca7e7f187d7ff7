//! Workbooks of Excel 97 to 2003 (BIFF8), read by value: formulas by what they showed last.
//!
//! Read by ourselves: a general reader keeps every sheet whole and believes the sizes that a file states.

use std::borrow::Cow;

use crate::domain::intake::{CellForm, FileFault};

use super::book::{Book, Cell, Each};
use super::columns::bounded;
use super::compound::{Compound, u16_at, u32_at};
use super::xls_text::{Segments, Texts, text_in};
use super::{FileKind, Source};

const BOF: u16 = 0x0809;
const EOF: u16 = 0x000a;
const FILEPASS: u16 = 0x002f;
const CONTINUE: u16 = 0x003c;
const DATE_1904: u16 = 0x0022;
const BOUNDSHEET: u16 = 0x0085;
const SST: u16 = 0x00fc;
const FORMAT: u16 = 0x041e;
const XF: u16 = 0x00e0;
const LABEL_SST: u16 = 0x00fd;
const LABEL: u16 = 0x0204;
const RICH_LABEL: u16 = 0x00d6;
const RK: u16 = 0x027e;
const MULTIPLE_RK: u16 = 0x00bd;
const NUMBER: u16 = 0x0203;
const BOOL_OR_ERROR: u16 = 0x0205;
const FORMULA: u16 = 0x0006;
const FORMULA_TEXT: u16 = 0x0207;

/// A workbook.
pub(super) struct XlsBook {
    stream: Vec<u8>,
    sheets: Vec<(String, usize)>,
    texts: Texts,
    /// For each cell format whether it shows a date.
    dates: Vec<bool>,
    since_1904: bool,
}

/// The records of a stream from a place on: type and content.
struct Records<'a> {
    stream: &'a [u8],
    place: usize,
}

impl<'a> Records<'a> {
    const fn from(stream: &'a [u8], place: usize) -> Self {
        Self { stream, place }
    }

    fn next(&mut self) -> Option<(u16, &'a [u8])> {
        let kind = u16_at(self.stream, self.place)?;
        let length = usize::from(u16_at(self.stream, self.place + 2)?);
        let start = self.place + 4;
        let content = self.stream.get(start..start + length)?;
        self.place = start + length;
        Some((kind, content))
    }

    /// The content of a record with those that continue it.
    fn with_continued(&mut self, first: &'a [u8]) -> Vec<&'a [u8]> {
        let mut parts = vec![first];
        loop {
            let before = self.place;
            match self.next() {
                Some((CONTINUE, part)) => parts.push(part),
                _ => {
                    self.place = before;
                    return parts;
                }
            }
        }
    }
}

impl XlsBook {
    pub(super) fn new(source: Source) -> Result<Self, FileFault> {
        let file = Compound::read(source)?;
        if file.has("EncryptedPackage") || file.has("EncryptionInfo") {
            return Err(FileFault::Protected);
        }
        if file.has("_VBA_PROJECT_CUR") || file.has("_VBA_PROJECT") {
            return Err(FileFault::Macros);
        }
        let Some(stream) = file.stream("Workbook")? else {
            // A stream "Book" is of Excel 95 or before; anything else is a document of another program.
            return Err(if file.has("Book") { FileFault::OldExcel } else { FileFault::NotASpreadsheet });
        };
        drop(file);
        Self::parse(stream)
    }

    fn parse(stream: Vec<u8>) -> Result<Self, FileFault> {
        let mut book = Self {
            stream: Vec::new(),
            sheets: Vec::new(),
            texts: Texts::default(),
            dates: Vec::new(),
            since_1904: false,
        };
        let mut formats: Vec<(u16, bool)> = Vec::new();
        let mut xfs: Vec<u16> = Vec::new();
        let mut records = Records::from(&stream, 0);
        let Some((BOF, begin)) = records.next() else { return Err(FileFault::Damaged) };
        if u16_at(begin, 0) != Some(0x0600) {
            return Err(FileFault::OldExcel);
        }
        let mut ended = false;
        while let Some((kind, content)) = records.next() {
            match kind {
                EOF => {
                    ended = true;
                    break;
                }
                FILEPASS => return Err(FileFault::Protected),
                DATE_1904 => book.since_1904 = u16_at(content, 0) == Some(1),
                BOUNDSHEET => book.sheets.extend(sheet_of(content)),
                FORMAT => {
                    let code = text_in(content.get(2..).unwrap_or_default(), 2);
                    formats.extend(u16_at(content, 0).zip(code).map(|(number, code)| (number, shows_date(&code))));
                }
                XF => xfs.extend(u16_at(content, 2)),
                SST => {
                    let parts = records.with_continued(content);
                    book.texts = Texts::read(Segments::new(parts))?;
                }
                _ => {}
            }
        }
        if !ended {
            return Err(FileFault::Damaged);
        }
        let date = |format: u16| match formats.iter().find(|(number, _)| *number == format) {
            Some((_, date)) => *date,
            None => matches!(format, 14..=22 | 27..=36 | 45..=47 | 50..=58),
        };
        book.dates = xfs.into_iter().map(date).collect();
        book.stream = stream;
        Ok(book)
    }

    /// The cell of a number, which its format may show as a date. Written in full, never in scientific
    /// notation.
    fn number(&self, value: f64, format: Option<u16>) -> Cell<'static> {
        let date = format.is_some_and(|format| self.dates.get(usize::from(format)).copied().unwrap_or(false));
        if date && let Some(day) = day_of(value, self.since_1904) {
            return Cell { text: Cow::Owned(day), form: CellForm::Date };
        }
        Cell { text: Cow::Owned(value.to_string()), form: CellForm::Number }
    }

    fn shared(&self, content: &[u8]) -> Cell<'_> {
        let text = u32_at(content, 6).and_then(|place| self.texts.get(place)).unwrap_or_default();
        Cell { text: Cow::Borrowed(text), form: CellForm::Text }
    }
}

fn text_cell(text: String) -> Cell<'static> {
    Cell { text: Cow::Owned(text), form: CellForm::Text }
}

impl Book for XlsBook {
    fn kind(&self) -> FileKind {
        FileKind::Xls
    }

    fn sheets(&self) -> Vec<String> {
        self.sheets.iter().map(|(name, _)| name.clone()).collect()
    }

    fn walk(&mut self, sheet: &str, each: &mut Each<'_>) -> Result<(), FileFault> {
        let Some((_, start)) = self.sheets.iter().find(|(name, _)| name == sheet) else { return Ok(()) };
        let mut records = Records::from(&self.stream, *start);
        let Some((BOF, _)) = records.next() else { return Err(FileFault::Damaged) };
        let mut depth = 0_u32;
        let mut formula = (0, 0);
        while let Some((kind, content)) = records.next() {
            // A chart within the sheet has records of its own.
            match kind {
                BOF => depth += 1,
                EOF if depth == 0 => return Ok(()),
                EOF => depth -= 1,
                _ if depth > 0 => {}
                _ => {
                    if !self.record(kind, content, &mut records, &mut formula, each)? {
                        return Ok(());
                    }
                }
            }
        }
        Err(FileFault::Damaged)
    }
}

impl XlsBook {
    fn record<'a>(
        &self,
        kind: u16,
        content: &'a [u8],
        records: &mut Records<'a>,
        formula: &mut (u32, usize),
        each: &mut Each<'_>,
    ) -> Result<bool, FileFault> {
        let (Some(row), Some(place)) = (u16_at(content, 0), u16_at(content, 2)) else { return Ok(true) };
        let (row, place) = (u32::from(row) + 1, usize::from(place));
        let format = u16_at(content, 4);
        let cell = match kind {
            LABEL_SST => Some(self.shared(content)),
            LABEL | RICH_LABEL => text_in(content.get(6..).unwrap_or_default(), 2).map(text_cell),
            RK => u32_at(content, 6).map(|bits| self.number(rk(bits), format)),
            NUMBER => content.get(6..14).and_then(f64_of).map(|value| self.number(value, format)),
            BOOL_OR_ERROR => match (content.get(6), content.get(7)) {
                (Some(value), Some(0)) => Some(text_cell(if *value == 0 { "FALSE" } else { "TRUE" }.to_owned())),
                (Some(value), Some(_)) => Some(text_cell(error_of(*value).to_owned())),
                _ => None,
            },
            MULTIPLE_RK => {
                let pairs = content.get(4..content.len().saturating_sub(2)).unwrap_or_default();
                for (step, pair) in pairs.chunks_exact(6).enumerate() {
                    let value = u32_at(pair, 2).map(rk).unwrap_or_default();
                    if !each(row, place + step, self.number(value, u16_at(pair, 0)))? {
                        return Ok(false);
                    }
                }
                None
            }
            FORMULA => {
                *formula = (row, place);
                match content.get(6..14) {
                    Some([0, .., 0xff, 0xff]) => None,
                    Some([1, _, value, .., 0xff, 0xff]) => {
                        Some(text_cell(if *value == 0 { "FALSE" } else { "TRUE" }.to_owned()))
                    }
                    Some([2, _, value, .., 0xff, 0xff]) => Some(text_cell(error_of(*value).to_owned())),
                    Some([_, .., 0xff, 0xff]) => None,
                    Some(value) => f64_of(value).map(|value| self.number(value, format)),
                    None => None,
                }
            }
            FORMULA_TEXT => {
                let mut text = Segments::new(records.with_continued(content));
                let text = text.text(2).unwrap_or_default();
                return if text.trim().is_empty() { Ok(true) } else { each(formula.0, formula.1, text_cell(text)) };
            }
            _ => None,
        };
        match cell {
            Some(cell) if !cell.is_blank() => each(row, place, cell),
            _ => Ok(true),
        }
    }
}

fn f64_of(bytes: &[u8]) -> Option<f64> {
    Some(f64::from_le_bytes(bytes.try_into().ok()?))
}

/// A number in the short form: 30 bits of an integer or the upper ones of a float, perhaps times 100.
fn rk(bits: u32) -> f64 {
    let value = if bits & 2 == 0 {
        f64::from_bits(u64::from(bits & !3) << 32)
    } else {
        f64::from(i32::from_le_bytes(bits.to_le_bytes()) >> 2)
    };
    if bits & 1 == 0 { value } else { value / 100.0 }
}

const fn error_of(code: u8) -> &'static str {
    match code {
        0x00 => "#NULL!",
        0x07 => "#DIV/0!",
        0x0f => "#VALUE!",
        0x17 => "#REF!",
        0x1d => "#NAME?",
        0x24 => "#NUM!",
        _ => "#N/A",
    }
}

/// A visible worksheet: its name and where it begins.
fn sheet_of(content: &[u8]) -> Option<(String, usize)> {
    let start = usize::try_from(u32_at(content, 0)?).ok()?;
    let (state, kind) = (content.get(4)? & 3, *content.get(5)?);
    let name = text_in(content.get(6..)?, 1)?;
    (state == 0 && kind == 0).then_some((bounded(&name).to_owned(), start))
}

/// The day of a serial number. Below 1 it is a time, and far above it is none.
fn day_of(value: f64, since_1904: bool) -> Option<String> {
    if !(1.0..2_958_466.0).contains(&value) {
        return None;
    }
    let from = if since_1904 { jiff::civil::date(1904, 1, 1) } else { jiff::civil::date(1899, 12, 30) };
    // The range makes it a small whole number.
    #[allow(clippy::cast_possible_truncation)]
    let days = value.trunc() as i64;
    let date = from.checked_add(jiff::Span::new().try_days(days).ok()?).ok()?;
    Some(format!("{:04}-{:02}-{:02}", date.year(), date.month(), date.day()))
}

/// Whether the code of a number format shows a date: it has a letter of one outside of quotes and brackets.
fn shows_date(code: &str) -> bool {
    let mut signs = code.chars();
    while let Some(sign) = signs.next() {
        match sign {
            '"' => while signs.next().is_some_and(|sign| sign != '"') {},
            '[' => while signs.next().is_some_and(|sign| sign != ']') {},
            '\\' | '_' | '*' => {
                signs.next();
            }
            ';' => return false,
            'd' | 'D' | 'm' | 'M' | 'y' | 'Y' => return true,
            // "General" and its relatives hold an e.
            'G' | 'g' => return false,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_numbers_are_read() {
        assert_eq!(rk(0x3ff0_0000), 1.0);
        assert_eq!(rk((12_345 << 2) | 2), 12_345.0);
        assert_eq!(rk((12_345 << 2) | 3), 123.45);
        assert_eq!(rk(((-5_i32) << 2) as u32 | 2), -5.0);
    }

    #[test]
    fn a_format_that_shows_a_date_is_known() {
        for code in ["dd/mm/yyyy", "[$-421]dd mmmm yyyy;@", "yyyy\\-mm\\-dd", "m/d/yy h:mm"] {
            assert!(shows_date(code), "{code}");
        }
        for code in ["General", "0", "0.00", "@", "\"md\"0", "#,##0;[Red]-#,##0"] {
            assert!(!shows_date(code), "{code}");
        }
        assert_eq!(day_of(18_760.0, false).as_deref(), Some("1951-05-12"));
        assert_eq!(day_of(0.5, false), None);
    }
}
