//! What identifies a person stands in no database in the clear.

use std::process::Command;

use serde_json::{Value, json};

use crate::exceptions::id;
use crate::harness::client::form;
use crate::harness::office::{Office, TEN, text};

/// The values of one column of the file of ten.
fn column(heading: &str) -> Vec<String> {
    let mut lines = std::str::from_utf8(TEN).unwrap().lines();
    let place = lines.next().unwrap().split(',').position(|name| name == heading).unwrap();
    lines.map(|line| line.split(',').nth(place).unwrap().to_owned()).collect()
}

/// All that the database holds: the bytes of its files, or a dump.
fn everything(office: &Office) -> Vec<u8> {
    if let Some(url) = office.installation.database_url() {
        let dump = Command::new("pg_dump").arg(url).output().unwrap();
        assert!(dump.status.success(), "{}", String::from_utf8_lossy(&dump.stderr));
        return dump.stdout;
    }
    let files = std::fs::read_dir(office.installation.dir()).unwrap().map(|entry| entry.unwrap().path());
    files.filter(|path| path.to_string_lossy().contains(".db")).flat_map(|path| std::fs::read(path).unwrap()).collect()
}

fn holds(haystack: &[u8], needle: &str) -> bool {
    let hex = data_encoding::HEXLOWER.encode(needle.as_bytes());
    [needle, &hex].iter().any(|text| haystack.windows(text.len()).any(|window| window == text.as_bytes()))
}

#[test]
fn numbers_streets_and_birth_dates_lie_sealed_on_disk() {
    let office = Office::open(5);
    office.take_in_the_ten(office.installation.programme());
    let everything = everything(&office);
    assert!(holds(&everything, "RUSMINI"), "names can be searched, so this looks at the right place");
    for heading in ["nik", "no_kk", "alamat", "tanggal_lahir"] {
        for value in column(heading) {
            assert!(!holds(&everything, &value), "{heading} {value} lies in the clear");
        }
    }
}

/// Identity numbers that exist nowhere, each for the column or the call in which it does not belong.
fn stray(number: usize) -> String {
    format!("64029901015{number:05}")
}

