import {
  actorKindSchema,
  articleIdSchema,
  charterParametersSchema,
  episodeSchema,
  MeshError,
  messageSchema,
  missionViewSchema,
  pageSessionSchema,
  personaSchema,
  roleSchema,
} from "@federation/core";
import type { ApplyOutcome, Clock, Log, Opened, Random, Store, TurnStart, Work } from "@federation/runtime/ports";
import { z } from "zod";
import { type ConnectionOptions, createDatabase, required } from "./connection.ts";
import { eventDoors } from "./event-doors.ts";
import { identityDoors } from "./identity-doors.ts";
import { listen } from "./listen.ts";
import { answerQuery, recallEpisodes } from "./queries.ts";

/**
 * The store of one daemon, under its own login.
 *
 * 1. Every write goes through federation.apply (or another door of migrations/functions), with generation and epoch.
 * 2. What comes back is parsed: a row that this build does not understand is an error, not a surprise later.
 */
const openedSchema = z.discriminatedUnion("outcome", [
  z.object({
    outcome: z.literal("opened"),
    actor: z.string(),
    generation: z.number(),
    epoch: z.number(),
    logEpoch: z.string(),
  }),
  z.object({ outcome: z.literal("occupied"), retryAfterMs: z.number() }),
]);
const resultSchema = z.object({
  claimed: z.exactOptional(z.boolean()),
  holder: z.exactOptional(z.string()),
  fence: z.exactOptional(z.number()),
  id: z.exactOptional(z.string()),
  task: z.exactOptional(z.string()),
  seq: z.exactOptional(z.number()),
  recipients: z.exactOptional(z.number()),
  expiresAt: z.exactOptional(z.string()),
  page: z.exactOptional(pageSessionSchema),
  moved: z.exactOptional(z.boolean()),
});
const applySchema = z.object({ replayed: z.boolean(), results: z.array(resultSchema) });
const outboxSchema = z.array(
  z.object({
    id: z.string(),
    message: z.string(),
    conversation: z.string(),
    seq: z.number(),
    queue: z.string().nullable(),
  }),
);
const receivedSchema = z.array(z.object({ message: z.string(), conversation: z.string() }));
const workSchema = z.object({
  outboxDue: z.number(),
  unreceived: z.number(),
  conversations: z.array(z.object({ conversation: z.string(), duty: z.boolean(), priority: z.number() })),
  movable: z.array(z.string()),
  reload: z.string().nullable(),
  claims: z.array(
    z.object({
      task: z.string(),
      conversation: z.string(),
      fence: z.number(),
      leaseMs: z.number(),
      leftMs: z.number(),
    }),
  ),
});
const turnSchema = z.object({ turn: z.string(), attempt: z.number(), step: z.number() });
const countsSchema = z.object({
  actors: z.number(),
  online: z.number(),
  openMissions: z.number(),
  outbox: z.number(),
  outboxOldestMs: z.number(),
  due: z.number(),
  dead: z.number(),
  paused: z.array(z.string()),
  charterVersion: z.number(),
  now: z.string(),
});
const meSchema = z.object({
  actor: z.string(),
  role: roleSchema,
  kind: actorKindSchema,
  persona: personaSchema,
  charterVersion: z.number(),
  parameters: charterParametersSchema,
  articlesOff: z.array(articleIdSchema),
  advisories: z.array(z.object({ id: z.string(), title: z.string(), text: z.string() })),
});

/** The schema version this build was written for; an older database must be migrated first. */
export const REQUIRED_MIGRATION = 5;

