// The device as the screen sees it: what it is ready for, what a scan comes to, the handout, the talk with the
// server in the background. Nobody switches between online and offline: a lease that is here is used, one that is
// not is asked for, and what is said to the server is said whenever it listens.

import type { Choices, Database, Entry, Identity, Operator, Round, Row, State } from "../keep/database.ts";
import type { Names, Person } from "../keep/names.ts";
import type { Core } from "../lease/device.ts";
import { type Known, type Shown, type Verdict, type Why, judge, unable, verdictOf } from "../lease/scan.ts";
import { type Ring, ringOf } from "../signed/keys.ts";
import { readTyped } from "../signed/typed_code.ts";
import { readVoucher } from "../signed/voucher.ts";
import { hex } from "../signed/bytes.ts";
import { refresh } from "./enrol.ts";
import { isUnsaid } from "./report.ts";
import { type Handout, type Wish, handOut, newId, slotOf } from "./handout.ts";
import { dayOf, markOf, takersOf } from "./takers.ts";
import { type Refusal, askForLeases, install } from "./leases.ts";
import { askForHomeList, sayBeside } from "../talk/beside.ts";
import { type Synced, sync } from "../talk/sync.ts";

/** What a scan came to. */
export type Seen = {
  readonly verdict: Verdict;
  /** The reason where the verdict alone does not say it: `no_lease`, `brake_hours` … */
  readonly why: Why | "slip" | "not_a_code" | "offline" | "elsewhere" | null;
  readonly row: Row | null;
  readonly round: Round | null;
  readonly person: Person | null;
  /** The number of the point that the paper was printed for, when it is another. */
  readonly printedFor: number | null;
  /** Which print was shown; the newest for a typed code. */
  readonly print: number;
  /** What the office said of it, when it was asked. */
  readonly office: Refusal | null;
  readonly entitlement: string | null;
  /** Why this device hands out nothing at all any more. */
  readonly stopped: Core["stopped"];
};

/** What the bar at the top says. */
export type Standing = {
  readonly identity: Identity;
  readonly core: Core;
  readonly choices: Choices;
  readonly rounds: readonly Round[];
  readonly open: number;
  readonly unsynced: number;
  readonly unconfirmed: number;
  readonly conflicts: number;
  /** Reports that the office would not take. */
  readonly refused: number;
  readonly servedToday: number;
  /** Until when the open leases can be used. */
  readonly readyUntil: number | null;
  readonly missing: number;
  /** How long the server's log was that this device has seen, and how short it is now. */
  readonly behind: readonly [number, number] | null;
  /** The clock stands before a moment already seen. */
  readonly clockBack: boolean;
  readonly lastServed: readonly Row[];
};

export const CHOICES: Choices = {
  language: "id",
  contrast: false,
  desk: null,
  fetches: true,
  prepared: false,
  camera: null,
};

/** How long a scan waits for the office before the device says what it knows itself. */
const ASK_PATIENCE_MS = 6_000;

/** Where the browser may throw storage away, few leases are at stake. */
export const LEASES_UNSAFE_MAX = 50;
const LEASES_PAGE = 1_000;

export class Device {
  readonly db: Database;
  identity: Identity;
  operator: Operator | null = null;
  names: Names | null = null;
  #issuer: Ring;
  #server: Ring;
  #talking: Promise<Synced> | null = null;
  /** Keys that the office does not know either. */
  readonly #strangers = new Set<string>();
  /** Whether the last call was answered by our server; null before the first. */
  online: boolean | null = null;

  private constructor(db: Database, identity: Identity, issuer: Ring, server: Ring) {
    this.db = db;
    this.identity = identity;
    this.#issuer = issuer;
    this.#server = server;
  }

  static async of(db: Database, identity: Identity): Promise<Device> {
    return new Device(db, identity, await ringOf(identity.keys.issuer), await ringOf(identity.keys.server));
  }

  async become(identity: Identity): Promise<void> {
    this.identity = identity;
    this.#issuer = await ringOf(identity.keys.issuer);
    this.#server = await ringOf(identity.keys.server);
  }

  async choices(): Promise<Choices> {
    return { ...CHOICES, ...(await this.db.read((tx) => tx.state("choices"))) };
  }

  async choose(change: Partial<Choices>): Promise<Choices> {
    return this.db.write(async (tx) => {
      const choices = { ...CHOICES, ...(await tx.state("choices")), ...change };
      tx.putState("choices", choices);
      return choices;
    });
  }

