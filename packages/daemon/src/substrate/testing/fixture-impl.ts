/**
 * An impl without a database: it speaks the protocol and does what a tool's name says, so that a test can bring about
 * each thing that may happen to a real one. How it starts is told in `profile.hardware.machine`.
 */

import { connectImplLink } from "../impl-link.ts";
import { type AuthenticateAnswer, type HealthReport, isFatalCode, probeCredential } from "../impl-protocol.ts";
import { isRequest, isResponse, type JsonRpcMessage, type JsonRpcRequest } from "../json-rpc.ts";
import { readNewCode, trace } from "./new-code.ts";

const link = await connectImplLink();
const { implNumber, config } = link.init;
const mode = config.profile.hardware?.machine ?? "";
const histories = new Map<string, string[]>();
const asked = new Map<string, JsonRpcRequest>();
const probing = new Set<string>();
/** New code is what this file says when the impl starts: see `NewCode`. */
const given = readNewCode(config.stateDir);
const fault = given?.fault;
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
    if (credential === probeCredential) probing.add(session);
    histories.set(session, [`open:${credential}:${resumed ? "resumed" : "new"}`]);
    if (resumed && credential.endsWith("revoked")) link.closeSession(session, 4401, "revoked");
  },
  sessionMessage: (session, message) => receive(session, message),
  sessionClosed: (session) => void histories.delete(session),
  activate: ({ reopen }) => {
    activated++;
    note(reopen ? "reopen" : "activate");
    if (fault === "exits at activate") process.exit(4);
    if (fault === "crashes after the switch") setTimeout(() => crash("The fixture crashes."), Number(given?.afterMs));
  },
  deactivate: async () => {
    if (mode === "never deactivates") await new Promise(() => undefined);
    note("deactivate");
  },
  seal: async () => note("seal"),
  reloadEnded: (end) => note(`reload-end ${end.stage ?? "reloaded"}: ${end.reason}`),
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
} else if (fault === "throws at start") {
  throw new Error("The fixture throws at its start.");
} else if (fault === "never becomes ready") {
  link.health({ ...healthy, ready: false });
} else {
  link.health(healthy);
  link.ready(given?.surface ?? "one");
}

function note(what: string): void {
  if (given !== undefined) trace(config.stateDir, implNumber, what);
}

function crash(reason: string): never {
  throw new Error(reason);
}

function receive(session: string, message: JsonRpcMessage): void {
  const history = histories.get(session) ?? [];
  history.push("method" in message ? message.method : `answer:${JSON.stringify(message.id)}`);
  if (isResponse(message)) {
    const waiting = asked.get(session);
    if (waiting !== undefined) answer(session, waiting, { answered: "result" in message ? message.result : null });
  } else if (isRequest(message)) {
    if (message.method === "initialize" && fault === "refuses to resume" && !probing.has(session)) {
      const error = { code: -32602, message: "The fixture does not know this client." };
      link.send(session, { jsonrpc: "2.0", id: message.id, error });
    } else if (message.method === "initialize") {
      const serverInfo = { name: "fixture", version: "0" };
      answer(session, message, { protocolVersion: "2025-11-25", serverInfo, implNumber });
    } else if (message.method === "tools/list") listTools(session, message);
    else if (message.method === "tools/call") call(session, message, history);
    else answer(session, message, {});
  }
}

function listTools(session: string, request: JsonRpcRequest): void {
  const inputSchema = fault === "breaks a tool's schema" ? "object" : { type: "object" };
  if (fault !== "answers no call") answer(session, request, { tools: [{ name: "get_status", inputSchema }] });
}

function call(session: string, request: JsonRpcRequest, history: readonly string[]): void {
  const facts = {
    implNumber,
    pid: process.pid,
    inference: link.init.inference,
    params: request.params,
    activated,
    history,
    content: [],
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
    case "die unless first":
      if (implNumber === 1) break;
      process.kill(process.pid, "SIGKILL");
      return;
    case "die":
      process.kill(process.pid, "SIGKILL");
      return;
    case "spin":
      for (;;) Math.sqrt(2);
    case "hang in drain":
      hangInDrain = true;
      break;
    case "slow":
      setTimeout(() => answer(session, request, facts), 30);
      return;
    case "reload":
      link.reload(String(request.params?.["arguments"] ?? ""));
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
