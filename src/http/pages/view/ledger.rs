//! A page of the books: figures, drawings, tables and forms of one shape, for goods, money, cases and closes.

use askama::Template;

use super::frame::{Choice, Frame, Place};
use crate::domain::money::{grouped, share};
use crate::domain::stock::Balance;
use crate::domain::time::Language;

/// A page of the books.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "ledger.html", config = "assets/pages/askama.toml")]
pub struct Ledger {
    /// Surroundings.
    pub frame: Frame,
    /// What it is.
    pub title: String,
    /// The way back: address and words.
    pub back: Option<(String, String)>,
    /// A sentence on it; may be empty.
    pub what: String,
    /// Why something did not work.
    pub error: Option<String>,
    /// After how many seconds the page is read again; 0 for never.
    pub refresh: u32,
    /// Sentences: whether they are good, and their text.
    pub notices: Vec<(bool, String)>,
    /// Figures with their names.
    pub facts: Vec<(String, String)>,
    /// Where one can go: address and words.
    pub links: Vec<(String, String)>,
    /// Drawings; the same numbers stand in the tables.
    pub drawings: Vec<Drawing>,
    /// Tables.
    pub tables: Vec<LedgerTable>,
    /// Fields that narrow the page down.
    pub filters: Vec<LedgerField>,
    /// The views of this list that this person keeps.
    pub saved: SavedViews,
    /// Forms.
    pub forms: Vec<LedgerForm>,
}

/// The views of a list that a person keeps.
#[derive(Debug, Clone, Default)]
pub struct SavedViews {
    /// The list; none where nothing can be kept.
    pub page: Option<&'static str>,
    /// The address of the view that is shown.
    pub here: String,
    /// Those that were kept: id, name, address.
    pub kept: Vec<(String, String, String)>,
}

/// A drawing: bars, or a line. It is 360 wide, so that its words can be read on a phone.
#[derive(Debug, Clone, Default)]
pub struct Drawing {
    /// What it shows.
    pub title: String,
    /// What its two colours mean, where it has bars.
    pub key: Option<(String, String)>,
    /// Its height.
    pub height: i64,
    /// Bars.
    pub bars: Vec<LedgerBar>,
    /// The points of a line, as SVG writes them.
    pub line: String,
    /// Marks on the line.
    pub marks: Vec<(i64, i64)>,
    /// What stands in it besides: where, how (`start`, `middle`, `end`), and what.
    pub said: Vec<(i64, i64, &'static str, String)>,
}

/// A bar, with its words above it.
#[derive(Debug, Clone)]
pub struct LedgerBar {
    /// The upper edge.
    pub top: i64,
    /// The height at which its name stands.
    pub baseline: i64,
    /// The height at which its share stands: beside the name, or below it.
    pub share_baseline: i64,
    /// The width of the whole.
    pub whole: i64,
    /// The width of the part.
    pub part: i64,
    /// Whose it is.
    pub label: String,
    /// The share.
    pub share: String,
}

impl Drawing {
    /// Bars of parts and wholes, the widest as wide as there is room. `key` says what part and whole are.
    #[must_use]
    pub fn bars(title: String, key: (String, String), lines: &[(String, i64, i64)]) -> Self {
        let most = lines.iter().map(|line| line.2).max().unwrap_or(0).max(1);
        let width = |count: i64| i64::try_from(i128::from(count.max(0)) * 360 / i128::from(most)).unwrap_or(360);
        let share =
            |part: &i64, whole: &i64| format!("{} / {} · {}", grouped(*part), grouped(*whole), per_cent(*part, *whole));
        // Letters are about 10 wide. Where a name and its share do not fit beside each other, all stand below.
        let fits = |(label, part, whole): &(String, i64, i64)| {
            label.chars().count() + share(part, whole).chars().count() <= 34
        };
        let (low, step) = if lines.iter().all(fits) { (0, 44) } else { (20, 64) };
        let bars = (0_i64..)
            .zip(lines)
            .map(|(place, (label, part, whole))| LedgerBar {
                top: place * step + low + 22,
                baseline: place * step + 16,
                share_baseline: place * step + low + 16,
                whole: width(*whole),
                part: width(*part),
                label: label.clone(),
                share: share(part, whole),
            })
            .collect::<Vec<_>>();
        let height = i64::try_from(bars.len()).unwrap_or(0) * step;
        Self { title, key: Some(key), height, bars, ..Self::default() }
    }

