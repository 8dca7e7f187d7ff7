// Keyboard-wedge scanners, wherever the focus is: the burst of keys is caught, and what it spilled into a box is
// taken out of it again. The desk's page and the scanner listen alike; the listening ends with its screen.

import { firstCode, parseCode } from "./code.ts";
import { IDLE_MS, Wedge } from "./wedge.ts";

/** Listens until `stop` is called. `box` is where codes are typed; it also takes text that comes without keys. */
export function wedgeIn(box: HTMLInputElement, scanned: (text: string) => void): () => void {
  const wedge = new Wedge();
  let idle: ReturnType<typeof setTimeout> | undefined;
  let written: ReturnType<typeof setTimeout> | undefined;
  let before: { box: HTMLInputElement | HTMLTextAreaElement; value: string } | null = null;

  const take = (found: { byKey: string; byCode: string }): void => {
    if (before !== null) before.box.value = before.box === box ? "" : before.value;
    before = null;
    scanned(firstCode([found.byKey, found.byCode]));
  };
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    clearTimeout(idle);
    if (wedge.length === 0) {
      const focused = document.activeElement;
      const typed =
        focused instanceof HTMLTextAreaElement ||
        (focused instanceof HTMLInputElement && focused.type !== "checkbox" && focused.type !== "radio");
      before = typed ? { box: focused, value: focused.value } : null;
    }
    const found = wedge.press({ key: event.key, code: event.code, shift: event.shiftKey, at: performance.now() });
    if (found !== null) {
      event.preventDefault();
      event.stopPropagation();
      take(found);
      return;
    }
    idle = setTimeout(() => {
      const late = wedge.finish();
      // Without an end key only a text of known shape is taken: a fast typist may still be writing a name.
      if (late !== null && parseCode(firstCode([late.byKey, late.byCode])) !== null) take(late);
    }, IDLE_MS);
  };
  // Scanners that write through an input method give no keys: the text is suddenly in the box.
  const input = (event: Event): void => {
    clearTimeout(written);
    if (!(event instanceof InputEvent) || (event.data?.length ?? 0) < 8) return;
    written = setTimeout(() => {
      const code = parseCode(box.value);
      if (code !== null) scanned(code.text);
    }, IDLE_MS);
  };
  document.addEventListener("keydown", key, true);
  box.addEventListener("input", input);
  return () => {
    clearTimeout(idle);
    clearTimeout(written);
    document.removeEventListener("keydown", key, true);
    box.removeEventListener("input", input);
  };
}
