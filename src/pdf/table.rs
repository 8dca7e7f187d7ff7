//! A table set on paper: columns share the width, cells wrap and are never cut, a row stays on one page, and
//! the head is set again on every page.

use super::Fault;
use super::font::{self, Face, Fitted, Pen};
use super::ink::{Align, Area, BLACK, GREY, Ink, MM, Style};
use crate::domain::document::{Cell, Table};
use crate::domain::money::grouped;

/// Between a cell's edge and its text, in millimetres.
const PAD: f32 = 1.2;
/// The size of text in cells, in points.
const SIZE: f32 = 7.5;
/// The smallest size of a heading, so that a long word stays whole.
const HEAD_SMALLEST: f32 = 5.5;
/// The smallest size of a text in a cell, for the same reason.
const SMALLEST: f32 = 6.0;
/// The thickness of lines, in points.
const LINE: f32 = 0.4;
/// The grey behind headings.
const SHADE: f32 = 0.92;
/// The side of a box to tick.
const BOX: f32 = 3.6;
/// From how many columns on a table numbers them.
const WIDE: usize = 6;

/// One table with its columns measured.
pub(super) struct Layout<'a> {
    table: &'a Table,
    /// A sheet like the one that the table goes on: what it can set, and how wide.
    blank: &'a Ink,
    /// The left edge of each column, and at the end the right edge of the last.
    edges: Vec<f32>,
}

/// A row whose texts are broken into lines.
pub(super) struct Row {
    cells: Vec<Set>,
    pub(super) height: f32,
}

/// What is set in a cell.
enum Set {
    Lines(Vec<Fitted>, Align, Face),
    Sign(u32),
    Tick,
}

/// Where a cell stands, its row counted from 0: `baris 8 (SITI), Nama / NIK`.
pub(super) fn whose(table: &Table, number: usize, place: usize) -> String {
    let heading = table.columns.get(place).map_or("", |column| column.title.as_str());
    // The text itself says whose line it is; a table of figures has no such text.
    let said = match table.rows.get(number).and_then(|row| row.get(place)) {
        Some(Cell::Text(text) | Cell::Coded(text, _)) if !text.is_empty() => {
            format!(" ({})", text.lines().next().unwrap_or_default().chars().take(60).collect::<String>())
        }
        _ => String::new(),
    };
    format!("baris {}{said}, {heading}", number + 1)
}

impl<'a> Layout<'a> {
    pub(super) fn new(table: &'a Table, left: f32, width: f32, blank: &'a Ink) -> Self {
        let weights = table.columns.iter().map(|column| f32::from(column.weight.max(1)));
        let all: f32 = weights.clone().sum();
        let mut edges = vec![left];
        let mut edge = left;
        for weight in weights {
            edge += width * weight / all;
            edges.push(edge);
        }
        Self { table, blank, edges }
    }

    fn left(&self, column: usize) -> f32 {
        self.edges.get(column).copied().unwrap_or_default()
    }

    /// The width between the edges of columns, `until` not included, that text can use.
    fn room(&self, from: usize, until: usize) -> f32 {
        self.left(until) - self.left(from) - 2.0 * PAD
    }

    /// The headings, and in a wide table below them the numbers of the columns, as such forms have them.
    pub(super) fn head(&self) -> Result<Vec<Row>, Fault> {
        let mut titles = Vec::new();
        let mut numbers = Vec::new();
        for (place, column) in self.table.columns.iter().enumerate() {
            let room = self.room(place, place + 1);
            let name = || format!("heading {:?}", column.title);
            self.blank.check(&column.title, &name)?;
            let fitted = font::fit_unbroken(
                &column.title.split(' ').collect::<Vec<_>>(),
                self.blank.pen(Face::Bold),
                (room * MM, 400.0),
                SIZE,
                HEAD_SMALLEST,
            )
            .and_then(|words| Some(words.first()?.size))
            .and_then(|size| fit(&column.title, self.blank.pen(Face::Bold), room, size));
            let fitted = match fitted {
                Some(fitted) => fitted,
                None => fit(&column.title, self.blank.pen(Face::Bold), room, HEAD_SMALLEST)
                    .ok_or_else(|| Fault::TooLong { place: name() })?,
            };
            titles.push(Set::Lines(vec![fitted], Align::Centre, Face::Bold));
            let number = fit(&(place + 1).to_string(), self.blank.pen(Face::Regular), room, 6.0).into_iter().collect();
            numbers.push(Set::Lines(number, Align::Centre, Face::Regular));
        }
        let titles = row(titles, 0.0);
        Ok(if self.table.columns.len() < WIDE { vec![titles] } else { vec![titles, row(numbers, 0.0)] })
    }

