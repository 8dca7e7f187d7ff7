// Keeps the scanner on the phone, so that it opens without a network. It serves its own few files and nothing
// else: no answer of the server is ever kept here.

export {};

declare const FILES: readonly string[];
declare const VERSION: string;

type Keeper = {
  addEventListener(type: "install" | "activate", listener: (event: { waitUntil(done: Promise<unknown>): void }) => void): void;
  addEventListener(type: "fetch", listener: (event: { request: Request; respondWith(answer: Promise<Response>): void }) => void): void;
  addEventListener(type: "message", listener: (event: MessageEvent) => void): void;
  skipWaiting(): Promise<void>;
  clients: { claim(): Promise<void> };
};
const worker = self as unknown as Keeper;
const kept = `salur-scanner-${VERSION}`;

worker.addEventListener("install", (event) => {
  // All of them or none: half a scanner is none. Past the browser's own cache, which may hold older files.
  const all = FILES.map((file) => new Request(file, { cache: "reload" }));
  event.waitUntil(caches.open(kept).then((cache) => cache.addAll(all)));
});

worker.addEventListener("activate", (event) => {
  const clean = async (): Promise<void> => {
    for (const name of await caches.keys()) {
      if (name.startsWith("salur-scanner-") && name !== kept) await caches.delete(name);
    }
    await worker.clients.claim();
  };
  event.waitUntil(clean());
});

// A new version waits until the screen says that no hand-over is under way.
worker.addEventListener("message", (event) => {
  if (event.data === "take over") void worker.skipWaiting();
});

worker.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== "GET" || url.origin !== location.origin || !url.pathname.startsWith("/scanner/")) return;
  const file = event.request.mode === "navigate" ? "/scanner/" : url.pathname;
  if (!FILES.includes(file)) return;
  event.respondWith(
    caches.open(kept).then(async (cache) => (await cache.match(file)) ?? fetch(event.request)),
  );
});
