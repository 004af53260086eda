/** How a reload of a node ended, as its row tells. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { BenchNode } from "./bench-node.ts";
import type { Lane } from "./host.ts";

export type ReloadRow = {
  readonly id: string;
  readonly state: string;
  readonly stage: string | null;
  readonly reason: string;
  readonly took_ms: number | null;
};

const DEADLINE_MS = 45_000;
const LOOK_MS = 20;
const askedSchema = z.object({ reload: z.uuid() });

const rows = (node: BenchNode): Promise<readonly ReloadRow[]> =>
  node.owner<ReloadRow>("select id, state, stage, reason, took_ms from federation.reloads");

/** The ids of all reloads there are. */
export async function reloadIds(node: BenchNode): Promise<ReadonlySet<string>> {
  return new Set((await rows(node)).map(({ id }) => id));
}

/** Asks for one by the tool, over a lane; gives its id. */
export async function askForReload(lane: Lane): Promise<string> {
  const answer = await lane.call({ tool: "reload_node", arguments: {} });
  if (answer.isError) throw new Error(`a reload is refused: ${answer.text.slice(0, 160)}`);
  return askedSchema.parse(answer.structured).reload;
}

/** Waits for the end of the reload that fits. */
export async function reloadEnd(node: BenchNode, fits: (row: ReloadRow) => boolean): Promise<ReloadRow> {
  const endMs = performance.now() + DEADLINE_MS;
  while (performance.now() < endMs) {
    const row = (await rows(node)).find((it) => it.state !== "asked" && fits(it));
    if (row !== undefined) return row;
    await sleep(LOOK_MS);
  }
  throw new Error(`no reload has ended after ${DEADLINE_MS / 1_000} s`);
}

/** Empty when the new logic is at work. */
export function failureOf({ state, stage, reason }: ReloadRow): string {
  return state === "reloaded" ? "" : `${stage ?? state}: ${reason}`;
}
