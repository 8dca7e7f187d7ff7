//! Places to sign at the foot of a document.

use super::Fault;
use super::flow::{Flow, LEFT, TOP};
use super::font::Face;
use super::ink::{Align, Area, Ink, Style};
use crate::domain::document::Signature;

/// The height of a place to sign.
const SIGN: f32 = 36.0;

/// From this width on four sign beside each other: a sheet that lies on its side.
const FOUR_WIDE: f32 = 240.0;

/// How many sign beside each other on this width.
fn beside(signatures: &[Signature], width: f32) -> usize {
    match signatures.len() {
        4 if width >= FOUR_WIDE => 4,
        4 => 2,
        some => some.clamp(1, 3),
    }
}

/// The height of places to sign, with the line for place and day.
pub(super) fn signatures_tall(signatures: &[Signature], width: f32) -> f32 {
    let rows = signatures.len().div_ceil(beside(signatures, width));
    if rows == 0 { 0.0 } else { SIGN * f32::from(u8::try_from(rows).unwrap_or(u8::MAX)) + 8.0 }
}

/// Places to sign, as many beside each other as the width carries, each whole on one page.
pub(super) fn sign_here(flow: &mut Flow, signatures: &[Signature]) -> Result<(), Fault> {
    if signatures.is_empty() {
        return Ok(());
    }
    let beside = beside(signatures, flow.width);
    let rows = signatures.chunks(beside);
    // All of them together, if a page can hold them: a page of signatures alone proves nothing.
    flow.room(signatures_tall(signatures, flow.width).min(flow.foot - TOP));
    flow.gap(1.0);
    let each = flow.width / f32::from(u8::try_from(beside).unwrap_or(1));
    let place_and_day = ".............................., .............................. 20....";
    let right = Area::new(LEFT + flow.width - each, flow.top, each - 4.0, 4.5);
    let centre = |face| Style::new(face, 9.0, 6.0).align(Align::Centre);
    flow.ink.set(place_and_day, right, centre(Face::Regular), &|| "place and day".to_owned())?;
    flow.gap(6.0);
    for row in rows {
        flow.room(SIGN);
        let mut left = LEFT;
        for signature in row {
            sign_one(&mut flow.ink, signature, Area::new(left + 2.0, flow.top, each - 6.0, SIGN))?;
            left += each;
        }
        flow.gap(SIGN);
    }
    Ok(())
}

fn sign_one(ink: &mut Ink, signature: &Signature, area: Area) -> Result<(), Fault> {
    let name = || format!("the signature of {:?}", signature.title);
    let style = |face| Style::new(face, 9.0, 5.5).align(Align::Centre);
    let line = |top: f32, height: f32| Area::new(area.left, area.top + top, area.width, height);
    ink.set(&signature.caption, line(0.0, 4.2), style(Face::Regular), &name)?;
    ink.set(&signature.title, line(4.4, 7.6), style(Face::Regular), &name)?;
    if signature.name.is_empty() {
        let dots = ".".repeat(46);
        ink.set(&format!("({dots})"), line(26.5, 4.2), style(Face::Regular), &name)?;
    } else {
        ink.set(&signature.name, line(26.5, 4.2), style(Face::Bold), &name)?;
    }
    let below = Style { largest: 8.0, ..style(Face::Regular) };
    ink.set(&signature.name_no, line(30.6, 4.0), below, &name)?;
    Ok(())
}
