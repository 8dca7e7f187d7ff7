//! Households in: a file is read and checked, nothing is changed; another person agrees; then it is applied.
//!
//! ```text
//! file ─► upload ─► check, locate, compare ─► rows with their reasons ─► apply, by another person
//!           │                                     │        └► file with the column alasan
//!           └► parked, when its columns are unclear└► spelling: confirm places, compare again
//! ```

mod apply;
mod applying;
mod compare;
mod line;
mod parked;
mod reasons;
mod rows;
mod spelling;
mod upload;

pub use applying::Applying;
pub(in crate::service) use applying::Underway;
pub use line::{Ask, FindingView};
pub use parked::ParkedView;
pub use reasons::{ReasonsFile, ReasonsForm, ReasonsOf};
pub use rows::{ChangeView, Outline, RowFilter, RowView};
pub use spelling::{Confirmed, SpellingView};

use super::{Actor, Error, Refusal, programme};
use crate::domain::id::{IntakeId, ProgrammeId};
use crate::domain::intake::Counts;
use crate::domain::time::Timestamp;
use crate::store::intakes::Intake;
use crate::store::{self, Conn};

/// How many rows are compared or applied together.
const BATCH: usize = 500;

/// The same as the store counts.
const BATCH_ROWS: i64 = 500;

/// An intake on a screen.
#[derive(Debug, Clone)]
pub struct IntakeView {
    /// Its id.
    pub id: IntakeId,
    /// For which programme.
    pub programme: ProgrammeId,
    /// What the file was called.
    pub file_name: String,
    /// The sheet that was read, of a workbook.
    pub sheet: String,
    /// Headings that were left out.
    pub ignored_columns: Vec<String>,
    /// How many rows of family members were left out beside the head of their family.
    pub members_left_out: u32,
    /// What the dry run found.
    pub counts: Counts,
    /// The name of who uploaded it.
    pub uploaded_by: String,
    /// Whether that is the actor, who then may not agree to it.
    pub uploaded_by_actor: bool,
    /// When.
    pub uploaded_at: Timestamp,
    /// The name of who agreed, if somebody has.
    pub applied_by: Option<String>,
    /// When.
    pub applied_at: Option<Timestamp>,
}

/// The intake, when it is of the actor's agency.
fn owned_intake(conn: &mut Conn, actor: &Actor, id: IntakeId) -> Result<Intake, Error> {
    let intake = store::intakes::find(conn, id)?.ok_or(Refusal::NotFound("intake"))?;
    programme::owned_programme(conn, actor, intake.programme).map_err(|_| Refusal::NotFound("intake"))?;
    Ok(intake)
}

fn intake_view(conn: &mut Conn, actor: &Actor, intake: Intake) -> Result<IntakeView, Error> {
    let mut name =
        |id| -> Result<String, Error> { Ok(store::users::find(conn, id)?.map(|user| user.name).unwrap_or_default()) };
    Ok(IntakeView {
        id: intake.id,
        programme: intake.programme,
        file_name: intake.file_name,
        sheet: intake.sheet,
        ignored_columns: intake.ignored_columns.split('|').filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        members_left_out: intake.members_left_out,
        counts: intake.counts,
        uploaded_by: name(intake.uploaded_by)?,
        uploaded_by_actor: intake.uploaded_by == actor.user,
        uploaded_at: intake.uploaded_at,
        applied_by: intake.applied_by.map(&mut name).transpose()?,
        applied_at: intake.applied_at,
    })
}
