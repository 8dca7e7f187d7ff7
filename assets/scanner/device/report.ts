// Incidents at the desk, kept until the office has them: what was forged, who quarrels, and a handout that has to be
// taken back. A reversal changes nothing here: the receipt stays, the right stays used, and two persons at the
// office decide what follows.

import type { Carried, Database, Report } from "../keep/database.ts";
import { readJournal } from "../signed/journal.ts";
import type { Bytes } from "../signed/bytes.ts";
import { newId } from "./handout.ts";

/** What people at a desk report by themselves; a reversal has its own way, with a second person. */
export const INCIDENTS = ["forgery", "dispute", "complaint", "levy", "shortage", "quality", "queue", "data", "other"] as const;
export type Incident = (typeof INCIDENTS)[number];

export type NewReport = Omit<Report, "id" | "reference" | "refused">;

/** Whether the office has still to hear of it. */
export const isUnsaid = (report: Report): boolean => report.reference === null && (report.refused ?? null) === null;

/** Those the office has heard of are kept for a while, so that people can look up the number. */
const HEARD_KEPT_MAX = 50;

export async function keepReport(db: Database, report: NewReport): Promise<Report> {
  const kept: Report = { ...report, id: newId(), reference: null };
  await db.write(async (tx) => {
    const all = [...((await tx.state("reports")) ?? []), kept];
    const heard = all.filter((one) => one.reference !== null);
    const drop = new Set(heard.slice(0, Math.max(0, heard.length - HEARD_KEPT_MAX)).map((one) => one.id));
    tx.putState("reports", all.filter((one) => !drop.has(one.id)));
  });
  return kept;
}

/** What the office would not take is said once more: something may have been put right there. */
export async function sayAgain(db: Database, id: string): Promise<void> {
  await db.write(async (tx) => {
    const all = (await tx.state("reports")) ?? [];
    tx.putState("reports", all.map((one) => (one.id === id ? { ...one, refused: null } : one)));
  });
}

export type TakenIn = "kept" | "own" | "not_a_journal" | "altered" | "empty" | "known";

/** Takes in the journal of another device, to bring it to the office. Its receipts are believed there, each by its
 * own signature; here it is only seen that the file is whole. */
export async function takeIn(db: Database, own: string, bytes: Bytes): Promise<TakenIn> {
  const file = await readJournal(bytes);
  if (file === null) return "not_a_journal";
  if (!file.whole) return "altered";
  if (file.device === own) return "own";
  if (file.batches.length === 0) return "empty";
  const carried: Carried = { device: file.device, seq: file.chain[0], batches: file.batches, taken: 0, known: 0, conflicts: 0, bad: 0 };
  return db.write(async (tx) => {
    const all = (await tx.state("carried")) ?? [];
    if (all.some((one) => one.device === carried.device && one.seq === carried.seq && one.bad === 0)) return "known";
    tx.putState("carried", [...all.filter((one) => one.device !== carried.device || one.seq !== carried.seq), carried]);
    return "kept";
  });
}
