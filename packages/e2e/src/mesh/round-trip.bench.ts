/**
 * How long a message takes from accepted to acted, without a model: `node packages/e2e/src/mesh/round-trip.bench.ts
 * [activemq]`, on the embedded broker or on ActiveMQ Classic 6.3.1.
 *
 * A hand-fed actor reads whatever is due, with no pause for more messages to come. Beside it, on the same database and
 * broker in the same run: one commit of a message, and one hop through the broker.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { encodeWakeUp } from "@federation/core";
import { startActiveMq } from "@federation/testkit/activemq";
import { actorQueue } from "@federation/transport";
import { reader, startMesh, until } from "./mesh-fixture.ts";

const PER_SECOND = 50;
const SECONDS = 20;

const activeMq = process.argv.includes("activemq") ? await startActiveMq({ accounts: [] }) : undefined;
process.stdout.write(`broker: ${activeMq?.label ?? "embedded"}\n`);
const mesh = await startMesh({ settleMs: 0, ...(activeMq === undefined ? {} : { activeMq }) });
try {
  const lea = await mesh.add("lea", "lead");
  let read = 0;
  const dev = await mesh.add(
    "dev",
    "developer",
    reader(() => read++),
  );
  const { conversation } = await lea.call("SendMessage", { to: "dev", text: "begin" });
  // A running ActiveMQ takes some seconds to see a new account.
  await until("frames come", () => dev.counters.delivered > 0 && read > 0, 60_000);
  await sleep(2_000);
  const commits: number[] = [];
  const startedMs = performance.now();
  for (let i = 0; i < PER_SECOND * SECONDS; i++) {
    await sleep(Math.max(0, startedMs + (i * 1_000) / PER_SECOND - performance.now()));
    const atMs = performance.now();
    void lea
      .call("SendMessage", { conversation, to: "dev", text: String(i) })
      .then(() => commits.push(performance.now() - atMs));
  }
  await until("all are read", () => read > PER_SECOND * SECONDS);
  const rows = await mesh.owner<{ ms: number }>(
    `select extract(epoch from acted_at - stored_at)::float8 * 1000 as ms from federation.deliveries
      where conversation = $1 and acted_at is not null`,
    [conversation],
  );
  const hops: number[] = [];
  for (let i = 0; i < 100; i++) {
    const before = dev.counters.bad_frames + dev.counters.duplicate_frames;
    const atMs = performance.now();
    await mesh.hop(actorQueue("dev"), encodeWakeUp({ id: conversation, conv: conversation, seq: 1 }));
    hops.push(performance.now() - atMs);
    await until("it is counted", () => dev.counters.bad_frames + dev.counters.duplicate_frames > before);
  }
  const line = (what: string, values: readonly number[]): string => {
    const sorted = [...values].sort((a, b) => a - b);
    const at = (q: number): string => (sorted[Math.floor(q * (sorted.length - 1))] ?? Number.NaN).toFixed(1);
    return `${what}: ${sorted.length}, p50 ${at(0.5)} ms, p99 ${at(0.99)} ms, most ${at(1)} ms\n`;
  };
  process.stdout.write(
    line(
      `accepted to acted at ${PER_SECOND}/s`,
      rows.map((r) => r.ms),
    ),
  );
  process.stdout.write(line("a SendMessage call, committed", commits));
  process.stdout.write(line("a publish with the broker's receipt", hops));
  process.stdout.write(`late frames ${dev.counters.late_frames}, rescues ${dev.counters.poll_rescues}\n`);
} finally {
  await mesh.drop();
  await activeMq?.close();
}
