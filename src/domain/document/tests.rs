use super::*;
use crate::domain::id::{
    AgencyId, EntitlementId, HouseholdId, Identifier as _, PackageId, PointId, ProgrammeId, RoundId,
};
use crate::domain::money::Money;
use crate::domain::package::{Item, Package, Unit};
use crate::domain::programme::{Agency, Point, Programme, Round, Rules};
use crate::domain::redemption::{CollectorKind, Paper};
use crate::domain::time::{Timestamp, Zone};

fn time(text: &str) -> Timestamp {
    Timestamp::parse(text).unwrap()
}

fn occasion(kind: Kind) -> Occasion {
    let point = Point {
        id: PointId::random([3; 16]),
        agency: AgencyId::random([1; 16]),
        number: 1,
        code: "TGR-01".into(),
        name: "Kantor Camat Tenggarong".into(),
        sub_district: "TENGGARONG".into(),
        desks: 1,
        session_size: 40,
        paused_reason: None,
    };
    Occasion {
        agency: Agency {
            id: AgencyId::random([1; 16]),
            code: "DINSOS".into(),
            government: "Pemerintah Kabupaten Kutai Kartanegara".into(),
            name: "Dinas Sosial".into(),
            address: "Jl. Contoh No. 1, Tenggarong".into(),
            hotline: String::new(),
            zone: Zone::Wita,
            rules: Rules::default(),
        },
        programme: Programme {
            id: ProgrammeId::random([2; 16]),
            agency: AgencyId::random([1; 16]),
            code: "LANSIA-26".into(),
            name: "Bantuan Pangan Lansia".into(),
            account_code: "5.1.06.02.02.0001".into(),
            account_name: "Belanja Bantuan Sosial Barang".into(),
            decree_no: String::new(),
            decree_date: None,
            currency: "IDR".into(),
            ceiling: Money::MAX,
            obligated: Money::ZERO,
            paused_reason: None,
        },
        round: Round {
            id: RoundId::random([4; 16]),
            programme: ProgrammeId::random([2; 16]),
            number: 1,
            name: "Tahap 1 / 2026".into(),
            package: PackageId::random([5; 16]),
            opens_at: time("2026-11-20T08:00:00+08:00"),
            closes_at: time("2026-12-01T00:00:00+08:00"),
            issued_at: None,
            paused_reason: None,
        },
        package: Package {
            id: PackageId::random([5; 16]),
            programme: ProgrammeId::random([2; 16]),
            code: "A".into(),
            version: 1,
            name: "Paket A".into(),
            items: vec![Item {
                code: "beras".into(),
                name: "Beras premium".into(),
                unit: Unit::Gram,
                quantity: 15_000,
                pack_name: "kg".into(),
                pack_size: 1_000,
                pack_price_minor: Money::new(33_333).unwrap(),
            }],
            value: Money::new(500_000).unwrap(),
        },
        scope: Scope::Point(Box::new(point)),
        cut_off: time("2026-11-23T16:00:00+08:00"),
        unsynced: 2,
        signatures: default_signatures(kind),
        number: "001/X".into(),
    }
}

fn line(n: u8, standing: Standing) -> Line {
    Line {
        entitlement: EntitlementId::random([n; 16]),
        household: HouseholdId::from_bytes([n; 16]),
        is_rest: false,
        name: format!("NAMA {n}"),
        name_folded: format!("NAMA {n}"),
        nik_masked: "6402 **** **** 0001".into(),
        rt: "014".into(),
        village: "LOA IPUH".into(),
        sub_district: "TENGGARONG".into(),
        address: "JL. CONTOH NO. 5".into(),
        point: "TGR-01".into(),
        session_no: 1,
        value: Money::new(500_000).unwrap(),
        carried: Money::ZERO,
        print_no: 1,
        vulnerabilities: "LANSIA".into(),
        absence: None,
        standing,
    }
}

fn handed(collector: CollectorKind, relation: &str, name: &str, value: i64) -> Standing {
    Standing::Handed(Box::new(Handed {
        number: "01-000001".into(),
        at: time("2026-11-23T09:12:00+08:00"),
        collector,
        collector_name: name.into(),
        relation: relation.into(),
        id_seen: true,
        paper: Paper::Seen,
        items: vec!["Beras premium 15 kg".into()],
        short: value < 500_000,
        value: Money::new(value).unwrap(),
        taken_back: None,
    }))
}

