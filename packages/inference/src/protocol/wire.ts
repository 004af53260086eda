/**
 * What clients and the worker say to each other over the local socket: one JSON object per line.
 *
 * 1. Every bound of a request is here, and is checked where the line arrives; inside, types are trusted.
 * 2. Ids are the caller's: a second `ask` under one id joins the first, from whichever connection.
 * 3. Both ends come from one build, so the version is compared and not negotiated.
 */
import type { ChooseOutcome, GenerateOutcome, InferenceStatus } from "@federation/runtime/ports";
import { z } from "zod";

export const wireVersion = 1;
/** Longest line in either direction: a full context of text, or a batch of embeddings. */
export const maxLineChars = 8 * 1024 * 1024;
export const maxEmbedTexts = 64;

const id = z.string().min(1).max(200);
const actor = z.string().min(1).max(128);
const deadlineMs = z.number().min(0).max(86_400_000);
const messages = z
  .array(z.strictObject({ role: z.enum(["system", "user", "assistant"]), text: z.string().max(1_000_000) }))
  .min(1)
  .max(256);
const fieldName = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,39}$/);
const sentenceCount = z.number().int().min(1).max(64);

const outputFieldSchema = z.discriminatedUnion("kind", [
  z.strictObject({ name: fieldName, kind: z.literal("sentences"), min: sentenceCount, max: sentenceCount }),
  z.strictObject({
    name: fieldName,
    kind: z.literal("enum"),
    values: z.array(z.string().min(1).max(200)).min(1).max(64),
  }),
  z.strictObject({
    name: fieldName,
    kind: z.literal("files"),
    maxFiles: z.number().int().min(0).max(16),
    maxSentences: sentenceCount,
  }),
]);

const outputSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("text") }),
  z.strictObject({
    kind: z.literal("object"),
    fields: z
      .array(outputFieldSchema)
      .min(1)
      .max(16)
      .refine((fields) => new Set(fields.map((field) => field.name)).size === fields.length, "field names repeat")
      .refine(
        (fields) => fields.every((field) => field.kind !== "sentences" || field.min <= field.max),
        "min is above max",
      ),
  }),
]);

const generateSchema = z.strictObject({
  op: z.literal("generate"),
  id,
  actor,
  messages,
  deadlineMs,
  output: outputSchema,
  maxTokens: z.number().int().min(1).max(65_536),
  sampling: z.strictObject({
    temperature: z.number().min(0).max(5),
    topP: z.number().min(0).max(1),
    minP: z.number().min(0).max(1),
    seed: z.number().int().min(0).max(0xffff_ffff),
  }),
});

const chooseSchema = z.strictObject({
  op: z.literal("choose"),
  id,
  actor,
  messages,
  deadlineMs,
  options: z
    .array(z.strictObject({ id, sentence: z.string().min(1).max(2_000) }))
    .min(1)
    .max(64)
    .refine((options) => new Set(options.map((option) => option.id)).size === options.length, "option ids repeat"),
  references: z.array(messages).max(32),
  temperature: z.number().min(0.001).max(100),
});

export const askSchema = z.discriminatedUnion("op", [generateSchema, chooseSchema]);
export type Ask = z.infer<typeof askSchema>;
export type GenerateAsk = z.infer<typeof generateSchema>;
export type ChooseAsk = z.infer<typeof chooseSchema>;

export const clientLineSchema = z.discriminatedUnion("t", [
  z.strictObject({ t: z.literal("hello"), version: z.number().int() }),
  z.strictObject({ t: z.literal("ask"), ask: askSchema }),
  z.strictObject({ t: z.literal("abort"), id }),
  z.strictObject({ t: z.literal("count"), call: id, text: z.string().max(4_000_000) }),
  z.strictObject({
    t: z.literal("embed"),
    call: id,
    texts: z.array(z.string().min(1).max(1_000_000)).max(maxEmbedTexts),
  }),
  z.strictObject({ t: z.literal("report"), call: id }),
]);
export type ClientLine = z.infer<typeof clientLineSchema>;

/** One actor's use of the worker since it started. */
export interface TokenAccount {
  readonly actor: string;
  readonly requests: number;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Requests refused because prompt and answer would not fit the context. */
  readonly contextOverflows: number;
}

