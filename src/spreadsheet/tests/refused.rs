//! Files that are refused as a whole.

use super::*;

pub(super) fn zip_of(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut writer = ::zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in parts {
        writer.start_file(*name, ::zip::write::SimpleFileOptions::default()).unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// The parts of a workbook, one of them replaced or added.
pub(super) fn rebuilt(workbook: &[u8], name: &str, bytes: &[u8]) -> Vec<u8> {
    let mut archive = ZipArchive::new(Cursor::new(workbook)).unwrap();
    let mut parts: Vec<(String, Vec<u8>)> = Vec::new();
    for place in 0..archive.len() {
        let mut part = archive.by_index(place).unwrap();
        let mut content = Vec::new();
        part.read_to_end(&mut content).unwrap();
        let part_name = part.name().unwrap().into_owned();
        parts.push((part_name, content));
    }
    parts.retain(|(part, _)| part != name);
    parts.push((name.to_owned(), bytes.to_vec()));
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect();
    zip_of(&parts)
}

#[test]
fn a_file_that_is_no_list_gets_its_own_fault() {
    let clean = text_workbook(&sample_table());
    let compound = |inside: &str| {
        let mut bytes = vec![0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1];
        bytes.resize(70_000, 0);
        bytes.extend(inside.encode_utf16().flat_map(u16::to_le_bytes));
        bytes.resize(90_000, 0);
        bytes
    };
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("a.csv", "file_empty", Vec::new()),
        ("a.csv", "file_empty", b"\xef\xbb\xbf \r\n\n".to_vec()),
        ("a.csv", "file_no_rows", HEADINGS.into()),
        ("a.csv", "file_no_rows", format!("{HEADINGS},,,,\n,,JUMLAH,0,\n").into()),
        ("a.csv", "file_no_header", b"satu,dua\n1,2\n".to_vec()),
        ("a.csv", "file_missing_columns", b"id_sumber,nama_penerima,kecamatan\nA,B,C\n".to_vec()),
        ("a.csv", "file_doubled_column", b"id_sumber,nik,nik,nama_penerima,desa_kelurahan,kecamatan\nA\n".to_vec()),
        ("a.csv", "file_unclosed_quote", format!("{HEADINGS}A,,\"RUMSINI,LOA IPUH,TENGGARONG\n").into()),
        (
            "a.csv",
            "file_unclosed_quote",
            format!("{HEADINGS}A,,\"RUMSINI,LOA IPUH\n{}", "B,,,,\n".repeat(30_000)).into(),
        ),
        ("a.csv", "file_nul_bytes", format!("{HEADINGS}A,,RUM\0SINI,LOA IPUH,TENGGARONG\n").into()),
        ("a.csv", "file_cell_too_long", format!("{HEADINGS}A,,{},B,C\n", "A".repeat(70_000)).into()),
        ("a.csv", "file_too_many_columns", format!("{HEADINGS}A{}\n", ",".repeat(10_000)).into()),
        ("a.csv", "file_utf16", b"\xff\xfei\0d\0".to_vec()),
        ("a.csv", "file_not_a_spreadsheet", b"%PDF-1.7\n".to_vec()),
        ("a.xls", "file_not_a_spreadsheet", b"  <html><table>".to_vec()),
        ("a.csv", "file_not_a_spreadsheet", (1..=255).collect()),
        ("a.xlsx", "file_damaged", b"id_sumber,apa saja\n".to_vec()),
        ("a.xlsx", "file_damaged", (1..=255).collect()),
        ("a.xlsx", "file_damaged", clean[..clean.len() / 2].to_vec()),
        ("a.xls", "file_damaged", compound("Workbook")),
        ("a.xlsx", "file_protected", compound("EncryptedPackage")),
        ("a.xlsx", "file_with_macros", rebuilt(&clean, "xl/vbaProject.bin", b"macro")),
        (
            "a.xlsx",
            "file_damaged",
            rebuilt(&clean, "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r=\"1\"><c r=\"A1\""),
        ),
        (
            "a.xlsx",
            "file_damaged",
            rebuilt(
                &clean,
                "xl/worksheets/sheet1.xml",
                b"<worksheet><sheetData><row><c r=\"AAAAAAAAAAAAAAAAAA1\"><v>1</v></c></row></sheetData></worksheet>",
            ),
        ),
        // A row without end: its cells say that each is the first.
        (
            "a.xlsx",
            "file_damaged",
            rebuilt(
                &clean,
                "xl/worksheets/sheet1.xml",
                &[b"<worksheet><sheetData>".as_slice(), &b"<row r=\"1\"><c r=\"A1\"><v>1</v></c></row>".repeat(20_000)]
                    .concat(),
            ),
        ),
        (
            "a.ods",
            "file_no_header",
            zip_of(&[("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<x/>")]),
        ),
        ("a.xlsb", "file_other_spreadsheet", zip_of(&[("[Content_Types].xml", b"<x/>"), ("xl/workbook.bin", b"x")])),
        ("a.zip", "file_not_a_spreadsheet", zip_of(&[("foto.jpg", b"x")])),
        (
            "a.docx",
            "file_not_a_spreadsheet",
            zip_of(&[("[Content_Types].xml", b"<x/>"), ("word/document.xml", b"<x/>")]),
        ),
        ("a.xlsx", "file_no_header", text_workbook(&[vec!["satu".into(), "dua".into()]])),
        ("a.xlsx", "file_no_rows", text_workbook(&sample_table()[..1])),
        (
            "a.xlsx",
            "file_missing_columns",
            text_workbook(&[vec!["id_sumber".into(), "nik".into(), "nama_penerima".into()]]),
        ),
    ];
    for (name, code, bytes) in cases {
        let start = String::from_utf8_lossy(&bytes[..bytes.len().min(40)]).into_owned();
        let fault = open(name, bytes, &Choice::default()).map(|rows| rows.kind).expect_err(&start);
        assert_eq!(fault.code(), code, "{name} {start:?}");
        for language in [Language::Id, Language::En] {
            assert!(fault.message(language).ends_with('.'), "{fault:?}");
        }
    }
}

#[test]
fn faults_name_what_is_missing_and_where() {
    let fault = csv("id_sumber,nama_penerima,kecamatan\nA,B,C\n").unwrap_err();
    assert_eq!(fault, FileFault::MissingColumns(vec![Column::Nik, Column::Village]));
    assert_eq!(
        fault.message(Language::Id),
        "Kolom wajib tidak ada: nik, desa_kelurahan. Tunjukkan kolomnya, atau tambahkan lalu unggah lagi."
    );
    let text = format!("{HEADINGS}A,,\"two\nlines\",B,C\nA,,\"RUMSINI,B,C\n{HEADINGS}");
    assert_eq!(csv(text).unwrap_err(), FileFault::UnclosedQuote { line: 4 });
}

#[test]
fn a_zip_bomb_is_refused_quickly_and_without_memory() {
    let clean = text_workbook(&sample_table());
    let begun = Instant::now();
    // 200 MB of empty shared texts in some 200 KB.
    let bomb = rebuilt(&clean, "xl/sharedStrings.xml", &b"<si><t>a</t></si>   ".repeat(10_000_000));
    assert!(bomb.len() < 2_000_000);
    assert_eq!(xlsx(bomb).unwrap_err(), FileFault::TooMuchInside);
    // One text of 40 MB within a sheet, which a reader of XML would hold at once.
    let text = [b"<worksheet><sheetData>".as_slice(), &b" ".repeat(40_000_000)].concat();
    assert_eq!(xlsx(rebuilt(&clean, "xl/worksheets/sheet1.xml", &text)).unwrap_err(), FileFault::TooMuchInside);
    assert!(begun.elapsed().as_secs() < 60);
}

#[test]
fn a_directory_that_lies_about_its_size_does_not_help_a_bomb() {
    let clean = text_workbook(&sample_table());
    let name = b"xl/sharedStrings.xml";
    let mut bomb = rebuilt(&clean, "xl/sharedStrings.xml", &b"<si><t>a</t></si>   ".repeat(10_000_000));
    let length = bomb.len();
    for place in 0..length - 4 {
        if bomb[place..].starts_with(b"PK\x01\x02") && bomb[place + 46..].starts_with(name) {
            bomb[place + 24..place + 28].copy_from_slice(&100_u32.to_le_bytes());
        }
    }
    assert!(matches!(xlsx(bomb), Err(FileFault::TooMuchInside | FileFault::Damaged)));
}

#[test]
fn too_many_parts_are_refused_before_they_are_listed() {
    let parts: Vec<(String, &[u8])> = (0..5_000).map(|part| (format!("xl/{part}"), &b""[..])).collect();
    let parts: Vec<(&str, &[u8])> = parts.iter().map(|(name, bytes)| (name.as_str(), *bytes)).collect();
    assert_eq!(xlsx(zip_of(&parts)).unwrap_err(), FileFault::TooMuchInside);
}

#[test]
fn rows_beyond_the_bound_are_refused() {
    let text = HEADINGS.to_owned() + &"A,,B,C,D\n".repeat(ROWS_MAX as usize + 1);
    assert_eq!(
        csv(&text).map(|rows| rows.filter_map(Result::err).next()),
        Ok(Some(FileFault::TooManyRows { max: ROWS_MAX }))
    );
    let text = HEADINGS.to_owned() + &"A,,B,C,D\n".repeat(ROWS_MAX as usize + 100);
    assert_eq!(csv(text).unwrap_err(), FileFault::TooManyRows { max: ROWS_MAX });
}

#[test]
fn a_file_on_disk_is_read_like_one_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("penerima.csv");
    std::fs::write(&path, SAMPLE).unwrap();
    assert_eq!(all(open("penerima.csv", Source::from_path(&path).unwrap(), &Choice::default())), all(csv(SAMPLE)));
    assert_eq!(Source::from_path(folder.path()).unwrap_err(), FileFault::NotASpreadsheet);
    assert_eq!(Source::from_path(&folder.path().join("none.csv")).unwrap_err().code(), "file_unreadable");
    let large = File::create(folder.path().join("large.csv")).unwrap();
    large.set_len(FILE_MAX + 1).unwrap();
    let large = Source::from_path(&folder.path().join("large.csv")).unwrap();
    assert_eq!(open("large.csv", large, &Choice::default()).unwrap_err(), FileFault::TooLarge { max: FILE_MAX });
}

