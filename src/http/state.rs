//! What every handler shares, and the one way from a request to the office.
//!
//! The office blocks on its database, so its work runs on the blocking pool: once a request, with
//! signing-in, deciding and answering together.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;

use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics_exporter_prometheus::PrometheusHandle;

use super::error::Problem;
use super::guard::Caller;
use crate::domain::time::Zone;
use crate::service::{Actor, Error, Office, Refusal};

/// Shared by all workers. Cloning it shares it.
#[derive(Clone)]
pub struct State {
    /// The office.
    pub office: Office,
    /// Whether the installation is reached over HTTPS, so that cookies may say so.
    pub https: bool,
    /// What has been counted.
    pub metrics: Option<PrometheusHandle>,
    limits: Arc<Limits>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State({:?})", self.office)
    }
}

/// Limits for callers whom nobody knows yet. A device's scans are never limited.
struct Limits {
    sign_in_by_name: DefaultKeyedRateLimiter<(IpAddr, String)>,
    sign_in_by_address: DefaultKeyedRateLimiter<IpAddr>,
    stranger: DefaultKeyedRateLimiter<IpAddr>,
    log_reader: DefaultKeyedRateLimiter<IpAddr>,
}

fn per_minute(count: u32, burst: u32) -> Quota {
    let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(some(count)).allow_burst(some(burst))
}

impl State {
    /// The state of a server over this office.
    #[must_use]
    pub fn new(office: Office, https: bool, metrics: Option<PrometheusHandle>) -> Self {
        let limits = Limits {
            // By name *and* address, so that nobody can lock another person out from elsewhere.
            sign_in_by_name: RateLimiter::keyed(per_minute(6, 10)),
            sign_in_by_address: RateLimiter::keyed(per_minute(60, 60)),
            stranger: RateLimiter::keyed(per_minute(120, 120)),
            // Whoever checks the whole log reads thousands of tiles.
            log_reader: RateLimiter::keyed(per_minute(6_000, 12_000)),
        };
        Self { office, https, metrics, limits: Arc::new(limits) }
    }

    /// Counts a try to sign in; a problem when there were too many.
    pub fn limit_sign_in(&self, from: IpAddr, username: &str) -> Result<(), Problem> {
        let name = username.trim().to_lowercase().chars().take(60).collect();
        let by_address = self.limits.sign_in_by_address.check_key(&from);
        let by_name = self.limits.sign_in_by_name.check_key(&(from, name));
        if by_address.is_ok() && by_name.is_ok() { Ok(()) } else { Err(Problem::too_many_requests()) }
    }

    /// Counts a call of somebody who is not signed in; a problem when there were too many.
    pub fn limit_stranger(&self, from: IpAddr) -> Result<(), Problem> {
        if self.limits.stranger.check_key(&from).is_ok() { Ok(()) } else { Err(Problem::too_many_requests()) }
    }

    /// Counts a call for a part of the log; a problem when there were too many.
    pub fn limit_log_reader(&self, from: IpAddr) -> Result<(), Problem> {
        if self.limits.log_reader.check_key(&from).is_ok() { Ok(()) } else { Err(Problem::too_many_requests()) }
    }

    /// Runs `f` on the office, for the one who calls.
    pub async fn act<T: Send + 'static>(
        &self,
        caller: &Caller,
        f: impl FnOnce(&Office, &Actor) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        self.visit(caller, |office, actor, _| f(office, actor)).await
    }

    /// Runs `f` on the office, for the one who calls, and hands it the token that the forms of a page must
    /// carry; it is empty for one who does not come by cookie.
    pub async fn visit<T: Send + 'static>(
        &self,
        caller: &Caller,
        f: impl FnOnce(&Office, &Actor, &str) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let office = self.office.clone();
        let who = caller.clone();
        let result = self
            .block(move || {
                let (actor, csrf) = who.identify(&office)?;
                who.check_origin(csrf.as_deref())?;
                f(&office, &actor, csrf.as_deref().unwrap_or_default())
            })
            .await;
        match result {
            Err(Error::Refused(refusal)) if *refusal == Refusal::NotSignedIn => {
                self.limit_stranger(caller.address)?;
                Err(Problem::of(Error::Refused(refusal), caller.language))
            }
            other => other.map_err(|error| Problem::of(error, caller.language)),
        }
    }

    /// Runs `f` on the office, for whoever it is.
    pub async fn anybody<T: Send + 'static>(
        &self,
        caller: &Caller,
        f: impl FnOnce(&Office) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let office = self.office.clone();
        self.block(move || f(&office)).await.map_err(|error| Problem::of(error, caller.language))
    }

    async fn block<T: Send + 'static>(
        &self,
        f: impl FnOnce() -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Error> {
        actix_web::web::block(f).await.unwrap_or_else(|_| Err(Error::Broken("a worker was lost".into())))
    }
}

/// The zone in which the API writes its times: the installation's agencies all have their own, so a
/// caller who compares gets one that is always the same.
pub(super) const API_ZONE: Zone = Zone::Wita;
