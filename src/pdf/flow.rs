//! Pages that fill up from the top: what does not fit on one goes on the next.

use super::Fault;
use super::font::{self, Face, Fitted};
use super::ink::{Area, Ink, MM, Style};

pub(super) const LEFT: f32 = 20.0;
pub(super) const TOP: f32 = 12.0;
/// The size of running text, in points.
pub(super) const BODY: f32 = 9.5;

/// The pages as they fill up.
pub(super) struct Flow {
    pub(super) done: Vec<Ink>,
    pub(super) ink: Ink,
    /// Where the next thing goes.
    pub(super) top: f32,
    pub(super) width: f32,
    /// Where a page ends.
    pub(super) foot: f32,
}

impl Flow {
    pub(super) fn next_page(&mut self) {
        let blank = self.ink.blank();
        self.done.push(std::mem::replace(&mut self.ink, blank));
        self.top = TOP;
    }

    /// Makes room for something of this height: on a new page, if this one is too full.
    pub(super) fn room(&mut self, height: f32) {
        if self.top + height > self.foot && self.top > TOP {
            self.next_page();
        }
    }

    pub(super) fn gap(&mut self, height: f32) {
        self.top += height;
    }

    /// Sets a paragraph, line by line, so that a long one runs on to the next page.
    pub(super) fn paragraph(&mut self, text: &str, left: f32, width: f32, style: Style) -> Result<(), Fault> {
        let name = || "a paragraph".to_owned();
        self.ink.check(text, &name)?;
        let size = style.largest;
        let fitted = font::fit(text, self.ink.pen(style.face), (width * MM, 100_000.0), size, size);
        let fitted = fitted.ok_or_else(|| Fault::TooLong { place: name() })?;
        for line in fitted.lines {
            let height = size * font::LEADING / MM;
            self.room(height);
            let line = Fitted { size, lines: vec![line] };
            self.ink.set_fitted(&line, Area::new(left, self.top, width, height), style);
            self.top += height;
        }
        self.gap(1.8);
        Ok(())
    }

    pub(super) fn item(&mut self, sign: &str, text: &str) -> Result<(), Fault> {
        let style = Style::new(Face::Regular, BODY, BODY);
        self.room(BODY * font::LEADING / MM);
        let area = Area::new(LEFT + 2.0, self.top, 6.0, 5.0);
        self.ink.set(sign, area, style, &|| "a point of a list".to_owned())?;
        self.paragraph(text, LEFT + 9.0, self.width - 9.0, style)?;
        self.top -= 1.0;
        Ok(())
    }
}
