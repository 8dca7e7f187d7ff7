//! Voucher sheets: A4 upright, four cards of A6 to a page, with lines to cut along.
//!
//! What all vouchers of a call share is drawn once and used on every card; each card adds its own text
//! and its code. A code with a line of text near it, or a name that runs off the card, cannot happen
//! quietly: a text that does not fit its place at the smallest legible size is an error that names the
//! voucher and the line.

use printpdf::{Mm, Op, PdfDocument, PdfPage, Pt, XObject, XObjectId, XObjectTransform};

use super::Fault;
use super::finish::{About, finish};
use super::ink::{Ink, MM};
use super::qr::Code;
use super::voucher_card::{self, CARD, LEAST_VERSION};
use crate::domain::time::{Language, Timestamp, Zone};

/// The most vouchers in one file. More make the file slow to open and the program large.
pub const MAX_VOUCHERS: usize = 1_000;

const PAGE: (f32, f32) = (210.0, 297.0);

/// What all vouchers of a sheet have in common.
#[derive(Debug, Clone)]
pub struct SheetHead {
    /// Indonesian alone, or Indonesian with a small English line below where there is room.
    pub language: Language,
    /// The lines of the letterhead, one to three: the government, the office, its address.
    pub agency_lines: Vec<String>,
    /// The name of the programme as a title: `KUPON BANTUAN SEMBAKO`.
    pub title: String,
    /// Which round: `Tahap 1 / 2026`.
    pub round_label: String,
    /// Where to complain: a telephone number, if the office has one. The national desk stands there
    /// anyway.
    pub hotline: Option<String>,
    /// The zone in which the file's date is written.
    pub zone: Zone,
}

/// What stands on one voucher. No full NIK, no number of a family card, no birth date, no amount.
#[derive(Debug, Clone)]
pub struct VoucherFace {
    /// The recipient's name.
    pub name: String,
    /// The NIK with its middle hidden: `6402 **** **** 0001`.
    pub nik_masked: String,
    /// Street or RT: `RT 014`.
    pub address: String,
    /// Village and sub-district: `Loa Ipuh, Kec. Tenggarong`.
    pub area: String,
    /// The code to type when the QR code is damaged, in groups: `7KQ4-M2XP-9D`.
    pub typed_code: String,
    /// The text of the QR code.
    pub qr_text: String,
    /// The name of the distribution point.
    pub point_name: String,
    /// Its code: `TGR-01`.
    pub point_code: String,
    /// When to come; without it the card says that the village will tell.
    pub schedule: Option<Schedule>,
    /// What the household receives, a line each: `Beras 15 kg`. Its right, printed so that it knows.
    pub items: Vec<String>,
    /// Which print of the voucher this is; only the newest is good.
    pub print_no: u32,
    /// A number by which the paper is sorted and handed on: `TGR-01/0417`.
    pub serial: String,
}

/// When to come, in words.
#[derive(Debug, Clone)]
pub struct Schedule {
    /// The day: `Senin, 7 Desember 2026`.
    pub day: String,
    /// The session, if the point works in sessions: `Sesi 1`.
    pub session: Option<String>,
    /// The hours: `08.00–10.00 WITA`.
    pub hours: Option<String>,
}

