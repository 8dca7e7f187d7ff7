//! The demonstration: a complete installation with invented people, for trying out and for tests.
//!
//! Places are those of Kutai Kartanegara; every household is invented, and every NIK begins with a
//! sub-district that does not exist (99). What is invented follows from the seed; ids, keys, codes and
//! tokens are as random as anywhere else.

mod finished;
mod goods;
mod names;
mod people;
mod places;

use std::collections::BTreeMap;

use jiff::ToSpan;

use super::{Actor, Error, NewAgency, NewPackage, NewPoint, NewProgramme, NewRound, NewSession, NewUser, Office};
use crate::domain::id::{HouseholdId, PointId, ProgrammeId, RoundId};
use crate::domain::money::Money;
use crate::domain::package::{Item, Unit};
use crate::domain::programme::Point;
use crate::domain::role::Role;
use crate::domain::time::{self, Zone};
use crate::domain::verval::Standing;
use crate::store;
use crate::store::beneficiaries::Beneficiary;

use finished::{Finished, Staff};
use places::PLACES;

/// The one password of everybody in a demonstration.
pub const DEMO_PASSWORD: &str = "salur-demo-2026";

/// How many households are invented and written together.
const BATCH: u64 = 1_000;

/// How many households a session serves.
const SESSION_SIZE: u64 = 40;

const DAY_MILLIS: i64 = 24 * 60 * 60 * 1_000;

/// What kind of demonstration is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Wanted {
    /// How many households.
    pub households: u64,
    /// From which they are invented.
    pub seed: u64,
}

/// A person of the demonstration.
#[derive(Debug, Clone, serde::Serialize)]
pub struct DemoUser {
    /// What they type to sign in.
    pub username: String,
    /// Their password.
    pub password: String,
    /// Their role.
    pub role: Role,
    /// The code of the point at which they work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub point: Option<String>,
}

/// What was made.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Demo {
    /// The programme.
    pub programme_id: ProgrammeId,
    /// Round 1, issued and open.
    pub round_id: RoundId,
    /// A token for each role.
    pub tokens: BTreeMap<String, String>,
    /// A token for the device of each point, with its operator.
    pub device_tokens: BTreeMap<String, String>,
    /// Who can sign in.
    pub users: Vec<DemoUser>,
}

