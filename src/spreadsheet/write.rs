//! Tables out, as CSV: RFC 4180 with CRLF, and never a live formula.

use std::borrow::Cow;

/// Whether a text begins with the byte-order mark, by which Excel knows UTF-8.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ByteOrderMark {
    /// With it: for people, who open the file in Excel.
    With,
    /// Without it: for programs.
    Without,
}

/// A cell that no spreadsheet program takes for a formula. What begins with `=`, `+`, `-`, `@`, a tab or a
/// line break, or with the full-width form of one of the signs, gets an apostrophe in front. A whole number
/// with a minus sign stays a number: differences in reports are to be added up.
#[must_use]
pub fn csv_safe(cell: &str) -> Cow<'_, str> {
    let live = cell.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']);
    let number = cell
        .strip_prefix('-')
        .is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|digit| digit.is_ascii_digit()));
    if live && !number { Cow::Owned(format!("'{cell}")) } else { Cow::Borrowed(cell) }
}

/// A table as CSV: the headings, then the rows, parted by commas, with CRLF behind each line. Every cell
/// goes through [`csv_safe`].
#[must_use]
pub fn table_to_csv<R, C, V>(headings: &[&str], rows: R, mark: ByteOrderMark) -> Vec<u8>
where
    R: IntoIterator<Item = C>,
    C: IntoIterator<Item = V>,
    V: AsRef<str>,
{
    let mut out = Vec::new();
    if mark == ByteOrderMark::With {
        out.extend_from_slice(b"\xef\xbb\xbf");
    }
    write_line(&mut out, headings.iter());
    for row in rows {
        write_line(&mut out, row.into_iter());
    }
    out
}

fn write_line<V: AsRef<str>>(out: &mut Vec<u8>, cells: impl Iterator<Item = V>) {
    let begin = out.len();
    for (place, cell) in cells.enumerate() {
        if place > 0 {
            out.push(b',');
        }
        let cell = csv_safe(cell.as_ref());
        // White space at an edge is quoted too, as some readers would trim it. So is a semicolon or a tab,
        // which a reader that guesses might take for the delimiter.
        let quoted = cell.contains([',', ';', '\t', '"', '\r', '\n']) || cell.trim() != cell;
        if quoted {
            out.push(b'"');
            out.extend_from_slice(cell.replace('"', "\"\"").as_bytes());
            out.push(b'"');
        } else {
            out.extend_from_slice(cell.as_bytes());
        }
    }
    if out.len() == begin {
        // A line with one empty cell would otherwise read as no line at all.
        out.extend_from_slice(b"\"\"");
    }
    out.extend_from_slice(b"\r\n");
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn no_cell_is_a_live_formula() {
        for (cell, safe) in [
            ("=1+1", "'=1+1"),
            ("+62812", "'+62812"),
            ("-1+1", "'-1+1"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t=1"),
            ("\r=1", "'\r=1"),
            ("＝1", "'＝1"),
            ("-", "'-"),
            ("-500000", "-500000"),
            ("RUMSINI", "RUMSINI"),
            ("", ""),
        ] {
            assert_eq!(csv_safe(cell), safe);
        }
    }

    #[test]
    fn a_table_is_written_as_rfc_4180_says() {
        let rows = [["SITI, A", "say \"hi\""], ["two\nlines", "=cmd|x"]];
        let text = table_to_csv(&["nama", "alasan"], rows, ByteOrderMark::With);
        assert_eq!(
            String::from_utf8(text).unwrap(),
            "\u{feff}nama,alasan\r\n\"SITI, A\",\"say \"\"hi\"\"\"\r\n\"two\nlines\",'=cmd|x\r\n"
        );
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back(rows in prop::collection::vec(prop::collection::vec("\\PC{0,12}|[,\"\r\n;=]{0,4}", 3), 0..6)) {
            let text = table_to_csv(&["a", "b", "c"], &rows, ByteOrderMark::Without);
            let mut reader = ::csv::Reader::from_reader(text.as_slice());
            let back: Vec<Vec<String>> = reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect();
            let safe: Vec<Vec<String>> = rows.iter().map(|row| row.iter().map(|cell| csv_safe(cell).into_owned()).collect()).collect();
            prop_assert_eq!(back, safe);
        }
    }
}
