/** What each cell of the matrix must do, by the words of the table. */
import { randomUUID } from "node:crypto";
import type { ControlClient } from "@federation/mcp/client";
import { expect } from "vitest";
import { z } from "zod";
import type { JoinNode } from "../../join/testing/join-node.ts";
import { until } from "../../mesh/mesh-fixture.ts";
import type { InteropClient } from "./interop-client.ts";
import type { Kind } from "./open-client.ts";

export interface Cell {
  readonly kind: Kind;
  readonly client: InteropClient;
  readonly node: JoinNode;
  readonly commander: ControlClient;
  /** The actor the client is. */
  readonly actor: string;
}

export interface Check {
  /** As a column of the table. */
  readonly name: string;
  readonly run: (cell: Cell) => Promise<void>;
}

const revisions: Readonly<Record<Kind, string>> = {
  "SDK 1.32.2": "2025-11-25",
  "SDK 2.4.0, 2025-11-25": "2025-11-25",
  "SDK 2.4.0, 2026-07-28": "2026-07-28",
};
const inbox = "federation://inbox";
const episodeSchema = z.object({ episode: z.uuid() });

export const checks: readonly Check[] = [
  {
    name: "begin",
    run: async ({ kind, client }) => {
      expect(client.protocol).toBe(revisions[kind]);
    },
  },
  {
    name: "tools",
    run: async ({ client }) => {
      expect(await client.tools()).toEqual(expect.arrayContaining(["get_status", "remember", "claim_task"]));
    },
  },
  {
    name: "query",
    run: async ({ client, actor }) => {
      const { isError, structured } = await client.call("list_roster", {});
      expect(isError).toBe(false);
      expect(structured).toMatchObject({ actors: expect.arrayContaining([expect.objectContaining({ actor })]) });
    },
  },
  {
    name: "refusal",
    run: async ({ client }) => {
      const { isError, text } = await client.call("show_task", { task: randomUUID() });
      expect(isError).toBe(true);
      expect(text).toMatch(/^not_found: /);
    },
  },
  {
    name: "repeat under one call id",
    run: async (cell) => {
      const text = `interop ${randomUUID()}`;
      const callId = randomUUID();
      const first = await cell.client.call("remember", { text }, { callId });
      const again = await cell.client.call("remember", { text }, { callId });
      expect(episodeSchema.parse(again.structured)).toEqual(episodeSchema.parse(first.structured));
      expect(await countNotes(cell, text)).toBe(1);
    },
  },
  {
    name: "resources",
    run: async ({ client }) => {
      expect(await client.resources()).toEqual(expect.arrayContaining(["federation://charter", inbox]));
      expect(await client.read("federation://charter")).toContain("one-ballot");
    },
  },
  {
    name: "prompts",
    run: async ({ client, actor }) => {
      expect(await client.prompts()).toContain("join-the-federation");
      expect(await client.prompt("join-the-federation")).toContain(actor);
    },
  },
  {
    name: "subscription",
    run: async (cell) => {
      const updates: string[] = [];
      const end = await cell.client.subscribe(inbox, (uri) => updates.push(uri));
      await writeTo(cell);
      await until("the client is told that its inbox has changed", () => updates.includes(inbox));
      await end();
    },
  },
  {
    name: "progress",
    run: async ({ client }) => {
      const heard: number[] = [];
      const asked = client.call("list_events", waiting(2500), { onProgress: (progress) => heard.push(progress) });
      expect((await asked).isError).toBe(false);
      expect(heard.length).toBeGreaterThan(0);
      expect(heard).toEqual([...heard].sort((a, b) => a - b));
    },
  },
  {
    name: "cancel",
    run: async ({ client, node }) => {
      const stop = new AbortController();
      const asked = client.call("list_events", waiting(20_000), stop);
      await until("the node has the call", async () => (await openRequests(node)) === 1);
      stop.abort();
      await expect(asked).rejects.toThrow();
      await until("the node has let go of it", async () => (await openRequests(node)) === 0);
      expect((await client.call("get_status", {})).isError).toBe(false);
    },
  },
  {
    name: "kill -9 of the logic",
    run: async (cell) => {
      const { client, node } = cell;
      const updates: string[] = [];
      const end = await client.subscribe(inbox, (uri) => updates.push(uri));
      const inFlight = client.call("list_events", waiting(3000));
      await until("the node has the call", async () => (await openRequests(node)) >= 1);
      const pid = await node.implPid();
      process.kill(pid, "SIGKILL");
      const text = `interop ${randomUUID()}`;
      const meanwhile = client.call("remember", { text });
      expect([(await inFlight).isError, (await meanwhile).isError]).toEqual([false, false]);
      expect(await countNotes(cell, text)).toBe(1);
      expect(await node.implPid()).not.toBe(pid);
      updates.length = 0;
      await writeTo(cell);
      await until("the subscription goes on", () => updates.includes(inbox));
      await end();
      expect(client.lost()).toBe(false);
    },
  },
];

const waiting = (waitMs: number) => ({ after: "end", waitMs });

async function writeTo({ commander, actor }: Cell): Promise<void> {
  await commander.call("SendMessage", { to: actor, text: "A message for the one who listens." });
}

async function countNotes({ node }: Cell, text: string): Promise<number> {
  const [row] = await node.owner<{ count: number }>(
    "select count(*)::int as count from federation.episodes where body = $1",
    [text],
  );
  return row?.count ?? 0;
}

/** Requests of clients that the node has not answered. */
async function openRequests(node: JoinNode): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${node.port}/metrics`)).text();
  return Number(/^federation_substrate_open_requests\{[^}]*\} (\d+)$/m.exec(text)?.[1] ?? Number.NaN);
}
