import { type ErrorCode, MeshError } from "@federation/core";
import pg from "pg";

/**
 * What PostgreSQL says, as a MeshError.
 *
 * 1. Class FD is ours: functions/00-errors.sql names the code, and the detail is JSON that is safe to show.
 * 2. A lost connection, a deadlock and a serialisation conflict may be repeated under the same call id.
 */
const ownCodes: Readonly<Record<string, ErrorCode>> = {
  FD001: "invalid_input",
  FD002: "unauthenticated",
  FD003: "forbidden",
  FD004: "refused",
  FD005: "not_found",
  FD006: "conflict",
  FD007: "fenced",
  FD008: "limit_exceeded",
};

/** Lost connections as Node and pg name them. */
const NETWORK = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ETIMEDOUT",
  "ENOTFOUND",
  "EHOSTUNREACH",
  "EAI_AGAIN",
  "ENOENT",
]);

function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** SQLSTATE, errno, or a word for the kind of failure: the label under which retries are counted. */
export function failureLabel(error: unknown): string {
  const state = sqlState(error);
  if (state !== undefined) return state;
  if (error instanceof Error && "code" in error && typeof error.code === "string") return error.code;
  return "connection";
}

export function isRetryable(error: unknown): boolean {
  const state = sqlState(error);
  if (state !== undefined)
    return (
      state.startsWith("08") || state.startsWith("57P0") || state === "40001" || state === "40P01" || state === "53300"
    );
  if (!(error instanceof Error)) return false;
  if ("code" in error && typeof error.code === "string" && NETWORK.has(error.code)) return true;
  return /Connection terminated|Query read timeout|timeout exceeded when trying to connect|Client has encountered a connection error/i.test(
    error.message,
  );
}

function parseDetails(detail: string | undefined): Readonly<Record<string, unknown>> {
  if (detail === undefined) return {};
  try {
    const parsed: unknown = JSON.parse(detail);
    return typeof parsed === "object" && parsed !== null ? { ...parsed } : {};
  } catch {
    return {};
  }
}

export function toMeshError(error: unknown): MeshError {
  if (error instanceof MeshError) return error;
  if (error instanceof pg.DatabaseError) {
    const own = error.code === undefined ? undefined : ownCodes[error.code];
    if (own !== undefined)
      return new MeshError(own, error.message, { cause: error, details: parseDetails(error.detail) });
    if (error.code === "42501")
      return new MeshError("forbidden", `The database refuses this login: ${error.message}.`, { cause: error });
    if (error.code === "28P01" || error.code === "28000")
      return new MeshError(
        "unauthenticated",
        "The database does not accept this login; check database.user and its password file.",
        { cause: error },
      );
    if (error.code === "3D000")
      return new MeshError("unavailable", "There is no such database; create it, then run: federation init.", {
        cause: error,
      });
    if (error.code === "3F000" || error.code === "42P01" || error.code === "42883")
      return new MeshError(
        "schema_mismatch",
        "The database has no Federation schema this build can use; run: federation db migrate.",
        { cause: error },
      );
    if (error.code === "23505")
      return new MeshError("conflict", "Something with this id is already there; make a new id.", { cause: error });
    if (error.code === "57014")
      return new MeshError("deadline_exceeded", "The database took too long over this; ask for less, or call again.", {
        cause: error,
      });
    if (error.code?.startsWith("22") || error.code?.startsWith("23"))
      return new MeshError("invalid_input", `The database refuses these values: ${error.message}.`, { cause: error });
    if (error.code?.startsWith("53"))
      return new MeshError("unavailable", `The database has run out of something: ${error.message}.`, { cause: error });
  }
  if (isRetryable(error))
    return new MeshError(
      "unavailable",
      `The database cannot be reached (${failureLabel(error)}); check that it runs and that its address is right.`,
      {
        cause: error,
      },
    );
  return MeshError.from(error);
}
