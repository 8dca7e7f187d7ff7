//! Windows and sessions of a round at one point.

use jiff::ToSpan;
use jiff::civil::Date;

use super::entry::{exists, text, within};
use super::point::owned_point;
use super::programme::owned_round;
use super::{Actor, Error, Office, Refusal};
use crate::domain::audit::Event;
use crate::domain::id::{PointId, RoundId, SessionId};
use crate::domain::programme::{PointWindow, Session, Window};
use crate::domain::role::Action;
use crate::domain::time::{self, Timestamp, Zone};
use crate::store::{self, Write};
use crate::transparency::{Kind, Leaf};

/// How many sessions a point may have in a round.
const SESSIONS_MAX: usize = 1_000;

/// How the sessions of a point are to be laid out.
#[derive(Debug, Clone)]
pub struct Layout {
    /// The first day.
    pub first_day: Date,
    /// How many days may be used.
    pub days: i32,
    /// When a day begins, in minutes after midnight of the agency's zone.
    pub starts_minute: i32,
    /// How long a session takes.
    pub minutes: i32,
    /// How many sessions a day has.
    pub per_day: i32,
}

/// When a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Slot {
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}

fn invalid(field: &'static str, why: &str) -> Error {
    Refusal::Invalid { field, why: why.into() }.into()
}

impl Office {
    /// Sets the window of a round at a point. It stands in place of the round's from the next scan on.
    pub fn set_window(
        &self,
        actor: &Actor,
        (round, point): (RoundId, PointId),
        window: Window,
        reason: &str,
    ) -> Result<PointWindow, Error> {
        actor.must(Action::ExtendWindow)?;
        if window.opens_at >= window.closes_at {
            return Err(invalid("closes_at", "a window closes after it opens"));
        }
        let reason = text("reason", reason, 200)?;
        self.pool.write("window_set", |tx| {
            owned_round(tx, actor, round)?;
            let place = owned_point(tx, actor, point)?;
            let leaf = Leaf { word: Some("window".to_owned()), ..self.leaf_of(actor, Kind::Policy) };
            let point_no = u32::try_from(place.number).ok();
            super::log::append(tx, &Leaf { round: Some(round), point: point_no, ..leaf })?;
            let set =
                PointWindow { round, point, window, reason: reason.clone(), set_by: actor.user, set_at: self.now() };
            store::point_windows::put(tx, &set)?;
            self.record(tx, actor.who(), Event::WindowExtended, format!("{round}/{point}"), reason.clone())?;
            Ok(set)
        })
    }

    /// The windows that differ in a round.
    pub fn windows(&self, actor: &Actor, round: RoundId) -> Result<Vec<PointWindow>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            owned_round(conn, actor, round)?;
            Ok(store::point_windows::of_round(conn, round)?)
        })
    }

    /// The sessions of a round, by point and number.
    pub fn sessions(&self, actor: &Actor, round: RoundId) -> Result<Vec<Session>, Error> {
        actor.must(Action::ReadProgrammes)?;
        self.pool.read(|conn| {
            owned_round(conn, actor, round)?;
            Ok(store::rounds::sessions_of(conn, round)?)
        })
    }

    /// Sets the sessions of a round at a point, numbered as they are given.
    pub fn set_sessions(
        &self,
        actor: &Actor,
        (round, point): (RoundId, PointId),
        slots: &[Slot],
    ) -> Result<Vec<Session>, Error> {
        actor.must(Action::Place)?;
        if slots.len() > SESSIONS_MAX || slots.iter().any(|slot| slot.starts_at >= slot.ends_at) {
            return Err(invalid("sessions", "at most 1,000, each ending after it starts"));
        }
        self.pool.write("sessions_set", |tx| {
            owned_round(tx, actor, round)?;
            owned_point(tx, actor, point)?;
            self.put_sessions(tx, (round, point), slots)
        })
    }

    fn put_sessions(
        &self,
        tx: &mut Write<'_>,
        (round, point): (RoundId, PointId),
        slots: &[Slot],
    ) -> Result<Vec<Session>, Error> {
        let mut sessions = Vec::with_capacity(slots.len());
        for (number, slot) in (1_i32..).zip(slots) {
            sessions.push(Session {
                id: self.new_id(SessionId::by_time)?,
                round,
                point,
                number,
                starts_at: slot.starts_at,
                ends_at: slot.ends_at,
            });
        }
        store::rounds::replace_sessions(tx, round, point, &sessions).map_err(exists("session"))?;
        Ok(sessions)
    }

    /// Lays out the sessions of a round at a point: as many as its households are placed in, one after the
    /// other, day after day. Refused when the days do not hold them all.
    pub fn lay_out_sessions(
        &self,
        actor: &Actor,
        (round, point): (RoundId, PointId),
        layout: &Layout,
    ) -> Result<Vec<Session>, Error> {
        actor.must(Action::Place)?;
        within("days", layout.days, 1, 366)?;
        within("starts_minute", layout.starts_minute, 0, 24 * 60 - 1)?;
        within("minutes", layout.minutes, 5, 24 * 60)?;
        within("per_day", layout.per_day, 1, 100)?;
        if layout.starts_minute + layout.minutes * layout.per_day > 24 * 60 {
            return Err(invalid("per_day", "the sessions of a day end by midnight"));
        }
        self.pool.write("sessions_lay_out", |tx| {
            let (found, programme) = owned_round(tx, actor, round)?;
            owned_point(tx, actor, point)?;
            let agency = store::agencies::find(tx, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
            let wanted = store::placements::last_session(tx, programme.id, found.id, point)?;
            if wanted == 0 {
                return Err(Refusal::NobodyPlaced.into());
            }
            if i64::from(wanted) > i64::from(layout.days) * i64::from(layout.per_day) {
                let why = format!("{wanted} sessions do not fit");
                return Err(Refusal::Invalid { field: "days", why }.into());
            }
            let slots = (0..wanted).map(|place| slot(layout, place, agency.zone)).collect::<Result<Vec<_>, _>>()?;
            self.put_sessions(tx, (round, point), &slots)
        })
    }
}

fn slot(layout: &Layout, place: i32, zone: Zone) -> Result<Slot, Error> {
    let broken = |_| invalid("first_day", "a day between 1970 and 9999");
    let day = layout.first_day.saturating_add((place / layout.per_day).days());
    let minute = i64::from(layout.starts_minute + place % layout.per_day * layout.minutes);
    let starts_at = time::at(day, minute, zone).map_err(broken)?;
    Ok(Slot { starts_at, ends_at: starts_at.plus_millis(i64::from(layout.minutes) * 60_000) })
}