/// Makes one file of vouchers, in the order given, four to a page.
///
/// `made_at` and `document_id` (16 bytes drawn by the caller) go into the file's description. Between
/// one and [`MAX_VOUCHERS`] vouchers; otherwise, or when a text cannot be printed or does not fit, a
/// [`Fault`] that names the voucher by its place and serial.
pub fn render(
    head: &SheetHead,
    vouchers: &[VoucherFace],
    made_at: Timestamp,
    document_id: [u8; 16],
) -> Result<Vec<u8>, Fault> {
    if vouchers.is_empty() {
        return Err(Fault::Nothing);
    }
    if vouchers.len() > MAX_VOUCHERS {
        return Err(Fault::TooMany { given: vouchers.len() });
    }
    let title = format!("{} – {}", head.title, head.round_label);
    let mut document = PdfDocument::new(&title);
    let objects = &mut document.resources.xobjects.map;
    let card = XObjectId("K".to_owned());
    let cuts = XObjectId("G".to_owned());
    objects.insert(card.clone(), XObject::External(voucher_card::common(head)?.form(CARD)));
    objects.insert(cuts.clone(), XObject::External(cut_lines().form(PAGE)));
    for (sheet, four) in vouchers.chunks(4).enumerate() {
        let mut ops = vec![place(cuts.clone(), (0.0, 0.0), 1.0)];
        for (corner, voucher) in four.iter().enumerate() {
            let number = sheet * 4 + corner + 1;
            let whole = || format!("voucher {number} ({})", voucher.serial);
            let code = Code::new(&voucher.qr_text, LEAST_VERSION, &whole())?;
            let column = if corner % 2 == 0 { 0.0 } else { CARD.0 };
            let top = if corner < 2 { PAGE.1 } else { PAGE.1 - CARD.1 };
            ops.push(place(card.clone(), (column, top - CARD.1), 1.0));
            voucher_card::own(voucher, head.language, &|line: &str| format!("{}, {line}", whole()))?
                .write_texts((column * MM, top * MM), &mut ops);
            let id = XObjectId(format!("Q{number}"));
            let area = voucher_card::CODE;
            ops.push(place(id.clone(), (column + area.left, top - area.bottom()), area.width * MM));
            document.resources.xobjects.map.insert(id, XObject::External(code.image()));
        }
        document.pages.push(PdfPage::new(Mm(PAGE.0), Mm(PAGE.1), ops));
    }
    let author = head.agency_lines.join(", ");
    finish(&document, &About { title, author, made_at, zone: head.zone, document_id })
}

/// Draws an object with its lower left corner at a place in millimetres.
pub(super) fn place(id: XObjectId, (left, foot): (f32, f32), scale: f32) -> Op {
    let round = |value: f32| (value * 1000.0).round() / 1000.0;
    let transform = XObjectTransform {
        translate_x: Some(Pt(round(left * MM))),
        translate_y: Some(Pt(round(foot * MM))),
        scale_x: Some(round(scale)),
        scale_y: Some(round(scale)),
        no_auto_scale: true,
        ..XObjectTransform::default()
    };
    Op::UseXobject { id, transform }
}

