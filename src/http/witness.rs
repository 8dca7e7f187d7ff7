//! A witness over HTTP (C2SP tlog-witness): one call, and nothing else of the web.

use std::net::TcpListener;
use std::sync::Arc;

use actix_web::dev::Server;
use actix_web::http::StatusCode;
use actix_web::http::header::ContentType;
use actix_web::web::{self, Bytes, Data, PayloadConfig};
use actix_web::{App, HttpResponse, HttpServer};

use crate::clock::Clock;
use crate::service::{Witness, WitnessAnswer};
use crate::transparency::witness::Refused;

/// The longest request: a note with its proof.
const REQUEST_BYTES_MAX: usize = 64 * 1024;

struct Post {
    witness: Witness,
    clock: Arc<dyn Clock>,
}

/// A server that answers for this witness once it is awaited.
pub fn serve(listener: TcpListener, witness: Witness, clock: Arc<dyn Clock>) -> std::io::Result<Server> {
    let post = Data::new(Post { witness, clock });
    let server = HttpServer::new(move || {
        App::new()
            .app_data(post.clone())
            .app_data(PayloadConfig::new(REQUEST_BYTES_MAX))
            .route("/add-checkpoint", web::post().to(add_checkpoint))
            .route("/healthz", web::get().to(healthz))
    });
    Ok(server.workers(1).listen(listener)?.shutdown_timeout(5).run())
}

async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("ok\n")
}

async fn add_checkpoint(post: Data<Post>, body: Bytes) -> HttpResponse {
    let answered = web::block(move || {
        let body = String::from_utf8_lossy(&body);
        post.witness.answer(&body, post.clock.as_ref())
    })
    .await;
    match answered {
        Ok(Ok(WitnessAnswer::Cosigned(lines))) => HttpResponse::Ok().content_type(ContentType::plaintext()).body(lines),
        Ok(Ok(WitnessAnswer::Refused(refused))) => {
            let status = StatusCode::from_u16(refused.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let mut answer = HttpResponse::build(status);
            match refused {
                Refused::OtherSize(size) => answer.content_type("text/x.tlog.size").body(format!("{size}\n")),
                other => answer.content_type(ContentType::plaintext()).body(format!("{other}\n")),
            }
        }
        Ok(Err(why)) => {
            tracing::error!(why, "the witness could not keep what it saw");
            HttpResponse::InternalServerError().finish()
        }
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
