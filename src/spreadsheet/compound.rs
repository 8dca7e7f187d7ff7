//! The compound file in which Excel before 2007 keeps a workbook: a small file system of sectors. Read by
//! ourselves, as a chain that bites its own tail or a stated size must not lead a reader astray.

use std::io::Read;

use crate::domain::intake::FileFault;

use super::{Source, unreadable};

/// The first bytes of a compound file.
pub(super) const MAGIC: [u8; 8] = [0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];

/// Largest compound file, as it is held in memory. 65,536 rows of our columns are about 20 million.
const COMPOUND_MAX: u64 = 100_000_000;
const END: u32 = 0xffff_fffa;
const MINI_SECTOR: usize = 64;
const MINI_STREAM_BELOW: u64 = 4_096;
/// Most entries of the directory that are looked at.
const ENTRIES_MAX: usize = 4_096;

/// A compound file in memory.
pub(super) struct Compound {
    bytes: Vec<u8>,
    sector: usize,
    fat: Vec<u32>,
    mini_fat: Vec<u32>,
    mini: Vec<u8>,
    entries: Vec<Entry>,
}

struct Entry {
    name: String,
    start: u32,
    size: u64,
}

/// A little-endian number of two bytes.
pub(super) fn u16_at(bytes: &[u8], place: usize) -> Option<u16> {
    let pair = bytes.get(place..place.checked_add(2)?)?;
    Some(u16::from_le_bytes(pair.try_into().ok()?))
}

/// A little-endian number of four bytes.
pub(super) fn u32_at(bytes: &[u8], place: usize) -> Option<u32> {
    let four = bytes.get(place..place.checked_add(4)?)?;
    Some(u32::from_le_bytes(four.try_into().ok()?))
}

fn numbers(bytes: &[u8]) -> impl Iterator<Item = u32> {
    bytes.chunks_exact(4).filter_map(|four| Some(u32::from_le_bytes(four.try_into().ok()?)))
}

impl Compound {
    pub(super) fn read(source: Source) -> Result<Self, FileFault> {
        let mut bytes = Vec::new();
        source.take(COMPOUND_MAX + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > COMPOUND_MAX {
            return Err(FileFault::TooLarge { max: COMPOUND_MAX });
        }
        // An encrypted workbook wraps itself in such a file. The name tells also where the rest is damaged.
        let wide: Vec<u8> = "EncryptedPackage".bytes().flat_map(|letter| [letter, 0]).collect();
        if bytes.windows(wide.len()).any(|window| window == wide) {
            return Err(FileFault::Protected);
        }
        Self::parse(bytes).ok_or(FileFault::Damaged)
    }

    fn parse(bytes: Vec<u8>) -> Option<Self> {
        let sector = match u16_at(&bytes, 30)? {
            9 => 512,
            12 => 4_096,
            _ => return None,
        };
        let mut file =
            Self { bytes, sector, fat: Vec::new(), mini_fat: Vec::new(), mini: Vec::new(), entries: Vec::new() };
        let sectors = file.bytes.len() / sector + 1;
        // The places of the table of sectors: 109 in the header, the rest in a chain of its own.
        let mut places: Vec<u32> = numbers(file.bytes.get(76..512)?).collect();
        let mut next = u32_at(&file.bytes, 68)?;
        let mut steps = 0;
        while next < END {
            steps += 1;
            if steps > sectors {
                return None;
            }
            let (last, rest) = file.sector_at(next)?.split_last_chunk::<4>().map(|(rest, last)| (*last, rest))?;
            places.extend(numbers(rest));
            next = u32::from_le_bytes(last);
        }
        for place in places.into_iter().filter(|place| *place < END).take(sectors) {
            let part: Vec<u32> = numbers(file.sector_at(place)?).collect();
            file.fat.extend(part);
        }
        let directory = file.chain(u32_at(&file.bytes, 48)?, u64::MAX)?;
        file.entries = directory.chunks_exact(128).take(ENTRIES_MAX).filter_map(entry).collect();
        let root = directory.get(..128)?;
        let (start, size) = (u32_at(root, 116)?, u64::from(u32_at(root, 120)?));
        if u32_at(&file.bytes, 64)? > 0 {
            let mini_fat = file.chain(u32_at(&file.bytes, 60)?, u64::MAX)?;
            file.mini_fat = numbers(&mini_fat).collect();
            file.mini = file.chain(start, size)?;
        }
        Some(file)
    }

    fn sector_at(&self, place: u32) -> Option<&[u8]> {
        let start = (place as usize).checked_add(1)?.checked_mul(self.sector)?;
        let end = (start + self.sector).min(self.bytes.len());
        self.bytes.get(start..end)
    }

    /// The bytes of a chain of sectors. One that is longer than the file goes in circles.
    fn chain(&self, start: u32, size: u64) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut next = start;
        while next < END && (out.len() as u64) < size {
            out.extend_from_slice(self.sector_at(next)?);
            if out.len() > self.bytes.len() + self.sector {
                return None;
            }
            next = *self.fat.get(next as usize)?;
        }
        out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Some(out)
    }

    fn mini_chain(&self, start: u32, size: u64) -> Option<Vec<u8>> {
        let mut out = Vec::new();
        let mut next = start;
        while next < END && (out.len() as u64) < size {
            let begin = (next as usize).checked_mul(MINI_SECTOR)?;
            out.extend_from_slice(self.mini.get(begin..(begin + MINI_SECTOR).min(self.mini.len()))?);
            if out.len() > self.mini.len() + MINI_SECTOR {
                return None;
            }
            next = *self.mini_fat.get(next as usize)?;
        }
        out.truncate(usize::try_from(size).unwrap_or(usize::MAX));
        Some(out)
    }

    /// Whether it has an entry of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.entries.iter().any(|entry| entry.name.eq_ignore_ascii_case(name))
    }

    /// The bytes of a stream, if there is one of this name.
    pub(super) fn stream(&self, name: &str) -> Result<Option<Vec<u8>>, FileFault> {
        let Some(entry) = self.entries.iter().find(|entry| entry.name.eq_ignore_ascii_case(name)) else {
            return Ok(None);
        };
        let bytes = if entry.size < MINI_STREAM_BELOW {
            self.mini_chain(entry.start, entry.size)
        } else {
            self.chain(entry.start, entry.size)
        };
        bytes.map(Some).ok_or(FileFault::Damaged)
    }
}

fn entry(bytes: &[u8]) -> Option<Entry> {
    let length = usize::from(u16_at(bytes, 64)?).clamp(2, 64) - 2;
    let wide: Vec<u16> = bytes.get(..length)?.chunks_exact(2).filter_map(|pair| u16_at(pair, 0)).collect();
    Some(Entry {
        name: String::from_utf16_lossy(&wide),
        start: u32_at(bytes, 116)?,
        size: u64::from(u32_at(bytes, 120)?),
    })
}
