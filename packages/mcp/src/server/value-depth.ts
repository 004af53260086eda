/**
 * Whether a JSON value nests deeper than `max`, found level by level and without recursion: a schema that recurses
 * would overflow the stack on what this refuses.
 */
export function isDeeperThan(value: unknown, max: number): boolean {
  let level: readonly object[] = isContainer(value) ? [value] : [];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth === max) return true;
    level = level.flatMap((container) => Object.values(container).filter(isContainer));
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}
