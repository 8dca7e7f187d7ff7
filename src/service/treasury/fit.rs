//! How a file of payments fits the invoices that are known.

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;

use super::{InvoiceView, PaymentRow, PaymentsPreview, TreasuryView};
use crate::domain::id::{ContractId, InvoiceId};
use crate::domain::treasury::{Fit, amount, number_key};
use crate::service::entry;
use crate::spreadsheet::{PaymentFile, PaymentLine};

/// The invoices of a programme by their numbers, as whoever pays writes them.
pub(super) struct Invoices<'v> {
    by_number: HashMap<String, Vec<&'v InvoiceView>>,
    suppliers: HashMap<ContractId, String>,
}

impl<'v> Invoices<'v> {
    pub(super) fn of(known: &'v TreasuryView) -> Self {
        let mut by_number: HashMap<String, Vec<&InvoiceView>> = HashMap::new();
        for one in &known.invoices {
            by_number.entry(number_key(&one.number)).or_default().push(one);
        }
        by_number.remove("");
        let suppliers = known.contracts.iter().map(|one| (one.id, number_key(&one.supplier))).collect();
        Self { by_number, suppliers }
    }

    /// The one invoice that a payment names. Two suppliers may have an invoice of the same number: then it is that of
    /// whom the payment names too, and where this does not tell them apart it is none, for a person to say.
    pub(super) fn meant(&self, invoice_no: &str, payee: &str) -> Option<&'v InvoiceView> {
        match self.by_number.get(&number_key(invoice_no))?.as_slice() {
            [one] => Some(one),
            several => {
                let payee = number_key(payee);
                let sent_by = |one: &&&InvoiceView| self.suppliers.get(&one.contract_id) == Some(&payee);
                let mut of_payee = several.iter().filter(sent_by);
                of_payee.next().filter(|_| of_payee.next().is_none()).copied()
            }
        }
    }
}

/// How each line of a file fits what is known.
pub(super) fn judge(file: &PaymentFile, known: &TreasuryView, today: Date) -> PaymentsPreview {
    let mut due: BTreeMap<InvoiceId, i64> =
        known.invoices.iter().map(|one| (one.id, one.amount_minor - one.paid_minor)).collect();
    let invoices = Invoices::of(known);
    // What is on record under a number, or stood in the file before it.
    let mut seen: HashMap<String, (String, i64)> =
        known.payments.iter().map(|one| (number_key(&one.sp2d_no), (one.paid_on.clone(), one.amount_minor))).collect();
    let mut found = PaymentsPreview {
        rows: Vec::new(),
        sum_minor: 0,
        stated_minor: file.stated.as_deref().and_then(amount),
        sums_agree: true,
        counts: BTreeMap::new(),
        kept: 0,
    };
    for line in &file.lines {
        let (key, worth, on) = (number_key(&line.sp2d_no), amount(&line.amount), day(&line.paid_on));
        let invoice = invoices.meant(&line.invoice_no, &line.payee).map(|one| one.id);
        let left = invoice.and_then(|id| due.get(&id).copied());
        let unread = unread(line, &key, worth, on, today);
        let read = (on.map(|on| on.to_string()).unwrap_or_default(), worth.unwrap_or(0));
        let fit = match seen.get(&key) {
            _ if unread.is_some() => Fit::Unreadable,
            Some(before) if *before == read => Fit::Twice,
            Some(_) => Fit::Contradicts,
            None => Fit::of(read.1, left),
        };
        if matches!(fit, Fit::Matched | Fit::SumDiffers)
            && let (Some(left), Some(worth)) = (invoice.and_then(|id| due.get_mut(&id)), worth)
        {
            *left -= worth;
        }
        if unread.is_none() {
            seen.entry(key).or_insert(read);
        }
        found.sum_minor = found.sum_minor.saturating_add(worth.unwrap_or(0));
        *found.counts.entry(fit.as_str().to_owned()).or_default() += 1;
        found.rows.push(PaymentRow {
            row: line.row,
            sp2d_no: line.sp2d_no.clone(),
            paid_on: on.map(|on| on.to_string()),
            amount_minor: worth,
            payee: line.payee.clone(),
            invoice_no: line.invoice_no.clone(),
            fit,
            unread,
            due_minor: left,
        });
    }
    // A sum that cannot be read is a sum that does not agree.
    found.sums_agree = file.stated.is_none() || found.stated_minor == Some(found.sum_minor);
    found
}

/// The first cell of a line that cannot be taken as it is, by the name of its column.
fn unread(line: &PaymentLine, key: &str, worth: Option<i64>, on: Option<Date>, today: Date) -> Option<&'static str> {
    let clean = |text: &str| text.chars().count() <= TEXT_MAX && !text.chars().any(char::is_control);
    match (on, worth) {
        _ if key.is_empty() || !clean(&line.sp2d_no) => Some("sp2d_no"),
        (None, _) => Some("paid_on"),
        (Some(on), _) if entry::must_be_near("paid_on", on, today).is_err() => Some("paid_on"),
        (_, None | Some(..=0)) => Some("amount"),
        _ if !clean(&line.payee) => Some("payee"),
        _ if !clean(&line.invoice_no) => Some("invoice_no"),
        _ => None,
    }
}

/// The longest text of a cell.
const TEXT_MAX: usize = 120;

/// The day of a payment, as people and spreadsheets write it; a year of two digits may be of any century.
fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>() {
        return Some(date);
    }
    let mut parts = text.split(['-', '/', '.']);
    let (day, month, year) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?);
    if parts.next().is_some() || year.len() != 4 { None } else { Date::new(year.parse().ok()?, month, day).ok() }
}
