// Deterministic CBOR (RFC 8949, section 4.2.1), as the server writes it: one value, one encoding.
//
// The writer knows the few shapes that are signed here. The reader takes definite lengths and shortest heads
// alone; whoever reads a body writes it again and compares all bytes.

import { type Bytes, same } from "./bytes.ts";

/** What was read: numbers are `bigint` beyond what a double holds exactly. */
export type Value =
  | number
  | bigint
  | boolean
  | null
  | string
  | Bytes
  | readonly Value[]
  | ReadonlyMap<Value, Value>
  | { readonly tag: number; readonly of: Value };

export class Writer {
  #bytes: number[] = [];

  finish(): Bytes {
    return Uint8Array.from(this.#bytes);
  }

  #head(major: number, number: number | bigint): this {
    const lead = major << 5;
    const n = BigInt(number);
    const push = (info: number, length: number): void => {
      this.#bytes.push(lead | info);
      for (let at = length - 1; at >= 0; at -= 1) this.#bytes.push(Number((n >> BigInt(8 * at)) & 0xffn));
    };
    if (n < 24n) this.#bytes.push(lead | Number(n));
    else if (n <= 0xffn) push(24, 1);
    else if (n <= 0xffffn) push(25, 2);
    else if (n <= 0xffff_ffffn) push(26, 4);
    else push(27, 8);
    return this;
  }

  int(number: number | bigint): this {
    const n = BigInt(number);
    return n < 0n ? this.#head(1, -1n - n) : this.#head(0, n);
  }

  bytes(bytes: Uint8Array): this {
    this.#head(2, bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  text(text: string): this {
    const bytes = new TextEncoder().encode(text);
    this.#head(3, bytes.length);
    for (const byte of bytes) this.#bytes.push(byte);
    return this;
  }

  array(length: number): this {
    return this.#head(4, length);
  }

  map(pairs: number): this {
    return this.#head(5, pairs);
  }

  tag(tag: number): this {
    return this.#head(6, tag);
  }

  boolean(is: boolean): this {
    return this.#head(7, is ? 21 : 20);
  }
}

/** Deeper than anything that is signed here. */
const DEPTH_MAX = 12;

class Reader {
  #at = 0;
  readonly #bytes: Bytes;

  constructor(bytes: Bytes) {
    this.#bytes = bytes;
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length;
  }

  #take(length: number): Bytes {
    if (length > this.#bytes.length - this.#at) throw new Error("cut short");
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  #number(info: number): number | bigint {
    if (info < 24) return info;
    if (info > 27) throw new Error("no length");
    let number = 0n;
    const length = 1 << (info - 24);
    for (const byte of this.#take(length)) number = (number << 8n) | BigInt(byte);
    const least = info === 24 ? 24n : 1n << BigInt(8 * (length / 2));
    if (number < least) throw new Error("not the shortest form");
    return number <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(number) : number;
  }

  value(depth: number): Value {
    if (depth > DEPTH_MAX) throw new Error("too deep");
    const first = this.#take(1)[0] ?? 0;
    const [major, info] = [first >> 5, first & 31];
    if (major === 7) {
      if (info === 20 || info === 21) return info === 21;
      if (info === 22) return null;
      throw new Error("nothing that is written here");
    }
    const number = this.#number(info);
    if (major === 0) return number;
    if (major === 1) {
      const negative = -1n - BigInt(number);
      return negative >= BigInt(Number.MIN_SAFE_INTEGER) ? Number(negative) : negative;
    }
    if (typeof number === "bigint") throw new Error("longer than any file");
    if (major === 2) return this.#take(number);
    // A byte order mark is a sign of the text like any other.
    if (major === 3) return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(this.#take(number));
    if (major === 4) {
      const list: Value[] = [];
      for (let at = 0; at < number; at += 1) list.push(this.value(depth + 1));
      return list;
    }
    if (major === 5) {
      const map = new Map<Value, Value>();
      for (let at = 0; at < number; at += 1) {
        const key = this.value(depth + 1);
        map.set(key, this.value(depth + 1));
      }
      if (map.size !== number) throw new Error("a key twice");
      return map;
    }
    return { tag: number, of: this.value(depth + 1) };
  }
}

/** Reads one value that fills all bytes; null when there is none. */
export function read(bytes: Bytes): Value | null {
  try {
    const reader = new Reader(bytes);
    const value = reader.value(0);
    return reader.atEnd ? value : null;
  } catch {
    return null;
  }
}

/** Thrown where a value is not of the shape that was expected; it never leaves a `body`. */
class NotThatShape extends Error {}

function shape(fits: boolean): asserts fits {
  if (!fits) throw new NotThatShape();
}

/** Looks at a value as what it should be. Every look throws when it is not; {@link body} catches that. */
export const as = {
  uint(value: Value | undefined, most = Number.MAX_SAFE_INTEGER): number {
    shape(typeof value === "number" && value >= 0 && value <= most);
    return value;
  },
  u32: (value: Value | undefined): number => as.uint(value, 0xffff_ffff),
  int(value: Value | undefined): number | bigint {
    shape(typeof value === "number" || typeof value === "bigint");
    return value;
  },
  safe(value: Value | undefined): number {
    shape(typeof value === "number");
    return value;
  },
  bytes(value: Value | undefined, length?: number): Bytes {
    shape(value instanceof Uint8Array && (length === undefined || value.length === length));
    return value;
  },
  text(value: Value | undefined): string {
    shape(typeof value === "string");
    return value;
  },
  boolean(value: Value | undefined): boolean {
    shape(typeof value === "boolean");
    return value;
  },
  list(value: Value | undefined, length?: number): readonly Value[] {
    shape(Array.isArray(value) && (length === undefined || value.length === length));
    return value as readonly Value[];
  },
  map(value: Value | undefined): ReadonlyMap<Value, Value> {
    shape(value instanceof Map);
    return value;
  },
  tagged(value: Value | null, tag: number): Value {
    shape(typeof value === "object" && value !== null && "tag" in value && value.tag === tag);
    return value.of;
  },
};

/** A body in its one encoding, or null: what was understood is written again and must give the same bytes. */
export function body<T>(bytes: Bytes, understand: (value: Value) => T, write: (body: T) => Bytes): T | null {
  const value = read(bytes);
  if (value === null) return null;
  try {
    const understood = understand(value);
    return same(write(understood), bytes) ? understood : null;
  } catch (error) {
    if (error instanceof NotThatShape || error instanceof RangeError) return null;
    throw error;
  }
}
