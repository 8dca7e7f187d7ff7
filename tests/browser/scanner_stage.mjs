// What the files of scanner scenes stand on: a server with vouchers at many points, a browser, and a phone of a
// point that no other scene uses.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { api, binary, operatorOf, startSalur, vouchers } from "./lib.mjs";
import { PIN, enrol, enrolment, launch, phone, prepare } from "./scanner.mjs";

/** Where pictures go that a person looks at. */
export const pictures = resolve(binary, "../../browser");

/** Declares the server and the browser of one file. `stage.salur`, `.browser` and `.left` are there in a scene. */
export function scannerStage(options) {
  const taken = new Set();
  const stage = { salur: null, browser: null, left: [] };

  before(async () => {
    stage.salur = await startSalur(options);
    stage.left = await vouchers(stage.salur);
    stage.browser = await launch();
  });
  after(async () => {
    await stage.browser?.close();
    await stage.salur?.stop();
  });

  /** The smallest point with so many vouchers; no two scenes share one, so that none disturbs another's leases. */
  stage.freePoint = (least) => {
    const counts = new Map();
    for (const one of stage.left) counts.set(one.point, (counts.get(one.point) ?? 0) + 1);
    const free = [...counts].filter(([point, count]) => !taken.has(point) && count >= least).sort((a, b) => a[1] - b[1]);
    assert.ok(free.length > 0, `no point with ${least} vouchers is left: more households`);
    taken.add(free[0][0]);
    return { point: free[0][0], papers: stage.left.filter((one) => one.point === free[0][0]) };
  };

  stage.device = async (point, { fetches = true, options = {}, name = `HP ${point}`, in: where = stage.browser } = {}) => {
    const page = await phone(where, stage.salur.base, options);
    const made = await enrolment(stage.salur, point, name);
    await enrol(page, made.code, operatorOf(stage.salur, point));
    await prepare(page, fetches);
    return page;
  };

  /** How many of these are redeemed, as the office sees it. */
  stage.redeemed = async (papers) => {
    const ids = new Set(papers.map((one) => one.entitlement_id));
    return (await vouchers(stage.salur)).filter((one) => ids.has(one.entitlement_id) && one.state === "redeemed").length;
  };

  /** A colleague of the same point, who signs in on this phone as a person does, and then hands it back. */
  stage.colleague = async (page, point, name = "Budi Saksi") => {
    const points = await api(stage.salur, stage.salur.demo.tokens.admin, "/points?limit=200");
    const username = `saksi.${point.toLowerCase()}`;
    const password = "kolam ikan di belakang gudang 7";
    const body = { username, name, role: "operator", password, point_id: points.items.find((one) => one.code === point).id };
    await api(stage.salur, stage.salur.demo.tokens.admin, "/users", { method: "POST", body: JSON.stringify(body) });
    await page.locator("#menu-button").click();
    await page.locator("#lock").click();
    await page.locator("section.begin form button", { hasText: "Masuk" }).click();
    await page.locator("#username").fill(username);
    await page.locator("#password").fill(password);
    await page.locator("form button.primary").click();
    await page.locator("#new-pin").fill(PIN);
    await page.locator("#new-pin-again").fill(PIN);
    await page.locator("form button.primary").click();
    await page.locator("#verdict").waitFor();
    await page.locator("#menu-button").click();
    await page.locator("#lock").click();
    await page.getByRole("button", { name: "Kembali", exact: true }).click();
    await page.locator("section.begin button.big").first().click();
    await page.locator("#pin").fill(PIN);
    await page.locator("#verdict").waitFor();
    return name;
  };

  stage.scene = (name, body) => {
    test(name, async () => {
      const pages = [];
      try {
        await body({ keep: (page) => (pages.push(page), page) });
        for (const page of pages) assert.deepEqual(page.faults ?? [], [], "the page complained");
      } catch (error) {
        mkdirSync(pictures, { recursive: true });
        for (const [at, page] of pages.entries()) {
          const picture = resolve(pictures, `${name.replace(/[^\p{L}\p{N}]+/gu, "-")}-${at}.png`);
          await page.screenshot({ path: picture, fullPage: true }).catch(() => {});
          error.message += `\n  screenshot: ${picture}`;
        }
        throw error;
      } finally {
        for (const page of pages) await page.context().close().catch(() => {});
      }
    });
  };
  return stage;
}
