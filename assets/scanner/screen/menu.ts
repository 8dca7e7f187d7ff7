// What is done now and then: synchronise, fetch, end the shift, save the journal, practise, lock; and what the
// device says of itself.

import type { Device, Standing } from "../device/device.ts";
import { journalFile } from "../device/journal_file.ts";
import { takeIn } from "../device/report.ts";
import { closeAll } from "../device/leases.ts";
import { kidText, kidOf } from "../signed/keys.ts";
import { sheetHead } from "./counter.ts";
import { busy, h } from "./dom.ts";
import type { Screen, Shell } from "./shell.ts";
import { moment, say } from "./words.ts";

export type MenuWays = {
  back(): void;
  prepare(): void;
  practise(): void;
  late(): void;
  home(): void;
  reversal(): void;
  incident(): void;
  lock(): void;
  anew(): void;
};

/** No journal that a device writes is larger. */
const JOURNAL_BYTES_MAX = 7 * 1024 * 1024;

export function menuScreen(shell: Shell, device: Device, standing: Standing, ways: MenuWays): Screen {
  const said = h("p", { class: "notice", role: "status", id: "menu-said", hidden: true });
  const tell = (text: string): void => {
    said.textContent = text;
    said.hidden = false;
  };
  const item = (id: string, words: string, run: () => Promise<void> | void, hint?: string): HTMLElement => {
    const button = h("button", { type: "button", class: "wide", id }, words);
    button.addEventListener("click", () => void busy(button, async () => run()));
    return h("div", { class: "menu-item" }, button, hint === undefined ? null : h("p", { class: "hint" }, hint));
  };
  const syncNow = async (): Promise<void> => {
    const synced = await shell.sync();
    if (synced?.is === "synced") tell(say("scanner-sync-done"));
    else if (synced?.is === "strange") tell(say("scanner-sync-strange"));
    else if (synced?.is === "refused") tell(say("scanner-refused", { detail: synced.detail || synced.code }));
    else tell(say("scanner-sync-silent"));
  };
  const endShift = async (): Promise<void> => {
    const { open } = (await shell.refresh()) ?? standing;
    if (!confirm(say("scanner-end-shift-sure", { count: open }))) return;
    const count = await closeAll(device.db);
    await shell.sync();
    const { core } = (await shell.refresh()) ?? standing;
    tell(say("scanner-end-shift-done", { count, head: await sheetHead(core.head_hash, core.seq) }));
  };
  const save = async (): Promise<void> => {
    const { name, bytes } = await journalFile(device.identity, await device.journal(), standing.core);
    const link = h("a", { href: URL.createObjectURL(new Blob([bytes], { type: "application/cbor" })), download: name });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
  };
  const file = h("input", { type: "file", id: "journal-file", hidden: true });
  const carry = async (): Promise<void> => {
    const [chosen] = file.files ?? [];
    if (chosen === undefined) return;
    const bytes = chosen.size > JOURNAL_BYTES_MAX ? null : new Uint8Array(await chosen.arrayBuffer());
    file.value = "";
    const taken = bytes === null ? "not_a_journal" : await takeIn(device.db, device.identity.device, bytes);
    tell(say(`scanner-carry-${taken.replaceAll("_", "-")}`));
    if (taken !== "kept") return;
    await shell.sync();
    const fresh = ((await device.state("carried")) ?? []).at(-1);
    if (fresh !== undefined && fresh.batches.length === 0) {
      const { taken, known, conflicts, bad } = fresh;
      tell(say(bad > 0 ? "scanner-carry-bad" : "scanner-carry-heard", { taken, known, conflicts, bad }));
    }
  };
  file.addEventListener("change", () => void carry());
  const contrast = document.documentElement.classList.contains("contrast");
  const install = (): Promise<void> => Promise.resolve(installable.prompt?.()).then(() => undefined);
  const groups: readonly (readonly [string, readonly (HTMLElement | null)[]])[] = [
    [
      "scanner-menu-shift",
      [
        item("sync-now", say("scanner-sync-now"), syncNow),
        item("fetch", say("scanner-fetch"), ways.prepare),
        item("lock", say("scanner-lock"), ways.lock),
        item("end-shift", say("scanner-end-shift"), endShift, say("scanner-end-shift-do")),
      ],
    ],
    [
      "scanner-menu-special",
      [
        item("home", say("scanner-home"), ways.home),
        item("incident", say("scanner-incident"), ways.incident),
        item("reversal", say("scanner-reversal"), ways.reversal),
        item("late", say("scanner-late"), ways.late),
        item("journal", say("scanner-journal"), save, say("scanner-journal-do")),
        item("carry", say("scanner-carry"), () => file.click(), say("scanner-carry-do")),
      ],
    ],
    [
      "scanner-menu-device",
      [
        item("practise", say("scanner-practice"), ways.practise),
        item("contrast", say(contrast ? "scanner-contrast-off" : "scanner-contrast-on"), () => {
          shell.contrast(!contrast);
          ways.anew();
        }),
        item("language", say("scanner-language"), async () => {
          await shell.language(shell.spoken === "id" ? "en" : "id");
          ways.anew();
        }),
        installable.prompt === null ? null : item("install", say("scanner-install"), install),
      ],
    ],
  ];
  const about = h("section", { class: "about" }, h("h2", {}, say("scanner-about")));
  void aboutDevice(shell, device, standing).then((facts) => about.append(facts));
  const element = h(
    "section",
    { class: "begin" },
    h("h1", {}, say("scanner-menu")),
    said,
    h("button", { type: "button", class: "primary wide", id: "back", onclick: ways.back }, say("scanner-back")),
    ...groups.map(([words, items]) => h("section", {}, h("h2", {}, say(words)), ...items)),
    file,
    about,
  );
  return { element };
}

/** The browser's own offer to install, kept for the menu. */
export const installable: { prompt: (() => Promise<unknown>) | null } = { prompt: null };

async function aboutDevice(shell: Shell, device: Device, standing: Standing): Promise<HTMLElement> {
  const { identity } = device;
  shell.persistent ??= (await navigator.storage?.persisted?.()) ?? false;
  const kid = kidText(await kidOf(identity.key.public));
  const { zone } = identity.agency;
  const rows: [string, string][] = [
    [say("scanner-about-number"), `${identity.number} – ${identity.name}`],
    [say("scanner-about-key"), `${kid} – ${say(`scanner-about-key-${identity.key.tier}`)}`],
    [say("scanner-about-storage"), say(shell.persistent ? "scanner-about-storage-lasting" : "scanner-about-storage-unsafe")],
    [say("scanner-about-chain"), await sheetHead(standing.core.head_hash, standing.core.seq)],
    [say("scanner-about-epoch"), `${standing.core.epoch} – ${moment(standing.core.contact_at, zone)}`],
  ];
  if (standing.unconfirmed > 0) {
    rows.push([say("scanner-bar-unconfirmed", { count: standing.unconfirmed }), say("scanner-bar-unconfirmed-do")]);
  }
  return h("dl", { class: "facts" }, ...rows.flatMap(([term, fact]) => [h("dt", {}, term), h("dd", {}, fact)]));
}
