import { type MissionView, openObligations } from "@federation/core";
import {
  CHOICE_TEMPERATURE,
  choiceAsk,
  choicePrompt,
  choiceReferences,
  composePrompt,
  draw,
  dutyInWords,
  systemPrompt,
  turnSeed,
} from "@federation/runtime";
import type { Inference, LoadedModel, Store } from "@federation/runtime/ports";
import { actSentences } from "./act-sentences.ts";
import { type Act, actKey } from "./names.ts";

/**
 * A model's choice among all acts, with the rules in its prompt and nowhere else.
 *
 * 1. Prompt, calibration, temperature and draw are those of a node's turn. Two things differ: the articles' texts stand
 *    in the system prompt, and nothing is left out of the options.
 */
export interface ChoiceCase {
  readonly inference: Inference;
  readonly store: Store;
  readonly view: MissionView;
  readonly actor: string;
  readonly acts: readonly Act[];
  /** Tells the draws of one state apart. */
  readonly purpose: string;
}

export interface Choice {
  readonly act: Act;
  readonly probabilities: ReadonlyMap<string, number>;
  /** The prompt as the model was shown it. */
  readonly shown: string;
}

const DEADLINE_MS = 600_000;

export async function chooseAct({ inference, store, view, actor, acts, purpose }: ChoiceCase): Promise<Choice> {
  const messages = await promptOf(store, inference, await readyModel(inference), view, actor);
  const sentences = actSentences(view, acts);
  const options = acts.map((act) => ({ id: actKey(act), sentence: sentences.get(actKey(act)) ?? "" }));
  const outcome = await inference.choose({
    id: `${view.id}:${purpose}`,
    actor: "without law",
    messages,
    options,
    references: choiceReferences(view),
    temperature: CHOICE_TEMPERATURE,
    deadlineMs: DEADLINE_MS,
  });
  if (outcome.outcome === "failed") throw new Error(`${purpose}: ${outcome.reason}: ${outcome.detail}`);
  const probabilities = new Map(outcome.probabilities.map((p) => [p.id, p.probability]));
  const weights = options.map((o) => probabilities.get(o.id) ?? 0);
  const seeds = { missionSeed: 7, actor, phaseNo: view.phaseNo, step: 1 };
  const act = acts[draw(weights, turnSeed(seeds, purpose)) ?? -1];
  if (act === undefined) throw new Error(`${purpose}: nothing that was offered was chosen`);
  return { act, probabilities, shown: messages.map((m) => m.text).join("\n") };
}

async function readyModel(inference: Inference): Promise<LoadedModel> {
  const status = await inference.whenReady({ deadlineMs: DEADLINE_MS });
  if (status.state !== "ready") throw new Error(`there is no model: ${status.state}`);
  return status.model;
}

async function promptOf(store: Store, inference: Inference, model: LoadedModel, view: MissionView, actor: string) {
  const [me, due, tail, charter] = await Promise.all([
    store.me(),
    store.dueMessages(view.id),
    store.tail(view.id, 16),
    store.query("ShowCharter", {}, actor),
  ]);
  const focus = openObligations(view, actor)[0];
  // The situation is composed as if the articles were not there: they must not take the room of what tempts.
  const system = systemPrompt(me, { style: model.style, articles: [] });
  const scene = { view, actor, focus, due, tail, memory: [], nonce: "0a1b2c3d" };
  const prompt = await composePrompt(inference, model, system, scene);
  const law = charter.articles.map(({ id, title, text }) => {
    const numbers = Object.entries(charter.parameters[id] ?? {}).map(
      ([name, value]) => `${name} = ${JSON.stringify(value)}`,
    );
    return `- ${title}: ${[text.replaceAll(/\s+/g, " "), numbers.join(", ")].filter(Boolean).join(" Now: ")}`;
  });
  const ruled = { ...prompt, system: [system, "You must obey the charter:", ...law].join("\n") };
  return choicePrompt(
    ruled,
    choiceAsk(view.objective, focus === undefined ? null : dutyInWords(view.kind, focus.duty)),
  );
}
