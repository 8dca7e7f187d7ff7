//! The agency's emblem for the head of its paper, from a PNG or JPEG file of the installation.
//!
//! A PNG is laid on white, made at most [`SIDE_MAX`] pixels a side (on paper it is a centimetre) and packed
//! once, when the file is read; a JPEG goes into the file as it is.

use std::collections::BTreeMap;
use std::sync::Arc;

use lopdf::{Stream, dictionary};
use printpdf::{DictItem, ExternalStream, ExternalXObject};

/// The largest PNG file that is read.
const PNG_MAX: usize = 4 << 20;
/// The largest JPEG file: all of it stands in each file of vouchers.
const JPEG_MAX: usize = 256 << 10;
/// The most pixels a side that a PNG may have.
const PNG_SIDE_MAX: usize = 2_400;
/// The most pixels a side that are kept: 400 to the inch on the largest letterhead.
pub const SIDE_MAX: usize = 320;

/// An emblem, ready for the paper. Cloning it shares it.
#[derive(Clone)]
pub struct Emblem {
    width: usize,
    height: usize,
    filter: Option<&'static str>,
    space: &'static str,
    content: Arc<Vec<u8>>,
}

impl std::fmt::Debug for Emblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Emblem({} × {}, {} bytes)", self.width, self.height, self.content.len())
    }
}

impl Emblem {
    /// Reads the bytes of a PNG or JPEG file; a sentence says why it cannot be used.
    pub fn read(bytes: &[u8]) -> Result<Self, String> {
        if bytes.starts_with(PNG) {
            png(bytes)
        } else if bytes.starts_with(&[0xff, 0xd8]) {
            jpeg(bytes)
        } else {
            Err("neither a PNG nor a JPEG file".to_owned())
        }
    }

    /// Its width for a height of 1.
    #[must_use]
    pub fn aspect(&self) -> f32 {
        let side = |pixels: usize| f32::from(u16::try_from(pixels).unwrap_or(u16::MAX));
        side(self.width) / side(self.height).max(1.0)
    }

    pub(super) fn image(&self) -> ExternalXObject {
        let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
        let int = |value: usize| DictItem::Int(i64::try_from(value).unwrap_or_default());
        let mut dict = BTreeMap::from([
            ("Type".to_owned(), name("XObject")),
            ("Subtype".to_owned(), name("Image")),
            ("Width".to_owned(), int(self.width)),
            ("Height".to_owned(), int(self.height)),
            ("BitsPerComponent".to_owned(), DictItem::Int(8)),
            ("ColorSpace".to_owned(), name(self.space)),
        ]);
        if let Some(filter) = self.filter {
            dict.insert("Filter".to_owned(), name(filter));
        }
        let stream = ExternalStream { dict, content: self.content.to_vec(), compress: false };
        ExternalXObject { stream, width: None, height: None, dpi: None }
    }
}

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

fn big(bytes: &[u8], at: usize) -> Option<usize> {
    let four: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    usize::try_from(u32::from_be_bytes(four)).ok()
}

