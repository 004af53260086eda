import { type ErrorCode, MeshError } from "@federation/core";
import {
  type CallToolResult,
  Client,
  ProtocolError,
  ResourceNotFoundError,
  SdkError,
  SdkErrorCode,
} from "@modelcontextprotocol/client";
import { callIdMetaKey } from "../meta-keys.ts";
import { fromErrorResult, fromWireError } from "../tool-error.ts";
import type { Line } from "./line.ts";
import { raceAbort } from "./race-abort.ts";

/** The one revision this client speaks: every request stands alone, so a node may change its logic between two. */
export const protocolVersion = "2026-07-28";

export interface ToolRequest {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  readonly callId: string;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** `interrupted`: the answer was lost or the node's logic is changing; the same call id may be sent again. */
export type ToolAnswer =
  | { readonly outcome: "answered"; readonly content: unknown }
  | { readonly outcome: "interrupted"; readonly reason: string };

/** A question of the node to the person at this client, as a form of primitive fields. */
export interface PersonQuestion {
  readonly message: string;
  readonly schema: unknown;
}
export type PersonAnswer =
  | { readonly action: "accept"; readonly content: Record<string, string | number | boolean | string[]> }
  | { readonly action: "decline" | "cancel" };
/**
 * @param signal aborts when nobody waits for the answer any more: the call was given up, or the client is closed. A
 * connection that is lost meanwhile aborts nothing; the call is repeated on the next one, and asks again.
 */
export type AskPerson = (question: PersonQuestion, signal: AbortSignal) => Promise<PersonAnswer>;

export interface ConnectionOptions {
  /** Name this client gives itself, for the node's log. */
  readonly program: string;
  readonly timeoutMs: number;
  /** Shows questions of the node; without it the node is told that nobody can be asked here. */
  readonly askPerson?: AskPerson | undefined;
  /** Aborts when the client is closed, with what its calls are told: a question outlives the connection it came over. */
  readonly closed: AbortSignal;
}

/** What of a tool this client makes use of. */
export interface OfferedTool {
  readonly name: string;
  readonly inputSchema: unknown;
}

export interface Connection {
  /** @throws MeshError of the call itself; the abort reason of its signal. */
  callTool(request: ToolRequest): Promise<ToolAnswer>;
  /** @throws MeshError with the node's code; the abort reason of `signal`. */
  readResource(uri: string, signal: AbortSignal): Promise<unknown>;
  /** What the actor and its token may call. @throws as `readResource`. */
  listTools(signal: AbortSignal): Promise<readonly OfferedTool[]>;
  /** Resolves when the connection is gone: an error when coming back makes no sense. */
  readonly gone: Promise<{ readonly fatal: MeshError | undefined }>;
  close(): Promise<void>;
}

/** JSON-RPC codes of a daemon's substrate: its logic is restarting; too many calls. */
const unavailableCode = -32010;
const limitCode = -32029;

/** Speaks MCP over an open line. @throws MeshError `unavailable` when the other side does not. */
export async function connectConnection(line: Line, options: ConnectionOptions): Promise<Connection> {
  const { program, timeoutMs, askPerson, closed } = options;
  let open = true;
  void line.gone.then(() => {
    open = false;
  });
  const client = new Client(
    { name: program, version: "0.1.0" },
    {
      versionNegotiation: { mode: { pin: protocolVersion } },
      ...(askPerson === undefined ? {} : { capabilities: { elicitation: { form: {} } } }),
    },
  );
  if (askPerson !== undefined) {
    client.setRequestHandler("elicitation/create", async ({ params }, { mcpReq }) => {
      // The node shows questions as forms; another kind has no answer here.
      if (params.mode === "url") return { action: "cancel" };
      const signal = AbortSignal.any([mcpReq.signal, closed]);
      const question = { message: params.message, schema: params.requestedSchema };
      return await raceAbort(askPerson(question, signal), signal);
    });
  }
  try {
    await client.connect(line.transport, { timeout: timeoutMs });
  } catch (error) {
    line.drop();
    // It may have opened the line only to say that it lets nobody in with what was shown.
    const ended = await Promise.race([line.gone, Promise.resolve(undefined)]);
    if (ended?.fatal !== undefined) throw ended.fatal;
    throw new MeshError("unavailable", "The node took the connection but does not speak MCP yet.", { cause: error });
  }

  async function callTool(request: ToolRequest): Promise<ToolAnswer> {
    let result: CallToolResult;
    try {
      const _meta = { [callIdMetaKey]: request.callId };
      result = await client.request(
        { method: "tools/call", params: { name: request.tool, arguments: { ...request.arguments }, _meta } },
        { timeout: request.timeoutMs, ...(request.signal === undefined ? {} : { signal: request.signal }) },
      );
    } catch (error) {
      request.signal?.throwIfAborted();
      if (isSdkError(error, SdkErrorCode.RequestTimeout)) {
        throw new MeshError("deadline_exceeded", "The node did not answer in time; ask again under the same call id.");
      }
      if (!open || isSdkError(error, SdkErrorCode.ConnectionClosed)) {
        return { outcome: "interrupted", reason: "the connection was lost" };
      }
      if (error instanceof ProtocolError && error.code === unavailableCode) {
        return { outcome: "interrupted", reason: error.message };
      }
      throw fromProtocol(error);
    }
    if (result.isError === true) {
      const error = fromErrorResult(result);
      // The node's substrate answers for a logic that is away: the call is settled under its call id.
      if (error.details["node"] === "away") return { outcome: "interrupted", reason: error.message };
      throw error;
    }
    return { outcome: "answered", content: result.structuredContent };
  }

  /** One request that changes nothing. */
  async function ask<T>(signal: AbortSignal, request: (options: object) => Promise<T>): Promise<T> {
    try {
      return await request({ timeout: timeoutMs, signal });
    } catch (error) {
      signal.throwIfAborted();
      if (!open || isSdkError(error, SdkErrorCode.ConnectionClosed))
        throw new MeshError("unavailable", "The connection was lost; ask again.", { cause: error });
      if (isSdkError(error, SdkErrorCode.RequestTimeout))
        throw new MeshError("deadline_exceeded", "The node did not answer in time; ask again.", { cause: error });
      throw fromProtocol(error);
    }
  }

  async function readResource(uri: string, signal: AbortSignal): Promise<unknown> {
    const { contents } = await ask(signal, (options) => client.readResource({ uri }, options));
    const [first] = contents;
    if (first === undefined || !("text" in first)) throw new MeshError("not_found", `The node has no ${uri}.`);
    try {
      return JSON.parse(first.text);
    } catch (error) {
      throw new MeshError("schema_mismatch", `${uri} has another form than JSON; bring both to one version.`, {
        cause: error,
      });
    }
  }

  async function listTools(signal: AbortSignal): Promise<readonly OfferedTool[]> {
    const { tools } = await ask(signal, (options) => client.listTools(undefined, options));
    return tools;
  }

  return { callTool, readResource, listTools, gone: line.gone, close: () => client.close() };
}

function isSdkError(error: unknown, code: SdkErrorCode): boolean {
  return error instanceof SdkError && error.code === code;
}

const codes: Readonly<Record<number, ErrorCode>> = { [limitCode]: "limit_exceeded", [unavailableCode]: "unavailable" };

function fromProtocol(error: unknown): MeshError {
  if (isSdkError(error, SdkErrorCode.InvalidResult))
    return new MeshError("schema_mismatch", "The node's answer has another form; bring both to one version.", {
      cause: error,
    });
  if (!(error instanceof ProtocolError)) return MeshError.from(error);
  if (error instanceof ResourceNotFoundError) return new MeshError("not_found", error.message, { cause: error });
  const code = codes[error.code] ?? "invalid_input";
  return fromWireError(error.data) ?? new MeshError(code, error.message, { cause: error });
}
