//! Finding a household: by name, the tail of a NIK, a whole NIK, a village, or a voucher.
//!
//! A text is read once into a plan of streams, the better matches first: names that begin as typed, then
//! names that hold every word in any order, then words that were meant as a village. A page takes from the
//! streams in order. Each page looks at a bounded number of rows, so that the worst pair of common words
//! costs no more than a few hundredths of a second; what is not found by then, the next page goes on with.
//! Where to go on is sealed, since it says what was looked for.

use serde::{Deserialize, Serialize};

use super::redeem::Reading;
use super::{Actor, Error, HouseholdView, Office, PAGE_MAX, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::household::search::{TypedWord, place_word, typed_beginning, typed_words, village_words};
use crate::domain::household::{Nik, fold_name};
use crate::domain::id::{AgencyId, HouseholdId, Identifier};
use crate::domain::role::Action;
use crate::domain::sealed::{BlindIndex, Field, Sealed};
use crate::store::households::Household;
use crate::store::search::{self, Range};
use crate::store::{self, Conn};

/// A word that fewer rows than this have is rare: its households are put in the order of their names.
const FEW: i64 = 1_500;
/// How far common words are counted, to begin with the rarer one.
const COUNTED_MAX: i64 = 20_000;
/// How many words of an index one page walks along at most, and in which steps.
const STEPS: [i64; 3] = [1_000, 4_000, 15_000];
/// How many households one page opens at most.
const OPENED_MAX: usize = 2_000;
/// How many streams one plan has at most.
const STREAMS_MAX: usize = 24;
/// How many villages typed words may mean together.
const VILLAGES_MAX: usize = 12;
/// The longest text that is looked for, in characters.
const TEXT_MAX: usize = 200;
/// How long one can go on with a search.
const CURSOR_MILLIS: i64 = 60 * 60 * 1_000;

/// What is looked for.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// Name, tail or whole of a NIK, village, voucher; all when empty.
    pub text: String,
    /// Only households of this village.
    pub village: String,
    /// The `next` of the page before.
    pub after: Option<String>,
    /// How many at most.
    pub limit: Option<i64>,
}

/// What was found.
#[derive(Debug, Clone)]
pub struct Found {
    /// The households of this page.
    pub households: Vec<HouseholdView>,
    /// Hand it in as `after` for the next page.
    pub next: Option<String>,
    /// What was looked for, also on the pages after the first.
    pub text: String,
    /// In which village.
    pub village: String,
}

/// Where a page ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Cursor {
    until: i64,
    text: String,
    village: String,
    stream: usize,
    at: Option<(String, HouseholdId)>,
}

/// A household must have a word in one of these ranges.
type Need = Vec<Range>;

/// One way in which households match.
#[derive(Debug)]
enum Stream {
    /// The folded name begins so.
    Begins { village: Option<String>, with: String },
    /// Every need is met, each household once, by name: for when one need is rare.
    Words { needs: Vec<Need> },
    /// The NIK ends so.
    Tail,
}

/// All that a text was read as.
struct Plan {
    streams: Vec<Stream>,
    tail: Option<BlindIndex>,
    /// What a household of the tail must also meet, in one of these ways.
    besides: Vec<Vec<Need>>,
}

impl Stream {
    fn holds(&self, household: &Household, words: &[String]) -> bool {
        match self {
            Self::Begins { village, with } => {
                household.name_folded.starts_with(with.as_str())
                    && village.as_ref().is_none_or(|village| *village == household.village_folded)
            }
            Self::Words { needs } => meets(needs, words),
            Self::Tail => false,
        }
    }
}

fn meets(needs: &[Need], words: &[String]) -> bool {
    needs.iter().all(|need| words.iter().any(|word| need.iter().any(|range| range.has(word))))
}

