//! The pages as a browser uses them: cookies, forms and redirects over a demonstration in a file.

mod frame;

use std::sync::Arc;

use actix_web::http::StatusCode;
use actix_web::http::header::{HeaderMap, LOCATION, SET_COOKIE};
use actix_web::test::{TestRequest, call_service, init_service, read_body};
use actix_web::{App, web};

use super::shell::local;
use crate::clock::{SystemClock, SystemEntropy};
use crate::domain::id::IntakeId;
use crate::http::State;
use crate::service::{DEMO_PASSWORD, Demo, DemoWanted, Listed, Office, prepare};
use crate::vault::{MasterKey, Vault};

mod verval;

/// An installation that lives as long as its folder.
struct Site {
    state: State,
    demo: Demo,
    _folder: tempfile::TempDir,
}

/// What a browser got.
struct Got {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Got {
    fn location(&self) -> &str {
        self.headers.get(LOCATION).map_or("", |value| value.to_str().unwrap())
    }

    /// The value of a hidden field.
    fn hidden(&self, name: &str) -> String {
        let start = format!("name=\"{name}\" value=\"");
        let rest = self.text.split(&start).nth(1).unwrap_or_else(|| panic!("no field {name}: {}", self.text));
        rest.split('"').next().unwrap().to_owned()
    }

    fn verdict(&self) -> &str {
        let rest =
            self.text.split("class=\"verdict\" data-verdict=\"").nth(1).unwrap_or_else(|| panic!("{}", self.text));
        rest.split('"').next().unwrap()
    }
}

/// A browser, with or without a sign-in.
struct Browser<'s> {
    site: &'s Site,
    cookie: Option<String>,
    csrf: String,
}

impl Site {
    fn new() -> Self {
        Self::with(false)
    }

    fn with(https: bool) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("salur.db");
        let pool = prepare(&format!("sqlite://{}", path.display()), 4).unwrap();
        let vault = Vault::new(&MasterKey::from_random([7; 32])).unwrap();
        let office = Office::open(
            pool,
            vault,
            Arc::new(SystemClock),
            Arc::new(SystemEntropy),
            None,
            &folder.path().join("facts"),
        )
        .unwrap();
        let demo = office.make_demo(DemoWanted { households: 12, seed: 1 }, &|_, _, _| {}).unwrap();
        Self { state: State::new(office, https, None), demo, _folder: folder }
    }

    async fn send(&self, request: TestRequest) -> Got {
        let app = App::new().app_data(web::Data::new(self.state.clone())).configure(super::routes);
        let app = init_service(app).await;
        let answer = call_service(&app, request.to_request()).await;
        let (status, headers) = (answer.status(), answer.headers().clone());
        Got { status, headers, text: String::from_utf8(read_body(answer).await.to_vec()).unwrap() }
    }

    fn stranger(&self) -> Browser<'_> {
        Browser { site: self, cookie: None, csrf: String::new() }
    }

    async fn signed_in(&self, username: &str) -> Browser<'_> {
        let mut browser = self.stranger();
        let got = browser.post("/sign-in", &[("username", username), ("password", DEMO_PASSWORD)]).await;
        assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
        let cookie = got.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
        browser.cookie = cookie.split(';').next().map(str::to_owned);
        let first = browser.get(got.location()).await;
        assert_eq!(first.status, StatusCode::OK, "{}", first.text);
        browser.csrf = first.hidden("csrf");
        browser
    }

    /// A voucher of the open round, and who hands it out.
    fn voucher(&self) -> (Listed, String) {
        let issuer = self.state.office.who_bears(&self.demo.tokens["issuer"]).unwrap();
        let (listed, _) = self.state.office.vouchers(&issuer, self.demo.round_id, None, None).unwrap();
        let voucher = listed.into_iter().next().unwrap();
        let operator = format!("petugas-{}", voucher.point.to_lowercase());
        (voucher, operator)
    }
}

