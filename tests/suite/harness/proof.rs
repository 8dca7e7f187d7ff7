//! How much a proof does: little in every test run, much in `make proof`.

/// `few` in every test run; with `SALUR_PROOF=full` as much as is claimed, by the engine.
pub(crate) fn count(few: u64, on_sqlite: u64, on_postgres: u64) -> u64 {
    if !is_full() {
        return few;
    }
    if std::env::var("SALUR_TEST_DB").is_ok_and(|engine| engine == "postgres") { on_postgres } else { on_sqlite }
}

pub(crate) fn is_full() -> bool {
    std::env::var("SALUR_PROOF").is_ok_and(|much| much == "full")
}

/// The seed of this run.
pub(crate) fn seed() -> u64 {
    std::env::var("SALUR_SEED").map_or(1, |seed| seed.parse().expect("SALUR_SEED is a number"))
}

/// A figure with its denominator, for the log of a proof.
#[expect(clippy::print_stdout, reason = "a proof says what it has seen")]
pub(crate) fn figure(text: &str) {
    println!("proof: {text}");
}
