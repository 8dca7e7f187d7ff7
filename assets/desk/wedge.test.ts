import assert from "node:assert/strict";
import { test } from "node:test";
import { firstCode } from "./code.ts";
import { type Press, type Scan, signAt, Wedge } from "./wedge.ts";

const SHIFTED = new Map([[":", "Semicolon"], ["!", "Digit1"]]);
const PLAIN = new Map([["/", "Slash"], [".", "Period"], ["-", "Minus"]]);

/** The press a scanner set to a US keyboard makes for a sign, on a host whose layout `host` maps it. */
function presses(text: string, gap: number, start = 0, host: (sign: string) => string = (sign) => sign): Press[] {
  return [...text].map((sign, place) => {
    const at = start + place * gap;
    if (/[A-Z]/.test(sign)) return { key: host(sign), code: `Key${sign}`, shift: true, at };
    if (/[0-9]/.test(sign)) return { key: host(sign), code: `Digit${sign}`, shift: false, at };
    const shifted = SHIFTED.get(sign);
    return { key: host(sign), code: shifted ?? PLAIN.get(sign) ?? "", shift: shifted !== undefined, at };
  });
}

function feed(wedge: Wedge, list: Press[], end?: { key: string; at: number }): Scan[] {
  const all = end ? [...list, { key: end.key, code: end.key, shift: false, at: end.at }] : list;
  return all.map((press) => wedge.press(press)).filter((scan) => scan !== null);
}

const TEXT = "HTTPS://SALUR.EXAMPLE.ID/V/2KCEI2LBEQ7Q";

test("a fast burst that ends with Enter or Tab is one scan", () => {
  for (const key of ["Enter", "Tab"]) {
    for (const gap of [0, 5, 30]) {
      const scans = feed(new Wedge(), presses(TEXT, gap), { key, at: TEXT.length * gap });
      assert.deepEqual(scans, [{ byKey: TEXT, byCode: TEXT }]);
    }
  }
});

test("a burst without an end is a scan when the idle timer asks", () => {
  const wedge = new Wedge();
  assert.deepEqual(feed(wedge, presses(TEXT, 8)), []);
  assert.equal(wedge.finish()?.byKey, TEXT);
  assert.equal(wedge.finish(), null);
});

test("two scans back to back stay two", () => {
  const wedge = new Wedge();
  const first = feed(wedge, presses(TEXT, 5), { key: "Enter", at: 400 });
  const second = feed(wedge, presses("7KQ4-M2XP-9D", 5, 405), { key: "Enter", at: 500 });
  assert.equal(first[0]?.byKey, TEXT);
  assert.equal(second[0]?.byKey, "7KQ4-M2XP-9D");
});

test("one stutter of a busy computer does not break a scan", () => {
  const list = presses(TEXT, 8);
  for (const late of list.slice(20)) late.at += 350;
  const scans = feed(new Wedge(), list, { key: "Enter", at: (list.at(-1)?.at ?? 0) + 8 });
  assert.equal(scans[0]?.byKey, TEXT);
});

test("a slow scanner is known by what it types", () => {
  const long = `SALUR:${"2KCEI2LBEQ7Q".repeat(15)}`;
  const scans = feed(new Wedge(), presses(long, 100), { key: "Enter", at: long.length * 100 });
  assert.deepEqual(scans.map((scan) => scan.byCode), [long]);
  assert.deepEqual(feed(new Wedge(), presses("NOT A CODE ".repeat(12), 100), { key: "Enter", at: 14_000 }), []);
});

test("a person at the keyboard is no scanner", () => {
  assert.deepEqual(feed(new Wedge(), presses("7KQ4-M2XP-9D", 140), { key: "Enter", at: 2000 }), []);
  assert.deepEqual(feed(new Wedge(), presses("ABCDEFG", 5), { key: "Enter", at: 60 }), []);
});

test("signs from before a pause are not part of the scan", () => {
  const wedge = new Wedge();
  feed(wedge, presses("JUNK", 10));
  const scans = feed(wedge, presses("7KQ4-M2XP-9D", 8, 1000), { key: "Enter", at: 1100 });
  assert.equal(scans[0]?.byKey, "7KQ4-M2XP-9D");
});

test("Shift and Caps Lock are not signs", () => {
  const wedge = new Wedge();
  const list = presses(TEXT, 8).flatMap((press) => [{ ...press, key: "Shift", code: "ShiftLeft" }, press]);
  assert.equal(feed(wedge, list, { key: "Enter", at: 400 })[0]?.byKey, TEXT);
});

test("on a keyboard of another country the key positions give the text", () => {
  const azerty = new Map(Object.entries({ A: "Q", Q: "A", Z: "W", W: "Z", M: "?", ":": "M", "/": "!", "2": "é", "7": "è", ".": ":" }));
  const scans = feed(new Wedge(), presses(TEXT, 8, 0, (sign) => azerty.get(sign) ?? sign), { key: "Enter", at: 400 });
  const scan = scans[0];
  assert.ok(scan);
  assert.notEqual(scan.byKey, TEXT);
  assert.equal(firstCode([scan.byKey, scan.byCode]), TEXT);
});

test("every key that a voucher needs is known by its position", () => {
  assert.equal(signAt("Semicolon", true), ":");
  assert.equal(signAt("Slash", false), "/");
  assert.equal(signAt("Digit2", false), "2");
  assert.equal(signAt("Numpad7", false), "7");
  assert.equal(signAt("F1", false), "");
});