impl Browser<'_> {
    fn dress(&self, request: TestRequest) -> TestRequest {
        match &self.cookie {
            Some(cookie) => request.insert_header(("cookie", cookie.as_str())),
            None => request,
        }
    }

    async fn get(&self, path: &str) -> Got {
        self.site.send(self.dress(TestRequest::get().uri(path))).await
    }

    /// A form, with the token of this sign-in unless the fields bring one.
    async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Got {
        let mut all = fields.to_vec();
        if !all.iter().any(|(name, _)| *name == "csrf") {
            all.push(("csrf", &self.csrf));
        }
        self.site.send(self.dress(TestRequest::post().uri(path).set_form(all))).await
    }

    async fn upload(&self, name: &str, file: &str, csrf: &str) -> Got {
        let part =
            |head: &str, body: &str| format!("--grens\r\ncontent-disposition: form-data; {head}\r\n\r\n{body}\r\n");
        let programme = self.site.demo.programme_id.to_string();
        let body = part("name=\"csrf\"", csrf)
            + &part("name=\"programme\"", &programme)
            + &part(&format!("name=\"file\"; filename=\"{name}\""), file)
            + "--grens--\r\n";
        let request = TestRequest::post()
            .uri("/intakes")
            .insert_header(("content-type", "multipart/form-data; boundary=grens"))
            .set_payload(body);
        self.site.send(self.dress(request)).await
    }
}

const FILE: &str = "id_sumber,nik,nama_penerima,desa_kelurahan,kecamatan,status_verval,kode_titik\n\
    UJI-1,6402991207510001,RUSMINI,LOA IPUH,TENGGARONG,LAYAK,TGR-01\n\
    UJI-2,123,MARIAM,LOA IPUH,TENGGARONG,LAYAK,TGR-01\n";

#[actix_web::test]
async fn whoever_is_not_signed_in_is_sent_to_sign_in_and_back() {
    let site = Site::new();
    let browser = site.stranger();
    for path in ["/", "/desk", "/intakes", "/households", "/rounds", "/users", "/devices"] {
        let got = browser.get(path).await;
        assert_eq!((got.status, got.location()), (StatusCode::SEE_OTHER, format!("/sign-in?next={path}").as_str()));
    }
    let got = browser.get("/households?q=a&after=b").await;
    assert_eq!(got.location(), "/sign-in?next=/households%3Fq%3Da%26after%3Db");
    let form = browser.get(got.location()).await;
    assert_eq!(form.hidden("next"), "/households?q=a&#38;after=b");
    let fields = [("username", "registrar"), ("password", DEMO_PASSWORD), ("next", "/households?q=a")];
    assert_eq!(browser.post("/sign-in", &fields).await.location(), "/households?q=a");
    let fields = [("username", "registrar"), ("password", DEMO_PASSWORD), ("next", "//evil.example")];
    assert_eq!(browser.post("/sign-in", &fields).await.location(), "/");
    let wrong = browser.post("/sign-in", &[("username", "registrar"), ("password", "not this one")]).await;
    assert_eq!(wrong.status, StatusCode::UNAUTHORIZED);
    assert!(wrong.text.contains("value=\"registrar\"") && !wrong.text.contains("not this one"));
}

