//! The close of a period: vouchers, goods and money held against each other, and what a person signs for.
//!
//! A period is a day at a point, a point, or a round. Its figures count the events that the server had taken
//! by the cut-off. When they agree, one person closes it; where they do not, there must be a reason and a
//! second person who signs. A period that is closed keeps its figures. What the server takes later, also what
//! was scanned before, stands in an addendum with a number of its own.

use serde::{Deserialize, Serialize};

use super::reconcile::Reconciliation;
use super::stock::Balance;

/// Which period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// The whole round.
    Round,
    /// A point, over the whole round.
    Point(String),
    /// A day at a point.
    Day(String, String),
}

impl Scope {
    /// What tells it from the other periods of the round.
    #[must_use]
    pub fn key(&self) -> String {
        match self {
            Self::Round => "round".to_owned(),
            Self::Point(code) => format!("point:{code}"),
            Self::Day(code, day) => format!("day:{code}:{day}"),
        }
    }
}

/// Where a close stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosingState {
    /// It differs, and waits for a second signature.
    AwaitingSignature,
    /// Closed.
    Closed,
}

impl ClosingState {
    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::AwaitingSignature => "awaiting_signature",
            Self::Closed => "closed",
        }
    }

    /// The state with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        [Self::AwaitingSignature, Self::Closed].into_iter().find(|state| state.as_str() == code)
    }
}

/// Vouchers of a period by where they stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Vouchers {
    /// Issued.
    pub issued: i64,
    /// Redeemed.
    pub redeemed: i64,
    /// Can be redeemed.
    pub available: i64,
    /// With a device.
    pub leased: i64,
    /// Nobody knows yet.
    pub unresolved: i64,
    /// Taken away.
    pub revoked: i64,
    /// Run out.
    pub expired: i64,
}

/// One item of a period's goods.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Goods {
    /// The item's code.
    pub item: String,
    /// Its name.
    pub name: String,
    /// How many base units make a pack.
    pub pack_size: i64,
    /// What a pack is called.
    pub pack_name: String,
    /// What the redemptions of the period should have taken, by the package.
    pub due: i64,
    /// What they took, by the receipts.
    pub given: i64,
    /// What the books say of the place, or of all points together.
    pub balance: Balance,
    /// What must lie at the place by the newest count and what moved since; none when nobody counted there.
    pub counted: Option<i64>,
    /// Short on the way here.
    pub short: i64,
    /// On the way here at the cut-off.
    pub on_the_way: i64,
    /// What places handed over beyond what is on record there, each by itself, so 0 or less: what is left at one
    /// place makes up for nothing at another.
    #[serde(default)]
    pub below_zero: i64,
    /// For a round, by how much the newest counts are off at its points, whichever way, each by itself.
    #[serde(default)]
    pub off: i64,
}

/// The money of a period, in minor units.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Cash {
    /// The value of what was issued.
    pub issued_minor: i64,
    /// The value handed over, by the receipts.
    pub realised_minor: i64,
    /// The same, from quantities and prices.
    pub priced_minor: i64,
    /// What suppliers delivered in good order, for a round: of the whole programme.
    pub delivered_minor: i64,
    /// What they asked for.
    pub invoiced_minor: i64,
    /// What the treasury paid (SP2D).
    pub paid_minor: i64,
    /// Of that, what fits no invoice.
    pub unmatched_minor: i64,
}

/// All that a close freezes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Figures {
    /// Vouchers. For a day, those that were redeemed on it alone.
    pub vouchers: Vouchers,
    /// Goods.
    pub goods: Vec<Goods>,
    /// Money.
    pub cash: Cash,
    /// Handouts to a proxy.
    pub by_proxy: i64,
    /// Vouchers that were not collected, by reason as it was noted; `belum dicatat` where none was.
    pub uncollected: Vec<(String, i64)>,
    /// Cases that are not closed, by kind.
    pub cases: Vec<(String, i64)>,
    /// For a round, the cases of the agency that belong to no round and are not closed, by kind.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cases_without_round: Vec<(String, i64)>,
    /// Devices that had not delivered everything.
    pub unsynced: i64,
    /// The receipts that came late, in an addendum: number, when scanned, when received, value.
    pub late: Vec<Late>,
    /// For a round, the invoices of its programme that do not fit by themselves: in the sums one that asks too much
    /// and one that asks too little would hide each other.
    #[serde(default)]
    pub invoices: Vec<Billed>,
    /// For a round, the points at which goods lie that nobody has counted.
    #[serde(default)]
    pub uncounted: i64,
    /// For a round, what differs where: a line a place and item, or a device. What is said here is not said as a sum.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<Difference>,
    /// In an addendum, what moved of the goods after the close.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<Moved>,
}

