//! `make bench`: how fast Salur is beside the bare engine, in the same run, as ratios.
//!
//! Each benchmark prints a small table and asserts nothing about time: a figure is read, not passed.
//! `make bench ONLY="intake search"` runs those alone. What takes long (`load`, `paper-large`, `readback`, `log-large`) runs
//! only when it is named.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

mod bare;
mod intake;
mod load;
mod log;
mod paper;
#[allow(dead_code)]
#[path = "../suite/harness/postgres.rs"]
mod postgres;
mod readability;
mod readback;
mod reconcile;
mod redeem;
mod results;
mod scanner;
mod search;
mod start;
mod wire;

fn main() {
    // A benchmark that measures memory starts this program again for each figure.
    if let Ok(order) = std::env::var(paper::ORDER) {
        paper::child(&order);
        return;
    }
    if let Ok(order) = std::env::var(reconcile::ORDER) {
        reconcile::child(&order);
        return;
    }
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let all: [(&str, fn()); 14] = [
        ("intake", intake::run),
        ("redeem", redeem::run),
        ("search", search::run),
        ("reconcile", reconcile::run),
        ("start", start::run),
        ("issue", start::run_issue),
        ("paper", paper::run),
        ("paper-large", paper::run_large),
        ("readability", readability::run),
        ("scanner", scanner::run),
        ("readback", readback::run),
        ("load", load::run),
        ("log", log::run),
        ("log-large", log::run_large),
    ];
    for (name, run) in all {
        let unasked = wanted.is_empty() && !matches!(name, "load" | "paper-large" | "readback" | "log-large");
        if unasked || wanted.iter().any(|word| word == name) {
            println!("\n== {name}");
            run();
        }
    }
    results::write();
}
