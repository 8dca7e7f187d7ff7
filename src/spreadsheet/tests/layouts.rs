//! The files that offices have: P3KE by family and by person, DTSEN, a village's own list, in each format.

use super::biff::{Xls, text, xls};
use super::*;
use crate::domain::household::Eligibility;
use crate::domain::intake::Correction;

const DIRTY: &[u8] = include_bytes!("../../../tests/data/penerima-kotor.csv");

type Strings = Vec<Vec<String>>;

fn strings(rows: &[&[&str]]) -> Strings {
    rows.iter().map(|row| row.iter().map(|cell| (*cell).to_owned()).collect()).collect()
}

/// The same table as a file of each format.
fn in_each_format(table: &Strings) -> Vec<(&'static str, Vec<u8>)> {
    let csv: String = table.iter().map(|row| row.join(";") + "\r\n").collect();
    let old = table.iter().map(|row| row.iter().map(|cell| text(cell)).collect()).collect();
    vec![
        ("a.csv", csv.into_bytes()),
        ("a.xlsx", text_workbook(table)),
        ("a.xls", xls(&[("Lembar1", false, old)])),
        ("a.ods", opendocument::document(&[("Lembar1", false, opendocument::rows(table))])),
    ]
}

fn opened(name: &str, bytes: Vec<u8>) -> Rows {
    open(name, bytes, &Choice::default()).unwrap_or_else(|fault| panic!("{name}: {fault}"))
}

fn codes(checked: &Checked) -> Vec<&'static str> {
    checked.findings.iter().map(|finding| finding.kind.code()).collect()
}

fn found(rows: &[RawRow]) -> Vec<(u32, bool, Vec<&'static str>)> {
    let checked = examine(rows);
    rows.iter()
        .zip(&checked)
        .map(|(row, checked)| (row.number, checked.particulars.is_some(), codes(checked)))
        .collect()
}

#[test]
fn each_row_of_the_dirty_file_has_its_verdict() {
    let rows = csv(DIRTY).unwrap();
    assert_eq!((rows.header_row, rows.kind), (5, FileKind::Csv { delimiter: ';', windows_1252: false }));
    assert_eq!(rows.ignored_columns, Vec::<String>::new());
    let rows = all(Ok(rows));
    let verdicts: &[(u32, bool, &[&str])] = &[
        (6, false, &["nik_scientific"]),
        (7, true, &[]),
        (8, false, &["nik_length", "birth_date_from_serial"]),
        (9, true, &[]),
        (10, true, &[]),
        (11, false, &["nik_zeroed", "civil_match_no"]),
        (12, true, &[]),
        (13, true, &["sex_differs_from_nik"]),
        (14, true, &["nik_missing"]),
        (15, false, &["source_id_doubled", "nik_doubled"]),
        (16, false, &["nik_letters"]),
    ];
    let verdicts: Vec<_> = verdicts.iter().map(|(row, good, codes)| (*row, *good, codes.to_vec())).collect();
    assert_eq!(found(&rows), verdicts);

    let checked = examine(&rows);
    assert_eq!(checked[10].findings[0].seen, "64O2********0010 → 6402 **** **** 0010");
    assert_eq!(checked[9].findings[0].first_row, Some(7));
    let born = |row: usize| checked[row].particulars.as_ref().unwrap().birth_date.unwrap();
    assert_eq!(born(1), jiff::civil::date(1948, 11, 3));
    assert_eq!(born(3), jiff::civil::date(1962, 12, 25));
    assert_eq!(born(6), jiff::civil::date(1967, 9, 30));
    assert_eq!(born(7), jiff::civil::date(1954, 3, 8));
}

