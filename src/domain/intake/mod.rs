//! A file of households on its way in: its columns, what can be wrong with a row or with the whole file,
//! and what a row would do to the list.
//!
//! A row ends in exactly one of four outcomes: new, changed, same or rejected. Errors reject the row;
//! warnings travel beside it and stop nothing, because a NIK of another district, or one that contradicts
//! a birth date, is often a poor person with true papers. Nothing is mended by guessing: what a
//! spreadsheet destroyed goes back to the office. A few faults refuse the file as a whole.
//!
//! How bytes become rows is the work of the room `spreadsheet`, and who decides is the work of `service`.

mod check;
mod column;
mod correction;
mod date;
mod examine;
mod family;
mod file_fault;
mod finding;
mod given;
mod locate;
mod meaning;
mod outcome;
mod reading;
mod row;
mod synonym;

pub use check::{Checked, Known, check};
pub use column::Column;
pub use correction::Correction;
pub use examine::{Examiner, NikCensus, Seen};
pub use family::{Families, Standing, is_head};
pub use file_fault::FileFault;
pub use finding::{Finding, FindingKind, Severity};
pub use given::{given, keep_the_rest, shown_value, value};
pub use locate::locate;
pub use outcome::{Counts, Outcome, compare, differences};
pub use row::{CellForm, RawCell, RawRow};
pub use synonym::{HeadingGuess, guess_heading, sure_heading};

#[cfg(test)]
mod tests;
