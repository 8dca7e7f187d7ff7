//! Workbooks of OpenOffice and LibreOffice, read as a stream. Their archive has been weighed before; what a
//! document repeats by a number is repeated here only as far as a list may go.

use std::borrow::Cow;
use std::io::{BufReader, Read};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use crate::domain::intake::{CellForm, FileFault};

use super::book::{Book, Cell, Each, Firsts, SHEETS_MAX};
use super::columns::{Found, bounded};
use super::heading::First;
use super::zip_weight::damaged;
use super::{CELL_MAX, COLUMNS_MAX, Choice, FileKind, ROWS_MAX, Source};

/// A workbook.
pub(super) struct OdsBook {
    archive: ZipArchive<BufReader<Source>>,
}

impl OdsBook {
    pub(super) fn new(source: Source) -> Result<Self, FileFault> {
        Ok(Self { archive: ZipArchive::new(BufReader::new(source)).map_err(damaged)? })
    }

    /// Gives the cells of all visible sheets, with the name of each. `each` says whether more of the sheet
    /// is wanted.
    fn walk_all(&mut self, each: &mut EachOf<'_>) -> Result<(), FileFault> {
        let part = self.archive.by_name("content.xml").map_err(damaged)?;
        let mut walk = Walk {
            hidden: Vec::new(),
            style: String::new(),
            sheet: None,
            row: 0,
            cells: Vec::new(),
            row_repeat: 1,
            place: 0,
            cell: None,
            more: true,
        };
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, part.take(u64::MAX)));
        let mut buffer = Vec::new();
        loop {
            match reader.read_event_into(&mut buffer).map_err(damaged)? {
                Event::Start(tag) => walk.open(&tag, false)?,
                Event::Empty(tag) => walk.open(&tag, true)?,
                Event::End(tag) => walk.close(tag.local_name().as_ref(), each)?,
                Event::Text(text) if walk.in_text() => walk.push(&text),
                Event::GeneralRef(name) if walk.in_text() => {
                    let sign = match name.resolve_char_ref().map_err(damaged)? {
                        Some(sign) => Some(sign),
                        None => match name.as_ref() {
                            "amp" => Some('&'),
                            "lt" => Some('<'),
                            "gt" => Some('>'),
                            "quot" => Some('"'),
                            "apos" => Some('\''),
                            _ => None,
                        },
                    };
                    walk.push(sign.unwrap_or(char::REPLACEMENT_CHARACTER).encode_utf8(&mut [0; 4]));
                }
                // Entities of its own are how a small text becomes a large one.
                Event::DocType(_) => return Err(FileFault::TooMuchInside),
                Event::Eof => return if walk.sheet.is_some() { Err(FileFault::Damaged) } else { Ok(()) },
                _ => {}
            }
            buffer.clear();
        }
    }
}

/// A cell while it is read.
struct Current {
    value: Option<Found>,
    text: String,
    in_text: bool,
    in_note: u32,
    repeat: usize,
}

/// Where within the document a reader stands.
struct Walk {
    /// Names of styles whose sheets are not shown.
    hidden: Vec<String>,
    style: String,
    /// The sheet that is read, and nothing for a hidden one.
    sheet: Option<Option<String>>,
    row: u32,
    cells: Vec<(usize, Found)>,
    row_repeat: u32,
    place: usize,
    cell: Option<Current>,
    more: bool,
}

fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().flatten().find(|attribute| attribute.key.local_name().as_ref() == name)?;
    let text = quick_xml::escape::unescape(&found.value).unwrap_or(Cow::Borrowed(&found.value));
    Some(bounded(&text).to_owned())
}

fn repeated(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name).and_then(|text| text.parse().ok()).unwrap_or(1).max(1)
}

type EachOf<'e> = dyn FnMut(&str, u32, usize, Cell<'_>) -> Result<bool, FileFault> + 'e;

impl Walk {
    /// Whether what comes is shown in a cell.
    fn in_text(&self) -> bool {
        self.cell.as_ref().is_some_and(|cell| cell.in_text)
    }

    fn push(&mut self, text: &str) {
        if let Some(cell) = &mut self.cell
            && cell.text.len() <= CELL_MAX * 8
        {
            cell.text.push_str(text);
        }
    }

    fn open(&mut self, tag: &BytesStart<'_>, empty: bool) -> Result<(), FileFault> {
        let name = tag.local_name();
        match name.as_ref() {
            "style" => self.style = attribute(tag, "name").unwrap_or_default(),
            "table-properties" if attribute(tag, "display").as_deref() == Some("false") => {
                self.hidden.push(self.style.clone());
            }
            "table" if self.sheet.is_none() && !empty => {
                let style = attribute(tag, "style-name").unwrap_or_default();
                let name = attribute(tag, "name").unwrap_or_default();
                self.sheet = Some((!self.hidden.contains(&style)).then_some(name));
                self.row = 0;
                self.more = true;
            }
            "table-row" => {
                self.cells.clear();
                self.place = 0;
                self.row_repeat = repeated(tag, "number-rows-repeated");
                if empty {
                    self.row = self.row.saturating_add(self.row_repeat);
                }
            }
            "table-cell" | "covered-table-cell" => {
                let repeat = repeated(tag, "number-columns-repeated") as usize;
                self.cell =
                    Some(Current { value: value_of(tag), text: String::new(), in_text: false, in_note: 0, repeat });
                if empty {
                    self.end_cell()?;
                }
            }
            "annotation" if !empty => {
                if let Some(cell) = &mut self.cell {
                    cell.in_note += 1;
                    cell.in_text = false;
                }
            }
            "p" if !empty => {
                if let Some(cell) = &mut self.cell
                    && cell.in_note == 0
                {
                    if !cell.text.is_empty() {
                        cell.text.push(' ');
                    }
                    cell.in_text = true;
                }
            }
            "s" | "tab" | "line-break" if self.in_text() => self.push(" "),
            _ => {}
        }
        Ok(())
    }

