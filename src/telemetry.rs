//! Logs and counts: set up once, in `main`. Neither ever holds personal data.

use std::io::IsTerminal as _;

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Sends logs to standard error: readable on a terminal, one JSON object a line with `SALUR_LOG_JSON=1`.
/// `SALUR_LOG` says how much (`info`, `debug`, `salur=trace` …).
pub fn start_logs(default: &str) {
    let filter = EnvFilter::try_from_env("SALUR_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let json = std::env::var("SALUR_LOG_JSON").is_ok_and(|value| value == "1");
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // Colours are for eyes: in a file or a journal they are rubbish between the words.
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    // A log that cannot be written (its disk is full) is no reason to leave a request unanswered.
    let builder = builder.log_internal_errors(false);
    // A second subscriber is refused; in tests the first one serves.
    let started = if json { builder.json().try_init() } else { builder.with_target(false).try_init() };
    drop(started);
}

/// The seconds by which times are sorted: a commit on a fast disk at one end, a large file at the other.
const SECONDS: [f64; 14] = [0.000_5, 0.001, 0.002_5, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0];

/// Starts counting; nothing when counting was started before.
#[must_use]
pub fn start_counting() -> Option<PrometheusHandle> {
    PrometheusBuilder::new().set_buckets(&SECONDS).ok()?.install_recorder().ok()
}
