import { z } from "zod";
import { actorNameSchema, filePathSchema, uuidSchema } from "./ids.ts";
import { choiceSchema } from "./mission/view.ts";
import { MAX_FILE, MAX_FILES, MAX_TEXT, MAX_TITLE, textSchema } from "./text.ts";

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
  z.strictObject({ kind: z.literal("submit"), task: uuidSchema }),
  z.strictObject({ kind: z.literal("accept"), task: uuidSchema }),
  z.strictObject({ kind: z.literal("reject"), task: uuidSchema }),
  z.strictObject({ kind: z.literal("hand_back"), task: uuidSchema }),
  z.strictObject({ kind: z.literal("advance") }),
  z.strictObject({ kind: z.literal("hold") }),
  z.strictObject({ kind: z.literal("report") }),
  z.strictObject({ kind: z.literal("remember") }),
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

/** A stable text key of a head: equal heads have equal keys. */
export function headKey(head: ActionHead): string {
  return Object.values(head).join(":");
}
