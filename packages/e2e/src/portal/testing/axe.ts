/** What axe-core finds in a page: the rules of WCAG 2 that a machine can check. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { z } from "zod";

const resultSchema = z.object({
  passes: z.number(),
  violations: z.array(
    z.object({ id: z.string(), impact: z.string(), help: z.string(), nodes: z.array(z.string()), count: z.number() }),
  ),
});
export type AxeResult = z.infer<typeof resultSchema>;

/** Put in from outside, past the policy of the page. */
export async function runAxe(page: Page): Promise<AxeResult> {
  await page.evaluate(`if (globalThis.axe === undefined) { ${axe.source} }`);
  const run = `axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }).then((it) => ({
    passes: it.passes.length,
    violations: it.violations.map((v) => ({ id: v.id, impact: v.impact ?? "minor", help: v.help, count: v.nodes.length, nodes: v.nodes.slice(0, 3).map((n) => n.html.slice(0, 200) + " " + (n.any[0]?.message ?? n.all[0]?.message ?? "")) })),
  }))`;
  return resultSchema.parse(await page.evaluate(run));
}

export const isSerious = ({ impact }: { readonly impact: string }): boolean =>
  impact === "serious" || impact === "critical";
