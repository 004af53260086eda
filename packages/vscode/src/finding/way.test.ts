import { expect, test } from "vitest";
import { httpUrl, sameWay, waySchema } from "./way.ts";

test("the same place is the same way, whatever else was said with it", () => {
  const noisy = waySchema.parse({ url: "ws://127.0.0.1:1/mcp", token: "secret", kind: "address" });
  expect(noisy).toEqual({ kind: "address", url: "ws://127.0.0.1:1/mcp" });
  expect(sameWay({ kind: "local", file: "/a" }, { kind: "local", file: "/a" })).toBe(true);
  expect(sameWay({ kind: "local", file: "/a" }, { kind: "joinFolder", folder: "/a" })).toBe(false);
});

test("the endpoint for HTTP is as secret as the one for WebSocket", () => {
  expect(httpUrl("ws://127.0.0.1:1/mcp")).toBe("http://127.0.0.1:1/mcp");
  expect(httpUrl("wss://node.example/mcp")).toBe("https://node.example/mcp");
});
