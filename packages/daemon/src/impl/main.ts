/**
 * The logic of a node, as a process of its own that may be killed and replaced at any moment: what it must not forget
 * is a row.
 *
 * 1. It answers sessions as soon as the database has given it an epoch; its loops start at `activate`, and may go to
 *    another impl and come back.
 * 2. Drain: no new turn, what is under way ends or is left to the next impl, links flushed, pool closed.
 */

import { control as controlList, MeshError } from "@federation/core";
import { connectInference } from "@federation/inference";
import { createMcpSessions, surfaceHash } from "@federation/mcp";
import {
  createChangeFeed,
  createControlService,
  createCounters,
  createDurations,
  createNews,
  createTurnCounters,
  createTurnRunner,
  recordReload,
  startNodeLoops,
} from "@federation/runtime";
import { connectStore } from "@federation/store";
import { actorQueue, broadcastTopic, connectBrokerLink } from "@federation/transport";
import { readNodeSecrets } from "../config/index.ts";
import { workspaceOf } from "../git/workspace.ts";
import { createProcessLog } from "../log/index.ts";
import { buildVersion } from "../repository.ts";
import { connectImplLink, isFatalCode } from "../substrate/index.ts";
import { healthReport, modelName } from "./health.ts";
import { createHosting } from "./hosting.ts";
import { createLoopKeeper } from "./loop-keeper.ts";
import { createImplMetrics } from "./metrics.ts";
import { openNode } from "./open-node.ts";
import { systemClock as clock, systemRandom as random } from "./ports.ts";
import { sealEpoch } from "./seal-epoch.ts";
import { createSessionDoor } from "./session-door.ts";

const link = await connectImplLink();
const { config } = link.init;
const log = await createProcessLog(config.logging, config.node.name, "impl");
const stopping = new AbortController();

try {
  await run();
} catch (thrown) {
  const error = MeshError.from(thrown);
  if (isFatalCode(error.code)) await link.fatal(error.code, error.message);
  throw error;
}

