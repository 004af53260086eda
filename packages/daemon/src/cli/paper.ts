/**
 * What human output is written on. Every text from the mesh passes `oneLine` or `plainText` here: it is untrusted.
 */
import { createColors } from "picocolors";
import { columnsOf, oneLine, padToColumns, plainText } from "../timeline/plain-text.ts";

export interface Paper {
  readonly colours: ReturnType<typeof createColors>;
  /** Columns of the terminal; undefined when nobody looks. */
  readonly columns: number | undefined;
  /** By which actors have their colours. */
  readonly ordinals: Map<string, number>;
}

export function createPaper(options: { readonly colours: boolean; readonly columns: number | undefined }): Paper {
  return { colours: createColors(options.colours), columns: options.columns, ordinals: new Map() };
}

export type Cell = string | number | boolean | null | undefined;

/** Columns of left-aligned cells under a head; `none` when there are no rows. */
export function table(paper: Paper, head: readonly string[], rows: readonly (readonly Cell[])[], none: string): string {
  if (rows.length === 0) return paper.colours.dim(none);
  const cells = rows.map((row) => row.map(cellText));
  const widths = head.map((title, column) =>
    Math.max(columnsOf(title), ...cells.map((row) => columnsOf(row[column] ?? ""))),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : padToColumns(cell, widths[column] ?? 0)))
      .join("  ")
      .trimEnd();
  return [paper.colours.bold(line(head)), ...cells.map(line)].join("\n");
}

/** One name and value a line, values aligned; empty values are left out. */
export function fields(paper: Paper, pairs: readonly (readonly [name: string, value: Cell])[]): string {
  const told = pairs.map(([name, value]) => [name, cellText(value)] as const).filter(([, value]) => value !== "");
  const width = Math.max(0, ...told.map(([name]) => columnsOf(name)));
  return told.map(([name, value]) => `${paper.colours.dim(padToColumns(name, width))}  ${value}`).join("\n");
}

/** Somebody's words, set off by a margin that they cannot fake. */
export function quote(paper: Paper, text: string): string {
  const lines = plainText(text).trimEnd().split("\n");
  return lines.map((line) => `${paper.colours.dim("│")} ${line}`).join("\n");
}

export function heading(paper: Paper, text: string): string {
  return paper.colours.bold(oneLine(text));
}

/** Parts with an empty line between them; empty ones are left out. */
export function sections(...parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

/** `2026-01-02T03:04:05.678Z` → `2026-01-02 03:04:05`, in UTC as the database gave it. */
export function timeText(iso: string | null): string {
  return iso === null ? "" : iso.slice(0, 19).replace("T", " ");
}

function cellText(cell: Cell): string {
  if (cell === null || cell === undefined) return "";
  if (typeof cell === "boolean") return cell ? "yes" : "no";
  return oneLine(String(cell));
}
