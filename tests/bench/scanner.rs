//! The scanner in a browser whose CPU is slowed down six times: frame to verdict, first load, and bytes. The
//! measuring is done in the browser (`tests/browser/scanner.bench.mjs`); here its figures become a table.

use std::path::Path;
use std::process::Command;

pub(super) fn run() {
    let browser = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/browser");
    let measured = Command::new("node").arg("scanner.bench.mjs").current_dir(&browser).output();
    let said = match measured {
        Ok(said) if said.status.success() => said,
        Ok(said) => {
            println!("not measured: {}", String::from_utf8_lossy(&said.stderr));
            return;
        }
        Err(fault) => {
            println!("not measured: node: {fault}");
            return;
        }
    };
    let found: serde_json::Value = serde_json::from_slice(&said.stdout).unwrap_or_default();
    let timed = |name: &str| {
        let figure = |part: &str| found[name][part].as_f64().unwrap_or(f64::NAN);
        println!("{name:<24} median {:>8.1}   p99 {:>8.1}   of {}", figure("median"), figure("p99"), found[name]["n"]);
    };
    timed("frame_to_verdict_ms");
    timed("decoder_alone_ms");
    timed("first_load_ms");
    for name in ["first_load_bytes", "kept_files", "kept_bytes", "lease_bytes", "leases", "sync_bytes", "receipts"] {
        println!("{name:<24} {}", found[name]);
    }
}
