// The walks that Rust's machine took (tests/vectors/traces.json), step by step, to the same rows and outputs.
import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unhex, uuidBytes } from "../signed/bytes.ts";
import * as contact from "./contact.ts";
import * as device from "./device.ts";

const { walks } = JSON.parse(readFileSync(join(process.env["SALUR_VECTORS"] ?? "../tests/vectors", "traces.json"), "utf8"));

/** Stands for the hash of the signed receipt, as in the Rust that wrote the walks. */
function seal(receipt: device.Receipt): string {
  const seq = Buffer.alloc(8);
  seq.writeBigUInt64BE(BigInt(receipt.seq));
  const hash = createHash("sha256");
  for (const part of [uuidBytes(receipt.redemption), uuidBytes(receipt.entitlement), seq, unhex(receipt.prev_hash)]) hash.update(part);
  return hash.digest("hex");
}

type Row = Record<string, never> & { brake: [number | null, number | null]; time_hwm: number; was_reset: boolean };

function coreOf(row: Row): device.Core {
  const { brake, time_hwm, was_reset, ...rest } = row;
  return { ...rest, brake: { packages: brake[0], hours: brake[1] }, clock: { time_hwm, was_reset } } as unknown as device.Core;
}

function said(output: device.Output): unknown {
  if (output.is !== "green") return output;
  const { device: _, ...receipt } = output.receipt;
  return { is: "green", receipt };
}

test("the machine takes the steps of Rust's machine, to the same outputs and the same rows", () => {
  const met = new Set<string>();
  for (const [number, walk] of walks.entries()) {
    let core = coreOf(walk.core);
    assert.deepEqual(device.enrolled(core.device, core.epoch, core.brake, core.contact_at), core);
    const slots: device.Slot[] = [device.NO_SLOT, device.NO_SLOT, device.NO_SLOT];
    for (const [place, row] of walk.steps.entries()) {
      const where = `walk ${number}, step ${place}: ${JSON.stringify(row.input)}`;
      const after = row.core === undefined ? core : coreOf(row.core);
      if (row.slot === undefined) {
        const taken = contact.step(core, row.input);
        assert.deepEqual(taken.output, row.output, where);
        core = taken.core;
      } else {
        const id = `4${row.slot}`.repeat(16);
        const entitlement = `${id.slice(0, 8)}-${id.slice(8, 12)}-${id.slice(12, 16)}-${id.slice(16, 20)}-${id.slice(20)}`;
        const taken = device.step(core, slots[row.slot] ?? device.NO_SLOT, entitlement, row.input, seal);
        assert.deepEqual(said(taken.output), row.output, where);
        if (row.row !== undefined) assert.deepEqual(taken.slot, row.row, where);
        else assert.deepEqual(taken.slot, slots[row.slot], where);
        met.add(taken.output.is);
        core = taken.core;
        slots[row.slot] = taken.slot;
      }
      assert.deepEqual(core, after, where);
    }
  }
  assert.deepEqual([...met].sort(), ["again", "green", "hold_taken", "installed", "refused", "released", "return"]);
});

test("a fence is above another by its epoch first", () => {
  assert.ok(device.above([2, 1], [1, 9]));
  assert.ok(device.above([1, 2], [1, 1]));
  assert.ok(!device.above([1, 1], [1, 1]));
});
