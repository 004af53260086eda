/**
 * `federation doctor`: looks at everything a node needs, from the outside in, and says of each fault what to do.
 *
 * 1. A check that cannot be made because of an earlier fault is left out: one fault is told once.
 * 2. It changes nothing.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import { MeshError } from "@federation/core";
import { resolveModel } from "@federation/inference";
import { z } from "zod";
import { loadNodeConfig, type NodeConfig } from "../config/index.ts";
import { buildVersion } from "../repository.ts";
import { oneLine } from "../timeline/plain-text.ts";
import { cliExitCodes } from "./exit-codes.ts";
import { configFileIn, findNode, isLocalFolder, readToken } from "./find-node.ts";
import type { Paper } from "./paper.ts";
import type { CliProgram } from "./program.ts";
import type { CliSession } from "./session.ts";

interface Check {
  readonly name: string;
  readonly state: "ok" | "warning" | "fault";
  readonly detail: string;
}

const neededNode = 24;
const httpMs = 3000;

export function addDoctorCommand(program: CliProgram): void {
  const command = program.root
    .command("doctor")
    .description("Checks Node, configuration, token, node, database, broker and model, and says what to fix.");
  program.does(command, async (session) => {
    const checks = await examine(session);
    session.print({ checks }, (paper) => checks.map((check) => checkLine(paper, check)).join("\n"));
    return checks.some((check) => check.state === "fault") ? cliExitCodes.failed : cliExitCodes.ok;
  });
}

async function examine(session: CliSession): Promise<readonly Check[]> {
  const checks: Check[] = [nodeVersion()];
  const { flags, world } = session;
  if (flags.config !== undefined && !isLocalFolder(flags.config)) checks.push(...(await ofConfiguration(flags.config)));
  if (checks.some((check) => check.state === "fault")) return checks;
  let address: ReturnType<typeof findNode>;
  try {
    address = findNode(flags, world.environment, join(world.stateFolder, "commander"));
    readToken(address.tokenFile);
  } catch (error) {
    return [...checks, faultOf("token", error)];
  }
  checks.push(tokenFile(address.tokenFile));
  const parts = await readiness(address.url);
  checks.push(...parts);
  if (parts.some((check) => check.name === "node" && check.state === "fault")) return checks;
  try {
    const status = await session.withNode((client) => client.call("GetStatus", {}, session.callOptions));
    checks.push({ name: "control", state: "ok", detail: `The token is good; this is the node of ${status.node}.` });
    if (status.version !== buildVersion) {
      const detail = `The node runs version ${status.version}, this program is ${buildVersion}; bring both to one.`;
      checks.push({ name: "version", state: "warning", detail });
    }
    const { items } = await session.withNode((client) => client.call("GetOverdue", {}, session.callOptions));
    const oldest = items[0];
    if (oldest !== undefined) {
      const detail = `${items.length} overdue, first a ${oldest.kind} that waits for ${oldest.owner}; see "federation overdue".`;
      checks.push({ name: "overdue", state: "warning", detail });
    }
    if (status.paused.length > 0) {
      const detail = `Paused: ${status.paused.join(", ")}; "federation node resume" lets them take turns again.`;
      checks.push({ name: "nodes", state: "warning", detail });
    }
    if (status.dead > 0) {
      const detail = `${status.dead} deliveries were given up; see "federation dead-letter list".`;
      checks.push({ name: "deliveries", state: "warning", detail });
    }
  } catch (error) {
    checks.push(faultOf("control", error));
  }
  return checks;
}

function nodeVersion(): Check {
  const fits = Number(process.versions.node.split(".")[0]) >= neededNode;
  const detail = `Node ${process.versions.node}${fits ? "" : `; Node ${neededNode} or newer is needed`}.`;
  return { name: "runtime", state: fits ? "ok" : "fault", detail };
}

async function ofConfiguration(path: string): Promise<readonly Check[]> {
  let config: NodeConfig;
  const checks: Check[] = [];
  try {
    const loaded = loadNodeConfig(configFileIn(path));
    config = loaded.config;
    checks.push({ name: "configuration", state: "ok", detail: `${path} is complete.` });
    for (const detail of loaded.warnings) checks.push({ name: "configuration", state: "warning", detail });
  } catch (error) {
    return [faultOf("configuration", error)];
  }
  const { inference, stateDir } = config;
  if (inference.mode !== "own") return checks;
  try {
    const dir = inference.modelsDir ?? join(stateDir, "models");
    const model = await resolveModel(inference.model, { dir });
    checks.push({ name: "model file", state: "ok", detail: `${model.path} has the header of a model.` });
  } catch (error) {
    checks.push(faultOf("model file", error));
  }
  return checks;
}

function tokenFile(path: string): Check {
  const open = (statSync(path).mode & 0o077) !== 0;
  return open
    ? { name: "token", state: "warning", detail: `${path} can be read by others on this machine; chmod 600 it.` }
    : { name: "token", state: "ok", detail: `${path} is readable by you alone.` };
}

const partSchema = z.object({ state: z.string(), detail: z.string() });
const readinessSchema = z.object({
  ready: z.boolean(),
  reasons: z.array(z.string()).default([]),
  database: partSchema.optional(),
  broker: partSchema.optional(),
  model: partSchema.optional(),
});

/** What the node says of itself, without a token. */
async function readiness(url: string): Promise<readonly Check[]> {
  const target = new URL("/readyz", url.replace(/^ws/, "http"));
  let body: z.infer<typeof readinessSchema>;
  try {
    const answer = await fetch(target, { signal: AbortSignal.timeout(httpMs) });
    body = readinessSchema.parse(await answer.json());
  } catch {
    const detail = `No node answers at ${target.origin}; start it: "pnpm dev" here, or federationd --config on its machine.`;
    return [{ name: "node", state: "fault", detail }];
  }
  const node: Check = body.ready
    ? { name: "node", state: "ok", detail: `The node at ${target.origin} is ready.` }
    : { name: "node", state: "warning", detail: `The node is not ready: ${body.reasons.join(" ")}` };
  const parts = (["database", "broker", "model"] as const).flatMap((name): Check[] => {
    const part = body[name];
    return part === undefined ? [] : [{ name, state: partState(part.state), detail: part.detail }];
  });
  return [node, ...parts];
}

function partState(state: string): Check["state"] {
  if (state === "up" || state === "none") return "ok";
  return state === "down" ? "fault" : "warning";
}

function faultOf(name: string, thrown: unknown): Check {
  return { name, state: "fault", detail: MeshError.from(thrown).message };
}

function checkLine({ colours }: Paper, { name, state, detail }: Check): string {
  const mark = { ok: colours.green("ok     "), warning: colours.yellow("warning"), fault: colours.red("FAULT  ") }[
    state
  ];
  return `${mark}  ${colours.bold(name)}: ${oneLine(detail)}`;
}
