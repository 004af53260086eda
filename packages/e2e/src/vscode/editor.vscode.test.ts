/** What a person does in the editor, in a real VS Code at a real mesh; and that the rows say what the editor showed. */
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import type { ControlClient } from "@federation/mcp/client";
import type { Browser } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser } from "../portal/testing/browser.ts";
import { type PortalMesh, startPortalMesh } from "../portal/testing/mesh.ts";
import { openPortal } from "../portal/testing/portal.ts";
import { type CodeServer, startCodeServer } from "./testing/code-server.ts";
import { activity, type Editor, openEditor } from "./testing/editor.ts";
import { noEditor } from "./testing/install-code-server.ts";
import { packageExtension } from "./testing/package-extension.ts";
import { socketsTo } from "./testing/sockets-to.ts";
import { makeWorkspace, type Workspace } from "./testing/workspace.ts";

const objective = "Choose a retry policy for the outbox relay and write it down";
/** For what the editor shows a moment later. */
const soon = { timeout: 15_000 };
const reason = "It is bounded, and says when to stop.";

describe.skipIf(noEditor)("a person in the editor", () => {
  let workspace: Workspace;
  let mesh: PortalMesh;
  let client: ControlClient;
  let server: CodeServer;
  let browser: Browser;
  let editor: Editor;

  beforeAll(async () => {
    workspace = await makeWorkspace();
    const vsix = await packageExtension();
    [mesh, server, browser] = await Promise.all([
      startPortalMesh(["--repo", workspace.folder], { stateDir: workspace.stateDir }),
      startCodeServer({
        dir: workspace.dir,
        vsix,
        settings: {
          "workbench.startupEditor": "none",
          "workbench.secondarySideBar.defaultVisibility": "hidden",
          "git.openRepositoryInParentFolders": "never",
          // Otherwise the editor asks whether it shall, over what is looked at.
          "git.autofetch": true,
          "window.autoDetectColorScheme": true,
        },
      }),
      launchBrowser(),
    ]);
    client = mesh.client;
    editor = await openEditor({ browser, server, folder: workspace.folder });
  }, 240_000);

  afterEach(async ({ task }) => {
    if (task.result?.state === "fail") await editor.shot(`failed ${task.name}`);
  });

  afterAll(async () => {
    await editor?.close();
    await browser?.close();
    await server?.stop();
    await mesh?.stop();
    await workspace?.remove();
  });

  test("is offered what makes sense without a node, and finds the local mesh by one command", async () => {
    expect((await editor.offered()).toSorted()).toEqual([
      "Federation: Connect",
      "Federation: How to Begin",
      "Federation: Show Log",
    ]);
    expect(await editor.log()).toBe("");
    await editor.page.locator(activity).click();
    await editor.page.getByText("This editor is connected to no node.").waitFor();
    await editor.shot("not connected");
    await editor.command("Federation: Connect");
    for (const actor of ["taichi-5090", "aorus-3090", "baby", "commander"])
      await editor.row("Roster", new RegExp(`^\\s*${actor}`)).waitFor();
    await expect.poll(() => editor.status().textContent(), soon).toContain("4/4");
    await editor.shot("connected");
    const offered = await editor.offered();
    for (const title of ["Start a Mission", "Open Observer", "Let the Assistant Join", "Disconnect"])
      expect(offered).toContain(`Federation: ${title}`);
    expect(offered).not.toContain("Federation: Vote Yes");
  });

  test("starts a mission from the palette, and sees it in the tree and in the Observer", async () => {
    await editor.command("Federation: Start a Mission");
    await editor.enter(objective);
    await editor.pick("Start it, and vote with the team");
    await editor.row("Missions", objective).waitFor();
    await editor.observer().getByRole("heading", { name: objective }).waitFor();
    const { missions } = await client.call("ListMissions", {});
    expect(missions[0]).toMatchObject({ objective, createdBy: "commander" });
    await editor.shot("a mission under way");
    const ballots = editor.row("Inbox", "vote");
    await ballots.first().waitFor({ timeout: 120_000 });
    const title = (await ballots.first().locator(".label-name").textContent()) ?? "";
    await editor.notice(title).waitFor();
    await editor.shot("a ballot waits");

    // Its line leads to the proposal, and the notice has the answer at hand.
    await editor.row("Inbox", title).click();
    await editor.observer().getByText("Your ballot").waitFor();
    await editor.notice(title).getByRole("button", { name: "Vote Yes" }).click();
    await editor.enter(reason);
    await editor.row("Inbox", title).waitFor({ state: "detached" });
    const { proposals } = await client.call("ListProposals", { mission: missions[0]?.id ?? "" });
    const mine = proposals.find((it) => it.title === title)?.ballots.filter((it) => it.voter === "commander");
    expect(mine).toMatchObject([{ choice: "yes", reason }]);
    await editor.shot("voted from a notice");
    // What else the team proposed is voted on from the lines of the inbox.
    while ((await ballots.count()) > 0) {
      const next = (await ballots.first().locator(".label-name").textContent()) ?? "";
      await editor.inline(editor.row("Inbox", next), "Vote No");
      await editor.enter("One of them is enough.");
      await editor.row("Inbox", next).waitFor({ state: "detached" });
    }
  }, 180_000);

  test("sees the whole mesh in the panel, which comes back where it was, and reaches nothing by itself", async () => {
    await editor.command("Federation: Open Observer");
    await editor.row("Roster", /^\s*baby/).click();
    await editor.observer().getByRole("heading", { name: "baby" }).waitFor();
    await editor.shot("an actor in the Observer");
    // Its own keys are its own: an editor would wait for the second key of two.
    await editor.observer().getByRole("heading", { name: "baby" }).click();
    await editor.page.keyboard.press("Control+K");
    await editor.observer().locator(".palette").waitFor();
    await editor.page.keyboard.press("Escape");
    await editor.observer().locator(".palette").waitFor({ state: "detached" });
    expect(await editor.page.locator(".statusbar").textContent()).not.toContain("Ctrl+K");
    await editor.command("Federation: Open the Charter");
    await editor.page.getByRole("tab", { name: /Charter, version/ }).waitFor();
    await expect.poll(() => editor.page.locator("iframe.webview.ready").count(), soon).toBe(0);
    await editor.page.locator('.tab[aria-label="Federation"]').click();
    await editor.observer().getByRole("heading", { name: "baby" }).waitFor();

    const frame = await editor.observerFrame();
    const port = await mesh.port();
    const reached = await frame.evaluate(
      `fetch("http://127.0.0.1:${port}/healthz").then(() => "reached", (error) => String(error))`,
    );
    expect(reached).not.toBe("reached");
    const token = (await readFile(path.join(workspace.stateDir, "nodes/commander/secrets/token"), "utf8")).trim();
    expect(await frame.evaluate("document.documentElement.outerHTML")).not.toContain(token);
    expect(await frame.evaluate("JSON.stringify([location.href, { ...sessionStorage }])")).not.toContain(token);
  }, 60_000);

  test("gives a link out of the panel that opens the page in a browser", async () => {
    await editor.room("#/access");
    await editor.observer().getByRole("button", { name: "Link for a browser" }).click();
    await editor.observer().getByTestId("submit-command").click();
    const link = (await editor.observer().locator("output.secret").textContent()) ?? "";
    await editor.shot("a link for a browser");
    await editor.observer().getByRole("button", { name: "I have kept it" }).click();
    const context = await browser.newContext();
    try {
      const page = await context.newPage();
      await page.goto(link);
      await page.getByText("at commander").waitFor();
    } finally {
      await context.close();
    }
  }, 60_000);

  test("votes on a motion that binds everybody, from the inbox", async () => {
    await foundCharter(client);
    const { proposal } = await client.call("ProposeAmendment", {
      title: "A longer window for a veto",
      text: "Fifteen seconds are short for a person who is at lunch.",
      motive: "A decision took effect before anybody had read it.",
      change: { change: "set_parameter", article: "human-veto", parameter: "windowMs", value: 30_000 },
    });
    const ballot = editor.row("Inbox", "A longer window for a veto");
    await ballot.waitFor({ timeout: 120_000 });
    await editor.inline(ballot, "Vote Yes");
    await editor.enter("Lunch is important.");
    await ballot.waitFor({ state: "detached" });
    const shown = await client.call("ShowProposal", { proposal });
    expect(shown.proposal.ballots.filter((it) => it.voter === "commander")).toMatchObject([
      { choice: "yes", reason: "Lunch is important." },
    ]);
  }, 180_000);

  test("answers an approval that is open in a browser's portal too: it counts once, whichever comes first", async () => {
    const portal = await openPortal({ browser, client, port: await mesh.port() });
    const asker = await mesh.addActor("copilot-1", "developer");
    const ask = async (question: string) => (await asker.call("AskApproval", { whom: "commander", question })).approval;
    const stateOf = async (approval: string) =>
      (await asker.call("ListApprovals", { asked: "by_me", approval })).approvals[0];
    try {
      await portal.go("#/inbox");
      const first = await ask("May I delete the old branch?");
      const inPage = portal.page.locator(`[data-item="${first}"]`);
      const inEditor = editor.row("Inbox", "May I delete the old branch?");
      await Promise.all([inPage.waitFor(), inEditor.waitFor()]);
      const { items } = await client.call("ListWaiting", {});
      await expect
        .poll(() => editor.status().textContent(), soon)
        .toMatch(new RegExp(` ${items.filter((it) => !it.optional).length}$`));
      await editor.shot("an approval in both homes");
      await editor.inline(inEditor, "Approve");
      await editor.enter("It was merged.");
      await Promise.all([inPage.waitFor({ state: "detached" }), inEditor.waitFor({ state: "detached" })]);
      expect(await stateOf(first)).toMatchObject({ state: "approved", reason: "It was merged." });
      // Too late, from a notice that still stands in the editor: the first answer holds, and the person is told.
      await editor.notice("May I delete the old branch?").getByRole("button", { name: "Deny" }).click();
      await editor.notice("It does not wait for you any more").waitFor();
      await editor.shot("answered twice counts once");
      expect(await stateOf(first)).toMatchObject({ state: "approved", reason: "It was merged." });

      const second = await ask("May I force the push?");
      const row = editor.row("Inbox", "May I force the push?");
      await row.waitFor();
      const item = portal.page.locator(`[data-item="${second}"]`);
      await item.getByRole("button", { name: "Deny" }).click();
      await Promise.all([item.waitFor({ state: "detached" }), row.waitFor({ state: "detached" })]);
      expect(await stateOf(second)).toMatchObject({ state: "denied" });
      const { decisions } = await client.call("ListDecisions", { actor: "commander", limit: 100 });
      expect(decisions.length).toBeGreaterThan(0);
    } finally {
      await portal.close();
    }
  }, 120_000);

  test("takes a task over, submits it, and sees it in the rows", async () => {
    await editor.menu(editor.row("Roster", /^\s*aorus-3090/), "Pause a Node");
    await editor.enter("It shall not be faster than a person.");
    await editor.row("Roster", /^\s*aorus-3090.*paused/).waitFor();
    const { task } = await client.call("OpenTask", {
      title: "Write the on-call rota",
      instructions: "Who is on call, and when.",
      assignee: "aorus-3090",
    });
    const row = editor.row("Tasks", "Write the on-call rota");
    await row.waitFor();
    await editor.menu(row, "Take Over");
    await editor.enter("It is due today.");
    await editor.row("Tasks", /on-call rota.*yours/).waitFor();
    await editor.shot("a task taken over");

    // Without evidence the charter refuses it; the person is told by which article, and what would be lawful.
    await editor.inline(row, "Submit a Result");
    await editor.enter("The rota: odd weeks north, even weeks south.");
    await editor.accept();
    const refusal = editor.notice("truthful-completion");
    await refusal.waitFor();
    expect(await refusal.textContent()).toMatch(/Lawful now: name a proposal/);
    await editor.shot("a refusal with its article");
    await refusal.getByRole("button", { name: "Read the Article" }).click();
    const article = editor.observer().locator("#article-truthful-completion[open]");
    await article.waitFor();
    await expect.poll(async () => ((await article.boundingBox())?.y ?? 9_999) < 900, soon).toBe(true);

    await writeFile(path.join(workspace.folder, "rota.md"), "odd weeks: north\neven weeks: south\n");
    await editor.open("rota.md");
    await editor.inline(row, "Submit a Result");
    await editor.enter("The rota: odd weeks north, even weeks south.");
    await editor.tick(/rota.md/);
    await editor.shot("what a result rests on");
    await editor.accept();
    await expect.poll(async () => (await client.call("ShowTask", { task })).task.state, soon).toBe("submitted");
    const shown = await client.call("ShowTask", { task });
    expect(shown.task.submission).toMatchObject({
      author: "commander",
      evidence: ["file:rota.md"],
      files: [{ path: "rota.md", content: "odd weeks: north\neven weeks: south\n" }],
    });
    await editor.menu(editor.row("Roster", /^\s*aorus-3090/), "Let a Node Go On");
    await editor.row("Roster", /^\s*aorus-3090.*paused/).waitFor({ state: "detached" });
  }, 120_000);

  test("comes back after its node was killed, and has missed nothing", async () => {
    const cursor = (await client.call("ListEvents", { after: "end", limit: 1 })).cursor ?? "";
    const [pid = 0] = await mesh.dev.pids((line) => line.includes("federationd.mjs") && line.includes("/commander/"));
    process.kill(pid, "SIGKILL");
    await expect.poll(() => editor.status().getAttribute("aria-label"), soon).toMatch(/away/);
    await editor.shot("the node is away");
    await expect.poll(() => editor.status().textContent(), { timeout: 60_000 }).toMatch(/\d\/\d/);
    await client.call("SendMessage", { to: "all", text: "What happened meanwhile?" });
    await expect
      .poll(
        async () => {
          const { events } = await client.call("ListEvents", { after: cursor, limit: 500 });
          const seen = seenEvents(await editor.log());
          return events.filter((it) => !seen.includes(it.cursor)).map((it) => it.kind);
        },
        { timeout: 30_000 },
      )
      .toEqual([]);
    const seen = seenEvents(await editor.log());
    expect(new Set(seen).size).toBe(seen.length);
    expect(await editor.log()).toMatch(/back after/);
    await editor.shot("the node is back");
  }, 120_000);

  test("opens the result of a mission and the charter as documents", async () => {
    const { missions } = await client.call("ListMissions", {});
    const mission = missions.find((it) => it.objective === objective)?.id ?? "";
    await closed(client, mission);
    await editor.inline(editor.row("Missions", objective), "Open the Result of a Mission");
    await editor.page.getByRole("tab", { name: /Choose a retry policy/ }).waitFor();
    const report = await client.call("ReportMission", { mission });
    const text = await editor.text();
    expect(text).toContain(`# ${objective}`);
    expect(text).toContain(`Ended: ${report.outcome?.replaceAll("_", " ")}.`);
    await editor.shot("a result as a document");
    await editor.command("Federation: Open the Charter");
    await expect.poll(() => editor.text(), { timeout: 15_000 }).toMatch(/The charter, version \d/);
    await editor.shot("the charter as a document");
  }, 180_000);

  test("shows what a task's commit changed, once it is fetched from where the mesh has made it", async () => {
    const { report, commit } = await committed(client, path.basename(workspace.folder));
    await editor.command("Federation: Open Observer");
    await editor.row("Missions", report.objective).first().click();
    await editor.observer().getByRole("link", { name: "Result", exact: true }).click();
    await editor.observer().getByRole("button", { name: "Show its changes" }).click();
    const notice = editor.notice(commit.slice(0, 10));
    await notice.waitFor();
    expect(await notice.textContent()).toContain(`git fetch`);
    await editor.shot("a commit that is not here");
    await notice.getByRole("button", { name: "Fetch It" }).click();
    const tab = editor.page.getByRole("tab", { name: new RegExp(commit.slice(0, 10)) });
    await tab.waitFor();
    for (const { path: file } of report.files)
      await editor.page
        .locator(".multiDiffEntry, .multi-diff-root-floating-menu, .editor-instance")
        .getByText(path.basename(file))
        .first()
        .waitFor();
    await editor.shot("what a commit changed");
  }, 240_000);

  test("lets the assistant join as an actor of its own: the editor's own MCP client lists its tools", async () => {
    await editor.command("Federation: Let the Assistant Join");
    await editor.enter("vscode-assistant");
    await editor.pick("developer");
    await editor.notice("may join as developer").waitFor();
    const assistant = async () =>
      (await client.call("ListRoster", {})).actors.find((it) => it.actor === "vscode-assistant");
    expect(await assistant()).toMatchObject({ kind: "external", role: "developer", online: false });
    const { tokens } = await client.call("ListTokens", { actor: "vscode-assistant" });
    expect(tokens).toMatchObject([{ scopes: ["read", "act"], state: "live", issuedBy: "commander" }]);

    await editor.command("MCP: List Servers");
    await editor.pick("Federation (vscode-assistant)");
    await editor.pick("Start Server");
    await expect.poll(async () => (await assistant())?.host, { timeout: 30_000 }).toBe("commander");
    await editor.command("MCP: List Servers");
    await editor.pick("Federation (vscode-assistant)");
    await editor.pick("Show Output");
    await expect.poll(() => editor.output(), soon).toMatch(/Discovered \d+ tools/);
    await editor.shot("the assistant has joined");

    await editor.command("Federation: Let the Assistant Leave");
    await editor.page.locator(".monaco-dialog-box").getByRole("button", { name: "End Its Token" }).click();
    await expect.poll(async () => (await assistant())?.online, { timeout: 30_000 }).toBe(false);
    const states = async () =>
      (await client.call("ListTokens", { actor: "vscode-assistant", live: false })).tokens.map((it) => it.state);
    await expect.poll(states, soon).toEqual(["revoked"]);
    await expect.poll(() => editor.offered(), soon).not.toContain("Federation: Let the Assistant Leave");
    await editor.command("View: Hide Panel");
  }, 120_000);

  test("is connected again when the window is loaded again, with the Observer where it was", async () => {
    await editor.row("Roster", /^\s*baby/).click();
    await editor.observer().getByRole("heading", { name: "baby" }).waitFor();
    await editor.reload();
    await expect.poll(() => editor.status().textContent(), { timeout: 30_000 }).toMatch(/\d\/\d/);
    await editor.observer().getByRole("heading", { name: "baby" }).waitFor();
    // What waited before is not told of again.
    await editor.shot("after a reload of the window");
  }, 90_000);

  test("looks right in a dark and a light theme, and in a narrow panel", async () => {
    await editor.command("Federation: Open Observer");
    for (const theme of ["dark", "light"] as const) {
      await editor.page.emulateMedia({ colorScheme: theme });
      await editor.page.locator(theme === "dark" ? ".monaco-workbench.vs-dark" : ".monaco-workbench.vs").waitFor();
      for (const room of ["#/mesh", "#/inbox", "#/timeline", "#/charter"]) {
        await editor.room(room);
        await editor.shot(`${theme} ${room.slice(2)}`);
      }
    }
    await editor.page.setViewportSize({ width: 760, height: 900 });
    const frame = await editor.observerFrame();
    await expect.poll(() => frame.evaluate("innerWidth"), soon).toBeLessThan(700);
    for (const room of ["#/mesh", "#/inbox", "#/tasks"]) {
      await editor.room(room);
      expect(await frame.evaluate("document.documentElement.scrollWidth - innerWidth")).toBeLessThanOrEqual(0);
      await editor.shot(`narrow ${room.slice(2)}`);
    }
    await editor.page.setViewportSize({ width: 1440, height: 900 });
  }, 90_000);

  test("disconnects by one command, and leaves nothing behind", async () => {
    const port = await mesh.port();
    await editor.command("Federation: Open Observer");
    expect(await socketsTo(port, server.pid)).toBeGreaterThan(0);
    await editor.command("Federation: Disconnect");
    await editor.page.getByText("This editor is connected to no node.").waitFor();
    await editor.observer().getByText("This page is not let in").waitFor();
    await expect.poll(() => socketsTo(port, server.pid), soon).toBe(0);
    expect(await editor.status().count()).toBe(0);
    await editor.shot("disconnected");
    // Nor is it connected again by itself.
    await editor.reload();
    await editor.page.getByText("This editor is connected to no node.").waitFor();
    expect(await socketsTo(port, server.pid)).toBe(0);
  }, 90_000);
});

