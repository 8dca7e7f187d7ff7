// What the ear and the hand are told: one pattern for go, one for stop, one for ask, one for not ours.

export type Signal = "go" | "stop" | "ask" | "other" | "done";

/** Frequency in Hz, start and length in seconds. */
type Tone = readonly [number, number, number];

const TONES: Record<Signal, readonly Tone[]> = {
  go: [[880, 0, 0.12], [1320, 0.13, 0.22]],
  stop: [[220, 0, 0.22], [220, 0.3, 0.22], [220, 0.6, 0.35]],
  ask: [[587, 0, 0.16], [587, 0.26, 0.16]],
  other: [[330, 0, 0.25]],
  done: [[880, 0, 0.09], [1109, 0.1, 0.09], [1320, 0.2, 0.25]],
};

const SHAKES: Record<Signal, number[]> = {
  go: [120],
  stop: [300, 120, 300, 120, 300],
  ask: [150, 120, 150],
  other: [60],
  done: [60, 60, 160],
};

const SIGNALS: Record<string, Signal> = {
  valid: "go",
  redeemed: "done",
  already_redeemed: "stop",
  superseded: "stop",
  revoked: "stop",
  unknown: "stop",
  forged: "stop",
  foreign: "other",
  malformed: "other",
  not_ready: "other",
};

export function signalOf(verdict: string): Signal {
  return SIGNALS[verdict] ?? "ask";
}

let context: AudioContext | null = null;

/** Browsers start sound only from a key or a touch; the first scan is one. */
export function awaken(): void {
  try {
    context ??= new AudioContext();
    if (context.state === "suspended") void context.resume();
  } catch {
    // No sound on this machine: the colour and the word remain.
  }
}

export function give(signal: Signal): void {
  try {
    navigator.vibrate?.(SHAKES[signal]);
  } catch {
    // A machine without a motor.
  }
  if (context === null) return;
  for (const [frequency, start, length] of TONES[signal]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const at = context.currentTime + start;
    tone.type = signal === "stop" ? "sawtooth" : "sine";
    tone.frequency.value = frequency;
    volume.gain.setValueAtTime(0.0001, at);
    volume.gain.exponentialRampToValueAtTime(0.35, at + 0.015);
    volume.gain.exponentialRampToValueAtTime(0.0001, at + length);
    tone.connect(volume).connect(context.destination);
    tone.start(at);
    tone.stop(at + length + 0.02);
  }
}
