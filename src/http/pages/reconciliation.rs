//! A round's books.

use actix_web::{HttpResponse, web};

use super::fault::PageError;
use super::round::{closed_words, figures};
use super::shell::{Answer, Visit, id, long_moment};
use super::view::frame::Place;
use super::view::reconciliation::{DayRow, ItemRow, PointRow, Reconciliation, StateRow};
use crate::domain::id::RoundId;
use crate::domain::reconcile::PointLine;
use crate::domain::time::{Language, long_date};

/// `GET /rounds/{id}/reconciliation`
pub(super) async fn show(visit: Visit, round: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Rounds, move |inside| {
            let round: RoundId = id(&round, "round")?;
            let books = inside.office.reconciliation(inside.actor, round)?;
            let closed = inside.office.round_closed(inside.actor, round)?;
            let (round, programme, _) = inside.office.round(inside.actor, round)?;
            Answer::page(&Reconciliation {
                round_id: round.id.to_string(),
                round: round.name,
                programme: programme.name,
                account_code: programme.account_code,
                closed: closed_words(closed.as_ref(), inside.agency.zone, inside.language),
                as_of: long_moment(books.as_of, inside.agency.zone, inside.language),
                budget: figures(&books.budget),
                round_committed: books.round_committed.minor(),
                round_realised: books.round_realised.minor(),
                issued: books.issued,
                issued_value: books.issued_value.minor(),
                short: (books.short_handouts, books.short_value.minor()),
                faults: books.faults().iter().map(|one| inside.frame.of_list("identity", one.as_str())).collect(),
                states: books
                    .states
                    .iter()
                    .map(|line| StateRow {
                        state: line.state.as_str().to_owned(),
                        count: line.count,
                        value: line.value.minor(),
                    })
                    .collect(),
                items: books
                    .items
                    .iter()
                    .map(|line| ItemRow {
                        name: line.item.name.clone(),
                        issued: line.item.said(line.issued),
                        handed_over: line.item.said(line.handed_over),
                        short: line.item.said(line.short),
                    })
                    .collect(),
                points: books.points.into_iter().map(point).collect(),
                days: books
                    .days
                    .into_iter()
                    .map(|line| DayRow {
                        day: day(&line.day, inside.language),
                        redeemed: line.redeemed,
                        realised: line.realised.minor(),
                    })
                    .collect(),
                frame: inside.frame,
            })
        })
        .await
}

fn point(line: PointLine) -> PointRow {
    PointRow {
        code: line.code,
        name: line.name,
        issued: line.issued,
        redeemed: line.redeemed,
        by_proxy: line.by_proxy,
        released: line.released,
        open: line.open,
        realised: line.realised.minor(),
    }
}

/// A day of the books in words.
fn day(day: &str, language: Language) -> String {
    day.parse().map_or_else(|_| day.to_owned(), |date| long_date(date, language))
}
