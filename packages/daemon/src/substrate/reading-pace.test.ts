import { afterEach, beforeEach, expect, it } from "vitest";
import { ask, standalone } from "./testing/http-client.ts";
import { openSession } from "./testing/session-client.ts";
import { type FixtureSubstrate, startFixture, until } from "./testing/start-fixture.ts";

let node: FixtureSubstrate;
beforeEach(async () => {
  node = await startFixture({ limits: { burstBytes: 100_000, bytesPerSecond: 200_000 } });
  await until("the node is ready", async () => (await fetch(`${node.base}/readyz`)).ok);
});
afterEach(() => node.drain());

const ballast = "x".repeat(100_000);

it("a client that sends much is read slower, and another is answered meanwhile", async () => {
  const much = await openSession({ port: node.port, token: "good.much" });
  const other = await openSession({ port: node.port, token: "good.other" });
  const begun = performance.now();
  for (let n = 0; n < 5; n++) much.post("tools/call", { name: "echo", ballast });
  let answered = false;
  const last = much.call("echo").then(() => {
    answered = true;
  });
  expect((await other.call("echo")).result).toBeDefined();
  expect(answered).toBe(false);
  await last;
  expect(performance.now() - begun).toBeGreaterThan(900);
});

it("over HTTP a call waits for what its actor sent before, and is refused when that is too much", async () => {
  const call = () => ask({ port: node.port, ...standalone("tools/call", { name: "echo", ballast }) });
  const begun = performance.now();
  const answers = await Promise.all(Array.from({ length: 15 }, call));
  const statuses = answers.map(({ status }) => status);
  expect([statuses.includes(200), statuses.includes(429)]).toEqual([true, true]);
  expect(performance.now() - begun).toBeGreaterThan(2000);
  for (const answer of answers) await answer.ended;
});
