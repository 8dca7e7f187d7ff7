//! The template that an office fills in, and the file of rejected rows that it mends.

use rust_xlsxwriter::{Format, FormatBorder, Workbook, XlsxError};

use super::super::{ByteOrderMark, ROWS_MAX, table_to_csv};
use super::{text_format, write_texts};
use crate::domain::intake::Column;

/// The heading of the reasons. A column of this name is left out when the file comes back.
const REASON: &str = "alasan";

/// What a column is, for the second sheet of the template: what stands in it, whether it is due, examples.
const fn explained(column: Column) -> (&'static str, &'static str, &'static str, &'static str) {
    match column {
        Column::Number => ("Nomor urut baris.", "boleh kosong", "1", "2"),
        Column::SourceId => (
            "ID keluarga dari P3KE, DTSEN atau daftar asal. Tidak boleh ada yang sama.",
            "wajib",
            "CONTOH-000001",
            "CONTOH-000002",
        ),
        Column::FamilyCard => {
            ("Nomor Kartu Keluarga, 16 digit.", "boleh kosong", "6402990503190001", "6402991107140002")
        }
        Column::Nik => (
            "NIK penerima, 16 digit. Kosongkan bila belum punya KTP; jangan diisi nol.",
            "wajib ada kolomnya",
            "6402995205510001",
            "",
        ),
        Column::Name => ("Nama penerima seperti di KTP.", "wajib", "RUMSINI", "ABDUL HAMID"),
        Column::Sex => ("L untuk laki-laki, P untuk perempuan.", "boleh kosong", "P", "L"),
        Column::BirthDate => {
            ("Tanggal lahir: tahun-bulan-hari, atau hari/bulan/tahun.", "boleh kosong", "1951-05-12", "03/11/1948")
        }
        Column::Relation => (
            "Hubungan dengan kepala keluarga. Satu baris untuk satu keluarga.",
            "boleh kosong",
            "KEPALA KELUARGA",
            "KEPALA KELUARGA",
        ),
        Column::Address => ("Jalan, gang atau dusun.", "boleh kosong", "JL. CONTOH MAWAR NO. 3", "RUMAH APUNG"),
        Column::Rt => ("RT, tiga angka.", "boleh kosong", "014", "002"),
        Column::VillageCode => {
            ("Kode desa Kemendagri, bukan kode BPS.", "boleh kosong", "64.02.06.1002", "64.02.18.2007")
        }
        Column::Village => ("Nama desa atau kelurahan tempat tinggal sekarang.", "wajib", "LOA IPUH", "MUARA ENGGELAM"),
        Column::SubDistrict => ("Nama kecamatan tempat tinggal sekarang.", "wajib", "TENGGARONG", "MUARA WIS"),
        Column::Decile => ("Desil kesejahteraan, 1 (termiskin) sampai 10.", "boleh kosong", "1", "1"),
        Column::CivilMatch => ("Apakah NIK padan dengan Dukcapil: YA atau TIDAK.", "boleh kosong", "YA", "TIDAK"),
        Column::Eligibility => {
            ("Hasil verval: LAYAK atau TIDAK LAYAK. Kosongkan bila belum diputuskan.", "boleh kosong", "LAYAK", "")
        }
        Column::Vulnerability => (
            "LANSIA, DISABILITAS, SAKIT, HAMIL, TINGGAL SENDIRI; lebih dari satu dipisah tanda |.",
            "boleh kosong",
            "LANSIA",
            "LANSIA|DISABILITAS",
        ),
        Column::Point => ("Kode titik distribusi, bila sudah ditentukan.", "boleh kosong", "", ""),
        Column::Session => ("Nomor sesi di titik itu, 1 sampai 99.", "boleh kosong", "", ""),
        Column::Package => ("Kode paket, bila berbeda dari paket tahapnya.", "boleh kosong", "", ""),
        Column::Note => ("Catatan singkat.", "boleh kosong", "", "antar ke rumah"),
        Column::EligibilityReason => ("Alasan tidak layak.", "boleh kosong", "", ""),
        Column::Presence => ("Hasil pencarian keluarga di lapangan.", "boleh kosong", "", ""),
    }
}

