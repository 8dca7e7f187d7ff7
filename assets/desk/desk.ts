// The desk in a browser: scan, verdict, hand over, next.
//
// It fills the same elements that the plain forms fill, so the page means the same with and without it.
// A hand-over gets its id once, is kept before it is sent, and is sent again under that id until the
// server has answered: a lost answer, a reload or a second tap can never make two of it.

import { type Details, type Outcome, type Pending, keep, pause, pending, post } from "./calls.ts";
import { canonical, shortened } from "./code.ts";
import {
  by, csrf, done, formError, handOver, handOverForm, idSeen, nameBox, next, panel, part, relation, say, scan, scanForm, trouble,
} from "./page.ts";
import { count, instruction, network, remember, show, showVoucher } from "./show.ts";
import { awaken, give, signalOf } from "./sound.ts";
import { wedgeIn } from "./wedge_in.ts";

/** The same code within this time is the scanner's bounce, not a new question. */
const BOUNCE_MS = 2000;

/** The voucher on the desk: what would be handed over now. */
let current: { code: string; household: string } | null = null;
/** The last answer, for a scan that bounces. */
let last: { code: string; at: number; show: () => void } | null = null;
/** Ends the waiting of a verification that a newer scan has overtaken. */
let asking = new AbortController();
/** Whether a hand-over is under way: until it is settled nothing else begins. */
let settling = false;
/** Ends the settling when a person gives up. */
let givingUp = new AbortController();

function sleep(ms: number, stop: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = (): void => {
      clearTimeout(timer);
      window.removeEventListener("online", end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    // Back in the network there is no reason to wait any longer.
    window.addEventListener("online", end, { once: true });
    stop.addEventListener("abort", end, { once: true });
  });
}

/** Takes the voucher off the desk. */
function clearVoucher(): void {
  current = null;
  part("voucher", HTMLElement).hidden = true;
  handOverForm.hidden = true;
  formError.hidden = true;
}

function focusScan(): void {
  scan.value = "";
  scan.focus({ preventScroll: true });
  window.scrollTo({ top: 0 });
}

function ready(): void {
  if (settling) return;
  asking.abort();
  clearVoucher();
  show("ready");
  focusScan();
}

/** Puts a verdict on the screen, and the voucher when there is one. */
function showVerdict(code: string, verdict: string, details: Details): void {
  clearVoucher();
  show(verdict, instruction(verdict, details));
  const { voucher } = details;
  if (voucher) showVoucher(voucher);
  if (verdict === "valid") {
    current = { code, household: voucher?.household ?? shortened(code) };
    handOverForm.reset();
    handOverForm.hidden = false;
    handOver.disabled = false;
    idSeen.focus({ preventScroll: true });
  } else {
    focusScan();
  }
  scan.value = "";
}

/** One way in for the wedge, the typed code and the plain form. */
async function handleScan(text: string): Promise<void> {
  const code = canonical(text);
  if (code === "" || settling) return;
  awaken();
  scan.value = "";
  if (last !== null && last.code === code && performance.now() - last.at < BOUNCE_MS) {
    last.at = performance.now();
    last.show();
    return;
  }
  asking.abort();
  asking = new AbortController();
  const mine = asking.signal;
  last = null;
  clearVoucher();
  show("checking");
  for (let repetition = 0; ; repetition += 1) {
    const outcome = await post("/api/v1/verifications", { code }, csrf, mine);
    if (mine.aborted) return;
    network(outcome.kind !== "again");
    if (outcome.kind !== "again") {
      settleVerification(code, outcome);
      return;
    }
    // Nothing is known of the voucher, so nothing is said of it.
    show("offline");
    if (repetition === 0) give("ask");
    await sleep(pause(repetition), mine);
    if (mine.aborted) return;
  }
}

function settleVerification(code: string, outcome: Outcome): void {
  if (outcome.kind === "verdict") {
    const { verdict, details } = outcome;
    showVerdict(code, verdict, details);
    give(signalOf(verdict));
    const answer = () => {
      showVerdict(code, verdict, details);
      give(signalOf(verdict));
    };
    last = { code, at: performance.now(), show: answer };
    if (verdict !== "valid") {
      count("count-refused");
      remember(verdict, details.voucher?.household ?? shortened(code));
    }
  } else if (outcome.kind === "signed_out") {
    showSignedOut();
  } else {
    show("trouble", outcome.kind === "refused" && outcome.detail !== "" ? outcome.detail : undefined);
    give("ask");
    focusScan();
  }
}

function showSignedOut(): void {
  show("signed_out");
  trouble.hidden = false;
  part("sign-in-again", HTMLElement).hidden = false;
  part("drop", HTMLElement).hidden = true;
  part("sign-in-again", HTMLElement).focus();
  give("ask");
}

function complain(text: string, where: HTMLElement): void {
  formError.textContent = text;
  formError.hidden = false;
  where.focus();
}

