/**
 * The MCP server of one session: tools and resources over the control service, for one actor.
 *
 * 1. A tool call always ends in a result: a refusal or fault is one with `isError`, never a JSON-RPC error.
 * 2. What a tool answers is parsed with its response schema: nothing undeclared leaves, and what does not fit is a
 *    defect that is logged and answered as `internal`.
 */
import { type ControlName, control, controlOfTool, MeshError } from "@federation/core";
import type { ControlService, Log, Principal, StopSignal } from "@federation/runtime/ports";
import { type CallToolResult, McpServer } from "@modelcontextprotocol/server";
import { callIdOf } from "../call-id.ts";
import { toErrorResult, toWireError } from "../tool-error.ts";
import { addFixtures, type ExtendServer } from "./fixtures.ts";
import { parseRequest } from "./parse-request.ts";
import { registerResources } from "./resources.ts";
import type { ToolsOf } from "./tools.ts";

export interface ServerOfSession extends Principal {
  readonly session: string;
  readonly control: ControlService;
  readonly log: Log;
  readonly version: string;
  readonly toolsOf: ToolsOf;
  readonly extend: ExtendServer | undefined;
}

/** What the SDK tells about a request, as far as a call needs it. */
export interface RequestContext {
  readonly id: string | number;
  readonly _meta?: unknown;
  readonly signal: StopSignal;
}

const instructions =
  "Tools of a Federation node: you act as the actor your token names. Ids are UUIDs taken from earlier answers. " +
  "A refused call says why and what would be lawful; repeat a call whose answer was lost under the same " +
  '_meta["federation/callId"].';

export function createControlServer(options: ServerOfSession): McpServer {
  const mcp = new McpServer(
    { name: "federation", version: options.version },
    { instructions, capabilities: { logging: {}, completions: {}, resources: { subscribe: true } } },
  );
  const fixtures = options.extend === undefined ? undefined : addFixtures(mcp, options.extend, options);
  mcp.server.registerCapabilities({ tools: { listChanged: true } });
  mcp.server.setRequestHandler("tools/list", async (_request, context) => ({
    tools: [...options.toolsOf(options.role, options.scopes), ...((await fixtures?.list(context)) ?? [])],
  }));
  mcp.server.setRequestHandler("tools/call", async (request, context) => {
    const { name, arguments: given } = request.params;
    const fixture = controlOfTool(name) === undefined ? await fixtures?.call(request, context) : undefined;
    return fixture ?? (await callTool(options, name, given, context.mcpReq));
  });
  registerResources(mcp, (name, given, request) => callControl(options, name, given, request));
  return mcp;
}

async function callTool(
  options: ServerOfSession,
  tool: string,
  given: unknown,
  request: RequestContext,
): Promise<CallToolResult> {
  try {
    const name = controlOfTool(tool);
    if (name === undefined) {
      throw new MeshError("invalid_input", `There is no tool "${tool.slice(0, 64)}"; tools/list names them all.`);
    }
    const answer = await callControl(options, name, given, request);
    return { content: [{ type: "text", text: JSON.stringify(answer) }], structuredContent: answer };
  } catch (error) {
    return toErrorResult(toWireError(error, String(request.id)));
  }
}

/** @throws MeshError, and nothing else. */
async function callControl(
  options: ServerOfSession,
  name: ControlName,
  given: unknown,
  request: RequestContext,
): Promise<Record<string, unknown>> {
  const entry = control[name];
  const callId = callIdOf(request._meta, options.session, request.id);
  const parsed = parseRequest(entry, given);
  const { actor, role, scopes, credential, log } = options;
  try {
    const caller = { actor, role, scopes, credential, callId, signal: request.signal };
    const answer = await options.control.call(name, parsed, caller);
    return entry.response.parse(answer);
  } catch (thrown) {
    const error = MeshError.from(thrown);
    const fields = { call: name, actor, callId, code: error.code };
    if (error.code === "internal") {
      log.error({ ...fields, err: error.cause ?? error }, "a control call met a defect");
      throw new MeshError("internal", error.message, { cause: error, details: { callId } });
    }
    log.debug({ ...fields, reason: error.message }, "a control call was refused");
    throw error;
  }
}
