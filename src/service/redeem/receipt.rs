//! The receipt as people read it, with the signed record beside it.

use super::super::exception::contents;
use super::super::{Actor, Error, Office, Refusal};
use super::Claim;
use super::group::Fresh;
use crate::domain::audit::Event;
use crate::domain::household::hide_numbers;
use crate::domain::id::{EntitlementId, Identifier, RedemptionId, UserId};
use crate::domain::money::Money;
use crate::domain::package::Item;
use crate::domain::programme::{Agency, Point};
use crate::domain::redemption::{CollectorKind, Paper};
use crate::domain::role::{Action, Role};
use crate::domain::sealed::Field;
use crate::domain::time::Timestamp;
use crate::store;
use crate::token::{self, KeyId, KeyRing};

/// A receipt with everything that a person or a page needs of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptView {
    /// The redemption.
    pub id: RedemptionId,
    /// The number people quote.
    pub number: String,
    /// What was redeemed.
    pub entitlement: EntitlementId,
    /// The agency.
    pub agency: Agency,
    /// The programme's name.
    pub programme: String,
    /// The round's name.
    pub round: String,
    /// The recipient's name.
    pub household: String,
    /// Their NIK, masked.
    pub nik_masked: Option<String>,
    /// RT, village, sub-district.
    pub address: String,
    /// Where.
    pub point: Point,
    /// At which desk.
    pub desk: String,
    /// By whom.
    pub operator: String,
    /// Who stood there.
    pub collector: CollectorKind,
    /// Their name, if not the recipient.
    pub collector_name: Option<String>,
    /// How they belong together.
    pub relation: Option<String>,
    /// Whether an identity card was seen.
    pub id_seen: bool,
    /// What became of the paper.
    pub paper: Paper,
    /// The items, each with the quantity that was given.
    pub items: Vec<(Item, i64)>,
    /// Whether anything was less than the package says.
    pub short: bool,
    /// The value of what was given.
    pub value: Money,
    /// ISO 4217.
    pub currency: String,
    /// What the device marked it with: `late_entry`, `clock_back` …; a person is named beside `witness`.
    pub flags: Vec<(String, Option<String>)>,
    /// When the desk says it scanned.
    pub scanned_at: Timestamp,
    /// When the server took it.
    pub redeemed_at: Timestamp,
    /// Its place in the device's chain.
    pub seq: i64,
    /// The key that signed it.
    pub kid: String,
    /// The device's public key, to check it with.
    pub public_key: [u8; 32],
    /// The signed record.
    pub signed: Vec<u8>,
    /// Its hash.
    pub hash: [u8; 32],
}

impl ReceiptView {
    /// The first signs of the hash, to compare by eye.
    #[must_use]
    pub fn short_hash(&self) -> String {
        crate::service::short_hash(&self.hash)
    }
}

impl Office {
    /// One receipt. An operator sees those of their own point. Each look is on record.
    pub fn receipt(&self, actor: &Actor, id: RedemptionId) -> Result<ReceiptView, Error> {
        actor.must(Action::ReadRedemptions)?;
        let receipt = self.load_receipt(id)?;
        actor.must_own(receipt.agency.id, "redemption")?;
        if actor.role == Role::Operator && actor.point != Some(receipt.point.id) {
            return Err(Refusal::NotFound("redemption").into());
        }
        self.record_look(actor, Event::ReceiptViewed, id, String::new())?;
        Ok(receipt)
    }

    /// The receipt of a handout that was made just now.
    pub(super) fn receipt_of(&self, actor: &Actor, claim: &Claim, fresh: Fresh) -> Result<ReceiptView, Error> {
        let Fresh { found, package, flags, desk, redemption, .. } = fresh;
        let given = |item: &Item| match &redemption.short {
            None => item.quantity,
            Some(given) => given.iter().find(|given| given.code == item.code).map_or(0, |given| given.quantity),
        };
        Ok(ReceiptView {
            id: redemption.id,
            entitlement: redemption.entitlement,
            agency: found.agency,
            nik_masked: self.nik_masked(&found.household)?,
            address: super::super::household::place(&found.household),
            household: found.household.name,
            programme: found.programme.name,
            round: found.round.name,
            point: found.point,
            kid: KeyId::from_bytes(desk.kid).to_string(),
            public_key: desk.public_key,
            desk: desk.name,
            operator: actor.name.clone(),
            collector_name: claim.collector.name.clone(),
            items: package.items.iter().map(|item| (item.clone(), given(item))).collect(),
            short: package.items.iter().any(|item| given(item) < item.quantity),
            number: redemption.number,
            collector: redemption.collector,
            relation: redemption.relation,
            id_seen: redemption.id_seen,
            paper: redemption.paper,
            value: redemption.value,
            currency: found.programme.currency,
            flags: flags.into_iter().map(|flag| (flag, None)).collect(),
            scanned_at: redemption.scanned_at,
            redeemed_at: redemption.received_at,
            seq: redemption.seq,
            signed: redemption.receipt,
            hash: redemption.receipt_hash,
        })
    }