#[test]
fn a_number_that_was_typed_where_none_belongs_lies_nowhere_in_the_clear() {
    let office = Office::open(105);
    let programme = office.installation.programme().to_owned();
    let mut lines = std::str::from_utf8(TEN).unwrap().lines();
    let heads: Vec<&str> = lines.next().unwrap().split(',').collect();
    let first: Vec<&str> = lines.next().unwrap().split(',').collect();
    let at = |name: &str| heads.iter().position(|head| *head == name).unwrap();
    let mut file = heads.join(",") + "\n";
    let columns = [
        "id_sumber",
        "nama_penerima",
        "hubungan_keluarga",
        "keterangan",
        "desa_kelurahan",
        "kecamatan",
        "rt",
        "kategori_rentan",
        "kode_titik",
        "kode_paket",
        "kode_desa",
        "sesi",
        "desil",
        "jenis_kelamin",
        "no",
    ];
    for (number, column) in columns.iter().enumerate() {
        let mut row: Vec<String> = first.iter().map(|cell| (*cell).to_owned()).collect();
        row[at("id_sumber")] = format!("NYASAR-{number:04}");
        row[at("nik")] = format!("640299010160{:04}", number + 1);
        row[at("no_kk")] = format!("640299010170{:04}", number + 1);
        row[at(column)] = match *column {
            "id_sumber" => row[at("nik")].clone(),
            "rt" | "kode_desa" | "sesi" | "desil" | "no" => stray(number + 1),
            _ => format!("{} NIK {}", row[at(column)], stray(number + 1)),
        };
        file += &(row.join(",") + "\n");
    }
    let named = format!("daftar-{}.csv", stray(40));
    let (kind, bytes) = form(&named, file.as_bytes());
    let address = format!("{}/api/v1/intakes?programme={programme}", office.base());
    let (status, answer) = office.of("registrar").send("POST", &address, Some((kind, bytes))).unwrap();
    let answer: Value = serde_json::from_slice(&answer).unwrap();
    assert_eq!(status, 201, "{answer}");
    let codes = answer.to_string();
    assert!(codes.contains("number_hidden") && codes.contains("source_id_is_number"), "{codes}");
    let applied = office.post("verifier", &format!("/intakes/{}/apply", text(&answer, "id")), &json!({}));
    assert_eq!(applied.status, 200, "{}", applied.body);
    // Whatever people write down elsewhere is refused with a reason, and nothing of it is kept.
    let round = office.installation.round().to_owned();
    let voucher = office.vouchers().remove(0);
    let (right, reason) = (&voucher.entitlement_id, format!("lihat NIK {}", stray(50)));
    let household = text(&office.get("registrar", "/households?limit=1").body["items"][0], "id").to_owned();
    let said = json!({ "reason": reason });
    let point = office.point(&voucher.point);
    for (role, path, body) in [
        ("coordinator", format!("/entitlements/{right}/hold"), said.clone()),
        ("coordinator", format!("/entitlements/{right}/revoke"), said.clone()),
        (
            "coordinator",
            format!("/entitlements/{right}/reprint-requests"),
            json!({ "cause": "lost", "reason": reason }),
        ),
        ("verifier", format!("/households/{household}/unmask"), said.clone()),
        ("admin", "/legal-holds".into(), json!({ "document_no": "1", "reason": reason })),
        ("admin", "/invitations".into(), json!({ "name": reason, "role": "auditor" })),
        ("coordinator", "/enrolments".into(), json!({ "name": reason, "point_id": point })),
        ("coordinator", "/cases".into(), json!({ "kind": "complaint", "detail": reason, "round_id": round })),
        (
            "coordinator",
            "/pauses".into(),
            json!({ "scope": "round", "object_id": round, "letter_no": "1", "reason": reason }),
        ),
    ] {
        let refused = office.post(role, &path, &body);
        assert_eq!((refused.status, refused.code()), (422, "invalid"), "{path}: {}", refused.body);
    }
    // What goes into a receipt is signed for ever: nothing could take a number out of it again.
    let seen = |collector: Value| json!({ "id": id(1), "code": voucher.code, "collector": collector });
    for (field, body) in [
        ("collector.name", seen(json!({ "kind": "proxy", "name": reason, "relation": "other", "id_seen": true }))),
        ("collector.relation", seen(json!({ "kind": "proxy", "name": "ANAK", "relation": reason, "id_seen": true }))),
        (
            "reason",
            json!({ "id": id(1), "entitlement_id": right, "paper": "lost", "reason": reason,
                "collector": { "kind": "self", "id_seen": true } }),
        ),
    ] {
        let refused = office.redeem(&voucher, &body);
        assert_eq!((refused.status, refused.code()), (422, "invalid"), "{}", refused.body);
        assert_eq!(refused.body["field"], field, "{}", refused.body);
    }
    let everything = everything(&office);
    assert!(holds(&everything, "NYASAR-0001"), "this looks at the right place");
    for number in (1..=columns.len()).chain([40, 50]) {
        assert!(!holds(&everything, &stray(number)), "the number of {number} lies in the clear");
    }
    assert!(!holds(&everything, "6402990101600001"), "an id that is a NIK");
    let log = office.server.log();
    assert!(!log.contains("64029901015") && !log.contains("64029901016"), "{log}");
    let listed = office.get("registrar", "/households?q=NIK&limit=5").body.to_string();
    assert!(listed.contains("6402********"), "the name shows that something was hidden: {listed}");
}

#[test]
#[cfg(unix)]
fn the_file_of_the_database_is_its_owner_s_alone() {
    use std::os::unix::fs::PermissionsExt;
    let office = Office::open(106);
    if office.installation.database_url().is_some() {
        return; // PostgreSQL keeps its own files.
    }
    for name in ["salur.db", "salur.db-wal", "salur.db-shm", "salur.key"] {
        let mode = std::fs::metadata(office.installation.dir().join(name)).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{name}: {mode:o}");
    }
}
