//! Text files: comma, semicolon or tab; UTF-8, with or without a byte-order mark, or Windows-1252.
//!
//! A file is read twice. The first time, byte by byte and without keeping any, to see that it is whole and
//! within bounds; the second time row by row. So memory does not grow with the file, and a quotation mark
//! that is never closed is named by its line instead of swallowing the rest.

use std::borrow::Cow;
use std::io::{BufReader, Read, Seek, SeekFrom, Take};
use std::iter::Peekable;

use crate::domain::intake::{CellForm, FileFault, RawRow};

use super::columns::{Layout, bounded, header_among, known_headings};
use super::{COLUMNS_MAX, FILE_MAX, FileKind, HEADER_WITHIN, Inner, ROWS_MAX, Rows, Source, unreadable};

/// How much of a file is looked at to find out what it is.
pub(super) const HEAD: usize = 64 * 1024;

/// Longest field in bytes. A quotation mark that is never closed is noticed here at the latest.
const FIELD_MAX: usize = 64 * 1024;

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

const MARK: &[u8] = b"\xef\xbb\xbf";

fn reader<R: Read>(source: R, delimiter: u8) -> ::csv::Reader<R> {
    ::csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(source)
}

/// Opens a text file, given its first bytes.
pub(super) fn open(mut source: Source, head: &[u8]) -> Result<Rows, FileFault> {
    look(head)?;
    let start = if head.starts_with(MARK) { MARK.len() } else { 0 };
    let delimiter = sniff(head.get(start..).unwrap_or_default());
    let scan = Scan::over(&mut source, delimiter)?;
    if scan.only_white {
        return Err(FileFault::Empty);
    }
    source.seek(SeekFrom::Start(start as u64)).map_err(unreadable)?;

    let windows_1252 = !scan.utf8;
    let mut records = Records::new(reader(BufReader::new(source).take(FILE_MAX), delimiter), scan.jumps);
    let mut first = Vec::new();
    while first.len() < HEADER_WITHIN {
        match records.next()? {
            Some(record) => first.push(record),
            None => break,
        }
    }
    let texts: Vec<Vec<String>> = first
        .iter()
        .map(|(_, record)| record.iter().map(|field| bounded(&decode(field, windows_1252)).to_owned()).collect())
        .collect();
    let header = header_among(texts.iter().map(|row| row.iter().map(String::as_str))).ok_or(FileFault::NoHeader)?;
    let headings = texts.get(header).map(Vec::as_slice).unwrap_or_default();
    let mut layout = Layout::of(headings.iter().map(String::as_str))?;
    let header_row = first.get(header).map_or(0, |(number, _)| *number);
    let ignored_columns = std::mem::take(&mut layout.ignored);
    let columns = layout.columns();

    let mut waiting: Vec<(u32, ::csv::ByteRecord)> = first.drain(..).skip(header + 1).collect();
    waiting.reverse();
    let mut rows = CsvRows { records, waiting, layout, windows_1252, peeked: None, given: 0 };
    rows.peeked = rows.next().transpose()?;
    if rows.peeked.is_none() {
        return Err(FileFault::NoRows);
    }
    Ok(Rows {
        kind: FileKind::Csv { delimiter: char::from(delimiter), windows_1252 },
        sheet: None,
        header_row,
        columns,
        headings: Vec::new(),
        ignored_columns,
        rows: Inner::Csv(Box::new(rows)),
    })
}

