// The second person: whoever must be there as well shows their own PIN on this device.

import type { Device } from "../device/device.ts";
import { countWrong } from "../device/enrol.ts";
import type { Operator } from "../keep/database.ts";
import { isLocked, isPin, pinRules, unwrap } from "../keep/pin.ts";
import { busy, complaint, field, h } from "./dom.ts";
import type { Screen } from "./shell.ts";
import { say } from "./words.ts";

/** What the screen for the second person says, and another way past it where there is one. */
export type Asking = { readonly title: string; readonly todo: string; readonly other?: { readonly words: string; run(): void } };

/** Asks for the second person, who shows the own PIN; `first` signs somebody in who has none here yet. */
export function witnessScreen(
  device: Device,
  operators: readonly Operator[],
  asking: Asking,
  go: (witness: Operator) => void,
  first: () => void,
  back: () => void,
): Screen {
  const others = operators.filter((one) => one.user !== device.operator?.user && !isLocked(one));
  const who = h("select", { id: "witness" }, ...others.map((one) => h("option", { value: one.user }, one.name)));
  const pin = h("input", { id: "witness-pin", class: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12 });
  const wrong = complaint();
  const button = h("button", { class: "primary wide", id: "witness-go" }, say("scanner-go-on"));
  const check = (): Promise<void> =>
    busy(button, async () => {
      const witness = (await device.state("operators"))?.find((one) => one.user === who.value);
      if (witness === undefined || isLocked(witness)) return wrong.say(say("scanner-pin-locked"));
      const { signs, tries } = pinRules(witness.pin);
      if (!isPin(pin.value, signs)) return wrong.say(say("scanner-pin-shape", { signs }), pin);
      await countWrong(device.db, witness.user, witness.wrong + 1);
      const key = await unwrap(witness, pin.value);
      pin.value = "";
      if (key === null) return wrong.say(say("scanner-pin-wrong", { left: tries - witness.wrong - 1 }), pin);
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
    h("button", { type: "button", class: others.length === 0 ? "primary wide" : "wide", id: "witness-first", onclick: first }, say("scanner-witness-first")),
    asking.other === undefined
      ? null
      : h("button", { type: "button", class: "wide", id: "no-witness", onclick: asking.other.run }, asking.other.words),
    h("button", { type: "button", class: "wide", id: "back", onclick: back }, say("scanner-back")),
  );
  return { element: h("section", { class: "begin" }, h("h1", {}, asking.title), h("p", {}, asking.todo), form) };
}
