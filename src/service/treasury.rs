//! Invoices and payments: what suppliers ask for and the treasury paid, held against what was delivered.

mod fit;
mod withdrawal;

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::Serialize;

use self::fit::{Invoices, judge};
use super::stock::{ContractView, contract_views};
use super::{Actor, Error, Office, Refusal, entry, programme};
use crate::domain::audit::Event;
use crate::domain::id::{ContractId, DeliveryId, InvoiceId, PaymentId, ProgrammeId};
use crate::domain::money::Money;
use crate::domain::role::Action;
use crate::domain::time::Timestamp;
use crate::domain::treasury::{Fit, number_key};
use crate::spreadsheet::{PaymentFile, read_payments};
use crate::store::treasury::{Invoice, Payment};
use crate::store::{self, Conn};

pub use withdrawal::WithdrawalView;

/// An invoice that is to be entered.
#[derive(Debug, Clone)]
pub struct NewInvoice {
    /// Its number.
    pub number: String,
    /// Its date.
    pub dated_on: Option<Date>,
    /// What it asks for.
    pub amount_minor: i64,
    /// The deliveries that it bills.
    pub deliveries: Vec<DeliveryId>,
}

/// An invoice on a screen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct InvoiceView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: InvoiceId,
    /// Its number.
    pub number: String,
    /// The contract.
    #[schema(value_type = String, format = Uuid)]
    pub contract_id: ContractId,
    /// The contract's number.
    pub contract: String,
    /// Its date.
    pub dated_on: String,
    /// What it asks for.
    pub amount_minor: i64,
    /// What the deliveries that it bills are worth.
    pub delivered_minor: i64,
    /// The one less the other: what is asked for without goods.
    pub difference_minor: i64,
    /// What the treasury paid for it.
    pub paid_minor: i64,
    /// That it be withdrawn, as was asked last; null when nobody has.
    pub withdrawal: Option<WithdrawalView>,
}

/// A payment on a screen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PaymentView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: PaymentId,
    /// The number of the order (SP2D).
    pub sp2d_no: String,
    /// When.
    pub paid_on: String,
    /// How much.
    pub amount_minor: i64,
    /// To whom.
    pub payee: String,
    /// The invoice's number as the file gave it.
    pub invoice_no: String,
    /// The invoice that it was found to be for; null while it fits none.
    pub invoice: Option<String>,
}

/// The money of a programme: promised, delivered, asked for, paid, handed over.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct TreasuryView {
    /// The programme.
    #[schema(value_type = String, format = Uuid)]
    pub programme_id: ProgrammeId,
    /// The ceiling.
    pub ceiling_minor: i64,
    /// What contracts are worth.
    pub contract_minor: i64,
    /// What was delivered in good order is worth.
    pub delivered_minor: i64,
    /// What invoices ask for.
    pub invoiced_minor: i64,
    /// What was paid: the financial realisation.
    pub paid_minor: i64,
    /// Of that, what fits no invoice.
    pub unmatched_minor: i64,
    /// What was handed over: the physical realisation.
    pub realised_minor: i64,
    /// Contracts with their deliveries.
    pub contracts: Vec<ContractView>,
    /// Invoices.
    pub invoices: Vec<InvoiceView>,
    /// Invoices that were withdrawn: they count in no sum, and bill nothing any more.
    pub withdrawn: Vec<InvoiceView>,
    /// Payments.
    pub payments: Vec<PaymentView>,
}

/// Something that somebody has to look into, although every sum closes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Unsettled {
    /// What: `contracts` (together they are worth more than the ceiling), `invoices` (they ask for something else than the deliveries that they bill), `overpaid` (more was paid
    /// for them than they ask), `unmatched` (payments that fit no invoice), `below_zero` (places that handed over
    /// more than is on record there), `proxies` (more handouts to proxies than the agency's rules let pass),
    /// `reversals` (handouts that were decided not to count, and that the realisation still has), `after_close`
    /// (receipts and moves of goods that came after a close and are in no addendum).
    pub code: String,
    /// How many.
    pub count: i64,
    /// The money in question, whichever way.
    pub amount_minor: i64,
}

