// Bundles the desk's scripts into dist/, or, with --test, bundles and runs the unit tests.
// Nothing here downloads anything: `npm ci` has done that from the lock file.
import { spawnSync } from "node:child_process";
import { readdirSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
const common = { absWorkingDir: here, bundle: true, format: "esm", logLevel: "warning", charset: "utf8" };

if (process.argv.includes("--test")) {
  // Not into dist/: what lies there goes into the binary.
  const out = join("node_modules", ".salur-test");
  rmSync(join(here, out), { recursive: true, force: true });
  const tests = readdirSync(join(here, "desk")).filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: tests.map((name) => join("desk", name)),
    platform: "node",
    outdir: out,
    outExtension: { ".js": ".mjs" },
  });
  const files = tests.map((name) => join(here, out, name.replace(/\.ts$/, ".mjs")));
  process.exit(spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit" }).status ?? 1);
}

await build({
  ...common,
  entryPoints: ["desk/desk.ts", "desk/print.ts"],
  outdir: "dist",
  // Officers' own phones: Android 8 with a current Chrome is the floor.
  target: ["chrome100", "firefox100", "safari15"],
  minify: true,
  sourcemap: false,
  legalComments: "linked",
});
