// What takes two persons at a point: a package brought home before a second officer, paper entered after a phone
// died, and what the office would not take of their notes.
import assert from "node:assert/strict";
import { api, operatorOf, signIn } from "./lib.mjs";
import { PIN, handOver, phone, scan, sees, serve, stored, synced } from "./scanner.mjs";
import { scannerStage } from "./scanner_stage.mjs";

const stage = scannerStage({ households: 1_200 });
const { scene, freePoint, device, redeemed, colleague } = stage;
const of = (role) => stage.salur.demo.tokens[role];

async function menu(page, item) {
  await page.locator("#menu-button").click();
  if (item !== undefined) await page.locator(item).click();
}

/** The second person shows the PIN. */
async function witness(page, name) {
  await page.locator("#witness").selectOption({ label: name });
  await page.locator("#witness-pin").fill(PIN);
  await page.locator("#witness-go").click();
}

/** The one handout of this device, as the office has it. */
async function onlyReceipt(page) {
  const { journal, redemption } = await page.evaluate(async () => {
    const open = indexedDB.open("salur");
    const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    const all = (store) => new Promise((done) => (db.transaction(store).objectStore(store).getAll().onsuccess = (event) => done(event.target.result)));
    const found = (await all("rows")).filter((row) => row.lease.is === "redeemed");
    const journal = await all("journal");
    db.close();
    return { journal: journal.length, redemption: found.length === 1 ? found[0].lease.redemption : null };
  });
  assert.notEqual(redemption, null, `one handout and no more (${journal} in the journal)`);
  return { id: redemption, ...(await api(stage.salur, of("finance"), `/redemptions/${redemption}`)) };
}

scene("a package is brought home before a second officer with a PIN, without network, and the receipt names both", async ({ keep }) => {
  const { point, papers } = freePoint(8);
  const page = keep(await device(point));
  const name = await colleague(page, point);
  await menu(page, "#home");
  await page.locator("#witness option").first().waitFor({ state: "attached" });
  assert.deepEqual(await page.locator("#witness option").allInnerTexts(), [name], "who is on duty is no second person");
  await page.context().setOffline(true);
  await page.locator("#witness-pin").fill("000111");
  await page.locator("#witness-go").click();
  await page.locator('[role="alert"]:visible', { hasText: "PIN salah" }).waitFor();
  assert.equal(await page.locator("#scan").count(), 0, "a wrong PIN opens nothing");
  await witness(page, name);
  await page.locator("#home-list li").first().waitFor();
  const code = papers.find((one) => one.state === "available").code;
  await scan(page, code, "valid");
  assert.match(await page.locator("#hand-over-form .notice").first().innerText(), new RegExp(name));
  await handOver(page);
  await page.locator(".banner button").click();
  await page.context().setOffline(false);
  await menu(page, "#sync-now");
  await synced(page);
  const receipt = await onlyReceipt(page);
  assert.deepEqual(receipt.flags.map((one) => one.flag).sort(), ["home_delivery", "witness"]);
  const office = keep(await phone(stage.browser, stage.salur.base));
  await signIn(office, stage.salur.demo.users.find((user) => user.role === "finance"));
  await office.goto(`/redemptions/${receipt.id}/receipt`);
  await office.getByText("Diantar ke rumah").waitFor();
  await office.getByText(name).first().waitFor();
});

