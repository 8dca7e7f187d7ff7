//! How much one account may take at once. Whoever works here looks, searches and fetches files at the pace of a person;
//! who has stolen a sign-in wants all of it before anybody notices. A device's scans, its leases and its sync are in no
//! class, and neither is what a program fetches with a token, but for the numbers that are shown in full.

use std::collections::HashMap;
use std::num::NonZeroU32;
use std::sync::LazyLock;
use std::time::Duration;

use actix_web::http::Method;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use crate::domain::id::UserId;

/// What is counted together.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Class {
    /// Households and vouchers, page by page or searched for.
    Look,
    /// Files.
    File,
    /// Documents and reports that are made anew.
    Make,
    /// Identity numbers in full.
    Unmask,
}

/// Beyond so many accounts those that have been quiet are forgotten.
const ACCOUNTS_MAX: usize = 20_000;

impl Class {
    const ALL: [Self; 4] = [Self::Look, Self::File, Self::Make, Self::Unmask];

    /// Its name in the trail.
    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Look => "look",
            Self::File => "file",
            Self::Make => "make",
            Self::Unmask => "unmask",
        }
    }

    /// How many in a minute for long, and how many at once.
    const fn quota(self) -> (u32, u32) {
        match self {
            Self::Look => (120, 600),
            Self::File => (20, 120),
            Self::Make => (10, 60),
            Self::Unmask => (10, 60),
        }
    }

    /// Whether a program with a token is counted as well.
    pub(super) const fn counts_tokens(self) -> bool {
        matches!(self, Self::Unmask)
    }

    /// The class of a call, by the route under which the server knows it.
    pub(super) fn of(method: &Method, route: &str) -> Option<Self> {
        static CLASSES: LazyLock<HashMap<&str, Vec<(&str, Class)>>> = LazyLock::new(|| {
            let mut found: HashMap<&str, Vec<(&str, Class)>> = HashMap::new();
            for class in Class::ALL {
                for (how, path) in class.routes() {
                    found.entry(path).or_default().push((how, class));
                }
            }
            found
        });
        let of_path = CLASSES.get(route)?;
        of_path.iter().find(|(how, _)| *how == method.as_str()).map(|(_, class)| *class)
    }

    /// The calls and pages of a class.
    const fn routes(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Look => &[
                ("GET", "/api/v1/households"),
                ("POST", "/api/v1/households/searches"),
                ("GET", "/api/v1/households/{id}"),
                ("GET", "/api/v1/households/{id}/history"),
                ("GET", "/api/v1/intakes/{id}"),
                ("GET", "/api/v1/programmes/{id}/beneficiaries"),
                ("GET", "/api/v1/programmes/{id}/suspicions"),
                ("GET", "/api/v1/lists/{id}/households"),
                ("GET", "/api/v1/rounds/{id}/entitlements"),
                ("GET", "/api/v1/rounds/{id}/vouchers"),
                ("GET", "/api/v1/keys/{kid}/vouchers"),
                ("GET", "/api/v1/documents/{id}"),
                ("GET", "/api/v1/lists/{id}/difference"),
                ("GET", "/api/v1/programmes/{id}/overlaps"),
                ("GET", "/api/v1/programmes/{id}/substitutions"),
                ("GET", "/api/v1/rounds/{id}/exceptions"),
                ("GET", "/api/v1/entitlements/{id}/exceptions"),
                ("GET", "/api/v1/cases"),
                ("GET", "/documents/{id}"),
                ("GET", "/programmes/{id}/overlaps"),
                ("GET", "/programmes/{id}/substitutions"),
                ("GET", "/rounds/{id}/exceptions"),
                ("GET", "/cases"),
                ("GET", "/households"),
                ("POST", "/households"),
                ("GET", "/households/{id}"),
                ("GET", "/intakes/{id}"),
                ("GET", "/programmes/{id}/verval"),
                ("GET", "/programmes/{id}/suspicions"),
                ("GET", "/lists/{id}"),
                ("GET", "/rounds/{id}/entitlements"),
                ("POST", "/entitlements"),
            ],
            Self::File => &[
                ("GET", "/api/v1/documents/{id}.csv"),
                ("GET", "/api/v1/documents/{id}.json"),
                ("GET", "/api/v1/documents/{id}.pdf"),
                ("GET", "/api/v1/documents/{id}.xlsx"),
                ("GET", "/api/v1/intakes/{id}/reasons.csv"),
                ("GET", "/api/v1/intakes/{id}/reasons.xlsx"),
                ("GET", "/api/v1/lists/{id}/annex.csv"),
                ("GET", "/api/v1/lists/{id}/annex.xlsx"),
                ("GET", "/api/v1/lists/{id}/difference.csv"),
                ("GET", "/api/v1/rounds/{id}/pack.zip"),
                ("GET", "/api/v1/rounds/{id}/vouchers.pdf"),
                ("GET", "/api/v1/jobs/{id}/result"),
                ("GET", "/intakes/{id}/reasons.{form}"),
            ],
            Self::Make => &[
                ("POST", "/api/v1/rounds/{id}/documents"),
                ("POST", "/api/v1/breach-reports"),
                ("GET", "/api/v1/access-report"),
                ("POST", "/rounds/{id}/documents"),
                ("POST", "/trail/breach"),
                ("GET", "/trail/access"),
            ],
            Self::Unmask => &[
                ("POST", "/api/v1/households/{id}/unmask"),
                ("POST", "/api/v1/documents/{id}/full"),
                ("POST", "/households/{id}/unmask"),
                ("POST", "/documents/{id}/full"),
            ],
        }
    }
}

