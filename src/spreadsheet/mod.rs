//! Spreadsheets in and out: a CSV or XLSX file becomes rows of known columns, a table becomes CSV.
//!
//! A file is judged by its content, not by its name, and within bounds: nothing here trusts a length that
//! the file states about itself. Everything that refuses a file as a whole is found by [`open`], before the
//! first row; what is wrong with a row is for the domain to find. Formulas are read by their value and never
//! computed. This room stands on the domain alone and keeps nothing.

mod columns;
mod csv;
mod write;
mod xlsx;
mod xlsx_out;

use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::path::Path;

use crate::domain::intake::{Column, FileFault, RawRow};

pub use self::write::{ByteOrderMark, csv_safe, table_to_csv};
pub use self::xlsx_out::workbook;

/// Largest file, in bytes.
pub const FILE_MAX: u64 = 200_000_000;
/// Most rows of data.
pub const ROWS_MAX: u32 = 200_000;
/// Most columns of a row.
pub const COLUMNS_MAX: u32 = 200;
/// Most characters that are kept of a cell. All columns have tighter bounds of their own, so a longer cell
/// is always found to be too long.
pub const CELL_MAX: usize = 1_000;
/// The headings stand among so many first rows, below a letterhead.
pub const HEADER_WITHIN: usize = 30;

/// Where the bytes come from.
#[derive(Debug)]
pub enum Source {
    /// A file on disk. CSV is read from it row by row.
    File(File),
    /// A file in memory.
    Bytes(Cursor<Vec<u8>>),
}

impl Source {
    /// Opens a file on disk.
    pub fn from_path(path: &Path) -> Result<Self, FileFault> {
        let file = File::open(path).map_err(unreadable)?;
        match file.metadata() {
            Ok(facts) if facts.is_file() => Ok(Self::File(file)),
            Ok(_) => Err(FileFault::NotASpreadsheet),
            Err(error) => Err(unreadable(error)),
        }
    }
}

impl From<Vec<u8>> for Source {
    fn from(bytes: Vec<u8>) -> Self {
        Self::Bytes(Cursor::new(bytes))
    }
}

impl From<File> for Source {
    fn from(file: File) -> Self {
        Self::File(file)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self {
            Self::File(file) => file.read(buffer),
            Self::Bytes(bytes) => bytes.read(buffer),
        }
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        match self {
            Self::File(file) => file.seek(to),
            Self::Bytes(bytes) => bytes.seek(to),
        }
    }
}

/// What a file turned out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// Text with a delimiter.
    Csv {
        /// `,`, `;` or a tab.
        delimiter: char,
        /// Whether it is Windows-1252, being no valid UTF-8.
        windows_1252: bool,
    },
    /// A workbook.
    Xlsx,
}

/// The rows of a file, in its order, without blank rows and totals.
pub struct Rows {
    /// What the file is.
    pub kind: FileKind,
    /// The sheet that was read, of a workbook.
    pub sheet: Option<String>,
    /// The row in which the headings stand, counted from 1.
    pub header_row: u32,
    /// The known columns that the file has, in its order.
    pub columns: Vec<Column>,
    /// Headings that are not known. Their columns are left out.
    pub ignored_columns: Vec<String>,
    rows: Inner,
}

enum Inner {
    Csv(Box<csv::CsvRows>),
    Xlsx(xlsx::XlsxRows),
}

/// Says nothing of the rows, which are personal.
impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rows")
            .field("kind", &self.kind)
            .field("sheet", &self.sheet)
            .field("header_row", &self.header_row)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}

impl Iterator for Rows {
    type Item = Result<RawRow, FileFault>;

    /// The next row. An error here means that the disk failed or the file changed while it was read.
    fn next(&mut self) -> Option<Self::Item> {
        match &mut self.rows {
            Inner::Csv(rows) => rows.next(),
            Inner::Xlsx(rows) => rows.next().map(Ok),
        }
    }
}

fn unreadable(error: std::io::Error) -> FileFault {
    FileFault::Unreadable { reason: error.kind().to_string() }
}

/// Opens a file: finds out what it is, that it is whole and within bounds, and where its headings are.
///
/// The name only decides between faults: a text called `.xlsx` that holds no list is a damaged workbook.
pub fn open(file_name: &str, source: impl Into<Source>) -> Result<Rows, FileFault> {
    let mut source = source.into();
    let length = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if length == 0 {
        return Err(FileFault::Empty);
    }
    if length > FILE_MAX {
        return Err(FileFault::TooLarge { max: FILE_MAX });
    }
    source.rewind().map_err(unreadable)?;
    let mut head = Vec::with_capacity(csv::HEAD);
    (&mut source).take(csv::HEAD as u64).read_to_end(&mut head).map_err(unreadable)?;
    source.rewind().map_err(unreadable)?;

    if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        return xlsx::open(source);
    }
    if head.starts_with(&[0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1]) {
        return Err(compound_file(&mut source));
    }
    csv::open(source, &head).map_err(|fault| {
        let name = file_name.to_ascii_lowercase();
        let workbook = name.ends_with(".xlsx") || name.ends_with(".xlsm");
        match fault {
            FileFault::NotASpreadsheet | FileFault::NulBytes | FileFault::NoHeader if workbook => FileFault::Damaged,
            other => other,
        }
    })
}

/// A compound file is either a workbook of Excel before 2007, or a wrapper around an encrypted one. Which,
/// the names of its streams tell, written in 16-bit signs.
fn compound_file(source: &mut Source) -> FileFault {
    let wide: Vec<u8> = "EncryptedPackage".bytes().flat_map(|letter| [letter, 0]).collect();
    let mut buffer = vec![0; 64 * 1024 + wide.len()];
    let mut kept = 0;
    loop {
        let Some(free) = buffer.get_mut(kept..) else { return FileFault::OldExcel };
        let read = match source.read(free) {
            Ok(0) | Err(_) => return FileFault::OldExcel,
            Ok(read) => read,
        };
        let filled = kept + read;
        if buffer.get(..filled).is_some_and(|bytes| bytes.windows(wide.len()).any(|window| window == wide)) {
            return FileFault::Protected;
        }
        kept = filled.min(wide.len() - 1);
        buffer.copy_within(filled - kept..filled, 0);
    }
}

#[cfg(test)]
mod tests;
