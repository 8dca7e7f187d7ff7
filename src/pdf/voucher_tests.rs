//! Whole sheets of vouchers, read back by other people's programs, and the samples that the layouts share.

use super::Fault;
use super::proof::{self, Paper};
use super::voucher_sheet::*;
use crate::domain::time::{Language, Timestamp};

pub(super) mod samples {
    use super::super::picture::Picture;
    use super::super::stationery::Stationery;
    use super::super::voucher_sheet::*;
    use crate::domain::time::{Language, Zone};

    /// A token's length and alphabet, different for each number.
    fn token(number: u32) -> String {
        let mut state = number.wrapping_mul(2_654_435_761).wrapping_add(12_345);
        let tail = (0..176).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(state >> 27) as usize])
        });
        "HTTPS://SALUR.KUKARKAB.GO.ID/V/".chars().chain(tail).collect()
    }

    pub(in crate::pdf) fn head(language: Language) -> SheetHead {
        SheetHead {
            language,
            agency_lines: vec!["PEMERINTAH KABUPATEN KUTAI KARTANEGARA".into(), "DINAS SOSIAL".into()],
            title: "KUPON BANTUAN SEMBAKO".into(),
            round_label: "Tahap 1 / 2026".into(),
            hotline: Some("0541-661 234".into()),
            zone: Zone::Wita,
            lists: true,
            fingerprint: "21FE 31DF A154 A261 626B F854 046F D227".into(),
            stationery: Stationery::default(),
        }
    }

    /// A head with every line as long as an office could want it.
    pub(in crate::pdf) fn long_head(language: Language) -> SheetHead {
        SheetHead {
            agency_lines: vec![
                "PEMERINTAH KABUPATEN HULU SUNGAI TENGAH DAN SEKITARNYA".into(),
                "DINAS PENGENDALIAN PENDUDUK, PEMBERDAYAAN MASYARAKAT DAN DESA".into(),
                "Jl. Cut Nyak Dhien No. 01, Tenggarong 75512, Kabupaten Kutai Kartanegara, Kalimantan Timur".into(),
            ],
            title: "KUPON BANTUAN PANGAN BAGI LANJUT USIA DAN PENYANDANG DISABILITAS".into(),
            round_label: "Tahap 2 (Maret–April) / 2026".into(),
            hotline: Some("0541-661 234 · WA 0812-3456-7890".into()),
            ..head(language)
        }
    }

    pub(in crate::pdf) fn ordinary(number: u32) -> VoucherFace {
        VoucherFace {
            source_id: format!("P3KE-{number:05}"),
            name: ["RUSMINI", "SITI NUR’AINI", "MUHAMMAD ABDURRAHMAN", "DÉSIRÉE ANDI TENRI"][number as usize % 4]
                .into(),
            nik_masked: "6402 **** **** 0001".into(),
            address: "Jl. Danau Semayang RT 014".into(),
            area: "Loa Ipuh, Kec. Tenggarong".into(),
            typed_code: "7KQ4-M2XP-9D".into(),
            qr_text: token(number),
            point_name: "KANTOR CAMAT TENGGARONG".into(),
            point_code: "TGR-01".into(),
            schedule: Some(Schedule {
                day: "Senin, 7 Desember 2026".into(),
                session: Some("Sesi 1".into()),
                hours: Some("08.00–10.00 WITA".into()),
            }),
            items: ["Beras premium 15 kg", "Minyak goreng 4 l", "Telur ayam 2 piring", "Gula pasir 3 kg"]
                .map(item)
                .to_vec(),
            print_no: 1,
            serial: format!("TGR-01/{:04}", number + 1),
            bundle: "B1-0417-4".into(),
            slips: Vec::new(),
        }
    }

    /// Names of 60 characters, addresses and points of 90, eight long items.
    pub(in crate::pdf) fn crowded(number: u32) -> VoucherFace {
        VoucherFace {
            name: "ABDURRAHMAN MUHAMMAD NUR HIDAYATULLAH SYARIFUDDIN AL-BANJARI".into(),
            address: "Jl. Poros Kota Bangun – Muara Wis Gang Keramat Jaya Abadi Blok C No. 117 RT 014 RW 003".into(),
            area: "Desa Sebelimbingan Seberang Hulu, Kecamatan Kota Bangun Darat, Kutai Kartanegara".into(),
            point_name: "Balai Pertemuan Umum dan Gedung Serbaguna Desa Muara Enggelam, Kecamatan Muara Wis".into(),
            point_code: "MWS-12-SEBERANG".into(),
            schedule: Some(Schedule {
                day: "Rabu, 30 September 2026".into(),
                session: Some("Sesi 12 – RT 001 sampai RT 014 dan antar ke rumah".into()),
                hours: Some("08.00–10.00 WITA".into()),
            }),
            items: (1..=8).map(|n| item(&format!("Paket bahan pangan pokok nomor {n}, kemasan 2 × 500 g"))).collect(),
            print_no: 12,
            serial: "MWS-12-SEBERANG/2026/1/10417".into(),
            ..ordinary(number)
        }
    }

    /// One word without a break in every place.
    pub(in crate::pdf) fn unbroken(number: u32) -> VoucherFace {
        VoucherFace {
            name: "W".repeat(60),
            address: "M".repeat(60),
            area: "M".repeat(60),
            point_name: "W".repeat(50),
            items: vec![item(&"W".repeat(24)); 8],
            schedule: None,
            ..ordinary(number)
        }
    }

    fn item(label: &str) -> ItemFace {
        ItemFace { label: label.to_owned(), picture: Picture::of(label) }
    }

    /// A name of one short word, no RT, no point code, no schedule, one item.
    pub(in crate::pdf) fn sparse(number: u32) -> VoucherFace {
        VoucherFace {
            name: "ITO".into(),
            address: String::new(),
            nik_masked: "TANPA NIK".into(),
            point_code: String::new(),
            schedule: None,
            items: vec![item("Sarden 1 kaleng")],
            ..ordinary(number)
        }
    }

    /// A bundle of some vouchers.
    pub(in crate::pdf) fn bundle(vouchers: Vec<VoucherFace>) -> Bundle {
        let first = vouchers.first().unwrap();
        let rt = first.address.split_once("RT ").map_or("", |(_, rt)| rt).to_owned();
        let (point, area) = (first.point_name.clone(), first.area.clone());
        Bundle { code: first.bundle.clone(), point, area, rt, vouchers }
    }

    /// The same voucher with six rounds, of which two are issued.
    pub(in crate::pdf) fn booklet(voucher: VoucherFace) -> VoucherFace {
        let paper = |round: u32| SlipVoucher {
            typed_code: voucher.typed_code.clone(),
            qr_text: token(round * 1_000 + voucher.qr_text.len() as u32),
            point: format!("{} ({})", voucher.point_name, voucher.point_code),
            schedule: voucher.schedule.clone(),
            items: voucher.items.clone(),
            print_no: voucher.print_no,
        };
        let slips = (1..=6).map(|round| Slip {
            round_label: format!("Tahap {round} / 2026"),
            voucher: (round <= 2).then(|| paper(round)),
            without: match round {
                3 => Without::Collected,
                4 => Without::NotValid,
                5 => Without::NotNamed,
                _ => Without::NotIssued,
            },
        });
        VoucherFace { slips: slips.collect(), ..voucher.clone() }
    }
}

