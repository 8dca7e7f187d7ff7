// One sync: everything that is kept and not yet heard goes out, the signed reply comes in. It may be repeated,
// cut off or answered twice; the rows decide what is still to be said.

import type { Database, Entry, Identity, Row, Transaction } from "../keep/database.ts";
import { closeFor, heard } from "./reply.ts";
import { BATCH_ITEMS_MAX, type Batch, type FullHandout, encodeBatch, itemOf, shared } from "../signed/batch.ts";
import { type Bytes, unbase64 } from "../signed/bytes.ts";
import { type Ring, kidOf } from "../signed/keys.ts";
import { PAGE_LINES_MAX, signReturns, signTable } from "../signed/papers.ts";
import { PARCEL_LINES_MAX, type Parcel, type Tried, encodeParcel } from "../signed/parcel.ts";
import { type Reply, verifyReply } from "../signed/reply.ts";
import { held } from "../lease/contact.ts";
import type { Core } from "../lease/device.ts";
import { slotOf } from "../device/handout.ts";
import { call } from "./server.ts";

/** The receipts of one parcel: some hundred kilobytes, which a bad line can carry. */
const PARCEL_RECEIPTS_MAX = 1_000;

export type Run = { readonly from: number; readonly count: number; readonly answer: string; readonly why?: string };

type SyncAnswer = {
  readonly items: readonly Run[];
  readonly returns: readonly { readonly entitlement: string; readonly answer: string; readonly why?: string }[];
  readonly holds: readonly { readonly entitlement: string; readonly answer: string }[];
  readonly resync: { readonly epoch: number; readonly pages_missing: readonly number[] | null } | null;
  readonly reply: string;
};

export type Synced =
  | { readonly is: "synced"; readonly reply: Reply; readonly more: boolean; readonly conflicts: number }
  | { readonly is: "silent" }
  | { readonly is: "refused"; readonly code: string; readonly detail: string }
  /** Our server's form, under a key that is not our server's, or an answer to another call. */
  | { readonly is: "strange" };

type Load = { core: Core; proof: Bytes | null; entries: Entry[]; rows: Row[]; tried: Tried[]; rounds: FullHandout[]; all: Row[] };

/** What is still to be said; after a restore every receipt that is kept, for the server may have forgotten it. */
async function load(db: Database, answering: boolean): Promise<Load> {
  return db.read(async (tx) => {
    const core = await tx.state("core");
    if (core === undefined) throw new Error("not enrolled");
    const all = await tx.rows();
    const rounds = ((await tx.state("rounds")) ?? []).map((round) => ({
      round: round.id,
      items: round.items.map((item) => [item.code, item.quantity] as const),
      value_minor: round.value_minor,
      currency: round.currency,
    }));
    const journal = await tx.journal();
    const entries = answering
      ? journal.filter((entry) => entry.seq > core.covered).slice(0, BATCH_ITEMS_MAX)
      : journal.filter((entry) => entry.answer === null).slice(0, PARCEL_RECEIPTS_MAX);
    const rows = all.filter((row) => (row.lease.is === "closed" && !row.returned) || row.untold_hold);
    const newest = await tx.state("newest_reply");
    const proof = newest?.server_behind === true ? unbase64(newest.signed) : null;
    return { core, proof, entries, rows, all, rounds, tried: (await tx.tried()).slice(0, PARCEL_LINES_MAX) };
  });
}

async function batchOf(identity: Identity, kept: Load): Promise<Bytes> {
  if (kept.entries.length === 0) return new Uint8Array();
  const kid = await kidOf(identity.key.public);
  const bodies = kept.entries.map((entry) => entry.body);
  const empty: Batch = shared(identity.device, kid, identity.point.number, kept.core.seen, kept.rounds, bodies);
  return encodeBatch({ ...empty, items: kept.entries.map((entry) => itemOf(empty, entry.body, entry.signed)) });
}

/** The device's answer to a restore, in pages. */
async function tables(identity: Identity, kept: Load): Promise<Bytes[]> {
  const lines = kept.all.map((row) => held(row.entitlement, slotOf(row))).filter((line) => line !== null);
  const pages = Math.max(1, Math.ceil(lines.length / PAGE_LINES_MAX));
  const { epoch, seen, seq, head_hash } = kept.core;
  return Promise.all(
    Array.from({ length: pages }, (_, page) =>
      signTable(identity.key, {
        device: identity.device,
        epoch,
        seen,
        chain: [seq, head_hash],
        page,
        pages,
        table: lines.slice(page * PAGE_LINES_MAX, (page + 1) * PAGE_LINES_MAX),
      }),
    ),
  );
}

