// Taking a handout back (pembatalan penyerahan): a new record by two persons. The receipt stays and the right stays
// used; the goods come back by the case that the office decides.

import type { Device } from "../device/device.ts";
import { keepReport } from "../device/report.ts";
import type { Operator, Row } from "../keep/database.ts";
import { numberOf } from "./counter.ts";
import { busy, complaint, field, h, tick } from "./dom.ts";
import type { Screen, Shell } from "./shell.ts";
import { moment, say } from "./words.ts";

/** How many handouts back one can be taken back here; older ones are the office's to look up. */
const BACK_MAX = 30;

/** Which handout. */
export async function whichScreen(device: Device, chosen: (row: Row, name: string) => void, back: () => void): Promise<Screen> {
  const { zone } = device.identity.agency;
  const [all, reports] = await Promise.all([device.handedOver(BACK_MAX), device.state("reports")]);
  // What the office would not take is not told yet.
  const told = new Set((reports ?? []).filter((one) => (one.refused ?? null) === null).map((report) => report.redemption));
  const lines = await Promise.all(
    all.map(async (row) => {
      const person = (await device.names?.open(row.entitlement, row.sealed)) ?? null;
      const name = person?.name ?? say("scanner-name-hidden");
      const number = numberOf(device, row.handed?.seq ?? 0);
      const at = moment(row.handed?.at ?? 0, zone);
      const isTold = row.lease.is === "redeemed" && told.has(row.lease.redemption);
      const line = isTold ? `${number} · ${say("scanner-reversal-told")}` : `${number} · ${at}`;
      return h(
        "li",
        {},
        h("button", { type: "button", class: "wide", disabled: isTold, onclick: () => chosen(row, name) }, h("strong", {}, name), h("small", {}, line)),
      );
    }),
  );
  const element = h(
    "section",
    { class: "begin" },
    h("h1", {}, say("scanner-reversal")),
    h("p", {}, say("scanner-reversal-do")),
    lines.length === 0 ? h("p", { class: "notice" }, say("scanner-served-none")) : h("ul", { class: "found", id: "handouts" }, ...lines),
    h("button", { type: "button", class: "wide", id: "back", onclick: back }, say("scanner-back")),
  );
  return { element };
}

const GOODS = ["all", "part", "none"] as const;

/** Why, and what became of the goods. */
export function reasonScreen(shell: Shell, device: Device, row: Row, name: string, witness: Operator, back: () => void): Screen {
  const reason = h("input", { id: "reversal-reason", autocomplete: "off", maxlength: 300 });
  const wrong = complaint();
  const radios = GOODS.map((value) => h("input", { type: "radio", name: "goods", value, id: `goods-${value}` }));
  const button = h("button", { class: "primary wide", id: "reversal-go" }, say("scanner-reversal-button"));
  const said = h("p", { class: "notice", role: "status", id: "reversal-said", hidden: true });
  const number = numberOf(device, row.handed?.seq ?? 0);
  const keep = (): Promise<void> =>
    busy(button, async () => {
      wrong.clear();
      const { operator } = device;
      const goods = radios.find((radio) => radio.checked)?.value;
      if (reason.value.trim() === "") return wrong.say(say("scanner-reversal-need-reason"), reason);
      if (goods === undefined) return wrong.say(say("scanner-reversal-need-goods"), radios[0]);
      if (operator === null || row.lease.is !== "redeemed") return;
      await keepReport(device.db, {
        kind: "reversal",
        operator: operator.user,
        witness: witness.user,
        redemption: row.lease.redemption,
        entitlement: row.entitlement,
        number,
        text: `${reason.value.trim()} – ${say(`scanner-goods-${goods}`)}`,
        at: Date.now(),
      });
      form.hidden = true;
      said.textContent = say("scanner-reversal-done", { number });
      said.hidden = false;
      shell.soon();
      await shell.refresh();
      done.focus();
    });
  const form = h(
    "form",
    { class: "stack", novalidate: true, onsubmit: (event) => (event.preventDefault(), void keep()) },
    field(say("scanner-reversal-reason"), reason),
    h("fieldset", {}, h("legend", {}, say("scanner-goods")), ...radios.map((radio) => tick(radio, say(`scanner-goods-${radio.value}`)))),
    wrong.element,
    button,
  );
  const done = h("button", { type: "button", class: "wide", id: "back", onclick: back }, say("scanner-back"));
  const element = h(
    "section",
    { class: "begin" },
    h("h1", {}, say("scanner-reversal")),
    h("p", { class: "holder" }, h("strong", {}, name), h("small", {}, number)),
    h("p", {}, say("scanner-reversal-with", { name: witness.name })),
    form,
    said,
    done,
  );
  queueMicrotask(() => reason.focus());
  return { element };
}
