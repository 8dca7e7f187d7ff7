// What stops a device by itself: how much it may hand out before the server hears of it, and its clock.
// None of this moves a lease. The twin of `domain::lease::brake`.

import type { Brake } from "../signed/reply.ts";

export type { Brake };

const HOUR_MS = 3_600_000;

/** Whether the next package would be one too many, or comes too late. */
export function stops(brake: Brake, handedOut: number, since: number, now: number): "packages" | "hours" | null {
  if (brake.packages !== null && handedOut >= brake.packages) return "packages";
  if (brake.hours !== null && now - since >= brake.hours * HOUR_MS) return "hours";
  return null;
}

/** A device's time: the greater of its clock and of what it has seen before. */
export type Clock = {
  readonly time_hwm: number;
  /** It was set back by the server or a coordinator; every later receipt says so. */
  readonly was_reset: boolean;
};

/** Looks at the wall clock. `back` says that it stands before a moment already seen: the screen asks to set it. */
export function see(clock: Clock, wall: number): { readonly clock: Clock; readonly back: boolean } {
  return { clock: { ...clock, time_hwm: Math.max(clock.time_hwm, wall) }, back: wall < clock.time_hwm };
}

/** The server's signed time, or a coordinator's word, takes the place of what was seen. */
export function reset(clock: Clock, to: number): Clock {
  return { time_hwm: to, was_reset: clock.was_reset || to < clock.time_hwm };
}
