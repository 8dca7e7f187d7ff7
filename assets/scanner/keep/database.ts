// What the device keeps: IndexedDB, and nothing in any other place. A write is durable when `write` has resolved:
// it asks for strict durability, and resolves on the transaction's end, not on the last request.

import type { Core, Slot } from "../lease/device.ts";
import type { Bytes } from "../signed/bytes.ts";
import type { DeviceKey } from "../signed/keys.ts";
import type { Detail, Tried } from "../signed/parcel.ts";
import type { ReceiptBody } from "../signed/receipt.ts";

/** An item of a package, as the server describes it. */
export type PackageItem = {
  readonly code: string;
  readonly name: string;
  readonly unit: string;
  /** In base units: grams, millilitres, pieces. */
  readonly quantity: number;
  /** What people count it in, how many base units that is, and what it costs. */
  readonly pack_name: string;
  readonly pack_size: number;
  readonly pack_price_minor: number;
};

export type Round = {
  readonly id: string;
  readonly number: number;
  readonly name: string;
  readonly value_minor: number;
  readonly currency: string;
  readonly items: readonly PackageItem[];
  readonly opens_at: string;
  readonly closes_at: string;
  readonly paused: string | null;
};

/** Who the device is. */
export type Identity = {
  readonly device: string;
  readonly number: number;
  readonly name: string;
  readonly token: string;
  readonly key: DeviceKey;
  readonly agency: { readonly id: string; readonly code: string; readonly name: string; readonly zone: string };
  readonly point: { readonly id: string; readonly number: number; readonly code: string; readonly name: string };
  readonly keys: { readonly issuer: readonly Bytes[]; readonly server: readonly Bytes[] };
  readonly hosts: readonly string[];
};

/** A person who may stand at this device. The PIN opens `wrapped`, and nothing else tells whether it is right. */
export type Operator = {
  readonly user: string;
  readonly name: string;
  readonly username: string;
  readonly salt: Bytes;
  readonly rounds: number;
  readonly wrapped: Bytes;
  /** Wrong PINs in a row; past the limit only the password helps. */
  readonly wrong: number;
  /** What the office wanted of the PIN when it was chosen; without it, as it was before the office could choose. */
  readonly pin?: PinRules;
};

/** How many digits a PIN has, and how many wrong ones in a row lock it. */
export type PinRules = { readonly signs: number; readonly tries: number };

/** What people set. */
export type Choices = {
  readonly language: "id" | "en";
  readonly contrast: boolean;
  /** The desk whose leases are fetched; null for the whole point. */
  readonly desk: number | null;
  /** Whether leases are fetched beforehand at all. */
  readonly fetches: boolean;
  readonly prepared: boolean;
  readonly camera: string | null;
};

/** What stays of a handout when its receipt has left; `confirmed`: the operator has said that the goods went out. */
export type Handed = {
  readonly at: number;
  readonly kind: string;
  readonly operator: string;
  readonly seq: number;
  readonly confirmed?: boolean;
};

/** One entitlement, with what the bundle said of it. */
export type Row = Slot & {
  readonly entitlement: string;
  readonly round: string;
  readonly begins_at: number;
  readonly print: number;
  readonly code: string;
  readonly sealed: Bytes;
  /** Closed, and the server has heard of it. */
  readonly returned: boolean;
  /** Held back, and the server has not heard of it yet. */
  readonly untold_hold: boolean;
  readonly handed: Handed | null;
};

/** A receipt in the journal, with what only this device knows of it until it is synchronised. */
export type Entry = {
  readonly seq: number;
  readonly signed: Bytes;
  readonly hash: string;
  readonly body: ReceiptBody;
  readonly detail: Detail | null;
  /** The server has answered for it; it stays until the log outside covers it (rule 12). */
  readonly answer: string | null;
  /** The operator has said that the goods went out. */
  readonly confirmed: boolean;
};

/** What people at the desk wrote down, until the office has it, and the number it got there. */
export type Report = {
  readonly id: string;
  readonly kind: string;
  readonly operator: string;
  readonly witness: string | null;
  readonly redemption: string | null;
  readonly entitlement: string | null;
  readonly number: string;
  readonly text: string;
  readonly at: number;
  /** What the office calls the case; null until it has heard of it. */
  readonly reference: string | null;
  /** Why the office would not take it, in its words. It stays here as it was written, and is not said again by itself. */
  readonly refused?: string | null;
};

/** How often somebody has collected for others on that day, by a digest of the name under that day's salt. */
export type Takers = { readonly day: string; readonly salt: Bytes; readonly times: Readonly<Record<string, number>> };

/** The journal of another device on its way to the office. */
export type Carried = {
  readonly device: string;
  readonly seq: number;
  /** Those that the office has not answered for yet. */
  readonly batches: readonly Bytes[];
  readonly taken: number;
  readonly known: number;
  readonly conflicts: number;
  readonly bad: number;
};

