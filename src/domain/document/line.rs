//! One entitlement as a document sees it at its cut-off, and the tally of all of them.

use crate::domain::id::{EntitlementId, HouseholdId};
use crate::domain::money::{Money, NotMoney};
use crate::domain::redemption::{CollectorKind, Paper};
use crate::domain::time::Timestamp;

/// Why a household has not come, as somebody found out.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum AbsenceReason {
    /// The recipient died.
    Died,
    /// The household moved away.
    Moved,
    /// The recipient is ill.
    Ill,
    /// Nobody came.
    Absent,
    /// Nobody knows where the household is.
    NotFound,
    /// The household does not want it.
    Refused,
    /// A letter is still missing.
    AwaitingLetter,
}

impl AbsenceReason {
    /// Every reason.
    pub const ALL: [Self; 7] =
        [Self::Died, Self::Moved, Self::Ill, Self::Absent, Self::NotFound, Self::Refused, Self::AwaitingLetter];

    /// The stable code.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Died => "died",
            Self::Moved => "moved",
            Self::Ill => "ill",
            Self::Absent => "absent",
            Self::NotFound => "not_found",
            Self::Refused => "refused",
            Self::AwaitingLetter => "awaiting_letter",
        }
    }

    /// The reason with this code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.as_str() == code)
    }

    /// The reason that stands so on paper.
    #[must_use]
    pub fn of_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.word() == word)
    }

    /// As it stands on paper.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Died => "meninggal",
            Self::Moved => "pindah",
            Self::Ill => "sakit",
            Self::Absent => "tidak hadir",
            Self::NotFound => "tidak ditemukan",
            Self::Refused => "menolak",
            Self::AwaitingLetter => "menunggu surat",
        }
    }
}

/// The handout of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Handed {
    /// The number of the receipt.
    pub number: String,
    /// When the server took it.
    pub at: Timestamp,
    /// Who stood at the desk.
    pub collector: CollectorKind,
    /// Their name, if not the recipient.
    pub collector_name: String,
    /// How they belong to the recipient.
    pub relation: String,
    /// Whether an identity card was seen.
    pub id_seen: bool,
    /// What became of the paper.
    pub paper: Paper,
    /// What was really given, a text an item.
    pub items: Vec<String>,
    /// Whether that was less than the package.
    pub short: bool,
    /// The value of what was given.
    pub value: Money,
    /// By which case two people took it back, if they did.
    pub taken_back: Option<String>,
}

/// Where an entitlement stood at the cut-off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It was handed over.
    Handed(Box<Handed>),
    /// It can still be collected.
    Open,
    /// It is held back, and why.
    Held(String),
    /// It was revoked, and why.
    Revoked(String),
    /// The round ended before anybody came.
    Expired,
}

/// One entitlement at the cut-off. Nothing in it could be redeemed with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The entitlement.
    pub entitlement: EntitlementId,
    /// The household.
    pub household: HouseholdId,
    /// Whether it is what an earlier handout to the household left owing.
    pub is_rest: bool,
    /// The recipient's name.
    pub name: String,
    /// The same as lists are sorted by it: without titles.
    pub name_folded: String,
    /// The NIK, masked, or a word for none.
    pub nik_masked: String,
    /// Neighbourhood, three digits or nothing.
    pub rt: String,
    /// Village.
    pub village: String,
    /// Sub-district.
    pub sub_district: String,
    /// Street; only where a courier needs it.
    pub address: String,
    /// The point's code.
    pub point: String,
    /// The time slot.
    pub session_no: i32,
    /// Its value when issued.
    pub value: Money,
    /// Of that, what the handout left owing and another right holds by now; it counts there and not here.
    pub carried: Money,
    /// The newest print.
    pub print_no: i32,
    /// Vulnerabilities, in words.
    pub vulnerabilities: String,
    /// Why the household has not come, where somebody noted it, and what follows.
    pub absence: Option<(AbsenceReason, String)>,
    /// Where it stood.
    pub standing: Standing,
}

impl Line {
    /// The handout, if there was one.
    #[must_use]
    pub fn handed(&self) -> Option<&Handed> {
        match &self.standing {
            Standing::Handed(handed) => Some(handed),
            Standing::Open | Standing::Held(_) | Standing::Revoked(_) | Standing::Expired => None,
        }
    }

