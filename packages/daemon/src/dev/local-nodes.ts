import { join } from "node:path";
import { z } from "zod";
import { repository } from "../repository.ts";
import { type KeptChild, startKeptChild } from "./kept-child.ts";

/** One node of the local mesh: a `federationd` of its own. */
export interface LocalNode extends KeptChild {
  readonly name: string;
}

/** Exit codes after which starting again cannot help; see `exitCodes` of the substrate. */
const hopeless = new Set([64, 65, 66, 77, 78]);
const listeningSchema = z.object({ type: z.literal("listening"), port: z.int() });

/** Starts a node, and again when it dies; with `--take-over`, because this process knows that the one before is dead. */
export async function startLocalNode(
  name: string,
  options: {
    readonly configFile: string;
    readonly stateDir: string;
    /** Environment overrides of the node's configuration: addresses that are new at every start of `dev`. */
    readonly overrides: Readonly<Record<string, string>>;
    readonly onHopeless: (problem: string) => void;
  },
): Promise<LocalNode> {
  const child = await startKeptChild({
    name: `The node ${name}`,
    entry: repository.federationd,
    args: ["--config", options.configFile, "--take-over"],
    logFile: join(options.stateDir, "logs", `${name}.log`),
    environment: (port) => ({
      ...options.overrides,
      ...(port === 0 ? {} : { FEDERATION_LISTEN_PORT: String(port) }),
    }),
    portOf: (message) => listeningSchema.safeParse(message).data?.port,
    detached: true,
    hopeless,
    onHopeless: options.onHopeless,
  });
  return { name, ...child };
}

/** Waits until the node says it is ready; answers its last reasons when the deadline passes first. */
export async function untilReady(node: LocalNode, deadlineMs: number, signal: AbortSignal): Promise<"ready" | string> {
  const startedMs = performance.now();
  let last = "it does not answer";
  while (performance.now() - startedMs < deadlineMs && !signal.aborted) {
    try {
      const answer = await fetch(`http://127.0.0.1:${node.port()}/readyz`, { signal: AbortSignal.timeout(2_000) });
      if (answer.ok) return "ready";
      last = await answer.text();
    } catch (error) {
      last = String(error);
    }
    await new Promise((resolve) => setTimeout(resolve, 60));
  }
  return last;
}
