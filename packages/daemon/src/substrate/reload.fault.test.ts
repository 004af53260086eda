import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, it } from "vitest";
import { z } from "zod";
import type { NewCode } from "./testing/new-code.ts";
import { openSession, type SessionClient } from "./testing/session-client.ts";
import { type FixtureSubstrate, fixtureImpl, isAlive, startFixture, until } from "./testing/start-fixture.ts";

const quick = { startMs: 5000, probationMs: 50, drainMs: 2000 };
let node: FixtureSubstrate;
afterEach(() => node.drain());

async function started(reload: Record<string, number> = quick, mode?: string): Promise<SessionClient> {
  node = await startFixture({ reload, ...(mode === undefined ? {} : { mode }) });
  const client = await openSession({ port: node.port });
  await client.initialize();
  return client;
}

const lastSchema = z.object({ outcome: z.string(), stage: z.string().nullable(), reason: z.string(), at: z.string() });
const readySchema = z.object({
  impl: z.object({ number: z.number(), pid: z.number(), ready: z.boolean() }),
  reload: z.object({ state: z.string(), last: lastSchema.nullable() }),
});
type Last = z.infer<typeof lastSchema> | null;
const readyz = async () => readySchema.parse(await (await fetch(`${node.base}/readyz`)).json());

/** How the last reload ended, and after how many milliseconds. */
async function reload(code: NewCode): Promise<{ last: Last; ms: number }> {
  const before = (await readyz()).reload.last;
  const begun = performance.now();
  node.reloadTo(code);
  await until("the reload ends", async () => {
    const { last, state } = (await readyz()).reload;
    return state === "serving" && JSON.stringify(last) !== JSON.stringify(before);
  });
  return { last: (await readyz()).reload.last, ms: performance.now() - begun };
}

const implOf = (answer: { readonly result?: Record<string, unknown> | undefined }) => answer.result?.["implNumber"];

/** Who had the loops, and when: never two at once. */
function owners(): readonly number[] {
  const owned: number[] = [];
  let owner: number | undefined;
  for (const { impl, what } of node.trace()) {
    if (what === "activate") {
      expect(owner).toBe(undefined);
      owner = impl;
      owned.push(impl);
    } else if (what === "reopen") {
      owner = impl;
      owned.push(impl);
    } else if (what === "deactivate") {
      expect(impl).toBe(owner);
      owner = undefined;
    }
  }
  return owned;
}