    fn close(&mut self, name: &str, each: &mut EachOf<'_>) -> Result<(), FileFault> {
        match name {
            "p" => {
                if let Some(cell) = &mut self.cell {
                    cell.in_text = false;
                }
            }
            "annotation" => {
                if let Some(cell) = &mut self.cell {
                    cell.in_note = cell.in_note.saturating_sub(1);
                }
            }
            "table-cell" | "covered-table-cell" => self.end_cell()?,
            "table-row" => self.end_row(each)?,
            "table" => self.sheet = None,
            _ => {}
        }
        Ok(())
    }

    fn end_cell(&mut self) -> Result<(), FileFault> {
        let Some(cell) = self.cell.take() else { return Ok(()) };
        let found = cell.value.unwrap_or_else(|| (bounded(&cell.text).to_owned(), CellForm::Text));
        if !found.0.trim().is_empty() {
            if self.place.saturating_add(cell.repeat) > COLUMNS_MAX as usize {
                return Err(FileFault::TooManyColumns { max: COLUMNS_MAX });
            }
            for step in 0..cell.repeat {
                self.cells.push((self.place + step, found.clone()));
            }
        }
        self.place = self.place.saturating_add(cell.repeat);
        Ok(())
    }

    fn end_row(&mut self, each: &mut EachOf<'_>) -> Result<(), FileFault> {
        let cells = std::mem::take(&mut self.cells);
        if let Some(Some(sheet)) = &self.sheet
            && !cells.is_empty()
        {
            if self.more && self.row_repeat > ROWS_MAX {
                return Err(FileFault::TooManyRows { max: ROWS_MAX });
            }
            'rows: for step in 0..self.row_repeat {
                for (place, (text, form)) in &cells {
                    if !self.more {
                        break 'rows;
                    }
                    let row = self.row.saturating_add(step).saturating_add(1);
                    self.more = each(sheet, row, *place, Cell { text: Cow::Borrowed(text), form: *form })?;
                }
            }
        }
        self.row = self.row.saturating_add(self.row_repeat);
        Ok(())
    }
}

/// The value that stands beside the shown text: of numbers and dates it is the exact one.
fn value_of(tag: &BytesStart<'_>) -> Option<Found> {
    match attribute(tag, "value-type").as_deref()? {
        "float" | "currency" | "percentage" => {
            let text = attribute(tag, "value")?;
            // In full, never in scientific notation.
            let text = text.parse::<f64>().map_or(text, |number| number.to_string());
            Some((text, CellForm::Number))
        }
        "date" => attribute(tag, "date-value").map(|text| (text, CellForm::Date)),
        "boolean" => attribute(tag, "boolean-value").map(|text| (text.to_uppercase(), CellForm::Text)),
        _ => attribute(tag, "string-value").map(|text| (text, CellForm::Text)),
    }
}

impl Book for OdsBook {
    fn kind(&self) -> FileKind {
        FileKind::Ods
    }

    fn sheets(&self) -> Vec<String> {
        Vec::new()
    }

    fn walk(&mut self, sheet: &str, each: &mut Each<'_>) -> Result<(), FileFault> {
        self.walk_all(&mut |name, row, place, cell| if name == sheet { each(row, place, cell) } else { Ok(false) })
    }

    /// All sheets stand in one part, so it is read once for all.
    fn first_rows(&mut self, choice: &Choice) -> Vec<(String, Result<Vec<First>, FileFault>)> {
        let mut sheets: Vec<(String, Firsts)> = Vec::new();
        let walked = self.walk_all(&mut |name, row, place, cell| {
            if choice.sheet.as_ref().is_some_and(|sheet| sheet != name) {
                return Ok(false);
            }
            if sheets.last().is_none_or(|(last, _)| last != name) {
                if sheets.len() == SHEETS_MAX {
                    return Ok(false);
                }
                sheets.push((name.to_owned(), Firsts::default()));
            }
            match sheets.last_mut() {
                Some((_, first)) => first.take(row, place, cell, choice),
                None => Ok(false),
            }
        });
        match walked {
            Ok(()) => sheets.into_iter().map(|(name, first)| (name, Ok(first.rows))).collect(),
            Err(fault) => vec![(String::new(), Err(fault))],
        }
    }
}