impl TreasuryView {
    /// Invoices and payments that do not fit, each by itself: in a sum they might hide each other.
    #[must_use]
    pub fn unsettled(&self) -> Vec<Unsettled> {
        let of = |code: &str, amounts: Vec<i64>| Unsettled {
            code: code.to_owned(),
            count: i64::try_from(amounts.len()).unwrap_or(i64::MAX),
            amount_minor: amounts.into_iter().fold(0, i64::saturating_add),
        };
        let invoices = self.invoices.iter();
        let wrong = invoices.clone().map(|one| one.difference_minor.saturating_abs()).filter(|off| *off != 0).collect();
        let overpaid = invoices.map(|one| one.paid_minor - one.amount_minor).filter(|over| *over > 0).collect();
        let payments = self.payments.iter().filter(|one| one.invoice.is_none());
        let unmatched = payments.map(|one| one.amount_minor).collect();
        let over = self.contract_minor - self.ceiling_minor;
        let contracts = Some(over).filter(|over| *over > 0).into_iter().collect();
        let all =
            [of("contracts", contracts), of("invoices", wrong), of("overpaid", overpaid), of("unmatched", unmatched)];
        all.into_iter().filter(|one| one.count > 0).collect()
    }
}

/// A line of a file of payments, and how it fits.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PaymentRow {
    /// Its row in the file.
    pub row: usize,
    /// The number of the order (SP2D).
    pub sp2d_no: String,
    /// When, as it was read; null when it could not be.
    pub paid_on: Option<String>,
    /// How much; null when it could not be read.
    pub amount_minor: Option<i64>,
    /// To whom.
    pub payee: String,
    /// The invoice that it names.
    pub invoice_no: String,
    /// How it fits.
    pub fit: Fit,
    /// Of one that cannot be read, the first cell that is wrong: `sp2d_no`, `paid_on`, `amount`, `payee`, `invoice_no`.
    pub unread: Option<&'static str>,
    /// What was due of that invoice.
    pub due_minor: Option<i64>,
}

/// A file of payments, looked through or brought in.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct PaymentsPreview {
    /// Its lines.
    pub rows: Vec<PaymentRow>,
    /// The sum of its lines.
    pub sum_minor: i64,
    /// The sum that the file states, when it does.
    pub stated_minor: Option<i64>,
    /// Whether both are the same; true where the file states none.
    pub sums_agree: bool,
    /// How many lines fit how.
    pub counts: BTreeMap<String, i64>,
    /// How many payments were kept: none in a preview.
    pub kept: i64,
}

impl Office {
    /// Enters an invoice. The same number of the same contract twice, and a delivery that is billed already,
    /// are refused; a sum that is not what the deliveries are worth is kept and shown.
    pub fn enter_invoice(&self, actor: &Actor, id: ContractId, new: &NewInvoice) -> Result<InvoiceId, Error> {
        actor.must(Action::KeepTreasury)?;
        let number = entry::text("number", &new.number, 80)?;
        let key = number_key(&number);
        let dated = entry::date("dated_on", new.dated_on)?;
        let dated_on = dated.to_string();
        let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
        if key.is_empty() {
            return Err(invalid("number", "letters or digits"));
        }
        if Money::new(new.amount_minor).is_err() || new.amount_minor == 0 {
            return Err(invalid("amount_minor", "a whole amount above 0"));
        }
        if new.deliveries.len() > 100 {
            return Err(invalid("deliveries", "at most 100"));
        }
        let now = self.now();
        self.pool.write("invoice", |tx| {
            store::turns::share(tx, &actor.agency)?;
            entry::must_be_near("dated_on", dated, today(tx, actor, now)?)?;
            let contract = store::contracts::find(tx, id)?.ok_or(Refusal::NotFound("contract"))?;
            programme::owned_programme(tx, actor, contract.programme).map_err(|_| Refusal::NotFound("contract"))?;
            let invoice = Invoice {
                id: self.new_id(InvoiceId::by_time)?,
                contract: id,
                number: number.clone(),
                number_key: key.clone(),
                dated_on: dated_on.clone(),
                amount_minor: new.amount_minor,
                deliveries: new.deliveries.clone(),
            };
            countable("amount_minor", money_of(tx, contract.programme)?.invoiced_minor, new.amount_minor)?;
            store::treasury::insert_invoice(tx, &invoice, actor.user, now).map_err(entry::exists(&number))?;
            for delivery in &new.deliveries {
                if store::treasury::contract_of(tx, *delivery)? != Some(id) {
                    return Err(Refusal::NotFound("delivery").into());
                }
                if let Some((delivery, invoice)) = store::withdrawals::bill_of(tx, *delivery)? {
                    return Err(Refusal::Billed { delivery, invoice }.into());
                }
                store::treasury::bill(tx, invoice.id, *delivery).map_err(entry::exists(&number))?;
            }
            self.record(tx, actor.who(), Event::InvoiceEntered, invoice.id, number.clone())?;
            Ok(invoice.id)
        })
    }

