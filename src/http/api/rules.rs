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
    /// confirmed whose it is; as it is unless told.
    confirm_accounts: Option<bool>,
    /// After so many minutes without a request a sign-in ends: 15 to 720; as it is unless told.
    idle_minutes: Option<i32>,
}

fn pin_signs() -> i32 {
    Rules::default().pin_signs
}

fn pin_tries() -> i32 {
    Rules::default().pin_tries
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
            confirm_accounts: Some(rules.confirm_accounts),
            idle_minutes: Some(rules.idle_minutes),
        }
    }
}

impl RulesBody {
    fn over(self, now: Rules) -> Rules {
        Rules {
            proxy_times: self.proxy_times,
            proxy_percent: self.proxy_percent,
            scans_per_minute: self.scans_per_minute,
            stop_when_empty: self.stop_when_empty,
            pin_signs: self.pin_signs,
            pin_tries: self.pin_tries,
            confirm_accounts: self.confirm_accounts.unwrap_or(now.confirm_accounts),
            idle_minutes: self.idle_minutes.unwrap_or(now.idle_minutes),
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
    let body = body.into_inner();
    let set = state
        .act(&caller, move |office, actor| {
            let now = office.rules(actor)?;
            office.set_rules(actor, body.over(now))
        })
        .await?;
    Ok(Json(set.into()))
}
