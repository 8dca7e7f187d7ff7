//! Beside HTTPS with an own authority: a plain page that says how the root comes onto a phone, and the root itself.
//! Everything else there leads to the HTTPS address. Nothing secret is on it: a root is public.

use std::net::TcpListener;

use actix_web::dev::Server;
use actix_web::http::header::LOCATION;
use actix_web::middleware::from_fn;
use actix_web::web::{self, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use askama::Template;
use data_encoding::BASE64;

use super::{assets, layers};
use crate::domain::time::Language;
use crate::pdf::qr;
use crate::words::Words;

/// Where the guide leads.
#[derive(Debug, Clone)]
pub struct Guide {
    /// The HTTPS address of the server, without a path.
    pub secure: String,
    /// The root, as PEM.
    pub root: String,
    /// Its fingerprint.
    pub fingerprint: String,
}

#[derive(Template)]
#[template(path = "tls_guide.html", config = "assets/pages/askama.toml")]
struct Page {
    /// The code of each language, and its words.
    languages: [(&'static str, Words); 2],
    style: String,
    root: String,
    scanner: String,
    root_qr: String,
    scanner_qr: String,
    fingerprint: String,
}

impl Page {
    fn of(guide: &Guide, own: &str) -> Self {
        let root = format!("http://{own}/salur-root.crt");
        let scanner = format!("{}/scanner/", guide.secure);
        Self {
            languages: [("id", Words::for_language(Language::Id)), ("en", Words::for_language(Language::En))],
            style: assets::address("style/salur.css"),
            root_qr: picture(&root),
            scanner_qr: picture(&scanner),
            root,
            scanner,
            fingerprint: guide.fingerprint.clone(),
        }
    }
}

/// A QR as an image in the page; empty when the address is too long for one.
fn picture(text: &str) -> String {
    qr::svg(text)
        .map_or_else(|_| String::new(), |svg| format!("data:image/svg+xml;base64,{}", BASE64.encode(svg.as_bytes())))
}

async fn page(request: HttpRequest, guide: Data<Guide>) -> HttpResponse {
    let own = request.connection_info().host().to_owned();
    match Page::of(&guide, &own).render() {
        Ok(html) => HttpResponse::Ok().content_type("text/html; charset=utf-8").body(html),
        Err(fault) => {
            tracing::error!(%fault, "the guide");
            HttpResponse::InternalServerError().finish()
        }
    }
}

async fn root(guide: Data<Guide>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("application/x-x509-ca-cert")
        .insert_header(("content-disposition", "attachment; filename=\"salur-root.crt\""))
        .body(guide.root.clone())
}

async fn elsewhere(request: HttpRequest, guide: Data<Guide>) -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, format!("{}{}", guide.secure, request.uri()))).finish()
}

/// The plain server beside the secure one.
pub fn serve_guide(listener: TcpListener, guide: Guide) -> std::io::Result<Server> {
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(guide.clone()))
            .route("/", web::get().to(page))
            .route("/salur-root.crt", web::get().to(root))
            .configure(assets::routes)
            .default_service(web::to(elsewhere))
            .wrap(from_fn(layers::finish))
    });
    Ok(server.workers(1).listen(listener)?.shutdown_timeout(2).run())
}
