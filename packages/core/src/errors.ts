/**
 * The one error of the mesh.
 *
 * 1. The codes are a closed list: a caller may switch over them and the compiler says when one is missing.
 * 2. A message is one sentence that says what is wrong and what to do about it; it never holds a secret.
 * 3. Expected endings (a refusal, a lost claim) are values, not errors; see `verdict.ts`.
 */

/** code → what it means to the caller. */
export const errorCodes = {
  invalid_input: "The request is malformed or out of bounds; correct it and call again.",
  unauthenticated: "The credential is missing, unknown, expired or revoked.",
  forbidden: "The actor has no right to this action.",
  refused: "An article of the charter refuses this action in the present state.",
  not_found: "No such thing, or none that this actor may see.",
  conflict: "The state has moved on since the caller looked; read it again.",
  fenced: "A newer holder, generation or epoch has taken over; stop writing.",
  limit_exceeded: "A quota, budget or rate is used up; wait or ask for less.",
  unavailable: "A part the call needs is away; it is being retried, call again later.",
  deadline_exceeded: "The call took longer than its deadline.",
  config_invalid: "The configuration has an unknown key, a bad value or a missing secret.",
  schema_mismatch: "This build and the database schema do not serve each other.",
  model_invalid: "The model file is missing, truncated, corrupt or not what the catalogue names.",
  internal: "A defect in the Federation; the log has the cause.",
} as const;

export type ErrorCode = keyof typeof errorCodes;

export interface MeshErrorOptions {
  readonly cause?: unknown;
  /** Machine-readable particulars that are safe to show to the caller. */
  readonly details?: Readonly<Record<string, unknown>>;
}

export class MeshError extends Error {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, options: MeshErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "MeshError";
    this.code = code;
    this.details = options.details ?? {};
  }

  /** A MeshError stays what it is; anything else becomes `internal` with the thing as its cause. */
  static from(thrown: unknown): MeshError {
    if (thrown instanceof MeshError) return thrown;
    const text = thrown instanceof Error ? thrown.message : String(thrown);
    return new MeshError("internal", text, { cause: thrown });
  }
}

/** True for a code of the closed list: for values that crossed a wire. */
export function isErrorCode(value: unknown): value is ErrorCode {
  return typeof value === "string" && Object.hasOwn(errorCodes, value);
}

const undone: ReadonlySet<ErrorCode> = new Set([
  "invalid_input",
  "forbidden",
  "refused",
  "not_found",
  "conflict",
  "limit_exceeded",
]);

/** Whether a call that ended so has surely done nothing; after any other error it may have gone through. */
export function isSurelyUndone(code: ErrorCode): boolean {
  return undone.has(code);
}
