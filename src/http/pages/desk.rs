//! The desk as plain forms: a scan, its verdict, a hand-over.

use actix_web::{HttpResponse, web};
use serde::Deserialize;

use super::fault::PageError;
use super::shell::{self, Inside, Visit, said};
use super::view::desk::{Answer, Desk, DeskReceipt, DeskVoucher, RecentScan};
use super::view::frame::Place;
use super::voucher::session_words;
use crate::domain::id::RedemptionId;
use crate::domain::redemption::{Collector, CollectorKind, Paper, Verdict};
use crate::domain::time::long_date;
use crate::service::{Claim, DeskScan, Error, Named, Refusal, Seen, VoucherView};
use crate::words::{Value, Words};

/// The longest thing that is taken for a typed code: what is longer was scanned.
const TYPED_MAX: usize = 40;

/// `GET /desk`
pub(super) async fn show(visit: Visit) -> Result<HttpResponse, PageError> {
    visit.inside(Place::Desk, |inside| page(inside, None)).await
}

fn page(inside: Inside<'_>, answer: Option<Answer>) -> Result<shell::Answer, Error> {
    let desk = inside.office.desk_today(inside.actor)?;
    let log = inside.office.desk_log(inside.actor)?;
    let zone = inside.agency.zone;
    let recent = |scan: DeskScan| RecentScan {
        at: scan.at.clock(zone),
        verdict: scan.verdict,
        what: scan.household.unwrap_or_else(|| "–".into()),
        receipt: scan.receipt.map(|(id, number)| (id.to_string(), number)),
    };
    shell::Answer::page(&Desk {
        point: desk.point.code,
        point_name: desk.point.name,
        desk: desk.desk,
        operator: inside.actor.name.clone(),
        handed_over: log.handed_over,
        refused: log.refused,
        recent: log.scans.into_iter().map(recent).collect(),
        answer,
        frame: inside.frame,
    })
}

#[derive(Debug, Deserialize)]
pub(super) struct ScanForm {
    csrf: String,
    code: String,
}

/// `POST /desk`
pub(super) async fn scan(visit: Visit, form: web::Form<ScanForm>) -> Result<HttpResponse, PageError> {
    let ScanForm { csrf, code } = form.into_inner();
    visit
        .with_form_token(&csrf)
        .inside(Place::Desk, move |inside| {
            let seen = inside.office.verify(inside.actor, &code)?;
            let id = inside.office.new_redemption_id()?;
            let answer = verdict(&inside, seen, code, id);
            page(inside, Some(answer))
        })
        .await
}

#[derive(Deserialize)]
pub(super) struct HandOverForm {
    csrf: String,
    id: String,
    code: String,
    collector: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    relation: String,
    #[serde(default)]
    id_seen: String,
}

impl HandOverForm {
    /// What is missing, as the key of its words. A browser with a script asks for it before it sends.
    fn missing(&self, kind: CollectorKind) -> Option<&'static str> {
        if kind != CollectorKind::Oneself && self.name.trim().is_empty() {
            Some("need-name")
        } else if self.id_seen != "yes" {
            Some("need-id")
        } else {
            None
        }
    }

    /// The wish. Whose name is on the voucher needs no second one; only a proxy is related to it.
    fn claim(&self, id: RedemptionId, kind: CollectorKind) -> Claim {
        let filled = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        Claim {
            id,
            named: Named::Code(self.code.clone()),
            collector: Collector {
                kind,
                name: filled(&self.name).filter(|_| kind != CollectorKind::Oneself),
                relation: filled(&self.relation).filter(|_| kind == CollectorKind::Proxy),
                id_seen: self.id_seen == "yes",
            },
            paper: Paper::Seen,
            paper_reason: None,
            items: None,
            scanned_at: None,
        }
    }
}

