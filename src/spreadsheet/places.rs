//! The official list of villages, which is a table of its own with three columns.

use super::{FILE_MAX, Source};
use crate::domain::intake::{Column, FileFault, RawCell, RawRow};

/// The columns of the list.
const COLUMNS: [Column; 3] = [Column::VillageCode, Column::Village, Column::SubDistrict];

/// Opens a list of villages: a row for each, with a cell for code, village and sub-district.
pub fn open_places(
    _file_name: &str,
    bytes: Vec<u8>,
) -> Result<impl Iterator<Item = Result<RawRow, FileFault>>, FileFault> {
    let _ = (FILE_MAX, Source::from(Vec::new()));
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let text = text.trim_start_matches('\u{feff}').to_owned();
    let delimiter = [';', '\t', ','].into_iter().find(|sign| text.lines().next().is_some_and(|line| line.contains(*sign)));
    let delimiter = delimiter.unwrap_or(',');
    let mut lines = text.lines();
    let heads: Vec<Option<Column>> =
        lines.next().unwrap_or_default().split(delimiter).map(Column::parse_heading).collect();
    let missing: Vec<Column> = COLUMNS.into_iter().filter(|column| !heads.contains(&Some(*column))).collect();
    if !missing.is_empty() {
        return Err(FileFault::MissingColumns(missing));
    }
    let rows: Vec<Result<RawRow, FileFault>> = lines
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(place, line)| {
            let cells = line.split(delimiter).zip(&heads).filter_map(|(text, column)| {
                column.filter(|column| COLUMNS.contains(column)).map(|column| RawCell::typed(column, text.trim().trim_matches('"').to_owned()))
            });
            Ok(RawRow::new(u32::try_from(place + 2).unwrap_or(u32::MAX), cells.collect()))
        })
        .collect();
    Ok(rows.into_iter())
}
