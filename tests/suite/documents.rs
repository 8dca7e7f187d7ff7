//! Documents from scans: what they count, what freezes them, and what of them can be checked from outside.

use std::collections::BTreeMap;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::harness::browser::Browser;
use crate::harness::client::Client;
use crate::harness::installation::{Installation, Voucher};
use crate::harness::office::{Office, VALUE, by_code, text};
use crate::harness::random::Random;

/// An office with the vouchers of its busiest point, which has at least six.
struct Day {
    office: Office,
    random: Random,
    point: String,
    vouchers: Vec<Voucher>,
}

impl Day {
    fn open(seed: u64) -> Self {
        let office = Office::open(seed);
        let mut points: BTreeMap<String, Vec<Voucher>> = BTreeMap::new();
        for voucher in office.vouchers() {
            points.entry(voucher.point.clone()).or_default().push(voucher);
        }
        let (point, vouchers) = points.into_iter().max_by_key(|(_, some)| some.len()).unwrap();
        assert!(vouchers.len() >= 3, "{}", vouchers.len());
        Self { office, random: Random::seeded(seed), point, vouchers }
    }

    fn redeem(&mut self, place: usize, collector: Option<Value>) {
        let voucher = &self.vouchers[place];
        let mut body = by_code(&self.random.uuid().to_string(), &voucher.code);
        if let Some(collector) = collector {
            body["collector"] = collector;
        }
        let answer = self.office.redeem(voucher, &body);
        assert_eq!(answer.status, 201, "{}", answer.body);
    }

    /// Makes a document of the point and gives its id with what the API says of it.
    fn make(&self, kind: &str, more: Value) -> (String, Value) {
        let mut body = json!({ "kind": kind, "point": self.point });
        for (name, value) in more.as_object().into_iter().flatten() {
            body[name] = value.clone();
        }
        let made = self.office.post("coordinator", &self.documents(), &body);
        assert_eq!(made.status, 201, "{kind}: {}", made.body);
        let id = text(&made.body, "id").to_owned();
        let read = self.office.get("auditor", &format!("/documents/{id}"));
        assert_eq!(read.status, 200, "{kind}: {}", read.body);
        (id, read.body)
    }

    fn documents(&self) -> String {
        format!("/rounds/{}/documents", self.office.installation.round())
    }

    fn put(&self, path: &str, body: &Value) -> u16 {
        let address = format!("{}/api/v1{path}", self.office.base());
        let body = ("application/json", body.to_string().into_bytes());
        self.office.of("admin").send("PUT", &address, Some(body)).unwrap().0
    }

    fn file(&self, id: &str, ending: &str) -> Vec<u8> {
        self.office.of("finance").bytes(self.office.base(), &format!("/api/v1/documents/{id}.{ending}"))
    }
}

fn rows(document: &Value, table: usize) -> &Vec<Value> {
    document["tables"][table]["rows"].as_array().unwrap()
}

