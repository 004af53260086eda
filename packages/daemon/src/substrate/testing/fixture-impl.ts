/**
 * An impl without a database: it speaks the protocol and does what a tool's name says, so that a test can bring about
 * each thing that may happen to a real one. How it starts is told in `profile.hardware.machine`.
 */

import { connectImplLink } from "../impl-link.ts";
import { type AuthenticateAnswer, type HealthReport, isFatalCode } from "../impl-protocol.ts";
import { isRequest, isResponse, type JsonRpcMessage, type JsonRpcRequest } from "../json-rpc.ts";

const link = await connectImplLink();
const { implNumber, config } = link.init;
const mode = config.profile.hardware?.machine ?? "";
const histories = new Map<string, string[]>();
const asked = new Map<string, JsonRpcRequest>();
let activated = 0;
let hangInDrain = mode === "hang in drain";

const up = { state: "up", detail: "Fixture." } as const;
const healthy: HealthReport = { ready: true, database: up, broker: up, model: { state: "none", detail: "No model." } };

link.serve({
  authenticate: async ({ token }): Promise<AuthenticateAnswer> => {
    const [kind, actor] = token.split(".");
    if (kind === "throw") throw new Error("The fixture throws.");
    if (kind === "silent") return new Promise(() => undefined);
    if (kind === "observer") return { ok: false, code: "forbidden", message: "Not at this node." };
    if (kind !== "good" || actor === undefined) {
      return { ok: false, code: "unauthenticated", message: "This token is unknown." };
    }
    return { ok: true, actor, credential: `credential-of-${actor}` };
  },
  sessionOpened: ({ session, credential, resumed }) => {
    histories.set(session, [`open:${credential}:${resumed ? "resumed" : "new"}`]);
    if (resumed && credential.endsWith("revoked")) link.closeSession(session, 4401, "revoked");
  },
  sessionMessage: (session, message) => receive(session, message),
  sessionClosed: (session) => void histories.delete(session),
  activate: () => {
    activated++;
  },
  drain: async () => {
    if (hangInDrain) await new Promise(() => undefined);
  },
  metrics: async () =>
    mode === "silent metrics" ? new Promise(() => undefined) : "# TYPE fixture_calls counter\nfixture_calls 7\n",
});

if (mode.startsWith("fatal ")) {
  const code = mode.slice("fatal ".length);
  if (isFatalCode(code))
    await link.fatal(code, `The fixture cannot go on: postgresql://fed:hunter2@db/f says ${code}.`);
} else if (mode === "waits for the database") {
  link.health({ ...healthy, ready: false, database: { state: "down", detail: "The database does not answer." } });
} else if (mode === "dies at start") {
  process.exit(3);
} else {
  link.health(healthy);
  link.ready();
}

function receive(session: string, message: JsonRpcMessage): void {
  const history = histories.get(session) ?? [];
  history.push("method" in message ? message.method : `answer:${JSON.stringify(message.id)}`);
  if (isResponse(message)) {
    const waiting = asked.get(session);
    if (waiting !== undefined) answer(session, waiting, { answered: "result" in message ? message.result : null });
  } else if (isRequest(message)) {
    if (message.method === "initialize") answer(session, message, { protocolVersion: "2025-11-25", implNumber });
    else if (message.method === "tools/call") call(session, message, history);
    else answer(session, message, {});
  }
}

function call(session: string, request: JsonRpcRequest, history: readonly string[]): void {
  const facts = {
    implNumber,
    pid: process.pid,
    inference: link.init.inference,
    params: request.params,
    activated,
    history,
  };
  switch (request.params?.["name"]) {
    case "hold":
      return;
    case "hold first":
      if (implNumber > 1) answer(session, request, facts);
      return;
    case "double":
      answer(session, request, facts);
      answer(session, request, facts);
      return;
    case "die":
      process.kill(process.pid, "SIGKILL");
      return;
    case "spin":
      for (;;) Math.sqrt(2);
    case "hang in drain":
      hangInDrain = true;
      break;
    case "revoke":
      link.closeSession(session, 4401, "revoked");
      return;
    case "ask":
      asked.set(session, request);
      link.send(session, { jsonrpc: "2.0", id: 1, method: "elicitation/create", params: {} });
      return;
    case "unready":
      link.health({ ...healthy, ready: false, broker: { state: "down", detail: "No broker answers." } });
      break;
    case "flood":
      for (let i = 0; i < 40; i++) {
        link.send(session, { jsonrpc: "2.0", method: "notifications/message", params: { data: "x".repeat(500_000) } });
      }
      break;
  }
  answer(session, request, facts);
}

function answer(session: string, request: JsonRpcRequest, result: Record<string, unknown>): void {
  link.send(session, { jsonrpc: "2.0", id: request.id, result });
}
