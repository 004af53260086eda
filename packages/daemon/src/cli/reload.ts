/**
 * `federation reload`: asks for a reload and waits for its end, of one node or of all, one after the other.
 *
 * 1. How it ended is read from the rows, which any node answers: also when the one asked is the one that is replaced.
 * 2. A rolling reload stops at the first node that kept its old logic: bad code does not come to the next one.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { control, MeshError } from "@federation/core";
import type { CallOptions, ControlClient } from "@federation/mcp/client";
import { z } from "zod";
import { type CliExitCode, cliExitCodes } from "./exit-codes.ts";
import type { CliProgram } from "./program.ts";
import type { CliSession } from "./session.ts";
import { type Reload, showReloaded } from "./show/show-reloads.ts";

/** A node answers for its reload within a minute, or the row expires; then the reconcilers take a moment. */
const DEFAULT_WAIT_MS = 90_000;
const POLL_MS = 250;

export function addReloadCommand(program: CliProgram): void {
  const command = program
    .group("reload")
    .option("--node <node>", "this node instead of the one that is asked")
    .option("--all", "every node that is online, one after the other, up to the first failure");
  program.does(command, (session, given) => {
    const node = given.maybe("node");
    if (node !== undefined && given.flag("all"))
      throw new MeshError("invalid_input", "Give a node or --all, not both.");
    return session.withNode((client) =>
      given.flag("all") ? reloadAll(session, client) : reloadOne(session, client, node),
    );
  });
}

async function reloadOne(session: CliSession, client: ControlClient, node: string | undefined): Promise<CliExitCode> {
  const ended = await reload(session, client, node, session.callOptions);
  session.print(ended, (paper) => showReloaded(paper, ended));
  return ended.state === "reloaded" ? cliExitCodes.ok : cliExitCodes.failed;
}

async function reloadAll(session: CliSession, client: ControlClient): Promise<CliExitCode> {
  const { callId, ...options } = session.callOptions;
  const [{ actors }, { node: mine }] = [
    rosterSchema.parse(await client.callUntyped("ListRoster", {}, options)),
    statusSchema.parse(await client.callUntyped("GetStatus", {}, options)),
  ];
  const nodes = rollingOrder(actors, mine);
  const done: string[] = [];
  for (const node of nodes) {
    // One call id cannot stand for the calls to several nodes.
    const ended = await reload(session, client, node, {
      ...options,
      ...(callId === undefined ? {} : { callId: `${callId}:${node}` }),
    });
    session.print(ended, (paper) => showReloaded(paper, ended));
    if (ended.state !== "reloaded") {
      session.say(`Stopped at ${node}. Reloaded: ${listed(done)}. Not asked: ${listed(nodes.slice(done.length + 1))}.`);
      return cliExitCodes.failed;
    }
    done.push(node);
  }
  session.say(`Reloaded: ${listed(done)}.`);
  return cliExitCodes.ok;
}

// The nodes that are asked may have the logic of before: no more is read of their answers than is needed.
const rosterSchema = z.object({
  actors: z.array(control.ListRoster.response.shape.actors.element.pick({ actor: true, kind: true, online: true })),
});
const statusSchema = control.GetStatus.response.pick({ node: true });

/** Nodes with a daemon that is there; the one that is asked comes last, and steers while the others change. */
function rollingOrder(actors: z.infer<typeof rosterSchema>["actors"], mine: string): readonly string[] {
  const others = actors.filter((it) => it.online && it.kind !== "external" && it.actor !== mine).map((it) => it.actor);
  return [...others.sort(), mine];
}

async function reload(
  session: CliSession,
  client: ControlClient,
  node: string | undefined,
  options: CallOptions,
): Promise<Reload> {
  const { signal, timeoutMs = DEFAULT_WAIT_MS } = session.callOptions;
  const { callId: _, ...reading } = options;
  const endMs = performance.now() + timeoutMs;
  const asked = await client.call("ReloadNode", node === undefined ? {} : { node }, options);
  for (;;) {
    const { reloads } = await client.call("ListReloads", { reload: asked.reload, limit: 1 }, reading);
    const [row] = reloads;
    if (row !== undefined && row.state !== "asked") return row;
    if (performance.now() > endMs)
      throw new MeshError("deadline_exceeded", `${asked.node} is still at it; see: federation reload list.`);
    await sleep(POLL_MS, undefined, { signal });
  }
}

const listed = (nodes: readonly string[]): string => (nodes.length === 0 ? "none" : nodes.join(", "));
