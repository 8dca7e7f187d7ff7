//! Goods of a round's programme: what lies where, shipments, entries and counts.

use actix_web::{HttpResponse, web};

use super::case::number;
use super::fault::PageError;
use super::shell::{Answer, Inside, Visit, id, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Frame, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerField, LedgerForm, LedgerTable};
use crate::domain::id::{RoundId, ShipmentId, StockEntryId};
use crate::domain::package::Item;
use crate::domain::role::Action;
use crate::domain::stock::EntryKind;
use crate::service::{EntryView, Error, NewCount, NewEntry, NewShipment, Received, Refusal, ShipmentView, StockView};

fn filled(text: &str) -> Option<String> {
    Some(text.to_owned()).filter(|text| !text.is_empty())
}

/// `GET /rounds/{id}/stock`
pub(super) async fn show(visit: Visit, round: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            Answer::page(&page(inside, round, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, round: RoundId, error: Option<String>) -> Result<Ledger, Error> {
    let (office, actor) = (inside.office, inside.actor);
    let (found, programme, package) = office.round(actor, round)?;
    let stock = office.stock(actor, Some(programme.id))?;
    let shipments = office.shipments(actor, round)?;
    let entries = office.stock_entries(actor, round)?;
    let points = office.points(actor)?;
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let mut places = vec![Choice::new("", t("ledger-warehouse"))];
    places
        .extend(points.iter().map(|point| Choice::new(point.code.clone(), format!("{} · {}", point.code, point.name))));
    let mut forms = Vec::new();
    if actor.role.may(Action::KeepStock) {
        forms = keep_forms(&frame, round, &package.items, &places, &shipments);
    }
    if actor.role.may(Action::AgreeStock) {
        forms.extend(agree_forms(&frame, round, &entries));
    }
    let closes = stock.iter().all(|one| one.closes);
    Ok(Ledger {
        title: format!("{} {}", t("ledger-stock"), programme.name),
        back: Some((format!("/rounds/{round}"), found.name)),
        what: t("ledger-stock-what"),
        error,
        notices: vec![(closes, t(if closes { "ledger-stock-closes" } else { "ledger-stock-open" }))],
        links: vec![
            (format!("/programmes/{}/treasury", programme.id), t("ledger-treasury")),
            (format!("/rounds/{round}/documents"), t("documents-link")),
        ],
        tables: vec![
            place_table(&frame, &stock),
            flow_table(&frame, &stock),
            shipment_table(&frame, &shipments),
            entry_table(&frame, &entries),
        ],
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

fn place_table(frame: &Frame, stock: &[StockView]) -> LedgerTable {
    let t = |key: &str| frame.t(key);
    let rows = stock
        .iter()
        .flat_map(|view| &view.places)
        .map(|place| {
            let b = place.balance;
            vec![
                LedgerCell::text(place.point.clone().unwrap_or_else(|| t("ledger-warehouse"))),
                LedgerCell::text(place.name.clone()),
                LedgerCell::count(b.received),
                LedgerCell::count(b.corrected),
                LedgerCell::count(b.handed_over),
                LedgerCell::count(b.damaged),
                LedgerCell::count(b.lost),
                LedgerCell::count(b.returned),
                LedgerCell::count(b.moved),
                LedgerCell::count(b.remaining),
                place.counted.map_or_else(|| LedgerCell::text("–"), LedgerCell::count),
                LedgerCell::count(place.on_the_way),
                LedgerCell::count(place.short),
            ]
        })
        .collect();
    LedgerTable {
        caption: t("ledger-places"),
        columns: vec![
            (t("ledger-place"), false),
            (t("col-item"), false),
            (t("ledger-received"), true),
            (t("ledger-corrected"), true),
            (t("col-handed-over"), true),
            (t("ledger-damaged"), true),
            (t("ledger-lost"), true),
            (t("ledger-returned"), true),
            (t("ledger-moved"), true),
            (t("ledger-remaining"), true),
            (t("ledger-counted"), true),
            (t("ledger-on-the-way"), true),
            (t("ledger-short"), true),
        ],
        rows,
        total: Vec::new(),
    }
}

fn flow_table(frame: &Frame, stock: &[StockView]) -> LedgerTable {
    let t = |key: &str| frame.t(key);
    let rows = stock
        .iter()
        .flat_map(|view| &view.flows)
        .map(|one| {
            let f = one.flow;
            vec![
                LedgerCell::text(one.name.clone()),
                LedgerCell::count(f.delivered),
                LedgerCell::count(f.corrected),
                LedgerCell::count(f.handed_over),
                LedgerCell::count(f.damaged),
                LedgerCell::count(f.lost),
                LedgerCell::count(f.returned),
                LedgerCell::count(f.on_the_way),
                LedgerCell::count(f.short),
                LedgerCell::count(f.remaining),
            ]
        })
        .collect();
    LedgerTable {
        caption: t("ledger-flows"),
        columns: vec![
            (t("col-item"), false),
            (t("ledger-delivered-goods"), true),
            (t("ledger-corrected"), true),
            (t("col-handed-over"), true),
            (t("ledger-damaged"), true),
            (t("ledger-lost"), true),
            (t("ledger-supplier-return"), true),
            (t("ledger-on-the-way"), true),
            (t("ledger-short"), true),
            (t("ledger-remaining"), true),
        ],
        rows,
        total: Vec::new(),
    }
}

fn shipment_table(frame: &Frame, shipments: &[ShipmentView]) -> LedgerTable {
    let t = |key: &str| frame.t(key);
    let rows = shipments
        .iter()
        .flat_map(|one| one.lines.iter().map(move |line| (one, line)))
        .map(|(one, line)| {
            let maybe = |count: Option<i64>| count.map_or_else(|| LedgerCell::text("–"), LedgerCell::count);
            vec![
                LedgerCell::text(one.number.to_string()),
                LedgerCell::text(one.from.clone().unwrap_or_else(|| t("ledger-warehouse"))),
                LedgerCell::text(one.to.clone().unwrap_or_else(|| t("ledger-warehouse"))),
                LedgerCell::text(line.item.clone()),
                LedgerCell::count(line.sent),
                maybe(line.good),
                maybe(line.damaged),
                maybe(line.short),
                LedgerCell::text(format!("{}, {}", one.vehicle, one.driver)),
                LedgerCell::text(one.received_by.clone().unwrap_or_else(|| t("ledger-on-the-way"))),
            ]
        })
        .collect();
    LedgerTable {
        caption: t("ledger-shipments"),
        columns: vec![
            (t("ledger-number"), false),
            (t("ledger-from"), false),
            (t("ledger-to"), false),
            (t("col-item"), false),
            (t("ledger-sent"), true),
            (t("ledger-good"), true),
            (t("ledger-damaged"), true),
            (t("ledger-short"), true),
            (t("ledger-vehicle"), false),
            (t("ledger-received-by"), false),
        ],
        rows,
        total: Vec::new(),
    }
}

fn entry_table(frame: &Frame, entries: &[EntryView]) -> LedgerTable {
    let t = |key: &str| frame.t(key);
    let rows = entries
        .iter()
        .map(|one| {
            vec![
                LedgerCell::text(frame.of_list("stock-entry", one.kind.as_str())),
                LedgerCell::text(one.point.clone().unwrap_or_else(|| t("ledger-warehouse"))),
                LedgerCell::text(one.item.clone()),
                LedgerCell::count(one.quantity),
                LedgerCell::text(one.reason.clone()),
                LedgerCell::text(one.made_by.clone()),
                LedgerCell::text(
                    one.agreed_by
                        .clone()
                        .unwrap_or_else(|| if one.counts { "–".to_owned() } else { t("ledger-awaits") }),
                ),
            ]
        })
        .collect();
    LedgerTable {
        caption: t("ledger-entries"),
        columns: vec![
            (t("ledger-kind"), false),
            (t("ledger-place"), false),
            (t("col-item"), false),
            (t("ledger-quantity"), true),
            (t("ledger-reason"), false),
            (t("ledger-by"), false),
            (t("ledger-agreed"), false),
        ],
        rows,
        total: Vec::new(),
    }
}

fn keep_forms(
    frame: &Frame,
    round: RoundId,
    items: &[Item],
    places: &[Choice],
    shipments: &[ShipmentView],
) -> Vec<LedgerForm> {
    let t = |key: &str| frame.t(key);
    let amount = |prefix: &str, item: &Item, what: &str| {
        let label = format!("{}: {what} ({})", item.name, frame.of_list("unit", item.unit.as_str()));
        LedgerField::new("number", &format!("{prefix}-{}", item.code), label, false)
    };
    let names: Vec<Choice> = items.iter().map(|item| Choice::new(item.code.clone(), item.name.clone())).collect();
    let mut send = vec![
        LedgerField::select("from", t("ledger-from"), places.to_vec(), false),
        LedgerField::select("to", t("ledger-to"), places.to_vec(), false),
        LedgerField::new("text", "vehicle", t("ledger-vehicle"), true),
        LedgerField::new("text", "driver", t("ledger-driver"), true),
        LedgerField::new("text", "seal", t("ledger-seal"), false),
    ];
    send.extend(items.iter().map(|item| amount("sent", item, &t("ledger-sent"))));
    let open: Vec<Choice> = shipments
        .iter()
        .filter(|one| one.received_at.is_none())
        .map(|one| {
            let to = one.to.clone().unwrap_or_else(|| t("ledger-warehouse"));
            Choice::new(one.id.to_string(), format!("{} → {to}", one.number))
        })
        .collect();
    let mut forms = vec![LedgerForm {
        title: t("ledger-send"),
        hint: t("ledger-send-hint"),
        action: format!("/rounds/{round}/stock/shipments"),
        fields: send,
        button: t("ledger-send"),
        upload: false,
    }];
    if !open.is_empty() {
        let mut receive = vec![LedgerField::select("shipment", t("ledger-shipments"), open, true)];
        for item in items {
            receive.push(amount("good", item, &t("ledger-good")));
            receive.push(amount("damaged", item, &t("ledger-damaged")));
        }
        receive.push(LedgerField::new("text", "note", t("custody-note"), false));
        forms.push(LedgerForm {
            title: t("ledger-receive"),
            hint: t("ledger-receive-hint"),
            action: format!("/rounds/{round}/stock/receipts"),
            fields: receive,
            button: t("ledger-receive"),
            upload: false,
        });
    }
    let kinds = EntryKind::ALL.map(|kind| Choice::new(kind.as_str(), frame.of_list("stock-entry", kind.as_str())));
    forms.push(LedgerForm {
        title: t("ledger-enter-stock"),
        hint: t("ledger-enter-stock-hint"),
        action: format!("/rounds/{round}/stock/entries"),
        fields: vec![
            LedgerField::select("kind", t("ledger-kind"), kinds.to_vec(), true),
            LedgerField::select("point", t("ledger-place"), places.to_vec(), false),
            LedgerField::select("item", t("col-item"), names.clone(), true),
            LedgerField::new("number", "quantity", t("ledger-quantity"), true),
            LedgerField::new("text", "reason", t("ledger-reason"), true),
        ],
        button: t("ledger-enter-stock"),
        upload: false,
    });
    forms.push(LedgerForm {
        title: t("ledger-count"),
        hint: t("ledger-count-hint"),
        action: format!("/rounds/{round}/stock/counts"),
        fields: vec![
            LedgerField::select("point", t("ledger-place"), places.to_vec(), false),
            LedgerField::select("item", t("col-item"), names, true),
            LedgerField::new("number", "counted", t("ledger-counted"), true),
            LedgerField::new("text", "note", t("custody-note"), false),
        ],
        button: t("ledger-count"),
        upload: false,
    });
    forms
}

fn agree_forms(frame: &Frame, round: RoundId, entries: &[EntryView]) -> Vec<LedgerForm> {
    entries
        .iter()
        .filter(|one| !one.counts)
        .map(|one| LedgerForm {
            title: format!("{} {} {}", frame.t("ledger-agree"), one.item, one.quantity),
            hint: one.reason.clone(),
            action: format!("/rounds/{round}/stock/agree"),
            fields: vec![LedgerField::hidden("entry", one.id.to_string())],
            button: frame.t("ledger-agree"),
            upload: false,
        })
        .collect()
}

/// `POST /rounds/{id}/stock/{what}`
pub(super) async fn change(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(form.of("csrf"))
        .inside(Place::Rounds, move |inside| {
            let (round, what) = path.into_inner();
            let round: RoundId = id(&round, "round")?;
            match done(&inside, round, &what, &form) {
                Ok(()) => Ok(Answer::See(format!("/rounds/{round}/stock"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, round, Some(text))?)
                }
            }
        })
        .await
}

fn done(inside: &Inside<'_>, round: RoundId, what: &str, form: &Fields) -> Result<(), Error> {
    let (office, actor) = (inside.office, inside.actor);
    let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
    let whole = |name: &'static str| number(form, name).ok_or_else(|| invalid(name, "a whole number"));
    let (_, _, package) = office.round(actor, round)?;
    let of = |prefix: &str, item: &Item| {
        number(form, &format!("{prefix}-{}", item.code)).ok_or_else(|| invalid("quantity", "a whole number"))
    };
    match what {
        "shipments" => {
            let mut lines = Vec::new();
            for item in &package.items {
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
            office.send_shipment(actor, round, &new).map(|_| ())
        }
        "receipts" => {
            let shipment: ShipmentId = id(form.of("shipment"), "shipment")?;
            let sent = office.shipments(actor, round)?.into_iter().find(|one| one.id == shipment);
            let sent = sent.ok_or(Refusal::NotFound("shipment"))?;
            let mut lines = Vec::new();
            for item in package.items.iter().filter(|item| sent.lines.iter().any(|line| line.item == item.code)) {
                lines.push((item.code.clone(), of("good", item)?, of("damaged", item)?));
            }
            let received = Received { lines, note: form.of("note").to_owned() };
            office.receive_shipment(actor, shipment, &received).map(|_| ())
        }
        "entries" => {
            let new = NewEntry {
                point: filled(form.of("point")),
                item: form.of("item").to_owned(),
                kind: EntryKind::parse(form.of("kind")).ok_or_else(|| invalid("kind", "choose one of the list"))?,
                quantity: whole("quantity")?,
                reason: form.of("reason").to_owned(),
            };
            office.enter_stock(actor, round, &new).map(|_| ())
        }
        "counts" => {
            let new = NewCount {
                point: filled(form.of("point")),
                item: form.of("item").to_owned(),
                counted: whole("counted")?,
                note: form.of("note").to_owned(),
            };
            office.count_stock(actor, round, &new).map(|_| ())
        }
        "agree" => {
            let entry: StockEntryId = id(form.of("entry"), "entry")?;
            office.agree_stock(actor, entry)
        }
        _ => Err(Refusal::NotFound("page").into()),
    }
}
