/**
 * How soon who watches the log at one node is told of what another one did, and what watching costs:
 * `node packages/e2e/src/mesh/event-watch.bench.ts`.
 *
 * Messages are sent at a steady pace by one node. The time of each runs from its commit, as its sender learns of it, until
 * the answer that holds it is there; both are in this process, on one clock. Then the mesh is idle, and the watcher's
 * looks are counted.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { ControlResponse } from "@federation/core";
import { type MeshNode, startMesh, until } from "./mesh-fixture.ts";

const RATES = [50, 10, 1];
const SECONDS = 15;
const IDLE_SECONDS = 50;

const mesh = await startMesh({ settleMs: 0 });
try {
  const lea = await mesh.add("lea", "lead");
  await mesh.add("dev", "developer");
  const rob = await mesh.add("rob", "commander");
  const { conversation } = await lea.call("SendMessage", { to: "dev", text: "begin" });
  for (const perSecond of RATES) await measure(lea, rob, conversation, perSecond);
  process.stdout.write(`an idle watcher looked ${(await looksWhenIdle(rob)).toFixed(2)} times a second\n`);
} finally {
  await mesh.drop({ leaves: ["message"] });
}

async function measure(from: MeshNode, at: MeshNode, conversation: string, perSecond: number): Promise<void> {
  const committed = new Map<string, number>();
  const told = new Map<string, number>();
  let watching = true;
  const watch = (async () => {
    for (let after: string | null = "end"; watching; ) {
      const { events, cursor }: ControlResponse<"ListEvents"> = await at.call("ListEvents", {
        after,
        waitMs: 2_000,
        kinds: ["MessageSent"],
      });
      const nowMs = performance.now();
      for (const { subject } of events) if (subject !== null) told.set(subject, nowMs);
      after = cursor ?? after;
    }
  })();
  await sleep(500);
  const startedMs = performance.now();
  for (let i = 0; i < perSecond * SECONDS; i++) {
    await sleep(Math.max(0, startedMs + (i * 1_000) / perSecond - performance.now()));
    void from
      .call("SendMessage", { conversation, to: "dev", text: String(i) })
      .then(({ id }) => committed.set(id, performance.now()));
  }
  await until("all are told", () => told.size >= perSecond * SECONDS && committed.size === perSecond * SECONDS);
  watching = false;
  await watch;
  const times = [...committed].map(([id, atMs]) => Math.max(0, (told.get(id) ?? Number.NaN) - atMs));
  times.sort((a, b) => a - b);
  const q = (share: number): string => (times[Math.floor(share * (times.length - 1))] ?? Number.NaN).toFixed(1);
  process.stdout.write(
    `from commit to told at ${perSecond}/s: ${times.length}, p50 ${q(0.5)} ms, p95 ${q(0.95)} ms, most ${q(1)} ms\n`,
  );
}

/** Readings of the log that one waiting call after the other makes while nothing happens: each is one statement. */
async function looksWhenIdle(at: MeshNode): Promise<number> {
  const { store } = at;
  const read = store.events;
  let looks = 0;
  Object.assign(store, {
    events: (...given: Parameters<typeof read>) => {
      looks++;
      return read(...given);
    },
  });
  const startedMs = performance.now();
  for (let after: string | null = "end"; performance.now() - startedMs < IDLE_SECONDS * 1_000; )
    after = (await at.call("ListEvents", { after, waitMs: 25_000, kinds: ["NoSuchThing"] })).cursor;
  return (looks * 1_000) / (performance.now() - startedMs);
}
