//! From vouchers and receipts to paper. The layout is `pdf`'s; which words stand where is said here: of a voucher
//! in `face`, of a receipt in `receipt`.

mod face;
mod receipt;

use std::collections::HashMap;

use self::face::Context;
use super::error::Unprintable;
use super::voucher::PrintHead;
use super::{Actor, Error, Office, Refusal, programme};
use crate::domain::audit::Event;
use crate::domain::id::{EntitlementId, PointId, RoundId};
use crate::domain::job::Mark;
use crate::domain::programme::{Agency, Round};
use crate::domain::role::Action;
use crate::domain::time::Language;
use crate::pdf;
use crate::pdf::voucher_sheet::{self, Layout, MAX_VOUCHERS, SheetHead};
use crate::store::bundles::Placed;
use crate::store::entitlements::Sheet;
use crate::store::{self, Conn};

/// How many vouchers one file holds.
pub const VOUCHERS_PER_FILE: i64 = MAX_VOUCHERS as i64;

/// A voucher without a NIK says so: its household needs a letter of the village.
const NO_NIK: &str = "TANPA NIK";

/// What is to be printed, and how.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wish {
    /// Only at the point with this code.
    pub point: Option<String>,
    /// Only this voucher: a reprint, without the lists of bundles.
    pub entitlement: Option<EntitlementId>,
    /// How the vouchers lie on the paper.
    pub layout: Layout,
    /// Indonesian alone, or with English below it.
    pub language: Language,
}

impl Wish {
    /// Reads a wish from the words in which it is asked for: `a4x4`, and `id` or `id-en`.
    pub fn parse(point: Option<String>, layout: Option<&str>, language: Option<&str>) -> Result<Self, Refusal> {
        let unknown = |field, why: &str| Refusal::Invalid { field, why: why.into() };
        let layout = match layout.filter(|name| !name.is_empty()) {
            None => Layout::default(),
            Some(name) => Layout::parse(name).ok_or_else(|| unknown("layout", "a4x4, a4x2, a6 or booklet"))?,
        };
        let language = match language.filter(|name| !name.is_empty()) {
            None | Some("id") => Language::Id,
            Some("id-en") => Language::En,
            Some(_) => return Err(unknown("language", "id or id-en")),
        };
        Ok(Self { point: point.filter(|code| !code.is_empty()), entitlement: None, layout, language })
    }

    /// The name of the language.
    #[must_use]
    pub const fn language_name(&self) -> &'static str {
        match self.language {
            Language::Id => "id",
            Language::En => "id-en",
        }
    }
}

/// A print run: what stands at its head, where, and how many vouchers it has.
#[derive(Debug, Clone)]
pub struct Run {
    head: PrintHead,
    wish: Wish,
    /// The points and their numbers, by number.
    points: Vec<(PointId, i32)>,
    /// How many vouchers.
    pub count: i64,
}

/// One file of a print run.
#[derive(Debug)]
pub struct Part {
    /// The file.
    pub bytes: Vec<u8>,
    /// How many vouchers stand in it.
    pub count: i64,
    /// Behind its last voucher.
    pub end: Mark,
    /// Whether there are vouchers behind it.
    pub more: bool,
}

impl Part {
    /// Where the next one begins; `None` when this is the last.
    #[must_use]
    pub fn next(&self) -> Option<Mark> {
        self.more.then_some(self.end)
    }
}

fn letterhead(agency: &Agency) -> Vec<String> {
    [&agency.government, &agency.name].into_iter().map(|line| line.to_uppercase()).collect()
}

pub(super) fn printed(result: Result<Vec<u8>, pdf::Fault>) -> Result<Vec<u8>, Error> {
    result.map_err(|fault| match fault {
        pdf::Fault::Broken(why) => Error::Broken(why),
        other => {
            let said = other.to_string();
            let (place, sign) = match other {
                pdf::Fault::Unprintable { place, character } => (Some(place), Some(character)),
                pdf::Fault::TooLong { place } => (Some(place), None),
                _ => (None, None),
            };
            Refusal::Unprintable(Unprintable { place, sign, said }).into()
        }
    })
}

/// The point of a voucher that can be printed by itself.
fn only(conn: &mut Conn, round: &Round, id: EntitlementId) -> Result<(PointId, i32, i64), Error> {
    let sheet = store::entitlements::sheet(conn, id)?.filter(|sheet| sheet.entitlement.round == round.id);
    let sheet = sheet.ok_or(Refusal::NotFound("voucher"))?;
    if !sheet.entitlement.state.is_printable() {
        return Err(Refusal::NotAvailable(sheet.entitlement.state).into());
    }
    Ok((sheet.entitlement.point, sheet.point.0, 1))
}

