//! The round at a glance.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::shell::{Answer, Visit, id, long_moment};
use super::view::frame::Place;
use super::view::ledger::{Drawing, Ledger, LedgerCell, LedgerTable};
use crate::domain::id::RoundId;
use crate::domain::money::grouped;
use crate::domain::time::Timestamp;
use crate::service::DashboardArea;

/// The page reads itself again after so many seconds.
const REFRESH: u32 = 60;

/// `GET /rounds/{id}/dashboard`
pub(super) async fn show(visit: Visit, round: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round: RoundId = id(&round, "round")?;
            let board = inside.office.dashboard(inside.actor, round)?;
            let frame = inside.frame;
            let t = |key: &str| frame.t(key);
            let rupiah = |minor: i64| format!("Rp{}", grouped(minor));
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
                (t("ledger-cases-open"), grouped(board.cases.iter().map(|one| one.1).sum())),
            ];
            let areas: Vec<(String, i64, i64)> =
                board.sub_districts.iter().map(|area| (area.name.clone(), area.redeemed, area.issued)).collect();
            let mut sum = 0;
            let days: Vec<(String, i64)> = board
                .days
                .iter()
                .map(|day| {
                    sum += day.redeemed;
                    (day.day.clone(), sum)
                })
                .collect();
            let area_table = |caption: String, first: String, areas: &[DashboardArea], link: bool| LedgerTable {
                caption,
                columns: vec![
                    (first, false),
                    (t("issued"), true),
                    (t("collected"), true),
                    ("%".to_owned(), true),
                    (t("by-proxy"), true),
                    (t("released"), true),
                    (t("not-collected"), true),
                    (t("realised"), true),
                ],
                rows: areas
                    .iter()
                    .map(|area| area_row(area, link.then(|| format!("/rounds/{round}/receipts?point={}", area.name))))
                    .collect(),
                total: area_row(&DashboardArea { name: t("total"), ..total.clone() }, None),
            };
            let mut cumulative = 0;
            let tables = vec![
                area_table(t("ledger-by-sub-district"), t("ledger-sub-district"), &board.sub_districts, false),
                area_table(t("points-caption"), t("col-point"), &board.points, true),
                LedgerTable {
                    caption: t("days-caption"),
                    columns: vec![
                        (t("col-day"), false),
                        (t("collected"), true),
                        (t("ledger-cumulative"), true),
                        (t("realised"), true),
                    ],
                    rows: board
                        .days
                        .iter()
                        .map(|day| {
                            cumulative += day.redeemed;
                            vec![
                                LedgerCell::text(day.day.clone()),
                                LedgerCell::count(day.redeemed),
                                LedgerCell::count(cumulative),
                                LedgerCell::rupiah(day.realised_minor),
                            ]
                        })
                        .collect(),
                    total: Vec::new(),
                },
                LedgerTable {
                    caption: t("ledger-uncollected"),
                    columns: vec![(t("absence-reason"), false), (t("col-count"), true)],
                    rows: board
                        .uncollected
                        .iter()
                        .map(|(reason, count)| vec![LedgerCell::text(reason.clone()), LedgerCell::count(*count)])
                        .collect(),
                    total: Vec::new(),
                },
                LedgerTable {
                    caption: t("ledger-exposure"),
                    columns: vec![
                        (t("ledger-device"), false),
                        (t("col-point"), false),
                        (t("ledger-last-contact"), false),
                        (t("ledger-vouchers"), true),
                        (t("col-value"), true),
                    ],
                    rows: board
                        .exposure
                        .iter()
                        .map(|one| {
                            vec![
                                LedgerCell::text(one.device.clone()),
                                LedgerCell::text(one.point.clone()),
                                LedgerCell::text(one.last_contact_at.clone().unwrap_or_else(|| t("never"))),
                                LedgerCell::count(one.vouchers),
                                LedgerCell::rupiah(one.value_minor),
                            ]
                        })
                        .collect(),
                    total: Vec::new(),
                },
                LedgerTable {
                    caption: t("ledger-cases-open"),
                    columns: vec![(t("ledger-kind"), false), (t("col-count"), true)],
                    rows: board
                        .cases
                        .iter()
                        .map(|(kind, count)| {
                            vec![
                                LedgerCell::text(frame.of_list("case-kind", kind))
                                    .to(format!("/cases?round={round}&kind={kind}")),
                                LedgerCell::count(*count),
                            ]
                        })
                        .collect(),
                    total: Vec::new(),
                },
            ];
            let notices = if board.faults.is_empty() {
                vec![(true, t("books-close"))]
            } else {
                board.faults.iter().map(|fault| (false, fault.clone())).collect()
            };
            Answer::page(&Ledger {
                title: format!("{} {}", t("ledger-dashboard"), board.round),
                back: Some((format!("/rounds/{round}"), board.round.clone())),
                refresh: REFRESH,
                notices,
                facts,
                links: vec![
                    (format!("/rounds/{round}/reconciliation"), t("reconcile-link")),
                    (format!("/rounds/{round}/stock"), t("ledger-stock")),
                    (format!("/rounds/{round}/closings"), t("ledger-closings")),
                    (format!("/cases?round={round}"), t("ledger-cases")),
                    (format!("/rounds/{round}/documents"), t("documents-link")),
                ],
                drawings: [
                    (!areas.is_empty()).then(|| Drawing::bars(t("ledger-by-sub-district"), &areas)),
                    (!days.is_empty()).then(|| Drawing::line(t("ledger-cumulative"), &days)),
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
            Answer::page(&Ledger {
                title: format!("{} {}", frame.t("ledger-receipts"), at.point),
                back: Some((format!("/rounds/{round}/dashboard"), frame.t("ledger-dashboard"))),
                tables: vec![LedgerTable {
                    caption: frame.t("ledger-receipts"),
                    columns: vec![
                        (frame.t("ledger-number"), false),
                        (frame.t("col-day"), false),
                        (frame.t("col-value"), true),
                    ],
                    rows: found
                        .into_iter()
                        .map(|(id, number, at, value)| {
                            vec![
                                LedgerCell::text(number).to(format!("/redemptions/{id}/receipt")),
                                LedgerCell::text(at.short(zone)),
                                LedgerCell::rupiah(value),
                            ]
                        })
                        .collect(),
                    total: Vec::new(),
                }],
                frame: frame.clone(),
                ..Ledger::default()
            })
        })
        .await
}
