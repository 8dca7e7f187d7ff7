//! What a file looks like, for a person who points out its columns.

use crate::domain::intake::{Column, guess_heading};

use super::heading::{First, find_header};
use super::{Choice, FileKind};

/// So many values are shown of a column.
const SAMPLES: usize = 3;
/// So many rows are shown to choose the headings from.
const ROWS_SHOWN: usize = 20;

/// What a file looks like. All samples are masked: they show shapes, not persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// What the file is.
    pub kind: FileKind,
    /// Its visible sheets with something in them, in its order. A text file has one, without a name.
    pub sheets: Vec<SheetSurvey>,
}

/// What one sheet looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetSurvey {
    /// Its name; empty for a text file.
    pub name: String,
    /// The row in which the headings seem to stand, counted from 1. Nothing, when no row looks like it; 0,
    /// when a person said that there are none.
    pub header_row: Option<u32>,
    /// The headings of that row, place by place, also the empty ones with something below them.
    pub headings: Vec<HeadingSurvey>,
    /// The first rows that are not blank, masked, to choose the headings from.
    pub first_rows: Vec<SampleRow>,
    /// The village that the letterhead seems to name.
    pub village: Option<String>,
    /// The sub-district that the letterhead seems to name.
    pub sub_district: Option<String>,
    /// The RT that the letterhead seems to name, as three digits.
    pub rt: Option<String>,
}

/// A heading and what it seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeadingSurvey {
    /// Its place in the row, counted from 0.
    pub place: usize,
    /// The heading as it stands there, of two rows when cells are merged.
    pub text: String,
    /// Which column it seems to be.
    pub guess: Option<Column>,
    /// Whether that is beyond doubt.
    pub sure: bool,
    /// Whether it corrects another column, as `NIK_perbaikan` does.
    pub corrects: bool,
    /// Up to three values below it, masked.
    pub samples: Vec<String>,
}

/// One of the first rows of a sheet, masked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SampleRow {
    /// Its number, counted from 1.
    pub number: u32,
    /// Its cells.
    pub cells: Vec<String>,
}

/// Looks at the first rows of a sheet.
pub(super) fn survey_sheet(name: String, first: &[First], choice: &Choice) -> SheetSurvey {
    let first_rows = first.iter().filter(|row| row.cells.iter().any(|cell| !cell.trim().is_empty())).take(ROWS_SHOWN);
    let first_rows = first_rows
        .map(|row| SampleRow {
            number: row.number,
            cells: row.cells.iter().map(|cell| heading_or_masked(cell)).collect(),
        })
        .collect();
    let header = find_header(first, choice);
    let above = header.as_ref().map_or(first.len(), |header| header.above);
    let letterhead: Vec<&str> = first
        .iter()
        .take(above)
        .flat_map(|row| row.cells.iter().map(String::as_str))
        .filter(|cell| !cell.trim().is_empty())
        .collect();
    let headings = header.as_ref().map(|header| {
        let below: Vec<&First> = first.iter().filter(|row| row.number > header.row).collect();
        let width = below.iter().map(|row| row.cells.len()).max().unwrap_or(0).max(header.texts.len());
        (0..width)
            .filter_map(|place| heading(place, header.texts.get(place).map_or("", String::as_str), &below))
            .collect()
    });
    SheetSurvey {
        name,
        header_row: header.map(|header| header.row),
        headings: headings.unwrap_or_default(),
        first_rows,
        village: place_named(&letterhead, &["DESA/KELURAHAN", "KELURAHAN/DESA", "DESA", "KELURAHAN", "KEL."]),
        sub_district: place_named(&letterhead, &["KECAMATAN", "KEC."]),
        rt: place_named(&letterhead, &["RT"]).and_then(|text| {
            let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
            (1..=3).contains(&digits.len()).then(|| format!("{digits:0>3}"))
        }),
    }
}

fn heading(place: usize, text: &str, below: &[&First]) -> Option<HeadingSurvey> {
    let guess = guess_heading(text);
    let mut samples: Vec<String> = Vec::new();
    for cell in below.iter().filter_map(|row| row.cells.get(place)).filter(|cell| !cell.trim().is_empty()) {
        let shown = match guess.map(|guess| guess.column) {
            Some(Column::Village | Column::SubDistrict | Column::VillageCode) if !is_number(cell, 11) => short(cell),
            _ => masked(cell),
        };
        if samples.len() < SAMPLES && !samples.contains(&shown) {
            samples.push(shown);
        }
    }
    (!text.trim().is_empty() || !samples.is_empty()).then(|| HeadingSurvey {
        place,
        text: short(text),
        guess: guess.map(|guess| guess.column),
        sure: guess.is_some_and(|guess| guess.sure),
        corrects: guess.is_some_and(|guess| guess.corrects),
        samples,
    })
}

fn short(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(80).collect()
}

fn is_number(text: &str, digits: usize) -> bool {
    text.bytes().filter(u8::is_ascii_digit).count() >= digits
}

