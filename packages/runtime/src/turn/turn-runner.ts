import {
  type LawfulSet,
  lawfulSet,
  MeshError,
  type Message,
  type MissionView,
  memberOf,
  type Operation,
} from "@federation/core";
import type {
  Clock,
  Inference,
  LoadedModel,
  Log,
  Me,
  Random,
  StopSignal,
  Store,
  TurnStart,
  Workspace,
} from "../ports/index.ts";
import type { TurnEnding, TurnRunner } from "../work-loop/turn-runner.ts";
import type { TurnCounters } from "./counters.ts";
import type { ModelHead } from "./model-heads.ts";
import { takeModelTurn } from "./model-turn.ts";
import { offeredHeads } from "./offered-heads.ts";
import { hashHex } from "./sampling.ts";
import { orStopped, type Spent } from "./spent.ts";
import { type SystemPromptParts, systemPrompt } from "./system-prompt.ts";
import { threadView } from "./thread-view.ts";
import { type Ending, endByRule, endFailed } from "./turn-ending.ts";

/**
 * One turn of an agent in one conversation: read, choose, write, be judged, act.
 *
 * 1. With nothing due and no duty, no turn begins and no token is spent. What needs no model gets none.
 * 2. The model chooses among lawful heads and writes words; what it says is judged again against fresh rows at the
 *    gate, and takes effect in one transaction with the marks on what was read.
 * 3. Every request id follows from the turn: a turn that is resumed joins the generation under way.
 * 4. A turn that cannot end well ends on record as failed. Where the database is away, or the loop is stopping, it
 *    stays open, and its successor takes it up; left by a loop that stops, it was no failed attempt. `run` never rejects.
 */
export interface TurnRunnerOptions {
  readonly store: Pick<
    Store,
    "missionView" | "dueMessages" | "beginTurn" | "leaveTurn" | "tail" | "recall" | "me" | "query" | "apply"
  >;
  readonly inference: Inference;
  readonly clock: Pick<Clock, "nowMs">;
  readonly random: Pick<Random, "uuid">;
  readonly log: Log;
  readonly me: Me;
  readonly counters: TurnCounters;
  /** Where results of missions that name a repository are committed. */
  readonly workspace?: Workspace | undefined;
  /** How long to wait for a model that is loading, and for one answer of it. */
  readonly modelDeadlineMs?: number;
}

/** Long: the first choice of a team measures its biases. A worker that hangs is found by its own watchdog, much earlier. */
const MODEL_DEADLINE_MS = 300_000;
const TAIL = 16;
const MEMORIES = 3;

interface Law extends Required<SystemPromptParts> {
  readonly version: number;
}

/** What a turn starts from. */
interface Opening {
  readonly conversation: string;
  readonly view: MissionView;
  readonly mission: boolean;
  readonly due: readonly Message[];
  readonly lawful: LawfulSet;
  readonly heads: readonly ModelHead[];
}

