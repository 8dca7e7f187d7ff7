//! `salur openapi`

use clap::Args;

use super::output::line;
use super::{Desk, Fault};
use crate::http;

/// Print the description of the API (OpenAPI 3.1)
#[derive(Debug, Args)]
#[command(after_help = "Example: salur openapi > openapi.json")]
pub(super) struct Openapi {}

impl Openapi {
    pub(super) fn run(&self, _: &Desk<'_>) -> Result<(), Fault> {
        line(&http::openapi().to_pretty_json().map_err(|fault| Fault::Broken(fault.to_string()))?)
    }
}
