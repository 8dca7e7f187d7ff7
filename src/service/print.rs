//! From vouchers and receipts to paper. The layout is `pdf`'s; which words stand where is said here.

use super::voucher::PrintHead;
use super::{Actor, Error, Office, Printable, ReceiptView, Refusal};
use crate::domain::id::{PointId, RedemptionId, RoundId};
use crate::domain::programme::Agency;
use crate::domain::redemption::{CollectorKind, Paper};
use crate::domain::role::Action;
use crate::domain::terbilang::in_words;
use crate::domain::time::{Language, long_date};
use crate::pdf;
use crate::pdf::receipt::{self, ReceiptFace};
use crate::pdf::voucher_sheet::{self, MAX_VOUCHERS, Schedule, SheetHead, VoucherFace};

/// How many vouchers one file holds.
pub const VOUCHERS_PER_FILE: i64 = MAX_VOUCHERS as i64;

/// A voucher without a NIK says so: its household needs a letter of the village.
const NO_NIK: &str = "TANPA NIK";

/// A print run: what stands at its head, where, and how many vouchers it has.
#[derive(Debug, Clone)]
pub struct Run {
    head: PrintHead,
    point: Option<PointId>,
    /// How many vouchers.
    pub count: i64,
}

impl Run {
    /// How many files it makes.
    #[must_use]
    pub const fn parts(&self) -> i64 {
        (self.count + VOUCHERS_PER_FILE - 1) / VOUCHERS_PER_FILE
    }
}

fn letterhead(agency: &Agency) -> Vec<String> {
    [&agency.government, &agency.name].into_iter().map(|line| line.to_uppercase()).collect()
}

pub(super) fn printed(result: Result<Vec<u8>, pdf::Fault>) -> Result<Vec<u8>, Error> {
    result.map_err(|fault| match fault {
        pdf::Fault::Broken(why) => Error::Broken(why),
        other => Refusal::Unprintable(other.to_string()).into(),
    })
}

impl Office {
    /// Begins a print run of a round, at one point or at all.
    pub fn begin_print(&self, actor: &Actor, round: RoundId, point: Option<&str>) -> Result<Run, Error> {
        let (head, point, count) = self.print_run(actor, round, point)?;
        Ok(Run { head, point, count })
    }

    /// One file of a print run, counted from 0: up to [`VOUCHERS_PER_FILE`] vouchers, four to a page.
    pub fn print_part(&self, actor: &Actor, run: &Run, part: i64) -> Result<Vec<u8>, Error> {
        let skip = part * VOUCHERS_PER_FILE;
        let vouchers = self.printables(actor, &run.head, run.point, skip, VOUCHERS_PER_FILE)?;
        let head = SheetHead {
            language: Language::Id,
            agency_lines: letterhead(&run.head.agency),
            title: format!("KUPON {}", run.head.programme.name.to_uppercase()),
            round_label: run.head.round.name.clone(),
            hotline: Some(run.head.agency.hotline.clone()),
            zone: run.head.agency.zone,
        };
        let faces: Vec<VoucherFace> = (skip + 1..)
            .zip(&vouchers)
            .map(|(serial, voucher)| self.face(&run.head, voucher, serial))
            .collect::<Result<_, _>>()?;
        printed(voucher_sheet::render(&head, &faces, self.now(), self.draw()?))
    }

    fn face(&self, head: &PrintHead, voucher: &Printable, serial: i64) -> Result<VoucherFace, Error> {
        let zone = head.agency.zone;
        let household = &voucher.sheet.household;
        let schedule = voucher.session.as_ref().map(|slot| Schedule {
            day: long_date(slot.starts_at.date(zone), Language::Id),
            session: Some(format!("Sesi {}", slot.number)),
            hours: Some(format!("{}–{} {}", slot.starts_at.clock(zone), slot.ends_at.clock(zone), zone.label())),
        });
        Ok(VoucherFace {
            name: household.name.clone(),
            nik_masked: voucher.nik_masked.clone().unwrap_or_else(|| NO_NIK.to_owned()),
            address: if household.rt.is_empty() { String::new() } else { format!("RT {}", household.rt) },
            area: format!("{}, Kec. {}", household.village, household.sub_district),
            typed_code: voucher.sheet.entitlement.typed_code.to_string(),
            qr_text: voucher.code.clone(),
            point_name: voucher.sheet.point.2.clone(),
            point_code: voucher.sheet.point.1.clone(),
            schedule,
            items: head.package.items.iter().map(crate::domain::package::Item::label).collect(),
            print_no: u32::try_from(voucher.sheet.entitlement.print_no)
                .map_err(|error| Error::Broken(error.to_string()))?,
            serial: format!("{}/{serial:04}", voucher.sheet.point.1),
        })
    }

    /// A receipt as a small sheet. The look is on record.
    pub fn receipt_pdf(&self, actor: &Actor, id: RedemptionId) -> Result<Vec<u8>, Error> {
        actor.must(Action::ReadRedemptions)?;
        let receipt = self.receipt(actor, id)?;
        printed(receipt::render(&receipt_face(&receipt), self.now(), self.draw()?))
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
