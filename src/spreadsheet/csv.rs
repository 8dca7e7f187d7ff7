//! Text files: comma, semicolon or tab; UTF-8, with or without a byte-order mark, or Windows-1252.
//!
//! A file is read twice. The first time, byte by byte and without keeping any, to see that it is whole and
//! within bounds; the second time row by row. So memory does not grow with the file, and a quotation mark
//! that is never closed is named by its line instead of swallowing the rest.

use std::borrow::Cow;
use std::io::{BufReader, Read, Seek, SeekFrom, Take};
use std::iter::Peekable;

use crate::domain::intake::{CellForm, Families, FileFault, RawRow};

use super::columns::{Layout, Sieve, bounded, says_total};
use super::csv_scan::{MARK, Scan};
use super::heading::{First, enough, find_header, sure_headings};
use super::survey::survey_sheet;
use super::{Choice, FILE_MAX, FileKind, HEADER_WITHIN, Inner, ROWS_MAX, Rows, Source, Survey, unreadable};

const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

pub(super) fn reader<R: Read>(source: R, delimiter: u8) -> ::csv::Reader<R> {
    ::csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(source)
}

/// A text file of which the first rows were read.
struct Opened {
    source: Source,
    start: u64,
    delimiter: u8,
    windows_1252: bool,
    jumps: Vec<(u32, u32)>,
    first: Vec<First>,
}

impl Opened {
    fn new(mut source: Source, head: &[u8], choice: &Choice) -> Result<Self, FileFault> {
        look(head)?;
        let start = if head.starts_with(MARK) { MARK.len() } else { 0 };
        let delimiter = sniff(head.get(start..).unwrap_or_default());
        let scan = Scan::over(&mut source, delimiter)?;
        if scan.only_white {
            return Err(FileFault::Empty);
        }
        let (start, windows_1252) = (start as u64, !scan.utf8);
        let mut opened = Self { source, start, delimiter, windows_1252, jumps: scan.jumps, first: Vec::new() };
        let mut records = opened.records()?;
        let mut first: Vec<First> = Vec::new();
        while !enough(&first, choice) {
            let Some(number) = records.next()? else { break };
            let fields = records.record.iter().map(|field| bounded(&decode(field, windows_1252)).to_owned());
            first.push(First { number, cells: fields.collect() });
        }
        opened.first = first;
        opened.source = records.into_source();
        Ok(opened)
    }

    /// The records from the beginning. The source goes with them.
    fn records(&mut self) -> Result<Records, FileFault> {
        let mut source = std::mem::replace(&mut self.source, Source::from(Vec::new()));
        source.seek(SeekFrom::Start(self.start)).map_err(unreadable)?;
        let reader = reader(BufReader::new(source).take(FILE_MAX), self.delimiter);
        Ok(Records::new(reader, self.jumps.clone()))
    }

    const fn kind(&self) -> FileKind {
        FileKind::Csv { delimiter: self.delimiter as char, windows_1252: self.windows_1252 }
    }
}

/// Opens a text file, given its first bytes.
pub(super) fn open(source: Source, head: &[u8], choice: &Choice) -> Result<Rows, FileFault> {
    let mut opened = Opened::new(source, head, choice)?;
    let header = find_header(&opened.first, choice).ok_or(FileFault::NoHeader)?;
    let layout = Layout::of(&header.texts, choice)?;
    let kind = opened.kind();
    let records = opened.records()?;
    let mut rows = CsvRows {
        records,
        layout,
        sieve: Sieve::default(),
        windows_1252: opened.windows_1252,
        jumps: opened.jumps,
        below: header.row,
        peeked: None,
        given: 0,
    };
    rows.peeked = rows.next().transpose()?;
    if rows.peeked.is_none() {
        return Err(FileFault::NoRows);
    }
    Rows::of(kind, None, header.row, Inner::Csv(Box::new(rows)))
}

/// Looks at a text file without reading its list.
pub(super) fn survey(source: Source, head: &[u8], choice: &Choice) -> Result<Survey, FileFault> {
    let opened = Opened::new(source, head, choice)?;
    Ok(Survey { kind: opened.kind(), sheets: vec![survey_sheet(String::new(), &opened.first, choice)] })
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
    let mut best = (0, 0, DELIMITERS[0]);
    for delimiter in DELIMITERS {
        let mut records = reader(head, delimiter);
        let mut record = ::csv::ByteRecord::new();
        let mut fields = 0;
        for _ in 0..HEADER_WITHIN {
            if !records.read_byte_record(&mut record).unwrap_or(false) {
                break;
            }
            fields += record.len() - 1;
            let texts: Vec<Cow<'_, str>> = record.iter().map(String::from_utf8_lossy).collect();
            // Without known headings, the delimiter that parts the most.
            let found = (sure_headings(texts.iter().map(|text| text.as_ref())), fields, delimiter);
            if (found.0, found.1) > (best.0, best.1) {
                best = found;
            }
        }
    }
    best.2
}

