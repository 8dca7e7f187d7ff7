// The courier's round (antar ke rumah): the office's list on the device, each package handed over at the house before
// a second person or a witness who signs the list. The handout is the same as at the desk, and marked.

import type { Device } from "../device/device.ts";
import type { Operator } from "../keep/database.ts";
import type { Counter } from "./counter.ts";
import { h } from "./dom.ts";
import { say } from "./words.ts";

/** The real counter, marked; `witness` is null where somebody signs the courier's list instead. */
export function homeCounter(counter: Counter, device: Device, witness: Operator | null): Counter {
  const flags = ["home_delivery", witness === null ? "witness_on_list" : `witness:${witness.user}`];
  const words = witness === null ? say("scanner-home-on-list") : say("scanner-home-with", { name: witness.name });
  return {
    ...counter,
    extra: () => ({
      element: h("p", { class: "notice" }, words),
      read: () => ({ flags, happened_at: null }),
    }),
    async served(place) {
      await counter.changed();
      const list = await device.homeList();
      const left = list.filter(({ row }) => row.handed === null).length;
      place.replaceChildren(
        h("h2", {}, say("scanner-home-left", { left, all: list.length })),
        list.length === 0
          ? h("p", { class: "hint" }, say("scanner-home-none"))
          : h(
              "ol",
              { class: "recent", id: "home-list" },
              ...list.map(({ row, person }) =>
                h(
                  "li",
                  {},
                  h("strong", {}, `${row.handed === null ? "○" : "✓"} ${person?.name ?? say("scanner-name-hidden")}`),
                  h(
                    "small",
                    {},
                    [
                      row.handed === null ? say("scanner-home-open") : say("scanner-home-done"),
                      person?.rt ? say("scanner-rt", { rt: person.rt }) : "",
                      person?.nik_tail ? say("scanner-nik-tail", { tail: person.nik_tail }) : "",
                    ]
                      .filter((piece) => piece !== "")
                      .join(" · "),
                  ),
                ),
              ),
            ),
      );
    },
  };
}
