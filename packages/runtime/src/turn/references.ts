import { defaultPersonas, type MissionView } from "@federation/core";
import type { ChatMessage } from "../ports/index.ts";
import { choiceAsk, evidenceAsk } from "./asks.ts";
import { systemPrompt } from "./system-prompt.ts";
import { teamLine } from "./team-line.ts";

/**
 * Fixed contexts without the case at hand: a sentence's mean score over them is its bias in a model.
 *
 * 1. Three situations times the three acting roles, the same for every actor: what a role prefers is left in.
 * 2. They change with the team alone, whose names stand in the sentences: a name that the prompt holds makes its
 *    sentence likelier, and that is not a preference. A bias is measured once per model file, team and sentence.
 * 3. They have a real question's form; a prompt without content only moves the bias.
 * 4. A choice of what to do and one of what a result rests on are asked in different words, here as there.
 * 5. One role after the other, so that its system prompt is evaluated once.
 */
const situations = [
  "Paint the fence of the town park",
  "Prepare the summer concert of the choir",
  "Sort the tools of the workshop",
] as const;

const roles = ["lead", "developer", "analyst"] as const;

export function choiceReferences(
  view: Pick<MissionView, "members">,
  purpose: "choose" | "evidence" = "choose",
): readonly (readonly ChatMessage[])[] {
  const ask = (objective: string): string =>
    purpose === "choose" ? choiceAsk(objective, null) : evidenceAsk({ objective }, "It is done as it was agreed.");
  return roles.flatMap((role) => {
    const reader = view.members.find((m) => m.role === role)?.actor ?? "";
    const me = { actor: reader, role, persona: defaultPersonas[role] };
    const system = systemPrompt(me, { style: "sentences", articles: [] });
    return situations.map((objective): readonly ChatMessage[] => [
      { role: "system", text: system },
      { role: "user", text: `${teamLine(view, reader)}\n${ask(objective)}` },
    ]);
  });
}
