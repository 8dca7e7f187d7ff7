//! What an agency chooses for itself.

use actix_web::web::{Data, Json};
use actix_web::{get, put};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::body::ProblemBody;
use crate::domain::programme::Rules;
use crate::http::{Caller, Problem, State};

/// What an agency chose.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct RulesBody {
    /// One name that collects for others so often in a round is a case.
    proxy_times: i32,
    /// A point at which more of a hundred handouts go to proxies is a case.
    proxy_percent: i32,
    /// More scans of one device in a minute are a case.
    scans_per_minute: i32,
    /// Whether a desk hands out nothing while its point has, by the books, no whole package left.
    stop_when_empty: bool,
    /// How many digits the PIN of an operator on a device has: 6 to 12, 6 unless told.
    #[serde(default = "pin_signs")]
    pin_signs: i32,
    /// How many wrong PINs in a row lock it: 3 to 10, 5 unless told. Both count from the next sign-in on a device on.
    #[serde(default = "pin_tries")]
    pin_tries: i32,
    /// Whether an account that agrees to what others began does nothing before another person than its maker
    /// confirmed whose it is; no unless told.
    #[serde(default)]
    confirm_accounts: bool,
    /// After so many minutes without a request a sign-in ends: 15 to 720, 240 unless told.
    #[serde(default = "idle_minutes")]
    idle_minutes: i32,
}

fn pin_signs() -> i32 {
    Rules::default().pin_signs
}

fn pin_tries() -> i32 {
    Rules::default().pin_tries
}

fn idle_minutes() -> i32 {
    Rules::default().idle_minutes
}

impl From<Rules> for RulesBody {
    fn from(rules: Rules) -> Self {
        Self {
            proxy_times: rules.proxy_times,
            proxy_percent: rules.proxy_percent,
            scans_per_minute: rules.scans_per_minute,
            stop_when_empty: rules.stop_when_empty,
            pin_signs: rules.pin_signs,
            pin_tries: rules.pin_tries,
            confirm_accounts: rules.confirm_accounts,
            idle_minutes: rules.idle_minutes,
        }
    }
}

impl From<RulesBody> for Rules {
    fn from(body: RulesBody) -> Self {
        Self {
            proxy_times: body.proxy_times,
            proxy_percent: body.proxy_percent,
            scans_per_minute: body.scans_per_minute,
            stop_when_empty: body.stop_when_empty,
            pin_signs: body.pin_signs,
            pin_tries: body.pin_tries,
            confirm_accounts: body.confirm_accounts,
            idle_minutes: body.idle_minutes,
        }
    }
}

/// From when on a pattern is a case in the caller's agency, and what an empty point does.
#[utoipa::path(tag = "rules", responses((status = 200, body = RulesBody), (status = 403, body = ProblemBody)))]
#[get("/rules")]
pub(super) async fn get(state: Data<State>, caller: Caller) -> Result<Json<RulesBody>, Problem> {
    let found = state.act(&caller, move |office, actor| office.rules(actor)).await?;
    Ok(Json(found.into()))
}

/// Choose anew.
#[utoipa::path(tag = "rules", request_body = RulesBody, responses(
    (status = 200, body = RulesBody), (status = 403, body = ProblemBody), (status = 422, body = ProblemBody)))]
#[put("/rules")]
pub(super) async fn put(state: Data<State>, caller: Caller, body: Json<RulesBody>) -> Result<Json<RulesBody>, Problem> {
    let rules = body.into_inner().into();
    let set = state.act(&caller, move |office, actor| office.set_rules(actor, rules)).await?;
    Ok(Json(set.into()))
}
