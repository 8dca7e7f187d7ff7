//! A search among a million households, on both engines, beside the bare engine's lookup by primary key.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::postgres;
use diesel::prelude::*;
use diesel::sql_types::Binary;
use salur::clock::{SystemClock, SystemEntropy};
use salur::domain::household::fold_name;
use salur::domain::id::{HouseholdId, Identifier as _};
use salur::domain::role::Role;
use salur::domain::sealed::{BlindIndex, Field, Sealed};
use salur::domain::time::{Timestamp, Zone};
use salur::service::{Actor, NewAgency, Office, SearchWanted, prepare};
use salur::store::households::Household;
use salur::store::{self, Conn, Pool};
use salur::vault::{MasterKey, Vault};

/// How many households, unless `SALUR_BENCH_HOUSEHOLDS` says otherwise.
const HOUSEHOLDS: u64 = 1_000_000;
const SEARCHES: usize = 2_000;
const BATCH: u64 = 5_000;

const FIRST: &[&str] = &[
    "SITI",
    "MUHAMMAD",
    "ABDUL",
    "NUR",
    "SRI",
    "AHMAD",
    "HALIMAH",
    "FATIMAH",
    "SLAMET",
    "RUSMINI",
    "SYAHRANI",
    "SUMARNI",
    "JUMIATI",
    "MARIAM",
    "BAHARUDDIN",
    "NORLIANI",
    "HERMANSYAH",
    "SUPARDI",
    "MARTHA",
    "YOHANES",
    "ROSDIANA",
    "KASIM",
    "ARBAYAH",
    "TUMINAH",
    "JUHRANI",
    "MASNAH",
    "SUKARDI",
    "MARKUS",
    "LING",
    "BASO",
];
const LAST: &[&str] = &[
    "AMINAH",
    "RAHMAN",
    "HAMID",
    "AISYAH",
    "YUSRAN",
    "WAHYUNI",
    "HASANAH",
    "SANUSI",
    "ARIFIN",
    "EFENDI",
    "SANTOSO",
    "LAHANG",
    "LUHAT",
    "WIJAYA",
    "RAHAYU",
    "ARSYAD",
    "NOOR",
    "SALEH",
    "JALUNG",
    "KUSUMA",
    "HANDAYANI",
    "GANI",
    "TENRI",
];
const PARTS: &[&str] =
    &["BA", "RI", "SU", "MAN", "TO", "LE", "KAR", "DI", "NA", "WAN", "SA", "RU", "GI", "JA", "MI", "PE"];

/// SplitMix64.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((mixed ^ (mixed >> 31)) % u64::try_from(bound).unwrap()).unwrap()
    }

    /// Earlier ones far more often: about as names are spread among people.
    fn pick<'a>(&mut self, from: &[&'a str]) -> &'a str {
        let at = self.below(from.len()).min(self.below(from.len())).min(self.below(from.len()));
        from[at]
    }

    /// One of some four thousand rarer words.
    fn rare(&mut self) -> String {
        (0..3).map(|_| PARTS[self.below(PARTS.len())]).collect()
    }

    fn name(&mut self) -> String {
        let first = if self.below(10) < 7 { self.pick(FIRST).to_owned() } else { self.rare() };
        let last = if self.below(10) < 5 { self.pick(LAST).to_owned() } else { self.rare() };
        match self.below(10) {
            0 => format!("HJ. {first} {last}"),
            1..=2 => format!("{first} {last} BINTI {}", self.pick(FIRST)),
            _ => format!("{first} {last}"),
        }
    }

    fn village(&mut self) -> String {
        let at = self.below(237).min(self.below(237));
        format!(
            "{} {}",
            ["LOA", "MUARA", "KOTA", "LONG", "SEBULU"][at % 5],
            PARTS[at % 16].repeat(1 + at / 80) + PARTS[at % 7]
        )
    }
}

/// What is looked for, of one kind.
const KINDS: [&str; 6] =
    ["one common word", "two common words", "a rare word", "half a word and one", "a NIK's tail", "word and village"];

fn wanted(kind: usize, chance: &mut Chance, tails: &[String]) -> SearchWanted {
    let text = match kind {
        0 => chance.pick(FIRST).to_lowercase(),
        1 => format!("{} {}", chance.pick(LAST), chance.pick(FIRST)).to_lowercase(),
        2 => chance.rare(),
        3 => format!("{} {}", &chance.pick(FIRST)[..3.min(chance.pick(FIRST).len())], chance.pick(LAST)),
        4 => tails[chance.below(tails.len())].clone(),
        _ => format!("{} {}", chance.pick(FIRST), chance.village()),
    };
    SearchWanted { text, limit: Some(50), ..SearchWanted::default() }
}

pub(crate) fn run() {
    let households: u64 =
        std::env::var("SALUR_BENCH_HOUSEHOLDS").ok().and_then(|text| text.parse().ok()).unwrap_or(HOUSEHOLDS);
    println!(
        "{households} households, {SEARCHES} searches of 50 rows; the look is put on record each time (milliseconds)\n"
    );
    println!("{:<10} {:<24} {:>8} {:>8} {:>8}", "engine", "what", "p50", "p99", "max");
    let folder = tempfile::tempdir().unwrap();
    on(&format!("sqlite://{}", folder.path().join("bench.db").display()), "SQLite", households);
    let cluster = postgres::Cluster::start(postgres::Mode::Durable);
    on(&cluster.empty_database(), "PostgreSQL", households);
}

