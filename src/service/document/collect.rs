//! What a document is made of, read at one moment: entitlements as they stood at the cut-off, what was given,
//! who collected for whom, what the trail says, and who takes whose place.

use std::collections::{BTreeMap, HashMap};

use super::super::{Actor, Error, Office, PrintRun, Refusal, custody, programme};
use super::traces::{EVENTS, entries, standing};
use super::{DOCUMENT_LINES_MAX, DocumentWanted, report};
use crate::domain::case::reference;
use crate::domain::document::{
    Beside, Block, Entry, Given, Handed, Kind, Line, Occasion, Pair, Person, Scope, Standing, sort,
};
use crate::domain::exception::{Carrying, Cause, carried};
use crate::domain::household::hide_numbers;
use crate::domain::id::{EntitlementId, HouseholdId, Identifier, RedemptionId, RoundId};
use crate::domain::money::Money;
use crate::domain::package::Package;
use crate::domain::sealed::{Field, Sealed};
use crate::domain::time::{Language, Timestamp, plain_date};
use crate::store::evidence::{self, Evidence, Handout, Part, Trace};
use crate::store::exceptions::Counted;
use crate::store::exceptions::TakenBack;
use crate::store::{self, Conn};

/// Of one item: what was given, and what should have been, in base units.
type Quantities = (i64, i64);

/// All that a document may say.
#[derive(Debug)]
pub(super) struct Collected {
    /// The occasion, with neither number nor signatures yet.
    pub(super) occasion: Occasion,
    /// The entitlements, by village, RT and name.
    pub(super) lines: Vec<Line>,
    /// What was handed over of each item of the package.
    given: Vec<Quantities>,
    /// What went out beside the redemptions by then, with the cases that say so.
    pub(super) beside: Vec<Beside>,
    /// Until when households can come, at points that have a window of their own; by the point's code.
    pub(super) until: BTreeMap<String, Timestamp>,
    /// Who collected for others, anywhere in the round.
    pub(super) collectors: Vec<String>,
    /// What happened besides.
    pub(super) entries: Vec<Entry>,
    /// The files of vouchers that were made.
    pub(super) print_runs: Vec<PrintRun>,
    /// Who takes whose place.
    pub(super) pairs: Vec<Pair>,
    /// What a document from the books of the round says.
    pub(super) blocks: Vec<Block>,
    /// The households: of the lines of a document from the books, in order, or of the entitlements here.
    people: People,
    /// The newest head of the log before the cut-off, as the line that an auditor types from paper.
    pub(super) log_head: Option<String>,
}

impl Collected {
    /// Nothing yet.
    const fn of(occasion: Occasion) -> Self {
        Self {
            occasion,
            lines: Vec::new(),
            given: Vec::new(),
            beside: Vec::new(),
            until: BTreeMap::new(),
            collectors: Vec::new(),
            entries: Vec::new(),
            print_runs: Vec::new(),
            pairs: Vec::new(),
            blocks: Vec::new(),
            people: People::None,
            log_head: None,
        }
    }

    /// The households of the lines of a document of this kind, in order, where it may say their numbers in full.
    pub(super) fn people(&self, kind: Kind) -> Option<Vec<HouseholdId>> {
        match &self.people {
            _ if !kind.may_be_full() => None,
            People::None => None,
            People::Lines(lines) => Some(lines.clone()),
            People::Entitlements(known) => {
                let handed = self.lines.iter().filter(|line| line.handed().is_some());
                handed.map(|line| known.get(&line.entitlement).copied()).collect()
            }
        }
    }

    /// Each item: what should have been given to those who came, and what was.
    pub(super) fn goods(&self) -> Vec<Given> {
        let items = self.occasion.package.items.iter().zip(&self.given);
        items.map(|(item, (given, due))| Given { item: item.clone(), due: *due, given: *given }).collect()
    }
}

/// The households that a document speaks of.
#[derive(Debug)]
pub(super) enum People {
    /// Nobody whose number it may say.
    None,
    /// Those of its lines, in order.
    Lines(Vec<HouseholdId>),
    /// By entitlement.
    Entitlements(HashMap<EntitlementId, HouseholdId>),
}

/// Says of the handouts that were taken back by which case.
fn mark(lines: &mut [Line], taken_back: &[TakenBack]) {
    let by_right: HashMap<EntitlementId, &TakenBack> = taken_back.iter().map(|one| (one.entitlement, one)).collect();
    for line in lines {
        let back = by_right.get(&line.entitlement);
        if let (Some(back), Standing::Handed(handed)) = (back, &mut line.standing) {
            handed.taken_back = Some(reference(back.case));
        }
    }
}