impl Office {
    /// Households of the actor's agency that fit what is looked for, the better first. The look is on record.
    pub fn search_households(&self, actor: &Actor, wanted: &Wanted) -> Result<Found, Error> {
        actor.must(Action::ReadHouseholds)?;
        let limit = page(wanted.limit);
        for (field, typed) in [("q", &wanted.text), ("village", &wanted.village)] {
            if typed.chars().count() > TEXT_MAX {
                return Err(Refusal::Invalid { field, why: "at most 200 characters".into() }.into());
            }
        }
        let text = wanted.text.trim().to_owned();
        let village = fold_name(&wanted.village);
        if text.is_empty() && village.is_empty() && wanted.after.as_ref().is_none_or(|after| after.len() <= 36) {
            return self.all_households(actor, wanted, limit);
        }
        let begin = Cursor { until: 0, text, village, stream: 0, at: None };
        let cursor = wanted.after.as_ref().map_or(Ok(begin), |after| self.open_cursor(actor, after))?;
        let (text, village) = (cursor.text.clone(), cursor.village.clone());
        let by_number = Nik::parse(&text).is_ok();
        let search = || self.pool.read(|conn| self.search(conn, actor, cursor, limit));
        let guesses = by_number && !actor.role.may(Action::Unmask);
        let (found, next) = if guesses { self.guess_number(actor, search)? } else { search()? };
        let households = found.into_iter().map(|one| self.household_view(one)).collect::<Result<Vec<_>, _>>()?;
        // What was typed is personal and stays out of the record.
        let how = if by_number { "search by number" } else { "search" };
        self.record_look(actor, Event::HouseholdsViewed, how, households.len().to_string())?;
        let next = next.map(|cursor| self.seal_cursor(actor, &cursor)).transpose()?;
        Ok(Found { households, next, text, village })
    }

    fn all_households(&self, actor: &Actor, wanted: &Wanted, limit: i64) -> Result<Found, Error> {
        let after = wanted
            .after
            .as_deref()
            .map(|text| text.parse().map_err(|_| Refusal::Invalid { field: "after", why: "not a cursor".into() }))
            .transpose()?;
        let found = self.pool.read(|conn| store::households::list(conn, actor.agency, after, limit))?;
        let full = i64::try_from(found.len()).unwrap_or(PAGE_MAX) >= limit;
        let next = found.last().filter(|_| full).map(|one| one.id.to_string());
        let households = found.into_iter().map(|one| self.household_view(one)).collect::<Result<Vec<_>, _>>()?;
        self.record_look(actor, Event::HouseholdsViewed, "list", format!("{}", households.len()))?;
        Ok(Found { households, next, text: String::new(), village: String::new() })
    }

    /// The villages of the actor's agency, to choose from.
    pub fn villages(&self, actor: &Actor) -> Result<Vec<String>, Error> {
        actor.must(Action::ReadHouseholds)?;
        Ok(self.pool.read(|conn| search::villages(conn, actor.agency))?)
    }

    fn search(
        &self,
        conn: &mut Conn,
        actor: &Actor,
        mut cursor: Cursor,
        limit: i64,
    ) -> Result<(Vec<Household>, Option<Cursor>), Error> {
        if let Ok(nik) = Nik::parse(&cursor.text) {
            let index = self.vault.blind_index(Field::Nik, nik.digits());
            return Ok((store::households::by_nik(conn, actor.agency, index)?, None));
        }
        if let Some(household) = self.by_voucher(conn, actor, &cursor.text)? {
            return Ok((vec![household], None));
        }
        let plan = self.search_plan(conn, actor.agency, &cursor.text, &cursor.village)?;
        let wanted = usize::try_from(limit).unwrap_or(1);
        let mut page = Page { agency: actor.agency, plan: &plan, wanted, found: Vec::new(), opened: 0, stepped: 0 };
        while cursor.stream < plan.streams.len() {
            match page.take(conn, cursor.stream, cursor.at.take())? {
                Some(at) => {
                    cursor.at = Some(at);
                    return Ok((page.found, Some(cursor)));
                }
                None => cursor.stream += 1,
            }
            if (page.found.len() >= wanted || page.spent()) && cursor.stream < plan.streams.len() {
                return Ok((page.found, Some(cursor)));
            }
        }
        Ok((page.found, None))
    }

    /// The household of a voucher, for those who work with vouchers.
    fn by_voucher(&self, conn: &mut Conn, actor: &Actor, text: &str) -> Result<Option<Household>, Error> {
        if !(actor.role.may(Action::Verify) || actor.role.may(Action::ReadRedemptions)) {
            return Ok(None);
        }
        let Reading::Names { entitlement, .. } = self.read_code(actor, text)? else { return Ok(None) };
        match store::entitlements::find(conn, entitlement)? {
            Some((found, agency)) if agency == actor.agency => Ok(store::households::find(conn, found.household)?),
            _ => Ok(None),
        }
    }

