// The scanner as warehouse staff meet it: online, offline, with copies of the paper, with a phone that dies.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { api, binary, operatorOf, vouchers } from "./lib.mjs";
import { capture, page as paper, voucherPage } from "./fake_camera.mjs";
import {
  PIN, enrol, enrolment, fillStorage, handOver, launch, phone, prepare, profile, scan, sees, serve, stored, synced,
  typeLikeAScanner, unlock,
} from "./scanner.mjs";
import { scannerStage } from "./scanner_stage.mjs";

const stage = scannerStage({ households: 1_600 });
const { scene, freePoint, device, redeemed } = stage;

scene("a printed voucher held before the camera is served, and the office knows", async ({ keep }) => {
  const { point, papers } = freePoint(3);
  const folder = mkdtempSync(join(tmpdir(), "salur-paper-"));
  const pdf = join(folder, "kupon.pdf");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SALUR_")));
  execFileSync(binary, ["print", "--dir", stage.salur.dir, "--round", stage.salur.demo.round_id, "--point", point, "--layout", "a4x4", "-o", pdf], { env, stdio: "ignore" });
  const film = await capture(stage.browser, [{ frames: 8 }, { png: paper(pdf, 1), part: { x: 0, y: 0, width: 1, height: 0.27 }, frames: 22 }]);
  const withCamera = await launch(film);
  try {
    const page = keep(await device(point, { in: withCamera }));
    // The permission is there, so the camera opened by itself.
    await sees(page, "valid");
    await handOver(page);
    await synced(page);
    assert.equal(await redeemed(papers), 1);
    // The paper is still before the lens: now it has been served.
    await sees(page, "already_redeemed");
  } finally {
    await withCamera.close();
  }
});

scene("two vouchers side by side before the camera: none is served, and the screen asks for one alone", async ({ keep }) => {
  const { point, papers } = freePoint(4);
  const folder = mkdtempSync(join(tmpdir(), "salur-paper-"));
  const pdf = join(folder, "kupon.pdf");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SALUR_")));
  execFileSync(binary, ["print", "--dir", stage.salur.dir, "--round", stage.salur.demo.round_id, "--point", point, "--layout", "a4x4", "-o", pdf], { env, stdio: "ignore" });
  const film = await capture(stage.browser, [{ frames: 8 }, { png: paper(pdf, voucherPage(pdf)), part: { x: 0, y: 0, width: 1, height: 0.27 }, frames: 22 }]);
  const withCamera = await launch(film);
  try {
    const page = keep(await device(point, { in: withCamera }));
    await page.locator("#camera-trouble", { hasText: "Terlihat dua kupon" }).waitFor();
    assert.equal(await redeemed(papers), 0);
  } finally {
    await withCamera.close();
  }
});

scene("the server stops in mid-shift; reloaded offline, fifty are served, and the books agree afterwards", async ({ keep }) => {
  const { point, papers } = freePoint(51);
  const page = keep(await device(point));
  await serve(page, papers[0].code);
  await synced(page);
  await page.evaluate(() => navigator.serviceWorker.ready.then(() => true));
  await stage.salur.halt("SIGKILL");
  try {
    await page.reload();
    await unlock(page);
    await sees(page, "ready");
    for (const one of papers.slice(1, 51)) await serve(page, one.typed_code);
    await scan(page, papers[7].code, "already_redeemed");
    const kept = await stored(page);
    assert.equal(kept.redeemed.length, 51);
    assert.equal(kept.journal.filter((entry) => entry.answer === null).length, 50);
    for (const [at, entry] of kept.journal.slice(1).entries()) assert.equal(entry.prev, kept.journal[at].hash);
  } finally {
    await stage.salur.resume();
  }
  await page.locator("#menu-button").click();
  await page.locator("#sync-now").click();
  await synced(page);
  assert.equal(await redeemed(papers), 51);
  const books = await api(stage.salur, stage.salur.demo.tokens.finance, `/rounds/${stage.salur.demo.round_id}/reconciliation`);
  const row = books.points.find((one) => one.point.startsWith(point));
  assert.equal(row.redeemed, 51);
  assert.ok(books.closes, "the books close");
});

scene("two phones and one photocopy: one handout, whichever is without network", async ({ keep }) => {
  const { point, papers } = freePoint(4);
  const first = keep(await device(point));
  const second = keep(await device(point));
  await first.context().setOffline(true);
  await scan(second, papers[0].code, "leased_elsewhere");
  await serve(first, papers[0].code);
  await scan(second, papers[0].code, "leased_elsewhere");
  await second.context().setOffline(true);
  await scan(second, papers[1].code, "not_ready");
  await first.context().setOffline(false);
  await first.locator("#menu-button").click();
  await first.locator("#sync-now").click();
  await synced(first);
  await second.context().setOffline(false);
  await second.waitForTimeout(2_100);
  await scan(second, papers[0].code, "already_redeemed");
  assert.equal(await redeemed(papers), 1);
});

