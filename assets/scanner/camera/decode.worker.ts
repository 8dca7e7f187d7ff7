// Reads QR codes out of frames, away from the screen's own thread.

import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

// From our own server and nowhere else.
prepareZXingModule({ overrides: { locateFile: (file: string) => (file.endsWith(".wasm") ? "/scanner/zxing_reader.wasm" : file) } });

/** A frame, and whether to look closely. */
export type Frame = { readonly width: number; readonly height: number; readonly pixels: ArrayBuffer; readonly hard: boolean };
export type Found = { readonly texts: readonly string[]; readonly tookMs: number } | { readonly failed: string };

self.addEventListener("message", (event: MessageEvent<Frame>) => {
  const { width, height, pixels, hard } = event.data;
  const began = performance.now();
  const image = new ImageData(new Uint8ClampedArray(pixels), width, height);
  readBarcodes(image, {
    formats: ["QRCode"],
    maxNumberOfSymbols: 2,
    tryHarder: hard,
    tryRotate: hard,
    tryInvert: false,
    tryDownscale: true,
  }).then(
    (found) => {
      const texts = found.filter((one) => one.isValid).map((one) => one.text);
      self.postMessage({ texts, tookMs: performance.now() - began } satisfies Found);
    },
    (error: unknown) => self.postMessage({ failed: String(error) } satisfies Found),
  );
});
