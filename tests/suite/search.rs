//! Finding a household, and its whole history, over HTTP.

use std::collections::BTreeSet;

use diesel::RunQueryDsl as _;
use salur::store::{self, Pool};
use serde_json::{Value, json};

use crate::harness::client::{Answer, Client};
use crate::harness::installation::Installation;
use crate::harness::office::{Office, by_code, text};

const SEARCHES: &str = "/households/searches";

fn names(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body["items"].as_array().unwrap().iter().map(|one| text(one, "name").to_owned()).collect()
}

fn search(office: &Office, role: &str, body: Value) -> Vec<String> {
    names(&office.post(role, SEARCHES, &body))
}

/// Names in many spellings, each with its village and its NIK.
const PEOPLE: &str = "id_sumber;nama_penerima;nik;jenis_kelamin;rt;desa_kelurahan;kecamatan;status_verval\n\
    T-1;HJ. SITI NOERHAJATI;6402996106500011;P;001;Loa Ipuh;Tenggarong;LAYAK\n\
    T-2;M. YUSRAN BIN ABD. HAMID;6402990106500012;L;001;Timbau;Tenggarong;LAYAK\n\
    T-3;SYAMSUDDIN;6402990206501234;L;002;Loa Ipuh;Tenggarong;LAYAK\n\
    T-4;ZZULAIKHA QQUEEN;6402994306501234;P;002;Timbau;Tenggarong;LAYAK\n\
    T-5;ZZULAIKHA AANTON;6402994306505678;P;002;Loa Ipuh;Tenggarong;LAYAK\n\
    T-6;AANTON ZZULAIKHA;6402994306505679;P;002;Loa Ipuh;Tenggarong;LAYAK\n";

fn with_people(seed: u64) -> Office {
    let office = Office::open(seed);
    let path = format!("/intakes?programme={}", office.installation.programme());
    let uploaded = office.of("registrar").upload(office.base(), &path, "nama.csv", PEOPLE.as_bytes()).unwrap();
    assert_eq!(uploaded.status, 201, "{}", uploaded.body);
    let apply = format!("/intakes/{}/apply", text(&uploaded.body, "id"));
    assert_eq!(office.post("verifier", &apply, &json!({})).status, 200);
    office
}

#[test]
fn a_household_is_found_by_words_of_its_name_in_any_order_and_spelling() {
    let office = with_people(61);
    for (typed, expected) in [
        ("nurhayati siti", "HJ. SITI NOERHAJATI"),
        ("Siti Nur Hayati", "HJ. SITI NOERHAJATI"),
        ("hj noerhaj", "HJ. SITI NOERHAJATI"),
        ("muhammad yusran", "M. YUSRAN BIN ABD. HAMID"),
        ("yusran abdul hamid", "M. YUSRAN BIN ABD. HAMID"),
        ("samsudin", "SYAMSUDDIN"),
        ("noerhajati loa ipuh", "HJ. SITI NOERHAJATI"),
        ("timbau yusran", "M. YUSRAN BIN ABD. HAMID"),
    ] {
        let found = search(&office, "verifier", json!({ "q": typed }));
        assert!(found.contains(&expected.to_owned()), "{typed}: {found:?}");
        let by_address = typed.replace(' ', "%20");
        let found = names(&office.get("verifier", &format!("/households?q={by_address}")));
        assert!(found.contains(&expected.to_owned()), "{typed}: {found:?}");
    }
    assert_eq!(search(&office, "verifier", json!({ "q": "noerhajati timbau" })), Vec::<String>::new());
    assert_eq!(search(&office, "verifier", json!({ "q": "noerhajati hamid" })), Vec::<String>::new());
    assert_eq!(search(&office, "verifier", json!({ "q": "%_'; --" })), Vec::<String>::new());
}

