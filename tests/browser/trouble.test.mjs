// The scanner when things go wrong: copies, certificates, papers and files of elsewhere, a server that forgot, and
// what two persons do about a wrong handout. Each says what it is and what to do next, and nothing is lost.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { api, binary, operatorOf, signIn, startSalur, vouchers } from "./lib.mjs";
import { page as paper } from "./fake_camera.mjs";
import { enrol, enrolment, handOver, phone, prepare, profile, scan, sees, serve, stored, synced, unlock } from "./scanner.mjs";
import { pictures, scannerStage } from "./scanner_stage.mjs";

const stage = scannerStage({ households: 1_200 });
const { scene, freePoint, device, redeemed, colleague } = stage;
mkdirSync(pictures, { recursive: true });
const of = (role) => stage.salur.demo.tokens[role];

async function menu(page, item) {
  await page.locator("#menu-button").click();
  if (item !== undefined) await page.locator(item).click();
}

async function reconnect(page) {
  await page.context().setOffline(false);
  await menu(page, "#sync-now");
  await synced(page);
}

scene("a copied profile: both hand out, the office finds the copy, and the device that forked is stopped and says so", async () => {
  const { point, papers } = freePoint(4);
  const made = await enrolment(stage.salur, point, "HP yang disalin");
  let one = await profile();
  let copy;
  const scanner = `${stage.salur.base}/scanner/`;
  try {
    const goto = one.page.goto.bind(one.page);
    one.page.goto = (path) => goto(new URL(path, stage.salur.base).href);
    await enrol(one.page, made.code, operatorOf(stage.salur, point));
    await prepare(one.page);
    // Closed in order, so that the copy is a whole one.
    await one.close();
    const folder = mkdtempSync(join(tmpdir(), "salur-copy-"));
    cpSync(one.folder, folder, { recursive: true });
    [one, copy] = [await profile(one.folder), await profile(folder)];
    for (const { page, context } of [one, copy]) {
      await page.goto(scanner);
      await unlock(page);
      await context.setOffline(true);
    }
    await serve(one.page, papers[0].code);
    // A3 is broken: the copy cannot know, and hands out the same right, and another.
    await serve(copy.page, papers[0].code);
    await serve(copy.page, papers[1].code);
    await one.context.setOffline(false);
    await menu(one.page, "#sync-now");
    await synced(one.page);
    await copy.context.setOffline(false);
    await menu(copy.page, "#sync-now");
    await copy.page.locator("#bar-stopped").waitFor();
    await copy.page.locator("#bar-stopped summary").click();
    assert.match(await copy.page.locator("#bar-stopped").innerText(), /salinan/i);
    await copy.page.locator("#back").click();
    await scan(copy.page, papers[2].code, "not_ready");
    // The other one hears of it at its next word, and hands out no more either.
    await menu(one.page, "#back").catch(() => {});
    const devices = await api(stage.salur, of("coordinator"), "/devices?limit=200");
    assert.ok(devices.items.some((item) => item.name === "HP yang disalin" && item.forked), "the office lists it as forked");
    assert.equal(await redeemed(papers), 1 + 1, "what each handed out first of a right counts; nothing is dropped");
    const cases = await api(stage.salur, of("coordinator"), "/cases?limit=200");
    assert.ok(cases.items.some((item) => item.kind === "conflict" || item.kind === "double_handout"), "the second handout is a case");
  } finally {
    await one.kill();
    await copy?.kill();
  }
});

scene("a voucher of another installation is named as such, and the next is served", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  const other = await startSalur({ seed: 7 });
  try {
    const [theirs] = await vouchers(other);
    await scan(page, theirs.code, "foreign");
    assert.match(await page.locator("#verdict-line").innerText(), /program atau server lain/);
    await scan(page, `HTTPS://BANTUAN.EXAMPLE.GO.ID/V/${theirs.code.split(/[:/]/).at(-1)}`, "foreign");
    assert.match(await page.locator("#verdict-line").innerText(), /program atau server lain/);
    await serve(page, papers[0].code);
  } finally {
    await other.stop();
  }
});

