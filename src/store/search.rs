//! Finding households: by the words of their names, by the tail of a NIK, by village.
//!
//! Every statement here walks an index from a place that the caller names and stops after so many rows, so
//! that none takes longer because there are a million households. What a search needs besides, the service
//! puts together from these walks.

use diesel::prelude::*;
use diesel::sql_types::{BigInt, Binary, Text};

use super::conn::{Conn, on_each};
use super::error::Error;
use super::households::{Household, Row};
use super::pool::Write;
use super::schema::{household_words, households};
use super::types::fixed;
use crate::domain::household::fold_name;
use crate::domain::household::search::{person_word, place_word, search_words};
use crate::domain::id::{AgencyId, HouseholdId, Identifier};
use crate::domain::sealed::{BlindIndex, Sealed};

/// How many rows one statement may carry or ask for.
const BATCH: usize = 2_000;

/// Words that begin so, or one word alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Range {
    /// The first word.
    from: String,
    /// The first word that is none of them any more.
    below: String,
}

impl Range {
    /// All words with this beginning.
    #[must_use]
    pub fn beginning(with: &str) -> Self {
        Self { from: with.to_owned(), below: after_all(with) }
    }

    /// This word.
    #[must_use]
    pub fn only(word: &str) -> Self {
        Self { from: word.to_owned(), below: format!("{word}\u{1}") }
    }

    /// The first of them.
    #[must_use]
    pub fn first(&self) -> &str {
        &self.from
    }

    /// Whether a word is one of them.
    #[must_use]
    pub fn has(&self, word: &str) -> bool {
        self.from.as_str() <= word && word < self.below.as_str()
    }
}

/// The first text after all that begin like this one. Texts sort by their bytes here.
fn after_all(beginning: &str) -> String {
    let mut signs: Vec<char> = beginning.chars().collect();
    while let Some(last) = signs.pop() {
        if let Some(next) = char::from_u32(u32::from(last) + 1) {
            signs.push(next);
            return signs.into_iter().collect();
        }
    }
    char::MAX.to_string()
}

/// The words by which a household is found.
pub fn words_of(household: &Household) -> Vec<String> {
    let mut words = search_words(&household.name);
    words.extend(place_word(&household.village_folded));
    words.extend(person_word(&household.name));
    words
}

type WordRow = (AgencyId, String, HouseholdId);

fn rows_of(household: &Household) -> impl Iterator<Item = WordRow> {
    let (agency, id) = (household.agency, household.id);
    words_of(household).into_iter().map(move |word| (agency, word, id))
}

/// Adds the words of households that have none yet.
pub(super) fn insert_words(tx: &mut Write<'_>, new: &[Household]) -> Result<(), Error> {
    let rows: Vec<_> = new
        .iter()
        .flat_map(rows_of)
        .map(|(agency, word, id)| {
            (
                household_words::agency_id.eq(agency),
                household_words::word.eq(word),
                household_words::household_id.eq(id),
            )
        })
        .collect();
    for batch in rows.chunks(BATCH) {
        on_each!(&mut **tx, inner => diesel::insert_into(household_words::table).values(batch).execute(inner))?;
    }
    Ok(())
}

/// Puts the words that households have now in the place of those that they had.
pub fn renew_words(tx: &mut Write<'_>, changed: &[Household]) -> Result<(), Error> {
    for batch in changed.chunks(BATCH) {
        let ids: Vec<HouseholdId> = batch.iter().map(|one| one.id).collect();
        diesel::delete(household_words::table.filter(household_words::household_id.eq_any(ids))).execute(&mut **tx)?;
        insert_words(tx, batch)?;
    }
    Ok(())
}

