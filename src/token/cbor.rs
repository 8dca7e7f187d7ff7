//! Deterministic CBOR (RFC 8949, section 4.2.1): one value, one encoding.
//!
//! What is signed here must be written in exactly one way, and writing it must not be able to fail.
//! This writer knows only the few shapes that vouchers and receipts are made of, always with the
//! shortest head and definite lengths; its caller hands map keys over in order. Reading is done by
//! ciborium, and every reader writes again what it understood and compares all bytes, so that two
//! independent programs must agree on each of them.

use ciborium::Value;

/// Writes CBOR into a growing buffer.
#[derive(Debug, Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn finish(self) -> Vec<u8> {
        self.0
    }

    /// The head of an item: its major type and its number in the fewest bytes.
    fn head(&mut self, major: u8, number: u64) -> &mut Self {
        let major = major << 5;
        let [_, _, _, _, a, b, c, d] = number.to_be_bytes();
        match number {
            0..=23 => self.0.push(major | d),
            24..=0xff => self.0.extend([major | 24, d]),
            0x100..=0xffff => self.0.extend([major | 25, c, d]),
            0x1_0000..=0xffff_ffff => self.0.extend([major | 26, a, b, c, d]),
            _ => {
                self.0.push(major | 27);
                self.0.extend(number.to_be_bytes());
            }
        }
        self
    }

    pub(crate) fn uint(&mut self, number: u64) -> &mut Self {
        self.head(0, number)
    }

    pub(crate) fn int(&mut self, number: i64) -> &mut Self {
        // The absolute value of a negative number is one more than what CBOR writes for it.
        if number < 0 { self.head(1, number.unsigned_abs() - 1) } else { self.head(0, number.unsigned_abs()) }
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.head(2, bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        self.head(3, text.len() as u64);
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub(crate) fn array(&mut self, len: usize) -> &mut Self {
        self.head(4, len as u64)
    }

    pub(crate) fn map(&mut self, pairs: usize) -> &mut Self {
        self.head(5, pairs as u64)
    }

    pub(crate) fn tag(&mut self, tag: u64) -> &mut Self {
        self.head(6, tag)
    }

    pub(crate) fn boolean(&mut self, is: bool) -> &mut Self {
        self.head(7, if is { 21 } else { 20 })
    }
}

/// Reads one value that fills the whole slice.
pub(crate) fn read(mut bytes: &[u8]) -> Option<Value> {
    let value = ciborium::from_reader(&mut bytes).ok()?;
    bytes.is_empty().then_some(value)
}

/// A small whole number.
pub(crate) fn as_u32(value: &Value) -> Option<u32> {
    u32::try_from(value.as_integer()?).ok()
}

/// A whole number from zero up.
pub(crate) fn as_u64(value: &Value) -> Option<u64> {
    u64::try_from(value.as_integer()?).ok()
}

/// A whole number.
pub(crate) fn as_i64(value: &Value) -> Option<i64> {
    i64::try_from(value.as_integer()?).ok()
}

/// A byte string of exactly this length.
pub(crate) fn as_array<const N: usize>(value: &Value) -> Option<[u8; N]> {
    value.as_bytes()?.as_slice().try_into().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn heads_are_the_shortest_there_are() {
        // Examples of RFC 8949, appendix A.
        for (number, bytes) in [
            (0, "00"),
            (23, "17"),
            (24, "1818"),
            (1000, "1903e8"),
            (1_000_000, "1a000f4240"),
            (1_000_000_000_000, "1b000000e8d4a51000"),
            (-1, "20"),
            (-1000, "3903e7"),
            (i64::MIN, "3b7fffffffffffffff"),
        ] {
            let mut writer = Writer::default();
            writer.int(number);
            assert_eq!(data_encoding::HEXLOWER.encode(&writer.finish()), bytes);
        }
    }

    proptest! {
        #[test]
        fn another_library_writes_the_same(int: i64, uint: u64, bytes: Vec<u8>, text: String, flag: bool) {
            let mut writer = Writer::default();
            writer.tag(18).array(2).map(1).int(int).uint(uint).array(3).bytes(&bytes).text(&text).boolean(flag);
            let value = Value::Tag(18, Box::new(Value::Array(vec![
                Value::Map(vec![(int.into(), uint.into())]),
                Value::Array(vec![Value::Bytes(bytes), Value::Text(text), Value::Bool(flag)]),
            ])));
            let mut other = Vec::new();
            ciborium::into_writer(&value, &mut other).unwrap();
            let written = writer.finish();
            prop_assert_eq!(&written, &other);
            prop_assert_eq!(read(&written), Some(value));
        }

        #[test]
        fn reading_any_bytes_never_panics(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }
    }
}
