import assert from "node:assert/strict";
import { test } from "node:test";
import { pick } from "./several.ts";

const [one, other] = ["SALUR:AAAA", "https://bantuan.example.go.id/V/BBBB"];
const strange = "00020101021126610014ID.CO.QRIS.WWW";

test("a voucher beside a strange code is the one that is meant, on either side of it", () => {
  assert.deepEqual(pick([one, strange]), { is: "one", text: one });
  assert.deepEqual(pick([strange, other]), { is: "one", text: other });
});

test("two vouchers are nobody's to choose between, and one seen twice is one", () => {
  assert.deepEqual(pick([one, other]), { is: "several" });
  assert.deepEqual(pick([one, one]), { is: "one", text: one });
});

test("strange codes are still named for what they are, and nothing is nothing", () => {
  assert.deepEqual(pick([strange]), { is: "one", text: strange });
  assert.deepEqual(pick([strange, "https://example.com"]), { is: "one", text: strange });
  assert.deepEqual(pick([]), { is: "none" });
});
