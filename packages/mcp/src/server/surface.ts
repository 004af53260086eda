/**
 * What a client sees of this build, as a short hash: the same build gives the same one in every process. Where it is
 * another one than before a reload, clients must list tools, resources and prompts again.
 */
import { createHash } from "node:crypto";
import { roleSchema } from "@federation/core";
import { promptDefinitions } from "./prompts.ts";
import { fixedResources, resourceFamilies } from "./resource-table.ts";
import { createToolCatalogue } from "./tools.ts";

let known: string | undefined;

export function surfaceHash(): string {
  known ??= createHash("sha256").update(JSON.stringify(surface())).digest("hex").slice(0, 32);
  return known;
}

function surface(): unknown {
  const toolsOf = createToolCatalogue();
  return {
    tools: roleSchema.options.map((role) => [role, toolsOf(role)]),
    resources: [fixedResources, resourceFamilies],
    prompts: Object.entries(promptDefinitions).map(([name, { title, description, argument }]) => [
      name,
      title,
      description,
      argument,
    ]),
  };
}
