// The list as an office makes it: a file is checked, another person agrees, households are decided on, doubles told
// apart, a decree fixes the list, a reserve takes a place, and the vouchers come out of the printer. Each step is a
// click on what the page before offers. SALUR_SHOTS names a folder for pictures.
import assert from "node:assert/strict";
import { join } from "node:path";
import { signIn, stage } from "./lib.mjs";

const { scene } = stage({ households: 40 });

/** Another person sits down at the browser. */
async function become(page, salur, role) {
  await page.context().clearCookies();
  await signIn(page, salur.demo.users.find((user) => user.role === role));
}

let shots = 0;
async function shot(page, name) {
  if (!process.env.SALUR_SHOTS) return;
  shots += 1;
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    const file = `verval-${String(shots).padStart(2, "0")}-${name}-${width}.png`;
    await page.screenshot({ path: join(process.env.SALUR_SHOTS, file), fullPage: true });
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than ${width}`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}

/** A file as a village sends it: one number that Excel destroyed, one household twice under two spellings. */
function file() {
  const head = "id_sumber,no_kk,nik,nama_penerima,jenis_kelamin,tanggal_lahir,alamat,rt,kode_desa,desa_kelurahan,kecamatan,desil,kode_titik,sesi,kode_paket";
  const row = (number, name, nik, day) =>
    `JALAN-000${number},640299010150000${number},${nik},${name},L,1950-01-${day},JL. CONTOH ${number},014,64.02.06.1002,LOA IPUH,TENGGARONG,1,TGR-01,1,SEMBAKO-A`;
  const rows = [
    row(1, "RUSLAN CONTOH", "6402990101500011", "01"),
    row(2, "ABDUL HAMID CONTOH", "6402990201500012", "02"),
    row(3, "ABD. HAMID CONTOH", "6402990201500013", "02"),
    row(4, "MUHAMMAD NUR HIDAYATULLAH SYARIFUDDIN ABDURRAHMAN AL-BANJARI", "6402990401500014", "04"),
    row(5, "NURDIN CONTOH", "6.40299E+15", "05"),
    row(6, "YOHANES CONTOH", "6402990601500016", "06"),
  ];
  return { name: "loa-ipuh.csv", mimeType: "text/csv", buffer: Buffer.from([head, ...rows, ""].join("\n")) };
}

const alert = (page) => page.locator("[role=alert]");

/** Decides on what is ticked or on all that match, and passes the page that says what would follow. */
async function decide(page, { only, standing, reason, evidence }) {
  if (only) await page.locator("tr", { hasText: only }).locator("input[name=h]").check();
  else await page.locator("#whom-all").check();
  await page.locator(`#d-${standing}`).check();
  if (reason) await page.locator("#reason").selectOption(reason);
  if (evidence) await page.locator("#evidence").fill(evidence);
  await page.locator("section[aria-labelledby=decide] button.primary").click();
  await page.waitForURL(/\/confirm$/);
  await shot(page, `confirm-${standing}`);
  await page.locator("form[action$='/decide'] button.primary").click();
  await page.waitForURL(/\/verval(\?|$)/);
  assert.equal(await alert(page).count(), 0);
}

async function fix(page, programme, number) {
  await page.goto(`/programmes/${programme}/lists`);
  await page.locator("#decree_no").fill(number);
  await page.locator("#decree_date").fill("2026-11-20");
  await page.locator("#confirm").check();
  await page.locator("section[aria-labelledby=fix] button.primary").click();
  await page.waitForURL(/\/lists/);
  assert.equal(await alert(page).count(), 0);
}

