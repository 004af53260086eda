import { z } from "zod";
import { actorNameSchema } from "../ids.ts";
import { taskKindSchema } from "../mission/phases.ts";
import { scopeSchema } from "../tasks/path-scope.ts";
import { MAX_TEXT, textSchema } from "../text.ts";

/** The ways in which an amendment may change the charter. Enforced text changes only with code. */
export const amendmentKindSchema = z.enum([
  "set_parameter",
  "switch_on",
  "switch_off",
  "add_advisory",
  "drop_advisory",
]);
export type AmendmentKind = z.infer<typeof amendmentKindSchema>;

const article = z.string().regex(/^[a-z][a-z0-9-]{1,62}$/, { error: "is no article's id" });

export const amendmentSchema = z.discriminatedUnion("change", [
  z.strictObject({
    change: z.literal("set_parameter"),
    article,
    /** Its name; of a nested one with dots, as in `phaseDeadlineMs.vote`. */
    parameter: z.string().regex(/^[a-zA-Z]+(\.[a-zA-Z]+)?$/, { error: "is no parameter's name" }),
    value: z.union([z.number(), z.boolean(), z.string().max(64), z.array(z.string().max(64)).max(16)]),
  }),
  z.strictObject({ change: z.literal("switch_on"), article }),
  z.strictObject({ change: z.literal("switch_off"), article }),
  /** Shown to models and people, marked as not enforced. */
  z.strictObject({
    change: z.literal("add_advisory"),
    article,
    title: textSchema(200),
    text: textSchema(2_000),
  }),
  z.strictObject({ change: z.literal("drop_advisory"), article }),
]);
export type Amendment = z.infer<typeof amendmentSchema>;

/** A task that is opened when its motion is enacted. */
export const taskOrderSchema = z.strictObject({
  change: z.literal("open_task"),
  taskKind: taskKindSchema,
  assignee: actorNameSchema,
  instructions: textSchema(MAX_TEXT),
  scope: scopeSchema,
  priority: z.int().min(-10).max(10),
  dueInMs: z.int().min(1_000).nullable(),
});

export const ratificationSchema = z.strictObject({ change: z.literal("ratify"), version: z.int().min(0) });

/** What a motion changes when it is enacted. */
export const changeSchema = z.union([amendmentSchema, taskOrderSchema, ratificationSchema]);
export type Change = z.infer<typeof changeSchema>;
