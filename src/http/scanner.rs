//! The scanner's own files, under one address so that the phone can keep them: `GET /scanner/` and what lies below
//! it. No rule, no data: the scanner speaks to the API like any device.

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, IF_NONE_MATCH};
use actix_web::middleware::Next;
use actix_web::{HttpRequest, HttpResponse, web};
use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
};

use super::assets;

/// As for the pages, and besides: its decoder is WebAssembly in a worker, its camera a stream, and it has a manifest.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; style-src 'self'; \
    img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; manifest-src 'self'; font-src 'self'; \
    form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Answers `GET /scanner/{file}`; the empty name is the page itself.
async fn serve(request: HttpRequest, file: web::Path<String>) -> HttpResponse {
    answer(&request, &file)
}

/// Answers `GET /scanner/`.
async fn page(request: HttpRequest) -> HttpResponse {
    answer(&request, "index.html")
}

fn answer(request: &HttpRequest, file: &str) -> HttpResponse {
    // One plain name: nothing beside the scanner's own folder is reached from here.
    let plain = !file.contains(['/', '\\']);
    let Some(asset) = assets::find(&format!("dist/scanner/{file}")).filter(|_| plain) else {
        return HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .body(
                "Pemindai tidak ada di program ini: node tidak ada waktu program dibuat. Layani lewat halaman Meja, /desk.\n\
                 The scanner was not built into this program: node was missing. Serve with the desk page, /desk.\n",
            );
    };
    let tag = format!("\"{}\"", asset.mark);
    // Always asked for anew, and mostly answered 304: which version it has, the service worker decides.
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|other| other.trim().trim_start_matches("W/") == tag));
    if known {
        return HttpResponse::NotModified()
            .insert_header((ETAG, tag))
            .insert_header((CACHE_CONTROL, "no-cache"))
            .finish();
    }
    let media_type = match file.rsplit('.').next() {
        Some("webmanifest") => "application/manifest+json".to_owned(),
        Some("wasm") => "application/wasm".to_owned(),
        _ => asset.media_type,
    };
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, media_type))
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, "no-cache"))
        .body(asset.bytes.into_owned())
}

async fn with_policy(
    request: ServiceRequest,
    next: Next<impl MessageBody>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let mut answer = next.call(request).await?;
    let policy = HeaderValue::from_static(POLICY);
    answer.headers_mut().insert(HeaderName::from_static("content-security-policy"), policy);
    Ok(answer)
}

/// The routes of the scanner.
pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(
        web::scope("/scanner")
            .wrap(actix_web::middleware::from_fn(with_policy))
            .route("", web::get().to(|| async { web::Redirect::to("/scanner/").see_other() }))
            .route("/", web::get().to(page))
            .route("/{file:[^/]+}", web::get().to(serve)),
    );
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::{App, test};

    use super::*;

    #[actix_web::test]
    async fn the_scanner_may_run_its_decoder_and_nothing_inline() {
        let app = test::init_service(App::new().configure(routes)).await;
        let answer = test::call_service(&app, test::TestRequest::get().uri("/scanner/scanner.js").to_request()).await;
        let policy = answer.headers().get("content-security-policy").unwrap().to_str().unwrap().to_owned();
        assert!(policy.contains("'wasm-unsafe-eval'") && !policy.contains("'unsafe-inline'"), "{policy}");
        for path in ["/scanner/none.js", "/scanner/../../Cargo.toml", "/scanner/..%2fdesk.js"] {
            let answer = test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
