//! The paper after it was printed: bundles and the hands they pass through, reprints that one person asks for
//! and another makes, and why a household has not come.

use std::collections::BTreeMap;

use super::redeem::Reading;
use super::{Actor, Error, Office, Refusal, entry, programme};
use crate::domain::audit::Event;
use crate::domain::custody::{Cause, Step, StepFault, Whereabouts, bundle_code};
use crate::domain::document::{AbsenceReason, reference};
use crate::domain::id::{AbsenceId, BundleId, CustodyStepId, EntitlementId, PointId, ReprintId, RoundId, UserId};
use crate::domain::role::{Action, Role};
use crate::domain::time::Timestamp;
use crate::store::bundles::{Bundle, Taken, whereabouts};
use crate::store::reprints::{Absence, Reprint};
use crate::store::{self, Conn, Write};

/// A bundle with its way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleView {
    /// The bundle.
    pub bundle: Bundle,
    /// The point's code.
    pub point: String,
    /// Where its vouchers are.
    pub whereabouts: Whereabouts,
    /// Its steps, each with who recorded it.
    pub steps: Vec<(Taken, String)>,
}

/// A file of vouchers that left the office's program: how many sheets there may be of a voucher is known from these.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintRun {
    /// When.
    pub at: Timestamp,
    /// By whom.
    pub by: String,
    /// How many vouchers, in which layout, from which serial to which.
    pub what: String,
}

/// The files of vouchers of a round that were made until a moment, oldest first.
pub(super) fn print_runs(
    conn: &mut Conn,
    actor: &Actor,
    round: RoundId,
    until: Timestamp,
) -> Result<Vec<PrintRun>, Error> {
    let wanted = store::audit::Wanted {
        only: Some(vec![Event::VouchersPrinted.as_str()]),
        object: Some(round.to_string()),
        until: Some(until.plus_millis(1)),
        ..store::audit::Wanted::default()
    };
    let mut found = store::audit::list(conn, actor.agency, &wanted, PRINT_RUNS_MAX)?;
    found.reverse();
    let people: Vec<UserId> = found.iter().filter_map(|line| line.user).collect();
    let people = store::evidence::names(conn, &people)?;
    let by = |line: &store::audit::Line| line.user.and_then(|id| people.get(&id).cloned()).unwrap_or_default();
    Ok(found.iter().map(|line| PrintRun { at: line.at, by: by(line), what: line.detail.clone() }).collect())
}

/// The most print runs that are listed: a round of 100,000 vouchers has 140 files.
const PRINT_RUNS_MAX: i64 = 1_000;

/// What did not leave the office, or did not come to an end, at one point.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CustodySum {
    /// The point's code.
    pub point: String,
    /// Bundles.
    pub bundles: i64,
    /// Bundles that lie in the office.
    pub bundles_in_office: i64,
    /// Vouchers in bundles.
    pub vouchers: i64,
    /// Vouchers that lie in the office.
    pub in_office: i64,
    /// Vouchers with an RT or village officer.
    pub out: i64,
    /// Vouchers that reached their households.
    pub delivered: i64,
    /// Vouchers that nobody recorded and a desk has seen: they reached their households.
    pub proven: i64,
    /// Vouchers that came back.
    pub returned: i64,
}

impl CustodySum {
    /// The sum of one bundle more.
    fn add(&mut self, one: &BundleView) {
        let there = one.whereabouts.places();
        self.bundles += 1;
        self.bundles_in_office += i64::from(there.in_office > 0);
        self.vouchers += i64::from(one.whereabouts.vouchers);
        self.in_office += i64::from(there.in_office);
        self.out += i64::from(there.out);
        self.delivered += i64::from(there.delivered);
        self.proven += i64::from(there.proven);
        self.returned += i64::from(there.returned);
    }

    /// Whether every voucher is in one place.
    #[must_use]
    pub const fn closes(&self) -> bool {
        self.vouchers == self.in_office + self.out + self.delivered + self.proven + self.returned
    }

    /// The sums of bundles, a line a point, in the order in which the points come.
    #[must_use]
    pub fn per_point(bundles: &[BundleView]) -> Vec<Self> {
        let mut sums: Vec<Self> = Vec::new();
        for one in bundles {
            let place = sums.iter().position(|sum| sum.point == one.point).unwrap_or_else(|| {
                sums.push(Self { point: one.point.clone(), ..Self::default() });
                sums.len() - 1
            });
            if let Some(sum) = sums.get_mut(place) {
                sum.add(one);
            }
        }
        sums
    }
}

