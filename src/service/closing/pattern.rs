//! What no queue explains: people who collect for others again and again, vouchers scanned faster than anybody
//! can hand over, handouts in the night. Each is a case with its receipts, once; a person decides what it was.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::super::{Error, NewCase, Office};
use crate::domain::case::CaseKind;
use crate::domain::id::{AgencyId, Identifier, PointId};
use crate::domain::programme::{Round, Rules};
use crate::domain::sealed::Field;
use crate::domain::time::{Timestamp, Zone, at};
use crate::store::closings::Taken;
use crate::store::{self, Write};

// From when on a pattern is looked at is the agency's choice (`Rules`).

/// The share of proxies at a point says something when it has handed out so many packages at least.
const PROXY_SHARE_FROM: usize = 10;
/// Where a point has no sessions on a day, it is open from then …
const OPENS_MINUTE: i64 = 6 * 60;
/// … until then.
const CLOSES_MINUTE: i64 = 20 * 60;
/// A desk that begins early or ends late by so much is at work.
const GRACE_MILLIS: i64 = 2 * 3_600_000;
/// So many receipts are named in a case; the rest are counted.
const NAMED: usize = 12;

fn evidence(numbers: &[&str]) -> String {
    let mut text = numbers.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
    if numbers.len() > NAMED {
        text.push_str(&format!(" + {}", numbers.len() - NAMED));
    }
    text
}

impl Office {
    /// Opens a case for each pattern in a round, or at one point of it. Returns how many patterns there are.
    pub(super) fn find_patterns(
        &self,
        tx: &mut Write<'_>,
        agency: AgencyId,
        round: &Round,
        point: Option<PointId>,
    ) -> Result<i64, Error> {
        let chosen = store::agencies::find(tx, agency)?;
        let (zone, rules) = chosen.map_or((Zone::default(), Rules::default()), |agency| (agency.zone, agency.rules));
        let taken = store::closings::taken(tx, round.id, point, None)?;
        let mut found = Vec::new();
        proxies_of_points(&taken, round, rules, &mut found);
        paces(&taken, round, (zone, rules), &mut found);
        let sessions = store::rounds::sessions_of(tx, round.id)?;
        let slots: Vec<(PointId, Timestamp, Timestamp)> =
            sessions.into_iter().map(|one| (one.point, one.starts_at, one.ends_at)).collect();
        hours(&taken, round, zone, &slots, &mut found);
        self.proxies_by_name(tx, round, (point, rules), &taken, &mut found)?;
        let count = i64::try_from(found.len()).unwrap_or(i64::MAX);
        for new in found {
            self.open_case(tx, (agency, None), &new)?;
        }
        Ok(count)
    }

    /// Names that collected for others too often. The name itself stays sealed: what tells the case is a
    /// digest of it with the round, and its receipts are named.
    fn proxies_by_name(
        &self,
        tx: &mut Write<'_>,
        round: &Round,
        (point, rules): (Option<PointId>, Rules),
        taken: &[Taken],
        found: &mut Vec<NewCase>,
    ) -> Result<(), Error> {
        if !taken.iter().any(|one| one.by_proxy) {
            return Ok(());
        }
        let mut by_name: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (id, sealed, number) in store::evidence::proxies(tx, round.id, point)? {
            let opened = self.vault.open(Field::CollectorName, id.bytes(), &sealed)?;
            let name: String = String::from_utf8_lossy(&opened).split_whitespace().collect::<Vec<_>>().join(" ");
            by_name.entry(name.to_uppercase()).or_default().push(number);
        }
        for (name, numbers) in by_name.into_iter().filter(|(_, numbers)| numbers.len() >= limit(rules.proxy_times)) {
            let digest = Sha256::new().chain_update(round.id.bytes()).chain_update(name.as_bytes()).finalize();
            let key = data_encoding::HEXLOWER.encode(digest.get(..8).unwrap_or_default());
            let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
            found.push(NewCase {
                point,
                detail: format!("{name} mengambil untuk {} penerima", numbers.len()),
                ..pattern(round, CaseKind::ProxyOften, format!("proxy:{}:{key}", round.id), &numbers)
            });
        }
        Ok(())
    }
}

