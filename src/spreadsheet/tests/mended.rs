//! What is handed out: the template, and the rows to be mended.

use super::*;

#[test]
fn the_template_is_read_as_a_list_without_rows() {
    let bytes = template_xlsx().unwrap();
    assert_eq!(xlsx(bytes.clone()).unwrap_err(), FileFault::NoRows);
    // Both sheets, and columns that are text all the way down.
    let mut styles = String::new();
    let mut archive = ZipArchive::new(Cursor::new(&bytes)).unwrap();
    archive.by_name("xl/worksheets/sheet1.xml").unwrap().read_to_string(&mut styles).unwrap();
    assert_eq!(styles.matches("<col ").count().min(2), 2);
    assert!(styles.contains("state=\"frozen\""));
    let found = survey("templat.xlsx", bytes, &Choice::default()).unwrap();
    assert_eq!(found.sheets.iter().map(|sheet| sheet.name.as_str()).collect::<Vec<_>>(), ["Daftar", "Petunjuk"]);
    assert!(found.sheets[0].headings.iter().all(|heading| heading.sure));
}

#[test]
fn rows_with_their_reasons_come_back_as_they_were() {
    let rows = csv(SAMPLE).unwrap();
    let headings = rows.headings.clone();
    let rows = all(Ok(rows));
    let given: Vec<(Vec<String>, String)> = rows
        .iter()
        .map(|row| {
            (row.cells.iter().map(|cell| cell.text.clone()).collect(), "nik: NIK tidak 16 digit; periksa.".to_owned())
        })
        .collect();
    for (name, bytes) in
        [("a.xlsx", alasan_xlsx(&headings, given.clone()).unwrap()), ("a.csv", alasan_csv(&headings, given.clone()))]
    {
        let back = open(name, bytes, &Choice::default()).unwrap();
        assert_eq!(back.ignored_columns, Vec::<String>::new(), "{name}");
        let back = all(Ok(back));
        let (before, after) = (examine(&rows), examine(&back));
        assert!(before.iter().zip(&after).all(|(a, b)| a.particulars == b.particulars), "{name}");
        assert!(back.iter().all(|row| row.cells.iter().all(|cell| cell.form == CellForm::Text)), "{name}");
    }
}

#[test]
fn nothing_that_is_handed_out_is_a_live_formula() {
    let text = alasan_csv(&["nama".to_owned()], [(vec!["=1+1".to_owned()], "@SUM(A1)".to_owned())]);
    assert_eq!(String::from_utf8(text).unwrap(), "\u{feff}nama,alasan\r\n'=1+1,'@SUM(A1)\r\n");
    let bytes = alasan_xlsx(&["nama".to_owned()], [(vec!["=1+1".to_owned()], "=2".to_owned())]).unwrap();
    let mut sheet = String::new();
    ZipArchive::new(Cursor::new(bytes))
        .unwrap()
        .by_name("xl/worksheets/sheet1.xml")
        .unwrap()
        .read_to_string(&mut sheet)
        .unwrap();
    assert!(!sheet.contains("<f>"));
}

#[test]
fn long_ids_keep_their_digits_on_the_way_out_and_back() {
    let text = "id_sumber,nik,nama_penerima,desa_kelurahan,kecamatan\n1640206000000001,6402995205510001,RUMSINI,B,C\n";
    let rows = csv(text).unwrap();
    let (headings, rows) = (rows.headings.clone(), all(Ok(rows)));
    let cells = rows[0].cells.iter().map(|cell| cell.text.clone()).collect();
    let back = all(csv(alasan_csv(&headings, [(cells, String::new())])));
    assert_eq!(examine(&back)[0].particulars, examine(&rows)[0].particulars);
}
