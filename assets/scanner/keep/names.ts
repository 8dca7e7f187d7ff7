// What a desk may see of a household, out of the sealed part of a lease.

import { type Bytes, concat, uuidBytes } from "../signed/bytes.ts";
import { as, read } from "../signed/cbor.ts";

/** Name (as far as the policy shows it), RT, the last four of the NIK, year of birth. */
export type Person = { readonly name: string; readonly rt: string; readonly nik_tail: string; readonly born: number };

/** Opens the sealed parts of one device's leases. */
export class Names {
  readonly #key: CryptoKey;
  readonly #device: string;
  readonly #known = new Map<string, Person | null>();

  private constructor(key: CryptoKey, device: string) {
    this.#key = key;
    this.#device = device;
  }

  static async with(key: Bytes, device: string): Promise<Names> {
    return new Names(await crypto.subtle.importKey("raw", key, "AES-GCM", false, ["decrypt"]), device);
  }

  /** The person of a lease, or null when the key does not fit. */
  async open(entitlement: string, sealed: Bytes): Promise<Person | null> {
    const known = this.#known.get(entitlement);
    if (known !== undefined) return known;
    const person = await this.#open(entitlement, sealed);
    this.#known.set(entitlement, person);
    return person;
  }

  async #open(entitlement: string, sealed: Bytes): Promise<Person | null> {
    try {
      const additionalData = concat(uuidBytes(this.#device), uuidBytes(entitlement));
      const how = { name: "AES-GCM", iv: sealed.slice(0, 12), additionalData };
      const value = read(new Uint8Array(await crypto.subtle.decrypt(how, this.#key, sealed.slice(12))));
      const [name, rt, tail, born] = as.list(value ?? undefined, 4);
      return { name: as.text(name), rt: as.text(rt), nik_tail: as.text(tail), born: as.uint(born) };
    } catch {
      return null;
    }
  }
}
