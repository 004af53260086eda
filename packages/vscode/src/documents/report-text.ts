/** A mission's report as a document: what came out of it, and who did what. */
import type { MissionReport } from "@federation/core";
import { atText, spanText } from "../text/times.ts";

export function reportText(report: MissionReport): string {
  const { outcome, result, files, commit, phases, proposals, tasks, deliveries, verdicts, decisions } = report;
  const cell = (text: string | number): string => String(text).replaceAll("|", "\\|").replace(/\s+/g, " ");
  const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string =>
    [head, head.map(() => "---"), ...rows].map((row) => `| ${row.map(cell).join(" | ")} |`).join("\n");
  const sections: readonly (readonly [title: string, text: string])[] = [
    ["Result", result === "" ? "There is none yet." : result],
    [
      "Files",
      files.length === 0
        ? ""
        : [
            table(
              ["Path", "SHA-256"],
              files.map((it) => [`\`${it.path}\``, `\`${it.sha256}\``]),
            ),
            ...(commit === null ? [] : [`In the commit \`${commit}\`.`]),
          ].join("\n\n"),
    ],
    [
      "Phases",
      table(
        ["Phase", "Round", "Entered", "Left because"],
        phases.map((it) => [it.name, it.round, atText(it.enteredAt), it.reason]),
      ),
    ],
    [
      "Proposals",
      proposals.length === 0
        ? ""
        : table(
            ["Title", "By", "State", "Ballots"],
            proposals.map((it) => [
              it.title,
              it.author,
              it.state,
              it.ballots.map((b) => `${b.voter}: ${b.choice}${b.byDeadline ? " (by deadline)" : ""}`).join(", "),
            ]),
          ),
    ],
    [
      "Tasks",
      tasks.length === 0
        ? ""
        : table(
            ["Task", "Assignee", "Holder", "Fence", "State"],
            tasks.map((it) => [it.id, it.assignee ?? "nobody", it.claimedBy ?? "nobody", it.fence, it.state]),
          ),
    ],
    [
      "In figures",
      table(
        ["What", "How many"],
        [
          ["took", spanText(report.durationMs)],
          ["messages", report.messages],
          ["deliveries acted on", `${deliveries.acted} of ${deliveries.stored}`],
          ["deliveries given up", deliveries.dead],
          ["verdicts", `${verdicts.allowed} allowed, ${verdicts.refused} refused`],
          ["decided by models", decisions.byModel],
          ["decided by people", decisions.byHuman],
          ["decided by rules", decisions.byRule],
          ["decided by deadlines", decisions.byDeadline],
          ...Object.entries(report.tokens).map(([actor, { in: read, out }]): [string, string] => [
            `tokens of ${actor}`,
            `${read} read, ${out} written`,
          ]),
        ],
      ),
    ],
  ];
  const state = outcome === null ? "Under way." : `Ended: ${outcome.replaceAll("_", " ")}.`;
  const body = sections.filter(([, text]) => text !== "").map(([title, text]) => `## ${title}\n\n${text}\n`);
  return `# ${report.objective.replace(/\s+/g, " ")}\n\n${state}\n\n${body.join("\n")}`;
}
