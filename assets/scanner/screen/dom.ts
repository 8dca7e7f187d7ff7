// Elements without a library: text is always text, and never markup.

type Child = Node | string | null | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>>;

/** An element. `on…` is a listener, `true` an attribute without value, `false` and `null` none. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(name, String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

/** A label with its field, one below the other. */
export function field(label: string, input: HTMLElement, hint?: string): HTMLElement {
  const id = input.id || `f${(number += 1)}`;
  input.id = id;
  const told = hint === undefined ? null : h("p", { class: "hint", id: `${id}-hint` }, hint);
  if (told !== null) input.setAttribute("aria-describedby", told.id);
  return h("div", { class: "field" }, h("label", { for: id }, label), input, told);
}

let number = 0;

/** A tick or a choice with its words, large enough for a thumb. */
export function tick(input: HTMLInputElement, words: string): HTMLElement {
  return h("label", { class: "tick" }, input, h("span", {}, words));
}

/** A place for what went wrong in a form, read out when it is filled. */
export function complaint(): { element: HTMLElement; say(text: string, where?: HTMLElement): void; clear(): void } {
  const element = h("p", { class: "notice bad", role: "alert", hidden: true });
  return {
    element,
    say(text, where) {
      element.textContent = text;
      element.hidden = false;
      where?.focus();
    },
    clear() {
      element.hidden = true;
    },
  };
}

/** Keeps a button from being pressed twice while its work is under way. */
export async function busy(button: HTMLButtonElement, work: () => Promise<void>): Promise<void> {
  if (button.disabled) return;
  button.disabled = true;
  try {
    await work();
  } finally {
    button.disabled = false;
  }
}
