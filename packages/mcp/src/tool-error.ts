/**
 * A MeshError on the wire: a tool result with `isError`, readable for a model and exact for a program.
 *
 * 1. The text says the code, the sentence and the particulars; `_meta["federation/error"]` holds them as data. They
 *    are not `structuredContent`: clients of the 2025 line check that against the tool's output schema, even here.
 * 2. What is not a MeshError, and a MeshError `internal`, leaves no word of its own: it may hold anything.
 */
import { type ErrorCode, errorCodes, isErrorCode, MeshError } from "@federation/core";
import { errorMetaKey } from "./meta-keys.ts";

const maxDetailsLength = 4096;

export interface WireError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly details: Readonly<Record<string, unknown>>;
}

/** What a caller may learn of `thrown`. */
export function toWireError(thrown: unknown, callId: string): WireError {
  const error = MeshError.from(thrown);
  if (error.code === "internal") return { code: "internal", message: errorCodes.internal, details: { callId } };
  const fits = JSON.stringify(error.details).length <= maxDetailsLength;
  return { code: error.code, message: error.message, details: fits ? error.details : {} };
}

export function toErrorResult(error: WireError) {
  const details = Object.keys(error.details).length === 0 ? "" : `\n${JSON.stringify(error.details)}`;
  return {
    isError: true,
    content: [{ type: "text" as const, text: `${error.code}: ${error.message}${details}` }],
    _meta: { [errorMetaKey]: error },
  };
}

/** The error a result carries, or `internal` when it says nothing we know. */
export function fromErrorResult(result: { readonly _meta?: unknown; readonly content?: unknown }): MeshError {
  const unknown = "The daemon answered with an error of unknown form.";
  return (
    fromWireError(property(result._meta, errorMetaKey)) ?? new MeshError("internal", unknown, { details: { result } })
  );
}

/** The error that this data is, if it is one: of a result, or of a refusal of the protocol. */
export function fromWireError(data: unknown): MeshError | undefined {
  const code = property(data, "code");
  const message = property(data, "message");
  const details = property(data, "details");
  if (!isErrorCode(code) || typeof message !== "string") return undefined;
  return new MeshError(code, message, { details: isRecord(details) ? details : {} });
}

function property(value: unknown, key: string): unknown {
  return isRecord(value) && Object.hasOwn(value, key) ? value[key] : undefined;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
