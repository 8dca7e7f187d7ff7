// What happened at the desk (catat kejadian): written down here, sent when there is a network, decided at the office.

import type { Device } from "../device/device.ts";
import { INCIDENTS, type Incident, keepReport } from "../device/report.ts";
import { busy, complaint, field, h } from "./dom.ts";
import type { Screen, Shell } from "./shell.ts";
import { moment, say } from "./words.ts";

/** What it began with: a scan, or nothing. */
export type Occasion = { readonly kind: Incident; readonly entitlement: string | null };

export function incidentScreen(shell: Shell, device: Device, occasion: Occasion, back: () => void): Screen {
  const kind = h("select", { id: "incident-kind" }, ...INCIDENTS.map((one) => h("option", { value: one }, say(`scanner-incident-${one}`))));
  kind.value = occasion.kind;
  const text = h("textarea", { id: "incident-text", rows: 4, maxlength: 500 });
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
          h("small", {}, one.reference === null ? say("scanner-incident-waits") : say("scanner-incident-heard", { reference: one.reference })),
        ),
      ),
    );
  };
  const keep = (): Promise<void> =>
    busy(button, async () => {
      wrong.clear();
      const { operator } = device;
      // One line each: the office keeps no line breaks.
      const written = text.value.replace(/\s+/g, " ").trim();
      if (written === "") return wrong.say(say("scanner-incident-need-text"), text);
      if (operator === null) return;
      const { entitlement } = occasion;
      await keepReport(device.db, { kind: kind.value, operator: operator.user, witness: null, redemption: null, entitlement, number: "", text: written, at: Date.now() });
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
  return { element: h("section", { class: "begin" }, h("h1", {}, say("scanner-incident")), form, list, done) };
}