export function connectStore(options: ConnectionOptions, ports: { clock: Clock; random: Random; log: Log }): Store {
  const db = createDatabase(options, ports);
  let identity:
    | { readonly generation: number; readonly epoch: number; readonly actor: string; readonly logEpoch: string }
    | undefined;
  let server: string | undefined;

  const opened = () => {
    if (identity === undefined)
      throw new MeshError("unavailable", "This node has not opened its generation in the database yet.");
    return identity;
  };
  const context = (more: Readonly<Record<string, unknown>> = {}): string => {
    const { generation, epoch } = opened();
    return JSON.stringify({ generation, epoch, ...more });
  };
  const door = async (call: string, values: readonly unknown[], retryMs?: number): Promise<unknown> =>
    required(await db.one<{ j: unknown }>(`select ${call} as j`, values, retryMs), call).j;

  return {
    async open({ instance, takeOver, version, beside = false }): Promise<Opened> {
      const state = await db.one<{ v: number; oldest: string; server: string }>(
        `select (select max(version)::int from federation.migrations) as v,
                (select value from federation.meta where key = 'oldest_build') as oldest,
                current_setting('server_version') as server`,
        [],
      );
      if (state === undefined || state.v < REQUIRED_MIGRATION)
        throw new MeshError(
          "schema_mismatch",
          `This build needs schema version ${REQUIRED_MIGRATION}, the database has ${state?.v ?? 0}; run: federation db migrate.`,
        );
      if (compareVersions(version, state.oldest) < 0)
        throw new MeshError(
          "schema_mismatch",
          `The database serves builds from ${state.oldest} on, this is ${version}; update this node.`,
        );
      server = `PostgreSQL ${state.server}`;
      const answer = openedSchema.parse(
        await door("federation.open_node($1, $2, $3, $4)", [instance, takeOver, version, beside]),
      );
      if (answer.outcome === "opened") identity = answer;
      return answer;
    },
    async sealEpoch() {
      await door("federation.seal_epoch($1)", [context()]);
    },
    async renewPresence({ model, broker, ttlMs }) {
      return (await door("federation.renew_presence($1, $2, $3, $4)", [context(), model, broker, ttlMs], 4_000)) ===
        true
        ? "renewed"
        : "fenced";
    },
    async apply({ callId, command, operations, as }): Promise<ApplyOutcome> {
      const ctx = context({ callId, command, ...(as === undefined ? {} : { as }) });
      return applySchema.parse(await door("federation.apply($1, $2)", [ctx, JSON.stringify(operations)]));
    },
    async leaseOutbox(limit) {
      return outboxSchema.parse(await door("federation.lease_outbox($1, $2)", [context(), limit], 1_000));
    },
    async completeOutbox(ids) {
      await door("federation.complete_outbox($1, $2)", [context(), ids]);
    },
    async markReceived(messages) {
      return receivedSchema.parse(
        await door("federation.mark_received($1, $2)", [context(), messages === "all_due" ? null : messages]),
      );
    },
    async work(): Promise<Work> {
      return workSchema.parse(await door("federation.work()", [], 1_000));
    },
    async reconcile() {
      return z.array(z.string()).parse(await door("federation.reconcile($1)", [context()], 1_000));
    },
    onOutbox: (listener, signal) => listen(options, "federation_outbox", ports, listener, signal),
    async beginTurn(conversation): Promise<TurnStart> {
      return turnSchema.parse(await door("federation.begin_turn($1, $2)", [context(), conversation]));
    },
    async leaveTurn(turn) {
      await door("federation.leave_turn($1, $2)", [context(), turn]);
    },
    async missionView(conversation) {
      const view = await door("federation.mission_view($1)", [conversation]);
      return view === null ? undefined : missionViewSchema.parse(view);
    },
    async assemblyView(proposal) {
      return missionViewSchema.parse(await door("federation.assembly_view($1)", [proposal]));
    },
    async dueMessages(conversation) {
      const rows = await db.all<{ j: unknown }>(
        `select federation.message_json(m) as j from federation.deliveries d join federation.messages m on m.id = d.message
         where d.recipient = $1 and d.conversation = $2 and d.state = 'due' order by d.seq limit 200`,
        [opened().actor, conversation],
      );
      return rows.map((row) => messageSchema.parse(row.j));
    },
    async tail(conversation, limit) {
      const rows = await db.all<{ j: unknown }>(
        "select federation.message_json(m) as j from federation.messages m where m.conversation = $1 order by m.seq desc limit $2",
        [conversation, limit],
      );
      return rows.map((row) => messageSchema.parse(row.j)).reverse();
    },
    async recall(query, limit) {
      return z.array(episodeSchema).parse(await recallEpisodes(db, query, limit));
    },
    async me() {
      return meSchema.parse(
        await door(
          `(select jsonb_build_object('actor', a.name, 'role', a.role, 'kind', a.kind, 'persona', a.persona,
              'charterVersion', v.version, 'parameters', v.parameters, 'articlesOff', v.off, 'advisories', v.advisories)
            from federation.actors a cross join lateral
              (select * from federation.charter_versions order by version desc limit 1) v where a.name = $1)`,
          [opened().actor],
        ),
      );
    },
    ...identityDoors(door, context),
    query: (name, request, as) => answerQuery(db, name, request, as),
    ...eventDoors(door, () => opened().logEpoch),
    async counts() {
      return countsSchema.parse(await door("federation.mesh_counts()", [], 2_000));
    },
    health() {
      const failure = db.lastFailure();
      if (server === undefined || failure !== undefined)
        return { state: "unavailable", reason: failure ?? "not connected yet" };
      return { state: "ready", server, retries: db.retries() };
    },
    close: ({ deadlineMs }) => db.close(deadlineMs),
  };
}

/** Orders versions like 0.1.0 by their numbers. */
function compareVersions(a: string, b: string): number {
  const numbers = (v: string): readonly number[] => v.split(/[.-]/).slice(0, 3).map(Number);
  const [x, y] = [numbers(a), numbers(b)];
  for (let i = 0; i < 3; i++) {
    const difference = (x[i] ?? 0) - (y[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
