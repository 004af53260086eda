import { setTimeout as sleep } from "node:timers/promises";
import { MeshError, type MeshEvent } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client/web";
import { signal } from "@preact/signals";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { createLiveLog } from "./live-log.ts";
import type { Connection, Mesh } from "./mesh.ts";

// A hidden page is told without a picture being drawn.
beforeAll(() => void vi.stubGlobal("document", { visibilityState: "hidden" }));
afterAll(() => void vi.unstubAllGlobals());

const numbers = (events: readonly MeshEvent[]) => events.map((it) => it.data["n"]);

/** A node with a log, which may refuse; and a page's connection to it. */
function nodeWith(log: MeshEvent[], refuse: (name: string, after: string | undefined) => MeshError | undefined) {
  const connection = signal<Connection>({ state: "connected", sinceMs: 0 });
  const back: (() => void)[] = [];
  const at = (cursor: string | undefined) =>
    cursor === "end" ? log.length : log.findIndex((it) => it.cursor === cursor);
  async function call(name: string, request: Record<string, unknown>): Promise<unknown> {
    const { after, before, actor, limit } = request as { [key: string]: string | undefined } & { limit: number };
    await sleep(1);
    const refusal = refuse(name, after);
    if (refusal !== undefined) throw refusal;
    if (name === "CountEvents") return { count: log.length - at(after) - 1 };
    if (before === undefined) {
      const events = log.slice(after === undefined ? 0 : at(after) + 1);
      return { events, cursor: events.at(-1)?.cursor ?? after ?? null };
    }
    const fitting = log.slice(0, at(before)).filter((it) => actor === undefined || it.actor === actor);
    const events = fitting.slice(-limit);
    return { events, cursor: fitting.length > limit ? events[0]?.cursor : null };
  }
  // Of a client the log uses two.
  const client = { call, status: () => ({ state: "connected" }) } as unknown as ControlClient;
  const mesh: Mesh = {
    connection,
    client: Promise.resolve(client),
    onConnected: (it) => void back.push(() => it(client)),
  };
  return {
    mesh,
    add(n: number): void {
      const actor = n % 2 === 0 ? "even" : "odd";
      const at = "2026-01-01T00:00:00.000Z";
      log.push({ cursor: `c${n}`, at, kind: "MessageSent", actor, conversation: null, subject: null, data: { n } });
    },
    lose() {
      connection.value = { state: "connecting", sinceMs: 0, lastError: undefined };
    },
    comeBack() {
      connection.value = { state: "connected", sinceMs: 0 };
      for (const listener of back) listener();
    },
  };
}

describe("the log as it happens", () => {
  it("has every event once, also what is committed while its first page is on its way to somebody else", async () => {
    const node = nodeWith([], () => undefined);
    for (let n = 0; n < 5; n++) node.add(n);
    const log = createLiveLog(node.mesh);
    // A list that is shown asks for the same page.
    void log.all.loadOlder();
    let next = 5;
    const adding = setInterval(() => node.add(next++), 1);
    await expect.poll(() => log.told.value).toBeGreaterThan(5);
    clearInterval(adding);
    await expect.poll(() => log.all.events.length).toBe(next);
    expect(numbers(log.all.events)).toEqual([...Array(next).keys()]);
  });

  it("of an empty mesh begins with its first event", async () => {
    const node = nodeWith([], () => undefined);
    const log = createLiveLog(node.mesh);
    await expect.poll(() => log.all.older.value).toBe("none");
    node.add(0);
    await expect.poll(() => numbers(log.all.events)).toEqual([0]);
  });

  it("shows no event twice, and none out of place, in a window that is opened while some are on their way", async () => {
    const node = nodeWith([], () => undefined);
    for (let n = 0; n < 20; n++) node.add(n);
    const log = createLiveLog(node.mesh);
    await expect.poll(() => log.state.value.is).toBe("following");
    // In the log, and not told yet: what reads the end of the log has them.
    for (let n = 20; n < 30; n++) node.add(n);
    const { window } = log.open({ actor: "even" });
    await expect.poll(() => log.all.events.length).toBe(30);
    await expect.poll(() => window.older.value).toBe("none");
    expect(numbers(window.events)).toEqual(Array.from({ length: 15 }, (_, n) => 2 * n));
  });

  it("goes on from where it was after whatever the node said to it, and says why it did not", async () => {
    let broken = false;
    const node = nodeWith([], (name) =>
      broken && name === "ListEvents" ? new MeshError("limit_exceeded", "Too many.") : undefined,
    );
    node.add(0);
    const log = createLiveLog(node.mesh);
    await expect.poll(() => log.state.value.is).toBe("following");
    broken = true;
    await expect.poll(() => log.state.value).toEqual({ is: "failed", reason: "Too many." });
    node.add(1);
    broken = false;
    await expect.poll(() => numbers(log.all.events), { timeout: 5_000 }).toEqual([0, 1]);
    await expect.poll(() => log.state.value.is, { timeout: 5_000 }).toBe("following");
  });

  it("asks again what it missed where that had no answer, though the connection stays", async () => {
    let broken = true;
    const node = nodeWith([], (name) =>
      broken && name === "CountEvents" ? new MeshError("unavailable", "No.") : undefined,
    );
    node.add(0);
    const log = createLiveLog(node.mesh);
    await expect.poll(() => log.state.value.is).toBe("following");
    node.lose();
    node.add(1);
    node.comeBack();
    await expect.poll(() => log.away.value.state).toBe("counting");
    await sleep(50);
    broken = false;
    await expect.poll(() => log.away.value.state, { timeout: 5_000 }).not.toBe("counting");
  });
});
