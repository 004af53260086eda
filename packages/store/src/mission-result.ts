import { z } from "zod";

/**
 * The artefact of a mission, as markdown: the objective, what was decided, what was made, who did what. All words in
 * it are the actors' own, quoted from their rows.
 */
const rowsSchema = z.looseObject({
  objective: z.string(),
  outcome: z.string().nullable(),
  report: z.string().nullable(),
  submission: z
    .object({
      author: z.string(),
      summary: z.string(),
      state: z.string(),
      reviewer: z.string().nullable(),
      reason: z.string().nullable(),
      commit: z.string().nullable(),
      files: z.array(z.object({ path: z.string(), sha256: z.string(), content: z.string() })),
    })
    .nullable(),
  proposals: z.array(
    z.looseObject({
      id: z.string(),
      author: z.string(),
      title: z.string(),
      text: z.string(),
      state: z.string(),
      ballots: z.array(
        z.looseObject({ voter: z.string(), choice: z.string(), reason: z.string(), byDeadline: z.boolean() }),
      ),
    }),
  ),
  tasks: z.array(
    z.looseObject({
      title: z.string(),
      assignee: z.string().nullable(),
      claimedBy: z.string().nullable(),
      state: z.string(),
    }),
  ),
  critiques: z.array(z.object({ author: z.string(), about: z.string().nullable(), text: z.string() })),
});

const quote = (text: string): string =>
  text
    .split("\n")
    .map((line) => `> ${line}`)
    .join("\n");

/** A fence longer than any run of backticks inside. */
function fenced(content: string): string {
  const longest = Math.max(2, ...[...content.matchAll(/`+/g)].map((m) => m[0].length));
  const fence = "`".repeat(longest + 1);
  return `${fence}\n${content.replace(/\n$/, "")}\n${fence}`;
}

/** The report record of the control API from the database's `mission_report`. */
export function composeResult(input: unknown): unknown {
  const rows = rowsSchema.parse(input);
  const decided = rows.proposals.find((p) => p.state === "accepted" || p.state === "adopted");
  const lines: string[] = [`# ${rows.objective}`, ""];
  lines.push(`Outcome: **${rows.outcome?.replaceAll("_", " ") ?? "still open"}**`, "");
  if (rows.report !== null) lines.push("## Report", "", rows.report, "");
  if (decided !== undefined)
    lines.push(
      `## Decision: ${decided.title}`,
      "",
      `Proposed by ${decided.author}, ${decided.state}.`,
      "",
      quote(decided.text),
      "",
    );
  if (rows.submission !== null) {
    lines.push(
      `## Result, ${rows.submission.state}`,
      "",
      `By ${rows.submission.author}.`,
      "",
      rows.submission.summary,
      "",
    );
    if (rows.submission.commit !== null) lines.push(`Committed as ${rows.submission.commit}.`, "");
    for (const file of rows.submission.files) lines.push(`### ${file.path}`, "", fenced(file.content), "");
    if (rows.submission.reviewer !== null)
      lines.push(`Reviewed by ${rows.submission.reviewer}:`, "", quote(rows.submission.reason ?? ""), "");
  }
  lines.push("## Who did what", "");
  for (const p of rows.proposals) {
    lines.push(`- ${p.author} proposed "${p.title}" (${p.state})`);
    for (const b of p.ballots)
      lines.push(`  - ${b.voter} voted ${b.choice}${b.byDeadline ? " (by the deadline)" : ""}`);
  }
  for (const c of rows.critiques) {
    const about = rows.proposals.find((p) => p.id === c.about);
    lines.push(`- ${c.author} criticised ${about === undefined ? "a proposal" : `"${about.title}"`}`);
  }
  for (const t of rows.tasks)
    lines.push(`- ${t.claimedBy ?? t.assignee ?? "nobody"} worked on "${t.title}" (${t.state})`);
  return {
    ...rows,
    result: lines.join("\n"),
    files: (rows.submission?.files ?? []).map(({ path, sha256 }) => ({ path, sha256 })),
    commit: rows.submission?.commit ?? null,
  };
}