/// The vouchers behind a mark for one file, point after point, each with its place in its bundle, and whether
/// there are more. The last bundle is left for the next file when it does not end in this one.
fn take(conn: &mut Conn, run: &Run, mark: Mark) -> Result<(Vec<(Sheet, Placed)>, bool), Error> {
    let begun = match mark.after {
        Some(id) => Some(store::bundles::find(conn, id)?.ok_or(Refusal::NotFound("bundle"))?.0.point),
        None => None,
    };
    let reached = i32::try_from(mark.serial).map_err(|error| Error::Broken(error.to_string()))?;
    // The point at which the last part ended may have run dry meanwhile: by number it keeps its place.
    let number = match begun {
        Some(point) => store::points::find(conn, point)?.ok_or(Refusal::NotFound("point"))?.number,
        None => i32::MIN,
    };
    let mut placed = Vec::new();
    for &(point, _) in run.points.iter().filter(|(_, other)| *other >= number) {
        if let Some(id) = run.wish.entitlement {
            placed.extend(store::bundles::placed(conn, id)?.filter(|_| begun.is_none()));
            break;
        }
        let after = if Some(point) == begun { reached } else { 0 };
        let limit = i64::try_from(MAX_VOUCHERS + 1 - placed.len()).unwrap_or(0);
        placed.extend(store::bundles::printable(conn, run.head.round.id, point, after, limit)?);
        if placed.len() > MAX_VOUCHERS {
            break;
        }
    }
    let more = placed.len() > MAX_VOUCHERS;
    if more {
        let cut = placed.pop().map(|beyond| beyond.bundle);
        let whole = placed.iter().rposition(|one| Some(one.bundle) != cut).map_or(placed.len(), |last| last + 1);
        placed.truncate(whole);
    }
    let ids: Vec<EntitlementId> = placed.iter().map(|one| one.entitlement).collect();
    let sheets = store::entitlements::sheets_of(conn, &ids)?;
    Ok((sheets.into_iter().zip(placed).collect(), more))
}

impl Office {
    /// Begins a print run of a round. Nothing is changed: paper, lists and custody speak of the same bundles and
    /// the same serials, so a run with vouchers that lie in no bundle is refused until
    /// [`Office::prepare_bundles`] has put them into one.
    pub fn begin_print(&self, actor: &Actor, round: RoundId, wish: Wish) -> Result<Run, Error> {
        let run = self.plan_print(actor, round, wish)?;
        let loose = self.pool.read(|conn| {
            let mut loose = store::bundles::loose_points(conn, run.head.round.id)?;
            loose.retain(|point| run.points.iter().any(|(wanted, _)| wanted == point));
            match run.wish.entitlement.filter(|_| !loose.is_empty()) {
                Some(id) => Ok::<_, Error>(store::bundles::placed(conn, id)?.is_none()),
                None => Ok(!loose.is_empty()),
            }
        })?;
        if loose { Err(Refusal::NotBundled.into()) } else { Ok(run) }
    }

    /// What a print run would be: how many vouchers it has, bundled or not.
    pub fn plan_print(&self, actor: &Actor, round: RoundId, wish: Wish) -> Result<Run, Error> {
        actor.must(Action::ReadVouchers)?;
        self.pool.read(|conn| {
            let (round, programme) = programme::owned_round(conn, actor, round)?;
            let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
            let agency = store::agencies::find(conn, programme.agency)?.ok_or(Refusal::NotFound("agency"))?;
            let mut points = match wish.entitlement {
                Some(id) => vec![only(conn, &round, id)?],
                None => store::entitlements::printable_points(conn, round.id)?,
            };
            if let Some(code) = &wish.point {
                let found = store::points::by_code(conn, actor.agency, code)?;
                let only = found.ok_or(Refusal::NotFound("point"))?.id;
                points.retain(|(point, ..)| *point == only);
            }
            let count = points.iter().map(|(.., count)| count).sum();
            if count == 0 {
                return Err(Refusal::NotFound("voucher").into());
            }
            let points = points.into_iter().map(|(point, number, _)| (point, number)).collect();
            Ok(Run { head: PrintHead { agency, programme, round, package }, wish, points, count })
        })
    }

    /// The file of a print run that begins at a mark: up to [`VOUCHERS_PER_FILE`] vouchers. A bundle is not
    /// torn apart unless it is larger than a file. `None` when nothing is left behind the mark.
    pub fn print_part(&self, actor: &Actor, run: &Run, mark: Mark) -> Result<Option<Part>, Error> {
        actor.must(Action::ReadVouchers)?;
        let round = &run.head.round;
        let (bundles, end, more, fingerprint) = self.pool.read(|conn| -> Result<_, Error> {
            let key = self.find_issuer_key(conn, round.id)?.ok_or(Refusal::NotFound("voucher"))?;
            let (sheets, more) = take(conn, run, mark)?;
            let context = Context::of(conn, &run.head, run.wish.language)?;
            let slips =
                if run.wish.layout == Layout::Booklet { self.slips(conn, run, &sheets)? } else { HashMap::new() };
            let end =
                sheets.last().map_or(mark, |(_, last)| Mark { after: Some(last.bundle), serial: last.serial.into() });
            let bundles = self.print_bundles(&key, &context, &sheets, slips)?;
            Ok((bundles, end, more, key.verifying_key().fingerprint()))
        })?;
        let count = i64::try_from(bundles.iter().map(|bundle| bundle.vouchers.len()).sum::<usize>()).unwrap_or(0);
        if count == 0 {
            return Ok(None);
        }
        let head = SheetHead {
            language: run.wish.language,
            agency_lines: letterhead(&run.head.agency),
            title: format!("KUPON {}", run.head.programme.name.to_uppercase()),
            round_label: round.name.clone(),
            hotline: Some(run.head.agency.hotline.clone()),
            zone: run.head.agency.zone,
            lists: run.wish.entitlement.is_none(),
            fingerprint,
            stationery: self.stationery.clone(),
        };
        let bytes = printed(voucher_sheet::render(&head, run.wish.layout, &bundles, self.now(), self.draw()?))?;
        let range = bundles.first().zip(bundles.last()).map_or(String::new(), |(first, last)| {
            let end = last.vouchers.last().map_or("", |voucher| voucher.serial.as_str());
            let layout = run.wish.layout.as_str();
            format!(
                "{count} {layout}: {} – {end}",
                first.vouchers.first().map_or("", |voucher| voucher.serial.as_str())
            )
        });
        self.record_look(actor, Event::VouchersPrinted, round.id, range)?;
        Ok(Some(Part { bytes, count, end, more }))
    }
}
