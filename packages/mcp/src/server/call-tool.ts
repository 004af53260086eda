/**
 * A tool call, from its arguments to its result.
 *
 * 1. It always ends in a result: a refusal or fault is one with `isError`, never a JSON-RPC error.
 * 2. A call that its caller gave up is not answered; what it had committed stays, on record under its call id.
 */
import { controlOfTool, MeshError } from "@federation/core";
import type { CallToolResult, InputRequiredResult, ServerContext } from "@modelcontextprotocol/server";
import { toErrorResult, toWireError } from "../tool-error.ts";
import { putToPerson, type QuestionOptions } from "./approval-question.ts";
import { reportProgress } from "./report-progress.ts";

export async function callTool(
  options: QuestionOptions,
  tool: string,
  given: unknown,
  context: ServerContext,
): Promise<CallToolResult | InputRequiredResult> {
  const done = reportProgress(context.mcpReq, tool);
  try {
    const name = controlOfTool(tool);
    if (name === undefined) {
      throw new MeshError("invalid_input", `There is no tool "${tool.slice(0, 64)}"; tools/list names them all.`);
    }
    const { ask } = options;
    if (name !== "AnswerApproval") return toResult(await ask(name, given, context.mcpReq));
    const asked = await putToPerson(options, given, context);
    switch (asked.kind) {
      case "ask":
        return asked.result;
      case "unchanged":
        return toResult(asked.answer);
      case "answered":
        return toResult(await ask(name, asked.request, context.mcpReq));
      case "given":
        return toResult(await ask(name, given, context.mcpReq));
    }
  } catch (error) {
    return toErrorResult(toWireError(error, String(context.mcpReq.id)));
  } finally {
    done();
  }
}

function toResult(answer: Record<string, unknown>): CallToolResult {
  return { content: [{ type: "text", text: JSON.stringify(answer) }], structuredContent: answer };
}
