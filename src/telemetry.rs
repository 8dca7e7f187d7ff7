//! Logs and counts: set up once, in `main`. Neither ever holds personal data.

use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Sends logs to standard error: readable on a terminal, one JSON object a line with `SALUR_LOG_JSON=1`.
/// `SALUR_LOG` says how much (`info`, `debug`, `salur=trace` …).
pub fn start_logs(default: &str) {
    let filter = EnvFilter::try_from_env("SALUR_LOG").unwrap_or_else(|_| EnvFilter::new(default));
    let json = std::env::var("SALUR_LOG_JSON").is_ok_and(|value| value == "1");
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A second subscriber is refused; in tests the first one serves.
    let started = if json { builder.json().try_init() } else { builder.with_target(false).try_init() };
    drop(started);
}

/// Starts counting; nothing when counting was started before.
#[must_use]
pub fn start_counting() -> Option<PrometheusHandle> {
    PrometheusBuilder::new().install_recorder().ok()
}
