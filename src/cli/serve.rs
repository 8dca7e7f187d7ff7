//! `salur serve`

use std::net::{SocketAddr, TcpListener, ToSocketAddrs};
use std::time::Duration;

use clap::Args;

use super::output::line;
use super::secure::{Secure, Secured};
use super::{Desk, Fault};
use crate::http::{self, State};
use crate::service::{BackupKeeper, BackupPlan, LogKeeper, Runner};
use crate::telemetry;

/// Serve the pages and the API until asked to stop
#[derive(Debug, Args)]
#[command(after_help = "Example: salur serve --dir demo --listen 127.0.0.1:8080")]
pub(super) struct Serve {
    /// Address and port; port 0 picks a free one
    #[arg(long, env = "SALUR_LISTEN")]
    listen: Option<String>,
    #[command(flatten)]
    secure: Secure,
}

impl Serve {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let config = desk.config(self.listen.clone())?;
        let socket = socket_of(&config.listen)?;
        let counting = telemetry::start_counting();
        let upkeep = counting.clone();
        let office = desk.office_of(&config, 8)?.with_jobs_in(config.jobs.clone());
        let plan = match config.backup_hours {
            None => None,
            Some(every_hours) => Some(BackupPlan {
                location: config.database_url.parse()?,
                folder: config.backups.clone(),
                scratch: config.backup_scratch.clone(),
                every_hours,
                keep: config.backup_keep,
            }),
        };
        let runner = Runner::start(&office);
        office.warm_dashboards();
        let (log_keeper, kept, tidied, seen) =
            (LogKeeper::start(&office), office.clone(), office.clone(), office.clone());
        let backup_keeper = plan.map(|plan| BackupKeeper::start(&office, plan));
        let listener = bind(&config.listen, socket)?;
        let address = listener.local_addr().map_err(|fault| Fault::Broken(fault.to_string()))?;
        let secured = self.secure.prepare(desk, &config, address)?;
        let state = State::new(office, config.https() || secured.is_some(), counting)
            .with_proxies(config.trusted_proxies.clone())
            .with_address(config.public_url.clone());
        let broken = |fault: std::io::Error| Fault::Broken(fault.to_string());
        let served = actix_web::rt::System::new().block_on(async move {
            let (scheme, tls, guide) = match secured {
                None => ("http", None, None),
                Some(Secured { tls, guide }) => ("https", Some(tls), guide),
            };
            let server = http::serve(listener, state, tls).map_err(broken)?;
            if let Some((listener, guide)) = guide {
                // It goes with the program: nobody waits for an answer of the guide.
                actix_web::rt::spawn(http::serve_guide(listener, guide).map_err(broken)?);
            }
            // Times that nobody fetches are added up now and then, or they would pile up in memory.
            actix_web::rt::spawn(async move {
                while let Some(counted) = &upkeep {
                    actix_web::rt::time::sleep(Duration::from_secs(5)).await;
                    counted.run_upkeep();
                }
            });
            actix_web::rt::spawn(async move {
                loop {
                    actix_web::rt::time::sleep(Duration::from_secs(1)).await;
                    let office = tidied.clone();
                    match actix_web::rt::task::spawn_blocking(move || office.shorten_wal()).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => tracing::warn!(%error, "the write-ahead log could not be shortened"),
                        Err(error) => tracing::warn!(%error, "the write-ahead log could not be shortened"),
                    }
                }
            });
            actix_web::rt::spawn(async move {
                loop {
                    actix_web::rt::time::sleep(Duration::from_secs(5)).await;
                    let office = seen.clone();
                    match actix_web::rt::task::spawn_blocking(move || office.write_seen()).await {
                        Ok(Ok(())) => {}
                        Ok(Err(error)) => tracing::warn!(%error, "what was used could not be written down"),
                        Err(error) => tracing::warn!(%error, "what was used could not be written down"),
                    }
                }
            });
            // The listener is bound: whoever connects from now on is answered as soon as the workers are up.
            line(&format!("listening on {scheme}://{address}"))?;
            server.await.map_err(|fault| Fault::Broken(format!("the server stopped: {fault}")))
        });
        if let Some(keeper) = backup_keeper {
            keeper.stop();
        }
        runner.stop();
        log_keeper.stop(&kept);
        served
    }
}

/// Listens where a command says.
pub(super) fn listen_on(address: &str) -> Result<TcpListener, Fault> {
    bind(address, socket_of(address)?)
}

fn named(address: &str, why: &dyn std::fmt::Display) -> Vec<(&'static str, String)> {
    vec![("address", address.to_owned()), ("why", why.to_string())]
}

fn socket_of(address: &str) -> Result<SocketAddr, Fault> {
    let found = address.to_socket_addrs().ok().and_then(|mut found| found.next());
    found.ok_or_else(|| Fault::Usage("cli-no-address", named(address, &"")))
}

fn bind(address: &str, socket: SocketAddr) -> Result<TcpListener, Fault> {
    TcpListener::bind(socket).map_err(|fault| match fault.kind() {
        std::io::ErrorKind::AddrInUse => Fault::Unable("cli-port-taken", named(address, &fault)),
        _ => Fault::Unable("cli-cannot-listen", named(address, &fault)),
    })
}
