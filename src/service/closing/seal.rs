//! What the fingerprint of a close is of.

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::super::Error;
use crate::domain::id::{ClosingId, RoundId, UserId};
use crate::domain::time::Zone;
use crate::store::closings::Closing;

/// What stands before the figures: with these, two closes of equal figures are two.
#[derive(Serialize)]
struct Head<'a> {
    number: &'a str,
    id: ClosingId,
    round_id: RoundId,
    scope: &'a str,
    cut_off: String,
    cut_off_ms: i64,
    reason: &'a str,
    made_by: UserId,
}

/// The text whose SHA-256 is the fingerprint of what closes now.
fn sealed(one: &Closing) -> Result<String, Error> {
    let head = Head {
        number: &one.number,
        id: one.id,
        round_id: one.round,
        scope: &one.scope,
        // One zone for all, whatever the office's becomes: the text is read again in years.
        cut_off: one.cut_off.iso(Zone::Wita),
        cut_off_ms: one.cut_off.millis(),
        reason: &one.reason,
        made_by: one.made_by,
    };
    let head = serde_json::to_string(&head).map_err(|error| Error::Broken(error.to_string()))?;
    // The figures as they are kept, sign for sign.
    Ok(format!("{},\"figures\":{}}}", head.strip_suffix('}').unwrap_or(&head), one.figures))
}

/// The fingerprint of what closes now.
pub(super) fn hash(one: &Closing) -> Result<[u8; 32], Error> {
    Ok(Sha256::digest(sealed(one)?).into())
}

/// The text whose SHA-256 is the fingerprint that was kept. The first closes have one of their figures alone; it stands
/// in the log, so nobody changes a later close into one of these.
pub(super) fn content(one: &Closing) -> Result<String, Error> {
    for text in [sealed(one)?, one.figures.clone()] {
        if <[u8; 32]>::from(Sha256::digest(&text)) == one.hash {
            return Ok(text);
        }
    }
    Err(Error::Broken(format!("closing {} does not have the hash that was kept", one.number)))
}

/// The hash that follows from what is kept of a close: the one that was kept, unless something was changed by hand.
pub(in crate::service) fn of_what_is_kept(one: &Closing) -> Result<[u8; 32], Error> {
    if content(one).is_ok() { Ok(one.hash) } else { hash(one) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::closing::ClosingState;
    use crate::domain::time::Timestamp;

    fn close(number: &str) -> Closing {
        let at = Timestamp::parse("2026-12-07T16:00:00+08:00").unwrap();
        Closing {
            id: ClosingId::random([1; 16]),
            round: RoundId::random([2; 16]),
            point: None,
            day: None,
            scope: "round".into(),
            addendum_no: 0,
            serial: 1,
            number: number.into(),
            state: ClosingState::AwaitingSignature,
            cut_off: at,
            figures: "{\"vouchers\":{}}".into(),
            hash: [0; 32],
            reason: "dihitung bersama".into(),
            made_by: UserId::random([3; 16]),
            made_at: at,
            signed: None,
        }
    }

    #[test]
    fn equal_figures_under_two_numbers_are_two_and_whatever_is_changed_shows() {
        let mut one = close("027-AD1/PTP");
        one.hash = hash(&one).unwrap();
        assert_ne!(one.hash, hash(&close("030-AD1/PTP")).unwrap());
        assert_eq!(serde_json::from_str::<serde_json::Value>(&content(&one).unwrap()).unwrap()["scope"], "round");
        let changes: [fn(&mut Closing); 6] = [
            |one| one.number = "028/PTP".into(),
            |one| one.scope = "point:A".into(),
            |one| one.cut_off = one.cut_off.plus_millis(1),
            |one| one.reason.push('!'),
            |one| one.made_by = UserId::random([4; 16]),
            |one| one.figures = "{\"vouchers\":{ }}".into(),
        ];
        for change in changes {
            let mut changed = one.clone();
            change(&mut changed);
            assert!(content(&changed).is_err(), "{changed:?}");
        }
    }

    #[test]
    fn a_close_whose_hash_is_of_its_figures_alone_verifies_still() {
        let mut one = close("001/PTP");
        one.hash = Sha256::digest(&one.figures).into();
        assert_eq!(content(&one).unwrap(), one.figures);
        one.figures.push(' ');
        assert!(content(&one).is_err());
    }
}
