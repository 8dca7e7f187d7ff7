// The one handout: signed and durable before anything turns green.
//
// A transaction of the browser's database does not outlive the wait for a signature. So the receipt is drafted
// and signed first, from the rows as they are; then one transaction takes the step again from the rows as they
// are now, and keeps it only if it comes to the very receipt that was signed (rule 1). Otherwise the draft is
// thrown away, which costs nothing: nobody has seen it.

import type { Database, Entry, Identity, Round, Row, Transaction } from "../keep/database.ts";
import { type Core, NO_SLOT, type Output, type Receipt, type Slot, type Why, step } from "../lease/device.ts";
import { hex, utf8, uuidOf } from "../signed/bytes.ts";
import { sha256 } from "../signed/keys.ts";
import type { Detail } from "../signed/parcel.ts";
import { count, dayOf, markOf, takersOf } from "./takers.ts";
import { type Item, NO_RECEIPT, type ReceiptBody, receiptHash, signReceipt } from "../signed/receipt.ts";

/** Who stood at the desk, and how. */
export type Collector = {
  readonly kind: "self" | "proxy" | "substitute";
  readonly name: string;
  readonly relation: "same_family_card" | "other" | null;
};

/** One wish of the operator. Its id is drawn once and kept for its retries (rule 14). */
export type Wish = {
  readonly redemption: string;
  readonly entitlement: string;
  readonly operator: string;
  readonly print: number;
  readonly collector: Collector;
  readonly paper: "seen" | "lost" | "not_delivered";
  readonly paper_reason: string;
  /** What is handed over, where it is less than everything. */
  readonly items: readonly Item[] | null;
  readonly flags: readonly string[];
  /** When it happened by what was written down, where it is entered later; evidence, never a reason. */
  readonly happened_at: number | null;
  readonly wall: number;
};

export type Handout =
  | { readonly is: "green"; readonly entry: Entry }
  | { readonly is: "again" }
  | { readonly is: "refused"; readonly why: Why; readonly row: Row | null };

/** How often a step that lost a race is taken anew. */
const TRIES_MAX = 5;

export function newId(): string {
  return uuidOf(crypto.getRandomValues(new Uint8Array(16)));
}

/** What was given, a line for each item of the package, and what it is worth: a line shrinks in proportion,
 * rounded down. The twin of `domain::redemption::hand_out`. */
export function given(round: Round, items: readonly Item[] | null): { items: readonly Item[]; value_minor: number } {
  const named = new Map(items ?? round.items.map((item) => [item.code, item.quantity]));
  const lines = round.items.map((item) => {
    const quantity = Math.max(0, Math.min(item.quantity, named.get(item.code) ?? 0));
    const full = item.pack_price_minor * Math.floor(item.quantity / Math.max(1, item.pack_size));
    return { item: [item.code, quantity] as const, value: Math.floor((full * quantity) / Math.max(1, item.quantity)) };
  });
  const short = lines.some(({ item }, at) => item[1] < (round.items[at]?.quantity ?? 0));
  return {
    items: lines.map(({ item }) => item),
    value_minor: short ? lines.reduce((sum, line) => sum + line.value, 0) : round.value_minor,
  };
}

function bodyOf(receipt: Receipt, wish: Wish, identity: Identity, round: Round, digest: string | null): ReceiptBody {
  const { collector } = wish;
  const { items, value_minor } = given(round, wish.items);
  return {
    redemption: receipt.redemption,
    entitlement: receipt.entitlement,
    fence: receipt.fence,
    device: receipt.device,
    seq: receipt.seq,
    prev_hash: receipt.prev_hash,
    operator: wish.operator,
    point: identity.point.number,
    round: round.id,
    print: wish.print,
    claimed_at_ms: wish.happened_at ?? receipt.claimed_at,
    received_at_ms: null,
    collector: collector.kind,
    relation: collector.kind === "proxy" ? collector.relation : null,
    id_seen: true,
    name_digest: digest,
    paper: wish.paper,
    items,
    value_minor,
    currency: round.currency,
    flags: [
      ...(receipt.clock_back ? ["clock_back"] : []),
      ...(receipt.clock_reset ? ["clock_reset"] : []),
      ...wish.flags,
    ],
  };
}

