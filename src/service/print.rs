//! From vouchers and receipts to paper. The layout is `pdf`'s; which words stand where is said here.

use std::collections::HashMap;

use super::voucher::PrintHead;
use super::{Actor, Error, Office, ReceiptView, Refusal, programme};
use crate::domain::audit::Event;
use crate::domain::entitlement::State;
use crate::domain::id::{EntitlementId, HouseholdId, PointId, RedemptionId, RoundId};
use crate::domain::job::Mark;
use crate::domain::package::{Item, Package};
use crate::domain::programme::{Agency, Round, Session};
use crate::domain::redemption::{CollectorKind, Paper};
use crate::domain::role::Action;
use crate::domain::terbilang::in_words;
use crate::domain::time::{Language, Zone, long_date};
use crate::pdf;
use crate::pdf::picture::Picture;
use crate::pdf::receipt::{self, ReceiptFace};
use crate::pdf::receipt_strip::{self, Width};
use crate::pdf::voucher_sheet::{
    self, Bundle, ItemFace, Layout, MAX_VOUCHERS, Schedule, SheetHead, Slip, SlipVoucher, VoucherFace,
};
use crate::store::bundles::Placed;
use crate::store::entitlements::Sheet;
use crate::store::{self, Conn};
use crate::token::SigningKey;

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
    /// Where the next one begins; `None` when this is the last.
    pub next: Option<Mark>,
}

fn letterhead(agency: &Agency) -> Vec<String> {
    [&agency.government, &agency.name].into_iter().map(|line| line.to_uppercase()).collect()
}

pub(super) fn printed(result: Result<Vec<u8>, pdf::Fault>) -> Result<Vec<u8>, Error> {
    result.map_err(|fault| match fault {
        pdf::Fault::Broken(why) => Error::Broken(why),
        other => Refusal::Unprintable(other.to_string()).into(),
    })
}

/// What the vouchers of one round share.
struct Context {
    round: Round,
    sessions: Vec<Session>,
    items: Vec<ItemFace>,
    zone: Zone,
}

impl Context {
    fn of(conn: &mut Conn, head: &PrintHead) -> Result<Self, Error> {
        Ok(Self {
            round: head.round.clone(),
            sessions: store::rounds::sessions_of(conn, head.round.id)?,
            items: pictured(&head.package),
            zone: head.agency.zone,
        })
    }

    fn schedule(&self, sheet: &Sheet) -> Option<Schedule> {
        let right = &sheet.entitlement;
        let slot = self.sessions.iter().find(|slot| slot.point == right.point && slot.number == right.session_no)?;
        let zone = self.zone;
        Some(Schedule {
            day: long_date(slot.starts_at.date(zone), Language::Id),
            session: Some(format!("Sesi {}", slot.number)),
            hours: Some(format!("{}–{} {}", slot.starts_at.clock(zone), slot.ends_at.clock(zone), zone.label())),
        })
    }
}

/// The items with what they look like.
fn pictured(package: &Package) -> Vec<ItemFace> {
    let face = |item: &Item| ItemFace {
        label: item.label(),
        picture: match Picture::of(&item.code) {
            Picture::Parcel => Picture::of(&item.name),
            known => known,
        },
    };
    package.items.iter().map(face).collect()
}

/// Village and sub-district.
fn area(sheet: &Sheet) -> String {
    format!("{}, Kec. {}", sheet.household.village, sheet.household.sub_district)
}

fn print_no(sheet: &Sheet) -> Result<u32, Error> {
    u32::try_from(sheet.entitlement.print_no).map_err(|error| Error::Broken(error.to_string()))
}