fn lines() -> Vec<Line> {
    vec![
        line(1, handed(CollectorKind::Oneself, "", "", 500_000)),
        line(2, handed(CollectorKind::Proxy, "same_family_card", "ANAK", 450_000)),
        line(3, handed(CollectorKind::Proxy, "tetangga", "Pak  Rt", 500_000)),
        line(4, handed(CollectorKind::Proxy, "other", "PAK RT", 500_000)),
        line(5, handed(CollectorKind::Substitute, "", "GANTI", 500_000)),
        Line { absence: Some((AbsenceReason::Ill, "antar ke rumah".into())), ..line(6, Standing::Open) },
        line(7, Standing::Open),
        line(8, Standing::Held("menunggu surat waris".into())),
        line(9, Standing::Revoked("SK perubahan no. 7".into())),
        line(10, Standing::Expired),
    ]
}

#[test]
fn the_tally_closes_in_number_and_in_value() {
    let tally = Tally::of(&lines()).unwrap();
    assert!(tally.closes(), "{tally:?}");
    assert_eq!((tally.issued.count, tally.handed.count, tally.open.count), (10, 5, 2));
    assert_eq!((tally.handed.value.minor(), tally.short.value.minor()), (2_450_000, 50_000));
    assert_eq!((tally.proxy_inside.count, tally.proxy_outside.count), (1, 2));
    let mut wrong = tally;
    wrong.open.count += 1;
    assert!(!wrong.closes());
}

#[test]
fn the_list_of_receipts_adds_up_what_was_really_given() {
    let document = receipts(&occasion(Kind::ReceiptList), &lines()).unwrap();
    assert!(document.closes());
    let table = document.tables().next().unwrap();
    assert_eq!((table.rows.len(), table.sum(5)), (5, 2_450_000));
    let Block::Text(words) = document.blocks.last().unwrap() else { panic!("no terbilang") };
    assert_eq!(words, "Terbilang: dua juta empat ratus lima puluh ribu rupiah.");
    assert_eq!(table.rows[2][6], Cell::text("wakil (luar KK)\nPak  Rt, tetangga"));
    assert_eq!(table.rows[1][9], Cell::text("serah sebagian"));
}

#[test]
fn the_minutes_close_with_the_lines_and_name_every_reason() {
    let annex = Annex { title: "DAFTAR".into(), number: "001/DTT".into(), short_hash: "ab12".into(), lines: 5 };
    let item = occasion(Kind::Handover).package.items[0].clone();
    let items = [Given { item, due: 75_000, given: 74_000 }];
    let beside = [Beside { case: "K-755620B9".to_owned(), packages: 1 }];
    let document = handover(&occasion(Kind::Handover), &lines(), &items, &beside, &[annex]).unwrap();
    assert!(document.closes());
    let tables: Vec<&Table> = document.tables().collect();
    assert_eq!((tables[0].sum(1), tables[0].sum(2)), (10, 5_000_000));
    assert_eq!((tables[1].sum(1), tables[1].sum(2)), (5, 2_450_000));
    assert_eq!(tables[3].sum(2), 4, "two open, one held, one revoked");
    let text = format!("{:?}", document.blocks);
    for wanted in [
        "tanggal dua puluh tiga bulan November tahun dua ribu dua puluh enam",
        "sakit",
        "belum dicatat",
        "SK perubahan no. 7",
        "001/DTT",
        "PIHAK KEDUA",
        "adendum",
    ] {
        assert!(text.contains(wanted), "{wanted}");
    }
}

#[test]
fn who_has_not_come_stands_there_with_the_reason_that_is_known() {
    let longer = time("2026-12-05T00:00:00+08:00");
    let own = std::collections::BTreeMap::from([("TGR-01".to_owned(), longer)]);
    let until = |own: &std::collections::BTreeMap<String, Timestamp>| {
        let document = not_collected(&occasion(Kind::NotCollected), &lines(), own);
        document.tables().next().unwrap().rows[0][8].clone()
    };
    let days = [until(&own), until(&std::collections::BTreeMap::new())];
    assert_eq!(days, [Cell::text("04-12-2026 23.59"), Cell::text("30-11-2026 23.59")], "the point's, or the round's");
    let document = not_collected(&occasion(Kind::NotCollected), &lines(), &own);
    let table = document.tables().next().unwrap();
    assert!(document.closes());
    let reasons: Vec<&Cell> = table.rows.iter().map(|row| &row[6]).collect();
    assert_eq!(reasons, [&Cell::text("sakit"), &Cell::Blank, &Cell::text("menunggu surat waris"), &Cell::Blank]);
}

#[test]
fn one_who_collects_for_several_is_counted_however_the_name_is_written() {
    let document =
        proxies(&occasion(Kind::ProxyList), &lines()[..3], &["ANAK", "Pak  Rt", "PAK RT", "GANTI"].map(str::to_owned));
    let table = document.tables().next().unwrap();
    let times: Vec<&Cell> = table.rows.iter().map(|row| &row[9]).collect();
    assert_eq!(times, [&Cell::Count(1), &Cell::Count(2)]);
}

