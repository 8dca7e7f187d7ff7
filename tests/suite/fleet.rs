//! A fleet of devices as processes: papers are shown at random desks, half of them without network, and each
//! entitlement is handed out once. Also with a server that is killed under them, and over a bad network.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::harness::auditor::log_is_whole;
use crate::harness::books::{self, Expected};
use crate::harness::chaos::Chaos;
use crate::harness::client::Client;
use crate::harness::installation::{Installation, Server, Voucher};
use crate::harness::office::VALUE;
use crate::harness::proof::{count, figure, seed};
use crate::harness::random::Random;
use crate::harness::unit::{Running, Unit};
use crate::rush::first;

/// A device of the fleet, as the oracle knows it.
#[derive(Debug, Clone)]
struct Sheet {
    point: String,
    offline: bool,
    leased: BTreeSet<String>,
}

/// A paper that was shown, and what the screen said.
#[derive(Debug, Clone)]
struct Shown {
    unit: usize,
    voucher: usize,
    verdict: String,
}

/// What is wrong with a day, in sentences: more or fewer handouts than one an entitlement, or a refusal for a
/// reason that cannot have been.
fn faults(sheets: &[Sheet], vouchers: &[Voucher], shown: &[Shown]) -> Vec<String> {
    let mut faults = Vec::new();
    let mut greens: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for one in shown.iter().filter(|one| one.verdict == "valid") {
        greens.entry(one.voucher).or_default().push(one.unit);
    }
    for (voucher, units) in &greens {
        if units.len() > 1 {
            faults.push(format!("{} was handed out {} times", vouchers[*voucher].entitlement_id, units.len()));
        }
    }
    for (place, voucher) in vouchers.iter().enumerate() {
        if !greens.contains_key(&place) {
            faults.push(format!("{} was never handed out", voucher.entitlement_id));
        }
    }
    for one in shown.iter().filter(|one| one.verdict != "valid") {
        let (sheet, voucher) = (&sheets[one.unit], &vouchers[one.voucher]);
        let own = sheet.leased.contains(&voucher.entitlement_id);
        let handed = greens.contains_key(&one.voucher);
        let with_another = sheets
            .iter()
            .enumerate()
            .any(|(unit, other)| unit != one.unit && other.leased.contains(&voucher.entitlement_id))
            || greens.get(&one.voucher).is_some_and(|units| units.iter().any(|unit| *unit != one.unit));
        let right = match one.verdict.as_str() {
            "wrong_point" => sheet.point != voucher.point && !own,
            "already_redeemed" => handed && sheet.point == voucher.point,
            "not_ready" => sheet.offline && !own && sheet.point == voucher.point,
            "leased_elsewhere" => !sheet.offline && with_another && sheet.point == voucher.point,
            _ => false,
        };
        if !right {
            faults.push(format!(
                "{} at device {} of {} was refused as {}",
                voucher.entitlement_id, one.unit, sheet.point, one.verdict
            ));
        }
    }
    faults
}

/// The points with the most vouchers, and their ids.
fn points(installation: &Installation, base: &str, vouchers: &[Voucher], most: usize) -> Vec<(String, String)> {
    let mut many: BTreeMap<&str, usize> = BTreeMap::new();
    for voucher in vouchers {
        *many.entry(&voucher.point).or_default() += 1;
    }
    let mut codes: Vec<_> = many.into_iter().collect();
    codes.sort_by_key(|(code, many)| (usize::MAX - many, *code));
    let said = Client::new(installation.token("admin")).get(base, "/points?limit=500").unwrap().body;
    let id = |code: &str| {
        let found = said["items"].as_array().unwrap().iter().find(|point| point["code"] == code);
        found.unwrap_or_else(|| panic!("no point {code}"))["id"].as_str().unwrap().to_owned()
    };
    codes.into_iter().take(most).map(|(code, _)| (id(code), code.to_owned())).collect()
}

/// Shows every paper of the list, several at a time; no two scans at one device overlap.
fn show(running: &[Mutex<Running>], vouchers: &[Voucher], plan: &[(usize, usize)]) -> Vec<Shown> {
    let (next, shown) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                while let Some(&(unit, voucher)) = plan.get(next.fetch_add(1, Ordering::SeqCst)) {
                    let said = running[unit].lock().unwrap().scan(&vouchers[voucher].code);
                    let verdict = said["verdict"].as_str().unwrap().to_owned();
                    shown.lock().unwrap().push(Shown { unit, voucher, verdict });
                }
            });
        }
    });
    shown.into_inner().unwrap()
}

