// The frame of every screen: the bar with what the device is and can do, the place below it, and what happens by
// itself in the background.

import type { Device, Standing } from "../device/device.ts";
import { refresh } from "../device/enrol.ts";
import { StorageFailed } from "../keep/database.ts";
import type { Synced } from "../talk/sync.ts";
import { bar } from "./bar.ts";
import { h } from "./dom.ts";
import { say, speak, spoken } from "./words.ts";

/** A screen: what stands below the bar. It is told when it goes. */
export type Screen = { readonly element: HTMLElement; readonly leave?: () => void };

const SYNC_SOON_MS = 800;
const SYNC_EVERY_MS = 20_000;
const LOCK_AFTER_MS = 5 * 60_000;

export class Shell {
  readonly root: HTMLElement;
  device: Device | null = null;
  /** Whether the browser has promised to keep the storage; null until it was asked. */
  persistent: boolean | null = null;
  practice = false;
  standing: Standing | null = null;
  lastSync: Synced | null = null;
  #screen: Screen | null = null;
  readonly #bar = h("header", { class: "bar", hidden: true });
  readonly #main = h("main", { id: "main", tabindex: "-1" });
  readonly #notice = h("div", { class: "banner", role: "status", hidden: true });
  #soon: ReturnType<typeof setTimeout> | undefined;
  #touched = Date.now();
  /** The notice is about the last sync. */
  #troubled = false;
  /** Shows the lock; set by whoever knows the screens. */
  lock: () => void = () => undefined;
  menu: () => void = () => undefined;

  constructor(root: HTMLElement) {
    this.root = root;
    root.replaceChildren(this.#bar, this.#notice, this.#main);
    addEventListener("online", () => this.soon());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible") this.soon();
    });
    for (const kind of ["pointerdown", "keydown"]) {
      document.addEventListener(kind, () => (this.#touched = Date.now()), { capture: true, passive: true });
    }
    // What no form of its own answers for: the phone is full, and nothing more is kept until there is room.
    addEventListener("unhandledrejection", (event) => {
      if (event.reason instanceof StorageFailed) this.notice(say("scanner-no-storage-do"));
    });
    setInterval(() => this.#tick(), SYNC_EVERY_MS);
  }

  /** A scan counts as a touch: who serves does not get locked out. */
  touched(): void {
    this.#touched = Date.now();
  }

  show(screen: Screen): void {
    this.#screen?.leave?.();
    this.#screen = screen;
    this.#main.replaceChildren(screen.element);
    this.#main.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
    void this.refresh();
  }

  /** Reads the standing anew and shows it. */
  async refresh(): Promise<Standing | null> {
    document.body.classList.toggle("practice", this.practice);
    if (this.device === null) return null;
    try {
      this.standing = await this.device.standing(Date.now());
    } catch (error) {
      if (!(error instanceof StorageFailed)) throw error;
      return this.standing;
    }
    this.#bar.hidden = false;
    bar(this.#bar, this, this.standing);
    return this.standing;
  }

  notice(text: string, action?: { words: string; run: () => void }): void {
    this.#notice.replaceChildren(
      h("p", {}, text),
      action === undefined ? "" : h("button", { type: "button", onclick: () => action.run() }, action.words),
    );
    this.#notice.hidden = text === "";
  }

  async language(to: "id" | "en"): Promise<void> {
    speak(to);
    localStorage.setItem("salur.language", to);
    await this.device?.choose({ language: to });
  }

  get spoken(): "id" | "en" {
    return spoken();
  }

  contrast(on: boolean): void {
    document.documentElement.classList.toggle("contrast", on);
    localStorage.setItem("salur.contrast", on ? "on" : "");
  }

  /** Speaks with the server in a moment; several wishes are one. */
  soon(): void {
    clearTimeout(this.#soon);
    this.#soon = setTimeout(() => void this.sync(), SYNC_SOON_MS);
  }

  async sync(): Promise<Synced | null> {
    const { device } = this;
    if (device === null) return null;
    const synced = await device.sync().catch((error: unknown) => {
      if (error instanceof StorageFailed) return null;
      throw error;
    });
    if (synced === null) return null;
    const wasSilent = this.lastSync === null || this.lastSync.is === "silent";
    this.lastSync = synced;
    const trouble =
      synced.is === "strange"
        ? say("scanner-sync-strange")
        : synced.is === "refused" && synced.code === "unauthorized"
          ? say("scanner-signed-out")
          : "";
    // What others have put there (practice, a new version) is not this one's to take away.
    if (trouble !== "" || this.#troubled) this.notice(trouble);
    this.#troubled = trouble !== "";
    if (synced.is === "synced" && wasSilent) {
      const identity = await refresh(device.db, device.identity);
      if (identity !== null) await device.become(identity);
    }
    await this.refresh();
    return synced;
  }

  #tick(): void {
    if (this.device?.operator !== null && Date.now() - this.#touched > LOCK_AFTER_MS) this.lock();
    if (document.visibilityState === "visible") void this.sync();
  }
}
