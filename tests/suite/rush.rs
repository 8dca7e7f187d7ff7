//! The rush: many desks scan the same vouchers in the same instant.

use std::collections::BTreeMap;
use std::sync::{Barrier, Mutex};

use serde_json::{Value, json};

use crate::harness::client::{Answer, Client};
use crate::harness::installation::Installation;
use crate::harness::random::Random;

const CLIENTS: usize = 64;
const VOUCHERS: u32 = 200;

#[test]
fn sixty_four_clients_redeem_each_of_two_hundred_vouchers_exactly_once() {
    let installation = Installation::demo(VOUCHERS, 7);
    let server = installation.serve();
    let vouchers = installation.vouchers(server.base());
    assert_eq!(vouchers.len(), VOUCHERS as usize, "one voucher a household");

    // All clients wait for each other before each voucher: without that they would drift apart, and most
    // would come long after the first.
    let start = Barrier::new(CLIENTS);
    let answers: Mutex<BTreeMap<usize, Vec<(String, Answer)>>> = Mutex::default();
    std::thread::scope(|scope| {
        for client in 0..CLIENTS {
            let (installation, server, vouchers, start, answers) =
                (&installation, &server, &vouchers, &start, &answers);
            scope.spawn(move || {
                let mut random = Random::seeded(1_000 + client as u64);
                let clients: BTreeMap<&str, Client> = vouchers
                    .iter()
                    .map(|voucher| (voucher.point.as_str(), Client::new(installation.device_token(&voucher.point))))
                    .collect();
                for (number, voucher) in vouchers.iter().enumerate() {
                    let id = random.uuid().to_string();
                    let body =
                        json!({ "id": id, "code": voucher.code, "collector": { "kind": "self", "id_seen": true } });
                    start.wait();
                    let answer = clients[voucher.point.as_str()].post(server.base(), "/redemptions", &body);
                    // A client that gave up here would leave the others waiting at the barrier for ever.
                    let answer = answer.unwrap_or_else(|e| Answer { status: 0, body: Value::String(e.to_string()) });
                    answers.lock().unwrap().entry(number).or_default().push((id, answer));
                }
            });
        }
    });

    let answers = answers.into_inner().unwrap();
    let mut faults = Vec::new();
    for (number, voucher) in vouchers.iter().enumerate() {
        let (won, lost): (Vec<_>, Vec<_>) = answers[&number].iter().partition(|(_, answer)| answer.status == 201);
        let [(id, receipt)] = won.as_slice() else {
            let others: Vec<_> = lost.iter().map(|(_, answer)| (answer.status, answer.code())).take(3).collect();
            faults.push(format!("{}: {} × 201, others like {others:?}", voucher.entitlement_id, won.len()));
            continue;
        };
        for (_, answer) in lost {
            if answer.status != 409 || answer.code() != "already_redeemed" {
                faults.push(format!("{}: {} {}", voucher.entitlement_id, answer.status, answer.body));
            } else if !names_the_first(&answer.body, &receipt.body, &voucher.point) {
                faults.push(format!(
                    "{}: {} does not name the first, {}",
                    voucher.entitlement_id, answer.body, receipt.body
                ));
            }
        }
        let desk = Client::new(installation.device_token(&voucher.point));
        let kept = desk.get(server.base(), &format!("/redemptions/{id}")).unwrap();
        if (kept.status, &kept.body) != (200, &receipt.body) {
            faults.push(format!("{}: the receipt reads back as {} {}", voucher.entitlement_id, kept.status, kept.body));
        }
    }
    assert!(faults.is_empty(), "{} faults, the first of them:\n{}\n{}", faults.len(), first(&faults, 10), server.log());
    let redeemed = installation.vouchers(server.base()).iter().filter(|voucher| voucher.state == "redeemed").count();
    assert_eq!(redeemed, vouchers.len(), "vouchers that the issuer's list shows as redeemed");
}

/// Whether a refusal says when and where the first handout was: a time that stands in the first receipt, and the point's code.
fn names_the_first(refusal: &Value, receipt: &Value, point: &str) -> bool {
    let mut times = Vec::new();
    for_each_string(receipt, &mut |text| {
        if is_time(text) {
            times.push(text.to_owned());
        }
    });
    let (mut time_named, mut point_named) = (false, false);
    for_each_string(refusal, &mut |text| {
        time_named |= times.iter().any(|time| text.contains(time.as_str()));
        point_named |= text.contains(point);
    });
    time_named && point_named
}

fn for_each_string(value: &Value, see: &mut impl FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| for_each_string(item, see)),
        Value::Object(members) => members.values().for_each(|item| for_each_string(item, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `2026-11-23T08:15:30…`, whatever follows the seconds.
fn is_time(text: &str) -> bool {
    let shape = b"dddd-dd-ddTdd:dd:dd";
    text.len() > shape.len()
        && text
            .bytes()
            .zip(shape)
            .all(|(byte, &wanted)| if wanted == b'd' { byte.is_ascii_digit() } else { byte == wanted })
}

pub(crate) fn first(faults: &[String], count: usize) -> String {
    faults.iter().take(count).cloned().collect::<Vec<_>>().join("\n")
}

#[test]
fn a_refusal_that_names_another_time_or_no_point_is_noticed() {
    let receipt = json!({ "number": 7, "redeemed_at": "2026-11-23T08:15:30.123+08:00", "point": "TGR-01" });
    let refusal = |time: &str, point: &str| json!({ "code": "already_redeemed", "first": { "at": time, "point": { "code": point } } });
    assert!(names_the_first(&refusal("2026-11-23T08:15:30.123+08:00", "TGR-01"), &receipt, "TGR-01"));
    assert!(!names_the_first(&refusal("2026-11-23T08:15:31.123+08:00", "TGR-01"), &receipt, "TGR-01"));
    assert!(!names_the_first(&refusal("2026-11-23T08:15:30.123+08:00", "TGR-02"), &receipt, "TGR-01"));
}
