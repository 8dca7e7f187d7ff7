//! Voucher sheets, in four layouts, with lines to cut along, at the head of each point the list of its bundles,
//! and a card before each large one.
//!
//! What all vouchers of a call share is drawn once and used on every card, and so is what those of one
//! point and time share; each card adds its own text and its code. A code with a line of text near it, or a
//! name that runs off the card, cannot happen quietly: a text that does not fit its place at the smallest
//! legible size is an error that names the voucher and the line.

use std::collections::HashMap;

use printpdf::{Mm, Op, PdfDocument, PdfPage, Pt, XObject, XObjectId, XObjectTransform};

use super::finish::{About, finish_with};
use super::ink::{Area, Ink, MM};
use super::picture::Picture;
use super::qr::Code;
use super::stationery::Stationery;
use super::typeface::Letters;
use super::voucher_card::{self, Geometry, LEAST_VERSION};
use super::{Fault, booklet, bundle_card, bundle_list};
use crate::domain::time::{Language, Timestamp, Zone};

/// The most vouchers in one file. More make the file slow to open and the program large.
pub const MAX_VOUCHERS: usize = 1_000;

/// How vouchers lie on the paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Layout {
    /// Four cards of A6 on a page of A4.
    #[default]
    A4x4,
    /// Two cards of A5 on a page of A4, in larger letters.
    A4x2,
    /// One card on a page of A6.
    A6,
    /// All rounds of a household on a page of A4, a slip each.
    Booklet,
}

impl Layout {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::A4x4, Self::A4x2, Self::A6, Self::Booklet];

    /// Its stable name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A4x4 => "a4x4",
            Self::A4x2 => "a4x2",
            Self::A6 => "a6",
            Self::Booklet => "booklet",
        }
    }

    /// The layout of this name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|layout| layout.as_str() == name)
    }

    /// How large a code stands on the paper, in millimetres a side, without its white border.
    #[must_use]
    pub const fn code_side(self) -> f32 {
        match self {
            Self::Booklet => booklet::CODE.width,
            Self::A4x4 | Self::A4x2 | Self::A6 => self.grid(Language::Id).1.code.width,
        }
    }

    /// The page in millimetres, its card, and how many cards lie side by side and below each other.
    const fn grid(self, language: Language) -> ((f32, f32), &'static Geometry, (usize, usize)) {
        let small = match language {
            Language::Id => &voucher_card::A6,
            Language::En => &voucher_card::A6_BOTH,
        };
        match self {
            Self::A4x2 => (A4, &voucher_card::A5, (1, 2)),
            Self::A6 => (small.size, small, (1, 1)),
            Self::A4x4 | Self::Booklet => (A4, small, (2, 2)),
        }
    }
}

pub(super) const A4: (f32, f32) = (210.0, 297.0);

/// What all vouchers of a sheet have in common.
#[derive(Debug, Clone)]
pub struct SheetHead {
    /// Indonesian alone, or Indonesian with a small English line below where there is room.
    pub language: Language,
    /// The lines of the letterhead, one to three: the government, the office, its address.
    pub agency_lines: Vec<String>,
    /// The name of the programme as a title: `KUPON BANTUAN SEMBAKO`.
    pub title: String,
    /// Which round: `Tahap 1 / 2026`.
    pub round_label: String,
    /// Where to complain: a telephone number, if the office has one. The national desk stands there
    /// anyway.
    pub hotline: Option<String>,
    /// The zone in which the file's date is written.
    pub zone: Zone,
    /// Whether the lists and cards of the bundles lie before them; not for a voucher that is printed again.
    pub lists: bool,
    /// The fingerprint of the key that signed them, for the lists: what a person compares by eye.
    pub fingerprint: String,
    /// The installation's emblem and typeface.
    pub stationery: Stationery,
}

