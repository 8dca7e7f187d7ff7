//! The list of villages in memory, and what it makes of a written place.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::fold::{fold_place, near};
use crate::domain::household::{PLACE_MAX, village_code};

/// A village of the official list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Village {
    /// Its code, as Kemendagri writes it: `64.02.06.1002`.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The name of its sub-district.
    pub sub_district: String,
}

/// Why a line of an official list is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListFault {
    /// The code is not one of Kemendagri.
    Code,
    /// A name is empty or too long.
    Name,
}

impl Village {
    /// A village of a line of the official list, its texts tidied already.
    pub fn of(code: &str, name: &str, sub_district: &str) -> Result<Self, ListFault> {
        let code = village_code(code).ok_or(ListFault::Code)?;
        let fits = |text: &str| !fold_place(text).is_empty() && text.chars().count() <= PLACE_MAX;
        if !fits(name) || !fits(sub_district) {
            return Err(ListFault::Name);
        }
        Ok(Self { code, name: name.to_uppercase(), sub_district: sub_district.to_uppercase() })
    }

    /// The code of its sub-district: `64.02.06`.
    #[must_use]
    pub fn sub_district_code(&self) -> &str {
        self.code.get(..8).unwrap_or_default()
    }
}

/// What somebody confirmed: who writes this, folded, means the place of this code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Alias {
    /// The sub-district as written, folded.
    pub sub_district: String,
    /// The village as written, folded; empty when the sub-district alone is meant.
    pub village: String,
    /// The code of a village, or of a sub-district when that alone is meant.
    pub code: String,
}

/// A place as a row writes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written<'a> {
    /// The code, or nothing.
    pub code: &'a str,
    /// The village.
    pub village: &'a str,
    /// The sub-district.
    pub sub_district: &'a str,
}

/// What proved that a written place is one of the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum How {
    /// The same names, perhaps in another case or spacing.
    Names,
    /// Its code, beside names that are at most spelled differently.
    Code,
    /// Somebody confirmed the spelling before.
    Alias,
    /// The village went to a new sub-district when the written one was split.
    Split,
}

/// What may be meant, for a person to confirm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Suggestion {
    /// The sub-district as written.
    pub sub_district: String,
    /// The village as written; empty when the sub-district alone is asked about.
    pub village: String,
    /// Codes and names of what may be meant, the likeliest first; at most five.
    pub candidates: Vec<(String, String)>,
}

/// What the list makes of a written place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is this village.
    Found(Village, How),
    /// The written code is of another village than the written names, and nobody can tell which is right.
    CodeDiffers(Village),
    /// It may be one of these.
    Asked(Suggestion),
    /// Several villages have this name, none of them in the written sub-district.
    Ambiguous,
    /// Nothing on the list is like it.
    Unknown,
}

/// What became of a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settled {
    /// What the list makes of it.
    pub verdict: Verdict,
    /// A code that was written and is not on the list, though the names are.
    pub code_replaced: bool,
}

/// The official list of villages, ready to be asked, with what was confirmed about spellings.
#[derive(Debug, Default)]
pub struct Gazetteer {
    villages: Vec<Village>,
    by_code: HashMap<String, usize>,
    /// By folded sub-district and village.
    by_pair: HashMap<(String, String), Vec<usize>>,
    by_village: HashMap<String, Vec<usize>>,
    /// Folded name, code and name of each sub-district.
    sub_districts: BTreeMap<String, (String, String)>,
    aliases: HashMap<(String, String), String>,
}

impl Gazetteer {
    /// A list with its aliases.
    #[must_use]
    pub fn new(villages: Vec<Village>, aliases: impl IntoIterator<Item = Alias>) -> Self {
        let mut list = Self::default();
        for (place, village) in villages.iter().enumerate() {
            let (sub_district, name) = (fold_place(&village.sub_district), fold_place(&village.name));
            list.by_code.insert(village.code.clone(), place);
            list.by_village.entry(name.clone()).or_default().push(place);
            list.sub_districts
                .entry(sub_district.clone())
                .or_insert_with(|| (village.sub_district_code().to_owned(), village.sub_district.clone()));
            list.by_pair.entry((sub_district, name)).or_default().push(place);
        }
        list.villages = villages;
        list.aliases = aliases.into_iter().map(|alias| ((alias.sub_district, alias.village), alias.code)).collect();
        list
    }