export function createTurnRunner(options: TurnRunnerOptions): TurnRunner {
  const { store, inference, clock, random, log, me, counters } = options;
  const deadlineMs = options.modelDeadlineMs ?? MODEL_DEADLINE_MS;
  let law: Law | undefined;

  async function run(conversation: string, signal: StopSignal): Promise<TurnEnding> {
    const startedMs = clock.nowMs();
    try {
      const end = await take(conversation, signal);
      if (end !== "idle") counters[end] += 1;
      log.debug({ conversation, end, durationMs: Math.round(clock.nowMs() - startedMs) }, "a turn ended");
      return end;
    } catch (thrown) {
      const error = MeshError.from(thrown);
      counters.failed += 1;
      log.warn({ conversation, code: error.code, error: error.message }, "a turn could not be taken");
      return "failed";
    }
  }

  async function take(conversation: string, signal: StopSignal): Promise<TurnEnding> {
    const opening = await open(conversation);
    if (opening === undefined || signal.aborted) return "idle";
    if (ruleFor(opening) !== undefined) return await byRule(opening);
    const before = inference.status();
    if (before.state === "ready") return await byModel(opening, before.model, signal);
    // Waited for before the turn begins: a model that is still loading is no failed attempt.
    const status = await orStopped(inference.whenReady({ deadlineMs }), signal);
    if (status === "stopped") return "idle";
    if (status.state !== "ready") {
      const reason = status.state === "loading" ? "it is still loading" : status.reason;
      log.warn({ conversation, reason }, "no turn without a model");
      return "failed";
    }
    const later = await open(conversation);
    if (later === undefined) return "idle";
    return ruleFor(later) === undefined ? await byModel(later, status.model, signal) : await byRule(later);
  }

  async function open(conversation: string): Promise<Opening | undefined> {
    const [mission, due] = await Promise.all([store.missionView(conversation), store.dueMessages(conversation)]);
    if (mission === undefined && due.length === 0) return undefined;
    // The law of a conversation outside missions is read anew each time, as that of a mission is.
    const view = mission ?? threadView(conversation, await store.me(), due);
    const all = lawfulSet(view, me.actor);
    if (due.length === 0 && all.focus === undefined) return undefined;
    // Outside a mission there is nothing to remember for, and nobody's answer to ask for.
    const lawful =
      mission === undefined ? { ...all, heads: all.heads.filter((h) => h.kind === "say" || h.kind === "wait") } : all;
    const heads = offeredHeads(lawful, due, view.parameters.budgets.maxHops);
    return { conversation, view, mission: mission !== undefined, due, lawful, heads };
  }

  /** Why a turn needs no model, if it needs none. */
  function ruleFor({ view, due, lawful, heads }: Opening): string | undefined {
    if (memberOf(view, me.actor).turns >= view.parameters.budgets.turnsPerConversation)
      return "the turn budget of this conversation is used up";
    if (heads.every((h) => h.kind === "wait")) return "nothing but waiting is lawful now";
    // A notice asks for nothing, unless it tells of a task that whoever is first may claim.
    const asked = lawful.focus !== undefined || heads.some((h) => h.kind === "claim");
    if (!asked && due.every((m) => m.kind === "notice")) return "a notice asks for nothing";
    return undefined;
  }

  async function byRule(o: Opening): Promise<TurnEnding> {
    const turn = await store.beginTurn(o.conversation);
    const read = o.due.map((m) => m.id);
    const ending = endingOf(o, turn, { input: 0, output: 0 }, { model: null, read });
    counters.byRule += 1;
    return await commit(turn, ending, endByRule(ending, ruleFor(o) ?? ""));
  }

  async function byModel(o: Opening, model: LoadedModel, signal: StopSignal): Promise<TurnEnding> {
    const turn = await store.beginTurn(o.conversation);
    if (turn.attempt > 1) log.info({ ...turn, conversation: o.conversation }, "a turn is resumed");
    const spent: Spent = { input: 0, output: 0 };
    try {
      return await decideAndAct(o, turn, model, spent, signal);
    } finally {
      counters.tokensIn += spent.input;
      counters.tokensOut += spent.output;
    }
  }

  async function decideAndAct(
    o: Opening,
    turn: TurnStart,
    model: LoadedModel,
    spent: Spent,
    signal: StopSignal,
  ): Promise<TurnEnding> {
    const { view, lawful, heads } = o;
    const [wholeTail, memory, { articles, advisories }] = await Promise.all([
      store.tail(o.conversation, TAIL),
      lawful.focus === undefined ? [] : store.recall(view.objective.slice(0, 400), MEMORIES),
      lawOf(view.charterVersion, model.style),
    ]);
    // What was said to one other member is that member's to read.
    const tail = wholeTail.filter((m) => m.recipient === null || m.recipient === me.actor || m.sender === me.actor);
    const nonce = hashHex(`fence ${turn.turn}`).slice(0, 8);
    const taken = await takeModelTurn({
      inference,
      model,
      turn,
      system: systemPrompt(me, { style: model.style, articles, advisories }),
      scene: { view, actor: me.actor, focus: lawful.focus, due: o.due, tail, memory, nonce },
      heads,
      mission: o.mission,
      workspace: options.workspace,
      endingOf: (read) => endingOf(o, turn, spent, { model: model.alias, read }),
      freshView: () => store.missionView(o.conversation),
      newId: () => random.uuid(),
      deadlineMs,
      signal,
      spent,
    });
    if (taken.end === "stopped") return await leave(turn);
    if (taken.end === "failed") return await fail(turn, taken.ending, taken.reason);
    counters.rejectedAnswers += taken.rejectedAnswers;
    if (taken.how === "nothing") counters.noContribution += 1;
    if (taken.how === "refused") counters.refused += 1;
    return await commit(turn, taken.ending, taken.operations);
  }

  function endingOf(
    o: Opening,
    turn: TurnStart,
    spent: Spent,
    by: { readonly model: string | null; readonly read: readonly string[] },
  ): Ending {
    const { conversation, view, lawful } = o;
    return { turn: turn.turn, conversation, phaseNo: view.phaseNo, focus: lawful.focus, spent, record: null, ...by };
  }

  /** The turn stays open, and its generation goes on: whoever has the loops next joins it. */
  async function leave(turn: TurnStart): Promise<TurnEnding> {
    await store.leaveTurn(turn.turn).catch((thrown: unknown) => {
      log.debug(
        { turn: turn.turn, error: MeshError.from(thrown).message },
        "a turn that was left counts as an attempt",
      );
    });
    return "idle";
  }

  /** One transaction under a call id of the turn. What the database refuses ends the turn as failed, on record. */
  async function commit(turn: TurnStart, ending: Ending, operations: readonly Operation[]): Promise<TurnEnding> {
    try {
      await store.apply({ callId: `turn:${turn.turn}`, command: "Turn", operations });
      return "acted";
    } catch (thrown) {
      const error = MeshError.from(thrown);
      // Nothing was decided about the turn: it stays open and is resumed.
      if (error.code === "unavailable" || error.code === "deadline_exceeded") throw error;
      return await fail(turn, ending, `${error.code}: ${error.message}`);
    }
  }

  async function fail(turn: TurnStart, ending: Ending, reason: string): Promise<TurnEnding> {
    log.warn({ conversation: ending.conversation, turn: turn.turn, attempt: turn.attempt, reason }, "a turn failed");
    await store.apply({
      callId: `turn:${turn.turn}:failed`,
      command: "Turn",
      operations: endFailed(ending, reason),
    });
    return "failed";
  }

  /** What models of a style are told of the charter, read once per version. */
  async function lawOf(version: number, style: LoadedModel["style"]): Promise<Law> {
    if (law?.version === version && law.style === style) return law;
    const [charter, { advisories }] = await Promise.all([
      style === "prose" ? store.query("ShowCharter", {}, me.actor) : undefined,
      store.me(),
    ]);
    const articles = charter?.articles.filter((a) => !charter.off.includes(a.id)) ?? [];
    law = { version, style, articles, advisories };
    return law;
  }

  return { run };
}