/// A reprint in a listing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReprintView {
    /// The reprint.
    pub reprint: Reprint,
    /// A name for the entitlement on paper, which opens nothing.
    pub reference: String,
    /// The recipient's name.
    pub name: String,
    /// The point's code.
    pub point: String,
    /// Who asked.
    pub requested_by: String,
    /// Who agreed.
    pub approved_by: Option<String>,
}

/// What somebody records of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewStep {
    /// What was done.
    pub step: Step,
    /// With how many vouchers; handing on takes all of them.
    pub vouchers: i32,
    /// To whom, or from whom: `Ketua RT 014, Pak Amat`.
    pub holder: String,
    /// A remark.
    pub note: String,
}

impl Office {
    /// Puts every voucher of a round that lies in no bundle of its point into one: a bundle for each point,
    /// village and RT, with serials that run through the point in the order in which vouchers are handed out.
    /// Point after point, each a transaction of its own, so that a round of a million holds nobody up for
    /// long. Returns how many bundles were made.
    pub fn prepare_bundles(&self, actor: &Actor, round: RoundId) -> Result<i64, Error> {
        actor.must(Action::PrepareBundles)?;
        self.bundle_loose(actor, round)
    }

    /// The same, as a part of what made the vouchers.
    pub(super) fn bundle_loose(&self, actor: &Actor, round: RoundId) -> Result<i64, Error> {
        let (round, points) = self.pool.read(|conn| -> Result<_, Error> {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            Ok((round.clone(), store::bundles::loose_points(conn, round.id)?))
        })?;
        let mut made = 0;
        for point in points {
            made += self.pool.write("bundles", |tx| self.bundle_up(tx, actor, (round.id, round.number), point))?;
        }
        Ok(made)
    }

    /// Puts the loose vouchers of one point into bundles.
    pub(super) fn bundle_up(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        (round, round_no): (RoundId, i32),
        point: PointId,
    ) -> Result<i64, Error> {
        // The round is held first: what lies loose is asked for when nobody else can bundle it any more.
        let (mut number, mut serial) = store::bundles::reached(tx, round, point)?;
        let loose = store::bundles::loose_at(tx, round, point)?;
        let mut made = 0;
        for group in loose.chunk_by(|a, b| (&a.village, &a.rt) == (&b.village, &b.rt)) {
            let Some(first) = group.first() else { continue };
            number += 1;
            made += 1;
            let count = i32::try_from(group.len()).map_err(|error| Error::Broken(error.to_string()))?;
            let bundle = Bundle {
                id: self.new_id(BundleId::by_time)?,
                round,
                point,
                number,
                code: bundle_code(round_no, number),
                village: first.village.clone(),
                rt: first.rt.clone(),
                vouchers: count,
                first_serial: serial + 1,
                last_serial: serial + count,
                prepared_by: actor.user,
                prepared_at: self.now(),
            };
            serial += count;
            let vouchers: Vec<EntitlementId> = group.iter().map(|one| one.entitlement).collect();
            store::bundles::insert(tx, &bundle, &vouchers)?;
        }
        if made > 0 {
            self.record(tx, actor.who(), Event::BundlesPrepared, round, format!("{made}"))?;
        }
        Ok(made)
    }