#[test]
fn names_that_begin_as_typed_come_first_and_each_household_once() {
    let office = with_people(62);
    let found = search(&office, "auditor", json!({ "q": "zzulaikha" }));
    assert_eq!(found, ["ZZULAIKHA AANTON", "ZZULAIKHA QQUEEN", "AANTON ZZULAIKHA"]);
    let found = search(&office, "auditor", json!({ "q": "zzulaikha", "village": "Loa Ipuh" }));
    assert_eq!(found, ["ZZULAIKHA AANTON", "AANTON ZZULAIKHA"]);
    // The same, a page of one at a time.
    let (mut all, mut after) = (Vec::new(), Value::Null);
    for _ in 0..9 {
        let page = office.post("auditor", SEARCHES, &json!({ "q": "zzulaikha", "limit": 1, "after": after }));
        all.extend(names(&page));
        after = page.body["next"].clone();
        if after.is_null() {
            break;
        }
    }
    assert_eq!(all, ["ZZULAIKHA AANTON", "ZZULAIKHA QQUEEN", "AANTON ZZULAIKHA"]);
}

#[test]
fn a_nik_finds_by_its_tail_or_whole_but_never_by_an_address() {
    let office = with_people(63);
    let found: BTreeSet<String> = search(&office, "verifier", json!({ "q": "1234" })).into_iter().collect();
    assert!(found.contains("SYAMSUDDIN") && found.contains("ZZULAIKHA QQUEEN"), "{found:?}");
    assert_eq!(search(&office, "verifier", json!({ "q": "1234 samsudin" })), ["SYAMSUDDIN"]);
    assert_eq!(search(&office, "verifier", json!({ "q": "samsudin 5678" })), Vec::<String>::new());
    assert_eq!(search(&office, "verifier", json!({ "q": "1234 timbau" })), ["ZZULAIKHA QQUEEN"]);
    assert_eq!(search(&office, "verifier", json!({ "q": "6402 9902 0650 1234" })), ["SYAMSUDDIN"]);
    for refused in ["1234", "siti%201234", "6402990206501234"] {
        let answer = office.get("verifier", &format!("/households?q={refused}"));
        assert_eq!((answer.status, text(&answer.body, "code")), (400, "bad_query"), "{refused}");
    }
    let log = office.server.log();
    assert!(!log.contains("1234") && !log.to_lowercase().contains("samsudin"), "what was typed is in the log");
}

#[test]
fn a_voucher_finds_its_household_for_those_who_work_with_vouchers() {
    let office = Office::open(64);
    let voucher = office.vouchers().into_iter().next().unwrap();
    for code in [&voucher.code, &voucher.typed_code] {
        assert_eq!(search(&office, "auditor", json!({ "q": code })), [voucher.household.as_str()]);
        assert_eq!(search(&office, "coordinator", json!({ "q": code })), [voucher.household.as_str()]);
        assert_eq!(search(&office, "registrar", json!({ "q": code })), Vec::<String>::new());
    }
}

#[test]
fn where_a_search_goes_on_says_nothing_and_is_of_use_to_nobody_else() {
    let office = with_people(65);
    let page = office.post("auditor", SEARCHES, &json!({ "q": "zzulaikha", "limit": 1 }));
    let next = text(&page.body, "next").to_owned();
    assert!(next.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"-_".contains(&sign)), "{next}");
    assert!(!next.to_lowercase().contains("zzul"));
    let again = |role, after: &str| office.post(role, SEARCHES, &json!({ "after": after, "limit": 1 }));
    assert_eq!(names(&again("auditor", &next)), ["ZZULAIKHA QQUEEN"]);
    assert_eq!(again("verifier", &next).status, 422);
    let mut broken = next.into_bytes();
    let last = broken.len() - 2;
    broken[last] = if broken[last] == b'A' { b'B' } else { b'A' };
    assert_eq!(again("auditor", std::str::from_utf8(&broken).unwrap()).status, 422);
    assert_eq!(again("auditor", "no cursor at all, but a sentence that is longer than an id").status, 422);
    let long = "x".repeat(300);
    assert_eq!(office.post("auditor", SEARCHES, &json!({ "q": long })).status, 422);
}

