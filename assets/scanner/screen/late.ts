// Late entry (entri susulan): what was served on paper while no device worked, entered afterwards by two persons.
// The second one shows the own PIN; the receipt is marked, and says when it happened by the paper.

import type { Operator } from "../keep/database.ts";
import type { Counter, Extra } from "./counter.ts";
import { complaint, field, h } from "./dom.ts";
import { say } from "./words.ts";

/** The mark on the receipt, and whose the second PIN was. */
const flags = (witness: Operator): readonly string[] => ["late_entry", `witness:${witness.user}`];

/** The real counter, with the time that stands on the paper and the second person on the receipt. */
export function lateCounter(counter: Counter, witness: Operator): Counter {
  return { ...counter, extra: () => timeBox(witness) };
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
