// What the tests of the scanner do, in the steps of a person who has never seen it.
import { spawn } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { chromium } from "playwright-core";
import { api, chromiumPath } from "./lib.mjs";

export const PIN = "482913";

/** A chromium for the scanner; `camera` is a capture file. */
export function launch(camera) {
  const film = camera === undefined ? [] : [`--use-file-for-fake-video-capture=${camera}`];
  return chromium.launch({
    executablePath: chromiumPath,
    args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--use-fake-device-for-media-stream", ...film],
  });
}

/** A phone: a context of its own, so a device of its own. */
export async function phone(browser, base, options = {}) {
  const { camera = true, lasting = true, ...rest } = options;
  const context = await browser.newContext({
    baseURL: base, locale: "id-ID", timezoneId: "Asia/Makassar", viewport: { width: 360, height: 740 }, ...rest,
  });
  context.setDefaultTimeout(Number(process.env.SALUR_PATIENCE_MS ?? 60_000));
  const page = await context.newPage();
  // What a person would tap: the camera, and storage that lasts. Chromium refuses whatever is not named.
  const own = await context.newCDPSession(page);
  const { targetInfo } = await own.send("Target.getTargetInfo");
  const whole = await browser.newBrowserCDPSession();
  await whole.send("Browser.grantPermissions", {
    origin: base,
    browserContextId: targetInfo.browserContextId,
    permissions: [...(camera ? ["videoCapture"] : []), ...(lasting ? ["durableStorage"] : [])],
  });
  page.faults = [];
  page.on("pageerror", (error) => page.faults.push(`script: ${error.message}`));
  page.on("console", (said) => {
    if (said.type() === "error" && /Content.Security.Policy|Refused to/i.test(said.text())) page.faults.push(said.text());
  });
  return page;
}

/** What the coordinator makes on the Devices page. */
export async function enrolment(salur, pointCode, name) {
  const points = await api(salur, salur.demo.tokens.coordinator, "/points?limit=200");
  const point = points.items.find((one) => one.code === pointCode);
  const body = JSON.stringify({ name, point_id: point.id });
  return api(salur, salur.demo.tokens.coordinator, "/enrolments", { method: "POST", body });
}

/** Enrols the phone by the typed code, signs the operator in and chooses a PIN. */
export async function enrol(page, code, operator) {
  await page.goto("/scanner/");
  await page.locator("#enrol-code").fill(code);
  await page.locator("form button.primary").click();
  await page.locator("#username").fill(operator.username);
  await page.locator("#password").fill(operator.password);
  await page.locator("form button.primary").click();
  await page.locator("#new-pin").fill(PIN);
  await page.locator("#new-pin-again").fill(PIN);
  await page.locator("form button.primary").click();
  await page.locator("#prepare").waitFor();
}

/** Fetches the leases of the whole point, or goes on without. */
export async function prepare(page, fetches = true) {
  if (fetches) {
    await page.locator("#prepare").click();
    await page.locator("#go-on.primary").waitFor();
  }
  await page.locator("#go-on").click();
  await sees(page, "ready");
}

/** Opens the scanner again and unlocks it. */
export async function unlock(page) {
  await page.locator("section.begin button.big").click();
  await page.locator("#pin").fill(PIN);
  await page.locator("#verdict").waitFor();
}

export async function sees(page, verdict) {
  await page.locator(`#verdict[data-verdict="${verdict}"]`).waitFor().catch(async (error) => {
    const shown = await page.locator("#verdict").innerText({ timeout: 500 }).catch(() => "no #verdict at all");
    throw new Error(`expected the verdict "${verdict}", the scanner shows "${shown}"`, { cause: error });
  });
}

/** Puts a text into the box, as a person or a scanner in the right place does. */
export async function scan(page, text, verdict) {
  await page.locator("#scan").fill(text);
  await page.locator("#scan").press("Enter");
  await sees(page, verdict);
}

/** From the valid verdict to the next recipient. `confirm: false` stops at the green screen. */
export async function handOver(page, { confirm = true } = {}) {
  await page.locator("#id-seen").check();
  await page.locator("#hand-over").click();
  await sees(page, "green");
  if (!confirm) return;
  await page.locator("#next").click();
  await sees(page, "ready");
}

export async function serve(page, text) {
  await scan(page, text, "valid");
  await handOver(page);
}

/** Waits until nothing is left to say to the server. */
export async function synced(page) {
  await page.locator("#bar-unsynced:not(.warn)").waitFor({ timeout: 60_000 });
}

/** What lies in the browser's database: rows by lease, and the journal. */
export async function stored(page) {
  return page.evaluate(async () => {
    const open = indexedDB.open("salur");
    const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    const all = (store) => new Promise((done) => (db.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result)));
    const [rows, journal] = [await all("rows"), await all("journal")];
    db.close();
    return {
      open: rows.filter((row) => row.lease.is === "open").length,
      redeemed: rows.filter((row) => row.lease.is === "redeemed").map((row) => row.entitlement),
      journal: journal.map((entry) => ({ seq: entry.seq, hash: entry.hash, prev: entry.body.prev_hash, answer: entry.answer })),
    };
  });
}

