/**
 * What calls met while a server was replaced under them, from the records of the calls alone. Pure.
 *
 * 1. Dropped: a call that ended without its own answer: an error, an error result, or nothing within its time.
 * 2. Wrong: an answer that is not this call's: of another shape, about another thing, or for an effect that is not there.
 * 3. Doubled: an effect that is there more than once, whatever was answered.
 * 4. Pause: how much longer than usual a call took that was under way at some moment of a reload, from the moment the
 *    reload was asked for until it was over. Usual is the median of the calls of the same lane and tool that were
 *    under way at no such moment; where there is none, of those of the tool. A call without an answer has no pause; it
 *    is dropped.
 */
export type CallEnd = "right" | "wrong" | "dropped";

export interface CallRecord {
  readonly lane: string;
  readonly tool: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly end: CallEnd;
  /** Why it is not right; empty when it is. */
  readonly why: string;
  /** It is meant to take long: left out of how long calls take, but not of how much longer they take. */
  readonly waits?: boolean;
  /** What the call leaves behind, and under which id it was answered. */
  readonly effect?: string;
  readonly answeredId?: string;
}

export interface ReloadRecord {
  readonly startMs: number;
  readonly endMs: number;
  /** What asked for it. */
  readonly trigger: string;
  /** Why it did not come about; empty when it did. */
  readonly failure: string;
}

/** Effect → the ids of what is there. */
export type Effects = ReadonlyMap<string, readonly string[]>;

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Figures {
  readonly calls: number;
  readonly reloads: number;
  readonly failedReloads: number;
  readonly dropped: number;
  /** Of the dropped ones: their effect is there all the same, and their caller does not know. */
  readonly droppedButDone: number;
  readonly wrong: number;
  readonly doubled: number;
  /** Milliseconds: calls under way at no moment of a reload, and at some. */
  readonly usual: Spread;
  readonly during: Spread;
  readonly pause: Spread;
  readonly reload: Spread;
  readonly perLane: readonly {
    readonly lane: string;
    readonly calls: number;
    readonly pause: Spread;
    /** Which tool was called with the longest pause. */
    readonly longest: string;
  }[];
  /** Each reason once, with how often it came. */
  readonly reasons: Readonly<Record<string, number>>;
}

export function figuresOf(calls: readonly CallRecord[], reloads: readonly ReloadRecord[], effects: Effects): Figures {
  const judged = calls.map((call) => againstEffects(call, effects));
  const during = (call: CallRecord): boolean =>
    reloads.some((reload) => call.startMs <= reload.endMs && call.endMs >= reload.startMs);
  const answered = judged.filter((call) => call.end !== "dropped");
  const outside = answered.filter((call) => !during(call));
  const usually = usualOf(outside);
  const pauses = answered.filter(during).flatMap((call) => {
    const usual = usually.get(kindOf(call)) ?? usually.get(call.tool);
    return usual === undefined
      ? []
      : [{ lane: call.lane, tool: call.tool, ms: Math.max(0, call.endMs - call.startMs - usual) }];
  });
  const dropped = judged.filter((call) => call.end === "dropped");
  const lanes = [...new Set(judged.map((call) => call.lane))];
  return {
    calls: judged.length,
    reloads: reloads.length,
    failedReloads: reloads.filter((reload) => reload.failure !== "").length,
    dropped: dropped.length,
    droppedButDone: dropped.filter((call) => call.effect !== undefined && effects.has(call.effect)).length,
    wrong: judged.filter((call) => call.end === "wrong").length,
    doubled: [...effects.values()].filter((ids) => ids.length > 1).length,
    usual: tookOf(outside),
    during: tookOf(answered.filter(during)),
    pause: spreadOf(pauses.map((pause) => pause.ms)),
    reload: spreadOf(reloads.filter((it) => it.failure === "").map((it) => it.endMs - it.startMs)),
    perLane: lanes.map((lane) => ({
      lane,
      calls: judged.filter((call) => call.lane === lane).length,
      ...pausesOf(pauses.filter((pause) => pause.lane === lane)),
    })),
    reasons: tally([
      ...judged.filter((call) => call.end !== "right").map((call) => `${call.lane}: ${call.why}`),
      ...reloads.filter((it) => it.failure !== "").map((it) => `reload by ${it.trigger}: ${it.failure}`),
    ]),
  };
}

/** A right answer whose effect is missing, or is there under another id alone, was wrong. */
function againstEffects(call: CallRecord, effects: Effects): CallRecord {
  if (call.end !== "right" || call.effect === undefined) return call;
  const ids = effects.get(call.effect);
  if (ids === undefined) return { ...call, end: "wrong", why: "answered, and its effect is not there" };
  if (call.answeredId !== undefined && !ids.includes(call.answeredId))
    return { ...call, end: "wrong", why: "answered with an id that is not its effect's" };
  return call;
}

function pausesOf(pauses: readonly { readonly tool: string; readonly ms: number }[]) {
  const pause = spreadOf(pauses.map(({ ms }) => ms));
  return { pause, longest: pauses.find(({ ms }) => ms === pause.max)?.tool ?? "" };
}

const tookOf = (calls: readonly CallRecord[]): Spread =>
  spreadOf(calls.filter(({ waits }) => waits !== true).map((call) => call.endMs - call.startMs));

const kindOf = ({ lane, tool }: CallRecord): string => `${lane} ${tool}`;

/** By lane and tool, and by tool alone. */
function usualOf(outside: readonly CallRecord[]): ReadonlyMap<string, number> {
  const kinds = new Map<string, number[]>();
  for (const call of outside)
    for (const kind of [kindOf(call), call.tool]) {
      const took = kinds.get(kind) ?? [];
      took.push(call.endMs - call.startMs);
      kinds.set(kind, took);
    }
  return new Map([...kinds].map(([kind, took]) => [kind, spreadOf(took).p50]));
}

/** By nearest rank; zeros when there is nothing. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

function tally(reasons: readonly string[]): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const reason of reasons) counts[reason] = (counts[reason] ?? 0) + 1;
  return counts;
}
