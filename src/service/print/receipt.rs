//! What stands on a receipt.

use super::super::{Actor, Error, Office, ReceiptView, Refusal};
use super::{NO_NIK, letterhead, printed};
use crate::domain::id::RedemptionId;
use crate::domain::redemption::{CollectorKind, Paper};
use crate::domain::role::Action;
use crate::domain::terbilang::in_words;
use crate::domain::time::Language;
use crate::pdf::receipt::{self, ReceiptFace};
use crate::pdf::receipt_strip::{self, Width};

impl Office {
    /// A receipt on paper of a kind: `a6` (a small sheet), `58` or `80` (a strip, by its width in
    /// millimetres). The look is on record.
    pub fn receipt_pdf(&self, actor: &Actor, id: RedemptionId, paper: Option<&str>) -> Result<Vec<u8>, Error> {
        actor.must(Action::ReadRedemptions)?;
        let width = match paper {
            None | Some("" | "a6") => None,
            Some("58") => Some(Width::Mm58),
            Some("80") => Some(Width::Mm80),
            Some(_) => return Err(Refusal::Invalid { field: "paper", why: "a6, 58 or 80".into() }.into()),
        };
        let face = receipt_face(&self.receipt(actor, id)?);
        let (now, drawn) = (self.now(), self.draw()?);
        printed(match width {
            None => receipt::render(&face, &self.stationery, now, drawn),
            Some(width) => receipt_strip::render(&face, width, &self.stationery, now, drawn),
        })
    }
}

fn receipt_face(receipt: &ReceiptView) -> ReceiptFace {
    let zone = receipt.agency.zone;
    let collector = match receipt.collector {
        CollectorKind::Oneself => "Penerima sendiri".to_owned(),
        CollectorKind::Proxy | CollectorKind::Substitute => {
            let kind = if receipt.collector == CollectorKind::Proxy { "Wakil" } else { "Pengganti" };
            let relation = receipt.relation.as_deref().map(relation_words);
            let name = receipt.collector_name.as_deref();
            [Some(kind), relation, name].into_iter().flatten().collect::<Vec<_>>().join(" – ")
        }
    };
    let note = match receipt.paper {
        Paper::Seen if receipt.short => Some("Barang kurang dari hak; sisanya dicatat".to_owned()),
        Paper::Seen => None,
        Paper::Lost => Some("Tanpa kupon: kupon hilang".to_owned()),
        Paper::NotDelivered => Some("Tanpa kupon: kupon tidak sampai".to_owned()),
    };
    ReceiptFace {
        language: Language::Id,
        agency_lines: letterhead(&receipt.agency),
        number: receipt.number.clone(),
        programme: receipt.programme.clone(),
        round_label: receipt.round.clone(),
        name: receipt.household.clone(),
        nik_masked: receipt.nik_masked.clone().unwrap_or_else(|| NO_NIK.to_owned()),
        items: receipt.items.iter().map(|(item, quantity)| item.label_of(*quantity)).collect(),
        value: receipt.value.to_string(),
        in_words: in_words(receipt.value),
        collector,
        identity: if receipt.id_seen { "KTP/KK dilihat" } else { "KTP/KK tidak dicatat" }.to_owned(),
        time: format!("{} {}", receipt.redeemed_at.short(zone), zone.label()),
        point: format!("{} ({})", receipt.point.name, receipt.point.code),
        desk: Some(receipt.desk.clone()),
        operator: receipt.operator.clone(),
        device: receipt.desk.clone(),
        key_id: receipt.kid.clone(),
        short_hash: receipt.short_hash(),
        note,
        qr_text: None,
        zone,
    }
}

/// How a proxy belongs to the household, in words.
fn relation_words(relation: &str) -> &str {
    match relation {
        "same_family_card" => "satu KK",
        "other" => "di luar KK",
        other => other,
    }
}
