// The journal for a phone whose network or screen is gone: a file that another device or the office takes in. Every
// receipt in it is signed, so it needs no trust on its road.

import type { Entry, Identity } from "../keep/database.ts";
import type { Core } from "../lease/device.ts";
import { encodeBatch, itemOf, shared } from "../signed/batch.ts";
import type { Bytes } from "../signed/bytes.ts";
import { writeJournal } from "../signed/journal.ts";
import { kidOf } from "../signed/keys.ts";

export async function journalFile(identity: Identity, journal: readonly Entry[], core: Core): Promise<{ name: string; bytes: Bytes }> {
  const bodies = journal.map((entry) => entry.body);
  const empty = shared(identity.device, await kidOf(identity.key.public), identity.point.number, core.seen, [], bodies);
  // Without rounds in common every receipt travels as it is: the file is read where nothing else is known.
  const batch = encodeBatch({ ...empty, items: journal.map((entry) => itemOf(empty, entry.body, entry.signed)) });
  const bytes = await writeJournal(identity.key, identity.device, [core.seq, core.head_hash], journal.length === 0 ? [] : [batch]);
  return { name: `jurnal-${identity.point.code}-${identity.number}-${core.seq}.salur`, bytes };
}