impl Office {
    /// Makes a demonstration in an empty database. `progress` is told what is done, how far, and of how much.
    pub fn make_demo(&self, wanted: Wanted, progress: &dyn Fn(&str, u64, u64)) -> Result<Demo, Error> {
        // One password for everybody, and one that anybody could guess: of a demonstration, not of an office.
        let hash = self.slow_hash(DEMO_PASSWORD)?;
        let admin = self.found_with(&agency(), ("admin", "Admin Dinas"), &hash)?;
        let mut users = vec![demo_user("admin", Role::Admin, None)];
        let mut tokens = BTreeMap::new();
        tokens.insert("admin".to_owned(), self.create_token_at_console(&admin, admin.user, None, "demo", None)?.secret);
        let mut people = BTreeMap::new();
        for role in Role::ALL.into_iter().filter(|role| !matches!(role, Role::Admin | Role::Operator)) {
            let user =
                self.insert_person(&admin, &new_user(role.as_str(), people::staff_name(role), role, None), &hash)?;
            tokens.insert(
                role.as_str().to_owned(),
                self.create_token_at_console(&admin, user.id, None, "demo", None)?.secret,
            );
            users.push(demo_user(role.as_str(), role, None));
            people.insert(role.as_str(), user);
        }
        self.demo_confirmed(&admin, &people)?;
        let acting = |role: Role| -> Result<Actor, Error> {
            let user = people.get(role.as_str()).ok_or_else(|| Error::Broken("a demo role without a person".into()))?;
            Ok(Actor::of(user))
        };

        self.set_places(&admin, &places::villages()?, None)?;
        let mut points = Vec::new();
        let mut operators = Vec::new();
        let mut device_tokens = BTreeMap::new();
        for (number, place) in (0_u64..).zip(PLACES) {
            let point = self.create_point(
                &admin,
                &NewPoint {
                    code: place.code.into(),
                    name: place.name.into(),
                    sub_district: place.sub_district.into(),
                    villages: vec![place.village_code.into()],
                    ..NewPoint::default()
                },
            )?;
            let (operator, at_desk, token) = self.demo_desk(&admin, &point, number, &hash)?;
            users.push(operator);
            operators.push((point.clone(), at_desk));
            device_tokens.insert(point.code.clone(), token);
            points.push(point);
            progress("titik", number + 1, u64::try_from(PLACES.len()).unwrap_or(0));
        }

        let households = i64::try_from(wanted.households).unwrap_or(i64::MAX);
        let (programme, rounds) = self.demo_programme(&admin, households)?;
        let shares = places::shares(wanted.households);
        let round = self.demo_rounds(&admin, programme, rounds, &points, &shares)?;
        let (registrar, verifier, issuer) = (acting(Role::Registrar)?, acting(Role::Verifier)?, acting(Role::Issuer)?);
        let mut finished = Finished::new(self);
        self.demo_households(wanted, (&registrar, &verifier), programme, (&points, &shares), &mut finished, progress)?;
        let coordinator = acting(Role::Coordinator)?;
        let (finance, storekeeper) = (acting(Role::Finance)?, acting(Role::Storekeeper)?);
        finished.hold(
            wanted,
            &Staff {
                admin: &admin,
                verifier: &verifier,
                issuer: &issuer,
                coordinator: &coordinator,
                finance: &finance,
                storekeeper: &storekeeper,
                operators: &operators,
            },
        )?;
        self.issue(&issuer, round, &|done, all| {
            progress("terbit", u64::try_from(done).unwrap_or(0), u64::try_from(all).unwrap_or(0));
        })?;
        self.close_gap()?;
        Ok(Demo { programme_id: programme, round_id: round, tokens, device_tokens, users })
    }

    /// The house of the demonstration knows its people: finance was confirmed beside the administrator, and the others
    /// by finance.
    fn demo_confirmed(&self, admin: &Actor, people: &BTreeMap<&str, super::User>) -> Result<(), Error> {
        let Some(finance) = people.get(Role::Finance.as_str()) else { return Ok(()) };
        self.confirm_user_at_console(admin, finance.id)?;
        let by = Actor::of(finance);
        let others = people.values().filter(|user| user.role.checks() && user.id != finance.id);
        others.into_iter().try_for_each(|user| self.confirm_user(&by, user.id))
    }

    fn demo_desk(
        &self,
        admin: &Actor,
        point: &Point,
        number: u64,
        hash: &str,
    ) -> Result<(DemoUser, Actor, String), Error> {
        let username = format!("petugas-{}", point.code.to_lowercase());
        let name = people::operator_name(number);
        let operator = self.insert_person(admin, &new_user(&username, &name, Role::Operator, Some(point.id)), hash)?;
        let (device, token) = self.pool.write("demo_desk", |tx| {
            let device = self.insert_device(tx, admin, "Meja 1", point.id)?.id;
            Ok::<_, Error>((device, self.insert_token(tx, admin, (operator.id, Some(device)), "demo", None)?.secret))
        })?;
        let at_desk = finished::at_desk(&operator, admin.agency, point.id, device);
        Ok((demo_user(&username, Role::Operator, Some(point.code.clone())), at_desk, token))
    }

