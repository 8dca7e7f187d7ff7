//! A table as a document says it: columns, rows, and a total that is the sum of its rows.

use serde::{Deserialize, Serialize};

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// A text; a line feed begins a new line.
    Text(String),
    /// A count of something.
    Count(i64),
    /// Rupiah.
    Rupiah(i64),
    /// So much of some goods, in packs: `105 kg`.
    Goods(String),
    /// A place to sign for the line of this number: left for odd ones, right for even ones.
    Sign(u32),
    /// A box to tick.
    Tick,
    /// Room to write.
    Blank,
}

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A text, or room to write where there is none.
    #[must_use]
    pub fn or_blank(text: &str) -> Self {
        if text.trim().is_empty() { Self::Blank } else { Self::text(text) }
    }

    /// The figure, where there is one to add up.
    #[must_use]
    pub const fn figure(&self) -> Option<i64> {
        match self {
            Self::Count(number) | Self::Rupiah(number) => Some(*number),
            Self::Text(_) | Self::Goods(_) | Self::Sign(_) | Self::Tick | Self::Blank => None,
        }
    }
}

/// A column: what stands above it, and how wide it is beside the others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// Its heading.
    pub title: String,
    /// Its share of the width; only the proportion to the other columns counts.
    pub weight: u16,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(title: &str, weight: u16) -> Self {
        Self { title: title.to_owned(), weight }
    }
}

/// The last line of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Total {
    /// What it is called; it stands across all columns before the first figure.
    pub label: String,
    /// The figures: each with the place of its column, counted from 0.
    pub figures: Vec<(usize, Cell)>,
}

/// A table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// What stands above it, when a document has several.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each as long as there are columns.
    pub rows: Vec<Vec<Cell>>,
    /// Its last line.
    pub total: Option<Total>,
    /// The least height of a row in millimetres, where people write or sign by hand.
    pub row_height: u8,
}

impl Table {
    /// A table without rows.
    #[must_use]
    pub fn new(caption: &str, columns: &[(&str, u16)]) -> Self {
        Self {
            caption: caption.to_owned(),
            columns: columns.iter().map(|(title, weight)| Column::new(title, *weight)).collect(),
            rows: Vec::new(),
            total: None,
            row_height: 0,
        }
    }

    /// Adds the line of totals over the columns of these places: each figure is the sum of its column, in
    /// the unit that the column has.
    pub fn total(&mut self, label: &str, places: &[usize]) {
        let figures = places
            .iter()
            .map(|&place| {
                let sum = self.sum(place);
                let money = self.rows.iter().any(|row| matches!(row.get(place), Some(Cell::Rupiah(_))));
                (place, if money { Cell::Rupiah(sum) } else { Cell::Count(sum) })
            })
            .collect();
        self.total = Some(Total { label: label.to_owned(), figures });
    }

    /// The sum of a column.
    #[must_use]
    pub fn sum(&self, place: usize) -> i64 {
        self.rows.iter().filter_map(|row| row.get(place)?.figure()).sum()
    }

    /// Whether each total is the sum of its column, and each row has a cell a column.
    #[must_use]
    pub fn closes(&self) -> bool {
        let totals = self.total.iter().flat_map(|total| &total.figures);
        self.rows.iter().all(|row| row.len() == self.columns.len())
            && totals.into_iter().all(|(place, cell)| cell.figure() == Some(self.sum(*place)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        let mut table = Table::new("", &[("Nama", 3), ("Paket", 1), ("Nilai", 1)]);
        table.rows.push(vec![Cell::text("SITI"), Cell::Count(1), Cell::Rupiah(500_000)]);
        table.rows.push(vec![Cell::text("AMAT"), Cell::Count(1), Cell::Rupiah(450_000)]);
        table.total("Jumlah", &[1, 2]);
        table
    }

    #[test]
    fn the_total_is_the_sum_of_the_lines_in_the_unit_of_its_column() {
        let total = table().total.unwrap();
        assert_eq!(total.figures, [(1, Cell::Count(2)), (2, Cell::Rupiah(950_000))]);
        assert!(table().closes());
    }

    #[test]
    fn a_total_that_is_off_by_one_and_a_row_that_is_too_short_do_not_close() {
        let mut wrong = table();
        wrong.total.as_mut().unwrap().figures[0].1 = Cell::Count(3);
        assert!(!wrong.closes());
        let mut wrong = table();
        wrong.rows[0].pop();
        assert!(!wrong.closes());
    }
}
