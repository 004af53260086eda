import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ask, openHttpSession, standalone } from "./testing/http-client.ts";
import { type FixtureSubstrate, startFixture, until } from "./testing/start-fixture.ts";

let node: FixtureSubstrate;
beforeAll(async () => {
  node = await startFixture();
  await until("the node is ready", async () => (await fetch(`${node.base}/readyz`)).ok);
});
afterAll(() => node.drain());

describe("a session over HTTP", () => {
  it("begins with initialize, which gives it an id, and answers calls on streams of their own", async () => {
    const session = await openHttpSession(node.port);
    expect(session.initialized.result).toMatchObject({ implNumber: 1 });
    const answer = await session.post(7, "tools/call", { name: "echo" });
    expect(answer.headers["content-type"]).toBe("text/event-stream");
    expect((await answer.message((message) => message.id === 7)).result).toMatchObject({ implNumber: 1 });
    await answer.ended;
    expect(answer.events[0]).toMatchObject({ data: "", retry: "1000", id: expect.any(String) });
  });
});

describe("a request of the 2026-07-28 era", () => {
  it("stands alone and is answered as JSON", async () => {
    const answer = await ask({ port: node.port, ...standalone("tools/call", { name: "echo" }) });
    await answer.ended;
    expect(answer.status).toBe(200);
    expect(answer.headers["content-type"]).toBe("application/json");
    expect(answer.messages[0]?.result).toMatchObject({ implNumber: 1 });
  });
});
