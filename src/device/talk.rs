//! The conversation with the server, call by call. The device is held only while its file is looked at or
//! changed, never while the wire is waited for: a scan goes on while a sync is on its way.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Deserialize;
use serde_json::{Value, json};

use super::identity::{self, Operator, decode};
use super::install::{Installed, RoundSaid};
use super::journal;
use super::line::{Answer, Body, Line};
use super::redeem::{Outcome, Wish};
use super::scan::Scan;
use super::sync::{Synced, nonce_text};
use super::{Device, Fault};
use crate::domain::id::EntitlementId;
use crate::domain::redemption::Verdict;

/// How many parcels one sync sends at most: with more to tell, the next one goes on.
const PARCELS_MAX: u32 = 200;
/// How many bundles one request for leases fetches at most.
const BUNDLES_MAX: u32 = 200;

/// Which leases are wanted. Left out means any.
#[derive(Debug, Clone, Default)]
pub struct Scope {
    /// Of one round.
    pub round: Option<crate::domain::id::RoundId>,
    /// Of one session.
    pub session: Option<i64>,
    /// Of one desk.
    pub desk: Option<i64>,
    /// These.
    pub entitlements: Vec<EntitlementId>,
    /// At most so many.
    pub limit: Option<u64>,
}

/// What a request for leases came to.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize)]
pub struct Leased {
    /// Leases that are new here.
    pub installed: u64,
    /// Leases that were here before.
    pub known: u64,
    /// What was asked for by name and not granted, and why.
    pub refused: Vec<(EntitlementId, String)>,
}

#[derive(Debug, Deserialize)]
struct Bundles {
    pages: Vec<String>,
    #[serde(default)]
    refused: Vec<RefusedLease>,
    #[serde(default)]
    next: Option<Value>,
    #[serde(default)]
    rounds: Vec<RoundSaid>,
    reply: String,
}

/// What may have changed since the device was enrolled.
#[derive(Debug, Deserialize)]
struct Me {
    keys: Keys,
    hosts: Vec<String>,
}

#[derive(Debug, Deserialize)]
struct Keys {
    issuer: Vec<Key>,
}

#[derive(Debug, Deserialize)]
struct Key {
    x: String,
}

#[derive(Debug, Deserialize)]
struct RefusedLease {
    #[serde(default)]
    entitlement: Option<EntitlementId>,
    why: String,
}

#[derive(Debug, Deserialize)]
struct SignedOn {
    user: crate::domain::id::UserId,
    name: String,
    username: String,
}

/// The device, for as long as nobody waits for the wire.
fn held(device: &Mutex<Device>) -> MutexGuard<'_, Device> {
    // A panic in a step left its transaction undone: what the file holds is whole.
    device.lock().unwrap_or_else(PoisonError::into_inner)
}

fn token(device: &Mutex<Device>) -> String {
    held(device).token().to_owned()
}

/// Hears by whose keys vouchers are signed now, and under which names they are printed: a round that was issued since has
/// a key of its own. What the server does not say leaves all as it is.
fn refresh(device: &Mutex<Device>, line: &dyn Line) -> Result<(), Fault> {
    let said = line.call(Some(&token(device)), "/devices/me", Body::None).and_then(Answer::well);
    let me = said.map_err(|fault| fault.to_string());
    match me.and_then(|body| serde_json::from_value::<Me>(body).map_err(|fault| fault.to_string())) {
        Ok(me) => held(device).learn(me.keys.issuer.into_iter().map(|key| key.x).collect(), me.hosts),
        Err(fault) => {
            tracing::warn!(%fault, "the server's word on its keys");
            Ok(())
        }
    }
}

/// Tells the server everything and hears what it says, until nothing is left to tell.
pub fn sync(device: &Mutex<Device>, line: &dyn Line) -> Result<Synced, Fault> {
    let token = token(device);
    let mut done = Synced::default();
    let mut answer = false;
    for _ in 0..PARCELS_MAX {
        let packed = held(device).pack(answer)?;
        done.bytes += packed.bytes.len() as u64;
        let said = line.call(Some(&token), "/sync", Body::Cbor(packed.bytes.clone()))?.well()?;
        let wanted = held(device).unpack(&packed, &said, &mut done)?;
        done.answered |= answer && !wanted;
        answer = wanted;
        let counts = held(device).counts()?;
        if !wanted && counts.unsynced == 0 && counts.untold == 0 {
            break;
        }
    }
    deliver_carried(device, line, &token)?;
    refresh(device, line)?;
    Ok(done)
}

/// Journals of other devices that were taken along.
fn deliver_carried(device: &Mutex<Device>, line: &dyn Line, token: &str) -> Result<(), Fault> {
    let carried = journal::carried_batches(held(device).file.read())?;
    for (digest, batch) in carried {
        let core = held(device).core()?;
        let parcel = crate::token::parcel::Parcel { batch, seen: core.seen, signed: core.seq, ..Default::default() };
        let said = line.call(Some(token), "/sync", Body::Cbor(parcel.encode()))?.well()?;
        // What the server could not believe of it stays here, for a person to look at.
        let runs = said["items"].as_array().map(Vec::as_slice).unwrap_or_default();
        if runs.iter().all(|run| run["answer"] != "bad") {
            held(device).file.write(|tx| journal::delivered(tx, &digest))?;
        }
    }
    Ok(())
}

