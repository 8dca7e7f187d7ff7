//! `salur audit`

use std::path::PathBuf;

use clap::{Args, Subcommand};
use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::json;

use super::output::{must_be_there, unreadable};
use super::progress::Progress;
use super::{Desk, Fault};
use crate::domain::role::Action;
use crate::service::{AuditReport, AuditSource, AuditWanted, audit_log};
use crate::transparency::{NoteKey, PaperHead};
use crate::words::Value;

/// Take the log out as a folder, and check a log without any database
#[derive(Debug, Args)]
#[command(after_help = "Example: salur audit verify https://salur.example.go.id --key \"$(cat log-key.txt)\"")]
pub(super) struct Audit {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Check a log from end to end: root, heads, signatures, chains, rules, sums; names the first wrong leaf
    #[command(after_help = "Example: salur audit verify log-2026-12 --key \"$(cat log-key.txt)\" --saved checkpoints/")]
    Verify(Verify),
    /// Write the log into a folder, with the signed receipts and the books
    #[command(after_help = "Example: salur audit export log-2026-12 --as auditor --dir demo")]
    Export {
        /// The folder
        folder: PathBuf,
    },
    /// End a log that cannot go on, and begin another under a new name: two persons decide it
    #[command(
        after_help = "Example: salur audit restart --as admin --agreed-by auditor --reason \"server and facts burnt\"\n\
                      Only when what was signed is lost for good: the server is stopped, and the manual's page on the log was read."
    )]
    Restart {
        /// The second person, who may read the log
        #[arg(long, value_name = "NAME")]
        agreed_by: String,
        /// Why; it stands in the trail
        #[arg(long)]
        reason: String,
    },
    /// The log's public key and its newest head, as a line for paper
    #[command(after_help = "Example: salur audit head --dir demo")]
    Head,
}

#[derive(Debug, Args)]
struct Verify {
    /// A folder of `salur audit export`, or the address of an installation (https://…)
    place: String,
    /// The log's key as you know it; without it, the key that the log brings is believed
    #[arg(long)]
    key: Option<String>,
    /// A head that you saved earlier, or a folder of them; may be given several times
    #[arg(long, value_name = "FILE|FOLDER")]
    saved: Vec<PathBuf>,
    /// A head as it stands on paper: "417 ABCD-EFGH-…"; may be given several times
    #[arg(long, value_name = "LINE")]
    paper: Vec<String>,
    /// The key of a witness that must have cosigned; may be given several times
    #[arg(long, value_name = "KEY")]
    witness: Vec<String>,
}

impl Audit {
    pub(super) fn run(self, desk: &Desk<'_>) -> Result<(), Fault> {
        match self.what {
            What::Verify(verify) => verify.run(desk),
            What::Export { folder } => {
                let office = desk.office_to_audit()?;
                let actor = office.console_actor(desk.person(), Action::ReadLog)?;
                let progress = Progress::new();
                let done = office.export_log(&actor, &folder, &|done, all| progress.tell("log", done, all))?;
                drop(progress);
                let text = format!(
                    "{}: {} catatan, {} tanda terima bertanda tangan, {} kepala log.",
                    folder.display(),
                    done.leaves,
                    done.receipts,
                    done.checkpoints
                );
                let value = json!({
                    "folder": folder, "leaves": done.leaves, "receipts": done.receipts, "checkpoints": done.checkpoints,
                });
                desk.output.say(&text, &value)
            }
            What::Restart { agreed_by, reason } => {
                let office = desk.office()?;
                let actor = office.console_actor(desk.person(), Action::ManageUsers)?;
                let other = office.console_actor(Some(&agreed_by), Action::ReadLog)?;
                let origin = office.restart_log(&actor, &other, &reason)?;
                // The office that is open still knows the name of the log that ended.
                let key = desk.office()?.log_public_key()?.to_string();
                let text = desk.words.with("audit-restarted", &[("origin", Value::from(origin.clone()))]);
                desk.output.say(&format!("{text}\n{key}"), &json!({ "origin": origin, "key": key }))
            }
            What::Head => {
                let office = desk.office()?;
                office.keep_log()?;
                let (key, note) = (office.log_public_key()?.to_string(), office.log_checkpoint()?);
                let line =
                    office.log_head_before(office.now().plus_millis(1))?.map(|(line, _)| line).unwrap_or_default();
                desk.output.say(
                    &format!("{line}\n{key}\n\n{}", note.trim_end()),
                    &json!({ "line": line, "key": key, "checkpoint": note }),
                )
            }
        }
    }
}

fn key(text: &str) -> Result<NoteKey, Fault> {
    NoteKey::parse(text.trim()).ok_or_else(|| Fault::Usage("cli-no-key", vec![("text", text.to_owned())]))
}

