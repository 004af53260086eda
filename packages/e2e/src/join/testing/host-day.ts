/**
 * A day of an agent from outside, from its token to the acceptance of its work, while the node that hosts it gets new
 * logic twice and is restarted once. Tells what happened, line by line, and what the rows say afterwards.
 */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { CharterParameters } from "@federation/core";
import { z } from "zod";
import { until } from "../../mesh/mesh-fixture.ts";
import { type DayHost, type DayWay, startDayHost } from "./day-host.ts";
import type { JoinNode } from "./join-node.ts";

export interface DayLine {
  /** Milliseconds since the day began. */
  readonly atMs: number;
  readonly who: "commander" | "copilot-1" | "node";
  readonly text: string;
}

/** What the rows hold once the day is over; each number is a count of rows. */
export interface DayRows {
  readonly claims: number;
  readonly submissions: number;
  readonly notes: number;
  readonly notesWritten: number;
  readonly reloads: number;
  readonly state: string;
}

export interface Day {
  readonly way: DayWay;
  readonly protocol: string;
  readonly lines: readonly DayLine[];
  readonly rows: DayRows;
  /** Connections the host lost; calls it had to send again. */
  readonly lost: number;
  readonly repeated: readonly string[];
  /** A second claim and a second submission under the call ids of the first answered as the first did. */
  readonly repeatsAgree: boolean;
  /** How the submission was answered under a fence that is not its own. */
  readonly wrongFence: string;
}

const taskSchema = z.looseObject({ id: z.string(), title: z.string(), state: z.string() });
const tasksSchema = z.looseObject({ tasks: z.array(taskSchema) });
const claimSchema = z.looseObject({ claimed: z.boolean(), holder: z.string(), fence: z.number() });
const submittedSchema = z.looseObject({ submission: z.string() });
const episodeSchema = z.looseObject({ episode: z.string() });

const title = "Say in one paragraph how a lost answer is asked for again";
const notePauseMs = 100;

/** The charter as shipped knows no pool of tasks; this federation voted for one. */
export const withPool = (shipped: CharterParameters): CharterParameters => ({
  ...shipped,
  "explicit-assignment": { ...shipped["explicit-assignment"], pool: true },
});