/// A file of P3KE by family: letterhead, headings in row 13, houses and assets beside.
fn p3ke_by_family() -> Strings {
    let mut table = vec![vec![String::new(); 33]; 12];
    table[0][0] = "PEMERINTAH KABUPATEN KUTAI KARTANEGARA".into();
    table[1][0] = "DATA PENSASARAN PERCEPATAN PENGHAPUSAN KEMISKINAN EKSTREM".into();
    table[2][0] = "KECAMATAN TENGGARONG TAHUN 2023".into();
    table[9][2] = "Keluarga".into();
    let headings = "ID Keluarga (P3KE)|Provinsi|Kabupaten|Kecamatan|Desa|Kode Kemdagri|Desil Kesejahteraan|Alamat|Kepala Keluarga|NIK|\
        Padan Dukcapil|Jenis Kelamin|Tanggal Lahir|Pekerjaan|Pendidikan|Kepemilikan Rumah|Memiliki Simpanan Uang/Perhiasan/Ternak/Lainnya|\
        Jenis Atap|Jenis Dinding|Jenis Lantai|Sumber Penerangan|Bahan Bakar Memasak|Sumber Air Minum|Memiliki Fasilitas Buang Air Besar|\
        Penerima BPNT|BPUM|BST|PKH|SEMBAKO|Resiko Stunting|Pensasaran|nama_perbaikan|NIK_perbaikan";
    table.push(headings.split('|').map(str::to_owned).collect());
    let house = "PETANI|SD|Milik sendiri|Tidak|Seng|Kayu|Kayu|PLN|Gas|Sungai|Tidak|TIDAK|TIDAK|YA|TIDAK|YA|TIDAK|1";
    for (id, name, nik, sex, born, padan, mended) in [
        ("1640206000000001", "NUR'AINI", "6402994205510001", "Perempuan", "1951/05/02 0:00:00", "Ya", ("", "")),
        ("1640206000000002", "M. SA'AD / UCU", "6402990311480002", "LAKI-LAKI", "1948/11/03 0:00:00", "YA", ("", "")),
        (
            "1640206000000003",
            "O",
            "640299110755001",
            "Laki-Laki",
            "1955/07/11 0:00:00",
            "Tidak",
            ("ODANG", "6402991107550013"),
        ),
    ] {
        let row = format!(
            "{id}|KALIMANTAN TIMUR|KUTAI KARTANEGARA|TENGGARONG|LOA IPUH|6402061002|Desil 1|JL. CONTOH|{name}|{nik}|{padan}|{sex}|{born}|{house}|{}|{}",
            mended.0, mended.1
        );
        table.push(row.split('|').map(str::to_owned).collect());
    }
    let mut total = vec![String::new(); 33];
    (total[7], total[8]) = ("JUMLAH".into(), "3".into());
    table.push(total);
    let mut signature = vec![String::new(); 33];
    signature[8] = "KEPALA DINAS SOSIAL".into();
    table.push(signature);
    table
}

#[test]
fn p3ke_by_family_is_read_in_each_format() {
    for (name, bytes) in in_each_format(&p3ke_by_family()) {
        let rows = opened(name, bytes);
        assert_eq!(rows.header_row, 13, "{name}");
        assert_eq!(rows.columns.len(), 11, "{name}: {:?}", rows.columns);
        assert_eq!(rows.headings.len(), 13, "{name}");
        assert_eq!(rows.ignored_columns.len(), 20, "{name}: {:?}", rows.ignored_columns);
        assert!(rows.ignored_columns.contains(&"Resiko Stunting".to_owned()), "{name}");
        let rows = all(Ok(rows));
        assert_eq!(
            found(&rows),
            [(14, true, vec![]), (15, true, vec![]), (16, true, vec!["civil_match_no"])],
            "{name}"
        );
        let checked = examine(&rows);
        let third = checked[2].particulars.as_ref().unwrap();
        assert_eq!((third.name.as_str(), third.nik.unwrap().digits()), ("ODANG", "6402991107550013"), "{name}");
        assert_eq!((third.village_code.as_str(), third.decile), ("64.02.06.1002", Some(1)), "{name}");
        let kept = |column, original: &str, corrected: &str| Correction {
            column,
            original: original.to_owned(),
            corrected: corrected.to_owned(),
        };
        assert_eq!(
            checked[2].corrections,
            [kept(Column::Name, "O", "ODANG"), kept(Column::Nik, "640299110755001", "6402991107550013")],
            "{name}"
        );
        assert_eq!(format!("{:?}", checked[2].corrections), "[nama_penerima corrected, nik corrected]");
    }
}

