import { z } from "zod";
import { amendmentKindSchema } from "./charter/amendment.ts";
import { actorNameSchema, filePathSchema, uuidSchema } from "./ids.ts";
import { taskKindSchema } from "./mission/phases.ts";
import { choiceSchema } from "./mission/view.ts";
import { MAX_FILE, MAX_FILES, MAX_TEXT, MAX_TITLE, textSchema } from "./text.ts";

/** What a result rests on: `proposal:ID`, `message:ID`, `episode:ID`, `file:PATH` (of this submission) or `commit:SHA`. */
export const evidenceSchema = z
  .array(
    z.string().regex(/^(?:(?:proposal|message|episode):[0-9a-f-]{36}|file:[^\s]{1,200}|commit:[0-9a-f]{40,64})$/, {
      error: "is no evidence: name it as proposal:ID, message:ID, episode:ID, file:PATH or commit:SHA",
    }),
  )
  .max(16);

/**
 * What an actor can do in a mission. An action is a *head* (what, about which subject, to whom), which is what the law
 * judges and the model chooses, and *words*, which the model or the human then fills in.
 */
export const actionHeadSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("say") }),
  z.strictObject({ kind: z.literal("ask"), to: actorNameSchema }),
  z.strictObject({ kind: z.literal("propose") }),
  z.strictObject({ kind: z.literal("critique"), proposal: uuidSchema }),
  z.strictObject({ kind: z.literal("vote"), proposal: uuidSchema, choice: choiceSchema }),
  z.strictObject({ kind: z.literal("veto"), proposal: uuidSchema }),
  z.strictObject({ kind: z.literal("adopt"), proposal: uuidSchema }),
  z.strictObject({ kind: z.literal("assign"), task: uuidSchema, assignee: actorNameSchema }),
  z.strictObject({ kind: z.literal("claim"), task: uuidSchema }),
  z.strictObject({
    kind: z.literal("submit"),
    task: uuidSchema,
    /** What the result rests on; undefined while the action is only offered. */
    evidence: evidenceSchema.optional(),
  }),
  z.strictObject({ kind: z.literal("accept"), task: uuidSchema }),
  z.strictObject({ kind: z.literal("reject"), task: uuidSchema }),
  z.strictObject({ kind: z.literal("hand_back"), task: uuidSchema }),
  z.strictObject({ kind: z.literal("advance") }),
  z.strictObject({ kind: z.literal("hold") }),
  z.strictObject({ kind: z.literal("report") }),
  z.strictObject({ kind: z.literal("remember") }),
  z.strictObject({ kind: z.literal("withdraw"), proposal: uuidSchema }),
  z.strictObject({
    kind: z.literal("open_task"),
    taskKind: taskKindSchema,
    proposal: uuidSchema.nullable(),
    /** Null: left in the pool. */
    assignee: actorNameSchema.nullable().optional(),
    /** How many path patterns it is bound to. */
    patterns: z.int().min(0).optional(),
  }),
  z.strictObject({ kind: z.literal("take_over"), task: uuidSchema }),
  z.strictObject({ kind: z.literal("give_back"), task: uuidSchema }),
  /** Proposes a change of the charter; `article` is the article changed, or the name of an advisory one. */
  z.strictObject({ kind: z.literal("amend"), article: z.string().max(64), change: amendmentKindSchema }),
  /** The commander puts the charter in force after a founding vote that failed. */
  z.strictObject({ kind: z.literal("ratify") }),
  z.strictObject({ kind: z.literal("abstain"), obligation: uuidSchema }),
  z.strictObject({ kind: z.literal("wait") }),
]);
export type ActionHead = z.infer<typeof actionHeadSchema>;
export type ActionKind = ActionHead["kind"];

export const submittedFileSchema = z.strictObject({ path: filePathSchema, content: textSchema(MAX_FILE) });
export type SubmittedFile = z.infer<typeof submittedFileSchema>;

export const wordsSchema = z.strictObject({
  title: textSchema(MAX_TITLE).optional(),
  text: textSchema(MAX_TEXT).optional(),
  files: z
    .array(submittedFileSchema)
    .max(MAX_FILES)
    .refine((files) => new Set(files.map((f) => f.path)).size === files.length, "names a path twice")
    .optional(),
});
export type Words = z.infer<typeof wordsSchema>;

/** Which words each kind of action needs; what is not named here is refused. */
export const wordsOf: Readonly<
  Record<ActionKind, { readonly title?: true; readonly text?: true; readonly files?: true }>
> = {
  say: { text: true },
  ask: { text: true },
  propose: { title: true, text: true },
  critique: { text: true },
  vote: { text: true },
  veto: { text: true },
  adopt: { text: true },
  assign: { text: true },
  claim: {},
  submit: { text: true, files: true },
  accept: { text: true },
  reject: { text: true },
  hand_back: { text: true },
  withdraw: { text: true },
  open_task: { title: true, text: true },
  take_over: { text: true },
  give_back: { text: true },
  amend: { title: true, text: true },
  ratify: { text: true },
  advance: {},
  hold: { text: true },
  report: { text: true },
  remember: { text: true },
  abstain: {},
  wait: {},
};

export interface Action {
  readonly head: ActionHead;
  readonly words: Words;
}

/** A stable text key of a head whose fields stand as the schema names them: equal heads have equal keys. */
export function headKey(head: ActionHead): string {
  return Object.values(head).join(":");
}

/**
 * The key under which what a decision on record chose was offered, and has its probability. A head comes back from the
 * database with its fields in another order, so it is read again first. A decision on what a result rests on chose the
 * evidence it names first. Undefined for a head that this build does not know.
 */
export function chosenKey(head: unknown): string | undefined {
  const { success, data } = actionHeadSchema.safeParse(head);
  if (!success) return undefined;
  return data.kind === "submit" && data.evidence !== undefined ? data.evidence[0] : headKey(data);
}