/// What stands on one voucher. No full NIK, no number of a family card, no birth date, no amount.
#[derive(Debug, Clone)]
pub struct VoucherFace {
    /// The household's id in the list that it comes from, by which an error names it.
    pub source_id: String,
    /// The recipient's name.
    pub name: String,
    /// The NIK with its middle hidden: `6402 **** **** 0001`.
    pub nik_masked: String,
    /// Street or RT: `RT 014`.
    pub address: String,
    /// Village and sub-district: `Loa Ipuh, Kec. Tenggarong`.
    pub area: String,
    /// The code to type when the QR code is damaged, in groups: `7KQ4-M2XP-9D`.
    pub typed_code: String,
    /// The text of the QR code.
    pub qr_text: String,
    /// The name of the distribution point.
    pub point_name: String,
    /// Its code: `TGR-01`.
    pub point_code: String,
    /// When to come; without it the card says that the village will tell.
    pub schedule: Option<Schedule>,
    /// What the household receives. Its right, printed so that it knows.
    pub items: Vec<ItemFace>,
    /// Which print of the voucher this is; only the newest is good.
    pub print_no: u32,
    /// A number by which the paper is sorted and handed on: `TGR-01/0417`.
    pub serial: String,
    /// The code of its bundle: `B1-0012-3`. By it a heap of paper is sorted into bundles.
    pub bundle: String,
    /// For a booklet: all rounds of the programme, this one among them.
    pub slips: Vec<Slip>,
}

/// One item of a package on paper.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ItemFace {
    /// What and how much: `Beras 15 kg`.
    pub label: String,
    /// What it looks like.
    pub picture: Picture,
}

/// When to come, in words.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Schedule {
    /// The day: `Senin, 7 Desember 2026`.
    pub day: String,
    /// The session, if the point works in sessions: `Sesi 1`, in both languages `Sesi / session 1`.
    pub session: Option<String>,
    /// The hours: `08.00–10.00 WITA`.
    pub hours: Option<String>,
}

/// One round of a booklet.
#[derive(Debug, Clone)]
pub struct Slip {
    /// Which round: `Tahap 1 / 2026`.
    pub round_label: String,
    /// The voucher; without one the slip has no code, and says why.
    pub voucher: Option<SlipVoucher>,
    /// Why there is none. It says nothing beside a voucher.
    pub without: Without,
}

/// Why a slip of a booklet has no voucher.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Without {
    /// The round is not issued yet.
    #[default]
    NotIssued,
    /// The round was issued without this household.
    NotNamed,
    /// The package was collected.
    Collected,
    /// It was revoked, it ran out, or a person has to decide.
    NotValid,
}

/// The voucher on a slip.
#[derive(Debug, Clone)]
pub struct SlipVoucher {
    /// The code to type.
    pub typed_code: String,
    /// The text of the QR code.
    pub qr_text: String,
    /// The distribution point with its code.
    pub point: String,
    /// When to come.
    pub schedule: Option<Schedule>,
    /// What the household receives.
    pub items: Vec<ItemFace>,
    /// Which print of the voucher this is.
    pub print_no: u32,
}

/// The vouchers of one RT at one point, which are handed over together against a signature.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Its code, by which custody knows it: `B1-0012-3`.
    pub code: String,
    /// The point with its code.
    pub point: String,
    /// Village and sub-district.
    pub area: String,
    /// The RT; empty where the list has none.
    pub rt: String,
    /// The vouchers, in the order in which they lie in the bundle.
    pub vouchers: Vec<VoucherFace>,
}

impl Bundle {
    /// Whether it is large enough for a card of its own.
    pub(super) const fn has_card(&self) -> bool {
        self.vouchers.len() >= bundle_list::CARD_FROM
    }

    /// The same range without the point: `0401–0417`.
    pub(super) fn short_range(&self) -> String {
        let number = |voucher: &VoucherFace| voucher.serial.rsplit('/').next().unwrap_or_default().to_owned();
        match (self.vouchers.first().map(number), self.vouchers.last().map(number)) {
            (Some(first), Some(last)) if first != last => format!("{first}–{last}"),
            (Some(only), _) => only,
            (None, _) => String::new(),
        }
    }

    /// From the first serial to the last.
    #[must_use]
    pub fn range(&self) -> String {
        match (self.vouchers.first(), self.vouchers.last()) {
            (Some(first), Some(last)) if first.serial != last.serial => format!("{} – {}", first.serial, last.serial),
            (Some(only), _) => only.serial.clone(),
            (None, _) => String::new(),
        }
    }
}

