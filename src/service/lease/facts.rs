//! Storing facts outside the database: written down as owed in the transaction that makes them, stored after its
//! commit and before anybody hears of it, and then forgotten in the database.
//!
//! A crash between commit and storing leaves a fact owed. So whoever is about to answer from what the database
//! says, without having made it just now, closes the gap first.

use std::collections::HashSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::super::{Error, Office};
use crate::domain::entitlement::State;
use crate::domain::id::{AuditId, Identifier};
use crate::domain::lease::Head;
use crate::outside::{self, FactId, Mark};
use crate::store::{self, Conn, Pool, Write};
use crate::token::fact::{Enrolled, Kept, Outside};
use crate::token::{self};

/// Under which name the database remembers how far it has seen the facts.
const MARK: &str = "facts_mark";
/// How many stored facts the database may still call owed.
const PAID_MAX: usize = 1_024;

/// The facts of this installation, and which of the owed ones are known to be stored.
#[derive(Debug)]
pub(in crate::service) struct Ledger {
    pub(super) outside: outside::Outside,
    paid: Mutex<Vec<FactId>>,
}

/// What was found when the facts were opened.
#[derive(Debug, Default)]
pub(in crate::service) struct Found {
    /// The database has no memory of the facts.
    new: bool,
    /// Something stands outside that the database does not know.
    pub(super) unknown: Option<String>,
}

impl Ledger {
    /// Opens the facts in a folder and compares them with what the database remembers.
    pub(in crate::service) fn open(pool: &Pool, folder: &Path) -> Result<(Self, Found), Error> {
        let kept = pool.read(|conn| store::installation::get(conn, MARK))?;
        let from = match &kept {
            None => Mark::default(),
            Some(text) => {
                read_mark(text).ok_or_else(|| Error::Broken("the mark of the facts cannot be read".into()))?
            }
        };
        let mut found = Found { new: kept.is_none(), unknown: None };
        let mut fault = None;
        let outside = pool.read(|conn| {
            outside::Outside::open(folder, from, |number, record| {
                if fault.is_some() || found.unknown.is_some() {
                    return;
                }
                match Outside::read(record).map(|fact| is_known(conn, &fact)) {
                    Some(Ok(true)) => {}
                    Some(Ok(false)) => {
                        found.unknown = Some(format!("fakta ke-{number} di luar basis data tidak dikenal"))
                    }
                    Some(Err(error)) => fault = Some(error),
                    None => fault = Some(Error::Broken(format!("fact {number} is of another version"))),
                }
            })
            .map_err(Error::from)
        })?;
        match fault {
            Some(error) => Err(error),
            None => Ok((Self { outside, paid: Mutex::default() }, found)),
        }
    }
}

fn read_mark(text: &str) -> Option<Mark> {
    let mut parts = text.split(' ');
    let (size, root, bytes) = (parts.next()?, parts.next()?, parts.next()?);
    let root = data_encoding::HEXLOWER.decode(root.as_bytes()).ok()?.try_into().ok()?;
    Some(Mark { head: Head { size: size.parse().ok()?, root }, bytes: bytes.parse().ok()? })
}

fn write_mark(mark: Mark) -> String {
    format!("{} {} {}", mark.head.size, data_encoding::HEXLOWER.encode(&mark.head.root), mark.bytes)
}

/// Whether the database knows what the fact says.
fn is_known(conn: &mut Conn, fact: &Outside) -> Result<bool, Error> {
    let ended = |conn: &mut Conn, id, state| -> Result<bool, Error> {
        Ok(store::entitlements::find(conn, id)?.is_some_and(|(one, _)| one.state == state))
    };
    Ok(match fact {
        Outside::Epoch(epoch, _) => *epoch <= store::leases::office(conn)?.epoch,
        Outside::Enrolled(one) => store::devices::find(conn, one.device)?.is_some(),
        Outside::Token(..) => true,
        Outside::Barred(device, _) => {
            store::devices::find(conn, *device)?.is_some_and(|device| device.revoked_at.is_some())
        }
        Outside::WrittenOff(device, _) => {
            store::devices::find(conn, *device)?.is_some_and(|device| device.written_off_at.is_some())
        }
        Outside::Revoked(id, _) => ended(conn, *id, State::Revoked)?,
        // What was called unused may turn out to have been handed over.
        Outside::Expired(id) => ended(conn, *id, State::Expired)? || ended(conn, *id, State::Redeemed)?,
        Outside::Redeemed(kept) | Outside::Conflict(kept, _) => {
            let hash = token::receipt_hash(&kept.receipt);
            let known = store::received::find(conn, hash)?.is_some();
            let body = token::receipt::peek(&kept.receipt);
            known
                || match body {
                    None => false,
                    Some(body) => {
                        store::redemptions::find(conn, body.redemption)?.is_some_and(|known| known.receipt_hash == hash)
                    }
                }
        }
        Outside::ServerKey(public, ..) | Outside::LogKey(public, ..) => {
            store::keys::all(conn)?.into_iter().any(|key| key.public_key == *public)
        }
    })
}

