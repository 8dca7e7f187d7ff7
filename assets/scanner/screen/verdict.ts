// The one big verdict: colour, sign, word, one instruction. The sound and the shaking go with it.

import type { Seen } from "../device/device.ts";
import { h } from "./dom.ts";
import { moment, ofList, say } from "./words.ts";

/** The look of a verdict: never the colour alone. */
export type Look = "go" | "done" | "stop" | "ask" | "other";

const LOOKS: Readonly<Record<string, Look>> = {
  valid: "go",
  green: "done",
  already_redeemed: "stop",
  superseded: "stop",
  revoked: "stop",
  unknown: "stop",
  forged: "stop",
  foreign: "other",
  malformed: "other",
  not_ready: "other",
  ready: "other",
  checking: "other",
};

export function lookOf(verdict: string): Look {
  return LOOKS[verdict] ?? "ask";
}

const SIGNS: Readonly<Record<Look, string>> = { go: "✓", done: "✓✓", stop: "✕", ask: "!", other: "?" };

/** The line below the word: what happened and what to do, as exactly as it is known. */
export function instruction(seen: Seen, zone: string): string {
  const { verdict, why, office, row } = seen;
  if (verdict === "already_redeemed") {
    if (row?.handed) {
      const who = say(`desk-who-${row.handed.kind}`);
      return say("scanner-first-here", { when: moment(row.handed.at, zone), who });
    }
    if (office?.first) {
      const { redeemed_at, point, collector_kind } = office.first;
      const when = moment(Date.parse(redeemed_at), zone);
      return say("scanner-first-office", { when, point, who: say(`desk-who-${collector_kind}`) });
    }
  }
  const print = office?.print ?? row?.print ?? null;
  if (verdict === "superseded" && print !== null) return say("scanner-superseded", { print });
  if (verdict === "wrong_point") {
    if (office?.right_point) {
      const { code, name } = office.right_point;
      return say("desk-right-point", { point: `${code} ${name}`.trim() });
    }
    if (seen.printedFor !== null) return say("scanner-printed-for", { number: seen.printedFor });
  }
  if (verdict === "not_yet_valid" && row !== null) return say("scanner-begins", { when: moment(row.begins_at, zone) });
  if (verdict === "expired" && row !== null) return say("scanner-ended", { when: moment(row.ends_at, zone) });
  if (verdict === "foreign" && why === "elsewhere") return say("scanner-elsewhere");
  if (verdict === "malformed" && (why === "slip" || why === "not_a_code")) return say("scanner-typed-slip");
  if (verdict === "not_ready") return notReady(seen);
  if (office?.reason) return `${say("desk-reason", { reason: office.reason })}. ${ofList("verdict-do", verdict)}`;
  return ofList("verdict-do", verdict);
}

function notReady({ why, row, stopped }: Seen): string {
  // A device that was stopped gets no rights either: asking for them again would help nobody.
  if (stopped !== null) return say(`scanner-bar-stopped-${stopped}-do`);
  if (why === "brake_packages" || why === "brake_hours") return say(`scanner-why-${why.replace("_", "-")}`);
  if (row?.lease.is === "closed") return say("scanner-why-closed");
  return say("scanner-why-no-lease");
}

export type VerdictBox = {
  readonly element: HTMLElement;
  show(verdict: string, word: string, line: string, number?: string): void;
};

export function verdictBox(): VerdictBox {
  const sign = h("span", { class: "sign", "aria-hidden": "true" });
  const word = h("h1", { class: "word", id: "verdict-word" });
  const line = h("p", { class: "line", id: "verdict-line" });
  const number = h("p", { class: "number", id: "receipt-number", hidden: true });
  const element = h("section", { id: "verdict", class: "verdict", "aria-live": "assertive", "aria-atomic": "true" }, sign, word, line, number);
  return {
    element,
    show(verdict, words, todo, receipt) {
      const look = lookOf(verdict);
      element.dataset["verdict"] = verdict;
      element.dataset["look"] = look;
      sign.textContent = verdict === "ready" ? "" : SIGNS[look];
      word.textContent = words;
      line.textContent = todo;
      number.textContent = receipt ?? "";
      number.hidden = receipt === undefined;
    },
  };
}
