/** What somebody has begun to write and not yet sent, for as long as the page is there: rooms come and go before that. */
import { signal } from "@preact/signals";

export interface Drafts {
  of(name: string): string;
  /** By what it is when it is changed: an answer that comes late meets what was typed in the meantime. */
  change(name: string, to: (now: string) => string): void;
}

export function createDrafts(): Drafts {
  const texts = signal<ReadonlyMap<string, string>>(new Map());
  return {
    of: (name) => texts.value.get(name) ?? "",
    change: (name, to) => {
      const text = to(texts.peek().get(name) ?? "");
      const others = [...texts.peek()].filter(([it]) => it !== name);
      texts.value = new Map(text === "" ? others : [...others, [name, text]]);
    },
  };
}