describe("a reload", () => {
  it("brings the session to the new logic: calls in flight end on the old one, new ones go to the new one", async () => {
    const client = await started();
    const slow = client.post("tools/call", { name: "slow" });
    const held = client.post("tools/call", { name: "hold first", _meta: { "federation/callId": "held" } });
    expect((await reload({})).last).toMatchObject({ outcome: "reloaded" });
    const answer = await client.call("echo");
    expect([implOf(await client.answerTo(slow)), implOf(answer)]).toEqual([1, 2]);
    expect(answer.result?.["history"]).toEqual([
      "open:credential-of-commander:resumed",
      "initialize",
      "notifications/initialized",
      "tools/call",
      "tools/call",
    ]);
    const moved = await client.answerTo(held);
    expect(moved.result).toMatchObject({ implNumber: 2, params: { _meta: { "federation/callId": "held" } } });
    await client.call("echo");
    expect(client.received.filter(({ id }) => id === slow || id === held)).toHaveLength(2);
  });

  it("hands over the loops, seals the old one's epoch, tells the new one, and ends the old one", async () => {
    await started();
    const { pid } = (await readyz()).impl;
    await reload({});
    await until("the old one leaves", () => !isAlive(pid));
    expect(node.trace().map(({ impl, what }) => `${impl} ${what}`)).toEqual([
      "1 activate",
      "1 deactivate",
      "2 activate",
      "2 reload-end reloaded: ",
      "2 seal",
    ]);
  });

  it("tells the new logic what the client has seen, so that it is told once when that has changed", async () => {
    const client = await started();
    const changes = () => client.received.filter(({ method }) => method === "notifications/tools/list_changed").length;
    for (const [surface, told] of [
      ["one", 0],
      ["two", 1],
      ["two", 1],
    ] as const) {
      await reload({ surface });
      await client.call("echo");
      expect(changes()).toBe(told);
    }
  });

  it("that fails after its tools were seen tells the client that those of before are back", async () => {
    const client = await started({ ...quick, probationMs: 2000 });
    const changes = () => client.received.filter(({ method }) => method === "notifications/tools/list_changed").length;
    await reload({ fault: "crashes after the switch", afterMs: 200, surface: "two" });
    await client.call("echo");
    expect(changes()).toBe(2);
  });

  it("is refused while another is under way, and what is left of a probation ends at once for the next", async () => {
    await started({ ...quick, probationMs: 60_000 });
    node.reloadTo({});
    node.reload("too early");
    await until("the second is refused", () => node.logged.some((line) => line.includes("A reload was refused.")));
    await until("the first is on probation", async () => (await readyz()).reload.state === "probation");
    node.reload("the next one");
    await until("the next one is on probation", async () => {
      const { impl, reload } = await readyz();
      return impl.number === 3 && reload.state === "probation";
    });
    await until("it has its loops", () => node.trace().some(({ impl, what }) => impl === 3 && what === "activate"));
    expect(owners()).toEqual([1, 2, 3]);
  });

  it("is done once for a row that asks twice, and its end is told again", async () => {
    const client = await started();
    const row = "0192a6a0-0000-7000-8000-000000000001";
    const ask = () => client.answerTo(client.post("tools/call", { name: "reload", arguments: row }));
    await ask();
    await ask();
    await until("it is done", async () => (await readyz()).reload.last?.outcome === "reloaded");
    await ask();
    const ends = () => node.trace().filter(({ what }) => what.startsWith("reload-end"));
    await until("it is told twice", () => ends().length === 2);
    expect((await readyz()).impl.number).toBe(2);
  });

  it("replaces logic that does not let go of its loops, by force", async () => {
    const client = await started(quick, "never deactivates");
    const held = client.post("tools/call", { name: "hold first" });
    expect((await reload({})).last).toMatchObject({ outcome: "reloaded" });
    expect(implOf(await client.answerTo(held))).toBe(2);
  });

  it("that finds the old logic dead goes on with the new one", async () => {
    const client = await started();
    const { pid } = (await readyz()).impl;
    node.reloadTo({});
    process.kill(pid, "SIGKILL");
    const answer = await client.call("echo");
    expect(implOf(answer)).toBe(2);
    await until("it is done", async () => (await readyz()).reload.last?.outcome === "reloaded");
  });

  it("loses, doubles and delays nothing in a hundred in a row, with calls in flight in each", {
    timeout: 180_000,
  }, async () => {
    const client = await started({ startMs: 10_000, probationMs: 0, drainMs: 2000 });
    const asked: number[] = [];
    for (let round = 0; round < 100; round++) {
      const more = setInterval(() => asked.push(client.post("tools/call", { name: "slow" })), 10);
      asked.push(client.post("tools/call", { name: "slow" }), client.post("tools/list"));
      expect((await reload({})).last).toMatchObject({ outcome: "reloaded" });
      clearInterval(more);
    }
    await Promise.all(asked.map((id) => client.answerTo(id)));
    for (const id of asked) expect(client.received.filter((message) => message.id === id)).toHaveLength(1);
    expect(client.received.filter(({ result, error }) => error !== undefined || result?.["isError"] === true)).toEqual(
      [],
    );
    expect(owners()).toEqual([...Array(101).keys()].map((index) => index + 1));
  });
});

