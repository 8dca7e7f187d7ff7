// Every screen and verdict of the scanner, in both languages, both displays, on a phone and on a laptop: read and hit
// by a tired person in the sun, by the keyboard alone, and by a screen reader. SALUR_PICTURES=1 keeps a picture of each.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { api, operatorOf } from "./lib.mjs";
import { faultsOf } from "./measure.mjs";
import { PIN, enrol, enrolment, handOver, phone, prepare, scan, sees, serve } from "./scanner.mjs";
import { pictures, scannerStage } from "./scanner_stage.mjs";

const stage = scannerStage({ households: 1_200 });
const { scene, freePoint, device, colleague } = stage;
const of = (role) => stage.salur.demo.tokens[role];
const SIZES = [{ width: 1280, height: 800 }, { width: 360, height: 740 }];

/** Looks at the page in every size and display, and keeps what is wrong under the screen's name. */
function looker(language) {
  const found = [];
  const seen = new Set();
  const look = async (page, name) => {
    seen.add(name);
    for (const size of SIZES) {
      await page.setViewportSize(size);
      for (const display of ["contrast", "normal"]) {
        await page.evaluate((on) => document.documentElement.classList.toggle("contrast", on), display === "contrast");
        for (const fault of await faultsOf(page)) found.push(`${name}, ${size.width} px, ${display}: ${fault}`);
        if (process.env.SALUR_PICTURES === undefined) continue;
        mkdirSync(pictures, { recursive: true });
        const file = `looks-${language}-${size.width}-${display}-${String(seen.size).padStart(2, "0")}-${name}.png`;
        await page.screenshot({ path: join(pictures, file), fullPage: name !== "valid" });
      }
    }
  };
  return { look, found, seen };
}

/** Changes rows in the browser's database, as time and the office would. */
async function become(page, changes) {
  await page.evaluate(async (changes) => {
    const open = indexedDB.open("salur");
    const db = await new Promise((done) => (open.onsuccess = () => done(open.result)));
    const rows = db.transaction("rows", "readwrite").objectStore("rows");
    for (const [entitlement, change] of changes) {
      const row = await new Promise((done) => (rows.get(entitlement).onsuccess = (event) => done(event.target.result)));
      await new Promise((done) => (rows.put({ ...row, ...change }).onsuccess = done));
    }
    db.close();
  }, changes);
}

const alert = (page) => page.locator('[role="alert"]:visible').waitFor();

/** A new phone in the language, up to the desk; every screen on the way is looked at. */
async function begin({ keep, look, language, point }) {
  const page = keep(await phone(stage.browser, stage.salur.base));
  await page.addInitScript((chosen) => localStorage.setItem("salur.language", chosen), language);
  const made = await enrolment(stage.salur, point, `HP ${language}`);
  const operator = operatorOf(stage.salur, point);
  const go = page.locator("form button.primary");
  await page.goto("/scanner/");
  await page.locator("#enrol-code").fill("XXXX");
  await go.click();
  await alert(page);
  await look(page, "enrol");
  await page.locator("#enrol-code").fill(made.code);
  await go.click();
  await page.locator("#username").fill(operator.username);
  await page.locator("#password").fill("bukan kata sandinya");
  await go.click();
  await alert(page);
  await look(page, "sign-in");
  await page.locator("#username").fill(operator.username);
  await page.locator("#password").fill(operator.password);
  await go.click();
  await page.locator("#new-pin").fill("123456");
  await page.locator("#new-pin-again").fill("123456");
  await go.click();
  await alert(page);
  await look(page, "new-pin");
  await page.locator("#new-pin").fill(PIN);
  await page.locator("#new-pin-again").fill(PIN);
  await go.click();
  await page.locator("#prepare").click();
  await page.locator("#go-on.primary").waitFor();
  assert.equal(await page.locator("button.primary").count(), 1, "one thing to press next");
  await look(page, "prepare");
  await page.locator("#go-on").click();
  await sees(page, "ready");
  return page;
}

