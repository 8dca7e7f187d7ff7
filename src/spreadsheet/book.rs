//! Workbooks of every kind: which sheet holds the list, and its rows.

use std::borrow::Cow;

use crate::domain::intake::{CellForm, FileFault};

use super::columns::{Layout, bounded};
use super::heading::{First, Header, enough, find_header};
use super::survey::survey_sheet;
use super::table::Table;
use super::{COLUMNS_MAX, Choice, FileKind, Inner, Rows, Survey};

/// Most sheets that are looked at.
pub(super) const SHEETS_MAX: usize = 64;

/// A cell with something in it.
pub(super) struct Cell<'a> {
    pub(super) text: Cow<'a, str>,
    pub(super) form: CellForm,
}

impl Cell<'_> {
    /// Whether it shows nothing.
    pub(super) fn is_blank(&self) -> bool {
        bounded(&self.text).trim().is_empty()
    }

    pub(super) fn into_found(self) -> (String, CellForm) {
        let text = match self.text {
            Cow::Borrowed(text) => bounded(text).to_owned(),
            Cow::Owned(mut text) => {
                text.truncate(bounded(&text).len());
                text
            }
        };
        (text, self.form)
    }
}

/// Takes a cell with its row, counted from 1, and its place, counted from 0. It says whether more is wanted.
pub(super) type Each<'e> = dyn FnMut(u32, usize, Cell<'_>) -> Result<bool, FileFault> + 'e;

/// A workbook whose sheets can be read, each as often as needed.
pub(super) trait Book {
    /// What it is.
    fn kind(&self) -> FileKind;

    /// The names of the visible sheets.
    fn sheets(&self) -> Vec<String>;

    /// Gives every cell of a sheet with something in it, row by row.
    fn walk(&mut self, sheet: &str, each: &mut Each<'_>) -> Result<(), FileFault>;

    /// The first rows of the sheets, with those that cannot be read.
    fn first_rows(&mut self, choice: &Choice) -> Vec<(String, Result<Vec<First>, FileFault>)> {
        let names = self.sheets().into_iter().take(SHEETS_MAX);
        let wanted = names.filter(|name| choice.sheet.as_ref().is_none_or(|sheet| sheet == name));
        let names: Vec<String> = wanted.collect();
        names
            .into_iter()
            .map(|name| {
                let mut first = Firsts::default();
                let walked = self.walk(&name, &mut |row, place, cell| first.take(row, place, cell, choice));
                let rows = walked.map(|()| first.rows);
                (name, rows)
            })
            .collect()
    }
}

/// Collects the first rows of a sheet.
#[derive(Default)]
pub(super) struct Firsts {
    pub(super) rows: Vec<First>,
}

impl Firsts {
    /// Takes a cell, and says whether more is wanted.
    pub(super) fn take(&mut self, row: u32, place: usize, cell: Cell<'_>, choice: &Choice) -> Result<bool, FileFault> {
        check_place(place)?;
        if self.rows.last().is_none_or(|last| last.number != row) {
            if enough(&self.rows, choice) {
                return Ok(false);
            }
            self.rows.push(First { number: row, cells: Vec::new() });
        }
        if let Some(last) = self.rows.last_mut() {
            if last.cells.len() <= place {
                last.cells.resize(place + 1, String::new());
            }
            if let Some(slot) = last.cells.get_mut(place) {
                *slot = cell.into_found().0;
            }
        }
        Ok(true)
    }
}

fn check_place(place: usize) -> Result<(), FileFault> {
    if place >= COLUMNS_MAX as usize { Err(FileFault::TooManyColumns { max: COLUMNS_MAX }) } else { Ok(()) }
}

/// Reads the one visible sheet that holds a list, or the chosen one.
pub(super) fn open(mut book: impl Book, choice: &Choice) -> Result<Rows, FileFault> {
    let mut lists = Vec::new();
    let mut fault = None;
    for (name, rows) in book.first_rows(choice) {
        // The fault of a sheet counts only when no sheet is a list: there may be notes beside it.
        let found = rows.and_then(|rows| match find_header(&rows, choice) {
            Some(header) => Layout::of(&header.texts, choice).map(|layout| Some((header, layout))),
            None => Ok(None),
        });
        match found {
            Ok(Some((header, layout))) => lists.push((name, header, layout)),
            Ok(None) => {}
            Err(found) => fault = fault.or(Some(found)),
        }
    }
    let names = || lists.iter().map(|(name, ..)| name.clone()).collect();
    if lists.len() > 1 {
        return Err(FileFault::SeveralSheets(names()));
    }
    let Some((name, header, layout)) = lists.pop() else { return Err(fault.unwrap_or(FileFault::NoHeader)) };
    let table = read(&mut book, &name, &header, layout)?;
    Rows::of(book.kind(), Some(name), header.row, Inner::Table(Box::new(table)))
}

fn read(book: &mut impl Book, sheet: &str, header: &Header, layout: Layout) -> Result<Table, FileFault> {
    let mut table = Table::new(layout);
    book.walk(sheet, &mut |row, place, cell| {
        check_place(place)?;
        if row > header.row && table.wants(place) {
            table.take(row, place, cell.into_found())?;
        }
        Ok(true)
    })?;
    table.keep()?;
    if table.is_empty() { Err(FileFault::NoRows) } else { Ok(table) }
}

/// Looks at the sheets without reading the list.
pub(super) fn survey(mut book: impl Book, choice: &Choice) -> Result<Survey, FileFault> {
    let kind = book.kind();
    let mut sheets = Vec::new();
    for (name, rows) in book.first_rows(&Choice { sheet: None, ..choice.clone() }) {
        // A sheet that cannot be read is not offered, unless it is the one that was asked for.
        match rows {
            Ok(rows) if rows.is_empty() => {}
            Ok(rows) => {
                let own = choice.sheet.as_ref().is_none_or(|sheet| *sheet == name);
                let header_row = if own { choice.header_row } else { None };
                sheets.push(survey_sheet(name, &rows, &Choice { header_row, ..Choice::default() }));
            }
            Err(fault) if choice.sheet.as_ref() == Some(&name) => return Err(fault),
            Err(_) => {}
        }
    }
    if sheets.is_empty() { Err(FileFault::NoHeader) } else { Ok(Survey { kind, sheets }) }
}
