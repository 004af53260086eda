import { describe, expect, it } from "vitest";
import { isRequest, isResponse, type JsonRpcMessage, type RequestId } from "./json-rpc.ts";
import { saysLeaving } from "./own-answer.ts";
import { defaultSessionLimits, Session } from "./session.ts";

function conversation(limits = defaultSessionLimits) {
  const toClient: JsonRpcMessage[] = [];
  const sent: { readonly impl: number; readonly message: JsonRpcMessage }[] = [];
  const clock = { ms: 0 };
  const port = {
    toClient: (message: JsonRpcMessage) => void toClient.push(message),
    toImpl: (message: JsonRpcMessage, impl: number) => void sent.push({ impl, message }),
  };
  const session = new Session(port, () => clock.ms, limits);
  const request = (id: RequestId, method = "tools/call", params: Record<string, unknown> = {}) =>
    session.fromClient({ jsonrpc: "2.0", id, method, params });
  const answer = (id: RequestId, impl: number) => session.fromImpl({ jsonrpc: "2.0", id, result: { impl } }, impl);
  const notify = (method: string, params: Record<string, unknown>, impl: number) =>
    session.fromImpl({ jsonrpc: "2.0", method, params }, impl);
  const answersTo = (id: RequestId) => toClient.filter((m) => isResponse(m) && m.id === id);
  const toImpl = (impl: number) => sent.filter((each) => each.impl === impl).map(({ message }) => message);
  const idsTo = (impl: number) => toImpl(impl).map((message) => (isRequest(message) ? message.id : undefined));
  return { session, toClient, sent, clock, request, answer, notify, answersTo, toImpl, idsTo };
}

const replayOf = (impl: number) => `federation/replay:${impl}:initialize`;

/** A conversation of the 2025 era: impl 1 has answered `initialize`. */
function initialized() {
  const talk = conversation();
  talk.session.attach(1);
  talk.request("init", "initialize");
  talk.answer("init", 1);
  talk.session.fromClient({ jsonrpc: "2.0", method: "notifications/initialized" });
  talk.sent.length = 0;
  talk.toClient.length = 0;
  return talk;
}

/** The next impl has taken over; the one before still has what it had. */
function switched() {
  const talk = initialized();
  talk.request("old");
  talk.session.attach(2);
  talk.answer(replayOf(2), 2);
  talk.request("new");
  return talk;
}

describe("a session after its impl died", () => {
  it("holds requests back until the replayed initialize is answered", () => {
    const { session, toImpl, request, answer } = initialized();
    session.detach(1);
    session.attach(2);
    request(7);
    expect(toImpl(2)).toEqual([expect.objectContaining({ id: replayOf(2), method: "initialize" })]);
    answer(replayOf(2), 2);
    expect(toImpl(2).at(-2)).toMatchObject({ method: "notifications/initialized" });
    expect(toImpl(2).at(-1)).toMatchObject({ id: 7, method: "tools/call" });
  });

  it("cannot be resumed when the replay is refused, or not answered in time", () => {
    const refused = initialized();
    refused.session.detach(1);
    refused.session.attach(2);
    const error = { code: -32600, message: "no" };
    refused.session.fromImpl({ jsonrpc: "2.0", id: replayOf(2), error }, 2);
    expect([refused.session.stateOf(2), refused.session.expire()]).toEqual(["lost", false]);
    expect(refused.toClient).toEqual([]);

    const silent = initialized();
    silent.session.detach(1);
    silent.session.attach(2);
    expect(silent.session.expire()).toBe(true);
    silent.clock.ms += defaultSessionLimits.replayMs;
    expect([silent.session.expire(), silent.session.stateOf(2)]).toEqual([false, "lost"]);
  });

  it("does not replay an initialize that was never answered, but sends it again", () => {
    const { session, idsTo, request } = conversation();
    session.attach(1);
    request("init", "initialize");
    session.detach(1);
    session.attach(2);
    expect([idsTo(1), idsTo(2)]).toEqual([["init"], ["init"]]);
  });

  it("answers a call over which too many impls died, and no other", () => {
    const { session, request, answersTo } = conversation({ ...defaultSessionLimits, maxSendings: 2 });
    request(1);
    session.attach(1);
    session.detach(1);
    request(2, "tools/list");
    session.attach(2);
    session.detach(2);
    expect(answersTo(1)).toEqual([
      expect.objectContaining({
        result: expect.objectContaining({
          isError: true,
          _meta: { "federation/error": expect.objectContaining({ code: "internal" }) },
        }),
      }),
    ]);
    expect(answersTo(2)).toEqual([]);
    session.attach(3);
    session.detach(3);
    expect(answersTo(2)).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: -32603 }) })]);
  });

  it("voids what the dead impl asked the client", () => {
    const { session, toClient, toImpl } = initialized();
    session.fromImpl({ jsonrpc: "2.0", id: 1, method: "elicitation/create" }, 1);
    const asked = toClient[0];
    const ours = asked !== undefined && isRequest(asked) ? asked.id : "";
    session.detach(1);
    expect(toClient[1]).toMatchObject({ method: "notifications/cancelled", params: { requestId: ours } });
    session.attach(2);
    session.fromClient({ jsonrpc: "2.0", id: ours, result: {} });
    expect(toImpl(2).filter(isResponse)).toEqual([]);
  });
});

