/**
 * An impl as a node has it, but for two things: its control service knows nothing, having no database, and beside the
 * real tools, resources and prompts stand those that the conformance suites call. Everything in between is the node's.
 */
import { allScopes } from "@federation/core";
import { connectImplLink } from "@federation/daemon/testing/impl";
import { createMcpSessions, surfaceHash } from "@federation/mcp";
import { createHandFedControl } from "@federation/mcp/testing";
import type { McpServer } from "@modelcontextprotocol/server";
import { registerFixture } from "./fixture/register.ts";
import { conformanceToken } from "./token.ts";

const link = await connectImplLink();
const servers = new Map<string, McpServer>();
const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const control = createHandFedControl();
const empty = { articles: [], parameters: {}, off: [], advisories: [], motive: "", proposal: null };
const adopted = { how: "shipped", adoptedBy: "commander", adoptedAt: "2026-01-01T00:00:00Z" };
control.on("ShowCharter", () => ({ version: 0, sha256: "0".repeat(64), ...adopted, ...empty }));
control.on("ListRoster", () => ({ actors: [] }));
control.on("ListTasks", () => ({ tasks: [] }));
control.on("ListMissions", () => ({ missions: [] }));
control.on("ListMotions", () => ({ motions: [] }));
control.on("ListProposals", () => ({ proposals: [] }));

const sessions = createMcpSessions({
  control: control.service,
  log: quiet,
  version: "0.0.0-conformance",
  send: (session, message, related) => link.send(session, message, related),
  extend: (mcp, { session }) => {
    servers.set(session, mcp);
    registerFixture(mcp, () => servers.values());
  },
});

link.serve({
  authenticate: async ({ token }) =>
    token === conformanceToken
      ? { ok: true, actor: "commander", credential: "bearer:conformance" }
      : { ok: false, code: "unauthenticated", message: "This token is unknown." },
  sessionOpened: ({ session, actor, credential }) =>
    sessions.open({ session, actor, kind: "human", role: "commander", scopes: [...allScopes], credential }),
  sessionMessage: (session, message) => sessions.receive(session, message),
  sessionClosed: (session) => {
    servers.delete(session);
    void sessions.close(session);
  },
  activate: () => undefined,
  deactivate: async () => undefined,
  seal: async () => undefined,
  reloadEnded: () => undefined,
  drain: () => sessions.closeAll(),
  metrics: async () => "",
});

const up = { state: "up", detail: "Fixture." } as const;
link.health({ ready: true, database: up, broker: up, model: { state: "none", detail: "No model." } });
link.ready(surfaceHash());
