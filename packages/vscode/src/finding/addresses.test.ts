import { expect, test } from "vitest";
import { addressProblem, isHere } from "./addresses.ts";

test.each(["ws://127.0.0.1:7400/mcp", "ws://localhost:7400/mcp", "ws://[::1]:7400/mcp", "wss://node.example/mcp"])(
  "%s is an address",
  (url) => {
    expect(addressProblem(url)).toBeUndefined();
  },
);

test.each([
  ["127.0.0.1:7400", "is a URL"],
  ["node", "is a URL"],
  ["http://127.0.0.1:7400/mcp", "begins with ws://"],
  ["ws://node.example/mcp", "in plain text"],
  ["wss://me:secret@node.example/mcp", "secret does not belong"],
])("%s is none, and it is said why", (url, why) => {
  expect(addressProblem(url)).toContain(why);
});

test.each(["ws://127.0.0.1.evil.example/", "ws://localhost.evil.example/", "ws://10.0.0.1/", "nothing"])(
  "%s is not this machine",
  (url) => {
    expect(isHere(url)).toBe(false);
  },
);
