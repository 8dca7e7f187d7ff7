//! The round at a glance.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::shell::{Answer, Visit, id, long_moment, moment};
use super::view::frame::Place;
use super::view::ledger::{Drawing, Ledger, LedgerCell, LedgerTable};
use crate::domain::id::RoundId;
use crate::domain::money::grouped;
use crate::domain::time::{Timestamp, plain_date};
use crate::service::DashboardArea;

/// The page reads itself again after so many seconds.
const REFRESH: u32 = 60;
/// And after so many where its sums are older than a minute: newer ones are being added up at this moment.
const REFRESH_OLD: u32 = 5;

/// `GET /rounds/{id}/dashboard`
pub(super) async fn show(visit: Visit, round: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round: RoundId = id(&round, "round")?;
            let board = inside.office.dashboard(inside.actor, round)?;
            let frame = inside.frame;
            let t = |key: &str| frame.t(key);
            let (zone, language) = (inside.agency.zone, inside.language);
            let rupiah = |minor: i64| format!("Rp{}", grouped(minor));
            let said_day = |day: &str| day.parse().map_or_else(|_| day.to_owned(), |date| plain_date(date, language));
            let total = &board.total;
            let silent: i64 = board.exposure.iter().filter(|one| one.silent).map(|one| one.vouchers).sum();
            let facts = vec![
                (
                    t("as-of"),
                    Timestamp::parse(&board.as_of).map_or_else(
                        |_| board.as_of.clone(),
                        |at| long_moment(at, inside.agency.zone, inside.language),
                    ),
                ),
                (t("ledger-today"), grouped(board.today)),
                (t("collected"), format!("{} / {}", grouped(total.redeemed), grouped(total.issued))),
                (t("not-collected"), grouped(total.open)),
                (
                    t("by-proxy"),
                    format!(
                        "{} ({})",
                        grouped(total.by_proxy),
                        super::view::ledger::per_cent(total.by_proxy, total.redeemed)
                    ),
                ),
                (t("ledger-short-handouts"), grouped(board.short)),
                (t("ledger-ceiling"), rupiah(board.ceiling_minor)),
                (
                    t("ledger-physical"),
                    format!(
                        "{} ({})",
                        rupiah(board.realised_minor),
                        super::view::ledger::per_cent(board.realised_minor, board.ceiling_minor)
                    ),
                ),
                (
                    t("ledger-financial"),
                    format!(
                        "{} ({})",
                        rupiah(board.paid_minor),
                        super::view::ledger::per_cent(board.paid_minor, board.ceiling_minor)
                    ),
                ),
                (t("ledger-silent"), grouped(silent)),
                (
                    t("ledger-cases-open"),
                    grouped(board.cases.iter().chain(&board.cases_without_round).map(|one| one.1).sum()),
                ),
            ];
            let areas: Vec<(String, i64, i64)> =
                board.sub_districts.iter().map(|area| (area.name.clone(), area.redeemed, area.issued)).collect();
            let mut sum = 0;
            let days: Vec<(String, i64)> = board
                .days
                .iter()
                .map(|day| {
                    sum += day.redeemed;
                    (said_day(&day.day), sum)
                })
                .collect();
            let area_table = |caption: &str, first: &str, areas: &[DashboardArea], link: bool| {
                let rows = areas
                    .iter()
                    .map(|area| area_row(area, link.then(|| format!("/rounds/{round}/receipts?point={}", area.name))));
                let mut columns = vec![first];
                columns.extend([
                    "#issued",
                    "#collected",
                    "#per-cent",
                    "#by-proxy",
                    "#released",
                    "#not-collected",
                    "#realised",
                ]);
                LedgerTable {
                    total: area_row(&DashboardArea { name: t("total"), ..total.clone() }, None),
                    ..frame.table(caption, &columns, rows)
                }
            };
            let mut cumulative = 0;
            let by_day = board.days.iter().map(|day| {
                cumulative += day.redeemed;
                vec![
                    LedgerCell::text(said_day(&day.day)),
                    LedgerCell::count(day.redeemed),
                    LedgerCell::count(cumulative),
                    LedgerCell::rupiah(day.realised_minor),
                ]
            });
            let by_day =
                frame.table("days-caption", &["col-day", "#collected", "#ledger-cumulative", "#realised"], by_day);
            let uncollected = board
                .uncollected
                .iter()
                .map(|(reason, count)| vec![LedgerCell::text(frame.absence(reason)), LedgerCell::count(*count)]);
            let exposure = board.exposure.iter().map(|one| {
                let heard = one.last_contact_at.as_deref().and_then(|at| Timestamp::parse(at).ok());
                vec![
                    LedgerCell::text(one.device.clone()),
                    LedgerCell::text(one.point.clone()),
                    LedgerCell::text(heard.map_or_else(|| t("never"), |at| moment(at, zone))),
                    LedgerCell::text(t(if one.silent { "ledger-is-silent" } else { "ledger-is-heard" })),
                    LedgerCell::count(one.vouchers),
                    LedgerCell::rupiah(one.value_minor),
                ]
            });
            let held =
                ["ledger-device", "col-point", "ledger-last-contact", "col-state", "#ledger-vouchers", "#col-value"];
            let cases = board.cases.iter().map(|(kind, count)| {
                vec![
                    LedgerCell::text(frame.of_list("case-kind", kind)).to(format!("/cases?round={round}&kind={kind}")),
                    LedgerCell::count(*count),
                ]
            });
            let without = board.cases_without_round.iter().map(|(kind, count)| {
                let kind_of = format!("{} · {}", frame.of_list("case-kind", kind), t("ledger-no-round"));
                vec![LedgerCell::text(kind_of).to(format!("/cases?kind={kind}")), LedgerCell::count(*count)]
            });
            let cases = cases.chain(without);
            let tables = vec![
                area_table("ledger-by-sub-district", "ledger-sub-district", &board.sub_districts, false),
                area_table("points-caption", "col-point", &board.points, true),
                by_day,
                frame.table("ledger-uncollected", &["absence-reason", "#col-count"], uncollected),
                frame.table("ledger-exposure", &held, exposure),
                frame.table("ledger-cases-open", &["ledger-kind", "#col-count"], cases),
            ];
            let mut notices = if board.faults.is_empty() {
                vec![(true, t("dashboard-sums-close"))]
            } else {
                board.faults.iter().map(|fault| (false, frame.of_list("identity", fault))).collect()
            };
            let closed = board
                .closed_number
                .clone()
                .zip(board.closed_cut_off.as_deref().and_then(|at| Timestamp::parse(at).ok()));
            notices.extend(super::round::closed_words(closed.as_ref(), zone, inside.language).map(|said| (true, said)));
            notices.extend(board.unsettled.iter().map(|one| (false, super::treasury::unsettled_words(&frame, one))));
            let read_at = Timestamp::parse(&board.as_of).unwrap_or_default();
            let is_old = inside.office.now().millis() - read_at.millis() > i64::from(REFRESH) * 1_000;
            Answer::page(&Ledger {
                title: format!("{} {}", t("ledger-dashboard"), board.round),
                back: Some((format!("/rounds/{round}"), board.round.clone())),
                refresh: if is_old { REFRESH_OLD } else { REFRESH },
                notices,
                facts,
                links: vec![
                    (format!("/rounds/{round}/closings?point=&day="), t("ledger-look")),
                    (format!("/rounds/{round}/reconciliation"), t("reconcile-link")),
                    (format!("/rounds/{round}/stock"), t("ledger-stock")),
                    (format!("/rounds/{round}/closings"), t("ledger-closings")),
                    (format!("/cases?round={round}"), t("ledger-cases")),
                    (format!("/rounds/{round}/documents"), t("documents-link")),
                ],
                drawings: [
                    (!areas.is_empty()).then(|| {
                        Drawing::bars(t("ledger-by-sub-district"), (t("collected"), t("not-collected")), &areas)
                    }),
                    (days.len() > 1).then(|| Drawing::line(t("ledger-cumulative-drawn"), &days)),
                ]
                .into_iter()
                .flatten()
                .collect(),
                tables,
                frame: frame.clone(),
                ..Ledger::default()
            })
        })
        .await
}

