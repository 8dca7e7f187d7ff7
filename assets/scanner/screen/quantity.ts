// How much of some goods there is, in the very words of the server and of every paper.

import type { PackageItem } from "../keep/database.ts";
import { grouped } from "./words.ts";

const SIGN: Readonly<Record<string, string>> = { gram: "g", millilitre: "ml", piece: "butir" };

/** `15 kg`, `2,5 kg`, `500 g`; `3 piring 5 butir` where no three decimals say it exactly. Nothing is rounded. */
export function quantity(item: Pick<PackageItem, "unit" | "pack_name" | "pack_size">, amount: number): string {
  const size = Math.max(1, item.pack_size);
  const sign = SIGN[item.unit] ?? item.unit;
  const whole = Math.floor(amount / size);
  const rest = amount % size;
  if (amount !== 0 && whole === 0) return `${grouped(amount)} ${sign}`;
  if (rest === 0) return `${grouped(whole)} ${item.pack_name}`;
  if ((rest * 1000) % size !== 0) return `${grouped(whole)} ${item.pack_name} ${grouped(rest)} ${sign}`;
  const decimals = String((rest * 1000) / size).padStart(3, "0").replace(/0+$/, "");
  return `${grouped(whole)},${decimals} ${item.pack_name}`;
}