/** Until a mission has ended; what its team proposes in further rounds has the commander's yes. */
async function closed(client: ControlClient, mission: string): Promise<void> {
  const outcome = async () => {
    const { items } = await client.call("ListWaiting", {});
    for (const { id } of items.filter((it) => it.kind === "ballot" && it.conversation === mission))
      await client.call("CastBallot", { proposal: id, choice: "yes", reason: "Go on." });
    return (await client.call("ReportMission", { mission })).outcome;
  };
  await expect.poll(outcome, { timeout: 120_000, interval: 500 }).not.toBe(null);
}

/** A small model does not bring every mission to a commit: they are run until one has. */
async function committed(client: ControlClient, repository: string) {
  for (let seed = 1; seed <= 8; seed++) {
    const { mission } = await client.call("StartMission", {
      objective: "Write down how the relay is retried",
      repository,
      scope: ["docs/**"],
      seed,
    });
    await closed(client, mission);
    const report = await client.call("ReportMission", { mission });
    if (report.commit !== null) return { report, commit: report.commit };
  }
  throw new Error("no mission came to a commit");
}

/** The vote that founds the federation has to be over before its charter can be amended. */
async function foundCharter(client: ControlClient): Promise<void> {
  const founding = async () => (await client.call("ListMotions", {})).motions.find((it) => it.kind === "ratification");
  await expect.poll(async () => (await founding())?.outcome ?? null, { timeout: 60_000 }).not.toBe(null);
  const { how } = await client.call("ShowCharter", {});
  if (how === "shipped") await client.call("AdoptCharter", { reason: "The test goes on." }).catch(() => undefined);
}

/** Cursors of the events that the extension has seen, in the order in which it saw them. */
function seenEvents(log: string): readonly string[] {
  return [...log.matchAll(/event (\S+) [A-Z]/g)].map(([, cursor = ""]) => cursor);
}