impl Verify {
    fn run(self, desk: &Desk<'_>) -> Result<(), Fault> {
        let mut wanted = AuditWanted { key: self.key.as_deref().map(key).transpose()?, ..AuditWanted::default() };
        for path in &self.saved {
            read_saved(path, &mut wanted.saved)?;
        }
        for line in &self.paper {
            let head = PaperHead::parse(line);
            wanted.paper.push(head.ok_or_else(|| Fault::Usage("cli-no-head", vec![("line", line.clone())]))?);
        }
        wanted.witnesses = self.witness.iter().map(|text| key(text)).collect::<Result<_, _>>()?;
        if !self.place.contains("://") {
            must_be_there(std::path::Path::new(&self.place))?;
        }
        let source = AuditSource::of(&self.place);
        let progress = Progress::new();
        let report =
            audit_log(&source, &wanted, &|done, all| progress.tell("log", done, all)).map_err(Fault::Broken)?;
        drop(progress);
        desk.output.say(&told(&report), &value(&report))?;
        if report.fault_count == 0 { Ok(()) } else { Err(Fault::Wrong) }
    }
}

/// Reads a saved head, or all that lie in a folder.
fn read_saved(path: &std::path::Path, saved: &mut Vec<(String, String)>) -> Result<(), Fault> {
    let failed = |fault: std::io::Error| unreadable(path, &fault);
    if path.is_dir() {
        let mut files: Vec<PathBuf> = Vec::new();
        for entry in std::fs::read_dir(path).map_err(failed)? {
            let file = entry.map_err(failed)?.path();
            if file.is_file() {
                files.push(file);
            }
        }
        files.sort();
        return files.iter().try_for_each(|file| read_saved(file, saved));
    }
    saved.push((path.display().to_string(), std::fs::read_to_string(path).map_err(failed)?));
    Ok(())
}

fn told(report: &AuditReport) -> String {
    let mut lines = Vec::new();
    if report.fault_count == 0 {
        lines.push(format!("UTUH: {} catatan dari {}.", report.size, report.origin));
    } else {
        let first = report.first_wrong().map_or_else(String::new, |index| format!(", pertama pada catatan {index}"));
        lines.push(format!("TIDAK UTUH: {} kesalahan{first}.", report.fault_count));
        for fault in report.faults.iter().take(20) {
            let place = fault.index.map_or_else(|| "-".to_owned(), |index| index.to_string());
            lines.push(format!("  {place:>9}  {}", fault.what));
        }
    }
    if report.key_from_log {
        lines.push(format!("Kunci diambil dari log itu sendiri; cocokkan dengan yang Anda simpan: {}", report.key));
    }
    lines.push(format!("Kepala log yang cocok: {}; tanda terima diperiksa: {}.", report.heads, report.receipts));
    if report.receipts_absent > 0 {
        lines.push(format!("{} penebusan tanpa tanda terima bertanda tangan di sumber ini.", report.receipts_absent));
    }
    for (witness, at) in &report.cosigned {
        let moment = i64::try_from(*at).ok().and_then(|at| Timestamp::from_second(at).ok());
        lines.push(format!("Saksi {witness}: {}", moment.map(|moment| moment.to_string()).unwrap_or_default()));
    }
    for (round, sums) in &report.rounds {
        lines.push(format!(
            "Tahap {round}: terbit {}, ditebus {}, dicabut {}, kedaluwarsa {}, realisasi {}",
            sums.issued, sums.redeemed, sums.revoked, sums.expired, sums.realised_minor
        ));
    }
    lines.join("\n")
}

fn value(report: &AuditReport) -> serde_json::Value {
    let rounds: serde_json::Map<String, serde_json::Value> = report
        .rounds
        .iter()
        .map(|(round, sums)| {
            let sums = json!({
                "issued": sums.issued, "redeemed": sums.redeemed, "revoked": sums.revoked, "expired": sums.expired,
                "realised_minor": sums.realised_minor, "committed_minor": sums.committed_minor,
            });
            (round.to_string(), sums)
        })
        .collect();
    json!({
        "origin": report.origin,
        "size": report.size,
        "root": BASE64.encode(&report.root),
        "whole": report.fault_count == 0,
        "first_wrong": report.first_wrong(),
        "fault_count": report.fault_count,
        "faults": report.faults.iter().map(|fault| json!({ "index": fault.index, "what": fault.what })).collect::<Vec<_>>(),
        "key": report.key,
        "key_from_log": report.key_from_log,
        "heads": report.heads,
        "receipts": report.receipts,
        "receipts_absent": report.receipts_absent,
        "cosigned": report.cosigned.iter().map(|(name, at)| json!({ "witness": name, "at": at })).collect::<Vec<_>>(),
        "books": report.books,
        "rights": report.rights,
        "kinds": report.kinds,
        "states": report.states,
        "rounds": rounds,
    })
}
