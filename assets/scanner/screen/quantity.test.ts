// Quantities as the server says them (tests/vectors/quantities.json).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { quantity } from "./quantity.ts";

const rows = JSON.parse(
  readFileSync(join(process.env["SALUR_VECTORS"] ?? "../tests/vectors", "quantities.json"), "utf8"),
);

test("a quantity has the same words on the phone as on the server and on paper", () => {
  assert.ok(rows.length > 10);
  for (const row of rows) assert.equal(quantity(row, row.quantity), row.said);
});
