// Several codes in one picture: a voucher beside the QR of a family card, or two vouchers of one sheet.

import { parseCode } from "../../desk/code.ts";

export type Picked = { readonly is: "one"; readonly text: string } | { readonly is: "several" } | { readonly is: "none" };

/** The one that is meant. Of several the only voucher; two vouchers are nobody's to choose between but a person's. */
export function pick(texts: readonly string[]): Picked {
  const all = [...new Set(texts)];
  const ours = all.filter((text) => parseCode(text) !== null);
  const [first, second] = ours.length > 0 ? ours : all;
  if (first === undefined) return { is: "none" };
  return second === undefined || ours.length === 0 ? { is: "one", text: first } : { is: "several" };
}