/// The text of a PDF that qpdf finds sound.
pub(crate) fn read_pdf(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("it.pdf");
    std::fs::write(&path, bytes).unwrap();
    let run = |program: &str, arguments: &[&str]| {
        let done = Command::new(program).args(arguments).arg(&path).arg("-").output().unwrap();
        assert!(done.status.success(), "{program}: {}", String::from_utf8_lossy(&done.stderr));
        String::from_utf8_lossy(&done.stdout).into_owned()
    };
    let checked = Command::new("qpdf").arg("--check").arg(&path).output().unwrap();
    assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stdout));
    run("pdftotext", &["-raw"]).split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn the_minutes_say_what_the_books_say_and_bring_their_annexes() {
    let mut day = Day::open(61);
    day.redeem(0, None);
    day.redeem(1, Some(json!({ "kind": "proxy", "name": "PAK TETANGGA", "relation": "tetangga", "id_seen": true })));
    let revoked = &day.vouchers[2].entitlement_id;
    let answer =
        day.office.post("coordinator", &format!("/entitlements/{revoked}/revoke"), &json!({ "reason": "pindah" }));
    assert_eq!(answer.status, 204, "{}", answer.body);

    let (_, minutes) = day.make("handover", json!({}));
    let round = day.office.installation.round();
    let books = day.office.get("finance", &format!("/rounds/{round}/reconciliation")).body;
    let line =
        books["points"].as_array().unwrap().iter().find(|line| line["point"] == day.point.as_str()).unwrap().clone();
    let counts: BTreeMap<&str, (i64, i64)> = rows(&minutes, 0)
        .iter()
        .map(|row| (row[0].as_str().unwrap(), (row[1].as_i64().unwrap(), row[2].as_i64().unwrap())))
        .collect();
    assert_eq!(minutes["tables"][0]["totals"]["KPM / paket"], line["issued"]);
    assert_eq!(counts["Tersalurkan"], (2, line["realised_minor"].as_i64().unwrap()));
    assert_eq!(json!(counts["Dibatalkan"].0), line["released"]);
    assert_eq!(json!(counts["Belum diambil"].0), line["open"]);
    assert_eq!(rows(&minutes, 1)[2], json!(["Wakil, di luar KK", 1, VALUE]));

    let listed = day.office.get("auditor", &day.documents()).body;
    // The minutes and their annexes are made in one moment, so their order among each other is open.
    let mut kinds: Vec<&str> = listed["items"].as_array().unwrap().iter().map(|one| text(one, "kind")).collect();
    kinds.sort_unstable();
    assert_eq!(kinds, ["handover", "not_collected", "proxy_list", "receipt_list"]);
    let (id, _) = day.make("handover", json!({}));
    let paper = read_pdf(&day.file(&id, "pdf"));
    for wanted in [
        "002/DTT/",
        "002/DBM/",
        "002/DW/",
        "PIHAK PERTAMA",
        "PIHAK KEDUA",
        "satu juta rupiah",
        "pindah",
        "Halaman 1 dari",
        "Kepala log",
    ] {
        assert!(paper.contains(wanted), "{wanted} is missing in {paper}");
    }

    // Made again, the later names the earlier, and the pack has both.
    let (_, later) = day.make("handover", json!({}));
    let paper = day.office.get("auditor", &format!("/documents/{}.json", text(&later, "id"))).body;
    assert!(paper["blocks"].to_string().contains(text(&minutes, "number")), "the later names the earlier: {paper}");
    let round = day.office.installation.round();
    let pack = day.office.of("finance").bytes(day.office.base(), &format!("/api/v1/rounds/{round}/pack.zip"));
    let pack = zip::ZipArchive::new(std::io::Cursor::new(pack)).unwrap();
    let names: Vec<String> = pack.file_names().map(|name| name.unwrap().into_owned()).collect();
    let count = |ending: &str| names.iter().filter(|name| name.contains("-BAST-") && name.ends_with(ending)).count();
    assert_eq!((count(".pdf"), count(".json")), (3, 3), "all are in the pack, with what was hashed: {names:?}");
}

#[test]
fn a_document_stays_as_it_was_and_what_comes_later_is_in_the_next() {
    let mut day = Day::open(62);
    day.redeem(0, None);
    let (first, said) = day.make("receipt_list", json!({}));
    assert_eq!((said["lines"].as_i64(), said["tables"][0]["totals"]["Nilai (Rp)"].as_i64()), (Some(1), Some(VALUE)));
    let paper = day.file(&first, "pdf");
    day.redeem(1, None);

    assert_eq!(day.office.get("auditor", &format!("/documents/{first}")).body, said, "the first is frozen");
    assert_eq!(day.file(&first, "pdf"), paper, "and prints to the last byte as it did");
    let (second, later) = day.make("receipt_list", json!({}));
    assert_eq!(later["lines"], 2);
    assert_ne!((&later["number"], &later["hash"]), (&said["number"], &said["hash"]));
    assert!(text(&later, "number").starts_with("002/DTT/"), "{later}");
    assert_ne!(first, second);

    let (_, cut) = day.make("receipt_list", json!({ "cut_off": said["cut_off"] }));
    assert!(cut["lines"].as_i64().unwrap() <= 1, "nothing that was taken after the cut-off: {cut}");
    let before = json!({ "cut_off": "2026-01-01T00:00:00+08:00" });
    let mut body = json!({ "kind": "receipt_list", "point": day.point });
    body["cut_off"] = before["cut_off"].clone();
    let refused = day.office.post("coordinator", &day.documents(), &body);
    assert_eq!(refused.status, 422, "of the time before the round was issued there is no paper: {}", refused.body);
    for session in [-1, 0, 9_999] {
        let body = json!({ "kind": "receipt_list", "point": day.point, "session": session });
        assert_eq!(day.office.post("coordinator", &day.documents(), &body).status, 422, "{session}");
    }
    let of_now = json!({ "kind": "realisation", "cut_off": said["cut_off"] });
    assert_eq!(day.office.post("coordinator", &day.documents(), &of_now).status, 422, "its figures are those of now");
}

