//! The money of a programme: contracts, invoices, payments.

use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};

use super::fault::PageError;
use super::form::{count, goods, rupiah};
use super::intake::read_upload;
use super::shell::{Answer, Inside, Visit, id, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Frame, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerField, LedgerForm, LedgerTable};
use crate::domain::id::{ContractId, ProgrammeId};
use crate::domain::money::grouped;
use crate::domain::role::Action;
use crate::service::{
    ContractView, Error, InvoiceView, KnownItem, NewContract, NewDelivery, NewInvoice, PaymentsPreview, Refusal,
    TreasuryView, Unsettled, WithdrawalView,
};

/// `GET /programmes/{id}/treasury`
pub(super) async fn show(visit: Visit, programme: web::Path<String>) -> Result<HttpResponse, PageError> {
    visit
        .inside(Place::Programmes, move |inside| {
            let programme = id(&programme, "programme")?;
            Answer::page(&page(inside, programme, None, None)?)
        })
        .await
}

fn page(
    inside: Inside<'_>,
    id: ProgrammeId,
    error: Option<String>,
    looked_through: Option<PaymentsPreview>,
) -> Result<Ledger, Error> {
    let (office, actor) = (inside.office, inside.actor);
    let programme = office.programme(actor, id)?;
    let frame = inside.frame;
    let t = |key: &str| frame.t(key);
    let may_read = actor.role.may(Action::ReadTreasury);
    // Whoever keeps goods sees contracts and deliveries, and no money.
    let mut page = Ledger {
        title: format!("{} {}", t("ledger-treasury"), programme.name),
        back: Some((format!("/programmes/{id}"), programme.name)),
        what: t("ledger-treasury-what"),
        error,
        frame: frame.clone(),
        ..Ledger::default()
    };
    let contracts = office.contracts(actor, id)?;
    let items = office.stock_items(actor, id)?;
    let money = if may_read { Some(office.treasury(actor, id)?) } else { None };
    if let Some(money) = &money {
        page.facts = facts(&frame, money);
        page.notices = money.unsettled().iter().map(|one| (false, unsettled_words(&frame, one))).collect();
        page.tables = money_tables(&frame, money);
    }
    if actor.role.may(Action::ClosePeriod) {
        for one in office.withdrawals_to_decide(actor, id)? {
            let Some(asked) = &one.withdrawal else { continue };
            page.notices.push((false, withdrawal_words(&frame, &one, asked)));
            if asked.asker != actor.user {
                page.forms.push(decide_form(&frame, &one, asked, id));
            }
        }
    }
    page.tables.push(contract_table(&frame, &contracts));
    page.tables.push(delivery_table(&frame, &contracts, &items));
    if let Some(found) = looked_through {
        page.notices.push((would_be_kept(&found), preview_words(&frame, &found)));
        page.tables.insert(0, preview_table(&frame, &found));
    }
    let choices: Vec<Choice> = contracts
        .iter()
        .map(|one| Choice::new(one.id.to_string(), format!("{} · {}", one.number, one.supplier)))
        .collect();
    let action = |what: &str| format!("/programmes/{id}/treasury/{what}");
    if let (true, Some(money)) = (actor.role.may(Action::KeepTreasury), &money) {
        let file = vec![frame.field("file", "file", "field-file", true)];
        page.forms.push(LedgerForm {
            upload: true,
            second: Some((action("payments"), t("ledger-payments-bring"))),
            ..frame.hinted("ledger-payments-preview", action("payments-preview"), file)
        });
        page.forms.extend(match_form(&frame, money, action("match")));
        page.forms.extend(withdraw_form(&frame, money, action("withdraw")));
        if !choices.is_empty() {
            let all = contracts.iter().flat_map(|one| &one.deliveries);
            let deliveries = all
                .map(|one| {
                    let label = format!("{} · {}", one.document_no, frame.day(&one.delivered_on));
                    Choice::new(one.id.to_string(), label)
                })
                .collect();
            let fields = vec![
                frame.choose("contract", "ledger-contracts", &choices, true),
                frame.field("text", "number", "ledger-number", true),
                frame.field("date", "on", "col-day", true),
                frame.field("number", "amount", "col-value", true),
                LedgerField { kind: "many", ..LedgerField::select("delivery", t("ledger-billed"), deliveries, false) },
            ];
            page.forms.push(frame.form("ledger-new-invoice", action("invoices"), fields));
        }
        let mut fields = vec![
            frame.field("text", "number", "ledger-number", true),
            frame.field("text", "supplier", "ledger-supplier", true),
            frame.field("date", "on", "ledger-signed-on", true),
            frame.field("text", "price_evidence", "ledger-price-evidence", true),
        ];
        for item in &items {
            let (name, pack) = (&item.name, &item.pack_name);
            let quantity = format!("{name}: {} ({pack})", t("col-count"));
            fields.push(LedgerField::new("number", &format!("quantity-{}", item.code), quantity, false));
            let price = format!("{name}: {} / {pack}", t("ledger-price"));
            fields.push(LedgerField::new("number", &format!("price-{}", item.code), price, false));
        }
        page.forms.push(frame.form("ledger-new-contract", action("contracts"), fields));
    }
    if actor.role == crate::domain::role::Role::Storekeeper && !choices.is_empty() {
        let mut fields = vec![
            frame.choose("contract", "ledger-contracts", &choices, true),
            frame.field("text", "document_no", "ledger-document-no", true),
            frame.field("date", "on", "col-day", true),
        ];
        for item in &items {
            for (prefix, word) in [("good", "ledger-good"), ("damaged", "ledger-damaged"), ("short", "ledger-short")] {
                let label = format!("{}: {} ({})", item.name, t(word), item.pack_name);
                fields.push(LedgerField::new("number", &format!("{prefix}-{}", item.code), label, false));
            }
        }
        page.forms.push(frame.form("ledger-new-delivery", action("deliveries"), fields));
    }
    Ok(page)
}