/** Leaves no room: whatever this origin may store is filled to the brim. Answers the way to make room again. */
export async function fillStorage(page) {
  const cdp = await page.context().newCDPSession(page);
  const { origin } = new URL(page.url());
  const { usage } = await cdp.send("Storage.getUsageAndQuota", { origin });
  await cdp.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 300_000 });
  await page.evaluate(async () => {
    const open = indexedDB.open("ballast", 1);
    open.onupgradeneeded = () => open.result.createObjectStore("ballast", { autoIncrement: true });
    const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    const put = (bytes) =>
      new Promise((done) => {
        const tx = db.transaction("ballast", "readwrite", { durability: "strict" });
        tx.objectStore("ballast").put(crypto.getRandomValues(new Uint8Array(bytes)));
        tx.oncomplete = () => done(true);
        tx.onabort = () => done(false);
      });
    for (const bytes of [65_536, 16_384, 4_096, 512, 32]) while (await put(bytes));
    db.close();
  });
  return async () => {
    await cdp.send("Storage.overrideQuotaForOrigin", { origin });
    await page.evaluate(() => new Promise((done) => (indexedDB.deleteDatabase("ballast").onsuccess = done)));
  };
}

/** A chromium with a profile on disk, so that it can be killed and started again: `kill` is a power cut. */
export async function profile(folder = mkdtempSync(join(tmpdir(), "salur-profile-"))) {
  const child = spawn(
    chromiumPath,
    ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--remote-debugging-port=0", `--user-data-dir=${folder}`, "about:blank"],
    // A group of its own: chromium is many processes, and a power cut takes them all.
    { stdio: ["ignore", "ignore", "pipe"], detached: true },
  );
  const kill = () => {
    try {
      process.kill(-child.pid, "SIGKILL");
    } catch {
      // It had ended.
    }
  };
  process.on("exit", kill);
  const address = await new Promise((found, lost) => {
    createInterface({ input: child.stderr }).on("line", (line) => {
      const said = /DevTools listening on (ws:\S+)/.exec(line);
      if (said) found(said[1]);
    });
    child.once("exit", () => lost(new Error("chromium ended before it listened")));
  });
  const browser = await chromium.connectOverCDP(address);
  const context = browser.contexts()[0];
  context.setDefaultTimeout(Number(process.env.SALUR_PATIENCE_MS ?? 60_000));
  return {
    folder,
    page: context.pages()[0] ?? (await context.newPage()),
    context,
    /** Ends it as a person does, with everything written. */
    async close() {
      const ended = new Promise((done) => child.once("exit", done));
      const own = await browser.newBrowserCDPSession();
      await own.send("Browser.close").catch(() => {});
      await ended;
      process.off("exit", kill);
    },
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = new Promise((done) => child.once("exit", done));
      kill();
      await ended;
      process.off("exit", kill);
    },
  };
}

/** The keys of a scanner that is set to a US keyboard, on a computer with this layout (`us` or `azerty`). */
export async function typeLikeAScanner(page, text, { gapMs, layout = "us", end = "Enter" }) {
  const cdp = await page.context().newCDPSession(page);
  const press = async (key, code, shift) => {
    const common = { key, code, modifiers: shift ? 8 : 0, windowsVirtualKeyCode: code.startsWith("Key") ? code.charCodeAt(3) : 0 };
    await cdp.send("Input.dispatchKeyEvent", { type: "keyDown", ...common, ...(key.length === 1 ? { text: key } : {}) });
    await cdp.send("Input.dispatchKeyEvent", { type: "keyUp", ...common });
  };
  for (const sign of text) {
    const [code, shift] = positionOf(sign);
    await press(layout === "azerty" ? azerty(code, shift) : sign, code, shift);
    if (gapMs > 2) await new Promise((done) => setTimeout(done, gapMs));
  }
  if (end !== "") await cdp.send("Input.dispatchKeyEvent", { type: "keyDown", key: end, code: end, windowsVirtualKeyCode: end === "Enter" ? 13 : 9, text: end === "Enter" ? "\r" : "" });
  await cdp.detach();
}

function positionOf(sign) {
  if (/[A-Z]/.test(sign)) return [`Key${sign}`, true];
  if (/[0-9]/.test(sign)) return [`Digit${sign}`, false];
  return { ":": ["Semicolon", true], "/": ["Slash", false], ".": ["Period", false], "-": ["Minus", false] }[sign];
}

/** What a French keyboard gives at that position. */
function azerty(code, shift) {
  const moved = { KeyQ: "a", KeyA: "q", KeyW: "z", KeyZ: "w", KeyM: "?", Semicolon: "m", Slash: "!", Period: ":", Minus: ")" };
  const digits = "à&é\"'(-è_ç";
  if (code.startsWith("Digit")) return shift ? code.slice(5) : digits[Number(code.slice(5))];
  const plain = moved[code] ?? code.slice(3).toLowerCase();
  return shift ? plain.toUpperCase() : plain;
}
