//! The official list of villages, and what was confirmed about spellings.

use std::collections::BTreeSet;

use super::{Actor, Error, Office, Refusal, page};
use crate::domain::audit::Event;
use crate::domain::household::tidy;
use crate::domain::id::AgencyId;
use crate::domain::intake::{Column, FileFault, RawRow};
use crate::domain::place::{Alias, Gazetteer, ListFault, Village, fold_place};
use crate::domain::role::Action;
use crate::spreadsheet::{self, Choice};
use crate::store::{self, Conn};

/// No list of villages has more lines: the whole country has fewer.
const LINES_MAX: usize = 90_000;

/// How many villages a refusal names.
const NAMES_TOLD: usize = 12;

/// What loading a list did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Loaded {
    /// How many villages the list has now.
    pub villages: usize,
    /// How many sub-districts.
    pub sub_districts: usize,
    /// How many villages were there before.
    pub before: usize,
}

/// A confirmed spelling on a screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AliasView {
    /// The sub-district as written.
    pub sub_district: String,
    /// The village as written; empty when the sub-district alone is meant.
    pub village: String,
    /// The code of what is meant.
    pub code: String,
    /// Its name, or nothing when the list does not have it any more.
    pub means: Option<String>,
    /// The name of who confirmed it.
    pub confirmed_by: String,
}

/// The list of an agency, ready to be asked.
pub(super) fn gazetteer(conn: &mut Conn, agency: AgencyId) -> Result<Gazetteer, Error> {
    let villages = store::places::all(conn, agency)?;
    let aliases = store::places::aliases(conn, agency)?.into_iter().map(|alias| Alias {
        sub_district: alias.sub_district_folded,
        village: alias.village_folded,
        code: alias.code,
    });
    Ok(Gazetteer::new(villages, aliases))
}

impl Office {
    /// Loads the official list from a file with the columns kode_desa, desa_kelurahan and kecamatan. It takes
    /// the place of the list that was there; spellings that were confirmed stay. Villages that the file lacks go
    /// only when `removing` says how many these are.
    pub fn load_places(
        &self,
        actor: &Actor,
        file_name: &str,
        bytes: Vec<u8>,
        removing: Option<usize>,
    ) -> Result<Loaded, Error> {
        actor.must(Action::ManagePlaces)?;
        let mut villages = Vec::new();
        let choice = Choice { of_villages: true, ..Choice::default() };
        for row in spreadsheet::open(file_name, bytes, &choice).map_err(Refusal::File)? {
            villages.push(village(&row.map_err(Refusal::File)?)?);
            if villages.len() > LINES_MAX {
                return Err(Refusal::File(FileFault::TooManyRows { max: 90_000 }).into());
            }
        }
        self.set_places(actor, &villages, removing)
    }

    /// Puts a list in the place of the one that was there, of which so many villages go.
    pub fn set_places(&self, actor: &Actor, villages: &[Village], removing: Option<usize>) -> Result<Loaded, Error> {
        actor.must(Action::ManagePlaces)?;
        if villages.is_empty() {
            return Err(Refusal::File(FileFault::NoRows).into());
        }
        if let Some(doubled) = Gazetteer::doubled_code(villages) {
            return Err(invalid("kode_desa", format!("{} ada dua kali", doubled.code)));
        }
        self.pool.write("places_load", |tx| {
            let known = store::places::all(tx, actor.agency)?;
            let named: BTreeSet<&str> = villages.iter().map(|village| village.code.as_str()).collect();
            let gone: Vec<&Village> = known.iter().filter(|one| !named.contains(one.code.as_str())).collect();
            if !gone.is_empty() && removing != Some(gone.len()) {
                return Err(Refusal::WouldRemove { count: gone.len(), names: told(&gone) }.into());
            }
            let before = known.len();
            store::places::replace(tx, actor.agency, villages)?;
            let mut sub_districts: Vec<&str> = villages.iter().map(Village::sub_district_code).collect();
            sub_districts.sort_unstable();
            sub_districts.dedup();
            let detail = format!("{} villages, {} removed", villages.len(), gone.len());
            self.record(tx, actor.who(), Event::PlacesLoaded, actor.agency, detail)?;
            Ok(Loaded { villages: villages.len(), sub_districts: sub_districts.len(), before })
        })
    }

    /// Villages of the actor's agency, in the order of their codes.
    pub fn places(&self, actor: &Actor, after: Option<&str>, limit: Option<i64>) -> Result<Vec<Village>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| Ok(store::places::list(conn, actor.agency, after.unwrap_or(""), page(limit))?))
    }

    /// What was confirmed about spellings.
    pub fn place_aliases(&self, actor: &Actor) -> Result<Vec<AliasView>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let list = gazetteer(conn, actor.agency)?;
            let aliases = store::places::aliases(conn, actor.agency)?;
            let mut views = Vec::with_capacity(aliases.len());
            for alias in aliases {
                let village =
                    list.village(&alias.code).map(|village| format!("{}, {}", village.name, village.sub_district));
                views.push(AliasView {
                    means: village.or_else(|| list.sub_district(&alias.code).map(str::to_owned)),
                    sub_district: alias.sub_district_written,
                    village: alias.village_written,
                    code: alias.code,
                    confirmed_by: store::users::find(conn, alias.confirmed_by)?
                        .map(|user| user.name)
                        .unwrap_or_default(),
                });
            }
            Ok(views)
        })
    }

    /// Forgets what was confirmed about a spelling: it is asked again.
    pub fn forget_alias(&self, actor: &Actor, sub_district: &str, village: &str) -> Result<(), Error> {
        actor.must(Action::ManagePlaces)?;
        let (sub_district, village) = (fold_place(sub_district), fold_place(village));
        self.pool.write("alias_forget", |tx| {
            if !store::places::forget_alias(tx, actor.agency, &sub_district, &village)? {
                return Err(Refusal::NotFound("alias").into());
            }
            self.record(tx, actor.who(), Event::AliasConfirmed, "-", format!("forgotten: {sub_district}"))
        })
    }
}

fn invalid(field: &'static str, why: String) -> Error {
    Refusal::Invalid { field, why }.into()
}

fn village(row: &RawRow) -> Result<Village, Error> {
    let text = |column| row.cell(column).map(|cell| tidy(&cell.text).text).unwrap_or_default();
    let (code, name, sub_district) = (text(Column::VillageCode), text(Column::Village), text(Column::SubDistrict));
    Village::of(&code, &name, &sub_district).map_err(|fault| match fault {
        ListFault::Code => invalid(
            "kode_desa",
            format!("baris {}: “{}” bukan kode Kemendagri seperti 64.02.06.1002", row.number, shortened(&code)),
        ),
        ListFault::Name => invalid(
            "desa_kelurahan",
            format!("baris {}: nama desa atau kecamatan kosong atau terlalu panjang", row.number),
        ),
    })
}

/// Villages by name; of many the first ones.
fn told(villages: &[&Village]) -> String {
    let names = villages.iter().take(NAMES_TOLD).map(|one| format!("{}, {}", one.name, one.sub_district));
    let more = if villages.len() > NAMES_TOLD { "; …" } else { "" };
    format!("{}{more}", names.collect::<Vec<_>>().join("; "))
}

fn shortened(text: &str) -> String {
    text.chars().take(20).collect()
}
