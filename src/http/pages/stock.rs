//! Goods of a round's programme: what lies where, shipments, entries and counts.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{Answer, Inside, Visit, id, moment, said};
use super::stock_form::{agree_forms, done, keep_forms};
use super::view::fields::Fields;
use super::view::frame::{Choice, Frame, Place};
use super::view::ledger::{BALANCE, Ledger, LedgerCell, LedgerTable, balance_cells};
use crate::domain::id::RoundId;
use crate::domain::programme::Point;
use crate::domain::role::Action;
use crate::domain::time::Zone;
use crate::service::{EntryView, Error, KnownItem, ShipmentView, StockView, keeps};

/// The most remainders below nothing that one sentence names; all of them stand in the tables.
const BELOW_ZERO_SAID: usize = 6;

/// How the warehouse is called in an address, where a point has its code.
const WAREHOUSE: &str = "-";

#[derive(Debug, Default, Deserialize)]
pub(super) struct At {
    #[serde(default)]
    at: String,
}

/// `GET /rounds/{id}/stock`, and with `?at=` what one place has
pub(super) async fn show(
    visit: Visit,
    round: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            Answer::page(&page(inside, round, &at.at, None)?)
        })
        .await
}

/// What the tables are made from.
pub(super) struct Sheet<'a> {
    pub(super) frame: &'a Frame,
    pub(super) round: RoundId,
    pub(super) items: &'a [KnownItem],
}

impl Sheet<'_> {
    pub(super) fn place(&self, point: Option<&String>) -> String {
        point.cloned().unwrap_or_else(|| self.frame.t("ledger-warehouse"))
    }

    fn known(&self, code: &str) -> Option<&KnownItem> {
        self.items.iter().find(|item| item.code == code)
    }

    pub(super) fn said(&self, code: &str, quantity: i64) -> String {
        self.known(code).map_or_else(|| quantity.to_string(), |item| item.said(quantity))
    }

    fn goods(&self, code: &str, quantity: i64) -> LedgerCell {
        LedgerCell::figure(self.said(code, quantity))
    }

    pub(super) fn name(&self, code: &str) -> String {
        self.known(code).map_or_else(|| code.to_owned(), |item| item.name.clone())
    }
}

