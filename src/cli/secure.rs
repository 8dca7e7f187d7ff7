//! `salur serve --tls`: the certificate that was given, or an authority of the installation's own in its folder.

use std::fs;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};

use clap::Args;

use super::output::{read_file, unwritable};
use super::serve::listen_on;
use super::{Desk, Fault};
use crate::config::Config;
use crate::http::{Guide, tls};

/// The folder of the own authority: its root, the server's chain and key, and the names they are good for.
const FOLDER: &str = "tls";

/// How the server is reached without a proxy before it.
#[derive(Debug, Args)]
pub(super) struct Secure {
    /// Speak HTTPS: with a certificate that is given, or under an authority of the installation's own
    #[arg(long, env = "SALUR_TLS")]
    tls: bool,
    /// A certificate with its chain, PEM
    #[arg(long, env = "SALUR_TLS_CERT", requires = "tls_key")]
    tls_cert: Option<PathBuf>,
    /// The certificate's key, PEM
    #[arg(long, env = "SALUR_TLS_KEY", requires = "tls_cert")]
    tls_key: Option<PathBuf>,
    /// A name or address that phones reach the server by (may be repeated); without it the machine's own address
    #[arg(long, env = "SALUR_TLS_NAME", value_delimiter = ',')]
    tls_name: Vec<String>,
    /// Plain HTTP beside it for the one page that says how the root comes onto a phone, such as 0.0.0.0:8081
    #[arg(long, env = "SALUR_TLS_GUIDE")]
    tls_guide: Option<String>,
}

/// HTTPS, ready to be served.
pub(super) struct Secured {
    pub(super) tls: rustls::ServerConfig,
    pub(super) guide: Option<(TcpListener, Guide)>,
}

fn broken(fault: impl std::fmt::Display) -> Fault {
    Fault::Broken(fault.to_string())
}

impl Secure {
    /// `None` without `--tls`.
    pub(super) fn prepare(
        &self,
        desk: &Desk<'_>,
        config: &Config,
        address: SocketAddr,
    ) -> Result<Option<Secured>, Fault> {
        if !self.tls && self.tls_cert.is_none() {
            return Ok(None);
        }
        if let (Some(cert), Some(key)) = (&self.tls_cert, &self.tls_key) {
            let tls = tls::config(&read_file(cert)?, &read_file(key)?).map_err(broken)?;
            return Ok(Some(Secured { tls, guide: None }));
        }
        let names = self.names(config, address.ip());
        let folder = desk.place.dir.join(FOLDER);
        let kept = own(&folder, &names, desk)?;
        let tls = tls::config(&read_file(&kept.join("server.pem"))?, &read_file(&kept.join("server-key.pem"))?)
            .map_err(broken)?;
        let root = read_file(&kept.join("salur-root.crt"))?;
        let fingerprint = tls::fingerprint(&root).map_err(broken)?;
        let secure = format!("https://{}:{}", names.first().map_or("localhost", String::as_str), address.port());
        let guide = match &self.tls_guide {
            None => None,
            Some(listen) => {
                let root = String::from_utf8(root).map_err(broken)?;
                Some((listen_on(listen)?, Guide { secure, root, fingerprint }))
            }
        };
        Ok(Some(Secured { tls, guide }))
    }

    /// What the certificate is made for; the first is what phones are sent to.
    fn names(&self, config: &Config, bound: IpAddr) -> Vec<String> {
        let mut names = self.tls_name.clone();
        if names.is_empty() {
            names.extend(config.host());
            let own = if bound.is_unspecified() { outward() } else { Some(bound) };
            names.extend(own.map(|address| address.to_string()));
        }
        for own in ["localhost", "127.0.0.1"] {
            if !names.iter().any(|name| name == own) {
                names.push(own.to_owned());
            }
        }
        names
    }
}

/// The address by which this machine speaks to others. No packet is sent: the socket is only pointed somewhere.
fn outward() -> Option<IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    socket.local_addr().ok().map(|address| address.ip()).filter(|address| !address.is_unspecified())
}

/// The folder of the authority, made when it is not there or was made for other names.
fn own<'f>(folder: &'f Path, names: &[String], desk: &Desk<'_>) -> Result<&'f Path, Fault> {
    let wanted = names.join("\n") + "\n";
    let known = folder.join("names");
    if fs::read_to_string(&known).is_ok_and(|made_for| made_for == wanted) {
        return Ok(folder);
    }
    let made = tls::local(names, desk.surroundings.clock.now()).map_err(broken)?;
    fs::create_dir_all(folder).map_err(broken)?;
    write(&folder.join("salur-root.crt"), &made.root)?;
    write(&folder.join("server.pem"), &made.chain)?;
    write(&folder.join("server-key.pem"), &made.key)?;
    // Last: a folder that was left half made is made anew.
    write(&known, &wanted)?;
    Ok(folder)
}

/// Writes a file that only its owner may read.
fn write(path: &Path, text: &str) -> Result<(), Fault> {
    let failed = |fault: std::io::Error| unwritable(path, &fault);
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).map_err(failed)?;
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}
