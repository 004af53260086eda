/** Events at a steady pace: acts of two nodes through their own doors, and above that rows of the database's owner. */
import { setTimeout as sleep } from "node:timers/promises";
import type { BenchMesh } from "./bench-mesh.ts";

export interface Pace {
  readonly seconds: number;
  /** Messages a second: half are calls through the commander's node, half are done by the other one. */
  readonly messages: number;
  /** Rows a second that the owner puts into the log, ten at a time. */
  readonly rows?: number;
}

const sentence = "The relay doubles its pause after each failure, with jitter, up to a bound of two minutes. ";
const rowsAtOnce = 10;

/** Resolves when all of it is committed. @throws what a call throws. */
export async function putLoad(mesh: BenchMesh, { seconds, messages, rows = 0 }: Pace): Promise<void> {
  const { client, other, threads, node } = mesh;
  const under: Promise<unknown>[] = [];
  const startedMs = performance.now();
  const at = async (perSecond: number, act: (i: number) => Promise<unknown>): Promise<void> => {
    for (let i = 0; i < perSecond * seconds; i++) {
      const waitMs = startedMs + (i * 1_000) / perSecond - performance.now();
      if (waitMs > 1) await sleep(waitMs);
      under.push(act(i));
    }
  };
  await Promise.all([
    at(messages, (i) => {
      const text = sentence.repeat(1 + (i % 6));
      return i % 2 === 0
        ? client.call("SendMessage", { conversation: threads.commander, to: "all", text })
        : other.call("SendMessage", { conversation: threads.other, to: "all", text });
    }),
    at(rows / rowsAtOnce, () => node.owner(ownersRows, [threads.other])),
  ]);
  await Promise.all(under);
}

/** As a mission leaves them behind, without what they tell of: only the page is to be kept busy. */
const ownersRows = `
  insert into federation.events (kind, actor, conversation, subject, data)
    select (array['MessageSent', 'MessageSent', 'DecisionMade', 'DecisionMade', 'DecisionMade', 'DutyOpened', 'DutyClosed', 'BallotCast', 'TaskClaimed', 'EpisodeRemembered'])[n],
        'baby', $1, gen_random_uuid()::text, jsonb_build_object('kind', 'say', 'to', 'all', 'head', jsonb_build_object('kind', 'wait'), 'origin', 'model',
          'duty', 'vote', 'as', 'met', 'choice', 'yes', 'title', 'A bound for the pause', 'text', repeat('${sentence}', 1 + n % 6))
      from generate_series(1, ${rowsAtOnce}) n`;