scene("a photocopy at the same phone is refused and says when the first came", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  // Cancelled, and typed again at once: it is asked again, and no bounce.
  await scan(page, papers[0].code, "valid");
  await page.locator("#cancel").click();
  await serve(page, papers[0].code);
  await scan(page, papers[0].typed_code, "already_redeemed");
  assert.match(await page.locator("#verdict-line").innerText(), /\d\d-\d\d-\d{4} \d\d\.\d\d/);
  assert.equal(await page.locator("#hand-over").count(), 0);
});

scene("a USB scanner is understood at 5, 30 and 100 ms a key, with Enter, Tab or nothing, and on a French keyboard", async ({ keep }) => {
  const { point, papers } = freePoint(6);
  const page = keep(await device(point));
  const ways = [
    { gapMs: 5 }, { gapMs: 30, end: "Tab" }, { gapMs: 5, end: "" }, { gapMs: 5, layout: "azerty" }, { gapMs: 100, layout: "azerty" },
  ];
  for (const [at, way] of ways.entries()) {
    // Nothing has the focus: the burst is caught wherever it goes.
    await page.evaluate(() => document.activeElement?.blur());
    await typeLikeAScanner(page, papers[at].code, way);
    await sees(page, "valid");
    await page.locator("#cancel").click();
  }
});

scene("a phone killed between hand-over and sync loses nothing", async () => {
  const { point, papers } = freePoint(3);
  const made = await enrolment(stage.salur, point, "HP yang mati");
  let one = await profile();
  try {
    await one.page.goto(`${stage.salur.base}/scanner/`);
    // A profile has no base address of its own.
    const goto = one.page.goto.bind(one.page);
    one.page.goto = (path) => goto(new URL(path, stage.salur.base).href);
    await enrol(one.page, made.code, operatorOf(stage.salur, point));
    await prepare(one.page);
    await one.context.setOffline(true);
    await scan(one.page, papers[0].code, "valid");
    await handOver(one.page, { confirm: false });
    await one.kill();
    one = await profile(one.folder);
    await one.page.goto(`${stage.salur.base}/scanner/`);
    await unlock(one.page);
    await scan(one.page, papers[0].code, "already_redeemed");
    await synced(one.page);
    assert.equal(await redeemed(papers), 1);
  } finally {
    await one.kill();
  }
});

scene("a full phone says that nothing was recorded, and hands out once there is room", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  const room = await fillStorage(page);
  await scan(page, papers[0].code, "valid");
  await page.locator("#id-seen").check();
  await page.locator("#hand-over").click();
  await sees(page, "trouble");
  assert.equal((await stored(page)).journal.length, 0);
  await room();
  await page.locator("#hand-over").click();
  await sees(page, "green");
  // The bar may still show the count of before: what the server says is what counts.
  for (let looks = 0; looks < 120 && (await redeemed(papers)) < 1; looks++) await page.waitForTimeout(500);
  assert.equal(await redeemed(papers), 1);
});

scene("every strange code is named for what it is, and none stops the next", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  const code = papers[0].code;
  const [elsewhere] = freePoint(1).papers;
  const signature = code.slice(0, -20) + (code.at(-20) === "A" ? "B" : "A") + code.slice(-19);
  for (const [text, verdict] of [
    ["00020101021126610014ID.CO.QRIS.WWW0215ID1020012345678", "foreign"],
    ["https://example.com/menu?table=4", "foreign"],
    ["6402990101700001", "foreign"],
    ["A".repeat(3_000), "foreign"],
    [code.slice(0, -8), "malformed"],
    [signature, "forged"],
    ["7KQ4-M2XP-9F", "malformed"],
    [elsewhere.code, "wrong_point"],
  ]) {
    await page.locator("#scan").evaluate((box, text) => ((box.maxLength = 5_000), (box.value = text)), text);
    await page.locator("#scan").press("Enter");
    await sees(page, verdict);
    assert.notEqual((await page.locator("#verdict-line").innerText()).trim(), "", `${verdict} says what to do`);
  }
  await serve(page, code);
});

scene("a clock set back two years is said, marked on the receipt, and stops nobody", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  await page.clock.setFixedTime(new Date(Date.now() - 2 * 365 * 86_400_000));
  await page.context().setOffline(true);
  await serve(page, papers[0].code);
  await page.locator("#bar-clock").waitFor();
  const flags = await page.evaluate(async () => {
    const open = indexedDB.open("salur");
    const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    return new Promise((done) => (db.transaction("journal").objectStore("journal").getAll().onsuccess = (event) => done(event.target.result[0].body.flags)));
  });
  assert.deepEqual(flags, ["clock_back"]);
});

scene("a camera that is refused leaves every other way open, and says what to do", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point, { options: { camera: false } }));
  await page.locator("#camera-start").click();
  await page.locator("#camera-trouble").waitFor();
  assert.match(await page.locator("#camera-trouble").innerText(), /izin/i);
  await serve(page, papers[0].typed_code);
});

