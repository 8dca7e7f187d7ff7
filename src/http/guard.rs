//! Who calls: a bearer token, or a cookie with the token that its forms carry.

use std::future::{Ready, ready};
use std::net::{IpAddr, Ipv4Addr};

use actix_web::dev::Payload;
use actix_web::http::Method;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderMap};
use actix_web::{FromRequest, HttpRequest};

use super::allowance::Class;
use crate::domain::time::Language;
use crate::service::{Actor, DeviceCaller, Error, Office, Refusal};

/// The name of the cookie over plain HTTP.
pub(super) const COOKIE: &str = "salur";
/// Its name over HTTPS: no other host, and no plain page, can set a cookie of this name.
pub(super) const SECURE_COOKIE: &str = "__Host-salur";
/// The cookie in which a browser keeps the marks of those who signed in with it, over plain HTTP and over HTTPS.
pub(super) const MARKS_COOKIE: &str = "salur_known";
/// See [`MARKS_COOKIE`].
pub(super) const SECURE_MARKS_COOKIE: &str = "__Host-salur_known";
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
    /// The marks of those who signed in with this browser before.
    marks: String,
    /// Whether the request may change something.
    changes: bool,
    /// What the request is counted as, if as anything.
    class: Option<Class>,
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
            .and_then(|value| value.split_once(' '))
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("Bearer"))
            .map(|(_, secret)| secret);
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
            marks: request
                .cookie(SECURE_MARKS_COOKIE)
                .or_else(|| request.cookie(MARKS_COOKIE))
                .map(|cookie| cookie.value().chars().take(1_000).collect())
                .unwrap_or_default(),
            class: request.match_pattern().and_then(|route| Class::of(request.method(), &route)),
            changes: !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS),
            cross_site: comes_from_elsewhere(request.headers()),
            address: address_of(request),
            language: if wanted.is_some_and(|wanted| wanted.starts_with("en")) { Language::En } else { Language::Id },
        }
    }

    /// Whether this is a change, by somebody who shows neither a token nor a session to be known by.
    #[must_use]
    pub const fn changes_as_nobody(&self) -> bool {
        self.changes && matches!(self.shows, Shows::Nothing)
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

    /// The marks of those who signed in with this browser before, as it says.
    pub(super) fn marks(&self) -> impl Iterator<Item = &str> {
        self.marks.split('.').filter(|mark| !mark.is_empty())
    }

    /// A digest of the token that is shown, if one is.
    pub(super) fn bearer_digest(&self) -> Option<[u8; 32]> {
        match &self.shows {
            Shows::Bearer(secret) => Some(crate::vault::hash_secret(secret)),
            _ => None,
        }
    }

    /// Who it is, and the token that their forms must carry when they come by cookie.
    pub fn identify(&self, office: &Office) -> Result<(Actor, Option<String>), Error> {
        match &self.shows {
            Shows::Nothing => Err(Refusal::NotSignedIn.into()),
            Shows::Bearer(secret) => {
                let found = office.who_bears(secret);
                let actor = found.map_err(|error| known_as(error, Refusal::ForPeople, || office.who_device(secret)))?;
                Ok((self.at_address(actor), None))
            }
            Shows::Cookie(secret) => {
                let (actor, csrf) = office.who_signed_in(secret)?;
                Ok((self.at_address(actor), Some(csrf)))
            }
        }
    }

    /// What the request is counted as for the account that makes it.
    pub(super) fn class(&self) -> Option<Class> {
        self.class.filter(|class| class.counts_tokens() || matches!(self.shows, Shows::Cookie(_)))
    }

    /// The actor, acting from where the caller is.
    fn at_address(&self, actor: Actor) -> Actor {
        Actor { from: Some(self.address), ..actor }
    }

    /// Which device it is: one that shows the token of its enrolment.
    pub fn identify_device(&self, office: &Office) -> Result<DeviceCaller, Error> {
        match &self.shows {
            Shows::Nothing => Err(Refusal::NotSignedIn.into()),
            Shows::Bearer(secret) => office
                .who_device(secret)
                .map_err(|error| known_as(error, Refusal::ForDevices, || office.who_bears(secret))),
            Shows::Cookie(secret) => {
                let nobody = Refusal::NotSignedIn.into();
                Err(known_as(nobody, Refusal::ForDevices, || office.who_signed_in(secret)))
            }
        }
    }

    /// Refuses a change that a browser sends with its cookie but without the token of our own pages.
    pub fn check_origin(&self, expected: Option<&str>) -> Result<(), Error> {
        let Some(expected) = expected.filter(|_| self.changes) else { return Ok(()) };
        let same = self.csrf.as_deref().is_some_and(|token| same_text(token, expected));
        if same && !self.cross_site { Ok(()) } else { Err(Refusal::NotOurForm.into()) }
    }
}

