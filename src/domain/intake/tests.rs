use std::collections::HashSet;

use proptest::prelude::*;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::{Error, StrDeserializer};

use super::*;
use crate::domain::household::{NAME_MAX, NOTE_MAX, Particulars, Vulnerability};
use crate::domain::time::Language;

fn set(codes: &[&str]) -> HashSet<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

/// A row without fault, with some of its cells replaced.
fn row(number: u32, changes: &[(Column, &str)]) -> RawRow {
    let clean = [
        (Column::Number, "1"),
        (Column::SourceId, "CONTOH-000001"),
        (Column::FamilyCard, "6402990503190001"),
        (Column::Nik, "6402995205510001"),
        (Column::Name, "RUMSINI"),
        (Column::Sex, "P"),
        (Column::BirthDate, "1951-05-12"),
        (Column::Relation, "KEPALA KELUARGA"),
        (Column::Address, "JL. CONTOH MAWAR NO. 3"),
        (Column::Rt, "014"),
        (Column::VillageCode, "64.02.06.1002"),
        (Column::Village, "LOA IPUH"),
        (Column::SubDistrict, "TENGGARONG"),
        (Column::Decile, "1"),
        (Column::CivilMatch, "YA"),
        (Column::Eligibility, "LAYAK"),
        (Column::Vulnerability, "LANSIA"),
        (Column::Point, "TGR-01"),
        (Column::Session, "1"),
        (Column::Package, "SEMBAKO-A"),
        (Column::Note, ""),
    ];
    let cell = |(column, text): (Column, &str)| {
        let text = changes.iter().find(|(changed, _)| *changed == column).map_or(text, |(_, text)| *text);
        RawCell::typed(column, text.to_owned())
    };
    RawRow::new(number, clean.into_iter().map(cell).collect())
}

fn with_known<T>(judge: impl FnOnce(Known<'_>) -> T) -> T {
    let (points, packages) = (set(&["TGR-01", "MWS-02"]), set(&["SEMBAKO-A"]));
    judge(Known { points: &points, packages: &packages, today: jiff::civil::date(2026, 11, 23) })
}

fn checked(changes: &[(Column, &str)]) -> Checked {
    with_known(|known| check(&row(7, changes), &known))
}

fn codes(checked: &Checked) -> Vec<&'static str> {
    checked.findings.iter().map(|finding| finding.kind.code()).collect()
}

fn accepted(changes: &[(Column, &str)]) -> Particulars {
    let checked = checked(changes);
    assert_eq!(codes(&checked), Vec::<&str>::new());
    checked.particulars.unwrap()
}

#[test]
fn a_clean_row_has_no_finding() {
    let household = accepted(&[]);
    assert_eq!(household.nik.unwrap().masked(), "6402 **** **** 0001");
    assert_eq!(household.birth_date, Some(jiff::civil::date(1951, 5, 12)));
    assert_eq!(household.vulnerabilities, [Vulnerability::Elderly]);
    assert_eq!((household.rt.as_str(), household.session_no, household.decile), ("014", Some(1), Some(1)));
    assert_eq!(
        format!("{household:?}"),
        "Particulars { source_id: \"CONTOH-000001\", nik: Some(6402 **** **** 0001), .. }"
    );
}