scene("a lost paper is served by name with its reason, and the paper is refused when it turns up", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  await scan(page, papers[0].code, "valid");
  const name = await page.locator("#household").innerText();
  const tail = /… (\d{4})/.exec(await page.locator("#holder-line").innerText())?.[1];
  assert.ok(tail, "the screen shows the end of the NIK and no more");
  assert.doesNotMatch(await page.locator("main").innerText(), /\d{16}/);
  await page.locator("#cancel").click();
  await page.locator("#no-paper").click();
  await page.locator("#search").fill(`${name.split(" ")[0]} ${tail}`);
  await page.locator("#found button").first().click();
  await sees(page, "valid");
  await page.locator("#id-seen").check();
  await page.locator("#hand-over").click();
  await page.locator('[role="alert"]:visible').waitFor();
  await page.locator("#paper-reason").fill("tertinggal di rumah");
  await page.locator("#hand-over").click();
  await sees(page, "green");
  await page.locator("#next").click();
  await page.waitForTimeout(2_100);
  await scan(page, papers[0].code, "already_redeemed");
});

scene("where the browser does not promise to keep its storage, few rights are at stake", async ({ keep }) => {
  const { point } = freePoint(51);
  const page = keep(await device(point, { options: { lasting: false } }));
  assert.equal((await stored(page)).open, 50);
});

scene("a late entry takes two persons, and the receipt says so and when", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  await page.locator("#menu-button").click();
  await page.locator("#late").click();
  // Nobody else has ever signed in here: one person alone gets no further.
  assert.equal(await page.locator("#witness-go").count(), 0);
  await page.evaluate(async () => {
    // A colleague with the same PIN as the operator; that one signs in with a password at another time.
    const open = indexedDB.open("salur");
    const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    const store = db.transaction("state", "readwrite").objectStore("state");
    const [one] = await new Promise((done) => (store.get("operators").onsuccess = (event) => done(event.target.result)));
    const other = { ...one, user: "0a0a0a0a-0a0a-4a0a-8a0a-0a0a0a0a0a0a", name: "Budi", username: "budi" };
    await new Promise((done) => (store.put([one, other], "operators").onsuccess = done));
    db.close();
  });
  await page.locator("#back").click();
  await page.locator("#menu-button").click();
  await page.locator("#late").click();
  await page.locator("#witness-pin").fill(PIN);
  await page.locator("#witness-go").click();
  await scan(page, papers[0].typed_code, "valid");
  await page.locator("#happened-at").fill("2026-01-02T09:30");
  await handOver(page);
  await synced(page);
  assert.equal(await redeemed(papers), 1);
  const id = await page.evaluate(async () => {
    const open = indexedDB.open("salur");
    const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    return new Promise((done) => (db.transaction("rows").objectStore("rows").getAll().onsuccess = (event) => done(event.target.result.find((row) => row.lease.is === "redeemed").lease.redemption)));
  });
  const receipt = await api(stage.salur, stage.salur.demo.tokens.finance, `/redemptions/${id}`);
  assert.deepEqual(receipt.flags.map((one) => one.flag).sort(), ["late_entry", "witness"]);
  assert.ok(receipt.scanned_at.startsWith("2026-01-02T09:30"), receipt.scanned_at);
});

scene("practice counts nothing, and a real voucher is not served in it", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  await page.locator("#menu-button").click();
  await page.locator("#practise").click();
  await page.locator("#lessons button").first().click();
  await sees(page, "valid");
  await handOver(page);
  await scan(page, papers[0].code, "foreign");
  assert.equal((await stored(page)).journal.length, 0);
  await page.locator(".banner button").click();
  await scan(page, "LATIHAN:1", "foreign");
  await serve(page, papers[0].code);
});

scene("a wrong PIN opens nothing and is counted, and a second tab may not hand out", async ({ keep }) => {
  const { point } = freePoint(1);
  const page = keep(await device(point));
  await page.reload();
  await page.locator("section.begin button.big").click();
  for (const wrong of ["111222", "111223"]) {
    await page.locator("#pin").fill(wrong);
    await page.locator('[role="alert"]:visible').waitFor();
    await page.locator("#pin:not([value])").waitFor();
    await page.waitForFunction(() => document.querySelector("#pin").value === "");
  }
  await page.locator("#pin").fill(PIN);
  await page.locator("#verdict").waitFor();
  const second = await page.context().newPage();
  await second.goto("/scanner/");
  await second.locator("#use-here").waitFor();
  await second.close();
});

scene("a revoked device hands out no more, and its journal does not go away", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  await page.context().setOffline(true);
  await serve(page, papers[0].code);
  const devices = await api(stage.salur, stage.salur.demo.tokens.coordinator, "/devices?limit=200");
  const mine = devices.items.find((one) => one.name === `HP ${point}`);
  const answer = await fetch(`${stage.salur.base}/api/v1/devices/${mine.id}`, { method: "DELETE", headers: { authorization: `Bearer ${stage.salur.demo.tokens.admin}` } });
  assert.equal(answer.status, 204);
  await page.context().setOffline(false);
  await page.locator("#bar-stopped").waitFor({ timeout: 30_000 });
  await scan(page, papers[1].code, "not_ready");
  await synced(page);
  assert.equal(await redeemed(papers), 1, "what was handed out before it heard of it counts");
});