/// Makes one file of vouchers: bundle after bundle in the order given, behind the list of their point, and
/// large ones behind a card of their own. Bundles of one point follow each other.
///
/// `made_at` and `document_id` (16 bytes drawn by the caller) go into the file's description. Between one
/// and [`MAX_VOUCHERS`] vouchers; otherwise, or when a text cannot be printed or does not fit, a [`Fault`]
/// that names the household and the line.
pub fn render(
    head: &SheetHead,
    layout: Layout,
    bundles: &[Bundle],
    made_at: Timestamp,
    document_id: [u8; 16],
) -> Result<Vec<u8>, Fault> {
    let given = bundles.iter().map(|bundle| bundle.vouchers.len()).sum();
    if given == 0 {
        return Err(Fault::Nothing);
    }
    if given > MAX_VOUCHERS {
        return Err(Fault::TooMany { given });
    }
    let title = format!("{} – {}", head.title, head.round_label);
    let letters = head.stationery.typeface.as_ref().map(Letters::new);
    let mut press = Press::new(&title, head, letters.as_ref());
    match layout {
        Layout::Booklet => booklet::lay_out(&mut press, bundles)?,
        Layout::A4x4 | Layout::A4x2 | Layout::A6 => cards(&mut press, layout, bundles)?,
    }
    let author = head.agency_lines.join(", ");
    let about = About { title, author, made_at, zone: head.zone, document_id };
    finish_with(&press.document, &about, letters.as_ref())
}

/// What cards of one point and session have in common.
type Shared<'a> = (&'a str, &'a str, &'a Option<Schedule>, &'a [ItemFace]);

/// Fills the pages of a layout with cards.
fn cards(press: &mut Press<'_>, layout: Layout, bundles: &[Bundle]) -> Result<(), Fault> {
    let (page, g, (across, down)) = layout.grid(press.head.language);
    let (head, letters) = (press.head, press.letters);
    let common = press.keep(voucher_card::common(g, head, letters)?.form(g.size));
    let cuts = (across * down > 1).then(|| press.keep(cut_lines(page, across > 1).form(page)));
    let mut shared: HashMap<Shared<'_>, XObjectId> = HashMap::new();
    let mut ops: Vec<Op> = Vec::new();
    let mut slot = 0;
    for what in in_places(head, bundles, g.size, letters)? {
        if slot == across * down {
            press.page(page, std::mem::take(&mut ops));
            slot = 0;
        }
        if slot == 0
            && let Some(cuts) = &cuts
        {
            ops.push(place(cuts.clone(), (0.0, 0.0), 1.0));
        }
        let (column, row) = (slot % across, slot / across);
        let left = if column == 0 { 0.0 } else { g.size.0 };
        let top = page.1 - if row == 0 { 0.0 } else { g.size.1 };
        let foot = top - g.size.1;
        slot += 1;
        let voucher = match what {
            Place::Paper(ink) => {
                let paper = press.keep(ink.form(g.size));
                ops.push(place(paper, (left, foot), 1.0));
                continue;
            }
            Place::Voucher(voucher) => voucher,
        };
        let named = |line: &str| format!("{}, {line}", named(voucher));
        ops.push(place(common.clone(), (left, foot), 1.0));
        let key = (voucher.point_name.as_str(), voucher.point_code.as_str(), &voucher.schedule, &voucher.items[..]);
        let shared = match shared.get(&key) {
            Some(known) => known.clone(),
            None => {
                let layer =
                    press.keep(voucher_card::where_and_what(g, voucher, head.language, letters, &named)?.form(g.size));
                shared.insert(key, layer.clone());
                layer
            }
        };
        ops.push(place(shared, (left, foot), 1.0));
        voucher_card::own(g, voucher, head.language, letters, &named)?.write_texts((left * MM, top * MM), &mut ops);
        press.code(&voucher.qr_text, &self::named(voucher), (left, top), g.code, &mut ops)?;
    }
    press.page(page, ops);
    Ok(())
}

/// What takes the place of a card.
pub(super) enum Place<'a> {
    /// A sheet of a list, or the card of a bundle.
    Paper(Box<Ink>),
    /// A voucher.
    Voucher(&'a VoucherFace),
}