#[test]
fn a_round_that_was_never_issued_spends_no_number() {
    let day = Day::open(68);
    let (_, round) = day.office.programme_with_round("KOSONG-26", 5_000_000);
    let path = format!("/rounds/{round}/documents");
    for kind in ["handover", "receipt_list", "not_collected", "prepared_list"] {
        let refused = day.office.post("coordinator", &path, &json!({ "kind": kind, "point": day.point }));
        assert_eq!((refused.status, refused.code()), (409, "wrong_step"), "{kind}: {}", refused.body);
    }
    assert_eq!(day.office.get("finance", &path).body["items"], json!([]));
}

#[test]
fn the_hash_on_the_paper_is_that_of_the_content_anyone_can_fetch() {
    let mut day = Day::open(63);
    day.redeem(0, None);
    let (id, said) = day.make("receipt_list", json!({}));
    let content = day.file(&id, "json");
    let hash = data_encoding::HEXLOWER.encode(&Sha256::digest(&content));
    assert_eq!(said["hash"], hash.as_str());
    let short: Vec<String> =
        hash.as_bytes()[..16].chunks(4).map(|four| String::from_utf8_lossy(four).into_owned()).collect();
    assert!(read_pdf(&day.file(&id, "pdf")).contains(&format!("Sidik {}", short.join(" "))));
}

#[test]
fn no_file_of_a_document_shows_a_whole_nik_or_a_code_that_could_be_redeemed() {
    let mut day = Day::open(64);
    day.redeem(0, Some(json!({ "kind": "proxy", "name": "=CMD|X", "relation": "tetangga", "id_seen": true })));
    let open = day.vouchers[1].clone();
    for kind in
        ["receipt_list", "not_collected", "prepared_list", "home_delivery", "proxy_list", "register", "handover"]
    {
        let (id, _) = day.make(kind, json!({}));
        let csv = String::from_utf8(day.file(&id, "csv")).unwrap();
        let json = String::from_utf8(day.file(&id, "json")).unwrap();
        let paper = read_pdf(&day.file(&id, "pdf"));
        for text in [&csv, &json, &paper] {
            let longest = text.split(|sign: char| !sign.is_ascii_digit()).map(str::len).max().unwrap();
            assert!(longest < 13, "{kind}: {longest} digits in a row: {text}");
            assert!(!text.contains(&open.typed_code) && !text.contains(&open.entitlement_id), "{kind}");
        }
        if kind == "proxy_list" {
            assert!(csv.contains(",'=CMD|X,"), "{csv}");
        }
        if matches!(kind, "not_collected" | "prepared_list") {
            assert!(paper.contains(&open.household), "{kind}: {paper}");
            assert!(paper.contains(" **** **** "), "{kind}: {paper}");
        }
        assert!(day.file(&id, "xlsx").starts_with(b"PK"), "{kind}");
    }
}

#[test]
fn a_document_that_cannot_be_is_refused() {
    let day = Day::open(65);
    let make = |body: Value| day.office.post("coordinator", &day.documents(), &body);
    let point = day.point.as_str();
    for (body, status) in [
        (json!({ "kind": "receipt_list" }), 422),
        (json!({ "kind": "receipt_list", "point": "NO-99" }), 404),
        (json!({ "kind": "register", "point": point, "session": 1 }), 422),
        (json!({ "kind": "receipt_list", "point": point, "cut_off": "2999-01-01T00:00:00+08:00" }), 422),
        (json!({ "kind": "receipt_list", "point": point, "cut_off": "yesterday" }), 400),
        (json!({ "kind": "poem" }), 400),
    ] {
        let answer = make(body.clone());
        assert_eq!(answer.status, status, "{body}: {}", answer.body);
    }
    let listed = day.office.get("finance", &day.documents()).body;
    assert_eq!(listed["items"], json!([]), "a refusal makes nothing");
    let session = make(json!({ "kind": "prepared_list", "point": point, "session": 1 }));
    assert_eq!(session.status, 201, "{}", session.body);
}

