// What people read, out of the same catalogue as the pages.

import catalogue from "salur:words";

export type Language = "id" | "en";

let language: Language = "id";

export function speak(chosen: Language): void {
  language = chosen;
  document.documentElement.lang = chosen;
}

export function spoken(): Language {
  return language;
}

export function say(key: string, values: Readonly<Record<string, string | number>> = {}): string {
  let text = catalogue[language][key] ?? `⟦${key}⟧`;
  // A function, because a value may hold `$&` and its like.
  for (const [name, value] of Object.entries(values)) text = text.replace(`{ $${name} }`, () => String(value));
  return text;
}

export function has(key: string): boolean {
  return key in catalogue[language];
}

/** The text for a code of a closed list. */
export const ofList = (list: string, code: string): string => say(`${list}-${code.replaceAll("_", "-")}`);

const ZONES: Readonly<Record<string, string>> = { WIB: "Asia/Jakarta", WITA: "Asia/Makassar", WIT: "Asia/Jayapura" };

/** A moment as people at the point write it: `07-12-2026 09.12`. */
export function moment(at: number, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: ZONES[zone.toUpperCase()] ?? (zone.includes("/") ? zone : "Asia/Makassar"),
    day: "2-digit",
    month: "2-digit",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(at);
  const part = (type: string): string => parts.find((part) => part.type === type)?.value ?? "";
  return `${part("day")}-${part("month")}-${part("year")} ${part("hour")}.${part("minute")}`;
}

/** The same where there is little room: `07-12 09.12`. */
export function shortMoment(at: number, zone: string): string {
  const long = moment(at, zone);
  return `${long.slice(0, 5)} ${long.slice(-5)}`;
}

/** A number with a dot between thousands and a comma before decimals, in either language, as everywhere else. */
export function grouped(number: number): string {
  return new Intl.NumberFormat("id-ID", { maximumFractionDigits: 3 }).format(number);
}

/** How long ago something was, roughly. */
export function age(ms: number): string {
  const minutes = Math.floor(ms / 60_000);
  if (minutes < 2) return say("scanner-age-now");
  if (minutes < 120) return say("scanner-age-minutes", { count: minutes });
  if (minutes < 48 * 60) return say("scanner-age-hours", { count: Math.floor(minutes / 60) });
  return say("scanner-age-days", { count: Math.floor(minutes / 1440) });
}
