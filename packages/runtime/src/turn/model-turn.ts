import {
  type Action,
  type ActionHead,
  decide,
  decidedProposal,
  headKey,
  MeshError,
  type Message,
  type MissionView,
  type Operation,
} from "@federation/core";
import type { Inference, LoadedModel, StopSignal, TurnStart, Workspace } from "../ports/index.ts";
import { choiceAsk, dutyInWords } from "./asks.ts";
import { chooseOne } from "./choose-one.ts";
import { commitResult } from "./commit-result.ts";
import type { Scene } from "./context.ts";
import { nameEvidence } from "./evidence.ts";
import { fillWords } from "./fill-words.ts";
import { hasWords, type ModelHead } from "./model-heads.ts";
import { answeredMessage } from "./offered-heads.ts";
import { type SeedParts, turnSeed } from "./sampling.ts";
import { sentenceOf } from "./sentences.ts";
import { orStopped, type Spent } from "./spent.ts";
import { subjectOf } from "./subject.ts";
import { type Decided, type Ending, endRefused, endWithAction, endWithoutContribution } from "./turn-ending.ts";
import { choicePrompt, composePrompt } from "./turn-prompt.ts";
import { turnRecord } from "./turn-record.ts";

/**
 * What a model makes of a turn: a choice, its words, what a result rests on, and the gate.
 *
 * 1. Nothing is written here: what comes out is the operations of the turn's one transaction, or why there are none.
 * 2. The state the gate judges is read after the model has ended, not the one it was shown.
 */
export interface ModelTurn {
  readonly inference: Inference;
  readonly model: LoadedModel;
  readonly turn: TurnStart;
  readonly system: string;
  readonly scene: Scene;
  readonly heads: readonly ModelHead[];
  /** False in a conversation outside missions: there is no objective that its words could miss. */
  readonly mission: boolean;
  /** Where results are committed; undefined on a node without repositories. */
  readonly workspace: Workspace | undefined;
  /** The ending of this turn, once it is known which messages its model was shown. */
  readonly endingOf: (read: readonly string[]) => Ending;
  /** The state as it is now. */
  readonly freshView: () => Promise<MissionView | undefined>;
  readonly newId: () => string;
  readonly deadlineMs: number;
  readonly signal: StopSignal;
  readonly spent: Spent;
}

export type ModelTurnEnd =
  | {
      readonly end: "done";
      readonly how: "acted" | "refused" | "nothing";
      readonly ending: Ending;
      readonly operations: readonly Operation[];
      readonly rejectedAnswers: number;
    }
  | { readonly end: "failed"; readonly ending: Ending; readonly reason: string }
  | { readonly end: "stopped" };

