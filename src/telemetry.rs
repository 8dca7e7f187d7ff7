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
    let counted = PrometheusBuilder::new().set_buckets(&SECONDS).ok()?.install_recorder().ok()?;
    describe();
    Some(counted)
}

/// What each family counts, for `# HELP`.
fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_histogram!("salur_http_request_seconds", "Time from a request to its answer, by route.");
    describe_counter!("salur_http_requests_total", "Answers, by route and status.");
    describe_counter!("salur_attempts_total", "Attempts to verify and redeem, by kind and outcome.");
    describe_counter!("salur_password_checks_total", "Passwords that were hashed to check them.");
    describe_counter!("salur_lease_findings_total", "What devices brought that does not fit the books, by kind.");
    describe_counter!("salur_backups_total", "Backups that the server made by itself.");
    describe_counter!("salur_backup_failures_total", "Backups that the server could not make.");
    describe_counter!("salur_store_retries_total", "Transactions that were tried again, by name.");
    describe_histogram!("salur_store_commit_seconds", "Time of a commit of the database.");
    describe_histogram!("salur_facts_store_seconds", "Time to store a fact outside the database.");
    describe_gauge!("salur_store_connections", "Connections to the database that are open.");
    describe_gauge!("salur_store_connections_idle", "Connections to the database that nobody uses.");
    describe_gauge!("salur_ready", "1 while the database answers, 0 while it does not.");
    describe_gauge!("salur_log_refused", "1 while the log signs no new head, because another was signed before.");
    describe_gauge!("salur_leased_entitlements", "Entitlements that are lent to devices.");
    describe_gauge!("salur_exposure_minor", "Value of what is lent to devices, in the currency's minor unit.");
    describe_gauge!("salur_exposure_silent_minor", "Value of what is lent to devices that have long been silent.");
    describe_gauge!("salur_unsynced_receipts", "Receipts that devices have announced and not yet brought.");
    describe_gauge!("salur_devices_owing", "Devices that have yet to answer after a restore.");
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::{Path, PathBuf};

    fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
        for path in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                sources(&path, found);
            } else {
                found.push(path);
            }
        }
    }

    /// The names that stand behind a macro of this name.
    fn named<'t>(text: &'t str, macro_name: &str) -> impl Iterator<Item = String> + use<'t> {
        let opening = format!("{macro_name}!(");
        let pieces: Vec<&str> = text.split(opening.as_str()).skip(1).collect();
        pieces
            .into_iter()
            .filter_map(|rest| Some(rest.trim_start().strip_prefix("\"salur_")?.split_once('"')?.0.to_owned()))
    }

    #[test]
    fn whatever_is_counted_says_what_it_is() {
        let mut files = Vec::new();
        sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
        for kind in ["counter", "gauge", "histogram"] {
            let (mut counted, mut described) = (BTreeSet::new(), BTreeSet::new());
            for file in &files {
                let text = std::fs::read_to_string(file).unwrap();
                described.extend(named(&text, &format!("describe_{kind}")));
                let plain = text.replace(&format!("describe_{kind}!("), "(");
                counted.extend(named(&plain, kind));
            }
            assert!(counted.len() > 2, "{kind}: {counted:?}");
            assert_eq!(counted, described, "{kind}");
        }
    }
}
