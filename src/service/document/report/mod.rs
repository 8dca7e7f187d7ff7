//! The documents that speak of goods, money, cases and the trail, and of the whole round rather than of one
//! household after another. Every figure is read from the books at the moment the document is made.

mod goods;
mod money;
mod record;

use super::super::stock::Books;
use super::super::{Actor, Error, Office, Refusal};
use super::DocumentWanted;
use super::collect::People;
use crate::domain::document::{Block, Cell, Kind, Occasion, Table};
use crate::domain::money::share;
use crate::domain::package::Item;
use crate::domain::time::{Language, plain_date};
use crate::store::Conn;
use crate::store::goods::Known;

/// What a report is made from.
struct Desk<'a> {
    office: &'a Office,
    actor: &'a Actor,
    occasion: &'a Occasion,
    books: Books,
}

impl Desk<'_> {
    /// The points that the document speaks of, by number.
    fn points(&self) -> Vec<&crate::domain::programme::Point> {
        let one = self.occasion.scope.point().map(|point| point.id);
        self.books.points.iter().filter(|point| one.is_none_or(|one| one == point.id)).collect()
    }

    fn items(&self) -> &[Item] {
        &self.occasion.package.items
    }

    fn known(&self, code: &str) -> Option<&Known> {
        self.books.items.iter().find(|item| item.code == code)
    }

    /// What an item is called.
    fn name(&self, code: &str) -> Cell {
        Cell::text(self.known(code).map_or(code, |item| item.name.as_str()))
    }

    /// A quantity of an item as people count it.
    fn goods(&self, code: &str, quantity: i64) -> Cell {
        self.known(code).map_or(Cell::Count(quantity), |item| Cell::Goods(item.said(quantity)))
    }

    /// What an item is counted in, and quantities of it: figures where they are whole packs, and said as everywhere
    /// else where they are not, so that one quantity reads alike on every paper.
    fn measured<const N: usize>(&self, code: &str, quantities: [i64; N]) -> (Cell, [Cell; N]) {
        match self.known(code) {
            Some(item) => {
                let pack = (item.pack_size, item.pack_name.as_str());
                let counted = quantities.map(|quantity| Cell::in_column(quantity, pack, item.unit));
                (Cell::text(item.pack_name.clone()), counted)
            }
            None => (Cell::Blank, quantities.map(Cell::Count)),
        }
    }

    /// The same for a table that others add up: its files have base units.
    fn exact<const N: usize>(&self, item: &Item, quantities: [i64; N]) -> (Cell, [Cell; N]) {
        let pack = (item.pack_size, item.pack_name.as_str());
        let unit = Cell::Coded(item.pack_name.clone(), item.unit.word().to_owned());
        (unit, quantities.map(|quantity| Cell::measure(quantity, pack, item.unit)))
    }
}

/// What a report says: its blocks, when the kind is one of these, and the households of its lines.
pub(super) fn blocks(
    office: &Office,
    conn: &mut Conn,
    actor: &Actor,
    occasion: &Occasion,
    wanted: &DocumentWanted,
) -> Result<(Vec<Block>, People), Error> {
    let books = Books::read(conn, actor.agency, occasion.programme.id)?;
    let desk = Desk { office, actor, occasion, books };
    let blocks = match wanted.kind {
        Kind::Beneficiaries => return record::beneficiaries(&desk, conn),
        Kind::DeliveryPlan => goods::plan(&desk, conn),
        Kind::Waybill => goods::waybill(&desk, conn, shipment_no(wanted)?, false),
        Kind::GoodsHandover => goods::waybill(&desk, conn, shipment_no(wanted)?, true),
        Kind::Inspection => goods::inspection(&desk, conn),
        Kind::Realisation => money::realisation(&desk, conn),
        Kind::VoucherGoods => goods::reconciliation(&desk, conn),
        Kind::BudgetReconciliation => money::budget(&desk, conn),
        Kind::CaseRegister => record::cases(&desk, conn),
        Kind::Monitoring => money::monitoring(&desk, conn),
        Kind::SpotCheckSheet => record::spot_check(&desk, conn),
        Kind::Overlap => record::overlaps(&desk, conn),
        Kind::AuditTrail => record::trail(&desk, conn),
        _ => Ok(Vec::new()),
    };
    Ok((blocks?, People::None))
}

fn shipment_no(wanted: &DocumentWanted) -> Result<i32, Error> {
    wanted.shipment_no.ok_or_else(|| {
        Refusal::Invalid { field: "shipment", why: "the number of a shipment of the round".into() }.into()
    })
}

/// The number of the next line of a table.
fn place(table: &Table) -> Cell {
    Cell::Number(i64::try_from(table.rows.len()).unwrap_or(i64::MAX - 1) + 1)
}

/// A share in per cent with one digit, as people write it.
fn per_cent(part: i64, whole: i64) -> Cell {
    // It stands to the right, as figures do.
    share(part, whole).map_or(Cell::Blank, Cell::Goods)
}

/// A day as people write it.
fn day(text: &str) -> Cell {
    Cell::text(text.parse().map_or_else(|_| text.to_owned(), |day| plain_date(day, Language::Id)))
}