for (const language of ["id", "en"]) {
  scene(`every screen and verdict can be read and hit (${language})`, async ({ keep }) => {
    const { look, found, seen } = looker(language);
    const { point, papers } = freePoint(14);
    const elsewhere = stage.left.filter((one) => one.point !== point && one.state === "available").at(-1);
    const coordinator = (path, body) => api(stage.salur, of("coordinator"), path, { method: "POST", body: JSON.stringify(body) });
    await coordinator(`/entitlements/${papers[0].entitlement_id}/revoke`, { reason: "meninggal dunia" });
    await coordinator(`/entitlements/${papers[1].entitlement_id}/hold`, { reason: "menunggu surat keterangan desa" });
    const page = await begin({ keep, look, language, point });
    const verdict = async (text, expected, name = expected, on = page) => {
      await scan(on, text, expected);
      await look(on, name);
    };
    await look(page, "ready");

    // The desk: the short way, and with all that may be asked besides.
    await verdict(papers[2].code, "valid");
    const box = await page.locator("#hand-over").boundingBox();
    assert.ok(box.y + box.height <= 740, `what is to be pressed is in sight: ${Math.round(box.y)} px down`);
    assert.ok(await page.locator("#id-seen").isVisible() && (await page.locator("#id-seen").boundingBox()).y < box.y);
    await page.locator("#collector-proxy-other").check();
    await page.locator("#short").check();
    await page.locator("#hand-over").click();
    await alert(page);
    await look(page, "something-missing");
    await page.locator("#name").fill("Siti Aminah binti Abdurrahman");
    await page.locator("#letter-seen").check();
    await page.locator("[id^=given-]").first().fill("3");
    await handOver(page, { confirm: false });
    await look(page, "green");
    await page.locator("#next").click();
    await sees(page, "ready");
    await verdict(papers[2].typed_code, "already_redeemed", "already-here");
    await page.locator("#note-incident").click();
    await page.locator("#incident-text").fill("dua orang datang");
    await page.locator("#incident-go").click();
    await page.locator("#incidents li").first().waitFor();
    await look(page, "incident");
    await page.locator("#back").click();
    await verdict(papers[0].code, "revoked");
    await verdict(papers[1].code, "held");
    await verdict(elsewhere.code, "wrong_point");
    const { code } = papers[3];
    await verdict(code.slice(0, -20) + (code.at(-20) === "A" ? "B" : "A") + code.slice(-19), "forged");
    await verdict("00020101021126610014ID.CO.QRIS.WWW0215ID1020012345678", "foreign");
    await verdict(code.slice(0, -8), "malformed");
    await verdict("7KQ4-M2XP-9F", "malformed", "slip");

    // Another phone of the point, which gets nothing.
    const other = keep(await device(point, { name: `HP lain ${language}` }));
    await other.evaluate((chosen) => localStorage.setItem("salur.language", chosen), language);
    await other.reload();
    await other.locator("section.begin button.big").click();
    await other.locator("#pin").fill(PIN);
    await sees(other, "ready");
    await verdict(papers[3].code, "leased_elsewhere", "leased-elsewhere", other);
    await verdict(papers[2].code, "already_redeemed", "already-elsewhere", other);
    await other.context().setOffline(true);
    await verdict(papers[4].code, "not_ready", "not-ready", other);
    await other.locator("#bar-unreached summary").click();
    await look(other, "bar-opened");
    await other.context().setOffline(false);
    const devices = await api(stage.salur, of("coordinator"), "/devices?limit=200");
    const mine = devices.items.find((one) => one.name === `HP lain ${language}`);
    const gone = await fetch(`${stage.salur.base}/api/v1/devices/${mine.id}`, { method: "DELETE", headers: { authorization: `Bearer ${of("admin")}` } });
    assert.equal(gone.status, 204);
    await other.locator("#bar-stopped").waitFor();
    await other.waitForTimeout(2_100);
    await verdict(papers[4].code, "not_ready", "stopped", other);
    assert.match(await other.locator("#verdict-line").innerText(), /koordinator|coordinator/, "a revoked device does not ask for its rights");

    // Without paper.
    await page.locator("#no-paper").click();
    await page.locator("#search").fill("qqqqzz");
    await page.locator("[role=status].hint:not(:empty)").waitFor();
    await look(page, "search-none");
    await page.locator("#search").fill("0");
    await page.locator("#search").fill("00");
    await page.locator("#found button").first().waitFor();
    await look(page, "search");
    await page.locator("#back").click();

    // The menu and what hangs on it.
    const menu = async (item) => {
      await page.locator("#menu-button").click();
      await page.locator(item).click();
    };
    await page.locator("#menu-button").click();
    await page.locator(".about dl").waitFor();
    await look(page, "menu");
    await page.locator("#late").click();
    await page.locator("#witness-first").waitFor();
    await look(page, "nobody-else");
    await page.locator("#witness-first").click();
    await page.locator("#username").waitFor();
    await look(page, "witness-first");
    await page.locator("#back").click();
    await page.locator("#back").click();
    if (language === "id") await colleague(page, point);
    await menu("#home");
    await page.locator("#no-witness").waitFor();
    await look(page, "home-witness");
    await page.locator("#no-witness").click();
    await page.locator(".served h2").waitFor();
    await look(page, "home");
    await page.locator(".banner button").click();
    await menu("#practise");
    await page.locator("#lessons button").nth(5).click();
    await sees(page, "superseded");
    assert.equal(await page.locator("#menu-button, #no-paper").count(), 0, "nothing in practice leads nowhere");
    await look(page, "practice");
    await page.locator(".banner button").click();
    await menu("#reversal");
    await look(page, "reversal");
    await page.locator("#handouts button").first().click();
    await page.locator("#witness-first").waitFor();
    if (language === "id") {
      await page.locator("#witness-pin").fill(PIN);
      await page.locator("#witness-go").click();
      await page.locator("#reversal-reason").waitFor();
      await look(page, "reversal-reason");
      await page.locator("#back").click();
      await menu("#late");
      await page.locator("#witness-pin").fill(PIN);
      await page.locator("#witness-go").click();
      await sees(page, "ready");
      await look(page, "late-ready");
      await verdict(papers[5].typed_code, "valid", "late-valid");
      await page.locator("#happened-at").fill("2026-01-02T09:30");
      await handOver(page, { confirm: false });
      await look(page, "late-green");
      await page.locator("#next").click();
      await verdict(papers[5].code, "already_redeemed", "late-already");
      await page.locator("#note-incident").click();
      await look(page, "late-note");
      await page.locator("#back").click();
      await page.locator(".banner button").click();
    } else {
      await page.locator("#back").click();
    }

    // What time brings, without network.
    const [printed, early, ended] = papers.slice(6, 9);
    await become(page, [
      [printed.entitlement_id, { print: 2 }],
      [early.entitlement_id, { begins_at: Date.now() + 9 * 86_400_000 }],
      [ended.entitlement_id, { ends_at: Date.now() - 86_400_000 }],
    ]);
    await page.context().setOffline(true);
    await verdict(printed.code, "superseded");
    await verdict(early.code, "not_yet_valid");
    await verdict(ended.code, "expired");
    await page.clock.setFixedTime(new Date(Date.now() - 2 * 365 * 86_400_000));
    await serve(page, papers[9].code);
    await page.locator("#bar-clock summary").click();
    await look(page, "clock-back");
    await page.clock.setFixedTime(new Date());

    // Locked.
    await menu("#lock");
    await page.locator("#pin").fill("111222");
    await alert(page);
    await look(page, "pin");
    await page.getByRole("button", { name: language === "id" ? "Kembali" : "Back", exact: true }).click();
    await page.locator("#other-operator").waitFor();
    await look(page, "who");
    assert.ok(seen.size > 34, `${seen.size} screens`);
    assert.deepEqual(found, [], `${found.length} faults`);
  });
}

