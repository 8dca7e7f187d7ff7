// A QR in a still picture: of the gallery, or of the phone's own camera.

import type { Found, Frame } from "./decode.worker.ts";
import { type Picked, pick } from "./several.ts";

/** The sizes at which a picture is looked at, the longest side each: a photo is often larger than it is sharp. */
const SIDES = [1_600, 1_000, 2_400] as const;

/** The code in it that is meant. Throws for what is no picture. */
export async function readPhoto(file: Blob): Promise<Picked> {
  const picture = await createImageBitmap(file);
  const worker = new Worker("/scanner/decode.js", { type: "module" });
  try {
    for (const side of SIDES) {
      const found = await decode(worker, frameOf(picture, side));
      if ("failed" in found) throw new Error(found.failed);
      const picked = pick(found.texts);
      if (picked.is !== "none") return picked;
    }
    return { is: "none" };
  } finally {
    worker.terminate();
    picture.close();
  }
}

function frameOf(picture: ImageBitmap, side: number): Frame {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const [width, height] = [Math.max(1, Math.round(picture.width * scale)), Math.max(1, Math.round(picture.height * scale))];
  const canvas = Object.assign(document.createElement("canvas"), { width, height });
  const context = canvas.getContext("2d");
  if (context === null) throw new Error("no canvas");
  context.drawImage(picture, 0, 0, width, height);
  return { width, height, pixels: context.getImageData(0, 0, width, height).data.buffer, hard: true };
}

function decode(worker: Worker, frame: Frame): Promise<Found> {
  return new Promise((resolve, reject) => {
    worker.onmessage = (event: MessageEvent<Found>) => resolve(event.data);
    worker.onerror = () => reject(new Error("no decoder"));
    worker.postMessage(frame, [frame.pixels]);
  });
}