    /// The bundles of a round with their ways.
    pub fn bundles(&self, actor: &Actor, round: RoundId) -> Result<Vec<BundleView>, Error> {
        actor.must(Action::ReadCustody)?;
        self.pool.read_snapshot(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let mut steps: BTreeMap<BundleId, Vec<(Taken, String)>> = BTreeMap::new();
            for (taken, by) in store::bundles::steps(conn, round.id, None)? {
                steps.entry(taken.bundle).or_default().push((taken, by));
            }
            let seen = store::bundles::seen(conn, round.id)?;
            let bundles = store::bundles::of_round(conn, round.id)?;
            Ok(bundles
                .into_iter()
                .map(|(bundle, point)| {
                    let steps = steps.remove(&bundle.id).unwrap_or_default();
                    let seen = seen.get(&bundle.id).copied().unwrap_or(0);
                    let whereabouts =
                        Whereabouts { seen, ..whereabouts(&bundle, steps.iter().map(|(taken, _)| taken)) };
                    BundleView { bundle, point, whereabouts, steps }
                })
                .collect())
        })
    }

    /// The bundle whose head carries this code.
    pub fn bundle_by_code(&self, actor: &Actor, round: RoundId, code: &str) -> Result<BundleId, Error> {
        actor.must(Action::ReadCustody)?;
        let code = code.trim().to_uppercase();
        self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let found = store::bundles::by_code(conn, round.id, &code)?;
            Ok(found.ok_or(Refusal::NotFound("bundle"))?)
        })
    }

    /// Records where a bundle, or a part of it, went. Returns where its vouchers are now.
    pub fn record_step(&self, actor: &Actor, id: BundleId, new: &NewStep) -> Result<Whereabouts, Error> {
        actor.must(Action::KeepCustody)?;
        let holder = match new.step {
            Step::Handed => entry::text("holder", &new.holder, 120)?,
            Step::Delivered | Step::Returned => entry::text_or_empty("holder", &new.holder, 120)?,
        };
        let note = entry::text_or_empty("note", &new.note, 200)?;
        let now = self.now();
        self.pool.write("custody", |tx| {
            let (bundle, agency) = store::bundles::find(tx, id)?.ok_or(Refusal::NotFound("bundle"))?;
            actor.must_own(agency, "bundle")?;
            store::bundles::hold(tx, id)?;
            let steps = store::bundles::steps(tx, bundle.round, Some(id))?;
            let before = whereabouts(&bundle, steps.iter().map(|(taken, _)| taken));
            let after = before.after(new.step, new.vouchers).map_err(refused)?;
            let taken = Taken {
                id: self.new_id(CustodyStepId::by_time)?,
                bundle: id,
                step: new.step,
                vouchers: if new.step == Step::Handed { bundle.vouchers } else { new.vouchers },
                holder: holder.clone(),
                note: note.clone(),
                recorded_at: now,
            };
            store::bundles::insert_step(tx, &taken, actor.user)?;
            let detail = format!("{} {}", new.step.as_str(), taken.vouchers);
            self.record(tx, actor.who(), Event::CustodyRecorded, id, detail)?;
            let seen = store::bundles::seen(tx, bundle.round)?.get(&id).copied().unwrap_or(0);
            Ok(Whereabouts { seen, ..after })
        })
    }

    /// The entitlement of a round that a person in the office names: by the reference on a list, or by the QR of
    /// the paper. A typed code is not read here, where nobody counts how often one is guessed.
    pub fn named_in(&self, actor: &Actor, round: RoundId, named: &str) -> Result<EntitlementId, Error> {
        actor.must(Action::ReadCustody)?;
        let named = named.trim();
        let mut beginning = [0; 4];
        let is_reference =
            named.len() == 8 && data_encoding::HEXUPPER_PERMISSIVE.decode_mut(named.as_bytes(), &mut beginning).is_ok();
        let by_paper = if is_reference { None } else { Some(self.read_token(named)?) };
        self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let found = match by_paper {
                Some(Reading::Names { entitlement, .. }) => vec![entitlement],
                Some(Reading::Refused { .. }) => Vec::new(),
                None => store::evidence::by_reference(conn, round.id, beginning)?,
            };
            let [id] = found[..] else { return Err(Refusal::NotFound("entitlement").into()) };
            let (entitlement, _) = store::entitlements::find(conn, id)?.ok_or(Refusal::NotFound("entitlement"))?;
            if entitlement.round == round.id { Ok(id) } else { Err(Refusal::NotFound("entitlement").into()) }
        })
    }

    /// Asks for another print of a voucher. Nothing about the voucher changes until somebody who issues makes
    /// it; a second request while one is open is refused.
    pub fn request_reprint(
        &self,
        actor: &Actor,
        id: EntitlementId,
        (cause, reason): (Cause, &str),
        sheet_kept: bool,
    ) -> Result<ReprintId, Error> {
        actor.must(Action::RequestReprint)?;
        let reason = entry::text("reason", reason, 200)?;
        let now = self.now();
        self.pool.write("reprint_request", |tx| {
            let entitlement = owned_here(tx, actor, id)?;
            if entitlement.state != crate::domain::entitlement::State::Available {
                return Err(Refusal::NotAvailable(entitlement.state).into());
            }
            if store::reprints::open_of(tx, id)?.is_some() {
                return Err(Refusal::Exists("reprint".into()).into());
            }
            let new = Reprint {
                id: self.new_id(ReprintId::by_time)?,
                entitlement: id,
                round: entitlement.round,
                old_print_no: entitlement.print_no,
                new_print_no: None,
                cause,
                reason: reason.clone(),
                sheet_kept,
                requested_by: actor.user,
                requested_at: now,
                approved_by: None,
                approved_at: None,
            };
            store::reprints::insert(tx, &new)?;
            self.record(tx, actor.who(), Event::ReprintRequested, id, format!("{}: {reason}", cause.as_str()))?;
            Ok(new.id)
        })
    }

    /// The reprints of a round, oldest first.
    pub fn reprints(&self, actor: &Actor, round: RoundId) -> Result<Vec<ReprintView>, Error> {
        actor.must(Action::ReadCustody)?;
        let now = self.now();
        let views = self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            let found = store::reprints::of_round(conn, round.id, now)?;
            let people: Vec<_> =
                found.iter().flat_map(|(one, ..)| [Some(one.requested_by), one.approved_by]).flatten().collect();
            let people = store::evidence::names(conn, &people)?;
            let person = |id| people.get(&id).cloned().unwrap_or_default();
            Ok::<_, Error>(
                found
                    .into_iter()
                    .map(|(reprint, name, point)| ReprintView {
                        reference: reference(reprint.entitlement),
                        requested_by: person(reprint.requested_by),
                        approved_by: reprint.approved_by.map(person),
                        reprint,
                        name,
                        point,
                    })
                    .collect::<Vec<_>>(),
            )
        });
        let views: Vec<ReprintView> = views?;
        self.record_look(actor, Event::HouseholdsViewed, round, format!("{}", views.len()))?;
        Ok(views)
    }

    /// Puts a reprint that was just made on record: the open request, if there is one, was agreed to by this
    /// person; without one, the same person asked and made it, and nobody else agreed.
    pub(super) fn record_reprint(
        &self,
        tx: &mut Write<'_>,
        actor: &Actor,
        (id, round): (EntitlementId, RoundId),
        print_no: i32,
        (cause, reason, sheet_kept): (Cause, &str, bool),
    ) -> Result<(), Error> {
        let now = self.now();
        if let Some(asked) = store::reprints::open_of(tx, id)? {
            if asked.requested_by == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            if !store::reprints::approve(tx, asked.id, print_no, actor.user, now)? {
                return Err(store::Error::Raced.into());
            }
            return Ok(());
        }
        let alone = Reprint {
            id: self.new_id(ReprintId::by_time)?,
            entitlement: id,
            round,
            old_print_no: print_no - 1,
            new_print_no: Some(print_no),
            cause,
            reason: reason.to_owned(),
            sheet_kept,
            requested_by: actor.user,
            requested_at: now,
            approved_by: None,
            approved_at: Some(now),
        };
        Ok(store::reprints::insert(tx, &alone)?)
    }

    /// The files of vouchers of a round, oldest first.
    pub fn print_runs(&self, actor: &Actor, round: RoundId) -> Result<Vec<PrintRun>, Error> {
        actor.must(Action::ReadCustody)?;
        let now = self.now();
        self.pool.read(|conn| {
            let (round, _) = programme::owned_round(conn, actor, round)?;
            print_runs(conn, actor, round.id, now)
        })
    }

    /// Notes why a household has not come, and what follows. The newest note counts; none is taken away.
    pub fn note_absence(
        &self,
        actor: &Actor,
        id: EntitlementId,
        reason: AbsenceReason,
        follow_up: &str,
    ) -> Result<(), Error> {
        actor.must(Action::NoteAbsence)?;
        let follow_up = entry::text_or_empty("follow_up", follow_up, 200)?;
        let now = self.now();
        self.pool.write("absence", |tx| {
            store::turns::share(tx, &actor.agency)?;
            let entitlement = owned_here(tx, actor, id)?;
            if !entitlement.state.is_live() {
                return Err(Refusal::NotAvailable(entitlement.state).into());
            }
            let note = Absence {
                id: self.new_id(AbsenceId::by_time)?,
                entitlement: id,
                reason,
                follow_up: follow_up.clone(),
                noted_by: actor.user,
                noted_at: now,
            };
            store::reprints::insert_absence(tx, &note)?;
            self.record(tx, actor.who(), Event::AbsenceNoted, id, reason.as_str())
        })
    }
}

/// An entitlement of the actor's agency, and of their own point where they stand at one.
fn owned_here(
    conn: &mut Conn,
    actor: &Actor,
    id: EntitlementId,
) -> Result<crate::domain::entitlement::Entitlement, Error> {
    let (entitlement, agency) = store::entitlements::find(conn, id)?.ok_or(Refusal::NotFound("entitlement"))?;
    actor.must_own(agency, "entitlement")?;
    let elsewhere = |point: PointId| actor.point != Some(point);
    if actor.role == Role::Operator && elsewhere(entitlement.point) {
        return Err(Refusal::NotFound("entitlement").into());
    }
    Ok(entitlement)
}

/// Why a step cannot follow, as people read it.
fn refused(fault: StepFault) -> Error {
    let (field, why) = match fault {
        StepFault::HandedBefore => ("step", "the bundle was handed on before".to_owned()),
        StepFault::NotHandedYet => ("step", "the bundle lies in the office still".to_owned()),
        StepFault::TooMany { out } => ("vouchers", format!("1 to {out}")),
    };
    Refusal::Invalid { field, why }.into()
}