    /// Whether somebody should still come or be sought: open, or held back.
    #[must_use]
    pub const fn is_waiting(&self) -> bool {
        matches!(self.standing, Standing::Open | Standing::Held(_))
    }

    fn place_in_order(&self) -> (&str, &str, &str, EntitlementId) {
        (&self.village, &self.rt, &self.name_folded, self.entitlement)
    }

    /// A name for the entitlement on paper, which opens nothing: the first eight signs of its id.
    #[must_use]
    pub fn reference(&self) -> String {
        reference(self.entitlement)
    }

    /// `RT 014, Loa Ipuh`
    #[must_use]
    pub fn place(&self) -> String {
        if self.rt.is_empty() { self.village.clone() } else { format!("RT {}, {}", self.rt, self.village) }
    }
}

/// The first eight signs of an entitlement's id.
#[must_use]
pub fn reference(entitlement: EntitlementId) -> String {
    entitlement.uuid().simple().to_string().chars().take(8).collect::<String>().to_uppercase()
}

/// Sorts lines as villages expect them, and as the vouchers lie in their bundles: village, RT, then name without titles.
pub fn sort(lines: &mut [Line]) {
    lines.sort_by(|a, b| a.place_in_order().cmp(&b.place_in_order()));
}

/// A count of entitlements and their value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Part {
    /// How many.
    pub count: i64,
    /// Their value: what was given for those handed over, what was promised for all others.
    pub value: Money,
}

impl Part {
    fn add(&mut self, value: Money) -> Result<(), NotMoney> {
        self.count += 1;
        self.value = self.value.plus(value)?;
        Ok(())
    }
}

/// The sums over lines.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    /// All of them, by what they were issued for.
    pub issued: Part,
    /// Handed over.
    pub handed: Part,
    /// Of these, to the recipient.
    pub oneself: Part,
    /// Of these, to somebody of the same family card.
    pub proxy_inside: Part,
    /// Of these, to another proxy.
    pub proxy_outside: Part,
    /// Of these, to a substitute.
    pub substitute: Part,
    /// Of those handed over, how many are still owed a part of the package, and what they are owed.
    pub short: Part,
    /// Still open.
    pub open: Part,
    /// Held back.
    pub held: Part,
    /// Revoked.
    pub revoked: Part,
    /// Expired.
    pub expired: Part,
}

impl Tally {
    /// The tally of lines.
    pub fn of(lines: &[Line]) -> Result<Self, NotMoney> {
        let mut tally = Self::default();
        for line in lines {
            tally.issued.add(line.value.minus(line.carried)?)?;
            match &line.standing {
                Standing::Handed(handed) => {
                    tally.handed.add(handed.value)?;
                    match handed.collector {
                        CollectorKind::Oneself => tally.oneself.add(handed.value)?,
                        CollectorKind::Proxy if is_of_the_family(&handed.relation) => {
                            tally.proxy_inside.add(handed.value)?;
                        }
                        CollectorKind::Proxy => tally.proxy_outside.add(handed.value)?,
                        CollectorKind::Substitute => tally.substitute.add(handed.value)?,
                    }
                    let owed = line.value.minus(handed.value)?.minus(line.carried)?;
                    if handed.short && owed > Money::ZERO {
                        tally.short.add(owed)?;
                    }
                }
                Standing::Open => tally.open.add(line.value)?,
                Standing::Held(_) => tally.held.add(line.value)?,
                Standing::Revoked(_) => tally.revoked.add(line.value)?,
                Standing::Expired => tally.expired.add(line.value)?,
            }
        }
        Ok(tally)
    }

    /// Whether issued = handed over + open + held + revoked + expired, in number and in value, and whether
    /// those who collected are as many as what was handed over.
    #[must_use]
    pub const fn closes(&self) -> bool {
        let count = self.handed.count + self.open.count + self.held.count + self.revoked.count + self.expired.count;
        let value = self.handed.value.minor()
            + self.short.value.minor()
            + self.open.value.minor()
            + self.held.value.minor()
            + self.revoked.value.minor()
            + self.expired.value.minor();
        let collectors =
            self.oneself.count + self.proxy_inside.count + self.proxy_outside.count + self.substitute.count;
        count == self.issued.count && value == self.issued.value.minor() && collectors == self.handed.count
    }
}

/// Whether a proxy's relation says that they stand on the same family card.
#[must_use]
pub fn is_of_the_family(relation: &str) -> bool {
    relation == "same_family_card"
}
