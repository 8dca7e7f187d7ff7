//! The close of periods.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::form::filled;
use super::shell::{Answer, Inside, Visit, id, long_moment, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Frame, Place};
use super::view::ledger::{BALANCE, Ledger, LedgerCell, LedgerField, LedgerTable, balance_cells};
use crate::domain::closing::{ClosingState, Difference};
use crate::domain::id::{ClosingId, RoundId};
use crate::domain::money::grouped;
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::service::{AddendumDue, ClosingView, Error, KnownItem, NewClosing, Refusal};
use crate::words::Value;

/// The period that somebody looks at before it is closed; there are none of these when nobody does.
#[derive(Debug, Default, serde::Deserialize)]
pub(super) struct Look {
    point: Option<String>,
    day: Option<String>,
}

/// `GET /rounds/{id}/closings`, and with `?point=&day=` what would differ if that period closed now
pub(super) async fn list(
    visit: Visit,
    round: web::Path<String>,
    look: web::Query<Look>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let Look { point, day } = look.into_inner();
            if point.is_none() && day.is_none() {
                return Answer::page(&list_page(inside, round, &NewClosing::default(), None)?);
            }
            let day = day.as_deref().and_then(filled);
            let period = NewClosing { point: point.as_deref().and_then(filled), day, ..NewClosing::default() };
            match inside.office.look_at_period(inside.actor, round, &period) {
                Ok(found) => Answer::page(&looked_page(inside, round, &period, None, &found.1)?),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &list_page(inside, round, &period, Some(text))?)
                }
            }
        })
        .await
}

/// The same with what differs in the period at this moment.
fn looked_page(
    inside: Inside<'_>,
    round: RoundId,
    period: &NewClosing,
    error: Option<String>,
    found: &[Difference],
) -> Result<Ledger, Error> {
    let (_, programme, _) = inside.office.round(inside.actor, round)?;
    let read = inside.actor.role.may(Action::ReadStock);
    let items = if read { inside.office.stock_items(inside.actor, programme.id)? } else { Vec::new() };
    let mut page = list_page(inside, round, period, error)?;
    let frame = page.frame.clone();
    let which = match (&period.point, &period.day) {
        (None, _) => frame.t("documents-all-points"),
        (Some(point), None) => point.clone(),
        (Some(point), Some(day)) => format!("{point}, {}", frame.day(day)),
    };
    if found.is_empty() {
        page.notices.push((true, format!("{which}: {}", frame.t("ledger-would-agree"))));
    }
    let table = difference_table(&frame, "ledger-would-differ", found, &items);
    page.tables.insert(0, LedgerTable { caption: format!("{} · {which}", table.caption), ..table });
    Ok(page)
}

