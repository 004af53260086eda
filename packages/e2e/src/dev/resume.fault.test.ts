import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, expect, test } from "vitest";
import { breachesOf, type DevProcess, overdueIn, startDev } from "./testing/dev-process.ts";

const started: DevProcess[] = [];
const stateDirs: string[] = [];
afterAll(async () => {
  await Promise.all(started.map((it) => it.stop()));
  await Promise.all(stateDirs.map((dir) => rm(dir, { recursive: true, force: true })));
}, 60_000);

test.each(["SIGINT", "SIGHUP"] as const)(
  "%s in the middle of a mission leaves no process behind, and the next start finishes the mission",
  async (signal) => {
    const stateDir = await mkdtemp(path.join(tmpdir(), "fed-resume-"));
    stateDirs.push(stateDir);
    const first = await startDev(
      ["--nodes", "4", "--once", "--mission", "Agree how long a lease should last and write it down"],
      { stateDir },
    );
    started.push(first);
    // Of the mission: the founding vote is a proposal too.
    const proposal = await first.event((e) => e.kind === "ProposalMade" && e.data["kind"] === undefined, 180_000);
    const pids = await first.pids(() => true);
    expect(pids.length).toBeGreaterThan(8);
    first.signal(signal);
    expect(await first.ended).toBe(130);
    expect(first.stderr()).toMatch(/start dev again and it goes on/);
    for (const pid of pids) expect(() => process.kill(pid, 0)).toThrow(/ESRCH/);

    const second = await startDev(["--nodes", "4"], { stateDir });
    started.push(second);
    const report = await second.report(proposal.conversation ?? "", 240_000);
    expect(second.stderr()).toMatch(/Resuming the mission/);
    expect(breachesOf(report)).toEqual([]);
    const client = await second.client();
    expect(await overdueIn(client)).toEqual([]);
    await client.close();
    expect(report.proposals.map((p) => p.id)).toContain(proposal.subject);
    // What a resumed start shows is only what happens from then on.
    const seen = new Set(first.events.map((e) => e.cursor));
    expect(second.events.filter((e) => seen.has(e.cursor))).toEqual([]);
    await second.stop();
  },
  600_000,
);
