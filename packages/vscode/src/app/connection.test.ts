/** The one session of a window, at real MCP endpoints on loopback. */
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import type { Way } from "../finding/way.ts";
import { type ConnectionOptions, createConnection } from "./connection.ts";
import { keptWayKey } from "./kept.ts";

const token = "t".repeat(32);

async function node() {
  const control = createHandFedControl();
  control.on(
    "ListEvents",
    () => new Promise((resolve) => setTimeout(() => resolve({ events: [], cursor: "1.0.0" }), 50)),
  );
  const endpoint = await startControlEndpoint({
    control: control.service,
    tokens: { [token]: { actor: "commander", role: "commander", kind: "human" } },
  });
  onTestFinished(() => endpoint.close());
  const way: Way = { kind: "address", url: endpoint.url };
  return { endpoint, way };
}

function memento() {
  const kept = new Map<string, unknown>();
  return {
    get: (key: string, otherwise?: unknown) => kept.get(key) ?? otherwise,
    update: async (key: string, value: unknown) => void kept.set(key, value),
  };
}

function setUp() {
  const workspaceState = memento();
  const context = {
    workspaceState,
    globalState: memento(),
    secrets: { get: async () => token },
  } as unknown as ConnectionOptions["context"];
  const connection = createConnection({
    context,
    log: { info: () => {}, warn: () => {}, debug: () => {} },
    places: () => ({ folders: [], trusted: true, url: "", joinFolder: "" }),
    onChange: () => {},
  });
  onTestFinished(() => connection.close());
  return { connection, kept: () => workspaceState.get(keptWayKey) };
}

describe("of two connections that are begun at once", () => {
  test.each([true, false])("the later stands alone, and no error is told (patient: %s)", async (patient) => {
    const [before, first, second] = await Promise.all([node(), node(), node()]);
    const { connection, kept } = setUp();
    await connection.begin(before.way, false);
    await Promise.all([connection.begin(first.way, patient), connection.begin(second.way, false)]);
    expect(connection.current()?.way).toEqual(second.way);
    expect(kept()).toEqual(second.way);
    await vi.waitFor(() => expect([before, first, second].map((it) => it.endpoint.openSockets())).toEqual([0, 0, 1]));
  });

  test("none is left when the window closes meanwhile", async () => {
    const [before, next] = await Promise.all([node(), node()]);
    const { connection } = setUp();
    await connection.begin(before.way, false);
    const begun = connection.begin(next.way, true);
    await connection.close();
    await begun;
    expect(connection.current()).toBeUndefined();
    await vi.waitFor(() => expect(before.endpoint.openSockets() + next.endpoint.openSockets()).toBe(0));
  });
});

test("what is ended while it is begun is not kept for the next window", async () => {
  const { way } = await node();
  const { connection, kept } = setUp();
  const begun = connection.begin(way, false);
  await connection.end();
  await begun;
  expect([connection.current(), kept()]).toEqual([undefined, undefined]);
});
