/**
 * What is counted of the substrate, as Prometheus text, and impl's own text behind it.
 *
 * 1. Names of the substrate begin with `federation_substrate_`, names of impl with anything else: a family of
 *    metrics may stand in the text once only.
 * 2. A scrape succeeds without impl, after a second at most, and says that it is away.
 */
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";
import type { ImplSupervisor } from "./impl-supervisor.ts";
import type { NodeServer } from "./node-server.ts";
import type { SessionHub } from "./session-hub.ts";

const prefix = "federation_substrate_";
const implDeadlineMs = 1000;

export interface MetricsSources {
  readonly node: string;
  readonly hub: SessionHub;
  readonly impls: ImplSupervisor;
  readonly server: Pick<NodeServer, "upgrades" | "requests" | "endpoint">;
}

/** Returns what reads all of it as Prometheus text. */
export function createMetricsText({ node, hub, impls, server }: MetricsSources): () => Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ node });
  // The default of 10 ms wakes an idle process a hundred times a second: most of what it then costs.
  collectDefaultMetrics({ register: registry, prefix, eventLoopMonitoringPrecision: 50 });
  const gauge = (name: string, help: string, read: () => number) =>
    new Gauge({
      name: prefix + name,
      help,
      registers: [registry],
      collect() {
        this.set(read());
      },
    });
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name: prefix + name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  gauge("impl_up", "1 when an impl answers sessions.", () => (impls.current?.ready === true ? 1 : 0));
  gauge("sessions", "Sessions open.", () => hub.size);
  gauge("open_requests", "Requests of clients without an answer.", () => hub.openRequests);
  counter("impl_starts_total", "Impls started.", () => impls.started);
  counter("messages_from_clients_total", "Messages received.", () => hub.counters.fromClients);
  counter("messages_to_clients_total", "Messages sent.", () => hub.counters.toClients);
  counter("messages_refused_total", "Malformed messages, and messages over a limit.", () => hub.counters.refused);
  counter("requests_resent_total", "Requests given to another impl.", () => hub.counters.resent);
  new Counter({
    name: `${prefix}reloads_total`,
    help: "Reloads of the logic, by outcome: reloaded, or the stage at which the old logic went on.",
    labelNames: ["outcome"],
    registers: [registry],
    collect() {
      this.reset();
      for (const [outcome, count] of impls.reloads.outcomes) this.inc({ outcome }, count);
    },
  });
  counter(
    "reload_pause_seconds_total",
    "Time in reloads during which no impl held the loops.",
    () => impls.reloads.pauseMsTotal / 1000,
  );
  gauge(
    "reload_last_pause_seconds",
    "The same of the last reload; calls do not pause.",
    () => (impls.reloads.lastPauseMs ?? 0) / 1000,
  );
  const byStatus = (name: string, help: string, statuses: ReadonlyMap<number, number>) =>
    new Counter({
      name: prefix + name,
      help,
      labelNames: ["status"],
      registers: [registry],
      collect() {
        this.reset();
        for (const [status, count] of statuses) this.inc({ status: String(status) }, count);
      },
    });
  byStatus("upgrades_total", "Attempts to open a session by WebSocket, by HTTP status.", server.upgrades);
  byStatus("http_requests_total", "Requests to the MCP endpoint, by HTTP status.", server.requests);
  gauge("http_sessions", "Sessions over HTTP.", () => server.endpoint.sessions);
  gauge("http_calls", "Requests over HTTP that are no session's, under way.", () => server.endpoint.calls);
  return async () => {
    const impl = impls.current?.ready === true ? impls.current.metrics(implDeadlineMs) : Promise.resolve(undefined);
    const [own, ofImpl] = await Promise.all([registry.metrics(), impl]);
    return ofImpl === undefined || ofImpl === "" ? own : `${own.trimEnd()}\n\n${ofImpl.trim()}\n`;
  };
}