impl Office {
    /// Reads all that a document of this kind may say, at one moment.
    pub(super) fn collect(
        &self,
        actor: &Actor,
        round: RoundId,
        wanted: &DocumentWanted,
        now: Timestamp,
    ) -> Result<Collected, Error> {
        let cut_off = wanted.cut_off.unwrap_or(now);
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
        if cut_off > now {
            return Err(invalid("cut_off", "not later than now"));
        }
        if wanted.kind.is_of_now() && wanted.cut_off.is_some() {
            return Err(invalid("cut_off", "none for this paper, whose figures are those of now"));
        }
        if wanted.kind.needs_point() && wanted.point.is_none() {
            return Err(invalid("point", "the code of a point"));
        }
        if wanted.session_no.is_some() && (wanted.point.is_none() || !wanted.kind.takes_session()) {
            return Err(invalid("session", "only for a list of one point"));
        }
        self.pool.read_snapshot(|conn| {
            let occasion = occasion(conn, actor, round, wanted, cut_off)?;
            // A number that is given is never taken back: none for a round of which there is nothing to say yet.
            if !wanted.kind.is_of_books() {
                let any = evidence::any_right(conn, round)?;
                let issued = occasion.round.issued_at.filter(|_| any).ok_or(Refusal::WrongStep("not_issued"))?;
                // As calls and papers say it: to the second.
                if cut_off.seconds() < issued.seconds() {
                    return Err(invalid("cut_off", "not before the round was issued"));
                }
            }
            let part =
                Part { round, point: occasion.scope.point().map(|point| point.id), session_no: wanted.session_no };
            if wanted.kind.is_of_books() {
                let occasion = Occasion { unsynced: evidence::unsynced(conn, part)?, ..occasion };
                let (blocks, people) = report::blocks(self, conn, actor, &occasion, wanted)?;
                return Ok(Collected { blocks, people, ..Collected::of(occasion) });
            }
            let count = evidence::count(conn, part, cut_off)?;
            if count > DOCUMENT_LINES_MAX {
                return Err(Refusal::TooMany { count, max: DOCUMENT_LINES_MAX }.into());
            }
            let occasion = Occasion { unsynced: evidence::unsynced(conn, part)?, ..occasion };
            let found = evidence::list(conn, part, cut_off)?;
            let ids: Vec<EntitlementId> = found.iter().map(|one| one.id).collect();
            let traces = evidence::traces(conn, &ids, &EVENTS, now)?;
            let taken_back = store::exceptions::taken_back(conn, round, cut_off)?;
            let (mut lines, given) = self.lines(conn, &occasion, part, &found, &traces, wanted.kind)?;
            mark(&mut lines, &taken_back);
            let with_proxies = matches!(wanted.kind, Kind::ProxyList | Kind::Handover);
            let collectors = if with_proxies { self.collectors(conn, round, cut_off)? } else { Vec::new() };
            let entries = if wanted.kind == Kind::Register {
                entries(conn, &occasion, &found, &traces, &taken_back)?
            } else {
                Vec::new()
            };
            let print_runs = if wanted.kind == Kind::Register {
                custody::print_runs(conn, actor, round, cut_off)?
            } else {
                Vec::new()
            };
            let pairs = if wanted.kind == Kind::Substitution { self.pairs(conn, &occasion)? } else { Vec::new() };
            let beside = if wanted.kind == Kind::Handover { beside(conn, &occasion)? } else { Vec::new() };
            let until = windows(conn, &occasion)?;
            let people = People::Entitlements(found.iter().map(|one| (one.id, one.household.id)).collect());
            Ok(Collected {
                people,
                print_runs,
                lines,
                given,
                collectors,
                entries,
                pairs,
                beside,
                until,
                ..Collected::of(occasion)
            })
        })
    }

