//! Which column is which, and which rows are no households.

use crate::domain::intake::{CellForm, Column, FileFault, HeadingGuess, RawCell, RawRow, guess_heading, sure_heading};

use super::{CELL_MAX, Choice};

/// So many places at the left of a row are looked at for the word of a total, also where no known column
/// stands: lists write it below their first columns.
const TOTAL_PLACES: usize = 4;
/// A signature below a table fills a cell at the left and one at the right.
const SIGNATURE_CELLS: usize = 2;

/// The columns without which a file is no official list of villages.
const OF_VILLAGES: [Column; 3] = [Column::VillageCode, Column::Village, Column::SubDistrict];

/// A cell as a reader found it.
pub(super) type Found = (String, CellForm);

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Slot {
    column: Column,
    corrects: bool,
}

/// The columns of a file, by place.
#[derive(Debug, Clone)]
pub(super) struct Layout {
    slots: Vec<Option<Slot>>,
    /// What all rows have in common, for columns that the file does not have.
    constants: Vec<(Column, String)>,
    /// The headings of the kept cells.
    pub(super) headings: Vec<String>,
    /// Headings that are left out.
    pub(super) ignored: Vec<String>,
    /// The places of a family's key and of the relation to its head, when the file can have members.
    pub(super) family: Option<(usize, usize)>,
    /// Its ids are of persons.
    pub(super) by_person: bool,
}

/// What a row of a file turned out to be.
enum Sort {
    Row(RawRow),
    Total,
    Nothing,
}

impl Layout {
    /// Decides what the headings mean, with what a person pointed out.
    pub(super) fn of(headings: &[String], choice: &Choice) -> Result<Self, FileFault> {
        let guesses: Vec<Option<HeadingGuess>> = headings.iter().map(|heading| guess_heading(heading)).collect();
        let mut slots = match &choice.columns {
            Some(chosen) => chosen_slots(headings.len(), chosen)?,
            None => guessed_slots(&guesses)?,
        };
        add_corrections(&mut slots, &guesses);
        let mut constants = Vec::new();
        for (column, text) in [(Column::Village, &choice.village), (Column::SubDistrict, &choice.sub_district)] {
            if let Some(text) = text.as_ref().filter(|text| !text.trim().is_empty() && !holds(&slots, column)) {
                constants.push((column, bounded(text).to_owned()));
            }
        }
        let given = |column: Column| {
            holds(&slots, column)
                || constants.iter().any(|(constant, _)| *constant == column)
                || (choice.make_ids && column == Column::SourceId)
        };
        if choice.columns.is_none() {
            let unclear: Vec<(String, Column)> = headings
                .iter()
                .zip(&guesses)
                .filter_map(|(heading, guess)| guess.filter(|guess| !guess.sure).map(|guess| (heading, guess.column)))
                .filter(|(_, column)| *column != Column::Number && !given(*column))
                .map(|(heading, column)| (short(heading), column))
                .collect();
            if !unclear.is_empty() {
                return Err(FileFault::ColumnsUnclear(unclear));
            }
        }
        let due: &[Column] = if choice.of_villages { &OF_VILLAGES } else { &Column::MANDATORY };
        // A list without NIK is taken when a person says so: its households need a letter of the village.
        let left_out = |column: Column| column == Column::Nik && choice.columns.is_some();
        let missing: Vec<Column> = due.iter().copied().filter(|column| !given(*column) && !left_out(*column)).collect();
        if !missing.is_empty() {
            return Err(FileFault::MissingColumns(missing));
        }
        Ok(Self::with(slots, constants, headings, &guesses, choice))
    }

    fn with(
        slots: Vec<Option<Slot>>,
        constants: Vec<(Column, String)>,
        headings: &[String],
        guesses: &[Option<HeadingGuess>],
        choice: &Choice,
    ) -> Self {
        let place = |column| slots.iter().position(|slot| *slot == Some(Slot { column, corrects: false }));
        let individual = guesses.iter().flatten().any(|guess| guess.individual);
        let of_family = place(Column::SourceId).filter(|place| {
            !choice.make_ids && !guesses.get(*place).is_some_and(|guess| guess.is_some_and(|guess| guess.individual))
        });
        let family = of_family.or_else(|| place(Column::FamilyCard)).zip(place(Column::Relation));
        let mut kept = Vec::new();
        let mut ignored = Vec::new();
        for (heading, slot) in headings.iter().zip(&slots) {
            let text = short(heading);
            if slot.is_some() {
                kept.push(text);
            } else if !text.is_empty() && !text.eq_ignore_ascii_case("alasan") {
                ignored.push(text);
            }
        }
        kept.extend(constants.iter().map(|(column, _)| column.heading().to_owned()));
        Self { slots, constants, headings: kept, ignored, family, by_person: individual }
    }

