// Who stands at the desk, what was seen, and why there is no paper if there is none.

import type { Collector } from "../device/handout.ts";
import type { Texts } from "./counter.ts";
import { complaint, field, h, tick } from "./dom.ts";
import { say } from "./words.ts";

export type Identified = {
  readonly collector: Collector;
  readonly paper: "seen" | "lost" | "not_delivered";
  readonly paper_reason: string;
};

export type IdentityBox = {
  readonly element: HTMLElement;
  /** The tick that is due of everybody, and what is missing: they stand beside the button. */
  readonly seen: HTMLElement;
  readonly wrong: HTMLElement;
  /** What was filled in, or null after having said what is missing. */
  read(): Identified | null;
  complain(text: string): void;
  focus(): void;
};

type Kind = "self" | "proxy-same" | "proxy-other" | "substitute";

const COLLECTORS: Readonly<Record<Kind, Pick<Collector, "kind" | "relation">>> = {
  self: { kind: "self", relation: null },
  "proxy-same": { kind: "proxy", relation: "same_family_card" },
  "proxy-other": { kind: "proxy", relation: "other" },
  substitute: { kind: "substitute", relation: null },
};

/** `often` answers how many times somebody of that name has collected here today. */
export function identityBox(withPaper: boolean, texts: Pick<Texts, "id_seen" | "paper_seen">, often: (name: string) => Promise<number>): IdentityBox {
  const wrong = complaint();
  const kinds: readonly [Kind, string][] = [
    ["self", say("collector-self")],
    ["proxy-same", say("scanner-proxy-same")],
    ["proxy-other", say("scanner-proxy-other")],
    ["substitute", say("collector-substitute")],
  ];
  const radios = kinds.map(([value, words]) => ({
    radio: h("input", { type: "radio", name: "collector", value, id: `collector-${value}`, checked: value === "self" }),
    words,
  }));
  const name = h("input", { id: "name", autocomplete: "off", autocapitalize: "words", spellcheck: "false", maxlength: 80 });
  const warning = h("p", { class: "notice", role: "status", id: "often", hidden: true });
  const letter = h("input", { type: "checkbox", id: "letter-seen" });
  const letterTick = tick(letter, say("scanner-letter-seen"));
  const other = h("div", { class: "other", hidden: true }, field(say("scanner-name"), name), warning, letterTick);
  const seen = h("input", { type: "checkbox", id: "id-seen" });
  const reason = h("input", { id: "paper-reason", autocomplete: "off", maxlength: 200 });
  const paper = h(
    "select",
    { id: "paper" },
    texts.paper_seen === null ? null : h("option", { value: "seen" }, say(texts.paper_seen)),
    h("option", { value: "lost" }, say("scanner-paper-lost")),
    h("option", { value: "not_delivered" }, say("scanner-paper-not-delivered")),
  );
  const reasonField = field(say("scanner-paper-reason"), reason);
  const hasPaper = (): boolean => withPaper || paper.value === "seen";
  const kind = (): Kind => (radios.find(({ radio }) => radio.checked)?.radio.value ?? "self") as Kind;
  const changed = (): void => {
    reasonField.hidden = hasPaper();
    other.hidden = kind() === "self";
    letterTick.hidden = kind() !== "proxy-other";
  };
  paper.addEventListener("change", changed);
  for (const { radio } of radios) radio.addEventListener("change", changed);
  name.addEventListener("change", () => {
    void often(name.value).then((count) => {
      warning.hidden = count < 2;
      // This one would be the next: the third time is what is asked about.
      warning.textContent = say("scanner-often", { count });
    });
  });
  changed();
  const element = h(
    "div",
    { class: "identity" },
    h("fieldset", {}, h("legend", {}, say("desk-collector")), h("div", { class: "choices" }, ...radios.map(({ radio, words }) => tick(radio, words)))),
    other,
    withPaper ? null : h("div", { class: "paper" }, field(say("scanner-paper"), paper), reasonField),
  );
  return {
    element,
    seen: tick(seen, say(texts.id_seen)),
    wrong: wrong.element,
    focus: () => seen.focus({ preventScroll: true }),
    complain: (text) => wrong.say(text),
    read() {
      wrong.clear();
      const written = name.value.trim();
      const missing: readonly [boolean, string, HTMLElement][] = [
        [kind() !== "self" && written === "", "desk-need-name", name],
        [kind() === "proxy-other" && !letter.checked, "scanner-need-letter", letter],
        [!hasPaper() && reason.value.trim() === "", "scanner-need-reason", reason],
        [!seen.checked, "desk-need-id", seen],
      ];
      const first = missing.find(([is]) => is);
      if (first !== undefined) {
        wrong.say(say(first[1]), first[2]);
        return null;
      }
      return {
        collector: { ...COLLECTORS[kind()], name: kind() === "self" ? "" : written },
        paper: hasPaper() ? "seen" : (paper.value as "lost" | "not_delivered"),
        paper_reason: hasPaper() ? "" : reason.value.trim(),
      };
    },
  };
}
