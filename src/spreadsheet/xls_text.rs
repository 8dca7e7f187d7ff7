//! Texts of BIFF8: the shared ones of a workbook, which run across records.

use crate::domain::intake::FileFault;

use super::columns::bounded;
use super::compound::{u16_at, u32_at};

/// Most bytes of the shared texts that are kept.
const TEXTS_MAX: usize = 128_000_000;

/// The content of a record and of those that continue it.
pub(super) struct Segments<'a> {
    parts: Vec<&'a [u8]>,
    part: usize,
    place: usize,
}

impl<'a> Segments<'a> {
    pub(super) const fn new(parts: Vec<&'a [u8]>) -> Self {
        Self { parts, part: 0, place: 0 }
    }

    /// What is left of the part that is being read; the next part when nothing is.
    fn rest(&mut self) -> Option<&'a [u8]> {
        loop {
            let rest = self.parts.get(self.part)?.get(self.place..)?;
            if !rest.is_empty() {
                return Some(rest);
            }
            self.part += 1;
            self.place = 0;
        }
    }

    fn byte(&mut self) -> Option<u8> {
        let byte = *self.rest()?.first()?;
        self.place += 1;
        Some(byte)
    }

    fn number(&mut self, bytes: usize) -> Option<u32> {
        let mut value = 0;
        for step in 0..bytes {
            value |= u32::from(self.byte()?) << (8 * step);
        }
        Some(value)
    }

    fn skip(&mut self, mut bytes: usize) -> Option<()> {
        while bytes > 0 {
            let step = self.rest()?.len().min(bytes);
            self.place += step;
            bytes -= step;
        }
        Some(())
    }

    /// A text whose length is stated in one or two bytes. A part that continues it begins with a byte that
    /// says anew whether signs are wide.
    pub(super) fn text(&mut self, length_bytes: usize) -> Option<String> {
        let mut left = self.number(length_bytes)? as usize;
        let flags = self.byte()?;
        let runs = if flags & 8 == 0 { 0 } else { self.number(2)? as usize };
        let extended = if flags & 4 == 0 { 0 } else { self.number(4)? as usize };
        let mut wide = flags & 1 != 0;
        let mut signs: Vec<u16> = Vec::with_capacity(left.min(1_024));
        while left > 0 {
            let part = self.part;
            let rest = self.rest()?;
            if self.part != part {
                wide = rest.first()? & 1 != 0;
                self.place += 1;
                continue;
            }
            let size = if wide { 2 } else { 1 };
            let step = (rest.len() / size).min(left);
            if step == 0 {
                // Half a sign at the end of a part.
                return None;
            }
            let found = rest.get(..step * size)?;
            if wide {
                signs.extend(found.chunks_exact(2).filter_map(|pair| u16_at(pair, 0)));
            } else {
                signs.extend(found.iter().map(|byte| u16::from(*byte)));
            }
            self.place += step * size;
            left -= step;
        }
        self.skip(runs.checked_mul(4)?.checked_add(extended)?)?;
        Some(String::from_utf16_lossy(&signs))
    }
}

/// A text that stands in one record.
pub(super) fn text_in(content: &[u8], length_bytes: usize) -> Option<String> {
    Segments::new(vec![content]).text(length_bytes)
}

/// The shared texts of a workbook: one long text and where each ends.
#[derive(Default)]
pub(super) struct Texts {
    text: String,
    ends: Vec<usize>,
}

impl Texts {
    pub(super) fn read(mut segments: Segments<'_>) -> Result<Self, FileFault> {
        let mut texts = Self::default();
        let count = segments.parts.first().and_then(|part| u32_at(part, 4)).ok_or(FileFault::Damaged)?;
        segments.place = 8;
        for _ in 0..count {
            // A stated count is not to be trusted: what is there counts.
            let Some(text) = segments.text(2) else { break };
            texts.text.push_str(bounded(&text));
            texts.ends.push(texts.text.len());
            if texts.text.len() > TEXTS_MAX {
                return Err(FileFault::TooMuchInside);
            }
        }
        Ok(texts)
    }

    pub(super) fn get(&self, place: u32) -> Option<&str> {
        let place = usize::try_from(place).ok()?;
        let end = *self.ends.get(place)?;
        let begin = place.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.text.get(begin..end)
    }
}