/// The two lines to cut along. They keep off the margin in which printers cannot print.
fn cut_lines() -> Ink {
    let mut ink = Ink::default();
    ink.cut((PAGE.0 / 2.0, 4.0), (PAGE.0 / 2.0, PAGE.1 - 4.0));
    ink.cut((4.0, PAGE.1 / 2.0), (PAGE.0 - 4.0, PAGE.1 / 2.0));
    ink
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::proof::{self, Paper};
    use super::*;

    /// A token's length and alphabet, different for each number.
    fn token(number: u32) -> String {
        let mut state = number.wrapping_mul(2_654_435_761).wrapping_add(12_345);
        let tail = (0..176).map(|_| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[(state >> 27) as usize])
        });
        "HTTPS://SALUR.KUKARKAB.GO.ID/V/".chars().chain(tail).collect()
    }

    pub(in super::super) fn head(language: Language) -> SheetHead {
        SheetHead {
            language,
            agency_lines: vec!["PEMERINTAH KABUPATEN KUTAI KARTANEGARA".into(), "DINAS SOSIAL".into()],
            title: "KUPON BANTUAN SEMBAKO".into(),
            round_label: "Tahap 1 / 2026".into(),
            hotline: Some("0541-661 234".into()),
            zone: Zone::Wita,
        }
    }

    /// A head with every line as long as an office could want it.
    pub(in super::super) fn long_head(language: Language) -> SheetHead {
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

    pub(in super::super) fn ordinary(number: u32) -> VoucherFace {
        VoucherFace {
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
                .map(str::to_owned)
                .to_vec(),
            print_no: 1,
            serial: format!("TGR-01/{:04}", number + 1),
        }
    }

    /// Names of 60 characters, addresses and points of 90, eight long items.
    pub(in super::super) fn crowded(number: u32) -> VoucherFace {
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
            items: (1..=8).map(|n| format!("Paket bahan pangan pokok nomor {n}, kemasan 2 × 500 g")).collect(),
            print_no: 12,
            serial: "MWS-12-SEBERANG/2026/1/10417".into(),
            ..ordinary(number)
        }
    }

    /// One word without a break in every place.
    pub(in super::super) fn unbroken(number: u32) -> VoucherFace {
        VoucherFace {
            name: "W".repeat(60),
            address: "M".repeat(60),
            area: "M".repeat(60),
            point_name: "W".repeat(50),
            items: vec!["W".repeat(24); 8],
            schedule: None,
            ..ordinary(number)
        }
    }

    fn made_at() -> Timestamp {
        Timestamp::parse("2026-11-23T16:00:00+08:00").unwrap()
    }

    #[test]
    fn every_printed_code_reads_back_and_every_name_can_be_searched() {
        for (head, name) in [
            (head(Language::Id), "sheet"),
            (head(Language::En), "sheet-english"),
            (long_head(Language::Id), "sheet-long"),
            (long_head(Language::En), "sheet-long-english"),
        ] {
            let mut vouchers: Vec<VoucherFace> = (0..6).map(ordinary).collect();
            vouchers.insert(1, crowded(101));
            vouchers.insert(2, unbroken(102));
            let paper = Paper::new(&render(&head, &vouchers, made_at(), [9; 16]).unwrap(), name);
            paper.assert_sound();
            let text = proof::flat(&paper.text());
            for (page, four) in vouchers.chunks(4).enumerate() {
                let mut wanted: Vec<String> = four.iter().map(|voucher| voucher.qr_text.clone()).collect();
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
        }
    }

    #[test]
    fn equal_inputs_make_equal_bytes_and_the_id_is_in_them() {
        let once = |id| render(&head(Language::Id), &[ordinary(1), crowded(2)], made_at(), id).unwrap();
        assert!(once([9; 16]) == once([9; 16]));
        assert!(once([9; 16]) != once([8; 16]));
        assert!(once([0xab; 16]).windows(32).any(|bytes| bytes.eq_ignore_ascii_case("ab".repeat(16).as_bytes())));
    }

    #[test]
    fn a_voucher_that_cannot_be_printed_is_named_with_its_line() {
        let strange = VoucherFace { name: "Łukasz".into(), ..ordinary(1) };
        let refused = render(&head(Language::Id), &[ordinary(0), strange], made_at(), [9; 16]);
        let place = "voucher 2 (TGR-01/0002), name".to_owned();
        assert_eq!(refused, Err(Fault::Unprintable { place, character: 'Ł' }));
        let long = VoucherFace { point_name: "W".repeat(400), ..ordinary(0) };
        let refused = render(&head(Language::Id), &[long], made_at(), [9; 16]);
        assert_eq!(refused, Err(Fault::TooLong { place: "voucher 1 (TGR-01/0001), point".into() }));
        let dense = VoucherFace { qr_text: "A".repeat(230), ..ordinary(0) };
        let refused = render(&head(Language::Id), &[dense], made_at(), [9; 16]);
        assert_eq!(refused, Err(Fault::CodeTooLong { place: "voucher 1 (TGR-01/0001)".into() }));
    }

    #[test]
    fn a_file_holds_one_to_a_thousand_vouchers() {
        assert_eq!(render(&head(Language::Id), &[], made_at(), [9; 16]), Err(Fault::Nothing));
        let many = vec![ordinary(0); MAX_VOUCHERS + 1];
        let refused = render(&head(Language::Id), &many, made_at(), [9; 16]);
        assert_eq!(refused, Err(Fault::TooMany { given: MAX_VOUCHERS + 1 }));
    }

    #[test]
    fn a_thousand_vouchers_stay_small() {
        let many: Vec<VoucherFace> = (0..1_000).map(ordinary).collect();
        let bytes = render(&head(Language::Id), &many, made_at(), [9; 16]).unwrap();
        assert!(bytes.len() < 1_000 * many.len(), "{} bytes", bytes.len());
        Paper::new(&bytes, "thousand").assert_sound();
    }
}
