import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { type MeshEvent, type MissionReport, meshEventSchema, missionReportSchema } from "@federation/core";
import { type ControlClient, connectControl } from "@federation/mcp/client";
import { z } from "zod";
import { descendants } from "../descendants.ts";

const dev = path.join(import.meta.dirname, "../../../../daemon/bin/dev.mjs");
const targetSchema = z.object({ url: z.string(), tokenFile: z.string() });

/** The last line of `dev --json`: the report, and what it ran on. */
export const devReportSchema = missionReportSchema.extend({
  model: z.string(),
  broker: z.string(),
  database: z.string(),
});
export type DevReport = z.infer<typeof devReportSchema>;

/** `dev --json` as a user runs it: a process of its own, its lines parsed. */
export interface DevProcess {
  readonly stateDir: string;
  readonly events: readonly MeshEvent[];
  readonly reports: readonly DevReport[];
  stderr(): string;
  /** Resolves with the first event, past or future, that fits; rejects when dev ends before. */
  event(fits: (event: MeshEvent) => boolean, deadlineMs?: number): Promise<MeshEvent>;
  report(mission: string, deadlineMs?: number): Promise<DevReport>;
  /** The commander's control client. */
  client(): Promise<ControlClient>;
  /** Process ids of descendants whose command line fits. */
  pids(fits: (commandLine: string) => boolean): Promise<readonly number[]>;
  ended: Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  /** Ends it like Ctrl-C and removes its state. */
  stop(): Promise<void>;
}

export async function startDev(
  args: readonly string[],
  options: { readonly stateDir?: string } = {},
): Promise<DevProcess> {
  // Short: sockets live below it.
  const stateDir = options.stateDir ?? (await mkdtemp(path.join(tmpdir(), "fed-dev-")));
  // As root PostgreSQL runs as another user, who must get to its data.
  await chmod(stateDir, 0o755);
  const child: ChildProcess = spawn(
    process.execPath,
    [dev, "--json", "--model", "fixture", "--state", stateDir, ...args],
    {
      stdio: ["ignore", "pipe", "pipe"],
      // A group of its own: what a terminal's Ctrl-C would reach is what a test reaches.
      detached: true,
    },
  );
  let stderr = "";
  const events: MeshEvent[] = [];
  const reports: DevReport[] = [];
  const watchers = new Set<() => void>();
  const changed = (): void => {
    for (const watcher of [...watchers]) watcher();
  };
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  if (child.stdout !== null)
    createInterface({ input: child.stdout }).on("line", (line) => {
      const value: unknown = JSON.parse(line);
      const event = meshEventSchema.safeParse(value);
      if (event.success) events.push(event.data);
      else reports.push(devReportSchema.parse(value));
      changed();
    });
  const ended = once(child, "close").then(([code]: unknown[]) => {
    changed();
    return typeof code === "number" ? code : null;
  });

  async function until<T>(look: () => T | undefined, what: string, deadlineMs: number): Promise<T> {
    const startedMs = performance.now();
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      if (child.exitCode !== null || child.signalCode !== null)
        throw new Error(`dev ended (${child.exitCode}) before ${what}:\n${stderr}`);
      const left = deadlineMs - (performance.now() - startedMs);
      if (left <= 0)
        throw new Error(
          `${what} did not come within ${deadlineMs} ms; last events: ${events
            .slice(-5)
            .map((e) => e.kind)
            .join(", ")}\n${stderr}`,
        );
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 1_000));
        const wake = (): void => {
          clearTimeout(timer);
          watchers.delete(wake);
          resolve();
        };
        watchers.add(wake);
      });
    }
  }

  return {
    stateDir,
    events,
    reports,
    stderr: () => stderr,
    event: (fits, deadlineMs = 120_000) => until(() => events.find(fits), "the event", deadlineMs),
    report: (mission, deadlineMs = 180_000) =>
      until(() => reports.find((r) => r.mission === mission), "the report", deadlineMs),
    async client() {
      const target = await until(() => (/is up after/.test(stderr) ? true : undefined), "the mesh", 120_000).then(
        async () =>
          targetSchema.parse(JSON.parse(await readFile(path.join(stateDir, "commander", "cli.json"), "utf8"))),
      );
      return await connectControl({ url: target.url, token: (await readFile(target.tokenFile, "utf8")).trim() });
    },
    pids: async (fits) => (await descendants(child.pid ?? 0)).filter((it) => fits(it.commandLine)).map((it) => it.pid),
    ended,
    signal: (signal) => void child.kill(signal),
    async stop() {
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGINT");
      const late = new AbortController();
      await Promise.race([ended, sleep(20_000, undefined, { signal: late.signal }).catch(() => undefined)]);
      late.abort();
      if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
      await ended;
      if (options.stateDir === undefined) await rm(stateDir, { recursive: true, force: true });
    },
  };
}

/** What waits beyond its deadline once the nodes had time to move it; nothing may. */
export async function overdueIn(client: ControlClient): Promise<readonly string[]> {
  const endMs = performance.now() + 60_000;
  for (;;) {
    const { items } = await client.call("GetOverdue", {});
    if (items.length === 0 || performance.now() > endMs)
      return items.map((it) => `${it.kind} of ${it.owner}, ${it.lateMs} ms late`);
    await sleep(1_000);
  }
}

/** What every mission must have kept, whatever happened to the processes: said once, used after each fault. */
export function breachesOf(report: MissionReport): readonly string[] {
  const breaches: string[] = [];
  if (report.outcome === null) breaches.push("the mission is not closed");
  if (report.phases.at(-1)?.name !== "closed") breaches.push("the last phase is not closed");
  if (report.result.length === 0) breaches.push("there is no result");
  const { stored, sent, acted, dead, open } = report.deliveries;
  if (acted + dead + open.length !== stored)
    breaches.push(`${stored} deliveries stored, ${acted} acted, ${dead} dead, ${open.length} open`);
  if (open.length > 0) breaches.push(`open deliveries: ${open.map((o) => `${o.recipient}: ${o.why}`).join("; ")}`);
  if (report.overdue.length > 0)
    breaches.push(`overdue: ${report.overdue.map((it) => `${it.kind} of ${it.owner}`).join("; ")}`);
  if (sent > stored) breaches.push("more deliveries sent than stored");
  const decided = report.proposals.filter((p) => p.state === "accepted" || p.state === "adopted");
  if (report.tasks.length !== decided.length)
    breaches.push(`${decided.length} decided proposals, ${report.tasks.length} tasks`);
  for (const proposal of report.proposals) {
    const voters = proposal.ballots.map((b) => b.voter);
    if (new Set(voters).size !== voters.length) breaches.push(`two ballots of one voter on ${proposal.id}`);
  }
  for (const task of report.tasks)
    if (task.claimedBy !== null && (task.claimedBy !== task.assignee || task.fence < 1))
      breaches.push(
        `task ${task.id} was claimed by ${task.claimedBy} under fence ${task.fence}, assigned to ${task.assignee}`,
      );
  return breaches;
}
