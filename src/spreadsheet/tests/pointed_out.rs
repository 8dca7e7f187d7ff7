//! Lists made by hand, of which a person points out the sheet, the headings and the columns.

use super::*;

/// A village's own list: no ids, no village, headings of its own.
const BY_HAND: &str = "DAFTAR WARGA KURANG MAMPU;;;;;;\n\
    DESA LOA IPUH KECAMATAN TENGGARONG RT. 14;;;;;;\n\
    ;;;;;;\n\
    No;Nama Lengkap;No KTP;No. KK;L/P;TTL;Ket.\n\
    1;Rumsini;6402995205510001;6402990503190001;P;Tenggarong, 12-05-1951;janda\n\
    2;Abd. Hamid;6402990311480002;6402991107140002;L;Samarinda, 3 Nopember 1948;\n";

fn read(text: &str, choice: &Choice) -> Result<Rows, FileFault> {
    open("daftar.csv", text.as_bytes().to_vec(), choice)
}

#[test]
fn a_list_made_by_hand_is_asked_about_and_then_read() {
    let fault = read(BY_HAND, &Choice::default()).unwrap_err();
    assert_eq!(fault, FileFault::MissingColumns(vec![Column::SourceId, Column::Village, Column::SubDistrict]));
    assert!(fault.can_be_asked());

    let found = survey("daftar.csv", BY_HAND.as_bytes().to_vec(), &Choice::default()).unwrap().sheets.remove(0);
    assert_eq!(found.header_row, Some(4));
    assert_eq!((found.village.as_deref(), found.sub_district.as_deref()), (Some("LOA IPUH"), Some("TENGGARONG")));
    assert_eq!(found.rt.as_deref(), Some("014"));
    assert_eq!(
        found.headings.iter().map(|heading| heading.guess.unwrap()).collect::<Vec<_>>(),
        [Column::Number, Column::Name, Column::Nik, Column::FamilyCard, Column::Sex, Column::BirthDate, Column::Note]
    );
    assert_eq!(found.headings[2].samples, ["64************01", "64************02"]);
    assert_eq!(found.headings[1].samples, ["R******", "A**. H****"]);

    let choice = Choice {
        village: Some("LOA IPUH".into()),
        sub_district: Some("TENGGARONG".into()),
        make_ids: true,
        ..Choice::default()
    };
    let rows = read(BY_HAND, &choice).unwrap();
    assert_eq!(rows.headings.last().map(String::as_str), Some("kecamatan"));
    let rows = all(Ok(rows));
    assert!(rows[0].cell(Column::SourceId).is_none());
    let checked = examine(&rows);
    let households: Vec<Particulars> = checked.into_iter().map(|checked| checked.particulars.unwrap()).collect();
    assert_eq!((households[0].source_id.as_str(), households[0].village.as_str()), ("", "LOA IPUH"));
    assert_eq!(households[1].birth_date, Some(jiff::civil::date(1948, 11, 3)));
}

#[test]
fn unclear_headings_are_asked_about() {
    let text = "ID Keluarga;NIK;Nama Lngkap Penerima;Desa;Kecamatan\nA;;RUMSINI;B;C\n";
    let fault = read(text, &Choice::default()).unwrap_err();
    assert_eq!(fault, FileFault::ColumnsUnclear(vec![("Nama Lngkap Penerima".into(), Column::Name)]));
    assert!(fault.can_be_asked() && fault.message(Language::Id).contains("Nama Lngkap Penerima"));
    let columns = [Column::SourceId, Column::Nik, Column::Name, Column::Village, Column::SubDistrict];
    let choice = Choice { columns: Some(columns.into_iter().enumerate().collect()), ..Choice::default() };
    assert_eq!(texts(&all(read(text, &choice)), Column::Name), ["RUMSINI"]);
}

#[test]
fn a_list_without_headings_is_read_as_pointed_out() {
    let text = "A-1;6402995205510001;RUMSINI;LOA IPUH;TENGGARONG\nA-2;;HASAN;LOA IPUH;TENGGARONG\n";
    assert_eq!(read(text, &Choice::default()).unwrap_err(), FileFault::NoHeader);
    let found = survey("a.csv", text.as_bytes().to_vec(), &Choice::default()).unwrap().sheets.remove(0);
    assert_eq!((found.header_row, found.headings.len()), (None, 0));
    assert_eq!(found.first_rows[0].cells, ["A-1", "64************01", "R******", "L** I***", "T*********"]);
    let columns = [Column::SourceId, Column::Nik, Column::Name, Column::Village, Column::SubDistrict];
    let choice =
        Choice { header_row: Some(0), columns: Some(columns.into_iter().enumerate().collect()), ..Choice::default() };
    let rows = all(read(text, &choice));
    assert_eq!(rows.iter().map(|row| row.number).collect::<Vec<_>>(), [1, 2]);
}