use samples::{booklet, bundle, crowded, head, long_head, ordinary, sparse, unbroken};

fn made_at() -> Timestamp {
    Timestamp::parse("2026-11-23T16:00:00+08:00").unwrap()
}

fn bundled(vouchers: &[VoucherFace]) -> Vec<Bundle> {
    vec![bundle(vouchers.to_vec())]
}

#[test]
fn every_printed_code_reads_back_and_every_name_can_be_searched() {
    for (head, name) in [
        (head(Language::Id), "sheet"),
        (head(Language::En), "sheet-english"),
        (long_head(Language::Id), "sheet-long"),
        (long_head(Language::En), "sheet-long-english"),
    ] {
        let mut vouchers: Vec<VoucherFace> = (0..5).map(ordinary).collect();
        vouchers.insert(1, crowded(101));
        vouchers.insert(2, unbroken(102));
        vouchers.push(sparse(103));
        for (layout, on_a_page, on_the_first) in [(Layout::A4x4, 4, 3), (Layout::A4x2, 2, 1), (Layout::A6, 1, 0)] {
            let file = render(&head, layout, &bundled(&vouchers), made_at(), [9; 16]).unwrap();
            let paper = Paper::new(&file, &format!("{name}-{}", layout.as_str()));
            paper.assert_sound();
            let text = proof::flat(&paper.text());
            // The list of the point's bundles takes the first place.
            let (first, rest) = vouchers.split_at(on_the_first);
            let pages = std::iter::once(first).chain(rest.chunks(on_a_page));
            for (page, some) in pages.enumerate().filter(|(_, some)| !some.is_empty()) {
                let mut wanted: Vec<String> = some.iter().map(|voucher| voucher.qr_text.clone()).collect();
                wanted.sort();
                // As printed coarsely, and as a screen shows a whole page.
                assert_eq!(paper.codes(page + 1, 150), wanted);
                assert_eq!(paper.codes(page + 1, 72), wanted);
            }
            for voucher in vouchers.iter().filter(|voucher| !voucher.name.starts_with("WWW")) {
                for wanted in [&voucher.name, &voucher.typed_code, &voucher.point_name] {
                    assert!(text.contains(wanted.as_str()), "{wanted} is missing in {text}");
                }
            }
            assert!(text.contains("GRATIS – TIDAK DIPUNGUT BIAYA APA PUN"), "{text}");
            assert!(
                text.contains("0001–0104") && text.contains("Jumlah: 1 bundel, 8 kupon"),
                "the serials of the bundle are missing in {text}"
            );
        }
    }
}

