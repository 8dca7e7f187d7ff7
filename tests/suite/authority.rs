//! Who may call what: one table of every call of the API × the roles that may make it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::harness::client::{Client, form};
use crate::harness::installation::Installation;
use crate::openapi::undescribed;

const OFFICE: [&str; 8] =
    ["admin", "registrar", "verifier", "issuer", "coordinator", "storekeeper", "finance", "auditor"];
const OPERATOR: &str = "operator";
const NOBODY: &str = "nobody";

/// Everyone who is signed in.
const ALL: &str = "admin registrar verifier issuer coordinator operator storekeeper finance auditor";
/// Also who is not signed in.
pub(crate) const PUBLIC: &str = "public";

/// A device with a token of its own, and no person.
pub(crate) const DEVICE: &str = "device";

/// Each call, and the roles that may make it. Deliberately written out here once more, and not taken from
/// the program: a right that is given away by a slip in its table must show.
pub(crate) const TABLE: &[(&str, &str)] = &[
    ("GET /.well-known/jwks.json", PUBLIC),
    ("GET /.well-known/salur-keys.json", PUBLIC),
    ("GET /healthz", PUBLIC),
    ("GET /metrics", PUBLIC),
    ("GET /readyz", PUBLIC),
    ("POST /api/v1/sessions", PUBLIC),
    ("GET /api/v1/sessions/current", ALL),
    ("DELETE /api/v1/sessions/current", ALL),
    ("GET /api/v1/sessions", ALL),
    ("DELETE /api/v1/sessions/{id}", ALL),
    ("GET /api/v1/account/second-factor", ALL),
    ("POST /api/v1/account/second-factor", ALL),
    ("POST /api/v1/account/second-factor/confirm", ALL),
    ("POST /api/v1/account/second-factor/remove", ALL),
    ("PUT /api/v1/account/password", ALL),
    ("GET /api/v1/invitations", "admin"),
    ("POST /api/v1/invitations", "admin"),
    ("DELETE /api/v1/invitations/{id}", "admin"),
    ("POST /api/v1/invitations/accept", PUBLIC),
    ("GET /api/v1/trail", "admin auditor"),
    ("POST /api/v1/breach-reports", "admin auditor"),
    ("POST /api/v1/households/{id}/unmask", "registrar verifier"),
    ("GET /api/v1/keys", "admin issuer"),
    ("GET /api/v1/keys/{kid}/vouchers", "admin issuer"),
    ("GET /api/v1/key-requests", "admin issuer"),
    ("POST /api/v1/key-requests", "admin issuer"),
    ("POST /api/v1/key-requests/{id}/approve", "admin issuer"),
    ("GET /api/v1/retention", "admin"),
    // Nobody has asked yet, so that the one administrator agrees to nothing and is not refused.
    ("POST /api/v1/retention/erasures/agree", "admin"),
    ("POST /api/v1/retention/erasures", "admin"),
    ("GET /api/v1/legal-holds", "admin auditor"),
    ("POST /api/v1/legal-holds", "admin"),
    ("POST /api/v1/legal-holds/{id}/lift", "admin"),
    ("GET /api/v1/tokens", "admin"),
    ("POST /api/v1/tokens", "admin"),
    ("DELETE /api/v1/tokens/{id}", "admin"),
    ("GET /api/v1/agencies", ALL),
    ("POST /api/v1/agencies", "admin"),
    ("GET /api/v1/agencies/{id}", ALL),
    ("GET /api/v1/users", "admin auditor"),
    ("POST /api/v1/users", "admin"),
    ("GET /api/v1/users/{id}", "admin auditor"),
    ("PATCH /api/v1/users/{id}", "admin"),
    ("GET /api/v1/unconfirmed-users", "admin finance"),
    ("POST /api/v1/users/{id}/confirm", "admin finance"),
    ("GET /api/v1/access-report", "admin auditor"),
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
    ("POST /api/v1/rounds/{id}/expire", "coordinator finance"),
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
    ("GET /api/v1/devices/{id}/leases", "admin coordinator auditor"),
    ("PUT /api/v1/devices/{id}/brake", "admin coordinator"),
    ("POST /api/v1/devices/{id}/write-off", "admin coordinator"),
    ("POST /api/v1/devices/{id}/write-off/agree", "admin coordinator"),
    ("POST /api/v1/enrolments", "admin coordinator"),
    ("POST /api/v1/devices/enrol", PUBLIC),
    ("GET /api/v1/devices/me", DEVICE),
    ("POST /api/v1/devices/me/operators", DEVICE),
    ("POST /api/v1/devices/me/reports", DEVICE),
    ("GET /api/v1/devices/me/home-deliveries", DEVICE),
    ("POST /api/v1/journals", "admin coordinator"),
    ("POST /api/v1/leases", DEVICE),
    ("POST /api/v1/leases/{id}/return", DEVICE),
    ("POST /api/v1/sync", DEVICE),
    ("GET /api/v1/recovery", "admin coordinator auditor"),
    ("GET /api/v1/exposure", "admin coordinator auditor"),
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
    ("GET /api/v1/rounds/{id}/reconciliation.pdf", "finance auditor admin"),
    ("GET /api/v1/rounds/{id}/reconciliation.xlsx", "finance auditor admin"),
    ("GET /api/v1/rounds/{id}/documents", "coordinator finance auditor issuer"),
    ("POST /api/v1/rounds/{id}/documents", "coordinator finance"),
    ("GET /api/v1/rounds/{id}/pack.zip", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}.pdf", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}.xlsx", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}.csv", "coordinator finance auditor issuer"),
    ("GET /api/v1/documents/{id}.json", "coordinator finance auditor issuer"),
    ("POST /api/v1/documents/{id}/full", "finance"),
    ("GET /api/v1/rules", "admin coordinator finance auditor"),
    ("PUT /api/v1/rules", "admin"),
    ("GET /api/v1/signatures", "admin"),
    ("PUT /api/v1/signatures/{kind}", "admin"),
    ("GET /api/v1/rounds/{id}/bundles", "issuer coordinator finance auditor"),
    ("POST /api/v1/rounds/{id}/bundles", "issuer"),
    ("POST /api/v1/bundles/{id}/steps", "coordinator"),
    ("GET /api/v1/rounds/{id}/reprints", "issuer coordinator finance auditor"),
    ("POST /api/v1/entitlements/{id}/reprint-requests", "coordinator operator"),
    ("GET /api/v1/entitlements/{id}/exceptions", "issuer coordinator finance auditor"),
    ("POST /api/v1/entitlements/{id}/exceptions", "issuer coordinator"),
    ("GET /api/v1/rounds/{id}/exceptions", "issuer coordinator finance auditor"),
    ("GET /api/v1/exceptions/{id}", "issuer coordinator finance auditor"),
    ("POST /api/v1/exceptions/{id}/decision", "issuer"),
    ("POST /api/v1/entitlements/{id}/absences", "coordinator"),
    ("GET /api/v1/cases", "coordinator finance auditor admin"),
    ("POST /api/v1/cases", "operator coordinator storekeeper registrar finance"),
    ("GET /api/v1/cases/{id}", "coordinator finance auditor admin"),
    ("POST /api/v1/cases/{id}/steps", "coordinator finance"),
    ("GET /api/v1/stock", "storekeeper coordinator finance auditor admin"),
    ("GET /api/v1/programmes/{id}/contracts", "storekeeper coordinator finance auditor admin"),
    ("POST /api/v1/programmes/{id}/contracts", "finance"),
    ("POST /api/v1/contracts/{id}/deliveries", "storekeeper"),
    ("POST /api/v1/contracts/{id}/invoices", "finance"),
    ("GET /api/v1/rounds/{id}/shipments", "storekeeper coordinator finance auditor admin"),
    ("POST /api/v1/rounds/{id}/shipments", "storekeeper coordinator operator"),
    ("POST /api/v1/shipments/{id}/receipt", "storekeeper coordinator operator"),
    ("GET /api/v1/rounds/{id}/stock-entries", "storekeeper coordinator finance auditor admin"),
    ("POST /api/v1/rounds/{id}/stock-entries", "storekeeper coordinator operator"),
    ("POST /api/v1/stock-entries/{id}/agree", "finance"),
    ("POST /api/v1/rounds/{id}/stock-counts", "storekeeper coordinator operator"),
    ("GET /api/v1/programmes/{id}/treasury", "finance auditor admin"),
    ("POST /api/v1/invoices/{id}/withdrawals", "finance"),
    ("POST /api/v1/invoice-withdrawals/{id}/agree", "coordinator finance"),
    ("POST /api/v1/invoice-withdrawals/{id}/refuse", "coordinator finance"),
    ("POST /api/v1/programmes/{id}/payments", "finance"),
    ("POST /api/v1/payments/{id}/match", "finance"),
    ("GET /api/v1/closings", "coordinator finance auditor admin"),
    ("GET /api/v1/closings/{id}", "coordinator finance auditor admin"),
    ("GET /api/v1/closings/{id}.pdf", "coordinator finance auditor admin"),
    ("GET /api/v1/closings/{id}.xlsx", "coordinator finance auditor admin"),
    ("GET /api/v1/closings/{id}.csv", "coordinator finance auditor admin"),
    ("GET /api/v1/closings/{id}.json", "coordinator finance auditor admin"),
    ("GET /api/v1/rounds/{id}/addenda", "coordinator finance auditor admin"),
    ("POST /api/v1/rounds/{id}/addenda", "coordinator finance"),
    ("POST /api/v1/rounds/{id}/closings", "coordinator finance"),
    ("POST /api/v1/closings/{id}/sign", "coordinator finance"),
    ("POST /api/v1/closings/{id}/addenda", "coordinator finance"),
    ("POST /api/v1/rounds/{id}/pattern-checks", "coordinator finance"),
    ("GET /api/v1/rounds/{id}/dashboard", "finance auditor admin"),
    ("GET /api/v1/rounds/{id}/spot-checks", "auditor finance"),
    ("POST /api/v1/rounds/{id}/spot-checks", "auditor"),
    ("PUT /api/v1/spot-checks/{id}/lines/{position}", "auditor"),
];

