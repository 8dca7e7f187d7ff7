//! Devices and desks that want the same at the same time, and a server that dies while they do.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::thread;

use salur::domain::lease::device::Output;
use serde_json::json;

use super::{books, busiest, crowded, id_of};
use crate::harness::client::Client;
use crate::harness::handset::Handset;
use crate::harness::office::by_code;

/// So many devices at one point.
const DEVICES: u8 = 64;

#[test]
fn devices_and_desks_that_want_the_same_rights_at_once_make_one_handout_each() {
    let office = crowded(521);
    let (point, vouchers) = busiest(&office);
    // One operator signs in on the first of them alone: signing in is limited by name.
    let first = Handset::enrol(&office, &point, 100);
    let others = (1..DEVICES).map(|number| Handset::enrol_for(&office, &point, number + 100, first.operator));
    let devices: Vec<Handset> = others.chain([first.clone()]).collect();
    let handouts: Mutex<BTreeMap<String, u32>> = Mutex::new(BTreeMap::new());
    let base = office.base();
    let desk = office.installation.device_token(&point);
    thread::scope(|scope| {
        for mut device in devices {
            let (handouts, vouchers) = (&handouts, &vouchers);
            scope.spawn(move || {
                let answer = device.lease(base, &json!({}));
                assert_eq!(answer.status, 200, "{}", answer.body);
                for voucher in vouchers {
                    if matches!(device.redeem(id_of(voucher)), Output::Green(_)) {
                        *handouts.lock().unwrap().entry(voucher.entitlement_id.clone()).or_default() += 1;
                    }
                }
                let answer = device.sync(base);
                assert_eq!(answer.status, 200, "{}", answer.body);
                assert!(device.journal.is_empty());
            });
        }
        for client in 0..4_u32 {
            let (handouts, vouchers) = (&handouts, &vouchers);
            scope.spawn(move || {
                let desk = Client::new(desk);
                for (number, voucher) in vouchers.iter().enumerate() {
                    let id = format!("00000000-0000-7000-8000-{client:04}{number:08}");
                    let answer = desk.post(base, "/redemptions", &by_code(&id, &voucher.code)).unwrap();
                    match answer.status {
                        201 => *handouts.lock().unwrap().entry(voucher.entitlement_id.clone()).or_default() += 1,
                        409 => assert!(
                            ["already_redeemed", "leased_elsewhere"].contains(&answer.code()),
                            "{}",
                            answer.body
                        ),
                        other => panic!("{other}: {}", answer.body),
                    }
                }
            });
        }
    });
    let handouts = handouts.into_inner().unwrap();
    assert_eq!(handouts.len(), vouchers.len(), "each right was used");
    assert!(handouts.values().all(|count| *count == 1), "{handouts:?}");
    books(&office, vouchers.len() as i64, 0);
}

#[expect(clippy::disallowed_methods, reason = "the moment of a crash is a time")]
#[test]
fn a_server_that_dies_before_a_fact_is_stored_stores_it_before_it_answers_again() {
    let mut office = crowded(522);
    let (point, vouchers) = busiest(&office);
    let mut device = Handset::enrol(&office, &point, 31);
    device.lease(office.base(), &json!({}));
    for voucher in &vouchers {
        device.redeem(id_of(voucher));
    }
    // Killed while it takes a batch, again and again: whatever was committed is known, nothing is taken twice, and what
    // is acknowledged stands outside.
    for round in 0..6_u64 {
        let parcel = device.parcel();
        let (base, copy) = (office.base().to_owned(), device.clone());
        let sending = thread::spawn(move || {
            let path = format!("{base}/api/v1/sync");
            drop(copy.client.send("POST", &path, Some(("application/cbor", parcel.encode()))));
        });
        thread::sleep(std::time::Duration::from_millis(3 + round * 4));
        office.server.kill_nine();
        sending.join().unwrap();
        office.server = office.installation.serve();
    }
    let answer = device.sync(office.base());
    assert_eq!(answer.status, 200, "{}", answer.body);
    for run in answer.body["items"].as_array().unwrap() {
        assert!(["taken", "known"].contains(&run["answer"].as_str().unwrap()), "{run}");
    }
    assert!(device.journal.is_empty());
    books(&office, vouchers.len() as i64, 0);
    let facts = std::fs::read(office.installation.dir().join("facts/facts.log")).unwrap();
    let reply = device.last_reply.as_ref().unwrap();
    assert!(reply.cover.size > vouchers.len() as u64 && !facts.is_empty());
}