fn png(bytes: &[u8]) -> Result<Emblem, String> {
    let broken = || "the PNG file is broken".to_owned();
    if bytes.len() > PNG_MAX {
        return Err(format!("the file is larger than {} MiB", PNG_MAX >> 20));
    }
    let (mut at, mut head, mut packed, mut palette) = (PNG.len(), None, Vec::new(), Vec::new());
    let mut clear = Vec::new();
    while let (Some(length), Some(kind)) = (big(bytes, at), bytes.get(at + 4..at + 8)) {
        let data = bytes.get(at + 8..(at + 8).saturating_add(length)).ok_or_else(broken)?;
        match kind {
            b"IHDR" => head = Some(data),
            b"PLTE" => palette = data.to_vec(),
            b"tRNS" => clear = data.to_vec(),
            b"IDAT" => packed.extend_from_slice(data),
            b"IEND" => break,
            _ => {}
        }
        at += 12 + length;
    }
    let head = head.filter(|head| head.len() == 13).ok_or_else(broken)?;
    let (width, height) = (big(head, 0).unwrap_or(0), big(head, 4).unwrap_or(0));
    if !(1..=PNG_SIDE_MAX).contains(&width) || !(1..=PNG_SIDE_MAX).contains(&height) {
        return Err(format!("it is {width} × {height} pixels; at most {PNG_SIDE_MAX} a side"));
    }
    let channels = match head[9] {
        0 | 3 => 1,
        2 => 3,
        4 => 2,
        6 => 4,
        _ => return Err(broken()),
    };
    if head[8] != 8 || head[12] != 0 {
        return Err("a PNG of 8 bits a channel without interlacing is needed: save it again as such".to_owned());
    }
    // The same packing and the same prediction as in a PDF, so its own library unpacks it.
    let parameters = dictionary! {
        "Predictor" => 15, "Colors" => channels, "BitsPerComponent" => 8, "Columns" => i64::try_from(width).unwrap_or(0),
    };
    let stream = Stream::new(dictionary! { "Filter" => "FlateDecode", "DecodeParms" => parameters }, packed);
    let raw = stream.decompressed_content().map_err(|_| broken())?;
    let channels = usize::try_from(channels).unwrap_or(1);
    if raw.len() < width * height * channels {
        return Err(broken());
    }
    let colour = |index: usize| -> [u8; 4] {
        let one = &raw[index * channels..(index + 1) * channels];
        match head[9] {
            3 => {
                let entry = usize::from(one[0]);
                let part = |part: usize| palette.get(entry * 3 + part).copied().unwrap_or(0);
                [part(0), part(1), part(2), clear.get(entry).copied().unwrap_or(255)]
            }
            0 => [one[0], one[0], one[0], 255],
            4 => [one[0], one[0], one[0], one[1]],
            2 => [one[0], one[1], one[2], 255],
            _ => [one[0], one[1], one[2], one[3]],
        }
    };
    Ok(flat(width, height, &colour))
}

/// Lays a picture on white and makes it smaller by taking the mean of the pixels that fall together.
fn flat(width: usize, height: usize, colour: &dyn Fn(usize) -> [u8; 4]) -> Emblem {
    let longest = width.max(height).max(SIDE_MAX);
    let (wide, high) = ((width * SIDE_MAX / longest).max(1), (height * SIDE_MAX / longest).max(1));
    let (wide, high) = if longest == SIDE_MAX { (width, height) } else { (wide, high) };
    let mut content = Vec::with_capacity(wide * high * 3);
    for row in 0..high {
        let rows = row * height / high..((row + 1) * height / high).max(row * height / high + 1);
        for column in 0..wide {
            let columns = column * width / wide..((column + 1) * width / wide).max(column * width / wide + 1);
            let (mut sum, mut count) = ([0_usize; 3], 0);
            for y in rows.clone() {
                for x in columns.clone() {
                    let [red, green, blue, cover] = colour(y * width + x);
                    for (sum, part) in sum.iter_mut().zip([red, green, blue]) {
                        let (part, cover) = (usize::from(part), usize::from(cover));
                        *sum += (part * cover + 255 * (255 - cover)) / 255;
                    }
                    count += 1;
                }
            }
            content.extend(sum.map(|sum| u8::try_from(sum / count.max(1)).unwrap_or(u8::MAX)));
        }
    }
    let mut stream = Stream::new(lopdf::Dictionary::new(), content);
    // Where packing saves nothing the stream stays as it is, and then has no filter.
    let packed = stream.compress().is_ok() && stream.dict.get(b"Filter").is_ok();
    let filter = packed.then_some("FlateDecode");
    Emblem { width: wide, height: high, filter, space: "DeviceRGB", content: Arc::new(stream.content) }
}

