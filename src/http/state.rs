//! What every handler shares, and the one way from a request to the office.
//!
//! The office blocks on its database, so its work runs on the blocking pool: once a request, with
//! signing-in, deciding and answering together.

use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Instant;

use actix_web::HttpRequest;
use actix_web::http::header::{HOST, ORIGIN};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics_exporter_prometheus::PrometheusHandle;

use super::allowance::Allowances;
use super::error::Problem;
use super::guard::Caller;
use crate::domain::time::Zone;
use crate::service::{Actor, DeviceCaller, Error, Guesses, Office, Refusal};

/// Shared by all workers. Cloning it shares it.
#[derive(Clone)]
pub struct State {
    /// The office.
    pub office: Office,
    /// Whether the installation is reached over HTTPS, so that cookies may say so.
    pub https: bool,
    /// What has been counted.
    pub metrics: Option<PrometheusHandle>,
    /// How the world reaches the installation: `https://salur.example.go.id`.
    pub host: Option<String>,
    limits: Arc<Limits>,
    proxies: Arc<[IpAddr]>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "State({:?})", self.office)
    }
}

/// From where somebody guesses at passwords.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Place {
    /// From anywhere in this network.
    Network(IpAddr),
    /// In a browser that bears this mark of an earlier sign-in of the same name.
    Browser(String),
    /// On a device with a token of its own.
    Device([u8; 32]),
}

/// A try to sign in, by what it is counted: the place *and* the name, so that nobody makes anybody else wait.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Guess {
    place: Place,
    name: String,
}

impl Guess {
    /// Whether the browser bears the mark of an earlier sign-in of this name.
    #[must_use]
    pub const fn is_known(&self) -> bool {
        matches!(self.place, Place::Browser(_))
    }
}

/// Limits for callers whom nobody knows yet, and for accounts that take very much. A device's scans are never limited.
struct Limits {
    guesses: Guesses<Guess>,
    began: Instant,
    sign_in_by_network: DefaultKeyedRateLimiter<IpAddr>,
    enrolment: DefaultKeyedRateLimiter<IpAddr>,
    stranger: DefaultKeyedRateLimiter<IpAddr>,
    log_reader: DefaultKeyedRateLimiter<IpAddr>,
    allowances: Allowances,
}

impl Limits {
    /// Counts a call of somebody who is signed in; a refusal when they took more at once than anybody's work needs.
    fn allow(&self, office: &Office, actor: &Actor, who: &Caller) -> Result<(), Error> {
        let Some(class) = who.class() else { return Ok(()) };
        let Err(exceeded) = self.allowances.take(class, actor.user) else { return Ok(()) };
        if exceeded.first {
            office.limit_reached(actor, class.as_str())?;
        }
        Err(Refusal::TooMuchAtOnce(exceeded.seconds).into())
    }
}

/// How many people's marks one browser keeps: those who share a computer in the office.
const MARKS_MAX: usize = 8;

/// Beyond so many networks those that have been quiet are forgotten.
const NETWORKS_MAX: usize = 20_000;

