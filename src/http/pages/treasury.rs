//! The money of a programme: contracts, invoices, payments.

use actix_multipart::Multipart;
use actix_web::{HttpRequest, HttpResponse, web};

use super::case::number;
use super::fault::PageError;
use super::intake::read_upload;
use super::shell::{Answer, Inside, Visit, id, said};
use super::view::fields::Fields;
use super::view::frame::{Choice, Frame, Place};
use super::view::ledger::{Ledger, LedgerCell, LedgerField, LedgerForm, LedgerTable};
use crate::domain::id::{ContractId, ProgrammeId};
use crate::domain::money::grouped;
use crate::domain::role::Action;
use crate::service::{Error, NewContract, NewDelivery, NewInvoice, PaymentsPreview, Refusal, TreasuryView};

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
    if may_read {
        let money = office.treasury(actor, id)?;
        page.facts = facts(&frame, &money);
        page.tables = money_tables(&frame, &money);
    }
    page.tables.push(LedgerTable {
        caption: t("ledger-contracts"),
        columns: vec![
            (t("ledger-number"), false),
            (t("ledger-supplier"), false),
            (t("ledger-signed-on"), false),
            (t("ledger-price-evidence"), false),
            (t("col-value"), true),
            (t("ledger-delivered"), true),
        ],
        rows: contracts
            .iter()
            .map(|one| {
                vec![
                    LedgerCell::text(one.number.clone()),
                    LedgerCell::text(one.supplier.clone()),
                    LedgerCell::text(one.signed_on.clone()),
                    LedgerCell::text(one.price_evidence.clone()),
                    LedgerCell::rupiah(one.value_minor),
                    LedgerCell::rupiah(one.delivered_minor),
                ]
            })
            .collect(),
        total: Vec::new(),
    });
    page.tables.push(LedgerTable {
        caption: t("ledger-deliveries"),
        columns: vec![
            (t("ledger-document-no"), false),
            (t("col-day"), false),
            (t("col-item"), false),
            (t("ledger-good"), true),
            (t("ledger-damaged"), true),
            (t("ledger-short"), true),
        ],
        rows: contracts
            .iter()
            .flat_map(|one| &one.deliveries)
            .flat_map(|one| one.lines.iter().map(move |line| (one, line)))
            .map(|(one, line)| {
                vec![
                    LedgerCell::text(one.document_no.clone()),
                    LedgerCell::text(one.delivered_on.clone()),
                    LedgerCell::text(line.0.clone()),
                    LedgerCell::count(line.1),
                    LedgerCell::count(line.2),
                    LedgerCell::count(line.3),
                ]
            })
            .collect(),
        total: Vec::new(),
    });
    if let Some(found) = looked_through {
        page.notices.push((found.sums_agree, preview_words(&frame, &found)));
        page.tables.insert(0, preview_table(&frame, &found));
    }
    let choices: Vec<Choice> = contracts
        .iter()
        .map(|one| Choice::new(one.id.to_string(), format!("{} · {}", one.number, one.supplier)))
        .collect();
    let action = |what: &str| format!("/programmes/{id}/treasury/{what}");
    if actor.role.may(Action::KeepTreasury) {
        let mut fields = vec![
            LedgerField::new("text", "number", t("ledger-number"), true),
            LedgerField::new("text", "supplier", t("ledger-supplier"), true),
            LedgerField::new("date", "on", t("ledger-signed-on"), true),
            LedgerField::new("text", "price_evidence", t("ledger-price-evidence"), true),
        ];
        for (code, name, unit, pack) in &items {
            let unit = frame.of_list("unit", unit);
            fields.push(LedgerField::new("number", &format!("quantity-{code}"), format!("{name} ({unit})"), false));
            let label = format!("{name}: {} / {pack}", t("ledger-price"));
            fields.push(LedgerField::new("number", &format!("price-{code}"), label, false));
        }
        page.forms.push(form(&frame, "ledger-new-contract", action("contracts"), fields));
        if !choices.is_empty() {
            let deliveries: Vec<Choice> = contracts
                .iter()
                .flat_map(|one| &one.deliveries)
                .map(|one| Choice::new(one.id.to_string(), one.document_no.clone()))
                .collect();
            let fields = vec![
                LedgerField::select("contract", t("ledger-contracts"), choices.clone(), true),
                LedgerField::new("text", "number", t("ledger-number"), true),
                LedgerField::new("date", "on", t("col-day"), true),
                LedgerField::new("number", "amount", t("col-value"), true),
                LedgerField::select("delivery", t("ledger-deliveries"), deliveries, false),
            ];
            page.forms.push(form(&frame, "ledger-new-invoice", action("invoices"), fields));
        }
        for (title, what) in [("ledger-payments-preview", "payments-preview"), ("ledger-payments-bring", "payments")] {
            let fields = vec![LedgerField::new("file", "file", t("field-file"), true)];
            page.forms.push(LedgerForm { upload: true, ..form(&frame, title, action(what), fields) });
        }
    }
    if actor.role == crate::domain::role::Role::Storekeeper && !choices.is_empty() {
        let mut fields = vec![
            LedgerField::select("contract", t("ledger-contracts"), choices, true),
            LedgerField::new("text", "document_no", t("ledger-document-no"), true),
            LedgerField::new("date", "on", t("col-day"), true),
        ];
        for (code, name, ..) in &items {
            for (prefix, word) in [("good", "ledger-good"), ("damaged", "ledger-damaged"), ("short", "ledger-short")] {
                let label = format!("{name}: {}", t(word));
                fields.push(LedgerField::new("number", &format!("{prefix}-{code}"), label, false));
            }
        }
        page.forms.push(form(&frame, "ledger-new-delivery", action("deliveries"), fields));
    }
    Ok(page)
}

