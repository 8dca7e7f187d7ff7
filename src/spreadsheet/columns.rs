//! Where the headings are, which column is which, and which rows are no households.

use crate::domain::intake::{CellForm, Column, FileFault, RawCell, RawRow};

use super::CELL_MAX;

/// A cell as a reader found it.
pub(super) type Found = (String, CellForm);

/// Headings within a row, however few.
pub(super) fn known_headings<'a>(cells: impl Iterator<Item = &'a str>) -> usize {
    cells.filter(|cell| Column::parse_heading(cell).is_some()).count()
}

/// Which of the first rows holds the headings: the first with the most of them, and at least three, as
/// a letterhead can hold a word such as "kecamatan" too.
pub(super) fn header_among<'a, R, C>(rows: R) -> Option<usize>
where
    R: Iterator<Item = C>,
    C: Iterator<Item = &'a str>,
{
    let mut best = (2, None);
    for (place, row) in rows.enumerate() {
        let headings = known_headings(row);
        if headings > best.0 {
            best = (headings, Some(place));
        }
    }
    best.1
}

/// The columns of a file, by place.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    slots: Vec<Option<Column>>,
    pub(super) ignored: Vec<String>,
}

impl Layout {
    /// Reads the row of headings.
    pub(super) fn of<'a>(headings: impl Iterator<Item = &'a str>) -> Result<Self, FileFault> {
        let mut layout = Self { slots: Vec::new(), ignored: Vec::new() };
        for heading in headings {
            let column = Column::parse_heading(heading);
            match column {
                Some(column) if layout.slots.contains(&Some(column)) => return Err(FileFault::DoubledColumn(column)),
                None if !heading.trim().is_empty() => layout.ignored.push(heading.trim().chars().take(80).collect()),
                _ => {}
            }
            layout.slots.push(column);
        }
        let missing: Vec<Column> =
            Column::MANDATORY.into_iter().filter(|column| !layout.slots.contains(&Some(*column))).collect();
        if missing.is_empty() { Ok(layout) } else { Err(FileFault::MissingColumns(missing)) }
    }

    /// The known columns, in the file's order.
    pub(super) fn columns(&self) -> Vec<Column> {
        self.slots.iter().flatten().copied().collect()
    }

    /// How many places the row of headings has.
    pub(super) fn width(&self) -> usize {
        self.slots.len()
    }

    /// Whether a place holds a known column.
    pub(super) fn holds(&self, place: usize) -> bool {
        self.slots.get(place).is_some_and(Option::is_some)
    }

    /// Makes a row of the cells at the known places. Nothing, when the row is blank or a total.
    pub(super) fn row(&self, number: u32, mut cell: impl FnMut(usize) -> Found) -> Option<RawRow> {
        let mut row = RawRow::new(number, Vec::with_capacity(self.slots.len()));
        for (place, column) in self.slots.iter().enumerate() {
            if let Some(column) = *column {
                let (text, form) = cell(place);
                row.cells.push(RawCell { column, text, form, corrects: false });
            }
        }
        let blank = row.cells.iter().all(|cell| cell.text.trim().is_empty());
        (!blank && !is_total(&row)).then_some(row)
    }
}

/// Whether a row adds up the ones above it: a word such as JUMLAH stands in it, and no id does.
fn is_total(row: &RawRow) -> bool {
    let word = |text: &str| {
        let text = text.trim().trim_end_matches([':', '.']).trim_end();
        ["JUMLAH", "TOTAL", "JUMLAH TOTAL", "GRAND TOTAL", "SUBTOTAL", "SUB TOTAL"]
            .iter()
            .any(|total| text.eq_ignore_ascii_case(total))
    };
    let id = row.cell(Column::SourceId).map_or("", |cell| cell.text.trim());
    (id.is_empty() || word(id)) && row.cells.iter().any(|cell| word(&cell.text))
}

/// The start of a text, one character longer than a cell may be, so that the excess can still be seen.
pub(super) fn bounded(text: &str) -> &str {
    if text.len() <= CELL_MAX {
        return text;
    }
    match text.char_indices().nth(CELL_MAX + 1) {
        Some((end, _)) => text.get(..end).unwrap_or_default(),
        None => text,
    }
}
