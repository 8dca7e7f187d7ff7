//! Requests that another site talks a browser into: with the cookie of somebody who is signed in, and without
//! what our own pages carry.

use serde_json::json;

use crate::harness::browser::{Browser, try_sign_in};
use crate::harness::office::Office;

const PASSWORD: &str = "salur-demo-2026";

/// What a browser says of a request that another site made, in the ways in which browsers have said it.
const ELSEWHERE: [(&str, &str); 6] = [
    ("Sec-Fetch-Site", "cross-site"),
    ("Sec-Fetch-Site", "same-site"),
    ("Origin", "https://evil.example"),
    ("Origin", "null"),
    ("Origin", "http://127.0.0.1"),
    ("Sec-Fetch-Site", "anything"),
];

#[test]
fn no_page_of_another_site_changes_anything_even_with_a_stolen_form_token() {
    let office = Office::open(81);
    let admin = Browser::sign_in(office.base(), "admin", PASSWORD, "");
    let new = json!({ "code": "P-X", "name": "A programme", "ceiling_minor": 1 }).to_string();
    let form = format!("csrf={}&name=X&username=x-x&password=a+long+password&role=auditor&point=", admin.csrf);
    let token = ("X-CSRF-Token", admin.csrf.as_str());
    for elsewhere in ELSEWHERE {
        let (status, _, body) = admin.send("POST", "/api/v1/programmes", &[elsewhere, token], "application/json", &new);
        assert!(status == 403 && body.contains("not_our_form"), "{elsewhere:?}: {status} {body}");
        for path in ["/users", "/users/invite", "/account/second-factor", "/sign-out"] {
            let (status, ..) = admin.send("POST", path, &[elsewhere], "application/x-www-form-urlencoded", &form);
            assert_eq!(status, 403, "{path} {elsewhere:?}");
        }
        // Signing somebody in as somebody else is a forgery as well.
        let credentials = json!({ "username": "auditor", "password": PASSWORD });
        let (answer, cookie) = try_sign_in(office.base(), &credentials, &[elsewhere]);
        assert_eq!((answer.status, cookie.as_str()), (403, ""), "{elsewhere:?}");
    }
    assert_eq!(admin.get("/sessions/current").status, 200, "nobody was signed out");
    let users = admin.get("/users?limit=500").body.to_string();
    assert!(!users.contains("x-x"));
}

#[test]
fn a_cookie_without_the_token_of_its_pages_changes_nothing() {
    let office = Office::open(82);
    let admin = Browser::sign_in(office.base(), "admin", PASSWORD, "");
    let other = Browser::sign_in(office.base(), "verifier", PASSWORD, "");
    let new = json!({ "code": "P-X", "name": "A programme", "ceiling_minor": 1 }).to_string();
    let ours = ("Sec-Fetch-Site", "same-origin");
    for token in ["", "x", other.csrf.as_str(), &admin.csrf[1..]] {
        let headers = [ours, ("X-CSRF-Token", token)];
        let (status, _, body) = admin.send("POST", "/api/v1/programmes", &headers, "application/json", &new);
        assert!(status == 403 && body.contains("not_our_form"), "{token}: {status} {body}");
        let form = format!("csrf={token}");
        let (status, ..) =
            admin.send("POST", "/account/second-factor", &[ours], "application/x-www-form-urlencoded", &form);
        assert_eq!(status, 403, "{token}");
    }
    let headers = [ours, ("X-CSRF-Token", admin.csrf.as_str())];
    let (status, ..) = admin.send("POST", "/api/v1/programmes", &headers, "application/json", &new);
    assert_eq!(status, 201, "our own page");
    // A form cannot send JSON, and a page of ours takes no JSON.
    let (status, ..) = admin.send("POST", "/api/v1/programmes", &headers, "text/plain", &new);
    assert_eq!(status, 400);
}

#[test]
fn every_answer_bears_the_headers_that_keep_a_browser_safe() {
    let office = Office::open(83);
    let admin = Browser::sign_in(office.base(), "admin", PASSWORD, "");
    for path in ["/", "/sign-in", "/privacy", "/join", "/nothing-here", "/api/v1/users", "/api/v1/nothing", "/healthz"]
    {
        let request = ureq::get(format!("{}{path}", office.base())).header("Cookie", &admin.cookie);
        let answer = request.config().http_status_as_error(false).max_redirects(0).build().call().unwrap();
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
        let policy = header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && !policy.contains("unsafe"), "{path}: {policy}");
        assert!(policy.contains("frame-ancestors 'none'") && policy.contains("form-action 'self'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("referrer-policy"), "no-referrer", "{path}");
        assert_eq!(header("cache-control"), "no-store", "{path}");
        assert!(!header("strict-transport-security").is_empty(), "{path}");
        assert!(header("server").is_empty() && header("access-control-allow-origin").is_empty(), "{path}");
    }
}

#[test]
fn a_file_goes_out_as_a_file_under_a_name_that_the_program_made() {
    let office = Office::open(110);
    let (round, programme) = (office.installation.round(), office.installation.programme());
    let new = json!({ "decree_no": "\"; filename=\"x.html", "decree_date": "2026-11-24" });
    let list = office.post("verifier", &format!("/programmes/{programme}/lists"), &new);
    assert_eq!(list.status, 201, "{}", list.body);
    let made = office.post("finance", &format!("/rounds/{round}/documents"), &json!({ "kind": "register" }));
    assert_eq!(made.status, 201, "{}", made.body);
    let (list, document) = (list.body["id"].as_str().unwrap(), made.body["id"].as_str().unwrap());
    for (role, path, kind) in [
        ("finance", format!("/rounds/{round}/reconciliation.csv"), "text/csv"),
        ("finance", format!("/rounds/{round}/reconciliation.xlsx"), "application/vnd.openxmlformats"),
        ("finance", format!("/documents/{document}.csv"), "text/csv"),
        ("finance", format!("/documents/{document}.xlsx"), "application/vnd.openxmlformats"),
        ("verifier", format!("/lists/{list}/annex.csv"), "text/csv"),
        ("verifier", format!("/lists/{list}/annex.xlsx"), "application/vnd.openxmlformats"),
    ] {
        let answer = ureq::get(format!("{}/api/v1{path}", office.base()))
            .header("Authorization", &format!("Bearer {}", office.installation.token(role)))
            .call()
            .unwrap();
        let header =
            |name: &str| answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or("").to_owned();
        assert!(header("content-type").starts_with(kind), "{path}: {}", header("content-type"));
        let told = header("content-disposition");
        let name = told.strip_prefix("attachment; filename=\"").and_then(|rest| rest.strip_suffix('"'));
        let plain = |name: &str| name.bytes().all(|sign| sign.is_ascii_alphanumeric() || b".-_".contains(&sign));
        assert!(name.is_some_and(plain), "{path}: {told}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
    }
}
