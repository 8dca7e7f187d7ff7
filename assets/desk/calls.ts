// The two calls a desk makes, and what their answers mean for whoever waits.

export type Item = { name: string; quantity_label: string };

export type Voucher = {
  entitlement_id: string;
  household: string;
  nik_masked: string;
  birth_year: number | string | null;
  address: string;
  point: string;
  point_name: string;
  session: number | string | null;
  session_notice?: string | null;
  stock_notice?: string | null;
  items: Item[];
  print_no: number;
  round: string;
  programme: string;
};

export type First = {
  redeemed_at: string;
  point: string;
  point_name: string;
  desk: string;
  collector_kind: string;
  receipt_number: string;
};

/** What a verdict may come with; a refusal as problem+json carries the same members. */
export type Details = {
  message?: string | null;
  voucher?: Voucher | null;
  first?: First | null;
  reason?: string | null;
  right_point?: { code: string; name: string } | null;
};

export type Collector = { kind: string; name?: string; relation?: string; id_seen: boolean };
export type Redemption = { id: string; code: string; collector: Collector };
export type Receipt = { id: string; receipt_number: string; redeemed_at: string };

/** A hand-over that was sent and not yet answered; it outlives a reload. */
export type Pending = {
  redemption: Redemption;
  household: string;
  /** Point, desk and operator: who signs in after another does not finish the other's hand-over. */
  by: string;
};

export type Outcome =
  | { kind: "verdict"; verdict: string; details: Details }
  | { kind: "receipt"; receipt: Receipt }
  /** No answer, or one that promises nothing: the same call may be made again. */
  | { kind: "again" }
  | { kind: "signed_out" }
  /** The server's definite no that is no verdict on the voucher. */
  | { kind: "refused"; status: number; code: string; detail: string };

export const VERDICTS: ReadonlySet<string> = new Set([
  "valid", "already_redeemed", "superseded", "revoked", "held", "paused", "not_yet_valid", "expired", "wrong_point",
  "leased_elsewhere", "unresolved", "unknown", "forged", "foreign", "malformed", "not_ready",
]);

/** Reads an answer. Nothing but a well-formed verdict of the list is ever shown as one. */
export function read(status: number, body: unknown): Outcome {
  const answer = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  if (status === 401) return { kind: "signed_out" };
  if (status === 408 || status === 425 || status === 429 || status >= 500) return { kind: "again" };
  if (status === 200 || status === 201) {
    if (typeof answer["verdict"] === "string" && VERDICTS.has(answer["verdict"])) {
      return { kind: "verdict", verdict: answer["verdict"], details: answer as Details };
    }
    if (typeof answer["receipt_number"] === "string") return { kind: "receipt", receipt: answer as unknown as Receipt };
    // A captive portal or a proxy that answers 200 with a page of its own.
    return { kind: "again" };
  }
  const code = typeof answer["code"] === "string" ? answer["code"] : "";
  if (VERDICTS.has(code) && code !== "valid") return { kind: "verdict", verdict: code, details: answer as Details };
  // Without problem+json it was not our server that spoke.
  if (code === "") return { kind: "again" };
  const detail = typeof answer["detail"] === "string" ? answer["detail"] : "";
  return { kind: "refused", status, code, detail };
}

export async function post(path: string, body: unknown, csrf: string, stop: AbortSignal): Promise<Outcome> {
  try {
    const answer = await fetch(path, {
      method: "POST",
      credentials: "same-origin",
      redirect: "error",
      cache: "no-store",
      headers: { "Content-Type": "application/json", Accept: "application/json", "X-CSRF-Token": csrf },
      body: JSON.stringify(body),
      signal: AbortSignal.any?.([stop, AbortSignal.timeout(15_000)]) ?? stop,
    });
    return read(answer.status, await answer.json().catch(() => null));
  } catch {
    return { kind: "again" };
  }
}

/** How long to wait before the n-th repetition, in milliseconds. */
export function pause(repetition: number): number {
  return Math.min(15_000, 1000 * 2 ** Math.min(repetition, 4));
}

const KEPT = "salur.pending";

/** The hand-over that waits for its answer, if one does. */
export function pending(store: Storage): Pending | null {
  try {
    const kept = JSON.parse(store.getItem(KEPT) ?? "null") as Pending | null;
    return typeof kept?.redemption?.id === "string" && typeof kept.redemption.code === "string" ? kept : null;
  } catch {
    return null;
  }
}

export function keep(store: Storage, waiting: Pending | null): void {
  if (waiting === null) store.removeItem(KEPT);
  else store.setItem(KEPT, JSON.stringify(waiting));
}
