import { type ArticleId, articleIds } from "@federation/core";
import { type Kind, kinds } from "./vote-grounds.ts";

/** What each attack ended with, in the order in which they were made; printed as the table of docs/charter.md. */
type Cells = Readonly<Partial<Record<Kind, readonly string[]>>>;

const rows = new Map<string, { readonly against: ArticleId; readonly gate: Cells; readonly database: Cells }>();

export function record(
  { what, against }: { readonly what: string; readonly against: ArticleId },
  kind: Kind,
  gate: readonly string[],
  database: readonly string[],
): void {
  const row = rows.get(what) ?? { gate: {}, database: {} };
  rows.set(what, { against, gate: { ...row.gate, [kind]: gate }, database: { ...row.database, [kind]: database } });
}

export function printAttacks(): void {
  const head = ["| attack | on | against | gate | database |", "|---|---|---|---|---|"];
  const lines = [...rows].map(([what, { against, gate, database }]) => {
    const on = kinds.filter((kind) => kind in gate).join(", ");
    return `| ${what} | ${on} | \`${against}\` | ${cell(gate)} | ${cell(database)} |`;
  });
  process.stdout.write(`\n${[...head, ...lines].join("\n")}\n`);
}

/** Where a plan and a motion have the same end, it is said once. */
function cell(cells: Cells): string {
  const texts = kinds.flatMap((kind) => {
    const ends = cells[kind];
    return ends === undefined ? [] : [{ kind, text: ends.map(inWords).join(", ") }];
  });
  const [first, second] = texts;
  return second === undefined || first?.text === second.text
    ? (first?.text ?? "")
    : texts.map(({ kind, text }) => `${kind}: ${text}`).join("; ");
}

/** The article in code, after the code of the refusal. */
function inWords(end: string): string {
  if (end === "done" || end === "done again") return "answered as the first time";
  const article = articleIds.find((id) => end.endsWith(` ${id}`));
  return article === undefined ? end : end.replace(article, `\`${article}\``);
}