    /// Loads a receipt, and checks its signature before anybody sees it.
    pub(in crate::service) fn load_receipt(&self, id: RedemptionId) -> Result<ReceiptView, Error> {
        self.pool.read(|conn| {
            let kept = store::redemptions::find(conn, id)?.ok_or(Refusal::NotFound("redemption"))?;
            let missing = |what: &str| Error::Broken(format!("a receipt without its {what}"));
            let round = store::rounds::find(conn, kept.round)?.ok_or_else(|| missing("round"))?;
            let programme = store::programmes::find(conn, round.programme)?.ok_or_else(|| missing("programme"))?;
            let package = store::packages::find(conn, round.package)?.ok_or_else(|| missing("package"))?;
            let agency = store::agencies::find(conn, programme.agency)?.ok_or_else(|| missing("agency"))?;
            let sheet = store::entitlements::sheet(conn, kept.entitlement)?.ok_or_else(|| missing("entitlement"))?;
            let package = contents(conn, &sheet.entitlement, package)?;
            let point = store::points::find(conn, kept.point)?.ok_or_else(|| missing("point"))?;
            let device = store::devices::find(conn, kept.device)?.ok_or_else(|| missing("device"))?;
            let operator = store::users::find(conn, kept.operator)?.ok_or_else(|| missing("operator"))?;
            let ring = KeyRing::of([Self::device_key(&device)?]).map_err(|fault| Error::Broken(fault.to_string()))?;
            let (kid, body) = token::verify_receipt(&kept.receipt, &ring)
                .map_err(|fault| Error::Broken(format!("receipt {} does not verify: {fault}", kept.number)))?;
            let collector_name = match &kept.collector_name {
                None => None,
                Some((sealed, _)) => {
                    let opened = self.vault.open(Field::CollectorName, kept.id.bytes(), sealed)?;
                    Some(hide_numbers(&String::from_utf8_lossy(&opened)).into_owned())
                }
            };
            let given = |item: &Item| {
                body.items.iter().find(|(code, _)| *code == item.code).map_or(0, |(_, quantity)| *quantity)
            };
            let mut flags = Vec::with_capacity(body.flags.len());
            for flag in &body.flags {
                flags.push(match flag.split_once(':') {
                    Some((word, user)) => {
                        let user = user.parse::<UserId>().ok();
                        let user = user.map(|user| store::users::find(conn, user)).transpose()?.flatten();
                        (word.to_owned(), user.filter(|user| user.agency == agency.id).map(|user| user.name))
                    }
                    None => (flag.clone(), None),
                });
            }
            Ok(ReceiptView {
                id,
                number: kept.number,
                entitlement: kept.entitlement,
                nik_masked: self.nik_masked(&sheet.household)?,
                address: super::super::household::place(&sheet.household),
                household: sheet.household.name,
                agency,
                programme: programme.name,
                round: round.name,
                point,
                desk: device.name,
                operator: operator.name,
                collector: kept.collector,
                collector_name,
                relation: kept.relation,
                id_seen: kept.id_seen,
                paper: kept.paper,
                short: package.items.iter().any(|item| given(item) < item.quantity),
                items: package.items.into_iter().map(|item| (given(&item), item)).map(|(n, item)| (item, n)).collect(),
                value: kept.value,
                currency: body.currency,
                flags,
                scanned_at: kept.scanned_at,
                redeemed_at: kept.received_at,
                seq: kept.seq,
                kid: KeyId::to_string(&kid),
                public_key: device.public_key,
                signed: kept.receipt,
                hash: kept.receipt_hash,
            })
        })
    }
}
