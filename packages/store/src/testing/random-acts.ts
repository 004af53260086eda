import { type ActionHead, headKey, type Words, wordsOf } from "@federation/core";

/** Uniform in [0, 1), from a seed. */
export function generator(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export function oneOf<T>(list: readonly T[], random: () => number): T | undefined {
  return list[Math.floor(random() * list.length)];
}

export function wordsFor(head: ActionHead): Words {
  const wanted = wordsOf[head.kind];
  return {
    ...(wanted.title ? { title: "A title" } : {}),
    ...(wanted.text ? { text: `Words for ${headKey(head)}.` } : {}),
    ...(wanted.files ? { files: [{ path: "a/b.md", content: "x" }] } : {}),
  };
}
