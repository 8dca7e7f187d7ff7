//! Workbooks (.xlsx). The zip directory and every part in it are weighed before calamine sees the file;
//! then each sheet is read once, as a stream, and only the cells of known columns are kept.

use std::io::{BufReader, Read, Seek, SeekFrom};
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{DataRef, Reader as _, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use crate::domain::intake::{CellForm, FileFault, RawRow};

use super::columns::{Found, Layout, bounded, header_among};
use super::{COLUMNS_MAX, FileKind, HEADER_WITHIN, Inner, ROWS_MAX, Rows, Source, unreadable};

/// Most parts in a workbook. A usual one has a dozen.
const PARTS_MAX: u64 = 4_096;
/// Most bytes of all parts together, unpacked: 200,000 rows of our columns are about 350 million.
const UNPACKED_MAX: u64 = 700_000_000;
/// Most bytes of the shared texts, which are kept in memory while a sheet is read.
const SHARED_MAX: u64 = 128_000_000;
/// Most bytes of any part that is neither a sheet nor the shared texts, where it is kept in memory.
const PART_MAX: u64 = 32_000_000;
/// Most bytes without a tag, because a reader of XML holds them at once. Excel's own bound is 32,767 signs.
const TEXT_MAX: u64 = 1_000_000;
/// Most bytes of the cells that are kept. A text that a workbook stores once can stand in every cell, so the
/// size of the file says little about this one.
const KEPT_MAX: usize = 256_000_000;
/// Most sheets that are looked at.
const SHEETS_MAX: usize = 64;

/// Opens a workbook.
pub(super) fn open(source: Source) -> Result<Rows, FileFault> {
    let source = weigh(source)?;
    // calamine's arithmetic on cell addresses overflows on addresses that no program writes, which stops
    // a build with overflow checks. A damaged file must not take its reader along.
    catch_unwind(AssertUnwindSafe(|| read(source))).unwrap_or(Err(FileFault::Damaged))
}

fn damaged<E>(_: E) -> FileFault {
    FileFault::Damaged
}

/// Sees that the archive is a workbook and unpacks to what can be held. The sizes that the directory states
/// are looked at first, as that is quick; then the parts are unpacked and counted, as sizes can lie.
fn weigh(mut source: Source) -> Result<Source, FileFault> {
    weigh_directory(&mut source)?;
    source.rewind().map_err(unreadable)?;
    let mut archive = ZipArchive::new(BufReader::new(source)).map_err(damaged)?;
    if archive.len() as u64 > PARTS_MAX {
        return Err(FileFault::TooMuchInside);
    }
    kind_of(&archive)?;
    if archive.decompressed_size().is_some_and(|size| size > u128::from(UNPACKED_MAX)) {
        return Err(FileFault::TooMuchInside);
    }
    let mut left = UNPACKED_MAX;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(damaged)?;
        if part.encrypted() {
            return Err(FileFault::Protected);
        }
        let name = part.name().map(|name| name.to_lowercase()).unwrap_or_default();
        let xml = !name.starts_with("xl/media/");
        let max = if name.contains("/worksheets/") || !xml {
            left
        } else if name.ends_with("sharedstrings.xml") {
            left.min(SHARED_MAX)
        } else {
            left.min(PART_MAX)
        };
        left = left.saturating_sub(unpack(part, max, xml)?);
    }
    let mut source = archive.into_inner().into_inner();
    source.rewind().map_err(unreadable)?;
    Ok(source)
}

/// How many bytes a part unpacks to, or a fault beyond `max`. Nothing is kept.
fn unpack(part: impl Read, max: u64, xml: bool) -> Result<u64, FileFault> {
    let mut part = part.take(max.saturating_add(1));
    let mut buffer = vec![0; 64 * 1024];
    let (mut size, mut without_tag) = (0_u64, 0_u64);
    loop {
        let read = part.read(&mut buffer).map_err(damaged)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if read == 0 {
            return Ok(size);
        }
        size += read as u64;
        if xml {
            // Within one buffer only the ends matter: it is smaller than the bound.
            without_tag = match bytes.iter().rposition(|byte| *byte == b'<') {
                Some(last) => (read - last) as u64,
                None => without_tag + read as u64,
            };
        }
        if size > max || without_tag > TEXT_MAX {
            return Err(FileFault::TooMuchInside);
        }
    }
}

