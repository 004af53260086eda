/** What holds of a session whatever clients and impls do, in any order. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRequest, isResponse, type JsonRpcMessage, type RequestId } from "./json-rpc.ts";
import { defaultSessionLimits, Session } from "./session.ts";

const impls = [1, 2, 3, 4];
const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("request" as const, "cancel" as const),
      id: fc.integer({ min: 1, max: 12 }),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom("listen" as const, "set" as const),
      id: fc.integer({ min: 13, max: 16 }),
    }),
  },
  {
    weight: 6,
    arbitrary: fc.record({ do: fc.constant("answer" as const), impl: fc.constantFrom(...impls), nth: fc.nat(3) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom("attach" as const, "detach" as const, "release" as const, "ask" as const),
      impl: fc.constantFrom(...impls),
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom("wait" as const, "initialize" as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** A world of impls that answer what they were given, in any order, also twice and also after they are gone. */
function play(steps: readonly Step[]) {
  const toClient: JsonRpcMessage[] = [];
  const given = new Map<number, JsonRpcMessage[]>(impls.map((impl) => [impl, []]));
  const clock = { ms: 0 };
  const session = new Session(
    {
      toClient: (message) => void toClient.push(message),
      toImpl: (message, impl) => void given.get(impl)?.push(message),
    },
    () => clock.ms,
    { ...defaultSessionLimits, maxOpen: 8 },
  );
  const asked: RequestId[] = [];
  const cancelled: RequestId[] = [];
  const alive = new Set<number>();
  const request = (id: RequestId, method: string) => {
    asked.push(id);
    session.fromClient({ jsonrpc: "2.0", id, method, params: { uri: `federation://${id}`, nth: asked.length } });
  };
  const act = (what: Step): void => {
    switch (what.do) {
      case "request":
        request(what.id, "tools/call");
        break;
      case "listen":
        request(what.id, "subscriptions/listen");
        break;
      case "set":
        request(what.id, "resources/subscribe");
        break;
      case "initialize":
        request("init", "initialize");
        break;
      case "cancel":
        if (count(asked, what.id) > answersTo(what.id) + count(cancelled, what.id)) cancelled.push(what.id);
        session.fromClient({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: what.id } });
        break;
      case "answer": {
        const it = (given.get(what.impl) ?? []).filter(isRequest).at(-1 - what.nth);
        if (it !== undefined) session.fromImpl({ jsonrpc: "2.0", id: it.id, result: {} }, what.impl);
        break;
      }
      case "ask":
        session.fromImpl({ jsonrpc: "2.0", id: 1, method: "elicitation/create" }, what.impl);
        break;
      case "attach":
        alive.add(what.impl);
        session.attach(what.impl);
        break;
      case "detach":
      case "release":
        alive.delete(what.impl);
        session[what.do](what.impl);
        break;
      case "wait":
        clock.ms += 20_000;
        session.expire();
    }
  };
  const answersTo = (id: RequestId) => toClient.filter((m) => isResponse(m) && m.id === id).length;
  const all = () => {
    for (const each of steps) act(each);
  };
  return { session, toClient, given, asked, cancelled, alive, act, answersTo, all };
}

const count = (ids: readonly RequestId[], id: RequestId) => ids.filter((each) => each === id).length;
const steps = fc.array(step, { maxLength: 150 });

describe("whatever clients and impls do, in any order", () => {
  it("every request that is not cancelled gets exactly one answer", () => {
    fc.assert(
      fc.property(steps, (given) => {
        const { session, asked, cancelled, answersTo, all } = play(given);
        all();
        session.leave();
        session.refuseOpen();
        for (const id of new Set(asked)) expect(answersTo(id)).toBe(count(asked, id) - count(cancelled, id));
        expect(session.openRequests).toBe(0);
      }),
      { numRuns: 500 },
    );
  });

  it("no answer to a replay, and nothing of an impl that is gone, reaches the client", () => {
    fc.assert(
      fc.property(steps, (given) => {
        const world = play(given);
        for (const each of given) {
          const before = world.toClient.length;
          const gone = "impl" in each && !world.alive.has(each.impl) && (each.do === "answer" || each.do === "ask");
          world.act(each);
          if (gone) expect(world.toClient).toHaveLength(before);
        }
        const answers = world.toClient.filter(isResponse);
        expect(answers.filter(({ id }) => String(id).startsWith("federation/"))).toEqual([]);
      }),
      { numRuns: 500 },
    );
  });

  it("what one event gives to an impl goes in the client's order, to one that is there, each once", () => {
    fc.assert(
      fc.property(steps, (given) => {
        const world = play(given);
        for (const each of given) {
          const before = new Map(impls.map((impl) => [impl, world.given.get(impl)?.length ?? 0]));
          world.act(each);
          for (const impl of impls) {
            const batch = (world.given.get(impl) ?? []).slice(before.get(impl)).filter(isRequest);
            const ofClient = batch.filter(({ id }) => !String(id).startsWith("federation/"));
            const places = ofClient.map(({ params }) => Number(params?.["nth"]));
            expect(places).toEqual([...new Set(places)].sort((a, b) => a - b));
            if (batch.length > 0) expect(world.alive).toContain(impl);
          }
        }
      }),
      { numRuns: 500 },
    );
  });
});
