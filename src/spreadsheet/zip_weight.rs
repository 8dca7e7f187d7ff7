//! Weighs an archive before anything unpacks it: a zip bomb is found by counting, not by trust.

use std::io::{BufReader, Read, Seek, SeekFrom};

use zip::ZipArchive;

use crate::domain::intake::FileFault;

use super::{Source, unreadable};

/// Most parts in a workbook. A usual one has a dozen.
const PARTS_MAX: u64 = 4_096;
/// Most bytes of all parts together, unpacked: 200,000 rows of our columns are about 350 million.
const UNPACKED_MAX: u64 = 700_000_000;
/// Most bytes of the shared texts, which are kept in memory while a sheet is read.
const SHARED_MAX: u64 = 128_000_000;
/// Most bytes of any part that is neither a sheet nor the shared texts, where it is kept in memory.
const PART_MAX: u64 = 32_000_000;
/// Most bytes without a tag, because a reader of XML holds them at once. Excel's own bound is 32,767 signs.
const TEXT_MAX: u64 = 1_000_000;
/// Most bytes of the one part in which OpenOffice keeps all sheets.
const CONTENT_MAX: u64 = 400_000_000;
/// Most bytes of a manifest that are looked at.
const MANIFEST_MAX: u64 = 4_000_000;

pub(super) fn damaged<E>(_: E) -> FileFault {
    FileFault::Damaged
}

/// Sees that the archive is a workbook and unpacks to what can be held. The sizes that the directory states
/// are looked at first, as that is quick; then the parts are unpacked and counted, as sizes can lie.
pub(super) fn weigh(mut source: Source) -> Result<(Source, Archive), FileFault> {
    weigh_directory(&mut source)?;
    source.rewind().map_err(unreadable)?;
    let mut archive = ZipArchive::new(BufReader::new(source)).map_err(damaged)?;
    if archive.len() as u64 > PARTS_MAX {
        return Err(FileFault::TooMuchInside);
    }
    let kind = kind_of(&archive)?;
    if archive.decompressed_size().is_some_and(|size| size > u128::from(UNPACKED_MAX)) {
        return Err(FileFault::TooMuchInside);
    }
    let mut left = UNPACKED_MAX;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(damaged)?;
        if part.encrypted() {
            return Err(FileFault::Protected);
        }
        let name = part.name().map(|name| name.to_lowercase()).unwrap_or_default();
        let xml = !name.starts_with("xl/media/");
        let max = if name == "content.xml" {
            left.min(CONTENT_MAX)
        } else if name.contains("/worksheets/") || !xml {
            left
        } else if name.ends_with("sharedstrings.xml") {
            left.min(SHARED_MAX)
        } else {
            left.min(PART_MAX)
        };
        if name == "meta-inf/manifest.xml" {
            // An encrypted document of OpenOffice is a usual archive; only its manifest tells.
            let mut manifest = Vec::new();
            part.take(max.min(MANIFEST_MAX)).read_to_end(&mut manifest).map_err(damaged)?;
            if manifest.windows(15).any(|window| window == b"encryption-data") {
                return Err(FileFault::Protected);
            }
            left = left.saturating_sub(manifest.len() as u64);
            continue;
        }
        left = left.saturating_sub(unpack(part, max, xml)?);
    }
    let mut source = archive.into_inner().into_inner();
    source.rewind().map_err(unreadable)?;
    Ok((source, kind))
}

/// How many bytes a part unpacks to, or a fault beyond `max`. Nothing is kept.
fn unpack(part: impl Read, max: u64, xml: bool) -> Result<u64, FileFault> {
    let mut part = part.take(max.saturating_add(1));
    let mut buffer = vec![0; 64 * 1024];
    let (mut size, mut without_tag) = (0_u64, 0_u64);
    loop {
        let read = part.read(&mut buffer).map_err(damaged)?;
        let bytes = buffer.get(..read).unwrap_or_default();
        if read == 0 {
            return Ok(size);
        }
        size += read as u64;
        if xml {
            // Within one buffer only the ends matter: it is smaller than the bound.
            without_tag = match bytes.iter().rposition(|byte| *byte == b'<') {
                Some(last) => (read - last) as u64,
                None => without_tag + read as u64,
            };
        }
        if size > max || without_tag > TEXT_MAX {
            return Err(FileFault::TooMuchInside);
        }
    }
}

/// Looks at the ends of the central directory before anything makes a list of it. There can be several
/// candidates; each must state a count that a workbook has.
fn weigh_directory(source: &mut Source) -> Result<(), FileFault> {
    // The end record is followed by a comment of at most 65,535 bytes, and preceded by its 64-bit form.
    let length = source.seek(SeekFrom::End(0)).map_err(unreadable)?;
    source.seek(SeekFrom::Start(length.saturating_sub(66_000))).map_err(unreadable)?;
    let mut tail = Vec::new();
    source.take(66_000).read_to_end(&mut tail).map_err(unreadable)?;
    let number = |place: usize, bytes: usize| -> Option<u64> {
        let field = tail.get(place..place.checked_add(bytes)?)?;
        Some(field.iter().rev().fold(0, |number, byte| (number << 8) | u64::from(*byte)))
    };
    let (mut ends, mut deferred, mut wide) = (0, false, false);
    for (place, sign) in tail.windows(4).enumerate() {
        let count = match sign {
            b"PK\x05\x06" => number(place + 10, 2),
            b"PK\x06\x06" => {
                wide = true;
                number(place + 32, 8)
            }
            _ => continue,
        };
        let Some(count) = count else { continue };
        ends += 1;
        if sign == b"PK\x05\x06" && count == 0xffff {
            deferred = true;
        } else if count > PARTS_MAX {
            return Err(FileFault::TooMuchInside);
        }
    }
    if ends == 0 || (deferred && !wide) { Err(FileFault::Damaged) } else { Ok(()) }
}

/// What an archive holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Archive {
    Xlsx,
    Ods,
}

/// Tells a workbook from its relatives by the names of its parts.
fn kind_of<R: Read + Seek>(archive: &ZipArchive<R>) -> Result<Archive, FileFault> {
    let names = || archive.file_names_raw().map(<[u8]>::to_ascii_lowercase);
    let has = |end: &str| names().any(|name| name.ends_with(end.as_bytes()));
    let starts = |start: &str| names().any(|name| name.starts_with(start.as_bytes()));
    let document = has("content.xml") && has("mimetype");
    if has("vbaproject.bin") || (document && starts("basic/")) {
        Err(FileFault::Macros)
    } else if has("workbook.xml") {
        Ok(Archive::Xlsx)
    } else if document {
        Ok(Archive::Ods)
    } else if has("workbook.bin") {
        Err(FileFault::OtherSpreadsheet)
    } else if has("[content_types].xml") && has("_rels/.rels") && starts("xl/") {
        Err(FileFault::Damaged)
    } else {
        Err(FileFault::NotASpreadsheet)
    }
}
