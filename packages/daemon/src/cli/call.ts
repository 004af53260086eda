import {
  type ControlName,
  controlEntries,
  controlOfTool,
  jsonDepth,
  MAX_JSON_DEPTH,
  MeshError,
  toolName,
} from "@federation/core";
import { plainText } from "../timeline/plain-text.ts";
import { cliExitCodes } from "./exit-codes.ts";
import type { CliProgram } from "./program.ts";

/** `federation call NAME JSON`: any entry of the control list, its request as JSON. */
export function addCallCommand(program: CliProgram): void {
  const command = program.root
    .command("call")
    .description("Calls any command or query of the control list by its name, with its request as JSON.")
    .argument("<name>", "e.g. ListTasks or list_tasks")
    .argument("[json...]", 'the request, e.g. {"limit":5}; "-" reads it from standard input')
    .addHelpText("after", `\nNames: ${controlEntries.map((entry) => entry.name).join(", ")}`);
  program.does(command, async (session, given) => {
    const name = nameOf(given.text("name"));
    const typed = given.text("json");
    const request = readRequest(typed === "-" ? await session.world.readInput() : typed);
    const answer = await session.withNode((client) => client.callUntyped(name, request, session.callOptions));
    session.print(answer, () => plainText(JSON.stringify(answer, null, 2)));
    return cliExitCodes.ok;
  });
}

function nameOf(text: string): ControlName {
  const wanted = text.replaceAll(/[-_]/g, "").toLowerCase();
  const found = controlEntries.find((entry) => entry.name.toLowerCase() === wanted);
  const name = found === undefined ? undefined : controlOfTool(toolName(found.name));
  if (name !== undefined) return name;
  throw new MeshError("invalid_input", `There is no call "${text}"; "federation call --help" names them all.`);
}

function readRequest(text: string): Readonly<Record<string, unknown>> {
  if (text.trim() === "") return {};
  if (jsonDepth(text) > MAX_JSON_DEPTH) {
    throw new MeshError("invalid_input", `The request nests deeper than ${MAX_JSON_DEPTH} levels.`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new MeshError("invalid_input", "The request is not JSON; quote it for your shell.", { cause: error });
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new MeshError("invalid_input", "The request must be a JSON object.");
  }
  return Object.fromEntries(Object.entries(value));
}
