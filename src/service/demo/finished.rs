//! A small programme of the year before, finished: so that there are books that close, receipts, and households
//! with a history to look at, while the round of the demonstration itself stays untouched.
//!
//! Everything goes the way it would have gone at its time, through the same actions, with a clock that was held
//! at that time: issued, redeemed, refused, revoked, printed again.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::Date;

use super::people::Inventor;
use super::{Wanted, new_items};
use crate::clock::Clock;
use crate::domain::custody::Cause;
use crate::domain::household::Particulars;
use crate::domain::id::{DeviceId, HouseholdId, PointId, ProgrammeId, RoundId};
use crate::domain::money::Money;
use crate::domain::package::Unit;
use crate::domain::programme::Point;
use crate::domain::redemption::{Collector, CollectorKind, Paper};
use crate::domain::time::{self, Timestamp, Zone};
use crate::domain::verval::Standing;
use crate::service::redeem::{Claim, Named};
use crate::service::{Actor, Error, NewPackage, NewProgramme, NewRound, Office, Refusal};
use crate::store;
use crate::store::beneficiaries::Beneficiary;

/// How many households of the demonstration had this programme, at most.
const RECIPIENTS: usize = 48;

/// The points at which it was held.
const POINTS: &[&str] = &["MMT-01", "KNH-01", "TBG-01", "MWS-01"];

/// What the package holds.
pub(super) const ITEMS: &[super::Line] = &[
    ("beras", "Beras", Unit::Gram, 5_000, ("kg", 1_000), 16_000),
    ("telur", "Telur", Unit::Piece, 30, ("piring", 30), 58_000),
    ("minyak", "Minyak goreng", Unit::Millilitre, 2_000, ("l", 1_000), 21_000),
    ("sarden", "Sarden kaleng besar", Unit::Piece, 1, ("kaleng", 1), 25_000),
];

/// A clock that shows what it was set to.
#[derive(Debug, Default)]
struct HeldClock(AtomicI64);

impl HeldClock {
    fn set(&self, at: Timestamp) {
        self.0.store(at.millis(), Ordering::Relaxed);
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed)).unwrap_or_default()
    }
}

/// Who works in it.
pub(super) struct Staff<'a> {
    pub(super) admin: &'a Actor,
    pub(super) verifier: &'a Actor,
    pub(super) issuer: &'a Actor,
    pub(super) coordinator: &'a Actor,
    pub(super) finance: &'a Actor,
    pub(super) storekeeper: &'a Actor,
    /// Who stood at the desk of each point.
    pub(super) operators: &'a [(Point, Actor)],
}

/// What became of a voucher.
#[derive(Clone, Copy)]
enum Fate {
    Collected,
    ByProxy,
    BySubstitute,
    NotCollected,
    Revoked,
}

/// A finished programme while it is made.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) office: Office,
    clock: Arc<HeldClock>,
    pub(super) year: i16,
    /// Its recipients, with the point of each.
    pub(super) recipients: Vec<(HouseholdId, PointId)>,
    /// How many of them each point has.
    taken: [usize; POINTS.len()],
}

impl Finished {
    pub(super) fn new(office: &Office) -> Self {
        let clock = Arc::new(HeldClock::default());
        let year = office.now().date(Zone::Wita).year() - 1;
        Self {
            office: Office { clock: clock.clone(), ..office.clone() },
            clock,
            year,
            recipients: Vec::new(),
            taken: [0; POINTS.len()],
        }
    }

    /// Holds the clock at a moment of the year before.
    pub(super) fn set(&self, month: i8, day: i8, minutes: i64) -> Result<(), Error> {
        self.clock.set(self.at(month, day, minutes)?);
        Ok(())
    }

    fn at(&self, month: i8, day: i8, minutes: i64) -> Result<Timestamp, Error> {
        let date = Date::new(self.year, month, day).map_err(|fault| Error::Broken(fault.to_string()))?;
        time::at(date, minutes, Zone::Wita).map_err(|fault| Error::Broken(fault.to_string()))
    }

    /// The office at the time when the first recipients were entered, when this household was one of them.
    pub(super) fn entering(&self, known: &Particulars) -> Result<Option<&Office>, Error> {
        let here = POINTS.iter().position(|code| *code == known.point_code);
        if here.and_then(|here| self.taken.get(here)).is_none_or(|taken| *taken >= RECIPIENTS / POINTS.len()) {
            return Ok(None);
        }
        self.clock.set(self.at(1, 20, 600)?);
        Ok(Some(&self.office))
    }

