/**
 * Environment overrides: one name per option, taken from the option table, laid over the file before it is checked.
 */
import type { OptionRow } from "./option-table.ts";

export type Environment = Readonly<Record<string, string | undefined>>;
export type Tree = Record<string, unknown>;

export interface Overrides {
  /** Key → name of the variable it came from. */
  readonly sources: ReadonlyMap<string, string>;
  /** Names that begin like ours and mean nothing. */
  readonly unknown: readonly string[];
}

/** Names of the family that other parts of the project read. */
const otherNames = /^FEDERATION_TEST_/;

/** Lays `environment` over `file`, in place. An empty variable counts as not set. */
export function applyOverrides(file: Tree, environment: Environment, table: readonly OptionRow[]): Overrides {
  const sources = new Map<string, string>();
  for (const row of table) {
    const text = row.env === undefined ? undefined : environment[row.env];
    if (row.env === undefined || text === undefined || text === "") continue;
    setAt(file, row.key.split("."), overrideValue(text, row));
    sources.set(row.key, row.env);
  }
  const known = new Set(table.map((row) => row.env));
  const unknown = Object.keys(environment).filter(
    (name) => name.startsWith("FEDERATION_") && !known.has(name) && !otherNames.test(name),
  );
  return { sources, unknown };
}

function overrideValue(text: string, row: OptionRow): unknown {
  if (row.kind === "list") {
    return text
      .split(",")
      .map((part) => part.trim())
      .map((part) => (row.takes.startsWith("number") ? asNumber(part) : part));
  }
  if (row.takes.includes("number")) return asNumber(text);
  if (row.takes.includes("false") && (text === "true" || text === "false")) return text === "true";
  return text;
}

/** The number, or the text itself, which the schema then refuses by name. */
function asNumber(text: string): unknown {
  return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function setAt(tree: Tree, path: readonly string[], value: unknown): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  if (rest.length === 0) {
    tree[head] = value;
    return;
  }
  const child = tree[head];
  const branch = isTree(child) ? child : {};
  tree[head] = branch;
  setAt(branch, rest, value);
}

export function getAt(tree: unknown, path: readonly PropertyKey[]): unknown {
  let value: unknown = tree;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Object.hasOwn(value, part) ? Reflect.get(value, part) : undefined;
  }
  return value;
}