    /// A row of the table, counted from 0.
    pub(super) fn row(&self, number: usize) -> Result<Row, Fault> {
        let Some(cells) = self.table.rows.get(number) else { return Ok(row(Vec::new(), 0.0)) };
        let mut set = Vec::new();
        for (place, cell) in cells.iter().enumerate() {
            let name = || whose(self.table, number, place);
            set.push(self.cell(cell, place, &name)?);
        }
        Ok(row(set, f32::from(self.table.row_height)))
    }

    fn cell(&self, cell: &Cell, place: usize, name: &dyn Fn() -> String) -> Result<Set, Fault> {
        let room = self.room(place, place + 1);
        let figure = |number: i64, face| {
            let text = grouped(number);
            // A figure is never broken: it shrinks.
            font::fit_unbroken(&[&text], face, (room * MM, 400.0), SIZE, 5.0)
                .map(|lines| Set::Lines(lines, Align::Right, face))
                .ok_or_else(|| Fault::TooLong { place: name() })
        };
        match cell {
            Cell::Number(number) => self.cell(&Cell::text(number.to_string()), place, name),
            Cell::Text(text) | Cell::Coded(text, _) => {
                let mut lines = Vec::new();
                for part in text.split('\n') {
                    self.blank.check(part, name)?;
                    lines.push(
                        fit(part, self.blank.pen(Face::Regular), room, SIZE)
                            .ok_or_else(|| Fault::TooLong { place: name() })?,
                    );
                }
                // A short text of figures alone, such as a line's number, stands in the middle.
                let middle = text.len() <= 4 && text.bytes().all(|sign| sign.is_ascii_digit());
                Ok(Set::Lines(lines, if middle { Align::Centre } else { Align::Left }, Face::Regular))
            }
            Cell::Count(number) | Cell::Rupiah(number) => figure(*number, Face::Regular),
            Cell::Goods(text) | Cell::Measure(text, _) => {
                self.blank.check(text, name)?;
                let fitted = fit(text, self.blank.pen(Face::Regular), room, SIZE)
                    .ok_or_else(|| Fault::TooLong { place: name() })?;
                Ok(Set::Lines(vec![fitted], Align::Right, Face::Regular))
            }
            Cell::Sign(number) => Ok(Set::Sign(*number)),
            Cell::Tick => Ok(Set::Tick),
            Cell::Blank => Ok(Set::Lines(Vec::new(), Align::Left, Face::Regular)),
        }
    }

    /// The line of totals: what it is called across the columns before the first figure, then the figures.
    pub(super) fn total(&self) -> Result<Option<TotalRow>, Fault> {
        let Some(total) = &self.table.total else { return Ok(None) };
        let name = || "total".to_owned();
        let span = total.figures.iter().map(|(place, _)| *place).min().unwrap_or(self.table.columns.len());
        self.blank.check(&total.label, &name)?;
        let label = fit(&total.label, self.blank.pen(Face::Bold), self.room(0, span.max(1)), SIZE);
        let label = label.ok_or_else(|| Fault::TooLong { place: name() })?;
        let mut height = tall(std::slice::from_ref(&label));
        let mut figures = Vec::new();
        for (place, cell) in &total.figures {
            let text = match cell {
                Cell::Goods(text) => text.clone(),
                _ => cell.figure().map(grouped).unwrap_or_default(),
            };
            self.blank.check(&text, &name)?;
            let room = (self.room(*place, place + 1) * MM, 400.0);
            let fitted = font::fit_unbroken(&[&text], Face::Bold, room, SIZE, 4.5);
            let fitted = fitted.ok_or_else(|| Fault::TooLong { place: name() })?;
            height = height.max(tall(&fitted));
            figures.push((*place, fitted));
        }
        Ok(Some(TotalRow { span, label, figures, height }))
    }

    /// Sets the headings, and says where they end.
    pub(super) fn draw_head(&self, ink: &mut Ink, rows: &[Row], mut top: f32) -> f32 {
        let width = self.left(self.table.columns.len()) - self.left(0);
        let height = rows.iter().map(|row| row.height).sum();
        ink.fill(Area::new(self.left(0), top, width, height), SHADE);
        for row in rows {
            top = self.draw(ink, row, top, true);
        }
        top
    }

