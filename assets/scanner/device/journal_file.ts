// The journal as a file: the parcel that a sync would send, for a phone whose network or screen is gone. It is what
// the server takes in by any other way; every receipt in it is signed, so it needs no trust on its road.

import type { Entry, Identity } from "../keep/database.ts";
import type { Core } from "../lease/device.ts";
import { encodeBatch, itemOf, shared } from "../signed/batch.ts";
import type { Bytes } from "../signed/bytes.ts";
import { kidOf } from "../signed/keys.ts";
import { encodeParcel } from "../signed/parcel.ts";

export async function journalFile(identity: Identity, journal: readonly Entry[], core: Core): Promise<{ name: string; bytes: Bytes }> {
  const bodies = journal.map((entry) => entry.body);
  const empty = shared(identity.device, await kidOf(identity.key.public), identity.point.number, core.seen, [], bodies);
  // Without rounds in common every receipt travels as it is: the file is read where nothing else is known.
  const batch = encodeBatch({ ...empty, items: journal.map((entry) => itemOf(empty, entry.body, entry.signed)) });
  const bytes = encodeParcel({
    nonce: new Uint8Array(16),
    batch,
    returns: [],
    holds: [],
    pages: [],
    details: journal.flatMap((entry) => (entry.detail === null ? [] : [entry.detail])),
    tried: [],
    seen: core.seen,
    signed: core.seq,
  });
  return { name: `jurnal-${identity.point.code}-${identity.number}-${core.seq}.salur`, bytes };
}