scene("a village's file becomes an approved list and then paper", { as: null }, async ({ page, salur }) => {
  const programme = salur.demo.programme_id;
  await become(page, salur, "registrar");
  await page.goto("/intakes");
  await page.locator("#programme").selectOption(programme);
  await page.locator("#file").setInputFiles(file());
  await page.locator("section[aria-labelledby=upload] button.primary").click();
  await page.waitForURL(/\/intakes\/[0-9a-f-]{36}/);
  const intake = page.url();
  assert.equal(await page.locator(".reasons.errors").count(), 1, "the number that Excel destroyed");
  assert.equal(await page.locator("form[action$='/apply']").count(), 0, "nobody agrees to a file of their own");
  await shot(page, "checked");

  await become(page, salur, "verifier");
  await page.goto(intake);
  await page.locator("#confirm").check();
  await page.locator("form[action$='/apply'] button").click();
  await page.locator(".notice.good a.button").click();
  await page.waitForURL(/\/verval\?standing=undecided/);
  assert.equal(await page.locator("input[name=h]").count(), 5);
  await shot(page, "undecided");

  // Two spellings of one man are asked about, and one of them leaves.
  await page.locator("ul.todo a[href*=suspicions]").click();
  await page.waitForURL(/\/suspicions/);
  const pair = page.locator("li.panel", { hasText: "ABD. HAMID CONTOH" });
  await shot(page, "suspicion");
  await pair.locator("input[value=first_kept]").check();
  await pair.locator("button.primary").click();
  await page.waitForURL(/\/suspicions/);
  assert.equal(await alert(page).count(), 0);

  await page.goto(`/programmes/${programme}/verval?standing=undecided`);
  await decide(page, { only: "RUSLAN CONTOH", standing: "not_eligible", reason: "deceased", evidence: "Surat kematian 12/2026" });
  await page.goto(`/programmes/${programme}/verval?standing=undecided`);
  await decide(page, { only: "YOHANES CONTOH", standing: "reserve" });
  await page.goto(`/programmes/${programme}/verval?standing=undecided`);
  await decide(page, { standing: "approved", evidence: "Musdes 18-11-2026" });
  await fix(page, programme, "400.9/117/SK/2026");
  await page.goto(`/programmes/${programme}/lists`);
  await shot(page, "lists");

  await become(page, salur, "issuer");
  await page.goto(`/rounds/${salur.demo.round_id}`);
  const issue = page.locator(`form[action="/rounds/${salur.demo.round_id}/issue"]`);
  for (const tick of await issue.locator("input[type=checkbox]").all()) await tick.check();
  await issue.locator("button").click();
  await page.waitForLoadState();
  assert.equal(await alert(page).count(), 0);
  await shot(page, "issued");
  await page.goto(`/rounds/${salur.demo.round_id}/print`);
  await page.locator("#point").selectOption("TGR-01");
  const printed = page.waitForRequest((request) => request.url().includes("vouchers.pdf"));
  await page.locator("form.stack button.primary").click();
  const paper = await page.request.get((await printed).url());
  assert.equal(paper.status(), 200);
  assert.equal((await paper.body()).subarray(0, 5).toString(), "%PDF-");
});

scene("a reserve takes the place of one who died, by two people, and the next decree shows it", { as: null }, async ({ page, salur }) => {
  const programme = salur.demo.programme_id;
  await become(page, salur, "registrar");
  await page.goto(`/programmes/${programme}/verval?standing=approved`);
  await page.locator("tr", { hasText: "HIDAYATULLAH" }).locator("a[href*='substitutions?old=']").click();
  await page.waitForURL(/\/substitutions\?old=/);
  await page.locator("#new").selectOption({ index: 0 });
  await page.locator("#reason").selectOption("deceased");
  await page.locator("#statement_no").fill("SPTJM 7/2026");
  await page.locator("#statement_date").fill("2026-11-21");
  await shot(page, "substitute");
  await page.locator("section[aria-labelledby=propose] button.primary").click();
  await page.waitForLoadState();
  assert.equal(await alert(page).count(), 0);
  assert.equal(await page.locator("form[action$='/approve']").count(), 0, "nobody approves what they proposed");

  await become(page, salur, "verifier");
  await page.goto(`/programmes/${programme}/substitutions`);
  await shot(page, "substitute-proposed");
  const form = page.locator("form[action$='/approve']");
  await form.locator("input[type=checkbox]").check();
  await form.locator("button").click();
  await page.waitForLoadState();
  assert.equal(await alert(page).count(), 0);
  const said = await page.locator("main").innerText();
  assert.ok(said.includes("SPTJM 7/2026") && !said.includes("SPTJM SPTJM"), said);
  await shot(page, "substituted");

  await fix(page, programme, "400.9/118/SK/2026");
  await page.goto(`/programmes/${programme}/lists`);
  await page.locator("a[href*='/difference?from=']").first().click();
  await page.waitForURL(/\/difference/);
  const difference = await page.locator("main").innerText();
  assert.ok(difference.includes("YOHANES CONTOH") && difference.includes("HIDAYATULLAH"), difference);
  await shot(page, "difference");
});
