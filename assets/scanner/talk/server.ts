// The calls a device makes. An answer that is not our server's (a captive portal, a proxy's page, none at all) is
// `silent`: nothing is known, and the same call may be made again.

import type { Bytes } from "../signed/bytes.ts";

export type Answer<T> =
  | { readonly is: "said"; readonly status: number; readonly body: T }
  | { readonly is: "refused"; readonly status: number; readonly code: string; readonly detail: string; readonly body: Record<string, unknown> }
  | { readonly is: "silent" };

const PATIENCE_MS = 15_000;

export type Call = {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly token?: string;
  readonly json?: unknown;
  readonly cbor?: Bytes;
  readonly patience?: number;
};

/** Whether an answer promises nothing, so that the call may simply be repeated. */
function promisesNothing(status: number): boolean {
  return status === 408 || status === 425 || status >= 500;
}

export async function call<T>(what: Call): Promise<Answer<T>> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (what.token !== undefined) headers["Authorization"] = `Bearer ${what.token}`;
  if (what.json !== undefined) headers["Content-Type"] = "application/json";
  if (what.cbor !== undefined) headers["Content-Type"] = "application/cbor";
  const impatience = new AbortController();
  const timer = setTimeout(() => impatience.abort(), what.patience ?? PATIENCE_MS);
  try {
    const answer = await fetch(`/api/v1${what.path}`, {
      method: what.method,
      // The device speaks for itself: a person's cookie has no business here.
      credentials: "omit",
      redirect: "error",
      cache: "no-store",
      headers,
      signal: impatience.signal,
      ...(what.method === "GET" ? {} : { body: what.cbor ?? JSON.stringify(what.json ?? {}) }),
    });
    const body: unknown = await answer.json().catch(() => null);
    if (promisesNothing(answer.status) || typeof body !== "object" || body === null) return { is: "silent" };
    if (answer.ok) return { is: "said", status: answer.status, body: body as T };
    const problem = body as Record<string, unknown>;
    // Without a code it was not our server that spoke.
    if (typeof problem["code"] !== "string") return { is: "silent" };
    const detail = typeof problem["detail"] === "string" ? problem["detail"] : "";
    return { is: "refused", status: answer.status, code: problem["code"], detail, body: problem };
  } catch {
    return { is: "silent" };
  } finally {
    clearTimeout(timer);
  }
}
