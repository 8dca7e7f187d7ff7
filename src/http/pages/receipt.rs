//! A receipt for the printer.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::shell::{Answer, Visit, id, moment};
use super::view::frame::Place;
use super::view::receipt::Receipt;
use crate::domain::role::Role;

/// The marks that people read.
const MARKS: [&str; 7] =
    ["late_entry", "home_delivery", "witness", "witness_on_list", "clock_back", "clock_reset", "clock_doubt"];

/// `GET /redemptions/{id}/receipt`
pub(super) async fn show(visit: Visit, redemption: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Desk, move |inside| {
            let receipt = inside.office.receipt(inside.actor, id(&redemption, "redemption")?)?;
            let mark = receipt.short_hash();
            let mut frame = inside.frame;
            if inside.actor.role != Role::Operator {
                frame.current = Some(Place::Rounds);
            }
            Answer::page(&Receipt {
                id: receipt.id.to_string(),
                number: receipt.number,
                redeemed_at: moment(receipt.redeemed_at, receipt.agency.zone),
                government: receipt.agency.government,
                agency: receipt.agency.name,
                programme: receipt.programme,
                round: receipt.round,
                household: receipt.household,
                nik_masked: receipt.nik_masked.unwrap_or_else(|| "–".into()),
                collector: receipt.collector.as_str().to_owned(),
                collector_name: receipt.collector_name,
                items: receipt.items.iter().map(|(item, quantity)| item.label_of(*quantity)).collect(),
                short: receipt.short,
                marks: receipt.flags.into_iter().filter(|(flag, _)| MARKS.contains(&flag.as_str())).collect(),
                value: receipt.value.minor(),
                point: format!("{} {}", receipt.point.code, receipt.point.name),
                desk: receipt.desk,
                operator: receipt.operator,
                mark,
                at_desk: inside.actor.role == Role::Operator,
                hotline: receipt.agency.hotline,
                frame,
            })
        })
        .await
}