export async function liveHostDay(node: JoinNode, way: DayWay, name: string): Promise<Day> {
  const began = performance.now();
  const lines: DayLine[] = [];
  const tell = (who: DayLine["who"], text: string): void => {
    lines.push({ atMs: Math.round(performance.now() - began), who, text: text.replaceAll(name, "copilot-1") });
  };

  await node.federation("actor", "add", name, "--role", "developer");
  const credential = await node.issueToken(name);
  tell("commander", `federation actor add copilot-1 --role developer; federation token issue copilot-1`);
  const commander = await node.commander();
  const opened = await commander.call("OpenTask", {
    title,
    instructions: "One paragraph for the people who write hosts. Name the field that carries the call id.",
  });
  tell("commander", `opens the errand "${title}" in the pool`);

  const host = await startDayHost(way, node, credential);
  tell("copilot-1", `connects by ${way}; the node speaks ${host.protocol}`);
  const welcome = await host.prompt("join-the-federation");
  const articles = welcome.match(/^- [a-z-]+: /gm)?.length ?? 0;
  tell("copilot-1", `prompt join-the-federation: "${firstSentence(welcome)}" … ${articles} articles`);

  const { tasks } = await host.call(tasksSchema, "list_tasks", { pool: true });
  const task = tasks.find(({ id }) => id === opened.task);
  if (task === undefined) throw new Error("the errand is not in the pool");
  tell("copilot-1", `list_tasks {pool: true} → "${task.title}", ${task.state}`);
  const claimId = randomUUID();
  const claim = await host.call(claimSchema, "claim_task", { task: task.id }, claimId);
  tell("copilot-1", `claim_task → claimed: ${claim.claimed}, fence ${claim.fence}`);

  const notes = takeNotes(host, name, opened.errand);
  const disturbances = [
    ["reload", () => node.federation("reload")],
    ["restart", () => node.restart()],
    ["reload", () => node.federation("reload")],
  ] as const;
  for (const [what, disturb] of disturbances) {
    const before = notes.written();
    const at = performance.now();
    await disturb();
    await notes.oneMore();
    const tookMs = Math.round(performance.now() - at);
    tell("node", `${what === "reload" ? "gets new logic (federation reload)" : "is restarted"}: ${tookMs} ms`);
    tell("copilot-1", `remember, call after call all the while: ${notes.written() - before} answered, none lost`);
  }
  await notes.end();

  const evidence = [`episode:${notes.last()}`];
  const notMine = { task: task.id, fence: claim.fence + 1, summary: "This is not mine to submit.", evidence };
  const wrongFence = await host.call(submittedSchema, "submit_task", notMine).then(
    () => "taken",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  tell("copilot-1", `submit_task under fence ${claim.fence + 1} → ${wrongFence}`);
  const submitId = randomUUID();
  const result = {
    task: task.id,
    fence: claim.fence,
    summary:
      'A host gives each call an id in _meta["federation/callId"]. When the answer is lost, it calls again with the same arguments under the same id: the node answers with the outcome it recorded, and nothing happens twice.',
    evidence,
  };
  const submitted = await host.call(submittedSchema, "submit_task", result, submitId);
  tell("copilot-1", `submit_task under fence ${claim.fence} → submitted`);
  const again = await host.call(submittedSchema, "submit_task", result, submitId);
  const claimAgain = await host.call(claimSchema, "claim_task", { task: task.id }, claimId);
  const repeatsAgree = again.submission === submitted.submission && claimAgain.fence === claim.fence;
  tell("copilot-1", `both calls once more under their call ids → the same submission, the same fence`);

  await until("the errand is in review", async () => {
    const { mission } = await commander.call("ShowMission", { mission: opened.errand });
    return mission.phase === "review";
  });
  await commander.call("ReviewTask", { task: task.id, accept: true, reason: "It says what to do and why it is safe." });
  const done = await host.call(z.looseObject({ task: taskSchema }), "show_task", { task: task.id });
  tell("commander", "review_task → accepted");
  tell("copilot-1", `show_task → ${done.task.state}`);
  await commander.close();
  await host.close();
  return {
    way,
    protocol: host.protocol,
    lines,
    rows: await rowsOf(node, task.id, name, notes.written()),
    lost: host.seen.lost,
    repeated: host.repeated,
    repeatsAgree,
    wrongFence,
  };
}

/** Writes numbered notes one after the other until told to end: work that would show a loss or a doubling. */
function takeNotes(host: DayHost, name: string, conversation: string) {
  let written = 0;
  let last = "";
  let running = true;
  const work = (async () => {
    while (running) {
      ({ episode: last } = await host.call(episodeSchema, "remember", {
        text: `${name}: note ${written + 1}`,
        conversation,
      }));
      written++;
      await sleep(notePauseMs);
    }
  })();
  return {
    written: () => written,
    last: () => last,
    /** Resolves once a note that was begun from now on is written. */
    async oneMore() {
      const enough = written + 2;
      while (written < enough) await Promise.race([sleep(notePauseMs), work]);
    },
    async end() {
      running = false;
      await work;
    },
  };
}

async function rowsOf(node: JoinNode, task: string, name: string, notesWritten: number): Promise<DayRows> {
  const [row] = await node.owner<{
    claims: number;
    submissions: number;
    notes: number;
    reloads: number;
    state: string;
  }>(
    `select
       (select count(*)::int from federation.task_history h where h.task = t.id and h.to_state = 'claimed') as claims,
       (select count(*)::int from federation.submissions s where s.task = t.id) as submissions,
       (select count(*)::int from federation.episodes e where e.body like $2 || ': note %') as notes,
       (select count(*)::int from federation.reloads where state = 'reloaded') as reloads,
       t.state
     from federation.tasks t where t.id = $1`,
    [task, name],
  );
  if (row === undefined) throw new Error("the task has no row");
  return { ...row, notesWritten };
}

function firstSentence(text: string): string {
  return /^[^.\n]*[.\n]/.exec(text.trimStart())?.[0].trim() ?? "";
}
