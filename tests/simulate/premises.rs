//! An installation to begin a day with: one point with a desk, and ten entitlements, each in a round of its own, so
//! that each can end for itself. It is made once and copied for every seed.

use std::path::Path;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, OnceLock};

use salur::clock::{Clock, Entropy};
use salur::domain::entitlement::Entitlement;
use salur::domain::id::{DeviceId, HouseholdId, Identifier, ProgrammeId};
use salur::domain::money::Money;
use salur::domain::package::{Item, Unit};
use salur::domain::programme::{Point, Window};
use salur::domain::role::Role;
use salur::domain::sealed::Sealed;
use salur::domain::time::{Timestamp, Zone};
use salur::domain::verval::Standing;
use salur::service::{
    Actor, NewAgency, NewDevice, NewPackage, NewPoint, NewProgramme, NewRound, NewUser, Office, User, prepare,
};
use salur::store;
use salur::store::beneficiaries::{Beneficiary, decide};
use salur::store::households::{self, Household};
use salur::token::sync::FullHandout;
use salur::vault::{MasterKey, Vault};
use tempfile::TempDir;

use crate::random::Random;

/// How many entitlements there are.
const RIGHTS: u8 = 10;
/// What each is worth.
pub(crate) const VALUE: i64 = 160_000;

/// A clock that shows what it was set to.
#[derive(Debug, Default)]
pub(crate) struct HeldClock(AtomicI64);

impl HeldClock {
    pub(crate) fn set(&self, millis: i64) {
        self.0.store(millis, Ordering::Relaxed);
    }
}

impl Clock for HeldClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(self.0.load(Ordering::Relaxed)).unwrap()
    }
}

/// Randomness that a seed repeats.
#[derive(Debug)]
pub(crate) struct Drawn(Mutex<Random>);

impl Drawn {
    pub(crate) const fn seeded(seed: u64) -> Self {
        Self(Mutex::new(Random::seeded(seed)))
    }
}

impl Entropy for Drawn {
    fn fill(&self, buffer: &mut [u8]) -> bool {
        let mut random = self.0.lock().unwrap();
        for chunk in buffer.chunks_mut(8) {
            chunk.copy_from_slice(&random.word().to_le_bytes()[..chunk.len()]);
        }
        true
    }
}

/// What of a made installation a day must know.
pub(crate) struct Premises {
    /// The files, in memory: what is made once and never dropped must leave no folder behind.
    database: Vec<u8>,
    facts: Vec<u8>,
    pub(crate) programme: ProgrammeId,
    pub(crate) point: Point,
    pub(crate) rights: Vec<Entitlement>,
    /// Of each right's round.
    pub(crate) full: Vec<FullHandout>,
    pub(crate) desk: DeviceId,
    /// At the desk.
    pub(crate) operator: Actor,
    pub(crate) admin: Actor,
    pub(crate) coordinator: Actor,
}

pub(crate) fn vault() -> Vault {
    Vault::new(&MasterKey::from_random([7; 32])).unwrap()
}

/// A window in which every clock of a day falls.
pub(crate) fn always() -> Window {
    Window { opens_at: Timestamp::from_millis(0).unwrap(), closes_at: crate::world::end_of_time() }
}

/// One that every clock of a day is behind.
pub(crate) fn over() -> Window {
    Window { opens_at: Timestamp::from_millis(0).unwrap(), closes_at: Timestamp::from_millis(1).unwrap() }
}

/// A folder for a database that need not outlive the test: in memory, where there is such a place, since the disk's
/// patience is not what is tested here.
pub(crate) fn scratch() -> TempDir {
    let memory = Path::new("/dev/shm");
    let mut builder = tempfile::Builder::new();
    builder.prefix("salur-simulate-");
    if memory.is_dir() { builder.tempdir_in(memory).or_else(|_| builder.tempdir()) } else { builder.tempdir() }.unwrap()
}