/// A fleet at its points, half of it with leases and without network.
struct Fleet {
    units: Vec<Unit>,
    sheets: Vec<Sheet>,
    vouchers: Vec<Voucher>,
}

impl Fleet {
    /// `base`: where the devices find the server.
    fn at(installation: &Installation, server: &Server, base: &str, devices: usize, most: usize) -> Self {
        let all = installation.vouchers(server.base());
        let points = points(installation, server.base(), &all, devices / 2);
        let mut vouchers: Vec<_> =
            all.into_iter().filter(|one| points.iter().any(|(_, code)| *code == one.point)).collect();
        vouchers.truncate(most);
        let units: Vec<Unit> = (0..devices)
            .map(|number| {
                let (id, code) = &points[number % points.len()];
                Unit::enrol(installation, base, (id, code), &format!("Armada {number}"))
            })
            .collect();
        let mut sheets: Vec<Sheet> = units
            .iter()
            .enumerate()
            .map(|(number, unit)| Sheet {
                point: unit.point.clone(),
                offline: (number / points.len()).is_multiple_of(2),
                leased: BTreeSet::new(),
            })
            .collect();
        // Of each point's entitlements, half go to its devices without network.
        for (place, voucher) in vouchers.iter().enumerate().filter(|(place, _)| place % 2 == 0) {
            let there: Vec<usize> =
                (0..devices).filter(|at| sheets[*at].offline && sheets[*at].point == voucher.point).collect();
            sheets[there[(place / 2) % there.len()]].leased.insert(voucher.entitlement_id.clone());
        }
        for (unit, sheet) in units.iter().zip(&sheets).filter(|(_, sheet)| !sheet.leased.is_empty()) {
            let wanted: Vec<&str> = sheet.leased.iter().map(String::as_str).collect();
            for some in wanted.chunks(1_000) {
                let done = unit.call(&[&["lease"], some].concat()).done();
                assert_eq!(done["installed"].as_u64(), Some(some.len() as u64), "{done}");
            }
        }
        Self { units, sheets, vouchers }
    }

    fn start(&self) -> Vec<Mutex<Running>> {
        let run = |(unit, sheet): (&Unit, &Sheet)| {
            Mutex::new(if sheet.offline { unit.run(&["--offline"]) } else { unit.run(&["--sync-every", "5"]) })
        };
        self.units.iter().zip(&self.sheets).map(run).collect()
    }

    /// Every paper one to five times, four of five at its own point.
    fn plan(&self, random: &mut Random) -> Vec<(usize, usize)> {
        let mut plan = Vec::new();
        for (place, voucher) in self.vouchers.iter().enumerate() {
            let own: Vec<usize> = (0..self.units.len()).filter(|at| self.sheets[*at].point == voucher.point).collect();
            for _ in 0..random.between(1, 6) {
                let anywhere = random.between(0, 5) == 0;
                let among = if anywhere { self.units.len() } else { own.len() };
                let pick = usize::try_from(random.between(0, among as u64)).unwrap();
                plan.push((if anywhere { pick } else { own[pick] }, place));
            }
        }
        random.shuffle(&mut plan);
        plan
    }

    /// Whoever went away empty-handed goes to the desk that has the right; where none is known to have it, to one
    /// with network after the other.
    fn second_round(&self, shown: &[Shown], attempt: usize) -> Vec<(usize, usize)> {
        let green: BTreeSet<usize> = shown.iter().filter(|one| one.verdict == "valid").map(|one| one.voucher).collect();
        let mut plan = Vec::new();
        for (place, voucher) in self.vouchers.iter().enumerate().filter(|(place, _)| !green.contains(place)) {
            let holder = self.sheets.iter().position(|sheet| sheet.leased.contains(&voucher.entitlement_id));
            let online: Vec<usize> = (0..self.sheets.len())
                .filter(|at| !self.sheets[*at].offline && self.sheets[*at].point == voucher.point)
                .collect();
            plan.push((holder.unwrap_or_else(|| online[attempt % online.len()]), place));
        }
        plan
    }

    /// Until nobody goes away empty-handed, or somebody always does.
    fn finish(&self, running: &[Mutex<Running>], shown: &mut Vec<Shown>) {
        for attempt in 0..30 {
            let again = self.second_round(shown, attempt);
            if again.is_empty() {
                break;
            }
            shown.extend(show(running, &self.vouchers, &again));
        }
    }

    /// Everybody tells everything.
    fn sync(&self) {
        for unit in &self.units {
            let done = unit.call(&["sync"]).done();
            assert_eq!((done["conflicts"].as_u64(), done["bad"].as_u64()), (Some(0), Some(0)), "{done}");
            let status = unit.call(&["status"]).done();
            assert_eq!(status["counts"]["unsynced"].as_u64(), Some(0), "{status}");
            assert!(status["stopped"].is_null(), "{status}");
        }
    }
}