    /// Sets a row, and says where it ends.
    pub(super) fn draw(&self, ink: &mut Ink, row: &Row, top: f32, middle: bool) -> f32 {
        for (place, set) in row.cells.iter().enumerate() {
            let left = self.left(place) + PAD;
            let area = Area::new(left, top + PAD, self.room(place, place + 1), row.height - 2.0 * PAD);
            match set {
                Set::Lines(lines, align, face) => {
                    let spare = area.height - lines_tall(lines);
                    let top = if middle { area.top + (spare / 2.0).max(0.0) } else { area.top };
                    let style = Style::new(*face, SIZE, SIZE).align(*align);
                    ink.set_column(lines, Area { top, ..area }, style);
                }
                Set::Sign(number) => sign(ink, *number, self.left(place), self.left(place + 1), (top, row.height)),
                Set::Tick => {
                    let left = self.left(place) + (self.left(place + 1) - self.left(place) - BOX) / 2.0;
                    ink.frame(Area::new(left, top + (row.height - BOX) / 2.0, BOX, BOX), 0.7);
                }
            }
        }
        self.grid(ink, top, row.height, 0);
        top + row.height
    }

    /// Sets the totals, and says where they end.
    pub(super) fn draw_total(&self, ink: &mut Ink, total: &TotalRow, top: f32) -> f32 {
        let width = self.left(self.table.columns.len()) - self.left(0);
        ink.fill(Area::new(self.left(0), top, width, total.height), SHADE);
        let area = Area::new(self.left(0) + PAD, top + PAD, self.room(0, total.span.max(1)), total.height);
        ink.set_fitted(&total.label, area, Style::new(Face::Bold, SIZE, SIZE));
        for (place, fitted) in &total.figures {
            let area = Area::new(self.left(*place) + PAD, top + PAD, self.room(*place, place + 1), total.height);
            ink.set_column(fitted, area, Style::new(Face::Bold, SIZE, SIZE).align(Align::Right));
        }
        self.grid(ink, top, total.height, total.span);
        top + total.height
    }

    /// The lines around the cells of a row; those between the first `open` columns are left out.
    fn grid(&self, ink: &mut Ink, top: f32, height: f32, open: usize) {
        let width = self.left(self.table.columns.len()) - self.left(0);
        let thick = LINE / MM;
        ink.rule(self.left(0), top, width + thick, LINE, BLACK);
        ink.rule(self.left(0), top + height, width + thick, LINE, BLACK);
        for (place, edge) in self.edges.iter().enumerate() {
            if place == 0 || place >= open {
                ink.fill(Area::new(*edge, top, thick, height), BLACK);
            }
        }
    }
}

/// The line of totals, broken into lines.
pub(super) struct TotalRow {
    span: usize,
    label: Fitted,
    figures: Vec<(usize, Vec<Fitted>)>,
    pub(super) height: f32,
}

/// Breaks a text into lines. A word that is too wide for its column makes the text smaller, down to [`SMALLEST`]; only
/// a word that is too wide even then is broken.
fn fit(text: &str, pen: Pen<'_>, room: f32, size: f32) -> Option<Fitted> {
    let room = (room * MM, 10_000.0);
    font::fit(text, pen, room, size, SMALLEST.min(size))
        .filter(|fitted| fitted.size > SMALLEST || font::wrap(text, pen, fitted.size, room.0).is_some())
        .or_else(|| font::fit(text, pen, room, size, size))
}

fn row(cells: Vec<Set>, least: f32) -> Row {
    let height = cells
        .iter()
        .map(|set| match set {
            Set::Lines(lines, ..) => tall(lines),
            Set::Sign(_) | Set::Tick => 0.0,
        })
        .fold(least, f32::max);
    Row { cells, height: height.max(4.6) }
}

/// The height of lines with the room around them, in millimetres.
fn tall(lines: &[Fitted]) -> f32 {
    lines_tall(lines) + 2.0 * PAD
}

fn lines_tall(lines: &[Fitted]) -> f32 {
    let filled: Vec<&Fitted> = lines.iter().filter(|part| !part.lines.is_empty()).collect();
    let gaps = filled.iter().skip(1).map(|part| font::GAP * part.size).sum::<f32>();
    (filled.iter().map(|part| part.height()).sum::<f32>() + gaps) / MM
}

/// The place to sign: odd lines on the left, even ones on the right, so that neighbours do not run together.
fn sign(ink: &mut Ink, number: u32, left: f32, right: f32, (top, height): (f32, f32)) {
    let middle = f32::midpoint(left, right);
    let odd = number % 2 == 1;
    let start = if odd { left } else { middle };
    let style = Style::new(Face::Regular, 7.0, 5.0).shade(GREY);
    let label = Area::new(start + PAD, top + PAD, middle - left - 2.0 * PAD, 4.0);
    if let Some(fitted) = fit(&format!("{number}."), ink.pen(Face::Regular), label.width, 7.0) {
        ink.set_fitted(&fitted, label, style);
    }
    ink.rule(start + 5.0, top + height - 2.6, middle - left - 6.5, 0.3, GREY);
    // The half that belongs to the neighbours is parted by a thin line.
    ink.fill(Area::new(middle, top, 0.2 / MM, height), GREY);
}
