import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { z } from "zod";
import { ask, type HttpAnswer, openHttpSession, resumeHttpSession, standalone } from "./testing/http-client.ts";
import { type FixtureSubstrate, startFixture, startFixtureDaemon, until } from "./testing/start-fixture.ts";

let node: FixtureSubstrate;
beforeEach(async () => {
  node = await startFixture({ reload: { probationMs: 50 } });
  await until("the node is ready", async () => (await implOf()).ready);
});
afterEach(() => node.drain());

const readySchema = z.object({
  impl: z.object({ number: z.number(), pid: z.number().nullable(), ready: z.boolean() }),
  reload: z.object({ state: z.string(), last: z.object({ reload: z.string(), outcome: z.string() }).nullable() }),
});
const readyz = async () => readySchema.parse(await (await fetch(`${node.base}/readyz`)).json());
const implOf = async () => (await readyz()).impl;

/** Kills the present impl and resolves once another one is ready. */
async function killImpl(): Promise<void> {
  const before = await implOf();
  process.kill(Number(before.pid), "SIGKILL");
  await until("another impl is ready", async () => {
    const now = await implOf();
    return now.number > before.number && now.ready;
  });
}

/** Replaces the impl while it serves; resolves once the old one is gone. */
async function reload(): Promise<void> {
  const { last: before } = (await readyz()).reload;
  node.reloadTo({});
  await until("the next impl is at work", async () => {
    const { last, state } = (await readyz()).reload;
    return state === "serving" && last?.reload !== before?.reload && last?.outcome === "reloaded";
  });
}

const call = (name: string, id: number | string = 1) =>
  ask({ port: node.port, ...standalone("tools/call", { name }, id) });
const resultOf = async (answer: HttpAnswer, id: number | string) =>
  (await answer.message((message) => message.id === id && message.method === undefined)).result;

describe("when impl dies over HTTP", () => {
  it("a call under way is answered by the next one, once, on the same response, in both eras", async () => {
    const session = await openHttpSession(node.port);
    const [held, standing] = [await session.post(1, "tools/call", { name: "hold first" }), call("hold first", "s")];
    await session.call("echo");
    await killImpl();
    expect(await resultOf(held, 1)).toMatchObject({ implNumber: 2 });
    const answer = await standing;
    expect(await resultOf(answer, "s")).toMatchObject({ implNumber: 2 });
    await Promise.all([held.ended, answer.ended]);
    expect([held.messages.length, answer.messages.length]).toEqual([1, 1]);
  });

  it("calls that arrive while there is none wait, in both eras", async () => {
    const session = await openHttpSession(node.port);
    process.kill(Number((await implOf()).pid), "SIGKILL");
    await until("impl is away", async () => !(await implOf()).ready);
    const [answer, result] = await Promise.all([call("echo", "s"), session.call("echo")]);
    expect(await resultOf(answer, "s")).toMatchObject({ implNumber: 2 });
    expect(result.result).toMatchObject({ implNumber: 2 });
  });

  it("an answer nobody waited for is there for whoever comes back", async () => {
    const session = await openHttpSession(node.port);
    const held = await session.post(1, "tools/call", { name: "hold first" });
    await until("the stream was begun", () => held.events.length > 0);
    held.destroy();
    await killImpl();
    const resumed = await session.listen(held.events[0]?.id);
    expect(await resultOf(resumed, 1)).toMatchObject({ implNumber: 2 });
  });

  it("a call that kills each one is answered as failed, on its response", async () => {
    const answer = await call("die", "poison");
    const result = await resultOf(answer, "poison");
    expect(result).toMatchObject({ isError: true });
  }, 20_000);
});

describe("streams", () => {
  it("stay open through a death and a reload, and go on with what the next impl says", async () => {
    const session = await openHttpSession(node.port);
    const general = await session.listen();
    const listening = await ask({ port: node.port, ...standalone("subscriptions/listen", {}, "l") });
    for (const change of [killImpl, reload]) {
      await change();
      const { number } = await implOf();
      await session.call("tell");
      await general.message((message) => message.params?.["data"] === number);
      const seen = listening.messages.length;
      await until("the listen was taken over", async () => {
        await (await call("change")).ended;
        return listening.messages.length > seen;
      });
    }
    const acknowledged = listening.messages.filter((message) => message.method?.endsWith("acknowledged"));
    expect(acknowledged).toHaveLength(1);
    general.destroy();
    listening.destroy();
  });
});