/// The server's own word after a day: every paper of the day redeemed, every chain whole.
fn must_be_redeemed(installation: &Installation, server: &Server, vouchers: &[Voucher]) {
    let after: BTreeMap<String, String> =
        installation.vouchers(server.base()).into_iter().map(|one| (one.entitlement_id, one.state)).collect();
    let open: Vec<String> = vouchers
        .iter()
        .filter(|one| after[&one.entitlement_id] != "redeemed")
        .map(|one| format!("{} is {}", one.entitlement_id, after[&one.entitlement_id]))
        .collect();
    assert!(open.is_empty(), "{} are not redeemed:\n{}\n{}", open.len(), first(&open, 10), server.log());
}

#[test]
fn a_fleet_half_of_it_without_network_hands_every_entitlement_out_once() {
    let seed = seed();
    let devices = usize::try_from(count(10, 100, 100)).unwrap();
    let wanted = usize::try_from(count(300, 10_000, 10_000)).unwrap();
    let installation = Installation::demo(u32::try_from(count(1_000, 10_000, 10_000)).unwrap(), seed);
    let server = installation.serve();
    let fleet = Fleet::at(&installation, &server, server.base(), devices, wanted);
    let mut random = Random::seeded(seed);

    let running = fleet.start();
    let mut shown = show(&running, &fleet.vouchers, &fleet.plan(&mut random));
    fleet.finish(&running, &mut shown);
    running.into_iter().for_each(|one| one.into_inner().unwrap().end());
    fleet.sync();

    let faults = faults(&fleet.sheets, &fleet.vouchers, &shown);
    assert!(faults.is_empty(), "seed {seed}, {} faults:\n{}\n{}", faults.len(), first(&faults, 10), server.log());
    must_be_redeemed(&installation, &server, &fleet.vouchers);
    let redeemed = i64::try_from(fleet.vouchers.len()).unwrap();
    let issued = i64::try_from(installation.vouchers(server.base()).len()).unwrap();
    let expected = Expected { issued, redeemed, realised: redeemed * VALUE, ..Expected::default() };
    books::must_close(
        &Client::new(installation.token("finance")),
        server.base(),
        installation.round(),
        VALUE,
        expected,
    );
    log_is_whole(&installation);
    let refused = shown.iter().filter(|one| one.verdict != "valid").count();
    figure(&format!(
        "fleet: {devices} devices, {} entitlements, {} papers shown: {redeemed} handouts, 0 double, {refused} refusals with the right reason",
        fleet.vouchers.len(),
        shown.len()
    ));
}

#[test]
fn a_server_that_is_killed_under_its_devices_forgets_nothing_that_was_green() {
    let seed = seed();
    let kills = count(4, 200, 50);
    let installation = Installation::demo(u32::try_from(count(600, 6_000, 2_500)).unwrap(), seed);
    let mut server = installation.serve();
    let network = Chaos::before(server.base(), seed, 0);
    let fleet = Fleet::at(&installation, &server, network.base(), 8, usize::MAX);
    let mut random = Random::seeded(seed);
    let running = fleet.start();
    let plan = fleet.plan(&mut random);
    let each = plan.len() / usize::try_from(kills + 1).unwrap();
    let mut shown = Vec::new();
    let mut rest = plan.as_slice();
    for _ in 0..kills {
        let (now, later) = rest.split_at(each.min(rest.len()));
        rest = later;
        let wait = std::time::Duration::from_micros(random.between(0, 400_000));
        std::thread::scope(|scope| {
            let day = scope.spawn(|| show(&running, &fleet.vouchers, now));
            linger(wait);
            server.kill_nine();
            server = installation.serve();
            network.lead_to(server.base());
            shown.extend(day.join().unwrap());
        });
    }
    shown.extend(show(&running, &fleet.vouchers, rest));
    fleet.finish(&running, &mut shown);
    running.into_iter().for_each(|one| one.into_inner().unwrap().end());
    fleet.sync();
    // While the server is away, a device with network has as little as one without.
    let lone: Vec<Sheet> = fleet.sheets.iter().map(|sheet| Sheet { offline: true, ..sheet.clone() }).collect();
    let shown: Vec<Shown> = shown.into_iter().collect();
    let (away, with): (Vec<_>, Vec<_>) = shown.iter().cloned().partition(|one| one.verdict == "not_ready");
    let mut found = faults(&fleet.sheets, &fleet.vouchers, &with);
    let greens: Vec<Shown> = with.iter().filter(|one| one.verdict == "valid").cloned().collect();
    found.extend(faults(&lone, &fleet.vouchers, &[away, greens].concat()));
    assert!(found.is_empty(), "seed {seed}, {} faults:\n{}\n{}", found.len(), first(&found, 10), server.log());
    must_be_redeemed(&installation, &server, &fleet.vouchers);
    figure(&format!(
        "kill -9 of the server under 8 devices, {kills} times: {} handouts, 0 double, 0 lost (3/{kills} a kill)",
        fleet.vouchers.len()
    ));
}