#[test]
fn the_prepared_list_has_everybody_who_may_come_and_nothing_to_redeem_with() {
    let document = prepared(&occasion(Kind::PreparedList), &lines()).unwrap();
    let table = document.tables().next().unwrap();
    assert_eq!((table.rows.len(), table.sum(5)), (3, 1_500_000));
    assert_eq!(table.rows[2][6], Cell::text("DITAHAN"));
    assert!(!format!("{document:?}").contains(&lines()[5].entitlement.to_string()));
}

#[test]
fn a_courier_gets_the_addresses_of_those_who_cannot_come_and_have_not() {
    let mut lines = lines();
    lines[6].vulnerabilities = "LANSIA".into();
    lines[0].vulnerabilities = "LANSIA, DISABILITAS".into();
    let document = home_delivery(&occasion(Kind::HomeDelivery), &lines);
    let table = document.tables().next().unwrap();
    assert_eq!(table.rows.len(), 1);
    assert_eq!(table.rows[0][2], Cell::text("JL. CONTOH NO. 5\nRT 014, LOA IPUH"));
    assert_eq!(table.rows[0][3], Cell::text("lansia; sakit"));
    let sent = |vulnerabilities: &str, absence: Option<AbsenceReason>| {
        let mut line = lines[6].clone();
        (line.vulnerabilities, line.absence) = (vulnerabilities.into(), absence.map(|reason| (reason, String::new())));
        let document = home_delivery(&occasion(Kind::HomeDelivery), &[line]);
        let table = document.tables().next().unwrap();
        table.rows.first().map(|row| row[3].clone())
    };
    assert_eq!(sent("SAKIT", Some(AbsenceReason::Ill)), Some(Cell::text("sakit")), "once");
    assert_eq!(sent("LANSIA", None), None);
    assert_eq!(sent("DISABILITAS", Some(AbsenceReason::Absent)), Some(Cell::text("disabilitas; tidak hadir")));
    for reason in [AbsenceReason::Died, AbsenceReason::Moved, AbsenceReason::NotFound, AbsenceReason::Refused] {
        assert_eq!(sent("DISABILITAS, SAKIT", Some(reason)), None, "nobody is sent there");
    }
}

#[test]
fn a_form_without_substitutes_is_blank_and_still_a_form() {
    let document = substitution(&occasion(Kind::Substitution), &[]);
    assert_eq!(document.lines(), 3);
    assert!(format!("{:?}", document.blocks).contains("SPTJM"));
    let pair = Pair { reason: "meninggal".into(), ..Pair::default() };
    assert_eq!(substitution(&occasion(Kind::Substitution), &[pair]).lines(), 1);
}

#[test]
fn the_head_says_up_to_when_and_how_many_devices_are_missing() {
    let occasion = occasion(Kind::Register);
    assert_eq!(occasion.cut_off_line(), "Data s.d. 23-11-2026 16.00 WITA; 2 perangkat belum sinkron");
    assert_eq!(
        Occasion { unsynced: 0, ..occasion }.cut_off_line(),
        "Data s.d. 23-11-2026 16.00 WITA; semua perangkat sudah sinkron"
    );
}

#[test]
fn lines_stand_by_village_rt_and_name() {
    let mut some = vec![
        Line { name_folded: "B".into(), name: "H. B".into(), ..line(1, Standing::Open) },
        Line { name_folded: "A".into(), name: "HJ. A".into(), ..line(2, Standing::Open) },
        Line { rt: "002".into(), name_folded: "Z".into(), name: "Z".into(), ..line(3, Standing::Open) },
    ];
    sort(&mut some);
    assert_eq!(some.iter().map(|line| line.name.as_str()).collect::<Vec<_>>(), ["Z", "HJ. A", "H. B"]);
}

#[test]
fn the_register_counts_what_happened() {
    let entry = Entry {
        at: time("2026-11-23T09:12:00+08:00"),
        entitlement: EntitlementId::random([9; 16]),
        name: "NAMA".into(),
        point: "TGR-01".into(),
        happening: Happening::Reprinted,
        reason: "rusak".into(),
        requested_by: "A".into(),
        approved_by: "B".into(),
        evidence: "cetak 1 → 2".into(),
    };
    let revoked = Entry { happening: Happening::Revoked, ..entry.clone() };
    let document = register(&occasion(Kind::Register), &[entry, revoked]);
    assert_eq!(document.blocks.last(), Some(&Block::Text("Jumlah: dibatalkan 1, dicetak ulang 1.".into())));
}
