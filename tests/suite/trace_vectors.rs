//! Traces of the device's machine, for the scanner's own machine in TypeScript to repeat.
//!
//! Seeded walks over `domain::lease::device` and `contact`: from a fresh device, one input after another, old
//! and wrong ones among them. After every step stands what came out and what the rows are. A walk is only of
//! use if it meets everything, so the test counts: every output and every refusal must have occurred.

use std::collections::BTreeSet;

use data_encoding::HEXLOWER;
use salur::domain::entitlement::Fence;
use salur::domain::id::{DeviceId, EntitlementId, Identifier, RedemptionId};
use salur::domain::lease::brake::Brake;
use salur::domain::lease::device::{self, Core, Lease, Slot};
use salur::domain::lease::message::Receipt;
use salur::domain::lease::{Ack, Ask, Grant, Head, ResyncRequest, contact};
use salur::domain::time::Timestamp;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::paper_vectors::committed_to;

const WALKS: u64 = 16;
const STEPS: u64 = 40;
const HOUR_MS: i64 = 3_600_000;
const START_MS: i64 = 1_796_515_200_000;

/// A small generator of our own (splitmix64), so that the file is the same on every machine and for ever.
struct Draw(u64);

impl Draw {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % below
    }

    fn hours(&mut self, below: u64) -> i64 {
        i64::try_from(self.next(below)).unwrap() * HOUR_MS
    }
}

fn hex(bytes: &[u8]) -> String {
    HEXLOWER.encode(bytes)
}

fn at(millis: i64) -> Timestamp {
    Timestamp::from_millis(millis).unwrap()
}

/// Stands for the hash of the signed receipt; whoever repeats the walk makes the same of the same receipt.
fn seal(receipt: &Receipt) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(receipt.redemption.bytes());
    hash.update(receipt.entitlement.bytes());
    hash.update(receipt.seq.to_be_bytes());
    hash.update(receipt.prev_hash);
    hash.finalize().into()
}

fn fence(fence: Fence) -> Value {
    json!([fence.epoch, fence.counter])
}

fn core(core: &Core) -> Value {
    json!({
        "device": core.device.to_string(),
        "epoch": core.epoch,
        "seq": core.seq,
        "head_hash": hex(&core.head_hash),
        "covered": core.covered,
        "seen": [core.seen.size, hex(&core.seen.root)],
        "time_hwm": core.clock.time_hwm.millis(),
        "was_reset": core.clock.was_reset,
        "contact_at": core.contact_at.millis(),
        "handed_out": core.handed_out,
        "brake": [core.brake.packages, core.brake.hours],
        "stopped": core.stopped.map(stopped),
    })
}

fn stopped(why: device::Stopped) -> &'static str {
    match why {
        device::Stopped::Revoked => "revoked",
        device::Stopped::Forked => "forked",
    }
}

fn slot(slot: &Slot) -> Value {
    let lease = match slot.lease {
        Lease::None => json!({ "is": "none" }),
        Lease::Open(held) => json!({ "is": "open", "fence": fence(held) }),
        Lease::Closed(held) => json!({ "is": "closed", "fence": fence(held) }),
        Lease::Redeemed(held, receipt) => {
            json!({ "is": "redeemed", "fence": fence(held), "redemption": receipt.to_string() })
        }
    };
    json!({ "hwm": fence(slot.hwm), "lease": lease, "ends_at": slot.ends_at.millis(), "held": slot.held })
}

fn refused(why: device::Refused) -> (String, Value) {
    use device::Refused as R;
    let code = match why {
        R::OtherDevice => "other_device",
        R::OtherEpoch => "other_epoch",
        R::OldFence => "old_fence",
        R::AlreadyRedeemed(_) => "already_redeemed",
        R::NotReady => "no_lease",
        R::Ended => "lease_ended",
        R::Held => "held",
        R::Braked(salur::domain::lease::brake::Braked::Packages) => "brake_packages",
        R::Braked(salur::domain::lease::brake::Braked::Hours) => "brake_hours",
        R::Stopped(device::Stopped::Revoked) => "stopped_revoked",
        R::Stopped(device::Stopped::Forked) => "stopped_forked",
    };
    (format!("refused {code}"), json!({ "is": "refused", "why": code }))
}

