//! What the words and numbers of single cells mean.

use super::{CellForm, Column, RawCell, RawRow};
use crate::domain::household::{Eligibility, bare_number, plain_word};

/// Whether a cell with 16 digits was a number of a workbook that may have lost its last one. Spreadsheet
/// programs keep 15 digits and write 0 for the 16th; beyond 2^53 not even the file's format keeps it.
pub(super) fn lost_its_end(cell: &RawCell) -> bool {
    let bare = bare_number(&cell.text);
    cell.form == CellForm::Number && (bare.ends_with('0') || bare.parse::<u64>().is_ok_and(|number| number > 1 << 53))
}

/// The RT as three digits: `14`, `RT 14`, `014/002` and `RT 014 RW 002` are `014`.
pub(super) fn read_rt(text: &str) -> Option<String> {
    if text.len() == 3 && text.bytes().all(|digit| digit.is_ascii_digit()) {
        return Some(text.to_owned());
    }
    let word = plain_word(text);
    let rest = word.strip_prefix("RT").unwrap_or(&word).trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let behind = rest.get(digits.len()..).unwrap_or_default();
    let ends = behind.is_empty() || behind.starts_with(' ') || behind.starts_with("RW");
    (ends && (1..=3).contains(&digits.len())).then(|| format!("{digits:0>3}"))
}

/// The RT that an address names, as three digits: `JL. POROS RT 7 RW 01` is in `007`.
pub(super) fn rt_of_address(address: &str) -> Option<String> {
    let upper = address.to_uppercase();
    upper.match_indices("RT").find_map(|(at, _)| {
        let before = upper.get(..at).and_then(|text| text.chars().next_back());
        let behind = upper.get(at + 2..)?.trim_start_matches([' ', '.', ':', '-']);
        let digits: String = behind.chars().take_while(char::is_ascii_digit).collect();
        let then = behind.get(digits.len()..).and_then(|text| text.chars().next());
        let alone = !before.is_some_and(char::is_alphanumeric) && !then.is_some_and(char::is_alphanumeric);
        (alone && (1..=3).contains(&digits.len())).then(|| format!("{digits:0>3}"))
    })
}

/// Whether a cell for a number says in words that there is none: `belum ada`, `tidak punya KTP`, `proses`.
pub(super) fn says_none(text: &str) -> bool {
    let word = plain_word(text);
    let none = |word: &str| {
        matches!(
            word,
            "BELUM" | "BLM" | "TIDAK" | "TDK" | "TAK" | "HILANG" | "PROSES" | "KOSONG" | "NIHIL" | "DIURUS" | "BARU"
        )
    };
    let filler = |word: &str| {
        matches!(
            word,
            "ADA"
                | "PUNYA"
                | "MEMILIKI"
                | "MEMPUNYAI"
                | "KTP"
                | "NIK"
                | "KK"
                | "DALAM"
                | "SEDANG"
                | "MASIH"
                | "DI"
                | "REKAM"
                | "PEREKAMAN"
                | "PENGURUSAN"
                | "URUS"
                | "EL"
        )
    };
    word.split(' ').any(none) && word.split(' ').all(|word| none(word) || filler(word))
}

pub(super) fn read_yes_no(text: &str) -> Option<bool> {
    if matches!(text.trim(), "√" | "✓" | "✔") {
        return Some(true);
    }
    match plain_word(text).as_str() {
        "YA" | "Y" | "PADAN" | "YES" | "TRUE" | "1" | "VALID" | "SESUAI" | "ADA" => Some(true),
        "TIDAK" | "TDK" | "T" | "TIDAK PADAN" | "TDK PADAN" | "BELUM" | "BELUM PADAN" | "NO" | "FALSE" | "0"
        | "TIDAK VALID" | "TIDAK SESUAI" | "TIDAK ADA" => Some(false),
        _ => None,
    }
}

/// Whether verification found somebody fit, in the words of the template or as yes and no.
pub(super) fn read_eligibility(text: &str) -> Option<Eligibility> {
    Eligibility::parse(text).or_else(|| match plain_word(text).as_str() {
        "MEMENUHI" | "MEMENUHI KRITERIA" => Some(Eligibility::Eligible),
        "TIDAK MEMENUHI" | "TDK MEMENUHI" | "TIDAK MEMENUHI KRITERIA" | "TL" => Some(Eligibility::NotEligible),
        _ => read_yes_no(text).map(|yes| if yes { Eligibility::Eligible } else { Eligibility::NotEligible }),
    })
}

/// The decile: `1`, `Desil 1`, `1 (sangat miskin)`, `1.0`.
pub(super) fn read_decile(text: &str) -> Option<u8> {
    if text.bytes().all(|digit| digit.is_ascii_digit()) {
        return text.parse().ok().filter(|decile| (1..=10).contains(decile));
    }
    let word = plain_word(text);
    let rest = word.strip_prefix("DESIL").unwrap_or(&word).trim_start();
    let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
    let behind = rest.get(digits.len()..).unwrap_or_default();
    let fraction = behind.trim_start().starts_with(|sign: char| matches!(sign, '1'..='9'));
    digits.parse().ok().filter(|decile| (1..=10).contains(decile) && !fraction)
}

/// Whether a note on where somebody is says that he is not there any more.
pub(super) fn says_gone(text: &str) -> bool {
    let word = plain_word(text);
    word.split(' ').any(|word| matches!(word, "MENINGGAL" | "PINDAH" | "WAFAT" | "ALM" | "ALMH" | "TIDAK" | "TDK"))
}

/// Whether a cell is empty, or holds the dash that people write for nothing.
pub(super) fn is_blank(text: &str) -> bool {
    text.chars().all(|sign| sign.is_whitespace() || matches!(sign, '-' | '\'' | '_' | '\u{2010}'..='\u{2015}'))
}

/// The correction of a column, unless it says that there is none.
pub(super) fn correction(row: &RawRow, column: Column) -> Option<&RawCell> {
    row.correction(column).filter(|cell| {
        !is_blank(&cell.text)
            && !matches!(
                plain_word(&cell.text).as_str(),
                "SAMA" | "SESUAI" | "TETAP" | "TIDAK ADA" | "BENAR" | "OK" | "0"
            )
    })
}

/// The cell of a column that counts: its correction where there is one.
pub(super) fn effective(row: &RawRow, column: Column) -> Option<&RawCell> {
    correction(row, column).or_else(|| row.cell(column))
}

/// A number in which letters stand for digits that look like them, when nothing else is wrong with it.
pub(super) fn with_digits(text: &str) -> Option<String> {
    let bare = bare_number(text);
    let meant: Option<String> = bare
        .chars()
        .map(|sign| match sign {
            '0'..='9' => Some(sign),
            'O' | 'o' | 'Q' => Some('0'),
            'I' | 'i' | 'l' | 'L' | '|' | '!' => Some('1'),
            'Z' | 'z' => Some('2'),
            'S' | 's' => Some('5'),
            'B' => Some('8'),
            _ => None,
        })
        .collect();
    meant.filter(|digits| digits.len() == 16)
}
