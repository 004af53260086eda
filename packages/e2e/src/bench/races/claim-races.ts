import { randomUUID } from "node:crypto";
import type { Operation } from "@federation/core";
import type { Store } from "@federation/runtime/ports";
import { ANALYST, COMMANDER, DEVELOPER, type Federation, LEAD, startFederation } from "@federation/store/testing";
import pg from "pg";

/**
 * Races for one claim: over the stores of two daemons and raw connections of all logins, all at once.
 *
 * 1. Of each race exactly one call is told that it won; the database has one claim, under fence 1.
 * 2. Afterwards those who did not win write as if they had, and after a lost lease the winner does: all is refused.
 * 3. Beside it, in the same run and with as many at once: one conditional update of a bare row.
 */
export interface RacePlan {
  readonly ways: number;
  readonly races: number;
}

export interface RaceFigures extends RacePlan {
  readonly winners: number;
  readonly losersTold: number;
  /** Races without exactly one winner, or in which a loser was told another than the winner. */
  readonly wrong: number;
  readonly staleTried: number;
  readonly staleRefused: number;
  readonly racesPerSecond: number;
  readonly bareRacesPerSecond: number;
}

type Claim = { readonly claimed: boolean; readonly holder: string; readonly fence: number };

interface Contender {
  readonly actor: string;
  apply(operation: Operation): Promise<Claim>;
}

/** The store of a daemon has as many connections as this, and each login has as many of its own beside it. */
const STORE_CONNECTIONS = 8;
const daemons = [DEVELOPER, ANALYST] as const;
const logins = [DEVELOPER, ANALYST, LEAD, COMMANDER] as const;
/** Tasks that share the row of one errand. */
const TASKS_PER_ERRAND = 50;
/** Of so many races one is also run again after the winner has lost its lease. */
const ZOMBIE_EVERY = 5;

export async function runClaimRaces(
  plans: readonly RacePlan[],
  progress: (line: string) => void = () => undefined,
): Promise<readonly RaceFigures[]> {
  const federation = await startFederation({
    parameters: (shipped) => ({
      ...shipped,
      "explicit-assignment": { ...shipped["explicit-assignment"], pool: true },
    }),
  });
  const bare = new pg.Pool({ connectionString: federation.adminUrl, max: Math.max(...plans.map((p) => p.ways)) });
  try {
    const most = Math.max(...plans.map((p) => p.ways));
    const contenders = await enter(federation, most);
    await federation.owner(
      "create table public.bare (id int primary key, holder text, fence bigint not null default 0)",
    );
    const figures: RaceFigures[] = [];
    for (const plan of plans) {
      figures.push(await runPlan(federation, contenders, bare, plan));
      progress(`${plan.races} races of ${plan.ways}`);
    }
    await clearAway(federation);
    return figures;
  } finally {
    await bare.end();
    await federation.drop();
  }
}

/** Two stores with several connections each, then raw connections of all logins, taking turns. */
async function enter(federation: Federation, most: number): Promise<readonly Contender[]> {
  const stores: Contender[] = [];
  for (const actor of daemons) {
    const store = federation.connect(actor, { maxConnections: STORE_CONNECTIONS });
    await store.open({ instance: randomUUID(), takeOver: true, version: "0.1.0" });
    for (let i = 0; i < STORE_CONNECTIONS; i++) stores.push(ofStore(actor, store));
  }
  const raws: Contender[] = [];
  for (let i = 0; stores.length + raws.length < most || raws.length < 2; i++) {
    const actor = logins[i % logins.length] ?? LEAD;
    raws.push(await ofConnection(federation, actor));
  }
  // A daemon, a raw connection, the other daemon, a raw connection …
  const [one, other] = [stores.slice(0, STORE_CONNECTIONS), stores.slice(STORE_CONNECTIONS)];
  const mixed = Array.from({ length: most }, (_, i) => [one[i], raws[2 * i], other[i], raws[2 * i + 1]]).flat();
  return [...mixed, ...raws]
    .filter((c, i, all) => c !== undefined && all.indexOf(c) === i)
    .filter((c) => c !== undefined);
}

const ofStore = (actor: string, store: Store): Contender => ({
  actor,
  async apply(operation) {
    const { results } = await store.apply({ callId: randomUUID(), command: "Race", operations: [operation] });
    return claimOf(results[0]);
  },
});

async function ofConnection(federation: Federation, actor: string): Promise<Contender> {
  const client = await federation.raw(actor);
  const [node] = await federation.owner<{ generation: number; epoch: number }>(
    "select generation::int, impl_epoch::int as epoch from federation.nodes where actor = $1",
    [actor],
  );
  return {
    actor,
    async apply(operation) {
      const context = JSON.stringify({ ...node, callId: randomUUID(), command: "Race" });
      const { rows } = await client.query<{ answer: { results: readonly Partial<Claim>[] } }>(
        "select federation.apply($1, $2) as answer",
        [context, JSON.stringify([operation])],
      );
      return claimOf(rows[0]?.answer.results[0]);
    },
  };
}

const claimOf = (it: { claimed?: boolean; holder?: string; fence?: number } | undefined): Claim => ({
  claimed: it?.claimed ?? false,
  holder: it?.holder ?? "",
  fence: it?.fence ?? 0,
});

