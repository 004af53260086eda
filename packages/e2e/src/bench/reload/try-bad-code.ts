/** New code with a fault, given to a real node under calls: when it is found out, and what the calls met. */
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { type BenchNode, startBenchNode } from "./bench-node.ts";
import { type Figures, figuresOf } from "./figures.ts";
import { type Lane, openLane } from "./host.ts";
import { prepareCalls } from "./node-calls.ts";
import { offerCalls } from "./offer-calls.ts";
import { daemonWithImpl, federation } from "./programs.ts";
import { failureOf, type ReloadRow, reloadEnd, reloadIds } from "./reload-rows.ts";
import { overHttpWithOldSdk, overStdio, overWebSocket } from "./sessions.ts";
import { type BadCode, type Fault, faultFile, shownFile, silent } from "./wayward.ts";

export interface Tried {
  readonly fault: BadCode;
  readonly stage: string | null;
  readonly reason: string;
  /** From the moment the fault showed (for what only stays silent: when its time was over) until it was on record. */
  readonly reportedAfterMs: number;
  readonly figures: Figures;
  readonly sessionsLost: number;
  /** Of a reload with good code right after it; empty when it came about. */
  readonly afterwards: string;
}

export const START_MS = 8_000;
const PROBATION_MS = 3_000;

export async function tryBadCode(
  chosen: readonly BadCode[],
  offer: { readonly calls: number; readonly everyMs: number; readonly onTried?: (tried: Tried) => void },
): Promise<readonly Tried[]> {
  const node = await startBenchNode({
    model: false,
    reload: { startMs: START_MS, probationMs: PROBATION_MS },
    program: (configFile) => ({
      entry: daemonWithImpl,
      args: [configFile, path.join(import.meta.dirname, "wayward-impl.ts")],
    }),
  });
  const lanes: Lane[] = [];
  try {
    const at = { port: node.port(), token: node.token };
    const stub = [federation, "mcp", "--url", `ws://127.0.0.1:${at.port}/mcp`, "--token-file", node.tokenFile];
    lanes.push(await openLane("WebSocket 2026", overWebSocket(at, "2026-07-28")));
    lanes.push(await openLane("HTTP 2025", overHttpWithOldSdk(at)));
    lanes.push(await openLane("stdio 2025", overStdio({ args: stub }, "2025-11-25")));
    const tried: Tried[] = [];
    for (const fault of chosen) {
      const it = await tryOne(node, lanes, fault, offer);
      tried.push(it);
      offer.onTried?.(it);
    }
    return tried;
  } finally {
    await Promise.all(lanes.map((lane) => lane.close()));
    await node.close();
  }
}

async function tryOne(
  node: BenchNode,
  lanes: readonly Lane[],
  fault: BadCode,
  { calls, everyMs }: { readonly calls: number; readonly everyMs: number },
): Promise<Tried> {
  const lostBefore = sessionsLost(lanes);
  const prepared = await prepareCalls(node, lanes);
  await rm(path.join(node.dir, shownFile), { force: true });
  let end: ReloadRow | undefined;
  let reportedAfterMs = Number.NaN;
  const offered = await offerCalls(
    {
      lanes,
      ...prepared,
      async reload() {
        const askedMs = Date.now();
        end = await reloadWith(node, fault);
        reportedAfterMs = Date.now() - (await shownMs(node, fault, askedMs));
        return { trigger: "SIGHUP", failure: failureOf(end) };
      },
    },
    { calls, reloads: 1, everyMs },
  );
  return {
    fault,
    stage: end?.stage ?? null,
    reason: end?.reason ?? "it was not found out",
    reportedAfterMs,
    figures: figuresOf(offered.calls, offered.reloads, offered.effects),
    sessionsLost: sessionsLost(lanes) - lostBefore,
    afterwards: failureOf(await reloadWith(node, "none")),
  };
}

async function reloadWith(node: BenchNode, fault: Fault): Promise<ReloadRow> {
  await writeFile(path.join(node.dir, faultFile), JSON.stringify(fault));
  const before = await reloadIds(node);
  node.signal("SIGHUP");
  return await reloadEnd(node, ({ id }) => !before.has(id));
}

async function shownMs(node: BenchNode, fault: Fault, askedMs: number): Promise<number> {
  if (silent.includes(fault)) return askedMs + START_MS;
  return Number(await readFile(path.join(node.dir, shownFile), "utf8"));
}

const sessionsLost = (lanes: readonly Lane[]): number =>
  lanes.reduce((sum, { counters }) => sum + counters.sessionsLost + counters.subscriptionsLost, 0);