/// An account that took its share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Exceeded {
    /// Seconds until the next call is heard.
    pub(super) seconds: u32,
    /// Whether it is the first for some minutes, and goes on record.
    pub(super) first: bool,
}

/// What each account has taken.
pub(super) struct Allowances {
    clock: DefaultClock,
    classes: Vec<(Class, DefaultKeyedRateLimiter<UserId>)>,
    told: DefaultKeyedRateLimiter<(UserId, Class)>,
}

fn quota((count, burst): (u32, u32)) -> Quota {
    let some = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MIN);
    Quota::per_minute(some(count)).allow_burst(some(burst))
}

impl Default for Allowances {
    fn default() -> Self {
        let rarely = Quota::with_period(Duration::from_secs(600)).unwrap_or_else(|| quota((1, 1)));
        Self {
            clock: DefaultClock::default(),
            classes: Class::ALL.map(|class| (class, RateLimiter::keyed(quota(class.quota())))).into(),
            told: RateLimiter::keyed(rarely),
        }
    }
}

impl Allowances {
    /// Counts a call of an account.
    pub(super) fn take(&self, class: Class, user: UserId) -> Result<(), Exceeded> {
        let Some((_, limiter)) = self.classes.iter().find(|one| one.0 == class) else { return Ok(()) };
        if limiter.len() > ACCOUNTS_MAX {
            limiter.retain_recent();
        }
        let Err(until) = limiter.check_key(&user) else { return Ok(()) };
        let wait = until.wait_time_from(self.clock.now());
        if self.told.len() > ACCOUNTS_MAX {
            self.told.retain_recent();
        }
        let seconds = u32::try_from(wait.as_millis().div_ceil(1_000)).unwrap_or(u32::MAX).max(1);
        Err(Exceeded { seconds, first: self.told.check_key(&(user, class)).is_ok() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::Identifier;

    #[test]
    fn every_class_is_of_routes_that_there_are_and_scans_and_sync_are_in_none() {
        let calls = crate::http::openapi::openapi();
        let pages = include_str!("pages/mod.rs");
        for (method, route) in Class::ALL.into_iter().flat_map(|class| class.routes()) {
            if route.starts_with("/api/") {
                let item = calls.paths.paths.get(*route).unwrap_or_else(|| panic!("no call {route}"));
                let call = if *method == "GET" { &item.get } else { &item.post };
                assert!(call.is_some(), "{method} {route}");
            } else {
                let line = format!("(\"{route}\", {}()", method.to_lowercase());
                assert!(pages.contains(&line), "no page {method} {route}");
            }
        }
        for route in ["redemptions", "verifications", "sync", "leases", "journals", "leases/{id}/return"] {
            assert_eq!(Class::of(&Method::POST, &format!("/api/v1/{route}")), None, "{route}");
        }
        assert_eq!(Class::of(&Method::GET, "/api/v1/redemptions/{id}/receipt.pdf"), None);
        for route in ["/desk", "/desk/hand-over"] {
            assert_eq!((Class::of(&Method::GET, route), Class::of(&Method::POST, route)), (None, None));
        }
    }

    #[test]
    fn an_account_has_its_share_and_nobody_else_s_is_touched() {
        let allowances = Allowances::default();
        let (one, other) = (UserId::from_bytes([1; 16]), UserId::from_bytes([2; 16]));
        for _ in 0..60 {
            allowances.take(Class::Unmask, one).unwrap();
        }
        let told = allowances.take(Class::Unmask, one).unwrap_err();
        assert!(told.first && (1..=6).contains(&told.seconds), "{told:?}");
        assert!(!allowances.take(Class::Unmask, one).unwrap_err().first, "on record once");
        allowances.take(Class::File, one).unwrap();
        allowances.take(Class::Unmask, other).unwrap();
    }
}
