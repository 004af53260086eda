import type { Operation } from "@federation/core";
import type { Federation } from "./federation-fixture.ts";

type Finish = Extract<Operation, { readonly op: "finish_turn" }>;

export interface TurnChoice extends Partial<Omit<Finish, "op" | "turn">> {
  /** What the turn does before it is finished, given its id. */
  readonly does?: (turn: string) => readonly Operation[];
}

/** Takes a turn as a node does it: begun in a transaction of its own, ended in one with its effects. Answers its id. */
export async function takeTurn(
  federation: Federation,
  actor: string,
  conversation: string,
  { does = () => [], ...over }: TurnChoice = {},
): Promise<string> {
  const { turn } = await federation.store(actor).beginTurn(conversation);
  await federation.apply(actor, ...does(turn), {
    op: "finish_turn",
    turn,
    deliveries: [],
    read: true,
    obligation: null,
    model: "hand-fed",
    tokensIn: 100,
    tokensOut: 10,
    failure: null,
    ...over,
  });
  return turn;
}

/** A decision to wait, made in a turn. */
export const decisionIn = (turn: string, conversation: string): Operation => ({
  op: "record_decision",
  conversation,
  phaseNo: 0,
  head: { kind: "wait" },
  origin: "model",
  probabilities: { wait: 0.75, say: 0.25 },
  seed: 7,
  rejectedAnswers: 1,
  note: "",
  turn,
});