describe("a session that goes over to an impl beside the old one", () => {
  it("stays with the old one until the replay is answered, without a pause", () => {
    const { session, idsTo, request, answer } = initialized();
    session.attach(2);
    request("during");
    expect([idsTo(1), idsTo(2)]).toEqual([["during"], [replayOf(2)]]);
    answer(replayOf(2), 2);
    request("after");
    expect([idsTo(1), idsTo(2)]).toEqual([["during"], [replayOf(2), undefined, "after"]]);
  });

  it("stays with the old one for good when the new one refuses the replay", () => {
    const { session, idsTo, request, answer, answersTo } = initialized();
    session.attach(2);
    session.fromImpl({ jsonrpc: "2.0", id: replayOf(2), error: { code: -1, message: "no" } }, 2);
    session.release(2);
    request("after");
    answer("after", 1);
    expect([idsTo(1), answersTo("after").length, session.expire()]).toEqual([["after"], 1, true]);
  });

  it("lets calls in flight end on the old one", () => {
    const { session, answer, answersTo } = switched();
    expect([session.openAt(1), session.openAt(2)]).toEqual([1, 1]);
    answer("old", 1);
    expect([session.openAt(1), answersTo("old").length]).toEqual([0, 1]);
  });

  it("gives what the old one still has to the new one when it is released, and hears nothing of the old one after", () => {
    const { session, idsTo, answer, answersTo, toClient, notify } = switched();
    session.release(1);
    expect(idsTo(2)).toEqual([replayOf(2), undefined, "new", "old"]);
    answer("old", 1);
    notify("notifications/message", {}, 1);
    expect(toClient).toEqual([]);
    answer("old", 2);
    expect(answersTo("old")).toEqual([expect.objectContaining({ result: { impl: 2 } })]);
  });

  it("goes back to the old one, which is told only what was set meanwhile", () => {
    const { session, idsTo, toImpl, request, answer } = switched();
    request("level", "logging/setLevel", { level: "debug" });
    answer("level", 2);
    const before = toImpl(1).length;
    session.attach(1);
    session.detach(2);
    expect(toImpl(1).slice(before)).toEqual([
      expect.objectContaining({ id: "federation/replay:1:1", method: "logging/setLevel" }),
      expect.objectContaining({ id: "new" }),
    ]);
    request("later");
    expect(idsTo(1).at(-1)).toBe("later");
  });

  it("is begun at the old one, too, when it began while the new one was tried", () => {
    const { session, toImpl, request, answer } = conversation();
    session.attach(1);
    session.attach(2);
    request("init", "initialize");
    answer("init", 2);
    session.fromClient({ jsonrpc: "2.0", method: "notifications/initialized" });
    session.attach(1);
    session.detach(2);
    request("later");
    expect(toImpl(1)).toEqual([expect.objectContaining({ id: replayOf(1), method: "initialize" })]);
    answer(replayOf(1), 1);
    expect(toImpl(1).slice(1)).toEqual([
      expect.objectContaining({ method: "notifications/initialized" }),
      expect.objectContaining({ id: "later" }),
    ]);
  });

  it("tells the old one that its client is ready, when it became so while the new one was tried", () => {
    const { session, toImpl, request, answer } = conversation();
    session.attach(1);
    request("init", "initialize");
    session.attach(2);
    answer("init", 2);
    session.fromClient({ jsonrpc: "2.0", method: "notifications/initialized" });
    session.attach(1);
    session.detach(2);
    expect(toImpl(1).map((message) => ("method" in message ? message.method : ""))).toEqual([
      "initialize",
      "notifications/initialized",
    ]);
  });

  it("tells the new one what the old one was still setting", () => {
    const { session, toImpl, toClient, request, answer } = initialized();
    request("sub", "resources/subscribe", { uri: "federation://a" });
    session.attach(2);
    answer(replayOf(2), 2);
    expect(
      toImpl(2)
        .filter(isRequest)
        .map(({ method }) => method),
    ).toEqual(["initialize"]);
    answer("sub", 1);
    expect(toImpl(2).at(-1)).toMatchObject({ id: "federation/replay:2:1", method: "resources/subscribe" });
    answer("federation/replay:2:1", 2);
    expect(toClient).toEqual([expect.objectContaining({ id: "sub" })]);
  });

  it("keeps of a setting what the next one needs, and not what else its client put into it", () => {
    const { session, toImpl, request, answer } = initialized();
    request("sub", "resources/subscribe", { uri: "federation://a", _meta: { ballast: "x".repeat(1_000_000) } });
    answer("sub", 1);
    session.attach(2);
    answer(replayOf(2), 2);
    expect(toImpl(2).at(-1)).toMatchObject({ method: "resources/subscribe", params: { uri: "federation://a" } });
    expect(JSON.stringify(toImpl(2).at(-1)).length).toBeLessThan(200);
  });

  it("sends a cancellation to the impl that has the request", () => {
    const { session, toImpl } = switched();
    session.fromClient({ jsonrpc: "2.0", method: "notifications/cancelled", params: { requestId: "old" } });
    expect(toImpl(1).at(-1)).toMatchObject({ method: "notifications/cancelled", params: { requestId: "old" } });
    expect(session.openAt(1)).toBe(0);
  });

  it("returns the client's answer to the impl that asked, whichever is the current one", () => {
    const { session, toImpl, toClient } = switched();
    session.fromImpl({ jsonrpc: "2.0", id: 5, method: "elicitation/create" }, 1);
    session.fromImpl({ jsonrpc: "2.0", id: 5, method: "elicitation/create" }, 2);
    const [first, second] = toClient.filter(isRequest);
    session.fromClient({ jsonrpc: "2.0", id: second?.id ?? "", result: { to: 2 } });
    session.fromClient({ jsonrpc: "2.0", id: first?.id ?? "", result: { to: 1 } });
    expect(toImpl(1).at(-1)).toMatchObject({ id: 5, result: { to: 1 } });
    expect(toImpl(2).at(-1)).toMatchObject({ id: 5, result: { to: 2 } });
  });
});

