//! Amounts in words, as Indonesian paper writes them beside the figures: *terbilang*.
//!
//! The words follow the ordinary rules: one hundred and one thousand shrink to `seratus` and `seribu`,
//! eleven is `sebelas`, twelve to nineteen end in `belas`; from a million on, one is said as `satu`.

use super::money::Money;

const UNITS: [&str; 12] =
    ["", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"];

const POWERS: [(i64, &str); 4] = [
    (1_000_000_000_000_000, "kuadriliun"),
    (1_000_000_000_000, "triliun"),
    (1_000_000_000, "miliar"),
    (1_000_000, "juta"),
];

/// An amount of rupiah in words, in lower case: `lima ratus ribu rupiah`.
#[must_use]
pub fn in_words(amount: Money) -> String {
    let mut words = Vec::new();
    number(amount.minor(), &mut words);
    if words.is_empty() {
        words.push("nol");
    }
    words.push("rupiah");
    words.join(" ")
}

/// A whole number in words: `dua ribu dua puluh enam`.
#[must_use]
pub fn count_in_words(count: i64) -> String {
    let mut words = Vec::new();
    number(count, &mut words);
    if words.is_empty() { "nol".to_owned() } else { words.join(" ") }
}

/// Adds the words of a whole number; nothing for zero.
fn number(value: i64, words: &mut Vec<&'static str>) {
    let mut rest = value;
    for (size, name) in POWERS {
        if rest >= size {
            below_thousand(rest / size, words);
            words.push(name);
            rest %= size;
        }
    }
    match rest / 1_000 {
        0 => {}
        1 => words.push("seribu"),
        thousands => {
            below_thousand(thousands, words);
            words.push("ribu");
        }
    }
    below_thousand(rest % 1_000, words);
}

fn below_thousand(value: i64, words: &mut Vec<&'static str>) {
    match value / 100 {
        0 => {}
        1 => words.push("seratus"),
        hundreds => {
            words.push(unit(hundreds));
            words.push("ratus");
        }
    }
    match value % 100 {
        0 => {}
        small @ 1..=11 => words.push(unit(small)),
        teen @ 12..=19 => {
            words.push(unit(teen - 10));
            words.push("belas");
        }
        other => {
            words.push(unit(other / 10));
            words.push("puluh");
            if other % 10 > 0 {
                words.push(unit(other % 10));
            }
        }
    }
}

fn unit(value: i64) -> &'static str {
    usize::try_from(value).ok().and_then(|place| UNITS.get(place)).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(minor: i64) -> String {
        in_words(Money::new(minor).unwrap())
    }

    #[test]
    fn amounts_are_spelt_the_way_a_receipt_does() {
        assert_eq!(words(500_000), "lima ratus ribu rupiah");
        assert_eq!(words(0), "nol rupiah");
        assert_eq!(words(1), "satu rupiah");
        assert_eq!(words(3_000_000_000), "tiga miliar rupiah");
        assert_eq!(words(295_500), "dua ratus sembilan puluh lima ribu lima ratus rupiah");
    }

    #[test]
    fn one_shrinks_before_hundred_and_thousand_but_not_before_million() {
        assert_eq!(words(100), "seratus rupiah");
        assert_eq!(words(1_000), "seribu rupiah");
        assert_eq!(words(1_111), "seribu seratus sebelas rupiah");
        assert_eq!(words(101_000), "seratus satu ribu rupiah");
        assert_eq!(words(21_001), "dua puluh satu ribu satu rupiah");
        assert_eq!(words(1_000_000), "satu juta rupiah");
        assert_eq!(words(1_001_000), "satu juta seribu rupiah");
        assert_eq!(words(11_000_000_000_000), "sebelas triliun rupiah");
    }

    #[test]
    fn tens_and_teens_have_their_own_words() {
        assert_eq!(words(10), "sepuluh rupiah");
        assert_eq!(words(11), "sebelas rupiah");
        assert_eq!(words(12), "dua belas rupiah");
        assert_eq!(words(19), "sembilan belas rupiah");
        assert_eq!(words(20), "dua puluh rupiah");
        assert_eq!(words(99), "sembilan puluh sembilan rupiah");
    }

    #[test]
    fn the_largest_amount_can_be_spelt() {
        assert_eq!(in_words(Money::MAX), "sembilan kuadriliun rupiah");
        assert_eq!(
            words(8_765_432_100_019_012),
            "delapan kuadriliun tujuh ratus enam puluh lima triliun empat ratus tiga puluh dua miliar seratus juta \
             sembilan belas ribu dua belas rupiah"
        );
    }
}
