// The device's step: one entitlement, one message or one wish of its operator. The twin of
// `domain::lease::device`, held to it by the traces of tests/vectors/traces.json.
//
// A step is stored as a whole (core, slot and receipt in one transaction) before its output is acted upon:
// the screen turns green, and a return leaves, only after the commit (rules 1 and 5).

import type { Head } from "../signed/batch.ts";
import { type Fence, NO_RECEIPT } from "../signed/receipt.ts";
import type { Ask } from "../signed/reply.ts";
import { type Brake, type Clock, see, stops } from "./brake.ts";

/** What a device knows of itself. */
export type Core = {
  readonly device: string;
  /** The newest epoch in which it has spoken to the server. */
  readonly epoch: number;
  /** How many receipts it has signed, and the hash of the newest. */
  readonly seq: number;
  readonly head_hash: string;
  /** Its receipts up to here are covered by the log outside, and may be pruned (rule 12). */
  readonly covered: number;
  /** The largest log it has seen. */
  readonly seen: Head;
  readonly clock: Clock;
  /** When it last spoke to the server, by the server's time. */
  readonly contact_at: number;
  /** How many packages it has handed out since then. */
  readonly handed_out: number;
  readonly brake: Brake;
  readonly stopped: Stopped | null;
};

/** Why a device redeems no more, whatever it holds. It still syncs and returns. */
export type Stopped = "revoked" | "forked";

/** What a device has of one entitlement. */
export type Lease =
  | { readonly is: "none" }
  | { readonly is: "open"; readonly fence: Fence }
  | { readonly is: "closed"; readonly fence: Fence }
  | { readonly is: "redeemed"; readonly fence: Fence; readonly redemption: string };

/** All that a device keeps of one entitlement; never deleted while its round lives (rule 2). */
export type Slot = {
  /** The highest fence ever seen for it. */
  readonly hwm: Fence;
  readonly lease: Lease;
  /** When the lease ends for this device. */
  readonly ends_at: number;
  /** The office holds it back. */
  readonly held: boolean;
};

/** A receipt, as far as ownership is concerned. */
export type Receipt = {
  readonly redemption: string;
  readonly entitlement: string;
  readonly fence: Fence;
  readonly device: string;
  readonly seq: number;
  readonly prev_hash: string;
  readonly hash: string;
  readonly claimed_at: number;
  readonly clock_back: boolean;
  readonly clock_reset: boolean;
};

export type Input =
  | { readonly is: "install"; readonly device: string; readonly epoch: number; readonly fence: Fence; readonly ends_at: number }
  | { readonly is: "redeem"; readonly redemption: string; readonly wall: number }
  | { readonly is: "close" }
  | { readonly is: "ask"; readonly ask: Ask };

export type Why =
  | "other_device" | "other_epoch" | "old_fence" | "already_redeemed" | "no_lease" | "lease_ended" | "held"
  | "brake_packages" | "brake_hours" | "stopped_revoked" | "stopped_forked";

export type Output =
  | { readonly is: "installed" }
  | { readonly is: "green"; readonly receipt: Receipt }
  | { readonly is: "again"; readonly redemption: string }
  | { readonly is: "return"; readonly fence: Fence; readonly seq: number }
  | { readonly is: "hold_taken"; readonly fence: Fence }
  | { readonly is: "released" }
  | { readonly is: "refused"; readonly why: Why };

export type Step = { readonly core: Core; readonly slot: Slot; readonly output: Output };

/** Answers the hash of the signed receipt; it is asked only when a redemption is allowed. */
export type Seal = (receipt: Receipt) => string;

export const NO_SLOT: Slot = { hwm: [0, 0], lease: { is: "none" }, ends_at: 0, held: false };

/** A device as it is enrolled. */
export function enrolled(device: string, epoch: number, brake: Brake, at: number): Core {
  return {
    device,
    epoch,
    seq: 0,
    head_hash: NO_RECEIPT,
    covered: 0,
    seen: [0, NO_RECEIPT],
    clock: { time_hwm: at, was_reset: false },
    contact_at: at,
    handed_out: 0,
    brake,
    stopped: null,
  };
}