    /// A line through so many values, from left to right; the first and the last are said.
    #[must_use]
    pub fn line(title: String, values: &[(String, i64)]) -> Self {
        let most = values.iter().map(|value| value.1).max().unwrap_or(0).max(1);
        let steps = i64::try_from(values.len()).unwrap_or(1).saturating_sub(1).max(1);
        let marks: Vec<(i64, i64)> = (0_i64..)
            .zip(values)
            .map(|(place, (_, value))| {
                let rise = i64::try_from(i128::from((*value).max(0)) * 110 / i128::from(most)).unwrap_or(110);
                (8 + place * 344 / steps, 140 - rise)
            })
            .collect();
        let line = marks.iter().map(|(x, y)| format!("{x},{y}")).collect::<Vec<_>>().join(" ");
        let mut said = Vec::new();
        if let (Some((x, y)), Some((day, value))) = (marks.first(), values.first()) {
            said.extend([(*x, y - 10, "start", grouped(*value)), (*x, 164, "start", day.clone())]);
        }
        if let (Some((x, y)), Some((day, value)), true) = (marks.last(), values.last(), values.len() > 1) {
            said.extend([(*x, y - 10, "end", grouped(*value)), (*x, 164, "end", day.clone())]);
        }
        Self { title, height: 172, line, marks, said, ..Self::default() }
    }
}

/// The headings of a balance, in the order of its equation.
pub const BALANCE: [&str; 8] = [
    "#ledger-received",
    "#ledger-corrected",
    "#col-handed-over",
    "#ledger-damaged",
    "#ledger-lost",
    "#ledger-returned",
    "#ledger-moved",
    "#ledger-remaining",
];

/// A balance under these headings, each quantity said as its item is counted.
pub fn balance_cells(balance: Balance, said: impl Fn(i64) -> LedgerCell) -> [LedgerCell; 8] {
    [
        balance.received,
        balance.corrected,
        balance.handed_over,
        balance.damaged,
        balance.lost,
        balance.returned,
        balance.moved,
        balance.remaining,
    ]
    .map(said)
}

/// A share with one digit, as people write it.
#[must_use]
pub fn per_cent(part: i64, whole: i64) -> String {
    share(part, whole).map_or_else(|| "–".to_owned(), |share| format!("{share} %"))
}

/// A table.
#[derive(Debug, Clone, Default)]
pub struct LedgerTable {
    /// What it shows.
    pub caption: String,
    /// Headings, and whether their column holds numbers.
    pub columns: Vec<(String, bool)>,
    /// Rows; the first cell of each names it.
    pub rows: Vec<Vec<LedgerCell>>,
    /// The last row; may be empty.
    pub total: Vec<LedgerCell>,
}

impl LedgerTable {
    /// The heading of a column.
    #[must_use]
    pub fn title(&self, column: usize) -> &str {
        self.columns.get(column).map_or("", |(title, _)| title)
    }
}

/// A cell.
#[derive(Debug, Clone, Default)]
pub struct LedgerCell {
    /// What stands in it.
    pub text: String,
    /// Where it leads.
    pub href: Option<String>,
    /// Whether it is a number.
    pub number: bool,
}

impl LedgerCell {
    /// A text.
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A figure with its unit, which stands to the right as numbers do.
    pub fn figure(text: impl Into<String>) -> Self {
        Self { text: text.into(), number: true, href: None }
    }

    /// Whether it is one word or number, such as a code or a date, that does not break over lines.
    #[must_use]
    pub fn is_short(&self) -> bool {
        self.text.len() <= 18 && !self.text.contains(' ')
    }

