use super::*;

const LIST: [(&str, &str, &str); 14] = [
    ("64.02.06.1002", "LOA IPUH", "TENGGARONG"),
    ("64.02.06.1099", "KAMPUNG BARU", "TENGGARONG"),
    ("64.02.12.2099", "KAMPUNG BARU", "TABANG"),
    ("64.02.12.2009", "UMAQ TUKUNG", "TABANG"),
    ("64.02.08.2008", "MUHURAN", "KOTA BANGUN"),
    ("64.02.11.2098", "SEDULANG", "MUARA KAMAN"),
    ("64.02.19.2098", "SEDULANG", "KOTA BANGUN DARAT"),
    ("64.02.19.2004", "KOTA BANGUN I", "KOTA BANGUN DARAT"),
    ("64.02.19.2005", "KOTA BANGUN II", "KOTA BANGUN DARAT"),
    ("64.02.13.1001", "SAMBOJA KUALA", "SAMBOJA"),
    ("64.02.20.1005", "AMBORAWANG DARAT", "SAMBOJA BARAT"),
    ("64.02.15.1001", "SANGA SANGA DALAM", "SANGA SANGA"),
    ("64.02.05.2097", "SALO CELLA", "MUARA BADAK"),
    ("64.02.09.2096", "TUBUHAN", "KENOHAN"),
];

fn villages() -> Vec<Village> {
    LIST.iter().map(|(code, name, sub_district)| Village::of(code, name, sub_district).unwrap()).collect()
}

fn list(aliases: &[(&str, &str, &str)]) -> Gazetteer {
    let aliases = aliases.iter().map(|(sub_district, village, code)| Alias {
        sub_district: fold_place(sub_district),
        village: fold_place(village),
        code: (*code).to_owned(),
    });
    Gazetteer::new(villages(), aliases)
}

fn settle(list: &Gazetteer, code: &str, village: &str, sub_district: &str) -> Settled {
    list.settle(Written { code, village, sub_district })
}

/// The code that was found and how, or nothing.
fn found(list: &Gazetteer, code: &str, village: &str, sub_district: &str) -> Option<(String, How)> {
    match settle(list, code, village, sub_district).verdict {
        Verdict::Found(village, how) => Some((village.code, how)),
        _ => None,
    }
}

fn asked(list: &Gazetteer, village: &str, sub_district: &str) -> Option<(String, Vec<String>)> {
    match settle(list, "", village, sub_district).verdict {
        Verdict::Asked(one) => Some((one.village, one.candidates.into_iter().map(|(code, _)| code).collect())),
        _ => None,
    }
}

#[test]
fn case_spacing_hyphens_and_rank_do_not_matter() {
    for (a, b) in [
        ("Kotabangun", "KOTA BANGUN"),
        ("Kec. Sanga-Sanga", "SANGA SANGA"),
        ("KEL. LOA IPUH", "loa ipuh"),
        ("Desa/Kelurahan Loa  Ipuh", "LOA IPUH"),
        ("KELURAHAN LOA IPUH", "DESA LOA IPUH"),
        ("Kota Bangun 2", "KOTA BANGUN II"),
        ("Umaq Tukung", "UMA'Q TUKUNG"),
    ] {
        assert_eq!(fold_place(a), fold_place(b), "{a} {b}");
    }
    assert_eq!(fold_place("DESA"), "DESA");
    assert_ne!(fold_place("KOTA BANGUN I"), fold_place("KOTA BANGUN II"));
}

#[test]
fn slips_of_the_pen_are_near_and_other_names_are_not() {
    for (a, b) in [
        ("SEMBOJA", "SAMBOJA"),
        ("SALLOCELA", "SALOCELLA"),
        ("SALLOCELLA", "SALOCELLA"),
        ("REBAQRINDING", "REBAQDINDING"),
        ("MUARATUBO", "MUARATUBOQ"),
        ("TENGAGRONG", "TENGGARONG"),
    ] {
        assert!(near(a, b) && near(b, a), "{a} {b}");
    }
    for (a, b) in [
        ("SAMBOJA", "SAMBOJA"),
        ("LOAKULU", "LOADURI"),
        ("KOTABANGUN1", "KOTABANGUN2"),
        ("KOTABANGUN", "KOTABANGUN2"),
        ("TIMB", "TIMP"),
        ("MUARABADAK", "MUARAKAMAN"),
        ("", "A"),
    ] {
        assert!(!near(a, b), "{a} {b}");
    }
}

#[test]
fn a_pair_of_the_list_is_found_and_its_code_with_it() {
    let list = list(&[]);
    let loa_ipuh = Some(("64.02.06.1002".to_owned(), How::Names));
    assert_eq!(found(&list, "", "Kel. Loa Ipuh", "Tenggarong"), loa_ipuh);
    assert_eq!(found(&list, "64.02.06.1002", "LOA IPUH", "TENGGARONG"), loa_ipuh);
    assert_eq!(found(&list, "", "MUHURAN", "KOTABANGUN"), Some(("64.02.08.2008".into(), How::Names)));
    assert_eq!(found(&list, "", "KAMPUNG BARU", "TABANG"), Some(("64.02.12.2099".into(), How::Names)));
    let replaced = settle(&list, "64.02.99.1002", "LOA IPUH", "TENGGARONG");
    assert!(replaced.code_replaced && matches!(replaced.verdict, Verdict::Found(..)));
}

