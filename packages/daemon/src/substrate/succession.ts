/**
 * Which impl is at work, and how another takes its place: what is decided at each event, without doing anything.
 *
 * 1. Of all impls at most one holds the loops: `activate` is decided only when no other was told to before, or that
 *    one has said it is `deactivated`, or has ended.
 * 2. A reload ends in exactly one `end`, unless the node leaves first. When it fails, the impl from before goes on, and
 *    when it was already without its loops it gets them back with `reopen`, which fences the one that failed.
 * 3. Until the new impl has sealed, the one from before stands by, and its calls in flight may end. Only then are its
 *    writes refused and it is retired.
 * 4. One reload at a time. One that is asked for while another is under way is refused, unless all the other has left
 *    is its probation and what comes after: that then ends at once, for good.
 */
import type {
  Decision,
  FailedStage,
  Pair,
  Reloading,
  Succession,
  SuccessionEffect,
  SuccessionEvent,
  SuccessionTimes,
  Wish,
} from "./succession-state.ts";

/** The impl that answers, or is about to: ready or not. */
export function presentImpl(now: Succession): number | null {
  switch (now.state) {
    case "away":
      return null;
    case "starting":
    case "serving":
    case "leaving":
      return now.impl;
    case "launching":
    case "probing":
    case "switching":
      return now.old;
    case "handing-over":
    case "probation":
    case "draining":
    case "sealing":
      return now.next;
  }
}

export function decideSuccession(now: Succession, event: SuccessionEvent, times: SuccessionTimes): Decision {
  if (event.type === "leave") return { next: { state: "leaving", impl: presentImpl(now) }, effects: [] };
  if (event.type === "asked") return asked(now, event.reload, times);
  if (event.type === "ended") return ended(now, event.impl, event.why, times);
  const same: Decision = { next: now, effects: [] };
  switch (now.state) {
    case "away":
      return event.type === "retry" ? start(times) : same;
    case "starting":
      if (event.type !== "ready" || event.impl !== now.impl) return same;
      return atWork(now.impl);
    case "launching":
      if (event.type === "timeout") return failed(now, "start", "It was not ready in time.", times);
      if (event.type !== "ready" || event.impl !== now.next) return same;
      return { next: { ...now, state: "probing" }, effects: [{ do: "probe", impl: now.next }] };
    case "probing":
      if (event.type === "timeout") return failed(now, "health", "It did not answer a call in time.", times);
      if (event.type !== "probed" || event.impl !== now.next) return same;
      if (event.failure !== null) return failed(now, "health", event.failure, times);
      return { next: { ...now, state: "switching" }, effects: [{ do: "switch", impl: now.next }] };
    case "switching":
      if (event.type === "timeout") return failed(now, "switch", "It did not take all sessions in time.", times);
      if (event.type !== "switched" || event.impl !== now.next) return same;
      if (event.failure !== null) return failed(now, "switch", event.failure, times);
      if (now.old === null) return onItsOwn(now, times);
      return {
        next: { ...now, state: "handing-over", untilMs: times.nowMs + times.handOverMs },
        effects: [
          { do: "attach", impl: now.next },
          { do: "deactivate", impl: now.old, next: now.next },
        ],
      };
    case "handing-over":
      // Logic that does not let go must not keep out the logic that mends it: it is ended, and `ended` goes on.
      if (event.type === "timeout" && now.old !== null) return { next: now, effects: [{ do: "kill", impl: now.old }] };
      if (event.type !== "deactivated" || event.impl !== now.old || event.next !== now.next) return same;
      return {
        next: { ...now, state: "probation", untilMs: times.nowMs + times.probationMs, sinceMs: times.nowMs },
        effects: [{ do: "activate", impl: now.next, reopen: false }],
      };
    case "probation": {
      if (event.type !== "timeout" || now.old === null) return same;
      const untilMs = Math.max(times.nowMs, now.sinceMs + times.drainMs);
      return {
        next: { state: "draining", next: now.next, old: now.old, untilMs },
        effects: [success(now, now.sinceMs), { do: "await-idle", impl: now.old }],
      };
    }
    case "draining":
      return event.type === "timeout" || (event.type === "idle" && event.impl === now.old) ? seal(now, null) : same;
    case "sealing":
      return event.type === "sealed" && event.impl === now.next ? sealed(now, times) : same;
    case "serving":
    case "leaving":
      return same;
  }
}

function asked(now: Succession, reload: string, times: SuccessionTimes): Decision {
  switch (now.state) {
    case "serving":
      return launch(now.impl, { reload, askedMs: times.nowMs }, times);
    case "probation": {
      const { next, effects } = seal(now, { reload, askedMs: times.nowMs });
      return { next, effects: [success(now, now.sinceMs), ...effects] };
    }
    case "draining":
      return seal(now, { reload, askedMs: times.nowMs });
    case "away": {
      const { next, effects } = start(times);
      return { next, effects: [refusal(reload, "No logic was at work; it is started now."), ...effects] };
    }
    case "starting":
      return { next: now, effects: [refusal(reload, "The logic is just being started.")] };
    case "leaving":
      return { next: now, effects: [refusal(reload, "The node is leaving.")] };
    case "sealing":
      if (now.following === null) return { next: { ...now, following: { reload, askedMs: times.nowMs } }, effects: [] };
      return { next: now, effects: [refusal(reload, "Another reload is next; ask again when it has ended.")] };
    default:
      return { next: now, effects: [refusal(reload, "Another reload is under way; ask again when it has ended.")] };
  }
}

