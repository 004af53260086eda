import type { BrokerLink, BrokerStatus, Inference, InferenceStatus, StoreHealth } from "@federation/runtime/ports";
import type { HealthReport, PartHealth } from "../substrate/impl-protocol.ts";

/** What the node can do now, from the state of its parts. Without the database it can do nothing; the rest degrades it. */
export function healthReport(parts: {
  readonly opened: boolean;
  readonly waitingFor: string | undefined;
  readonly database: StoreHealth;
  readonly publish: BrokerLink;
  readonly consume: BrokerLink;
  readonly inference: Inference | undefined;
}): HealthReport {
  const database = databaseHealth(parts.database, parts.opened, parts.waitingFor);
  const broker = brokerHealth(parts.publish.status(), parts.consume.status());
  const model = modelHealth(parts.inference);
  return {
    ready: database.state === "up" && broker.state === "up" && (model.state === "up" || model.state === "none"),
    database,
    broker,
    model,
  };
}

function databaseHealth(health: StoreHealth, opened: boolean, waitingFor: string | undefined): PartHealth {
  if (health.state === "unavailable") return { state: "down", detail: clip(waitingFor ?? health.reason) };
  return opened ? { state: "up", detail: health.server } : { state: "down", detail: clip(waitingFor ?? "opening") };
}

function brokerHealth(publish: BrokerStatus, consume: BrokerStatus): PartHealth {
  if (publish.state === "connected" && consume.state === "connected")
    return { state: "up", detail: clip(`${consume.server} at ${consume.url}`) };
  const away = publish.state === "connecting" ? publish : consume;
  const why = away.state === "connecting" ? (away.lastError ?? "connecting") : away.state;
  return { state: "degraded", detail: clip(`not connected (${why}); messages go on through the database's poll`) };
}

function modelHealth(inference: Inference | undefined): PartHealth {
  if (inference === undefined) return { state: "none", detail: "this node has no model" };
  const status = inference.status();
  switch (status.state) {
    case "ready":
      return { state: "up", detail: clip(`${status.model.alias} on ${status.model.backend}`) };
    case "loading":
      return { state: "degraded", detail: clip(`loading ${status.alias}`) };
    case "failed":
    case "unavailable":
      return { state: "degraded", detail: clip(status.reason) };
  }
}

const clip = (text: string): string => text.slice(0, 500);

/** Name of the model that is loaded, or null. */
export function modelName(status: InferenceStatus | undefined): string | null {
  return status?.state === "ready" ? status.model.alias : null;
}
