//! The program: settings, clock and randomness are built here and handed down.

use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use salur::cli::{self, Cli, Surroundings};
use salur::clock::{SystemClock, SystemEntropy};

fn main() -> ExitCode {
    let surroundings = Surroundings { clock: Arc::new(SystemClock), entropy: Arc::new(SystemEntropy) };
    cli::run(Cli::parse(), &surroundings)
}
