// What a device says and asks beside its receipts: incidents at the desk, journals of other devices, the courier's
// list. Each may be cut off and said again: the office knows a report by its id, and a receipt by its hash.

import type { Carried, Database, Identity, Report } from "../keep/database.ts";
import { isUnsaid } from "../device/report.ts";
import type { Ring } from "../signed/keys.ts";
import { type Answer, call } from "./server.ts";
import { carry } from "./sync.ts";

type Reported = { readonly id: string; readonly reference: string };

/** These pass by themselves: the device is not known just now, too much at once. What else is refused was judged. */
const PASSING: readonly number[] = [401, 408, 425, 429];

/** Sends what is kept, oldest first, and stops where the server does not listen. */
export async function sayBeside(db: Database, identity: Identity, ring: Ring): Promise<void> {
  for (const report of (await db.read((tx) => tx.state("reports"))) ?? []) {
    if (!isUnsaid(report)) continue;
    const answer = await sendReport(identity, report);
    if (answer.is === "silent" || (answer.is === "refused" && PASSING.includes(answer.status))) return;
    // What is refused stays with its reason, for a person has written it, and a person decides what comes of it.
    const heard = answer.is === "said" ? { reference: answer.body.reference } : { refused: answer.detail || answer.code };
    await changeReport(db, { ...report, ...heard });
  }
  for (const carried of (await db.read((tx) => tx.state("carried"))) ?? []) {
    let left: Carried = carried;
    for (const batch of carried.batches) {
      const runs = await carry(db, identity, ring, batch);
      if (runs === null) return;
      const count = (...answers: string[]): number =>
        runs.filter((run) => answers.includes(run.answer)).reduce((sum, run) => sum + run.count, 0);
      left = {
        ...left,
        batches: left.batches.slice(1),
        taken: left.taken + count("taken", "settled"),
        known: left.known + count("known"),
        conflicts: left.conflicts + count("conflict"),
        bad: left.bad + count("bad"),
      };
      await changeCarried(db, left);
    }
  }
}

function sendReport(identity: Identity, report: Report): Promise<Answer<Reported>> {
  const { id, kind, operator, witness, redemption, entitlement, number, text, at } = report;
  const json = { id, kind, operator, witness, redemption_id: redemption, entitlement_id: entitlement, number, text, at_ms: at };
  return call<Reported>({ method: "POST", path: "/devices/me/reports", token: identity.token, json });
}

async function changeReport(db: Database, report: Report): Promise<void> {
  await db.write(async (tx) => {
    const all = (await tx.state("reports")) ?? [];
    tx.putState("reports", all.map((one) => (one.id === report.id ? report : one)));
  });
}

async function changeCarried(db: Database, carried: Carried): Promise<void> {
  await db.write(async (tx) => {
    const all = (await tx.state("carried")) ?? [];
    tx.putState("carried", all.map((one) => (one.device === carried.device && one.seq === carried.seq ? carried : one)));
  });
}

/** Asks the office whose package is to be brought home; keeps the list as it is when nobody answers. */
export async function askForHomeList(db: Database, identity: Identity, patience: number): Promise<void> {
  const answer = await call<{ items: readonly string[] }>({ method: "GET", path: "/devices/me/home-deliveries", token: identity.token, patience });
  if (answer.is === "said") await db.write(async (tx) => tx.putState("home", answer.body.items));
}
