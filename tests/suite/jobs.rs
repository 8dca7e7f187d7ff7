//! Print runs of more than a thousand vouchers: a job that nobody waits for, whole after a kill, done once.

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::client::{Answer, Client};
use crate::harness::installation::{Installation, Server, Voucher};
use crate::harness::office::sql_count;

/// What a part holds at most.
const PART: i64 = 1_000;

struct Print {
    installation: Installation,
    server: Server,
    issuer: Client,
}

impl Print {
    fn open(households: u32, seed: u64) -> Self {
        let installation = Installation::demo(households, seed);
        let server = installation.serve();
        let issuer = Client::new(installation.token("issuer"));
        Self { installation, server, issuer }
    }

    /// Asks for a print that is too large for one file; the id of its job.
    fn ask(&self, base: &str, query: &str) -> String {
        let asked = self.issuer.get(base, &format!("/rounds/{}/vouchers.pdf{query}", self.installation.round()));
        let asked = asked.unwrap();
        assert_eq!(asked.status, 202, "{}", asked.body);
        asked.body["id"].as_str().unwrap().to_owned()
    }

    fn job(&self, id: &str) -> Value {
        let answer = self.issuer.get(self.server.base(), &format!("/jobs/{id}")).unwrap();
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }

    /// Waits until a job is as wanted.
    #[expect(clippy::disallowed_methods, reason = "nobody tells when a job is done")]
    fn until(&self, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let begun = Instant::now();
        loop {
            let job = self.job(id);
            if wanted(&job) {
                return job;
            }
            assert!(begun.elapsed() < Duration::from_secs(120), "{job}");
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    fn done(&self, id: &str) -> Value {
        let ended = |job: &Value| !matches!(job["state"].as_str(), Some("waiting" | "running"));
        let job = self.until(id, ended);
        assert_eq!(job["state"], "done", "{job}");
        assert_eq!(job["done"], job["total"], "{job}");
        job
    }

    /// The files of a result, by name.
    fn parts(&self, base: &str, job: &Value) -> BTreeMap<String, Vec<u8>> {
        let bytes = self.issuer.bytes(base, job["result"].as_str().unwrap());
        let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut parts = BTreeMap::new();
        for place in 0..archive.len() {
            let mut file = archive.by_index(place).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            parts.insert(file.name().unwrap().into_owned(), content);
        }
        assert_eq!(json!(parts.len()), job["parts"]);
        parts
    }
}

/// The text of a file that another program finds sound.
fn read(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.pdf");
    std::fs::write(&path, bytes).unwrap();
    let checked = Command::new("qpdf").arg("--check").arg(&path).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    let text = Command::new("pdftotext").arg(&path).arg("-").output().unwrap();
    String::from_utf8_lossy(&text.stdout).into_owned()
}

/// Every voucher stands in the parts once, none holds more than a thousand, and no bundle is torn apart.
fn assert_whole(parts: &BTreeMap<String, Vec<u8>>, vouchers: &[Voucher]) {
    let mut found: BTreeMap<String, i64> = BTreeMap::new();
    let mut bundles: BTreeMap<String, usize> = BTreeMap::new();
    for (number, part) in parts.values().enumerate() {
        let text = read(part);
        let mut here = 0;
        for word in text.split_whitespace() {
            if word.len() == 12 && word.as_bytes()[4] == b'-' && word.as_bytes()[9] == b'-' {
                *found.entry(word.to_owned()).or_default() += 1;
                here += 1;
            }
        }
        assert!((1..=PART).contains(&here), "{here} vouchers in a part");
        for code in text.split_whitespace().filter(|word| word.starts_with("B1-")) {
            assert_eq!(*bundles.entry(code.to_owned()).or_insert(number), number, "{code} lies in two parts");
        }
    }
    assert!(bundles.len() > 1, "bundles have codes");
    let issued: BTreeMap<String, i64> = vouchers.iter().map(|one| (one.typed_code.clone(), 1)).collect();
    assert!(found == issued, "{} of {} vouchers stand once", found.len(), issued.len());
}

#[test]
fn a_large_print_is_a_job_whose_parts_hold_every_voucher_once() {
    let print = Print::open(1_201, 71);
    let base = print.server.base();
    let one = print.issuer.get(base, &format!("/rounds/{}/vouchers?limit=1", print.installation.round())).unwrap();
    let point = one.body["items"][0]["point"].as_str().unwrap();
    let round = print.installation.round();
    // A point of it is a file at once.
    assert!(
        print
            .issuer
            .bytes(base, &format!("/api/v1/rounds/{round}/vouchers.pdf?point={point}"))
            .starts_with(b"%PDF-1.7")
    );
    let id = print.ask(base, "");
    assert_eq!(print.ask(base, "?layout=a4x4&language=id"), id, "the same once more is the job under way, or its kin");
    let job = print.done(&id);
    assert_eq!((&job["total"], &job["parts"]), (&json!(1_201), &json!(2)));
    assert_whole(&print.parts(base, &job), &print.installation.vouchers(base));

    let result = job["result"].as_str().unwrap();
    for (role, status) in [("finance", 403), ("coordinator", 403), ("auditor", 403)] {
        let other = Client::new(print.installation.token(role));
        assert_eq!(other.send("GET", &format!("{base}{result}"), None).unwrap().0, status, "{role}");
    }
    assert_eq!(Client::new("").send("GET", &format!("{base}{result}"), None).unwrap().0, 401);
    // Removed, it cannot be fetched, and nothing of it is left on disk.
    let folder = print.installation.dir().join("jobs").join(&id);
    assert!(folder.join("kupon.zip").exists());
    assert_eq!(cancel(&print, &id).body["state"], "cancelled");
    assert!(!folder.exists());
    assert_eq!(print.issuer.send("GET", &format!("{base}{result}"), None).unwrap().0, 409);
}

fn cancel(print: &Print, id: &str) -> Answer {
    let answer = print.issuer.call("DELETE", print.server.base(), &format!("/jobs/{id}"), &Value::Null).unwrap();
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer
}

#[test]
fn a_job_that_is_called_off_ends_and_leaves_nothing() {
    let print = Print::open(2_050, 72);
    let id = print.ask(print.server.base(), "?layout=a6");
    print.until(&id, |job| job["parts"].as_i64() >= Some(1));
    assert_eq!(cancel(&print, &id).body["state"], "cancelled");
    // The next job is worked on by the same server, so by its end the one called off has been let go.
    let next = print.ask(print.server.base(), "");
    assert_ne!(next, id);
    assert_eq!(print.done(&next)["total"], 2_050);
    let job = print.job(&id);
    assert_eq!((&job["state"], &job["result"]), (&json!("cancelled"), &Value::Null));
    assert!(!print.installation.dir().join("jobs").join(&id).exists(), "nothing is left on disk");
    assert_eq!(cancel(&print, &id).body["state"], "cancelled", "once more changes nothing");
}

#[test]
fn a_job_goes_on_behind_its_last_part_after_a_kill() {
    let mut print = Print::open(2_100, 73);
    let id = print.ask(print.server.base(), "?language=id-en");
    print.until(&id, |job| job["parts"].as_i64() >= Some(1));
    let before = print.job(&id);
    print.server.kill_nine();
    assert_eq!(before["state"], "running", "it was killed in the middle: {before}");
    let first = std::fs::read(print.installation.dir().join("jobs").join(&id).join("kupon-0001.pdf")).unwrap();

    print.server = print.installation.serve();
    let job = print.done(&id);
    let parts = print.parts(print.server.base(), &job);
    assert!(parts["kupon-0001.pdf"] == first, "what was made is kept, not made again");
    assert_whole(&parts, &print.installation.vouchers(print.server.base()));
}

#[test]
fn a_job_that_was_stopped_after_its_last_part_prints_none_twice() {
    let mut print = Print::open(1_300, 76);
    let id = print.ask(print.server.base(), "");
    let parts = print.parts(print.server.base(), &print.done(&id));
    // As it lay there when the last part was kept and the file of all was not bound yet.
    print.server.kill_nine();
    let folder = print.installation.dir().join("jobs").join(&id);
    std::fs::remove_file(folder.join("kupon.zip")).unwrap();
    for (name, bytes) in &parts {
        std::fs::write(folder.join(name), bytes).unwrap();
    }
    let begun = "UPDATE print_jobs SET state = 'running', beat_at = 1, finished_at = NULL";
    assert_eq!(sql_count(&print.installation, begun), 1);
    print.server = print.installation.serve();
    let job = print.done(&id);
    let again = print.parts(print.server.base(), &job);
    assert!(again == parts, "{:?} {:?}", again.keys(), parts.keys());
    assert_whole(&again, &print.installation.vouchers(print.server.base()));
}

#[test]
fn two_servers_on_one_database_do_each_job_once() {
    let print = Print::open(1_100, 74);
    if print.installation.database_url().is_none() {
        // An embedded database has one server.
        return;
    }
    let other = print.installation.serve();
    let asks = ["", "?layout=a4x2", "?language=id-en", "?layout=a6"];
    let jobs: Vec<String> = asks
        .iter()
        .enumerate()
        .map(|(place, query)| print.ask(if place % 2 == 0 { print.server.base() } else { other.base() }, query))
        .collect();
    for id in &jobs {
        let job = print.done(id);
        assert_eq!(job["parts"], 2, "{job}");
    }
    // What each part cost is on record once.
    let looks = Command::new("psql")
        .args([print.installation.database_url().unwrap(), "-Atc"])
        .arg("SELECT count(*) FROM audit WHERE event = 'voucher.printed'")
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&looks.stdout).trim(), "8", "{}", String::from_utf8_lossy(&looks.stderr));
    let vouchers = print.installation.vouchers(other.base());
    for id in &jobs {
        // They share the folder, so either can hand out the result.
        assert_whole(&print.parts(other.base(), &print.job(id)), &vouchers);
    }
}