/// Fetches leases and installs them.
pub fn lease(device: &Mutex<Device>, line: &dyn Line, scope: &Scope) -> Result<Leased, Fault> {
    let mut wanted = json!({});
    if let Some(round) = scope.round {
        wanted["round_id"] = json!(round);
    }
    if let Some(session) = scope.session {
        wanted["session"] = json!(session);
    }
    if let Some(desk) = scope.desk {
        wanted["desk"] = json!(desk);
    }
    if !scope.entitlements.is_empty() {
        wanted["entitlements"] = json!(scope.entitlements);
    }
    refresh(device, line)?;
    fetch(device, line, &wanted, scope.limit)
}

fn fetch(device: &Mutex<Device>, line: &dyn Line, scope: &Value, limit: Option<u64>) -> Result<Leased, Fault> {
    let token = token(device);
    let mut done = Leased::default();
    let mut after = Value::Null;
    for _ in 0..BUNDLES_MAX {
        let nonce = held(device).draw::<16>()?;
        let mut call = json!({ "scope": scope, "nonce": nonce_text(&nonce) });
        let rest = limit.map(|limit| limit.saturating_sub(done.installed + done.known));
        if let Some(rest) = rest {
            call["limit"] = json!(rest.min(5_000));
        }
        if !after.is_null() {
            call["after"] = after;
        }
        let said = line.call(Some(&token), "/leases", Body::Json(call))?.well()?;
        let said: Bundles = serde_json::from_value(said)
            .map_err(|fault| Fault::Unbelievable(format!("the answer to a wish for leases: {fault}")))?;
        for page in &said.pages {
            let page = decode(page).map_err(|fault| Fault::Unbelievable(fault.to_string()))?;
            let Installed { installed, refused } = held(device).install(&page, &said.rounds)?;
            done.installed += installed.len() as u64;
            done.known += refused.len() as u64;
        }
        let named = said.refused.into_iter();
        done.refused.extend(named.filter_map(|one| Some((one.entitlement?, one.why))));
        held(device).hear(&said.reply, nonce)?;
        after = said.next.unwrap_or(Value::Null);
        if after.is_null() || rest.is_some_and(|rest| rest <= said.pages.len() as u64 && rest == 0) {
            break;
        }
        if limit.is_some_and(|limit| done.installed + done.known >= limit) {
            break;
        }
    }
    Ok(done)
}

/// Asks for the lease of one code. `None`: it is installed; otherwise what the server says in its place.
fn lease_of_code(device: &Mutex<Device>, line: &dyn Line, code: &str) -> Result<Option<String>, Fault> {
    let (token, nonce) = (token(device), held(device).draw::<16>()?);
    let call = json!({ "scope": { "code": code }, "nonce": nonce_text(&nonce) });
    let said = line.call(Some(&token), "/leases", Body::Json(call))?.well()?;
    let said: Bundles = serde_json::from_value(said)
        .map_err(|fault| Fault::Unbelievable(format!("the answer to a wish for a lease: {fault}")))?;
    for page in &said.pages {
        let page = decode(page).map_err(|fault| Fault::Unbelievable(fault.to_string()))?;
        held(device).install(&page, &said.rounds)?;
    }
    held(device).hear(&said.reply, nonce)?;
    Ok(said.refused.into_iter().next().map(|one| one.why))
}

/// Redeems. What the device has no lease of it asks the server for, when there is one to ask; the handout is
/// then made from that lease like any other.
pub fn redeem(device: &Mutex<Device>, line: Option<&dyn Line>, wish: &Wish) -> Result<Outcome, Fault> {
    let outcome = held(device).redeem(wish)?;
    let (Outcome::Refused(scan), Some(line)) = (&outcome, line) else { return Ok(outcome) };
    if !scan.is_for_the_server() {
        return Ok(outcome);
    }
    match lease_of_code(device, line, &wish.code) {
        Ok(None) => held(device).redeem(wish),
        Ok(Some(why)) => Ok(Outcome::Refused(told_by_the_server(scan, &why))),
        // Without network the device's own answer stands.
        Err(Fault::Unreachable(_)) => Ok(outcome),
        Err(fault @ Fault::Refused { .. }) => {
            Ok(Outcome::Refused(Scan { reason: Some(known_reason(fault.code())), ..scan.clone() }))
        }
        Err(fault) => Err(fault),
    }
}

/// The server's word on what it gives no lease of, as a verdict.
fn told_by_the_server(scan: &Scan, why: &str) -> Scan {
    let verdict = Verdict::ALL.into_iter().find(|verdict| verdict.as_str() == why);
    match verdict {
        Some(verdict) => Scan { verdict, reason: None, ..scan.clone() },
        None => Scan { reason: Some(known_reason(why)), ..scan.clone() },
    }
}

/// The server's reasons for giving no lease that are no verdict.
fn known_reason(code: &str) -> &'static str {
    match code {
        "recovering" => "server_recovering",
        "device_revoked" => "stopped_revoked",
        "device_forked" => "stopped_forked",
        "revoke_requested" => "revoke_requested",
        _ => "server_refused",
    }
}

/// Somebody signs in on the device, with the name and the password of the office.
pub fn sign_on(device: &Mutex<Device>, line: &dyn Line, username: &str, password: &str) -> Result<Operator, Fault> {
    let token = token(device);
    let call = json!({ "username": username, "password": password });
    let said = line.call(Some(&token), "/devices/me/operators", Body::Json(call))?.well()?;
    let said: SignedOn = serde_json::from_value(said)
        .map_err(|fault| Fault::Unbelievable(format!("the answer to a sign-in: {fault}")))?;
    let operator = Operator { user: said.user, name: said.name, username: said.username };
    held(device).file.write(|tx| identity::set_operator(tx, &operator))?;
    Ok(operator)
}
