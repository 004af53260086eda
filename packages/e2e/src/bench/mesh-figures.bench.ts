/**
 * What a mesh of three agents and a human costs: `node packages/e2e/src/bench/mesh-figures.bench.ts [--model ALIAS]
 * [--seconds N]`. Time until ready with an empty and with a kept state folder, then CPU, memory and database
 * transactions of the idle mesh, per process.
 */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import pg from "pg";
import { parse } from "yaml";
import { z } from "zod";
import { type DevProcess, startDev } from "../dev/testing/dev-process.ts";

const { values } = parseArgs({
  options: { model: { type: "string", default: "fixture" }, seconds: { type: "string", default: "30" } },
});
const seconds = Number(values.seconds);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const TICKS_PER_SECOND = 100;

const kinds: readonly (readonly [string, (line: string) => boolean])[] = [
  ["substrate", (line) => line.includes("federationd.mjs")],
  ["impl", (line) => line.includes("impl/main.ts")],
  ["broker", (line) => line.includes("embedded-broker/main")],
  ["inference supervisor", (line) => line.includes("supervisor/main")],
  ["inference worker", (line) => line.includes("inference/src/worker/main")],
  ["postgres (all)", (line) => line.startsWith("postgres:") || /bin\/postgres /.test(line)],
];

const stateDir = await mkdtemp(path.join(tmpdir(), "fed-fig-"));
let dev: DevProcess | undefined;
try {
  for (const name of ["empty state", "kept state", "kept state"]) {
    await dev?.stop();
    dev = await startDev(["--model", values.model], { stateDir });
    await (await dev.client()).close();
    say(`ready after ${/is up after ([0-9.]+) s/.exec(dev.stderr())?.[1]} s (${name}, model ${values.model})`);
  }
  if (dev === undefined) throw new Error("no mesh");
  // Everything that a start brings about is over.
  await sleep(10_000);
  const database = await connect(stateDir, dev);
  const before = await sample(dev);
  const transactionsBefore = await transactions(database);
  await sleep(seconds * 1_000);
  const after = await sample(dev);
  const transactionsAfter = await transactions(database);
  await database.end();
  say(`idle for ${seconds} s:`);
  say("| process | how many | CPU % each | RSS MB each |");
  say("|---|---|---|---|");
  for (const [kind] of kinds) {
    const mine = after.filter((it) => it.kind === kind);
    const each = mine.map((it) => ({
      rss: it.rssMb,
      cpu: (100 * (it.ticks - (before.find((b) => b.pid === it.pid)?.ticks ?? it.ticks))) / TICKS_PER_SECOND / seconds,
    }));
    if (each.length > 0)
      say(
        `| ${kind} | ${each.length} | ${each.map((e) => e.cpu.toFixed(1)).join(", ")} | ${each.map((e) => e.rss.toFixed(0)).join(", ")} |`,
      );
  }
  say(
    `${((transactionsAfter - transactionsBefore) / seconds).toFixed(1)} database transactions per second in all, 4 daemons (two of them are this measurement's own)`,
  );
} finally {
  await dev?.stop();
  await rm(stateDir, { recursive: true, force: true });
}

interface Sample {
  readonly pid: number;
  readonly kind: string;
  readonly ticks: number;
  readonly rssMb: number;
}

async function sample(mesh: DevProcess): Promise<readonly Sample[]> {
  const found: Sample[] = [];
  for (const [kind, fits] of kinds)
    for (const pid of await mesh.pids(fits)) {
      const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
      const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => undefined);
      if (stat === undefined || status === undefined) continue;
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      found.push({
        pid,
        kind,
        ticks: Number(fields[11]) + Number(fields[12]),
        rssMb: Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024,
      });
    }
  return found;
}

/** As the commander's node: its login may read the server's statistics. */
async function connect(dir: string, mesh: DevProcess): Promise<pg.Client> {
  const node = path.join(dir, "nodes", "commander");
  const config = z
    .object({ database: z.object({ url: z.string() }) })
    .parse(parse(await readFile(path.join(node, "node.yaml"), "utf8")));
  const url = new URL(config.database.url);
  url.password = (await readFile(path.join(node, "secrets", "database-password"), "utf8")).trim();
  const [server] = await mesh.pids((line) => /bin\/postgres .*-p \d+/.test(line));
  const line = await readFile(`/proc/${server}/cmdline`, "utf8");
  url.port = /-p\0(\d+)/.exec(line)?.[1] ?? url.port;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  return client;
}

async function transactions(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ n: string }>(
    "select xact_commit + xact_rollback as n from pg_stat_database where datname = current_database()",
  );
  return Number(rows[0]?.n ?? 0);
}
