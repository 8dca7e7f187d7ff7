//! Invented people.

use jiff::ToSpan;
use jiff::civil::{Date, date};

use super::names;
use super::places::Place;
use crate::domain::household::{Eligibility, FamilyCard, Nik, Particulars, Sex, Vulnerability};
use crate::domain::role::Role;

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

    /// One of these; those that stand first come more often.
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let bound = u64::try_from(from.len()).unwrap_or(1);
        let index = self.below(bound).min(self.below(bound));
        usize::try_from(index).ok().and_then(|index| from.get(index)).copied().unwrap_or("")
    }

    fn name(&mut self, woman: bool, sub_district: &str) -> String {
        let mut chance = self.below(100);
        let stocks = names::stocks(sub_district);
        let mut chosen = stocks[0].0;
        for (stock, share) in stocks {
            chosen = stock;
            if chance < share {
                break;
            }
            chance -= share;
        }
        let (first, second) = if woman { (chosen.women, chosen.second_women) } else { (chosen.men, chosen.second_men) };
        let (first, mut second) = (self.pick(first), self.pick(second));
        // Nobody is called ABDUL alone, and nobody twice the same.
        if second.is_empty() && matches!(first, "ABDUL" | "SITI" | "SRI" | "MUHAMMAD" | "LA" | "ANDI") {
            second = if woman { "AMINAH" } else { "RAHMAN" };
        }
        let mut name = if second == first { first.to_owned() } else { format!("{first} {second}").trim().to_owned() };
        if chosen.muslim {
            let style = self.below(100);
            let short = |long: &str, short: &str| name.strip_prefix(long).map(|rest| format!("{short}{rest}"));
            name = match style {
                0..8 if !name.starts_with("HJ.") => format!("{} {name}", if woman { "HJ." } else { "H." }),
                8..20 => short("MUHAMMAD ", "M. ").or_else(|| short("ABDUL ", "ABD. ")).unwrap_or(name),
                20..28 if name.split(' ').count() < 3 => {
                    let father = self.pick(chosen.men);
                    let father = if matches!(father, "ABDUL" | "LA" | "ANDI") { "AHMAD" } else { father };
                    format!("{name} {} {father}", if woman { "BINTI" } else { "BIN" })
                }
                _ => name,
            };
        }
        name
    }

    /// One household. `number` is its place in the whole run and makes its numbers unlike any other's;
    /// `rt` is its neighbourhood.
    pub(super) fn household(&mut self, number: u64, place: &Place, session_no: u16, rt: u64) -> Particulars {
        let woman = self.below(100) < 62;
        let name = self.name(woman, place.sub_district);
        let birth_date = born(number);
        let elderly = birth_date.year() < OLD_FROM;
        let day = birth_date.day() + if woman { 40 } else { 0 };
        let sequence = number % 9_999 + 1;
        let year = birth_date.year() % 100;
        let nik = format!("640299{day:02}{:02}{year:02}{sequence:04}", birth_date.month());
        // Cards were made anew from 2005 on, each on a day of its own within one sequence.
        let made = date(2005, 1, 1).saturating_add(i64::try_from(number * 31 % 5_479).unwrap_or(0).days());
        let card = format!("640299{:02}{:02}{:02}{sequence:04}", made.day(), made.month(), made.year() % 100);
        let alone = elderly && self.below(100) < 35;
        let mut vulnerabilities = Vec::new();
        if elderly {
            vulnerabilities.push(Vulnerability::Elderly);
        }
        if self.below(100) < if elderly { 10 } else { 55 } {
            vulnerabilities.push(Vulnerability::Disabled);
        }
        if self.below(100) < if elderly { 20 } else { 35 } || vulnerabilities.is_empty() {
            vulnerabilities.push(Vulnerability::Ill);
        }
        if woman && birth_date.year() >= 1984 && self.below(4) == 0 {
            vulnerabilities.push(Vulnerability::Pregnant);
        }
        if alone {
            vulnerabilities.push(Vulnerability::LivesAlone);
        }
        let wife = woman && !alone && self.below(100) < 25;
        let street = self.pick(names::STREETS);
        let house = self.below(90) + 1;
        Particulars {
            source_id: format!("DEMO-{number:07}"),
            family_card: FamilyCard::parse(&card).ok(),
            nik: Nik::parse(&nik).ok(),
            name,
            sex: Some(if woman { Sex::Female } else { Sex::Male }),
            birth_date: Some(birth_date),
            relation: if wife { "ISTRI" } else { "KEPALA KELUARGA" }.into(),
            address: format!("{street} NO. {house}"),
            rt: format!("{rt:03}"),
            village_code: place.village_code.into(),
            village: place.village.into(),
            sub_district: place.sub_district.into(),
            decile: u8::try_from(self.below(10) / 8 + 1).ok(),
            civil_match: Some(self.below(50) != 0),
            eligibility: Eligibility::Eligible,
            vulnerabilities,
            point_code: place.code.into(),
            session_no: Some(session_no),
            package_code: "SEMBAKO-A".into(),
            note: String::new(),
        }
    }

    /// How a proxy belongs to the recipient.
    pub(super) fn relation(&mut self) -> &'static str {
        self.pick(&["ANAK", "MENANTU", "CUCU", "TETANGGA", "KETUA RT"])
    }

    /// A chance of so many in a hundred.
    pub(super) fn chance(&mut self, of_hundred: u64) -> bool {
        self.below(100) < of_hundred
    }
}