#[test]
fn a_booklet_has_a_code_for_each_round_that_is_issued() {
    for (language, name) in [(Language::Id, "booklet"), (Language::En, "booklet-english")] {
        let vouchers = [booklet(ordinary(0)), booklet(crowded(1)), booklet(sparse(2))];
        let file = render(&long_head(language), Layout::Booklet, &bundled(&vouchers), made_at(), [9; 16]).unwrap();
        let paper = Paper::new(&file, name);
        paper.assert_sound();
        for (page, voucher) in vouchers.iter().enumerate() {
            let papers = voucher.slips.iter().filter_map(|slip| slip.voucher.as_ref());
            let mut wanted: Vec<String> = papers.map(|paper| paper.qr_text.clone()).collect();
            wanted.sort();
            assert_eq!(wanted.len(), 2);
            assert_eq!(paper.codes(page + 2, 150), wanted);
        }
        let text = proof::flat(&paper.text());
        for why in ["Belum terbit", "Sudah diambil", "Tidak berlaku", "Tidak terdaftar pada tahap ini"] {
            assert_eq!(text.matches(why).count(), 3, "{why} in {text}");
        }
    }
}

#[test]
fn an_emblem_is_drawn_once_for_a_file_and_leaves_the_codes_alone() {
    let emblem = super::emblem::Emblem::read(&super::emblem::tests::shield(600)).unwrap();
    let stationery = super::stationery::Stationery { emblem: Some(emblem), typeface: None };
    let with = SheetHead { stationery, ..head(Language::Id) };
    let vouchers: Vec<VoucherFace> = (0..7).map(ordinary).collect();
    for layout in [Layout::A4x4, Layout::A4x2] {
        let file = render(&with, layout, &bundled(&vouchers), made_at(), [9; 16]).unwrap();
        let paper = Paper::new(&file, &format!("emblem-{}", layout.as_str()));
        paper.assert_sound();
        assert_eq!(paper.images(), 8, "seven codes and one emblem");
        assert_eq!(paper.codes(2, 150).len(), if layout == Layout::A4x4 { 4 } else { 2 });
    }
}

/// The tests that need a typeface look for one of Debian's `fonts-dejavu-core`, and say when there is none.
pub(super) fn typeface() -> Option<super::typeface::Typeface> {
    let path = "/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf";
    let Ok(bytes) = std::fs::read(path) else {
        assert!(std::env::var_os("SALUR_PYTHON").is_none(), "tests/setup.sh installs {path}");
        return None;
    };
    Some(super::typeface::Typeface::read(bytes).unwrap())
}