/** What the screen says to a refusal, of the one closed list. */
export function verdictOf(why: Why): "already_redeemed" | "held" | "expired" | "not_ready" {
  if (why === "already_redeemed" || why === "held") return why;
  // A lease ends with the window of its round at this point, as far as the device has heard.
  return why === "lease_ended" ? "expired" : "not_ready";
}

export function step(core: Core, slot: Slot, entitlement: string, input: Input, seal: Seal): Step {
  switch (input.is) {
    case "install": {
      const why = mayNotInstall(core, slot, input);
      if (why !== null) return refuse(core, slot, why);
      const opened: Slot = { hwm: input.fence, lease: { is: "open", fence: input.fence }, ends_at: input.ends_at, held: false };
      return { core, slot: opened, output: { is: "installed" } };
    }
    case "redeem":
      return redeem(core, slot, entitlement, input.redemption, input.wall, seal);
    case "close":
      return close(core, slot);
    case "ask":
      if (input.ask === "revoke") return close(core, slot);
      if (input.ask === "release") return { core, slot: { ...slot, held: false }, output: { is: "released" } };
      if (slot.lease.is !== "open") return refuse(core, slot, notOpen(slot));
      return { core, slot: { ...slot, held: true }, output: { is: "hold_taken", fence: slot.lease.fence } };
  }
}

function refuse(core: Core, slot: Slot, why: Why): Step {
  return { core, slot, output: { is: "refused", why } };
}

function notOpen(slot: Slot): Why {
  return slot.lease.is === "redeemed" ? "already_redeemed" : "no_lease";
}

export function above(one: Fence, other: Fence): boolean {
  return one[0] > other[0] || (one[0] === other[0] && one[1] > other[1]);
}

function mayNotInstall(core: Core, slot: Slot, grant: Input & { is: "install" }): Why | null {
  if (grant.device !== core.device) return "other_device";
  if (grant.epoch !== core.epoch) return "other_epoch"; // rule 9
  if (slot.lease.is === "redeemed") return "already_redeemed";
  // Rule 2: a lease that was closed here, and any before it, never opens again.
  return above(grant.fence, slot.hwm) ? null : "old_fence";
}

/** Rule 1: only from `open`; the receipt takes the next place in the chain in the same step. */
function redeem(core: Core, slot: Slot, entitlement: string, redemption: string, wall: number, seal: Seal): Step {
  const { clock, back } = see(core.clock, wall);
  const seen: Core = { ...core, clock };
  const { lease } = slot;
  if (lease.is === "redeemed" && lease.redemption === redemption) {
    return { core: seen, slot, output: { is: "again", redemption } };
  }
  if (lease.is !== "open") return refuse(seen, slot, notOpen(slot));
  const why = hindrance(seen, slot);
  if (why !== null) return refuse(seen, slot, why);
  const draft: Receipt = {
    redemption,
    entitlement,
    fence: lease.fence,
    device: core.device,
    seq: core.seq + 1,
    prev_hash: core.head_hash,
    hash: NO_RECEIPT,
    claimed_at: wall,
    clock_back: back,
    clock_reset: clock.was_reset,
  };
  const receipt: Receipt = { ...draft, hash: seal(draft) };
  return {
    core: { ...seen, seq: receipt.seq, head_hash: receipt.hash, handed_out: seen.handed_out + 1 },
    slot: { ...slot, lease: { is: "redeemed", fence: lease.fence, redemption } },
    output: { is: "green", receipt },
  };
}

/** What keeps a device from using an open lease. The lease stays where it is. */
export function hindrance(core: Core, slot: Slot): Why | null {
  if (core.stopped !== null) return `stopped_${core.stopped}`;
  if (slot.held) return "held";
  const now = core.clock.time_hwm;
  if (now >= slot.ends_at) return "lease_ended"; // rule 4
  const braked = stops(core.brake, core.handed_out, core.contact_at, now);
  return braked === null ? null : `brake_${braked}`;
}

/** Rule 5: closed in this step, so that the return in its output leaves only after that is durable. */
function close(core: Core, slot: Slot): Step {
  const { lease } = slot;
  if (lease.is !== "open" && lease.is !== "closed") return refuse(core, slot, notOpen(slot));
  const back = { is: "return", fence: lease.fence, seq: core.seq } as const;
  return { core, slot: { ...slot, lease: { is: "closed", fence: lease.fence } }, output: back };
}
