import {
  type ActionContext,
  type ActionHead,
  type ArticleId,
  actionOperations,
  articleIds,
  type ControlName,
  decide,
  MeshError,
  type MissionView,
  type Operation,
  type OperationResult,
  type Verdict,
  type Words,
} from "@federation/core";
import type { ControlCaller } from "../ports/index.ts";
import { applyCall, type ControlDeps } from "./call.ts";
import { createRefusalLimiter } from "./refusal-limiter.ts";

/**
 * The gate of control calls: what an actor does in a mission is judged, recorded and carried out.
 *
 * 1. The verdict, the decision and the effects of an allowed call are one transaction under the caller's id.
 * 2. A refusal is recorded under the caller's id too. So a repeat of a call that once went through finds its outcome,
 *    although the law, looking at what the call has done, would refuse it now.
 * 3. The view may be stale: the database has the last word, and its refusal is a refusal like any other.
 * 4. What is opened in the assembly belongs to no conversation yet: its verdict has none, and no decision is recorded in one.
 */
export interface MissionActions {
  /** The mission, or undefined when the conversation is none. */
  view(conversation: string): Promise<MissionView | undefined>;
  /** @throws MeshError `not_found` */
  missionOf(mission: string): Promise<MissionView>;
  /** Where something is done about a proposal. @throws MeshError `refused` for who is no member there. */
  missionOfProposal(
    head: ActionHead & { readonly proposal: string },
    caller: ControlCaller,
    command: ControlName,
  ): Promise<MissionView>;
  missionOfTask(task: string, caller: ControlCaller): Promise<MissionView>;
  /** Where motions and errands are opened, with the proposal that is built on. */
  assembly(proposal: string | null): Promise<MissionView>;
  /**
   * Answers the result of the action's first operation.
   * @throws MeshError `refused` with `{article, reason, lawful, charterVersion}`.
   */
  act(action: MissionAction): Promise<OperationResult>;
}

export interface MissionAction {
  readonly caller: ControlCaller;
  readonly command: ControlName;
  readonly view: MissionView;
  readonly head: ActionHead;
  readonly words: Words;
  /** What the action does, where its head and words do not say it: in the assembly, and for a question to a person. */
  readonly operations?: readonly Operation[] | undefined;
  /** Where a remembered episode comes from, if not simply from the caller. */
  readonly source?: string | undefined;
  /** Id of what the action makes, and the message it answers. */
  readonly ids?: Pick<ActionContext, "id" | "causation"> | undefined;
}

type Refusal = Extract<Verdict, { readonly allowed: false }>;

/** A refused call recorded its verdict alone; one that went through has its effects behind it. */
const WENT_THROUGH = 2;

/** Verdict and decision come before the effects. */
const recordsIn = (view: MissionView): number => (view.kind === "assembly" ? 1 : 2);

