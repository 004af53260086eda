import { randomBytes, randomUUID } from "node:crypto";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import {
  allScopes,
  type CharterParameters,
  type ControlName,
  type ControlResponse,
  defaultPersonas,
  type Role,
} from "@federation/core";
import {
  type Counters,
  createControlService,
  createCounters,
  createDurations,
  createNews,
  startNodeLoops,
  type TurnRunner,
} from "@federation/runtime";
import type { Clock, Log, Me, Random, Store } from "@federation/runtime/ports";
import { addNode, adoptCharter, connectStore, dropLogins, loadCharter, migrate } from "@federation/store";
import type { ActiveMq } from "@federation/testkit/activemq";
import { testDatabase } from "@federation/testkit/postgres";
import { actorQueue, broadcastTopic, connectBrokerLink } from "@federation/transport";
import { type EmbeddedBroker, startEmbeddedBroker } from "@federation/transport/embedded-broker";
import pg from "pg";

/**
 * A mesh on real parts in this process: a database of its own, an embedded broker that can be lost, and nodes with
 * all their loops. What is not here is the model: a node's turns are given by the test.
 */
const repository = path.join(import.meta.dirname, "../../../..");

export const clock: Clock = {
  nowMs: () => performance.now(),
  wallTime: () => new Date(),
  sleep: async (ms, signal) => {
    if (signal?.aborted === true) return;
    const woken = new AbortController();
    const wake = () => woken.abort();
    signal?.addEventListener("abort", wake, { once: true });
    await sleep(ms, undefined, { signal: woken.signal }).catch(() => undefined);
    signal?.removeEventListener("abort", wake);
  },
};
export const random: Random = { uuid: () => randomUUID(), fraction: () => Math.random() };
export const log: Log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export interface MeshNode {
  readonly actor: string;
  readonly role: Role;
  readonly store: Store;
  readonly counters: Counters;
  /** Calls the control API as this node's actor, under a new call id unless one is given. */
  call<N extends ControlName>(name: N, request?: unknown, callId?: string): Promise<ControlResponse<N>>;
  /** Ends the loops and closes links and store, as an impl that is drained does. */
  stop(): Promise<void>;
}

export interface Mesh {
  readonly broker: {
    /** Ends the broker; what waited in it is gone. */
    stop(): Promise<void>;
    /** Starts another, empty one on the same port. */
    start(): Promise<void>;
    current(): EmbeddedBroker;
  };
  add(actor: string, role: Role, turns?: TurnsOf, choice?: NodeChoice): Promise<MeshNode>;
  /** Starts a node of an actor that was added before, as a new process would. */
  restart(actor: string, turns?: TurnsOf, choice?: NodeChoice): Promise<MeshNode>;
  /** The login of a node, for connections of one's own. */
  loginUrl(actor: string): string;
  /** Puts a frame on the wire as `actor`, past all loops. */
  forge(actor: string, destination: string, body: string): Promise<void>;
  /** Publishes one frame over a link that stays open, and waits for the receipt. */
  hop(destination: string, body: string): Promise<void>;
  owner<Row extends pg.QueryResultRow>(sql: string, values?: readonly unknown[]): Promise<readonly Row[]>;
  /** What is overdue once the nodes had time to move it. */
  overdue(): Promise<readonly string[]>;
  /** @throws when something is overdue that `leaves` does not name: a test that leaves something says which kinds. */
  drop(options?: { readonly leaves?: readonly string[] }): Promise<void>;
}

/** Makes a node's turns; without one it takes none. */
export type TurnsOf = (store: Store, me: Me) => TurnRunner;

export interface NodeChoice {
  /** Port under which this node finds the database, instead of the server's own. */
  readonly databasePort?: number;
}

export interface MeshOptions {
  readonly parameters?: (shipped: CharterParameters) => CharterParameters;
  readonly settleMs?: number;
  /** An ActiveMQ instead of the embedded broker; the mesh does not close it. */
  readonly activeMq?: ActiveMq;
}

