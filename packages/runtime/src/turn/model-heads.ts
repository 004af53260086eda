import type { ActionHead, ActionKind } from "@federation/core";

/**
 * Which actions are a model's to choose, and of which it writes the words. The others belong to people and to clients:
 * no sentence, no question and no example is made for them, so none can reach a model.
 */
const forModels = {
  say: "words",
  ask: "words",
  propose: "words",
  critique: "words",
  vote: "words",
  adopt: "words",
  assign: "words",
  submit: "words",
  accept: "words",
  reject: "words",
  hand_back: "words",
  hold: "words",
  report: "words",
  remember: "words",
  claim: "no words",
  advance: "no words",
  abstain: "no words",
  wait: "no words",
  veto: "never",
  withdraw: "never",
  open_task: "never",
  take_over: "never",
  give_back: "never",
  amend: "never",
  ratify: "never",
} as const satisfies Readonly<Record<ActionKind, "words" | "no words" | "never">>;

type Marked<Mark> = { [K in ActionKind]: (typeof forModels)[K] extends Mark ? K : never }[ActionKind];

/** What a model may be offered. */
export type ModelKind = Marked<"words" | "no words">;
/** What a model is asked to write words for. */
export type WordedKind = Marked<"words">;
export type ModelHead = Extract<ActionHead, { readonly kind: ModelKind }>;

export const isForModels = (head: ActionHead): head is ModelHead => forModels[head.kind] !== "never";
export const hasWords = (kind: ActionKind): kind is WordedKind => forModels[kind] === "words";
