//! Style sheets and scripts, compiled into the binary and served from the same origin.
//!
//! A page names an asset with a piece of its hash in the query. Such an address never changes its
//! content and is kept for a year; without the hash the browser asks again each time and mostly hears
//! 304. When node has never built the scripts, `dist` is empty: pages then name none and still work.

use std::borrow::Cow;

use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH};
use actix_web::{HttpRequest, HttpResponse, web};
use data_encoding::HEXLOWER;

/// What the desk's TypeScript was built into.
#[derive(rust_embed::RustEmbed)]
#[folder = "assets/dist"]
#[prefix = "dist/"]
#[allow_missing = true]
struct Dist;

/// Our own style sheet and icon.
#[derive(rust_embed::RustEmbed)]
#[folder = "assets/style"]
#[prefix = "style/"]
struct Style;

/// One asset: its bytes, what they are and the start of their SHA-256 in hexadecimal.
#[derive(Debug)]
pub struct Asset {
    /// The content.
    pub bytes: Cow<'static, [u8]>,
    /// Its media type.
    pub media_type: String,
    /// Sixteen signs that change when the content does.
    pub mark: String,
}

/// The asset of this name (`style/salur.css`, `dist/desk.js`), if it was built in.
#[must_use]
pub fn find(name: &str) -> Option<Asset> {
    let file = if name.starts_with("dist/") { Dist::get(name) } else { Style::get(name) }?;
    let hash = file.metadata.sha256_hash();
    let mut media_type = file.metadata.mimetype().to_owned();
    if media_type.starts_with("text/") {
        media_type.push_str("; charset=utf-8");
    }
    Some(Asset { mark: HEXLOWER.encode(&hash[..8]), media_type, bytes: file.data })
}

/// The address of an asset, with its mark; without one when it was not built in.
#[must_use]
pub fn address(name: &str) -> String {
    find(name).map_or_else(|| format!("/assets/{name}"), |asset| format!("/assets/{name}?v={}", asset.mark))
}

/// Answers `GET /assets/{name}`.
pub async fn serve(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let Some(asset) = find(&name) else {
        return HttpResponse::NotFound().content_type("text/plain; charset=utf-8").body("no such asset\n");
    };
    let tag = format!("\"{}\"", asset.mark);
    let pinned = request.query_string() == format!("v={}", asset.mark);
    let keep = if pinned { "public, max-age=31536000, immutable" } else { "no-cache" };
    let known = request
        .headers()
        .get(IF_NONE_MATCH)
        .and_then(|value| value.to_str().ok())
        .is_some_and(|tags| tags.split(',').any(|other| other.trim().trim_start_matches("W/") == tag));
    if known {
        return HttpResponse::NotModified().insert_header((ETAG, tag)).insert_header((CACHE_CONTROL, keep)).finish();
    }
    HttpResponse::Ok()
        .insert_header((CONTENT_TYPE, asset.media_type))
        .insert_header((ETAG, tag))
        .insert_header((CACHE_CONTROL, keep))
        .body(asset.bytes.into_owned())
}

/// The route of the assets.
pub fn routes(config: &mut web::ServiceConfig) {
    config.route("/assets/{name:.+}", web::get().to(serve));
}

#[cfg(test)]
mod tests {
    use actix_web::http::StatusCode;
    use actix_web::{App, test};

    use super::*;

    #[actix_web::test]
    async fn an_asset_is_sent_once_and_then_known() {
        let app = test::init_service(App::new().configure(routes)).await;
        let first =
            test::call_service(&app, test::TestRequest::get().uri("/assets/style/salur.css").to_request()).await;
        assert_eq!(first.status(), StatusCode::OK);
        assert_eq!(first.headers().get(CONTENT_TYPE).unwrap(), "text/css; charset=utf-8");
        assert_eq!(first.headers().get(CACHE_CONTROL).unwrap(), "no-cache");
        let tag = first.headers().get(ETAG).unwrap().clone();
        let again =
            test::TestRequest::get().uri("/assets/style/salur.css").insert_header((IF_NONE_MATCH, tag)).to_request();
        assert_eq!(test::call_service(&app, again).await.status(), StatusCode::NOT_MODIFIED);
        let pinned = test::TestRequest::get().uri(&address("style/salur.css")).to_request();
        let pinned = test::call_service(&app, pinned).await;
        assert_eq!(pinned.headers().get(CACHE_CONTROL).unwrap(), "public, max-age=31536000, immutable");
    }

    #[actix_web::test]
    async fn what_is_not_there_is_not_found() {
        let app = test::init_service(App::new().configure(routes)).await;
        for path in ["/assets/dist/none.js", "/assets/style/../words/id.ftl", "/assets/../Cargo.toml", "/assets/style/"]
        {
            let answer = test::call_service(&app, test::TestRequest::get().uri(path).to_request()).await;
            assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