export async function startMesh(options: MeshOptions = {}): Promise<Mesh> {
  const database = await testDatabase();
  const { adminUrl } = database;
  await migrate(adminUrl, path.join(repository, "migrations"));
  const charter = await loadCharter(path.join(repository, "charter"));
  await adoptCharter(adminUrl, {
    ...charter,
    parameters: options.parameters?.(charter.parameters) ?? charter.parameters,
  });
  const owner = new pg.Pool({ connectionString: adminUrl, max: 2 });
  owner.on("error", () => undefined);

  const passcodes = new Map<string, string>();
  const logins = new Map<string, { readonly role: Role; readonly url: string }>();
  let port = options.activeMq?.port ?? 0;
  const startBroker = (): Promise<EmbeddedBroker> =>
    startEmbeddedBroker({
      tcpPort: port,
      accounts: (login, passcode) => passcodes.get(login) === passcode,
      log,
    });
  let broker = options.activeMq === undefined ? await startBroker() : undefined;
  port = broker?.tcpPort ?? port;
  const nodes: MeshNode[] = [];
  let hopper: Awaited<ReturnType<typeof connectBrokerLink>> | undefined;

  const link = (actor: string, name: string) =>
    connectBrokerLink({
      brokerUrls: [`stomp://127.0.0.1:${port}`],
      login: actor,
      passcode: passcodes.get(actor) ?? "",
      log,
      name,
      backOff: { baseMs: 50, maxMs: 400 },
    });

  async function add(actor: string, role: Role, turns?: TurnsOf, choice?: NodeChoice): Promise<MeshNode> {
    const kind = role === "commander" ? "human" : "agent";
    const { login, password } = await addNode(adminUrl, { name: actor, role, kind, persona: defaultPersonas[role] });
    const url = new URL(adminUrl);
    url.username = login;
    url.password = password;
    logins.set(actor, { role, url: url.href });
    const passcode = randomBytes(12).toString("hex");
    passcodes.set(actor, passcode);
    await options.activeMq?.addAccount({ login: actor, passcode });
    return await start(actor, turns, choice);
  }

  async function start(actor: string, turns?: TurnsOf, choice: NodeChoice = {}): Promise<MeshNode> {
    const known = logins.get(actor);
    if (known === undefined) throw new Error(`the mesh has no ${actor}`);
    const { role } = known;
    const url = new URL(known.url);
    if (choice.databasePort !== undefined) url.port = String(choice.databasePort);
    const store = connectStore({ url: url.href, applicationName: `test-${actor}` }, { clock, random, log });
    const opened = await store.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
    if (opened.outcome !== "opened") throw new Error(`${actor} is occupied`);
    const me = await store.me();
    const [publish, consume] = await Promise.all([link(actor, "publish"), link(actor, "consume")]);
    const stopping = new AbortController();
    const counters = createCounters();
    const news = createNews(clock);
    const loops = startNodeLoops({
      store,
      me,
      publish,
      consume,
      destinationOf: (queue) => (queue === null ? broadcastTopic : actorQueue(queue)),
      turns: turns?.(store, me),
      maxParallelTurns: 2,
      ...(options.settleMs === undefined ? {} : { settleMs: options.settleMs }),
      model: () => null,
      onFenced: () => stopping.abort(),
      onReload: () => {},
      news,
      clock,
      random,
      log,
      counters,
      receiptTimes: createDurations(),
      signal: stopping.signal,
    });
    const control = createControlService({
      store,
      actor,
      move: (conversation) => loops.mover.move(conversation),
      lookForWork: () => loops.ring(),
      news,
      clock,
      random,
      log,
      counters,
      version: "0.1.0",
      brokers: () => ({ publish: publish.status(), consume: consume.status() }),
      model: () => "none",
    });
    const node: MeshNode = {
      actor,
      role,
      store,
      counters,
      // The service answers a value of the entry's response schema; tests parse it where they doubt it.
      call: async <N extends ControlName>(name: N, request: unknown = {}, callId: string = randomUUID()) =>
        (await control.call(name, request, {
          actor,
          role,
          scopes: allScopes,
          credential: "bearer:test",
          callId,
          signal: stopping.signal,
        })) as ControlResponse<N>,
      async stop() {
        if (stopping.signal.aborted) return;
        stopping.abort();
        await loops.ended;
        await Promise.all([publish.close({ deadlineMs: 500 }), consume.close({ deadlineMs: 500 })]);
        await store.close({ deadlineMs: 2_000 });
      },
    };
    nodes.push(node);
    return node;
  }

  /** The nodes' own reconcilers and movers look every few seconds: they get time for that. */
  async function overdue(): Promise<readonly string[]> {
    const read = async () =>
      await owner.query<{ line: string }>(
        "select concat_ws(' ', kind, subject, 'of', owner, 'late', late::text) as line from federation.overdue",
      );
    const endMs = performance.now() + SETTLE_MS;
    for (;;) {
      const left = (await read()).rows.map((row) => row.line);
      if (left.length === 0 || performance.now() > endMs) return left;
      await sleep(200);
    }
  }

  return {
    broker: {
      stop: async () => await broker?.close(),
      start: async () => {
        broker = await startBroker();
      },
      current: () => {
        if (broker === undefined) throw new Error("this mesh runs on an ActiveMQ");
        return broker;
      },
    },
    add,
    restart: start,
    async forge(actor, destination, body) {
      const forger = await link(actor, "forger");
      await until("the forger is connected", () => forger.status().state === "connected");
      await forger.publish([{ destination, body }]);
      await forger.close({ deadlineMs: 500 });
    },
    async hop(destination, body) {
      hopper ??= await link([...passcodes.keys()][0] ?? "", "hopper");
      const connected = hopper;
      await until("the hopper is connected", () => connected.status().state === "connected");
      await connected.publish([{ destination, body }]);
    },
    owner: async <Row extends pg.QueryResultRow>(sql: string, values: readonly unknown[] = []) =>
      (await owner.query<Row>(sql, [...values])).rows,
    overdue,
    loginUrl: (actor) => {
      const known = logins.get(actor);
      if (known === undefined) throw new Error(`the mesh has no ${actor}`);
      return known.url;
    },
    async drop({ leaves = [] } = {}) {
      const left = (await overdue()).filter((line) => !leaves.some((kind) => line.startsWith(kind)));
      await Promise.all(nodes.map((node) => node.stop()));
      await hopper?.close({ deadlineMs: 500 });
      await broker?.close();
      await owner.end();
      await dropLogins(adminUrl);
      await database.drop();
      if (left.length > 0) throw new Error(`overdue: ${left.join("; ")}`);
    },
  };
}

/** Three looks of a reconciler at its resting pace. */
const SETTLE_MS = 15_000;

/** Waits for a condition; what it waited for is in the error. */
export async function until(what: string, holds: () => boolean | Promise<boolean>, deadlineMs = 15_000): Promise<void> {
  const endMs = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited ${deadlineMs} ms in vain: ${what}`);
    await sleep(20);
  }
}

/** A hand-fed actor: reads whatever is due and marks it acted, without a model. */
export const reader =
  (read: (text: string) => void = () => undefined) =>
  (store: Pick<Store, "beginTurn" | "dueMessages" | "apply">): TurnRunner => ({
    async run(conversation) {
      const turn = await store.beginTurn(conversation);
      const due = await store.dueMessages(conversation);
      for (const message of due) read(message.text);
      await store.apply({
        callId: `turn:${turn.turn}:${turn.attempt}`,
        command: "Turn",
        operations: [
          {
            op: "finish_turn",
            turn: turn.turn,
            deliveries: due.map((m) => m.id),
            read: true,
            obligation: null,
            model: "hand-fed",
            tokensIn: 0,
            tokensOut: 0,
            failure: null,
          },
        ],
      });
      return due.length > 0 ? "acted" : "idle";
    },
  });
