// The code that people type from the paper: nine random signs of Crockford's alphabet and a check sign.

const SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH = 10;

/** The ten signs, or why there are none: too few, too many or strange signs, or one slip among ten. */
export type Typed = { readonly code: string } | { readonly fault: "not_a_code" | "slip" };

/** Twice a value in the field of 32 elements (polynomial x⁵ + x² + 1). */
function double(value: number): number {
  const shifted = value << 1;
  return (shifted & 0b10_0000) === 0 ? shifted : (shifted ^ 0b10_0101) & 31;
}

/** Reads what was typed: any case, dashes and spaces anywhere, O for 0, I and L for 1. */
export function readTyped(text: string): Typed {
  const values: number[] = [];
  for (const sign of text) {
    if (/\s|-|\u0085/u.test(sign) && sign !== "\ufeff") continue;
    const upper = /[a-z]/.test(sign) ? sign.toUpperCase() : sign;
    const value = SIGNS.indexOf(upper === "O" ? "0" : upper === "I" || upper === "L" ? "1" : upper);
    if (value < 0 || values.length === LENGTH) return { fault: "not_a_code" };
    values.push(value);
  }
  if (values.length !== LENGTH) return { fault: "not_a_code" };
  const sum = values.slice(0, -1).reduce((sum, value) => double(sum ^ value), 0);
  if (sum !== values[LENGTH - 1]) return { fault: "slip" };
  return { code: values.map((value) => SIGNS.charAt(value)).join("") };
}

/** In groups, as printed: `7KQ4-M2XP-9D`. */
export function inGroups(code: string): string {
  return `${code.slice(0, 4)}-${code.slice(4, 8)}-${code.slice(8)}`;
}
