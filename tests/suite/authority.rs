//! Who may call what: one table of every call of the API × the roles that may make it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::client::{Client, form};
use crate::harness::installation::Installation;

const OFFICE: [&str; 8] =
    ["admin", "registrar", "verifier", "issuer", "coordinator", "storekeeper", "finance", "auditor"];
const OPERATOR: &str = "operator";
const NOBODY: &str = "nobody";

/// Everyone who is signed in.
const ALL: &str = "admin registrar verifier issuer coordinator operator storekeeper finance auditor";
/// Also who is not signed in.
const PUBLIC: &str = "public";

/// Each call, and the roles that may make it. Deliberately written out here once more, and not taken from
/// the program: a right that is given away by a slip in its table must show.
const TABLE: &[(&str, &str)] = &[
    ("GET /.well-known/jwks.json", PUBLIC),
    ("GET /healthz", PUBLIC),
    ("GET /metrics", PUBLIC),
    ("GET /readyz", PUBLIC),
    ("POST /api/v1/sessions", PUBLIC),
    ("GET /api/v1/sessions/current", ALL),
    ("DELETE /api/v1/sessions/current", ALL),
    ("POST /api/v1/tokens", "admin"),
    ("DELETE /api/v1/tokens/{id}", "admin"),
    ("GET /api/v1/agencies", ALL),
    ("POST /api/v1/agencies", "admin"),
    ("GET /api/v1/agencies/{id}", ALL),
    ("GET /api/v1/users", "admin auditor"),
    ("POST /api/v1/users", "admin"),
    ("GET /api/v1/users/{id}", "admin auditor"),
    ("GET /api/v1/programmes", ALL),
    ("POST /api/v1/programmes", "admin"),
    ("GET /api/v1/programmes/{id}", ALL),
    ("GET /api/v1/programmes/{id}/budget", ALL),
    ("GET /api/v1/programmes/{id}/budget-revisions", ALL),
    ("POST /api/v1/programmes/{id}/budget-revisions", "admin"),
    ("POST /api/v1/programmes/{id}/placements", "coordinator"),
    ("GET /api/v1/programmes/{id}/overlaps", "registrar verifier coordinator auditor"),
    ("GET /api/v1/packages", ALL),
    ("POST /api/v1/packages", "admin"),
    ("GET /api/v1/packages/{id}", ALL),
    ("GET /api/v1/points", ALL),
    ("POST /api/v1/points", "admin"),
    ("GET /api/v1/points/{id}", ALL),
    ("PATCH /api/v1/points/{id}", "admin"),
    ("GET /api/v1/rounds", ALL),
    ("POST /api/v1/rounds", "admin"),
    ("GET /api/v1/rounds/{id}", ALL),
    ("POST /api/v1/rounds/{id}/issue", "issuer"),
    ("GET /api/v1/rounds/{id}/windows", ALL),
    ("PUT /api/v1/rounds/{id}/points/{point}/window", "coordinator"),
    ("GET /api/v1/rounds/{id}/sessions", ALL),
    ("PUT /api/v1/rounds/{id}/points/{point}/sessions", "coordinator"),
    ("POST /api/v1/rounds/{id}/points/{point}/sessions", "coordinator"),
    ("GET /api/v1/rounds/{id}/entitlements", "registrar verifier coordinator auditor"),
    ("GET /api/v1/pauses", ALL),
    ("POST /api/v1/pauses", "admin coordinator"),
    ("POST /api/v1/pauses/{id}/resume", "admin coordinator"),
    ("GET /api/v1/devices", "admin coordinator auditor"),
    ("POST /api/v1/devices", "admin coordinator"),
    ("GET /api/v1/devices/{id}", "admin coordinator auditor"),
    ("DELETE /api/v1/devices/{id}", "admin coordinator"),
    ("GET /api/v1/households", "registrar verifier coordinator auditor"),
    ("POST /api/v1/households", "registrar"),
    ("GET /api/v1/households/{id}", "registrar verifier coordinator auditor"),
    ("GET /api/v1/households/{id}/history", "registrar verifier coordinator auditor"),
    ("POST /api/v1/households/searches", "registrar verifier coordinator auditor"),
    ("POST /api/v1/households/{id}/move", "coordinator"),
    ("GET /api/v1/intakes", "registrar verifier auditor"),
    ("POST /api/v1/intakes", "registrar"),
    ("GET /api/v1/intakes/{id}", "registrar verifier auditor"),
    ("POST /api/v1/intakes/{id}/apply", "verifier"),
    ("POST /api/v1/intakes/{id}/discard", "registrar"),
    ("GET /api/v1/intakes/{id}/reasons.csv", "registrar verifier"),
    ("GET /api/v1/intakes/{id}/reasons.xlsx", "registrar verifier"),
    ("GET /api/v1/intakes/{id}/spellings", "registrar verifier auditor"),
    ("POST /api/v1/intakes/{id}/spellings", "registrar"),
    ("GET /api/v1/intakes/template.xlsx", "registrar verifier auditor"),
    ("GET /api/v1/places", ALL),
    ("POST /api/v1/places", "admin registrar"),
    ("GET /api/v1/places/aliases", ALL),
    ("POST /api/v1/places/aliases/forget", "admin registrar"),
    ("GET /api/v1/programmes/{id}/beneficiaries", "registrar verifier coordinator auditor"),
    ("POST /api/v1/programmes/{id}/decisions", "verifier"),
    ("GET /api/v1/programmes/{id}/standing", ALL),
    ("GET /api/v1/households/{id}/decisions", "registrar verifier coordinator auditor"),
    ("GET /api/v1/programmes/{id}/suspicions", "registrar verifier coordinator auditor"),
    ("POST /api/v1/programmes/{id}/suspicions", "verifier"),
    ("POST /api/v1/suspicions/{id}/decide", "verifier"),
    ("GET /api/v1/programmes/{id}/lists", "registrar verifier coordinator auditor"),
    ("POST /api/v1/programmes/{id}/lists", "verifier"),
    ("GET /api/v1/lists/{id}", "registrar verifier coordinator auditor"),
    ("GET /api/v1/lists/{id}/households", "registrar verifier coordinator auditor"),
    ("GET /api/v1/lists/{id}/annex.csv", "registrar verifier coordinator auditor"),
    ("GET /api/v1/lists/{id}/annex.xlsx", "registrar verifier coordinator auditor"),
    ("GET /api/v1/lists/{id}/difference", "registrar verifier coordinator auditor"),
    ("GET /api/v1/lists/{id}/difference.csv", "registrar verifier coordinator auditor"),
    ("GET /api/v1/programmes/{id}/substitutions", "registrar verifier coordinator auditor"),
    ("POST /api/v1/programmes/{id}/substitutions", "registrar"),
    ("POST /api/v1/substitutions/{id}/approve", "verifier"),
    ("POST /api/v1/substitutions/{id}/refuse", "verifier"),
    ("GET /api/v1/rounds/{id}/vouchers", "issuer"),
    ("GET /api/v1/rounds/{id}/vouchers.pdf", "issuer"),
    ("GET /api/v1/entitlements/{id}", "registrar verifier coordinator auditor"),
    ("POST /api/v1/entitlements/{id}/hold", "coordinator"),
    ("POST /api/v1/entitlements/{id}/release", "coordinator"),
    ("GET /api/v1/jobs/{id}", "issuer"),
    ("DELETE /api/v1/jobs/{id}", "issuer"),
    ("GET /api/v1/jobs/{id}/result", "issuer"),
    ("POST /api/v1/entitlements/{id}/reprint", "issuer"),
    ("POST /api/v1/entitlements/{id}/revoke", "coordinator"),
    ("POST /api/v1/verifications", "operator coordinator"),
    ("POST /api/v1/redemptions", "operator"),
    ("GET /api/v1/redemptions/{id}", "operator coordinator finance auditor"),
    ("GET /api/v1/redemptions/{id}/receipt.pdf", "operator coordinator finance auditor"),
    ("GET /api/v1/redemptions/{id}/proof", PUBLIC),
    ("GET /api/v1/log/checkpoint", PUBLIC),
    ("GET /api/v1/log/vkey", PUBLIC),
    ("GET /api/v1/log/tile/{path}", PUBLIC),
    ("GET /api/v1/entitlements/{id}/log", "auditor admin"),
    ("GET /api/v1/devices/{id}/log", "auditor admin"),
    ("GET /api/v1/users/{id}/log", "auditor admin"),
    ("GET /api/v1/rounds/{id}/reconciliation", "finance auditor admin"),
    ("GET /api/v1/rounds/{id}/reconciliation.csv", "finance auditor admin"),
    ("GET /api/v1/rounds/{id}/reconciliation.json", "finance auditor admin"),
    ("GET /api/v1/rounds/{id}/documents", "coordinator finance auditor issuer"),
    ("POST /api/v1/rounds/{id}/documents", "coordinator finance"),
    ("GET /api/v1/documents/{id}", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}.pdf", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}.xlsx", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}.csv", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}.json", "coordinator finance auditor issuer"),
    ("GET /api/v1/signatures", "admin"),
    ("PUT /api/v1/signatures/{kind}", "admin"),
    ("GET /api/v1/rounds/{id}/bundles", "issuer coordinator finance auditor"),
    ("POST /api/v1/rounds/{id}/bundles", "issuer"),
    ("POST /api/v1/bundles/{id}/steps", "coordinator"),
    ("GET /api/v1/rounds/{id}/reprints", "issuer coordinator finance auditor"),
    ("POST /api/v1/entitlements/{id}/reprint-requests", "coordinator operator"),
    ("POST /api/v1/entitlements/{id}/absences", "coordinator"),
];

