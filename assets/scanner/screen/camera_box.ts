// The camera on the screen, with its buttons and with what to do when it does not open.

import { Camera, type Trouble } from "../camera/camera.ts";
import { readPhoto } from "../camera/photo.ts";
import { busy, h } from "./dom.ts";
import type { Shell } from "./shell.ts";
import { say } from "./words.ts";

export type CameraBox = {
  readonly element: HTMLElement;
  readonly camera: Camera;
  /** Opens it without being asked, where the permission is there already. */
  open(): Promise<void>;
  stop(): void;
  look(on: boolean): void;
};

export function cameraBox(shell: Shell, found: (text: string, seenAt: number) => void): CameraBox {
  const video = h("video", { playsinline: true, muted: true, "aria-label": say("scanner-camera") });
  video.muted = true;
  const trouble = h("p", { class: "notice", role: "status", id: "camera-trouble", hidden: true });
  const stage = h("div", { class: "stage", hidden: true }, video, h("div", { class: "aim", "aria-hidden": "true" }));
  const start = h("button", { type: "button", class: "tool", id: "camera-start" }, say("scanner-camera-start"));
  const stop = h("button", { type: "button", class: "tool", id: "camera-stop", hidden: true }, say("scanner-camera-stop"));
  const torch = h("button", { type: "button", class: "tool", "aria-pressed": "false", hidden: true }, say("scanner-torch"));
  const other = h("button", { type: "button", class: "tool", hidden: true }, say("scanner-camera-next"));
  const tools = h("div", { class: "tools", hidden: true }, torch, other);
  const failed = (what: Trouble): void => {
    trouble.textContent = say(`scanner-camera-${what}`);
    trouble.hidden = false;
    if (what !== "decoder" && what !== "several") show(false);
  };
  const camera = new Camera(
    video,
    (text, seenAt) => {
      trouble.hidden = true;
      found(text, seenAt);
    },
    failed,
  );
  const show = (on: boolean): void => {
    stage.hidden = !on;
    stop.hidden = !on;
    start.hidden = on;
    if (!on) tools.hidden = true;
  };
  const open = async (id: string | null): Promise<void> => {
    trouble.hidden = true;
    // Shown first: a hidden video gives no frames.
    show(true);
    if (!(await camera.start(id))) return show(false);
    torch.hidden = !camera.hasTorch;
    other.hidden = (await camera.other()) === null;
    tools.hidden = torch.hidden && other.hidden;
  };
  start.addEventListener("click", () => void (async () => open((await shell.device?.choices())?.camera ?? null))());
  stop.addEventListener("click", () => {
    camera.stop();
    show(false);
  });
  torch.addEventListener("click", () => {
    const on = torch.getAttribute("aria-pressed") !== "true";
    torch.setAttribute("aria-pressed", String(on));
    void camera.torch(on);
  });
  other.addEventListener("click", () => {
    void (async () => {
      const id = await camera.other();
      if (id === null) return;
      await shell.device?.choose({ camera: id });
      await open(id);
    })();
  });
  // A picture that somebody sent, or one of the phone's own camera where the browser gets none.
  const photo = h("input", { type: "file", accept: "image/*", id: "photo", hidden: true });
  const pick = h("button", { type: "button", class: "tool", id: "photo-pick", onclick: () => photo.click() }, say("scanner-picture"));
  const read = async (): Promise<void> => {
    const [file] = photo.files ?? [];
    if (file === undefined) return;
    trouble.hidden = true;
    const seenAt = performance.now();
    const picked = await readPhoto(file).catch(() => null);
    photo.value = "";
    if (picked?.is === "one") return found(picked.text, seenAt);
    const key = picked === null ? "scanner-picture-unreadable" : picked.is === "several" ? "scanner-camera-several" : "scanner-picture-none";
    trouble.textContent = say(key);
    trouble.hidden = false;
  };
  photo.addEventListener("change", () => void busy(pick, read));
  return {
    element: h("section", { class: "camera", "aria-label": say("scanner-camera") }, stage, tools, trouble, h("div", { class: "tools" }, start, stop, pick), photo),
    camera,
    async open() {
      const state = await navigator.permissions?.query({ name: "camera" as PermissionName }).catch(() => null);
      if (state?.state === "granted") await open((await shell.device?.choices())?.camera ?? null);
    },
    stop() {
      camera.stop();
      show(false);
    },
    look: (on) => camera.look(on),
  };
}
