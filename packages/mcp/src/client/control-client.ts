/**
 * The control API for whoever is not the node itself: CLI, portal, extension, tests.
 *
 * 1. Every call has a call id before its first try. Interrupted, it is sent again under the same id until its time is
 *    up: the node answers with the outcome it recorded, so nothing happens twice.
 * 2. What comes back was parsed with the call's response schema; what is thrown is a MeshError with the node's code.
 */
import { type Control, type ControlName, type ControlResponse, control, MeshError, toolName } from "@federation/core";
import type { z } from "zod";
import type { AskPerson, OfferedTool } from "./connection.ts";
import type { Dial } from "./line.ts";
import { type ControlStatus, connectLink, type Link } from "./link.ts";
import { sleep } from "./sleep.ts";

/** What a caller writes: fields with a default may be left out. */
export type ControlArguments<N extends ControlName> = z.input<Control[N]["request"]>;

export interface ControlClientOptions {
  /** Opens each connection. */
  readonly dial: Dial;
  /** Name this client gives itself, for the node's log. */
  readonly program?: string | undefined;
  /** Shows questions of the node to the person at this client. */
  readonly askPerson?: AskPerson | undefined;
  readonly onStatus?: ((status: ControlStatus) => void) | undefined;
  /** Closes the client, or gives up its first connection. */
  readonly signal?: AbortSignal | undefined;
}

export interface CallOptions {
  /** Repeat a call whose answer was lost under its old id; made new when not given. */
  readonly callId?: string;
  /** All tries together, but for the time that a person takes who is asked meanwhile. 30 s when not given. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export interface ControlClient {
  /**
   * @throws MeshError with the node's code; `deadline_exceeded` when time is up; `unavailable` after `close`; the
   * abort reason of `signal`.
   */
  call<N extends ControlName>(
    name: N,
    request: ControlArguments<N>,
    options?: CallOptions,
  ): Promise<ControlResponse<N>>;
  /** As `call`, for a request that was put together at run time; the node refuses what does not fit. */
  callUntyped(name: ControlName, request: Readonly<Record<string, unknown>>, options?: CallOptions): Promise<unknown>;
  /**
   * A resource of the node, unparsed.
   * @throws MeshError with the node's code; `unavailable` when the connection is lost meanwhile, and after `close`; the
   * abort reason of `signal`.
   */
  read(uri: string, signal?: AbortSignal): Promise<unknown>;
  /** What the actor and its token may call, as the node offers it. @throws as `read`. */
  tools(signal?: AbortSignal): Promise<readonly OfferedTool[]>;
  status(): ControlStatus;
  close(): Promise<void>;
}

const defaultTimeoutMs = 30_000;
const pauseMs = 200;

/** @throws MeshError of the first dial. */
export async function connectControlClient(options: ControlClientOptions): Promise<ControlClient> {
  const { dial, program = "federation", askPerson, onStatus } = options;
  let status: ControlStatus = { state: "connecting", attempt: 1, lastError: undefined };
  const note = (next: ControlStatus): void => {
    status = next;
    onStatus?.(next);
  };
  const never = new AbortController().signal;
  const signal = options.signal ?? never;
  const link = await connectLink({ dial, program, askPerson, onStatus: note }, signal);
  const close = () => link.close(new MeshError("unavailable", "This client is closed."));
  const abort = () => void close();
  if (signal.aborted) await close();
  else signal.addEventListener("abort", abort, { once: true });
  return {
    call: async (name, request, callOptions = {}) => parseAnswer(name, await call(link, name, request, callOptions)),
    callUntyped: (name, request, callOptions = {}) => call(link, name, request, callOptions),
    read: async (uri, until = never) => (await link.connection(until)).readResource(uri, until),
    tools: async (until = never) => (await link.connection(until)).listTools(until),
    status: () => status,
    close: async () => {
      signal.removeEventListener("abort", abort);
      await close();
    },
  };
}

async function call(
  link: Link,
  name: ControlName,
  request: Readonly<Record<string, unknown>>,
  options: CallOptions,
): Promise<unknown> {
  const { callId = crypto.randomUUID(), timeoutMs = defaultTimeoutMs } = options;
  const startedMs = performance.now();
  const timeUp = AbortSignal.timeout(timeoutMs);
  const until = options.signal === undefined ? timeUp : AbortSignal.any([timeUp, options.signal]);
  let lost = "no connection";
  for (;;) {
    try {
      const connection = await link.connection(until);
      const answer = await connection.callTool({
        tool: toolName(name),
        arguments: request,
        callId,
        timeoutMs: Math.max(1, timeoutMs - (performance.now() - startedMs)),
        signal: options.signal,
      });
      if (answer.outcome === "answered") return answer.content;
      lost = answer.reason;
      await sleep(pauseMs, until);
      until.throwIfAborted();
    } catch (error) {
      options.signal?.throwIfAborted();
      if (error instanceof MeshError && error.code !== "deadline_exceeded") throw error;
      if (!(error instanceof MeshError) && !timeUp.aborted) throw MeshError.from(error);
      throw new MeshError(
        "deadline_exceeded",
        `${name} had no answer within ${timeoutMs} ms (${lost}); ask again under call id ${callId}.`,
        { cause: error, details: { callId } },
      );
    }
  }
}

interface Parser<T> {
  safeParse(
    value: unknown,
  ): { readonly success: true; readonly data: T } | { readonly success: false; readonly error: unknown };
}

/** The control list once more, in a shape in which the compiler sees that each name has its own answer. */
const answers: { readonly [N in ControlName]: { readonly response: Parser<ControlResponse<N>> } } = control;

function parseAnswer<N extends ControlName>(name: N, content: unknown): ControlResponse<N> {
  const parsed = answers[name].response.safeParse(content);
  if (parsed.success) return parsed.data;
  throw new MeshError("schema_mismatch", `The node's answer to ${name} has another form; bring both to one version.`, {
    cause: parsed.error,
  });
}
