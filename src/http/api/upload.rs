//! A file that comes in a form, with what was pointed out about it.

use actix_multipart::{Field, Multipart};
use futures_util::TryStreamExt;
use serde::Deserialize;
use std::collections::BTreeMap;

use crate::domain::intake::Column;
use crate::http::Problem;
use crate::spreadsheet::Choice;

/// No file that is sent may be larger.
pub(in crate::http) const FILE_MAX: usize = 50_000_000;

/// No field beside it may be.
const TEXT_MAX: usize = 16 * 1024;

/// The one file of a form, and what its fields point out about it.
#[derive(Debug)]
pub(super) struct Upload {
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) choice: Choice,
    /// How many villages the sender knows to go with a new list.
    pub(super) removes: Option<usize>,
}

/// Which place holds which column: as an object, or as pairs.
#[derive(Deserialize)]
#[serde(untagged)]
enum Columns {
    ByPlace(BTreeMap<String, Column>),
    Pairs(Vec<(usize, Column)>),
}

impl Columns {
    fn pairs(self) -> Option<Vec<(usize, Column)>> {
        match self {
            Self::Pairs(pairs) => Some(pairs),
            Self::ByPlace(by_place) => {
                by_place.into_iter().map(|(place, column)| Some((place.parse().ok()?, column))).collect()
            }
        }
    }
}

/// Reads a form with one file, up to [`FILE_MAX`], in the field `file`.
pub(super) async fn read_upload(mut form: Multipart) -> Result<Upload, Problem> {
    let mut found: Option<(String, Vec<u8>)> = None;
    let mut choice = Choice::default();
    let mut removes = None;
    while let Some(field) = form.try_next().await.map_err(broken)? {
        let named = field.name().unwrap_or_default().to_owned();
        if named == "file" && found.is_none() {
            let name = field.content_disposition().and_then(|about| about.get_filename()).unwrap_or("").to_owned();
            found = Some((name, bytes(field, FILE_MAX).await?));
            continue;
        }
        if named == "removes" {
            let text = String::from_utf8_lossy(&bytes(field, TEXT_MAX).await?).trim().to_owned();
            removes = Some(text.parse().map_err(|_| Problem::bad_request("bad_multipart", named))?);
            continue;
        }
        if !matches!(named.as_str(), "sheet" | "header_row" | "columns" | "village" | "sub_district" | "make_ids") {
            continue;
        }
        let text = String::from_utf8_lossy(&bytes(field, TEXT_MAX).await?).trim().to_owned();
        point_out(&mut choice, &named, text).ok_or_else(|| Problem::bad_request("bad_multipart", named))?;
    }
    let (name, bytes) = found.ok_or_else(|| Problem::bad_request("bad_multipart", "file"))?;
    Ok(Upload { name, bytes, choice, removes })
}

/// Notes what one field points out; nothing when it cannot be read.
fn point_out(choice: &mut Choice, named: &str, text: String) -> Option<()> {
    if text.is_empty() {
        return Some(());
    }
    match named {
        "sheet" => choice.sheet = Some(text),
        "header_row" => choice.header_row = Some(text.parse().ok()?),
        "columns" => choice.columns = Some(serde_json::from_str::<Columns>(&text).ok()?.pairs()?),
        "village" => choice.village = Some(text),
        "sub_district" => choice.sub_district = Some(text),
        _ => {
            choice.make_ids = match text.as_str() {
                "true" | "yes" | "1" => true,
                "false" | "no" | "0" => false,
                _ => return None,
            }
        }
    }
    Some(())
}

async fn bytes(mut field: Field, max: usize) -> Result<Vec<u8>, Problem> {
    let mut all = Vec::new();
    while let Some(chunk) = field.try_next().await.map_err(broken)? {
        if all.len() + chunk.len() > max {
            return Err(Problem::too_large(max));
        }
        all.extend_from_slice(&chunk);
    }
    Ok(all)
}

fn broken(fault: actix_multipart::MultipartError) -> Problem {
    Problem::bad_request("bad_multipart", fault)
}
