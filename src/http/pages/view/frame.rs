//! What surrounds every page: who is signed in, where one can go, the words, the addresses of assets.

use std::borrow::Borrow;

use crate::domain::closing::NOT_NOTED;
use crate::domain::document::AbsenceReason;
use crate::domain::money::grouped;
use crate::domain::role::{Action, Role};
use crate::domain::time::{Language, plain_date};
use crate::http::assets;
use crate::words::{Value, Words};

/// The surroundings of a page.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    /// The words of the reader's language.
    pub words: Words,
    /// The token that every form carries as `csrf`; empty where nobody is signed in.
    pub csrf: String,
    /// Path and query of this page, to come back to after a change of language.
    pub here: String,
    /// Who is signed in.
    pub person: Option<Person>,
    /// Where this person may go.
    pub places: Vec<Place>,
    /// Which of these places this page belongs to.
    pub current: Option<Place>,
    /// A sentence on what was just done, already in words.
    pub notice: Option<String>,
}

/// The one who is signed in.
#[derive(Debug, Clone)]
pub struct Person {
    /// The name as shown.
    pub name: String,
    /// The code of the role.
    pub role: String,
    /// The agency, or the point of an operator.
    pub at: String,
}

/// A value to choose and what it is called.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What the form sends.
    pub value: String,
    /// What the person reads.
    pub label: String,
    /// Whether it is chosen already.
    pub chosen: bool,
}

impl Choice {
    /// A choice that is not chosen yet.
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into(), chosen: false }
    }
}

/// A place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// The first page.
    Home,
    /// The desk.
    Desk,
    /// Files of households.
    Intakes,
    /// Households.
    Households,
    /// Verification: decisions, duplicates, decrees, substitutes.
    Verval,
    /// Rounds, with issue, print and reconciliation.
    Rounds,
    /// Programmes with their budgets and packages.
    Programmes,
    /// Distribution points.
    Points,
    /// Scanners and desks.
    Devices,
    /// People.
    Users,
    /// Who did what, and who looked at whom.
    Trail,
    /// Cases.
    Cases,
    /// Signing keys.
    Keys,
}

impl Place {
    /// Its address.
    #[must_use]
    pub const fn href(self) -> &'static str {
        match self {
            Self::Home => "/",
            Self::Desk => "/desk",
            Self::Intakes => "/intakes",
            Self::Households => "/households",
            Self::Verval => "/verval",
            Self::Rounds => "/rounds",
            Self::Programmes => "/programmes",
            Self::Points => "/points",
            Self::Devices => "/devices",
            Self::Users => "/users",
            Self::Trail => "/trail",
            Self::Cases => "/cases",
            Self::Keys => "/keys",
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Home => "home",
            Self::Desk => "desk",
            Self::Intakes => "intakes",
            Self::Households => "households",
            Self::Verval => "verval",
            Self::Rounds => "rounds",
            Self::Programmes => "programmes",
            Self::Points => "points",
            Self::Devices => "devices",
            Self::Users => "users",
            Self::Trail => "trail",
            Self::Cases => "cases",
            Self::Keys => "keys",
        }
    }

    /// The places of a role. What a person may really do, the services decide; this only spares dead ends.
    #[must_use]
    pub fn for_role(role: &str) -> Vec<Self> {
        let mut places = vec![Self::Home];
        places.extend_from_slice(match role {
            "registrar" | "verifier" => &[Self::Intakes, Self::Households, Self::Verval, Self::Rounds],
            "operator" => &[Self::Desk, Self::Rounds],
            "issuer" => &[Self::Programmes, Self::Rounds, Self::Keys],
            "finance" => &[Self::Programmes, Self::Rounds, Self::Cases],
            "coordinator" => &[Self::Programmes, Self::Rounds, Self::Points, Self::Verval, Self::Devices, Self::Cases],
            "auditor" => &[
                Self::Programmes,
                Self::Rounds,
                Self::Points,
                Self::Intakes,
                Self::Households,
                Self::Verval,
                Self::Devices,
                Self::Cases,
                Self::Users,
                Self::Trail,
            ],
            "admin" => &[
                Self::Programmes,
                Self::Rounds,
                Self::Points,
                Self::Devices,
                Self::Cases,
                Self::Users,
                Self::Keys,
                Self::Trail,
            ],
            _ => &[Self::Rounds],
        });
        places
    }
}

