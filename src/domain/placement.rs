//! Placing households: on the point that serves their village, then neighbours beside each other into
//! sessions and desks.
//!
//! The same households and points always give the same plan, in whatever order they are handed in. Who
//! was placed by a person stays there; the plan fills up around them.

use std::collections::BTreeMap;

use super::id::{HouseholdId, PointId};

/// A point as the plan sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Site {
    /// The point.
    pub point: PointId,
    /// Its sub-district, folded.
    pub sub_district: String,
    /// The official codes of the villages that it serves.
    pub villages: Vec<String>,
    /// How many desks stand side by side.
    pub desks: i32,
    /// How many households one session takes, over all its desks.
    pub session_size: i32,
}

/// Where and when a household collects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    /// The point.
    pub point: PointId,
    /// The time slot, from 1.
    pub session_no: i32,
    /// The desk, from 1.
    pub desk_no: i32,
}

/// A household that is to be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The household.
    pub household: HouseholdId,
    /// The official code of its village, or empty.
    pub village_code: String,
    /// Its village, folded.
    pub village: String,
    /// Its sub-district, folded.
    pub sub_district: String,
    /// Its neighbourhood.
    pub rt: String,
    /// Its name, folded.
    pub name: String,
    /// Where it stays, when it is not to be placed anew.
    pub stays: Option<Spot>,
}

/// Why a household could not be placed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Unplaced {
    /// It has neither a village that is served nor a sub-district.
    NoAddress,
    /// No point lies in its sub-district.
    NoPoint,
    /// Several points lie in its sub-district and none says that it serves its village.
    SeveralPoints,
}

impl Unplaced {
    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAddress => "no_address",
            Self::NoPoint => "no_point",
            Self::SeveralPoints => "several_points",
        }
    }
}

/// What is to be done, and what the points then look like.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Where the households come that do not stay.
    pub placed: Vec<(HouseholdId, Spot)>,
    /// Which cannot be placed, and why.
    pub unplaced: Vec<(HouseholdId, Unplaced)>,
    /// How many sit where, with those who stay.
    pub seats: BTreeMap<Spot, i64>,
}

/// Makes the plan.
#[must_use]
pub fn plan(sites: &[Site], mut candidates: Vec<Candidate>) -> Plan {
    candidates.sort_by(|one, other| key(one).cmp(&key(other)));
    let mut plan = Plan::default();
    for spot in candidates.iter().filter_map(|one| one.stays) {
        *plan.seats.entry(spot).or_default() += 1;
    }
    let by_village: BTreeMap<&str, &Site> =
        sites.iter().flat_map(|site| site.villages.iter().map(move |code| (code.as_str(), site))).collect();
    let mut by_sub_district: BTreeMap<&str, Vec<&Site>> = BTreeMap::new();
    for site in sites {
        by_sub_district.entry(&site.sub_district).or_default().push(site);
    }
    let mut queues: BTreeMap<PointId, (&Site, Vec<HouseholdId>)> = BTreeMap::new();
    for one in candidates.iter().filter(|one| one.stays.is_none()) {
        let site = match by_village.get(one.village_code.as_str()) {
            Some(site) if !one.village_code.is_empty() => Ok(*site),
            _ => match by_sub_district.get(one.sub_district.as_str()).map(Vec::as_slice) {
                _ if one.sub_district.is_empty() => Err(Unplaced::NoAddress),
                None | Some([]) => Err(Unplaced::NoPoint),
                Some([only]) => Ok(*only),
                Some(_) => Err(Unplaced::SeveralPoints),
            },
        };
        match site {
            Ok(site) => queues.entry(site.point).or_insert_with(|| (site, Vec::new())).1.push(one.household),
            Err(why) => plan.unplaced.push((one.household, why)),
        }
    }
    for (site, queue) in queues.into_values() {
        fill(&mut plan, site, &queue);
    }
    plan
}

/// The order in which households sit: neighbours together.
fn key(one: &Candidate) -> (&str, &str, &str, &str, &str, HouseholdId) {
    (&one.sub_district, &one.village, &one.village_code, &one.rt, &one.name, one.household)
}

/// Fills one session after the other, and within a session the desks as evenly as it goes.
fn fill(plan: &mut Plan, site: &Site, queue: &[HouseholdId]) {
    let size = i64::from(site.session_size.max(1));
    let desks = site.desks.max(1);
    let mut queue = queue.iter().copied();
    let mut left = i64::try_from(queue.len()).unwrap_or(i64::MAX);
    let mut session_no = 1;
    while left > 0 {
        let at = |desk_no| Spot { point: site.point, session_no, desk_no };
        let taken: i64 = plan.seats.range(at(i32::MIN)..=at(i32::MAX)).map(|(_, count)| count).sum();
        let mut coming = left.min((size - taken).max(0));
        left -= coming;
        let all = taken + coming;
        for desk_no in 1..=desks {
            let even = all / i64::from(desks) + i64::from(i64::from(desk_no) <= all % i64::from(desks));
            let seats = plan.seats.entry(at(desk_no)).or_default();
            let here = (even - *seats).clamp(0, coming);
            coming -= here;
            *seats += here;
            for _ in 0..here {
                plan.placed.extend(queue.next().map(|household| (household, at(desk_no))));
            }
        }
        session_no += 1;
    }
    plan.seats.retain(|_, count| *count > 0);
}