/// Refuses what is plainly no text table.
fn look(head: &[u8]) -> Result<(), FileFault> {
    if head.starts_with(b"\xff\xfe") || head.starts_with(b"\xfe\xff") {
        return Err(FileFault::Utf16);
    }
    let text = head.strip_prefix(MARK).unwrap_or(head);
    let start: Vec<u8> = text.trim_ascii_start().iter().take(16).map(u8::to_ascii_lowercase).collect();
    let foreign: [&[u8]; 10] = [
        b"%pdf",
        b"\x89png",
        b"\xff\xd8\xff",
        b"gif8",
        b"<!doctype",
        b"<html",
        b"<?xml",
        b"<table",
        b"{\\rtf",
        b"\x1f\x8b",
    ];
    if foreign.iter().any(|magic| start.starts_with(magic)) {
        return Err(FileFault::NotASpreadsheet);
    }
    // Noise has some control characters in every line; a damaged text has a few at most.
    let controls = head.iter().filter(|byte| matches!(byte, 1..=8 | 11 | 12 | 14..=31 | 127)).count();
    if controls * 50 > head.len() { Err(FileFault::NotASpreadsheet) } else { Ok(()) }
}

/// The delimiter with which the most headings are recognised in one row.
fn sniff(head: &[u8]) -> u8 {
    let mut best = (0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        let mut records = reader(head, delimiter);
        let mut record = ::csv::ByteRecord::new();
        for _ in 0..HEADER_WITHIN {
            if !records.read_byte_record(&mut record).unwrap_or(false) {
                break;
            }
            let texts: Vec<Cow<'_, str>> = record.iter().map(String::from_utf8_lossy).collect();
            let headings = known_headings(texts.iter().map(|text| text.as_ref()));
            if headings > best.0 {
                best = (headings, delimiter);
            }
        }
    }
    best.1
}

/// Where within a record a byte stands. The steps are those of the csv crate, so that both agree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    FieldStart,
    Unquoted,
    Quoted,
    QuoteWithin,
}

/// What the first reading finds.
struct Scan {
    utf8: bool,
    only_white: bool,
    jumps: Vec<(u32, u32)>,
}

impl Scan {
    fn over(source: &mut Source, delimiter: u8) -> Result<Self, FileFault> {
        source.rewind().map_err(unreadable)?;
        let mut found = Self { utf8: true, only_white: true, jumps: Vec::new() };
        let mut buffer = vec![0; HEAD];
        let mut kept = 0;
        let mut walk = Walk::new(delimiter);
        let mut first = true;
        loop {
            let free = buffer.get_mut(kept..).unwrap_or_default();
            let read = source.read(free).map_err(unreadable)?;
            if read == 0 {
                break;
            }
            let mut fresh = buffer.get(kept..kept + read).unwrap_or_default();
            if first {
                fresh = fresh.strip_prefix(MARK).unwrap_or(fresh);
                first = false;
            }
            found.only_white &= fresh.trim_ascii().is_empty();
            walk.over(fresh)?;
            // A sign of several bytes may be cut by the end of the buffer; its beginning is kept for later.
            let filled = kept + read;
            kept = 0;
            if found.utf8
                && let Err(fault) = std::str::from_utf8(buffer.get(..filled).unwrap_or_default())
            {
                if fault.error_len().is_some() {
                    found.utf8 = false;
                } else {
                    kept = filled - fault.valid_up_to();
                    buffer.copy_within(filled - kept..filled, 0);
                }
            }
        }
        found.utf8 &= kept == 0;
        walk.end()?;
        found.jumps = walk.jumps;
        Ok(found)
    }
}

/// Follows records and fields through the bytes of a file, and keeps count.
struct Walk {
    delimiter: u8,
    at: At,
    line: u32,
    /// The line in which the quotation mark stands that was opened last.
    opened: u32,
    after_return: bool,
    field: usize,
    columns: u32,
    /// How many records have begun. A line without any byte is none.
    records: u32,
    within_record: bool,
    /// Records that do not begin in the line behind the one where the record before them began, by place,
    /// with their line. The csv crate cannot say this: it takes the position before it skips blank lines.
    jumps: Vec<(u32, u32)>,
    expected: u32,
}

impl Walk {
    const fn new(delimiter: u8) -> Self {
        Self {
            delimiter,
            at: At::FieldStart,
            line: 1,
            opened: 1,
            after_return: false,
            field: 0,
            columns: 1,
            records: 0,
            within_record: false,
            jumps: Vec::new(),
            expected: 1,
        }
    }