#[test]
fn a_listing_goes_through_all_households_of_a_village_once() {
    let office = Office::open(66);
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = office.get("auditor", &format!("/households?village=Loa%20Ipuh&limit=2{after}"));
        names(&page);
        let items = page.body["items"].as_array().unwrap();
        assert!(items.iter().all(|one| one["village"] == "LOA IPUH"));
        seen.extend(items.iter().map(|one| text(one, "id").to_owned()));
        match page.body["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    let once: BTreeSet<&String> = seen.iter().collect();
    // Eighty of a thousand households live there, so three of the forty here.
    assert_eq!((seen.len(), once.len()), (3, 3));
}

#[test]
fn a_renamed_household_is_found_by_its_new_name_alone() {
    let office = with_people(67);
    let renamed = PEOPLE.replace("SYAMSUDDIN", "BURHANUDDIN");
    let path = format!("/intakes?programme={}", office.installation.programme());
    let uploaded = office.of("registrar").upload(office.base(), &path, "nama2.csv", renamed.as_bytes()).unwrap();
    let apply = format!("/intakes/{}/apply", text(&uploaded.body, "id"));
    assert_eq!(office.post("verifier", &apply, &json!({})).status, 200, "{}", uploaded.body);
    assert_eq!(search(&office, "verifier", json!({ "q": "burhanudin 1234" })), ["BURHANUDDIN"]);
    assert_eq!(search(&office, "verifier", json!({ "q": "samsudin 1234" })), Vec::<String>::new());
}

#[test]
fn what_an_older_version_did_not_keep_is_filled_in_at_the_start() {
    let installation = Installation::demo(40, 70);
    let location = installation
        .database_url()
        .map_or_else(|| format!("sqlite://{}", installation.dir().join("salur.db").display()), str::to_owned);
    let pool = Pool::open(&location.parse().unwrap(), 1).unwrap();
    pool.read(|conn| {
        for sql in [
            "DELETE FROM household_words",
            "UPDATE households SET nik_tail_index = NULL, village_folded = ''",
            "DELETE FROM installation WHERE name IN ('search_folding', 'nik_tails')",
        ] {
            diesel::sql_query(sql).execute(conn)?;
        }
        Ok::<_, store::Error>(())
    })
    .unwrap();
    drop(pool);
    let server = installation.serve();
    let client = Client::new(installation.token("auditor"));
    let search = |q: &str| names(&client.post(server.base(), SEARCHES, &json!({ "q": q })).unwrap());
    let all = client.get(server.base(), "/households?limit=500").unwrap();
    let one = &all.body["items"][0];
    let (name, masked) = (text(one, "name"), text(one, "nik_masked"));
    assert!(search(name).contains(&name.to_owned()));
    assert!(search(&masked[masked.len() - 4..]).contains(&name.to_owned()));
    assert!(search(&format!("{name} {}", text(one, "village"))).contains(&name.to_owned()));
}

#[test]
fn the_history_tells_every_step_of_a_household() {
    let office = Office::open(68);
    let voucher = office.vouchers().into_iter().next().unwrap();
    let found = office.post("auditor", SEARCHES, &json!({ "q": voucher.code }));
    let id = text(&found.body["items"][0], "id").to_owned();
    let one = "01890000-0000-4000-8000-000000000001";
    assert_eq!(office.redeem(&voucher, &by_code(one, &voucher.code)).status, 201);
    let again = "01890000-0000-4000-8000-000000000002";
    assert_eq!(office.redeem(&voucher, &by_code(again, &voucher.code)).status, 409);

    let history = office.get("auditor", &format!("/households/{id}/history"));
    assert_eq!(history.status, 200, "{}", history.body);
    let messages: Vec<&str> =
        history.body["events"].as_array().unwrap().iter().map(|event| text(event, "message")).collect();
    let tried = messages.iter().position(|one| one.contains("Dicoba di") && one.contains("sudah diambil"));
    let handed = messages.iter().position(|one| one.contains("Paket diserahkan di") && one.contains(&voucher.point));
    let issued = messages.iter().position(|one| one.contains("Kupon diterbitkan"));
    assert!(tried < handed && handed < issued && tried.is_some() && issued.is_some(), "{messages:#?}");
    assert!(!history.body.to_string().contains('⟦'), "a word is missing: {}", history.body);
    let right = &history.body["entitlements"][0];
    assert_eq!((right["state"].as_str(), right["redemption_id"].as_str()), (Some("redeemed"), Some(one)));
    assert!(right["typed_code"].is_null(), "an auditor may not see codes that can be redeemed");
    let registrar = office.get("registrar", &format!("/households/{id}/history"));
    assert!(registrar.body["entitlements"][0]["redemption_id"].is_null(), "{}", registrar.body);
    let text = history.body.to_string();
    assert!(!text.contains("CONTOH MAWAR") && !text.contains(&voucher.typed_code));
    assert_eq!(office.get("auditor", "/households/00000000-0000-7000-8000-000000000000/history").status, 404);
}

#[test]
fn the_finished_programme_of_the_demonstration_closes_its_books() {
    let installation = Installation::demo(1_000, 69);
    let server = installation.serve();
    let client = |role: &str| Client::new(installation.token(role));
    let programmes = client("finance").get(server.base(), "/programmes").unwrap().body;
    let programmes = programmes["items"].as_array().unwrap();
    assert_eq!(programmes.len(), 2, "{programmes:?}");
    let finished = programmes.iter().find(|one| text(one, "id") != installation.programme()).unwrap();
    let path = format!("/rounds?programme={}", text(finished, "id"));
    let rounds = client("finance").get(server.base(), &path).unwrap().body;
    let rounds = rounds["items"].as_array().unwrap();
    assert_eq!(rounds.len(), 2);
    for round in rounds {
        let path = format!("/rounds/{}/reconciliation", text(round, "id"));
        let books = client("finance").get(server.base(), &path).unwrap().body;
        let by_state =
            |state: &str| books["entitlements"][state]["count"].as_i64().or(books["entitlements"][state].as_i64());
        assert_eq!(
            (by_state("issued"), by_state("redeemed"), by_state("revoked")),
            (Some(48), Some(44), Some(1)),
            "{books}"
        );
    }
    // The round of the demonstration itself is untouched.
    let vouchers = installation.vouchers(server.base());
    assert_eq!(vouchers.len(), 1_000);
    assert!(vouchers.iter().all(|one| one.state == "available" && one.print_no == 1));
}

/// Mask, year of birth and place leave some hundred numbers to be tried: who may see none does not find one by trying.
#[test]
fn an_identity_number_is_not_found_out_by_searching_for_it() {
    let office = with_people(67);
    let tries = |role: &str| {
        (10..40)
            .map(|day| json!({ "q": format!("64029943{day:02}501234") }))
            .map(|body| office.post(role, SEARCHES, &body).status)
            .collect::<Vec<u16>>()
    };
    let coordinator = tries("coordinator");
    assert!(coordinator.iter().filter(|status| **status == 200).count() < 10, "{coordinator:?}");
    assert!(coordinator[20..].iter().all(|status| *status == 429), "{coordinator:?}");
    // One that is there frees nobody, and a name is found all the same.
    assert_eq!(office.post("coordinator", SEARCHES, &json!({ "q": "6402994306501234" })).status, 429);
    assert_eq!(search(&office, "coordinator", json!({ "q": "zulaikha queen" })).len(), 1);
    // Who may see a number in full has nothing to guess.
    assert!(tries("verifier").iter().all(|status| *status == 200));
    let trail = office.get("auditor", "/trail?kind=look&limit=100").body.to_string();
    assert!(trail.contains("search by number"), "{trail}");
}
