/**
 * What substrate and impl say to each other over the fork's IPC channel. Both sides parse with these schemas.
 *
 * 1. The first message is `init`; the first of impl is `ready`, `health` or `fatal`.
 * 2. `ready` means: sessions and `authenticate` are answered. Loops (turns, relay, inbox, leases, reconciler) start
 *    at `activate` and not before, and have ended at `deactivated`: of two impls of one daemon only one holds them.
 * 3. A session that outlived an impl is opened again in the next with `resumed: true`, its `initialize` is replayed,
 *    and its requests in flight follow under their old JSON-RPC ids and call ids. Impl tells them apart by nothing
 *    else: a call id already settled returns its recorded outcome.
 * 4. The substrate passes on the first answer to a request and drops every further one.
 * 5. Channel closed = the other is gone. Impl then leaves by itself.
 * 6. A reload: the next impl is started `beside` the old one, whose writes stay good; it becomes `ready`, is asked a
 *    real call, and takes the sessions; the old one is deactivated, then the new one activated. Calls in flight end on
 *    the old one. Once the new one has proved itself it is told to `seal`: from then on only its own epoch writes, and
 *    the old one drains. If it fails before, the old one is activated again with `reopen`, which fences the failed one.
 */

import { actorNameSchema } from "@federation/core";
import { z } from "zod";
import { nodeConfigSchema } from "../config/schema.ts";
import { jsonRpcMessageSchema, requestIdSchema } from "./json-rpc.ts";

/** Key in `params._meta` of every `tools/call` that reaches impl: the id its outcome is recorded under. */
export const callIdMetaKey = "federation/callId";

/** Credential of the session the substrate itself opens to see whether a new impl works. Impl gives it to nobody. */
export const probeCredential = "probe";

const sessionId = z.uuid();
const requestNumber = z.int().min(1);

/** Why a node cannot go on at all: a restart of impl would end the same way. */
export const fatalCodes = ["config_invalid", "schema_mismatch", "fenced", "unauthenticated", "model_invalid"] as const;
export type FatalCode = (typeof fatalCodes)[number];

/** Exit codes of `federationd`, after sysexits(3) where one fits. */
export const exitCodes = {
  ok: 0,
  /** EX_USAGE: a wrong command line. */
  usage: 64,
  schema_mismatch: 65,
  model_invalid: 66,
  /** EX_UNAVAILABLE: another daemon holds this actor. */
  fenced: 69,
  internal: 70,
  /** EX_OSERR: the port is taken or may not be bound. */
  listen: 71,
  /** EX_NOPERM: the database or broker refuses this login. */
  unauthenticated: 77,
  config_invalid: 78,
} as const;

export const implInitSchema = z.strictObject({
  type: z.literal("init"),
  protocol: z.literal(2),
  /** This run of the daemon: the same for all its impls, new at every start of the substrate. */
  instance: z.uuid(),
  /** Counts the impls of this run, from 1. */
  implNumber: z.int().min(1),
  /** Another impl of this run is at work and goes on: this one does not fence it. */
  beside: z.boolean(),
  /** May fence a daemon of the same actor whose lease is live (`--take-over`). */
  takeOver: z.boolean(),
  /** Paths absolute, overrides applied, no secrets: impl reads those from their files. */
  config: nodeConfigSchema,
  inference: z.discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("none") }),
    z.strictObject({ kind: z.literal("socket"), socketPath: z.string() }),
  ]),
});
export type ImplInit = z.infer<typeof implInitSchema>;

export const closeReasons = ["client_left", "too_slow", "refused", "leaving"] as const;

const authenticateSchema = z.strictObject({
  type: z.literal("authenticate"),
  request: requestNumber,
  /** The bearer token, the one-time ticket or the page's secret as presented: never to be logged or kept. */
  token: z.string(),
  /** A page's second secret. */
  other: z.string().optional(),
  kind: z.enum(["bearer", "ticket", "page"]),
  origin: z.string().optional(),
  remoteAddress: z.string(),
});

const sessionOpenSchema = z.strictObject({
  type: z.literal("session-open"),
  session: sessionId,
  actor: actorNameSchema,
  /** What impl gave at `authenticate`, verbatim. */
  credential: z.string(),
  /** True when an earlier impl of this run held the session: check the credential again. */
  resumed: z.boolean(),
  /** The `surface` of the impl that held it before: where it differs from its own, impl tells the client. */
  surface: z.string().nullable(),
});

