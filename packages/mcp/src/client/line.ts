/** How a client reaches its node: a socket of Node, a socket of a browser, or the pipe through which an editor passes frames. */
import type { MeshError } from "@federation/core";
import type { Transport } from "@modelcontextprotocol/client";

/** One open way to a node. */
export interface Line {
  readonly transport: Transport;
  /** Resolves when it is gone: an error when coming back makes no sense. */
  readonly gone: Promise<{ readonly fatal: MeshError | undefined }>;
  /** Ends it at once, without a word. */
  drop(): void;
}

/** Opens a line. @throws MeshError; `unauthenticated` and `forbidden` end the client, others are tried again. */
export type Dial = (signal: AbortSignal) => Promise<Line>;
