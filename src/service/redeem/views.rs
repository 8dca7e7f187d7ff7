//! What a desk is shown of a voucher: no more than the person at the desk needs to see.

use super::super::exception::contents;
use super::super::{Actor, Error, Office, Refusal};
use super::File;
use crate::domain::id::{EntitlementId, Identifier};
use crate::domain::package::{Item, Package};
use crate::domain::programme::{Agency, Point, Session};
use crate::domain::redemption::{First, Verdict};
use crate::domain::role::Action;
use crate::domain::sealed::Field;
use crate::domain::time::Zone;
use crate::store::{self, Conn};

/// A verdict, and what goes with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// The verdict.
    pub verdict: Verdict,
    /// The voucher, when it names an entitlement of the actor's agency.
    pub voucher: Option<Box<VoucherView>>,
    /// The handout that happened, for `already_redeemed`.
    pub first: Option<First>,
    /// The reason that somebody gave, for `held`, `paused` and `revoked`.
    pub reason: Option<String>,
}

impl Seen {
    pub(super) const fn only(verdict: Verdict) -> Self {
        Self { verdict, voucher: None, first: None, reason: None }
    }
}

/// What a desk is shown of a voucher.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VoucherView {
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// The recipient's name.
    pub household: String,
    /// The NIK, masked.
    pub nik_masked: Option<String>,
    /// Year of birth, to compare with a face.
    pub birth_year: Option<i16>,
    /// RT, village and sub-district; no street.
    pub address: String,
    /// Where it can be redeemed.
    pub point: Point,
    /// Its time slot number.
    pub session_no: i32,
    /// Its time slot, if the round has one for it.
    pub session: Option<Session>,
    /// Whether it is the time of that slot now; anybody inside the window is served all the same.
    pub session_is_now: bool,
    /// What is to be handed over.
    pub items: Vec<Item>,
    /// The item of which the books say that the point has less left than one package takes. It only informs:
    /// what lies on the table is seen better there.
    pub used_up: Option<String>,
    /// Whether the agency lets no desk go on then.
    pub stops_when_empty: bool,
    /// The newest print.
    pub print_no: i32,
    /// The round's name.
    pub round: String,
    /// From when it is good, until when.
    pub window: (crate::domain::time::Timestamp, crate::domain::time::Timestamp),
    /// The programme's name.
    pub programme: String,
    /// The zone in which to read its times.
    pub zone: Zone,
}

/// What stands at the head of a desk's screen.
#[derive(Debug, Clone)]
pub struct DeskToday {
    /// The agency.
    pub agency: Agency,
    /// The point.
    pub point: Point,
    /// The desk's name.
    pub desk: String,
    /// How many packages this point has handed over today.
    pub redeemed_today: i64,
}

impl Office {
    pub(in crate::service) fn seen(&self, conn: &mut Conn, verdict: Verdict, file: &File) -> Result<Seen, Error> {
        let reason = match verdict {
            Verdict::Revoked => file.entitlement.revoked_reason.clone(),
            Verdict::Held => file.entitlement.held_reason.clone(),
            Verdict::Paused => file.stops().told().map(str::to_owned),
            _ => None,
        };
        let first = match verdict {
            Verdict::AlreadyRedeemed => store::redemptions::first_of(conn, file.entitlement.id)?,
            _ => None,
        };
        Ok(Seen { verdict, voucher: Some(Box::new(self.voucher_view(conn, file)?)), first, reason })
    }

    fn voucher_view(&self, conn: &mut Conn, file: &File) -> Result<VoucherView, Error> {
        let File { household, agency, .. } = file;
        let point = file.point.clone();
        let package = self.frame.package(conn, file.round.package)?;
        let package = contents(conn, &file.entitlement, Package::clone(&package))?;
        let session = store::rounds::session(conn, file.round.id, point.id, file.entitlement.session_no)?;
        let now = self.now();
        let birth_year = match &household.birth_date {
            None => None,
            Some(sealed) => {
                let opened = self.vault.open(Field::BirthDate, household.id.bytes(), sealed)?;
                String::from_utf8_lossy(&opened).parse::<jiff::civil::Date>().ok().map(jiff::civil::Date::year)
            }
        };
        Ok(VoucherView {
            entitlement: file.entitlement.id,
            nik_masked: self.nik_masked(household)?,
            birth_year,
            address: super::super::household::place(household),
            household: household.name.clone(),
            point,
            session_no: file.entitlement.session_no,
            session_is_now: session.as_ref().is_none_or(|slot| slot.starts_at <= now && now < slot.ends_at),
            session,
            used_up: self.used_up(conn, &package, file.point.id, &[])?,
            items: package.items,
            stops_when_empty: agency.rules.stop_when_empty,
            print_no: file.entitlement.print_no,
            round: file.round.name.clone(),
            window: (file.window.opens_at, file.window.closes_at),
            programme: file.programme.name.clone(),
            zone: agency.zone,
        })
    }

    /// What stands at the head of the actor's desk.
    pub fn desk_today(&self, actor: &Actor) -> Result<DeskToday, Error> {
        actor.must(Action::Redeem)?;
        let (Some(device), Some(point)) = (actor.device, actor.point) else { return Err(Refusal::NoDevice.into()) };
        let now = self.now();
        self.pool.read(|conn| {
            let device = store::devices::find(conn, device)?.ok_or(Refusal::NotFound("device"))?;
            let point = store::points::find(conn, point)?.ok_or(Refusal::NotFound("point"))?;
            let agency = store::agencies::find(conn, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
            let today = now.date(agency.zone).to_string();
            Ok(DeskToday {
                redeemed_today: store::reconcile::count_at(conn, point.id, &today)?,
                agency,
                point,
                desk: device.name,
            })
        })
    }
}