fn list_page(inside: Inside<'_>, round: RoundId, period: &NewClosing, error: Option<String>) -> Result<Ledger, Error> {
    let found = inside.office.closings(inside.actor, Some(round), None, Some(500))?;
    let sheet = inside.office.round_sheet(inside.actor, round)?;
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let mut points = vec![Choice::new("", t("documents-all-points"))];
    points.extend(
        sheet
            .points
            .into_iter()
            .map(|point| Choice::new(point.code.clone(), format!("{} · {}", point.code, point.name))),
    );
    // What was chosen stays chosen: whoever only adds a reason closes the same period, and not the whole round.
    let which = || {
        vec![
            frame.choose("point", "col-point", &points, false).holding(period.point.as_deref().unwrap_or_default()),
            frame.field("date", "day", "col-day", false).holding(period.day.as_deref().unwrap_or_default()),
        ]
    };
    let due = inside.office.addenda_due(inside.actor, round)?;
    let mut forms = Vec::new();
    if inside.actor.role.may(Action::ClosePeriod) {
        if !due.is_empty() {
            forms.push(frame.hinted("ledger-due-make", format!("/rounds/{round}/addenda"), Vec::new()));
        }
        let mut fields = which();
        fields.push(frame.field("text", "reason", "ledger-reason", false).holding(&period.reason));
        forms.push(frame.hinted("ledger-close", format!("/rounds/{round}/closings"), fields));
        forms.push(frame.hinted("ledger-patterns", format!("/rounds/{round}/pattern-checks"), Vec::new()));
    }
    let (mut tables, mut notices) = (Vec::new(), Vec::new());
    if !due.is_empty() {
        let count = i64::try_from(due.len()).unwrap_or(i64::MAX);
        notices.push((false, frame.n("ledger-due-count", "count", count)));
        tables.push(due_table(&frame, &due));
    }
    tables.push(closing_table(&frame, "ledger-closings", &found));
    Ok(Ledger {
        title: format!("{} {}", t("ledger-closings"), sheet.round.name),
        back: Some((format!("/rounds/{round}"), sheet.round.name)),
        what: t("ledger-closings-what"),
        error,
        links: vec![("/rules".to_owned(), t("rules-title"))],
        notices,
        tables,
        filters: which(),
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

/// The closes after which something came that no addendum has.
fn due_table(frame: &Frame, due: &[AddendumDue]) -> LedgerTable {
    let rows = due.iter().map(|one| {
        vec![
            LedgerCell::text(one.number.clone()).to(format!("/closings/{}", one.closing_id)),
            LedgerCell::text(one.point.clone().unwrap_or_else(|| frame.t("documents-all-points"))),
            LedgerCell::text(one.day.as_deref().map(|day| frame.day(day)).unwrap_or_default()),
            LedgerCell::count(one.receipts),
            LedgerCell::rupiah(one.value_minor),
            LedgerCell::count(one.moves),
        ]
    });
    let columns = ["ledger-number", "col-point", "col-day", "#ledger-due-receipts", "#col-value", "#ledger-due-moves"];
    frame.table("ledger-due", &columns, rows)
}

fn closing_table(frame: &Frame, caption: &str, found: &[ClosingView]) -> LedgerTable {
    let rows = found.iter().map(|one| {
        vec![
            LedgerCell::text(one.number.clone()).to(format!("/closings/{}", one.id)),
            LedgerCell::text(one.point.clone().unwrap_or_else(|| frame.t("documents-all-points"))),
            LedgerCell::text(one.day.as_deref().map(|day| frame.day(day)).unwrap_or_default()),
            LedgerCell::text(frame.of_list("closing-state", one.state.as_str())),
            LedgerCell::count(one.figures.vouchers.redeemed),
            LedgerCell::rupiah(one.figures.cash.realised_minor),
            LedgerCell::count(i64::try_from(one.differences.len()).unwrap_or(0)),
            LedgerCell::text(one.made_by.clone()),
            LedgerCell::text(one.signed_by.clone().unwrap_or_default()),
        ]
    });
    let columns = [
        "ledger-number",
        "col-point",
        "col-day",
        "col-state",
        "#collected",
        "#realised",
        "#ledger-differences",
        "ledger-by",
        "ledger-signed",
    ];
    frame.table(caption, &columns, rows)
}

/// `POST /rounds/{id}/closings`
pub(super) async fn close(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            let new = NewClosing {
                point: filled(form.of("point")),
                day: filled(form.of("day")),
                reason: form.of("reason").to_owned(),
                replaces: filled(form.of("replaces")),
            };
            match inside.office.close_period(inside.actor, round, &new) {
                Ok(made) => Ok(Answer::See(format!("/closings/{}", made.id))),
                Err(error) => {
                    let unexplained =
                        matches!(&error, Error::Refused(refusal) if matches!(**refusal, Refusal::Unexplained(_)));
                    let (status, text) = said(error, inside.language)?;
                    let page = if unexplained {
                        let (_, found) = inside.office.look_at_period(inside.actor, round, &new)?;
                        looked_page(inside, round, &new, Some(text), &found)?
                    } else {
                        list_page(inside, round, &new, Some(text))?
                    };
                    Answer::refused(status, &page)
                }
            }
        })
        .await
}

/// `POST /rounds/{id}/pattern-checks`
pub(super) async fn patterns(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            match inside.office.check_patterns(inside.actor, round) {
                Ok(_) => Ok(Answer::See(format!("/cases?round={round}"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &list_page(inside, round, &NewClosing::default(), Some(text))?)
                }
            }
        })
        .await
}

