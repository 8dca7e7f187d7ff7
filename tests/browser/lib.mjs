// What every browser test stands on: a server with a fresh demonstration, a chromium, and a `scene` that is
// one test with one signed-in page. Uses only what a user of the program could use: command line, HTTP, pages.
import { execFile, spawn } from "node:child_process";
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { chromium } from "playwright-core";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "../..");
const target = resolve(root, process.env.CARGO_TARGET_DIR ?? "target");

export const binary = resolve(root, process.env.SALUR_BIN ?? join(target, "debug/salur"));
export const chromiumPath = process.env.SALUR_CHROMIUM ?? inPath("chromium", "chromium-browser", "google-chrome");

// Long enough for a debug build on a busy machine; a test that passes never waits for it.
const patience = Number(process.env.SALUR_PATIENCE_MS ?? 20_000);

function inPath(...names) {
  for (const folder of (process.env.PATH ?? "").split(delimiter)) {
    for (const name of names) if (existsSync(join(folder, name))) return join(folder, name);
  }
  return undefined;
}

/** A demonstration in a new folder and a server on a free port. `stop` ends it and removes the folder. */
export async function startSalur({ households = 40, seed = 1 } = {}) {
  const dir = mkdtempSync(join(tmpdir(), "salur-browser-"));
  // The tests bring their own database: a setting of the caller's shell must not lead them to another.
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SALUR_")));
  const made = await promisify(execFile)(
    binary,
    ["demo", "--dir", dir, "--households", String(households), "--seed", String(seed), "--json"],
    { env, maxBuffer: 64 << 20 },
  ).catch((error) => {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`salur demo failed (${error.code ?? error.signal}):\n${error.stderr}`);
  });
  let demo;
  try {
    demo = JSON.parse(made.stdout);
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw new Error(`salur demo --json printed something else than one JSON object: ${error.message}\n${made.stdout.slice(0, 500)}`);
  }

  const logPath = join(dir, "serve.log");
  let server = await serve(dir, env, logPath, "127.0.0.1:0").catch((error) => {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  });
  const { base } = server;

  return {
    base,
    demo,
    dir,
    log: () => readFileSync(logPath, "utf8"),
    /** Stops the server alone, as a power cut would (`SIGKILL`) or in order; its folder stays. */
    async halt(signal = "SIGTERM") {
      await server.end(signal);
    },
    /** Serves the same folder at the same address again. */
    async resume() {
      server = await serve(dir, env, logPath, new URL(base).host);
    },
    async stop() {
      await server.end("SIGTERM");
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** A server over a folder. `end` stops it; it is safe to call when it has stopped. */
async function serve(dir, env, logPath, listen) {
  const log = openSync(logPath, "a");
  const child = spawn(binary, ["serve", "--dir", dir, "--listen", listen], { env, stdio: ["ignore", "pipe", log] });
  closeSync(log);
  // Without this a test file that dies in the middle would leave its server behind.
  const kill = () => child.kill("SIGKILL");
  process.on("exit", kill);
  const ended = new Promise((done) => child.once("exit", done));

  const base = await new Promise((found, lost) => {
    const timer = setTimeout(() => lost(new Error(`salur serve did not say "listening on" within ${patience} ms`)), patience);
    createInterface({ input: child.stdout }).on("line", (line) => {
      const said = /listening on (https?:\/\/\S+)/.exec(line);
      if (said) {
        clearTimeout(timer);
        found(said[1].replace(/\/$/, ""));
      }
    });
    child.once("error", lost);
    child.once("exit", (code, signal) => {
      clearTimeout(timer);
      lost(new Error(`salur serve ended (${code ?? signal}):\n${readFileSync(logPath, "utf8")}`));
    });
  }).catch((error) => {
    kill();
    throw error;
  });
  return {
    base,
    async end(signal) {
      process.off("exit", kill);
      child.kill(signal);
      const late = setTimeout(kill, 5_000);
      await ended;
      clearTimeout(late);
    },
  };
}

/** A call of the HTTP API as the holder of `token`; answers the parsed body, or throws with what came instead. */
export async function api(salur, token, path, init = {}) {
  const answer = await fetch(`${salur.base}/api/v1${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json", ...init.headers },
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(`${init.method ?? "GET"} ${path} answered ${answer.status}: ${text.slice(0, 500)}`);
  return text === "" ? null : JSON.parse(text);
}

/** Every voucher of the demonstration's round. */
export async function vouchers(salur) {
  const all = [];
  let next = null;
  do {
    const page = await api(
      salur,
      salur.demo.tokens.issuer,
      `/rounds/${salur.demo.round_id}/vouchers?limit=500${next ? `&after=${encodeURIComponent(next)}` : ""}`,
    );
    all.push(...page.items);
    next = page.next;
  } while (next);
  return all;
}

/** The operator of a point: by the member `point` of the demonstration's user, else by the code in the username. */
export function operatorOf(salur, point) {
  const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]/g, "");
  const operators = salur.demo.users.filter((user) => user.role === "operator");
  const found =
    operators.find((user) => user.point === point) ?? operators.find((user) => plain(user.username).includes(plain(point)));
  if (!found) throw new Error(`no operator of ${point} among ${operators.map((user) => user.username).join(", ")}`);
  return found;
}

/** Fills the form and sends it, whatever comes of it. */
export async function knock(page, user) {
  await page.goto("/sign-in");
  await page.locator('input[name="username"]').fill(user.username);
  await page.locator('input[name="password"]').fill(user.password);
  await page.locator("form", { has: page.locator('input[name="password"]') }).locator('button, input[type="submit"]').first().click();
}

export async function signIn(page, user) {
  await knock(page, user);
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** Types like a scanner: as fast as the wire, Enter at the end, into whatever has the focus. */
export async function wedge(page, text) {
  await page.keyboard.type(text, { delay: 2 });
  await page.keyboard.press("Enter");
}

/** Scans with the cursor in the box, and waits for the verdict. */
export async function scan(page, text, verdict) {
  await page.locator("#scan").fill("");
  await page.locator("#scan").focus();
  await wedge(page, text);
  await sees(page, verdict);
}

/** Waits until the desk shows this verdict; if it never does, says which one it shows. */
export async function sees(page, verdict) {
  await page.locator(`#verdict[data-verdict="${verdict}"]`).waitFor().catch(async (error) => {
    const shown = await page.locator("#verdict").getAttribute("data-verdict", { timeout: 500 }).catch(() => "no #verdict at all");
    throw new Error(`expected the verdict "${verdict}", the desk shows "${shown}"`, { cause: error });
  });
}

/**
 * A server and a browser for the tests of one file, and the function that declares a test:
 *
 *     const { scene } = stage();
 *     scene("what the desk promises", async ({ page, desk }) => { … });
 *
 * Each scene gets a new browser context (no cookie of another test) and, unless `as` is null, a page signed in as
 * the operator of a point that still has vouchers. `desk.voucher()` gives one that no other scene has had.
 * A scene that fails leaves a screenshot and says where.
 */
export function stage(options = {}) {
  let salur;
  let browser;
  let left;

  before(async () => {
    salur = await startSalur(options);
    left = await vouchers(salur);
    browser = await chromium.launch({
      executablePath: chromiumPath,
      // Nothing of the browser's own may look for the network: the machine of a test often has none.
      args: ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
    });
  });
  after(async () => {
    await browser?.close();
    await salur?.stop();
  });

  function scene(name, ...rest) {
    const body = rest.pop();
    const { as = "operator", context: contextOptions = {} } = rest.pop() ?? {};
    test(name, async () => {
      const context = await browser.newContext({ baseURL: salur.base, locale: "id-ID", ...contextOptions });
      context.setDefaultTimeout(patience);
      const page = await context.newPage();
      const faults = [];
      page.on("pageerror", (error) => faults.push(`script: ${error.message}`));
      page.on("console", (said) => {
        if (said.type() === "error" && /Content.Security.Policy|Refused to/i.test(said.text())) faults.push(said.text());
      });
      try {
        let desk;
        if (as === "operator") {
          const { point } = left[0] ?? {};
          if (!point) throw new Error("the demonstration has no vouchers left: ask stage() for more households");
          desk = {
            point,
            voucher() {
              const index = left.findIndex((one) => one.point === point);
              if (index < 0) throw new Error(`no voucher of ${point} is left: ask stage() for more households`);
              return left.splice(index, 1)[0];
            },
            voucherOfAnotherPoint() {
              const index = left.findIndex((one) => one.point !== point);
              if (index < 0) throw new Error("every voucher left is of one point: ask stage() for more households");
              return left.splice(index, 1)[0];
            },
          };
          await signIn(page, operatorOf(salur, point));
        }
        await body({ page, context, salur, desk });
        if (faults.length) throw new Error(`the page complained: ${faults.join("; ")}`);
      } catch (error) {
        const folder = join(target, "browser");
        mkdirSync(folder, { recursive: true });
        const picture = join(folder, `${name.replace(/[^\p{L}\p{N}]+/gu, "-")}.png`);
        await page.screenshot({ path: picture, fullPage: true }).catch(() => {});
        error.message += `\n  at ${page.url()}, screenshot: ${picture}${faults.length ? `\n  the page complained: ${faults.join("; ")}` : ""}`;
        throw error;
      } finally {
        await context.close();
      }
    });
  }
  return { scene };
}
