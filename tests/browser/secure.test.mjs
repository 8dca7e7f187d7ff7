// HTTPS on a local network: an own authority that is good for this server alone, and what a page without it says.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createHash, createPublicKey } from "node:crypto";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync } from "node:fs";
import https from "node:https";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { binary, chromiumPath, operatorOf, startSalur, vouchers } from "./lib.mjs";
import { enrol, enrolment, phone, prepare, serve, stored, synced, unlock } from "./scanner.mjs";
import { pictures } from "./scanner_stage.mjs";

function freePort() {
  return new Promise((done) => {
    const probe = createServer().listen(0, "127.0.0.1", () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });
}

function get(url, options) {
  return new Promise((done, lost) => {
    https.get(url, options, (answer) => {
      answer.resume();
      answer.on("end", () => done(answer));
    }).on("error", lost);
  });
}

test("an own authority serves HTTPS for its own names, keeps no key of its root, and a plain page brings the root", async () => {
  const salur = await startSalur();
  await salur.halt();
  const guide = await freePort();
  const child = spawn(
    binary,
    ["serve", "--dir", salur.dir, "--listen", "127.0.0.1:0", "--tls", "--tls-name", "127.0.0.1", "--tls-guide", `127.0.0.1:${guide}`],
    { stdio: ["ignore", "pipe", "ignore"] },
  );
  try {
    const base = await new Promise((found, lost) => {
      createInterface({ input: child.stdout }).on("line", (line) => {
        const said = /listening on (https:\/\/\S+)/.exec(line);
        if (said) found(said[1]);
      });
      child.once("exit", (code) => lost(new Error(`salur serve ended with ${code}`)));
    });
    const ca = readFileSync(join(salur.dir, "tls/salur-root.crt"));
    assert.equal((await get(`${base}/healthz`, { ca })).statusCode, 200);
    await assert.rejects(get(`${base}/healthz`, {}), "without the root nobody trusts it");
    const port = new URL(base).port;
    await assert.rejects(get(`https://127.0.0.1:${port}/`, { ca, servername: "bank.example" }), "and with it, no other name");
    const keys = readdirSync(join(salur.dir, "tls")).filter((name) => /PRIVATE KEY/.test(readFileSync(join(salur.dir, "tls", name), "utf8")));
    assert.deepEqual(keys, ["server-key.pem"], "the root's key is nowhere");
    assert.equal(statSync(join(salur.dir, "tls/server-key.pem")).mode & 0o077, 0);

    const page = await (await fetch(`http://127.0.0.1:${guide}/`)).text();
    assert.match(page, /([0-9A-F]{2}:){31}[0-9A-F]{2}/);
    const root = await fetch(`http://127.0.0.1:${guide}/salur-root.crt`);
    assert.equal(root.headers.get("content-type"), "application/x-x509-ca-cert");
    assert.equal(await root.text(), ca.toString());
    const elsewhere = await fetch(`http://127.0.0.1:${guide}/desk`, { redirect: "manual" });
    assert.match(elsewhere.headers.get("location"), /^https:\/\/127\.0\.0\.1:\d+\/desk$/);
  } finally {
    child.kill("SIGKILL");
    await salur.stop();
  }
});

test("over plain HTTP from another machine the scanner says why it does not open", async () => {
  const salur = await startSalur();
  const port = new URL(salur.base).port;
  const browser = await chromium.launch({
    executablePath: chromiumPath,
    args: ["--disable-gpu", "--host-resolver-rules=MAP gudang.test 127.0.0.1"],
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://gudang.test:${port}/scanner/`);
    assert.match(await page.locator('[role="alert"]').innerText(), /https:\/\//);
  } finally {
    await browser.close();
    await salur.stop();
  }
});

/** The public key of a certificate as Chromium names it. */
function pin(pem) {
  return createHash("sha256").update(createPublicKey(pem).export({ type: "spki", format: "der" })).digest("base64");
}

test("a certificate that is no longer trusted: the scanner serves on, says what it may be, and sends later", async () => {
  mkdirSync(pictures, { recursive: true });
  const salur = await startSalur({ households: 60 });
  await salur.halt();
  const port = await freePort();
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SALUR_")));
  let child;
  const secure = async () => {
    child = spawn(binary, ["serve", "--dir", salur.dir, "--listen", `127.0.0.1:${port}`, "--tls", "--tls-name", "127.0.0.1"], { env, stdio: ["ignore", "pipe", "ignore"] });
    await new Promise((found, lost) => {
      createInterface({ input: child.stdout }).on("line", (line) => /listening on https/.test(line) && found());
      child.once("exit", (code) => lost(new Error(`salur serve ended with ${code}`)));
    });
  };
  const stop = () => new Promise((done) => (child.once("exit", done), child.kill("SIGTERM")));
  let browser;
  try {
    await secure();
    const tls = join(salur.dir, "tls");
    const kept = mkdtempSync(join(tmpdir(), "salur-tls-"));
    cpSync(tls, kept, { recursive: true });
    const certificate = readdirSync(tls).filter((name) => /\.(pem|crt)$/.test(name)).map((name) => readFileSync(join(tls, name), "utf8"));
    const pins = certificate.filter((text) => text.includes("BEGIN CERTIFICATE")).map(pin);
    browser = await chromium.launch({
      executablePath: chromiumPath,
      args: ["--disable-gpu", "--no-first-run", "--disable-background-networking", `--ignore-certificate-errors-spki-list=${pins.join(",")}`],
    });
    const base = `https://127.0.0.1:${port}`;
    const there = { ...salur, base };
    const calls = process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = "0";
    const all = await vouchers(there);
    const { point } = all[0];
    const papers = all.filter((one) => one.point === point);
    const made = await enrolment(there, point, "HP gudang");
    const page = await phone(browser, base, { camera: false });
    await enrol(page, made.code, operatorOf(salur, point));
    await prepare(page);
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
    // Somebody makes a new authority, and the phone does not have its root.
    await stop();
    rmSync(tls, { recursive: true });
    await secure();
    await page.reload();
    await unlock(page);
    await serve(page, papers[0].code);
    await page.locator("#bar-unreached").waitFor();
    await page.locator("#bar-unreached summary").click();
    assert.match(await page.locator("#bar-unreached").innerText(), /sertifikat/);
    await page.screenshot({ path: join(pictures, "certificate-360.png"), fullPage: true });
    assert.equal((await stored(page)).journal[0].answer, null);
    await stop();
    rmSync(tls, { recursive: true });
    cpSync(kept, tls, { recursive: true });
    await secure();
    await page.locator("#menu-button").click();
    await page.locator("#sync-now").click();
    await synced(page);
    const state = (await vouchers(there)).find((one) => one.entitlement_id === papers[0].entitlement_id).state;
    assert.equal(state, "redeemed");
    if (calls === undefined) delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    else process.env.NODE_TLS_REJECT_UNAUTHORIZED = calls;
  } finally {
    await browser?.close();
    child?.kill("SIGKILL");
    await salur.stop();
  }
});
