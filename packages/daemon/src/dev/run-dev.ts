import { randomUUID } from "node:crypto";
import { mkdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { dirname, join } from "node:path";
import { MeshError, type MissionReport } from "@federation/core";
import { type ControlClient, connectControl, followEvents } from "@federation/mcp/client";
import { readCliEnvironment } from "../config/cli-env.ts";
import { readSecretFile } from "../config/index.ts";
import { initFederation } from "../founding/found.ts";
import { createProcessLog } from "../log/index.ts";
import { ensurePortalBuilt } from "../portal/build-portal.ts";
import { openOrTell, openSecretLink } from "../portal/open-link.ts";
import { makePortalLink, originOfNode } from "../portal/portal-link.ts";
import { socketPathIn } from "../substrate/index.ts";
import type { DevConsole } from "./console.ts";
import { foundCharter, foundingFailed } from "./found-charter.ts";
import { startLocalBroker, writeBrokerAccounts } from "./local-broker.ts";
import { startLocalDatabase } from "./local-database.ts";
import { prepareModel, startSharedModel } from "./local-model.ts";
import { type LocalNode, startLocalNode, untilReady } from "./local-nodes.ts";
import { cloneRepository, fetchCommand, guardRepository, type LocalRepository } from "./local-repository.ts";
import { lockStateFolder } from "./lock.ts";
import type { DevOptions } from "./options.ts";
import {
  joinNodes,
  nodeOverrides,
  nodesFolder,
  planNodes,
  prepareStateFolder,
  sharedAccount,
  writeAccountLines,
  writeCliTarget,
} from "./state.ts";

/**
 * The local simulation: everything of a federation on one machine, as the processes it would be on four.
 *
 * 1. Whatever was started is stopped in the reverse order, however this ends, and leaves no process behind.
 * 2. Nodes are added with the same code as `federation init` and `federation node add`.
 * 3. What happened is read from the event log, never guessed from what was asked for.
 */
export type DevEnd = { readonly exitCode: number; readonly why: string };

const READY_DEADLINE_MS = 90_000;
/** After a mission closed, for the last deliveries to be dealt with. */
const SETTLE_MS = 30_000;
/** Whoever starts the mesh may first read what it prints. */
const LINK_MINUTES = 15;

export async function runDev(options: DevOptions, ui: DevConsole, signal: AbortSignal): Promise<DevEnd> {
  const cleanups: (() => Promise<unknown>)[] = [];
  const { stateDir } = options;
  try {
    await mkdir(stateDir, { recursive: true, mode: 0o755 });
    cleanups.push(await lockStateFolder(stateDir));
    await prepareStateFolder(stateDir, options.fresh);
    return await mesh(options, ui, signal, cleanups);
  } catch (thrown) {
    if (signal.aborted) return { exitCode: 130, why: "interrupted" };
    const error = MeshError.from(thrown);
    return { exitCode: error.code === "invalid_input" ? 2 : 3, why: error.message };
  } finally {
    ui.progress("Stopping");
    for (const cleanup of cleanups.reverse())
      await cleanup().catch((error: unknown) => ui.note(`While stopping: ${String(error)}`));
    ui.done();
  }
}

async function mesh(
  options: DevOptions,
  ui: DevConsole,
  signal: AbortSignal,
  cleanups: (() => Promise<unknown>)[],
): Promise<DevEnd> {
  const { stateDir } = options;
  const startedMs = performance.now();
  const failed = Promise.withResolvers<never>();
  failed.promise.catch(() => undefined);
  const log = await createProcessLog({ level: "warn", pretty: "auto" }, "dev", "inference");
  const plans = planNodes(options.nodes);
  const socketPath = socketPathIn(join(stateDir, "inference"));
  await mkdir(dirname(socketPath), { recursive: true, mode: 0o700 });

  ui.progress("Starting PostgreSQL and the model");
  const [database, model] = await allStarted(
    (async () => {
      if (options.databaseUrl !== undefined) return { ownerUrl: options.databaseUrl, label: "yours" };
      const local = await startLocalDatabase(stateDir);
      cleanups.push(local.stop);
      return local;
    })(),
    (async () => {
      const resolved = await prepareModel(options.model, join(stateDir, "models"), {
        progress: (p) => ui.download(p),
        note: (line) => ui.note(line),
        signal,
      });
      const supervisor = await startSharedModel(resolved, {
        stateDir,
        socketPath,
        actors: options.nodes,
        threads: Math.max(1, availableParallelism() - 1),
        log,
      });
      cleanups.push(() => supervisor.stop());
      const watch = setInterval(() => {
        const status = supervisor.status();
        if (status.state === "failed")
          failed.reject(
            new MeshError("model_invalid", `The model ${resolved.alias} cannot be loaded: ${status.reason}`),
          );
      }, 250);
      cleanups.push(async () => clearInterval(watch));
      return resolved;
    })(),
  );
  signal.throwIfAborted();

  ui.progress("Laying the schema and adding the nodes");
  await initFederation(database.ownerUrl);
  const brokerUrl = options.brokerUrl === undefined ? undefined : new URL(options.brokerUrl);
  const accountsFile = join(stateDir, "accounts.json");
  await writeBrokerAccounts(accountsFile, []);
  const broker =
    brokerUrl === undefined
      ? await startLocalBroker(stateDir, accountsFile)
      : { url: plainUrl(brokerUrl), label: "yours", stop: async () => undefined };
  cleanups.push(() => broker.stop());
  const joined = await joinNodes(plans, {
    target: { ownerUrl: database.ownerUrl, brokerUrls: [broker.url] },
    dir: nodesFolder(stateDir, database.ownerUrl, options.databaseUrl === undefined),
    socketPath,
  });
  await writeBrokerAccounts(
    accountsFile,
    joined.map((node) => node.broker),
  );

  const shared = await sharedAccount(stateDir, brokerUrl);
  if (brokerUrl !== undefined && shared === undefined) {
    const file = await writeAccountLines(stateDir, joined);
    ui.note(
      `Your broker needs an account for each node; the lines are in ${file} (deploy/activemq/README.md says where they go).`,
    );
  }

  const repository = options.repo === undefined ? undefined : await cloneRepository(options.repo, stateDir);
  if (repository !== undefined)
    ui.note(`Results are committed in ${repository.clone}, a clone; your repository is not touched.`);

  ui.progress("Building the portal");
  // A mesh without its page is still a mesh.
  const portalProblem = await ensurePortalBuilt().then(
    () => undefined,
    (error: unknown) => MeshError.from(error).message,
  );
  if (portalProblem !== undefined) ui.note(portalProblem);

  ui.progress("Starting the nodes");
  const nodes = await Promise.all(
    joined.map(async (node): Promise<LocalNode> => {
      const started = await startLocalNode(node.name, {
        configFile: node.configFile,
        stateDir,
        overrides: {
          ...nodeOverrides(node, {
            ownerUrl: database.ownerUrl,
            brokerUrl: broker.url,
            socketPath,
            shared,
            repository,
          }),
          ...(options.watch ? { FEDERATION_RELOAD_WATCH: "true" } : {}),
        },
        onHopeless: (problem) => failed.reject(new MeshError("unavailable", problem)),
      });
      cleanups.push(() => started.stop());
      return started;
    }),
  );
  const commander = nodes.find((node) => node.name === "commander");
  const account = joined.find((node) => node.name === "commander");
  if (commander === undefined || account === undefined)
    throw new MeshError("internal", "The commander's node is missing.");
  const reasons = await Promise.race([
    failed.promise,
    Promise.all(nodes.map((node) => untilReady(node, READY_DEADLINE_MS, signal))),
  ]);
  signal.throwIfAborted();
  nodes.forEach((node, i) => {
    if (reasons[i] !== "ready") ui.note(`${node.name} is not ready yet: ${reasons[i]}`);
  });
  const url = `ws://127.0.0.1:${commander.port()}/mcp`;
  await writeCliTarget(stateDir, { url, tokenFile: account.tokenFile });
  const client = await connectControl({
    url,
    token: readSecretFile(account.tokenFile, "token"),
    program: "dev",
    signal,
  });
  cleanups.push(() => client.close());
  if (repository !== undefined) await guardRepository(repository, joined, client, stateDir);
  const status = await client.call("GetStatus", {});
  ui.know((await client.call("ListRoster", {})).actors);
  const made =
    portalProblem === undefined
      ? await makePortalLink(client, { origin: originOfNode(url), lastsMs: LINK_MINUTES * 60_000 })
      : undefined;
  ui.ready({
    nodes: joined.map(({ name, role }) => ({ name, role })),
    model,
    broker: status.broker.publish === "connected" ? `${broker.label} at ${broker.url}` : status.broker.publish,
    database: status.database,
    stateDir,
    ms: Math.round(performance.now() - startedMs),
    portal: made && { link: made.link, minutes: LINK_MINUTES },
  });
  if (options.open && made !== undefined)
    await openOrTell(made.link, {
      hasScreen: readCliEnvironment().hasScreen,
      openLink: openSecretLink,
      tell: (sentence) => ui.note(sentence),
    });
  return await Promise.race([
    failed.promise,
    watchMissions(
      options,
      ui,
      client,
      { model: model.alias, broker: `${broker.label}`, database: status.database },
      repository,
      signal,
    ),
  ]);
}

/** Starts or resumes a mission and shows what happens until it ends, or until somebody ends us. */
async function watchMissions(
  options: DevOptions,
  ui: DevConsole,
  client: ControlClient,
  parts: { readonly model: string; readonly broker: string; readonly database: string },
  repository: LocalRepository | undefined,
  signal: AbortSignal,
): Promise<DevEnd> {
  const open = await client.call("ListMissions", { open: true });
  for (const mission of open.missions)
    ui.note(`Resuming the mission "${mission.objective}" in its phase ${mission.phase}.`);
  const since = (await client.call("ListEvents", { after: "end", limit: 1 })).cursor;
  const founding = await foundCharter(client, ui);
  const mine =
    options.mission === undefined
      ? undefined
      : (
          await client.call(
            "StartMission",
            {
              objective: options.mission,
              ...(options.seed === undefined ? {} : { seed: options.seed }),
              ...(repository === undefined ? {} : { repository: repository.name }),
            },
            { callId: randomUUID() },
          )
        ).mission;
  if (mine === undefined && open.missions.length === 0) ui.offerSample(repository?.name);
  const inbox = setInterval(() => {
    // What is printed here has been shown to the human.
    void client.call("ListInbox", { due: true, markRead: true, limit: 100 }).catch(() => undefined);
  }, 1_500);
  try {
    for await (const event of followEvents(client, { ...(since === null ? {} : { after: since }), signal })) {
      ui.event(event);
      if (event.conversation === founding && event.kind === "MotionClosed" && event.data["outcome"] === "rejected")
        ui.note(foundingFailed);
      if (event.kind === "MissionClosed" && event.conversation !== null) {
        const report = await settled(client, event.conversation, signal);
        ui.report({ ...report, ...parts });
        if (repository !== undefined && report.commit !== null)
          ui.note(`Committed as ${report.commit}; fetch it with: ${fetchCommand(repository, report)}`);
        if (options.once && event.conversation === mine) return endOf(report);
      }
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    clearInterval(inbox);
  }
  return {
    exitCode: 130,
    why: mine === undefined ? "" : "interrupted before the mission was closed; start dev again and it goes on",
  };
}

/** A mission that went through to its end has a result, whatever its reviewer made of it; the outcome says which. */
function endOf({ outcome }: MissionReport): DevEnd {
  const spoken = outcome?.replaceAll("_", " ") ?? "still open";
  if (outcome === "accepted") return { exitCode: 0, why: "" };
  if (outcome === "not_accepted") return { exitCode: 0, why: `the result was ${spoken} by its reviewer` };
  return { exitCode: 1, why: `the mission ended without a result: ${spoken}` };
}

/** The report, once every delivery has been dealt with, or is not going to be. */
async function settled(client: ControlClient, mission: string, signal: AbortSignal): Promise<MissionReport> {
  const startedMs = performance.now();
  for (;;) {
    const report = await client.call("ReportMission", { mission });
    if (report.deliveries.open.length === 0 || performance.now() - startedMs > SETTLE_MS || signal.aborted)
      return report;
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

function plainUrl(url: URL): string {
  const plain = new URL(url);
  plain.username = "";
  plain.password = "";
  return plain.href.replace(/\/$/, "");
}

/** Like `Promise.all`, but waits for both: what one started must be known before the other's failure stops it all. */
async function allStarted<A, B>(a: Promise<A>, b: Promise<B>): Promise<readonly [A, B]> {
  await Promise.allSettled([a, b]);
  return [await a, await b];
}