  async standing(now: number): Promise<Standing> {
    const kept = await this.db.read(async (tx) => ({
      core: (await tx.state("core")) as Core,
      rows: await tx.rows(),
      journal: await tx.journal(),
      tried: (await tx.tried()).length,
      rounds: (await tx.state("rounds")) ?? [],
      choices: await tx.state("choices"),
      missing: (await tx.state("missing")) ?? 0,
      behind: (await tx.state("behind")) ?? null,
      reports: (await tx.state("reports")) ?? [],
      carried: (await tx.state("carried")) ?? [],
    }));
    const open = kept.rows.filter((row) => row.lease.is === "open");
    const until = open.map((row) => row.ends_at).filter((at) => at > now);
    const today = new Date(now).toDateString();
    const served = kept.rows.filter((row) => row.handed !== null);
    served.sort((a, b) => (b.handed?.seq ?? 0) - (a.handed?.seq ?? 0));
    return {
      identity: this.identity,
      core: kept.core,
      choices: { ...CHOICES, ...kept.choices },
      rounds: kept.rounds,
      open: open.length,
      unsynced:
        kept.journal.filter((entry) => entry.answer === null).length +
        kept.reports.filter(isUnsaid).length +
        kept.carried.filter((carried) => carried.batches.length > 0).length,
      // A receipt may have left for the office before the goods went out.
      unconfirmed: new Set([
        ...kept.journal.filter((entry) => !entry.confirmed).map((entry) => entry.seq),
        ...served.filter((row) => row.handed?.confirmed === false).map((row) => row.handed?.seq),
      ]).size,
      refused: kept.reports.filter((report) => report.reference === null && !isUnsaid(report)).length,
      conflicts: kept.journal.filter((entry) => entry.answer === "conflict").length,
      servedToday: served.filter((row) => new Date(row.handed?.at ?? 0).toDateString() === today).length,
      readyUntil: until.length === 0 ? null : Math.min(...until),
      missing: kept.missing,
      behind: kept.behind,
      clockBack: now < kept.core.clock.time_hwm - 60_000,
      lastServed: served.slice(0, 10),
    };
  }

  /** What a scanned or typed text comes to; asks the office where the device alone cannot say. */
  async see(text: string, now: number): Promise<Seen> {
    const typed = readTyped(text);
    const looksTyped = "code" in typed || (typed.fault === "slip" && text.length <= 20);
    if (looksTyped && !("code" in typed)) return nothing("malformed", "slip");
    if ("code" in typed) {
      const row = await this.db.read((tx) => tx.rowOfCode(typed.code));
      const seen = await this.#judge(row ?? null, { is: "typed" }, row?.entitlement ?? null, now);
      return this.#perhapsAsk(seen, text, { is: "typed" }, now);
    }
    let read = await readVoucher(text, this.identity.hosts, this.#issuer);
    if ("fault" in read && read.fault.verdict === "foreign" && read.fault.kid !== undefined) {
      await this.#learn(read.fault.kid);
      read = await readVoucher(text, this.identity.hosts, this.#issuer);
    }
    if ("fault" in read) {
      // Written like our vouchers, under another host or signed under a key that nobody here knows.
      const elsewhere = read.fault.verdict === "foreign" && (read.fault.kid !== undefined || VOUCHER_OF_ANYONE.test(text.trim()));
      const entitlement = read.fault.verdict === "forged" ? (read.fault.entitlement ?? null) : null;
      return { ...nothing(read.fault.verdict, elsewhere ? "elsewhere" : null), entitlement };
    }
    const claims = read.content;
    const row = await this.db.read((tx) => tx.row(claims.entitlement));
    const shown = { is: "qr", print: claims.print, point: claims.point } as const;
    const seen = await this.#judge(row ?? null, shown, claims.entitlement, now);
    return this.#perhapsAsk(seen, text, shown, now);
  }

  /** A key that is not known here may be newer than what was fetched: the office is asked, once for each key. */
  async #learn(kid: Uint8Array): Promise<void> {
    const mark = hex(kid);
    if (this.online === false || this.#strangers.has(mark)) return;
    const fresh = await refresh(this.db, this.identity, ASK_PATIENCE_MS);
    if (fresh === null) return;
    this.#strangers.add(mark);
    await this.become(fresh);
  }

  /** The same for a household that was found by name: the paper is lost or never came. */
  async seeRow(entitlement: string, now: number): Promise<Seen> {
    const row = await this.db.read((tx) => tx.row(entitlement));
    return this.#judge(row ?? null, { is: "typed" }, entitlement, now);
  }

  async #judge(row: Row | null, shown: Shown, entitlement: string | null, now: number): Promise<Seen> {
    const kept = await this.db.read(async (tx) => ({
      core: (await tx.state("core")) as Core,
      paused: (await tx.state("paused")) ?? [],
      rounds: (await tx.state("rounds")) ?? [],
    }));
    const paused = kept.paused.find(([round]) => round === row?.round);
    const known: Known | null =
      row === null ? null : { print: row.print, begins_at: row.begins_at, paused: paused !== undefined };
    const slot = slotOf(row ?? undefined);
    const why = judge(kept.core, slot, known, shown, this.identity.point.number, now) ?? unable(kept.core, slot, now);
    return {
      verdict: why === null ? "valid" : verdictOf(why),
      why,
      row,
      round: kept.rounds.find((round) => round.id === row?.round) ?? null,
      person: row === null || this.names === null ? null : await this.names.open(row.entitlement, row.sealed),
      printedFor: shown.is === "qr" && shown.point !== this.identity.point.number ? shown.point : null,
      print: shown.is === "qr" ? shown.print : (row?.print ?? 1),
      office: paused === undefined ? null : { why: "paused", reason: paused[1] },
      entitlement,
      stopped: kept.core.stopped,
    };
  }

  /** What is not here may be at the office: its lease is asked for, and then the device judges once more. */
  async #perhapsAsk(seen: Seen, text: string, shown: Shown, now: number): Promise<Seen> {
    const worthAsking = seen.why === "no_lease" || seen.why === "wrong_point" || seen.why === "lease_ended";
    if (!worthAsking || this.online === false || seen.row?.lease.is === "closed") return this.#unanswered(seen);
    const answer = await askForLeases(this.identity, { code: text }, { patience: ASK_PATIENCE_MS });
    this.online = answer.is !== "silent";
    if (answer.is !== "said") return this.#unanswered(seen);
    await install(this.db, this.#server, answer.body);
    const refusal = answer.body.refused[0];
    if (refusal !== undefined && refusal.why in OFFICE) {
      const verdict = OFFICE[refusal.why] ?? "not_ready";
      return { ...seen, verdict, why: null, office: refusal, entitlement: refusal.entitlement ?? seen.entitlement };
    }
    const typed = readTyped(text);
    const row = await this.db.read((tx) =>
      seen.entitlement !== null ? tx.row(seen.entitlement) : tx.rowOfCode("code" in typed ? typed.code : ""),
    );
    return this.#judge(row ?? null, shown, row?.entitlement ?? seen.entitlement, now);
  }

  #unanswered(seen: Seen): Seen {
    return seen.why === "no_lease" && seen.row === null && this.online === false ? { ...seen, why: "offline" } : seen;
  }

