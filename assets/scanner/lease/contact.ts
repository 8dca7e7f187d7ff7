// The device's step for itself: what it hears from the server that is about no single entitlement. The twin of
// `domain::lease::contact`. All of it is signed by the server, but for the coordinator's word.

import type { Head } from "../signed/batch.ts";
import type { Held } from "../signed/papers.ts";
import { reset } from "./brake.ts";
import type { Core, Slot } from "./device.ts";

export type Input =
  /** The server answered a request just made; the caller has matched the two. */
  | { readonly is: "contact"; readonly epoch: number; readonly server_time: number; readonly cover: Head }
  | { readonly is: "resync"; readonly epoch: number; readonly server_time: number }
  /** Receipts are covered; `own` is the hash of the device's own receipt at that place, while it keeps it. */
  | {
      readonly is: "ack";
      readonly device: string;
      readonly seq: number;
      readonly hash: string;
      readonly cover: Head;
      readonly own: string | null;
    }
  | { readonly is: "set_time"; readonly time: number }
  | { readonly is: "stop" };

export type Output =
  | { readonly is: "noted" }
  | { readonly is: "answer" }
  | { readonly is: "prune"; readonly upto: number }
  | { readonly is: "ignored" };

export function step(core: Core, input: Input): { readonly core: Core; readonly output: Output } {
  const ignored = { core, output: { is: "ignored" } } as const;
  const noted = (after: Core) => ({ core: after, output: { is: "noted" } }) as const;
  switch (input.is) {
    case "contact": {
      if (input.epoch < core.epoch || input.cover[0] < core.seen[0]) return ignored;
      const clock = reset(core.clock, input.server_time);
      return noted({ ...core, clock, contact_at: input.server_time, handed_out: 0, seen: input.cover });
    }
    case "resync":
      if (input.epoch < core.epoch) return ignored;
      // Rule 9: from here on, a grant of an older epoch is refused, so that the answer stays true.
      return { core: { ...core, epoch: input.epoch }, output: { is: "answer" } };
    case "ack": {
      if (input.device !== core.device || input.seq <= core.covered) return ignored;
      // Rule 12: only if it is really this device's receipt that is covered, and not that of a copy.
      if (input.seq > core.seq || input.own !== input.hash) return noted({ ...core, stopped: "forked" });
      const seen = input.cover[0] > core.seen[0] ? input.cover : core.seen;
      return { core: { ...core, covered: input.seq, seen }, output: { is: "prune", upto: input.seq } };
    }
    case "set_time":
      return noted({ ...core, clock: reset(core.clock, input.time) });
    case "stop":
      return noted({ ...core, stopped: core.stopped ?? "revoked" });
  }
}

/** What a device says of one entitlement; `null` of one that it never had. */
export function held(entitlement: string, slot: Slot): Held | null {
  return slot.lease.is === "none" ? null : { entitlement, fence: slot.hwm, claimed: slot.lease.is };
}
