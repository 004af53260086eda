/**
 * The stdio stub: what an MCP host starts and talks to for as long as it likes, whatever becomes of the node.
 *
 * 1. The host's conversation is one `Session`, and each connection to the node is an impl of it: what holds for the
 *    sessions of a daemon when its logic is replaced holds here when the daemon is.
 * 2. The pipe stays open until the host ends it, or somebody ends this program. Calls wait for a node that is away, and
 *    are answered with what is known of it when that takes too long, or at once when waiting cannot help.
 * 3. What a leaving node answers in the stead of its logic is not an answer: the call is asked again at the next one.
 */
import { isResponse } from "../substrate/json-rpc.ts";
import { saysLeaving } from "../substrate/own-answer.ts";
import { type Away, defaultSessionLimits, Session } from "../substrate/session.ts";
import { type HostStreams, openHostPipe } from "./host-pipe.ts";
import { type NodeState, type NodeTarget, startNodeLink } from "./node-link.ts";

export interface StubOptions {
  readonly host: HostStreams;
  /** Looked up at every dial. @throws MeshError when it is not known now. */
  readonly target: () => NodeTarget;
  /** Allows plain text to another machine. */
  readonly insecure: boolean;
  /** One sentence for people. */
  readonly say: (sentence: string) => void;
  /** Ends the stub. */
  readonly signal: AbortSignal;
  /** How long a call waits for a node that is away. */
  readonly waitMs?: number;
}

const defaultWaitMs = 25_000;
const graceMs = 2000;
const sweepMs = 200;

/** Resolves when the host has ended the conversation, or the signal has. */
export async function runStub({
  host,
  target,
  insecure,
  say,
  signal,
  waitMs = defaultWaitMs,
}: StubOptions): Promise<void> {
  const nowMs = () => performance.now();
  const answered = Promise.withResolvers<void>();
  let ending = false;

  const pipe = openHostPipe({
    streams: host,
    nowMs,
    onMessage: (message) => {
      link.wake();
      session.fromClient(message);
      if (link.state.state === "refused") session.expire();
    },
    onReading: (reads) => link.setReading(reads),
  });
  const session = new Session(
    {
      toClient: (message) => {
        pipe.send(message);
        if (ending && session.openCalls === 0) answered.resolve();
      },
      toImpl: (message, connection) => link.send(message, connection),
      away: () => awayOf(link.state, waitMs),
      ownIds: "federation-stub/",
    },
    nowMs,
    { ...defaultSessionLimits, waitMs },
  );
  const link = startNodeLink({
    target,
    insecure,
    wanted: () => session.openCalls > 0,
    onOpen: (connection) => session.attach(connection),
    onMessage: (message, connection) => {
      if (isResponse(message) && saysLeaving(message)) link.leaving();
      else session.fromImpl(message, connection);
    },
    onLost: (connection) => session.detach(connection),
    onState: (state, before) => {
      const sentence = news(state, before);
      if (sentence !== undefined) say(sentence);
      if (state.state === "refused") session.expire();
    },
  });
  const sweep = setInterval(() => {
    if (!session.expire()) link.drop("It did not take the session up again.");
  }, sweepMs);

  await Promise.race([pipe.ended, aborted(signal)]);
  ending = true;
  if (session.openCalls > 0) {
    const timer = setTimeout(answered.resolve, graceMs);
    await answered.promise;
    clearTimeout(timer);
  }
  clearInterval(sweep);
  session.refuseOpen("The program between host and node is ending.");
  await Promise.all([link.close(), pipe.close()]);
}

function awayOf(state: NodeState, waitMs: number): Away {
  // Attached, but not yet seated: what it must know is being replayed.
  if (state.state === "connected") return { why: "The node is back, and is taking the session up again.", waitMs };
  const why = `The node is away since ${state.since.toISOString()}. ${state.reason}`;
  return { why, waitMs: state.state === "refused" ? 0 : waitMs };
}

/** What people are told of a change. */
function news(state: NodeState, before: NodeState): string | undefined {
  if (state.state === "connected") {
    if (before.state === "connected" || before.state === "starting") return undefined;
    return `The node is here; it was away for ${seconds(before.since)} s.`;
  }
  // The first reason is told; that it lasts is not.
  if (state.state === before.state) return undefined;
  const then = {
    starting: "",
    away: "Calls wait for it.",
    refused: "Calls are refused until address or token change.",
    elsewhere: "The next call brings it back.",
  }[state.state];
  return `The node is away. ${state.reason} ${then}`;
}

function seconds(since: Date): string {
  return ((Date.now() - since.getTime()) / 1000).toFixed(1);
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