/// A body that the call can read, though what it names is mostly not there.
fn body(call: &str, installation: &Installation, who: &str) -> Option<(&'static str, Vec<u8>)> {
    let nothing = NOTHING;
    let json: Value = match call {
        "POST /api/v1/sessions" => installation.credentials(if who == NOBODY { "admin" } else { who }),
        "POST /api/v1/tokens" => json!({ "user_id": nothing, "name": "a test" }),
        "POST /api/v1/agencies" => json!({ "code": "LAIN", "government": "Kota Contoh", "name": "Dinas Sosial",
            "hotline": "0541", "admin_username": "another", "admin_name": "Another", "admin_password": "a long password" }),
        "POST /api/v1/users" => {
            json!({ "username": "new-auditor", "name": "A. New", "role": "auditor", "password": "a long password" })
        }
        "POST /api/v1/programmes" => json!({ "code": "P-NEW", "name": "A programme", "ceiling_minor": 1 }),
        "POST /api/v1/packages" => json!({ "programme_id": nothing, "code": "A", "name": "A package", "items": [
            { "code": "beras", "name": "Beras", "unit": "gram", "quantity": 1000, "pack_name": "kg", "pack_size": 1000,
              "pack_price_minor": 15_000 }] }),
        "POST /api/v1/points" => json!({ "code": "NEW-01", "name": "A point", "sub_district": "TENGGARONG" }),
        "POST /api/v1/rounds" => {
            json!({ "programme_id": nothing, "number": 1, "name": "A round", "package_id": nothing,
            "opens_at": "2026-12-07T08:00:00+08:00", "closes_at": "2026-12-08T08:00:00+08:00" })
        }
        "POST /api/v1/devices" => json!({ "name": "A desk", "point_id": nothing }),
        "POST /api/v1/households/searches" => json!({ "q": "rusmini" }),
        "POST /api/v1/households" => json!({ "programme_id": nothing, "cells": { "id_sumber": "X-1" } }),
        "POST /api/v1/programmes/{id}/budget-revisions" => json!({ "ceiling_minor": 1, "document_no": "1",
            "document_date": "2026-12-01", "reason": "a test" }),
        "POST /api/v1/programmes/{id}/placements" => json!({ "dry_run": true }),
        "PATCH /api/v1/points/{id}" => json!({}),
        "PUT /api/v1/rounds/{id}/points/{point}/window" => json!({ "opens_at": "2026-12-07T08:00:00+08:00",
            "closes_at": "2026-12-08T08:00:00+08:00", "reason": "a test" }),
        "PUT /api/v1/rounds/{id}/points/{point}/sessions" => json!({ "sessions": [] }),
        "POST /api/v1/rounds/{id}/points/{point}/sessions" => {
            json!({ "first_day": "2026-12-07", "days": 1, "starts_minute": 480, "minutes": 60, "per_day": 1 })
        }
        "POST /api/v1/pauses" => {
            json!({ "scope": "programme", "object_id": nothing, "letter_no": "1", "reason": "a test" })
        }
        "POST /api/v1/pauses/{id}/resume" => json!({ "letter_no": "1" }),
        "POST /api/v1/households/{id}/move" => {
            json!({ "programme_id": nothing, "point_id": nothing, "session_no": 1, "reason": "a test" })
        }
        "POST /api/v1/entitlements/{id}/hold"
        | "POST /api/v1/entitlements/{id}/release"
        | "POST /api/v1/entitlements/{id}/reprint"
        | "POST /api/v1/entitlements/{id}/revoke" => {
            json!({ "reason": "a test" })
        }
        "POST /api/v1/rounds/{id}/documents" => json!({ "kind": "register" }),
        "PUT /api/v1/signatures/{kind}" => json!([{ "caption": "", "title": "PPTK", "name": "", "name_no": "" }]),
        "POST /api/v1/bundles/{id}/steps" => json!({ "step": "handed", "holder": "Ketua RT 001" }),
        "POST /api/v1/entitlements/{id}/reprint-requests" => json!({ "cause": "lost", "reason": "a test" }),
        "POST /api/v1/entitlements/{id}/absences" => json!({ "reason": "ill" }),
        "POST /api/v1/programmes/{id}/decisions" => json!({ "households": [nothing], "standing": "approved" }),
        "POST /api/v1/suspicions/{id}/decide" => json!({ "state": "different" }),
        "POST /api/v1/programmes/{id}/lists" => json!({ "decree_no": "460/1/2026", "decree_date": "2026-11-24" }),
        "POST /api/v1/programmes/{id}/substitutions" => {
            json!({ "old_household_id": nothing, "new_household_id": nothing, "reason": "deceased",
            "statement_no": "SPTJM 1", "statement_date": "2026-11-24" })
        }
        "POST /api/v1/substitutions/{id}/refuse" => json!({ "reason": "a test" }),
        "POST /api/v1/verifications" => json!({ "code": "no code of ours" }),
        "POST /api/v1/redemptions" => json!({ "id": nothing, "code": "no code of ours" }),
        "POST /api/v1/intakes" => return Some(form("rows.csv", b"id_sumber,nama_penerima\nX-1,A. NAME\n")),
        "POST /api/v1/places" => return Some(form("places.csv", b"kode_desa,kecamatan\n")),
        "POST /api/v1/places/aliases/forget" => json!({ "sub_district": "X" }),
        "POST /api/v1/intakes/{id}/spellings" => json!({ "spellings": [] }),
        _ => return None,
    };
    Some(("application/json", json.to_string().into_bytes()))
}

