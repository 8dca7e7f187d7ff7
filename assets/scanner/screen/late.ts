// Late entry (entri susulan): what was served on paper while no device worked, entered afterwards by two persons.
// The second one shows the own PIN; the receipt is marked, and says when it happened by the paper. The goods are gone
// already, so no word on these screens may read as if they were still to be handed over.

import { canonical } from "../../desk/code.ts";
import type { Seen } from "../device/device.ts";
import type { Operator } from "../keep/database.ts";
import { readTyped } from "../signed/typed_code.ts";
import { type Counter, DESK, type Extra, type Texts } from "./counter.ts";
import { complaint, field, h } from "./dom.ts";
import type { Occasion } from "./incident.ts";
import { say } from "./words.ts";

const LATE: Texts = {
  ...DESK,
  ready_do: "scanner-late-ready-do",
  search: "scanner-search-title",
  valid: "scanner-late-valid",
  valid_do: "scanner-late-valid-do",
  id_seen: "scanner-late-id-seen",
  paper_seen: "scanner-late-paper-seen",
  hand_over: "scanner-late-button",
  green: "scanner-late-green",
  green_do: "scanner-late-green-do",
  confirm: "scanner-late-confirm",
};

/** The right is not here, so nothing here may use it up: what the paper says becomes a case for the office. */
const NOT_HERE: readonly string[] = ["leased_elsewhere", "unresolved", "not_ready", "wrong_point", "expired"];

/** The mark on the receipt, and whose the second PIN was. */
const flags = (witness: Operator): readonly string[] => ["late_entry", `witness:${witness.user}`];

/** The real counter, with the time that stands on the paper and the second person on the receipt. */
export function lateCounter(counter: Counter, witness: Operator, note: (occasion: Occasion) => void): Counter {
  let typed = "";
  return {
    ...counter,
    texts: LATE,
    extra: () => timeBox(witness),
    see(code) {
      typed = "code" in readTyped(code) ? code : "";
      return counter.see(code);
    },
    line(seen) {
      // Which point it belongs to is worth knowing in either case.
      if (seen.verdict !== "wrong_point" && NOT_HERE.includes(seen.verdict)) return say("scanner-late-not-here");
      return seen.verdict === "already_redeemed" ? say("scanner-late-already") : counter.line(seen);
    },
    occasion(seen) {
      const kind = occasionOf(seen);
      if (kind === null) return counter.occasion(seen);
      const { entitlement } = seen;
      const code = canonical(typed || seen.row?.code || "");
      const text = code === "" ? say("scanner-late-note-plain") : say("scanner-late-note-text", { code });
      return { words: say("scanner-late-note"), run: () => note({ kind, entitlement, text, witness }) };
    },
  };
}

function occasionOf({ verdict }: Seen): Occasion["kind"] | null {
  if (verdict === "already_redeemed") return "dispute";
  return NOT_HERE.includes(verdict) ? "other" : null;
}

function timeBox(witness: Operator): Extra {
  const wrong = complaint();
  const now = new Date(Date.now() - new Date().getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
  const input = h("input", { type: "datetime-local", id: "happened-at", max: now, required: true });
  const element = h(
    "div",
    {},
    h("p", { class: "notice" }, say("scanner-late-mark", { name: witness.name })),
    field(say("scanner-late-time"), input),
    wrong.element,
  );
  return {
    element,
    read() {
      const at = Date.parse(input.value);
      if (Number.isNaN(at) || at > Date.now()) {
        wrong.say(say("scanner-late-need-time"), input);
        return null;
      }
      return { flags: flags(witness), happened_at: at };
    },
  };
}