#[test]
fn a_reprint_takes_one_who_asks_and_one_who_makes_it_and_the_register_names_both() {
    let day = Day::open(66);
    let voucher = &day.vouchers[0];
    let ask = json!({ "cause": "spoilt", "reason": "tinta luntur", "sheet_kept": true });
    let path = format!("/entitlements/{}/reprint-requests", voucher.entitlement_id);
    assert_eq!(day.office.post("coordinator", &path, &ask).status, 201);
    assert_eq!(day.office.post("coordinator", &path, &ask).status, 409, "one is open");
    let reprint = format!("/entitlements/{}/reprint", voucher.entitlement_id);
    assert_eq!(day.office.post("coordinator", &reprint, &json!({ "reason": "saya sendiri" })).status, 403);
    let listed = day.office.get("issuer", &format!("/rounds/{}/reprints", day.office.installation.round())).body;
    assert_eq!(listed["items"][0]["new_print_no"], Value::Null);
    assert_eq!(
        day.office.vouchers().iter().find(|one| one.entitlement_id == voucher.entitlement_id).unwrap().print_no,
        1
    );

    let made = day.office.post("issuer", &reprint, &json!({ "reason": "sesuai permohonan" }));
    assert_eq!((made.status, &made.body["print_no"]), (201, &json!(2)), "{}", made.body);
    // The new sheet alone, in its old bundle and under its old serial.
    let (id, round) = (&voucher.entitlement_id, day.office.installation.round());
    let whole =
        read_pdf(&day.office.of("issuer").bytes(day.office.base(), &format!("/api/v1/rounds/{round}/vouchers.pdf")));
    let sheet = format!("/api/v1/rounds/{round}/vouchers.pdf?entitlement={id}&layout=a6");
    let sheet = read_pdf(&day.office.of("issuer").bytes(day.office.base(), &sheet));
    assert_eq!(sheet.matches("No. cetak: 2").count(), 1, "{sheet}");
    assert_eq!(sheet.matches("No. cetak:").count(), 1, "{sheet}");
    let foot = sheet.split(" · ").find(|part| part.starts_with("B1-")).unwrap();
    assert!(whole.contains(&format!("{foot} · No. cetak: 2")) && whole.contains("TANDA TERIMA BUNDEL"), "{foot}");
    let strange = format!("/rounds/{round}/vouchers.pdf?entitlement=00000000-0000-7000-8000-000000000066");
    assert_eq!(day.office.get("issuer", &strange).status, 404);
    let old = day.office.redeem(voucher, &by_code("00000000-0000-7000-8000-000000000066", &voucher.code));
    assert_eq!((old.status, old.code()), (409, "superseded"));
    let alone = |place: usize| format!("/entitlements/{}/reprint", day.vouchers[place].entitlement_id);
    assert_eq!(day.office.post("issuer", &alone(1), &json!({ "reason": "tanpa permohonan" })).status, 201);
    let lost = json!({ "cause": "lost", "reason": "jatuh di sungai", "sheet_kept": true });
    assert_eq!(day.office.post("issuer", &alone(2), &lost).status, 201);
    let unheard = json!({ "cause": "eaten", "reason": "kambing" });
    assert_eq!(day.office.post("issuer", &alone(2), &unheard).status, 400);

    let (_, register) = day.make("register", json!({}));
    let runs: Vec<&str> = rows(&register, 1).iter().map(|row| row[3].as_str().unwrap()).collect();
    assert!(runs.len() == 2 && runs[0].contains("a4x4: ") && runs[1].starts_with("1 a6: "), "{runs:?}");
    let issuer = Browser::sign_in(day.office.base(), "issuer", "salur-demo-2026", "");
    let page = issuer.send("GET", &format!("/rounds/{}/custody", day.office.installation.round()), &[], "", "").2;
    assert!(runs.iter().all(|run| page.contains(run)), "each file that was made is shown: {page}");
    let lines = rows(&register, 0);
    assert_eq!(lines.len(), 3, "{register}");
    assert_eq!((&lines[0][5], &lines[0][6]), (&json!("dicetak ulang"), &json!("rusak saat dicetak: tinta luntur")));
    assert_ne!(lines[0][7], lines[0][8], "asked and agreed are two people");
    assert!(lines[0][9].as_str().unwrap().contains("lembar lama ditarik"));
    assert_eq!(lines[1][8], "–", "nobody else agreed, and that is said");
    assert_eq!(lines[1][6], "sebab lain: tanpa permohonan", "a cause that nobody told is not made up");
    assert_eq!(lines[2][6], "hilang: jatuh di sungai");
    assert!(lines[2][9].as_str().unwrap().contains("lembar lama ditarik"), "{register}");
}

