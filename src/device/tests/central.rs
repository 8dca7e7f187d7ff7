//! The office, as far as one device meets it: the product's own machine, its rows in memory.

use super::*;

/// The office, as far as one device meets it.
pub(super) struct Central {
    pub(super) office: Office,
    pub(super) member: Member,
    pub(super) rows: BTreeMap<EntitlementId, Row>,
    pub(super) receipts: Vec<(Receipt, bool)>,
    pub(super) key: SigningKey,
    pub(super) issuer: SigningKey,
    pub(super) device_key: Option<VerifyingKey>,
    pub(super) reply: Reply,
    pub(super) pages: Vec<crate::token::lease::TablePage>,
    pub(super) tried: Vec<String>,
    pub(super) log: u64,
    /// How many of the coming answers get lost on the way, after the server did its work.
    pub(super) swallow: u32,
    /// The names under which the installation prints.
    pub(super) hosts: Vec<String>,
    pub(super) down: bool,
}

impl Central {
    pub(super) fn facts(&self, of: EntitlementId) -> Facts {
        Facts { office: self.office, member: self.member, row: self.rows[&of] }
    }

    pub(super) fn run(&mut self, of: EntitlementId, input: &Input) -> Said {
        let step = server::step(&self.facts(of), input);
        self.member = step.member;
        self.rows.insert(of, step.row);
        step.answer
    }

    pub(super) fn take(&mut self, receipt: Receipt) -> Value {
        let kept = || self.receipts.iter().map(|(kept, _)| kept);
        let at = |seq: u64| kept().find(|kept| kept.seq == seq);
        let known = Known {
            same_id: kept().find(|kept| kept.redemption == receipt.redemption).map(|kept| kept.hash),
            at_seq: at(receipt.seq).map(|kept| kept.hash),
            before: at(receipt.seq.wrapping_sub(1)).map(|kept| kept.hash),
            after: at(receipt.seq + 1).map(|kept| kept.prev_hash),
        };
        match self.run(receipt.entitlement, &Input::Receipt { receipt, known }) {
            Said::Taken { .. } => {
                self.receipts.push((receipt, true));
                json!({ "answer": "taken" })
            }
            Said::Conflict(why) => {
                self.receipts.push((receipt, false));
                json!({ "answer": "conflict", "why": why.as_str() })
            }
            _ => json!({ "answer": "known" }),
        }
    }

    pub(super) fn signed_reply(&mut self, nonce: [u8; 16]) -> String {
        let now = self.reply.server_time;
        // The first that came for the highest place, as the office acknowledges it.
        let newest = self.receipts.iter().rev().max_by_key(|(receipt, _)| receipt.seq);
        let best = newest.map(|(receipt, _)| (receipt.seq, receipt.hash));
        let (epoch, resync) = (self.office.epoch, self.member.owes_answer(self.office.epoch));
        let cover = Head { size: self.log + self.receipts.len() as u64, root: [3; 32] };
        let reply = Reply { nonce, epoch, resync, cover, ack: best, server_time: now, ..self.reply.clone() };
        encode(&sign_reply(&self.key, &reply))
    }

    pub(super) fn leases(&mut self, call: &Value) -> Value {
        let nonce = nonce_of(call);
        let scope = &call["scope"];
        let wanted: Vec<EntitlementId> = match (&scope["code"], scope["entitlements"].as_array()) {
            (Value::String(code), _) => {
                let ring = KeyRing::of([self.issuer.verifying_key()]).unwrap();
                vec![token::read::<&str>(code, &[], &ring).unwrap().claims.entitlement]
            }
            (_, Some(list)) => list.iter().map(|one| one.as_str().unwrap().parse().unwrap()).collect(),
            _ => self.rows.keys().copied().collect(),
        };
        let (mut entries, mut refused) = (Vec::new(), Vec::new());
        for wanted in wanted {
            let ends_at = Timestamp::from_millis(NOON + 10 * 3_600_000).unwrap();
            match self.run(wanted, &Input::Grant { ends_at }) {
                Said::Granted(grant) => entries.push(Entry {
                    entitlement: wanted,
                    counter: grant.fence.counter,
                    round: 0,
                    print: 2,
                    code: typed(wanted.bytes()[0]).canonical().to_owned(),
                    sealed: vec![1, 2, 3],
                }),
                Said::Refused(server::Refused::Is(state)) => {
                    let why = if state.as_str() == "redeemed" { "already_redeemed" } else { state.as_str() };
                    refused.push(json!({ "entitlement": wanted, "why": why }));
                }
                other => refused.push(json!({ "entitlement": wanted, "why": format!("{other:?}") })),
            }
        }
        let pages: Vec<String> = entries.chunks(3).map(|entries| encode(&self.page(entries.to_vec()))).collect();
        json!({ "pages": pages, "granted": entries.len(), "refused": refused, "next": null, "reply": self.signed_reply(nonce),
            "rounds": [{ "id": RoundId::from_bytes(ROUND), "name": "Tahap 1", "value_minor": 500_000, "currency": "IDR",
                "items": [{ "code": "beras", "name": "Beras", "unit": "gram", "quantity": 15_000, "pack_name": "kg",
                    "pack_size": 1_000, "pack_price_minor": 14_000 }] }] })
    }

    pub(super) fn page(&self, entries: Vec<Entry>) -> Vec<u8> {
        let page = BundlePage {
            device: self.member.device,
            epoch: self.office.epoch,
            server_time: self.reply.server_time,
            cover: Head::default(),
            rounds: vec![LeasedRound {
                round: RoundId::from_bytes(ROUND),
                begins_at: Timestamp::from_millis(NOON).unwrap(),
                ends_at: Timestamp::from_millis(NOON + 10 * 3_600_000).unwrap(),
                items: vec![("beras".into(), 15_000)],
            }],
            entries,
        };
        sign_bundle(&self.key, &page)
    }

    pub(super) fn sync(&mut self, body: &[u8]) -> Value {
        let parcel = Parcel::decode(body).unwrap();
        let ring = KeyRing::of(self.device_key).unwrap();
        let mut items = Vec::new();
        if !parcel.batch.is_empty() {
            let batch = Batch::decode(&parcel.batch).unwrap();
            for (from, item) in batch.items.iter().enumerate() {
                let signed = batch.unpack(item).unwrap();
                let (_, body) = token::verify_receipt(&signed, &ring).unwrap();
                let mut said = self.take(token::receipt::in_protocol(&body, &signed));
                said["from"] = json!(from);
                said["count"] = json!(1);
                items.push(said);
            }
        }
        let mut returns = Vec::new();
        for signed in &parcel.returns {
            for back in verify_returns(signed, &ring).unwrap().1.each() {
                let done = self.run(back.entitlement, &Input::Return(back));
                let answer = if matches!(done, Said::Freed) { "freed" } else { "refused" };
                returns.push(json!({ "entitlement": back.entitlement, "answer": answer }));
            }
        }
        let mut holds = Vec::new();
        for (held, fence) in &parcel.holds {
            self.run(*held, &Input::HoldTaken { fence: *fence });
            holds.push(json!({ "entitlement": held, "answer": "done" }));
        }
        for signed in &parcel.pages {
            self.pages.push(verify_table(signed, &ring).unwrap().1);
            self.member.answered = self.office.epoch;
        }
        self.tried.extend(parcel.tried.iter().map(|tried| tried.verdict.clone()));
        json!({ "items": items, "returns": returns, "holds": holds, "reply": self.signed_reply(parcel.nonce) })
    }
}