fn on(location: &str, engine: &str, households: u64) {
    let pool = prepare(location, 4).unwrap();
    let vault = Vault::new(&MasterKey::from_random([7; 32])).unwrap();
    let index = Vault::new(&MasterKey::from_random([7; 32])).unwrap();
    let office = Office::open(
        pool.clone(),
        vault,
        Arc::new(SystemClock),
        Arc::new(SystemEntropy),
        None,
        &std::env::temp_dir().join(format!("salur-bench-facts-{}-{engine}", std::process::id())),
    )
    .unwrap();
    let agency = NewAgency {
        code: "BENCH".into(),
        government: "Kabupaten Contoh".into(),
        name: "Dinas Contoh".into(),
        address: String::new(),
        hotline: "0541-000".into(),
        zone: Zone::Wita,
    };
    let admin = office.found(&agency, ("bench", "Bench", "a long password")).unwrap();
    let began = Instant::now();
    let ids = fill(&pool, &admin, &office, &index, households);
    let filled = began.elapsed();
    pool.read(|conn| {
        diesel::sql_query("ANALYZE").execute(conn)?;
        if let Conn::Postgres(inner) = conn {
            diesel::sql_query("VACUUM").execute(inner)?;
        }
        Ok::<_, store::Error>(())
    })
    .unwrap();
    let clerk = Actor { role: Role::Auditor, ..admin };
    let tails: Vec<String> = (0..200).map(|number| format!("{:04}", number * 49 + 1)).collect();
    let mut chance = Chance(3);
    let mut all = Vec::new();
    let mut by_kind = vec![Vec::new(); KINDS.len()];
    for number in 0..SEARCHES + 60 {
        let kind = number % KINDS.len();
        let wanted = wanted(kind, &mut chance, &tails);
        let began = Instant::now();
        office.search_households(&clerk, &wanted).unwrap();
        // The first ones warm the caches.
        if number >= 60 {
            all.push(began.elapsed());
            by_kind[kind].push(began.elapsed());
        }
    }
    line(engine, "all searches", &mut all);
    for (kind, times) in KINDS.iter().zip(&mut by_kind) {
        line("", kind, times);
    }
    let mut bare: Vec<Duration> = (0..SEARCHES).map(|_| lookup(&pool, ids[chance.below(ids.len())])).collect();
    line("", "bare: by primary key", &mut bare);
    let seconds = filled.as_secs_f64();
    println!("{:<10} filled in {seconds:.0} s, {:.0} households a second\n", "", households as f64 / seconds);
}

fn fill(pool: &Pool, admin: &Actor, office: &Office, vault: &Vault, count: u64) -> Vec<HouseholdId> {
    let mut chance = Chance(1);
    let mut kept = Vec::new();
    let now = office.now();
    let mut made = 0;
    while made < count {
        let batch: Vec<Household> =
            (made..(made + BATCH).min(count)).map(|number| household(number, admin, now, &mut chance, vault)).collect();
        kept.extend(batch.iter().step_by(97).map(|one| one.id));
        made += u64::try_from(batch.len()).unwrap();
        pool.write("bench", |tx| store::households::insert(tx, &batch, now)).unwrap();
    }
    kept
}

fn household(number: u64, admin: &Actor, now: Timestamp, chance: &mut Chance, vault: &Vault) -> Household {
    let mut random = [0; 10];
    for byte in &mut random {
        *byte = u8::try_from(chance.below(256)).unwrap();
    }
    let at = now.plus_millis(i64::try_from(number / 1_000).unwrap());
    let (name, village) = (chance.name(), chance.village());
    let sealed = || Sealed::from_ciphertext(vec![1; 60]);
    let mut own = [0; 16];
    own[..8].copy_from_slice(&number.to_be_bytes());
    let tail = format!("{:04}", number % 9_999 + 1);
    Household {
        id: HouseholdId::by_time(at, random),
        agency: admin.agency,
        source_id: format!("BENCH-{number:07}"),
        name_folded: fold_name(&name),
        village_folded: fold_name(&village),
        name,
        village,
        sex: Some("P".into()),
        relation: "KEPALA KELUARGA".into(),
        rt: "001".into(),
        village_code: String::new(),
        sub_district: "CONTOH".into(),
        decile: Some(1),
        civil_match: Some(true),
        vulnerabilities: "LANSIA".into(),
        note: String::new(),
        nik: None,
        family_card: Some((sealed(), BlindIndex(own))),
        address: sealed(),
        birth_date: Some(sealed()),
        entered_by: admin.user,
        nik_tail: Some(vault.blind_index(Field::NikTail, &tail)),
    }
}

#[derive(QueryableByName)]
struct Name {
    #[diesel(sql_type = diesel::sql_types::Text)]
    #[allow(dead_code)]
    name: String,
}

/// The same engine asked for one household by its primary key, and nothing else.
fn lookup(pool: &Pool, id: HouseholdId) -> Duration {
    let began = Instant::now();
    pool.read(|conn| {
        let sql = "SELECT name FROM households WHERE id = $1";
        let found: Vec<Name> = match conn {
            Conn::Sqlite(inner) => diesel::sql_query(sql).bind::<Binary, _>(id.bytes().to_vec()).load(inner)?,
            Conn::Postgres(inner) => diesel::sql_query(sql).bind::<Binary, _>(id.bytes().to_vec()).load(inner)?,
        };
        assert_eq!(found.len(), 1);
        Ok::<_, store::Error>(())
    })
    .unwrap();
    began.elapsed()
}

fn line(engine: &str, what: &str, times: &mut [Duration]) {
    times.sort_unstable();
    let at = |share: usize| times[(times.len() - 1) * share / 1_000].as_secs_f64() * 1_000.0;
    println!("{engine:<10} {what:<24} {:>8.2} {:>8.2} {:>8.2}", at(500), at(990), at(1_000));
}
