/** The forms of commands, in a real browser: nothing that was typed, asked or made is lost by what happens meanwhile. */
import { type ControlClient, connectControl } from "@federation/mcp/client";
import type { TcpProxy } from "@federation/testkit/tcp-proxy";
import type { Browser, Locator } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { launchBrowser, noBrowser } from "./testing/browser.ts";
import { type PortalMesh, startPortalMesh } from "./testing/mesh.ts";
import { cuttable, openPortal, type Portal } from "./testing/portal.ts";

describe.skipIf(noBrowser)("a form", () => {
  let mesh: PortalMesh;
  let browser: Browser;
  let network: TcpProxy;
  let portal: Portal;
  let client: ControlClient;
  let asker: ControlClient;

  beforeAll(async () => {
    [mesh, browser] = await Promise.all([startPortalMesh(), launchBrowser()]);
    client = mesh.client;
    asker = await mesh.addActor("copilot-1", "developer");
    network = await cuttable(client, await mesh.port());
    portal = await openPortal({ browser, client, port: network.port, expected: /WebSocket|ERR_/ });
  }, 240_000);
  afterAll(async () => {
    await portal?.close();
    await browser?.close();
    await network?.close();
    await mesh?.stop();
  });

  /** A command from the palette, by its title. */
  async function open(title: string): Promise<Locator> {
    const { page } = portal;
    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command or place" }).fill(title);
    await page.keyboard.press("Enter");
    const form = page.locator("dialog.dialog", { has: page.getByRole("heading", { name: title, exact: true }) }).last();
    await form.getByTestId("submit-command").waitFor();
    return form;
  }
  const toast = (text: string): Locator => portal.page.locator(".toast", { hasText: text }).last();

  test("stays under another that is opened over it, with what was typed", async () => {
    const { page } = portal;
    const mission = await open("Start a mission");
    await mission.getByLabel("Objective").fill("Find out why the lamp is on");
    const task = await open("Open a task");
    await task.getByLabel("Title").fill("Look at the lamp");
    await portal.shot("a form over a form");
    await page.keyboard.press("Escape");
    await task.waitFor({ state: "detached" });
    expect(await mission.getByLabel("Objective").inputValue()).toBe("Find out why the lamp is on");
    await page.keyboard.press("Escape");
    await mission.waitFor({ state: "detached" });
  });

  test("of a question begins empty, whatever was written in the one before; and who closed theirs is told its end", async () => {
    const { page } = portal;
    const ask = (question: string) => asker.call("AskApproval", { whom: "commander", question });
    const [first, second] = [await ask("May I paint the door?"), await ask("May I sell the door?")];
    const question = page.locator("dialog.dialog", {
      has: page.getByRole("heading", { name: "You are asked", exact: true }),
    });
    for (const { approval } of [first, second]) {
      const form = await open("Answer an approval");
      await form.getByLabel("Approval").selectOption(approval);
      expect(await form.getByLabel("Approve").inputValue()).toBe("");
      await form.getByTestId("submit-command").click();
      await question.waitFor();
      if (approval === second.approval) await form.getByRole("button", { name: "Cancel" }).click();
    }
    await question.getByText("paint the door").waitFor();
    await question.getByLabel("Reason").fill("Green, please.");
    await question.getByRole("button", { name: "Yes" }).click();
    await question.getByText("sell the door").waitFor();
    expect(await question.getByLabel("Reason").inputValue()).toBe("");
    // The notice of the first comes and goes by itself; the next one is of the form that was closed.
    await toast("Answer an approval: done.").waitFor();
    await toast("Answer an approval: done.").waitFor({ state: "detached" });
    await question.getByRole("button", { name: "No", exact: true }).click();
    await toast("Answer an approval: done.").waitFor();
    const { approvals } = await asker.call("ListApprovals", { asked: "by_me", open: false, approval: first.approval });
    expect(approvals).toMatchObject([{ state: "approved", reason: "Green, please." }]);
    await page.locator("dialog").waitFor({ state: "detached" });
  });

  test("that was closed before its command failed leaves a notice of that", async () => {
    const { page } = portal;
    const { approval } = await asker.call("AskApproval", { whom: "commander", question: "May I keep the door?" });
    const form = await open("Answer an approval");
    await form.getByLabel("Approval").selectOption(approval);
    await form.getByLabel("Approve").selectOption({ label: "Yes" });
    network.blackhole();
    await form.getByTestId("submit-command").click();
    await form.getByText("Under way…").waitFor();
    await form.getByRole("button", { name: "Cancel" }).click();
    const task = await open("Open a task");
    await client.call("AnswerApproval", { approval, approve: false });
    network.resume();
    network.cut();
    await page.locator(".toast.bad", { hasText: "Answer an approval: " }).waitFor({ timeout: 60_000 });
    expect(await task.count()).toBe(1);
    await page.keyboard.press("Escape");
    await task.waitFor({ state: "detached" });
  }, 90_000);

  test("of an amendment adds advice that is not there yet, and suggests what is", async () => {
    const form = await open("Propose an amendment");
    await form.getByLabel("Title").first().fill("Quiet hours");
    await form.getByLabel("Text").first().fill("Nobody is woken at night.");
    await form.getByLabel("Motive").fill("Somebody was.");
    await form.getByLabel("Form").selectOption({ label: "Add advisory" });
    await form.locator("datalist option[value='human-veto']").waitFor({ state: "attached" });
    await form.getByLabel("Article").fill("quiet-hours");
    await form.getByLabel("Title").last().fill("Quiet");
    await form.getByLabel("Text").last().fill("Nobody is woken at night.");
    await form.getByTestId("submit-command").click();
    await toast("Propose an amendment: done.").waitFor();
    const { proposals } = await client.call("ListProposals", {});
    const made = proposals.find((it) => it.title === "Quiet hours");
    const { proposal } = await client.call("ShowProposal", { proposal: made?.id ?? "" });
    expect(proposal.change).toMatchObject({ change: "add_advisory", article: "quiet-hours" });
  });

  test("names in a list of choices what one would not see", async () => {
    const { page } = portal;
    await client.call("OpenTask", { title: "pay \u202Eecila", instructions: "x", assignee: "copilot-1" });
    const form = await open("Review a result");
    await expect.poll(() => form.getByLabel("Task").textContent()).toContain("pay [U+202E]ecila");
    await page.keyboard.press("Escape");
    await form.waitFor({ state: "detached" });
  });

  test("for new logic of a node says that it was asked for, and where one sees what came of it", async () => {
    const { page } = portal;
    const form = await open("Reload a node's logic");
    await form.getByLabel("Node").fill("baby");
    await form.getByTestId("submit-command").click();
    await toast("asked for.").getByRole("link", { name: "Show" }).click();
    await page.waitForURL(/#\/actors\/baby$/);
  });

  test("keeps what is written to a conversation while one is elsewhere", async () => {
    const { page } = portal;
    const { conversation } = await client.call("SendMessage", { to: "copilot-1", text: "Hello" });
    await portal.go(`#/conversations/${conversation}`);
    await page.getByLabel("Message", { exact: true }).fill("I was about to say");
    await page.getByLabel("To whom").selectOption("copilot-1");
    await portal.go("#/mesh");
    await page.getByLabel("Message", { exact: true }).waitFor({ state: "detached" });
    await portal.go(`#/conversations/${conversation}`);
    expect(await page.getByLabel("Message", { exact: true }).inputValue()).toBe("I was about to say");
    expect(await page.getByLabel("To whom").inputValue()).toBe("copilot-1");
    await page.getByRole("button", { name: "Send", exact: true }).click();
    await expect.poll(() => page.getByLabel("Message", { exact: true }).inputValue()).toBe("");
  });

  test("that makes a secret does not close before it has shown it, and the secret opens the door", async () => {
    const { page } = portal;
    const form = await open("Issue a token");
    network.blackhole();
    await form.getByTestId("submit-command").click();
    await form.getByText("Under way…").waitFor();
    expect(await form.getByRole("button", { name: "Cancel" }).isDisabled()).toBe(true);
    // The browser lets a page refuse the first Escape, and not the second.
    const stays = async (): Promise<void> => {
      for (let times = 0; times < 3; times++) await page.keyboard.press("Escape");
      await expect.poll(() => page.evaluate("document.querySelector('dialog.dialog')?.matches(':modal')")).toBe(true);
    };
    await stays();
    await portal.shot("a token under way");
    network.resume();
    network.cut();
    await form.locator(".secret").waitFor({ timeout: 60_000 });
    await stays();
    const token = await form.locator(".secret").textContent();
    const opened = await connectControl({ url: `ws://127.0.0.1:${await mesh.port()}/mcp`, token: token ?? "" });
    expect((await opened.call("GetStatus", {})).you.actor).toBe("commander");
    await opened.close();
    await form.getByRole("button", { name: "I have kept it" }).click();
    await form.waitFor({ state: "detached" });
  }, 90_000);

  test("and all the while nothing was reported as wrong", () => {
    expect(portal.faults).toEqual([]);
  });
});
