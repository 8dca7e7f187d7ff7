// What is handed over: every item with its quantity, and the place to write that something is short.

import type { PackageItem, Round } from "../keep/database.ts";
import type { Item } from "../signed/receipt.ts";
import { h, tick } from "./dom.ts";
import { quantity } from "./quantity.ts";
import { say } from "./words.ts";

export function itemList(round: Round, given: readonly Item[] | null): HTMLElement {
  const of = (item: PackageItem): number =>
    given === null ? item.quantity : (given.find(([code]) => code === item.code)?.[1] ?? 0);
  return h(
    "ul",
    { class: "items" },
    ...round.items.map((item) => {
      const short = of(item) < item.quantity;
      const told = short ? `${quantity(item, of(item))} / ${quantity(item, item.quantity)}` : quantity(item, of(item));
      return h("li", { class: short ? "short" : "" }, h("span", {}, item.name), h("strong", {}, told));
    }),
  );
}

export type PackageBox = {
  readonly element: HTMLElement;
  /** What is handed over: null for everything. `undefined` when nothing would be. */
  given(): readonly Item[] | null | undefined;
};

export function packageBox(round: Round): PackageBox {
  const toggle = h("input", { type: "checkbox", id: "short" });
  const inputs = round.items.map((item) => {
    const size = Math.max(1, item.pack_size);
    const input = h("input", {
      type: "number", inputmode: "decimal", min: 0, max: item.quantity / size, step: "any", value: item.quantity / size, id: `given-${item.code}`,
    });
    return { item, size, input };
  });
  const rows = h(
    "div",
    { class: "short-items", hidden: true },
    h("p", { class: "hint" }, say("scanner-short-do")),
    ...inputs.map(({ item, input }) =>
      h("div", { class: "short-item" }, h("label", { for: input.id }, `${item.name} (${item.pack_name})`), input),
    ),
  );
  toggle.addEventListener("change", () => (rows.hidden = !toggle.checked));
  return {
    element: h("div", {}, h("h2", {}, say("desk-items")), itemList(round, null), tick(toggle, say("scanner-short")), rows),
    given() {
      if (!toggle.checked) return null;
      const items = inputs.map(({ item, size, input }) => {
        const written = Number(input.value.replace(",", "."));
        const amount = Number.isFinite(written) ? Math.round(written * size) : 0;
        return [item.code, Math.max(0, Math.min(item.quantity, amount))] as const;
      });
      if (items.every(([, amount]) => amount === 0)) return undefined;
      return items.every(([code, amount]) => round.items.find((item) => item.code === code)?.quantity === amount) ? null : items;
    },
  };
}
