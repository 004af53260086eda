import { changeInWords, currentTask, type MissionView } from "@federation/core";

/** What an answer must have to do with: the objective, and what a motion or an errand says besides its title. */
export function subjectOf(view: MissionView): string {
  const [motion] = view.kind === "motion" ? view.proposals : [];
  const task = view.kind === "errand" ? currentTask(view) : undefined;
  const change = motion?.change ?? null;
  return [
    view.objective,
    motion?.text,
    motion?.motive,
    change === null ? undefined : changeInWords(change),
    task?.instructions,
  ]
    .filter((part) => part !== undefined && part !== "")
    .join("\n");
}