impl Premises {
    /// The one that all days begin with.
    pub(crate) fn get() -> &'static Self {
        static MADE: OnceLock<Premises> = OnceLock::new();
        MADE.get_or_init(Self::make)
    }

    /// Writes the database and the facts into a folder.
    pub(crate) fn copy_into(&self, folder: &Path) {
        std::fs::write(folder.join("salur.db"), &self.database).unwrap();
        std::fs::create_dir(folder.join("facts")).unwrap();
        std::fs::write(folder.join("facts/facts.log"), &self.facts).unwrap();
    }

    fn make() -> Self {
        let folder = scratch();
        let clock = Arc::new(HeldClock::default());
        clock.set(1_796_000_000_000);
        let pool = prepare(&format!("sqlite://{}", folder.path().join("salur.db").display()), 2).unwrap();
        let facts = folder.path().join("facts");
        let office = Office::open(pool.clone(), vault(), clock, Arc::new(Drawn::seeded(1)), None, &facts).unwrap();
        let agency = NewAgency {
            code: "SIM".into(),
            government: "Kabupaten Contoh".into(),
            name: "Dinas".into(),
            address: "Contoh".into(),
            hotline: "0".into(),
            zone: Zone::Wita,
        };
        let admin = office.found(&agency, ("admin", "Admin", "sandi-simulasi")).unwrap();
        let point = NewPoint {
            code: "T-01".into(),
            name: "Titik".into(),
            sub_district: "Contoh".into(),
            ..NewPoint::default()
        };
        let point = office.create_point(&admin, &point).unwrap();
        let person = |role: Role| {
            let at = (role == Role::Operator).then_some(point.id);
            let (username, name) = (role.as_str().to_owned(), role.as_str().to_owned());
            let new = NewUser { username, name, role, password: "sandi-simulasi".into(), point: at };
            acting(&office.create_user(&admin, &new).unwrap())
        };
        let (coordinator, issuer) = (person(Role::Coordinator), person(Role::Issuer));
        let mut operator = person(Role::Operator);
        let desk = office.create_device(&admin, &NewDevice { name: "Meja 1".into(), point: point.id }).unwrap().id;
        operator.device = Some(desk);
        let programme = office.create_programme(&admin, &programme()).unwrap().id;
        let items = items();
        let package = NewPackage { programme, code: "A".into(), name: "Paket".into(), items: items.clone() };
        let package = office.create_package(&admin, &package).unwrap();
        let (mut rights, mut full) = (Vec::new(), Vec::new());
        for number in 1..=RIGHTS {
            let window = always();
            let round = NewRound {
                programme,
                number: i32::from(number),
                name: format!("Tahap {number}"),
                package: package.id,
                opens_at: window.opens_at,
                closes_at: window.closes_at,
                sessions: Vec::new(),
            };
            let round = office.create_round(&admin, &round).unwrap().id;
            let household = household(&admin, number);
            let stands = |standing: Standing| Beneficiary {
                programme,
                household: household.id,
                standing,
                point: Some(point.id),
                session_no: 1,
                desk_no: 1,
                package_code: String::new(),
                approved_by: admin.user,
            };
            // One household a round: those of the rounds before have left the list.
            let change = |add: bool, standing: Standing| {
                let now = office.now();
                pool.write("a world", |tx| {
                    if add {
                        households::insert(tx, std::slice::from_ref(&household), now)?;
                    }
                    decide(tx, &[stands(standing)], now)
                })
                .unwrap();
            };
            change(true, Standing::Approved);
            assert_eq!(office.issue(&issuer, round, &|_, _| {}).unwrap().issued, 1);
            change(false, Standing::NotEligible);
            let listed = pool.read(|conn| store::entitlements::list(conn, round, None, 10)).unwrap();
            let [sheet] = listed.as_slice() else { panic!("one entitlement a round") };
            rights.push(sheet.entitlement.clone());
            full.push(FullHandout {
                round,
                items: items.iter().map(|item| (item.code.clone(), item.quantity)).collect(),
                value_minor: VALUE,
                currency: "IDR".into(),
            });
        }
        drop(office);
        drop(pool);
        let file = folder.path().join("salur.db");
        store::backup::fold(&file.display().to_string()).unwrap();
        let (database, facts) = (std::fs::read(file).unwrap(), std::fs::read(facts.join("facts.log")).unwrap());
        Self { database, facts, programme, point, rights, full, desk, operator, admin, coordinator }
    }
}

fn acting(user: &User) -> Actor {
    Actor {
        user: user.id,
        name: user.name.clone(),
        role: user.role,
        agency: user.agency,
        point: user.point,
        device: None,
        confined: false,
        unconfirmed: false,
        from: None,
    }
}

fn programme() -> NewProgramme {
    NewProgramme {
        code: "P".into(),
        name: "Program".into(),
        account_code: "5".into(),
        account_name: "Belanja".into(),
        decree_no: "1".into(),
        decree_date: None,
        currency: None,
        ceiling: Money::new(VALUE * i64::from(RIGHTS)).unwrap(),
    }
}

fn items() -> Vec<Item> {
    vec![Item {
        code: "beras".into(),
        name: "Beras".into(),
        unit: Unit::Gram,
        quantity: 10_000,
        pack_name: "kg".into(),
        pack_size: 1_000,
        pack_price_minor: Money::new(16_000).unwrap(),
    }]
}

fn household(admin: &Actor, number: u8) -> Household {
    Household {
        id: HouseholdId::from_bytes([number; 16]),
        agency: admin.agency,
        source_id: format!("S{number}"),
        name: format!("Keluarga {number}"),
        name_folded: format!("keluarga {number}"),
        sex: None,
        relation: "kepala".into(),
        rt: "001".into(),
        village_code: "64.02.06.1002".into(),
        village: "Desa".into(),
        sub_district: "Contoh".into(),
        decile: None,
        civil_match: None,
        vulnerabilities: String::new(),
        note: String::new(),
        nik: None,
        family_card: None,
        // Nobody opens it in these days.
        address: Sealed::from_ciphertext(vec![0; 40]),
        birth_date: None,
        entered_by: admin.user,
        nik_tail: None,
        village_folded: "desa".into(),
    }
}
