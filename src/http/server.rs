//! The server: every route on one screen, the layers around them, and how it starts and stops.

use std::net::TcpListener;
use std::time::Duration;

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::web::{self, Data};
use actix_web::{App, HttpResponse, HttpServer};
use tracing_actix_web::TracingLogger;

use super::openapi::openapi;
use super::{Problem, State, api, assets, doors, layers, pages, scanner};

/// A server that answers on this listener once it is awaited. It stops when the process is asked to, after
/// the requests under way have been answered. With `tls` it speaks HTTPS and nothing else.
pub fn serve(listener: TcpListener, state: State, tls: Option<rustls::ServerConfig>) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            // Before the calls: their scope answers for everything below it.
            .route(doors::OPENAPI, web::get().to(openapi_json))
            .app_data(Data::new(state.clone()))
            .app_data(api::json_config())
            .app_data(query_config())
            .app_data(path_config())
            .app_data(web::PayloadConfig::new(api::SYNC_MAX))
            .service(
                web::scope("/api/v1")
                    .wrap(from_fn(layers::whoever_may))
                    .wrap(from_fn(layers::somebody))
                    .configure(api::routes),
            )
            .configure(api::root_routes)
            .configure(assets::routes)
            .configure(scanner::routes)
            .configure(pages::routes)
            .default_service(web::to(not_found))
            .wrap(from_fn(layers::same_origin))
            .wrap(from_fn(layers::finish))
            .wrap(from_fn(layers::head_as_get))
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

/// An address that names no such thing is that of a thing that is not there.
fn path_config() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_, _| Problem::not_found().into())
}

async fn openapi_json() -> HttpResponse {
    HttpResponse::Ok().json(openapi())
}

/// An address that is none: a problem for programs, a page for people. One that is, but not for this method: a
/// problem that says for which.
async fn not_found(request: actix_web::HttpRequest) -> HttpResponse {
    if let Some(allowed) = doors::allowed(&request) {
        HttpResponse::from_error(Problem::method_not_allowed(allowed))
    } else if request.path().starts_with("/api/") {
        HttpResponse::from_error(Problem::not_found())
    } else {
        pages::not_found(&request)
    }
}
