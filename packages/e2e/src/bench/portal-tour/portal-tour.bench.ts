/**
 * A look round the portal while a real model does a real mission, kept as pictures: `pnpm bench portal-tour
 * [--model ALIAS] [--to DIR] [--seed N]`. The pictures in README and docs are those of its last run.
 */
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import type { ControlClient } from "@federation/mcp/client";
import type { Browser, Page } from "playwright-core";
import { until } from "../../mesh/mesh-fixture.ts";
import { launchBrowser } from "../../portal/testing/browser.ts";
import { type PortalMesh, startPortalMesh } from "../../portal/testing/mesh.ts";
import { openPortal, type Portal } from "../../portal/testing/portal.ts";
import { startBenchMesh } from "../portal/bench-mesh.ts";

const { values } = parseArgs({
  options: {
    model: { type: "string", default: "smollm2-135m-instruct" },
    seed: { type: "string", default: "7" },
    to: { type: "string", default: fileURLToPath(new URL("../../../../../docs/images/", import.meta.url)) },
  },
});

const objective = "Choose a retry policy for the outbox relay and write it down";
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const wide = { width: 1440, height: 900 };
const narrow = { width: 400, height: 860 };

async function take(page: Page, name: string): Promise<void> {
  // What is loading is not what the picture is of.
  await page.locator("#main .loading").first().waitFor({ state: "detached" });
  await page.screenshot({ path: path.join(values.to, `${name}.png`), animations: "disabled" });
  say(`${name}.png`);
}

type Eyes = Readonly<Record<"light" | "dark" | "narrow", Portal>>;

async function openEyes(browser: Browser, client: ControlClient, port: number): Promise<Eyes> {
  const open = (more: object) => openPortal({ browser, client, port, viewport: wide, ...more });
  return {
    light: await open({}),
    dark: await open({ dark: true }),
    narrow: await open({ dark: true, viewport: narrow }),
  };
}

/** Everything a mission shows, from its start until its end. */
async function follow(mesh: PortalMesh, eyes: Eyes): Promise<void> {
  const { client, dev } = mesh;
  await eyes.light.page.locator('[data-actor="baby"]').waitFor();
  await eyes.light.go("#/missions");
  await take(eyes.light.page, "empty-light");
  const visitor = await mesh.addActor("copilot-1", "developer");
  await visitor.call("AskApproval", {
    whom: "commander",
    question: "May I delete the branch of the last mission? It was merged yesterday.",
  });
  const { mission } = await client.call("StartMission", { objective, vote: true });
  const here = (kind: string) => dev.event((it) => it.conversation === mission && it.kind === kind, 1_800_000);
  await here("ProposalMade");
  await eyes.dark.go("#/mesh");
  await eyes.light.go("#/mesh");
  await eyes.light.page.locator(".mark-orbit").first().waitFor({ timeout: 300_000 });
  await take(eyes.light.page, "mesh-light");
  await eyes.dark.page.locator(".mark-orbit").first().waitFor({ timeout: 300_000 });
  await take(eyes.dark.page, "mesh-dark");
  await eyes.light.go(`#/missions/${mission}`);
  await eyes.narrow.go(`#/missions/${mission}`);
  await eyes.light.go("#/inbox");
  const ballot = eyes.light.page.locator('[data-waiting="ballot"]').first();
  await ballot.waitFor({ timeout: 600_000 });
  await take(eyes.light.page, "inbox-light");
  const proposal = (await ballot.getAttribute("data-item")) ?? "";
  await eyes.light.go(`#/missions/${mission}`);
  await eyes.light.page.locator(".vote-bar").first().waitFor();
  await take(eyes.light.page, "mission-light");
  await take(eyes.narrow.page, "narrow-dark");
  await eyes.dark.go(`#/proposals/${proposal}`);
  await eyes.dark.page.getByRole("heading", { name: "The rule" }).waitFor();
  await take(eyes.dark.page, "proposal-dark");
  const { items } = await client.call("ListWaiting", {});
  // Of several, each: else the vote lasts until its deadline.
  for (const it of items.filter((item) => item.kind === "ballot"))
    await client.call("CastBallot", {
      proposal: it.id,
      choice: "yes",
      reason: "It is bounded, and says when to stop.",
    });
  const voted = async () => {
    const { turns } = await client.call("ListTurns", { conversation: mission, limit: 200 });
    return turns.find((it) => it.origin === "model" && it.action === "vote" && it.endedAt !== null);
  };
  await until("a model has voted", async () => (await voted()) !== undefined, 300_000);
  await eyes.dark.go(`#/turns/${(await voted())?.id ?? ""}`);
  await eyes.dark.page.getByRole("heading", { name: "What it saw" }).waitFor();
  await take(eyes.dark.page, "turn-dark");
  await eyes.light.go("#/timeline");
  await eyes.light.page.getByText("following").waitFor();
  await take(eyes.light.page, "timeline-light");
  await eyes.dark.go("#/charter/budgets");
  await eyes.dark.page.getByRole("heading", { name: "Charter" }).waitFor();
  await take(eyes.dark.page, "charter-dark");
  await here("MissionClosed");
  await eyes.light.go("#/costs");
  await eyes.light.page.getByRole("heading", { name: "Costs" }).waitFor();
  await take(eyes.light.page, "costs-light");
  await eyes.light.go(`#/missions/${mission}?tab=result`);
  await eyes.light.page.getByRole("heading", { name: "In figures" }).waitFor();
  await take(eyes.light.page, "result-light");
}

/** 50 actors and 100,000 events: what a mesh of some weeks looks like. */
async function lookAtMany({ light, dark, narrow }: Eyes): Promise<void> {
  await light.page.locator('[data-actor="actor-46"]').waitFor();
  await take(light.page, "many-mesh-light");
  await dark.go("#/timeline");
  await dark.page.getByText("following").waitFor();
  await take(dark.page, "many-timeline-dark");
  await light.go("#/tasks");
  await light.page.getByRole("heading", { name: "Tasks" }).waitFor();
  await take(light.page, "many-tasks-light");
  await narrow.page.locator('[data-actor="actor-46"]').waitFor();
  await take(narrow.page, "many-narrow-dark");
}

await mkdir(values.to, { recursive: true });
const browser = await launchBrowser();
const faults: string[] = [];
const look = async (client: ControlClient, port: number, at: (eyes: Eyes) => Promise<void>): Promise<void> => {
  const eyes = await openEyes(browser, client, port);
  await at(eyes);
  for (const it of Object.values(eyes)) {
    faults.push(...it.faults);
    await it.close();
  }
};
try {
  const large = await startBenchMesh({ size: "long-lived" });
  await look(large.client, large.node.port, lookAtMany).finally(() => large.close());
  const mesh = await startPortalMesh(["--model", values.model, "--seed", values.seed]);
  await look(mesh.client, await mesh.port(), (eyes) => follow(mesh, eyes)).finally(() => mesh.stop());
} finally {
  await browser.close();
}
for (const fault of faults) say(`fault: ${fault}`);
process.exitCode = faults.length === 0 ? 0 : 1;
