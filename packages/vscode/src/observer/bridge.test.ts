import { EventEmitter } from "node:events";
import { MeshError } from "@federation/core";
import { type EditorMessage, editorMessageSchema, type PageMessage } from "@federation/portal/messages";
import { describe, expect, test } from "vitest";
import { type BridgedSocket, createBridge } from "./bridge.ts";

class Socket extends EventEmitter implements BridgedSocket {
  readonly url = "ws://127.0.0.1:7400/mcp";
  readonly sent: string[] = [];
  ended: "closed" | "terminated" | undefined;
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {
    this.ended = "closed";
  }
  terminate(): void {
    this.ended = "terminated";
  }
}

function setUp(open: () => Promise<Socket> = async () => new Socket()) {
  const posted: EditorMessage[] = [];
  const other: PageMessage[] = [];
  const sockets: Socket[] = [];
  const bridge = createBridge({
    open: async () => {
      const socket = await open();
      sockets.push(socket);
      return socket;
    },
    post: (message) => void posted.push(message),
    onMessage: (message) => void other.push(message),
  });
  return { bridge, posted, other, sockets };
}
const settled = () => new Promise<void>((resolve) => setImmediate(resolve));

describe("between the page and the node", () => {
  test("frames pass on their line, both ways", async () => {
    const { bridge, posted, sockets } = setUp();
    bridge.hear({ type: "dial", line: 1 });
    await settled();
    bridge.hear({ type: "frame", line: 1, text: "ask" });
    sockets[0]?.emit("message", Buffer.from("answer"), false);
    expect(sockets[0]?.sent).toEqual(["ask"]);
    expect(posted).toMatchObject([
      { type: "opened", line: 1, origin: "http://127.0.0.1:7400" },
      { type: "frame", line: 1, text: "answer" },
    ]);
  });

  test("what is no message of the page is not heard", async () => {
    const { bridge, posted, other } = setUp();
    for (const noise of [
      undefined,
      "dial",
      { type: "dial" },
      { type: "dial", line: 0 },
      { type: "dial", line: 2 ** 40 },
      { type: "open", line: 1 },
    ])
      bridge.hear(noise);
    await settled();
    expect([posted, other, bridge.lines()]).toEqual([[], [], 0]);
  });

  test("a refusal is told with the mesh's code", async () => {
    const { bridge, posted } = setUp(() => Promise.reject(new MeshError("unauthenticated", "Connect first.")));
    bridge.hear({ type: "dial", line: 1 });
    await settled();
    expect(posted).toEqual([{ type: "refused", line: 1, code: "unauthenticated", message: "Connect first." }]);
    expect(bridge.lines()).toBe(0);
  });

  test("a refusal of any length is one that the page hears", async () => {
    const { bridge, posted } = setUp(() => Promise.reject(new MeshError("unavailable", "x".repeat(100_000))));
    bridge.hear({ type: "dial", line: 1 });
    await settled();
    expect(editorMessageSchema.safeParse(posted[0]).success).toBe(true);
  });

  test("a fifth line is refused", async () => {
    const { bridge, posted, sockets } = setUp();
    for (const line of [1, 2, 3, 4, 5]) bridge.hear({ type: "dial", line });
    await settled();
    expect(sockets).toHaveLength(4);
    expect(posted).toContainEqual(expect.objectContaining({ type: "refused", line: 5, code: "limit_exceeded" }));
  });

  test("a number that comes again is a page loaded anew: its old line ends", async () => {
    const { bridge, sockets } = setUp();
    bridge.hear({ type: "dial", line: 1 });
    await settled();
    bridge.hear({ type: "dial", line: 1 });
    await settled();
    expect(sockets.map((it) => it.ended)).toEqual(["terminated", undefined]);
    expect(bridge.lines()).toBe(1);
  });

  test("the page hears the code with which the node closed", async () => {
    const { bridge, posted, sockets } = setUp();
    bridge.hear({ type: "dial", line: 1 });
    await settled();
    sockets[0]?.emit("close", 4403);
    expect(posted.at(-1)).toEqual({ type: "closed", line: 1, code: 4403 });
    expect(bridge.lines()).toBe(0);
  });

  test("a page that is gone leaves no socket, not even one that was still being opened", async () => {
    const late = Promise.withResolvers<Socket>();
    const opens = [Promise.resolve(new Socket()), late.promise];
    const { bridge, posted, sockets } = setUp(() => opens.shift() ?? late.promise);
    bridge.hear({ type: "dial", line: 1 });
    await settled();
    bridge.hear({ type: "dial", line: 2 });
    bridge.hangUp();
    late.resolve(new Socket());
    await settled();
    expect(sockets.map((it) => it.ended)).toEqual(["terminated", "terminated"]);
    expect(bridge.lines()).toBe(0);
    expect(posted.filter((it) => it.type === "opened")).toHaveLength(1);
  });
});
