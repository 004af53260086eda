import { expect, it } from "vitest";
import { createProcessLog } from "../log/index.ts";
import { createSessionId } from "./http-session-id.ts";
import { HttpSessions } from "./http-sessions.ts";
import type { JsonRpcRequest } from "./json-rpc.ts";
import { defaultHubLimits, SessionHub } from "./session-hub.ts";

const initialize: JsonRpcRequest = { jsonrpc: "2.0", id: 1, method: "initialize", params: { capabilities: {} } };
const who = { actor: "ann", credential: "c", digest: "d" };

/** Sessions of a node that has no impl. */
async function withSessions<T>(does: (sessions: HttpSessions) => Promise<T>): Promise<T> {
  const log = await createProcessLog({ level: "info", pretty: "off" }, "ann", "substrate", () => undefined);
  const nowMs = () => performance.now();
  const limits = { ...defaultHubLimits, waitMs: 20 };
  const hub = new SessionHub(log, nowMs, limits);
  const sessions = new HttpSessions({ hub, limits, log, nowMs, surface: () => null });
  try {
    return await does(sessions);
  } finally {
    sessions.close();
    await hub.close(0);
  }
}

const statusOf = (found: Awaited<ReturnType<HttpSessions["find"]>>) =>
  "refusal" in found ? found.refusal.status : 200;

it("a session that cannot be taken up now can be later: every request that waited for it is told so", async () => {
  const id = createSessionId("ann", initialize, null);
  const found = await withSessions((sessions) => Promise.all([1, 2, 3].map(() => sessions.find(id, who, () => true))));
  expect(found.map(statusOf)).toEqual([503, 503, 503]);
});

it("sessions are not taken up faster than their client may ask", async () => {
  let left = 2;
  const found = await withSessions((sessions) =>
    Promise.all([1, 2, 3].map(() => sessions.find(createSessionId("ann", initialize, null), who, () => left-- > 0))),
  );
  expect(found.map(statusOf)).toEqual([503, 503, 429]);
});