/// A cell of the first rows: headings are shown, everything else masked.
fn heading_or_masked(text: &str) -> String {
    if guess_heading(text).is_some() && !is_number(text, 4) { short(text) } else { masked(text) }
}

/// What may be shown of any cell: short words as they are (`L`, `YA`, `014`), of others the first letter of
/// each word, of long numbers the two digits at each end.
fn masked(text: &str) -> String {
    let text = short(text);
    let count = text.chars().count();
    if count <= 3 {
        return text;
    }
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let (mut seen, mut within) = (0, false);
    let mask = |sign: char| {
        let hidden = if sign.is_ascii_digit() {
            seen += 1;
            digits >= 5 && seen > 2 && seen + 2 <= digits
        } else {
            sign.is_alphanumeric() && within
        };
        within = sign.is_alphanumeric();
        if hidden { '*' } else { sign }
    };
    text.chars().take(40).map(mask).collect()
}

/// The name behind one of these words in a letterhead: `DESA LOA IPUH KECAMATAN TENGGARONG`, `Desa : Loa Ipuh`.
fn place_named(letterhead: &[&str], words: &[&str]) -> Option<String> {
    const STOPS: [&str; 12] =
        ["DESA", "KELURAHAN", "KEL", "KECAMATAN", "KEC", "KABUPATEN", "KAB", "KOTA", "RT", "RW", "PROVINSI", "TAHUN"];
    for (at, cell) in letterhead.iter().enumerate() {
        let upper = cell.to_uppercase();
        for word in words {
            let Some(start) = find_word(&upper, word) else { continue };
            let mut rest =
                upper.get(start + word.len()..).unwrap_or_default().trim_start_matches([' ', ':', '.', '=']).to_owned();
            if rest.is_empty() && upper.trim().trim_end_matches([' ', ':']) == *word {
                // "KECAMATAN" and its name stand in two cells, perhaps with a colon in one of its own.
                let next =
                    letterhead.iter().skip(at + 1).map(|cell| cell.trim_start_matches([' ', ':']).to_uppercase());
                rest = next.filter(|cell| !cell.is_empty()).take(1).collect();
            }
            let mut name: Vec<&str> = Vec::new();
            for part in rest.split([' ', ',', ';', '(', '-', '/']).filter(|part| !part.is_empty()) {
                if STOPS.contains(&part.trim_matches(['.', ':'])) || name.len() == 4 {
                    break;
                }
                name.push(part);
            }
            let name = name.join(" ");
            let name = name.trim_matches([':', '.', ' ']);
            if !name.is_empty() && name.len() <= 60 {
                return Some(name.to_owned());
            }
        }
    }
    None
}

/// Where a word stands by itself within a text.
fn find_word(text: &str, word: &str) -> Option<usize> {
    let mut from = 0;
    while let Some(found) = text.get(from..).and_then(|rest| rest.find(word)) {
        let start = from + found;
        let before = text.get(..start).and_then(|before| before.chars().next_back());
        let behind = text.get(start + word.len()..).and_then(|behind| behind.chars().next());
        let free = |sign: Option<char>| sign.is_none_or(|sign| !sign.is_alphanumeric());
        if free(before) && (free(behind) || word.ends_with('.')) {
            return Some(start);
        }
        from = start + word.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letterhead_names_village_sub_district_and_rt() {
        for rows in [
            vec!["PEMERINTAH DESA", "DAFTAR KPM DESA LOA IPUH KECAMATAN TENGGARONG RT 14"],
            vec!["DAFTAR WARGA MISKIN", "Desa : Loa Ipuh", "Kecamatan : Tenggarong", "RT. 014/002"],
            vec!["KELURAHAN", ": LOA IPUH", "KEC.", "TENGGARONG", "RT", "14"],
        ] {
            let place = |words: &[&str]| place_named(&rows, words);
            assert_eq!(place(&["DESA/KELURAHAN", "DESA", "KELURAHAN"]).as_deref(), Some("LOA IPUH"), "{rows:?}");
            assert_eq!(place(&["KECAMATAN", "KEC."]).as_deref(), Some("TENGGARONG"), "{rows:?}");
            let sheet: Vec<First> = rows
                .iter()
                .enumerate()
                .map(|(row, text)| First { number: row as u32 + 1, cells: vec![(*text).to_owned()] })
                .collect();
            let survey = survey_sheet(String::new(), &sheet, &Choice::default());
            assert_eq!(survey.rt.as_deref(), Some("014"), "{rows:?}");
        }
    }

    #[test]
    fn samples_show_shapes_and_no_person() {
        assert_eq!(masked("RUMSINI BINTI AHMAD"), "R****** B**** A****");
        assert_eq!(masked("6402995205510001"), "64************01");
        assert_eq!(masked("12/05/1951"), "12/**/**51");
        assert_eq!(masked("L"), "L");
        assert_eq!(masked("RT 14"), "R* 14");
    }
}
