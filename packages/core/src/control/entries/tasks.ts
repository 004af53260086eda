import { z } from "zod";
import { submittedFileSchema } from "../../actions.ts";
import { actorNameSchema, uuidSchema } from "../../ids.ts";
import { MAX_FILES } from "../../text.ts";
import { entry } from "../entry.ts";
import { taskRecordSchema } from "../records.ts";
import { actors, anyone, done, limit, text } from "./parts.ts";

/** Tasks, claims, results. */
export const tasksEntries = {
  ListTasks: entry({
    name: "ListTasks",
    kind: "query",
    title: "Tasks",
    doc: "Lists tasks with assignee, holder, fence and state, newest first.",
    request: z.strictObject({ mission: uuidSchema.optional(), limit }),
    response: z.object({ tasks: z.array(taskRecordSchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ShowTask: entry({
    name: "ShowTask",
    kind: "query",
    title: "One task",
    doc: "Shows a task with its latest submission and files.",
    request: z.strictObject({ task: uuidSchema }),
    response: z.object({ task: taskRecordSchema }),
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
    doc: "Takes the one claim on a task that is assigned to me; the answer has the fence that later calls must carry.",
    request: z.strictObject({ task: uuidSchema }),
    response: z.object({ claimed: z.boolean(), holder: z.string(), fence: z.int() }),
    roles: actors,
    idempotent: false,
  }),
  SubmitTask: entry({
    name: "SubmitTask",
    kind: "command",
    title: "Submit a result",
    doc: "Hands in the result of a task I hold: prose, and optionally files.",
    request: z.strictObject({
      task: uuidSchema,
      fence: z.int().min(1).describe("The fence of my claim."),
      summary: text,
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
