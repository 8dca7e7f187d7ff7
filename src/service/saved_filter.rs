//! Views of lists that people keep for themselves: which cases, which documents. Nobody else sees them.

use super::{Actor, Error, Office, Refusal, entry};
use crate::domain::id::SavedFilterId;
use crate::domain::role::Action;
use crate::store;
use crate::store::saved_filters::Kept;

/// The lists of which views can be kept, and how their addresses begin.
const PAGES: [(&str, &str); 2] = [("cases", "/cases?"), ("documents", "/rounds/")];
/// As many of each list as one person may keep.
const KEPT_MAX: usize = 30;

impl Office {
    /// What the actor keeps of a list, by name.
    pub fn saved_filters(&self, actor: &Actor, page: &str) -> Result<Vec<Kept>, Error> {
        actor.must(Action::ReadProgrammes)?;
        Ok(self.pool.read(|conn| store::saved_filters::of_user(conn, actor.user, page))?)
    }

    /// Keeps a view under a name. The address leads to that list and nowhere else.
    pub fn save_filter(&self, actor: &Actor, page: &str, name: &str, address: &str) -> Result<(), Error> {
        actor.must(Action::ReadProgrammes)?;
        let name = entry::text("name", name, 60)?;
        let begins = PAGES.iter().find(|one| one.0 == page).map(|one| one.1).ok_or(Refusal::NotFound("page"))?;
        let plain = address.bytes().all(|sign| sign.is_ascii_alphanumeric() || b"/?&=-_".contains(&sign));
        if !address.starts_with(begins) || !plain || address.len() > 300 {
            return Err(Refusal::NotFound("page").into());
        }
        let now = self.now();
        self.pool.write("filter_save", |tx| {
            let count = store::saved_filters::of_user(tx, actor.user, page)?.len();
            if count >= KEPT_MAX {
                let most = i64::try_from(KEPT_MAX).unwrap_or(i64::MAX);
                return Err(Refusal::TooMany { count: most + 1, max: most }.into());
            }
            let kept = (self.new_id(SavedFilterId::by_time)?, name.clone(), address.to_owned());
            store::saved_filters::insert(tx, actor.user, page, &kept, now).map_err(entry::exists(&name))
        })
    }

    /// Forgets a view.
    pub fn forget_filter(&self, actor: &Actor, id: SavedFilterId) -> Result<(), Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.write("filter_forget", |tx| {
            let was_there = store::saved_filters::remove(tx, actor.user, id)?;
            if was_there { Ok(()) } else { Err(Refusal::NotFound("filter").into()) }
        })
    }
}