    /// The money of a programme.
    pub fn treasury(&self, actor: &Actor, id: ProgrammeId) -> Result<TreasuryView, Error> {
        actor.must(Action::ReadTreasury)?;
        self.pool.read_snapshot(|conn| {
            programme::owned_programme(conn, actor, id)?;
            treasury_of(conn, id)
        })
    }

    /// Looks through a file of payments and changes nothing.
    pub fn preview_payments(&self, actor: &Actor, id: ProgrammeId, bytes: &[u8]) -> Result<PaymentsPreview, Error> {
        actor.must(Action::KeepTreasury)?;
        let file = read(bytes)?;
        self.pool.read_snapshot(|conn| {
            programme::owned_programme(conn, actor, id)?;
            let today = today(conn, actor, self.now())?;
            Ok(judge(&file, &treasury_of(conn, id)?, today))
        })
    }

    /// Brings a file of payments in: whole, or not at all. A payment that is known already is left out, one
    /// that fits no invoice is kept and stays visible; a file whose own sum is another one, or with a line that
    /// cannot be read, is refused.
    pub fn bring_payments(
        &self,
        actor: &Actor,
        id: ProgrammeId,
        name: &str,
        bytes: &[u8],
    ) -> Result<PaymentsPreview, Error> {
        actor.must(Action::KeepTreasury)?;
        let file = read(bytes)?;
        let name: String = name.chars().filter(|sign| !sign.is_control()).take(120).collect();
        let now = self.now();
        self.pool.write("payments", |tx| {
            store::turns::share(tx, &actor.agency)?;
            programme::owned_programme(tx, actor, id)?;
            store::stock::hold(tx, id)?;
            let known = treasury_of(tx, id)?;
            let mut found = judge(&file, &known, today(tx, actor, now)?);
            if !found.sums_agree {
                let stated = found.stated_minor.unwrap_or(0);
                return Err(Refusal::SumDiffers { stated, found: found.sum_minor }.into());
            }
            if let Some(row) = found.rows.iter().find(|row| row.fit.bars()) {
                let why = match row.unread {
                    None => "another date or amount than on record or above it",
                    Some("paid_on") => "a date with its whole year",
                    Some("amount") => "a whole amount above 0",
                    Some("sp2d_no") => "a number of at most 120 characters on one line",
                    Some(_) => "at most 120 characters on one line",
                };
                let said = format!("row {}: {why}", row.row);
                return Err(Refusal::Invalid { field: "file", why: said }.into());
            }
            countable("file", known.paid_minor, found.sum_minor)?;
            let invoices = Invoices::of(&known);
            for row in found.rows.iter().filter(|row| row.fit != Fit::Twice) {
                let invoice = invoices.meant(&row.invoice_no, &row.payee);
                let payment = Payment {
                    id: self.new_id(PaymentId::by_time)?,
                    programme: id,
                    sp2d_no: row.sp2d_no.clone(),
                    sp2d_key: number_key(&row.sp2d_no),
                    paid_on: row.paid_on.clone().unwrap_or_default(),
                    amount_minor: row.amount_minor.unwrap_or(0),
                    payee: row.payee.clone(),
                    invoice_no: row.invoice_no.clone(),
                    invoice: invoice.map(|one| one.id),
                };
                store::treasury::insert_payment(tx, &payment, &name, actor.user, now)
                    .map_err(entry::exists(&row.sp2d_no))?;
                found.kept += 1;
            }
            self.record(tx, actor.who(), Event::PaymentsBrought, id, format!("{}", found.kept))?;
            Ok(found)
        })
    }

    /// Says for which invoice a payment is that fits none by itself.
    pub fn match_payment(&self, actor: &Actor, id: PaymentId, invoice: InvoiceId) -> Result<(), Error> {
        actor.must(Action::KeepTreasury)?;
        let now = self.now();
        self.pool.write("payment_match", |tx| {
            store::turns::share(tx, &actor.agency)?;
            let (payment, _) = store::treasury::find_payment(tx, id)?.ok_or(Refusal::NotFound("payment"))?;
            programme::owned_programme(tx, actor, payment.programme).map_err(|_| Refusal::NotFound("payment"))?;
            store::stock::hold(tx, payment.programme)?;
            if !money_of(tx, payment.programme)?.invoices.iter().any(|one| one.id == invoice) {
                return Err(Refusal::NotFound("invoice").into());
            }
            if !store::treasury::match_payment(tx, id, invoice, (actor.user, now))? {
                return Err(Refusal::AlreadyDecided.into());
            }
            self.record(tx, actor.who(), Event::PaymentMatched, id, invoice.to_string())
        })
    }
}