    fn over(&mut self, bytes: &[u8]) -> Result<(), FileFault> {
        for &byte in bytes {
            self.step(byte)?;
            // CR LF is one line end, and so is either alone.
            if byte == b'\r' || (byte == b'\n' && !self.after_return) {
                self.line = self.line.saturating_add(1);
            }
            self.after_return = byte == b'\r';
        }
        Ok(())
    }

    fn step(&mut self, byte: u8) -> Result<(), FileFault> {
        if byte == 0 {
            return Err(FileFault::NulBytes);
        }
        let quoted = self.at == At::Quoted;
        if !quoted && matches!(byte, b'\r' | b'\n') {
            self.at = At::FieldStart;
            self.field = 0;
            self.columns = 1;
            self.within_record = false;
            return Ok(());
        }
        if !self.within_record {
            self.begin_record()?;
        }
        self.field += 1;
        if byte == b'"' {
            match self.at {
                At::FieldStart => {
                    self.at = At::Quoted;
                    self.opened = self.line;
                }
                At::Quoted => self.at = At::QuoteWithin,
                At::QuoteWithin => self.at = At::Quoted,
                At::Unquoted => {}
            }
        } else if !quoted && byte == self.delimiter {
            self.at = At::FieldStart;
            self.field = 0;
            self.columns += 1;
            if self.columns > COLUMNS_MAX {
                return Err(FileFault::TooManyColumns { max: COLUMNS_MAX });
            }
        } else if !quoted {
            self.at = At::Unquoted;
        }
        if self.field > FIELD_MAX {
            return Err(match self.at {
                At::Quoted | At::QuoteWithin => FileFault::UnclosedQuote { line: self.opened },
                At::FieldStart | At::Unquoted => FileFault::CellTooLong { row: self.line },
            });
        }
        Ok(())
    }

    fn begin_record(&mut self) -> Result<(), FileFault> {
        if self.line != self.expected {
            self.jumps.push((self.records, self.line));
        }
        self.expected = self.line.saturating_add(1);
        self.within_record = true;
        self.records = self.records.saturating_add(1);
        // The letterhead and the headings are no data, so a few more are let through here.
        if self.records > ROWS_MAX.saturating_add(HEADER_WITHIN as u32) {
            return Err(FileFault::TooManyRows { max: ROWS_MAX });
        }
        Ok(())
    }

    fn end(&self) -> Result<(), FileFault> {
        if self.at == At::Quoted { Err(FileFault::UnclosedQuote { line: self.opened }) } else { Ok(()) }
    }
}

/// The records of a file, each with the line in which it begins.
struct Records {
    reader: ::csv::Reader<Take<BufReader<Source>>>,
    jumps: Peekable<std::vec::IntoIter<(u32, u32)>>,
    given: u32,
    line: u32,
}

impl Records {
    fn new(reader: ::csv::Reader<Take<BufReader<Source>>>, jumps: Vec<(u32, u32)>) -> Self {
        Self { reader, jumps: jumps.into_iter().peekable(), given: 0, line: 0 }
    }

    fn next(&mut self) -> Result<Option<(u32, ::csv::ByteRecord)>, FileFault> {
        let mut record = ::csv::ByteRecord::new();
        let more = self.reader.read_byte_record(&mut record).map_err(|error| match error.into_kind() {
            ::csv::ErrorKind::Io(error) => unreadable(error),
            _ => FileFault::Damaged,
        })?;
        self.line = match self.jumps.next_if(|(record, _)| *record == self.given) {
            Some((_, line)) => line,
            None => self.line.saturating_add(1),
        };
        self.given = self.given.saturating_add(1);
        Ok(more.then_some((self.line, record)))
    }
}

/// The rows of a text file, read as they are asked for.
pub(super) struct CsvRows {
    records: Records,
    /// Records that were read while the headings were looked for, last first.
    waiting: Vec<(u32, ::csv::ByteRecord)>,
    layout: Layout,
    windows_1252: bool,
    peeked: Option<RawRow>,
    given: u32,
}

