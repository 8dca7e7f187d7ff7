//! The one handout: the closed list of verdicts, the decision, and what a caller says of the collector.
//!
//! The decision is a pure function of facts. Whoever calls it must hold those facts still (in one write
//! transaction) until the change that follows from it is made.

use serde::{Deserialize, Serialize};

use super::entitlement::{Entitlement, Hold, State};
use super::id::{PointId, RedemptionId};
use super::money::Money;
use super::package::Item;
use super::pause::Stops;
use super::programme::Window;
use super::time::Timestamp;

/// What a scan comes to. One closed list, the same on every screen, in every answer and every test.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Hand the package over.
    Valid,
    /// It was handed over before.
    AlreadyRedeemed,
    /// A newer print of the paper exists.
    Superseded,
    /// It was taken away.
    Revoked,
    /// It is held back.
    Held,
    /// The programme or round stands still.
    Paused,
    /// The round has not begun.
    NotYetValid,
    /// The round is over.
    Expired,
    /// It belongs to another point.
    WrongPoint,
    /// Another device holds it.
    LeasedElsewhere,
    /// A person must decide.
    Unresolved,
    /// Our key, a good signature, and no such entitlement: an alarm.
    Unknown,
    /// Our key, a bad signature.
    Forged,
    /// Not our prefix, or a key we do not know.
    Foreign,
    /// Our prefix, and it does not decode.
    Malformed,
    /// The device has neither lease nor network (said by a device alone).
    NotReady,
}

impl Verdict {
    /// Every verdict.
    pub const ALL: [Self; 16] = [
        Self::Valid,
        Self::AlreadyRedeemed,
        Self::Superseded,
        Self::Revoked,
        Self::Held,
        Self::Paused,
        Self::NotYetValid,
        Self::Expired,
        Self::WrongPoint,
        Self::LeasedElsewhere,
        Self::Unresolved,
        Self::Unknown,
        Self::Forged,
        Self::Foreign,
        Self::Malformed,
        Self::NotReady,
    ];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Valid => "valid",
            Self::AlreadyRedeemed => "already_redeemed",
            Self::Superseded => "superseded",
            Self::Revoked => "revoked",
            Self::Held => "held",
            Self::Paused => "paused",
            Self::NotYetValid => "not_yet_valid",
            Self::Expired => "expired",
            Self::WrongPoint => "wrong_point",
            Self::LeasedElsewhere => "leased_elsewhere",
            Self::Unresolved => "unresolved",
            Self::Unknown => "unknown",
            Self::Forged => "forged",
            Self::Foreign => "foreign",
            Self::Malformed => "malformed",
            Self::NotReady => "not_ready",
        }
    }
}

/// How a voucher is named by the paper that is shown, once its code has been read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// The QR: it also says which print it is.
    Print(i32),
    /// The typed code, or no paper at all: the print cannot be known.
    NoPrint,
}

/// All that the decision looks at.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The entitlement that the code names.
    pub entitlement: &'a Entitlement,
    /// The window of its round at its point.
    pub window: Window,
    /// What stands still: its programme, its round or its point.
    pub stops: Stops<'a>,
    /// How the paper names it.
    pub shown: Shown,
    /// Where the scan happens; `None` for a look from the office, which is at no point.
    pub at_point: Option<PointId>,
    /// When.
    pub now: Timestamp,
}

/// Decides. What a person can do least about comes first: a handout that has happened, then a right
/// that is gone, a paper that is replaced, a stop that somebody ordered, and last place and time.
#[must_use]
pub fn judge(facts: &Facts<'_>) -> Verdict {
    let entitlement = facts.entitlement;
    match entitlement.state {
        State::Redeemed => return Verdict::AlreadyRedeemed,
        State::Revoked => return Verdict::Revoked,
        State::Unresolved => return Verdict::Unresolved,
        State::Expired => return Verdict::Expired,
        State::Available | State::Leased => {}
    }
    if matches!(facts.shown, Shown::Print(print) if print != entitlement.print_no) {
        return Verdict::Superseded;
    }
    if matches!(entitlement.hold(), Hold::Effective(_)) {
        return Verdict::Held;
    }
    if facts.stops.told().is_some() {
        return Verdict::Paused;
    }
    if facts.at_point.is_some_and(|point| point != entitlement.point) {
        return Verdict::WrongPoint;
    }
    if facts.now < facts.window.opens_at {
        return Verdict::NotYetValid;
    }
    if facts.now >= facts.window.closes_at {
        return Verdict::Expired;
    }
    if entitlement.state == State::Leased {
        return Verdict::LeasedElsewhere;
    }
    Verdict::Valid
}

/// Who stood at the desk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CollectorKind {
    /// The recipient.
    #[default]
    #[serde(rename = "self")]
    Oneself,
    /// Somebody who collects for the recipient (wakil).
    Proxy,
    /// Somebody who has taken the right over (pengganti).
    Substitute,
}

impl CollectorKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Oneself, Self::Proxy, Self::Substitute];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Oneself => "self",
            Self::Proxy => "proxy",
            Self::Substitute => "substitute",
        }
    }

    /// The kind with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == code)
    }
}