/// Households of every agency in the order of their ids: for filling in what an older version did not keep.
pub fn sweep(conn: &mut Conn, after: Option<HouseholdId>, limit: i64) -> Result<Vec<Household>, Error> {
    let after = after.unwrap_or(HouseholdId::from_bytes([0; 16]));
    households::table
        .filter(households::id.gt(after))
        .order(households::id)
        .limit(limit)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

/// Keeps the village of a household as it is searched.
pub fn refold_village(tx: &mut Write<'_>, household: &mut Household) -> Result<(), Error> {
    let folded = fold_name(&household.village);
    if folded != household.village_folded {
        diesel::update(households::table.find(household.id))
            .set(households::village_folded.eq(&folded))
            .execute(&mut **tx)?;
        household.village_folded = folded;
    }
    Ok(())
}

/// Households that have a NIK, but no index of its tail: those of an older version.
pub fn without_tail(conn: &mut Conn, limit: i64) -> Result<Vec<(HouseholdId, Sealed)>, Error> {
    Ok(households::table
        .filter(households::nik_tail_index.is_null())
        .filter(households::nik_sealed.is_not_null())
        .order(households::id)
        .limit(limit)
        .select((households::id, households::nik_sealed.assume_not_null()))
        .load::<(HouseholdId, Vec<u8>)>(conn)?
        .into_iter()
        .map(|(id, sealed)| (id, Sealed::from_ciphertext(sealed)))
        .collect())
}

/// Keeps the index of the tail of a NIK.
pub fn set_tail(tx: &mut Write<'_>, id: HouseholdId, tail: BlindIndex) -> Result<(), Error> {
    diesel::update(households::table.find(id))
        .set(households::nik_tail_index.eq(tail.0.to_vec()))
        .execute(&mut **tx)?;
    Ok(())
}

/// These households, in no order.
pub fn load(conn: &mut Conn, ids: &[HouseholdId]) -> Result<Vec<Household>, Error> {
    let mut found = Vec::with_capacity(ids.len());
    for batch in ids.chunks(BATCH) {
        for row in households::table.filter(households::id.eq_any(batch)).load::<Row>(conn)? {
            found.push(row.check()?);
        }
    }
    Ok(found)
}

/// The villages of an agency as they are searched, each once: one step of the index for each.
pub fn villages(conn: &mut Conn, agency: AgencyId) -> Result<Vec<String>, Error> {
    let next = "(SELECT MIN(village_folded) FROM households WHERE agency_id = ";
    let found: Vec<Word> = Statement::default()
        .say("WITH RECURSIVE v (word) AS (SELECT ")
        .say(next)
        .bytes(agency.bytes())
        .say(" AND village_folded > '') UNION ALL SELECT ")
        .say(next)
        .bytes(agency.bytes())
        .say(" AND village_folded > v.word) FROM v WHERE v.word IS NOT NULL)")
        .say(&format!(" SELECT v.word AS word FROM v WHERE v.word IS NOT NULL LIMIT {BATCH}"))
        .load(conn)?;
    Ok(found.into_iter().map(|found| found.word).collect())
}

/// Households whose folded name begins so, of one village or of all, in the order of their names.
pub fn beginning(
    conn: &mut Conn,
    agency: AgencyId,
    village: Option<&str>,
    with: &str,
    after: Option<&(String, HouseholdId)>,
    limit: i64,
) -> Result<Vec<Household>, Error> {
    let range = Range::beginning(with);
    let mut query = households::table
        .filter(households::agency_id.eq(agency))
        .filter(households::name_folded.ge(range.from))
        .order((households::name_folded, households::id))
        .limit(limit)
        .into_boxed();
    if !with.is_empty() {
        query = query.filter(households::name_folded.lt(range.below));
    }
    if let Some(village) = village {
        query = query.filter(households::village_folded.eq(village.to_owned()));
    }
    if let Some((name, id)) = after {
        query = query.filter(households::name_folded.ge(name.clone())).filter(
            households::name_folded
                .gt(name.clone())
                .or(households::name_folded.eq(name.clone()).and(households::id.gt(*id))),
        );
    }
    query.load::<Row>(conn)?.into_iter().map(Row::check).collect()
}

/// How many households have a NIK that ends so, counted up to `most`.
pub fn with_tail_count(conn: &mut Conn, agency: AgencyId, tail: BlindIndex, most: i64) -> Result<i64, Error> {
    let found: Vec<Count> = Statement::default()
        .say("SELECT COUNT(*) AS count FROM (SELECT 1 AS one FROM households WHERE agency_id = ")
        .bytes(agency.bytes())
        .say(" AND nik_tail_index = ")
        .bytes(&tail.0)
        .say(&format!(" LIMIT {most}) part"))
        .load(conn)?;
    Ok(found.first().map_or(0, |found| found.count))
}

/// Households whose NIK ends so, in the order of their ids.
pub fn with_tail(
    conn: &mut Conn,
    agency: AgencyId,
    tail: BlindIndex,
    after: Option<HouseholdId>,
    limit: i64,
) -> Result<Vec<Household>, Error> {
    households::table
        .filter(households::agency_id.eq(agency))
        .filter(households::nik_tail_index.eq(tail.0.to_vec()))
        .filter(households::id.gt(after.unwrap_or(HouseholdId::from_bytes([0; 16]))))
        .order(households::id)
        .limit(limit)
        .load::<Row>(conn)?
        .into_iter()
        .map(Row::check)
        .collect()
}

#[derive(QueryableByName)]
struct Place {
    #[diesel(sql_type = Text)]
    word: String,
    #[diesel(sql_type = Binary)]
    id: Vec<u8>,
}

impl Place {
    fn check(self) -> Result<(String, HouseholdId), Error> {
        Ok((self.word, HouseholdId::from_bytes(fixed(self.id, "an id")?)))
    }
}

#[derive(QueryableByName)]
struct Word {
    #[diesel(sql_type = Text)]
    word: String,
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// A value for a place in a statement.
enum Bind<'a> {
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// Statements are put together from these, with the places for values numbered in the order of the text.
#[derive(Default)]
struct Statement<'a> {
    sql: String,
    binds: Vec<Bind<'a>>,
}

impl<'a> Statement<'a> {
    fn say(mut self, sql: &str) -> Self {
        self.sql.push_str(sql);
        self
    }

    fn bind(mut self, bind: Bind<'a>) -> Self {
        self.binds.push(bind);
        self.sql.push('$');
        self.sql.push_str(&self.binds.len().to_string());
        self
    }

    fn text(self, text: &'a str) -> Self {
        self.bind(Bind::Text(text))
    }

    fn bytes(self, bytes: &'a [u8]) -> Self {
        self.bind(Bind::Bytes(bytes))
    }

    /// `(word >= … AND word < …) OR …`
    fn in_ranges(mut self, word: &str, ranges: &'a [Range]) -> Self {
        self = self.say("(");
        for (number, range) in ranges.iter().enumerate() {
            let or = if number == 0 { "(" } else { " OR (" };
            self = self.say(or).say(word).say(" >= ").text(&range.from);
            self = self.say(" AND ").say(word).say(" < ").text(&range.below).say(")");
        }
        self.say(")")
    }

    /// The household `id` has a word in each of these.
    fn has_each(mut self, id: &str, needs: &'a [&'a [Range]]) -> Self {
        for need in needs {
            self =
                self.say(" AND EXISTS (SELECT 1 FROM household_words o WHERE o.household_id = ").say(id).say(" AND ");
            self = self.in_ranges("o.word", need).say(")");
        }
        self
    }

    fn load<R>(self, conn: &mut Conn) -> Result<Vec<R>, Error>
    where
        R: diesel::deserialize::QueryableByName<diesel::sqlite::Sqlite> + 'static,
        R: EveryEngine,
    {
        R::load_all(self, conn)
    }
}

