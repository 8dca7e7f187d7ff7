//! Invented people.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::places::Place;
use crate::domain::household::{Eligibility, FamilyCard, Nik, Particulars, Sex, Vulnerability};
use crate::domain::role::Role;

const WOMEN: [&str; 24] = [
    "RUSMINI",
    "SITI MARDIANA",
    "PARTINEM",
    "NURHAYATI",
    "NORLIANI",
    "MARTHA",
    "HALIMAH",
    "AMINAH",
    "JUMIATI",
    "SUMARNI",
    "FATIMAH",
    "MISNAH",
    "RAHMAWATI",
    "SALMIAH",
    "TUMINAH",
    "ARBAYAH",
    "MARIATI",
    "KARTINI",
    "WAGINAH",
    "ROSDIANA",
    "HADIJAH",
    "SUNARTI",
    "YULIANA",
    "MASNAH",
];
const MEN: [&str; 24] = [
    "ABDUL HAMID",
    "YOHANES",
    "MUHAMMAD YUSRAN",
    "BAHARUDDIN",
    "SYAHRANI",
    "ASPUL ANWAR",
    "JUHRANI",
    "SUPARDI",
    "ARIFIN",
    "MARKUS",
    "HERMANSYAH",
    "SAMSUDDIN",
    "RUSLAN",
    "SLAMET",
    "TUGIMIN",
    "HASANUDDIN",
    "LUKAS",
    "ALIANSYAH",
    "MISRAN",
    "KASIM",
    "PETRUS",
    "DARMANSYAH",
    "ISMAIL",
    "SUKARDI",
];
const SECOND: [&str; 28] = [
    "", "", "", "", "BASO", "LAHANG", "LUHAT", "NOOR", "RAHMAN", "SANUSI", "UDIN", "SALEH", "TAMAN", "JALUNG", "ALUI",
    "EFENDI", "HAKIM", "SIREGAR", "WIJAYA", "SANTOSO", "ANWAR", "BAHRI", "KUSUMA", "LING", "MAULANA", "NYUK",
    "PASARIBU", "SURYANI",
];
const STREETS: [&str; 8] = [
    "JL. CONTOH MAWAR",
    "GG. CONTOH",
    "JL. POROS CONTOH",
    "RUMAH APUNG",
    "DUSUN CONTOH HULU",
    "TEPI SUNGAI",
    "BLOK C CONTOH",
    "JL. CONTOH ULIN",
];

/// The name of who holds a role in the office.
pub(super) const fn staff_name(role: Role) -> &'static str {
    match role {
        Role::Admin => "Admin Dinas",
        Role::Registrar => "Rina Pendata",
        Role::Verifier => "Vivi Verifikator",
        Role::Issuer => "Ismail Penerbit",
        Role::Coordinator => "Kurnia Koordinator",
        Role::Operator => "Petugas",
        Role::Storekeeper => "Bambang Pengurus Barang",
        Role::Finance => "Fitri Bendahara",
        Role::Auditor => "Anton Pemeriksa",
    }
}

/// The name of who stands at a desk.
pub(super) fn operator_name(number: u64) -> String {
    let names = ["Agus", "Dewi", "Eko", "Fajar", "Hana", "Indra", "Joko", "Lina", "Mira", "Nanda"];
    let index = usize::try_from(number).unwrap_or(0);
    format!("{} Petugas", names.get(index % names.len()).copied().unwrap_or("Agus"))
}

/// Invents households, always the same ones from the same seed.
#[derive(Debug)]
pub(super) struct Inventor {
    state: u64,
}

impl Inventor {
    pub(super) const fn new(seed: u64) -> Self {
        Self { state: seed }
    }

    /// The next number of the sequence (SplitMix64): good enough for names, never used for secrets.
    fn next(&mut self) -> u64 {
        self.state = self.state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.state;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound.max(1)
    }

    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let index = self.below(u64::try_from(from.len()).unwrap_or(1));
        usize::try_from(index).ok().and_then(|index| from.get(index)).copied().unwrap_or("")
    }

    /// One household. `number` is its place in the whole run and makes its numbers unlike any other's.
    pub(super) fn household(&mut self, number: u64, place: &Place, session_no: u16) -> Particulars {
        let woman = self.below(100) < 60;
        let first = if woman { self.pick(&WOMEN) } else { self.pick(&MEN) };
        let second = self.pick(&SECOND);
        let name = format!("{first} {second}").trim().to_owned();
        let birth_date = born(number);
        let day = birth_date.day() + if woman { 40 } else { 0 };
        let sequence = number % 9_999 + 1;
        let year = birth_date.year() % 100;
        let nik = format!("640299{day:02}{:02}{year:02}{sequence:04}", birth_date.month());
        let card = format!("640299{:02}{:02}10{sequence:04}", birth_date.day(), birth_date.month());
        let elderly = birth_date.year() <= 1966;
        let disabled = self.below(10) == 0;
        let mut vulnerabilities = Vec::new();
        if elderly {
            vulnerabilities.extend(Vulnerability::parse("LANSIA"));
        }
        if disabled {
            vulnerabilities.extend(Vulnerability::parse("DISABILITAS"));
        }
        let street = self.pick(&STREETS);
        let house = self.below(90) + 1;
        Particulars {
            source_id: format!("DEMO-{number:07}"),
            family_card: FamilyCard::parse(&card).ok(),
            nik: Nik::parse(&nik).ok(),
            name,
            sex: Some(if woman { Sex::Female } else { Sex::Male }),
            birth_date: Some(birth_date),
            relation: "KEPALA KELUARGA".into(),
            address: format!("{street} NO. {house}"),
            rt: format!("{:03}", self.below(20) + 1),
            village_code: place.village_code.into(),
            village: place.village.into(),
            sub_district: place.sub_district.into(),
            decile: u8::try_from(self.below(2) + 1).ok(),
            civil_match: Some(self.below(50) != 0),
            eligibility: Eligibility::Eligible,
            vulnerabilities,
            point_code: place.code.into(),
            session_no: Some(session_no),
            package_code: "SEMBAKO-A".into(),
            note: String::new(),
        }
    }
}

/// A birth date between 1936 and 1976, spread over the days, so that a million NIK stay apart.
fn born(number: u64) -> Date {
    let day = number.wrapping_mul(7_919) % 14_600;
    date(1936, 1, 1).saturating_add(i64::try_from(day).unwrap_or(0).days())
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::places::PLACES;
    use super::*;

    #[test]
    fn the_same_seed_invents_the_same_people_and_no_nik_twice() {
        let invent = |seed| {
            let mut inventor = Inventor::new(seed);
            (1..=20_000).map(|number| inventor.household(number, &PLACES[0], 1)).collect::<Vec<_>>()
        };
        let people = invent(1);
        assert!(people == invent(1) && people != invent(2));
        let numbers: HashSet<String> = people.iter().map(|one| one.nik.as_ref().unwrap().digits().to_owned()).collect();
        assert_eq!(numbers.len(), people.len());
        assert!(people.iter().all(|one| one.nik.as_ref().unwrap().digits()[4..6] == *"99"));
    }
}
