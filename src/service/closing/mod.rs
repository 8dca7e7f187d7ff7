//! The close of a day at a point, of a point, and of a round.

mod addendum;
mod figures;
mod paper;
mod pattern;
pub(super) mod seal;
mod view;

pub use addendum::AddendumDue;
pub(super) use addendum::{missing, outstanding};
pub use view::ClosingView;
use view::one_view;

use super::{Actor, Error, Office, Refusal, entry, page, programme};
use crate::domain::audit::Event;
use crate::domain::closing::{ClosingState, Difference, Figures, Scope, number};
use crate::domain::id::{ClosingId, Identifier, RoundId};
use crate::domain::programme::{Point, Round};
use crate::domain::role::Action;
use crate::domain::time::{Timestamp, Zone};
use crate::store::closings::Closing;
use crate::store::{self, Conn, Write};
use crate::transparency::{Kind, Leaf};

/// A period that is to be closed.
#[derive(Debug, Clone, Default)]
pub struct NewClosing {
    /// The point's code; the whole round when none.
    pub point: Option<String>,
    /// The day at that point, `2026-12-07`; the point over the whole round when none.
    pub day: Option<String>,
    /// Why what differs does; due when something differs.
    pub reason: String,
    /// The hash of the close of another person that waits for a signature, and that this one is to take the place of:
    /// nobody overwrites what they have not seen.
    pub replaces: Option<String>,
}

/// A period of a round, as the store knows it.
struct Period {
    scope: Scope,
    point: Option<Point>,
    day: Option<String>,
}

fn period(conn: &mut Conn, actor: &Actor, new: &NewClosing) -> Result<Period, Error> {
    let point = super::stock::place(conn, actor, new.point.as_deref())?;
    let day = new.day.as_deref().map(str::trim).filter(|day| !day.is_empty()).map(str::to_owned);
    if let Some(day) = &day
        && (point.is_none() || day.parse::<jiff::civil::Date>().is_err())
    {
        return Err(Refusal::Invalid { field: "day", why: "a day at a point".into() }.into());
    }
    let scope = match (&point, &day) {
        (None, _) => Scope::Round,
        (Some(point), None) => Scope::Point(point.code.clone()),
        (Some(point), Some(day)) => Scope::Day(point.code.clone(), day.clone()),
    };
    Ok(Period { scope, point, day })
}

/// Refuses what could not be yet: a round of which nothing was issued, or that has not opened, for a close would keep it
/// from ever being issued; and a day at a point that has not come, or on which nothing could be handed over.
fn must_have_been(conn: &mut Conn, round: &Round, period: &Period, zone: Zone, now: Timestamp) -> Result<(), Error> {
    let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
    // An issue that found nobody placed issued nothing.
    if round.issued_at.is_none() || !store::evidence::any_right(conn, round.id)? {
        return Err(invalid("closing", "not before the round was issued"));
    }
    let own = store::point_windows::of_round(conn, round.id)?;
    let opens_at = match &period.point {
        Some(point) => own.iter().find(|one| one.point == point.id).map_or(round.opens_at, |one| one.window.opens_at),
        None => own.iter().map(|one| one.window.opens_at).fold(round.opens_at, Timestamp::min),
    };
    if now < opens_at {
        return Err(invalid("closing", "not before the round opened"));
    }
    let Some(day) = period.point.as_ref().and(period.day.as_ref()) else { return Ok(()) };
    let day: jiff::civil::Date = day.parse().map_err(|_| invalid("day", "a day at a point"))?;
    if day > now.date(zone) {
        return Err(invalid("day", "not a day to come"));
    }
    if day < opens_at.date(zone) {
        return Err(invalid("day", "not before the round opened"));
    }
    Ok(())
}

/// What is closed stays, and the close of another person that waits is replaced by who has seen it alone.
fn must_replace(conn: &mut Conn, actor: &Actor, before: &Closing, seen: Option<&str>) -> Result<(), Error> {
    if before.state == ClosingState::Closed {
        return Err(Refusal::Exists(before.number.clone()).into());
    }
    let hash = data_encoding::HEXLOWER.encode(&before.hash);
    if before.made_by == actor.user || seen.is_some_and(|seen| seen.trim() == hash) {
        return Ok(());
    }
    let by = store::evidence::names(conn, &[before.made_by])?.remove(&before.made_by).unwrap_or_default();
    Err(Refusal::AwaitsSignature { number: before.number.clone(), by }.into())
}

fn zone_of(conn: &mut Conn, actor: &Actor) -> Result<Zone, Error> {
    Ok(store::agencies::find(conn, actor.agency)?.map_or(Zone::default(), |agency| agency.zone))
}

