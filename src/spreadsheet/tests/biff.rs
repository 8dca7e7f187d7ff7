//! A small writer of BIFF8 within a compound file, as Excel 97 to 2003 made them, for tests.

/// A cell of the workbook.
#[derive(Clone)]
pub(super) enum Xls {
    Blank,
    Text(String),
    Number(f64),
    /// The serial number of a day, with a format that shows a date.
    Day(f64),
    /// A formula, by the text that it showed last.
    Formula(String),
    /// A formula that failed.
    Failed,
}

pub(super) fn text(text: &str) -> Xls {
    if text.is_empty() { Xls::Blank } else { Xls::Text(text.to_owned()) }
}

fn record(out: &mut Vec<u8>, kind: u16, content: &[u8]) {
    out.extend(kind.to_le_bytes());
    out.extend((content.len() as u16).to_le_bytes());
    out.extend(content);
}

fn wide(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// The shared texts, cut into records of at most `most` bytes, also within a text.
fn shared(out: &mut Vec<u8>, texts: &[String], most: usize) {
    let mut parts: Vec<Vec<u8>> = vec![Vec::new()];
    parts[0].extend((texts.len() as u32).to_le_bytes());
    parts[0].extend((texts.len() as u32).to_le_bytes());
    for text in texts {
        let narrow = text.chars().all(|sign| (sign as u32) < 256);
        let signs: Vec<u16> = text.encode_utf16().collect();
        if parts.last().unwrap().len() + 3 > most {
            parts.push(Vec::new());
        }
        let part = parts.last_mut().unwrap();
        part.extend((signs.len() as u16).to_le_bytes());
        part.push(u8::from(!narrow));
        for sign in signs {
            if parts.last().unwrap().len() + 2 > most {
                parts.push(vec![u8::from(!narrow)]);
            }
            let part = parts.last_mut().unwrap();
            if narrow { part.push(sign as u8) } else { part.extend(sign.to_le_bytes()) }
        }
    }
    for (place, part) in parts.iter().enumerate() {
        record(out, if place == 0 { 0x00fc } else { 0x003c }, part);
    }
}

/// The stream of a workbook: its sheets with name, hidden or not, and cells.
pub(super) fn stream(sheets: &[(&str, bool, Vec<Vec<Xls>>)], continued_at: usize) -> Vec<u8> {
    let bof = |kind: u16| {
        [0x0600_u16, kind, 0, 0, 0, 0, 0, 0].iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>()
    };
    let mut texts: Vec<String> = Vec::new();
    let mut bodies = Vec::new();
    for (_, _, rows) in sheets {
        let mut body = Vec::new();
        record(&mut body, 0x0809, &bof(0x0010));
        // A chart within the sheet, to be read past.
        record(&mut body, 0x0809, &bof(0x0020));
        record(&mut body, 0x0203, &[0; 14]);
        record(&mut body, 0x000a, &[]);
        for (row, cells) in rows.iter().enumerate() {
            for (column, cell) in cells.iter().enumerate() {
                let mut content: Vec<u8> =
                    [row as u16, column as u16].iter().flat_map(|word| word.to_le_bytes()).collect();
                let xf = u16::from(matches!(cell, Xls::Day(_)));
                content.extend(xf.to_le_bytes());
                match cell {
                    Xls::Blank => {}
                    Xls::Text(text) => {
                        let place = texts.iter().position(|known| known == text).unwrap_or_else(|| {
                            texts.push(text.clone());
                            texts.len() - 1
                        });
                        content.extend((place as u32).to_le_bytes());
                        record(&mut body, 0x00fd, &content);
                    }
                    Xls::Day(value) | Xls::Number(value) => {
                        content.extend(value.to_le_bytes());
                        record(&mut body, 0x0203, &content);
                    }
                    Xls::Formula(text) => {
                        content.extend([0, 0, 0, 0, 0, 0, 0xff, 0xff]);
                        content.extend([0; 8]);
                        record(&mut body, 0x0006, &content);
                        let mut shown = (text.encode_utf16().count() as u16).to_le_bytes().to_vec();
                        shown.push(1);
                        shown.extend(wide(text));
                        record(&mut body, 0x0207, &shown);
                    }
                    Xls::Failed => {
                        content.extend([2, 0, 0x17, 0, 0, 0, 0xff, 0xff]);
                        content.extend([0; 8]);
                        record(&mut body, 0x0006, &content);
                    }
                }
            }
        }
        record(&mut body, 0x000a, &[]);
        bodies.push(body);
    }
    let mut globals = Vec::new();
    record(&mut globals, 0x0809, &bof(0x0005));
    let mut format = 164_u16.to_le_bytes().to_vec();
    let code = "dd/mm/yyyy";
    format.extend((code.len() as u16).to_le_bytes());
    format.push(0);
    format.extend(code.bytes());
    record(&mut globals, 0x041e, &format);
    for number in [0_u16, 164] {
        let mut xf = [0; 20];
        xf[2..4].copy_from_slice(&number.to_le_bytes());
        record(&mut globals, 0x00e0, &xf);
    }
    let mut rest = Vec::new();
    shared(&mut rest, &texts, continued_at);
    record(&mut rest, 0x000a, &[]);
    let sizes: usize = sheets.iter().map(|(name, ..)| 4 + 8 + wide(name).len()).sum();
    let mut start = globals.len() + sizes + rest.len();
    for ((name, hidden, _), body) in sheets.iter().zip(&bodies) {
        let mut sheet = (start as u32).to_le_bytes().to_vec();
        sheet.extend([u8::from(*hidden), 0, name.encode_utf16().count() as u8, 1]);
        sheet.extend(wide(name));
        record(&mut globals, 0x0085, &sheet);
        start += body.len();
    }
    [globals, rest, bodies.concat()].concat()
}

/// A compound file with one stream, and an entry of the directory for each name besides.
pub(super) fn compound(name: &str, stream: &[u8], others: &[&str]) -> Vec<u8> {
    let mut content = stream.to_vec();
    content.resize(content.len().next_multiple_of(512).max(4_096), 0);
    let data = content.len() / 512;
    let fats = (data + 2).div_ceil(127).max(1);
    let directory = data;
    let mut fat: Vec<u32> = (1..data as u32).chain([0xffff_fffe]).collect();
    fat.push(0xffff_fffe);
    fat.extend(std::iter::repeat_n(0xffff_fffd, fats));
    fat.resize(fats * 128, 0xffff_ffff);

    let mut header = vec![0; 512];
    header[..8].copy_from_slice(&crate::spreadsheet::compound::MAGIC);
    header[24..26].copy_from_slice(&0x3e_u16.to_le_bytes());
    header[26..28].copy_from_slice(&3_u16.to_le_bytes());
    header[28..30].copy_from_slice(&0xfffe_u16.to_le_bytes());
    header[30..32].copy_from_slice(&9_u16.to_le_bytes());
    header[32..34].copy_from_slice(&6_u16.to_le_bytes());
    header[44..48].copy_from_slice(&(fats as u32).to_le_bytes());
    header[48..52].copy_from_slice(&(directory as u32).to_le_bytes());
    header[56..60].copy_from_slice(&4_096_u32.to_le_bytes());
    header[60..64].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    header[68..72].copy_from_slice(&0xffff_fffe_u32.to_le_bytes());
    for place in 0..109 {
        let sector = if place < fats { (directory + 1 + place) as u32 } else { 0xffff_ffff };
        header[76 + place * 4..80 + place * 4].copy_from_slice(&sector.to_le_bytes());
    }
    let entry = |name: &str, kind: u8, start: u32, size: u32| {
        let mut entry = vec![0; 128];
        let text = wide(name);
        entry[..text.len()].copy_from_slice(&text);
        entry[64..66].copy_from_slice(&(text.len() as u16 + 2).to_le_bytes());
        entry[66] = kind;
        entry[116..120].copy_from_slice(&start.to_le_bytes());
        entry[120..124].copy_from_slice(&size.to_le_bytes());
        entry
    };
    let mut entries = [entry("Root Entry", 5, 0xffff_fffe, 0), entry(name, 2, 0, content.len() as u32)].concat();
    for other in others {
        entries.extend(entry(other, 2, 0xffff_fffe, 0));
    }
    entries.resize(512, 0);
    let fat: Vec<u8> = fat.iter().flat_map(|place| place.to_le_bytes()).collect();
    [header, content, entries, fat].concat()
}

/// A whole workbook.
pub(super) fn xls(sheets: &[(&str, bool, Vec<Vec<Xls>>)]) -> Vec<u8> {
    compound("Workbook", &stream(sheets, 8_000), &[])
}