#[test]
fn p3ke_by_person_gives_a_household_for_each_head() {
    let table = strings(&[
        &["DATA INDIVIDU P3KE"],
        &[
            "ID Keluarga (P3KE)",
            "ID Individu",
            "Kecamatan",
            "Desa",
            "Kepala Keluarga",
            "Nama",
            "NIK",
            "Hubungan dengan Kepala Keluarga",
            "Jenis Kelamin",
            "Tanggal Lahir",
            "Status Kawin",
            "Usia <7",
        ],
        &[
            "F-1",
            "I-1",
            "TABANG",
            "UMAQ TUKUNG",
            "YOHANES",
            "MARTHA",
            "6402996210600009",
            "Istri/Suami",
            "Perempuan",
            "1960/10/22 0:00:00",
            "Kawin",
            "TIDAK",
        ],
        &[
            "F-1",
            "I-2",
            "TABANG",
            "UMAQ TUKUNG",
            "YOHANES",
            "YOHANES",
            "6402991708550003",
            "Kepala Keluarga/KRT",
            "Laki-laki",
            "1955/08/17 0:00:00",
            "Kawin",
            "TIDAK",
        ],
        &[
            "F-1",
            "I-3",
            "TABANG",
            "UMAQ TUKUNG",
            "YOHANES",
            "LAHANG",
            "6402991708990003",
            "Anak",
            "Laki-laki",
            "1999/08/17 0:00:00",
            "Belum",
            "TIDAK",
        ],
        &[
            "F-2",
            "I-4",
            "TABANG",
            "UMAQ TUKUNG",
            "PARTINEM",
            "PARTINEM",
            "6402994101490005",
            "Kepala Keluarga",
            "Perempuan",
            "1949/01/01 0:00:00",
            "Cerai",
            "TIDAK",
        ],
        &[
            "F-3",
            "I-5",
            "TABANG",
            "UMAQ TUKUNG",
            "UNKNOWN",
            "SITI",
            "6402994101790006",
            "Istri",
            "Perempuan",
            "1979/01/01 0:00:00",
            "Kawin",
            "TIDAK",
        ],
        &[
            "F-3",
            "I-6",
            "TABANG",
            "UMAQ TUKUNG",
            "UNKNOWN",
            "BUDI",
            "6402990101990007",
            "Anak",
            "Laki-laki",
            "1999/01/01 0:00:00",
            "Belum",
            "TIDAK",
        ],
    ]);
    for (name, bytes) in in_each_format(&table) {
        let mut rows = opened(name, bytes);
        let read: Vec<RawRow> = rows.by_ref().map(Result::unwrap).collect();
        assert_eq!(rows.members_left_out(), 3, "{name}");
        assert_eq!(found(&read), [(4, true, vec![]), (6, true, vec![]), (7, false, vec!["head_missing"])], "{name}");
        let first = examine(&read).remove(0).particulars.unwrap();
        assert_eq!((first.source_id.as_str(), first.name.as_str()), ("F-1", "YOHANES"), "{name}");
    }
}

#[test]
fn a_table_of_dtsen_is_read() {
    let table = strings(&[
        &[
            "id_keluarga",
            "nomor_kartu_keluarga",
            "nomor_induk_kependudukan",
            "nama_kepala_keluarga",
            "desil_nasional",
            "nama_kecamatan",
            "nama_kelurahan",
            "kode_kemendagri",
            "alamat",
            "jumlah_anggota_keluarga",
            "status_dtks",
        ],
        &[
            "D-1",
            "6402990503190001",
            "6402995205510001",
            "RUMSINI",
            "1",
            "TENGGARONG",
            "LOA IPUH",
            "64.02.06.1002",
            "JL. CONTOH",
            "3",
            "YA",
        ],
        &[
            "D-2",
            "6402991107140002",
            "6402990311480002",
            "ABDUL HAMID",
            "2",
            "MUARA WIS",
            "MUARA ENGGELAM",
            "64.02.18.2007",
            "",
            "1",
            "YA",
        ],
    ]);
    for (name, bytes) in in_each_format(&table) {
        let rows = opened(name, bytes);
        assert_eq!(rows.ignored_columns, ["jumlah_anggota_keluarga", "status_dtks"], "{name}");
        let rows = all(Ok(rows));
        assert_eq!(found(&rows), [(2, true, vec![]), (3, true, vec![])], "{name}");
        assert_eq!(examine(&rows)[1].particulars.as_ref().unwrap().decile, Some(2));
    }
}