#[test]
fn a_name_outside_the_built_in_faces_is_set_in_the_installations_typeface() {
    let Some(typeface) = typeface() else { return };
    let stationery = super::stationery::Stationery { emblem: None, typeface: Some(typeface) };
    let with = SheetHead { stationery, ..head(Language::Id) };
    let names = ["ŁUKASZ NUR’AINI", "Владимир Ким", "NGUYỄN THỊ ÁNH", "Ὀδυσσεύς Ἀλέξανδρος"];
    let named = |number: u32| VoucherFace { name: names[number as usize % 4].into(), ..ordinary(number) };
    let vouchers: Vec<VoucherFace> = (0..8).map(named).collect();
    let file = render(&with, Layout::A4x4, &bundled(&vouchers), made_at(), [9; 16]).unwrap();
    let paper = Paper::new(&file, "typeface");
    paper.assert_sound();
    let text = proof::flat(&paper.text());
    for name in names {
        assert_eq!(text.matches(name).count(), 2, "{name} is missing in {text}");
    }
    assert_eq!(paper.codes(1, 150).len(), 3);
    // A part of the typeface, and not its 700 KiB.
    assert!(file.len() < 60_000, "{} bytes", file.len());
    // What the typeface lacks, or what it would set wrongly, is refused as before.
    for (name, character) in [("王小明 ꦲ", 'ꦲ'), ("محمد", 'م')] {
        let strange = VoucherFace { name: name.into(), ..ordinary(3) };
        let refused = render(&with, Layout::A4x4, &bundled(&[strange]), made_at(), [9; 16]);
        let Err(Fault::Unprintable { place, character: found }) = refused else { panic!("{refused:?}") };
        assert!(place.starts_with("P3KE-00003 "), "{place}");
        assert!(found == character || found == '王', "{found}");
    }
}

#[test]
fn equal_inputs_make_equal_bytes_and_the_id_is_in_them() {
    let once = |id| {
        let vouchers = [ordinary(1), crowded(2)];
        render(&head(Language::Id), Layout::A4x4, &bundled(&vouchers), made_at(), id).unwrap()
    };
    assert!(once([9; 16]) == once([9; 16]));
    assert!(once([9; 16]) != once([8; 16]));
    assert!(once([0xab; 16]).windows(32).any(|bytes| bytes.eq_ignore_ascii_case("ab".repeat(16).as_bytes())));
}

#[test]
fn a_voucher_that_cannot_be_printed_is_named_by_its_household_and_line() {
    let refused = |voucher: VoucherFace| {
        render(&head(Language::Id), Layout::A4x4, &bundled(&[ordinary(0), voucher]), made_at(), [9; 16])
    };
    let strange = VoucherFace { name: "Łukasz".into(), ..ordinary(1) };
    let place = "P3KE-00001 Łukasz (TGR-01/0002), name".to_owned();
    assert_eq!(refused(strange), Err(Fault::Unprintable { place, character: 'Ł' }));
    let long = VoucherFace { point_name: "W".repeat(400), ..ordinary(1) };
    let who = "P3KE-00001 SITI NUR’AINI (TGR-01/0002)";
    assert_eq!(refused(long), Err(Fault::TooLong { place: format!("{who}, point") }));
    let dense = VoucherFace { qr_text: "A".repeat(230), ..ordinary(1) };
    assert_eq!(refused(dense), Err(Fault::CodeTooLong { place: who.to_owned() }));
}

#[test]
fn a_file_holds_one_to_a_thousand_vouchers() {
    let file = |bundles: &[Bundle]| render(&head(Language::Id), Layout::A4x4, bundles, made_at(), [9; 16]);
    assert_eq!(file(&[]), Err(Fault::Nothing));
    let many = vec![ordinary(0); MAX_VOUCHERS + 1];
    assert_eq!(file(&bundled(&many)), Err(Fault::TooMany { given: MAX_VOUCHERS + 1 }));
}

#[test]
fn a_thousand_vouchers_stay_small_and_waste_no_paper() {
    let many: Vec<VoucherFace> = (0..1_000).map(ordinary).collect();
    for (each, pages) in [(4, 260), (15, 255), (20, 265), (1_000, 251)] {
        let bundles: Vec<Bundle> = many.chunks(each).map(|some| bundle(some.to_vec())).collect();
        let bytes = render(&head(Language::Id), Layout::A4x4, &bundles, made_at(), [9; 16]).unwrap();
        assert!(bytes.len() < 1_000 * many.len(), "{} bytes", bytes.len());
        let paper = Paper::new(&bytes, "thousand");
        paper.assert_sound();
        assert!(paper.pages() <= pages, "{} pages for bundles of {each}", paper.pages());
    }
}
