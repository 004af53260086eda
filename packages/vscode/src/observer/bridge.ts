/**
 * Between the page in a webview and the node: what the page says is parsed, its frames go over sockets that the
 * extension opened with the token.
 *
 * 1. The page is told frames, close codes and where its node is, and never the token; nor can it name where a socket
 *    leads.
 * 2. A page has few lines open; a line whose number comes again is a page that was loaded anew, and the old one ends.
 * 3. When the page is gone, so are its sockets.
 */
import { MeshError } from "@federation/core";
import { type EditorMessage, maxReason, type PageMessage, pageMessageSchema } from "@federation/portal/messages";
import { httpUrl } from "../finding/way.ts";

/** What of a socket is used here; `ws` has it. */
export interface BridgedSocket {
  /** Where it leads. */
  readonly url: string;
  send(text: string): void;
  close(): void;
  terminate(): void;
  on(event: "message", listener: (data: unknown, binary: boolean) => void): unknown;
  on(event: "close", listener: (code: number) => void): unknown;
  on(event: "error", listener: () => void): unknown;
}

export interface BridgeOptions {
  /** Opens a socket to the node. @throws MeshError that the page is told. */
  readonly open: (signal: AbortSignal) => Promise<BridgedSocket>;
  readonly post: (message: EditorMessage) => void;
  /** What is not about lines. */
  readonly onMessage: (message: Exclude<PageMessage, { readonly type: "dial" | "frame" | "hangUp" }>) => void;
}

export interface Bridge {
  /** Takes whatever the page sent. */
  hear(message: unknown): void;
  lines(): number;
  /** The page is gone: every line ends at once. */
  hangUp(): void;
}

/** The page has one; another may be on its way out. */
const maxLines = 4;

interface OpenLine {
  readonly abort: AbortController;
  socket: BridgedSocket | undefined;
}

export function createBridge({ open, post, onMessage }: BridgeOptions): Bridge {
  const lines = new Map<number, OpenLine>();

  function end(number: number): void {
    const line = lines.get(number);
    if (line === undefined) return;
    lines.delete(number);
    line.abort.abort();
    line.socket?.terminate();
  }

  async function dial(number: number): Promise<void> {
    end(number);
    if (lines.size >= maxLines) {
      post({ type: "refused", line: number, code: "limit_exceeded", message: "This page has too many lines open." });
      return;
    }
    const line: OpenLine = { abort: new AbortController(), socket: undefined };
    lines.set(number, line);
    let socket: BridgedSocket;
    try {
      socket = await open(line.abort.signal);
    } catch (thrown) {
      if (lines.get(number) !== line) return;
      lines.delete(number);
      const { code, message } = MeshError.from(thrown);
      post({ type: "refused", line: number, code, message: message.slice(0, maxReason) });
      return;
    }
    if (lines.get(number) !== line) {
      // The page hung up, or is gone.
      socket.terminate();
      return;
    }
    line.socket = socket;
    socket.on("message", (data, binary) => {
      if (lines.get(number) === line && !binary) post({ type: "frame", line: number, text: String(data) });
    });
    socket.on("close", (code) => {
      if (lines.get(number) !== line) return;
      lines.delete(number);
      post({ type: "closed", line: number, code });
    });
    // Whatever it is, a close follows.
    socket.on("error", () => {});
    post({ type: "opened", line: number, origin: new URL(httpUrl(socket.url)).origin });
  }

  return {
    hear(message) {
      const parsed = pageMessageSchema.safeParse(message);
      if (!parsed.success) return;
      const said = parsed.data;
      switch (said.type) {
        case "dial":
          void dial(said.line);
          return;
        case "frame":
          lines.get(said.line)?.socket?.send(said.text);
          return;
        case "hangUp": {
          const line = lines.get(said.line);
          // The page hears the close, as from any socket.
          if (line?.socket !== undefined) line.socket.close();
          else end(said.line);
          return;
        }
        default:
          onMessage(said);
      }
    },
    lines: () => lines.size,
    hangUp() {
      for (const number of [...lines.keys()]) end(number);
    },
  };
}