describe("bad new logic", () => {
  it.each([
    [{ fault: "throws at import" }, "start", "SyntaxError: Unexpected token: the fixture's file is broken.", 1500],
    [{ fault: "throws at start" }, "start", "Error: The fixture throws at its start.", 1500],
    [{ fault: "breaks a tool's schema" }, "health", "Its answer to tools/list is wrong", 1500],
    [{ fault: "answers with a secret" }, "health", "postgresql://fed:[redacted]@db/f does not answer.", 1500],
    [{ fault: "refuses to resume" }, "switch", "It refused to go on with 1 of 1 sessions.", 1500],
    [{ fault: "exits at activate" }, "probation", "It ended with code 4.", 1500],
    [{ fault: "never becomes ready" }, "start", "It was not ready in time.", 3500],
    [{ fault: "answers no call" }, "health", "It did not answer a call in time.", 3500],
    [{ fault: "crashes after the switch", afterMs: 500 }, "probation", "Error: The fixture crashes.", 2500],
  ] as const)(
    "%o is rolled back at its %s, with the reason, and no call is lost",
    async (code, stage, reason, withinMs) => {
      const client = await started({ startMs: 2000, probationMs: 1000, drainMs: 2000 });
      const asked = [client.post("tools/call", { name: "slow" })];
      const more = setInterval(() => asked.push(client.post("tools/call", { name: "slow" })), 20);
      const { last, ms } = await reload(code);
      clearInterval(more);
      expect(last).toMatchObject({ outcome: "failed", stage, reason: expect.stringContaining(reason) });
      expect(ms).toBeLessThan(withinMs);
      asked.push(client.post("tools/call", { name: "echo" }));
      const answers = await Promise.all(asked.map((id) => client.answerTo(id)));
      expect(answers.filter(({ error, result }) => error !== undefined || result?.["isError"] === true)).toEqual([]);
      expect(implOf(answers.at(-1) ?? {})).toBe(1);
      for (const id of asked) expect(client.received.filter((message) => message.id === id)).toHaveLength(1);
      await until("the old one was told", () =>
        node.trace().some(({ impl, what }) => impl === 1 && what.startsWith(`reload-end ${stage}`)),
      );
      const mended = await reload({});
      expect(mended.last).toMatchObject({ outcome: "reloaded" });
      expect(implOf(await client.call("echo"))).toBe(3);
    },
  );

  it("in a file that no longer parses is told by its error", async () => {
    const folder = mkdtempSync(join(tmpdir(), "fed-logic-"));
    const implEntry = join(folder, "impl.ts");
    writeFileSync(implEntry, `await import(${JSON.stringify(fixtureImpl)});`);
    node = await startFixture({ reload: quick, implEntry });
    await until("it is ready", async () => (await readyz()).impl.ready);
    writeFileSync(implEntry, "export const = 1;");
    const { last, ms } = await reload({});
    expect(last).toMatchObject({ stage: "start", reason: expect.stringContaining("SyntaxError") });
    expect(ms).toBeLessThan(1500);
    rmSync(folder, { recursive: true });
  });

  it("that dies of a call in its probation gives the call back to the old logic, under its call id", async () => {
    const client = await started({ ...quick, probationMs: 60_000 });
    node.reloadTo({});
    await until("it is on probation", async () => (await readyz()).reload.state === "probation");
    const answer = await client.call("die unless first", { "federation/callId": "deadly" });
    expect(answer.result).toMatchObject({ implNumber: 1, params: { _meta: { "federation/callId": "deadly" } } });
    expect((await readyz()).reload.last).toMatchObject({ stage: "probation", reason: "It was ended by SIGKILL." });
    await until("the old one has its loops again", () => node.trace().some(({ what }) => what === "reopen"));
  });
});

describe("what is shown", () => {
  it("counts reloads by outcome in the metrics", async () => {
    await started();
    await reload({ fault: "throws at start" });
    await reload({});
    const text = await (await fetch(`${node.base}/metrics`)).text();
    expect(text).toContain('federation_substrate_reloads_total{outcome="start",node="baby"} 1');
    expect(text).toContain('federation_substrate_reloads_total{outcome="reloaded",node="baby"} 1');
    expect(text).toMatch(/federation_substrate_reload_pause_seconds_total\{node="baby"\} 0\.\d+/);
  });
});
