import type { ControlName } from "@federation/core";
import {
  type McpServer,
  ProtocolError,
  ProtocolErrorCode,
  ResourceNotFoundError,
  ResourceTemplate,
} from "@modelcontextprotocol/server";
import { toWireError } from "../tool-error.ts";
import type { RequestContext } from "./control-server.ts";

type Ask = (name: ControlName, given: unknown, request: RequestContext) => Promise<unknown>;

const json = "application/json";

/** Queries whose answers a host may want to attach as context. */
export function registerResources(mcp: McpServer, ask: Ask): void {
  async function read(uri: URL, name: ControlName, given: unknown, request: RequestContext) {
    try {
      const answer = await ask(name, given, request);
      return { contents: [{ uri: uri.href, mimeType: json, text: JSON.stringify(answer) }] };
    } catch (thrown) {
      throw toProtocolError(uri, thrown, String(request.id));
    }
  }
  const charter = { title: "Charter", description: "The articles in force and their parameters.", mimeType: json };
  mcp.registerResource("charter", "federation://charter", charter, (uri, context) =>
    read(uri, "ShowCharter", {}, context.mcpReq),
  );
  const roster = { title: "Roster", description: "All actors with role and presence.", mimeType: json };
  mcp.registerResource("roster", "federation://roster", roster, (uri, context) =>
    read(uri, "ListRoster", {}, context.mcpReq),
  );
  // Not listed one by one: a host that looks for missions calls the tool.
  const missions = new ResourceTemplate("federation://missions/{id}", { list: undefined });
  const mission = { title: "Mission", description: "A mission as it stands.", mimeType: json };
  mcp.registerResource("mission", missions, mission, (uri, variables, context) =>
    read(uri, "ShowMission", { mission: variables["id"] }, context.mcpReq),
  );
}

function toProtocolError(uri: URL, thrown: unknown, requestId: string): ProtocolError {
  const error = toWireError(thrown, requestId);
  if (error.code === "not_found") return new ResourceNotFoundError(uri.href, error.message);
  const code = error.code === "invalid_input" ? ProtocolErrorCode.InvalidParams : ProtocolErrorCode.InternalError;
  return new ProtocolError(code, error.message, { ...error });
}
