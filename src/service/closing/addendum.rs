//! What came after a close, and the addenda that carry it.

use std::collections::BTreeSet;

use serde::Serialize;

use super::super::{Actor, Error, Office, Refusal, entry, programme};
use super::view::one_view;
use super::{ClosingView, alone, owned, seal};
use crate::domain::audit::Event;
use crate::domain::closing::{Cash, ClosingState, Figures, Late, Moved, Vouchers, number};
use crate::domain::id::{ClosingId, PointId, RoundId};
use crate::domain::programme::{Agency, Programme, Round};
use crate::domain::role::Action;
use crate::domain::time::{Timestamp, Zone};
use crate::store::afterwards::Move;
use crate::store::closings::{Closing, Taken};
use crate::store::goods::Known;
use crate::store::{self, Conn, Write};

/// A close after which something came that no addendum of it has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct AddendumDue {
    /// The close.
    #[schema(value_type = String, format = Uuid)]
    pub closing_id: ClosingId,
    /// Its number.
    pub number: String,
    /// The point's code, when it is of one.
    pub point: Option<String>,
    /// The day, when it is of one.
    pub day: Option<String>,
    /// How many receipts.
    pub receipts: i64,
    /// What they are worth, in minor units.
    pub value_minor: i64,
    /// How many moves of goods.
    pub moves: i64,
}

/// A closed period with what came after it and is in no addendum.
pub(in crate::service) struct Missing {
    close: Closing,
    /// How many addenda it has.
    addenda: i32,
    pub(in crate::service) late: Vec<Late>,
    pub(in crate::service) moves: Vec<Moved>,
}

/// A closed period with its addenda.
struct Chain {
    close: Closing,
    addenda: Vec<Closing>,
}

impl Chain {
    /// Up to when its receipts are counted.
    fn last(&self) -> Timestamp {
        self.addenda.last().map_or(self.close.cut_off, |one| one.cut_off)
    }

    /// The moves of goods that its addenda carry. The first addenda carried none, so that the moment alone says nothing.
    fn carried(&self) -> Result<Vec<Moved>, Error> {
        let mut all = Vec::new();
        for one in &self.addenda {
            let figures: Figures =
                serde_json::from_str(&one.figures).map_err(|error| Error::Broken(error.to_string()))?;
            all.extend(figures.moves);
        }
        Ok(all)
    }
}

/// The closed periods of a round after which something came that is in no addendum, in the order of their numbers.
pub(in crate::service) fn missing(conn: &mut Conn, round: &Round, agency: &Agency) -> Result<Vec<Missing>, Error> {
    let mut chains: Vec<Chain> = Vec::new();
    for one in store::closings::of_round(conn, round.id)? {
        match chains.last_mut().filter(|chain| chain.close.scope == one.scope) {
            Some(chain) => chain.addenda.push(one),
            None if one.state == ClosingState::Closed => chains.push(Chain { close: one, addenda: Vec::new() }),
            None => {}
        }
    }
    // All is read once, from the earliest moment on.
    let earliest = chains.iter().map(Chain::last).min().zip(chains.iter().map(|chain| chain.close.cut_off).min());
    let Some((last, close)) = earliest else { return Ok(Vec::new()) };
    let taken = store::closings::taken(conn, round.id, None, Some(last))?;
    let moved = store::afterwards::moves(conn, round.id, close)?;
    if taken.is_empty() && moved.is_empty() {
        return Ok(Vec::new());
    }
    let names = Names {
        items: store::goods::items_of(conn, round.programme)?,
        points: store::points::of_agency(conn, agency.id)?.into_iter().map(|point| (point.id, point.code)).collect(),
        zone: agency.zone,
    };
    let mut found = Vec::new();
    for chain in chains {
        let last = chain.last();
        let late = taken.iter().filter(|one| one.received_at > last && is_of(&chain.close, one, names.zone));
        let late: Vec<Late> = late.map(|one| names.late(one, chain.close.cut_off)).collect();
        let mut carried = chain.carried()?;
        let mut moves = Vec::new();
        for one in moved.iter().filter(|one| is_after(&chain.close, one)) {
            match carried.iter().position(|known| is_same(known, one)) {
                Some(place) => drop(carried.swap_remove(place)),
                None => moves.push(names.moved(one)),
            }
        }
        if !late.is_empty() || !moves.is_empty() {
            let addenda = i32::try_from(chain.addenda.len()).unwrap_or(i32::MAX);
            found.push(Missing { close: chain.close, addenda, late, moves });
        }
    }
    Ok(found)
}