#[test]
fn each_damage_has_its_finding() {
    use Column as C;
    let long_name = "A".repeat(NAME_MAX + 1);
    let long_note = "A".repeat(NOTE_MAX + 1);
    let cases: &[(C, &str, &[&str])] = &[
        (C::SourceId, "  ", &["source_id_missing"]),
        (C::SourceId, "1,23E+10", &["source_id_damaged"]),
        (C::SourceId, "#REF!", &["formula_error"]),
        (C::Nik, "", &["nik_missing"]),
        (C::Nik, "6,4029952055E+15", &["nik_scientific"]),
        (C::Nik, "6402995205510000", &["nik_zeroed"]),
        (C::Nik, "64O2995205510001", &["nik_letters"]),
        (C::Nik, "640299520551001", &["nik_length"]),
        (C::Nik, "#N/A", &["formula_error"]),
        (C::Nik, "6402990503190001", &["nik_is_family_card", "sex_differs_from_nik", "birth_date_differs_from_nik"]),
        (C::Nik, "3504995205510001", &["nik_other_regency"]),
        (C::Nik, "0002995205510001", &["nik_province_unknown"]),
        (C::Nik, "6402993513510001", &["nik_birth_impossible"]),
        (C::FamilyCard, "", &["family_card_missing"]),
        (C::FamilyCard, "6,40299E+15", &["family_card_scientific"]),
        (C::FamilyCard, "6402990503190000", &["family_card_zeroed"]),
        (C::FamilyCard, "64O2990503190001", &["family_card_letters"]),
        (C::FamilyCard, "64029905031900011", &["family_card_length"]),
        (C::Name, "", &["name_missing"]),
        (C::Name, "...", &["name_unreadable"]),
        (C::Name, "RUMSINI (ALM.)", &["name_says_deceased"]),
        (C::Name, &long_name, &["text_too_long"]),
        (C::Name, "RUM\u{fffd}INI", &["text_broken"]),
        (C::Name, "RUM\u{202e}SINI\u{200b}", &["hidden_signs"]),
        (C::Sex, "L", &["sex_differs_from_nik"]),
        (C::Sex, "X", &["sex_unreadable"]),
        (C::BirthDate, "1951-13-45", &["birth_date_unreadable"]),
        (C::BirthDate, "31/02/1951", &["birth_date_unreadable"]),
        (C::BirthDate, "05/28/1951", &["birth_date_unreadable"]),
        (C::BirthDate, "1951", &["birth_date_unreadable"]),
        (C::BirthDate, "1851-05-12", &["birth_date_impossible"]),
        (C::BirthDate, "2051-05-12", &["birth_date_impossible"]),
        (C::BirthDate, "0000-00-00", &["birth_date_zero"]),
        (C::BirthDate, "18761", &["birth_date_from_serial", "birth_date_differs_from_nik"]),
        (C::BirthDate, "05/12/1951", &["birth_date_month_first"]),
        (C::BirthDate, "06/12/1951", &["birth_date_differs_from_nik"]),
        (C::BirthDate, "12/06/51", &["birth_date_century", "birth_date_differs_from_nik"]),
        (C::Rt, "RT LAMA", &["rt_unreadable"]),
        (C::Rt, "0014", &["rt_unreadable"]),
        (C::VillageCode, "", &["village_code_missing"]),
        (C::VillageCode, "6403090001", &["village_code_other"]),
        (C::VillageCode, "64.02.6.1002", &["village_code_unreadable"]),
        (C::Village, "", &["village_missing"]),
        (C::SubDistrict, "", &["sub_district_missing"]),
        (C::Decile, "11", &["decile_unreadable"]),
        (C::CivilMatch, "TIDAK", &["civil_match_no"]),
        (C::CivilMatch, "MUNGKIN", &["civil_match_unreadable"]),
        (C::Eligibility, "LAYAKK", &["eligibility_unreadable"]),
        (C::Vulnerability, "LANSIA|MISKIN", &["vulnerability_unknown"]),
        (C::Point, "", &["point_missing"]),
        (C::Point, "XXX-99", &["point_unknown"]),
        (C::Session, "0", &["session_unreadable"]),
        (C::Package, "", &["package_missing"]),
        (C::Package, "SEMBAKO-Z", &["package_unknown"]),
        (C::Note, &long_note, &["text_too_long"]),
    ];
    for (column, text, expected) in cases {
        let checked = checked(&[(*column, text)]);
        assert_eq!(codes(&checked), *expected, "{} {text:?}", column.heading());
        let error = checked.findings.iter().any(Finding::is_error);
        assert_eq!(checked.particulars.is_none(), error, "an error and nothing else rejects a row");
    }
}

#[test]
fn what_people_write_differently_is_read_the_same() {
    use Column as C;
    let clean = accepted(&[]);
    for (column, text) in [
        (C::Nik, "'6402.9952.0551.0001"),
        (C::Nik, "6402 9952 0551 0001"),
        (C::FamilyCard, "6402990503190001.0"),
        (C::Sex, "perempuan"),
        (C::BirthDate, "12/05/1951"),
        (C::BirthDate, "12-05-1951"),
        (C::BirthDate, "12.5.1951"),
        (C::BirthDate, "1951/05/12 0:00:00"),
        (C::BirthDate, "1951-05-12T00:00:00"),
        (C::Rt, "14"),
        (C::Rt, "RT 14"),
        (C::Rt, "RT.014/RW.002"),
        (C::Rt, "014/002"),
        (C::VillageCode, "6402061002"),
        (C::CivilMatch, "ya"),
        (C::Eligibility, "Layak"),
        (C::Vulnerability, " lansia | LANSIA |"),
        (C::Point, "tgr-01"),
        (C::Name, "  RUMSINI\u{a0} "),
        (C::Address, "JL.  CONTOH\tMAWAR\nNO. 3"),
    ] {
        assert_eq!(accepted(&[(column, text)]), clean, "{} {text:?}", column.heading());
    }
}