impl Office {
    /// What follows from how the facts were found: a database that knows nothing of them writes down what it has, one
    /// that was set back begins a recovery, and so does one that was just put back, in the life that was announced for it.
    pub(in crate::service) fn settle_with_outside(
        &self,
        found: &Found,
        life: Option<(u32, &str)>,
    ) -> Result<(), Error> {
        let interrupted = self.pool.read(store::leases::behind)?.filter(|why| why == super::recovery::UNDER_WAY);
        if let Some((epoch, why)) = life {
            self.begin_life(epoch, why)?;
        } else if let Some(why) = found.unknown.clone().or(interrupted).or(self.log_says_set_back()?) {
            // What a database that was set back still owes is told only after it knows what stands outside.
            let epoch = self.begin_recovery(&why)?;
            tracing::warn!(epoch, why, "what lies outside knows more than the database: a recovery has begun");
        } else if found.new {
            self.begin_facts()?;
        }
        self.server_key()?;
        self.close_gap()
    }

    /// Writes down outside what a database holds that is older than the facts, or new.
    fn begin_facts(&self) -> Result<(), Error> {
        const BATCH: i64 = 500;
        let now = self.now();
        let devices = self.pool.read(store::devices::everything)?;
        let mut facts = vec![Outside::Epoch(1, now)];
        facts.extend(devices.iter().map(|device| Outside::Enrolled(Box::new(enrolled_fact(device, 1, None)))));
        self.store_directly(&facts)?;
        for device in devices {
            let mut after = 0;
            loop {
                let batch = self.pool.read(|conn| store::redemptions::whole_chain(conn, device.id, after, BATCH))?;
                let Some(last) = batch.last() else { break };
                after = last.seq;
                let facts: Vec<_> = batch.iter().map(|one| Outside::Redeemed(kept_fact(one))).collect();
                self.store_directly(&facts)?;
            }
        }
        self.remember_mark()
    }

    /// Stores facts that no transaction owes.
    pub(super) fn store_directly(&self, facts: &[Outside]) -> Result<(), Error> {
        let mut records = Vec::with_capacity(facts.len());
        for fact in facts {
            let id = *self.new_id(AuditId::by_time)?.bytes();
            records.push((id, fact.record(&id)));
        }
        self.force_outside(records)
    }

    /// Writes and forces facts, and says how long the disk took.
    fn force_outside(&self, facts: Vec<(FactId, Vec<u8>)>) -> Result<(), Error> {
        let began = std::time::Instant::now();
        self.ledger.outside.store(facts)?;
        metrics::histogram!("salur_facts_store_seconds").record(began.elapsed());
        Ok(())
    }

    /// Owes a fact, in the transaction that makes it.
    pub(in crate::service) fn owe(&self, tx: &mut Write<'_>, fact: &Outside) -> Result<(FactId, Vec<u8>), Error> {
        let (id, record) = self.fact(fact)?;
        store::owed_facts::insert(tx, id, &record)?;
        Ok((id, record))
    }

    /// A fact with an id of its own, as it is owed and then stored.
    pub(in crate::service) fn fact(&self, fact: &Outside) -> Result<(FactId, Vec<u8>), Error> {
        let id = *self.new_id(AuditId::by_time)?.bytes();
        Ok((id, fact.record(&id)))
    }