fn area_row(area: &DashboardArea, href: Option<String>) -> Vec<LedgerCell> {
    let name = LedgerCell::text(area.name.clone());
    vec![
        match href {
            Some(href) => name.to(href),
            None => name,
        },
        LedgerCell::count(area.issued),
        LedgerCell::count(area.redeemed),
        LedgerCell::share(area.redeemed, area.issued),
        LedgerCell::count(area.by_proxy),
        LedgerCell::count(area.released),
        LedgerCell::count(area.open),
        LedgerCell::rupiah(area.realised_minor),
    ]
}

#[derive(Debug, serde::Deserialize)]
pub(super) struct At {
    #[serde(default)]
    point: String,
}

/// `GET /rounds/{id}/receipts`: the receipts of a point, each a way to the one receipt.
pub(super) async fn receipts(
    visit: Visit,
    round: web::Path<String>,
    at: web::Query<At>,
) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round: RoundId = id(&round, "round")?;
            let found = inside.office.receipts_at(inside.actor, round, &at.point)?;
            let frame = inside.frame;
            let zone = inside.agency.zone;
            let rows = found.into_iter().map(|(id, number, at, value)| {
                vec![
                    LedgerCell::text(number).to(format!("/redemptions/{id}/receipt")),
                    LedgerCell::text(moment(at, zone)),
                    LedgerCell::rupiah(value),
                ]
            });
            Answer::page(&Ledger {
                title: format!("{} {}", frame.t("ledger-receipts"), at.point),
                back: Some((format!("/rounds/{round}/dashboard"), frame.t("ledger-dashboard"))),
                tables: vec![frame.table("ledger-receipts", &["ledger-number", "ledger-arrived", "#col-value"], rows)],
                frame: frame.clone(),
                ..Ledger::default()
            })
        })
        .await
}
