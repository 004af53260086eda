/** Pure: the part of a document that a benchmark writes, between two marks. */

const end = "<!-- end of what is written -->";
/** `name`: of the benchmark, and after a colon which of its parts. */
function begin(name: string): string {
  const [bench = "", part] = name.split(": ");
  return `<!-- written by \`pnpm bench ${bench}\`${part === undefined ? "" : `: ${part}`} -->`;
}

/** What stands between the marks of this name, without them; undefined when it has none. */
export function sectionOf(document: string, name: string): string | undefined {
  const found = find(document, name);
  return found === undefined ? undefined : document.slice(found.from, found.to).trim();
}

/** @throws when the document has no marks of this name. */
export function withSection(document: string, name: string, section: string): string {
  const found = find(document, name);
  if (found === undefined) throw new Error(`the document has no ${begin(name)} … ${end}`);
  return `${document.slice(0, found.from)}\n\n${section}\n\n${document.slice(found.to)}`;
}

function find(document: string, name: string): { readonly from: number; readonly to: number } | undefined {
  const mark = document.indexOf(begin(name));
  if (mark < 0) return undefined;
  const from = mark + begin(name).length;
  const to = document.indexOf(end, from);
  return to < 0 ? undefined : { from, to };
}

export function markdownTable(heads: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [line(heads), line(heads.map(() => "---")), ...rows.map(line)].join("\n");
}
