//! What goes onto a piece of paper before it is a PDF: texts and filled areas, placed in millimetres
//! from the upper left corner of their own sheet.
//!
//! A list of marks can become page operators (what differs from voucher to voucher) or a form that is
//! drawn once and used many times (what is the same on all). Because it is a list, a test can ask
//! where everything stands.

use std::collections::BTreeMap;
use std::io::Write as _;

use printpdf::{Color, DictItem, ExternalStream, ExternalXObject, Greyscale, Op, PdfFontHandle, Point, Pt, TextItem};

use super::Fault;
use super::font::{self, CAPITAL, DESCENT, Face, Fitted, LEADING, Pen, Piece};
use super::picture::Picture;
use super::typeface::Letters;

/// Points in a millimetre.
pub(super) const MM: f32 = 72.0 / 25.4;
/// Black.
pub(super) const BLACK: f32 = 0.0;
/// The grey of labels: still readable after a photocopy.
pub(super) const GREY: f32 = 0.3;
/// White, on a black band.
pub(super) const WHITE: f32 = 1.0;

/// An area of the sheet in millimetres.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Area {
    pub(super) left: f32,
    pub(super) top: f32,
    pub(super) width: f32,
    pub(super) height: f32,
}

impl Area {
    pub(super) const fn new(left: f32, top: f32, width: f32, height: f32) -> Self {
        Self { left, top, width, height }
    }

    pub(super) const fn right(&self) -> f32 {
        self.left + self.width
    }

    pub(super) const fn bottom(&self) -> f32 {
        self.top + self.height
    }
}

/// Where in its area a text stands, from left to right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Centre,
    Right,
}

/// How a text is set: its face, the largest and smallest size in points, its alignment and shade.
#[derive(Debug, Clone, Copy)]
pub(super) struct Style {
    pub(super) face: Face,
    pub(super) largest: f32,
    pub(super) smallest: f32,
    pub(super) align: Align,
    pub(super) shade: f32,
}

impl Style {
    pub(super) const fn new(face: Face, largest: f32, smallest: f32) -> Self {
        Self { face, largest, smallest, align: Align::Left, shade: BLACK }
    }

    pub(super) const fn align(mut self, align: Align) -> Self {
        self.align = align;
        self
    }

    pub(super) const fn shade(mut self, shade: f32) -> Self {
        self.shade = shade;
        self
    }
}

/// One line of text; the position is the start of its baseline.
#[derive(Debug, Clone)]
pub(super) struct Text {
    left: f32,
    baseline: f32,
    size: f32,
    /// How far it runs, in millimetres: for the tests that hold texts apart.
    #[cfg_attr(not(test), allow(dead_code))]
    wide: f32,
    face: Face,
    shade: f32,
    text: String,
}

impl Text {
    /// The area the line can blacken.
    #[cfg(test)]
    pub(super) fn area(&self) -> Area {
        let top = self.baseline - font::ASCENT * self.size / MM;
        Area::new(self.left, top, self.wide, (font::ASCENT + DESCENT) * self.size / MM)
    }

    #[cfg(test)]
    pub(super) fn size(&self) -> f32 {
        self.size
    }

    #[cfg(test)]
    pub(super) fn text(&self) -> &str {
        &self.text
    }
}

/// The marks of one sheet.
#[derive(Debug, Default, Clone)]
pub(super) struct Ink {
    texts: Vec<Text>,
    fills: Vec<(Area, f32)>,
    dashes: Vec<(f32, f32, f32, f32)>,
    pictures: Vec<(Picture, Area)>,
    emblem: Option<Area>,
    letters: Option<Letters>,
}

impl Ink {
    /// A sheet on which the installation's typeface, if it names one, sets what the built-in faces cannot.
    pub(super) fn new(letters: Option<&Letters>) -> Self {
        Self { letters: letters.cloned(), ..Self::default() }
    }

    /// An empty sheet that sets the same signs.
    pub(super) fn blank(&self) -> Self {
        Self::new(self.letters.as_ref())
    }