scene("a journal goes by file through another phone; altered, foreign and own ones are told apart", async ({ keep }) => {
  const { point, papers } = freePoint(4);
  const dead = keep(await device(point));
  await dead.context().setOffline(true);
  await serve(dead, papers[0].code);
  await serve(dead, papers[1].code);
  await menu(dead);
  const download = dead.waitForEvent("download");
  await dead.locator("#journal").click();
  const folder = mkdtempSync(join(tmpdir(), "salur-journal-"));
  const file = join(folder, "jurnal.salur");
  await (await download).saveAs(file);
  await dead.locator("#journal-file").setInputFiles(file);
  await dead.locator("#menu-said", { hasText: "perangkat ini sendiri" }).waitFor();

  const bearer = keep(await device(freePoint(2).point));
  await bearer.context().setOffline(true);
  await menu(bearer);
  const bytes = readFileSync(file);
  const altered = Buffer.from(bytes);
  altered[altered.length - 40] ^= 1;
  for (const [name, content, said] of [
    ["foto.salur", Buffer.from("bukan jurnal"), /bukan jurnal/],
    ["terpotong.salur", bytes.subarray(0, bytes.length - 9), /bukan jurnal/],
    ["diubah.salur", altered, /rusak atau diubah/],
  ]) {
    await bearer.locator("#journal-file").setInputFiles({ name, mimeType: "application/octet-stream", buffer: content });
    await bearer.waitForFunction((text) => new RegExp(text).test(document.querySelector("#menu-said")?.textContent ?? ""), said.source);
  }
  await bearer.locator("#journal-file").setInputFiles(file);
  await bearer.locator("#menu-said", { hasText: "Tersimpan di perangkat ini" }).waitFor();
  // It survives a restart, and goes out by itself.
  await bearer.reload();
  await unlock(bearer);
  await bearer.context().setOffline(false);
  await menu(bearer, "#sync-now");
  await synced(bearer);
  assert.equal(await redeemed(papers), 2);

  // The office takes the same file by hand: nothing happens twice.
  const office = keep(await phone(stage.browser, stage.salur.base, { viewport: { width: 1280, height: 800 } }));
  await signIn(office, stage.salur.demo.users.find((user) => user.role === "coordinator"));
  for (const [content, said] of [
    [bytes, /2 sudah ada/],
    [altered, /tidak diambil/],
    [Buffer.from("bukan jurnal"), /tidak diambil/],
  ]) {
    await office.goto("/devices");
    await office.locator("#take-journal summary").click();
    await office.locator("#journal").setInputFiles({ name: "jurnal.salur", mimeType: "application/octet-stream", buffer: content });
    await office.locator("#take-journal button").click();
    await office.locator(".notice", { hasText: said }).waitFor();
  }
  const other = await startSalur({ seed: 7 });
  try {
    const strange = await fetch(`${other.base}/api/v1/journals`, {
      method: "POST", body: bytes, headers: { authorization: `Bearer ${other.demo.tokens.coordinator}`, "content-type": "application/octet-stream" },
    });
    assert.equal(strange.status, 404, "another installation does not know the device");
  } finally {
    await other.stop();
  }
});

scene("a QR in a photo is read, also where the camera is refused; a photo without one says so", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const folder = mkdtempSync(join(tmpdir(), "salur-paper-"));
  const pdf = join(folder, "kupon.pdf");
  const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SALUR_")));
  execFileSync(binary, ["print", "--dir", stage.salur.dir, "--round", stage.salur.demo.round_id, "--point", point, "--layout", "a4x4", "-o", pdf], { env, stdio: "ignore" });
  const page = keep(await device(point, { options: { camera: false } }));
  const png = (name, buffer, mimeType = "image/png") => page.locator("#photo").setInputFiles({ name, mimeType, buffer });
  await png("kosong.png", await page.screenshot());
  await page.locator("#camera-trouble", { hasText: "Tidak ada QR" }).waitFor();
  await png("rusak.png", Buffer.from("bukan foto"));
  await page.locator("#camera-trouble", { hasText: "bukan foto" }).waitFor();
  // Beside the list of bundles there is one voucher. The whole sheet has several: which is meant is a person's to say, and nothing is served by chance.
  await png("lembar.png", paper(pdf, 1));
  await page.locator("#camera-trouble", { hasText: "Terlihat dua kupon" }).waitFor();
  await sees(page, "ready");
  await png("kupon.png", paper(pdf, 1, { width: 1, height: 0.27 }));
  await sees(page, "valid");
  await handOver(page);
  await synced(page);
  assert.equal(await redeemed(papers), 1);
});