#[test]
fn what_verification_added_is_read() {
    let table = strings(&[
        &[
            "ID Keluarga",
            "NIK",
            "Nama",
            "Desa",
            "Kecamatan",
            "nomor_KK",
            "prioritas_verval",
            "VERVAL_memenuhi_kriteria",
            "VERVAL_alasan_tidak_memenuhi",
            "status_keberadaan_target",
            "ID_DTKS",
        ],
        &["F-1", "", "RUMSINI", "LOA IPUH", "TENGGARONG", "6402990503190001", "1", "YA", "", "Ditemukan", "X"],
        &[
            "F-2",
            "",
            "PARTINEM",
            "LOA IPUH",
            "TENGGARONG",
            "6402990503190002",
            "1",
            "Tidak",
            "Sudah mampu",
            "Pindah",
            "X",
        ],
    ]);
    let rows = all(csv(table.iter().map(|row| row.join(";") + "\n").collect::<String>()));
    let checked = examine(&rows);
    assert_eq!(codes(&checked[1]), ["nik_missing", "presence_gone"]);
    let household = |row: usize| checked[row].particulars.as_ref().unwrap();
    assert_eq!(household(0).eligibility, Eligibility::Eligible);
    assert_eq!(household(1).eligibility, Eligibility::NotEligible);
    assert_eq!(household(1).note, "alasan: Sudah mampu; keberadaan: Pindah");
    assert_eq!(household(0).family_card.unwrap().tail(), "0001");
}

#[test]
fn an_old_workbook_is_read_by_value() {
    let headings = "id_sumber,nik,nama_penerima,desa_kelurahan,kecamatan,tanggal_lahir,rt,alamat";
    let heading: Vec<Xls> = headings.split(',').map(text).collect();
    let row = vec![
        text("A-1"),
        Xls::Number(6_402_995_205_510_010.0),
        Xls::Formula("RUMSINI".into()),
        text("LOA IPUH"),
        text("TENGGARONG"),
        Xls::Day(18_760.0),
        Xls::Number(14.0),
        Xls::Failed,
    ];
    let bytes = xls(&[
        ("Catatan", false, vec![vec![text("Catatan")]]),
        ("Rahasia", true, vec![heading.clone()]),
        ("Daftar", false, vec![heading, row]),
    ]);
    let rows = opened("a.xls", bytes);
    assert_eq!((rows.kind, rows.sheet.as_deref()), (FileKind::Xls, Some("Daftar")));
    let rows = all(Ok(rows));
    let cell = |column| rows[0].cell(column).map(|cell| (cell.text.as_str(), cell.form)).unwrap();
    assert_eq!(cell(Column::Nik), ("6402995205510010", CellForm::Number));
    assert_eq!(cell(Column::Name), ("RUMSINI", CellForm::Text));
    assert_eq!(cell(Column::BirthDate), ("1951-05-12", CellForm::Date));
    assert_eq!(cell(Column::Rt), ("14", CellForm::Number));
    assert_eq!(found(&rows), [(2, false, vec!["nik_as_number", "formula_error"])]);
}

#[test]
fn texts_of_an_old_workbook_run_across_records() {
    let mut table = vec![HEADINGS.trim_end().split(',').map(text).collect::<Vec<_>>()];
    let names: Vec<String> =
        (0..40).map(|row| format!("{} {row}", if row % 2 == 0 { "NURHAYATI" } else { "ŁUKASZ" })).collect();
    for (row, name) in names.iter().enumerate() {
        table.push([&format!("A-{row}"), "", name.as_str(), "LOA IPUH", "TENGGARONG"].map(text).to_vec());
    }
    for most in [20, 21, 50, 8_000] {
        let bytes = biff::compound("Workbook", &biff::stream(&[("Daftar", false, table.clone())], most), &[]);
        assert_eq!(texts(&all(open("a.xls", bytes, &Choice::default())), Column::Name), names, "{most}");
    }
}