export interface WorkerReport {
  readonly workerPid: number;
  readonly accounts: readonly TokenAccount[];
  readonly running: number;
  readonly waiting: number;
  readonly keptOutcomes: number;
  readonly contextOverflows: number;
}

export type AnyOutcome = GenerateOutcome | ChooseOutcome;

export type ServerLine =
  /** Sent on connect and at each change; `worker` names the process, so a client notices a new one. */
  | { readonly t: "status"; readonly worker: string; readonly status: InferenceStatus }
  /** `from` is the position of `text` in the whole answer: a re-asked request gets what it missed. */
  | { readonly t: "piece"; readonly id: string; readonly from: number; readonly text: string }
  | { readonly t: "outcome"; readonly id: string; readonly outcome: AnyOutcome }
  | { readonly t: "result"; readonly call: string; readonly count: number }
  | { readonly t: "vectors"; readonly call: string; readonly vectors: readonly (readonly number[])[] }
  | { readonly t: "report"; readonly call: string; readonly report: WorkerReport }
  | { readonly t: "refused"; readonly call: string | null; readonly code: string; readonly message: string };

const tokensSchema = z.strictObject({ input: z.number(), output: z.number() });
const failedSchema = z.strictObject({
  outcome: z.literal("failed"),
  reason: z.enum([
    "aborted",
    "deadline",
    "worker_lost",
    "unavailable",
    "context_overflow",
    "invalid_request",
    "output_invalid",
  ]),
  detail: z.string(),
  tokens: tokensSchema,
});
const fileSchema = z.strictObject({ path: z.string(), content: z.string() });
export const generateOutcomeSchema = z.union([
  z.strictObject({
    outcome: z.literal("complete"),
    text: z.string(),
    fields: z.record(z.string(), z.union([z.string(), z.array(fileSchema)])),
    stopped: z.enum(["end", "max_tokens"]),
    tokens: tokensSchema,
    durationMs: z.number(),
  }),
  failedSchema,
]);
export const chooseOutcomeSchema = z.union([
  z.strictObject({
    outcome: z.literal("complete"),
    probabilities: z.array(z.strictObject({ id: z.string(), probability: z.number() })),
    method: z.enum(["sentence_likelihood", "library_decision"]),
    tokens: tokensSchema,
    durationMs: z.number(),
  }),
  failedSchema,
]);

const modelSchema = z.strictObject({
  alias: z.string(),
  sha256: z.string(),
  contextTokens: z.number(),
  style: z.enum(["sentences", "prose"]),
  meaningful: z.boolean(),
  backend: z.string(),
});
export const statusSchema = z.discriminatedUnion("state", [
  z.strictObject({ state: z.literal("loading"), alias: z.string(), progress: z.number() }),
  z.strictObject({ state: z.literal("ready"), model: modelSchema, workerPid: z.number() }),
  z.strictObject({ state: z.literal("failed"), reason: z.string() }),
  z.strictObject({ state: z.literal("unavailable"), reason: z.string() }),
]);
const reportSchema = z.strictObject({
  workerPid: z.number(),
  accounts: z.array(
    z.strictObject({
      actor: z.string(),
      requests: z.number(),
      inputTokens: z.number(),
      outputTokens: z.number(),
      contextOverflows: z.number(),
    }),
  ),
  running: z.number(),
  waiting: z.number(),
  keptOutcomes: z.number(),
  contextOverflows: z.number(),
});

export const serverLineSchema = z.discriminatedUnion("t", [
  z.strictObject({ t: z.literal("status"), worker: z.string(), status: statusSchema }),
  z.strictObject({ t: z.literal("piece"), id: z.string(), from: z.number(), text: z.string() }),
  z.strictObject({ t: z.literal("outcome"), id: z.string(), outcome: z.unknown() }),
  z.strictObject({ t: z.literal("result"), call: z.string(), count: z.number() }),
  z.strictObject({ t: z.literal("vectors"), call: z.string(), vectors: z.array(z.array(z.number())) }),
  z.strictObject({ t: z.literal("report"), call: z.string(), report: reportSchema }),
  z.strictObject({ t: z.literal("refused"), call: z.string().nullable(), code: z.string(), message: z.string() }),
]);

export function encodeLine(line: ClientLine | ServerLine): string {
  return `${JSON.stringify(line)}\n`;
}
