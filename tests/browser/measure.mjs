// What a person at the desk can read and hit, measured on the page as it is drawn: the size of every text, the size
// of whatever is pressed, the contrast of text and ground, what is cut off, and what has no name for a screen reader.

/** At least this, by the house's own rule (sun, arm's length, one thumb); WCAG 2.2 AA asks for less of both. */
export const TEXT_PX = 18;
export const TARGET_PX = 48;
/** WCAG 2.2 AA for text; 3 for large text (24 px, or 18.66 px and bold). */
const CONTRAST = 4.5;
const CONTRAST_LARGE = 3;

/** What is wrong on the page as it stands: one sentence each, none when all is well. */
export function faultsOf(page) {
  return page.evaluate(look, { TEXT_PX, TARGET_PX, CONTRAST, CONTRAST_LARGE });
}

/** Runs in the browser. */
function look({ TEXT_PX, TARGET_PX, CONTRAST, CONTRAST_LARGE }) {
  const found = new Set();
  const isSeen = (element) => element.checkVisibility({ visibilityProperty: true, opacityProperty: true });
  const nameOf = (element) => (element.id ? `#${element.id}` : `${element.localName}.${element.className || "-"}`);
  const short = (text) => text.trim().replace(/\s+/g, " ").slice(0, 40);

  const rgba = (text) => {
    const [r, g, b, a = 1] = text.match(/[\d.]+/g).map(Number);
    return { r, g, b, a };
  };
  const over = (top, ground) => ({
    r: top.r * top.a + ground.r * (1 - top.a), g: top.g * top.a + ground.g * (1 - top.a), b: top.b * top.a + ground.b * (1 - top.a), a: 1,
  });
  const light = ({ r, g, b }) => {
    const [x, y, z] = [r, g, b].map((part) => (part / 255 <= 0.04045 ? part / 255 / 12.92 : ((part / 255 + 0.055) / 1.055) ** 2.4));
    return 0.2126 * x + 0.7152 * y + 0.0722 * z;
  };
  const contrast = (one, other) => {
    const [a, b] = [light(one), light(other)].sort((x, y) => y - x);
    return (a + 0.05) / (b + 0.05);
  };
  const groundOf = (element) => {
    const layers = [];
    for (let at = element; at !== null; at = at.parentElement) {
      const style = getComputedStyle(at);
      // Over a picture or a pattern the darkest and lightest of its colours count; none is used under small text here.
      if (style.backgroundImage !== "none") layers.push(...[...style.backgroundImage.matchAll(/rgba?\([^)]*\)/g)].slice(0, 1).map(([text]) => rgba(text)));
      const colour = rgba(style.backgroundColor);
      if (colour.a > 0) layers.push(colour);
      if (colour.a === 1) break;
    }
    return layers.reverse().reduce((ground, top) => over(top, ground), { r: 255, g: 255, b: 255, a: 1 });
  };

  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (node.data.trim() === "" || !isSeen(element) || element.closest("noscript, script, style, option")) continue;
    const style = getComputedStyle(element);
    const size = Number.parseFloat(style.fontSize);
    if (size < TEXT_PX) found.add(`text of ${size} px: "${short(node.data)}" in ${nameOf(element)}`);
    const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const ratio = contrast(over(rgba(style.color), groundOf(element)), groundOf(element));
    if (ratio < (isLarge ? CONTRAST_LARGE : CONTRAST)) found.add(`contrast ${ratio.toFixed(2)}: "${short(node.data)}" in ${nameOf(element)}`);
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const box of range.getClientRects()) {
      if (box.width > 0 && (box.right > innerWidth + 1 || box.left < -1)) found.add(`text beyond the edge (${Math.round(box.left)}–${Math.round(box.right)}): "${short(node.data)}"`);
    }
    for (let at = element; at !== null && at !== document.body; at = at.parentElement) {
      const { overflowX, overflowY } = getComputedStyle(at);
      if ((overflowX !== "visible" && at.scrollWidth > at.clientWidth + 1) || (overflowY === "hidden" && at.scrollHeight > at.clientHeight + 1)) {
        found.add(`cut off: "${short(at.textContent)}" in ${nameOf(at)}`);
      }
    }
  }

  for (const element of document.querySelectorAll("button, input, select, textarea, a[href], summary")) {
    if (!isSeen(element)) continue;
    // A tick or a dot is hit by its whole label.
    const target = ["checkbox", "radio"].includes(element.type) ? (element.closest("label") ?? element) : element;
    const { width, height } = target.getBoundingClientRect();
    if (width < TARGET_PX || height < TARGET_PX) found.add(`target of ${Math.round(width)} × ${Math.round(height)} px: ${nameOf(element)} "${short(element.textContent)}"`);
    const size = Number.parseFloat(getComputedStyle(element).fontSize);
    if (size < TEXT_PX && element.matches("input:not([type=checkbox], [type=radio]), select, textarea")) found.add(`text of ${size} px in ${nameOf(element)}`);
    const named = element.textContent.trim() !== "" || element.getAttribute("aria-label") || element.labels?.length > 0 || element.title;
    if (!named) found.add(`no name for a screen reader: ${nameOf(element)}`);
  }
  if (document.documentElement.scrollWidth > innerWidth) found.add(`wider than the screen: ${document.documentElement.scrollWidth} of ${innerWidth} px`);
  const ids = [...document.querySelectorAll("[id]")].map((one) => one.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) found.add(`two elements #${id}`);
  if (document.querySelectorAll("h1").length > 1) found.add("two first headings");
  if (document.documentElement.lang === "") found.add("no language");
  if (/⟦/.test(document.body.innerText)) found.add(`a text without words: ${/⟦[^⟧]*⟧/.exec(document.body.innerText)}`);
  return [...found];
}
