// Who has collected here today for others, and how often: so that the third time is asked about. Receipts leave the
// device once the office has them, often within seconds, so the count is kept beside them; of the names only a
// digest stays, under a salt of that day.

import type { Takers, Transaction } from "../keep/database.ts";
import { hex, utf8 } from "../signed/bytes.ts";
import { sha256 } from "../signed/keys.ts";

/** The day as the people at the point call it. */
export const dayOf = (at: number): string => new Date(at).toDateString();

/** What was counted on the day; a new day begins with nothing, and forgets the one before. */
export function takersOf(kept: Takers | undefined, day: string): Takers {
  return kept?.day === day ? kept : { day, salt: crypto.getRandomValues(new Uint8Array(16)), times: {} };
}

/** A name, however it is written; null where there is none. */
export async function markOf({ salt }: Takers, name: string): Promise<string | null> {
  const plain = name.trim().toLocaleLowerCase("id").replace(/[^\p{L}\p{N}]+/gu, " ").trim();
  return plain === "" ? null : hex(await sha256(new Uint8Array([...salt, ...utf8(plain)])));
}

/** Counts one more, in the transaction that keeps the handout. */
export async function count(tx: Transaction, takers: Takers, mark: string): Promise<void> {
  const kept = await tx.state("takers");
  // Somebody else may have been counted since the mark was made; the salt is the same all day.
  const times = kept?.day === takers.day ? kept.times : {};
  tx.putState("takers", { ...takers, times: { ...times, [mark]: (times[mark] ?? 0) + 1 } });
}