async function run(): Promise<void> {
  const secrets = readNodeSecrets(config);
  const counters = createCounters();
  const receiptTimes = createDurations();
  const store = connectStore(
    {
      url: config.database.url,
      password: secrets.databasePassword,
      ...(config.database.tls.caFile === undefined ? {} : { caFile: config.database.tls.caFile }),
      verifyTls: config.database.tls.mode === "verify",
      maxConnections: config.database.maxConnections,
      applicationName: `federation-${config.node.name}`,
    },
    { clock, random, log },
  );
  const connectLink = (name: string) =>
    connectBrokerLink({
      brokerUrls: config.broker.urls,
      login: config.broker.login,
      passcode: secrets.brokerPasscode,
      log,
      name,
      prefetch: config.broker.prefetch,
      allowPlaintext: config.insecure,
      ...(config.broker.caFile === undefined ? {} : { tls: { caFile: config.broker.caFile } }),
    });
  const [publish, consume] = await Promise.all([connectLink("publish"), connectLink("consume")]);
  const inference =
    link.init.inference.kind === "socket"
      ? connectInference({ socketPath: link.init.inference.socketPath, log })
      : undefined;

  let opened = false;
  let waitingFor: string | undefined;
  const report = () => healthReport({ opened, waitingFor, database: store.health(), publish, consume, inference });
  let lastReport = "";
  const tellHealth = (): void => {
    const now = report();
    const text = JSON.stringify(now);
    if (text !== lastReport) link.health(now);
    lastReport = text;
  };
  const healthTimer = setInterval(tellHealth, 500);
  publish.watch(tellHealth);
  consume.watch(tellHealth);
  void inference?.whenReady({ deadlineMs: 120_000 }).then(tellHealth);
  tellHealth();

  const open = (beside: boolean) =>
    openNode(
      store,
      {
        instance: link.init.instance,
        // A later impl of this run is of the same instance: it needs no take-over, and must not push a successor aside.
        takeOver: link.init.takeOver && link.init.implNumber === 1,
        version: buildVersion,
        beside,
      },
      {
        clock,
        log,
        onWaiting: (reason) => {
          waitingFor = reason;
          tellHealth();
        },
      },
      stopping.signal,
    );
  const { me } = await open(link.init.beside);
  opened = true;
  log.info({ actor: me.actor, role: me.role, charterVersion: me.charterVersion }, "the node has its generation");

  const news = createNews(clock);
  const turnCounters = createTurnCounters();
  const startLoops = (signal: AbortSignal) =>
    startNodeLoops({
      store,
      me,
      publish,
      consume,
      destinationOf: (queue) => (queue === null ? broadcastTopic : actorQueue(queue)),
      turns:
        inference === undefined
          ? undefined
          : createTurnRunner({
              store,
              inference,
              clock,
              random,
              log,
              me,
              counters: turnCounters,
              workspace: workspaceOf(config),
            }),
      maxParallelTurns: config.inference.mode === "own" ? config.inference.sequences : 2,
      model: () => modelName(inference?.status()),
      onFenced: (error) => void link.fatal("fenced", error.message),
      onReload: (reload) => link.reload(reload),
      news,
      clock,
      random,
      log,
      counters,
      receiptTimes,
      signal,
    });
  const keeper = createLoopKeeper({
    start: startLoops,
    reopen: async () => void (await open(false)),
    stopping: stopping.signal,
  });
  const control = createControlService({
    store,
    actor: me.actor,
    clock,
    random,
    log,
    counters,
    news,
    move: async (conversation) => keeper.loops?.mover.move(conversation),
    lookForWork: () => keeper.loops?.ring(),
    version: buildVersion,
    brokers: () => ({ publish: publish.status(), consume: consume.status() }),
    model: () => report().model.detail,
  });
  const metrics = createImplMetrics({
    node: config.node.name,
    counters,
    receiptTimes,
    links: { publish, consume },
    store,
    turnCounters,
  });
  const sessions = createMcpSessions({
    control,
    changes: createChangeFeed({ store, news, clock, log, signal: stopping.signal }),
    log,
    version: buildVersion,
    send: (session, message, related) => link.send(session, message, related),
  });
  const hosting = createHosting({ store, clock, log, active: () => keeper.loops !== undefined });
  const door = createSessionDoor({
    store,
    me,
    sessions,
    hosting,
    closeSession: (session, code, reason) => link.closeSession(session, code, reason),
    clock,
    log,
  });
  void door.watch(stopping.signal);

  link.serve({
    authenticate: door.authenticate,
    sessionOpened: door.sessionOpened,
    sessionMessage: door.sessionMessage,
    sessionClosed: door.sessionClosed,
    activate: (options) => keeper.activate(options),
    deactivate: () => keeper.deactivate(),
    seal: () => sealEpoch(store, { clock, log }, stopping.signal),
    reloadEnded: (end) => void recordReload({ store, clock, random, log, signal: stopping.signal }, end),
    async drain({ deadlineMs }) {
      const endMs = clock.nowMs() + deadlineMs;
      clearInterval(healthTimer);
      stopping.abort();
      const left = (): number => Math.max(100, endMs - clock.nowMs());
      await Promise.race([Promise.all([sessions.idle(), keeper.loops?.ended]), clock.sleep(left() / 2)]);
      if (keeper.loops !== undefined) {
        // Gone at once for the others, and for the next start of this node.
        const goodbye = store.renewPresence({ model: null, broker: "closed", ttlMs: 0 }).catch(() => undefined);
        await Promise.race([Promise.all([goodbye, hosting.leave()]), clock.sleep(500)]);
      }
      await Promise.race([
        Promise.all([
          sessions.closeAll(),
          publish.close({ deadlineMs: left() / 2 }),
          consume.close({ deadlineMs: left() / 2 }),
          inference?.close(),
        ]),
        clock.sleep(left() * 0.8),
      ]);
      await store.close({ deadlineMs: left() / 2 });
    },
    metrics: () => metrics.text(),
  });
  link.ready(surfaceHash());
  tellHealth();
  log.info({ commands: Object.keys(controlList).length }, "the node answers");
}