/** Says everything once. `answering` adds the lease table: the server is in a new epoch and waits for it. */
export async function sync(db: Database, identity: Identity, ring: Ring, answering: boolean): Promise<Synced> {
  const kept = await load(db, answering);
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const closed = kept.rows.filter((row) => row.lease.is === "closed" && !row.returned);
  const returns = closed.map((row) => [row.entitlement, row.hwm] as const).slice(0, PARCEL_LINES_MAX);
  const parcel: Parcel = {
    nonce,
    batch: await batchOf(identity, kept),
    returns: returns.length === 0 ? [] : await signedReturns(identity, kept.core.seq, returns),
    holds: kept.rows.filter((row) => row.untold_hold).map((row) => [row.entitlement, row.hwm]),
    pages: answering ? await tables(identity, kept) : [],
    details: kept.entries.flatMap((entry) => (entry.detail === null ? [] : [entry.detail])),
    tried: kept.tried,
    seen: kept.core.seen,
    signed: kept.core.seq,
    ...(kept.proof === null ? {} : { proof: kept.proof }),
  };
  const sent = await send(identity, ring, parcel);
  if (sent.is !== "answered") return sent;
  const conflicts = await note(db, kept, sent.said, sent.reply);
  return { is: "synced", reply: sent.reply, more: !answering && kept.entries.length === PARCEL_RECEIPTS_MAX, conflicts };
}

type Sent = { readonly is: "answered"; readonly said: SyncAnswer; readonly reply: Reply } | Exclude<Synced, { is: "synced" }>;

/** Sends one parcel, and believes the answer only if our server signed it for this very call. */
async function send(identity: Identity, ring: Ring, parcel: Parcel): Promise<Sent> {
  const answer = await call<SyncAnswer>({
    method: "POST",
    path: "/sync",
    token: identity.token,
    cbor: encodeParcel(parcel),
    patience: 30_000,
  });
  if (answer.is === "silent") return answer;
  if (answer.is === "refused") return { is: "refused", code: answer.code, detail: answer.detail };
  const bytes = unbase64(answer.body.reply ?? "");
  const read = bytes === null ? null : await verifyReply(bytes, ring);
  if (read === null || !("content" in read)) return { is: "strange" };
  const reply = read.content;
  if (reply.device !== identity.device || reply.nonce.some((byte, at) => byte !== parcel.nonce[at])) return { is: "strange" };
  return { is: "answered", said: answer.body, reply };
}

/** Brings a batch of another device's journal to the office; answers what became of its receipts, or null. */
export async function carry(db: Database, identity: Identity, ring: Ring, batch: Bytes): Promise<readonly Run[] | null> {
  const core = await db.read((tx) => tx.state("core"));
  if (core === undefined) return null;
  const nonce = crypto.getRandomValues(new Uint8Array(16));
  const nothing = { returns: [], holds: [], pages: [], details: [], tried: [] };
  const sent = await send(identity, ring, { nonce, batch, ...nothing, seen: core.seen, signed: core.seq });
  if (sent.is === "answered") return sent.said.items ?? [];
  // A batch that cannot be read at all holds up no other.
  return sent.is === "refused" && sent.code === "bad_body" ? [{ from: 0, count: 1, answer: "bad" }] : null;
}

/** A paper of returns holds some hundreds; more go onto more papers. */
async function signedReturns(identity: Identity, seq: number, leases: (readonly [string, readonly [number, number]])[]): Promise<Bytes[]> {
  const papers: Bytes[] = [];
  for (let at = 0; at < leases.length; at += PAGE_LINES_MAX) {
    papers.push(await signReturns(identity.key, { device: identity.device, seq, leases: leases.slice(at, at + PAGE_LINES_MAX) }));
  }
  return papers;
}

/** Writes down what the server said, in one transaction. Answers how many receipts became conflicts. */
async function note(db: Database, kept: Load, said: SyncAnswer, reply: Reply): Promise<number> {
  const answers = new Map<number, string>();
  for (const run of said.items ?? []) {
    for (let at = run.from; at < run.from + run.count; at += 1) {
      const entry = kept.entries[at];
      // A receipt that was `bad` on the way is sent again: here it is whole.
      if (entry !== undefined && run.answer !== "bad") answers.set(entry.seq, run.answer);
    }
  }
  return db.write(async (tx) => {
    for (const [seq, answer] of answers) {
      const entry = await tx.entry(seq);
      if (entry !== undefined) tx.putEntry({ ...entry, answer });
    }
    for (const { entitlement } of said.returns ?? []) {
      const row = await tx.row(entitlement);
      if (row?.lease.is === "closed") tx.putRow({ ...row, returned: true });
    }
    for (const { entitlement } of said.holds ?? []) {
      const row = await tx.row(entitlement);
      if (row !== undefined) tx.putRow({ ...row, untold_hold: false });
    }
    for (const one of kept.tried) tx.dropTried(one.id);
    await remember(tx, kept.core, reply, said.reply);
    await heard(tx, reply);
    await closeFor(tx, reply);
    return [...answers.values()].filter((answer) => answer === "conflict").length;
  });
}

/** Keeps the newest reply as signed. A server that shows less than before has forgotten, and believes only that. */
async function remember(tx: Transaction, before: Core, reply: Reply, signed: string): Promise<void> {
  const newest = await tx.state("newest_reply");
  const server_behind = reply.epoch < before.epoch || reply.cover[0] < before.seen[0];
  if (!server_behind) tx.putState("newest_reply", { signed, server_behind });
  else if (newest !== undefined) tx.putState("newest_reply", { ...newest, server_behind });
}
