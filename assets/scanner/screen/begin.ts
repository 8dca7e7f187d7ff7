// The way in: enrol the device, sign the operator in, choose a PIN, fetch the leases.

import { Device } from "../device/device.ts";
import {
  countWrong, drawKey, enrol, enrolmentCode, keepOperator, looksLikeEnrolment, signIn,
} from "../device/enrol.ts";
import type { Database, Operator } from "../keep/database.ts";
import { Names } from "../keep/names.ts";
import { isPin, isWeak, pinRules, unwrap } from "../keep/pin.ts";
import type { DeviceKey } from "../signed/keys.ts";
import { cameraBox } from "./camera_box.ts";
import { busy, complaint, field, h } from "./dom.ts";
import type { Screen, Shell } from "./shell.ts";
import { say } from "./words.ts";

/** Ways to the other screens, handed down so that no screen needs to know all others. */
export type Ways = { enrolled(): Promise<void>; who(): Promise<void>; inside(): Promise<void> };

function fault(code: string, detail: string): string {
  if (code === "not_found" || code === "unauthorized") return say("scanner-enrol-not-found");
  if (code.startsWith("too_many")) return say("scanner-slow-down");
  return say("scanner-refused", { detail: detail === "" ? code : detail });
}

/** Enrols this browser. The key is drawn once and kept over tries, so that a lost answer is only repeated. */
export function enrolScreen(shell: Shell, db: Database, ways: Ways): Screen {
  const input = h("input", { id: "enrol-code", autocomplete: "off", autocapitalize: "characters", spellcheck: "false", maxlength: 300, required: true });
  const wrong = complaint();
  const button = h("button", { class: "primary wide" }, say("scanner-enrol-button"));
  let key: DeviceKey | null = null;
  const send = (text: string): Promise<void> =>
    busy(button, async () => {
      wrong.clear();
      if (!looksLikeEnrolment(text)) {
        const voucher = /^(salur:|https?:.*\/v\/)/i.test(text.trim());
        return wrong.say(say(voucher ? "scanner-enrol-voucher" : "scanner-enrol-not-found"), input);
      }
      button.textContent = say("scanner-enrol-busy");
      key ??= await drawKey();
      const answer = await enrol(db, text, key).finally(() => (button.textContent = say("scanner-enrol-button")));
      if (answer.is === "silent") return wrong.say(say("scanner-silent"), input);
      if (answer.is === "refused") return wrong.say(fault(answer.code, answer.detail), input);
      const { number, point } = answer.body;
      shell.notice(say("scanner-enrol-done", { number, point: `${point.code} ${point.name}` }));
      await ways.enrolled();
    });
  const camera = cameraBox(shell, (text) => {
    if (!button.disabled) {
      input.value = enrolmentCode(text).length <= 40 ? enrolmentCode(text) : "";
      void send(text);
    }
  });
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => (event.preventDefault(), void send(input.value)) },
    field(say("scanner-enrol-code"), input),
    wrong.element,
    button,
  );
  const element = h("section", { class: "begin" }, h("h1", {}, say("scanner-enrol-title")), h("p", {}, say("scanner-enrol-do")), form, camera.element);
  // The enrolment's own link was opened, by the phone's camera perhaps: it says all that is needed.
  const linked = location.hash.startsWith("#enrol=") ? location.hash : "";
  if (linked !== "") {
    history.replaceState(null, "", location.pathname);
    input.value = enrolmentCode(linked);
    void send(linked);
  }
  return { element, leave: () => camera.stop() };
}

/** Who is on duty: those who have a PIN here, and the way for another. */
export function whoScreen(shell: Shell, device: Device, operators: readonly Operator[], ways: Ways): Screen {
  const element = h(
    "section",
    { class: "begin" },
    h("h1", {}, say("scanner-who")),
    h(
      "div",
      { class: "stack" },
      ...operators.map((one) =>
        h("button", { type: "button", class: "wide big", onclick: () => shell.show(pinScreen(shell, device, one, ways)) }, one.name),
      ),
      h("button", { type: "button", class: "wide", id: "other-operator", onclick: () => shell.show(firstScreen(shell, device, ways, () => void ways.who())) }, say("scanner-other-operator")),
    ),
  );
  return { element };
}

