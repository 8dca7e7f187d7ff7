//! Files of payments in: what a bank or the treasury hands over, as CSV or XLSX.
//!
//! Rows come out as texts, with the sum that the file itself states when it has a line `JUMLAH` or `TOTAL`.
//! What is wrong with a row is for the reader of the rows to find; what is wrong with the file is found here.

use std::io::Cursor;

use calamine::{Data, Reader as _, Xlsx};

use super::{Source, zip_weight};

/// The most payments of one file.
pub const PAYMENTS_MAX: usize = 10_000;

/// One line of a file of payments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentLine {
    /// Its row in the file, counted from 1.
    pub row: usize,
    /// The number of the order (SP2D).
    pub sp2d_no: String,
    /// The date.
    pub paid_on: String,
    /// The amount.
    pub amount: String,
    /// To whom.
    pub payee: String,
    /// The invoice that is paid.
    pub invoice_no: String,
}

/// A file of payments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PaymentFile {
    /// Its lines.
    pub lines: Vec<PaymentLine>,
    /// The sum that the file states, as it stands there.
    pub stated: Option<String>,
}

/// Reads a file of payments; a fault is a sentence on the whole file.
pub fn read_payments(bytes: &[u8]) -> Result<PaymentFile, String> {
    let rows = if bytes.starts_with(b"PK") { xlsx(bytes)? } else { csv(bytes)? };
    let Some((at, places)) = rows.iter().enumerate().take(30).find_map(|(at, row)| Some((at, heading(row)?))) else {
        return Err("no heading with the columns no_sp2d, tanggal and nilai".to_owned());
    };
    if let Some(twice) = rows.get(at).and_then(|row| doubled(row)) {
        return Err(format!("{twice}: two columns of one meaning"));
    }
    let mut file = PaymentFile::default();
    for (place, row) in rows.iter().enumerate().skip(at + 1) {
        let cell = |column: usize| {
            places.get(column).copied().flatten().and_then(|place| row.get(place)).map_or("", |text| text.trim())
        };
        if row.iter().all(|text| text.trim().is_empty()) {
            continue;
        }
        let sums = row.iter().any(|text| {
            let text = text.trim().to_lowercase();
            text == "jumlah" || text == "total" || text.starts_with("jumlah ") || text.starts_with("total ")
        });
        if sums {
            file.stated = Some(cell(2).to_owned());
            continue;
        }
        if file.lines.len() >= PAYMENTS_MAX {
            return Err(format!("more than {PAYMENTS_MAX} payments"));
        }
        file.lines.push(PaymentLine {
            row: place + 1,
            sp2d_no: cell(0).to_owned(),
            paid_on: cell(1).to_owned(),
            amount: cell(2).to_owned(),
            payee: cell(3).to_owned(),
            invoice_no: cell(4).to_owned(),
        });
    }
    if file.lines.is_empty() { Err("no payment in it".to_owned()) } else { Ok(file) }
}

const NAMES: [&[&str]; 5] = [
    &["nosp2d", "sp2d", "nomorsp2d"],
    &["tanggal", "tgl", "tanggalsp2d", "tglsp2d", "date"],
    &["nilai", "nilairupiah", "jumlahrp", "nominal", "amount", "nilairp"],
    &["penerima", "pihakketiga", "rekanan", "payee", "namapenerima"],
    &["nofaktur", "faktur", "noinvoice", "invoice", "nomorfaktur", "nomorinvoice", "notagihan"],
];

/// A heading as it is compared.
fn plain(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// The places of the columns, when the row is a heading: the first three have to be there.
fn heading(row: &[String]) -> Option<Vec<Option<usize>>> {
    let names: Vec<String> = row.iter().map(|text| plain(text)).collect();
    let places: Vec<Option<usize>> =
        NAMES.iter().map(|known| names.iter().position(|name| known.contains(&name.as_str()))).collect();
    places.iter().take(3).all(Option::is_some).then_some(places)
}

/// The heading of a second column for what another one holds already: which of the two is meant nobody knows.
fn doubled(row: &[String]) -> Option<&str> {
    let of = |text: &str| NAMES.iter().position(|known| known.contains(&plain(text).as_str()));
    let mut seen = Vec::new();
    row.iter()
        .find(|text| {
            let meaning = of(text);
            let twice = meaning.is_some() && seen.contains(&meaning);
            seen.push(meaning);
            twice
        })
        .map(|text| text.trim())
}

fn csv(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "no UTF-8, so save it as CSV UTF-8 or as XLSX".to_owned())?;
    let text = text.trim_start_matches('\u{feff}');
    // What is copied from a page of a treasury's program is parted by tabs.
    let count = |sign: char| text.lines().take(30).map(|line| line.matches(sign).count()).max().unwrap_or(0);
    let delimiter = match (count(';') > count(','), count('\t') > count(',').max(count(';'))) {
        (_, true) => b'\t',
        (true, false) => b';',
        (false, false) => b',',
    };
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records().take(PAYMENTS_MAX + 100) {
        let record = record.map_err(|fault| fault.to_string())?;
        rows.push(record.iter().take(64).map(str::to_owned).collect());
    }
    Ok(rows)
}