/** How a reload ended, told to the impl that goes on, which puts it on record. */
const reloadEndSchema = z.strictObject({
  type: z.literal("reload-end"),
  reload: z.uuid(),
  /** Null: the new impl is at work. Otherwise where it failed; the old one is at work. */
  stage: z.enum(["start", "health", "switch", "probation", "refused"]).nullable(),
  reason: z.string().max(2000),
  tookMs: z.int().min(0),
});
export type ReloadEnd = z.infer<typeof reloadEndSchema>;

export const toImplSchema = z.discriminatedUnion("type", [
  implInitSchema,
  z.strictObject({
    type: z.literal("activate"),
    /** The impl that had the loops failed: take a new epoch first, and fence it. */
    reopen: z.boolean(),
  }),
  z.strictObject({ type: z.literal("deactivate"), request: requestNumber }),
  z.strictObject({ type: z.literal("seal"), request: requestNumber }),
  reloadEndSchema,
  z.strictObject({ type: z.literal("ping"), request: requestNumber }),
  z.strictObject({ type: z.literal("metrics"), request: requestNumber }),
  authenticateSchema,
  sessionOpenSchema,
  z.strictObject({ type: z.literal("session-message"), session: sessionId, message: jsonRpcMessageSchema }),
  z.strictObject({ type: z.literal("session-close"), session: sessionId, reason: z.enum(closeReasons) }),
  z.strictObject({ type: z.literal("drain"), deadlineMs: z.int().min(0) }),
]);
export type ToImpl = z.infer<typeof toImplSchema>;
export type SessionOpen = z.infer<typeof sessionOpenSchema>;
export type AuthenticateRequest = z.infer<typeof authenticateSchema>;

export const authenticateAnswerSchema = z.discriminatedUnion("ok", [
  z.strictObject({
    ok: z.literal(true),
    actor: actorNameSchema,
    /** Opaque to the substrate; comes back in every `session-open`. Not the token. */
    credential: z.string().max(256),
  }),
  z.strictObject({
    ok: z.literal(false),
    code: z.enum(["unauthenticated", "forbidden", "unavailable", "limit_exceeded"]),
    message: z.string().max(500),
  }),
]);
export type AuthenticateAnswer = z.infer<typeof authenticateAnswerSchema>;

export const partHealthSchema = z.strictObject({
  /** `up`: does its work; `degraded`: the node works without it, slower; `down`: the node cannot work. */
  state: z.enum(["up", "degraded", "down", "none"]),
  /** One sentence: what is the matter and since when, or what it is connected to. */
  detail: z.string().max(500),
});
export const healthReportSchema = z.strictObject({
  ready: z.boolean(),
  database: partHealthSchema,
  broker: partHealthSchema,
  model: partHealthSchema,
});
export type PartHealth = z.infer<typeof partHealthSchema>;
export type HealthReport = z.infer<typeof healthReportSchema>;

export const fromImplSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ready"),
    /** Hash over tools, resources and prompts: differs when a client must list them again. */
    surface: z.string().max(100),
  }),
  /** Please replace me: somebody asked for it. Answered with `reload-end` to whoever goes on. */
  z.strictObject({ type: z.literal("reload"), reload: z.uuid() }),
  z.strictObject({ type: z.literal("deactivated"), request: requestNumber }),
  z.strictObject({ type: z.literal("sealed"), request: requestNumber }),
  z.strictObject({ type: z.literal("health"), report: healthReportSchema }),
  z.strictObject({ type: z.literal("pong"), request: requestNumber }),
  z.strictObject({ type: z.literal("metrics"), request: requestNumber, text: z.string() }),
  z.strictObject({ type: z.literal("authenticated"), request: requestNumber, answer: authenticateAnswerSchema }),
  z.strictObject({
    type: z.literal("session-message"),
    session: sessionId,
    message: jsonRpcMessageSchema,
    /** The client's request that this notification or request belongs to: over HTTP it goes down that one's stream. */
    related: requestIdSchema.optional(),
  }),
  z.strictObject({
    type: z.literal("close-session"),
    session: sessionId,
    /** WebSocket close code: 4401 revoked, 4403 no longer allowed, 4409 connected at another node, 1011 a defect. */
    code: z.union([z.literal(4401), z.literal(4403), z.literal(4409), z.literal(1011)]),
    reason: z.string().max(100),
  }),
  z.strictObject({ type: z.literal("drained") }),
  /** Its last words: an error nobody caught ends the process. */
  z.strictObject({ type: z.literal("crash"), reason: z.string().max(2000) }),
  z.strictObject({ type: z.literal("fatal"), code: z.enum(fatalCodes), message: z.string().max(2000) }),
]);
export type FromImpl = z.infer<typeof fromImplSchema>;
export type CloseSession = Extract<FromImpl, { type: "close-session" }>;

export function isFatalCode(code: string): code is FatalCode {
  return fatalCodes.some((known) => known === code);
}