export type State = {
  identity: Identity;
  core: Core;
  rounds: readonly Round[];
  operators: readonly Operator[];
  choices: Choices;
  /** Rounds that stand still, and why. */
  paused: readonly (readonly [string, string])[];
  /** When the leases were last fetched in full, by the server's time. */
  fetched_at: number;
  /** How many devices a restored server still waits for. */
  missing: number;
  /** The server's log is shorter than what this device has seen of it: how long it was, and is. */
  behind: readonly [number, number] | null;
  takers: Takers;
  reports: readonly Report[];
  carried: readonly Carried[];
  /** Whose package is to be brought home, by the office's list. */
  home: readonly string[];
  /** The reply with the largest log that this device knows, as signed, and whether the server has shown less since. */
  newest_reply: { readonly signed: string; readonly server_behind: boolean };
};

const STORES = ["state", "rows", "journal", "tried"] as const;
export type StoreName = (typeof STORES)[number];

/** The browser would not store it: there is no room, or storage is closed to this page. */
export class StorageFailed extends Error {
  readonly isFull: boolean;

  constructor(cause: unknown) {
    super("the browser did not store it", { cause });
    this.isFull = cause instanceof DOMException && cause.name === "QuotaExceededError";
  }
}

function finished<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

/** A transaction under way. Nothing else may be awaited in it, or it ends by itself. */
export class Transaction {
  readonly #tx: IDBTransaction;

  constructor(tx: IDBTransaction) {
    this.#tx = tx;
  }

  async state<K extends keyof State>(key: K): Promise<State[K] | undefined> {
    return (await finished(this.#tx.objectStore("state").get(key))) as State[K] | undefined;
  }

  putState<K extends keyof State>(key: K, value: State[K]): void {
    this.#tx.objectStore("state").put(value, key);
  }

  async row(entitlement: string): Promise<Row | undefined> {
    return (await finished(this.#tx.objectStore("rows").get(entitlement))) as Row | undefined;
  }

  async rowOfCode(code: string): Promise<Row | undefined> {
    return (await finished(this.#tx.objectStore("rows").index("code").get(code))) as Row | undefined;
  }

  async rows(): Promise<Row[]> {
    return (await finished(this.#tx.objectStore("rows").getAll())) as Row[];
  }

  putRow(row: Row): void {
    this.#tx.objectStore("rows").put(row);
  }

  async entry(seq: number): Promise<Entry | undefined> {
    return (await finished(this.#tx.objectStore("journal").get(seq))) as Entry | undefined;
  }

  async journal(): Promise<Entry[]> {
    return (await finished(this.#tx.objectStore("journal").getAll())) as Entry[];
  }

  putEntry(entry: Entry): void {
    this.#tx.objectStore("journal").put(entry);
  }

  pruneEntries(upto: number): void {
    this.#tx.objectStore("journal").delete(IDBKeyRange.upperBound(upto));
  }

  async tried(): Promise<Tried[]> {
    return (await finished(this.#tx.objectStore("tried").getAll())) as Tried[];
  }

  putTried(tried: Tried): void {
    this.#tx.objectStore("tried").put(tried);
  }

  dropTried(id: string): void {
    this.#tx.objectStore("tried").delete(id);
  }

  abort(): void {
    this.#tx.abort();
  }
}

export class Database {
  readonly #db: IDBDatabase;

  private constructor(db: IDBDatabase) {
    this.#db = db;
    // Another tab with a newer program must be able to go on.
    db.onversionchange = () => db.close();
  }

  static async open(name = "salur"): Promise<Database> {
    try {
      const request = indexedDB.open(name, 1);
      request.onupgradeneeded = () => {
        const db = request.result;
        db.createObjectStore("state");
        db.createObjectStore("rows", { keyPath: "entitlement" }).createIndex("code", "code");
        db.createObjectStore("journal", { keyPath: "seq" });
        db.createObjectStore("tried", { keyPath: "id" });
      };
      return new Database(await finished(request));
    } catch (error) {
      throw new StorageFailed(error);
    }
  }

  async read<T>(look: (tx: Transaction) => Promise<T>): Promise<T> {
    return look(new Transaction(this.#db.transaction(STORES, "readonly")));
  }

  /** Does all of it durably or nothing. `change` may give up by answering `null` after `tx.abort()`. */
  async write<T>(change: (tx: Transaction) => Promise<T>): Promise<T> {
    const tx = this.#db.transaction(STORES, "readwrite", { durability: "strict" });
    let gaveUp = false;
    const inner = new Transaction(tx);
    const ended = new Promise<void>((resolve, reject) => {
      tx.oncomplete = () => resolve();
      tx.onabort = () => (gaveUp ? resolve() : reject(new StorageFailed(tx.error)));
    });
    // A failed write says so through the end of the transaction, which is awaited below.
    ended.catch(() => undefined);
    try {
      const abort = inner.abort.bind(inner);
      inner.abort = () => {
        gaveUp = true;
        abort();
      };
      const result = await change(inner);
      await ended;
      return result;
    } catch (error) {
      try {
        tx.abort();
      } catch {
        // It had ended by itself.
      }
      throw error instanceof DOMException ? new StorageFailed(error) : error;
    }
  }
}
