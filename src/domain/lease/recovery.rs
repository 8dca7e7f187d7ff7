//! After a restore: what devices report, what is given up, what the facts outside say.
//!
//! A restored server is in a new epoch and has forgotten leases and receipts. Two things bring them back:
//! the facts stored outside ([`recall`], before anything else), and the answers of the devices ([`step`]).
//! An answer is taken in this order: its journal, receipt by receipt, as any sync; then its table, one
//! `Report` for each entitlement that it names or that the server believes to be with it; then the
//! device's row is marked as [`answered`]. Table and mark belong into one transaction.

use super::evidence::{Conflict, Evidence, Known};
use super::message::{Claimed, Held, Receipt, ResyncAnswer};
use super::office::{Fact, FourEyes, Hold, Member, Office, Right, Row, Standing};
use super::server::{Answer, Facts, Refused, Step, free, placed};

/// What a step of the recovery may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// What the device says of this entitlement in an answer that [`counts`]; `None` when its table is silent.
    Report(Option<Held>),
    /// Two persons give the device up.
    WriteOff {
        /// Who.
        by: FourEyes,
        /// Whether another device that holds this entitlement has confirmed it in this epoch.
        holder_answered: bool,
    },
    /// A replacement for this unresolved entitlement was approved.
    Replaced,
}

/// Rule 10: an answer counts for the current epoch alone, and once. A second answer could be older than a
/// lease that was granted after the first, and its silence would free that lease.
#[must_use]
pub fn counts(office: Office, member: &Member, answer: &ResyncAnswer) -> bool {
    answer.device == member.device && answer.epoch == office.epoch && member.owes_answer(office.epoch)
}

/// The device's row once its whole answer is taken.
#[must_use]
pub const fn answered(member: Member, office: Office) -> Member {
    Member { answered: office.epoch, ..member }
}

/// Takes one step.
#[must_use]
pub fn step(facts: &Facts, input: &Input) -> Step {
    match input {
        Input::Report(said) => report(facts, *said),
        Input::WriteOff { holder_answered, .. } => write_off(facts, *holder_answered),
        Input::Replaced => replaced(facts),
    }
}

fn report(facts: &Facts, said: Option<Held>) -> Step {
    let Facts { member, row, office } = facts;
    if said.is_some_and(|said| said.entitlement != row.entitlement) {
        return Step::refused(facts, Refused::NotTheirs);
    }
    if !member.owes_answer(office.epoch) {
        return Step::refused(facts, Refused::DoesNotCount); // rule 10
    }
    let mine = row.right == Right::Leased(member.device);
    let mut step = Step::unchanged(facts, Answer::Done);
    match said {
        Some(Held { claimed: Claimed::Open, fence, .. }) => {
            // Also what this backup calls expired: another life of the server, begun before that, may have granted it.
            let forgotten = fence > row.fence && !matches!(row.right, Right::Redeemed(_) | Right::Revoked);
            if forgotten || (mine && fence == row.fence) {
                step.row.fence = fence;
                step.row.right = Right::Leased(member.device);
                // Leases exclude each other: what this device holds, no lost one can hold.
                step.row.doubt = None;
                if forgotten && row.hold == Hold::Effective {
                    // It was set while this server believed to have the right itself: the device has yet to hear of it.
                    step.row.hold = Hold::Requested;
                }
            } else {
                let (device, entitlement) = (member.device, row.entitlement);
                step.evidence.push(Evidence::StaleClaim { device, entitlement });
            }
        }
        Some(Held { claimed: Claimed::Redeemed, fence, .. }) => {
            // Normally its receipt, in the journal or the log outside, has come first. Where it has not, the right
            // must not come free, now or when another device gives up an older lease: it is a person's to solve.
            match row.right {
                Right::Leased(_) if !mine && fence > row.fence => step.row.doubt = Some(member.device),
                Right::Leased(_) if mine => step.row.right = Right::Unresolved(member.device),
                Right::Available | Right::Expired if fence > row.fence => {
                    step.row.right = Right::Unresolved(member.device)
                }
                _ => return step,
            }
            let (device, entitlement) = (member.device, row.entitlement);
            step.evidence.push(Evidence::ReceiptMissing { device, entitlement });
        }
        // It does not hold it, and in the new epoch takes no older grant any more (rule 9).
        Some(Held { claimed: Claimed::Closed, .. }) | None => {
            if mine && !member.forked {
                return free(facts);
            }
        }
    }
    step
}