/// Whoever is known, though as another than this call is for, may not make it; they are not nobody.
fn known_as<T>(error: Error, refusal: Refusal, other: impl FnOnce() -> Result<T, Error>) -> Error {
    match error {
        Error::Refused(said) if *said == Refusal::NotSignedIn && other().is_ok() => refusal.into(),
        error => error,
    }
}

/// Whether a browser says that a page of another site, or of a neighbour under the same domain, made the request.
/// One that says nothing is no browser of today, and is held to the token of the form.
pub(super) fn comes_from_elsewhere(headers: &HeaderMap) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    if let Some(site) = text("sec-fetch-site") {
        return !matches!(site, "same-origin" | "none");
    }
    let Some(origin) = text("origin") else { return false };
    let host = origin.split_once("://").map_or("", |(_, host)| host);
    !text("host").is_some_and(|ours| ours.eq_ignore_ascii_case(host))
}

/// Where a request comes from: the other end of the connection or, when that is a proxy of ours, the last
/// address before it that is none. What a stranger writes into the header in front of that counts for nothing.
fn address_of(request: &HttpRequest) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let Some(state) = request.app_data::<actix_web::web::Data<super::State>>() else { return peer };
    if !state.trusts(peer) {
        return peer;
    }
    let told = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let mut hops: Vec<IpAddr> = Vec::new();
    for hop in told.flat_map(|value| value.split(',')) {
        match hop.trim().parse() {
            Ok(hop) => hops.push(hop),
            // What stands in front of nonsense may be nonsense as well.
            Err(_) => hops.clear(),
        }
    }
    hops.into_iter().rev().find(|hop| !state.trusts(*hop)).unwrap_or(peer)
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn elsewhere(headers: &[(&str, &str)]) -> bool {
        let request = headers.iter().fold(TestRequest::post(), |request, header| request.insert_header(*header));
        comes_from_elsewhere(request.to_http_request().headers())
    }

    #[test]
    fn a_request_of_another_site_is_told_from_one_of_ours() {
        let host = ("host", "salur.example.go.id");
        for (headers, foreign) in [
            (vec![host], false),
            (vec![host, ("sec-fetch-site", "same-origin")], false),
            (vec![host, ("sec-fetch-site", "none")], false),
            (vec![host, ("sec-fetch-site", "same-site")], true),
            (vec![host, ("sec-fetch-site", "cross-site")], true),
            (vec![host, ("sec-fetch-site", "")], true),
            (vec![host, ("origin", "https://salur.example.go.id")], false),
            (vec![host, ("origin", "https://SALUR.example.go.id")], false),
            (vec![host, ("origin", "https://salur.example.go.id.evil.example")], true),
            (vec![host, ("origin", "https://other.example.go.id")], true),
            (vec![host, ("origin", "null")], true),
            (vec![("origin", "https://salur.example.go.id")], true),
            (vec![host, ("origin", "https://evil.example"), ("sec-fetch-site", "cross-site")], true),
        ] {
            assert_eq!(elsewhere(&headers), foreign, "{headers:?}");
        }
    }
}
