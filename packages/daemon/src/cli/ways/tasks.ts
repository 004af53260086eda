import { MeshError } from "@federation/core";
import type { Given } from "../given.ts";
import { readSubmittedFile } from "../read-files.ts";
import { showClaim, showTask, showTasks } from "../show/show-work.ts";
import { type Way, way } from "../way.ts";
import { done, fence, inMission, limit, reason } from "./parts.ts";

/** Tasks. */
export const tasksWays: readonly Way[] = [
  way("ListTasks", "task list", {
    options: [inMission, limit],
    request: (given) => ({ mission: given.maybe("mission"), limit: given.whole("limit") }),
    show: showTasks,
  }),
  way("ShowTask", "task show <task>", { request: (given) => ({ task: given.text("task") }), show: showTask }),
  way("AssignTask", "task assign <task> <assignee> <instructions...>", {
    request: (given) => ({
      task: given.text("task"),
      assignee: given.text("assignee"),
      instructions: given.text("instructions"),
    }),
    show: done("Assigned."),
  }),
  way("ClaimTask", "task claim <task>", {
    request: (given) => ({ task: given.text("task") }),
    show: showClaim,
    failed: (answer) => !answer.claimed,
  }),
  way("SubmitTask", "task submit <task> <summary...>", {
    options: [fence, ["--file <path>", "a file to hand in, named by its path from here", "many"]],
    request: async (given) => ({
      task: given.text("task"),
      fence: fenceOf(given),
      summary: given.text("summary"),
      files: await Promise.all(given.list("file").map(readSubmittedFile)),
    }),
    show: (_, answer) => `Submitted ${answer.submission}.`,
  }),
  way("ReviewTask", "task review <task> <verdict>", {
    options: [reason],
    request: (given) => ({
      task: given.text("task"),
      accept: verdictOf(given.text("verdict")),
      reason: given.text("reason"),
    }),
    show: done("Your review is on record."),
  }),
  way("HandBackTask", "task hand-back <task>", {
    options: [fence, reason],
    request: (given) => ({ task: given.text("task"), fence: fenceOf(given), reason: given.text("reason") }),
    show: done("Handed back."),
  }),
];

function verdictOf(text: string): boolean {
  if (text === "accept" || text === "reject") return text === "accept";
  throw new MeshError("invalid_input", `Review with accept or reject, not "${text}".`);
}

function fenceOf(given: Given): number {
  const fence = given.whole("fence");
  if (fence === undefined) {
    throw new MeshError("invalid_input", 'Give the fence of your claim with --fence; "task show" tells it.');
  }
  return fence;
}