/// Who owns one address of IPv6 owns the 2^64 beside it.
fn network_of(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(six) if six.to_ipv4_mapped().is_none() => {
            IpAddr::V6((u128::from(six) & !u128::from(u64::MAX)).into())
        }
        other => other.to_canonical(),
    }
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
            guesses: Guesses::default(),
            began: Instant::now(),
            enrolment: RateLimiter::keyed(per_minute(60, 120)),
            sign_in_by_network: RateLimiter::keyed(per_minute(60, 60)),
            stranger: RateLimiter::keyed(per_minute(240, 240)),
            // Whoever checks the whole log reads thousands of tiles.
            log_reader: RateLimiter::keyed(per_minute(6_000, 12_000)),
            allowances: Allowances::default(),
        };
        Self { office, https, metrics, limits: Arc::new(limits), proxies: Arc::default(), host: None }
    }

    /// The same state behind these proxies: what they say of a caller's address is believed.
    #[must_use]
    pub fn with_proxies(self, proxies: Vec<IpAddr>) -> Self {
        Self { proxies: proxies.into(), ..self }
    }

    /// The same state, reached by the world under this address.
    #[must_use]
    pub fn with_address(self, host: Option<String>) -> Self {
        Self { host, ..self }
    }

    /// Whether this address is that of a proxy of ours.
    pub(super) fn trusts(&self, address: IpAddr) -> bool {
        self.proxies.contains(&address)
    }

    /// Under which address this request found the installation: the one that is set, else the one in the request.
    #[must_use]
    pub fn address_for(&self, request: &HttpRequest) -> Option<String> {
        if let Some(host) = &self.host {
            return Some(host.trim_end_matches('/').to_owned());
        }
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        let host = header(HOST)?;
        let plain = |sign: u8| sign.is_ascii_alphanumeric() || b".-:[]".contains(&sign);
        if host.is_empty() || host.len() > 255 || !host.bytes().all(plain) {
            return None;
        }
        // A proxy may speak HTTPS for us: then the browser says so itself.
        let seen = header(ORIGIN).filter(|origin| origin.split_once("://").is_some_and(|(_, seen)| seen == host));
        let secure = self.https || seen.is_some_and(|origin| origin.starts_with("https://"));
        Some(format!("{}://{host}", if secure { "https" } else { "http" }))
    }

    /// Counts a try to sign in; a problem when there were too many, or when the last failed one is too fresh. A browser
    /// that signed in before under this name is counted by itself: who guesses in the same office, or behind the same
    /// proxy, does not keep its owner out.
    pub fn limit_sign_in(&self, caller: &Caller, username: &str) -> Result<Guess, Problem> {
        let mark = caller.marks().find(|mark| self.office.knows_browser(username, mark));
        let place = match mark {
            Some(mark) => Place::Browser(mark.to_owned()),
            None => {
                self.counted(&self.limits.sign_in_by_network, caller)?;
                Place::Network(network_of(caller.address))
            }
        };
        self.heard(place, username)
    }

    /// The same for an operator who signs in on a device, which has to show a token of its own before anything is
    /// looked at.
    pub fn limit_operator(&self, caller: &Caller, username: &str) -> Result<Guess, Problem> {
        self.heard(Place::Device(caller.bearer_digest().unwrap_or_default()), username)
    }

    fn heard(&self, place: Place, username: &str) -> Result<Guess, Problem> {
        let guess = Guess { place, name: username.trim().to_lowercase().chars().take(60).collect() };
        match self.limits.guesses.begin(guess.clone(), self.elapsed()) {
            Ok(()) => Ok(guess),
            Err(seconds) => {
                let mut problem = Problem::too_many_requests();
                problem.retry_after = Some(seconds);
                Err(problem)
            }
        }
    }

    fn elapsed(&self) -> i64 {
        i64::try_from(self.limits.began.elapsed().as_millis()).unwrap_or(i64::MAX)
    }

    /// Remembers how a try to sign in ended.
    pub fn sign_in_ended<T>(&self, guess: Guess, ended: &Result<T, Problem>) {
        match ended {
            Ok(_) => self.limits.guesses.succeeded(&guess),
            Err(problem) if problem.code == "bad_credentials" => self.limits.guesses.failed(&guess),
            Err(_) => self.limits.guesses.forgiven(&guess),
        }
    }

    /// What a browser keeps after a sign-in: its marks, with one of this name among them.
    pub fn marks_after(&self, caller: &Caller, username: &str) -> Option<String> {
        let kept: Vec<&str> = caller.marks().take(MARKS_MAX).collect();
        if kept.iter().any(|mark| self.office.knows_browser(username, mark)) {
            return None;
        }
        // Without a mark the next try is counted with those of its network, and no more than that.
        let fresh = self.office.mark_browser(username).ok()?;
        Some(std::iter::once(fresh.as_str()).chain(kept).take(MARKS_MAX).collect::<Vec<_>>().join("."))
    }

    fn counted(&self, limiter: &DefaultKeyedRateLimiter<IpAddr>, caller: &Caller) -> Result<(), Problem> {
        // What is as it would be without ever having called is forgotten, or strangers would fill the memory.
        if limiter.len() > NETWORKS_MAX {
            limiter.retain_recent();
        }
        let network = network_of(caller.address);
        if limiter.check_key(&network).is_ok() { Ok(()) } else { Err(Problem::too_many_requests()) }
    }

    /// Counts a try to be taken in as a device; a problem when there were too many.
    pub fn limit_enrolment(&self, caller: &Caller) -> Result<(), Problem> {
        self.counted(&self.limits.enrolment, caller)
    }

    /// Counts a call of somebody who is not signed in; a problem when there were too many.
    pub fn limit_stranger(&self, caller: &Caller) -> Result<(), Problem> {
        self.counted(&self.limits.stranger, caller)
    }

    /// Counts a call for a part of the log; a problem when there were too many.
    pub fn limit_log_reader(&self, caller: &Caller) -> Result<(), Problem> {
        self.counted(&self.limits.log_reader, caller)
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
        let limits = Arc::clone(&self.limits);
        self.called(caller, move |office, who| {
            let (actor, csrf) = who.identify(office)?;
            who.check_origin(csrf.as_deref())?;
            limits.allow(office, &actor, who)?;
            f(office, &actor, csrf.as_deref().unwrap_or_default())
        })
        .await
    }

    /// Runs `f` on the office, for the device that calls with its own token.
    pub async fn device<T: Send + 'static>(
        &self,
        caller: &Caller,
        f: impl FnOnce(&Office, &DeviceCaller) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        self.called(caller, move |office, who| f(office, &who.identify_device(office)?)).await
    }

    /// Strangers are counted, whoever they say they are.
    async fn called<T: Send + 'static>(
        &self,
        caller: &Caller,
        f: impl FnOnce(&Office, &Caller) -> Result<T, Error> + Send + 'static,
    ) -> Result<T, Problem> {
        let office = self.office.clone();
        let who = caller.clone();
        match self.block(move || f(&office, &who)).await {
            Err(Error::Refused(refusal)) if *refusal == Refusal::NotSignedIn => {
                self.limit_stranger(caller)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_a_network_has_one_share_of_it() {
        let network = |text: &str| network_of(text.parse().unwrap()).to_string();
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
        assert_eq!(network("2001:db8:1:2::9"), network("2001:db8:1:2:ffff::1"));
        assert_ne!(network("2001:db8:1:3::9"), network("2001:db8:1:2::9"));
        assert_eq!(network("10.1.2.3"), "10.1.2.3");
        assert_eq!(network("::ffff:10.1.2.3"), "10.1.2.3");
    }
}
