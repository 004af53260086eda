/**
 * Being away, and the proof that nothing was missed. Pure: what happened comes in, what to ask the node comes out.
 *
 * 1. A proof compares three numbers: how many events lie after the last one seen (asked when the page is back), how many
 *    of these have arrived, and how many lie up to the last of them (asked when they have). Only when all are the same is
 *    nothing missing and nothing there twice.
 * 2. Lost again before the proof is done, the page goes on from the same event: nothing is proved of a part only.
 * 3. Whoever has read of it may put it away, also while the proof is still asked for.
 * 4. A short absence in which nothing happened is not spoken of.
 */
export type Away =
  | { readonly state: "present" }
  | Absence<"lost" | "counting">
  | (Absence<"catching-up" | "proving"> & { readonly missed: number })
  | (Absence<"complete" | "incomplete"> & { readonly missed: number; readonly toMs: number });

interface Absence<State> {
  readonly state: State;
  readonly fromMs: number;
  readonly toMs: number | undefined;
  /** The last event seen before. */
  readonly after: string;
  /** Events that have arrived since. */
  readonly arrived: number;
  /** Their cursors, for as long as it is not known how many were missed. */
  readonly cursors: readonly string[];
}

export type AwayNews =
  | { readonly kind: "lost"; readonly atMs: number; readonly cursor: string }
  | { readonly kind: "back"; readonly atMs: number }
  | { readonly kind: "arrived"; readonly cursors: readonly string[] }
  | { readonly kind: "counted"; readonly missed: number }
  | { readonly kind: "proved"; readonly count: number }
  | { readonly kind: "dismissed" };

export type AwayQuestion =
  | { readonly ask: "count"; readonly after: string }
  | { readonly ask: "prove"; readonly after: string; readonly upTo: string };

export interface AwayStep {
  readonly away: Away;
  readonly question?: AwayQuestion;
}

const notableMs = 2_000;

export function evolveAway(away: Away, news: AwayNews): AwayStep {
  switch (news.kind) {
    case "lost":
      return { away: lost(away, news) };
    case "back":
      return away.state === "lost"
        ? { away: { ...away, state: "counting", toMs: news.atMs }, question: { ask: "count", after: away.after } }
        : { away };
    case "arrived":
      return arrived(away, news.cursors);
    case "counted":
      return away.state === "counting" ? settle({ ...away, state: "catching-up", missed: news.missed }) : { away };
    case "proved":
      return away.state === "proving" ? { away: closed(away, news.count === away.missed) } : { away };
    case "dismissed":
      return { away: away.state === "lost" ? away : { state: "present" } };
  }
}

function lost(away: Away, { atMs, cursor }: { readonly atMs: number; readonly cursor: string }): Away {
  switch (away.state) {
    case "present":
    case "complete":
    case "incomplete":
      return { state: "lost", fromMs: atMs, toMs: undefined, after: cursor, arrived: 0, cursors: [] };
    case "lost":
      return away;
    default:
      // What was counted is asked for again, from the same event on.
      return { ...away, state: "lost", toMs: undefined };
  }
}

function arrived(away: Away, cursors: readonly string[]): AwayStep {
  switch (away.state) {
    case "lost":
    case "counting":
      return { away: { ...away, arrived: away.arrived + cursors.length, cursors: [...away.cursors, ...cursors] } };
    case "catching-up":
      return settle({ ...away, arrived: away.arrived + cursors.length, cursors: [...away.cursors, ...cursors] });
    default:
      return { away };
  }
}

function settle(away: Extract<Away, { state: "catching-up" | "proving" }>): AwayStep {
  if (away.arrived < away.missed) return { away };
  const upTo = away.cursors[away.missed - 1];
  if (upTo === undefined) {
    const brief = (away.toMs ?? away.fromMs) - away.fromMs < notableMs;
    return { away: brief ? { state: "present" } : closed(away, true) };
  }
  return { away: { ...away, state: "proving" }, question: { ask: "prove", after: away.after, upTo } };
}

function closed(away: Extract<Away, { state: "catching-up" | "proving" }>, complete: boolean): Away {
  return { ...away, state: complete ? "complete" : "incomplete", toMs: away.toMs ?? away.fromMs, cursors: [] };
}