/// What lies on the paper, in its order: for each point the list of its bundles, then its bundles.
pub(super) fn in_places<'a>(
    head: &SheetHead,
    bundles: &'a [Bundle],
    size: (f32, f32),
    letters: Option<&Letters>,
) -> Result<Vec<Place<'a>>, Fault> {
    let mut places = Vec::new();
    if !head.lists {
        places.extend(bundles.iter().flat_map(|bundle| &bundle.vouchers).map(Place::Voucher));
        return Ok(places);
    }
    for of_point in bundles.chunk_by(|a, b| a.point == b.point) {
        places.extend(bundle_list::lay_out(head, of_point, size, letters)?.into_iter().map(Box::new).map(Place::Paper));
        for bundle in of_point {
            if bundle.has_card() {
                places.push(Place::Paper(Box::new(bundle_card::lay_out(head, bundle, size, letters)?)));
            }
            places.extend(bundle.vouchers.iter().map(Place::Voucher));
        }
    }
    Ok(places)
}

/// How an error names a voucher: by its household, so that somebody can look.
pub(super) fn named(voucher: &VoucherFace) -> String {
    format!("{} {} ({})", voucher.source_id, voucher.name, voucher.serial)
}

/// A file in the making.
#[derive(Debug)]
pub(super) struct Press<'a> {
    pub(super) head: &'a SheetHead,
    pub(super) letters: Option<&'a Letters>,
    document: PdfDocument,
    kept: usize,
    codes: usize,
}

impl<'a> Press<'a> {
    fn new(title: &str, head: &'a SheetHead, letters: Option<&'a Letters>) -> Self {
        let mut document = PdfDocument::new(title);
        if let Some(emblem) = &head.stationery.emblem {
            document.resources.xobjects.map.insert(XObjectId("E".to_owned()), XObject::External(emblem.image()));
        }
        Self { head, letters, document, kept: 0, codes: 0 }
    }

    /// Keeps a form for use on any page.
    pub(super) fn keep(&mut self, form: printpdf::ExternalXObject) -> XObjectId {
        self.kept += 1;
        let id = XObjectId(format!("K{}", self.kept));
        self.document.resources.xobjects.map.insert(id.clone(), XObject::External(form));
        id
    }

    /// Draws the code of a text into an area of a card whose upper left corner is `corner` on the page.
    pub(super) fn code(
        &mut self,
        text: &str,
        place_name: &str,
        (left, top): (f32, f32),
        area: Area,
        ops: &mut Vec<Op>,
    ) -> Result<(), Fault> {
        let code = Code::new(text, LEAST_VERSION, place_name)?;
        self.codes += 1;
        let id = XObjectId(format!("Q{}", self.codes));
        ops.push(place(id.clone(), (left + area.left, top - area.bottom()), area.width * MM));
        self.document.resources.xobjects.map.insert(id, XObject::External(code.image()));
        Ok(())
    }

    /// Ends a page.
    pub(super) fn page(&mut self, (width, height): (f32, f32), ops: Vec<Op>) {
        self.document.pages.push(PdfPage::new(Mm(width), Mm(height), ops));
    }
}

/// Draws an object with its lower left corner at a place in millimetres.
pub(super) fn place(id: XObjectId, (left, foot): (f32, f32), scale: f32) -> Op {
    let round = |value: f32| (value * 1000.0).round() / 1000.0;
    let transform = XObjectTransform {
        translate_x: Some(Pt(round(left * MM))),
        translate_y: Some(Pt(round(foot * MM))),
        scale_x: Some(round(scale)),
        scale_y: Some(round(scale)),
        no_auto_scale: true,
        ..XObjectTransform::default()
    };
    Op::UseXobject { id, transform }
}

/// The lines to cut along. They keep off the margin in which printers cannot print.
fn cut_lines(page: (f32, f32), upright: bool) -> Ink {
    let mut ink = Ink::default();
    if upright {
        ink.cut((page.0 / 2.0, 4.0), (page.0 / 2.0, page.1 - 4.0));
    }
    ink.cut((4.0, page.1 / 2.0), (page.0 - 4.0, page.1 / 2.0));
    ink
}

#[cfg(test)]
pub(super) use super::voucher_tests::samples;
