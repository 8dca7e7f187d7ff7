//! The rows of a workbook, kept in memory.

use crate::domain::intake::{CellForm, Families, FileFault, RawRow};

use super::ROWS_MAX;
use super::columns::{Found, Layout, Sieve, says_total};

/// Most bytes of the cells that are kept. A text that a workbook stores once can stand in every cell, so the
/// size of the file says little about this one.
const KEPT_MAX: usize = 256_000_000;

/// The rows of a sheet. One long text and a table of ends instead of a heap of small texts: a fifth of the
/// memory.
pub(super) struct Table {
    pub(super) layout: Layout,
    sieve: Sieve,
    text: String,
    /// Where each kept cell ends in the text, row after row, and what it was.
    ends: Vec<(u32, CellForm)>,
    /// For each row its number in the file.
    starts: Vec<u32>,
    given: usize,
    /// The row that is being read.
    current: u32,
    cells: Vec<Option<Found>>,
    touched: bool,
    /// The word of a total stands in a cell of no known column of this row.
    total_beside: bool,
}

impl Table {
    pub(super) fn new(layout: Layout) -> Self {
        let width = layout.width();
        Self {
            layout,
            sieve: Sieve::default(),
            text: String::new(),
            ends: Vec::new(),
            starts: Vec::new(),
            given: 0,
            current: 0,
            cells: vec![None; width],
            touched: false,
            total_beside: false,
        }
    }

    /// Whether the cell at a place matters. Others need not be handed over.
    pub(super) fn wants(&self, place: usize) -> bool {
        self.layout.wants(place)
    }

    /// Takes a cell of a row, counted from 1. Cells of one row come one after the other.
    pub(super) fn take(&mut self, row: u32, place: usize, cell: Found) -> Result<(), FileFault> {
        if row != self.current {
            self.keep()?;
            self.current = row;
        }
        if !self.layout.holds(place) {
            if says_total(&cell.0) {
                (self.total_beside, self.touched) = (true, true);
            }
        } else if let Some(slot) = self.cells.get_mut(place) {
            *slot = Some(cell);
            self.touched = true;
        }
        Ok(())
    }

    /// Keeps the row that was read, unless it is blank or a total.
    pub(super) fn keep(&mut self) -> Result<(), FileFault> {
        if !std::mem::take(&mut self.touched) {
            return Ok(());
        }
        let cells = &mut self.cells;
        let row = self.layout.raw(self.current, |place| {
            cells.get_mut(place).and_then(Option::take).unwrap_or_else(|| (String::new(), CellForm::Text))
        });
        let total_beside = std::mem::take(&mut self.total_beside);
        let Some(row) = self.sieve.pass(&self.layout, row, total_beside) else { return Ok(()) };
        if self.starts.len() >= ROWS_MAX as usize {
            return Err(FileFault::TooManyRows { max: ROWS_MAX });
        }
        self.starts.push(row.number);
        for cell in row.cells.iter().take(self.layout.kept()) {
            self.text.push_str(&cell.text);
            if self.text.len() > KEPT_MAX {
                return Err(FileFault::TooMuchInside);
            }
            let end = u32::try_from(self.text.len()).map_err(|_| FileFault::TooMuchInside)?;
            self.ends.push((end, cell.form));
        }
        Ok(())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.starts.is_empty()
    }

    /// The text of a kept cell.
    fn text(&self, row: usize, cell: usize) -> &str {
        let cell = row * self.layout.kept() + cell;
        let begin = cell.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(end, _)| *end);
        let end = self.ends.get(cell).map_or(begin, |(end, _)| *end);
        self.text.get(begin as usize..end as usize).unwrap_or_default()
    }

    /// Notes the family of every row.
    pub(super) fn note_families(&self, families: &mut Families) {
        let Some((key, relation)) = self.layout.family else { return };
        let (key, relation) = (self.layout.cell_of(key), self.layout.cell_of(relation));
        for (row, number) in self.starts.iter().enumerate() {
            families.note(*number, self.text(row, key), self.text(row, relation));
        }
    }

    pub(super) fn next(&mut self) -> Option<RawRow> {
        let number = *self.starts.get(self.given)?;
        let first = self.given * self.layout.kept();
        self.given += 1;
        let mut cells = first..first + self.layout.kept();
        Some(self.layout.raw(number, |_| {
            let cell = cells.next().unwrap_or_default();
            let begin = cell.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |(end, _)| *end);
            let (end, form) = self.ends.get(cell).copied().unwrap_or((begin, CellForm::Text));
            (self.text.get(begin as usize..end as usize).unwrap_or_default().to_owned(), form)
        }))
    }
}
