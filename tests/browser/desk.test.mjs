// The desk at a point, as the person with the scanner meets it.
import assert from "node:assert/strict";
import { api, knock, scan, sees, stage, vouchers, wedge } from "./lib.mjs";

const { scene } = stage({ households: 200 });

async function handOver(page, collector = "self") {
  await page.locator(`input[name="collector"][value="${collector}"]`).check();
  await page.locator("#id-seen").check();
  await page.locator("#hand-over").click();
  await sees(page, "redeemed");
}

async function stateOf(salur, voucher) {
  return (await vouchers(salur)).find((one) => one.entitlement_id === voucher.entitlement_id)?.state;
}

scene("an operator who signs in lands at the desk with the cursor in the one box", async ({ page }) => {
  assert.equal(new URL(page.url()).pathname, "/desk");
  await page.locator("#scan:focus").waitFor();
});

scene("a wrong password is refused on the same page and says so", { as: null }, async ({ page, salur }) => {
  const operator = salur.demo.users.find((user) => user.role === "operator");
  await knock(page, { ...operator, password: "not the password" });
  await page.locator('[role="alert"]').waitFor();
  assert.equal(await page.locator('input[name="password"]').inputValue(), "");
  assert.equal(new URL(page.url()).pathname, "/sign-in");
});

scene("a scanned voucher is handed over once, with a receipt, and the next scan of it names the first", async ({ page, salur, desk }) => {
  const voucher = desk.voucher();
  await scan(page, voucher.code, "valid");
  await handOver(page);
  assert.match(await page.locator("#verdict").innerText(), /\d/, "the verdict shows the receipt's number");
  assert.equal(await stateOf(salur, voucher), "redeemed");
  await page.locator("#next").click();
  await page.locator("#scan:focus").waitFor();

  await scan(page, voucher.code, "already_redeemed");
  const said = await page.locator("#verdict").innerText();
  assert.match(said, /\d{1,2}[:.]\d{2}/, "it says when");
  assert.ok(said.includes(desk.point) || /titik/i.test(said), "it says where");
  assert.equal(await page.locator("#hand-over:visible").count(), 0, "and offers no way to hand over again");
});

scene("the typed code does the same as the scan", async ({ page, salur, desk }) => {
  const voucher = desk.voucher();
  await scan(page, voucher.typed_code, "valid");
  // Who collects for somebody else is named, and says how they belong together.
  await page.locator('input[name="collector"][value="proxy"]').check();
  await page.locator("#name").fill("SITI CONTOH");
  await page.locator("#relation").selectOption("same_family_card");
  await handOver(page, "proxy");
  assert.equal(await stateOf(salur, voucher), "redeemed");
});

scene("a scan that arrives while nothing has the focus still goes into the box", async ({ page, desk }) => {
  const voucher = desk.voucher();
  await page.locator("#scan:focus").waitFor();
  await page.evaluate(() => document.activeElement?.blur());
  await wedge(page, voucher.code);
  await sees(page, "valid");
});

scene("a refusal never blocks the next scan", async ({ page, desk }) => {
  await scan(page, "HTTPS://EXAMPLE.COM/SOMETHING-ELSE", "foreign");
  const elsewhere = desk.voucherOfAnotherPoint();
  await scan(page, elsewhere.code, "wrong_point");
  assert.ok((await page.locator("#verdict").innerText()).includes(elsewhere.point), "it says which point is right");
  await scan(page, desk.voucher().code, "valid");
});

scene("looking is not handing over: a scan alone changes nothing", async ({ page, salur, desk }) => {
  const voucher = desk.voucher();
  await scan(page, voucher.code, "valid");
  await page.reload();
  assert.notEqual(await stateOf(salur, voucher), "redeemed");
  const device = salur.demo.device_tokens[desk.point];
  const looked = await api(salur, device, "/verifications", { method: "POST", body: JSON.stringify({ code: voucher.code }) });
  assert.equal(looked.verdict, "valid");
});

scene(
  "without scripts the desk still hands a voucher over",
  { context: { javaScriptEnabled: false } },
  async ({ page, salur, desk }) => {
    const voucher = desk.voucher();
    await scan(page, voucher.typed_code, "valid");
    await handOver(page);
    assert.equal(await stateOf(salur, voucher), "redeemed");
  },
);

scene(
  "on a phone 360 pixels wide nothing has to be scrolled sideways",
  { context: { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true } },
  async ({ page, desk }) => {
    const fits = async (where) => {
      const [content, width] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
      assert.ok(content <= 360 && width <= 360, `${where}: ${content} px of content in a window of ${width} px`);
    };
    await fits("the empty desk");
    const voucher = desk.voucher();
    await scan(page, voucher.code, "valid");
    await fits("a valid voucher");
    await handOver(page);
    await fits("a receipt");
    await scan(page, voucher.code, "already_redeemed");
    await fits("a refusal");
  },
);
