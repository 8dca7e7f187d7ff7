//! A backup is whole, and a restore is a new life of the server that waits for its devices: whatever was granted
//! or handed out after the backup, nothing goes out twice.

use std::process::Command;

use serde_json::{Value, json};

use crate::harness::client::{Answer, Client};
use crate::harness::installation::{Installation, Server, Voucher, salur};
use crate::harness::office::sql_count;
use crate::harness::postgres;
use crate::harness::proof::figure;
use crate::harness::unit::{Said, Unit};

pub(crate) fn command(installation: &Installation, args: &[&str]) -> Said {
    let mut command: Command = salur(installation.dir(), installation.database_url());
    command.args(args).args(["--json", "--dir"]).arg(installation.dir());
    Said::of(&command.output().unwrap())
}

/// Takes the database away, as a disk that dies does: the next one is empty.
pub(crate) fn lose_the_database(installation: &mut Installation) {
    if installation.database_url().is_some() {
        installation.move_to(postgres::empty_database());
        return;
    }
    for end in ["", "-wal", "-shm"] {
        let _ = std::fs::remove_file(installation.dir().join(format!("salur.db{end}")));
    }
}

struct Day {
    installation: Installation,
    server: Server,
    unit: Unit,
    /// Of the unit's point: the first four are leased to it.
    papers: Vec<Voucher>,
}

impl Day {
    /// A backup first; then a device is enrolled, takes four leases and hands two out, of which one is told.
    fn after_a_backup() -> Self {
        let installation = Installation::demo(300, 9);
        let server = installation.serve();
        command(&installation, &["backup", "--output", &Self::backup_of(&installation)]).done();
        let all = installation.vouchers(server.base());
        let papers_at = |code: &str| all.iter().filter(|one| one.point == code).count();
        let code = all.iter().find(|one| papers_at(&one.point) >= 8).expect("eight papers of one point").point.clone();
        let points = Client::new(installation.token("admin")).get(server.base(), "/points?limit=500").unwrap().body;
        let point = points["items"].as_array().unwrap().iter().find(|one| one["code"] == code.as_str()).unwrap();
        let unit = Unit::enrol(&installation, server.base(), (point["id"].as_str().unwrap(), &code), "Lama");
        let papers: Vec<Voucher> = all.into_iter().filter(|one| one.point == code).take(8).collect();
        assert_eq!(papers.len(), 8, "papers of one point");
        let wanted: Vec<&str> = papers[..4].iter().map(|one| one.entitlement_id.as_str()).collect();
        assert_eq!(unit.call(&[&["lease"], wanted.as_slice()].concat()).done()["installed"], 4);
        let day = Self { installation, server, unit, papers };
        assert_eq!(day.at_the_unit(0), "valid");
        day.unit.call(&["sync"]).done();
        assert_eq!(day.at_the_unit(1), "valid");
        // The server's own desk hands out too: its receipts are outside.
        assert_eq!(day.at_the_desk(4).status, 201);
        day
    }

    fn backup_of(installation: &Installation) -> String {
        installation.dir().join("cadangan").display().to_string()
    }

    fn at_the_unit(&self, paper: usize) -> String {
        self.unit.call(&["redeem", &self.papers[paper].code, "--offline"]).verdict().to_owned()
    }

    fn at_the_desk(&self, paper: usize) -> Answer {
        let desk = Client::new(self.installation.device_token(&self.unit.point));
        let id = uuid::Uuid::from_u128(0x7000_0000_0000_4000_8000_0000_0000_0000 + paper as u128);
        let body =
            json!({ "id": id, "code": self.papers[paper].code, "collector": { "kind": "self", "id_seen": true } });
        desk.post(self.server.base(), "/redemptions", &body).unwrap()
    }

    /// The machine dies; the backup, which knows nothing of this day, is put in its place.
    fn restore(&mut self) -> Value {
        self.server.kill_nine();
        let backup = Self::backup_of(&self.installation);
        let refused = command(&self.installation, &["restore", &backup]);
        assert_eq!(refused.code, Some(1), "a live database is never overwritten: {refused:?}");
        lose_the_database(&mut self.installation);
        let done = command(&self.installation, &["restore", &backup]).done();
        self.server = self.installation.serve();
        done
    }

    fn recovery(&self) -> Value {
        Client::new(self.installation.token("coordinator")).get(self.server.base(), "/recovery").unwrap().body
    }
}