scene("a phone dies: what was served on paper is noted for the office the same day, and entered on the phone when it lives again", async ({ keep }) => {
  const { point, papers } = freePoint(4);
  const dead = keep(await device(point));
  await colleague(dead, point, "Budi Saksi");
  // Dead from here on, with every right of the point on it; before that it served one.
  await serve(dead, papers[3].code);
  await synced(dead);
  await dead.context().setOffline(true);

  const spare = keep(await device(point, { name: "HP cadangan" }));
  await scan(spare, papers[0].code, "leased_elsewhere");
  assert.match(await spare.locator("#verdict-line").innerText(), /Jangan serahkan di sini.*bila perangkat itu mati/);
  // The second person has never been here, and signs in where they are asked for; who is on duty stays on duty.
  const onDuty = await spare.locator(".point-name").innerText();
  await menu(spare, "#late");
  await spare.locator("#witness-first").click();
  await spare.locator("#username").fill(`saksi.${point.toLowerCase()}`);
  await spare.locator("#password").fill("kolam ikan di belakang gudang 7");
  await spare.locator("form button.primary").click();
  await spare.locator("#new-pin").fill(PIN);
  await spare.locator("#new-pin-again").fill(PIN);
  await spare.locator("form button.primary").click();
  await spare.locator("#witness-pin").waitFor();
  assert.equal(await spare.locator(".point-name").innerText(), onDuty);
  await witness(spare, "Budi Saksi");
  await sees(spare, "ready");
  await scan(spare, papers[0].typed_code, "leased_elsewhere");
  assert.match(await spare.locator("#verdict-line").innerText(), /Catat untuk kantor/);
  assert.equal(await spare.locator("#hand-over").count(), 0, "nothing here uses up a right that is elsewhere");
  await spare.locator("#note-incident").click();
  assert.match(await spare.locator("#incident-text").inputValue(), new RegExp(papers[0].typed_code));
  await spare.locator("#incident-text").press("End");
  await spare.locator("#incident-text").pressSequentially("09.30, Siti");
  await spare.locator("#incident-go").click();
  await spare.locator("#incidents li").first().waitFor();
  await spare.locator("#back").click();
  await spare.locator(".banner", { hasText: "ENTRI SUSULAN" }).waitFor();
  await synced(spare);
  const cases = (await api(stage.salur, of("coordinator"), "/cases?kind=other&limit=200")).items.filter((one) => one.detail.includes(papers[0].typed_code));
  assert.equal(cases.length, 1);
  assert.match(cases[0].detail, /Diserahkan di atas kertas.*09\.30, Siti.*bersama Budi Saksi/);
  assert.equal(cases[0].entitlement_id, papers[0].entitlement_id);
  assert.equal(await redeemed(papers), 1, "a note redeems nothing");

  // The battery is charged: on the phone that has the rights it is a late entry, and it goes out with the rest.
  await menu(dead, "#late");
  await witness(dead, "Budi Saksi");
  await scan(dead, papers[0].typed_code, "valid");
  assert.equal(await dead.locator("#verdict-word").innerText(), "BELUM TERCATAT");
  await dead.locator("#happened-at").fill("2026-01-02T09:30");
  await handOver(dead, { confirm: false });
  assert.doesNotMatch(await dead.locator("main").innerText(), /SERAHKAN PAKET|Serahkan barang/, "the goods are gone already");
  assert.match(await dead.locator("#verdict-word").innerText(), /JANGAN SERAHKAN LAGI/);
  await dead.locator("#next").click();
  // The paper itself comes before it: the same line twice is one handout, and the screen says what to compare.
  await dead.waitForTimeout(2_100);
  await scan(dead, papers[0].code, "already_redeemed");
  assert.match(await dead.locator("#verdict-line").innerText(), /Bandingkan dengan kertas/);
  await dead.locator(".banner button").click();
  await dead.context().setOffline(false);
  await menu(dead, "#sync-now");
  await synced(dead);
  assert.equal(await redeemed(papers), 2);
  assert.equal((await stored(dead)).redeemed.length, 2);
});

scene("a household on the paper list is found by name in a late entry, and its paper is not called lost", async ({ keep }) => {
  const { point, papers } = freePoint(3);
  const page = keep(await device(point));
  const name = await colleague(page, point);
  await scan(page, papers[0].code, "valid");
  const household = await page.locator("#household").innerText();
  const tail = /… (\d{4})/.exec(await page.locator("#holder-line").innerText())[1];
  await page.locator("#cancel").click();
  await menu(page, "#late");
  await witness(page, name);
  await page.locator("#no-paper").click();
  await page.locator("#search").fill(`${household.split(" ")[0]} ${tail}`);
  await page.locator("#found button").first().click();
  await sees(page, "valid");
  assert.equal(await page.locator("#paper").inputValue(), "seen");
  await page.locator("#happened-at").fill("2026-01-02T10:05");
  await handOver(page);
  await synced(page);
  const receipt = await onlyReceipt(page);
  assert.equal(receipt.paper, "seen");
});