/// `GET /closings/{id}`
pub(super) async fn show(visit: Visit, closing: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let closing = id(&closing, "closing")?;
            Answer::page(&page(inside, closing, None)?)
        })
        .await
}

fn page(inside: Inside<'_>, id: ClosingId, error: Option<String>) -> Result<Ledger, Error> {
    let (office, actor) = (inside.office, inside.actor);
    let one = office.closing(actor, id)?;
    let may_close = actor.role.may(Action::ClosePeriod);
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let (zone, language) = (inside.agency.zone, inside.language);
    let said = |iso: &str| Timestamp::parse(iso).map_or_else(|_| iso.to_owned(), |at| long_moment(at, zone, language));
    let (v, cash) = (&one.figures.vouchers, &one.figures.cash);
    let rupiah = |minor: i64| format!("Rp{}", grouped(minor));
    let mut facts = vec![
        (t("col-state"), frame.of_list("closing-state", one.state.as_str())),
        (t("col-point"), one.point.clone().unwrap_or_else(|| t("documents-all-points"))),
        (t("col-day"), one.day.as_deref().map_or_else(|| t("ledger-whole-round"), |day| frame.day(day))),
        (t("documents-cut-off"), said(&one.cut_off)),
        (t("collected"), grouped(v.redeemed)),
        (t("realised"), rupiah(cash.realised_minor)),
    ];
    let tables = if one.addendum_no > 0 {
        let mut tables = vec![late_table(&frame, &one, &said)];
        if !one.figures.moves.is_empty() {
            tables.push(moves_table(&frame, &one, &said));
        }
        tables
    } else {
        facts.extend([(t("issued"), grouped(v.issued)), (t("by-proxy"), grouped(one.figures.by_proxy))]);
        if one.point.is_none() {
            facts.extend([
                (t("ledger-delivered"), rupiah(cash.delivered_minor)),
                (t("ledger-invoiced"), rupiah(cash.invoiced_minor)),
                (t("ledger-financial"), rupiah(cash.paid_minor)),
            ]);
        }
        let (_, programme, _) = office.round(actor, one.round_id)?;
        let items =
            if actor.role.may(Action::ReadStock) { office.stock_items(actor, programme.id)? } else { Vec::new() };
        let all = office.closings(actor, Some(one.round_id), None, Some(500))?;
        let of = |other: &ClosingView| other.addendum_no > 0 && other.point == one.point && other.day == one.day;
        let addenda: Vec<ClosingView> = all.into_iter().filter(of).collect();
        close_tables(&frame, &one, &items, &addenda)
    };
    facts.extend([
        (t("ledger-reason"), filled(&one.reason).unwrap_or_else(|| "–".to_owned())),
        (t("ledger-by"), one.made_by.clone()),
        (t("ledger-signed"), one.signed_by.clone().unwrap_or_else(|| "–".to_owned())),
        (t("documents-hash"), one.hash.get(..16).unwrap_or_default().to_owned()),
    ]);
    let mut forms = Vec::new();
    if may_close && one.state == ClosingState::AwaitingSignature && !one.own {
        forms.push(frame.hinted(
            "ledger-sign",
            format!("/closings/{id}/sign"),
            vec![LedgerField::hidden("hash", one.hash.clone())],
        ));
        let fields = vec![
            LedgerField::hidden("point", one.point.clone().unwrap_or_default()),
            LedgerField::hidden("day", one.day.clone().unwrap_or_default()),
            LedgerField::hidden("replaces", one.hash.clone()),
            frame.field("text", "reason", "ledger-reason", false),
        ];
        forms.push(frame.hinted("ledger-renew", format!("/rounds/{}/closings", one.round_id), fields));
    }
    if may_close && one.state == ClosingState::Closed && one.addendum_no == 0 {
        forms.push(frame.hinted("ledger-addendum", format!("/closings/{id}/addenda"), Vec::new()));
    }
    let due = office.addenda_due(actor, one.round_id)?.into_iter().find(|due| due.closing_id == id);
    let notices = due.map(|due| {
        let values = [("receipts", Value::from(due.receipts)), ("moves", Value::from(due.moves))];
        (false, frame.words.with("ledger-due-told", &values))
    });
    let file =
        |form: &str| (format!("/api/v1/closings/{id}.{form}"), format!("{} {}", t("download"), form.to_uppercase()));
    let key = if one.addendum_no > 0 { "ledger-addendum-of" } else { "ledger-closing" };
    Ok(Ledger {
        title: format!("{} {}", t(key), one.number),
        back: Some((format!("/rounds/{}/closings", one.round_id), t("ledger-closings"))),
        notices: notices.into_iter().collect(),
        links: ["pdf", "xlsx", "csv"].map(file).to_vec(),
        error,
        facts,
        tables,
        forms,
        frame: frame.clone(),
        ..Ledger::default()
    })
}

