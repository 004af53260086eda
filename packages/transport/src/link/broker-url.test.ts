import { describe, expect, test } from "vitest";
import { parseBrokerUrl } from "./broker-url.ts";

const strict = { allowPlaintext: false };

describe("a broker URL", () => {
  test.each([
    ["stomp://127.0.0.1:61613", { scheme: "stomp", host: "127.0.0.1", port: 61_613 }],
    ["stomp://localhost", { scheme: "stomp", host: "localhost", port: 61_613 }],
    ["stomp://[::1]:7", { scheme: "stomp", host: "::1", port: 7 }],
    ["stomp+ssl://broker.example", { scheme: "stomp+ssl", host: "broker.example", port: 61_614 }],
    ["ws://127.0.0.1:61614/stomp", { scheme: "ws", host: "127.0.0.1", port: 61_614 }],
    ["wss://broker.example/stomp", { scheme: "wss", host: "broker.example", port: 443 }],
  ])("%s", (text, expected) => {
    expect(parseBrokerUrl(text, strict)).toMatchObject(expected);
  });

  test.each(["", "broker:61613", "http://broker", "tcp://broker:61613", "stomp://", "stomp://:1", "stomp://a:99999"])(
    "%j is refused",
    (text) => {
      expect(() => parseBrokerUrl(text, strict)).toThrow(/must look like/);
    },
  );

  test("credentials have no place in it, and are not repeated in the complaint", () => {
    expect(() => parseBrokerUrl("stomp://baby:hunter2@localhost:61613", strict)).toThrow(/must not hold credentials/);
    expect(() => parseBrokerUrl("stomp://baby:hunter2@localhost:61613", strict)).not.toThrow(/hunter2/);
  });

  test.each([
    "stomp://10.0.0.5:61613",
    "ws://broker.example",
    "stomp://localhost.example",
    "stomp://127.0.0.1.example",
  ])("%s sends the passcode in clear and needs to be allowed", (text) => {
    expect(() => parseBrokerUrl(text, strict)).toThrow(/plain text/);
    expect(parseBrokerUrl(text, { allowPlaintext: true }).text).toBe(text);
  });
});
