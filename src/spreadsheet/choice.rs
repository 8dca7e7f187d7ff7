//! What a person pointed out about a file that could not be understood by itself.

use serde::{Deserialize, Serialize};

use crate::domain::intake::Column;

/// What was pointed out about a file. Whatever is left empty is guessed. It holds nothing personal.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Choice {
    /// The sheet of a workbook, by name. Also a sheet without recognised headings can be chosen.
    pub sheet: Option<String>,
    /// The row in which the headings stand, counted from 1 as a spreadsheet program does; for a text file
    /// the line. With 0 there are no headings: the list begins in the first row, and `columns` is due.
    pub header_row: Option<u32>,
    /// Which place (counted from 0) holds which column. With it no heading is guessed any more; places that
    /// are not named are left out, but for surely recognised corrections such as `NIK_perbaikan`.
    pub columns: Option<Vec<(usize, Column)>>,
    /// The village of all rows, for a list without that column.
    pub village: Option<String>,
    /// The sub-district of all rows, for a list without that column.
    pub sub_district: Option<String>,
    /// The list has no ids; they are to be made up. Then a row has no cell of [`Column::SourceId`], and its
    /// household an empty source id, which the caller fills in.
    pub make_ids: bool,
    /// The file is the official list of villages and not one of households: code, village and sub-district
    /// are all that is due.
    #[serde(skip)]
    pub of_villages: bool,
}
