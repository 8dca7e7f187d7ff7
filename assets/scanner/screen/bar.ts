// The bar: point, operator, ready until when, how old the data, what is not synchronised, what is wrong. Each chip
// opens to what to do about it.

import type { Standing } from "../device/device.ts";
import { h } from "./dom.ts";
import type { Shell } from "./shell.ts";
import { age, moment, say, shortMoment } from "./words.ts";

type Chip = { readonly kind: "good" | "warn" | "bad" | "plain"; readonly id: string; readonly words: string; readonly todo?: string };

export function chips(standing: Standing, now: number, network: { online: boolean | null; signal: boolean }): Chip[] {
  const { core, identity } = standing;
  const zone = identity.agency.zone;
  const found: Chip[] = [];
  if (core.stopped !== null) {
    const key = `scanner-bar-stopped-${core.stopped}`;
    found.push({ kind: "bad", id: "stopped", words: say(key), todo: say(`${key}-do`) });
  }
  if (network.online === false) {
    // The browser does not say why a call failed: without signal, a server that is down or a bad certificate look alike.
    const key = network.signal ? "scanner-bar-unreached" : "scanner-bar-no-signal";
    found.push({ kind: "warn", id: "unreached", words: say(key), todo: say(`${key}-do`, { address: location.host }) });
  }
  if (standing.readyUntil === null) {
    found.push({ kind: "warn", id: "ready", words: say("scanner-bar-not-ready"), todo: say("scanner-bar-not-ready-do") });
  } else {
    // The hour counts on the last day alone; before that it only takes room.
    const isSoon = standing.readyUntil - now < 86_400_000;
    const when = isSoon ? shortMoment(standing.readyUntil, zone) : shortMoment(standing.readyUntil, zone).slice(0, 5);
    const until = say("scanner-bar-until", { when });
    found.push({ kind: "good", id: "ready", words: `${until} · ${say("scanner-bar-open", { count: standing.open })}` });
  }
  if (standing.unsynced > 0) {
    const words = say("scanner-bar-unsynced", { count: standing.unsynced });
    found.push({ kind: "warn", id: "unsynced", words, todo: say("scanner-bar-unsynced-do") });
  } else {
    found.push({ kind: "plain", id: "unsynced", words: say("scanner-bar-synced") });
  }
  found.push({ kind: "plain", id: "age", words: say("scanner-bar-age", { age: age(now - core.contact_at) }) });
  if (standing.clockBack) {
    const todo = say("scanner-bar-clock-do", { seen: moment(core.clock.time_hwm, zone) });
    found.push({ kind: "bad", id: "clock", words: say("scanner-bar-clock"), todo });
  }
  if (standing.conflicts > 0) {
    const words = say("scanner-bar-conflicts", { count: standing.conflicts });
    found.push({ kind: "bad", id: "conflicts", words, todo: say("scanner-bar-conflicts-do") });
  }
  if (standing.refused > 0) {
    const words = say("scanner-bar-refused", { count: standing.refused });
    found.push({ kind: "bad", id: "refused", words, todo: say("scanner-bar-refused-do") });
  }
  if (standing.behind !== null) {
    const [seen, has] = standing.behind;
    found.push({ kind: "bad", id: "behind", words: say("scanner-bar-behind"), todo: say("scanner-bar-behind-do", { seen, has }) });
  }
  if (standing.missing > 0) {
    found.push({ kind: "warn", id: "missing", words: say("scanner-recovering", { count: standing.missing }) });
  }
  return found;
}

function chip(one: Chip): HTMLElement {
  if (one.todo === undefined) return h("li", { class: `chip ${one.kind}`, id: `bar-${one.id}` }, one.words);
  return h(
    "li",
    { class: `chip ${one.kind}`, id: `bar-${one.id}` },
    h("details", {}, h("summary", {}, one.words), h("p", {}, one.todo)),
  );
}

export function bar(element: HTMLElement, shell: Shell, standing: Standing): void {
  const { identity, choices } = standing;
  const operator = shell.device?.operator ?? null;
  const desk = choices.desk === null ? say("scanner-prepare-all") : `${say("desk-desk")} ${choices.desk}`;
  const online = shell.device?.online ?? null;
  // A chip that a person has opened stays open when the bar is written anew.
  const opened = new Set([...element.querySelectorAll("details[open]")].map((one) => one.parentElement?.id));
  element.replaceChildren(
    h(
      "div",
      { class: "bar-top" },
      h("p", { class: "place" }, h("strong", {}, identity.point.code)),
      online === true ? h("span", { class: "network", id: "network" }, say("desk-online")) : "",
      // Nothing of the menu belongs to practice, which has its own way out.
      operator === null || shell.practice
        ? ""
        : h("button", { type: "button", class: "quiet", id: "menu-button", onclick: () => shell.menu() }, say("scanner-menu")),
    ),
    h("p", { class: "point-name" }, [operator?.name ?? identity.name, desk, identity.point.name].join(" · ")),
    h("ul", { class: "chips" }, ...chips(standing, Date.now(), { online, signal: navigator.onLine }).map(chip)),
  );
  for (const details of element.querySelectorAll("details")) details.open = opened.has(details.parentElement?.id);
}
