/**
 * A host as the measurement needs it: one session on one lane, opened again whenever it is lost, and every call made
 * once. It repeats nothing, so what a server loses is seen.
 */
import { setTimeout as sleep } from "node:timers/promises";

export interface ToolCall {
  readonly tool: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** Given by the caller, or left to whoever receives the call first. */
  readonly callId?: string;
}

export interface ToolAnswer {
  readonly isError: boolean;
  readonly structured: unknown;
  /** What the result says in words. */
  readonly text: string;
}

/** An open MCP session of some SDK over some transport. */
export interface HostSession {
  /** @throws whatever the SDK throws when there is no answer. */
  call(call: ToolCall): Promise<ToolAnswer>;
  /** Resolves when the session is gone, and this end did not end it. */
  readonly lost: Promise<void>;
  close(): Promise<void>;
}

/** What a session tells its host beside its answers. */
export interface HostNews {
  listChanged(): void;
  subscriptionLost(): void;
}

export type OpenHostSession = (news: HostNews) => Promise<HostSession>;

export interface Lane {
  readonly name: string;
  call(call: ToolCall): Promise<ToolAnswer>;
  readonly counters: Readonly<LaneCounters>;
  /** What a host does that knows no other way: ends the server it started, and starts it anew. */
  restart(): Promise<void>;
  /** Resolves once it has a session. */
  ready(deadlineMs: number): Promise<void>;
  close(): Promise<void>;
}

interface LaneCounters {
  sessionsLost: number;
  listChanged: number;
  subscriptionsLost: number;
}

const REOPEN_MS = 50;

/** @throws when the first session cannot be opened. */
export async function openLane(name: string, open: OpenHostSession): Promise<Lane> {
  const counters: LaneCounters = { sessionsLost: 0, listChanged: 0, subscriptionsLost: 0 };
  let closing = false;
  const news: HostNews = {
    listChanged: () => void counters.listChanged++,
    subscriptionLost: () => void (closing || counters.subscriptionsLost++),
  };
  let session: HostSession | undefined = await open(news);
  const keeping = keep(session);

  async function keep(first: HostSession): Promise<void> {
    let current = first;
    for (;;) {
      await current.lost;
      if (closing) return;
      session = undefined;
      counters.sessionsLost++;
      const next = await reopen();
      if (next === undefined) return;
      session = current = next;
    }
  }

  async function reopen(): Promise<HostSession | undefined> {
    while (!closing) {
      try {
        return await open(news);
      } catch {
        await sleep(REOPEN_MS);
      }
    }
    return undefined;
  }

  return {
    name,
    counters,
    async call(call) {
      if (session === undefined) throw new Error("there is no session");
      return await session.call(call);
    },
    async restart() {
      await session?.close();
    },
    async ready(deadlineMs) {
      const endMs = performance.now() + deadlineMs;
      while (session === undefined) {
        if (performance.now() > endMs) throw new Error(`${name}: no session after ${deadlineMs} ms`);
        await sleep(5);
      }
    },
    async close() {
      closing = true;
      await session?.close();
      await keeping;
    },
  };
}