    /// The programme with a ceiling for six rounds, and the package of each.
    fn demo_programme(
        &self,
        admin: &Actor,
        households: i64,
    ) -> Result<(ProgrammeId, crate::domain::id::PackageId), Error> {
        let ceiling = Money::new(3_000_000)
            .and_then(|each| each.times(households.max(1)))
            .map_err(|fault| Error::Broken(fault.to_string()))?;
        let programme = self.create_programme(
            admin,
            &NewProgramme {
                code: "SEMBAKO-2026".into(),
                name: "Bantuan Sembako".into(),
                account_code: "5.1.06.02.02.0001".into(),
                account_name: "Belanja Bantuan Sosial Barang yang Direncanakan kepada Keluarga".into(),
                decree_no: "000/CONTOH/2026".into(),
                decree_date: Some(self.now().date(Zone::Wita)),
                currency: None,
                ceiling,
            },
        )?;
        let package = self.create_package(
            admin,
            &NewPackage {
                programme: programme.id,
                code: "SEMBAKO-A".into(),
                name: "Paket Sembako A".into(),
                items: package_a()?,
            },
        )?;
        Ok((programme.id, package.id))
    }

    /// Six rounds of two months each, the first open from this moment; returns the first.
    fn demo_rounds(
        &self,
        admin: &Actor,
        programme: ProgrammeId,
        package: crate::domain::id::PackageId,
        points: &[Point],
        shares: &[u64],
    ) -> Result<RoundId, Error> {
        let now = self.now();
        let broken = |fault: time::NotATime| Error::Broken(fault.to_string());
        let tomorrow = now.date(Zone::Wita).saturating_add(1.day());
        let mut first = None;
        for number in 1..=6_i32 {
            let offset = i64::from(number - 1) * 61 * DAY_MILLIS;
            let mut sessions = Vec::new();
            if number == 1 {
                for (point, share) in points.iter().zip(shares) {
                    for slot in 0..sessions_for(*share) {
                        let slot = i64::try_from(slot).unwrap_or(0);
                        // Three slots a day, from eight o'clock.
                        let day = tomorrow.saturating_add((slot / 3).days());
                        let starts_at = time::at(day, 480 + slot % 3 * 120, Zone::Wita).map_err(broken)?;
                        sessions.push(NewSession {
                            point: point.id,
                            number: i32::try_from(slot + 1).unwrap_or(i32::MAX),
                            starts_at,
                            ends_at: starts_at.plus_millis(2 * 60 * 60 * 1_000),
                        });
                    }
                }
            }
            let round = self.create_round(
                admin,
                &NewRound {
                    programme,
                    number,
                    name: format!("Tahap {number} / {}", now.date(Zone::Wita).year()),
                    package,
                    opens_at: now.plus_millis(offset),
                    closes_at: now.plus_millis(offset + 61 * DAY_MILLIS),
                    sessions,
                },
            )?;
            first.get_or_insert(round.id);
        }
        first.ok_or_else(|| Error::Broken("a demonstration without a round".into()))
    }

    fn demo_households(
        &self,
        wanted: Wanted,
        (registrar, verifier): (&Actor, &Actor),
        programme: ProgrammeId,
        (points, shares): (&[Point], &[u64]),
        finished: &mut Finished,
        progress: &dyn Fn(&str, u64, u64),
    ) -> Result<(), Error> {
        let mut inventor = people::Inventor::new(wanted.seed);
        let mut placed =
            shares.iter().enumerate().flat_map(|(place, share)| (0..*share).map(move |position| (place, position)));
        let mut made = 0;
        while made < wanted.households {
            let batch: Vec<(usize, u64)> = placed.by_ref().take(usize::try_from(BATCH).unwrap_or(1)).collect();
            if batch.is_empty() {
                break;
            }
            let mut households = Vec::with_capacity(batch.len());
            let mut earlier = Vec::new();
            let mut decisions = Vec::with_capacity(batch.len());
            for (place, position) in batch {
                made += 1;
                let slot = position / SESSION_SIZE % sessions_for(shares.get(place).copied().unwrap_or(1));
                let (Some(point), Some(about)) = (points.get(place), PLACES.get(place)) else { continue };
                let share = shares.get(place).copied().unwrap_or(1);
                let rt = about.neighbourhood(position, share);
                let known = inventor.household(made, about, u16::try_from(slot + 1).unwrap_or(1), rt);
                // Those who were in the programme of the year before were entered then.
                let before = finished.entering(&known)?;
                let entering = before.unwrap_or(self);
                let id = entering.new_id(HouseholdId::by_time)?;
                let sealed = self.seal_household(id, registrar.agency, registrar.user, &known)?;
                match before.map(Office::now) {
                    None => households.push(sealed),
                    Some(then) => {
                        earlier.push((sealed, then));
                        finished.entered(id, point);
                    }
                }
                decisions.push(decision(programme, id, point.id, slot, verifier));
            }
            let now = self.now();
            self.pool.write("demo_households", |tx| {
                for (household, then) in &earlier {
                    store::households::insert(tx, std::slice::from_ref(household), *then)?;
                }
                store::households::insert(tx, &households, now)?;
                store::beneficiaries::decide(tx, &decisions, now)?;
                Ok::<_, Error>(())
            })?;
            progress("KPM", made, wanted.households);
        }
        Ok(())
    }
}