/// Looks at the ends of the central directory before anything makes a list of it. There can be several
/// candidates; each must state a count that a workbook has.
fn weigh_directory(source: &mut Source) -> Result<(), FileFault> {
    // The end record is followed by a comment of at most 65,535 bytes, and preceded by its 64-bit form.
    let length = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
    source.seek(SeekFrom::Start(length.saturating_sub(66_000))).map_err(unreadable)?;
    let mut tail = Vec::new();
    source.take(66_000).read_to_end(&mut tail).map_err(unreadable)?;
    let number = |place: usize, bytes: usize| -> Option<u64> {
        let field = tail.get(place..place.checked_add(bytes)?)?;
        Some(field.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    };
    let (mut ends, mut deferred, mut wide) = (0, false, false);
    for (place, sign) in tail.windows(4).enumerate() {
        let count = match sign {
            b"PK\x05\x06" => number(place + 10, 2),
            b"PK\x06\x06" => {
                wide = true;
                number(place + 32, 8)
            }
            _ => continue,
        };
        let Some(count) = count else { continue };
        ends += 1;
        if sign == b"PK\x05\x06" && count == 0xffff {
            deferred = true;
        } else if count > PARTS_MAX {
            return Err(FileFault::TooMuchInside);
        }
    }
    if ends == 0 || (deferred && !wide) { Err(FileFault::Damaged) } else { Ok(()) }
}

/// Tells a workbook from its relatives by the names of its parts.
fn kind_of<R: Read + Seek>(archive: &ZipArchive<R>) -> Result<(), FileFault> {
    let has = |end: &str| archive.file_names_raw().any(|name| name.to_ascii_lowercase().ends_with(end.as_bytes()));
    if has("vbaproject.bin") {
        Err(FileFault::Macros)
    } else if has("workbook.xml") {
        Ok(())
    } else if has("workbook.bin") || (has("content.xml") && has("mimetype")) {
        Err(FileFault::OtherSpreadsheet)
    } else if has("[content_types].xml")
        && has("_rels/.rels")
        && archive.file_names_raw().any(|name| name.starts_with(b"xl/"))
    {
        Err(FileFault::Damaged)
    } else {
        Err(FileFault::NotASpreadsheet)
    }
}

/// Reads the one visible sheet that holds a list.
fn read(source: Source) -> Result<Rows, FileFault> {
    let mut book: Xlsx<_> = Xlsx::new(BufReader::new(source)).map_err(|error| match error {
        calamine::XlsxError::Password => FileFault::Protected,
        _ => FileFault::Damaged,
    })?;
    let sheets: Vec<String> = book
        .sheets_metadata()
        .iter()
        .filter(|sheet| sheet.typ == SheetType::WorkSheet && sheet.visible == SheetVisible::Visible)
        .map(|sheet| sheet.name.clone())
        .take(SHEETS_MAX)
        .collect();

    let mut lists = Vec::new();
    let mut fault = None;
    for name in sheets {
        // The fault of a sheet counts only when no sheet is a list: there may be notes beside it.
        match header_of(&mut book, &name) {
            Ok(Some(header)) => lists.push((name, header)),
            Ok(None) => {}
            Err(found) => fault = fault.or(Some(found)),
        }
    }
    let mut lists = lists.into_iter();
    let (Some((name, header)), other) = (lists.next(), lists.next()) else {
        return Err(fault.unwrap_or(FileFault::NoHeader));
    };
    if let Some((other, _)) = other {
        let names = [name, other].into_iter().chain(lists.map(|(name, _)| name)).collect();
        return Err(FileFault::SeveralSheets(names));
    }

    let mut layout = header.layout;
    let ignored_columns = std::mem::take(&mut layout.ignored);
    let columns = layout.columns();
    let mut rows = XlsxRows::new(layout);
    let mut current = Sparse::default();
    walk(&mut book, &name, |row, column, value| {
        if row <= header.row {
            return Ok(true);
        }
        if row != current.row {
            rows.keep(&mut current)?;
            current.row = row;
        }
        current.cells.push((column, found(value)));
        Ok(true)
    })?;
    rows.keep(&mut current)?;
    if rows.starts.is_empty() {
        return Err(FileFault::NoRows);
    }
    Ok(Rows {
        kind: FileKind::Xlsx,
        sheet: Some(name),
        header_row: header.row.saturating_add(1),
        columns,
        headings: Vec::new(),
        ignored_columns,
        rows: Inner::Xlsx(rows),
    })
}

/// Gives every cell with something in it to `each`, with its row and column counted from 0, until that
/// says no.
fn walk<F>(book: &mut Xlsx<BufReader<Source>>, sheet: &str, mut each: F) -> Result<(), FileFault>
where
    F: FnMut(u32, usize, &DataRef<'_>) -> Result<bool, FileFault>,
{
    let mut cells = book.worksheet_cells_reader(sheet).map_err(damaged)?;
    while let Some(cell) = cells.next_cell().map_err(damaged)? {
        let (row, column) = cell.get_position();
        let empty = match cell.get_value() {
            DataRef::Empty => true,
            DataRef::String(text) => bounded(text).trim().is_empty(),
            DataRef::SharedString(text) => bounded(text).trim().is_empty(),
            _ => false,
        };
        if empty {
            continue;
        }
        if column >= COLUMNS_MAX {
            return Err(FileFault::TooManyColumns { max: COLUMNS_MAX });
        }
        if !each(row, column as usize, cell.get_value())? {
            break;
        }
    }
    Ok(())
}

struct Header {
    row: u32,
    layout: Layout,
}

/// Looks for the headings of a sheet; nothing, when it has none.
fn header_of(book: &mut Xlsx<BufReader<Source>>, sheet: &str) -> Result<Option<Header>, FileFault> {
    let mut first: Vec<(u32, Vec<String>)> = Vec::new();
    walk(book, sheet, |row, column, value| {
        if first.last().is_none_or(|(last, _)| *last != row) {
            if first.len() == HEADER_WITHIN {
                return Ok(false);
            }
            first.push((row, Vec::new()));
        }
        if let Some((_, texts)) = first.last_mut() {
            if texts.len() <= column {
                texts.resize(column + 1, String::new());
            }
            if let Some(text) = texts.get_mut(column) {
                *text = found(value).0;
            }
        }
        Ok(true)
    })?;
    let Some(place) = header_among(first.iter().map(|(_, texts)| texts.iter().map(String::as_str))) else {
        return Ok(None);
    };
    let Some((row, texts)) = first.get(place) else { return Ok(None) };
    let layout = Layout::of(texts.iter().map(String::as_str))?;
    Ok(Some(Header { row: *row, layout }))
}

/// The text of a cell, and what it was. A number is written in full, never in scientific notation.
fn found(value: &DataRef<'_>) -> Found {
    match value {
        DataRef::Empty => (String::new(), CellForm::Text),
        DataRef::String(text) => (bounded(text).to_owned(), CellForm::Text),
        DataRef::SharedString(text) => (bounded(text).to_owned(), CellForm::Text),
        DataRef::Bool(true) => ("TRUE".into(), CellForm::Text),
        DataRef::Bool(false) => ("FALSE".into(), CellForm::Text),
        DataRef::Int(number) => (number.to_string(), CellForm::Number),
        DataRef::Float(number) => (bounded(&number.to_string()).to_owned(), CellForm::Number),
        DataRef::DateTime(moment) if moment.is_datetime() && moment.as_f64() >= 1.0 => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            (format!("{year:04}-{month:02}-{day:02}"), CellForm::Date)
        }
        DataRef::DateTime(moment) => (bounded(&moment.as_f64().to_string()).to_owned(), CellForm::Number),
        DataRef::DateTimeIso(text) => (bounded(text).to_owned(), CellForm::Date),
        DataRef::DurationIso(text) => (bounded(text).to_owned(), CellForm::Text),
        DataRef::Error(error) => (error.to_string(), CellForm::Text),
    }
}

/// The cells of the row that is being read.
#[derive(Default)]
struct Sparse {
    row: u32,
    cells: Vec<(usize, Found)>,
}

/// The rows of a sheet. One long text and a table of ends instead of a heap of small texts: a fifth of the
/// memory.
pub(super) struct XlsxRows {
    layout: Layout,
    /// How many of the places hold a known column.
    kept: usize,
    text: String,
    /// Where each kept cell ends in the text, row after row, and what it was.
    ends: Vec<(u32, CellForm)>,
    /// For each row its number in the file.
    starts: Vec<u32>,
    given: usize,
}

impl XlsxRows {
    fn new(layout: Layout) -> Self {
        let kept = layout.columns().len();
        Self { layout, kept, text: String::new(), ends: Vec::new(), starts: Vec::new(), given: 0 }
    }

    /// Keeps a row that was read, unless it is blank or a total, and empties `row` for the next.
    fn keep(&mut self, row: &mut Sparse) -> Result<(), FileFault> {
        let number = row.row.saturating_add(1);
        let cells = std::mem::take(&mut row.cells);
        if cells.is_empty() {
            return Ok(());
        }
        let mut places: Vec<Option<Found>> = Vec::new();
        places.resize_with(self.layout.width(), || None);
        for (place, cell) in cells {
            if self.layout.holds(place)
                && let Some(slot) = places.get_mut(place)
            {
                *slot = Some(cell);
            }
        }
        let whole = self.layout.row(number, |place| {
            places.get_mut(place).and_then(Option::take).unwrap_or_else(|| (String::new(), CellForm::Text))
        });
        let Some(whole) = whole else { return Ok(()) };
        if self.starts.len() >= ROWS_MAX as usize {
            return Err(FileFault::TooManyRows { max: ROWS_MAX });
        }
        self.starts.push(number);
        for cell in whole.cells {
            self.text.push_str(&cell.text);
            if self.text.len() > KEPT_MAX {
                return Err(FileFault::TooMuchInside);
            }
            let end = u32::try_from(self.text.len()).map_err(|_| FileFault::TooMuchInside)?;
            self.ends.push((end, cell.form));
        }
        Ok(())
    }

    pub(super) fn next(&mut self) -> Option<RawRow> {
        let number = *self.starts.get(self.given)?;
        let first = self.given * self.kept;
        self.given += 1;
        let mut cells = first..first + self.kept;
        self.layout.row(number, |_| {
            let cell = cells.next().unwrap_or_default();
            let begin = cell.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(end, _)| *end);
            let (end, form) = self.ends.get(cell).copied().unwrap_or((begin, CellForm::Text));
            (self.text.get(begin as usize..end as usize).unwrap_or_default().to_owned(), form)
        })
    }
}