#[test]
fn after_a_restore_nothing_goes_out_until_the_device_has_answered_and_then_nothing_twice() {
    let mut day = Day::after_a_backup();
    let done = day.restore();
    assert_eq!(done["epoch"].as_u64(), Some(2), "one restore is one new life: {done}");
    assert_eq!(done["missing"].as_u64(), Some(1), "{done}");
    let recovery = day.recovery();
    assert_eq!((&recovery["recovering"], &recovery["epoch"]), (&json!(true), &json!(2)), "{recovery}");
    let refused = day.at_the_desk(5);
    assert_eq!(
        (refused.status, refused.code()),
        (409, "recovering"),
        "nothing is redeemed at the server's desks meanwhile"
    );
    let kept = "UPDATE attempts SET kind = kind WHERE outcome = 'recovering' AND entitlement_id IS NOT NULL";
    assert_eq!(sql_count(&day.installation, kept), 1, "and that somebody tried is kept");
    // The device goes on from what it holds.
    assert_eq!(day.at_the_unit(2), "valid");
    let base = day.server.base().to_owned();
    let lease = day.unit.call(&["lease", "--server", &base]);
    assert_ne!(lease.code, Some(0), "no leases meanwhile: {lease:?}");

    let told = day.unit.call(&["sync", "--server", &base]).done();
    assert_eq!((told["answered"].as_bool(), told["conflicts"].as_u64()), (Some(true), Some(0)), "{told}");
    assert_eq!(day.recovery()["recovering"], false, "{}", day.recovery());

    // Whoever comes again is refused, at the device and at the desk; who has not come is served once.
    for paper in [0, 1, 2, 4] {
        let again = day.at_the_desk(paper);
        // The desk's own receipt of before is known by its id: the same answer, and no second handout.
        assert!(matches!((paper, again.status), (4, 200 | 201)) || again.code() == "already_redeemed", "{again:?}");
        assert_ne!(day.at_the_unit(paper), "valid");
    }
    assert_eq!(day.at_the_desk(3).code(), "leased_elsewhere");
    assert_eq!(day.at_the_unit(3), "valid");
    for paper in [5, 6, 7] {
        assert_eq!(day.at_the_desk(paper).status, 201);
        assert_ne!(day.at_the_unit(paper), "valid");
    }
    day.unit.call(&["sync", "--server", &base]).done();
    let states = day.installation.vouchers(&base);
    let state =
        |paper: &Voucher| states.iter().find(|one| one.entitlement_id == paper.entitlement_id).unwrap().state.clone();
    assert!(day.papers.iter().all(|paper| state(paper) == "redeemed"));
    figure("restore of an older backup under a device with leases: 8 entitlements, 8 handouts, 0 double");
}

#[test]
fn a_device_that_never_answers_is_given_up_by_two_and_what_it_may_hold_waits_for_a_person() {
    let mut day = Day::after_a_backup();
    day.restore();
    let base = day.server.base().to_owned();
    let (one, other) =
        (Client::new(day.installation.token("coordinator")), Client::new(day.installation.token("admin")));
    let path = format!("/devices/{}/write-off", day.unit.id);
    let asked = one.post(&base, &path, &json!({ "reason": "hanyut terbawa banjir" })).unwrap();
    assert_eq!(asked.status, 201, "{}", asked.body);
    let agree = format!("{path}/agree");
    assert_eq!(one.post(&base, &agree, &json!({})).unwrap().status, 403, "one person twice");
    let agreed = other.post(&base, &agree, &json!({})).unwrap();
    assert_eq!(agreed.status, 200, "{}", agreed.body);
    assert_eq!(day.recovery()["recovering"], false);
    // It had told of one handout, and the facts outside know it; what else it holds nobody can say.
    assert_eq!(day.at_the_desk(0).code(), "already_redeemed");
    for paper in [1, 2, 3, 5] {
        assert_eq!(day.at_the_desk(paper).code(), "unresolved", "it may hold anything of its point");
    }
    // It is found after all: what it says settles what was open.
    let told = day.unit.call(&["sync", "--server", &base]).done();
    assert_eq!(told["conflicts"].as_u64(), Some(0), "{told}");
    assert_eq!(day.at_the_desk(1).code(), "already_redeemed");
    assert_ne!(day.at_the_unit(2), "valid", "it was given up, and has heard of it");
}