    pub(super) fn entered(&mut self, household: HouseholdId, point: &Point) {
        let here = POINTS.iter().position(|code| *code == point.code);
        if let Some(taken) = here.and_then(|here| self.taken.get_mut(here)) {
            *taken += 1;
        }
        self.recipients.push((household, point.id));
    }

    /// Two rounds, from the issue to the last day.
    pub(super) fn hold(&self, wanted: Wanted, staff: &Staff<'_>) -> Result<(), Error> {
        if self.recipients.is_empty() {
            return Ok(());
        }
        let (programme, package) = self.set_up(staff)?;
        self.clock.set(self.at(2, 3, 540)?);
        let decisions: Vec<Beneficiary> = self
            .recipients
            .iter()
            .map(|(household, point)| Beneficiary {
                programme,
                household: *household,
                standing: Standing::Approved,
                point: Some(*point),
                session_no: 1,
                desk_no: 1,
                package_code: "PERMAKANAN".into(),
                approved_by: staff.verifier.user,
            })
            .collect();
        let now = self.office.now();
        self.office
            .pool
            .write("demo_finished", |tx| Ok::<_, Error>(store::beneficiaries::decide(tx, &decisions, now)?))?;
        let contract = self.buy(staff, programme)?;
        let mut inventor = Inventor::new(wanted.seed ^ 0x2025);
        for (number, month) in [(1, 3), (2, 5)] {
            let round = self.open_round(staff, programme, package, number, month)?;
            self.clock.set(self.at(month, 3, 600)?);
            self.office.issue(staff.issuer, round, &|_, _| ())?;
            let delivery = self.supply(staff, contract, (round, number, month))?;
            self.hand_out(staff, round, month, &mut inventor)?;
            self.clear(staff, programme, (round, number, month))?;
            self.pay(staff, (programme, contract), delivery, (number, month))?;
        }
        Ok(())
    }

    fn set_up(&self, staff: &Staff<'_>) -> Result<(ProgrammeId, crate::domain::id::PackageId), Error> {
        self.clock.set(self.at(1, 15, 540)?);
        let broken = |fault: crate::domain::money::NotMoney| Error::Broken(fault.to_string());
        let households = i64::try_from(self.recipients.len()).unwrap_or(i64::MAX);
        let programme = self.office.create_programme(
            staff.admin,
            &NewProgramme {
                code: format!("PERMAKANAN-{}", self.year),
                name: format!("Permakanan Lansia {}", self.year),
                account_code: "5.1.06.01.02.0001".into(),
                account_name: "Belanja Bantuan Sosial Barang yang Direncanakan kepada Individu".into(),
                decree_no: format!("000/CONTOH-P/{}", self.year),
                decree_date: Date::new(self.year, 1, 14).ok(),
                currency: None,
                ceiling: Money::new(410_000).and_then(|each| each.times(households)).map_err(broken)?,
            },
        )?;
        let package = self.office.create_package(
            staff.admin,
            &NewPackage {
                programme: programme.id,
                code: "PERMAKANAN".into(),
                name: "Paket Permakanan".into(),
                items: new_items(ITEMS)?,
            },
        )?;
        Ok((programme.id, package.id))
    }

    fn open_round(
        &self,
        staff: &Staff<'_>,
        programme: ProgrammeId,
        package: crate::domain::id::PackageId,
        number: i32,
        month: i8,
    ) -> Result<RoundId, Error> {
        self.clock.set(self.at(month, 1, 540)?);
        let round = self.office.create_round(
            staff.admin,
            &NewRound {
                programme,
                number,
                name: format!("Tahap {number} / {}", self.year),
                package,
                opens_at: self.at(month, 10, 480)?,
                closes_at: self.at(month, 24, 960)?,
                sessions: Vec::new(),
            },
        )?;
        Ok(round.id)
    }

