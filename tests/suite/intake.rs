//! Files of households as offices really have them, over HTTP: what is asked, found, mended and applied.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::browser::Browser;
use crate::harness::client::Answer;
use crate::harness::office::{Office, TEN, text};

/// The ten households damaged the way real files are.
const DIRTY: &[u8] = include_bytes!("../data/penerima-kotor.csv");

/// A form with a file and fields beside it.
fn form(fields: &[(&str, &str)], name: &str, file: &[u8]) -> (&'static str, Vec<u8>) {
    let mut bytes = Vec::new();
    for (field, value) in fields {
        let part = format!("--salur-form\r\nContent-Disposition: form-data; name=\"{field}\"\r\n\r\n{value}\r\n");
        bytes.extend_from_slice(part.as_bytes());
    }
    let head = format!("--salur-form\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\r\n");
    bytes.extend_from_slice(head.as_bytes());
    bytes.extend_from_slice(file);
    bytes.extend_from_slice(b"\r\n--salur-form--\r\n");
    ("multipart/form-data; boundary=salur-form", bytes)
}

fn send(office: &Office, role: &str, path: &str, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
    let address = format!("{}/api/v1{path}", office.base());
    let (status, said) = office.of(role).send("POST", &address, Some(form(fields, file.0, file.1))).unwrap();
    let said = String::from_utf8_lossy(&said).into_owned();
    Answer { status, body: serde_json::from_str(&said).unwrap_or(Value::String(said)) }
}

fn upload(office: &Office, fields: &[(&str, &str)], file: (&str, &[u8])) -> Answer {
    let path = format!("/intakes?programme={}", office.installation.programme());
    send(office, "registrar", &path, fields, file)
}

fn accepted(answer: Answer) -> Value {
    assert_eq!(answer.status, 201, "{}", answer.body);
    answer.body
}

fn apply(office: &Office, intake: &Value) {
    let applied = office.post("verifier", &format!("/intakes/{}/apply", text(intake, "id")), &json!({}));
    assert_eq!(applied.status, 200, "{}", applied.body);
}

/// New, changed, same, rejected.
fn fall(intake: &Value) -> [i64; 4] {
    ["new", "changed", "same", "rejected"].map(|outcome| intake["counts"][outcome].as_i64().unwrap())
}

fn row(intake: &Value, number: i64) -> &Value {
    let rows = intake["rows"].as_array().unwrap();
    rows.iter().find(|row| row["number"] == number).unwrap_or_else(|| panic!("no row {number}"))
}

fn codes(row: &Value) -> Vec<&str> {
    row["findings"].as_array().unwrap().iter().map(|finding| text(finding, "code")).collect()
}

fn correction(row: &Value, column: &str) -> Option<(String, String)> {
    let found = row["corrections"].as_array().unwrap().iter().find(|one| one["column"] == column)?;
    Some((text(found, "before").to_owned(), text(found, "after").to_owned()))
}

/// A list with the columns of the template that most have.
fn list(rows: &[&str]) -> Vec<u8> {
    let mut text =
        "id_sumber,nik,nama_penerima,alamat,desa_kelurahan,kecamatan,status_verval,kode_titik,sesi\n".to_owned();
    for row in rows {
        text.push_str(row);
        text.push('\n');
    }
    text.into_bytes()
}

#[test]
fn a_name_that_cannot_be_printed_is_warned_of_while_the_list_can_be_mended() {
    let office = Office::open(47);
    let file = list(&[
        "P-1,6402990101480001,ŁUKASZ,JL A,LOA IPUH,TENGGARONG,LAYAK,TGR-01,1",
        "P-2,6402990101480002,SITI D’ARC,JL A,LOA IPUH,TENGGARONG,LAYAK,TGR-01,1",
    ]);
    let intake = accepted(upload(&office, &[], ("daftar.csv", &file)));
    let found = row(&intake, 2)["findings"].as_array().unwrap().iter().find(|one| one["code"] == "unprintable");
    let found = found.unwrap_or_else(|| panic!("{}", intake["rows"]));
    assert_eq!((text(found, "severity"), text(found, "column")), ("warning", "nama_penerima"), "{found}");
    assert!(text(found, "message").contains('Ł'), "{found}");
    assert!(!codes(row(&intake, 3)).contains(&"unprintable"), "{}", intake["rows"]);
}