/// What can be loaded from either engine.
trait EveryEngine: Sized {
    fn load_all(statement: Statement<'_>, conn: &mut Conn) -> Result<Vec<Self>, Error>;
}

macro_rules! every_engine {
    ($($row:ty),*) => { $(
        impl EveryEngine for $row {
            fn load_all(statement: Statement<'_>, conn: &mut Conn) -> Result<Vec<Self>, Error> {
                on_each!(conn, inner => {
                    let mut query = diesel::sql_query(statement.sql).into_boxed();
                    for bind in statement.binds {
                        query = match bind {
                            Bind::Text(text) => query.bind::<Text, _>(text.to_owned()),
                            Bind::Bytes(bytes) => query.bind::<Binary, _>(bytes.to_vec()),
                        };
                    }
                    Ok(query.load::<Self>(inner)?)
                })
            }
        }
    )* };
}
every_engine!(Place, Word, Count);

/// How many words of an agency's households lie in these ranges, counted up to `most`.
pub fn count_words(conn: &mut Conn, agency: AgencyId, ranges: &[Range], most: i64) -> Result<i64, Error> {
    let mut count = 0;
    for range in ranges {
        let found: Vec<Count> = Statement::default()
            .say("SELECT COUNT(*) AS count FROM (SELECT 1 AS one FROM household_words WHERE agency_id = ")
            .bytes(agency.bytes())
            .say(" AND word >= ")
            .text(&range.from)
            .say(" AND word < ")
            .text(&range.below)
            .say(&format!(" LIMIT {most}) part"))
            .load(conn)?;
        count += found.first().map_or(0, |found| found.count);
    }
    Ok(count.min(most))
}

/// Households that have a word of each need, in the order of their names. Every household of the first need
/// is looked at, so it must be one of few.
pub fn with_few(
    conn: &mut Conn,
    agency: AgencyId,
    first: &[Range],
    others: &[&[Range]],
    after: Option<&(String, HouseholdId)>,
    limit: i64,
) -> Result<Vec<(String, HouseholdId)>, Error> {
    let mut statement = Statement::default().say("SELECT h.name_folded AS word, h.id AS id FROM (");
    for (number, range) in first.iter().enumerate() {
        statement = statement
            .say(if number == 0 { "" } else { " UNION " })
            .say("SELECT DISTINCT household_id FROM household_words WHERE agency_id = ")
            .bytes(agency.bytes())
            .say(" AND word >= ")
            .text(&range.from)
            .say(" AND word < ")
            .text(&range.below);
    }
    // The join in this order: SQLite would else walk all households and look for each of them in here.
    statement = statement.say(") d CROSS JOIN households h WHERE h.id = d.household_id");
    statement = statement.has_each("h.id", others);
    if let Some((name, id)) = after {
        statement = statement.say(" AND (h.name_folded, h.id) > (").text(name).say(", ").bytes(id.bytes()).say(")");
    }
    statement
        .say(&format!(" ORDER BY h.name_folded, h.id LIMIT {limit}"))
        .load::<Place>(conn)?
        .into_iter()
        .map(Place::check)
        .collect()
}

/// What a walk along many words came to.
#[derive(Debug)]
pub struct Walk {
    /// The words with their households, in order.
    pub found: Vec<(String, HouseholdId)>,
    /// Where to go on; nothing when the walk came to the end of its range.
    pub stopped_at: Option<(String, HouseholdId)>,
}

/// Walks along the words of one range, at most `steps` of them, and finds at most `limit` households that have
/// a word of each other need. A household with two words in the range is met twice.
pub fn walk(
    conn: &mut Conn,
    agency: AgencyId,
    range: &Range,
    others: &[&[Range]],
    after: Option<&(String, HouseholdId)>,
    steps: i64,
    limit: i64,
) -> Result<Walk, Error> {
    let (from, id): (&str, &[u8]) = after.map_or((range.from.as_str(), &[]), |(word, id)| (word.as_str(), id.bytes()));
    fn head<'a>(agency: &'a AgencyId, from: &'a str, id: &'a [u8], below: &'a str) -> Statement<'a> {
        Statement::default()
            .say("SELECT d.word AS word, d.household_id AS id FROM household_words d WHERE d.agency_id = ")
            .bytes(agency.bytes())
            .say(" AND (d.word, d.household_id) > (")
            .text(from)
            .say(", ")
            .bytes(id)
            .say(") AND d.word < ")
            .text(below)
    }
    let end = head(&agency, from, id, &range.below)
        .say(&format!(" ORDER BY d.word, d.household_id LIMIT 1 OFFSET {}", steps - 1))
        .load::<Place>(conn)?
        .into_iter()
        .next()
        .map(Place::check)
        .transpose()?;
    let mut statement = head(&agency, from, id, &range.below);
    if let Some((word, id)) = &end {
        statement = statement.say(" AND (d.word, d.household_id) <= (").text(word).say(", ").bytes(id.bytes()).say(")");
    }
    let found = statement
        .has_each("d.household_id", others)
        .say(&format!(" ORDER BY d.word, d.household_id LIMIT {limit}"))
        .load::<Place>(conn)?
        .into_iter()
        .map(Place::check)
        .collect::<Result<Vec<_>, _>>()?;
    let full = i64::try_from(found.len()).unwrap_or(i64::MAX) >= limit;
    let stopped_at = if full { found.last().cloned() } else { end };
    Ok(Walk { found, stopped_at })
}