describe("a listen stream", () => {
  const id = "listen";
  const acknowledgement = { _meta: { "io.modelcontextprotocol/subscriptionId": id } };
  function listening() {
    const talk = conversation({ ...defaultSessionLimits, maxSendings: 1 });
    talk.session.attach(1);
    talk.request(id, "subscriptions/listen", { notifications: {} });
    talk.notify("notifications/subscriptions/acknowledged", acknowledgement, 1);
    return talk;
  }

  it("goes over with the switch, ends at the old impl once the new one has it, and is acknowledged once", () => {
    const { session, toImpl, toClient, notify } = listening();
    session.attach(2);
    expect(toImpl(2)).toEqual([expect.objectContaining({ id, method: "subscriptions/listen" })]);
    expect(toImpl(1)).toHaveLength(1);
    notify("notifications/subscriptions/acknowledged", acknowledgement, 2);
    expect(toImpl(1).at(-1)).toMatchObject({ method: "notifications/cancelled", params: { requestId: id } });
    notify("notifications/tools/list_changed", acknowledgement, 2);
    expect(toClient.map((message) => ("method" in message ? message.method : "answer"))).toEqual([
      "notifications/subscriptions/acknowledged",
      "notifications/tools/list_changed",
    ]);
  });

  it("is not ended by the old impl, which closes its own streams when it leaves", () => {
    const { session, answer, answersTo } = listening();
    session.attach(2);
    answer(id, 1);
    expect(answersTo(id)).toEqual([]);
  });

  it("hears of changed lists what it asked for, under its own id", () => {
    const { session, toClient, request } = conversation();
    session.attach(1);
    request(id, "subscriptions/listen", { notifications: { toolsListChanged: true } });
    session.listsChanged();
    expect(toClient).toEqual([{ jsonrpc: "2.0", method: "notifications/tools/list_changed", params: acknowledgement }]);
  });

  it("is refused when it is long: it would be kept as long as its client likes", () => {
    const { session, request, answersTo } = conversation();
    session.attach(1);
    request("long", "subscriptions/listen", { ballast: "x".repeat(defaultSessionLimits.maxListenLength) });
    expect([session.openRequests, answersTo("long")]).toMatchObject([0, [{ error: { code: -32029 } }]]);
  });

  it("waits for as long as no impl is there, and is never what impls die of", () => {
    const { session, clock, toClient, idsTo } = listening();
    for (const impl of [2, 3]) {
      session.detach(impl - 1);
      session.attach(impl);
    }
    session.detach(3);
    clock.ms += 1e9;
    session.expire();
    session.attach(4);
    expect([toClient.length, idsTo(4)]).toEqual([1, [id]]);
  });

  it("goes back to the old impl without being cancelled there", () => {
    const { session, toImpl, notify } = listening();
    session.attach(2);
    session.attach(1);
    session.release(2);
    notify("notifications/subscriptions/acknowledged", acknowledgement, 1);
    expect(toImpl(1).map((message) => ("method" in message ? message.method : ""))).toEqual([
      "subscriptions/listen",
      "subscriptions/listen",
    ]);
  });
});

