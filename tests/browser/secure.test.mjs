// HTTPS on a local network: an own authority that is good for this server alone, and what a page without it says.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync, statSync, readdirSync } from "node:fs";
import https from "node:https";
import { createServer } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";
import { chromium } from "playwright-core";
import { binary, chromiumPath, startSalur } from "./lib.mjs";

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