    /// The known columns, in the file's order, then those with a constant.
    pub(super) fn columns(&self) -> Vec<Column> {
        let own = self.slots.iter().flatten().filter(|slot| !slot.corrects).map(|slot| slot.column);
        own.chain(self.constants.iter().map(|(column, _)| *column)).collect()
    }

    /// How many places hold a known column.
    pub(super) fn kept(&self) -> usize {
        self.slots.iter().flatten().count()
    }

    /// How many places the row of headings has.
    pub(super) fn width(&self) -> usize {
        self.slots.len()
    }

    /// Whether a place holds a known column.
    pub(super) fn holds(&self, place: usize) -> bool {
        self.slots.get(place).is_some_and(Option::is_some)
    }

    /// Whether the cell at a place matters: a known column stands there, or the word of a total may.
    pub(super) fn wants(&self, place: usize) -> bool {
        self.holds(place) || (place < TOTAL_PLACES && place < self.width())
    }

    /// The places of no known column where the word of a total may stand.
    pub(super) fn places_beside(&self) -> impl Iterator<Item = usize> {
        (0..TOTAL_PLACES.min(self.width())).filter(|place| !self.holds(*place))
    }

    /// Makes a row of the cells at the known places.
    pub(super) fn raw(&self, number: u32, mut cell: impl FnMut(usize) -> Found) -> RawRow {
        let mut row = RawRow::new(number, Vec::with_capacity(self.slots.len()));
        for (place, slot) in self.slots.iter().enumerate() {
            if let Some(Slot { column, corrects }) = *slot {
                let (text, form) = cell(place);
                row.cells.push(RawCell { column, text, form, corrects });
            }
        }
        for (column, text) in &self.constants {
            row.cells.push(RawCell::typed(*column, text.clone()));
        }
        row
    }

    /// The key of the row's family, and its relation to the head.
    pub(super) fn family_cells<'r>(&self, row: &'r RawRow) -> (&'r str, &'r str) {
        let Some((key, relation)) = self.family else { return ("", "") };
        // The cells of a row are those of the places that hold a column.
        let text = |place: usize| row.cells.get(self.cell_of(place)).map_or("", |cell| cell.text.as_str());
        (text(key), text(relation))
    }

    /// Which cell of a row is the one of a place.
    pub(super) fn cell_of(&self, place: usize) -> usize {
        (0..place).filter(|before| self.holds(*before)).count()
    }

    fn sort(&self, row: RawRow, total_beside: bool) -> Sort {
        let own = self.kept();
        if total_beside && names_nobody(&row) {
            Sort::Total
        } else if row.cells.iter().take(own).all(|cell| cell.text.trim().is_empty()) {
            Sort::Nothing
        } else if is_total(&row) {
            Sort::Total
        } else if is_ordinals(&row) || is_repeated_header(&row) {
            Sort::Nothing
        } else {
            Sort::Row(row)
        }
    }
}

/// Lets through what is a household's row. Below a total stand the signatures: there a row without id and
/// NIK is none. Where the list has no total they stand below a blank row, and fill a cell or two.
#[derive(Debug, Clone, Default)]
pub(super) struct Sieve {
    after_total: bool,
    /// The last row that was let through.
    last: Option<u32>,
}

impl Sieve {
    /// `total_beside`: the word of a total stands in a cell of no known column.
    pub(super) fn pass(&mut self, layout: &Layout, row: RawRow, total_beside: bool) -> Option<RawRow> {
        match layout.sort(row, total_beside) {
            Sort::Row(row) => {
                let filled = |column| row.cell(column).is_some_and(|cell| !cell.text.trim().is_empty());
                let keyed = filled(Column::SourceId) || filled(Column::Nik);
                if keyed {
                    self.after_total = false;
                }
                let below_blank = self.last.is_some_and(|last| row.number > last.saturating_add(1));
                let signature = below_blank && !keyed && !filled(Column::Number) && {
                    let own = row.cells.iter().take(layout.kept());
                    own.filter(|cell| !cell.text.trim().is_empty()).count() <= SIGNATURE_CELLS
                };
                if self.after_total || signature {
                    return None;
                }
                self.last = Some(row.number);
                Some(row)
            }
            Sort::Total => {
                self.after_total = true;
                None
            }
            Sort::Nothing => None,
        }
    }
}

fn holds(slots: &[Option<Slot>], column: Column) -> bool {
    slots.contains(&Some(Slot { column, corrects: false }))
}

