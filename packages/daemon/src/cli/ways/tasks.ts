import { MeshError } from "@federation/core";
import type { Given } from "../given.ts";
import { readSubmittedFile } from "../read-files.ts";
import { showClaim, showTask, showTasks } from "../show/show-work.ts";
import { type Way, way } from "../way.ts";
import { done, fence, inMission, limit, reason } from "./parts.ts";

/** Tasks. */
export const tasksWays: readonly Way[] = [
  way("OpenTask", "task open <title> <instructions...>", {
    options: [
      ["--assignee <actor>", "whose it is; without it, the pool's, where the charter has one"],
      ["--kind <kind>", "feature, fix, chore or study (chore)"],
      ["--proposal <id>", "the accepted proposal it comes from"],
      ["--path <pattern>", "what its holder may write, as in docs/**", "many"],
      ["--needs <task>", "a task that must be accepted first", "many"],
      ["--priority <n>", "-10 to 10; higher is more urgent (0)"],
      ["--due <minutes>", "past it the task expires"],
    ],
    request: (given) => {
      const minutes = given.whole("due");
      return {
        title: given.text("title"),
        instructions: given.text("instructions"),
        kind: kindOf(given.maybe("kind")),
        assignee: given.maybe("assignee"),
        proposal: given.maybe("proposal"),
        scope: [...given.list("path")],
        needs: [...given.list("needs")],
        priority: given.whole("priority"),
        dueInMs: minutes === undefined ? undefined : minutes * 60_000,
      };
    },
    show: (_, answer) => `Opened task ${answer.task} in the errand ${answer.errand}.`,
  }),
  way("ListTasks", "task list", {
    options: [
      inMission,
      ["--open", "only what is still to be done, most urgent first"],
      ["--assignee <actor>", "only what is assigned to this actor"],
      ["--pool", "only what lies in the pool"],
      limit,
    ],
    request: (given) => ({
      mission: given.maybe("mission"),
      open: given.flag("open"),
      assignee: given.maybe("assignee"),
      pool: given.flag("pool"),
      limit: given.whole("limit"),
    }),
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
    options: [
      fence,
      ["--file <path>", "a file to hand in, named by its path from here", "many"],
      [
        "--evidence <what>",
        "what it rests on, as in proposal:ID or file:PATH; each --file is evidence by itself",
        "many",
      ],
    ],
    request: async (given) => {
      const files = await Promise.all(given.list("file").map(readSubmittedFile));
      const named = given.list("evidence");
      const evidence = named.length > 0 ? [...named] : files.map((file) => `file:${file.path}`);
      return { task: given.text("task"), fence: fenceOf(given), summary: given.text("summary"), evidence, files };
    },
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
  way("TakeOverTask", "task take-over <task>", {
    options: [reason],
    request: (given) => ({ task: given.text("task"), reason: given.text("reason") }),
    show: (_, { fence }) => `It is yours. Your fence is ${fence}: give it with "task submit" and "task give-back".`,
  }),
  way("GiveBackTask", "task give-back <task>", {
    options: [fence, reason],
    request: (given) => ({ task: given.text("task"), fence: fenceOf(given), reason: given.text("reason") }),
    show: done("Given back."),
  }),
];

function kindOf(text: string | undefined): "feature" | "fix" | "chore" | "study" | undefined {
  if (text === undefined || text === "feature" || text === "fix" || text === "chore" || text === "study") return text;
  throw new MeshError("invalid_input", `A task is a feature, a fix, a chore or a study, not "${text}".`);
}

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
