import { z } from "zod";
import { actorNameSchema, repositoryNameSchema, uuidSchema } from "../../ids.ts";
import { missionViewSchema } from "../../mission/view.ts";
import { scopeSchema } from "../../tasks/path-scope.ts";
import { textSchema } from "../../text.ts";
import { entry } from "../entry.ts";
import { missionReportSchema, missionSummarySchema } from "../records.ts";
import { actors, anyone, done, limit } from "./parts.ts";

/** Missions and their phases. */
export const missionsEntries = {
  StartMission: entry({
    name: "StartMission",
    kind: "command",
    title: "Start a mission",
    doc: "Gives the team an objective and opens its first phase.",
    request: z.strictObject({
      id: uuidSchema.optional().describe("Made by the caller, so that a retry is the same mission."),
      objective: textSchema(4_000),
      members: z.array(actorNameSchema).max(64).optional().describe("Agents who take part; without it, every agent."),
      vote: z.boolean().default(false).describe("Whether the caller takes part in the votes; a veto needs no vote."),
      repository: repositoryNameSchema
        .optional()
        .describe("A repository of the nodes' configuration: the result is committed there."),
      scope: scopeSchema.default([]).describe("Path patterns its task may write; none: any."),
      seed: z.int().min(0).max(2_147_483_647).optional().describe("Seed of the models' choices."),
    }),
    response: z.object({ mission: z.uuid() }),
    roles: ["commander", "lead"],
    idempotent: false,
  }),
  ListMissions: entry({
    name: "ListMissions",
    kind: "query",
    title: "Missions",
    doc: "Lists missions, newest first.",
    request: z.strictObject({ open: z.boolean().default(false).describe("Only those not yet closed."), limit }),
    response: z.object({ missions: z.array(missionSummarySchema) }),
    roles: anyone,
    idempotent: true,
  }),
  ShowMission: entry({
    name: "ShowMission",
    kind: "query",
    title: "One mission",
    doc: "Shows a mission as it stands: phase, members, duties, proposals, ballots, tasks.",
    request: z.strictObject({ mission: uuidSchema }),
    response: z.object({ mission: missionViewSchema }),
    roles: anyone,
    idempotent: true,
  }),
  ReportMission: entry({
    name: "ReportMission",
    kind: "query",
    title: "Report of a mission",
    doc: "Gives a mission's result and who did what, with counts of messages, deliveries, verdicts, decisions and tokens.",
    request: z.strictObject({ mission: uuidSchema }),
    response: missionReportSchema,
    roles: anyone,
    idempotent: true,
  }),
  AdvancePhase: entry({
    name: "AdvancePhase",
    kind: "command",
    title: "Advance a phase",
    doc: "Closes my duty to move a mission's present phase on.",
    request: z.strictObject({ mission: uuidSchema }),
    response: done,
    roles: actors,
    idempotent: false,
  }),
} as const;