async function runPlan(
  federation: Federation,
  all: readonly Contender[],
  bare: pg.Pool,
  { ways, races }: RacePlan,
): Promise<RaceFigures> {
  const tasks = await openTasks(federation, races);
  const field = all.slice(0, ways);
  let [winners, losersTold, wrong, staleTried, staleRefused, racingMs] = [0, 0, 0, 0, 0, 0];
  const stale = async (by: Contender, task: string, fence: number): Promise<void> => {
    staleTried += 2;
    for (const operation of staleWrites(task, fence))
      await by.apply(operation).catch(() => {
        staleRefused++;
      });
  };
  for (const [n, task] of tasks.entries()) {
    const startedMs = performance.now();
    const answers = await Promise.all(field.map((contender) => contender.apply({ op: "claim_task", task })));
    racingMs += performance.now() - startedMs;
    const winner = answers.findIndex((a) => a.claimed);
    const told = answers.filter((a) => !a.claimed && a.holder === answers[winner]?.holder && a.fence === 1);
    winners += answers.filter((a) => a.claimed).length;
    losersTold += told.length;
    if (answers.filter((a) => a.claimed).length !== 1 || told.length !== ways - 1) wrong++;
    const holder = field[winner];
    if (holder === undefined) continue;
    // One who lost writes under the winner's fence, or, under the same name, under the one before it.
    const loser = field[(winner + 1) % field.length];
    if (loser !== undefined && loser !== holder) await stale(loser, task, loser.actor === holder.actor ? 0 : 1);
    if (n % ZOMBIE_EVERY !== 0) continue;
    await federation.owner(
      "update federation.tasks set state = 'released', assignee = null, holder = null, lease_until = null where id = $1",
      [task],
    );
    const again = await Promise.all(field.map((contender) => contender.apply({ op: "claim_task", task })));
    if (again.filter((a) => a.claimed && a.fence === 2).length !== 1) wrong++;
    await stale(holder, task, 1);
  }
  const [row] = await federation.owner<{ n: number }>(
    `select count(*)::int as n from federation.tasks t where t.id = any ($1::uuid[])
       and (t.fence <> (select count(*) from federation.task_history h where h.task = t.id and h.to_state = 'claimed')
         or exists (select 1 from federation.submissions s where s.task = t.id))`,
    [tasks],
  );
  wrong += row?.n ?? 0;
  return {
    ways,
    races,
    winners,
    losersTold,
    wrong,
    staleTried,
    staleRefused,
    racesPerSecond: races / (racingMs / 1_000),
    bareRacesPerSecond: await bareRaces(bare, ways, Math.min(races, 1_000)),
  };
}

const staleWrites = (task: string, fence: number): readonly Operation[] => [
  { op: "renew_claim", task, fence },
  {
    op: "submit_task",
    id: randomUUID(),
    task,
    fence,
    summary: "Mine.",
    evidence: ["file:mine.md"],
    files: [{ path: "mine.md", content: "Mine." }],
  },
];

/** Tasks in the pool: each errand is opened as any other, and then has more of the same. */
async function openTasks(federation: Federation, races: number): Promise<readonly string[]> {
  const tasks: string[] = [];
  while (tasks.length < races) {
    const [id, task] = [randomUUID(), randomUUID()];
    await federation.apply(LEAD, {
      op: "open_task",
      id,
      task,
      taskKind: "chore",
      title: "Race",
      instructions: "",
      assignee: null,
      scope: [],
      needs: [],
      priority: 0,
      dueInMs: null,
      proposal: null,
    });
    const more = await federation.owner<{ id: string }>(
      `insert into federation.tasks (conversation, title, instructions, kind, state, pool, created_by)
       select conversation, title, instructions, kind, state, pool, created_by from federation.tasks, generate_series(2, $2)
        where id = $1 returning id`,
      [task, TASKS_PER_ERRAND],
    );
    tasks.push(task, ...more.map((row) => row.id));
  }
  return tasks.slice(0, races);
}

/** As many at once, each with one conditional update of one row: what the database can do at best. */
async function bareRaces(pool: pg.Pool, ways: number, races: number): Promise<number> {
  await pool.query("truncate public.bare");
  await pool.query("insert into public.bare select n from generate_series(1, $1) n", [races]);
  const clients = await Promise.all(Array.from({ length: ways }, () => pool.connect()));
  try {
    let racingMs = 0;
    for (let id = 1; id <= races; id++) {
      const startedMs = performance.now();
      await Promise.all(
        clients.map((client, i) =>
          client.query("update public.bare set holder = $1, fence = fence + 1 where id = $2 and holder is null", [
            `c${i}`,
            id,
          ]),
        ),
      );
      racingMs += performance.now() - startedMs;
    }
    return races / (racingMs / 1_000);
  } finally {
    for (const client of clients) client.release();
  }
}

/** Nothing of it waits for anybody. */
async function clearAway(federation: Federation): Promise<void> {
  await federation.owner("update federation.tasks set state = 'cancelled', holder = null, lease_until = null");
  await federation.owner(
    "update federation.obligations set state = 'cancelled', closed_at = clock_timestamp() where state = 'open'",
  );
  await federation.owner(
    `update federation.missions set phase = 'closed', outcome = 'not_done', closed_at = clock_timestamp(), phase_deadline = null
      where phase <> 'closed'`,
  );
}

export function raceTable(figures: readonly RaceFigures[]): string {
  const cells = (it: RaceFigures): string =>
    [
      it.ways,
      it.races,
      it.winners,
      it.losersTold,
      it.wrong,
      `${it.staleTried} / ${it.staleRefused}`,
      it.staleTried - it.staleRefused,
      it.racesPerSecond.toFixed(0),
      it.bareRacesPerSecond.toFixed(0),
    ].join(" | ");
  return [
    "| at once | races | winners | losers told the holder | wrong | stale writes tried / refused | stale writes made | races/s | bare updates, races/s |",
    "|---|---|---|---|---|---|---|---|---|",
    ...figures.map((it) => `| ${cells(it)} |`),
  ].join("\n");
}
