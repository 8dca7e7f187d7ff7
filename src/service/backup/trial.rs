//! A dump of PostgreSQL is proved by restoring it: into a database of its own, which goes again whatever comes of it.

use super::Error;
use crate::domain::time::Timestamp;
use crate::store::{self, Location};

/// A database for a restore on trial, gone when it is dropped.
pub(super) struct Trial<'a> {
    server: &'a Location,
    name: String,
    url: String,
}

impl<'a> Trial<'a> {
    /// Makes it, empty, on the server of the installation's own database.
    pub(super) fn begin(server: &'a Location, url: &str, at: Timestamp) -> Result<Self, Error> {
        // Nothing but the program's own letters and digits: it goes into a statement as it is.
        let name = format!("salur_trial_{}_{}", at.millis(), std::process::id());
        store::backup::create_database(server, &name)?;
        Ok(Self { server, url: in_database(url, &name), name })
    }

    /// Its address.
    pub(super) fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Trial<'_> {
    fn drop(&mut self) {
        if let Err(error) = store::backup::drop_database(self.server, &self.name) {
            tracing::warn!(%error, name = self.name, "the database of a restore on trial is left behind");
        }
    }
}

/// The same server's address with another database.
fn in_database(url: &str, name: &str) -> String {
    let (scheme, rest) = url.split_once("://").unwrap_or(("postgres", url));
    let (place, options) = rest.split_once('?').map_or((rest, None), |(place, options)| (place, Some(options)));
    let host = place.split_once('/').map_or(place, |(host, _)| host);
    let kept: Vec<&str> =
        options.into_iter().flat_map(|all| all.split('&')).filter(|one| !one.starts_with("dbname=")).collect();
    let options = if kept.is_empty() { String::new() } else { format!("?{}", kept.join("&")) };
    format!("{scheme}://{host}/{name}{options}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_is_on_the_same_server_in_another_database() {
        for (url, other) in [
            (
                "postgres://a:s@h1,h2:5/salur?target_session_attrs=read-write",
                "postgres://a:s@h1,h2:5/t?target_session_attrs=read-write",
            ),
            ("postgres:///salur?host=/run/pg", "postgres:///t?host=/run/pg"),
            ("postgresql://h?dbname=salur&user=a", "postgresql://h/t?user=a"),
            ("postgres://h/salur", "postgres://h/t"),
        ] {
            assert_eq!(in_database(url, "t"), other);
        }
    }
}
