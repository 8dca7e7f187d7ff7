// What a scanner or a person can put in, before anyone asks the server.
//
// This only sorts texts by their shape and writes them one way. Whether a voucher is good, the server
// says; a text of no known shape is still sent, because "not a voucher of this programme" is an answer.

/** The signs of a typed code (Crockford's alphabet: no I, L, O, U). */
const TYPED = /^[0-9A-HJKMNP-TV-Z]{10}$/;

/** The text of a QR: either prefix, then Base32 without padding. */
const SIGNED = /^(?:HTTPS?:\/\/[A-Z0-9.-]+(?::[0-9]+)?\/V\/|SALUR:)[A-Z2-7]+$/;

/** The longest text that any reader accepts. */
export const LONGEST = 512;

export type Code = { kind: "signed" | "typed"; text: string };

/** The text as a voucher's code in its one spelling, or null when it has the shape of neither kind. */
export function parseCode(text: string): Code | null {
  if (text.length > LONGEST) return null;
  const upper = text.trim().toUpperCase();
  if (SIGNED.test(upper)) return { kind: "signed", text: upper };
  // Only here do O and I stand for 0 and 1: in Base32 they are signs of their own.
  const signs = upper.replace(/[\s-]/g, "").replace(/O/g, "0").replace(/[IL]/g, "1");
  if (TYPED.test(signs)) {
    return { kind: "typed", text: `${signs.slice(0, 4)}-${signs.slice(4, 8)}-${signs.slice(8)}` };
  }
  return null;
}

/** The text that is sent and compared: the one spelling of a code, or what was put in, trimmed and cut. */
export function canonical(text: string): string {
  return parseCode(text)?.text ?? text.trim().slice(0, LONGEST);
}

/** Of several readings of one scan, the first that is a code; the first at all when none is. */
export function firstCode(readings: readonly string[]): string {
  return readings.find((reading) => parseCode(reading) !== null) ?? readings[0] ?? "";
}

/** A code short enough for the list of recent scans, and of no use to whoever reads it there. */
export function shortened(text: string): string {
  const code = parseCode(text);
  if (code?.kind === "typed") return `${code.text.slice(0, 4)}…`;
  return `…${text.slice(-4)}`;
}
