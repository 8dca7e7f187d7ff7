//! Who calls: a bearer token, or a cookie with the token that its forms carry.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION};
use actix_web::{FromRequest, HttpRequest};

use crate::domain::time::Language;
use crate::service::{Actor, DeviceCaller, Error, Office, Refusal};

/// The name of the cookie over plain HTTP.
pub(super) const COOKIE: &str = "salur";
/// Its name over HTTPS: no other host, and no plain page, can set a cookie of this name.
pub(super) const SECURE_COOKIE: &str = "__Host-salur";
/// The cookie in which a browser keeps its language.
pub(super) const LANGUAGE_COOKIE: &str = "salur_language";

/// What a caller shows of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Shows {
    Nothing,
    Bearer(String),
    Cookie(String),
}

/// Whoever sent a request, not yet identified.
#[derive(Clone)]
pub struct Caller {
    shows: Shows,
    /// The token that a form or a script repeats.
    csrf: Option<String>,
    /// Whether the request may change something.
    changes: bool,
    /// Whether the browser says that another site made it.
    cross_site: bool,
    /// Where it comes from.
    pub address: IpAddr,
    /// The language to answer in.
    pub language: Language,
}

/// Shows nothing of a secret.
impl std::fmt::Debug for Caller {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Caller from {}", self.address)
    }
}

impl Caller {
    /// The caller of this request.
    #[must_use]
    pub fn of(request: &HttpRequest) -> Self {
        let header = |name: &str| request.headers().get(name).and_then(|value| value.to_str().ok());
        let bearer = request
            .headers()
            .get(AUTHORIZATION)
            .and_then(|value| value.to_str().ok())
            .and_then(|value| value.strip_prefix("Bearer "));
        let cookie = || request.cookie(SECURE_COOKIE).or_else(|| request.cookie(COOKIE));
        let shows = match bearer {
            Some(secret) => Shows::Bearer(secret.trim().to_owned()),
            None => cookie().map_or(Shows::Nothing, |cookie| Shows::Cookie(cookie.value().to_owned())),
        };
        let wanted = request.cookie(LANGUAGE_COOKIE).map(|cookie| cookie.value().to_owned()).or_else(|| {
            request.headers().get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).map(str::to_owned)
        });
        Self {
            shows,
            csrf: header("x-csrf-token").map(str::to_owned),
            changes: !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS),
            cross_site: header("sec-fetch-site").is_some_and(|site| site == "cross-site"),
            address: request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip()),
            language: if wanted.is_some_and(|wanted| wanted.starts_with("en")) { Language::En } else { Language::Id },
        }
    }

    /// The same caller, with the token that a form carried.
    #[must_use]
    pub fn with_form_token(mut self, token: &str) -> Self {
        self.csrf = Some(token.to_owned());
        self
    }

    /// The secret of the cookie, to end its sign-in.
    #[must_use]
    pub fn cookie_secret(&self) -> Option<&str> {
        match &self.shows {
            Shows::Cookie(secret) => Some(secret),
            _ => None,
        }
    }

    /// Who it is, and the token that their forms must carry when they come by cookie.
    pub fn identify(&self, office: &Office) -> Result<(Actor, Option<String>), Error> {
        match &self.shows {
            Shows::Nothing => Err(Refusal::NotSignedIn.into()),
            Shows::Bearer(secret) => Ok((office.who_bears(secret)?, None)),
            Shows::Cookie(secret) => {
                let (actor, csrf) = office.who_signed_in(secret)?;
                Ok((actor, Some(csrf)))
            }
        }
    }

    /// Which device it is: one that shows the token of its enrolment.
    pub fn identify_device(&self, office: &Office) -> Result<DeviceCaller, Error> {
        match &self.shows {
            Shows::Bearer(secret) => office.who_device(secret),
            Shows::Nothing | Shows::Cookie(_) => Err(Refusal::NotSignedIn.into()),
        }
    }

    /// Refuses a change that a browser sends with its cookie but without the token of our own pages.
    pub fn check_origin(&self, expected: Option<&str>) -> Result<(), Error> {
        let Some(expected) = expected.filter(|_| self.changes) else { return Ok(()) };
        let same = self.csrf.as_deref().is_some_and(|token| same_text(token, expected));
        if same && !self.cross_site { Ok(()) } else { Err(Refusal::NotOurForm.into()) }
    }
}

/// Compares without telling by the time taken how much was right.
fn same_text(one: &str, other: &str) -> bool {
    use subtle::ConstantTimeEq;
    one.as_bytes().ct_eq(other.as_bytes()).into()
}

impl FromRequest for Caller {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Ok(Self::of(request)))
    }
}
