/** How fast a client comes back to a node, the same for all: jittered, so that a node that returns is not met by all at once. */

const firstDelayMs = 100;
const longestDelayMs = 5000;

/** A connection that lived shorter than this counts as a failed attempt: a node that accepts and drops is not hammered. */
export const provenMs = 5000;

/** The pause before the attempt after this many failed ones. */
export function reconnectDelayMs(failed: number): number {
  return Math.min(firstDelayMs * 2 ** (failed - 1), longestDelayMs) * (0.5 + Math.random() / 2);
}