const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

/// The address of a call: a round is the real one, so that who may see it sees it; the rest is not there.
fn address(call: &str, base: &str, installation: &Installation) -> String {
    let path = call.split_once(' ').unwrap().1;
    let id = if path.contains("/rounds/") { installation.round() } else { NOTHING };
    let query = match call {
        "POST /api/v1/intakes" => format!("?programme={NOTHING}"),
        _ if path.contains("/difference") => format!("?from={NOTHING}"),
        _ => String::new(),
    };
    format!("{base}{}{query}", path.replace("{id}", id).replace("{point}", NOTHING).replace("{kind}", "handover"))
}

/// What is wrong with an answer, if anything is.
fn fault(roles: &str, who: &str, status: u16) -> Option<&'static str> {
    let may = roles == PUBLIC || roles.split(' ').any(|role| role == who);
    match status {
        500.. => Some("a failure"),
        400 | 405 | 415 | 429 => Some("the test's own request is wrong"),
        401 if who != NOBODY => Some("somebody signed in is taken for nobody"),
        403 if may => Some("who may is refused"),
        401 if may => Some("who needs no sign-in is asked for one"),
        401 => None,
        _ if who == NOBODY && !may => Some("nobody gets an answer"),
        403 => None,
        _ if !may => Some("who may not gets an answer"),
        _ => None,
    }
}