async function detailOf(wish: Wish): Promise<{ detail: Detail | null; digest: string | null }> {
  const name = wish.collector.kind === "self" ? "" : wish.collector.name;
  if (name === "" && wish.paper_reason === "") return { detail: null, digest: null };
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const digest = name === "" ? null : hex(await sha256(new Uint8Array([...salt, ...utf8(name)])));
  const detail = {
    redemption: wish.redemption,
    salt: name === "" ? "" : hex(salt),
    name,
    paper_reason: wish.paper_reason,
  };
  return { detail, digest };
}

/** The part of a row that the protocol sees. */
export function slotOf(row: Row | undefined): Slot {
  if (row === undefined) return NO_SLOT;
  const { hwm, lease, ends_at, held } = row;
  return { hwm, lease, ends_at, held };
}

/** Takes the handout of a wish, or says why not. Throws `StorageFailed` when it could not be made durable. */
export async function handOut(db: Database, identity: Identity, wish: Wish): Promise<Handout> {
  const { detail, digest } = await detailOf(wish);
  const input = { is: "redeem", redemption: wish.redemption, wall: wish.wall } as const;
  const takers = takersOf(await db.read((tx) => tx.state("takers")), dayOf(wish.wall));
  // What is entered of another day is not counted for this one.
  const isToday = dayOf(wish.happened_at ?? wish.wall) === takers.day;
  const mark = isToday && wish.collector.kind !== "self" ? await markOf(takers, wish.collector.name) : null;
  for (let attempt = 0; attempt < TRIES_MAX; attempt += 1) {
    const before = await db.read(async (tx) => ({
      core: await tx.state("core"),
      row: await tx.row(wish.entitlement),
      rounds: (await tx.state("rounds")) ?? [],
    }));
    if (before.core === undefined) throw new Error("not enrolled");
    const draft = step(before.core, slotOf(before.row), wish.entitlement, input, () => NO_RECEIPT);
    const round = before.rounds.find((round) => round.id === before.row?.round);
    let signed: { receipt: Receipt; bytes: Uint8Array<ArrayBuffer>; hash: string; body: ReceiptBody } | null = null;
    if (draft.output.is === "green") {
      if (round === undefined) return { is: "refused", why: "no_lease", row: before.row ?? null };
      const body = bodyOf(draft.output.receipt, wish, identity, round, digest);
      const bytes = await signReceipt(identity.key, body);
      if (bytes === null) throw new Error("a receipt that nobody would read");
      signed = { receipt: draft.output.receipt, bytes, hash: await receiptHash(bytes), body };
    }
    const kept = await db.write(async (tx) => {
      const core = await tx.state("core");
      const row = await tx.row(wish.entitlement);
      if (core === undefined) throw new Error("not enrolled");
      const taken = step(core, slotOf(row), wish.entitlement, input, () => signed?.hash ?? NO_RECEIPT);
      if (taken.output.is === "green" && (signed === null || !isDraft(taken.output.receipt, signed.receipt))) {
        tx.abort();
        return null;
      }
      if (taken.output.is === "green" && mark !== null) await count(tx, takers, mark);
      return keep(tx, taken, row, signed, detail);
    });
    if (kept !== null) return kept;
  }
  throw new Error("the rows never stood still");
}

/** Whether the receipt that would be kept is the one that was signed. */
function isDraft(receipt: Receipt, draft: Receipt): boolean {
  return JSON.stringify({ ...receipt, hash: "" }) === JSON.stringify({ ...draft, hash: "" });
}

function keep(
  tx: Pick<Transaction, "putState" | "putRow" | "putEntry">,
  taken: { core: Core; slot: Slot; output: Output },
  row: Row | undefined,
  signed: { bytes: Uint8Array<ArrayBuffer>; hash: string; body: ReceiptBody } | null,
  detail: Detail | null,
): Handout {
  tx.putState("core", taken.core);
  if (taken.output.is === "green" && row !== undefined && signed !== null) {
    const { bytes, hash, body } = signed;
    const handed = { at: Number(body.claimed_at_ms), kind: body.collector, operator: body.operator, seq: body.seq, confirmed: false };
    tx.putRow({ ...row, ...taken.slot, handed });
    const entry: Entry = { seq: body.seq, signed: bytes, hash, body, detail, answer: null, confirmed: false };
    tx.putEntry(entry);
    return { is: "green", entry };
  }
  if (taken.output.is === "again") return { is: "again" };
  return { is: "refused", why: taken.output.is === "refused" ? taken.output.why : "no_lease", row: row ?? null };
}
