import { MeshError } from "../errors.ts";
import { MAX_JSON_DEPTH } from "../text.ts";
import { type ControlName, type ControlRequest, control } from "./list.ts";

/**
 * A request of the control API, checked.
 *
 * 1. Size and depth are bounded before any schema sees the value: schemas answer every bad item with an issue of its
 *    own, and may recurse.
 * 2. What comes back to the caller names the first five faults, in at most 1 KiB.
 */
const MAX_NODES = 2_000;
const MAX_ISSUES = 5;
const MAX_MESSAGE = 1_024;

/** @throws MeshError `invalid_input` */
export function parseControlRequest<N extends ControlName>(name: N, value: unknown): ControlRequest<N> {
  refuseOversize(name, value);
  const parsed = control[name].request.safeParse(value ?? {});
  // The compiler cannot see that the schema and the type were picked by the same name.
  if (parsed.success) return parsed.data as ControlRequest<N>;
  const issues = parsed.error.issues.slice(0, MAX_ISSUES);
  const faults = issues.map(({ path, message }) => (path.length === 0 ? message : `${path.join(".")}: ${message}`));
  const more = parsed.error.issues.length - issues.length;
  throw new MeshError(
    "invalid_input",
    `${name}: ${faults.join("; ")}${more > 0 ? `; and ${more} more` : ""}.`.slice(0, MAX_MESSAGE),
  );
}

function refuseOversize(name: string, value: unknown): void {
  let level: unknown[] = [value];
  let nodes = 0;
  for (let depth = 0; level.length > 0; depth++) {
    nodes += level.length;
    if (nodes > MAX_NODES || depth > MAX_JSON_DEPTH)
      throw new MeshError("invalid_input", `${name}: the request is too large or too deeply nested; ask for less.`);
    level = level.flatMap((v) => (typeof v === "object" && v !== null ? Object.values(v) : []));
  }
}