scene("a note that the office will not take says why, stays, and is not sent for ever", async ({ keep }) => {
  const { point } = freePoint(2);
  const page = keep(await device(point));
  let sent = 0;
  page.on("request", (request) => (sent += Number(request.url().endsWith("/devices/me/reports"))));
  await page.context().setOffline(true);
  await menu(page, "#incident");
  await page.locator("#incident-text").fill("Beras basah dua karung");
  await page.locator("#incident-go").click();
  await page.locator("#incidents", { hasText: "belum terkirim" }).waitFor();
  // A kind that only the program itself may open: the office refuses it, whoever says it.
  const become = (kind) =>
    page.evaluate(async (kind) => {
      const open = indexedDB.open("salur");
      const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
      const store = db.transaction("state", "readwrite").objectStore("state");
      const [one] = await new Promise((done) => (store.get("reports").onsuccess = (event) => done(event.target.result)));
      await new Promise((done) => (store.put([{ ...one, kind }], "reports").onsuccess = done));
      db.close();
    }, kind);
  await become("conflict");
  await page.locator("#back").click();
  await page.context().setOffline(false);
  await menu(page, "#sync-now");
  await page.locator("#bar-refused", { hasText: "1 catatan ditolak kantor" }).waitFor();
  await synced(page);
  assert.equal(sent, 1);
  for (let again = 0; again < 3; again += 1) {
    await page.locator("#sync-now").click();
    await page.locator("#menu-said", { hasText: "Tersinkron" }).waitFor();
  }
  assert.equal(sent, 1, "it was judged, and is not said again by itself");
  await page.reload();
  await page.locator("section.begin button.big").click();
  await page.locator("#pin").fill(PIN);
  await sees(page, "ready");
  await menu(page, "#incident");
  const line = page.locator("#incidents li").first();
  assert.match(await line.innerText(), /Beras basah dua karung/);
  assert.match(await line.innerText(), /ditolak kantor: \S+/, "with the office's reason");
  // Put right, and sent again because a person wants it.
  await become("quality");
  await line.locator("button").click();
  await page.locator("#incidents", { hasText: "kantor: K-" }).waitFor();
  assert.equal(sent, 2);
  await page.locator("#bar-refused").waitFor({ state: "detached" });
  const cases = await api(stage.salur, of("coordinator"), "/cases?kind=quality&limit=200");
  assert.ok(cases.items.some((one) => one.detail.startsWith("Beras basah dua karung")));
});

scene("who collects for others a third time today is asked about, also when the office has the first two", async ({ keep }) => {
  const { point, papers } = freePoint(4);
  const page = keep(await device(point));
  for (const [at, one] of papers.slice(0, 3).entries()) {
    await scan(page, one.code, "valid");
    await page.locator("#collector-proxy-same").check();
    await page.locator("#name").fill(at === 1 ? "  siti   AMINAH " : "Siti Aminah");
    await page.locator("#name").blur();
    if (at === 2) await page.locator("#often", { hasText: "2 kali hari ini" }).waitFor();
    else assert.equal(await page.locator("#often:visible").count(), 0);
    await handOver(page);
    await synced(page);
    // Once more, so that whatever the office has told to forget is forgotten.
    await menu(page, "#sync-now");
    await page.locator("#menu-said", { hasText: "Tersinkron" }).waitFor();
    await page.locator("#back").click();
    await page.waitForTimeout(500);
  }
  const { journal } = await stored(page);
  assert.ok(journal.length < 3, "the office has them, and the device has let them go");
});

scene("what was recorded and never confirmed is counted, also when the office has its receipt already", async ({ keep }) => {
  const { point, papers } = freePoint(4);
  const page = keep(await device(point));
  await serve(page, papers[0].code);
  await scan(page, papers[1].code, "valid");
  await handOver(page, { confirm: false });
  await synced(page);
  // The operator never presses it: the phone is put away, and opened again.
  await page.reload();
  await page.locator("section.begin button.big").click();
  await page.locator("#pin").fill(PIN);
  await sees(page, "ready");
  await menu(page, "#sync-now");
  await page.locator("#menu-said", { hasText: "Tersinkron" }).waitFor();
  await page.locator("#back").click();
  await page.waitForTimeout(500);
  assert.equal((await stored(page)).journal.length, 0, "the office has both, and the device has let them go");
  await menu(page);
  await page.locator(".facts dt", { hasText: "1 belum dipastikan" }).waitFor();
});
