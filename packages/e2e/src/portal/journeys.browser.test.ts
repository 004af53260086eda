/** What a person does in the portal, in a real browser at a real mesh; and that the rows say what the page showed. */
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlClient } from "@federation/mcp/client";
import type { TcpProxy } from "@federation/testkit/tcp-proxy";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { launchBrowser, noBrowser } from "./testing/browser.ts";
import { type PortalMesh, startPortalMesh } from "./testing/mesh.ts";
import { cuttable, openPortal, type Portal } from "./testing/portal.ts";
import { makeTicket } from "./testing/ticket.ts";

describe.skipIf(noBrowser)("a person in the portal", () => {
  let mesh: PortalMesh;
  let browser: Browser;
  let network: TcpProxy;
  let portal: Portal;
  let client: ControlClient;

  beforeAll(async () => {
    [mesh, browser] = await Promise.all([startPortalMesh(), launchBrowser()]);
    client = mesh.client;
    network = await cuttable(client, await mesh.port());
    // Connections that are cut are what some of these tests are about.
    portal = await openPortal({ browser, client, port: network.port, expected: /WebSocket|ERR_/ });
  }, 240_000);
  /** From the notice that a command is done to what it made. */
  const follow = (title: string): Promise<void> =>
    portal.page
      .locator(".toast", { hasText: `${title}: done.` })
      .last()
      .getByRole("link", { name: "Show" })
      .click();

  afterAll(async () => {
    await portal?.close();
    await browser?.close();
    await network?.close();
    await mesh?.stop();
  });

  test("comes in by a link that works once, and of which nothing stays in the address or in local storage", async () => {
    const { page } = portal;
    for (const actor of ["taichi-5090", "aorus-3090", "baby", "commander"])
      await page.locator(`[data-actor="${actor}"]`).waitFor();
    expect(page.url()).toBe(`${portal.origin}/portal/`);
    expect(await page.evaluate("Object.keys(localStorage).length")).toBe(0);
    expect(await page.evaluate("document.cookie")).toBe("");
    await portal.shot("the mesh");

    const ticket = await makeTicket(client, portal.origin);
    const other = await browser.newContext();
    const first = await other.newPage();
    await first.goto(`${portal.origin}/portal/#ticket=${ticket}`);
    await first.locator(".connection.good").waitFor();
    const second = await (await browser.newContext()).newPage();
    await second.goto(`${portal.origin}/portal/#ticket=${ticket}`);
    await second.getByText("This page is not let in").waitFor();
    expect(await second.getByText("federation portal").count()).toBe(1);
    await other.close();
    await second.context().close();
  });

  test("comes back by itself when the tab is loaded again", async () => {
    const { page } = portal;
    await page.reload();
    await page.locator(".connection.good").waitFor();
    await page.locator('[data-actor="baby"]').waitFor();
  });

  test("starts a mission in which they vote, watches it, and casts the ballot that is counted", async () => {
    const { page } = portal;
    const objective = "Choose a retry policy for the outbox relay and write it down";
    await page.getByRole("button", { name: "New mission" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Objective").fill(objective);
    await dialog.getByLabel("Vote").check();
    await portal.shot("a new mission");
    await dialog.getByRole("button", { name: "Start a mission" }).click();
    await follow("Start a mission");
    await page.getByRole("heading", { name: objective }).waitFor();
    await portal.shot("the mission under way");

    await portal.go("#/inbox");
    const ballot = page.locator('[data-waiting="ballot"]').first();
    await ballot.waitFor({ timeout: 120_000 });
    await portal.shot("a ballot waits");
    const proposal = await ballot.getAttribute("data-item");
    await ballot.getByLabel("Reason").fill("It is bounded, and says when to stop.");
    await ballot.getByRole("button", { name: "Yes" }).click();
    await page.locator(`[data-item="${proposal}"]`).waitFor({ state: "detached" });

    const { proposal: voted } = await client.call("ShowProposal", { proposal: proposal ?? "" });
    const mine = voted.ballots.filter((it) => it.voter === "commander");
    expect(mine).toMatchObject([{ choice: "yes", reason: "It is bounded, and says when to stop." }]);
    await portal.go(`#/proposals/${proposal}`);
    await page.locator('[data-ballot="commander"]').getByText("yes", { exact: true }).waitFor();
    await portal.shot("the ballot on the proposal");
  }, 240_000);

  test("answers a question that waits, once: it goes when the rows say so, and a second answer is the first", async () => {
    const { page } = portal;
    const asker = await mesh.addActor("copilot-1", "developer");
    const { approval } = await asker.call("AskApproval", {
      whom: "commander",
      question: "May I delete the old branch?",
    });
    await portal.go("#/inbox");
    const item = page.locator(`[data-item="${approval}"]`);
    await item.waitFor();
    await portal.shot("an approval waits");
    const count = page.getByRole("navigation", { name: "Rooms" }).getByRole("status");
    expect(Number((await count.first().textContent()) ?? "")).toBeGreaterThan(0);
    await item.getByLabel("Reason, if there is one").fill("It was merged.");
    await item.getByRole("button", { name: "Approve" }).click();
    await item.waitFor({ state: "detached" });
    const asked = await asker.call("ListApprovals", { asked: "by_me", approval });
    expect(asked.approvals).toMatchObject([{ state: "approved", reason: "It was merged." }]);
    await expect(client.call("AnswerApproval", { approval, approve: false })).rejects.toThrow();
    expect((await asker.call("ListApprovals", { asked: "by_me", approval })).approvals[0]?.state).toBe("approved");
  });

  test("vetoes a decision that was accepted, before it takes effect", async () => {
    const { page } = portal;
    await portal.go("#/proposals");
    await page.getByRole("button", { name: "New motion: a decision" }).click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Title").fill("Deploy on Fridays");
    await dialog.getByLabel("Text").fill("From now on we deploy on Fridays, after five.");
    await dialog.getByRole("button", { name: "Propose a decision" }).click();
    await follow("Propose a decision");
    await page.getByRole("heading", { name: "Deploy on Fridays" }).waitFor();
    const id = /proposals\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? "";
    await page.getByRole("button", { name: "Veto" }).click();
    await dialog.getByLabel("Reason").fill("Nobody is there on Saturday.");
    await portal.shot("a veto");
    await dialog.getByRole("button", { name: "Veto" }).click();
    await page.locator(".badge", { hasText: "vetoed" }).first().waitFor();
    const { proposal } = await client.call("ShowProposal", { proposal: id });
    expect(proposal.state).toBe("vetoed");
    const { missions } = { missions: (await client.call("ListMotions", {})).motions };
    expect(missions.find((it) => it.proposal === id)).toMatchObject({ state: "vetoed" });
  });

  test("is refused by the article that forbids it, and told what would be lawful", async () => {
    const { page } = portal;
    const { proposals } = await client.call("ListProposals", {});
    const vetoed = proposals.find((it) => it.state === "vetoed");
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command or place" }).fill("vote");
    await page.keyboard.press("Enter");
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Proposal").selectOption(vetoed?.id ?? "");
    await dialog.getByLabel("Choice").selectOption("yes");
    await dialog.getByLabel("Reason").fill("I would have liked it.");
    await dialog.getByRole("button", { name: "Vote" }).click();
    const refusal = dialog.getByRole("alert");
    await refusal.waitFor();
    await portal.shot("a refusal with its article");
    const article = await refusal.getByRole("link").textContent();
    const { verdicts } = await client.call("ListVerdicts", { refused: true, actor: "commander", limit: 1 });
    expect(verdicts[0]?.article).toBe(article);
    await dialog.getByRole("button", { name: "Cancel" }).click();
  });

  test("takes a task over by the charter, submits it, and sees it accepted by another", async () => {
    const { page } = portal;
    const reviewer = await mesh.addActor("reviewer-1", "analyst");
    await portal.go("#/tasks");
    await page.getByRole("button", { name: "New task" }).first().click();
    const dialog = page.getByRole("dialog");
    await dialog.getByLabel("Title").fill("Write the on-call rota");
    await dialog.getByLabel("Instructions").fill("Who is on call, and when.");
    await dialog.getByLabel("Assignee").fill("copilot-1");
    await dialog.getByRole("button", { name: "Open a task" }).click();
    await follow("Open a task");
    await page.getByRole("button", { name: "Take over" }).click();
    await dialog.getByLabel("Reason").fill("It is due today.");
    await dialog.getByRole("button", { name: "Take a task over" }).click();
    await page.getByText("Take a task over: done.").waitFor();
    await page.getByRole("button", { name: "Submit", exact: true }).click();
    await dialog.getByLabel("Summary").fill("The rota: odd weeks north, even weeks south.");
    const evidence = dialog.getByRole("group", { name: /Evidence/ });
    await evidence.getByRole("button", { name: "Add" }).click();
    await evidence.getByRole("textbox").fill("file:rota.md");
    const files = dialog.getByRole("group", { name: /Files/ });
    await files.getByRole("button", { name: "Add" }).click();
    await files.getByLabel("Path").fill("rota.md");
    await files.getByLabel("Content").fill("odd weeks: north\neven weeks: south\n");
    await portal.shot("submitting a task");
    await dialog.getByRole("button", { name: "Submit a result" }).click();
    await page.locator(".badge", { hasText: "submitted" }).first().waitFor();
    const task = /tasks\/([0-9a-f-]{36})/.exec(page.url())?.[1] ?? "";
    const shown = await client.call("ShowTask", { task });
    expect(shown.task).toMatchObject({ state: "submitted", submission: { author: "commander", state: "open" } });
    expect(shown.history.map((it) => it.to)).toContain("claimed");
    // Whoever owes the review gives it: an agent of the mesh, or the analyst from outside.
    await reviewer.call("ReviewTask", { task, accept: true, reason: "It says who, and when." }).catch(() => undefined);
    await page
      .locator(".badge", { hasText: /accepted|rejected/ })
      .first()
      .waitFor({ timeout: 120_000 });
    const { task: ended } = await client.call("ShowTask", { task });
    expect(["accepted", "rejected", "claimed", "assigned"]).toContain(ended.state);
    expect(await page.locator("header .badge").allTextContents()).toContain(ended.state);
    await portal.shot("the task reviewed");
  }, 240_000);

  test("reads a thread where they read it: what comes moves it on at its end only", async () => {
    const { page } = portal;
    const text = "A line.\n\n".repeat(20);
    const { conversation } = await client.call("SendMessage", { to: "all", text });
    for (let n = 0; n < 5; n++) await client.call("SendMessage", { conversation, to: "all", text });
    await portal.go(`#/conversations/${conversation}`);
    const place = async () =>
      z
        .object({ top: z.number(), below: z.number() })
        .parse(
          await page.evaluate(
            "(() => { const it = document.querySelector('main'); return { top: it.scrollTop, below: it.scrollHeight - it.scrollTop - it.clientHeight }; })()",
          ),
        );
    const messages = page.locator("[data-message]");
    await messages.nth(5).waitFor();
    await expect.poll(async () => (await place()).top).toBeGreaterThan(500);
    await page.evaluate("document.querySelector('main').scrollTop = 200");
    await sleep(200);
    const said = await client.call("SendMessage", { conversation, to: "all", text: "Meanwhile." });
    await page.locator(`[data-message="${said.id}"]`).waitFor();
    await sleep(200);
    expect((await place()).top).toBe(200);
    await page.evaluate("document.querySelector('main').scrollTop = 1e6");
    await sleep(200);
    const last = await client.call("SendMessage", { conversation, to: "all", text });
    await page.locator(`[data-message="${last.id}"]`).waitFor();
    const end = `document.querySelector('[data-message="${last.id}"]').getBoundingClientRect().bottom <= innerHeight + 1`;
    await expect.poll(() => page.evaluate(end)).toBe(true);
  }, 60_000);

  test("sees a node die and come back", async () => {
    const { page } = portal;
    await portal.go("#/mesh");
    const row = page.locator('[data-row="baby"]');
    const [pid = 0] = await mesh.dev.pids((line) => line.includes("federationd.mjs") && line.includes("/baby/"));
    // Stopped and not ended: `dev` starts what ended again within a moment.
    process.kill(pid, "SIGSTOP");
    const stopped = await mesh.dev.pids((line) => line.includes("impl/main.ts"));
    expect(stopped.length).toBeGreaterThan(0);
    const impl = await implOf(mesh, pid);
    process.kill(impl, "SIGSTOP");
    try {
      await row.locator('[data-activity="away"]').waitFor({ timeout: 60_000 });
      expect((await client.call("ListRoster", {})).actors.find((it) => it.actor === "baby")?.online).toBe(false);
      await portal.shot("a node is away");
    } finally {
      process.kill(pid, "SIGKILL");
      process.kill(impl, "SIGKILL");
    }
    await row.locator('[data-activity="away"]').waitFor({ state: "detached", timeout: 60_000 });
    expect((await client.call("ListRoster", {})).actors.find((it) => it.actor === "baby")?.online).toBe(true);
    await portal.shot("the node is back");
  }, 180_000);

  test("finds in the search what the address says, whoever wrote it there, and loses no letter while they type", async () => {
    const { page } = portal;
    await portal.go("#/timeline?text=first");
    const search = page.getByRole("searchbox", { name: "Letters in the event" });
    await expect.poll(() => search.inputValue()).toBe("first");
    await portal.go("#/timeline?text=second");
    await expect.poll(() => search.inputValue()).toBe("second");
    // Longer than typing is waited for: nothing springs back.
    await sleep(600);
    expect(page.url()).toContain("text=second");
    await search.fill("");
    await search.pressSequentially("mission ", { delay: 120 });
    await expect.poll(() => page.url()).toContain("text=mission+");
    expect(await search.inputValue()).toBe("mission ");
    await page.getByRole("button", { name: "Show all" }).click();
    await expect.poll(() => page.url()).not.toContain("text=");
    expect(await search.inputValue()).toBe("");
  });

  test("loses the network, misses what happens, and has all of it when it is back: counted, once, in order", async () => {
    const { page } = portal;
    await portal.go("#/timeline");
    await page.getByText("following").waitFor();
    const before = (await client.call("ListEvents", { after: "end", limit: 1 })).cursor ?? "";
    network.blackhole();
    network.cut();
    await page.getByText(/away for/).waitFor();
    await sleep(2_500);
    const { conversation } = await client.call("SendMessage", { to: "all", text: "missed number 0" });
    for (let n = 1; n < 12; n++)
      await client.call("SendMessage", { conversation, to: "all", text: `missed number ${n}` });
    await portal.shot("without a network");
    network.resume();
    network.cut();
    const banner = page.locator('[data-away="complete"]');
    await banner.waitFor({ timeout: 60_000 });
    await portal.shot("back with the proof");
    const claimed = Number(
      /([\d,]+) events? happened/.exec((await banner.textContent()) ?? "")?.[1]?.replaceAll(",", ""),
    );
    expect(claimed).toBeGreaterThanOrEqual(12);
    const shown = page.locator("[data-kind='MessageSent']", { hasText: "missed number" });
    await expect.poll(() => shown.count()).toBe(12);
    const texts = await shown.allTextContents();
    expect(texts.map((it) => Number(/number (\d+)/.exec(it)?.[1]))).toEqual([...Array(12).keys()]);
    const { events } = await client.call("ListEvents", { after: before, limit: 500 });
    expect(events.filter((it) => String(it.data["text"]).startsWith("missed number"))).toHaveLength(12);
  }, 120_000);

  test("is told that nothing answers any more, while they only look and no socket says so", async () => {
    const { page } = portal;
    network.blackhole();
    await page.locator("[data-offline]").waitFor({ timeout: 40_000 });
    network.resume();
    network.cut();
    await page.locator(".connection.good").waitFor({ timeout: 60_000 });
    await page.locator("[data-offline]").waitFor({ state: "detached" });
  }, 120_000);

  test("goes on through new logic of its node and through its restart, and has missed nothing", async () => {
    const { page } = portal;
    const count = async () =>
      Number(
        /· ([\d,]+) since/.exec((await page.getByText("following").textContent()) ?? "")?.[1]?.replaceAll(",", ""),
      );
    await client.call("ReloadNode", {});
    await mesh.dev.event((it) => it.kind === "NodeReloaded" && it.data["node"] === "commander", 60_000);
    await page.locator("[data-kind='NodeReloaded']").first().waitFor();
    const seen = await count();
    const [pid = 0] = await mesh.dev.pids((line) => line.includes("federationd.mjs") && line.includes("/commander/"));
    process.kill(pid, "SIGKILL");
    await page.getByText(/away for|connecting/).waitFor();
    await page.locator(".connection.good").waitFor({ timeout: 60_000 });
    await page.locator('[data-away="complete"], main:not(:has([data-away]))').first().waitFor({ timeout: 30_000 });
    expect(await page.locator('[data-away="incomplete"]').count()).toBe(0);
    await expect.poll(count).toBeGreaterThan(seen);
    await portal.shot("after a restart of its node");
  }, 180_000);

  test("ends it everywhere from another door, and the page says how to get in again", async () => {
    const { page } = portal;
    const { sessions } = await client.call("ListPageSessions", {});
    for (const session of sessions) await client.call("EndPageSession", { session: session.id });
    await page.getByText("This page is not let in").waitFor({ timeout: 20_000 });
    await portal.shot("let in no more");
    await page.reload();
    await page.getByText("This page is not let in").waitFor();
  });

  test("and all the while nothing was reported as wrong, and no request left the node", () => {
    expect(portal.faults).toEqual([]);
  });
});

/** The process that holds the logic of a daemon. */
async function implOf(mesh: PortalMesh, daemon: number): Promise<number> {
  const { descendants } = await import("../dev/descendants.ts");
  const impl = (await descendants(daemon)).find((it) => it.commandLine.includes("impl/main.ts"));
  expect(impl, `no logic below ${daemon}; ${mesh.dev.stderr()}`).toBeDefined();
  return impl?.pid ?? 0;
}
