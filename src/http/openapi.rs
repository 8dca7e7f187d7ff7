//! The description of the API: collected from the calls themselves, and completed by what is the same for all.

use actix_web::App;
use actix_web::web::JsonConfig;
use utoipa::openapi::path::Operation;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Content, Info, OpenApi, PathItem, Ref, RefOr, Response};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::{AppExt, scope};

use super::api;
use crate::domain::intake::FindingKind;

/// What is posted by somebody whom nobody knows yet.
pub(super) const OPEN: [&str; 3] = ["/api/v1/sessions", "/api/v1/invitations/accept", "/api/v1/devices/enrol"];

/// The description of the API, collected from the calls themselves.
#[must_use]
pub fn openapi() -> OpenApi {
    let (_, mut collected) = App::new()
        .into_utoipa_app()
        .app_data(JsonConfig::default())
        .service(scope::scope("/api/v1").configure(|calls| api::routes(calls)))
        .configure(|calls| api::root_routes(calls))
        .split_for_parts();
    let mut info = Info::new("Salur", env!("CARGO_PKG_VERSION"));
    info.description = Some(
        "Signed QR vouchers for aid distribution points: issued on paper, redeemed once, reconciled to the \
         rupiah. Refusals are RFC 9457 problems whose member `code` is a verdict or a reason. Times are ISO \
         8601 with offset, money is in minor units, listings go on with `after` = `next`."
            .to_owned(),
    );
    info.license = Some(utoipa::openapi::License::new("MIT OR Apache-2.0"));
    collected.info = info;
    let components = collected.components.get_or_insert_default();
    components.add_security_scheme(
        "token",
        SecurityScheme::Http(
            HttpBuilder::new()
                .scheme(HttpAuthScheme::Bearer)
                .description(Some("From `salur tokens create`, or from `POST /api/v1/sessions`."))
                .build(),
        ),
    );
    collected.security = Some(vec![SecurityRequirement::new("token", Vec::<String>::new())]);
    components.schemas.insert(FindingKind::name().into_owned(), FindingKind::schema());
    for (path, item) in &mut collected.paths.paths {
        for (method, call) in calls(item) {
            call.operation_id = Some(operation_id(method, path));
            describe_refusals(call);
        }
        let open = !path.starts_with("/api/")
            || OPEN.contains(&path.as_str())
            || path.starts_with("/api/v1/log/")
            || path == "/api/v1/redemptions/{id}/proof";
        if let Some(post) = item.post.as_mut().filter(|_| open) {
            post.security = Some(Vec::new());
        }
        if let Some(get) = item.get.as_mut().filter(|_| open && path != "/api/v1/sessions") {
            get.security = Some(Vec::new());
        }
    }
    collected
}

pub(super) fn calls(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let PathItem { get, put, post, delete, patch, .. } = item;
    let all = [("get", get), ("put", put), ("post", post), ("delete", delete), ("patch", patch)];
    all.into_iter().filter_map(|(method, call)| Some((method, call.as_mut()?)))
}

/// A name that no other call has: the method and the address.
fn operation_id(method: &str, path: &str) -> String {
    let path = path.trim_start_matches("/api/v1").replace(|sign: char| !sign.is_ascii_alphanumeric(), "_");
    let words: Vec<&str> = path.split('_').filter(|word| !word.is_empty()).collect();
    format!("{method}_{}", words.join("_"))
}

/// How a call says no: the statuses that are its own stand beside it; any other, such as a body that is no JSON or a
/// caller who is not signed in, has the same form.
fn describe_refusals(call: &mut Operation) {
    const PROBLEM: &str = "#/components/schemas/ProblemBody";
    let is_problem = |content: &RefOr<Content>| match content {
        RefOr::T(content) => matches!(&content.schema, Some(RefOr::Ref(to)) if to.ref_location == PROBLEM),
        RefOr::Ref(_) => false,
    };
    let problem = || Content::new(Some(RefOr::Ref(Ref::new(PROBLEM))));
    for (status, answer) in &mut call.responses.responses {
        let RefOr::T(answer) = answer else { continue };
        if answer.content.is_empty() && status.starts_with(['4', '5']) {
            answer.content.insert("application/problem+json".into(), RefOr::T(problem()));
        }
        answer.content = std::mem::take(&mut answer.content)
            .into_iter()
            .map(|(kind, content)| {
                (if is_problem(&content) { "application/problem+json".into() } else { kind }, content)
            })
            .collect();
    }
    let mut other = Response::new("Any other refusal or failure");
    other.content.insert("application/problem+json".into(), RefOr::T(problem()));
    call.responses.responses.entry("default".into()).or_insert(RefOr::T(other));
}
