// What the desk shows: the verdict with its instruction, the voucher, the last ones served, the network.

import type { Details } from "./calls.ts";
import { done, ofList, panel, part, recent, say, trouble } from "./page.ts";

const RECENT_MAX = 10;

export function network(up: boolean): void {
  const place = part("network", HTMLElement);
  const state = up ? "online" : "offline";
  // Written only on a change, so that a screen reader is not told twice.
  if (place.dataset["network"] === state) return;
  place.dataset["network"] = state;
  place.textContent = up ? say("desk-online") : say("desk-offline");
}

export function show(verdict: string, line?: string): void {
  panel.dataset["verdict"] = verdict;
  part("verdict-word", HTMLElement).textContent = ofList("verdict", verdict);
  part("verdict-line", HTMLElement).textContent = line ?? ofList("verdict-do", verdict);
  part("receipt-number", HTMLElement).hidden = true;
  done.hidden = true;
  trouble.hidden = true;
}

function clock(): string {
  const now = new Date();
  return `${String(now.getHours()).padStart(2, "0")}.${String(now.getMinutes()).padStart(2, "0")}`;
}

/** A server's time as it stands there: the offset in it is the point's own. */
function localTime(iso: string): string {
  const found = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})/.exec(iso);
  return found ? `${found[3]}-${found[2]}-${found[1]} ${found[4]}.${found[5]}` : iso;
}

export function instruction(verdict: string, details: Details): string {
  if (details.first && verdict === "already_redeemed") {
    const who = say(`desk-who-${details.first.collector_kind}`);
    return say("desk-first", { when: localTime(details.first.redeemed_at), point: details.first.point, who });
  }
  if (details.right_point && verdict === "wrong_point") {
    return say("desk-right-point", { point: `${details.right_point.code} ${details.right_point.name}`.trim() });
  }
  const todo = ofList("verdict-do", verdict);
  if (details.reason) return `${say("desk-reason", { reason: details.reason })}. ${todo}`;
  return details.message || todo;
}

export function remember(verdict: string, what: string, receipt?: { id: string; number: string }): void {
  const line = document.createElement("li");
  line.dataset["verdict"] = verdict;
  const piece = (kind: string, text: string): void => {
    const span = document.createElement("span");
    span.className = kind;
    span.textContent = text;
    line.append(span, " ");
  };
  piece("at", clock());
  piece("what", what);
  piece("word", ofList("verdict", verdict));
  if (receipt) {
    const link = document.createElement("a");
    link.href = `/redemptions/${encodeURIComponent(receipt.id)}/receipt`;
    link.target = "_blank";
    link.rel = "noopener";
    link.textContent = receipt.number;
    line.append(link);
  }
  recent.prepend(line);
  while (recent.children.length > RECENT_MAX) recent.lastElementChild?.remove();
  part("recent-none", HTMLElement).hidden = true;
}

export function count(id: "count-handed-over" | "count-refused"): void {
  const place = part(id, HTMLElement);
  place.textContent = String(Number(place.textContent) + 1);
}

/** Shows whose voucher it is and what belongs to it. */
export function showVoucher(voucher: NonNullable<Details["voucher"]>): void {
  part("household", HTMLElement).textContent = voucher.household;
  const born = voucher.birth_year === null || voucher.birth_year === undefined ? "" : `${say("desk-born")} ${voucher.birth_year}`;
  const line = [`NIK ${voucher.nik_masked}`, born, voucher.address].filter((piece) => piece !== "").join(" · ");
  part("holder-line", HTMLElement).textContent = line;
  const notice = part("session-notice", HTMLElement);
  const notices = [voucher.session_notice, voucher.stock_notice].filter(Boolean).join(" ");
  notice.hidden = !notices;
  notice.textContent = notices;
  part("items", HTMLElement).replaceChildren(
    ...voucher.items.map((item) => {
      const line = document.createElement("li");
      const name = document.createElement("span");
      name.textContent = item.name;
      const quantity = document.createElement("strong");
      quantity.textContent = item.quantity_label;
      line.append(name, " ", quantity);
      return line;
    }),
  );
  part("voucher", HTMLElement).hidden = false;
}
