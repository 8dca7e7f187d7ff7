//! Where the headings of a sheet are, and what each of its columns is called.

use crate::domain::intake::{Column, guess_heading, sure_heading};

use super::{Choice, HEADER_WITHIN};

/// One of the first rows of a sheet: its number, counted from 1, and its cells.
#[derive(Debug, Clone)]
pub(super) struct First {
    pub(super) number: u32,
    pub(super) cells: Vec<String>,
}

/// The headings of a sheet.
#[derive(Debug, Clone)]
pub(super) struct Header {
    /// The row in which they stand, the lower of two, counted from 1. With 0 the sheet has none.
    pub(super) row: u32,
    /// Rows above it belong to the letterhead. Counted among the first rows.
    pub(super) above: usize,
    /// One for each place.
    pub(super) texts: Vec<String>,
}

/// So many first rows are read: those among which the headings stand, and some of the list, for samples.
pub(super) const FIRST_ROWS: usize = HEADER_WITHIN + 10;

/// The row that a person points at is looked for among so many.
const POINTED_AT_MAX: u32 = 1_000;

/// Whether enough of the first rows were read.
pub(super) fn enough(first: &[First], choice: &Choice) -> bool {
    let wanted = choice.header_row.unwrap_or(0).min(POINTED_AT_MAX);
    first.len() >= FIRST_ROWS && first.last().is_some_and(|last| last.number >= wanted.saturating_add(10))
}

/// How many headings are certain, and how many are only like one.
fn known<'a>(cells: impl Iterator<Item = &'a str>) -> (usize, usize) {
    let mut found = (0, 0);
    for guess in cells.filter_map(guess_heading) {
        if guess.sure {
            found.0 += 1;
        } else {
            found.1 += 1;
        }
    }
    found
}

/// Certain headings of a row.
pub(super) fn sure_headings<'a>(cells: impl Iterator<Item = &'a str>) -> usize {
    cells.filter_map(sure_heading).count()
}

/// A letterhead can hold a word such as "kecamatan" too, so at least three are due, two of them certain.
const fn is_header((sure, like): (usize, usize)) -> bool {
    sure >= 2 && sure + like >= 3
}

fn texts(cells: &[String]) -> impl Iterator<Item = &str> {
    cells.iter().map(String::as_str)
}

/// Finds the headings: where a person pointed, or the first row with the most of them. Two rows are taken
/// together when that makes more sense than one, as in tables with merged cells.
pub(super) fn find_header(first: &[First], choice: &Choice) -> Option<Header> {
    if choice.header_row == Some(0) {
        let width = first.iter().map(|row| row.cells.len()).max().unwrap_or(0);
        return Some(Header { row: 0, above: 0, texts: vec![String::new(); width] });
    }
    if let Some(row) = choice.header_row {
        let place = first.iter().position(|candidate| candidate.number == row)?;
        return Some(header_at(first, place).0);
    }
    let mut best: Option<((usize, usize), Header)> = None;
    for place in 0..first.len().min(HEADER_WITHIN) {
        let (header, score) = header_at(first, place);
        if is_header(score) && best.as_ref().is_none_or(|(most, _)| score > *most) {
            best = Some((score, header));
        }
    }
    best.map(|(_, header)| header)
}

/// The headings, if they stand in this row, and how good they are.
fn header_at(first: &[First], place: usize) -> (Header, (usize, usize)) {
    let empty = First { number: 0, cells: Vec::new() };
    let row = first.get(place).unwrap_or(&empty);
    let alone = known(texts(&row.cells));
    let single = Header { row: row.number, above: place, texts: row.cells.clone() };
    let upper = place.checked_sub(1).and_then(|above| first.get(above));
    let Some(upper) = upper.filter(|upper| upper.number + 1 == row.number) else { return (single, alone) };
    let doubled = has_double(&row.cells);
    // A letterhead has no part in the headings.
    let many = upper.cells.iter().filter(|cell| !cell.trim().is_empty()).count() >= 2;
    if !many || alone.0 == 0 {
        return (single, alone);
    }
    let joined = join(&upper.cells, &row.cells);
    let both = known(texts(&joined));
    if (both > alone || doubled) && both > known(texts(&upper.cells)) {
        (Header { row: row.number, above: place - 1, texts: joined }, both)
    } else {
        (single, alone)
    }
}