#[expect(clippy::disallowed_methods, reason = "the moment of a crash is a time")]
fn linger(time: std::time::Duration) {
    std::thread::sleep(time);
}

#[test]
fn over_a_network_that_cuts_doubles_and_swallows_every_handout_arrives_once() {
    let seed = seed();
    let installation = Installation::demo(u32::try_from(count(240, 2_000, 2_000)).unwrap(), seed);
    let server = installation.serve();
    let network = Chaos::before(server.base(), seed, 0);
    let fleet = Fleet::at(&installation, &server, network.base(), 4, usize::MAX);
    let rough = Chaos::before(server.base(), seed, 60);
    let address = rough.base().to_owned();
    let mut random = Random::seeded(seed);
    let running: Vec<Mutex<Running>> = fleet
        .units
        .iter()
        .zip(&fleet.sheets)
        .map(|(unit, sheet)| {
            let offline: &[&str] = if sheet.offline { &["--offline"] } else { &["--sync-every", "1"] };
            Mutex::new(unit.run(&[offline, &["--server", &address]].concat()))
        })
        .collect();
    let mut shown = show(&running, &fleet.vouchers, &fleet.plan(&mut random));
    fleet.finish(&running, &mut shown);
    running.into_iter().for_each(|one| one.into_inner().unwrap().end());
    // Those with leases tell it over the bad line, until it has come through.
    for unit in &fleet.units {
        let told = (0..60).any(|_| unit.call(&["sync", "--server", &address]).code == Some(0));
        assert!(told, "sixty tries over a bad line");
    }
    rough.behave();
    fleet.sync();
    let green: Vec<Shown> = shown.iter().filter(|one| one.verdict == "valid").cloned().collect();
    let found = faults(&fleet.sheets, &fleet.vouchers, &green);
    assert!(found.is_empty(), "seed {seed}, {} faults:\n{}\n{}", found.len(), first(&found, 10), server.log());
    must_be_redeemed(&installation, &server, &fleet.vouchers);
    let mishaps = rough.mishaps();
    assert!(mishaps.iter().all(|many| *many > 0), "every mishap happened: {mishaps:?}");
    figure(&format!(
        "bad network: {} handouts, 0 double, 0 lost over {} requests that were delayed, cut, swallowed or sent twice",
        fleet.vouchers.len(),
        mishaps.iter().sum::<u64>()
    ));
}

#[test]
fn a_double_handout_a_missing_one_and_a_wrong_reason_are_noticed() {
    let voucher = Voucher {
        entitlement_id: "e".into(),
        code: "c".into(),
        typed_code: "t".into(),
        household: "h".into(),
        point: "A".into(),
        state: "available".into(),
        print_no: 1,
    };
    let sheet = |point: &str, offline: bool, leased: &[&str]| Sheet {
        point: point.into(),
        offline,
        leased: leased.iter().map(|one| (*one).to_owned()).collect(),
    };
    let sheets = [sheet("A", true, &["e"]), sheet("A", true, &[]), sheet("A", false, &[]), sheet("B", true, &[])];
    let shown = |list: &[(usize, &str)]| -> Vec<Shown> {
        list.iter().map(|(unit, verdict)| Shown { unit: *unit, voucher: 0, verdict: (*verdict).to_owned() }).collect()
    };
    let wrong = |list: &[(usize, &str)]| faults(&sheets, std::slice::from_ref(&voucher), &shown(list)).len();
    let well = [(0, "valid"), (0, "already_redeemed"), (1, "not_ready"), (2, "leased_elsewhere"), (3, "wrong_point")];
    assert_eq!(wrong(&well), 0);
    assert_eq!(wrong(&[(0, "valid"), (2, "valid")]), 1);
    assert_eq!(wrong(&[]), 1);
    for (unit, verdict) in
        [(0, "not_ready"), (1, "wrong_point"), (1, "leased_elsewhere"), (3, "already_redeemed"), (2, "expired")]
    {
        assert_eq!(wrong(&[(0, "valid"), (unit, verdict)]), 1, "{unit} {verdict}");
    }
}
