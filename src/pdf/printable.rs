//! What a document says as paper can say it. Most of what stands in one can never be changed again, so one sign that no
//! face has must not keep the paper away: it stands there by its number, and a line at the end says so.

use super::stationery::Stationery;
use crate::domain::document::{Block, Cell, Document, Fact, Signature, Table};

/// What is said below a document in which a sign stands by its number.
const SAID: &str = "Tanda yang tidak ada dalam huruf cetak tertulis dengan nomornya, misalnya [U+1F600]; teks utuhnya ada \
                    dalam berkas XLSX, CSV, dan JSON dokumen ini.";

/// The document with every sign that no face has written as its number.
#[must_use]
pub fn readable(document: &Document, stationery: &Stationery) -> Document {
    let mut said = document.clone();
    let mut changed = false;
    let mut mend = |text: &mut String| {
        if text.split('\n').any(|line| stationery.lacks(line).is_some()) {
            *text = stationery.readable(text);
            changed = true;
        }
    };
    said.letterhead.iter_mut().for_each(&mut mend);
    [&mut said.title, &mut said.number, &mut said.cut_off].into_iter().for_each(&mut mend);
    said.facts.iter_mut().for_each(|one| fact(one, &mut mend));
    said.signatures.iter_mut().for_each(|one| signature(one, &mut mend));
    for block in &mut said.blocks {
        match block {
            Block::Heading(text) | Block::Text(text) | Block::Code(text) => mend(text),
            Block::Item(sign, text) => [sign, text].into_iter().for_each(&mut mend),
            Block::Facts(facts) => facts.iter_mut().for_each(|one| fact(one, &mut mend)),
            Block::Signatures(signatures) => signatures.iter_mut().for_each(|one| signature(one, &mut mend)),
            Block::Table(found) => table(found, &mut mend),
            Block::Page => {}
        }
    }
    if changed {
        said.blocks.push(Block::Text(SAID.to_owned()));
    }
    said
}

fn fact(one: &mut Fact, mend: &mut impl FnMut(&mut String)) {
    mend(&mut one.label);
    mend(&mut one.value);
}

fn signature(one: &mut Signature, mend: &mut impl FnMut(&mut String)) {
    [&mut one.caption, &mut one.title, &mut one.name, &mut one.name_no].into_iter().for_each(mend);
}

fn table(one: &mut Table, mend: &mut impl FnMut(&mut String)) {
    mend(&mut one.caption);
    one.columns.iter_mut().for_each(|column| mend(&mut column.title));
    for cell in one.rows.iter_mut().flatten() {
        match cell {
            Cell::Text(text) | Cell::Goods(text) | Cell::Coded(text, _) | Cell::Measure(text, _) => mend(text),
            Cell::Number(_) | Cell::Count(_) | Cell::Rupiah(_) | Cell::Sign(_) | Cell::Tick | Cell::Blank => {}
        }
    }
    if let Some(total) = &mut one.total {
        mend(&mut total.label);
    }
}