fn pattern(round: &Round, kind: CaseKind, key: String, numbers: &[&str]) -> NewCase {
    NewCase {
        kind,
        key: Some(key),
        round: Some(round.id),
        point: None,
        entitlement: None,
        device: None,
        detail: String::new(),
        evidence: evidence(numbers),
    }
}

fn limit(chosen: i32) -> usize {
    usize::try_from(chosen).unwrap_or(usize::MAX)
}

fn proxies_of_points(taken: &[Taken], round: &Round, rules: Rules, found: &mut Vec<NewCase>) {
    let mut points: BTreeMap<PointId, (usize, Vec<&str>)> = BTreeMap::new();
    for one in taken {
        let entry = points.entry(one.point).or_default();
        entry.0 += 1;
        if one.by_proxy {
            entry.1.push(&one.number);
        }
    }
    for (point, (all, proxies)) in points {
        if all >= PROXY_SHARE_FROM && proxies.len() * 100 > all * limit(rules.proxy_percent) {
            found.push(NewCase {
                point: Some(point),
                detail: format!("{} dari {all} penyerahan di titik ini kepada wakil", proxies.len()),
                ..pattern(round, CaseKind::ProxyOften, format!("proxy_share:{}:{point}", round.id), &proxies)
            });
        }
    }
}

/// One case a device and day, with the fastest minute of it.
fn paces(taken: &[Taken], round: &Round, (zone, rules): (Zone, Rules), found: &mut Vec<NewCase>) {
    let mut days: BTreeMap<String, (&Taken, usize, Vec<&str>)> = BTreeMap::new();
    for of_device in taken.chunk_by(|one, other| one.device == other.device) {
        let mut first = 0;
        for (last, one) in of_device.iter().enumerate() {
            while of_device
                .get(first)
                .is_some_and(|begin| one.scanned_at.millis() - begin.scanned_at.millis() >= 60_000)
            {
                first += 1;
            }
            let count = last + 1 - first;
            if count <= limit(rules.scans_per_minute) {
                continue;
            }
            let key = format!("pace:{}:{}:{}", round.id, one.device, one.scanned_at.date(zone));
            let fastest = days.entry(key).or_insert_with(|| (one, 0, Vec::new()));
            if count > fastest.1 {
                let numbers = of_device.get(first..=last).unwrap_or_default();
                *fastest = (one, count, numbers.iter().map(|one| one.number.as_str()).collect());
            }
        }
    }
    for (key, (one, count, numbers)) in days {
        found.push(NewCase {
            point: Some(one.point),
            device: Some(one.device),
            detail: format!("{count} penyerahan dalam satu menit, sampai {}", one.scanned_at.short(zone)),
            ..pattern(round, CaseKind::Pace, key, &numbers)
        });
    }
}

