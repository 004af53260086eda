/**
 * From a request to its outcome: wait for the model, count, take a sequence, work, give it back.
 *
 * 1. It resolves with a value whatever happens: an error becomes a `failed` outcome with its reason.
 * 2. A request that cannot fit the context is refused before it takes a sequence, and counted.
 */
import type { Log } from "@federation/runtime/ports";
import type { LlamaContextSequence } from "node-llama-cpp";
import { failed, type TokenCount } from "../protocol/outcome.ts";
import type { AnyOutcome, Ask, ChooseAsk } from "../protocol/wire.ts";
import type { BiasMeter } from "./bias-meter.ts";
import type { Engine } from "./engine.ts";
import type { RunAsk } from "./job-table.ts";
import { RequestStop } from "./stop-reason.ts";
import type { TokenAccounts } from "./token-accounts.ts";

export interface LoadedParts {
  readonly engine: Engine;
  /** None where the library decides. */
  readonly biases: BiasMeter | undefined;
  /** Resolves when what was measured is on disk, or was given up. */
  readonly flush: () => Promise<void>;
  readonly generate: typeof import("./run-generate.ts").runGenerate;
  readonly choose: typeof import("./run-choose.ts").runChoose;
}

export function createAskRunner(options: {
  /** Rejects when the model cannot be loaded. */
  readonly loaded: Promise<LoadedParts>;
  readonly accounts: TokenAccounts;
  readonly log: Log;
}): RunAsk {
  return async (ask, onText, control) => {
    const tokens: TokenCount = { input: 0, output: 0 };
    const late = new RequestStop("deadline", `The deadline of ${Math.round(ask.deadlineMs)} ms has passed.`);
    const timer = setTimeout(() => control.abort(late), ask.deadlineMs);
    try {
      const outcome = await work(options, ask, onText, control.signal, tokens);
      options.accounts.charge(ask.actor, outcome);
      return outcome;
    } catch (thrown) {
      const outcome = outcomeOf(thrown, control.signal, tokens, options.log);
      options.accounts.charge(ask.actor, outcome);
      return outcome;
    } finally {
      clearTimeout(timer);
    }
  };
}

async function work(
  options: { readonly loaded: Promise<LoadedParts> },
  ask: Ask,
  onText: (piece: string) => void,
  signal: AbortSignal,
  tokens: TokenCount,
): Promise<AnyOutcome> {
  const parts = await untilAborted(options.loaded, signal);
  const { engine } = parts;
  const prompt = engine.renderPrompt(ask.messages);
  const contexts = ask.op === "choose" ? ask.references.map((reference) => engine.renderPrompt(reference).length) : [];
  const longest = Math.max(prompt.length, ...contexts) + answerTokens(ask, engine);
  if (longest > engine.usableTokens) {
    const detail = `Prompt and answer take ${longest} tokens; the context holds ${engine.usableTokens}.`;
    return failed("context_overflow", detail, tokens);
  }
  // Before a sequence is taken: whoever waits for a measurement under way keeps nobody from decoding.
  const biases = ask.op === "choose" ? await biasesOf(parts, ask, signal, tokens) : [];
  const lease = await engine.slots.acquire(ask.actor, signal);
  const sequence = lease.value;
  try {
    if (ask.op === "generate") return await parts.generate({ engine, sequence, prompt, ask, signal, tokens, onText });
    return await parts.choose({ engine, sequence, prompt, ask, biases, signal, tokens });
  } catch (thrown) {
    // After an error of unknown depth the sequence's cells may not be what its token list says.
    if (!signal.aborted) await forgetSequence(sequence);
    throw thrown;
  } finally {
    lease.release();
  }
}

async function biasesOf(
  { biases }: LoadedParts,
  ask: ChooseAsk,
  signal: AbortSignal,
  tokens: TokenCount,
): Promise<readonly number[]> {
  const sentences = ask.options.map((option) => option.sentence);
  return (await biases?.measure({ references: ask.references, sentences, signal, tokens })) ?? [];
}

function answerTokens(ask: Ask, engine: Engine): number {
  if (ask.op === "generate") return ask.maxTokens;
  return Math.max(...ask.options.map((option) => engine.model.tokenize(option.sentence).length));
}

async function forgetSequence(sequence: LlamaContextSequence): Promise<void> {
  await sequence.clearHistory().catch(() => undefined);
}

function outcomeOf(thrown: unknown, signal: AbortSignal, tokens: TokenCount, log: Log): AnyOutcome {
  const stop: unknown = signal.aborted ? signal.reason : thrown;
  if (stop instanceof RequestStop) return failed(stop.reason, stop.message, tokens);
  const text = thrown instanceof Error ? thrown.message : String(thrown);
  log.error({ error: text }, "A request to the model ended with an unexpected error.");
  return failed("unavailable", `The model could not answer: ${text}`, tokens);
}

function untilAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(signal.reason);
    if (signal.aborted) return onAbort();
    signal.addEventListener("abort", onAbort, { once: true });
    promise
      .then(resolve, (error: unknown) => {
        const detail = error instanceof Error ? error.message : String(error);
        reject(new RequestStop("unavailable", detail));
      })
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}