/// An invoice beside what it bills and what was paid for it, in minor units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Billed {
    /// Its number.
    pub number: String,
    /// What the deliveries that it bills are worth.
    pub delivered_minor: i64,
    /// What it asks for.
    pub asked_minor: i64,
    /// What the treasury paid for it.
    pub paid_minor: i64,
}

/// A receipt that the server took after a close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Late {
    /// Its number.
    pub number: String,
    /// When the desk scanned, ISO 8601.
    pub scanned_at: String,
    /// When the server took it, ISO 8601.
    pub received_at: String,
    /// Whether it was scanned before the close.
    pub scanned_before: bool,
    /// Its value in minor units.
    pub value_minor: i64,
}

/// What moved of the goods of a period after its close, one effect on one item a line.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Moved {
    /// When, ISO 8601.
    pub at: String,
    /// What: `arrived`, `arrived_damaged`, `short`, `sent`, `damaged`, `lost`, `supplier_return`, `corrected`, `extra`
    /// (out beside the redemptions), `loss` (in money).
    pub what: String,
    /// By which paper: the number of the shipment, or the case. Empty for what was entered at the place.
    pub reference: String,
    /// The point's code; none for the warehouse.
    pub point: Option<String>,
    /// The item's code; empty for what is money.
    pub item: String,
    /// Its name.
    pub name: String,
    /// How much, in base units.
    pub quantity: i64,
    /// The same as people count it.
    pub said: String,
    /// For a loss in money, in minor units.
    pub value_minor: i64,
}

impl Moved {
    /// What it is, as it stands on paper.
    #[must_use]
    pub fn word(what: &str) -> &'static str {
        match what {
            "arrived" => "diterima baik",
            "arrived_damaged" => "diterima rusak",
            "short" => "kurang saat diterima",
            "sent" => "dikirim dari sini",
            "damaged" => "rusak",
            "lost" => "hilang",
            "supplier_return" => "retur ke penyedia",
            "corrected" => "koreksi yang disetujui",
            "extra" => "keluar di luar penebusan",
            "loss" => "kerugian yang diputuskan",
            _ => "lain-lain",
        }
    }
}

/// Something that does not agree, or is not done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Difference {
    /// What: `vouchers`, `leased`, `unresolved`, `not_counted`, `points_not_counted`, `stock`, `stock_at_points`,
    /// `below_zero`, `on_the_way`, `short`,
    /// `given`, `price`, `invoice`, `payment`, `one_invoice`, `one_payment`, `unmatched`, `cases`,
    /// `cases_without_round`, `unsynced`,
    /// `uncollected`.
    pub code: String,
    /// The code of the point, where it is of one among several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// The item, where it is of one; the number of the invoice or the name of the device, where it is of one.
    pub item: Option<String>,
    /// What it should be.
    pub expected: i64,
    /// What it is.
    pub found: i64,
}

impl Difference {
    /// Whether its figures are rupiah.
    #[must_use]
    pub fn is_money(&self) -> bool {
        matches!(self.code.as_str(), "price" | "invoice" | "payment" | "one_invoice" | "one_payment" | "unmatched")
    }
}

impl Figures {
    /// What a person has to answer for before the period closes. Empty when paper, goods and money agree.
    #[must_use]
    pub fn differences(&self, scope: &Scope) -> Vec<Difference> {
        let mut all = Vec::new();
        let placed = |code: &str| self.places.iter().any(|one| one.code == code);
        let mut differ = |code: &str, item: Option<&str>, expected: i64, found: i64| {
            if expected != found && !placed(code) {
                let item = item.map(str::to_owned);
                all.push(Difference { code: code.to_owned(), place: None, item, expected, found });
            }
        };
        let v = &self.vouchers;
        let states = v.redeemed + v.available + v.leased + v.unresolved + v.revoked + v.expired;
        differ("vouchers", None, v.issued, states);
        differ("leased", None, 0, v.leased);
        differ("unresolved", None, 0, v.unresolved);
        for one in &self.goods {
            let item = Some(one.item.as_str());
            differ("given", item, one.due, one.given);
            differ("on_the_way", item, 0, one.on_the_way);
            differ("short", item, 0, one.short);
            if !one.balance.closes() {
                differ("stock", item, one.balance.received + one.balance.corrected, one.balance.handed_over);
            }
            differ("below_zero", item, 0, one.below_zero);
            match (scope, one.counted) {
                (Scope::Round, _) => differ("stock_at_points", item, 0, one.off),
                (_, Some(counted)) => differ("stock", item, one.balance.remaining, counted),
                (_, None) => differ("not_counted", item, one.balance.remaining, 0),
            }
        }
        differ("price", None, self.cash.priced_minor, self.cash.realised_minor);
        if *scope == Scope::Round {
            differ("points_not_counted", None, 0, self.uncounted);
            differ("invoice", None, self.cash.delivered_minor, self.cash.invoiced_minor);
            differ("payment", None, self.cash.invoiced_minor, self.cash.paid_minor);
            for one in &self.invoices {
                differ("one_invoice", Some(&one.number), one.delivered_minor, one.asked_minor);
                differ("one_payment", Some(&one.number), one.asked_minor, one.paid_minor);
            }
            differ("unmatched", None, 0, self.cash.unmatched_minor);
        }
        differ("cases", None, 0, self.cases.iter().map(|(_, count)| count).sum());
        differ("cases_without_round", None, 0, self.cases_without_round.iter().map(|(_, count)| count).sum());
        differ("unsynced", None, 0, self.unsynced);
        let without: i64 =
            self.uncollected.iter().filter(|(reason, _)| reason == NOT_NOTED).map(|(_, count)| count).sum();
        if !matches!(scope, Scope::Day(..)) {
            differ("uncollected", None, 0, without);
        }
        all.extend(self.places.iter().cloned());
        all
    }
}

