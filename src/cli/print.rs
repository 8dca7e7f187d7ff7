//! `salur print`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::output::write_file;
use super::progress::Progress;
use super::{Desk, Fault};
use crate::domain::id::{EntitlementId, RoundId};
use crate::domain::job::Mark;
use crate::domain::role::Action;
use crate::service::Wish;

/// Print a round's vouchers as PDF, in bundles of an RT
#[derive(Debug, Args)]
#[command(after_help = "Example: salur print --round 0199… --point TGR-01 -o kupon.pdf --dir demo")]
pub(super) struct Print {
    /// The round
    #[arg(long)]
    round: RoundId,
    /// Only those of the point with this code
    #[arg(long)]
    point: Option<String>,
    /// Only the voucher of this entitlement, after a reprint
    #[arg(long, conflicts_with = "point")]
    entitlement: Option<EntitlementId>,
    /// How the vouchers lie on the paper: a4x4, a4x2, a6 or booklet
    #[arg(long, default_value = "a4x4")]
    layout: String,
    /// The language of the paper: id, or id-en for both
    #[arg(long, default_value = "id")]
    language: String,
    /// The file; above 1,000 vouchers several, numbered
    #[arg(short, long)]
    output: PathBuf,
}

impl Print {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::ReadVouchers)?;
        let mut wish = Wish::parse(self.point.clone(), Some(&self.layout), Some(&self.language))
            .map_err(|refusal| Fault::Office(refusal.into()))?;
        wish.entitlement = self.entitlement;
        office.prepare_bundles(&actor, self.round)?;
        let run = office.begin_print(&actor, self.round, wish)?;
        let progress = Progress::new();
        let (mut files, mut printed, mut mark) = (Vec::new(), 0, Some(Mark::default()));
        while let Some(here) = mark {
            progress.tell("cetak", u64::try_from(printed).unwrap_or(0), u64::try_from(run.count).unwrap_or(0));
            let Some(part) = office.print_part(&actor, &run, here)? else { break };
            let only = files.is_empty() && !part.more;
            let path = if only { self.output.clone() } else { numbered(&self.output, files.len() + 1) };
            write_file(&path, &part.bytes)?;
            files.push(path.display().to_string());
            printed += part.count;
            mark = part.next();
        }
        drop(progress);
        let text = format!("Dicetak: {printed} kupon dalam {}", files.join(", "));
        desk.output.say(&text, &json!({ "vouchers": printed, "files": files }))
    }
}

/// `kupon.pdf` as `kupon-001.pdf`.
fn numbered(path: &Path, part: usize) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let end = path.extension().map(|end| format!(".{}", end.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{part:03}{end}"))
}
