//! Households with whom more than one thing went wrong: exceptions upon exceptions.

use serde_json::{Value, json};

use crate::exceptions::{closes, decide, family, id, items, minutes, pack, propose};
use crate::harness::handset::Handset;
use crate::harness::installation::Voucher;
use crate::harness::office::{Office, VALUE, by_code, text};
use crate::leases::{busiest, crowded, id_of, run};

/// So many of each item, in the order of the package; those with 0 are left out.
fn lines(items: &[Value], quantities: &[i64]) -> Value {
    let lines = items.iter().zip(quantities).filter(|(_, quantity)| **quantity > 0);
    lines.map(|(item, quantity)| json!({ "code": item["code"], "quantity": quantity })).collect()
}

/// Proposed and approved: the voucher that came of it. Of these items alone, or of all that is owed.
fn granted(office: &Office, entitlement: &str, items: Option<Value>) -> Voucher {
    let mut body = json!({ "reason": "kurang" });
    if let Some(items) = items {
        body["items"] = items;
    }
    let made = propose(office, entitlement, &body);
    assert_eq!(made.status, 201, "{}", made.body);
    let approved = decide(office, text(&made.body, "id"), true);
    assert_eq!(approved.status, 200, "{}", approved.body);
    let made = text(&approved.body, "entitlement_id");
    office.vouchers().into_iter().find(|one| one.entitlement_id == made).expect("a voucher of its own")
}

/// The first handout lacks rice and oil; of the rice an exception is given, but not all; the next holds what is owed of
/// both, which is more than the handout before it left.
#[test]
fn an_exception_that_holds_more_than_the_last_handout_left_counts_once_in_minutes_and_books() {
    let office = Office::open(811);
    let voucher = office.vouchers()[0].clone();
    let all = items(&office);
    let (pack_size, _) = pack(&office);
    let oil = all[1]["pack_size"].as_i64().unwrap();
    let mut quantities: Vec<i64> = all.iter().map(|item| item["quantity"].as_i64().unwrap()).collect();
    quantities[0] -= 2 * pack_size;
    quantities[1] -= oil;
    let give = |voucher: &Voucher, number: u32, items: Option<Value>| {
        let mut body = by_code(&id(number), &voucher.code);
        if let Some(items) = items {
            body["items"] = items;
        }
        let receipt = office.redeem(voucher, &body);
        assert_eq!(receipt.status, 201, "{}", receipt.body);
    };
    let (issued, _, _) = minutes(&office, &voucher.point);
    give(&voucher, 1, Some(lines(&all, &quantities)));
    let rice = granted(&office, &voucher.entitlement_id, Some(lines(&all, &[2 * pack_size])));
    give(&rice, 2, Some(lines(&all, &[pack_size])));
    let rest = granted(&office, &voucher.entitlement_id, None);
    let (after, short, _) = minutes(&office, &voucher.point);
    assert_eq!((after, short), (issued, None), "all that is owed is held by another right");
    closes(&office);
    give(&rest, 3, None);
    let (after, short, goods) = minutes(&office, &voucher.point);
    assert_eq!((after, short), (issued, None));
    assert!(goods.iter().all(|(due, given)| due == given), "{goods:?}");
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (3, VALUE));
    let books = office.get("finance", &format!("/rounds/{}/reconciliation", office.installation.round())).body;
    let short: Vec<&Value> = books["points"].as_array().unwrap().iter().map(|line| &line["short_minor"]).collect();
    assert!(short.iter().all(|value| **value == json!(0)), "{short:?}");
}

/// A lost phone had handed over the rice alone, which was given again in its place: when it comes back, what else the
/// household is owed keeps its price.
#[test]
fn after_a_double_handout_the_rest_is_worth_what_it_costs() {
    let office = crowded(812);
    let (point, vouchers) = busiest(&office);
    let voucher = &vouchers[0];
    let all = items(&office);
    let (pack_size, pack_price) = pack(&office);
    let whole = all[0]["quantity"].as_i64().unwrap();
    let rice = whole / pack_size * pack_price;
    let mut device = Handset::enrol(&office, &point, 12);
    device.lease(office.base(), &json!({ "entitlements": [voucher.entitlement_id] }));
    for full in &mut device.rounds {
        full.items.retain(|(code, _)| *code == all[0]["code"].as_str().unwrap());
        full.value_minor = rice;
    }
    device.redeem(id_of(voucher));
    let path = format!("/devices/{}/write-off", device.id);
    assert_eq!(office.post("coordinator", &path, &json!({ "reason": "hilang" })).status, 201);
    assert_eq!(office.post("admin", &format!("{path}/agree"), &json!({})).body["unresolved"], json!(1));
    let again = granted(&office, &voucher.entitlement_id, Some(lines(&all, &[whole])));
    let receipt = office.redeem(&again, &by_code(&id(1), &again.code));
    assert_eq!((receipt.status, &receipt.body["value_minor"]), (201, &json!(rice)), "{}", receipt.body);
    assert_eq!(run(&device.sync(office.base()).body, 0), ("settled", None, 1));
    assert_eq!(family(&office, &voucher.entitlement_id)["why_not"], Value::Null);
    let rest = granted(&office, &voucher.entitlement_id, None);
    let receipt = office.redeem(&rest, &by_code(&id(2), &rest.code));
    assert_eq!((receipt.status, &receipt.body["value_minor"]), (201, &json!(VALUE - rice)), "{}", receipt.body);
    let (redeemed, _, realised) = closes(&office);
    assert_eq!((redeemed, realised), (3, VALUE + rice), "what was given twice is in the books twice");
    minutes(&office, &voucher.point);
}