#[test]
fn the_dirty_file_ends_as_the_notes_say_and_comes_back_mended() {
    let office = Office::open(41);
    let intake = accepted(upload(&office, &[], ("penerima-kotor.csv", DIRTY)));
    // Lost digits, a digit short, zeroes at the end, a doubled row and a letter for a digit.
    assert_eq!(fall(&intake), [6, 0, 0, 5], "{}", intake["rows"]);
    for (number, code) in
        [(6, "nik_scientific"), (8, "nik_length"), (11, "nik_zeroed"), (15, "source_id_doubled"), (16, "nik_letters")]
    {
        assert_eq!(row(&intake, number)["outcome"], "rejected", "{number}");
        assert!(codes(row(&intake, number)).contains(&code), "{number}: {:?}", codes(row(&intake, number)));
    }
    let moved = |number, from: &str, to: &str| {
        let row = row(&intake, number);
        assert_eq!(correction(row, "kecamatan"), Some((from.into(), to.into())), "{number}: {row}");
    };
    moved(9, "SAMBOJA", "SAMBOJA BARAT");
    moved(10, "KOTA BANGUN", "KOTA BANGUN DARAT");
    moved(13, "KOTABANGUN", "KOTA BANGUN");
    assert!(codes(row(&intake, 9)).contains(&"place_moved") && !codes(row(&intake, 13)).contains(&"place_moved"));
    assert!(codes(row(&intake, 14)).contains(&"nik_missing"));

    let client = office.of("registrar");
    let path = format!("/api/v1/intakes/{}/reasons", text(&intake, "id"));
    let csv = String::from_utf8(client.bytes(office.base(), &format!("{path}.csv?of=rejected"))).unwrap();
    assert_eq!(csv.lines().count(), 6, "{csv}");
    assert!(csv.lines().next().unwrap().ends_with(",alasan"), "{csv}");
    let mended = csv
        .replace("\"6,4029952055E+15\"", "6402995205510001")
        .replace("'640299170855000", "6402991708550003")
        .replace("'7308995907580000", "7308995907580006")
        .replace("64O2991402590010", "6402991402590010");
    apply(&office, &intake);
    let again = accepted(upload(&office, &[], ("kotor-alasan.csv", mended.as_bytes())));
    // Alone in its file the doubled row is no double any more, but another spelling of a name that is known.
    assert_eq!(fall(&again), [4, 1, 0, 0], "{}", again["rows"]);
    assert!(again["ignored_columns"].as_array().unwrap().iter().all(|heading| heading != "alasan"));

    // Who agrees to the rows sees which they are, and no number in full; who brings them in has to mend them.
    let masked = String::from_utf8(office.of("verifier").bytes(office.base(), &format!("{path}.csv?of=all"))).unwrap();
    let full = String::from_utf8(client.bytes(office.base(), &format!("{path}.csv?of=all"))).unwrap();
    let number = |text: &str| salur::domain::household::holds_number(text);
    assert_eq!(masked.lines().count(), full.lines().count());
    assert!(full.lines().any(number) && !masked.lines().any(number), "{masked}");

    for (ending, begin) in [("xlsx?of=all", b"PK\x03\x04".as_slice()), ("csv?of=found", b"\xef\xbb\xbf".as_slice())] {
        assert!(client.bytes(office.base(), &format!("{path}.{ending}")).starts_with(begin), "{ending}");
    }
    let workbook = client.bytes(office.base(), &format!("{path}.xlsx?of=all"));
    let same = accepted(upload(&office, &[], ("kotor-alasan.xlsx", &workbook)));
    assert_eq!(fall(&same), [0, 0, 6, 5], "{}", same["rows"]);
    let template = client.bytes(office.base(), "/api/v1/intakes/template.xlsx");
    assert!(template.starts_with(b"PK\x03\x04"));
}