#[test]
fn a_village_of_a_split_sub_district_moves_with_it() {
    let list = list(&[]);
    assert_eq!(found(&list, "", "KOTA BANGUN II", "KOTA BANGUN"), Some(("64.02.19.2005".into(), How::Split)));
    assert_eq!(found(&list, "", "AMBORAWANG DARAT", "SAMBOJA"), Some(("64.02.20.1005".into(), How::Split)));
    // Sedulang exists twice, but once among those that were split from Kota Bangun.
    assert_eq!(found(&list, "", "SEDULANG", "KOTA BANGUN"), Some(("64.02.19.2098".into(), How::Split)));
    assert_eq!(found(&list, "", "SEDULANG", "MUARA KAMAN"), Some(("64.02.11.2098".into(), How::Names)));
}

#[test]
fn the_name_of_a_village_alone_proves_nothing() {
    let list = list(&[]);
    for sub_district in ["TENGGARONG SEBERANG", "LOA KULU", "SAMBOJA", "MUARA KAMAN"] {
        assert_eq!(settle(&list, "", "KAMPUNG BARU", sub_district).verdict, Verdict::Ambiguous, "{sub_district}");
    }
    assert_eq!(settle(&list, "", "SEDULANG", "TABANG").verdict, Verdict::Ambiguous);
    // One village of that name, in a sub-district that was never split from the written one: asked, not taken.
    assert_eq!(asked(&list, "MUHURAN", "TABANG"), Some(("MUHURAN".into(), vec!["64.02.08.2008".into()])));
    assert_eq!(asked(&list, "MUHURAN", "BALIKPAPAN"), Some(("MUHURAN".into(), vec!["64.02.08.2008".into()])));
    assert_eq!(settle(&list, "", "DESA LAIN", "TABANG").verdict, Verdict::Unknown);
}

#[test]
fn a_near_spelling_is_asked_once_and_then_known() {
    let before = list(&[]);
    assert_eq!(asked(&before, "SAMBOJA KUALA", "SEMBOJA"), Some((String::new(), vec!["64.02.13".into()])));
    assert_eq!(asked(&before, "Sallo Cela", "Muara Badak"), Some(("Sallo Cela".into(), vec!["64.02.05.2097".into()])));
    let after = list(&[("SEMBOJA", "", "64.02.13"), ("Muara Badak", "Sallo Cela", "64.02.05.2097")]);
    assert_eq!(found(&after, "", "SAMBOJA KUALA", "Semboja"), Some(("64.02.13.1001".into(), How::Alias)));
    assert_eq!(found(&after, "", "SALLO CELA", "MUARA BADAK"), Some(("64.02.05.2097".into(), How::Alias)));
    // Both at once: the old sub-district, spelled as BPS does.
    assert_eq!(found(&after, "", "AMBORAWANG DARAT", "SEMBOJA"), Some(("64.02.20.1005".into(), How::Split)));
    assert!(after.may_mean("", "64.02.13") && !after.may_mean("", "64.02.13.1001"));
    assert!(after.may_mean("X", "64.02.13.1001") && !after.may_mean("X", "64.02.13"));
}

#[test]
fn numbers_of_villages_are_never_taken_for_a_slip() {
    assert_eq!(settle(&list(&[]), "", "KOTA BANGUN III", "KOTA BANGUN DARAT").verdict, Verdict::Unknown);
}

#[test]
fn a_code_proves_a_slip_and_contradicts_another_village() {
    let list = list(&[]);
    assert_eq!(found(&list, "64.02.05.2097", "SALLO CELA", "MUARA BADAK"), Some(("64.02.05.2097".into(), How::Code)));
    assert_eq!(found(&list, "64.02.13.1001", "SAMBOJA KUALA", "SEMBOJA"), Some(("64.02.13.1001".into(), How::Code)));
    let other = settle(&list, "64.02.06.1002", "UMAQ TUKUNG", "TABANG").verdict;
    assert!(matches!(other, Verdict::CodeDiffers(village) if village.name == "LOA IPUH"));
    assert_eq!(
        found(&list, "64.02.19.2005", "KOTA BANGUN II", "KOTA BANGUN"),
        Some(("64.02.19.2005".into(), How::Split))
    );
}

#[test]
fn a_list_is_made_of_whole_lines() {
    assert_eq!(Village::of("6402061002", "Loa Ipuh", "Tenggarong").unwrap().code, "64.02.06.1002");
    assert_eq!(Village::of("6403090001", "X", "Y"), Err(ListFault::Code));
    assert_eq!(Village::of("64.02.06.1002", " - ", "Y"), Err(ListFault::Name));
    assert_eq!(Village::of("64.02.06.1002", &"X".repeat(81), "Y"), Err(ListFault::Name));
    let mut doubled = villages();
    assert_eq!(Gazetteer::doubled_code(&doubled), None);
    doubled.push(doubled[0].clone());
    assert_eq!(Gazetteer::doubled_code(&doubled).unwrap().code, "64.02.06.1002");
}

proptest::proptest! {
    #[test]
    fn nothing_written_breaks_the_matching(village in "\\PC{0,30}", sub_district in "\\PC{0,30}", code in "\\PC{0,14}") {
        let _ = settle(&list(&[]), &code, &village, &sub_district);
        proptest::prop_assert!(!near(&village, &village));
        proptest::prop_assert_eq!(near(&village, &sub_district), near(&sub_district, &village));
    }
}
