/** Who had the processors: by the ticks that Linux counts. */
import { readFile } from "node:fs/promises";
import { descendants } from "../../dev/descendants.ts";

const ticksPerSecond = 100;

const kinds = {
  page: (line: string) => line.includes("--type=renderer"),
  browser: (line: string) => /--type=(gpu-process|utility)/.test(line) || /chromium.*--headless/.test(line),
  impl: (line: string) => line.includes("impl/main.ts"),
  substrate: (line: string) => line.includes("federationd.mjs"),
  postgres: (line: string) => line.startsWith("postgres:") || /bin\/postgres /.test(line),
} as const;

/** Percent of one processor; `others`: programs that do not belong to this measurement. */
export type Load = Readonly<Record<keyof typeof kinds | "bench" | "others", number>>;

/** Of a piece of work, while it goes on. */
export async function loadDuring(work: () => Promise<void>): Promise<Load> {
  const before = await sample();
  const startedMs = performance.now();
  await work();
  const after = await sample();
  const seconds = (performance.now() - startedMs) / 1_000;
  const percent = (ticks: number): number => Math.max(0, Math.round((100 * ticks) / ticksPerSecond / seconds));
  const of = (kind: keyof typeof kinds): number =>
    [...after.own].reduce((sum, [pid, it]) => {
      const began = before.own.get(pid)?.ticks ?? it.ticks;
      return it.kind === kind ? sum + it.ticks - began : sum;
    }, 0);
  const ticks = {
    page: of("page"),
    browser: of("browser"),
    impl: of("impl"),
    substrate: of("substrate"),
    postgres: of("postgres"),
    bench: after.bench - before.bench,
  };
  const ours = Object.values(ticks).reduce((sum, it) => sum + it, 0);
  return {
    page: percent(ticks.page),
    browser: percent(ticks.browser),
    impl: percent(ticks.impl),
    substrate: percent(ticks.substrate),
    postgres: percent(ticks.postgres),
    bench: percent(ticks.bench),
    others: percent(after.busy - before.busy - ours),
  };
}

interface Sample {
  readonly own: ReadonlyMap<number, { readonly kind: keyof typeof kinds; readonly ticks: number }>;
  readonly bench: number;
  /** Of the whole machine. */
  readonly busy: number;
}

async function sample(): Promise<Sample> {
  const own = new Map<number, { readonly kind: keyof typeof kinds; readonly ticks: number }>();
  for (const { pid, commandLine } of await descendants(process.pid)) {
    const kind = names.find((name) => kinds[name](commandLine));
    const ticks = kind === undefined ? undefined : await ticksOf(pid);
    if (kind !== undefined && ticks !== undefined) own.set(pid, { kind, ticks });
  }
  const [line = ""] = (await readFile("/proc/stat", "utf8")).split("\n");
  const [user = 0, nice = 0, system = 0, , , irq = 0, softIrq = 0] = line.split(/\s+/).slice(1).map(Number);
  return { own, bench: (await ticksOf(process.pid)) ?? 0, busy: user + nice + system + irq + softIrq };
}

const names = ["page", "browser", "impl", "substrate", "postgres"] as const satisfies readonly (keyof typeof kinds)[];

async function ticksOf(pid: number): Promise<number | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => undefined);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}