    /// A whole number.
    #[must_use]
    pub fn count(number: i64) -> Self {
        Self { text: grouped(number), number: true, href: None }
    }

    /// Rupiah.
    #[must_use]
    pub fn rupiah(minor: i64) -> Self {
        Self { text: format!("Rp{}", grouped(minor)), number: true, href: None }
    }

    /// A share.
    #[must_use]
    pub fn share(part: i64, whole: i64) -> Self {
        Self { text: per_cent(part, whole), number: true, href: None }
    }

    /// The same, leading somewhere.
    #[must_use]
    pub fn to(mut self, href: String) -> Self {
        self.href = Some(href);
        self
    }
}

/// Tables and forms in the reader's words.
impl Frame {
    /// A table under these headings, each a key of the words; one that begins with `#` stands above numbers.
    pub fn table(
        &self,
        caption: &str,
        columns: &[&str],
        rows: impl IntoIterator<Item = Vec<LedgerCell>>,
    ) -> LedgerTable {
        let column = |key: &&str| match key.strip_prefix('#') {
            Some(key) => (self.t(key), true),
            None => (self.t(key), false),
        };
        LedgerTable {
            caption: self.t(caption),
            columns: columns.iter().map(column).collect(),
            rows: rows.into_iter().collect(),
            total: Vec::new(),
        }
    }

    /// A form that is called by this key on its head and its button.
    pub fn form(&self, key: &str, action: String, fields: Vec<LedgerField>) -> LedgerForm {
        LedgerForm { title: self.t(key), button: self.t(key), action, fields, ..LedgerForm::default() }
    }

    /// The same with what stands under `<key>-hint`.
    pub fn hinted(&self, key: &str, action: String, fields: Vec<LedgerField>) -> LedgerForm {
        LedgerForm { hint: self.t(&format!("{key}-hint")), ..self.form(key, action, fields) }
    }

    /// A field to write in, called by this key.
    pub fn field(&self, kind: &'static str, name: &str, key: &str, required: bool) -> LedgerField {
        LedgerField::new(kind, name, self.t(key), required)
    }

    /// A field to choose in, called by this key.
    pub fn choose(&self, name: &str, key: &str, choices: &[Choice], required: bool) -> LedgerField {
        LedgerField::select(name, self.t(key), choices.to_vec(), required)
    }
}

/// A form.
#[derive(Debug, Clone, Default)]
pub struct LedgerForm {
    /// What it is for.
    pub title: String,
    /// A hint; may be empty.
    pub hint: String,
    /// Where it goes.
    pub action: String,
    /// Whether it carries a file.
    pub upload: bool,
    /// Its fields.
    pub fields: Vec<LedgerField>,
    /// What its button says.
    pub button: String,
    /// A second button: where it goes instead, and what it says.
    pub second: Option<(String, String)>,
}

/// A field.
#[derive(Debug, Clone, Default)]
pub struct LedgerField {
    /// Its name.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// `text`, `number`, `date`, `select`, `many` (boxes to tick), `file` or `hidden`.
    pub kind: &'static str,
    /// What stands in it.
    pub value: String,
    /// What can be chosen.
    pub choices: Vec<Choice>,
    /// Whether it has to be filled in.
    pub required: bool,
}

impl LedgerField {
    /// A field to write in.
    pub fn new(kind: &'static str, name: &str, label: impl Into<String>, required: bool) -> Self {
        Self { name: name.to_owned(), label: label.into(), kind, required, ..Self::default() }
    }

    /// A field to choose in.
    pub fn select(name: &str, label: impl Into<String>, choices: Vec<Choice>, required: bool) -> Self {
        Self { choices, ..Self::new("select", name, label, required) }
    }

    /// The same with what stands in it, or is chosen in it, already.
    #[must_use]
    pub fn holding(mut self, value: &str) -> Self {
        value.clone_into(&mut self.value);
        for choice in &mut self.choices {
            choice.chosen = choice.value == value;
        }
        self
    }

    /// A value that goes with the form.
    pub fn hidden(name: &str, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..Self::new("hidden", name, "", false) }
    }
}

