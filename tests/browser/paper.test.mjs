// The paper as an office meets it: printing more than a file holds, bundles that go out against a signature,
// a sheet that is printed again, and who signs the documents. SALUR_SHOTS names a folder for pictures.
import assert from "node:assert/strict";
import { join } from "node:path";
import { signIn, stage, vouchers } from "./lib.mjs";

const { scene } = stage({ households: 1_020 });

async function enter(page, salur, role) {
  await signIn(page, salur.demo.users.find((user) => user.role === role));
}

async function shot(page, name) {
  if (!process.env.SALUR_SHOTS) return;
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    await page.screenshot({ path: join(process.env.SALUR_SHOTS, `${name}-${width}.png`), fullPage: true });
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

scene("a print beyond one file is a job with its progress, fetched when it is done", { as: null }, async ({ page, salur }) => {
  await enter(page, salur, "issuer");
  await page.goto(`/rounds/${salur.demo.round_id}/print`);
  await page.locator("form.stack button.primary").click();
  await page.waitForURL(/print#jobs$/);
  await shot(page, "print-begun");
  const fetched = page.locator('a[href$="/result"]');
  await fetched.waitFor({ timeout: 60_000 }); // the page asks again by itself
  await shot(page, "print-done");
  const file = await page.request.get(await fetched.getAttribute("href"));
  assert.equal(file.status(), 200);
  assert.equal((await file.body()).subarray(0, 2).toString(), "PK");
});

scene("a bundle goes out against a name, and what has not gone out stays on the page", { as: null }, async ({ page, salur }) => {
  await enter(page, salur, "coordinator");
  await page.goto(`/rounds/${salur.demo.round_id}/custody`);
  const heads = page.locator("table[aria-labelledby=bundles] th.code, [aria-labelledby=bundles] th.code");
  const before = await heads.count();
  const code = await heads.first().innerText();
  await page.locator("#code").fill(code);
  await page.locator("#step").selectOption("handed");
  await page.locator("#holder").fill("Ketua RT 001, Pak Amat");
  await page.locator("section[aria-labelledby=record] button.primary").click();
  await page.waitForURL(/custody$/);
  assert.equal(await page.locator("[role=alert]").count(), 0);
  assert.equal(await heads.count(), before - 1);
  await shot(page, "custody");
  await page.locator("#code").fill("B1-9999-0");
  await page.locator("#step").selectOption("handed");
  await page.locator("#holder").fill("Pak Amat");
  await page.locator("section[aria-labelledby=record] button.primary").click();
  await page.locator("[role=alert]").waitFor();
});

scene("a spoilt sheet is asked for by one, agreed to by another, and printed alone", { as: null }, async ({ page, salur }) => {
  const [voucher] = await vouchers(salur);
  await enter(page, salur, "coordinator");
  await page.goto(`/rounds/${salur.demo.round_id}/custody`);
  await page.locator("#voucher").fill(voucher.code);
  await page.locator("#cause").selectOption("spoilt");
  await page.locator("#why").fill("tinta luntur");
  await page.locator("#kept").check();
  await page.locator("section[aria-labelledby=request] button").click();
  await page.locator("[aria-labelledby=reprints] tbody tr").waitFor();
  assert.equal(await page.locator("[role=alert]").count(), 0);

  const other = await page.context().browser().newContext({ baseURL: salur.base, locale: "id-ID" });
  const issuer = await other.newPage();
  await enter(issuer, salur, "issuer");
  await issuer.goto(`/rounds/${salur.demo.round_id}/custody`);
  await issuer.locator("[aria-labelledby=reprints] form button").click();
  const paper = issuer.locator('[aria-labelledby=reprints] a[href*="entitlement="]');
  await paper.waitFor();
  await shot(issuer, "reprints");
  const file = await issuer.request.get(await paper.getAttribute("href"));
  assert.equal(file.status(), 200);
  assert.equal((await file.body()).subarray(0, 8).toString(), "%PDF-1.7");
  assert.match(await issuer.locator("dl.facts").innerText(), /1[\s\S]*1[\s\S]*1/, "spoilt, kept, replaced");
  await other.close();
});

scene("an administrator sets who signs, and takes it back", { as: null }, async ({ page, salur }) => {
  await enter(page, salur, "admin");
  await page.goto("/users");
  await page.locator('a[href="/signatures"]').click();
  await page.locator("#handover summary").click();
  await shot(page, "signatures");
  await page.locator("#title-handover-1").fill("Camat Tenggarong");
  await page.locator("#name-handover-1").fill("H. AHMAD, S.Sos");
  await page.locator("#handover button.primary").click();
  await page.waitForURL(/signatures#handover$/);
  assert.match(await page.locator("#handover summary").innerText(), /Camat Tenggarong/);
  if (!(await page.locator("#handover button[value=usual]").isVisible())) await page.locator("#handover summary").click();
  assert.equal(await page.locator("#name-handover-1").inputValue(), "H. AHMAD, S.Sos");
  await page.locator("#handover button[value=usual]").click();
  // While the next page comes there is none.
  await page.waitForFunction(() => document.querySelector("#handover summary")?.innerText.includes("Camat") === false);
});