/// Says for which invoice a payment is that fits none by itself.
fn match_form(frame: &Frame, money: &TreasuryView, action: String) -> Option<LedgerForm> {
    let rupiah = |minor| format!("Rp{}", grouped(minor));
    let payments: Vec<Choice> = money
        .payments
        .iter()
        .filter(|one| one.invoice.is_none())
        .map(|one| {
            Choice::new(one.id.to_string(), format!("{} · {} · {}", one.sp2d_no, one.payee, rupiah(one.amount_minor)))
        })
        .collect();
    let invoices: Vec<Choice> = money
        .invoices
        .iter()
        .map(|one| Choice::new(one.id.to_string(), format!("{} · {}", one.number, rupiah(one.amount_minor))))
        .collect();
    (!payments.is_empty() && !invoices.is_empty()).then(|| {
        let fields = vec![
            frame.choose("payment", "ledger-unmatched", &payments, true),
            frame.choose("invoice", "ledger-invoices", &invoices, true),
        ];
        frame.form("ledger-match", action, fields)
    })
}

/// Asks that a wrong invoice be withdrawn.
fn withdraw_form(frame: &Frame, money: &TreasuryView, action: String) -> Option<LedgerForm> {
    let asked = |one: &InvoiceView| one.withdrawal.as_ref().is_some_and(|asked| asked.agreed.is_none());
    let invoices: Vec<Choice> = money
        .invoices
        .iter()
        .filter(|one| !asked(one))
        .map(|one| {
            let label = format!("{} · {} · Rp{}", one.number, one.contract, grouped(one.amount_minor));
            Choice::new(one.id.to_string(), label)
        })
        .collect();
    (!invoices.is_empty()).then(|| {
        let fields = vec![
            frame.choose("invoice", "ledger-invoices", &invoices, true),
            frame.field("text", "reason", "ledger-reason", true),
        ];
        frame.hinted("ledger-withdraw", action, fields)
    })
}

