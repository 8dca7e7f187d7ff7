import assert from "node:assert/strict";
import { test } from "node:test";
import { canonical, firstCode, LONGEST, parseCode, shortened } from "./code.ts";

test("a typed code reads however it is typed", () => {
  for (const text of ["7KQ4-M2XP-9D", "7kq4 m2xp 9d", " 7kq4m2xp9d\n", "7KQ4--M2XP9D"]) {
    assert.deepEqual(parseCode(text), { kind: "typed", text: "7KQ4-M2XP-9D" });
  }
  assert.equal(parseCode("oil1-OOOO-o0")?.text, "0111-0000-00");
});

test("a QR's text reads with either prefix and in any case", () => {
  assert.deepEqual(parseCode("https://salur.example.id/v/2kcei2lb"), {
    kind: "signed",
    text: "HTTPS://SALUR.EXAMPLE.ID/V/2KCEI2LB",
  });
  assert.equal(parseCode(" salur:2KCEI2LB ")?.kind, "signed");
  assert.equal(parseCode("HTTP://127.0.0.1:8080/V/2KCEI2LB")?.kind, "signed");
});

test("letters O and I of a signed code stay letters", () => {
  assert.equal(parseCode("SALUR:OIL2")?.text, "SALUR:OIL2");
});

test("what is neither has no shape but can still be sent", () => {
  for (const text of ["", "7KQ4", "SALUR:", "SALUR:ABC=", "SALUR:A1B8", "7KQ4-M2XP-9U", "https://example.id/x/ABC", "x".repeat(LONGEST + 1)]) {
    assert.equal(parseCode(text), null, text);
  }
  assert.equal(canonical("  kartu keluarga 64 "), "kartu keluarga 64");
  assert.equal(canonical("x".repeat(LONGEST + 1)).length, LONGEST);
});

test("of two readings the one that is a code wins", () => {
  assert.equal(firstCode(["SQLUR?", "SALUR:ABC"]), "SALUR:ABC");
  assert.equal(firstCode(["lain", "juga lain"]), "lain");
});

test("a shortened code cannot be used", () => {
  assert.equal(shortened("7KQ4-M2XP-9D"), "7KQ4…");
  assert.equal(parseCode(shortened("SALUR:ABCDEFGH")), null);
});
