//! Another agency on the same installation: every call, by every role of theirs, about what is ours.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::authority::{DEVICE, NOTHING, PUBLIC, TABLE, body};
use crate::harness::browser::Browser;
use crate::harness::client::Client;
use crate::harness::office::{Office, by_code, text};

/// Calls about the caller alone.
const OWN: [&str; 3] = ["/api/v1/sessions", "/api/v1/account", "/api/v1/invitations/accept"];

/// Ours, by the noun in an address.
fn ours(office: &Office) -> BTreeMap<&'static str, String> {
    let round = office.installation.round().to_owned();
    let programme = office.installation.programme().to_owned();
    let first = |role: &str, path: &str| text(&office.get(role, path).body["items"][0], "id").to_owned();
    let vouchers = office.vouchers();
    let voucher = &vouchers[0];
    let redemption = "01900000-0000-7000-8000-0000000000aa".to_owned();
    let redeemed = office.redeem(voucher, &by_code(&redemption, &voucher.code));
    assert_eq!(redeemed.status, 201, "{}", redeemed.body);
    let intake = office.upload("registrar", &programme);
    assert_eq!(intake.status, 201, "{}", intake.body);
    let document = office.post("finance", &format!("/rounds/{round}/documents"), &json!({ "kind": "register" }));
    assert_eq!(document.status, 201, "{}", document.body);
    let hold = office.post("admin", "/legal-holds", &json!({ "document_no": "1", "reason": "a test" }));
    let invitation = office.post("admin", "/invitations", &json!({ "name": "X", "role": "auditor" }));
    let kid = text(&office.get("admin", "/keys").body["items"][0], "kid").to_owned();
    let request = office.post("admin", "/key-requests", &json!({ "kid": kid, "reason": "a test" }));
    let pause =
        json!({ "scope": "point", "object_id": first("admin", "/points"), "letter_no": "1", "reason": "a test" });
    let pause = office.post("admin", "/pauses", &pause);
    assert_eq!(pause.status, 201, "{}", pause.body);
    let signed_in = Browser::sign_in(office.base(), "verifier", "salur-demo-2026", "");
    BTreeMap::from([
        ("sessions", text(&signed_in.get("/sessions").body["items"][0], "id").to_owned()),
        ("users", first("admin", "/users")),
        ("tokens", first("admin", "/tokens")),
        ("agencies", first("admin", "/agencies")),
        ("packages", first("admin", "/packages")),
        ("points", first("admin", "/points")),
        ("devices", first("admin", "/devices")),
        ("households", first("registrar", "/households?limit=1")),
        ("entitlements", voucher.entitlement_id.clone()),
        ("redemptions", redemption),
        ("intakes", text(&intake.body, "id").to_owned()),
        ("documents", text(&document.body, "id").to_owned()),
        ("legal-holds", text(&hold.body, "id").to_owned()),
        ("invitations", text(&invitation.body, "id").to_owned()),
        ("key-requests", text(&request.body, "id").to_owned()),
        ("pauses", text(&pause.body, "id").to_owned()),
        ("keys", kid),
        ("rounds", round),
        ("programmes", programme),
    ])
}

/// A token of theirs for each role.
fn theirs(office: &Office) -> Vec<(&'static str, Client)> {
    let body = json!({ "code": "LAIN", "government": "Kota Contoh", "name": "Dinas Lain", "hotline": "0541",
        "admin_username": "admin-lain", "admin_name": "Another", "admin_password": "a long password" });
    assert_eq!(office.post("admin", "/agencies", &body).status, 201);
    let admin = Client::sign_in(office.base(), "admin-lain", "a long password");
    let post = |path: &str, body: &Value| {
        let made = admin.post(office.base(), path, body).unwrap();
        assert_eq!(made.status, 201, "{path}: {}", made.body);
        made.body
    };
    let point = post("/points", &json!({ "code": "LAIN-01", "name": "A point", "sub_district": "X" }));
    let device = post("/devices", &json!({ "name": "A desk", "point_id": point["id"] }));
    let mut people = vec![("admin", admin.clone())];
    for role in ["registrar", "verifier", "issuer", "coordinator", "operator", "storekeeper", "finance", "auditor"] {
        let at = if role == "operator" { point["id"].clone() } else { Value::Null };
        let user = post(
            "/users",
            &json!({ "username": format!("lain-{role}"), "name": role, "role": role,
            "password": "a long password", "point_id": at }),
        );
        if role == "operator" {
            let new = json!({ "user_id": user["id"], "device_id": device["id"], "name": "a test" });
            people.push((role, Client::new(text(&post("/tokens", &new), "token"))));
        } else {
            people.push((role, office.token_at_console("admin-lain", &format!("lain-{role}"))));
        }
    }
    people
}

