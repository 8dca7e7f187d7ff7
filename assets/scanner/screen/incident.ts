// What happened at the desk (catat kejadian): written down here, sent when there is a network, decided at the office.

import type { Device } from "../device/device.ts";
import { INCIDENTS, type Incident, keepReport, sayAgain } from "../device/report.ts";
import type { Operator, Report } from "../keep/database.ts";
import { busy, complaint, field, h } from "./dom.ts";
import type { Screen, Shell } from "./shell.ts";
import { moment, say } from "./words.ts";

/** What it began with: a scan, or nothing; what is known of it already, and who else stands for it. */
export type Occasion = {
  readonly kind: Incident;
  readonly entitlement: string | null;
  readonly text?: string;
  readonly witness?: Operator;
};

export function incidentScreen(shell: Shell, device: Device, occasion: Occasion, back: () => void): Screen {
  const kind = h("select", { id: "incident-kind" }, ...INCIDENTS.map((one) => h("option", { value: one }, say(`scanner-incident-${one}`))));
  kind.value = occasion.kind;
  const text = h("textarea", { id: "incident-text", rows: 4, maxlength: 500 });
  text.value = occasion.text === undefined ? "" : `${occasion.text} `;
  const wrong = complaint();
  const button = h("button", { class: "primary wide", id: "incident-go" }, say("scanner-incident-button"));
  const list = h("ul", { class: "recent", id: "incidents" });
  const show = async (): Promise<void> => {
    const reports = (await device.state("reports")) ?? [];
    const { zone } = device.identity.agency;
    list.replaceChildren(
      ...[...reports].reverse().slice(0, 10).map((one) =>
        h(
          "li",
          {},
          h("span", { class: "at" }, moment(one.at, zone)),
          ` ${say(`scanner-incident-${one.kind}`)} `,
          h("small", {}, standingOf(one)),
          ...((one.refused ?? null) === null ? [] : [h("p", {}, one.text), again(one)]),
        ),
      ),
    );
  };
  const again = (one: Report): HTMLElement => {
    const press = h("button", { type: "button", class: "wide" }, say("scanner-incident-again"));
    press.addEventListener("click", () => {
      void busy(press, async () => {
        await sayAgain(device.db, one.id);
        await shell.sync();
        await show();
      });
    });
    return press;
  };
  const keep = (): Promise<void> =>
    busy(button, async () => {
      wrong.clear();
      const { operator } = device;
      // One line each: the office keeps no line breaks.
      const written = text.value.replace(/[\s\p{Cc}]+/gu, " ").trim();
      if (written === "") return wrong.say(say("scanner-incident-need-text"), text);
      if (operator === null) return;
      const { entitlement } = occasion;
      const witness = occasion.witness?.user ?? null;
      await keepReport(device.db, { kind: kind.value, operator: operator.user, witness, redemption: null, entitlement, number: "", text: written, at: Date.now() });
      text.value = "";
      shell.soon();
      await shell.refresh();
      await show();
      done.focus();
    });
  const form = h(
    "form",
    { class: "stack", novalidate: true, onsubmit: (event) => (event.preventDefault(), void keep()) },
    field(say("scanner-incident-kind"), kind),
    field(say("scanner-incident-text"), text, say("scanner-incident-hint")),
    wrong.element,
    button,
  );
  const done = h("button", { type: "button", class: "wide", id: "back", onclick: back }, say("scanner-back"));
  void show();
  const { witness } = occasion;
  const beside = witness === undefined ? null : h("p", {}, say("scanner-reversal-with", { name: witness.name }));
  return { element: h("section", { class: "begin" }, h("h1", {}, say("scanner-incident")), beside, form, list, done) };
}

function standingOf({ reference, refused }: Report): string {
  if (reference !== null) return say("scanner-incident-heard", { reference });
  return (refused ?? null) === null ? say("scanner-incident-waits") : say("scanner-incident-refused", { detail: refused ?? "" });
}
