//! What a sync costs where bytes are dear: counted on the wire between the real device and the real server.

use serde_json::json;

use crate::harness::chaos::Chaos;
use crate::harness::client::Client;
use crate::harness::installation::Installation;
use crate::harness::proof::figure;
use crate::harness::unit::Unit;

/// How many handouts one sync brings.
const HANDOUTS: usize = 500;
/// What each may take of the wire, request line and headers included.
const BYTES_AT_MOST: u64 = 250;

#[test]
fn a_sync_of_500_handouts_takes_less_than_250_bytes_each_on_the_wire() {
    let installation = Installation::demo(6_400, 551);
    let server = installation.serve();
    let mut at_points = std::collections::BTreeMap::<String, Vec<String>>::new();
    for voucher in installation.vouchers(server.base()) {
        at_points.entry(voucher.point).or_default().push(voucher.code);
    }
    let (code, papers) = at_points.into_iter().max_by_key(|(_, papers)| papers.len()).unwrap();
    assert!(papers.len() >= HANDOUTS, "{} papers at {code}", papers.len());
    let points = Client::new(installation.token("admin")).get(server.base(), "/points?limit=500").unwrap().body;
    let point = points["items"].as_array().unwrap().iter().find(|one| one["code"] == code.as_str()).unwrap();
    let wire = Chaos::before(server.base(), 1, 0);
    let unit = Unit::enrol(&installation, wire.base(), (point["id"].as_str().unwrap(), &code), "Pemindai");
    assert!(unit.call(&["lease"]).done()["installed"].as_u64().unwrap() >= HANDOUTS as u64);

    let mut day = unit.run(&["--offline"]);
    for paper in &papers[..HANDOUTS] {
        assert_eq!(day.scan(paper)["verdict"], "valid");
    }
    day.end();
    let before = wire.bytes_of_syncs();
    let told = unit.call(&["sync"]).done();
    assert_eq!((&told["taken"], &told["conflicts"]), (&json!(HANDOUTS), &json!(0)), "{told}");
    let bytes = wire.bytes_of_syncs() - before;
    let each = bytes.div_ceil(HANDOUTS as u64);
    figure(&format!("sync of {HANDOUTS} handouts: {bytes} bytes of requests, {each} each, headers included"));
    assert!(each < BYTES_AT_MOST, "{bytes} bytes for {HANDOUTS}");
}
