//! Making of a device's receipt what a redemption at a desk is: a row with a number, a collector, items and a day, so
//! that the books count it.

use sha2::{Digest, Sha256};

use super::super::exception::holds;
use super::super::redeem::number;
use super::super::{Error, Office, Refusal, log};
use crate::domain::entitlement::Entitlement;
use crate::domain::exception::{hand_out_of, lent_as};
use crate::domain::household::hide_numbers;
use crate::domain::id::{DeviceId, Identifier, UserId};
use crate::domain::redemption::{CollectorKind, Given, Paper};
use crate::domain::said::{PAPER_REASON_MAX, RELATION_MAX};
use crate::domain::sealed::{Field, Sealed};
use crate::domain::time::Timestamp;
use crate::store::devices::Device;
use crate::store::lease_evidence::Finding;
use crate::store::redemptions::Redemption;
use crate::store::{self, Write};
use crate::token::ReceiptBody;
use crate::token::parcel::Detail;

/// How far a device's clock may be ahead of the server's before its time no longer names the day.
const AHEAD_MILLIS: i64 = 5 * 60 * 1_000;

/// A receipt with what came with it.
pub(super) struct Brought<'a> {
    pub(super) signed: &'a [u8],
    pub(super) hash: [u8; 32],
    pub(super) body: &'a ReceiptBody,
    pub(super) detail: Option<&'a Detail>,
    /// A name that was sealed before, when the receipt comes back from outside.
    pub(super) name: Option<(Vec<u8>, [u8; 16])>,
    pub(super) request_hash: Option<[u8; 32]>,
    pub(super) paper_reason: Option<String>,
    pub(super) received_at: Timestamp,
}

impl Office {
    /// The redemption of a receipt that the protocol took, written down with what is given back to the budget.
    pub(super) fn redeem_by_receipt(
        &self,
        tx: &mut Write<'_>,
        device: &Device,
        one: &Entitlement,
        brought: &Brought<'_>,
    ) -> Result<Redemption, Error> {
        let body = brought.body;
        let round = store::rounds::find(tx, one.round)?.ok_or(Refusal::NotFound("round"))?;
        let package = store::packages::find(tx, round.package)?.ok_or(Refusal::NotFound("package"))?;
        let point = store::points::find(tx, one.point)?.ok_or(Refusal::NotFound("point"))?;
        let agency = store::agencies::find(tx, device.agency)?.ok_or(Refusal::NotFound("agency"))?;
        let given: Vec<Given> =
            body.items.iter().map(|(code, quantity)| Given { code: code.clone(), quantity: *quantity }).collect();
        let holds = holds(tx, one)?;
        let right = (holds.as_deref(), one.value);
        // What was handed out is the device's word, what it is worth is not.
        let handout = match hand_out_of(&package.items, right, Some(&given)) {
            Ok(handout) => handout,
            Err(_) => {
                self.odd(tx, device.id, one, brought, "odd_items")?;
                let whole = hand_out_of(&package.items, right, None);
                whole.map_err(|_| Error::Broken("a package without a value".into()))?
            }
        };
        let says_otherwise = handout.value.minor() != body.value_minor
            || (body.round != one.round && body.round != lent_as(one.id))
            || i32::try_from(body.point) != Ok(point.number);
        if says_otherwise {
            self.odd(tx, device.id, one, brought, "odd_receipt")?;
        }
        let collector = CollectorKind::parse(&body.collector).unwrap_or_default();
        let scanned_at = Timestamp::from_millis(body.claimed_at_ms).unwrap_or(brought.received_at);
        let plausible = scanned_at >= round.opens_at
            && scanned_at.millis() <= brought.received_at.millis().saturating_add(AHEAD_MILLIS);
        let day = if plausible { scanned_at } else { brought.received_at }.date(agency.zone).to_string();
        let seq = i64::try_from(body.seq).unwrap_or(i64::MAX);
        // A copy of the device may have taken the place before: both handouts happened, and each has its number.
        let beside = match store::received::place_is_taken(tx, device.id, seq)? {
            false => None,
            true => Some(store::received::count_beside(tx, device.id)? + 1),
        };
        let plain = number(&point, device, seq);
        let name = match (&brought.name, self.fitting_name(brought)) {
            (Some((sealed, salt)), _) => Some((Sealed::from_ciphertext(sealed.clone()), *salt)),
            (None, Some((name, salt))) => {
                let place = body.redemption.bytes();
                Some((self.vault.seal(Field::CollectorName, place, self.draw()?, name.as_bytes())?, salt))
            }
            (None, None) => None,
        };
        let reason = brought.detail.map(|detail| detail.paper_reason.clone()).filter(|reason| !reason.is_empty());
        let redemption = Redemption {
            id: body.redemption,
            entitlement: one.id,
            round: one.round,
            point: one.point,
            device: device.id,
            operator: self.operator_or_inviter(tx, device, body.operator)?,
            seq: beside.map_or(seq, |count| -count),
            number: beside.map_or_else(|| plain.clone(), |count| format!("{plain}/{}", count + 1)),
            collector,
            relation: body.relation.as_deref().map(|text| open_words(text, RELATION_MAX)),
            collector_name: name,
            id_seen: body.id_seen,
            paper: Paper::parse(&body.paper).unwrap_or_default(),
            paper_reason: brought.paper_reason.clone().or(reason).map(|text| open_words(&text, PAPER_REASON_MAX)),
            short: handout.short.then_some(handout.given),
            value: handout.value,
            scanned_at,
            received_at: brought.received_at,
            day,
            request_hash: brought.request_hash.unwrap_or(brought.hash),
            receipt: brought.signed.to_vec(),
            receipt_hash: brought.hash,
        };
        store::redemptions::insert(tx, &redemption)?;
        // A handout that the log has and the database had not was taken out of the database by hand.
        let leaf = log::redeem_leaf(body, device.agency, &redemption, point.number);
        if !self.append_again(tx, &leaf)? {
            log::append(tx, &log::put_back_leaf(&leaf, self.now()))?;
        }
        if redemption.short.is_some() {
            let rest = one.value.minus(redemption.value).unwrap_or_default();
            store::programmes::release(tx, round.programme, rest)?;
        }
        self.settle_exceptions(tx, device.agency, one, &redemption)?;
        Ok(redemption)
    }

