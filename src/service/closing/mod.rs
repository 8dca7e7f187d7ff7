//! The close of a day at a point, of a point, and of a round.

mod figures;
mod pattern;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Actor, Error, Office, Refusal, entry, page, programme};
use crate::domain::audit::Event;
use crate::domain::closing::{ClosingState, Difference, Figures, Late, Scope, number};
use crate::domain::id::{ClosingId, Identifier, RoundId, UserId};
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

/// A close on a screen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ClosingView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: ClosingId,
    /// The round.
    #[schema(value_type = String, format = Uuid)]
    pub round_id: RoundId,
    /// The point's code, when it is of one.
    pub point: Option<String>,
    /// The day, when it is of one.
    pub day: Option<String>,
    /// 0 for the close, 1, 2, 3 … for its addenda.
    pub addendum_no: i32,
    /// Its number on paper.
    pub number: String,
    /// Where it stands.
    pub state: ClosingState,
    /// It counts what the server had taken by then. ISO 8601.
    pub cut_off: String,
    /// What it froze.
    pub figures: Figures,
    /// SHA-256 of the figures, in hexadecimal.
    pub hash: String,
    /// What differs in them.
    pub differences: Vec<Difference>,
    /// Why.
    pub reason: String,
    /// Who made it.
    pub made_by: String,
    /// When, ISO 8601.
    pub made_at: String,
    /// Who signed too.
    pub signed_by: Option<String>,
    /// Whether the actor made it, who then may not sign.
    pub own: bool,
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