  async handOut(wish: Wish): Promise<Handout> {
    return handOut(this.db, this.identity, wish);
  }

  /** The operator says that the goods went out. */
  async confirm({ seq, body }: Entry): Promise<void> {
    await this.db.write(async (tx) => {
      const entry = await tx.entry(seq);
      if (entry !== undefined) tx.putEntry({ ...entry, confirmed: true });
      const row = await tx.row(body.entitlement);
      if (row !== undefined && row.handed?.seq === seq) tx.putRow({ ...row, handed: { ...row.handed, confirmed: true } });
    });
  }

  /** How many times somebody of that name has collected here today for others. */
  async often(name: string, now: number): Promise<number> {
    const takers = takersOf(await this.state("takers"), dayOf(now));
    const mark = await markOf(takers, name);
    return mark === null ? 0 : (takers.times[mark] ?? 0);
  }

  /** Every attempt is kept, also a refused one. */
  async tried(seen: Seen, now: number): Promise<void> {
    if (this.operator === null) return;
    const { verdict, entitlement } = seen;
    const tried = { id: newId(), at_ms: now, verdict, entitlement, operator: this.operator.user };
    await this.db.write(async (tx) => tx.putTried(tried));
  }

  /** Speaks with the server; a call under way is joined and not repeated. */
  sync(): Promise<Synced> {
    this.#talking ??= this.#sync().finally(() => {
      this.#talking = null;
    });
    return this.#talking;
  }

  async #sync(): Promise<Synced> {
    let synced = await sync(this.db, this.identity, this.#server, false);
    if (synced.is === "synced" && synced.reply.resync) synced = await sync(this.db, this.identity, this.#server, true);
    for (let more = 0; synced.is === "synced" && synced.more && more < 50; more += 1) {
      synced = await sync(this.db, this.identity, this.#server, false);
    }
    this.online = synced.is !== "silent";
    if (synced.is === "synced") await sayBeside(this.db, this.identity, this.#server);
    return synced;
  }

  /** Fetches leases until there are none left to take, or as many as are safe here. */
  async fetch(persistent: boolean, told: (opened: number) => void): Promise<"done" | "silent" | string> {
    const { desk } = await this.choices();
    const held = (await this.db.read((tx) => tx.rows())).filter((row) => row.lease.is === "open").length;
    const most = persistent ? Number.POSITIVE_INFINITY : LEASES_UNSAFE_MAX - held;
    let after: string | undefined;
    let opened = 0;
    while (opened < most) {
      const limit = Math.min(LEASES_PAGE, most - opened);
      const more = { limit, patience: 60_000, ...(after === undefined ? {} : { after }) };
      const answer = await askForLeases(this.identity, desk === null ? {} : { desk }, more);
      this.online = answer.is !== "silent";
      if (answer.is === "silent") return "silent";
      if (answer.is === "refused") return answer.code;
      opened += await install(this.db, this.#server, answer.body);
      told(opened);
      if (answer.body.next === null) break;
      after = answer.body.next;
    }
    await this.db.write(async (tx) => {
      const core = await tx.state("core");
      tx.putState("fetched_at", core?.clock.time_hwm ?? 0);
    });
    await this.fetchHomeList();
    return "done";
  }

  /** Fetches the courier's list anew, where the office listens. */
  async fetchHomeList(): Promise<void> {
    if (this.online !== false) await askForHomeList(this.db, this.identity, ASK_PATIENCE_MS);
  }

  /** Those whose package is to be brought home, as far as their lease is or was here: the courier's list. */
  async homeList(): Promise<readonly { row: Row; person: Person | null }[]> {
    const { home, rows } = await this.db.read(async (tx) => ({ home: (await tx.state("home")) ?? [], rows: await tx.rows() }));
    const listed = rows.filter((row) => home.includes(row.entitlement) && row.lease.is !== "none" && row.lease.is !== "closed");
    const people = listed.map(async (row) => ({ row, person: (await this.names?.open(row.entitlement, row.sealed)) ?? null }));
    const key = ({ row, person }: { row: Row; person: Person | null }): string =>
      `${row.handed === null ? 0 : 1} ${person?.rt ?? ""} ${person?.name ?? ""}`;
    return (await Promise.all(people)).sort((one, other) => key(one).localeCompare(key(other)));
  }

  async state<K extends keyof State>(key: K): Promise<State[K] | undefined> {
    return this.db.read((tx) => tx.state(key));
  }

  /** The newest handouts of this device, also those whose receipt is pruned. */
  async handedOver(most: number): Promise<readonly Row[]> {
    const rows = (await this.db.read((tx) => tx.rows())).filter((row) => row.handed !== null && row.lease.is === "redeemed");
    return rows.sort((one, other) => (other.handed?.seq ?? 0) - (one.handed?.seq ?? 0)).slice(0, most);
  }

  async journal(): Promise<readonly Entry[]> {
    return this.db.read((tx) => tx.journal());
  }

  /** Those whose lease is open here, by a part of the name, the last digits of the NIK or the RT. */
  async search(text: string): Promise<readonly { row: Row; person: Person }[]> {
    const { names } = this;
    if (names === null) return [];
    const parts = text.toLocaleLowerCase("id").split(/\s+/).filter((part) => part !== "");
    if (parts.join("").length < 2) return [];
    const rows = (await this.db.read((tx) => tx.rows())).filter((row) => row.lease.is !== "none");
    const found: { row: Row; person: Person }[] = [];
    for (const row of rows) {
      const person = await names.open(row.entitlement, row.sealed);
      if (person === null) continue;
      const all = `${person.name} ${person.nik_tail} ${person.rt}`.toLocaleLowerCase("id");
      if (parts.every((part) => all.includes(part))) found.push({ row, person });
      if (found.length === 30) break;
    }
    return found;
  }
}

/** How any installation writes its vouchers. */
const VOUCHER_OF_ANYONE = /^https:\/\/[^/]+\/v\/[a-z2-7]{80,}$/i;

/** What the office calls it, and the verdict on the screen. */
const OFFICE: Readonly<Record<string, Verdict>> = {
  unknown: "unknown",
  wrong_point: "wrong_point",
  already_redeemed: "already_redeemed",
  revoked: "revoked",
  revoke_requested: "revoked",
  held: "held",
  paused: "paused",
  expired: "expired",
  unresolved: "unresolved",
  leased_elsewhere: "leased_elsewhere",
  superseded: "superseded",
  not_yet_valid: "not_yet_valid",
  forged: "forged",
  foreign: "foreign",
  malformed: "malformed",
};

function nothing(verdict: Verdict, why: Seen["why"]): Seen {
  const row = null;
  return { verdict, why, row, round: null, person: null, printedFor: null, print: 1, office: null, entitlement: null, stopped: null };
}