#[test]
fn an_open_document_is_read_by_value() {
    let headings: Vec<String> = "id_sumber,nik,nama_penerima,desa_kelurahan,kecamatan,tanggal_lahir"
        .split(',')
        .map(opendocument::cell)
        .collect();
    let date = "<table:table-cell office:value-type=\"date\" office:date-value=\"1951-05-12T00:00:00\"><text:p>12/05/51</text:p></table:table-cell>";
    let number = "<table:table-cell office:value-type=\"float\" office:value=\"6.40299520551001E+15\"><text:p>6,40E+15</text:p></table:table-cell>";
    let name = "<table:table-cell office:value-type=\"string\"><office:annotation><text:p>catatan</text:p></office:annotation><text:p>SITI<text:s/>&amp; <text:span>NUR</text:span></text:p></table:table-cell>";
    let row = opendocument::row(&[opendocument::cell("A-1"), number.into(), name.into(), "<table:table-cell table:number-columns-repeated=\"2\" office:value-type=\"string\"><text:p>LOA IPUH</text:p></table:table-cell>".into(), date.into()]);
    let gap = "<table:table-row table:number-rows-repeated=\"7\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let end = "<table:table-row table:number-rows-repeated=\"1048000\"><table:table-cell table:number-columns-repeated=\"16384\"/></table:table-row>";
    let bytes = opendocument::document(&[
        ("Lama", true, opendocument::row(&headings)),
        ("Daftar", false, opendocument::row(&headings) + gap + &row + end),
    ]);
    let rows = opened("a.ods", bytes);
    assert_eq!((rows.kind, rows.sheet.as_deref()), (FileKind::Ods, Some("Daftar")));
    let rows = all(Ok(rows));
    assert_eq!(rows[0].number, 9);
    let cell = |column| rows[0].cell(column).map(|cell| (cell.text.as_str(), cell.form)).unwrap();
    assert_eq!(cell(Column::Nik), ("6402995205510010", CellForm::Number));
    assert_eq!(cell(Column::Name), ("SITI & NUR", CellForm::Text));
    assert_eq!(cell(Column::SubDistrict), ("LOA IPUH", CellForm::Text));
    assert_eq!(cell(Column::BirthDate), ("1951-05-12T00:00:00", CellForm::Date));
}

#[test]
fn headings_in_merged_cells_and_a_row_of_numbers_below_them() {
    let mut book = strings(&[
        &["DAFTAR KPM", "", "", "", "", "", ""],
        &["NO", "ID KPM", "IDENTITAS", "", "", "TEMPAT TINGGAL", ""],
        &["", "", "NAMA", "NIK", "L/P", "DESA", "KEC."],
        &["(1)", "(2)", "(3)", "(4)", "(5)", "(6)", "(7)"],
        &["1", "A-1", "RUMSINI", "6402995205510001", "P", "LOA IPUH", "TENGGARONG"],
        &["NO", "ID KPM", "NAMA", "NIK", "L/P", "DESA", "KEC."],
        &["2", "A-2", "HASAN", "6402990311480002", "L", "LOA IPUH", "TENGGARONG"],
    ]);
    book.push(strings(&[&["", "", "TOTAL", "2", "", "", ""]]).remove(0));
    book.push(strings(&[&["", "", "Mengetahui,", "", "", "Kepala Desa", ""]]).remove(0));
    for (name, bytes) in in_each_format(&book) {
        let rows = opened(name, bytes);
        assert_eq!(rows.header_row, 3, "{name}");
        assert_eq!(found(&all(Ok(rows))), [(5, true, vec![]), (7, true, vec![])], "{name}");
    }
}

#[test]
fn real_names_are_not_refused() {
    for name in [
        "NUR'AINI",
        "O",
        "A.",
        "M. SA'AD / UCU",
        "SITI (JANDA)",
        "I GUSTI NGURAH",
        "D'ARC",
        "Ny. Ati",
        "ABDUL-KARIM",
        "H.M. ARSYAD, S.Pd",
        "ÉTIENNE",
        "MARTHA 2",
        "L. LAHANG @ UCOK",
    ] {
        let rows =
            all(csv(format!("id_sumber;nik;nama_penerima;desa_kelurahan;kecamatan\nA;6402995205510001;{name};B;C\n")));
        assert_eq!(found(&rows), [(2, true, vec![])], "{name}");
        assert_eq!(examine(&rows)[0].particulars.as_ref().unwrap().name, name);
    }
}