fn decision(
    programme: ProgrammeId,
    household: HouseholdId,
    point: PointId,
    slot: u64,
    verifier: &Actor,
) -> Beneficiary {
    Beneficiary {
        programme,
        household,
        standing: Standing::Approved,
        point: Some(point),
        session_no: i32::try_from(slot + 1).unwrap_or(1),
        desk_no: 1,
        package_code: "SEMBAKO-A".into(),
        approved_by: verifier.user,
    }
}

/// How many time slots a point has: at most three a day over ten days; larger points have fuller slots.
fn sessions_for(share: u64) -> u64 {
    share.div_ceil(SESSION_SIZE).clamp(1, 30)
}

fn agency() -> NewAgency {
    NewAgency {
        code: "DINSOS".into(),
        government: "Pemerintah Kabupaten Kutai Kartanegara".into(),
        name: "Dinas Sosial".into(),
        address: "Tenggarong".into(),
        hotline: "0541-000-000 (contoh)".into(),
        zone: Zone::Wita,
    }
}

fn new_user(username: &str, name: &str, role: Role, point: Option<PointId>) -> NewUser {
    NewUser { username: username.into(), name: name.into(), role, password: DEMO_PASSWORD.into(), point }
}

fn demo_user(username: &str, role: Role, point: Option<String>) -> DemoUser {
    DemoUser { username: username.into(), password: DEMO_PASSWORD.into(), role, point }
}

fn package_a() -> Result<Vec<Item>, Error> {
    new_items(&[
        ("beras", "Beras", Unit::Gram, 15_000, ("kg", 1_000), 16_000),
        ("minyak", "Minyak goreng", Unit::Millilitre, 4_000, ("l", 1_000), 21_000),
        ("telur", "Telur", Unit::Piece, 60, ("piring", 30), 58_000),
        ("gula", "Gula", Unit::Gram, 3_000, ("kg", 1_000), 18_500),
        ("kemasan", "Kemasan", Unit::Piece, 1, ("buah", 1), 4_500),
    ])
}

/// Code, name, unit, quantity, pack with its size, price of a pack.
type Line = (&'static str, &'static str, Unit, i64, (&'static str, i64), i64);

fn new_items(lines: &[Line]) -> Result<Vec<Item>, Error> {
    let item = |(code, name, unit, quantity, (pack_name, pack_size), price): &Line| {
        Ok(Item {
            code: (*code).into(),
            name: (*name).into(),
            unit: *unit,
            quantity: *quantity,
            pack_name: (*pack_name).into(),
            pack_size: *pack_size,
            pack_price_minor: Money::new(*price).map_err(|fault| Error::Broken(fault.to_string()))?,
        })
    };
    lines.iter().map(item).collect()
}