/// Whether a move is of a closed period. The goods of a place run on from day to day: what moves after a day was closed
/// is of the days that follow.
fn is_after(close: &Closing, one: &Move) -> bool {
    one.at > close.cut_off && close.day.is_none() && (close.point.is_none() || close.point == one.place)
}

/// Whether an addendum means this move.
fn is_same(known: &Moved, one: &Move) -> bool {
    // Addenda tell moments to the second.
    let second = |at: Timestamp| at.millis().div_euclid(1_000);
    (known.what.as_str(), &known.reference, &known.item) == (one.what, &one.reference, &one.item)
        && (known.quantity, known.value_minor) == (one.quantity, one.value_minor)
        && Timestamp::parse(&known.at).is_ok_and(|at| second(at) == second(one.at))
}

/// Whether a receipt belongs to a period: to its day by the desk's clock or by the server's.
fn is_of(close: &Closing, one: &Taken, zone: Zone) -> bool {
    let of_day = |at: Timestamp| close.day.as_ref().is_none_or(|day| at.date(zone).to_string() == *day);
    close.point.is_none_or(|point| point == one.point) && (of_day(one.scanned_at) || of_day(one.received_at))
}

/// What is needed to say what came.
struct Names {
    items: Vec<Known>,
    points: Vec<(PointId, String)>,
    zone: Zone,
}

impl Names {
    fn point(&self, id: Option<PointId>) -> Option<String> {
        self.points.iter().find(|point| Some(point.0) == id).map(|point| point.1.clone())
    }

    fn late(&self, one: &Taken, cut_off: Timestamp) -> Late {
        Late {
            scanned_at: one.scanned_at.iso(self.zone),
            received_at: one.received_at.iso(self.zone),
            scanned_before: one.scanned_at <= cut_off,
            number: one.number.clone(),
            value_minor: one.value_minor,
        }
    }

    fn moved(&self, one: &Move) -> Moved {
        let known = self.items.iter().find(|item| item.code == one.item);
        Moved {
            at: one.at.iso(self.zone),
            what: one.what.to_owned(),
            reference: one.reference.clone(),
            point: self.point(one.place),
            item: one.item.clone(),
            name: known.map_or_else(|| one.item.clone(), |item| item.name.clone()),
            said: known.map_or_else(String::new, |item| item.said(one.quantity)),
            quantity: one.quantity,
            value_minor: one.value_minor,
        }
    }
}

/// What came after the closes of a round and is in no addendum, each receipt and each paper once: how many, and what the
/// receipts are worth.
pub(in crate::service) fn outstanding(missing: &[Missing]) -> (i64, i64) {
    let receipts: BTreeSet<(&str, i64)> =
        missing.iter().flat_map(|one| &one.late).map(|one| (one.number.as_str(), one.value_minor)).collect();
    let papers: BTreeSet<(&str, &str, &Option<String>)> = missing
        .iter()
        .flat_map(|one| &one.moves)
        .map(|one| (one.reference.as_str(), one.at.as_str(), &one.point))
        .collect();
    let count = i64::try_from(receipts.len() + papers.len()).unwrap_or(i64::MAX);
    (count, receipts.iter().map(|one| one.1).sum())
}

