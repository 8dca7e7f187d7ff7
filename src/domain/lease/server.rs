//! The server's step: one device, one entitlement, one message or wish.
//!
//! No input of this file carries a time: nothing that a clock says can move a lease (rule 4).

use super::super::entitlement::{Fence, State};
use super::super::time::Timestamp;

use super::evidence::{Conflict, Evidence, Known, in_chain, why_not};
use super::message::{Ask, Grant, Receipt, Return};
use super::office::{Fact, Hold, Member, Office, Right, Row};

/// The rows that a step looks at. Whoever applies the result holds them still or compares them again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// The server.
    pub office: Office,
    /// The device that speaks, or is spoken of.
    pub member: Member,
    /// The entitlement.
    pub row: Row,
}

/// What a step may be about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Input {
    /// The device shall have the right.
    Grant {
        /// When the device stops using it.
        ends_at: Timestamp,
    },
    /// The device gives the right back.
    Return(Return),
    /// The device used the right.
    Receipt {
        /// Its record of that.
        receipt: Receipt,
        /// What is kept around it.
        known: Known,
    },
    /// A desk of the server's own uses the right now: the server takes the lease and redeems in one step.
    /// The receipt is made out for [`Row::next_fence`].
    RedeemHere {
        /// The desk's record, signed.
        receipt: Receipt,
        /// What is kept around it.
        known: Known,
    },
    /// The right shall be taken away.
    Revoke,
    /// The right shall be held back (or no longer be).
    Hold {
        /// Whether it shall.
        on: bool,
    },
    /// The device holds it back, under this lease.
    HoldTaken {
        /// Which lease.
        fence: Fence,
    },
    /// The round is over.
    Expire,
    /// A recovery has ended: what was asked for while it lasted can be done.
    Settle,
}

/// Why nothing was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Refused {
    /// Devices still owe an answer (rule 8).
    Recovering,
    /// The device may have no more leases.
    Barred,
    /// The device is of another point.
    OtherPoint,
    /// The entitlement is in another state.
    Is(State),
    /// It is held back.
    Held,
    /// Somebody wants it revoked.
    RevokeRequested,
    /// The message names another device, or another entitlement, than the rows.
    NotTheirs,
    /// It is not the current lease (rule 3), or comes from a device that nobody can trust with it.
    NotTheLease,
    /// The receipt was made out for another fence than the next.
    OtherFence,
    /// The answer is of another epoch, or not the first (rule 10).
    DoesNotCount,
}

/// What the caller is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Answer {
    /// The device has the right; the same lease again, when it had it before.
    Granted(Grant),
    /// The right came back.
    Freed,
    /// The right came back, and was taken away as somebody wished.
    FreedAndRevoked,
    /// The receipt is the redemption.
    Taken {
        /// The entitlement had been given up as unresolved.
        settled: bool,
    },
    /// The very same receipt was here before.
    Known,
    /// The receipt is kept as evidence; handing out goods on it was not authorised.
    Conflict(Conflict),
    /// It is revoked.
    Revoked,
    /// It is asked for; the device must answer first (rules 7 and 8).
    Requested(Option<Ask>),
    /// It is done.
    Done,
    /// Nothing was changed.
    Refused(Refused),
}

/// What follows from a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The device's row as it shall be.
    pub member: Member,
    /// The entitlement's row as it shall be.
    pub row: Row,
    /// What the caller is told, once all of this is durable.
    pub answer: Answer,
    /// What is put on record for a person.
    pub evidence: Vec<Evidence>,
    /// What is stored outside before the answer goes out.
    pub facts: Vec<Fact>,
}

impl Step {
    pub(super) const fn unchanged(facts: &Facts, answer: Answer) -> Self {
        Self { member: facts.member, row: facts.row, answer, evidence: Vec::new(), facts: Vec::new() }
    }

    pub(super) const fn refused(facts: &Facts, why: Refused) -> Self {
        Self::unchanged(facts, Answer::Refused(why))
    }
}

/// Takes one step.
#[must_use]
pub fn step(facts: &Facts, input: &Input) -> Step {
    match input {
        Input::Grant { ends_at } => grant(facts, *ends_at),
        Input::Return(back) => take_back(facts, back),
        Input::Receipt { receipt, known } => take_receipt(facts, receipt, known),
        Input::RedeemHere { receipt, known } => redeem_here(facts, receipt, known),
        Input::Revoke => revoke(facts),
        Input::Hold { on } => hold(facts, *on),
        Input::HoldTaken { fence } => hold_taken(facts, *fence),
        Input::Expire => expire(facts),
        Input::Settle => settle(facts),
    }
}