function pinInput(id: string, signs: number): HTMLInputElement {
  return h("input", {
    id, class: "pin", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: signs, pattern: "[0-9]*", required: true,
  });
}

async function opened(device: Device, operator: Operator, namesKey: Uint8Array<ArrayBuffer>, ways: Ways): Promise<void> {
  device.operator = operator;
  device.names = await Names.with(namesKey, device.identity.device);
  await ways.inside();
}

export function pinScreen(shell: Shell, device: Device, operator: Operator, ways: Ways): Screen {
  const { signs, tries: most } = pinRules(operator.pin);
  const input = pinInput("pin", signs);
  const wrong = complaint();
  const button = h("button", { class: "primary wide" }, say("scanner-open"));
  let tries = operator.wrong;
  const locked = (): boolean => tries >= most;
  const open = (): Promise<void> =>
    busy(button, async () => {
      if (locked()) return wrong.say(say("scanner-pin-locked"));
      if (!isPin(input.value, signs)) return wrong.say(say("scanner-pin-shape", { signs }), input);
      // Counted before it is tried: a page that is closed in between has used its try.
      tries += 1;
      await countWrong(device.db, operator.user, tries);
      const key = await unwrap(operator, input.value);
      input.value = "";
      if (key === null) {
        const left = most - tries;
        return wrong.say(left > 0 ? say("scanner-pin-wrong", { left }) : say("scanner-pin-locked"), input);
      }
      await countWrong(device.db, operator.user, 0);
      await opened(device, operator, key, ways);
    });
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => (event.preventDefault(), void open()) },
    field(say("scanner-pin"), input),
    wrong.element,
    button,
    h("button", { type: "button", class: "wide", onclick: () => void ways.who() }, say("scanner-back")),
    h("button", { type: "button", class: "wide", onclick: () => shell.show(firstScreen(shell, device, ways, () => void ways.who())) }, say("scanner-sign-in")),
  );
  input.addEventListener("input", () => {
    if (isPin(input.value, signs)) form.requestSubmit();
  });
  if (locked()) wrong.say(say("scanner-pin-locked"));
  queueMicrotask(() => input.focus());
  return { element: h("section", { class: "begin" }, h("h1", {}, say("scanner-pin-of", { name: operator.name })), form) };
}

/** The first sign-in of an operator, over the network; `back` leads to where somebody came from. */
export function firstScreen(shell: Shell, device: Device, ways: Ways, back: (() => void) | null): Screen {
  const username = h("input", { id: "username", autocomplete: "username", autocapitalize: "none", spellcheck: "false", maxlength: 80, required: true });
  const password = h("input", { id: "password", type: "password", autocomplete: "current-password", maxlength: 200, required: true });
  const wrong = complaint();
  const button = h("button", { class: "primary wide" }, say("scanner-sign-in"));
  const send = (): Promise<void> =>
    busy(button, async () => {
      wrong.clear();
      const answer = await signIn(device.identity, username.value.trim(), password.value);
      password.value = "";
      if (answer.is === "silent") return wrong.say(say("scanner-silent"), password);
      if (answer.is === "refused") {
        const { code, detail } = answer;
        if (code === "bad_credentials" || code === "unauthorized") return wrong.say(say("scanner-bad-credentials"), password);
        if (code === "forbidden") return wrong.say(say("scanner-not-allowed"), username);
        return wrong.say(code.startsWith("too_many") ? say("scanner-slow-down") : say("scanner-refused", { detail: detail || code }));
      }
      shell.show(newPinScreen(device, answer.body, ways));
    });
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => (event.preventDefault(), void send()) },
    field(say("scanner-username"), username),
    field(say("scanner-password"), password),
    wrong.element,
    button,
    back === null ? null : h("button", { type: "button", class: "wide", id: "back", onclick: back }, say("scanner-back")),
  );
  queueMicrotask(() => username.focus());
  return { element: h("section", { class: "begin" }, h("h1", {}, say("scanner-sign-in-title")), h("p", {}, say("scanner-sign-in-do")), form) };
}

