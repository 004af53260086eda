import {
  type Action,
  type ActionHead,
  actionOperations,
  type DecisionRecord,
  headKey,
  type MissionView,
  type Obligation,
  type Operation,
  type TurnRecord,
  type Verdict,
} from "@federation/core";
import type { Spent } from "./spent.ts";

/**
 * How a turn can end, as the operations of its one transaction. Every ending finishes the turn.
 */
export interface Ending {
  readonly turn: string;
  readonly conversation: string;
  readonly phaseNo: number;
  readonly focus: Obligation | undefined;
  /** Messages whose text the model was shown. */
  readonly read: readonly string[];
  readonly model: string | null;
  readonly spent: Spent;
  /** What the model was given; null before there was a prompt, and where no model was asked. */
  readonly record: TurnRecord | null;
}

/** What was decided, by whom, under which seed. A turn decides what to do, and with a result what it rests on. */
export type Decided = Omit<DecisionRecord, "conversation" | "phaseNo" | "turn">;

function finish(e: Ending, over: Partial<Extract<Operation, { op: "finish_turn" }>> = {}): Operation {
  return {
    op: "finish_turn",
    turn: e.turn,
    deliveries: e.read,
    read: true,
    obligation: e.focus?.id ?? null,
    about: e.focus?.id ?? null,
    model: e.model,
    tokensIn: e.spent.input,
    tokensOut: e.spent.output,
    failure: null,
    record: e.record,
    ...over,
  };
}

const decision = (e: Ending, decided: Decided): Operation => ({
  op: "record_decision",
  conversation: e.conversation,
  phaseNo: e.phaseNo,
  turn: e.turn,
  ...decided,
});

function verdictRecord(e: Ending, head: ActionHead, verdict: Verdict): Operation {
  const refusal = verdict.allowed
    ? { article: null, reason: "", lawful: "" }
    : { article: verdict.article, reason: verdict.reason, lawful: verdict.lawful };
  return {
    op: "record_verdict",
    conversation: e.conversation,
    action: headKey(head),
    allowed: verdict.allowed,
    charterVersion: verdict.charterVersion,
    turn: e.turn,
    ...refusal,
  };
}

/** Nothing but waiting was open: no model saw anything, no token was spent. */
export function endByRule(e: Ending, note: string): readonly Operation[] {
  const waited: Decided = {
    head: { kind: "wait" },
    origin: "rule",
    probabilities: null,
    seed: null,
    rejectedAnswers: 0,
    note,
  };
  return [decision(e, waited), finish(e, { read: false, model: null })];
}

/** @throws MeshError when the action does not fit the view. */
export function endWithAction(
  e: Ending,
  decided: readonly Decided[],
  action: Action,
  gate: {
    readonly view: MissionView;
    readonly actor: string;
    readonly verdict: Verdict;
    readonly newId: () => string;
    readonly causation: string | null;
  },
): readonly Operation[] {
  return [
    verdictRecord(e, action.head, gate.verdict),
    ...decided.map((d) => decision(e, d)),
    ...actionOperations(gate.view, gate.actor, action, { newId: gate.newId, causation: gate.causation }),
    // A claim is the step a duty needs before it can be ended: it is not one of the turns it has.
    finish(e, action.head.kind === "claim" ? { obligation: null } : {}),
  ];
}

export function endRefused(
  e: Ending,
  decided: readonly Decided[],
  head: ActionHead,
  verdict: Verdict,
): readonly Operation[] {
  const note = verdict.allowed ? "" : `refused at the gate: ${verdict.reason}`;
  return [verdictRecord(e, head, verdict), ...decided.map((d) => decision(e, { ...d, note })), finish(e)];
}

/** The model chose, and then wrote nothing that is an answer. */
export function endWithoutContribution(e: Ending, decided: Decided, why: readonly string[]): readonly Operation[] {
  return [decision(e, { ...decided, note: `no contribution: ${why.join(", ")}` }), finish(e)];
}

/** Deliveries stay due and the duty keeps its turn: the database puts both off for a while. */
export function endFailed(e: Ending, failure: string): readonly Operation[] {
  return [finish(e, { deliveries: [], read: false, failure: failure.slice(0, 500), obligation: null })];
}