/// What is known of who collected.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Collector {
    /// Which kind.
    pub kind: CollectorKind,
    /// The name, of a proxy or substitute.
    pub name: Option<String>,
    /// How they belong together: `same_family_card`, `other` or free words.
    pub relation: Option<String>,
    /// Whether the operator saw an identity card.
    pub id_seen: bool,
}

/// What became of the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Paper {
    /// It was shown.
    #[default]
    Seen,
    /// The household lost it.
    Lost,
    /// It never reached the household.
    NotDelivered,
}

impl Paper {
    /// Every case.
    pub const ALL: [Self; 3] = [Self::Seen, Self::Lost, Self::NotDelivered];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Seen => "seen",
            Self::Lost => "lost",
            Self::NotDelivered => "not_delivered",
        }
    }

    /// The case with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|paper| paper.as_str() == code)
    }
}

/// A quantity of one item that was really given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Given {
    /// The item's code in the package.
    pub code: String,
    /// How many base units.
    pub quantity: i64,
}

/// What was handed over, and whether it was less than the household's right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handout {
    /// One line an item of the package, in its order.
    pub given: Vec<Given>,
    /// Whether any line is less than the package says.
    pub short: bool,
    /// The value of what was given.
    pub value: Money,
}

/// Why a list of given items is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HandoutFault {
    /// An item that the package does not hold, or one named twice.
    NotInPackage {
        /// Its code.
        code: String,
    },
    /// Less than nothing, or more than the household's right.
    Quantity {
        /// Its code.
        code: String,
    },
}

/// Settles what was given: everything when the caller names nothing, otherwise exactly what is named,
/// an unnamed item counting as not given. A line's value shrinks in proportion, rounded down to whole units.
pub fn hand_out(items: &[Item], named: Option<&[Given]>) -> Result<Handout, HandoutFault> {
    if let Some(named) = named {
        for (place, given) in named.iter().enumerate() {
            let known = items.iter().any(|item| item.code == given.code);
            if !known || named[..place].iter().any(|other| other.code == given.code) {
                return Err(HandoutFault::NotInPackage { code: given.code.clone() });
            }
        }
    }
    let mut handout = Handout { given: Vec::with_capacity(items.len()), short: false, value: Money::ZERO };
    for item in items {
        let quantity = named.map_or(item.quantity, |named| {
            named.iter().find(|given| given.code == item.code).map_or(0, |given| given.quantity)
        });
        let wrong = || HandoutFault::Quantity { code: item.code.clone() };
        if quantity < 0 || quantity > item.quantity {
            return Err(wrong());
        }
        handout.short |= quantity < item.quantity;
        let part = item.worth(quantity).map_err(|_| wrong())?;
        handout.value = handout.value.plus(part).map_err(|_| wrong())?;
        handout.given.push(Given { code: item.code.clone(), quantity });
    }
    Ok(handout)
}

/// When, where and by whom an entitlement was redeemed: what a second scan is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// The redemption.
    pub id: RedemptionId,
    /// Its receipt number.
    pub number: String,
    /// When the server took it.
    pub redeemed_at: Timestamp,
    /// The point's code.
    pub point_code: String,
    /// The point's name.
    pub point_name: String,
    /// The desk.
    pub desk: String,
    /// Who stood there.
    pub collector: CollectorKind,
}

#[cfg(test)]
mod tests {
    use super::super::entitlement::Fence;
    use super::super::id::{DeviceId, EntitlementId, HouseholdId, Identifier, RoundId};
    use super::super::package::Unit;
    use super::super::voucher::TypedCode;
    use super::*;

    fn entitlement() -> Entitlement {
        Entitlement {
            id: EntitlementId::random([1; 16]),
            round: RoundId::from_bytes([2; 16]),
            household: HouseholdId::from_bytes([3; 16]),
            point: PointId::from_bytes([4; 16]),
            session_no: 1,
            desk_no: 1,
            value: Money::new(500_000).unwrap(),
            state: State::Available,
            fence: Fence { epoch: 1, counter: 0 },
            holder: None,
            print_no: 2,
            typed_code: TypedCode::draw([5; 9]),
            held_reason: None,
            revoked_reason: None,
            marks: super::super::entitlement::Marks::default(),
            stands_for: None,
        }
    }

    /// Judges after a change to the entitlement, with what stands still: programme, round, point.
    fn verdict_of(
        change: impl FnOnce(&mut Entitlement),
        stops: [bool; 3],
        shown: Shown,
        point: u8,
        now: i64,
    ) -> Verdict {
        let mut entitlement = entitlement();
        change(&mut entitlement);
        let [programme, round, at_point] = stops.map(|still| still.then_some("x"));
        let moment = |millis| Timestamp::from_millis(millis).unwrap();
        judge(&Facts {
            entitlement: &entitlement,
            window: Window { opens_at: moment(1_000), closes_at: moment(2_000) },
            stops: Stops { programme, round, point: at_point },
            shown,
            at_point: Some(PointId::from_bytes([point; 16])),
            now: moment(now),
        })
    }