    /// Whether nobody has loaded a list: then nothing is said about places.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.villages.is_empty()
    }

    /// The village of a code.
    #[must_use]
    pub fn village(&self, code: &str) -> Option<&Village> {
        self.by_code.get(code).and_then(|place| self.villages.get(*place))
    }

    /// The name of the sub-district of a code such as `64.02.06`.
    #[must_use]
    pub fn sub_district(&self, code: &str) -> Option<&str> {
        self.sub_districts.values().find(|(known, _)| known == code).map(|(_, name)| name.as_str())
    }

    /// What the list makes of a written place.
    #[must_use]
    pub fn settle(&self, written: Written<'_>) -> Settled {
        let pair = (fold_place(written.sub_district), fold_place(written.village));
        let verdict = self.by_names(&pair, written);
        let Some(coded) = self.village(written.code) else {
            let code_replaced = !written.code.is_empty() && matches!(verdict, Verdict::Found(..));
            return Settled { verdict, code_replaced };
        };
        let verdict = match verdict {
            Verdict::Found(village, how) if village.code == coded.code => Verdict::Found(village, how),
            Verdict::Found(..) => Verdict::CodeDiffers(coded.clone()),
            _ if self.is_spelling_of(&pair, coded) => Verdict::Found(coded.clone(), How::Code),
            _ => Verdict::CodeDiffers(coded.clone()),
        };
        Settled { verdict, code_replaced: false }
    }

    /// Whether the written names are those of a village but for a slip in either.
    fn is_spelling_of(&self, (sub_district, name): &(String, String), village: &Village) -> bool {
        let alike = |written: &str, known: &str| written == known || near(written, known);
        alike(name, &fold_place(&village.name)) && alike(sub_district, &fold_place(&village.sub_district))
    }

    fn by_names(&self, pair: &(String, String), written: Written<'_>) -> Verdict {
        if let Some(village) = self.aliases.get(pair).and_then(|code| self.village(code)) {
            return Verdict::Found(village.clone(), How::Alias);
        }
        let (sub_district, name) = pair;
        let alone = (sub_district.clone(), String::new());
        let known = if self.sub_districts.contains_key(sub_district) {
            Some((sub_district.clone(), How::Names))
        } else {
            self.aliases.get(&alone).and_then(|code| self.folded_sub_district(code)).map(|known| (known, How::Alias))
        };
        let Some((sub_district, how)) = known else { return self.of_unknown_sub_district(pair, written) };
        match self.in_pair(&sub_district, name).as_slice() {
            [only] => return Verdict::Found((*only).clone(), how),
            [] => {}
            _ => return Verdict::Ambiguous,
        }
        let namesakes = self.named(name);
        let split: Vec<&Village> = namesakes
            .iter()
            .copied()
            .filter(|one| is_split_of(&fold_place(&one.sub_district), &sub_district))
            .collect();
        if let [only] = split.as_slice() {
            return Verdict::Found((*only).clone(), How::Split);
        }
        let mut candidates: Vec<&Village> = self
            .villages
            .iter()
            .filter(|one| {
                let of = fold_place(&one.sub_district);
                (of == sub_district || is_split_of(&of, &sub_district)) && near(name, &fold_place(&one.name))
            })
            .collect();
        // A namesake elsewhere is a possibility as well, but only where there is no second one.
        if let [only] = namesakes.as_slice() {
            candidates.push(only);
        }
        if candidates.is_empty() {
            return if namesakes.is_empty() { Verdict::Unknown } else { Verdict::Ambiguous };
        }
        Verdict::Asked(Suggestion {
            sub_district: written.sub_district.to_owned(),
            village: written.village.to_owned(),
            candidates: labelled(candidates),
        })
    }

    /// A sub-district that is not on the list: the spelling of one, or one whose village is known by name.
    fn of_unknown_sub_district(&self, (sub_district, name): &(String, String), written: Written<'_>) -> Verdict {
        let mut candidates: Vec<(String, String)> = self
            .sub_districts
            .iter()
            .filter(|(folded, _)| near(sub_district, folded))
            .map(|(_, (code, name))| (code.clone(), name.clone()))
            .collect();
        candidates.truncate(5);
        if !candidates.is_empty() {
            let sub_district = written.sub_district.to_owned();
            return Verdict::Asked(Suggestion { sub_district, village: String::new(), candidates });
        }
        match self.named(name).as_slice() {
            [] => Verdict::Unknown,
            [only] => Verdict::Asked(Suggestion {
                sub_district: written.sub_district.to_owned(),
                village: written.village.to_owned(),
                candidates: labelled([*only]),
            }),
            _ => Verdict::Ambiguous,
        }
    }

    fn folded_sub_district(&self, code: &str) -> Option<String> {
        self.sub_districts.iter().find(|(_, (known, _))| known == code).map(|(folded, _)| folded.clone())
    }

    fn in_pair(&self, sub_district: &str, name: &str) -> Vec<&Village> {
        let places = self.by_pair.get(&(sub_district.to_owned(), name.to_owned()));
        places.into_iter().flatten().filter_map(|place| self.villages.get(*place)).collect()
    }

    fn named(&self, name: &str) -> Vec<&Village> {
        self.by_village.get(name).into_iter().flatten().filter_map(|place| self.villages.get(*place)).collect()
    }

    /// Whether an alias may lead to this code: a village, or a sub-district when that alone is meant.
    #[must_use]
    pub fn may_mean(&self, village: &str, code: &str) -> bool {
        if village.is_empty() { self.folded_sub_district(code).is_some() } else { self.village(code).is_some() }
    }

    /// The first line whose code stands twice, if one does.
    #[must_use]
    pub fn doubled_code(villages: &[Village]) -> Option<&Village> {
        let mut seen = HashSet::new();
        villages.iter().find(|village| !seen.insert(village.code.as_str()))
    }
}

fn labelled<'a>(villages: impl IntoIterator<Item = &'a Village>) -> Vec<(String, String)> {
    let mut found: Vec<(String, String)> = Vec::new();
    for village in villages {
        if found.len() < 5 && found.iter().all(|(code, _)| *code != village.code) {
            found.push((village.code.clone(), format!("{}, {}", village.name, village.sub_district)));
        }
    }
    found
}

/// Whether a sub-district was split from another: it carries the older name and a word behind it, as Kota
/// Bangun Darat does of Kota Bangun.
fn is_split_of(newer: &str, older: &str) -> bool {
    newer.len() > older.len() && newer.starts_with(older)
}
