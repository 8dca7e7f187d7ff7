//! `salur print`

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::output::write_file;
use super::progress::Progress;
use super::{Desk, Fault};
use crate::domain::id::RoundId;
use crate::domain::role::Action;

/// Print a round's vouchers as PDF, four to an A4 page
#[derive(Debug, Args)]
#[command(after_help = "Example: salur print --round 0199… --point TGR-01 -o kupon.pdf --dir demo")]
pub(super) struct Print {
    /// The round
    #[arg(long)]
    round: RoundId,
    /// Only those of the point with this code
    #[arg(long)]
    point: Option<String>,
    /// The file; above 1,000 vouchers several, numbered
    #[arg(short, long)]
    output: PathBuf,
}

impl Print {
    pub(super) fn run(&self, desk: &Desk<'_>) -> Result<(), Fault> {
        let office = desk.office()?;
        let actor = office.console_actor(desk.person(), Action::ReadVouchers)?;
        let run = office.begin_print(&actor, self.round, self.point.as_deref())?;
        let progress = Progress::new();
        let mut files = Vec::new();
        for part in 0..run.parts() {
            progress.tell("cetak", u64::try_from(part).unwrap_or(0), u64::try_from(run.parts()).unwrap_or(0));
            let path = if run.parts() == 1 { self.output.clone() } else { numbered(&self.output, part + 1) };
            write_file(&path, &office.print_part(&actor, &run, part)?)?;
            files.push(path.display().to_string());
        }
        drop(progress);
        let text = format!("Dicetak: {} kupon dalam {}", run.count, files.join(", "));
        desk.output.say(&text, &json!({ "vouchers": run.count, "files": files }))
    }
}

/// `kupon.pdf` as `kupon-001.pdf`.
fn numbered(path: &Path, part: i64) -> PathBuf {
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let end = path.extension().map(|end| format!(".{}", end.to_string_lossy())).unwrap_or_default();
    path.with_file_name(format!("{stem}-{part:03}{end}"))
}