#[actix_web::test]
async fn a_cookie_is_out_of_reach_and_ends_with_signing_out() {
    let site = Site::with(true);
    let got = site.stranger().post("/sign-in", &[("username", "admin"), ("password", DEMO_PASSWORD)]).await;
    let cookie = got.headers.get(SET_COOKIE).unwrap().to_str().unwrap().to_owned();
    assert!(cookie.starts_with("__Host-salur="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    let site = Site::new();
    let browser = site.signed_in("admin").await;
    assert!(browser.cookie.as_deref().unwrap().starts_with("salur="));
    let got = browser.post("/sign-out", &[]).await;
    assert_eq!(got.location(), "/sign-in");
    assert!(got.headers.get_all(SET_COOKIE).all(|cookie| cookie.to_str().unwrap().contains("Max-Age=0")));
    assert_eq!(browser.get("/").await.location(), "/sign-in?next=/");
    assert_eq!(browser.post("/sign-out", &[]).await.location(), "/sign-in");
}

#[actix_web::test]
async fn a_voucher_is_scanned_handed_over_once_and_shown_as_used() {
    let site = Site::new();
    let (voucher, operator) = site.voucher();
    let desk = site.signed_in(&operator).await;
    let seen = desk.post("/desk", &[("code", &voucher.code)]).await;
    assert_eq!(seen.verdict(), "valid");
    assert!(seen.text.contains(&voucher.household) && seen.text.contains("<strong>15 kg</strong>"));
    let id = seen.hidden("id");
    let common = [("id", id.as_str()), ("code", voucher.code.as_str())];

    // What a browser asks for beforehand is asked for again here, and changes nothing.
    for (fields, words) in [
        ([("collector", "proxy"), ("id_seen", "yes")], "Tulis nama wakil"),
        ([("collector", "self"), ("id_seen", "")], "Centang setelah KTP"),
    ] {
        let got = desk.post("/desk/hand-over", &[common.as_slice(), &fields].concat()).await;
        assert_eq!((got.verdict(), got.hidden("id").as_str()), ("valid", id.as_str()));
        assert!(got.text.contains(words));
    }

    let fields = [("collector", "self"), ("name", "not needed"), ("relation", "other"), ("id_seen", "yes")];
    let fields = [common.as_slice(), &fields].concat();
    let done = desk.post("/desk/hand-over", &fields).await;
    assert_eq!((done.status, done.verdict()), (StatusCode::OK, "redeemed"));
    assert!(done.text.contains(&format!("/redemptions/{id}/receipt")));
    assert!(done.text.contains("<dd id=\"count-handed-over\">1</dd>"));
    // The same form again is the same hand-over.
    let again = desk.post("/desk/hand-over", &fields).await;
    assert_eq!(again.verdict(), "redeemed");
    assert!(again.text.contains("<dd id=\"count-handed-over\">1</dd>"));

    let scanned = desk.post("/desk", &[("code", &voucher.typed_code)]).await;
    assert_eq!(scanned.verdict(), "already_redeemed");
    assert!(scanned.text.contains(&format!("di {} oleh penerima sendiri", voucher.point)));
    let other = scanned.hidden("id");
    let fields = [("id", other.as_str()), ("code", &voucher.code), ("collector", "self"), ("id_seen", "yes")];
    assert_eq!(desk.post("/desk/hand-over", &fields).await.verdict(), "already_redeemed");
    assert!(desk.get("/desk").await.text.contains("<dd id=\"count-refused\">2</dd>"));

    let receipt = desk.get(&format!("/redemptions/{id}/receipt")).await;
    assert_eq!(receipt.status, StatusCode::OK);
    assert!(receipt.text.contains(&voucher.household) && !receipt.text.contains("not needed"));

    let token = voucher.code.strip_prefix("SALUR:").unwrap();
    for address in [format!("/V/{token}"), format!("/v/{}", token.to_lowercase())] {
        let public = site.stranger().get(&address).await;
        assert_eq!((public.status, public.verdict()), (StatusCode::OK, "already_redeemed"));
        assert!(public.text.contains(&voucher.point) && !public.text.contains(&voucher.household));
    }
    assert_eq!(site.stranger().get("/v/AAAA").await.verdict(), "malformed");
}

#[actix_web::test]
async fn a_form_without_the_token_of_its_page_changes_nothing() {
    let site = Site::new();
    let (voucher, operator) = site.voucher();
    let desk = site.signed_in(&operator).await;
    for csrf in ["", "another"] {
        let got = desk.post("/desk", &[("code", &voucher.code), ("csrf", csrf)]).await;
        assert_eq!(got.status, StatusCode::FORBIDDEN);
        assert!(got.text.contains("not_our_form"));
    }
    let registrar = site.signed_in("registrar").await;
    assert_eq!(registrar.upload("daftar.csv", FILE, "").await.status, StatusCode::FORBIDDEN);
    assert!(!registrar.get("/intakes").await.text.contains("daftar.csv"));
    assert_eq!(registrar.post("/sign-out", &[("csrf", "")]).await.status, StatusCode::FORBIDDEN);
    assert_eq!(desk.post("/desk", &[("other", "field")]).await.status, StatusCode::BAD_REQUEST);
}

#[actix_web::test]
async fn a_file_is_uploaded_by_one_and_agreed_to_by_another_and_issued_by_a_third() {
    let site = Site::new();
    let registrar = site.signed_in("registrar").await;
    let refused = registrar.upload("foto.csv", "%PDF-1.7\n1 0 obj\n", &registrar.csrf).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text.contains("role=\"alert\""));

    let got = registrar.upload("daftar.csv", FILE, &registrar.csrf).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let path = got.location().to_owned();
    assert!(path.strip_prefix("/intakes/").unwrap().parse::<IntakeId>().is_ok());
    let shown = registrar.get(&path).await;
    assert!(shown.text.contains("RUSMINI") && shown.text.contains("Berkas ini Anda unggah sendiri"));
    assert!(!shown.text.contains("6402991207510001"));
    let rejected = registrar.get(&format!("{path}?outcome=rejected")).await;
    assert!(rejected.text.contains("UJI-2") && !rejected.text.contains("UJI-1"));
    let apply = format!("{path}/apply");
    let confirm = [("confirm", "yes")];
    assert_eq!(registrar.post(&apply, &confirm).await.status, StatusCode::FORBIDDEN);

    let verifier = site.signed_in("verifier").await;
    assert!(verifier.get(&path).await.text.contains(&format!("action=\"{apply}\"")));
    assert_eq!(verifier.post(&apply, &[]).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(verifier.post(&apply, &confirm).await.location(), path);
    assert_eq!(verifier.post(&apply, &confirm).await.status, StatusCode::CONFLICT);
    let found = verifier.get("/households?q=rusmini").await;
    assert!(found.text.contains("UJI-1") && found.text.contains("TGR-01"));
    assert!(verifier.get("/households?q=nobody").await.text.contains("nobody"));

    let issuer = site.signed_in("issuer").await;
    let round = format!("/rounds/{}", site.demo.round_id);
    assert!(issuer.get(&round).await.text.contains(&format!("action=\"{round}/issue\"")));
    assert_eq!(issuer.post(&format!("{round}/issue"), &confirm).await.location(), round);
    let after = issuer.get(&round).await;
    assert!(!after.text.contains("name=\"confirm\"") && after.text.contains("vouchers.pdf?point=TGR-01"));
}

#[actix_web::test]
async fn each_role_sees_its_pages_and_no_others() {
    let site = Site::new();
    let round = format!("/rounds/{}", site.demo.round_id);
    let books = format!("{round}/reconciliation");
    for user in site.demo.users.clone() {
        if user.username.starts_with("petugas-") && user.username != "petugas-tgr-01" {
            continue;
        }
        let browser = site.signed_in(&user.username).await;
        for place in super::view::Place::for_role(user.role.as_str()) {
            let mut got = browser.get(place.href()).await;
            if got.status == StatusCode::SEE_OTHER {
                // With one programme there is nothing to choose.
                got = browser.get(got.location()).await;
            }
            assert_eq!(got.status, StatusCode::OK, "{} {}", user.username, place.href());
            assert!(!got.text.contains('⟦'), "{} {}", user.username, place.href());
        }
        let got = browser.get(&round).await;
        assert_eq!(got.status, StatusCode::OK, "{}", user.username);
        let got = browser.get(&books).await;
        let may = matches!(user.role.as_str(), "finance" | "auditor" | "admin");
        assert_eq!(got.status, if may { StatusCode::OK } else { StatusCode::FORBIDDEN }, "{}", user.username);
        assert!(!may || got.text.contains("Jumlah kupon, tanda terima, dan anggaran cocok"));
        // Also what goes wrong shows who is signed in and where they can go.
        assert!(got.text.contains("action=\"/sign-out\""));
    }
    let admin = site.signed_in("admin").await;
    for path in ["/rounds/none", "/rounds/0190b8a0-0000-7000-8000-000000000000", "/redemptions/x/receipt"] {
        let status = admin.get(path).await.status;
        assert!(matches!(status, StatusCode::NOT_FOUND | StatusCode::FORBIDDEN), "{path} {status}");
    }
}

#[actix_web::test]
async fn an_account_is_made_or_the_page_says_why_not() {
    let site = Site::new();
    let admin = site.signed_in("admin").await;
    let new = |name, password, role| {
        [("name", "Orang Baru"), ("username", name), ("password", password), ("role", role), ("point", "")]
    };
    let long = "a password of its own";
    for (fields, status) in [
        (new("baru", "short", "finance"), StatusCode::UNPROCESSABLE_ENTITY),
        (new("admin", long, "finance"), StatusCode::CONFLICT),
        (new("baru", long, "operator"), StatusCode::UNPROCESSABLE_ENTITY),
        (new("baru", long, "king"), StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        let got = admin.post("/users", &fields).await;
        assert_eq!(got.status, status, "{fields:?}");
        assert!(got.text.contains("role=\"alert\"") && !got.text.contains(long));
    }
    assert_eq!(admin.post("/users", &new("baru", long, "finance")).await.location(), "/users");
    assert!(admin.get("/users").await.text.contains("Orang Baru"));
    let registrar = site.signed_in("registrar").await;
    assert_eq!(registrar.post("/users", &new("lain", long, "finance")).await.status, StatusCode::FORBIDDEN);
    let stranger = site.stranger();
    for _ in 0..30 {
        stranger.post("/sign-in", &[("username", "tebak"), ("password", "x")]).await;
    }
    let got = stranger.post("/sign-in", &[("username", "tebak"), ("password", "x")]).await;
    assert_eq!(got.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(got.headers.contains_key("retry-after"));
}

#[actix_web::test]
async fn a_language_is_kept_and_leads_back_to_this_site_only() {
    let site = Site::new();
    let got = site.stranger().get("/language?to=en&back=/sign-in%3Fnext%3D/desk").await;
    assert_eq!((got.status, got.location()), (StatusCode::SEE_OTHER, "/sign-in?next=/desk"));
    let cookie = got.headers.get(SET_COOKIE).unwrap().to_str().unwrap();
    assert!(cookie.starts_with("salur_language=en") && cookie.contains("Max-Age=31536000"));
    let english = Browser { cookie: cookie.split(';').next().map(str::to_owned), ..site.stranger() };
    assert!(english.get("/sign-in").await.text.contains("<html lang=\"en\">"));
    for elsewhere in ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "evil", ""] {
        assert_eq!(local(elsewhere), None, "{elsewhere:?}");
    }
    assert_eq!(site.stranger().get("/language?to=en&back=//evil.example").await.location(), "/");
}

#[actix_web::test]
async fn a_file_with_unclear_columns_waits_for_its_uploader_alone_and_is_then_read() {
    let site = Site::new();
    let registrar = site.signed_in("registrar").await;
    let letterhead = "PEMERINTAH KABUPATEN;;;\n".repeat(11);
    let file = format!(
        "{letterhead};;;\nKODE;ORANGNYA;NOMOR;TEMPAT\nUJI-7;RUSMINI;6402991207510001;LOA IPUH\nUJI-8;MARIAM;6402991207510002;LOA IPUH\n"
    );
    let got = registrar.upload("desa.csv", &file, &registrar.csrf).await;
    assert_eq!(got.status, StatusCode::SEE_OTHER, "{}", got.text);
    let path = got.location().to_owned();
    assert!(path.starts_with("/intakes/parked/"), "{path}");
    let seen = registrar.get(&format!("{path}?header_row=13")).await;
    assert_eq!(seen.status, StatusCode::OK);
    assert!(seen.text.contains("name=\"col_1\"") && seen.text.contains("ORANGNYA"), "{}", seen.text);
    assert!(!seen.text.contains("RUSMINI") && !seen.text.contains("6402991207510001"), "samples are masked");
    let verifier = site.signed_in("verifier").await;
    assert_eq!(verifier.get(&path).await.status, StatusCode::FORBIDDEN);

    let columns = [("header_row", "13"), ("col_0", "id_sumber"), ("col_1", "nama_penerima"), ("col_2", "nik")];
    let missing = registrar.post(&path, &columns).await;
    assert_eq!(missing.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(missing.text.contains("role=\"alert\"") && missing.text.contains("value=\"nik\" selected"));
    let all = [columns.as_slice(), &[("col_3", "desa_kelurahan"), ("sub_district", "TENGGARONG")]].concat();
    let read = registrar.post(&path, &all).await;
    assert_eq!(read.status, StatusCode::SEE_OTHER, "{}", read.text);
    let shown = registrar.get(read.location()).await;
    assert!(shown.text.contains("UJI-7") && shown.text.contains("LOA IPUH, TENGGARONG"), "{}", shown.text);
    assert_eq!(registrar.get(&path).await.status, StatusCode::NOT_FOUND, "it is gone when it was read");

    let again = registrar.upload("desa.csv", &file, &registrar.csrf).await.location().to_owned();
    assert_eq!(registrar.post(&format!("{again}/discard"), &[]).await.location(), "/intakes");
    assert_eq!(registrar.get(&again).await.status, StatusCode::NOT_FOUND);
}

#[actix_web::test]
async fn places_are_asked_confirmed_and_forgotten_on_pages() {
    let site = Site::new();
    let registrar = site.signed_in("registrar").await;
    let file = "id_sumber,nik,nama_penerima,desa_kelurahan,kecamatan\n\
        UJI-1,6402991207510001,RUSMINI,SAMBOJA KUALA,SEMBOJA\n";
    let path = registrar.upload("ejaan.csv", file, &registrar.csrf).await.location().to_owned();
    let shown = registrar.get(&path).await;
    assert!(shown.text.contains("name=\"means_0\"") && shown.text.contains("value=\"64.02.13\""), "{}", shown.text);
    let fields = [("sub_district_0", "SEMBOJA"), ("village_0", ""), ("means_0", "64.02.13")];
    assert_eq!(registrar.post(&format!("{path}/spellings"), &fields).await.location(), path);
    let shown = registrar.get(&path).await;
    assert!(!shown.text.contains("means_0") && shown.text.contains("<del>SEMBOJA</del>"), "{}", shown.text);
    let places = registrar.get("/places").await;
    assert!(places.text.contains("SEMBOJA") && places.text.contains("64.02.13") && places.text.contains("Lupakan"));
    let forget = [("sub_district", "SEMBOJA"), ("village", "")];
    assert_eq!(registrar.post("/places/aliases/forget", &forget).await.location(), "/places");
    let narrowed = registrar.get(&format!("{path}?place=SAMBOJA+KUALA%2C+SAMBOJA")).await;
    assert!(narrowed.text.contains("UJI-1") && narrowed.text.contains(" selected"), "{}", narrowed.text);
    let none = registrar.get(&format!("{path}?outcome=rejected&from=5")).await;
    assert!(none.text.contains("Tidak ada baris"));

    let verifier = site.signed_in("verifier").await;
    assert!(verifier.get("/places").await.status == StatusCode::OK);
    assert_eq!(verifier.post("/places/aliases/forget", &forget).await.status, StatusCode::FORBIDDEN);
    let file = registrar.get(&format!("{path}/reasons.csv?of=all")).await;
    assert!(file.text.contains("alasan") && file.text.contains("SEMBOJA"), "{}", file.text);
    assert_eq!(site.signed_in("auditor").await.get(&format!("{path}/reasons.csv")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(registrar.get(&format!("{path}/reasons.exe")).await.status, StatusCode::NOT_FOUND);
    let confirm = [("confirm", "yes")];
    assert_eq!(registrar.post(&format!("{path}/discard"), &confirm).await.location(), "/intakes");
    assert_eq!(registrar.get(&path).await.status, StatusCode::NOT_FOUND);
}