/// Agrees that an invoice is withdrawn, or not.
fn decide_form(frame: &Frame, one: &InvoiceView, asked: &WithdrawalView, programme: ProgrammeId) -> LedgerForm {
    let action = |what: &str| format!("/programmes/{programme}/treasury/{what}");
    let fields = vec![LedgerField::hidden("withdrawal", asked.id.to_string())];
    let form = frame.hinted("ledger-withdraw-agree", action("withdraw-agree"), fields);
    LedgerForm {
        title: format!("{} {}", form.title, one.number),
        second: Some((action("withdraw-refuse"), frame.t("ledger-withdraw-refuse"))),
        ..form
    }
}

/// That somebody asked, and why.
fn withdrawal_words(frame: &Frame, one: &InvoiceView, asked: &WithdrawalView) -> String {
    let amount = format!("Rp{}", grouped(one.amount_minor));
    let named = [("number", &one.number), ("amount", &amount), ("by", &asked.asked_by), ("reason", &asked.reason)];
    let values = named.map(|(name, text)| (name, crate::words::Value::from(text.as_str())));
    frame.words.with("ledger-withdrawal-asked", &values)
}

fn withdrawn_table(frame: &Frame, money: &TreasuryView) -> LedgerTable {
    let rows = money.withdrawn.iter().map(|one| {
        let asked = one.withdrawal.as_ref();
        let of = |text: fn(&WithdrawalView) -> String| LedgerCell::text(asked.map(text).unwrap_or_default());
        vec![
            LedgerCell::text(one.number.clone()),
            LedgerCell::text(one.contract.clone()),
            LedgerCell::text(frame.day(&one.dated_on)),
            LedgerCell::rupiah(one.amount_minor),
            LedgerCell::rupiah(one.delivered_minor),
            of(|asked| asked.reason.clone()),
            of(|asked| asked.asked_by.clone()),
            of(|asked| asked.decided_by.clone().unwrap_or_default()),
        ]
    });
    let columns = [
        "ledger-number",
        "ledger-contracts",
        "col-day",
        "#col-value",
        "#ledger-delivered",
        "ledger-reason",
        "ledger-by",
        "ledger-agreed",
    ];
    frame.table("ledger-withdrawn", &columns, rows)
}

fn contract_table(frame: &Frame, contracts: &[ContractView]) -> LedgerTable {
    let rows = contracts.iter().map(|one| {
        vec![
            LedgerCell::text(one.number.clone()),
            LedgerCell::text(one.supplier.clone()),
            LedgerCell::text(frame.day(&one.signed_on)),
            LedgerCell::text(one.price_evidence.clone()),
            LedgerCell::rupiah(one.value_minor),
            LedgerCell::rupiah(one.delivered_minor),
        ]
    });
    let columns = [
        "ledger-number",
        "ledger-supplier",
        "ledger-signed-on",
        "ledger-price-evidence",
        "#col-value",
        "#ledger-delivered",
    ];
    frame.table("ledger-contracts", &columns, rows)
}

fn delivery_table(frame: &Frame, contracts: &[ContractView], items: &[KnownItem]) -> LedgerTable {
    let lines = contracts.iter().flat_map(|one| &one.deliveries);
    let rows = lines.flat_map(|one| one.lines.iter().map(move |line| (one, line))).map(|(one, line)| {
        let item = items.iter().find(|item| item.code == line.0);
        let goods =
            |quantity: i64| LedgerCell::figure(item.map_or_else(|| grouped(quantity), |item| item.said(quantity)));
        vec![
            LedgerCell::text(one.document_no.clone()),
            LedgerCell::text(frame.day(&one.delivered_on)),
            LedgerCell::text(item.map_or_else(|| line.0.clone(), |item| item.name.clone())),
            goods(line.1),
            goods(line.2),
            goods(line.3),
        ]
    });
    let columns = ["ledger-document-no", "col-day", "col-item", "#ledger-good", "#ledger-damaged", "#ledger-short"];
    frame.table("ledger-deliveries", &columns, rows)
}

fn facts(frame: &Frame, money: &TreasuryView) -> Vec<(String, String)> {
    let line = |key: &str, minor: i64| (frame.t(key), format!("Rp{}", grouped(minor)));
    vec![
        line("ledger-ceiling", money.ceiling_minor),
        line("ledger-contract-value", money.contract_minor),
        line("ledger-delivered", money.delivered_minor),
        line("ledger-invoiced", money.invoiced_minor),
        line("ledger-financial", money.paid_minor),
        line("ledger-unmatched", money.unmatched_minor),
        line("ledger-physical", money.realised_minor),
    ]
}