/// `POST /desk/hand-over`. The id was chosen when the verdict was shown, so a form that is sent twice is
/// handed over once.
pub(super) async fn hand_over(visit: Visit, form: web::Form<HandOverForm>) -> Result<HttpResponse, PageError> {
    let form = form.into_inner();
    visit
        .with_form_token(&form.csrf.clone())
        .inside(Place::Desk, move |inside| {
            let invalid = |field, why: &str| Error::from(Refusal::Invalid { field, why: why.into() });
            let id: RedemptionId = form.id.parse().map_err(|_| invalid("id", "a UUID"))?;
            let kind = CollectorKind::parse(&form.collector)
                .ok_or_else(|| invalid("collector", "self, proxy or substitute"))?;
            if let Some(missing) = form.missing(kind) {
                let error = inside.frame.of_list("desk", missing);
                return once_more(inside, form.code, id, error);
            }
            let answer = match inside.office.redeem(inside.actor, &form.claim(id, kind)) {
                Ok(redeemed) => Answer {
                    verdict: "redeemed".into(),
                    instruction: None,
                    code: form.code,
                    redemption_id: id.to_string(),
                    voucher: None,
                    receipt: Some(DeskReceipt { id: id.to_string(), number: redeemed.receipt.number }),
                    error: None,
                },
                Err(Error::Refused(refusal)) => match *refusal {
                    Refusal::Verdict(seen) => verdict(&inside, *seen, form.code, id),
                    refusal @ Refusal::Invalid { .. } => {
                        let (_, error) = said(refusal.into(), inside.language)?;
                        return once_more(inside, form.code, id, error);
                    }
                    other => return Err(other.into()),
                },
                Err(error) => return Err(error),
            };
            page(inside, Some(answer))
        })
        .await
}

/// The verdict again, with what was wrong with the form of the hand-over.
fn once_more(inside: Inside<'_>, code: String, id: RedemptionId, error: String) -> Result<shell::Answer, Error> {
    let seen = inside.office.verify(inside.actor, &code)?;
    let answer = Answer { error: Some(error), ..verdict(&inside, seen, code, id) };
    page(inside, Some(answer))
}

fn verdict(inside: &Inside<'_>, seen: Seen, code: String, id: RedemptionId) -> Answer {
    Answer {
        verdict: seen.verdict.as_str().to_owned(),
        instruction: instruction(inside, &seen, &code),
        code,
        redemption_id: id.to_string(),
        voucher: seen.voucher.map(|voucher| on_the_desk(inside, *voucher)),
        receipt: None,
        error: None,
    }
}

/// What to do, where more can be said than for every voucher of this verdict. The script says the same.
fn instruction(inside: &Inside<'_>, seen: &Seen, code: &str) -> Option<String> {
    let words = inside.frame.words;
    if let Some(first) = &seen.first {
        let values = [
            ("when", Value::from(first.redeemed_at.short(inside.agency.zone))),
            ("point", Value::from(first.point_code.as_str())),
            ("who", Value::from(words.of("desk-who", first.collector.as_str()))),
        ];
        return Some(words.with("desk-first", &values));
    }
    if let (Verdict::WrongPoint, Some(voucher)) = (seen.verdict, &seen.voucher) {
        let point = format!("{} {}", voucher.point.code, voucher.point.name);
        return Some(words.with("desk-right-point", &[("point", Value::from(point))]));
    }
    if seen.verdict == Verdict::Malformed && code.trim().len() <= TYPED_MAX {
        return Some(words.get("desk-typed-slip"));
    }
    let reason = seen.reason.as_deref()?;
    let said = words.with("desk-reason", &[("reason", Value::from(reason))]);
    Some(format!("{said}. {}", words.of("verdict-do", seen.verdict.as_str())))
}

fn on_the_desk(inside: &Inside<'_>, voucher: VoucherView) -> DeskVoucher {
    DeskVoucher {
        session_notice: notices(inside.frame.words, &voucher),
        items: voucher.items.iter().map(|item| (item.name.clone(), item.said(item.quantity))).collect(),
        household: voucher.household,
        nik_masked: voucher.nik_masked.unwrap_or_else(|| "–".into()),
        birth_year: voucher.birth_year.map_or_else(|| "–".into(), |year| year.to_string()),
        address: voucher.address,
    }
}

/// What a desk is told beside a good verdict; it changes nothing about it.
fn notices(words: Words, voucher: &VoucherView) -> Option<String> {
    let used_up = crate::refusals::empty_notice(voucher, words);
    let all: Vec<String> = session_notice(words, voucher).into_iter().chain(used_up).collect();
    if all.is_empty() { None } else { Some(all.join(" ")) }
}

/// That a voucher belongs to another time slot; it is good all the same.
fn session_notice(words: Words, voucher: &VoucherView) -> Option<String> {
    let session = voucher.session.as_ref().filter(|_| !voucher.session_is_now)?;
    let day = long_date(session.starts_at.date(voucher.zone), words.language());
    let slot = format!("{day}, {}", session_words(words, session, voucher.zone));
    Some(words.with("desk-other-session", &[("slot", Value::from(slot))]))
}
