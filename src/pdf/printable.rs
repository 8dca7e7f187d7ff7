//! Whether a document can go on paper, found before it gets a number.

use super::Fault;
use super::stationery::Stationery;
use super::table::whose;
use crate::domain::document::{Block, Cell, Document, Fact, Signature};

/// Refuses a document that has a sign which no face can set, and names where it stands.
pub fn check(document: &Document, stationery: &Stationery) -> Result<(), Fault> {
    // A line feed begins a new line and is no sign to set.
    let seek = |text: &str, place: &dyn Fn() -> String| match text.split('\n').find_map(|line| stationery.lacks(line)) {
        None => Ok(()),
        Some(character) => Err(Fault::Unprintable { place: place(), character }),
    };
    let plain = |text: &str| seek(text, &|| text.chars().take(60).collect());
    let fact = |fact: &Fact| {
        plain(&fact.label)?;
        seek(&fact.value, &|| fact.label.clone())
    };
    let signature = |one: &Signature| {
        [&one.caption, &one.title, &one.name, &one.name_no].into_iter().try_for_each(|text| plain(text))
    };
    for text in document.letterhead.iter().chain([&document.title, &document.number, &document.cut_off]) {
        plain(text)?;
    }
    document.facts.iter().try_for_each(fact)?;
    document.signatures.iter().try_for_each(signature)?;
    for block in &document.blocks {
        match block {
            Block::Heading(text) | Block::Text(text) | Block::Code(text) => plain(text)?,
            Block::Item(sign, text) => {
                plain(sign)?;
                plain(text)?;
            }
            Block::Facts(facts) => facts.iter().try_for_each(fact)?,
            Block::Signatures(signatures) => signatures.iter().try_for_each(signature)?,
            Block::Page => {}
            Block::Table(table) => {
                plain(&table.caption)?;
                table.columns.iter().try_for_each(|column| plain(&column.title))?;
                for (number, row) in table.rows.iter().enumerate() {
                    for (place, cell) in row.iter().enumerate() {
                        if let Cell::Text(text) | Cell::Goods(text) | Cell::Coded(text, _) = cell {
                            seek(text, &|| whose(table, number, place))?;
                        }
                    }
                }
            }
        }
    }
    Ok(())
}
