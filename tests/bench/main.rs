//! `make bench`: how fast Salur is beside the bare engine, in the same run, as ratios.
//!
//! Each benchmark prints a small table and asserts nothing about time: a figure is read, not passed.
//! `make bench ONLY="intake search"` runs those alone.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::print_stdout, clippy::disallowed_methods)]

mod intake;
mod search;

fn main() {
    let wanted: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let all: [(&str, fn()); 2] = [("intake", intake::run), ("search", search::run)];
    for (name, run) in all {
        if wanted.is_empty() || wanted.iter().any(|word| word == name) {
            println!("\n== {name}");
            run();
        }
    }
}
