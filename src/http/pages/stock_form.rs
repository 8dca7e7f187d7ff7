//! What people write down about goods: what was sent, what arrived, what was damaged, corrected and counted.

use super::form::{chosen, filled, goods};
use super::shell::{Inside, id};
use super::stock::Sheet;
use super::view::fields::Fields;
use super::view::frame::Choice;
use super::view::ledger::{LedgerField, LedgerForm};
use crate::domain::id::{RoundId, ShipmentId, StockEntryId};
use crate::domain::stock::EntryKind;
use crate::service::{EntryView, Error, KnownItem, NewCount, NewEntry, NewShipment, Received, Refusal, ShipmentView};
use crate::words::Value;

/// What a person may write down about the places whose goods they keep.
pub(super) fn keep_forms(
    sheet: &Sheet<'_>,
    places: &[Choice],
    own: &[Choice],
    shipments: &[ShipmentView],
) -> Vec<LedgerForm> {
    if own.is_empty() {
        return Vec::new();
    }
    let frame = sheet.frame;
    let action = |what: &str| format!("/rounds/{}/stock/{what}", sheet.round);
    let amount = |prefix: &str, item: &KnownItem, key: &str| {
        let label = format!("{}: {} ({})", item.name, frame.t(key), item.pack_name);
        LedgerField::new("number", &format!("{prefix}-{}", item.code), label, false)
    };
    let named = |item: &KnownItem| Choice::new(item.code.clone(), format!("{} ({})", item.name, item.pack_name));
    let names: Vec<Choice> = sheet.items.iter().map(named).collect();
    // Goods go to another place: where there is one to send from, it is none to send to.
    let elsewhere = |one: &&Choice| own.len() > 1 || own.iter().all(|mine| mine.value != one.value);
    let elsewhere: Vec<Choice> = places.iter().filter(elsewhere).cloned().collect();
    let mut send = vec![
        frame.choose("from", "ledger-from", own, false),
        frame.choose("to", "ledger-to", &elsewhere, false),
        frame.field("text", "vehicle", "ledger-vehicle", true),
        frame.field("text", "driver", "ledger-driver", true),
        frame.field("text", "seal", "ledger-seal", false),
    ];
    send.extend(sheet.items.iter().map(|item| amount("sent", item, "ledger-sent")));
    let mut forms = vec![frame.hinted("ledger-send", action("shipments"), send)];
    let open: Vec<Choice> = shipments
        .iter()
        .filter(|one| one.received_at.is_none())
        .filter(|one| own.iter().any(|mine| mine.value == one.to.as_deref().unwrap_or_default()))
        .map(|one| Choice::new(one.id.to_string(), format!("{} → {}", one.number, sheet.place(one.to.as_ref()))))
        .collect();
    if !open.is_empty() {
        let mut receive = vec![frame.choose("shipment", "ledger-shipments", &open, true)];
        for item in sheet.items {
            receive.extend([amount("good", item, "ledger-good"), amount("damaged", item, "ledger-damaged")]);
        }
        receive.push(frame.field("text", "note", "custody-note", false));
        forms.push(frame.hinted("ledger-receive", action("receipts"), receive));
    }
    let kinds = EntryKind::ALL.map(|kind| Choice::new(kind.as_str(), frame.of_list("stock-entry", kind.as_str())));
    let enter = vec![
        frame.choose("kind", "ledger-kind", &kinds, true),
        frame.choose("point", "ledger-place", own, false),
        frame.choose("item", "col-item", &names, true),
        frame.field("number", "quantity", "ledger-quantity", true),
        frame.field("text", "reason", "ledger-reason", true),
    ];
    forms.push(frame.hinted("ledger-enter-stock", action("entries"), enter));
    let count = vec![
        frame.choose("point", "ledger-place", own, false),
        frame.choose("item", "col-item", &names, true),
        frame.field("number", "counted", "ledger-counted", true),
        frame.field("text", "note", "custody-note", false),
    ];
    forms.push(frame.hinted("ledger-count", action("counts"), count));
    forms
}

