import {
  type ActionHead,
  decidedProposal,
  type Episode,
  findTask,
  type Message,
  type MissionView,
  type Words,
} from "@federation/core";
import { evidenceAsk } from "./asks.ts";
import { type ChoiceCase, chooseOne, type Option } from "./choose-one.ts";
import { CHARS_PER_TOKEN, estimator, fitText } from "./fit-text.ts";
import { type SeedParts, turnSeed } from "./sampling.ts";
import type { Decided } from "./turn-ending.ts";
import { choicePrompt, type TurnPrompt } from "./turn-prompt.ts";

/**
 * What a result rests on, named after its words were written.
 *
 * 1. Only what is there can be named: rows of its conversation that it may see, and files of its own answer.
 * 2. At most one choice more per result. Where the law leaves nothing to choose, no model is asked.
 * 3. What is named besides the choice, because the law wants more than one piece, follows the model's own ranking.
 */
const MAX_CANDIDATES = 5;
/** Of what the model wrote, as it is shown to it again. */
const OWN_TOKENS = 60;

export interface Sources {
  readonly view: MissionView;
  readonly actor: string;
  readonly task: string;
  /** Oldest first. */
  readonly messages: readonly Message[];
  readonly memory: readonly Episode[];
  readonly files: NonNullable<Words["files"]>;
}

/**
 * What a result could rest on, the likeliest kinds first: of what one author said of one kind the latest, and more of
 * it only where the charter wants `least` things and there are not as many. Sentences hold names of rows, and nothing
 * anyone wrote.
 */
export function evidenceCandidates(s: Sources, least = 1): readonly Option<string>[] {
  const { view, actor, files } = s;
  const said = s.messages.filter((m) => m.kind !== "notice" && m.kind !== "propose").reverse();
  const others = said.filter((m) => m.sender !== actor);
  // A task one has given oneself is all that was said of it.
  const heard = others.length > 0 ? others : said;
  const message = (m: Message, what: string): Named => ({ id: `message:${m.id}`, what: `the ${what} of ${m.sender}` });
  const remembered = s.memory.filter((e) => e.conversation === view.id);
  const all = roundRobin<Named>([
    proposalOf(view, s.task),
    files.map((f, i) => ({
      id: `file:${f.path}`,
      what: `the file${files.length > 1 ? ` number ${i + 1}` : ""} that I hand in`,
    })),
    heard.filter((m) => m.kind === "critique").map((m) => message(m, "critique")),
    heard.filter((m) => m.kind !== "critique").map((m) => message(m, "message")),
    // What others remember of other missions is no evidence in this one.
    remembered.map((e) => ({ id: `episode:${e.id}`, what: `the memory of ${e.actor}` })),
  ]);
  const isFirst = (n: Named): boolean => all.find((other) => other.what === n.what) === n;
  const firsts = all.filter(isFirst);
  const named = firsts.length < least ? [...firsts, ...all.filter((n) => !isFirst(n))] : firsts;
  return sentenced(named.slice(0, Math.max(MAX_CANDIDATES, least)));
}

interface Named {
  readonly id: string;
  readonly what: string;
}

function proposalOf(view: MissionView, taskId: string): readonly Named[] {
  const decided = decidedProposal(view);
  if (decided !== undefined) return [{ id: `proposal:${decided.id}`, what: "the proposal that was decided" }];
  const from = findTask(view, taskId)?.proposal ?? null;
  return from === null ? [] : [{ id: `proposal:${from}`, what: "the motion that this task comes from" }];
}

/** The first of each kind, then the second of each, and so on. */
function roundRobin<T>(kinds: readonly (readonly T[])[]): readonly T[] {
  const most = Math.max(0, ...kinds.map((k) => k.length));
  return Array.from({ length: most }, (_, i) => kinds.flatMap((k) => k.slice(i, i + 1))).flat();
}

/** Sentences that can be told apart: what occurs again is numbered. */
function sentenced(named: readonly Named[]): readonly Option<string>[] {
  return named.map(({ id, what }, index) => {
    const number = named.slice(0, index + 1).filter((n) => n.what === what).length;
    return { id, value: id, sentence: `My result rests on ${number > 1 ? `${what}, number ${number}` : what}.` };
  });
}

type Submit = Extract<ActionHead, { readonly kind: "submit" }>;

export interface EvidenceCase
  extends Pick<ChoiceCase<string>, "inference" | "turn" | "deadlineMs" | "signal" | "spent"> {
  readonly head: Submit;
  readonly words: Words;
  readonly sources: Omit<Sources, "task" | "files">;
  readonly prompt: TurnPrompt;
  readonly seeds: SeedParts;
}

export type EvidenceEnd =
  | { readonly end: "named"; readonly head: Submit; readonly decided: Decided | undefined }
  | { readonly end: "failed"; readonly detail: string }
  | { readonly end: "stopped" };

/** The head of a submission with its evidence, and how that was decided. */
export async function nameEvidence(c: EvidenceCase): Promise<EvidenceEnd> {
  const { view, actor } = c.sources;
  if (view.articlesOff.includes("truthful-completion")) return { end: "named", head: c.head, decided: undefined };
  const { minEvidence } = view.parameters["truthful-completion"];
  const sources = { ...c.sources, task: c.head.task, files: c.words.files ?? [] };
  const options = evidenceCandidates(sources, minEvidence);
  const naming = (evidence: readonly string[]): Submit => ({ ...c.head, evidence: [...evidence] });
  const note = "what the result rests on";
  if (options.length <= Math.max(1, minEvidence)) {
    const head = naming(options.map((o) => o.id));
    const decided: Decided = { head, origin: "rule", probabilities: null, seed: null, rejectedAnswers: 0, note };
    return { end: "named", head, decided: options.length === 0 ? undefined : decided };
  }
  const seed = turnSeed(c.seeds, "evidence");
  const shown = options.slice(0, MAX_CANDIDATES);
  const own = fitText(c.words.text ?? "", OWN_TOKENS, estimator(CHARS_PER_TOKEN));
  const messages = choicePrompt(c.prompt, evidenceAsk(view, own));
  const { inference, turn, deadlineMs, signal, spent } = c;
  const asked = { inference, actor, turn, view, deadlineMs, signal, spent };
  const choice = await chooseOne({ ...asked, purpose: "evidence", options: shown, messages, seed });
  if (choice.end !== "chosen") return choice;
  const { probabilities } = choice;
  const byRank = options.map((o) => o.id).sort((a, b) => (probabilities[b] ?? -1) - (probabilities[a] ?? -1));
  const rest = byRank.filter((id) => id !== choice.value).slice(0, minEvidence - 1);
  const head = naming([choice.value, ...rest]);
  return { end: "named", head, decided: { head, origin: "model", probabilities, seed, rejectedAnswers: 0, note } };
}
