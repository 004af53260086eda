/**
 * The page's one connection to its node, through whatever happens to it.
 *
 * 1. The first connection is tried again like every later one; only a node that lets nobody in with what the page has
 *    ends it.
 * 2. A line that answers nothing is dropped: after a sleep of the machine, or where a network ends without a word, it may
 *    look open for minutes. Who looks is asked for at once when they come back, and every `lookEveryMs` while they stay.
 */
import { MeshError } from "@federation/core";
import { type AskPerson, type ControlClient, connectControlClient } from "@federation/mcp/client/web";
import { type ReadonlySignal, signal } from "@preact/signals";
import type { Home } from "../home/home.ts";

export type Connection =
  | { readonly state: "connecting"; readonly sinceMs: number; readonly lastError: string | undefined }
  | { readonly state: "connected"; readonly sinceMs: number }
  /** For good: a person has to get a new link, or to give another token. */
  | { readonly state: "over"; readonly reason: string };

export interface Mesh {
  readonly connection: ReadonlySignal<Connection>;
  /** The client, once the first connection is made. Never rejects but when the mesh is over. */
  readonly client: Promise<ControlClient>;
  /** Called after each connection, when the page may ask again. */
  onConnected(listener: (client: ControlClient) => void): void;
}

const retryMs = 1_000;
const probeMs = 3_000;
const lookEveryMs = 10_000;
/** Nobody came back just now: the node may have much to do. */
const patientProbeMs = 8_000;
const renewEveryMs = 3_600_000;

export function createMesh(home: Home, askPerson: AskPerson): Mesh {
  const connection = signal<Connection>({ state: "connecting", sinceMs: Date.now(), lastError: undefined });
  const listeners = new Set<(client: ControlClient) => void>();
  const stop = new AbortController();
  const ready = Promise.withResolvers<ControlClient>();
  ready.promise.catch(() => {});
  let dropLine = (): void => {};
  let client: ControlClient | undefined;

  const over = (reason: string): void => {
    connection.value = { state: "over", reason };
    ready.reject(new MeshError("unauthenticated", reason));
    stop.abort();
  };
  const lost = (lastError: string | undefined): void => {
    const before = connection.peek();
    if (before.state === "over") return;
    const sinceMs = before.state === "connecting" ? before.sinceMs : Date.now();
    connection.value = { state: "connecting", sinceMs, lastError };
  };

  async function admitted(to: ControlClient): Promise<void> {
    await home.admitted(to);
    connection.value = { state: "connected", sinceMs: Date.now() };
    for (const listener of listeners) listener(to);
  }

  async function connect(): Promise<void> {
    while (!stop.signal.aborted) {
      try {
        client = await connectControlClient({
          program: "federation-portal",
          askPerson,
          signal: stop.signal,
          dial: async (signal) => {
            const line = await home.dial(signal);
            dropLine = () => line.drop();
            return line;
          },
          onStatus: (status) => {
            if (status.state === "connecting") lost(status.lastError);
            else if (status.state === "closed") over(status.reason);
            // Its first connection is told below, when there is a client to tell of.
            else if (client !== undefined) void admitted(client).catch(admissionFailed);
          },
        });
        ready.resolve(client);
        await admitted(client).catch(admissionFailed);
        return;
      } catch (thrown) {
        const error = MeshError.from(thrown);
        if (stop.signal.aborted) return;
        if (error.code === "unauthenticated" || error.code === "forbidden") {
          over(error.message);
          return;
        }
        lost(error.message);
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  /** The secret could not be renewed: with the next connection it is tried again. */
  function admissionFailed(thrown: unknown): void {
    lost(MeshError.from(thrown).message);
    dropLine();
  }

  async function probe(timeoutMs: number): Promise<void> {
    const before = connection.peek();
    if (before.state !== "connected" || document.visibilityState !== "visible") return;
    try {
      await client?.call("GetStatus", {}, { timeoutMs });
    } catch (thrown) {
      // Where the line is another by now, this one says nothing of it.
      if (MeshError.from(thrown).code === "deadline_exceeded" && connection.peek() === before) dropLine();
    }
  }

  const look = (): void => void probe(probeMs);
  document.addEventListener("visibilitychange", look);
  window.addEventListener("online", look);
  setInterval(() => void probe(patientProbeMs), lookEveryMs);
  setInterval(() => {
    if (client !== undefined && connection.peek().state === "connected")
      void home.admitted(client).catch(admissionFailed);
  }, renewEveryMs);
  void connect();

  return {
    connection,
    client: ready.promise,
    onConnected: (listener) => void listeners.add(listener),
  };
}
