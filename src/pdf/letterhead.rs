//! The head of official paper: the agency's lines, centred, over a thick and a thin rule.

use super::Fault;
use super::emblem::Emblem;
use super::font::{CAPITAL, DESCENT, Face};
use super::ink::{Align, Area, BLACK, Ink, MM, Style};

/// The same with the agency's emblem at the left, as the law on official letters has it.
pub(super) fn letterhead_with(
    ink: &mut Ink,
    emblem: Option<&Emblem>,
    lines: &[String],
    area: Area,
    place: &dyn Fn() -> String,
) -> Result<(), Fault> {
    let Some(emblem) = emblem else { return letterhead(ink, lines, area, place) };
    // Above the rules at the foot; never wider than it is high by half.
    let mut high = area.height - 1.9;
    let mut wide = high * emblem.aspect();
    if wide > high * 1.5 {
        (wide, high) = (high * 1.5, high * 1.5 / emblem.aspect());
    }
    ink.emblem(Area::new(area.left, area.top + (area.height - 1.9 - high) / 2.0, wide, high));
    let taken = wide + 2.0;
    letterhead(ink, lines, Area { left: area.left + taken, width: area.width - taken, ..area }, place)?;
    // The rules run under the emblem too.
    ink.rule(area.left, area.bottom() - 0.75, taken, 1.2, BLACK);
    ink.rule(area.left, area.bottom() - 0.1, taken, 0.3, BLACK);
    Ok(())
}

/// Sets one to three lines into an area and rules it off at its foot. Of several lines the second, the
/// office itself, is the large one; a third is its address.
pub(super) fn letterhead(ink: &mut Ink, lines: &[String], area: Area, place: &dyn Fn() -> String) -> Result<(), Fault> {
    let lines: Vec<&String> = lines.iter().filter(|line| !line.trim().is_empty()).take(3).collect();
    // Made for a head of 10.2 mm; a higher one has larger letters.
    let grow = (area.height / 10.2).clamp(1.0, 2.0);
    let styles: Vec<Style> = match lines.len() {
        0 | 1 => vec![Style::new(Face::Bold, 10.5 * grow, 6.0)],
        _ => vec![
            Style::new(Face::Regular, 8.5 * grow, 5.5),
            Style::new(Face::Bold, 11.0 * grow, 6.0),
            Style::new(Face::Regular, 6.5 * grow, 5.0),
        ],
    };
    let gap = if lines.len() > 2 { 1.2 } else { 1.6 } * grow;
    let rules = 1.3;
    let heights: Vec<f32> = styles.iter().take(lines.len()).map(|style| CAPITAL * style.largest / MM).collect();
    let gaps = f32::from(u8::try_from(lines.len().saturating_sub(1)).unwrap_or(0));
    let all = heights.iter().sum::<f32>() + gap * gaps;
    let mut top = area.top + ((area.height - rules - all) / 2.0).max(0.0);
    for ((line, style), height) in lines.iter().zip(&styles).zip(&heights) {
        // One line each: room for the line itself and what hangs below it, never for two.
        let room = Area::new(area.left, top, area.width, height * 1.35);
        let end = ink.set(line, room, style.align(Align::Centre), place)?;
        // The next line follows the height this one really took.
        top += (end - top) * CAPITAL / (CAPITAL + DESCENT) + gap;
    }
    ink.rule(area.left, area.bottom() - 0.75, area.width, 1.2, BLACK);
    ink.rule(area.left, area.bottom() - 0.1, area.width, 0.3, BLACK);
    Ok(())
}
