/**
 * Where the page is, in its address behind `#`: `#/missions/ID?tab=thread`. A link to anything can be kept and given on.
 *
 * 1. What cannot be read is the first view, and never an error.
 * 2. The ticket of a first visit is no route, and is gone before anything reads the address.
 */
export const viewNames = [
  "inbox",
  "mesh",
  "actors",
  "timeline",
  "missions",
  "conversations",
  "tasks",
  "proposals",
  "charter",
  "messages",
  "turns",
  "costs",
  "memory",
  "access",
  "commands",
] as const;
export type ViewName = (typeof viewNames)[number];

export interface Route {
  readonly view: ViewName;
  /** What of it is shown: an id or a name; undefined: all of it. */
  readonly id: string | undefined;
  readonly params: Readonly<Record<string, string>>;
}

const first: Route = { view: "mesh", id: undefined, params: {} };
const maxLength = 4_000;

export function parseRoute(hash: string): Route {
  if (!hash.startsWith("#/") || hash.length > maxLength) return first;
  const [path = "", query = ""] = splitOnce(hash.slice(2), "?");
  const [name = "", id = ""] = splitOnce(path, "/");
  const view = viewNames.find((it) => it === name);
  if (view === undefined) return first;
  const params = Object.fromEntries(new URLSearchParams(query));
  return { view, id: id === "" ? undefined : decoded(id), params };
}

export function hrefOf(view: ViewName, id?: string, params: Readonly<Record<string, string | undefined>> = {}): string {
  const given = Object.entries(params).filter((it): it is [string, string] => it[1] !== undefined && it[1] !== "");
  const query = given.length === 0 ? "" : `?${new URLSearchParams(given)}`;
  return `#/${view}${id === undefined ? "" : `/${encodeURIComponent(id)}`}${query}`;
}

function splitOnce(text: string, at: string): readonly [string, string?] {
  const index = text.indexOf(at);
  return index === -1 ? [text] : [text.slice(0, index), text.slice(index + 1)];
}

function decoded(text: string): string | undefined {
  try {
    return decodeURIComponent(text);
  } catch {
    return undefined;
  }
}
