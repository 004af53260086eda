/** The MCP server of one session: tools, resources and prompts over the control service, for one actor. */
import { controlOfTool } from "@federation/core";
import type { ControlService, Log, Principal, StopSignal } from "@federation/runtime/ports";
import { McpServer } from "@modelcontextprotocol/server";
import { createAsk } from "./ask-control.ts";
import { callTool } from "./call-tool.ts";
import { createDirectory } from "./directory.ts";
import { addFixtures, type ExtendServer } from "./fixtures.ts";
import { registerPrompts } from "./prompts.ts";
import { registerResources } from "./resources.ts";
import { serveSubscriptions } from "./serve-subscriptions.ts";
import type { Subscriptions } from "./subscriptions.ts";
import type { ToolsOf } from "./tools.ts";

export interface ServerOfSession extends Principal {
  readonly session: string;
  readonly control: ControlService;
  readonly log: Log;
  readonly version: string;
  readonly toolsOf: ToolsOf;
  readonly extend: ExtendServer | undefined;
  readonly subscriptions: Subscriptions;
  /** Another process held the session before. */
  readonly resumed: boolean;
  /** Called when a client of the 2025 era is ready to be told of things. */
  readonly onInitialized: () => void;
  /** Aborts when the session is over. */
  readonly closed: StopSignal;
}

const instructions =
  "Tools of a Federation node: you act as the actor your token names. Ids are UUIDs taken from earlier answers. " +
  "The prompt join-the-federation says who you are and what waits. " +
  "A refused call says why and what would be lawful; repeat a call whose answer was lost under the same " +
  '_meta["federation/callId"].';

const capabilities = {
  logging: {},
  completions: {},
  tools: { listChanged: true },
  resources: { listChanged: true, subscribe: true },
  prompts: { listChanged: true },
};

export function createControlServer(options: ServerOfSession): McpServer {
  const { role, scopes, toolsOf, extend, closed } = options;
  const mcp = new McpServer({ name: "federation", version: options.version }, { instructions, capabilities });
  const fixtures = extend === undefined ? undefined : addFixtures(mcp, extend, options);
  const ask = createAsk(options);
  const directory = createDirectory(ask);
  const completion = { id: "completion", signal: closed };

  mcp.server.setRequestHandler("tools/list", async (_request, context) => ({
    tools: [...toolsOf(role, scopes), ...((await fixtures?.list(context)) ?? [])],
  }));
  mcp.server.setRequestHandler("tools/call", async (request, context) => {
    const { name, arguments: given } = request.params;
    const fixture = controlOfTool(name) === undefined ? await fixtures?.call(request, context) : undefined;
    return fixture ?? (await callTool({ actor: options.actor, mcp, ask }, name, given, context));
  });
  registerResources(mcp, { ask, directory, completion });
  registerPrompts(mcp, { ...options, ask, directory, completion });
  serveSubscriptions(mcp, options);
  return mcp;
}
