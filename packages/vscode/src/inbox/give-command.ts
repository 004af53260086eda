/** Gives a command of the control API for a person, and says what came of it in words for people. */
import { type CharterRefusal, charterRefusalOf, errorCodes, MeshError, parseControlRequest } from "@federation/core";
import type { ControlClient } from "@federation/mcp/client";
import { oneLine } from "../text/one-line.ts";
import type { Given } from "./answers.ts";

export type CommandEnd =
  | { readonly end: "done"; readonly answer: unknown }
  | ({ readonly end: "refused" } & CharterRefusal)
  | { readonly end: "failed"; readonly error: MeshError };

export async function giveCommand(call: ControlClient["call"], { name, request }: Given): Promise<CommandEnd> {
  return await endOf(async () => {
    // Said here already, without a way to the node and back: which field is wrong, and how.
    parseControlRequest(name, request);
    return await call(name, request);
  });
}

export async function endOf(work: () => Promise<unknown>): Promise<CommandEnd> {
  try {
    return { end: "done", answer: await work() };
  } catch (thrown) {
    const error = MeshError.from(thrown);
    const refusal = charterRefusalOf(error);
    return refusal === undefined ? { end: "failed", error } : { end: "refused", ...refusal };
  }
}

/** What a person is told when it did not come about: why, by which article, and what would be lawful. */
export function endText(end: Exclude<CommandEnd, { readonly end: "done" }>): string {
  if (end.end === "refused") {
    const lawful = end.lawful === "" ? "" : ` ${sentence(`Lawful now: ${oneLine(end.lawful, 300)}`)}`;
    return `${sentence(`Refused by the article ${oneLine(end.article, 80)}: ${oneLine(end.reason, 300)}`)}${lawful}`;
  }
  const { code, message } = end.error;
  const said = sentence(oneLine(message, 400));
  return code === "invalid_input" || code === "refused" ? said : `${said} ${errorCodes[code]}`;
}

/** Begins with a capital letter, and ends. */
function sentence(text: string): string {
  const begun = `${text.slice(0, 1).toUpperCase()}${text.slice(1)}`;
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`;
}