fn form(frame: &Frame, title: &str, action: String, fields: Vec<LedgerField>) -> LedgerForm {
    LedgerForm { title: frame.t(title), button: frame.t(title), action, fields, ..LedgerForm::default() }
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

fn money_tables(frame: &Frame, money: &TreasuryView) -> Vec<LedgerTable> {
    let t = |key: &str| frame.t(key);
    let invoices = money
        .invoices
        .iter()
        .map(|one| {
            vec![
                LedgerCell::text(one.number.clone()),
                LedgerCell::text(one.contract.clone()),
                LedgerCell::text(one.dated_on.clone()),
                LedgerCell::rupiah(one.amount_minor),
                LedgerCell::rupiah(one.delivered_minor),
                LedgerCell::rupiah(one.difference_minor),
                LedgerCell::rupiah(one.paid_minor),
            ]
        })
        .collect();
    let payments = money
        .payments
        .iter()
        .map(|one| {
            vec![
                LedgerCell::text(one.sp2d_no.clone()),
                LedgerCell::text(one.paid_on.clone()),
                LedgerCell::text(one.payee.clone()),
                LedgerCell::text(one.invoice.clone().unwrap_or_else(|| t("ledger-fits-nothing"))),
                LedgerCell::rupiah(one.amount_minor),
            ]
        })
        .collect();
    vec![
        LedgerTable {
            caption: t("ledger-invoices"),
            columns: vec![
                (t("ledger-number"), false),
                (t("ledger-contracts"), false),
                (t("col-day"), false),
                (t("col-value"), true),
                (t("ledger-delivered"), true),
                (t("ledger-difference"), true),
                (t("ledger-paid"), true),
            ],
            rows: invoices,
            total: Vec::new(),
        },
        LedgerTable {
            caption: t("ledger-payments"),
            columns: vec![
                (t("ledger-sp2d"), false),
                (t("col-day"), false),
                (t("ledger-payee"), false),
                (t("ledger-invoices"), false),
                (t("col-value"), true),
            ],
            rows: payments,
            total: Vec::new(),
        },
    ]
}

fn preview_words(frame: &Frame, found: &PaymentsPreview) -> String {
    let counts: Vec<String> =
        found.counts.iter().map(|(fit, count)| format!("{} {count}", frame.of_list("fit", fit))).collect();
    let stated = found.stated_minor.map_or_else(|| "–".to_owned(), |sum| format!("Rp{}", grouped(sum)));
    format!("{}: Rp{} / {stated}. {}", frame.t("ledger-sums"), grouped(found.sum_minor), counts.join(", "))
}

fn preview_table(frame: &Frame, found: &PaymentsPreview) -> LedgerTable {
    let t = |key: &str| frame.t(key);
    let rows = found
        .rows
        .iter()
        .map(|row| {
            vec![
                LedgerCell::text(row.sp2d_no.clone()),
                LedgerCell::text(row.paid_on.clone().unwrap_or_default()),
                LedgerCell::text(row.payee.clone()),
                LedgerCell::text(row.invoice_no.clone()),
                row.amount_minor.map_or_else(|| LedgerCell::text("?"), LedgerCell::rupiah),
                LedgerCell::text(frame.of_list("fit", row.fit.as_str())),
            ]
        })
        .collect();
    LedgerTable {
        caption: t("ledger-payments-preview"),
        columns: vec![
            (t("ledger-sp2d"), false),
            (t("col-day"), false),
            (t("ledger-payee"), false),
            (t("ledger-invoices"), false),
            (t("col-value"), true),
            (t("ledger-result"), false),
        ],
        rows,
        total: Vec::new(),
    }
}

/// `POST /programmes/{id}/treasury/{what}`
pub(super) async fn change(
    visit: Visit,
    path: web::Path<(String, String)>,
    form: web::Form<Fields>,
) -> Result<HttpResponse, PageError> {
    visit
        .with_form_token(form.of("csrf"))
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
    let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.to_owned() });
    let of = |prefix: &str, code: &str| {
        number(form, &format!("{prefix}-{code}")).ok_or_else(|| invalid("quantity", "a whole number"))
    };
    let items = office.stock_items(actor, programme)?;
    let on = form.of("on").parse().ok();
    match what {
        "contracts" => {
            let mut lines = Vec::new();
            for (code, ..) in &items {
                let quantity = of("quantity", code)?;
                if quantity != 0 {
                    lines.push((code.clone(), quantity, of("price", code)?));
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
            for (code, ..) in &items {
                let line = (code.clone(), of("good", code)?, of("damaged", code)?, of("short", code)?);
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
            let delivery = form.of("delivery");
            let deliveries = if delivery.is_empty() { Vec::new() } else { vec![id(delivery, "delivery")?] };
            let amount_minor = number(form, "amount").ok_or_else(|| invalid("amount", "a whole amount"))?;
            let new = NewInvoice { number: form.of("number").to_owned(), dated_on: on, amount_minor, deliveries };
            office.enter_invoice(actor, contract, &new).map(|_| ())
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