function ended(now: Succession, impl: number, why: string, times: SuccessionTimes): Decision {
  // Whatever it was: what sessions gave it goes to whoever is at work.
  const gone = { do: "detach", impl, blame: true } as const;
  switch (now.state) {
    case "away":
    case "leaving":
      return { next: now, effects: [gone] };
    case "starting":
    case "serving":
      if (impl !== now.impl) return { next: now, effects: [gone] };
      return { next: { state: "away" }, effects: [gone, { do: "start-later" }] };
    case "launching":
      if (impl === now.next) return failed(now, "start", why, times, true);
      return { next: impl === now.old ? { ...now, old: null } : now, effects: [gone] };
    case "probing":
      if (impl === now.next) return failed(now, "health", why, times, true);
      return { next: impl === now.old ? { ...now, old: null } : now, effects: [gone] };
    case "switching":
      if (impl === now.next) return failed(now, "switch", why, times, true);
      return { next: impl === now.old ? { ...now, old: null } : now, effects: [gone] };
    case "handing-over": {
      if (impl === now.next) return failed(now, "switch", why, times, true);
      if (impl !== now.old) return { next: now, effects: [gone] };
      const { next, effects } = onItsOwn({ ...now, old: null }, times);
      return { next, effects: [gone, ...effects] };
    }
    case "probation": {
      if (impl === now.next) return failed(now, "probation", why, times, true);
      if (impl !== now.old) return { next: now, effects: [gone] };
      const { next, effects } = seal({ ...now, old: null }, null);
      return { next, effects: [gone, success(now, now.sinceMs), ...effects] };
    }
    case "draining": {
      if (impl === now.next) return fellBack(now.old, gone);
      if (impl !== now.old) return { next: now, effects: [gone] };
      const { next, effects } = seal({ next: now.next, old: null }, null);
      return { next, effects: [gone, ...effects] };
    }
    case "sealing": {
      if (impl !== now.next) return { next: impl === now.old ? { ...now, old: null } : now, effects: [gone] };
      // The old one may be fenced already, and has given away its calls.
      const old: readonly SuccessionEffect[] = now.old === null ? [] : [{ do: "retire", impl: now.old }];
      const refused = now.following === null ? [] : [refusal(now.following.reload, "The logic ended just now.")];
      return { next: { state: "away" }, effects: [gone, ...old, { do: "start-later" }, ...refused] };
    }
  }
}

function start({ nextImpl }: SuccessionTimes): Decision {
  return { next: { state: "starting", impl: nextImpl }, effects: [{ do: "start", beside: false }] };
}

function atWork(impl: number): Decision {
  const effects: readonly SuccessionEffect[] = [
    { do: "attach", impl },
    { do: "activate", impl, reopen: false },
  ];
  return { next: { state: "serving", impl }, effects };
}

function launch(old: number, wish: Wish, { nowMs, startMs, nextImpl }: SuccessionTimes): Decision {
  const next = { ...wish, state: "launching", old, next: nextImpl, untilMs: nowMs + startMs } as const;
  return { next, effects: [{ do: "start", beside: true }] };
}

/** The old one is no more: nothing to hand over, and nobody to go back to. */
function onItsOwn(now: Reloading, times: SuccessionTimes): Decision {
  const { next, effects } = seal(now, null);
  return { next, effects: [...atWork(now.next).effects, success(now, times.nowMs), ...effects] };
}

function seal({ next: impl, old }: Pair, following: Wish | null): Decision {
  const released: readonly SuccessionEffect[] = old === null ? [] : [{ do: "detach", impl: old, blame: false }];
  return { next: { state: "sealing", next: impl, old, following }, effects: [...released, { do: "seal", impl }] };
}

function sealed(now: Extract<Succession, { state: "sealing" }>, times: SuccessionTimes): Decision {
  const { old, next: impl, following } = now;
  const effects: readonly SuccessionEffect[] = old === null ? [] : [{ do: "retire", impl: old }];
  if (following === null) return { next: { state: "serving", impl }, effects };
  const launched = launch(impl, following, times);
  return { next: launched.next, effects: [...effects, ...launched.effects] };
}

/** The new one ended after its reload was done, and the old one is still there. */
function fellBack(old: number, gone: SuccessionEffect): Decision {
  return { next: { state: "serving", impl: old }, effects: goBack(old, [gone], true) };
}

function goBack(old: number, away: readonly SuccessionEffect[], reopen: boolean): readonly SuccessionEffect[] {
  const loops: readonly SuccessionEffect[] = reopen ? [{ do: "activate", impl: old, reopen }] : [];
  return [{ do: "attach", impl: old }, ...away, ...loops];
}

type Failable = Extract<Succession, Reloading>;

function failed(now: Failable, stage: FailedStage, why: string, times: SuccessionTimes, blame = false): Decision {
  const { reload, next, old } = now;
  const report = {
    type: "reload-end",
    reload,
    stage,
    reason: why.slice(0, 2000),
    tookMs: took(now, times.nowMs),
  } as const;
  const end: SuccessionEffect = { do: "end", end: report };
  const away: readonly SuccessionEffect[] = [
    { do: "detach", impl: next, blame },
    { do: "kill", impl: next },
  ];
  if (old === null) return { next: { state: "away" }, effects: [...away, { do: "start-later" }, end] };
  const lostLoops = now.state === "handing-over" || now.state === "probation";
  return { next: { state: "serving", impl: old }, effects: [...goBack(old, away, lostLoops), end] };
}

function success({ reload, askedMs }: Wish, sinceMs: number): SuccessionEffect {
  const tookMs = took({ askedMs }, sinceMs);
  return { do: "end", end: { type: "reload-end", reload, stage: null, reason: "", tookMs } };
}

function took({ askedMs }: Pick<Wish, "askedMs">, atMs: number): number {
  return Math.round(atMs - askedMs);
}

function refusal(reload: string, reason: string): SuccessionEffect {
  return { do: "end", end: { type: "reload-end", reload, stage: "refused", reason, tookMs: 0 } };
}
