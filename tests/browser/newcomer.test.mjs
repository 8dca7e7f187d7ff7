// Somebody who has never seen the scanner: enrols a phone, serves a queue of thirty with the server stopped halfway,
// and reads nothing but the screen. Whatever is pressed here is found by its words, as a person finds it.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { api, operatorOf, signIn } from "./lib.mjs";
import { phone, sees, stored, synced } from "./scanner.mjs";
import { pictures, scannerStage } from "./scanner_stage.mjs";

const stage = scannerStage({ households: 600 });
const { scene, freePoint, redeemed } = stage;

/** A mark that a person would use to check off the queue. */
const QUEUE = { good: 19, photocopy: 5, elsewhere: 3, revoked: 3 };

for (const [width, height] of [[360, 740], [1280, 800]]) {
  scene(`a newcomer at ${width} pixels serves thirty, with the server stopped halfway and without one wrong handout`, async ({ keep }) => {
    mkdirSync(pictures, { recursive: true });
    const { point, papers } = freePoint(QUEUE.good + QUEUE.revoked);
    const look = async (page, name) => page.screenshot({ path: join(pictures, `newcomer-${width}-${name}.png`), fullPage: true });
    const press = (page, words) => page.getByRole("button", { name: words }).first().click();

    // Revoked before the phone knows anything.
    const [good, revoked] = [papers.slice(0, QUEUE.good), papers.slice(QUEUE.good, QUEUE.good + QUEUE.revoked)];
    for (const one of revoked) {
      const body = JSON.stringify({ reason: "meninggal dunia" });
      await api(stage.salur, stage.salur.demo.tokens.coordinator, `/entitlements/${one.entitlement_id}/revoke`, { method: "POST", body });
    }
    const elsewhere = stage.left.filter((one) => one.point !== point && one.state === "available").slice(-QUEUE.elsewhere);

    // The coordinator, at the office.
    const office = keep(await phone(stage.browser, stage.salur.base, { viewport: { width: 1280, height: 800 } }));
    await signIn(office, stage.salur.demo.users.find((user) => user.role === "coordinator"));
    await office.goto("/devices");
    const invite = office.locator("details", { has: office.locator('select[name="point"]') });
    await invite.locator("summary").click();
    await invite.getByLabel("Nama").fill(`HP baru ${width}`);
    await invite.getByLabel("Titik").selectOption({ label: await invite.locator("option", { hasText: point }).innerText() });
    await invite.getByRole("button").click();
    const code = await office.locator("strong.code").last().innerText();

    // The newcomer.
    const page = keep(await phone(stage.browser, stage.salur.base, { viewport: { width, height } }));
    await page.goto("/scanner/");
    await look(page, "01-enrol");
    await page.getByLabel("Kode pendaftaran").fill(code);
    await press(page, "Daftarkan");
    const operator = operatorOf(stage.salur, point);
    await page.getByLabel("Nama pengguna").fill(operator.username);
    await page.getByLabel("Kata sandi").fill(operator.password);
    await look(page, "02-sign-in");
    await press(page, "Masuk");
    await page.getByLabel("Pilih PIN").fill("170845");
    await page.getByLabel("Ketik PIN sekali lagi").fill("170845");
    await press(page, "Lanjut");
    await page.getByRole("alert").filter({ hasText: "mudah ditebak" }).waitFor();
    await look(page, "03-weak-pin");
    await page.getByLabel("Pilih PIN").fill("482913");
    await page.getByLabel("Ketik PIN sekali lagi").fill("482913");
    await press(page, "Lanjut");
    await look(page, "04-prepare");
    await press(page, "Unduh data titik");
    await press(page, "Lanjut");
    await sees(page, "ready");
    await look(page, "05-ready");
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));

    const type = async (text) => {
      await page.getByLabel("Pindai, atau ketik kode kupon").fill(text);
      await page.keyboard.press("Enter");
    };
    const verdict = async () => {
      await page.waitForFunction(() => !["ready", "checking"].includes(document.querySelector("#verdict")?.dataset.verdict ?? "ready"));
      return page.locator("#verdict-word").innerText();
    };
    // A person is slower than the two seconds in which the same paper is the scanner's bounce.
    const pause = () => page.waitForTimeout(2_100);

    /** Serves one as the screen says, and answers the word that was big on it. */
    const serveOne = async (text, picture) => {
      await page.locator("#verdict").evaluate((box) => (box.dataset.verdict = "checking"));
      await type(text);
      const word = await verdict();
      if (picture !== undefined) await look(page, picture);
      if (word !== "KUPON SAH") return word;
      await page.getByLabel(/KTP/).check();
      await press(page, "Serahkan paket");
      await sees(page, "green");
      if (picture !== undefined) await look(page, `${picture}-green`);
      await press(page, "Sudah diserahkan");
      await sees(page, "ready");
      return word;
    };

    const served = [];
    const half = Math.ceil(QUEUE.good / 2);
    for (const [at, one] of good.slice(0, half).entries()) {
      served.push(await serveOne(at % 2 === 0 ? one.code : one.typed_code, at === 0 ? "06-valid" : undefined));
    }
    assert.equal(await serveOne(elsewhere[0].code, "07-other-point"), "BUKAN TITIK INI");
    assert.equal(await serveOne(revoked[0].code, "08-revoked"), "DIBATALKAN");
    assert.equal(await serveOne(good[1].code, "09-photocopy"), "SUDAH DIAMBIL");
    await synced(page);

    // Halfway the server stops, and the phone is started anew.
    await stage.salur.halt("SIGKILL");
    try {
      await page.reload();
      await look(page, "10-who");
      await page.locator("section.begin button.big").click();
      await page.getByLabel(/PIN/).fill("482913");
      await sees(page, "ready");
      for (const one of good.slice(half)) served.push(await serveOne(one.code));
      for (const one of elsewhere.slice(1)) assert.equal(await serveOne(one.code, "11-other-point-offline"), "BUKAN TITIK INI");
      for (const one of revoked.slice(1)) assert.notEqual(await serveOne(one.code, "12-revoked-offline"), "KUPON SAH");
      for (const at of [2, half, half + 1, QUEUE.good - 1]) {
        await pause();
        assert.equal(await serveOne(good[at].typed_code, "13-photocopy-offline"), "SUDAH DIAMBIL");
      }
      await page.locator("#bar-unreached").waitFor();
      await look(page, "14-offline");
      assert.equal((await stored(page)).redeemed.length, QUEUE.good);
    } finally {
      await stage.salur.resume();
    }
    await press(page, "Menu");
    await look(page, "15-menu");
    await press(page, "Sinkronkan sekarang");
    await synced(page);
    await look(page, "16-synced");
    assert.deepEqual([...new Set(served)], ["KUPON SAH"], "every honest one was served");
    assert.equal(served.length, QUEUE.good);
    assert.equal(await redeemed(good), QUEUE.good);
    assert.equal(await redeemed([...elsewhere, ...revoked]), 0, "and nobody else");
  });
}