describe("a session", () => {
  it("answers a call that waited too long as a tool does, with the call id, and sends it to no later impl", () => {
    const { session, sent, clock, request, answersTo } = conversation();
    request(1, "tools/call", { _meta: { "federation/callId": "mine" } });
    request(2, "tools/list");
    clock.ms += defaultSessionLimits.waitMs - 1;
    session.expire();
    expect(answersTo(1)).toEqual([]);
    clock.ms += 1;
    session.expire();
    session.attach(1);
    const details = { callId: "mine", node: "away" };
    expect(answersTo(1)).toEqual([
      expect.objectContaining({
        result: {
          resultType: "complete",
          isError: true,
          content: [{ type: "text", text: expect.stringContaining("The node is away") }],
          _meta: { "federation/error": { code: "unavailable", message: expect.any(String), details } },
        },
      }),
    ]);
    expect(answersTo(2)).toEqual([expect.objectContaining({ error: expect.objectContaining({ code: -32010 }) })]);
    expect(sent).toEqual([]);
  });

  it("says of the node what its port knows, as soon as that says so", () => {
    const toClient: JsonRpcMessage[] = [];
    let away = { why: "It is dialled.", waitMs: 1000 };
    const port = { toClient: (m: JsonRpcMessage) => void toClient.push(m), toImpl: () => undefined, away: () => away };
    const session = new Session(port, () => 0);
    session.fromClient({ jsonrpc: "2.0", id: 1, method: "tools/list" });
    session.expire();
    expect(toClient).toEqual([]);
    away = { why: "It refuses the token.", waitMs: 0 };
    session.expire();
    expect(toClient).toEqual([
      expect.objectContaining({ error: expect.objectContaining({ message: expect.stringMatching(/^It refuses/) }) }),
    ]);
  });

  it("marks the answers of a node that leaves, which no logic gave", () => {
    const { session, request, answersTo } = conversation();
    session.attach(1);
    request(1);
    request(2, "tools/list");
    session.leave();
    request(3);
    session.refuseOpen();
    const given = [1, 2, 3].flatMap(answersTo).filter(isResponse);
    expect(given.map(saysLeaving)).toEqual([true, true, true]);
  });

  it("lets a call take as long as it needs while an impl has it", () => {
    const { session, clock, request, answer, answersTo } = conversation();
    session.attach(1);
    request(1);
    clock.ms += 1e9;
    session.expire();
    answer(1, 1);
    expect(answersTo(1)).toEqual([expect.objectContaining({ result: { impl: 1 } })]);
  });

  it("tells ids apart by type: 1 is not '1'", () => {
    const { session, request, answer, answersTo } = conversation();
    session.attach(1);
    request(1);
    request("1");
    answer("1", 1);
    expect([answersTo(1).length, answersTo("1").length]).toEqual([0, 1]);
  });

  it("does not let a client take an id of the substrate's own", () => {
    const { session, sent, request, answersTo } = conversation();
    session.attach(1);
    request(replayOf(2));
    expect(answersTo(replayOf(2))).toEqual([expect.objectContaining({ error: expect.anything() })]);
    expect(sent).toEqual([]);
  });

  it("passes on what an impl's notification belongs to", () => {
    const related: unknown[] = [];
    const session = new Session({ toClient: (_, to) => related.push(to), toImpl: () => undefined }, () => 0);
    session.attach(1);
    session.fromImpl({ jsonrpc: "2.0", method: "notifications/progress" }, 1, 7);
    session.fromImpl({ jsonrpc: "2.0", id: 1, method: "elicitation/create" }, 1, 8);
    session.detach(1);
    expect(related).toEqual([7, 8, 8]);
  });
});