#[cfg(test)]
mod tests {
    use super::super::id::Identifier;
    use super::*;

    fn point(number: u8) -> PointId {
        PointId::from_bytes([number; 16])
    }

    fn site(number: u8, sub_district: &str, villages: &[&str], desks: i32, session_size: i32) -> Site {
        let villages = villages.iter().map(|code| (*code).to_owned()).collect();
        Site { point: point(number), sub_district: sub_district.into(), villages, desks, session_size }
    }

    fn house(number: u8, code: &str, village: &str, rt: &str, name: &str) -> Candidate {
        Candidate {
            household: HouseholdId::from_bytes([number; 16]),
            village_code: code.into(),
            village: village.into(),
            sub_district: "TENGGARONG".into(),
            rt: rt.into(),
            name: name.into(),
            stays: None,
        }
    }

    fn street(count: u8) -> Vec<Candidate> {
        (1..=count).map(|number| house(number, "", "LOA IPUH", "001", &format!("N{number:03}"))).collect()
    }

    fn id(number: u8) -> HouseholdId {
        HouseholdId::from_bytes([number; 16])
    }

    #[test]
    fn the_village_decides_and_else_the_only_point_of_the_sub_district() {
        let sites =
            [site(1, "TENGGARONG", &["64.02.06.1002"], 1, 40), site(2, "TENGGARONG", &["64.02.06.1004"], 1, 40)];
        let found =
            plan(&sites, vec![house(1, "64.02.06.1004", "TIMBAU", "001", "A"), house(2, "", "MELAYU", "", "B")]);
        assert_eq!(found.placed, [(id(1), Spot { point: point(2), session_no: 1, desk_no: 1 })]);
        assert_eq!(found.unplaced, [(id(2), Unplaced::SeveralPoints)]);
        let one = plan(&sites[..1], vec![house(2, "64.02.06.9999", "MELAYU", "", "B")]);
        assert_eq!(one.placed[0].1.point, point(1));
    }

    #[test]
    fn who_has_no_point_or_no_address_is_listed_with_the_reason() {
        let nowhere = Candidate { sub_district: String::new(), ..house(1, "", "", "", "A") };
        let far = Candidate { sub_district: "TABANG".into(), ..house(2, "", "", "", "B") };
        let found = plan(&[site(1, "TENGGARONG", &[], 1, 40), site(2, "", &[""], 1, 40)], vec![nowhere, far]);
        assert_eq!(found.unplaced, [(id(1), Unplaced::NoAddress), (id(2), Unplaced::NoPoint)]);
        assert!(found.placed.is_empty());
    }

    #[test]
    fn neighbours_sit_together_and_sessions_fill_one_after_the_other() {
        let mut houses = street(9);
        houses[0].rt = "002".into();
        let found = plan(&[site(1, "TENGGARONG", &[], 2, 4)], houses);
        let spots: Vec<(u8, i32, i32)> = found
            .placed
            .iter()
            .map(|(household, spot)| (household.bytes()[0], spot.session_no, spot.desk_no))
            .collect();
        // RT 001 comes before RT 002, and within it the names go by the alphabet.
        assert_eq!(
            spots,
            [(2, 1, 1), (3, 1, 1), (4, 1, 2), (5, 1, 2), (6, 2, 1), (7, 2, 1), (8, 2, 2), (9, 2, 2), (1, 3, 1)]
        );
        assert_eq!(found.seats.values().sum::<i64>(), 9);
    }

    #[test]
    fn who_stays_keeps_the_seat_and_takes_room() {
        let mut houses = street(5);
        let seat = Spot { point: point(1), session_no: 1, desk_no: 2 };
        houses[4].stays = Some(seat);
        let found = plan(&[site(1, "TENGGARONG", &[], 2, 4)], houses);
        assert_eq!(found.placed.len(), 4);
        assert!(found.placed.iter().all(|(household, _)| *household != id(5)));
        let in_first: i64 = found.seats.iter().filter(|(spot, _)| spot.session_no == 1).map(|(_, count)| count).sum();
        assert_eq!((in_first, found.seats[&seat]), (4, 2));
    }

    #[test]
    fn a_session_that_is_overfull_by_hand_takes_nobody_more() {
        let mut houses = street(4);
        for one in &mut houses[..3] {
            one.stays = Some(Spot { point: point(1), session_no: 1, desk_no: 9 });
        }
        let found = plan(&[site(1, "TENGGARONG", &[], 1, 2)], houses);
        assert_eq!(found.placed, [(id(4), Spot { point: point(1), session_no: 2, desk_no: 1 })]);
    }

    #[test]
    fn the_plan_does_not_depend_on_the_order_of_its_input() {
        let sites = [site(1, "TENGGARONG", &["64.02.06.1002"], 3, 7)];
        let mut houses = street(200);
        let one = plan(&sites, houses.clone());
        houses.reverse();
        houses.swap(3, 150);
        assert_eq!(plan(&sites, houses), one);
        assert_eq!((one.placed.len(), one.seats.keys().map(|spot| spot.session_no).max()), (200, Some(29)));
        for session in 1..=28 {
            let desks: Vec<i64> =
                one.seats.iter().filter(|(spot, _)| spot.session_no == session).map(|(_, count)| *count).collect();
            assert_eq!(desks, [3, 2, 2], "session {session}");
        }
    }
}
