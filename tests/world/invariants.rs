//! The invariants of the protocol that can be seen from outside, over any world. Each answers what is wrong.
//!
//! V7 and V8 (the log) and V11 (persons) belong to the store and the services, and are checked there.

use salur::domain::entitlement::State;
use salur::domain::lease::office::{Keeper, Right};

use super::central::{Central, Look};
use super::{Handout, World};

/// V1: no entitlement has two handouts. Only while no device was copied or set back (A3).
pub fn at_most_one_handout<C: Central>(world: &World<C>) -> Result<(), String> {
    for (place, one) in world.handouts.iter().enumerate() {
        if world.handouts[..place].iter().any(|other| other.entitlement == one.entitlement) {
            return Err(format!("V1: two handouts of {}", one.entitlement));
        }
    }
    Ok(())
}

/// V2: never handed out and revoked; never two live leases; a holder is enrolled.
pub fn never_redeemed_and_revoked<C: Central>(world: &World<C>, look: &Look) -> Result<(), String> {
    for row in &look.rows {
        let handed = world.handouts.iter().any(|handout| handout.entitlement == row.entitlement);
        if handed && matches!(row.right, Right::Revoked | Right::Expired) {
            return Err(format!("V2: {} was handed out and is {}", row.entitlement, row.right.state().as_str()));
        }
        if let Some(holder) = row.right.holder()
            && look.members.iter().all(|member| member.device != holder)
        {
            return Err(format!("V2: {} is with a stranger", row.entitlement));
        }
    }
    Ok(())
}

/// V2: no two devices can redeem one entitlement at the same time (A3).
pub fn never_two_leases<C: Central>(world: &World<C>, look: &Look) -> Result<(), String> {
    for row in &look.rows {
        let open = world.units.iter().filter(|unit| unit.is_open(row.entitlement)).count();
        if open > 1 {
            return Err(format!("V2: {} is open on {open} devices", row.entitlement));
        }
    }
    Ok(())
}

/// V3 and S2: the receipt of each handout is durable where it was made until the log outside has it.
pub fn nothing_lost<C: Central>(world: &World<C>, look: &Look) -> Result<(), String> {
    for handout in &world.handouts {
        let hash = handout.receipt.hash;
        let kept = world.units.iter().any(|unit| unit.journal.iter().any(|receipt| receipt.hash == hash));
        if !kept && !look.outside.contains(&hash) {
            return Err(format!("V3: the receipt of a handout of {} is gone", handout.entitlement));
        }
    }
    Ok(())
}

/// V4: each receipt that came is the redemption of its entitlement, or a conflict.
pub fn receipts_have_a_place(look: &Look) -> Result<(), String> {
    for row in &look.rows {
        let mut redeems = look.kept.iter().filter(|k| k.is_redemption && k.receipt.entitlement == row.entitlement);
        let first = redeems.next().map(|kept| kept.receipt.redemption);
        if redeems.next().is_some() {
            return Err(format!("V4: two redemptions of {}", row.entitlement));
        }
        match (row.right, first) {
            (Right::Redeemed(id), Some(first)) if id == first => {}
            (Right::Redeemed(_), _) | (_, Some(_)) => {
                return Err(format!("V4: {} and its receipt do not agree", row.entitlement));
            }
            _ => {}
        }
    }
    Ok(())
}

/// S4 and V10: of the handouts whose receipts have come, each beyond the first of its entitlement is a
/// recorded conflict.
pub fn extra_handouts_are_conflicts<C: Central>(world: &World<C>, look: &Look) -> Result<(), String> {
    for row in &look.rows {
        let of_this = |handout: &&Handout| handout.entitlement == row.entitlement;
        let come = |handout: &&Handout| look.kept.iter().any(|kept| kept.receipt.hash == handout.receipt.hash);
        let arrived = world.handouts.iter().filter(of_this).filter(come).count();
        let kept = look.kept.iter().filter(|kept| kept.receipt.entitlement == row.entitlement).count();
        if arrived > kept {
            return Err(format!("S4: {arrived} handouts of {} and {kept} records", row.entitlement));
        }
    }
    Ok(())
}

/// V6: a device whose places in the chain are taken twice is known to be two.
pub fn forks_are_known(look: &Look) -> Result<(), String> {
    for member in look.members.iter().filter(|member| member.keeper == Keeper::Itself) {
        let of_this = || look.kept.iter().map(|kept| kept.receipt).filter(|r| r.device == member.device);
        let forked = of_this().any(|one| of_this().any(|other| other.seq == one.seq && other.hash != one.hash));
        if forked && !member.forked {
            return Err(format!("V6: {} has two chains and nobody noticed", member.device));
        }
    }
    Ok(())
}

/// V9: every entitlement is in exactly one state, and the states add up to what was issued.
pub fn the_books_add_up(look: &Look, issued: usize) -> Result<(), String> {
    let in_state = |state: State| look.rows.iter().filter(|row| row.right.state() == state).count();
    let sum: usize = State::ALL.into_iter().map(in_state).sum();
    if sum == issued { Ok(()) } else { Err(format!("V9: {issued} issued, {sum} in the books")) }
}