impl Office {
    /// Closes a period. When vouchers, goods and money agree, it is closed; otherwise it needs a reason, and
    /// waits for a second person. A close that waits can be made again with newer figures by who made it, and by
    /// another only who has seen it; one that is closed cannot.
    pub fn close_period(&self, actor: &Actor, round: RoundId, new: &NewClosing) -> Result<ClosingView, Error> {
        actor.must(Action::ClosePeriod)?;
        let reason = entry::text_or_empty("reason", &new.reason, 1_000)?;
        let made = self.pool.write("closing", |tx| {
            let (round, programme) = programme::owned_round(tx, actor, round)?;
            let period = period(tx, actor, new)?;
            alone(tx, actor, round.id)?;
            // The moment is that at which nobody else writes: what the server takes later has a later one.
            let now = self.now();
            if matches!(period.scope, Scope::Point(_) | Scope::Day(..)) {
                super::stock::must_be_open(tx, actor, round.id, None)?;
            }
            let zone = zone_of(tx, actor)?;
            must_have_been(tx, &round, &period, zone, now)?;
            self.find_patterns(tx, actor.agency, &round, period.point.as_ref().map(|point| point.id))?;
            let figures = figures::read(tx, actor, &round, &period)?;
            let differences = figures.differences(&period.scope);
            if !differences.is_empty() && reason.is_empty() {
                let codes: Vec<String> = differences.iter().map(|one| one.code.clone()).collect();
                return Err(Refusal::Unexplained(codes).into());
            }
            let scope = period.scope.key();
            let before = store::closings::of_scope(tx, round.id, &scope)?.into_iter().next();
            if let Some(before) = &before {
                must_replace(tx, actor, before, new.replaces.as_deref())?;
            }
            let state = if differences.is_empty() { ClosingState::Closed } else { ClosingState::AwaitingSignature };
            let text = serde_json::to_string(&figures).map_err(|error| Error::Broken(error.to_string()))?;
            let agency = store::agencies::find(tx, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
            let serial = match &before {
                Some(before) => before.serial,
                None => store::closings::next_serial(tx, round.id)?,
            };
            let year = round.opens_at.date(agency.zone).year();
            let mut made = Closing {
                id: match &before {
                    Some(before) => before.id,
                    None => self.new_id(ClosingId::by_time)?,
                },
                round: round.id,
                point: period.point.as_ref().map(|point| point.id),
                day: period.day.clone(),
                scope,
                addendum_no: 0,
                serial,
                number: number(serial, 0, &agency.code, &programme.code, round.number, year),
                state,
                cut_off: now,
                hash: [0; 32],
                figures: text,
                reason: reason.clone(),
                made_by: actor.user,
                made_at: now,
                signed: None,
            };
            made.hash = seal::hash(&made)?;
            match &before {
                None => store::closings::insert(tx, &made).map_err(entry::exists(&made.number))?,
                Some(_) => {
                    if !store::closings::renew(tx, &made)? {
                        return Err(Refusal::Exists(made.number).into());
                    }
                }
            }
            // The log's own sums up to here must be the same; of a day it has none for one point.
            let sums = made.day.is_none().then_some((figures.vouchers.redeemed, figures.cash.realised_minor));
            self.append_closing(tx, actor, &made, state.as_str(), (period.point.as_ref(), sums))?;
            self.record(tx, actor.who(), Event::PeriodClosed, made.id, format!("{} {}", state.as_str(), made.number))?;
            one_view(tx, actor, made)
        })?;
        self.end_if_closed(actor, &made)?;
        Ok(made)
    }

    /// What would stand in the close of a period at this moment, read and not kept: its figures, and what differs.
    pub fn look_at_period(
        &self,
        actor: &Actor,
        round: RoundId,
        new: &NewClosing,
    ) -> Result<(Figures, Vec<Difference>), Error> {
        actor.must(Action::ReadClosings)?;
        let now = self.now();
        self.pool.read_snapshot(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let period = period(conn, actor, new)?;
            let zone = zone_of(conn, actor)?;
            must_have_been(conn, &round, &period, zone, now)?;
            let figures = figures::read(conn, actor, &round, &period)?;
            let differences = figures.differences(&period.scope);
            Ok((figures, differences))
        })
    }

    /// The books of a round are closed: what nobody came for ends. While a server is recovering nothing can, and
    /// somebody does it later ([`Office::expire_round`]); so too where this was cut short.
    fn end_if_closed(&self, actor: &Actor, made: &ClosingView) -> Result<(), Error> {
        if made.state != ClosingState::Closed || made.point.is_some() {
            return Ok(());
        }
        match self.expire_round(actor, made.round_id) {
            Err(Error::Refused(refusal)) if matches!(*refusal, Refusal::Recovering(_)) => Ok(()),
            ended => ended.map(drop),
        }
    }

