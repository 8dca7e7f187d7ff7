//! Spreadsheets in and out: a CSV, XLSX, XLS or ODS file becomes rows of known columns, a table becomes CSV
//! or XLSX.
//!
//! A file is judged by its content, not by its name, and within bounds: nothing here trusts a length that
//! the file states about itself. Everything that refuses a file as a whole is found by [`open`], before the
//! first row; what is wrong with a row is for the domain to find. Formulas are read by their value and never
//! computed. This room stands on the domain alone and keeps nothing.

mod book;
mod choice;
mod columns;
mod compound;
mod csv;
mod csv_scan;
mod heading;
mod ods;
mod payments;
mod survey;
mod table;
mod workbook;
mod write;
mod xls;
mod xls_text;
mod xlsx;
mod zip_weight;

use std::fmt;
use std::fs::File;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::domain::intake::{Column, Families, FileFault, RawRow, Standing, is_head};

use self::columns::Layout;
use self::zip_weight::Archive;

pub use self::choice::Choice;
pub use self::payments::{PAYMENTS_MAX, PaymentFile, PaymentLine, read_payments};
pub use self::survey::{HeadingSurvey, SampleRow, SheetSurvey, Survey};
pub use self::workbook::{TableBook, alasan_csv, alasan_xlsx, document_to_xlsx, template_xlsx};
pub use self::write::{ByteOrderMark, csv_safe, table_to_csv};

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
    /// A workbook of Excel since 2007.
    Xlsx,
    /// A workbook of Excel before 2007.
    Xls,
    /// A workbook of OpenOffice or LibreOffice.
    Ods,
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
    /// The headings of the cells that a row is made of, as they stand in the file.
    pub headings: Vec<String>,
    /// Headings that are not known. Their columns are left out.
    pub ignored_columns: Vec<String>,
    rows: Inner,
    families: Option<Families>,
    members: u32,
}

enum Inner {
    Csv(Box<csv::CsvRows>),
    Table(Box<table::Table>),
}

impl Inner {
    fn layout(&mut self) -> &mut Layout {
        match self {
            Self::Csv(rows) => &mut rows.layout,
            Self::Table(table) => &mut table.layout,
        }
    }

    fn next(&mut self) -> Option<Result<RawRow, FileFault>> {
        match self {
            Self::Csv(rows) => rows.next(),
            Self::Table(table) => table.next().map(Ok),
        }
    }

    /// Notes every row of the file in `families`, and comes back to where it stands.
    fn note_families(&mut self, families: &mut Families) -> Result<(), FileFault> {
        match self {
            Self::Csv(rows) => rows.note_families(families),
            Self::Table(table) => {
                table.note_families(families);
                Ok(())
            }
        }
    }
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

impl Rows {
    fn of(kind: FileKind, sheet: Option<String>, header_row: u32, mut rows: Inner) -> Result<Self, FileFault> {
        let layout = rows.layout();
        let (headings, ignored) = (std::mem::take(&mut layout.headings), std::mem::take(&mut layout.ignored));
        let columns = layout.columns();
        Ok(Self {
            kind,
            sheet,
            header_row,
            columns,
            headings,
            ignored_columns: ignored,
            rows,
            families: None,
            members: 0,
        })
    }

    /// How many rows were left out so far because they are members of a family whose head stands in another
    /// row. It is whole when the rows have been read to the end.
    #[must_use]
    pub const fn members_left_out(&self) -> u32 {
        self.members
    }
}

impl Iterator for Rows {
    type Item = Result<RawRow, FileFault>;

    /// The next row. An error here means that the disk failed or the file changed while it was read.
    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let mut row = match self.rows.next()? {
                Ok(row) => row,
                Err(fault) => return Some(Err(fault)),
            };
            let layout = self.rows.layout();
            if layout.family.is_none() || is_head(layout.family_cells(&row).1) {
                return Some(Ok(row));
            }
            // Most lists have heads alone, so families are looked at only when somebody else turns up.
            let families = match &mut self.families {
                Some(families) => families,
                none => {
                    let mut families = Families::new(layout.by_person);
                    if let Err(fault) = self.rows.note_families(&mut families) {
                        return Some(Err(fault));
                    }
                    none.insert(families)
                }
            };
            let (key, relation) = self.rows.layout().family_cells(&row);
            match families.standing(row.number, key, relation) {
                Standing::Household => return Some(Ok(row)),
                Standing::Headless => {
                    row.headless = true;
                    return Some(Ok(row));
                }
                Standing::Member => self.members = self.members.saturating_add(1),
            }
        }
    }
}

