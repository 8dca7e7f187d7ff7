// How a browser becomes a device, and how an operator first comes to it. Both need the network once.

import type { Database, Identity, Operator, PinRules, Round } from "../keep/database.ts";
import { pinRules, wrap } from "../keep/pin.ts";
import { enrolled } from "../lease/device.ts";
import { type Bytes, base64url, hex, unbase64, utf8 } from "../signed/bytes.ts";
import { type DeviceKey, drawKey, sign } from "../signed/keys.ts";
import { type Answer, call } from "../talk/server.ts";

type Key = { readonly kid: string; readonly x: string };

/** What the server tells a device of itself; `me` says the same again later. */
export type Me = {
  readonly device: string;
  readonly number: number;
  readonly name: string;
  readonly token?: string;
  readonly agency: Identity["agency"];
  readonly point: Identity["point"];
  readonly epoch: number;
  readonly server_time: string;
  readonly brake: { readonly packages: number | null; readonly hours: number | null };
  readonly keys: { readonly issuer: readonly Key[]; readonly server: readonly Key[] };
  readonly hosts: readonly string[];
  readonly rounds?: readonly Round[];
};

/** The code in what was scanned or typed: the part behind `enrol=`, or the whole; upper case, no dashes or blanks. */
export function enrolmentCode(text: string): string {
  const behind = /enrol=([^&\s]+)/i.exec(text)?.[1] ?? text;
  return behind.toUpperCase().replace(/[\s-]/g, "");
}

/** Whether a text could be one at all: 10 signs typed, 26 scanned. */
export function looksLikeEnrolment(text: string): boolean {
  return /^[0-9A-Z]{10}$|^[0-9A-Z]{26}$/.test(enrolmentCode(text));
}

function keysOf(keys: readonly Key[]): Bytes[] {
  return keys.map((key) => unbase64(key.x)).filter((key): key is Bytes => key?.length === 32);
}

export function identityOf(me: Me, key: DeviceKey, token: string): Identity {
  const { device, number, name, agency, point, hosts } = me;
  return {
    device,
    number,
    name,
    token,
    key,
    agency,
    point,
    hosts,
    keys: { issuer: keysOf(me.keys.issuer), server: keysOf(me.keys.server) },
  };
}

/** Draws a key, shows it to the server under the code, and keeps who the device now is. */
export async function enrol(db: Database, text: string, key: DeviceKey): Promise<Answer<Me>> {
  const code = enrolmentCode(text);
  const publicKey = base64url(key.public);
  const proof = await sign(key, utf8(`salur-enrolment-1\n${code}\n${publicKey}`));
  const tier = key.tier === "browser" ? "webcrypto" : "software";
  const json = { code, public_key: publicKey, tier, proof: base64url(proof) };
  const answer = await call<Me>({ method: "POST", path: "/devices/enrol", json });
  if (answer.is !== "said") return answer;
  const me = answer.body;
  if (me.token === undefined) return { is: "silent" };
  const identity = identityOf(me, key, me.token);
  const at = Date.parse(me.server_time);
  await db.write(async (tx) => {
    // A second answer to the same enrolment brings a new token and must not begin a new chain.
    const known = await tx.state("identity");
    tx.putState("identity", identity);
    if (known?.device !== me.device) tx.putState("core", enrolled(me.device, me.epoch, me.brake, at));
    if (me.rounds !== undefined) tx.putState("rounds", me.rounds);
  });
  return answer;
}

export { drawKey };

type SignedIn = { readonly user: string; readonly name: string; readonly role: string; readonly username: string; readonly names_key: string; readonly pin?: PinRules };

/** Asks the server who that is. */
export async function signIn(identity: Identity, username: string, password: string): Promise<Answer<SignedIn>> {
  return call<SignedIn>({ method: "POST", path: "/devices/me/operators", token: identity.token, json: { username, password } });
}

/** Keeps an operator under a PIN of their own choice, and answers the key to the names. */
export async function keepOperator(db: Database, who: SignedIn, pin: string): Promise<{ operator: Operator; namesKey: Bytes } | null> {
  const namesKey = unbase64(who.names_key);
  if (namesKey?.length !== 32) return null;
  const operator = await wrap({ user: who.user, name: who.name, username: who.username }, pin, namesKey, pinRules(who.pin));
  await db.write(async (tx) => {
    const others = ((await tx.state("operators")) ?? []).filter((other) => other.user !== who.user);
    tx.putState("operators", [...others, operator]);
  });
  return { operator, namesKey };
}

/** Counts a wrong PIN, or forgets the wrong ones. */
export async function countWrong(db: Database, user: string, wrong: number): Promise<void> {
  await db.write(async (tx) => {
    const all = (await tx.state("operators")) ?? [];
    tx.putState("operators", all.map((one) => (one.user === user ? { ...one, wrong } : one)));
  });
}

/** What the server says of the device now: new keys, hosts, rounds. */
export async function refresh(db: Database, identity: Identity, patience?: number): Promise<Identity | null> {
  const answer = await call<Me>({ method: "GET", path: "/devices/me", token: identity.token, ...(patience === undefined ? {} : { patience }) });
  if (answer.is !== "said" || answer.body.device !== identity.device) return null;
  const fresh = identityOf(answer.body, identity.key, identity.token);
  await db.write(async (tx) => {
    tx.putState("identity", fresh);
    if (answer.body.rounds !== undefined) tx.putState("rounds", answer.body.rounds);
  });
  return fresh;
}

/** A code for people, of a key or a hash: eight signs. */
export function shortHex(bytes: Uint8Array): string {
  return hex(bytes.slice(0, 4));
}