function newPinScreen(device: Device, who: Parameters<typeof keepOperator>[1], ways: Ways): Screen {
  const { signs } = pinRules(who.pin);
  const [first, second] = [pinInput("new-pin", signs), pinInput("new-pin-again", signs)];
  const wrong = complaint();
  const button = h("button", { class: "primary wide" }, say("scanner-go-on"));
  const keep = (): Promise<void> =>
    busy(button, async () => {
      if (!isPin(first.value, signs)) return wrong.say(say("scanner-pin-shape", { signs }), first);
      if (isWeak(first.value)) return wrong.say(say("scanner-pin-weak"), first);
      if (first.value !== second.value) return wrong.say(say("scanner-pin-differs"), second);
      const kept = await keepOperator(device.db, who, first.value);
      if (kept === null) return wrong.say(say("scanner-silent"));
      await opened(device, kept.operator, kept.namesKey, ways);
    });
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => (event.preventDefault(), void keep()) },
    field(say("scanner-new-pin", { signs }), first, say("scanner-new-pin-do")),
    field(say("scanner-pin-again"), second),
    wrong.element,
    button,
  );
  queueMicrotask(() => first.focus());
  return { element: h("section", { class: "begin" }, h("h1", {}, who.name), form) };
}

/** Which leases this device fetches, and the fetching. */
export function prepareScreen(shell: Shell, device: Device, done: () => void): Screen {
  const desk = h(
    "select",
    { id: "serves" },
    h("option", { value: "" }, say("scanner-prepare-all")),
    ...[1, 2, 3, 4, 5, 6].map((number) => h("option", { value: number }, say("scanner-prepare-one", { number }))),
  );
  void device.choices().then((choices) => (desk.value = choices.desk === null ? "" : String(choices.desk)));
  const said = h("p", { class: "notice", role: "status", hidden: true });
  const tell = (text: string, isGood = false): void => {
    said.textContent = text;
    said.hidden = false;
    said.classList.toggle("good", isGood);
  };
  const stored = h("p", { class: "hint", id: "stored" });
  const button = h("button", { class: "primary wide", id: "prepare" }, say("scanner-prepare-button"));
  const fetchAll = (): Promise<void> =>
    busy(button, async () => {
      shell.persistent = (await navigator.storage?.persist?.().catch(() => false)) ?? false;
      stored.textContent = say(shell.persistent ? "scanner-prepare-stored" : "scanner-prepare-unsafe");
      await device.choose({ desk: desk.value === "" ? null : Number(desk.value) });
      tell(say("scanner-prepare-busy", { count: 0 }));
      const how = await device.fetch(shell.persistent, (count) => tell(say("scanner-prepare-busy", { count })));
      const standing = await shell.refresh();
      if (how === "silent") return tell(say("scanner-silent"));
      if (how === "recovering") return tell(say("scanner-recovering", { count: standing?.missing ?? 0 }));
      if (how !== "done") return tell(say("scanner-refused", { detail: how }));
      await device.choose({ prepared: true });
      const count = standing?.open ?? 0;
      tell(count === 0 ? say("scanner-prepare-none") : say("scanner-prepare-done", { count }), count > 0);
      // One thing to press next, and it is another now.
      button.classList.remove("primary");
      later.textContent = say("scanner-go-on");
      later.classList.add("primary");
      later.focus();
    });
  const later = h("button", { type: "button", class: "wide", id: "go-on", onclick: done }, say("scanner-prepare-later"));
  const form = h(
    "form",
    { class: "stack", onsubmit: (event) => (event.preventDefault(), void fetchAll()) },
    field(say("scanner-prepare-desk"), desk, say("scanner-prepare-hint")),
    said,
    stored,
    button,
    later,
  );
  return { element: h("section", { class: "begin" }, h("h1", {}, say("scanner-prepare-title")), h("p", {}, say("scanner-prepare-do")), form) };
}
