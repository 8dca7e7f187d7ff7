//! Paper that was printed when the installation had another public address.

use serde_json::json;

use crate::harness::client::Client;
use crate::harness::installation::{Installation, Server};
use crate::harness::unit::Unit;

const OLD: (&str, &str) = ("SALUR_PUBLIC_URL", "https://lama.example.go.id");
const NEW: (&str, &str) = ("SALUR_PUBLIC_URL", "https://baru.example.go.id");
const FORMER: (&str, &str) = ("SALUR_FORMER_URLS", "https://tua.example.go.id,https://lama.example.go.id");

/// What this server says of a code, asked at its point.
fn verdict(installation: &Installation, server: &Server, point: &str, code: &str) -> String {
    let desk = Client::new(installation.device_token(point));
    let said = desk.post(server.base(), "/verifications", &json!({ "code": code })).unwrap();
    assert_eq!(said.status, 200, "{}", said.body);
    said.body["verdict"].as_str().unwrap().to_owned()
}

#[test]
fn paper_of_a_former_address_is_good_where_the_address_is_known_to_be_ours() {
    let installation = Installation::demo(8, 3);
    let server = installation.serve_with(&[OLD]);
    let vouchers = installation.vouchers(server.base());
    let one = &vouchers[0];
    assert!(one.code.starts_with("HTTPS://LAMA.EXAMPLE.GO.ID/V/"), "{}", one.code);
    drop(server);

    let server = installation.serve_with(&[NEW]);
    assert_eq!(verdict(&installation, &server, &one.point, &one.code), "foreign", "nobody said that it is ours");
    drop(server);

    let server = installation.serve_with(&[NEW, FORMER]);
    let fresh = installation.vouchers(server.base());
    assert!(fresh[0].code.starts_with("HTTPS://BARU.EXAMPLE.GO.ID/V/"), "{}", fresh[0].code);
    assert_eq!(verdict(&installation, &server, &one.point, &one.code), "valid");
    let strange = one.code.replace("LAMA", "LUAR");
    assert_eq!(verdict(&installation, &server, &one.point, &strange), "foreign");

    // A device is told the same list, and needs no network for the old paper.
    let office = Client::new(installation.token("coordinator"));
    let points = office.get(server.base(), "/points?limit=500").unwrap().body;
    let point = points["items"].as_array().unwrap().iter().find(|point| point["code"] == *one.point).unwrap();
    let unit = Unit::enrol(&installation, server.base(), (point["id"].as_str().unwrap(), &one.point), "Pemindai");
    unit.call(&["lease"]).done();
    drop(server);
    assert_eq!(unit.call(&["verify", &strange]).verdict(), "foreign");
    assert_eq!(unit.call(&["redeem", "--offline", &one.code]).done()["verdict"], "valid");
    let again = unit.call(&["redeem", "--offline", &one.code]);
    assert_eq!((again.code, again.verdict()), (Some(1), "already_redeemed"));
    let at = again.body["first"]["at"].as_str().unwrap_or_else(|| panic!("{}", again.body));
    assert!(at.len() == 25 && at.as_bytes()[10] == b'T' && at.contains('+'), "a time with its offset: {at}");
}