scene("a handout is taken back by two persons: a case at the office, and the right stays used", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  const witness = await colleague(page, point);
  await serve(page, papers[0].code);
  await page.context().setOffline(true);
  await menu(page, "#reversal");
  await page.locator("#handouts button").first().click();
  await page.locator("#witness-pin").fill("000111");
  await page.locator("#witness-go").click();
  await page.locator('[role="alert"]:visible').waitFor();
  await page.locator("#witness-pin").fill("482913");
  await page.locator("#witness-go").click();
  await page.locator("#reversal-go").click();
  await page.locator('[role="alert"]:visible').waitFor();
  await page.locator("#reversal-reason").fill("Diserahkan kepada orang yang salah");
  await page.locator("#goods-all").check();
  await page.locator("#reversal-go").click();
  await page.locator("#reversal-said:visible").waitFor();
  await page.locator("#back").click();
  await page.waitForTimeout(2_100);
  await scan(page, papers[0].code, "already_redeemed");
  await menu(page, "#reversal");
  assert.ok(await page.locator("#handouts button").first().isDisabled(), "it is reported once");
  await page.locator("#back").click();
  await reconnect(page);
  const cases = await api(stage.salur, of("coordinator"), "/cases?kind=reversal&limit=200");
  const mine = cases.items.filter((item) => item.entitlement_id === papers[0].entitlement_id);
  assert.equal(mine.length, 1);
  assert.match(mine[0].detail, new RegExp(`orang yang salah.*Kembali semua.*bersama ${witness}`));
  assert.ok(mine[0].evidence.startsWith(point), "it names the receipt");
  assert.equal(await redeemed(papers), 1, "the handout stays on record");
});

scene("a forged paper is written down at the desk, offline, and the office reads it later", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await device(point));
  await page.context().setOffline(true);
  const { code } = papers[0];
  await scan(page, code.slice(0, -20) + (code.at(-20) === "A" ? "B" : "A") + code.slice(-19), "forged");
  await page.locator("#note-incident").click();
  assert.equal(await page.locator("#incident-kind").inputValue(), "forgery");
  await page.locator("#incident-text").fill("Kertas tipis,\nQR buram; pembawa pergi");
  await page.locator("#incident-go").click();
  await page.locator("#incidents", { hasText: "belum terkirim" }).waitFor();
  await page.locator("#back").click();
  await reconnect(page);
  const cases = await api(stage.salur, of("coordinator"), "/cases?kind=forgery&limit=200");
  assert.ok(cases.items.some((item) => item.detail.startsWith("Kertas tipis, QR buram")));
});

scene("packages are brought home from the courier's list, before a witness, and the receipt says so", async ({ keep }) => {
  const { point, papers } = freePoint(8);
  const page = keep(await device(point));
  await menu(page, "#home");
  await page.locator("#no-witness").click();
  await page.locator("#home-list li").first().waitFor();
  const before = await page.locator("#home-list li", { hasText: "belum diantar" }).count();
  assert.ok(before > 0, "somebody at this point is ill or disabled");
  await page.context().setOffline(true);
  const name = (await page.locator("#home-list strong").first().innerText()).slice(2);
  await page.locator("#no-paper").click();
  await page.locator("#search").fill(name);
  await page.locator("#found button").first().click();
  await sees(page, "valid");
  await page.locator("#paper-reason").fill("kupon di rumah anaknya");
  await handOver(page);
  await page.waitForFunction((count) => [...document.querySelectorAll("#home-list li")].filter((one) => /belum diantar/.test(one.textContent)).length === count, before - 1);
  await page.locator(".banner button").click();
  await page.context().setOffline(false);
  await synced(page);
  const done = (await vouchers(stage.salur)).find((one) => one.state === "redeemed" && papers.some((other) => other.entitlement_id === one.entitlement_id));
  assert.ok(done);
  const office = keep(await phone(stage.browser, stage.salur.base));
  await signIn(office, stage.salur.demo.users.find((user) => user.role === "finance"));
  const id = await page.evaluate(async () => {
    const open = indexedDB.open("salur");
    const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    return new Promise((done) => (db.transaction("rows").objectStore("rows").getAll().onsuccess = (event) => done(event.target.result.find((row) => row.lease.is === "redeemed").lease.redemption)));
  });
  await office.goto(`/redemptions/${id}/receipt`);
  await office.getByText("Diantar ke rumah").waitFor();
});

