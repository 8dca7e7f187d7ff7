//! Typed codes: short enough to be typed, so short enough to be guessed at.

use serde_json::{Value, json};

use crate::harness::client::Client;
use crate::harness::office::Office;

/// A code of the right form, with a good check sign, that stands on no voucher.
fn nobody_s(number: u8) -> String {
    let typed = salur::domain::voucher::TypedCode::draw([number.wrapping_mul(7).wrapping_add(1); 9]);
    typed.to_string()
}

#[test]
fn one_who_guesses_typed_codes_is_stopped_and_scans_go_on() {
    let office = Office::open(11);
    let vouchers = office.vouchers();
    let voucher = &vouchers[0];
    let device = Client::new(office.installation.device_token(&voucher.point));
    let ask = |code: &str| device.post(office.base(), "/verifications", &json!({ "code": code })).unwrap();
    let mut misses = 0;
    let stopped = (0..=60_u8).map(|number| ask(&nobody_s(number))).find(|answer| {
        if answer.status == 200 {
            assert_eq!(answer.body["verdict"], "unknown");
            misses += 1;
        }
        answer.status != 200
    });
    let stopped = stopped.expect("sixty guesses in a row were all answered");
    assert_eq!((stopped.status, stopped.code()), (429, "too_many_requests"), "{:?}", stopped.body);
    assert_eq!(misses, 20, "as many misses are forgiven as the rule says");
    // The right typed code waits too, for it could be a lucky guess; the paper's own QR does not.
    assert_eq!(ask(&voucher.typed_code).status, 429);
    let scan = ask(&voucher.code);
    assert_eq!((scan.status, &scan.body["verdict"]), (200, &Value::from("valid")));
}
