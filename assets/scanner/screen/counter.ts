// What the work screen stands on: the real counter over the device, or the practice one over nothing.

import type { Device, Seen } from "../device/device.ts";
import type { Entry } from "../keep/database.ts";
import type { Handout, Wish } from "../device/handout.ts";
import type { Incident } from "../device/report.ts";
import { hex, utf8 } from "../signed/bytes.ts";
import { sha256 } from "../signed/keys.ts";
import { h } from "./dom.ts";
import type { Occasion } from "./incident.ts";
import { PRACTICE } from "./practice.ts";
import type { Shell } from "./shell.ts";
import { moment, say } from "./words.ts";

/** What a counter asks besides, and what that adds to the wish; null after having said what is missing. */
export type Extra = { readonly element: HTMLElement; read(): Pick<Wish, "flags" | "happened_at"> | null };

/** The keys of what is said around a handout: the verdict, the button, the green screen, and the way on. */
export type Texts = Readonly<Record<"ready_do" | "search" | "valid" | "valid_do" | "id_seen" | "hand_over" | "green" | "green_do" | "confirm", string>> & {
  /** That the paper was there, of a household found by name; null where that cannot be. */
  readonly paper_seen: string | null;
};

export const DESK: Texts = {
  ready_do: "scanner-ready-do",
  search: "scanner-no-paper",
  valid: "scanner-valid",
  valid_do: "scanner-valid-do",
  id_seen: "desk-id-seen",
  paper_seen: null,
  hand_over: "desk-hand-over",
  green: "scanner-green",
  green_do: "scanner-green-do",
  confirm: "scanner-confirm",
};

/** What is worth writing down of a refusal at the desk. */
const INCIDENT_OF: Readonly<Record<string, Incident>> = { forged: "forgery", unknown: "forgery", already_redeemed: "dispute" };

export type Counter = {
  readonly zone: string;
  extra(): Extra | null;
  see(code: string): Promise<Seen>;
  /** What is known of an entitlement that was found without its paper. */
  again(entitlement: string): Promise<Seen>;
  handOut(wish: Omit<Wish, "operator">): Promise<Handout>;
  confirm(entry: Entry): Promise<void>;
  tried(seen: Seen): Promise<void>;
  /** A line of its own for this scan, in place of the verdict's. */
  line(seen: Seen): string | null;
  /** How many times somebody of that name has collected here today. */
  often(name: string): Promise<number>;
  number(seq: number): string;
  served(place: HTMLElement): Promise<void>;
  /** Finds a household without its paper; null where there is none to find. */
  search: (() => void) | null;
  /** What is said around a handout. */
  readonly texts: Texts;
  /** What is worth writing down of a refusal, and how; null where nothing is. */
  occasion(seen: Seen): { readonly words: string; run(): void } | null;
  changed(): Promise<void>;
};

export function realCounter(shell: Shell, device: Device, search: () => void, incident: (occasion: Occasion) => void): Counter {
  const { zone } = device.identity.agency;
  let lastText = "";
  return {
    zone,
    extra: () => null,
    see(code) {
      lastText = code;
      return device.see(code, Date.now());
    },
    again: (entitlement) => device.seeRow(entitlement, Date.now()),
    async handOut(wish) {
      const { operator } = device;
      if (operator === null) throw new Error("nobody is signed in");
      return device.handOut({ ...wish, operator: operator.user });
    },
    confirm: (entry) => device.confirm(entry),
    async tried(seen) {
      await device.tried(seen, Date.now()).catch(() => undefined);
      shell.soon();
    },
    line: () => (lastText.startsWith(PRACTICE) ? say("scanner-practice-in-work") : null),
    often: (name) => device.often(name, Date.now()),
    number: (seq) => numberOf(device, seq),
    async served(place) {
      const standing = await shell.refresh();
      const rows = standing?.lastServed ?? [];
      const lines = await Promise.all(
        rows.map(async (row) => {
          const person = device.names === null ? null : await device.names.open(row.entitlement, row.sealed);
          const at = moment(row.handed?.at ?? 0, zone).slice(-5);
          return h("li", {}, h("span", { class: "at" }, at), ` ${person?.name ?? "–"} `, h("small", {}, numberOf(device, row.handed?.seq ?? 0)));
        }),
      );
      place.replaceChildren(
        h("h2", {}, say("scanner-served-today", { count: standing?.servedToday ?? 0 })),
        rows.length === 0 ? h("p", { class: "hint" }, say("scanner-served-none")) : h("ol", { class: "recent", id: "recent" }, ...lines),
      );
    },
    search,
    texts: DESK,
    occasion({ verdict, entitlement }) {
      const kind = INCIDENT_OF[verdict];
      return kind === undefined ? null : { words: say("scanner-incident"), run: () => incident({ kind, entitlement }) };
    },
    async changed() {
      shell.soon();
      await shell.refresh();
    },
  };
}

/** The number people quote: point, device, place in the device's chain. */
export function numberOf(device: Device, seq: number): string {
  const { point, number } = device.identity;
  return `${point.code}-${String(number).padStart(3, "0")}-${String(seq).padStart(6, "0")}`;
}

/** The head of the journal as it is written on the end-of-shift sheet. */
export async function sheetHead(head: string, seq: number): Promise<string> {
  const check = hex((await sha256(utf8(`${seq}:${head}`))).slice(0, 2));
  return `${seq} · ${head.slice(0, 4)} ${head.slice(4, 8)} ${head.slice(8, 12)} · ${check}`;
}