/// A body that the call can read, though what it names is mostly not there.
pub(crate) fn body(call: &str, installation: &Installation, who: &str) -> Option<(&'static str, Vec<u8>)> {
    let nothing = NOTHING;
    let json: Value = match call {
        "POST /api/v1/sessions" => {
            installation.credentials(if [NOBODY, DEVICE].contains(&who) { "admin" } else { who })
        }
        "POST /api/v1/account/second-factor/confirm" | "POST /api/v1/account/second-factor/remove" => {
            json!({ "code": "000000" })
        }
        "POST /api/v1/account/second-factor" => json!({ "password": "salur-demo-2026" }),
        "PUT /api/v1/account/password" => json!({ "old": "not the one", "new": "a long password" }),
        "POST /api/v1/invitations" => json!({ "name": "A. New", "role": "auditor" }),
        "POST /api/v1/invitations/accept" => {
            json!({ "code": "salur_none", "username": "new-one", "password": "a long password" })
        }
        "POST /api/v1/breach-reports" => {
            json!({ "since": "2026-12-07T08:00:00+08:00", "until": "2026-12-08T08:00:00+08:00" })
        }
        "POST /api/v1/households/{id}/unmask" => json!({ "reason": "a test" }),
        "POST /api/v1/key-requests" => json!({ "kid": "AAAAAA", "reason": "a test" }),
        "POST /api/v1/retention/erasures" | "POST /api/v1/retention/erasures/agree" => json!({ "expected": 0 }),
        "POST /api/v1/legal-holds" => json!({ "document_no": "1", "reason": "a test" }),
        "PATCH /api/v1/users/{id}" => json!({ "enabled": true }),
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
        "POST /api/v1/enrolments" => json!({ "name": "A scanner", "point_id": nothing }),
        "PUT /api/v1/devices/{id}/brake" => json!({ "packages": 40 }),
        "POST /api/v1/devices/{id}/write-off" => json!({ "reason": "a test" }),
        "POST /api/v1/devices/enrol" => {
            json!({ "code": "0000-0000-00", "public_key": "", "tier": "software", "proof": "" })
        }
        "POST /api/v1/devices/me/operators" => json!({ "username": "nobody", "password": "nothing" }),
        "POST /api/v1/devices/me/reports" => {
            json!({ "id": nothing, "kind": "complaint", "operator": nothing, "text": "a test", "at_ms": 0 })
        }
        "POST /api/v1/journals" => return Some(("application/octet-stream", b"no journal".to_vec())),
        "POST /api/v1/leases" => json!({}),
        "POST /api/v1/leases/{id}/return" => json!({ "returns": "AA" }),
        "POST /api/v1/sync" => {
            let empty = salur::token::parcel::Parcel::default().encode();
            return Some(("application/cbor", empty));
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
        "POST /api/v1/documents/{id}/full" => json!({ "form": "pdf", "reason": "a test" }),
        "PUT /api/v1/rules" => {
            json!({ "proxy_times": 5, "proxy_percent": 10, "scans_per_minute": 6, "stop_when_empty": false })
        }
        "PUT /api/v1/signatures/{kind}" => json!([{ "caption": "", "title": "PPTK", "name": "", "name_no": "" }]),
        "POST /api/v1/bundles/{id}/steps" => json!({ "step": "handed", "holder": "Ketua RT 001" }),
        "POST /api/v1/entitlements/{id}/reprint-requests" => json!({ "cause": "lost", "reason": "a test" }),
        "POST /api/v1/entitlements/{id}/exceptions" => json!({ "reason": "a test" }),
        "POST /api/v1/exceptions/{id}/decision" => json!({ "approve": true }),
        "POST /api/v1/programmes/{id}/contracts" => json!({ "number": "1", "supplier": "a test",
            "signed_on": "2026-10-01", "price_evidence": "SHS", "lines": [{ "item": "beras", "quantity": 1000, "pack_price_minor": 1 }] }),
        "POST /api/v1/contracts/{id}/deliveries" => json!({ "document_no": "1", "delivered_on": "2026-11-01",
            "lines": [{ "item": "beras", "good": 1000 }] }),
        "POST /api/v1/contracts/{id}/invoices" => json!({ "number": "1", "dated_on": "2026-11-01", "amount_minor": 1 }),
        // From a place to itself: whoever keeps goods is told so, and nobody else is.
        "POST /api/v1/rounds/{id}/shipments" => {
            json!({ "lines": [{ "item": "beras", "quantity": 1 }], "vehicle": "a boat", "driver": "a test" })
        }
        "POST /api/v1/shipments/{id}/receipt" => json!({ "lines": [] }),
        "POST /api/v1/rounds/{id}/stock-entries" => {
            json!({ "point": "NO-99", "item": "beras", "kind": "lost", "quantity": 1, "reason": "a test" })
        }
        "POST /api/v1/rounds/{id}/stock-counts" => json!({ "point": "NO-99", "item": "beras", "counted": 1 }),
        "POST /api/v1/programmes/{id}/payments" => {
            return Some(form("sp2d.csv", b"no_sp2d,tanggal,nilai\n1,2026-11-01,1\n"));
        }
        "POST /api/v1/payments/{id}/match" => json!({ "invoice_id": nothing }),
        "POST /api/v1/rounds/{id}/closings" => json!({}),
        "POST /api/v1/invoices/{id}/withdrawals" => json!({ "reason": "salah jumlah" }),
        "POST /api/v1/rounds/{id}/spot-checks" => json!({ "size": 1 }),
        "PUT /api/v1/spot-checks/{id}/lines/{position}" => json!({ "found": "right" }),
        "POST /api/v1/cases" => json!({ "kind": "complaint", "detail": "a test" }),
        "POST /api/v1/cases/{id}/steps" => json!({ "step": "note", "text": "a test" }),
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

pub(crate) const NOTHING: &str = "00000000-0000-7000-8000-000000000000";

/// The address of a call: a round is the real one, so that who may see it sees it; the rest is not there.
fn address(call: &str, base: &str, installation: &Installation) -> String {
    let path = call.split_once(' ').unwrap().1;
    let id = if path.contains("/rounds/") { installation.round() } else { NOTHING };
    let query = match call {
        "POST /api/v1/intakes" => format!("?programme={NOTHING}"),
        _ if path.contains("/difference") => format!("?from={NOTHING}"),
        _ => String::new(),
    };
    format!(
        "{base}{}{query}",
        path.replace("{id}", id)
            .replace("{point}", NOTHING)
            .replace("{position}", "1")
            .replace("{kind}", "handover")
            .replace("{kid}", "AAAAAA")
    )
}

/// What is wrong with an answer, if anything is.
fn fault(roles: &str, who: &str, status: u16) -> Option<&'static str> {
    let may = roles == PUBLIC || roles.split(' ').any(|role| role == who);
    // A device may sign an operator in, and mistype.
    if who == DEVICE && may && status == 401 {
        return None;
    }
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
    let known: BTreeSet<&str> = OFFICE.into_iter().chain([OPERATOR, PUBLIC, DEVICE]).collect();
    let written: BTreeSet<&str> = TABLE.iter().flat_map(|(_, roles)| roles.split(' ')).collect();
    assert!(written.is_subset(&known), "roles that are none: {written:?}");
}

#[test]
fn each_role_is_answered_where_the_table_says_so_and_refused_everywhere_else() {
    let installation = Installation::demo(40, 3);
    let server = installation.serve();
    // Strangers are held back after so many calls a minute: each server sees only a part of theirs.
    let strangers: Vec<_> = TABLE.chunks(80).map(|_| installation.serve()).collect();
    let desk = installation.vouchers(server.base())[0].point.clone();
    let mut callers: Vec<(&str, Client)> =
        OFFICE.into_iter().map(|role| (role, Client::new(installation.token(role)))).collect();
    callers.push((OPERATOR, Client::new(installation.device_token(&desk))));
    callers.push((NOBODY, Client::new("")));
    let description = serde_json::to_value(salur::http::openapi()).unwrap();
    let mut faults = Vec::new();
    let mut answered = BTreeSet::new();
    let device = enrolled(&installation, server.base(), &desk);
    for (number, (call, roles)) in TABLE.iter().enumerate() {
        let method = call.split_once(' ').unwrap().0;
        let device = (DEVICE, device.clone());
        for (who, client) in callers.iter().chain([&device]) {
            let base = if *who == NOBODY { strangers[number / 80].base() } else { server.base() };
            let to = address(call, base, &installation);
            let (status, said) = client.send(method, &to, body(call, &installation, who)).unwrap();
            if let Ok(answer) = serde_json::from_slice(&said) {
                let odd = undescribed(&description, call, status, &answer);
                faults.extend(odd.iter().map(|odd| format!("{call} as {who}: {status}: {odd}: {answer}")));
            }
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
    assert_eq!(answered.len(), 86, "calls that somebody got an answer from: {answered:?}");
}

/// An address, and what is sent there.
type Ask = (String, Option<(&'static str, Vec<u8>)>);

/// Bodies that no call takes.
fn broken() -> [(&'static str, Vec<u8>); 4] {
    [
        ("application/json", b"{".to_vec()),
        ("application/json", Vec::new()),
        ("application/json", b"[1]".to_vec()),
        ("text/plain", b"nothing".to_vec()),
    ]
}

#[test]
fn whoever_may_not_make_a_call_hears_that_and_not_what_is_wrong_with_it() {
    let installation = Installation::demo(40, 3);
    let server = installation.serve();
    let desk = installation.vouchers(server.base())[0].point.clone();
    let mut callers: Vec<(&str, Client)> =
        OFFICE.into_iter().map(|role| (role, Client::new(installation.token(role)))).collect();
    callers.push((OPERATOR, Client::new(installation.device_token(&desk))));
    callers.push((DEVICE, enrolled(&installation, server.base(), &desk)));
    callers.push((NOBODY, Client::new("")));
    let mut faults = Vec::new();
    let (mut refused, mut heard) = (0, 0);
    for (call, roles) in TABLE.iter().filter(|(_, roles)| *roles != PUBLIC) {
        let method = call.split_once(' ').unwrap().0;
        let path = address(call, server.base(), &installation);
        let asks: Vec<Ask> = if method == "GET" {
            let (path, mark) = (path.as_str(), if path.contains('?') { "&" } else { "?" });
            let odd = path.replace(installation.round(), "none").replace(NOTHING, "none");
            vec![(format!("{path}{mark}limit=x&after=x&nothing=1"), None), (odd, None)]
        } else {
            broken().into_iter().map(|body| (path.clone(), Some(body))).collect()
        };
        for (who, client) in &callers {
            let may = roles.split(' ').any(|role| role == *who);
            // What they may, they may not do here: a sign-in would end that the next call needs.
            if may && method != "GET" && body(call, &installation, who).is_none() {
                continue;
            }
            for (to, body) in &asks {
                let (status, said) = client.send(method, to, body.clone()).unwrap();
                let said: Value = serde_json::from_slice(&said).unwrap_or_default();
                let expected = if *who == NOBODY { 401 } else { 403 };
                let right = match may {
                    false => status == expected && (*who == NOBODY || said["code"] == "forbidden"),
                    true => status != 401 && said["code"] != "forbidden" && status < 500,
                };
                refused += usize::from(!may);
                heard += usize::from(may && status == 400);
                if !right {
                    faults.push(format!("{call} as {who}: {status} {said} to {:?}", body.as_ref().map(|body| &body.1)));
                }
            }
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}\n{}", faults.len(), faults.join("\n"), server.log());
    // Were nothing wrong with the bodies, the refusals would show little.
    assert!(refused > 4_000 && heard > 300, "{refused} refused, {heard} of those who may were told what is wrong");
}

/// A device that was taken in.
fn enrolled(installation: &Installation, base: &str, desk: &str) -> Client {
    let coordinator = Client::new(installation.token("coordinator"));
    let points = coordinator.get(base, "/points?limit=500").unwrap().body;
    let point = points["items"].as_array().unwrap().iter().find(|point| point["code"] == desk).unwrap()["id"].clone();
    let invited = coordinator.post(base, "/enrolments", &json!({ "name": "A scanner", "point_id": point })).unwrap();
    let key = salur::token::SigningKey::from_seed(&[1; 32]);
    let wish = crate::harness::handset::enrolment(&key, invited.body["code"].as_str().unwrap());
    let made = Client::new("").post(base, "/devices/enrol", &wish).unwrap();
    Client::new(made.body["token"].as_str().unwrap_or_else(|| panic!("no token: {}", made.body)))
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
    assert!(fault(DEVICE, OPERATOR, 401).is_some());
    assert!(fault("issuer", DEVICE, 401).is_some());
}