export async function takeModelTurn(t: ModelTurn): Promise<ModelTurnEnd> {
  const { inference, model, scene, heads, signal, spent } = t;
  const { view, actor, focus } = scene;
  const failed = (ending: Ending, reason: string): ModelTurnEnd => ({ end: "failed", ending, reason });

  let prompt: Awaited<ReturnType<typeof composePrompt>> | "stopped";
  try {
    prompt = await orStopped(composePrompt(inference, model, t.system, scene), signal);
  } catch (thrown) {
    // Nothing but inference is asked for it: a turn whose prompt cannot be counted has failed, and is not left running.
    return failed(t.endingOf([]), `prompt: ${MeshError.from(thrown).message}`);
  }
  if (prompt === "stopped") return { end: "stopped" };
  const { included } = prompt.situation;
  const seeds: SeedParts = { missionSeed: view.seed, actor, phaseNo: view.phaseNo, step: t.turn.step };
  const asked = { inference, actor, turn: t.turn.turn, deadlineMs: t.deadlineMs, signal, spent };

  const seed = turnSeed(seeds, "choice");
  const [only] = heads;
  const single = heads.length === 1 && only !== undefined;
  const owed = focus === undefined ? null : dutyInWords(view.kind, focus.duty);
  const options = heads.map((value) => ({ id: headKey(value), sentence: sentenceOf(view, value), value }));
  const ask = choiceAsk(view.objective, owed);
  const messages = choicePrompt(prompt, ask);
  // The one lawful action, and no words to it: the model is asked nothing.
  const byRule = single && !hasWords(only.kind);
  const given = turnRecord(prompt, single ? null : ask, options);
  const endingWith = (rejected: readonly string[]): Ending => ({
    ...t.endingOf(included),
    record: byRule ? null : { ...given, rejected: [...rejected] },
  });
  const choice = single
    ? ({ end: "chosen", value: only, probabilities: {} } as const)
    : await chooseOne({ ...asked, purpose: "choose", view, options, messages, seed });
  if (choice.end === "stopped") return { end: "stopped" };
  if (choice.end === "failed") return failed(endingWith([]), choice.detail);
  const { value: head, probabilities } = choice;

  const words = await fillWords({
    ...asked,
    model,
    kind: head.kind,
    about: view.kind,
    prompt,
    decided: sentenceOf(view, head),
    objective: view.objective,
    mayRepeat: head.kind === "assign" ? decidedTexts(view) : [],
    judgedBy: t.mission ? subjectOf(view) : "",
    seeds,
  });
  if (words.end === "stopped" || signal.aborted) return { end: "stopped" };
  const ending = endingWith(words.rejected);
  if (words.end === "failed") return failed(ending, words.detail);
  const first: Decided = {
    head,
    origin: byRule ? "rule" : "model",
    probabilities: single ? null : probabilities,
    seed: byRule ? null : seed,
    rejectedAnswers: words.rejected.length,
    note: single && !byRule ? "the one lawful action; the words are the model's" : "",
  };
  const done = (how: "acted" | "refused" | "nothing", operations: readonly Operation[]): ModelTurnEnd => ({
    end: "done",
    how,
    ending,
    operations,
    rejectedAnswers: words.rejected.length,
  });
  if (words.end === "nothing") return done("nothing", endWithoutContribution(ending, first, words.rejected));

  let meant: ActionHead = head;
  const decided = [first];
  if (head.kind === "submit") {
    const sources = { view, actor, messages: messagesOf(scene), memory: scene.memory };
    const evidence = await nameEvidence({ ...asked, head, words: words.words, sources, prompt, seeds });
    if (evidence.end === "stopped" || signal.aborted) return { end: "stopped" };
    if (evidence.end === "failed") return failed(ending, evidence.detail);
    meant = evidence.head;
    if (evidence.decided !== undefined) decided.push(evidence.decided);
  }

  // The gate: the model took its time, and the rows may have moved on.
  const fresh = t.mission ? await t.freshView() : view;
  if (fresh === undefined) return failed(ending, "the mission is no longer to be seen");
  const verdict = decide(fresh, actor, meant);
  if (!verdict.allowed) return done("refused", endRefused(ending, decided, meant, verdict));
  const read = scene.due.filter((m) => included.includes(m.id));
  const causation = answeredMessage(head, read, view.parameters.budgets.maxHops);
  const gate = { view: fresh, actor, verdict, newId: t.newId, causation };
  try {
    let action: Action = { head: meant, words: words.words };
    if (meant.kind === "submit") {
      const result = await commitResult(t.workspace, fresh, meant, words.words);
      if (result.end === "refused") return failed(ending, `git: ${result.reason}`);
      action = result.action;
    }
    return done("acted", endWithAction(ending, decided, action, gate));
  } catch (thrown) {
    return failed(ending, MeshError.from(thrown).message);
  }
}

/** What an assignment may say again: the objective and what was decided on. */
function decidedTexts(view: MissionView): readonly string[] {
  const decided = decidedProposal(view);
  return decided === undefined ? [view.objective] : [view.objective, decided.title, decided.text];
}

/** What was said in the conversation as far as the model may know of it, in order. */
function messagesOf({ due, tail }: Scene): readonly Message[] {
  const all = new Map([...tail, ...due].map((m) => [m.id, m]));
  return [...all.values()].sort((a, b) => a.seq - b.seq);
}
