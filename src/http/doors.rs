//! Which calls there are, and who may come in by each: read once from where they stand, in `api::routes`.
//!
//! A body is read before the office knows who sends it. Whoever may not make a call at all shall hear that, and not
//! what else is wrong with it.

use std::collections::HashMap;
use std::sync::LazyLock;

use actix_web::HttpRequest;
use actix_web::dev::HttpServiceFactory;
use actix_web::http::Method;
use actix_web::web::Data;
use utoipa_actix_web::OpenApiFactory;

use super::api::{self, Calls, Door};
use super::openapi::calls;
use super::{Caller, Problem, State};

/// The description of the API: it is no call of it.
pub(super) const OPENAPI: &str = "/api/v1/openapi.json";

/// The calls by their addresses.
#[derive(Default)]
struct Doors {
    below: &'static str,
    by_address: HashMap<String, Vec<(Method, Door)>>,
}

impl Calls for Doors {
    fn take(&mut self, door: Door, call: impl HttpServiceFactory + OpenApiFactory + 'static) -> &mut Self {
        for (address, mut item) in call.paths().paths {
            let methods = calls(&mut item).filter_map(|(method, _)| method.to_ascii_uppercase().parse().ok());
            let known = self.by_address.entry(format!("{}{address}", self.below)).or_default();
            known.extend(methods.map(|method: Method| (method, door)));
        }
        self
    }
}

static DOORS: LazyLock<Doors> = LazyLock::new(|| {
    let mut doors = Doors { below: "/api/v1", ..Doors::default() };
    api::routes(&mut doors);
    doors.below = "";
    api::root_routes(&mut doors);
    doors.by_address.insert(OPENAPI.to_owned(), vec![(Method::GET, Door::Open)]);
    doors
});

/// The calls at the address of this request, by their methods; nothing when it is no address of the API.
fn at(request: &HttpRequest) -> Option<&'static [(Method, Door)]> {
    let pattern = request.match_pattern()?;
    // The description names a part of an address without saying what it may hold.
    let address = match (pattern.find(':'), pattern.rfind('}')) {
        (Some(from), Some(to)) if from < to => format!("{}{}", &pattern[..from], &pattern[to..]),
        _ => pattern,
    };
    DOORS.by_address.get(&address).map(Vec::as_slice)
}

/// By which door this request comes in, if there is such a call.
pub(super) fn door(request: &HttpRequest) -> Option<Door> {
    at(request)?.iter().find(|(method, _)| method == request.method()).map(|(_, door)| *door)
}

/// What may be asked of an address that is there, but not for what was asked of it; nothing when it is not there.
pub(super) fn allowed(request: &HttpRequest) -> Option<String> {
    let mut methods: Vec<&str> = match at(request) {
        Some(calls) => calls.iter().map(|(method, _)| method.as_str()).collect(),
        // A page: it is shown, or takes a form, or both.
        None => {
            request.match_pattern()?;
            ["GET", "POST"].into_iter().filter(|method| *method != request.method().as_str()).collect()
        }
    };
    if let Some(get) = methods.iter().position(|method| *method == "GET") {
        methods.insert(get + 1, "HEAD");
    }
    Some(methods.join(", "))
}

/// Why the one who calls may not make this call, whatever is in it; nothing when they may.
pub(super) async fn refused(request: &HttpRequest) -> Option<Problem> {
    let state = request.app_data::<Data<State>>()?;
    let caller = Caller::of(request);
    match door(request)? {
        Door::Open => None,
        Door::Device => state.device(&caller, |_, _| Ok(())).await.err(),
        Door::May(action) => state.act(&caller, move |_, actor| actor.must(action)).await.err(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_that_is_described_has_its_door() {
        let mut described = 0;
        for (address, mut item) in super::super::openapi().paths.paths {
            for (method, _) in calls(&mut item) {
                let known = &DOORS.by_address[&address];
                assert!(
                    known.iter().any(|(known, _)| known.as_str().eq_ignore_ascii_case(method)),
                    "{method} {address}"
                );
                described += 1;
            }
        }
        let known: usize = DOORS.by_address.values().map(Vec::len).sum();
        assert_eq!(known, described + 1, "the description itself is none of them");
    }
}