    /// Signs, as a second person, for what differs in a close. When the figures are others by now, because a
    /// device delivered what it had, nothing is signed: the close has to be made again. `shown` is the hash of what
    /// the person read: made again since with another reason or other figures, it is another close.
    pub fn sign_closing(&self, actor: &Actor, id: ClosingId, shown: Option<&str>) -> Result<ClosingView, Error> {
        actor.must(Action::ClosePeriod)?;
        let now = self.now();
        let made = self.pool.write("closing_sign", |tx| {
            let made = owned(tx, actor, id)?;
            if made.state == ClosingState::Closed {
                return Err(Refusal::WrongStep("closed").into());
            }
            if made.made_by == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            if shown.is_some_and(|shown| shown != data_encoding::HEXLOWER.encode(&made.hash)) {
                return Err(Refusal::FiguresChanged.into());
            }
            let (round, _) = programme::owned_round(tx, actor, made.round)?;
            alone(tx, actor, round.id)?;
            let point = match made.point {
                Some(point) => store::points::find(tx, point)?,
                None => None,
            };
            let wanted =
                NewClosing { point: point.map(|point| point.code), day: made.day.clone(), ..NewClosing::default() };
            let period = period(tx, actor, &wanted)?;
            let figures = figures::read(tx, actor, &round, &period)?;
            let text = serde_json::to_string(&figures).map_err(|error| Error::Broken(error.to_string()))?;
            if text != made.figures {
                return Err(Refusal::FiguresChanged.into());
            }
            if !store::closings::sign(tx, id, actor.user, now)? {
                return Err(Refusal::WrongStep("closed").into());
            }
            self.append_closing(tx, actor, &made, "signed", (period.point.as_ref(), None))?;
            self.record(tx, actor.who(), Event::ClosingSigned, id, made.number)?;
            let signed = owned(tx, actor, id)?;
            one_view(tx, actor, signed)
        })?;
        self.end_if_closed(actor, &made)?;
        Ok(made)
    }

    /// The leaf of a close: the hash that stands on its paper, and its sums where the log has the same.
    fn append_closing(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        made: &Closing,
        word: &str,
        (point, sums): (Option<&Point>, Option<(i64, i64)>),
    ) -> Result<(), Error> {
        let leaf = Leaf {
            subject: Some(*made.id.bytes()),
            round: Some(made.round),
            point: point.and_then(|point| u32::try_from(point.number).ok()),
            word: Some(word.to_owned()),
            digest: Some(made.hash),
            count: sums.map(|(count, _)| count),
            value_minor: sums.map(|(_, value)| value),
            ..self.leaf_of(actor, Kind::Close)
        };
        super::log::append(tx, &leaf)
    }

    /// The closes of the actor's agency, or of one round, newest first.
    pub fn closings(
        &self,
        actor: &Actor,
        round: Option<RoundId>,
        before: Option<ClosingId>,
        limit: Option<i64>,
    ) -> Result<Vec<ClosingView>, Error> {
        actor.must(Action::ReadClosings)?;
        self.pool.read(|conn| {
            if let Some(round) = round {
                programme::owned_round(conn, actor, round)?;
            }
            let found = store::closings::list(conn, actor.agency, round, before, page(limit))?;
            view::views(conn, actor, found)
        })
    }

    /// One close.
    pub fn closing(&self, actor: &Actor, id: ClosingId) -> Result<ClosingView, Error> {
        actor.must(Action::ReadClosings)?;
        self.pool.read(|conn| {
            let found = owned(conn, actor, id)?;
            one_view(conn, actor, found)
        })
    }

    /// Looks for what no queue explains in a round, and opens a case for each. Returns how many cases of these
    /// kinds are open then.
    pub fn check_patterns(&self, actor: &Actor, round: RoundId) -> Result<i64, Error> {
        actor.must(Action::ClosePeriod)?;
        self.pool.write("patterns", |tx| {
            let (round, _) = programme::owned_round(tx, actor, round)?;
            self.find_patterns(tx, actor.agency, &round, None)
        })
    }
}

/// From here to the commit nothing that a close counts is written by anybody else, on either database: no
/// handout, no goods, no money, no case (they share the agency's turn), and nothing that a device delivers
/// (which shares the office's).
fn alone(tx: &mut Write<'_>, actor: &Actor, round: RoundId) -> Result<(), Error> {
    // First the row, which a long issue holds: nobody at a desk waits for that.
    store::closings::hold_round(tx, round)?;
    store::turns::own(tx, &actor.agency)?;
    Ok(store::turns::own(tx, &super::lease::office_turn())?)
}

fn owned(conn: &mut Conn, actor: &Actor, id: ClosingId) -> Result<Closing, Error> {
    let (found, agency) = store::closings::find(conn, id)?.ok_or(Refusal::NotFound("closing"))?;
    actor.must_own(agency, "closing")?;
    Ok(found)
}
