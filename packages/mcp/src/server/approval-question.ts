/**
 * `answer_approval` without an answer: the person is asked in their own host, where it can show a question.
 *
 * 1. The row is the truth: it is read again before it is shown, and the answer goes through the same command as
 *    everybody's. What a client sends back is an answer, and never says which question it answers.
 * 2. Accept is yes, decline is no; whoever closes the question has answered nothing.
 * 3. One way for both eras: the result asks for input, and where the era has no such result, the SDK asks during the
 *    call instead.
 */
import { type ControlRequest, control, MeshError } from "@federation/core";
import {
  CLIENT_CAPABILITIES_META_KEY,
  type InputRequiredResult,
  inputRequired,
  inputResponse,
  type McpServer,
  type ServerContext,
} from "@modelcontextprotocol/server";
import { z } from "zod";
import type { Ask } from "./ask-control.ts";

export type Questioned =
  /** Nothing to ask: the call goes on as it came. */
  | { readonly kind: "given" }
  | { readonly kind: "ask"; readonly result: InputRequiredResult }
  | { readonly kind: "answered"; readonly request: z.input<(typeof control)["AnswerApproval"]["request"]> }
  /** It is not open, or the person did not answer: this is how it stands. */
  | { readonly kind: "unchanged"; readonly answer: Record<string, unknown> };

const key = "answer";
const answerSchema = z.object({ reason: z.string().max(4_000).optional() });
const elicitationSchema = z.object({
  elicitation: z.object({ form: z.unknown().optional(), url: z.unknown().optional() }).optional(),
});

export interface QuestionOptions {
  readonly actor: string;
  readonly mcp: McpServer;
  readonly ask: Ask;
}

/** @throws MeshError that says what to do where nobody can be asked. */
export async function putToPerson(
  options: QuestionOptions,
  given: unknown,
  context: ServerContext,
): Promise<Questioned> {
  const { actor, mcp, ask } = options;
  const parsed = control.AnswerApproval.request.safeParse(given);
  if (!parsed.success || parsed.data.approve !== undefined) return { kind: "given" };
  const request = parsed.data;
  const { approvals } = control.ListApprovals.response.parse(
    await ask("ListApprovals", { approval: request.approval }, context.mcpReq),
  );
  const [approval] = approvals;
  if (approval === undefined)
    throw new MeshError("not_found", "There is no such approval; list_approvals names yours.");
  if (approval.whom !== actor) throw new MeshError("refused", `${approval.whom} was asked, and nobody else answers.`);
  const unchanged = { kind: "unchanged", answer: { approval } } as const;
  if (approval.state !== "open") return unchanged;

  const state = `approval:${approval.id}`;
  const response = inputResponse(context.mcpReq.inputResponses, key);
  if (response.kind === "elicit") {
    // The SDK hands out what the client sent, whatever it is; only our own text for this very question will do.
    if (context.mcpReq.requestState<unknown>() !== state) {
      throw new MeshError("invalid_input", "This answer belongs to another question; call again without it.");
    }
    if (response.action === "cancel") return unchanged;
    return { kind: "answered", request: answerOf(request, response.action === "accept", response.content) };
  }
  if (!canAsk(mcp, context)) {
    throw new MeshError("invalid_input", "This client cannot show a question; give `approve`: true or false.");
  }
  const message = `${approval.askedBy} asks, for an answer by ${approval.deadline}:\n\n${approval.question}\n\nAccept is yes, decline is no; closing this leaves it open.`;
  const properties = {
    reason: {
      type: "string" as const,
      title: "Reason",
      description: "Told to who asked; may be left out.",
      maxLength: 4_000,
    },
  };
  const elicit = inputRequired.elicit({ message, requestedSchema: { type: "object", properties } });
  return { kind: "ask", result: inputRequired({ inputRequests: { [key]: elicit }, requestState: state }) };
}

function answerOf(request: ControlRequest<"AnswerApproval">, approve: boolean, content: unknown) {
  const said = answerSchema.safeParse(content ?? {});
  if (!said.success) throw new MeshError("invalid_input", "The reason must be text of at most 4000 characters.");
  return { approval: request.approval, approve, reason: said.data.reason ?? request.reason };
}

/** In the 2026 era every request says what its client can; in the 2025 era `initialize` did. */
function canAsk(mcp: McpServer, context: ServerContext): boolean {
  const envelope: Readonly<Record<string, unknown>> | undefined = context.mcpReq.envelope;
  const declared = envelope === undefined ? mcp.server.getClientCapabilities() : envelope[CLIENT_CAPABILITIES_META_KEY];
  const { elicitation } = elicitationSchema.safeParse(declared).data ?? {};
  return elicitation !== undefined && (elicitation.form !== undefined || elicitation.url === undefined);
}