fn said_goods(items: &[KnownItem], code: &str, quantity: i64) -> LedgerCell {
    match items.iter().find(|item| item.code == code) {
        Some(item) => LedgerCell::figure(item.said(quantity)),
        None => LedgerCell::count(quantity),
    }
}

fn difference_table(frame: &Frame, caption: &str, found: &[Difference], items: &[KnownItem]) -> LedgerTable {
    let rows = found.iter().map(|one| {
        let figure = |number: i64| match &one.item {
            _ if one.is_money() => LedgerCell::rupiah(number),
            Some(item) => said_goods(items, item, number),
            None => LedgerCell::count(number),
        };
        let item = one.item.as_deref().unwrap_or_default();
        let item = items.iter().find(|known| known.code == item).map_or(item, |known| known.name.as_str());
        let place = one.place.as_deref().unwrap_or_default();
        vec![
            LedgerCell::text(frame.of_list("difference", &one.code)),
            LedgerCell::text(place),
            LedgerCell::text(item),
            figure(one.expected),
            figure(one.found),
        ]
    });
    frame.table(caption, &["ledger-what", "col-point", "ledger-which", "#ledger-expected", "#ledger-found"], rows)
}

fn close_tables(frame: &Frame, one: &ClosingView, items: &[KnownItem], addenda: &[ClosingView]) -> Vec<LedgerTable> {
    let goods = |code: &str, quantity: i64| said_goods(items, code, quantity);
    let v = &one.figures.vouchers;
    let states = [
        ("redeemed", v.redeemed),
        ("available", v.available),
        ("leased", v.leased),
        ("unresolved", v.unresolved),
        ("revoked", v.revoked),
        ("expired", v.expired),
    ]
    .map(|(state, count)| vec![LedgerCell::text(frame.of_list("state", state)), LedgerCell::count(count)]);
    let lines = one.figures.goods.iter().map(|line| {
        let cell = |quantity| goods(&line.item, quantity);
        let mut cells = vec![LedgerCell::text(line.name.clone())];
        cells.extend(balance_cells(line.balance, cell));
        cells.push(line.counted.map_or_else(|| LedgerCell::figure("–"), cell));
        cells
    });
    let mut columns = vec!["col-item"];
    columns.extend(BALANCE);
    columns.push("#ledger-by-count");
    let uncollected = one
        .figures
        .uncollected
        .iter()
        .map(|(reason, count)| vec![LedgerCell::text(frame.absence(reason)), LedgerCell::count(*count)]);
    let cases = one.figures.cases.iter().map(|(kind, count)| {
        vec![
            LedgerCell::text(frame.of_list("case-kind", kind)).to(format!("/cases?round={}&kind={kind}", one.round_id)),
            LedgerCell::count(*count),
        ]
    });
    let without = one.figures.cases_without_round.iter().map(|(kind, count)| {
        let kind_of = format!("{} · {}", frame.of_list("case-kind", kind), frame.t("ledger-no-round"));
        vec![LedgerCell::text(kind_of).to(format!("/cases?kind={kind}")), LedgerCell::count(*count)]
    });
    let cases = cases.chain(without);
    let mut tables = vec![
        difference_table(frame, "ledger-differences", &one.differences, items),
        frame.table("states-caption", &["col-state", "#col-count"], states),
        frame.table("items-caption", &columns, lines),
        frame.table("ledger-uncollected", &["absence-reason", "#col-count"], uncollected),
        frame.table("ledger-cases-open", &["ledger-kind", "#col-count"], cases),
    ];
    if !addenda.is_empty() {
        tables.push(closing_table(frame, "ledger-addenda", addenda));
    }
    tables
}

