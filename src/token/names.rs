//! What a device shows of a household beside the typed code, as it stands sealed in an entry of a bundle.

use super::cbor::{self, Value, Writer};

/// How many bytes of a name, and of an RT, travel at most: an entry must stay under its limit.
const NAME_BYTES_MAX: usize = 60;
const RT_BYTES_MAX: usize = 12;

/// Just enough to compare with the person who stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    /// The name, masked.
    pub name: String,
    /// The neighbourhood.
    pub rt: String,
    /// The last four digits of the NIK; empty when it is not known.
    pub nik_tail: String,
    /// The year of birth, if known.
    pub birth_year: Option<u32>,
}

fn cut(text: &str, max: usize) -> &str {
    let mut end = text.len().min(max);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.get(..end).unwrap_or_default()
}

impl Names {
    /// Writes it; what is too long is cut.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut w = Writer::default();
        w.array(4).text(cut(&self.name, NAME_BYTES_MAX)).text(cut(&self.rt, RT_BYTES_MAX));
        w.text(cut(&self.nik_tail, 4)).uint(u64::from(self.birth_year.unwrap_or(0)));
        w.finish()
    }

    /// Reads it again.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let value = cbor::read(bytes)?;
        let [name, rt, nik_tail, year] = value.as_array()?.as_slice() else { return None };
        let text = |value: &Value<'_>| value.as_text().map(str::to_owned);
        let year = cbor::as_u32(year)?;
        Some(Self {
            name: text(name)?,
            rt: text(rt)?,
            nik_tail: text(nik_tail)?,
            birth_year: (year != 0).then_some(year),
        })
    }
}

/// A name as a device shows it: the first word, and of every further one the first letter.
#[must_use]
pub fn masked_name(name: &str) -> String {
    let mut words = name.split_whitespace();
    let mut masked = words.next().unwrap_or_default().to_owned();
    for word in words {
        masked.push(' ');
        masked.extend(word.chars().next());
        masked.push('.');
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_read_back_and_what_is_too_long_is_cut_between_letters() {
        let one = Names { name: "SITI A.".into(), rt: "004".into(), nik_tail: "0017".into(), birth_year: Some(1959) };
        assert_eq!(Names::decode(&one.encode()), Some(one.clone()));
        let long = Names { name: "é".repeat(80), ..one };
        assert_eq!(Names::decode(&long.encode()).unwrap().name, "é".repeat(30));
    }

    #[test]
    fn a_masked_name_shows_one_word() {
        assert_eq!(masked_name("SITI AMINAH BINTI RAHMAN"), "SITI A. B. R.");
        assert_eq!(masked_name("  SUKARNO "), "SUKARNO");
        assert_eq!(masked_name(""), "");
    }
}
