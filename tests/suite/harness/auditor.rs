//! An auditor: takes the log out, and checks it with the program and with the other implementation.

use std::path::Path;
use std::process::Command;

use serde_json::Value;

use super::installation::Installation;

/// Takes the log out and checks it; answers the report, in which it is written whether all is whole.
pub(crate) fn audited(installation: &Installation, folder: &Path) -> Value {
    let exported = installation.run(&["audit", "export", &folder.display().to_string(), "--as", "auditor", "--json"]);
    assert!(exported.status.success(), "{}", String::from_utf8_lossy(&exported.stderr));
    verified(installation, folder)
}

fn verified(installation: &Installation, folder: &Path) -> Value {
    let checked = installation.run(&["audit", "verify", &folder.display().to_string(), "--json"]);
    let report: Value = serde_json::from_slice(&checked.stdout)
        .unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(&checked.stderr)));
    let code = if report["whole"] == true { 0 } else { 1 };
    assert_eq!(checked.status.code(), Some(code), "{report}");
    report
}

/// The same check by the other implementation.
pub(crate) fn verified_by_python(folder: &Path) -> Value {
    let python = std::env::var("SALUR_PYTHON").expect("SALUR_PYTHON is set by `make test`: run it once");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/interop/verify_log.py");
    let checked = Command::new(python).arg(script).arg(folder).output().unwrap();
    serde_json::from_slice(&checked.stdout)
        .unwrap_or_else(|fault| panic!("{fault}: {}", String::from_utf8_lossy(&checked.stderr)))
}

/// Both implementations say the same of a log.
pub(crate) fn must_agree(one: &Value, other: &Value) {
    for member in
        ["whole", "size", "root", "origin", "first_wrong", "receipts", "receipts_absent", "heads", "books", "rights"]
    {
        assert_eq!(one[member], other[member], "{member}\n{one}\n{other}");
    }
    for (round, sums) in one["rounds"].as_object().unwrap() {
        assert_eq!(*sums, other["rounds"][round], "round {round}");
    }
}

/// The log tells all that happened, and nothing that may not be; both implementations say so.
pub(crate) fn log_is_whole(installation: &Installation) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let report = audited(installation, folder.path());
    assert_eq!(report["whole"], true, "{report}");
    must_agree(&report, &verified_by_python(folder.path()));
    report
}
