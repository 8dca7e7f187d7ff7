//! How a file of payments fits the invoices that are known.

use std::collections::{BTreeMap, HashMap, HashSet};

use jiff::civil::Date;

use super::{InvoiceView, PaymentRow, PaymentsPreview, TreasuryView};
use crate::domain::id::{ContractId, InvoiceId};
use crate::domain::treasury::{Fit, amount, number_key};
use crate::spreadsheet::PaymentFile;

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
pub(super) fn judge(file: &PaymentFile, known: &TreasuryView) -> PaymentsPreview {
    let mut due: BTreeMap<InvoiceId, i64> =
        known.invoices.iter().map(|one| (one.id, one.amount_minor - one.paid_minor)).collect();
    let invoices = Invoices::of(known);
    let mut seen: HashSet<String> = known.payments.iter().map(|one| number_key(&one.sp2d_no)).collect();
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
        let bounded = [&line.sp2d_no, &line.payee, &line.invoice_no].iter().all(|text| text.chars().count() <= 120);
        let fit = match (worth, &on) {
            (Some(worth), Some(_)) if !key.is_empty() && bounded && worth > 0 => {
                if seen.contains(&key) {
                    Fit::Twice
                } else {
                    Fit::of(worth, left)
                }
            }
            _ => Fit::Unreadable,
        };
        if matches!(fit, Fit::Matched | Fit::SumDiffers)
            && let (Some(left), Some(worth)) = (invoice.and_then(|id| due.get_mut(&id)), worth)
        {
            *left -= worth;
        }
        seen.insert(key);
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
            due_minor: left,
        });
    }
    // A sum that cannot be read is a sum that does not agree.
    found.sums_agree = file.stated.is_none() || found.stated_minor == Some(found.sum_minor);
    found
}

/// The day of a payment, as people and spreadsheets write it.
fn day(text: &str) -> Option<Date> {
    let text = text.trim();
    if let Ok(date) = text.parse::<Date>() {
        return Some(date);
    }
    let mut parts = text.split(['-', '/', '.']);
    let (day, month, year) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
    if parts.next().is_some() { None } else { Date::new(year, month, day).ok() }
}
