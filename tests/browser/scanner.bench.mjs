// The scanner, measured: frame to verdict and first load with the CPU slowed down six times, and bytes. Prints JSON;
// `make bench ONLY=scanner` makes a table of it. Nothing is asserted: a figure is read, not passed.
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { get } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { api, binary, operatorOf, startSalur, vouchers } from "./lib.mjs";
import { capture, page as paper, voucherPage } from "./fake_camera.mjs";
import { enrol, enrolment, launch, phone, sees, serve, synced } from "./scanner.mjs";

const SLOWER = 6;
const SCANS = 40;
const ROUNDS = 10;
const SERVED = 500;

const at = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
function summary(list) {
  const sorted = list.map(Number).filter(Number.isFinite).sort((a, b) => a - b);
  return { n: sorted.length, median: at(sorted, 0.5), p99: at(sorted, 0.99) };
}

/** How many bytes the body of that file is, packed as a browser asks for it. */
function onTheWire(url) {
  return new Promise((done, lost) => {
    get(url, { headers: { "accept-encoding": "gzip, deflate, br, zstd" } }, (answer) => {
      let size = 0;
      answer.on("data", (piece) => (size += piece.length));
      answer.on("end", () => done(size));
    }).on("error", lost);
  });
}

const salur = await startSalur({ households: 12_000 });
const browser = await launch();
try {
  const all = await vouchers(salur);
  // Map.groupBy would do, from node 21 on.
  const counts = new Map();
  for (const one of all) counts.set(one.point, [...(counts.get(one.point) ?? []), one]);
  // The smallest point that has enough, so that its lease is a lease of about that many.
  const enough = [...counts].filter(([, papers]) => papers.length > SERVED).sort((a, b) => a[1].length - b[1].length);
  const [point, papers] = enough[0];
  const found = {};

  // First load, in a new profile each time.
  const loads = [];
  let bytes = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const page = await phone(browser, salur.base);
    const cdp = await page.context().newCDPSession(page);
    await cdp.send("Network.enable");
    await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
    bytes = 0;
    cdp.on("Network.loadingFinished", (event) => (bytes += event.encodedDataLength));
    const began = performance.now();
    await page.goto("/scanner/");
    await page.locator("#enrol-code").waitFor();
    loads.push(performance.now() - began);
    await page.context().close();
  }
  found.first_load_ms = summary(loads);
  found.first_load_bytes = bytes;
  // And all that the service worker puts by for the days without network, as it comes over the wire.
  const installed = await phone(browser, salur.base);
  await installed.goto("/scanner/");
  const files = await installed.evaluate(async () => {
    await navigator.serviceWorker.ready;
    const kept = await Promise.all((await caches.keys()).map(async (name) => (await caches.open(name)).keys()));
    return kept.flat().map((request) => request.url);
  });
  await installed.context().close();
  found.kept_files = files.length;
  found.kept_bytes = (await Promise.all(files.map(onTheWire))).reduce((sum, size) => sum + size, 0);

  const folder = mkdtempSync(join(tmpdir(), "salur-bench-"));
  const pdf = join(folder, "kupon.pdf");
  execFileSync(binary, ["print", "--dir", salur.dir, "--round", salur.demo.round_id, "--point", point, "--layout", "a4x4", "-o", pdf], { stdio: "ignore" });
  const part = { x: 0, y: 0, width: 0.5, height: 0.27 };
  const film = await capture(browser, [{ frames: 20 }, { png: paper(pdf, voucherPage(pdf)), part, frames: 40 }]);
  const filming = await launch(film);
  const page = await phone(filming, salur.base);
  const made = await enrolment(salur, point, "HP bench");
  let [lease, sync] = [0, 0];
  page.on("request", (request) => {
    if (request.url().endsWith("/sync")) sync = Math.max(sync, request.postDataBuffer()?.length ?? 0);
  });
  page.on("response", async (response) => {
    if (response.url().endsWith("/leases")) lease += Number((await response.request().sizes()).responseBodySize);
  });
  // The decoder says of each frame how long it took, in its own thread.
  const decoded = [];
  await page.exposeFunction("decoderTook", (ms) => decoded.push(ms));
  await page.addInitScript(() => {
    const Plain = Worker;
    window.Worker = class extends Plain {
      constructor(...all) {
        super(...all);
        this.addEventListener("message", (event) => {
          if (event.data.texts?.length > 0) window.decoderTook(event.data.tookMs);
        });
      }
    };
  });
  await enrol(page, made.code, operatorOf(salur, point));
  await page.locator("#prepare").click();
  await page.locator("#go-on.primary").waitFor({ timeout: 120_000 });
  found.lease_bytes = lease;
  found.leases = await page.locator("#bar-ready").innerText();

  const cdp = await page.context().newCDPSession(page);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  await page.locator("#go-on").click();
  const verdicts = [];
  while (verdicts.length < SCANS) {
    await sees(page, "valid");
    await page.waitForFunction(() => document.querySelector("#verdict").dataset.ms !== undefined);
    verdicts.push(await page.locator("#verdict").getAttribute("data-ms"));
    await page.locator("#verdict").evaluate((panel) => delete panel.dataset.ms);
    await page.locator("#cancel").click();
    // Past the time in which the same paper is a bounce.
    await page.waitForTimeout(2_100);
  }
  found.frame_to_verdict_ms = summary(verdicts);
  found.decoder_alone_ms = summary(decoded);
  await cdp.send("Emulation.setCPUThrottlingRate", { rate: 1 });
  // The paper may be before the lens again, and its verdict on the screen.
  await page.evaluate(() => document.querySelector("#camera-stop").click());
  await page.keyboard.press("Escape");
  await sees(page, "ready");
  await page.context().setOffline(true);
  const served = papers.slice(1, 1 + SERVED);
  for (const one of served) await serve(page, one.typed_code);
  sync = 0;
  await page.context().setOffline(false);
  await synced(page);
  found.receipts = served.length;
  found.sync_bytes = sync;
  await filming.close();
  found.vouchers = papers.length;
  process.stdout.write(`${JSON.stringify(found)}\n`);
} finally {
  await browser.close();
  await salur.stop();
}
