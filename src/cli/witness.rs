//! `salur witness`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use serde_json::json;

use super::output::line;
use super::serve::listen_on;
use super::{Desk, Fault};
use crate::http::serve_witness;
use crate::service::Witness as Post;
use crate::transparency::NoteKey;

/// Watch logs from elsewhere: remember how far each was seen, and cosign what follows from it
#[derive(Debug, Args)]
#[command(after_help = "Example: salur witness init saksi --name inspektorat.example.go.id/saksi-1")]
pub(super) struct Witness {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Make a witness: draws its key and shows what the logs need of it
    #[command(after_help = "Example: salur witness init saksi --name inspektorat.example.go.id/saksi-1")]
    Init {
        /// The folder of the witness
        folder: PathBuf,
        /// The name under which it cosigns, without spaces
        #[arg(long)]
        name: String,
    },
    /// Add a log to those it knows
    #[command(after_help = "Example: salur witness know saksi \"salur.example.go.id/api/v1/log+1a2b3c4d+Aa…\"")]
    Know {
        /// The folder of the witness
        folder: PathBuf,
        /// The log's key, as `salur audit head` shows it
        log: String,
    },
    /// Answer logs that ask for a cosignature, until asked to stop
    #[command(after_help = "Example: salur witness serve saksi --listen 0.0.0.0:8090")]
    Serve {
        /// The folder of the witness
        folder: PathBuf,
        /// Address and port; port 0 picks a free one
        #[arg(long, default_value = "127.0.0.1:8090")]
        listen: String,
    },
}

impl Witness {
    pub(super) fn run(self, desk: &Desk<'_>) -> Result<(), Fault> {
        match self.what {
            What::Init { folder, name } => {
                let key = Post::found(&folder, &name, desk.surroundings.entropy.as_ref()).map_err(Fault::Broken)?;
                desk.output.say(&key.to_string(), &json!({ "key": key.to_string() }))
            }
            What::Know { folder, log } => {
                let key = NoteKey::parse(log.trim());
                let key = key.ok_or_else(|| Fault::Usage("cli-no-key", vec![("text", log.clone())]))?;
                Post::know(&folder, &key).map_err(Fault::Broken)?;
                desk.output.say(key.name(), &json!({ "log": key.name() }))
            }
            What::Serve { folder, listen } => {
                let post = Post::open(&folder).map_err(Fault::Broken)?;
                let listener = listen_on(&listen)?;
                let address = listener.local_addr().map_err(|fault| Fault::Broken(fault.to_string()))?;
                let clock = desk.surroundings.clock.clone();
                actix_web::rt::System::new().block_on(async move {
                    let server =
                        serve_witness(listener, post, clock).map_err(|fault| Fault::Broken(fault.to_string()))?;
                    line(&format!("listening on http://{address}"))?;
                    server.await.map_err(|fault| Fault::Broken(format!("the server stopped: {fault}")))
                })
            }
        }
    }
}