#[test]
fn numbers_in_full_go_out_to_finance_with_a_reason_that_stays_on_record_and_are_kept_nowhere() {
    let mut day = Day::open(69);
    day.redeem(0, None);
    day.redeem(1, None);
    let (id, shown) = day.make("receipt_list", json!({}));
    let call = |role: &str, document: &str, body: &Value| {
        let address = format!("{}/api/v1/documents/{document}/full", day.office.base());
        let body = Some(("application/json", body.to_string().into_bytes()));
        day.office.of(role).send("POST", &address, body).unwrap()
    };
    let why = "pertanggungjawaban SPJ tahap 1";
    let take = |form: &str| {
        let (status, bytes) = call("finance", &id, &json!({ "form": form, "reason": why }));
        assert_eq!(status, 200, "{form}: {}", String::from_utf8_lossy(&bytes));
        bytes
    };
    for (role, reason, form, expected) in [
        ("coordinator", why, "csv", 403),
        ("issuer", why, "csv", 403),
        ("auditor", why, "csv", 403),
        ("finance", "  ", "csv", 422),
        ("finance", "NIK 6402990101480001", "csv", 422),
        ("finance", why, "json", 400),
    ] {
        assert_eq!(call(role, &id, &json!({ "form": form, "reason": reason })).0, expected, "{role} {reason} {form}");
    }
    // As whoever keeps the list of people sees them.
    let numbers: Vec<String> = rows(&shown, 0)
        .iter()
        .map(|row| {
            let masked = row[3].as_str().unwrap();
            let found = day.office.post("verifier", "/households/searches", &json!({ "q": row[2] })).body;
            let found = found["items"].as_array().unwrap().iter().find(|one| one["nik_masked"] == masked).cloned();
            let path = format!("/households/{}/unmask", text(&found.unwrap(), "id"));
            let nik = text(&day.office.post("verifier", &path, &json!({ "reason": "uji" })).body, "nik").to_owned();
            assert_eq!((&nik[..4], &nik[12..]), (&masked[..4], &masked[masked.len() - 4..]));
            nik
        })
        .collect();
    assert_eq!(numbers.len(), 2);
    let csv = String::from_utf8(take("csv")).unwrap();
    let paper = read_pdf(&take("pdf"));
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(take("xlsx"))).unwrap();
    let sheet = calamine::Reader::worksheet_range(&mut book, "Daftar tanda terima").unwrap();
    let cells: Vec<&calamine::Data> = sheet.used_cells().map(|(_, _, cell)| cell).collect();
    for nik in &numbers {
        assert!(csv.contains(nik) && paper.contains(nik), "{csv} {paper}");
        assert!(cells.contains(&&calamine::Data::String(nik.clone())), "a NIK is a text");
    }
    assert!(paper.contains("NIK LENGKAP") && paper.contains(why), "who opened it stands on the paper: {paper}");
    assert!(!csv.contains("****"));
    // What is kept, and what everybody else gets, is masked still.
    for ending in ["csv", "json"] {
        let kept = String::from_utf8(day.file(&id, ending)).unwrap();
        assert!(kept.contains("****") && numbers.iter().all(|nik| !kept.contains(nik)), "{kept}");
    }
    let trail = day.office.get("auditor", &format!("/trail?kind=export&object={id}")).body;
    let taken: Vec<&Value> =
        trail["items"].as_array().unwrap().iter().filter(|one| one["event"] == "document.unmasked").collect();
    assert_eq!(taken.len(), 3, "{trail}");
    assert!(taken.iter().all(|one| text(one, "detail").ends_with(why)), "{trail}");
    let report = day.office.get("admin", "/access-report?days=1").body;
    let finance = report["people"].as_array().unwrap().iter().find(|one| one["role"] == "finance").unwrap();
    assert_eq!(finance["unmasked"], 3, "{finance}");
    // A document of another kind has no such form, and neither has its page.
    let (register, _) = day.make("register", json!({}));
    assert_eq!(call("finance", &register, &json!({ "form": "csv", "reason": why })).0, 422);
    let finance = Browser::sign_in(day.office.base(), "finance", "salur-demo-2026", "");
    let page = |document: &str| finance.send("GET", &format!("/documents/{document}"), &[], "", "").2;
    assert!(page(&id).contains("/full\"") && !page(&register).contains("/full\""));
    let ours = [("Sec-Fetch-Site", "same-origin")];
    let send = |reason: &str| {
        let body = format!("csrf={}&form=csv&reason={reason}", finance.csrf);
        finance.send("POST", &format!("/documents/{id}/full"), &ours, "application/x-www-form-urlencoded", &body)
    };
    let (status, _, file) = send("SPJ");
    assert!(status == 200 && numbers.iter().all(|nik| file.contains(nik)), "{status} {file}");
    assert_eq!(send("++").0, 422);
}

