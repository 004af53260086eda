/** A real node whose logic is replaced: by reload, and by the plain alternative, a restart of the whole daemon. */
import { type BenchNode, NODE, startBenchNode } from "./bench-node.ts";
import { type Lane, type OpenHostSession, openLane } from "./host.ts";
import { type NodeCalls, prepareCalls } from "./node-calls.ts";
import type { Contender } from "./offer-calls.ts";
import { federation } from "./programs.ts";
import { askForReload, failureOf, reloadEnd, reloadIds } from "./reload-rows.ts";
import { type NodeAddress, overHttp, overHttpWithOldSdk, overStdio, overWebSocket } from "./sessions.ts";

export interface NodeContender extends Contender {
  readonly node: BenchNode;
  close(): Promise<void>;
}

const READY_MS = 30_000;
/** No standing by: a reload is over, and the next may be asked for, when the new logic has the node. */
const reload = { probationMs: 0 };

type Lanes = Readonly<Record<string, OpenHostSession>>;

/** Both eras on each transport; over HTTP the older one by the SDK before the present line. */
const served = (at: NodeAddress): Lanes => ({
  "WebSocket 2026": overWebSocket(at, "2026-07-28"),
  "WebSocket 2025": overWebSocket(at, "2025-11-25"),
  "HTTP 2026": overHttp(at, "2026-07-28"),
  "HTTP 2025": overHttpWithOldSdk(at),
});

function stubbed({ port }: NodeAddress, tokenFile: string): Lanes {
  const program = { args: [federation, "mcp", "--url", `ws://127.0.0.1:${port}/mcp`, "--token-file", tokenFile] };
  return { "stdio 2025": overStdio(program, "2025-11-25"), "stdio 2026": overStdio(program, "2026-07-28") };
}

/** Reloads by SIGHUP and by the tool `reload_node` in turn. */
export async function startReloadedNode(): Promise<NodeContender> {
  const node = await startBenchNode({ model: true, reload });
  return await withLanes(
    node,
    { ...served(addressOf(node)), ...stubbed(addressOf(node), node.tokenFile) },
    async (turn, lanes) => {
      const asking = lanes[turn % lanes.length];
      if (turn % 2 === 0 || asking === undefined) {
        const before = await reloadIds(node);
        node.signal("SIGHUP");
        return { trigger: "SIGHUP", failure: failureOf(await reloadEnd(node, ({ id }) => !before.has(id))) };
      }
      const asked = await askForReload(asking);
      return { trigger: "reload_node", failure: failureOf(await reloadEnd(node, ({ id }) => id === asked)) };
    },
  );
}

/** The daemon is ended in order and started again on its port, under hosts without a stub. */
export async function startRestartedNode(): Promise<NodeContender> {
  const node = await startBenchNode({ model: true, reload });
  return await withLanes(node, served(addressOf(node)), async (_turn, lanes) => {
    await node.restart();
    await Promise.all(lanes.map((lane) => lane.ready(READY_MS)));
    return { trigger: "restart", failure: "" };
  });
}

const addressOf = (node: BenchNode): NodeAddress => ({ port: node.port(), token: node.token });

async function withLanes(
  node: BenchNode,
  sessions: Lanes,
  replace: (turn: number, lanes: readonly Lane[]) => ReturnType<Contender["reload"]>,
): Promise<NodeContender> {
  const lanes: Lane[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(lanes.map((lane) => lane.close()));
    await node.close();
  };
  let calls: NodeCalls;
  try {
    for (const [name, open] of Object.entries(sessions)) lanes.push(await openLane(name, open));
    calls = await prepareCalls(node, lanes);
  } catch (error) {
    const said = (await node.logged()).slice(-2_000);
    await close();
    throw new Error(`${NODE} cannot be used: ${String(error)}\n${said}`, { cause: error });
  }
  return { node, lanes, ...calls, reload: (turn) => replace(turn, lanes), close };
}