    /// A face together with the installation's typeface.
    pub(super) fn pen(&self, face: Face) -> Pen<'_> {
        Pen { face, own: self.letters.as_ref().map(|letters| &letters.face) }
    }

    /// Draws a pictogram into a square area.
    pub(super) fn draw(&mut self, picture: Picture, area: Area) {
        self.pictures.push((picture, area));
    }

    /// Draws the file's emblem into an area of its own proportions.
    pub(super) fn emblem(&mut self, area: Area) {
        self.emblem = Some(area);
    }

    /// Refuses a text that nothing can set, with the place where it stands.
    pub(super) fn check(&self, text: &str, place: &dyn Fn() -> String) -> Result<(), Fault> {
        for piece in font::pieces(text) {
            let Piece::Own(word) = piece else { continue };
            let own = self.letters.as_ref().map(|letters| &letters.face);
            let lacks = |sign: &char| match own {
                Some(own) => own.advance(*sign).is_none(),
                None => font::win_ansi(*sign).is_none(),
            };
            if let Some(character) = word.chars().find(lacks) {
                return Err(Fault::Unprintable { place: place(), character });
            }
        }
        Ok(())
    }

    /// The lines of text.
    #[cfg(test)]
    pub(super) fn texts(&self) -> &[Text] {
        &self.texts
    }

    /// Fills an area.
    pub(super) fn fill(&mut self, area: Area, shade: f32) {
        self.fills.push((area, shade));
    }

    /// Draws a level line, `thick` in points, its upper edge at `top`.
    pub(super) fn rule(&mut self, left: f32, top: f32, width: f32, thick: f32, shade: f32) {
        self.fill(Area::new(left, top, width, thick / MM), shade);
    }

    /// Draws the outline of an area, `thick` in points.
    pub(super) fn frame(&mut self, area: Area, thick: f32) {
        let edge = thick / MM;
        self.rule(area.left, area.top, area.width, thick, BLACK);
        self.rule(area.left, area.bottom() - edge, area.width, thick, BLACK);
        self.fill(Area::new(area.left, area.top, edge, area.height), BLACK);
        self.fill(Area::new(area.right() - edge, area.top, edge, area.height), BLACK);
    }

    /// Draws a thin broken line to cut along.
    pub(super) fn cut(&mut self, from: (f32, f32), to: (f32, f32)) {
        self.dashes.push((from.0, from.1, to.0, to.1));
    }

    /// Sets a text into an area from its top, as large as the style allows, and says where it ends.
    /// `place` names it when it does not fit or cannot be printed.
    pub(super) fn set(
        &mut self,
        text: &str,
        area: Area,
        style: Style,
        place: &dyn Fn() -> String,
    ) -> Result<f32, Fault> {
        self.check(text, place)?;
        let room = (area.width * MM, area.height * MM);
        let fitted = font::fit(text, self.pen(style.face), room, style.largest, style.smallest)
            .ok_or_else(|| Fault::TooLong { place: place() })?;
        Ok(self.set_fitted(&fitted, area, style))
    }

    /// The same, but halfway between the top and the foot of the area.
    pub(super) fn set_middle(
        &mut self,
        text: &str,
        area: Area,
        style: Style,
        place: &dyn Fn() -> String,
    ) -> Result<(), Fault> {
        self.check(text, place)?;
        let room = (area.width * MM, area.height * MM + 0.01);
        let fitted = font::fit(text, self.pen(style.face), room, style.largest, style.smallest)
            .ok_or_else(|| Fault::TooLong { place: place() })?;
        let visible = (fitted.height() - DESCENT * fitted.size) / MM;
        let middle = Area::new(area.left, area.top + (area.height - visible) / 2.0, area.width, area.height);
        self.set_fitted(&fitted, middle, style);
        Ok(())
    }

    /// Puts lines that were fitted before at the top of an area, and says where they end.
    pub(super) fn set_fitted(&mut self, fitted: &Fitted, area: Area, style: Style) -> f32 {
        let size = fitted.size;
        let mut baseline = area.top + CAPITAL * size / MM;
        for line in &fitted.lines {
            let wide = font::width(line, self.pen(style.face), size) / MM;
            let spare = area.width - wide;
            let left = match style.align {
                Align::Left => area.left,
                Align::Centre => area.left + spare / 2.0,
                Align::Right => area.left + spare,
            };
            let text = Text { left, baseline, size, wide, face: style.face, shade: style.shade, text: line.clone() };
            self.texts.push(text);
            baseline += LEADING * size / MM;
        }
        area.top + fitted.height() / MM
    }

    /// Puts several fitted texts below each other.
    pub(super) fn set_column(&mut self, parts: &[Fitted], area: Area, style: Style) {
        let mut top = area.top;
        for part in parts.iter().filter(|part| !part.lines.is_empty()) {
            top = self.set_fitted(part, Area { top, ..area }, style) + font::GAP * part.size / MM;
        }
    }

    /// The texts as page operators, with the sheet's upper left corner at a place on the page in
    /// points from its lower left. Each position is given from the one before in tenths of a point, so
    /// that equal cards make equal operators and pack well.
    pub(super) fn write_texts(&self, (left, top): (f32, f32), ops: &mut Vec<Op>) {
        if self.texts.is_empty() {
            return;
        }
        ops.push(Op::StartTextSection);
        let mut font = None;
        let mut pen = (0.0, 0.0);
        let mut from = (left, top);
        let mut shade = BLACK;
        for text in &self.texts {
            if font != Some((text.face, text.size)) {
                font = Some((text.face, text.size));
                ops.push(set_font(text));
            }
            if shade != text.shade {
                shade = text.shade;
                ops.push(Op::SetFillColor { col: grey(shade) });
            }
            let here = (tenths(text.left * MM), tenths(-text.baseline * MM));
            let step = (tenths(from.0 + here.0 - pen.0), tenths(from.1 + here.1 - pen.1));
            ops.push(Op::SetTextCursor { pos: Point { x: Pt(step.0), y: Pt(step.1) } });
            for piece in font::pieces(&text.text) {
                match (piece, &self.letters) {
                    (Piece::Own(word), Some(letters)) => {
                        show_own(letters, word, text, ops);
                        font = None;
                    }
                    (Piece::Plain(words) | Piece::Own(words), _) => {
                        if font.is_none() {
                            ops.push(set_font(text));
                            font = Some((text.face, text.size));
                        }
                        ops.push(Op::ShowText { items: vec![TextItem::Text(words.to_owned())] });
                    }
                }
            }
            pen = here;
            from = (0.0, 0.0);
        }
        ops.push(Op::EndTextSection);
        if shade != BLACK {
            ops.push(Op::SetFillColor { col: grey(BLACK) });
        }
    }

    /// All marks as a form of a size in millimetres, to be drawn any number of times.
    pub(super) fn form(&self, (width, height): (f32, f32)) -> ExternalXObject {
        let mut out = Vec::new();
        // Writing into a Vec cannot fail, hence the results let go below.
        let mut shade_now = BLACK;
        let mut shade = |out: &mut Vec<u8>, shade: f32| {
            if shade != shade_now {
                shade_now = shade;
                let _ = writeln!(out, "{shade} g");
            }
        };
        for (area, grey) in &self.fills {
            shade(&mut out, *grey);
            let (x, y) = (hundredths(area.left * MM), hundredths((height - area.bottom()) * MM));
            let (w, h) = (hundredths(area.width * MM), hundredths(area.height * MM));
            let _ = writeln!(out, "{x} {y} {w} {h} re f");
        }
        if !self.dashes.is_empty() {
            let _ = writeln!(out, "0.5 G 0.4 w [3 3] 0 d");
        }
        for &(x, y, to_x, to_y) in &self.dashes {
            let (x, y) = (hundredths(x * MM), hundredths((height - y) * MM));
            let (to_x, to_y) = (hundredths(to_x * MM), hundredths((height - to_y) * MM));
            let _ = writeln!(out, "{x} {y} m {to_x} {to_y} l S");
        }
        for (picture, area) in &self.pictures {
            shade(&mut out, BLACK);
            let (x, y) = (hundredths(area.left * MM), hundredths((height - area.bottom()) * MM));
            picture.write((x, y), area.width * MM, &mut out);
        }
        if let Some(area) = &self.emblem {
            let (x, y) = (hundredths(area.left * MM), hundredths((height - area.bottom()) * MM));
            let (w, h) = (hundredths(area.width * MM), hundredths(area.height * MM));
            let _ = writeln!(out, "q {w} 0 0 {h} {x} {y} cm /E Do Q");
        }
        for text in &self.texts {
            shade(&mut out, text.shade);
            let (x, y) = (tenths(text.left * MM), tenths((height - text.baseline) * MM));
            let _ = write!(out, "BT {x} {y} Td");
            for piece in font::pieces(&text.text) {
                match (piece, &self.letters) {
                    (Piece::Own(word), Some(letters)) => write_own(letters, word, text, &mut out),
                    (Piece::Plain(words) | Piece::Own(words), _) => {
                        let name = text.face.builtin().get_pdf_id();
                        let _ = write!(out, " /{name} {} Tf (", text.size);
                        for byte in words.chars().filter_map(font::win_ansi) {
                            if matches!(byte, b'(' | b')' | b'\\') {
                                out.push(b'\\');
                            }
                            out.push(byte);
                        }
                        let _ = write!(out, ") Tj");
                    }
                }
            }
            let _ = writeln!(out, " ET");
        }
        let name = |name: &str| DictItem::Name(name.as_bytes().to_vec());
        let corners = [0.0, 0.0, hundredths(width * MM), hundredths(height * MM)];
        let dict = BTreeMap::from([
            ("Type".to_owned(), name("XObject")),
            ("Subtype".to_owned(), name("Form")),
            ("BBox".to_owned(), DictItem::Array(corners.map(DictItem::Real).to_vec())),
        ]);
        let stream = ExternalStream { dict, content: out, compress: true };
        ExternalXObject { stream, width: None, height: None, dpi: None }
    }
}

