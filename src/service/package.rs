//! Packages: versions that add up, of which none that was used is ever changed.

use super::entry::{code, exists, text};
use super::{Actor, Error, Office, Refusal, programme};
use crate::domain::audit::Event;
use crate::domain::id::{PackageId, ProgrammeId};
use crate::domain::package::{self, Item, Package};
use crate::domain::role::Action;
use crate::store;

/// A version of a package that is to be added.
#[derive(Debug, Clone)]
pub struct NewPackage {
    /// The programme.
    pub programme: ProgrammeId,
    /// Short code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its lines.
    pub items: Vec<Item>,
}

impl Office {
    /// Adds a version of a package.
    pub fn create_package(&self, actor: &Actor, new: &NewPackage) -> Result<Package, Error> {
        actor.must(Action::ManageProgrammes)?;
        let value = package::value_of(&new.items).map_err(Refusal::Package)?;
        let code = code(&new.code)?;
        let name = text("name", &new.name, 80)?;
        self.pool.write("package_create", |tx| {
            programme::owned_programme(tx, actor, new.programme)?;
            // Goods on record are counted in the unit in which they were bought.
            for contract in store::contracts::of_programme(tx, new.programme)? {
                for line in &contract.lines {
                    let other = new.items.iter().find(|item| item.code == line.item);
                    if let Some(item) =
                        other.filter(|item| item.unit.as_str() != line.unit || item.pack_size != line.pack_size)
                    {
                        let why = format!(
                            "{}: {} × {}, as in contract {}",
                            item.code, line.pack_size, line.unit, contract.number
                        );
                        return Err(Refusal::Invalid { field: "items", why }.into());
                    }
                }
            }
            // So are those that were handed out: what is added up over rounds has one unit.
            for before in store::packages::of_programme(tx, new.programme)? {
                for item in &before.items {
                    let other = new.items.iter().find(|other| other.code == item.code);
                    if other.is_some_and(|other| other.unit != item.unit || other.pack_size != item.pack_size) {
                        let size = item.pack_size;
                        let why =
                            format!("{}: {size} {}, as in version {}", item.code, item.unit.as_str(), before.version);
                        return Err(Refusal::Invalid { field: "items", why }.into());
                    }
                }
            }
            let package = Package {
                id: self.new_id(PackageId::by_time)?,
                programme: new.programme,
                code: code.clone(),
                version: store::packages::newest_version(tx, new.programme, &code)? + 1,
                name: name.clone(),
                items: new.items.clone(),
                value,
            };
            store::packages::insert(tx, &package, self.now()).map_err(exists(&package.code))?;
            self.record(tx, actor.who(), Event::PackageCreated, package.id, "")?;
            Ok(package)
        })
    }

    /// The package versions of one programme, or of all the agency's.
    pub fn packages(&self, actor: &Actor, programme: Option<ProgrammeId>) -> Result<Vec<Package>, Error> {
        self.of_programmes(actor, programme, store::packages::of_programme)
    }

    /// One package version.
    pub fn package(&self, actor: &Actor, id: PackageId) -> Result<Package, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            let package = store::packages::find(conn, id)?.ok_or(Refusal::NotFound("package"))?;
            let owned = programme::owned_programme(conn, actor, package.programme);
            owned.map_err(|_| Refusal::NotFound("package"))?;
            Ok(package)
        })
    }
}
