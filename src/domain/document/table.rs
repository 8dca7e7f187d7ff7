//! A table as a document says it: columns, rows, and a total that is the sum of its rows.

use serde::{Deserialize, Serialize};

use crate::domain::money::grouped;
use crate::domain::package::{Unit, in_packs};

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// A text; a line feed begins a new line.
    Text(String),
    /// A number that counts nothing and is never added up: a place in a list, a year.
    Number(i64),
    /// A count of something.
    Count(i64),
    /// Rupiah.
    Rupiah(i64),
    /// So much of some goods, in packs: `105 kg`.
    Goods(String),
    /// So much of some goods, as paper says it beside its unit, and in base units, as a program adds it up.
    Measure(String, i64),
    /// What people say for something, and its code, which stands on paper no more than an address would.
    Coded(String, String),
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

    /// So much of some goods beside its unit: a figure where it is whole packs, and otherwise said as everywhere else
    /// (`2,5`, `500 g`, `3 piring 5 butir`).
    #[must_use]
    pub fn in_column(quantity: i64, (pack_size, pack_name): (i64, &str), unit: Unit) -> Self {
        let size = pack_size.max(1);
        if quantity % size == 0 {
            return Self::Count(quantity / size);
        }
        let said = in_packs(quantity, (pack_size, pack_name), unit);
        let bare = said.strip_suffix(pack_name).map(|figure| figure.trim_end().to_owned());
        Self::Goods(bare.unwrap_or(said))
    }

    /// The same with its base units, for a table whose figures are added up elsewhere.
    #[must_use]
    pub fn measure(quantity: i64, pack: (i64, &str), unit: Unit) -> Self {
        let said = match Self::in_column(quantity, pack, unit) {
            Self::Count(packs) => grouped(packs),
            Self::Goods(said) => said,
            _ => String::new(),
        };
        Self::Measure(said, quantity)
    }

    /// A number that counts nothing, where the text is one, and the text where it is none.
    #[must_use]
    pub fn number_or_text(text: &str) -> Self {
        text.parse().map_or_else(|_| Self::or_blank(text), Self::Number)
    }

    /// The cell over several columns of a file: a text a line, a word and its code; what has fewer parts leaves the
    /// others empty.
    fn apart(&self, parts: usize) -> Vec<Self> {
        let mut cells: Vec<Self> = match self {
            Self::Text(text) => text.splitn(parts.max(1), '\n').map(Self::text).collect(),
            Self::Coded(said, code) => vec![Self::text(said.clone()), Self::text(code.clone())],
            other => vec![other.clone()],
        };
        cells.resize(parts.max(1), Self::Blank);
        cells
    }

    /// The figure, where there is one to add up.
    #[must_use]
    pub const fn figure(&self) -> Option<i64> {
        match self {
            Self::Count(number) | Self::Rupiah(number) | Self::Measure(_, number) => Some(*number),
            Self::Number(_)
            | Self::Text(_)
            | Self::Goods(_)
            | Self::Coded(..)
            | Self::Sign(_)
            | Self::Tick
            | Self::Blank => None,
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
    /// The headings of what stands in it below each other, where a file has a column for each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<String>,
}

impl Column {
    /// A column.
    #[must_use]
    pub fn new(title: &str, weight: u16) -> Self {
        Self { title: title.to_owned(), weight, parts: Vec::new() }
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

    /// The same with the column of this heading parted in files: `Nama / NIK` is two columns there, so that a program
    /// finds the NIK by itself.
    #[must_use]
    pub fn parted(mut self, title: &str, parts: &[&str]) -> Self {
        for column in self.columns.iter_mut().filter(|column| column.title == title) {
            column.parts = parts.iter().map(|part| (*part).to_owned()).collect();
        }
        self
    }

    /// The table as a file has it: one fact a column.
    #[must_use]
    pub fn apart(&self) -> Self {
        let mut starts = Vec::with_capacity(self.columns.len());
        let mut columns = Vec::new();
        for column in &self.columns {
            starts.push(columns.len());
            if column.parts.is_empty() {
                columns.push(column.clone());
            } else {
                columns.extend(column.parts.iter().map(|part| Column::new(part, column.weight)));
            }
        }
        let parts = |place: usize| self.columns.get(place).map_or(1, |column| column.parts.len().max(1));
        let row = |row: &Vec<Cell>| {
            let cells = row.iter().enumerate();
            cells
                .flat_map(|(place, cell)| if parts(place) > 1 { cell.apart(parts(place)) } else { vec![cell.clone()] })
                .collect()
        };
        Self {
            caption: self.caption.clone(),
            columns,
            rows: self.rows.iter().map(row).collect(),
            total: self.total.as_ref().map(|total| Total {
                label: total.label.clone(),
                figures: total
                    .figures
                    .iter()
                    .map(|(place, cell)| (starts.get(*place).copied().unwrap_or(*place), cell.clone()))
                    .collect(),
            }),
            row_height: self.row_height,
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

    /// Sets a share of two sums below its column: what no sum of shares is.
    pub fn total_share(&mut self, place: usize, share: Cell) {
        if let (Some(total), Cell::Goods(_)) = (&mut self.total, &share) {
            total.figures.push((place, share));
        }
    }

    /// Whether each total is the sum of its column, and each row has a cell a column.
    #[must_use]
    pub fn closes(&self) -> bool {
        let totals = self.total.iter().flat_map(|total| &total.figures);
        self.rows.iter().all(|row| row.len() == self.columns.len())
            && totals
                .into_iter()
                .all(|(place, cell)| matches!(cell, Cell::Goods(_)) || cell.figure() == Some(self.sum(*place)))
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
    fn a_file_has_a_column_for_each_fact_and_its_totals_stay_below_their_figures() {
        let mut table = Table::new("", &[("Nama / NIK", 3), ("Aksi", 1), ("Nilai", 1)])
            .parted("Nama / NIK", &["Nama", "NIK"])
            .parted("Aksi", &["Aksi", "Kode aksi"]);
        let act = || Cell::Coded("tahap dibuat".into(), "round.created".into());
        table.rows.push(vec![Cell::text("SITI\n6402990101480001"), act(), Cell::Rupiah(500_000)]);
        table.rows.push(vec![Cell::text("AMAT"), Cell::text("–"), Cell::Rupiah(1)]);
        table.total("Jumlah", &[2]);
        let apart = table.apart();
        let titles: Vec<&str> = apart.columns.iter().map(|column| column.title.as_str()).collect();
        assert_eq!(titles, ["Nama", "NIK", "Aksi", "Kode aksi", "Nilai"]);
        let text = Cell::text;
        assert_eq!(
            apart.rows[0],
            [
                text("SITI"),
                text("6402990101480001"),
                text("tahap dibuat"),
                text("round.created"),
                Cell::Rupiah(500_000)
            ]
        );
        assert_eq!(apart.rows[1][1], Cell::Blank, "a household without a NIK keeps its columns");
        assert_eq!(apart.total.as_ref().unwrap().figures, [(4, Cell::Rupiah(500_001))]);
        assert!(table.closes() && apart.closes());
    }

    #[test]
    fn goods_beside_their_unit_read_as_everywhere_else() {
        let rice = |quantity| Cell::in_column(quantity, (1_000, "kg"), Unit::Gram);
        assert_eq!((rice(15_000), rice(0)), (Cell::Count(15), Cell::Count(0)));
        assert_eq!((rice(9_850), rice(500)), (Cell::Goods("9,85".into()), Cell::Goods("500 g".into())));
        let eggs = Cell::in_column(5_155, (30, "piring"), Unit::Piece);
        assert_eq!(eggs, Cell::Goods("171 piring 25 butir".into()));
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