fn xlsx(bytes: &[u8]) -> Result<Vec<Vec<String>>, String> {
    // A workbook is weighed before anything unpacks it.
    zip_weight::weigh(Source::Bytes(Cursor::new(bytes.to_vec()))).map_err(|fault| fault.code().to_owned())?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|_| "not a workbook".to_owned())?;
    let range =
        book.worksheet_range_at(0).ok_or("no sheet in it")?.map_err(|_| "its sheet cannot be read".to_owned())?;
    Ok(range.rows().take(PAYMENTS_MAX + 100).map(|row| row.iter().take(64).map(text_of).collect()).collect())
}

fn text_of(cell: &Data) -> String {
    match cell {
        // A whole number that a double holds exactly is written without its point; any other with the comma that a
        // number has here, and is refused as an amount: its point never parts thousands.
        Data::Float(number) if number.fract() == 0.0 && number.abs() <= 9e15 => format!("{number:.0}"),
        Data::Float(number) => number.to_string().replace('.', ","),
        Data::DateTime(at) => {
            let (year, month, day, ..) = at.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_read_with_its_letterhead_its_semicolons_and_its_sum() {
        let text = "\u{feff}DINAS SOSIAL;;;;\n;;;;\nNo. SP2D;Tanggal;Nilai (Rp);Pihak Ketiga;No. Faktur\n\
            0451/LS/2026;20-11-2026;1.500.000;CV MAJU;INV 7\n;;;;\nJUMLAH;;1.500.000;;\n";
        let file = read_payments(text.as_bytes()).unwrap();
        assert_eq!(file.stated.as_deref(), Some("1.500.000"));
        assert_eq!(file.lines.len(), 1);
        let line = &file.lines[0];
        assert_eq!((line.row, line.sp2d_no.as_str(), line.invoice_no.as_str()), (4, "0451/LS/2026", "INV 7"));
    }

    #[test]
    fn a_workbook_gives_whole_numbers_and_days() {
        let mut book = rust_xlsxwriter::Workbook::new();
        let sheet = book.add_worksheet();
        for (place, name) in (0_u16..).zip(["no_sp2d", "tanggal", "nilai", "penerima", "no_faktur"]) {
            sheet.write_string(0, place, name).unwrap();
        }
        sheet.write_string(1, 0, "1").unwrap();
        let day = rust_xlsxwriter::ExcelDateTime::from_ymd(2026, 11, 20).unwrap();
        let format = rust_xlsxwriter::Format::new().set_num_format("yyyy-mm-dd");
        sheet.write_datetime_with_format(1, 1, day, &format).unwrap();
        sheet.write_number(1, 2, 9_000_000_000_000_000.0).unwrap();
        sheet.write_string(2, 0, "2").unwrap();
        sheet.write_number(2, 2, 1.234).unwrap();
        let file = read_payments(&book.save_to_buffer().unwrap()).unwrap();
        assert_eq!((file.lines[0].paid_on.as_str(), file.lines[0].amount.as_str()), ("2026-11-20", "9000000000000000"));
        assert_eq!(
            crate::domain::treasury::amount(&file.lines[1].amount),
            None,
            "a point in a number parts no thousands"
        );
    }

    #[test]
    fn tabs_part_columns_too_and_two_columns_for_one_thing_are_refused() {
        let file = read_payments(b"no_sp2d\ttanggal\tnilai\n1\t20-11-2026\t1.000\n").unwrap();
        assert_eq!((file.lines[0].paid_on.as_str(), file.lines[0].amount.as_str()), ("20-11-2026", "1.000"));
        let refused = read_payments(b"no_sp2d,tanggal,nilai,penerima,Nilai (Rp)\n1,2026-11-20,1000,CV,2000\n");
        assert_eq!(refused.unwrap_err(), "Nilai (Rp): two columns of one meaning");
    }

    #[test]
    fn what_is_no_such_file_is_refused_with_a_reason() {
        for bytes in [b"".as_slice(), b"a,b\n1,2\n", b"no_sp2d,tanggal,nilai\n", b"PK\x03\x04 nothing", b"\xff\xfe\x00"]
        {
            assert!(read_payments(bytes).is_err(), "{bytes:?}");
        }
    }
}