/// The template: a sheet with the headings whose columns are all of text, so that no spreadsheet program
/// makes a number of a NIK, and a sheet that explains each of them with two made-up examples.
pub fn template_xlsx() -> Result<Vec<u8>, String> {
    build_template().map_err(|error| error.to_string())
}

fn build_template() -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (text, bold) = (text_format(), heading_format());
    let sheet = book.add_worksheet();
    sheet.set_name("Daftar")?;
    for (place, column) in (0_u16..).zip(Column::template()) {
        sheet.set_column_format(place, &text)?;
        sheet.set_column_width(place, width(column.heading()))?;
        sheet.write_string_with_format(0, place, column.heading(), &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let help = book.add_worksheet();
    help.set_name("Petunjuk")?;
    let lines =
        ["Kolom pada lembar Daftar", "Isi", "Keharusan", "Contoh 1 (bukan data asli)", "Contoh 2 (bukan data asli)"];
    for (place, line) in (0_u16..).zip(lines) {
        help.write_string_with_format(0, place, line, &bold)?;
    }
    for (row, column) in (1_u32..).zip(Column::template()) {
        let (meaning, due, first, second) = explained(*column);
        for (place, cell) in (0_u16..).zip([column.heading(), meaning, due, first, second]) {
            help.write_string_with_format(row, place, cell, &text)?;
        }
    }
    for (place, width) in (0_u16..).zip([22, 70, 20, 26, 26]) {
        help.set_column_width(place, width)?;
    }
    help.set_freeze_panes(1, 0)?;
    book.save_to_buffer()
}

fn heading_format() -> Format {
    text_format().set_bold().set_background_color(0x00E8_EEF4).set_border_bottom(FormatBorder::Thin)
}

fn width(heading: &str) -> u16 {
    match heading {
        "no" | "rt" | "desil" | "sesi" => 6,
        "nama_penerima" | "alamat" | "keterangan" | "alasan" => 30,
        _ => 18,
    }
}

/// Rows as they were given, each with the reason behind it, as a workbook to be mended and uploaded again.
/// All cells are texts. `headings` are those of the cells; a reason of several sentences stands in one cell.
pub fn alasan_xlsx<R>(headings: &[String], rows: R) -> Result<Vec<u8>, String>
where
    R: IntoIterator<Item = (Vec<String>, String)>,
{
    build_reasons(headings, rows.into_iter()).map_err(|error| error.to_string())
}

fn build_reasons(headings: &[String], rows: impl Iterator<Item = (Vec<String>, String)>) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let (text, bold) = (text_format(), heading_format());
    let sheet = book.add_worksheet();
    sheet.set_name("Daftar")?;
    let own = headings.iter().map(String::as_str).chain([REASON]);
    for (place, heading) in (0_u16..).zip(own) {
        sheet.set_column_format(place, &text)?;
        sheet.set_column_width(place, width(heading))?;
    }
    sheet.set_freeze_panes(1, 0)?;
    let own = headings.iter().map(String::as_str).chain([REASON]);
    write_texts(sheet, 0, own, &bold)?;
    for (row, (cells, reason)) in (1..=ROWS_MAX).zip(rows) {
        let cells = (0..headings.len()).map(|place| cells.get(place).map_or("", String::as_str));
        write_texts(sheet, row, cells.chain([reason.as_str()]), &text)?;
    }
    book.save_to_buffer()
}

/// The same as CSV. A long number gets an apostrophe in front, by which a spreadsheet program leaves it
/// alone; it is read past when the file comes back.
pub fn alasan_csv<R>(headings: &[String], rows: R) -> Vec<u8>
where
    R: IntoIterator<Item = (Vec<String>, String)>,
{
    let own: Vec<&str> = headings.iter().map(String::as_str).chain([REASON]).collect();
    let width = headings.len();
    let rows = rows.into_iter().map(|(mut cells, reason)| {
        cells.resize(width, String::new());
        for cell in &mut cells {
            if cell.len() >= 12 && cell.bytes().all(|digit| digit.is_ascii_digit()) {
                cell.insert(0, '\'');
            }
        }
        cells.push(reason);
        cells
    });
    table_to_csv(&own, rows, ByteOrderMark::With)
}