/// The point of a voucher that can be printed by itself.
fn only(conn: &mut Conn, round: &Round, id: EntitlementId) -> Result<(PointId, i32, i64), Error> {
    let sheet = store::entitlements::sheet(conn, id)?.filter(|sheet| sheet.entitlement.round == round.id);
    let sheet = sheet.ok_or(Refusal::NotFound("voucher"))?;
    if sheet.entitlement.state != State::Available {
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
    /// Begins a print run of a round. What lies in no bundle yet is put into one, so that paper, lists and
    /// custody speak of the same bundles and the same serials.
    pub fn begin_print(&self, actor: &Actor, round: RoundId, wish: Wish) -> Result<Run, Error> {
        actor.must(Action::ReadVouchers)?;
        self.prepare_bundles(actor, round)?;
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
        let (bundles, next, fingerprint) = self.pool.read(|conn| -> Result<_, Error> {
            let key = self.find_issuer_key(conn, round.id)?.ok_or(Refusal::NotFound("voucher"))?;
            let (sheets, more) = take(conn, run, mark)?;
            let context = Context::of(conn, &run.head)?;
            let slips =
                if run.wish.layout == Layout::Booklet { self.slips(conn, run, &sheets)? } else { HashMap::new() };
            let (bundles, next) = self.print_bundles(&key, &context, &sheets, slips, more)?;
            Ok((bundles, next, key.verifying_key().fingerprint()))
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
        Ok(Some(Part { bytes, count, next }))
    }

    /// The vouchers of a part as they stand on paper, in bundles, and where the next part begins.
    fn print_bundles(
        &self,
        key: &SigningKey,
        context: &Context,
        sheets: &[(Sheet, Placed)],
        mut slips: HashMap<HouseholdId, Vec<Slip>>,
        more: bool,
    ) -> Result<(Vec<Bundle>, Option<Mark>), Error> {
        let mut bundles: Vec<Bundle> = Vec::new();
        for group in sheets.chunk_by(|(_, a), (_, b)| a.bundle == b.bundle) {
            let Some((sheet, placed)) = group.first() else { continue };
            let mut vouchers = Vec::with_capacity(group.len());
            for (sheet, placed) in group {
                let mut face = self.face(key, context, sheet, placed)?;
                face.slips = slips.remove(&sheet.household.id).unwrap_or_default();
                vouchers.push(face);
            }
            bundles.push(Bundle {
                code: placed.code.clone(),
                point: format!("{} ({})", sheet.point.2, sheet.point.1),
                area: area(sheet),
                rt: sheet.household.rt.clone(),
                vouchers,
            });
        }
        let last = sheets.last().filter(|_| more);
        let next = last.map(|(_, last)| Mark { after: Some(last.bundle), serial: last.serial.into() });
        Ok((bundles, next))
    }

    fn face(&self, key: &SigningKey, context: &Context, sheet: &Sheet, placed: &Placed) -> Result<VoucherFace, Error> {
        let household = &sheet.household;
        Ok(VoucherFace {
            source_id: household.source_id.clone(),
            name: household.name.clone(),
            nik_masked: self.nik_masked(household)?.unwrap_or_else(|| NO_NIK.to_owned()),
            address: if household.rt.is_empty() { String::new() } else { format!("RT {}", household.rt) },
            area: area(sheet),
            typed_code: sheet.entitlement.typed_code.to_string(),
            qr_text: self.qr_text(key, &context.round, sheet)?,
            point_name: sheet.point.2.clone(),
            point_code: sheet.point.1.clone(),
            schedule: context.schedule(sheet),
            items: context.items.clone(),
            print_no: print_no(sheet)?,
            serial: format!("{}/{:04}", sheet.point.1, placed.serial),
            bundle: placed.code.clone(),
            slips: Vec::new(),
        })
    }

    /// For a booklet: what each household holds in the rounds of the programme, issued or not.
    fn slips(
        &self,
        conn: &mut Conn,
        run: &Run,
        sheets: &[(Sheet, Placed)],
    ) -> Result<HashMap<HouseholdId, Vec<Slip>>, Error> {
        let households: Vec<HouseholdId> = sheets.iter().map(|(sheet, _)| sheet.household.id).collect();
        let mut slips: HashMap<HouseholdId, Vec<Slip>> = HashMap::new();
        for round in store::rounds::of_programme(conn, run.head.programme.id)? {
            let package = store::packages::find(conn, round.package)?.ok_or(Refusal::NotFound("package"))?;
            let head = PrintHead { round, package, ..run.head.clone() };
            let context = Context::of(conn, &head)?;
            let key = self.find_issuer_key(conn, context.round.id)?;
            let mut papers = HashMap::new();
            if let Some(key) = &key {
                for sheet in store::entitlements::printable_of(conn, context.round.id, &households)? {
                    let paper = SlipVoucher {
                        typed_code: sheet.entitlement.typed_code.to_string(),
                        qr_text: self.qr_text(key, &context.round, &sheet)?,
                        point: format!("{} ({})", sheet.point.2, sheet.point.1),
                        schedule: context.schedule(&sheet),
                        items: context.items.clone(),
                        print_no: print_no(&sheet)?,
                    };
                    papers.insert(sheet.household.id, paper);
                }
            }
            for household in &households {
                let slip = Slip { round_label: context.round.name.clone(), voucher: papers.remove(household) };
                slips.entry(*household).or_default().push(slip);
            }
        }
        Ok(slips)
    }

    /// A receipt on paper of a kind: `a6` (a small sheet), `58` or `80` (a strip, by its width in
    /// millimetres). The look is on record.
    pub fn receipt_pdf(&self, actor: &Actor, id: RedemptionId, paper: Option<&str>) -> Result<Vec<u8>, Error> {
        actor.must(Action::ReadRedemptions)?;
        let width = match paper {
            None | Some("" | "a6") => None,
            Some("58") => Some(Width::Mm58),
            Some("80") => Some(Width::Mm80),
            Some(_) => return Err(Refusal::Invalid { field: "paper", why: "a6, 58 or 80".into() }.into()),
        };
        let face = receipt_face(&self.receipt(actor, id)?);
        let (now, drawn) = (self.now(), self.draw()?);
        printed(match width {
            None => receipt::render(&face, &self.stationery, now, drawn),
            Some(width) => receipt_strip::render(&face, width, &self.stationery, now, drawn),
        })
    }
}

fn receipt_face(receipt: &ReceiptView) -> ReceiptFace {
    let zone = receipt.agency.zone;
    let collector = match receipt.collector {
        CollectorKind::Oneself => "Penerima sendiri".to_owned(),
        CollectorKind::Proxy | CollectorKind::Substitute => {
            let kind = if receipt.collector == CollectorKind::Proxy { "Wakil" } else { "Pengganti" };
            let relation = receipt.relation.as_deref().map(relation_words);
            let name = receipt.collector_name.as_deref();
            [Some(kind), relation, name].into_iter().flatten().collect::<Vec<_>>().join(" – ")
        }
    };
    let note = match receipt.paper {
        Paper::Seen if receipt.short => Some("Barang kurang dari hak; sisanya dicatat".to_owned()),
        Paper::Seen => None,
        Paper::Lost => Some("Tanpa kupon: kupon hilang".to_owned()),
        Paper::NotDelivered => Some("Tanpa kupon: kupon tidak sampai".to_owned()),
    };
    ReceiptFace {
        language: Language::Id,
        agency_lines: letterhead(&receipt.agency),
        number: receipt.number.clone(),
        programme: receipt.programme.clone(),
        round_label: receipt.round.clone(),
        name: receipt.household.clone(),
        nik_masked: receipt.nik_masked.clone().unwrap_or_else(|| NO_NIK.to_owned()),
        items: receipt.items.iter().map(|(item, quantity)| item.label_of(*quantity)).collect(),
        value: receipt.value.to_string(),
        in_words: in_words(receipt.value),
        collector,
        identity: if receipt.id_seen { "KTP/KK dilihat" } else { "KTP/KK tidak dicatat" }.to_owned(),
        time: format!("{} {}", receipt.redeemed_at.short(zone), zone.label()),
        point: format!("{} ({})", receipt.point.name, receipt.point.code),
        desk: Some(receipt.desk.clone()),
        operator: receipt.operator.clone(),
        device: receipt.desk.clone(),
        key_id: receipt.kid.clone(),
        short_hash: receipt.short_hash(),
        note,
        qr_text: None,
        zone,
    }
}

/// How a proxy belongs to the household, in words.
fn relation_words(relation: &str) -> &str {
    match relation {
        "same_family_card" => "satu KK",
        "other" => "di luar KK",
        other => other,
    }
}
