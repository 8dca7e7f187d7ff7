// Late entry (entri susulan): what was served on paper while no device worked, entered afterwards by two persons.
// The second one shows the own PIN; the receipt is marked, and says when it happened by the paper.

import type { Device } from "../device/device.ts";
import { countWrong } from "../device/enrol.ts";
import type { Operator } from "../keep/database.ts";
import { PIN_SIGNS, WRONG_MAX, isPin, unwrap } from "../keep/pin.ts";
import type { Counter, Extra } from "./counter.ts";
import { busy, complaint, field, h } from "./dom.ts";
import type { Screen } from "./shell.ts";
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

/** Asks for the second person. */
export function witnessScreen(device: Device, operators: readonly Operator[], go: (witness: Operator) => void, back: () => void): Screen {
  const others = operators.filter((one) => one.user !== device.operator?.user && one.wrong < WRONG_MAX);
  const who = h("select", { id: "witness" }, ...others.map((one) => h("option", { value: one.user }, one.name)));
  const pin = h("input", { id: "witness-pin", class: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: PIN_SIGNS });
  const wrong = complaint();
  const button = h("button", { class: "primary wide", id: "witness-go" }, say("scanner-go-on"));
  const check = (): Promise<void> =>
    busy(button, async () => {
      const witness = (await device.state("operators"))?.find((one) => one.user === who.value);
      if (witness === undefined || witness.wrong >= WRONG_MAX) return wrong.say(say("scanner-pin-locked"));
      if (!isPin(pin.value)) return wrong.say(say("scanner-pin-shape"), pin);
      await countWrong(device.db, witness.user, witness.wrong + 1);
      const key = await unwrap(witness, pin.value);
      pin.value = "";
      if (key === null) return wrong.say(say("scanner-pin-wrong", { left: WRONG_MAX - witness.wrong - 1 }), pin);
      await countWrong(device.db, witness.user, 0);
      go(witness);
    });
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => (event.preventDefault(), void check()) },
    others.length === 0 ? h("p", { class: "notice" }, say("scanner-late-nobody")) : field(say("scanner-late-witness"), who),
    others.length === 0 ? null : field(say("scanner-pin"), pin),
    wrong.element,
    others.length === 0 ? null : button,
    h("button", { type: "button", class: "wide", id: "back", onclick: back }, say("scanner-back")),
  );
  return { element: h("section", { class: "begin" }, h("h1", {}, say("scanner-late")), h("p", {}, say("scanner-late-do")), form) };
}
