/**
 * For tests only: what a judge from outside needs to find (tools, resources and prompts of set names) registered
 * beside the real ones, in the same server, over the same sessions. A node has none.
 */
import {
  type CallToolRequest,
  type CallToolResult,
  type InputRequiredResult,
  isInputRequiredResult,
  type McpServer,
  type ServerContext,
  specTypeSchemas,
  type Tool,
} from "@modelcontextprotocol/server";

/** Registers fixtures in the server of a session. */
export type ExtendServer = (mcp: McpServer, session: { readonly session: string; readonly actor: string }) => void;

/** What was registered with `registerTool`, as the SDK lists and calls it. */
export interface FixtureTools {
  readonly list: (context: ServerContext) => Promise<readonly Tool[]>;
  /** Undefined: it is none of them. */
  readonly call: (
    request: CallToolRequest,
    context: ServerContext,
  ) => Promise<CallToolResult | InputRequiredResult | undefined>;
}

export function addFixtures(
  mcp: McpServer,
  extend: ExtendServer,
  session: { readonly session: string; readonly actor: string },
): FixtureTools | undefined {
  extend(mcp, session);
  // The compiler lets one reach a protected member like this; the SDK has no public way to ask for a handler.
  const list = mcp.server["_getRequestHandler"]("tools/list");
  const call = mcp.server["_getRequestHandler"]("tools/call");
  if (list === undefined || call === undefined) return undefined;

  const listTools = async (context: ServerContext): Promise<readonly Tool[]> => {
    const answer = await list({ jsonrpc: "2.0", id: context.mcpReq.id, method: "tools/list" }, context);
    const checked = await specTypeSchemas.ListToolsResult["~standard"].validate(answer);
    return checked.issues === undefined ? checked.value.tools : [];
  };
  return {
    list: listTools,
    async call(request, context) {
      const tools = await listTools(context);
      if (!tools.some((tool) => tool.name === request.params.name)) return undefined;
      const answer = await call({ ...request, jsonrpc: "2.0", id: context.mcpReq.id }, context);
      if (isInputRequiredResult(answer)) return answer;
      const checked = await specTypeSchemas.CallToolResult["~standard"].validate(answer);
      if (checked.issues !== undefined) throw new Error(`the fixture ${request.params.name} answered no tool result`);
      return checked.value;
    },
  };
}