fn jpeg(bytes: &[u8]) -> Result<Emblem, String> {
    if bytes.len() > JPEG_MAX {
        return Err(format!("the JPEG file is larger than {} KiB", JPEG_MAX >> 10));
    }
    let mut at = 2;
    while let Some(&[0xff, kind, high, low]) = bytes.get(at..at + 4) {
        let length = usize::from(high) << 8 | usize::from(low);
        // The frame's head; 0xc4, 0xc8 and 0xcc are something else.
        if matches!(kind, 0xc0..=0xcf) && !matches!(kind, 0xc4 | 0xc8 | 0xcc) {
            let two = |at: usize| bytes.get(at..at + 2).map_or(0, |two| usize::from(two[0]) << 8 | usize::from(two[1]));
            let (tall, wide) = (two(at + 5), two(at + 7));
            let space = match bytes.get(at + 9) {
                Some(1) => "DeviceGray",
                Some(3) => "DeviceRGB",
                _ => return Err("a JPEG in grey or RGB is needed".to_owned()),
            };
            if tall == 0 || wide == 0 {
                break;
            }
            let content = Arc::new(bytes.to_vec());
            return Ok(Emblem { width: wide, height: tall, filter: Some("DCTDecode"), space, content });
        }
        at += 2 + length;
    }
    Err("the JPEG file is broken".to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A PNG of RGBA, packed by the PDF library: each row begins with its filter, which is none.
    pub(in super::super) fn shield(side: usize) -> Vec<u8> {
        let mut rows = Vec::new();
        for y in 0..side {
            rows.push(0);
            for x in 0..side {
                let inside = y < side * 2 / 3 || (x >= y / 3 && x + y / 3 < side);
                let stripe = (x * 8 / side + y * 8 / side).is_multiple_of(2);
                rows.extend(if stripe { [20, 90, 40] } else { [240, 190, 20] });
                rows.push(if inside { 255 } else { 0 });
            }
        }
        let mut stream = Stream::new(lopdf::Dictionary::new(), rows);
        stream.compress().unwrap();
        let side = u32::try_from(side).unwrap().to_be_bytes();
        let head = [&side[..], &side, &[8, 6, 0, 0, 0]].concat();
        let chunk = |kind: &[u8], data: &[u8]| {
            [&u32::try_from(data.len()).unwrap().to_be_bytes()[..], kind, data, &[0; 4]].concat()
        };
        [PNG.to_vec(), chunk(b"IHDR", &head), chunk(b"IDAT", &stream.content), chunk(b"IEND", &[])].concat()
    }

    #[test]
    fn an_emblem_is_laid_on_white_and_made_small() {
        let emblem = Emblem::read(&shield(900)).unwrap();
        assert_eq!((emblem.width, emblem.height), (SIDE_MAX, SIDE_MAX));
        let stream = Stream::new(dictionary! { "Filter" => emblem.filter.unwrap() }, emblem.content.to_vec());
        let pixels = stream.decompressed_content().unwrap();
        assert_eq!(pixels.len(), SIDE_MAX * SIDE_MAX * 3);
        assert_eq!(pixels[pixels.len() - 3..], [255, 255, 255], "the clear corner is white");
        assert_eq!(pixels[..3], [20, 90, 40]);
        assert_eq!(Emblem::read(&shield(64)).unwrap().width, 64, "a small one stays");
    }

    #[test]
    fn what_is_no_emblem_is_refused_with_a_reason() {
        let whole = shield(40);
        let wide = [&whole[..16], &9_000_u32.to_be_bytes(), &whole[20..]].concat();
        let deep = [&whole[..24], &[16], &whole[25..]].concat();
        for (bytes, why) in [
            (b"GIF89a".to_vec(), "neither"),
            (whole[..60].to_vec(), "broken"),
            (wide, "at most 2400"),
            (deep, "8 bits"),
            (vec![0xff, 0xd8, 0xff, 0xe0, 0, 4, 0, 0], "broken"),
            ([&[0xff, 0xd8][..], &vec![0; JPEG_MAX]].concat(), "256 KiB"),
        ] {
            let said = Emblem::read(&bytes).unwrap_err();
            assert!(said.contains(why), "{said}");
        }
    }

    #[test]
    fn the_size_of_a_jpeg_is_read_from_its_frame() {
        let bytes = [
            &[0xff, 0xd8, 0xff, 0xe0, 0, 4, 1, 2][..],
            &[0xff, 0xc0, 0, 11, 8, 0, 90, 0, 60, 1, 1, 0x11, 0],
            &[0xff, 0xd9],
        ]
        .concat();
        let emblem = Emblem::read(&bytes).unwrap();
        assert_eq!((emblem.width, emblem.height, emblem.space), (60, 90, "DeviceGray"));
    }
}