/// Something to look into, in one sentence.
pub(super) fn unsettled_words(frame: &Frame, one: &Unsettled) -> String {
    let told = frame.n(&format!("unsettled-{}", one.code.replace('_', "-")), "count", one.count);
    if one.amount_minor == 0 { told } else { format!("{told} Rp{}.", grouped(one.amount_minor)) }
}

fn money_tables(frame: &Frame, money: &TreasuryView) -> Vec<LedgerTable> {
    let invoices = money.invoices.iter().map(|one| {
        vec![
            LedgerCell::text(one.number.clone()),
            LedgerCell::text(one.contract.clone()),
            LedgerCell::text(frame.day(&one.dated_on)),
            LedgerCell::rupiah(one.amount_minor),
            LedgerCell::rupiah(one.delivered_minor),
            LedgerCell::rupiah(one.difference_minor),
            LedgerCell::rupiah(one.paid_minor),
        ]
    });
    let payments = money.payments.iter().map(|one| {
        vec![
            LedgerCell::text(one.sp2d_no.clone()),
            LedgerCell::text(frame.day(&one.paid_on)),
            LedgerCell::text(one.payee.clone()),
            LedgerCell::text(one.invoice.clone().unwrap_or_else(|| frame.t("ledger-fits-nothing"))),
            LedgerCell::rupiah(one.amount_minor),
        ]
    });
    let invoiced = [
        "ledger-number",
        "ledger-contracts",
        "col-day",
        "#col-value",
        "#ledger-delivered",
        "#ledger-difference",
        "#ledger-paid",
    ];
    let paid = ["ledger-sp2d", "col-day", "ledger-payee", "ledger-invoices", "#col-value"];
    let mut tables = vec![frame.table("ledger-invoices", &invoiced, invoices)];
    if !money.withdrawn.is_empty() {
        tables.push(withdrawn_table(frame, money));
    }
    tables.push(frame.table("ledger-payments", &paid, payments));
    tables
}

/// Whether a file would be brought in as it is.
fn would_be_kept(found: &PaymentsPreview) -> bool {
    found.sums_agree && found.rows.iter().all(|row| !row.fit.bars())
}

fn preview_words(frame: &Frame, found: &PaymentsPreview) -> String {
    let counts: Vec<String> =
        found.counts.iter().map(|(fit, count)| format!("{} {count}", frame.of_list("fit", fit))).collect();
    let stated = found.stated_minor.map_or_else(|| "–".to_owned(), |sum| format!("Rp{}", grouped(sum)));
    let told = format!("{}: Rp{} / {stated}. {}", frame.t("ledger-sums"), grouped(found.sum_minor), counts.join(", "));
    if would_be_kept(found) { told } else { format!("{told}. {}", frame.t("ledger-payments-refused")) }
}

fn preview_table(frame: &Frame, found: &PaymentsPreview) -> LedgerTable {
    let rows = found.rows.iter().map(|row| {
        vec![
            LedgerCell::text(row.sp2d_no.clone()),
            LedgerCell::text(frame.day(row.paid_on.as_deref().unwrap_or_default())),
            LedgerCell::text(row.payee.clone()),
            LedgerCell::text(row.invoice_no.clone()),
            row.amount_minor.map_or_else(|| LedgerCell::figure("?"), LedgerCell::rupiah),
            LedgerCell::text(match row.unread {
                Some(cell) => format!("{}: {}", frame.of_list("fit", row.fit.as_str()), frame.of_list("field", cell)),
                None => frame.of_list("fit", row.fit.as_str()),
            }),
        ]
    });
    let columns = ["ledger-sp2d", "col-day", "ledger-payee", "ledger-invoices", "#col-value", "ledger-result"];
    frame.table("ledger-payments-preview", &columns, rows)
}