fn sure_column(text: &str) -> Option<Column> {
    sure_heading(text).filter(|guess| !guess.corrects).map(|guess| guess.column)
}

/// Whether one heading stands twice in a row, as NIK does below SUAMI and ISTRI.
fn has_double(cells: &[String]) -> bool {
    let columns: Vec<Column> = texts(cells).filter_map(sure_column).collect();
    columns.iter().enumerate().any(|(place, column)| columns.iter().take(place).any(|other| other == column))
}

/// The headings of two rows. A merged cell has its text in its first place alone, so what stands above a
/// group counts for each column of it.
fn join(upper: &[String], lower: &[String]) -> Vec<String> {
    let lower_columns: Vec<Option<Column>> = texts(lower).map(sure_column).collect();
    let mut group = "";
    (0..upper.len().max(lower.len()))
        .map(|place| {
            let text = |cells: &[String]| cells.get(place).map(|cell| cell.trim().to_owned()).unwrap_or_default();
            let (above, below) = (text(upper), text(lower));
            if let Some(cell) = upper.get(place).filter(|cell| !cell.trim().is_empty()) {
                group = cell.trim();
            } else if below.is_empty() {
                group = "";
            }
            if below.is_empty() {
                return above;
            }
            let column = lower_columns.get(place).copied().flatten();
            let twice = column.is_some() && lower_columns.iter().filter(|other| **other == column).count() > 1;
            let both = if group.is_empty() { below.clone() } else { format!("{group} {below}") };
            if (column.is_some() && !twice)
                || (column.is_none() && sure_column(&both).is_none() && guess_heading(&below).is_some())
            {
                below
            } else {
                both
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<First> {
        rows.iter()
            .enumerate()
            .map(|(place, cells)| First {
                number: place as u32 + 1,
                cells: cells.iter().map(|cell| (*cell).to_owned()).collect(),
            })
            .collect()
    }

    fn header(table: &[&[&str]]) -> (u32, Vec<String>) {
        let found = find_header(&rows(table), &Choice::default()).unwrap();
        (found.row, found.texts)
    }

    #[test]
    fn merged_headings_of_two_rows_are_joined() {
        let (row, texts) = header(&[
            &["DAFTAR PENERIMA", "", "", "", "", ""],
            &["NO", "IDENTITAS", "", "", "ALAMAT", "DESA"],
            &["", "NAMA", "NIK", "L/P", "", ""],
            &["1", "RUMSINI", "", "P", "JL. CONTOH", "LOA IPUH"],
        ]);
        assert_eq!((row, texts), (3, ["NO", "NAMA", "NIK", "L/P", "ALAMAT", "DESA"].map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_heading_below_two_groups_is_told_by_its_group() {
        let (row, texts) =
            header(&[&["NO", "SUAMI", "", "ISTRI", "", "DESA"], &["", "NAMA", "NIK", "NAMA", "NIK", ""]]);
        let expected = ["NO", "SUAMI NAMA", "SUAMI NIK", "ISTRI NAMA", "ISTRI NIK", "DESA"];
        assert_eq!((row, texts), (2, expected.map(str::to_owned).to_vec()));
    }

    #[test]
    fn a_letterhead_above_and_a_row_below_are_no_headings() {
        let (row, texts) =
            header(&[&["DINAS SOSIAL", "KECAMATAN TENGGARONG", ""], &["No", "NIK", "Nama"], &["1", "", "RUMSINI"]]);
        assert_eq!((row, texts), (2, ["No", "NIK", "Nama"].map(str::to_owned).to_vec()));
    }
}