fn set_font(text: &Text) -> Op {
    Op::SetFont { font: PdfFontHandle::Builtin(text.face.builtin()), size: Pt(text.size) }
}

/// How thick the outline is that stands for the bold cut of the installation's typeface.
const BOLDER: f32 = 0.028;

/// Shows a word in the installation's typeface.
fn show_own(letters: &Letters, word: &str, text: &Text, ops: &mut Vec<Op>) {
    let mut own = |key: &str, value: Vec<DictItem>| ops.push(Op::Unknown { key: key.to_owned(), value });
    let bold = text.face == Face::Bold;
    own("Tf", vec![DictItem::Name(Letters::NAME.into()), DictItem::Real(text.size)]);
    if bold {
        own("Tr", vec![DictItem::Int(2)]);
        own("w", vec![DictItem::Real(hundredths(text.size * BOLDER))]);
    }
    own("Tj", vec![DictItem::String { data: letters.write(word), literal: false }]);
    if bold {
        own("Tr", vec![DictItem::Int(0)]);
    }
}

/// The same inside a form.
fn write_own(letters: &Letters, word: &str, text: &Text, out: &mut Vec<u8>) {
    let bold = text.face == Face::Bold;
    let _ = write!(out, " /{} {} Tf", Letters::NAME, text.size);
    if bold {
        let _ = write!(out, " 2 Tr {} w {} G", hundredths(text.size * BOLDER), text.shade);
    }
    out.extend_from_slice(b" <");
    for byte in letters.write(word) {
        let _ = write!(out, "{byte:02X}");
    }
    let _ = write!(out, "> Tj{}", if bold { " 0 Tr" } else { "" });
}

const fn grey(percent: f32) -> Color {
    Color::Greyscale(Greyscale { percent, icc_profile: None })
}

fn tenths(points: f32) -> f32 {
    (points * 10.0).round() / 10.0
}

fn hundredths(points: f32) -> f32 {
    (points * 100.0).round() / 100.0
}