#[test]
fn what_old_workbooks_and_open_documents_hide_is_found() {
    use super::biff::{compound, stream, text, xls};
    let heading: Vec<biff::Xls> = HEADINGS.trim_end().split(',').map(text).collect();
    let list = || vec![("Daftar", false, vec![heading.clone(), ["A-1", "", "RUMSINI", "B", "C"].map(text).to_vec()])];
    let whole = stream(&list(), 8_000);
    let mut locked = whole.clone();
    // The record behind the first tells that the rest is encrypted.
    locked.splice(20..20, [0x2f, 0, 2, 0, 1, 0]);
    let mut excel_95 = whole.clone();
    excel_95[4..6].copy_from_slice(&0x0500_u16.to_le_bytes());
    let mut circle = xls(&list());
    // The sector of the directory follows itself.
    let (fat, directory) = (circle.len() - 512, circle.len() / 512 - 3);
    circle[fat + directory * 4..fat + directory * 4 + 4].copy_from_slice(&(directory as u32).to_le_bytes());
    let encrypted = zip_of(&[
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", b"<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"),
        ("content.xml", b"\x01\x02\x03"),
    ]);
    let macros = zip_of(&[("mimetype", b""), ("content.xml", b"<x/>"), ("Basic/Standard/Module1.xml", b"<x/>")]);
    let entities = b"<!DOCTYPE x [<!ENTITY a \"aaaaaaaaaa\">]><office:document-content/>";
    let rows = opendocument::rows(&[HEADINGS.trim_end().split(',').map(str::to_owned).collect()]);
    let repeated = "<table:table-row table:number-rows-repeated=\"1048576\"><table:table-cell \
        table:number-columns-repeated=\"5\"><text:p>A</text:p></table:table-cell></table:table-row>";
    let wide = "<table:table-row><table:table-cell table:number-columns-repeated=\"16384\"><text:p>A</text:p>\
        </table:table-cell></table:table-row>";
    let cases: Vec<(&str, &str, Vec<u8>)> = vec![
        ("a.xls", "", xls(&list())),
        ("a.xls", "file_protected", compound("Workbook", &locked, &[])),
        ("a.xlsx", "file_protected", compound("EncryptedPackage", &whole, &["EncryptionInfo"])),
        ("a.xls", "file_with_macros", compound("Workbook", &whole, &["_VBA_PROJECT_CUR"])),
        ("a.xls", "file_old_excel", compound("Workbook", &excel_95, &[])),
        ("a.xls", "file_old_excel", compound("Book", &excel_95, &[])),
        ("a.doc", "file_not_a_spreadsheet", compound("WordDocument", &whole, &[])),
        ("a.xls", "file_damaged", compound("Workbook", &whole[..200], &[])),
        ("a.xls", "file_damaged", circle),
        ("a.ods", "file_protected", encrypted),
        ("a.ods", "file_with_macros", macros),
        ("a.ods", "file_too_much_inside", opendocument::ods_of(entities)),
        ("a.ods", "file_too_many_rows", opendocument::document(&[("A", false, format!("{rows}{repeated}"))])),
        ("a.ods", "file_too_many_columns", opendocument::document(&[("A", false, format!("{rows}{wide}"))])),
        ("a.ods", "file_damaged", opendocument::ods_of(b"<office:document-content><table:table table:name=\"A\">")),
        ("a.ods", "file_damaged", opendocument::ods_of(&[0xff; 300])),
    ];
    for (place, (name, code, bytes)) in cases.into_iter().enumerate() {
        let fault = open(name, bytes, &Choice::default()).err();
        assert_eq!(fault.as_ref().map_or("", FileFault::code), code, "{place} {name}");
    }
}

#[test]
fn an_open_document_that_unpacks_to_a_mountain_is_refused() {
    let bomb = opendocument::ods_of(&[b"<text:p>".as_slice(), &b" ".repeat(40_000_000)].concat());
    assert!(bomb.len() < 400_000);
    assert_eq!(open("a.ods", bomb, &Choice::default()).unwrap_err(), FileFault::TooMuchInside);
}

#[test]
fn names_with_marks_of_direction_and_names_without_end_are_answered() {
    let name = "A".repeat(300);
    let text = format!("{HEADINGS}A-1,,\u{202e}SITI\u{200b} \u{200f}AMINAH,B,C\nA-2,,{name},B,C\nA-3,,\"=1+1\",B,C\n");
    let checked = examine(&all(csv(text)));
    let codes = |row: usize| checked[row].findings.iter().map(|finding| finding.kind.code()).collect::<Vec<_>>();
    assert_eq!(codes(0), ["nik_missing", "hidden_signs"]);
    assert_eq!(checked[0].particulars.as_ref().unwrap().name, "SITI AMINAH");
    assert_eq!(codes(1), ["nik_missing", "text_too_long"]);
    assert_eq!(codes(2), ["nik_missing", "name_unreadable"]);
}