    fn lines(
        &self,
        conn: &mut Conn,
        occasion: &Occasion,
        part: Part,
        found: &[Evidence],
        traces: &[Trace],
        kind: Kind,
    ) -> Result<(Vec<Line>, Vec<Quantities>), Error> {
        let cut_off = occasion.cut_off;
        let in_time = |one: &Evidence| one.handout.clone().filter(|handout| handout.received_at <= cut_off);
        let short: Vec<RedemptionId> =
            found.iter().filter_map(in_time).filter(|handout| handout.short).map(|handout| handout.id).collect();
        let short = evidence::given(conn, &short)?;
        let absences = evidence::absences(conn, part, cut_off)?;
        let exceptions = store::exceptions::counted(conn, part.round)?;
        let mut by_entitlement: BTreeMap<EntitlementId, Vec<&Trace>> = BTreeMap::new();
        for trace in traces {
            by_entitlement.entry(trace.entitlement).or_default().push(trace);
        }
        let mut given = vec![(0, 0); occasion.package.items.len()];
        let mut lines = Vec::with_capacity(found.len());
        for one in found {
            let traces = by_entitlement.get(&one.id).map_or(&[][..], Vec::as_slice);
            let standing = match in_time(one) {
                Some(mut handout) => {
                    let quantities = short.get(&handout.id);
                    let holds = exceptions.get(&one.id);
                    let items = items_given(&occasion.package, &mut handout.short, quantities, holds, &mut given);
                    Standing::Handed(Box::new(self.handed(handout, items)?))
                }
                None => standing(one, traces, &occasion.round, cut_off),
            };
            let household = &one.household;
            let address = if kind == Kind::HomeDelivery {
                self.text(Field::Address, household.id, &household.address)?
            } else {
                String::new()
            };
            lines.push(Line {
                carried: Money::ZERO,
                entitlement: one.id,
                household: household.id,
                is_rest: exceptions.get(&one.id).is_some_and(|held| held.cause == Cause::Short),
                name: household.name.clone(),
                name_folded: household.name_folded.clone(),
                nik_masked: self.nik_masked(household)?.unwrap_or_else(|| "TANPA NIK".to_owned()),
                rt: household.rt.clone(),
                village: household.village.clone(),
                sub_district: household.sub_district.clone(),
                address,
                point: one.point.clone(),
                session_no: one.session_no,
                value: one.value,
                print_no: one.print_no,
                vulnerabilities: household.vulnerabilities.replace('|', ", "),
                absence: absences.get(&one.id).cloned(),
                standing,
            });
        }
        for one in carry(conn, part.round, &mut lines, cut_off)? {
            for (item, sum) in occasion.package.items.iter().zip(&mut given) {
                sum.1 -= exceptions.get(&one).map_or(0, |one| one.holds(&item.code));
            }
        }
        sort(&mut lines);
        Ok((lines, given))
    }

    fn handed(&self, handout: Handout, items: Vec<String>) -> Result<Handed, Error> {
        Ok(Handed {
            collector_name: match &handout.collector_name {
                Some(sealed) => self.collector_name(handout.id, sealed)?,
                None => String::new(),
            },
            number: handout.number,
            at: handout.received_at,
            collector: handout.collector,
            relation: handout.relation,
            id_seen: handout.id_seen,
            paper: handout.paper,
            items,
            short: handout.short,
            value: handout.value,
            taken_back: None,
        })
    }

    fn collector_name(&self, redemption: RedemptionId, sealed: &Sealed) -> Result<String, Error> {
        let opened = self.vault.open(Field::CollectorName, redemption.bytes(), sealed)?;
        Ok(hide_numbers(&String::from_utf8_lossy(&opened)).into_owned())
    }

    fn collectors(&self, conn: &mut Conn, round: RoundId, cut_off: Timestamp) -> Result<Vec<String>, Error> {
        let sealed = evidence::collector_names(conn, round, cut_off)?;
        sealed.iter().map(|(id, name)| self.collector_name(*id, name)).collect()
    }

    /// What of a household is sealed, as a text.
    pub(super) fn text(&self, field: Field, household: HouseholdId, sealed: &Sealed) -> Result<String, Error> {
        let opened = self.vault.open(field, household.bytes(), sealed)?;
        Ok(String::from_utf8_lossy(&opened).into_owned())
    }

    fn pairs(&self, conn: &mut Conn, occasion: &Occasion) -> Result<Vec<Pair>, Error> {
        let mut pairs = Vec::new();
        for one in store::documents::substituted(conn, occasion.programme.id, occasion.round.id, occasion.cut_off)? {
            pairs.push(Pair {
                old: self.person(conn, one.old)?,
                new: self.person(conn, one.new)?,
                reason: one.reason.word().to_owned(),
                statement: format!("{}, {}", one.statement_no, plain_date(one.statement_date, Language::Id)),
                note: one.note,
            });
        }
        Ok(pairs)
    }

    fn person(&self, conn: &mut Conn, id: HouseholdId) -> Result<Person, Error> {
        let household = store::households::find(conn, id)?.ok_or(Refusal::NotFound("household"))?;
        let card = match &household.family_card {
            Some((sealed, _)) => masked(&self.text(Field::FamilyCard, household.id, sealed)?),
            None => String::new(),
        };
        let rt = if household.rt.is_empty() { String::new() } else { format!("RT {}, ", household.rt) };
        Ok(Person {
            nik_masked: self.nik_masked(&household)?.unwrap_or_else(|| "TANPA NIK".to_owned()),
            family_card_masked: if card.is_empty() { card } else { format!("KK {card}") },
            place: format!("{rt}{}", household.village),
            name: household.name,
        })
    }
}

