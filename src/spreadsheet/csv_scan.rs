//! The first reading of a text file, byte by byte: that it is whole, within bounds, and in which line each
//! record begins. Nothing is kept.

use std::io::{Read, Seek};

use crate::domain::intake::FileFault;

use super::{COLUMNS_MAX, HEADER_WITHIN, ROWS_MAX, Source, unreadable};

/// How much of a file is looked at to find out what it is.
pub(super) const HEAD: usize = 64 * 1024;

/// Longest field in bytes. A quotation mark that is never closed is noticed here at the latest.
const FIELD_MAX: usize = 64 * 1024;

pub(super) const MARK: &[u8] = b"\xef\xbb\xbf";

/// Where within a record a byte stands. The steps are those of the csv crate, so that both agree.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    FieldStart,
    Unquoted,
    Quoted,
    QuoteWithin,
}

/// What the first reading finds.
pub(super) struct Scan {
    pub(super) utf8: bool,
    pub(super) only_white: bool,
    pub(super) jumps: Vec<(u32, u32)>,
}

impl Scan {
    pub(super) fn over(source: &mut Source, delimiter: u8) -> Result<Self, FileFault> {
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
        let mut rest = bytes;
        loop {
            // Within a field most bytes say nothing: they are counted together.
            if self.within_record && matches!(self.at, At::Unquoted | At::Quoted) {
                let plain = |byte: &u8| *byte != self.delimiter && !matches!(*byte, b'"' | b'\r' | b'\n' | 0);
                let run =
                    rest.iter().take(FIELD_MAX).position(|byte| !plain(byte)).unwrap_or(rest.len().min(FIELD_MAX));
                if run > 0 {
                    self.field += run;
                    self.after_return = false;
                    self.check_field()?;
                    rest = rest.get(run..).unwrap_or_default();
                }
            }
            let Some((&byte, behind)) = rest.split_first() else { break };
            rest = behind;
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
        self.check_field()
    }

    const fn check_field(&self) -> Result<(), FileFault> {
        if self.field <= FIELD_MAX {
            return Ok(());
        }
        Err(match self.at {
            At::Quoted | At::QuoteWithin => FileFault::UnclosedQuote { line: self.opened },
            At::FieldStart | At::Unquoted => FileFault::CellTooLong { row: self.line },
        })
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

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
            let records = crate::spreadsheet::csv::reader(text.as_bytes(), b',').into_byte_records().map(Result::unwrap).count();
            prop_assert_eq!(lines(text.as_bytes()).len(), records);
        }
    }
}
