//! Agencies, programmes, points, rounds and sessions: the frame in which entitlements live.

use super::id::{AgencyId, PackageId, PointId, ProgrammeId, RoundId, SessionId, UserId};
use super::money::Money;
use super::time::{Timestamp, Zone};

/// An agency (OPD): it owns programmes and sees only its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Agency {
    /// Its id.
    pub id: AgencyId,
    /// Short code: `DINSOS`.
    pub code: String,
    /// The government it belongs to, first line of every letterhead.
    pub government: String,
    /// Its name, second line.
    pub name: String,
    /// Its address.
    pub address: String,
    /// The number that complaints go to, printed on every voucher.
    pub hotline: String,
    /// The zone in which its people read a clock.
    pub zone: Zone,
    /// What it chose.
    pub rules: Rules,
}

/// What an agency chooses: from when on a pattern is a case, and what an empty point does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rules {
    /// One name that collects for others so often in a round is looked at.
    pub proxy_times: i32,
    /// A point at which more of a hundred handouts go to proxies is looked at.
    pub proxy_percent: i32,
    /// A desk that scans more in a minute has no queue before it.
    pub scans_per_minute: i32,
    /// Whether a desk hands out nothing while its point has, by the books, no whole package left.
    pub stop_when_empty: bool,
    /// How many digits the PIN of an operator on a device has.
    pub pin_signs: i32,
    /// So many wrong ones in a row lock it, and the password is needed again.
    pub pin_tries: i32,
    /// Whether an account that agrees to what others began does nothing before another person than its maker
    /// confirmed whose it is.
    pub confirm_accounts: bool,
    /// After so many minutes without a request a sign-in ends.
    pub idle_minutes: i32,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            proxy_times: 5,
            proxy_percent: 10,
            scans_per_minute: 6,
            stop_when_empty: false,
            pin_signs: 6,
            pin_tries: 5,
            confirm_accounts: false,
            // The time between two sessions at a desk, and no evening.
            idle_minutes: 240,
        }
    }
}

/// A budget line under which aid is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Programme {
    /// Its id.
    pub id: ProgrammeId,
    /// Who owns it.
    pub agency: AgencyId,
    /// Short code, unique in the agency.
    pub code: String,
    /// Its name, as printed on the voucher.
    pub name: String,
    /// Account code, as in the DPA; free text, since nomenclature changes.
    pub account_code: String,
    /// Account name, as in the DPA.
    pub account_name: String,
    /// Number of the decree that fixes the recipients.
    pub decree_no: String,
    /// Date of that decree.
    pub decree_date: Option<jiff::civil::Date>,
    /// ISO 4217.
    pub currency: String,
    /// The budget's ceiling (pagu).
    pub ceiling: Money,
    /// Committed and realised together: what issues have taken from the ceiling and nothing has given back.
    pub obligated: Money,
    /// Why the whole programme stands still, when it does.
    pub paused_reason: Option<String>,
}

/// A distribution point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Its id.
    pub id: PointId,
    /// Whose it is.
    pub agency: AgencyId,
    /// The small number that stands in the voucher's token.
    pub number: i32,
    /// Short code that people use: `TGR-01`.
    pub code: String,
    /// Its name: `Kantor Camat Tenggarong`.
    pub name: String,
    /// The sub-district in which it lies.
    pub sub_district: String,
    /// How many desks serve side by side.
    pub desks: i32,
    /// How many households one session is made for, over all its desks.
    pub session_size: i32,
    /// Why the point stands still, when it does.
    pub paused_reason: Option<String>,
}

/// One distribution of a programme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Round {
    /// Its id.
    pub id: RoundId,
    /// The programme.
    pub programme: ProgrammeId,
    /// 1, 2, 3 …: the small number that stands in the voucher's token.
    pub number: i32,
    /// What people call it: `Tahap 1 / 2026`.
    pub name: String,
    /// The version of the package that every household receives.
    pub package: PackageId,
    /// From when a voucher is good.
    pub opens_at: Timestamp,
    /// Until when (exclusive).
    pub closes_at: Timestamp,
    /// When entitlements were first issued.
    pub issued_at: Option<Timestamp>,
    /// Why the round stands still, when it does.
    pub paused_reason: Option<String>,
}

impl Round {
    /// Its window, where no point has one of its own.
    #[must_use]
    pub const fn window(&self) -> Window {
        Window { opens_at: self.opens_at, closes_at: self.closes_at }
    }
}

/// From when a voucher is good, and until when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// From when.
    pub opens_at: Timestamp,
    /// Until when (exclusive).
    pub closes_at: Timestamp,
}

/// The window of a round at one point, where it differs: it stands in place of the round's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PointWindow {
    /// The round.
    pub round: RoundId,
    /// The point.
    pub point: PointId,
    /// The window.
    pub window: Window,
    /// Why it differs.
    pub reason: String,
    /// Who set it.
    pub set_by: UserId,
    /// When.
    pub set_at: Timestamp,
}

/// A time slot at a point. It only informs: inside the round's window, any slot is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// Its id.
    pub id: SessionId,
    /// The round.
    pub round: RoundId,
    /// The point.
    pub point: PointId,
    /// 1, 2, 3 …
    pub number: i32,
    /// When it begins.
    pub starts_at: Timestamp,
    /// When it ends.
    pub ends_at: Timestamp,
}
