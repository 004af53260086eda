/**
 * What the tasks of a page's main thread ask of a processor. On a machine that does other things besides, a task lasts longer
 * than that by what it waits for its turn, and a page itself can tell only the whole.
 */
import type { Page } from "playwright-core";
import { z } from "zod";
import { longestOf } from "./figures.ts";

const traceSchema = z.object({
  traceEvents: z.array(
    z.looseObject({
      name: z.string(),
      ph: z.string(),
      pid: z.number(),
      tid: z.number(),
      dur: z.number().optional(),
      tdur: z.number().optional(),
      args: z.looseObject({ name: z.unknown().optional() }).optional(),
    }),
  ),
});

/** The longest of them while `work` goes on, and what came of it. */
export async function longestOnProcessor<T>(
  page: Page,
  work: () => Promise<T>,
): Promise<{ readonly longestMs: number; readonly result: T }> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the page has no browser");
  await browser.startTracing(page, { categories: ["disabled-by-default-devtools.timeline"] });
  const result = await work().catch(async (error: unknown) => {
    await browser.stopTracing();
    throw error;
  });
  const { traceEvents } = traceSchema.parse(JSON.parse((await browser.stopTracing()).toString()));
  const threadOf = ({ pid, tid }: (typeof traceEvents)[number]): string => `${pid} ${tid}`;
  const mains = new Set(traceEvents.filter((it) => it.ph === "M" && it.args?.name === "CrRendererMain").map(threadOf));
  const tasks = traceEvents.filter((it) => it.ph === "X" && it.name === "RunTask" && mains.has(threadOf(it)));
  if (tasks.length === 0) throw new Error("the browser's trace holds no task of a page");
  // One that the browser did not time on the processor counts in whole.
  return { longestMs: longestOf(tasks.map((it) => (it.tdur ?? it.dur ?? 0) / 1_000)), result };
}
