import { type ControlClient, type ControlClientOptions, connectControlClient } from "./control-client.ts";
import { handshakeMs } from "./link.ts";
import { openSocket } from "./open-socket.ts";
import { socketLine } from "./socket-line.ts";

export interface ConnectControlOptions extends Omit<ControlClientOptions, "dial"> {
  /** `ws://127.0.0.1:7400/mcp`. */
  readonly url: string;
  readonly token: string;
  /** Allows plain text to another machine. */
  readonly insecure?: boolean;
}

/**
 * The control client of a program that runs in Node and has a token.
 * @throws MeshError `unavailable`, `unauthenticated`, `forbidden`, `limit_exceeded` or `config_invalid`.
 */
export async function connectControl(options: ConnectControlOptions): Promise<ControlClient> {
  const { url, token, insecure = false, ...rest } = options;
  return await connectControlClient({
    ...rest,
    dial: async (signal) => socketLine(await openSocket({ url, token, insecure, handshakeMs, signal })),
  });
}
