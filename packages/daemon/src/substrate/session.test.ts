import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRequest, isResponse, type JsonRpcMessage, type RequestId } from "./json-rpc.ts";
import { defaultSessionLimits, Session } from "./session.ts";

function conversation(limits = defaultSessionLimits) {
  const toClient: JsonRpcMessage[] = [];
  const toImpl: JsonRpcMessage[] = [];
  const clock = { ms: 0 };
  const port = {
    toClient: (m: JsonRpcMessage) => void toClient.push(m),
    toImpl: (m: JsonRpcMessage) => void toImpl.push(m),
  };
  const session = new Session(port, () => clock.ms, limits);
  const request = (id: RequestId, method = "tools/call") =>
    session.fromClient({ jsonrpc: "2.0", id, method, params: {} });
  const answer = (id: RequestId) => session.fromImpl({ jsonrpc: "2.0", id, result: {} });
  const answersTo = (id: RequestId) => toClient.filter((m) => isResponse(m) && m.id === id);
  return { session, toClient, toImpl, clock, request, answer, answersTo };
}

function initialized() {
  const talk = conversation();
  talk.session.attach(1);
  talk.request("init", "initialize");
  talk.answer("init");
  talk.session.detach();
  talk.toImpl.length = 0;
  return talk;
}

describe("a session", () => {
  it("holds requests back until the replayed initialize is answered", () => {
    const { session, toImpl, request, answer } = initialized();
    session.attach(2);
    request(7);
    expect(toImpl).toEqual([expect.objectContaining({ id: "federation/replay:2:initialize", method: "initialize" })]);
    answer("federation/replay:2:initialize");
    expect(toImpl.at(-1)).toMatchObject({ id: 7, method: "tools/call" });
  });

  it("cannot be resumed when the replay is refused, or not answered in time", () => {
    const refused = initialized();
    refused.session.attach(2);
    const error = { code: -32600, message: "no" };
    refused.session.fromImpl({ jsonrpc: "2.0", id: "federation/replay:2:initialize", error });
    expect(refused.session.expire()).toBe(false);
    expect(refused.toClient.filter((m) => "error" in m)).toEqual([]);

    const silent = initialized();
    silent.session.attach(2);
    expect(silent.session.expire()).toBe(true);
    silent.clock.ms += defaultSessionLimits.replayMs;
    expect(silent.session.expire()).toBe(false);
  });

  it("does not replay an initialize that was refused or never answered", () => {
    const { session, toImpl, request } = conversation();
    session.attach(1);
    request("init", "initialize");
    session.detach();
    session.attach(2);
    expect(toImpl.map((m) => (isRequest(m) ? m.id : undefined))).toEqual(["init", "init"]);
  });

  it("answers a call that waited too long, and sends it to no later impl", () => {
    const { session, toImpl, clock, request, answersTo } = conversation();
    request(1);
    clock.ms += defaultSessionLimits.waitMs - 1;
    session.expire();
    expect(answersTo(1)).toEqual([]);
    clock.ms += 1;
    session.expire();
    session.attach(1);
    expect(answersTo(1)).toHaveLength(1);
    expect(toImpl).toEqual([]);
  });

  it("lets a call take as long as it needs while an impl has it", () => {
    const { session, clock, request, answer, answersTo } = conversation();
    session.attach(1);
    request(1);
    clock.ms += 1e9;
    session.expire();
    answer(1);
    expect(answersTo(1)).toEqual([expect.objectContaining({ result: {} })]);
  });

  it("tells ids apart by type: 1 is not '1'", () => {
    const { session, request, answer, answersTo } = conversation();
    session.attach(1);
    request(1);
    request("1");
    answer("1");
    expect([answersTo(1).length, answersTo("1").length]).toEqual([0, 1]);
  });

  it("does not let a client take an id of the substrate's own", () => {
    const { session, toImpl, request, answersTo } = conversation();
    session.attach(1);
    request("federation/replay:2:initialize");
    expect(answersTo("federation/replay:2:initialize")).toEqual([
      expect.objectContaining({ error: expect.anything() }),
    ]);
    expect(toImpl).toEqual([]);
  });

  it("answers every request exactly once, whenever impls come, die, answer twice or not at all", () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant("request" as const), id: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ do: fc.constant("answer" as const), id: fc.integer({ min: 1, max: 30 }) }),
      fc.record({ do: fc.constantFrom("attach" as const, "detach" as const, "wait" as const), id: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const { session, clock, request, answer, answersTo, toImpl } = conversation({
          ...defaultSessionLimits,
          maxOpen: 8,
        });
        const asked = new Map<number, number>();
        let impls = 0;
        let attached = false;
        for (const { do: what, id } of steps) {
          if (what === "request") {
            request(id);
            asked.set(id, (asked.get(id) ?? 0) + 1);
          } else if (what === "wait") {
            clock.ms += 20_000;
            session.expire();
          } else if (what === "answer" && attached) {
            answer(id);
          } else if (what === "attach" && !attached) {
            const known = toImpl.length;
            session.attach(++impls);
            attached = true;
            const ids = toImpl.slice(known).map((m) => (isRequest(m) ? m.id : undefined));
            expect(new Set(ids).size).toBe(ids.length);
          } else if (what === "detach" && attached) {
            session.detach();
            attached = false;
          }
        }
        session.leave();
        session.refuseOpen();
        for (const [id, times] of asked) expect(answersTo(id)).toHaveLength(times);
      }),
      { numRuns: 300 },
    );
  });
});
