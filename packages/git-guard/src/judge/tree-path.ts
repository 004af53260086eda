/**
 * Names that no tree of ours may hold, whatever file system it is checked out on.
 *
 * 1. `.git` in any spelling: other cases, Windows' short name and stream, trailing dots and blanks, letters that a
 *    file system leaves out.
 * 2. Git's own check of objects refuses most of this on a server; it is repeated where files are written first.
 */
const MAX_PATH = 1_024;

/** Why this path must not be in a tree; undefined when it may. */
export function pathProblem(path: string): string | undefined {
  if (path.length === 0) return "the path is empty";
  if (path.length > MAX_PATH) return `the path has more than ${MAX_PATH} characters`;
  if (path.includes("\0")) return "the path holds a NUL";
  if (!path.isWellFormed()) return "the path has no form in UTF-8";
  if (path.startsWith("/")) return "the path is absolute";
  if (path.includes("\\")) return "the path holds a backslash, which is a separator on some systems";
  for (const name of path.split("/")) {
    if (name === "") return "the path has an empty segment";
    if (name === "." || name === "..") return "the path leaves its folder";
    if (isGitFolder(name)) return "the path reaches into .git";
  }
  return undefined;
}

/** Whether some file system takes this name for `.git`. */
export function isGitFolder(name: string): boolean {
  // HFS+ leaves out these; NTFS cuts off a stream, and dots and blanks at the end.
  const plain = name
    .replace(/[\p{Cf}\u{feff}]/gu, "")
    .replace(/:.*$/s, "")
    .replace(/[. ]+$/, "")
    .toLowerCase();
  return plain === ".git" || plain === "git~1";
}

/** The file that makes submodules, in the spellings above. */
export function isModulesFile(path: string): boolean {
  const name = path
    .replace(/[\p{Cf}\u{feff}]/gu, "")
    .replace(/:.*$/s, "")
    .replace(/[. ]+$/, "")
    .toLowerCase();
  return name === ".gitmodules" || /^gitmod~\d$/.test(name);
}

/**
 * Where a link at this path leads, inside the repository; undefined when it leads out of it, or when that cannot be
 * said without following other links.
 */
export function linkDestination(path: string, target: string): string | undefined {
  if (target === "" || target.startsWith("/") || target.includes("\\") || target.includes("\0")) return undefined;
  const place = path.split("/").slice(0, -1);
  const steps = target.split("/").filter((it) => it !== "." && it !== "");
  const ups = steps.findIndex((it) => it !== "..");
  const climbs = ups === -1 ? steps.length : ups;
  const rest = steps.slice(climbs);
  // Behind a name, `..` means the parent of whatever that name turns out to be.
  if (rest.includes("..") || climbs > place.length) return undefined;
  const destination = [...place.slice(0, place.length - climbs), ...rest];
  return destination.some(isGitFolder) ? undefined : destination.join("/");
}