/// Whoever was born before this year counts as elderly.
const OLD_FROM: i16 = 1967;

/// Three of four between 1936 and 1966, the others between 1967 and 1990. The days are spread so that no NIK
/// comes twice among a hundred million: neither span has a divisor in common with the sequence of 9,999.
fn born(number: u64) -> Date {
    let day = |span: u64| i64::try_from(number.wrapping_mul(7_919) % span).unwrap_or(0);
    if number % 4 == 3 {
        date(OLD_FROM, 1, 1).saturating_add(day(8_713).days())
    } else {
        date(1936, 1, 1).saturating_add(day(11_299).days())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::places::PLACES;
    use super::*;

    #[test]
    fn the_same_seed_invents_the_same_people_and_no_number_twice() {
        let invent = |seed| {
            let mut inventor = Inventor::new(seed);
            (1..=20_000).map(|number| inventor.household(number, &PLACES[0], 1, 1)).collect::<Vec<_>>()
        };
        let people = invent(1);
        assert!(people == invent(1) && people != invent(2));
        for number in
            [|one: &Particulars| one.nik.map(String::from), |one: &Particulars| one.family_card.map(String::from)]
        {
            let numbers: HashSet<String> = people.iter().map(|one| number(one).unwrap()).collect();
            assert_eq!(numbers.len(), people.len());
            assert!(numbers.iter().all(|digits| digits[4..6] == *"99"));
        }
    }

    #[test]
    fn people_are_mostly_old_and_what_is_said_of_them_fits() {
        let mut inventor = Inventor::new(7);
        let people: Vec<_> = (1..=2_000).map(|number| inventor.household(number, &PLACES[6], 1, 1)).collect();
        let old = people.iter().filter(|one| one.vulnerabilities.contains(&Vulnerability::Elderly)).count();
        assert!((1_400..1_600).contains(&old), "{old}");
        for one in &people {
            let born = one.birth_date.unwrap();
            let (nik, has) = (one.nik.unwrap(), |kind| one.vulnerabilities.contains(&kind));
            assert!(nik.birth_hint().unwrap().agrees(born) && nik.sex_hint() == one.sex, "{nik:?} {born}");
            assert!(!has(Vulnerability::Pregnant) || (one.sex == Some(Sex::Female) && born.year() >= 1984));
            assert_eq!(has(Vulnerability::Elderly), born.year() < OLD_FROM);
            assert!(
                one.sex == Some(Sex::Female) || !one.name.contains("BINTI") && !one.name.contains("HJ."),
                "{}",
                one.name
            );
            let mut sorted = one.vulnerabilities.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, one.vulnerabilities);
        }
        let names: HashSet<&str> = people.iter().map(|one| one.name.as_str()).collect();
        assert!(names.len() > 500, "{} different names", names.len());
    }
}
