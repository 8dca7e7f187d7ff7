// The PIN of an operator. It opens the key to the names in the leases; the device keeps only what it wraps.

import type { Bytes } from "../signed/bytes.ts";
import { utf8 } from "../signed/bytes.ts";
import type { Operator, PinRules } from "./database.ts";

/** Some tenths of a second on a cheap phone. A PIN is short: what really guards it is the limit on wrong ones. */
const ROUNDS = 300_000;
const USUAL: PinRules = { signs: 6, tries: 5 };

/** What the office wants of a PIN, kept within what the server lets it choose. */
export function pinRules(wanted: PinRules | undefined): PinRules {
  const within = (value: unknown, least: number, most: number, usual: number): number =>
    Number.isInteger(value) ? Math.min(Math.max(value as number, least), most) : usual;
  return { signs: within(wanted?.signs, 6, 12, USUAL.signs), tries: within(wanted?.tries, 3, 10, USUAL.tries) };
}

/** Whether the PIN of this operator is locked after so many wrong ones. */
export function isLocked(operator: Operator): boolean {
  return operator.wrong >= pinRules(operator.pin).tries;
}

async function keyOf(pin: string, salt: Bytes, rounds: number): Promise<CryptoKey> {
  const material = await crypto.subtle.importKey("raw", utf8(pin), "PBKDF2", false, ["deriveKey"]);
  const how = { name: "PBKDF2", hash: "SHA-256", salt, iterations: rounds };
  return crypto.subtle.deriveKey(how, material, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

export function isPin(text: string, signs: number): boolean {
  return text.length === signs && /^[0-9]*$/.test(text);
}

/** Whether a PIN is one of those that are tried first: a straight line, two or three signs over and over, pairs, or
 * a day. */
export function isWeak(pin: string): boolean {
  const steps = new Set([...pin].slice(1).map((sign, at) => Number(sign) - Number(pin.charAt(at))));
  const isLine = steps.size === 1 && [-1, 0, 1].includes([...steps][0] ?? 9);
  const repeats = /^(.{2,6})\1+$|^(?:(.)\2)+$/.test(pin) || new Set(pin).size < 3;
  return isLine || repeats || isDay(pin);
}

/** Whether six signs, or eight with the century, can be read as a day: day, month, year in this order or in the other. */
function isDay(pin: string): boolean {
  if (/^\d{4}(19|20)\d\d$/.test(pin)) return isDay(pin.slice(0, 4) + pin.slice(6));
  if (/^(19|20)\d{6}$/.test(pin)) return isDay(pin.slice(2));
  if (pin.length !== 6) return false;
  const [first, middle, last] = [0, 2, 4].map((at) => Number(pin.slice(at, at + 2))) as [number, number, number];
  const isDayOfMonth = (day: number): boolean => day >= 1 && day <= 31;
  return middle >= 1 && middle <= 12 && (isDayOfMonth(first) || isDayOfMonth(last));
}

/** Puts the key to the names under the PIN. */
export async function wrap(
  who: { user: string; name: string; username: string },
  pin: string,
  namesKey: Bytes,
  rules: PinRules,
): Promise<Operator> {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const nonce = crypto.getRandomValues(new Uint8Array(12));
  const key = await keyOf(pin, salt, ROUNDS);
  const sealed = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce }, key, namesKey));
  const wrapped = new Uint8Array(nonce.length + sealed.length);
  wrapped.set(nonce);
  wrapped.set(sealed, nonce.length);
  return { ...who, salt, rounds: ROUNDS, wrapped, wrong: 0, pin: rules };
}

/** The key to the names, or null when the PIN is wrong. */
export async function unwrap(operator: Operator, pin: string): Promise<Bytes | null> {
  const key = await keyOf(pin, operator.salt, operator.rounds);
  try {
    const iv = operator.wrapped.slice(0, 12);
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, operator.wrapped.slice(12)));
  } catch {
    return null;
  }
}