    /// Stores facts that this caller's transaction owed, now that it is committed.
    pub(in crate::service) fn keep_outside(&self, facts: Vec<(FactId, Vec<u8>)>) -> Result<(), Error> {
        self.store_owed(facts)?;
        let full = self.ledger.paid.lock().unwrap_or_else(PoisonError::into_inner).len() >= PAID_MAX;
        if full { self.forget_paid() } else { Ok(()) }
    }

    /// The same for whoever has others waiting: that they are stored is written down in the database by somebody else.
    pub(in crate::service) fn store_owed(&self, facts: Vec<(FactId, Vec<u8>)>) -> Result<(), Error> {
        let ids: Vec<FactId> = facts.iter().map(|(id, _)| *id).collect();
        self.force_outside(facts)?;
        self.ledger.paid.lock().unwrap_or_else(PoisonError::into_inner).extend(ids);
        Ok(())
    }

    /// Stores all that is owed and not known to be stored, whoever's transaction it was.
    pub(in crate::service) fn close_gap(&self) -> Result<(), Error> {
        let known: HashSet<FactId> =
            self.ledger.paid.lock().unwrap_or_else(PoisonError::into_inner).iter().copied().collect();
        let owed = self.pool.read(|conn| -> Result<_, Error> {
            let mut ids = store::owed_facts::ids(conn)?;
            ids.retain(|id| !known.contains(id));
            if ids.is_empty() { Ok(Vec::new()) } else { Ok(store::owed_facts::find(conn, &ids)?) }
        })?;
        if owed.is_empty() { Ok(()) } else { self.keep_outside(owed) }
    }

    /// Forgets in the database what is stored outside, and how far that reaches.
    fn forget_paid(&self) -> Result<(), Error> {
        let paid = std::mem::take(&mut *self.ledger.paid.lock().unwrap_or_else(PoisonError::into_inner));
        let mark = write_mark(self.ledger.outside.mark()?);
        let done = self.pool.write("facts_paid", |tx| {
            store::owed_facts::paid(tx, &paid)?;
            Ok::<_, Error>(store::installation::set(tx, MARK, &mark)?)
        });
        if done.is_err() {
            self.ledger.paid.lock().unwrap_or_else(PoisonError::into_inner).extend(paid);
        }
        done
    }

    /// Remembers in the database how far it has seen the facts.
    pub(super) fn remember_mark(&self) -> Result<(), Error> {
        self.close_gap()?;
        self.forget_paid()
    }

    /// The file in which the facts lie.
    pub(in crate::service) fn facts_path(&self) -> &Path {
        self.ledger.outside.path()
    }

    /// The log of facts, as it is now.
    pub(in crate::service) fn cover(&self) -> Result<Head, Error> {
        Ok(self.ledger.outside.mark()?.head)
    }
}

/// A device as a fact.
pub(in crate::service) fn enrolled_fact(
    device: &store::devices::Device,
    epoch: u32,
    token_hash: Option<[u8; 32]>,
) -> Enrolled {
    Enrolled {
        device: device.id,
        agency: device.agency,
        number: u32::try_from(device.number).unwrap_or(0),
        name: device.name.clone(),
        point: device.point,
        keeper: device.keeper,
        epoch,
        tier: device.tier.clone(),
        public_key: device.public_key,
        key: device.key.as_ref().map(|key| key.ciphertext().to_vec()),
        token_hash,
        names_key: device.names_key.as_ref().map(|key| key.ciphertext().to_vec()),
        brake: device.brake,
        at: device.created_at,
    }
}

/// A redemption as a fact.
pub(in crate::service) fn kept_fact(one: &store::redemptions::Redemption) -> Kept {
    Kept {
        receipt: one.receipt.clone(),
        received_at: one.received_at,
        request_hash: Some(one.request_hash),
        name: one.collector_name.as_ref().map(|(sealed, salt)| (sealed.ciphertext().to_vec(), *salt)),
        paper_reason: one.paper_reason.clone(),
    }
}

/// A receipt that is not the redemption of anything, as a fact.
pub(super) fn kept_of(signed: &[u8], received_at: crate::domain::time::Timestamp) -> Kept {
    Kept { receipt: signed.to_vec(), received_at, request_hash: None, name: None, paper_reason: None }
}
