//! What an agency chooses for itself: from when on a pattern is a case, what an empty point does, and what the PIN on a
//! device is like.

use super::{Actor, Error, Office, Refusal, entry};
use crate::domain::audit::Event;
use crate::domain::programme::Rules;
use crate::domain::role::Action;
use crate::store::{self, Write};
use crate::transparency::{Kind, Leaf};

impl Office {
    /// What the actor's agency chose.
    pub fn rules(&self, actor: &Actor) -> Result<Rules, Error> {
        actor.must(Action::ReadClosings)?;
        Ok(self.agency(actor, actor.agency)?.rules)
    }

    /// Chooses anew; it counts from the next look and the next scan on.
    pub fn set_rules(&self, actor: &Actor, rules: Rules) -> Result<Rules, Error> {
        actor.must(Action::SetRules)?;
        entry::within("proxy_times", rules.proxy_times, 2, 1_000)?;
        entry::within("proxy_percent", rules.proxy_percent, 1, 100)?;
        entry::within("scans_per_minute", rules.scans_per_minute, 1, 600)?;
        // Fewer digits are tried through in a day by who copies the device; more are written on its back.
        entry::within("pin_signs", rules.pin_signs, 6, 12)?;
        entry::within("pin_tries", rules.pin_tries, 3, 10)?;
        // Shorter, and whoever is called away from a form loses it; longer than a sign-in lives says nothing.
        entry::within("idle_minutes", rules.idle_minutes, 15, 720)?;
        self.pool.write("rules", |tx| {
            // With one alone who can confirm, no account of theirs would ever be: it is chosen when there are two.
            if rules.confirm_accounts && store::users::confirmers(tx, actor.agency)? < 2 {
                let why = "two people who can confirm accounts are confirmed first".to_owned();
                return Err(Refusal::Invalid { field: "confirm_accounts", why }.into());
            }
            let before = store::agencies::find(tx, actor.agency)?.ok_or(Refusal::NotFound("agency"))?.rules;
            if before.confirm_accounts && !rules.confirm_accounts {
                let why = "it ends at the console of the server alone".to_owned();
                return Err(Refusal::Invalid { field: "confirm_accounts", why }.into());
            }
            self.choose_rules(tx, actor, rules)?;
            Ok(rules)
        })
    }

    /// Puts them down, and on record.
    pub(super) fn choose_rules(&self, tx: &mut Write<'_>, actor: &Actor, rules: Rules) -> Result<(), Error> {
        store::agencies::set_rules(tx, actor.agency, rules)?;
        let detail = format!(
            "proxy_times {}, proxy_percent {}, scans_per_minute {}, stop_when_empty {}, pin_signs {}, pin_tries {}, \
             confirm_accounts {}, idle_minutes {}",
            rules.proxy_times,
            rules.proxy_percent,
            rules.scans_per_minute,
            rules.stop_when_empty,
            rules.pin_signs,
            rules.pin_tries,
            rules.confirm_accounts,
            rules.idle_minutes
        );
        // The log shows when they changed, and by their digest to what.
        let leaf = Leaf { word: Some("rules".to_owned()), ..self.leaf_of(actor, Kind::Policy) };
        self.append_salted(tx, &leaf, detail.as_bytes())?;
        self.record(tx, actor.who(), Event::RulesSet, actor.agency, detail)
    }
}
