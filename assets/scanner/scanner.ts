// The scanner: where it begins. What cannot work is said before anything is tried.

import { Device } from "./device/device.ts";
import { Database, type Operator, type Row, StorageFailed } from "./keep/database.ts";
import { enrolScreen, firstScreen, pinScreen, prepareScreen, whoScreen, type Ways } from "./screen/begin.ts";
import { type Counter, realCounter } from "./screen/counter.ts";
import { h } from "./screen/dom.ts";
import { homeCounter } from "./screen/home.ts";
import { type Occasion, incidentScreen } from "./screen/incident.ts";
import { lateCounter } from "./screen/late.ts";
import { installable, menuScreen } from "./screen/menu.ts";
import { practiceCounter } from "./screen/practice.ts";
import { reasonScreen, whichScreen } from "./screen/reversal.ts";
import { searchScreen } from "./screen/search.ts";
import { Shell } from "./screen/shell.ts";
import { type Asking, witnessScreen } from "./screen/witness.ts";
import { say, speak } from "./screen/words.ts";
import { workScreen } from "./screen/work.ts";

const root = document.getElementById("app") ?? document.body;

function stop(title: string, todo: string, action?: HTMLElement): void {
  root.replaceChildren(h("main", { class: "begin" }, h("h1", {}, say(title)), h("p", { class: "notice bad", role: "alert" }, say(todo)), action ?? ""));
}

/** One tab at a time: two over one journal would be two devices under one name. Answers when this one may go on. */
function alone(): Promise<void> {
  return new Promise((go) => {
    const hold = (lost: () => void) => (lock: Lock | null): Promise<void> | undefined => {
      if (lock === null) {
        lost();
        return undefined;
      }
      go();
      // Held until the page goes, or another tab takes it.
      return new Promise<void>(() => undefined);
    };
    const offer = (): void => {
      const take = h("button", { type: "button", class: "primary wide", id: "use-here" }, say("scanner-use-here"));
      take.addEventListener("click", () => {
        navigator.locks.request("salur-scanner", { steal: true }, hold(() => undefined)).catch(taken);
      });
      stop("scanner-other-tab", "scanner-other-tab-do", take);
    };
    // Another tab has taken it: nothing here may write any more, so the page begins anew and waits.
    const taken = (): void => location.reload();
    navigator.locks.request("salur-scanner", { ifAvailable: true }, hold(offer)).catch(taken);
  });
}

class Scanner implements Ways {
  readonly #shell = new Shell(root);
  readonly #db: Database;

  constructor(db: Database) {
    this.#db = db;
    this.#shell.lock = () => void this.lock();
    this.#shell.menu = () => void this.menu();
  }

  get shell(): Shell {
    return this.#shell;
  }

  async begin(): Promise<void> {
    const identity = await this.#db.read((tx) => tx.state("identity"));
    if (identity === undefined) {
      this.#shell.show(enrolScreen(this.#shell, this.#db, this));
      return;
    }
    await this.enrolled();
  }

  async enrolled(): Promise<void> {
    const identity = await this.#db.read((tx) => tx.state("identity"));
    if (identity === undefined) return;
    this.#shell.device = await Device.of(this.#db, identity);
    await this.#shell.refresh();
    this.#shell.soon();
    await this.who();
  }