/// Nothing that stands outside is newer than this backup: a lease is no fact. What tells that the database was set back
/// is the restore itself, wherever it is cut short.
#[test]
fn a_restore_that_dies_before_its_recovery_has_begun_leaves_a_server_that_recovers() {
    let mut installation = Installation::demo(300, 19);
    let mut server = installation.serve();
    let all = installation.vouchers(server.base());
    let code = all[0].point.clone();
    let points = Client::new(installation.token("admin")).get(server.base(), "/points?limit=500").unwrap().body;
    let point = points["items"].as_array().unwrap().iter().find(|one| one["code"] == code.as_str()).unwrap();
    let unit = Unit::enrol(&installation, server.base(), (point["id"].as_str().unwrap(), &code), "Lama");
    let folder = installation.dir().join("cadangan").display().to_string();
    command(&installation, &["backup", "--output", &folder]).done();
    assert_eq!(unit.call(&["lease", &all[0].entitlement_id]).done()["installed"], 1);
    server.kill_nine();
    lose_the_database(&mut installation);

    let mut restore = if installation.database_url().is_some() {
        // Killed as soon as the data are back, by a `pg_restore` that kills its caller.
        let tool = installation.dir().join("tools/pg_restore");
        std::fs::create_dir(installation.dir().join("tools")).unwrap();
        let real = postgres::newest_binaries().join("pg_restore");
        std::fs::write(&tool, format!("#!/bin/sh\n{} \"$@\" && kill -9 $PPID\n", real.display())).unwrap();
        std::fs::set_permissions(&tool, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let path = std::env::var("PATH").unwrap_or_default();
        let mut restore = salur(installation.dir(), installation.database_url());
        restore.env("PATH", format!("{}:{path}", installation.dir().join("tools").display()));
        restore
    } else {
        // Killed just before the file gets its name.
        let plain = salur(installation.dir(), None);
        let mut restore = Command::new("strace");
        restore.args(["-f", "-qq", "-o", "/dev/null", "-e", "trace=/^rename"]);
        restore.args(["-e", "inject=/^rename:signal=SIGKILL:when=1"]).arg(plain.get_program());
        restore
    };
    let died = restore.args(["restore", &folder, "--dir"]).arg(installation.dir()).output().unwrap();
    assert!(!died.status.success(), "{died:?}");
    if installation.database_url().is_none() {
        assert!(!installation.dir().join("salur.db").exists(), "half a restore is no database");
        let done = command(&installation, &["restore", &folder]).done();
        assert_eq!(done["epoch"], 3, "the life that was cut short is not used again: {done}");
    }
    let server = installation.serve();
    let recovery = Client::new(installation.token("coordinator")).get(server.base(), "/recovery").unwrap().body;
    assert_eq!((&recovery["recovering"], &recovery["missing"]), (&json!(true), &json!(1)), "{recovery}");
    let desk = Client::new(installation.device_token(&code));
    let body = json!({ "id": uuid::Uuid::from_u128(7 << 76 | 8 << 60), "code": all[0].code,
        "collector": { "kind": "self", "id_seen": true } });
    assert_eq!(desk.post(server.base(), "/redemptions", &body).unwrap().code(), "recovering");
    let base = server.base().to_owned();
    unit.call(&["sync", "--server", &base]).done();
    assert_eq!(desk.post(server.base(), "/redemptions", &body).unwrap().code(), "leased_elsewhere");
}

#[test]
fn a_damaged_backup_and_one_without_the_facts_are_not_restored() {
    let mut installation = Installation::demo(40, 2);
    let folder = installation.dir().join("b");
    let name = folder.display().to_string();
    let made = command(&installation, &["backup", "--output", &name]).done();
    assert_ne!(command(&installation, &["backup", "--output", &name]).code, Some(0), "a backup is never overwritten");
    lose_the_database(&mut installation);
    let facts = installation.dir().join("facts");
    std::fs::rename(&facts, installation.dir().join("away")).unwrap();
    assert_eq!(command(&installation, &["restore", &name]).code, Some(3), "the facts come first");
    std::fs::rename(installation.dir().join("away"), &facts).unwrap();
    let file = folder.join(made["manifest"]["file"].as_str().unwrap());
    let whole = std::fs::read(&file).unwrap();
    let mut damaged = whole.clone();
    let middle = damaged.len() / 2;
    damaged[middle] ^= 1;
    std::fs::write(&file, damaged).unwrap();
    assert_eq!(command(&installation, &["restore", &name]).code, Some(3), "one bit");
    std::fs::write(&file, whole).unwrap();
    let done = command(&installation, &["restore", &name]).done();
    assert!(done["epoch"].as_u64().is_some_and(|epoch| epoch > 1), "{done}");
    assert_eq!(done["missing"].as_u64(), Some(0), "{done}");
    let server = installation.serve();
    assert_eq!(installation.vouchers(server.base()).len(), 40);
}

#[test]
fn a_journal_from_other_hands_is_taken_by_its_signatures() {
    let day = Day::after_a_backup();
    let file = day.unit.dir().join("jurnal");
    let name = file.display().to_string();
    day.unit.call(&["journal", "export", "--output", &name]).done();
    let taken = command(&day.installation, &["receipts", "take", &name, "--as", "coordinator"]).done();
    assert_eq!((taken["taken"].as_u64(), taken["known"].as_u64()), (Some(1), Some(1)), "{taken}");
    assert_eq!(day.at_the_desk(1).code(), "already_redeemed");
    let mut altered = std::fs::read(&file).unwrap();
    let middle = altered.len() / 2;
    altered[middle] ^= 1;
    std::fs::write(&file, altered).unwrap();
    assert_eq!(command(&day.installation, &["receipts", "take", &name, "--as", "coordinator"]).code, Some(1));
}
