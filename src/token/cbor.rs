//! Deterministic CBOR (RFC 8949, section 4.2.1): one value, one encoding.
//!
//! What is signed here must be written in exactly one way, and writing it must not be able to fail.
//! This writer knows only the few shapes that vouchers and receipts are made of, always with the
//! shortest head and definite lengths; its caller hands map keys over in order. Reading is done by
//! ciborium's decoder, and every reader writes again what it understood and compares all bytes, so that
//! two independent programs must agree on each of them.

use ciborium_ll::{Decoder, Header, simple};

/// How deep values may lie in one another; ours do five.
const DEPTH_MAX: u8 = 16;

/// A value as it was read; texts and bytes stay where they lie.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    /// A whole number from zero up.
    Positive(u64),
    /// A negative number: -1 less this.
    Negative(u64),
    Bytes(&'a [u8]),
    Text(&'a str),
    Array(Vec<Value<'a>>),
    Map(Vec<(Value<'a>, Value<'a>)>),
    Bool(bool),
}

impl<'a> Value<'a> {
    /// Reads one value, and moves on behind it. Nothing that we write is a tag, null, undefined or a number with a
    /// point, or has no length.
    fn read(bytes: &mut &'a [u8], depth: u8) -> Option<Self> {
        let depth = depth.checked_sub(1)?;
        let mut decoder = Decoder::from(*bytes);
        let header = decoder.pull().ok()?;
        let (_, mut rest) = bytes.split_at_checked(decoder.offset())?;
        let mut body = |length: usize| {
            let (body, behind) = rest.split_at_checked(length)?;
            rest = behind;
            Some(body)
        };
        let value = match header {
            Header::Positive(number) => Self::Positive(number),
            Header::Negative(number) => Self::Negative(number),
            Header::Bytes(length) => Self::Bytes(body(length?)?),
            Header::Text(length) => Self::Text(std::str::from_utf8(body(length?)?).ok()?),
            Header::Array(length) => {
                let length = length?;
                // Each takes a byte at least.
                let mut all = Vec::with_capacity(length.min(rest.len()));
                for _ in 0..length {
                    all.push(Self::read(&mut rest, depth)?);
                }
                Self::Array(all)
            }
            Header::Map(length) => {
                let length = length?;
                let mut all = Vec::with_capacity(length.min(rest.len() / 2));
                for _ in 0..length {
                    all.push((Self::read(&mut rest, depth)?, Self::read(&mut rest, depth)?));
                }
                Self::Map(all)
            }
            Header::Simple(simple::TRUE) => Self::Bool(true),
            Header::Simple(simple::FALSE) => Self::Bool(false),
            Header::Simple(_) | Header::Float(_) | Header::Tag(_) | Header::Break => return None,
        };
        *bytes = rest;
        Some(value)
    }

    pub(crate) const fn as_bytes(&self) -> Option<&'a [u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }

    pub(crate) const fn as_text(&self) -> Option<&'a str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    pub(crate) const fn as_array(&self) -> Option<&Vec<Self>> {
        if let Self::Array(all) = self { Some(all) } else { None }
    }

    pub(crate) const fn as_map(&self) -> Option<&Vec<(Self, Self)>> {
        if let Self::Map(all) = self { Some(all) } else { None }
    }

    pub(crate) const fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(is) = self { Some(*is) } else { None }
    }
}

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
pub(crate) fn read(mut bytes: &[u8]) -> Option<Value<'_>> {
    let value = Value::read(&mut bytes, DEPTH_MAX)?;
    bytes.is_empty().then_some(value)
}

/// A small whole number.
pub(crate) fn as_u32(value: &Value<'_>) -> Option<u32> {
    u32::try_from(as_u64(value)?).ok()
}

/// A whole number from zero up.
pub(crate) const fn as_u64(value: &Value<'_>) -> Option<u64> {
    if let Value::Positive(number) = value { Some(*number) } else { None }
}

/// A whole number.
pub(crate) fn as_i64(value: &Value<'_>) -> Option<i64> {
    match value {
        Value::Positive(number) => i64::try_from(*number).ok(),
        Value::Negative(number) => i64::try_from(*number).ok().map(|number| -1 - number),
        _ => None,
    }
}

/// A byte string of exactly this length.
pub(crate) fn as_array<const N: usize>(value: &Value<'_>) -> Option<[u8; N]> {
    value.as_bytes()?.try_into().ok()
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
            use ciborium::Value as Other;
            let inner = Other::Array(vec![
                Other::Map(vec![(int.into(), uint.into())]),
                Other::Array(vec![Other::Bytes(bytes.clone()), Other::Text(text.clone()), Other::Bool(flag)]),
            ]);
            let mut other = Vec::new();
            ciborium::into_writer(&Other::Tag(18, Box::new(inner)), &mut other).unwrap();
            let written = writer.finish();
            prop_assert_eq!(&written, &other);
            let number = if int < 0 { Value::Negative(!int.cast_unsigned()) } else { Value::Positive(int.cast_unsigned()) };
            let own = Value::Array(vec![
                Value::Map(vec![(number, Value::Positive(uint))]),
                Value::Array(vec![Value::Bytes(&bytes), Value::Text(&text), Value::Bool(flag)]),
            ]);
            // Behind the tag, which no payload of ours has.
            prop_assert_eq!(read(&written[1..]), Some(own));
            prop_assert_eq!(read(&written), None);
        }

        #[test]
        fn reading_any_bytes_never_panics(bytes: Vec<u8>) {
            let _ = read(&bytes);
        }

        /// Whatever is read, another library reads too.
        #[test]
        fn nothing_is_read_that_another_library_does_not_read(bytes in proptest::collection::vec(0_u8..0xbf, 0..24)) {
            let mut rest = bytes.as_slice();
            let other: Option<ciborium::Value> = ciborium::from_reader(&mut rest).ok();
            if read(&bytes).is_some() {
                prop_assert!(other.is_some() && rest.is_empty());
            }
        }
    }

    #[test]
    fn what_lies_too_deep_or_claims_more_than_there_is_is_not_read() {
        let nested = |depth: usize| [vec![0x81; depth], vec![0]].concat();
        assert!(read(&nested(15)).is_some());
        assert!(read(&nested(16)).is_none());
        assert!(read(&nested(100_000)).is_none());
        // An array, a map, a text and bytes of 2⁶⁴ - 1; arrays and texts without a length; null, 1.0, a tag.
        for bad in [
            "9bffffffffffffffff",
            "bbffffffffffffffff",
            "7bffffffffffffffff",
            "5bffffffffffffffff",
            "9f00ff",
            "7f6161ff",
            "f6",
            "f93c00",
            "c100",
            "1801ff",
            "62c328",
        ] {
            assert_eq!(read(&data_encoding::HEXLOWER.decode(bad.as_bytes()).unwrap()), None, "{bad}");
        }
        assert_eq!(as_i64(&Value::Negative(u64::MAX >> 1)), Some(i64::MIN));
        assert_eq!(as_i64(&Value::Negative(1 << 63)), None);
    }
}
