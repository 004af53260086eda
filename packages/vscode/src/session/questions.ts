/**
 * What the editor knows of the mesh: answers to queries of the control API, kept fresh by the event log, as in the page.
 *
 * 1. A query that is kept is asked again when an event may have changed its answer. One that is under way when such an
 *    event comes is asked once more after it: its answer may be from before.
 * 2. However many events there are, a query is asked at most once in `restMs`.
 * 3. An answer stays while a newer one is asked for, or cannot be had.
 */
import { type ControlName, type ControlResponse, MeshError, type MeshEvent } from "@federation/core";
import type { ControlArguments, ControlClient } from "@federation/mcp/client";
import { createAsking } from "@federation/portal/asking";
import { touches } from "@federation/portal/touches";

export interface Question<N extends ControlName> {
  readonly name: N;
  answer(): ControlResponse<N> | undefined;
  /** Asked again soon. */
  refresh(): void;
  /** Asked no more. */
  drop(): void;
}

export interface Questions {
  /** Keeps a query fresh from its first answer on, which `refresh` asks for. */
  keep<N extends ControlName>(name: N, request: ControlArguments<N>): Question<N>;
  touchedBy(event: MeshEvent): void;
  refreshAll(): void;
  stop(): void;
}

export interface QuestionsOptions {
  readonly call: ControlClient["call"];
  readonly onAnswer: (name: ControlName) => void;
  readonly onError: (name: ControlName, error: MeshError) => void;
  readonly restMs?: number;
}

interface Kept {
  readonly name: ControlName;
  readonly request: Readonly<Record<string, unknown>>;
  refresh(): void;
  stop(): void;
}

const defaultRestMs = 300;

export function createQuestions({ call, onAnswer, onError, restMs = defaultRestMs }: QuestionsOptions): Questions {
  const kept = new Set<Kept>();
  return {
    keep(name, request) {
      const question = createQuestion(name, request);
      kept.add(question);
      return {
        name,
        answer: question.answer,
        refresh: question.refresh,
        drop() {
          question.stop();
          kept.delete(question);
        },
      };
    },
    touchedBy(event) {
      const touched = touches(event);
      for (const question of kept) if (touched(question.name, question.request)) question.refresh();
    },
    refreshAll() {
      for (const question of kept) question.refresh();
    },
    stop() {
      for (const question of kept) question.stop();
      kept.clear();
    },
  };

  function createQuestion<N extends ControlName>(
    name: N,
    request: ControlArguments<N>,
  ): Kept & { answer(): ControlResponse<N> | undefined } {
    let answer: ControlResponse<N> | undefined;
    let stopped = false;
    const asking = createAsking({ ask, restAfter: () => restMs });

    async function ask(): Promise<void> {
      try {
        const said = await call(name, request);
        if (stopped) return;
        answer = said;
        onAnswer(name);
      } catch (thrown) {
        if (!stopped) onError(name, MeshError.from(thrown));
      }
    }

    return {
      name,
      request,
      answer: () => answer,
      refresh: asking.refresh,
      stop() {
        stopped = true;
        asking.stop();
      },
    };
  }
}