/// Rule 6: what a device held that is given up becomes `unresolved`, never `available`. While it owes an
/// answer, it may hold anything of its point that no other device has shown to have.
fn write_off(facts: &Facts, holder_answered: bool) -> Step {
    let Facts { member, office, .. } = facts;
    let mut step = Step::unchanged(facts, Answer::Done);
    step.member.standing = Standing::WrittenOff;
    if member.standing != Standing::WrittenOff {
        step.facts.push(Fact::WrittenOff(member.device));
    }
    give_up(&mut step.row, member, office.epoch, holder_answered);
    step
}

fn give_up(row: &mut Row, member: &Member, epoch: u32, holder_answered: bool) {
    let may_hold = member.owes_answer(epoch) && member.point == row.point;
    match row.right {
        Right::Leased(device) if device == member.device => row.right = Right::Unresolved(device),
        Right::Available if may_hold => row.right = Right::Unresolved(member.device),
        Right::Leased(_) if may_hold && !holder_answered => row.doubt = Some(member.device),
        _ => {}
    }
}

fn replaced(facts: &Facts) -> Step {
    let state = facts.row.right.state();
    if !matches!(facts.row.right, Right::Unresolved(_)) {
        return Step::refused(facts, Refused::Is(state));
    }
    let mut step = Step::unchanged(facts, Answer::Done);
    step.row.replaced = true;
    step
}

/// What a fact from outside makes of a restored entitlement. Receipts are recalled before everything else.
/// `member` is the device of which the fact speaks, as restored and before [`recall_member`].
#[must_use]
pub fn recall(row: Row, fact: &Fact, member: Option<&Member>, office: Office) -> Row {
    let mut row = row;
    match fact {
        Fact::Redeemed(receipt) if receipt.entitlement == row.entitlement => {
            row.right = Right::Redeemed(receipt.redemption);
            row.fence = row.fence.max(receipt.fence);
            (row.revoke_requested, row.doubt) = (false, None);
        }
        // Both were final, and with nobody holding a lease; nothing was granted since.
        Fact::Revoked(entitlement) | Fact::Expired(entitlement)
            if *entitlement == row.entitlement && !matches!(row.right, Right::Redeemed(_)) =>
        {
            let revoked = matches!(fact, Fact::Revoked(_));
            row.right = if revoked { Right::Revoked } else { Right::Expired };
            row.revoke_requested = false;
        }
        Fact::WrittenOff(_) => {
            // A backup that was made after the write-off knows all that followed from it.
            if let Some(member) = member {
                give_up(&mut row, member, office.epoch, false);
            }
        }
        _ => {}
    }
    row
}

/// What a fact from outside makes of a restored device; `None` when it does not speak of a device.
/// Rule 11: one that was enrolled after the backup appears here, and is waited for.
#[must_use]
pub fn recall_member(member: Option<Member>, fact: &Fact) -> Option<Member> {
    match (fact, member) {
        (Fact::Enrolled { device, point, keeper, epoch }, None) => {
            Some(Member::enrolled(*device, *point, *keeper, *epoch))
        }
        (Fact::Barred(device), Some(known)) if known.device == *device && known.standing == Standing::Active => {
            Some(Member { standing: Standing::Revoked, ..known })
        }
        (Fact::WrittenOff(device), Some(known)) if known.device == *device => {
            Some(Member { standing: Standing::WrittenOff, ..known })
        }
        (_, known) => known,
    }
}

/// What a receipt from outside, which the restored server had forgotten, makes of its device. `known` is what
/// the server has around its place by then; a fork shows again as it did the first time.
#[must_use]
pub fn recall_receipt(member: &Member, receipt: &Receipt, known: &Known) -> Member {
    placed(member, receipt, known)
}

/// What becomes of a redemption that the restored database knows, when the facts outside name another receipt of the
/// same entitlement: a copy of the device, or an answer that nobody heard, made two. The one outside was acknowledged in
/// some life of the server, so it stands in every later one; this one is kept as a conflict, and is told outside as such.
#[must_use]
pub fn displaced(redemption: &Receipt, fact: &Fact) -> Option<Conflict> {
    match fact {
        Fact::Redeemed(other) if other.entitlement == redemption.entitlement && other.hash != redemption.hash => {
            Some(Conflict::AlreadyRedeemed)
        }
        _ => None,
    }
}

/// A receipt among the facts, and the reason if it is not a redemption.
#[must_use]
pub const fn receipt_of(fact: &Fact) -> Option<(Receipt, Option<Conflict>)> {
    match fact {
        Fact::Redeemed(receipt) => Some((*receipt, None)),
        Fact::Conflict(receipt, why) => Some((*receipt, Some(*why))),
        _ => None,
    }
}