/// Refuses a day at a point that has not come, or on which nothing could be handed over yet.
fn must_have_been(conn: &mut Conn, round: &Round, period: &Period, zone: Zone, now: Timestamp) -> Result<(), Error> {
    let (Some(point), Some(day)) = (&period.point, &period.day) else { return Ok(()) };
    let invalid = |why: &str| Error::from(Refusal::Invalid { field: "day", why: why.to_owned() });
    let day: jiff::civil::Date = day.parse().map_err(|_| invalid("a day at a point"))?;
    if day > now.date(zone) {
        return Err(invalid("not a day to come"));
    }
    let window = store::evidence::window(conn, round.id, point.id)?;
    if day < window.map_or(round.opens_at, |(opens_at, _)| opens_at).date(zone) {
        return Err(invalid("not before the round opened"));
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
            let made = Closing {
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
                hash: Sha256::digest(text.as_bytes()).into(),
                figures: text,
                reason: reason.clone(),
                made_by: actor.user,
                made_at: now,
                signed: None,
            };
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
    /// device delivered what it had, nothing is signed: the close has to be made again.
    pub fn sign_closing(&self, actor: &Actor, id: ClosingId) -> Result<ClosingView, Error> {
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

    /// Puts what the server took after a close into an addendum with a number of its own. The close stays.
    pub fn add_addendum(&self, actor: &Actor, id: ClosingId) -> Result<ClosingView, Error> {
        actor.must(Action::ClosePeriod)?;
        self.pool.write("addendum", |tx| {
            let close = owned(tx, actor, id)?;
            if close.state != ClosingState::Closed || close.addendum_no != 0 {
                return Err(Refusal::WrongStep(close.state.as_str()).into());
            }
            let (round, programme) = programme::owned_round(tx, actor, close.round)?;
            alone(tx, actor, round.id)?;
            let now = self.now();
            let agency = store::agencies::find(tx, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
            let all = store::closings::of_scope(tx, round.id, &close.scope)?;
            let last = all.last().map_or(close.cut_off, |one| one.cut_off);
            let late = late_of(tx, &close, last, agency.zone)?;
            if late.is_empty() {
                return Err(Refusal::Invalid { field: "closing", why: "nothing came after it".into() }.into());
            }
            let figures = Figures {
                vouchers: crate::domain::closing::Vouchers {
                    redeemed: i64::try_from(late.len()).unwrap_or(i64::MAX),
                    ..Default::default()
                },
                cash: crate::domain::closing::Cash {
                    realised_minor: late.iter().map(|one| one.value_minor).sum(),
                    ..Default::default()
                },
                late,
                ..Figures::default()
            };
            let text = serde_json::to_string(&figures).map_err(|error| Error::Broken(error.to_string()))?;
            let addendum_no = i32::try_from(all.len()).unwrap_or(i32::MAX);
            let year = round.opens_at.date(agency.zone).year();
            let made = Closing {
                id: self.new_id(ClosingId::by_time)?,
                addendum_no,
                number: number(close.serial, addendum_no, &agency.code, &programme.code, round.number, year),
                cut_off: now,
                hash: Sha256::digest(text.as_bytes()).into(),
                figures: text,
                reason: String::new(),
                made_by: actor.user,
                made_at: now,
                signed: None,
                ..close
            };
            store::closings::insert(tx, &made).map_err(entry::exists(&made.number))?;
            self.append_closing(tx, actor, &made, "addendum", (None, None))?;
            self.record(tx, actor.who(), Event::AddendumMade, made.id, made.number.clone())?;
            one_view(tx, actor, made)
        })
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
            views(conn, actor, found)
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

/// The receipts of a closed period that the server took after a moment.
fn late_of(tx: &mut Write<'_>, close: &Closing, after: Timestamp, zone: Zone) -> Result<Vec<Late>, Error> {
    let of_day = |at: Timestamp| close.day.as_ref().is_none_or(|day| at.date(zone).to_string() == *day);
    Ok(store::closings::taken(tx, close.round, close.point, Some(after))?
        .into_iter()
        .filter(|one| of_day(one.scanned_at) || of_day(one.received_at))
        .map(|one| Late {
            scanned_at: one.scanned_at.iso(zone),
            received_at: one.received_at.iso(zone),
            scanned_before: one.scanned_at <= close.cut_off,
            number: one.number,
            value_minor: one.value_minor,
        })
        .collect())
}

fn one_view(conn: &mut Conn, actor: &Actor, one: Closing) -> Result<ClosingView, Error> {
    views(conn, actor, vec![one])?.pop().ok_or_else(|| Refusal::NotFound("closing").into())
}

fn views(conn: &mut Conn, actor: &Actor, found: Vec<Closing>) -> Result<Vec<ClosingView>, Error> {
    let zone = zone_of(conn, actor)?;
    let points = store::points::of_agency(conn, actor.agency)?;
    let people: Vec<UserId> =
        found.iter().flat_map(|one| [Some(one.made_by), one.signed.map(|(by, _)| by)]).flatten().collect();
    let people = store::evidence::names(conn, &people)?;
    let name = |id| people.get(&id).cloned().unwrap_or_default();
    let mut views = Vec::with_capacity(found.len());
    for one in found {
        let hash: [u8; 32] = Sha256::digest(one.figures.as_bytes()).into();
        if hash != one.hash {
            return Err(Error::Broken(format!("closing {} does not have the hash that was kept", one.number)));
        }
        let figures: Figures = serde_json::from_str(&one.figures).map_err(|error| Error::Broken(error.to_string()))?;
        let point = points.iter().find(|point| Some(point.id) == one.point).map(|point| point.code.clone());
        let scope = match (&point, &one.day) {
            (None, _) => Scope::Round,
            (Some(point), None) => Scope::Point(point.clone()),
            (Some(point), Some(day)) => Scope::Day(point.clone(), day.clone()),
        };
        views.push(ClosingView {
            id: one.id,
            round_id: one.round,
            point,
            day: one.day,
            addendum_no: one.addendum_no,
            number: one.number,
            state: one.state,
            cut_off: one.cut_off.iso(zone),
            differences: if one.addendum_no == 0 { figures.differences(&scope) } else { Vec::new() },
            figures,
            hash: data_encoding::HEXLOWER.encode(&hash),
            reason: one.reason,
            made_by: name(one.made_by),
            made_at: one.made_at.iso(zone),
            signed_by: one.signed.map(|(by, _)| name(by)),
            own: one.made_by == actor.user,
        });
    }
    Ok(views)
}
