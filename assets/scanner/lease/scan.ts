// What a scan comes to on a device that may be without network, in the order of the office's own list. The twin
// of `domain::lease::scan`; the right itself is taken by `device.step`, which refuses again what must be refused.

import { see } from "./brake.ts";
import { type Core, type Slot, type Why as Refused, hindrance, verdictOf as verdictOfRefused } from "./device.ts";

/** What the code on the paper says; a typed code only the leases on the device can translate. */
export type Shown = { readonly is: "qr"; readonly print: number; readonly point: number } | { readonly is: "typed" };

/** What came with the lease. */
export type Known = { readonly print: number; readonly begins_at: number; readonly paused: boolean };

export type Why = "superseded" | "paused" | "wrong_point" | "not_yet_valid" | Refused;

/** What the screen says, of the one closed list. */
export type Verdict =
  | "valid" | "already_redeemed" | "superseded" | "revoked" | "held" | "paused" | "not_yet_valid" | "expired" | "wrong_point"
  | "leased_elsewhere" | "unresolved" | "unknown" | "forged" | "foreign" | "malformed" | "not_ready";

export function verdictOf(why: Why): Verdict {
  switch (why) {
    case "superseded":
    case "paused":
    case "wrong_point":
    case "not_yet_valid":
      return why;
    default:
      return verdictOfRefused(why);
  }
}

/** Judges; null is valid. What a person can do least about comes first, as at the office. */
export function judge(core: Core, slot: Slot, known: Known | null, shown: Shown, ownPoint: number, wall: number): Why | null {
  if (slot.lease.is === "redeemed") return "already_redeemed";
  // A print that is newer than the lease was made after it: then the paper is right and the lease is old.
  if (shown.is === "qr" && known !== null && shown.print < known.print) return "superseded";
  if (slot.lease.is !== "open" || known === null) {
    return shown.is === "qr" && shown.point !== ownPoint ? "wrong_point" : "no_lease";
  }
  if (slot.held) return "held";
  if (known.paused) return "paused";
  const { clock } = see(core.clock, wall);
  if (clock.time_hwm < known.begins_at) return "not_yet_valid";
  if (clock.time_hwm >= slot.ends_at) return "lease_ended";
  return null;
}

/** What will keep the device itself from handing out, said at the scan and not only at the press. */
export function unable(core: Core, slot: Slot, wall: number): Refused | null {
  return hindrance({ ...core, clock: see(core.clock, wall).clock }, slot);
}
