// A household without its paper: found by name, RT or the end of the NIK, among the leases of this device.

import type { Device } from "../device/device.ts";
import { field, h } from "./dom.ts";
import type { Screen } from "./shell.ts";
import { say } from "./words.ts";

const SHOWN_MAX = 20;

export function searchScreen(device: Device, chosen: (entitlement: string) => void, back: () => void): Screen {
  const input = h("input", { id: "search", type: "search", autocomplete: "off", spellcheck: "false", maxlength: 60 });
  const list = h("ul", { class: "found", id: "found" });
  const told = h("p", { class: "hint", role: "status" });
  let turn = 0;
  const look = async (): Promise<void> => {
    turn += 1;
    const mine = turn;
    const found = await device.search(input.value);
    if (mine !== turn) return;
    const asked = input.value.trim().length > 1;
    told.textContent = !asked ? "" : found.length === 0 ? say("scanner-search-none") : found.length > SHOWN_MAX ? say("scanner-search-more") : "";
    list.replaceChildren(
      ...found.slice(0, SHOWN_MAX).map(({ row, person }) => {
        const line = [person.rt === "" ? "" : say("scanner-rt", { rt: person.rt }), say("scanner-nik-tail", { tail: person.nik_tail })];
        return h(
          "li",
          {},
          h(
            "button",
            { type: "button", class: "wide", onclick: () => chosen(row.entitlement) },
            h("strong", {}, person.name),
            h("small", {}, line.filter((piece) => piece !== "").join(" · ")),
          ),
        );
      }),
    );
  };
  input.addEventListener("input", () => void look());
  queueMicrotask(() => input.focus());
  const element = h(
    "section",
    { class: "begin" },
    h("h1", {}, say("scanner-search-title")),
    h("p", {}, say("scanner-search-do")),
    field(say("scanner-search-label"), input),
    told,
    list,
    h("button", { type: "button", class: "wide", id: "back", onclick: back }, say("scanner-back")),
  );
  return { element };
}