impl Frame {
    /// Whether whoever is signed in may read what the log says.
    #[must_use]
    pub fn reads_log(&self) -> bool {
        let role = self.person.as_ref().and_then(|person| Role::parse(&person.role));
        role.is_some_and(|role| role.may(Action::ReadLog))
    }

    /// A page that anyone may read, in this language.
    #[must_use]
    pub fn public(language: Language, here: impl Into<String>) -> Self {
        Self { words: Words::for_language(language), here: here.into(), ..Self::default() }
    }

    /// A page of someone who is signed in.
    #[must_use]
    pub fn of(
        language: Language,
        person: Person,
        csrf: impl Into<String>,
        here: impl Into<String>,
        current: Place,
    ) -> Self {
        Self {
            words: Words::for_language(language),
            csrf: csrf.into(),
            here: here.into(),
            places: Place::for_role(&person.role),
            person: Some(person),
            current: Some(current),
            notice: None,
        }
    }

    /// The surroundings that the samples use.
    #[must_use]
    pub fn sample(language: Language, role: &str, current: Place) -> Self {
        let at = if role == "operator" { "TGR-01 · Kantor Camat Tenggarong" } else { "Dinas Sosial" };
        let person = Person { name: "Siti Aminah".into(), role: role.into(), at: at.into() };
        Self::of(language, person, "sample-csrf", current.href(), current)
    }

    /// The text of a key.
    #[must_use]
    pub fn t(&self, key: &str) -> String {
        self.words.get(key)
    }

    /// The text of a key with one value put in.
    pub fn n<'v>(&self, key: &str, name: &str, value: impl Into<Value<'v>>) -> String {
        self.words.with(key, &[(name, value.into())])
    }

    /// The text for a code of a closed list.
    #[must_use]
    pub fn of_list(&self, list: &str, code: &str) -> String {
        self.words.of(list, code)
    }

    /// A day as people write it; a text that is no day stays as it is.
    #[must_use]
    pub fn day(&self, text: &str) -> String {
        text.parse().map_or_else(|_| text.to_owned(), |day| plain_date(day, self.words.language()))
    }

    /// Why a household has not come, which the books keep as it stands on paper.
    #[must_use]
    pub fn absence(&self, word: &str) -> String {
        match AbsenceReason::of_word(word) {
            Some(reason) => self.of_list("absence", reason.as_str()),
            None if word == NOT_NOTED => self.t("absence-not-noted"),
            None => word.to_owned(),
        }
    }

    /// A whole number with its groups of three.
    pub fn number(&self, number: impl Borrow<i64>) -> String {
        grouped(*number.borrow())
    }

    /// Rupiah.
    pub fn rupiah(&self, minor: impl Borrow<i64>) -> String {
        format!("Rp{}", grouped(*minor.borrow()))
    }

    /// The tag of the language, for `lang`.
    #[must_use]
    pub const fn lang(&self) -> &'static str {
        match self.words.language() {
            Language::Id => "id",
            Language::En => "en",
        }
    }

    /// The tag of the other language.
    #[must_use]
    pub const fn other_lang(&self) -> &'static str {
        match self.words.language() {
            Language::Id => "en",
            Language::En => "id",
        }
    }

    /// The address of an asset.
    #[must_use]
    pub fn asset(&self, name: &str) -> String {
        assets::address(name)
    }

    /// The address of a script, if node has built it.
    #[must_use]
    pub fn script(&self, name: &str) -> Option<String> {
        assets::find(name).map(|_| assets::address(name))
    }

    /// The navigation: address, words, whether it is where we are.
    #[must_use]
    pub fn navigation(&self) -> Vec<(&'static str, String, bool)> {
        self.places
            .iter()
            .map(|place| (place.href(), self.words.of("nav", place.code()), self.current == Some(*place)))
            .collect()
    }
}
