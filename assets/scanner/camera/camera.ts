// The camera: which, its torch, and its frames to the decoder. One frame is under way at a time, so that a slow
// phone looks at fewer frames and never at old ones.

import type { Found, Frame } from "./decode.worker.ts";
import { pick } from "./several.ts";

export type Trouble = "refused" | "none" | "busy" | "decoder" | "several";

/** The longest side of what is decoded: enough for a code of 40 mm at arm's length. */
const SIDE_MAX = 1280;
/** Every so many frames the decoder looks closely, which takes it longer. */
const HARD_EVERY = 3;

export class Camera {
  readonly video: HTMLVideoElement;
  readonly #found: (text: string, seenAt: number) => void;
  #seenAt = 0;
  readonly #trouble: (what: Trouble) => void;
  readonly #canvas = document.createElement("canvas");
  #worker: Worker | null = null;
  #stream: MediaStream | null = null;
  #busy = false;
  #frames = 0;
  #looking = false;
  /** How long the last frames took to decode, in milliseconds: for measuring. */
  readonly took: number[] = [];

  constructor(video: HTMLVideoElement, found: (text: string, seenAt: number) => void, trouble: (what: Trouble) => void) {
    this.video = video;
    this.#found = found;
    this.#trouble = trouble;
  }

  get running(): boolean {
    return this.#stream !== null;
  }

  /** Opens a camera: that one, or the one at the back. */
  async start(id: string | null): Promise<boolean> {
    this.stop();
    const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
    const which = id === null ? { facingMode: { ideal: "environment" } } : { deviceId: { exact: id } };
    try {
      if (navigator.mediaDevices === undefined) throw new DOMException("", "NotFoundError");
      this.#stream = await navigator.mediaDevices.getUserMedia({ audio: false, video: { ...size, ...which } });
    } catch (error) {
      // A camera that was chosen once and is gone: any other will do.
      if (id !== null && !(error instanceof DOMException && error.name === "NotAllowedError")) return this.start(null);
      this.#trouble(troubleOf(error));
      return false;
    }
    this.video.srcObject = this.#stream;
    await this.video.play().catch(() => undefined);
    this.#worker ??= this.#decoder();
    this.look(true);
    return true;
  }

  #decoder(): Worker {
    const worker = new Worker("/scanner/decode.js", { type: "module" });
    worker.addEventListener("message", (event: MessageEvent<Found>) => {
      this.#busy = false;
      const found = event.data;
      if ("failed" in found) {
        this.#trouble("decoder");
        return;
      }
      this.took.push(found.tookMs);
      if (this.took.length > 200) this.took.shift();
      if (this.#looking) this.#take(found.texts);
      this.#next();
    });
    worker.addEventListener("error", () => this.#trouble("decoder"));
    return worker;
  }

  #take(texts: readonly string[]): void {
    const picked = pick(texts);
    if (picked.is === "one") this.#found(picked.text, this.#seenAt);
    else if (picked.is === "several") this.#trouble("several");
  }

  /** Whether frames are decoded; the picture goes on either way. */
  look(on: boolean): void {
    const begins = on && !this.#looking;
    this.#looking = on;
    if (begins) this.#next();
  }

  #next(): void {
    if (!this.#looking || this.#stream === null) return;
    if ("requestVideoFrameCallback" in this.video) this.video.requestVideoFrameCallback(() => this.#frame());
    else setTimeout(() => this.#frame(), 60);
  }

  #frame(): void {
    const { video } = this;
    if (!this.#looking || this.#stream === null || this.#busy) return;
    if (video.videoWidth === 0) return this.#next();
    const scale = Math.min(1, SIDE_MAX / Math.max(video.videoWidth, video.videoHeight));
    const [width, height] = [Math.round(video.videoWidth * scale), Math.round(video.videoHeight * scale)];
    Object.assign(this.#canvas, { width, height });
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (context === null) return this.#trouble("decoder");
    context.drawImage(video, 0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height).data.buffer;
    this.#frames += 1;
    this.#busy = true;
    this.#seenAt = performance.now();
    const frame: Frame = { width, height, pixels, hard: this.#frames % HARD_EVERY === 0 };
    this.#worker?.postMessage(frame, [pixels]);
  }

  stop(): void {
    this.#looking = false;
    this.#busy = false;
    for (const track of this.#stream?.getTracks() ?? []) track.stop();
    this.#stream = null;
    this.video.srcObject = null;
  }

  /** Whether this camera has a light that can be switched. */
  get hasTorch(): boolean {
    const track = this.#stream?.getVideoTracks()[0];
    return (track?.getCapabilities?.() as { torch?: boolean } | undefined)?.torch === true;
  }

  async torch(on: boolean): Promise<void> {
    const track = this.#stream?.getVideoTracks()[0];
    await track?.applyConstraints({ advanced: [{ torch: on } as MediaTrackConstraintSet] }).catch(() => undefined);
  }

  /** The camera after the one that runs, when there are several. */
  async other(): Promise<string | null> {
    const all = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
    const now = this.#stream?.getVideoTracks()[0]?.getSettings().deviceId;
    const at = all.findIndex((one) => one.deviceId === now);
    return all.length < 2 ? null : (all[(at + 1) % all.length]?.deviceId ?? null);
  }
}

export function troubleOf(error: unknown): Trouble {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError" || name === "SecurityError") return "refused";
  if (name === "NotReadableError" || name === "AbortError") return "busy";
  return "none";
}
