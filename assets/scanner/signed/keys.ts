// Ed25519 keys: the browser's own where it has them, else a small library whose private half this program sees.

import * as noble from "@noble/ed25519";
import { type Bytes, base64url, hex, unbase64 } from "./bytes.ts";

/** How well a device's key is kept: by the browser, which never gives it out, or by this program. */
export type Tier = "browser" | "program";

/** A public key of the ring that checks. */
export type Verifier = { readonly kid: Bytes; readonly verify: (message: Bytes, signature: Bytes) => Promise<boolean> };

/** Those that may have signed: by the hexadecimal of their id. */
export type Ring = ReadonlyMap<string, Verifier>;

/** A device's own key, in a form that the database of the browser can hold. */
export type DeviceKey = { readonly tier: Tier; readonly public: Bytes; readonly secret: CryptoKey | Bytes };

export async function sha256(bytes: Uint8Array): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Bytes));
}

/** The short name of a key: the first four bytes of the SHA-256 of its public half. */
export async function kidOf(key: Uint8Array): Promise<Bytes> {
  return (await sha256(key)).slice(0, 4);
}

let able: Promise<boolean> | undefined;

/** Whether the browser knows Ed25519 and can keep such a key to itself. */
function browserKnowsIt(): Promise<boolean> {
  able ??= (async () => {
    try {
      const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair;
      return pair.privateKey.type === "private";
    } catch {
      return false;
    }
  })();
  return able;
}

export async function verifier(key: Bytes): Promise<Verifier> {
  const kid = await kidOf(key);
  if (await browserKnowsIt()) {
    const known = await crypto.subtle.importKey("raw", key, { name: "Ed25519" }, true, ["verify"]);
    const verify = (message: Bytes, signature: Bytes): Promise<boolean> =>
      crypto.subtle.verify({ name: "Ed25519" }, known, signature, message);
    return { kid, verify };
  }
  return { kid, verify: (message, signature) => strictly(message, signature, key) };
}

/** The library's check under the strict rules: no second form of a signature, no key or point of small order. */
export async function strictly(message: Bytes, signature: Bytes, key: Bytes): Promise<boolean> {
  try {
    return await noble.verifyAsync(signature, message, key, { zip215: false });
  } catch {
    return false;
  }
}

export async function ringOf(keys: readonly Bytes[]): Promise<Ring> {
  const known = await Promise.all(keys.map(verifier));
  return new Map(known.map((one) => [hex(one.kid), one]));
}

/** The keys of a published key document (RFC 8037); what is no Ed25519 key in it is left out. */
export function keysOfJwks(document: unknown): Bytes[] {
  const keys = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(keys)) return [];
  const found: Bytes[] = [];
  for (const key of keys as { kty?: unknown; crv?: unknown; x?: unknown }[]) {
    const x = key.kty === "OKP" && key.crv === "Ed25519" && typeof key.x === "string" ? unbase64(key.x) : null;
    if (x?.length === 32) found.push(x);
  }
  return found;
}

/** Draws a device's key. */
export async function drawKey(): Promise<DeviceKey> {
  if (await browserKnowsIt()) {
    const pair = (await crypto.subtle.generateKey({ name: "Ed25519" }, false, ["sign", "verify"])) as CryptoKeyPair;
    const raw = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
    return { tier: "browser", public: raw, secret: pair.privateKey };
  }
  return keyOfSeed(crypto.getRandomValues(new Uint8Array(32)));
}

/** A key that this program holds: the fallback, and the tests' own. */
export async function keyOfSeed(seed: Bytes): Promise<DeviceKey> {
  return { tier: "program", public: (await noble.getPublicKeyAsync(seed)) as Bytes, secret: seed };
}

export async function sign(key: DeviceKey, message: Bytes): Promise<Bytes> {
  if (key.secret instanceof Uint8Array) return (await noble.signAsync(message, key.secret)) as Bytes;
  return new Uint8Array(await crypto.subtle.sign({ name: "Ed25519" }, key.secret, message));
}

/** The `kid` as people and the key document write it. */
export function kidText(kid: Uint8Array): string {
  return base64url(kid);
}