export function createMissionActions(deps: ControlDeps): MissionActions {
  const { store, counters, log } = deps;
  const limiter = createRefusalLimiter(deps.clock);

  async function missionOf(mission: string): Promise<MissionView> {
    const view = await store.missionView(mission);
    if (view === undefined) throw new MeshError("not_found", "There is no such mission; see: federation mission list.");
    return view;
  }

  const verdictOperation = (view: MissionView, head: ActionHead, verdict: Verdict): Operation => ({
    op: "record_verdict",
    conversation: view.kind === "assembly" ? null : view.id,
    action: head.kind,
    allowed: verdict.allowed,
    article: verdict.allowed ? null : verdict.article,
    reason: verdict.allowed ? "" : verdict.reason,
    lawful: verdict.allowed ? "" : verdict.lawful,
    charterVersion: verdict.charterVersion,
  });

  /** Writes a refusal down. Answers the outcome of an earlier call under this id, if there was one that went through. */
  async function recordRefusal(
    { caller, command, view, head }: MissionAction,
    refusal: Refusal,
    callId: string,
  ): Promise<OperationResult | undefined> {
    counters.verdicts_refused++;
    if (!limiter.admits(caller.actor)) {
      counters.verdicts_dropped++;
      return undefined;
    }
    const outcome = await applyCall(deps, caller, command, [verdictOperation(view, head, refusal)], callId);
    return outcome.replayed && outcome.results.length >= WENT_THROUGH
      ? (outcome.results[recordsIn(view)] ?? {})
      : undefined;
  }

  /** The database refused what the gate had allowed: somebody was faster. Recording that must not hide it. */
  async function recordLateRefusal(action: MissionAction, error: MeshError): Promise<void> {
    const article = articleOf(error);
    if (article === undefined) return;
    const refusal: Refusal = {
      allowed: false,
      charterVersion: action.view.charterVersion,
      article,
      reason: error.message,
      lawful: "",
    };
    try {
      await recordRefusal(action, refusal, `${action.caller.callId.slice(0, 180)}:refused`);
    } catch (thrown) {
      log.warn({ error: MeshError.from(thrown).message }, "a refusal of the database could not be recorded");
    }
  }

  /** A proposal is everybody's to read, its mission is the members' own. */
  async function missionOfProposal(
    head: ActionHead & { readonly proposal: string },
    caller: ControlCaller,
    command: ControlName,
  ): Promise<MissionView> {
    const { proposal } = await store.query("ShowProposal", { proposal: head.proposal }, caller.actor);
    const view = await store.missionView(proposal.conversation);
    if (view !== undefined) return view;
    const outside = await store.assemblyView(null);
    const refusal: Refusal = {
      allowed: false,
      charterVersion: outside.charterVersion,
      article: "one-voice",
      reason: `${caller.actor} is no member of the mission of this proposal`,
      lawful: "ask the commander to be made a member",
    };
    await recordRefusal({ caller, command, view: outside, head, words: {} }, refusal, caller.callId);
    throw refusedError(refusal);
  }

  function nudge(conversation: string): void {
    deps.move(conversation).then(deps.news.ring, (thrown: unknown) => {
      log.debug({ conversation, error: MeshError.from(thrown).message }, "the next look will move this mission");
    });
  }

  return {
    view: (conversation) => store.missionView(conversation),
    assembly: (proposal) => store.assemblyView(proposal),
    missionOf,
    missionOfProposal,
    missionOfTask: async (task, caller) =>
      await missionOf((await store.query("ShowTask", { task }, caller.actor)).task.conversation),
    async act(action) {
      const { caller, command, view, head, words, ids } = action;
      const verdict = decide(view, caller.actor, head);
      if (!verdict.allowed) {
        const earlier = await recordRefusal(action, verdict, caller.callId);
        if (earlier !== undefined) return earlier;
        throw refusedError(verdict);
      }
      const effects =
        action.operations ??
        actionOperations(
          view,
          caller.actor,
          { head, words },
          {
            ...ids,
            newId: deps.random.uuid,
            source: action.source ?? sourceOf(caller),
          },
        );
      const operations: readonly Operation[] = [
        verdictOperation(view, head, verdict),
        ...(view.kind === "assembly" ? [] : [decisionOperation(view, head)]),
        ...effects,
      ];
      try {
        const outcome = await applyCall(deps, caller, command, operations);
        if (outcome.replayed && outcome.results.length < WENT_THROUGH)
          throw new MeshError("refused", "This call was refused before; make a new one, under a new call id.");
        counters.verdicts_allowed++;
        if (view.kind !== "assembly") nudge(view.id);
        return outcome.results[recordsIn(view)] ?? {};
      } catch (thrown) {
        const error = MeshError.from(thrown);
        if (error.code === "refused") await recordLateRefusal(action, error);
        throw error;
      }
    },
  };
}

/** Where an episode or a decision of a client comes from. */
export function sourceOf(caller: ControlCaller): string {
  return caller.role === "commander" ? "human" : "client";
}

const decisionOperation = (view: MissionView, head: ActionHead): Operation => ({
  op: "record_decision",
  conversation: view.id,
  phaseNo: view.phaseNo,
  head,
  origin: "human",
  probabilities: null,
  seed: null,
  rejectedAnswers: 0,
  note: "",
});

function articleOf(error: MeshError): ArticleId | undefined {
  return articleIds.find((id) => id === error.details["article"]);
}

function refusedError({ article, reason, lawful, charterVersion }: Refusal): MeshError {
  return new MeshError("refused", `Article ${article}: ${reason}; instead: ${lawful}.`, {
    details: { article, reason, lawful, charterVersion },
  });
}
