/**
 * What models and strangers write, shown by the portal: as data, marked where it deceives; nothing runs, nothing is fetched,
 * nothing stands still. Each text is put wherever a text can be put, and every room that shows it is visited.
 */
import type { ControlClient } from "@federation/mcp/client";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, noBrowser } from "./testing/browser.ts";
import { type HarmWatch, watchForHarm } from "./testing/harm.ts";
import { hostileTexts } from "./testing/hostile-texts.ts";
import { type PortalMesh, startPortalMesh } from "./testing/mesh.ts";
import { openPortal, type Portal } from "./testing/portal.ts";

/** Bytes of a file in a submission, at most. */
const largestFile = 262_144;

describe.skipIf(noBrowser)("hostile content", () => {
  let mesh: PortalMesh;
  let browser: Browser;
  let portal: Portal;
  let client: ControlClient;
  let stranger: ControlClient;
  let watch: HarmWatch;

  beforeAll(async () => {
    [mesh, browser] = await Promise.all([startPortalMesh(), launchBrowser()]);
    client = mesh.client;
    stranger = await mesh.addActor("stranger-1", "developer");
    portal = await openPortal({ browser, client, port: await mesh.port() });
    watch = await watchForHarm(portal);
  }, 240_000);
  afterAll(async () => {
    await portal?.close();
    await browser?.close();
    await mesh?.stop();
  });
  const unharmed = async (room: string): Promise<void> => expect(await watch.harm(), room).toEqual([]);

  test.each(hostileTexts.map(({ name, text, shows }) => ({ name, text, shows })))(
    "$name",
    async ({ name, text, shows }) => {
      const { page } = portal;
      const { conversation, id } = await stranger.call("SendMessage", { to: "commander", text });
      await portal.go(`#/conversations/${conversation}`);
      const message = page.locator(`[data-message="${id}"]`);
      await message.waitFor();
      await unharmed(`conversation: ${name}`);
      for (const expected of shows) {
        const body = (await message.textContent()) ?? "";
        expect(body, name).toContain(expected);
      }
      await portal.go(`#/messages/${id}`);
      await page.getByRole("heading", { name: "What was said" }).waitFor();
      await unharmed(`message: ${name}`);
      await portal.go("#/timeline");
      await page.locator("[data-kind='MessageSent']").last().waitFor();
      await unharmed(`timeline: ${name}`);
    },
  );

  test("in a title, an objective, a question, a task, a memory, a proposal and a file", async () => {
    const { page } = portal;
    const nasty = '<img src=x onerror="pwned=1"> [x](javascript:pwned=1) \u202Egnp.exe\u202C \u200B';
    const { task } = await client.call("OpenTask", {
      title: nasty.slice(0, 200),
      instructions: nasty,
      assignee: "stranger-1",
    });
    const { fence } = await stranger.call("ClaimTask", { task });
    await stranger.call("SubmitTask", {
      task,
      fence,
      summary: nasty,
      files: [{ path: "x.html", content: `${nasty}<script>pwned = 1</script>` }],
      evidence: ["file:x.html"],
    });
    await stranger.call("Remember", { text: nasty });
    const { approval } = await stranger.call("AskApproval", { whom: "commander", question: nasty });
    const { proposal } = await stranger.call("ProposeDecision", { title: nasty.slice(0, 200), text: nasty });
    const { mission } = await client.call("StartMission", { objective: nasty, members: ["baby"] });
    const { proposal: amendment } = await stranger.call("ProposeAmendment", {
      title: nasty.slice(0, 200),
      text: nasty,
      change: { change: "add_advisory", article: "be-kind", title: nasty.slice(0, 200), text: nasty },
      motive: nasty,
    });
    const { events } = await client.call("ListEvents", { subject: approval, limit: 1 });
    for (const [room, marker] of [
      [`#/tasks/${task}`, "Ownership"],
      ["#/tasks", "Tasks"],
      ["#/memory", "Memory"],
      ["#/inbox", "Inbox"],
      [`#/proposals/${proposal}`, "What is proposed"],
      ["#/proposals", "Proposals"],
      [`#/proposals/${amendment}`, "What changes"],
      ["#/timeline", "Timeline"],
      [`#/timeline?event=${encodeURIComponent(events[0]?.cursor ?? "")}`, "Around it"],
      [`#/missions/${mission}`, "Members"],
      ["#/missions", "Missions"],
      ["#/costs?by=conversation", "Costs"],
      ["#/turns", "Turns"],
      ["#/mesh", "Health"],
      ["#/actors/stranger-1", "Who it is"],
      ["#/charter?tab=refusals", "What was refused"],
    ] as const) {
      await portal.go(room);
      await page.getByRole("heading", { name: marker, exact: true }).first().waitFor();
      await unharmed(room);
    }
    await portal.go("#/inbox");
    const item = page.locator(`[data-item="${approval}"]`);
    await item.locator(".hidden-character").first().waitFor();
    await portal.shot("a hostile question in the inbox");
    // In what fills a form, too.
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command or place" }).fill("review a result");
    await page.keyboard.press("Enter");
    await page.getByRole("dialog").getByLabel("Task").waitFor();
    await unharmed("a form");
    await page.keyboard.press("Escape");
  });

  test("in files of the greatest length there may be, opened and shown to their end", async () => {
    const { page } = portal;
    const { task } = await client.call("OpenTask", { title: "Long", instructions: "Long.", assignee: "stranger-1" });
    const { fence } = await stranger.call("ClaimTask", { task });
    await stranger.call("SubmitTask", {
      task,
      fence,
      summary: "Long files.",
      files: [
        { path: "hidden.txt", content: "\u202E\u200B".repeat(largestFile / 6) },
        { path: "lines.txt", content: "<b>x\n".repeat(Math.floor(largestFile / 5)) },
        { path: "one-line.txt", content: "a".repeat(largestFile) },
      ],
      evidence: ["file:hidden.txt"],
    });
    await portal.go(`#/tasks/${task}`);
    for (const name of ["hidden.txt", "lines.txt", "one-line.txt"]) {
      const file = page.locator("details", { hasText: name });
      await file.locator("summary").click();
      const more = file.getByRole("button", { name: "Show more" });
      // Each step shows more of it, for as long as there is more.
      for (let step = 0; step < 5 && (await more.count()) > 0; step++) await more.click();
      await unharmed(name);
    }
    await portal.shot("files of the greatest length");
  });

  test("thirty texts in one conversation, each of which takes a while to be laid out", async () => {
    const { page } = portal;
    const item = (n: number) => `${" ".repeat((n % 11) * 2)}- item ${n}`;
    const text = Array.from({ length: 900 }, (_, n) => item(n))
      .join("\n")
      .slice(0, 15_000);
    const { conversation } = await stranger.call("SendMessage", { to: "commander", text });
    for (let n = 1; n < 30; n++) await stranger.call("SendMessage", { to: "commander", conversation, text });
    await portal.go(`#/conversations/${conversation}`);
    await page.locator("[data-message]").nth(29).waitFor();
    await page.locator("[data-message]").last().locator(".markdown").waitFor();
    expect(await page.locator("[data-message] .markdown").count()).toBeLessThan(10);
    await unharmed("thirty texts");
  });

  test("a link is opened only after its address was read and confirmed, and one that is no web address not at all", async () => {
    const { page } = portal;
    const { conversation, id } = await stranger.call("SendMessage", {
      to: "commander",
      text: "[your bank](https://example.org/login) and [this](javascript:pwned=1), [that](command:workbench.action.quit), [data](data:text/html,x)",
    });
    await portal.go(`#/conversations/${conversation}`);
    const message = page.locator(`[data-message="${id}"]`);
    await message.getByRole("button", { name: "your bank" }).click();
    await page.getByRole("dialog").getByText("https://example.org/login").waitFor();
    await portal.shot("a link asks first");
    await page.getByRole("button", { name: "Stay here" }).click();
    expect(await message.locator("button.link").count()).toBe(1);
    expect(await message.getByText(/leads nowhere/).count()).toBe(3);
    await unharmed("links");
  });

  let longestMs = 0;
  test("and of all this nothing was fetched, nothing reported as wrong, and the page never froze", async () => {
    expect(portal.faults).toEqual([]);
    longestMs = Math.max(longestMs, await watch.longestTaskMs());
    process.stderr.write(`hostile content: the longest task took ${Math.round(longestMs)} ms\n`);
    // Half a second on a machine that does nothing else (docs/portal.md); what grows with the square of a text takes minutes.
    expect(longestMs).toBeLessThan(3_000);
  });
});