#[test]
fn the_same_file_twice_changes_nothing_and_what_a_file_does_not_say_stays() {
    let office = Office::open(42);
    let first = accepted(upload(&office, &[], ("ten.csv", TEN)));
    assert_eq!(fall(&first), [10, 0, 0, 0]);
    apply(&office, &first);
    let second = accepted(upload(&office, &[], ("ten.csv", TEN)));
    assert_eq!(fall(&second), [0, 0, 10, 0], "{}", second["rows"]);

    // A list without verdict, point, session, card and codes says nothing about them.
    let bare = b"id_sumber,nik,nama_penerima,desa_kelurahan,kecamatan\n\
        CONTOH-000001,6402995205510001,RUSMINI,LOA IPUH,TENGGARONG\n\
        CONTOH-000004,6402996512620004,SITI MARDIANA BINTI A,AMBORAWANG DARAT,SAMBOJA\n";
    let bare = accepted(upload(&office, &[], ("bare.csv", bare)));
    assert_eq!(fall(&bare), [0, 1, 1, 0], "{}", bare["rows"]);
    let changes = row(&bare, 3)["changes"].as_array().unwrap();
    assert_eq!(changes.len(), 1, "{changes:?}");
    assert_eq!(
        (&changes[0]["column"], &changes[0]["before"], &changes[0]["after"]),
        (&json!("nama_penerima"), &json!("SITI MARDIANA"), &json!("SITI MARDIANA BINTI A"))
    );
    apply(&office, &bare);
    let issued = office.issue(office.installation.round());
    assert_eq!(issued.body["issued"], 10, "all ten are still approved and placed: {}", issued.body);
    let empty = list(&["CONTOH-000001,6402995205510001,RUSMINI,JL. CONTOH MAWAR NO. 3,LOA IPUH,TENGGARONG,,,"]);
    assert_eq!(
        fall(&accepted(upload(&office, &[], ("empty.csv", &empty)))),
        [0, 0, 1, 0],
        "an empty cell decides nothing"
    );
}

