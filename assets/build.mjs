// Bundles the scripts of the pages and the scanner into dist/, or, with --test, bundles and runs the unit tests.
// Nothing here downloads anything: `npm ci` has done that from the lock file.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const here = dirname(fileURLToPath(import.meta.url));
/** The words of assets/words as far as the scanner uses them: plain sentences with `{ $place }`s. */
const words = {
  name: "words",
  setup(build) {
    build.onResolve({ filter: /^salur:words$/ }, () => ({ path: "words", namespace: "words" }));
    build.onLoad({ filter: /.*/, namespace: "words" }, () => {
      const catalogue = Object.fromEntries(["id", "en"].map((language) => [language, spoken(language)]));
      return { contents: JSON.stringify(catalogue), loader: "json", watchFiles: ["id", "en"].map(wordsOf) };
    });
  },
};

function wordsOf(language) {
  return join(here, "words", `${language}.ftl`);
}

function spoken(language) {
  const wanted = /^(scanner|verdict|desk|collector)-/;
  const found = {};
  for (const line of readFileSync(wordsOf(language), "utf8").split("\n")) {
    const [, key, text] = /^([a-z][a-z0-9-]*) = (.*)$/.exec(line) ?? [];
    if (key === undefined || !wanted.test(key)) continue;
    // A choice by number would need the whole of Fluent on the phone.
    if (/\{(?! \$[a-z]+ \})/.test(text)) throw new Error(`${language}.ftl: ${key} is more than a plain sentence`);
    found[key] = text;
  }
  return found;
}

const common = { absWorkingDir: here, bundle: true, format: "esm", logLevel: "warning", charset: "utf8" };

if (process.argv.includes("--test")) {
  // Not into dist/: what lies there goes into the binary.
  const out = join("node_modules", ".salur-test");
  rmSync(join(here, out), { recursive: true, force: true });
  const tests = ["desk", "scanner"]
    .flatMap((folder) => readdirSync(join(here, folder), { recursive: true }).map((name) => join(folder, name)))
    .filter((name) => name.endsWith(".test.ts"));
  await build({
    ...common,
    entryPoints: tests,
    platform: "node",
    plugins: [words],
    outbase: here,
    outdir: out,
    outExtension: { ".js": ".mjs" },
  });
  const files = tests.map((name) => join(here, out, name.replace(/\.ts$/, ".mjs")));
  const env = { ...process.env, SALUR_VECTORS: resolve(here, "../tests/vectors") };
  process.exit(spawnSync(process.execPath, ["--test", ...files], { stdio: "inherit", env }).status ?? 1);
}

// Officers' own phones: Android 8 with a current Chrome is the floor.
const target = ["chrome100", "firefox100", "safari15"];
const shipped = { ...common, target, minify: true, sourcemap: false, legalComments: "linked", plugins: [words] };

await build({ ...shipped, entryPoints: ["desk/desk.ts", "desk/print.ts"], outdir: "dist" });

const scanner = join(here, "dist/scanner");
rmSync(scanner, { recursive: true, force: true });
await build({
  ...shipped,
  entryPoints: { scanner: "scanner/scanner.ts", decode: "scanner/camera/decode.worker.ts" },
  outdir: "dist/scanner",
});
for (const file of ["index.html", "manifest.webmanifest", "scanner.css"]) {
  copyFileSync(join(here, "scanner", file), join(scanner, file));
}
copyFileSync(join(here, "style/icon.svg"), join(scanner, "icon.svg"));
copyFileSync(join(here, "node_modules/zxing-wasm/dist/reader/zxing_reader.wasm"), join(scanner, "zxing_reader.wasm"));
writeFileSync(join(scanner, "licences.txt"), licences());

// What a phone keeps. The version is the hash of it all: one changed byte is a new version.
const files = readdirSync(scanner).filter((name) => !name.endsWith(".LEGAL.txt") && name !== "licences.txt").sort();
const version = createHash("sha256");
for (const name of files) version.update(name).update(readFileSync(join(scanner, name)));
await build({
  ...shipped,
  entryPoints: { sw: "scanner/sw.ts" },
  outdir: "dist/scanner",
  define: {
    FILES: JSON.stringify(files.map((name) => (name === "index.html" ? "/scanner/" : `/scanner/${name}`))),
    VERSION: JSON.stringify(version.digest("hex").slice(0, 16)),
  },
});

/** The licences of what is bundled, as their authors wrote them. */
function licences() {
  const packages = ["zxing-wasm", "@noble/ed25519"];
  return packages
    .map((name) => {
      const folder = join(here, "node_modules", name);
      const { version, license } = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
      const file = readdirSync(folder).find((file) => /^licen[sc]e/i.test(file));
      return `${name} ${version} (${license})\n\n${file ? readFileSync(join(folder, file), "utf8") : ""}`;
    })
    .join("\n\n----\n\n");
}
