// What a signed reply does to the rows. Only a reply whose nonce the caller matched comes here.

import { slotOf } from "../device/handout.ts";
import type { Transaction } from "../keep/database.ts";
import * as contact from "../lease/contact.ts";
import { step } from "../lease/device.ts";
import { NO_RECEIPT } from "../signed/receipt.ts";
import type { Reply } from "../signed/reply.ts";

/** The device's own part: contact, acknowledgement, standing, brake. */
export async function heard(tx: Transaction, reply: Reply): Promise<void> {
  const before = await tx.state("core");
  if (before === undefined) return;
  const { epoch, server_time, cover } = reply;
  let { core } = contact.step(before, { is: "contact", epoch, server_time, cover });
  if (reply.resync) core = contact.step(core, { is: "resync", epoch, server_time }).core;
  if (reply.ack !== null) {
    const [seq, hash] = reply.ack;
    const own = (await tx.entry(seq))?.hash ?? null;
    const { device } = core;
    const acked = contact.step(core, { is: "ack", device, seq, hash, cover, own });
    core = acked.core;
    if (acked.output.is === "prune") tx.pruneEntries(acked.output.upto);
  }
  if (reply.standing !== "active") core = contact.step(core, { is: "stop" }).core;
  if (reply.forked) core = { ...core, stopped: "forked" };
  tx.putState("core", { ...core, brake: reply.brake });
  tx.putState("paused", reply.paused);
  tx.putState("missing", reply.missing);
  // V8: a log only grows. A server that has less of it was put back to an older copy.
  tx.putState("behind", cover[0] < before.seen[0] ? [before.seen[0], cover[0]] : null);
}

/** What the office wants done about single leases. */
export async function closeFor(tx: Transaction, reply: Reply): Promise<void> {
  const core = await tx.state("core");
  if (core === undefined) return;
  for (const [entitlement, ask] of reply.asks) {
    const row = await tx.row(entitlement);
    if (row === undefined) continue;
    const taken = step(core, slotOf(row), entitlement, { is: "ask", ask }, () => NO_RECEIPT);
    if (taken.output.is === "refused") continue;
    const untold_hold = taken.output.is === "hold_taken" ? true : ask === "release" ? false : row.untold_hold;
    // A return that was heard before is said again: the server asks, so it has not taken it.
    const returned = taken.output.is === "return" ? false : row.returned;
    tx.putRow({ ...row, ...taken.slot, untold_hold, returned });
  }
}
