/**
 * The process that never restarts: owns the port, the sessions and the child processes, and replaces impl under them.
 *
 * 1. The port is taken before any child is started: a daemon that cannot serve touches nothing.
 * 2. `drain` ends within `drainBudgetMs`, whatever a child does: it is killed.
 */
import { randomUUID } from "node:crypto";
import { MeshError } from "@federation/core";
import type { Log } from "@federation/runtime/ports";
import { childEnvironment, type NodeConfig } from "../config/index.ts";
import { within } from "./impl-process.ts";
import type { FatalCode, HealthReport } from "./impl-protocol.ts";
import { ImplSupervisor } from "./impl-supervisor.ts";
import { createInferenceChild } from "./inference-child.ts";
import { NodeServer, type Readiness } from "./node-server.ts";
import { defaultHubLimits, type HubLimits, SessionHub } from "./session-hub.ts";
import { watchSources } from "./watch-sources.ts";

/** How the five seconds of a drain are spent: impl, sockets, inference; the rest is slack. */
const drainMs = { impl: 3200, sockets: 400, inference: 700 } as const;

export interface SubstrateOptions {
  readonly config: NodeConfig;
  /** Impl's entry file. */
  readonly implEntry: string;
  readonly takeOver: boolean;
  /** Folder of the portal's built files; without it none is served. */
  readonly portalFolder?: string;
  readonly log: Log;
  /** The node cannot go on; whoever started the substrate drains it and exits with the code. */
  readonly onFatal: (code: FatalCode, message: string) => void;
  readonly limits?: Partial<HubLimits>;
}

export interface Substrate {
  readonly instance: string;
  readonly port: number;
  /** Replaces the logic by that of the files as they are now, while it serves. `why` is for the log. */
  reload(why: string): void;
  /** Refuses new calls, lets impl finish, closes sockets with 1001, ends the children. Resolves within 5 s. */
  drain(): Promise<void>;
  /** Kills impl; what else there is leaves when this process does. */
  kill(): void;
}

/** @throws MeshError `unavailable` when the port cannot be had. */
export async function startSubstrate(options: SubstrateOptions): Promise<Substrate> {
  const { config, log } = options;
  const instance = randomUUID();
  const nowMs = () => performance.now();
  let draining = false;

  const limits = { ...defaultHubLimits, ...options.limits };
  const hub = new SessionHub(log, nowMs, limits);
  const inference = createInferenceChild(config, log);
  const impls = new ImplSupervisor({
    entry: options.implEntry,
    init: { instance, takeOver: options.takeOver, config, inference: inference.endpoint },
    environment: childEnvironment(),
    reload: config.reload,
    sessions: hub,
    log,
    nowMs,
    onFatal: options.onFatal,
  });
  const server = new NodeServer({
    rules: { listenHost: config.listen.host, ...config.listen },
    hub,
    impls,
    limits,
    portalFolder: config.listen.portal ? options.portalFolder : undefined,
    metricsText: async () => (await metricsText)(),
    log,
    nowMs,
    readiness: () => readiness({ draining, node: config.node.name, instance, impls }),
  });

  let port: number;
  try {
    port = await server.listen(config.listen.host, config.listen.port);
  } catch (error) {
    await hub.close(0);
    throw error;
  }
  log.info({ host: config.listen.host, port, instance }, "The node listens.");
  impls.start();
  const watch = config.reload.watch ? watchSources(log, (file) => impls.reload(`${file} changed`)) : undefined;
  // Loaded behind the opening of the port, which does not need it.
  const metricsText = import("./metrics.ts").then(({ createMetricsText }) =>
    createMetricsText({ node: config.node.name, hub, impls, server }),
  );
  const inferenceStarted = inference.start().catch((thrown: unknown) => {
    const error = MeshError.from(thrown);
    if (draining) return;
    options.onFatal("model_invalid", error.message);
  });

  async function drain(): Promise<void> {
    draining = true;
    watch?.close();
    hub.leave();
    server.leave();
    await impls.stop(drainMs.impl);
    await hub.close(drainMs.sockets);
    server.close();
    const stopped = inferenceStarted.then(() => inference.stop());
    await within(Promise.race([stopped, inference.stop()]), drainMs.inference);
  }

  return { instance, port, drain, reload: (why) => impls.reload(why), kill: () => impls.kill() };
}

interface ReadinessFacts {
  readonly draining: boolean;
  readonly node: string;
  readonly instance: string;
  readonly impls: ImplSupervisor;
}

/** What `/readyz` answers: ready, or every reason why not. */
function readiness({ draining, node, instance, impls }: ReadinessFacts): Readiness {
  const impl = impls.current;
  const health = impl?.health;
  const reasons: string[] = [];
  if (draining) reasons.push("The node is leaving.");
  if (impl === undefined) reasons.push("Impl has ended and is being started again.");
  else if (!impl.ready) reasons.push("Impl is starting.");
  if (health !== undefined && !health.ready) reasons.push(...partsDown(health));
  return {
    ready: reasons.length === 0 && impl?.ready === true && health?.ready === true,
    node,
    instance,
    reasons: reasons.length === 0 && health === undefined ? ["Impl has not reported its health yet."] : reasons,
    impl: { number: impls.started, pid: impl?.pid ?? null, ready: impl?.ready === true },
    reload: { state: impls.state, last: impls.reloads.last },
    database: health?.database ?? unknownPart,
    broker: health?.broker ?? unknownPart,
    model: health?.model ?? unknownPart,
  };
}

const unknownPart = { state: "unknown", detail: "Not reported yet." } as const;

function partsDown(health: HealthReport): readonly string[] {
  const parts = [health.database, health.broker, health.model].filter((part) => part.state === "down");
  return parts.length === 0 ? ["Impl reports that it is not ready."] : parts.map((part) => part.detail);
}
