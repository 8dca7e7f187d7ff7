// The elements of the desk's page that its script fills, and the words that came with it.

export function part<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no #${id}`);
  return found;
}

export const desk = part("desk", HTMLElement);
export const scanForm = part("scan-form", HTMLFormElement);
export const scan = part("scan", HTMLInputElement);
export const panel = part("verdict", HTMLElement);
export const handOverForm = part("hand-over-form", HTMLFormElement);
export const handOver = part("hand-over", HTMLButtonElement);
export const idSeen = part("id-seen", HTMLInputElement);
export const nameBox = part("name", HTMLInputElement);
export const relation = part("relation", HTMLSelectElement);
export const formError = part("form-error", HTMLElement);
export const trouble = part("trouble", HTMLElement);
export const done = part("done", HTMLElement);
export const next = part("next", HTMLAnchorElement);
export const recent = part("recent", HTMLOListElement);

/** Who stands here, to tell whose hand-over is pending. */
export const by = [desk.dataset["point"], desk.dataset["desk"], desk.dataset["operator"]].join("/");
const words = JSON.parse(desk.dataset["words"] ?? "{}") as Record<string, string>;
export const csrf = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";

export function say(key: string, values: Record<string, string> = {}): string {
  let text = words[key] ?? key;
  // A function, because a value may hold `$&` and its like.
  for (const [name, value] of Object.entries(values)) text = text.replace(`{$${name}}`, () => value);
  return text;
}

export const ofList = (list: string, code: string): string => say(`${list}-${code.replaceAll("_", "-")}`);
