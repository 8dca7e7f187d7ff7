// The scanner for whoever holds it: large enough, dark enough on its ground, named for a screen reader, and usable
// with the keys alone.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { handOver, scan, sees, synced } from "./scanner.mjs";
import { pictures, scannerStage } from "./scanner_stage.mjs";

const { scene, freePoint, device, redeemed } = scannerStage({ households: 400 });
mkdirSync(pictures, { recursive: true });

/** Text that stands out from its ground by less than this ratio (WCAG 2.2, 1.4.3 and 1.4.6). */
function pale(page, least) {
  return page.evaluate((least) => {
    const parse = (text) => (text.match(/[\d.]+/g) ?? []).map(Number);
    const light = ([r, g, b]) => {
      const [x, y, z] = [r, g, b].map((one) => (one / 255 <= 0.04045 ? one / 255 / 12.92 : ((one / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * x + 0.7152 * y + 0.0722 * z;
    };
    const ground = (element) => {
      for (let one = element; one !== null; one = one.parentElement) {
        const color = parse(getComputedStyle(one).backgroundColor);
        if (color.length === 3 || color[3] > 0.99) return color;
      }
      return [255, 255, 255];
    };
    const found = [];
    for (const element of document.querySelectorAll("body *")) {
      const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== "");
      if (!own || element.offsetParent === null || element.disabled) continue;
      const [one, other] = [light(parse(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a);
      const ratio = (one + 0.05) / (other + 0.05);
      if (ratio < least) found.push(`${ratio.toFixed(2)} ${element.outerHTML.slice(0, 90)}`);
    }
    return found;
  }, least);
}

scene("on a phone of 360 pixels nothing is scrolled sideways, and everything to press is large enough", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  const fits = async (where) => {
    const found = await page.evaluate(() => {
      const small = [...document.querySelectorAll("button, input, select, label.tick, summary")]
        .filter((one) => one.offsetParent !== null && !["checkbox", "radio"].includes(one.type))
        .filter((one) => one.getBoundingClientRect().height < 47.5)
        .map((one) => one.outerHTML.slice(0, 80));
      const tiny = [...document.querySelectorAll("main *, header *")]
        .filter((one) => one.offsetParent !== null && one.textContent.trim() !== "" && parseFloat(getComputedStyle(one).fontSize) < 17.9)
        .map((one) => one.outerHTML.slice(0, 80));
      const nameless = [...document.querySelectorAll("button, input, select, textarea, video, summary")]
        .filter((one) => one.offsetParent !== null)
        .filter((one) => !(one.textContent.trim() || one.labels?.length || one.getAttribute("aria-label")))
        .map((one) => one.outerHTML.slice(0, 80));
      return { width: document.documentElement.scrollWidth, small, tiny, nameless };
    });
    assert.ok(found.width <= 360, `${where}: ${found.width} px wide`);
    assert.deepEqual([found.small, found.tiny, found.nameless], [[], [], []], where);
    assert.deepEqual(await pale(page, 4.5), [], `${where}: contrast`);
  };
  assert.equal(await page.locator("#verdict").getAttribute("aria-live"), "assertive");
  await fits("ready");
  await scan(page, papers[0].code, "valid");
  await page.locator("#collector-proxy-other").check();
  await page.locator("#short").check();
  await fits("everything open");
  await page.locator("#collector-self").check();
  await page.locator("#short").uncheck();
  await handOver(page);
  await page.locator("#menu-button").click();
  await fits("the menu");
  await page.locator("#contrast").click();
  assert.deepEqual(await pale(page, 7), [], "the menu in high contrast");
  await page.screenshot({ path: join(pictures, "contrast-menu-360.png"), fullPage: true });
  for (const item of ["home", "incident", "reversal", "late"]) {
    await page.locator(`#${item}`).click();
    await page.locator("h1").waitFor();
    await fits(item);
    await page.screenshot({ path: join(pictures, `${item}-360.png`), fullPage: true });
    await page.locator("#back").click();
    await page.locator("#menu-button").click();
  }
  await page.locator("#back").click();
  for (const [at, text] of [papers[1].code, papers[0].code, "https://example.com/menu", papers[0].code.slice(0, -8)].entries()) {
    await page.keyboard.press("Escape");
    await page.waitForTimeout(2_100);
    await page.locator("#scan").fill(text);
    await page.locator("#scan").press("Enter");
    await sees(page, ["valid", "already_redeemed", "foreign", "malformed"][at]);
    assert.deepEqual(await pale(page, 7), [], `verdict ${at} in high contrast`);
    await page.screenshot({ path: join(pictures, `contrast-${at}-360.png`), fullPage: true });
  }
});

scene("a whole handout needs no mouse, and what the verdict says is read out", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point, { options: { camera: false } }));
  await page.keyboard.type(papers[0].typed_code, { delay: 90 });
  await page.keyboard.press("Enter");
  await sees(page, "valid");
  assert.match(await page.locator('[aria-live="assertive"]').innerText(), /KUPON SAH/);
  await page.keyboard.press("Space");
  await page.keyboard.press("Enter");
  await sees(page, "green");
  await page.keyboard.press("Enter");
  await sees(page, "ready");
  await page.keyboard.type(papers[1].typed_code, { delay: 90 });
  await page.keyboard.press("Enter");
  await sees(page, "valid");
  await page.keyboard.press("Escape");
  await sees(page, "ready");
  await synced(page);
  assert.equal(await redeemed(papers), 1);
});
