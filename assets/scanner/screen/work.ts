// The desk: scan, one big verdict, identity, items, hand over, receipt, next. One way in for the camera, the
// keyboard-wedge scanner, the typed code and the household found by name.

import { canonical } from "../../desk/code.ts";
import { awaken, give } from "../../desk/sound.ts";
import { wedgeIn } from "../../desk/wedge_in.ts";
import type { Seen } from "../device/device.ts";
import { type Wish, newId } from "../device/handout.ts";
import { type Entry, StorageFailed } from "../keep/database.ts";
import type { Item } from "../signed/receipt.ts";
import { cameraBox } from "./camera_box.ts";
import { busy, h } from "./dom.ts";
import { identityBox } from "./identity_box.ts";
import { itemList, packageBox } from "./package_box.ts";
import type { Counter } from "./counter.ts";
import type { Screen, Shell } from "./shell.ts";
import { instruction, lookOf, verdictBox } from "./verdict.ts";
import { ofList, say } from "./words.ts";

/** The same code within this time is the scanner's bounce, not a new question. */
const BOUNCE_MS = 2_000;

export function workScreen(shell: Shell, counter: Counter, found: string | null): Screen {
  const scan = h("input", {
    id: "scan", name: "code", autocomplete: "off", autocapitalize: "characters", autocorrect: "off", spellcheck: "false",
    enterkeyhint: "go", maxlength: 512,
  });
  const verdict = verdictBox();
  const work = h("div", { id: "work" });
  const form = h(
    "form",
    { class: "scan", id: "scan-form", onsubmit: (event) => (event.preventDefault(), void handleScan(scan.value)) },
    h("label", { for: "scan" }, say("scanner-scan-label")),
    h("div", { class: "scan-row" }, scan, h("button", {}, say("desk-check"))),
  );
  const camera = cameraBox(shell, (text, seenAt) => void handleScan(text, seenAt, true));
  const { search: find, texts } = counter;
  const search = find === null ? null : h("button", { type: "button", class: "wide", id: "no-paper", onclick: find }, say(texts.search));
  const idle = h("div", { class: "ways" }, camera.element, form, search);
  const served = h("section", { class: "served" });
  const element = h("div", { class: "desk" }, h("div", {}, verdict.element, work), h("div", {}, idle, served));

  let last: { code: string; at: number } | null = null;
  /** The last code is being asked about, or its answer stands on the screen. */
  let answering = false;
  /** Grows with every scan, so that a late answer to an earlier one is dropped. */
  let turn = 0;
  /** A hand-over is being written: until it is, nothing else begins. */
  let settling = false;

  function ready(): void {
    turn += 1;
    answering = false;
    work.replaceChildren();
    idle.hidden = false;
    verdict.show("ready", ofList("verdict", "ready"), say(texts.ready_do));
    scan.value = "";
    scan.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
    camera.look(true);
    void counter.served(served);
  }

  async function handleScan(text: string, seenAt = performance.now(), byCamera = false): Promise<void> {
    const code = canonical(text);
    if (code === "" || settling) return;
    const now = performance.now();
    shell.touched();
    awaken();
    scan.value = "";
    if (last !== null && last.code === code && now - last.at < BOUNCE_MS) {
      // Its answer stands on the screen: that is the answer to this, too, for as long as the paper is there.
      if (answering) last.at = now;
      // After a cancel the paper is often still before the lens for a moment; who types it anew means it.
      if (answering || byCamera) return;
    }
    last = { code, at: now };
    answering = true;
    turn += 1;
    const mine = turn;
    const waiting = setTimeout(() => {
      if (mine === turn) verdict.show("checking", ofList("verdict", "checking"), ofList("verdict-do", "checking"));
    }, 150);
    const seen = await counter.see(code).finally(() => clearTimeout(waiting));
    if (mine !== turn || settling) return;
    last.at = performance.now();
    show(seen, true);
    // From the frame (or the last key) to the verdict, for whoever measures.
    verdict.element.dataset["ms"] = (performance.now() - seenAt).toFixed(1);
  }

  function show(seen: Seen, withPaper: boolean): void {
    const { zone } = counter;
    answering = true;
    const isValid = seen.verdict === "valid";
    const word = isValid ? say(texts.valid) : ofList("verdict", seen.verdict);
    verdict.show(seen.verdict, word, counter.line(seen) ?? (isValid ? say(texts.valid_do) : instruction(seen, zone)));
    give(lookOf(seen.verdict));
    window.scrollTo({ top: 0 });
    work.replaceChildren(...holder(seen));
    if (seen.verdict === "valid" && seen.round !== null) {
      idle.hidden = true;
      // Nothing is decoded while a hand-over is prepared; the next paper waits for the next button.
      camera.look(false);
      prepare(seen, withPaper);
    } else {
      void counter.tried(seen);
      const occasion = counter.occasion(seen);
      if (occasion !== null) {
        work.append(h("button", { type: "button", class: "wide", id: "note-incident", onclick: occasion.run }, occasion.words));
      }
      idle.hidden = false;
      camera.look(true);
      scan.focus({ preventScroll: true });
    }
  }

  function holder(seen: Seen): HTMLElement[] {
    if (seen.row === null || seen.row.lease.is === "none") return [];
    const { person } = seen;
    const line = [
      person?.nik_tail ? say("scanner-nik-tail", { tail: person.nik_tail }) : "",
      person?.born ? `${say("desk-born")} ${person.born}` : "",
      person?.rt ? say("scanner-rt", { rt: person.rt }) : "",
    ];
    return [
      h(
        "section",
        { class: "holder", id: "voucher" },
        h("p", { class: "name", id: "household" }, person?.name ?? say("scanner-name-hidden")),
        h("p", { id: "holder-line" }, line.filter((piece) => piece !== "").join(" · ")),
      ),
    ];
  }

  function prepare(seen: Seen, withPaper: boolean): void {
    const { round, row } = seen;
    if (round === null || row === null) return;
    const identity = identityBox(withPaper, texts, (name) => counter.often(name));
    const items = packageBox(round);
    const extra = counter.extra();
    const button = h("button", { class: "primary wide go", id: "hand-over" }, say(texts.hand_over));
    // Drawn once for this wish, and kept over every press of the button (rule 14).
    const redemption = newId();
    const press = (): Promise<void> =>
      busy(button, async () => {
        if (settling) return;
        const identified = identity.read();
        if (identified === null) return;
        const given = items.given();
        const more = extra === null ? { flags: [], happened_at: null } : extra.read();
        if (more === null) return;
        if (given === undefined) return identity.complain(say("scanner-short-nothing"));
        const wish: Omit<Wish, "operator"> = {
          ...identified,
          redemption,
          entitlement: row.entitlement,
          print: seen.print,
          items: given,
          ...more,
          wall: Date.now(),
        };
        await settle(wish, seen, given);
      });
    const sheet = h(
      "form",
      { class: "hand-over", id: "hand-over-form", novalidate: true, onsubmit: (event) => (event.preventDefault(), void press()) },
      extra?.element ?? "",
      identity.element,
      items.element,
      h("div", { class: "press" }, identity.wrong, identity.seen, button),
      h("button", { type: "button", class: "wide", id: "cancel", onclick: ready }, say("scanner-cancel")),
    );
    work.append(sheet);
    identity.focus();
  }

  async function settle(wish: Omit<Wish, "operator">, seen: Seen, given: readonly Item[] | null): Promise<void> {
    settling = true;
    try {
      const handout = await counter.handOut(wish);
      if (handout.is === "green") green(handout.entry, seen, given);
      else if (handout.is === "again") ready();
      else show(await counter.again(wish.entitlement), true);
      last = null;
    } catch (error) {
      const full = error instanceof StorageFailed && error.isFull;
      const key = full ? "scanner-full" : "scanner-broken";
      verdict.show("trouble", say(key), say(`${key}-do`));
      give("stop");
      window.scrollTo({ top: 0 });
    } finally {
      settling = false;
    }
  }

  /** The receipt is signed and durable: only here does the screen turn green. */
  function green(entry: Entry, seen: Seen, given: readonly Item[] | null): void {
    const number = say("scanner-receipt", { number: counter.number(entry.seq) });
    verdict.show("green", say(texts.green), say(texts.green_do), number);
    give("done");
    const next = h("button", { class: "primary wide go", id: "next" }, say(texts.confirm));
    next.addEventListener("click", () => void busy(next, async () => (await counter.confirm(entry), ready())));
    work.replaceChildren(...holder(seen), seen.round === null ? "" : itemList(seen.round, given), next);
    next.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
    void counter.changed();
    void counter.served(served);
  }

  const quiet = wedgeIn(scan, (text) => {
    // A paper that is scanned over an unfinished one: the person has gone on.
    if (!settling) void handleScan(text);
  });
  const escape = (event: KeyboardEvent): void => {
    if (event.key === "Escape" && !settling) ready();
  };
  document.addEventListener("keydown", escape);
  const awake = keepAwake();
  queueMicrotask(() => {
    ready();
    void camera.open();
    if (found !== null) void counter.again(found).then((seen) => show(seen, false));
  });
  return {
    element,
    leave() {
      quiet();
      camera.stop();
      awake();
      document.removeEventListener("keydown", escape);
    },
  };
}

/** The screen does not go dark at the desk. */
function keepAwake(): () => void {
  let lock: WakeLockSentinel | null = null;
  let over = false;
  const ask = (): void => {
    if (document.visibilityState !== "visible" || over) return;
    navigator.wakeLock?.request("screen").then(
      (got) => (over ? void got.release() : (lock = got)),
      () => undefined,
    );
  };
  ask();
  document.addEventListener("visibilitychange", ask);
  return () => {
    over = true;
    document.removeEventListener("visibilitychange", ask);
    void lock?.release();
  };
}