/// What stands for a reason where nobody noted one.
pub const NOT_NOTED: &str = "belum dicatat";

/// The number of a close, or of an addendum to one.
#[must_use]
pub fn number(serial: i32, addendum_no: i32, agency: &str, programme: &str, round: i32, year: i16) -> String {
    let tail = if addendum_no == 0 { String::new() } else { format!("-AD{addendum_no}") };
    format!("{serial:03}{tail}/PTP/{agency}/{programme}/T{round}/{year}")
}

/// The vouchers of a round's books.
#[must_use]
pub fn vouchers_of(books: &Reconciliation) -> Vouchers {
    use super::entitlement::State;
    let count = |state: State| books.states.iter().filter(|line| line.state == state).map(|line| line.count).sum();
    Vouchers {
        issued: books.issued,
        redeemed: count(State::Redeemed),
        available: count(State::Available),
        leased: count(State::Leased),
        unresolved: count(State::Unresolved),
        revoked: count(State::Revoked),
        expired: count(State::Expired),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stock::Move;

    fn even() -> Figures {
        let balance = Balance::default().after(Move::Arrived { good: 100, damaged: 0 }).unwrap();
        let balance = balance.after(Move::HandedOver(60)).unwrap();
        Figures {
            vouchers: Vouchers { issued: 10, redeemed: 6, available: 4, ..Vouchers::default() },
            goods: vec![Goods {
                item: "beras".into(),
                name: "Beras".into(),
                pack_size: 1,
                pack_name: "kg".into(),
                due: 60,
                given: 60,
                balance,
                counted: Some(40),
                short: 0,
                on_the_way: 0,
                below_zero: 0,
                off: 0,
            }],
            cash: Cash { realised_minor: 600, priced_minor: 600, ..Cash::default() },
            uncollected: vec![("sakit".into(), 4)],
            ..Figures::default()
        }
    }

    /// Changes the figures of a point that closes, and gives the codes of what then differs.
    fn codes(change: impl FnOnce(&mut Figures)) -> Vec<String> {
        let mut figures = even();
        change(&mut figures);
        figures.differences(&Scope::Point("A".into())).into_iter().map(|one| one.code).collect()
    }

    #[test]
    fn a_point_on_which_all_three_agree_has_nothing_to_sign_for() {
        assert_eq!(codes(|_| {}), Vec::<String>::new());
    }

    #[test]
    fn whatever_is_off_by_one_is_named() {
        assert_eq!(codes(|f| f.vouchers.issued += 1), ["vouchers"]);
        assert_eq!(codes(|f| (f.vouchers.leased, f.vouchers.available) = (1, 3)), ["leased"]);
        assert_eq!(codes(|f| (f.vouchers.unresolved, f.vouchers.available) = (1, 3)), ["unresolved"]);
        assert_eq!(codes(|f| f.goods[0].given = 59), ["given"]);
        assert_eq!(codes(|f| f.goods[0].counted = Some(39)), ["stock"]);
        assert_eq!(codes(|f| f.goods[0].counted = None), ["not_counted"]);
        assert_eq!(codes(|f| f.goods[0].balance.remaining = 41), ["stock", "stock"]);
        assert_eq!(codes(|f| f.goods[0].short = 1), ["short"]);
        assert_eq!(codes(|f| f.goods[0].on_the_way = 1), ["on_the_way"]);
        assert_eq!(codes(|f| f.goods[0].below_zero = -1), ["below_zero"]);
        assert_eq!(codes(|f| f.cash.priced_minor -= 1), ["price"]);
        assert_eq!(codes(|f| f.cases.push(("conflict".into(), 2))), ["cases"]);
        assert_eq!(codes(|f| f.cases_without_round.push(("levy".into(), 1))), ["cases_without_round"]);
        assert_eq!(codes(|f| f.unsynced = 1), ["unsynced"]);
        assert_eq!(codes(|f| f.uncollected[0].0 = NOT_NOTED.into()), ["uncollected"]);
        assert_eq!(codes(|f| f.cash.paid_minor = 5), Vec::<String>::new(), "the treasury is the round's");
    }

    #[test]
    fn a_round_answers_for_the_treasury_too() {
        let mut figures = even();
        figures.cash.delivered_minor = 100;
        figures.cash.invoiced_minor = 90;
        figures.cash.paid_minor = 80;
        figures.cash.unmatched_minor = 80;
        let codes: Vec<String> = figures.differences(&Scope::Round).into_iter().map(|one| one.code).collect();
        assert_eq!(codes, ["invoice", "payment", "unmatched"]);
    }

    #[test]
    fn a_round_answers_for_the_counts_at_its_points() {
        let mut figures = even();
        (figures.uncounted, figures.goods[0].off) = (2, 7);
        let found = figures.differences(&Scope::Round);
        let named: Vec<_> = found.iter().map(|one| (one.code.as_str(), one.item.as_deref(), one.found)).collect();
        assert_eq!(named, [("stock_at_points", Some("beras"), 7), ("points_not_counted", None, 2)]);
    }

    #[test]
    fn what_a_round_says_place_by_place_is_not_said_as_a_sum_too() {
        let mut figures = even();
        (figures.uncounted, figures.goods[0].off, figures.goods[0].short) = (1, 7, 3);
        let at = |code: &str, place: &str, item: Option<&str>, expected, found| Difference {
            code: code.into(),
            place: Some(place.into()),
            item: item.map(str::to_owned),
            expected,
            found,
        };
        figures.places = vec![
            at("stock_at_points", "A", Some("beras"), 40, 35),
            at("stock_at_points", "B", Some("beras"), 10, 12),
            at("points_not_counted", "C", None, 0, 1),
        ];
        let found = figures.differences(&Scope::Round);
        let named: Vec<_> =
            found.iter().map(|one| (one.code.as_str(), one.place.as_deref(), one.expected, one.found)).collect();
        let expected = [
            ("short", None, 0, 3),
            ("stock_at_points", Some("A"), 40, 35),
            ("stock_at_points", Some("B"), 10, 12),
            ("points_not_counted", Some("C"), 0, 1),
        ];
        assert_eq!(named, expected, "what has no line of its own is said as a sum still");
    }

    #[test]
    fn two_wrong_invoices_that_make_up_for_each_other_are_both_named() {
        let mut figures = even();
        (figures.cash.delivered_minor, figures.cash.invoiced_minor, figures.cash.paid_minor) = (300, 300, 300);
        let billed = |number: &str, delivered_minor, asked_minor, paid_minor| Billed {
            number: number.into(),
            delivered_minor,
            asked_minor,
            paid_minor,
        };
        figures.invoices = vec![billed("A", 100, 120, 120), billed("B", 200, 180, 180)];
        let found = figures.differences(&Scope::Round);
        let named: Vec<_> =
            found.iter().map(|one| (one.code.as_str(), one.item.as_deref(), one.expected, one.found)).collect();
        assert_eq!(named, [("one_invoice", Some("A"), 100, 120), ("one_invoice", Some("B"), 200, 180)]);
        assert!(found.iter().all(Difference::is_money));
        figures.invoices = vec![billed("A", 100, 100, 120), billed("B", 200, 200, 180)];
        let codes: Vec<String> = figures.differences(&Scope::Round).into_iter().map(|one| one.code).collect();
        assert_eq!(codes, ["one_payment", "one_payment"]);
    }

    #[test]
    fn a_close_and_its_addendum_have_numbers_of_their_own() {
        assert_eq!(number(7, 0, "DINSOS", "LANSIA-26", 1, 2026), "007/PTP/DINSOS/LANSIA-26/T1/2026");
        assert_eq!(number(7, 2, "DINSOS", "LANSIA-26", 1, 2026), "007-AD2/PTP/DINSOS/LANSIA-26/T1/2026");
        assert_ne!(Scope::Point("A".into()).key(), Scope::Day("A".into(), "2026-12-07".into()).key());
    }
}
