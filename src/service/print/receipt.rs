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
        let mut face = receipt_face(&self.receipt(actor, id)?);
        face.check_at = self.host.as_ref().map(|host| {
            let mark: String = face.short_hash.split_whitespace().collect();
            format!("{}/r/{mark}", host.to_lowercase())
        });
        // A receipt is never changed: what no face has stands on it by its number.
        for text in face.said() {
            *text = self.stationery.readable(text);
        }
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
    let paper = match receipt.paper {
        Paper::Seen => None,
        Paper::Lost => Some("Tanpa kupon: kupon hilang".to_owned()),
        Paper::NotDelivered => Some("Tanpa kupon: kupon tidak sampai".to_owned()),
    };
    let short = receipt.short.then(|| "Yang kurang dicatat".to_owned());
    let (mut items, mut owed) = (Vec::new(), Vec::new());
    for (item, given) in &receipt.items {
        items.extend((*given > 0).then(|| item.label_of(*given)));
        owed.extend((item.quantity > *given).then(|| item.label_of(item.quantity - given)));
    }
    let marks = receipt.flags.iter().filter_map(|(flag, name)| mark_words(flag, name.as_deref()));
    let notes: Vec<String> = paper.into_iter().chain(short).chain(marks).collect();
    let note = (!notes.is_empty()).then(|| notes.join("; "));
    ReceiptFace {
        language: Language::Id,
        agency_lines: letterhead(&receipt.agency),
        number: receipt.number.clone(),
        programme: receipt.programme.clone(),
        round_label: receipt.round.clone(),
        name: receipt.household.clone(),
        nik_masked: receipt.nik_masked.clone().unwrap_or_else(|| NO_NIK.to_owned()),
        items,
        owed,
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
        hotline: receipt.agency.hotline.clone(),
        check_at: None,
        zone,
    }
}

/// What a device marked a receipt with, in words; nothing for what only machines read.
fn mark_words(flag: &str, name: Option<&str>) -> Option<String> {
    Some(match flag {
        "late_entry" => "Entri susulan, waktu menurut catatan kertas".to_owned(),
        "home_delivery" => "Diantar ke rumah".to_owned(),
        "witness" => format!("Disaksikan {}", name.unwrap_or("petugas kedua")),
        "witness_on_list" => "Saksi menandatangani daftar antar".to_owned(),
        "clock_back" | "clock_doubt" => "Jam perangkat diragukan".to_owned(),
        _ => return None,
    })
}

/// How a proxy belongs to the household, in words.
fn relation_words(relation: &str) -> &str {
    match relation {
        "same_family_card" => "satu KK",
        "other" => "di luar KK",
        other => other,
    }
}
