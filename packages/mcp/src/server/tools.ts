/** The control list as MCP tools. Nothing is said here that the list does not say, but which calls take something away. */
import {
  allScopes,
  type ControlEntry,
  type ControlName,
  controlEntries,
  MeshError,
  type Role,
  type ScopeName,
  scopeOf,
  toolName,
} from "@federation/core";
import { specTypeSchemas, type Tool } from "@modelcontextprotocol/server";
import { z } from "zod";

/** Calls that undo or give up what exists; all other commands only add. */
const destructive: readonly string[] = [
  "VetoProposal",
  "HandBackTask",
  "RetireActor",
  "RevokeToken",
  "RevokeSigningKey",
  "EndPageSession",
  "WithdrawProposal",
  "WithdrawApproval",
] satisfies readonly ControlName[];

/** Without scopes: all of them. */
export type ToolsOf = (role: Role, scopes?: readonly ScopeName[]) => readonly Tool[];

/** Gives the tools that a role and a token's scopes allow, in the order of the control list. Schemas are made once. */
export function createToolCatalogue(): ToolsOf {
  const made = new Map<ControlEntry, Tool>();
  const toolOf = (entry: ControlEntry): Tool => {
    const tool = made.get(entry) ?? toTool(entry);
    made.set(entry, tool);
    return tool;
  };
  return (role, scopes = allScopes) =>
    controlEntries.filter((entry) => entry.roles.includes(role) && scopes.includes(scopeOf(entry))).map(toolOf);
}

function toTool(entry: ControlEntry): Tool {
  return checked({
    name: toolName(entry.name),
    title: entry.title,
    description: entry.doc,
    inputSchema: z.toJSONSchema(entry.request, { io: "input" }),
    outputSchema: z.toJSONSchema(entry.response, { io: "output" }),
    annotations: {
      title: entry.title,
      readOnlyHint: entry.kind === "query",
      destructiveHint: destructive.includes(entry.name),
      idempotentHint: entry.idempotent,
      openWorldHint: false,
    },
  });
}

/** Both schemas must be objects at the root, which only the protocol's own schema can tell the compiler. */
function checked(tool: unknown): Tool {
  const result = specTypeSchemas.Tool["~standard"].validate(tool);
  if (result.issues !== undefined) {
    throw new MeshError("internal", `An entry of the control list makes no tool: ${result.issues[0]?.message}`);
  }
  return result.value;
}