fn output(out: device::Output) -> (String, Value) {
    use device::Output as O;
    match out {
        O::Installed => ("installed".into(), json!({ "is": "installed" })),
        O::Green(receipt) => (
            "green".into(),
            json!({
                "is": "green",
                "receipt": {
                    "redemption": receipt.redemption.to_string(),
                    "entitlement": receipt.entitlement.to_string(),
                    "fence": fence(receipt.fence),
                    "seq": receipt.seq,
                    "prev_hash": hex(&receipt.prev_hash),
                    "hash": hex(&receipt.hash),
                    "claimed_at": receipt.claimed_at.millis(),
                    "clock_back": receipt.flags.clock_back,
                    "clock_reset": receipt.flags.clock_reset,
                },
            }),
        ),
        O::Again(redemption) => ("again".into(), json!({ "is": "again", "redemption": redemption.to_string() })),
        O::Return(back) => ("return".into(), json!({ "is": "return", "fence": fence(back.fence), "seq": back.seq })),
        O::HoldTaken(held) => ("hold_taken".into(), json!({ "is": "hold_taken", "fence": fence(held) })),
        O::Released => ("released".into(), json!({ "is": "released" })),
        O::Refused(why) => refused(why),
    }
}

struct Walk {
    draw: Draw,
    core: Core,
    slots: Vec<Slot>,
    hashes: Vec<[u8; 32]>,
    wishes: Vec<RedemptionId>,
    now_ms: i64,
    counter: u64,
}

impl Walk {
    fn entitlement(number: usize) -> EntitlementId {
        EntitlementId::from_bytes([0x40 + u8::try_from(number).unwrap(); 16])
    }

    fn about_a_slot(&mut self, met: &mut BTreeSet<String>) -> Value {
        let which = usize::try_from(self.draw.next(3)).unwrap();
        let id = Self::entitlement(which);
        let (input, told) = self.input();
        let step = device::step(&self.core, &self.slots[which], id, &input, &seal);
        if let device::Output::Green(receipt) = step.output {
            self.hashes.push(receipt.hash);
        }
        let (kind, out) = output(step.output);
        met.insert(kind);
        let mut told = json!({ "slot": which, "input": told, "output": out });
        if step.slot != self.slots[which] {
            told["row"] = slot(&step.slot);
        }
        self.moved(&mut told, step.core);
        self.slots[which] = step.slot;
        told
    }

    /// What did not change is not written again.
    fn moved(&mut self, told: &mut Value, after: Core) {
        if after != self.core {
            told["core"] = core(&after);
        }
        self.core = after;
    }

    fn input(&mut self) -> (device::Input, Value) {
        match self.draw.next(12) {
            0..=4 => {
                let device = if self.draw.next(12) == 0 { DeviceId::from_bytes([9; 16]) } else { self.core.device };
                let epoch = if self.draw.next(8) == 0 { self.core.epoch.wrapping_sub(1) } else { self.core.epoch };
                self.counter += 1;
                let counter = if self.draw.next(5) == 0 { self.counter / 2 } else { self.counter };
                let ends_at = at(self.now_ms + self.draw.hours(200));
                let grant = Grant { entitlement: Self::entitlement(0), fence: Fence { epoch, counter }, ends_at };
                let told = json!({ "is": "install", "device": device.to_string(), "epoch": epoch, "fence": [epoch, counter], "ends_at": ends_at.millis() });
                (device::Input::Install { device, epoch, grant }, told)
            }
            5..=8 => {
                let known = self.wishes.last().copied().filter(|_| self.draw.next(4) == 0);
                let drawn =
                    RedemptionId::from_bytes(std::array::from_fn(|_| u8::try_from(self.draw.next(256)).unwrap()));
                let redemption = known.unwrap_or(drawn);
                self.wishes.push(redemption);
                let back = if self.draw.next(6) == 0 { self.draw.hours(20_000) } else { 0 };
                let wall = at(self.now_ms - back);
                let told = json!({ "is": "redeem", "redemption": redemption.to_string(), "wall": wall.millis() });
                (device::Input::Redeem { redemption, wall }, told)
            }
            9 => (device::Input::Close, json!({ "is": "close" })),
            _ => {
                let (ask, told) = [
                    (Ask::Revoke, "revoke"),
                    (Ask::Hold, "hold"),
                    (Ask::Release, "release"),
                    (Ask::Release, "release"),
                ][usize::try_from(self.draw.next(4)).unwrap()];
                (device::Input::Ask(ask), json!({ "is": "ask", "ask": told }))
            }
        }
    }

