import type { Sampling } from "../ports/index.ts";

/**
 * Seeds and draws of a turn.
 *
 * 1. Everything random in a turn follows from (mission seed, actor, phase entry, step): a turn that is resumed after
 *    a crash draws the same, and a mission under one seed can be run again.
 * 2. The hash spreads seeds and names requests; it protects nothing.
 */

/** 32 bits of a text: FNV-1a with the finaliser of MurmurHash3. */
export function hash32(text: string, basis = 0x811c9dc5): number {
  let h = basis >>> 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    h = Math.imul(h ^ (unit & 0xff), 0x01000193);
    h = Math.imul(h ^ (unit >>> 8), 0x01000193);
  }
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** 64 bits of a text as 16 hexadecimal digits: names a payload in a request id. */
export function hashHex(text: string): string {
  const part = (basis: number): string => hash32(text, basis).toString(16).padStart(8, "0");
  return part(0x811c9dc5) + part(0x9e3779b9);
}

export interface SeedParts {
  readonly missionSeed: number;
  readonly actor: string;
  readonly phaseNo: number;
  /** This actor's turns in this conversation, from 1. */
  readonly step: number;
}

/** A 32-bit seed for one purpose (`choice`, `words:0` …) of one turn. */
export function turnSeed(parts: SeedParts, purpose: string): number {
  return hash32(JSON.stringify([parts.missionSeed, parts.actor, parts.phaseNo, parts.step, purpose]));
}

/** A uniform number in [0, 1) that belongs to a seed: one step of mulberry32. */
export function uniformOf(seed: number): number {
  const a = (seed + 0x6d2b79f5) | 0;
  let t = Math.imul(a ^ (a >>> 15), 1 | a);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
}

/**
 * Draws the index of one weight under a seed. Weights that are no positive number count as zero.
 *
 * @returns undefined when no weight is positive.
 */
export function draw(weights: readonly number[], seed: number): number | undefined {
  const clean = weights.map((w) => (Number.isFinite(w) && w > 0 ? w : 0));
  const total = clean.reduce((sum, w) => sum + w, 0);
  if (!(total > 0)) return undefined;
  let rest = uniformOf(seed) * total;
  let last: number | undefined;
  for (const [index, weight] of clean.entries()) {
    if (weight === 0) continue;
    if (rest < weight) return index;
    rest -= weight;
    last = index;
  }
  return last;
}

/**
 * Softmax temperature over calibrated sentence scores. At 0.15 a small model was certain of a third of its choices
 * (0.99 and more), and three voters said no as one; at 0.5 its leaning shows and the others still occur.
 */
export const CHOICE_TEMPERATURE = 0.5;

/** How words are sampled. Below a temperature of 0.4 small models copy their prompt. */
export function wordSampling(seed: number): Sampling {
  return { temperature: 0.7, topP: 0.95, minP: 0.05, seed };
}
