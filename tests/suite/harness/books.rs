//! The books of a round, added up again by the tests: nothing that the program says of itself is believed.

use serde_json::Value;

use super::client::Client;

/// What a test knows to have happened in a round.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Expected {
    pub(crate) issued: i64,
    pub(crate) redeemed: i64,
    pub(crate) by_proxy: i64,
    pub(crate) revoked: i64,
    /// What the redeemed handouts were worth, short ones less than the package.
    pub(crate) realised: i64,
}

/// Reads the books as the finance department does, adds them up, and compares them with what happened.
/// `value` is what one package is worth. Returns the books.
pub(crate) fn must_close(finance: &Client, base: &str, round: &str, value: i64, expected: Expected) -> Value {
    let answer = finance.get(base, &format!("/rounds/{round}/reconciliation")).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    let faults = faults(&answer.body, value, expected);
    assert!(faults.is_empty(), "{}\n{}", faults.join("\n"), answer.body);
    answer.body
}

fn number(value: &Value, path: &str) -> i64 {
    value.pointer(path).and_then(Value::as_i64).unwrap_or_else(|| panic!("no integer at {path}: {value}"))
}

fn sum(books: &Value, list: &str, member: &str) -> i64 {
    let lines = books[list].as_array().unwrap_or_else(|| panic!("no list {list}: {books}"));
    lines.iter().map(|line| number(line, &format!("/{member}"))).sum()
}

fn faults(books: &Value, value: i64, expected: Expected) -> Vec<String> {
    let mut faults = Vec::new();
    let mut same = |what: &str, one: i64, other: i64| {
        if one != other {
            faults.push(format!("{what}: {one}, not {other}"));
        }
    };
    same(
        "the books say that they close",
        i64::from(books["closes"] == true && books["faults"] == Value::Array(vec![])),
        1,
    );

    let state = |name: &str| number(books, &format!("/entitlements/{name}"));
    let states: i64 = ["available", "leased", "redeemed", "revoked", "unresolved", "expired"].map(state).iter().sum();
    same("entitlements.issued is the sum of the states", state("issued"), states);
    same("entitlements.issued", state("issued"), expected.issued);
    same("entitlements.redeemed", state("redeemed"), expected.redeemed);
    same("entitlements.revoked", state("revoked"), expected.revoked);

    let live = expected.issued - expected.redeemed - expected.revoked;
    same("committed_minor", number(books, "/committed_minor"), live * value);
    same("realised_minor", number(books, "/realised_minor"), expected.realised);
    let budget = |name: &str| number(books, &format!("/budget/{name}_minor"));
    let remaining = budget("ceiling") - budget("committed") - budget("realised");
    same("budget.remaining_minor is ceiling - committed - realised", budget("remaining"), remaining);
    // The demonstration's programme has issued one round alone.
    same("budget.committed_minor", budget("committed"), live * value);
    same("budget.realised_minor", budget("realised"), expected.realised);

    same("the points' issued", sum(books, "points", "issued"), expected.issued);
    same("the points' redeemed", sum(books, "points", "redeemed"), expected.redeemed);
    same("the points' by_proxy", sum(books, "points", "by_proxy"), expected.by_proxy);
    same("the points' released", sum(books, "points", "released"), expected.revoked);
    same("the points' open", sum(books, "points", "open"), live);
    same("the points' realised_minor", sum(books, "points", "realised_minor"), expected.realised);
    for line in books["points"].as_array().into_iter().flatten() {
        let parts = number(line, "/redeemed") + number(line, "/released") + number(line, "/open");
        same(&format!("{}: redeemed + released + open", line["point"]), parts, number(line, "/issued"));
    }
    let worth = number(books, "/issued_minor");
    same(
        "issued_minor is the sum of the states and what was short",
        worth,
        sum(books, "states", "value_minor") + number(books, "/short_minor"),
    );
    same("the points' issued_minor", sum(books, "points", "issued_minor"), worth);
    same("the points' short_minor", sum(books, "points", "short_minor"), number(books, "/short_minor"));
    for line in books["points"].as_array().into_iter().flatten() {
        let parts =
            ["/realised_minor", "/short_minor", "/released_minor", "/open_minor"].map(|part| number(line, part));
        same(&format!("{}: the parts in rupiah", line["point"]), parts.iter().sum(), number(line, "/issued_minor"));
    }
    for line in books["states"].as_array().into_iter().flatten() {
        let name = line["state"].as_str().unwrap_or_default();
        same(&format!("states: {name}"), number(line, "/count"), state(name));
    }
    same("the days' redeemed", sum(books, "days", "redeemed"), expected.redeemed);
    same("the days' realised_minor", sum(books, "days", "realised_minor"), expected.realised);
    for line in books["items"].as_array().into_iter().flatten() {
        // Issued is what all entitlements of the round named; a part of it belongs to each of them.
        let each = number(line, "/issued") / expected.issued.max(1);
        let name = &line["code"];
        same(&format!("{name}: issued is so much each"), each * expected.issued, number(line, "/issued"));
        let right = number(line, "/handed_over") + number(line, "/short");
        same(&format!("{name}: handed over and short"), right, each * expected.redeemed);
    }
    faults
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn books_in_which_one_number_is_off_by_one_are_noticed() {
        let books = json!({
            "closes": true, "faults": [], "committed_minor": 200, "realised_minor": 90,
            "issued_minor": 400, "short_minor": 10,
            "states": [
                { "state": "available", "count": 2, "value_minor": 200 },
                { "state": "redeemed", "count": 1, "value_minor": 90 },
                { "state": "revoked", "count": 1, "value_minor": 100 }],
            "budget": { "ceiling_minor": 1000, "committed_minor": 200, "realised_minor": 90, "remaining_minor": 710 },
            "entitlements": { "issued": 4, "available": 2, "leased": 0, "redeemed": 1, "revoked": 1, "unresolved": 0, "expired": 0 },
            "items": [{ "code": "beras", "issued": 40, "handed_over": 9, "short": 1 }],
            "points": [
                { "point": "A", "issued": 3, "redeemed": 1, "by_proxy": 1, "released": 0, "open": 2, "realised_minor": 90,
                    "issued_minor": 300, "short_minor": 10, "released_minor": 0, "open_minor": 200 },
                { "point": "B", "issued": 1, "redeemed": 0, "by_proxy": 0, "released": 1, "open": 0, "realised_minor": 0,
                    "issued_minor": 100, "short_minor": 0, "released_minor": 100, "open_minor": 0 }],
            "days": [{ "day": "2026-12-07", "redeemed": 1, "realised_minor": 90 }],
        });
        let expected = Expected { issued: 4, redeemed: 1, by_proxy: 1, revoked: 1, realised: 90 };
        assert_eq!(faults(&books, 100, expected), Vec::<String>::new());
        let mut numbers = Vec::new();
        paths(&books, String::new(), &mut numbers);
        assert_eq!(numbers.len(), 46, "numbers in the books above");
        for path in numbers.iter().filter(|path| *path != "/budget/ceiling_minor") {
            let mut wrong = books.clone();
            *wrong.pointer_mut(path).unwrap() = json!(number(&books, path) + 1);
            assert!(!faults(&wrong, 100, expected).is_empty(), "{path}");
        }
    }

    fn paths(value: &Value, path: String, found: &mut Vec<String>) {
        match value {
            Value::Number(_) => found.push(path),
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(place, item)| paths(item, format!("{path}/{place}"), found));
            }
            Value::Object(members) => {
                members.iter().for_each(|(name, item)| paths(item, format!("{path}/{name}"), found));
            }
            _ => {}
        }
    }
}