#[test]
fn a_spelling_is_confirmed_once_and_then_put_right_in_silence() {
    let office = Office::open(43);
    let file = list(&[
        "UJI-1,6402991207510001,A,JL. SATU,SAMBOJA KUALA,SEMBOJA,LAYAK,SMB-01,1",
        "UJI-2,6402991207510002,B,JL. SATU,AMBORAWANG DARAT,SEMBOJA,LAYAK,SBB-01,1",
        "UJI-3,6402991207510003,C,JL. SATU,Loa Ipoh,Tenggarong,LAYAK,TGR-01,1",
        "UJI-4,6402991207510004,D,JL. SATU,TIMBAU,TABANG,LAYAK,TGR-02,1",
        "UJI-5,6402991207510005,E,JL. SATU,DESA LAIN,TABANG,LAYAK,TBG-01,1",
    ]);
    let intake = accepted(upload(&office, &[], ("ejaan.csv", &file)));
    assert_eq!(fall(&intake), [5, 0, 0, 0], "a place that is not known rejects nobody");
    let id = text(&intake, "id");
    let path = format!("/intakes/{id}/spellings");
    let asked = office.get("registrar", &path).body;
    let asked: Vec<(&str, &str, i64, &str)> = asked["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            let first = text(&one["candidates"][0], "code");
            (text(one, "sub_district"), text(one, "village"), one["rows"].as_i64().unwrap(), first)
        })
        .collect();
    assert!(asked.contains(&("SEMBOJA", "", 2, "64.02.13")), "{asked:?}");
    assert!(asked.contains(&("Tenggarong", "Loa Ipoh", 1, "64.02.06.1002")), "{asked:?}");
    assert!(codes(row(&intake, 6)).contains(&"place_unknown"));

    let confirm = |role: &str, spelling: Value| office.post(role, &path, &json!({ "spellings": [spelling] }));
    let semboja = json!({ "sub_district": "SEMBOJA", "code": "64.02.13" });
    assert_eq!(confirm("verifier", semboja.clone()).status, 403);
    let wrong = confirm("registrar", json!({ "sub_district": "SEMBOJA", "code": "64.02.99" }));
    assert_eq!((wrong.status, wrong.code()), (422, "invalid"));
    let after = confirm("registrar", semboja).body;
    assert_eq!(correction(row(&after, 2), "kecamatan"), Some(("SEMBOJA".into(), "SAMBOJA".into())), "{after}");
    assert_eq!(correction(row(&after, 3), "kecamatan"), Some(("SEMBOJA".into(), "SAMBOJA BARAT".into())));
    assert!(!codes(row(&after, 2)).contains(&"place_spelling"), "{:?}", codes(row(&after, 2)));
    assert_eq!(fall(&after), [5, 0, 0, 0]);

    let second = accepted(upload(&office, &[], ("ejaan.csv", &file)));
    assert!(!codes(row(&second, 2)).contains(&"place_spelling"), "known by now");
    assert_eq!(correction(row(&second, 2), "kecamatan"), Some(("SEMBOJA".into(), "SAMBOJA".into())));
    apply(&office, &after);
    let applied = accepted(upload(&office, &[], ("ejaan.csv", &file)));
    assert_eq!(fall(&applied), [0, 0, 5, 0], "{}", applied["rows"]);
    let late = confirm("registrar", json!({ "sub_district": "SEMBOJA", "code": "64.02.13" }));
    assert_eq!((late.status, late.code()), (409, "already_applied"));

    let aliases = office.get("registrar", "/places/aliases").body;
    assert_eq!(aliases["items"][0]["means"], "SAMBOJA", "{aliases}");
    assert_eq!(office.post("registrar", "/places/aliases/forget", &json!({ "sub_district": "semboja" })).status, 204);
    assert_eq!(office.post("registrar", "/places/aliases/forget", &json!({ "sub_district": "semboja" })).status, 404);
}

