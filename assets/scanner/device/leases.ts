// Leases on their way in and out: bundles that are installed, returns that are written.

import type { Database, Identity, Round, Row } from "../keep/database.ts";
import { step } from "../lease/device.ts";
import { type Bytes, unbase64 } from "../signed/bytes.ts";
import type { Ring } from "../signed/keys.ts";
import { type BundlePage, verifyBundle } from "../signed/papers.ts";
import { NO_RECEIPT } from "../signed/receipt.ts";
import { type Answer, call } from "../talk/server.ts";
import { slotOf } from "./handout.ts";

/** What the server answers to a wish for leases. */
export type Granted = {
  readonly pages: readonly string[];
  readonly granted: number;
  readonly refused: readonly Refusal[];
  readonly next: string | null;
  readonly rounds: readonly Round[];
  readonly reply: string;
};

/** Why something that was asked for by name was not granted, with what the office knows of it. */
export type Refusal = {
  readonly entitlement?: string | null;
  readonly why: string;
  readonly reason?: string | null;
  readonly print?: number | null;
  readonly first?: { readonly redeemed_at: string; readonly point: string; readonly collector_kind: string } | null;
  readonly right_point?: { readonly code: string; readonly name: string } | null;
};

export type Scope = {
  readonly round_id?: string;
  readonly session?: number;
  readonly desk?: number;
  readonly entitlements?: readonly string[];
  readonly code?: string;
};

export function askForLeases(
  identity: Identity,
  scope: Scope,
  more: { limit?: number; after?: string; patience?: number } = {},
): Promise<Answer<Granted>> {
  const { patience, ...json } = more;
  return call<Granted>({
    method: "POST",
    path: "/leases",
    token: identity.token,
    json: { scope, ...json },
    ...(patience === undefined ? {} : { patience }),
  });
}

/** Installs what was granted, each entry for itself; answers how many opened. A page that is not the server's is none. */
export async function install(db: Database, ring: Ring, granted: Granted): Promise<number> {
  const pages: BundlePage[] = [];
  for (const text of granted.pages) {
    const bytes: Bytes | null = unbase64(text);
    const read = bytes === null ? null : await verifyBundle(bytes, ring);
    if (read !== null && "content" in read) pages.push(read.content);
  }
  return db.write(async (tx) => {
    const core = await tx.state("core");
    if (core === undefined) throw new Error("not enrolled");
    tx.putState("rounds", merged((await tx.state("rounds")) ?? [], granted.rounds));
    let opened = 0;
    for (const page of pages) {
      for (const entry of page.entries) {
        const round = page.rounds[entry.round];
        if (round === undefined) continue;
        const known = await tx.row(entry.entitlement);
        const fence = [page.epoch, entry.counter] as const;
        const { device, epoch } = page;
        const input = { is: "install", device, epoch, fence, ends_at: round.ends_at } as const;
        const taken = step(core, slotOf(known), entry.entitlement, input, () => NO_RECEIPT);
        if (taken.output.is !== "installed") continue;
        opened += 1;
        const row: Row = {
          ...taken.slot,
          entitlement: entry.entitlement,
          round: round.round,
          begins_at: round.begins_at,
          print: entry.print,
          code: entry.code,
          sealed: entry.sealed,
          returned: false,
          untold_hold: false,
          handed: null,
        };
        tx.putRow(row);
      }
    }
    return opened;
  });
}

/** The rounds as they are now; one that was not spoken of stays as it was. */
export function merged(known: readonly Round[], fresh: readonly Round[]): Round[] {
  const ids = new Set(fresh.map((round) => round.id));
  return [...known.filter((round) => !ids.has(round.id)), ...fresh];
}

/** Closes every open lease (rule 5: durably, before its return leaves). Answers how many there were. */
export async function closeAll(db: Database): Promise<number> {
  return db.write(async (tx) => {
    const core = await tx.state("core");
    if (core === undefined) return 0;
    let closed = 0;
    for (const row of await tx.rows()) {
      if (row.lease.is !== "open") continue;
      const taken = step(core, slotOf(row), row.entitlement, { is: "close" }, () => NO_RECEIPT);
      tx.putRow({ ...row, ...taken.slot, returned: false });
      closed += 1;
    }
    return closed;
  });
}