/// Whether the server may dispose of the right now.
fn disposable(facts: &Facts) -> Result<(), Refused> {
    let row = &facts.row;
    if facts.office.recovering() {
        return Err(Refused::Recovering); // rule 8
    }
    if facts.member.point != row.point {
        return Err(Refused::OtherPoint);
    }
    if row.right != Right::Available {
        return Err(Refused::Is(row.right.state()));
    }
    if row.revoke_requested {
        return Err(Refused::RevokeRequested);
    }
    if row.hold != Hold::No { Err(Refused::Held) } else { Ok(()) }
}

fn grant(facts: &Facts, ends_at: Timestamp) -> Step {
    let Facts { office, member, row } = facts;
    if !member.may_receive() {
        return Step::refused(facts, Refused::Barred);
    }
    // The bundle may have been lost. The device takes the same lease at most once (rule 2), so it is safe to
    // send it again; one of an older epoch the device would refuse (rule 9), and has told us that it holds.
    let again = row.right == Right::Leased(member.device) && row.fence.epoch == office.epoch;
    if again && !office.recovering() && !row.revoke_requested {
        let grant = Grant { entitlement: row.entitlement, fence: row.fence, ends_at };
        return Step::unchanged(facts, Answer::Granted(grant));
    }
    if let Err(why) = disposable(facts) {
        return Step::refused(facts, why);
    }
    let fence = row.next_fence(*office);
    let mut step = Step::unchanged(facts, Answer::Granted(Grant { entitlement: row.entitlement, fence, ends_at }));
    step.row.fence = fence;
    step.row.right = Right::Leased(member.device);
    step
}

/// Rule 3: the exact lease, from a device that is one and not two.
fn take_back(facts: &Facts, back: &Return) -> Step {
    let Facts { member, row, .. } = facts;
    if back.device != member.device || back.entitlement != row.entitlement {
        return Step::refused(facts, Refused::NotTheirs);
    }
    if row.right != Right::Leased(member.device) || back.fence != row.fence || member.forked {
        return Step::refused(facts, Refused::NotTheLease);
    }
    free(facts)
}

/// The device does not hold the right and will not: it comes back to the server, unless a device that was
/// given up may have it, or somebody waits to revoke it.
pub(super) fn free(facts: &Facts) -> Step {
    let mut step = Step::unchanged(facts, Answer::Freed);
    let row = &mut step.row;
    if row.hold == Hold::Requested {
        row.hold = Hold::Effective;
    }
    if let Some(lost) = row.doubt.take() {
        row.right = Right::Unresolved(lost);
    } else {
        row.right = Right::Available;
        if row.revoke_requested && !facts.office.recovering() {
            take_away(&mut step);
            step.answer = Answer::FreedAndRevoked;
        }
    }
    step
}

fn take_away(step: &mut Step) {
    step.row.right = Right::Revoked;
    step.row.revoke_requested = false;
    step.facts.push(Fact::Revoked(step.row.entitlement));
}

fn take_receipt(facts: &Facts, receipt: &Receipt, known: &Known) -> Step {
    let Facts { office, member, row } = facts;
    if receipt.device != member.device || receipt.entitlement != row.entitlement {
        return Step::refused(facts, Refused::NotTheirs);
    }
    if known.same_id == Some(receipt.hash) {
        return Step::unchanged(facts, Answer::Known);
    }
    let mut step = Step::unchanged(facts, Answer::Known);
    note_place(&mut step, receipt, known);
    // Rule 3. Where the server has forgotten a lease (before the device has answered after a restore), or has
    // given the right up, a later one than it remembers counts too: it can only have been granted by this
    // server, and what was handed out must never come free again.
    let exact = receipt.fence == row.fence && row.right.holder() == Some(member.device);
    let forgotten = receipt.fence > row.fence;
    let settles = match row.right {
        Right::Leased(_) | Right::Available if member.owes_answer(office.epoch) => exact || forgotten,
        Right::Leased(_) => exact,
        Right::Unresolved(_) | Right::Expired => exact || forgotten,
        _ => false,
    };
    if settles && known.same_id.is_none() {
        let settled = row.right.state() == State::Unresolved;
        step.answer = Answer::Taken { settled };
        redeem(&mut step, receipt);
        if settled && row.replaced {
            step.evidence.push(Evidence::DoubleHandout { entitlement: row.entitlement });
        }
    } else {
        let why = if known.same_id.is_some() { Conflict::IdReused } else { why_not(row, receipt) };
        step.answer = Answer::Conflict(why);
        step.facts.push(Fact::Conflict(*receipt, why));
    }
    step
}

/// Counts a receipt into its device's chain; a fork marks the device (rule 14, S4).
pub(super) fn placed(member: &Member, receipt: &Receipt, known: &Known) -> Member {
    let mut member = *member;
    member.highest = member.highest.max(receipt.seq);
    member.received += u64::from(known.at_seq.is_none());
    member.forked |= !in_chain(receipt, known);
    member
}