#[test]
fn an_official_list_is_loaded_whole_or_not_at_all() {
    let office = Office::open(44);
    let before = office.get("auditor", "/places?limit=500").body["items"].as_array().unwrap().len();
    assert_eq!(before, 27);
    let load = |file: &[u8]| send(&office, "registrar", "/places", &[], ("desa.csv", file));
    let head = "Kode Desa;Desa/Kelurahan;Kecamatan\n";
    for (lines, code) in [
        ("6403090001;LOA IPUH;TENGGARONG\n", "invalid"),
        ("64.02.06.1002;;TENGGARONG\n", "invalid"),
        ("64.02.06.1002;LOA IPUH;TENGGARONG\n64.02.06.1002;LOA IPUH;TENGGARONG\n", "invalid"),
        ("", "file_no_rows"),
    ] {
        let refused = load(format!("{head}{lines}").as_bytes());
        assert_eq!((refused.status, refused.code()), (422, code), "{lines}: {}", refused.body);
    }
    assert_eq!(load(b"nama,umur\nA,3\n").status, 422);
    assert_eq!(office.get("auditor", "/places?limit=500").body["items"].as_array().unwrap().len(), before);
    let list = format!(
        "{head}6402061002;Loa Ipuh;Tenggarong\n64.02.06.1099;KAMPUNG BARU;TENGGARONG\n\
         64.02.12.2099;KAMPUNG BARU;TABANG\n64.02.12.2009;UMAQ TUKUNG;TABANG\n"
    );
    // Villages that the file lacks go only when somebody says how many these are.
    let refused = load(list.as_bytes());
    assert_eq!((refused.status, refused.code()), (409, "would_remove"), "{}", refused.body);
    let removes = refused.body["removes"].as_i64().unwrap();
    assert!(text(&refused.body, "detail").contains(&format!("{removes} desa")), "{}", refused.body);
    let removing = |count: i64| {
        send(&office, "registrar", "/places", &[("removes", &count.to_string())], ("desa.csv", list.as_bytes()))
    };
    assert_eq!(removing(removes - 1).code(), "would_remove");
    assert_eq!(office.get("auditor", "/places?limit=500").body["items"].as_array().unwrap().len(), before);
    let loaded = removing(removes);
    assert_eq!(
        (loaded.status, &loaded.body),
        (201, &json!({ "villages": 4, "sub_districts": 2, "before": 27 })),
        "{}",
        loaded.body
    );
    // A file with more villages removes none.
    let more = format!("{list}64.02.12.2098;KAMPUNG LAIN;TABANG\n");
    assert_eq!(load(more.as_bytes()).body, json!({ "villages": 5, "sub_districts": 2, "before": 4 }));
    let first = &office.get("auditor", "/places").body["items"][0];
    assert_eq!(*first, json!({ "code": "64.02.06.1002", "village": "LOA IPUH", "sub_district": "TENGGARONG" }));

    // A village that exists twice is never found by its name alone.
    let file = self::list(&[
        "UJI-1,6402991207510001,A,JL. SATU,KAMPUNG BARU,SEBULU,LAYAK,TGR-01,1",
        "UJI-2,6402991207510002,B,JL. SATU,Kel. Kampung Baru,Tabang,LAYAK,TBG-01,1",
    ]);
    let intake = accepted(upload(&office, &[], ("kampung.csv", &file)));
    assert!(codes(row(&intake, 2)).contains(&"place_ambiguous"), "{}", intake["rows"]);
    assert_eq!(row(&intake, 2)["place"], "KAMPUNG BARU, SEBULU");
    assert_eq!(row(&intake, 3)["place"], "KAMPUNG BARU, TABANG");
}

#[test]
fn a_list_without_ids_and_headings_is_read_once_its_columns_are_named() {
    let office = Office::open(45);
    let file = b"DAFTAR LANSIA DESA CONTOH\n\n1;RUSMINI;6402995205510001;RT 3\n2;ABDUL HAMID;6402990311480002;RT 4\n3;TANPA KTP;;RT 5\n";
    let unclear = upload(&office, &[], ("desa.csv", file));
    assert_eq!(unclear.status, 422, "{}", unclear.body);
    assert!(unclear.code().starts_with("file_"), "{}", unclear.body);
    assert!(unclear.body["survey"]["sheets"][0]["first_rows"].as_array().is_some(), "{}", unclear.body);
    assert!(!unclear.body.to_string().contains("6402995205510001"), "what is shown of a file is masked");
    assert!(!unclear.body.to_string().contains("RUSMINI"), "{}", unclear.body);

    let named = [
        ("header_row", "0"),
        ("columns", "{\"1\": \"nama_penerima\", \"2\": \"nik\", \"3\": \"rt\"}"),
        ("village", "LOA IPUH"),
        ("sub_district", "TENGGARONG"),
        ("make_ids", "true"),
    ];
    let file = b"1;RUSMINI;6402995205510001;RT 3\n2;ABDUL HAMID;6402990311480002;RT 4\n3;TANPA KTP;;RT 5\n";
    let intake = accepted(upload(&office, &named, ("desa.csv", file)));
    assert_eq!(fall(&intake), [3, 0, 0, 0], "{}", intake["rows"]);
    let ids: Vec<&str> = intake["rows"].as_array().unwrap().iter().map(|row| text(row, "source_id")).collect();
    assert!(ids.iter().all(|id| id.starts_with("SALUR-") && id.len() == 17), "{ids:?}");
    apply(&office, &intake);
    let again = accepted(upload(&office, &named, ("desa.csv", file)));
    assert_eq!(fall(&again), [0, 0, 3, 0], "{}", again["rows"]);

    // Who is known by another id keeps it.
    let known = list(&["P3KE-1,6402991207510009,NORLIANI,JL. SATU,LOA IPUH,TENGGARONG,LAYAK,TGR-01,1"]);
    let known = accepted(upload(&office, &[], ("p3ke.csv", &known)));
    apply(&office, &known);
    let file = b"1;NORLIANI;6402991207510009;RT 3\n2;NORLIANI;6402991207510009;RT 3\n";
    let same_person = accepted(upload(&office, &named, ("desa.csv", file)));
    assert_eq!(row(&same_person, 1)["source_id"], "P3KE-1", "{}", same_person["rows"]);
    assert_eq!(row(&same_person, 2)["outcome"], "rejected");
    assert_eq!(row(&same_person, 2)["name"], "NORLIANI", "also a rejected row can be recognised");
    for broken in [("columns", "nik"), ("header_row", "x"), ("make_ids", "perhaps")] {
        let refused = upload(&office, &[broken], ("desa.csv", file));
        assert_eq!((refused.status, refused.code()), (400, "bad_multipart"), "{broken:?}");
    }
}

