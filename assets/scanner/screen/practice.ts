// Practice: the same screen over vouchers that exist nowhere. Nothing here touches the device's rows, its key or
// the server, and a practice text is no voucher to any reader: it can never count.

import type { Seen } from "../device/device.ts";
import type { Entry, Round, Row } from "../keep/database.ts";
import type { Verdict } from "../lease/scan.ts";
import { NO_RECEIPT } from "../signed/receipt.ts";
import { type Counter, DESK } from "./counter.ts";
import { h } from "./dom.ts";
import { ofList, say } from "./words.ts";

export const PRACTICE = "LATIHAN:";

type Lesson = { readonly code: string; readonly verdict: Verdict; readonly name: string };

const LESSONS: readonly Lesson[] = [
  { code: `${PRACTICE}1`, verdict: "valid", name: "CONTOH SATU" },
  { code: `${PRACTICE}2`, verdict: "valid", name: "CONTOH DUA" },
  { code: `${PRACTICE}3`, verdict: "already_redeemed", name: "CONTOH TIGA" },
  { code: `${PRACTICE}4`, verdict: "wrong_point", name: "" },
  { code: `${PRACTICE}5`, verdict: "revoked", name: "CONTOH LIMA" },
  { code: `${PRACTICE}6`, verdict: "superseded", name: "CONTOH ENAM" },
  { code: `${PRACTICE}7`, verdict: "forged", name: "" },
  { code: `${PRACTICE}8`, verdict: "foreign", name: "" },
  { code: `${PRACTICE}9`, verdict: "not_ready", name: "" },
];

function round(): Round {
  const item = (code: string, name: string, quantity: number, unit: string, pack_name: string, pack_size: number) => ({
    code, name, unit, quantity, pack_name, pack_size, pack_price_minor: 0,
  });
  return {
    id: "practice",
    number: 0,
    name: say("scanner-practice"),
    value_minor: 0,
    currency: "IDR",
    items: [item("beras", "Beras", 15_000, "gram", "kg", 1_000), item("telur", "Telur", 60, "piece", "piring", 30)],
    opens_at: "",
    closes_at: "",
    paused: null,
  };
}

export function practiceCounter(zone: string): Counter {
  const done = new Map<string, number>();
  let seq = 0;
  /** The last text was no practice voucher: a real one, perhaps. */
  let strange = false;

  function judge(code: string, now: number): Seen {
    const lesson = LESSONS.find((one) => one.code === code.toUpperCase());
    strange = lesson === undefined;
    const nothing = { why: null, row: null, person: null, printedFor: null, print: 1, office: null, entitlement: null, stopped: null };
    if (lesson === undefined) return { ...nothing, verdict: "foreign", round: null };
    const at = done.get(lesson.code);
    const verdict = at !== undefined ? "already_redeemed" : lesson.verdict;
    const handed = { at: at ?? now - 3_600_000, kind: "self", operator: "", seq: 1 };
    const row: Row = {
      hwm: [1, 1],
      lease: { is: "open", fence: [1, 1] },
      ends_at: now + 86_400_000,
      held: false,
      entitlement: lesson.code,
      round: "practice",
      begins_at: 0,
      print: lesson.verdict === "superseded" ? 2 : 1,
      code: "",
      sealed: new Uint8Array(),
      returned: false,
      untold_hold: false,
      handed: verdict === "already_redeemed" ? handed : null,
    };
    const person = { name: lesson.name, rt: "014", nik_tail: "0001", born: 1961 };
    return lesson.name === ""
      ? { ...nothing, verdict, round: null }
      : { ...nothing, verdict, row, person, round: round(), entitlement: lesson.code };
  }

  return {
    zone,
    extra: () => null,
    see: async (code) => judge(code, Date.now()),
    again: async (code) => judge(code, Date.now()),
    async handOut(wish) {
      done.set(wish.entitlement, wish.wall);
      seq += 1;
      const body = { seq } as Entry["body"];
      return { is: "green", entry: { seq, signed: new Uint8Array(), hash: NO_RECEIPT, body, detail: null, answer: null, confirmed: false } };
    },
    confirm: async () => undefined,
    tried: async () => undefined,
    line: () => (strange ? say("scanner-practice-real") : null),
    often: async () => 0,
    number: (number) => `LATIHAN-${number}`,
    async served(place) {
      const press = (code: string) => () => {
        const box = document.getElementById("scan");
        if (!(box instanceof HTMLInputElement)) return;
        box.value = code;
        box.form?.requestSubmit();
      };
      place.replaceChildren(
        h("h2", {}, say("scanner-practice")),
        h("p", {}, say("scanner-practice-do")),
        h("p", {}, h("a", { href: "/practice", target: "_blank", rel: "noopener" }, say("scanner-practice-sheet"))),
        h(
          "div",
          { class: "stack", id: "lessons" },
          ...LESSONS.map((one, at) =>
            h(
              "button",
              { type: "button", class: "wide", onclick: press(one.code) },
              say("scanner-practice-voucher", { what: `${at + 1} – ${ofList("verdict", one.verdict).toLocaleLowerCase("id")}` }),
            ),
          ),
        ),
      );
    },
    search: null,
    texts: DESK,
    occasion: () => null,
    changed: async () => undefined,
  };
}