    fn search_plan(&self, conn: &mut Conn, agency: AgencyId, text: &str, village: &str) -> Result<Plan, Error> {
        let is_tail = |word: &&str| word.len() == 4 && word.bytes().all(|sign| sign.is_ascii_digit());
        let tail = text.split_whitespace().find(is_tail);
        let name: Vec<&str> = text.split_whitespace().filter(|word| Some(*word) != tail).collect();
        let name = name.join(" ");
        let typed = typed_words(&name);
        let here: Option<Need> = place_word(village).map(|word| vec![Range::only(&word)]);
        let mut streams = Vec::new();
        let mut besides = Vec::new();
        let beginning = typed_beginning(&name);
        let village = (!village.is_empty()).then(|| village.to_owned());
        if tail.is_none() && (!beginning.is_empty() || village.is_some()) {
            streams.push(Stream::Begins { village: village.clone(), with: beginning });
        }
        let needs = |typed: &[TypedWord]| -> Vec<Need> {
            typed.iter().map(|word| word.beginnings.iter().map(|one| Range::beginning(one)).collect()).collect()
        };
        let mut ways = Vec::new();
        if !typed.is_empty() || (tail.is_some() && here.is_some()) {
            ways.push(needs(&typed).into_iter().chain(here).collect());
        }
        if village.is_none() && !typed.is_empty() {
            self.ways_with_villages(conn, agency, (&typed, tail.is_some()), needs, &mut streams, &mut ways)?;
        }
        match tail {
            None => streams.extend(ways.into_iter().map(|needs| Stream::Words { needs })),
            Some(tail) => {
                let index = self.vault.blind_index(Field::NikTail, tail);
                let few = search::with_tail_count(conn, agency, index, FEW)? < FEW;
                if few || ways.is_empty() {
                    streams.push(Stream::Tail);
                    besides = ways;
                } else {
                    streams.extend(ways.into_iter().map(|needs| Stream::Words { needs }));
                }
                streams.truncate(STREAMS_MAX);
                return Ok(Plan { streams, tail: Some(index), besides });
            }
        }
        streams.truncate(STREAMS_MAX);
        Ok(Plan { streams, tail: None, besides })
    }

    /// Reads some of the typed words, where they stand together, as a village.
    fn ways_with_villages(
        &self,
        conn: &mut Conn,
        agency: AgencyId,
        (typed, tailed): (&[TypedWord], bool),
        needs: impl Fn(&[TypedWord]) -> Vec<Need>,
        streams: &mut Vec<Stream>,
        ways: &mut Vec<Vec<Need>>,
    ) -> Result<(), Error> {
        let villages: Vec<(String, Vec<String>)> =
            search::villages(conn, agency)?.into_iter().map(|one| (one.clone(), village_words(&one))).collect();
        // The longest runs first: LOA IPUH is one village, LOA alone is many.
        for length in (1..=typed.len()).rev() {
            for from in 0..=typed.len() - length {
                let Some(run) = typed.get(from..from + length) else { continue };
                let meant: Vec<&String> = villages
                    .iter()
                    .filter(|(_, words)| run.iter().all(|word| word.matches(words)))
                    .map(|(village, _)| village)
                    .collect();
                if meant.is_empty() || meant.len() > VILLAGES_MAX {
                    continue;
                }
                let rest: Vec<TypedWord> = typed
                    .iter()
                    .enumerate()
                    .filter(|(at, _)| *at < from || *at >= from + length)
                    .map(|(_, word)| word.clone())
                    .collect();
                if rest.is_empty() && !tailed {
                    // Only a village was typed: its people, by name.
                    streams.extend(
                        meant
                            .iter()
                            .map(|village| Stream::Begins { village: Some((*village).clone()), with: String::new() }),
                    );
                } else {
                    let place =
                        meant.iter().filter_map(|village| place_word(village)).map(|word| Range::only(&word)).collect();
                    let mut way = needs(&rest);
                    way.push(place);
                    ways.push(way);
                }
            }
        }
        Ok(())
    }