scene("the practice sheet is read in practice, and is nothing outside it", async ({ keep }) => {
  const { point } = freePoint(2);
  const page = keep(await device(point));
  const office = keep(await phone(stage.browser, stage.salur.base, { viewport: { width: 1280, height: 900 } }));
  await signIn(office, operatorOf(stage.salur, point));
  await office.goto("/practice");
  const sheet = await office.locator(".practice-sheet li").nth(0).screenshot({ path: join(pictures, "practice-1.png") });
  await office.screenshot({ path: join(pictures, "practice-sheet.png"), fullPage: true });
  const photo = { name: "latihan.png", mimeType: "image/png", buffer: sheet };
  await page.locator("#photo").setInputFiles(photo);
  await sees(page, "foreign");
  assert.match(await page.locator("#verdict-line").innerText(), /latihan/);
  await menu(page, "#practise");
  await page.locator("#photo").setInputFiles(photo);
  await sees(page, "valid");
  await handOver(page);
  assert.equal((await stored(page)).journal.length, 0);
});

scene("the enrolment's QR leads to where the coordinator is, and says when a phone cannot follow", async ({ keep }) => {
  const { point } = freePoint(2);
  const office = keep(await phone(stage.browser, stage.salur.base, { viewport: { width: 1280, height: 900 } }));
  await signIn(office, stage.salur.demo.users.find((user) => user.role === "coordinator"));
  await office.goto("/devices");
  const invite = office.locator("details", { has: office.locator('select[name="point"]') });
  await invite.locator("summary").click();
  await invite.locator('input[name="name"]').fill("HP pemula");
  await invite.locator('select[name="point"]').selectOption({ index: 1 });
  await invite.locator("button.primary").click();
  await office.locator(".qr svg").waitFor();
  await office.getByRole("alert").filter({ hasText: "hanya berlaku di komputer ini" }).waitFor();
  const qr = await office.locator(".qr").screenshot();
  await office.screenshot({ path: join(pictures, "invited.png"), fullPage: true });
  const page = keep(await phone(stage.browser, stage.salur.base));
  await page.goto("/scanner/");
  await page.locator("#photo").setInputFiles({ name: "qr.png", mimeType: "image/png", buffer: qr });
  await page.locator("#username").waitFor();
  const made = await enrolment(stage.salur, point, "HP lain");
  assert.ok(made.text.startsWith(`${stage.salur.base}/scanner/#enrol=`), made.text);
});

// The last one here: from here on it waits for its devices and lends nothing.
scene("a server put back to an older copy is said on the screen; the phone forgets nothing and serves on", async ({ keep }) => {
  const { point, papers } = freePoint(4);
  const page = keep(await device(point));
  await serve(page, papers[0].code);
  await synced(page);
  await stage.salur.halt();
  const copy = mkdtempSync(join(tmpdir(), "salur-older-"));
  cpSync(stage.salur.dir, copy, { recursive: true });
  await stage.salur.resume();
  await serve(page, papers[1].code);
  await serve(page, papers[2].code);
  await menu(page, "#sync-now");
  await synced(page);
  await page.locator("#back").click();
  assert.equal(await redeemed(papers), 3);
  await stage.salur.halt("SIGKILL");
  for (const name of readdirSync(stage.salur.dir)) rmSync(join(stage.salur.dir, name), { recursive: true });
  cpSync(copy, stage.salur.dir, { recursive: true });
  await stage.salur.resume();
  await menu(page, "#sync-now");
  await page.locator("#bar-behind").waitFor();
  await page.locator("#bar-behind summary").click();
  assert.match(await page.locator("#bar-behind").innerText(), /cadangan lama/);
  assert.equal((await stored(page)).redeemed.length, 3, "the phone has forgotten nothing");
  // What is handed out now still counts; what the server forgot is in nobody else's hands.
  await page.locator("#back").click();
  await scan(page, papers[2].code, "already_redeemed");
  await serve(page, papers[3].code);
  await synced(page);
  assert.equal(await redeemed(papers), 2);
  const states = new Map((await vouchers(stage.salur)).map((one) => [one.entitlement_id, one.state]));
  for (const one of papers.slice(1, 3)) assert.equal(states.get(one.entitlement_id), "leased", "and to this phone alone");
  const waits = await api(stage.salur, of("coordinator"), "/recovery");
  assert.ok(waits.recovering || waits.behind !== null, "the office is told as well, and lends nothing meanwhile");
});