scene("by the keyboard alone: from the enrolment to the second recipient", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await phone(stage.browser, stage.salur.base, { viewport: { width: 1280, height: 800 } }));
  const made = await enrolment(stage.salur, point, "HP papan ketik");
  const operator = operatorOf(stage.salur, point);
  const keys = page.keyboard;
  const focused = () => page.evaluate(() => document.activeElement?.id ?? "");
  /** Tab until it has the focus, and the focus can be seen where it is. */
  const to = async (id) => {
    for (let tabs = 0; tabs < 40 && (await focused()) !== id; tabs += 1) await keys.press("Tab");
    assert.equal(await focused(), id, `the keyboard reaches #${id}`);
    const hidden = await page.evaluate(() => {
      const element = document.activeElement;
      const { left, top, width, height } = element.getBoundingClientRect();
      const at = document.elementFromPoint(left + width / 2, top + height / 2);
      return at !== element && !element.contains(at) && !at?.closest("label")?.contains(element);
    });
    assert.equal(hidden, false, `#${id} is not hidden under something else`);
  };
  await page.goto("/scanner/");
  await page.locator("#enrol-code").waitFor();
  await to("enrol-code");
  await keys.type(made.code);
  await keys.press("Enter");
  await page.locator("#username").waitFor();
  await to("username");
  await keys.type(operator.username);
  await to("password");
  await keys.type(operator.password);
  await keys.press("Enter");
  await page.locator("#new-pin").waitFor();
  await to("new-pin");
  await keys.type(PIN);
  await to("new-pin-again");
  await keys.type(PIN);
  await keys.press("Enter");
  await page.locator("#prepare").waitFor();
  await to("prepare");
  await keys.press("Enter");
  await page.locator("#go-on.primary").waitFor();
  await to("go-on");
  await keys.press("Enter");
  for (const one of papers.slice(0, 2)) {
    await sees(page, "ready");
    await to("scan");
    // As a person types, and not in a scanner's burst.
    for (const sign of one.typed_code) {
      await keys.press(sign === "-" ? "Minus" : sign);
      await page.waitForTimeout(90);
    }
    await keys.press("Enter");
    await sees(page, "valid");
    // Every choice can be made, and none is hidden under the button that stays in sight.
    await to("collector-self");
    await to("short");
    await to("id-seen");
    await keys.press("Space");
    await to("hand-over");
    await keys.press("Enter");
    await sees(page, "green");
    assert.equal(await focused(), "next");
    await keys.press("Enter");
  }
  await sees(page, "ready");
  await scan(page, papers[0].code, "already_redeemed");
  await keys.press("Escape");
  await sees(page, "ready");
});