/// One case a point and day.
fn hours(
    taken: &[Taken],
    round: &Round,
    zone: Zone,
    slots: &[(PointId, Timestamp, Timestamp)],
    found: &mut Vec<NewCase>,
) {
    let mut days: BTreeMap<(PointId, String), Vec<&str>> = BTreeMap::new();
    for one in taken {
        let day = one.scanned_at.date(zone);
        let of_day = || slots.iter().filter(|slot| slot.0 == one.point && slot.1.date(zone) == day);
        let span = of_day().map(|slot| slot.1).min().zip(of_day().map(|slot| slot.2).max());
        let span = span.map_or_else(
            || at(day, OPENS_MINUTE, zone).ok().zip(at(day, CLOSES_MINUTE, zone).ok()),
            |(opens, closes)| Some((opens.plus_millis(-GRACE_MILLIS), closes.plus_millis(GRACE_MILLIS))),
        );
        if span.is_some_and(|(opens, closes)| one.scanned_at < opens || one.scanned_at >= closes) {
            days.entry((one.point, day.to_string())).or_default().push(&one.number);
        }
    }
    for ((point, day), numbers) in days {
        found.push(NewCase {
            point: Some(point),
            detail: format!("{} penyerahan di luar jam pada {day}", numbers.len()),
            ..pattern(round, CaseKind::OutsideHours, format!("hours:{}:{point}:{day}", round.id), &numbers)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::id::{DeviceId, PackageId, ProgrammeId, RoundId};

    fn round() -> Round {
        let moment = Timestamp::parse("2026-12-07T08:00:00+08:00").unwrap();
        Round {
            id: RoundId::random([1; 16]),
            programme: ProgrammeId::random([2; 16]),
            number: 1,
            name: "Tahap 1".into(),
            package: PackageId::random([3; 16]),
            opens_at: moment,
            closes_at: moment.plus_millis(86_400_000),
            issued_at: None,
            paused_reason: None,
        }
    }

    fn usual() -> (Zone, Rules) {
        (Zone::Wita, Rules::default())
    }

    /// Receipts of one device, so many seconds after nine.
    fn scans(seconds: &[i64], proxies: usize) -> Vec<Taken> {
        let nine = Timestamp::parse("2026-12-07T09:00:00+08:00").unwrap();
        seconds
            .iter()
            .enumerate()
            .map(|(place, second)| Taken {
                number: format!("A-{place}"),
                point: PointId::random([4; 16]),
                device: DeviceId::random([5; 16]),
                by_proxy: place < proxies,
                scanned_at: nine.plus_millis(second * 1_000),
                received_at: nine.plus_millis(second * 1_000),
                value_minor: 1,
            })
            .collect()
    }

    #[test]
    fn six_in_a_minute_is_a_queue_and_seven_is_not() {
        let mut found = Vec::new();
        paces(&scans(&[0, 10, 20, 30, 40, 50, 60, 70], 0), &round(), usual(), &mut found);
        assert!(found.is_empty(), "{found:?}");
        paces(&scans(&[0, 9, 18, 27, 36, 45, 54, 300], 0), &round(), usual(), &mut found);
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].evidence, "A-0, A-1, A-2, A-3, A-4, A-5, A-6");
    }

    #[test]
    fn an_agency_that_looks_later_or_sooner_finds_less_or_more() {
        let mut found = Vec::new();
        let quick = scans(&[0, 9, 18, 27, 36, 45, 54, 300], 0);
        let of = |scans_per_minute| (Zone::Wita, Rules { scans_per_minute, ..Rules::default() });
        paces(&quick, &round(), of(7), &mut found);
        assert!(found.is_empty());
        paces(&quick, &round(), of(2), &mut found);
        assert_eq!(found.len(), 1);
        found.clear();
        let few = scans(&(0..20).map(|place| place * 60).collect::<Vec<_>>(), 2);
        proxies_of_points(&few, &round(), Rules { proxy_percent: 9, ..Rules::default() }, &mut found);
        assert_eq!(found.len(), 1, "2 of 20 are more than 9 in a hundred");
    }

    #[test]
    fn one_in_ten_by_proxy_is_usual_and_more_is_looked_at() {
        let seconds: Vec<i64> = (0..20).map(|place| place * 60).collect();
        let mut found = Vec::new();
        proxies_of_points(&scans(&seconds, 2), &round(), Rules::default(), &mut found);
        assert!(found.is_empty());
        proxies_of_points(&scans(&seconds, 3), &round(), Rules::default(), &mut found);
        assert_eq!((found.len(), found[0].kind), (1, CaseKind::ProxyOften));
        proxies_of_points(&scans(&seconds[..9], 9), &round(), Rules::default(), &mut found);
        assert_eq!(found.len(), 1, "too few to say anything");
    }

    #[test]
    fn the_night_is_found_and_the_hours_of_a_session_with_their_grace_are_not() {
        let mut found = Vec::new();
        let night = scans(&[0, 12 * 3_600, 13 * 3_600], 0);
        hours(&night, &round(), Zone::Wita, &[], &mut found);
        assert_eq!((found.len(), found[0].evidence.as_str()), (1, "A-1, A-2"), "21.00 and 22.00");
        let opens = Timestamp::parse("2026-12-07T18:00:00+08:00").unwrap();
        let slot = (PointId::random([4; 16]), opens, opens.plus_millis(3 * 3_600_000));
        found.clear();
        hours(&night, &round(), Zone::Wita, &[slot], &mut found);
        assert_eq!(found[0].evidence, "A-0", "an evening session: nine in the morning is the odd one");
    }
}
