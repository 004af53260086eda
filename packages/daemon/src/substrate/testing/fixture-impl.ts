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
/** Sessions whose client has seen other tools than these. */
const changed = new Set<string>();
/** Open `subscriptions/listen` requests, and whose session they are of. */
const listens = new Map<JsonRpcRequest, string>();
const credentials = new Map<string, string>();
const shown = new Map<string, string | null>();
const revoked = new Set<string>();
/** New code is what this file says when the impl starts: see `NewCode`. */
const given = readNewCode(config.stateDir);
const fault = given?.fault;
const surface = given?.surface ?? "one";
let activated = 0;
let hangInDrain = mode === "hang in drain";

const up = { state: "up", detail: "Fixture." } as const;
const healthy: HealthReport = { ready: true, database: up, broker: up, model: { state: "none", detail: "No model." } };

link.serve({
  authenticate: async ({ token, other = "", kind: presentedAs, origin }): Promise<AuthenticateAnswer> => {
    const [kind, actor, nth] = token.split(".");
    if (presentedAs === "page") {
      const [, whose] = [token, other].map((secret) => /^page\.(\w+)/.exec(secret)).find((it) => it !== null) ?? [];
      return whose !== undefined && origin !== undefined
        ? { ok: true, actor: whose, credential: `page-of-${whose}` }
        : { ok: false, code: "unauthenticated", message: "This page is let in no more." };
    }
    if (presentedAs === "ticket") {
      const good = kind === "once" && actor !== undefined && origin === "https://portal.example" && !revoked.has(actor);
      if (good) revoked.add(actor);
      return good
        ? { ok: true, actor, credential: `ticket-of-${actor}` }
        : { ok: false, code: "unauthenticated", message: "This ticket is unknown, used, or not for this page." };
    }
    if (kind === "throw") throw new Error("The fixture throws.");
    if (kind === "silent") return new Promise(() => undefined);
    if (kind === "observer") return { ok: false, code: "forbidden", message: "Not at this node." };
    if (kind !== "good" || actor === undefined || revoked.has(actor)) {
      return { ok: false, code: "unauthenticated", message: "This token is unknown." };
    }
    return { ok: true, actor, credential: `credential-of-${actor}${nth === undefined ? "" : `.${nth}`}` };
  },
  sessionOpened: ({ session, credential, resumed, surface: seen }) => {
    if (seen !== null && seen !== surface) changed.add(session);
    if (credential === probeCredential) probing.add(session);
    credentials.set(session, credential);
    shown.set(session, surface);
    histories.set(session, [`open:${credential}:${resumed ? "resumed" : "new"}`]);
    if (resumed && credential.endsWith("revoked")) link.closeSession(session, 4401, "revoked");
  },
  sessionMessage: (session, message) => receive(session, message),
  sessionClosed: (session) => {
    histories.delete(session);
    credentials.delete(session);
    shown.delete(session);
    for (const [request, of] of listens) if (of === session) listens.delete(request);
  },
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
  link.ready(surface);
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
  if ("method" in message && message.method === "notifications/initialized" && changed.delete(session)) {
    link.send(session, { jsonrpc: "2.0", method: "notifications/tools/list_changed" });
  }
  if (isResponse(message)) {
    const waiting = asked.get(session);
    if (waiting !== undefined) answer(session, waiting, { answered: "result" in message ? message.result : null });
  } else if (isRequest(message)) {
    const refused = fault === "refuses to resume" && !probing.has(session);
    if (message.method === "initialize" && (refused || message.params?.["protocolVersion"] === "refuse me")) {
      const error = { code: -32602, message: "The fixture does not know this client." };
      link.send(session, { jsonrpc: "2.0", id: message.id, error });
    } else if (message.method === "initialize") {
      const serverInfo = { name: "fixture", version: "0" };
      const protocolVersion = message.params?.["protocolVersion"] ?? "2025-11-25";
      answer(session, message, { protocolVersion, serverInfo, implNumber });
    } else if (message.method === "subscriptions/listen") {
      listens.set(message, session);
      tell(session, "notifications/subscriptions/acknowledged", message);
    } else if (message.method === "unknown/method") {
      link.send(session, { jsonrpc: "2.0", id: message.id, error: { code: -32601, message: "Unknown." } });
    } else if (message.method === "tools/list" && fault === "answers with a secret") {
      const error = { code: -32603, message: "postgresql://fed:hunter2@db/f does not answer." };
      link.send(session, { jsonrpc: "2.0", id: message.id, error });
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
    shown: shown.get(session),
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
      link.send(session, { jsonrpc: "2.0", id: 1, method: "elicitation/create", params: {} }, request.id);
      return;
    case "progress":
      for (const progress of [1, 2]) {
        const params = { progressToken: "p", progress };
        link.send(session, { jsonrpc: "2.0", method: "notifications/progress", params }, request.id);
      }
      break;
    case "tell":
      link.send(session, { jsonrpc: "2.0", method: "notifications/message", params: { data: implNumber } });
      break;
    case "change":
      for (const [listen, of] of listens) tell(of, "notifications/tools/list_changed", listen);
      break;
    case "what is open":
      answer(session, request, { sessions: histories.size, listens: listens.size });
      return;
    case "revoke my token": {
      const credential = credentials.get(session) ?? "";
      revoked.add(credential.replace("credential-of-", ""));
      for (const [other, its] of credentials) if (its === credential) link.closeSession(other, 4401, "revoked");
      return;
    }
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

/** A notification that belongs to an open listen. */
function tell(session: string, method: string, listen: JsonRpcRequest): void {
  const params = { _meta: { "io.modelcontextprotocol/subscriptionId": listen.id } };
  link.send(session, { jsonrpc: "2.0", method, params }, listen.id);
}

function answer(session: string, request: JsonRpcRequest, result: Record<string, unknown>): void {
  link.send(session, { jsonrpc: "2.0", id: request.id, result });
}