impl Ledger {
    /// A sample for tests.
    #[must_use]
    pub fn sample(language: Language) -> Self {
        let cell = LedgerCell::text;
        Self {
            frame: Frame::sample(language, "finance", Place::Cases),
            title: "Tahap 1 / 2026".into(),
            back: Some(("/rounds/0190-r".into(), "Tahap 1 / 2026".into())),
            what: "x".into(),
            error: Some("x".into()),
            refresh: 30,
            notices: vec![(true, "x".into()), (false, "y".into())],
            facts: vec![("Pagu".into(), "Rp3.000.000.000".into())],
            links: vec![("/rounds/0190-r/stock".into(), "Barang".into())],
            drawings: vec![
                Drawing::bars(
                    "a".into(),
                    ("x".into(), "y".into()),
                    &[("TENGGARONG".into(), 251, 420), ("TABANG".into(), 0, 0)],
                ),
                Drawing::line("b".into(), &[("2026-12-05".into(), 161), ("2026-12-07".into(), 412)]),
            ],
            tables: vec![
                LedgerTable {
                    caption: "a".into(),
                    columns: vec![("Titik".into(), false), ("%".into(), true)],
                    rows: vec![vec![cell("TGR-01").to("/cases".into()), LedgerCell::share(1, 3)]],
                    total: vec![cell("Jumlah"), LedgerCell::count(3)],
                },
                LedgerTable { caption: "b".into(), columns: vec![("x".into(), false)], ..LedgerTable::default() },
            ],
            forms: vec![LedgerForm {
                title: "a".into(),
                hint: "b".into(),
                action: "/cases".into(),
                upload: true,
                fields: vec![
                    LedgerField::new("text", "detail", "c", true),
                    LedgerField::new("number", "count", "d", false),
                    LedgerField::new("date", "on", "e", false),
                    LedgerField::new("file", "file", "f", true),
                    LedgerField::hidden("step", "note"),
                    LedgerField::select("kind", "g", vec![Choice::new("x", "y")], true).holding("x"),
                    LedgerField { kind: "many", ..LedgerField::select("of", "j", vec![Choice::new("x", "y")], false) },
                ],
                button: "h".into(),
                second: Some(("/cases".into(), "i".into())),
            }],
            filters: vec![LedgerField::select("kind", "g", vec![Choice::new("x", "y")], false)],
            saved: SavedViews {
                page: Some("cases"),
                here: "/cases?kind=levy".into(),
                kept: vec![("0190-f".into(), "j".into(), "/cases?kind=levy".into())],
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawing_keeps_within_its_paper_whatever_the_numbers() {
        let huge =
            Drawing::bars(String::new(), Default::default(), &[("a".into(), i64::MAX, i64::MAX), ("b".into(), -5, 0)]);
        assert!(huge.bars.iter().all(|bar| (0..=360).contains(&bar.part) && (0..=360).contains(&bar.whole)));
        let of = |name: &str| Drawing::bars(String::new(), Default::default(), &[(name.into(), 107, 120)]);
        let (short, long) = (of("TABANG"), of("TENGGARONG SEBERANG"));
        assert_eq!(short.bars[0].baseline, short.bars[0].share_baseline, "side by side");
        assert!(long.bars[0].baseline + 16 <= long.bars[0].share_baseline, "one below the other: no word on a word");
        for drawing in [short, long] {
            let bar = &drawing.bars[0];
            assert!(bar.share_baseline < bar.top && bar.top + 13 <= drawing.height);
        }
        let line = Drawing::line(String::new(), &[("a".into(), i64::MAX), ("b".into(), 0)]);
        assert_eq!(line.line, "8,30 352,140");
        assert!(line.said.iter().all(|(x, y, ..)| (0..=360).contains(x) && (0..=172).contains(y)));
        assert_eq!(Drawing::line(String::new(), &[]).line, "");
        assert_eq!((per_cent(1, 3), per_cent(1, 0)), ("33,3 %".to_owned(), "–".to_owned()));
    }
}