#[test]
fn bundles_hold_every_voucher_once_and_their_way_adds_up() {
    let day = Day::open(67);
    let round = day.office.installation.round().to_owned();
    let path = format!("/rounds/{round}/bundles");
    let made = day.office.post("issuer", &path, &json!({}));
    assert_eq!(made.status, 200, "{}", made.body);
    assert_eq!(made.body["bundles"], 0, "the issue put all of them together");
    let bundles = day.office.get("finance", &path).body["items"].as_array().unwrap().clone();
    assert!(!bundles.is_empty());
    let vouchers: i64 = bundles.iter().map(|one| one["whereabouts"]["vouchers"].as_i64().unwrap()).sum();
    assert_eq!(vouchers, i64::try_from(day.office.vouchers().len()).unwrap());
    let mut reached: BTreeMap<&str, i64> = BTreeMap::new();
    for one in &bundles {
        let last = reached.entry(text(one, "point")).or_default();
        assert_eq!(one["first_serial"], *last + 1, "serials run through a point: {one}");
        *last = one["last_serial"].as_i64().unwrap();
    }

    let steps = format!("/bundles/{}/steps", text(&bundles[0], "id"));
    let count = bundles[0]["whereabouts"]["vouchers"].as_i64().unwrap();
    let step = |step: &str, vouchers: i64, holder: &str| {
        day.office.post("coordinator", &steps, &json!({ "step": step, "vouchers": vouchers, "holder": holder }))
    };
    assert_eq!(step("delivered", 1, "").status, 422, "it lies in the office");
    assert_eq!(step("handed", 0, "").status, 422, "to whom?");
    assert_eq!(step("handed", 0, "Ketua RT 014").body["out"], count);
    assert_eq!(step("handed", 0, "Ketua RT 015").status, 422, "it went out before");
    assert_eq!(step("delivered", count + 1, "").status, 422);
    let there = step("returned", count, "Ketua RT 014").body;
    assert_eq!((&there["out"], &there["returned"]), (&json!(0), &json!(count)));
}

#[test]
fn fetching_the_sheets_changes_nothing_and_asks_for_bundles_where_there_are_none() {
    let day = Day::open(70);
    let round = day.office.installation.round().to_owned();
    let (bundles, sheets) = (format!("/rounds/{round}/bundles"), format!("/rounds/{round}/vouchers.pdf"));
    let before = day.office.get("finance", &bundles).body;
    let fetched = |path: &str| day.office.of("issuer").bytes(day.office.base(), &format!("/api/v1{path}"));
    assert!(read_pdf(&fetched(&sheets)).contains("TANDA TERIMA BUNDEL"));
    assert_eq!(day.office.get("finance", &bundles).body, before);

    // As in a database whose round was issued before bundles were made with it.
    day.office.sql("DELETE FROM bundle_vouchers");
    day.office.sql("DELETE FROM bundles");
    let one = format!("{sheets}?entitlement={}", day.vouchers[0].entitlement_id);
    for path in [sheets.clone(), format!("{sheets}?point={}", day.point), one.clone()] {
        let refused = day.office.get("issuer", &path);
        assert_eq!((refused.status, refused.code()), (409, "not_bundled"), "{}", refused.body);
    }
    assert_eq!(day.office.get("finance", &bundles).body["items"], json!([]), "a refusal makes nothing");
    assert!(day.office.post("issuer", &bundles, &json!({})).body["bundles"].as_i64().unwrap() > 0);
    assert!(read_pdf(&fetched(&one)).contains(&day.vouchers[0].household));
}

