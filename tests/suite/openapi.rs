//! The committed description of the API is the one that the program gives.

use std::fs;
use std::path::Path;

const RENEW: &str = "SALUR_WRITE_OPENAPI=1 cargo test --test suite openapi";

#[test]
fn the_committed_description_of_the_api_is_the_one_the_program_gives() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/openapi.json");
    let given = salur::http::openapi().to_pretty_json().unwrap() + "\n";
    if std::env::var_os("SALUR_WRITE_OPENAPI").is_some() {
        fs::write(&file, &given).unwrap();
    }
    let committed = fs::read_to_string(&file).unwrap_or_default();
    let differs = committed.lines().zip(given.lines()).position(|(one, other)| one != other);
    assert!(
        committed == given,
        "assets/openapi.json is not what the program gives (from line {} on). Renew it: {RENEW}",
        differs.unwrap_or_else(|| committed.lines().count().min(given.lines().count())) + 1
    );
}