/** Reads the form and sends the hand-over, once. */
function beginHandOver(): void {
  // A second tap, or a form that belongs to no voucher.
  if (settling || current === null) return;
  const kind = handOverForm.querySelector<HTMLInputElement>('input[name="collector"]:checked')?.value ?? "self";
  const name = nameBox.value.trim();
  if (kind !== "self" && name === "") return complain(say("desk-need-name"), nameBox);
  if (!idSeen.checked) return complain(say("desk-need-id"), idSeen);
  const waiting: Pending = {
    redemption: {
      id: newId(),
      code: current.code,
      collector: {
        kind,
        ...(kind === "self" ? {} : { name }),
        ...(kind === "proxy" ? { relation: relation.value } : {}),
        id_seen: true,
      },
    },
    household: current.household,
    by,
  };
  keep(sessionStorage, waiting);
  void settle(waiting);
}

/** A random UUID. `crypto.randomUUID` is missing where a page came over plain HTTP from another machine. */
function newId(): string {
  if (typeof crypto.randomUUID === "function") return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** Sends a kept hand-over until the server has answered it. */
async function settle(waiting: Pending): Promise<void> {
  settling = true;
  asking.abort();
  givingUp = new AbortController();
  const mine = givingUp.signal;
  handOver.disabled = true;
  scan.disabled = true;
  formError.hidden = true;
  for (let repetition = 0; ; repetition += 1) {
    const outcome = await post("/api/v1/redemptions", waiting.redemption, csrf, mine);
    if (mine.aborted) return;
    network(outcome.kind !== "again");
    if (outcome.kind === "again") {
      show("sending");
      if (repetition === 0) give("ask");
      // After a while a person may want to stop; the voucher can then be scanned again to see what became of it.
      if (repetition >= 3) offerToDrop();
      await sleep(pause(repetition), mine);
      if (mine.aborted) return;
      continue;
    }
    if (outcome.kind === "signed_out") {
      // It stays kept: the page finishes it after the sign-in.
      showSignedOut();
      return;
    }
    if (outcome.kind === "refused" && outcome.status === 403) {
      // Perhaps only this page's token is too old, and an earlier try may have counted: only a person can drop it.
      show("stuck");
      offerToDrop();
      give("ask");
      return;
    }
    keep(sessionStorage, null);
    release();
    finish(waiting, outcome);
    return;
  }
}

function offerToDrop(): void {
  trouble.hidden = false;
  part("sign-in-again", HTMLElement).hidden = true;
  part("drop", HTMLElement).hidden = false;
}

function release(): void {
  settling = false;
  handOver.disabled = false;
  scan.disabled = false;
}

function finish(waiting: Pending, outcome: Outcome): void {
  last = null;
  clearVoucher();
  if (outcome.kind === "receipt") {
    const { id, receipt_number: number } = outcome.receipt;
    show("redeemed");
    const place = part("receipt-number", HTMLElement);
    place.textContent = number;
    place.hidden = false;
    part("print", HTMLAnchorElement).href = `/redemptions/${encodeURIComponent(id)}/receipt`;
    done.hidden = false;
    next.focus({ preventScroll: true });
    window.scrollTo({ top: 0 });
    give("done");
    count("count-handed-over");
    remember("redeemed", waiting.household, { id, number });
  } else if (outcome.kind === "verdict") {
    showVerdict(waiting.redemption.code, outcome.verdict, outcome.details);
    give(signalOf(outcome.verdict));
    count("count-refused");
    remember(outcome.verdict, waiting.household);
  } else {
    show("trouble", outcome.kind === "refused" && outcome.detail !== "" ? outcome.detail : undefined);
    give("ask");
    focusScan();
  }
}

// ---- the ways in ----

document.addEventListener("keydown", awaken, true);
wedgeIn(scan, (text) => void handleScan(text));

scanForm.addEventListener("submit", (event) => {
  event.preventDefault();
  void handleScan(scan.value);
});

// The browser's own bubble for a missing tick is small and in its own language.
handOverForm.noValidate = true;
handOverForm.addEventListener("submit", (event) => {
  event.preventDefault();
  beginHandOver();
});

next.addEventListener("click", (event) => {
  event.preventDefault();
  ready();
});
next.addEventListener("keydown", (event) => {
  // It is a button to whoever listens to it, so Space has to work as well.
  if (event.key === " ") {
    event.preventDefault();
    ready();
  }
});

part("drop", HTMLButtonElement).addEventListener("click", () => {
  givingUp.abort();
  keep(sessionStorage, null);
  release();
  ready();
});

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !settling) ready();
});

window.addEventListener("online", () => network(true));
window.addEventListener("offline", () => network(false));
network(navigator.onLine);

// A verdict that came by plain form, before this script was there, can be acted on all the same.
const shown = handOverForm.querySelector<HTMLInputElement>('input[name="code"]')?.value ?? "";
if (panel.dataset["verdict"] === "valid" && shown !== "") {
  current = { code: shown, household: part("household", HTMLElement).textContent ?? "" };
}

const waiting = pending(sessionStorage);
if (waiting !== null && waiting.by !== by) {
  keep(sessionStorage, null);
} else if (waiting !== null) {
  clearVoucher();
  show("sending");
  void settle(waiting);
}