    fn verdict(change: impl FnOnce(&mut Entitlement), shown: Shown, point: u8, now: i64) -> Verdict {
        verdict_of(change, [false; 3], shown, point, now)
    }

    #[test]
    fn each_fact_alone_gives_its_verdict() {
        let good = Shown::Print(2);
        assert_eq!(verdict(|_| {}, good, 4, 1_000), Verdict::Valid);
        assert_eq!(verdict(|_| {}, Shown::NoPrint, 4, 1_999), Verdict::Valid);
        assert_eq!(verdict(|_| {}, Shown::Print(1), 4, 1_000), Verdict::Superseded);
        assert_eq!(verdict(|_| {}, good, 9, 1_000), Verdict::WrongPoint);
        assert_eq!(verdict(|_| {}, good, 4, 999), Verdict::NotYetValid);
        assert_eq!(verdict(|_| {}, good, 4, 2_000), Verdict::Expired);
        assert_eq!(verdict(|e| e.held_reason = Some("x".into()), good, 4, 1_000), Verdict::Held);
        for stops in [[true, false, false], [false, true, false], [false, false, true]] {
            assert_eq!(verdict_of(|_| {}, stops, good, 4, 1_000), Verdict::Paused);
        }
        for (state, expected) in [
            (State::Redeemed, Verdict::AlreadyRedeemed),
            (State::Revoked, Verdict::Revoked),
            (State::Unresolved, Verdict::Unresolved),
            (State::Expired, Verdict::Expired),
            (State::Leased, Verdict::LeasedElsewhere),
        ] {
            assert_eq!(verdict(|e| e.state = state, good, 4, 1_000), expected);
        }
    }

    #[test]
    fn a_handout_that_happened_outranks_everything() {
        let all_wrong = |e: &mut Entitlement| {
            e.state = State::Redeemed;
            e.held_reason = Some("x".into());
            e.holder = Some(DeviceId::from_bytes([8; 16]));
        };
        assert_eq!(verdict_of(all_wrong, [true; 3], Shown::Print(1), 9, 5_000), Verdict::AlreadyRedeemed);
    }

    #[test]
    fn what_a_person_can_do_least_about_is_told_first() {
        let held = |e: &mut Entitlement| e.held_reason = Some("x".into());
        let wrong = (Shown::Print(1), 9, 5_000);
        assert_eq!(verdict_of(held, [true; 3], wrong.0, wrong.1, wrong.2), Verdict::Superseded);
        assert_eq!(verdict_of(held, [true; 3], Shown::Print(2), wrong.1, wrong.2), Verdict::Held);
        assert_eq!(verdict_of(|_| {}, [true; 3], Shown::Print(2), wrong.1, wrong.2), Verdict::Paused);
        assert_eq!(verdict(|_| {}, Shown::Print(2), wrong.1, wrong.2), Verdict::WrongPoint);
        assert_eq!(verdict(|_| {}, Shown::Print(2), 4, wrong.2), Verdict::Expired);
    }

    #[test]
    fn a_hold_on_what_a_device_has_is_asked_for_and_not_yet_in_force() {
        let asked = |e: &mut Entitlement| {
            e.state = State::Leased;
            e.held_reason = Some("x".into());
        };
        assert_eq!(verdict(asked, Shown::Print(2), 4, 1_000), Verdict::LeasedElsewhere);
        let back = |e: &mut Entitlement| e.held_reason = Some("x".into());
        assert_eq!(verdict(back, Shown::Print(2), 4, 1_000), Verdict::Held);
    }

    #[test]
    fn only_an_available_entitlement_is_ever_valid() {
        for state in State::ALL.into_iter().filter(|state| *state != State::Available) {
            assert_ne!(verdict(|e| e.state = state, Shown::Print(2), 4, 1_000), Verdict::Valid);
        }
    }

    fn item(code: &str, quantity: i64, pack_size: i64, price: i64) -> Item {
        Item {
            code: code.into(),
            name: code.into(),
            unit: Unit::Piece,
            quantity,
            pack_name: "piring".into(),
            pack_size,
            pack_price_minor: Money::new(price).unwrap(),
        }
    }

    #[test]
    fn a_handout_is_full_unless_something_is_named() {
        let items = [item("telur", 60, 30, 58_000), item("gula", 3, 1, 18_500)];
        let full = hand_out(&items, None).unwrap();
        assert_eq!((full.short, full.value.minor()), (false, 171_500));
        let named = [Given { code: "telur".into(), quantity: 59 }];
        let short = hand_out(&items, Some(&named)).unwrap();
        assert!(short.short);
        assert_eq!(short.value.minor(), 114_066);
        assert_eq!(short.given[1].quantity, 0);
    }

    #[test]
    fn more_than_the_right_or_another_item_is_refused() {
        let items = [item("telur", 60, 30, 58_000)];
        for (code, quantity) in [("telur", 61), ("telur", -1), ("emas", 1)] {
            assert!(hand_out(&items, Some(&[Given { code: code.into(), quantity }])).is_err());
        }
        let twice = [Given { code: "telur".into(), quantity: 1 }, Given { code: "telur".into(), quantity: 1 }];
        assert!(hand_out(&items, Some(&twice)).is_err());
    }
}
