/** What a result may rest on, to choose from. */
import { type ControlResponse, submittedFileSchema } from "@federation/core";
import { oneLine } from "../text/one-line.ts";

export interface EvidenceChoice {
  readonly label: string;
  readonly description: string;
  readonly detail: string;
  readonly picked: boolean;
  /** As the node wants it named. */
  readonly evidence: string;
  readonly file: { readonly path: string; readonly content: string } | undefined;
}

/** The proposal a task comes from is offered as chosen. */
export function evidenceChoices(of: {
  readonly proposal: string | null;
  readonly proposals: ControlResponse<"ListProposals">["proposals"];
  readonly messages: ControlResponse<"ListConversation">["messages"];
}): readonly EvidenceChoice[] {
  const proposals = of.proposals.map((it) => ({
    label: oneLine(it.title, 100),
    description: `proposal of ${it.author}, ${it.state}`,
    detail: oneLine(it.text, 120),
    picked: it.id === of.proposal,
    evidence: `proposal:${it.id}`,
    file: undefined,
  }));
  const messages = of.messages.toReversed().map((it) => ({
    label: oneLine(it.text, 100),
    description: `message of ${it.sender}`,
    detail: "",
    picked: false,
    evidence: `message:${it.id}`,
    file: undefined,
  }));
  return [...proposals, ...messages];
}

/** The open file, handed in with the result, which then rests on it. What the mesh takes as a file is said here. */
export function fileChoice(file: { readonly path: string; readonly content: string }): EvidenceChoice {
  const fits = submittedFileSchema.safeParse(file).success;
  return {
    label: oneLine(file.path, 100),
    description: fits ? "the open file, handed in with the result" : "the open file cannot be handed in",
    detail: fits ? "" : "Its path has letters that are not allowed, or it is empty or too long.",
    picked: false,
    evidence: `file:${file.path}`,
    file,
  };
}
