/**
 * One generation on one sequence.
 *
 * 1. Prompt and answer fit the context or nothing is evaluated.
 * 2. Only what the sequence does not hold already is evaluated, in chunks, so that an abort is heard in between.
 * 3. The repeat penalty is given by hand: the library applies none on this path, and a small model then loops. It
 *    sees generated tokens only.
 */
import type { GenerateOutcome } from "@federation/runtime/ports";
import { type LlamaContextSequence, LlamaGrammarEvaluationState, type Token } from "node-llama-cpp";
import { failed, type TokenCount } from "../protocol/outcome.ts";
import type { GenerateAsk } from "../protocol/wire.ts";
import { type Engine, promptChunk } from "./engine.ts";
import { compileOutput, parseOutput } from "./output-grammar.ts";

const penalisedTokens = 128;

export interface GenerateRun {
  readonly engine: Engine;
  readonly sequence: LlamaContextSequence;
  readonly prompt: readonly Token[];
  readonly ask: GenerateAsk;
  readonly signal: AbortSignal;
  /** Kept up to date while it runs, so that a failure can say what was spent. */
  readonly tokens: TokenCount;
  readonly onText: (piece: string) => void;
}

export async function runGenerate(run: GenerateRun): Promise<GenerateOutcome> {
  const { engine, ask, tokens } = run;
  const startedMs = performance.now();
  const { output } = ask;
  let grammarText: string | undefined;
  if (output.kind === "object") {
    const compiled = compileOutput(output.fields, engine.loaded.style, {
      maxTokens: ask.maxTokens,
      tokensPerWord: engine.tokensPerWord,
      count: (text) => engine.model.tokenize(text).length,
    });
    if (!compiled.ok) {
      const detail = `The fields need at least ${compiled.neededTokens} tokens; maxTokens is ${ask.maxTokens}.`;
      return failed("invalid_request", detail, tokens);
    }
    grammarText = compiled.output.grammar;
  }
  const { text, stopped } = await decode(run, grammarText);
  const durationMs = performance.now() - startedMs;
  if (output.kind === "text") {
    return { outcome: "complete", text, fields: {}, stopped, tokens: { ...tokens }, durationMs };
  }
  const parsed = parseOutput(text, output.fields);
  if (!parsed.ok) return failed("output_invalid", parsed.problem, tokens);
  return { outcome: "complete", text, fields: parsed.fields, stopped: "end", tokens: { ...tokens }, durationMs };
}

async function decode(
  run: GenerateRun,
  grammarText: string | undefined,
): Promise<{ readonly text: string; readonly stopped: "end" | "max_tokens" }> {
  const { engine, sequence, ask, signal, tokens } = run;
  const grammar =
    grammarText === undefined
      ? undefined
      : new LlamaGrammarEvaluationState({
          model: engine.model,
          grammar: await engine.llama.createGrammar({ grammar: grammarText }),
        });
  const last = await evaluatePrompt(run.engine, sequence, run.prompt, signal, tokens);
  tokens.input += 1;
  const generated: Token[] = [];
  const writer = createPieceWriter(engine, run.onText);
  const evaluation = sequence.evaluate([last], {
    temperature: ask.sampling.temperature,
    topP: ask.sampling.topP,
    minP: ask.sampling.minP,
    seed: ask.sampling.seed,
    ...(grammar === undefined ? {} : { grammarEvaluationState: grammar }),
    repeatPenalty: {
      penalty: engine.repeatPenalty,
      maxPunishTokens: penalisedTokens,
      punishTokens: () => generated.slice(-penalisedTokens),
    },
  });
  for await (const token of evaluation) {
    generated.push(token);
    tokens.output += 1;
    engine.progress.tokens += 1;
    writer.push(token);
    signal.throwIfAborted();
    if (grammar !== undefined && isWholeObject(writer.text)) return { text: writer.finish(), stopped: "end" };
    if (generated.length >= ask.maxTokens) return { text: writer.finish(), stopped: "max_tokens" };
  }
  return { text: writer.finish(), stopped: "end" };
}

/** Evaluates all of the prompt but its last token, which it returns: sampling starts from there. */
export async function evaluatePrompt(
  engine: Engine,
  sequence: LlamaContextSequence,
  prompt: readonly Token[],
  signal: AbortSignal,
  tokens: TokenCount,
): Promise<Token> {
  const last = prompt.at(-1);
  if (last === undefined) throw new Error("The prompt is empty.");
  const head = prompt.slice(0, -1);
  await sequence.adaptStateToTokens(head, false);
  while (sequence.nextTokenIndex < head.length) {
    signal.throwIfAborted();
    const chunk = head.slice(sequence.nextTokenIndex, sequence.nextTokenIndex + promptChunk);
    await sequence.evaluateWithoutGeneratingNewTokens(chunk);
    tokens.input += chunk.length;
    engine.progress.tokens += chunk.length;
  }
  signal.throwIfAborted();
  return last;
}

interface PieceWriter {
  readonly text: string;
  push(token: Token): void;
  finish(): string;
}

/** Turns tokens into text as soon as they make whole characters: a byte-level token may be a third of one. */
function createPieceWriter(engine: Engine, onText: (piece: string) => void): PieceWriter {
  let text = "";
  let pending: Token[] = [];
  let context: Token[] = [];
  const flush = (force: boolean): void => {
    if (pending.length === 0) return;
    const piece = engine.model.detokenize(pending, false, context);
    if (!force && piece.endsWith("\ufffd") && pending.length < 8) return;
    context = [...context, ...pending].slice(-8);
    pending = [];
    if (piece.length === 0) return;
    text += piece;
    onText(piece);
  };
  return {
    get text() {
      return text;
    },
    push: (token) => {
      pending.push(token);
      flush(false);
    },
    finish: () => {
      flush(true);
      return text;
    },
  };
}

/** The grammar's last character has come: the end-of-turn token after it need not be sampled. */
function isWholeObject(text: string): boolean {
  if (!text.endsWith("}")) return false;
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