#[test]
fn a_reason_that_is_noted_stands_on_the_list_and_in_the_minutes() {
    let day = Day::open(68);
    let absent = &day.vouchers[0];
    let path = format!("/entitlements/{}/absences", absent.entitlement_id);
    for reason in ["moved", "ill"] {
        let answer = day.office.post("coordinator", &path, &json!({ "reason": reason, "follow_up": "antar ke rumah" }));
        assert_eq!(answer.status, 204, "{}", answer.body);
    }
    assert_eq!(day.office.post("coordinator", &path, &json!({ "reason": "bored" })).status, 400);
    let (_, list) = day.make("not_collected", json!({}));
    let reference = absent.entitlement_id[..8].to_uppercase();
    let line = rows(&list, 0).iter().find(|row| row[1] == reference.as_str()).unwrap();
    assert_eq!((&line[7], &line[8]), (&json!("sakit"), &json!("antar ke rumah")), "the newest note counts");
    let (_, home) = day.make("home_delivery", json!({}));
    assert!(rows(&home, 0).iter().any(|row| row[1].as_str().unwrap().starts_with(&absent.household)), "{home}");
    let (_, minutes) = day.make("handover", json!({}));
    assert!(minutes.to_string().contains("sakit"), "{minutes}");
}

#[test]
fn the_office_sets_who_signs_and_a_document_that_was_made_keeps_its_own() {
    let day = Day::open(69);
    let (first, _) = day.make("register", json!({}));
    let before = day.file(&first, "pdf");
    let lines =
        json!([{ "caption": "Mengetahui,", "title": "Kepala Dinas", "name": "Nama Pejabat", "name_no": "NIP. 1" }]);
    assert_eq!(day.put("/signatures/register", &lines), 204);
    assert_eq!(day.put("/signatures/poem", &lines), 400);
    assert_eq!(day.file(&first, "pdf"), before);
    let (second, _) = day.make("register", json!({}));
    assert!(read_pdf(&day.file(&second, "pdf")).contains("Kepala Dinas Nama Pejabat NIP. 1"));
    assert_eq!(day.put("/signatures/register", &json!([])), 204);
    let set = day.office.get("admin", "/signatures").body;
    assert!(set["items"].as_array().unwrap().iter().all(|one| one["own"] == false), "{set}");
}

#[test]
fn a_document_of_thousands_of_lines_is_made_and_read_again() {
    let installation = Installation::demo(4_500, 70);
    let server = installation.serve();
    let coordinator = Client::new(installation.token("coordinator"));
    let decree = json!({ "decree_no": "400/1/2026", "decree_date": "2026-11-24" });
    let lists = format!("/programmes/{}/lists", installation.programme());
    let listed = Client::new(installation.token("verifier")).post(server.base(), &lists, &decree).unwrap();
    assert_eq!(listed.status, 201, "{}", listed.body);
    let path = format!("/rounds/{}/documents", installation.round());
    let made = coordinator.post(server.base(), &path, &json!({ "kind": "beneficiaries" })).unwrap();
    assert_eq!(made.status, 201, "{}", made.body);
    let id = text(&made.body, "id");
    let file = |ending: &str| coordinator.bytes(server.base(), &format!("/api/v1/documents/{id}.{ending}"));
    let said: Value = serde_json::from_slice(&file("json")).unwrap();
    assert!(file("json").len() > 1 << 20, "it is as long as no document could be before");
    let rows = said["blocks"].as_array().unwrap().iter().find_map(|block| block["table"]["rows"].as_array()).unwrap();
    assert_eq!(rows.len(), 4_500);
    assert!(file("pdf").starts_with(b"%PDF"));
}