#[test]
fn a_number_cell_that_ends_in_zero_is_not_believed() {
    let judge = |text: &str| {
        let mut row = row(1, &[(Column::Nik, text)]);
        for cell in &mut row.cells {
            if cell.column == Column::Nik {
                cell.form = CellForm::Number;
            }
        }
        with_known(|known| codes(&check(&row, &known)).first().copied())
    };
    assert_eq!(judge("6402995205510001"), None);
    assert_eq!(judge("6402995205510010"), Some("nik_as_number"));
    assert_eq!(judge("9402995205510002"), Some("nik_as_number"));
    assert_eq!(judge("6402995205510000"), Some("nik_zeroed"));
}

#[test]
fn a_column_that_a_file_does_not_have_is_no_fault_of_a_row() {
    let mut row = row(1, &[]);
    row.cells.retain(|cell| Column::MANDATORY.contains(&cell.column));
    let checked = with_known(|known| check(&row, &known));
    assert_eq!(codes(&checked), Vec::<&str>::new());
    assert!(checked.particulars.is_some());
}

#[test]
fn nothing_personal_stands_in_a_finding() {
    for (column, text, seen) in [
        (Column::Nik, "640299520551001", "6402*******1001"),
        (Column::Nik, "6,4029952055E+15", "6,40********E+15"),
        (Column::BirthDate, "1951-13-45", "****-**-**"),
        (Column::Name, "...", ""),
        (Column::Point, "6402995205510001", "****************"),
        (Column::Point, "XXX-99", "XXX-99"),
    ] {
        let finding = checked(&[(column, text)]).findings.remove(0);
        assert_eq!(finding.seen, seen);
    }
}

#[test]
fn a_finding_is_a_sentence_in_both_languages() {
    let finding = checked(&[(Column::Point, "XXX-99")]).findings.remove(0);
    assert_eq!(
        finding.sentence(Language::Id),
        "kode_titik “XXX-99”: Kode titik tidak dikenal; buat titiknya dahulu atau perbaiki kodenya."
    );
    assert!(finding.sentence(Language::En).contains("not known"));
}

#[test]
fn codes_are_what_is_written_and_no_two_are_the_same() {
    let mut seen = HashSet::new();
    for kind in FindingKind::ALL {
        let code: StrDeserializer<'_, Error> = kind.code().into_deserializer();
        assert_eq!(FindingKind::deserialize(code), Ok(*kind));
        assert_eq!(FindingKind::from_code(kind.code()), Some(*kind));
        assert!(seen.insert(kind.code()));
        assert!(kind.message(Language::Id).ends_with('.') && kind.message(Language::En).ends_with('.'));
    }
    for outcome in Outcome::ALL {
        assert_eq!(Outcome::from_code(outcome.as_str()), Some(outcome));
    }
    for column in Column::ALL {
        assert_eq!(Column::parse_heading(column.heading()), Some(*column));
        let code: StrDeserializer<'_, Error> = column.heading().into_deserializer();
        assert_eq!(Column::deserialize(code), Ok(*column));
    }
    assert_eq!(Column::parse_heading("\u{feff} Desa/Kelurahan "), Some(Column::Village));
    assert_eq!(Column::parse_heading("Jenis Atap"), None);
}

#[test]
fn a_second_row_with_the_same_nik_is_rejected_and_names_the_first() {
    with_known(|known| {
        let mut examiner = Examiner::new(known);
        assert!(examiner.check(&row(2, &[])).findings.is_empty());
        let second =
            examiner.check(&row(5, &[(Column::SourceId, "CONTOH-000002"), (Column::FamilyCard, "6402990503190002")]));
        assert_eq!(codes(&second), ["nik_doubled"]);
        assert_eq!(second.findings[0].first_row, Some(2));
        assert!(
            second.findings[0].sentence(Language::Id).starts_with("nik “6402 **** **** 0001” (baris 2): NIK sudah ada")
        );
        assert!(second.particulars.is_none());
        // The rejected row is not remembered: its source id is still free.
        let third = examiner.check(&row(
            6,
            &[
                (Column::SourceId, "CONTOH-000002"),
                (Column::FamilyCard, "6402990503190002"),
                (Column::Nik, "6402995205510002"),
                (Column::Name, "PARTINEM"),
            ],
        ));
        assert!(third.findings.is_empty());
    });
}

#[test]
fn a_second_row_with_the_same_source_id_is_rejected() {
    with_known(|known| {
        let mut examiner = Examiner::new(known);
        let _ = examiner.check(&row(2, &[]));
        let second = examiner.check(&row(3, &[(Column::Nik, ""), (Column::FamilyCard, "6402990503190002")]));
        assert_eq!(codes(&second), ["source_id_doubled", "nik_missing"]);
        assert!(second.particulars.is_none());
    });
}

#[test]
fn two_households_may_share_a_family_card() {
    with_known(|known| {
        let mut examiner = Examiner::new(known);
        let _ = examiner.check(&row(2, &[]));
        let second = examiner.check(&row(
            3,
            &[(Column::Nik, "6402995205510002"), (Column::SourceId, "CONTOH-000002"), (Column::Name, "PARTINEM")],
        ));
        assert_eq!(codes(&second), ["family_card_doubled"]);
        assert!(second.particulars.is_some());
    });
}

