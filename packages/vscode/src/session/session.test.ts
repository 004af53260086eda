/** The session at a real MCP endpoint on loopback; what its node answers is given by the test. */
import type { ControlName } from "@federation/core";
import { createHandFedControl, startControlEndpoint } from "@federation/mcp/testing";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { type Session, type SessionOptions, startSession } from "./session.ts";

const token = "t".repeat(32);
const quiet = { info: () => {}, warn: () => {}, debug: () => {} };
const event = {
  cursor: "1.1.1",
  at: "2026-11-28T12:00:00.000Z",
  kind: "ApprovalAsked",
  actor: "baby",
  conversation: null,
  subject: null,
  data: {},
};

async function nodeWith(events: () => readonly object[]) {
  const control = createHandFedControl();
  let given = 0;
  control.on("ListWaiting", () => ({ items: [], unread: 0 }));
  control.on("ListEvents", (request) => {
    if (typeof request === "object" && request !== null && Reflect.get(request, "after") === "end")
      return { events: [], cursor: "1.0.0" };
    const fresh = events().slice(given);
    given += fresh.length;
    if (fresh.length > 0) return { events: fresh, cursor: "1.1.1" };
    // As a node does that waits for something new.
    return new Promise((resolve) => setTimeout(() => resolve({ events: [], cursor: "1.1.1" }), 50));
  });
  const endpoint = await startControlEndpoint({
    control: control.service,
    tokens: { [token]: { actor: "commander", role: "commander", kind: "human" } },
  });
  onTestFinished(() => endpoint.close());
  return { control, endpoint };
}

function sessionAt(url: string, given: Partial<SessionOptions> = {}): Session {
  const session = startSession({ open: async () => ({ url, token }), patient: false, log: quiet, ...given });
  onTestFinished(() => session.close());
  return session;
}

describe("a session", () => {
  test("leaves no socket and no timer behind when it is closed, and so asks nothing more", async () => {
    vi.useFakeTimers({
      toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"],
      shouldAdvanceTime: true,
    });
    onTestFinished(() => void vi.useRealTimers());
    const { endpoint } = await nodeWith(() => []);
    const session = sessionAt(endpoint.url);
    await session.ready;
    expect(endpoint.openSockets()).toBe(1);
    await session.close();
    await vi.waitFor(() => expect(endpoint.openSockets()).toBe(0));
    // What is left of the node's own ends with it.
    await endpoint.close();
    await vi.waitFor(() => expect(vi.getTimerCount()).toBe(0));
    session.known.waiting.refresh();
    expect(vi.getTimerCount()).toBe(0);
  });

  test("asks again what an event may have changed, and nothing else", async () => {
    const events: object[] = [];
    const { control, endpoint } = await nodeWith(() => events);
    const session = sessionAt(endpoint.url);
    const count = (name: ControlName) => control.calls.filter((it) => it.name === name).length;
    await session.ready;
    await vi.waitFor(() => expect(session.known.waiting.answer()).toBeDefined());
    const before = { waiting: count("ListWaiting"), roster: count("ListRoster") };
    events.push(event);
    await vi.waitFor(() => expect(count("ListWaiting")).toBe(before.waiting + 1), { timeout: 10_000 });
    expect(count("ListRoster")).toBe(before.roster);
  });

  test("reads address and token anew for each connection", async () => {
    const first = await nodeWith(() => []);
    const second = await nodeWith(() => []);
    let url = first.endpoint.url;
    const session = sessionAt(url, { open: async () => ({ url, token }) });
    await session.ready;
    url = second.endpoint.url;
    first.endpoint.cut();
    await vi.waitFor(() => expect(second.endpoint.openSockets()).toBe(1), { timeout: 10_000 });
    await vi.waitFor(() => expect(session.reach().state).toBe("connected"));
  });

  test("that is refused says so at once, and does not try again", async () => {
    const { endpoint } = await nodeWith(() => []);
    const session = sessionAt(endpoint.url, {
      open: async () => ({ url: endpoint.url, token: "another" }),
      patient: true,
    });
    await expect(session.ready).rejects.toMatchObject({ code: "unauthenticated" });
    expect(session.reach().state).toBe("over");
  });

  test("without patience is over when nobody answers", async () => {
    const { endpoint } = await nodeWith(() => []);
    await endpoint.close();
    await expect(sessionAt(endpoint.url).ready).rejects.toMatchObject({ code: "unavailable" });
  });
});
