/**
 * What is called on a real node: queries, waits, and commands whose effects are rows that can be counted.
 *
 * 1. A query that names something is answered with that thing: an answer that went to another call is seen.
 * 2. A text is sent or remembered once: as many rows with it as there are calls with it.
 * 3. Half of the commands carry a call id of their own; the others leave it to whoever receives them first. A message
 *    carries an id of its own besides, an episode does not: what keeps it single is the call id alone.
 */
import { randomUUID } from "node:crypto";
import { z } from "zod";
import { type BenchNode, COMMANDER, NODE } from "./bench-node.ts";
import type { Effects } from "./figures.ts";
import type { Lane } from "./host.ts";
import type { PlannedCall } from "./offer-calls.ts";

export interface NodeCalls {
  plan(lane: Lane, turn: number): PlannedCall;
  effects(): Promise<Effects>;
}

/** Waits are under way at every moment, so also when the logic changes. */
const WAIT_MS = 1_000;
const KNOWN_MESSAGES = 20;
const sentSchema = z.object({ id: z.uuid(), conversation: z.uuid() });

export async function prepareCalls(node: BenchNode, lanes: readonly Lane[]): Promise<NodeCalls> {
  // Several rounds of calls may be made on one node.
  const round = randomUUID();
  const conversations = new Map<Lane, string>();
  const known: { readonly id: string; readonly text: string }[] = [];
  for (const lane of lanes) {
    const opened = await send(lane, { text: `opened by ${lane.name}` });
    conversations.set(lane, opened.conversation);
    for (let i = 0; i < KNOWN_MESSAGES; i++) {
      const text = `${lane.name} knows ${i}`;
      known.push({ id: (await send(lane, { text, conversation: opened.conversation })).id, text });
    }
  }
  const quiet = (await send(lanes[0], { text: "nothing is said here" })).conversation;

  function plan(lane: Lane, turn: number): PlannedCall {
    const conversation = conversations.get(lane) ?? quiet;
    const mine = turn % 4 < 2 ? { callId: randomUUID() } : {};
    switch (turn % 10) {
      case 0:
      case 5:
        return { ...sendCall(`${round} ${lane.name} sends ${turn}`, conversation), ...mine };
      case 2:
      case 7:
        return { ...rememberCall(`${round} ${lane.name} remembers ${turn}`), ...mine };
      case 1:
        return query("get_status", {}, statusOfNode);
      case 4:
        return query("list_roster", {}, wholeRoster);
      case 6:
        return query("list_tasks", {}, noTasks);
      case 9:
        return {
          ...query("list_events", { after: "end", conversation: quiet, waitMs: WAIT_MS }, noEvents),
          waits: true,
        };
      default: {
        const asked = known[(turn * 7) % known.length];
        if (asked === undefined) throw new Error("no message is known");
        return query("show_message", { message: asked.id }, (it) => {
          const message = messageSchema.safeParse(it).data?.message;
          return message?.id === asked.id && message.text === asked.text;
        });
      }
    }
  }

  async function effects(): Promise<Effects> {
    const rows = await node.owner<{ body: string; ids: string[] }>(
      `select body, array_agg(id::text) as ids from (
         select body, id from federation.messages
         union all select body, id from federation.episodes) as it
       where body like $1 || ' %' group by body`,
      [round],
    );
    return new Map(rows.map(({ body, ids }) => [body, ids]));
  }

  return { plan, effects };
}

async function send(
  lane: Lane | undefined,
  given: { readonly text: string; readonly conversation?: string },
): Promise<z.infer<typeof sentSchema>> {
  const answer = await lane?.call({ tool: "send_message", arguments: { to: COMMANDER, ...given } });
  if (answer?.isError !== false) throw new Error(`a message cannot be sent: ${answer?.text}`);
  return sentSchema.parse(answer.structured);
}

function sendCall(text: string, conversation: string): PlannedCall {
  const id = randomUUID();
  return {
    tool: "send_message",
    arguments: { id, to: COMMANDER, conversation, text },
    mistake(structured) {
      const sent = sentSchema.safeParse(structured).data;
      return sent?.id === id && sent.conversation === conversation ? undefined : "another message's answer";
    },
    effect: { key: text, idIn: (structured) => sentSchema.safeParse(structured).data?.id },
  };
}

const episodeSchema = z.object({ episode: z.uuid() });

function rememberCall(text: string): PlannedCall {
  return {
    tool: "remember",
    arguments: { text },
    mistake: (structured) => (episodeSchema.safeParse(structured).success ? undefined : "no episode"),
    effect: { key: text, idIn: (structured) => episodeSchema.safeParse(structured).data?.episode },
  };
}

function query(
  tool: string,
  given: Readonly<Record<string, unknown>>,
  fits: (structured: unknown) => boolean,
): PlannedCall {
  return { tool, arguments: given, mistake: (it) => (fits(it) ? undefined : "not what was asked for") };
}

const messageSchema = z.object({ message: z.object({ id: z.string(), text: z.string() }) });
const statusSchema = z.object({ node: z.literal(NODE), actors: z.int(), model: z.string() });
const rosterSchema = z.object({ actors: z.array(z.object({ actor: z.string() })) });
const tasksSchema = z.object({ tasks: z.array(z.unknown()).length(0) });
const eventsSchema = z.object({ events: z.array(z.unknown()).length(0), cursor: z.string().nullable() });

const statusOfNode = (it: unknown): boolean => statusSchema.safeParse(it).success;
const noTasks = (it: unknown): boolean => tasksSchema.safeParse(it).success;
const noEvents = (it: unknown): boolean => eventsSchema.safeParse(it).success;
const wholeRoster = (it: unknown): boolean => {
  const names = rosterSchema.safeParse(it).data?.actors.map(({ actor }) => actor) ?? [];
  return names.includes(NODE) && names.includes(COMMANDER);
};
