/** The control list as MCP tools. Nothing is said here that the list does not say, but which calls take something away. */
import { type ControlEntry, type ControlName, controlEntries, MeshError, type Role, toolName } from "@federation/core";
import { specTypeSchemas, type Tool } from "@modelcontextprotocol/server";
import { z } from "zod";

/** Calls that undo or give up what exists; all other commands only add. */
const destructive: readonly string[] = ["VetoProposal", "HandBackTask"] satisfies readonly ControlName[];

export type ToolsOf = (role: Role) => readonly Tool[];

/** Gives the tools a role may call, in the order of the control list. Schemas are made once per role. */
export function createToolCatalogue(): ToolsOf {
  const made = new Map<Role, readonly Tool[]>();
  return (role) => {
    const tools = made.get(role) ?? controlEntries.filter((entry) => entry.roles.includes(role)).map(toTool);
    made.set(role, tools);
    return tools;
  };
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