scene("a screen reader hears the verdict, and finds every part by its name", async ({ keep }) => {
  const { point, papers } = freePoint(2);
  const page = keep(await phone(stage.browser, stage.salur.base));
  await enrol(page, (await enrolment(stage.salur, point, "HP suara")).code, operatorOf(stage.salur, point));
  await prepare(page);
  const cdp = await page.context().newCDPSession(page);
  const tree = async () => {
    const { nodes } = await cdp.send("Accessibility.getFullAXTree");
    return nodes.filter((node) => !node.ignored).map((node) => ({
      role: node.role?.value, name: node.name?.value ?? "", live: node.properties?.find((one) => one.name === "live")?.value.value,
    }));
  };
  await scan(page, papers[0].code, "valid");
  const parts = await tree();
  const has = (role, name) => assert.ok(parts.some((one) => one.role === role && name.test(one.name)), `${role} ${name}`);
  has("heading", /^KUPON SAH$/);
  has("radio", /^Penerima sendiri$/);
  has("checkbox", /^KTP atau KK asli sudah dilihat$/);
  has("button", /^Serahkan paket$/);
  has("main", /^/);
  has("banner", /^/);
  assert.ok(parts.some((one) => one.live === "assertive"), "the verdict is said at once");
  const nameless = parts.filter((one) => ["button", "radio", "checkbox", "textbox", "combobox", "link"].includes(one.role) && one.name === "");
  assert.deepEqual(nameless, []);
  const tick = page.locator("#id-seen");
  await tick.uncheck();
  await page.locator("#hand-over").click();
  await page.getByRole("alert").filter({ hasText: "Centang" }).waitFor();
  assert.ok(await tick.evaluate((box) => box === document.activeElement), "the focus goes to what is missing");
});