#[test]
fn a_check_is_discarded_by_its_uploader_alone_and_not_after_it_was_applied() {
    let office = Office::open(46);
    let first = accepted(upload(&office, &[], ("ten.csv", TEN)));
    let path = format!("/intakes/{}/discard", text(&first, "id"));
    assert_eq!(office.post("verifier", &path, &json!({})).status, 403);
    assert_eq!(office.post("registrar", &path, &json!({})).status, 204);
    assert_eq!(office.post("registrar", &path, &json!({})).status, 404);
    assert_eq!(office.get("verifier", &format!("/intakes/{}", text(&first, "id"))).status, 404);
    let second = accepted(upload(&office, &[], ("ten.csv", TEN)));
    assert_eq!(fall(&second), [10, 0, 0, 0], "nothing of the first remains");
    apply(&office, &second);
    let path = format!("/intakes/{}/discard", text(&second, "id"));
    let late = office.post("registrar", &path, &json!({}));
    assert_eq!((late.status, late.code()), (409, "already_applied"));
}

#[test]
fn rows_are_filtered_by_what_was_found_and_where() {
    let office = Office::open(47);
    let intake = accepted(upload(&office, &[], ("penerima-kotor.csv", DIRTY)));
    let path = format!("/intakes/{}", text(&intake, "id"));
    let count = |query: &str| {
        let answer = office.get("verifier", &format!("{path}?{query}"));
        assert_eq!(answer.status, 200, "{query}: {}", answer.body);
        answer.body["rows"].as_array().unwrap().len()
    };
    assert_eq!(count("outcome=rejected"), 5);
    assert_eq!(count("finding=nik_length"), 1);
    assert_eq!(count("finding=place_moved"), 2);
    assert_eq!(count("outcome=rejected&finding=place_moved"), 0);
    assert_eq!(count("place=MUHURAN,%20KOTA%20BANGUN"), 1);
    assert_eq!(count("place=%25"), 0);
    assert_eq!(count("after=13"), 3);
    let warned = usize::try_from(intake["counts"]["warnings"].as_i64().unwrap()).unwrap();
    assert_eq!(count("severity=warning"), warned);
}

#[test]
fn a_file_that_is_refused_leaves_nothing_behind() {
    let office = Office::open(48);
    let rounded: String =
        (0..30).map(|n| format!("UJI-{n},64029912075{n:04}0,A,JL,LOA IPUH,TENGGARONG,,,\n")).collect();
    let rounded = [list(&[]), rounded.into_bytes()].concat();
    for (name, file, code) in [
        ("a.csv", b"".as_slice(), "file_empty"),
        ("a.csv", &rounded, "file_niks_rounded"),
        ("a.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj".as_slice(), "file_not_a_spreadsheet"),
    ] {
        let refused = upload(&office, &[], (name, file));
        assert_eq!((refused.status, refused.code()), (422, code), "{}", refused.body);
        assert!(refused.body.get("survey").is_none(), "nothing can be pointed out: {}", refused.body);
    }
    assert_eq!(office.get("registrar", "/intakes").body["items"], json!([]));
}