    fn seal_cursor(&self, actor: &Actor, cursor: &Cursor) -> Result<String, Error> {
        let cursor = Cursor { until: self.now().plus_millis(CURSOR_MILLIS).millis(), ..cursor.clone() };
        let plain = serde_json::to_vec(&cursor).map_err(|error| Error::Broken(error.to_string()))?;
        let sealed = self.vault.seal(Field::SearchCursor, actor.user.bytes(), self.draw()?, &plain)?;
        Ok(data_encoding::BASE64URL_NOPAD.encode(sealed.ciphertext()))
    }

    /// Opens where a page ended: only for the one who was there, and not for ever.
    fn open_cursor(&self, actor: &Actor, text: &str) -> Result<Cursor, Error> {
        let wrong = || Error::from(Refusal::Invalid { field: "after", why: "begin the search again".into() });
        let sealed = data_encoding::BASE64URL_NOPAD.decode(text.as_bytes()).map_err(|_| wrong())?;
        let sealed = Sealed::from_ciphertext(sealed);
        let plain = self.vault.open(Field::SearchCursor, actor.user.bytes(), &sealed).map_err(|_| wrong())?;
        let cursor: Cursor = serde_json::from_slice(&plain).map_err(|_| wrong())?;
        if self.now().millis() < cursor.until { Ok(cursor) } else { Err(wrong()) }
    }
}

/// A page while it is filled.
struct Page<'a> {
    agency: AgencyId,
    plan: &'a Plan,
    wanted: usize,
    found: Vec<Household>,
    opened: usize,
    stepped: usize,
}

impl Page<'_> {
    /// Takes from one stream until the page is full (where to go on), or the stream has no more (nothing).
    fn take(
        &mut self,
        conn: &mut Conn,
        stream: usize,
        mut at: Option<(String, HouseholdId)>,
    ) -> Result<Option<(String, HouseholdId)>, Error> {
        let Some(kind) = self.plan.streams.get(stream) else { return Ok(None) };
        let counted = match kind {
            Stream::Words { needs } => match rarest(conn, self.agency, needs)? {
                None => return Ok(None),
                Some(counted) => Some(counted),
            },
            _ => None,
        };
        loop {
            let limit = i64::try_from(self.wanted - self.found.len()).unwrap_or(1).clamp(20, 100);
            let (batch, more) = match (kind, &counted) {
                (Stream::Begins { village, with }, _) => {
                    let found = search::beginning(conn, self.agency, village.as_deref(), with, at.as_ref(), limit)?;
                    by_name(found, limit)
                }
                (Stream::Tail, _) => {
                    let tail = self.plan.tail.unwrap_or(BlindIndex([0; 16]));
                    let found = search::with_tail(conn, self.agency, tail, at.as_ref().map(|(_, id)| *id), limit)?;
                    by_name(found, limit)
                }
                (Stream::Words { needs }, Some((first, count))) if *count < FEW => {
                    let (driver, others) = apart(needs, *first);
                    let found = search::with_few(conn, self.agency, driver, &others, at.as_ref(), limit)?;
                    let more = i64::try_from(found.len()).unwrap_or(0) >= limit;
                    (open(conn, found)?, if more { More::AfterLast } else { More::No })
                }
                (Stream::Words { needs }, Some((first, _))) => {
                    let (driver, others) = apart(needs, *first);
                    let Some((range, after)) = place_in(driver, at.as_ref()) else { return Ok(None) };
                    let steps = STEPS.get(self.stepped.min(STEPS.len() - 1)).copied().unwrap_or(1_000);
                    self.stepped += 1;
                    let walk = search::walk(conn, self.agency, range, &others, after.as_ref(), steps, limit)?;
                    let more = match walk.stopped_at {
                        Some(stopped) => More::After(stopped),
                        // The range is walked: on with the next one, if there is one.
                        None => next_range(driver, range).map_or(More::No, More::After),
                    };
                    (open(conn, walk.found)?, more)
                }
                (Stream::Words { .. }, None) => return Ok(None),
            };
            self.opened += batch.len();
            let mut last = None;
            for (place, household) in batch {
                last = Some(place.clone());
                if self.belongs(stream, counted, &place.0, &household) {
                    self.found.push(household);
                    if self.found.len() >= self.wanted {
                        return Ok(Some(place));
                    }
                }
            }
            at = match more {
                More::No => return Ok(None),
                More::AfterLast => last,
                More::After(place) => Some(place),
            };
            if self.spent() {
                return Ok(at);
            }
        }
    }

    /// Whether this page has looked at as much as one page may.
    fn spent(&self) -> bool {
        self.opened >= OPENED_MAX || self.stepped >= STEPS.len()
    }

    /// Whether a household that a stream brought has not come before, and fits in every other way.
    fn belongs(&self, stream: usize, counted: Option<(usize, i64)>, word: &str, household: &Household) -> bool {
        let words = search::words_of(household);
        let before = self.plan.streams.iter().take(stream);
        if before.into_iter().any(|earlier| earlier.holds(household, &words)) {
            return false;
        }
        if self.plan.tail.is_some_and(|tail| household.nik_tail != Some(tail)) {
            return false;
        }
        if !self.plan.besides.is_empty() && !self.plan.besides.iter().any(|needs| meets(needs, &words)) {
            return false;
        }
        // A walk meets a household once for each of its words in the ranges: the first time counts.
        match (self.plan.streams.get(stream), counted) {
            (Some(Stream::Words { needs }), Some((first, count))) if count >= FEW => needs
                .get(first)
                .and_then(|need| need.iter().find_map(|range| words.iter().find(|one| range.has(one))))
                .is_none_or(|one| one == word),
            _ => true,
        }
    }
}

