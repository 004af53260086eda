import { inScope } from "./path-scope.ts";

const LONGEST = 60;

/**
 * Where a result that came without a file is written: a file named after its task, in the first place its scope has
 * room for. Undefined when every pattern names its files itself.
 */
export function resultPath(scope: readonly string[], title: string): string | undefined {
  const name = slug(title);
  const patterns = scope.length === 0 ? ["docs/**"] : scope;
  return patterns.map((pattern) => concrete(pattern, name)).find((path) => scope.length === 0 || inScope(scope, path));
}

/**
 * The path under which a file that its author named lies in its scope: where it was named, or else under its own last
 * name in the first place the scope has room for. Undefined when there is none.
 */
export function pathInScope(scope: readonly string[], path: string): string | undefined {
  if (scope.length === 0 || inScope(scope, path)) return path;
  const name = path.split("/").at(-1) ?? path;
  const folders = scope.map((pattern) => concrete(pattern, "result").split("/").slice(0, -1));
  const placed = folders.map((folder) => [...folder, name].join("/")).find((it) => inScope(scope, it));
  return placed ?? resultPath(scope, name);
}

/** A path that the pattern may stand for: `**` is nothing on the way and the file at the end. */
function concrete(pattern: string, name: string): string {
  const segments = pattern.split("/");
  return segments
    .flatMap((segment, at) => {
      if (segment === "**") return at === segments.length - 1 ? [`${name}.md`] : [];
      if (segment === "*" && at === segments.length - 1) return [`${name}.md`];
      return [segment.replaceAll("*", name)];
    })
    .join("/");
}

function slug(title: string): string {
  const words = title.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return words.join("-").slice(0, LONGEST).replace(/-$/, "") || "result";
}
