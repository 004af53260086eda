/** Each hostile text as a stranger's message, read in the three rooms that show messages. */
import type { ControlClient } from "@federation/mcp/client";
import { watchForHarm } from "../../portal/testing/harm.ts";
import { hostileTexts } from "../../portal/testing/hostile-texts.ts";
import type { Portal } from "../../portal/testing/portal.ts";

export interface HostileOutcome {
  readonly name: string;
  readonly characters: number;
  /** What was shown in the place of characters that hide or turn text round. */
  readonly marks: readonly string[];
  /** What had to be shown and was not. */
  readonly missing: readonly string[];
  readonly harm: readonly string[];
  readonly longestTaskMs: number;
}

export async function readHostileTexts(portal: Portal, stranger: ControlClient): Promise<readonly HostileOutcome[]> {
  const { page, go } = portal;
  const watch = await watchForHarm(portal);
  const outcomes: HostileOutcome[] = [];
  for (const { name, text, shows } of hostileTexts) {
    const { conversation, id } = await stranger.call("SendMessage", { to: "commander", text });
    await watch.longestTaskMs();
    await go(`#/conversations/${conversation}`);
    const message = page.locator(`[data-message="${id}"]`);
    await message.waitFor();
    const body = (await message.textContent()) ?? "";
    const marks = await message.locator(".hidden-character [aria-hidden]").allTextContents();
    const harm = [...(await watch.harm())];
    await go(`#/messages/${id}`);
    await page.getByRole("heading", { name: "What was said" }).waitFor();
    harm.push(...(await watch.harm()));
    await go("#/timeline");
    await page.locator("[data-kind='MessageSent']").last().waitFor();
    harm.push(...(await watch.harm()));
    outcomes.push({
      name,
      characters: text.length,
      marks: [...new Set(marks.flatMap((it) => it.split(" ")))],
      missing: shows.filter((it) => !body.includes(it)),
      harm,
      longestTaskMs: await watch.longestTaskMs(),
    });
  }
  return outcomes;
}
