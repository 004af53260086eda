import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decideSuccession, presentImpl } from "./succession.ts";
import type { Succession, SuccessionEffect, SuccessionEvent } from "./succession-state.ts";

const times = { startMs: 1000, handOverMs: 300, probationMs: 300, drainMs: 500 };

/**
 * A world of processes that do what they are told, or end, or keep silent; events are chosen by `choose` among those
 * that may come now.
 */
const first = (): Succession => ({ state: "away" });

function live(choose: (count: number) => number, steps: number) {
  let now = first();
  let nowMs = 0;
  let started = 0;
  let asked = 0;
  const alive = new Set<number>();
  const loops = new Set<number>();
  const letting = new Set<number>();
  const sealed = new Set<number>();
  const wishes = new Map<string, number>();
  let pending: SuccessionEvent[] = [{ type: "retry" }];
  let restarts = 0;
  let answering: number | undefined;

  function perform(effect: SuccessionEffect): void {
    switch (effect.do) {
      case "start":
        alive.add(++started);
        pending.push({ type: "ready", impl: started });
        break;
      case "start-later":
        restarts++;
        pending.push({ type: "retry" });
        break;
      case "probe":
        pending.push({ type: "probed", impl: effect.impl, failure: null });
        break;
      case "switch":
        pending.push({ type: "switched", impl: effect.impl, failure: null });
        break;
      case "attach":
        answering = effect.impl;
        break;
      case "detach":
        if (answering === effect.impl) answering = undefined;
        break;
      case "deactivate":
        letting.add(effect.impl);
        pending.push({ type: "deactivated", impl: effect.impl, next: effect.next });
        break;
      case "activate":
        // One owner: no other process that lives holds the loops.
        expect([...loops].filter((impl) => alive.has(impl) && impl !== effect.impl)).toEqual([]);
        // A process does one after the other: what it was told before is done by then.
        letting.delete(effect.impl);
        if (alive.has(effect.impl)) loops.add(effect.impl);
        break;
      case "await-idle":
        pending.push({ type: "idle", impl: effect.impl });
        break;
      case "seal":
        expect(loops.has(effect.impl) || !alive.has(effect.impl)).toBe(true);
        sealed.add(effect.impl);
        pending.push({ type: "sealed", impl: effect.impl });
        break;
      case "kill":
      case "retire":
        if (effect.do === "retire") expect(loops.has(effect.impl)).toBe(false);
        pending.push({ type: "ended", impl: effect.impl, why: effect.do });
        break;
      case "end":
        wishes.set(effect.end.reload, (wishes.get(effect.end.reload) ?? 0) + 1);
    }
  }

  function happen(event: SuccessionEvent): void {
    if (event.type === "ended") {
      if (!alive.delete(event.impl)) return;
      loops.delete(event.impl);
    } else if ("impl" in event && !alive.has(event.impl)) {
      if (event.type !== "sealed") return;
    }
    if (event.type === "deactivated" && letting.delete(event.impl)) loops.delete(event.impl);
    const decision = decideSuccession(now, event, { ...times, nowMs, nextImpl: started + 1 });
    now = decision.next;
    for (const effect of decision.effects) perform(effect);
  }

  /** What a process says comes in its order; what differs is whether it comes before something else. */
  function settle(): void {
    const next = (): SuccessionEvent | undefined => take(0) ?? ("untilMs" in now ? { type: "timeout" } : undefined);
    for (let event = next(); event !== undefined; event = next()) happen(event);
  }

  function take(index: number): SuccessionEvent | undefined {
    const [event] = pending.splice(index, 1);
    return event;
  }

  for (let step = 0; step < steps; step++) {
    nowMs += 50;
    const kind = choose(6);
    if (kind === 0) {
      const reload = `reload ${++asked}`;
      wishes.set(reload, 0);
      happen({ type: "asked", reload });
    } else if (kind === 1 && alive.size > 0) {
      const impl = [...alive][choose(alive.size)];
      if (impl !== undefined) happen({ type: "ended", impl, why: "it crashed" });
    } else if (kind === 2 && "untilMs" in now) {
      happen({ type: "timeout" });
    } else if (kind === 3 && "next" in now && (now.state === "probing" || now.state === "switching")) {
      const [type, impl] = [now.state === "probing" ? "probed" : "switched", now.next] as const;
      pending = pending.filter((event) => event.type !== type);
      happen({ type, impl, failure: "it is broken" });
    } else {
      const next = take(choose(pending.length));
      if (next !== undefined) happen(next);
    }
  }
  settle();
  return { now, wishes, alive, loops, restarts, answering };
}

describe("the succession of impls", () => {
  it("never gives the loops to two, ends every reload once, and comes to rest with one impl at work", () => {
    const choices = fc.array(fc.nat(1000), { minLength: 300, maxLength: 300 });
    fc.assert(
      fc.property(choices, (given) => {
        let index = 0;
        const world = live((count) => (count === 0 ? 0 : (given[index++ % given.length] ?? 0) % count), 120);
        expect(world.now).toMatchObject({ state: "serving" });
        const present = presentImpl(world.now);
        expect([...world.alive]).toEqual([present]);
        expect([...world.loops]).toEqual([present]);
        expect(world.answering).toBe(present);
        expect([...world.wishes.values()].filter((ends) => ends !== 1)).toEqual([]);
      }),
      { numRuns: 1000 },
    );
  });

  it("does nothing more once the node leaves", () => {
    const at = { ...times, nowMs: 0, nextImpl: 2 };
    const left = decideSuccession({ state: "serving", impl: 1 }, { type: "leave" }, at).next;
    expect(presentImpl(left)).toBe(1);
    for (const event of [{ type: "retry" }, { type: "timeout" }, { type: "ready", impl: 1 }] as const)
      expect(decideSuccession(left, event, at)).toEqual({ next: left, effects: [] });
  });

  it("does not wait longer than drainMs, counted from the switch, for calls in flight on the old one", () => {
    const wish = { reload: "r", askedMs: 0, next: 2, old: 1 };
    const probation = { state: "probation", ...wish, sinceMs: 100, untilMs: 400 } as const;
    const { next, effects } = decideSuccession(probation, { type: "timeout" }, { ...times, nowMs: 400, nextImpl: 3 });
    expect(next).toEqual({ state: "draining", next: 2, old: 1, untilMs: 600 });
    expect(effects[0]).toMatchObject({ do: "end", end: { stage: null, tookMs: 100 } });
    const late = decideSuccession(next, { type: "timeout" }, { ...times, nowMs: 600, nextImpl: 3 });
    expect(late.effects).toEqual([
      { do: "detach", impl: 1, blame: false },
      { do: "seal", impl: 2 },
    ]);
  });
});