describe("a reload under calls over HTTP", () => {
  it("drops none, and none is answered twice", async () => {
    const session = await openHttpSession(node.port);
    let more = true;
    let calls = 0;
    const caller = async (ask: () => Promise<unknown>) => {
      while (more) {
        expect(await ask()).toMatchObject({ implNumber: expect.any(Number) });
        calls++;
      }
    };
    const callers = [
      caller(async () => (await session.call("slow")).result),
      caller(async () => resultOf(await call("slow", "s"), "s")),
      caller(async () => (await openHttpSession(node.port)).initialized.result),
    ];
    for (let round = 0; round < 3; round++) await reload();
    more = false;
    await Promise.all(callers);
    expect(calls).toBeGreaterThan(20);
  }, 30_000);
});

describe("the end of a node", () => {
  it("answers what is open over HTTP, ends the streams and lets nobody in any more", async () => {
    const session = await openHttpSession(node.port);
    const general = await session.listen();
    const held = await session.post(1, "tools/call", { name: "hold", _meta: { "federation/callId": "mine" } });
    const standing = call("hold", "s");
    await session.call("hang in drain");
    const drained = node.drain();
    await Promise.all([general.ended, held.ended]);
    expect(JSON.stringify(held.messages)).toContain("mine");
    expect(JSON.stringify(await resultOf(await standing, "s"))).toContain("leaving");
    await drained;
    node = await startFixture();
  });
});

describe("after a restart of the daemon", () => {
  async function restart(): Promise<{ readonly first: number; second(): Promise<number>; end(): Promise<void> }> {
    const daemon = startFixtureDaemon();
    let successor: typeof daemon | undefined;
    const first = await daemon.listening;
    const end = async (one: typeof daemon) => {
      one.child.kill("SIGTERM");
      await one.ended;
    };
    return {
      first,
      second: async () => {
        await end(daemon);
        successor = startFixtureDaemon("", { listen: { port: first } });
        return successor.listening;
      },
      end: () => end(successor ?? daemon),
    };
  }

  it("a session is taken up by its id, and its client need not begin anew", async () => {
    const daemon = await restart();
    const session = await openHttpSession(daemon.first);
    const general = await session.listen();
    await session.call("tell");
    await until("an event has come", () => general.messages.length === 1);
    const deleted = await openHttpSession(daemon.first, "good.other");
    const port = await daemon.second();
    await general.ended;
    const listening = await session.listen(general.events.at(-1)?.id);
    expect(listening.status).toBe(200);
    expect((await session.call("tell")).result?.["history"]).toEqual([
      "open:credential-of-commander:new",
      "initialize",
      "notifications/initialized",
      "tools/call",
    ]);
    await listening.message((message) => message.method === "notifications/message");
    listening.destroy();
    const stranger = resumeHttpSession(port, session.id, "good.stranger");
    expect((await stranger.post(1, "tools/list")).status).toBe(404);
    expect((await deleted.ask({ method: "DELETE" })).status).toBe(200);
    expect((await deleted.post(1, "tools/list")).status).toBe(404);
    await daemon.end();
  }, 20_000);

  it("a call that was under way is answered with the call id to ask again under", async () => {
    const daemon = await restart();
    const session = await openHttpSession(daemon.first);
    const held = await session.post("c", "tools/call", { name: "hold" });
    await until("the stream was begun", () => held.events.length > 0);
    held.destroy();
    await daemon.second();
    const resumed = await session.listen(held.events[0]?.id);
    const answer = await resultOf(resumed, "c");
    expect(answer).toMatchObject({ isError: true });
    expect(JSON.stringify(answer)).toMatch(/"callId":"[0-9a-f-]{36}"/);
    await daemon.end();
  }, 20_000);
});
