import type { Episode, Message, MissionView, Obligation } from "@federation/core";
import { SYSTEM_ACTOR } from "@federation/core";
import { type CountTokens, fitText } from "./fit-text.ts";
import { materialFor } from "./material.ts";
import { phaseLine } from "./phase-line.ts";
import { type QuotedLine, quoteBlock, quoteLine } from "./quoting.ts";
import { teamLine } from "./team-line.ts";

/**
 * The situation as a model is shown it.
 *
 * 1. Stable first, volatile last: team and phase, memory, the texts at hand, the conversation. The ask comes after it.
 * 2. What anyone wrote is inside the fence; who wrote it is said by rows.
 * 3. It fits its budget: due messages come before older ones, older ones are left out oldest first, texts are cut at
 *    sentences. A due message that was not shown is not in `included`, stays due, and is read in a later turn.
 */
export interface Scene {
  readonly view: MissionView;
  readonly actor: string;
  readonly focus: Obligation | undefined;
  /** In order. */
  readonly due: readonly Message[];
  /** Oldest first; may contain the due ones. */
  readonly tail: readonly Message[];
  readonly memory: readonly Episode[];
  readonly nonce: string;
}

export interface Situation {
  /** The user's message, but for the ask that ends it. */
  readonly text: string;
  /** Texts as shown, to find echoes of them. */
  readonly quoted: readonly string[];
  /** Due messages whose text is in it. */
  readonly included: readonly string[];
  /** All messages whose text is in it, in order. */
  readonly messages: readonly string[];
}

/** Texts as they were shown, and the whole texts they were cut from. */
interface Shown {
  readonly texts: string[];
  readonly sources: string[];
}

/** Least room worth opening for one more line. */
const MIN_LINE = 16;
const SHARE = { material: 0.5, memory: 0.12 } as const;
const MAX_MEMORIES = 3;
/** Tokens an older message may always take; more where there is much room, but never most of it. */
const MIN_OLD = 60;

export function composeSituation(scene: Scene, maxTokens: number, count: CountTokens): Situation {
  const { view, actor, focus } = scene;
  const head = `${teamLine(view, actor)}\n${phaseLine(view)}`;
  const frame = count(quoteBlock(scene.nonce, ["Memory:", "Messages:"]));
  let room = Math.max(0, maxTokens - count(head) - frame);

  const shown: Shown = { texts: [], sources: [] };
  const material = fitLines(materialFor(view, actor, focus), room * SHARE.material, count, shown);
  const atHand = [...shown.sources];
  room -= costOf(material, count);
  const memories = scene.memory.slice(0, MAX_MEMORIES).map((e) => ({ label: `${e.actor} remembers`, text: e.text }));
  const memory = fitLines(memories, room * SHARE.memory, count, shown);
  room -= costOf(memory, count);
  const talk = fitTalk(scene, Math.max(room, MIN_LINE * 2), count, shown, atHand);

  const blocks: readonly string[] = [
    ...section("Memory:", memory),
    ...section("Texts at hand:", material),
    ...section("Messages:", talk.lines),
  ];
  const text = [head, ...(blocks.length === 0 ? [] : [quoteBlock(scene.nonce, blocks)])].join("\n");
  return { text, quoted: [...shown.texts, view.objective], included: talk.included, messages: talk.messages };
}

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [title, ...lines];

const costOf = (lines: readonly string[], count: CountTokens): number =>
  lines.reduce((sum, line) => sum + count(line) + 1, 0);

/** Each line gets an equal share of the room, and what an earlier one left over. */
function fitLines(lines: readonly QuotedLine[], room: number, count: CountTokens, shown: Shown): readonly string[] {
  const fitted: string[] = [];
  let left = room;
  for (const [index, line] of lines.entries()) {
    const share = left / (lines.length - index);
    const overhead = count(line.label) + 4;
    if (share < overhead + MIN_LINE) continue;
    const text = fitText(line.text, share - overhead, count);
    const quoted = quoteLine({ ...line, text });
    left -= count(quoted) + 1;
    fitted.push(quoted);
    shown.texts.push(text);
    shown.sources.push(line.text);
  }
  return fitted;
}

function fitTalk(
  scene: Scene,
  room: number,
  count: CountTokens,
  shown: Shown,
  atHand: readonly string[],
): { readonly lines: readonly string[]; readonly included: readonly string[]; readonly messages: readonly string[] } {
  const lines = new Map<number, { readonly id: string; readonly line: string }>();
  const included: string[] = [];
  let left = room;
  const add = (message: Message, limit: number): void => {
    const label = labelOf(scene.view, scene.actor, message);
    // What stands among the texts at hand is not paid for twice.
    const known = atHand.some((text) => text.endsWith(message.text));
    const text = known ? "" : fitText(message.text, Math.max(1, limit - count(label) - 4), count);
    const line = known ? `${label}: the text above` : quoteLine({ label, text });
    left -= count(line) + 1;
    lines.set(message.seq, { id: message.id, line });
    if (!known) shown.texts.push(text);
  };
  for (const [index, message] of scene.due.entries()) {
    const limit = left / (scene.due.length - index);
    // The first is always shown, however little room there is; then each as long as it is worth it.
    if (index > 0 && left < MIN_LINE * 2) break;
    add(message, Math.max(limit, MIN_LINE * 2));
    included.push(message.id);
  }
  const due = new Set(scene.due.map((m) => m.id));
  for (const message of scene.tail.filter((m) => !due.has(m.id)).reverse()) {
    if (left < MIN_LINE * 2) break;
    add(message, Math.min(Math.max(MIN_OLD, room / 8), left));
  }
  const ordered = [...lines.entries()].sort(([a], [b]) => a - b).map(([, shown]) => shown);
  return { lines: ordered.map(({ line }) => line), included, messages: ordered.map(({ id }) => id) };
}

/** Who says it, to whom: from the rows, never from the text. */
function labelOf(view: MissionView, actor: string, message: Message): string {
  const member = view.members.find((m) => m.actor === message.sender);
  const who =
    message.sender === actor
      ? "you"
      : message.sender === SYSTEM_ACTOR
        ? "notice"
        : `${message.sender}${member === undefined ? "" : ` (${member.kind === "human" ? "human" : member.role})`}`;
  const to = message.recipient === null ? "" : message.recipient === actor ? " to you" : ` to ${message.recipient}`;
  return `${who}${message.kind === "ask" ? " asks" : ""}${to}`;
}