#[test]
fn no_role_of_another_agency_is_told_or_changes_anything_of_this_one() {
    let office = Office::open(41);
    let ours = ours(&office);
    let theirs = theirs(&office);
    let before = office.get("finance", &format!("/rounds/{}/reconciliation", ours["rounds"])).body;
    let (mut faults, mut asked, mut named) = (Vec::new(), 0, 0);
    for (call, roles) in TABLE {
        let (method, path) = call.split_once(' ').unwrap();
        if *roles == PUBLIC
            || OWN.iter().any(|own| path.starts_with(own)) && !path.contains('{')
            || !path.starts_with("/api/")
        {
            continue;
        }
        let noun = path.trim_start_matches("/api/v1/").split('/').next().unwrap();
        let id = ours.get(noun).map_or(NOTHING, String::as_str);
        let mut address = path.replace("{id}", id).replace("{kid}", &ours["keys"]).replace("{point}", &ours["points"]);
        address = address.replace("{kind}", "handover");
        address += match *call {
            "POST /api/v1/intakes" => "?programme=OURS",
            _ if path.contains("/difference") => "?from=01900000-0000-7000-8000-000000000000",
            _ => "",
        };
        let address = address.replace("OURS", &ours["programmes"]);
        let about_ours = address.contains(id) && path.contains('{') || address.contains('?');
        for (role, client) in &theirs {
            let sent = body(call, &office.installation, "admin").map(|(kind, bytes)| {
                let mut text = String::from_utf8_lossy(&bytes).into_owned();
                for (member, noun) in [
                    ("programme_id", "programmes"),
                    ("package_id", "packages"),
                    ("point_id", "points"),
                    ("user_id", "users"),
                    ("object_id", "programmes"),
                ] {
                    text = text
                        .replace(&format!("\"{member}\":\"{NOTHING}\""), &format!("\"{member}\":\"{}\"", ours[noun]));
                }
                (kind, text.replace(&format!("[\"{NOTHING}\"]"), &format!("[\"{}\"]", ours["households"])).into_bytes())
            });
            let names_ours = about_ours
                || sent.as_ref().is_some_and(|(_, bytes)| {
                    let text = String::from_utf8_lossy(bytes);
                    ours.values().any(|id| text.contains(id.as_str()))
                });
            let (status, said) = client.send(method, &format!("{}{address}", office.base()), sent).unwrap();
            let said = String::from_utf8_lossy(&said);
            asked += 1;
            named += usize::from(names_ours);
            let told = ours.iter().find(|(noun, id)| **noun != "agencies" && said.contains(id.as_str()));
            // Whoever signs in is nobody where a device alone is heard.
            let refused = matches!(status, 400 | 403 | 404 | 422) || *roles == DEVICE && status == 401;
            if status >= 500 || names_ours && !refused || status < 400 && told.is_some() {
                faults.push(format!(
                    "{call} as their {role}: {status}: told {told:?}: {}",
                    &said.chars().take(160).collect::<String>()
                ));
            }
        }
    }
    assert!(faults.is_empty(), "{} of {asked}:\n{}", faults.len(), faults.join("\n"));
    assert!(named > 700, "only {named} of {asked} calls named something of ours");
    let mut after = office.get("finance", &format!("/rounds/{}/reconciliation", ours["rounds"])).body;
    after["as_of"] = before["as_of"].clone();
    assert_eq!(before, after);
}
