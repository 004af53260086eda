import type { Counters, Durations, TurnCounters } from "@federation/runtime";
import type { Store } from "@federation/runtime/ports";
import type { StompBrokerLink } from "@federation/transport";
import { Counter, collectDefaultMetrics, Gauge, Registry } from "prom-client";

/**
 * What impl counts, as Prometheus text. The runtime keeps plain numbers; they are copied at each scrape.
 * Names begin with `federation_`, and none with `federation_substrate_`.
 */
export interface MetricsSources {
  readonly node: string;
  readonly counters: Counters;
  readonly receiptTimes: Durations;
  readonly links: { readonly publish: StompBrokerLink; readonly consume: StompBrokerLink };
  readonly store: Store;
  readonly turnCounters: TurnCounters;
}

const snake = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

export interface ImplMetrics {
  text(): Promise<string>;
}

export function createImplMetrics(sources: MetricsSources): ImplMetrics {
  // Of the process, watched from now on: made once. What is copied gets a registry of its own at each scrape.
  const ofProcess = new Registry();
  ofProcess.setDefaultLabels({ node: sources.node });
  collectDefaultMetrics({ register: ofProcess, prefix: "federation_impl_", eventLoopMonitoringPrecision: 50 });
  return { text: async () => `${await ofProcess.metrics()}\n${await copiedText(sources)}` };
}

async function copiedText(sources: MetricsSources): Promise<string> {
  const registry = new Registry();
  registry.setDefaultLabels({ node: sources.node });
  const counter = (name: string, help: string, labels: Readonly<Record<string, string>>, value: number): void => {
    const known = registry.getSingleMetric(`federation_${name}`);
    const metric =
      known instanceof Counter
        ? known
        : new Counter({ name: `federation_${name}`, help, labelNames: Object.keys(labels), registers: [registry] });
    metric.inc({ ...labels }, value);
  };
  for (const [name, value] of Object.entries(sources.counters))
    counter(`${name}_total`, `Runtime counter ${name}.`, {}, value);
  for (const [name, value] of Object.entries<number>({ ...sources.turnCounters }))
    counter(`turn_${snake(name)}_total`, `Turns of the model: ${name}.`, {}, value);
  for (const [link, it] of Object.entries(sources.links))
    for (const [name, value] of Object.entries<number>({ ...it.counters() }))
      counter(`link_${snake(name)}_total`, `Broker link: ${name}.`, { link }, Number(value));
  const health = sources.store.health();
  if (health.state === "ready")
    for (const [sqlstate, value] of Object.entries(health.retries))
      counter("pg_retries_total", "Statements repeated, by failure.", { sqlstate }, value);
  const receipts = sources.receiptTimes.snapshot();
  for (const { boundMs, count } of receipts.atMost)
    counter("receipt_ms_bucket", "Broker receipts within so many milliseconds.", { le: String(boundMs) }, count);
  counter("receipt_ms_bucket", "", { le: "+Inf" }, receipts.count);
  const gauges = await sources.store.counts().catch(() => undefined);
  for (const [name, value] of Object.entries(gauges ?? {}))
    new Gauge({ name: `federation_mesh_${snake(name)}`, help: `Mesh: ${name}.`, registers: [registry] }).set(
      Number(value),
    );
  return await registry.metrics();
}
