//! What all calls share: paging, bodies, and how a body that is no JSON is answered.

use actix_web::web;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use crate::http::Problem;
use crate::http::error::{FirstBody, RightPoint};

/// No body of the API is larger.
const JSON_MAX: usize = 256 * 1024;

/// Settings under which JSON bodies are read.
pub(in crate::http) fn json_config() -> web::JsonConfig {
    web::JsonConfig::default().limit(JSON_MAX).error_handler(|error, _| {
        use actix_web::error::JsonPayloadError as Fault;
        let problem = match &error {
            Fault::OverflowKnownLength { .. } | Fault::Overflow { .. } => Problem::too_large(JSON_MAX),
            Fault::ContentType => Problem::bad_request("not_json", "Content-Type: application/json"),
            Fault::Deserialize(fault) if fault.is_data() => {
                Problem::bad_request("bad_body", without_types(&fault.to_string()))
            }
            _ => Problem::bad_request("bad_json", "JSON"),
        };
        problem.into()
    })
}

/// What is wrong with a body, without what its parts are called within the program.
fn without_types(said: &str) -> String {
    let mut words = said.split(' ').peekable();
    let mut plain = Vec::new();
    while let Some(word) = words.next() {
        let names_one = matches!(word, "struct" | "enum" | "variant")
            && words.peek().is_some_and(|next| next.starts_with(|sign: char| sign.is_ascii_uppercase()));
        if names_one {
            words.next();
            plain.push("an object");
        } else {
            plain.push(word);
        }
    }
    plain.join(" ")
}

/// Where to go on in a listing.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(super) struct Paging {
    /// At most so many; 100 unless told, 500 at most.
    pub(super) limit: Option<i64>,
    /// Go on after this: the `next` of the page before.
    pub(super) after: Option<String>,
    /// Only those of this programme, where a listing is of a programme.
    pub(super) programme: Option<String>,
}

/// An object and nothing else, for what must not be mistaken: of an array, the members would be told by their places.
pub(super) struct Object<T>(pub(super) T);

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Object<T> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Members<T> {
            type Value = T;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<T, A::Error> {
                T::deserialize(serde::de::value::MapAccessDeserializer::new(map))
            }
        }
        deserializer.deserialize_map(Members(std::marker::PhantomData)).map(Object)
    }
}

/// An id from the address or the query; a text that is none is a thing that is not there.
pub(super) fn id<T: std::str::FromStr>(text: &str) -> Result<T, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}

/// An id that may be absent.
pub(super) fn maybe_id<T: std::str::FromStr>(text: Option<&str>) -> Result<Option<T>, Problem> {
    text.map(|text| text.parse().map_err(|_| Problem::bad_request("bad_query", "id"))).transpose()
}

/// A page of a listing.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Page<T> {
    /// What was found, in order.
    pub(super) items: Vec<T>,
    /// Hand it in as `after` for the next page; null at the end.
    pub(super) next: Option<String>,
}

impl<T> Page<T> {
    /// A page with its end told by its fullness.
    pub(super) fn of(items: Vec<T>, limit: Option<i64>, key: impl Fn(&T) -> String) -> Self {
        let full = i64::try_from(items.len()).unwrap_or(i64::MAX) >= limit.unwrap_or(100).clamp(1, 500);
        let next = items.last().filter(|_| full).map(key);
        Self { items, next }
    }

    /// Of a listing that is short enough to be read whole, as much as is asked for: all of it unless a limit is named.
    pub(super) fn part(mut items: Vec<T>, paging: &Paging, key: impl Fn(&T) -> String) -> Result<Self, Problem> {
        if let Some(after) = &paging.after {
            let last = items.iter().position(|one| key(one) == *after);
            items.drain(..=last.ok_or_else(|| Problem::bad_request("bad_query", "after"))?);
        }
        let most = paging.limit.map_or(usize::MAX, |limit| usize::try_from(limit.clamp(1, 500)).unwrap_or(1));
        let more = items.len() > most;
        items.truncate(most);
        let next = items.last().filter(|_| more).map(key);
        Ok(Self { items, next })
    }

    /// A listing that is always whole.
    pub(super) const fn whole(items: Vec<T>) -> Self {
        Self { items, next: None }
    }
}

/// What a refused call answers, as RFC 9457 says.
#[derive(Debug, Serialize, ToSchema)]
#[allow(dead_code)]
pub(super) struct ProblemBody {
    /// What kind of problem, as an address.
    r#type: String,
    /// The status in words.
    title: String,
    /// The status.
    status: u16,
    /// The stable code: a verdict, or the reason of a refusal.
    code: String,
    /// What happened and what to do, in a sentence.
    detail: String,
    /// `already_redeemed`: the handout that was made.
    first: Option<FirstBody>,
    /// `held`, `paused`, `revoked`: why, as somebody gave it.
    reason: Option<String>,
    /// `wrong_point`: where the voucher is good.
    right_point: Option<RightPoint>,
    /// `invalid`: the member, column or parameter that cannot be taken.
    field: Option<String>,
    /// `not_found`: what is not there, where it has a name.
    what: Option<String>,
    /// `budget_exceeded`: what the change would take.
    needed_minor: Option<i64>,
    /// `budget_exceeded`: what the ceiling still covers.
    remaining_minor: Option<i64>,
    /// `ceiling_below_obligated`: the ceiling that was asked for.
    ceiling_minor: Option<i64>,
    /// `ceiling_below_obligated`: what is committed and realised.
    obligated_minor: Option<i64>,
    /// A file whose columns are not clear: what it looks like, masked.
    #[schema(value_type = Option<Object>)]
    survey: Option<serde_json::Value>,
    /// `recovering`: how many devices have yet to answer.
    missing: Option<u32>,
    /// `not_available`, `paper_away`: where the entitlement or its paper is.
    state: Option<String>,
    /// `would_remove`: how many would go.
    removes: Option<u64>,
    /// `count_changed`: how many were expected.
    expected: Option<i64>,
    /// `count_changed`: how many there are.
    found: Option<i64>,
    /// `unexplained`: what differs.
    differences: Option<Vec<String>>,
    /// `sum_differs`: the sum that is written.
    stated_minor: Option<i64>,
    /// `sum_differs`: the sum of the lines.
    found_minor: Option<i64>,
    /// `wrong_standing`: whose.
    household: Option<String>,
    /// `wrong_standing`: which.
    standing: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_refused_without_the_names_of_the_program_s_parts() {
        let said = "invalid type: integer `1`, expected struct NewReprintBody at line 1 column 1";
        assert_eq!(without_types(said), "invalid type: integer `1`, expected an object at line 1 column 1");
        let said = "unknown field `text`, expected one of `kind`, `detail` at line 1 column 80";
        assert_eq!(without_types(said), said);
    }
}