  get #device(): Device {
    const { device } = this.#shell;
    if (device === null) throw new Error("not enrolled");
    return device;
  }

  async who(): Promise<void> {
    const operators = (await this.#device.state("operators")) ?? [];
    // Nobody has a PIN here yet: the first one signs in.
    if (operators.length === 0) this.#shell.show(firstScreen(this.#shell, this.#device, this, null));
    else this.#shell.show(whoScreen(this.#shell, this.#device, operators, this));
  }

  async inside(): Promise<void> {
    this.#shell.soon();
    const { prepared } = await this.#device.choices();
    if (prepared) this.work(null);
    else this.prepare();
  }

  prepare(): void {
    this.#shell.show(prepareScreen(this.#shell, this.#device, () => this.work(null)));
  }

  work(found: string | null): void {
    this.#shell.practice = false;
    this.#shell.notice("");
    const counter = this.#counter((entitlement) => this.work(entitlement));
    this.#shell.show(workScreen(this.#shell, counter, found));
  }

  /** The real counter; `begin` opens its screen again, with somebody who was found by name. */
  #counter(begin: (found: string | null) => void): Counter {
    const search = (): void =>
      this.#shell.show(searchScreen(this.#device, (entitlement) => begin(entitlement), () => begin(null)));
    return realCounter(this.#shell, this.#device, search, (occasion) => this.incident(occasion));
  }

  incident(occasion: Occasion, back = (): void => this.work(null)): void {
    this.#shell.show(incidentScreen(this.#shell, this.#device, occasion, back));
  }

  practise(): void {
    this.#shell.practice = true;
    this.#shell.notice(say("scanner-practice-mark"), {
      words: say("scanner-practice-end"),
      run: () => {
        this.#shell.notice("");
        this.work(null);
      },
    });
    this.#shell.show(workScreen(this.#shell, practiceCounter(this.#device.identity.agency.zone), null));
  }

  async #witness(asking: Asking, go: (witness: Operator) => void): Promise<void> {
    const operators = (await this.#device.state("operators")) ?? [];
    const first = (): void => {
      const again = async (): Promise<void> => this.#witness(asking, go);
      this.#shell.show(firstScreen(this.#shell, this.#device, this.#beside(again), () => void again()));
    };
    this.#shell.show(witnessScreen(this.#device, operators, asking, go, first, () => this.work(null)));
  }

  /** Somebody signs in here for the first time while another is on duty, and stays so. */
  #beside(then: () => Promise<void>): Ways {
    const device = this.#device;
    const { operator, names } = device;
    const inside = async (): Promise<void> => {
      device.operator = operator;
      device.names = names;
      await then();
    };
    return { enrolled: () => this.enrolled(), who: then, inside };
  }

  async late(): Promise<void> {
    const begin = (witness: Operator, found: string | null): void => {
      const note = (occasion: Occasion): void => this.incident(occasion, () => begin(witness, null));
      const counter = lateCounter(this.#counter((entitlement) => begin(witness, entitlement)), witness, note);
      this.#shell.notice(say("scanner-late-mark", { name: witness.name }), { words: say("scanner-late-end"), run: () => this.work(null) });
      this.#shell.show(workScreen(this.#shell, counter, found));
    };
    await this.#witness({ title: say("scanner-late"), todo: say("scanner-late-do") }, (witness) => begin(witness, null));
  }

  async home(): Promise<void> {
    const begin = (witness: Operator | null, found: string | null): void => {
      const counter = homeCounter(this.#counter((entitlement) => begin(witness, entitlement)), this.#device, witness);
      this.#shell.notice(say("scanner-home-mark"), { words: say("scanner-home-end"), run: () => this.work(null) });
      this.#shell.show(workScreen(this.#shell, counter, found));
    };
    const other = { words: say("scanner-home-on-list"), run: () => begin(null, null) };
    await this.#device.fetchHomeList();
    const asking = { title: say("scanner-home"), todo: say("scanner-home-do"), other };
    await this.#witness(asking, (witness) => begin(witness, null));
  }

  async reversal(): Promise<void> {
    const back = (): void => this.work(null);
    const chosen = (row: Row, name: string): void =>
      void this.#witness({ title: say("scanner-reversal"), todo: say("scanner-reversal-witness") }, (witness) =>
        this.#shell.show(reasonScreen(this.#shell, this.#device, row, name, witness, back)),
      );
    this.#shell.show(await whichScreen(this.#device, chosen, back));
  }

  async menu(): Promise<void> {
    if (this.#shell.practice) return;
    const standing = await this.#shell.refresh();
    if (standing === null) return;
    this.#shell.show(
      menuScreen(this.#shell, this.#device, standing, {
        back: () => this.work(null),
        prepare: () => this.prepare(),
        practise: () => this.practise(),
        late: () => void this.late(),
        home: () => void this.home(),
        reversal: () => void this.reversal(),
        incident: () => this.incident({ kind: "other", entitlement: null }),
        lock: () => void this.lock(),
        anew: () => void this.menu(),
      }),
    );
  }

  async lock(): Promise<void> {
    const device = this.#device;
    const { operator } = device;
    device.operator = null;
    device.names = null;
    this.#shell.practice = false;
    const operators = (await device.state("operators")) ?? [];
    const same = operators.find((one) => one.user === operator?.user);
    if (same === undefined) await this.who();
    else this.#shell.show(pinScreen(this.#shell, device, same, this));
  }
}

/** Keeps the scanner's files on the phone, and says when newer ones are there. */
async function settle(shell: Shell): Promise<void> {
  if (navigator.serviceWorker === undefined) return;
  const registration = await navigator.serviceWorker.register("/scanner/sw.js", { scope: "/scanner/" }).catch(() => null);
  if (registration === null) return;
  const offer = (): void => {
    const { waiting } = registration;
    if (waiting === null || navigator.serviceWorker.controller === null) return;
    shell.notice(say("scanner-new-version"), {
      words: say("scanner-reload"),
      run: () => {
        navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
        waiting.postMessage("take over");
      },
    });
  };
  offer();
  registration.addEventListener("updatefound", () => {
    registration.installing?.addEventListener("statechange", offer);
  });
}

async function main(): Promise<void> {
  const chosen = localStorageOf("salur.language");
  speak(chosen === "en" ? "en" : "id");
  document.documentElement.classList.toggle("contrast", localStorageOf("salur.contrast") === "on");
  if (!window.isSecureContext) return stop("scanner-insecure", "scanner-insecure-do");
  if (crypto.subtle === undefined || navigator.locks === undefined) return stop("scanner-old-browser", "scanner-old-browser-do");
  addEventListener("beforeinstallprompt", (event) => {
    event.preventDefault();
    installable.prompt = () => (event as Event & { prompt(): Promise<unknown> }).prompt();
  });
  await alone();
  try {
    const scanner = new Scanner(await Database.open());
    void settle(scanner.shell);
    await scanner.begin();
  } catch (error) {
    if (!(error instanceof StorageFailed)) throw error;
    stop("scanner-no-storage", "scanner-no-storage-do");
  }
}

function localStorageOf(name: string): string {
  try {
    return localStorage.getItem(name) ?? "";
  } catch {
    return "";
  }
}

void main();
