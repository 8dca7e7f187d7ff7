//! The server: every route on one screen, the layers around them, and how it starts and stops.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data, JsonConfig};
use actix_web::{App, HttpResponse, HttpServer};
use tracing_actix_web::TracingLogger;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{Info, OpenApi};
use utoipa_actix_web::{AppExt, scope};

use super::{Problem, State, api, assets, layers, pages, scanner};

/// A server that answers on this listener once it is awaited. It stops when the process is asked to, after
/// the requests under way have been answered. With `tls` it speaks HTTPS and nothing else.
pub fn serve(listener: TcpListener, state: State, tls: Option<rustls::ServerConfig>) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        let (app, _) = App::new()
            .into_utoipa_app()
            .app_data(Data::new(state.clone()))
            .app_data(api::json_config())
            .app_data(query_config())
            .app_data(web::PayloadConfig::new(api::SYNC_MAX))
            .service(scope::scope("/api/v1").configure(api::routes))
            .configure(api::root_routes)
            .split_for_parts();
        app.service(web::resource("/api/v1/openapi.json").get(openapi_json))
            .configure(assets::routes)
            .configure(scanner::routes)
            .configure(pages::routes)
            .default_service(web::to(not_found))
            .wrap(from_fn(layers::same_origin))
            .wrap(from_fn(layers::finish))
            .wrap(Compress::default())
            .wrap(TracingLogger::<layers::RequestLog>::new())
    });
    // A desk scans every minute or so: its connection is kept between two scans, so that no request is
    // ever sent into one that is just being closed.
    let server = server.keep_alive(Duration::from_secs(75));
    let server = match tls {
        None => server.listen(listener)?,
        Some(tls) => server.listen_rustls_0_23(listener, tls)?,
    };
    Ok(server.shutdown_timeout(20).run())
}

fn query_config() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|fault, _| Problem::bad_request("bad_query", fault).into())
}

async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok().json(openapi())
}

/// An address that is none: a problem for programs, a page for people.
async fn not_found(request: actix_web::HttpRequest) -> HttpResponse {
    if request.path().starts_with("/api/") {
        HttpResponse::from_error(Problem::not_found())
    } else {
        pages::not_found(&request)
    }
}

/// What is posted by somebody whom nobody knows yet.
const OPEN: [&str; 3] = ["/api/v1/sessions", "/api/v1/invitations/accept", "/api/v1/devices/enrol"];

/// The description of the API, collected from the calls themselves.
#[must_use]
pub fn openapi() -> OpenApi {
    let (_, mut collected) = App::new()
        .into_utoipa_app()
        .app_data(JsonConfig::default())
        .service(scope::scope("/api/v1").configure(api::routes))
        .configure(api::root_routes)
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
    for (path, item) in &mut collected.paths.paths {
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