/// The columns as a person pointed them out.
fn chosen_slots(width: usize, chosen: &[(usize, Column)]) -> Result<Vec<Option<Slot>>, FileFault> {
    let mut slots = vec![None; width];
    for (place, column) in chosen {
        if holds(&slots, *column) {
            return Err(FileFault::DoubledColumn(*column));
        }
        if let Some(slot) = slots.get_mut(*place) {
            *slot = Some(Slot { column: *column, corrects: false });
        }
    }
    Ok(slots)
}

/// The columns of the certain headings. Of two for one column the better is taken.
fn guessed_slots(guesses: &[Option<HeadingGuess>]) -> Result<Vec<Option<Slot>>, FileFault> {
    let mut slots = vec![None; guesses.len()];
    for column in Column::ALL.iter().copied() {
        let certain = || {
            guesses.iter().enumerate().filter_map(move |(place, guess)| {
                guess
                    .filter(|guess| guess.sure && !guess.corrects && guess.column == column)
                    .map(|guess| (guess.rank, place))
            })
        };
        let Some((rank, place)) = certain().min() else { continue };
        if column != Column::Number && certain().filter(|(other, _)| *other == rank).count() > 1 {
            return Err(FileFault::DoubledColumn(column));
        }
        if let Some(slot) = slots.get_mut(place) {
            *slot = Some(Slot { column, corrects: false });
        }
    }
    Ok(slots)
}

/// Adds the columns that put others right. Where there is nothing to put right they are the column itself.
fn add_corrections(slots: &mut [Option<Slot>], guesses: &[Option<HeadingGuess>]) {
    for (place, guess) in guesses.iter().enumerate() {
        let Some(guess) = guess.filter(|guess| guess.sure && guess.corrects) else { continue };
        let corrects = holds(slots, guess.column);
        let wanted = Slot { column: guess.column, corrects };
        if !slots.contains(&Some(wanted))
            && let Some(slot @ None) = slots.get_mut(place)
        {
            *slot = Some(wanted);
        }
    }
}

/// A heading as it is shown.
fn short(heading: &str) -> String {
    heading.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect()
}

/// Whether a cell holds the word of a total.
pub(super) fn says_total(text: &str) -> bool {
    let text = text.trim().trim_end_matches([':', '.']).trim_end();
    text.len() <= 20
        && [
            "JUMLAH",
            "TOTAL",
            "JUMLAH TOTAL",
            "GRAND TOTAL",
            "SUBTOTAL",
            "SUB TOTAL",
            "JUMLAH KPM",
            "JUMLAH KESELURUHAN",
        ]
        .iter()
        .any(|total| text.eq_ignore_ascii_case(total))
}

/// Whether neither id nor NIK stands in a row.
fn names_nobody(row: &RawRow) -> bool {
    let text = |column| row.cell(column).map_or("", |cell| cell.text.trim());
    let (id, nik) = (text(Column::SourceId), text(Column::Nik));
    (id.is_empty() || says_total(id)) && nik.len() < 12
}

/// Whether a row adds up the ones above it: a word such as JUMLAH stands in it, and no id does.
fn is_total(row: &RawRow) -> bool {
    names_nobody(row) && row.cells.iter().any(|cell| says_total(&cell.text))
}

/// Whether a row numbers the columns, as tables do below their headings: (1), (2), (3).
fn is_ordinals(row: &RawRow) -> bool {
    let number = |text: &str| -> Option<u32> {
        let text = text.trim().trim_start_matches('(').trim_end_matches([')', '.']);
        (text.len() <= 3).then(|| text.parse().ok()).flatten()
    };
    let nik = row.cell(Column::Nik).map_or("", |cell| cell.text.trim());
    if nik.is_empty() || nik.len() > 5 || number(nik).is_none() {
        return false;
    }
    let filled = || row.cells.iter().filter(|cell| !cell.text.trim().is_empty());
    let numbers: Option<Vec<u32>> = filled().map(|cell| number(&cell.text)).collect();
    numbers.is_some_and(|numbers| numbers.len() >= 3 && numbers.windows(2).all(|pair| matches!(pair, [a, b] if a < b)))
}

/// Whether the headings stand here once more, as on each page of a printed list.
fn is_repeated_header(row: &RawRow) -> bool {
    let is = |column: Column| {
        row.cell(column).is_some_and(|cell| {
            cell.text.len() <= 60
                && cell.text.trim().starts_with(char::is_alphabetic)
                && sure_heading(&cell.text).is_some_and(|guess| guess.column == column)
        })
    };
    is(Column::Nik) && is(Column::Name)
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