fn page(inside: Inside<'_>, round: RoundId, at: &str, error: Option<String>) -> Result<Ledger, Error> {
    let (office, actor) = (inside.office, inside.actor);
    let (found, programme, _) = office.round(actor, round)?;
    let stock = office.stock(actor, Some(programme.id))?;
    let items = office.stock_items(actor, programme.id)?;
    let shipments = office.shipments(actor, round)?;
    let entries = office.stock_entries(actor, round)?;
    let points = office.points(actor)?;
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let warehouse = (None, Choice::new("", t("ledger-warehouse")));
    let of_point =
        |point: &Point| (Some(point.id), Choice::new(point.code.clone(), format!("{} · {}", point.code, point.name)));
    let (places, kept): (Vec<Choice>, Vec<bool>) = std::iter::once(warehouse)
        .chain(points.iter().map(of_point))
        .map(|(place, choice)| (choice, keeps(actor, place)))
        .unzip();
    let own: Vec<Choice> = places.iter().zip(kept).filter(|one| one.1).map(|one| one.0.clone()).collect();
    let sheet = Sheet { frame: &frame, round, items: &items };
    let mut forms = Vec::new();
    if actor.role.may(Action::KeepStock) {
        forms = keep_forms(&sheet, &places, &own, &shipments);
    }
    if actor.role.may(Action::AgreeStock) {
        forms.extend(agree_forms(&sheet, &entries));
    }
    let closes = stock.iter().all(|one| one.closes);
    let here = (at != WAREHOUSE).then_some(at);
    let tables = if at.is_empty() {
        vec![
            flow_table(&sheet, &stock),
            remaining_table(&sheet, &stock),
            shipment_table(&sheet, &shipments),
            entry_table(&sheet, entries.iter()),
        ]
    } else {
        let of = |point: &Option<String>| point.as_deref() == here;
        vec![
            place_table(&sheet, &stock, here, inside.agency.zone),
            line_table(&sheet, shipments.iter().filter(|one| of(&one.from) || of(&one.to))),
            entry_table(&sheet, entries.iter().filter(|one| of(&one.point))),
        ]
    };
    let stock_of = format!("/rounds/{round}/stock");
    Ok(Ledger {
        title: match here {
            Some("") => format!("{} {}", t("ledger-stock"), programme.name),
            Some(point) => format!("{} {point}", t("ledger-stock")),
            None => format!("{} · {}", t("ledger-stock"), t("ledger-warehouse")),
        },
        back: Some(if at.is_empty() {
            (format!("/rounds/{round}"), found.name)
        } else {
            (stock_of, format!("{} {}", t("ledger-stock"), programme.name))
        }),
        what: t("ledger-stock-what"),
        error,
        notices: std::iter::once((closes, t(if closes { "ledger-stock-closes" } else { "ledger-stock-open" })))
            .chain(below_zero(&sheet, &stock, at))
            .collect(),
        links: vec![
            (format!("/programmes/{}/treasury", programme.id), t("ledger-treasury")),
            (format!("/rounds/{round}/documents"), t("documents-link")),
        ],
        tables,
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

/// Where more went out than is on record as arrived: the equations hold, and something was not written down.
fn below_zero(sheet: &Sheet<'_>, stock: &[StockView], at: &str) -> Option<(bool, String)> {
    let here = |point: &Option<String>| at.is_empty() || point.as_deref().unwrap_or(WAREHOUSE) == at;
    let places = stock.iter().flat_map(|view| &view.places);
    let mut said: Vec<String> = places
        .filter(|place| place.balance.remaining < 0 && here(&place.point))
        .map(|place| {
            let quantity = sheet.said(&place.item, place.balance.remaining);
            format!("{} {} {quantity}", sheet.place(place.point.as_ref()), place.name)
        })
        .collect();
    let more = said.len().saturating_sub(BELOW_ZERO_SAID);
    said.truncate(BELOW_ZERO_SAID);
    if more > 0 {
        said.push(sheet.frame.n("ledger-and-more", "count", i64::try_from(more).unwrap_or(0)));
    }
    (!said.is_empty()).then(|| (false, format!("{} {}.", sheet.frame.t("ledger-below-zero"), said.join(", "))))
}

/// What each place has left, an item a column; a place leads to all that happened there.
fn remaining_table(sheet: &Sheet<'_>, stock: &[StockView]) -> LedgerTable {
    let mut rows: Vec<(Option<String>, Vec<LedgerCell>)> = Vec::new();
    for place in stock.iter().flat_map(|view| &view.places) {
        if rows.last().is_none_or(|row| row.0 != place.point) {
            let at = place.point.as_deref().unwrap_or(WAREHOUSE);
            let name = LedgerCell::text(sheet.place(place.point.as_ref()))
                .to(format!("/rounds/{}/stock?at={at}", sheet.round));
            let mut cells = vec![LedgerCell::figure("–"); sheet.items.len() + 1];
            if let Some(first) = cells.first_mut() {
                *first = name;
            }
            rows.push((place.point.clone(), cells));
        }
        let column = sheet.items.iter().position(|item| item.code == place.item);
        let cells = rows.last_mut().map(|row| &mut row.1);
        if let Some(cell) = cells.zip(column).and_then(|(cells, column)| cells.get_mut(column + 1)) {
            *cell = sheet.goods(&place.item, place.balance.remaining);
        }
    }
    let mut table = sheet.frame.table("ledger-left", &["ledger-place"], rows.into_iter().map(|row| row.1));
    table.columns.extend(sheet.items.iter().map(|item| (item.name.clone(), true)));
    table
}

fn place_table(sheet: &Sheet<'_>, stock: &[StockView], here: Option<&str>, zone: Zone) -> LedgerTable {
    let rows = stock.iter().flat_map(|view| &view.places).filter(|place| place.point.as_deref() == here).map(|place| {
        let cell = |quantity| sheet.goods(&place.item, quantity);
        let mut cells = vec![LedgerCell::text(place.name.clone())];
        cells.extend(balance_cells(place.balance, cell));
        // What somebody counted, when, and by how much the books were off then: never a figure that nobody counted.
        let count = place.last_count.as_ref();
        let none = || LedgerCell::figure("–");
        cells.push(count.map_or_else(none, |count| cell(count.counted)));
        cells.push(count.map_or_else(none, |count| LedgerCell::text(moment(count.at, zone))));
        cells.push(count.map_or_else(none, |count| cell(count.difference)));
        cells.extend([cell(place.on_the_way), cell(place.short)]);
        cells
    });
    let mut columns = vec!["col-item"];
    columns.extend(BALANCE);
    columns.extend([
        "#ledger-counted",
        "ledger-counted-at",
        "#ledger-difference",
        "#ledger-on-the-way",
        "#ledger-short",
    ]);
    sheet.frame.table("ledger-places", &columns, rows)
}

fn flow_table(sheet: &Sheet<'_>, stock: &[StockView]) -> LedgerTable {
    let rows = stock.iter().flat_map(|view| &view.flows).map(|one| {
        let f = one.flow;
        let quantities = [
            f.delivered,
            f.corrected,
            f.handed_over,
            f.damaged,
            f.lost,
            f.returned,
            f.on_the_way,
            f.short,
            f.remaining,
        ];
        let figures = quantities.into_iter().map(|quantity| sheet.goods(&one.item, quantity));
        std::iter::once(LedgerCell::text(one.name.clone())).chain(figures).collect::<Vec<_>>()
    });
    let columns = [
        "col-item",
        "#ledger-delivered-goods",
        "#ledger-corrected",
        "#col-handed-over",
        "#ledger-damaged",
        "#ledger-lost",
        "#ledger-supplier-return",
        "#ledger-on-the-way",
        "#ledger-short",
        "#ledger-remaining",
    ];
    sheet.frame.table("ledger-flows", &columns, rows)
}

/// A row a shipment.
fn shipment_table(sheet: &Sheet<'_>, shipments: &[ShipmentView]) -> LedgerTable {
    let rows = shipments.iter().map(|one| {
        let all = |of: &dyn Fn(&crate::service::ShipmentItem) -> i64| {
            let said = one.lines.iter().filter(|line| of(line) != 0);
            said.map(|line| format!("{} {}", sheet.name(&line.item), sheet.said(&line.item, of(line))))
                .collect::<Vec<_>>()
                .join(", ")
        };
        vec![
            LedgerCell::text(one.number.to_string()),
            LedgerCell::text(sheet.place(one.from.as_ref())),
            LedgerCell::text(sheet.place(one.to.as_ref())),
            LedgerCell::text(all(&|line| line.sent)),
            LedgerCell::text(all(&|line| line.damaged.unwrap_or(0))),
            LedgerCell::text(all(&|line| line.short.unwrap_or(0))),
            LedgerCell::text(format!("{}, {}", one.vehicle, one.driver)),
            LedgerCell::text(one.received_by.clone().unwrap_or_else(|| sheet.frame.t("ledger-on-the-way"))),
        ]
    });
    let columns = [
        "ledger-number",
        "ledger-from",
        "ledger-to",
        "ledger-sent",
        "ledger-damaged",
        "ledger-short",
        "ledger-vehicle",
        "ledger-received-by",
    ];
    sheet.frame.table("ledger-shipments", &columns, rows)
}

/// A row an item of a shipment.
fn line_table<'v>(sheet: &Sheet<'_>, shipments: impl Iterator<Item = &'v ShipmentView>) -> LedgerTable {
    let rows = shipments.flat_map(|one| one.lines.iter().map(move |line| (one, line))).map(|(one, line)| {
        let maybe =
            |count: Option<i64>| count.map_or_else(|| LedgerCell::figure("–"), |count| sheet.goods(&line.item, count));
        vec![
            LedgerCell::text(one.number.to_string()),
            LedgerCell::text(sheet.place(one.from.as_ref())),
            LedgerCell::text(sheet.place(one.to.as_ref())),
            LedgerCell::text(sheet.name(&line.item)),
            sheet.goods(&line.item, line.sent),
            maybe(line.good),
            maybe(line.damaged),
            maybe(line.short),
            LedgerCell::text(one.received_by.clone().unwrap_or_else(|| sheet.frame.t("ledger-on-the-way"))),
        ]
    });
    let columns = [
        "ledger-number",
        "ledger-from",
        "ledger-to",
        "col-item",
        "#ledger-sent",
        "#ledger-good",
        "#ledger-damaged",
        "#ledger-short",
        "ledger-received-by",
    ];
    sheet.frame.table("ledger-shipments", &columns, rows)
}

fn entry_table<'v>(sheet: &Sheet<'_>, entries: impl Iterator<Item = &'v EntryView>) -> LedgerTable {
    let rows = entries.map(|one| {
        let waits = || if one.counts { "–".to_owned() } else { sheet.frame.t("ledger-awaits") };
        vec![
            LedgerCell::text(sheet.frame.of_list("stock-entry", one.kind.as_str())),
            LedgerCell::text(sheet.place(one.point.as_ref())),
            LedgerCell::text(sheet.name(&one.item)),
            sheet.goods(&one.item, one.quantity),
            LedgerCell::text(one.reason.clone()),
            LedgerCell::text(one.made_by.clone()),
            LedgerCell::text(one.agreed_by.clone().unwrap_or_else(waits)),
        ]
    });
    let columns =
        ["ledger-kind", "ledger-place", "col-item", "#col-count", "ledger-reason", "ledger-by", "ledger-agreed"];
    sheet.frame.table("ledger-entries", &columns, rows)
}

/// `POST /rounds/{id}/stock/{what}`
pub(super) async fn change(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let (round, what) = path.into_inner();
            let round: RoundId = id(&round, "round")?;
            match done(&inside, round, &what, &form) {
                // A count changes nothing, so that its answer is what it came to.
                Ok(Some(said)) => {
                    let mut page = page(inside, round, "", None)?;
                    page.notices.insert(0, said);
                    Answer::page(&page)
                }
                Ok(None) => Ok(Answer::See(format!("/rounds/{round}/stock"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, round, "", Some(text))?)
                }
            }
        })
        .await
}
