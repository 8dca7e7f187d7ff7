// A camera that sees real paper: pages of the printed PDF, drawn by poppler, held askew before the lens by a
// browser's canvas, as a file that Chromium plays in place of a camera.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const WIDTH = 1280;
const HEIGHT = 720;

/** An A4 page in inches. */
const A4 = { width: 8.27, height: 11.69 };

/** One page of a PDF as PNG bytes, or the upper left part of it (0 to 1). */
export function page(pdf, number, part = { width: 1, height: 1 }, dpi = 120) {
  const folder = mkdtempSync(join(tmpdir(), "salur-page-"));
  const [width, height] = [part.width * A4.width, part.height * A4.height].map((inches) => String(Math.round(inches * dpi)));
  const pages = ["-f", String(number), "-l", String(number), "-r", String(dpi), "-W", width, "-H", height, "-png", "-singlefile"];
  execFileSync("pdftoppm", [...pages, pdf, join(folder, "page")]);
  return readFileSync(join(folder, "page.png"));
}

/** The first page full of vouchers, four to a page: lists and cards of bundles come before them. */
export function voucherPage(pdf) {
  const pages = execFileSync("pdftotext", ["-layout", pdf, "-"], { encoding: "utf8", maxBuffer: 256 << 20 }).split("\f");
  const at = pages.findIndex((text) => (text.match(/\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{2}\b/g) ?? []).length >= 4);
  if (at < 0) throw new Error(`${pdf} has no page of four vouchers`);
  return at + 1;
}

/**
 * Writes a capture file (concatenated JPEGs) and answers its path. Each scene is a PNG, with the part of it that
 * the camera looks at (0 to 1) and how many frames it stays; a scene without a picture is an empty desk.
 */
export async function capture(browser, scenes) {
  const context = await browser.newContext();
  const tab = await context.newPage();
  await tab.setContent("<canvas></canvas>");
  const frames = [];
  for (const [at, scene] of scenes.entries()) {
    const jpegs = await tab.evaluate(draw, {
      png: scene.png ? scene.png.toString("base64") : null,
      part: scene.part ?? { x: 0, y: 0, width: 1, height: 1 },
      count: scene.frames,
      width: WIDTH,
      height: HEIGHT,
      seed: at + 1,
    });
    frames.push(...jpegs.map((jpeg) => Buffer.from(jpeg, "base64")));
  }
  await context.close();
  const path = join(mkdtempSync(join(tmpdir(), "salur-camera-")), "camera.mjpeg");
  writeFileSync(path, Buffer.concat(frames));
  return path;
}

/** Runs in the browser: the paper in a hand that shakes, in uneven light, with a grainy sensor. */
async function draw({ png, part, count, width, height, seed }) {
  const canvas = document.querySelector("canvas");
  Object.assign(canvas, { width, height });
  const context = canvas.getContext("2d");
  let state = seed * 7919;
  const random = () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
  let image = null;
  if (png !== null) {
    image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
  }
  const found = [];
  for (let frame = 0; frame < count; frame += 1) {
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.fillStyle = "#7d7468";
    context.fillRect(0, 0, width, height);
    if (image !== null) {
      const [w, h] = [image.width * part.width, image.height * part.height];
      const scale = Math.min((width * 0.94) / w, (height * 0.94) / h);
      context.translate(width / 2 + 14 * (random() - 0.5), height / 2 + 14 * (random() - 0.5));
      context.rotate(((random() - 0.5) * 12 * Math.PI) / 180);
      context.transform(1, 0.03 * (random() - 0.5), 0.06 * (random() - 0.5), 1, 0, 0);
      context.filter = "blur(0.6px)";
      context.drawImage(image, image.width * part.x, image.height * part.y, w, h, (-w * scale) / 2, (-h * scale) / 2, w * scale, h * scale);
      context.filter = "none";
    }
    context.setTransform(1, 0, 0, 1, 0, 0);
    const light = context.createLinearGradient(0, 0, width, height);
    light.addColorStop(0, "rgba(255,250,230,0.10)");
    light.addColorStop(1, "rgba(0,0,20,0.28)");
    context.fillStyle = light;
    context.fillRect(0, 0, width, height);
    const pixels = context.getImageData(0, 0, width, height);
    for (let at = 0; at < pixels.data.length; at += 4) {
      const grain = (random() - 0.5) * 26;
      pixels.data[at] += grain;
      pixels.data[at + 1] += grain;
      pixels.data[at + 2] += grain;
    }
    context.putImageData(pixels, 0, 0);
    found.push(canvas.toDataURL("image/jpeg", 0.82).split(",")[1]);
  }
  return found;
}
