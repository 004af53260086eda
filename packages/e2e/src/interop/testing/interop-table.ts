/** The matrix as docs/mcp.md shows it: what is in it is checked, cell by cell, each time the tests run. */
import { checks } from "./checks.ts";
import { transports } from "./interop-client.ts";
import { kinds } from "./open-client.ts";

const begin = "<!-- the interoperability matrix -->";
const end = "<!-- end of the matrix -->";

export function sectionOf(document: string): string | undefined {
  const from = document.indexOf(begin);
  const to = document.indexOf(end, from);
  return from < 0 || to < 0 ? undefined : document.slice(from + begin.length, to).trim();
}

export function interopTable(): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  const heads = ["Client", "Transport", ...checks.map(({ name }) => name)];
  const rows = kinds.flatMap((kind) => transports.map((transport) => [kind, transport, ...checks.map(() => "yes")]));
  return [heads, heads.map(() => "---"), ...rows].map(line).join("\n");
}