/// The records of a file, each with the line in which it begins.
struct Records {
    reader: ::csv::Reader<Take<BufReader<Source>>>,
    jumps: Peekable<std::vec::IntoIter<(u32, u32)>>,
    given: u32,
    line: u32,
    record: ::csv::ByteRecord,
}

impl Records {
    fn new(reader: ::csv::Reader<Take<BufReader<Source>>>, jumps: Vec<(u32, u32)>) -> Self {
        Self { reader, jumps: jumps.into_iter().peekable(), given: 0, line: 0, record: ::csv::ByteRecord::new() }
    }

    /// Reads the next record, and says in which line it begins.
    fn next(&mut self) -> Result<Option<u32>, FileFault> {
        let more = self.reader.read_byte_record(&mut self.record).map_err(|error| match error.into_kind() {
            ::csv::ErrorKind::Io(error) => unreadable(error),
            _ => FileFault::Damaged,
        })?;
        self.line = match self.jumps.next_if(|(record, _)| *record == self.given) {
            Some((_, line)) => line,
            None => self.line.saturating_add(1),
        };
        self.given = self.given.saturating_add(1);
        Ok(more.then_some(self.line))
    }

    fn into_source(self) -> Source {
        self.reader.into_inner().into_inner().into_inner()
    }
}

/// The rows of a text file, read as they are asked for.
pub(super) struct CsvRows {
    records: Records,
    pub(super) layout: Layout,
    sieve: Sieve,
    windows_1252: bool,
    /// Where lines do not follow each other, to begin again.
    jumps: Vec<(u32, u32)>,
    /// The line of the headings: the list stands below it.
    below: u32,
    peeked: Option<RawRow>,
    given: u32,
}

impl CsvRows {
    pub(super) fn next(&mut self) -> Option<Result<RawRow, FileFault>> {
        if let Some(row) = self.peeked.take() {
            return Some(Ok(row));
        }
        loop {
            let line = match self.records.next() {
                Ok(Some(line)) => line,
                Ok(None) => return None,
                Err(fault) => return Some(Err(fault)),
            };
            if line <= self.below {
                continue;
            }
            let (record, windows_1252) = (&self.records.record, self.windows_1252);
            let row = self.layout.raw(line, |place| {
                let field = record.get(place).unwrap_or_default();
                (bounded(&decode(field, windows_1252)).to_owned(), CellForm::Text)
            });
            let total_beside = self
                .layout
                .places_beside()
                .filter_map(|place| record.get(place))
                .any(|field| says_total(&decode(field, windows_1252)));
            if let Some(row) = self.sieve.pass(&self.layout, row, total_beside) {
                self.given = self.given.saturating_add(1);
                if self.given > ROWS_MAX {
                    return Some(Err(FileFault::TooManyRows { max: ROWS_MAX }));
                }
                return Some(Ok(row));
            }
        }
    }

    /// Notes the family of every row, in a reading of its own from the beginning, and comes back.
    pub(super) fn note_families(&mut self, families: &mut Families) -> Result<(), FileFault> {
        let Some((key, relation)) = self.layout.family else { return Ok(()) };
        let records = &mut self.records;
        let place = records.reader.position().clone();
        let (line, given, jumps) = (records.line, records.given, records.jumps.clone());
        records.reader.seek(::csv::Position::new()).map_err(|_| FileFault::Damaged)?;
        (records.line, records.given, records.jumps) = (0, 0, self.jumps.clone().into_iter().peekable());
        while let Some(line) = records.next()? {
            if line > self.below {
                let field = |place| decode(records.record.get(place).unwrap_or_default(), self.windows_1252);
                families.note(line, &field(key), &field(relation));
            }
        }
        records.reader.seek(place).map_err(|_| FileFault::Damaged)?;
        (records.line, records.given, records.jumps) = (line, given, jumps);
        Ok(())
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
    use super::*;

    #[test]
    fn windows_1252_reads_its_own_signs() {
        assert_eq!(decode(b"Nur\x92aini \x96 caf\xe9", true), "Nur\u{2019}aini – café");
        assert_eq!(decode(b"\x81", true), "\u{fffd}");
        assert_eq!(decode("café".as_bytes(), false), "café");
    }
}