/// How a stream goes on after a batch.
enum More {
    No,
    AfterLast,
    After((String, HouseholdId)),
}

type Placed = Vec<((String, HouseholdId), Household)>;

fn by_name(found: Vec<Household>, limit: i64) -> (Placed, More) {
    let more = i64::try_from(found.len()).unwrap_or(0) >= limit;
    let placed = found.into_iter().map(|one| ((one.name_folded.clone(), one.id), one)).collect();
    (placed, if more { More::AfterLast } else { More::No })
}

/// Opens households in the order in which they were found.
fn open(conn: &mut Conn, found: Vec<(String, HouseholdId)>) -> Result<Placed, Error> {
    let ids: Vec<HouseholdId> = found.iter().map(|(_, id)| *id).collect();
    let opened: std::collections::HashMap<HouseholdId, Household> =
        search::load(conn, &ids)?.into_iter().map(|one| (one.id, one)).collect();
    Ok(found
        .into_iter()
        .filter_map(|place| {
            let household = opened.get(&place.1).cloned()?;
            Some((place, household))
        })
        .collect())
}

/// The need that the fewest rows meet, and how many those are; nothing when one need is met by none.
fn rarest(conn: &mut Conn, agency: AgencyId, needs: &[Need]) -> Result<Option<(usize, i64)>, Error> {
    for most in [FEW, COUNTED_MAX] {
        let mut least: Option<(usize, i64)> = None;
        for (number, need) in needs.iter().enumerate() {
            let count = search::count_words(conn, agency, need, most)?;
            if count == 0 {
                return Ok(None);
            }
            if least.is_none_or(|(_, known)| count < known) {
                least = Some((number, count));
            }
        }
        // With one need there is nothing to choose from, and a rare one needs no closer look.
        if most > FEW || needs.len() < 2 || least.is_some_and(|(_, count)| count < FEW) {
            return Ok(least);
        }
    }
    Ok(None)
}

fn apart(needs: &[Need], first: usize) -> (&[Range], Vec<&[Range]>) {
    let driver = needs.get(first).map_or(&[][..], Vec::as_slice);
    let others = needs.iter().enumerate().filter(|(at, _)| *at != first).map(|(_, need)| need.as_slice()).collect();
    (driver, others)
}

/// In which range a walk goes on, and from where in it.
fn place_in<'a>(
    ranges: &'a [Range],
    at: Option<&(String, HouseholdId)>,
) -> Option<(&'a Range, Option<(String, HouseholdId)>)> {
    match at {
        None => ranges.first().map(|range| (range, None)),
        Some(at) => ranges.iter().find(|range| range.has(&at.0)).map(|range| (range, Some(at.clone()))),
    }
}

/// The place before all of the next range.
fn next_range(ranges: &[Range], done: &Range) -> Option<(String, HouseholdId)> {
    let at = ranges.iter().position(|range| range == done)?;
    ranges.get(at + 1).map(|range| (range.first().to_owned(), HouseholdId::from_bytes([0; 16])))
}
