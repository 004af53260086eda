/** Pure: the part of a document that a benchmark writes, between two marks. */

const end = "<!-- end of what is written -->";
const begin = (bench: string): string => `<!-- written by \`pnpm bench ${bench}\` -->`;

/** What stands between the marks of this benchmark, without them; undefined when it has none. */
export function sectionOf(document: string, bench: string): string | undefined {
  const found = find(document, bench);
  return found === undefined ? undefined : document.slice(found.from, found.to).trim();
}

/** @throws when the document has no marks of this benchmark. */
export function withSection(document: string, bench: string, section: string): string {
  const found = find(document, bench);
  if (found === undefined) throw new Error(`the document has no ${begin(bench)} … ${end}`);
  return `${document.slice(0, found.from)}\n\n${section}\n\n${document.slice(found.to)}`;
}

function find(document: string, bench: string): { readonly from: number; readonly to: number } | undefined {
  const mark = document.indexOf(begin(bench));
  if (mark < 0) return undefined;
  const from = mark + begin(bench).length;
  const to = document.indexOf(end, from);
  return to < 0 ? undefined : { from, to };
}

export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