    /// The name of who collected, if it is the one of which the receipt holds the digest.
    fn fitting_name(&self, brought: &Brought<'_>) -> Option<(String, [u8; 16])> {
        let detail = brought.detail?;
        let salt = detail.salt?;
        let digest: [u8; 32] = Sha256::new().chain_update(salt).chain_update(detail.name.as_bytes()).finalize().into();
        let fits = brought.body.name_digest == Some(digest) && detail.name.chars().count() <= 120;
        fits.then(|| (detail.name.clone(), salt))
    }

    /// The operator that a receipt names; where nobody has that id, whoever invited the device answers for it.
    fn operator_or_inviter(&self, tx: &mut Write<'_>, device: &Device, named: UserId) -> Result<UserId, Error> {
        if store::users::find(tx, named)?.is_some_and(|user| user.agency == device.agency) {
            return Ok(named);
        }
        store::enrolments::inviter_of(tx, device.id)?
            .ok_or_else(|| Error::Broken("a receipt of nobody, from a device that nobody invited".into()))
    }

    fn odd(
        &self,
        tx: &mut Write<'_>,
        device: DeviceId,
        one: &Entitlement,
        brought: &Brought<'_>,
        kind: &str,
    ) -> Result<(), Error> {
        self.find_out(
            tx,
            &Finding {
                at: self.now(),
                kind: kind.to_owned(),
                device: Some(device),
                entitlement: Some(one.id),
                seq: i64::try_from(brought.body.seq).ok(),
                detail: String::new(),
                bytes: Some(brought.signed.to_vec()),
            },
        )
    }
}

/// What a device let somebody write, as it may lie open: the receipt is kept whatever it says, the numbers of people in
/// it are hidden here.
fn open_words(text: &str, max: usize) -> String {
    hide_numbers(&text.chars().take(max).collect::<String>()).into_owned()
}