#[test]
fn every_call_of_the_api_stands_in_the_table_of_who_may_make_it() {
    let description = serde_json::to_value(salur::http::openapi()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        let methods = item.as_object().unwrap().keys().filter(|key| !key.starts_with("param") && *key != "summary");
        described.extend(methods.map(|method| format!("{} {path}", method.to_uppercase())));
    }
    let listed: BTreeSet<String> = TABLE.iter().map(|(call, _)| (*call).to_owned()).collect();
    assert_eq!(described, listed);
    let known: BTreeSet<&str> = OFFICE.into_iter().chain([OPERATOR, PUBLIC]).collect();
    let written: BTreeSet<&str> = TABLE.iter().flat_map(|(_, roles)| roles.split(' ')).collect();
    assert!(written.is_subset(&known), "roles that are none: {written:?}");
}

#[test]
fn each_role_is_answered_where_the_table_says_so_and_refused_everywhere_else() {
    let installation = Installation::demo(40, 3);
    let server = installation.serve();
    let desk = installation.vouchers(server.base())[0].point.clone();
    let mut callers: Vec<(&str, Client)> =
        OFFICE.into_iter().map(|role| (role, Client::new(installation.token(role)))).collect();
    callers.push((OPERATOR, Client::new(installation.device_token(&desk))));
    callers.push((NOBODY, Client::new("")));
    let mut faults = Vec::new();
    let mut answered = BTreeSet::new();
    for (call, roles) in TABLE {
        let method = call.split_once(' ').unwrap().0;
        for (who, client) in &callers {
            let to = address(call, server.base(), &installation);
            let (status, said) = client.send(method, &to, body(call, &installation, who)).unwrap();
            if let Some(fault) = fault(roles, who, status) {
                faults.push(format!("{call} as {who}: {status}: {fault}: {}", String::from_utf8_lossy(&said)));
            }
            if (200..300).contains(&status) {
                answered.insert(call);
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}\n{}", faults.len(), faults.join("\n"), server.log());
    // The calls that name nothing absent. Were one refused to everybody, its line would have shown little.
    assert_eq!(answered.len(), 45, "calls that somebody got an answer from: {answered:?}");
}

#[test]
fn a_token_that_is_none_is_nobody() {
    let installation = Installation::demo(1, 4);
    let server = installation.serve();
    let real = installation.token("auditor");
    let cut = &real[..real.len() - 1];
    for token in ["salur_", "x", cut, &format!("{real}a")] {
        let answer = Client::new(token).get(server.base(), "/sessions/current").unwrap();
        assert_eq!((answer.status, answer.code()), (401, "not_signed_in"), "{token}: {}", answer.body);
    }
    assert_eq!(Client::new(real).get(server.base(), "/sessions/current").unwrap().body["role"], "auditor");
}

#[test]
fn an_answer_that_the_table_does_not_allow_is_noticed() {
    assert!(fault("issuer", "issuer", 403).is_some());
    assert!(fault("issuer", "finance", 200).is_some());
    assert!(fault("issuer", "finance", 404).is_some());
    assert!(fault("issuer", NOBODY, 403).is_some());
    assert!(fault("issuer", NOBODY, 404).is_some());
    assert!(fault("issuer", "issuer", 500).is_some());
    assert!(fault(PUBLIC, NOBODY, 401).is_some());
    assert!(fault("issuer", "issuer", 404).is_none());
    assert!(fault("issuer", "finance", 403).is_none());
    assert!(fault("issuer", NOBODY, 401).is_none());
}
