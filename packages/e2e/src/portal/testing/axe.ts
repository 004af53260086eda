/** What axe-core finds in a page: the rules of WCAG 2 that a machine can check. */
import axe from "axe-core";
import type { Page } from "playwright-core";
import { z } from "zod";
import type { Portal } from "./portal.ts";
import type { Room } from "./rooms.ts";

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

export interface RoomFindings extends AxeResult {
  readonly room: string;
  /** By how much it is wider than its screen, in CSS pixels: that would have to be scrolled both ways to be read. */
  readonly widerBy: number;
}

/** Every room, once what it shows is there. */
export async function axeInRooms({ page, go }: Portal, rooms: readonly Room[]): Promise<readonly RoomFindings[]> {
  const findings: RoomFindings[] = [];
  for (const room of rooms) {
    await go(room.hash);
    await page.getByRole("heading", { name: room.heading }).first().waitFor();
    await page.locator("#main .loading").first().waitFor({ state: "detached" });
    const result = await runAxe(page);
    const widerBy = Number(await page.evaluate("document.documentElement.scrollWidth - innerWidth"));
    findings.push({ room: room.name, ...result, widerBy });
  }
  return findings;
}

/** What a person may use it on, and in which light. */
export const screens = [
  { screen: "light", dark: false, viewport: { width: 1440, height: 900 } },
  { screen: "dark", dark: true, viewport: { width: 1440, height: 900 } },
  { screen: "light, at twice the size", dark: false, viewport: { width: 720, height: 450 } },
  { screen: "dark, on a narrow screen", dark: true, viewport: { width: 400, height: 800 } },
] as const;

export const isSerious = ({ impact }: { readonly impact: string }): boolean =>
  impact === "serious" || impact === "critical";
