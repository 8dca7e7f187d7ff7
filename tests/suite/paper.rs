//! The paper and the keys, read by programs that are not ours.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::json;

use crate::harness::client::Client;
use crate::harness::handset::Handset;
use crate::harness::installation::Installation;
use crate::harness::office::{Office, by_code};
use crate::leases::busiest;

fn run(program: &str, arguments: &[&str]) -> String {
    let done = Command::new(program).args(arguments).output().unwrap_or_else(|fault| panic!("{program}: {fault}"));
    assert!(
        done.status.success(),
        "{program} {arguments:?}: {}{}",
        String::from_utf8_lossy(&done.stdout),
        String::from_utf8_lossy(&done.stderr)
    );
    String::from_utf8_lossy(&done.stdout).into_owned()
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn every_printed_code_reads_back_and_every_name_can_be_copied() {
    let installation = Installation::demo(42, 3);
    let server = installation.serve();
    let issuer = Client::new(installation.token("issuer"));
    let round = installation.round();
    let folder = tempfile::tempdir().unwrap();
    let pdf = folder.path().join("kupon.pdf");
    std::fs::write(&pdf, issuer.bytes(server.base(), &format!("/api/v1/rounds/{round}/vouchers.pdf"))).unwrap();

    run("qpdf", &["--check", text(&pdf)]);
    run("pdftoppm", &["-r", "150", "-gray", "-png", text(&pdf), text(&folder.path().join("page"))]);
    let pages: Vec<String> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| text(&entry.unwrap().path()).to_owned())
        .filter(|path| path.ends_with(".png"))
        .collect();
    // Four to a page: 42 vouchers, and before those of each point the list of its bundles.
    let points = installation.vouchers(server.base()).into_iter().map(|one| one.point).collect::<BTreeSet<_>>().len();
    assert!(pages.len() <= (42 + 2 * points).div_ceil(4), "{} pages for {points} points", pages.len());
    let mut arguments = vec!["--quiet", "--raw", "-Sdisable", "-Sqrcode.enable"];
    arguments.extend(pages.iter().map(String::as_str));
    let read: BTreeSet<String> = run("zbarimg", &arguments).lines().map(str::to_owned).collect();
    let issued: BTreeSet<String> = installation.vouchers(server.base()).into_iter().map(|one| one.code).collect();
    assert_eq!(read, issued);

    let copied = run("pdftotext", &[text(&pdf), "-"]);
    assert_eq!(copied.matches("TIDAK DIPUNGUT BIAYA APA PUN").count(), 42);
    let listed = issuer.get(server.base(), &format!("/rounds/{round}/vouchers?limit=500")).unwrap();
    let joined = copied.split_whitespace().collect::<Vec<_>>().join(" ");
    for voucher in listed.body["items"].as_array().unwrap() {
        for member in ["household", "typed_code"] {
            assert!(joined.contains(voucher[member].as_str().unwrap()), "{member} of {voucher}");
        }
    }
}

#[test]
fn independent_libraries_verify_the_vouchers_from_the_published_keys() {
    let python = std::env::var("SALUR_PYTHON").expect("SALUR_PYTHON is set by `make test`: run it once");
    let installation = Installation::demo(12, 4);
    let server = installation.serve();
    let issuer = Client::new(installation.token("issuer"));
    let folder = tempfile::tempdir().unwrap();
    let (keys, codes) = (folder.path().join("jwks.json"), folder.path().join("codes.txt"));
    std::fs::write(&keys, issuer.bytes(server.base(), "/.well-known/jwks.json")).unwrap();
    let issued: Vec<String> = installation.vouchers(server.base()).into_iter().map(|one| one.code).collect();
    std::fs::write(&codes, issued.join("\n")).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/interop/verify_cose.py");
    let said = run(&python, &[script, text(&keys), text(&codes)]);
    assert!(said.contains("12 verified by pycose, 12 by cwt"), "{said}");
}

#[test]
fn a_voucher_that_a_device_holds_prints_and_a_booklet_says_what_became_of_each_round() {
    let office = Office::open(61);
    let (point, vouchers) = busiest(&office);
    let first = office.installation.round();
    // One is collected before a device takes the rest of the point with it.
    let (collected, held) = vouchers.split_first().unwrap();
    let id = "0199c0de-0000-7000-8000-000000000061";
    assert_eq!(office.redeem(collected, &by_code(id, &collected.code)).status, 201);
    let mut device = Handset::enrol(&office, &point, 7);
    assert_eq!(device.lease(office.base(), &json!({})).status, 200);

    let issuer = office.of("issuer");
    let copied = |round: &str, rest: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("kupon.pdf");
        let file = issuer.bytes(office.base(), &format!("/api/v1/rounds/{round}/vouchers.pdf?point={point}{rest}"));
        assert!(file.starts_with(b"%PDF"), "{}", String::from_utf8_lossy(&file));
        std::fs::write(&path, file).unwrap();
        run("pdftotext", &[text(&path), "-"])
    };
    let sheets = copied(first, "");
    for voucher in held {
        assert!(sheets.contains(&voucher.typed_code), "{} is missing", voucher.typed_code);
    }
    assert!(!sheets.contains(&collected.typed_code));
    let alone = copied(first, &format!("&entitlement={}", held[0].entitlement_id));
    assert!(alone.contains(&held[0].typed_code));

    let rounds = office.get("issuer", &format!("/rounds?programme={}", office.installation.programme()));
    let second = rounds.body["items"].as_array().unwrap().iter().find(|one| one["id"] != *first).unwrap().clone();
    let second = second["id"].as_str().unwrap();
    let issued = office.issue(second);
    assert_eq!(issued.status, 200, "{}", issued.body);
    let booklet = copied(second, "&layout=booklet");
    for voucher in held {
        assert!(booklet.contains(&voucher.typed_code), "{} is missing", voucher.typed_code);
    }
    assert_eq!(booklet.matches("Sudah diambil").count(), 1, "{booklet}");
}