/// Moves what handouts left owing to the rights that held it at the cut-off, and says which these are.
fn carry(conn: &mut Conn, round: RoundId, lines: &mut [Line], cut_off: Timestamp) -> Result<Vec<EntitlementId>, Error> {
    let carrying = store::exceptions::carrying(conn, round)?;
    let left = store::exceptions::left_owing(conn, &carrying)?;
    let mut places: HashMap<EntitlementId, &mut Line> = lines.iter_mut().map(|line| (line.entitlement, line)).collect();
    let counts = |one: &Carrying| {
        // Where the right stands on this paper too, it counts as it stood then.
        let here = places.get(&one.by).map(|line| matches!(line.standing, Standing::Revoked(_) | Standing::Expired));
        one.since <= cut_off && !here.unwrap_or(one.ended)
    };
    let by = carrying.iter().filter(|one| counts(one) && places.contains_key(&one.follows)).map(|one| one.by).collect();
    for (right, value) in carried(&carrying, &left, counts) {
        if let Some(line) = places.get_mut(&right) {
            line.carried = Money::new(value).map_err(|fault| Error::Broken(fault.to_string()))?;
        }
    }
    Ok(by)
}

/// The packages that went out at a point beside the redemptions of the round, by decisions until the cut-off.
pub(in crate::service) fn beside(conn: &mut Conn, occasion: &Occasion) -> Result<Vec<Beside>, Error> {
    let here = occasion.scope.point().map(|point| point.id);
    let mut found = store::cases::with_extra_packages(conn, occasion.programme.id)?;
    found.retain(|case| {
        case.round == Some(occasion.round.id)
            && (here.is_none() || case.point == here)
            && case.decided.is_some_and(|(_, at)| at <= occasion.cut_off)
    });
    Ok(found.into_iter().map(|case| Beside { case: case.reference(), packages: case.posting.extra_packages }).collect())
}

/// Until when households can come at the points that have a window of their own.
fn windows(conn: &mut Conn, occasion: &Occasion) -> Result<BTreeMap<String, Timestamp>, Error> {
    let own = store::point_windows::of_round(conn, occasion.round.id)?;
    let points = store::points::of_agency(conn, occasion.agency.id)?;
    let code = |id| points.iter().find(|point| point.id == id).map(|point| point.code.clone());
    Ok(own.into_iter().filter_map(|one| Some((code(one.point)?, one.window.closes_at))).collect())
}

/// A number of sixteen digits with its middle hidden, as a NIK is.
fn masked(digits: &str) -> String {
    let shown: String = digits.chars().take(4).collect();
    let tail: String = digits.chars().skip(digits.chars().count().saturating_sub(4)).collect();
    format!("{shown} **** **** {tail}")
}

fn occasion(
    conn: &mut Conn,
    actor: &Actor,
    round: RoundId,
    wanted: &DocumentWanted,
    cut_off: Timestamp,
) -> Result<Occasion, Error> {
    let (round, programme) = programme::owned_round(conn, actor, round)?;
    let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
    let agency = store::agencies::find(conn, programme.agency)?.ok_or(Refusal::NotFound("agency"))?;
    let scope = match &wanted.point {
        None => Scope::Round,
        Some(code) => {
            let point = store::points::by_code(conn, actor.agency, code)?.ok_or(Refusal::NotFound("point"))?;
            match wanted.session_no {
                None => Scope::Point(Box::new(point)),
                Some(number) => {
                    let slot = store::rounds::session(conn, round.id, point.id, number)?;
                    let known = slot.is_some() || store::evidence::has_session(conn, round.id, point.id, number)?;
                    if !known {
                        let why = "a session of this point".to_owned();
                        return Err(Refusal::Invalid { field: "session", why }.into());
                    }
                    Scope::Session(Box::new(point), number, slot)
                }
            }
        }
    };
    let mut round = round;
    if let Some(point) = scope.point()
        && let Some((opens_at, closes_at)) = evidence::window(conn, round.id, point.id)?
    {
        (round.opens_at, round.closes_at) = (opens_at, closes_at);
    }
    Ok(Occasion {
        agency,
        programme,
        round,
        package,
        scope,
        cut_off,
        unsynced: 0,
        signatures: Vec::new(),
        number: String::new(),
    })
}

/// What a handout gave, a text an item, and adds it to the sums of what was given and what was due.
fn items_given(
    package: &Package,
    short: &mut bool,
    quantities: Option<&BTreeMap<String, i64>>,
    exception: Option<&Counted>,
    sums: &mut [Quantities],
) -> Vec<String> {
    let mut items = Vec::new();
    let part = *short;
    *short = false;
    for (item, sum) in package.items.iter().zip(sums) {
        let due = exception.map_or(item.quantity, |one| one.holds(&item.code));
        let given =
            if part { quantities.and_then(|found| found.get(&item.code)).copied().unwrap_or(0) } else { item.quantity };
        *short |= given < due;
        sum.0 += given;
        sum.1 += due;
        if given > 0 {
            items.push(item.label_of(given));
        }
    }
    items
}