impl Office {
    /// The closes of a round after which something came that no addendum has.
    pub fn addenda_due(&self, actor: &Actor, round: RoundId) -> Result<Vec<AddendumDue>, Error> {
        actor.must(Action::ReadClosings)?;
        self.pool.read_snapshot(|conn| {
            let (round, programme) = programme::owned_round(conn, actor, round)?;
            let agency = store::agencies::find(conn, programme.agency)?.ok_or(Refusal::NotFound("agency"))?;
            let points = store::points::of_agency(conn, agency.id)?;
            let count = |length: usize| i64::try_from(length).unwrap_or(i64::MAX);
            Ok(missing(conn, &round, &agency)?
                .into_iter()
                .map(|one| AddendumDue {
                    closing_id: one.close.id,
                    point: points
                        .iter()
                        .find(|point| Some(point.id) == one.close.point)
                        .map(|point| point.code.clone()),
                    number: one.close.number,
                    day: one.close.day,
                    receipts: count(one.late.len()),
                    value_minor: one.late.iter().map(|late| late.value_minor).sum(),
                    moves: count(one.moves.len()),
                })
                .collect())
        })
    }

    /// Puts what the server took after a close into an addendum with a number of its own. The close stays.
    pub fn add_addendum(&self, actor: &Actor, id: ClosingId) -> Result<ClosingView, Error> {
        actor.must(Action::ClosePeriod)?;
        self.pool.write("addendum", |tx| {
            let close = owned(tx, actor, id)?;
            if close.state != ClosingState::Closed || close.addendum_no != 0 {
                return Err(Refusal::WrongStep(close.state.as_str()).into());
            }
            let found = self.write_addenda(tx, actor, close.round, Some(id))?;
            found.into_iter().next().ok_or_else(|| nothing().into())
        })
    }

    /// The same for every close of a round that is due one.
    pub fn add_addenda(&self, actor: &Actor, round: RoundId) -> Result<Vec<ClosingView>, Error> {
        actor.must(Action::ClosePeriod)?;
        self.pool.write("addenda", |tx| {
            let found = self.write_addenda(tx, actor, round, None)?;
            if found.is_empty() { Err(nothing().into()) } else { Ok(found) }
        })
    }

    fn write_addenda(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        round: RoundId,
        only: Option<ClosingId>,
    ) -> Result<Vec<ClosingView>, Error> {
        let (round, programme) = programme::owned_round(tx, actor, round)?;
        alone(tx, actor, round.id)?;
        let agency = store::agencies::find(tx, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
        let mut made = Vec::new();
        for one in missing(tx, &round, &agency)? {
            if only.is_none_or(|only| only == one.close.id) {
                made.push(self.write_addendum(tx, actor, (&round, &programme, &agency), one)?);
            }
        }
        Ok(made)
    }

    fn write_addendum(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        (round, programme, agency): (&Round, &Programme, &Agency),
        missing: Missing,
    ) -> Result<ClosingView, Error> {
        let Missing { close, addenda, late, moves } = missing;
        let now = self.now();
        let figures = Figures {
            vouchers: Vouchers { redeemed: i64::try_from(late.len()).unwrap_or(i64::MAX), ..Default::default() },
            cash: Cash { realised_minor: late.iter().map(|one| one.value_minor).sum(), ..Default::default() },
            late,
            moves,
            ..Figures::default()
        };
        let addendum_no = addenda.saturating_add(1);
        let year = round.opens_at.date(agency.zone).year();
        let mut made = Closing {
            id: self.new_id(ClosingId::by_time)?,
            addendum_no,
            number: number(close.serial, addendum_no, &agency.code, &programme.code, round.number, year),
            cut_off: now,
            hash: [0; 32],
            figures: serde_json::to_string(&figures).map_err(|error| Error::Broken(error.to_string()))?,
            reason: String::new(),
            made_by: actor.user,
            made_at: now,
            signed: None,
            ..close
        };
        made.hash = seal::hash(&made)?;
        store::closings::insert(tx, &made).map_err(entry::exists(&made.number))?;
        self.append_closing(tx, actor, &made, "addendum", (None, None))?;
        self.record(tx, actor.who(), Event::AddendumMade, made.id, made.number.clone())?;
        one_view(tx, actor, made)
    }
}

fn nothing() -> Refusal {
    Refusal::Invalid { field: "closing", why: "nothing came after it".into() }
}
