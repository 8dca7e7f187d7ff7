// Tells a keyboard-wedge scanner from a person at the keyboard.
//
// A scanner is a very fast typist that ends with Enter, Tab or nothing. It types for a US keyboard
// whatever the computer's layout is, so two readings are kept: the signs that arrived, and the signs
// that stand at those key positions on a US keyboard. Time is handed in, so tests need no clock.

import { parseCode } from "./code.ts";

/** A key press, as much as matters. */
export type Press = { key: string; code: string; shift: boolean; at: number };

/** Both readings of a finished scan. */
export type Scan = { byKey: string; byCode: string };

/** A pause this long ends a scan. Shorter ones split scans when the computer is busy. */
export const IDLE_MS = 400;

/** Scanners send a sign every 7 to 30 ms; people need over 100. */
const FAST_MS = 50;

/** Nothing shorter is taken for a scan: a quick hand types three or four signs in a burst. */
const SHORTEST = 8;

/** A signed code of this length nobody types by hand: it is a scan however slow the scanner was set. */
const BEYOND_HANDS = 100;

/** Keys that give a sign on a US keyboard, without and with Shift. */
const US: Record<string, readonly [string, string]> = {
  Minus: ["-", "_"],
  Equal: ["=", "+"],
  BracketLeft: ["[", "{"],
  BracketRight: ["]", "}"],
  Backslash: ["\\", "|"],
  Semicolon: [";", ":"],
  Quote: ["'", '"'],
  Backquote: ["`", "~"],
  Comma: [",", "<"],
  Period: [".", ">"],
  Slash: ["/", "?"],
  Space: [" ", " "],
  NumpadDivide: ["/", "/"],
  NumpadMultiply: ["*", "*"],
  NumpadSubtract: ["-", "-"],
  NumpadAdd: ["+", "+"],
  NumpadDecimal: [".", "."],
};

const SHIFTED_DIGITS = ")!@#$%^&*(";

/** The sign at this key position of a US keyboard; empty when there is none. */
export function signAt(code: string, shift: boolean): string {
  const letter = /^Key([A-Z])$/.exec(code)?.[1];
  if (letter !== undefined) return shift ? letter : letter.toLowerCase();
  const digit = /^Digit([0-9])$/.exec(code)?.[1];
  if (digit !== undefined) return shift ? SHIFTED_DIGITS.charAt(Number(digit)) : digit;
  const pad = /^Numpad([0-9])$/.exec(code)?.[1];
  if (pad !== undefined) return pad;
  return US[code]?.[shift ? 1 : 0] ?? "";
}

export class Wedge {
  #byKey = "";
  #byCode = "";
  #gaps: number[] = [];
  #last: number | null = null;

  /** How many signs are in the burst so far. */
  get length(): number {
    return this.#gaps.length + (this.#last === null ? 0 : 1);
  }

  /** Takes a key press. A scan comes back when this press ends one. */
  press(press: Press): Scan | null {
    if (this.#last !== null && press.at - this.#last >= IDLE_MS) this.clear();
    if (press.key === "Enter" || press.key === "Tab") return this.finish();
    // Shift, Caps Lock and their like: part of no text and no reason to begin anew.
    if ([...press.key].length !== 1) return null;
    if (this.#last !== null) this.#gaps.push(press.at - this.#last);
    this.#last = press.at;
    this.#byKey += press.key;
    this.#byCode += signAt(press.code, press.shift);
    return null;
  }

  /** Ends the burst: a scan if it was one, and in any case a fresh start. */
  finish(): Scan | null {
    const scan = this.#looksScanned() ? { byKey: this.#byKey, byCode: this.#byCode } : null;
    this.clear();
    return scan;
  }

  clear(): void {
    this.#byKey = "";
    this.#byCode = "";
    this.#gaps = [];
    this.#last = null;
  }

  #looksScanned(): boolean {
    if (this.length < SHORTEST) return false;
    if (this.length >= BEYOND_HANDS && [this.#byKey, this.#byCode].some((text) => parseCode(text)?.kind === "signed")) return true;
    // The median, because one long gap is a busy computer and not a person.
    const sorted = [...this.#gaps].sort((a, b) => a - b);
    return (sorted[Math.floor(sorted.length / 2)] ?? Infinity) <= FAST_MS;
  }
}