#[test]
fn a_sheet_and_a_row_of_headings_can_be_chosen() {
    let table = |id: &str| {
        let mut table: Vec<Vec<String>> = vec![vec!["catatan".into()]];
        table.push(HEADINGS.trim_end().split(',').map(str::to_owned).collect());
        table.push([id, "", "RUMSINI", "LOA IPUH", "TENGGARONG"].map(str::to_owned).to_vec());
        table
    };
    let bytes = opendocument::document(&[
        ("Tabang", false, opendocument::rows(&table("A-1"))),
        ("Samboja", false, opendocument::rows(&table("A-2"))),
    ]);
    let fault = open("a.ods", bytes.clone(), &Choice::default()).unwrap_err();
    assert_eq!(fault, FileFault::SeveralSheets(vec!["Tabang".into(), "Samboja".into()]));
    assert!(fault.can_be_asked());
    let choice = Choice { sheet: Some("Samboja".into()), header_row: Some(2), ..Choice::default() };
    let rows = open("a.ods", bytes.clone(), &choice).unwrap();
    assert_eq!(rows.sheet.as_deref(), Some("Samboja"));
    assert_eq!(texts(&all(Ok(rows)), Column::SourceId), ["A-2"]);
    let none = Choice { sheet: Some("Tidak ada".into()), ..Choice::default() };
    assert_eq!(open("a.ods", bytes, &none).unwrap_err(), FileFault::NoHeader);
}

#[test]
fn a_choice_survives_being_kept_and_holds_no_more_than_was_said() {
    let choice = Choice { columns: Some(vec![(3, Column::Nik)]), make_ids: true, ..Choice::default() };
    let text = serde_json::to_string(&choice).unwrap();
    assert_eq!(serde_json::from_str::<Choice>(&text).unwrap(), choice);
    assert_eq!(serde_json::from_str::<Choice>("{}").unwrap(), Choice::default());
}

#[test]
fn one_column_cannot_be_pointed_out_twice() {
    let choice = Choice { columns: Some(vec![(1, Column::Nik), (2, Column::Nik)]), ..Choice::default() };
    assert_eq!(read(BY_HAND, &choice).unwrap_err(), FileFault::DoubledColumn(Column::Nik));
}

#[test]
fn a_total_or_signatures_below_a_list_are_no_households() {
    let signed = [
        // The total stands in a column that nobody pointed out, the signature below it.
        "JUMLAH;;2;;\n;;;Loa Ipuh, 2 Maret 2026;\n;;;Kepala Desa;\n",
        // No total: signatures below a blank row, in the column of the names too.
        ";;;;\n;Mengetahui,;;Loa Ipuh, 2 Maret 2026;\n;Kepala Desa;;;\n;;;;\n;(AHMAD);;;\n",
    ];
    let columns = [(1, Column::Name), (2, Column::Nik), (3, Column::Address)];
    for foot in signed {
        let text = format!(
            "Nomor Baris;Nama;NIK;Alamat RT/RW;x\n1;RUMSINI;6402995205510001;JL. A;\n2;HAMID;;JL. B RT 02/RW 01;\n{foot}"
        );
        let choice = Choice {
            columns: Some(columns.to_vec()),
            village: Some("LOA IPUH".into()),
            sub_district: Some("TENGGARONG".into()),
            make_ids: true,
            ..Choice::default()
        };
        assert_eq!(texts(&all(read(&text, &choice)), Column::Name), ["RUMSINI", "HAMID"], "{foot}");
        let table: Vec<Vec<String>> = text.lines().map(|line| line.split(';').map(str::to_owned).collect()).collect();
        let rows = open("daftar.xlsx", text_workbook(&table), &choice);
        assert_eq!(texts(&all(rows), Column::Name), ["RUMSINI", "HAMID"], "{foot}");
    }
}

#[test]
fn a_household_without_nik_below_a_blank_row_is_kept() {
    let text = "No;Nama;NIK;Alamat\n1;RUMSINI;6402995205510001;JL. A\n;;;\n2;HAMID;;\n";
    let choice = Choice {
        village: Some("LOA IPUH".into()),
        sub_district: Some("TENGGARONG".into()),
        make_ids: true,
        ..Choice::default()
    };
    assert_eq!(texts(&all(read(text, &choice)), Column::Name), ["RUMSINI", "HAMID"]);
}

#[test]
fn a_list_without_nik_is_read_when_somebody_says_so() {
    let text = "Nama,Alamat,Jenis Kelamin\nRUMSINI,JL. A RT 3,P\nHAMID,JL. B,L\n";
    let choice = Choice {
        village: Some("LOA IPUH".into()),
        sub_district: Some("TENGGARONG".into()),
        make_ids: true,
        ..Choice::default()
    };
    assert_eq!(read(text, &choice).unwrap_err(), FileFault::MissingColumns(vec![Column::Nik]));
    let choice = Choice { columns: Some(vec![(0, Column::Name), (1, Column::Address)]), ..choice };
    let rows = all(read(text, &choice));
    let checked = examine(&rows);
    for one in &checked {
        assert_eq!(one.findings.iter().map(|finding| finding.kind.code()).collect::<Vec<_>>(), ["nik_missing"]);
    }
    assert_eq!(checked[0].particulars.as_ref().unwrap().rt, "003");
}
