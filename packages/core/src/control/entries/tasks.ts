import { z } from "zod";
import { evidenceSchema, submittedFileSchema } from "../../actions.ts";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { taskKindSchema } from "../../mission/phases.ts";
import { scopeSchema } from "../../tasks/path-scope.ts";
import { MAX_FILES, MAX_TITLE, textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { relatedTaskSchema, taskChangeSchema, taskRecordSchema } from "../records.ts";
import { actors, anyone, done, limit, text } from "./parts.ts";

/** Tasks, claims, results. */
export const tasksEntries = {
  OpenTask: entry({
    name: "OpenTask",
    kind: "command",
    title: "Open a task",
    doc: "Opens an errand: one task outside of any mission, for one actor or for the pool.",
    request: z.strictObject({
      id: uuidSchema.optional().describe("Of its conversation; made by the caller, so that a retry is the same task."),
      title: textSchema(MAX_TITLE),
      instructions: text,
      kind: taskKindSchema.default("chore"),
      assignee: actorNameSchema.optional().describe("Without one it is left in the pool, where the charter has one."),
      proposal: uuidSchema
        .optional()
        .describe("The accepted proposal it comes from; the charter says which kinds need one."),
      scope: scopeSchema.default([]).describe("Path patterns its holder may write; none: any."),
      needs: z.array(uuidSchema).max(16).default([]).describe("Tasks that must be accepted before it can be claimed."),
      priority: z.int().min(-10).max(10).default(0).describe("Higher is more urgent."),
      dueInMs: z
        .int()
        .min(1_000)
        .max(30 * 24 * 3_600_000)
        .optional()
        .describe("Past it the task expires; without it, after the time the charter gives a task."),
    }),
    response: z.object({ task: z.uuid(), errand: z.uuid() }),
    roles: actors,
    idempotent: false,
  }),
  TakeOverTask: entry({
    name: "TakeOverTask",
    kind: "command",
    title: "Take a task over",
    doc: "Takes a task from whoever has it, under a new fence; only a human may, and gives it back or submits it.",
    request: z.strictObject({ task: uuidSchema, reason: text }),
    response: z.object({ fence: z.int() }),
    roles: actors,
    idempotent: false,
  }),
  GiveBackTask: entry({
    name: "GiveBackTask",
    kind: "command",
    title: "Give a task back",
    doc: "Returns a task that I took over to whom I took it from.",
    request: z.strictObject({ task: uuidSchema, fence: z.int().min(1), reason: text }),
    response: done,
    roles: actors,
    idempotent: false,
  }),
  ListTasks: entry({
    name: "ListTasks",
    kind: "query",
    title: "Tasks",
    doc: "Lists tasks with assignee, holder, fence and state, newest first; open ones by urgency.",
    request: z.strictObject({
      mission: uuidSchema.optional(),
      open: z.boolean().default(false).describe("Only what is still to be done, most urgent first."),
      assignee: actorNameSchema.optional().describe("Only what is assigned to this actor."),
      pool: z.boolean().default(false).describe("Only what lies in the pool, for whoever claims it first."),
      limit,
    }),
    response: z.object({ tasks: z.array(taskRecordSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ShowTask: entry({
    name: "ShowTask",
    kind: "query",
    title: "One task",
    doc: "Shows a task with its latest submission and files, what became of it so far, and the tasks it hangs together with.",
    request: z.strictObject({ task: uuidSchema }),
    response: z.object({
      task: taskRecordSchema,
      history: z.array(taskChangeSchema),
      needs: z.array(relatedTaskSchema).describe("Tasks that must be accepted before it can be claimed."),
      neededBy: z.array(relatedTaskSchema),
    }),
    roles: anyone,
    idempotent: true,
  }),
  AssignTask: entry({
    name: "AssignTask",
    kind: "command",
    title: "Assign a task",
    doc: "Gives a task to one member of its mission.",
    request: z.strictObject({ task: uuidSchema, assignee: actorNameSchema, instructions: text }),
    response: done,
    roles: ["lead", "commander"],
    idempotent: false,
  }),
  ClaimTask: entry({
    name: "ClaimTask",
    kind: "command",
    title: "Claim a task",
    doc: "Takes the one claim on a task that is mine or in the pool; the answer has the fence that later calls must carry.",
    request: z.strictObject({ task: uuidSchema }),
    response: z.object({ claimed: z.boolean(), holder: z.string(), fence: z.int() }),
    roles: actors,
    idempotent: false,
  }),
  SubmitTask: entry({
    name: "SubmitTask",
    kind: "command",
    title: "Submit a result",
    doc: "Hands in the result of a task I hold: prose, optionally files, and the evidence it rests on.",
    request: z.strictObject({
      task: uuidSchema,
      fence: z.int().min(1).describe("The fence of my claim."),
      summary: text,
      evidence: evidenceSchema
        .default([])
        .describe("What it rests on: proposal:ID, message:ID, episode:ID, file:PATH of this result, commit:SHA."),
      files: z.array(submittedFileSchema).max(MAX_FILES).default([]),
    }),
    response: z.object({ submission: z.uuid() }),
    roles: actors,
    idempotent: false,
  }),
  ReviewTask: entry({
    name: "ReviewTask",
    kind: "command",
    title: "Review a result",
    doc: "Accepts or rejects a submitted result, with reasons; never one's own.",
    request: z.strictObject({ task: uuidSchema, accept: z.boolean(), reason: text }),
    response: done,
    roles: actors,
    idempotent: false,
  }),
  HandBackTask: entry({
    name: "HandBackTask",
    kind: "command",
    title: "Hand a task back",
    doc: "Gives up a claim so that the task can be assigned again.",
    request: z.strictObject({ task: uuidSchema, fence: z.int().min(1), reason: text }),
    response: done,
    roles: actors,
    idempotent: false,
  }),
} as const;