#[test]
fn a_row_that_was_rejected_does_not_stand_in_the_way_of_a_good_one() {
    with_known(|known| {
        let mut examiner = Examiner::new(known);
        assert!(examiner.check(&row(2, &[(Column::Name, "")])).particulars.is_none());
        assert!(examiner.check(&row(3, &[])).particulars.is_some());
    });
}

#[test]
fn a_file_whose_niks_end_in_zero_is_refused_as_a_whole() {
    let judge = |zeroes: u32, of: u32| {
        let mut census = NikCensus::default();
        for place in 0..of {
            let nik = format!("64029952055{:05}", if place < zeroes { 110 } else { 111 });
            census.note(&row(place, &[(Column::Nik, &nik)]));
        }
        census.verdict()
    };
    assert_eq!(judge(6, 20), Ok(()));
    assert_eq!(judge(7, 20), Err(FileFault::NiksRounded { ending: 7, of: 20 }));
    assert_eq!(judge(19, 19), Ok(()), "too few to conclude anything");
    assert!(judge(20, 20).unwrap_err().message(Language::Id).starts_with("20 dari 20 NIK berakhiran 0"));
}

#[test]
fn every_row_has_one_outcome() {
    let household = accepted(&[]);
    let moved = accepted(&[(Column::Address, "JL. CONTOH MELATI"), (Column::Rt, "015")]);
    assert_eq!(compare(None, &household), Outcome::New);
    assert_eq!(compare(Some(&household), &household.clone()), Outcome::Same);
    assert_eq!(compare(Some(&household), &moved), Outcome::Changed);
    assert_eq!(differences(&household, &moved), [Column::Address, Column::Rt]);

    let mut counts = Counts::default();
    counts.add(Outcome::New, &[]);
    counts.add(Outcome::Changed, &checked(&[(Column::CivilMatch, "TIDAK"), (Column::Nik, "")]).findings);
    counts.add(Outcome::Rejected, &checked(&[(Column::Name, "")]).findings);
    assert_eq!(counts, Counts { new: 1, changed: 1, same: 0, rejected: 1, warnings: 1 });
    assert_eq!(counts.rows(), 3);
}

proptest! {
    #[test]
    fn no_row_breaks_the_check(texts in prop::collection::vec("\\PC{0,30}|[0-9eE+,. /-]{0,20}", Column::ALL.len())) {
        let cells = Column::ALL.iter().zip(texts).map(|(column, text)| RawCell::typed(*column, text));
        let row = RawRow::new(1, cells.collect());
        let checked = with_known(|known| check(&row, &known));
        prop_assert_eq!(checked.particulars.is_none(), checked.findings.iter().any(Finding::is_error));
        for finding in &checked.findings {
            prop_assert!(!finding.sentence(Language::Id).is_empty());
        }
    }
}

#[test]
fn a_nik_that_words_say_is_missing_is_missing_and_not_mistyped() {
    for text in ["belum ada", "BLM REKAM KTP", "tidak punya", "proses pengurusan", "HILANG", "tdk ada"] {
        assert_eq!(codes(&checked(&[(Column::Nik, text)])), ["nik_missing"], "{text}");
    }
    for text in ["RUMSINI", "KTP", "NIK ADA", "64029952O5510001"] {
        assert_eq!(codes(&checked(&[(Column::Nik, text)])), ["nik_letters"], "{text}");
    }
}

#[test]
fn an_address_names_the_rt_where_no_column_does() {
    let rt = |rt: &str, address: &str| checked(&[(Column::Rt, rt), (Column::Address, address)]).particulars.unwrap().rt;
    for address in ["JL. POROS RT 7 RW 01", "jl. poros rt.07/02", "RT: 007", "Gg. Mawar, RT-7"] {
        assert_eq!(rt("", address), "007", "{address}");
    }
    for address in ["JL. POROS", "JL. KARTINI 7", "ART 7", "RT 7B", "RT 1234", "RT"] {
        assert_eq!(rt("", address), "", "{address}");
    }
    assert_eq!(rt("014", "JL. POROS RT 7"), "014");
}

#[test]
fn a_serial_number_that_names_the_day_of_the_nik_needs_no_warning() {
    // 12 May 1951 as a spreadsheet counts days.
    assert_eq!(codes(&checked(&[(Column::BirthDate, "18760")])), [""; 0]);
    assert_eq!(
        codes(&checked(&[(Column::BirthDate, "18760"), (Column::Nik, "")])),
        ["nik_missing", "birth_date_from_serial"]
    );
}