pub(super) fn agree_forms(sheet: &Sheet<'_>, entries: &[EntryView]) -> Vec<LedgerForm> {
    let waiting = entries.iter().filter(|one| !one.counts);
    waiting
        .map(|one| {
            let quantity = sheet.said(&one.item, one.quantity);
            let place = sheet.place(one.point.as_ref());
            let fields = vec![LedgerField::hidden("entry", one.id.to_string())];
            let form = sheet.frame.form("ledger-agree", format!("/rounds/{}/stock/agree", sheet.round), fields);
            let title = format!("{}: {place}, {} {quantity}", form.title, sheet.name(&one.item));
            LedgerForm { title, hint: one.reason.clone(), ..form }
        })
        .collect()
}

/// Does what was asked; what is said of it, and whether that is good.
pub(super) fn done(
    inside: &Inside<'_>,
    round: RoundId,
    what: &str,
    form: &Fields,
) -> Result<Option<(bool, String)>, Error> {
    let (office, actor) = (inside.office, inside.actor);
    let (_, programme, _) = office.round(actor, round)?;
    let items = office.stock_items(actor, programme.id)?;
    let of = |prefix: &str, item: &KnownItem| goods(form, &format!("{prefix}-{}", item.code), item.pack_size);
    let one = |name: &str| {
        let item = items.iter().find(|item| item.code == form.of("item"));
        goods(form, name, item.map_or(1, |item| item.pack_size))
    };
    match what {
        "shipments" => {
            let mut lines = Vec::new();
            for item in &items {
                let quantity = of("sent", item)?;
                if quantity != 0 {
                    lines.push((item.code.clone(), quantity));
                }
            }
            let new = NewShipment {
                from: filled(form.of("from")),
                to: filled(form.of("to")),
                lines,
                vehicle: form.of("vehicle").to_owned(),
                driver: form.of("driver").to_owned(),
                seal: form.of("seal").to_owned(),
                note: String::new(),
            };
            office.send_shipment(actor, round, &new).map(|_| None)
        }
        "receipts" => {
            let shipment: ShipmentId = id(form.of("shipment"), "shipment")?;
            let sent = office.shipments(actor, round)?.into_iter().find(|one| one.id == shipment);
            let sent = sent.ok_or(Refusal::NotFound("shipment"))?;
            let mut lines = Vec::new();
            for item in items.iter().filter(|item| sent.lines.iter().any(|line| line.item == item.code)) {
                lines.push((item.code.clone(), of("good", item)?, of("damaged", item)?));
            }
            let received = Received { lines, note: form.of("note").to_owned() };
            office.receive_shipment(actor, shipment, &received).map(|_| None)
        }
        "entries" => {
            let new = NewEntry {
                point: filled(form.of("point")),
                item: form.of("item").to_owned(),
                kind: chosen("kind", EntryKind::parse(form.of("kind")))?,
                quantity: one("quantity")?,
                reason: form.of("reason").to_owned(),
            };
            office.enter_stock(actor, round, &new).map(|_| None)
        }
        "counts" => {
            let new = NewCount {
                point: filled(form.of("point")),
                item: form.of("item").to_owned(),
                counted: one("counted")?,
                note: form.of("note").to_owned(),
            };
            let came = office.count_stock(actor, round, &new)?;
            let item = items.iter().find(|item| item.code == new.item);
            let quantity = |quantity: i64| item.map_or_else(|| quantity.to_string(), |item| item.said(quantity));
            let place = new.point.clone().unwrap_or_else(|| inside.frame.t("ledger-warehouse"));
            let values = [
                ("item", item.map_or_else(|| new.item.clone(), |item| item.name.clone())),
                ("place", place),
                ("counted", quantity(came.counted)),
                ("computed", quantity(came.computed)),
                ("difference", quantity(came.difference)),
            ];
            let values: Vec<_> = values.iter().map(|(name, text)| (*name, Value::from(text.as_str()))).collect();
            Ok(Some((came.difference == 0, inside.frame.words.with("ledger-count-taken", &values))))
        }
        "agree" => {
            let entry: StockEntryId = id(form.of("entry"), "entry")?;
            office.agree_stock(actor, entry).map(|()| None)
        }
        _ => Err(Refusal::NotFound("page").into()),
    }
}
