// Runs the browser tests: `node run.mjs [part of a file's name …]`. Needs a built binary, Debian's chromium
// and `npm ci` in this folder; `make test` sees to all three. One file at a time: each starts a server and
// a browser of its own, and two cores are enough for one of those pairs.
import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
if (!existsSync(join(here, "node_modules/playwright-core"))) fail("playwright-core is missing: run `make setup-tests`");

const { binary, chromiumPath } = await import("./lib.mjs");
if (!existsSync(binary)) fail(`no binary at ${binary}: run \`cargo build\`, or set SALUR_BIN`);
if (!chromiumPath) fail("no chromium in the PATH: run `make setup-tests`, or set SALUR_CHROMIUM");

const wanted = process.argv.slice(2);
const files = readdirSync(here)
  .filter((name) => name.endsWith(".test.mjs") && (wanted.length === 0 || wanted.some((part) => name.includes(part))))
  .sort();
if (files.length === 0) fail(`no test file has any of these in its name: ${wanted.join(", ")}`);

const { status } = spawnSync(
  process.execPath,
  ["--test", "--test-concurrency=1", "--test-reporter=spec", ...files.map((name) => join(here, name))],
  { stdio: "inherit" },
);
process.exit(status ?? 1);

function fail(sentence) {
  console.error(`browser tests: ${sentence}`);
  process.exit(1);
}