fn unreadable(error: std::io::Error) -> FileFault {
    FileFault::Unreadable { reason: error.kind().to_string() }
}

/// Opens a file: finds out what it is, that it is whole and within bounds, and where its headings are.
/// What cannot be found out by itself, `choice` tells.
///
/// The name only decides between faults: a text called `.xlsx` that holds no list is a damaged workbook.
pub fn open(file_name: &str, source: impl Into<Source>, choice: &Choice) -> Result<Rows, FileFault> {
    match known(source.into())? {
        Known::Zip(source) => guarded(|| match zip_weight::weigh(source)? {
            (source, Archive::Xlsx) => book::open(xlsx::XlsxBook::new(source)?, choice),
            (source, Archive::Ods) => book::open(ods::OdsBook::new(source)?, choice),
        }),
        Known::Compound(source) => guarded(|| book::open(xls::XlsBook::new(source)?, choice)),
        Known::Text(source, head) => csv::open(source, &head, choice).map_err(|fault| named(file_name, fault)),
    }
}

/// Looks at a file without reading its list, for a person who points out its columns. Of `choice` the
/// sheet and the row of its headings count.
pub fn survey(file_name: &str, source: impl Into<Source>, choice: &Choice) -> Result<Survey, FileFault> {
    match known(source.into())? {
        Known::Zip(source) => guarded(|| match zip_weight::weigh(source)? {
            (source, Archive::Xlsx) => book::survey(xlsx::XlsxBook::new(source)?, choice),
            (source, Archive::Ods) => book::survey(ods::OdsBook::new(source)?, choice),
        }),
        Known::Compound(source) => guarded(|| book::survey(xls::XlsBook::new(source)?, choice)),
        Known::Text(source, head) => csv::survey(source, &head, choice).map_err(|fault| named(file_name, fault)),
    }
}

/// What the first bytes say.
enum Known {
    Zip(Source),
    Compound(Source),
    Text(Source, Vec<u8>),
}

fn known(mut source: Source) -> Result<Known, FileFault> {
    let length = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
    if length == 0 {
        return Err(FileFault::Empty);
    }
    if length > FILE_MAX {
        return Err(FileFault::TooLarge { max: FILE_MAX });
    }
    source.rewind().map_err(unreadable)?;
    let mut head = Vec::with_capacity(csv_scan::HEAD);
    (&mut source).take(csv_scan::HEAD as u64).read_to_end(&mut head).map_err(unreadable)?;
    source.rewind().map_err(unreadable)?;
    Ok(if head.starts_with(b"PK\x03\x04") || head.starts_with(b"PK\x05\x06") {
        Known::Zip(source)
    } else if head.starts_with(&compound::MAGIC) {
        Known::Compound(source)
    } else {
        Known::Text(source, head)
    })
}

/// calamine's arithmetic on cell addresses overflows on addresses that no program writes, which stops a
/// build with overflow checks. A damaged file must not take its reader along.
fn guarded<T>(read: impl FnOnce() -> Result<T, FileFault>) -> Result<T, FileFault> {
    catch_unwind(AssertUnwindSafe(read)).unwrap_or(Err(FileFault::Damaged))
}

fn named(file_name: &str, fault: FileFault) -> FileFault {
    let name = file_name.to_ascii_lowercase();
    let workbook = [".xlsx", ".xlsm", ".xls", ".ods"].iter().any(|end| name.ends_with(end));
    match fault {
        FileFault::NotASpreadsheet | FileFault::NulBytes if workbook && !name.ends_with(".xls") => FileFault::Damaged,
        FileFault::NoHeader if workbook => FileFault::Damaged,
        other => other,
    }
}

#[cfg(test)]
mod tests;