#[test]
fn a_register_by_family_card_and_nik_needs_no_ids_of_its_own() {
    let office = Office::open(47);
    let dtsen = |extra: &str, first: &str, second: &str| {
        format!(
            "nomor_kartu_keluarga,nomor_induk_kependudukan,nama_kepala_keluarga,jenis_kelamin,tanggal_lahir,\
             nama_kelurahan,nama_kecamatan,desil_nasional{extra}\n\
             6402991212060071,6402991207510071,RUSMINI,L,1951-07-12,LOA IPUH,TENGGARONG,1{first}\n\
             6402991212060072,6402991207510072,BAHARUDDIN,L,1951-07-12,LOA IPUH,TENGGARONG,2{second}\n"
        )
    };
    let file = dtsen("", "", "");
    let intake = accepted(upload(&office, &[], ("dtsen.csv", file.as_bytes())));
    assert_eq!(fall(&intake), [2, 0, 0, 0], "{}", intake["rows"]);
    apply(&office, &intake);
    let again = accepted(upload(&office, &[], ("dtsen.csv", file.as_bytes())));
    assert_eq!(fall(&again), [0, 0, 2, 0], "{}", again["rows"]);
    // A column that may hold the ids is not passed over.
    for (heading, code) in [(",ID_BARIS", "file_columns_unclear"), (",KODE_INTERNAL", "file_missing_columns")] {
        let asked = upload(&office, &[], ("dtsen.csv", dtsen(heading, ",A1", ",A2").as_bytes()));
        assert_eq!((asked.status, text(&asked.body, "code")), (422, code), "{}", asked.body);
    }
}

#[test]
fn a_page_says_how_far_a_long_file_is_while_it_is_applied() {
    let office = Office::open(48);
    let rows: Vec<String> = (1..=4_000)
        .map(|n| format!("LAMA-{n},640299120751{n:04},KELUARGA {n},JL. {n},LOA IPUH,TENGGARONG,,TGR-01,1"))
        .collect();
    let rows: Vec<&str> = rows.iter().map(String::as_str).collect();
    let intake = accepted(upload(&office, &[], ("panjang.csv", &list(&rows))));
    let id = text(&intake, "id");
    let verifier = Browser::sign_in(office.base(), "verifier", "salur-demo-2026", "");
    let agree = format!("csrf={}&confirm=yes", verifier.csrf);
    let path = format!("/intakes/{id}");
    let kind = "application/x-www-form-urlencoded";
    let (status, leads, _) = verifier.send("POST", &format!("{path}/apply"), &[], kind, &agree);
    assert_eq!((status, leads.as_str()), (303, path.as_str()));
    let mut shown = 0;
    let begun = Instant::now();
    loop {
        assert!(begun.elapsed() < Duration::from_secs(120), "it is never applied");
        let (_, _, page) = verifier.send("GET", &path, &[], "", "");
        if page.contains("<progress") {
            assert!(page.contains("http-equiv=\"refresh\""), "{page}");
            // Who presses the button again begins nothing anew.
            if shown == 0 {
                let (status, leads, _) = verifier.send("POST", &format!("{path}/apply"), &[], kind, &agree);
                assert_eq!((status, leads.as_str()), (303, path.as_str()));
            }
            shown += 1;
            // A page that refreshes itself asks seldom; who asks without a pause is told to wait.
            std::thread::park_timeout(Duration::from_millis(30));
        } else {
            assert!(page.contains("/verval?standing=undecided"), "{page}");
            break;
        }
    }
    assert!(shown > 0, "the file was applied before the page was there: give it more rows");
    let (status, _, _) = verifier.send("POST", &format!("{path}/apply"), &[], kind, &agree);
    assert_eq!(status, 409);
    let found = office.get("verifier", "/households?q=keluarga&limit=5");
    assert_eq!(found.status, 200, "{}", found.body);
}
