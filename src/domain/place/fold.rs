//! Names of places as they are compared.

use crate::domain::household::plain_word;

/// What stands before a name and tells its rank, which many confuse and nobody needs.
const RANKS: [&str; 6] = ["DESA", "DS", "KELURAHAN", "KEL", "KECAMATAN", "KEC"];

/// The Roman numbers that villages of settlers carry.
const NUMERALS: [(&str, &str); 10] = [
    ("I", "1"),
    ("II", "2"),
    ("III", "3"),
    ("IV", "4"),
    ("V", "5"),
    ("VI", "6"),
    ("VII", "7"),
    ("VIII", "8"),
    ("IX", "9"),
    ("X", "10"),
];

/// A name as it is compared: capitals, without spaces, hyphens and dots, without `DESA`, `KEL.` or `KEC.` in
/// front, a Roman number at its end as digits. `Kec. Kotabangun` and `KOTA BANGUN` are both `KOTABANGUN`.
#[must_use]
pub fn fold_place(name: &str) -> String {
    let joined: String =
        name.chars().filter(|sign| !matches!(sign, '\'' | '`' | '\u{2018}' | '\u{2019}' | '\u{2bc}')).collect();
    let plain = plain_word(&joined);
    let mut rest = plain.as_str();
    while let Some(behind) =
        RANKS.iter().find_map(|rank| rest.strip_prefix(rank)?.strip_prefix(' ')).filter(|behind| !behind.is_empty())
    {
        rest = behind;
    }
    match rest.rsplit_once(' ') {
        Some((before, last)) => match NUMERALS.iter().find(|(roman, _)| *roman == last) {
            Some((_, digits)) => before.replace(' ', "") + digits,
            None => rest.replace(' ', ""),
        },
        None => rest.to_owned(),
    }
}

/// Whether two folded names may be one name, spelled differently: a slip in names of five letters or more,
/// two in those of eight or more, and every number the same. Equal names are not near.
#[must_use]
pub fn near(a: &str, b: &str) -> bool {
    let digits = |text: &str| text.chars().filter(char::is_ascii_digit).collect::<String>();
    let shorter = a.chars().count().min(b.chars().count());
    let slips = match shorter {
        0..=4 => return false,
        5..=7 => 1,
        _ => 2,
    };
    a != b && a.len().abs_diff(b.len()) <= 8 && digits(a) == digits(b) && distance(a, b) <= slips
}

/// How many signs have to be put in, taken out, changed or swapped with their neighbour.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let mut previous = None;
    for (row, sign) in a.chars().enumerate() {
        let mut line = Vec::with_capacity(last.len());
        line.push(row + 1);
        for (column, other) in b.iter().enumerate() {
            let at = |line: &[usize], place: usize| line.get(place).copied().unwrap_or(usize::MAX - 1);
            let mut cost = (at(&last, column) + usize::from(sign != *other))
                .min(at(&last, column + 1) + 1)
                .min(at(&line, column) + 1);
            let swapped = column > 0 && previous == Some(*other) && b.get(column - 1) == Some(&sign);
            if swapped && !before_last.is_empty() {
                cost = cost.min(at(&before_last, column - 1) + 1);
            }
            line.push(cost);
        }
        before_last = std::mem::replace(&mut last, line);
        previous = Some(sign);
    }
    last.last().copied().unwrap_or(0)
}
