import { once } from "node:events";
import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { EventStream } from "./event-stream.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] }));
afterEach(() => void vi.useRealTimers());

const limits = { streamAliveMs: 50, maxUnreadBytes: 1000 };
const response = () => new ServerResponse(new IncomingMessage(new Socket()));

it("a stream leaves no timer behind, whether its client goes before it begins or after", async () => {
  const before = response();
  before.destroy();
  await once(before, "close");
  const stream = new EventStream(before, {}, limits);
  await new Promise((resolve) => setImmediate(resolve));
  expect([stream.open, vi.getTimerCount()]).toEqual([false, 0]);

  const after = response();
  const begun = new EventStream(after, {}, limits);
  expect([begun.open, vi.getTimerCount()]).toEqual([true, 1]);
  after.destroy();
  await once(after, "close");
  expect(vi.getTimerCount()).toBe(0);
});
