// The verdict of every mix of what a device knows, as Rust gives it (tests/vectors/verdicts.json).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { type Slot, enrolled } from "./device.ts";
import { judge, verdictOf } from "./scan.ts";

const { own_point, begins_at, ends_at, print, rows } = JSON.parse(
  readFileSync(join(process.env["SALUR_VECTORS"] ?? "../tests/vectors", "verdicts.json"), "utf8"),
);

test("every mix gets the verdict and the reason that Rust gives it", () => {
  const wrong: string[] = [];
  for (const row of rows) {
    const [is, held, paused, shown, seen, wall, verdict, why] = row;
    const core = enrolled("01010101-0101-0101-0101-010101010101", 1, { packages: null, hours: null }, seen);
    const slot: Slot = { hwm: [1, 5], lease: { is, fence: [1, 5], redemption: "" }, ends_at, held };
    const known = paused === null ? null : { print, begins_at, paused };
    const said = judge(core, slot, known, shown, own_point, wall);
    const word = said === null ? "valid" : verdictOf(said);
    if (word !== verdict || said !== why) wrong.push(`${JSON.stringify(row)}: ${word} ${said}`);
  }
  assert.ok(rows.length > 300);
  assert.deepEqual(wrong, []);
});