impl CsvRows {
    pub(super) fn next(&mut self) -> Option<Result<RawRow, FileFault>> {
        if let Some(row) = self.peeked.take() {
            return Some(Ok(row));
        }
        loop {
            let (line, record) = match self.waiting.pop() {
                Some(record) => record,
                None => match self.records.next() {
                    Ok(Some(record)) => record,
                    Ok(None) => return None,
                    Err(fault) => return Some(Err(fault)),
                },
            };
            let windows_1252 = self.windows_1252;
            let row = self.layout.row(line, |place| {
                let field = record.get(place).unwrap_or_default();
                (bounded(&decode(field, windows_1252)).to_owned(), CellForm::Text)
            });
            if let Some(row) = row {
                self.given = self.given.saturating_add(1);
                if self.given > ROWS_MAX {
                    return Some(Err(FileFault::TooManyRows { max: ROWS_MAX }));
                }
                return Some(Ok(row));
            }
        }
    }
}

/// The text of a field.
fn decode(field: &[u8], windows_1252: bool) -> Cow<'_, str> {
    if windows_1252 && !field.is_ascii() {
        Cow::Owned(field.iter().map(|byte| sign_1252(*byte)).collect())
    } else {
        String::from_utf8_lossy(field)
    }
}

/// The sign of a byte in Windows-1252. It is Latin-1, but for 32 places, five of which mean nothing.
const fn sign_1252(byte: u8) -> char {
    match byte {
        0x80 => '€',
        0x82 => '‚',
        0x83 => 'ƒ',
        0x84 => '„',
        0x85 => '…',
        0x86 => '†',
        0x87 => '‡',
        0x88 => 'ˆ',
        0x89 => '‰',
        0x8a => 'Š',
        0x8b => '‹',
        0x8c => 'Œ',
        0x8e => 'Ž',
        0x91 => '\u{2018}',
        0x92 => '\u{2019}',
        0x93 => '“',
        0x94 => '”',
        0x95 => '•',
        0x96 => '–',
        0x97 => '—',
        0x98 => '˜',
        0x99 => '™',
        0x9a => 'š',
        0x9b => '›',
        0x9c => 'œ',
        0x9e => 'ž',
        0x9f => 'Ÿ',
        0x81 | 0x8d | 0x8f | 0x90 | 0x9d => char::REPLACEMENT_CHARACTER,
        other => other as char,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_1252_reads_its_own_signs() {
        assert_eq!(decode(b"Nur\x92aini \x96 caf\xe9", true), "Nur\u{2019}aini – café");
        assert_eq!(decode(b"\x81", true), "\u{fffd}");
        assert_eq!(decode("café".as_bytes(), false), "café");
    }

    /// The line in which each record begins, as the walk found it.
    fn lines(text: &[u8]) -> Vec<u32> {
        let mut walk = Walk::new(b',');
        walk.over(text).unwrap();
        let (mut line, mut jumps) = (0, walk.jumps.into_iter().peekable());
        let next = |record| {
            line = jumps.next_if(|(jump, _)| *jump == record).map_or(line + 1, |(_, line)| line);
            line
        };
        (0..walk.records).map(next).collect()
    }

    #[test]
    fn records_know_the_line_in_which_they_begin() {
        assert_eq!(lines(b"a\nb\nc"), [1, 2, 3]);
        assert_eq!(lines(b"\r\n\r\na\r\nb\rc\r\r\nd\n"), [3, 4, 5, 7]);
        assert_eq!(lines(b"a,\"b\r\nb\"\r\n\r\nc"), [1, 4]);
    }

    proptest! {
        #[test]
        fn the_walk_counts_records_as_the_csv_crate_does(text in "[ab,\"\r\n]{0,40}") {
            let records = reader(text.as_bytes(), b',').into_byte_records().map(Result::unwrap).count();
            prop_assert_eq!(lines(text.as_bytes()).len(), records);
        }
    }
}
