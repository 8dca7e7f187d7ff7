//! A wrong invoice is withdrawn by two persons: whoever keeps the treasury asks, another who answers for the close
//! agrees. It stays visible, and frees what it billed for the right one.

use std::collections::BTreeMap;

use serde::Serialize;

use super::super::{Actor, Error, Office, Refusal, entry, programme};
use super::{InvoiceView, money_of};
use crate::domain::audit::Event;
use crate::domain::id::{InvoiceId, ProgrammeId, UserId, WithdrawalId};
use crate::domain::role::Action;
use crate::domain::time::Zone;
use crate::store::withdrawals::Withdrawal;
use crate::store::{self, Conn};

/// That an invoice be withdrawn, on a screen.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct WithdrawalView {
    /// Its id.
    #[schema(value_type = String, format = Uuid)]
    pub id: WithdrawalId,
    /// Why.
    pub reason: String,
    /// Who asked.
    pub asked_by: String,
    /// When, ISO 8601.
    pub asked_at: String,
    /// Who asked, who may not agree.
    #[serde(skip)]
    pub asker: UserId,
    /// Whether a second person agreed; null while nobody has decided.
    pub agreed: Option<bool>,
    /// Who decided.
    pub decided_by: Option<String>,
    /// When, ISO 8601.
    pub decided_at: Option<String>,
}

impl Office {
    /// Asks that an invoice be withdrawn. It stands until another person agrees.
    pub fn ask_withdrawal(&self, actor: &Actor, invoice: InvoiceId, reason: &str) -> Result<WithdrawalId, Error> {
        actor.must(Action::KeepTreasury)?;
        let reason = entry::text("reason", reason, 400)?;
        let now = self.now();
        self.pool.write("invoice_withdrawal", |tx| {
            store::turns::share(tx, &actor.agency)?;
            let programme = store::treasury::programme_of(tx, invoice)?.ok_or(Refusal::NotFound("invoice"))?;
            programme::owned_programme(tx, actor, programme).map_err(|_| Refusal::NotFound("invoice"))?;
            store::stock::hold(tx, programme)?;
            let money = money_of(tx, programme)?;
            let Some(one) = money.invoices.iter().find(|one| one.id == invoice) else {
                return Err(Refusal::AlreadyDecided.into());
            };
            let asked = Withdrawal {
                id: self.new_id(WithdrawalId::by_time)?,
                invoice,
                reason: reason.clone(),
                asked: (actor.user, now),
                decided: None,
            };
            store::withdrawals::insert(tx, &asked).map_err(entry::exists(&one.number))?;
            self.record(tx, actor.who(), Event::InvoiceWithdrawalAsked, invoice, one.number.clone())?;
            Ok(asked.id)
        })
    }

    /// Decides, as a second person, whether an invoice is withdrawn. With it go its payments, which are for none
    /// then and stay visible as such.
    pub fn decide_withdrawal(&self, actor: &Actor, id: WithdrawalId, agreed: bool) -> Result<(), Error> {
        actor.must(Action::ClosePeriod)?;
        let now = self.now();
        self.pool.write("invoice_withdrawal_decide", |tx| {
            store::turns::share(tx, &actor.agency)?;
            let (asked, programme) = store::withdrawals::find(tx, id)?.ok_or(Refusal::NotFound("withdrawal"))?;
            programme::owned_programme(tx, actor, programme).map_err(|_| Refusal::NotFound("withdrawal"))?;
            store::stock::hold(tx, programme)?;
            if asked.asked.0 == actor.user {
                return Err(Refusal::SamePerson.into());
            }
            if !store::withdrawals::decide(tx, id, agreed, (actor.user, now))? {
                return Err(Refusal::AlreadyDecided.into());
            }
            let (event, detail) = if agreed {
                let payments = store::withdrawals::withdraw(tx, asked.invoice)?;
                (Event::InvoiceWithdrawn, format!("{payments} payments"))
            } else {
                (Event::InvoiceWithdrawalRefused, String::new())
            };
            self.record(tx, actor.who(), event, asked.invoice, detail)
        })
    }

    /// The invoices of a programme of which somebody asked that they be withdrawn, for who may decide.
    pub fn withdrawals_to_decide(&self, actor: &Actor, id: ProgrammeId) -> Result<Vec<InvoiceView>, Error> {
        actor.must(Action::ClosePeriod)?;
        self.pool.read_snapshot(|conn| {
            programme::owned_programme(conn, actor, id)?;
            let waits = |one: &InvoiceView| one.withdrawal.as_ref().is_some_and(|asked| asked.agreed.is_none());
            Ok(money_of(conn, id)?.invoices.into_iter().filter(waits).collect())
        })
    }
}

/// What was asked last of each invoice of a programme.
pub(super) fn views(conn: &mut Conn, id: ProgrammeId) -> Result<BTreeMap<InvoiceId, WithdrawalView>, Error> {
    let found = store::withdrawals::of_programme(conn, id)?;
    if found.is_empty() {
        return Ok(BTreeMap::new());
    }
    let people: Vec<UserId> =
        found.iter().flat_map(|one| [Some(one.asked.0), one.decided.map(|decided| decided.1)]).flatten().collect();
    let people = store::evidence::names(conn, &people)?;
    let name = |id: UserId| people.get(&id).cloned().unwrap_or_default();
    let agency = store::programmes::find(conn, id)?.map(|programme| programme.agency);
    let zone = match agency {
        Some(agency) => store::agencies::find(conn, agency)?.map_or(Zone::default(), |agency| agency.zone),
        None => Zone::default(),
    };
    let view = |one: Withdrawal| {
        let view = WithdrawalView {
            id: one.id,
            reason: one.reason,
            asked_by: name(one.asked.0),
            asked_at: one.asked.1.iso(zone),
            asker: one.asked.0,
            agreed: one.decided.map(|decided| decided.0),
            decided_by: one.decided.map(|decided| name(decided.1)),
            decided_at: one.decided.map(|decided| decided.2.iso(zone)),
        };
        (one.invoice, view)
    };
    // The newest stands last.
    Ok(found.into_iter().map(view).collect())
}