/// What came after the close: each receipt with the moments at which it was scanned and taken.
fn late_table(frame: &Frame, one: &ClosingView, said: &dyn Fn(&str) -> String) -> LedgerTable {
    let rows = one.figures.late.iter().map(|late| {
        let key = if late.scanned_before { "ledger-scanned-before" } else { "ledger-scanned-after" };
        vec![
            LedgerCell::text(late.number.clone()),
            LedgerCell::text(said(&late.scanned_at)),
            LedgerCell::text(frame.t(key)),
            LedgerCell::text(said(&late.received_at)),
            LedgerCell::rupiah(late.value_minor),
        ]
    });
    let columns = ["ledger-number", "ledger-scanned", "ledger-scanned-when", "ledger-arrived", "#col-value"];
    frame.table("ledger-late", &columns, rows)
}

/// What moved of the goods after the close.
fn moves_table(frame: &Frame, one: &ClosingView, said: &dyn Fn(&str) -> String) -> LedgerTable {
    let rows = one.figures.moves.iter().map(|moved| {
        vec![
            LedgerCell::text(frame.of_list("moved", &moved.what)),
            LedgerCell::text(moved.reference.clone()),
            LedgerCell::text(moved.point.clone().unwrap_or_else(|| frame.t("ledger-warehouse"))),
            LedgerCell::text(said(&moved.at)),
            LedgerCell::text(moved.name.clone()),
            LedgerCell::figure(moved.said.clone()),
            LedgerCell::rupiah(moved.value_minor),
        ]
    });
    let columns = [
        "ledger-what",
        "ledger-by-paper",
        "col-point",
        "ledger-arrived",
        "col-item",
        "#col-count",
        "#ledger-loss-decided",
    ];
    frame.table("ledger-moved-after", &columns, rows)
}

/// `POST /rounds/{id}/addenda`
pub(super) async fn addenda(
    visit: Visit,
    round: web::Path<String>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let round = id(&round, "round")?;
            match inside.office.add_addenda(inside.actor, round) {
                Ok(_) => Ok(Answer::See(format!("/rounds/{round}/closings"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &list_page(inside, round, &NewClosing::default(), Some(text))?)
                }
            }
        })
        .await
}

/// `POST /closings/{id}/sign` and `POST /closings/{id}/addenda`
pub(super) async fn further(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Rounds, move |inside| {
            let (closing, what) = path.into_inner();
            let closing: ClosingId = id(&closing, "closing")?;
            let done = match what.as_str() {
                // Who signs signs what the page showed.
                "sign" => inside.office.sign_closing(inside.actor, closing, Some(form.of("hash"))),
                "addenda" => inside.office.add_addendum(inside.actor, closing),
                _ => Err(Refusal::NotFound("closing").into()),
            };
            match done {
                Ok(made) => Ok(Answer::See(format!("/closings/{}", made.id))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, closing, Some(text))?)
                }
            }
        })
        .await
}