fn note_place(step: &mut Step, receipt: &Receipt, known: &Known) {
    step.member = placed(&step.member, receipt, known);
    if !in_chain(receipt, known) {
        step.evidence.push(Evidence::Fork { device: receipt.device, seq: receipt.seq });
    }
}

fn redeem(step: &mut Step, receipt: &Receipt) {
    step.row.right = Right::Redeemed(receipt.redemption);
    step.row.fence = step.row.fence.max(receipt.fence);
    step.row.revoke_requested = false;
    step.row.hold = Hold::No;
    step.row.doubt = None;
    step.facts.push(Fact::Redeemed(*receipt));
}

/// The online path: the same right, the same fence, the same chain; the server is the holder for the time of
/// one transaction. Rule 13: the receipt is an outside fact before the screen turns green.
fn redeem_here(facts: &Facts, receipt: &Receipt, known: &Known) -> Step {
    let Facts { office, member, row } = facts;
    if receipt.device != member.device || receipt.entitlement != row.entitlement {
        return Step::refused(facts, Refused::NotTheirs);
    }
    if known.same_id == Some(receipt.hash) {
        return Step::unchanged(facts, Answer::Known);
    }
    if !member.may_receive() {
        return Step::refused(facts, Refused::Barred);
    }
    if let Err(why) = disposable(facts) {
        return Step::refused(facts, why);
    }
    if receipt.fence != row.next_fence(*office) || known.same_id.is_some() || !in_chain(receipt, known) {
        return Step::refused(facts, Refused::OtherFence);
    }
    let mut step = Step::unchanged(facts, Answer::Taken { settled: false });
    note_place(&mut step, receipt, known);
    redeem(&mut step, receipt);
    step
}

/// Rule 7: what a device holds, or may hold, can only be asked for.
fn revoke(facts: &Facts) -> Step {
    let mut step = Step::unchanged(facts, Answer::Revoked);
    match facts.row.right {
        Right::Available if !facts.office.recovering() => take_away(&mut step),
        Right::Available => {
            step.row.revoke_requested = true;
            step.answer = Answer::Requested(None);
        }
        Right::Leased(_) => {
            step.row.revoke_requested = true;
            step.answer = Answer::Requested(Some(Ask::Revoke));
        }
        Right::Revoked => {}
        other => step.answer = Answer::Refused(Refused::Is(other.state())),
    }
    step
}

fn hold(facts: &Facts, on: bool) -> Step {
    let mut step = Step::unchanged(facts, Answer::Done);
    match facts.row.right {
        Right::Leased(_) if on && facts.row.hold != Hold::Effective => {
            step.row.hold = Hold::Requested;
            step.answer = Answer::Requested(Some(Ask::Hold));
        }
        // The server lets go at once; until the device hears, it refuses, which is safe.
        Right::Leased(_) if !on => {
            step.row.hold = Hold::No;
            step.answer = Answer::Requested(Some(Ask::Release));
        }
        Right::Available | Right::Unresolved(_) | Right::Leased(_) => {
            step.row.hold = if on { Hold::Effective } else { Hold::No };
        }
        other => step.answer = Answer::Refused(Refused::Is(other.state())),
    }
    step
}

/// A device says that it holds back: true only of the very lease that it has.
fn hold_taken(facts: &Facts, fence: Fence) -> Step {
    let Facts { member, row, .. } = facts;
    if row.right != Right::Leased(member.device) || fence != row.fence || row.hold != Hold::Requested {
        return Step::refused(facts, Refused::NotTheLease);
    }
    let mut step = Step::unchanged(facts, Answer::Done);
    step.row.hold = Hold::Effective;
    step
}

/// Only what the server holds expires. A lease that is out stays out until it comes back (rule 4).
fn expire(facts: &Facts) -> Step {
    let mut step = Step::unchanged(facts, Answer::Done);
    match facts.row.right {
        _ if facts.office.recovering() => step.answer = Answer::Refused(Refused::Recovering),
        Right::Available => {
            step.row.right = Right::Expired;
            // Otherwise a life of the server that began before might grant it, and a later one call it unused.
            step.facts.push(Fact::Expired(facts.row.entitlement));
        }
        Right::Expired => {}
        other => step.answer = Answer::Refused(Refused::Is(other.state())),
    }
    step
}

fn settle(facts: &Facts) -> Step {
    let mut step = Step::unchanged(facts, Answer::Done);
    if facts.office.recovering() {
        step.answer = Answer::Refused(Refused::Recovering);
    } else if facts.row.revoke_requested && facts.row.right == Right::Available {
        take_away(&mut step);
        step.answer = Answer::Revoked;
    }
    step
}
