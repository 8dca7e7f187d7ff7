//! What changed between two versions of a list, readable by whoever has to sign the second decree.

use std::collections::BTreeMap;

use super::super::{Actor, Error, Office, Refusal};
use super::history::DecisionView;
use super::list::owned_list;
use super::{ListView, Names, point_codes};
use crate::domain::audit::Event;
use crate::domain::id::{HouseholdId, ListId, PointId};
use crate::domain::role::Action;
use crate::spreadsheet::{ByteOrderMark, table_to_csv};
use crate::store;
use crate::store::households::Household;

/// A household that one version names and the other does not, or at another point.
#[derive(Debug, Clone)]
pub struct DifferenceLine {
    /// The household.
    pub id: HouseholdId,
    /// Its key in the source.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// RT, village, sub-district.
    pub place: String,
    /// The code of its point in the older version, where that names it.
    pub point_before: Option<String>,
    /// The code of its point in the newer version, where that names it.
    pub point: Option<String>,
    /// The newest decision on it when the newer version was fixed.
    pub decision: Option<DecisionView>,
}

/// What changed from one version to another.
#[derive(Debug, Clone)]
pub struct Difference {
    /// The older version.
    pub from: ListView,
    /// The newer version.
    pub to: ListView,
    /// Named by the newer alone.
    pub added: Vec<DifferenceLine>,
    /// Named by the older alone.
    pub removed: Vec<DifferenceLine>,
    /// Named by both, at different points.
    pub moved: Vec<DifferenceLine>,
}

impl Difference {
    /// How many households both versions name.
    #[must_use]
    pub fn kept(&self) -> i64 {
        self.to.households - i64::try_from(self.added.len()).unwrap_or(0)
    }
}

/// A household with its points before and after.
type Between = (Household, Option<PointId>, Option<PointId>);

impl Office {
    /// What changed from one version of a programme's list to another. The look is on record.
    pub fn list_difference(&self, actor: &Actor, to: ListId, from: ListId) -> Result<Difference, Error> {
        actor.must(Action::ReadHouseholds)?;
        let (from, _) = self.list(actor, from)?;
        let (to, _) = self.list(actor, to)?;
        if from.programme != to.programme {
            return Err(Refusal::NotFound("list").into());
        }
        let found = self.pool.read_snapshot(|conn| -> Result<_, Error> {
            let programme = owned_list(conn, actor, to.id)?.programme;
            let until = from.fixed_at.max(to.fixed_at);
            let codes = point_codes(conn, actor)?;
            let mut names = Names::default();
            let mut lines = |conn: &mut store::Conn, found: Vec<Between>| -> Result<Vec<DifferenceLine>, Error> {
                let ids: Vec<HouseholdId> = found.iter().map(|one| one.0.id).collect();
                let decided: BTreeMap<HouseholdId, store::decisions::Decision> =
                    store::decisions::newest_until(conn, programme, &ids, until)?
                        .into_iter()
                        .map(|one| (one.household, one))
                        .collect();
                let mut lines = Vec::with_capacity(found.len());
                for (household, before, after) in found {
                    let code = |point: Option<PointId>| point.and_then(|point| codes.get(&point).cloned());
                    let decision = match decided.get(&household.id) {
                        None => None,
                        Some(one) => Some(DecisionView::of(one.clone(), names.of(conn, one.by)?)),
                    };
                    lines.push(DifferenceLine {
                        id: household.id,
                        nik_masked: self.nik_masked(&household)?,
                        place: super::super::household::place(&household),
                        point_before: code(before),
                        point: code(after),
                        decision,
                        source_id: household.source_id,
                        name: household.name,
                    });
                }
                Ok(lines)
            };
            let added = store::lists::only_in(conn, to.id, from.id)?;
            let added = lines(conn, added.into_iter().map(|one| (one.household, None, one.point)).collect())?;
            let removed = store::lists::only_in(conn, from.id, to.id)?;
            let removed = lines(conn, removed.into_iter().map(|one| (one.household, one.point, None)).collect())?;
            let moved = store::lists::moved(conn, from.id, to.id)?;
            let moved =
                lines(conn, moved.into_iter().map(|(one, before)| (one.household, before, one.point)).collect())?;
            Ok((added, removed, moved))
        })?;
        let (added, removed, moved) = found;
        let count = added.len() + removed.len() + moved.len();
        self.record_look(actor, Event::HouseholdsViewed, to.id, format!("difference {count}"))?;
        Ok(Difference { from, to, added, removed, moved })
    }
}

/// The difference as a table for a spreadsheet. `say` gives the words for a standing and a reason.
#[must_use]
pub fn difference_csv(difference: &Difference, say: &dyn Fn(&str, &str) -> String) -> Vec<u8> {
    let headings =
        ["perubahan", "id_sumber", "nama", "nik", "alamat", "titik_lama", "titik_baru", "keputusan", "alasan", "bukti"];
    let parts = [("added", &difference.added), ("removed", &difference.removed), ("moved", &difference.moved)];
    let rows = parts.into_iter().flat_map(|(change, lines)| {
        lines.iter().map(move |line| {
            let decision = line.decision.as_ref();
            vec![
                say("change", change),
                line.source_id.clone(),
                line.name.clone(),
                line.nik_masked.clone().unwrap_or_default(),
                line.place.clone(),
                line.point_before.clone().unwrap_or_default(),
                line.point.clone().unwrap_or_default(),
                decision.map(|one| say("standing", one.standing.as_str())).unwrap_or_default(),
                decision.and_then(|one| one.reason).map(|reason| say("reason", reason.as_str())).unwrap_or_default(),
                decision.map(|one| one.evidence.clone()).unwrap_or_default(),
            ]
        })
    });
    table_to_csv(&headings, rows, ByteOrderMark::With)
}