/// The day at the agency.
fn today(conn: &mut Conn, actor: &Actor, now: Timestamp) -> Result<Date, Error> {
    let agency = store::agencies::find(conn, actor.agency)?.ok_or(Refusal::NotFound("agency"))?;
    Ok(now.date(agency.zone))
}

fn read(bytes: &[u8]) -> Result<PaymentFile, Error> {
    read_payments(bytes).map_err(|why| Refusal::Invalid { field: "file", why }.into())
}

/// Refuses what would make a sum that is beyond money.
fn countable(field: &'static str, known: i64, more: i64) -> Result<(), Error> {
    match known.checked_add(more).map(Money::new) {
        Some(Ok(_)) => Ok(()),
        _ => Err(Refusal::Invalid { field, why: "all of them together are too much".to_owned() }.into()),
    }
}

/// The money of a programme, as it stands.
pub(super) fn treasury_of(conn: &mut Conn, id: ProgrammeId) -> Result<TreasuryView, Error> {
    let realised_minor = store::reconcile::realised(conn, id)?.minor();
    Ok(TreasuryView { realised_minor, ..money_of(conn, id)? })
}

/// The same but for what was handed over, which has to be added up from every receipt: 0 stands for it.
pub(super) fn money_of(conn: &mut Conn, id: ProgrammeId) -> Result<TreasuryView, Error> {
    let programme = store::programmes::find(conn, id)?.ok_or(Refusal::NotFound("programme"))?;
    let contracts = contract_views(conn, id)?;
    let payments = store::treasury::payments_of(conn, id)?;
    let asked = withdrawal::views(conn, id)?;
    let (mut invoices, mut withdrawn) = (Vec::new(), Vec::new());
    for one in store::treasury::invoices_of(conn, id)? {
        let withdrawal = asked.get(&one.id).cloned();
        let is_withdrawn = withdrawal.as_ref().is_some_and(|asked| asked.agreed == Some(true));
        let billed = if is_withdrawn { store::withdrawals::had_billed(conn, one.id)? } else { one.deliveries };
        let contract = contracts.iter().find(|contract| contract.id == one.contract);
        let delivered_minor = contract
            .into_iter()
            .flat_map(|contract| &contract.deliveries)
            .filter(|delivery| billed.contains(&delivery.id))
            .map(|delivery| delivery.value_minor)
            .sum();
        let view = InvoiceView {
            id: one.id,
            contract_id: one.contract,
            contract: contract.map(|contract| contract.number.clone()).unwrap_or_default(),
            dated_on: one.dated_on,
            amount_minor: one.amount_minor,
            delivered_minor,
            difference_minor: one.amount_minor - delivered_minor,
            paid_minor: payments
                .iter()
                .filter(|payment| payment.invoice == Some(one.id))
                .map(|payment| payment.amount_minor)
                .sum(),
            number: one.number,
            withdrawal,
        };
        if is_withdrawn { &mut withdrawn } else { &mut invoices }.push(view);
    }
    let sum = |payments: &mut dyn Iterator<Item = &Payment>| payments.map(|one| one.amount_minor).sum::<i64>();
    Ok(TreasuryView {
        programme_id: id,
        ceiling_minor: programme.ceiling.minor(),
        contract_minor: contracts.iter().map(|one| one.value_minor).sum(),
        delivered_minor: contracts.iter().map(|one| one.delivered_minor).sum(),
        invoiced_minor: invoices.iter().map(|one| one.amount_minor).sum(),
        paid_minor: sum(&mut payments.iter()),
        unmatched_minor: sum(&mut payments.iter().filter(|one| one.invoice.is_none())),
        realised_minor: 0,
        payments: payments
            .into_iter()
            .map(|one| PaymentView {
                id: one.id,
                sp2d_no: one.sp2d_no,
                paid_on: one.paid_on,
                amount_minor: one.amount_minor,
                payee: one.payee,
                invoice_no: one.invoice_no,
                invoice: one
                    .invoice
                    .and_then(|id| invoices.iter().find(|invoice| invoice.id == id))
                    .map(|invoice| invoice.number.clone()),
            })
            .collect(),
        contracts,
        invoices,
        withdrawn,
    })
}