    fn about_itself(&mut self, met: &mut BTreeSet<String>) -> Value {
        let head = |size: u64| Head { size, root: [u8::try_from(size % 251).unwrap(); 32] };
        let (input, told) = match self.draw.next(9) {
            0..=3 => {
                let epoch =
                    self.core.epoch + u32::try_from(self.draw.next(2)).unwrap() - u32::from(self.draw.next(6) == 0);
                let cover = head(self.core.seen.size.saturating_sub(1) + self.draw.next(5));
                let time = at(self.now_ms - self.draw.hours(3));
                (
                    contact::Input::Contact { epoch, server_time: time, cover },
                    json!({ "is": "contact", "epoch": epoch, "server_time": time.millis(), "cover": [cover.size, hex(&cover.root)] }),
                )
            }
            4 => {
                let epoch = self.core.epoch + 1 - u32::try_from(self.draw.next(3)).unwrap();
                let server_time = at(self.now_ms);
                (
                    contact::Input::Resync(ResyncRequest { epoch, server_time }),
                    json!({ "is": "resync", "epoch": epoch, "server_time": server_time.millis() }),
                )
            }
            5..=6 => {
                let seq = self.draw.next(self.core.seq + 2);
                let own = usize::try_from(seq).unwrap().checked_sub(1).and_then(|at| self.hashes.get(at)).copied();
                let hash = if self.draw.next(12) == 0 { [7; 32] } else { own.unwrap_or([7; 32]) };
                let cover = head(self.core.seen.size + self.draw.next(3));
                let device = if self.draw.next(9) == 0 { DeviceId::from_bytes([9; 16]) } else { self.core.device };
                let ack = Ack { device, seq, hash, cover };
                (
                    contact::Input::Ack { ack, own },
                    json!({ "is": "ack", "device": device.to_string(), "seq": seq, "hash": hex(&hash), "cover": [cover.size, hex(&cover.root)], "own": own.map(|own| hex(&own)) }),
                )
            }
            7 => {
                let time = at(self.now_ms - self.draw.hours(100));
                (contact::Input::SetTime(time), json!({ "is": "set_time", "time": time.millis() }))
            }
            _ if self.draw.next(4) == 0 => (contact::Input::Stop, json!({ "is": "stop" })),
            _ => (contact::Input::SetTime(at(self.now_ms)), json!({ "is": "set_time", "time": self.now_ms })),
        };
        let (after, out) = contact::step(&self.core, &input);
        let out = match out {
            contact::Output::Noted => json!({ "is": "noted" }),
            contact::Output::Answer => json!({ "is": "answer" }),
            contact::Output::Prune(upto) => json!({ "is": "prune", "upto": upto }),
            contact::Output::Ignored => json!({ "is": "ignored" }),
        };
        met.insert(format!("contact {}", out["is"].as_str().unwrap()));
        let mut told = json!({ "input": told, "output": out });
        self.moved(&mut told, after);
        told
    }
}

fn walk(seed: u64, met: &mut BTreeSet<String>) -> Value {
    let mut draw = Draw(seed);
    let brake = Brake {
        packages: (draw.next(3) > 0).then(|| u32::try_from(1 + draw.next(3)).unwrap()),
        hours: (draw.next(3) > 0).then(|| u32::try_from(2 + draw.next(60)).unwrap()),
    };
    let enrolled = Core::enrolled(DeviceId::from_bytes([3; 16]), 2, brake, at(START_MS));
    let mut walk = Walk {
        draw,
        core: enrolled,
        slots: vec![Slot::default(); 3],
        hashes: Vec::new(),
        wishes: Vec::new(),
        now_ms: START_MS,
        counter: 0,
    };
    let steps: Vec<Value> = (0..STEPS)
        .map(|_| {
            walk.now_ms += walk.draw.hours(6);
            if walk.draw.next(4) == 0 { walk.about_itself(met) } else { walk.about_a_slot(met) }
        })
        .collect();
    json!({ "core": core(&enrolled), "steps": steps })
}

#[test]
fn the_committed_traces_are_the_steps_of_the_machine_and_meet_everything() {
    let mut met = BTreeSet::new();
    let walks: Vec<Value> = (0..WALKS).map(|seed| walk(seed, &mut met)).collect();
    let all = [
        "installed",
        "green",
        "again",
        "return",
        "hold_taken",
        "released",
        "refused other_device",
        "refused other_epoch",
        "refused old_fence",
        "refused already_redeemed",
        "refused no_lease",
        "refused lease_ended",
        "refused held",
        "refused brake_packages",
        "refused brake_hours",
        "refused stopped_revoked",
        "refused stopped_forked",
        "contact noted",
        "contact answer",
        "contact prune",
        "contact ignored",
    ];
    let missing: Vec<_> = all.iter().filter(|kind| !met.contains(**kind)).collect();
    assert!(missing.is_empty(), "the walks never met {missing:?}: more of them, or other chances");
    let about = "Walks of the device's machine. Made by tests/suite/trace_vectors.rs.";
    committed_to("traces.json", &json!({ "about": about, "walks": walks }), 4);
}