    fn hand_out(&self, staff: &Staff<'_>, round: RoundId, month: i8, inventor: &mut Inventor) -> Result<(), Error> {
        let (codes, _) = self.office.vouchers(staff.issuer, round, None, Some(super::super::PAGE_MAX))?;
        let mut sheets =
            self.office.pool.read(|conn| store::entitlements::list(conn, round, None, super::super::PAGE_MAX))?;
        sheets.sort_by(|one, other| one.household.source_id.cmp(&other.household.source_id));
        let count = sheets.len();
        for (number, sheet) in sheets.into_iter().enumerate() {
            let id = sheet.entitlement.id;
            let Some(listed) = codes.iter().find(|listed| listed.entitlement == id) else { continue };
            let Some((_, operator)) = staff.operators.iter().find(|(point, _)| point.id == sheet.entitlement.point)
            else {
                continue;
            };
            // One day a point after the other, a package every few minutes.
            let day = 10 + i8::try_from(number * 10 / count.max(1)).unwrap_or(0);
            let minutes = 485 + i64::try_from(number % 12).unwrap_or(0) * 7;
            // Spread over the points, which follow one another.
            let place = if count % 37 == 0 { number } else { (number * 37 + 11) % count };
            let fate = fate(place, count);
            self.clock.set(self.at(month, day, minutes)?);
            match fate {
                Fate::NotCollected => {}
                Fate::Revoked => {
                    self.office.revoke_entitlement(staff.coordinator, id, "Meninggal dunia, surat kelurahan contoh")?;
                }
                Fate::Collected | Fate::ByProxy | Fate::BySubstitute => {
                    // A paper that was lost on the way is printed again, and the new one is shown.
                    let mut code = listed.code.clone();
                    if number % 17 == 5 {
                        let why = (Cause::Damaged, "Kupon basah, dicetak ulang");
                        self.office.reprint(staff.issuer, id, why, true)?;
                        let printed = self.office.pool.read(|conn| store::entitlements::find(conn, id))?;
                        code = printed.map_or(code, |(one, _)| one.typed_code.to_string());
                    }
                    let claim = self.claim(&code, fate, inventor)?;
                    self.office.redeem(operator, &claim)?;
                    // Somebody comes a second time with the same paper.
                    if number % 24 == 11 {
                        self.clock.set(self.at(month, day, minutes + 95)?);
                        let again = Claim { id: self.office.new_redemption_id()?, ..claim };
                        match self.office.redeem(operator, &again) {
                            Err(Error::Refused(refusal)) if matches!(*refusal, Refusal::Verdict(_)) => {}
                            Err(error) => return Err(error),
                            Ok(_) => return Err(Error::Broken("a voucher was good twice".into())),
                        }
                    }
                }
            }
        }
        Ok(())
    }

    fn claim(&self, code: &str, fate: Fate, inventor: &mut Inventor) -> Result<Claim, Error> {
        let (kind, name, relation) = match fate {
            Fate::ByProxy => (CollectorKind::Proxy, Some("WAKIL CONTOH"), Some(inventor.relation())),
            Fate::BySubstitute => (CollectorKind::Substitute, Some("PENGGANTI CONTOH"), Some("AHLI WARIS DALAM KK")),
            // Some of those who cannot come get the package brought to the house, and say so themselves.
            _ if inventor.chance(6) => (CollectorKind::Oneself, None, Some("DIANTAR KE RUMAH")),
            _ => (CollectorKind::Oneself, None, None),
        };
        Ok(Claim {
            id: self.office.new_redemption_id()?,
            named: Named::Code(code.to_owned()),
            collector: Collector {
                kind,
                name: name.map(str::to_owned),
                relation: relation.map(str::to_owned),
                id_seen: true,
            },
            paper: Paper::Seen,
            paper_reason: None,
            items: None,
            scanned_at: None,
        })
    }
}

/// Of a hundred, six do not come, one is revoked, two go to a substitute; of the others one in seven to a proxy.
fn fate(number: usize, count: usize) -> Fate {
    match number * 100 / count.max(1) {
        7..=12 => Fate::NotCollected,
        40..=41 => Fate::Revoked,
        60..=61 => Fate::BySubstitute,
        _ if number % 7 == 3 => Fate::ByProxy,
        _ => Fate::Collected,
    }
}

/// The device of a point and its operator as they acted then.
pub(super) fn at_desk(
    operator: &super::super::User,
    agency: crate::domain::id::AgencyId,
    point: PointId,
    device: DeviceId,
) -> Actor {
    Actor { agency, point: Some(point), device: Some(device), ..Actor::of(operator) }
}