/// `POST /programmes/{id}/treasury/{what}`
pub(super) async fn change(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form(&form)
        .inside(Place::Programmes, move |inside| {
            let (programme, what) = path.into_inner();
            let programme: ProgrammeId = id(&programme, "programme")?;
            match done(&inside, programme, &what, &form) {
                Ok(()) => Ok(Answer::See(format!("/programmes/{programme}/treasury"))),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, programme, Some(text), None)?)
                }
            }
        })
        .await
}

fn done(inside: &Inside<'_>, programme: ProgrammeId, what: &str, form: &Fields) -> Result<(), Error> {
    let (office, actor) = (inside.office, inside.actor);
    let of = |prefix: &str, item: &KnownItem| goods(form, &format!("{prefix}-{}", item.code), item.pack_size);
    let items = office.stock_items(actor, programme)?;
    let on = form.of("on").parse().ok();
    match what {
        "contracts" => {
            let mut lines = Vec::new();
            for item in &items {
                let quantity = of("quantity", item)?;
                if quantity != 0 {
                    lines.push((item.code.clone(), quantity, count(form, &format!("price-{}", item.code), "price")?));
                }
            }
            let new = NewContract {
                number: form.of("number").to_owned(),
                supplier: form.of("supplier").to_owned(),
                signed_on: on,
                price_evidence: form.of("price_evidence").to_owned(),
                lines,
            };
            office.create_contract(actor, programme, &new).map(|_| ())
        }
        "deliveries" => {
            let contract: ContractId = id(form.of("contract"), "contract")?;
            let mut lines = Vec::new();
            for item in &items {
                let line = (item.code.clone(), of("good", item)?, of("damaged", item)?, of("short", item)?);
                if line.1 != 0 || line.2 != 0 || line.3 != 0 {
                    lines.push(line);
                }
            }
            let document_no = form.of("document_no").to_owned();
            let new = NewDelivery { document_no, delivered_on: on, lines, samples: Vec::new() };
            office.enter_delivery(actor, contract, &new).map(|_| ())
        }
        "invoices" => {
            let contract: ContractId = id(form.of("contract"), "contract")?;
            let ticked = form.all("delivery").filter(|one| !one.is_empty());
            let deliveries = ticked.map(|one| id(one, "delivery")).collect::<Result<Vec<_>, _>>()?;
            let amount_minor = rupiah(form, "amount")?.minor();
            let new = NewInvoice { number: form.of("number").to_owned(), dated_on: on, amount_minor, deliveries };
            office.enter_invoice(actor, contract, &new).map(|_| ())
        }
        "match" => {
            let (payment, invoice) = (id(form.of("payment"), "payment")?, id(form.of("invoice"), "invoice")?);
            office.match_payment(actor, payment, invoice)
        }
        "withdraw" => office.ask_withdrawal(actor, id(form.of("invoice"), "invoice")?, form.of("reason")).map(|_| ()),
        "withdraw-agree" | "withdraw-refuse" => {
            let asked = id(form.of("withdrawal"), "withdrawal")?;
            office.decide_withdrawal(actor, asked, what == "withdraw-agree")
        }
        _ => Err(Refusal::NotFound("page").into()),
    }
}

/// `POST /programmes/{id}/treasury/payments`, and the same with `-preview`
pub(super) async fn payments(
    request: HttpRequest,
    visit: Visit,
    programme: web::Path<String>,
    parts: Multipart,
) -> Result<HttpResponse, PageError> {
    let preview = request.path().ends_with("-preview");
    let (visit, upload) = read_upload(&request, visit, parts, Action::KeepTreasury).await?;
    let (name, bytes) = upload.file.unwrap_or_default();
    visit
        .inside(Place::Programmes, move |inside| {
            let programme: ProgrammeId = id(&programme, "programme")?;
            let done = if preview {
                inside.office.preview_payments(inside.actor, programme, &bytes)
            } else {
                inside.office.bring_payments(inside.actor, programme, &name, &bytes)
            };
            match done {
                Ok(found) => Answer::page(&page(inside, programme, None, Some(found))?),
                Err(error) => {
                    let (status, text) = said(error, inside.language)?;
                    Answer::refused(status, &page(inside, programme, Some(text), None)?)
                }
            }
        })
        .await
}
